r"""
---
title: Python 3.12 and newer tell by events
summary: >
  Listens to events of sys.monitoring, and asks for no more of them than may show
  something new.
---

# Python 3.12 and newer tell by events

[`sys.monitoring`](https://docs.python.org/3/library/sys.monitoring.html) calls back
when a function begins, when a line is about to run, when a value is returned or yielded
and when an exception is raised. Events can be switched off where they are of no use,
and code without events runs at full speed.

* Code that is not documented is asked about once.
* A line in a loop that shows nothing new is switched off, line by line, as long as its
  call is the only one of the function.
* As soon as a line that may show something new begins, all lines of the function are
  switched on again: the next line has to tell that this one is over.
"""

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from ..model import usage_error
from .calls import WatchedCode
from .watch import Watcher

# After this many lines in a row that show nothing new, a call is left alone.
QUIET_LINES = 64


def start_monitoring(watcher: Watcher) -> Callable[[], None]:
    """Begin to tell a watcher what runs. Returns the function that ends it."""
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    # The other numbers have meanings for debuggers, coverage and profilers.
    free = (tool for tool in (4, 3) if monitoring.get_tool(tool) is None)
    tool = next(free, None)
    if tool is None:
        raise usage_error("record: two other tools are monitoring this Python")
    events, disable = monitoring.events, monitoring.DISABLE
    monitoring.use_tool_id(tool, "sidelit")
    # These run for every line of a watched function: local names are the fastest.
    calls, codes = watcher.calls, watcher.codes

    def switch_on(watched: WatchedCode) -> None:
        """Ask for all events of a function."""
        if watched.quiet:
            # Lines that were switched off one by one come back only after the events of
            # the function were cleared.
            monitoring.set_local_events(tool, watched.code, 0)
        watched.quiet = False
        wanted = events.LINE | events.PY_RETURN
        if watched.function and watched.function.gives == "yield":
            wanted |= events.PY_YIELD
        monitoring.set_local_events(tool, watched.code, wanted)

    def start(code: CodeType, offset: int) -> Any:
        watched = watcher.begin(sys._getframe(1))
        if watched is None:
            return disable
        if id(sys._getframe(1)) in calls:
            switch_on(watched)
            return None
        with watcher.lock:
            if not watched.calls and not watched.quiet:
                monitoring.set_local_events(tool, code, 0)
                watched.quiet = True
        return None

    def line(code: CodeType, line: int) -> Any:
        frame = sys._getframe(1)
        call = calls.get(id(frame))
        if call is None:
            return None
        try:
            call.line(frame, line)
        except Exception as error:
            watcher.drop(frame, error)
        watched = call.code
        if call.quiet_lines < QUIET_LINES:
            if watched.quiet and not call.quiet_lines:
                switch_on(watched)
            return None
        # Another thread may begin a call of this function whenever a function is called
        # here, so none is called between these two lines.
        watched.quiet = True
        return disable if watched.calls == 1 else None

    def yielded(code: CodeType, offset: int, value: Any) -> None:
        watcher.yielded(sys._getframe(1), value)

    def returned(code: CodeType, offset: int, value: Any) -> None:
        watcher.end(sys._getframe(1), value)

    # Python reports exceptions of all code, most of which is not recorded.
    def raised(code: CodeType, offset: int, error: BaseException) -> None:
        if id(code) in codes:
            watcher.raised(sys._getframe(1))

    def unwound(code: CodeType, offset: int, error: BaseException) -> None:
        if id(code) in codes:
            frame = sys._getframe(1)
            watcher.raised(frame)
            watcher.end(frame, None)

    for event, callback in (
        (events.PY_START, start),
        (events.LINE, line),
        (events.PY_RETURN, returned),
        (events.PY_YIELD, yielded),
        (events.RAISE, raised),
        (events.PY_UNWIND, unwound),
    ):
        monitoring.register_callback(tool, event, callback)
    monitoring.set_events(tool, events.PY_START | events.RAISE | events.PY_UNWIND)

    def stop() -> None:
        monitoring.set_events(tool, 0)
        for watched in codes.values():
            monitoring.set_local_events(tool, watched.code, 0)
        monitoring.free_tool_id(tool)

    return stop
