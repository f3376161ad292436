r"""
---
title: Text without mark-up
summary: >
  Most comments are a sentence or two in which a Markdown parser has nothing to find. It
  is certain what becomes of them, so they need no parser.
---

# Text without mark-up

A parser takes most of its time to find nothing. The expressions here say which text is
certain to mean itself. They may overlook a plain text, which only takes longer, but
must never take a text for plain that is not. So the tests put texts together at random
and compare what becomes of them here with what mistune makes of them.
"""

import re
from html import escape

_INERT = r"""(?: [^\\`*_\[\]<>&~$\n\t:!]++ | (?<!\w)__[a-zA-Z]\w*__(?!\w) | _(?=\w)
    | :(?!//) | <(?=[\s=]) | [>~!](?!~) | \](?![(\[]) | \[(?!\^)
    | (?<=\s)\*{1,2}(?=[\w\s]) )++ (?<! \ )"""
_LINES = re.compile(rf"{_INERT} (?: \n {_INERT} )*+", re.VERBOSE)
_PARAGRAPHS = re.compile(
    rf"""\n*+ (?: [ ]{{0,3}}+ (?! [-+=:|>#~\s\[] | \*(?!\w) | \d{{1,9}}[.)] (?: \s|$ ) )
        {_INERT} (?: \n++ | \Z ) )*+""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"^ +", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n\n+")


def plain_lines(text: str) -> str | None:
    """Lines of a paragraph as mistune reads them; `None` if they may have mark-up."""
    return _LINE_START.sub("", text) if _LINES.fullmatch(text) else None


def plain_paragraphs(text: str) -> str | None:
    """The HTML of paragraphs; `None` if there may be anything else."""
    if not _PARAGRAPHS.fullmatch(text):
        return None
    text = _LINE_START.sub("", escape(text.strip("\n ")).replace("&#x27;", "'"))
    return "<p>" + _PARAGRAPH_END.sub("</p>\n<p>", text) + "</p>\n"
