r"""
---
title: Dimensions in prose
summary: >
  Reads the sizes that prose writes down, such as `[batch, 2 * tokens, ...]`, and
  compares them with those of a tensor.
---

# Dimensions in prose

A shape in prose is a list of expressions: numbers, names, and sums and products of
them. Together with the sizes of a tensor, it is a system of equations. `[batch, 2 * d]`
and `[4, 6]` imply that `batch` is 4 and `d` is 3, or contradict what was known before.
"""

import ast
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Dimensions = tuple[ast.expr, ...]

# What is longer is not read. So no expression is nested too deep for recursion, and no
# number is too large to compute with.
MAX_TEXT = 200


def parse(text: str) -> Dimensions | None:
    """
    The dimensions of `[batch, 1 + patches, ...]` as expressions of Python, and `None`
    for what is no list of sizes.
    """
    if len(text) > MAX_TEXT:
        return None
    inner = re.sub(r"[×·⋅]|(?<=[\w)])\s+x\s+(?=[\w(])", "*", text[1:-1].strip(" \n,"))
    # `2d` is a product, and `batch size` one name.
    inner = re.sub(r"(?<![\w.])(\d+)[ \t]*(?=[A-Za-z_])", r"\1*", inner)
    inner = re.sub(r"(?<=\w)[ \t\n]+(?=[A-Za-z_])", "_", inner)
    # A star on its own stands for any sizes, as three dots do.
    inner = re.sub(r"(?:^|(?<=,))\s*\*\s*(?=,|$)", "...", inner)
    try:
        tree = ast.parse(f"({inner},)" if inner else "()", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(tree, ast.Tuple):
        return None
    # Where several groups of any size would begin and end, nobody can tell.
    sized = [dimension for dimension in tree.elts if not _is_rest(dimension)]
    if len(sized) < len(tree.elts) - 1 or not all(map(_is_size, sized)):
        return None
    # A single name in capitals, such as the token `[CLS]`, is most likely no shape.
    if len(tree.elts) == 1 and text.isupper():
        return None
    return tuple(tree.elts)


def _is_rest(expression: ast.expr) -> bool:
    """Whether it is `...`, which stands for any number of dimensions."""
    return isinstance(expression, ast.Constant) and expression.value is ...


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return (
            isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv)
            and _is_size(node.left)
            and _is_size(node.right)
        )
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    if isinstance(node, ast.Attribute):
        return _is_size(node.value)
    return isinstance(node, ast.Name) or bool(_OF_TENSOR.fullmatch(ast.unparse(node)))


_OF_TENSOR = re.compile(r"[\w.]+\.(?:shape\[-?\d+\]|size\(-?\d+\))|len\([\w.]+\)")


# ## What a shape teaches
class KnownSize(NamedTuple):
    """A size, and a clause that says where it is known from."""

    size: int
    origin: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How a shape contradicts a tensor: in `rank` or `size`, and in words."""

    kind: str
    why: str


def match(
    dimensions: Dimensions, seen: Sequence[int], known: Mapping[str, KnownSize]
) -> dict[str, int] | Mismatch:
    """
    The sizes by name that the dimensions teach beside those of a tensor, or how they
    contradict it, given what is known.
    """
    count = sum(not _is_rest(dimension) for dimension in dimensions)
    if count > len(seen) or (count < len(seen) and count == len(dimensions)):
        return Mismatch("rank", f"{len(seen)} dimensions, not {count}")
    # What stands before `...` is counted from the left, and the others from the right.
    before = next(
        (index for index, dimension in enumerate(dimensions) if _is_rest(dimension)),
        len(seen),
    )
    behind = len(dimensions) - before - 1
    pairs = list(zip(dimensions[:before], seen[:before], strict=True))
    if behind > 0:
        pairs += zip(dimensions[before + 1 :], seen[-behind:], strict=True)
    learnt: dict[str, int] = {}
    known_sizes = {name: size for name, (size, _) in known.items()}
    for expression, size in pairs:
        names = known_sizes | learnt
        expected = evaluate(expression, names)
        if expected is None:
            learnt |= _solve(expression, size, names)
        elif expected != size:
            origins = [
                known[name].origin
                if name in known
                else f"`{name}` is {learnt[name]} in it"
                for name in _names(expression)
                if name in names
            ]
            because = f", but {' and '.join(origins)}" if origins else ""
            why = f"`{ast.unparse(expression)}` would be {size}{because}"
            return Mismatch("size", why)
    return learnt


def _names(expression: ast.expr) -> list[str]:
    """All that stands for a size in an expression and is no number, as text."""
    return [
        _text(node)
        for node in ast.walk(expression)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    ]


def _text(expression: ast.expr) -> str:
    # Nearly all are plain names, and `unparse` takes its time.
    if isinstance(expression, ast.Name):
        return expression.id
    return ast.unparse(expression)


_OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def evaluate(expression: ast.expr, names: Mapping[str, int]) -> float | None:
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
    return names.get(_text(expression))


def _solve(expression: ast.expr, size: int, names: Mapping[str, int]) -> dict[str, int]:
    """The value of the one unknown name, if the expression is linear in it."""
    unknown = {name for name in _names(expression) if name not in names}
    if len(unknown) != 1:
        return {}
    (name,) = unknown
    # Three points show whether it is a line, and two of them where it reaches the size.
    at_1, at_2, at_3 = (
        evaluate(expression, {**names, name: value}) for value in (1, 2, 3)
    )
    if at_1 is None or at_2 is None or at_3 is None:
        return {}
    slope = at_2 - at_1
    if not slope or at_3 - at_2 != slope:
        return {}
    solution = 1 + (size - at_1) / slope
    return {name: int(solution)} if solution == int(solution) else {}
