r"""
---
title: Paper
summary: >
  Pages as a PDF with page numbers, contents and bookmarks, printed by a Chromium that
  the machine has.
---

# Paper

A browser knows best how a page looks, so a browser prints it. All chosen pages become
one document, in the order in which they are read, and the links between them lead from
page to page inside it. The browser reads it from a temporary folder, with its network
shut.

No browser yet can say in the contents on which page a chapter begins. So a document of
several pages is printed twice: the first time to see where the chapters begin.
"""

import os
import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from ..build import Build
from ..model import Site, usage_error
from ..page.template import Template
from ..site import ABSOLUTE, is_inside

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Chapter:
    """A page of the site as a part of the document."""

    title: str
    summary: str
    anchor: str
    html: str


def pdf(built: Build, urls: list[str]) -> bytes:
    """
    These pages of a site as a PDF. Raises `SidelitError` where there is no browser, or
    none that can print.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise usage_error(f"export pdf: a browser prints it; install {BROWSERS[0]}")
    site = built.site
    assert site
    chapters = list(_chapters(built.files, site, urls))
    files = {
        url: data
        for url, data in built.files.items()
        if not url.endswith(_FORMS_OF_PAGES)
    }
    # What people keep in the folder of the site is part of it.
    output = site.config.output
    for src in re.findall(r' src="([^"]*)"', "".join(one.html for one in chapters)):
        url = unquote(src)
        kept = Path(output, url)
        if url not in files and kept.is_file() and is_inside(str(kept), output):
            files[url] = kept.read_bytes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for url, data in files.items():
            file = folder / "site" / url
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        printed = _print(browser, folder, site, chapters, [])
        if len(chapters) > 1:
            pages = _first_pages(printed, [chapter.anchor for chapter in chapters])
            printed = _print(browser, folder, site, chapters, pages)
    # The time of printing is the only thing in it that changes from day to day.
    return re.sub(rb"\(D:\d{14}", b"(D:20000101000000", printed)


_FORMS_OF_PAGES = (".html", ".py", ".ipynb", ".md", ".blocks.js")


def _print(
    browser: str, folder: Path, site: Site, chapters: list[Chapter], pages: list[int]
) -> bytes:
    document, output = folder / "site" / "paper.html", folder / "paper.pdf"
    environment = Template(site, {}).environment
    environment.filters["css"] = _css_string
    text = environment.get_template("sidelit/paper.html").render(
        title=chapters[0].title if len(chapters) == 1 else site.config.site_title,
        has_formulas=(folder / "site" / "assets" / "katex").exists(),
        chapters=chapters,
        pages=pages,
    )
    document.write_text(text, encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'browser'}",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={output}",
        document.as_uri(),
    ]
    # Chromium's own walls do not stand for the administrator.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=300)
        return output.read_bytes()
    except (subprocess.SubprocessError, OSError) as error:
        words = (getattr(error, "stderr", None) or b"").decode(errors="replace")
        reason = words.strip().rpartition("\n")[2] or str(error)
        raise usage_error(f"export pdf: {browser} did not print: {reason}") from None


def _css_string(text: str) -> str:
    """A text in quotes, as a style sheet has it."""
    return '"' + re.sub(r'["\\<]', lambda sign: f"\\{ord(sign[0]):x} ", text) + '"'


# ## Where a chapter begins
#
# Chromium writes the objects of a PDF as plain text: the tree of its pages, and for
# each target of a link its page. Where another program has put it differently, the
# contents have links and no numbers.
_PAGES = re.compile(rb"(\d+) 0 obj\s*<</Type /Pages\b[^>]*?/Kids \[([^\]]*)\]")
_ROOT = re.compile(rb"/Type /Catalog\s+/Pages (\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")


def _first_pages(printed: bytes, anchors: list[str]) -> list[int]:
    """The number of the page that each of these anchors is on; empty if unknown."""
    below = {node: _REFERENCE.findall(kids) for node, kids in _PAGES.findall(printed)}

    def leaves(node: bytes) -> Iterator[bytes]:
        for kid in below.get(node, ()):
            yield from leaves(kid) if kid in below else (kid,)

    root = _ROOT.search(printed)
    order = list(leaves(root[1])) if root else []
    found = []
    for anchor in anchors:
        place = re.search(rb"/%b \[(\d+) 0 R" % re.escape(anchor).encode(), printed)
        if place is None or place[1] not in order:
            return []
        found.append(order.index(place[1]) + 1)
    return found


# ## One document of many pages
#
# Two pages may have a section of the same name. So each identifier gets the number of
# its chapter in front, and links follow.
_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
_TAG = re.compile(r'<[a-zA-Z][^"<>]*+(?:"[^"]*+"[^"<>]*+)*+>')
_ATTRIBUTE = re.compile(r'\s(id|href|src|for|loading)="([^"]*)"')


def _chapters(
    files: dict[str, bytes], site: Site, urls: list[str]
) -> Iterator[Chapter]:
    for number, url in enumerate(urls):
        document = site.documents[url]
        match = _MAIN.search(files[url].decode())
        if match is None:
            raise usage_error("export pdf: a page of these templates has no <main>")

        def attribute(
            match: re.Match[str], url: str = url, number: int = number
        ) -> str:
            name, value = match.groups()
            if name in ("id", "for"):
                value = f"{number}:{value}"
            elif name == "loading":
                return ""
            elif not ABSOLUTE.match(value):
                path, _, anchor = value.partition("#")
                path = posixpath.join(posixpath.dirname(url), unquote(path))
                path = posixpath.normpath(path) if value[:1] != "#" else url
                if name == "src":
                    value = quote(path)
                elif path in urls:
                    there = urls.index(path)
                    value = f"#{there}:{anchor}" if anchor else f"#chapter-{there}"
                else:
                    return ""
            return f' {name}="{value}"'

        def tag(match: re.Match[str]) -> str:
            return _ATTRIBUTE.sub(attribute, match[0])

        html = _TAG.sub(tag, match[1])
        yield Chapter(document.title, document.summary, f"chapter-{number}", html)
