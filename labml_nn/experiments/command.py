r"""
---
title: An experiment's command line
summary: >
  Presets, and every setting as name=value on the command line, with the nearest name
  for one that does not exist.
---

# An experiment's command line

What each experiment has in common when it is started from a shell: a preset or another,
settings that are overridden by `name=value`, and errors in one sentence.
"""

import difflib
import math
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from labml.configs import BaseConfigs
from labml_helpers.device import DeviceConfigs

from ..helpers import checkpoint
from ..helpers.checkpoint import CheckpointError
from ..helpers.data import DataError
from .cifar10 import (
    RANGES,
    CIFAR10Configs,
    Range,
    TrainingError,
    decided_once,
    processes,
    rank,
    world_size,
)


class UsageError(Exception):
    """A command that makes no sense, told in one sentence."""


class Command(NamedTuple):
    """
    * `module` is what comes after `python -m`
    * `configs` makes the settings, and `model_configs` those under `model.`
    * `ranges` says what the model's numbers may be
    * `presets` are names for sets of settings
    * `default` says which of them is meant where none is named
    """

    module: str
    configs: Callable[[], CIFAR10Configs]
    model_configs: Callable[[], BaseConfigs]
    ranges: Mapping[str, Range]
    presets: dict[str, dict[str, Any]]
    default: Callable[[], str]

    def main(self, arguments: list[str]) -> int:
        """Run the experiment. Returns the exit status."""
        if arguments and arguments[0] in ("-h", "--help"):
            print(f"python -m {self.module} [name=value ...]")
            print(f"presets: {', '.join(self.presets)}")
            print(f"settings: {', '.join(self.types())}")
            return 0
        with processes():
            status, words = self._run(arguments)
            if words and rank() == 0:
                print(words, file=sys.stderr, flush=True)
        return status

    def _run(self, arguments: list[str]) -> tuple[int, str]:
        """The exit status, and a sentence if something is wrong."""
        overrides: dict[str, Any] = {}
        try:
            overrides = self.parse(arguments)
            self.configure(overrides).run()
        except UsageError as error:
            return 2, str(error)
        except (DataError, CheckpointError, TrainingError, ValueError) as error:
            return 1, str(error)
        except OSError as error:
            return 1, f"{error.filename or 'something'}: {error.strerror or error}"
        except (MemoryError, RuntimeError) as error:
            if not _is_about_memory(error):
                raise
            return 1, "the memory is too small for this model or this batch_size"
        except KeyboardInterrupt as interrupt:
            # What a run is resumed from is there before its own checkpoints are.
            place = str(interrupt) or overrides.get("resume")
            if not place:
                return 130, "\nstopped; there is nothing yet to go on with"
            return 130, f"\nstopped; go on with\n{self._resume(place)}"
        return 0, ""

    def _resume(self, place: str) -> str:
        """The command that goes on with a run."""
        launcher = "python"
        if world_size() > 1:
            launcher = f"torchrun --standalone --nproc_per_node={world_size()}"
        return f"{launcher} -m {self.module} {shlex.quote(f'resume={place}')}"

    def configure(self, overrides: dict[str, Any]) -> CIFAR10Configs:
        """
        The settings of a preset, with what is overridden. A run that is resumed or
        evaluated has the settings that it had, so nobody has to repeat them.

        Raises `UsageError`, and `CheckpointError`.
        """
        types = self.types()
        for name, value in overrides.items():
            self._check(name, value, types)
        preset = overrides.get("preset") or self.default()
        if preset not in self.presets:
            raise UsageError(
                f"there is no preset {preset!r}; there are {', '.join(self.presets)}"
            )
        place = overrides.get("evaluate") or overrides.get("resume")
        if place:
            kept = self._kept(place, types)
            values = {**kept, **overrides}
            # What helps where the run began was decided then.
            decided = {name: kept[name] for name in _WHERE_IT_HELPS if name in kept}
        else:
            values = {**self.presets[preset], **overrides, "preset": preset}
            decided = decided_once(lambda: without_what_does_not_help(values))
        if "LOCAL_RANK" in os.environ:
            values["device.cuda_device"] = int(os.environ["LOCAL_RANK"])
        c = self.configs()
        c._set_values(values | decided)
        return c

    def _kept(self, place: str, types: Mapping[str, type]) -> dict[str, Any]:
        """The settings of a run that has left a checkpoint."""
        kept: dict[str, Any] = checkpoint.load(place)["settings"]
        for name in kept:
            if name not in types:
                raise CheckpointError(
                    f"{place} is of another experiment: {name} is no setting of "
                    f"{self.module}"
                )
        return {name: kept[name] for name in kept if name not in _ABOUT_THIS_RUN}

    def _check(self, name: str, value: Any, types: Mapping[str, type]) -> None:
        if name not in types:
            raise UsageError(
                f"there is no setting {name!r}; did you mean {nearest(name, types)}?"
            )
        kind = types[name]
        is_kind = type(value) is kind or (kind is float and type(value) is int)
        if not is_kind or (isinstance(value, float) and not math.isfinite(value)):
            raise UsageError(f"{name} must be {_KINDS[kind]}, not {value!r}")
        if kind is int and value > _LARGEST:
            raise UsageError(f"{name}={value} must be at most {_LARGEST}")
        of_model = {f"model.{key}": one for key, one in self.ranges.items()}
        allowed = (RANGES | of_model).get(name)
        if allowed and not allowed.holds(value):
            raise UsageError(f"{name}={value} must be {allowed}")
        if name == "decay" and value not in ("cosine", "linear"):
            raise UsageError(f"decay must be cosine or linear, not {value!r}")
        # It becomes the name of a folder.
        if name == "name" and not re.fullmatch(r"\w[\w.-]*", value):
            raise UsageError(
                f"name={value} must be made of letters, digits, dots and dashes"
            )

    def parse(self, arguments: list[str]) -> dict[str, Any]:
        """What `name=value ...` means. Raises `UsageError`."""
        types = self.types()
        overrides = {}
        for argument in arguments:
            name, equals, text = argument.partition("=")
            if name not in types or not equals:
                raise UsageError(
                    f"there is no setting {argument!r}; did you mean "
                    f"{nearest(name, types)}=...?"
                )
            overrides[name] = _value(name, text, types[name])
        return overrides

    def types(self) -> dict[str, type]:
        """All settings that have a plain value."""
        simple = (bool, int, float, str)
        parts = {
            "": self.configs(),
            "model.": self.model_configs(),
            "device.": DeviceConfigs(),
        }
        return {
            prefix + name: one._get_type(name)
            for prefix, one in parts.items()
            for name in dir(one)
            if one._get_type(name) in simple
        }


