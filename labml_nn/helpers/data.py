r"""
---
title: Images on the device
summary: >
  CIFAR-10, a folder of your own images or a synthetic data set, held as uint8 tensors
  where the model is, so that loading never limits training.
---

# Images on the device

CIFAR-10 has 60,000 images of $3 \times 32 \times 32$ bytes, 184 MB in all. That fits
into the memory of any device. So there is no data loader, no worker process and no
waiting: drawing a batch is indexing a tensor. Bytes become floats only within a batch,
which saves three quarters of the memory and of the memory traffic.
"""

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional as F
from torchvision.datasets import CIFAR10, CIFAR100
from torchvision.datasets.utils import check_integrity


class DataError(Exception):
    """Raised for missing or damaged data; the message is one sentence."""


class NotAnImageError(DataError):
    """Raised for a file in which Pillow recognises no image."""


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
        What tells this set from any other: the `counts` of its classes, and a `digest`
        of all images and labels in order.
        """
        digest = hashlib.sha256()
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().flatten().numpy().data)
        return {"counts": self.counts(), "digest": digest.hexdigest()}

    def channel_statistics(self) -> tuple[Tensor, Tensor]:
        """
        The mean and standard deviation of each channel, of shape `[1, channels, 1, 1]`,
        from at most 10,000 images.
        """
        images = self.images[:10_000]
        # As floats, all images at once would take four times their memory, and their
        # squares as much again. So add up a few at a time, in exact integers.
        few = max(1, 2**22 // images[0].numel())
        sums = squares = torch.zeros((), dtype=torch.int64, device=images.device)
        for batch in images.split(few):
            values = batch.int()
            sums = sums + values.sum((0, 2, 3))
            squares = squares + values.square().sum((0, 2, 3))
        count = images[:, 0].numel()
        mean = sums.cpu().double() / count
        variance = (squares.cpu().double() - count * mean**2) / max(count - 1, 1)
        # Do not amplify a channel that hardly varies.
        std = variance.clamp(min=1).sqrt()
        mean, std = (
            numbers.float().view(1, -1, 1, 1).to(images.device)
            for numbers in (mean, std)
        )
        return mean, std


def changed_counts(before: dict[str, int], now: dict[str, int]) -> str:
    """Say how the `counts` of two sets with the same classes differ."""
    changes = [
        f"{name} has {now.get(name, 0):,} and not {count:,}"
        for name, count in before.items()
        if now.get(name) != count
    ]
    if not changes:
        return (
            f"there are still {sum(now.values()):,}, but some look different or come "
            "in another order, as they do when a file is renamed"
        )
    others = f" and {len(changes) - 3} more classes differ" if changes[3:] else ""
    return ", ".join(changes[:3]) + others


class Splits(NamedTuple):
    """
    The images to train on, those for the final test, and the names of the files and
    folders that were left out because they are neither.
    """

    train: LabeledImages
    test: LabeledImages
    left_out: tuple[str, ...] = ()


def load(dataset: str, folder: str, image_size: int = 32) -> Splits:
    """
    ## Where images come from

    * `dataset` is `cifar10`, `cifar100`, `folder` or `synthetic`
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
    if dataset in ("cifar10", "cifar100"):
        splits = load_cifar10(folder, CIFAR10 if dataset == "cifar10" else CIFAR100)
        train, test = splits.train, splits.test
        return Splits(_resized(train, image_size), _resized(test, image_size))
    raise DataError(unknown_data_set(dataset))


DATA_SETS = ("cifar10", "cifar100", "folder", "synthetic")


def unknown_data_set(dataset: str) -> str:
    return f"there is no data set {dataset!r}; there are {', '.join(DATA_SETS)}"


def _resized(images: LabeledImages, image_size: int) -> LabeledImages:
    if images.images.shape[-1] == image_size:
        return images
    size = (image_size, image_size)
    resized = F.interpolate(images.images, size, mode="bicubic", antialias=True)
    return images._replace(images=resized)


def load_cifar10(folder: str, source: type[CIFAR10] = CIFAR10) -> Splits:
    """
    ### CIFAR-10

    `source` can be its sibling CIFAR-100, with as many images in ten times as many
    classes. torchvision downloads the files once, 170 MB, and verifies their checksums
    each time. A file that does not match is downloaded again, and never used for
    training.
    """
    archive = Path(folder) / source.filename
    try:
        with _no_empty_folder(Path(folder)):
            splits = [source(folder, train, download=True) for train in (True, False)]
    except (URLError, OSError, RuntimeError) as error:
        batches = Path(folder) / source.base_folder
        meta = (source.meta["filename"], source.meta["md5"])
        parts = [*source.train_list, *source.test_list, meta]
        checksums = {batches / name: checksum for name, checksum in parts}
        for file, checksum in {**checksums, archive: source.tgz_md5}.items():
            if file.exists() and not check_integrity(str(file), checksum):
                state = f"{file} is damaged or incomplete"
                break
        else:
            state = f"{archive} is missing"
        # torchvision does not unpack an archive again while its files are there.
        remove = f"remove {batches} and " if batches.exists() else ""
        raise DataError(
            f"{state} and cannot be downloaded ({_reason(error)}); {remove}put "
            f"{source.url} into {folder}, or try without data: dataset=synthetic"
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


@contextlib.contextmanager
def _no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove the new folders on the way to `folder` that are still empty at the end."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for place in made:
                place.rmdir()


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)).strip().rstrip(".") or "no reason given"


