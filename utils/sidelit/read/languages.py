r"""
---
title: Nineteen languages
summary: >
  How nineteen languages besides Python and Markdown write comments and strings, and the
  comments and strings of a file in one of them.
---

# Nineteen languages

Most languages need no more than an expression. [JavaScript](javascript.py),
[Ruby](ruby.py), [the shell](shell.py) and [YAML](yaml.py) need a scanner of their own.
"""

import re
from functools import cache

from ..plugins import Language
from .javascript import JavaScript
from .ruby import Ruby
from .scanner import (
    BLOCK,
    BRACKETS,
    DOUBLE,
    LINE,
    SINGLE,
    SLASHES,
    STARS,
    STRING,
    Grammar,
    Literal,
    Scanner,
    expression,
)
from .shell import Shell
from .yaml import yaml_literals


def literals(text: str, language: str) -> list[Literal] | None:
    """
    The comments and strings of a text, in order, or `None` for a language that is not
    one of these. `language` is the first of Pygments' names for it.
    """
    if language == "yaml":
        return yaml_literals(text)
    if language in SIMPLE:
        kind = {"sql": SQL, "julia": Julia}.get(language, Scanner)
        return kind(text, SIMPLE[language]).run()
    if language in ("javascript", "typescript", "tsx"):
        return JavaScript(text, elements=language != "typescript").run()
    if language == "ruby":
        return Ruby(text).run()
    return Shell(text).run() if language == "bash" else None


def added_literals(text: str, language: Language) -> list[Literal] | None:
    """The same for the language of a plugin, if that says how comments are written."""
    if not (language.line or language.block):
        return None
    return Scanner(text, Grammar(_expression(language))).run()


@cache
def _expression(language: Language) -> re.Pattern[str]:
    signs = "|".join(map(re.escape, language.line)) or "(?!)"
    blocks = (
        rf"{re.escape(start)}[\s\S]*?(?:{re.escape(end)}|\Z)"
        for start, end in language.block
    )
    quotes = map(re.escape, language.strings)
    strings = (rf"{one}(?>(?:(?!{one})[^\\\n]|\\[\s\S])*){one}" for one in quotes)
    # A sign such as `--` may begin one such as `--[[`.
    return re.compile(
        rf"(?P<block>{'|'.join(blocks) or '(?!)'})|(?P<line>(?:{signs})[^\n]*)"
        rf"|(?P<s>{'|'.join(strings) or '(?!)'})"
    )


# ## Quotes
_LONG = r'"""(?>(?:[^"\\]++|\\[\s\S]|"(?!""))*)"""'
_LINES = r'"(?>(?:[^"\\]++|\\[\s\S])*)"'
_QUOTED = r"'(?>(?:[^'\\]++|''|\\[\s\S])*)'"
# A quote alone may belong to a word, such as the `'a` of Rust or the `'` of Julia.
_CHARACTER = r"'(?:\\[^\n][^'\n]*|[^'\\\n]{1,2})'"
_NESTED_STARS = r"(?P<nest>/\*)"
_C = rf"(?P<line>//(?>(?:[^\n\\]++|\\[\s\S]|\\\Z)*))|{STARS}"
# What a preprocessor prints is text, and quotes part the digits of a number.
_MESSAGE = r"^[ \t]*\#[ \t]*(?:error|warning|region|endregion)\b[^\n]*"
_NUMBER = r"(?<!\w)\d(?>(?:'?[\w.])*)"


def _simple(code: str) -> Grammar:
    return Grammar(expression(code), nest=_STARS_OF_A_BLOCK)


def _kotlin(quotes: str) -> re.Pattern[str]:
    field = rf"(?P<field>\${{{quotes.count('$') or 1}}}\{{)"
    if quotes.endswith('"""'):
        return re.compile(rf'{field}|(?P<end>"{{3,}})')
    return re.compile(rf'\\.|{field}|(?P<end>"|(?=\n))')


