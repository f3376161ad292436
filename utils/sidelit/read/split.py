r"""
---
title: Splitting a file into prose and code
summary: >
  ast finds the docstrings, one token stream finds the comments, and every line of a
  file lands in exactly one section.
---

# Splitting a file

An annotated module is prose and code in one text. This module takes them apart, and
it must never be wrong about which is which: a `#` inside a string is no comment, a
string in the middle of a function is no docstring, and no line may get lost. Where
other tools look at how a line begins, we let Python say what it read: `ast` knows the
docstrings, and the [tokens](lexer.py) know the comments.

A new section begins

* at a class or function, with its decorators; its docstring becomes the prose;
* at a comment that has its lines to itself; the code below it is what it explains,
  and a lone `#` ends the explanation;
* where a class or function has ended, so that the code behind it does not stand
  beside somebody else's prose.

The prose of a docstring is taken from the *source*, not from the value: in the value,
the `\nu` and `\tau` of a formula have become a line break and a tab.
"""

import ast
import os
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate

from ..files import CONTROLS
from ..model import Document, Kind, Problem, Section, SidelitError, Source, Tokens
from .lexer import docstring_body, lex_other, lex_python
from .walk import Definition, read_syntax, syntax_tree


def split(source: Source) -> Document:
    """
    ## One file

    Read a file and cut it into sections. Raises `SidelitError` for a file that is not
    valid in its encoding or in its language, or whose front matter is not YAML.
    """
    with open(source.file, "rb") as file:
        data = file.read()
    text = decode(data, source).translate(CONTROLS)
    tokens, syntax = Tokens(), None
    if source.language == "markdown":
        lines = range(1, text.count("\n") + 2)
        sections = [Section("module", "", text, lines.start, ())]
    elif source.language == "python":
        tree = _parse(text, source)
        tokens = lex_python(text)
        sections = _python_sections(text, tree, tokens)
        package = os.path.basename(source.path) == "__init__.py"
        syntax = read_syntax(text, source.module, package)
    else:
        tokens = lex_other(text, source.language)
        sections = _comment_sections(text, tokens)
    head, front_matter = _front_matter(sections[0], source)
    sections[0] = head
    title = front_matter.get("title") or _heading(head.prose) or _name(source)
    summary = front_matter.get("summary") or _first_sentence(head.prose)
    return Document(source, text, title, summary, tuple(sections), tokens, data, syntax)


def decode(data: bytes, source: Source) -> str:
    r"""
    ## From bytes to text

    A Python file says in its first two lines how it is encoded; other files are UTF-8.
    The byte order mark goes and every line ends with `\n`, as it does for Python.
    """
    encoding = "utf-8-sig"
    try:
        if source.language == "python":
            encoding = tokenize.detect_encoding(BytesIO(data).readline)[0]
    except SyntaxError as error:
        # Either a declaration names no encoding, or there is none and the bytes of the
        # first lines are not UTF-8, which the next step finds with their place.
        if line := _declaration(data):
            raise _error(source, line, 1, "SRC102", f"{error.msg}") from None
    try:
        text = data.decode(encoding)
        # Some encodings can spell half a character, which no page can hold.
        text.encode()
    except UnicodeDecodeError as error:
        # Not in its own encoding, which may allow no replacements.
        before = data[: error.start].decode("utf-8-sig", "replace")
        byte, name = f"0x{data[error.start]:02x}", encoding.removesuffix("-sig")
        message = f"byte {byte} is not valid {name}; save the file as UTF-8"
        line = 1 + before.count("\n")
        column = len(before) - before.rfind("\n")
        raise _error(source, line, column, "SRC102", message) from None
    except (LookupError, UnicodeError):
        # Python knows codecs such as `rot13` that are no encodings.
        message = f"{encoding} does not encode this file; save it as UTF-8"
        raise _error(source, _declaration(data), 1, "SRC102", message) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declaration(data: bytes) -> int:
    """The line that says how a file is encoded, or 0."""
    heads = enumerate(data.split(b"\n", 2)[:2], 1)
    return next((line for line, words in heads if b"coding" in words), 0)


