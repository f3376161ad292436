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

# `# %%time` is a command of IPython, not a marker. What may stand behind the title are
# the type of the cell and its metadata.
MARKER = re.compile(
    r"""\#[ \t]*%%(?![^\s])[ \t]*
    (?P<title>(?:(?![ \t]*(?:\[(?:markdown|md|raw|code)\]|\{|[\w.-]+=)).)*)
    [ \t]*(?:\[(?P<kind>markdown|md|raw|code)\])?.*""",
    re.VERBOSE,
)

# In the place of the scope that a docstring belongs to.
CELL = -2


def is_prose_marker(line: str) -> bool:
    """Whether a line is the marker of a cell of prose."""
    match = MARKER.fullmatch(line)
    return match is not None and match["kind"] not in (None, "code")


def title_of(marker: re.Match[str]) -> str:
    """The heading that a marker is, or nothing."""
    words = marker["title"].strip()
    return f"## {words}" if words else ""