def _swift(quotes: str) -> re.Pattern[str]:
    signs, quotes = re.escape("#" * quotes.count("#")), quotes.lstrip("#")
    end = rf"{quotes}{signs}" + ("|(?=\n)" if quotes == '"' else "")
    return re.compile(rf"(?P<field>\\{signs}\()|\\{signs}[\s\S]|(?P<end>{end})")


def _csharp(quotes: str) -> re.Pattern[str]:
    if "@" in quotes:
        return re.compile(r'""|\{\{|(?P<field>\{)|(?P<end>")')
    return re.compile(r'\\.|\{\{|(?P<field>\{)|(?P<end>"|(?=\n))')


def _julia(quotes: str) -> re.Pattern[str]:
    return re.compile(rf"\\[\s\S]|(?P<field>\$\()|(?P<end>{quotes})")


_STARS_OF_A_BLOCK = re.compile(r"/\*|(?P<close>\*/)")
SIMPLE = {
    "c": _simple(rf"{_C}|(?:{_MESSAGE}|{_NUMBER})|(?P<s>{DOUBLE}|{SINGLE})"),
    "cpp": _simple(
        rf"""{_C}|(?:{_MESSAGE}|{_NUMBER})
        |(?P<s>R"(?P<tag>[^()\\\s]*+)\([\s\S]*?\)(?P=tag)"|{DOUBLE}|{SINGLE})"""
    ),
    "css": _simple(
        rf"{STARS}|(?:\b(?i:url)\(\s*+[^\"'\s)][^)\n]*+\))|(?P<s>{DOUBLE}|{SINGLE})"
    ),
    "go": _simple(rf"{SLASHES}|{STARS}|(?P<s>{DOUBLE}|`[^`]*+`|{_CHARACTER})"),
    "java": _simple(rf"{SLASHES}|{STARS}|(?P<s>{_LONG}|{DOUBLE}|{_CHARACTER})"),
    "lua": _simple(
        r"""(?P<block>--\[(?P<level>=*+)\[[\s\S]*?\](?P=level)\](?:--+$)?)|(?P<line>--[^\n]*)
        |(?P<s>\[(?P<equals>=*+)\[[\s\S]*?\](?P=equals)\]
            |"(?>(?:[^"\\\n]++|\\z\s*+|\\[\s\S])*)"|'(?>(?:[^'\\\n]++|\\z\s*+|\\[\s\S])*)')"""
    ),
    "rust": _simple(
        rf"""{SLASHES}|{_NESTED_STARS}
        |(?P<s>(?<!\w)[bc]?r(?P<signs>\#*+)"[\s\S]*?"(?P=signs)|{_LINES}
            |'(?:\\[^\n][^'\n]*|[^'\\\n])')"""
    ),
    "sql": _simple(
        rf"""(?P<line>--[^\n]*|^[ \t]*\#(?=[ \t]|$)[^\n]*)|{_NESTED_STARS}
        |(?:^\\[^\n]*)
        |(?P<s>[qQ]'(?:\[[\s\S]*?\]|\{{[\s\S]*?\}}|\([\s\S]*?\)|<[\s\S]*?>)'
            |(?<!\w)[eE]{_QUOTED}|'[^'\\\n]*\\'(?=\s*(?:[,;)]|\|\|))|'\\'(?![\w'])
            |{_QUOTED}|"[^"\n]*+"|`[^`\n]*+`)
        |(?P<dollars>\$(?P<name>\w*+)\$(?P<body>[\s\S]*?)\$(?P=name)\$)"""
    ),
    "toml": _simple(
        rf"""(?P<line>\#[^\n]*)
        |(?P<s>{_LONG}"{{0,2}}|'''[\s\S]*?'{{3,5}}|{DOUBLE}|'[^'\n]*+')"""
    ),
    # In strings of these, code can stand.
    "csharp": Grammar(
        expression(
            rf"""{SLASHES}|{STARS}|(?:{_MESSAGE})|{BRACKETS}
            |(?P<s>\$*+(?P<quotes>"{{3,}}+)[\s\S]*?(?P=quotes)(?!")
                |@"(?>(?:[^"]|"")*)"|{DOUBLE}|{_CHARACTER})
            |(?P<open>(?:\$@|@\$|\$)")"""
        ),
        _csharp,
    ),
    "julia": Grammar(
        expression(
            rf"""(?P<nest>\#=)|(?P<line>\#[^\n]*)|{BRACKETS}
            |(?P<s>(?<!\w)[^\W\d]\w*+(?:{_LONG}|{_LINES})
                |(?<![\w)\]}}'.]){_CHARACTER})
            |(?P<open>\"\"\"|"|```|`)"""
        ),
        _julia,
        re.compile(r"#=|(?P<close>=#)"),
    ),
    # In back-ticks stand names, which may have quotes.
    "kotlin": Grammar(
        expression(
            rf"""{SLASHES}|{_NESTED_STARS}|{BRACKETS}|(?:`[^`\n]+`)
            |(?P<open>\$*+(?:\"\"\"|"))|(?P<s>{_CHARACTER})"""
        ),
        _kotlin,
        _STARS_OF_A_BLOCK,
    ),
    "swift": Grammar(
        expression(
            rf"""{SLASHES}|{_NESTED_STARS}|{BRACKETS}|(?:`[^`\n]+`)
            |(?P<s>(?P<signs>\#++)/[\s\S]*?/(?P=signs)
                |(?:(?<=[(\[])|(?<=[=,:(&|?]\ ))/(?![ /*),\]])(?>(?:[^/\\\n]|\\.)+)/
                    (?![/*]))
            |(?P<open>\#*+(?:\"\"\"|"))"""
        ),
        _swift,
        _STARS_OF_A_BLOCK,
    ),
}


