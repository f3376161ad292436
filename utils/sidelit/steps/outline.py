r"""
---
title: The outline of a file
summary: >
  What other pages may ask about a file: its title, its anchors, what it defines and how
  it introduces that, small enough to keep for all files of a site at once.
---

# The outline of a file

To know where a name leads, a page has to know something about other files, but never
their text. This is what it may know. It is made once, when the file is read, and holds
everything that other pages show of the file.
"""

import os
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..cache import key_of
from ..macros import NO_MACROS
from ..markup import may_have_formulas, pattern, without_marks
from ..model import Document, Outline, Section, Source, unique
from ..packed import pack
from ..page.contents import private_around
from ..prose.equations import Equations
from ..prose.formulas import all_prose
from ..prose.symbols import table_symbols
from ..read.markdown import definitions, shared_definitions, taken_along
from ..site import is_index, ordering_links, section_anchors
from ..syntax import Names, Syntax, Table, line_starts


def outline_of(document: Document) -> Outline:
    """The outline of a document."""
    source = document.source
    anchors = section_anchors(document)
    outline = Outline(
        source,
        document.title,
        document.summary,
        anchors,
        tuple((one.kind, one.qualname) for one in document.sections),
        ordering_links(document) if is_index(source.url) else (),
        table_symbols(document),
        any(may_have_formulas(one.prose) for one in all_prose(document)),
        "",
        draft=document.draft,
        code_alone=document.code_alone,
    )
    interface = b""
    if document.syntax:
        module = document.syntax.module
        interface = module.interface()
        outline = _with_definitions(outline, document, document.syntax)
    told = (source, anchors, outline.sections, outline.rows, outline.ids)
    digest = key_of(pack(told), interface)
    return replace(outline, digest=digest, problems=document.problems)


def without_private(outline: Outline) -> Outline:
    """
    The outline of a page that does not show what is private. Nothing leads there then,
    so it has neither rows nor identifiers.
    """
    if outline.module is None:
        return outline
    exports, tables = outline.module.exports, outline.module.tables
    defined = {name for kind, name in outline.sections if kind in ("class", "function")}
    hidden = {
        anchor
        for (_, name), anchor in zip(outline.sections, outline.anchors, strict=True)
        if private_around(name, exports) in defined
    }
    gone: set[int] = set()
    for table in tables[1:]:
        if table.outer in gone or outline.rows.get(table.key) in hidden:
            gone.add(table.key)
    return replace(
        outline,
        rows={scope: row for scope, row in outline.rows.items() if scope not in gone},
        ids={scope: ids for scope, ids in outline.ids.items() if scope not in gone},
        hidden=frozenset(hidden),
        digest=key_of(outline.digest, "without private"),
    )


def _with_definitions(outline: Outline, document: Document, syntax: Syntax) -> Outline:
    module, anchors = syntax.module, outline.anchors
    rows = dict(_rows(document, anchors, module.tables))
    headers = _Headers(document)
    signatures = {
        anchor: headers.signature(module.tables, scope)
        for scope, anchor in rows.items()
    }
    ids: dict[int, dict[str, str]] = {}
    taken = set(anchors)
    for scope, name, line in _without_row(module.tables, rows):
        qualname = ".".join(filter(None, (module.tables[scope].qualname, name)))
        # No heading's identifier has a dot, and none has a capital letter.
        plain = "." not in qualname and qualname == qualname.lower()
        identifier = unique(f".{qualname}" if plain else qualname, taken)
        ids.setdefault(scope, {})[name] = identifier
        signatures[identifier] = (
            headers.text(line, line)
            if name
            else headers.signature(module.tables, scope)
        )
    equations: Equations | None = None
    paragraphs = {}
    explained = _explained(syntax, module.tables, ids)
    shared = shared_definitions(document)
    for section, anchor in zip(document.sections, anchors, strict=True):
        if section.kind not in ("class", "function"):
            first = section.code[0].start if section.code else 0
            anchor = explained.get(first, "")
        if not anchor:
            continue
        prose = section.prose
        if _NUMBERED.search(prose):
            equations = equations or Equations(document, NO_MACROS)
            prose = _with_numbers(document, section, equations)
        if paragraph := _paragraph(prose, shared):
            paragraphs[anchor] = paragraph
    if "#:" in document.text:
        for identifier, line in _lines_of_variables(module.tables, ids):
            if behind := headers.explanation(line):
                paragraphs.setdefault(identifier, behind)
    return replace(
        outline,
        builds_on=syntax.builds_on,
        imports=module.names.imported(),
        root=_root(outline.source),
        module=replace(module, names=Names()),
        rows=rows,
        ids=ids,
        signatures=signatures,
        paragraphs=paragraphs,
    )


def _root(source: Source) -> str:
    """The folder from which Python imports a file by the name of its module."""
    path = source.file.removesuffix(".py").removesuffix(f"{os.sep}__init__")
    return path.removesuffix(source.module.replace(".", os.sep))


def _rows(
    document: Document, anchors: tuple[str, ...], tables: Sequence[Table]
) -> Iterator[tuple[int, str]]:
    """The scopes that have a row of their own, with its anchor."""
    spans: dict[str, list[tuple[range, str]]] = {}
    for section, anchor in zip(document.sections, anchors, strict=True):
        if section.kind in ("class", "function"):
            rows = spans.setdefault(section.qualname, [])
            rows += [(lines, anchor) for lines in section.code]
    for table in tables[1:]:
        for lines, anchor in spans.get(table.qualname, ()):
            if table.first in lines:
                yield table.key, anchor
                break


