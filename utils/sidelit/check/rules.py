r"""
---
title: The rules
summary: >
  Every rule that prose and code must follow, with its identifier, its level and a
  sentence; each has a page of examples.
---

# The rules

The identifier of a rule is never reused. A finding of level `error` makes `sidelit
check` fail; a `warning` does so only with `--strict`. Rules that are *opt-in* are about
form, and apply when they are [selected](selection.py). Each rule has a page with a
wrong and a right example, and both are tests.

## Shapes

* [SHP101](rules/shp101.md): a shape has as many dimensions as were recorded
* [SHP102](rules/shp102.md): the sizes of a shape agree with the recorded ones
* [SHP103](rules/shp103.md): a shape was seen in a recorded run (warning, opt-in)
* [SHP104](rules/shp104.md): it is clear what has a shape (warning)

## Names

* [NAM101](rules/nam101.md): a name in back-ticks exists
* [NAM102](rules/nam102.md): a bullet about an argument names an argument
* [NAM103](rules/nam103.md): an argument is explained where others are (opt-in)
* [NAM104](rules/nam104.md): a word in back-ticks is not a misspelt name (warning)

## Links

* [LNK101](rules/lnk101.md): a link leads to a page or a file
* [LNK102](rules/lnk102.md): an anchor exists on the page that a link names
* [LNK103](rules/lnk103.md): an image exists
* [LNK104](rules/lnk104.md): an external link is answered
* [LNK105](rules/lnk105.md): a reference to a link or a note has a definition
* [LNK106](rules/lnk106.md): a link to what has no page has an address (warning)

## Formulas

* [TEX101](rules/tex101.md): a formula can be typeset
* [TEX102](rules/tex102.md): `\ref` names one `\label` of the page
* [TEX103](rules/tex103.md): a symbol of a displayed formula is explained (warning,
  opt-in)
* [TEX104](rules/tex104.md): KaTeX is there to check formulas (warning)
* [TEX105](rules/tex105.md): Python leaves the backslashes of a formula as they are
* [TEX106](rules/tex106.md): a command in a formula has one backslash
* [TEX107](rules/tex107.md): an environment of LaTeX is a formula (warning)
* [TEX108](rules/tex108.md): the signs of a formula are not shown as text (warning)

## Numbers

* [NUM101](rules/num101.md): a quoted number is in a recorded result
* [NUM102](rules/num102.md): the code of a quoted result has not changed since (warning)

## Form

* [FRM101](rules/frm101.md): front matter is YAML
* [FRM102](rules/frm102.md): headings descend one level at a time (opt-in)
* [FRM103](rules/frm103.md): a page has one heading of the first level (opt-in)
* [FRM104](rules/frm104.md): front matter has a title and a summary (opt-in)
* [FRM105](rules/frm105.md): an image has an alt text
* [FRM106](rules/frm106.md): at most 40 lines of code stand without prose (warning,
  opt-in)
* [FRM107](rules/frm107.md): a line of prose has at most 88 characters (opt-in)
* [FRM108](rules/frm108.md): a summary has 50 to 200 characters, for search engines
  (opt-in)
* [FRM109](rules/frm109.md): a comment has at most 16 lines (warning, opt-in)
* [FRM110](rules/frm110.md): the rows of a table have as many cells as its head
* [FRM111](rules/frm111.md): no list begins in the middle of a sentence (warning)
* [FRM112](rules/frm112.md): a figure names its script and has a still form
* [FRM113](rules/frm113.md): a tab has a title and content
* [FRM114](rules/frm114.md): a quotation names a directive that exists (warning)
* [FRM115](rules/frm115.md): a cell of a script is of a type that there is (warning)
* [FRM116](rules/frm116.md): an HTML tag has a partner and stands where it may (warning)
* [FRM117](rules/frm117.md): a diagram says what it shows (warning, opt-in)

## The record

* [REC101](rules/rec101.md): the record of shapes can be read
* [REC102](rules/rec102.md): the record of a function matches its source

## Sources

* [SRC101](rules/src101.md): a source is valid in its language
* [SRC102](rules/src102.md): a source is valid in its encoding
* [SRC103](rules/src103.md): a source can be read
* [SRC104](rules/src104.md): no mistake in sidelit shows in a source
* [SRC105](rules/src105.md): a symbolic link is followed (warning)
* [SRC106](rules/src106.md): a source is small enough for its page (warning)
* [SRC107](rules/src107.md): no mistake in a plugin shows in a source
* [SRC108](rules/src108.md): a paragraph is small enough to be read as Markdown
  (warning)

## Silencers

* [OKS101](rules/oks101.md): a silencer silences something
* [OKS102](rules/oks102.md): a silencer names a rule and gives a reason
"""

from dataclasses import dataclass
from functools import cache

from .. import plugins
from ..plugins import Plugin


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """
    A rule: whether it is an `error` or a `warning`, in a `summary` what it asks for,
    and whether it applies to a project that selects no rules.
    """

    level: str
    summary: str
    is_default: bool = True


