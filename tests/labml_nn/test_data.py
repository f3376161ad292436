"""Where images come from, and how batches are drawn."""

import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.datasets import CIFAR10, CIFAR100
from torchvision.transforms.functional import pil_to_tensor

from labml_nn.experiments.command import is_out_of_memory
from labml_nn.helpers import data
from labml_nn.helpers.data import (
    Batches,
    DataError,
    LabeledImages,
    Splits,
    changed_counts,
    load,
    read_image,
    synthetic,
)
from labml_nn.helpers.evaluate import log_probabilities


def make_folder(folder, train=("cat", "dog"), test=("cat", "dog"), size=(32, 32)):
    for part, classes in (("train", train), ("test", test)):
        for number, name in enumerate(classes):
            place = folder / part / name
            place.mkdir(parents=True)
            Image.new("RGB", size, (100 * number, 50, 0)).save(place / "a.png")
    return folder


def refused(words, *arguments):
    with pytest.raises(DataError, match=words) as info:
        load(*map(str, arguments))
    assert "\n" not in str(info.value)


# ## Synthetic
def test_the_synthetic_set_is_the_same_each_time():
    one, two = synthetic(40, seed=3), synthetic(40, seed=3)
    assert torch.equal(one.images, two.images)
    assert one.images.shape == (40, 3, 32, 32)
    assert one.images.dtype == torch.uint8
    assert sorted(set(one.labels.tolist())) == list(range(10))
    assert not torch.equal(one.images, synthetic(40, seed=4).images)
    # In a list of classes it is clear where each ends.
    assert len(", ".join(one.classes).split(", ")) == len(one.classes) == 10


# ## Sizes
def test_the_usual_size_changes_nothing():
    splits = load("synthetic", "")
    assert torch.equal(splits.train.images, synthetic(5000, seed=0).images)
    assert torch.equal(splits.test.images, synthetic(1000, seed=1).images)


@pytest.mark.parametrize("size", [16, 48])
def test_every_image_gets_the_size_that_is_asked_for(size, monkeypatch, tmp_path):
    splits = load("synthetic", "", size)
    assert splits.train.images.shape == (5000, 3, size, size)
    assert splits.test.images.shape == (1000, 3, size, size)
    image = splits.test.images[7]
    plain = Image.fromarray(synthetic(1000, seed=1).images[7].permute(1, 2, 0).numpy())
    pillow = pil_to_tensor(plain.resize((size, size), Image.Resampling.BICUBIC))
    assert (image.int() - pillow.int()).abs().max() <= 2

    small = Splits(synthetic(20, seed=0), synthetic(20, seed=1))
    monkeypatch.setattr("labml_nn.helpers.data.load_cifar10", lambda *_: small)
    splits = load("cifar10", str(tmp_path), size)
    assert splits.train.images.shape == splits.test.images.shape == (20, 3, size, size)
    assert torch.equal(load("cifar10", str(tmp_path)).test.images, small.test.images)


# ## A folder of images
def test_a_folder_of_images(tmp_path):
    splits = load("folder", str(make_folder(tmp_path, size=(40, 30))), 32)
    assert splits.train.classes == ("cat", "dog")
    assert splits.train.images.shape == (2, 3, 32, 32)
    assert splits.test.images[1, :, 0, 0].tolist() == [100, 50, 0]


