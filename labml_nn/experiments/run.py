r"""
---
title: One training step
summary: >
  The state of a run, one step of it, and everything that it takes to interrupt a run
  anywhere and resume it to the bit.
---

# One training step

Augment a batch, compute the loss, follow the gradient. Around that: images that grow,
easy images that are skipped, a moving average of the weights, and the state that goes
into a checkpoint.

Before this: [what makes a run resumable](resume.py). Next: [the loop over these steps](
loop.py).
"""

import contextlib
import itertools
import math
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from ..helpers import augment
from ..helpers.checkpoint import CheckpointError
from ..helpers.data import Batches, LabeledImages
from ..helpers.evaluate import log_probabilities
from ..helpers.optimize import (
    ExponentialMovingAverage,
    build_optimizers,
    lr_factor,
)
from .distributed import (
    distribute,
    max_over_processes,
    mean_over_processes,
    rank,
    world_size,
)
from .progress import say
from .resume import check_resumable, stream_seed
from .settings import (
    TrainingConfigs,
    UsageError,
    parse_size_schedule,
    setting_values,
)

# An epoch that begins after this fraction of training skips no image.
SKIP_UNTIL = 0.85


# The size of the sample that `prepare` gets, in pixels: 5,000 images of 32×32, or fewer
# larger ones.
SAMPLE_PIXELS = 5000 * 32 * 32


