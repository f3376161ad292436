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
does, and notes what the names of each documented function were bound to:

```bash
sidelit record -m pytest tests
sidelit record train.py epochs=1
```

What it has seen goes into one JSON file, together with what earlier runs have seen. The
file is sorted and holds types, shapes and small integers: never the content of a
tensor, and nothing about the machine. So it can be committed, and building pages needs
no run. Delete it to start afresh. Its schema is `record.schema.json`, beside this
module.

Recording does not change what the program does, with one exception. Before Python 3.13,
looking at a function's variables also updates the dictionary that `locals()` has
returned in it, and keeps the values in it alive until the function ends.

Python code of documented functions becomes slower; what runs inside PyTorch does not.
`make bench` measures both. The cost is mostly that of lines that may show something
new. Lines in long loops soon show nothing new, and neither do calls that begin as many
others did. From then on they are left alone, as far as the version of Python allows.

Some code is out of sight: other processes that the program starts, functions that
`torch.compile` has replaced, and on Python 3.11 what runs while the program has a trace
function of its own, as debuggers have, and what follows a very long loop. All but the
first are reported. Nothing is kept or reported if a program does not end normally:
after `os._exit` or `os.exec`, or when a signal such as SIGTERM kills it.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO

from ..model import SidelitError, Source, usage_error
from ..read.decode import decode
from ..read.functions import functions
from .monitoring import start_monitoring
from .observations import MAX_CALLS, read_record, write_record
from .own import is_own
from .run import UNREADABLE, run_program
from .tracing import QUIET_LINES, start_tracing
from .watch import Watcher


def record(
    sources: Sequence[Source],
    file: str,
    root: str,
    command: Sequence[str],
    *,
    is_module: bool,
) -> int:
    """
    Run a program as Python would, and add what it shows of the sources to the record in
    `file`. Paths in the record start at `root`. Returns the program's exit status.
    Raises `SidelitError` if there is nothing to run or to note.
    """
    paths, functions_of = {}, {}
    for source in sources:
        if source.language == "python":
            with contextlib.suppress(SidelitError, OSError, *UNREADABLE):
                with open(source.file, "rb") as opened:
                    text = decode(opened.read(), source)
                functions_of[source.path] = functions(text)
                real = os.path.realpath(source.file)
                # Its own steps between those of the program are not the program's.
                if not is_own(real):
                    paths[real] = source.path
    if not paths:
        raise usage_error("there is nothing to record: no source is in Python")
    # As seen from here: the program may change the working directory.
    place = os.path.relpath(file)
    # Before the program starts: it may run for hours, which would be lost.
    if not _may_be_written(file):
        raise usage_error(f"record: {place} cannot be written; name another file")
    known = read_record(file, root)
    errors = _error_stream()
    watcher = Watcher(paths, functions_of)
    stop = start(watcher)
    process = os.getpid()
    try:
        status = run_program(command, is_module=is_module)
    finally:
        stop()
    # A process that the program has forked may come here, too. It writes nothing.
    if os.getpid() != process:
        return status
    try:
        cut = write_record(file, root, known, functions_of, watcher.found)
        messages = [*_messages(watcher, cut, place, sources)]
    except OSError as error:
        messages = [
            f"{place} cannot be written, and nothing is noted: {error.strerror}"
        ]
        status = status or 2
    text = "".join(f"sidelit: {message}\n" for message in messages)
    # Nobody may be there to read it, which is no failure of the program.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    with contextlib.suppress(OSError), errors or contextlib.nullcontext():
        if errors:
            errors.write(text)
    return status


def start(watcher: Watcher) -> Callable[[], None]:
    """Begin to watch, in the way that this Python offers. Returns what ends it."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=watcher.forget)
    if hasattr(sys, "monitoring"):
        stop_telling = start_monitoring(watcher)
    else:
        stop_telling = start_tracing(watcher)

    def stop() -> None:
        stop_telling()
        watcher.finish()

    return stop


def _may_be_written(file: str) -> bool:
    folder = os.path.dirname(file)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def _error_stream() -> TextIO | None:
    """A copy of the error stream, which stays open whatever the program does to it."""
    encoding = sys.stderr.encoding if sys.stderr else "utf-8"
    try:
        return open(os.dup(2), "w", encoding=encoding, errors="backslashreplace")
    except OSError:
        return None


def _messages(
    watcher: Watcher, cut: int, place: str, sources: Iterable[Source]
) -> Iterator[str]:
    """
    The report on a run, written after the last line of the program. `cut` is the number
    of functions with more kinds of calls than are kept.
    """
    count, gaps = len(watcher.found), watcher.gaps
    modules = len({path for path, _ in watcher.found})
    if not count:
        reason = "no function of the documented modules was run"
        if copied := _copied(watcher.others(), sources):
            source, copy = copied
            reason = (
                f"the program has run {copy} in place of {source.path}; install what "
                "it imports with `pip install -e .`"
            )
        yield f"nothing was noted: {reason}"
    else:
        noted = f"{_counted(count, 'function')} of {_counted(modules, 'module')}"
        yield f"{noted} noted in {place}"
    if cut:
        yield (
            f"{cut} of them had more than {MAX_CALLS} kinds of calls, of which "
            f"{MAX_CALLS} are kept"
        )
    if gaps.dropped:
        yield f"{gaps.dropped} calls could not be followed, and are left out"
    if gaps.compiled:
        names = ", ".join(sorted(gaps.compiled))
        yield f"torch.compile has replaced what could not be followed: {names}"
    if gaps.left_alone:
        names = ", ".join(sorted(gaps.left_alone))
        yield (
            f"more than {QUIET_LINES:,} lines of a loop have shown nothing new, and "
            f"what came then and called no function was not seen: {names}; Python 3.12 "
            "does not have this limit"
        )
    if gaps.too_deep:
        yield (
            "the program has called as deep as Python allows, and what ran after that "
            "was not seen; Python 3.12 does not have this limit"
        )
    if gaps.replaced:
        yield (
            "the program has set a trace function of its own, and what ran under it "
            "was not seen; Python 3.12 does not have this limit"
        )


def _copied(
    files: Iterable[str], sources: Iterable[Source]
) -> tuple[Source, str] | None:
    """
    The first source that has been imported from another one of `files`, and that file:
    Python finds it by the name of the module in a folder of `sys.path`.
    """
    ran = set(files)
    # The program may have put anything there.
    folders = [one for one in sys.path if isinstance(one, str)]
    for source in sources:
        name = source.module.replace(".", os.sep)
        for folder in folders:
            for ending in ("", f"{os.sep}__init__"):
                file = os.path.join(folder, f"{name}{ending}.py")
                if file in ran:
                    return source, file
    return None


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
