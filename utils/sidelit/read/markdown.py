r"""
---
title: Prose as it is written
summary: >
  Where the prose of a section stands in its file, which of it is code, and a line of
  Markdown without its marks.
---

# Prose as it is written
"""

import re

from ..markup import NUMBER
from ..model import Document, Section


def place(document: Document, section: Section, offset: int) -> tuple[int, int]:
    """
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


def plain_text(markdown: str) -> str:
    """A line of Markdown without its marks, for titles and descriptions."""
    return " ".join(_MARKUP.sub(r"\1\2\3", markdown).split())


# The star in a quoted number stays.
_MARKUP = re.compile(rf"({NUMBER})|" r"!?\[([^\]]*)\]\([^)]*\)|\\([`*$])|[`*$]")
