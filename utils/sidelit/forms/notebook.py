r"""
---
title: Notebooks
summary: >
  A page as a Jupyter notebook: prose and math in Markdown cells, code in cells that run
  from top to bottom.
---

# Notebooks

Code in a notebook is there to be run, and cells can be run one by one only if each is
whole. The body of a class cannot be cut in two, so the *top-level statements* are the
units: a class or function with its methods is one cell, with the prose of its docstring
in front and the comments inside left where they are.

Three things that a module may do mean something else in a notebook:

* A relative import knows no package there, so it gets the module's full name. It works
  where the package is installed, and a first cell can see to that.
* `__file__` does not exist, so a cell looks it up if the code asks for it.
* `if __name__ == "__main__"` would be true, and the program would take the arguments of
  the notebook's kernel for its own. So this part is shown and not run.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from json.encoder import encode_basestring
from typing import Literal, NamedTuple

from ..macros import NO_MACROS, Macros
from ..model import Document, Section, unique
from ..prose.figures import CONTINUED
from ..read.markdown import shared_definitions, taken_along
from ..syntax import RelativeImport, TopLevel
from .markdown import LinkResolver, MarkdownWriter, code_block, trimmed


class Cell(NamedTuple):
    """A cell of Markdown or of code. Its identifier is unique in the notebook."""

    kind: Literal["markdown", "code"]
    id: str
    source: str


def notebook(
    document: Document,
    links: LinkResolver,
    install: str = "",
    macros: Macros = NO_MACROS,
) -> list[Cell]:
    """The cells of a Python document. The first of them runs `pip install` if asked."""
    syntax = document.syntax
    assert syntax
    writer = MarkdownWriter(document, links, macros)
    lines = document.text.split("\n")
    # From the end, so that the columns of those before on the same line stay right.
    for found in reversed(syntax.relative_imports):
        _make_absolute(lines, found)
    hollow = dict(one.hollow for one in syntax.statements if one.hollow)
    programs = [one for one in syntax.statements if one.is_program]
    cells = _Cells()
    shared = shared_definitions(document)
    for number, (head, unit) in enumerate(_units(document, syntax.statements)):
        # Each cell is a document of its own.
        if defined := taken_along(head.prose, shared):
            head = replace(head, prose=f"{head.prose.rstrip()}\n\n{defined}")
        cells.markdown(_quotations(writer.prose(head)))
        if not number:
            if install:
                cells.code([f"%pip install --quiet {install}"])
            if "__file__" in syntax.reads:
                cells.code(_find_file(document.source.module))
        # Prose has become a cell. A definition that was nothing but its docstring
        # needs a body.
        prose = head.prose_lines or range(unit.start, unit.start)
        code = lines[unit.start - 1 : prose.start - 1]
        code += [f"{' ' * hollow[line]}pass" for line in prose if line in hollow]
        first = prose.stop
        for program in programs:
            if program.first in unit:
                cells.code([*code, *lines[first - 1 : program.first - 1]])
                cells.markdown(_shown(lines[program.first - 1 : program.last]))
                code, first = [], program.last + 1
        cells.code([*code, *lines[first - 1 : unit.stop - 1]])
    return cells.cells


def _find_file(module: str) -> list[str]:
    spec = f'find_spec("{module}")'
    return ["import importlib.util", "", f"__file__ = importlib.util.{spec}.origin"]


def _shown(program: Iterable[str]) -> str:
    shown = code_block(program, "python")
    return f"Run as a program, the module does this:\n\n{shown}"


class _Cells:
    """
    The cells so far. The identifier of a cell is made of its text, so a new cell does
    not change those behind it.
    """

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._taken: set[str] = set()

    def markdown(self, text: str) -> None:
        if text:
            self._add("markdown", text)

    def code(self, lines: Iterable[str]) -> None:
        if text := trimmed(lines):
            self._add("code", text)

    def _add(self, kind: Literal["markdown", "code"], text: str) -> None:
        digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        self.cells.append(Cell(kind, unique(digest, self._taken), text))


# ## Units
def _units(
    document: Document, statements: Iterable[TopLevel]
) -> Iterator[tuple[Section, range]]:
    """
    The lines that must stay together, with the section that they begin with. A section
    that begins inside a statement belongs to the unit above it.
    """
    statements = [one for one in statements if len(one.lines) > 1]
    firsts = [one.first for one in statements]

    def is_inside(line: int) -> bool:
        above = bisect_left(firsts, line) - 1
        return above >= 0 and line <= statements[above].last

    head, unit = document.sections[0], document.sections[0].lines
    for section in document.sections[1:]:
        lines = section.lines
        if not is_inside(lines.start):
            yield head, unit
            head, unit = section, lines
        else:
            unit = range(unit.start, lines.stop)
    yield head, unit


# ## Imports
_IMPORT = re.compile(r"from[\s\w.\\]+?\bimport\b")


def _make_absolute(lines: list[str], found: RelativeImport) -> None:
    """Give a relative import in these lines the name that it stands for."""
    span = slice(found.first - 1, found.last)
    text = "\n".join(lines[span])
    before, after = text[: found.column], text[found.column :]
    if match := _IMPORT.match(after):
        # Each line break behind a backslash stays, so that no line is lost.
        breaks = " \\\n" * match[0].count("\n")
        after = f"from {found.name}{breaks} import{after[match.end() :]}"
        lines[span] = (before + after).split("\n")


# ## Quotations
#
# GitHub knows most of the words in square brackets that open a note; notebooks know
# none of them.
_NOTE = re.compile(rf"^((?:>[ \t]?)+)\[!(\w+)\][ \t]*({CONTINUED})$", re.MULTILINE)


def _quotations(prose: str) -> str:
    def named(match: re.Match[str]) -> str:
        signs, kind, title = match.groups()
        # The files of a figure are not there; its still form follows.
        if kind.upper() == "FIGURE":
            return signs.rstrip()
        if kind.upper() == "PAPER":
            title = f"The paper{', ' if title else ''}{title}"
        return f"{signs}**{title or kind.capitalize()}**\n{signs.rstrip()}"

    return _NOTE.sub(named, prose)


# ## The file
#
# Written as Jupyter itself writes it, so that saving a notebook without a change
# changes nothing. The tests compare it with what `nbformat` makes of it.
def notebook_file(cells: Iterable[Cell]) -> bytes:
    """The bytes of a notebook in version 4.5 of the format."""
    shown = ",\n".join(map(_cell_json, cells))
    listed = f"[\n{shown}\n ]" if shown else "[]"
    return f'{{\n "cells": {listed},\n{_METADATA}\n}}\n'.encode()


_METADATA = """\
 "metadata": {
  "kernelspec": {
   "display_name": "Python 3",
   "language": "python",
   "name": "python3"
  },
  "language_info": {
   "name": "python"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5"""


def _cell_json(cell: Cell) -> str:
    lines = ",\n    ".join(map(encode_basestring, cell.source.splitlines(True)))
    is_code = cell.kind == "code"
    count = '   "execution_count": null,\n' if is_code else ""
    outputs = '   "outputs": [],\n' if is_code else ""
    return (
        f'  {{\n   "cell_type": "{cell.kind}",\n{count}   "id": "{cell.id}",\n'
        f'   "metadata": {{}},\n{outputs}   "source": [\n    {lines}\n   ]\n  }}'
    )
