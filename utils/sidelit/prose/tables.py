r"""
---
title: Tables
summary: >
  Tables as GitHub reads them: a row with too few cells is filled up, and surplus cells
  are dropped, which a check reports.
---

# Tables

The tables of GitHub's Markdown end at an empty line or where something else begins. A
row may have any number of cells; the head decides how many are shown. mistune asks each
row for the right number and gives up the whole table if one does not have it, so here
is a parser of our own, by the
[specification](https://github.github.com/gfm/#tables-extension-).

```text
| Name | Meaning         |
|------|----------------:|
| `x`                      too few: the second cell is empty
| `y`  | a | b           | too many: nobody sees "b"
```

A `|` separates cells everywhere, even in code, unless a backslash precedes it. Only if
a row comes to too many cells in this way, and to the right number without the signs in
its code, these separate nothing: no cell is lost.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import mistune
from mistune.core import BlockState
from mistune.helpers import BLOCK_TAGS, PRE_TAGS

from ..markup import CLOSE, HEADING_SIGNS, OPEN
from ..read.markdown import without_blocks, without_formulas

_DASHES = r"[ \t]*:?-+:?[ \t]*"
_HEAD = r"(?P<table_head>(?![ \t>])[^\n]*\|[^\n]*)\n"
_RULE = rf"(?=[^\n]*\|)(?P<table_rule>\|?{_DASHES}(?:\|{_DASHES})*\|?[ \t]*)(?:\n|\Z)"
# What begins something else, and with it ends a table.
_OTHER = re.compile(
    rf"[ \t]*$| {{4}}| {{0,3}}(?:>|{HEADING_SIGNS}[ \t]"
    r"|`{3}|~{3}|[-+*][ \t]|\d{1,9}[.)][ \t]"
    # A tag, a footnote, a line across the page, a formula that was lifted out.
    rf"|<[!?]|</?(?:{'|'.join((*BLOCK_TAGS, *PRE_TAGS))})\b"
    r"|\[\^|(?:[-*_][ \t]*){3,}$|"
    rf"{OPEN}\d+{CLOSE}$)",
    re.IGNORECASE,
)
_CELL_END = re.compile(r"(?<!\\)\|")


def cells(row: str) -> list[str]:
    """The texts of the cells of a row."""
    row = re.sub(r"(?<!\\)\|$", "", row.strip().removeprefix("|"))
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(row)]


_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")


def _fitting(row: str, count: int) -> list[str]:
    """So many cells of a row, the last of them empty if it has fewer."""
    found = cells(row)
    if len(found) > count:
        whole = cells(_CODE.sub(lambda code: _CELL_END.sub(r"\|", code[0]), row))
        found = whole if len(whole) == count else found
    return (found + [""] * count)[:count]


def _alignment(cell: str) -> str | None:
    ends = cell[:1] + cell[-1:]
    return {"::": "center", "-:": "right", ":-": "left"}.get(ends)


def tables(parser: mistune.Markdown) -> None:
    """A plugin: tables, also in lists and quotations."""
    block = parser.block
    pattern = rf"^ {{0,3}}{_HEAD} {{0,3}}{_RULE}"
    block.register("table", pattern, _parse, before="paragraph")
    for rules in (block.list_rules, block.block_quote_rules):
        block.insert_rule(rules, "table", before="paragraph")


def _parse(block: Any, match: re.Match[str], state: BlockState) -> int | None:
    head = cells(match["table_head"])
    alignments = list(map(_alignment, cells(match["table_rule"])))
    if len(head) != len(alignments):
        return None
    rows, end = [], match.end()
    while end < state.cursor_max and not _OTHER.match(line := state.get_line(end)):
        rows.append(_fitting(line, len(head)))
        end += len(line)
    state.append_token(
        {
            "type": "table",
            "children": [
                {"type": "table_head", "children": _row(head, alignments, True)},
                {
                    "type": "table_body",
                    "children": [
                        {"type": "table_row", "children": _row(row, alignments, False)}
                        for row in rows
                    ],
                },
            ],
        }
    )
    return end


def _row(
    texts: list[str], alignments: list[str | None], is_head: bool
) -> list[dict[str, Any]]:
    return [
        {"type": "table_cell", "text": text, "attrs": {"align": align, "head": is_head}}
        for text, align in zip(texts, alignments, strict=True)
    ]


# ## What a paragraph is not
#
# In a quotation, the lines of a paragraph need no sign in front, and in a list no
# margin. Those of anything else do, or they are no part of the quotation or the item.
_QUOTE_SIGNS = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+")
_NO_PARAGRAPH = re.compile(
    rf" {{0,3}}(?:{HEADING_SIGNS}(?:[ \t]|$)"
    r"|(?:[-_*][ \t]*){3,}$|=+[ \t]*$|-+[ \t]*$|`{3}|~{3})"
)


def end_of_quotation(lines: Iterable[str]) -> int | None:
    """
    How long a quotation is that begins these lines, in characters, if it ends at a line
    without a sign because there is no paragraph that could go on.
    """
    length = 0
    table, goes_on = _Rows(), False
    for line in lines:
        row, is_quoted = _QUOTE_SIGNS.subn("", line.rstrip("\n"), count=1)
        if not is_quoted:
            if not goes_on:
                return length
            if _OTHER.match(row):
                return None
        is_row = table.goes_on(row)
        goes_on = bool(row.strip()) and not (is_row or _NO_PARAGRAPH.match(row))
        length += len(line)
    return None


def end_of_list(lines: Iterable[str]) -> int | None:
    """
    How long a list is that begins these lines, in characters, if it ends at a line
    without a margin below a table.
    """
    length = width = 0
    table, is_row, is_empty = _Rows(), False, False
    for line in lines:
        text = line.rstrip("\n").expandtabs(4)
        item = _ITEM.match(text)
        if text.strip() and len(text) - len(text.lstrip()) < width:
            if not item and is_row and not _OTHER.match(text):
                return length
            if not item and (is_empty or _OTHER.match(text)):
                return None
        else:
            item = None if width else item
        if item:
            width = len(item[0]) if item["text"] else len(item[0].rstrip()) + 1
            text, table = text[len(item[0]) :], _Rows()
        is_row = table.goes_on(text[width:] if not item else text)
        is_empty = not text.strip()
        length += len(line)
    return None


_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:(?P<text> {1,4}(?=\S))| *$| (?= ))")


class _Rows:
    """Whether one line after the other is a row of a table."""

    def __init__(self) -> None:
        self._width = 0
        self._is_table = False

    def goes_on(self, row: str) -> bool:
        head, self._width = self._width, len(cells(row)) if "|" in row else 0
        is_rule = self._width and self._width == head and _DASHED.fullmatch(row)
        self._is_table = bool(is_rule) or (self._is_table and not _OTHER.match(row))
        return self._is_table


_DASHED = re.compile(rf" {{0,3}}\|?{_DASHES}(?:\|{_DASHES})*\|?[ \t]*")


# ## What a check asks
class Ragged(NamedTuple):
    """
    A row, at an offset of the prose, that has another number of cells than the head of
    its table, and whether it is the line of dashes, without which there is no table.
    """

    offset: int
    cells: int
    wanted: int
    is_rule: bool


_ANYWHERE = re.compile(rf"^(?P<margin>[ \t>]*){_HEAD}[ \t>]*{_RULE}", re.MULTILINE)


def ragged_rows(prose: str, single_dollars: bool) -> Iterator[Ragged]:
    """The rows of all tables in some prose that have too few or too many cells."""
    if "|" not in prose:
        return
    text = without_formulas(without_blocks(prose), single_dollars)
    for match in _ANYWHERE.finditer(text):
        wanted = len(cells(match["table_head"]))
        found = len(cells(match["table_rule"]))
        if found != wanted:
            yield Ragged(match.start("table_rule"), found, wanted, True)
            continue
        start = match.end()
        margin = match["margin"]
        inside = re.compile(rf"(?:[ \t]*>){{{margin.count('>')}}}[ \t]?")
        for line in text[start:].split("\n"):
            row = line.removeprefix(margin)
            if ">" in margin:
                # Without the sign, a line is no part of a quoted table.
                row = line[quoted.end() :] if (quoted := inside.match(line)) else ""
            if _OTHER.match(row):
                break
            if (found := len(cells(row))) != wanted:
                yield Ragged(start, found, wanted, False)
            start += len(line) + 1
