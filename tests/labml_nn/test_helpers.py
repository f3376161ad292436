"""Optimizers, schedules and checkpoints."""

import math
import os

import pytest
import torch
from torch import nn

from labml_nn.helpers import checkpoint
from labml_nn.helpers.optimize import (
    ExponentialMovingAverage,
    Muon,
    lr_factor,
    orthogonalize,
    parameter_groups,
)
from labml_nn.resnet import ResNet
from labml_nn.transformers.vit import vit


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


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


def test_muon_calls_its_closure():
    weight = nn.Parameter(torch.ones(4, 4))
    optimizer = Muon([weight], lr=0.1)
    seen = []

    def closure():
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        seen.append(loss.item())
        return loss

    losses = [optimizer.step(closure).item() for _ in range(3)]
    assert losses == seen
    assert losses[0] == 16
    assert losses[2] < losses[1] < 16
    assert optimizer.step() is None


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


def test_the_parameter_groups():
    matrices, decay, no_decay = parameter_groups(vit("ViT-Ti/16"))
    names = {id(p): n for n, p in vit("ViT-Ti/16").named_parameters()}
    assert len(matrices) == 12 * 6
    assert all(p.ndim == 2 for p in matrices)
    assert [tuple(p.shape) for p in decay] == [(192, 3, 16, 16), (1000, 192)]
    assert all(p.ndim == 1 or p.shape[0] == 1 for p in no_decay)
    assert len(matrices) + len(decay) + len(no_decay) == len(names)

    matrices, decay, no_decay = parameter_groups(ResNet([8, 16], 1, 3, 10))
    assert [p.ndim for p in matrices] == [4] * 5
    assert [tuple(p.shape) for p in decay] == [(8, 3, 3, 3), (10, 16)]
    assert all(p.ndim == 1 for p in no_decay)


@pytest.mark.parametrize(
    ("progress", "factor"),
    [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)],
)
def test_the_schedule(progress, factor):
    for lr_schedule in ("cosine", "linear"):
        assert lr_factor(progress, 0.1, lr_schedule) == pytest.approx(factor)


@pytest.mark.parametrize(("progress", "factor"), [(0.5, 0.5), (1.0, 1.0), (1.2, 1.0)])
def test_a_warmup_to_the_end(progress, factor):
    assert lr_factor(progress, 1.0) == factor


def test_ways_to_fall():
    assert lr_factor(0.775, 0.1, "linear") == pytest.approx(0.25)
    assert lr_factor(0.775, 0.1) == pytest.approx((1 + math.cos(0.75 * math.pi)) / 2)
    with pytest.raises(ValueError, match="not 'step'"):
        lr_factor(0.5, 0.1, "step")


def test_the_ema():
    model = nn.Linear(2, 2)
    ema = ExponentialMovingAverage(model, 0.9)
    start = model.weight.detach().clone()
    nn.init.constant_(model.weight, 5.0)
    ema.update(model, step=1000)
    torch.testing.assert_close(ema.weights["weight"], 0.9 * start + 0.5)


def test_counts_are_not_averaged():
    model = nn.BatchNorm1d(2)
    ema = ExponentialMovingAverage(model, 0.9)
    model(torch.ones(4, 2))
    ema.update(model, step=1000)
    assert ema.weights["num_batches_tracked"] == 1
    torch.testing.assert_close(ema.weights["running_mean"], torch.full((2,), 0.1 * 0.1))


# ## Checkpoints
def run_state(value=0):
    """A state with all that a run has."""
    state = dict.fromkeys(("ema", "optimizers", "step", "history", "best"))
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
        with pytest.raises(
            checkpoint.CheckpointError, match=r"checksum does not match$"
        ):
            checkpoint.load(file)
    file.write_bytes(whole)
    checkpoint.load(file)


@pytest.mark.parametrize("content", [b"", b"half", b"\x00" * 100])
def test_what_is_no_checkpoint(tmp_path, content):
    (tmp_path / "other.pt").write_bytes(content)
    with pytest.raises(
        checkpoint.CheckpointError,
        match=r"other.pt is damaged or not a checkpoint: its checksum does not match$",
    ):
        checkpoint.load(tmp_path / "other.pt")


def test_what_is_no_checkpoint_has_none_before_it(tmp_path):
    checkpoint.save(tmp_path / "checkpoints", 1, run_state())
    result = tmp_path / "result.json"
    result.write_text("{}")
    with pytest.raises(checkpoint.CheckpointError, match=r"checksum does not match$"):
        checkpoint.load(result)


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
        checkpoint.CheckpointError,
        match=f"is not the checkpoint of a run: it has no {missing}",
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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
@pytest.mark.parametrize("numbers", [10, 3_000_000])
def test_a_full_disk_is_told_as_one(tmp_path, numbers):
    """However much of the state PyTorch has written by then, and nothing of it stays."""
    (tmp_path / "checkpoint-00000007.partial").symlink_to("/dev/full")
    with pytest.raises(OSError) as info:
        checkpoint.save(tmp_path, 7, {"model": {"w": torch.zeros(numbers)}})
    assert (info.value.errno, info.value.strerror) == (28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_last_one(tmp_path, monkeypatch):
    checkpoint.save(tmp_path, 1, run_state(1))

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(tmp_path, 2, run_state(2))
    monkeypatch.undo()
    assert checkpoint.load(tmp_path)["model"]["w"][0] == 1


def test_the_best_checkpoint_outlives_the_last_two(tmp_path):
    for step in range(1, 6):
        checkpoint.save(tmp_path, step, {"step": step}, best_step=min(step, 2))
    assert [file.name for file in checkpoint.found(tmp_path)] == [
        f"checkpoint-0000000{step}.pt" for step in (2, 4, 5)
    ]
