r"""
---
title: The colours of the pages
summary: >
  Read from the style sheet, so that what is drawn outside a page has the colours of
  the pages and no list of its own.
---

# The colours of the pages

Two things besides the style sheet need its colours: the frame of the browser, which
takes that of the page, and the [cards](../publish/cards.py) of the pages.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_STYLE = Path(__file__).parents[1] / "assets" / "sidelit.css"
_PAIR = r"light-dark\((#\w{6}), (#\w{6})\)"


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")


def theme_colors(
    colors: Iterable[tuple[str, tuple[str, str]]],
) -> dict[str, tuple[str, str]]:
    """
    The light and the dark value of each colour of the theme, by name, those that the
    project has set among them.
    """
    pairs = re.findall(rf"^  --([\w-]+): {_PAIR};", _style(), re.MULTILINE)
    ours = {name: (light, dark) for name, light, dark in pairs}
    theirs = {name: (_long(light), _long(dark)) for name, (light, dark) in colors}
    return ours | theirs


def _long(color: str) -> str:
    return re.sub("^#(.)(.)(.)$", r"#\1\1\2\2\3\3", color)


@cache
def code_colors() -> dict[str, str]:
    """The light colours of code, by the kind of the token."""
    rules = re.findall(rf"^(t-.*) {{ color: {_PAIR};", _style(), re.MULTILINE)
    return {
        kind.removeprefix("t-"): light
        for kinds, light, _ in rules
        for kind in kinds.split(", ")
    }
