r"""
---
title: Recording shapes
summary: >
  Runs a program once and notes which shapes its tensors have at each line of the
  documented modules, so that prose about shapes can be checked and shown.
---

# Recording shapes

A comment says that `x` has shape `[batch, tokens, d_model]`. Nobody runs a comment, so
nobody notices when it is wrong. `sidelit record` runs a program, as `coverage run`
does, and notes for each call of a documented function what its names were bound to:

```bash
sidelit record -m pytest tests
sidelit record train.py epochs=1
```

What it has seen goes into one JSON file, beside what earlier runs have seen. The file
is sorted, and holds types, shapes and small whole numbers: never what is in a tensor,
and nothing about the machine. So it can be committed, and building pages needs no run.
Delete it to begin anew. Its form is that of `record.schema.json`, beside this module.

What is recorded does not change what the program does, with one exception: until
Python 3.13, looking at a function's variables also brings up to date the dictionary
that `locals()` has returned in it before, and keeps what is in it until the function
ends.

Python code of documented functions becomes slower, and what runs inside PyTorch does
not; `make bench` measures both. Most of all that is a matter of lines that may show
something new. A line that a loop runs again and again is soon known, and so is a call
that begins as many others did. They are left alone then, as far as this version of
Python lets us.

Some code is out of sight: other processes that the program starts, functions that
`torch.compile` has replaced, and on Python 3.11 what runs while the program has a trace
function of its own, as debuggers have, and what comes right behind a very long loop.
All but the first is told. Nothing is kept, and nobody is told, when a program does not
come to its end: after `os._exit` or `os.exec`, or when a signal such as SIGTERM kills
it.
"""

import builtins
import contextlib
import dis
import gc
import importlib.util
import inspect
import os
import re
import sys
import threading
import traceback
import types
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FrameType
from typing import Any, TextIO

from ..model import Config, SidelitError, usage_error
from ..read.decode import decode
from ..read.discover import discover
from ..read.syntax import functions
from ..syntax import Function
from .observations import MAX_CALLS, Kinds, read_record, write_record

# What is kept at most of a call: values of one name, items of a tuple.
MAX_VALUES, MAX_ITEMS = 4, 8
MAX_INT = 1 << 20
# Attributes of `self` that are whole numbers, and kinds of arrays.
MAX_NUMBERS, MAX_NAMES = 32, 64
# A statement that a loop has run this often without showing anything new is not looked
# at any more in this call. Nor is a call whose function has been seen in all of its
# statements, and that often with the same beginning and nothing new behind it.
PATIENCE = 64
# How many different calls of a function are known by heart.
MAX_KNOWN = 1024
# A call that has run this many lines in a row, none of them new, is left alone until
# something new may come: see below for each version of Python.
QUIET_LINES = 64 if hasattr(sys, "monitoring") else 10_000
# Frames that are needed to note something.
SPARE_FRAMES = 16


def describe(value: Any, depth: int = 2) -> Any:
    """
    ## What can be said of a value

    `"float32[4, 65, 192]"` for a tensor or an array, a whole number for itself, a list
    for a tuple or list that holds such, and `None` if there is nothing to say.

    No code of the program is run for that: an object may do anything when it is asked
    for an attribute, its length or its class.
    """
    kind = type(value)
    if kind is int:
        return value if abs(value) <= MAX_INT else None
    if id(kind) in _PLAIN:
        return None
    if kind is list or issubclass(kind, tuple):
        if not depth:
            return None
        parts = _items(value)
        if not 0 < len(parts) <= MAX_ITEMS:
            return None
        items = [describe(item, depth - 1) for item in parts]
        return items if any(item is not None for item in items) else None
    return _array(value)


# Most of what is no array. To ask whether a class is one of these would ask the class.
_PLAIN = {id(kind) for kind in (bool, bytes, dict, float, str, types.NoneType)}


def _items(value: Any) -> list[Any]:
    """What a tuple or list holds, whatever its class says of it."""
    return list((list if type(value) is list else tuple).__iter__(value))