@pytest.mark.parametrize("size", [(32, 96), (96, 32)])
def test_what_is_no_square_is_cropped_and_not_squashed(tmp_path, size):
    make_folder(tmp_path)
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste(
        (0, 0, 255),
        tuple((side - 32) // 2 for side in size)
        + tuple((side + 32) // 2 for side in size),
    )
    image.save(tmp_path / "train" / "cat" / "a.png")
    image = load("folder", str(tmp_path)).train.images[0]
    assert (image == torch.tensor([0, 0, 255])[:, None, None]).all()


@pytest.mark.parametrize("side", [32, 50])
def test_squares_are_resized_whole(tmp_path, side):
    make_folder(tmp_path)
    noise = torch.randint(256, (side, side, 3), dtype=torch.uint8)
    image = Image.fromarray(noise.numpy())
    image.save(tmp_path / "test" / "dog" / "a.png")
    expected = pil_to_tensor(image)
    if side != 32:
        expected = pil_to_tensor(image.resize((32, 32), Image.Resampling.BICUBIC))
    assert torch.equal(load("folder", str(tmp_path)).test.images[1], expected)


def test_a_fingerprint_knows_the_images_and_their_order():
    images = synthetic(30, seed=2)
    print_of = LabeledImages.fingerprint
    assert print_of(images) == print_of(synthetic(30, seed=2))
    assert print_of(images)["counts"] == dict.fromkeys(images.classes, 3)
    order = torch.arange(30)
    order[[0, 10]] = order[[10, 0]]
    relabelled = images._replace(labels=images.labels.roll(1))
    changed = images.images.clone()
    changed[17, 1, 5, 6] ^= 1
    others = (images.subset(order), relabelled, images._replace(images=changed))
    for other in others:
        assert print_of(other)["counts"] == print_of(images)["counts"]
        assert print_of(other)["digest"] != print_of(images)["digest"]


def test_changed_counts_are_told_in_short():
    before = dict.fromkeys("abcde", 1000)
    assert changed_counts(before, before | {"b": 0}) == "b has 0 and not 1,000"
    assert changed_counts(before, dict.fromkeys(before, 1)) == (
        "a has 1 and not 1,000, b has 1 and not 1,000, c has 1 and not 1,000 and 2 more "
        "classes differ"
    )


# ## Every kind of image
def gradient(dtype, top):
    """Black at the left and white at the right, where `top` is white."""
    return np.tile(np.linspace(0, top, 64).astype(dtype), (64, 1))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm", "a.jp2"])
def test_sixteen_bits_of_grey_become_eight(tmp_path, name):
    Image.fromarray(gradient(np.uint16, 65535)).save(tmp_path / name)
    seen = np.asarray(read_image(str(tmp_path / name)))
    assert seen.shape == (64, 64, 3)
    assert abs(seen[..., 1].astype(int) - gradient(np.uint8, 255)).max() <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_numbers_of_which_none_is_white_are_refused(tmp_path, dtype):
    Image.fromarray(gradient(dtype, 1)).save(tmp_path / "a.tif")
    with pytest.raises(
        DataError, match=r"a.tif cannot .*: nothing says which of its num"
    ):
        read_image(str(tmp_path / "a.tif"))


def test_a_missing_image_is_named_once(tmp_path):
    path = str(tmp_path / "gone.png")
    with pytest.raises(DataError) as caught:
        read_image(path)
    words = f"{path} cannot be read as an image: No such file or directory"
    assert str(caught.value) == words


def test_what_is_transparent_is_white(tmp_path):
    """Whatever colour is hidden there."""
    layers = np.full((8, 8, 4), (200, 0, 0, 0), np.uint8)
    layers[:4, :, 3] = 255
    layers[:, :2, 3] //= 2
    colours = Image.fromarray(layers)
    colours.save(tmp_path / "a.png")
    colours.convert("LA").save(tmp_path / "b.png")
    colours.convert("RGB").quantize(2).save(tmp_path / "c.png", transparency=0)
    grey = np.full((8, 8), 5000, np.uint16)
    grey[:4] += 256
    Image.fromarray(grey).save(tmp_path / "d.png", transparency=5000)
    seen = [np.asarray(read_image(str(tmp_path / f"{name}.png"))) for name in "abcd"]
    for image in seen[:2]:
        assert (image[4:] == 255).all()
        assert image[0, 5, 1] < image[0, 0, 1] < 255
    assert seen[0][0, 5].tolist() == [200, 0, 0]
    assert (seen[2] == 255).all()
    assert (seen[3][4:] == 255).all()
    assert (seen[3][:4] == 20).all()


def test_a_photo_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 8
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 20, 20))
    image.save(tmp_path / "a.jpg", exif=exif)
    seen = read_image(str(tmp_path / "a.jpg"))
    assert seen.size == (20, 40)
    assert seen.getpixel((10, 2)) < (50, 50, 50)
    assert seen.getpixel((10, 38)) > (200, 200, 200)


def test_whatever_pillow_opens_is_read(tmp_path):
    make_folder(tmp_path)
    owls = tmp_path / "train" / "dog"
    image = Image.effect_noise((32, 32), 50).convert("RGB")
    # The formats of these names are known, and of the last two only from their content.
    names = (
        "a.gif",
        "b.jfif",
        "c.avif",
        "D.JPG",
        "e.webp",
        "f.bmp",
        "g.jpg_large",
        "h",
    )
    for name in names:
        image.save(owls / name, "JPEG" if name[0] in "gh" else None)
    splits = load("folder", str(tmp_path))
    assert splits.train.counts() == {"cat": 1, "dog": 1 + len(names)}
    assert splits.left_out == ()


