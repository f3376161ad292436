r"""
---
title: What prose says about shapes
summary: >
  Binds each shape that prose mentions to the code that it speaks of: an argument, what
  the next line binds, or what a function returns or yields.
---

# What prose says about shapes

A [sentence](sentences.py) says "`x` has shape …" or "the result has shape …". This
module finds the value in the code that is meant.

* A name means its value at that place. In a docstring that is the argument as it comes
  in. In a comment it is what the lines below bind to it, or if they do not, what it was
  bound to last.
* The result, and a shape without a subject, is what the function returns or yields in a
  docstring, and what the next statement binds in a comment.
* `from [a, b] to [b, a]` speaks of before and after.
* A comment that trails a line, `# [batch, tokens]`, speaks of what that line binds.
* The prose of a class speaks of what its methods are given, or bind to `self`.
"""

import ast
import re
import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Document, Section
from ..read.expressions import dotted
from ..read.functions import HANDED_OUT
from ..read.markdown import place
from ..syntax import Function, Statement, line_starts
from .dimensions import Dimensions, parse
from .observations import ENTRY
from .sentences import Mention, mentions, plain_mentions


@dataclass(frozen=True, slots=True)
class Claim:
    """
    ## A claim

    * `text` stands at `line` and `column` of the file
    * `shapes` are the alternatives that it gives, "`[a, b]` or `[b]`"; `like` is the
      name whose shape it refers to instead
    * `function` is the one that it is about, and `name` the name in it, several with
      commas, or `return` or `yield`; it is empty if that is not clear
    * `statements` are the numbers of those that may bind the name, the nearest first;
      `ENTRY` stands for an argument, or for whichever statement returns or yields
    """

    text: str
    line: int
    column: int
    shapes: tuple[Dimensions, ...]
    like: str
    function: Function | None
    name: str
    statements: tuple[int, ...]


def claims(document: Document, functions: Sequence[Function]) -> list[Claim]:
    """All claims of a document in the order of the file."""
    found: list[Claim] = []
    for section in document.sections:
        mentioned = list(mentions(section.prose))
        if section.kind == "note":
            mentioned += plain_mentions(section.prose)
        for mention in mentioned:
            found += _bind(document, section, mention, functions)
    found += _trailing(document, functions)
    return sorted(found, key=lambda claim: (claim.line, claim.column))


# ## Finding what is meant
@dataclass(frozen=True, slots=True)
class _Meaning:
    """The last three fields of a claim."""

    function: Function | None
    name: str
    statements: tuple[int, ...] = (ENTRY,)


def function_at(line: int, functions: Sequence[Function]) -> Function | None:
    """The innermost function that a line stands in."""
    around = [
        function
        for function in functions
        if function.qualname and function.first <= line <= function.last
    ]
    return max(around, key=lambda function: function.first, default=None)


def _bind(
    document: Document,
    section: Section,
    mention: Mention,
    functions: Sequence[Function],
) -> Iterator[Claim]:
    """A claim for each name that a mention speaks of."""
    line, column = place(document, section, mention.offset)
    function = function_at(line, functions)
    methods = [
        method
        for method in functions
        if method.qualname.startswith(f"{section.qualname}.")
    ]
    for name in mention.names or ("",):
        if mention.unclear:
            meaning = _Meaning(function, "")
        elif section.kind == "class" and name:
            meaning = _of_class(name, methods)
        elif function is None:
            meaning = _Meaning(None, "")
        elif mention.subject == "input":
            tensors = [
                parameter
                for parameter in function.parameters
                if parameter not in ("self", "cls")
            ]
            meaning = _Meaning(function, tensors[0] if len(tensors) == 1 else "")
        elif section.kind == "note":
            meaning = _of_comment(document, section, mention, name, function)
        elif not name:
            meaning = _Meaning(function, function.gives)
        elif name in function.parameters or name in function.chains:
            meaning = _Meaning(function, name)
        else:
            binding = _last_binding(function, name, function.last + 1)
            meaning = _Meaning(function, name, (binding,))
        yield Claim(
            mention.text,
            line,
            column,
            mention.shapes,
            mention.like,
            meaning.function,
            meaning.name,
            meaning.statements,
        )


def _of_class(name: str, methods: Sequence[Function]) -> _Meaning:
    """
    What the prose of a class speaks of: an argument of its methods, or an attribute
    where the first of them binds it.
    """
    takers = [method for method in methods if name in method.parameters]
    makers = [method for method in takers if method.name == "__init__"]
    if makers or len(takers) == 1:
        return _Meaning((makers or takers)[0], name)
    attribute = f"self.{name.removeprefix('self.')}"
    for method in methods:
        numbers = tuple(
            number
            for number, statement in enumerate(method.statements)
            if attribute in statement.targets
        )
        if numbers:
            return _Meaning(method, attribute, numbers)
    return _Meaning(None, "")


