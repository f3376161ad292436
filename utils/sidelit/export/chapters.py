r"""
---
title: Chapters
summary: >
  The pages of a site as the chapters of one document, with the links between them.
---

# Chapters

Two pages may each have a section `#Model`. In one document an identifier is unique, so
each gets the number of its chapter in front, and the links between the pages become
links within the document.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ..model import Outline, usage_error
from ..site import ABSOLUTE


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the site as a part of the document."""

    title: str
    summary: str
    anchor: str
    html: str


_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
_TAG = re.compile(r'<[a-zA-Z][^"<>]*+(?>(?:"[^"]*+"[^"<>]*+)*)>')
_ATTRIBUTE = re.compile(r'\s(id|href|src|for|loading)="([^"]*)"')


def make_chapters(
    files: Mapping[str, bytes], outlines: Mapping[str, Outline], urls: Sequence[str]
) -> Iterator[Chapter]:
    """
    The chapters of these pages, in this order. Raises `SidelitError` for a page whose
    template has no `<main>`.
    """
    chapters = {url: number for number, url in enumerate(urls)}
    for url, number in chapters.items():
        main = _MAIN.search(files[url].decode())
        if main is None:
            raise usage_error("export pdf: a page of these templates has no <main>")
        moved = _Attributes(url, chapters)
        html = _TAG.sub(lambda tag, moved=moved: _ATTRIBUTE.sub(moved, tag[0]), main[1])
        outline = outlines[url]
        yield Chapter(outline.title, outline.summary, f"chapter-{number}", html)


@dataclass(frozen=True, slots=True)
class _Attributes:
    """
    Replaces the attributes of the page at `url`. `chapters` has the number of each page
    that is in the document.
    """

    url: str
    chapters: Mapping[str, int]

    def __call__(self, match: re.Match[str]) -> str:
        name, value = match.groups()
        if name == "loading":
            # A printer does not scroll, so it would never load a lazy image.
            return ""
        if name in ("id", "for"):
            return f' {name}="{self.chapters[self.url]}:{value}"'
        if ABSOLUTE.match(value):
            return match[0]
        path, _, anchor = value.partition("#")
        page = self.url
        if path:
            folder = posixpath.dirname(self.url)
            page = posixpath.normpath(posixpath.join(folder, unquote(path)))
        if name == "src":
            return f' src="{quote(page)}"'
        number = self.chapters.get(page)
        if number is None:
            # It is not in the document, so the words stay and the link goes.
            return ""
        return f' href="#{number}:{anchor}"' if anchor else f' href="#chapter-{number}"'
