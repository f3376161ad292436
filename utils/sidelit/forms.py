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

import hashlib
import io
import json
import posixpath
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from .clean import clean_lines
from .markdown import Links, Writer, llms, twin_url
from .model import Document, Site
from .notebook import notebook
from .numbers import Numbers
from .site import relative
from .split import decode


@dataclass(frozen=True, slots=True)
class Form:
    """
    A line of the menu. `name` is what the file is saved as, and is empty for what is
    opened elsewhere.
    """

    label: str
    ending: str
    href: str
    name: str = ""


# Behind the name of the page and a dot.
CLEAN, ANNOTATED, NOTEBOOK, TWIN = "clean.py", "py", "ipynb", "md"
BLOCKS = "blocks.js"


def menu(site: Site, document: Document) -> tuple[Form, ...]:
    """What the page of a document offers."""
    url = document.source.url

    def form(label: str, ending: str) -> Form:
        href = relative(twin_url(url, ending), url)
        return Form(label, f".{ending}", href, f"{file_stem(document)}.{ending}")

    twin = form("Markdown", TWIN)
    if document.source.language != "python":
        return (twin,)
    forms = [
        form("Clean code", CLEAN),
        form("Annotated code", ANNOTATED),
        form("Notebook", NOTEBOOK),
        twin,
    ]
    if template := site.config.colab_url:
        address = template.replace("{notebook}", quote(twin_url(url, NOTEBOOK)))
        forms.append(Form("Open in Colab", "", address))
    return tuple(forms)


def file_stem(document: Document) -> str:
    """A name for a file that does not lie beside its page: `vit`, not `index`."""
    source = document.source
    stem = posixpath.basename(source.url).removesuffix(".html")
    return source.module.rpartition(".")[2] or stem if stem == "index" else stem


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


def blocks_link(document: Document) -> str:
    """
    Where the page of a document finds its blocks. The stamp changes with the text, so
    that no browser takes the blocks of last week.
    """
    if document.source.language != "python":
        return ""
    stamp = hashlib.blake2b(document.text.encode(), digest_size=4).hexdigest()
    url = document.source.url
    return f"{relative(twin_url(url, BLOCKS), url)}?{stamp}"


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
