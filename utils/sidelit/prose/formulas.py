r"""
---
title: Lifting formulas out of the Markdown
summary: >
  Markdown and LaTeX claim the same characters, so the formulas leave the text before
  Markdown is read, and go back in where their marks stand in the HTML.
---

# Lifting formulas out of the Markdown

Underscores and asterisks are emphasis or indices, `|` separates the cells of a table or
stands for a norm, a line that begins with `-` is a list or the next line of an
equation. A plugin that looks for `$` *while* Markdown is being read has to win these
conflicts one by one. So each formula is replaced by a mark that no rule of Markdown
reacts to, before Markdown sees the text.

Which formulas a page needs is known without rendering it. So KaTeX can set the new ones
of a whole site at once, before many processes render its pages.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from html import escape
from itertools import chain
from urllib.parse import quote

from ..macros import Macros
from ..markup import (
    CLOSE,
    OPEN,
    Formula,
    formula,
    may_have_formulas,
    pattern,
    without_marks,
)
from ..model import Document, Section, Source, Tokens
from .equations import Equation, Equations
from .symbols import pairs

# In an address, the marks are percent-encoded.
_MARK = re.compile(rf"{OPEN}(\d+){CLOSE}|{quote(OPEN)}(\d+){quote(CLOSE)}")
_MARK_OR_TAG = re.compile(
    rf"""{OPEN}(\d+){CLOSE} | <[a-zA-Z] (?>(?: [^"<>]++ | "[^"]*+" )*) >""", re.VERBOSE
)


class Lifted:
    """
    ## A text without its formulas

    `text` has marks where the `formulas` were. Whatever looks like a mark in the prose
    itself is dropped.
    """

    def __init__(self, prose: str, single_dollars: bool) -> None:
        self.formulas: list[Formula] = []
        self._pattern = pattern(single_dollars)
        self.text = self.lift(prose)

    def lift(self, prose: str) -> str:
        """A text with marks for its formulas, behind those that there are."""
        text = without_marks(prose)
        return self._pattern.sub(self._lift, text) if may_have_formulas(text) else text

    def _lift(self, match: re.Match[str]) -> str:
        if (found := formula(match)) is None:
            return match[0]
        self.formulas.append(found)
        return f"{OPEN}{len(self.formulas) - 1}{CLOSE}"

    def keep(self, html: str, source: str = "") -> str:
        """A mark for finished HTML, which goes in with the formulas."""
        self.formulas.append(Formula("html", source, html, 0))
        return f"{OPEN}{len(self.formulas) - 1}{CLOSE}"

    def as_written(self, text: str, encode: Callable[[str], str] = str) -> str:
        """A text with the sources of its formulas: in code, no formula is set."""
        if not self.formulas:
            return text
        return _MARK.sub(
            lambda match: encode(self.formulas[int(match[1] or match[2])].source), text
        )

    def put_back(self, html: str, render: Callable[[Formula], str]) -> str:
        """
        Some HTML with its formulas rendered. In an attribute no formula can be set; it
        stands there as it was written.
        """
        if not self.formulas:
            return html

        def put_back(match: re.Match[str]) -> str:
            if match[1] is None:
                return self.as_written(match[0], escape)
            return render(self.formulas[int(match[1])])

        return _MARK_OR_TAG.sub(put_back, html)


class Context:
    """
    ## What the formulas of a page have in common

    * `symbols` are the variables of symbols: the page's own come before the `shared`
      ones of the site.
    * `equations` are its numbered equations.

    Both are found when the first formula asks for them. `macros` are those of the
    project.
    """

    def __init__(
        self, document: Document, shared: dict[str, str], macros: Macros
    ) -> None:
        self._document = document
        self._shared = shared
        self._macros = macros

    @cached_property
    def symbols(self) -> dict[str, str]:
        return self._shared | pairs(one.prose for one in self._document.sections)

    @cached_property
    def equations(self) -> Equations:
        return Equations(self._document, self._macros)


# ## Formulas of outputs
#
# `$…$` in the middle of a line is a formula on it; alone, it is one of its own.
_INLINE = re.compile(r"\s*\$(?!\$)\s*(?:\\displaystyle\b)?((?:[^$\\]|\\.)*)\$\s*")


def bare_formula(latex: str) -> str:
    """LaTeX that an output consists of, as a formula on lines of its own."""
    match = _INLINE.fullmatch(latex)
    return f"$${match[1].strip()}$$" if match else latex


def all_prose(document: Document) -> Iterator[Section]:
    """The sections of a document, and what its cells have shown that has formulas."""
    yield from document.sections
    outputs = document.notebook.outputs if document.notebook else {}
    for output in chain.from_iterable(outputs.values()):
        latex = bare_formula(output.forms.get("text/latex", ""))
        for text in filter(None, (latex, output.forms.get("text/markdown"))):
            yield Section("note", "", text, -1, ())


# ## Which formulas will be asked for
#
# A request is the arguments of `Formulas.html`.
Request = tuple[str, bool, dict[str, str]]


def requests(
    document: Document, shared: dict[str, str], macros: Macros
) -> Iterator[Request]:
    """
    All that rendering the page of a document will ask of KaTeX, and besides what looks
    like a formula in places where only Markdown knows that it is code.
    """
    context = Context(document, shared, macros)
    for section in all_prose(document):
        lifted = Lifted(section.prose, document.source.single_dollars)
        for found in lifted.formulas:
            if found.kind in ("display", "inline"):
                equation = context.equations.equation(section, found)
                yield from _requests(equation, found, context.symbols)
            elif found.kind == "reference":
                text = context.equations.reference(found.content)
                if text.startswith("$"):
                    yield text[1:-1], False, {}


def card_document(text: str, path: str, single_dollars: bool) -> Document:
    """The paragraph of a card as a document, in which no symbol is marked."""
    source = Source(path, "", "", "", "python", single_dollars)
    section = Section("function", "", text, 1, ())
    return Document(source, text, "", "", (section,), Tokens())


def card_requests(text: str, single_dollars: bool, macros: Macros) -> Iterator[Request]:
    """The same for a text that stands alone."""
    document = card_document(text, "", single_dollars)
    (section,) = document.sections
    equations = Equations(document, macros)
    for found in Lifted(text, single_dollars).formulas:
        if found.kind in ("display", "inline"):
            yield from _requests(equations.equation(section, found), found, {})


def _requests(
    equation: Equation, found: Formula, symbols: dict[str, str]
) -> Iterator[Request]:
    for part in equation.parts(found):
        if part.kind != "text":
            yield part.latex, part.kind == "display", symbols
