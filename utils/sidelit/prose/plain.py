r"""
---
title: Text without a parser
summary: >
  Most comments are a sentence or two in which a Markdown parser finds nothing but a
  name in back-ticks. Their HTML is known beforehand, so they need no parser.
---

# Text without a parser

A parser spends most of its time on finding nothing. The expressions here recognise text
that is certain to be what it seems: headings and paragraphs without mark-up, except for
code in single back-ticks. They may miss such a text, which only costs time, but must
never accept another one. So the tests compose random texts and compare the result here
with that of mistune.
"""

import re
from html import escape
from typing import NamedTuple

from ..markup import HEADING_SIGNS

# Characters that stand for themselves, some of them only in such a place.
_INERT = r"""[^\\`*_\[\]<>&~$\n\t:!]++ | (?<!\w)__[a-zA-Z]\w*__(?!\w) | _(?=\w)
    | :(?!//) | <(?=[\s=]) | [>~!](?!~) | \](?![(\[]) | \[(?!\^)
    | (?<=\s)\*{1,2}(?=[^\W_]|\s)"""
_CODE = r"(?<!`)`(?!`)([^`\n]++)`(?!`)"
_LINE = rf"(?>(?: {_INERT} | {_CODE} )+) (?<!\ )"
# No line of a paragraph may begin like a list, a table, a definition or an underline.
_START = r"[ ]{0,3}+ (?! [-+=:|>\#~\s\[] | \*(?!\w) | \d{1,9}[.)] (?: \s | $ ) )"

_LINES = re.compile(rf"{_LINE} (?>(?: \n {_LINE} )*)", re.VERBOSE)
_BLOCK = re.compile(
    rf"""\n*+ (?: (?P<signs> {HEADING_SIGNS} ) [ ]++ (?P<title> {_LINE} ) (?<!\#)
        | (?P<paragraph> {_START} {_LINE} (?>(?: \n {_START} {_LINE} )*) )
    ) (?: \n++ | \Z )""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"^ +", re.MULTILINE)
_CODE_SPAN = re.compile(_CODE)
# With this begins an address, although all of its characters stand for themselves.
WWW = "www."


class Block(NamedTuple):
    """A heading of some level, or a paragraph, which has level 0."""

    level: int
    text: str


def plain_blocks(text: str) -> list[Block] | None:
    """The headings and paragraphs of a text; `None` if there may be anything else."""
    blocks, position = [], 0
    if WWW in text:
        return None
    while position < len(text):
        if (match := _BLOCK.match(text, position)) is None:
            return None
        signs = match["signs"] or ""
        blocks.append(Block(len(signs), match["title"] or match["paragraph"]))
        position = match.end()
    return blocks


def plain_pieces(text: str) -> list[str] | None:
    """
    The lines of a paragraph as text and code by turns, text first, or `None` if there
    may be mark-up.
    """
    is_plain = WWW not in text and _LINES.fullmatch(text)
    return pieces(text) if is_plain else None


def pieces(text: str) -> list[str]:
    """The text of a block as text and code by turns, text first."""
    found = _CODE_SPAN.split(_LINE_START.sub("", text))
    # One space on either side of the code only keeps a back-tick apart.
    found[1::2] = [
        code[1:-1] if code.strip(" ") and code[0] == code[-1] == " " else code
        for code in found[1::2]
    ]
    return found


def as_text(text: str) -> str:
    """Plain text as mistune writes it into HTML."""
    return escape(text).replace("&#x27;", "'")
