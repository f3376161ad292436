r"""
---
title: Reading Python
summary: >
  A text and its tokens go in, and all that later steps ask of its syntax comes out: it
  is parsed once and walked once.
---

# Reading Python
"""

import ast
import gc
from collections import Counter
from operator import itemgetter

from ..model import Tokens
from ..syntax import Function, Module, Names, Syntax, TopLevel
from .definitions import Definition
from .expressions import is_program, string
from .functions import without_prose
from .lexer import lex_python
from .parse import syntax_tree
from .scopes import holders
from .tables import (
    chains,
    forget_what_changes,
    give_meanings,
    starred,
    variables,
)
from .walk import Walk


def read_syntax(
    text: str, tokens: Tokens, module: str = "", package: bool = False
) -> Syntax:
    """
    What Python says of a text, given its tokens, the dotted name of its module and
    whether that is the module of a folder. Raises `SyntaxError` for text that is not
    valid Python.
    """
    # A tree is many objects, all of them in use until they go at once: to look for
    # garbage among them would take longer than to parse them.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _read(text, tokens, module, package)
    finally:
        if collects:
            gc.enable()


def _read(text: str, tokens: Tokens, module: str, package: bool) -> Syntax:
    tree = syntax_tree(text)
    walk = Walk(text, module, package)
    walk.run(tree)
    statements = tuple(map(_top_level, tree.body))
    margin = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in tree.body
        if not isinstance(node, Definition)
    ]
    lines = without_prose(text, tokens, walk.strings)
    return Syntax(
        _module(walk),
        tuple(walk.statements.result(lines, margin)),
        tuple(walk.strings),
        statements,
        frozenset(walk.reads),
        tuple(walk.builds_on),
        frozenset(walk.known),
        tuple(walk.relative_imports),
    )


def functions(text: str) -> tuple[Function, ...]:
    """All functions of a text, the module itself first."""
    return read_syntax(text, lex_python(text)).functions


def _module(walk: Walk) -> Module:
    """What the names of a file mean, now that all of it has been seen."""
    seen, tables = walk.seen, walk.tables
    held = list(holders(seen))
    rows = [*variables(seen, held), *walk.paths]
    module = seen[0][0].module() if seen and walk.stars else None
    rows += chains(walk.chains, held, module)
    if walk.stars:
        rows += starred(seen, held)
    rows.sort(key=itemgetter(0, 1))

    binders = [
        (place, (holder.key, name))
        for place, ((_, name, _, _, binds), holder) in enumerate(
            zip(seen, held, strict=True)
        )
        if binds and holder
    ]
    forget_what_changes(
        tables, Counter(name for place, name in binders if place not in walk.empty)
    )
    give_meanings(
        tables,
        walk.bindings,
        Counter(name for place, name in binders if place not in walk.deleted),
        walk.arms,
        [line for line, _ in walk.stars],
    )
    for table, spoken in zip(tables, walk.spoken, strict=True):
        table.spoken = tuple(spoken)
    stars = tuple(star for _, star in walk.stars)
    return Module(
        Names(rows), tuple(tables), stars, frozenset(walk.imports), walk.exports
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
