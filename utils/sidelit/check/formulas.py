r"""
---
title: Formulas
summary: >
  TEX: every symbol of a displayed formula is explained in the text of its page or in a
  table of the site.
---

# Formulas

Whether KaTeX can set a formula shows when the page is made. What KaTeX cannot know is
whether the reader understands it: a symbol that no sentence mentions explains nothing.
"""

import re
from collections.abc import Iterator

from ..read.markdown import blank, without_blocks
from .findings import Finding
from .subject import Subject
from .vocabulary import inline_symbols, symbols_of

_DISPLAY = re.compile(r"\$\$([\s\S]+?)\$\$")

# Everybody knows $\\pi$, $e$, $i$ and $dx$; an index belongs to its symbol.
_UNEXPLAINED = re.compile(
    r"\\pi(?![a-zA-Z])|(?<![\\a-zA-Z])(?:[ei](?![a-zA-Z])|d(?=[ ]?\\?[a-zA-Z]))"
    r"|_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+(?:\{[^{}]*\})?|[a-zA-Z])"
)


def findings(subject: Subject) -> Iterator[Finding]:
    """The first use of each symbol that is explained nowhere."""
    sections = subject.document.sections
    explained = set(subject.vocabulary.symbols)
    for section in sections:
        explained |= inline_symbols(section.prose)
    seen: set[str] = set()
    for section in sections:
        prose = without_blocks(section.prose)
        for formula in _DISPLAY.finditer(prose):
            for symbol, offset in symbols_of(_UNEXPLAINED.sub(blank, formula[1])):
                if symbol not in explained and symbol not in seen:
                    seen.add(symbol)
                    message = f"${symbol}$ is used here and explained nowhere"
                    start = formula.start(1) + offset
                    yield subject.within(section, start, "TEX103", message)
