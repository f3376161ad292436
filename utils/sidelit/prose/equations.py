r"""
---
title: Numbered equations
summary: >
  An equation with a label gets a number and an anchor, and a reference to the label
  becomes a link with that number.
---

# Numbered equations

`\label` and `\ref` work as in a paper. An equation with a `\label{attention}` is
numbered in the order of the page, or has the number of its `\tag`. In the text or in a
formula of its own, `\ref{attention}` is a link to the equation, and `\eqref` puts the
number in parentheses. KaTeX knows neither command, so both are resolved before it sees
the formula.
"""

import re
from collections.abc import Iterable
from itertools import count

from ..markup import formulas

_LABEL = re.compile(r"\s*\\label\{([^{}\n]+)\}")
_TAG = re.compile(r"\\tag\*?\{([^{}\n]*)\}")
_ROW = re.compile(r"\\\\")


def numbers(prose: Iterable[str]) -> dict[str, str]:
    """The number of each label in these texts."""
    found: dict[str, str] = {}
    following = count(1)
    for text in prose:
        if "\\label" not in text:
            continue
        for equation in formulas(text):
            if equation.kind != "display":
                continue
            for row in _ROW.split(equation.content):
                tag = _TAG.search(row)
                for label in _LABEL.findall(row):
                    if label not in found:
                        found[label] = tag[1] if tag else str(next(following))
    return found


def numbered(formula: str, known: dict[str, str]) -> tuple[str, list[str]]:
    """A formula as KaTeX can set it, and the labels that were in it."""
    if "\\label" not in formula:
        return formula, []
    rows = []
    for row in _ROW.split(formula):
        tag = "" if _TAG.search(row) else r"\tag{%s}"
        rows.append(
            _LABEL.sub(
                lambda match, tag=tag: tag and tag % known.get(match[1], ""), row
            )
        )
    return r"\\".join(rows), [one for one in _LABEL.findall(formula) if one in known]


def number(reference: str, known: dict[str, str]) -> str | None:
    r"""The text of `\ref{…}` or `\eqref{…}`; `None` if no equation has that label."""
    found = known.get(label(reference))
    if found is not None and reference.startswith("\\eqref"):
        return f"({found})"
    return found


def label(reference: str) -> str:
    """The label that a reference names."""
    return reference[reference.index("{") + 1 : -1]


def anchor(label: str) -> str:
    """The identifier of an equation on its page."""
    return "equation-" + re.sub(r"[^\w.-]+", "-", label)
