r"""
---
title: Classifying small pictures
summary: >
  A training loop for CIFAR-10 and folders of pictures: settings by labml, resumable to
  the bit, on one device or many, ending in a result file.
---

# Classifying small pictures

Any model that maps pictures to logits can be trained with this. An experiment derives
its settings from `CIFAR10Configs`, says how the model is made, and calls `run`.

[labml](https://github.com/labmlai/labml) keeps the settings and the metrics of each
run, says on a terminal that the pictures are being read, and
[labml-helpers](https://github.com/labmlai/labml/tree/master/helpers) finds the device.
The loop is our own: labml-helpers' calls functions that labml no longer has, and
neither can resume a run. So is the progress bar: labml's does not know how much larger
the pictures will become.
"""

import contextlib
import importlib.metadata
import io
import itertools
import json
import math
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
import torch.distributed as dist
from labml import experiment, lab, monit, tracker
from labml.configs import BaseConfigs, option
from labml.internal.computer import configs as computer
from labml_helpers.device import DeviceConfigs
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from ..helpers import augment, checkpoint, plot
from ..helpers.checkpoint import CheckpointError
from ..helpers.data import Batches, DataError, Pictures, Splits, load
from ..helpers.optimize import Muon, RunningAverage, parameter_groups, schedule
from ..transformers.models import StochasticDepth

T = TypeVar("T")


class TrainingError(Exception):
    """A run that cannot go on, told in one sentence."""


class CIFAR10Configs(BaseConfigs):
    r"""
    ## Settings

    Each can be overridden from code or on the command line.

    * `name` is the experiment's, `preset` says where its settings come from
    * `dataset` is `cifar10`, `folder` or `synthetic`, and `data_path` is where it lies
    * `image_size` is the side of the pictures
    * `held_out` pictures of the training set are not trained on; the accuracy on them
      is shown after each epoch, so that the test set is looked at only once, at the end
    * `seed` makes all that is random
    * `warmup` is the share of the training in which the learning rate rises; after it,
      the rate falls as `decay` says: `cosine` or `linear`
    * `average` is the share that the running average of the weights keeps in each step,
      and 0 for no average
    * `crop` is the number of pixels that a picture is moved by, at most
    * `mixup` and `cutmix` are the $\alpha$ of each, and 0 for none
    """

    name: str = "cifar10"
    preset: str = ""
    dataset: str = "cifar10"
    data_path: str = "data"
    image_size: int = 32
    held_out: int = 1000
    seed: int = 0

    # How long, and with how many pictures in a step.
    epochs: int = 10
    batch_size: int = 128

    # The [optimizers](../helpers/optimize.py): one learning rate for Muon, which gets
    # the matrices unless it is 0, and one for AdamW, which gets the rest.
    muon_lr: float = 0.0
    adam_lr: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    decay: str = "cosine"
    average: float = 0.0

    # What is done to the [pictures](../helpers/augment.py) and their labels. A label
    # says "cat" with a certainty that nobody has. `label_smoothing` gives a little of
    # it to all other classes, so that the model stops pulling when it is sure enough.
    flip: bool = True
    crop: int = 4
    trivial_augment: bool = False
    mixup: float = 0.0
    cutmix: float = 0.0
    label_smoothing: float = 0.1

    # What is already known teaches little. Until the last epochs, each picture that was
    # easier than the average when it was last seen is left out with the probability
    # `skip_easy`.
    skip_easy: float = 0.0

    # Pictures may be small at first. `sizes` lists from which share of the training on
    # they have which side: `0:16 0.5:24 0.75:32`.
    sizes: str = ""

    # What makes it fast, where it does.
    bfloat16: bool = False
    compile: bool = False

    # Where runs are kept, which one to go on with, and what to evaluate only.
    output: str = "runs"
    resume: str = ""
    evaluate: str = ""

    # The names of the classes, as soon as the pictures are there.
    classes: tuple[str, ...] = ()

    device: torch.device
    model: nn.Module

    def prepare(self, images: Tensor) -> None:
        """
        Look at some of the pictures, standardised, before the training begins. An
        experiment may use it to start its model well.
        """

    def run(self) -> dict[str, Any]:
        """Train, or only evaluate; the result is also written to a file."""
        return _run(self)


@option(CIFAR10Configs.device)
def _device(c: CIFAR10Configs) -> DeviceConfigs:
    return DeviceConfigs()