def _array(value: Any) -> str | None:
    own: Any = {}
    if known := _ARRAYS.get(id(type(value))):
        _, shape, dtype = known
    else:
        shape, dtype = _static(type(value), "shape"), _static(type(value), "dtype")
        if type(shape) not in _COMPUTED or type(dtype) not in _COMPUTED:
            own = _own(value)
            for static, name in ((shape, "shape"), (dtype, "dtype")):
                if static is None and name not in own:
                    return None
        elif len(_ARRAYS) < MAX_NAMES:
            _ARRAYS[id(type(value))] = type(value), shape, dtype
    try:
        place = _unseen()
        if place is None:
            return None
        with place:
            sizes = _data(value, shape, own, "shape")
            kind = _data(value, dtype, own, "dtype")
    except Exception as error:
        if not _is_ours(error):
            raise
        return None
    if type(sizes) is not list and not issubclass(type(sizes), tuple):
        return None
    # A compiler that traces a program uses symbols for sizes, and to look at one would
    # fix it.
    sizes = _items(sizes)
    for size in sizes:
        if type(size) is not int:
            return None
    name = _name_of(kind)
    return f"{name}{sizes}" if name else None


def _name_of(kind: Any) -> str:
    """How a type of numbers is called, or nothing for what is none."""
    if (known := _NAMES.get(id(kind))) is not None:
        return known[1]
    # The words of a type are asked for only where no code in Python chooses them.
    words = (_static(type(kind), method) for method in ("__str__", "__repr__"))
    if not all(type(one) is types.WrapperDescriptorType for one in words):
        return ""
    name = str(kind).rpartition(".")[2]
    if not _DTYPE.fullmatch(name):
        return ""
    if len(_NAMES) < MAX_NAMES:
        _NAMES[id(kind)] = kind, name
    return name


def _data(value: Any, static: Any, own: Any, name: str) -> Any:
    """An attribute that is computed in C or simply there."""
    if type(static) in _COMPUTED:
        return static.__get__(value)
    return None if type(static) is property else own.get(name)


# What was found out of classes of arrays and types of numbers. They are held, so that
# nothing else can take their place in memory.
_ARRAYS: dict[int, tuple[type, Any, Any]] = {}
_NAMES: dict[int, tuple[Any, str]] = {}
_DTYPE = re.compile(r"\w{1,32}")
# Places of `__slots__` and fields of named tuples.
_SLOTS = (types.MemberDescriptorType, type(vars(namedtuple("_", "x"))["x"]))
_COMPUTED = (types.GetSetDescriptorType, *_SLOTS)
_bases = type.__dict__["__mro__"].__get__
_attributes = type.__dict__["__dict__"].__get__


def _static(kind: type, name: str) -> Any:
    """What a class or one of its bases has under a name."""
    for base in _bases(kind):
        found = _attributes(base)
        if name in found:
            return found[name]
    return None


def _own(owner: Any) -> Any:
    """The attributes of an object itself."""
    place = _static(type(owner), "__dict__")
    if type(place) not in (types.GetSetDescriptorType, types.MemberDescriptorType):
        return {}
    own = place.__get__(owner)
    return own if type(own) in (dict, types.MappingProxyType) else {}


def _unseen() -> contextlib.AbstractContextManager[None] | None:
    """
    A place where PyTorch tells nobody that shapes are looked at. There is none while it
    writes down all that happens to a tensor, since then a look would be written down.
    """
    torch: Any = sys.modules.get("torch._C")
    if torch is None or not hasattr(torch, "DisableTorchFunction"):
        return contextlib.nullcontext()
    traced = torch._get_tracing_state() is not None
    return None if traced else torch.DisableTorchFunction()


