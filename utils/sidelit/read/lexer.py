r"""
---
title: Reading tokens
summary: >
  One regular expression reads a Python file once, for its comments and for its
  colours; Pygments colours what is no comment and no string in other languages.
---

# Reading tokens

Two questions need to know what is a string, what is a comment and what is code: *which
lines are prose?* and *which colour has this word?* A tool that answers them separately
reads every file twice and can give contradictory answers. Here one pass gives one
stream of `(class, text)` pairs. The class is the short name that Pygments uses in its
style sheets (`k` for a keyword, `c` for a comment), and the texts joined give back the
file.

Python gets a scanner of its own. Pygments' lexer is made of many small rules that it
tries at each position; one expression with a name for each alternative does the same
work in a fraction of the time. The tests hold it to Python's own `tokenize` on every
module of the standard library.
"""

import builtins
import keyword
import re
from typing import TYPE_CHECKING

from ..model import Tokens
from ..plugins import languages
from .languages import added_literals, literals
from .scanner import BLOCK, HASHBANG, LINE, Literal

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# A string ends where its own quotes stand unescaped. Each pattern is *unrolled*: it
# takes long runs of plain characters at once and stops only at a backslash or a quote.
_STRING = r"""
    \"{3} [^"\\]* (?: (?: \\. | "(?!"") ) [^"\\]* )* \"{3}
  | '{3}  [^'\\]* (?: (?: \\. | '(?!'') ) [^'\\]* )* '{3}
  | "     [^"\\\n]* (?: \\. [^"\\\n]* )* "
  | '     [^'\\\n]* (?: \\. [^'\\\n]* )* '
"""

# What stands between words; an attribute behind its dot belongs to it, because it has
# no colour whatever it is called.
_GAP = r"""(?: [^\w"'\#@.]++ | \. (?: [^\W\d]\w*+ )? )"""

# The order follows how often each thing occurs, since most of the time goes into trying
# alternatives. An f-string only matches up to its opening quotes: behind them,
# expressions may hold strings with the same quotes, and only a function finds the end.
_PYTHON = re.compile(
    rf"""
    (?P<word> (?! (?: def | class ) \b | [rRbBuUfFtT]{{1,2}}["'] ) [^\W\d]\w*+ )
        (?>{_GAP}*)
  | (?P<gap> (?>{_GAP}+) )
  | (?P<s> (?: [rRuUbB] | [bB][rR] | [rR][bB] )? (?: {_STRING} ) )
  | (?P<c> \#[^\n]* )
  | (?P<define> (?: def | class ) [^\S\n]+ [^\W\d]\w* )
  | (?P<format> (?: [fFtT][rR]? | [rR][fFtT] ) (?: \"{{3}} | '{{3}} | " | ' ) )
  | (?P<m> 0 [xX] [\da-fA-F_]+ | 0 [bB] [01_]+ | 0 [oO] [0-7_]+
         | \d[\d_]* (?: \.[\d_]* )? (?: [eE][+-]?\d[\d_]* )? [jJ]? )
  | (?P<decorator> @ [^\W\d][\w.]* )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = _PYTHON.groupindex["word"]
_GAPS = (_PYTHON.groupindex["gap"], _PYTHON.groupindex["other"])

# What ends the plain text inside an f-string: its quotes, a brace, or for one line of
# text the end of the line. Doubled braces, `\N{DASH}` and escapes are part of it.
_LITERAL_END = {
    (quotes, raw): re.compile(
        ("" if raw else r"\\N\{[^}\n]*\}|")
        + r"\\[^{}]|\{\{|\}\}|(?P<end>\{|"
        + quotes
        + (")" if len(quotes) == 3 else r"|\n)"),
        re.DOTALL,
    )
    for quotes in ('"', "'", '"""', "'''")
    for raw in (False, True)
}
_FORMAT_SPEC_END = re.compile(r"[{}\n]")

# A word has its colour by what it is; where it stands can overrule that.
_CLASS_OF_WORD = {
    **dict.fromkeys(dir(builtins), "nb"),
    **{
        name: "ne"
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    },
    **dict.fromkeys(keyword.kwlist, "k"),
    **dict.fromkeys(("True", "False", "None"), "kc"),
    **dict.fromkeys(("and", "or", "not", "in", "is"), "ow"),
    **dict.fromkeys(("import", "from"), "kn"),
    **dict.fromkeys(("self", "cls"), "bp"),
    **dict.fromkeys(("match", "case", "type", "lazy"), "soft"),
}

# These classes are certain wherever the word stands.
_CERTAIN = {"k", "kc", "ow", "kn", "bp"}

# `match` and `case` are keywords where they open a block, `type` where it names an
# alias, and `lazy` in front of an import. Everywhere else they are names like others.
_SOFT_KEYWORD = re.compile(
    r"""match \b [^\S\n]* (?! [=.,:;)\]}] ) [^\n]* : [^\S\n]* (?: \#.* )? $
      | case \b [^\S\n]* (?! [=.,:;)\]}] ) [^\n]* :
      | type [^\S\n]+ \w+ [^\n=]* =
      | lazy [^\S\n]+ (?: import | from ) \b""",
    re.VERBOSE | re.MULTILINE,
)


