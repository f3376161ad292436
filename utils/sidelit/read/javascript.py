r"""
---
title: Comments and strings of JavaScript
summary: >
  Where a slash divides and where it begins a regular expression, and what of a file is
  JSX, in JavaScript and TypeScript.
---

# Comments and strings of JavaScript

`/` begins a regular expression where a value is expected, and divides where one has
just ended. The same tells an element of JSX, `<p>it's</p>`, from a comparison. So this
scanner looks at every word and sign, and knows whether a value has ended.
"""

import re

from .scanner import (
    BRACKETS,
    DOUBLE,
    SINGLE,
    SLASHES,
    STARS,
    STRING,
    Frame,
    Grammar,
    ValueScanner,
    expression,
)

# Behind these words a value is expected, behind all others one has ended.
_OPERATORS = {
    *("await", "case", "default", "delete", "do", "else", "extends", "in"),
    *("instanceof", "new", "of", "return", "throw", "typeof", "void", "yield"),
}
# Behind the brackets of these comes a statement.
_CONDITIONS = {"if", "while", "for", "with"}
# A brace opens an object behind these signs and words, and a block elsewhere.
_BEFORE_OBJECT = {*"=([,?:&|+-*/%!~<^", *_OPERATORS} - {"do", "else"}

_CODE = expression(
    rf"""{SLASHES}|{STARS}|(?P<s>{DOUBLE}|{SINGLE})|(?P<open>`)
    |(?P<word>\d\w*(?:\.\w*)?|[\w$\#\u200c\u200d]++)|(?P<keep>\+\+|--|!(?!=))|{BRACKETS}
    |(?P<slash>/)|(?P<less><)|(?P<sign>=>|\?\.|[^\s\w])"""
)
# Nobody divides a regular expression, so before a comment the first slash divides.
_REGEX = re.compile(
    r"""/(?![*/]) (?>(?: [^/\\\[\n]++ | \\. | \[ (?>(?: [^\]\\\n]++ | \\. )*) \] )+)
    /\w*+ (?![*/])""",
    re.VERBOSE,
)
_TEMPLATE = re.compile(r"\\[\s\S]|(?P<field>\$\{)|(?P<end>`)")

# A type argument such as `<T, U>` or `<T extends U>` is no element, but an element may
# have one.
_ELEMENT = re.compile(
    r"""<(?: (?!const\s) ([A-Za-z_$] (?>(?: [\w$.-] | :(?=\w) )*))
    (?>(?: < (?: => | [^<>] | < (?: => | [^<>] | <[^<>]*> )* > )* > )?)
    (?= \s*+ [/>{\w$] ) (?! \s+ extends\b ) | (?=>) )""",
    re.VERBOSE,
)
_TAG = expression(
    rf"""{SLASHES}|{STARS}|(?P<s>"[^"]*+"|'[^']*+')|(?P<field>\{{)
    |(?P<closed>/>)|(?P<children>>)|=\s*+(?P<less><)"""
)
_CHILDREN = expression(
    rf"(?P<field>\{{)|(?P<finish></[^<>]*>)|(?P<less>{_ELEMENT.pattern})"
)


class JavaScript(ValueScanner):
    """
    ## The scanner

    JavaScript and TypeScript, with or without `elements` of JSX.
    """

    def __init__(self, text: str, elements: bool) -> None:
        super().__init__(text, Grammar(_CODE, lambda _: _TEMPLATE))
        self.elements = elements
        # For each open bracket, whether a value will have ended behind it.
        self.values: list[bool] = []

    def on_word(self, match: re.Match[str]) -> None:
        is_property = self.last in (".", "?.")
        self.end(match[0], is_property or match[0] not in _OPERATORS)
        if is_property:
            self.last = ""

    def on_keep(self, match: re.Match[str]) -> None:
        """`++` and `--` stand before or behind a value, and in TypeScript `!` does."""
        self.last = match[0]

    def on_bracket(self, match: re.Match[str]) -> None:
        super().on_bracket(match)
        is_value = True
        if match[0] == "(":
            is_value = self.last not in _CONDITIONS
        elif match[0] == "{":
            is_value = self.last in _BEFORE_OBJECT
        self.values.append(is_value)
        self.end(match[0], False)

    def on_close(self, match: re.Match[str]) -> None:
        open_before = len(self.brackets)
        super().on_close(match)
        is_value = self.values[-1] if self.values else True
        del self.values[len(self.brackets) :]
        if len(self.brackets) < open_before:
            self.end(match[0], is_value)

    def on_slash(self, match: re.Match[str]) -> None:
        found = None if self.value else _REGEX.match(self.text, match.start())
        if found:
            self.position = found.end()
            self.add(STRING, *found.span())
        self.end("/", bool(found))

    # ### JSX
    def on_less(self, match: re.Match[str]) -> None:
        found = _ELEMENT.match(self.text, match.start("less"))
        is_code = self.frames[-1].pattern is _CODE
        if not found or (is_code and not self._begins_element(found)):
            self.end("<", False)
            return
        self.end_piece(match.start())
        self.position = found.end()
        self.add("nt", *found.span())
        self.frames.append(Frame(_TAG))

    def _begins_element(self, found: re.Match[str]) -> bool:
        if self.value or not self.elements:
            return False
        # A type argument is never closed like an element.
        alone = self.text.startswith(">", found.end())
        end = f"</{found[1] or ''}"
        return not alone or self.text.find(end, found.end()) >= 0

    def on_closed(self, match: re.Match[str]) -> None:
        self.add("nt", *match.span())
        self._leave_element()

    def on_children(self, match: re.Match[str]) -> None:
        self.add("nt", *match.span())
        self.frames[-1] = Frame(_CHILDREN, start=match.end(), kind="")

    def on_finish(self, match: re.Match[str]) -> None:
        self.end_piece(match.start())
        self.add("nt", *match.span())
        self._leave_element()

    def _leave_element(self) -> None:
        self.frames.pop()
        if self.frames[-1].start >= 0:
            self.frames[-1].start = self.position
        self.end("s", True)
