r"""
---
title: Symbols and variables
summary: >
  If prose says that a variable is the symbol of a formula, the two are linked, so that
  pointing at one lights up the other.
---

# Symbols and variables

Half of the work of reading a paper beside its code is remembering that `d_model` is
$D$. Prose says so once: "`d_model` is the width of a token, $D$". This module finds
such pairs. In the formulas of the page, it wraps each such symbol in a command of KaTeX
that leaves a mark in the HTML.
"""

import re
from collections.abc import Iterable
from functools import cache

from ..model import Document, Section

# A symbol is a letter or a command, with a subscript or without: D, D_h, \mathbf{E}.
_SYMBOL = r"(?:\\[a-zA-Z]+(?:\{[^{}$]*\})?|[A-Za-z])(?:_(?:\{[^{}$]*\}|\w))?"

# A bullet or the row of a table ties a name to the first formula in it, if that is a
# symbol, or a symbol and what it equals. In a sentence, name and symbol stand together.
_PAIRS = (
    re.compile(
        rf"^\s*(?:[*+-]\s+|\|\s*)`(?P<name>[A-Za-z_]\w*)`(?!,\s*`|\s+and\s+`)"
        rf"(?:(?!\n\s*[*+-]\s|\n\s*\n|\n\s*\|)[^$`])*?\$(?P<symbol>{_SYMBOL})(?:\s*=[^$]*)?\$",
        re.MULTILINE,
    ),
    re.compile(rf"`(?P<name>[A-Za-z_]\w*)`,\s*\$(?P<symbol>{_SYMBOL})\$"),
)

# The letters of these commands are words and not symbols. A set is not a variable.
TEXT_COMMANDS = re.compile(
    r"\\(?:operatorname\*?|text\w*|mathrm|begin|end|label|tag|color|textcolor)"
    r"\s*\{[^{}]*\}"
)
_SETS = re.compile(r"\\math(?:bb|cal)\s*\{[^{}]*\}")


def pairs(prose: Iterable[str]) -> dict[str, str]:
    """The variable of each symbol that these texts tie to one; the first one counts."""
    found: dict[str, str] = {}
    for text in prose:
        for pattern in _PAIRS:
            for match in pattern.finditer(text):
                found.setdefault(match["symbol"], match["name"])
    return found


def table_symbols(document: Document) -> dict[str, str]:
    """The symbols in the tables of a document, which are vocabulary for all pages."""
    return pairs(
        "\n".join(line for line in section.prose.split("\n") if line[:1] == "|")
        for section in document.sections
        if "|" in section.prose
    )


def shared_symbols(tables: Iterable[dict[str, str]]) -> dict[str, str]:
    """The vocabulary of a site, from its tables in reading order: the first counts."""
    shared: dict[str, str] = {}
    for table in tables:
        for symbol, name in table.items():
            shared.setdefault(symbol, name)
    return shared


def regions(
    sections: Iterable[Section], shared: Iterable[str]
) -> dict[str, frozenset[str]]:
    """
    The regions in which each variable with a symbol is the one that the prose means:
    the top-level classes and functions whose prose introduces it. One that the prose of
    the module introduces, or the vocabulary of the site, `shared`, has this meaning
    everywhere, in the region with the empty name.
    """
    found = {name: {""} for name in shared}
    for section in sections:
        for name in pairs([section.prose]).values():
            found.setdefault(name, set()).add(region(section.qualname))
    return {name: frozenset(places) for name, places in found.items()}


def region(qualname: str) -> str:
    """The top-level class or function that something is in."""
    return qualname.partition(".")[0]


def mark(formula: str, symbols: dict[str, str]) -> str:
    """The formula with each known symbol wrapped, so that the page can find it."""
    if not symbols:
        return formula
    words = [
        match.span()
        for pattern in (TEXT_COMMANDS, _SETS)
        for match in pattern.finditer(formula)
    ]

    def wrap(match: re.Match[str]) -> str:
        start, symbol = match.start(), match[0]
        if any(first <= start < last for first, last in words):
            return symbol
        return rf"{{\htmlData{{symbol={symbols[symbol]}}}{{{symbol}}}}}"

    return _pattern(tuple(sorted(symbols))).sub(wrap, formula)


@cache
def _pattern(symbols: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first, so that D_h is not taken for D. A D within another command, or
    # with a subscript, is not the symbol D.
    longest = sorted(symbols, key=lambda one: (-len(one), one))
    return re.compile(
        rf"(?<![A-Za-z\\])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z_])"
    )
