r"""
---
title: Colouring code
summary: >
  Tokens become one piece of HTML a line, in elements named after the kinds of Pygments.
---

# Colouring code

A file is coloured as a whole and cut afterwards. The other way round, a section that
begins in the middle of an expression would be read as something that it is not.

Code is most of a page, and most of its HTML would be `<span class="…">`. So a token is
an element of its own, `<t-k>` for a keyword: HTML keeps names with a hyphen free for
such elements, which mean as little as a `<span>`. One for a name may have an attribute
`b`, the number of its variable.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from operator import itemgetter

from ..model import Tokens
from ..plugins import language_of_suffix
from .lexer import lex_other, lex_python

# A few characters that no source has stand for the markup of an element until the whole
# file has been escaped at once, which is much faster than escaping it word by word.
_OPEN, _END, _CLOSE = "\x02", "\x03", "\x04"
_OPEN_LINK, _CLOSE_LINK = "\x05", "\x06"


def coloured_lines(
    text: str, tokens: Tokens, names: dict[int, tuple[int, str]] | None = None
) -> list[str]:
    """
    The HTML of each line of a file. An element that spans lines, such as a long string,
    is closed at the end of each line and opened again on the next, so that every line
    stands on its own. `names` leads from where a name starts to where it ends and to
    the attributes of its element; with `href` in front, it is a link.
    """
    names = names or {}
    parted = [*_parted(tokens, names)]
    plain_names = names.keys() - set(tokens.starts)
    parted += [("n", start, names[start][0]) for start in names if start in plain_names]
    parted.sort(key=itemgetter(1))
    pieces: list[str] = []
    plain = 0
    for kind, start, end in parted:
        # A name in a string stays part of that, and some tokens are empty.
        if not plain <= start < end:
            continue
        token = text[start:end]
        opening, close = f"{_OPEN}{kind}", f"{_CLOSE}{kind}{_END}"
        if "\n" in token:
            token = token.replace("\n", f"{close}\n{opening}{_END}")
        elif named := names.get(start):
            opening = f"{opening} {named[1]}"
            if named[1].startswith("href="):
                opening, close = f"{_OPEN_LINK}{named[1]}", _CLOSE_LINK
        pieces.append(f"{text[plain:start]}{opening}{_END}{token}{close}")
        plain = end
    html = escape("".join(pieces) + text[plain:], quote=False)
    html = html.replace(_OPEN, "<t-").replace(_CLOSE, "</t-").replace(_END, ">")
    html = html.replace(_OPEN_LINK, "<a ").replace(_CLOSE_LINK, "</a>")
    return html.split("\n")


def _parted(
    tokens: Tokens, names: dict[int, tuple[int, str]]
) -> Iterable[tuple[str, int, int]]:
    """The tokens, with each name in a decorator as a token of its own."""
    if "nd" not in tokens.kinds:
        return tokens
    parted = []
    for kind, start, end in tokens:
        if kind == "nd":
            for inner in range(start + 1, end):
                if inner in names and names[inner][0] <= end:
                    parted.append((kind, start, inner))
                    parted.append((kind, inner, names[inner][0]))
                    start = names[inner][0]
        parted.append((kind, start, end))
    return parted


def coloured_block(code: str, language: str) -> str:
    """
    The HTML of a piece of code that stands in prose. The `language` may also be the
    extension of its files. One that Pygments does not know, like no language at all,
    leaves the code plain.
    """
    language = language_of_suffix().get(f".{language}", language)
    tokens = Tokens()
    if language in ("python", "py", "python3"):
        tokens = lex_python(code)
    elif language in ("pycon", "doctest"):
        tokens = _lex_session(code)
    elif language:
        with suppress(ValueError):
            tokens = lex_other(code, language)
    return "\n".join(coloured_lines(code, tokens))


_LINE = re.compile(r"(>>> |\.\.\. )?(.*)(?:\n|\Z)")


def _lex_session(code: str) -> Tokens:
    """The tokens of a session with the interpreter: prompts, code and output."""
    tokens = Tokens()
    for line in _LINE.finditer(code):
        start = line.start(2)
        if line[1]:
            tokens.add("gp", line.start(), start)
            for kind, first, last in lex_python(line[2]):
                tokens.add(kind, start + first, start + last)
        elif line[2]:
            tokens.add("go", start, line.end(2))
    return tokens
