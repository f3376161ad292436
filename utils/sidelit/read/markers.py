r"""
---
title: Markers of cells
summary: >
  The comments that part a Python file into cells, and which of them begin a cell of
  prose.
---

# Markers of cells

What [cells](cells.py) are made of them, sections decide. The syntax only has to know
which strings below a marker are prose.
"""

import re
from difflib import get_close_matches
from typing import Literal, NamedTuple

from .drawings import without_sides

# In the place of the scope that a docstring belongs to.
CELL = -2

# `# %%time` is a command of IPython, not a marker.
_MARKER = re.compile(r"#[ \t]*%%(?:[ \t](?P<rest>.*))?")
# What may stand before or behind the title: the type of the cell.
_TYPE = re.compile(r"(?:^|(?<=[ \t]))\[(?P<kind>markdown|md|raw|code)\]")
# And at the end: its metadata.
_METADATA = re.compile(r"(?:^|(?<=[ \t]))(?:\{|[\w.-]+=)")
_BRACKETS = re.compile(
    r"[ \t]*\[(?P<kind>[a-zA-Z]{1,20})\][ \t]*(?P<title>(?!\{|[\w.-]+=)\S)?"
)


Kind = Literal["code", "markdown", "raw"]
_KINDS: dict[str, Kind] = {
    "code": "code",
    "markdown": "markdown",
    "md": "markdown",
    "raw": "raw",
}


class Marker(NamedTuple):
    """The kind of cell that a marker begins, and its title as a heading, if any."""

    kind: Kind
    heading: str


def marker(line: str) -> Marker | None:
    """The marker that a line is, if it is one."""
    if (match := _MARKER.fullmatch(line)) is None:
        return None
    rest = match["rest"] or ""
    metadata = _METADATA.search(rest)
    said = rest[: metadata.start() if metadata else None]
    before, kind, behind = said, "code", ""
    if found := _TYPE.search(said):
        before, kind, behind = said[: found.start()], found["kind"], said[found.end() :]
    title = without_sides(" ".join(filter(None, (before.strip(), behind.strip()))))
    heading = f"## {title}" if title else ""
    return Marker(_KINDS[kind], heading)


def unknown_type(line: str) -> str:
    """What stands in a marker as the type of its cell, but is none, or nothing."""
    match = _MARKER.fullmatch(line)
    found = match and _BRACKETS.match(match["rest"] or "")
    if not found or found["kind"] in _KINDS:
        return ""
    # With more behind it, it may well be the beginning of a title.
    is_alone = not found["title"]
    is_meant = is_alone or get_close_matches(found["kind"].lower(), _KINDS)
    return found["kind"] if is_meant else ""


def is_prose_marker(line: str) -> bool:
    """Whether a line is the marker of a cell of prose."""
    found = marker(line)
    return found is not None and found.kind != "code"
