r"""
---
title: What a function binds, and where
summary: >
  The functions of a Python file as a recorder and a checker see them: numbered
  statements, the names that each of them binds, and a hash that comments do not change.
---

# What a function binds, and where

Shapes are noted while a program runs and looked at when its pages are built, perhaps
months later. In between, somebody may add a comment, and all lines below it move. So a
line is no good place to keep a note at. Statements are counted instead, from the
beginning of their function, and a hash of the function without its comments says
whether the count still holds.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..model import unique
from .lexer import lex_python
from .walk import Definition, syntax_tree

# How a record calls what a statement hands out.
HANDED_OUT = ("return", "yield")

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A statement from its first to its last line; one that holds others ends with its
    header. `targets` are the names and attributes that it binds. Those of `for` and
    `with` are bound when `body`, the number of the first statement in it, is reached;
    otherwise `body` is −1. `returns` says that it ends the function, and `yields` that
    it hands something out in between.
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
    A function, or with an empty `qualname` the module around them all.

    * `first` is the line where it begins, decorators included, and `last` its last one
    * `digest` is the hash of its source without comments, docstrings and empty lines
    * `parameters` are its arguments in order
    * `chains` are the attributes of arguments that it looks at, such as `self.d_k`
    """

    qualname: str
    first: int
    last: int
    digest: str
    parameters: tuple[str, ...]
    chains: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def name(self) -> str:
        """The name that Python gives to its code."""
        return self.qualname.rpartition(".")[2].partition("#")[0] or "<module>"

    @property
    def gives(self) -> str:
        """How a record calls what it gives back: a generator yields."""
        yields = any(one.yields for one in self.statements)
        return "yield" if yields else "return"


def functions(text: str, tree: ast.Module | None = None) -> list[Function]:
    """
    All functions of a file, the module itself first. Raises `SyntaxError` for text that
    is not valid Python.
    """
    tree = tree or syntax_tree(text)
    lines = without_prose(text, tree)
    found = [_module(tree, lines)]
    taken: set[str] = set()

    # Trees may be deeper than Python's stack, so this is no recursion.
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, outer = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # A getter and its setter have one name, and stay two functions.
            qualname = unique(outer + node.name, taken, "#")
            found.append(_function(node, qualname, lines))
        if isinstance(node, Definition):
            outer += f"{node.name}."
        stack += [(child, outer) for child in ast.iter_child_nodes(node)][::-1]
    return found


def _module(tree: ast.Module, lines: list[str]) -> Function:
    own = [node for node in tree.body if not isinstance(node, Scope)]
    spans = ((node.lineno, node.end_lineno or node.lineno) for node in own)
    source = [line for first, last in spans for line in lines[first - 1 : last]]
    statements = tuple(_statements(_code(tree)))
    return Function("", 1, len(lines), digest(source), (), (), statements)


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str, lines: list[str]
) -> Function:
    first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
    last = node.end_lineno or node.lineno
    parameters = tuple(_parameters(node.args))
    chains = (
        chain
        for child in ast.walk(node)
        if isinstance(child, ast.Attribute) and (chain := dotted(child))
    )
    return Function(
        qualname,
        first,
        last,
        digest(lines[first - 1 : last]),
        parameters,
        tuple(
            sorted({one for one in chains if one[: one.index(".")] in set(parameters)})
        ),
        tuple(_statements(_code(node))),
    )


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *([arguments.vararg] if arguments.vararg else ()),
        *arguments.kwonlyargs,
        *([arguments.kwarg] if arguments.kwarg else ()),
    ):
        yield argument.arg


def dotted(node: ast.AST) -> str:
    """The text of a name with attributes, and nothing for any other tree."""
    root, attributes = without_attributes(node)
    return f"{root.id}{attributes}" if isinstance(root, ast.Name) else ""