def load_folder(folder: str, image_size: int) -> Splits:
    """
    ### Your own images

    `folder` holds `train` and `test`, and each of these holds a folder per class. If
    there is no `test`, `val` is used instead; if there is one, `val` is ignored: the
    validation set is always drawn from `train`.

    All images become RGB squares of the same size. A file counts if Pillow finds an
    image in it, whatever its name. All other files are left out, and so are files and
    folders whose names start with a dot, which other programs leave behind.
    """
    # Many data sets, ImageNet among them, publish no labels of their test set.
    places = {name: os.path.join(folder, name) for name in ("test", "val")}
    only_val = os.path.isdir(places["val"]) and not os.path.isdir(places["test"])
    names = ("train", "val" if only_val else "test")
    train, test = (_list_files(folder, name) for name in names)
    differences = [
        f"only {split.place} has {', '.join(sorted(extra))}"
        for split, other in ((train, test), (test, train))
        if (extra := set(split.classes) - set(other.classes))
    ]
    if differences:
        raise DataError(f"the classes differ: {' and '.join(differences)}")
    if len(train.classes) == 1:
        raise DataError(
            f"{train.place} has a single class, {train.classes[0]}; a classifier needs "
            "at least two"
        )
    left_out = [*train.left_out, *test.left_out]
    train_images = _decode(train, image_size, left_out)
    test_images = _decode(test, image_size, left_out)
    unread = sorted(os.path.relpath(path, folder) for path in left_out)
    return Splits(train_images, test_images, tuple(unread))


class _Listing(NamedTuple):
    """The folder of a split, its classes, and its files with their labels."""

    place: str
    classes: tuple[str, ...]
    files: list[tuple[str, int]]
    left_out: list[str]


def _list_files(folder: str, split: str) -> _Listing:
    place = os.path.join(folder, split)
    for needed in (folder, place):
        if not os.path.isdir(needed):
            raise DataError(
                f"there is no folder {needed or repr(needed)}; name one that holds "
                "train and test, or train and val"
            )
    names = sorted(os.listdir(place))
    classes = tuple(
        name
        for name in names
        if os.path.isdir(os.path.join(place, name)) and not _is_hidden(name)
    )
    if not classes:
        raise DataError(f"{place} must hold a folder of images for each class")
    listing = _Listing(place, classes, [], [])
    listing.left_out.extend(
        os.path.join(place, name) for name in names if name not in classes
    )
    for label, name in enumerate(classes):
        for root, folders, files in os.walk(
            os.path.join(place, name), followlinks=True
        ):
            folders.sort()
            for file in sorted(files):
                if not _is_hidden(file):
                    listing.files.append((os.path.join(root, file), label))
            hidden = filter(_is_hidden, [*folders, *files])
            listing.left_out.extend(os.path.join(root, one) for one in hidden)
            folders[:] = [one for one in folders if not _is_hidden(one)]
        if not listing.files or listing.files[-1][1] != label:
            raise _no_image(place, name)
    return listing


def _no_image(place: str, name: str) -> DataError:
    return DataError(f"there is no image in {os.path.join(place, name)}")


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


# How many images a thread decodes before it asks for more. More would save no time, but
# leave the threads without work for a few large images, and Ctrl-C waiting.
_CHUNK = 8


def _decode(listing: _Listing, image_size: int, left_out: list[str]) -> LabeledImages:
    """The images of a listing; files that are not images are added to `left_out`."""
    images = torch.empty(
        len(listing.files), 3, image_size, image_size, dtype=torch.uint8
    )
    # Writing to the same memory through NumPy takes less time.
    pixels = images.numpy()

    def decode(index: int) -> bool:
        path, _ = listing.files[index]
        try:
            image = read_image(path)
        except NotAnImageError:
            # A file named `cat.jpg` should be an image, so it is damaged.
            if is_image_name(path):
                raise
            return False
        square = center_crop(image, image_size)
        pixels[index] = np.asarray(square).transpose(2, 0, 1)
        return True

    # Large images are decoded in parallel, since that releases Python's global
    # interpreter lock. To hand over each small one alone would take longer than to
    # decode it.
    with ThreadPoolExecutor() as pool:
        starts = range(0, len(pixels), _CHUNK)
        chunks = (range(start, min(start + _CHUNK, len(pixels))) for start in starts)
        decoded = pool.map(lambda chunk: [*map(decode, chunk)], chunks)
        is_image = [*itertools.chain.from_iterable(decoded)]
    labels = torch.tensor([label for _, label in listing.files], dtype=torch.int64)
    if not all(is_image):
        for (path, _), kept in zip(listing.files, is_image, strict=True):
            if not kept:
                left_out.append(path)
        images, labels = images[is_image], labels[is_image]
    result = LabeledImages(images, labels, listing.classes)
    for name, count in result.counts().items():
        if count == 0:
            raise _no_image(listing.place, name)
    return result


