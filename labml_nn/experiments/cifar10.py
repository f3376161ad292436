r"""
---
title: A run from start to end
summary: >
  Load the data, set a validation set aside, train epoch by epoch, and look at the test
  set once: for CIFAR-10 and for folders of your own images.
---

# A run from start to end

This trains any model that maps images to logits. An experiment derives its settings
from `CIFAR10Configs`, says how its model is built, and calls `run`.

Before this: [what a run leaves behind](results.py). Next: [how a run is started from
the command line](command.py).
"""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

import torch
from labml import monit

from ..helpers import checkpoint
from ..helpers.data import Splits, load
from .distributed import StopRequest, main_process_first, share_errors, world_size
from .loop import train_epoch
from .progress import on_terminal, quiet, say, warn
from .results import build_result, evaluate, save_result, start_record
from .resume import begin_anew, stream_seed
from .run import Run
from .settings import TrainingConfigs, TrainingError, setting_values


class CIFAR10Configs(TrainingConfigs):
    """
    ## An experiment

    The [settings](settings.py), and a method that trains with them.
    """

    def run(self) -> dict[str, Any]:
        """
        Train the model, or only evaluate it. Returns the result of training or the
        metrics of the evaluation; both are also written to a file.
        """
        return run_experiment(self)


# ## The run
def run_experiment(c: TrainingConfigs) -> dict[str, Any]:
    started = time.perf_counter()
    splits = share_errors(lambda: load_data(c))
    if c.dataset == "folder":
        report(splits)
    classes = splits.train.classes
    if len(classes) < 2:
        raise TrainingError(
            f"the data set has the single class {', '.join(classes)}; a classifier "
            "needs at least two"
        )
    if not c.evaluate:
        shrink(c, len(splits.train.labels))
    # The model has as many outputs as there are classes, unless it already exists.
    if c._get_computed("model") is None:
        c._set_values({"classes": classes})
    place = c.evaluate or c.resume
    state = share_errors(lambda: load_checkpoint(c, place, classes)) if place else None

    # Accessing the model builds it, so seed its initial weights first.
    torch.manual_seed(stream_seed(c.seed, "weights"))
    with quiet():
        c.model.to(c.device)
    if c.init and not state:
        share_errors(lambda: c.load_weights(c.init))
    if c.evaluate and state:
        return evaluate(c, state, splits.test)
    n_classes = setting_values(c).get("model.n_classes", len(classes))
    if n_classes != len(classes):
        raise TrainingError(
            f"model.n_classes={n_classes} does not match the {len(classes)} classes "
            f"{', '.join(classes)}; leave it out"
        )

    # The validation set is drawn at random, and stays the same for the same seed.
    generator = torch.Generator().manual_seed(stream_seed(c.seed, "validation"))
    images, test_set = splits.train, splits.test
    order = torch.randperm(len(images.labels), generator=generator)
    if c.validation_size >= len(order):
        raise TrainingError(
            f"validation_size={c.validation_size} leaves none of {len(order)} images "
            f"to train on; try validation_size={len(order) // 10}"
        )
    source = images.fingerprint()
    validation_set = images.subset(order[: c.validation_size])
    train_set = images.subset(order[c.validation_size :])
    # Both are copies, so free the original images.
    del images, splits
    run = Run(c, train_set.to(c.device), source)
    run.started = started
    if state:
        share_errors(lambda: run.restore(state))

    folder, record = share_errors(lambda: start_record(c))
    try:
        with record:
            with StopRequest() as stop:
                while run.step < run.steps:
                    train_epoch(run, validation_set, folder, stop)
                    if stop.received() and run.step < run.steps:
                        raise KeyboardInterrupt
            result = build_result(run, test_set)
            share_errors(lambda: save_result(folder, result))
    except KeyboardInterrupt:
        # The command line prints how to resume from this folder.
        if checkpoint.found(folder / "checkpoints"):
            raise KeyboardInterrupt(str(folder)) from None
        raise
    return result


def load_data(c: TrainingConfigs) -> Splits:
    # The main process downloads what is missing, and the others find the files.
    section = contextlib.nullcontext()
    if on_terminal():
        section = monit.section("Read the images")
    with main_process_first(), section:
        return load(c.dataset, c.data_path, c.image_size)


def shrink(c: TrainingConfigs, count: int) -> None:
    """
    Reduce the sizes of a preset if there are only `count` images to train on. A size
    that the command asks for stays, and is rejected if it is impossible.
    """
    sizes = {
        name: size
        for name, size in c._may_shrink.items()
        if c._get_computed(name) is None
    }
    smaller = {}
    if sizes.get("validation_size", 0) > count // 5:
        smaller["validation_size"] = count // 10
        c._set_values(smaller)
    left = count - c.validation_size
    if sizes.get("batch_size", 0) > left > 0:
        # Each process gets an equal share of the batch, and splits it into equal parts.
        parts = world_size() * c.accumulation
        smaller["batch_size"] = parts * max(1, left // 4 // parts)
        c._set_values({"batch_size": smaller["batch_size"]})
    if smaller:
        chosen = " and ".join(f"{name}={size}" for name, size in smaller.items())
        warn(f"with {count:,} images to train on, {chosen}")


# A file that was left out in silence would be missed only after training.
def report(splits: Splits) -> None:
    """Print how many images each class has, and which files are not images."""
    for name, images in (("train", splits.train), ("test", splits.test)):
        counts = images.counts()
        if len(counts) <= 20:
            listed = ", ".join(f"{count:,} {label}" for label, count in counts.items())
        else:
            few, many = min(counts.values()), max(counts.values())
            span = f"{few:,}" if few == many else f"{few:,} to {many:,}"
            listed = f"{span} for each of {len(counts):,} classes"
        say(f"{name}: {sum(counts.values()):,} images, {listed}")
    if splits.left_out:
        shown = ", ".join(splits.left_out[:5])
        others = (
            f" and {len(splits.left_out) - 5:,} more" if splits.left_out[5:] else ""
        )
        warn(f"left out, because hidden or no image: {shown}{others}")


def load_checkpoint(
    c: TrainingConfigs, place: str, classes: Sequence[str]
) -> dict[str, Any]:
    with quiet():
        state = checkpoint.load(place, c.device)
    trained_classes = list(state["classes"])
    if trained_classes != list(classes):
        anew = ""
        if c.resume and (c._replaces_head or len(trained_classes) == len(classes)):
            anew = f"; {begin_anew(place)}"
        raise TrainingError(
            f"{place} was trained on the classes {', '.join(trained_classes)}, but the "
            f"data set has {', '.join(classes)}{anew}"
        )
    return state
