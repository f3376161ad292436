r"""
---
title: A home page for a site without one
summary: >
  What there is, in the words of the pages, written in Markdown like everything else.
---

# A home page for a site without one
"""

from collections.abc import Iterable

from ..model import Document, Outline, Section, Source, Tokens


def home_page(outlines: Iterable[Outline], site_title: str) -> Document:
    """
    A home page for a site without one: what there is, in the words of the pages. It is
    written in Markdown, like everything else.
    """
    lines = [f"# {_plain(site_title)}", ""]
    pages = sorted(outlines, key=lambda outline: outline.source.url)
    for page in pages:
        summary = f" – {_plain(page.summary)}" if page.summary else ""
        lines.append(f"* [{_plain(page.title)}](<{page.source.url}>){summary}")
    text = "\n".join(lines) + "\n"
    source = Source("", "", "index.html", "", "markdown")
    summary = f"{len(pages)} annotated sources"
    section = Section("module", "", text, 1, ())
    return Document(source, text, site_title, summary, (section,), Tokens())


def _plain(text: str) -> str:
    return "".join(
        "\\" + character if character in "\\`*_[]<>$~|&#" else character
        for character in text
    )
