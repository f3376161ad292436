r"""
---
title: What a function binds, and where
summary: >
  The functions of a Python file as a recorder and a checker see them: numbered
  statements, the names that each of them binds, and a hash that comments do not change.
---

# What a function binds, and where

Shapes are recorded while a program runs, and read when its pages are built, perhaps
months later. In between, somebody may add a comment, and all lines below it move. So
line numbers are a bad address for a shape. Statements are counted instead, from the
start of their function, and a hash of the function without its comments says whether
the count still holds.
"""

import ast
import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import Tokens, unique
from ..syntax import Function, Statement, Strings, Table, line_starts
from .definitions import Definition, FunctionDefinition
from .expressions import dotted, string
from .lexer import lex_python
from .parse import syntax_tree
from .scopes import Scope
from .uses import attributes_of
from .walk import Handler, Walk

# How a record calls what a statement hands out.
HANDED_OUT = ("return", "yield")


@dataclass(slots=True)
class _Found:
    """A statement so far."""

    first: int
    last: int
    targets: dict[str, None]
    body: int = -1
    returns: bool = False
    yields: bool = False


@dataclass(slots=True)
class _Open:
    """A function so far. `roots` are its arguments and those of functions around it."""

    parameters: tuple[str, ...]
    roots: frozenset[str]
    keywords: bool
    table: Table | None = None
    chains: set[str] = field(default_factory=set)
    statements: list[_Found] = field(default_factory=list)


class Statements:
    """
    ## Statements

    What a walk tells of statements, function by function. `owner` are the
    statements of the function or module that the walk is in, or `None` in the body of a
    class, and `node` is the one that it has begun.
    """

    def __init__(self) -> None:
        self.module: list[_Found] = []
        self.functions: list[_Open] = []
        self.around: list[_Open] = []
        self.owner: list[_Found] | None = None
        self.node: ast.stmt | None = None
        self.docstring: ast.stmt | None = None
        self.explaining: set[ast.stmt] = set()

    def open(self, node: FunctionDefinition) -> None:
        """A function begins, with its decorators."""
        self.node = None
        arguments = node.args
        every = (
            *arguments.posonlyargs,
            *arguments.args,
            arguments.vararg,
            *arguments.kwonlyargs,
            arguments.kwarg,
        )
        parameters = tuple(one.arg for one in every if one)
        roots = frozenset(parameters)
        if self.around:
            roots |= self.around[-1].roots
        function = _Open(parameters, roots, arguments.kwarg is not None)
        self.functions.append(function)
        self.around.append(function)

    def close(self, _: None) -> None:
        """A function ends. What it looks at, those around it look at as well."""
        function = self.around.pop()
        if self.around:
            self.around[-1].chains |= function.chains

    def enter(self, node: ast.AST, table: Table, documented: bool) -> None:
        """The body of a scope begins; a docstring counts as little as a comment."""
        self.node = None
        if isinstance(node, ast.ClassDef):
            self.owner = None
            return
        self.owner = self.module
        if isinstance(node, FunctionDefinition):
            self.around[-1].table = table
            self.owner = self.around[-1].statements
        if documented and isinstance(node, ast.Module | FunctionDefinition):
            self.docstring = node.body[0]

    def leave(self, owner: list[_Found] | None) -> None:
        """It ends, and the scope around it goes on."""
        self.owner, self.node = owner, None

    def pause(self, _: ast.AST) -> None:
        """What comes next belongs to no statement."""
        self.node = None

    def begin(self, node: ast.stmt) -> None:
        found = self.owner
        if found is None or node is self.docstring or node in self.explaining:
            self.node = None
            return
        self.node = node
        first = node.lineno
        last = node.end_lineno or first
        kind = type(node)
        if kind in _BLOCKS:
            last = max([first, *(one.end_lineno or 0 for one in _header(node))])
        targets: dict[str, None] = {}
        if kind in _BINDING:
            targets = dict.fromkeys(_targets(node))
        returns = kind is ast.Return
        # `a = 1; b = 2`: nobody can tell when the first of them is done.
        if found and found[-1].last == first:
            before = found[-1]
            before.last = max(before.last, last)
            before.targets |= targets
            before.returns |= returns
        else:
            found.append(_Found(first, last, targets, -1, returns))

    def end(self, statement: tuple[list[_Found] | None, int]) -> None:
        """All that stands in a `for` or `with` has been visited."""
        found, number = statement
        if found and number + 1 < len(found):
            found[number].body = number + 1

    def walrus(self, _: ast.AST) -> None:
        """The statement may bind names inside of an expression."""
        if self.node and self.owner:
            names = (
                part.target.id
                for part in _parts(self.node)
                if isinstance(part, ast.NamedExpr)
            )
            self.owner[-1].targets |= dict.fromkeys(names)

    def yields(self, _: ast.AST) -> None:
        """The statement may yield, or a lambda in it does."""
        if self.node and self.owner and not self.owner[-1].yields:
            self.owner[-1].yields = any(
                isinstance(part, ast.Yield | ast.YieldFrom)
                for part in _parts(self.node)
            )

    def chain(self, node: ast.Attribute) -> None:
        """Attributes are looked at."""
        root, nodes = attributes_of(node)
        if not isinstance(root, ast.Name):
            return
        text = root.id
        if self.around and text in self.around[-1].roots:
            for one in nodes:
                text = f"{text}.{one.attr}"
                self.around[-1].chains.add(text)

    def result(
        self, lines: list[str], margin: list[tuple[int, int]]
    ) -> Iterator[Function]:
        """
        All functions, the module itself first, given the lines of the file without
        prose and those that the module's own statements take up.
        """
        source = [line for first, last in margin for line in lines[first - 1 : last]]
        yield Function("", 1, len(lines), digest(source), (), (), _frozen(self.module))
        taken: set[str] = set()
        for one in self.functions:
            table = one.table
            assert table is not None
            # A getter and its setter have one name, and stay two functions.
            qualname = unique(table.qualname, taken, "#")
            parameters = {*one.parameters}
            chains = (
                text for text in one.chains if text[: text.index(".")] in parameters
            )
            yield Function(
                qualname,
                table.begin,
                table.end,
                digest(lines[table.begin - 1 : table.end]),
                one.parameters,
                tuple(sorted(chains)),
                _frozen(one.statements),
                one.keywords,
            )


