r"""
---
title: Comments
summary: >
  Comments that have their lines to themselves become prose; those that speak to
  programs stay code.
---

# Comments
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from ..model import Tokens
from ..syntax import line_starts

# Comments that speak to programs are code. Readers gain nothing from them, and the
# program that they speak to wants them beside the line that they stand on.
DIRECTIVE = re.compile(
    r"#!|#\s*(?:-\*-|vim?:|(?:en)?coding[:=]|noqa\b|nosec\b|pragma:|fmt:"
    r"|type:\s*(?:ignore|\(.*->|[\w.]+(?:\[.*\])?[ \t]*(?:\n|\Z))"
    r"|yapf:|isort:|ruff:|flake8:|pylint:|pyright:|mypy:|sidelit:|%%)|#(?:end)?region\b"
)
OTHER_DIRECTIVE = re.compile(
    r"#!|(?:#|//|/\*)\s*(?:shellcheck |eslint|prettier|istanbul |jshint |@ts-|go:"
    r"|nolint|clang-format |NOLINT|rubocop:|frozen_string_literal|yamllint |sidelit:)"
)

# The classes that Pygments gives to comments; Rust's `///` counts as a string for it.
COMMENT_CLASSES = frozenset({"c", "c1", "cm", "cs"})
OTHER_COMMENT_CLASSES = COMMENT_CLASSES | {"sd"}


def comments(
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
    starts = line_starts(lines)
    run: list[str] = []
    first = column = 0
    for number, kind in enumerate(tokens.kinds):
        if kind not in classes:
            continue
        start, end = tokens.starts[number], tokens.ends[number]
        if directive.match(text, start):
            continue
        token = text[start:end].rstrip()
        line = bisect_right(starts, start)
        last = line + token.count("\n")
        indent = start - starts[line - 1]
        behind = start + len(token) - starts[last - 1]
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
    return "\n".join(dedent([match[1] if match else "" for match in texts]))


def _prose_of_block(body: str) -> str:
    first, *rest = body.split("\n")
    # The column of stars that many people draw down a block is not a list.
    if all(_STAR.match(line) for line in rest if line.strip()):
        rest = [_STAR.sub("", line, count=1) for line in rest]
    return "\n".join([first.strip(), *dedent(rest)])


def dedent(lines: list[str]) -> list[str]:
    """Lines without the margin that they share."""
    # Most comments are one line, and many docstrings are, too.
    if len(lines) < 2:
        return [line.expandtabs().lstrip() if line.strip() else "" for line in lines]
    lines = [line.expandtabs() if line.strip() else "" for line in lines]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[margin:] for line in lines]
