"""Data, augmentation, optimizers and checkpoints."""

import math

import pytest
import torch
from PIL import Image
from torch import nn
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as reference

from labml_nn.helpers import augment, checkpoint
from labml_nn.helpers.data import Batches, DataError, load, synthetic
from labml_nn.helpers.optimize import (
    Muon,
    RunningAverage,
    orthogonalize,
    parameter_groups,
    schedule,
)
from labml_nn.resnet import ResNet
from labml_nn.transformers.vit import vit


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# ## Data
def test_the_synthetic_set_is_the_same_each_time():
    one, two = synthetic(40, seed=3), synthetic(40, seed=3)
    assert torch.equal(one.images, two.images)
    assert one.images.shape == (40, 3, 32, 32)
    assert one.images.dtype == torch.uint8
    assert sorted(set(one.labels.tolist())) == list(range(10))
    assert not torch.equal(one.images, synthetic(40, seed=4).images)


def make_folder(folder, size=(32, 32)):
    for part in ("train", "test"):
        for number, name in enumerate(("cat", "dog")):
            place = folder / part / name
            place.mkdir(parents=True)
            Image.new("RGB", size, (100 * number, 50, 0)).save(place / "a.png")
    return folder


def test_a_folder_of_pictures(tmp_path):
    splits = load("folder", str(make_folder(tmp_path, size=(40, 30))), 32)
    assert splits.train.classes == ("cat", "dog")
    assert splits.train.images.shape == (2, 3, 32, 32)
    assert splits.test.images[1, :, 0, 0].tolist() == [100, 50, 0]


def test_what_is_wrong_with_data_is_said(tmp_path):
    with pytest.raises(DataError, match="there is no data set 'cifar100'"):
        load("cifar100", "")
    with pytest.raises(DataError, match=r"no folder .*train; .* dataset=synthetic"):
        load("folder", str(tmp_path))
    (tmp_path / "train").mkdir()
    with pytest.raises(DataError, match="must hold a folder of pictures"):
        load("folder", str(tmp_path))
    (make_folder(tmp_path / "x") / "train" / "cat" / "b.png").write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match=r"b.png is no picture"):
        load("folder", str(tmp_path / "x"))


@pytest.mark.parametrize("content", [None, b"half of it"])
def test_no_network_and_no_data(tmp_path, monkeypatch, content):
    def no_network(*arguments, **options):
        raise OSError("no network")

    monkeypatch.setattr(
        "torchvision.datasets.cifar.download_and_extract_archive", no_network
    )
    if content:
        (tmp_path / "cifar-10-python.tar.gz").write_bytes(content)
    state = "is damaged or incomplete" if content else "is not there"
    with pytest.raises(
        DataError,
        match=rf"cifar-10-python.tar.gz {state} .*no network.*dataset=synthetic",
    ):
        load("cifar10", str(tmp_path))


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


# ## Augmentation, each against torchvision
def pictures(count=4):
    return torch.randint(
        256, (count, 3, 32, 32), generator=generator(), dtype=torch.uint8
    )


def smooth():
    """Pictures in which a neighbouring pixel is nearly the same."""
    noise = torch.rand(4, 3, 8, 8, generator=generator())
    large = nn.functional.interpolate(noise, size=(32, 32), mode="bicubic")
    return (large * 255).clamp(0, 255).to(torch.uint8)


def affine(x, **settings):
    settings = {
        "angle": 0.0,
        "translate": [0, 0],
        "scale": 1.0,
        "shear": [0.0, 0.0],
        **settings,
    }
    return reference.affine(x, interpolation=InterpolationMode.NEAREST, **settings)


def degrees(slope):
    return math.degrees(math.atan(slope))