# By family, those about sources first.
RULES = {
    "SRC101": RuleInfo("error", "a source is valid in its language"),
    "SRC102": RuleInfo("error", "a source is valid in its encoding"),
    "SRC103": RuleInfo("error", "a source can be read"),
    "SRC104": RuleInfo("error", "no mistake in sidelit shows in a source"),
    "SRC105": RuleInfo("warning", "a symbolic link is followed"),
    "SRC106": RuleInfo("warning", "a source is small enough for its page"),
    "SRC107": RuleInfo("error", "no mistake in a plugin shows in a source"),
    "SRC108": RuleInfo("warning", "a paragraph is small enough to be read as Markdown"),
    "FRM101": RuleInfo("error", "front matter is YAML"),
    "FRM102": RuleInfo("error", "headings descend one level at a time", False),
    "FRM103": RuleInfo("error", "a page has one heading of the first level", False),
    "FRM104": RuleInfo("error", "front matter has a title and a summary", False),
    "FRM105": RuleInfo("error", "an image has an alt text"),
    "FRM106": RuleInfo(
        "warning", "at most 40 lines of code stand without prose", False
    ),
    "FRM107": RuleInfo("error", "a line of prose has at most 88 characters", False),
    "FRM108": RuleInfo(
        "error", "a summary has 50 to 200 characters, for search engines", False
    ),
    "FRM109": RuleInfo("warning", "a comment has at most 16 lines", False),
    "FRM110": RuleInfo("error", "the rows of a table have as many cells as its head"),
    "FRM111": RuleInfo("warning", "no list begins in the middle of a sentence"),
    "FRM112": RuleInfo("error", "a figure names its script and has a still form"),
    "FRM113": RuleInfo("error", "a tab has a title and content"),
    "FRM114": RuleInfo("warning", "a quotation names a directive that exists"),
    "FRM115": RuleInfo("warning", "a cell of a script is of a type that there is"),
    "FRM116": RuleInfo("warning", "an HTML tag has a partner and stands where it may"),
    "FRM117": RuleInfo("warning", "a diagram says what it shows", False),
    "LNK101": RuleInfo("error", "a link leads to a page or a file"),
    "LNK102": RuleInfo("error", "an anchor exists on the page that a link names"),
    "LNK103": RuleInfo("error", "an image exists"),
    "LNK104": RuleInfo("error", "an external link is answered"),
    "LNK105": RuleInfo("error", "a reference to a link or a note has a definition"),
    "LNK106": RuleInfo("warning", "a link to what has no page has an address"),
    "NAM101": RuleInfo("error", "a name in back-ticks exists"),
    "NAM102": RuleInfo("error", "a bullet about an argument names an argument"),
    "NAM103": RuleInfo("error", "an argument is explained where others are", False),
    "NAM104": RuleInfo("warning", "a word in back-ticks is not a misspelt name"),
    "NUM101": RuleInfo("error", "a quoted number is in a recorded result"),
    "NUM102": RuleInfo("warning", "the code of a quoted result has not changed since"),
    "OKS101": RuleInfo("error", "a silencer silences something"),
    "OKS102": RuleInfo("error", "a silencer names a rule and gives a reason"),
    "REC101": RuleInfo("error", "the record of shapes can be read"),
    "REC102": RuleInfo("error", "the record of a function matches its source"),
    "SHP101": RuleInfo("error", "a shape has as many dimensions as were recorded"),
    "SHP102": RuleInfo("error", "the sizes of a shape agree with the recorded ones"),
    "SHP103": RuleInfo("warning", "a shape was seen in a recorded run", False),
    "SHP104": RuleInfo("warning", "it is clear what has a shape"),
    "TEX101": RuleInfo("error", "a formula can be typeset"),
    "TEX102": RuleInfo("error", "`\\ref` names one `\\label` of the page"),
    "TEX103": RuleInfo(
        "warning", "a symbol of a displayed formula is explained", False
    ),
    "TEX104": RuleInfo("warning", "KaTeX is there to check formulas"),
    "TEX105": RuleInfo(
        "error", "Python leaves the backslashes of a formula as they are"
    ),
    "TEX106": RuleInfo("error", "a command in a formula has one backslash"),
    "TEX107": RuleInfo("warning", "an environment of LaTeX is a formula"),
    "TEX108": RuleInfo("warning", "the signs of a formula are not shown as text"),
}


def added_rules() -> dict[str, tuple[Plugin, plugins.Rule]]:
    """
    The rules of [plugins](../plugins.py), by identifier. Raises `SidelitError` for a
    plugin that is none.
    """
    return plugins.rules(frozenset(name[:3] for name in RULES))


@cache
def rules() -> dict[str, RuleInfo]:
    """All rules, those of plugins last."""
    return RULES | {
        name: RuleInfo(one.level, one.summary, one.is_default)
        for name, (_, one) in added_rules().items()
    }
