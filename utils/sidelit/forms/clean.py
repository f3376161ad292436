r"""
---
title: Clean code
summary: >
  A Python file without its comments and docstrings: the same syntax tree, the same
  layout, ready to go into somebody's own code.
---

# Clean code

Who has read a page wants its code, and no longer what explains it. Clean code is the
source less all that only speaks to people. What is left is what Python had read all
along:

> the syntax tree is that of the source without its docstrings, and where a class or
> function consists of nothing else, `pass` stands in its place.

Comments that speak to programs stay, such as `# type: ignore` and `# noqa`. So does a
module's docstring that the code itself reads, by the name `__doc__`: without it, the
program that prints it as its help would fail.

Nothing is written anew. Pieces are cut out of the text, and the holes that they leave
are closed as far as nobody would have left them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from ..model import Document
from ..read.comments import DIRECTIVE

# Where a piece begins and ends in the text, and what stands there instead.
_Cut = tuple[int, int, str]


def clean_lines(document: Document) -> list[str | None]:
    """For each line of a Python document what is left of it, or `None` for nothing."""
    text = document.text
    lines: list[str | None] = [*text.split("\n")]
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    cuts = [*_docstrings(document), *_comments(document)]
    emptied = set()
    # From the end, so that what stands before a piece is still where it was.
    behind = len(text)
    for start, end, instead in sorted(cuts, key=lambda cut: (-cut[1], cut[0])):
        # A comment between two strings has gone with them.
        if end > behind:
            continue
        behind = start
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
        before = (lines[first] or "")[: start - starts[first]] + instead
        rest = (lines[last] or "")[end - starts[last] :]
        left = before + rest if rest.strip() else before.rstrip()
        lines[first : last + 1] = [*[None] * (last - first), left]
        if not left.strip():
            emptied.add(last)
    if text and not text.endswith("\n"):
        lines.append("")
    _close(lines, emptied)
    return lines[:-1]


# ## What goes
_SEMICOLON = re.compile(r"(?:[ \t\f]|\\\n)*;(?:[ \t\f]|\\\n)*")


def _docstrings(document: Document) -> Iterator[_Cut]:
    syntax = document.syntax
    if syntax is None:
        return
    for one in syntax.strings:
        if one.of_module and "__doc__" in syntax.reads:
            continue
        stop = one.stop
        if one.alone and not one.of_module:
            yield one.start, stop, "pass"
            continue
        if semicolon := _SEMICOLON.match(document.text, stop):
            stop = semicolon.end()
        yield one.start, stop, ""


def _comments(document: Document) -> Iterator[_Cut]:
    text = document.text
    fields = 0
    for kind, start, end in document.tokens:
        # In the field of an f-string, which may show its own text, nothing is cut.
        if kind == "si" and end == start + 1:
            fields += {"{": 1, "}": -1}.get(text[start], 0)
        elif (
            kind == "c"
            and not fields
            and (kept := _kept_from(text, start, end)) > start
        ):
            yield start, kept, ""


_NO_DIRECTIVE = re.compile(r"#\s*sidelit:")
_CODING = re.compile(r"#.*coding[:=]")


def _kept_from(text: str, start: int, end: int) -> int:
    """Where in a comment the part begins that speaks to programs, or its end."""
    for sign in re.finditer("#", text[start:end]):
        place = start + sign.start()
        if not DIRECTIVE.match(text, place) or _NO_DIRECTIVE.match(text, place):
            continue
        # Further down, a word on the encoding means nothing; moved up, it would.
        if _CODING.match(text, place) and not _opens_file(text[:place]):
            continue
        return place
    return end


def _opens_file(before: str) -> bool:
    """Whether a line with this text above it may say how the file is encoded."""
    return not re.sub(r"#.*", "", before).strip() and before.count("\n") < 2


# ## What is left of the room
def _close(lines: list[str | None], emptied: set[int]) -> None:
    """
    Take away the lines that cuts have emptied. Of the empty lines around them as many
    stay as there were above or below: no more than two before what stands at the
    margin, and one elsewhere, and none where a block begins.
    """
    lines_above = ""
    run: list[int] = []
    for number, line in enumerate(lines):
        # Behind a backslash, an empty line is what ends the statement.
        continues = lines_above.endswith("\\")
        lines_above = line if line is not None else ""
        if line is None or (not line.strip() and not continues):
            run.append(number)
            continue
        if run:
            _close_run(lines, run, emptied, line)
        run = []
    _close_run(lines, run, emptied, "")


def _close_run(
    lines: list[str | None], run: list[int], emptied: set[int], following: str
) -> None:
    if all(lines[number] is not None and number not in emptied for number in run):
        return
    # The longest row of lines that were empty from the start.
    rows: list[list[int]] = [[]]
    for number in run:
        if lines[number] is None or number in emptied:
            rows.append([])
        else:
            rows[-1].append(number)
    above = (lines[run[0] - 1] or "") if run[0] else ""
    most = 1 if following[:1].isspace() else 2
    if not above or above.endswith(":") or not following:
        most = 0
    kept = max(rows, key=len)[:most]
    for number in run:
        lines[number] = "" if number in kept else None