def _frozen(found: list[_Found]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            one.first, one.last, tuple(one.targets), one.body, one.returns, one.yields
        )
        for one in found
    )


_BINDING = {ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.AsyncFor}
_BINDING |= {ast.With, ast.AsyncWith}
_BLOCKS = {ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith}
_BLOCKS |= {ast.Try, ast.TryStar, ast.Match}


def _header(node: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement that are not in its body."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr
            if child.optional_vars:
                yield child.optional_vars


def _targets(node: ast.stmt) -> Iterator[str]:
    waiting: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        waiting = node.targets[::-1]
    elif isinstance(node, ast.AugAssign | ast.For | ast.AsyncFor) or (
        isinstance(node, ast.AnnAssign) and node.value
    ):
        waiting = [node.target]
    elif isinstance(node, ast.With | ast.AsyncWith):
        found = [item.optional_vars for item in node.items if item.optional_vars]
        waiting = found[::-1]
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Tuple | ast.List):
            waiting += target.elts[::-1]
        elif isinstance(target, ast.Starred):
            waiting.append(target.value)
        elif name := dotted(target):
            yield name


def _parts(node: ast.stmt) -> Iterator[ast.AST]:
    """All that a statement itself runs, without its body and other functions."""
    stack: list[ast.AST] = [*_header(node)]
    while stack:
        child = stack.pop()
        yield child
        if not isinstance(child, ast.Lambda):
            stack += ast.iter_child_nodes(child)


class _Walk(Walk):
    """The walk over a tree that tells of its statements as well."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "", False)
        self.statements = Statements()
        self.statements.explaining = self.explaining

    def _handlers(self) -> dict[type, Handler]:
        found, statements = super()._handlers(), self.statements

        def before(first: Handler, kinds: Iterable[type]) -> None:
            for kind in kinds:
                found[kind] = _both(first, found.get(kind, self._children))

        before(self._end, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith))
        definitions = {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}
        before(statements.begin, {*ast.stmt.__subclasses__()} - definitions)
        before(statements.pause, (ast.ClassDef, ast.ExceptHandler, ast.match_case))
        before(statements.yields, (ast.Yield, ast.YieldFrom))
        before(statements.walrus, (ast.NamedExpr,))
        before(statements.chain, (ast.Attribute,))
        return found

    def _end(self, _: ast.stmt) -> None:
        owner = self.statements.owner
        self._step(self.statements.end, (owner, len(owner or ()) - 1))

    def _function(self, node: FunctionDefinition) -> None:
        self.statements.open(node)
        self._step(self.statements.close)
        super()._function(node)

    def _open(self, node: ast.Module | Definition, scope: Scope) -> None:
        self._step(self.statements.leave, self.statements.owner)
        super()._open(node, scope)
        documented = bool(node.body) and string(node.body[0]) is not None
        self.statements.enter(node, self.table, documented)


def _both(first: Handler, second: Handler) -> Handler:
    def both(node: Any) -> None:
        first(node)
        second(node)

    return both


def functions(text: str) -> tuple[Function, ...]:
    """
    All functions of a text, the module itself first. Raises `SyntaxError` for text that
    is not valid Python.
    """
    tree, walk = syntax_tree(text), _Walk(text)
    walk.run(tree)
    margin = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in tree.body
        if not isinstance(node, Definition)
    ]
    lines = without_prose(text, lex_python(text), walk.strings)
    return tuple(walk.statements.result(lines, margin))


# ## The hash
#
# What Python's versions make of a tree differs; the text does not.
def digest(lines: Sequence[str]) -> str:
    """The hash of lines without their margin and without empty ones among them."""
    margin = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    code = "\n".join(line[margin:].rstrip() for line in lines if line.strip())
    return hashlib.blake2b(code.encode(), digest_size=8).hexdigest()


def without_prose(text: str, tokens: Tokens, strings: Sequence[Strings]) -> list[str]:
    """The lines of a file without comments and docstrings."""
    pieces, plain = [], 0
    starts = line_starts(text.split("\n"))
    for number, kind in enumerate(tokens.kinds):
        if kind == "c":
            pieces.append(text[plain : tokens.starts[number]])
            plain = tokens.ends[number]
    lines = ("".join(pieces) + text[plain:]).split("\n")
    # From the end, so that what stands before a string is still where it was.
    for one in reversed(strings):
        first = bisect_right(starts, one.start) - 1
        last = bisect_right(starts, one.end) - 1
        before = lines[first][: one.start - starts[first]]
        behind = lines[last][one.end - starts[last] :]
        lines[first : last + 1] = ["" for _ in range(first, last + 1)]
        lines[first] = before + behind
    return lines
