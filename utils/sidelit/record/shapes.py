r"""
---
title: Shapes, said and seen
summary: >
  Holds each statement about a shape to what runs have shown: within a call, a name has
  one size, a number is that number, and sums and products come out.
---

# Shapes, said and seen

In one call of a function, `d_model` is one number, wherever the prose writes it. So a
call is a system of equations. The whole numbers that the function was given are known,
each shape that was seen beside one that was said adds some more, and a statement that
contradicts the others is wrong for this call. A statement has to hold in all calls that
are on record.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..read.functions import HANDED_OUT
from .claims import Claim
from .dimensions import KnownSize, Mismatch, match
from .observations import ENTRY, Call, seen_at

Sizes = list[int]
_VALUE = re.compile(r"\S+?\[([\d, ]*)\]")


def sizes(value: Any) -> Sizes | None:
    """The sizes of `"float32[4, 65]"`, and `None` for a value that has none."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    return [int(size) for size in re.findall(r"\d+", found[1])] if found else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    ## A verdict

    What comes of a claim: `ok`, `rank` or `size` if it is wrong, `unseen` if no run has
    shown it, or `unbound` if it is not clear what it speaks of. `why` says it in words.
    """

    claim: Claim
    kind: str
    why: str = ""


_SEVERITY = {"unseen": 0, "ok": 1, "size": 2, "rank": 3}


def _severity(verdict: Verdict) -> int:
    return _SEVERITY[verdict.kind]


def judge(claims: list[Claim], calls: dict[str, list[Call]]) -> list[Verdict]:
    """
    The verdict on each claim of a file. `calls` leads from the name of a function to
    what was seen of it.
    """
    verdicts: dict[int, Verdict] = {}
    by_function: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.function and claim.name:
            by_function.setdefault(claim.function.qualname, []).append(claim)
    constants = _constants(calls.get("", []))
    for qualname, about in by_function.items():
        about.sort(key=_order)
        for call in calls.get(qualname, ()):
            known = KnownSizes(call, constants)
            for claim in about:
                verdict = _check(claim, call, known)
                before = verdicts.get(id(claim))
                if before is None or _severity(verdict) > _severity(before):
                    verdicts[id(claim)] = verdict
    return [
        verdicts.get(id(claim))
        or Verdict(claim, "unseen" if claim.function and claim.name else "unbound")
        for claim in claims
    ]


def _order(claim: Claim) -> tuple[bool, tuple[int, ...]]:
    """
    Arguments first, then as the function runs, and at last what it returns: so a name
    has its size from the place that the reader meets first, and a later one is wrong.
    """
    returned = claim.name in HANDED_OUT and claim.statements == (ENTRY,)
    return returned, claim.statements


def _constants(calls: list[Call]) -> dict[str, int]:
    """The numbers of a module whose names are those of constants, `WIDTH = 8`."""
    seen: dict[str, set[Any]] = {}
    for call in calls:
        for names in call.get("lines", {}).values():
            for name, values in names.items():
                if name.isupper() and len(name) > 1:
                    seen.setdefault(name, set()).update(map(str, values))
    return {
        name: int(value)
        for name, values in seen.items()
        if len(values) == 1 and (value := next(iter(values))).isdecimal()
    }


class KnownSizes:
    """
    ## What is known of a call

    The sizes of names, and where each is known from: whole numbers that the call has
    bound, and what claims that held have taught.
    """

    def __init__(self, call: Call, constants: dict[str, int]) -> None:
        self._constants = constants
        self._learnt: dict[str, KnownSize] = {}
        # What each name was bound to, by the number of the statement.
        self._bound: dict[str, list[tuple[int, Any]]] = {}
        for name, value in call.get("entry", {}).items():
            self._bound[name] = [(ENTRY, value)]
        for number, names in sorted(
            call.get("lines", {}).items(), key=lambda item: int(item[0])
        ):
            for name, values in names.items():
                value = values[0] if len(values) == 1 else None
                self._bound.setdefault(name, []).append((int(number), value))
        self._numbers = [
            name
            for name, values in self._bound.items()
            if name not in HANDED_OUT and any(type(value) is int for _, value in values)
        ]
        # `width` comes before `self.width`, which comes before `self.layer.width`.
        self._numbers.sort(key=lambda name: name.count("."))

    def learn(self, name: str, size: int, origin: str) -> None:
        self._learnt.setdefault(name, KnownSize(size, origin))

    def at(self, statement: int, *, repeated: bool) -> dict[str, KnownSize]:
        """
        The sizes by name when a statement is done; `repeated` if it ran more than once.
        """
        known: dict[str, KnownSize] = {}
        for name in self._numbers:
            value = self._value(name, statement)
            # In a loop, a number that changes has no one value.
            if repeated and len({value for _, value in self._bound[name]}) > 1:
                value = None
            if type(value) is int:
                # `self.d_model` is what prose calls `d_model`, if nothing nearer has
                # that name.
                size = KnownSize(value, f"`{name}` is {value}")
                known.setdefault(name, size)
                known.setdefault(name.rpartition(".")[2], size)
        for name, size in self._learnt.items():
            known.setdefault(name, size)
        for name, value in self._constants.items():
            known.setdefault(name, KnownSize(value, f"`{name}` is {value}"))
        return known

    def of_tensors(self, statement: int) -> dict[str, KnownSize]:
        """`x.shape[1]`, `x.size(1)` and `len(x)` of what has a shape by then."""
        known: dict[str, KnownSize] = {}
        for name in self._bound:
            seen = sizes(self._value(name, statement)) or []
            origin = f"`{name}` has {seen}"
            for number, size in enumerate(seen):
                for index in (number, number - len(seen)):
                    known[f"{name}.shape[{index}]"] = KnownSize(size, origin)
                    known[f"{name}.size({index})"] = KnownSize(size, origin)
            if seen:
                known[f"len({name})"] = KnownSize(seen[0], origin)
        return known

    def _value(self, name: str, statement: int) -> Any:
        """
        What a name was bound to last when a statement is done. If only later statements
        bind it, it is known where all of them agree.
        """
        bound = self._bound[name]
        before = [value for number, value in bound if number <= statement]
        if before:
            return before[-1]
        first = bound[0][1]
        return first if all(value == first for _, value in bound) else None


# ## Checking a claim
def _check(claim: Claim, call: Call, known: KnownSizes) -> Verdict:
    """The verdict for one call: that of the first place where the claim holds."""
    first = None
    for statement in claim.statements:
        values = _values(claim, call, statement)
        verdict = _check_values(claim, values, statement, call, known)
        if verdict.kind == "ok":
            return verdict
        first = first or verdict
    return first or Verdict(claim, "unseen")


def _values(claim: Claim, call: Call, statement: int) -> list[Any]:
    """What the claim's name was at a statement."""
    lines = call.get("lines", {})
    if "," in claim.name:
        # `q, k = …`: the last that each of them was.
        bound = lines.get(str(statement), {})
        parts = [bound[name] for name in claim.name.split(", ") if bound.get(name)]
        return [[values[-1] for values in parts]] if parts else []
    if claim.name in HANDED_OUT and statement == ENTRY:
        return [
            value for names in lines.values() for value in names.get(claim.name, ())
        ]
    return seen_at(call, claim.name, statement)


