r"""
---
title: The settings of a run
summary: >
  Every setting of a training run with its default, the values that it may take, the old
  names that still work, and the nearest name for one that does not exist.
---

# The settings of a run

[labml](https://github.com/labmlai/labml) holds the settings and lets them be overridden
from code or on the [command line](command.py). Its companion
[labml-helpers](https://github.com/labmlai/labml/tree/master/helpers) picks the device.

Next: [how several processes share one run](distributed.py).
"""

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import torch
from labml.configs import BaseConfigs, option
from labml.internal.configs.config_item import ConfigItem
from labml_helpers.device import DeviceConfigs
from torch import Tensor, nn

from ..helpers import checkpoint

T = TypeVar("T")


class SeparateConfigs(BaseConfigs):
    """
    ## Settings that keep to their class

    A base of settings that others inherit from. In labml, a class whose instances have
    values of their own for inherited settings writes them into the class that it
    inherits from (seen in 0.5.3), and the next instance of that class takes them over.
    """

    def __init__(self, *, _primary: str | None = None) -> None:
        inherited = [
            (item, vars(item).copy())
            for cls in type(self).__mro__
            for item in vars(cls).values()
            if isinstance(item, ConfigItem)
        ]
        super().__init__(_primary=_primary)
        for item, as_written in inherited:
            vars(item).update(as_written)


class UsageError(Exception):
    """
    Raised for settings that cannot work, whatever the images; the message is one
    sentence.
    """


class TrainingError(Exception):
    """Raised when training cannot start or continue; the message is one sentence."""


class TrainingConfigs(SeparateConfigs):
    r"""
    ## Settings

    * `name` names the experiment, and `preset` the set of values that it started from
    * `dataset` is `cifar10`, `cifar100`, `folder` or `synthetic`, and `data_path` is
      its folder
    * `image_size` is the height and width of the images in pixels
    * `validation_size` is the number of training images set aside as the validation
      set. The model is evaluated on them after each epoch, so that the test set is
      needed only once, at the end. Unless you set a number, data sets of fewer than
      5,000 images use a tenth of them
    * `seed` seeds every random draw
    * `warmup` is the fraction of training during which the learning rate rises;
      afterwards it falls along `lr_schedule`, which is `cosine` or `linear`
    * `ema_decay` is the decay of the exponential moving average (EMA) of the weights; 0
      turns it off
    * `clip_norm` is the largest norm of the gradient of all weights together; a longer
      gradient is scaled down to it, and 0 turns clipping off
    * `accumulation` is the number of parts that a batch is computed in, one after the
      other. The gradient is that of the whole batch, and the memory is that of a part
    * `crop` is the padding of random crops, the largest shift of an image in pixels
    * `mixup` and `cutmix` are the $\alpha$ of each; 0 turns them off
    """

    name: str = "cifar10"
    preset: str = ""
    dataset: str = "cifar10"
    data_path: str = "data"
    image_size: int = 32
    validation_size: int = 1000
    seed: int = 0

    # The length of training, and the images per step. If there are fewer images than
    # `batch_size` and you have not asked for a number, a step gets a quarter of them.
    epochs: int = 10
    batch_size: int = 128

    # Each of the two [optimizers](../helpers/optimize.py) has a learning rate of its
    # own. Muon gets the matrices, unless its rate is 0, and AdamW gets the rest.
    muon_lr: float = 0.0
    adam_lr: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    lr_schedule: str = "cosine"
    ema_decay: float = 0.0
    clip_norm: float = 0.0
    accumulation: int = 1

    # [Augmentation](../helpers/augment.py) of the images and their labels. The label
    # "cat" claims a certainty that nobody has. `label_smoothing` moves a little of its
    # probability to the other classes, so that the model need not become ever more
    # confident.
    flip: bool = True
    crop: int = 4
    trivial_augment: bool = False
    mixup: float = 0.0
    cutmix: float = 0.0
    label_smoothing: float = 0.1

    # An image that the model already gets right teaches it little. Until the last
    # epochs, `skip_easy` is the probability of skipping an image whose loss was below
    # average when it was last seen.
    skip_easy: float = 0.0

    # Progressive resizing: training can start with small images. `0:16 0.5:24 0.75:32`
    # starts with 16 pixels, switches to 24 halfway through training and to 32 for the
    # last quarter. The last size is always `image_size`, at which the model is
    # evaluated.
    size_schedule: str = ""

    # Both make training faster, on hardware that supports them.
    bfloat16: bool = False
    compile: bool = False

    # The folder for runs, the run to resume, and the checkpoint to evaluate instead of
    # training.
    output: str = "runs"
    resume: str = ""
    evaluate: str = ""

    # The checkpoint or file whose weights a new run starts from. The run draws its own
    # validation set, so if some images are the same as before, the set may hold images
    # that the weights were trained on.
    init: str = ""

    # The names of the classes. They are known once the data set is loaded.
    classes: tuple[str, ...] = ()

    device: torch.device
    model: nn.Module

    # The sizes that come from the preset and that the command did not ask for.
    _may_shrink: Mapping[str, int] = {}

    # Whether weights for another number of classes get a new head in `load_weights`.
    _replaces_head: bool = False

    def prepare(self, images: Tensor) -> None:
        """
        Called once before training with a sample of the standardised training images.
        An experiment can override it to initialise its model from them.
        """

    def load_weights(self, place: str) -> None:
        """
        Load the weights of another run into the model, and nothing else of that run. An
        experiment can override it to read other files as well.

        Raises `CheckpointError` and `TrainingError`.
        """
        state = checkpoint.load(place, self.device)
        try:
            self.model.load_state_dict(state["ema"] or state["model"])
        except RuntimeError:
            raise TrainingError(
                f"{place} holds a different model than these settings build"
            ) from None