def _parse(text: str, source: Source) -> ast.Module:
    try:
        return syntax_tree(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        message = f"not valid Python: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        line, column = 1 + text[: max(text.find("\0"), 0)].count("\n"), 1
        message = f"not valid Python: {str(error) or 'nested too deeply'}"
    raise _error(source, line, max(column, 1), "SRC101", message)


def _error(
    source: Source, line: int, column: int, rule: str, message: str
) -> SidelitError:
    return SidelitError(Problem(source.path, line, column, rule, message))


def place(document: Document, section: Section, offset: int) -> tuple[int, int]:
    """
    ## Back to the file

    Line and column in the file of a place in the prose of a section. The prose has lost
    its indentation and comment signs, so it stands somewhere in the line of the file.
    """
    prose = section.prose
    offset = min(offset, len(prose))
    start = prose.rfind("\n", 0, offset) + 1
    line = section.prose_line + prose.count("\n", 0, offset)
    text = prose[start:].partition("\n")[0]
    indent = max(document.text.split("\n")[line - 1].find(text), 0)
    return line, indent + offset - start + 1


# What stands in a block of code, or between back-ticks, is not prose.
CODE_SPAN = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")
_CODE_BLOCK = re.compile(r"^[ \t]*(`{3,}|~{3,})[\s\S]*?^[ \t]*\1", re.MULTILINE)


def blank(match: re.Match[str]) -> str:
    """As many spaces, so that everything else stays in its place."""
    return re.sub(r"[^\n]", " ", match[0])


def without_blocks(prose: str) -> str:
    """Prose with its blocks of code blank."""
    return _CODE_BLOCK.sub(blank, prose)


def without_code(prose: str) -> str:
    """Prose with all of its code blank."""
    return CODE_SPAN.sub(blank, without_blocks(prose))


# ## Sections of Python
#
# While the sections are being found, each is known by the line where it starts. `prose`
# is the Markdown and `lines` the lines of the file that it takes up.
@dataclass
class _Start:
    kind: Kind
    qualname: str
    prose: str = ""
    lines: range = range(0)


def _python_sections(text: str, tree: ast.Module, tokens: Tokens) -> list[Section]:
    lines = text.split("\n")
    count = len(lines) - (not lines[-1])
    # The module itself starts above the first line, where nothing else can.
    module = _Start("module", "")
    starts = {0: module}
    # Between the first line of a header and the end of its docstring there may be
    # comments, about an argument or a licence. A section there would tear the docstring
    # from its header, so they stay code.
    headers: set[int] = set()

    if docstring := _docstring(tree, lines):
        module.prose, module.lines = docstring
        headers.update(range(1, module.lines.stop))
    definitions = list(_definitions(tree))
    for definition in definitions:
        if docstring := _docstring(definition.node, lines):
            start = _Start(definition.kind, definition.qualname, *docstring)
            starts[definition.first] = start
            headers.update(range(definition.first, start.lines.stop))
        elif not definition.nested:
            starts[definition.first] = _Start(definition.kind, definition.qualname)
    ends = [found.last + 1 for found in definitions if found.first in starts]

    numbered = enumerate(lines, 1)
    first_code = next((number for number, line in numbered if _is_code(line)), count)
    for prose, span in _comments(text, tokens, _COMMENT_CLASSES, DIRECTIVE):
        if span.start in headers:
            continue
        # A comment that opens the file speaks for the module, one right above a
        # function without a docstring speaks for that function.
        below = starts.get(span.stop)
        if not module.lines and span.start < first_code:
            module.prose, module.lines = prose, span
        elif prose and below and below.qualname and not below.lines:
            del starts[span.stop]
            starts[span.start] = _Start(below.kind, below.qualname, prose, span)
        else:
            starts[span.start] = _Start(
                "note", _scope(span.start, definitions), prose, span
            )

    for end in ends:
        while end <= count and not lines[end - 1].strip():
            end += 1
        if end <= count and end not in starts:
            starts[end] = _Start("note", _scope(end, definitions))
    return _cut(starts, count)


def _cut(starts: dict[int, _Start], count: int) -> list[Section]:
    """
    From starts to sections: each reaches to the next one, and what is not its prose is
    its code. This is where it is certain that no line gets lost.
    """
    order = sorted(starts)
    sections = []
    for first, stop in zip(order, [*order[1:], count + 1], strict=True):
        start, first = starts[first], max(first, 1)
        prose = start.lines or range(first, first)
        spans = (range(first, prose.start), range(prose.stop, stop))
        code = tuple(span for span in spans if span)
        line = prose.start if prose else 0
        sections.append(Section(start.kind, start.qualname, start.prose, line, code))
    return sections


def _is_code(line: str) -> bool:
    line = line.strip()
    return bool(line) and not line.startswith("#")


# ### Definitions
@dataclass(frozen=True, slots=True)
class _Definition:
    """A class or function, from the first line of its header to its last line."""

    node: Definition
    qualname: str
    first: int
    last: int
    parent: "_Definition | None"

    @property
    def kind(self) -> Kind:
        return "class" if isinstance(self.node, ast.ClassDef) else "function"

    @property
    def nested(self) -> bool:
        """Whether it stands in a function, whose thought a new row would interrupt."""
        parent = self.parent
        return parent is not None and (parent.kind == "function" or parent.nested)


def _definitions(tree: ast.Module) -> Iterator[_Definition]:
    """
    All classes and functions in the order of the file. Only statements are visited; the
    expressions, by far the most of a tree, cannot hold any.
    """
    stack: list[tuple[ast.AST, _Definition | None]] = [(tree, None)]
    while stack:
        node, parent = stack.pop()
        if isinstance(node, Definition):
            first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
            qualname = f"{parent.qualname}.{node.name}" if parent else node.name
            last = node.end_lineno or node.lineno
            parent = _Definition(node, qualname, first, last, parent)
            yield parent
        for field in _BODIES[type(node)]:
            children = reversed(getattr(node, field))
            stack += [(child, parent) for child in children if type(child) in _BODIES]


# What holds statements, and where; the last part first, since a stack turns it around.
_BODIES: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys(
        (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef), ("body",)
    ),
    **dict.fromkeys(
        (ast.With, ast.AsyncWith, ast.ExceptHandler, ast.match_case), ("body",)
    ),
    **dict.fromkeys((ast.If, ast.For, ast.AsyncFor, ast.While), ("orelse", "body")),
    **dict.fromkeys(
        (ast.Try, ast.TryStar), ("finalbody", "orelse", "handlers", "body")
    ),
    ast.Match: ("cases",),
}


