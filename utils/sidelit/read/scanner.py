r"""
---
title: Comments and strings of other languages
summary: >
  What is a comment and what is a string decides what is prose: an expression for each
  language finds the next of them, and a stack holds strings with code in them.
---

# Comments and strings of other languages

If a highlighter takes a string for code, only a colour is wrong. Here, all comments
after that string would be missing from the page, or a text that nobody wrote for
readers would become prose. So comments and strings are found here, and
[Pygments](lexer.py) only colours what lies between them.

Each language has an expression that finds the next thing that matters: a comment, a
string, a bracket. A string in which code can stand, such as `` `a ${b}` `` in
JavaScript, is put on a stack, and so is the code in it, which can hold strings again.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

LINE, BLOCK, STRING, HASHBANG = "c1", "cm", "s", "ch"


class Literal(NamedTuple):
    """
    ## A literal

    A comment of one line or a block, a string or a piece of one: the class that
    Pygments' style sheets have for it, and where it is in the text.
    """

    kind: str
    start: int
    end: int


class Grammar(NamedTuple):
    """
    ## The grammar of a language

    * `code` finds what matters in code; the name of the group that matches is that of
      a method of the scanner, without its `on_`
    * `inside` has the expression for what stands in a string, by its opening quotes
    * `nest` finds where block comments open and close, if they can hold each other
    """

    code: re.Pattern[str]
    inside: Callable[[str], re.Pattern[str]] = re.compile
    nest: re.Pattern[str] = re.compile("")


class Frame:
    """
    ## A frame

    What the scanner is in: code up to a bracket `closer`, or a string from `start` on.

    * `depth` is how many brackets were open when the code began
    * `nested` is how many brackets of its own kind are open in a string
    * `kind` is the class of the string
    """

    __slots__ = ("closer", "depth", "kind", "nested", "pattern", "start")

    def __init__(
        self,
        pattern: re.Pattern[str],
        closer: str = "",
        depth: int = 0,
        start: int = -1,
        kind: str = STRING,
    ) -> None:
        self.pattern = pattern
        self.closer = closer
        self.depth = depth
        self.nested = 0
        self.start = start
        self.kind = kind


class Scanner:
    """
    ## The scanner

    Calls a method for whatever the expression of the innermost frame finds next.
    """

    def __init__(self, text: str, grammar: Grammar) -> None:
        self.text = text
        self.grammar = grammar
        self.position = 0
        self.found: list[Literal] = []
        # The brackets that are open, by what closes them.
        self.brackets: list[str] = []
        self.frames = [Frame(grammar.code)]
        # The ends of the texts that begin on the next line, in order.
        self.heredocs: list[re.Pattern[str]] = []

    def run(self) -> list[Literal]:
        """All literals, in order. What is still open at the end reaches to it."""
        text = self.text
        # In Rust, `#![` begins an attribute.
        if text.startswith("#!") and not text.startswith("#!["):
            self.position = len(text.partition("\n")[0])
            self.add(HASHBANG, 0, self.position)
        while match := self.frames[-1].pattern.search(text, self.position):
            self.position = match.end()
            # What has no name only looks like something that matters.
            if match.lastgroup:
                getattr(self, f"on_{match.lastgroup}")(match)
        self.end_piece(len(text))
        return self.found

    def add(self, kind: str, start: int, end: int) -> None:
        if start < end:
            self.found.append(Literal(kind, start, end))

    def end_piece(self, end: int) -> None:
        """A string, or a piece of one, ends here."""
        frame = self.frames[-1]
        if frame.start >= 0:
            self.add(frame.kind, frame.start, end)

    # ### Comments and whole strings
    def on_line(self, match: re.Match[str]) -> None:
        # In C, a comment goes on behind a backslash at the end of its line.
        self.add(BLOCK if "\n" in match[0] else LINE, *match.span())

    def on_block(self, match: re.Match[str]) -> None:
        self.add(BLOCK, *match.span())

    def on_nest(self, match: re.Match[str]) -> None:
        start, depth, end = match.start(), 0, len(self.text)
        first = end
        for sign in self.grammar.nest.finditer(self.text, start):
            depth += -1 if sign["close"] else 1
            if sign["close"]:
                first = min(first, sign.end())
            if not depth:
                end = sign.end()
                break
        # Where the outer one never ends, nobody meant them to hold each other.
        self.position = first if depth else end
        self.add(BLOCK, start, self.position)

    def on_s(self, match: re.Match[str]) -> None:
        self.add(STRING, *match.span())

    def on_newline(self, match: re.Match[str]) -> None:
        """A line ends, and the texts that it announced begin."""
        for end in self.heredocs:
            if found := end.search(self.text, self.position):
                self.add(STRING, self.position, found.end())
                self.position = found.end()
        self.heredocs = []

    # ### Strings that hold code
    def on_open(self, match: re.Match[str]) -> None:
        inside = self.grammar.inside(match[0])
        self.frames.append(Frame(inside, start=match.start()))

    def on_more(self, match: re.Match[str]) -> None:
        self.frames[-1].nested += 1

    def on_end(self, match: re.Match[str]) -> None:
        if self.frames[-1].nested:
            self.frames[-1].nested -= 1
            return
        self.end_piece(self.position)
        self.frames.pop()

    def on_field(self, match: re.Match[str]) -> None:
        self.enter(self.grammar.code, CLOSERS[match[0][-1]])

    def enter(self, pattern: re.Pattern[str], closer: str) -> None:
        """Go into code, up to a bracket."""
        self.end_piece(self.position)
        self.frames.append(Frame(pattern, closer, len(self.brackets)))

    def on_bracket(self, match: re.Match[str]) -> None:
        self.brackets.append(CLOSERS[match[0]])

    def on_close(self, match: re.Match[str]) -> None:
        frame = self.frames[-1]
        if len(self.brackets) > frame.depth:
            if self.brackets[-1] == match[0]:
                self.brackets.pop()
        elif match[0] == frame.closer:
            self.leave(match)

    def leave(self, match: re.Match[str]) -> None:
        """Go back from code into what it stands in."""
        del self.brackets[self.frames.pop().depth :]
        if self.frames[-1].start >= 0:
            self.frames[-1].start = match.start()


class ValueScanner(Scanner):
    """
    ## What stands before

    In languages where `/` may divide or begin a literal, what has just ended decides:
    `value` says whether that was a value, and `last` is the last word or sign.
    """

    def __init__(self, text: str, grammar: Grammar) -> None:
        super().__init__(text, grammar)
        self.value = False
        self.last = ""

    def end(self, last: str, value: bool) -> None:
        self.last, self.value = last, value

    def on_s(self, match: re.Match[str]) -> None:
        super().on_s(match)
        self.end("s", True)

    def on_end(self, match: re.Match[str]) -> None:
        super().on_end(match)
        self.end("s", True)

    def on_field(self, match: re.Match[str]) -> None:
        super().on_field(match)
        self.end("{", False)

    def on_sign(self, match: re.Match[str]) -> None:
        self.end(match[0], False)


CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">", "`": "`"}


# ## Expressions
#
# A quote that nothing closes on its line is no string: it may stand in code that a
# preprocessor leaves out, or in what a directive prints.
#
# What repeats several pieces without going back is an atomic group, `(?>(?:…)*)`, in
# all modules. The shorter `(?:…)*+` is not safe in Python 3.11.2, that of Debian 12: if
# its last attempt fails inside a piece, the match goes on from there.
DOUBLE = r'"(?>(?:[^"\\\n]++|\\[\s\S])*)"'
SINGLE = r"'(?>(?:[^'\\\n]++|\\[\s\S])*)'"
SLASHES = r"(?P<line>//[^\n]*)"
STARS = r"(?P<block>/\*[\s\S]*?(?:\*/|\Z))"
BRACKETS = r"(?P<bracket>[(\[{])|(?P<close>[)\]}])"


def expression(pattern: str) -> re.Pattern[str]:
    """An expression of several lines, in which `^` and `$` are the ends of a line."""
    return re.compile(pattern, re.VERBOSE | re.MULTILINE)
