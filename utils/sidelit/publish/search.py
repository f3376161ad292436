r"""
---
title: Search
summary: >
  What Pagefind is told of each page, and the index that it makes of all of them for
  readers to search in their browsers.
---

# Search

A static site has no server that could be asked, so the browser has to search by itself.
Pagefind makes an index for that, in many small files of which a browser loads the few
that a word needs, and none before the reader wants to search.

Pagefind reads HTML, but not that of our pages: there a formula stands twice, and a line
of code is one word up to its next space. So each page is told again, in plain HTML
without anything that nobody would search for. What a heading or a definition says
weighs more than a sentence, and a sentence more than a line of code. A name is found by
its parts as well, `PatchEmbeddings` by `embeddings`: Pagefind takes it apart itself, as
long as it stands alone.
"""

import base64
import contextlib
import hashlib
import json
import re
import subprocess
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path

from ..files import node, npm_package, write_file
from ..fresh import cache_folder
from ..model import Config, Page, Site, usage_error

BUNDLE = "assets/pagefind/"
_ENGINE = Path(__file__).parents[1] / "assets" / "pagefind-engine.cjs"


def search_package(root: str) -> Path | None:
    """
    Pagefind, if the project has it and this machine can run it. Without it, a site has
    no search, and that is no mistake.
    """
    package = npm_package("pagefind", root)
    # npm puts the program for this kind of machine beside it, if there is one.
    if package and node() and (package.resolve().parent / "@pagefind").is_dir():
        return package
    return None


# ## What a page says
#
# Each row is a place that a result can lead to. Its title is not part of the text, so
# that it does not stand at the beginning of every quotation.
def page_text(page: Page, site: Site) -> str:
    """A page in the HTML that Pagefind gets to see."""
    document = page.document
    anchors = site.anchors[document.source.url]
    sections = zip(anchors, document.sections, strict=True)
    names = {anchor: section.qualname for anchor, section in sections}
    title = document.title
    parts = [_prose(page.head_html)]
    for row in page.rows:
        prose = _prose(row.prose_html)
        if heading := _HEADING.search(prose):
            title = unescape(_TAG.sub("", heading[1]))
        shown = title if heading else names.get(row.anchor) or title
        parts.append(
            f'<div id="{escape(row.anchor)}" data-pagefind-title="{escape(shown)}">'
            f'{prose}<div data-pagefind-weight="0.4">{_code(row.code_html)}</div></div>'
        )
    text = _spaced("\n".join(parts))
    return f'<!doctype html><html lang="en"><body>{text}</body></html>'


_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"<h[2-4]\b[^>]*>(.*?)(?:<a class=\"permalink\"|</h)", re.DOTALL)
_BLOCK = re.compile(r'<pre class="block"[^>]*><code>(.*?)</code></pre>', re.DOTALL)
_INLINE_CODE = re.compile(r"(?<=<code>)[^<]+")


def _prose(html: str) -> str:
    # Who else uses a definition is found where it is used.
    html = _USERS.sub("", html)
    html = _BLOCK.sub(
        lambda block: f'<p data-pagefind-weight="0.4">{_code(block[1])}</p>', html
    )
    html = _INLINE_CODE.sub(lambda code: _code(code[0]), html)
    return _with_plain_formulas(html) if 'class="katex' in html else html


_USERS = re.compile(r'<details class="users">.*?</details>', re.DOTALL)


# Pagefind takes whatever stands between two spaces for one word. A gap is a space for
# Pagefind; the soft hyphen before it tells the page to leave that space out again.
GAP = "\u00ad "
_DEFINED = re.compile(r'<span class="n[cf]"[^>]*>(\w+)</span>')
_BEFORE_NAME = re.compile(r"(?<=[^\w\s\x02\x03\u00ad])(?=[\w\x02])")


def _code(html: str) -> str:
    """Code with each name alone, and the names that it defines with more weight."""
    text = unescape(_TAG.sub("", _DEFINED.sub("\x02\\1\u00ad\x03", html)))
    text = escape(_BEFORE_NAME.sub(GAP, text), quote=False)
    return text.replace("\x02", '<b data-pagefind-weight="6">').replace("\x03", "</b>")


# Chinese and Japanese are written without spaces. Each of their signs becomes a word,
# and a page holds a result against those that stand in a row in the question.
_IDEOGRAPH = "[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_BESIDE_IDEOGRAPH = re.compile(
    rf"<[^>]*>|(?<=[^\s>])(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})(?=[^\s<])"
)


def _spaced(html: str) -> str:
    if html.isascii() or not re.search(_IDEOGRAPH, html):
        return html
    return _BESIDE_IDEOGRAPH.sub(lambda match: match[0] or GAP, html)


_FORMULA = re.compile(r'<span class="katex(?:-display)?">')
_SPAN = re.compile(r"<(/?)span\b[^>]*>")
_SOURCE = re.compile(r"<annotation\b[^>]*>(.*?)</annotation>", re.DOTALL)
_COMMANDS = re.compile(
    r"\\htmlData\{[^}]*\}|\\(?:math|text|operator|left|right|d?frac|[,;:! ])[a-z]*\*?"
)


def _with_plain_formulas(html: str) -> str:
    """A formula within a sentence becomes a few letters; one on its own line is cut."""
    parts, end = [], 0
    for start in _FORMULA.finditer(html):
        if start.start() < end:
            continue
        parts.append(html[end : start.start()])
        depth = 0
        for span in _SPAN.finditer(html, start.start()):
            depth += -1 if span[1] else 1
            if not depth:
                end = span.end()
                break
        source = _SOURCE.search(html, start.end(), end)
        if source and "-display" not in start[0]:
            plain = re.sub(r"[{}\\]", "", _COMMANDS.sub(" ", source[1]))
            parts.append(" ".join(plain.split()))
    return "".join([*parts, html[end:]])


# ## The index
#
# Making it takes as long as making the pages. So the last one of each site is kept, and
# made again only if a page has something else to say.
def search_files(config: Config, texts: Sequence[tuple[str, str]]) -> dict[str, bytes]:
    """
    The files that search needs, by URL, for the texts of all pages. Raises
    `SidelitError` if Pagefind fails.
    """
    package = search_package(config.root)
    if not texts or package is None:
        return {}
    request = json.dumps(texts)
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    key = hashlib.blake2b(_ENGINE.read_bytes(), digest_size=16)
    key.update(f"{about['version']}\0{request}".encode())
    place = hashlib.blake2b(config.output.encode(), digest_size=8).hexdigest()
    memory = Path(cache_folder()) / "search" / place
    known, _, answer = _read(memory).partition("\n")
    if known != key.hexdigest():
        engine = package / about["exports"]["."]["import"]
        answer = _ask(engine, request, config.root)
        with contextlib.suppress(OSError):
            write_file(memory, f"{key.hexdigest()}\n{answer}".encode())
    return {
        BUNDLE + path: base64.b64decode(data)
        for path, data in sorted(json.loads(answer).items())
    }


def _read(memory: Path) -> str:
    try:
        return memory.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _ask(engine: Path, request: str, root: str) -> str:
    result = subprocess.run(
        [node() or "node", str(_ENGINE), str(engine)],
        input=request,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason is given"])[-1]
        raise usage_error(
            f"search: Pagefind stopped ({reason}); run `npm install pagefind` in {root}"
        )
    return result.stdout