REFERENCES = {
    "identity": lambda x, s, g: x,
    "shear_x": lambda x, s, g: affine(
        x, shear=[degrees(0.99 * s * g), 0.0], center=[0, 0]
    ),
    "shear_y": lambda x, s, g: affine(
        x, shear=[0.0, degrees(0.99 * s * g)], center=[0, 0]
    ),
    "translate_x": lambda x, s, g: affine(x, translate=[int(32 * s * g), 0]),
    "translate_y": lambda x, s, g: affine(x, translate=[0, int(32 * s * g)]),
    "rotate": lambda x, s, g: reference.rotate(x, 135 * s * g),
    "brightness": lambda x, s, g: reference.adjust_brightness(x, 1 + 0.99 * s * g),
    "color": lambda x, s, g: reference.adjust_saturation(x, 1 + 0.99 * s * g),
    "contrast": lambda x, s, g: reference.adjust_contrast(x, 1 + 0.99 * s * g),
    "sharpness": lambda x, s, g: reference.adjust_sharpness(x, 1 + 0.99 * s * g),
    "posterize": lambda x, s, g: reference.posterize(x, 8 - round(6 * s)),
    "solarize": lambda x, s, g: reference.solarize(x, 255 * (1 - s)),
    "auto_contrast": lambda x, s, g: reference.autocontrast(x),
    "equalize": lambda x, s, g: reference.equalize(x),
}


@pytest.mark.parametrize("name", augment.OPERATIONS)
@pytest.mark.parametrize("strength", [0.0, 1 / 3, 0.7])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_each_operation_is_that_of_torchvision(name, strength, sign):
    x = smooth()
    ours = augment.apply(
        name, x.float(), torch.full((4,), strength), torch.full((4,), sign)
    )
    theirs = REFERENCES[name](x, strength, sign).float()
    # Rounding may take the neighbouring pixel, or the neighbouring value.
    off = (ours - theirs).abs() > 2
    assert off.float().mean() < 0.03, (name, strength, sign, off.float().mean())


def test_every_picture_gets_its_own_draw():
    x = pictures(1).float().expand(64, -1, -1, -1)
    changed = augment.trivial_augment(x, generator())
    assert len({picture.numpy().tobytes() for picture in changed}) > 30
    assert torch.equal(changed, augment.trivial_augment(x, generator()))
    assert changed.min() >= 0
    assert changed.max() <= 255


def test_flip_and_crop():
    x = pictures(200).float()
    flipped = augment.random_flip(x, generator())
    same = (flipped == x).flatten(1).all(1)
    assert 70 < same.sum() < 130
    assert torch.equal(flipped[~same], x[~same].flip(-1))
    cropped = augment.random_crop(x, 2, generator())
    padded = nn.functional.pad(x, (2,) * 4, mode="reflect")
    windows = padded.unfold(2, 32, 1).unfold(3, 32, 1)
    found = (windows == cropped[:, :, None, None]).flatten(4).all(4).all(1)
    assert found.flatten(1).any(1).all()
    # All 25 places occur.
    assert found.any(0).all()


def test_mixing_keeps_the_books():
    x = pictures(8).float()
    labels = torch.eye(8)
    for mix in (augment.mixup, augment.cutmix):
        for seed in range(20):
            mixed, shares = mix(x, labels, 1.0, generator(seed))
            torch.testing.assert_close(shares.sum(1), torch.ones(8))
            share = shares[0, 0].item()
            if mix is augment.mixup:
                expected = share * x + (1 - share) * x.flip(0)
                torch.testing.assert_close(mixed, expected)
            else:
                own = (mixed == x).all(1).float().mean((1, 2))
                torch.testing.assert_close(
                    own, torch.full((8,), share), atol=0.01, rtol=0
                )


def test_the_share_of_a_mixture_is_drawn_from_beta():
    draws = torch.stack(
        [augment._beta(torch.zeros(1), 0.4, generator(seed)) for seed in range(3000)]
    )
    exact = torch.distributions.Beta(0.4, 0.4)
    assert draws.mean().item() == pytest.approx(exact.mean.item(), abs=0.03)
    assert draws.var().item() == pytest.approx(exact.variance.item(), abs=0.01)


# ## Optimizing
def test_which_singular_values_become_nearly_one():
    # One value makes nearly all of the norm, and the other is the one to look at.
    small = torch.cat([torch.tensor([1e-6, 1e-4]), torch.logspace(-2.82, 0, 500)])
    matrices = torch.diag_embed(torch.stack([torch.ones_like(small), small], 1))
    share = small / matrices.norm(dim=(1, 2))
    result = orthogonalize(matrices).diagonal(dim1=1, dim2=2)
    assert result[share >= 0.0015].min() > 0.68
    assert result.max() < 1.21
    torch.testing.assert_close(
        result[:2, 1] / share[:2], torch.full((2,), 485.0), rtol=0.01, atol=0
    )


