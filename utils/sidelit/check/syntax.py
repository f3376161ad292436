r"""
---
title: What checking asks of the syntax
summary: >
  The names that a module defines, imports and uses, its functions, and the members of
  its classes: plain data from one look at each document.
---

# What checking asks of the syntax

Rules about names and shapes compare prose with code. All that they ask of the code is
gathered here, once for each document.
"""

import ast
import re
from dataclasses import dataclass, field

from ..model import Document
from ..syntax import Function
from ..read.syntax import functions
from ..read.walk import syntax_tree

IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Syntax:
    """
    ## The syntax of a document

    * `identifiers` are all words of the code that could be names
    * `functions` are those of a Python module, the module itself first
    * `defined` are the names that other modules may speak of
    * `imported` are the names that imports bind, and the packages that they come from
    * `members` leads from the name of a class to what its body defines
    * `start` is the line of the first statement
    """

    identifiers: frozenset[str]
    functions: tuple[Function, ...] = ()
    defined: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    start: int = 1


def syntax_of(document: Document) -> Syntax:
    """What a document says in the syntax of its language."""
    if document.source.language != "python":
        return Syntax(_identifiers(document))
    tree = syntax_tree(document.text)
    members: dict[str, frozenset[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found = _defined(ast.Module(node.body, []))
            members[node.name] = members.get(node.name, frozenset()) | found
    return Syntax(
        _identifiers(document),
        tuple(functions(document.text, tree)),
        _defined(tree),
        _imported(tree),
        members,
        tree.body[0].lineno if tree.body else 1,
    )


def _identifiers(document: Document) -> frozenset[str]:
    """The words of the code, in strings as well, but not in comments and docstrings."""
    text, code = document.text, []
    if document.syntax:
        prose = [(one.start, one.end) for one in document.syntax.strings]
        prose += [(start, end) for kind, start, end in document.tokens if kind == "c"]
        done = 0
        for start, end in sorted(prose):
            code.append(text[done:start])
            done = end
        code.append(text[done:])
    else:
        lines = text.split("\n")
        spans = (span for section in document.sections for span in section.code)
        code += [lines[number - 1] for span in spans for number in span]
    return frozenset(IDENTIFIER.findall("\n".join(code)))


def _imported(tree: ast.Module) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(one.asname or one.name).split(".")[0] for one in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return frozenset(names)


def _defined(tree: ast.Module) -> frozenset[str]:
    """Definitions, parameters, attributes and globals, but no local variables."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.update((node.asname or node.name).split("."))
        if isinstance(node, ast.Module | ast.ClassDef):
            for statement in node.body:
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                if isinstance(statement, ast.AnnAssign):
                    targets = [statement.target]
                names |= {one.id for one in targets if isinstance(one, ast.Name)}
    return frozenset(names)