def _scope(line: int, definitions: list[_Definition]) -> str:
    """
    The class or function that a line stands in: the last one that began above it, or if
    that has ended already, the nearest around it that has not.
    """
    index = bisect_right(definitions, line, key=lambda found: found.first) - 1
    scope = definitions[index] if index >= 0 else None
    while scope and scope.last < line:
        scope = scope.parent
    return scope.qualname if scope else ""


# ### Docstrings
def _docstring(
    node: ast.Module | Definition, lines: list[str]
) -> tuple[str, range] | None:
    """
    The prose of a docstring and the lines that it takes up. One that shares a line with
    code, or is put together of several strings, stays code: lines are not cut in two.
    """
    if not (node.body and isinstance(expression := node.body[0], ast.Expr)):
        return None
    value = expression.value
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return None
    first, last = value.lineno, value.end_lineno or value.lineno
    # The columns of `ast` count bytes of UTF-8.
    opening, closing = lines[first - 1].encode(), lines[last - 1].encode()
    before, after = opening[: value.col_offset], closing[value.end_col_offset :]
    if before.strip() or after.strip():
        return None
    literal = "\n".join(lines[first - 1 : last])[len(before) :].rstrip()
    body = docstring_body(literal)
    if body is None:
        return None
    prose = literal[slice(*body)]
    # A backslash behind the quotes only says that the text begins on the next line.
    if prose.startswith("\\\n") and literal[0] not in "rR":
        prose = prose[1:]
    first_line, *rest = prose.split("\n")
    return "\n".join([first_line.lstrip(), *_dedent(rest)]), range(first, last + 1)