def _is_ours(error: BaseException) -> bool:
    """
    Whether an exception began in this file. Else a handler of signals has raised it,
    and it is for the program.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is None or trace.tb_frame.f_code.co_filename == __file__


def _numbers(owner: Any) -> list[tuple[str, int]]:
    """The first small whole numbers, by name, among the attributes of an object."""
    own = _own(owner)
    return sorted(
        (name, value)
        for name, value in (list(own.items()) if type(own) is dict else ())
        if type(name) is str and type(value) is int and abs(value) <= MAX_INT
    )[:MAX_NUMBERS]


def _look_up(owner: Any, chain: str) -> Any:
    """
    An attribute that an object simply has. A property is left alone, since its code
    would run.
    """
    for name in chain.split("."):
        static = _static(type(owner), name)
        if type(static) in _SLOTS:
            try:
                owner = static.__get__(owner)
            except AttributeError:
                return None
            continue
        own = {} if type(static) is property else _own(owner)
        if name in own:
            owner = own[name]
            continue
        # PyTorch's modules keep what is learned in tables of their own.
        for table in ("_parameters", "_buffers", "_modules"):
            if type(own.get(table)) is dict and name in own[table]:
                owner = own[table][name]
                break
        else:
            if type(static) is not int:
                return None
            owner = static
    return owner


# ## A call
#
# What a statement binds is known when it is over: when the next one begins or the
# function ends. What an exception has cut short has bound nothing.
class _Call:
    __slots__ = (
        "code",
        "done",
        "entry",
        "function",
        "idle",
        "key",
        "numbers",
        "pending",
        "quiet",
        "raised",
        "returning",
        "seen",
        "trace",
        "turns",
    )

    def __init__(self, frame: FrameType, code: "_Code", function: Function) -> None:
        self.code = code
        self.function = function
        self.numbers = code.numbers
        self.pending = -1
        # The statement that returned last, or was about to.
        self.returning = -1
        self.raised = False
        # How many lines have run since the last that was not `done`.
        self.quiet = 0
        # For Python 3.11: what follows it, and how many calls there were by then.
        self.trace: Any = None
        self.turns = 0
        self.done = {-1}
        self.idle: dict[int, int] = {}
        self.seen: dict[int, dict[str, list[Any]]] = {}
        self.entry: dict[str, Any] = {}
        values = frame.f_locals
        for name in function.parameters:
            self._enter(name, values.get(name))
        for chain in function.chains:
            root, _, rest = chain.partition(".")
            self._enter(chain, _look_up(values.get(root), rest))
        if function.parameters[:1] == ("self",):
            for name, number in _numbers(values.get("self")):
                self.entry.setdefault(f"self.{name}", number)
        self.key = repr(self.entry)

    def _enter(self, name: str, value: Any) -> None:
        if (described := describe(value)) is not None:
            self.entry[name] = described

    def line(self, frame: FrameType, line: int) -> None:
        number, before = self.numbers.get(line, -1), self.pending
        self.quiet += 1
        self.raised = False
        if number == before:
            return
        self.pending = number
        if number not in self.done:
            self.quiet = 0
            if self.function.statements[number].returns:
                self.returning = number
        if before not in self.done:
            self.quiet = 0
            self.flush(frame, before, number)

    def flush(self, frame: FrameType, number: int, following: int) -> None:
        """Note what a statement has bound that is over."""
        if number in self.done:
            return
        statement = self.function.statements[number]
        if not statement.targets:
            self.done.add(number)
            return
        if statement.body not in (-1, following):
            return
        values = frame.f_locals
        idle = self.idle.get(number, 0) + 1
        for name in statement.targets:
            root, _, rest = name.partition(".")
            value = values.get(root)
            if self._note(number, name, _look_up(value, rest) if rest else value):
                idle = 0
        self.idle[number] = idle
        known = self.seen.get(number, {})
        full = (len(known.get(name, ())) == MAX_VALUES for name in statement.targets)
        if idle >= PATIENCE or all(full):
            self.done.add(number)

    def _note(self, number: int, name: str, value: Any) -> bool:
        """Whether that is something new."""
        if (described := describe(value)) is None:
            return False
        known = self.seen.setdefault(number, {}).setdefault(name, [])
        if described in known or len(known) >= MAX_VALUES:
            return False
        known.append(described)
        return True

    def may_have_missed(self) -> bool:
        """Whether something that binds names, but what runs now, was never seen."""
        return any(
            one.targets and number not in self.idle and number != self.pending
            for number, one in enumerate(self.function.statements)
        )

    def interrupted(self) -> None:
        self.pending, self.raised = -1, True

    def yielded(self, frame: FrameType, value: Any) -> None:
        """What waits for another coroutine hands something out, too: not to us."""
        number = self.numbers.get(frame.f_lineno, -1)
        if number < 0 or not self.function.statements[number].yields:
            return
        # Another number than that of the statement, which has its own patience.
        idle = self.idle.get(~number, 0)
        if idle < PATIENCE:
            new = self._note(number, "yield", _unwrapped(value))
            self.idle[~number] = 0 if new else idle + 1
            self.idle.setdefault(number, 0)

    def returned(self, frame: FrameType, value: Any) -> None:
        # What ends a `with` or is behind `finally` stands on another line.
        number = self.numbers.get(frame.f_lineno, -1)
        if number < 0 or not self.function.statements[number].returns:
            number = self.returning
        if number >= 0:
            self._note(number, "return", value)
            self.idle.setdefault(number, 0)

    def observation(self) -> dict[str, Any]:
        lines = {str(number): names for number, names in self.seen.items()}
        found = {"entry": self.entry, "lines": lines}
        return {key: value for key, value in found.items() if value}


def _unwrapped(value: Any) -> Any:
    """What an asynchronous generator yields, Python wraps."""
    name = type.__dict__["__name__"].__get__(type(value))
    if name == "async_generator_wrapped_value":
        return next(iter(gc.get_referents(value)), None)
    return value


@dataclass(slots=True)
class _Code:
    """
    A piece of code of a documented file, and what of it is a documented function. The
    code is held, since it is known by its place in memory: copies of a function are
    equal, and stand in different files.

    * `calls` counts those that have not ended
    * `quiet` says that some of its lines are not looked at
    * `unseen` are the statements of which nothing would be known
    * `known` are the calls that were seen, and `idle` says by what they begin with how
      many have shown nothing new
    """

    code: CodeType
    function: Function | None = None
    numbers: dict[int, int] = field(default_factory=dict)
    path: str = ""
    calls: int = 0
    quiet: bool = False
    unseen: set[int] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    idle: dict[str, int] = field(default_factory=dict)


# ## All calls
class Recorder:
    """
    Follows the functions of documented modules. `paths` leads from the real path of a
    file to how the record calls it, and `functions` from there to what is in it.
    """

    def __init__(
        self, paths: dict[str, str], functions: dict[str, tuple[Function, ...]]
    ) -> None:
        self.paths = paths
        self.functions = functions
        self.found: dict[tuple[str, str], Kinds] = {}
        self.compiled: set[str] = set()
        self.left_alone: set[str] = set()
        self.traces_of_others = 0
        self.dropped = 0
        self.too_deep = False
        self._files: dict[str, dict[tuple[str, int], Function] | None] = {}
        self._codes: dict[int, _Code] = {}
        self._calls: dict[int, _Call] = {}
        self._quiet: set[int] = set()
        self._turns = 0
        self._lock = threading.Lock()
        self._running = False

    def _code(self, code: CodeType) -> "_Code | None":
        """The documented function that a piece of code is, if it is one."""
        file = code.co_filename
        if file in self._files and self._files[file] is None:
            return None
        known = self._codes.get(id(code))
        if known is None:
            # All is put in its place when it is complete, so that no thread sees less.
            with self._lock:
                if file not in self._files:
                    self._files[file] = self._file(file)
                if self._files[file] is not None and id(code) not in self._codes:
                    self._codes[id(code)] = self._new_code(code)
                known = self._codes.get(id(code))
        return known if known and known.function else None

    def _new_code(self, code: CodeType) -> "_Code":
        file = code.co_filename
        line = 1 if code.co_name == "<module>" else code.co_firstlineno
        function = (self._files[file] or {}).get((code.co_name, line))
        if function is None:
            return _Code(code)
        path = self.paths[os.path.realpath(file)]
        if any(name.startswith("__compiled_fn") for name in code.co_names):
            self.compiled.add(f"{path}: {function.qualname}")
            return _Code(code)
        numbers = {
            line: number
            for number, one in enumerate(function.statements)
            for line in range(one.first, one.last + 1)
        }
        unseen = {
            number
            for number, one in enumerate(function.statements)
            if one.targets or one.gives
        }
        return _Code(code, function, numbers, path, unseen=unseen)

    def _file(self, file: str) -> dict[tuple[str, int], Function] | None:
        path = self.paths.get(os.path.realpath(file))
        if path is None:
            return None
        return {(one.name, one.first): one for one in self.functions[path]}

    def _begin(self, frame: FrameType) -> "_Code | None":
        """The code of a function that is to be followed when it is called again."""
        found = None
        try:
            found = self._code(frame.f_code)
            if found is None or found.function is None:
                return None
            # A generator that nobody has run to its end may have left its place to
            # another.
            self._finish(self._pop(frame))
            call = _Call(frame, found, found.function)
            if not found.unseen and found.idle.get(call.key, 0) >= PATIENCE:
                return found
            with self._lock:
                found.calls += 1
                self._calls[id(frame)] = call
        except Exception as error:
            self._drop(frame, error)
        return found

    def _raised(self, frame: FrameType) -> None:
        if call := self._calls.get(id(frame)):
            call.interrupted()

    def _yielded(self, frame: FrameType, value: Any) -> None:
        if call := self._calls.get(id(frame)):
            try:
                call.yielded(frame, value)
            except Exception as error:
                self._drop(frame, error)

    def _end(self, frame: FrameType, returned: Any) -> None:
        if call := self._pop(frame):
            try:
                call.flush(frame, call.pending, -1)
                call.returned(frame, returned)
                self._finish(call)
            except Exception as error:
                self._drop(frame, error)

    def _pop(self, frame: FrameType) -> _Call | None:
        """The call that has ended, or whose place another has now."""
        call = self._calls.pop(id(frame), None)
        if call:
            call.trace = None
            with self._lock:
                call.code.calls -= 1
        return call

    def _finish(self, call: _Call | None) -> None:
        if call:
            observation, code = call.observation(), call.code
            text = repr(observation)
            with self._lock:
                code.unseen -= call.idle.keys()
                if text in code.known:
                    code.idle[call.key] = code.idle.get(call.key, 0) + 1
                    return
                code.idle.pop(call.key, None)
                if len(code.known) < MAX_KNOWN:
                    code.known.add(text)
                if observation:
                    key = code.path, call.function.qualname
                    self.found.setdefault(key, Kinds()).add(observation)

    def _drop(self, frame: FrameType, error: Exception) -> None:
        """What goes wrong here is no matter of the program, which goes on."""
        if not _is_ours(error):
            raise error
        self._pop(frame)
        with self._lock:
            self.dropped += 1

    # ### Python 3.12 and newer
    #
    # Code that is not documented is asked about once and then runs at its full speed.
    # So does a line of a loop that shows nothing new, for as long as this is the only
    # call of its function: all lines are looked at again as soon as one that may be new
    # has its turn, since when that one is over, the next line has to tell.
    def _start_monitoring(self) -> Callable[[], None]:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        tool = next((one for one in (4, 3) if monitoring.get_tool(one) is None), None)
        if tool is None:
            raise usage_error("record: two other tools are monitoring this Python")
        events, disable = monitoring.events, monitoring.DISABLE
        monitoring.use_tool_id(tool, "sidelit")

        def look(found: _Code) -> None:
            """Ask for all events of a function."""
            if found.quiet:
                # What was switched off line by line comes back only with its kind.
                monitoring.set_local_events(tool, found.code, 0)
            found.quiet = False
            wanted = events.LINE | events.PY_RETURN
            if found.function and found.function.gives == "yield":
                wanted |= events.PY_YIELD
            monitoring.set_local_events(tool, found.code, wanted)

        def start(code: CodeType, offset: int) -> Any:
            found = self._begin(sys._getframe(1))
            if found is None:
                return disable
            if id(sys._getframe(1)) in self._calls:
                look(found)
                return None
            with self._lock:
                if not found.calls and not found.quiet:
                    monitoring.set_local_events(tool, code, 0)
                    found.quiet = True
            return None

        def known(code: CodeType) -> bool:
            return id(code) in self._codes

        def line(code: CodeType, line: int) -> Any:
            frame = sys._getframe(1)
            call = self._calls.get(id(frame))
            if call is None:
                return None
            try:
                call.line(frame, line)
            except Exception as error:
                self._drop(frame, error)
            found = call.code
            if call.quiet < QUIET_LINES:
                if found.quiet and not call.quiet:
                    look(found)
                return None
            # No other thread may come between the last two lines, so they call nothing.
            found.quiet = True
            return disable if found.calls == 1 else None

        def yielded(code: CodeType, offset: int, value: Any) -> None:
            self._yielded(sys._getframe(1), value)

        def returned(code: CodeType, offset: int, value: Any) -> None:
            self._end(sys._getframe(1), value)

        def raised(code: CodeType, offset: int, error: BaseException) -> None:
            if known(code):
                self._raised(sys._getframe(1))

        def unwound(code: CodeType, offset: int, error: BaseException) -> None:
            if known(code):
                frame = sys._getframe(1)
                self._raised(frame)
                self._end(frame, None)

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
            for known in self._codes.values():
                monitoring.set_local_events(tool, known.code, 0)
            monitoring.free_tool_id(tool)

        return stop

    # ### Python 3.11
    #
    # Here, each line that runs costs the same, and whoever does not listen hears
    # nothing. So only a long loop that calls no function in Python is left alone, until
    # one is called.
    def _start_tracing(self) -> Callable[[], None]:
        sys.addaudithook(self._audit)
        self._running = True
        threading.settrace(self._trace)
        sys.settrace(self._trace)

        def stop() -> None:
            self._running = False
            sys.settrace(None)
            threading.settrace(None)

        return stop

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if (
            event != "sys.settrace"
            or not self._running
            or sys.gettrace() != self._trace
        ):
            return
        # Python itself ends it, too, where no call is left for the trace function.
        if "CALL" in _opcode(sys._getframe(1)):
            self.traces_of_others += 1
        else:
            self.too_deep = True

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        self._turns += 1
        if self._quiet and id(frame.f_back) in self._quiet:
            self._look(frame.f_back)
        if self._files.get(code.co_filename, ()) is None or not self._running:
            return None
        # A generator is entered each time that it goes on, or is told to end.
        if not code.co_flags & _GENERATOR or _begins(frame):
            self._begin(frame)
        call = self._calls.get(id(frame))
        if call and call.trace is None:
            call.trace = partial(self._trace_inside, call)
        return call and call.trace

    def _trace_inside(
        self, call: _Call, frame: FrameType, event: str, argument: Any
    ) -> Any:
        if call.trace is None:
            return None
        if event == "line":
            try:
                call.line(frame, frame.f_lineno)
            except Exception as error:
                self._drop(frame, error)
            if call.quiet >= QUIET_LINES:
                if call.turns == self._turns:
                    frame.f_trace_lines = False
                    self._quiet.add(id(frame))
                call.turns, call.quiet = self._turns, 0
        elif event == "exception":
            if id(frame) in self._quiet:
                self._look(frame)
            self._raised(frame)
        elif event == "return":
            yields = frame.f_code.co_flags & _GENERATOR
            if not yields or call.raised or _opcode(frame) != "YIELD_VALUE":
                if id(frame) in self._quiet:
                    self._look(frame)
                self._end(frame, None if call.raised else argument)
            else:
                self._yielded(frame, argument)
        return call.trace

    def _look(self, frame: Any) -> None:
        """Follow a call again that was left alone."""
        self._quiet.discard(id(frame))
        frame.f_trace_lines = True
        if call := self._calls.get(id(frame)):
            call.pending = call.numbers.get(frame.f_lineno, -1)
            if call.may_have_missed():
                name = f"{call.code.path}: {call.function.qualname}"
                self.left_alone.add(name)

    def start(self) -> Callable[[], None]:
        """Begin to follow. Returns the function that ends it."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)
        if hasattr(sys, "monitoring"):
            stop = self._start_monitoring()
        else:
            stop = self._start_tracing()

        def finish() -> None:
            stop()
            for call in self._calls.values():
                self._finish(call)

        return finish

    def _forget(self) -> None:
        # What a forked process sees could not be brought back.
        self._files = dict.fromkeys(self._files)
        self.paths = {}
        # Another thread may have held it, and is not there any more.
        self._lock = threading.Lock()
        self._calls.clear()


