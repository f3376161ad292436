r"""
---
title: Form
summary: >
  FRM: front matter, headings, alt texts, tables, lists, figures, tabs, quotations,
  cells, diagrams, and lengths of lines, comments, summaries and code without prose.
---

# Form

What readers feel but cannot name: a page without a summary, headings that skip a level,
an image that a screen reader passes over in silence, code that goes on and on.
"""

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterator

from ..model import Section
from ..prose import diagrams, directives, figures, tabs
from ..prose.equations import is_in_code_block
from ..prose.tables import ragged_rows
from ..read.docstrings import FIELD
from ..read.markdown import (
    HEADING,
    blank,
    without_blocks,
    without_code,
    without_formulas,
)
from ..read.markers import unknown_type
from ..syntax import line_starts
from .findings import Finding
from .subject import Subject


def findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the form of a page."""
    yield from _opening(subject)
    yield from _types(subject)
    # What stands in a block of code is code.
    sections = [
        (section, without_blocks(section.prose))
        for section in subject.document.sections
    ]
    yield from _headings(subject, sections)
    lines = subject.document.text.split("\n")
    for section, prose in sections:
        yield from _lengths(subject, section, prose, lines)
        yield from _tables(subject, section)
        yield from _lists(subject, section, prose)
        for offset, message in figures.faults(prose):
            yield subject.within(section, offset, "FRM112", message)
        for offset, message in tabs.faults(prose):
            yield subject.within(section, offset, "FRM113", message)
        yield from _quotations(subject, section, prose)
        yield from _elements(subject, section)
        for offset, message in diagrams.faults(section.prose):
            yield subject.within(section, offset, "FRM117", message)
    for link in subject.links:
        if link.alt == "":
            message = f"the image {link.url} has no alt text"
            yield subject.at(link.line, link.column, "FRM105", message)


# ## Front matter
def _opening(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    line = max(document.sections[0].prose_line, 1)
    # Comments in other languages have no place for front matter, nor have notebooks.
    wanted = document.source.language in ("python", "markdown")
    wanted = wanted and document.notebook is None
    for key in ("title", "summary"):
        if wanted and key not in document.front_matter:
            message = f"front matter has no {key}; begin with --- {key}: … ---"
            yield subject.at(line, 1, "FRM104", message)
    length = len(document.summary)
    if "summary" in document.front_matter and not 50 <= length <= 200:
        message = f"the summary has {length} characters; it should have 50 to 200"
        yield subject.at(line, 1, "FRM108", message)


# ## Cells
def _types(subject: Subject) -> Iterator[Finding]:
    text = subject.document.text
    # The markers of a notebook are our own.
    if not subject.is_python or subject.document.notebook or "%%" not in text:
        return
    lines = text.split("\n")
    starts = line_starts(lines)
    for kind, start, _ in subject.document.tokens:
        number = bisect_left(starts, start)
        if kind != "c" or number == len(starts) or starts[number] != start:
            continue
        if word := unknown_type(lines[number]):
            column = lines[number].index(f"[{word}]") + 1
            message = f"no type of cell: [{word}]; write [markdown], [raw] or [code]"
            yield subject.at(number + 1, column, "FRM115", message)


# ## Headings
_HEADING = re.compile(rf"^[ ]{{0,3}}{HEADING}", re.MULTILINE | re.VERBOSE)


def _headings(
    subject: Subject, sections: list[tuple[Section, str]]
) -> Iterator[Finding]:
    level = 1
    for number, (section, prose) in enumerate(sections):
        for match in _HEADING.finditer(prose):
            depth = len(match["signs"] or "") or 1 + (match["line"][0] == "-")
            if depth == 1 and (number or prose[: match.start()].strip()):
                message = "a second heading of the first level; use ##"
                yield subject.within(section, match.start(), "FRM103", message)
            elif depth > level + 1:
                message = f"a heading of level {depth} below one of level {level}"
                yield subject.within(section, match.start(), "FRM102", message)
            level = depth


# ## Tables
def _tables(subject: Subject, section: Section) -> Iterator[Finding]:
    single_dollars = subject.document.source.single_dollars
    for row in ragged_rows(section.prose, single_dollars):
        if row.is_rule:
            message = f"no table: {row.cells} rules below {row.wanted} cells"
        else:
            more = row.cells > row.wanted
            cells = "1 cell" if row.cells == 1 else f"{row.cells} cells"
            message = f"a row of {cells} in a table of {row.wanted} columns"
            message += "; write \\| for a sign that parts nothing" if more else ""
        yield subject.within(section, row.offset, "FRM110", message)


# ## Lists
#
# A list of one item that follows a line without an end: the sentence was broken there.
_BROKEN_OFF = re.compile(
    r"[^\s.:;!?>|#=-](?<![.:;!?][\"')\]])[ \t]*\n"
    r"(?P<indent>[ \t]*)(?P<sign>1[.)]|[-+])[ \t]+\S"
)


def _lists(subject: Subject, section: Section, prose: str) -> Iterator[Finding]:
    # The rows of a formula may begin with signs.
    prose = without_formulas(prose, subject.document.source.single_dollars)
    for match in _BROKEN_OFF.finditer(prose):
        sign = match["sign"]
        other = re.escape(sign.replace("1", "2"))
        items = re.findall(rf"(?m)^{match['indent']}{other}[ \t]", prose)
        is_field = section.fields and FIELD.match(prose, match.end("indent"))
        if len(items) <= (sign in "-+") and not is_field:
            message = f"a list begins here, in the middle of a sentence: {sign}"
            yield subject.within(section, match.start("sign"), "FRM111", message)


# ## Quotations
_NAMED = re.compile(r"^(?:[ \t]*>)+[ \t]*\[!([A-Za-z][\w-]*)\]")
_QUOTED = re.compile(r"[ \t]*>")


def _quotations(subject: Subject, section: Section, prose: str) -> Iterator[Finding]:
    if "[!" not in prose:
        return
    known, offset, above = directives.names(), 0, ""
    for line in prose.split("\n"):
        match = _NAMED.match(line)
        if match and not _QUOTED.match(above) and match[1].upper() not in known:
            near = difflib.get_close_matches(match[1].upper(), sorted(known), 1, 0.7)
            hint = f"; did you mean [!{near[0]}]?" if near else ""
            message = f"there is no directive [!{match[1]}]{hint}"
            yield subject.within(section, offset + match.start(1), "FRM114", message)
        offset, above = offset + len(line) + 1, line


# ## Elements
#
# Words between signs are text, `<object at 0x1>` is. Nobody writes these for words.
_ELEMENT = re.compile(
    r"(?<!\\)(?P<tag><(?:audio|embed|iframe|object|script|svg|video))\b"
    r"\s[^<>]*?(?:[\w-]=|\bcontrols\b)[^<>]*>",
    re.IGNORECASE,
)


def _elements(subject: Subject, section: Section) -> Iterator[Finding]:
    """The elements of HTML that no page may have, so that they are shown as text."""
    if "<" not in section.prose:
        return
    text = re.sub(r"<!--[\s\S]*?-->", blank, without_code(section.prose))
    for match in _ELEMENT.finditer(text):
        start = match.start()
        if not is_in_code_block(section.prose, start):
            message = f"{match['tag']}> is not allowed in prose, so it is shown as "
            message += "text; link to what it shows, or write it between back-ticks"
            yield subject.within(section, start, "FRM116", message)


# ## Lengths
def _lengths(
    subject: Subject, section: Section, prose: str, lines: list[str]
) -> Iterator[Finding]:
    # A cell of prose is no comment, and each of its paragraphs is a line.
    if subject.document.notebook:
        return
    count = section.prose.count("\n") + 1 if section.prose else 0
    for number, text in enumerate(prose.split("\n"), section.prose_line):
        length = len(lines[number - 1])
        # An address or the row of a table cannot be broken.
        unbreakable = re.search(r"\S{60}|^\s*\|", lines[number - 1])
        if text.strip() and length > 88 and not unbreakable:
            message = f"the line has {length} characters"
            yield subject.at(number, 89, "FRM107", message)
    if section.kind == "note" and count > 16:
        message = f"a comment of {count} lines; say less, or make it a docstring"
        yield subject.at(section.prose_line, 1, "FRM109", message)
    code = [number for span in section.code for number in span if lines[number - 1]]
    if subject.is_python and not section.prose.strip() and len(code) > 40:
        message = f"{len(code)} lines of code without a word"
        yield subject.at(code[0], 1, "FRM106", message)
