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
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..read.functions import HANDED_OUT
from .claims import Claim, Dimensions
from .observations import Call, seen_at

Sizes = list[int]
_VALUE = re.compile(r"\S+?\[([\d, ]*)\]")


def sizes(value: Any) -> Sizes | None:
    """The sizes of `"float32[4, 65]"`, and `None` for a value that has none."""
    match = _VALUE.fullmatch(value) if isinstance(value, str) else None
    return [int(size) for size in re.findall(r"\d+", match[1])] if match else None


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
    for qualname, those in by_function.items():
        # Arguments first, then as the function runs, and at last what it returns.
        order = sorted(
            those,
            key=lambda one: (
                one.name in HANDED_OUT and one.statements == (-1,),
                one.statements,
            ),
        )
        for call in calls.get(qualname, ()):
            known = _Known(call, constants)
            for claim in order:
                found = _check(claim, call, known)
                before = verdicts.get(id(claim))
                if before is None or _RANK[found.kind] > _RANK[before.kind]:
                    verdicts[id(claim)] = found
    return [
        verdicts.get(id(claim))
        or Verdict(claim, "unseen" if claim.function and claim.name else "unbound")
        for claim in claims
    ]


_RANK = {"unseen": 0, "ok": 1, "size": 2, "rank": 3}


class _Known:
    """The sizes that are known of a call, and from where."""

    def __init__(self, call: Call, constants: dict[str, int]) -> None:
        self._constants = constants
        self._learnt: dict[str, tuple[int, str]] = {}
        # What each name was bound to, by the number of the statement.
        self._bound: dict[str, list[tuple[int, Any]]] = {}
        for name, value in call.get("entry", {}).items():
            self._bound[name] = [(-1, value)]
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
        self._numbers.sort(key=lambda name: name.count("."))

    def learn(self, name: str, size: int, origin: str) -> None:
        self._learnt.setdefault(name, (size, origin))

    def at(self, statement: int, again: bool) -> dict[str, tuple[int, str]]:
        """
        The sizes by name when a statement is done, and where they are known from.
        `again` says that it ran more than once.
        """
        sizes: dict[str, tuple[int, str]] = {}
        for name in self._numbers:
            # A number that changes is what it was bound to last. Where a loop comes
            # back, or only later statements bind it, nobody can tell.
            value = self._value(name, statement)
            if again and len({value for _, value in self._bound[name]}) > 1:
                value = None
            if type(value) is int:
                # `self.d_model` is what prose calls `d_model`, if nothing nearer has
                # that name.
                said = value, f"`{name}` is {value}"
                sizes.setdefault(name, said)
                sizes.setdefault(name.rpartition(".")[2], said)
        for name, (size, origin) in self._learnt.items():
            sizes.setdefault(name, (size, origin))
        for name, value in self._constants.items():
            sizes.setdefault(name, (value, f"`{name}` is {value}"))
        return sizes

    def with_tensors(self, statement: int) -> dict[str, tuple[int, str]]:
        """`x.shape[1]`, `x.size(1)` and `len(x)` of what has a shape by then."""
        found: dict[str, tuple[int, str]] = {}
        for name in self._bound:
            seen = sizes(self._value(name, statement)) or []
            for number, size in enumerate(seen):
                for index in (number, number - len(seen)):
                    said = size, f"`{name}` has {seen}"
                    found[f"{name}.shape[{index}]"] = said
                    found[f"{name}.size({index})"] = said
                found.setdefault(f"len({name})", (seen[0], f"`{name}` has {seen}"))
        return found

    def _value(self, name: str, statement: int) -> Any:
        bound = self._bound[name]
        before = [value for number, value in bound if number <= statement]
        if before:
            return before[-1]
        return bound[0][1] if all(one[1] == bound[0][1] for one in bound) else None


def _constants(calls: list[Call]) -> dict[str, int]:
    """The numbers of a module that are written as constants are, `WIDTH = 8`."""
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


def _values(claim: Claim, call: Call, statement: int) -> list[Any]:
    lines = call.get("lines", {})
    if "," in claim.name:
        # `q, k = …`: the last that each of them was.
        names = lines.get(str(statement), {})
        parts = [names[one] for one in claim.name.split(", ") if names.get(one)]
        return [[values[-1] for values in parts]] if parts else []
    if claim.name in HANDED_OUT and statement < 0:
        return [
            value for names in lines.values() for value in names.get(claim.name, ())
        ]
    return seen_at(call, claim.name, statement)


def _check(claim: Claim, call: Call, known: _Known) -> Verdict:
    """The verdict for one call: that of the first place where the claim holds."""
    first = None
    for statement in claim.statements:
        found = _check_values(
            claim, _values(claim, call, statement), statement, call, known
        )
        if found.kind == "ok":
            return found
        first = first or found
    return first or Verdict(claim, "unseen")


