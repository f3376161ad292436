r"""
---
title: The record
summary: >
  What runs have shown of each function, in one sorted JSON file that is committed with
  the sources and stays true when they change.
---

# The record

For each function the record holds a hash of its source and a few calls:

```json
{"entry": {"self.heads": 2, "x": "float32[4, 65, 16]"},
 "lines": {"0": {"x": ["float32[4, 65, 16]"]},
           "1": {"return": ["float32[4, 2, 65, 8]"]}}}
```

`entry` is what the function was given. `lines` is what its statements have bound,
returned or yielded, by the number of the statement; a name that a loop binds repeatedly
has several values. Once the source of a function no longer matches its hash, its calls
say nothing. The record of other functions stays valid.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import write_named
from ..model import Problem, SidelitError
from ..syntax import Function

VERSION = 1

# How many kinds of calls are kept of each function.
MAX_CALLS = 16

# Stands for the number of a statement where an argument is meant, which has its value
# before the first. It must be less than 0, since places are compared by order.
ENTRY = -1

Call = dict[str, Any]


def seen_at(call: Call, name: str, statement: int) -> list[Any]:
    """What a statement has bound a name to in a call, or what it was on `ENTRY`."""
    if statement != ENTRY:
        bound: list[Any] = call.get("lines", {}).get(str(statement), {}).get(name, [])
        return bound
    value = call.get("entry", {}).get(name)
    return [] if value is None else [value]


class Kinds:
    """
    ## What is kept of many calls

    Calls that differ only in whole numbers, such as the number of a step, are of one
    kind. Of too many kinds those with the smallest hashes are kept. That sample does
    not depend on the order of calls, so neither threads nor a second run can change it.
    `cut` says that there were more kinds than are kept.
    """

    def __init__(self) -> None:
        self.cut = False
        # For each kind the hash of a call and the call, as text.
        self._calls: dict[str, tuple[str, str]] = {}

    def add(self, call: Call) -> None:
        text = _json(call)
        kind = _hash(_json(_without_numbers(call)))
        candidate = _hash(text), text
        if kind not in self._calls or candidate < self._calls[kind]:
            self._calls[kind] = candidate
        if len(self._calls) > MAX_CALLS:
            del self._calls[max(self._calls)]
            self.cut = True

    def calls(self) -> list[Call]:
        texts = sorted(text for _, text in self._calls.values())
        return [json.loads(text) for text in texts]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [item for item in map(_without_numbers, value) if item is not None]
    return None if isinstance(value, int) else value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


# ## The file
#
# `Record` leads from the path of a source and the name of a function to its entry.
Record = dict[str, dict[str, dict[str, Any]]]


def read_record(file: str, root: str) -> Record:
    """
    The record in a file, empty if there is no file. Raises `SidelitError`, with the
    path below `root`, for a file that holds something else.
    """
    try:
        text = Path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        text = ""
    line = column = 1
    try:
        found = json.loads(text)
        if found["version"] == VERSION and _is_record(found["files"]):
            files: Record = found["files"]
            return files
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
    except (LookupError, TypeError, RecursionError):
        pass
    path = os.path.relpath(file, root).replace(os.sep, "/")
    message = (
        "is no record of this version; delete it, or name another file if it holds "
        "something else, and run `sidelit record` again"
    )
    raise SidelitError(Problem(path, line, column, "REC101", message))


def _is_record(files: Any) -> bool:
    def is_value(value: Any) -> bool:
        if isinstance(value, list):
            return all(map(is_value, value))
        return value is None or isinstance(value, str | int)

    def is_values(value: Any) -> bool:
        return isinstance(value, list) and is_value(value)

    def is_table(table: Any, holds: Callable[[Any], bool]) -> bool:
        return isinstance(table, dict) and all(map(holds, table.values()))

    def is_line(names: Any) -> bool:
        return is_table(names, is_values)

    def is_call(call: Any) -> bool:
        return (
            isinstance(call, dict)
            and is_table(call.get("entry", {}), is_value)
            and is_table(call.get("lines", {}), is_line)
            and all(number.isdecimal() for number in call.get("lines", {}))
        )

    def is_entry(entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and isinstance(entry.get("source"), str)
            and isinstance(entry.get("calls"), list)
            and bool(entry["calls"])
            and all(map(is_call, entry["calls"]))
        )

    return is_table(files, lambda functions: is_table(functions, is_entry))


def write_record(
    file: str,
    root: str,
    known: Record,
    functions: Mapping[str, Sequence[Function]],
    found: Mapping[tuple[str, str], Kinds],
) -> int:
    """
    Add what a run has found to the record in a file, and remove what no longer matches
    the sources. Returns the number of functions with more kinds of calls than are kept.

    `known` is the record from before the run. Another run may have ended since then, so
    the file is read again; if it is broken by now, `known` takes its place.
    """
    with _locked(Path(file).parent):
        with contextlib.suppress(SidelitError):
            known = read_record(file, root)
        files, cut = _merged(root, known, functions, found)
        write_named(file, _text(files).encode())
    return cut


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """
    Keep other processes from writing a record in the same folder. A system or file
    system without locks goes without.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _merged(
    root: str,
    known: Record,
    functions: Mapping[str, Sequence[Function]],
    found: Mapping[tuple[str, str], Kinds],
) -> tuple[Record, int]:
    # Sources that this run did not watch, or that are not valid Python at the moment.
    files: Record = {
        path: entries
        for path, entries in known.items()
        if path not in functions and os.path.isfile(os.path.join(root, path))
    }
    cut = 0
    for path, present in sorted(functions.items()):
        entries = {}
        for function in present:
            kinds = Kinds()
            before = known.get(path, {}).get(function.qualname, {})
            if before.get("source") == function.digest:
                kinds.cut = bool(before.get("cut"))
                for call in before["calls"]:
                    kinds.add(call)
            if now := found.get((path, function.qualname)):
                kinds.cut |= now.cut
                for call in now.calls():
                    kinds.add(call)
            if calls := kinds.calls():
                entry: dict[str, Any] = {"source": function.digest, "calls": calls}
                entries[function.qualname] = entry
                if kinds.cut:
                    entry["cut"] = True
                    cut += now is not None
        if entries:
            files[path] = entries
    return files, cut


def _text(files: Record) -> str:
    """One line for each call, so that the diff of a commit shows which have changed."""
    lines = [f'{{"version": {VERSION}, "files": {{']
    for path in sorted(files):
        lines.append(f" {_json(path)}: {{")
        for name in sorted(files[path]):
            entry = files[path][name]
            cut = ', "cut": true' if entry.get("cut") else ""
            source = _json(entry["source"])
            lines.append(f'  {_json(name)}: {{"source": {source}{cut}, "calls": [')
            calls = ",\n".join(f"   {_json(call)}" for call in entry["calls"])
            lines.append(f"{calls}]}},")
        lines[-1] = lines[-1].removesuffix(",") + "},"
    lines[-1] = lines[-1].removesuffix(",")
    return "\n".join(lines) + "}}\n"
