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

import re
from dataclasses import dataclass, field

from ..model import Document
from ..syntax import Function

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
    syntax = document.syntax
    if syntax is None:
        return Syntax(_identifiers(document))
    members = {
        name: frozenset(found) for name, found in syntax.module.members().items()
    }
    return Syntax(
        _identifiers(document),
        syntax.functions,
        frozenset(syntax.module.spoken()),
        syntax.known,
        members,
        syntax.statements[0].first if syntax.statements else 1,
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
