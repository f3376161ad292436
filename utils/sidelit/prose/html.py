r"""
---
title: From Markdown to HTML
summary: >
  The prose of a page, section by section: formulas are lifted out, Markdown becomes
  HTML, and the formulas are put back.
---

# From Markdown to HTML

This room puts the others together. What comes out depends on the document, on the
answers of its [lookup](lookup.py), on KaTeX and on the symbols of the site, and on
nothing else: no page leaves anything behind for the next one. So any process can render
any page, and what has been rendered can be kept.
"""

import re
from functools import cached_property, partial
from html import escape

from ..macros import NO_MACROS, Macros
from ..markup import Formula
from ..model import Document, Section
from ..read.markdown import shared_definitions
from .clean import clean
from .equations import Equation, label_of
from .formulas import Context
from .lookup import Lookup
from .mathml import FormulaError
from .numbers import NumberError
from .parts import Part
from .passage import Gathered, Passage
from .renderer import MarkdownRenderer
from .tex import EngineError, Formulas


class Prose:
    """
    ## One renderer for many pages

    `symbols` are the variables of the symbols that all pages share, and `macros` those
    of the project.
    """

    def __init__(
        self,
        formulas: Formulas,
        symbols: dict[str, str],
        macros: Macros = NO_MACROS,
    ) -> None:
        self.formulas = formulas
        self.symbols = symbols
        self.macros = macros
        self.renderer = MarkdownRenderer()

    def page(self, document: Document, lookup: Lookup) -> "PageProse":
        """The prose of a page, none of which has been rendered yet."""
        return PageProse(self, document, lookup)


class PageProse:
    """
    ## The prose of a page

    `gathered` is what rendering its sections has found out so far.
    """

    def __init__(self, prose: Prose, document: Document, lookup: Lookup) -> None:
        self.prose = prose
        self.document = document
        self.lookup = lookup
        self.gathered = Gathered()
        self._context = Context(document, prose.symbols, prose.macros)
        self._anchors: dict[str, str] | None = None

    @cached_property
    def _definitions(self) -> dict[str, str]:
        return shared_definitions(self.document)

    def html(
        self, section: Section, anchor: str, taken: set[str]
    ) -> tuple[str, list[tuple[int, str, str]]]:
        """
        The prose of a section as HTML, and its headings as level, identifier and HTML.
        `taken` holds the identifiers that are in use on the page and takes up new ones.
        """
        if not section.prose.strip():
            return "", []
        return self._html(self._passage(section, anchor, taken))

    def shown(
        self, section: Section, anchor: str, taken: set[str], markdown: str
    ) -> str:
        """The HTML of Markdown that the code of a section has shown."""
        return self._html(self._passage_of_output(section, anchor, taken, markdown))[0]

    def cleaned(self, section: Section, anchor: str, taken: set[str], html: str) -> str:
        """HTML that the code of a section has shown, without what could run."""
        return clean(html, self._passage_of_output(section, anchor, taken, ""))

    def _passage_of_output(
        self, section: Section, anchor: str, taken: set[str], markdown: str
    ) -> Passage:
        line = section.code[0].start if section.code else section.prose_line
        shown = Section("note", section.qualname, markdown, -1, ())
        return self._passage(shown, f"{anchor}:output", taken, line)

    def _passage(
        self, section: Section, anchor: str, taken: set[str], shown_at: int = 0
    ) -> Passage:
        if self._anchors is None:
            self._anchors = self._context.equations.anchors(taken)
        return Passage(
            self.document,
            section,
            anchor,
            taken,
            self.lookup,
            self.gathered,
            self._definitions,
            shown_at,
        )

    def _html(self, passage: Passage) -> tuple[str, list[tuple[int, str, str]]]:
        html = self._finished(passage, self.prose.renderer.html(passage))
        # In the contents of the page, no identifier stands for a second time.
        passage.ids.clear()
        headings = [
            (level, identifier, self._finished(passage, text, is_told=False))
            for level, identifier, text in passage.headings
        ]
        return html, headings

    def _finished(self, passage: Passage, html: str, is_told: bool = True) -> str:
        if passage.has_raw_html:
            html = clean(html, passage, is_told=is_told)
        return self._put_back(passage, html)

    # These are methods and no functions that hold each other: a build frees only what
    # is in no cycle, and with a page goes its document.
    def _put_back(self, passage: Passage, html: str) -> str:
        return passage.lifted.put_back(html, partial(self._set, passage))

    def _set(self, passage: Passage, formula: Formula) -> str:
        """The HTML of a formula, or its LaTeX and a problem where it cannot be had."""
        # What a directive has made encloses formulas again.
        if formula.kind == "html":
            return self._put_back(passage, formula.content)
        offset = formula.offset
        try:
            if formula.kind == "number":
                text = self.lookup.number(formula.content)
                return escape(text, quote=False)
            if formula.kind == "reference":
                return self._reference(passage, formula)
            return self._math(passage, formula)
        except NumberError as error:
            passage.report(offset, "NUM101", str(error))
        except EngineError as missing:
            self.gathered.unset += 1
            self.gathered.engine_missing = str(missing)
        except FormulaError as error:
            message = f"{error} in `{formula.source}`"
            if _STRAY_LABEL.match(message) and formula.kind == "inline":
                message = (
                    "\\label numbers a displayed formula, which stands between two $$, "
                    f"and not one in the line: `{formula.source}`"
                )
            elif message.startswith("Undefined control sequence"):
                message += "; the setting `macros` can define it"
            passage.report(offset + error.position, "TEX101", message)
        return _as_latex(formula.source)

    def _math(self, passage: Passage, formula: Formula) -> str:
        equations = self._context.equations
        equation = equations.equation(passage.section, formula)
        html = "".join(self._part(equation, one) for one in equation.parts(formula))
        for label in equation.labels:
            if equations.is_repeated(passage.section, formula, label):
                message = f"\\label{{{label}}} is on this page twice; the first counts"
                passage.report(formula.offset, "TEX102", message)
            else:
                html = f'<span id="{self._anchor(label)}"></span>{html}'
        return html

    def _part(self, equation: Equation, part: Part) -> str:
        if part.kind == "text":
            return escape(part.latex, quote=False)
        try:
            return self.prose.formulas.html(
                part.latex, part.kind == "display", self._context.symbols
            )
        except FormulaError as error:
            place = equation.place(part.place(error.position))
            raise FormulaError(str(error), place) from None

    def _reference(self, passage: Passage, formula: Formula) -> str:
        equations, label = self._context.equations, label_of(formula.content)
        if text := equations.reference(formula.content):
            html = escape(text)
            if text[0] == "$":
                html = self.prose.formulas.html(text[1:-1], False)
            return f'<a href="#{self._anchor(label)}">{html}</a>'
        message = f"there is no \\label{{{label}}} on this page"
        if label in equations.numbers:
            message = f"the equation of \\label{{{label}}} has no number"
        passage.report(formula.offset, "TEX102", message)
        return _as_latex(formula.content)

    def _anchor(self, label: str) -> str:
        assert self._anchors is not None
        return self._anchors[label]


# In the words of KaTeX, and in ours for math-core.
_STRAY_LABEL = re.compile(
    r"Undefined control sequence: \\label\b|\\label is not allowed"
)


def _as_latex(source: str) -> str:
    return f'<code class="tex">{escape(source, quote=False)}</code>'