@pytest.mark.parametrize("shape", [(20, 50), (64, 192), (192, 64), (64, 96)])
def test_oblong_steps_are_orthogonal(shape):
    values = torch.linalg.svdvals(
        orthogonalize(torch.randn(20, *shape, generator=generator()))
    )
    assert values.min() > 0.68
    assert values.max() < 1.21


@pytest.mark.parametrize("side", [16, 64])
def test_square_steps_are_orthogonal_in_most_directions(side):
    matrices = torch.randn(50, side, side, generator=generator())
    values = torch.linalg.svdvals(orthogonalize(matrices))
    assert values.max() < 1.21
    assert 0.001 < (values < 0.5).float().mean() < 0.02


def test_muon_moves_a_matrix_by_the_learning_rate():
    weight = nn.Parameter(torch.zeros(16, 16))
    optimizer = Muon([weight], lr=0.1)
    weight.grad = torch.randn(16, 16, generator=generator())
    optimizer.step()
    values = torch.linalg.svdvals(weight.detach())
    assert values.max() == pytest.approx(0.1, rel=0.3)
    # Downhill.
    assert (weight.detach() * weight.grad).sum() < 0


def test_muon_moves_filters_as_matrices():
    filters = nn.Parameter(torch.zeros(8, 4, 3, 3))
    matrix = nn.Parameter(torch.zeros(8, 36))
    filters.grad = torch.randn(8, 4, 3, 3, generator=generator())
    matrix.grad = filters.grad.flatten(1)
    for weight in (filters, matrix):
        Muon([weight], lr=0.1).step()
    assert filters.abs().sum() > 0
    torch.testing.assert_close(filters.flatten(1), matrix)


def test_muon_finds_the_minimum():
    torch.manual_seed(0)
    target = torch.randn(8, 12)
    weight = nn.Parameter(torch.zeros(8, 12))
    optimizer = Muon([weight], lr=0.2)
    for step in range(200):
        loss = (weight - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = 0.2 * (1 - step / 200)
        optimizer.step()
    assert loss < 0.01


def test_who_decays():
    matrices, decayed, kept = parameter_groups(vit("ViT-Ti/16"))
    names = {id(p): n for n, p in vit("ViT-Ti/16").named_parameters()}
    assert len(matrices) == 12 * 6
    assert all(p.ndim == 2 for p in matrices)
    assert [tuple(p.shape) for p in decayed] == [(192, 3, 16, 16), (1000, 192)]
    assert all(p.ndim == 1 or p.shape[0] == 1 for p in kept)
    assert len(matrices) + len(decayed) + len(kept) == len(names)

    matrices, decayed, kept = parameter_groups(ResNet([8, 16], 1, 3, 10))
    assert [p.ndim for p in matrices] == [4] * 5
    assert [tuple(p.shape) for p in decayed] == [(8, 3, 3, 3), (10, 16)]
    assert all(p.ndim == 1 for p in kept)


@pytest.mark.parametrize(
    ("progress", "factor"),
    [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)],
)
def test_the_schedule(progress, factor):
    for decay in ("cosine", "linear"):
        assert schedule(progress, 0.1, decay) == pytest.approx(factor)


def test_ways_to_fall():
    assert schedule(0.775, 0.1, "linear") == pytest.approx(0.25)
    assert schedule(0.775, 0.1) == pytest.approx((1 + math.cos(0.75 * math.pi)) / 2)
    with pytest.raises(ValueError, match="not 'step'"):
        schedule(0.5, 0.1, "step")


def test_the_running_average():
    model = nn.Linear(2, 2)
    average = RunningAverage(model, 0.9)
    start = model.weight.detach().clone()
    nn.init.constant_(model.weight, 5.0)
    average.update(model, step=1000)
    torch.testing.assert_close(average.weights["weight"], 0.9 * start + 0.5)


