r"""
---
title: An experiment's command line
summary: >
  Presets, every setting as name=value, a hint for a name that does not exist, and
  errors in one sentence.
---

# An experiment's command line

All experiments are started in the same way: with a preset, and `name=value` for each
setting to override. An error is reported in one sentence. The exit status is 2 if the
settings cannot work, whatever the data, and 1 if images, checkpoints or training fail.

Before this: [a run from start to end](cifar10.py). To see it in use: [the Vision
Transformer's experiment](../transformers/vit/experiment.py).
"""

import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from labml.configs import BaseConfigs
from labml_helpers.device import DeviceConfigs

from ..helpers import checkpoint
from ..helpers.checkpoint import CheckpointError
from ..helpers.data import DATA_SETS, DataError, unknown_data_set
from .cifar10 import CIFAR10Configs
from .distributed import from_main_process, process_group, world_size
from .progress import warn
from .settings import (
    RANGES,
    RENAMED,
    Range,
    TrainingError,
    UsageError,
    nearest,
    renaming_hint,
    scale_size_schedule,
    size_stages,
    with_current_names,
)


class Command(NamedTuple):
    """
    ## The command

    * `module` is what follows `python -m`
    * `configs` creates the settings, and `model_configs` those under `model.`
    * `ranges` are the allowed values of the model's settings
    * `presets` are named sets of settings
    * `default` returns the name of the preset to use if none is given
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
        with process_group():
            status, message = self._run(arguments)
            if message:
                warn(message)
        return status

    def run_alone(self, arguments: list[str], output: Path) -> Path:
        """
        Run the experiment in a process of its own, so that no run affects the next.
        Runs go into the folder `output`. Returns the newest result there.

        Raises `subprocess.CalledProcessError`.
        """
        command = [sys.executable, "-m", self.module, *arguments, f"output={output}"]
        subprocess.run(command, check=True)
        results = output.glob("*/*/result.json")
        return max(results, key=lambda file: file.stat().st_mtime)

    def _run(self, arguments: list[str]) -> tuple[int, str]:
        """Run the experiment. Returns the exit status, and a message for an error."""
        overrides: dict[str, Any] = {}
        try:
            overrides = self.parse(arguments)
            self.configure(overrides).run()
        # The parts of a model reject their sizes with a `ValueError`.
        except (UsageError, ValueError) as error:
            return 2, str(error)
        except (DataError, CheckpointError, TrainingError) as error:
            return 1, str(error)
        except OSError as error:
            return 1, f"{error.filename or 'a file'}: {error.strerror or error}"
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            return 1, "there is not enough memory for this model or this batch_size"
        except KeyboardInterrupt as interrupt:
            # A resumed run that has not saved yet can be resumed from the same place
            # again.
            place = str(interrupt) or overrides.get("resume")
            if not place:
                return 130, "\nstopped before there was a checkpoint to resume from"
            return 130, f"\nstopped; resume with\n{self._resume_command(place)}"
        return 0, ""

    def _resume_command(self, place: str) -> str:
        launcher = "python"
        if world_size() > 1:
            launcher = f"torchrun --standalone --nproc_per_node={world_size()}"
        return f"{launcher} -m {self.module} {shlex.quote(f'resume={place}')}"

    # ### From arguments to settings
    def parse(self, arguments: list[str]) -> dict[str, Any]:
        """The overrides in `name=value ...`. Raises `UsageError`."""
        types = self.types()
        overrides, typed_names = {}, []
        for argument in arguments:
            typed_name, equals, text = argument.partition("=")
            typed_names.append(typed_name)
            name = RENAMED.get(typed_name, typed_name)
            if name not in types or not equals:
                raise UsageError(
                    f"there is no setting {argument!r}; did you mean "
                    f"{nearest(name, types)}=...?"
                )
            # A variable of the shell that is not set must not begin a new run.
            if name in _CHECKPOINTS and not text:
                raise UsageError(f"{name}= must be followed by a checkpoint or a run")
            overrides[name] = parse_value(name, text, types[name])
        _warn_of_old_names(typed_names)
        return overrides

    def configure(self, overrides: dict[str, Any]) -> CIFAR10Configs:
        """
        The settings of a preset, with `overrides`. A run that is resumed or evaluated
        takes its settings from the checkpoint, so nobody has to repeat them. A run that
        starts from the weights of another run takes them from there, too; if the
        command names a preset, only those of the model and the images. If the weights
        are from another program, the preset and `overrides` describe the model.

        Raises `UsageError` and `CheckpointError`.
        """
        types = self.types()
        _warn_of_old_names(overrides)
        overrides = with_current_names(overrides)
        for name, value in overrides.items():
            self._check(name, value, types)
        preset = overrides.get("preset") or self.default()
        if preset not in self.presets:
            raise UsageError(
                f"there is no preset {preset!r}; there are {', '.join(self.presets)}"
            )
        starts = [name for name in _CHECKPOINTS if overrides.get(name)]
        if len(starts) > 1:
            raise UsageError(
                f"{starts[0]}= and {starts[1]}= exclude each other: a run starts from "
                "one place"
            )
        place = overrides.get("evaluate") or overrides.get("resume")
        if place:
            saved = self.saved_settings(checkpoint.load(place), place)
            values = asked = {**saved, **overrides}
            # The run has already determined which of these help on its hardware.
            decided = {name: saved[name] for name in _SPEED_UPS if name in saved}
        else:
            values = {**self.presets[preset], "preset": preset}
            asked = overrides
            init = overrides.get("init")
            # Weights from other programs bring no settings along.
            if init and (checkpoint.is_checkpoint(init) or not os.path.exists(init)):
                inherited = self._inherited(
                    init, with_training="preset" not in overrides
                )
                values = {**values, **inherited}
                asked = {**inherited, **overrides}
            values = {**values, **overrides}
            self._match_sizes(values, overrides)
            decided = from_main_process(lambda: switch_off_unhelpful(values))
        if "LOCAL_RANK" in os.environ:
            values["device.cuda_device"] = int(os.environ["LOCAL_RANK"])
        c = self.configs()
        c._set_values(values | decided)
        defaults = self.configs()
        c._may_shrink = {
            name: values.get(name, getattr(defaults, name))
            for name in ("validation_size", "batch_size")
            if name not in asked
        }
        return c

    def _inherited(self, init: str, with_training: bool) -> dict[str, Any]:
        """The settings that a run takes from the run whose weights it starts from."""
        saved = self.saved_settings(checkpoint.load(init), init)
        # The number of classes comes from the images of the new run.
        saved.pop("model.n_classes", None)
        return {
            name: value
            for name, value in saved.items()
            if with_training or name in _OF_THE_IMAGES or name.startswith("model.")
        }

    def _match_sizes(self, values: dict[str, Any], given: Mapping[str, Any]) -> None:
        # Training ends at the size at which the model is evaluated. So the schedule of
        # a preset adapts to the image and patch sizes of the command, and the image
        # size adapts to a schedule in the command.
        schedule = values.get("size_schedule", "")
        stages = size_stages(schedule)
        if stages and "size_schedule" not in given:
            image_size = values.get("image_size", self.configs().image_size)
            patch_size = getattr(self.model_configs(), "patch_size", 1)
            values["size_schedule"] = scale_size_schedule(
                schedule, image_size, values.get("model.patch_size", patch_size)
            )
        elif stages and "image_size" not in given:
            _, values["image_size"] = stages[-1]

    def saved_settings(self, state: dict[str, Any], place: object) -> dict[str, Any]:
        """
        The settings in the `state` of a checkpoint. `place` says in messages where it
        came from.

        Raises `CheckpointError` if it belongs to another experiment.
        """
        _warn_of_old_names(state["settings"], f"{place}: ")
        saved = with_current_names(state["settings"])
        unknown = sorted(saved.keys() - self.types().keys())
        if unknown:
            raise CheckpointError(
                f"{place} belongs to another experiment: {self.module} has no setting "
                f"{unknown[0]}"
            )
        return {name: saved[name] for name in saved if name not in _ONE_COMMAND_ONLY}

    def _check(self, name: str, value: Any, types: Mapping[str, type]) -> None:
        if name not in types:
            raise UsageError(
                f"there is no setting {name!r}; did you mean {nearest(name, types)}?"
            )
        kind = types[name]
        has_type = type(value) is kind or (kind is float and type(value) is int)
        if not has_type or (isinstance(value, float) and not math.isfinite(value)):
            raise UsageError(f"{name} must be {_TYPE_NAMES[kind]}, not {value!r}")
        if kind is int and value > LARGEST:
            raise UsageError(f"{name}={value} must be at most {LARGEST}")
        model_ranges = {f"model.{key}": range_ for key, range_ in self.ranges.items()}
        allowed = (RANGES | model_ranges).get(name)
        if allowed and not allowed.allows(value):
            raise UsageError(f"{name}={value} must be {allowed}")
        if name == "dataset" and value not in DATA_SETS:
            raise UsageError(unknown_data_set(value))
        if name == "lr_schedule" and value not in ("cosine", "linear"):
            raise UsageError(f"lr_schedule must be cosine or linear, not {value!r}")
        # The name of the experiment becomes the name of a folder.
        if name == "name" and not re.fullmatch(r"\w[\w.-]*", value):
            raise UsageError(
                f"name={value} must be made of letters, digits, dots and dashes"
            )

    def types(self) -> dict[str, type]:
        """The types of all settings with plain values, by name."""
        plain = (bool, int, float, str)
        groups = {
            "": self.configs(),
            "model.": self.model_configs(),
            "device.": DeviceConfigs(),
        }
        return {
            prefix + name: configs._get_type(name)
            for prefix, configs in groups.items()
            for name in dir(configs)
            if configs._get_type(name) in plain
        }


def _warn_of_old_names(names: Iterable[str], prefix: str = "") -> None:
    if hint := renaming_hint(names):
        warn(f"{prefix}{hint}")


# These concern one command, and are not inherited from a checkpoint.
_ONE_COMMAND_ONLY = ("resume", "evaluate")
_CHECKPOINTS = (*_ONE_COMMAND_ONLY, "init")
# A run that starts from the weights of another inherits these besides the model.
_OF_THE_IMAGES = {"dataset", "data_path", "image_size"}
# A larger size or count is a typing error, and would overflow in PyTorch.
LARGEST = 2**31 - 1


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out. PyTorch has an exception only for that of a GPU."""
    phrases = ("out of memory", "allocate memory", "size calculation overflowed")
    return isinstance(error, MemoryError) or any(one in str(error) for one in phrases)


