r"""
---
title: Previews and users of definitions
summary: >
  What a page shows of the definitions that its names lead to, and under a definition,
  which sections of the site use it.
---

# Previews and users

Following a link costs the place where one was reading. Often it is enough to see how a
function is called and what its first sentence says. So a page carries a small card for
each definition that it links to, as data that the [script](../assets/links.js) shows
while
a name is pointed at. The other way round, a definition lists who uses it.
"""

import json
import posixpath
import re
from bisect import bisect_left
from dataclasses import replace
from html import escape, unescape
from itertools import accumulate
from urllib.parse import unquote, urlsplit

from ..model import Document
from ..names.links import Links, Thing
from ..prose.html import Prose
from ..prose.tex import Formulas
from ..read.markdown import without_blocks
from ..site import relative

# A card shows this much of the prose, up to the end of a sentence if it can, and a
# definition this many pages and sections that use it.
_LETTERS = 280
_PAGES, _SECTIONS = 6, 6


class Previews:
    """
    ## The cards of a build

    A card has a signature, the first paragraph of the prose as HTML and the place. What
    other pages have to say is rendered by a `Prose` of its own, so that what is wrong
    with it is only told where it stands.
    """

    def __init__(self, links: Links, prose: Prose) -> None:
        self.links = links
        formulas = _MathML(prose.formulas)
        self.prose = Prose(links.site, formulas, prose.numbers)
        self._cards: dict[str, list[str]] = {}
        self._starts: dict[str, list[int]] = {}

    def data(self, url: str, html: str) -> str:
        """The cards of what some HTML of a page links to, as JSON for that page."""
        cards = {}
        folder = posixpath.dirname(url)
        for href in dict.fromkeys(_HREF.findall(html)):
            target = unescape(href)
            if "://" not in target:
                path, hash_, anchor = target.partition("#")
                place = posixpath.normpath(posixpath.join(folder, unquote(path)))
                target = (place if path else url) + hash_ + anchor
            if target in self.links.things:
                cards[unescape(href)] = self._card(target)
        text = json.dumps(cards, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c") if cards else ""

    def _card(self, target: str) -> list[str]:
        if target not in self._cards:
            thing = self.links.things[target]
            self._cards[target] = (
                [thing.name, "", urlsplit(target).hostname or ""]
                if thing.kind == "outside"
                else self._of(target, thing)
            )
        return self._cards[target]

    def _of(self, target: str, thing: Thing) -> list[str]:
        document = self.links.site.documents[thing.url]
        place = document.source.module
        if thing.kind == "module":
            return [f"module {place}", escape(document.summary, quote=False), ""]
        return [self._signature(document, thing), self._prose(document, target), place]

    def _signature(self, document: Document, thing: Thing) -> str:
        tables = self.links.modules[thing.url].tables
        table = tables[thing.key]
        if thing.kind == "variable":
            binding = table.bindings.get(thing.name)
            line = binding.line if binding else table.attributes[thing.name][0]
            return self._header(document, line, line)
        text = self._header(document, table.first, table.last)
        if thing.kind == "class":
            # How a class is called, its `__init__` says.
            found = table.bindings.get("__init__")
            if found and found.kind == "function":
                init = tables[found.scope]
                text += "\n" + self._header(document, init.first, init.last)
        return text

    def _header(self, document: Document, first: int, last: int) -> str:
        """The text of lines without comments and line breaks, and without the `:`."""
        text, tokens = document.text, document.tokens
        url = document.source.url
        if url not in self._starts:
            lengths = (len(line) + 1 for line in text.split("\n"))
            self._starts[url] = list(accumulate(lengths, initial=0))
        start, end = self._starts[url][first - 1], self._starts[url][last]
        pieces = []
        for index in range(bisect_left(tokens.starts, start), len(tokens.starts)):
            if tokens.starts[index] >= end:
                break
            if tokens.kinds[index] == "c":
                pieces.append(text[start : tokens.starts[index]])
                start = tokens.ends[index]
        joined = " ".join("".join([*pieces, text[start:end]]).split())
        joined = _AFTER_BRACKET.sub(r"\1", _BEFORE_BRACKET.sub(r"\1", joined))
        return joined.removesuffix(":")

    def _prose(self, document: Document, target: str) -> str:
        url, _, anchor = target.partition("#")
        anchors = self.links.site.anchors[url]
        if anchor not in anchors:
            return ""
        section = document.sections[anchors.index(anchor)]
        text = _first_paragraph(section.prose)
        if not text:
            return ""
        # What a link or a note leads to may be said in another paragraph.
        defined = _DEFINITION.findall(without_blocks(section.prose))
        shown = replace(section, prose="\n\n".join([text, *defined]))
        html, _ = self.prose.html(document, shown, anchor, set())
        # Notes come behind it, and so does what only looks like a definition.
        first = _FIRST.match(html)
        return _shortened(_LEFT_OUT.sub("", first[0])) if first else ""

    def users(self, target: str, start: str) -> str:
        """The pages and sections that use a definition, as HTML for a page `start`."""
        users = self.links.users.get(target)
        if not users:
            return ""
        lines = []
        for url in list(users)[:_PAGES]:
            document = self.links.site.documents[url]
            places: dict[str, str] = {}
            for number in users[url]:
                qualname = document.sections[number].qualname
                anchor = self.links.site.anchors[url][number]
                places.setdefault(qualname, relative(f"{url}#{anchor}", start))
            places.pop("", None)
            title = escape(document.title, quote=False)
            if url != start:
                title = f'<a href="{escape(relative(url, start))}">{title}</a>'
            shown = [
                f'<a href="{escape(href)}"><code>{escape(name)}</code></a>'
                for name, href in list(places.items())[:_SECTIONS]
            ]
            if len(places) > _SECTIONS:
                shown.append(f"{len(places) - _SECTIONS} more")
            lines.append(f"<li>{title}{': ' if shown else ''}{', '.join(shown)}</li>")
        if len(users) > _PAGES:
            lines.append(f"<li>{len(users) - _PAGES} more pages</li>")
        count = sum(len(numbers) for numbers in users.values())
        places_ = "1 place" if count == 1 else f"{count} places"
        return (
            f'<details class="users"><summary>Used in {places_}</summary>\n<ul>\n'
            + "\n".join(lines)
            + "\n</ul></details>\n"
        )


_BEFORE_BRACKET = re.compile(r",? ([)\]}])")
_AFTER_BRACKET = re.compile(r"([(\[{]) ")
_HREF = re.compile(r'<a [^>]*?href="([^"]+)"')
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:.*(?:\n[ \t]+\S.*)*", re.MULTILINE)
_FIRST = re.compile(r"\s*<(\w+)\b.*?</\1>", re.DOTALL)
# Within a card there is nothing to click, a note has no foot to stand at, and the
# address of a picture is that on another page.
_LEFT_OUT = re.compile(
    r'^\s+|<sup class="footnote-ref".*?</sup>'
    r'|</?(?:a|img|picture|source)\b(?:[^"<>]|"[^"]*")*>',
    re.DOTALL,
)


class _MathML(Formulas):
    """Formulas without the part that needs a style sheet; browsers show the rest."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas

    def html(
        self, formula: str, display: bool, symbols: dict[str, str] | None = None
    ) -> str:
        """The MathML of a formula."""
        html = self.formulas.html(formula, display)
        match = _MATH.search(html)
        return _ANNOTATION.sub("", match[0]) if match else html


_MATH = re.compile(r"<math.*?</math>", re.DOTALL)
_ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)


def _first_paragraph(prose: str) -> str:
    """The first paragraph that is text."""
    for paragraph in re.split(r"\n[ \t]*\n", prose):
        text = paragraph.strip("\n")
        if text and not _NO_TEXT.match(text):
            return text.rstrip(":")
    return ""


_NO_TEXT = re.compile(
    r"[ \t]*(?:#|[*+-] |\||>|\$\$|```|~~~|!\[|\[[^\]]+\]:|\d+[.)] |<|---|\s{4})"
)


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