class SQL(Scanner):
    """
    ## SQL

    Between `$$` stands a string, and in a string with statements the body of a
    function, whose comments are as good as any.
    """

    def __init__(self, text: str, grammar: Grammar) -> None:
        super().__init__(text, grammar)
        self.ends: set[int] = set()

    def on_dollars(self, match: re.Match[str]) -> None:
        body = match["body"]
        if match.start() in self.ends or ("\n" in body and ";" in body):
            self.ends.add(match.end("body"))
            self.position = match.start("body")
        self.add(STRING, match.start(), self.position)


# What a docstring of Julia is about, on the next line.
_DOCUMENTED = re.compile(
    r"""[ \t]*\n[ \t]*(?:(?:\w+\.)*@\w+[ ]+)*
    (?:(?:function|macro|(?:mutable[ ]+)?struct|abstract[ ]+type|primitive[ ]+type
        |(?:bare)?module|const)[ ]+[^\W\d]
      |[^\W\d][\w.!]*(?:\{[^{}\n]*\})?\([^\n]*\)[^=\n]*=(?!=))""",
    re.VERBOSE,
)
# Behind these, an expression goes on.
_GOES_ON = re.compile(r"(?:[^\w\s)\]}\"'`;#]|\b(?:return|in|isa|where))\Z")


class Julia(Scanner):
    """
    ## Julia

    A string that is a line of its own, or several, is the docstring of the function or
    type on the next line, and so a comment. One with code in it stays code.
    """

    def on_end(self, match: re.Match[str]) -> None:
        frame, text = self.frames[-1], self.text
        before = text[: frame.start].rstrip(" \t")
        if (
            match[0].startswith('"')
            and text.startswith(match[0], frame.start)
            and before[-1:] in ("", "\n")
            and not self.brackets
            and not _GOES_ON.search(self._code_before(frame.start))
            and _DOCUMENTED.match(text, self.position)
        ):
            frame.kind = BLOCK
        super().on_end(match)

    def _code_before(self, end: int) -> str:
        """The last signs of code before a place, without the comments behind them."""
        end = self._without_space(end)
        for literal in reversed(self.found):
            if literal.kind not in (LINE, BLOCK) or literal.end < end:
                break
            end = self._without_space(literal.start)
        return self.text[max(end - _FEW, 0) : end]

    def _without_space(self, end: int) -> int:
        while end and self.text[end - 1].isspace():
            end -= 1
        return end


# More than the longest word that goes on has.
_FEW = 10
