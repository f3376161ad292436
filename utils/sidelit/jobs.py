r"""
---
title: Several processes
summary: >
  The same function for many files, in as many processes as there are cores to use, with
  the results in the order of the files.
---

# Several processes

Python runs on one core at a time, so several processes make a large site. Each is told
once what all of them share, and then gets its part of the files. The results come in
the order of the files, whichever process finishes first.
"""

import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from .model import usage_error

Item = TypeVar("Item")
Result = TypeVar("Result")
Shared = TypeVar("Shared")


def usable_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(
    function: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Sequence[Item],
    jobs: int,
) -> Generator[Result, None, None]:
    """
    `function(shared, item)` for each item, in order, in this process if there is one
    job. Otherwise the function is one of a module, and all results can be pickled.
    Raises `SidelitError` if a process dies, for which the system has its reasons.
    """
    if jobs < 2 or len(items) < 2:
        for item in items:
            yield function(shared, item)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # A forked process has the shared value already; elsewhere it is sent to each once.
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(
        min(jobs, len(items)), context, _begin, (shared, os.getpid())
    )
    try:
        # Parts small enough that no process is left alone with the last one.
        size = max(1, min(16, len(items) // (jobs * 4)))
        with _undisturbed():
            results = pool.map(partial(_call, function), items, chunksize=size)
        yield from results
    except BrokenProcessPool:
        raise usage_error(
            "a process of this build was ended from outside, perhaps for want of "
            "memory; try again with --jobs 1"
        ) from None
    finally:
        with _undisturbed():
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """
    Let Ctrl-C wait while processes are started or ended: one that has just begun would
    answer with a traceback, and one that nobody ends would wait for ever.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_shared: Any = None


def _begin(shared: Any, parent: int) -> None:
    global _shared
    _shared = shared
    gc.disable()
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    # Ctrl-C reaches all processes of a terminal, and the first of them ends the others.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with(parent: int) -> None:
    """End this process when the one that has started it was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _call(function: Callable[[Any, Any], Any], item: Any) -> Any:
    return function(_shared, item)