@option(TrainingConfigs.device)
def _device(c: TrainingConfigs) -> DeviceConfigs:
    return DeviceConfigs()


def setting_values(c: TrainingConfigs) -> dict[str, Any]:
    """
    All settings with a plain value by name; those of the model as `model.d_model`.
    """
    # labml lists a value only after somebody has asked for it.
    for name in dir(c):
        if c._get_type(name) in (int, float, bool, str):
            getattr(c, name)
    return {
        name: item["computed"]
        for name, item in sorted(c._to_json().items())
        if item["type"] in map(str, (int, float, bool, str))
    }


# Paths differ from machine to machine. They are kept out of results, and may change
# when a run is resumed.
MACHINE_SETTINGS = {"resume", "evaluate", "output", "data_path"}


# ## Allowed values
#
# Reject an invalid setting now rather than after a night of training.
class Range(NamedTuple):
    """From `low` up to and including `high`, and below `below`."""

    low: float
    high: float = math.inf
    below: float = math.inf

    def __str__(self) -> str:
        if self.below < math.inf:
            return f"at least {self.low:g} and below {self.below:g}"
        if self.high < math.inf:
            return f"from {self.low:g} to {self.high:g}"
        return f"at least {self.low:g}"

    def allows(self, value: float) -> bool:
        return self.low <= value <= self.high and value < self.below


NOT_NEGATIVE, POSITIVE = Range(0), Range(1)
FRACTION, FRACTION_BELOW_ONE = Range(0, 1), Range(0, below=1)

RANGES = {
    "image_size": POSITIVE,
    "validation_size": NOT_NEGATIVE,
    "seed": NOT_NEGATIVE,
    "epochs": POSITIVE,
    "batch_size": POSITIVE,
    "muon_lr": NOT_NEGATIVE,
    "adam_lr": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE,
    "warmup": FRACTION,
    "ema_decay": FRACTION_BELOW_ONE,
    "clip_norm": NOT_NEGATIVE,
    "accumulation": POSITIVE,
    "crop": NOT_NEGATIVE,
    "mixup": NOT_NEGATIVE,
    "cutmix": NOT_NEGATIVE,
    "label_smoothing": FRACTION_BELOW_ONE,
    "skip_easy": FRACTION,
    "device.cuda_device": NOT_NEGATIVE,
}