def _check_values(
    claim: Claim, values: list[Any], statement: int, call: Call, known: KnownSizes
) -> Verdict:
    worst = Verdict(claim, "unseen")
    repeated = len(values) > 1
    for value in values:
        tensors = list(_tensors(value))
        verdicts = [
            verdict
            for tensor in tensors
            if (
                verdict := _check_tensor(
                    claim, tensor, statement, call, known, repeated
                )
            )
        ]
        if isinstance(value, list) and value and not tensors:
            numbers = known.at(statement, repeated=repeated)
            verdicts = [_check_numbers(claim, value, numbers)]
        if not verdicts:
            continue
        # Of several results, any may be the one that is meant. So it is with several
        # names, unless all have the same number of dimensions.
        ranks = {len(sizes(tensor) or ()) for tensor in tensors}
        any_may_be_meant = claim.name in HANDED_OUT or (
            "," in claim.name and len(ranks) > 1
        )
        pick = min if any_may_be_meant and len(tensors) > 1 else max
        worst = max(worst, pick(verdicts, key=_severity), key=_severity)
    return worst


def _tensors(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _tensors(item)


def _check_numbers(claim: Claim, value: Sizes, known: dict[str, KnownSize]) -> Verdict:
    """The verdict where the shape itself was bound, `sizes = x.shape  # [2, 3]`."""
    if all(type(number) is int for number in value) and "," not in claim.name:
        for dimensions in claim.shapes:
            found = match(dimensions, value, known)
            if isinstance(found, Mismatch) and found.kind == "size":
                return Verdict(claim, "size", f"was {value}: {found.why}")
    return Verdict(claim, "ok")


def _check_tensor(
    claim: Claim,
    value: str,
    statement: int,
    call: Call,
    known: KnownSizes,
    repeated: bool,
) -> Verdict | None:
    seen = sizes(value)
    if seen is None:
        return None
    shown = value.replace("[", " [")
    if claim.like:
        other = sizes(call.get("entry", {}).get(claim.like))
        if other is None or other == seen:
            return Verdict(claim, "ok") if other else None
        kind = "size" if len(other) == len(seen) else "rank"
        return Verdict(claim, kind, f"was {shown}, and `{claim.like}` was {other}")
    best: Verdict | None = None
    known_here = known.at(statement, repeated=repeated)
    if "(" in claim.text or ".shape[" in claim.text:
        known_here |= known.of_tensors(statement)
    for dimensions in claim.shapes:
        found = match(dimensions, seen, known_here)
        if not isinstance(found, Mismatch):
            # What a loop binds repeatedly may be of another size each time.
            if not repeated:
                for name, size in found.items():
                    known.learn(name, size, f"`{name}` is {size} in {claim.text}")
            return Verdict(claim, "ok")
        names = ", ".join(map(ast.unparse, dimensions))
        which = f"for `[{names}]`, " if len(claim.shapes) > 1 else ""
        verdict = Verdict(claim, found.kind, f"was {shown}: {which}{found.why}")
        if best is None or _severity(verdict) < _severity(best):
            best = verdict
    return best


def names_of_sizes(
    said: list[Claim], name: str, statement: int, seen: Sizes, call: Call
) -> list[str]:
    """
    ## What the dimensions are called

    The words that prose has for the sizes of a name at a place, where they fit; an
    empty one for a size without a name.
    """
    for claim in said:
        if claim.name != name or statement not in claim.statements:
            continue
        known = KnownSizes(call, {}).at(statement, repeated=False)
        for dimensions in claim.shapes:
            fits = not isinstance(match(dimensions, seen, known), Mismatch)
            if fits and len(dimensions) == len(seen):
                return [
                    ""
                    if isinstance(dimension, ast.Constant)
                    else ast.unparse(dimension)
                    for dimension in dimensions
                ]
    return [""] * len(seen)
