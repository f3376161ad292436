r"""
---
title: Numbers from results
summary: >
  A number that prose quotes is taken from the result file of a recorded run when the
  page is built, so it can be neither outdated nor mistyped.
---

# Numbers from results

An author who copies an accuracy into a sentence has to copy it again after the next
run, in every sentence, and will forget one. So prose names the number, and the build
puts it there:

```text
The model is right about {{ run:laptop-0.test.accuracy | .1%}} of the test images.
```

`laptop-0` is the file `laptop-0.json` among the `results` of the configuration. The
keys of the value follow, and after the bar, one of Python's format specifications. With
a star in the name, `laptop-*`, it is the mean over all files whose names match.

A file may also name the [sources](sources.py) that its run was made of. When they have
changed since, the number may no longer be true, and `sidelit check` says so.
"""

import contextlib
import fnmatch
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from ..files import CONTROLS, in_project
from ..markup import NUMBER
from .sources import source_digest

_PARTS = re.compile(r"\{\{\s*run:([\w*?/-]+)((?:\.[\w-]+)+)\s*(?:\|\s*(.*?)\s*)?\}\}")


class NumberError(Exception):
    """No result has the number. The message says why."""


class Numbers:
    """
    The results of the project at `root`, in files that have one of the `patterns`. They
    are read when the first number is asked for.
    """

    def __init__(self, root: str, patterns: Iterable[str]) -> None:
        self._root = root
        self._patterns = patterns
        self._read: dict[str, Any] = {}
        self._digests: dict[str, str] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """The result files by name, which is their path where names are not unique."""
        found = sorted(
            {
                file
                for pattern in self._patterns
                for file in Path(self._root).glob(pattern)
                if file.is_file() and in_project(str(file), self._root)
            }
        )
        stems = [file.stem for file in found]
        return {
            file.stem
            if stems.count(file.stem) == 1
            else os.path.relpath(file, self._root).replace(os.sep, "/")[:-5]: file
            for file in found
        }

    @property
    def inputs(self) -> set[str]:
        """The result files, and the places where another one would be found."""
        places = {*self.files.values()}
        for pattern in self._patterns:
            parts = pattern.split("/")
            for depth, part in enumerate(parts):
                around = Path(self._root)
                folders = around.glob("/".join(parts[:depth])) if depth else [around]
                is_pattern = any(sign in part for sign in "*?[")
                places |= {one if is_pattern else one / part for one in folders}
        return {*map(str, places)}

    def text(self, quoted: str) -> str:
        """The number that `{{ run:… }}` quotes, as text. Raises `NumberError`."""
        match = _PARTS.fullmatch(quoted)
        if match is None:
            raise NumberError("write {{ run:NAME.key.key | format }}")
        name, keys, form = match[1], match[2][1:].split("."), match[3] or ""
        names = fnmatch.filter(self.files, name)
        if not names:
            known = ", ".join(self.files) or "none; set `results`"
            raise NumberError(f"there is no result {name}; there are {known}")
        values = [self._value(one, keys) for one in names]
        value = values[0]
        if len(values) > 1:
            if not all(isinstance(one, int | float) for one in values):
                raise NumberError(f"{'.'.join(keys)} has no mean: {value!r}")
            value = math.fsum(values) / len(values)
        try:
            return format(value, form).translate(CONTROLS)
        except (ValueError, TypeError) as error:
            raise NumberError(f"{value!r} has no format {form!r}: {error}") from None

    def filled(self, text: str) -> str:
        """A title or summary with its numbers; unknown ones stay as they are."""

        def fill(match: re.Match[str]) -> str:
            with contextlib.suppress(NumberError):
                return self.text(match[0])
            return match[0]

        return re.sub(NUMBER, fill, text)

    def outdated(self, quoted: str) -> Iterator[tuple[str, str]]:
        """The result files of a number, each with a source that has changed since."""
        match = _PARTS.fullmatch(quoted)
        for name in fnmatch.filter(self.files, match[1]) if match else ():
            result: Any = None
            with contextlib.suppress(NumberError):
                result = self._result(name)
            table = result.get("sources") if isinstance(result, dict) else None
            if isinstance(table, dict):
                for path, known in sorted(table.items()):
                    if self._digest(path) != known:
                        yield self.files[name].name, path

    def _digest(self, path: str) -> str:
        """The current hash of a source, or nothing if it cannot be read."""
        if path not in self._digests:
            self._digests[path] = ""
            file = os.path.join(self._root, path)
            with contextlib.suppress(OSError, SyntaxError, ValueError, LookupError):
                if in_project(file, self._root):
                    self._digests[path] = source_digest(file)
        return self._digests[path]

    def _result(self, name: str) -> Any:
        if name not in self._read:
            try:
                self._read[name] = json.loads(self.files[name].read_text("utf-8"))
            except (OSError, ValueError):
                raise NumberError(f"{self.files[name].name} is not JSON") from None
        return self._read[name]

    def _value(self, name: str, keys: list[str]) -> Any:
        value = self._result(name)
        for number, key in enumerate(keys):
            try:
                value = value[int(key)] if isinstance(value, list) else value[key]
            except (LookupError, TypeError, ValueError):
                path = ".".join(keys[: number + 1])
                raise NumberError(f"{name} has no value {path}") from None
        if isinstance(value, dict | list):
            raise NumberError(f"{'.'.join(keys)} of {name} is no single value")
        if isinstance(value, bool | None) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            raise NumberError(
                f"{'.'.join(keys)} of {name} is {json.dumps(value)}, no number"
            )
        return value