def _of_comment(
    document: Document,
    section: Section,
    mention: Mention,
    name: str,
    function: Function,
) -> _Meaning:
    """What a comment speaks of, which stands above the code of its row."""
    first = section.prose_line
    numbered = list(enumerate(function.statements))
    row = [
        (number, statement)
        for number, statement in numbered
        if any(statement.first in span for span in section.code)
    ]
    if not row:
        row = [pair for pair in numbered if pair[1].first >= first][:1]
    for _, statement in row:
        gives, targets = statement.gives, statement.targets
        bound = name
        if not name and gives and (mention.result or not targets):
            bound = gives
        elif not name and len(targets) == 1:
            bound = targets[0]
        if not bound or bound not in (*targets, gives):
            continue
        # "Each mask has shape …" speaks of `masks`, and not of `scores`.
        subject = mention.subject.rstrip("s")
        if subject and bound not in HANDED_OUT and not bound.startswith(subject):
            return _Meaning(function, "", ())
        if mention.before:
            if not name:
                bound = _made_from(document, statement, bound, function)
            before = _last_binding(function, bound, statement.first)
            return _Meaning(function, bound, (before,))
        # A comment sums up all that its row does.
        binding = tuple(
            number
            for number, statement in row
            if bound in (*statement.targets, statement.gives)
        )
        return _Meaning(function, bound, binding)
    return _Meaning(function, name, (_last_binding(function, name, first),))


def _made_from(
    document: Document, statement: Statement, bound: str, function: Function
) -> str:
    """
    The name that a statement makes its result of: the one that it binds again, or else
    the only one that was bound before.
    """
    lines = document.text.split("\n")[statement.first - 1 : statement.last]
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except SyntaxError:
        return bound
    known = {*function.parameters} - {"self", "cls"}
    known |= {name for other in function.statements for name in other.targets}
    read = {
        name
        for node in ast.walk(tree)
        if isinstance(getattr(node, "ctx", None), ast.Load)
        and (name := dotted(node)) in known
    }
    return bound if bound in read else read.pop() if len(read) == 1 else ""


def _last_binding(function: Function, name: str, line: int) -> int:
    """The last statement above a line that binds a name, `ENTRY` if none does."""
    return max(
        (
            number
            for number, statement in enumerate(function.statements)
            if name in statement.targets and statement.first < line
        ),
        default=ENTRY,
    )


# ## Comments behind code
_TRAILING = re.compile(
    r"#\s*(?:->\s*)?(?:(?P<name>[\w.]+):\s*)?(?:shape:?\s+(?:(?:of|is)\s+)?)?"
    r"(?P<shape>\[[\w\s.,*+/()×·-]+\]|\([\w\s.*+/-]+,[\w\s.,*+/-]+\))"
)
_ARGUMENT = re.compile(r"(?:\w+\s*=\s*)?([^\W\d][\w.]*),?")


def _trailing(document: Document, functions: Sequence[Function]) -> Iterator[Claim]:
    text = document.text
    starts = line_starts(text.split("\n"))
    for kind, start, end in document.tokens:
        if kind != "c":
            continue
        match = _TRAILING.match(text, start, end)
        line = bisect_right(starts, start)
        code = text[starts[line - 1] : start].strip()
        dimensions = parse(match["shape"]) if match and code else None
        if match is None or not dimensions:
            continue
        function = function_at(line, functions) or functions[0]
        column = match.start("shape") - starts[line - 1] + 1
        for name, number in _behind(line, code, match["name"], function):
            yield Claim(
                match["shape"],
                line,
                column,
                (dimensions,),
                "",
                function,
                name,
                (number,),
            )


def _behind(
    line: int, code: str, said: str | None, function: Function
) -> Iterator[tuple[str, int]]:
    """
    What a comment behind code is about, by name and the number of the statement. `said`
    is a name in the comment, `# x: [a, b]`.
    """
    for number, statement in enumerate(function.statements):
        targets = statement.targets
        if not statement.first <= line <= statement.last:
            continue
        if not statement.gives and not targets:
            continue
        if statement.first < line < statement.last:
            # On a line of its own, an argument has its own shape.
            argument = _ARGUMENT.fullmatch(code)
            name = argument[1] if argument else ""
            yield name, _last_binding(function, name, statement.first)
        elif said and said in targets:
            yield said, number
        elif said and said != "shape":
            yield said, _last_binding(function, said, line)
        elif statement.returns:
            yield "return", number
        else:
            yield ", ".join(targets) or statement.gives, number