_TYPE_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}
_BOOLEANS = {
    "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False
}  # fmt: skip


def parse_value(name: str, text: str, kind: type) -> Any:
    """The value of the setting `name` written as `text`. Raises `UsageError`."""
    try:
        return _BOOLEANS[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        raise UsageError(f"{name} must be {_TYPE_NAMES[kind]}, not {text!r}") from None


# ## Speed-ups that slow a CPU down
#
# A CPU without bfloat16 instructions emulates them, and without a C++ compiler, nothing
# can be compiled. So both are switched off where they do not help.
_SPEED_UPS = ("bfloat16", "compile")


def switch_off_unhelpful(values: dict[str, Any]) -> dict[str, Any]:
    """The settings to change on this machine. A warning says why."""
    if torch.cuda.is_available() and values.get("device.use_cuda", True):
        return {}
    off = {}
    if values.get("bfloat16") and not bfloat16_helps():
        off["bfloat16"] = False
        warn("bfloat16 is switched off: float32 is faster on this CPU")
    if values.get("compile") and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        off["compile"] = False
        warn("compile is switched off: there is no C++ compiler here")
    return off


def bfloat16_helps() -> bool:
    """Whether the CPU multiplies matrices faster in bfloat16 than in float32."""

    def seconds(dtype: torch.dtype) -> float:
        matrix = torch.ones(512, 512, dtype=dtype)
        measured = []
        for _ in range(3):
            start = time.perf_counter()
            matrix @ matrix
            measured.append(time.perf_counter() - start)
        return min(measured)

    return seconds(torch.bfloat16) < seconds(torch.float32)
