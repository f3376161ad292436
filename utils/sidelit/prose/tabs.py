r"""
---
title: Tabs
summary: >
  Alternatives of which a reader sees one at a time: how they are written, and how
  quotations that follow each other become one group.
---

# Tabs

````markdown
> [!TAB] pip
> `pip install mypackage`

> [!TAB] conda
> `conda install mypackage`
````

Tabs that follow each other are one group, of which the first is open. Each is an
element `details`, and a browser keeps one of a name open: with the mouse, by keyboard
and without a script. On paper all are open. Elsewhere, on a forge or in the Markdown of
a page, they are quotations one below the other.
"""

import re
from collections.abc import Iterator
from html import escape

from ..model import unique
from .figures import Fault
from .tags import WRITTEN

# What the renderer makes of one tab. An author's own tags have a mark in front of them
# until they are cleaned, so none of theirs is taken for these.
_START, _TAB, _END = '<div class="tabs">', '<details class="tab">', "</details></div>\n"
_BETWEEN = f"{_END}{_START}"
_TAG = re.compile(f"(?<!{WRITTEN})(?:{_START}|{_TAB}|{_END})")


def tab(title: str, body: str) -> str:
    """A tab, in a group of its own until the rest is known."""
    return f"{_START}{_TAB}<summary>{title}</summary>\n{body}{_END}"


def grouped(html: str, anchor: str, names: set[str], taken: set[str]) -> str:
    """
    The HTML of a section with its tabs in groups, which have names that begin like the
    section's; these are added to `names`, and to those that are `taken` on the page.
    """
    # For each group around a place, its name, and whether a tab of it is open.
    groups: list[tuple[str, bool]] = []

    def tag(match: re.Match[str]) -> str:
        if match[0] == _START:
            name = unique(f"{anchor}:tabs-{len(names) + 1}", taken)
            groups.append((name, False))
            names.add(name)
        elif match[0] == _END:
            groups.pop()
        else:
            name, is_open = groups[-1]
            groups[-1] = name, True
            return f'{_TAB[:-1]} name="{escape(name)}"{"" if is_open else " open"}>'
        return match[0]

    return _TAG.sub(tag, html.replace(_BETWEEN, "</details>\n"))


_IN_PROSE = re.compile(
    r"^ {0,3}>[ \t]?\[!TAB\](?P<title>.*)(?P<body>(?:\n[ \t]*>.*)*)",
    re.MULTILINE | re.IGNORECASE,
)


def faults(prose: str) -> Iterator[Fault]:
    """What is wrong with the tabs in some prose without blocks of code."""
    if "[!" not in prose:
        return
    for match in _IN_PROSE.finditer(prose):
        if not match["title"].strip():
            yield Fault(match.start(), "a tab has no title; write > [!TAB] and a word")
        elif not re.search(r"[^\s>]", match["body"]):
            yield Fault(match.start(), "a tab is empty; go on below it with >")
