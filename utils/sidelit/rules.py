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
"""

from dataclasses import dataclass


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
    "NUM101": Rule("error", "a quoted number is in a recorded result"),
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
    "TEX103": Rule("warning", "a symbol of a displayed formula is explained in prose"),
}