# ### What they may be
#
# A setting that makes no sense is better refused at once than found out about in the
# morning.
class Range(NamedTuple):
    """From `low` to `high`, which is allowed, or up to `below`, which is not."""

    low: float
    high: float = math.inf
    below: float = math.inf

    def __str__(self) -> str:
        if self.below < math.inf:
            return f"at least {self.low:g} and below {self.below:g}"
        if self.high < math.inf:
            return f"from {self.low:g} to {self.high:g}"
        return f"at least {self.low:g}"

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high and value < self.below


NOT_NEGATIVE, POSITIVE = Range(0), Range(1)
SHARE, SHARE_BUT_ALL = Range(0, 1), Range(0, below=1)

RANGES = {
    "image_size": POSITIVE,
    "held_out": NOT_NEGATIVE,
    "seed": NOT_NEGATIVE,
    "epochs": POSITIVE,
    "batch_size": POSITIVE,
    "muon_lr": NOT_NEGATIVE,
    "adam_lr": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE,
    "warmup": SHARE,
    "average": SHARE_BUT_ALL,
    "crop": NOT_NEGATIVE,
    "mixup": NOT_NEGATIVE,
    "cutmix": NOT_NEGATIVE,
    "label_smoothing": SHARE_BUT_ALL,
    "skip_easy": SHARE,
    "device.cuda_device": NOT_NEGATIVE,
}


# ## Several processes
#
# `torchrun` starts one process for each device and tells each its rank. All of them
# draw the same random numbers for the whole batch and work on their own part of it, so
# the result is that of one process but for rounding. Batch norms on CPUs are the
# exception: each sees its own part only.
def rank() -> int:
    return int(os.environ["RANK"]) if "LOCAL_RANK" in os.environ else 0


def world_size() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


@contextlib.contextmanager
def processes() -> Iterator[None]:
    """The group of processes that `torchrun` started, if it did."""
    if "LOCAL_RANK" not in os.environ:
        yield
        return
    # What lies on the CPU, such as an error, is exchanged even if there are GPUs.
    cuda = torch.cuda.is_available()
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    try:
        yield
        # When one process ends, `torchrun` stops the others. So all wait for the first,
        # who may have something to say.
        with contextlib.suppress(RuntimeError):
            dist.barrier()
    finally:
        dist.destroy_process_group()


def together(work: Callable[[], T]) -> T:
    """What `work` returns. An error of one process is an error of all."""
    errors: list[Exception | None] = [None]
    try:
        result = work()
    except (CheckpointError, DataError, TrainingError, OSError) as error:
        errors = [error]
    if world_size() > 1:
        mine, errors = errors[0], [None] * world_size()
        dist.all_gather_object(errors, mine)
    for one in errors:
        if one is not None:
            raise one
    return result


def decided_once(decide: Callable[[], T]) -> T:
    """What `decide` returns in the first process."""
    if world_size() == 1:
        return decide()
    decision: list[Any] = [decide() if rank() == 0 else None]
    dist.broadcast_object_list(decision)
    return decision[0]


class _DropAsOne(nn.Module):
    """
    Dropout, or stochastic depth, as one process would do it: drawn for the whole batch,
    of which this process has a part.
    """

    def __init__(self, drop: nn.Dropout | StochasticDepth) -> None:
        super().__init__()
        self.drop = drop
        self.rank, self.world_size = rank(), world_size()

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        # Stochastic depth needs one coin for each picture and no more.
        each = x.shape[1:] if isinstance(self.drop, nn.Dropout) else (1, 1)
        kept = self.drop(x.new_ones(len(x) * self.world_size, *each))
        return x * kept[self.rank * len(x) : (self.rank + 1) * len(x)]


def _synchronised(model: nn.Module) -> nn.Module:
    """The same model, whose batch norms see what all processes have."""
    return nn.SyncBatchNorm.convert_sync_batchnorm(model)


def _drop_as_one(model: nn.Module) -> None:
    for part in list(model.modules()):
        for name, child in part.named_children():
            if (isinstance(child, nn.Dropout) and child.p > 0) or (
                isinstance(child, StochasticDepth) and child.drop_prob > 0
            ):
                setattr(part, name, _DropAsOne(child))


# ## Randomness
#
# Before each step the generators are set by the seed and the number of the step. Then
# there is no hidden state: a run that is resumed at step 1000 draws what it would have
# drawn without the interruption.
def _seed(seed: int, step: int) -> int:
    return (seed * 1_000_003 + step) % 2**63


