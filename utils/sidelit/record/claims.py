r"""
---
title: What prose says about shapes
summary: >
  Finds each statement about a shape in the prose of a module, and whom it speaks of: an
  argument, what the next line binds, or what a function returns or yields.
---

# What prose says about shapes

"`x` has shape `[batch, tokens, d_model]`" is a sentence for people, and this module
reads it as far as a program can. It looks for a list of sizes in back-ticks and then
for its subject, as a reader would:

* the names in front of it, "`key` and `value` have shape …";
* with a pronoun, the names of the sentence before;
* "the result", or nothing at all: in a docstring what the function returns or yields,
  in a comment what the following statement binds.

A name means its value at that place. In a docstring that is the argument as it comes
in; in a comment it is what the lines below bind to it, or if they do not, what it was
bound to last. `from [a, b] to [b, a]` speaks of before and after, and a comment that
trails a line, `# [batch, tokens]`, of what that line binds. The prose of a class speaks
of what its methods are given, or bind to `self`.
"""

import ast
import re
import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..model import Document, Section
from ..read.expressions import dotted
from ..read.functions import HANDED_OUT
from ..read.markdown import blank, place, without_blocks
from ..syntax import Function, Statement

Dimensions = tuple[ast.expr, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """
    ## A claim

    * `text` stands at `line` and `column` of the file
    * `shapes` are the alternatives that it gives, "`[a, b]` or `[b]`"; `like` is the
      name whose shape it refers to instead
    * `function` is the one that it is about, and `name` the name in it, or `return` or
      `yield`; empty if that is not clear
    * `statements` are the numbers of those that may bind the name, the nearest first;
      −1 stands for an argument, or for whichever statement returns or yields
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
        statements = list(_statements(section.prose))
        if section.kind == "note":
            statements += _plain(section.prose)
        for statement in statements:
            found += _bound(document, section, statement, functions)
    found += _trailing(document, functions)
    return sorted(found, key=lambda claim: (claim.line, claim.column))


# ## Reading a sentence
#
# Formulas and blocks of code are not prose.
_DISPLAY = re.compile(r"\$\$[\s\S]*?\$\$")
_BOUNDARY = re.compile(
    r"\n[ \t]*\n|\n[ \t]*(?:[*+-]|\d+[.)])[ \t]+|(?<=[.;!?])\s+|\n?:param\s+"
    r"|\A\s*[*+-]\s"
)
_NAME = r"`(?!(?:None|True|False)`)([A-Za-z_][\w.]*)`"
_NAMES = re.compile(
    rf"{_NAME}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+|\s*/\s*){_NAME})*"
)
_SHAPE = re.compile(
    r"`([\[(](?:[^`\[\]()]|\([^`()]*\)|(?<=shape)\[[^`\[\]]*\])*[\])])`"
)
_OR = re.compile(
    r"\s*,?\s*(?:(?:if|when|unless|for|with|without)\b[^.;]*?,?\s+)?(?:or\s+)?"
    r"(?:or|else|otherwise)\s+(?:of\s+)?(?:shape\s+)?\Z"
)
_WORDS = re.compile(
    r"\b(?:shapes?|permute[ds]?|rearranged?|reshaped?|transposed?|expand(?:ed)?"
    r"|flatten(?:ed)?|reorder)\b",
    re.IGNORECASE,
)

# These may be about something else, so a shape behind them has a name in it. What
# stands in parentheses is a shape only if the sentence says so.
_WEAK_WORDS = re.compile(
    r"\b(?:size|changed?|views?|transform|map|split|yields?)\b", re.IGNORECASE
)
_SAYS_SHAPE = re.compile(
    r"\bshapes?\b(?:\s+(?:is|are|was|of|will|be|should|must|either|the|`[\w.]+`))*"
    r"\s*[:=]?\s*\Z",
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"(?:\b(?:not|never|instead\s+of|rather\s+than)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:shape\s+)?|\bin\s+|\b[Uu]nlike\b[^`]*\bwhere\b[^`]*)\Z"
)

# Sizes that cannot be read, although the sentence says that they are a shape.
_UNREAD = re.compile(
    r"\bshapes?\s+(?:(?:is|are|of)\s+)?(`[\[(][^`\n]*[\])]`)", re.IGNORECASE
)

# The words in front of a shape tell whether it is the shape before, that of a result,
# of those that were named last, or of what a preposition keeps from being the subject.
_BEFORE = re.compile(r"\bfrom\s+(?:the\s+)?(?:shape\s+)?\Z", re.IGNORECASE)
_RESULT = re.compile(
    r"(?<!is )(?<!is the )(?<!is an )\b(?:results?|outputs?)\b|\b(?:return|yield)s?\b",
    re.IGNORECASE,
)
# "`do` is the gradient of the output", and not the output.
_OF_RESULT = re.compile(
    r"(?<!shape )(?<!size )\bof\s+(?:the|its|an?)\s+(?:[\w-]+\s+)?"
    r"(?:results?|outputs?)\b",
    re.IGNORECASE,
)
_INPUT = re.compile(r"inputs?\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"(?:they|it|these|both|each|all)(?:'s|\s+(?:have|has|will|are|is|of))\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?<!shape )(?<!shapes )\b(?:on|of|from|in|for|with|by|to|at|than|as|like|over"
    r"|into|through|between|type)\s+(?:the\s+|each\s+)?\Z",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(r"\b(?:accepts?|expects?|takes?|needs?|requires?)\b")
_HAS = re.compile(
    r"(?:the\s+|this\s+|new\s+)*(?P<subject>[^`]*?)\s*\b(?:will\s+)?(?:has|have)\b[^`]*"
    r"\bshapes?\b",
    re.IGNORECASE,
)
_SO = re.compile(
    r"`,?\s+and\s+so\s+(?:has|have|is|does|will)\b[^.`]*\b(?:result|output)"
)
_LIKE = re.compile(
    r"(?:(?P<result>\b[Tt]he\s+(?:result|output))|`(?P<name>[\w.]+)`)\s+(?:has|have)"
    r"\s+the\s+(?:same\s+)?shape\s+(?:of|as)\s+`(?P<like>[\w.]+)`"
)


@dataclass(frozen=True, slots=True)
class _Statement:
    offset: int
    text: str
    shapes: tuple[Dimensions, ...]
    names: tuple[str, ...]
    result: bool = False
    before: bool = False
    like: str = ""
    subject: str = ""


def _statements(prose: str) -> Iterator[_Statement]:
    if "`" not in prose:
        return
    # `:param x:` and a bullet about `x` are two ways to write the same.
    prose = re.sub(r"(?<=:param )(\w+):", r"`\1`", prose)
    prose = _DISPLAY.sub(blank, without_blocks(prose))
    starts = [0, *(match.end() for match in _BOUNDARY.finditer(prose))]
    for match in _LIKE.finditer(prose):
        names = () if match["result"] else (match["name"],)
        yield _Statement(
            match.start("like") - 1,
            f"`{match['like']}`",
            (),
            names,
            not names,
            like=match["like"],
        )
    spans = [
        (match, dimensions)
        for match in _SHAPE.finditer(prose)
        if (dimensions := parse(match[1])) is not None
    ]
    read = {match.start() for match, _ in spans}
    for match in _UNREAD.finditer(prose):
        if match.start(1) not in read and not match[1][2:-2].isupper():
            yield _Statement(match.start(1), match[1], (), ("?",))
    skip = 0
    for number, (match, dimensions) in enumerate(spans):
        if skip:
            skip -= 1
            continue
        shapes = [dimensions]
        end = match.end()
        for following, other in spans[number + 1 :]:
            if not _OR.fullmatch(prose, end, following.start()):
                break
            shapes.append(other)
            end = following.end()
            skip += 1
        index = bisect_right(starts, match.start()) - 1
        sentence = prose[starts[index] : match.start()]
        previous = prose[starts[index - 1] : starts[index]] if index else ""
        if found := _statement(match, tuple(shapes), sentence, previous):
            yield found
            if _SO.match(prose, end - 1):
                yield _Statement(
                    match.start(), match[0], tuple(shapes), (), result=True
                )


_PLAIN = re.compile(r"^[ \t]*([A-Za-z_][\w.]*):[ \t]+(\[[^\[\]`\n]+\])[ \t]*$", re.M)


def _plain(prose: str) -> Iterator[_Statement]:
    """Comments such as `x: [batch, tokens]`, which need no marks."""
    prose = _DISPLAY.sub(blank, without_blocks(prose))
    for match in _PLAIN.finditer(prose):
        if dimensions := parse(match[2]):
            yield _Statement(match.start(2), match[2], (dimensions,), (match[1],))


def _statement(
    match: re.Match[str], shapes: tuple[Dimensions, ...], sentence: str, previous: str
) -> _Statement | None:
    groups = list(_NAMES.finditer(sentence))
    adjacent = groups and not sentence[groups[-1].end() :].strip(" \n:–-,")
    named = any(isinstance(one, ast.Name) for one in shapes[0])
    said = (
        _SAYS_SHAPE.search(sentence)
        if match[1].startswith("(")
        else _WORDS.search(sentence)
        or adjacent
        or (named and _WEAK_WORDS.search(sentence))
    )
    if not said or _NO_CLAIM.search(sentence):
        return None
    before = bool(_BEFORE.search(sentence))
    names: tuple[str, ...] = ()
    behind = 0
    for group in reversed(groups):
        if not _PREPOSITION.search(sentence[: group.start()]):
            names = tuple(re.findall(_NAME, group[0]))
            behind = group.end()
            # "…, where `x` has shape": the line below uses it before it binds it.
            before |= sentence[: group.start()].rstrip().endswith("where")
            break
    said_of = _OF_RESULT.sub(blank, sentence) if names else sentence
    result = bool(_RESULT.search(said_of, behind))
    has = _HAS.match(sentence.strip())
    subject = ""
    if _OF_OTHERS.search(sentence):
        names = ("?",)
    elif result:
        names = ()
    elif not names and _INPUT.match(sentence.strip()):
        subject = "input"
    elif not names and _PRONOUN.match(sentence.strip()):
        # Whom "they" are, only the sentence before can say.
        names = tuple(re.findall(_NAME, previous)) or ("?",)
    elif not names and has and has["subject"]:
        subject = has["subject"].split()[-1]
    return _Statement(
        match.start(), match[0], shapes, names, result, before, "", subject
    )


def parse(text: str) -> Dimensions | None:
    """
    The dimensions of `[batch, 1 + patches, ...]` as expressions of Python, and `None`
    for what is no list of sizes.
    """
    inner = re.sub(r"[×·⋅]|(?<=[\w)])\s+x\s+(?=[\w(])", "*", text[1:-1].strip(" \n,"))
    inner = re.sub(r"(?<![\w.])(\d+)[ \t]*(?=[A-Za-z_])", r"\1*", inner)
    inner = re.sub(r"(?<=\w)[ \t\n]+(?=[A-Za-z_])", "_", inner)
    # A star on its own stands for any sizes, as three dots do.
    inner = re.sub(r"(?:^|(?<=,))\s*\*\s*(?=,|$)", "...", inner)
    try:
        tree = ast.parse(f"({inner},)" if inner else "()", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(tree, ast.Tuple) or not all(map(_is_size, tree.elts)):
        return None
    # A lone name in brackets, such as the token `[CLS]`, is no shape for certain.
    if len(tree.elts) == 1 and text.isupper():
        return None
    return tuple(tree.elts)


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return (
            isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv)
            and _is_size(node.left)
            and _is_size(node.right)
        )
    if isinstance(node, ast.Constant):
        return node.value is ... or type(node.value) is int
    if isinstance(node, ast.Attribute):
        return _is_size(node.value)
    return isinstance(node, ast.Name) or bool(_OF_TENSOR.fullmatch(ast.unparse(node)))


_OF_TENSOR = re.compile(r"[\w.]+\.(?:shape\[-?\d+\]|size\(-?\d+\))|len\([\w.]+\)")


# ## Finding whom it speaks of
def function_at(line: int, functions: Sequence[Function]) -> Function | None:
    """The innermost function that a line stands in."""
    around = [
        one for one in functions if one.qualname and one.first <= line <= one.last
    ]
    return max(around, key=lambda one: one.first, default=None)


def _bound(
    document: Document,
    section: Section,
    statement: _Statement,
    functions: Sequence[Function],
) -> Iterator[Claim]:
    line, column = place(document, section, statement.offset)
    function = function_at(line, functions)
    comment = section.kind == "note" or not function
    within = f"{section.qualname}."
    methods = [one for one in functions if one.qualname.startswith(within)]
    for name in statement.names or ("",):
        bound = name
        numbers: tuple[int, ...] = (-1,)
        owner = function
        if section.kind == "class" and name:
            owner, bound, numbers = _of_class(name, methods)
        elif function is None or name == "?":
            bound = ""
        elif statement.subject == "input":
            tensors = [one for one in function.parameters if one not in ("self", "cls")]
            bound = tensors[0] if len(tensors) == 1 else ""
        elif comment:
            bound, numbers = _below(document, section, statement, name, function)
        elif not name:
            bound = function.gives
        elif name not in function.parameters and name not in function.chains:
            numbers = (_earlier(function, name, function.last + 1),)
        yield Claim(
            statement.text,
            line,
            column,
            statement.shapes,
            statement.like,
            owner,
            bound,
            numbers,
        )


def _of_class(
    name: str, methods: Sequence[Function]
) -> tuple[Function | None, str, tuple[int, ...]]:
    """
    What the prose of a class speaks of: an argument of its methods, or an attribute
    where the first of them binds it.
    """
    takers = [one for one in methods if name in one.parameters]
    makers = [one for one in takers if one.name == "__init__"]
    if makers or len(takers) == 1:
        return (makers or takers)[0], name, (-1,)
    attribute = f"self.{name.removeprefix('self.')}"
    for function in methods:
        numbers = tuple(
            number
            for number, one in enumerate(function.statements)
            if attribute in one.targets
        )
        if numbers:
            return function, attribute, numbers
    return None, "", (-1,)


def _below(
    document: Document,
    section: Section,
    statement: _Statement,
    name: str,
    function: Function,
) -> tuple[str, tuple[int, ...]]:
    """What a comment speaks of: a name and the numbers of what may bind it."""
    first = section.prose_line
    numbered = list(enumerate(function.statements))
    row = [
        (number, one)
        for number, one in numbered
        if any(one.first in span for span in section.code)
    ] or [(number, one) for number, one in numbered if one.first >= first][:1]
    for _, one in row:
        bound = name
        gives = one.gives and (statement.result or not one.targets)
        if not name and (gives or len(one.targets) == 1):
            bound = one.gives if gives else one.targets[0]
        if bound not in (*one.targets, one.gives) or not bound:
            continue
        # "Each mask has shape …" speaks of `masks`, and not of `scores`.
        subject = statement.subject.rstrip("s")
        if subject and bound not in HANDED_OUT and not bound.startswith(subject):
            return "", ()
        if statement.before:
            if not name:
                bound = _read(document, one, bound, function)
            return bound, (_earlier(function, bound, one.first),)
        # A comment sums up all that its row does.
        return bound, tuple(
            number for number, one in row if bound in (*one.targets, one.gives)
        )
    return name, (_earlier(function, name, first),)


def _read(document: Document, one: Statement, bound: str, function: Function) -> str:
    """
    The name that a statement makes its result of: the one that it binds again, or else
    the only one that was bound before.
    """
    lines = document.text.split("\n")[one.first - 1 : one.last]
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


def _earlier(function: Function, name: str, line: int) -> int:
    """The statement above a line that has bound a name last; −1 for an argument."""
    return max(
        (
            number
            for number, one in enumerate(function.statements)
            if name in one.targets and one.first < line
        ),
        default=-1,
    )


# ## Comments behind code
_TRAILING = re.compile(
    r"#\s*(?:->\s*)?(?:(?P<name>[\w.]+):\s*)?(?:shape:?\s+(?:(?:of|is)\s+)?)?"
    r"(?P<shape>\[[\w\s.,*+/()×·-]+\]|\([\w\s.*+/-]+,[\w\s.,*+/-]+\))"
)


_ARGUMENT = re.compile(r"(?:\w+\s*=\s*)?([^\W\d][\w.]*),?")


def _trailing(document: Document, functions: Sequence[Function]) -> Iterator[Claim]:
    text = document.text
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    for kind, start, end in document.tokens:
        if kind != "c":
            continue
        match = _TRAILING.match(text, start, end)
        line = bisect_right(starts, start)
        alone = not text[starts[line - 1] : start].strip()
        dimensions = None if match is None or alone else parse(match["shape"])
        if match is None or not dimensions:
            continue
        function = function_at(line, functions) or functions[0]
        for number, one in enumerate(function.statements):
            if not one.first <= line <= one.last or not (one.gives or one.targets):
                continue
            name = "return" if one.returns else ", ".join(one.targets) or one.gives
            numbers: tuple[int, ...] = (number,)
            code = text[starts[line - 1] : start].strip()
            if one.first < line < one.last:
                # On a line of its own, an argument has its own shape.
                alone_there = _ARGUMENT.fullmatch(code)
                name = alone_there[1] if alone_there else ""
                numbers = (_earlier(function, name, one.first),)
            elif match["name"] and match["name"] not in ("shape", *one.targets):
                name = match["name"]
                numbers = (_earlier(function, name, line),)
            elif match["name"] in one.targets:
                name = match["name"]
            column = match.start("shape") - starts[line - 1] + 1
            yield Claim(
                match["shape"],
                line,
                column,
                (dimensions,),
                "",
                function,
                name,
                numbers,
            )