def _dedent(lines: list[str]) -> list[str]:
    lines = [line.expandtabs() if line.strip() else "" for line in lines]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[margin:] for line in lines]


# ## Comments
#
# Comments that speak to programs are code. Readers gain nothing from them, and the
# program that they speak to wants them beside the line that they stand on.
DIRECTIVE = re.compile(
    r"#!|#\s*(?:-\*-|vim?:|(?:en)?coding[:=]|noqa\b|nosec\b|pragma:|fmt:"
    r"|type:\s*(?:ignore|\(.*->|[\w.]+(?:\[.*\])?[ \t]*(?:\n|\Z))"
    r"|yapf:|isort:|ruff:|flake8:|pylint:|pyright:|mypy:|sidelit:|%%)|#(?:end)?region\b"
)
_OTHER_DIRECTIVE = re.compile(
    r"#!|(?:#|//|/\*)\s*(?:shellcheck |eslint|prettier|istanbul |jshint |@ts-|go:"
    r"|nolint|clang-format |NOLINT|rubocop:|frozen_string_literal|yamllint |sidelit:)"
)

# The classes that Pygments gives to comments; Rust's `///` counts as a string for it.
_COMMENT_CLASSES = frozenset({"c", "c1", "cm", "cs"})
_OTHER_COMMENT_CLASSES = _COMMENT_CLASSES | {"sd"}


def _comments(
    text: str,
    tokens: Tokens,
    classes: frozenset[str],
    directive: re.Pattern[str],
) -> Iterator[tuple[str, range]]:
    """
    The comments that have their lines to themselves, as prose and the lines that they
    take up. Comments of one line that stand under each other in one column are one.
    """
    lines = text.split("\n")
    line_starts = [0, *accumulate(len(line) + 1 for line in lines)]
    run: list[str] = []
    first = column = 0
    for kind, start, end in tokens:
        if kind not in classes or directive.match(text, start):
            continue
        token = text[start:end].rstrip()
        line = bisect_right(line_starts, start)
        last = line + token.count("\n")
        indent = start - line_starts[line - 1]
        behind = start + len(token) - line_starts[last - 1]
        if lines[line - 1][:indent].strip() or lines[last - 1][behind:].strip():
            continue
        block = _BLOCK.fullmatch(token)
        if run and (block or line != first + len(run) or indent != column):
            yield _prose_of_run(run), range(first, first + len(run))
            run = []
        if block:
            yield _prose_of_block(block[1]), range(line, last + 1)
            continue
        if not run:
            first, column = line, indent
        run.append(token)
    if run:
        yield _prose_of_run(run), range(first, first + len(run))


# A comment of one line is a sign and a text. What consists of signs alone is a rule
# that somebody drew, or a lone `#` that ends a note.
_LINE = re.compile(r"(?:(?:#|//|--|;|%|/)+[:!]?(?=\s|$)|#+|/{2,}!?|-{2,}|;+|%+)(.*)")
_BLOCK = re.compile(
    r"(?:/\*+!?|<!--|\(\*+|\{-|--\[\[|=begin)(.*?)(?:\*+/|-->|\*+\)|-\}|\]\]|=end)",
    re.DOTALL,
)
_STAR = re.compile(r"\s*\*(?=\s|$)")


def _prose_of_run(run: list[str]) -> str:
    texts = (_LINE.match(line) for line in run)
    return "\n".join(_dedent([match[1] if match else "" for match in texts]))


