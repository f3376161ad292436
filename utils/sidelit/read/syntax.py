r"""
---
title: Reading Python
summary: >
  A text goes in, and all that later steps ask of its syntax comes out: it is parsed
  once and walked once.
---

# Reading Python
"""

import ast
import gc

from ..syntax import Module, Syntax, TopLevel
from .definitions import Definition
from .expressions import is_program, string
from .parse import syntax_tree
from .tables import UseTable, forget_what_changes, give_meanings
from .walk import Walk


def read_syntax(text: str, module: str = "", package: bool = False) -> Syntax:
    """
    What Python says of a text, given the dotted name of its module and whether that is
    the module of a folder. Raises `SyntaxError` for text that is not valid Python.
    """
    # A tree is many objects, all of them in use until they go at once: to look for
    # garbage among them would take longer than to parse them.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _read(text, module, package)
    finally:
        if collects:
            gc.enable()


def _read(text: str, module: str, package: bool) -> Syntax:
    tree = syntax_tree(text)
    walk = Walk(text, module, package)
    walk.run(tree)
    statements = tuple(map(_top_level, tree.body))
    return Syntax(
        _module(walk),
        tuple(walk.strings),
        tuple(walk.explained),
        statements,
        frozenset(walk.reads),
        tuple(walk.builds_on),
        frozenset(walk.known),
        tuple(walk.relative_imports),
    )


def _module(walk: Walk) -> Module:
    """What the names of a file mean, now that all of it has been seen."""
    tables, scopes = walk.tables, walk.scopes
    uses = UseTable(walk.seen)
    for line, start, text in walk.paths:
        uses.add("import", line, start, text)
    uses.add_chains(walk.chains, scopes[0] if walk.stars else None)
    if walk.stars:
        uses.add_starred()
    forget_what_changes(tables, scopes, uses.bindings(walk.empty))
    give_meanings(
        tables,
        scopes,
        walk.bindings,
        uses.bindings(walk.deleted),
        walk.arms,
        [line for line, _ in walk.stars],
    )
    for table, spoken in zip(tables, walk.spoken, strict=True):
        table.spoken = tuple(spoken)
    stars = tuple(star for _, star in walk.stars)
    return Module(
        uses.names(), tuple(tables), stars, frozenset(walk.imports), walk.exports
    )


def _top_level(node: ast.stmt) -> TopLevel:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    last = node.end_lineno or node.lineno
    hollow = None
    if isinstance(node, Definition) and len(node.body) == 1:
        (only,) = node.body
        if string(only) is not None:
            hollow = only.lineno, only.col_offset
    return TopLevel(first, last, is_program(node), hollow)
