r"""
---
title: Paper
summary: >
  Pages as a PDF with page numbers, contents and bookmarks, printed by a Chromium that
  is installed on the machine.
---

# Paper

A browser knows best how a page looks, so a browser prints it. The
[chapters](chapters.py) become one document, which the browser reads from a temporary
folder, without access to the network.

No browser can yet print the page numbers of chapters in a table of contents. So a
document of several chapters is printed twice, the first time to find out where they
begin.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from ..files import is_inside
from ..model import Config, usage_error
from ..page.template import Template
from ..prose.diagrams import DIAGRAM, SCRIPT
from ..steps.made import Build
from .chapters import Chapter, make_chapters

_MEASURES = Path(__file__).parents[1] / "assets" / "paper.js"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chromium-headless-shell",
)


def pdf(built: Build, urls: Sequence[str], config: Config) -> bytes:
    """
    The PDF of these pages of a site. Raises `SidelitError` if there is no browser or it
    cannot print.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise usage_error(f"export pdf: a browser prints it; install {BROWSERS[0]}")
    site = built.site
    chapters = list(make_chapters(built.files, site.outlines, urls))
    files = {
        url: data
        for url, data in built.files.items()
        if not url.endswith(_FORMS_OF_PAGES)
    }
    # An image may be a file that the author keeps in the folder of the site.
    output = config.output
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
        printed = _print(browser, folder, config, chapters, [])
        if len(chapters) > 1:
            pages = _first_pages(printed, [chapter.anchor for chapter in chapters])
            printed = _print(browser, folder, config, chapters, pages)
    return reproducible(printed)


_FORMS_OF_PAGES = (".html", ".py", ".ipynb", ".md", ".blocks.js")


def _print(
    browser: str,
    folder: Path,
    config: Config,
    chapters: list[Chapter],
    pages: list[int],
) -> bytes:
    document, output = folder / "site" / "paper.html", folder / "paper.pdf"
    environment = Template(config, {}).environment
    environment.filters["css"] = _css_string
    has_diagrams = (folder / "site" / SCRIPT).exists() and any(
        DIAGRAM in chapter.html for chapter in chapters
    )
    text = environment.get_template("sidelit/paper.html").render(
        title=chapters[0].title if len(chapters) == 1 else config.site_title,
        has_formulas=(folder / "site" / "assets" / "katex").exists(),
        has_diagrams=has_diagrams,
        chapters=chapters,
        pages=pages,
        script=_MEASURES.read_text(encoding="utf-8"),
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
    if has_diagrams:
        # It prints once all has been loaded, which is before a diagram is drawn. This
        # time does not pass while there is something to do.
        command.insert(1, "--virtual-time-budget=10000")
    # Chromium refuses to run its sandbox as root.
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
    """The text as a string of a style sheet, in quotes."""
    return '"' + re.sub(r'["\\<]', lambda sign: f"\\{ord(sign[0]):x} ", text) + '"'


_DATE = re.compile(rb"\(D:\d{14}")
_NODE = re.compile(rb"\(node(\d{8})\)")


def reproducible(printed: bytes) -> bytes:
    """
    The PDF without what differs between two prints of the same pages: the date, and the
    numbers of the cells of tables, which begin wherever the browser's counter stands.
    """
    numbers = {
        node: rank for rank, node in enumerate(sorted({*_NODE.findall(printed)}))
    }
    # A PDF knows the places of its objects, so no number may change its length.
    dated = _DATE.sub(b"(D:20000101000000", printed)
    return _NODE.sub(lambda node: b"(node%08d)" % numbers[node[1]], dated)


# ## Where a chapter begins
#
# Chromium writes the objects of a PDF as plain text: the tree of its pages, and for
# each link target its page. If it ever writes them differently, the contents have links
# but no page numbers.
_PAGES = re.compile(rb"(\d+) 0 obj\s*<</Type /Pages\b[^>]*?/Kids \[([^\]]*)\]")
_ROOT = re.compile(rb"/Type /Catalog\s+/Pages (\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")


def _first_pages(printed: bytes, anchors: list[str]) -> list[int]:
    """The page number of each anchor; empty if they cannot be found."""
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
