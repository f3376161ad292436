r"""
---
title: Images on the device
summary: >
  CIFAR-10, a folder of your own images or a synthetic data set, held as uint8 tensors
  where the model is, so that loading never limits training.
---

# Images on the device

CIFAR-10 has 60,000 images of $3 \times 32 \times 32$ bytes: 184 MB. That fits into the
memory of any device, so there is no data loader, no worker process and no waiting: a
batch is an index into a tensor. The bytes become floats only once they are in a batch,
which saves three quarters of the memory and of the memory traffic.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.datasets import CIFAR10, ImageFolder
from torchvision.datasets.utils import check_integrity
from torchvision.transforms.functional import pil_to_tensor


class DataError(Exception):
    """Raised for missing or damaged data; the message is one sentence."""


class LabeledImages(NamedTuple):
    """
    ## A set of labelled images

    * `images` are bytes of shape `[images, channels, height, width]`
    * `labels` has shape `[images]` and indexes `classes`
    * `classes` are the names of the classes
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def to(self, device: torch.device | str) -> "LabeledImages":
        return LabeledImages(
            self.images.to(device), self.labels.to(device), self.classes
        )

    def subset(self, indices: Tensor) -> "LabeledImages":
        return LabeledImages(self.images[indices], self.labels[indices], self.classes)

    def counts(self) -> dict[str, int]:
        """How many images each class has."""
        counts = self.labels.bincount(minlength=len(self.classes)).tolist()
        return dict(zip(self.classes, counts, strict=True))

    def fingerprint(self) -> dict[str, Any]:
        """
        What tells this set from any other: the `counts`, and a `digest` of all images
        and labels in their order.
        """
        digest = hashlib.sha256()
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().flatten().numpy().data)
        return {"counts": self.counts(), "digest": digest.hexdigest()}

    def channel_statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each channel, `[1, channels, 1, 1]`."""
        x = self.images[:10_000].float()
        mean, std = x.mean((0, 2, 3), keepdim=True), x.std((0, 2, 3), keepdim=True)
        # A channel that hardly varies is not amplified.
        return mean, std.clamp(min=1)


def changed_counts(before: dict[str, int], now: dict[str, int]) -> str:
    """What differs between the `counts` of two sets with the same classes."""
    changes = [
        f"{name} has {now[name]:,} and not {count:,}"
        for name, count in before.items()
        if now[name] != count
    ]
    if not changes:
        return f"there are still {sum(now.values()):,}, but not the same ones"
    others = f" and {len(changes) - 3} more classes differ" if changes[3:] else ""
    return ", ".join(changes[:3]) + others


class Splits(NamedTuple):
    """The images to train on, and those for the final test."""

    train: LabeledImages
    test: LabeledImages


def load(dataset: str, folder: str, image_size: int = 32) -> Splits:
    """
    ## Three sources

    * `dataset` is `cifar10`, `folder` or `synthetic`
    * `folder` is where its files are
    * `image_size` is the height and width that all images are resized to

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


def _resized(images: LabeledImages, image_size: int) -> LabeledImages:
    if images.images.shape[-1] == image_size:
        return images
    size = (image_size, image_size)
    resized = F.interpolate(images.images, size, mode="bicubic", antialias=True)
    return images._replace(images=resized)


def load_cifar10(folder: str) -> Splits:
    """
    ### CIFAR-10

    torchvision downloads it once, 170 MB, and verifies the checksums of the files each
    time. A file that does not match is downloaded again and never trained on.
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
            state = f"{archive} is missing"
        # torchvision does not unpack the archive again while there are unpacked files.
        remove = f"remove {batches} and " if batches.exists() else ""
        raise DataError(
            f"{state} and cannot be downloaded ({_reason(error)}); {remove}put "
            f"{CIFAR10.url} into {folder}, or try without data: dataset=synthetic"
        ) from None
    train, test = (
        LabeledImages(
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
    ### Your own images

    `folder` holds `train` and `test`, and each of these a folder per class, as
    torchvision's `ImageFolder` expects. All images become RGB squares of the same size.
    """
    train, test = (_list_images(folder, split) for split in ("train", "test"))
    differences = [
        f"only {split.root} has {', '.join(sorted(extra))}"
        for split, other in ((train, test), (test, train))
        if (extra := set(split.classes) - set(other.classes))
    ]
    if differences:
        raise DataError(f"the classes differ: {' and '.join(differences)}")
    if len(train.classes) == 1:
        raise DataError(
            f"{train.root} has a single class, {train.classes[0]}; a classifier needs "
            "at least two"
        )
    return Splits(_decode(train, image_size), _decode(test, image_size))


