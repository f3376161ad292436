r"""
---
title: Running a program
summary: >
  Runs a script, a folder, an archive or a module as Python would, and reports its end
  as Python does.
---

# Running a program

What `python PROGRAM` and `python -m MODULE` do: prepare `__main__`, `sys.argv` and
`sys.path`, run the code, show what it raises, wait for its threads. The program should
notice as little as possible of the recorder that runs it.

The standard library's `runpy` comes close, but it removes `__main__` at the end, while
threads and exit handlers of the program may still need it.
"""

import builtins
import contextlib
import importlib.util
import os
import sys
import threading
import traceback
import types
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FrameType
from typing import Any

from ..model import usage_error
from .own import hide_own_frames

# What Python raises for source that it cannot compile, or that is nested too deep.
UNREADABLE = SyntaxError, ValueError, RecursionError, MemoryError

# How many frames the recorder puts above one of the program to note something.
SPARE_FRAMES = 16


def run_program(command: Sequence[str], *, is_module: bool) -> int:
    """
    Run a program to its end and return its exit status. `command` is its path, or with
    `is_module` the name of a module, and its arguments. Raises `SidelitError` if there
    is nothing to run.
    """
    name = command[0]
    main = types.ModuleType("__main__")
    _make_room_for_frames()
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
        # The first thing that Python does at its end: it waits for threads, and thread
        # pools are told to end theirs. What is recorded must include them.
        threading._shutdown()  # type: ignore[attr-defined]
    except BaseException:
        traceback.print_exc()
    return status


def _make_room_for_frames() -> None:
    """
    Raise the limit of recursion by the frames of the recorder, so that the program can
    call as deep as it could without it.
    """
    frame: FrameType | None = sys._getframe()
    depth = SPARE_FRAMES
    while frame:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(sys.getrecursionlimit() + depth)


# ## How it ends
def _failed(error: BaseException) -> int:
    """Show what a program has raised as Python does. Returns the exit status."""
    hide_own_frames(error)
    sys.last_type, sys.last_value = type(error), error
    sys.last_traceback = error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as end:
        return _status(end.code)
    except BaseException as hook_error:
        hide_own_frames(hook_error)
        with contextlib.suppress(Exception):
            for title, shown in (
                ("Error in sys.excepthook:", hook_error),
                ("\nOriginal exception was:", error),
            ):
                print(title, file=sys.stderr)
                sys.__excepthook__(type(shown), shown, shown.__traceback__)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _status(code: object) -> int:
    """The exit status for the argument of `sys.exit`, which may be a message."""
    if code is None:
        return 0
    if isinstance(code, int):
        # The system keeps eight bits, and Python makes −1 of what fits no C long.
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    try:
        text = str(code)
    except Exception:
        text = ""
    with contextlib.suppress(Exception):
        print(text, file=sys.stderr)
    return 1


# ## What there is to run
#
# Each of these fills in what a program can know of itself, such as `__file__`, and
# returns its code.
class _NotFoundError(Exception):
    """There is nothing to run; the message is the rest of a sentence."""


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
    except UNREADABLE as error:
        raise _NotFoundError(f"{path} is not valid Python: {error}") from None
    main.__dict__.update(
        __file__=file,
        __loader__=SourceFileLoader("__main__", file),
        __builtins__=builtins,
        **_of_older_versions(None),
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
    except UNREADABLE as error:
        raise _NotFoundError(f"{title} is not valid Python: {error}") from None
    if code is None:
        raise _NotFoundError(f"{title} is not in Python")
    main.__dict__.update(
        __file__=spec.origin,
        __spec__=spec,
        __loader__=spec.loader,
        __package__=spec.parent,
        __builtins__=builtins,
        **_of_older_versions(spec.cached),
    )
    return code


def _of_older_versions(cached: str | None) -> dict[str, Any]:
    """What a program knows up to Python 3.13, and up to Python 3.14."""
    known: dict[str, Any] = {}
    if sys.version_info < (3, 14):
        known["__annotations__"] = {}
    if sys.version_info < (3, 15):
        known["__cached__"] = cached
    return known
