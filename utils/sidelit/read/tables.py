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

from ..syntax import Binding, Meaning, Names, Table, UseKind
from .scopes import Scope, Seen

Kind = Literal["class", "function", "variable", "import"]

# A branch of the code: the branch around it, the fork, and the way taken there.
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
#
# A place in a file is one number, by which uses can be sorted: the line, and behind so
# many bits the column.
_COLUMN = 32
_COLUMNS = (1 << _COLUMN) - 1


class UseTable:
    """
    The uses of names. Most of them share all but their place with others, so each is
    only a place and the number of its *meaning*. Those of variables come first, so the
    number of a variable is that of its meaning. `variable_of` has the variable of each
    name in `seen`, or -1.
    """

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self._numbers: dict[tuple[Scope, str], int] = {}
        self._other: dict[tuple[UseKind, str, int], int] = {}
        self._places: list[int] = []
        # Twice its meaning, and one more if it binds.
        self._meant: list[int] = []
        self.variable_of = self._variables()
        self._owners = list(self._numbers)
        self._counts = Counter(self._meant)

    def _variables(self) -> list[int]:
        """Whose a name is, is known when all of the file has been seen."""
        places, meant, found = self._places, self._meant, []
        for scope, name, line, start, binds in self.seen:
            # In `x = x`, a class reads the `x` of the module.
            if scope.since and not binds and line <= scope.since.get(name, 0):
                number = self._variable(scope, name, above=True)
            elif (number := scope.known.get(name, -2)) == -2:
                number = scope.known[name] = self._variable(scope, name)
            found.append(number)
            if number >= 0:
                places.append(line << _COLUMN | start)
                meant.append(number << 1 | binds)
        return found

    def _variable(self, scope: Scope, name: str, above: bool = False) -> int:
        holder: Scope | None = scope
        if name not in scope.bound or name in scope.elsewhere:
            of_self = name.startswith("self.")
            holder = scope.class_of("self") if of_self else scope.holder(name)
        if above and holder is scope:
            module = scope.module()
            holder = module if name in module.bound else None
        if holder is None:
            return -1
        return self._numbers.setdefault((holder, name), len(self._numbers))

    def owner(self, place: int) -> Scope | None:
        """The scope that a name in `seen` belongs to."""
        number = self.variable_of[place]
        return self._owners[number][0] if number >= 0 else None

    def bindings(self, without: set[int]) -> Counter[tuple[Scope, str]]:
        """How often a variable gets a value, `without` some places in `seen`."""
        counts = Counter(
            {one: self._counts[n << 1 | 1] for one, n in self._numbers.items()}
        )
        for place in without:
            number = self.variable_of[place] if place < len(self.seen) else -1
            if number >= 0 and self.seen[place][-1]:
                counts[self._owners[number]] -= 1
        return counts

    def add(
        self, kind: UseKind, line: int, start: int, text: str, scope: int = -1
    ) -> None:
        """Add a use that is no variable."""
        meaning = self._other.setdefault((kind, text, scope), len(self._other))
        self._places.append(line << _COLUMN | start)
        self._meant.append(len(self._owners) + meaning << 1)

    def add_chains(
        self, found: Sequence[tuple[int, Scope, str, int, int]], module: Scope | None
    ) -> None:
        """Attributes of names; with stars, the `module` may bind a name, too."""
        for place, scope, text, line, start in found:
            root = text[: text.index(".")]
            holder = self.owner(place)
            if root == "super()":
                # Of `super` there is only one, unless somebody took the name.
                holder = None if holder else scope.class_around()
            elif root in ("self", "cls"):
                holder = scope.class_of(root) or holder
            elif not holder:
                holder = module
            if holder and holder.key >= 0:
                self.add("name", line, start, text, holder.key)

    def add_starred(self) -> None:
        """Names that nothing binds but perhaps a star."""
        for number, seen in zip(self.variable_of, self.seen, strict=True):
            _, name, line, start, binds = seen
            if number < 0 and not binds and "." not in name:
                self.add("name", line, start, name, 0)

    def names(self) -> Names:
        """All of them, ordered by place."""
        names = Names(
            Meaning("variable", name, number, owner.key)
            for number, (owner, name) in enumerate(self._owners)
        )
        names.meanings += tuple(
            Meaning(kind, text, -1, scope) for kind, text, scope in self._other
        )
        places, meant = self._places, self._meant
        order = sorted(range(len(places)), key=places.__getitem__)
        names.lines.extend([places[n] >> _COLUMN for n in order])
        names.starts.extend([places[n] & _COLUMNS for n in order])
        names.meant.extend([meant[n] for n in order])
        return names


# ## Meanings
def forget_what_changes(
    tables: Sequence[Table],
    scopes: Sequence[Scope],
    counts: Counter[tuple[Scope, str]],
) -> None:
    """A variable that gets its value twice may be two things."""
    for table, scope in zip(tables, scopes, strict=True):
        for name, value in list(table.values.items()):
            # What the body of a class declares, it promises.
            in_body = table.kind == "class" and value.scope == table.key
            count = counts[scope, name] + counts[scope, f"self.{name}"]
            if count > 1 and not in_body:
                del table.values[name]


def give_meanings(
    tables: Sequence[Table],
    scopes: Sequence[Scope],
    bindings: Sequence[dict[str, list[Bound]]],
    counts: Counter[tuple[Scope, str]],
    arms: Sequence[Arm],
    stars: Sequence[int],
) -> None:
    """
    Fill the bindings of the tables. A class, function or import whose name is bound in
    yet another way, such as by `except … as`, may be meant or not. Variables of
    functions are left out, too.
    """
    for table, scope, all_bound in zip(tables, scopes, bindings, strict=True):
        for name, found in all_bound.items():
            if all(one.kind == "variable" for one in found):
                unclear = table.kind == "function"
            else:
                unclear = counts[scope, name] > len(found)
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
