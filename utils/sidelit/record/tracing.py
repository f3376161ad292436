r"""
---
title: Python 3.11 tells by a trace function
summary: >
  Listens through sys.settrace where there is no sys.monitoring, and says what that does
  not show.
---

# Python 3.11 tells by a trace function

A trace function hears of every line of a call or of none, and there is no event that
would wake it up again. So only a long loop that calls no function in Python is left
alone, until a function is called: see `QUIET_LINES`.

There is one trace function for each thread. When the program sets its own, or calls so
deep that Python removes ours, the rest is not seen. An audit hook notices both, to be
reported. While one thread is in such a hook, Python 3.11 sets the trace function of
no other, but ends that thread with an error. So new threads take turns.
"""

import dis
import inspect
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from .calls import ActiveCall
from .watch import Watcher

# After this many lines in a row that show nothing new, a call is left alone. What comes
# right behind such a loop is missed, so it is a great many.
QUIET_LINES = 10_000


def start_tracing(watcher: Watcher) -> Callable[[], None]:
    """Begin to tell a watcher what runs. Returns the function that ends it."""
    tracer = _Tracer(watcher)
    # An audit hook cannot be removed; it is told by `running` that its time is over.
    sys.addaudithook(tracer.audit)
    tracer.running = True
    turn = threading.Lock()
    begin = threading.Thread._bootstrap_inner  # type: ignore[attr-defined]

    def begin_traced(thread: threading.Thread) -> None:
        with turn:
            sys.settrace(tracer.trace)
        begin(thread)

    # What `threading.settrace` sets is set in no turn.
    threading.Thread._bootstrap_inner = begin_traced  # type: ignore[attr-defined]
    sys.settrace(tracer.trace)

    def stop() -> None:
        tracer.running = False
        threading.Thread._bootstrap_inner = begin  # type: ignore[attr-defined]
        with turn:
            sys.settrace(None)

    return stop


class _Tracer:
    """
    `running` is true until the program has ended. `_calls_made` counts calls of any
    function, and `_left_alone` are the frames whose lines are not told at the moment.
    """

    def __init__(self, watcher: Watcher) -> None:
        self.running = False
        self._watcher = watcher
        self._calls, self._files = watcher.calls, watcher.files
        self._calls_made = 0
        self._left_alone: set[int] = set()

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "sys.settrace" or not self.running or sys.gettrace() != self.trace:
            return
        # Python itself removes the trace function, too, where no call is left for it.
        if "CALL" in _opcode(sys._getframe(1)):
            self._watcher.gaps.replaced = True
        else:
            self._watcher.gaps.too_deep = True

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A function is called. Returns what hears of its lines, if anything."""
        code = frame.f_code
        self._calls_made += 1
        if self._left_alone and id(frame.f_back) in self._left_alone:
            self._follow_again(frame.f_back)
        if self._files.get(code.co_filename, ()) is None or not self.running:
            return None
        # A generator is entered each time that it goes on, or is told to end.
        if not code.co_flags & _GENERATOR or _begins(frame):
            self._watcher.begin(frame)
        call = self._calls.get(id(frame))
        if call and call.tracer is None:
            call.tracer = partial(self._trace_inside, call)
        return call and call.tracer

    def _trace_inside(
        self, call: ActiveCall, frame: FrameType, event: str, argument: Any
    ) -> Any:
        if call.tracer is None:
            return None
        if event == "line":
            try:
                call.line(frame, frame.f_lineno)
            except Exception as error:
                self._watcher.drop(frame, error)
            if call.quiet_lines >= QUIET_LINES:
                if call.calls_before == self._calls_made:
                    frame.f_trace_lines = False
                    self._left_alone.add(id(frame))
                call.calls_before, call.quiet_lines = self._calls_made, 0
        elif event == "exception":
            if id(frame) in self._left_alone:
                self._follow_again(frame)
            self._watcher.raised(frame)
        elif event == "return":
            # A generator is left in the same way by `yield`, and by an exception.
            generator = frame.f_code.co_flags & _GENERATOR
            if not generator or call.interrupted or _opcode(frame) != "YIELD_VALUE":
                if id(frame) in self._left_alone:
                    self._follow_again(frame)
                self._watcher.end(frame, None if call.interrupted else argument)
            else:
                self._watcher.yielded(frame, argument)
        return call.tracer

    def _follow_again(self, frame: Any) -> None:
        """Have the lines of a call told again."""
        self._left_alone.discard(id(frame))
        frame.f_trace_lines = True
        if call := self._calls.get(id(frame)):
            call.running = call.statement_at.get(frame.f_lineno)
            if call.may_have_missed():
                name = f"{call.code.path}: {call.function.qualname}"
                self._watcher.gaps.left_alone.add(name)


_GENERATOR = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _opcode(frame: FrameType) -> str:
    """The name of the instruction that a frame stands at."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


def _begins(frame: FrameType) -> bool:
    argument = frame.f_code.co_code[frame.f_lasti + 1]
    return _opcode(frame) == "RESUME" and argument == 0
