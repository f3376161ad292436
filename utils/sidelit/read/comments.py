r"""
---
title: Comments
summary: >
  Comments that have their lines to themselves become prose; those that speak to
  programs, and code that somebody has commented out, stay code.
---

# Comments
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from ..model import Tokens
from ..plugins import languages
from ..syntax import line_starts
from .commented_out import is_code
from .directives import DIRECTIVE, GO_DIRECTIVE, OTHER_DIRECTIVE, directive_end
from .drawings import indented, paragraphs, without_drawings
from .scanner import BLOCK, LINE

_PYTHON = frozenset({"c"})
_OTHERS = frozenset({LINE, BLOCK})


def comments(text: str, tokens: Tokens, language: str) -> Iterator[tuple[str, range]]:
    """
    The comments that have their lines to themselves, as prose and the lines that they
    take up. Comments of one line that stand under each other in one column are one.
    """
    classes, directive = _OTHERS, OTHER_DIRECTIVE
    if language == "python":
        classes, directive = _PYTHON, DIRECTIVE
    elif language == "go":
        directive = GO_DIRECTIVE
    plain, block = _signs(language)
    lines = text.split("\n")
    starts = line_starts(lines)
    run: list[str] = []
    texts: list[str] = []
    first = column = directive_stop = 0
    for number, kind in enumerate(tokens.kinds):
        if kind not in classes:
            continue
        start, end = tokens.starts[number], tokens.ends[number]
        if start < directive_stop:
            continue
        token = text[start:end].rstrip()
        line = bisect_right(starts, start)
        last = line + token.count("\n")
        indent = start - starts[line - 1]
        behind = start + len(token) - starts[last - 1]
        if lines[line - 1][:indent].strip() or lines[last - 1][behind:].strip():
            continue
        # Behind a backslash at its end, the line above goes on here, unless it is a
        # comment.
        if language == "python" and lines[line - 2 : line - 1]:
            above = number and tokens.ends[number - 1] >= starts[line - 1] - 1
            if lines[line - 2].endswith("\\") and not (
                above and tokens.kinds[number - 1] == kind
            ):
                continue
        # `#|` is for a program in most languages, and begins a block in Lisp.
        if kind != BLOCK or block is _BLOCK:
            directive_stop = directive_end(text, start, end, directive)
        if directive_stop > start:
            continue
        is_long = "\n" in token
        goes_on = line == first + len(run) and indent == column and not is_long
        # `///` below `//` begins a new comment; `//` below `///` goes on with it.
        if run and (not goes_on or _is_triple(token) > _is_triple(run[0])):
            yield from _comment(dedent(texts), run, first, language)
            run, texts = [], []
        said = _text_of_block(token, block) if kind == BLOCK else [_text(token, plain)]
        if is_long:
            written = token.split("\n")
            yield from _comment(said, written, line, language)
            continue
        if not run:
            first, column = line, indent
        run.append(token)
        texts += said
    if run:
        yield from _comment(dedent(texts), run, first, language)


def _comment(
    lines: list[str], written: list[str], first: int, language: str
) -> Iterator[tuple[str, range]]:
    """The lines of a comment as prose, unless all of it is code."""
    groups = [*paragraphs(lines)]
    code = []
    # A comment in front of a definition was never code.
    if not _DOCUMENTS.match(written[0]):
        code = [
            group
            for group in groups
            if is_code(_part(lines, group), language)
            and not (language == "ruby" and lines[group.start].strip() == _CALLS)
        ]
    if code and len(code) == len(groups):
        return
    if language == "ruby":
        lines = [_RDOC.sub(_as_heading, line) for line in _with_calls(lines)]
    elif language in _MARKED:
        lines = [_MARK.sub(_as_marked, line) for line in lines]
        if not any(lines):
            return
    lines = without_drawings(lines, written)
    if language == "yaml":
        # What helm-docs reads begins so.
        lines = [lines[0].removeprefix("-- "), *lines[1:]]
    if not any("```" in line or "~~~" in line for line in lines):
        has_list = any(map(_ITEM.match, lines))
        for group in code:
            part = _part(lines, group)
            # Markdown knows some of it, if no list is there that it could belong to.
            is_indented = not has_list and all(map(_AS_CODE.match, part))
            if not is_indented:
                lines[group.start : group.stop] = indented(part)
        for group in groups:
            # A sentence that ends so has no item of a list at its end, with no text.
            if len(group) > 1 and (match := _NUMBER.fullmatch(lines[group.stop - 1])):
                lines[group.stop - 1] = f"{match[1]}\\{match[2]}"
    yield "\n".join(lines), range(first, first + len(lines))


# Ruby's own documents have headings such as `== Usage`.
_RDOC = re.compile(r"^(={1,6})(?=[ \t]+[^\s=](?!.*=$))")


def _as_heading(match: re.Match[str]) -> str:
    return "#" * len(match[1])


# Xcode lists `MARK: - Helpers` among the definitions of a file, with a line above it.
# The line alone says nothing.
_MARKED = frozenset(("swift", "c", "cpp"))
_MARK = re.compile(r"^[ \t]*MARK:[ \t]*(?:-(?:[ \t]+|$))?(.*?)(?:[ \t]+-)?[ \t]*$")


def _as_marked(match: re.Match[str]) -> str:
    return match[1] and f"## {match[1]}"


_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")
_AS_CODE = re.compile(" {4}|$")
_CALLS = ":call-seq:"


def _with_calls(lines: list[str]) -> list[str]:
    """The lines of a comment for RDoc with the ways to call a method as code."""
    out = [*lines]
    for group in paragraphs(lines):
        calls = lines[group.start + 1 : group.stop]
        if lines[group.start].strip() == _CALLS and calls:
            out[group.start : group.stop] = "", *indented(dedent(calls))
    return out


def _part(lines: list[str], span: range) -> list[str]:
    return lines[span.start : span.stop]


_NUMBER = re.compile(r"(\s*\d+)([.)])\s*")

# What begins like this is written for a tool that makes documents of it.
_DOCUMENTS = re.compile(r"/\*[*!](?!\*)|//[/!]|---|\"{3}")


def _is_triple(line: str) -> bool:
    """Whether a comment of one line has three slashes, which document code."""
    return line.startswith("///") and line[3:4] != "/"


# A comment of one line is a sign and a text. What consists of signs alone is a rule
# that somebody drew, or a lone `#` that ends a note.
_LINE = re.compile(r"(?:(?:#|//|--)+[:!]?(?=\s|$)|#+|/{2,}!?|-{2,})(.*)")
_BLOCK = re.compile(
    r"(?:/\*+!?|--\[=*\[-*|#=+|=begin[^\n]*|//)"
    r"(.*?)(?:\*+/|(?<=\*)/|(?:--)?\]=*\](?:--+)?|=+#|(?<==)#|^=end[^\n]*|\Z)",
    re.DOTALL | re.MULTILINE,
)
# The column of stars that many people draw down a block is not a list.
_STAR = re.compile(r"\s*\*(?=\s|$|\*+\s*$)")


@cache
def _signs(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What matches a comment of one line and a block, with what they say as a group."""
    added = languages().get(language)
    if added is None or not (added.line or added.block):
        return _LINE, _BLOCK
    line, starts, ends = (
        "|".join(map(re.escape, signs))
        for signs in (
            added.line,
            [start for start, _ in added.block],
            [end for _, end in added.block],
        )
    )
    plain = re.compile(rf"(?:{line})+(.*)")
    return plain, re.compile(rf"(?:{starts})(.*?)(?:{ends}|\Z)", re.DOTALL)