def lex_python(text: str) -> Tokens:
    r"""
    ## Python

    The tokens of Python source with `\n` as line ends. Text that is not valid Python
    is never refused: what cannot be read has no colour.
    """
    tokens = Tokens()
    _lex(text, 0, tokens)
    return tokens


def _lex(text: str, start: int, tokens: Tokens, field: bool = False) -> int:
    """
    Read from `start` to the end of the text, or to the `}` or `:` that ends the field
    of an f-string, and return where that was.
    """
    depth = 0
    add = tokens.add
    while start < len(text):
        for match in _PYTHON.finditer(text, start):
            group = match.lastindex
            # Half of all matches are words without a colour. They fall through here.
            if group == _WORD:
                if (name := _CLASS_OF_WORD.get(match[_WORD])) and (
                    name in _CERTAIN or (name := _word_class(text, match))
                ):
                    add(name, *match.span(_WORD))
            elif group in _GAPS:
                pass
            elif (kind := match.lastgroup) == "define":
                word, name = match[0].split()
                behind, end = match.span()
                add("k", behind, behind + len(word))
                add("nf" if word == "def" else "nc", end - len(name), end)
            elif kind == "format":
                # The expression stops at its quotes and goes on behind it.
                start = _lex_format(text, match, tokens)
                break
            elif kind == "decorator":
                if _starts_line(text, match.start()):
                    add("nd", *match.span())
            else:
                add(kind or "", *match.span())
            # A field ends at the first closing brace or colon that no bracket holds.
            if field and (group == _WORD or group in _GAPS):
                behind = match.end(_WORD) if group == _WORD else match.start()
                for position in range(behind, match.end()):
                    character = text[position]
                    if character in "([{":
                        depth += 1
                    elif not depth and character in "}:":
                        return position
                    elif character in ")]}":
                        depth -= 1
        else:
            start = len(text)
    return start


def _starts_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def _word_class(text: str, match: re.Match[str]) -> str:
    """The class of a known word where it stands: names can be used for other things."""
    start, end = match.span("word")
    name = _CLASS_OF_WORD[match["word"]]
    if name == "soft":
        if _starts_line(text, start) and _SOFT_KEYWORD.match(text, start):
            return "k"
        name = "nb" if match["word"] == "type" else ""
    # Before a lone `=` it is the name of an argument.
    if text[end : end + 1] == "=" != text[end + 1 : end + 2]:
        return ""
    return name


def _lex_format(text: str, match: re.Match[str], tokens: Tokens) -> int:
    """
    ## F-strings

    The text of an f-string is a string, and what its braces hold is code again, which
    may hold f-strings again: two functions that call each other. Returns the position
    behind the closing quotes, or as far as it could make sense of the text.
    """
    quotes = match[0].lstrip("fFtTrR")
    ends = _LITERAL_END[quotes, "r" in match[0].lower()]
    start, cursor = match.span()
    while end := ends.search(text, cursor):
        cursor = end.end()
        if end["end"] == "{":
            tokens.add("s", start, cursor - 1)
            start = cursor = _lex_field(text, cursor - 1, tokens)
        elif end["end"]:
            if end["end"] == quotes:
                tokens.add("s", start, cursor)
            return cursor
    return cursor


def _lex_field(text: str, start: int, tokens: Tokens) -> int:
    """The field of an f-string from its `{` on; returns the position behind its `}`."""
    tokens.add("si", start, start + 1)
    cursor = _lex(text, start + 1, tokens, field=True)
    # A format behind the colon is plain text, in which further fields may stand.
    if text[cursor : cursor + 1] == ":":
        start = cursor
        while (end := _FORMAT_SPEC_END.search(text, cursor)) and end[0] == "{":
            tokens.add("si", start, end.start())
            start = cursor = _lex_field(text, end.start(), tokens)
        cursor = end.start() if end else cursor
        tokens.add("si", start, cursor)
    if text[cursor : cursor + 1] == "}":
        tokens.add("si", cursor, cursor + 1)
        cursor += 1
    return cursor


_PLAIN_STRING = re.compile(rf"([rRuU]?)({_STRING})", re.VERBOSE | re.DOTALL)


def docstring_body(literal: str) -> tuple[int, int] | None:
    """
    ## Docstrings

    Where the text of a docstring begins and ends inside its literal, or `None` for what
    is no single plain string, such as `"a" "b"` or `f"a"`. The body is taken as it is
    written: to evaluate it would eat the backslashes of the math in it.
    """
    match = _PLAIN_STRING.fullmatch(literal)
    if match is None:
        return None
    quotes = 3 if match[2].startswith(('"""', "'''")) else 1
    return len(match[1]) + quotes, len(literal) - quotes


