r"""
---
title: Pictures on the device
summary: >
  CIFAR-10, a folder of your own pictures or a synthetic set, held as uint8 tensors
  where the model is, so that loading never limits training.
---

# Pictures on the device

CIFAR-10 has 60,000 pictures of $3 \times 32 \times 32$ bytes: 184 MB. That fits into
the memory of any device, so there is no loader, no worker process and no waiting: a
batch is an index into a tensor. Bytes become floats after they have been drawn, a
quarter of the memory and of the traffic.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torchvision.datasets import CIFAR10, ImageFolder
from torchvision.datasets.utils import check_integrity
from torchvision.transforms.functional import pil_to_tensor


class DataError(Exception):
    """Data that are not there or cannot be trusted, told in one sentence."""


class Pictures(NamedTuple):
    """
    ## A set of pictures

    * `images` are bytes of shape `[pictures, channels, height, width]`
    * `labels` has shape `[pictures]`
    * `classes` are the names that the labels stand for
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def to(self, device: torch.device | str) -> "Pictures":
        return Pictures(self.images.to(device), self.labels.to(device), self.classes)

    def part(self, indices: Tensor) -> "Pictures":
        return Pictures(self.images[indices], self.labels[indices], self.classes)


class Splits(NamedTuple):
    """What a model learns from, and what it is judged by."""

    train: Pictures
    test: Pictures


def load(dataset: str, folder: str, image_size: int = 32) -> Splits:
    """
    ## Three sources

    * `dataset` is `cifar10`, `folder` or `synthetic`
    * `folder` is where the files are
    * `image_size` is the side that pictures of a folder are resized to

    Raises `DataError`.
    """
    if dataset == "synthetic":
        return Splits(synthetic(5000, seed=0), synthetic(1000, seed=1))
    if dataset == "folder":
        return Splits(
            load_folder(os.path.join(folder, "train"), image_size),
            load_folder(os.path.join(folder, "test"), image_size),
        )
    if dataset == "cifar10":
        return load_cifar10(folder)
    raise DataError(
        f"there is no data set {dataset!r}; there are cifar10, folder and synthetic"
    )


def load_cifar10(folder: str) -> Splits:
    """
    ### CIFAR-10

    torchvision downloads it once, 170 MB, and compares the checksums of the files each
    time. What does not agree is fetched again, and never trained on.
    """
    archive = Path(folder) / CIFAR10.filename
    try:
        splits = [CIFAR10(folder, train, download=True) for train in (True, False)]
    except (URLError, OSError, RuntimeError) as error:
        broken = archive.exists() and not check_integrity(str(archive), CIFAR10.tgz_md5)
        state = "is damaged or incomplete" if broken else "is not there"
        raise DataError(
            f"{archive} {state} and cannot be downloaded ({_reason(error)}); put "
            f"{CIFAR10.url} there, or try without data: dataset=synthetic"
        ) from None
    train, test = (
        Pictures(
            torch.from_numpy(split.data).permute(0, 3, 1, 2).contiguous(),
            torch.tensor(split.targets),
            tuple(split.classes),
        )
        for split in splits
    )
    return Splits(train, test)


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)).strip().rstrip(".") or "no reason given"


def load_folder(folder: str, image_size: int) -> Pictures:
    """
    ### Your own pictures

    One folder for each class, as torchvision's `ImageFolder` reads them. All pictures
    become RGB squares of the same size.
    """
    if not os.path.isdir(folder):
        raise DataError(
            f"there is no folder {folder}; name its parent with data_path=..., or try "
            "without data: dataset=synthetic"
        )
    try:
        listing = ImageFolder(folder)
    except FileNotFoundError:
        raise DataError(
            f"{folder} must hold a folder of pictures for each class"
        ) from None

    # Decoding releases Python's lock, so threads are enough.
    paths = [path for path, _ in listing.samples]
    with ThreadPoolExecutor() as pool:
        images = torch.stack(
            list(pool.map(_decode, paths, [image_size] * len(paths), chunksize=256))
        )
    return Pictures(images, torch.tensor(listing.targets), tuple(listing.classes))


