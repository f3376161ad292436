r"""
---
title: Pages for folders without one
summary: >
  A folder that has no page of its own, such as the root of the site, gets one, which
  lists what is in it.
---

# Pages for folders without one

Such a page is a heading; what is below it, [the tree](../page/tree.py) lists. So each
folder of an address leads somewhere.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

from ..model import Document, Outline, Section, Source, Tokens
from ..page.tree import pages_of_folders
from ..site import HOME


def folder_pages(outlines: Mapping[str, Outline], title: str) -> Iterator[Document]:
    """The pages of the folders that have none; `title` is that of the site."""
    known = pages_of_folders(outlines)
    # A disk that does not tell `A` from `a` has one folder of both.
    taken = {url.lower() for url in outlines}
    if HOME not in outlines:
        yield _page(HOME, title, f"{len(outlines)} annotated sources")
    folders: dict[str, None] = {}
    for url in outlines:
        folder = posixpath.dirname(url)
        while folder and folder not in folders:
            folders[folder] = None
            folder = posixpath.dirname(folder)
    for folder in sorted(folders):
        url = f"{folder}/{HOME}"
        if folder not in known and url.lower() not in taken:
            taken.add(url.lower())
            summary = f"What is in the folder {folder}, with a sentence on each page."
            yield _page(url, posixpath.basename(folder), summary)


def _page(url: str, title: str, summary: str) -> Document:
    text = f"# {_plain(title)}\n"
    source = Source("", "", url, "", "markdown")
    section = Section("module", "", text, 1, ())
    return Document(source, text, title, summary, (section,), Tokens())


def _plain(text: str) -> str:
    escaped = "".join(
        "\\" + character if character in "\\`*_[]<>$~|&#" else character
        for character in text
    )
    # An address would become a link that has the backslashes in it.
    return _ADDRESS.sub(r"\1\\", escaped)


_ADDRESS = re.compile(r"\b(https?(?=://)|www(?=\.))", re.IGNORECASE)
