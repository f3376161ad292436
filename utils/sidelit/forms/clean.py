r"""
---
title: Clean code
summary: >
  A Python file without its comments and docstrings: the same syntax tree, the same
  layout, ready to go into somebody's own code.
---

# Clean code

Whoever has read a page wants its code, and no longer the explanations. Clean code is
the source without everything that is meant only for people. Python reads the same
program as before:

> the syntax tree is that of the source without its docstrings, those of variables
> included, and where a class or function consists of nothing else, `pass` stands in its
> place.

Comments that speak to programs stay, such as `# type: ignore` and `# noqa`. So does a
module docstring that the code itself reads, by the name `__doc__`: without it, a
program that prints it as its help would fail.

Nothing is reformatted. Pieces are cut out of the text, and gaps that nobody would have
left are closed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ..model import Document
from ..read.directives import DIRECTIVE, directive_end
from ..read.markers import marker
from ..syntax import line_starts

# Where a piece begins and ends in the text, and what stands there instead.
_Cut = tuple[int, int, str]


def clean_lines(document: Document) -> list[str | None]:
    """What is left of each line of a Python document, or `None` where nothing is."""
    text = document.text
    source_lines = text.split("\n")
    lines: list[str | None] = [*source_lines]
    starts = line_starts(source_lines)
    cuts = [*_docstrings(document), *_comments(document)]
    emptied: set[int] = set()
    # From the end, so that the offsets of earlier cuts stay right.
    behind = len(text)
    for start, end, instead in sorted(cuts, key=lambda cut: (-cut[1], cut[0])):
        # A comment between two strings has gone with them.
        if end > behind:
            continue
        behind = start
        last = first = bisect_right(starts, start) - 1
        if end >= starts[first + 1]:
            last = bisect_right(starts, end) - 1
        before = (lines[first] or "")[: start - starts[first]] + instead
        rest = (lines[last] or "")[end - starts[last] :]
        left = before + rest if rest.strip() else before.rstrip()
        lines[first : last + 1] = [*[None] * (last - first), left]
        emptied.update(range(first, last))
        if not left.strip():
            emptied.add(last)
    if text and not text.endswith("\n"):
        lines.append("")
    _close_gaps(lines, emptied)
    return as_comments(document, lines[:-1])


def as_comments(document: Document, lines: Sequence[str | None]) -> list[str | None]:
    """
    Lines of a document with comments where Python understands nothing, but IPython
    does, in a notebook.
    """
    if document.notebook is None:
        return [*lines]
    comments = {start for kind, start, _ in document.tokens if kind == "c"}
    written, python = document.text.split("\n"), document.python.split("\n")
    starts = line_starts(written)
    found = [*lines]
    for number in _code_lines(document):
        if (line := found[number]) is None:
            continue
        is_comment = starts[number] in comments
        if written[number] != python[number]:
            line, is_comment = _as_comment(line, python[number].rstrip()), True
        # Within a cell, nothing begins another one.
        found[number] = f"#{line}" if is_comment and marker(line) else line
    # Behind the last cell there is none to keep apart.
    return [*found[:-1], None]


def _code_lines(document: Document) -> list[int]:
    """The lines of the cells of code of a notebook, from 0."""
    spans = (span for section in document.sections for span in section.code)
    return [number - 1 for span in spans for number in span]


def _as_comment(line: str, plain: str) -> str:
    # A sign that means nothing stands where the command begins.
    return f"{plain}  # {line[len(plain) - 1 :]}" if plain else f"# {line}".rstrip()


def without_false_markers(
    document: Document, lines: Sequence[str | None]
) -> list[str | None]:
    """
    Lines of a notebook whose cells of prose are strings where one of their lines, as a
    comment, would begin another cell.
    """
    found = [*lines]
    for first in (section.prose_line for section in document.sections):
        stop = first
        while first and (line := lines[stop]) and line.startswith("#"):
            stop += 1
        said = [line or "" for line in lines[first:stop]]
        if any(map(marker, said)):
            text = "\n".join(re.sub("^# ?", "", line) for line in said)
            found[first:stop] = [_as_string(text), *[None] * (len(said) - 1)]
    return found


def _as_string(text: str) -> str:
    sign = "r" if "\\" in text else ""
    for quotes in ('"""', "'''"):
        if quotes not in text:
            return f"{sign}{quotes}\n{text}\n{quotes}"
    text = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"""\n{text}\n"""'


