r"""
---
title: The Markdown that we read
summary: >
  mistune with its plugins for GitHub's Markdown, and four of our own: sessions of the
  interpreter are code, `__init__` is a name, `2*x*y` is code, and footnotes may be
  defined anywhere.
---

# The Markdown that we read
"""

import re
from collections.abc import Iterator, MutableMapping
from itertools import cycle
from typing import Any

import mistune
from mistune.core import BlockState, InlineState
from mistune.plugins.def_list import def_list
from mistune.plugins.footnotes import (
    REF_FOOTNOTE,
    footnotes,
    md_footnotes_hook,
)
from mistune.plugins.formatting import strikethrough
from mistune.plugins.task_lists import task_lists
from mistune.util import escape_url

from ..read.markdown import LAZY
from .plain import WWW, plain_pieces
from .tables import end_of_list, end_of_quotation, tables


def markdown(renderer: mistune.HTMLRenderer) -> mistune.Markdown:
    """A parser that gives what it finds to a renderer."""
    return mistune.Markdown(renderer, BlockParser(), _Inline(), PLUGINS)


class BlockParser(mistune.BlockParser):
    """
    mistune's parser for blocks, whose quotations and lists end where a paragraph cannot
    go on, and in which a picture below words is one of their paragraph.
    """

    def extract_block_quote(
        self, m: re.Match[str], state: BlockState
    ) -> tuple[str, int | None, set[int]]:
        end = state.cursor_max
        lines = _lines_from(state, state.cursor)
        if (length := end_of_quotation(lines)) is not None:
            state.cursor_max = state.cursor + length
        found = super().extract_block_quote(m, state)
        state.cursor_max = end
        return found

    def parse_list(self, m: re.Match[str], state: BlockState) -> int:
        end = state.cursor_max
        if "|" in state.src:
            length = end_of_list(_lines_from(state, m.start()))
            state.cursor_max = end if length is None else m.start() + length
        found = super().parse_list(m, state)
        state.cursor_max = end
        return found

    def parse_raw_html(self, m: re.Match[str], state: BlockState) -> int | None:
        is_source = m[0].strip().lower() == "<source"
        end = state.append_paragraph() if is_source else None
        return end or super().parse_raw_html(m, state)


def _lines_from(state: BlockState, place: int) -> Iterator[str]:
    while place < state.cursor_max:
        line = state.get_line(place)
        place += len(line)
        yield line


class _Inline(mistune.InlineParser):
    """mistune's parser for the text of a paragraph, which plain text does not need."""

    def __call__(self, s: str, env: MutableMapping[str, Any]) -> list[dict[str, Any]]:
        if reason := beyond_limits(s):
            env.setdefault(BEYOND, []).append((s, reason))
            return [{"type": "text", "raw": s}]
        # A definition elsewhere can turn any bracket into a link.
        if env["ref_links"] or (found := plain_pieces(s)) is None:
            return super().__call__(s, env)
        kinds = cycle(("text", "codespan"))
        tokens = zip(kinds, found, strict=False)
        return [{"type": kind, "raw": piece} for kind, piece in tokens if piece]


# ## Limits
#
# mistune takes the square of the time for twice the text, in some texts that nobody
# writes by hand. No paragraph that anybody reads comes near these limits; one beyond
# them is shown as it is written.
BEYOND = "beyond limits"
LONGEST = 100_000
DEEPEST = 100


def beyond_limits(text: str) -> str:
    """What is too much about a paragraph, if anything."""
    if len(text) > LONGEST:
        return f"a paragraph has {len(text):,} characters, of at most {LONGEST:,}"
    if text.count("*") + text.count("_") > 2 * DEEPEST:
        depth = deepest = closed = 0
        for match in _SIGNS.finditer(text):
            # In words, these signs mean nothing.
            start, end = match.span()
            before, behind = text[max(start - 1, 0) : start], text[end : end + 1]
            if not behind.strip() or (depth and before.strip()):
                closed += depth > 0
                depth = max(depth - 1, 0)
            else:
                depth += 1
            deepest = max(deepest, depth)
        if min(deepest, closed) > DEEPEST:
            return f"emphasis in emphasis has more than {DEEPEST} levels"
    return ""


_SIGNS = re.compile(r"(?<![\\\w])[*_]+|[*_]+(?!\w)")


def _dunder(parser: mistune.Markdown) -> None:
    """A plugin: `__init__`, which would be bold in Markdown, is a name here."""

    def parse(inline: Any, match: re.Match[str], state: InlineState) -> int:
        inline.process_text(match[0], state, parse_emphasis=False)
        return match.end()

    pattern = r"(?<!\w)__[a-zA-Z]\w*__(?!\w)"
    parser.inline.register("dunder", pattern, parse, before="emphasis", start_chars="_")


def _code(parser: mistune.Markdown) -> None:
    """
    A plugin: in `2*x*y` and `a**2` there is no emphasis, and in `f[int](x)` and the
    `[[Get]](key)` of standards no link. Few comments have back-ticks around such code.
    """

    def parse(inline: Any, match: re.Match[str], state: InlineState) -> int:
        inline.process_text(match[0], state, parse_emphasis=False)
        return match.end()

    times = r"(?<=[0-9A-Za-z_)\]])\*{1,2}(?=[0-9A-Za-z_(])"
    parser.inline.register("times", times, parse, before="emphasis", start_chars="*")
    call = r"(?:(?<=[0-9A-Za-z_])\[[^\[\]\n]*\]|\[\[\w+\]\])\(\w*\)"
    parser.inline.register("call", call, parse, before="link", start_chars="[")


