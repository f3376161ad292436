r"""
---
title: The rules
summary: >
  Every rule that prose and code are held to, with its identifier, its level and a
  sentence; examples are on the pages of the rules.
---

# The rules

A rule has an identifier that no other rule will ever have. What breaks a rule of level
`error` makes `sidelit check` fail; a `warning` does so only with `--strict`. Each rule
has a page with an example that is wrong and one that is right, and both are tests.

## Shapes

* [SHP101](rules/shp101.md): a shape has as many dimensions as was seen
* [SHP102](rules/shp102.md): the sizes of a shape agree with what was seen
* [SHP103](rules/shp103.md): a shape was seen in a recorded run (warning)
* [SHP104](rules/shp104.md): it is clear what a shape is said of (warning)

## Names

* [NAM101](rules/nam101.md): a name in back-ticks exists
* [NAM102](rules/nam102.md): a bullet about an argument names an argument
* [NAM103](rules/nam103.md): an argument is explained where others are
* [NAM104](rules/nam104.md): a word in back-ticks is no misspelt name (warning)

## Links

* [LNK101](rules/lnk101.md): a link leads to a page or a file
* [LNK102](rules/lnk102.md): an anchor is on the page that a link names
* [LNK103](rules/lnk103.md): a picture is there
* [LNK104](rules/lnk104.md): a link to elsewhere is answered

## Formulas

* [TEX101](rules/tex101.md): KaTeX can set a formula
* [TEX102](rules/tex102.md): `\ref` names a `\label` of the page
* [TEX103](rules/tex103.md): a symbol of a displayed formula is explained (warning)
* [TEX104](rules/tex104.md): KaTeX is there to check the formulas (warning)

## Numbers

* [NUM101](rules/num101.md): a quoted number is in a recorded result
* [NUM102](rules/num102.md): the code of a quoted result has not changed since (warning)

## Form

* [FRM101](rules/frm101.md): front matter is lines of YAML
* [FRM102](rules/frm102.md): headings descend by one level at a time
* [FRM103](rules/frm103.md): a page has one heading of the first level
* [FRM104](rules/frm104.md): front matter has a title and a summary
* [FRM105](rules/frm105.md): a picture says in words what it shows
* [FRM106](rules/frm106.md): no more than 40 lines of code stand without prose (warning)
* [FRM107](rules/frm107.md): a line of prose ends before column 89
* [FRM108](rules/frm108.md): a summary has 50 to 200 characters, for search engines
* [FRM109](rules/frm109.md): a comment has at most 16 lines (warning)

## The record

* [REC101](rules/rec101.md): the record of shapes can be read
* [REC102](rules/rec102.md): the record of a function fits its source

## Sources

* [SRC101](rules/src101.md): a source is valid in its language
* [SRC102](rules/src102.md): a source is valid in its encoding
* [SRC103](rules/src103.md): a source can be read

## Silencers

* [OKS101](rules/oks101.md): a silencer silences something
* [OKS102](rules/oks102.md): a silencer names a rule and gives a reason
"""

from dataclasses import dataclass

# Where these pages are published.
PAGES = "https://annotated.example/sidelit/"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: whether it is an `error` or a `warning`, and what it asks for."""

    level: str
    text: str


RULES = {
    "SRC101": Rule("error", "a source is valid in its language"),
    "SRC102": Rule("error", "a source is valid in its encoding"),
    "SRC103": Rule("error", "a source can be read"),
    "FRM101": Rule("error", "front matter is lines of YAML"),
    "FRM102": Rule("error", "headings descend by one level at a time"),
    "FRM103": Rule("error", "a page has one heading of the first level"),
    "FRM104": Rule("error", "front matter has a title and a summary"),
    "FRM105": Rule("error", "a picture says in words what it shows"),
    "FRM106": Rule("warning", "no more than 40 lines of code stand without prose"),
    "FRM107": Rule("error", "a line of prose ends before column 89"),
    "FRM108": Rule("error", "a summary has 50 to 200 characters, for search engines"),
    "FRM109": Rule("warning", "a comment has at most 16 lines"),
    "LNK101": Rule("error", "a link leads to a page or a file"),
    "LNK102": Rule("error", "an anchor is on the page that a link names"),
    "LNK103": Rule("error", "a picture is there"),
    "LNK104": Rule("error", "a link to elsewhere is answered"),
    "NAM101": Rule("error", "a name in back-ticks exists"),
    "NAM102": Rule("error", "a bullet about an argument names an argument"),
    "NAM103": Rule("error", "an argument is explained where others are"),
    "NAM104": Rule("warning", "a word in back-ticks is no misspelt name"),
    "NUM101": Rule("error", "a quoted number is in a recorded result"),
    "NUM102": Rule("warning", "the code of a quoted result has not changed since"),
    "OKS101": Rule("error", "a silencer silences something"),
    "OKS102": Rule("error", "a silencer names a rule and gives a reason"),
    "REC101": Rule("error", "the record of shapes can be read"),
    "REC102": Rule("error", "the record of a function fits its source"),
    "SHP101": Rule("error", "a shape has as many dimensions as was seen"),
    "SHP102": Rule("error", "the sizes of a shape agree with what was seen"),
    "SHP103": Rule("warning", "a shape was seen in a recorded run"),
    "SHP104": Rule("warning", "it is clear what a shape is said of"),
    "TEX101": Rule("error", "KaTeX can set a formula"),
    "TEX102": Rule("error", "`\\ref` names a `\\label` of the page"),
    "TEX103": Rule("warning", "a symbol of a displayed formula is explained"),
    "TEX104": Rule("warning", "KaTeX is there to check the formulas"),
}
