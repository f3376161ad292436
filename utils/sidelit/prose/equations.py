r"""
---
title: Numbered equations
summary: >
  An equation with a label gets a number and an anchor, and a reference to the label
  becomes a link with that number.
---

# Numbered equations

`\label` and `\ref` work as in a paper: what has a `\label{attention}` is numbered in
the order of the page, or has the number of its `\tag`, and `\ref{attention}` in the
text or in a formula of its own is a link to it; `\eqref` puts it in brackets. KaTeX
knows neither, so both are resolved before it sees the formula.
"""

import re
from collections.abc import Iterable
from itertools import count

from ..read.markdown import without_code

REFERENCE = r"\\(?:eq)?ref\{[^{}\n]+\}"
_LABEL = re.compile(r"\s*\\label\{([^{}\n]+)\}")
_TAG = re.compile(r"\\tag\*?\{([^{}\n]*)\}")
_ROW = re.compile(r"\\\\")
_EQUATION = re.compile(r"\$\$[\s\S]+?\$\$|\\begin\{(\w+\*?)\}[\s\S]+?\\end\{\1\}")


def numbers(prose: Iterable[str]) -> dict[str, str]:
    """The number of each label in these texts."""
    found: dict[str, str] = {}
    following = count(1)
    for text in prose:
        if "\\label" not in text:
            continue
        for equation in _EQUATION.finditer(without_code(text)):
            for row in _ROW.split(equation[0]):
                tag = _TAG.search(row)
                for label in _LABEL.findall(row):
                    if label not in found:
                        found[label] = tag[1] if tag else str(next(following))
    return found


def numbered(formula: str, known: dict[str, str]) -> tuple[str, list[str]]:
    """A formula as KaTeX can set it, and the labels that were in it."""
    rows = []
    for row in _ROW.split(formula):
        tag = "" if _TAG.search(row) else r"\tag{%s}"
        rows.append(
            _LABEL.sub(
                lambda match, tag=tag: tag and tag % known.get(match[1], ""), row
            )
        )
    return r"\\".join(rows), [one for one in _LABEL.findall(formula) if one in known]


def anchor(label: str) -> str:
    """The identifier of an equation on its page."""
    return "equation-" + re.sub(r"[^\w.-]+", "-", label)
