r"""
---
title: What Python says of a file
summary: >
  Plain data that holds all that later steps ask of the syntax of a Python file, so that
  none of them has to parse it again.
---

# What Python says of a file

A file is parsed once, when it is [read](read/syntax.py). What its syntax tree has to
say is kept here as numbers and texts, small enough to keep for every file of a site and
free of the tree itself.

Lines count from 1; columns and offsets count characters. Modules, classes and functions
are *scopes*, numbered in the order in which they appear; the module is number 0. Where
something is in the file is kept apart from what it is, so an edit that only moves lines
leaves a module's [interface](#Module.interface) alone.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import add
from typing import Literal, NamedTuple


def line_starts(lines: Sequence[str]) -> list[int]:
    """The offset of each line of a text, and of one behind the last."""
    return list(accumulate(map(add, map(len, lines), repeat(1)), initial=0))


# ## Names and scopes
class Binding(NamedTuple):
    """
    ### A binding

    What a name means in a scope: a class or function with the number of its `scope`, a
    variable, or an import with the `target` that it stands for, `package.module` or
    `package.module:name`. `stars` counts the `from … import *` above it. An import has
    no `column`.
    """

    kind: Literal["class", "function", "variable", "import"]
    line: int
    column: int
    target: str = ""
    scope: int = -1
    stars: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """
    ### The value of a variable

    The class that the source gives to a variable, as a text to be resolved in a scope:
    that of an annotation (`x: A`), of what is called (`x = A()`), or of another
    variable (`self.x = x`).
    """

    form: Literal["annotation", "call", "variable"]
    scope: int
    text: str


@dataclass(slots=True)
class Table:
    """
    ### A scope and what it binds

    * `key` is its number and `outer` that of the scope around it, -1 for the module
    * `begin` is its first line, decorators included; `first` and `last` are the lines
      of its header, and `end` is its last line
    * `column` is where its name stands on the line `first`, or -1 if the name may also
      mean something else
    * `decorators` are the last words of their names, such as `setter`
    * `bases` are those of a class as they are written, with `?` for what is no name
    * `fields` are the variables of a class that a dataclass takes for its fields
    * `bindings` have the one meaning of each name that has one; a name that is only a
      variable of a function is not among them
    * `attributes` is where `self.x` gets its first value
    * `bound` are all names that it binds
    * `values` says of variables what they are, `self.x` among those of its class
    * `returns` is what a function returns, and `getter` that one need not call it
    * `receiver` is the parameter of a method that is its instance or its class
    * `spoken` are names that prose may speak of: arguments, attributes that get a
      value, imports, classes and functions, and the variables of a module or class
    """

    kind: str
    key: int
    name: str
    qualname: str
    outer: int
    begin: int = 0
    first: int = 0
    last: int = 0
    end: int = 0
    column: int = -1
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    bindings: dict[str, Binding] = field(default_factory=dict)
    attributes: dict[str, tuple[int, int]] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    values: dict[str, Value] = field(default_factory=dict)
    returns: Value | None = None
    getter: bool = False
    receiver: str = ""
    spoken: tuple[str, ...] = ()


UseKind = Literal["variable", "name", "import"]


class Use(NamedTuple):
    """
    ### A use of a name

    Where it stands and its text, such as `x` or `self.x`, of which the last part stands
    there.

    * A `variable` has a number that all its uses share; `binds` says that it gets a
      value here, and `scope` is the one that it belongs to, -1 if that has no name.
    * A `name` is anything else that may lead somewhere, such as `nn.Linear`; `scope`
      binds its first part.
    * An `import` has the absolute path that a word of an import stands for, such as
      `package.module` or `package.module:name`.
    """

    kind: UseKind
    line: int
    start: int
    end: int
    text: str
    variable: int = -1
    binds: bool = False
    scope: int = -1


class Meaning(NamedTuple):
    """
    ### A meaning

    What many uses share: all that a use says but its place and whether it binds.
    """

    kind: UseKind
    text: str
    variable: int = -1
    scope: int = -1

    @property
    def width(self) -> int:
        """The length of the word that stands there."""
        return len(self.text.rpartition(":")[2].rpartition(".")[2])


class Names:
    """
    ### The names of a file

    All uses, ordered by place. They are kept in plain columns, because a large site has
    millions of them: `lines` and `starts` say where each stands, and `meant` is twice
    the place of its meaning in `meanings`, and one more if it binds.
    """

    __slots__ = ("lines", "meanings", "meant", "starts")

    def __init__(self, meanings: Iterable[Meaning] = ()) -> None:
        self.meanings = tuple(meanings)
        self.lines, self.starts, self.meant = (array("I") for _ in range(3))

    def __iter__(self) -> Iterator[Use]:
        known = [(*one, one.width) for one in self.meanings]
        for line, start, meant in zip(self.lines, self.starts, self.meant, strict=True):
            kind, text, variable, scope, width = known[meant >> 1]
            binds = meant & 1 == 1
            yield Use(kind, line, start, start + width, text, variable, binds, scope)

    def imported(self) -> tuple[str, ...]:
        """The absolute paths that the words of its imports stand for, each once."""
        return tuple(one.text for one in self.meanings if one.kind == "import")


@dataclass(frozen=True, slots=True)
class Module:
    """
    ### A module

    * `names` are the names in it
    * `tables` are its scopes, each at its number
    * `stars` are the modules of which it imports everything, in order; an empty text is
      one that nobody knows
    * `imports` are all modules that its imports name
    * `exports` is what `__all__` holds, if it is a plain list
    """

    names: Names
    tables: tuple[Table, ...]
    stars: tuple[str, ...]
    imports: frozenset[str]
    exports: tuple[str, ...] | None

    def spoken(self) -> set[str]:
        """The names of the file that prose may speak of."""
        return {name for table in self.tables for name in table.spoken}

    def members(self) -> dict[str, set[str]]:
        """Those of them that stand in the body of a class, by the name of the class."""
        inside = [{*table.spoken} for table in self.tables]
        found: dict[str, set[str]] = {}
        for table in reversed(self.tables[1:]):
            if table.kind == "class":
                found.setdefault(table.name, set()).update(inside[table.key])
            inside[table.outer] |= inside[table.key]
        return found

    def interface(self) -> bytes:
        """
        A hash of all that a link from another file, or the anchor of a name, can depend
        on. Lines and columns do not count, nor do the variables of a function that
        nothing outside leads through.
        """
        needed = self._needed()
        parts = [
            (
                table.kind,
                table.qualname,
                table.outer,
                table.column >= 0,
                table.bases,
                table.returns and _value(table.returns),
                table.getter,
                table.receiver,
                [
                    (name, one.kind, one.target, one.scope, one.stars)
                    for name, one in table.bindings.items()
                ],
                [*table.attributes],
                sorted(table.bound),
                [(name, _value(one)) for name, one in table.values.items()],
            )
            if table.key in needed
            else (
                table.kind,
                table.qualname,
                table.outer,
                table.column >= 0,
                table.returns and _value(table.returns),
                table.getter,
            )
            for table in self.tables
        ]
        whole = repr((parts, self.stars, sorted(self.imports), self.exports))
        return hashlib.blake2b(whole.encode(), digest_size=16).digest()

    def _needed(self) -> set[int]:
        """The scopes whose own names matter to others."""
        found = {one.key for one in self.tables if one.kind != "function"}
        waiting = [*found]
        while waiting:
            table = self.tables[waiting.pop()]
            around = {value.scope for value in table.values.values()} | {table.outer}
            waiting += around - found - {-1}
            found |= around
        return found


def _value(value: Value) -> tuple[str, int, str]:
    return value.form, value.scope, value.text


# ## Functions as a record sees them
class Statement(NamedTuple):
    """
    ### A statement

    From its first to its last line; one that holds others ends with its header.
    `targets` are the names and attributes that it binds. Those of `for` and `with` are
    bound when `body`, the number of the first statement in it, is reached; otherwise
    `body` is −1. `returns` says that it ends the function, and `yields` that it hands
    something out in between.
    """

    first: int
    last: int
    targets: tuple[str, ...]
    body: int = -1
    returns: bool = False
    yields: bool = False

    @property
    def gives(self) -> str:
        """How a record calls what it hands out, if it does."""
        return "return" if self.returns else "yield" if self.yields else ""


@dataclass(frozen=True, slots=True)
class Function:
    """
    ### A function

    Or with an empty `qualname` the module around them all.

    * `first` is the line where it begins, decorators included, and `last` its last one
    * `digest` is the hash of its source without comments, docstrings and empty lines
    * `parameters` are its arguments in order
    * `chains` are the attributes of arguments that it looks at, such as `self.d_k`
    * `keywords` says that it takes any keyword argument
    """

    qualname: str
    first: int
    last: int
    digest: str
    parameters: tuple[str, ...]
    chains: tuple[str, ...]
    statements: tuple[Statement, ...]
    keywords: bool = False

    @property
    def name(self) -> str:
        """The name that Python gives to its code."""
        return self.qualname.rpartition(".")[2].partition("#")[0] or "<module>"

    @property
    def gives(self) -> str:
        """How a record calls what it gives back: a generator yields."""
        yields = any(one.yields for one in self.statements)
        return "yield" if yields else "return"


# ## Pieces of the text
@dataclass(frozen=True, slots=True)
class Strings:
    """
    ### Strings in front

    The strings that the body of a scope begins with: its docstring from `start` to
    `end`, and the strings right behind it, up to `stop`. Once the first is gone, Python
    would take the next one for the docstring. `alone` says that there is nothing else
    in the body. A string that explains the variable above it has the scope -1.
    """

    scope: int
    start: int
    end: int
    stop: int
    alone: bool

    @property
    def of_module(self) -> bool:
        return not self.scope


class Explained(NamedTuple):
    """
    ### A variable that is explained

    The first and the last line of the statement that gives a variable its value, and
    where the string behind it begins that explains it. For a comment `#:` above it,
    `string` is -1.
    """

    first: int
    last: int
    string: int = -1


class TopLevel(NamedTuple):
    """
    ### A statement at the margin

    Its first line, decorators included, and its last one. `is_program` says that it is
    `if __name__ == "__main__":`. A class or function that consists of one string is
    `hollow`: the line and column of that string, where `pass` must stand without it.
    """

    first: int
    last: int
    is_program: bool = False
    hollow: tuple[int, int] | None = None

    @property
    def lines(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class RelativeImport:
    """
    ### A relative import

    `from . import x`: its lines, the column where it begins, and the absolute `name` of
    the module that it imports from.
    """

    first: int
    last: int
    column: int
    name: str


@dataclass(frozen=True, slots=True)
class Syntax:
    """
    ## The syntax of a file

    * `module` has its scopes and names
    * `strings` are the docstrings, in the order of the file
    * `explained` are the variables that have one, or a comment that is as good
    * `statements` are those at the margin
    * `reads` holds those of the names `__doc__` and `__file__` that the code reads
    * `builds_on` are the dotted names that it imports, whole and each once, without
      what only a type checker imports
    * `known` are the names that its imports make known, and the packages that they take
      them from
    * `relative_imports` are in the order of the file
    """

    module: Module
    strings: tuple[Strings, ...]
    explained: tuple[Explained, ...]
    statements: tuple[TopLevel, ...]
    reads: frozenset[str]
    builds_on: tuple[str, ...]
    known: frozenset[str]
    relative_imports: tuple[RelativeImport, ...]
