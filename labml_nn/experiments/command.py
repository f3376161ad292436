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
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from labml.configs import BaseConfigs
from labml_helpers.device import DeviceConfigs

from ..helpers.checkpoint import CheckpointError
from ..helpers.data import DataError
from .cifar10 import CIFAR10Configs, TrainingError, processes


class UsageError(Exception):
    """A command that makes no sense, told in one sentence."""


class Command(NamedTuple):
    """
    * `module` is what comes after `python -m`
    * `configs` makes the settings, and `model_configs` those under `model.`
    * `presets` are names for sets of settings
    * `default` says which of them is meant where none is named
    """

    module: str
    configs: Callable[[], CIFAR10Configs]
    model_configs: Callable[[], BaseConfigs]
    presets: dict[str, dict[str, Any]]
    default: Callable[[], str]

    def main(self, arguments: list[str]) -> int:
        """Run the experiment. Returns the exit status."""
        if arguments and arguments[0] in ("-h", "--help"):
            print(f"python -m {self.module} [name=value ...]")
            print(f"presets: {', '.join(self.presets)}")
            print(f"settings: {', '.join(self.types())}")
            return 0
        try:
            with processes():
                self.configure(self.parse(arguments)).run()
        except UsageError as error:
            print(error, file=sys.stderr)
            return 2
        except (DataError, CheckpointError, TrainingError, ValueError) as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt as interrupt:
            print(f"\nstopped; go on with {interrupt}", file=sys.stderr)
            return 130
        return 0

    def configure(self, overrides: dict[str, Any]) -> CIFAR10Configs:
        """The settings of a preset, with what is overridden. Raises `UsageError`."""
        preset = overrides.get("preset") or self.default()
        if preset not in self.presets:
            raise UsageError(
                f"there is no preset {preset!r}; there are {', '.join(self.presets)}"
            )
        values = {**self.presets[preset], **overrides, "preset": preset}
        c = self.configs()
        c._set_values(values | without_what_does_not_help(values))
        return c

    def parse(self, arguments: list[str]) -> dict[str, Any]:
        """What `name=value ...` means. Raises `UsageError`."""
        types = self.types()
        overrides = {}
        for argument in arguments:
            name, equals, text = argument.partition("=")
            if name not in types or not equals:
                close = difflib.get_close_matches(name, types, 1, cutoff=0.5)
                nearest = f"; did you mean {close[0]}=...?" if close else ""
                raise UsageError(f"there is no setting {argument!r}{nearest}")
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


# ## What makes a GPU fast
#
# can make a CPU slow. One without instructions for bfloat16 emulates it, and without a
# compiler nothing can be compiled.
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


_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _value(name: str, text: str, kind: type) -> Any:
    try:
        return _WORDS[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}
        raise UsageError(f"{name} must be {wanted[kind]}, not {text!r}") from None