_GENERATOR = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _opcode(frame: FrameType) -> str:
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


def _begins(frame: FrameType) -> bool:
    argument = frame.f_code.co_code[frame.f_lasti + 1]
    return _opcode(frame) == "RESUME" and argument == 0


# What Python raises for text that it cannot take apart, or that is nested too deep.
_UNREADABLE = SyntaxError, ValueError, RecursionError, MemoryError


# ## Running a program
def record(config: Config, command: Sequence[str], is_module: bool) -> int:
    """
    Run a program as Python would, and put what it has shown into the record. Returns
    its exit status. Raises `SidelitError` if there is nothing to run or to note.
    """
    paths, functions_of = {}, {}
    for source in discover(config).sources:
        if source.language == "python":
            with contextlib.suppress(SidelitError, OSError, *_UNREADABLE):
                with open(source.file, "rb") as file:
                    text = decode(file.read(), source)
                functions_of[source.path] = functions(text)
                # What is done here between the steps of a program is none of it.
                if os.path.realpath(source.file) != os.path.realpath(__file__):
                    paths[os.path.realpath(source.file)] = source.path
    if not paths:
        raise usage_error("there is nothing to record: no source is in Python")
    # As seen from here: the program may go somewhere else.
    place = os.path.relpath(config.record)
    # Before the program starts, since its hours would be lost otherwise.
    if not _may_be_written(config.record):
        raise usage_error(f"record: {place} cannot be written; name another file")
    known = read_record(config)
    errors = _error_stream()
    recorder = Recorder(paths, functions_of)
    stop = recorder.start()
    process = os.getpid()
    try:
        status = _run(command, is_module)
    finally:
        stop()
    # A process that the program has forked comes here, too.
    if os.getpid() != process:
        return status
    try:
        cut = write_record(config, known, functions_of, recorder.found)
        told = [*_messages(recorder, cut, place)]
    except OSError as error:
        told = [f"{place} cannot be written, and nothing is noted: {error.strerror}"]
        status = status or 2
    messages = "".join(f"sidelit: {one}\n" for one in told)
    # Nobody may be there to read it, which is no failure of the program.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    with contextlib.suppress(OSError), errors or contextlib.nullcontext():
        if errors:
            errors.write(messages)
    return status


