r"""
---
title: What a page offers to take along
summary: >
  The menu of a page: its forms, each of them a file beside it with the same name and
  another suffix.
---

# What a page offers to take along

Beside each page are files with the same name and other suffixes. The
[forms](../forms/__init__.py) say what is in them. The page has to know where they are
before they exist.
"""

import hashlib
import posixpath
from dataclasses import dataclass
from urllib.parse import quote

from ..model import Page, Source
from ..site import relative

# Behind the name of the page and a dot.
CLEAN, ANNOTATED, NOTEBOOK, TWIN = "clean.py", "py", "ipynb", "md"
BLOCKS = "blocks.js"


def twin_url(url: str, form: str = "md") -> str:
    """Where a page has its Markdown twin, or another of its forms."""
    return f"{url.removesuffix('.html')}.{form}"


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


def menu(source: Source, colab_url: str) -> tuple[Form, ...]:
    """What the page of a document offers."""
    url = source.url

    def form(label: str, ending: str) -> Form:
        href = relative(twin_url(url, ending), url)
        return Form(label, f".{ending}", href, f"{file_stem(source)}.{ending}")

    twin = form("Markdown", TWIN)
    if source.language != "python":
        is_notebook = source.path.lower().endswith(f".{NOTEBOOK}")
        return (form("Notebook", NOTEBOOK), twin) if is_notebook else (twin,)
    forms = [
        form("Clean code", CLEAN),
        form("Annotated code", ANNOTATED),
        form("Notebook", NOTEBOOK),
        twin,
    ]
    if colab_url:
        address = colab_url.replace("{notebook}", quote(twin_url(url, NOTEBOOK)))
        forms.append(Form("Open in Colab", "", address))
    return tuple(forms)


def file_stem(source: Source) -> str:
    """A name for a file that does not lie beside its page: `vit`, not `index`."""
    stem = posixpath.basename(source.url).removesuffix(".html")
    stem = stem.removesuffix(f".{NOTEBOOK}")
    return source.module.rpartition(".")[2] or stem if stem == "index" else stem


def blocks_link(page: Page) -> str:
    """
    Where a page finds its blocks. The stamp changes with the text and with what the
    page shows of it, so that no browser takes the blocks of last week.
    """
    document = page.document
    if document.source.language != "python":
        return ""
    stamp = hashlib.blake2b(document.text.encode(), digest_size=4)
    stamp.update(repr([row.code for row in page.rows]).encode())
    url = document.source.url
    return f"{relative(twin_url(url, BLOCKS), url)}?{stamp.hexdigest()}"
