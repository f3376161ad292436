r"""
---
title: JSON with places
summary: >
  Reads JSON so that each string in it knows where it stands, and a problem in what it
  says has a line and a column.
---

# JSON with places
"""

import json
from json.decoder import scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]

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


class Decoder(json.JSONDecoder):
    """A decoder whose strings are `Text`, except for the keys of objects."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _string
        self.scan_once = py_make_scanner(self)
