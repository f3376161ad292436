r"""
---
title: One walk over the tree
summary: >
  Python parses a file once, and one loop over its syntax tree notes all that later
  steps ask of it.
---

# One walk over the tree
"""

import ast
import warnings
from functools import lru_cache
from itertools import accumulate
from typing import TypeGuard

from ..syntax import RelativeImport, Statement, Strings, Syntax

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def read_syntax(text: str, module: str = "", package: bool = False) -> Syntax:
    """
    What Python says of a text, given the dotted name of the module and whether that is
    the module of a folder. Raises `SyntaxError` for text that is not valid Python.
    """
    tree = syntax_tree(text)
    walk = _Walk(text, module, package)
    walk.run(tree)
    return Syntax(
        tuple(walk.strings),
        tuple(_statement(node, walk.lines) for node in tree.body),
        frozenset(walk.reads),
        tuple(walk.builds_on),
        tuple(walk.relative_imports),
    )


@lru_cache(maxsize=1)
def syntax_tree(text: str) -> ast.Module:
    """
    What Python reads in a text. It warns of odd escapes in strings, which are none of
    our business. The last tree is kept, since a page and what lies beside it look at
    the same one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


class _Walk:
    def __init__(self, text: str, module: str, package: bool) -> None:
        self.lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.package = module.split(".") if package else module.split(".")[:-1]
        self.strings: list[Strings] = []
        self.reads: set[str] = set()
        self.builds_on: dict[str, None] = {}
        self.relative_imports: list[RelativeImport] = []

    def run(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, bool]] = [(tree, True)]
        while stack:
            node, counts = stack.pop()
            if isinstance(node, ast.Name):
                if node.id in ("__doc__", "__file__") and _is_read(node):
                    self.reads.add(node.id)
            elif isinstance(node, ast.Module | Definition):
                self.docstring(node)
            elif isinstance(node, ast.Import):
                if counts:
                    self.builds_on |= dict.fromkeys(one.name for one in node.names)
            elif isinstance(node, ast.ImportFrom):
                self.import_from(node, counts)
            elif isinstance(node, ast.If):
                counts = counts and not _asks_for_types(node.test)
            children = [*ast.iter_child_nodes(node)]
            stack += [(child, counts) for child in reversed(children)]

    def docstring(self, node: ast.Module | Definition) -> None:
        found = []
        for statement in node.body:
            if not _is_string(statement):
                break
            found.append(statement)
        if found:
            start = self.offset(found[0].lineno, found[0].col_offset)
            end, stop = (
                self.offset(one.end_lineno or 0, one.end_col_offset or 0)
                for one in (found[0], found[-1])
            )
            is_module = isinstance(node, ast.Module)
            alone = len(found) == len(node.body)
            self.strings.append(Strings(is_module, start, end, stop, alone))

    def import_from(self, node: ast.ImportFrom, counts: bool) -> None:
        up = self.package[: len(self.package) + 1 - node.level] if node.level else []
        name = ".".join([*up, *filter(None, [node.module])])
        if counts:
            self.builds_on |= dict.fromkeys(f"{name}.{one.name}" for one in node.names)
        if 0 < node.level <= len(self.package):
            line = self.lines[node.lineno - 1]
            column = len(line.encode()[: node.col_offset].decode())
            last = node.end_lineno or node.lineno
            found = RelativeImport(node.lineno, last, column, name)
            self.relative_imports.append(found)

    def offset(self, line: int, byte: int) -> int:
        # The columns of `ast` count bytes of UTF-8.
        text = self.lines[line - 1]
        column = byte if text.isascii() else len(text.encode()[:byte].decode())
        return self.starts[line - 1] + column


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _asks_for_types(test: ast.expr) -> bool:
    """Whether a condition is about `TYPE_CHECKING`."""
    return any(
        "TYPE_CHECKING" in (getattr(part, "id", ""), getattr(part, "attr", ""))
        for part in ast.walk(test)
    )


def _is_string(node: ast.stmt) -> TypeGuard[ast.Expr]:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    last = node.end_lineno or node.lineno
    hollow = None
    if isinstance(node, Definition) and len(node.body) == 1:
        (string,) = node.body
        if _is_string(string):
            hollow = string.lineno, string.col_offset
    return Statement(first, last, _is_program(node), hollow)


def _is_program(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`."""
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
        return False
    sides = {
        (type(side), getattr(side, "id", None) or getattr(side, "value", None))
        for side in (node.test.left, *node.test.comparators)
        if isinstance(side, ast.Name | ast.Constant)
    }
    count = 1 + len(node.test.comparators)
    return count == 2 and sides == {(ast.Name, "__name__"), (ast.Constant, "__main__")}
