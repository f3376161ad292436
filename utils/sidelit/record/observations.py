r"""
---
title: The record
summary: >
  What runs have shown of each function, in one sorted JSON file that is committed with
  the sources and stays true when they change.
---

# The record

For each function there are a hash of its source and a few calls:

```json
{"entry": {"self.heads": 2, "x": "float32[4, 65, 16]"},
 "lines": {"0": {"x": ["float32[4, 65, 16]"]},
           "1": {"return": ["float32[4, 2, 65, 8]"]}}}
```

`entry` is what the function was given, and `lines` is what its statements have bound,
returned or yielded, by their number. A name that a loop binds again and again has
several values. Where the hash does not fit the source any more, the calls say nothing:
other functions are not touched by that.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import write_file
from ..model import Config, Problem, SidelitError
from ..syntax import Function

VERSION = 1

# How many kinds of calls are kept of each function.
MAX_CALLS = 16

Call = dict[str, Any]


def seen_at(call: Call, name: str, statement: int) -> list[Any]:
    """
    What a statement has bound a name to in a call, or with −1 in its place what the
    name was on entry.
    """
    if statement >= 0:
        bound: list[Any] = call.get("lines", {}).get(str(statement), {}).get(name, [])
        return bound
    value = call.get("entry", {}).get(name)
    return [] if value is None else [value]


class Kinds:
    """
    ## What is kept of many calls

    Calls that differ in whole numbers alone, such as the number of a step, are one
    kind. Of too many kinds those with the smallest hashes are kept: a sample that does
    not depend on the order, so neither threads nor further runs can change it.
    """

    def __init__(self, cut: bool = False) -> None:
        self.cut = cut
        self._calls: dict[str, tuple[str, str]] = {}

    def add(self, call: Call) -> None:
        text = _json(call)
        kind = _hash(_json(_without_numbers(call)))
        found = _hash(text), text
        if kind not in self._calls or found < self._calls[kind]:
            self._calls[kind] = found
        if len(self._calls) > MAX_CALLS:
            del self._calls[max(self._calls)]
            self.cut = True

    def calls(self) -> list[Call]:
        texts = sorted(text for _, text in self._calls.values())
        return [json.loads(text) for text in texts]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [one for one in map(_without_numbers, value) if one is not None]
    return None if isinstance(value, int) else value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


# ## The file
#
# `Record` leads from the path of a source and the name of a function to its entry.
Record = dict[str, dict[str, dict[str, Any]]]


def read_record(config: Config) -> Record:
    """
    The record of a project, which is empty if there is none. Raises `SidelitError` for
    a file that is something else.
    """
    file = Path(config.record)
    try:
        text = file.read_text(encoding="utf-8")
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
    path = os.path.relpath(file, config.root).replace(os.sep, "/")
    message = "is no record of this version; delete it and run `sidelit record` again"
    raise SidelitError(Problem(path, line, column, "REC101", message))


def _is_record(files: Any) -> bool:
    def is_value(value: Any) -> bool:
        if isinstance(value, list):
            return all(map(is_value, value))
        return value is None or isinstance(value, str | int)

    def is_table(table: Any, holds: Callable[[Any], bool]) -> bool:
        return isinstance(table, dict) and all(map(holds, table.values()))

    def is_line(names: Any) -> bool:
        return is_table(names, lambda one: isinstance(one, list) and is_value(one))

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
    config: Config,
    known: Record,
    functions: Mapping[str, Sequence[Function]],
    found: Mapping[tuple[str, str], Kinds],
) -> int:
    """
    Put what a run has found beside what is known, less what no longer fits the
    sources. Returns of how many functions not all kinds of calls were kept.

    `known` is what was read before the run. Another run may have ended since then, so
    the file is read again, and one that is broken by now is written anew.
    """
    with _alone(Path(config.record).parent):
        with contextlib.suppress(SidelitError):
            known = read_record(config)
        files, cut = _joined(config, known, functions, found)
        write_file(Path(config.record), _text(files).encode())
    return cut


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is here. Where there are no locks, hope so."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        # A file system may know no locks, either.
        with contextlib.suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _joined(
    config: Config,
    known: Record,
    functions: Mapping[str, Sequence[Function]],
    found: Mapping[tuple[str, str], Kinds],
) -> tuple[Record, int]:
    # Sources that this run was not about, or that are not valid Python for a moment.
    files: Record = {
        path: entries
        for path, entries in known.items()
        if path not in functions and os.path.isfile(os.path.join(config.root, path))
    }
    cut = 0
    for path, present in sorted(functions.items()):
        entries = {}
        for function in present:
            before = known.get(path, {}).get(function.qualname, {})
            fits = before.get("source") == function.digest
            kinds = Kinds(bool(fits and before.get("cut")))
            now = found.get((path, function.qualname))
            for call in (
                *(before["calls"] if fits else ()),
                *(now.calls() if now else ()),
            ):
                kinds.add(call)
            kinds.cut |= bool(now and now.cut)
            if calls := kinds.calls():
                entry = {"source": function.digest, "calls": calls}
                entries[function.qualname] = entry | (
                    {"cut": True} if kinds.cut else {}
                )
                cut += kinds.cut and now is not None
        if entries:
            files[path] = entries
    return files, cut


def _text(files: Record) -> str:
    """A line for each call, so that a change of one shows as one."""
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
