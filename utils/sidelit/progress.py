r"""
---
title: A line of progress
summary: >
  One line on the terminal that says how far a build has come, for builds that take
  longer than a second.
---

# A line of progress
"""

import sys
import time
from types import TracebackType

# A step that takes no longer than this shows nothing.
_PATIENCE = 1.0
_INTERVAL = 0.1
# What is no terminal keeps its lines, such as the log of a build server.
_SELDOM = 30.0


class Progress:
    """
    ## Progress

    Told what is being done and how many of how many files are, it keeps one line on a
    terminal up to date and takes it away at the end. Elsewhere it adds a line now and
    then. Without a total, what is being done says what is counted.
    """

    def __init__(self, shows: bool = True) -> None:
        self._shows = shows
        self._on_terminal = sys.stderr.isatty()
        self._step = ""
        self._start = self._last = 0.0
        self._width = 0

    def __call__(self, what: str, done: int, total: int = 0) -> None:
        if not self._shows:
            return
        now = time.monotonic()
        if what != self._step:
            self._step, self._start, self._last = what, now, now
        if done == total:
            self._clear()
            self._step = ""
            return
        interval = _INTERVAL if self._on_terminal else _SELDOM
        if now - self._start > _PATIENCE and now - self._last > interval:
            line = f"{what}: {done}"
            if total:
                left = (now - self._start) / max(done, 1) * (total - done)
                line += f" of {total} files, {left:.0f} s left"
            self._write(line)
            self._last = now

    def _write(self, line: str) -> None:
        if self._on_terminal:
            sys.stderr.write(f"\r{line:{self._width}}")
            self._width = len(line)
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def _clear(self) -> None:
        if self._width:
            self._write("")
            sys.stderr.write("\r")

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()