# ## The run
class Run:
    """
    The state of a training run: the model, its optimizers, and how far it has come.

    * `c` holds the settings
    * `train_set` is what the model is trained on
    * `source` is the fingerprint of the images that `train_set` was drawn from, by
      default that of `train_set` itself
    """

    def __init__(
        self,
        c: TrainingConfigs,
        train_set: LabeledImages,
        source: dict[str, Any] | None = None,
    ) -> None:
        self.c, self.train_set, self.device = c, train_set, c.device
        self.source = source or train_set.fingerprint()
        self.model = c.model.to(self.device)
        self.batches = Batches(
            len(train_set.labels), c.batch_size, stream_seed(c.seed, "order")
        )
        if c.batch_size % (world_size() * c.accumulation):
            parts = f"accumulation={c.accumulation}" if c.accumulation > 1 else ""
            processes = f"{world_size()} processes" if world_size() > 1 else ""
            raise UsageError(
                f"batch_size={c.batch_size} cannot be split evenly over "
                f"{' times '.join(filter(None, (processes, parts)))}"
            )
        self.steps = c.epochs * len(self.batches)
        self.step = 0
        # Earlier plans: how many epochs each had, and the step at which it changed.
        self.earlier_plans: list[dict[str, int]] = []
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Any] = {"epoch": 0, "accuracy": 0.0}
        # When this command started, and the time spent by the commands that it resumes.
        self.started, self.earlier_seconds = time.perf_counter(), 0.0
        self.next_save = 0.0
        # The unfinished epoch: its sums of losses and accuracies, and its duration.
        self.epoch_sums = torch.zeros(2, device=self.device)
        self.epoch_seconds = 0.0
        # The loss of each training image when it was last seen, as of the end of the
        # last epoch and within the current one.
        unseen = torch.full((len(train_set.labels),), math.inf, device=self.device)
        self.losses, self.new_losses = unseen, torch.zeros_like(unseen)

        self.optimizers = build_optimizers(
            self.model, c.muon_lr, c.adam_lr, c.weight_decay
        )
        self.peak_lrs = [
            [group["lr"] for group in optimizer.param_groups]
            for optimizer in self.optimizers
        ]
        self.ema = (
            ExponentialMovingAverage(self.model, c.ema_decay) if c.ema_decay else None
        )
        self.size_schedule = parse_size_schedule(c.size_schedule, c.image_size)
        self._check_sizes()
        # The total work after each step, for the [progress bar](progress.py).
        self.work = list(
            itertools.accumulate(
                self.image_size(step) ** 2 for step in range(self.steps)
            )
        )
        self.loss = Loss(distribute(self.model, self.device), c.bfloat16)
        if c.compile:
            self._compile()
        self.mean, self.std = train_set.channel_statistics()
        if not c.init:
            torch.manual_seed(stream_seed(c.seed, "prepare"))
            pixels = train_set.images[0, 0].numel()
            sample = train_set.images[: max(1, SAMPLE_PIXELS // pixels)].float()
            c.prepare((sample - self.mean) / self.std)

    def _check_sizes(self) -> None:
        c = self.c
        if c.crop >= c.image_size:
            raise UsageError(f"crop={c.crop} must be below image_size={c.image_size}")
        # If the model rejects a size, find out now and not late in training.
        self.model.eval()
        with torch.no_grad():
            for _, size in self.size_schedule:
                self.model(torch.zeros(1, 3, size, size, device=self.device))
        self.model.train()

    def _compile(self) -> None:
        # All layers share one compiled program per image size, except a last one that
        # computes only the class token. Compile all programs before the first epoch,
        # then restore the statistics of batch norms, which this changes.
        sizes = sorted({size for _, size in self.size_schedule})
        say(f"compiling for images of {', '.join(map(str, sizes))} pixels ...")
        for name, layers in self.model.named_modules():
            if name.rpartition(".")[2] == "layers":
                for layer in layers.children():
                    layer.compile(dynamic=False)
        batch = self.c.batch_size // world_size() // self.c.accumulation
        n_classes = len(self.train_set.classes)
        labels = torch.full((batch, n_classes), 1 / n_classes, device=self.device)
        state = {
            name: tensor.clone() for name, tensor in self.model.state_dict().items()
        }
        for size in sizes:
            x = torch.zeros(batch, 3, size, size, device=self.device)
            self.loss(x, labels)[0].backward()
        self.model.zero_grad(set_to_none=True)
        self.model.load_state_dict(state)

    # ### One step
    def train_step(self, indices: Tensor) -> Tensor:
        """
        Train on the images at `indices`. Returns the loss and the accuracy on this
        process's part of the batch, of shape `[2]`.
        """
        c = self.c
        self._set_learning_rates()
        seed = stream_seed(c.seed, "augmentation", self.step)
        generator = torch.Generator(self.device).manual_seed(seed)
        # Dropout and stochastic depth draw from PyTorch's own generator.
        torch.manual_seed(stream_seed(c.seed, "model", self.step))
        x, labels = self._augmented(indices, generator)
        indices, x, labels = map(self._own, (indices, x, labels))
        loss, logits = self._gradient(x, labels)
        if c.clip_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), c.clip_norm)
        for optimizer in self.optimizers:
            optimizer.step()
        if self.ema:
            self.ema.update(self.model, self.step)
        self.step += 1

        targets = self.train_set.labels[indices]
        if c.skip_easy > 0:
            # An image that comes twice in an epoch keeps the larger of its losses, so
            # the order and the process make no difference.
            losses = F.cross_entropy(logits.float(), targets, reduction="none")
            self.new_losses.scatter_reduce_(0, indices, losses, "amax")
        accuracy = (logits.argmax(1) == targets).float().mean()
        return torch.stack([loss, accuracy])

    def _own(self, batch: Tensor) -> Tensor:
        # A slice of each part, since the processes draw dropout masks part by part.
        parts = batch.unflatten(0, (self.c.accumulation, world_size(), -1))
        return parts[:, rank()].flatten(0, 1)

    def _gradient(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the gradient of a batch. Returns its loss and its logits."""
        self.model.zero_grad(set_to_none=True)
        parts = self.c.accumulation
        losses, logits = [], []
        for number, (images, targets) in enumerate(
            zip(x.chunk(parts), labels.chunk(parts), strict=True), 1
        ):
            # Several processes exchange their gradients only once, after the last part.
            network = self.loss.network
            exchange: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
            if number < parts and isinstance(network, DistributedDataParallel):
                exchange = network.no_sync()
            with exchange:
                loss, part = self.loss(images, targets)
                (loss / parts).backward()
            losses.append(loss.detach())
            logits.append(part.detach())
        return torch.stack(losses).mean(), torch.cat(logits)

    def _set_learning_rates(self) -> None:
        # The learning rate of a step is that of its midpoint. At its start, the rate of
        # the first step would be zero.
        factor = self._lr_factor(self.steps)
        for optimizer, peak_lrs in zip(self.optimizers, self.peak_lrs, strict=True):
            for group, peak_lr in zip(optimizer.param_groups, peak_lrs, strict=True):
                group["lr"] = peak_lr * factor

    def _lr_factor(self, steps: int) -> float:
        """The learning rate factor of the next step in a run of `steps` steps."""
        progress = min((self.step + 0.5) / steps, 1.0)
        return lr_factor(progress, self.c.warmup, self.c.lr_schedule)

    def _augmented(
        self, indices: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """The images at `indices` and their labels, augmented and standardised."""
        c, n_classes = self.c, len(self.train_set.classes)
        x = self.train_set.images.index_select(0, indices).float()
        labels = F.one_hot(self.train_set.labels[indices], n_classes).float()
        labels = labels * (1 - c.label_smoothing) + c.label_smoothing / n_classes
        if c.flip:
            x = augment.random_flip(x, generator)
        if c.crop:
            x = augment.random_crop(x, c.crop, generator)
        if c.trivial_augment:
            x = augment.trivial_augment(x, generator)
        # If both are on, mixup and CutMix alternate from step to step.
        mixes = [
            (mix, alpha)
            for mix, alpha in ((augment.mixup, c.mixup), (augment.cutmix, c.cutmix))
            if alpha > 0
        ]
        if mixes:
            mix, alpha = mixes[self.step % len(mixes)]
            x, labels = mix(x, labels, alpha, generator)
        size = self.image_size(self.step)
        if size != x.shape[-1]:
            x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)
        return (x - self.mean) / self.std, labels

    def image_size(self, step: int) -> int:
        """The height and width of the images at a step."""
        progress = step / self.steps
        return [size for start, size in self.size_schedule if progress >= start][-1]

    # ### Easy images
    def skip_probabilities(self, epoch: int) -> Tensor | None:
        """The probability that this epoch skips each image; `None` skips none."""
        if self.c.skip_easy == 0 or epoch > SKIP_UNTIL * self.c.epochs:
            return None
        mean_loss = self.losses[self.losses.isfinite()].mean()
        return self.c.skip_easy * (self.losses < mean_loss).float().cpu()

    def gather(self) -> None:
        """Combine what the processes recorded about the current epoch."""
        self.epoch_sums = mean_over_processes(self.epoch_sums)
        if self.c.skip_easy > 0:
            self.new_losses = max_over_processes(self.new_losses)

    def end_epoch(self) -> None:
        """Keep the new losses of the images, and reset the sums."""
        self.gather()
        seen = self.new_losses > 0
        self.losses = torch.where(seen, self.new_losses, self.losses)
        self.new_losses.zero_()
        self.epoch_sums = torch.zeros_like(self.epoch_sums)
        self.epoch_seconds = 0.0

    def best_step(self) -> int:
        """The step with the best validation accuracy, 0 before the first epoch ends."""
        return self.best["epoch"] * len(self.batches)

    # ### Evaluation
    def log_probabilities(self, images: LabeledImages) -> Tensor:
        """
        The [log-probabilities](../helpers/evaluate.py#log_probabilities) of the
        classes, from the EMA of the weights if there is one.
        """
        weights = self.model.state_dict()
        if self.ema:
            weights = {name: weight.clone() for name, weight in weights.items()}
            self.model.load_state_dict(self.ema.weights)
        self.model.eval()
        # Compiling for evaluation would take more time than it saves.
        with torch.compiler.set_stance("force_eager"):
            result = log_probabilities(
                self.model, images, (self.mean, self.std), self.device, self.c.bfloat16
            )
        self.model.train()
        if self.ema:
            self.model.load_state_dict(weights)
        return result

    # ### The state in a checkpoint
    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.weights if self.ema else None,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "earlier_plans": self.earlier_plans,
            "history": self.history,
            "best": self.best,
            "epoch_sums": self.epoch_sums,
            "epoch_seconds": self.epoch_seconds,
            "losses": [self.losses, self.new_losses],
            "total_seconds": self.total_seconds(),
            "images": self.source,
            "statistics": [self.mean, self.std],
            "classes": list(self.train_set.classes),
            "settings": setting_values(self.c),
        }

    def total_seconds(self) -> float:
        return self.earlier_seconds + time.perf_counter() - self.started

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from `state` if that is [possible](resume.py#check_resumable)."""
        check_resumable(self.c, state, self.source, len(self.batches))
        try:
            self._restore(state)
            self._change_plan(state["settings"]["epochs"])
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise CheckpointError(
                f"{self.c.resume} is not the checkpoint of a run with these settings"
            ) from None

    def _change_plan(self, planned: int) -> None:
        # All schedules depend on the fraction of training that is done, so they need no
        # change. But the learning rate of a run that had nearly ended rises again.
        if planned == self.c.epochs:
            return
        self.earlier_plans.append({"epochs": planned, "until_step": self.step})
        before, now = (
            self._lr_factor(epochs * len(self.batches))
            for epochs in (planned, self.c.epochs)
        )
        say(
            f"resumed with epochs={self.c.epochs} and not {planned}: the learning rate "
            f"follows the schedule of {self.c.epochs} epochs, so it goes on with "
            f"{now:.1%} of its peak and not with {before:.1%}"
        )

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        if self.ema:
            self.ema.weights = state["ema"]
        self.step, self.history = state["step"], state["history"]
        self.best, self.earlier_seconds = state["best"], state["total_seconds"]
        self.earlier_plans = list(state.get("earlier_plans", []))
        self.epoch_sums = state["epoch_sums"]
        self.epoch_seconds = state["epoch_seconds"]
        self.losses, self.new_losses = state["losses"]


class Loss(nn.Module):
    """Computes the loss of a batch, and returns the logits with it."""

    def __init__(self, network: nn.Module, bfloat16: bool) -> None:
        super().__init__()
        self.network, self.in_bfloat16 = network, bfloat16

    def forward(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        # Only matrix products are in bfloat16: weights, gradients and loss are float32.
        # It has the range of float32, so no loss is scaled, as it is for float16.
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            logits = self.network(x)
        return F.cross_entropy(logits.float(), labels), logits
