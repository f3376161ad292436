"""
---
title: What prose asks of the rest of the site
summary: >
  The only way from the prose of a page to other files: where a link, a name, an image
  and a number lead.
---

# What prose asks of the rest of the site

A page is rendered from its own document, and everything that its prose needs from
elsewhere is one of the six questions below. Their answers are all that the page
depends on, and whoever has them can render the page without the site.
"""

from typing import Protocol

from ..model import Section
from .images import Image


class Lookup(Protocol):
    """
    ## The questions

    Each is asked for the page of one document, so addresses are those to write there.
    """

    def href(self, link: str) -> str | None:
        """The address of a link, or `None` if it may have none."""

    def name(self, section: Section, anchor: str, text: str) -> str:
        """
        Where a name in the prose of a section leads, which has that anchor, or nothing.
        Of the section, only its `qualname` counts.
        """

    def documented(self, name: str) -> str:
        """Where others document a dotted name that the author links to, or nothing."""

    def image(self, link: str) -> Image:
        """What an image shows and which size it has."""

    def loaded(self, link: str) -> Image | None:
        """
        Where a figure loads a file from, and which file the build has to copy there;
        `None` if there is no such file.
        """

    def number(self, quoted: str) -> str:
        """The text of `{{ run:… }}`. Raises `NumberError`."""