# ## The run
class Run:
    """
    The state of a training: the model, what moves it, and how far it has come.

    * `c` are the settings
    * `pictures` are what it is trained on
    """

    def __init__(self, c: CIFAR10Configs, pictures: Pictures) -> None:
        self.c = c
        self.device = c.device
        self.pictures = pictures
        self.model = c.model.to(self.device)
        self.batches = Batches(len(pictures.labels), c.batch_size, c.seed)
        if c.batch_size % world_size():
            raise TrainingError(
                f"batch_size={c.batch_size} cannot be shared by {world_size()} "
                "processes"
            )
        self.steps = c.epochs * len(self.batches)
        self.step = 0
        # Since when this command runs, and what an interrupted one took before it.
        self.started, self.spent = time.perf_counter(), 0.0
        # When the next checkpoint is due.
        self.save_at = 0.0
        self.history: list[dict[str, float]] = []
        self.best = {"epoch": 0, "accuracy": 0.0}
        # Of the epoch that is not over yet: loss and accuracy of its steps, and
        # seconds.
        self.sums, self.seconds = torch.zeros(2, device=self.device), 0.0
        # How hard each picture was, at the end of the last epoch and in this one.
        unknown = torch.full((len(pictures.labels),), math.inf, device=self.device)
        self.losses, self.new_losses = unknown, torch.zeros_like(unknown)

        matrices, decayed, kept = parameter_groups(self.model)
        self.optimizers: list[torch.optim.Optimizer] = []
        if c.muon_lr > 0:
            self.optimizers.append(
                Muon(matrices, c.muon_lr, weight_decay=c.weight_decay)
            )
        else:
            decayed += matrices
        groups = [
            {"params": decayed, "weight_decay": c.weight_decay},
            {"params": kept, "weight_decay": 0.0},
        ]
        self.optimizers.append(
            torch.optim.AdamW(groups, c.adam_lr, (0.9, 0.95), fused=True)
        )
        self.rates = [
            [group["lr"] for group in one.param_groups] for one in self.optimizers
        ]
        self.average = RunningAverage(self.model, c.average) if c.average > 0 else None
        self.sizes = _sizes(c.sizes, c.image_size)
        self._check_sizes()
        # How much work has been done after each step.
        self.work = list(
            itertools.accumulate(self.side(step) ** 2 for step in range(self.steps))
        )

        network: nn.Module = self.model
        if world_size() > 1:
            _drop_as_one(network)
            if self.device.type == "cuda":
                network = _synchronised(network)
            network = DistributedDataParallel(network)
        self.loss: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = _Loss(
            network, c.bfloat16
        )
        if c.compile:
            self._compile()
        self.mean, self.std = _statistics(pictures, self.device)
        sample = pictures.images[:5000].float()
        c.prepare((sample - self.mean) / self.std)

    def _check_sizes(self) -> None:
        c = self.c
        if c.crop >= c.image_size:
            raise TrainingError(
                f"crop={c.crop} must be below image_size={c.image_size}"
            )
        # Better now than when the training is nearly over.
        self.model.eval()
        with torch.no_grad():
            for _, side in self.sizes:
                self.model(torch.zeros(1, 3, side, side, device=self.device))
        self.model.train()

    def _compile(self) -> None:
        # All layers are alike, so they share one program for each size of the pictures.
        # The programs are made before the first epoch, so that none has to wait, and
        # then whatever batch norms have seen is forgotten.
        c, n_classes = self.c, len(self.pictures.classes)
        sides = sorted({side for _, side in self.sizes})
        _say(f"compiling for pictures of {', '.join(map(str, sides))} pixels ...")
        for name, layers in self.model.named_modules():
            if name.rpartition(".")[2] == "layers":
                for layer in layers.children():
                    layer.compile(dynamic=False)
        part = c.batch_size // world_size()
        labels = torch.full((part, n_classes), 1 / n_classes, device=self.device)
        before = {name: one.clone() for name, one in self.model.state_dict().items()}
        for side in sides:
            x = torch.zeros(part, 3, side, side, device=self.device)
            self.loss(x, labels)[0].backward()
        self.model.zero_grad(set_to_none=True)
        self.model.load_state_dict(before)

    # ### One step
    def train_step(self, indices: Tensor) -> Tensor:
        """
        Train on the pictures at `indices`. Returns the loss and the share of right
        answers, shape `[2]`, of this process's part.
        """
        c = self.c
        self._set_rates()
        generator = torch.Generator(self.device).manual_seed(_seed(c.seed, self.step))
        torch.manual_seed(_seed(c.seed, self.step))
        x, labels = self._augmented(indices, generator)

        # Each process has its own part of the batch.
        part = len(x) // world_size()
        here = slice(rank() * part, (rank() + 1) * part)
        loss, logits = self.loss(x[here], labels[here])
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in self.optimizers:
            optimizer.step()
        if self.average:
            self.average.update(self.model, self.step)
        self.step += 1
        truth = self.pictures.labels[indices][here]
        if c.skip_easy > 0:
            # A picture that comes twice in an epoch counts with its worse time, so that
            # it does not matter in which order, or in which process.
            known = F.cross_entropy(logits.detach().float(), truth, reduction="none")
            self.new_losses.scatter_reduce_(0, indices[here], known, "amax")
        right = logits.argmax(1) == truth
        return torch.stack([loss.detach(), right.float().mean()])

    # ### Easy and hard
    def gather(self) -> None:
        """All processes learn what each of them has noted."""
        if world_size() > 1:
            dist.all_reduce(self.sums)
            self.sums /= world_size()
            if self.c.skip_easy > 0:
                dist.all_reduce(self.new_losses, dist.ReduceOp.MAX)

    def end_epoch(self) -> None:
        """The losses of this epoch are now those of the last one."""
        self.gather()
        seen = self.new_losses > 0
        self.losses = torch.where(seen, self.new_losses, self.losses)
        self.new_losses.zero_()
        self.sums, self.seconds = torch.zeros_like(self.sums), 0.0

    def skip(self, epoch: int) -> Tensor | None:
        """With which probability an epoch leaves out which picture."""
        if self.c.skip_easy == 0 or epoch > _ALL * self.c.epochs:
            return None
        average = self.losses[self.losses.isfinite()].mean()
        return self.c.skip_easy * (self.losses < average).float().cpu()

    def _set_rates(self) -> None:
        factor = schedule(self.step / self.steps, self.c.warmup, self.c.decay)
        for optimizer, rates in zip(self.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor

    def _augmented(
        self, indices: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Pictures and labels, as the settings want them."""
        c = self.c
        x = self.pictures.images.index_select(0, indices).float()
        n_classes = len(self.pictures.classes)
        labels = F.one_hot(self.pictures.labels[indices], n_classes).float()
        labels = labels * (1 - c.label_smoothing) + c.label_smoothing / n_classes
        if c.flip:
            x = augment.random_flip(x, generator)
        if c.crop:
            x = augment.random_crop(x, c.crop, generator)
        if c.trivial_augment:
            x = augment.trivial_augment(x, generator)
        # With both, they take turns.
        mixes = [
            (mix, alpha)
            for mix, alpha in ((augment.mixup, c.mixup), (augment.cutmix, c.cutmix))
            if alpha > 0
        ]
        if mixes:
            mix, alpha = mixes[self.step % len(mixes)]
            x, labels = mix(x, labels, alpha, generator)
        size = self.side(self.step)
        if size != x.shape[-1]:
            x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)
        return (x - self.mean) / self.std, labels

    def side(self, step: int) -> int:
        """The side that pictures have at a step."""
        progress = step / self.steps
        return [side for start, side in self.sizes if progress >= start][-1]

    # ### Judging
    def answers(self, pictures: Pictures) -> Tensor:
        """What the averaged model, if there is an average, says of pictures."""
        state = self.model.state_dict()
        if self.average:
            state = {name: weight.clone() for name, weight in state.items()}
            self.model.load_state_dict(self.average.weights)
        self.model.eval()
        # What is judged seldom need not be compiled.
        with torch.compiler.set_stance("force_eager"):
            statistics = (self.mean, self.std)
            found = answers(
                self.model, pictures, statistics, self.device, self.c.bfloat16
            )
        self.model.train()
        if self.average:
            self.model.load_state_dict(state)
        return found

    # ### What a checkpoint holds
    def state(self) -> dict[str, Any]:
        spent = self.spent + time.perf_counter() - self.started
        return {
            "model": self.model.state_dict(),
            "average": self.average.weights if self.average else None,
            "optimizers": [one.state_dict() for one in self.optimizers],
            "step": self.step,
            "history": self.history,
            "best": self.best,
            "sums": self.sums,
            "losses": [self.losses, self.new_losses],
            "seconds": self.seconds,
            "spent": spent,
            "statistics": [self.mean, self.std],
            "classes": list(self.pictures.classes),
            "settings": settings(self.c),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state that `state` gave, of a run with the same settings."""
        mine = settings(self.c)
        for name, value in state["settings"].items():
            may_change = name in _ABOUT_THE_MACHINE or name.startswith("device.")
            if not may_change and mine.get(name) != value:
                raise TrainingError(
                    f"the run that is resumed had {name}={value}, not {mine.get(name)}"
                )
        try:
            self._restore(state)
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise CheckpointError(
                f"{self.c.resume} is not the checkpoint of a run with these settings"
            ) from None

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimizer, one in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(one)
        if self.average:
            self.average.weights = state["average"]
        self.step, self.history = state["step"], state["history"]
        self.best, self.spent = state["best"], state["spent"]
        self.sums, self.seconds = state["sums"], state["seconds"]
        self.losses, self.new_losses = state["losses"]


# From which share of the training on no picture is left out.
_ALL = 0.85

# Where things lie on this machine is nobody's business, and may change.
_ABOUT_THE_MACHINE = {"resume", "evaluate", "output", "data_path"}


class _Loss(nn.Module):
    """From a batch to its loss."""

    def __init__(self, network: nn.Module, bfloat16: bool) -> None:
        super().__init__()
        self.network, self.in_bfloat16 = network, bfloat16

    def forward(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with _autocast(x.device, self.in_bfloat16):
            logits = self.network(x)
        return F.cross_entropy(logits.float(), labels), logits


def _autocast(device: torch.device, enabled: bool) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def _statistics(pictures: Pictures, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel, shape `[1, channels, 1, 1]`."""
    x = pictures.images[:10_000].float()
    mean, std = x.mean((0, 2, 3), keepdim=True), x.std((0, 2, 3), keepdim=True)
    return mean.to(device), std.clamp(min=1).to(device)


def _sizes(text: str, image_size: int) -> list[tuple[float, int]]:
    try:
        sizes = [(float(a), int(b)) for a, b in (x.split(":") for x in text.split())]
    except ValueError:
        sizes = [(-1.0, 0)]
    wrong = any(not SHARE_BUT_ALL.holds(a) or b < 1 for a, b in sizes)
    if wrong or (sizes and (sizes[0][0] != 0 or sizes != sorted(sizes))):
        raise TrainingError(
            f"sizes={text!r} must say from which share on pictures have which side, "
            "as in '0:16 0.5:24 0.75:32'"
        )
    return sizes or [(0.0, image_size)]


def settings(c: CIFAR10Configs) -> dict[str, Any]:
    """The plain values of all settings, those of the model as `model.d_model`."""
    for name in dir(c):
        if c._get_type(name) in (int, float, bool, str):
            getattr(c, name)
    return {
        name: item["computed"]
        for name, item in sorted(c._to_json().items())
        if item["type"] in map(str, (int, float, bool, str))
    }


# ## From start to end
def _run(c: CIFAR10Configs) -> dict[str, Any]:
    started = time.perf_counter()
    splits = together(lambda: _load(c))
    classes = splits.train.classes
    if len(classes) < 2:
        raise TrainingError(
            f"there is only the class {', '.join(classes)}; it takes at least two to "
            "tell one from the other"
        )
    if c._get_computed("model") is None:
        c._set_values({"classes": classes})
    place = c.evaluate or c.resume
    state = together(lambda: _checkpoint(c, place, classes)) if place else None

    torch.manual_seed(c.seed)
    with quiet():
        c.model.to(c.device)
    if c.evaluate and state:
        return evaluate(c, state, splits.test)
    expected = settings(c).get("model.n_classes", len(classes))
    if expected != len(classes):
        raise TrainingError(
            f"model.n_classes={expected} does not fit the {len(classes)} classes "
            f"{', '.join(classes)}; leave it out"
        )
    generator = torch.Generator().manual_seed(c.seed)
    order = torch.randperm(len(splits.train.labels), generator=generator)
    if c.held_out >= len(order):
        raise TrainingError(
            f"held_out={c.held_out} leaves nothing of {len(order)} pictures to train "
            f"on; try held_out={len(order) // 10}"
        )
    held_out = splits.train.part(order[: c.held_out])
    run = Run(c, splits.train.part(order[c.held_out :]).to(c.device))
    run.started = started
    if state:
        run.restore(state)

    folder, record = together(lambda: _start_record(c))
    try:
        with record:
            with _Stop() as stop:
                while run.step < run.steps:
                    _train_epoch(run, held_out, folder, stop)
                    if stop.requested() and run.step < run.steps:
                        raise KeyboardInterrupt
            result = _result(run, splits.test)
            together(lambda: _write(folder, result))
    except KeyboardInterrupt:
        if checkpoint.found(folder / "checkpoints"):
            raise KeyboardInterrupt(str(folder)) from None
        raise
    return result


def _load(c: CIFAR10Configs) -> Splits:
    # The first process downloads, if that is needed, and the others find the files.
    if rank() > 0:
        dist.barrier()
    shown = monit.section("Read the pictures") if _terminal() else _NOTHING
    try:
        with shown:
            return load(c.dataset, c.data_path, c.image_size)
    finally:
        if rank() == 0 and world_size() > 1:
            dist.barrier()


_NOTHING: contextlib.AbstractContextManager[None] = contextlib.nullcontext()


def _checkpoint(
    c: CIFAR10Configs, place: str, classes: Sequence[str]
) -> dict[str, Any]:
    state = checkpoint.load(place, c.device)
    known = list(state.get("classes", []))
    if known != list(classes):
        raise TrainingError(
            f"{place} tells apart {', '.join(known)}, but the pictures are "
            f"{', '.join(classes)}"
        )
    return state


class _Homeless(computer.Computer):
    # labml lists projects in the home folder, for an app that has no part here. Not
    # every machine has a home to write in, and runs that begin at once would take each
    # other's list away.

    def __init__(self) -> None:
        pass

    def add_project(self, path: Path) -> None:
        pass


def _start_record(
    c: CIFAR10Configs,
) -> tuple[Path, contextlib.AbstractContextManager[Any]]:
    """Tell labml of the run. Returns the run's folder, and labml's record of it."""
    if rank() > 0:
        return Path(), _NOTHING
    try:
        with quiet():
            computer._internal = _Homeless()
            lab.configure({"path": os.getcwd(), "experiments_path": c.output})
            experiment.create(name=c.name, writers={"file"})
            experiment.configs(c)
            folder = Path(lab.get_experiments_path(), c.name, experiment.get_uuid())
            folder.mkdir(parents=True, exist_ok=True)
            record = experiment.start()
    except OSError as error:
        raise TrainingError(
            f"no run can be kept in output={c.output}: {error.strerror}"
        ) from None
    folder = Path(os.path.relpath(folder))
    _say(f"run {folder}")
    return folder, record


def _write(folder: Path, result: dict[str, Any]) -> None:
    if rank() > 0:
        return
    try:
        write_result(folder / "result.json", result)
        (folder / "curves.svg").write_text(plot.learning_curves([result]), "utf-8")
        (folder / "confusion.svg").write_text(plot.confusion_matrix(result), "utf-8")
    except OSError as error:
        raise _unwritten(folder, error) from None
    _say(f"{_verdict(result['test'])}\n{folder / 'result.json'}")


def _unwritten(folder: Path, error: Exception) -> TrainingError:
    reason = (
        error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
    )
    return TrainingError(
        f"{folder} cannot be written: {reason}{_last_checkpoint(folder)}"
    )


def _last_checkpoint(folder: Path) -> str:
    files = checkpoint.found(folder / "checkpoints")
    return f"; the last good checkpoint is {files[-1]}" if files else ""


def quiet() -> contextlib.redirect_stdout[io.StringIO]:
    # labml tells how it prepares each setting, and that it found no server.
    return contextlib.redirect_stdout(io.StringIO())


def _train_epoch(run: Run, held_out: Pictures, folder: Path, stop: "_Stop") -> None:
    """Train to the end of the epoch, then judge and save."""
    c, begin = run.c, time.perf_counter() - run.seconds
    number, first = divmod(run.step, len(run.batches))
    progress = _Progress(run, number)
    batches = run.batches.epoch(number, first, run.skip(number), run.device)
    for count, indices in enumerate(batches, first + 1):
        run.sums += run.train_step(indices)
        if count % _LOOK and count < len(run.batches):
            continue
        loss, accuracy = _mean(run.sums / count)
        run.seconds = time.perf_counter() - begin
        _check_loss(loss, run, folder)
        progress.show(loss, accuracy)
        # A whole epoch is judged before a run may end.
        if count < len(run.batches) and stop.requested():
            run.gather()
            _save(run, folder)
            raise KeyboardInterrupt

    epoch = {
        "epoch": number + 1,
        "step": run.step,
        "loss": loss,
        "accuracy": accuracy,
        "seconds": run.seconds,
    }
    if c.held_out:
        right = run.answers(held_out).argmax(1) == held_out.labels
        epoch["held_out_accuracy"] = right.float().mean().item()
        if epoch["held_out_accuracy"] > run.best["accuracy"]:
            run.best = {"epoch": number + 1, "accuracy": epoch["held_out_accuracy"]}
    run.history.append(epoch)
    run.end_epoch()
    progress.end(epoch)
    if rank() == 0:
        tracker.save(run.step, {k: v for k, v in epoch.items() if k != "step"})
    _save(run, folder, only_if_due=run.step < run.steps)


# Looking at the numbers makes a GPU wait, so it is done only every so many steps.
_LOOK = 20


def _mean(numbers: Tensor) -> list[float]:
    """The average over all processes."""
    if world_size() > 1:
        dist.all_reduce(numbers)
        numbers = numbers / world_size()
    return numbers.tolist()


def _check_loss(loss: float, run: Run, folder: Path) -> None:
    # A model that guesses has a loss of the logarithm of the number of classes. Three
    # times that is worse than knowing nothing, and does not mend itself.
    limit = 3 * math.log(len(run.pictures.classes))
    if math.isfinite(loss) and loss < limit:
        return
    raise TrainingError(
        f"the loss is {loss:.3g} at step {run.step}, so the training has diverged; try "
        f"a lower adam_lr or muon_lr{_last_checkpoint(folder)}"
    )


# A large model on a fast device takes longer to save than to train for an epoch. So one
# ends with a checkpoint unless saving would take more than a twentieth of the time.
_BETWEEN_SAVES = 20


def _save(run: Run, folder: Path, only_if_due: bool = False) -> None:
    def save() -> None:
        start = time.perf_counter()
        if rank() > 0 or (only_if_due and start < run.save_at):
            return
        try:
            checkpoint.save(folder / "checkpoints", run.step, run.state())
        except (OSError, RuntimeError) as error:
            # PyTorch has errors of its own for a full disk.
            raise _unwritten(folder, error) from None
        end = time.perf_counter()
        run.save_at = end + _BETWEEN_SAVES * (end - start)

    together(save)


class _Stop:
    """Ctrl-C asks for an end after the current step, so that nothing is lost."""

    def __enter__(self) -> "_Stop":
        self._asked = False
        self._before = {
            one: signal.signal(one, self._ask)
            for one in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def _ask(self, *_: object) -> None:
        self._asked = True

    def requested(self) -> bool:
        """Whether any of the processes was asked."""
        if world_size() == 1:
            return self._asked
        flag = torch.tensor([float(self._asked)])
        dist.all_reduce(flag)
        return flag.item() > 0


# ## What a person sees
#
# One line that moves where there is a terminal, and one line for each epoch everywhere.
class _Progress:
    def __init__(self, run: Run, epoch: int) -> None:
        self.run, self.epoch = run, epoch
        self.begin, self.first = time.perf_counter(), run.step

    def show(self, loss: float, accuracy: float) -> None:
        if not _terminal():
            return
        run, seconds = self.run, time.perf_counter() - self.begin
        share = run.step % len(run.batches) / len(run.batches) or 1.0
        bar = "#" * round(20 * share)
        # A step takes as long as its pictures are large.
        before = run.work[self.first - 1] if self.first else 0
        done, all_work = run.work[run.step - 1], run.work[-1]
        left = seconds * (all_work - done) / (done - before)
        print(
            f"\r\x1b[Kepoch {self.epoch + 1}/{run.c.epochs} [{bar:<20}] "
            f"loss {loss:.3f}  accuracy {accuracy:.1%}  "
            f"{(run.step - self.first) * run.c.batch_size / seconds:,.0f} images/s  "
            f"about {_clock(left)} left",
            end="",
            flush=True,
        )

    def end(self, epoch: dict[str, float]) -> None:
        run = self.run
        images = len(run.batches) * run.c.batch_size / epoch["seconds"]
        held_out = epoch.get("held_out_accuracy")
        shown = f"  held out {held_out:.1%}" if held_out is not None else ""
        _say(
            f"epoch {self.epoch + 1}/{run.c.epochs}  loss {epoch['loss']:.3f}  "
            f"accuracy {epoch['accuracy']:.1%}{shown}  {images:,.0f} images/s  "
            f"{_clock(epoch['seconds'])}"
        )


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02}"


def _terminal() -> bool:
    """Whether somebody is looking at this process."""
    return rank() == 0 and sys.stdout.isatty()


def _say(text: str) -> None:
    if rank() == 0:
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        print(f"{clear}{text}", flush=True)


# ## The result
#
# A [schema](result.schema.json) says what is in the file, so that others can read it.
def _result(run: Run, test: Pictures) -> dict[str, Any]:
    """Everything that somebody who doubts the number would ask for."""
    seconds = sum(epoch["seconds"] for epoch in run.history)
    pictures = run.steps * run.c.batch_size
    return {
        "settings": {
            name: value
            for name, value in settings(run.c).items()
            if name not in _ABOUT_THE_MACHINE
        },
        "parameters": sum(one.numel() for one in run.model.parameters()),
        "classes": list(run.pictures.classes),
        "train_pictures": len(run.pictures.labels),
        "epochs": run.history,
        "best_held_out": run.best,
        "test": judge(run.answers(test), run.answers(mirrored(test)), test),
        "seconds_training": round(seconds, 1),
        "seconds_total": round(run.spent + time.perf_counter() - run.started, 1),
        "images_per_second": round(pictures / seconds, 1),
        "hardware": hardware(run.device),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            **{
                name: importlib.metadata.version(name)
                for name in ("torchvision", "labml", "labml-helpers")
            },
        },
    }


@torch.no_grad()
def answers(
    model: nn.Module,
    pictures: Pictures,
    statistics: Sequence[Tensor],
    device: torch.device,
    bfloat16: bool,
) -> Tensor:
    """
    What a model says of pictures: logarithms of probabilities, of shape
    `[pictures, n_classes]`.
    """
    mean, std = statistics
    found = []
    for images in pictures.images.to(device).split(500):
        with _autocast(device, bfloat16):
            logits = model((images.float() - mean) / std)
        found.append(logits.float().log_softmax(1))
    return torch.cat(found).cpu()


def mirrored(pictures: Pictures) -> Pictures:
    return pictures._replace(images=pictures.images.flip(-1))


def _verdict(judged: dict[str, Any]) -> str:
    return (
        f"accuracy on {judged['pictures']:,} test pictures: {judged['accuracy']:.2%}, "
        f"with their mirror images {judged['accuracy_with_flip']:.2%}"
    )


def judge(logits: Tensor, flipped: Tensor, pictures: Pictures) -> dict[str, Any]:
    """
    How good the answers are, alone and averaged with `flipped`, those to the mirror
    images. `confusion[i][j]` counts the pictures of class `i` that were taken for class
    `j`.
    """
    n_classes, answers = len(pictures.classes), logits.argmax(1)
    confusion = torch.zeros(n_classes, n_classes, dtype=torch.int64)
    confusion.index_put_(
        (pictures.labels, answers), torch.ones_like(answers), accumulate=True
    )
    per_class = confusion.diagonal() / confusion.sum(1).clamp(min=1)
    right = torch.logaddexp(logits, flipped).argmax(1) == pictures.labels
    return {
        "pictures": len(answers),
        "accuracy": (answers == pictures.labels).double().mean().item(),
        "accuracy_with_flip": right.double().mean().item(),
        "loss": F.cross_entropy(logits, pictures.labels).item(),
        "per_class": {
            name: round(share, 4)
            for name, share in zip(pictures.classes, per_class.tolist(), strict=True)
        },
        "confusion": confusion.tolist(),
    }


def hardware(device: torch.device) -> dict[str, Any]:
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        return {"device": name, "count": world_size(), "cpu": _cpu()}
    return {"device": "CPU", "threads": torch.get_num_threads(), "cpu": _cpu()}


def _cpu() -> str:
    """What the processor calls itself."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def write_result(file: Path, result: dict[str, Any]) -> None:
    """Written whole or not at all."""
    temporary = file.with_suffix(".partial")
    temporary.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, file)


# ## Only judging
def evaluate(
    c: CIFAR10Configs, state: dict[str, Any], test: Pictures
) -> dict[str, Any]:
    """The accuracy of a checkpoint on the test pictures."""
    try:
        c.model.load_state_dict(state["average"] or state["model"])
    except (KeyError, RuntimeError):
        raise CheckpointError(
            f"{c.evaluate} holds another model than these settings make"
        ) from None
    c.model.eval()
    plain, flipped = (
        answers(c.model, pictures, state["statistics"], c.device, bfloat16=False)
        for pictures in (test, mirrored(test))
    )
    result = judge(plain, flipped, test)
    _say(_verdict(result))
    return result
