r"""
---
title: Fields become definition lists
summary: >
  The lists of arguments, results and errors in docstrings are set as definition lists,
  whichever style the docstring follows.
---

# Fields become definition lists

In Markdown, the [fields of a docstring](../read/docstrings.py) are a list within a
list. On a page they are two definition lists, one in the other: a section and what it
says, a name and what it means.

```html
<dl class="fields">
<dt>Args</dt>
<dd><dl>
<dt><code>x</code> <span class="type">Tensor</span></dt>
<dd>the input</dd>
</dl></dd>
</dl>
```

Sphinx has no sections, only fields. So those of arguments are gathered under
"Parameters", and those of errors under "Raises".
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

Token = dict[str, Any]

_BEHIND = r"(?: \((?P<type>.*?)\)(?=:\s|:?$|\n))?(?::(?:\s+|$)|\n|$)"
_CODES = r"`[^`]+`(?:, `[^`]+`)*"
_WORDS = r"(?:[^*\\\n]|\\.)+"
_SECTION = re.compile(rf"\*\*(?P<label>{_WORDS})\*\*{_BEHIND}")
_FIELD = re.compile(
    rf"(?:\*\*(?P<label>Raises|Attribute)\*\* )?(?P<name>{_CODES}){_BEHIND}"
)
_TERM = re.compile(
    rf"(?P<name>{_CODES}|\*\*(?P<result>{_WORDS})\*\*|\*(?P<only>{_WORDS})\*){_BEHIND}"
)
_GATHERED = {None: "Parameters", "Raises": "Raises", "Attribute": "Attributes"}


def set_fields(tokens: list[Token]) -> list[Token]:
    """The tokens of a docstring, its fields as definition lists."""
    return [one for token in tokens for one in _set(token)]


def _set(token: Token) -> Iterator[Token]:
    if token["type"] != "list" or token["bullet"] != "+":
        yield token
        return
    # The author may have such a list right above.
    for is_field, items in groupby(token["children"], _is_field):
        if is_field:
            yield {"type": "fields", "children": _entries(items)}
        else:
            yield {**token, "children": [*items]}


def _is_field(item: Token) -> bool:
    text = _text_of(item)
    return bool(_FIELD.match(text) or _SECTION.match(text))


def _entries(items: Iterable[Token]) -> list[Token]:
    entries: list[Token] = []
    terms: list[Token] = []
    gathered = None
    for item in items:
        text = _text_of(item)
        if field := _FIELD.match(text):
            label = _GATHERED[field["label"]]
            if label != gathered:
                terms, gathered = [], label
                entries += _entry({"type": "text", "raw": label}, [_definitions(terms)])
            terms += _defined(item, field)
        elif section := _SECTION.match(text):
            gathered = None
            title = [{"type": "field_title", "text": section["label"]}]
            said = [_inner(one) for one in _rest(item, section.end())]
            entries += _entry(_title(title, section["type"]), said)
    return entries


def _inner(token: Token) -> Token:
    """A list of terms in a section; any other token is as it was."""
    if token["type"] != "list" or token["bullet"] != "+":
        return token
    terms: list[Token] = []
    for item in token["children"]:
        term = _TERM.match(_text_of(item))
        if term is None:
            return token
        terms += _defined(item, term)
    return _definitions(terms)


def _definitions(terms: list[Token]) -> Token:
    return {"type": "def_list", "children": terms}


def _defined(item: Token, term: re.Match[str]) -> list[Token]:
    found = term.groupdict()
    name = {"type": "field_title", "text": term["name"]}
    if only := found.get("only"):
        name = {"type": "field_type", "text": only}
    elif result := found.get("result"):
        text = f"`{result}`" if _NAME.fullmatch(result) else result
        name = {"type": "field_title", "text": text}
    return _entry(_title([name], term["type"]), _rest(item, term.end()))


_NAME = re.compile(r"[\w.]+")


def _title(parts: list[Token], kind: str | None) -> Token:
    """A name and its type."""
    if kind:
        parts = [
            *parts,
            {"type": "text", "raw": " "},
            {"type": "field_type", "text": kind},
        ]
    return {"type": "field_title", "children": parts}


def _entry(head: Token, said: list[Token]) -> list[Token]:
    return [
        {"type": "def_list_head", "children": [head]},
        {"type": "def_list_item", "children": said},
    ]


def _text_of(item: Token) -> str:
    """The text that an item of a list begins with."""
    first = item["children"][0] if item.get("children") else {}
    text = first.get("text", "")
    return text if isinstance(text, str) else ""


def _rest(item: Token, start: int) -> list[Token]:
    """What an item says behind its title."""
    first, *others = item["children"]
    others = [one for one in others if one["type"] != "blank_line"]
    text = first["text"][start:]
    if not text.strip():
        return others
    # A single paragraph needs no margins of its own.
    kind = "paragraph" if others else "block_text"
    return [{"type": kind, "text": text}, *others]