def test_what_is_hidden_or_no_image_is_left_out_and_named(tmp_path):
    make_folder(tmp_path)
    whole = load("folder", str(tmp_path))
    others = (
        "readme.txt", "train/.DS_Store", "train/list.csv", "train/cat/._a.png",
        "train/cat/notes.md", "train/.ipynb_checkpoints/a.png", "test/dog/.cache/a.png",
        "test/dog/more/sizes.json", "test/dog/b.heic", "test/dog/b.svg",
    )  # fmt: skip
    for name in others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        image = "DS_Store" not in name and name.endswith("/a.png")
        content = (tmp_path / "train/cat/a.png").read_bytes() if image else b"none"
        (tmp_path / name).write_bytes(content)
    splits = load("folder", str(tmp_path))
    assert splits.train.fingerprint() == whole.train.fingerprint()
    assert splits.test.fingerprint() == whole.test.fingerprint()
    assert splits.left_out == (
        "test/dog/.cache", "test/dog/b.heic", "test/dog/b.svg",
        "test/dog/more/sizes.json", "train/.DS_Store", "train/.ipynb_checkpoints",
        "train/cat/._a.png", "train/cat/notes.md", "train/list.csv",
    )  # fmt: skip


def test_a_class_of_which_nothing_can_be_read(tmp_path):
    (make_folder(tmp_path) / "test" / "cat" / "a.png").rename(tmp_path / "cat.png")
    (tmp_path / "test" / "cat" / "a.heic").write_bytes(b"none")
    refused(r"there is no image in \S+test/cat$", "folder", tmp_path)


def test_val_takes_the_place_of_test_where_there_is_none(tmp_path):
    splits = load("folder", str(make_folder(tmp_path)))
    (tmp_path / "test").rename(tmp_path / "val")
    renamed = load("folder", str(tmp_path))
    assert renamed.train.fingerprint() == splits.train.fingerprint()
    assert renamed.test.fingerprint() == splits.test.fingerprint()

    # Where there are both, the final test is on `test`.
    make_folder(tmp_path / "both")
    (tmp_path / "val").rename(tmp_path / "both" / "val")
    Image.new("RGB", (32, 32)).save(tmp_path / "both" / "val" / "cat" / "b.png")
    assert load("folder", str(tmp_path / "both")).test.counts() == {"cat": 1, "dog": 1}


def test_a_few_images_are_decoded_by_several_threads(tmp_path, monkeypatch):
    make_folder(tmp_path)
    for number in range(15):
        Image.new("RGB", (32, 32)).save(tmp_path / "train" / "cat" / f"b{number}.png")
    threads, several = set(), threading.Event()

    def read(path):
        threads.add(threading.get_ident())
        if len(threads) > 1:
            several.set()
        if not several.wait(timeout=60):
            raise DataError("one thread alone decodes")
        return read_image(path)

    monkeypatch.setattr(data, "read_image", read)
    assert load("folder", str(tmp_path)).train.counts() == {"cat": 16, "dog": 1}


# ## What is wrong
def test_images_that_no_memory_holds(tmp_path):
    make_folder(tmp_path)
    with pytest.raises((MemoryError, RuntimeError)) as info:
        load("folder", str(tmp_path), 2_000_000_000)
    assert is_out_of_memory(info.value)


def test_an_unknown_data_set(tmp_path):
    refused("there is no data set 'mnist'", "mnist", tmp_path)


def test_folders_that_are_not_there(tmp_path):
    refused(r"no folder \S+nosuch; .* train and val$", "folder", tmp_path / "nosuch")
    refused(r"no folder \S+train; name one that holds train and", "folder", tmp_path)
    make_folder(tmp_path, test=())
    refused(
        r"no folder \S+test; name one that holds train and test", "folder", tmp_path
    )


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.zip").touch()
    for dataset in ("folder", "cifar10"):
        refused(
            r"data_path=\S+a.zip is a file; name the fold", dataset, tmp_path / "a.zip"
        )


def test_nothing_to_tell_apart(tmp_path):
    (tmp_path / "train").mkdir()
    refused("train must hold a folder of images", "folder", tmp_path)
    make_folder(tmp_path, train=["cat"], test=["cat"])
    refused("train has a single class, cat; a classifier needs", "folder", tmp_path)