def size_stages(size_schedule: str) -> list[tuple[float, int]]:
    """
    The stages of a schedule: the fraction of training at which each begins, and its
    image size.

    Raises `UsageError`.
    """
    error = UsageError(
        f"size_schedule={size_schedule!r} must give an image size for fractions of "
        "training, starting at 0, as in '0:16 0.5:24 0.75:32'"
    )
    try:
        stages = [
            (float(start), int(size))
            for start, size in (stage.split(":") for stage in size_schedule.split())
        ]
    except ValueError:
        raise error from None
    in_range = all(
        FRACTION_BELOW_ONE.allows(start) and size >= 1 for start, size in stages
    )
    if not in_range or (stages and stages[0][0] != 0) or stages != sorted(stages):
        raise error
    return stages


def parse_size_schedule(text: str, image_size: int) -> list[tuple[float, int]]:
    """
    The stages of `size_schedule`. An empty schedule has one stage, of `image_size`.

    Raises `UsageError`, also if the schedule ends with another size.
    """
    stages = size_stages(text) or [(0.0, image_size)]
    _, last_size = stages[-1]
    if last_size != image_size:
        raise UsageError(
            f"size_schedule={text!r} ends with images of {last_size} pixels, but "
            f"image_size={image_size}; leave one of them out"
        )
    return stages


def scale_size_schedule(text: str, image_size: int, multiple: int) -> str:
    """
    The same schedule for images of another size. All sizes but the last are rounded to
    a multiple of `multiple`, the side of a patch. Stages that become equal are merged.
    """
    stages = size_stages(text)
    _, last_size = stages[-1]
    scaled: list[tuple[float, int]] = []
    for start, size in stages:
        patches = math.floor(size * image_size / last_size / multiple + 0.5)
        pixels = image_size if size == last_size else multiple * max(patches, 1)
        if not scaled or pixels != scaled[-1][1]:
            scaled.append((start, pixels))
    return " ".join(f"{start:g}:{size}" for start, size in scaled)


# ## Old names
#
# A renamed setting is accepted under its old name for one more version: on the command
# line, in overrides from code and in checkpoints.
RENAMED = {
    "average": "ema_decay",
    "decay": "lr_schedule",
    "held_out": "validation_size",
    "model.kind_start": "model.structured_init",
    "sizes": "size_schedule",
}


def with_current_names(values: Mapping[str, T]) -> dict[str, T]:
    return {RENAMED.get(name, name): value for name, value in values.items()}


def renaming_hint(names: Iterable[str]) -> str:
    """A sentence about the old names among `names`, empty if there are none."""
    changed = [f"{name} is now {RENAMED[name]}" for name in names if name in RENAMED]
    return "; ".join(changed)


# ## The nearest name
#
# Whoever types `patch_size` means `model.patch_size`, so the part after the dot counts
# most. Names from other programs often resemble none of ours, so the common ones are
# listed here.
_SYNONYMS = {
    "lr": "adam_lr",
    "learning_rate": "adam_lr",
    "optimizer": "muon_lr",
    "scheduler": "lr_schedule",
    "ema": "ema_decay",
    "wd": "weight_decay",
    "bs": "batch_size",
    "amp": "bfloat16",
    "path": "data_path",
    "depth": "model.n_layers",
    "layers": "model.n_layers",
    "dim": "model.d_model",
    "hidden_size": "model.d_model",
    "mlp_dim": "model.d_ff",
}


def nearest(typed: str, names: Mapping[str, type]) -> str:
    """The most likely intended one of `names`."""
    last_part = typed.rpartition(".")[2].lower()
    synonym = _SYNONYMS.get(last_part, "")
    if synonym in names:
        return synonym

    def similarity(name: str) -> tuple[float, float]:
        return (
            difflib.SequenceMatcher(None, last_part, name.rpartition(".")[2]).ratio(),
            difflib.SequenceMatcher(None, typed, name).ratio(),
        )

    return max(names, key=similarity)
