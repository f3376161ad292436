r"""
---
title: Equations with text between them
summary: >
  What KaTeX cannot set as one formula is set as several: the equations of
  `subequations`, and what `\intertext` parts.
---

# Equations with text between them

KaTeX sets one block. So equations that stand below each other, and the rows above and
below an `\intertext`, are blocks of their own, each of which aligns its own rows. The
text between them is text of the page: it breaks where the column ends, as a formula
would not.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..macros import VERBATIM, closing_brace


class Part(NamedTuple):
    """
    ## A part

    A formula on lines of its own, one in the text, or text. It begins at `start` in the
    whole, and `added` characters in front of it are not there.
    """

    kind: Literal["display", "inline", "text"]
    latex: str
    start: int
    added: int = 0

    def place(self, position: int) -> int:
        """Where a place in the part is in the whole."""
        return self.start + max(position - self.added, 0)


_TOKEN = re.compile(
    VERBATIM
    + r"""
  | \\begin \s* \{ (?P<begin> [^{}]* ) \} (?: (?<= at\} | t\*\} ) \s* \{ [^{}]* \} )?
  | \\end \s* \{ (?P<end> [^{}]* ) \}
  | \\(?:short)?intertext \s* (?P<text> \{ )
  | \\ (?: [a-zA-Z]+ | [\s\S] ) | (?P<brace> [{}] )
    """,
    re.VERBOSE,
)
_BLOCK = re.compile(r"(?:align(?:at)?|gather|equation)\*?")
_LAST_NEWLINE = re.compile(r"\\\\\*?(?:\[[^\]]*\])?\s*\Z")


def parts(latex: str) -> list[Part]:
    """The parts of a formula that is nothing but blocks; of any other, all of it."""
    whole = [Part("display", latex, 0)]
    found: list[Part] = []
    # The open environments, and how the block that they stand in begins.
    inside: list[str] = []
    head, start, added, behind, depth = "", 0, 0, 0, 0
    position = 0
    while token := _TOKEN.search(latex, position):
        position = token.end()
        if begin := token["begin"]:
            if not inside:
                if latex[behind : token.start()].strip() or not _BLOCK.fullmatch(begin):
                    return whole
                head, start, added, depth = token[0], token.start(), 0, 0
            inside.append(begin)
        elif token["end"] is not None:
            if not inside or inside.pop() != token["end"]:
                return whole
            if not inside:
                if not added or latex[start : token.start()].strip():
                    block = head[:added] + latex[start:position]
                    found.append(Part("display", block, start, added))
                behind = position
        elif token["text"] and len(inside) == 1 and not depth:
            above = _LAST_NEWLINE.sub("", latex[start : token.start()])
            if above[0 if added else len(head) :].strip():
                block = f"{head[:added]}{above}\\end{{{inside[0]}}}"
                found.append(Part("display", block, start, added))
            position = closing_brace(latex, token.start("text")) + 1
            words = _words(latex[token.end() : position - 1], token.end())
            found += [one for one in words if one.latex]
            start, added = position, len(head)
        elif token[0][0] == "%" and not inside:
            if latex[behind : token.start()].strip():
                return whole
            behind = position
        elif token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
    is_all = not inside and not latex[behind:].strip()
    return found if len(found) > 1 and is_all else whole


_FORMULA = re.compile(r"\$([^$]+)\$")
# Commands and characters that mean something else in LaTeX than they show.
_COMMAND = re.compile(r"[\\~{}%&#_^]|--|``|''")


def _words(text: str, start: int) -> Iterator[Part]:
    """Text as LaTeX has it, with formulas in it."""
    if _COMMAND.search(_FORMULA.sub("", text)):
        head = r"\text{"
        yield Part("inline", f"{head}{text}}}", start, len(head))
        return
    position = 0
    for match in _FORMULA.finditer(text):
        yield Part("text", text[position : match.start()], start + position)
        yield Part("inline", match[1], start + match.start(1))
        position = match.end()
    yield Part("text", text[position:], start + position)