def _without_row(
    tables: Sequence[Table], rows: dict[int, str]
) -> Iterator[tuple[int, str, int]]:
    """
    Definitions without a row, as their scope, name and line: the variables of modules
    and classes, and behind them the attributes of instances and the classes and
    functions that stand in a function.
    """
    for table in tables:
        if table.kind in ("module", "class"):
            for name, binding in table.bindings.items():
                if binding.kind == "variable" and binding.column >= 0:
                    yield table.key, name, binding.line
    for table in tables:
        for name, (line, _) in table.attributes.items():
            if name not in table.bound:
                yield table.key, name, line
        if table.key and table.key not in rows and table.column >= 0:
            yield table.key, "", table.first


def _explained(
    syntax: Syntax, tables: Sequence[Table], ids: dict[int, dict[str, str]]
) -> dict[int, str]:
    """The identifiers of the variables that are explained, by their first lines."""
    firsts = {one.first for one in syntax.explained}
    found: dict[int, str] = {}
    for identifier, line in _lines_of_variables(tables, ids) if firsts else ():
        if line in firsts:
            found.setdefault(line, identifier)
    return found


def _lines_of_variables(
    tables: Sequence[Table], ids: dict[int, dict[str, str]]
) -> Iterator[tuple[str, int]]:
    """The identifiers of variables, each with the line where it gets its value."""
    for scope, names in ids.items():
        table = tables[scope]
        for name, identifier in names.items():
            binding = table.bindings.get(name)
            line = binding.line if binding else table.attributes.get(name, (0, 0))[0]
            yield identifier, line


def places_of_ids(
    outline: Outline, tables: Sequence[Table]
) -> Iterator[tuple[int, str, str, tuple[int, int]]]:
    """
    The scope, the name, the identifier, and the line and column of each definition
    without a row.
    """
    for scope, names in outline.ids.items():
        table = tables[scope]
        for name, identifier in names.items():
            place = table.first, table.column
            if binding := table.bindings.get(name):
                place = binding.line, binding.column
            elif name:
                place = table.attributes[name]
            yield scope, name, identifier, place


# ## Headers
class _Headers:
    """The headers of definitions as one line without comments."""

    def __init__(self, document: Document) -> None:
        self.code = document.text
        self.tokens = document.tokens
        self.starts = line_starts(self.code.split("\n"))

    def signature(self, tables: Sequence[Table], scope: int) -> str:
        table = tables[scope]
        text = self.text(table.first, table.last)
        if table.kind == "class":
            # How a class is called, its `__init__` says.
            found = table.bindings.get("__init__")
            if found and found.kind == "function":
                init = tables[found.scope]
                text += "\n" + self.text(init.first, init.last)
        return text

    def text(self, first: int, last: int) -> str:
        """The text of lines without comments and line breaks, and without the `:`."""
        text, tokens = self.code, self.tokens
        start, end = self.starts[first - 1], self.starts[last]
        pieces = []
        index, stop = (bisect_left(tokens.starts, place) for place in (start, end))
        while "c" in tokens.kinds[index:stop]:
            index = tokens.kinds.index("c", index)
            pieces.append(text[start : tokens.starts[index]])
            start = tokens.ends[index]
            index += 1
        joined = " ".join("".join([*pieces, text[start:end]]).split())
        if _SPACE.search(joined):
            joined = _AFTER_BRACKET.sub(r"\1", _BEFORE_BRACKET.sub(r"\1", joined))
        return joined.removesuffix(":")

    def explanation(self, line: int) -> str:
        """What a comment `#:` at the end of a line says of its variable."""
        end = self.starts[line] if line else 0
        index = bisect_left(self.tokens.starts, end) - 1
        # The line break may be a token of its own.
        while index >= 0 and self.tokens.starts[index] >= self.starts[line - 1]:
            start, stop = self.tokens.starts[index], self.tokens.ends[index]
            if self.tokens.kinds[index] == "c" and self.code.startswith("#:", start):
                return self.code[start + 2 : stop].strip()
            index -= 1
        return ""


_SPACE = re.compile(r" [)\]}]|[(\[{] ")
_BEFORE_BRACKET = re.compile(r",? ([)\]}])")
_AFTER_BRACKET = re.compile(r"([(\[{]) ")


# ## Paragraphs
def _paragraph(prose: str, shared: Mapping[str, str]) -> str:
    """The first paragraph that is text, with the definitions of its links and notes."""
    for paragraph in re.split(r"\n[ \t]*\n", prose):
        text = paragraph.strip("\n")
        if text and not _NO_TEXT.match(text):
            # What a link or a note leads to may be said in another paragraph.
            defined = (*definitions(prose).values(), taken_along(prose, shared))
            return "\n\n".join(filter(None, (text.rstrip(":"), *defined)))
    return ""


_NO_TEXT = re.compile(
    r"[ \t]*(?:#|[*+-] |\||>|\$\$|```|~~~|!\[|\[[^\]]+\]:|\d+[.)] |<|---|\s{4})"
)


# On the card of another page, numbers stay those of this one.
_NUMBERED = re.compile(r"\\label|\\begin\{|ref\{")


def _with_numbers(document: Document, section: Section, equations: Equations) -> str:
    """The prose of a section with its equations and references numbered."""
    prose = without_marks(section.prose)
    found = pattern(document.source.single_dollars)
    return found.sub(lambda match: equations.resolved(section, match), prose)
