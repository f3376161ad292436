r"""
---
title: Formulas in Markdown
summary: >
  The one syntax of what prose has besides Markdown: formulas, numbers that come from
  results, and references to equations.
---

# Formulas in Markdown

Pages, notebooks, summaries and checks all have to know what is a formula and what is
only a dollar sign. So the syntax is defined in one place, and everything that looks for
formulas asks here.

A dollar sign may also be a price, a variable of the shell or part of a piece of code. A
formula opens with a sign that no letter or space touches on the wrong side, so "$5 and
$6" are two prices. Its closing sign may be followed by "th" or "s" but by no word, no
number and no bracket, so "${HOME}/${USER}" and "$(pwd)/$(date)" stay as they are. If
what follows the first sign reads like a sentence, it is text, and so are words alone,
as in "$foo bar$". A formula may touch the words of languages that are written without
spaces. Dollar signs around backticks are a formula as well, as on GitHub.

Where names begin with a dollar sign, as in shells, single dollar signs are text. There,
a formula has the backticks or stands between `$$` on lines of its own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

NUMBER = r"\{\{\s*run:[^{}\n]*\}\}"
REFERENCE = r"\\(?:eq)?ref\{[^{}\n]+\}"

# What a heading of Markdown begins with. `\#` is a number sign in verbose expressions,
# too.
HEADING_SIGNS = r"\#{1,6}"

# Characters that Unicode will never give a meaning mark where a formula was lifted out.
OPEN, CLOSE = "\U0010fffc", "\U0010fffd"


def without_marks(prose: str) -> str:
    """Prose in which nothing looks like a mark."""
    return prose.replace(OPEN, "").replace(CLOSE, "")


# A comment of HTML. Like what follows, it is read in one way only: where none ends, the
# search must not run to the end of the text from each place where one begins.
COMMENT = r"<!--(?>(?:[^<-]++|-(?!->)|<(?!!--))*)-->"
_IN_ENVIRONMENT = r"(?: [^\\]++ | \\ (?! (?:begin|end)\{ (?P=name) \} ) )"
# These two say what dollar signs say, between which no line is empty.
_IN_DOLLARS = r"""(?> (?: (?! \n[ \t>]*\n ) [^\\]
    | \\ (?! (?:begin|end)\{ (?P=dollars) \} ) )+ )"""

# The expressions also match what may contain a dollar sign without being a formula:
# code, an HTML comment, and an escaped character. These matches have none of the groups
# below.
_ANYWHERE = rf"""
    (?P<number> {NUMBER} ) | (?P<reference> {REFERENCE} )
  | (?P<code>
        ^[ \t>]* (?: (?: [-*+] | \d+[.)] ) [ \t]+ )* (?P<fence> `{{3,}} | ~{{3,}} ) .*
            (?: \n.* )*? (?: \n [ \t>]* (?P=fence) [`~]* [ \t]* $ | \Z )
      | (?P<ticks> `+ ) (?!`) (?: (?! \n[ \t]*\n ) [\s\S] )*? (?<!`) (?P=ticks) (?!`)
      | `+ | {COMMENT} )
  | (?P<environment> \\begin\{{ (?P<name>
        (?: equation | (?:fl)? align (?:at)? | gather | multline | eqnarray
          | subequations | [pbBvV]?matrix ) \*?
        | aligned | alignedat | gathered | split | [dr]{{0,2}}cases | d?array
        | smallmatrix | CD ) \}}
        (?> (?: {_IN_ENVIRONMENT} | \\begin\{{ (?P=name) \}}
            (?> {_IN_ENVIRONMENT}* ) \\end\{{ (?P=name) \}} )+ )
        \\end\{{ (?P=name) \}} )
  | \\begin\{{ (?P<dollars> (?:display)?math ) \}}
        (?: (?<= display math\}} ) (?P<displaymath> {_IN_DOLLARS} )
          | (?P<math> {_IN_DOLLARS} ) )
        \\end\{{ (?P=dollars) \}}
  | \\ [\s\S]
  | (?<! [\w$] ) \$` (?P<quoted> [^`\n]+ ) `\$"""
# In words within a formula, dollar signs enclose a formula again.
_LETTERS = r"(?: [^{}\\\n] | \n (?! [ \t>]*\n ) | \\[\s\S] )"
_WORDS = rf"""\\ (?: text\w* | mbox | hbox | tag\*? ) \s*
    \{{ (?: {_LETTERS} | \{{ {_LETTERS}* \}} )* \}}"""
# Outside of words, a backtick begins code, which ends what dollar signs have begun.
_DISPLAY = rf"""(?P<display> (?: (?! \n[ \t>]*\n )
    (?> {_WORDS} | \\[\s\S] | [^\\$`] | \$(?!\$) ) )+ )"""

# Two words in a row, an end of what came before, or what a shell does with its number
# are no beginning of a formula.
_SENTENCE = r"""[),.;:!?] | \s* \$ | \s+ (?: and | or | to ) \s | [ \t]+ [>|&;]
  | \s+ [A-Za-z]{2,} [,;:.]? \s+ [A-Za-z]{2,} [\s,.;:$]"""
# Two dollar signs alone on their line, whose closing signs have a line as well.
_BLOCK = r"""(?<! [^\s>] ) (?<! [^\s>*-][ \t] ) (?= \$\$ [ \t]* \n
    (?: (?! [ \t>]* \n ) [^$\n]+ \n )+? [ \t>]* \$\$ [ \t]* [,.]? [ \t]* $ )"""
# Chinese, Japanese, Korean and Thai are written without spaces, so that their letters
# touch a formula.
_LETTER = r"[^\W\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff]"
# Behind a space, what stands before a formula opens one and closes none.
_CLOSING = rf"(?: (?<! \s ) | (?! \$\$ (?: {_LETTER} | [\\({{\[|+-] ) ) ) \$\$"
# What version control puts in, or has not put in yet.
_KEYWORD = r"""(?: Id | Date | Author | Header | HeadURL | Rev (?:ision)? | RCSfile
    | LastChanged\w+ ) \$"""
_WITH_SINGLE_DOLLARS = rf"""{_ANYWHERE}
  | (?: {_BLOCK} | (?<! \$ ) (?<! {_LETTER} ) (?! \$\$ (?: {_SENTENCE} ) ) )
    \$\$ {_DISPLAY} {_CLOSING} (?! {_LETTER} )
  | (?<! \$ ) (?<! {_LETTER} ) \$
        (?! [\s$'"&,;)/@\#?!] | \.(?!\d) | <[A-Z_]{{2}} | [^{{}}$\\]* \}}
          | [A-Za-z]{{2,}} (?: \s+ [a-z]{{2,}} ){{2}} \s | {_KEYWORD}
          | [A-Za-z]{{2,}} (?: \s+ [A-Za-z]{{2,}} )+ \$ )
        (?P<inline> (?: (?> {_WORDS} | \\[\s\S] | [^\\$\n`] | \n (?! [ \t>]*\n ) ) )+? )
    (?<! [\s"] ) (?<! (?<!\\)[{{\#] ) \$
    (?! [\d({{] | \.\d )
    (?: (?! {_LETTER} )
      | (?<! [/:;,=.(\[{{<>|-] \$ ) (?= (?: [sdD] | [^\W\d_]{{2}} ) \b ) )
"""
_WITHOUT_SINGLE_DOLLARS = rf"""{_ANYWHERE}
  | (?: {_BLOCK} | (?<! [^\s>] ) (?<! [^\s>*-][ \t] ) (?! \$\$ (?: {_SENTENCE} ) ) )
    \$\$ {_DISPLAY} \$\$ (?= [ \t]* [,.]? [ \t]* $ )
  | (?P<inline> (?!) )
"""


# Whatever is found begins with one of these. To ask for that first takes an eighth of
# the time in which all alternatives fail at each letter.
_BEGINNING = r"""(?= [\\$`{<]
    | ^ [ \t>]* (?: (?: [-*+] | \d+[.)] ) [ \t]+ )* [`~]{3} )"""


# Many builds need only one of the two, and each takes milliseconds to compile.
@cache
def pattern(single_dollars: bool) -> re.Pattern[str]:
    """What finds formulas; `single_dollars` says whether `$x$` is one."""
    written = _WITH_SINGLE_DOLLARS if single_dollars else _WITHOUT_SINGLE_DOLLARS
    return re.compile(f"{_BEGINNING} (?: {written} )", re.VERBOSE | re.MULTILINE)


Kind = Literal["number", "reference", "display", "inline", "html"]
_KINDS: dict[str, Kind] = {
    "number": "number",
    "reference": "reference",
    "environment": "display",
    "display": "display",
    "displaymath": "display",
    "math": "inline",
    "quoted": "inline",
    "inline": "inline",
}
_QUOTE_SIGN = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Formula:
    """
    ## Formula

    A formula, a number or a reference. `source` is how it is written in the prose, and
    `content` what is left without its dollar signs, which begins at `offset`. Of the
    kind `html`, it is finished HTML, which may be written nowhere.
    """

    kind: Kind
    source: str
    content: str
    offset: int


def formula(match: re.Match[str]) -> Formula | None:
    """What a match of `pattern` is, or `None` for code and escaped characters."""
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


def formulas(prose: str, single_dollars: bool = True) -> Iterator[Formula]:
    """All formulas, numbers and references of a piece of prose, in order."""
    if may_have_formulas(prose):
        yield from filter(None, map(formula, pattern(single_dollars).finditer(prose)))


def replace_formulas(
    prose: str,
    replacement: Callable[[re.Match[str]], str],
    *kinds: Kind,
    single_dollars: bool = True,
) -> str:
    """Prose with a replacement for each formula of these kinds."""

    def replaced(match: re.Match[str]) -> str:
        found = formula(match)
        return replacement(match) if found and found.kind in kinds else match[0]

    if not may_have_formulas(prose):
        return prose
    return pattern(single_dollars).sub(replaced, prose)


def may_have_formulas(prose: str) -> bool:
    """A quick answer, which spares most prose the search: `False` is certain."""
    return "$" in prose or "{{" in prose or "\\begin{" in prose or "ref{" in prose
