r"""
---
title: The contents of a page
summary: >
  Each definition of a page by its name and as what it is: a property, overloads, a
  dataclass; with the headings of its prose below it.
---

# The contents of a page

A docstring may have headings, and many have the same ones: *Notes*, *Examples*. So a
definition stands under its own name. A heading that opens its docstring is its title
and stands before the name; those further down stand below it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..model import Document, Entry, Section
from ..syntax import Table

Heading = tuple[int, str, str]


def opens_with_heading(html: str) -> bool:
    """Whether the prose of a section begins with its title."""
    return re.match(r"\s*<h[1-6]\b", html) is not None


def private_around(qualname: str, exports: Sequence[str] | None) -> str:
    """
    The outermost private definition that a scope is or stands in, or nothing. One is
    private by its underscore, or because `__all__` does not hold it; what `__all__`
    holds is public whatever it is called.
    """
    names = qualname.split(".") if qualname else []
    for depth, name in enumerate(names, 1):
        if depth == 1 and exports is not None:
            is_hidden = name not in exports
        else:
            is_hidden = name.startswith("_") and not _SPECIAL.fullmatch(name)
        if is_hidden:
            return ".".join(names[:depth])
    return ""


_SPECIAL = re.compile(r"__\w+__")


class Contents:
    """
    ## Contents

    Built section by section. With `folds_private`, what is private has no entry. `ids`
    are the line, the column and the identifier of definitions without a row.
    """

    def __init__(
        self,
        document: Document,
        folds_private: bool,
        ids: Iterable[tuple[int, int, str]] = (),
    ) -> None:
        module = document.syntax.module if document.syntax else None
        self.exports = module.exports if module else None
        self.folds_private = folds_private
        self.entries: list[Entry] = []
        self._tables: dict[str, list[Table]] = {}
        for table in module.tables[1:] if module else ():
            self._tables.setdefault(table.qualname, []).append(table)
        self._ids = {(line, column): id_ for line, column, id_ in ids}
        self.overloads = Counter(
            name
            for name, tables in self._tables.items()
            for table in tables
            if "overload" in table.decorators
        )
        self._told: set[str] = set()

    def add(
        self, section: Section, anchor: str, headings: list[Heading], html: str
    ) -> None:
        """The entries of a section, given its headings and its prose as HTML."""
        if section.kind in ("class", "function"):
            if not self.folds_private or not private_around(
                section.qualname, self.exports
            ):
                self.entries += self._definition(section, anchor, headings, html)
            return
        depth = section.qualname.count(".")
        ids = [id_ for _, id_, _ in headings]
        if headings and section.kind != "module":
            # The first heading stands for its section, whose anchor lasts longer.
            ids[:1] = [anchor]
        self.entries += _headings(headings, ids, depth)

    def _definition(
        self, section: Section, anchor: str, headings: list[Heading], html: str
    ) -> Iterator[Entry]:
        name = section.qualname.rpartition(".")[2]
        depth = section.qualname.count(".")
        table = self._table(section)
        decorators = {*table.decorators} if table else set()
        # The setter of a property is part of it, and so is each further overload.
        if decorators & {"setter", "deleter"} or section.qualname in self._told:
            return
        code = f"<code>{name}</code>"
        fields = table.fields if table and "dataclass" in decorators else None
        kind = self._kind(section, decorators, fields)
        label = f' <small class="is">{kind}</small>' if kind else ""
        if headings and opens_with_heading(html):
            (level, _, title), *headings = headings
            title = _LINK.sub("", title)
            if TAG.sub("", title) != name:
                code = f'{title} <small class="is">{code}</small>'
            yield Entry(code + label, f"#{anchor}", max(depth, level - 2))
        elif headings or not (
            name.startswith("_")
            or private_around(section.qualname, None)
            or (depth and not section.prose and not kind)
        ):
            yield Entry(code + label, f"#{anchor}", depth)
        else:
            fields = None
        if section.qualname in self.overloads:
            self._told.add(section.qualname)
        yield from _headings(headings, [id_ for _, id_, _ in headings], depth + 1)
        if table and fields:
            yield from self._field_entries(table, depth + 1)

    def _table(self, section: Section) -> Table | None:
        """The scope that a section defines."""
        lines = section.lines
        tables = self._tables.get(section.qualname, ())
        return next((one for one in tables if one.begin in lines), None)

    def _field_entries(self, table: Table, depth: int) -> Iterator[Entry]:
        for name in table.fields:
            one = None if name.startswith("_") else table.bindings.get(name)
            if one and (id_ := self._ids.get((one.line, one.column))):
                code = f'<code>{name}</code> <small class="is">field</small>'
                yield Entry(code, f"#{id_}", depth)

    def _kind(
        self, section: Section, decorators: set[str], fields: Sequence[str] | None
    ) -> str:
        """What a definition is if neither `class` nor `def` says it."""
        if count := self.overloads.get(section.qualname):
            return "1 overload" if count == 1 else f"{count} overloads"
        if section.kind == "function":
            return "property" if decorators & _PROPERTIES else ""
        if fields is None:
            return ""
        return f"dataclass, {len(fields)} field{'s' * (len(fields) != 1)}"


_PROPERTIES = {"property", "cached_property"}
_LINK = re.compile(r"</?a\b[^>]*>")
TAG = re.compile(r"<[^>]*>")


def _headings(
    headings: Sequence[Heading], ids: Sequence[str], depth: int
) -> Iterator[Entry]:
    for id_, (level, _, html) in zip(ids, headings, strict=True):
        if level <= 3:
            yield Entry(_LINK.sub("", html), f"#{id_}", max(depth, level - 2))