def test_a_class_without_images_is_named(tmp_path):
    (make_folder(tmp_path) / "train" / "bird").mkdir()
    refused(r"there is no image in \S+train/bird$", "folder", tmp_path)


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        ("ab", "az", r"differ: only \S+train has b and only \S+test has z$"),
        ("ab", "abcd", r"differ: only \S+test has c, d$"),
        ("abc", "ab", r"differ: only \S+train has c$"),
    ],
)
def test_classes_that_differ_are_named(tmp_path, train, test, words):
    refused(words, "folder", make_folder(tmp_path, train, test))


def test_a_file_that_is_no_image(tmp_path, monkeypatch):
    file = make_folder(tmp_path) / "train" / "cat" / "b.png"
    whole = (tmp_path / "train" / "cat" / "a.png").read_bytes()
    for content in (b"\x89PNG", whole[:50], whole.replace(b"IDAT", b"\0DAT")):
        file.write_bytes(content)
        refused(r"b.png cannot be read as an image", "folder", tmp_path)
    file.unlink()
    # One with more pixels than anybody could mean.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    refused(r"a.png cannot be read as an image: .*exceeds limit", "folder", tmp_path)


# ## CIFAR-10 without a network
@pytest.fixture
def _no_network(monkeypatch):
    def no_network(*arguments, **options):
        raise OSError("no network")

    monkeypatch.setattr(
        "torchvision.datasets.cifar.download_and_extract_archive", no_network
    )


@pytest.mark.usefixtures("_no_network")
@pytest.mark.parametrize("content", [None, b"half of it"])
def test_no_network_and_no_data(tmp_path, content):
    if content:
        (tmp_path / "cifar-10-python.tar.gz").write_bytes(content)
    state = "is damaged or incomplete" if content else "is missing"
    refused(
        rf"^\S+cifar-10-python.tar.gz {state} and cannot be downloaded \(no network\); "
        rf"put https\S+ into \S+, or try without data: dataset=synthetic$",
        "cifar10",
        tmp_path,
    )


@pytest.mark.parametrize("stop", [OSError("no network"), KeyboardInterrupt()])
def test_no_empty_folder_stays_where_nothing_was_downloaded(
    stop, tmp_path, monkeypatch
):
    """As torchvision does, make the folder and what is above it first."""

    def stopped(_, folder, **options):
        os.makedirs(folder)
        raise stop

    monkeypatch.setattr(
        "torchvision.datasets.cifar.download_and_extract_archive", stopped
    )
    mine = tmp_path / "mine"
    mine.mkdir()
    with pytest.raises((DataError, KeyboardInterrupt)):
        load("cifar10", str(mine / "all" / "data"))
    assert [*tmp_path.rglob("*")] == [mine]


def test_what_was_downloaded_in_part_stays(tmp_path, monkeypatch):
    def stopped(_, folder, **options):
        os.makedirs(folder)
        (Path(folder) / CIFAR10.filename).touch()
        raise OSError("no network")

    monkeypatch.setattr(
        "torchvision.datasets.cifar.download_and_extract_archive", stopped
    )
    refused("is damaged or incomplete and cannot be", "cifar10", tmp_path / "data")
    assert (tmp_path / "data" / CIFAR10.filename).exists()


@pytest.mark.usefixtures("_no_network")
def test_cifar100_is_asked_for_by_its_own_name(tmp_path):
    refused(
        r"^\S+cifar-100-python.tar.gz is missing and cannot be downloaded \(no network\); "
        r"put https\S+cifar-100-python.tar.gz into",
        "cifar100",
        tmp_path,
    )


@pytest.mark.usefixtures("_no_network")
def test_cifar100_has_a_hundred_classes(tmp_path, monkeypatch):
    """Files of its layout, few images and no checksum of theirs."""
    place = tmp_path / CIFAR100.base_folder
    place.mkdir()
    names = [f"class {number}" for number in range(100)]
    (place / "meta").write_bytes(pickle.dumps({"fine_label_names": names}))
    images = np.arange(100 * 3072, dtype=np.uint8).reshape(100, 3072)
    entry = {"data": images, "fine_labels": list(range(100))}
    for name in ("train", "test"):
        (place / name).write_bytes(pickle.dumps(entry))
    monkeypatch.setattr(
        "torchvision.datasets.cifar.check_integrity", lambda *_, **__: True
    )
    splits = load("cifar100", str(tmp_path))
    assert splits.train.classes == tuple(names)
    assert splits.train.images.shape == (100, 3, 32, 32)
    assert splits.test.labels.tolist() == list(range(100))