_ABOUT_THIS_RUN = {"resume", "evaluate"}
# Sizes and counts beyond this are typing errors, and PyTorch stumbles over them.
_LARGEST = 2**31 - 1


def _is_about_memory(error: Exception) -> bool:
    """PyTorch has an error of its own only for the memory of a GPU."""
    words = ("out of memory", "allocate memory", "size calculation overflowed")
    return isinstance(error, MemoryError) or any(one in str(error) for one in words)


# ## The nearest name
#
# Who types `patch_size` means `model.patch_size`, so the part behind the dot counts
# most. Some names that other programs have look like none of ours.
_CALLED_ELSEWHERE = {
    "lr": "adam_lr",
    "learning_rate": "adam_lr",
    "optimizer": "muon_lr",
    "ema": "average",
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


def nearest(name: str, names: Mapping[str, type]) -> str:
    """Which of `names` was probably meant."""
    last = name.rpartition(".")[2].lower()
    called = _CALLED_ELSEWHERE.get(last, "")
    if called in names:
        return called

    def likeness(one: str) -> tuple[float, float]:
        end = one.rpartition(".")[2]
        return (
            difflib.SequenceMatcher(None, last, end).ratio(),
            difflib.SequenceMatcher(None, name, one).ratio(),
        )

    return max(names, key=likeness)


# ## What makes a GPU fast
#
# can make a CPU slow. One without instructions for bfloat16 emulates it, and without a
# compiler nothing can be compiled.
_WHERE_IT_HELPS = ("bfloat16", "compile")


def without_what_does_not_help(values: dict[str, Any]) -> dict[str, Any]:
    """The settings that are better off here, with a word on why."""
    if torch.cuda.is_available() and values.get("device.use_cuda", True):
        return {}
    off = {}
    if values.get("bfloat16") and not bfloat16_helps():
        off["bfloat16"] = False
        print("bfloat16 is left out: float32 is faster on this CPU", file=sys.stderr)
    if values.get("compile") and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        off["compile"] = False
        print("compile is left out: there is no C++ compiler here", file=sys.stderr)
    return off


def bfloat16_helps() -> bool:
    """Whether the CPU multiplies matrices faster in bfloat16 than in float32."""

    def seconds(dtype: torch.dtype) -> float:
        matrix = torch.ones(512, 512, dtype=dtype)
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            matrix @ matrix
            taken.append(time.perf_counter() - start)
        return min(taken)

    return seconds(torch.bfloat16) < seconds(torch.float32)


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _value(name: str, text: str, kind: type) -> Any:
    try:
        return _WORDS[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        raise UsageError(f"{name} must be {_KINDS[kind]}, not {text!r}") from None