def _check_values(
    claim: Claim, values: list[Any], statement: int, call: Call, known: _Known
) -> Verdict:
    worst = Verdict(claim, "unseen")
    several = len(values) > 1
    for value in values:
        tensors = list(_tensors(value))
        judged = (
            _one(claim, tensor, statement, call, known, several) for tensor in tensors
        )
        found = [one for one in judged if one]
        if isinstance(value, list) and value and not tensors:
            found = [_of_numbers(claim, value, known.at(statement, several))]
        if not found:
            continue
        # Of several results, any may be the one that is meant; so it is with several
        # names, unless they are of one kind.
        ranks = {len(sizes(tensor) or ()) for tensor in tensors}
        of_several = claim.name in HANDED_OUT or ("," in claim.name and len(ranks) > 1)
        pick = min if of_several and len(tensors) > 1 else max
        one = pick(found, key=lambda verdict: _RANK[verdict.kind])
        if _RANK[one.kind] > _RANK[worst.kind]:
            worst = one
    return worst


def _tensors(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _tensors(item)


def _of_numbers(
    claim: Claim, value: Sizes, known: dict[str, tuple[int, str]]
) -> Verdict:
    """The verdict where the shape itself was bound, `sizes = x.shape  # [2, 3]`."""
    if all(type(one) is int for one in value) and "," not in claim.name:
        for dimensions in claim.shapes:
            found = _match(dimensions, value, known)
            if not isinstance(found, dict) and found[0] == "size":
                return Verdict(claim, "size", f"was {value}: {found[1]}")
    return Verdict(claim, "ok")


def _one(
    claim: Claim, value: str, statement: int, call: Call, known: _Known, several: bool
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
    names_now = known.at(statement, several)
    if "(" in claim.text or ".shape[" in claim.text:
        names_now |= known.with_tensors(statement)
    for dimensions in claim.shapes:
        found = _match(dimensions, seen, names_now)
        if isinstance(found, dict):
            # What a loop binds again and again may be another size each time.
            if not several:
                for name, size in found.items():
                    known.learn(name, size, f"`{name}` is {size} in {claim.text}")
            return Verdict(claim, "ok")
        names = ", ".join(map(ast.unparse, dimensions))
        which = f"for `[{names}]`, " if len(claim.shapes) > 1 else ""
        verdict = Verdict(claim, found[0], f"was {shown}: {which}{found[1]}")
        if best is None or _RANK[verdict.kind] < _RANK[best.kind]:
            best = verdict
    return best


def _match(
    dimensions: Dimensions, seen: Sizes, known: dict[str, tuple[int, str]]
) -> dict[str, int] | tuple[str, str]:
    """What a shape teaches about its names, or how it contradicts what is seen."""
    count = sum(not _is_rest(one) for one in dimensions)
    if count > len(seen) or (count < len(seen) and count == len(dimensions)):
        return "rank", f"{len(seen)} dimensions, not {count}"
    where = next((n for n, one in enumerate(dimensions) if _is_rest(one)), len(seen))
    behind = len(dimensions) - where - 1
    pairs = list(zip(dimensions[:where], seen[:where], strict=True))
    if behind > 0:
        pairs += zip(dimensions[where + 1 :], seen[-behind:], strict=True)
    learnt: dict[str, int] = {}
    sizes_known = {name: size for name, (size, _) in known.items()}
    for expression, size in pairs:
        names = sizes_known | learnt
        expected = evaluate(expression, names)
        if expected is None:
            learnt |= _solve(expression, size, names)
        elif expected != size:
            whole = ast.unparse(expression)
            origins = [
                known[text][1]
                if (text := ast.unparse(node)) in known
                else f"`{text}` is {learnt[text]} in it"
                for node in ast.walk(expression)
                if isinstance(node, _UNKNOWN) and ast.unparse(node) in names
            ]
            because = f", but {' and '.join(origins)}" if origins else ""
            return "size", f"`{whole}` would be {size}{because}"
    return learnt


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
        known = _Known(call, {}).at(statement, False)
        for dimensions in claim.shapes:
            fits = isinstance(_match(dimensions, seen, known), dict)
            if fits and len(dimensions) == len(seen):
                return [
                    "" if isinstance(one, ast.Constant) else ast.unparse(one)
                    for one in dimensions
                ]
    return [""] * len(seen)


def _is_rest(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is ...


_UNKNOWN = ast.Name | ast.Attribute | ast.Subscript | ast.Call
_OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def evaluate(expression: ast.expr, names: dict[str, int]) -> float | None:
    """The size that an expression stands for, if all names in it are known."""
    if isinstance(expression, ast.Constant):
        return int(expression.value)  # type: ignore[arg-type]
    if isinstance(expression, ast.BinOp):
        left = evaluate(expression.left, names)
        right = evaluate(expression.right, names)
        if left is None or right is None:
            return None
        try:
            return float(_OPERATORS[type(expression.op)](left, right))
        except ZeroDivisionError:
            return None
    return names.get(ast.unparse(expression))


def _solve(expression: ast.expr, size: int, names: dict[str, int]) -> dict[str, int]:
    """The one unknown name of an expression, where the expression is linear in it."""
    unknown = {
        ast.unparse(node)
        for node in ast.walk(expression)
        if isinstance(node, _UNKNOWN) and ast.unparse(node) not in names
    }
    if len(unknown) != 1:
        return {}
    (name,) = unknown
    one, two, three = (
        evaluate(expression, names | {name: number}) for number in (1, 2, 3)
    )
    if one is None or two is None or three is None or three - two != two - one:
        return {}
    if not (slope := two - one):
        return {}
    solution = 1 + (size - one) / slope
    return {name: int(solution)} if solution == int(solution) else {}
