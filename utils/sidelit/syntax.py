r"""
---
title: What Python says of a file
summary: >
  Plain data that holds all that later steps ask of the syntax of a Python file, so that
  none of them has to parse it again.
---

# What Python says of a file

A file is parsed once, when it is [read](read/walk.py). What the syntax tree has to say
is kept here as numbers and texts, small enough to keep for every file of a site and
free of the tree itself. Lines count from 1; columns and offsets count characters.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strings:
    """
    ## Strings in front

    The strings that the body of a module, class or function begins with: its docstring
    from `start` to `end`, and the strings right behind it, up to `stop`. Once the first
    is gone, Python would take the next one for the docstring. `alone` says that there
    is nothing else in the body.
    """

    of_module: bool
    start: int
    end: int
    stop: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """
    ## A statement at the margin

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
    ## A relative import

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

    * `strings` are the docstrings, in the order of the file
    * `statements` are those at the margin
    * `reads` holds those of the names `__doc__` and `__file__` that the code reads
    * `builds_on` are the dotted names that it imports, whole and each once, without
      what only a type checker imports
    * `relative_imports` are in the order of the file
    """

    strings: tuple[Strings, ...]
    statements: tuple[Statement, ...]
    reads: frozenset[str]
    builds_on: tuple[str, ...]
    relative_imports: tuple[RelativeImport, ...]
