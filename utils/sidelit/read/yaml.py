r"""
---
title: Comments and strings of YAML
summary: >
  Where a value may begin, and how far the lines below it are indented, tells a comment
  from the text of a block.
---

# Comments and strings of YAML

A quote opens a string only where a value begins, since `it's` is text. `|` and `>` open
a block there, which goes on as long as its lines are indented, whatever they hold.
"""

import re

from .scanner import LINE, STRING, Grammar, Literal, Scanner, expression

# A value ends before a comment, before `: `, and between brackets before a comma.
_COMMENT = r"(?P<line>(?<!\S)\#[^\n]*)"
_STRINGS = r"""(?P<s>"(?>(?:[^"\\]++|\\[\s\S])*)"|'(?>(?:[^']++|'')*)')"""
_CODE = expression(
    rf"""{_COMMENT}|{_STRINGS}|(?P<block>[|>](?P<sign>[\d+-]*+)[ \t]*(?:\#[^\n]*)?$)
    |(?P<bracket>[\[{{])|(?:(?:^---|[-?:,])(?=\s|$)|[&!*][^\s,\[\]{{}}]*
        |\S(?>(?:[^\n:\#]|:(?!\s|\Z)|(?<=\S)\#)*))"""
)
_FLOW = expression(
    rf"""{_COMMENT}|{_STRINGS}|(?P<bracket>[\[{{])|(?P<close>[\]}}])
    |(?:[-?:,]|\S(?>(?:[^\n:\#,\[\]{{}}]|:(?![\s,\[\]{{}}]|\Z)|(?<=\S)\#)*))"""
)
_INDENT = re.compile(r" *(?:[-?:] +)*")
_CONTENT = re.compile(r"^( *)\S", re.MULTILINE)


def yaml_literals(text: str) -> list[Literal]:
    """The comments and strings of a YAML file, in order."""
    return YAML(text, Grammar(_CODE)).run()


class YAML(Scanner):
    """The scanner of YAML."""

    def on_bracket(self, match: re.Match[str]) -> None:
        if self.frames[-1].pattern is _CODE:
            self.enter(_FLOW, "]" if match[0] == "[" else "}")
        else:
            super().on_bracket(match)

    def on_block(self, match: re.Match[str]) -> None:
        """A block ends at the first line that is indented less than its first one."""
        start = match.end() + 1
        line = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        outer = len(line) - len(line.lstrip(" "))
        if "#" in match[0]:
            self.add(LINE, match.start() + match[0].index("#"), match.end())
        if digit := re.search(r"\d", match["sign"]):
            parent = _INDENT.match(line)
            inner = int(digit[0]) + (len(parent[0]) if parent else 0)
        elif content := _CONTENT.search(self.text, start):
            inner = len(content[1])
            # In a document that is nothing else, the text may stand at the margin.
            if inner <= outer and not line.startswith("---"):
                return
        else:
            return
        end = re.compile(rf"^(?! {{{inner}}}|[ \t]*$|\Z)", re.MULTILINE)
        found = end.search(self.text, start)
        self.position = found.start() if found else len(self.text)
        self.add(STRING, start, self.position)
