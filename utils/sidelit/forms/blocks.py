r"""
---
title: The forms of a page
summary: >
  What a reader can take along: the code clean and annotated, a notebook, Markdown, and
  the blocks of the page for the clipboard.
---

# The forms of a page

Beside each page lie files with the same name and another ending. They are plain files
under plain links, so they need no script and no server.

The buttons that copy one block need a script, and its text, annotated and clean. To put
both into the page would double it for everybody, for the few who press the button. So
the text lies in a script of its own, which is loaded when somebody reaches for it: that
works from the disk, too, where a page may load scripts and nothing else.
"""

import io
import json
import tokenize
from collections.abc import Iterable
from dataclasses import replace

from ..model import Document, Site
from ..page.menu import ANNOTATED, BLOCKS, CLEAN, NOTEBOOK, twin_url
from ..prose.numbers import Numbers
from ..read.decode import decode
from .clean import clean_lines
from .markdown import Links, Writer, llms
from .notebook import notebook


def forms(document: Document, site: Site, results: Numbers) -> dict[str, bytes]:
    """The files beside the page of a document, by URL."""
    url = document.source.url
    links = Links(site, frozenset(site.documents), pictures=True)
    files = {twin_url(url): Writer(document, links, results).page().encode()}
    if document.source.language == "python":
        document = as_written(document)
        files[twin_url(url, ANNOTATED)] = document.data
        cleaned = clean_lines(document)
        files[twin_url(url, CLEAN)] = clean_file(cleaned)
        files[twin_url(url, NOTEBOOK)] = notebook_file(document, Links(site), results)
        files[twin_url(url, BLOCKS)] = _blocks(document, cleaned)
    return files


def shared_forms(site: Site) -> dict[str, bytes]:
    """The files that there is one of for the whole site."""
    return {"llms.txt": llms(site).encode()}


def as_written(document: Document) -> Document:
    """
    The document with the text of its file. A page shows pictures of control characters,
    and code that is to run must have the characters themselves.
    """
    return replace(document, text=decode(document.data, document.source))


def clean_file(cleaned: Iterable[str | None]) -> bytes:
    """Lines of clean code in the encoding that the first of them name."""
    text = "".join(f"{line}\n" for line in cleaned if line is not None)
    lines = io.BytesIO(text.encode())
    return text.encode(tokenize.detect_encoding(lines.readline)[0])


def notebook_file(document: Document, links: Links, results: Numbers) -> bytes:
    """The bytes of a notebook, as Jupyter writes them."""
    import nbformat

    made = nbformat.from_dict(notebook(document, links, results))
    text: str = nbformat.v4.writes(made)
    return text.encode() + b"\n"


def _blocks(document: Document, cleaned: list[str | None]) -> bytes:
    """
    Each section as the number of its first line, its source and its clean code. All of
    them joined are the whole file.
    """
    lines = document.text.split("\n")
    blocks = []
    for span in (section.lines for section in document.sections if section.lines):
        here = slice(span.start - 1, span.stop - 1)
        left = [line for line in cleaned[here] if line is not None]
        texts = ("".join(f"{one}\n" for one in part) for part in (lines[here], left))
        blocks.append([span.start, *texts])
    text = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return f"sidelitBlocks({text});\n".encode()
