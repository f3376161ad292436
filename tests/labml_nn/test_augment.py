"""Augmentation of whole batches, each against torchvision's of single images."""

import itertools

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.transforms import v2

from labml_nn.experiments.progress import quiet
from labml_nn.experiments.run import Run
from labml_nn.helpers import augment
from labml_nn.helpers.data import synthetic
from labml_nn.transformers.vit.experiment import COMMAND


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def random_images(count=4):
    return torch.randint(
        256, (count, 3, 32, 32), generator=generator(), dtype=torch.uint8
    )


def smooth():
    """Images in which a neighbouring pixel is nearly the same."""
    noise = torch.rand(4, 3, 8, 8, generator=generator())
    large = nn.functional.interpolate(noise, size=(32, 32), mode="bicubic")
    return (large * 255).clamp(0, 255).to(torch.uint8)


# ## Flip and crop
def test_flipped_are_those_that_are_drawn():
    x = random_images(200)
    flipped = augment.random_flip(x.float(), generator())
    drawn = torch.rand(200, generator=generator()) < 0.5
    assert 70 < drawn.sum() < 130
    for one, image, flip in zip(flipped, x, drawn.tolist(), strict=True):
        expected = v2.RandomHorizontalFlip(p=float(flip))(image)
        assert torch.equal(one, expected.float())


@pytest.mark.parametrize("padding", [1, 2, 4])
def test_a_crop_is_that_of_torchvision(padding, monkeypatch):
    x = random_images(200)
    cropped = augment.random_crop(x.float(), padding, generator())
    tops, lefts = torch.randint(2 * padding + 1, (2, 200), generator=generator())
    # All places occur.
    assert len(set(zip(tops.tolist(), lefts.tolist(), strict=True))) > 8 * padding
    crop = v2.RandomCrop(32, padding=padding, padding_mode="reflect")
    for one, image, *place in zip(cropped, x, tops, lefts, strict=True):
        draws = iter(place)
        with monkeypatch.context() as patch:
            patch.setattr(torch, "randint", lambda *_, draws=draws, **__: next(draws))
            expected = crop(image)
        assert torch.equal(one, expected.float())


# ## TrivialAugment
THEIRS = v2.TrivialAugmentWide()


def their_name(name):
    return "".join(word.capitalize() for word in name.split("_"))


def test_the_operations_are_those_of_torchvision():
    names = {their_name(name) for name in augment.OPERATIONS}
    assert names == set(THEIRS._AUGMENTATION_SPACE)


@pytest.mark.parametrize("name", augment.OPERATIONS)
@pytest.mark.parametrize("step", [0, 1, 10, 21, 30])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_each_operation_is_that_of_torchvision(name, step, sign):
    x = smooth()
    ours = augment.apply(
        name, x.float(), torch.full((4,), step / 30), torch.full((4,), sign)
    )
    # How strong a step is and whether it has a sign, torchvision's own table says.
    strengths, signed = THEIRS._AUGMENTATION_SPACE[their_name(name)]
    table = strengths(THEIRS.num_magnitude_bins, 32, 32)
    magnitude = 0.0 if table is None else table[step].item()
    expected = THEIRS._apply_image_or_video_transform(
        x, their_name(name), magnitude * (sign if signed else 1),
        interpolation=THEIRS.interpolation, fill=THEIRS._fill,
    )  # fmt: skip
    # Rounding may take the neighbouring pixel, or the neighbouring value.
    off = (ours - expected.float()).abs() > 2
    assert off.float().mean() < 0.03, off.float().mean()


def test_strengths_are_drawn_as_in_torchvision(monkeypatch):
    drawn = {name: [] for name in augment.OPERATIONS}

    def note(name, x, strength, sign):
        drawn[name] += zip(strength.tolist(), sign.tolist(), strict=True)
        return x

    monkeypatch.setattr(augment, "apply", note)
    augment.trivial_augment(torch.zeros(28_000, 1, 1, 1), generator())
    steps = torch.linspace(0, 1, THEIRS.num_magnitude_bins).tolist()
    for draws in drawn.values():
        assert 1700 < len(draws) < 2300
        strengths, signs = zip(*draws, strict=True)
        assert sorted(set(strengths)) == pytest.approx(steps)
        assert abs(sum(signs)) < 200


def test_every_image_gets_its_own_draw():
    x = random_images(1).float().expand(64, -1, -1, -1)
    changed = augment.trivial_augment(x, generator())
    assert len({image.numpy().tobytes() for image in changed}) > 30
    assert torch.equal(changed, augment.trivial_augment(x, generator()))
    assert changed.min() >= 0
    assert changed.max() <= 255


# ## Mixing
#
# torchvision's partner is the image before, ours the one at the other end of the
# batch. In pairs of both, they are the same.
class Always:
    """A distribution of which only one number is drawn."""

    def __init__(self, number):
        self.number = number

    def sample(self, _):
        return torch.tensor(self.number)


