r"""
---
title: Formulas in Markdown
summary: >
  The one syntax of what prose has besides Markdown: formulas, numbers that come from
  results, and references to equations.
---

# Formulas in Markdown

Pages, notebooks, summaries and checks all have to know what is a formula and what is
only a dollar sign. So the syntax stands in one place, and everything that looks for a
formula asks here.

A dollar sign may also be a price, a variable of the shell or part of a piece of code. A
formula opens with a sign that no letter or space touches on the wrong side, so "$5 and
$6" are two prices. Its closing sign may be followed by "th" or "s" but by no word, no
number and no brace, so "${HOME}/${USER}" stays as it is. Dollar signs around
backticks are a formula as well, as on GitHub.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

NUMBER = r"\{\{\s*run:[^{}\n]*\}\}"
REFERENCE = r"\\(?:eq)?ref\{[^{}\n]+\}"

# The expression also matches what may contain a dollar sign without being a formula:
# code, and an escaped character. These matches have none of the groups below.
PATTERN = re.compile(
    rf"(?P<number> {NUMBER} ) | (?P<reference> {REFERENCE} ) |"
    r"""
    (?P<code>
        ^[ \t>]* (?: (?: [-*+] | \d+[.)] ) [ \t]+ )* (?P<fence> `{3,} | ~{3,} ) .*
            (?: \n.* )*? (?: \n [ \t>]* (?P=fence) [`~]* [ \t]* $ | \Z )
      | (?P<ticks> `+ ) (?!`) (?: (?! \n[ \t]*\n ) [\s\S] )*? (?<!`) (?P=ticks) (?!`)
      | `+ )
  | (?P<environment> \\begin\{ (?P<name> (?: equation | align (?:at)? | gather ) \*?
        | aligned | gathered | split | cases | array | CD | [pbBvV]?matrix ) \}
        [\s\S]+? \\end\{ (?P=name) \} )
  | \\ [\s\S]
  | \$\$ (?P<display> (?: (?! \n[ \t>]*\n ) (?: \\[\s\S] | [^\\$] | \$(?!\$) ) )+ ) \$\$
  | (?<! [\w$] ) \$` (?P<quoted> [^`\n]+ ) `\$
  | (?<! [\w$] ) \$ (?! [\s$'"&,;.)] )
        (?P<inline> (?: \\[\s\S] | [^\\$\n`] | \n (?! [ \t>]*\n ) )+? ) (?<! [\s"] )
    \$ (?! \d | \{ | \w{3} )
    """,
    re.VERBOSE | re.MULTILINE,
)

Kind = Literal["number", "reference", "display", "inline"]
_KINDS: dict[str, Kind] = {
    "number": "number",
    "reference": "reference",
    "environment": "display",
    "display": "display",
    "quoted": "inline",
    "inline": "inline",
}
_QUOTE_SIGN = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Formula:
    """
    ## Formula

    A formula, a number or a reference. `source` is how it is written in the prose, and
    `content` what is left without its dollar signs, which begins at `offset`.
    """

    kind: Kind
    source: str
    content: str
    offset: int


def formula(match: re.Match[str]) -> Formula | None:
    """What a match of `PATTERN` is, or `None` for code and escaped characters."""
    group = next((one for one in _KINDS if match[one] is not None), None)
    if group is None:
        return None
    kind, content = _KINDS[group], match[group]
    # In a quotation, the lines of a formula carry the sign of the quotation.
    line_start = match.string.rfind("\n", 0, match.start()) + 1
    if "\n" in content and _QUOTE_SIGN.match(match.string, line_start):
        content = _QUOTE_SIGN.sub("", content)
    # A formula that is nothing but a reference is that reference.
    if re.fullmatch(REFERENCE, content.strip()):
        content, kind = content.strip(), "reference"
    return Formula(kind, match[0], content, match.start(group))


def formulas(prose: str) -> Iterator[Formula]:
    """All formulas, numbers and references of a piece of prose, in order."""
    if may_have_formulas(prose):
        yield from filter(None, map(formula, PATTERN.finditer(prose)))


def replace_formulas(
    prose: str, replacement: Callable[[re.Match[str]], str], *kinds: Kind
) -> str:
    """Prose with a replacement for each formula of these kinds."""

    def replaced(match: re.Match[str]) -> str:
        found = formula(match)
        return replacement(match) if found and found.kind in kinds else match[0]

    return PATTERN.sub(replaced, prose) if may_have_formulas(prose) else prose


def may_have_formulas(prose: str) -> bool:
    """A quick answer, which spares most prose the search: `False` is certain."""
    return "$" in prose or "{{" in prose or "\\begin{" in prose or "ref{" in prose
