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
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..model import Document, Section, unique
from ..prose.numbers import Numbers
from ..syntax import RelativeImport, Syntax
from .markdown import Links, Writer, block, trimmed

# The lines of the file, by their numbers.
_Lines = dict[int, str]


def notebook(document: Document, links: Links, results: Numbers) -> dict[str, Any]:
    """The notebook of a Python document, in version 4.5 of the format."""
    writer = Writer(document, links, results)
    syntax = document.syntax
    assert syntax is not None
    lines = dict(enumerate(document.text.split("\n"), 1))
    _make_absolute(syntax.relative_imports, lines)
    # Where `pass` must stand when the docstring above it becomes a cell.
    hollow = (one.hollow for one in syntax.statements if one.hollow)
    alone = {line: f"{' ' * column}pass" for line, column in hollow}
    programs = [one.lines for one in syntax.statements if one.is_program]
    cells = _Cells()
    for number, unit in enumerate(_units(document, syntax)):
        head = unit[0]
        cells.markdown(_quotations(writer.prose(head)))
        if not number:
            _prepare(cells, document, links)
        code: list[str] = []
        for line in (line for section in unit for line in section.lines):
            program = next((span for span in programs if line in span), None)
            if program is None:
                if line not in head.prose_lines:
                    code.append(lines[line])
                elif line in alone:
                    code.append(alone[line])
            elif line == program.start:
                cells.code(code)
                code = []
                shown = block((lines[one] for one in program), "python")
                cells.markdown(f"Run as a program, the module does this:\n\n{shown}")
        cells.code(code)
    return {
        "cells": cells.cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _prepare(cells: "_Cells", document: Document, links: Links) -> None:
    """The cells that a notebook needs and a module does not."""
    if install := links.site.config.install:
        cells.code([f"%pip install --quiet {install}"])
    if document.syntax and "__file__" in document.syntax.reads:
        spec = f'find_spec("{document.source.module}")'
        cells.code(
            ["import importlib.util", "", f"__file__ = importlib.util.{spec}.origin"]
        )


class _Cells:
    """
    The cells so far. The identifier of a cell is made of what it says, so a cell that
    comes in between does not change those behind it.
    """

    def __init__(self) -> None:
        self.cells: list[dict[str, Any]] = []
        self._taken: set[str] = set()

    def markdown(self, text: str) -> None:
        if text:
            self._add("markdown", text)

    def code(self, lines: Iterable[str]) -> None:
        if text := trimmed(lines):
            self._add("code", text, execution_count=None, outputs=[])

    def _add(self, kind: str, text: str, **more: Any) -> None:
        digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        cell = {"cell_type": kind, "id": unique(digest, self._taken), "metadata": {}}
        self.cells.append({**cell, **more, "source": text})


# ## Units
def _units(document: Document, syntax: Syntax) -> Iterator[list[Section]]:
    """The sections, those that begin inside a statement together with those before."""
    inside = {line for one in syntax.statements for line in one.lines[1:]}
    unit: list[Section] = []
    for section in document.sections:
        if unit and section.lines.start not in inside:
            yield unit
            unit = []
        unit.append(section)
    yield unit


# ## Imports
_IMPORT = re.compile(r"from[\s\w.\\]+?\bimport\b")


def _make_absolute(imports: Sequence[RelativeImport], lines: _Lines) -> None:
    """Give the relative imports in these lines the names that they stand for."""
    # From the end, so that what stands before an import is still where it was.
    for one in reversed(imports):
        span = range(one.first, one.last + 1)
        text = "\n".join(lines[line] for line in span)
        before, after = text[: one.column], text[one.column :]
        if match := _IMPORT.match(after):
            # A line that goes on behind a backslash still does, so that none is lost.
            broken = " \\\n" * match[0].count("\n")
            after = f"from {one.name}{broken} import{after[match.end() :]}"
            changed = (before + after).split("\n")
            lines.update(zip(span, changed, strict=True))


# ## Quotations
#
# GitHub knows most of the words in square brackets that open a note; notebooks know
# none of them.
_NOTE = re.compile(r"^((?:>[ \t]?)+)\[!(\w+)\][ \t]*(.*)$", re.MULTILINE)


def _quotations(prose: str) -> str:
    def named(match: re.Match[str]) -> str:
        signs, kind, title = match.groups()
        if kind.upper() == "PAPER":
            title = f"The paper{', ' if title else ''}{title}"
        return f"{signs}**{title or kind.capitalize()}**\n{signs.rstrip()}"

    return _NOTE.sub(named, prose)