def _list_images(folder: str, split: str) -> ImageFolder:
    place = os.path.join(folder, split)
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
            f"{place} must hold a folder of images for each class"
        ) from None
    not_empty = set(listing.targets)
    for number, name in enumerate(listing.classes):
        if number not in not_empty:
            raise DataError(f"there is no image in {os.path.join(place, name)}")
    return listing


def _decode(listing: ImageFolder, image_size: int) -> LabeledImages:
    def decode(path: str) -> Tensor:
        return pil_to_tensor(center_crop(read_image(path), image_size))

    # Decoding releases Python's global interpreter lock, so threads run in parallel.
    with ThreadPoolExecutor() as pool:
        images = torch.stack(
            list(pool.map(decode, [path for path, _ in listing.samples]))
        )
    return LabeledImages(images, torch.tensor(listing.targets), tuple(listing.classes))


def read_image(path: str) -> Image.Image:
    """Read a file as an RGB image. Raises `DataError`."""
    try:
        with Image.open(path) as file:
            return file.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as an image: {error}") from None


def center_crop(image: Image.Image, size: int) -> Image.Image:
    """The largest square in the centre, resized to `size` by `size` pixels."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return square.resize((size, size), Image.Resampling.BICUBIC)


# The names of the previous version, for one more.
Pictures, read_picture, middle_square = LabeledImages, read_image, center_crop


SHAPES = ("disk", "ring", "square", "frame", "cross")


def synthetic(count: int, seed: int) -> LabeledImages:
    r"""
    ### A synthetic data set

    Ten classes that need no download: five shapes, filled with upright or horizontal
    stripes. Position, size, colours and noise are random, and every shape is brighter
    than its background. So a model has to recognise the form; counting bright pixels is
    not enough.
    """
    generator = torch.Generator().manual_seed(seed)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, 1, 1, generator=generator)

    labels = torch.arange(count) % 10
    axis = torch.arange(32.0)
    y, x = axis[:, None] - uniform(12, 19), axis - uniform(12, 19)
    size = uniform(7, 11)

    # `masks` has shape `[5, count, 32, 32]`: where each of the shapes would be.
    disk, square = (x**2 + y**2).sqrt(), torch.maximum(x.abs(), y.abs())
    cross = torch.minimum(x.abs(), y.abs())
    masks = torch.stack(
        [
            disk < size,
            (disk < size) & (disk > 0.6 * size),
            square < size,
            (square < size) & (square > 0.6 * size),
            (square < size) & (cross < 0.35 * size),
        ]
    )
    mask = masks[labels // 2, torch.arange(count)]
    along = torch.where((labels % 2 == 0)[:, None, None], x.expand_as(mask), y)
    stripes = (along * 2.1 + uniform(0, 6)).sin() > 0

    background, dark, light = (
        uniform(0, 80, 3),
        uniform(80, 160, 3),
        uniform(190, 255, 3),
    )
    images = torch.where(stripes[:, None], dark, light)
    images = torch.where(mask[:, None], images, background)
    images += 12 * torch.randn(images.shape, generator=generator)
    classes = tuple(
        f"{shape}, {direction}"
        for shape in SHAPES
        for direction in ("upright", "lying")
    )
    return LabeledImages(images.clamp(0, 255).to(torch.uint8), labels, classes)


# ## Batches
#
# The order of the images depends on the seed and the number of the epoch, and on
# nothing else. So a run that was interrupted continues with the very batch that would
# have come next, and each of several processes knows what the others are working on.
class Batches:
    """
    * `count` is the number of images
    * `batch_size` is the size of a batch, over all processes together
    * `seed` seeds the order
    """

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        if batch_size > count:
            raise DataError(
                f"batch_size={batch_size} is more than the {count} images to train on"
            )
        self.count, self.batch_size, self.seed = count, batch_size, seed

    def __len__(self) -> int:
        # The last, incomplete batch is dropped: all batches have the same shape, and
        # the next epoch has another order.
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

        `skip` has shape `[images]` and is the probability of skipping each image. The
        epoch keeps its length: the other images come more often.
        """
        generator = torch.Generator().manual_seed(self.seed * 100_003 + number)
        order = torch.empty(0, dtype=torch.int64)
        while len(order) < self.count:
            shuffled = torch.randperm(self.count, generator=generator)
            if skip is not None:
                drawn = torch.rand(self.count, generator=generator)
                shuffled = shuffled[drawn >= skip[shuffled]]
            order = torch.cat([order, shuffled])
        # Each copy to the device makes the CPU wait, so all batches are copied at once.
        order = order.to(device)
        for batch in range(start, len(self)):
            yield order[batch * self.batch_size : (batch + 1) * self.batch_size]
