r"""
---
title: A call in progress
summary: >
  What is recorded of one call of a function while it runs: its arguments, and what its
  statements bind, return and yield.
---

# A call in progress

Python says which line is about to run. So what a statement has bound is known only when
it is over: when the next one begins or the function ends. A statement that an exception
interrupts has bound nothing.

Looking at values takes time, and a loop of a million iterations shows nothing new after
a few. A statement that has shown all it can, or nothing new for a while, is *done* in
this call and is not looked at again.
"""

from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from ..syntax import Function
from .observations import Call
from .values import describe, look_up, numbers_of, yielded_value

# How many values of one name a statement is noted with.
MAX_VALUES = 4
# How often a statement may show nothing new before it is done. A function may be called
# that often with the same beginning and nothing new: see `Watcher.begin`.
PATIENCE = 64


@dataclass(slots=True)
class WatchedCode:
    """
    ## Code

    A code object of a documented file, and the documented function that it is, if any.
    Functions that are copies of each other have equal code objects, so they are told
    apart by identity; `code` keeps the object alive for that.

    * `path` is the file in the record, and `statement_at` leads from a line to the
      number of its statement
    * `calls` counts the calls in progress
    * `quiet` says that no events come from some of its lines (Python 3.12)
    * `unseen` are the statements that bind or hand out something and have never run
    * `noted` are the observations that were made, as text, and `idle` counts by what
      they were given the calls that have added none
    """

    code: CodeType
    function: Function | None = None
    path: str = ""
    statement_at: dict[int, int] = field(default_factory=dict)
    calls: int = 0
    quiet: bool = False
    unseen: set[int] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)
    idle: dict[str, int] = field(default_factory=dict)


class ActiveCall:
    """
    ## A call

    Its attributes are slots, and its methods check what is cheap first: they run for
    every line.

    * `running` is the number of the statement that runs, `None` outside of all
    * `returning` is that of the `return` that began last
    * `interrupted` says that an exception is on its way
    * `quiet_lines` counts the lines since the last that may have shown something new
    * `entry` describes what the call was given, and `seen` the values by statement and
      name; `key` is `entry` as text
    * `idle` counts for each statement that has run how often it showed nothing new, and
      `idle_yields` the same of what it yields
    * `tracer` and `calls_before` belong to [tracing](tracing.py) on Python 3.11
    """

    __slots__ = (
        "calls_before",
        "code",
        "done",
        "entry",
        "function",
        "idle",
        "idle_yields",
        "interrupted",
        "key",
        "quiet_lines",
        "returning",
        "running",
        "seen",
        "statement_at",
        "tracer",
    )

    def __init__(self, frame: FrameType, code: WatchedCode, function: Function) -> None:
        self.code = code
        self.function = function
        self.statement_at = code.statement_at
        self.running: int | None = None
        self.returning: int | None = None
        self.interrupted = False
        self.quiet_lines = 0
        self.tracer: Any = None
        self.calls_before = 0
        self.done: set[int] = set()
        self.idle: dict[int, int] = {}
        self.idle_yields: dict[int, int] = {}
        self.seen: dict[int, dict[str, list[Any]]] = {}
        self.entry: dict[str, Any] = {}
        values = frame.f_locals
        for name in function.parameters:
            self._note_entry(name, values.get(name))
        for chain in function.chains:
            root, _, attributes = chain.partition(".")
            self._note_entry(chain, look_up(values.get(root), attributes))
        if function.parameters[:1] == ("self",):
            for name, number in numbers_of(values.get("self")):
                self.entry.setdefault(f"self.{name}", number)
        self.key = repr(self.entry)

    def _note_entry(self, name: str, value: Any) -> None:
        if (described := describe(value)) is not None:
            self.entry[name] = described

    def line(self, frame: FrameType, line: int) -> None:
        """A line is about to run."""
        statement, previous = self.statement_at.get(line), self.running
        self.quiet_lines += 1
        self.interrupted = False
        if statement == previous:
            return
        self.running = statement
        if statement is not None and statement not in self.done:
            self.quiet_lines = 0
            if self.function.statements[statement].returns:
                self.returning = statement
        if previous is not None and previous not in self.done:
            self.quiet_lines = 0
            self.finish(frame, previous, statement)

    def finish(
        self, frame: FrameType, number: int | None, following: int | None
    ) -> None:
        """Note what a statement has bound, now that another follows or none."""
        if number is None or number in self.done:
            return
        statement = self.function.statements[number]
        if not statement.targets:
            self.done.add(number)
            return
        # A loop binds its names when its body is entered, and not when it ends.
        if statement.body >= 0 and statement.body != following:
            return
        values = frame.f_locals
        idle = self.idle.get(number, 0) + 1
        for name in statement.targets:
            root, _, attributes = name.partition(".")
            value = values.get(root)
            if self._note(
                number, name, look_up(value, attributes) if attributes else value
            ):
                idle = 0
        self.idle[number] = idle
        seen = self.seen.get(number, {})
        full = (len(seen.get(name, ())) == MAX_VALUES for name in statement.targets)
        if idle >= PATIENCE or all(full):
            self.done.add(number)

    def _note(self, number: int, name: str, value: Any) -> bool:
        """Note a value. Returns whether it is new for this name and statement."""
        if (described := describe(value)) is None:
            return False
        seen = self.seen.setdefault(number, {}).setdefault(name, [])
        if described in seen or len(seen) >= MAX_VALUES:
            return False
        seen.append(described)
        return True

    def interrupt(self) -> None:
        """An exception was raised: the statement that runs binds nothing."""
        self.running, self.interrupted = None, True

    def yielded(self, frame: FrameType, value: Any) -> None:
        """
        A value was handed out. `await` hands out values as well; they are for the event
        loop, and only a statement with `yield` is noted.
        """
        number = self.statement_at.get(frame.f_lineno)
        if number is None or not self.function.statements[number].yields:
            return
        idle = self.idle_yields.get(number, 0)
        if idle < PATIENCE:
            new = self._note(number, "yield", yielded_value(value))
            self.idle_yields[number] = 0 if new else idle + 1
            self.idle.setdefault(number, 0)

    def returned(self, frame: FrameType, value: Any) -> None:
        # Behind a `return`, the end of a `with` or a `finally` may still run: then the
        # frame stands on a line of theirs.
        number = self.statement_at.get(frame.f_lineno)
        if number is None or not self.function.statements[number].returns:
            number = self.returning
        if number is not None:
            self._note(number, "return", value)
            self.idle.setdefault(number, 0)

    def may_have_missed(self) -> bool:
        """Whether a statement that binds names, and is not running, was never seen."""
        return any(
            statement.targets and number not in self.idle and number != self.running
            for number, statement in enumerate(self.function.statements)
        )

    def observation(self) -> Call:
        """What the call has shown, as the record holds it."""
        lines = {str(number): names for number, names in self.seen.items()}
        parts = {"entry": self.entry, "lines": lines}
        return {name: part for name, part in parts.items() if part}
