r"""
---
title: What training prints
summary: >
  A progress bar that knows how the remaining time depends on the image size, and one
  line for each epoch.
---

# What training prints

One line for each epoch and, on a terminal, a progress bar. labml has a progress bar,
too, but that assumes that all steps take equally long. With [progressive
resizing](settings.py#TrainingConfigs), the last ones take several times as long as the
first.

Before this: [several processes](distributed.py). Next: [what makes a run
resumable](resume.py).
"""

import contextlib
import io
import sys
import time
from collections.abc import Sequence

from .distributed import rank


def on_terminal() -> bool:
    """Whether the output of this process is shown on a terminal."""
    return rank() == 0 and sys.stdout.isatty()


def say(text: str) -> None:
    """Print a line, once for all processes and in place of the progress bar."""
    if rank() == 0:
        clear_line = "\r\x1b[K" if sys.stdout.isatty() else ""
        print(f"{clear_line}{text}", flush=True)


def warn(text: str) -> None:
    """Print a line to standard error, once for all processes."""
    if rank() == 0:
        print(text, file=sys.stderr, flush=True)


def quiet() -> contextlib.redirect_stdout[io.StringIO]:
    """Silence labml, which reports each setting that it computes."""
    return contextlib.redirect_stdout(io.StringIO())


def minutes(seconds: float) -> str:
    """`83` seconds as `1:23`."""
    whole_minutes, rest = divmod(round(seconds), 60)
    return f"{whole_minutes}:{rest:02}"


class ProgressBar:
    """
    ## The progress bar of an epoch

    * `epoch` is the number of the epoch, counted from 0, out of `epochs`
    * `step` is the step of the run at which the epoch starts or is resumed
    * `work` is the total work after each step of the run, in any unit
    * `batch_size` is the number of images per step
    """

    def __init__(
        self, epoch: int, epochs: int, step: int, work: Sequence[int], batch_size: int
    ) -> None:
        self.epoch, self.epochs, self.first_step = epoch, epochs, step
        self.work, self.batch_size = work, batch_size
        self.steps_per_epoch = len(work) // epochs
        self.begin = time.perf_counter()

    def show(self, step: int, loss: float, accuracy: float) -> None:
        """Update the bar after `step` steps of the run."""
        if not on_terminal():
            return
        seconds = time.perf_counter() - self.begin
        done = step % self.steps_per_epoch / self.steps_per_epoch or 1.0
        bar = "#" * round(20 * done)

        # The larger the images, the longer a step takes, so estimate the time that is
        # left from the work and not from the steps.
        work_before = self.work[self.first_step - 1] if self.first_step else 0
        work_done = self.work[step - 1]
        work_left = self.work[-1] - work_done
        seconds_left = seconds * work_left / (work_done - work_before)
        images_per_second = (step - self.first_step) * self.batch_size / seconds
        print(
            f"\r\x1b[Kepoch {self.epoch + 1}/{self.epochs} [{bar:<20}] "
            f"loss {loss:.3f}  accuracy {accuracy:.1%}  "
            f"{images_per_second:,.0f} images/s  about {minutes(seconds_left)} left",
            end="",
            flush=True,
        )

    def end(self, epoch: dict[str, float]) -> None:
        """Replace the bar with a summary of the finished epoch."""
        images = self.steps_per_epoch * self.batch_size
        validation = ""
        if "validation_accuracy" in epoch:
            validation = f"  validation {epoch['validation_accuracy']:.1%}"
        say(
            f"epoch {self.epoch + 1}/{self.epochs}  loss {epoch['loss']:.3f}  "
            f"accuracy {epoch['accuracy']:.1%}{validation}  "
            f"{images / epoch['seconds']:,.0f} images/s  {minutes(epoch['seconds'])}"
        )