def test_counts_are_not_averaged():
    model = nn.BatchNorm1d(2)
    average = RunningAverage(model, 0.9)
    model(torch.ones(4, 2))
    average.update(model, step=1000)
    assert average.weights["num_batches_tracked"] == 1
    torch.testing.assert_close(
        average.weights["running_mean"], torch.full((2,), 0.1 * 0.1)
    )


# ## Checkpoints
def run_state(value=0):
    """A state with all that a run has."""
    state = dict.fromkeys(("average", "optimizers", "step", "history", "best"))
    state |= dict.fromkeys(("statistics", "classes", "settings"))
    return state | {"model": {"w": torch.full((1000,), float(value))}}


def test_the_last_two_are_kept(tmp_path):
    for step in (1, 5, 12):
        checkpoint.save(tmp_path, step, run_state(step))
    names = [file.name for file in checkpoint.found(tmp_path)]
    assert names == ["checkpoint-00000005.pt", "checkpoint-00000012.pt"]
    assert checkpoint.load(tmp_path)["model"]["w"][0] == 12


def test_the_folder_of_a_run_will_do(tmp_path):
    file = checkpoint.save(tmp_path / "checkpoints", 3, run_state(3))
    assert checkpoint.found(tmp_path) == [file]
    for place in (tmp_path, str(tmp_path), tmp_path / "checkpoints", file):
        assert checkpoint.load(place)["model"]["w"][0] == 3


def test_a_damaged_one_is_named_and_the_one_before_it_offered(tmp_path):
    for step in (5, 12):
        last = checkpoint.save(tmp_path, step, run_state())
    last.write_bytes(last.read_bytes()[:2000])
    with pytest.raises(
        checkpoint.CheckpointError,
        match=r"checkpoint-00000012.pt is damaged .*before it is .*-00000005.pt",
    ):
        checkpoint.load(tmp_path)


def test_one_flipped_bit_is_found(tmp_path):
    file = checkpoint.save(tmp_path, 1, run_state())
    whole = file.read_bytes()
    for place in (*range(0, len(whole), len(whole) // 40), len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        with pytest.raises(checkpoint.CheckpointError, match=r"checksum does not fit$"):
            checkpoint.load(file)
    file.write_bytes(whole)
    checkpoint.load(file)


@pytest.mark.parametrize("content", [b"", b"half", b"\x00" * 100])
def test_what_is_no_checkpoint(tmp_path, content):
    (tmp_path / "other.pt").write_bytes(content)
    with pytest.raises(
        checkpoint.CheckpointError,
        match=r"other.pt is damaged or no checkpoint: its checksum does not fit$",
    ):
        checkpoint.load(tmp_path / "other.pt")


def test_a_checkpoint_runs_no_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("evil",))

    file = checkpoint.save(tmp_path, 1, {"model": Evil()})
    with pytest.raises(
        checkpoint.CheckpointError, match="holds more than tensors and plain values"
    ):
        checkpoint.load(file)


@pytest.mark.parametrize("missing", run_state())
def test_a_checkpoint_without_what_a_run_needs(tmp_path, missing):
    state = run_state()
    del state[missing]
    with pytest.raises(
        checkpoint.CheckpointError, match=f"is of no run: there is no {missing} in it"
    ):
        checkpoint.load(checkpoint.save(tmp_path, 1, state))


def test_no_checkpoint(tmp_path, monkeypatch):
    with pytest.raises(checkpoint.CheckpointError, match="holds no checkpoint"):
        checkpoint.load(tmp_path)
    with pytest.raises(checkpoint.CheckpointError, match="there is no checkpoint"):
        checkpoint.load(tmp_path / "nosuch.pt")
    file = checkpoint.save(tmp_path, 1, run_state())

    def denied(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "read_bytes", denied)
    with pytest.raises(
        checkpoint.CheckpointError, match=r"cannot be read: Permission denied$"
    ):
        checkpoint.load(file)


def test_a_full_disk_leaves_the_last_one(tmp_path, monkeypatch):
    checkpoint.save(tmp_path, 1, run_state(1))

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(tmp_path, 2, run_state(2))
    monkeypatch.undo()
    assert checkpoint.load(tmp_path)["model"]["w"][0] == 1
