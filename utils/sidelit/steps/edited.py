r"""
---
title: What somebody has edited
summary: >
  The section of each page that the last change was in, to which an open page scrolls.
---

# What somebody has edited
"""

from collections.abc import Iterator
from itertools import zip_longest

from ..cache import Cache
from ..model import Document, SidelitError
from .answers import Resolved
from .reading import document_of


def edited_since(before: Resolved, now: Resolved, cache: Cache) -> dict[str, str]:
    """The anchor of the first section of each page that has changed."""
    edited = {}
    for url, reading in now.readings.items():
        old = before.readings.get(url)
        if old and reading.outline and old.outline and old.key != reading.key:
            try:
                documents = [document_of(cache, one) for one in (old, reading)]
            except SidelitError:
                # The cache has lost the old text, and the file has a new one.
                continue
            texts = map(_texts, documents)
            pairs = enumerate(zip_longest(*texts))
            places = [place for place, (one, other) in pairs if one != other]
            # In other bytes or under another name, the text may be the same.
            if places:
                anchors = reading.outline.anchors
                edited[url] = anchors[min(places[0], len(anchors) - 1)]
    return edited


def _texts(document: Document) -> Iterator[str]:
    """The text of each section."""
    lines = document.text.split("\n")
    for section in document.sections:
        yield "\n".join(lines[line - 1] for line in section.lines)
