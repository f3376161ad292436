r"""
---
title: Where names lead
summary: >
  For each name in the code of a file, the page and the anchor that explain it, and for
  each class and function, who uses it.
---

# Where names lead

A reader who meets `Encoder` wants to see the encoder. So each name links to what it
[stands for](resolve.py): a class or function at its row, a variable where it gets its
first value, and a name of other projects in their documentation. The links of one file
follow from its own names and from the outlines of all files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Document, Outline
from .inventory import Elsewhere
from .resolve import Resolver, Thing


@dataclass(frozen=True, slots=True)
class Links:
    """
    ## The links of a file

    * `targets` has the line and column of each name that leads somewhere, and where
      that is: a URL from the root of the site or an absolute one
    * `uses` are the classes and functions that its sections use, with their numbers
    * `wanted` are the targets that only have an identifier because somebody links there
    * `outside` has the absolute addresses that explain names of others
    """

    targets: tuple[tuple[int, int, str], ...]
    uses: dict[str, tuple[int, ...]]
    wanted: frozenset[str]
    outside: dict[str, str]


class Targets:
    """
    ## Targets

    Where things are documented.
    """

    def __init__(self, outlines: Mapping[str, Outline], elsewhere: Elsewhere) -> None:
        self.outlines = outlines
        self.elsewhere = elsewhere
        self._known: dict[Thing, str] = {}

    def of(self, thing: Thing) -> str:
        """Where a thing is documented, or nothing if it is nowhere."""
        if thing not in self._known:
            self._known[thing] = self._of(thing)
        return self._known[thing]

    def _of(self, thing: Thing) -> str:
        if thing.kind == "outside":
            return self.elsewhere.address(thing.name, thing.is_module)
        if thing.kind == "module":
            return thing.url
        if thing.kind in ("self", "super"):
            return ""
        outline = self.outlines[thing.url]
        name = thing.name if thing.kind == "variable" else ""
        anchor = "" if name else outline.rows.get(thing.scope, "")
        anchor = anchor or outline.ids.get(thing.scope, {}).get(name, "")
        return f"{thing.url}#{anchor}" if anchor else ""

    def is_lasting(self, thing: Thing) -> bool:
        """
        Whether a thing on a page has its identifier in any case: a row has, and what a
        module or class binds, and an attribute. Others have one only if some code links
        there.
        """
        outline = self.outlines[thing.url]
        if thing.kind == "variable" and outline.module:
            table = outline.module.tables[thing.scope]
            return table.kind == "class" or thing.name in table.bindings
        return thing.scope in outline.rows


def links_of(document: Document, resolver: Resolver, targets: Targets) -> Links:
    """Where the names in the code of a Python file lead."""
    url = document.source.url
    section_of = _section_of_lines(document)
    found: list[tuple[int, int, str]] = []
    uses: dict[str, dict[int, None]] = {}
    wanted: set[str] = set()
    outside: dict[str, str] = {}
    for use in document.syntax.module.names if document.syntax else ():
        is_import = use.kind == "import"
        if not is_import and (use.binds or use.scope < 0):
            continue
        thing = (
            resolver.imported(url, use.text)
            if is_import
            else resolver.find(url, use.scope, use.text)
        )
        # A click on an attribute shows where it is bound, if that is in its class.
        if thing is None or (
            use.kind == "variable"
            and thing.kind == "variable"
            and use.text.startswith("self.")
            and (thing.url, thing.scope) == (url, use.scope)
        ):
            continue
        if not (target := targets.of(thing)):
            continue
        found.append((use.line, use.start, target))
        if thing.kind == "outside":
            outside[thing.name] = target
        elif thing.kind != "module" and not targets.is_lasting(thing):
            wanted.add(target)
        if thing.kind in ("class", "function") and not is_import:
            number = section_of[use.line]
            # What a section uses of itself, nobody needs to be told.
            name = resolver.modules[thing.url].tables[thing.scope].qualname
            here = document.sections[number].qualname
            if thing.url != url or not f"{here}.".startswith(f"{name}."):
                uses.setdefault(target, {})[number] = None
    kept = {target: tuple(numbers) for target, numbers in uses.items()}
    return Links(tuple(found), kept, frozenset(wanted), outside)


def _section_of_lines(document: Document) -> list[int]:
    """For each line, counted from 1, the number of the section that has it as code."""
    numbers = [0] * (document.text.count("\n") + 2)
    for number, section in enumerate(document.sections):
        for span in section.code:
            numbers[span.start : span.stop] = [number] * len(span)
    return numbers