def _may_be_written(file: str) -> bool:
    folder = os.path.dirname(file)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def _error_stream() -> TextIO | None:
    """The error stream of now, whatever the program makes of it."""
    encoding = sys.stderr.encoding if sys.stderr else "utf-8"
    try:
        return open(os.dup(2), "w", encoding=encoding, errors="backslashreplace")
    except OSError:
        return None


def _run(command: Sequence[str], is_module: bool) -> int:
    name = command[0]
    main = types.ModuleType("__main__")
    _give_back_frames()
    try:
        code = _module(main, name) if is_module else _script(main, name)
        sys.argv = [main.__dict__["__file__"] if is_module else name, *command[1:]]
        sys.modules["__main__"] = main
        exec(code, main.__dict__)
        status = 0
    except _NotFoundError as error:
        raise usage_error(f"record: {error}") from None
    except SystemExit as error:
        status = _status(error.code)
    except BaseException as error:
        status = _failed(error)
    try:
        # What Python does at its end: wait for threads, and tell pools to end theirs.
        threading._shutdown()  # type: ignore[attr-defined]
    except BaseException:
        traceback.print_exc()
    return status


def _give_back_frames() -> None:
    """Let the program call as deep as it could without this one below and above it."""
    frame: FrameType | None = sys._getframe()
    depth = SPARE_FRAMES
    while frame:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(sys.getrecursionlimit() + depth)


