r"""
---
title: Formulas as MathML
summary: >
  math-core turns LaTeX into MathML that browsers draw themselves, where KaTeX and Node
  are not there or not wanted.
---

# Formulas as MathML

KaTeX needs Node, and its pages need its style sheet and fonts. math-core comes with
sidelit and needs neither: the browser draws its MathML in a font for formulas that the
reader has. It knows less LaTeX, so what it cannot set is told with its place, and some
of what it lacks is written otherwise before it sees the formula:

* `\mbox` is `\text`, and a formula within a text is taken out of it.
* `split`, `alignat` and `alignedat` are `aligned` and `align`.
* A `\tag` may hold more than letters, and stand in a formula without an environment;
  so may `\\`.
* The distance in `\\[1em]`, and a `\\` behind the last row, are left out.
* The [mark of a symbol](symbols.py) is a colour that becomes an attribute.
"""

import re
from functools import cache
from html import escape
from itertools import count
from typing import TYPE_CHECKING

from ..macros import VERBATIM, Edit, closing_brace, edited, place_before

if TYPE_CHECKING:
    from math_core import LatexToMathML


class FormulaError(Exception):
    """A formula cannot be set. `position` is the character in it, counted from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def mathml(formula: str, display: bool) -> str:
    """
    The MathML of a formula in the HTML that pages have around it, with the formula in
    its annotation. Raises `FormulaError`.
    """
    _check_depth(formula)
    rewritten = _Rewritten(formula, display)
    html = _converted(rewritten.text, rewritten.edits, display)
    for name, color in rewritten.marks:
        html = html.replace(f'style="color:#{color};"', f'data-symbol="{name}"', 1)
    html = rewritten.with_tags(html)
    source = escape(formula, quote=False)
    html = _ANNOTATION.sub(lambda match: f"{match[1]}{source}{match[2]}", html)
    html = f'<span class="math">{html}</span>'
    return f'<span class="math-display">{html}</span>' if display else html


_ANNOTATION = re.compile(r"(<annotation\b[^>]*>).*(</annotation>)", re.DOTALL)
_ERROR = re.compile(r"(\d+): (.*)", re.DOTALL)


@cache
def _converter() -> "LatexToMathML":
    # Importing it takes time, and most sites have KaTeX.
    from math_core import LatexToMathML

    return LatexToMathML(
        annotation=True, fancy_error=False, max_expansions=_MOST_EXPANSIONS
    )


def _converted(text: str, edits: list[Edit], display: bool) -> str:
    """The MathML of a text that came of a formula by some edits."""
    from math_core import LatexError

    try:
        return _converter().convert_with_local_state(text, displaystyle=display)
    except LatexError as error:
        told = _ERROR.fullmatch(str(error))
        position, message = (int(told[1]), told[2]) if told else (0, str(error))
        place = place_before(min(position, len(text)), edits)
        raise FormulaError(message.rstrip("."), place) from None


# ## What is written otherwise
#
_TOKEN = re.compile(
    VERBATIM
    + r"""
  | (?P<text> \\(?: mbox | text(?:bf|it|normal|rm|sf|tt|up)? ) \s* (?= \{ ) )
  | (?P<tag> \\tag (?P<star> \*? ) \s* (?= \{ ) )
  | (?P<mark> \\htmlData \s* \{ symbol= (?P<name> \w+ ) \} \s* (?= \{ ) )
  | (?P<reference> \\(?: eqref | label ) (?! [a-zA-Z] ) )
  | (?P<begin> \\begin \s* \{ ) (?P<name_of_begin> [^{}]* ) \}
  | (?P<end> \\end \s* \{ ) (?P<name_of_end> [^{}]* ) \}
  | (?P<newline> \\\\ )
    (?P<distance> \[ \s* [-+]? \s* (?: \d+ \.? \d* | \.\d+ ) \s* [a-z]{2} \s* \] )?
    (?: (?= \s* \\end \s* \{ (?P<last_of> [^{}]* ) \} ) )?
  | \\ (?: [a-zA-Z]+ | [\s\S] ) | (?P<open> \{ ) | (?P<close> \} )
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"(?:align|alignat|equation|gather)\*?")
_STAND_INS = {
    "alignat": "align",
    "alignat*": "align*",
    "alignedat": "aligned",
    "split": "aligned",
}
_COLUMNS = re.compile(r"\s*\{\s*\d+\s*\}")
_DOLLAR = re.compile(r"\\[\s\S]|(\$)|[{}]")
# The cell at the end of a row with a number.
_TAG_CELL = re.compile(
    r'<mtd( style="[^"]*end;">)<mtext>\(?0\)?</mtext>(?=</mtd></mtr>)'
)


class _Rewritten:
    """
    A formula as math-core can set it: a `text`, to which some `edits` lead. `marks` are
    the variables of its symbols and the colours that stand for them.
    """

    def __init__(self, formula: str, display: bool) -> None:
        self.formula = formula
        self.edits: list[Edit] = []
        self.marks: list[tuple[str, str]] = []
        self._tags: list[tuple[str, int, int]] = []
        colors = (f"{number:06X}" for number in count(1))
        depth = 0
        has_lines = is_numbered = False
        for token in _TOKEN.finditer(formula):
            start, end = token.span()
            name = token["name_of_begin"] or token["name_of_end"] or ""
            depth += bool(token["open"] or token["begin"])
            depth -= bool(token["close"] or token["end"])
            has_lines |= bool(token["newline"]) and not depth
            if token["last_of"] and not _NUMBERED.fullmatch(token["last_of"]):
                self.edits.append(Edit(start, end, ""))
            elif token["distance"]:
                self.edits.append(Edit(*token.span("distance"), ""))
            if token["begin"] and _NUMBERED.fullmatch(name):
                is_numbered = True
            if token["reference"]:
                raise FormulaError(f"{token[0]} is not allowed in a formula", start)
            if not display and (token["tag"] or is_numbered):
                message = f"{token[0].strip()} needs a displayed formula"
                raise FormulaError(message, start)
            if token["text"]:
                self._take_apart(start, end)
            elif token["tag"]:
                close = closing_brace(formula, end)
                self._tags.append((token["star"], end + 1, close))
                new = r"\tag{0}" if is_numbered else ""
                self.edits.append(Edit(start, close + 1, new))
            elif token["mark"]:
                # A colour of the author's own is none of these.
                color = next(one for one in colors if one not in formula.upper())
                self.marks.append((token["name"], color))
                self.edits.append(Edit(start, end, rf"\color[HTML]{{{color}}}"))
            elif name in _STAND_INS:
                place = end - 1 - len(name)
                self.edits.append(Edit(place, end - 1, _STAND_INS[name]))
                if name != "split" and (columns := _COLUMNS.match(formula, end)):
                    self.edits.append(Edit(*columns.span(), ""))
        around = ["gathered"] if has_lines and display else []
        around += ["equation"] if self._tags and not is_numbered else []
        last = len(formula)
        for name in around:
            # The line break ends a comment.
            tags = r"\tag{0}" * len(self._tags) if name == "equation" else ""
            self.edits.insert(0, Edit(0, 0, rf"\begin{{{name}}}"))
            self.edits.append(Edit(last, last, f"\n{tags}\\end{{{name}}}"))
        self.edits.sort(key=lambda edit: edit[:2])
        self.text = edited(formula, self.edits)

    def _take_apart(self, start: int, opening: int) -> None:
        """`\\text{if $x$ is}` becomes `{\\text{if }{x}\\text{ is}}`."""
        formula = self.formula
        command = formula[start:opening].replace("mbox", "text")
        if command != formula[start:opening]:
            self.edits.append(Edit(start, opening, command))
        end = closing_brace(formula, opening)
        dollars = []
        depth = 0
        for sign in _DOLLAR.finditer(formula, opening + 1, end):
            depth += {"{": 1, "}": -1}.get(sign[0], 0)
            if sign[1] and not depth:
                dollars.append(sign.start())
        if dollars and not len(dollars) % 2:
            self.edits.append(Edit(start, start, "{"))
            for place, dollar in enumerate(dollars):
                new = f"}}{command}{{" if place % 2 else "}{"
                self.edits.append(Edit(dollar, dollar + 1, new))
            self.edits.append(Edit(end + 1, end + 1, "}"))

    def with_tags(self, html: str) -> str:
        """The MathML with what the tags hold, where it has zeros for it."""
        tags = iter(self._tags)

        def content(cell: re.Match[str]) -> str:
            star, start, end = next(tags, ("", 0, 0))
            text = self.formula[start:end]
            try:
                inner = mathml(rf"\text{{{text if star else f'({text})'}}}", False)
            except FormulaError as error:
                raise FormulaError(str(error), start) from None
            match = _INNER.search(inner)
            assert match
            return f'<mtd class="number"{cell[1]}{match[1]}'

        return _TAG_CELL.sub(content, html) if self._tags else html


_INNER = re.compile(r"<semantics>(.*)<annotation", re.DOTALL)

# ## How deep
#
# math-core goes down one call for each level of a formula, and ends the process where
# the stack of the system ends. So nobody may ask it for more levels than any stack has
# room for: groups in groups, commands before commands, and macros in macros.
_MOST_LEVELS = 100
_MOST_EXPANSIONS = 20
_LEVEL = re.compile(
    r"""
    (?P<open> \\(?: left | begin ) (?! [a-zA-Z] ) | \{ | (?<= \\sqrt ) \s* \[ )
  | (?P<close> \\(?: right | end ) (?! [a-zA-Z] ) | \} ) | (?P<bracket> \] )
  | (?P<command> \\[a-zA-Z]+ | [\^_] ) | (?P<space> \s+ ) | \\[\s\S] | [^\\]
    """,
    re.VERBOSE,
)


def _check_depth(formula: str) -> None:
    # What is open, each with the levels that end where it does.
    opened: list[tuple[str, int]] = []
    levels = run = 0
    for token in _LEVEL.finditer(formula):
        if token["open"]:
            opened.append((token[0].strip(), run + 1))
            levels += run + 1
            run = 0
        elif token["close"] or (token["bracket"] and opened and opened[-1][0] == "["):
            levels -= opened.pop()[1] if opened else 0
            run = 0
        elif token["command"]:
            run += 1
        elif not token["space"]:
            run = 0
        if levels + run > _MOST_LEVELS:
            message = f"a formula has at most {_MOST_LEVELS} levels"
            raise FormulaError(message, token.start())
