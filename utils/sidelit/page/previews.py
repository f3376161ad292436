r"""
---
title: Previews and users of definitions
summary: >
  What a page shows of the definitions that its names lead to, and under a definition,
  which sections of the site use it.
---

# Previews and users

Following a link loses the reader's place. Often it is enough to see how a function is
called and what its first sentence says. So a page has a small card for each definition
that it links to, as data that the [script](../assets/links.js) shows while the reader
points at a name. The other way round, a definition lists who uses it.
"""

import json
import posixpath
import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import unquote

from ..site import is_elsewhere, relative
from .view import View

# A card shows this much of the prose, up to the end of a sentence if it can, and a
# definition this many pages and sections that use it.
_LETTERS = 280
USING_PAGES, USING_SECTIONS = 6, 6


class Previews:
    """
    ## The previews of a page

    A card has a signature, the first paragraph of the prose as HTML and the place.

    * `view` knows what the names of the page lead to
    * `prose_html` sets the [first element](#first_element) of a card's paragraph
    """

    def __init__(self, view: View, prose_html: Callable[[str, str], str]) -> None:
        self.view = view
        self.prose_html = prose_html

    def data(self, html: str) -> str:
        """The cards of what some HTML of the page links to, as JSON for that page."""
        cards = {}
        url = self.view.source.url
        folder = posixpath.dirname(url)
        for href in dict.fromkeys(_HREF.findall(html)):
            target = unescape(href)
            if not is_elsewhere(target):
                path, hash_, anchor = target.partition("#")
                place = posixpath.normpath(posixpath.join(folder, unquote(path)))
                target = (place if path else url) + hash_ + anchor
            if card := self.view.card(target):
                cards[unescape(href)] = self._card(card)
        text = json.dumps(cards, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c") if cards else ""

    def _card(self, card: list[str]) -> list[str]:
        signature, prose, place, *paragraph = card
        if paragraph:
            prose = self.prose_html(*paragraph)
        return [signature, prose, place]

    def users(self, anchor: str) -> str:
        """The pages and sections that use a definition of the page, as HTML."""
        if not (answer := self.view.users(anchor)):
            return ""
        users, pages, count = answer
        start = self.view.source.url
        lines = []
        for url, title, sections, more in users:
            title = escape(title, quote=False)
            if url != start:
                title = f'<a href="{escape(relative(url, start))}">{title}</a>'
            shown = [
                f'<a href="{escape(relative(f"{url}#{place}", start))}">'
                f"<code>{escape(name)}</code></a>"
                for name, place in sections
            ]
            if more:
                shown.append(f"{more} more")
            lines.append(f"<li>{title}{': ' if shown else ''}{', '.join(shown)}</li>")
        if pages > len(users):
            lines.append(f"<li>{pages - len(users)} more pages</li>")
        places = "1 place" if count == 1 else f"{count} places"
        return (
            f'<details class="users"><summary>Used in {places}</summary>\n<ul>\n'
            + "\n".join(lines)
            + "\n</ul></details>\n"
        )


_HREF = re.compile(r'<a [^>]*?href="([^"]+)"')
_FIRST = re.compile(r"\s*<(\w+)\b.*?</\1>", re.DOTALL)
# Within a card there is nothing to click, a note has no foot to stand at, and the
# address of an image is that on another page.
_LEFT_OUT = re.compile(
    r'^\s+|<sup class="footnote-ref".*?</sup>'
    r'|</?(?:a|img|picture|source)\b(?:[^"<>]|"[^"]*")*>',
    re.DOTALL,
)


def first_element(html: str) -> str:
    """
    The first element of a paragraph's HTML, as a card shows it. Notes come behind it,
    and so does what only looks like the definition of a link.
    """
    first = _FIRST.match(html)
    return _shortened(_LEFT_OUT.sub("", first[0])) if first else ""


def _shortened(html: str) -> str:
    """
    A paragraph, or its first sentences if it is long. It is cut as HTML, where it is
    certain what is text, and every element that is open there is closed.
    """
    letters = 0
    opened: list[str] = []
    cuts: list[tuple[int, str]] = []
    for match in _TAG_OR_TEXT.finditer(html):
        end, name, text = match.groups()
        if text is None:
            if end and name in opened:
                while opened.pop() != name:
                    pass
            elif not end and name not in _VOID and not match[0].endswith("/>"):
                opened.append(name)
            continue
        if not {"code", "math"} & {*opened}:
            closed = "".join(f"</{one}>" for one in reversed(opened))
            for stop in re.finditer(r"[.!?](?=\s)", text):
                cut = html[: match.start() + stop.end()] + closed
                cuts.append((letters + stop.end(), cut))
        letters += len(text)
    if letters <= _LETTERS or not cuts:
        return html
    return max([cut for cut in cuts if cut[0] <= _LETTERS] or cuts[:1])[1]


# These have no end.
_VOID = ("br", "hr", "col", "wbr", "input")
_TAG_OR_TEXT = re.compile(r'<(/?)([a-zA-Z][\w-]*)(?:[^"<>]|"[^"]*")*>|([^<]+)')