def _prose_of_block(body: str) -> str:
    first, *rest = body.split("\n")
    # The column of stars that many people draw down a block is not a list.
    if all(_STAR.match(line) for line in rest if line.strip()):
        rest = [_STAR.sub("", line, count=1) for line in rest]
    return "\n".join([first.strip(), *_dedent(rest)])


def _comment_sections(text: str, tokens: Tokens) -> list[Section]:
    """
    ## Sections of other languages

    Comments alone part the sections; what they say about functions, nobody tells us.
    """
    lines = text.split("\n")
    module = _Start("module", "")
    starts = {0: module}
    for prose, span in _comments(
        text, tokens, _OTHER_COMMENT_CLASSES, _OTHER_DIRECTIVE
    ):
        above = (line for line in lines[: span.start - 1] if line.strip())
        if not module.lines and all(line.startswith("#!") for line in above):
            module.prose, module.lines = prose, span
        else:
            starts[span.start] = _Start("note", "", prose, span)
    return _cut(starts, len(lines) - (not lines[-1]))


# ## Front matter
#
# Two lines of three dashes around YAML, at the very start. The lines are emptied, not
# removed, so that every line of the prose keeps its place in the file.
_FRONT_MATTER = re.compile(r"\s*^---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


def _front_matter(section: Section, source: Source) -> tuple[Section, dict[str, str]]:
    match = _FRONT_MATTER.match(section.prose)
    if match is None:
        return section, {}
    import yaml

    line = section.prose_line + section.prose[: match.start(1)].count("\n")
    try:
        values = yaml.safe_load(match[1]) or {}
    # YAML reads 2020-13-45 as a date, and Python has no such day. With a tag such as
    # `!!bool`, it raises whatever it stumbles over.
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        column = 1 + (mark.column if mark else 0)
        message = (
            f"front matter is not YAML: {getattr(error, 'problem', None) or error}"
        )
        raise _error(
            source, line + (mark.line if mark else 0), column, "FRM101", message
        ) from None
    if not isinstance(values, dict):
        message = "front matter must be lines such as `title: Vision Transformer`"
        raise _error(source, line, 1, "FRM101", message)
    for key in ("title", "summary"):
        if key in values and not isinstance(values[key], str):
            message = f"`{key}` must be text; put {values[key]!r} into quotes"
            raise _error(source, line, 1, "FRM101", message)
    prose = "\n" * match[0].count("\n") + section.prose[match.end() :]
    section = Section(
        section.kind, section.qualname, prose, section.prose_line, section.code
    )
    return section, {
        key: " ".join(values[key].translate(CONTROLS).split())
        for key in ("title", "summary")
        if key in values
    }


# Without front matter, a page takes its title from its first heading or its name, and
# its summary from its first sentence.
_HEADING = re.compile(
    r"\s*(?:#{1,2}[ \t]+(.+?)[ \t#]*$|(\S.*)\n=+[ \t]*$)", re.MULTILINE
)
_PARAGRAPH = re.compile(r"^(?![#>\s|`~<-]|={3,}).+(?:\n(?!\s*$).+)*", re.MULTILINE)
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*]|\$")


def _heading(prose: str) -> str:
    match = _HEADING.match(prose)
    return plain_text(match[1] or match[2]) if match else ""


def _first_sentence(prose: str) -> str:
    match = _PARAGRAPH.search(prose)
    # A sentence that needs a formula says nothing without it.
    text = _FORMULA.sub("\0", match[0]) if match else ""
    sentence = re.split(r"(?<=[.!?])\s", plain_text(text), maxsplit=1)[0]
    if "\0" in sentence:
        return ""
    return sentence if len(sentence) <= 200 else sentence[:199].rstrip() + "…"


_FORMULA = re.compile(r"\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)")


def plain_text(markdown: str) -> str:
    """A line of Markdown without its marks, for titles and descriptions."""
    return " ".join(_MARKUP.sub(r"\1", markdown).split())


def _name(source: Source) -> str:
    return source.module or source.path.rsplit("/", 1)[-1]