# ## What goes
_SEMICOLON = re.compile(r"(?:[ \t\f]|\\\n)*;(?:[ \t\f]|\\\n)*")


def _docstrings(document: Document) -> Iterator[_Cut]:
    syntax = document.syntax
    assert syntax
    for strings in syntax.strings:
        start, stop = strings.start, strings.stop
        if strings.of_module and "__doc__" in syntax.reads:
            continue
        if strings.alone and not strings.of_module:
            yield start, stop, "pass"
            continue
        if semicolon := _SEMICOLON.match(document.text, stop):
            stop = semicolon.end()
        yield start, stop, ""


def _comments(document: Document) -> Iterator[_Cut]:
    text = document.text
    depth = data_stop = 0
    prose = _prose_comments(document)
    for kind, start, end in document.tokens:
        if kind == "c" and start in prose:
            yield start, end, ""
        elif kind == "c" and start >= data_stop:
            data_stop = directive_end(text, start, end, DIRECTIVE)
            # A field of an f-string may show its own text, so nothing is cut there.
            if not depth and (kept := _directive_start(text, start, end)) > start:
                yield start, kept, ""
        elif kind == "si" and end == start + 1:
            depth += {"{": 1, "}": -1}.get(text[start], 0)


def _prose_comments(document: Document) -> set[int]:
    """Where the lines of the cells of prose of a notebook begin."""
    if document.notebook is None:
        return set()
    code = {*_code_lines(document)}
    starts = line_starts(document.text.split("\n"))
    # The marker of a cell of code is right above it.
    return {
        start
        for number, start in enumerate(starts)
        if number not in code and number + 1 not in code
    }


_NO_DIRECTIVE = re.compile(r"#\s*sidelit:|#[ \t]*%%[^\n]*\[(?:markdown|md|raw)\]")
_CODING = re.compile(r"#.*coding[:=]")


def _directive_start(text: str, start: int, end: int) -> int:
    """Where the part of a comment begins that speaks to programs, or its end."""
    place = start
    while place >= 0:
        if (
            DIRECTIVE.match(text, place)
            and not _NO_DIRECTIVE.match(text, place)
            # A declaration of the encoding that is not one yet must not become one by
            # moving up to the first two lines.
            and (not _CODING.match(text, place) or _opens_file(text[:place]))
        ):
            return place
        place = text.find("#", place + 1, end)
    return end


def _opens_file(before: str) -> bool:
    """Whether a line with this text above it may declare the encoding of the file."""
    return not re.sub(r"#.*", "", before).strip() and before.count("\n") < 2


# ## Closing the gaps
def _close_gaps(lines: list[str | None], emptied: set[int]) -> None:
    """
    Remove the lines that cuts have emptied. Of the empty lines around them as many stay
    as there were above or below: at most two before a line at the margin, one before
    any other, and none where a block begins.
    """

    def is_empty(number: int) -> bool:
        line = lines[number]
        if line is None:
            return True
        # Behind a backslash, an empty line is what ends the statement.
        above = lines[number - 1] if number else ""
        return not line.strip() and not (above or "").endswith("\\")

    stop = 0
    for number in sorted(emptied):
        if number < stop or not is_empty(number):
            continue
        start, stop = number, number + 1
        while start and is_empty(start - 1):
            start -= 1
        while stop < len(lines) and is_empty(stop):
            stop += 1
        following = (lines[stop] or "") if stop < len(lines) else ""
        _close_gap(lines, range(start, stop), emptied, following)


def _close_gap(
    lines: list[str | None], gap: range, emptied: set[int], following: str
) -> None:
    # The longest run of lines that were empty from the start.
    runs: list[list[int]] = [[]]
    for number in gap:
        if number in emptied:
            runs.append([])
        else:
            runs[-1].append(number)
    above = (lines[gap.start - 1] or "") if gap.start else ""
    most = 1 if following[:1].isspace() else 2
    if not above or above.endswith(":") or not following:
        most = 0
    kept = max(runs, key=len)[:most]
    for number in gap:
        lines[number] = "" if number in kept else None
