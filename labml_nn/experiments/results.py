r"""
---
title: What a run leaves behind
summary: >
  A result file with everything that somebody who doubts the number would ask for,
  labml's record of the metrics, and two plots.
---

# What a run leaves behind

Every run has a folder under `output`. labml writes the settings and the metrics there,
the loop its checkpoints, and at the end there are `result.json` and two [plots](
../helpers/plot.py).

Before this: [the loop](loop.py). Next: [a run from start to end](cifar10.py).
"""

import contextlib
import importlib.metadata
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

import torch
from labml import experiment, lab
from labml.internal.computer import configs as computer

from ..helpers import checkpoint, plot
from ..helpers.checkpoint import CheckpointError
from ..helpers.data import LabeledImages
from ..helpers.evaluate import flipped, log_probabilities, metrics
from .distributed import rank, world_size
from .loop import cannot_write
from .progress import quiet, say
from .run import Run
from .settings import MACHINE_SETTINGS, TrainingConfigs, TrainingError, setting_values


# ## labml's record
class NoProjectList(computer.Computer):
    # For an app that is not used here, labml keeps a list of projects in the home
    # folder. Not every machine has a home folder that can be written to, and runs that
    # start at the same moment would overwrite each other's list.

    def __init__(self) -> None:
        pass

    def add_project(self, path: Path) -> None:
        pass


def start_record(
    c: TrainingConfigs,
) -> tuple[Path, contextlib.AbstractContextManager[Any]]:
    """
    Create the folder of the run. Returns the folder, and a context in which labml
    records the metrics. Only the main process records anything.
    """
    if rank() > 0:
        return Path(), contextlib.nullcontext()
    try:
        with quiet():
            computer._internal = NoProjectList()
            lab.configure({"path": os.getcwd(), "experiments_path": c.output})
            experiment.create(name=c.name, writers={"file"})
            experiment.configs(c)
            folder = Path(lab.get_experiments_path(), c.name, experiment.get_uuid())
            folder.mkdir(parents=True, exist_ok=True)
            record = experiment.start()
    except OSError as error:
        raise TrainingError(
            f"cannot create a run in output={c.output}: {error.strerror}"
        ) from None
    folder = Path(os.path.relpath(folder))
    say(f"run {folder}")
    return folder, record


# ## The result file
#
# Its [schema](result.schema.json) describes each entry for programs that read it.
def build_result(run: Run, test_set: LabeledImages) -> dict[str, Any]:
    """Evaluate a finished run on the test set, and record how the run was made."""
    seconds = sum(epoch["seconds"] for epoch in run.history)
    images = run.steps * run.c.batch_size
    return {
        "settings": {
            name: value
            for name, value in setting_values(run.c).items()
            if name not in MACHINE_SETTINGS
        },
        "parameters": sum(weight.numel() for weight in run.model.parameters()),
        "classes": list(run.train_set.classes),
        "train_images": len(run.train_set.labels),
        "epochs": run.history,
        **({"earlier_plans": run.earlier_plans} if run.earlier_plans else {}),
        "best_validation": run.best,
        "test": metrics(
            run.log_probabilities(test_set),
            run.log_probabilities(flipped(test_set)),
            test_set,
        ),
        "seconds_training": round(seconds, 1),
        "seconds_total": round(run.total_seconds(), 1),
        "images_per_second": round(images / seconds, 1),
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


def hardware(device: torch.device) -> dict[str, Any]:
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        return {"device": name, "count": world_size(), "cpu": cpu_name()}
    return {"device": "CPU", "threads": torch.get_num_threads(), "cpu": cpu_name()}


def cpu_name() -> str:
    """The model name that the processor reports."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def save_result(folder: Path, result: dict[str, Any]) -> None:
    """Write the result and its plots into the folder of the run."""
    if rank() > 0:
        return
    try:
        write_json(folder / "result.json", result)
        write_text(folder / "curves.svg", plot.learning_curves([result]))
        write_text(folder / "confusion.svg", plot.confusion_matrix(result))
    except OSError as error:
        raise cannot_write(folder, error) from None
    say(f"{summary(result['test'])}\n{folder / 'result.json'}")
    # The last epoch is not always the best. If the run was resumed, the best checkpoint
    # can be in the folder of the earlier run.
    epoch, epochs = result["best_validation"]["epoch"], result["epochs"]
    if 0 < epoch < len(epochs):
        step = epochs[epoch - 1]["step"]
        file = checkpoint.of_step(folder / "checkpoints", step)
        if file.exists():
            say(f"best on the validation set, after epoch {epoch}: {file}")


def write_json(file: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, all of it or nothing."""
    text = json.dumps(result, indent=1)
    # Write each row of a matrix on one line, not each number.
    text = re.sub(r"\[\n\s+([-\d][-+.\de,\s]*)\n\s*\]", _on_one_line, text)
    write_text(file, f"{text}\n")


def write_text(file: Path, text: str) -> None:
    """Write a file, all of it or nothing."""
    temporary = file.with_suffix(".partial")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, file)


def _on_one_line(numbers: re.Match[str]) -> str:
    return f"[{' '.join(numbers[1].split())}]"


def summary(test: dict[str, Any]) -> str:
    return (
        f"accuracy on {test['images']:,} test images: {test['accuracy']:.2%}, "
        f"averaged with their mirror images {test['accuracy_with_flip']:.2%}"
    )


# ## Evaluation without training
def evaluate(
    c: TrainingConfigs, state: dict[str, Any], test_set: LabeledImages
) -> dict[str, Any]:
    """
    The metrics of a checkpoint on the test set. They are also written to
    `evaluation.json` in the folder of the run, over those of an earlier evaluation.
    """
    try:
        c.model.load_state_dict(state["ema"] or state["model"])
    except (KeyError, RuntimeError):
        raise CheckpointError(
            f"{c.evaluate} holds a different model than these settings build"
        ) from None
    c.model.eval()
    plain, mirrored = (
        log_probabilities(
            c.model, images, state["statistics"], c.device, bfloat16=False
        )
        for images in (test_set, flipped(test_set))
    )
    result = metrics(plain, mirrored, test_set)
    file = checkpoint.run_folder(c.evaluate) / "evaluation.json"
    if rank() == 0:
        evaluation = {"classes": list(test_set.classes), "step": state["step"]}
        try:
            write_json(file, {**evaluation, "test": result})
        except OSError as error:
            raise TrainingError(
                f"{summary(result)}; {file} cannot be written: {error.strerror}"
            ) from None
    say(f"{summary(result)}\n{file}")
    return result
