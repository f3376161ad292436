r'''
---
title: Cells of a script
summary: >
  A Python file that editors and jupytext read as a notebook: comments such as
  `# %% [markdown]` part it into cells of code and of prose.
---

# Cells of a script

Editors run a Python file cell by cell if it has lines such as `# %%` between the cells,
and jupytext makes a notebook of it. Such a line, the *marker*, is part of no cell, so
it is neither prose nor code on the page, but its title is a heading:

```python
# %% Load the data
rows = load("rows.csv")

# %% [markdown]
# What follows is *prose*, up to the next marker or line of code.

# %% [markdown]
"""
And so is a string below such a marker.
"""
```

Behind a marker of Markdown, comments are prose as they are. Elsewhere they are
[comments](comments.py) like others, and those right below a marker belong to its title.
'''

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from ..model import Tokens
from ..syntax import line_starts
from .comments import comments, dedent
from .drawings import indented
from .markers import marker


class Piece(NamedTuple):
    """
    A comment or the beginning of a cell: what it says as Markdown, and the lines that
    this takes up. Behind that of a cell of `code`, there may be code.
    """

    prose: str
    lines: range
    kind: Literal["comment", "code", "prose"]


def pieces(
    text: str, tokens: Tokens, strings: Mapping[int, tuple[str, range, bool]]
) -> Iterator[Piece]:
    """
    The comments of a Python file that are prose and the beginnings of its cells, in
    order. `strings` are those that are the prose of cells, by their first lines.
    """
    cells = {one.lines.start: one for one in _cells(text, tokens)}
    taken = {line for one in cells.values() for line in one.lines}
    found = dict(cells)
    for prose, span in comments(text, tokens, "python"):
        # A comment below the marker of a cell of code belongs to its title.
        title = cells.get(span.start - 1)
        if title and title.kind == "code" and span.start not in taken:
            prose, span = f"{title.prose}\n{prose}", range(span.start - 1, span.stop)
            found[span.start] = Piece(prose, span, "code")
        elif span.start not in taken:
            found[span.start] = Piece(prose, span, "comment")
    lines = text.split("\n")
    before: Piece | None = None
    for _, piece in sorted(found.items()):
        prose, span, kind = piece
        if kind == "prose" and (string := strings.get(span.stop)):
            said = string[0]
            if (above := marker(lines[span.start - 1])) and above.kind == "raw":
                said = "\n".join(indented(said.split("\n")))
            prose, span = f"{prose}\n{said}", range(span.start, string[1].stop)
            piece = Piece(prose, span, kind)
        if before:
            gap = range(before.lines.stop, span.start)
            is_plain = kind == "code" and not prose
            if before.kind == "prose" and is_plain and is_blank(gap, lines):
                # A marker is all that stands between the prose and its code.
                prose = before.prose + "\n" * (len(gap) + 1)
                piece = Piece(prose, range(before.lines.start, span.stop), "prose")
            else:
                yield before
        before = piece
    if before:
        yield before


def is_blank(span: range, lines: Sequence[str]) -> bool:
    """Whether these of all lines, counted from 1, are empty."""
    return not any(lines[number - 1].strip() for number in span)


def _cells(text: str, tokens: Tokens) -> Iterator[Piece]:
    """The cells of a script. One whose prose is a string does not have it yet."""
    if "%%" not in text:
        return
    lines = text.split("\n")
    starts = line_starts(lines)
    is_comment = [False] * (len(lines) + 1)
    for kind, start, _ in tokens:
        if kind == "c" and (line := bisect_left(starts, start)) < len(starts):
            is_comment[line] = starts[line] == start
    number = 0
    while number < len(lines):
        found = marker(lines[number]) if is_comment[number] else None
        first = number + 1
        number += 1
        if found is None:
            continue
        if found.kind == "code":
            yield Piece(found.heading, range(first, first + 1), "code")
            continue
        end = number
        while number < len(lines) and (is_comment[number] or not lines[number].strip()):
            if marker(lines[number]):
                break
            number += 1
            if is_comment[number - 1]:
                end = number
        said = dedent([one.removeprefix("#") for one in lines[first:end]])
        # Nothing in a raw cell is Markdown.
        said = indented(said) if found.kind == "raw" else said
        prose = "\n".join([found.heading, *said])
        yield Piece(prose, range(first, end + 1), "prose")
