r"""
---
title: The forms of a page
summary: >
  What a reader can take along: the code clean and annotated, a notebook, Markdown, and
  the blocks of the page for the clipboard.
---

# The forms of a page

Beside each page are files with the same name and other suffixes. They are plain files
behind plain links, so they need no script and no server.

The buttons that copy one block do need a script, and the text of the block, annotated
and clean. Within the page, both would double its size for every reader, for the sake of
the few who press the button. So what the page does not show is in a script of its own,
which is loaded on demand. This works from a disk as well, where a page may load scripts
and nothing else.
"""

import io
import json
import tokenize
from collections.abc import Iterable
from dataclasses import replace

from ..files import CONTROLS
from ..macros import Macros
from ..model import Document, Site, Tokens
from ..page.menu import ANNOTATED, BLOCKS, CLEAN, NOTEBOOK, twin_url
from ..page.view import View
from ..read.decode import decode
from .clean import as_comments, clean_lines, without_false_markers
from .markdown import ALL_PAGES, LinkResolver, MarkdownWriter, llms
from .notebook import notebook, notebook_file


def forms(
    document: Document,
    view: View,
    anchors: Iterable[str],
    base_url: str,
    install: str,
    macros: Macros,
    shown: Iterable[range],
) -> dict[str, bytes]:
    """
    The files beside the page of a document, by URL. `shown` are the ranges of lines
    that the page shows, in order.
    """
    url = document.source.url
    twins = LinkResolver(view, base_url, ALL_PAGES, images=True)
    twin = MarkdownWriter(document, twins, macros).page(anchors)
    files = {twin_url(url): twin.encode()}
    if document.source.language == "python":
        lines = document.text.split("\n")
        document = as_written(document)
        cleaned = clean_lines(document)
        links = LinkResolver(view, base_url)
        files[twin_url(url, ANNOTATED)] = annotated_file(document)
        files[twin_url(url, CLEAN)] = clean_file(document, cleaned)
        files[twin_url(url, NOTEBOOK)] = notebook_form(document, links, install, macros)
        files[twin_url(url, BLOCKS)] = _blocks(document, cleaned, lines, shown)
    elif document.notebook:
        files[twin_url(url, NOTEBOOK)] = document.data
    return files


def shared_forms(site: Site, title: str, base_url: str) -> dict[str, bytes]:
    """The files that there is one of for the whole site."""
    return {"llms.txt": llms(site, title, base_url).encode()}


def as_written(document: Document) -> Document:
    """
    The document with the text of its file. A page shows pictures of control characters,
    but code that is to run needs the characters themselves.
    """
    if document.notebook is None:
        return replace(document, text=decode(document.data, document.source))
    tokens, python = Tokens(), document.python.translate(CONTROLS)
    for kind, start, end in document.tokens:
        # The colours of what only IPython understands say nothing of Python.
        if document.text[start:end] == python[start:end]:
            tokens.add(kind, start, end)
    # Not even in a comment, Python reads this one.
    text = document.notebook.written.replace("\0", "␀")
    return replace(document, text=text, tokens=tokens)


def annotated_file(document: Document) -> bytes:
    """The source of a Python document; that of a notebook is a script with cells."""
    if document.notebook is None:
        return document.data
    lines = as_comments(document, document.text.split("\n")[:-1])
    return _in_utf8(without_false_markers(document, lines))


def notebook_form(
    document: Document, links: LinkResolver, install: str, macros: Macros
) -> bytes:
    """The notebook of a Python document, which may be one already."""
    if document.notebook:
        return document.data
    return notebook_file(notebook(document, links, install, macros))


def clean_file(document: Document, cleaned: Iterable[str | None]) -> bytes:
    """Lines of clean code, in the encoding that the first of them declare."""
    if document.notebook:
        return _in_utf8(cleaned)
    text = _joined(cleaned)
    data = text.encode()
    encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    return data if encoding == "utf-8" else text.encode(encoding)


def _in_utf8(lines: Iterable[str | None]) -> bytes:
    """Lines of a notebook, whose cells are text and declare no encoding."""
    data = _joined(lines).encode()
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, LookupError, UnicodeError):
        encoding = ""
    # What the first cell says would count now, but for a line above it.
    return data if encoding == "utf-8" else b"# -*- coding: utf-8 -*-\n" + data


def _joined(lines: Iterable[str | None]) -> str:
    return "".join(f"{line}\n" for line in lines if line is not None)


def _blocks(
    document: Document,
    cleaned: list[str | None],
    on_page: list[str],
    shown: Iterable[range],
) -> bytes:
    """
    The number of the first line of each section, its source, and by which changes that
    becomes its clean code. All sources joined are the whole file. Of a source, a number
    stands for as many lines that the page shows, unless it shows pictures of control
    characters in them.
    """
    lines = document.text.split("\n")
    known = [one for one in shown if lines[_slice(one)] == on_page[_slice(one)]]
    known.reverse()
    blocks = []
    for span in (section.lines for section in document.sections):
        if span:
            pieces: list[str | int] = []
            start = span.start
            while known and known[-1].start < span.stop:
                code = known.pop()
                pieces += [_source(lines, range(start, code.start)), len(code)]
                start = code.stop
            pieces.append(_source(lines, range(start, span.stop)))
            here = _slice(span)
            changes = _changes(lines[here], cleaned[here])
            blocks.append([span.start, [*filter(None, pieces)], changes])
    text = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return f"sidelitBlocks({text});\n".encode()


def _source(lines: list[str], span: range) -> str:
    return "".join(f"{line}\n" for line in lines[_slice(span)])


def _slice(span: range) -> slice:
    """Where the lines of a range of numbers are in a list of all lines."""
    return slice(span.start - 1, span.stop - 1)


def _changes(lines: list[str], cleaned: list[str | None]) -> list[list[int | str]]:
    """
    From where on how many lines are left out, and what stands in place of a line: much
    less than the clean code, most of whose lines are those of the source.
    """
    changes: list[list[int | str]] = []
    gone = 0
    for number, (line, clean) in enumerate(zip(lines, cleaned, strict=True)):
        if clean is None and gone:
            gone += 1
            changes[-1][1] = gone
        elif clean is None:
            gone = 1
            changes.append([number, gone])
        else:
            gone = 0
            if clean != line:
                changes.append([number, clean])
    return changes
