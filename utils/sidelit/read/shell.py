r"""
---
title: Comments and strings of the shell
summary: >
  Texts of several lines, substitutions inside of strings inside of substitutions, and
  the four places where a number sign is no comment.
---

# Comments and strings of the shell

In the shell, a string can hold commands, which can hold strings. `#` begins a comment
only at the start of a word; it also counts characters in `${#a}`, cuts them off in
`${a#b}`, stands for a base in `$((16#ff))` and is plain text in what follows `<<EOF`.
"""

import re

from .scanner import STRING, Grammar, Scanner, expression

_EXPANSION = r"(?P<arithmetic>\$\(\()|(?P<command>\$\()|(?P<parameter>\$\{)"
_SINGLE = r"'[^']*+'"
_ESCAPED = r"\$'(?>(?:[^'\\]++|\\[\s\S])*)'"
_QUOTED = rf"(?P<s>{_ESCAPED}|{_SINGLE})|(?P<open>\$?\")"

_CODE = expression(
    rf"""(?P<line>(?<![^\s;&|()<>`])\#[^\n]*)|(?:(?<!\s)\\\n\#*+|\\\n|\\.\#*+|<<<|\$\#)
    |{_QUOTED}|{_EXPANSION}|(?P<calculation>(?<![\w$(])\(\()|(?P<ticks>`)
    |(?P<heredoc><<-?[ \t]*
        (?P<tag>(?>(?:'[^'\n]*+'|"[^"\n]*+"|\\.|[^\s;&|<>()'"\\`])+)))
    |(?P<newline>\n)|(?P<word>(?<![\w$./-])(?:case|esac)(?![\w./=-]))
    |(?P<bracket>\()|(?P<close>\))"""
)
_ARITHMETIC = expression(
    rf"(?:\\[\s\S])|{_QUOTED}|{_EXPANSION}|(?P<bracket>\()|(?P<close>\))"
)
# In `${a:-b}`, and inside of a string also in `${a%b}`.
_PARAMETER = expression(
    rf"(?:\\[\s\S])|{_QUOTED}|{_EXPANSION}|(?P<ticks>`)|(?P<close>\}})"
)
_PARAMETER_IN_STRING = expression(
    rf"(?:\\[\s\S])|(?P<open>\")|{_EXPANSION}|(?P<ticks>`)|(?P<close>\}})"
)
_CUTS = re.compile(r"[#!]?\w+(?:\[[^\]\n]*\])?[#%/]|[@*][#%/]")
_STRING = expression(rf"\\[\s\S]|{_EXPANSION}|(?P<ticks>`)|(?P<end>\")")

# A word is a command behind one of these.
_BEFORE_COMMAND = re.compile(r"(?:^|[;&|({`!]|\b(?:then|do|else|in))\s*\Z")
_QUOTE = re.compile(r"\\(.)|['\"]")


class Shell(Scanner):
    """
    ## The scanner

    sh, bash and zsh.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, Grammar(_CODE, lambda _: _STRING))
        # How many `case` are open in each frame; in them, a lone `)` closes nothing.
        self.cases = [0]
        # Behind a substitution, its word may go on.
        self.substituted = -1

    def on_line(self, match: re.Match[str]) -> None:
        if match.start() == self.substituted:
            self.position = match.start() + 1
        else:
            super().on_line(match)

    # ### Substitutions
    def on_command(self, match: re.Match[str]) -> None:
        self._enter(_CODE, ")")

    def on_arithmetic(self, match: re.Match[str]) -> None:
        self._enter(_ARITHMETIC, ")")
        self.brackets.append(")")

    def on_calculation(self, match: re.Match[str]) -> None:
        self.on_arithmetic(match)

    def on_parameter(self, match: re.Match[str]) -> None:
        in_string = self.frames[-1].pattern in (_STRING, _PARAMETER_IN_STRING)
        quotes = not in_string or _CUTS.match(self.text, match.end())
        self._enter(_PARAMETER if quotes else _PARAMETER_IN_STRING, "}")

    def on_ticks(self, match: re.Match[str]) -> None:
        if self.frames[-1].closer == "`":
            self.leave(match)
        else:
            self._enter(_CODE, "`")

    def _enter(self, pattern: re.Pattern[str], closer: str) -> None:
        self.enter(pattern, closer)
        self.cases.append(0)

    def on_open(self, match: re.Match[str]) -> None:
        super().on_open(match)
        self.cases.append(0)

    def on_end(self, match: re.Match[str]) -> None:
        super().on_end(match)
        self.cases.pop()

    def leave(self, match: re.Match[str]) -> None:
        super().leave(match)
        self.cases.pop()
        self.substituted = match.end()

    def on_word(self, match: re.Match[str]) -> None:
        before = self.text[max(match.start() - 80, 0) : match.start()]
        if _BEFORE_COMMAND.search(before.rpartition("\n")[2]):
            step = 1 if match[0] == "case" else -1
            self.cases[-1] = max(self.cases[-1] + step, 0)

    def on_close(self, match: re.Match[str]) -> None:
        is_open = len(self.brackets) > self.frames[-1].depth
        if is_open or not self.cases[-1] or match[0] != ")":
            super().on_close(match)

    # ### Texts of several lines
    def on_heredoc(self, match: re.Match[str]) -> None:
        tag = re.escape(_QUOTE.sub(r"\1", match["tag"]))
        tabs = r"\t*" if match[0].startswith("<<-") else ""
        end = re.compile(rf"^{tabs}{tag}$", re.MULTILINE)
        # Without its end it is no text: `let "a<<b"` may shift bits.
        if end.search(self.text, match.end()):
            self.heredocs.append(end)
            self.add(STRING, *match.span())