def without_attributes(node: ast.AST) -> tuple[ast.AST, str]:
    """What attributes are taken of, and these: `a[0]` and `.b.c` of `a[0].b.c`."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(f".{node.attr}")
        node = node.value
    return node, "".join(reversed(names))


# ## Statements
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _code(node: Documented) -> list[ast.stmt]:
    """The body without the docstring, which counts as little as a comment does."""
    return node.body[ast.get_docstring(node, clean=False) is not None :]


def _statements(body: list[ast.stmt]) -> list[Statement]:
    found: list[Statement] = []

    def visit(node: ast.stmt) -> list[ast.stmt | ast.ExceptHandler]:
        parts = [
            part
            for field in ("body", "handlers", "orelse", "finalbody")
            for part in getattr(node, field, ())
        ] + [part for case in getattr(node, "cases", ()) for part in case.body]
        last = node.end_lineno or node.lineno
        if parts:
            ends = (one.end_lineno or 0 for one in _header(node))
            last = max([node.lineno, *ends])
        add(node, last, tuple(dict.fromkeys(_targets(node))))
        return parts

    def add(node: ast.stmt, last: int, targets: tuple[str, ...]) -> None:
        first, yields = node.lineno, _yields(node)
        returns = isinstance(node, ast.Return)
        # `a = 1; b = 2`: nobody can tell when the first of them is done.
        if found and found[-1].last == node.lineno:
            before = found.pop()
            first, last = before.first, max(before.last, last)
            targets = tuple(dict.fromkeys((*before.targets, *targets)))
            returns, yields = before.returns or returns, before.yields or yields
        found.append(Statement(first, last, targets, -1, returns, yields))

    # Every `elif` stands inside the one before.
    stack: list[ast.stmt | ast.ExceptHandler | int] = [*reversed(body)]
    while stack:
        node = stack.pop()
        if isinstance(node, int):
            # All that stands in a `for` or `with` has been visited.
            if node + 1 < len(found):
                found[node] = replace(found[node], body=node + 1)
        elif isinstance(node, ast.ExceptHandler):
            stack += reversed(node.body)
        elif not isinstance(node, Scope):
            parts = visit(node)
            if isinstance(node, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith):
                stack.append(len(found) - 1)
            stack += reversed(parts)
    return found


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
    bound: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        bound = node.targets
    elif isinstance(node, ast.AugAssign | ast.For | ast.AsyncFor) or (
        isinstance(node, ast.AnnAssign) and node.value
    ):
        bound = [node.target]
    elif isinstance(node, ast.With | ast.AsyncWith):
        bound = [item.optional_vars for item in node.items if item.optional_vars]
    for target in bound:
        yield from _names(target)
    for part in _parts(node):
        if isinstance(part, ast.NamedExpr):
            yield part.target.id


def _yields(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in _parts(node))


def _parts(node: ast.stmt) -> Iterator[ast.AST]:
    """All that a statement itself runs, without its body and other functions."""
    stack: list[ast.AST] = [*_header(node)]
    while stack:
        child = stack.pop()
        yield child
        if not isinstance(child, ast.Lambda):
            stack += ast.iter_child_nodes(child)


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from _names(item)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
    elif name := dotted(target):
        yield name


# ## The hash
#
# What Python's versions make of a tree differs; the text does not.
def digest(lines: list[str]) -> str:
    """The hash of lines without their margin and without empty ones among them."""
    margin = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    code = "\n".join(line[margin:].rstrip() for line in lines if line.strip())
    return hashlib.blake2b(code.encode(), digest_size=8).hexdigest()


def without_prose(text: str, tree: ast.Module) -> list[str]:
    """The lines of a file without comments and docstrings."""
    pieces, plain = [], 0
    for kind, start, end in lex_python(text):
        if kind == "c":
            pieces.append(text[plain:start])
            plain = end
    lines = ("".join(pieces) + text[plain:]).split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, Documented) or _code(node) == node.body:
            continue
        docstring = node.body[0]
        first, last = docstring.lineno - 1, (docstring.end_lineno or 1) - 1
        # The columns of `ast` count bytes of UTF-8.
        before = lines[first].encode()[: docstring.col_offset]
        behind = lines[last].encode()[docstring.end_col_offset :]
        lines[first : last + 1] = ["" for _ in range(first, last + 1)]
        lines[first] = (before + behind).decode()
    return lines
