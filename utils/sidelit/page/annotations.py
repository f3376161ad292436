r"""
---
title: Shapes on the page
summary: >
  What a page shows of a record: the shapes of what each line binds, and for each name
  the shape that it has at that place.
---

# Shapes on the page

A reader wants one coherent example, not everything that was ever seen. So a page shows
one call of each function, the one that got furthest with the largest tensors. Other
shapes that a name has had are shown on demand. If the prose names the dimensions, they
have their names: `[batch=4, tokens=65]`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import Document
from ..read.functions import HANDED_OUT
from ..record.claims import Claim, claims
from ..record.observations import Call, seen_at
from ..record.shapes import Sizes, names_of_sizes, sizes
from ..syntax import Function, Use


@dataclass(frozen=True)
class Annotations:
    """
    `lines` is what stands behind a line, by its number, and `titles` what is said of a
    name, by its line and the column where it starts.
    """

    lines: dict[int, str] = field(default_factory=dict)
    titles: dict[tuple[int, int], str] = field(default_factory=dict)


def annotate(
    document: Document,
    functions: Sequence[Function],
    uses: list[Use],
    entries: dict[str, dict[str, Any]],
) -> Annotations:
    """The annotations of a document, given its part of the record."""
    found = Annotations()
    said = claims(document, functions) if entries else []
    for function in functions:
        entry = entries.get(function.qualname)
        if function.qualname and entry and entry["source"] == function.digest:
            about = [one for one in said if one.function is function]
            _Shown(function, entry["calls"], about).into(found, uses)
    return found


class _Shown:
    """One function as the page shows it."""

    def __init__(
        self, function: Function, calls: list[Call], said: list[Claim]
    ) -> None:
        self.function = function
        self.example = max(calls, key=_weight)
        self.calls = [self.example, *(one for one in calls if one is not self.example)]
        self.said = said

    def into(self, found: Annotations, uses: list[Use]) -> None:
        function = self.function
        inside = [use for use in uses if function.first <= use.line <= function.last]
        for use in inside:
            if lines := self._values(use):
                found.titles[use.line, use.start] = "; ".join(lines)
        for number, statement in enumerate(function.statements):
            parts = []
            for name in (*statement.targets, *HANDED_OUT):
                texts = [
                    text
                    for one in seen_at(self.example, name, number)
                    if (text := self._shape(one, name, number))
                ]
                if texts:
                    sign = {"return": "→", "yield": "yields"}.get(name, name)
                    parts.append(f"{sign} {' or '.join(texts)}")
            if parts:
                found.lines[statement.last] = "  ".join(parts)
        entry = self.example.get("entry", {})
        for use in inside:
            before_body = (
                not function.statements or use.line < function.statements[0].first
            )
            text = self._shape(entry.get(use.text), use.text, -1)
            if use.binds and before_body and text:
                shown = found.lines.get(use.line)
                note = f"{use.text} {text}"
                found.lines[use.line] = f"{shown}  {note}" if shown else note

    def _values(self, use: Use) -> list[str]:
        """What the name was where it is used, the example first."""
        statement = max(
            (
                number
                for number, one in enumerate(self.function.statements)
                if use.text in one.targets
                and (one.first <= use.line if use.binds else one.last < use.line)
            ),
            default=-1,
        )
        texts: dict[str, None] = {}
        for call in self.calls:
            for value in seen_at(call, use.text, statement):
                texts.update(
                    dict.fromkeys(self._texts(value, use.text, statement, call))
                )
        first, *others = [*texts][:4] or [""]
        also = [f"also {text}" for text in others]
        more = len(texts) - 4
        return (
            [first, *also, *([f"and {more} more"] if more > 0 else ())] if first else []
        )

    def _texts(self, value: Any, name: str, statement: int, call: Call) -> list[str]:
        if isinstance(value, list) and all(type(item) is int for item in value):
            return [f"({', '.join(map(str, value))})"]
        if isinstance(value, list):
            return [
                text
                for item in value
                for text in self._texts(item, name, statement, call)
            ]
        seen = sizes(value)
        if seen is None:
            return [str(value)] if type(value) is int else []
        shape = self._named(seen, name, statement, call)
        return [f"{value.partition('[')[0]} {shape}"]

    def _shape(self, value: Any, name: str, statement: int) -> str:
        """`[batch=4, 65, 192]`, or for several tensors all of theirs."""
        if isinstance(value, list):
            texts = (self._shape(item, name, statement) for item in value)
            return ", ".join(filter(None, texts))
        seen = sizes(value)
        if seen is None:
            return ""
        return self._named(seen, name, statement, self.example)

    def _named(self, seen: Sizes, name: str, statement: int, call: Call) -> str:
        """A shape, with what the prose calls its dimensions."""
        labels = names_of_sizes(self.said, name, statement, seen, call)
        if name in HANDED_OUT and not any(labels):
            # Of what is returned, most claims do not say where.
            labels = names_of_sizes(self.said, name, -1, seen, call)
        inner = ", ".join(
            f"{label}={size}" if label else str(size)
            for label, size in zip(labels, seen, strict=True)
        )
        return f"[{inner}]"


def _weight(call: Call) -> tuple[int, int, str]:
    lines = call.get("lines", {})
    bound = (
        value for names in lines.values() for one in names.values() for value in one
    )
    seen = [*call.get("entry", {}).values(), *bound]
    shapes = [shape for value in seen if (shape := sizes(value)) is not None]
    # The first dimension is most often a batch, which says nothing about the model.
    return len(lines), sum(math.prod(shape[1:]) for shape in shapes), repr(call)