def _bare_links(parser: mistune.Markdown) -> None:
    """
    A plugin: an address in a sentence is a link. As on GitHub, punctuation behind it
    belongs to the sentence, and so does a bracket that it does not open.
    """

    def parse(inline: Any, match: re.Match[str], state: InlineState) -> int:
        text, end = match[0], len(match[0])
        surplus = {
            close: text.count(close) - text.count(opener)
            for opener, close in ("()", "{}")
        }
        while end:
            last = text[end - 1]
            entity = text.rfind("&", 0, end) if last == ";" else -1
            if entity > 0 and _ENTITY.fullmatch(text, entity, end):
                end = entity
            elif last in _PUNCTUATION:
                end -= 1
            elif surplus.get(last, 0) > 0:
                end -= 1
                surplus[last] -= 1
            else:
                break
        text = text[:end]
        is_text = text.endswith("//") or state.in_link
        if is_text or state.depth >= inline.max_nested_level:
            inline.process_text(text, state)
        else:
            url = text if "://" in text else f"http://{text}"
            token: dict[str, Any] = {"type": "link", "attrs": {"url": escape_url(url)}}
            token["children"] = [{"type": "text", "raw": text}]
            # In the brackets of another link, it becomes text again.
            token["_autolink"] = text
            state.append_token(token)
        return match.start() + len(text)

    parser.inline.register("url_link", _ADDRESS, parse, start_chars=tuple("hHw"))


_ADDRESS = (
    rf"(?<![A-Za-z0-9])(?:(?i:https?)://(?!\[)|(?<![\w/.@-]){re.escape(WWW)}(?=[\w-]+\.))"
    r"(?:[^\s<\[\]]|\[[^\s<\[\]]*\])+"
)
_ENTITY = re.compile(r"&[A-Za-z0-9]+;")
_PUNCTUATION = "?!.,:;*_~'\""


def _doctest(parser: mistune.Markdown) -> None:
    """
    A plugin: lines that begin with `>>> ` are a session of the interpreter, as Python's
    docstrings have them, and not a quotation in a quotation in a quotation.
    """

    def parse(block: Any, match: re.Match[str], state: BlockState) -> int:
        code = "\n".join(
            line.removeprefix(match["doctest_indent"]) for line in match[0].splitlines()
        )
        state.append_token(
            {"type": "block_code", "raw": code, "attrs": {"info": "pycon"}}
        )
        return match.end()

    pattern = r"^(?P<doctest_indent> {0,3})>>> [^\n]*(?:\n(?![ \t]*$)[^\n]*)*(?:\n|$)"
    parser.block.register("doctest", pattern, parse, before="block_quote")
    for rules in (parser.block.list_rules, parser.block.block_quote_rules):
        parser.block.insert_rule(rules, "doctest", before="block_quote")


def _notes(parser: mistune.Markdown) -> None:
    """
    A plugin: footnotes may be defined within lists and quotations, as on GitHub, their
    lines need no indentation, and they may have notes themselves.
    """

    def append(md: mistune.Markdown, html: Any, state: BlockState) -> Any:
        notes = state.env.get("footnotes", ())
        items: list[str] = []
        # What a note cites is known when it has been rendered.
        while len(items) < len(notes):
            item = _note(md.block, notes[len(items)], len(items) + 1, state)
            items.append(str(md.render_state(_holding(item, state))))
        if items:
            token = {"type": "footnotes", "raw": "".join(items)}
            html += md.render_state(_holding(token, state))
        return html

    footnotes(parser)
    hooks = parser.after_render_hooks
    hooks[hooks.index(md_footnotes_hook)] = append
    first, rest = REF_FOOTNOTE.split(_LINE_END, 1)
    # Lists and code in a note stand deeper than its text.
    rest = rest.replace("{1,4}(?! )", "+")
    pattern = rf"{first}(?:(?<!\n)\n{LAZY})*{_LINE_END}{rest}"
    parser.block.specification["ref_footnote"] = pattern
    for rules in (parser.block.list_rules, parser.block.block_quote_rules):
        parser.block.insert_rule(rules, "ref_footnote", before="ref_link")


# Where mistune's expression for a note ends its first line.
_LINE_END = r"(?:\n+|$)"


def _note(block: Any, key: str, number: int, state: BlockState) -> dict[str, Any]:
    """A note with all that it holds, without the margin of its lines."""
    text: str = state.env["ref_footnotes"][key]
    margin = re.search(r"\n( {1,4})", text)
    if margin:
        text = re.sub(rf"^ {{1,{len(margin[1])}}}", "", text, flags=re.MULTILINE)
    inner = state.child_state(text.strip() + "\n")
    block.parse(inner)
    attributes = {"key": key, "index": number}
    return {"type": "footnote_item", "children": inner.tokens, "attrs": attributes}


def _holding(token: dict[str, Any], state: BlockState) -> BlockState:
    inner = BlockState(parent=state)
    inner.tokens = [token]
    return inner


PLUGINS: list[Any] = [
    *(tables, _notes, task_lists, strikethrough, def_list),
    *(_bare_links, _doctest, _dunder, _code),
]
