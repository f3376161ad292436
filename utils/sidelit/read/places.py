r"""
---
title: JSON with places
summary: >
  Reads JSON so that each string in it knows where it stands, and a problem in what it
  says has a line and a column in the file.
---

# JSON with places
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from json.decoder import JSONArray, JSONObject, scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

from ..model import Document, Source
from .decode import decode

# Half a character cannot be written to any file.
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


class Text(str):
    """A string of the file, with the offsets of what stands between its quotes."""

    __slots__ = ("end", "start")
    start: int
    end: int


def _string(text: str, start: int, strict: bool = True) -> tuple[Text, int]:
    value, end = scanstring(text, start, strict)
    found = Text(value if value.isascii() else value.translate(SURROGATES))
    found.start, found.end = start, end - 1
    return found, end


# How deep lists and objects may be nested. Python's own limit counts whoever calls as
# well, so the same file would be read or not, depending on who asks.
DEEPEST = 200


class Decoder(json.JSONDecoder):
    """
    A decoder whose strings are `Text`, except for the keys of objects. It raises
    `RecursionError` for what is nested deeper than `DEEPEST`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.parse_string = _string
        self.parse_object = self._within(JSONObject)
        self.parse_array = self._within(JSONArray)
        self.scan_once = py_make_scanner(self)

    def _within(self, parse: Callable[..., Any]) -> Callable[..., Any]:
        def parsed(*given: Any) -> Any:
            if self.depth == DEEPEST:
                raise RecursionError
            self.depth += 1
            found = parse(*given)
            self.depth -= 1
            return found

        return parsed


# ## From the text to the file
def in_file(document: Document, line: int, column: int) -> tuple[int, int]:
    """Line and column in the file of a place in the text of a document."""
    notebook = document.notebook
    if notebook is None or line > len(notebook.places):
        return line, column
    line, start, signs = notebook.places[line - 1]
    written = _lines(document.data, document.source)[line - 1]
    return line, behind_characters(written, start - 1, column - 1 - signs) + 1


# A notebook may have many problems.
@lru_cache(maxsize=1)
def _lines(data: bytes, source: Source) -> list[str]:
    return decode(data, source).split("\n")


# A character in a string of JSON.
_CHARACTER = re.compile(
    r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
    | \\u[0-9a-fA-F]{4} | \\. | [^"]""",
    re.VERBOSE,
)


def behind_characters(written: str, start: int, count: int) -> int:
    """Where so many characters end that begin at a place in a string of JSON."""
    for _ in range(count):
        if not (match := _CHARACTER.match(written, start)):
            break
        start = match.end()
    return start
