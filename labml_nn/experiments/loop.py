r"""
---
title: The training loop
summary: >
  Epoch by epoch: train, evaluate on the validation set, save, and stop in good order
  when something goes wrong.
---

# The training loop

An epoch is a sequence of [steps](run.py). This page is about what happens between them:
reading the loss, noticing Ctrl-C, evaluating and saving.

Why a loop of our own? The one in labml-helpers calls functions that labml no longer
has, and it cannot resume a run.

Before this: [one step](run.py). Next: [what a run leaves behind](results.py).
"""

import math
import time
from pathlib import Path

from labml import tracker

from ..helpers import checkpoint
from ..helpers.data import LabeledImages
from .distributed import StopRequest, mean_over_processes, rank, share_errors
from .progress import ProgressBar
from .run import Run
from .settings import TrainingError

# To read the loss, the CPU has to wait for the GPU, so it does that only every so many
# steps.
STEPS_BETWEEN_READINGS = 20


def train_epoch(
    run: Run, validation_set: LabeledImages, folder: Path, stop: StopRequest
) -> None:
    """Train to the end of the epoch, then evaluate and save."""
    c, begin = run.c, time.perf_counter() - run.epoch_seconds
    number, first_batch = divmod(run.step, len(run.batches))
    bar = ProgressBar(number, c.epochs, run.step, run.work, c.batch_size)
    skip = run.skip_probabilities(number)
    batches = run.batches.epoch(number, first_batch, skip, run.device)
    for count, indices in enumerate(batches, first_batch + 1):
        run.epoch_sums += run.train_step(indices)
        if count % STEPS_BETWEEN_READINGS and count < len(run.batches):
            continue
        loss, accuracy = mean_over_processes(run.epoch_sums / count).tolist()
        run.epoch_seconds = time.perf_counter() - begin
        check_loss(loss, run, folder)
        bar.show(run.step, loss, accuracy)
        # A run that is stopped in the last step of an epoch evaluates the epoch first.
        if count < len(run.batches) and stop.received():
            run.gather()
            save(run, folder)
            raise KeyboardInterrupt

    is_best = False
    epoch = {
        "epoch": number + 1,
        "step": run.step,
        "loss": loss,
        "accuracy": accuracy,
        "seconds": run.epoch_seconds,
    }
    if c.validation_size:
        predicted = run.log_probabilities(validation_set).argmax(1)
        correct = predicted == validation_set.labels
        epoch["validation_accuracy"] = correct.float().mean().item()
        is_best = epoch["validation_accuracy"] > run.best["accuracy"]
        if is_best:
            run.best = {"epoch": number + 1, "accuracy": epoch["validation_accuracy"]}
    run.history.append(epoch)
    run.end_epoch()
    bar.end(epoch)
    if rank() == 0:
        metrics = {name: value for name, value in epoch.items() if name != "step"}
        tracker.save(run.step, metrics)
    # The best model so far is always saved.
    save(run, folder, required=is_best or run.step == run.steps)


def check_loss(loss: float, run: Run, folder: Path) -> None:
    # Guessing has a loss of the logarithm of the number of classes. Three times that is
    # far worse than knowing nothing.
    limit = 3 * math.log(len(run.train_set.classes))
    if math.isfinite(loss) and loss < limit:
        return
    raise TrainingError(
        f"the loss is {loss:.3g} at step {run.step}, so training has diverged; try a "
        f"lower adam_lr or muon_lr{checkpoint.last_good(folder)}"
    )


# Saving a large model can take longer than training it for an epoch. After each
# checkpoint, the next one waits twenty times as long as saving took.
SAVE_INTERVAL = 20


def save(run: Run, folder: Path, required: bool = True) -> None:
    """Save a checkpoint. Unless `required`, skip it if the last one was too recent."""

    def write() -> None:
        start = time.perf_counter()
        if rank() > 0 or (not required and start < run.next_save):
            return
        try:
            checkpoint.save(
                folder / "checkpoints", run.step, run.state(), run.best_step()
            )
        except OSError as error:
            raise cannot_write(folder, error) from None
        end = time.perf_counter()
        run.next_save = end + SAVE_INTERVAL * (end - start)

    share_errors(write)


def cannot_write(folder: Path, error: OSError) -> TrainingError:
    return TrainingError(
        f"{folder} cannot be written: {error.strerror}{checkpoint.last_good(folder)}"
    )