def _failed(error: BaseException) -> int:
    """Tell what a program has raised as Python does. Returns the exit status."""
    _show_program_only(error)
    sys.last_type, sys.last_value = type(error), error
    sys.last_traceback = error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as end:
        return _status(end.code)
    except BaseException as wrong:
        _show_program_only(wrong)
        with contextlib.suppress(Exception):
            for title, one in (
                ("Error in sys.excepthook:", wrong),
                ("\nOriginal exception was:", error),
            ):
                print(title, file=sys.stderr)
                sys.__excepthook__(type(one), one, one.__traceback__)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _show_program_only(error: BaseException) -> None:
    """Take the steps of this file from the beginning of a traceback."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    error.__traceback__ = trace


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    try:
        text = str(code)
    except Exception:
        text = ""
    with contextlib.suppress(Exception):
        print(text, file=sys.stderr)
    return 1


class _NotFoundError(Exception):
    pass


def _script(main: types.ModuleType, path: str) -> CodeType:
    if os.path.isdir(path) or zipfile.is_zipfile(path):
        place = os.path.abspath(path)
        spec = PathFinder.find_spec("__main__", [place])
        if spec is None:
            raise _NotFoundError(f"there is no __main__.py in {path}")
        sys.path[0] = place
        return _from_spec(main, spec, "__main__", path)
    file = os.path.abspath(path)
    try:
        with open(path, "rb") as source:
            code = compile(source.read(), file, "exec")
    except OSError as error:
        raise _NotFoundError(f"{path} cannot be read: {error.strerror}") from None
    except _UNREADABLE as error:
        raise _NotFoundError(f"{path} is not valid Python: {error}") from None
    main.__dict__.update(
        __file__=file,
        __cached__=None,
        __loader__=SourceFileLoader("__main__", file),
        __builtins__=builtins,
        __annotations__={},
    )
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    return code


def _module(main: types.ModuleType, name: str) -> CodeType:
    sys.path[0] = os.getcwd()
    try:
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
            if spec is None:
                raise _NotFoundError(f"the package {name!r} has no __main__.py to run")
    except (ImportError, ValueError) as error:
        raise _NotFoundError(f"there is no module {name!r} to run: {error}") from None
    if spec is None:
        raise _NotFoundError(f"there is no module {name!r} to run")
    return _from_spec(main, spec, spec.name, f"the module {name!r}")


def _from_spec(
    main: types.ModuleType, spec: ModuleSpec, name: str, title: str
) -> CodeType:
    get_code = getattr(spec.loader, "get_code", lambda name: None)
    try:
        code: CodeType | None = get_code(name)
    except _UNREADABLE as error:
        raise _NotFoundError(f"{title} is not valid Python: {error}") from None
    if code is None:
        raise _NotFoundError(f"{title} is not in Python")
    main.__dict__.update(
        __file__=spec.origin,
        __cached__=spec.cached,
        __spec__=spec,
        __loader__=spec.loader,
        __package__=spec.parent,
        __builtins__=builtins,
        __annotations__={},
    )
    return code


def _messages(recorder: Recorder, cut: int, place: str) -> Iterator[str]:
    """What is told of a run, behind the last line of the program."""
    seen = {path for path, _ in recorder.found}
    count = len(recorder.found)
    if not count:
        yield ("nothing was noted: no function of the documented modules was run")
    else:
        yield (
            f"{count} function{'s' * (count > 1)} of {len(seen)} "
            f"module{'s' * (len(seen) > 1)} noted in {place}"
        )
    if cut:
        yield (
            f"{cut} of them had more than {MAX_CALLS} kinds of calls, of which "
            f"{MAX_CALLS} are kept"
        )
    if recorder.dropped:
        yield (f"{recorder.dropped} calls could not be followed, and are left out")
    if recorder.compiled:
        names = ", ".join(sorted(recorder.compiled))
        yield (f"torch.compile has replaced what could not be followed: {names}")
    if recorder.left_alone:
        names = ", ".join(sorted(recorder.left_alone))
        yield (
            f"more than {QUIET_LINES:,} lines of a loop have shown nothing new, and "
            f"what came then and called no function was not seen: {names}; Python 3.12 "
            "does not have this limit"
        )
    if recorder.too_deep:
        yield (
            "the program has called as deep as Python allows, and what ran after that "
            "was not seen; Python 3.12 does not have this limit"
        )
    if recorder.traces_of_others:
        yield (
            "the program has set a trace function of its own, and what ran under it "
            "was not seen; Python 3.12 does not have this limit"
        )
