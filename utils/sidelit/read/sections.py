r"""
---
title: Sections
summary: >
  Where sections begin in Python and in other languages, and what prose each of them
  has; every line of a file lands in exactly one.
---

# Sections

While the sections are being found, each is known by the line where it starts.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Kind, Section, Tokens
from ..syntax import Strings, Syntax, Table, line_starts
from .brackets import names_as_code
from .callouts import callouts_as_markdown
from .cells import is_blank, pieces
from .comments import comments, dedent
from .directives import end_of_licence, is_licence
from .docstrings import as_markdown, begins_section
from .drawings import indented
from .front_matter import FRONT_MATTER
from .lexer import docstring_body
from .markdown import unescaped
from .markers import CELL, is_prose_marker, marker
from .scanner import BLOCK, HASHBANG, LINE
from .tagged import tags_as_markdown
from .xmldoc import xml_as_markdown


@dataclass
class _Start:
    """
    `prose` is the Markdown and `lines` the lines of the file that it takes up. `fields`
    says that it lists some.
    """

    kind: Kind
    qualname: str
    prose: str = ""
    lines: range = range(0)
    fields: bool = False


def python_sections(text: str, syntax: Syntax, tokens: Tokens) -> list[Section]:
    """
    ## Sections of Python

    They begin at classes and functions, at comments, at variables with a docstring of
    their own, and behind what has ended.
    """
    lines = text.split("\n")
    count = len(lines) - (not lines[-1])
    tables = syntax.module.tables
    # The module itself starts above the first line, where nothing else can.
    module = _Start("module", "")
    starts = {0: module}
    # Between the first line of a header and the end of its docstring there may be
    # comments, about an argument or a licence. A section there would tear the docstring
    # from its header, so they stay code.
    headers: set[int] = set()

    every = [*_docstrings(text, syntax.strings)]
    of_cells = {
        said[1].start: said
        for _, said in every
        if is_prose_marker(lines[max(said[1].start - 2, 0)])
    }
    docstrings = {
        one.scope: said for one, said in every if said[1].start not in of_cells
    }
    if 0 in docstrings:
        module.prose, module.lines, module.fields = docstrings[0]
        first = module.lines.start - 1
        if first and (above := marker(lines[first - 1])):
            module.prose = f"{above.heading}\n{module.prose}"
            module.lines = range(first, module.lines.stop)
        headers.update(range(1, module.lines.stop))
    # What stands in a function is part of its thought, which a row would interrupt.
    inside = {-1}
    for table in tables[1:]:
        if tables[table.outer].kind == "function" or table.outer in inside:
            inside.add(table.key)
        kind: Kind = "class" if table.kind == "class" else "function"
        if docstring := docstrings.get(table.key):
            start = _Start(kind, table.qualname, *docstring)
            starts[table.begin] = start
            headers.update(range(table.begin, start.lines.stop))
        elif table.key not in inside:
            starts[table.begin] = _Start(kind, table.qualname)
    ends = [table.end + 1 for table in tables[1:] if table.begin in starts]
    behind = {one.start: found for one, found in every if one.scope < 0}
    for variable in syntax.explained:
        if said := behind.get(variable.string):
            first = variable.first
            starts[first] = _Start("note", _scope(first, tables), *said)
            headers.update(range(first, said[1].stop))
            ends.append(said[1].stop)
        elif variable.string < 0:
            ends.append(variable.last + 1)

    others = (one for one in range(1, count + 1) if one not in module.lines)
    first_code = next((one for one in others if _is_code(lines[one - 1])), count + 1)
    for prose, span, said_by in pieces(text, tokens, of_cells):
        is_ahead = span.start < first_code
        if span.start in headers or (module.lines and is_ahead and is_licence(prose)):
            continue
        # A comment that opens the file speaks for the module, one right above a
        # function without a docstring speaks for that function.
        below = starts.get(span.stop)
        if not module.lines and is_ahead and (prose.strip() or said_by == "comment"):
            module.prose, module.lines = _opening(prose, span)
        elif is_ahead and said_by == "prose" and _continues(module, span, lines):
            # What jupytext has to say about the file stands in a comment of its own.
            gap = "\n" * (span.start - module.lines.stop + 1)
            module.prose += gap + prose
            module.lines = range(module.lines.start, span.stop)
        elif prose.strip() and below and below.qualname and not below.lines:
            del starts[span.stop]
            starts[span.start] = _Start(below.kind, below.qualname, prose, span)
        else:
            starts[span.start] = _Start("note", _scope(span.start, tables), prose, span)

    for end in ends:
        while end <= count and not lines[end - 1].strip():
            end += 1
        if end <= count and end not in starts:
            starts[end] = _Start("note", _scope(end, tables))
    return _cut(starts, count)


def _continues(module: _Start, span: range, lines: Sequence[str]) -> bool:
    """Whether the head of a file is front matter that these lines follow."""
    match = FRONT_MATTER.match(module.prose)
    return (
        match is not None
        and not module.prose[match.end() :].strip()
        and is_blank(range(module.lines.stop, span.start), lines)
    )


def _cut(starts: dict[int, _Start], count: int) -> list[Section]:
    """
    From starts to sections: each reaches to the next one, and what is not its prose is
    its code. This is where it is certain that no line gets lost.
    """
    order = sorted(starts)
    sections = []
    for first, stop in zip(order, [*order[1:], count + 1], strict=True):
        start, first = starts[first], max(first, 1)
        prose = start.lines or range(first, first)
        spans = (range(first, prose.start), range(prose.stop, stop))
        code = tuple(span for span in spans if span)
        line = prose.start if prose else 0
        sections.append(
            Section(start.kind, start.qualname, start.prose, line, code, start.fields)
        )
    return sections


_HEADING = re.compile(r"^#{1,2}[ \t]", re.MULTILINE)


def _opening(prose: str, span: range) -> tuple[str, range]:
    """
    What a comment above all code says to readers, and its lines. A licence or a rule is
    not part of it and stays code, as it does above a docstring.
    """
    if not prose.strip():
        return "", range(0)
    if not is_licence(prose):
        return prose, span
    match = _HEADING.search(prose)
    start = match.start() if match else end_of_licence(prose)
    if not prose[start:].strip():
        return "", range(0)
    return prose[start:], span[prose.count("\n", 0, start) :]


def _is_code(line: str) -> bool:
    line = line.strip()
    return bool(line) and not line.startswith("#")


def _scope(line: int, tables: Sequence[Table]) -> str:
    """
    The class or function that a line stands in: the last one that began above it, or if
    that has ended already, the nearest around it that has not.
    """
    key = bisect_right(tables, line, lo=1, key=lambda table: table.begin) - 1
    while key and tables[key].end < line:
        key = tables[key].outer
    return tables[key].qualname


# ### Docstrings
def _docstrings(
    text: str, strings: Sequence[Strings]
) -> Iterator[tuple[Strings, tuple[str, range, bool]]]:
    """
    For each docstring its prose, the lines that it takes up, and whether it has fields.
    One that shares a line with code, or is put together of several strings, stays code:
    lines are not cut in two.
    """
    starts = line_starts(text.split("\n"))
    for one in strings:
        first, last = (bisect_right(starts, place) for place in (one.start, one.end))
        before = text[starts[first - 1] : one.start]
        after = text[one.end : starts[last] - 1]
        literal = text[one.start : one.end]
        if before.strip() or after.strip() or not (body := docstring_body(literal)):
            continue
        prose = literal[slice(*body)]
        if literal[0] not in "rR":
            prose = unescaped(prose)
        opening, *rest = prose.split("\n")
        said = dedent(rest)
        is_list = begins_section(opening.strip()) and any(said[:1])
        if is_list and not any(map(begins_section, said)):
            # Its list is all that there is, so nothing else shows that it is indented.
            said = indented(said)
        prose_lines, fields = [opening.lstrip(), *said], False
        if one.scope != CELL:
            prose_lines, fields = as_markdown(prose_lines, one.of_module)
        yield one, ("\n".join(prose_lines), range(first, last + 1), fields)


def comment_sections(text: str, tokens: Tokens, language: str) -> list[Section]:
    """
    ## Sections of other languages

    Comments alone part the sections; what they say about functions, nobody tells us.
    """
    lines = text.split("\n")
    module = _Start("module", "")
    starts = {0: module}
    first_code = _first_code(text, tokens)
    for prose, span in comments(text, tokens, language):
        is_ahead = span.start < first_code
        fields = False
        # Go has no sign of its own for what it makes documents of.
        is_document = language == "go" or _DOCUMENTS.match(lines[span.start - 1])
        if is_document and not is_licence(prose):
            if language == "csharp":
                prose, fields = xml_as_markdown(prose)
            elif language == "swift":
                prose, fields = callouts_as_markdown(prose)
            if not fields:
                prose = names_as_code(prose, language)
                prose, fields = tags_as_markdown(prose, language)
        if not module.lines and is_ahead:
            module.prose, module.lines = _opening(prose, span)
            module.fields = fields
        elif not (is_ahead and is_licence(prose)):
            starts[span.start] = _Start("note", "", prose, span, fields)
    return _cut(starts, len(lines) - (not lines[-1]))


# What is written for a tool that makes documents of it; in Ruby and Lua, any comment.
_DOCUMENTS = re.compile(r"\s*(?:/\*[*!]|//[/!]|--|#)")
# What may stand above the comment that opens a file.
_AHEAD = re.compile(
    r"""(?: \s | ^["']use\ \w+["'];? | ^@charset\ [^;]*; | ^\#pragma\ once\b
        | ^\#\ *ifndef\ +\w+
        | ^\#\ *define\ +\w+$ | ^%(?:YAML|TAG)\ .*$ | ^---[ \t]*$ )*""",
    re.VERBOSE | re.MULTILINE,
)


def _first_code(text: str, tokens: Tokens) -> int:
    """The first line of code that a comment cannot open the file behind."""
    place = 0
    for kind, start, end in tokens:
        if kind in (LINE, BLOCK, HASHBANG):
            if not _AHEAD.fullmatch(text, place, start):
                break
            place = end
    return text.count("\n", 0, place) + 2