def is_image_name(path: str) -> bool:
    """Whether the suffix of a file is that of an image that Pillow can read."""
    suffix = os.path.splitext(path)[1].lower()
    return Image.registered_extensions().get(suffix) in Image.OPEN


def read_image(path: str) -> Image.Image:
    """
    Read a file as the RGB image that a viewer would show: upright, and white where it
    is transparent. Raises `DataError`.
    """
    try:
        with Image.open(path) as file:
            return _as_rgb(file)
    except UnidentifiedImageError:
        # Pillow's own words would repeat the path.
        raise NotAnImageError(
            f"{path} cannot be read as an image: it is damaged or holds none"
        ) from None
    except MemoryError:
        raise
    # Pillow's readers can raise any exception for a damaged file.
    except Exception as error:
        # The system's words for a file that is not there would repeat its path.
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read as an image: {reason}") from None


def _as_rgb(file: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(file)
    # Pillow clips grey values of 16 bits to 8, which makes nearly everything white.
    # Keep the upper 8 bits instead, as Pillow itself does for colours.
    if image.mode.startswith("I;16") or (image.mode == "I" and file.format == "PPM"):
        values = np.asarray(image)
        grey = (values >> 8).astype(np.uint8)
        # A PNG can name one value as transparent.
        grey[values == image.info.get("transparency", -1)] = 255
        return Image.fromarray(grey).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError(
            f"nothing says which of its numbers is white (mode {image.mode}); save it "
            "with 8 or 16 bits per channel"
        )
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def center_crop(image: Image.Image, size: int) -> Image.Image:
    """The largest square in the centre, resized to `size` by `size` pixels."""
    if image.size == (size, size):
        return image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return square.resize((size, size), Image.Resampling.BICUBIC)


# The names in the previous version, kept for one more.
Pictures, read_picture, middle_square = LabeledImages, read_image, center_crop


SHAPES = ("disk", "ring", "square", "frame", "cross")


def synthetic(count: int, seed: int) -> LabeledImages:
    r"""
    ### A synthetic data set

    Ten classes that need no download: five shapes, each with vertical or horizontal
    stripes. Position, size, colours and noise are random, and every shape is brighter
    than its background. So a model has to recognise the shape and the direction of its
    stripes; counting bright pixels is not enough.
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
        f"{direction} {shape}" for shape in SHAPES for direction in ("upright", "lying")
    )
    return LabeledImages(images.clamp(0, 255).to(torch.uint8), labels, classes)


# ## Batches
#
# The order of the images depends on the seed and the number of the epoch and, where
# easy images are skipped, on the losses that the checkpoint holds. So an interrupted
# run resumes with the very batch that would have come next, and each of several
# processes knows what the others work on.
#
# With one hard image and 50,000 easy ones, an epoch that skips the easy ones would be
# the hard one 50,000 times. So the number of times that an epoch repeats an image is
# limited.
MOST_OFTEN = 5


class Batches:
    """
    * `count` is the number of images
    * `batch_size` is the number of images in a batch, over all processes together
    * `seed` seeds the order
    """

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        if batch_size > count:
            raise DataError(
                f"batch_size={batch_size} is more than the {count} images to train on"
            )
        self.count, self.batch_size, self.seed = count, batch_size, seed

    def __len__(self) -> int:
        # The last, incomplete batch is dropped, so that all batches have the same
        # shape. The next epoch has another order.
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
        epoch keeps its length: the other images come more often. After `MOST_OFTEN`
        passes, skipping stops, and all images fill the rest.
        """
        seed = (self.seed * 100_003 + number) % 2**63
        generator = torch.Generator().manual_seed(seed)
        order = torch.empty(0, dtype=torch.int64)
        passes = 0
        while len(order) < self.count:
            shuffled = torch.randperm(self.count, generator=generator)
            if skip is not None and passes < MOST_OFTEN:
                drawn = torch.rand(self.count, generator=generator)
                shuffled = shuffled[drawn >= skip[shuffled]]
            order = torch.cat([order, shuffled])
            passes += 1
        # Every copy to the device makes the CPU wait, so copy all batches at once.
        order = order.to(device)
        for batch in range(start, len(self)):
            yield order[batch * self.batch_size : (batch + 1) * self.batch_size]
