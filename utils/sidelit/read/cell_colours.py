r"""
---
title: Colours of cells
summary: >
  The tokens of a notebook: those of what Python reads, those of commands, and those of
  cells in another language.
---

# Colours of cells

What Python reads of a notebook is coloured as one module, so that a string in one cell
is none of the next. The [commands](magics.py) that it does not read, and the cells of
a notebook in another language, each have colours of their own.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import itemgetter

from ..model import Tokens
from ..syntax import line_starts
from .lexer import lex_other, lex_python
from .magics import OF_CELL

# What follows these magics is another language, given as Pygments calls it.
_LANGUAGES = {
    **dict.fromkeys(("bash", "sh", "script", "system", "sx", "!"), "bash"),
    **{name: name for name in ("html", "latex", "markdown", "perl")},
    **dict.fromkeys(("javascript", "js"), "javascript"),
    **dict.fromkeys(("python", "python3", "pypy"), "python"),
    "cython": "cython",
    "r": "r",
    "ruby": "ruby",
    "sql": "sql",
    "svg": "xml",
}
_SIGN = re.compile(r"%%?[\w!]+|!{1,2}|\?{1,2}")


class Colours:
    """The tokens of a notebook in a language, cell by cell."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.found: list[tuple[str, int, int]] = []

    def cell(self, offset: int, lines: list[str], python: list[str]) -> None:
        """Add what only this cell knows of its colours."""
        if self.language == "python":
            found = _of_commands(lines, python)
        else:
            found = self._other("\n".join(lines))
        self.found += [(kind, offset + one, offset + end) for kind, one, end in found]

    def _other(self, text: str) -> Iterator[tuple[str, int, int]]:
        with suppress(ValueError):
            yield from lex_other(text, self.language)

    def tokens(self, text: str, python: str) -> Tokens:
        """All tokens, given what is written and what Python reads of it."""
        if self.language == "python":
            self.found += (
                (kind, start, end)
                for kind, start, end in lex_python(python)
                # What only stands in for a command is not there.
                if python[start:end] != "0" or text[start] == "0"
            )
        tokens = Tokens()
        for one in sorted(self.found, key=itemgetter(1)):
            tokens.add(*one)
        return tokens


# ## Commands
def _of_commands(
    lines: Sequence[str], python: Sequence[str]
) -> Iterator[tuple[str, int, int]]:
    """The tokens of what Python does not read in a cell, from its first line on."""
    starts = line_starts(lines)
    for number, (line, plain) in enumerate(zip(lines, python, strict=True)):
        if line == plain or not line.strip():
            continue
        if magic := OF_CELL.match(line):
            yield "k", starts[number], starts[number] + magic.end()
            if not any(map(str.strip, python)):
                yield from _of_magic(magic[1], lines, starts, number + 1)
                return
        elif sign := _SIGN.search(line, max(len(plain.rstrip()) - 1, 0)):
            yield "k", starts[number] + sign.start(), starts[number] + sign.end()


def _of_magic(
    magic: str, lines: Sequence[str], starts: Sequence[int], first: int
) -> Iterator[tuple[str, int, int]]:
    if language := _LANGUAGES.get(magic.lower()):
        # Pygments may know fewer languages some day.
        with suppress(ValueError):
            for kind, start, end in lex_other("\n".join(lines[first:]), language):
                yield kind, starts[first] + start, starts[first] + end
