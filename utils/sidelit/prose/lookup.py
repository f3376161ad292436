"""
---
title: What prose asks of the rest of the site
summary: >
  The only way from the prose of a page to other files: where a link, a name, an image
  and a number lead.
---

# What prose asks of the rest of the site

A page is rendered from its own document, and everything that its prose needs from
elsewhere is one of the four questions below. Whoever writes the answers down knows what
the page depends on, and whoever has them can render the page without the site.
"""

from typing import Protocol

from ..model import Document, Section, Site
from ..names.links import Links
from ..site import link_target, relative
from .images import Image, find_image
from .numbers import Numbers


class Lookup(Protocol):
    """
    ## The questions

    Each is asked for the page of one document, so addresses are those to write there.
    """

    def href(self, link: str) -> str | None:
        """The address of a link, or `None` for what no link may do: run a script."""

    def name(self, section: Section, anchor: str, text: str) -> str:
        """
        Where a name in the prose of a section leads, which has that anchor, or nothing.
        Of the section, only its `qualname` counts.
        """

    def image(self, link: str) -> Image:
        """What an image shows and which size it has."""

    def number(self, quoted: str) -> str:
        """The text of `{{ run:… }}`. Raises `NumberError`."""


class SiteLookup:
    """
    ## The answers of a site

    Without `links`, names lead nowhere.
    """

    def __init__(
        self, site: Site, document: Document, numbers: Numbers, links: Links | None
    ) -> None:
        self.site = site
        self.document = document
        self.numbers = numbers
        self.links = links

    def href(self, link: str) -> str | None:
        return link_target(self.site, self.document, link)

    def name(self, section: Section, anchor: str, text: str) -> str:
        if self.links is None:
            return ""
        target = self.links.in_prose(self.document, section, anchor, text)
        if not target or "://" in target:
            return target
        return relative(target, self.document.source.url)

    def image(self, link: str) -> Image:
        return find_image(self.site, self.document, link)

    def number(self, quoted: str) -> str:
        return self.numbers.text(quoted)
