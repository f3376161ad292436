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
    written = document.text.split("\n")[line - 1]
    indent = written.find(text)
    if indent < 0:
        # The line has become Markdown, but its words are those of the file.
        return line, 1 + _same_word(text, offset - start, written)
    return line, indent + offset - start + 1


def _same_word(text: str, offset: int, written: str) -> int:
    """Where a word of a text stands in what was written in its place."""
    margin = len(written) - len(written.lstrip())
    if (word := _WORD.search(text, offset)) is None:
        return margin
    pattern = re.compile(rf"\b{word[0]}\b")
    before = len(pattern.findall(text, 0, word.start()))
    found = [match.start() for match in pattern.finditer(written)]
    return found[min(before, len(found) - 1)] if found else margin


_WORD = re.compile(r"\w+")


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
