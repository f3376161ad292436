r"""
---
title: Lists of Swift
summary: >
  Swift lists arguments and results as items of Markdown, which become the fields that
  the comments of other languages have.
---

# Lists of Swift

In comments of Swift, arguments are items, one by one or in a list within a list:

```markdown
- Parameter x: the depth
- Parameters:
  - y: the width
- Returns: what has grown
```

These become [fields](docstrings.py), each line on its line, and so do other items with
a word that Swift knows, if there is one of these four kinds.
"""

import re

from .comments import dedent
from .drawings import indented
from .rest import fenced, indent_of
from .rest_blocks import block_end

_LISTING = frozenset(("parameter", "parameters", "returns", "throws"))
_WORDS = (
    "parameters|returns|throws|attention|authors?|bug|complexity|copyright|date"
    "|experiment|important|invariant|note|postcondition|precondition|remark|requires"
    "|seealso|since|tip|todo|version|warning"
)
_ITEM = re.compile(
    rf"[ ]{{0,3}}[-*+][ ]+(?:(?P<word>{_WORDS})|(?P<one>parameter)[ ]+(?P<name>\w+))"
    r"[ ]*:[ ]*(?P<text>.*)",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(r"[-*+][ ]+(?P<name>\w+)[ ]*:[ ]*(?P<text>.*)")


def callouts_as_markdown(prose: str) -> tuple[str, bool]:
    """The prose of a comment of Swift with fields, and whether it has any."""
    lines = prose.split("\n")
    closed = fenced(lines)
    found = {
        number: match
        for number, line in enumerate(lines)
        if number not in closed and (match := _ITEM.fullmatch(line))
    }
    words = {(one["word"] or one["one"]).lower() for one in found.values()}
    if words.isdisjoint(_LISTING):
        return prose, False
    out = [*lines]
    for number, match in found.items():
        end = block_end(lines, number + 1, indent_of(lines[number]))
        body = dedent(lines[number + 1 : end])
        label = f"`{match['name']}`"
        if word := match["word"]:
            label = f"**{word[0].upper()}{word[1:]}**"
            if word.lower() == "parameters":
                body = _arguments(body)
        out[number] = f"+ {label}: {match['text']}".rstrip()
        out[number + 1 : end] = indented(body, 2)
    return "\n".join(out), True


def _arguments(lines: list[str]) -> list[str]:
    """The items of a list of arguments, with what stands below each of them."""
    made = []
    for line in lines:
        item = _ARGUMENT.fullmatch(line)
        made.append(f"+ `{item['name']}`: {item['text']}".rstrip() if item else line)
    return made
