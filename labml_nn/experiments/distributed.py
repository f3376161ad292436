r"""
---
title: One run on several devices
summary: >
  How the processes that torchrun starts share one training run: the same batches, the
  same dropout masks, the same errors.
---

# One run on several devices

`torchrun` starts one process per device and tells each its rank. Every process draws
the random numbers for the whole batch and computes its own part of it, so the result
equals that of a single process up to rounding. Batch norms on CPUs are the exception:
each sees only its own part of the batch.

Before this: [the settings](settings.py). Next: [the progress bar](progress.py).
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ..helpers.checkpoint import CheckpointError
from ..helpers.data import DataError
from ..transformers.models import StochasticDepth
from .settings import TrainingError

T = TypeVar("T")


# ## Processes
def rank() -> int:
    """The rank of this process; 0 is the main process."""
    return int(os.environ["RANK"]) if "LOCAL_RANK" in os.environ else 0


def world_size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


@contextlib.contextmanager
def process_group() -> Iterator[None]:
    """Connect the processes if `torchrun` started this one; otherwise do nothing."""
    if "LOCAL_RANK" not in os.environ:
        yield
        return
    # Even with GPUs, errors and other objects on the CPU are exchanged over Gloo.
    cuda = torch.cuda.is_available()
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    try:
        yield
        # `torchrun` stops all processes as soon as one fails. So they wait for the main
        # process, which may still have a message to print.
        with contextlib.suppress(RuntimeError):
            dist.barrier()
    finally:
        dist.destroy_process_group()


@contextlib.contextmanager
def main_process_first() -> Iterator[None]:
    """Let the other processes wait until the main process has left the block."""
    if rank() > 0:
        dist.barrier()
    try:
        yield
    finally:
        if rank() == 0 and world_size() > 1:
            dist.barrier()


# ## Agreement
#
# If one process stopped, the others would wait for it forever. So all must see the same
# errors and make the same decisions.
def share_errors(work: Callable[[], T]) -> T:
    """Return the result of `work`. An error in one process is raised in all."""
    errors: list[Exception | None] = [None]
    try:
        result = work()
    except (CheckpointError, DataError, TrainingError, OSError) as error:
        errors = [error]
    if world_size() > 1:
        own_error, errors = errors[0], [None] * world_size()
        dist.all_gather_object(errors, own_error)
    for shared in errors:
        if shared is not None:
            raise shared
    return result


def from_main_process(compute: Callable[[], T]) -> T:
    """Call `compute` in the main process alone, and return its result in all."""
    if world_size() == 1:
        return compute()
    result: list[Any] = [compute() if rank() == 0 else None]
    dist.broadcast_object_list(result)
    return result[0]


def mean_over_processes(numbers: Tensor) -> Tensor:
    if world_size() > 1:
        dist.all_reduce(numbers)
        numbers = numbers / world_size()
    return numbers


def max_over_processes(numbers: Tensor) -> Tensor:
    if world_size() > 1:
        dist.all_reduce(numbers, dist.ReduceOp.MAX)
    return numbers


class StopRequest:
    """
    Turns Ctrl-C in any process into a request to all of them to stop when the loss is
    read next, when everything can be saved.
    """

    def __enter__(self) -> "StopRequest":
        self._received = False
        self._handlers = {
            number: signal.signal(number, self._receive)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _receive(self, *_: object) -> None:
        self._received = True

    def received(self) -> bool:
        """Whether any of the processes has been asked to stop."""
        received = torch.tensor([float(self._received)])
        return max_over_processes(received).item() > 0


# ## The model
def distribute(model: nn.Module, device: torch.device) -> nn.Module:
    """Prepare `model` for several processes; for a single one, it stays as it is."""
    if world_size() == 1:
        return model
    share_dropout_masks(model)
    if device.type == "cuda":
        model = with_synchronised_batch_norms(model)
    return DistributedDataParallel(model)


def with_synchronised_batch_norms(model: nn.Module) -> nn.Module:
    """The same model, with batch norms that see the batches of all processes."""
    return nn.SyncBatchNorm.convert_sync_batchnorm(model)


class GlobalDropout(nn.Module):
    """
    Dropout or stochastic depth with the mask that a single process would draw: draw it
    for the whole batch, and use the rows of this process.
    """

    def __init__(self, dropout: nn.Dropout | StochasticDepth) -> None:
        super().__init__()
        self.dropout = dropout
        self.rank, self.world_size = rank(), world_size()

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        # Stochastic depth needs a single random number per image.
        per_image = x.shape[1:] if isinstance(self.dropout, nn.Dropout) else (1, 1)
        mask = self.dropout(x.new_ones(len(x) * self.world_size, *per_image))
        return x * mask[self.rank * len(x) : (self.rank + 1) * len(x)]


def share_dropout_masks(model: nn.Module) -> None:
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if (isinstance(child, nn.Dropout) and child.p > 0) or (
                isinstance(child, StochasticDepth) and child.drop_prob > 0
            ):
                setattr(parent, name, GlobalDropout(child))
