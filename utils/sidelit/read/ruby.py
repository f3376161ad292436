r"""
---
title: Comments and strings of Ruby
summary: >
  Regular expressions, literals in percent signs, characters behind a question mark and
  texts of several lines are told from operators by what stands before them.
---

# Comments and strings of Ruby

`/`, `%`, `?` and `<<` are operators behind a value and begin a literal elsewhere. A
word may be a variable, or a method whose argument that literal is. As Ruby does, the
scanner looks at the spaces then: `a / b` divides, and `puts /b/` does not.
"""

import re

from .scanner import (
    BRACKETS,
    CLOSERS,
    STRING,
    Frame,
    Grammar,
    ValueScanner,
    expression,
)

# Behind these words a value is expected, and behind these others one has ended.
_OPERATORS = {
    *("and", "begin", "case", "do", "else", "elsif", "ensure", "if", "in", "not", "or"),
    *("rescue", "return", "then", "unless", "until", "when", "while", "yield"),
}
_VALUES = {"end", "false", "nil", "self", "true"}
# Behind these comes a name, which an operator can be.
_BEFORE_NAME = {".", "alias", "def", "undef"}

_SYMBOL = (
    r"(?<!:):(?:[^\W\d]\w*[?!=]?|\[\]=?|[<=>]{2,3}|[!=]~|\*\*|[+-]@?|[%&|^<>~`/*!])"
)
_CODE = expression(
    rf"""(?P<block>^=begin\b[\s\S]*?(?:^=end\b[^\n]*|\Z))|(?P<rest>^__END__$)
    |(?P<line>\#[^\n]*)|(?P<open>["`])|(?P<s>'(?>(?:[^'\\]++|\\[\s\S])*)')
    |(?P<value>\$(?:\w+|-\w|[^\w\s])|@{{1,2}}\w+|\d\w*(?:\.\d\w*)?|{_SYMBOL})
    |(?P<label>[^\W\d]\w*[?!]?:(?!:))|(?P<word>[^\W\d]\w*(?:[?!](?!=))?)
    |{BRACKETS}|(?P<heredoc><<)|(?P<slash>/)|(?P<percent>%)|(?P<question>\?)
    |(?P<newline>\n)|(?P<sign>[^\s\w])"""
)
_HEREDOC = re.compile(r"<<([~-]?)(?:(['\"`])([^\n]+?)\2|([A-Z_]\w*|(?<=[~-])\w+))")
_PERCENT = re.compile(r"%([qQwWiIrsx]?)([^\w\s=])|%([qQwWiIrsx])=")
_QUESTION = re.compile(r"\?(?:\\\S+|[^\s\\])(?!\w)")


class Ruby(ValueScanner):
    """
    ## The scanner

    If a value has just ended, `word` says whether that was a word that may be a method.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, Grammar(_CODE, self._inside))
        self.word = False

    def end(self, last: str, value: bool, word: bool = False) -> None:
        super().end(last, value)
        self.word = word

    @staticmethod
    def _inside(opening: str, has_fields: bool = True) -> re.Pattern[str]:
        opener = opening[-1]
        closer = CLOSERS.get(opener, opener) if opening[0] == "%" else opener
        more = "" if closer == opener else rf"|(?P<more>{re.escape(opener)})"
        field = r"|(?P<field>\#\{)" if has_fields else ""
        return re.compile(rf"\\[\s\S]{field}{more}|(?P<end>{re.escape(closer)})")

    def _begins_literal(self, match: re.Match[str]) -> bool:
        """Whether an operator is none where it stands."""
        if self.last in _BEFORE_NAME:
            return False
        if not self.value:
            return True
        before = self.text[match.start() - 1 : match.start()]
        behind = self.text[match.end() : match.end() + 1]
        return self.word and before in (" ", "\t") and behind not in (" ", "=", "\n")

    def on_rest(self, match: re.Match[str]) -> None:
        """What follows `__END__` is data."""
        self.position = len(self.text)
        self.add(STRING, match.end(), self.position)

    def on_value(self, match: re.Match[str]) -> None:
        self.end("s", True)

    def on_label(self, match: re.Match[str]) -> None:
        self.end(":", False)

    def on_word(self, match: re.Match[str]) -> None:
        word = match[0]
        if self.last not in (".", "def") and word in _OPERATORS:
            self.end(word, False)
        else:
            self.end(word, True, word not in _VALUES)

    def on_bracket(self, match: re.Match[str]) -> None:
        super().on_bracket(match)
        self.end(match[0], False)

    def on_close(self, match: re.Match[str]) -> None:
        super().on_close(match)
        self.end(match[0], True)

    # ### Literals that begin like operators
    def on_open(self, match: re.Match[str]) -> None:
        if match[0] == "`" and self.last in _BEFORE_NAME:
            self.end("`", True)
        else:
            super().on_open(match)

    def on_slash(self, match: re.Match[str]) -> None:
        line = self.text[match.end() :].partition("\n")[0]
        if self._begins_literal(match) and (not self.value or "/" in line):
            self.on_open(match)
        else:
            self.end("/", self.last in _BEFORE_NAME)

    def on_percent(self, match: re.Match[str]) -> None:
        found = _PERCENT.match(self.text, match.start())
        if not found or not self._begins_literal(match):
            self.end("%", self.last in _BEFORE_NAME)
            return
        self.position = found.end()
        has_fields = (found[1] or found[3] or "Q") in "QWIrx"
        inside = self._inside(found[0], has_fields)
        self.frames.append(Frame(inside, start=match.start()))

    def on_question(self, match: re.Match[str]) -> None:
        found = _QUESTION.match(self.text, match.start())
        if found and not self.value:
            self.position = found.end()
            self.on_s(found)
        else:
            self.end("?", False)

    def on_heredoc(self, match: re.Match[str]) -> None:
        found = _HEREDOC.match(self.text, match.start())
        if found and self.last != "class" and self._begins_literal(match):
            indent = r"[ \t]*" if found[1] else ""
            tag = re.escape(found[3] or found[4])
            end = re.compile(rf"^{indent}{tag}$", re.MULTILINE)
            # Without its end it is an operator.
            if end.search(self.text, found.end()):
                self.heredocs.append(end)
                self.position = found.end()
                self.on_s(found)
                return
        self.end("<<", False)

    def on_newline(self, match: re.Match[str]) -> None:
        super().on_newline(match)
        self.end("\n", False)
