r"""
---
title: Numbered equations
summary: >
  Equations are numbered as LaTeX numbers them, while the site is built. A label is an
  anchor, and a reference to it becomes a link with the number.
---

# Numbered equations

The numbers are those of a paper, and a page counts its own. Each row of `align` and
`gather`, each `equation` and `multline` has one, unless `\notag`, `\nonumber` or a star
takes it away; a `\tag` stands in its place. In `subequations` they share one and have
letters. What is between `$$` has a number if it has a `\label`. In the text, or in a
formula of its own, `\ref{attention}` is a link to the equation with that label, and
`\eqref` puts the number in parentheses. `\intertext` is text between two rows.

KaTeX knows no label, and counts in the style sheet, so that the numbers depend on what
a browser has laid out. So every number is written into its formula as a `\tag`. Then
pages, paper, notebooks and Markdown all show the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count, product
from string import ascii_lowercase
from typing import NamedTuple

from ..macros import VERBATIM, Edit, Macros, closing_brace, edited, place_before
from ..markup import Formula, formula, formulas, without_marks
from ..model import Document, Section, unique
from .parts import Part, parts


class Equation(NamedTuple):
    """
    ## An equation

    A formula as it is set: with its numbers, without its labels, and with all macros
    written out. `edits` lead from the formula to this `latex`, in steps.
    """

    latex: str
    labels: tuple[str, ...]
    edits: tuple[list[Edit], ...]

    def parts(self, found: Formula) -> list[Part]:
        """What the formula is set as, one after the other."""
        if found.kind == "display":
            return parts(self.latex)
        return [Part("inline", self.latex, 0)]

    def place(self, position: int) -> int:
        """Where a place in the LaTeX was in the formula that the author wrote."""
        for edits in reversed(self.edits):
            position = place_before(position, edits)
        return position


class Equations:
    """
    ## The equations of a page

    `numbers` has the number of each label; it is empty for an equation without one.
    """

    def __init__(self, document: Document, macros: Macros) -> None:
        self.macros = macros
        self.numbers: dict[str, str] = {}
        # For each formula with numbers the first of them, by the line of its section
        # and its offset there, and for each label the formula that it is first in.
        self._first: dict[tuple[int, int], int] = {}
        self._home: dict[str, tuple[int, int]] = {}
        following = 1
        for section in document.sections:
            if "\\label" not in section.prose and "\\begin{" not in section.prose:
                continue
            prose = without_marks(section.prose)
            for found in formulas(prose, document.source.single_dollars):
                if found.kind != "display" or is_in_code_block(prose, found.offset):
                    continue
                key = section.prose_line, found.offset
                self._first[key] = following
                _, labels, following = _numbered(found.content, following)
                for label, number in labels:
                    if label not in self.numbers:
                        self.numbers[label] = number
                        self._home[label] = key

    def anchors(self, taken: set[str]) -> dict[str, str]:
        """The identifier of each label on a page where some are `taken`."""
        return {label: unique(_anchor(label), taken) for label in self.numbers}

    def equation(self, section: Section, found: Formula) -> Equation:
        """How a formula of a section is set."""
        return self._set(found.content, self._number(section, found))

    def _number(self, section: Section, found: Formula) -> int | None:
        return self._first.get((section.prose_line, found.offset))

    def _set(self, text: str, first: int | None) -> Equation:
        steps: list[list[Edit]] = []
        labels: list[tuple[str, str]] = []
        if first is not None:
            edits, labels, _ = _numbered(text, first)
            steps.append(edits)
            text = edited(text, edits)
        if edits := self.macros.edits(text):
            steps.append(edits)
            text = edited(text, edits)
        return Equation(text, tuple(label for label, _ in labels), tuple(steps))

    def is_repeated(self, section: Section, found: Formula, label: str) -> bool:
        """Whether an earlier formula of the page has the same label."""
        return self._home[label] != (section.prose_line, found.offset)

    def resolved(self, section: Section, match: re.Match[str]) -> str:
        """
        A match in the prose of a section as others can read it: a reference as its
        number, a formula with its numbers and without macros, anything else as it is.
        """
        found = formula(match)
        if found is None or found.kind == "number":
            return match[0]
        if found.kind == "reference":
            return self.reference(found.content) or match[0]
        # In a quotation, the source has signs that the content has not.
        latex = self._set(match[0], self._number(section, found)).latex
        return _IN_DOLLARS.sub(_as_dollars, latex) if match["dollars"] else latex

    def reference(self, reference: str) -> str:
        r"""
        The prose that `\ref{…}` or `\eqref{…}` stands for: a number, a formula where a
        tag has more than text, or nothing if it leads to no number.
        """
        number = self.numbers.get(label_of(reference), "")
        if number and reference.startswith("\\eqref"):
            number = f"({number})"
        return rf"$\text{{{number}}}$" if re.search(r"[\\${}]", number) else number


# Most readers of Markdown know dollar signs, and none of them these environments. In a
# quotation, lines begin with its sign.
_EDGE = r"(?:[ \t]*(?:\n[ \t>]*)?)"
_IN_DOLLARS = re.compile(
    rf"\\begin\{{(?:displaymath\}}(?P<display>[\s\S]*)"
    rf"|math\}}{_EDGE}(?P<inline>[\s\S]*?){_EDGE})\\end\{{(?:display)?math\}}"
)


def _as_dollars(match: re.Match[str]) -> str:
    return f"$${match['display']}$$" if match["display"] else f"${match['inline']}$"


def label_of(reference: str) -> str:
    """The label that a reference names."""
    return reference[reference.index("{") + 1 : -1]


def _anchor(label: str) -> str:
    return "equation-" + re.sub(r"[^\w.-]+", "-", label)


# ## Rows
#
# What gets a number is a row of these environments, however deep it stands. In all
# others, `\\` only parts what has one number together.
_ROWS = {"align", "alignat", "flalign", "gather", "eqnarray"}
_WHOLE = {"equation", "multline"}
# KaTeX does not know these.
_STAND_INS = {"multline": "gather", "flalign": "align", "eqnarray": "align"}

_TOKEN = re.compile(
    VERBATIM
    + r"""
  | \\begin \s* \{ (?P<begin> [^{}]* ) \} | \\end \s* \{ (?P<end> [^{}]* ) \}
  | [ \t]* \\label \s* \{ (?P<label> [^{}\n]+ ) \} | (?P<tag> \\tag\*? \s* (?= \{ ) )
  | (?P<intertext> \\(?:short)?intertext \s* (?= \{ ) )
  | (?P<notag> \\(?: nonumber | notag ) (?! [a-zA-Z] )) | (?P<newline> \\\\ )
  | \\ (?: [a-zA-Z]+ | [\s\S] ) | (?P<open> \{ ) | (?P<close> \} ) | (?P<cell> & )
    """,
    re.VERBOSE,
)
# In a quotation, lines begin with its sign.
_ROW_END = re.compile(r"[ \t]*(?:\n[ \t>]*)*\Z")


@dataclass(slots=True)
class _Row:
    """
    What may have a number, from `start` to `end`. `counts` says that it has the next
    one unless it has a `tag`; its `labels` are known with their places, and how many
    `cells` end in it.
    """

    counts: bool
    start: int
    end: int = 0
    tag: str | None = None
    labels: list[tuple[str, int, int]] = field(default_factory=list)
    cells: int = 0


def _rows(text: str) -> tuple[list[_Row], _Row | None, list[Edit]]:
    """
    The rows of a formula, what their numbers share if they are `subequations`, and what
    has to be written otherwise for KaTeX.
    """
    whole = _Row(False, 0, len(text))
    rows: list[_Row] = []
    edits: list[Edit] = []
    shared: _Row | None = None
    around: list[Edit] = []
    # What stands in `subequations` but outside of the equations, from `loose_from` on.
    loose, loose_from = "", 0
    # What is open: environments by name, each with its row, and braces.
    stack: list[tuple[str, _Row]] = [("", whole)]
    position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        name, row = stack[-1]
        plain = name.removesuffix("*")
        if name == "subequations":
            loose += text[loose_from : token.start()]
            begins = (token["begin"] or "").removesuffix("*") in _ROWS | _WHOLE
            if not (begins or token["end"] or token["label"] or token[0][0] == "%"):
                loose += token[0]
            loose_from = position
        if (begin := token["begin"]) is not None:
            begin_plain = begin.removesuffix("*")
            if begin_plain in _ROWS | _WHOLE:
                row = _Row(begin_plain == begin, position)
                edits += _renamed(token, "begin")
            elif begin == "subequations":
                shared = row = _Row(False, position)
                loose_from = position
                around.append(Edit(*token.span(), ""))
            stack.append((begin, row))
        elif token["end"] is not None:
            while len(stack) > 1 and stack[-1][0] != token["end"]:
                stack.pop()
            name, row = stack[-1]
            if len(stack) > 1:
                stack.pop()
            if name.removesuffix("*") in _ROWS | _WHOLE:
                row.end = token.start()
                rows.append(row)
                if name == "multline" and not row.counts:
                    edits.append(Edit(row.end, row.end, r"\notag "))
                edits += _renamed(token, "end")
            elif name == "subequations":
                around.append(Edit(*token.span(), ""))
            loose_from = position
        elif token["newline"] and plain in _ROWS:
            row.end = token.start()
            rows.append(row)
            stack[-1] = name, _Row(plain == name, position)
        elif token["newline"] and name == "multline":
            edits.append(Edit(token.start(), token.start(), r"\notag "))
        elif token["intertext"] and plain in _ROWS:
            position = closing_brace(text, position) + 1
            row.start = position
        elif token["notag"]:
            row.counts = False
        elif label := token["label"]:
            row.labels.append((label, *token.span()))
        elif token["tag"]:
            end = closing_brace(text, position)
            row.tag = text[position + 1 : end]
            position = end + 1
        elif token["open"]:
            stack.append(("{", row))
        elif token["close"] and name == "{":
            stack.pop()
        elif token["cell"] and plain == "eqnarray":
            row.cells += 1
            # Two signs enclose the relation, before which `align` has one.
            if row.cells == 2:
                edits.append(Edit(*token.span(), ""))
    # KaTeX is left to say that it does not know what is around anything else.
    if not loose.strip(" \t\n>"):
        edits += around
    if rows:
        # Outside of the rows, a label is that of the last one.
        rows[-1].labels += whole.labels
    else:
        whole.counts = bool(whole.labels)
        rows = [whole]
    return rows, shared, edits


def _renamed(token: re.Match[str], group: str) -> Iterator[Edit]:
    if stand_in := _STAND_INS.get(token[group].removesuffix("*")):
        start = token.start(group)
        yield Edit(start, token.end(group) - token[group].endswith("*"), stand_in)


def _numbered(text: str, first: int) -> tuple[list[Edit], list[tuple[str, str]], int]:
    """
    What makes a formula one with numbers, from `first` on; its labels with their
    numbers; and the number that follows.
    """
    rows, shared, edits = _rows(text)
    following = count(first)
    of_rows: Iterator[str] = map(str, following)
    if shared:
        shared.tag = str(next(following))
        of_rows = (f"{shared.tag}{letters}" for letters in _letters())
    labels = []
    for row in (*rows, *filter(None, (shared,))):
        if row.tag is None and row.counts:
            row.tag = next(of_rows)
            edits.append(_tag(text, row, row.tag))
        for label, start, end in row.labels:
            labels.append((label, row.tag or ""))
            edits.append(Edit(start, end, ""))
    return sorted(edits), labels, next(following)


def _letters() -> Iterator[str]:
    """`a` to `z`, then `aa`."""
    pairs = map("".join, product(ascii_lowercase, repeat=2))
    return chain(ascii_lowercase, pairs)


def _tag(text: str, row: _Row, number: str) -> Edit:
    r"""A `\tag` at the end of a row, or where all of the formula has its label."""
    if not text[row.start : row.end].strip() or row.end == len(text):
        place = row.labels[0][1] if row.labels else row.end
        return Edit(place, place, rf"\tag{{{number}}}")
    ending = _ROW_END.search(text[row.start : row.end])
    assert ending
    place = row.start + ending.start()
    # Behind a comment, the tag would be part of it.
    if "%" in text[row.start : place].rpartition("\n")[2]:
        place = row.end
    return Edit(place, place, rf" \tag{{{number}}}")


# ## Code
#
# Only Markdown knows for certain what a block of code is that has no fences. It is
# indented by four spaces behind an empty line, unless it belongs to the item of a list.
_ITEM = re.compile(r"[ ]{0,3}(?:[-*+:]|\d+[.)]|\[\^[^\]\n]+\]:)(?:[ \t]|$)")
_INDENTED = re.compile(r"(?:[ ]{4}|[ ]{0,3}\t)")


def is_in_code_block(prose: str, offset: int) -> bool:
    """Whether a place in some prose is in a block of code that has no fences."""
    start = prose.rfind("\n", 0, offset) + 1
    if not _INDENTED.match(prose, start):
        return False
    is_behind_empty = False
    for line in reversed(prose[:start].split("\n")[:-1]):
        if not line.strip():
            is_behind_empty = True
        elif _INDENTED.match(line) or line.startswith(" "):
            if _ITEM.match(line):
                return False
            is_behind_empty = False
        else:
            return is_behind_empty and not _ITEM.match(line)
    return True
