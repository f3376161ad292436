r"""
---
title: Where links stand
summary: >
  The links and images of a document, in Markdown and in HTML, each with its line, its
  column and the address as the author wrote it.
---

# Where links stand

The Markdown parser says which addresses a section refers to, but not where. So the
addresses are looked up in the prose again. References to the same address are matched
with its occurrences in order, separately for Markdown and for HTML.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from urllib.parse import unquote

from ..model import Document
from ..prose.images import in_srcset
from ..prose.passage import Destination
from ..read.markdown import place, without_code


@dataclass(frozen=True, slots=True)
class Link:
    """
    A link, an image if `alt` is not `None`, or a file that `is_copied` into the site.
    `written` is the address as the source has it, or empty if it was not found there.
    """

    url: str
    alt: str | None
    line: int
    column: int
    written: str
    is_copied: bool = False


def links_of(document: Document, found: Iterable[Destination]) -> Iterator[Link]:
    """All links of a document: those that the parser has found, then those in HTML."""
    sections = {section.prose_line: section for section in document.sections}
    places: dict[int, _Written] = {}
    pairs = chain(
        zip(found, repeat("markdown")), zip(_of_elements(document), repeat("html"))
    )
    for (line, url, alt, is_copied), syntax in pairs:
        section = sections[line]
        if line not in places:
            places[line] = _destinations(section.prose)
        occurrences = places[line].get((syntax, unquote(url)), [])
        if occurrences:
            offset, written = occurrences[0]
        else:
            offset, written = max(section.prose.find(url), 0), ""
        # One link definition may serve several links, so the last occurrence stays.
        if len(occurrences) > 1:
            del occurrences[0]
        where = place(document, section, offset)
        yield Link(url, alt, *where, written, is_copied)


_QUOTED = re.compile(r"^(?: {0,3}> ?)+", re.MULTILINE)
_COMMENT = re.compile(r"<!--[\s\S]*?-->")
_ELEMENT = re.compile(
    r"<(a|img|source)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(
    r"\b(href|src|srcset|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))",
    re.IGNORECASE,
)


def _of_elements(document: Document) -> Iterator[Destination]:
    """The links and images that are written in HTML."""
    for section in document.sections:
        if "<" not in section.prose:
            continue
        # Within a quotation, an element of several lines has its signs in it.
        text = _without_comments(_QUOTED.sub("", without_code(section.prose)))
        for match in _ELEMENT.finditer(text):
            has = {
                name.lower(): html.unescape("".join(values))
                for name, *values in _ATTRIBUTE.findall(match[2])
            }
            element = match[1].lower()
            if url := has.get("href" if element == "a" else "src"):
                alt = has.get("alt", "") if element == "img" else None
                yield Destination(section.prose_line, url, alt)
            # The alt text of these is that of the image that they stand for.
            for url, _ in in_srcset(has.get("srcset", "")):
                yield Destination(section.prose_line, url, "srcset")


def _without_comments(text: str) -> str:
    # Behind the last end of a comment, none can begin. So no search runs to the end of
    # the text in vain.
    end = text.rfind("-->") + 3
    return _COMMENT.sub("", text[:end]) + text[end:] if end > 2 else text


_DESTINATION = re.compile(
    r"\]\(\s*(?:<([^<>\n]+)>|((?:[^\s()<>]|\([^\s()]*\))+))"
    r"|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*(?:<([^<>\n]+)>|([^\s<>]+))"
    r"|<(https?://[^\s<>]+)>"
    r"|(?P<html>\b(?:href|src)\s*=\s*)(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'=<>`]+))",
    re.MULTILINE | re.IGNORECASE,
)
# By syntax and address, where it occurs: the offset, and how it is written there.
_Written = dict[tuple[str, str], list[tuple[int, str]]]


def _destinations(prose: str) -> _Written:
    """The occurrences of all addresses, those in Markdown and those in HTML."""
    found: _Written = {}
    for match in _DESTINATION.finditer(without_code(prose)):
        group = match.lastindex or 0
        written = match[group]
        occurrence = match.start(group), written
        syntax = "markdown" if match["html"] is None else "html"
        key = syntax, unquote(html.unescape(written))
        found.setdefault(key, []).append(occurrence)
    return found
