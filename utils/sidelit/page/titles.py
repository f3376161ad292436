r"""
---
title: Titles that break
summary: >
  The long name of a module breaks between its words and at its dots, and nowhere else.
---

# Titles that break

A browser that has no room for the long name of a module breaks it anywhere, or not at
all. So each place where a name may be broken is marked.
"""

import re
from html import escape


def breakable(title: str) -> str:
    """A title as HTML, in which long names break between their words."""
    html = escape(title, quote=False)
    return _breakable_words(html) if " " in html else _with_breaks(html)


def breakable_heading(html: str) -> str:
    """The same for the heading of a page, which is HTML already."""
    return _HEADING.sub(
        lambda match: (
            match[1] + _TEXT.sub(lambda text: _breakable_words(text[0]), match[2])
        ),
        html,
        count=1,
    )


def _breakable_words(html: str) -> str:
    return _LONG_WORD.sub(lambda word: _with_breaks(word[0]), html)


def _with_breaks(word: str) -> str:
    return _BETWEEN_WORDS.sub("<wbr>", word)


_HEADING = re.compile(r"(<h1\b[^>]*>)(.*?)(?=</h1>)", re.DOTALL)
_TEXT = re.compile(r"(?<![^>])[^<>]+")
# Between others, a short word fits on any screen.
_LONG_WORD = re.compile(r"[\w.-]{10,}")
# An extension stays with its file.
_BETWEEN_WORDS = re.compile(
    r"""(?<=[^\W_]\.)(?=\w)(?!\w{1,4}$) | (?<=[^\W_][_-])(?=[^\W_])
    | (?<=[a-z\d])(?=[A-Z])""",
    re.VERBOSE,
)
