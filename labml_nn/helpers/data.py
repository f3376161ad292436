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
batch is an index into a tensor. Bytes become floats only when they have been drawn,
which saves three quarters of the memory and of the traffic.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
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
    * `image_size` is the side that all pictures are resized to

    Raises `DataError`.
    """
    if dataset == "synthetic":
        train, test = synthetic(5000, seed=0), synthetic(1000, seed=1)
        return Splits(_resized(train, image_size), _resized(test, image_size))
    if os.path.isfile(folder):
        raise DataError(
            f"data_path={folder} is a file; name the folder that holds the data"
        )
    if dataset == "folder":
        return load_folder(folder, image_size)
    if dataset == "cifar10":
        train, test = load_cifar10(folder)
        return Splits(_resized(train, image_size), _resized(test, image_size))
    raise DataError(
        f"there is no data set {dataset!r}; there are cifar10, folder and synthetic"
    )


def _resized(pictures: Pictures, image_size: int) -> Pictures:
    if pictures.images.shape[-1] == image_size:
        return pictures
    size = (image_size, image_size)
    images = F.interpolate(pictures.images, size, mode="bicubic", antialias=True)
    return pictures._replace(images=images)


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
        batches = Path(folder) / CIFAR10.base_folder
        meta = (CIFAR10.meta["filename"], CIFAR10.meta["md5"])
        parts = [*CIFAR10.train_list, *CIFAR10.test_list, meta]
        checksums = {batches / name: checksum for name, checksum in parts}
        for file, checksum in {**checksums, archive: CIFAR10.tgz_md5}.items():
            if file.exists() and not check_integrity(str(file), checksum):
                state = f"{file} is damaged or incomplete"
                break
        else:
            state = f"{archive} is not there"
        # Files that were unpacked once would not be unpacked again.
        remove = f"remove {batches} and " if batches.exists() else ""
        raise DataError(
            f"{state} and cannot be downloaded ({_reason(error)}); {remove}put "
            f"{CIFAR10.url} into {folder}, or try without data: dataset=synthetic"
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


def load_folder(folder: str, image_size: int) -> Splits:
    """
    ### Your own pictures

    In `folder` are `train` and `test`, and in each of them a folder for each class, as
    torchvision's `ImageFolder` reads them. All pictures become RGB squares of the same
    size.
    """
    train, test = (_listing(folder, part) for part in ("train", "test"))
    only = [
        f"only {one.root} has {', '.join(sorted(strange))}"
        for one, other in ((train, test), (test, train))
        if (strange := set(one.classes) - set(other.classes))
    ]
    if only:
        raise DataError(f"the classes differ: {' and '.join(only)}")
    if len(train.classes) == 1:
        raise DataError(
            f"{train.root} has one class only, {train.classes[0]}, so there is nothing "
            "to tell apart"
        )
    return Splits(_pictures(train, image_size), _pictures(test, image_size))


def _listing(folder: str, part: str) -> ImageFolder:
    place = os.path.join(folder, part)
    for needed in (folder, place):
        if not os.path.isdir(needed):
            raise DataError(
                f"there is no folder {needed}; name one that holds train and test with "
                "data_path=..., or try without data: dataset=synthetic"
            )
    try:
        listing = ImageFolder(place, allow_empty=True)
    except FileNotFoundError:
        raise DataError(
            f"{place} must hold a folder of pictures for each class"
        ) from None
    filled = set(listing.targets)
    for number, name in enumerate(listing.classes):
        if number not in filled:
            raise DataError(f"there is no picture in {os.path.join(place, name)}")
    return listing


def _pictures(listing: ImageFolder, image_size: int) -> Pictures:
    def decode(path: str) -> Tensor:
        return pil_to_tensor(middle_square(read_picture(path), image_size))

    # Decoding releases Python's lock, so threads are enough.
    with ThreadPoolExecutor() as pool:
        images = torch.stack(
            list(pool.map(decode, [path for path, _ in listing.samples]))
        )
    return Pictures(images, torch.tensor(listing.targets), tuple(listing.classes))


def read_picture(path: str) -> Image.Image:
    """A file as an RGB picture. Raises `DataError`."""
    try:
        with Image.open(path) as file:
            return file.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is no picture that can be read: {error}") from None


def middle_square(picture: Image.Image, size: int) -> Image.Image:
    """The largest square in the middle, with sides of `size` pixels."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return square.resize((size, size), Image.Resampling.BICUBIC)


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

    # `masks` has shape `[5, count, 32, 32]`, one for each kind of shape.
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
        self,
        number: int,
        start: int = 0,
        skip: Tensor | None = None,
        device: torch.device | str = "cpu",
    ) -> Iterator[Tensor]:
        """
        The batches of an epoch as indices on `device`, from batch `start` on.

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
        # A copy makes the CPU wait for the device, so there is one for all batches.
        order = order.to(device)
        for step in range(start, len(self)):
            yield order[step * self.batch_size : (step + 1) * self.batch_size]
