r"""
---
title: Macros
summary: >
  Commands that an author defines for all formulas of a project, expanded before
  anything else sees the formula.
---

# Macros

An author who writes $\mathbb{R}$ on every page wants to write `\R`. The setting
`macros` says what such a command stands for. The command is expanded in the formula
itself, so pages, notebooks and Markdown show the same, whatever sets their formulas.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Edit(NamedTuple):
    """A part of a text and what replaces it."""

    start: int
    end: int
    text: str


def edited(text: str, edits: list[Edit]) -> str:
    """A text with all edits, which stand in order."""
    pieces: list[str] = []
    position = 0
    for start, end, new in edits:
        pieces += (text[position:start], new)
        position = end
    return "".join([*pieces, text[position:]])


def place_before(position: int, edits: list[Edit]) -> int:
    """Where a place in an edited text was in the text before."""
    for start, end, new in edits:
        if position < start:
            break
        if position < start + len(new):
            return start
        position += end - start - len(new)
    return position


class Macros:
    """
    ## Macros

    The commands of a project, each with the LaTeX that it stands for. As in LaTeX, `#1`
    is its first argument.
    """

    def __init__(self, macros: Mapping[str, str]) -> None:
        self.macros = macros
        names = "|".join(
            re.escape(name) + ("(?![A-Za-z])" if name[-1].isalpha() else "")
            for name in sorted(macros, reverse=True)
        )
        self._command = re.compile(rf"({names})|\\[A-Za-z]+|\\[\s\S]")

    def edits(self, formula: str) -> list[Edit]:
        """What has to be written out in a formula."""
        found: list[Edit] = []
        position = 0
        while self.macros and (match := self._next(formula, position)):
            text, position = self._written_out(formula, match)
            found.append(Edit(match.start(), position, self.expanded(text)))
        return found

    def expanded(self, formula: str) -> str:
        """
        A formula with all macros written out. Where they multiply beyond all reason,
        some are left, of which KaTeX will say that it does not know them.
        """
        position = 0
        for _ in range(_MOST if self.macros else 0):
            if (match := self._next(formula, position)) is None:
                break
            # What has been written out may have macros again.
            position = match.start()
            text, end = self._written_out(formula, match)
            formula = formula[:position] + text + formula[end:]
        return formula

    def _next(self, formula: str, position: int) -> re.Match[str] | None:
        found = self._command.finditer(formula, position)
        return next((match for match in found if match[1]), None)

    def _written_out(self, formula: str, match: re.Match[str]) -> tuple[str, int]:
        """What stands for a macro with its arguments, and where these end."""
        text, position = self.macros[match[1]], match.end()
        last = max(map(int, re.findall(r"#([1-9])", text)), default=0)
        arguments = []
        for _ in range(last):
            argument, position = _argument(formula, position)
            arguments.append(argument)
        text = re.sub(r"#([1-9])", lambda sign: arguments[int(sign[1]) - 1], text)
        # `\R x` must not become `\mathbfx`.
        if re.search(r"\\[A-Za-z]+$", text) and formula[position:][:1].isalpha():
            text += " "
        return text, position

    def circular(self) -> str:
        """A macro that leads back to itself, or nothing."""
        used = {
            name: {match[1] for match in self._command.finditer(text) if match[1]}
            for name, text in self.macros.items()
        }
        for name in self.macros:
            reached: set[str] = set()
            waiting = [name]
            while waiting:
                for other in used[waiting.pop()] - reached:
                    reached.add(other)
                    waiting.append(other)
            if name in reached:
                return name
        return ""


NO_MACROS = Macros({})

# As many as KaTeX writes out itself.
_MOST = 1000

_ARGUMENT = re.compile(r"\s*(\\[A-Za-z]+|\\[\s\S]|[^\s{}])")
_OPENING = re.compile(r"\s*\{")
_BRACE = re.compile(r"\\[\s\S]|[{}]")


def _argument(formula: str, position: int) -> tuple[str, int]:
    """The argument at a position, and where it ends; nothing where there is none."""
    if match := _ARGUMENT.match(formula, position):
        return match[1], match.end()
    if opening := _OPENING.match(formula, position):
        end = closing_brace(formula, opening.end() - 1)
        if end < len(formula):
            return formula[opening.end() : end], end + 1
    return "", position


# What is in a comment, or written as it is, is no LaTeX. It has the first group.
VERBATIM = r"% [^\n]* | \\verb\*? ([^a-zA-Z\s*]) .*? \1"


def closing_brace(formula: str, start: int) -> int:
    """Where the brace ends that begins at `start`: if nowhere, behind the formula."""
    depth = 0
    for brace in _BRACE.finditer(formula, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return brace.start()
    return len(formula)