def mixed_by_torchvision(mix, share, x, classes):
    mix._dist = Always(share)
    images, labels = torch.empty_like(x), torch.empty(len(x), mix.num_classes)
    for one in range(len(x) // 2):
        pair = torch.tensor([one, len(x) - 1 - one])
        images[pair], labels[pair] = mix(x[pair], classes[pair])
    return images, labels


@pytest.mark.parametrize("share", [0.0, 0.25, 0.7, 1.0])
def test_mixup_is_that_of_torchvision(share, monkeypatch):
    monkeypatch.setattr(augment, "_beta", lambda *_: torch.tensor(share))
    x, classes = random_images(6).float(), torch.tensor([0, 1, 2, 3, 1, 1])
    ours = augment.mixup(x, torch.eye(4)[classes], 1.0, generator())
    theirs = mixed_by_torchvision(v2.MixUp(num_classes=4), share, x, classes)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("side", [0, 2, 10, 16, 32])
@pytest.mark.parametrize(("row", "column"), [(16, 16), (0, 5), (30, 12), (3, 31)])
def test_cutmix_is_that_of_torchvision(side, row, column, monkeypatch):
    share = 1 - (side / 32) ** 2
    monkeypatch.setattr(augment, "_beta", lambda *_: torch.tensor(share))
    monkeypatch.setattr(
        augment, "_rand", lambda *_, **__: torch.tensor([row / 32, column / 32])
    )
    # torchvision draws the column first.
    drawn = itertools.cycle([torch.tensor([column]), torch.tensor([row])])
    monkeypatch.setattr(torch, "randint", lambda *_, **__: next(drawn))
    x = synthetic(6, seed=0).images.float()
    classes = torch.tensor([0, 1, 2, 3, 1, 1])
    ours = augment.cutmix(x, torch.eye(4)[classes], 1.0, generator())
    theirs = mixed_by_torchvision(v2.CutMix(num_classes=4), share, x, classes)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("mix", [augment.mixup, augment.cutmix])
def test_mixing_keeps_the_books(mix):
    x, labels = random_images(8).float(), torch.eye(8)
    for seed in range(20):
        mixed, shares = mix(x, labels, 1.0, generator(seed))
        torch.testing.assert_close(shares.sum(1), torch.ones(8))
        assert mixed.min() >= 0
        assert mixed.max() <= 255


@pytest.mark.parametrize("alpha", [0.2, 0.4, 1.0, 2.0, 8.0, 100.0])
def test_the_share_of_a_mixture_is_drawn_from_beta(alpha):
    one = generator()
    draws = torch.stack(
        [augment._beta(torch.zeros(1), alpha, one) for _ in range(4000)]
    )
    torch.manual_seed(0)
    exact = torch.distributions.Beta(alpha, alpha).sample((100_000,)).sort()[0]
    # The largest difference of the two distribution functions; random samples of this
    # size differ by more once in a hundred times.
    places = torch.linspace(0.001, 0.999, 999)
    shares = [torch.searchsorted(x, places) / len(x) for x in (draws.sort()[0], exact)]
    assert (shares[0] - shares[1]).abs().max() < 1.63 * (1 / 4000 + 1 / 100_000) ** 0.5


@pytest.mark.parametrize("alpha", [1e-30, 1e-6, 0.001, 1e6])
def test_extreme_shares_are_shares(alpha):
    one = generator()
    draws = torch.stack([augment._beta(torch.zeros(1), alpha, one) for _ in range(500)])
    assert draws.min() >= 0
    assert draws.max() <= 1
    # All of one image, or half of each.
    if alpha < 1:
        assert ((draws < 0.01) | (draws > 0.99)).float().mean() > 0.97
        assert draws.mean() == pytest.approx(0.5, abs=0.06)
    else:
        assert (draws - 0.5).abs().max() < 0.01


# ## Operations
class Counting(TorchDispatchMode):
    """Count the operations that are sent to the device."""

    count = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.count += 1
        return operation(*args, **(kwargs or {}))


def operations(work):
    with Counting() as counting:
        work()
    return counting.count


def test_the_model_does_not_wait_for_images():
    with quiet():
        c = COMMAND.configure({"preset": "laptop"})
        run = Run(c, synthetic(1000, seed=0))
    random = generator()

    def draw():
        indices = next(run.batches.epoch(1))
        x = run.train_set.images[indices].float()
        augment.random_crop(augment.random_flip(x, random), c.crop, random)

    def step():
        run.train_step(torch.arange(c.batch_size))

    # How long they take depends on the machine; how many there are does not.
    assert operations(draw) < 0.2 * operations(step)


@pytest.mark.parametrize("mix", [augment.mixup, augment.cutmix])
def test_a_large_batch_takes_no_more_operations_than_a_small_one(mix):
    def work(count):
        x, labels, random = random_images(count).float(), torch.eye(count), generator()
        return lambda: mix(
            augment.random_crop(augment.random_flip(x, random), 4, random),
            labels,
            1.0,
            random,
        )

    assert operations(work(64)) == operations(work(8))
