r"""
---
title: Which code is watched
summary: >
  Finds the documented functions among all code that runs, follows their calls from the
  first line to the end, and keeps what they have shown.
---

# Which code is watched

Python reports every function that is called, in every library. The watcher picks those
that are documented, follows each of their calls and keeps what it has shown. How Python
reports depends on its version: [by events](monitoring.py) or by [a trace
function](tracing.py).

A call is known by the identity of its frame, and a code object by its own identity.
Nothing is looked up by equality, since that could run code of the program.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from ..syntax import Function
from .calls import PATIENCE, ActiveCall, WatchedCode
from .observations import Kinds
from .own import is_own_error

# How many different observations of a function are remembered while the program runs.
MAX_NOTED = 1024


@dataclass(slots=True)
class Gaps:
    """
    ## What was not seen

    Functions are named as `path: qualname`.

    * `compiled` are functions that `torch.compile` has replaced
    * `dropped` counts the calls in which the recorder itself failed
    * `left_alone` are functions with a loop so long that it was not followed to its
      end, `replaced` says that the program has set a trace function of its own, and
      `too_deep` that Python removed ours at the limit of recursion: all three on Python
      3.11 alone
    """

    compiled: set[str] = field(default_factory=set)
    dropped: int = 0
    left_alone: set[str] = field(default_factory=set)
    replaced: bool = False
    too_deep: bool = False


class Watcher:
    """
    ## All calls

    `paths` leads from the real path of a file to its path in the record, and
    `functions` from there to what is in it. `found` holds what their calls have shown.

    Threads of the program run in parallel here. What two of them could change at once
    is changed under `lock`.
    """

    def __init__(
        self, paths: dict[str, str], functions: Mapping[str, Sequence[Function]]
    ) -> None:
        self.found: dict[tuple[str, str], Kinds] = {}
        self.gaps = Gaps()
        # By identity: code objects, and the calls in progress by their frames.
        self.codes: dict[int, WatchedCode] = {}
        self.calls: dict[int, ActiveCall] = {}
        # By file name, as code objects have it: functions by name and first line, or
        # `None` for a file that is not documented.
        self.files: dict[str, dict[tuple[str, int], Function] | None] = {}
        self.lock = threading.Lock()
        self._paths = paths
        self._functions = functions

    def begin(self, frame: FrameType) -> WatchedCode | None:
        """
        Follow a call that has just been made. Returns the code of a documented
        function, and `None` for any other.

        A call that was given what many others were given, and these have shown nothing
        new, is not followed, unless some statement of the function has never run.
        """
        code = None
        try:
            code = self._code(frame.f_code)
            if code is None or code.function is None:
                return None
            # A generator that was dropped halfway leaves its call behind, and its place
            # in memory to another frame.
            if abandoned := self._remove(frame):
                self._keep(abandoned)
            call = ActiveCall(frame, code, code.function)
            if not code.unseen and code.idle.get(call.key, 0) >= PATIENCE:
                return code
            with self.lock:
                code.calls += 1
                self.calls[id(frame)] = call
        except Exception as error:
            self.drop(frame, error)
        return code

    def raised(self, frame: FrameType) -> None:
        if call := self.calls.get(id(frame)):
            call.interrupt()

    def yielded(self, frame: FrameType, value: Any) -> None:
        if call := self.calls.get(id(frame)):
            try:
                call.yielded(frame, value)
            except Exception as error:
                self.drop(frame, error)

    def end(self, frame: FrameType, returned: Any) -> None:
        """A function has returned, or with `None` was left by an exception."""
        if call := self._remove(frame):
            try:
                call.finish(frame, call.running, None)
                call.returned(frame, returned)
                self._keep(call)
            except Exception as error:
                self.drop(frame, error)

    def drop(self, frame: FrameType, error: Exception) -> None:
        """
        Give up on a call in which the recorder has failed: the program goes on. An
        exception of the program is raised again.
        """
        if not is_own_error(error):
            raise error
        self._remove(frame)
        with self.lock:
            self.gaps.dropped += 1

    def finish(self) -> None:
        """Keep what calls have shown that have not ended."""
        for call in self.calls.values():
            self._keep(call)

    def others(self) -> list[str]:
        """The files without documented functions that code has run from."""
        return [file for file, functions in self.files.items() if functions is None]

    def forget(self) -> None:
        """Watch nothing any more: a forked process cannot bring back what it sees."""
        # In place, since the listeners hold these dictionaries.
        self.files.update(dict.fromkeys(self.files))
        self._paths = {}
        # Another thread may have held it, and threads do not come along.
        self.lock = threading.Lock()
        self.calls.clear()

    def _code(self, code: CodeType) -> WatchedCode | None:
        """The documented function that a code object is, if it is one."""
        file = code.co_filename
        if self.files.get(file, ()) is None:
            return None
        known = self.codes.get(id(code))
        if known is None:
            # Other threads read these dictionaries without the lock, so only complete
            # entries are put into them.
            with self.lock:
                if file not in self.files:
                    self.files[file] = self._file(file)
                if self.files[file] is not None and id(code) not in self.codes:
                    self.codes[id(code)] = self._new_code(code)
                known = self.codes.get(id(code))
        return known if known and known.function else None

    def _file(self, file: str) -> dict[tuple[str, int], Function] | None:
        path = self._paths.get(os.path.realpath(file))
        if path is None:
            return None
        return {
            (function.name, function.first): function
            for function in self._functions[path]
        }

    def _new_code(self, code: CodeType) -> WatchedCode:
        file = code.co_filename
        line = 1 if code.co_name == "<module>" else code.co_firstlineno
        function = (self.files[file] or {}).get((code.co_name, line))
        if function is None:
            return WatchedCode(code)
        path = self._paths[os.path.realpath(file)]
        if any(name.startswith("__compiled_fn") for name in code.co_names):
            self.gaps.compiled.add(f"{path}: {function.qualname}")
            return WatchedCode(code)
        statement_at = {
            line: number
            for number, statement in enumerate(function.statements)
            for line in range(statement.first, statement.last + 1)
        }
        unseen = {
            number
            for number, statement in enumerate(function.statements)
            if statement.targets or statement.gives
        }
        return WatchedCode(code, function, path, statement_at, unseen=unseen)

    def _remove(self, frame: FrameType) -> ActiveCall | None:
        """Follow the call of a frame no longer."""
        call = self.calls.pop(id(frame), None)
        if call:
            call.tracer = None
            with self.lock:
                call.code.calls -= 1
        return call

    def _keep(self, call: ActiveCall) -> None:
        """Put what a call has shown beside what others have."""
        observation, code = call.observation(), call.code
        text = repr(observation)
        with self.lock:
            code.unseen -= call.idle.keys()
            if text in code.noted:
                code.idle[call.key] = code.idle.get(call.key, 0) + 1
                return
            code.idle.pop(call.key, None)
            if len(code.noted) < MAX_NOTED:
                code.noted.add(text)
            if observation:
                key = code.path, call.function.qualname
                self.found.setdefault(key, Kinds()).add(observation)
