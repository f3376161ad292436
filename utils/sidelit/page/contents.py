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
from ..syntax import Module

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

    Built section by section. With `folds_private`, what is private has no entry.
    """

    def __init__(self, document: Document, folds_private: bool) -> None:
        self.lines = document.text.split("\n")
        self.module = document.syntax.module if document.syntax else None
        self.exports = self.module.exports if self.module else None
        self.folds_private = folds_private
        self.entries: list[Entry] = []
        self.overloads = Counter(
            section.qualname
            for section in document.sections
            if section.kind == "function" and "overload" in self._decorators(section)
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
        decorators = self._decorators(section)
        # The setter of a property is part of it, and so is each further overload.
        if decorators & {"setter", "deleter"} or section.qualname in self._told:
            return
        code = f"<code>{name}</code>"
        kind = self._kind(section, decorators)
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
        if section.qualname in self.overloads:
            self._told.add(section.qualname)
        yield from _headings(headings, [id_ for _, id_, _ in headings], depth + 1)

    def _decorators(self, section: Section) -> set[str]:
        """The last words of the names of its decorators."""
        found: set[str] = set()
        for span in section.code[:1]:
            for line in self.lines[span.start - 1 : span.stop - 1]:
                if match := _DECORATOR.match(line):
                    found.add(match[1].rpartition(".")[2])
                elif _HEADER.match(line):
                    break
        return found

    def _kind(self, section: Section, decorators: set[str]) -> str:
        """What a definition is if neither `class` nor `def` says it."""
        if count := self.overloads.get(section.qualname):
            return "1 overload" if count == 1 else f"{count} overloads"
        if section.kind == "function":
            return "property" if decorators & _PROPERTIES else ""
        if "dataclass" not in decorators or self.module is None:
            return ""
        count = sum(self._fields(self.module, section.qualname))
        return f"dataclass, {count} field{'s' * (count != 1)}"

    def _fields(self, module: Module, qualname: str) -> Iterable[bool]:
        """For each variable of a class, whether it is annotated as a field is."""
        for table in module.tables:
            if table.kind == "class" and table.qualname == qualname:
                for name, one in table.bindings.items():
                    if one.kind == "variable":
                        line = self.lines[one.line - 1].lstrip()
                        yield line.removeprefix(name).lstrip().startswith(":")


_DECORATOR = re.compile(r"\s*@\s*([\w.]+)")
_HEADER = re.compile(r"\s*(?:async\s+)?(?:def|class)\b")
_PROPERTIES = {"property", "cached_property"}
_LINK = re.compile(r"</?a\b[^>]*>")
TAG = re.compile(r"<[^>]*>")


def _headings(
    headings: Sequence[Heading], ids: Sequence[str], depth: int
) -> Iterator[Entry]:
    for id_, (level, _, html) in zip(ids, headings, strict=True):
        if level <= 3:
            yield Entry(_LINK.sub("", html), f"#{id_}", max(depth, level - 2))
