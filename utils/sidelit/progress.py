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

# A build that takes no longer than this shows nothing.
_PATIENCE = 1.0
_INTERVAL = 0.1


class Progress:
    """
    ## Progress

    Told what is being done and how many of how many files are, it keeps one line up to
    date, if the error stream is a terminal, and takes it away at the end.
    """

    def __init__(self, shows: bool = True) -> None:
        self._shows = shows and sys.stderr.isatty()
        self._start = time.monotonic()
        self._last = self._start
        self._step = ("", self._start)
        self._width = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._step[0]:
            self._step = what, now
        late = now - self._start > _PATIENCE and now - self._last > _INTERVAL
        if self._shows and late:
            left = (now - self._step[1]) / max(done, 1) * (total - done)
            self._write(f"{what}: {done} of {total} files, {left:.0f} s left")
            self._last = now

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r{line:{self._width}}")
        sys.stderr.flush()
        self._width = len(line)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._width:
            self._write("")
            sys.stderr.write("\r")