def lex_other(text: str, language: str) -> Tokens:
    """
    ## Other languages

    The comments and strings of [nineteen languages](languages.py) are found here. What
    lies between them, and all of any other language, Pygments reads, its classes
    shortened to the names of its style sheets. `language` is that of a
    [plugin](../plugins.py) or one of Pygments' aliases; any other is a `ValueError`.
    """
    from pygments.lexers import get_lexer_by_name

    # Some lexers only know a comment by the end of its line, so they are given one.
    added = languages().get(language)
    name = (added.lexer or "text") if added else language
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=True)
    own = lexer.aliases[0]
    known = added_literals(text, added) if added else literals(text, own)
    if known is None:
        return _pygments(lexer, text)
    # Pygments sees a word in the place of each string, and nothing for a comment, so it
    # cannot take either for something else.
    covered, gaps = _without_gaps(_covered(text, known))
    return _merged(known, _moved(_pygments(lexer, covered), gaps))


def _pygments(lexer: "Lexer", text: str) -> Tokens:
    from pygments.token import STANDARD_TYPES

    tokens = Tokens()
    start = 0
    # Some lexers of Pygments fail on a text without any line.
    for kind, value in lexer.get_tokens(text) if text else ():
        # A kind that only one lexer has passes for the nearest that style sheets know.
        known = [part for part in kind.split() if part in STANDARD_TYPES]
        name = STANDARD_TYPES[known[-1]]
        end = min(start + len(value), len(text))
        # Some give the signs of a comment and its text apart.
        before = tokens.kinds[-1:] == [name] and tokens.ends[-1] == start
        if before and text[start - 1] != "\n":
            tokens.ends[-1] = end
        elif name in COLOURED:
            tokens.add(name, start, end)
        start += len(value)
    return tokens


# What has a colour in the style sheet. The rest, such as names and punctuation, gets no
# markup either.
COLOURED = frozenset(
    (
        *("k", "kn", "kr", "kd", "ow", "kc", "m", "mi", "mf", "mh", "il"),
        *("nf", "fm", "nc", "nn", "nb", "kt", "ne", "bp", "vi", "nv", "nd", "na", "nt"),
        *("s", "s1", "s2", "sb", "sc", "sd", "sh", "sr", "ss", "sx", "dl", "cpf"),
        *("si", "se", "c", "c1", "cm", "cs", "ch", "go", "gp", "cp"),
    )
)
_COMMENTS = {"c1", "cm", "cs", "ch", "sd"}
_LETTER = re.compile(r"\w")


def _covered(text: str, literals: list[Literal]) -> str:
    """
    The text with spaces in the place of comments, and letters in that of the first and
    the last line of strings, which a space keeps apart from the words of code in a
    string.
    """
    pieces = []
    plain = 0
    for kind, start, end in literals:
        pieces.append(text[plain:start])
        letter = " " if kind in (LINE, BLOCK, HASHBANG) else "a"
        first, *lines = text[start:end].split("\n")
        cover = [letter * len(first), *(" " * len(line) for line in lines[:-1])]
        if lines:
            rest = lines[-1].lstrip(" \t")
            indent = lines[-1][: len(lines[-1]) - len(rest)]
            cover.append(indent + letter * len(rest))
        inner = "\n".join(cover)
        if start and _LETTER.match(text, start - 1):
            inner = " " + inner[1:]
        if _LETTER.match(text, end):
            inner = inner[:-1] + " "
        pieces.append(inner)
        plain = end
    return "".join(pieces) + text[plain:]


# Some lexers look at each line for what may stand behind all following empty ones. With
# a long comment, they would take the square of its length.
_EMPTY = re.compile(r"(?<=\n)(?:[ \t]*\n)+(?=[ \t]*\n)")


def _without_gaps(text: str) -> tuple[str, list[tuple[int, int]]]:
    """
    The text with one empty line in the place of several, and from where on in it how
    many characters are missing.
    """
    pieces, gaps = [], []
    start = missing = 0
    for match in _EMPTY.finditer(text):
        pieces.append(text[start : match.start()])
        start = match.end()
        gaps.append((match.start() - missing, missing + start - match.start()))
        missing += start - match.start()
    return "".join([*pieces, text[start:]]), gaps


def _moved(tokens: Tokens, gaps: list[tuple[int, int]]) -> Tokens:
    """Tokens of a text without gaps at their places in the whole text."""
    moved = Tokens()
    number = missing = 0
    for kind, start, end in tokens:
        while number < len(gaps) and gaps[number][0] <= start:
            missing = gaps[number][1]
            number += 1
        here, last = number, missing
        while here < len(gaps) and gaps[here][0] < end:
            last = gaps[here][1]
            here += 1
        moved.add(kind, start + missing, end + last)
    return moved


def _merged(literals: list[Literal], coloured: Tokens) -> Tokens:
    """The literals, and what is coloured between them."""
    tokens = Tokens()
    number = behind = 0
    for name, start, end in coloured:
        # Only what was found here is a comment; to Pygments, `#if 0` of C is one, too.
        name = "c" if name in _COMMENTS else name
        while number < len(literals) and literals[number].start < end:
            literal = literals[number]
            if max(start, behind) < literal.start:
                tokens.add(name, max(start, behind), literal.start)
            if literal.kind:
                tokens.add(*literal)
            behind = literal.end
            number += 1
        if max(start, behind) < end:
            tokens.add(name, max(start, behind), end)
    for literal in literals[number:]:
        if literal.kind:
            tokens.add(*literal)
    return tokens
