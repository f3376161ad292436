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
from typing import Literal, NamedTuple

# In the place of the scope that a docstring belongs to.
CELL = -2

# `# %%time` is a command of IPython, not a marker.
_MARKER = re.compile(r"#[ \t]*%%(?:[ \t](?P<rest>.*))?")
# What may stand behind the title: the type of the cell, and its metadata.
_BEHIND = re.compile(
    r"(?:^|(?<=[ \t]))(?:\[(?P<kind>markdown|md|raw|code)\]|\{|[\w.-]+=)"
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
    behind = _BEHIND.search(rest)
    kind = (behind and behind["kind"]) or "code"
    title = rest[: behind.start() if behind else None].strip()
    heading = f"## {title}" if title else ""
    return Marker(_KINDS[kind], heading)


def is_prose_marker(line: str) -> bool:
    """Whether a line is the marker of a cell of prose."""
    found = marker(line)
    return found is not None and found.kind != "code"
