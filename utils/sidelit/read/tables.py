r"""
---
title: From what was seen to what it means
summary: >
  When all of a file has been seen: which names are one variable, which meaning of a
  name counts, and which values are certain.
---

# From what was seen to what it means
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..syntax import Binding, Table
from .scopes import Scope, Seen

Kind = Literal["class", "function", "variable", "import"]

# Line, start, end, kind, text, variable, whether it binds, and scope.
Row = tuple[int, int, int, str, str, int, bool, int]
# Where a branch stands: in which other one, at which fork, and which way.
Arm = tuple[int, int, int]


@dataclass(slots=True)
class Bound:
    """
    A place where a scope gives a name a meaning. `arm` is the branch that it stands in,
    and `minor` says that others are more to the point: `x = None` above an import, an
    overload, a setter. `assigned` is a plain `x = …` of a module or class.
    """

    kind: Kind
    line: int
    column: int
    target: str
    scope: int
    arm: int
    minor: bool = False
    assigned: bool = False


# ## Uses
def variables(seen: Sequence[Seen], held: Sequence[Scope | None]) -> Iterator[Row]:
    """The uses whose variable is known, in the order in which they were seen."""
    numbers: dict[tuple[Scope, str], int] = {}
    for (_, name, line, start, binds), holder in zip(seen, held, strict=True):
        if holder:
            number = numbers.setdefault((holder, name), len(numbers))
            end = start + len(name)
            start = end - len(name.rpartition(".")[2])
            yield line, start, end, "variable", name, number, binds, holder.key


def chains(
    found: Sequence[tuple[int, Scope, str, int, int]],
    held: Sequence[Scope | None],
    module: Scope | None,
) -> Iterator[Row]:
    """Attributes of names; with stars, the `module` may bind a name, too."""
    for place, scope, text, line, start in found:
        root, _, attribute = text.partition(".")
        holder = held[place]
        if root == "super()":
            # Of `super` there is only one, unless somebody took the name.
            holder = None if holder else scope.class_around()
        elif root in ("self", "cls"):
            holder = scope.class_of(root) or holder
        elif not holder:
            holder = module
        if holder and holder.key >= 0:
            end = start + len(attribute.rpartition(".")[2])
            yield line, start, end, "name", text, -1, False, holder.key


def starred(seen: Sequence[Seen], held: Sequence[Scope | None]) -> Iterator[Row]:
    """Names that nothing binds but perhaps a star."""
    for (_, name, line, start, binds), holder in zip(seen, held, strict=True):
        if not (holder or binds) and "." not in name:
            yield line, start, start + len(name), "name", name, -1, False, 0


# ## Meanings
def forget_what_changes(
    tables: Sequence[Table], counts: Counter[tuple[int, str]]
) -> None:
    """A variable that gets its value twice may be two things."""
    for table in tables:
        for name, value in list(table.values.items()):
            # What the body of a class declares, it promises.
            in_body = table.kind == "class" and value.scope == table.key
            count = counts[table.key, name] + counts[table.key, f"self.{name}"]
            if count > 1 and not in_body:
                del table.values[name]


def give_meanings(
    tables: Sequence[Table],
    bindings: Sequence[dict[str, list[Bound]]],
    counts: Counter[tuple[int, str]],
    arms: Sequence[Arm],
    stars: Sequence[int],
) -> None:
    """
    Fill the bindings of the tables. A class, function or import whose name is bound in
    yet another way, such as by `except … as`, may be meant or not. Variables of
    functions are left out, too.
    """
    for table, all_bound in zip(tables, bindings, strict=True):
        for name, found in all_bound.items():
            if all(one.kind == "variable" for one in found):
                unclear = table.kind == "function"
            else:
                unclear = counts[table.key, name] > len(found)
            if unclear:
                continue
            for one in found:
                if one.scope >= 0 and tables[one.scope].outer == table.key:
                    tables[one.scope].column = one.column
            if meant := _meant(found, arms):
                above = sum(line < meant.line for line in stars)
                table.bindings[name] = Binding(
                    meant.kind,
                    meant.line,
                    meant.column,
                    meant.target,
                    meant.scope,
                    0 if table.key else above,
                )


def _meant(found: list[Bound], arms: Sequence[Arm]) -> Bound | None:
    """The one of these that can be meant, if there is one."""
    found = [one for one in found if not one.minor] or found[:1]
    sure = [one for one in found if one.kind != "variable"]
    if not sure:
        return found[0]
    first, *others = sure
    # Behind its class, `A = decorated(A)` is still about that class.
    rivals = [one for one in others if (one.target or 0) != first.target]
    rivals += [
        one
        for one in found
        if one.kind == "variable" and (first.kind == "import" or not one.assigned)
    ]
    if not rivals:
        return first
    taken = dict(_forks(first.arm, arms))
    exclude = (
        any(taken.get(fork, arm) != arm for fork, arm in _forks(one.arm, arms))
        for one in rivals
    )
    return first if all(exclude) else None


def _forks(arm: int, arms: Sequence[Arm]) -> Iterator[tuple[int, int]]:
    """The forks around a branch and the way that leads to it, from the inside out."""
    while arm:
        arm, fork, way = arms[arm]
        yield fork, way