def _decode(path: str, image_size: int) -> Tensor:
    try:
        with Image.open(path) as file:
            picture = file.convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise DataError(f"{path} is no picture that can be read: {error}") from None
    if picture.size != (image_size, image_size):
        picture = picture.resize((image_size, image_size), Image.Resampling.BICUBIC)
    return pil_to_tensor(picture)


SHAPES = ("disk", "ring", "square", "frame", "cross")


def synthetic(count: int, seed: int) -> Pictures:
    r"""
    ### A set made on the spot

    Ten classes that need no download: five shapes, filled with stripes that lie or
    stand. Place, size, colours and noise are random, and the shape is brighter than
    what is behind it; a model has to look at the form and cannot count pixels.
    """
    generator = torch.Generator().manual_seed(seed)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, 1, 1, generator=generator)

    labels = torch.arange(count) % 10
    axis = torch.arange(32.0)
    y, x = axis[:, None] - uniform(12, 19), axis - uniform(12, 19)
    size = uniform(7, 11)

    # Each mask has shape `[count, 32, 32]`.
    round_, square = (x**2 + y**2).sqrt(), torch.maximum(x.abs(), y.abs())
    cross = torch.minimum(x.abs(), y.abs())
    masks = torch.stack(
        [
            round_ < size,
            (round_ < size) & (round_ > 0.6 * size),
            square < size,
            (square < size) & (square > 0.6 * size),
            (square < size) & (cross < 0.35 * size),
        ]
    )
    mask = masks[labels // 2, torch.arange(count)]
    along = torch.where((labels % 2 == 0)[:, None, None], x.expand_as(mask), y)
    stripes = (along * 2.1 + uniform(0, 6)).sin() > 0

    back, one, two = uniform(0, 80, 3), uniform(80, 160, 3), uniform(190, 255, 3)
    images = torch.where(stripes[:, None], one, two)
    images = torch.where(mask[:, None], images, back)
    images += 12 * torch.randn(images.shape, generator=generator)
    classes = tuple(
        f"{shape}, {way}" for shape in SHAPES for way in ("upright", "lying")
    )
    return Pictures(images.clamp(0, 255).to(torch.uint8), labels, classes)


# ## Batches
#
# Which pictures are in a batch follows from the seed and the number of the epoch, and
# from nothing else. So a run that was interrupted goes on with the very batch that
# would have come next, and each of several processes knows what the others have.
class Batches:
    """
    * `count` is the number of pictures
    * `batch_size` is the size of a batch, of all processes together
    * `seed` makes the order
    """

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        if batch_size > count:
            raise DataError(
                f"batch_size={batch_size} is more than the {count} pictures that there "
                "are to train on"
            )
        self.count, self.batch_size, self.seed = count, batch_size, seed

    def __len__(self) -> int:
        # The incomplete batch at the end is left out: its pictures come again soon, and
        # all batches have the same shape.
        return self.count // self.batch_size

    def epoch(
        self, number: int, start: int = 0, skip: Tensor | None = None
    ) -> Iterator[Tensor]:
        """
        The batches of an epoch as indices, from batch `start` on.

        `skip` has shape `[pictures]` and is the probability with which a picture is
        left out. The epoch stays as long as it was: the others come more often.
        """
        generator = torch.Generator().manual_seed(self.seed * 100_003 + number)
        order = torch.empty(0, dtype=torch.int64)
        while len(order) < self.count:
            once = torch.randperm(self.count, generator=generator)
            if skip is not None:
                drawn = torch.rand(self.count, generator=generator)
                once = once[drawn >= skip[once]]
            order = torch.cat([order, once])
        for step in range(start, len(self)):
            yield order[step * self.batch_size : (step + 1) * self.batch_size]