def _text(token: str, signs: re.Pattern[str]) -> str:
    match = signs.match(token)
    return match[1] if match else ""


# In a docstring of Julia, these need a backslash, and links may lead to names that only
# Documenter.jl knows.
_ESCAPED = re.compile(r'\\([\\$"])|\[([^\[\]\n]*)\]\(@(?:ref|id)\b[^()\n]*\)')


def _text_of_block(token: str, signs: re.Pattern[str]) -> list[str]:
    if signs is _BLOCK and token.startswith('"'):
        token = _ESCAPED.sub(r"\1\2", token)
        quotes = 3 if token.startswith('"""') else 1
        first, *rest = token[quotes:-quotes].split("\n")
        return [first, *dedent(rest)]
    match = signs.fullmatch(token)
    first, *rest = (match[1] if match else token).split("\n")
    if all(_STAR.match(line) for line in rest if line.strip()):
        rest = [_STAR.sub("", line, count=1) for line in rest]
    return [first.strip(), *dedent(rest)]


def dedent(lines: list[str]) -> list[str]:
    """Lines without the margin that they share, and with spaces in place of tabs."""
    # Most comments are one line, and many docstrings are, too.
    if len(lines) < 2:
        return [line.expandtabs().lstrip() if line.strip() else "" for line in lines]
    if any("\t" in line for line in lines):
        lines = _with_spaces(lines)
    lines = [line if line.strip() else "" for line in lines]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[margin:] for line in lines]


def _with_spaces(lines: list[str]) -> list[str]:
    """
    Lines with spaces in place of tabs, eight columns apart as in Python. Where there is
    a list, or a margin of fewer spaces, a tab in front is as wide as in Markdown, in
    which an item would stand too deep; unless eight spaces stand for a tab.
    """
    margins = [len(line) - len(line.lstrip(" ")) for line in lines if line[:1] == " "]
    least = min(margins, default=0) % 4
    is_markdown = least or any(map(_ITEM.match, lines))
    is_eight = not is_markdown or any(margin >= 8 for margin in margins)
    out = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        width = len(indent.expandtabs(8 if is_eight else 4))
        width += 0 if is_eight or line[:1] == " " or not indent else least
        # Columns in the text are those that its author saw.
        out.append(f"{' ' * width}{line.expandtabs().lstrip()}")
    return out