@pytest.mark.usefixtures("_no_network")
@pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
def test_a_damaged_file_of_the_archive_is_named(tmp_path, name):
    place = tmp_path / CIFAR10.base_folder
    place.mkdir()
    (place / name).write_bytes(pickle.dumps({"data": []}))
    refused(
        rf"^\S+{name} is damaged or incomplete and .*; remove \S+-py and put https",
        "cifar10",
        tmp_path,
    )


# ## Memory
class Largest(TorchDispatchMode):
    """Notes the size in bytes of the largest tensor that anything returns."""

    size = 0

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        result = function(*arguments, **(options or {}))
        for one in result if isinstance(result, list | tuple) else [result]:
            if isinstance(one, torch.Tensor) and one._base is None:
                self.size = max(self.size, one.numel() * one.element_size())
        return result


@pytest.mark.parametrize("shape", [(3000, 3, 16, 16), (70, 3, 256, 256), (3, 3, 9, 7)])
def test_statistics_are_exact_and_need_little_memory(shape):
    torch.manual_seed(0)
    # The last channel hardly varies.
    images = torch.randint(256, shape, dtype=torch.uint8)
    images[:, 2] = 7
    with Largest() as largest:
        statistics = LabeledImages(
            images, torch.zeros(len(images)), ()
        ).channel_statistics()
    mean, std = statistics
    exact = images.double()
    assert mean.shape == std.shape == (1, 3, 1, 1)
    assert mean.dtype == std.dtype == torch.float32
    expected = exact.mean((0, 2, 3), keepdim=True)
    torch.testing.assert_close(mean.double(), expected, rtol=1e-7, atol=0)
    expected = exact.std((0, 2, 3), keepdim=True).clamp(min=1)
    torch.testing.assert_close(std.double(), expected, rtol=1e-7, atol=0)
    assert largest.size <= 2**22 * 8


def test_large_images_are_evaluated_a_few_at_a_time():
    seen = []

    class Means(torch.nn.Module):
        def forward(self, x):
            seen.append(len(x))
            return x.mean((2, 3))

    for size, most in ((4, 500), (32, 500), (64, 500), (256, 32), (2000, 1)):
        seen.clear()
        images = torch.zeros(3, dtype=torch.uint8).view(1, 3, 1, 1)
        images = images.expand(1001 if size < 100 else 33, 3, size, size)
        if size == 2000:
            images = images[:2]
        labelled = LabeledImages(images, torch.zeros(len(images)), ())
        result = log_probabilities(
            Means(),
            labelled,
            (torch.zeros(1), torch.ones(1)),
            torch.device("cpu"),
            False,
        )
        assert result.shape == (len(images), 3)
        assert seen[0] == most
        assert sum(seen) == len(images)


# ## Batches
def test_batches_cover_an_epoch_and_resume_anywhere():
    batches = Batches(100, 8, seed=1)
    epoch = list(batches.epoch(3))
    assert len(epoch) == len(batches) == 12
    assert len(set(torch.cat(epoch).tolist())) == 96
    for whole, rest in zip(epoch[5:], batches.epoch(3, start=5), strict=True):
        assert torch.equal(whole, rest)
    assert not torch.equal(epoch[0], next(batches.epoch(4)))
    with pytest.raises(DataError, match="batch_size=101 is more than the 100"):
        Batches(100, 101, 0)


def test_skipping_ends_however_many_are_easy():
    batches = Batches(100, 10, seed=1)
    for hard in (0, 1, 7, 40):
        skip = torch.ones(100)
        skip[:hard] = 0
        drawn = torch.cat(list(batches.epoch(2, 0, skip)))
        times = drawn.bincount(minlength=100)
        assert len(drawn) == 100
        # All that is hard comes, and what is easy only if there is too little else.
        assert (times[:hard] >= 2).all()
        assert times.max() <= 6
        assert times[hard:].sum() == max(0, 100 - times[:hard].sum())
        assert (times[hard:] == 0).all() == (hard == 40)


def test_nearly_certain_skipping_ends_too():
    batches = Batches(20_000, 100, seed=1)
    skip = torch.full((20_000,), 1 - 1e-7)
    assert len(torch.cat(list(batches.epoch(0, 0, skip))).unique()) > 19_000
