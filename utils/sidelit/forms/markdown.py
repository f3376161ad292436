r"""
---
title: Markdown twins
summary: >
  Each page once more as Markdown, for notebooks, for editors and for programs that
  read, with links that lead where those of the page lead.
---

# Markdown twins

The prose is Markdown already, but it counts on this tool: links name sources, numbers
are taken from results, equations are numbered. Here all of that is resolved and the
rest left as it was written. What must not be touched, code and formulas, is lifted out
first and put back last, as for the [pages](../prose/html.py).
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from ..markup import PATTERN
from ..model import Document, Section, Site
from ..page.menu import twin_url
from ..prose.equations import numbers
from ..prose.numbers import NumberError, Numbers
from ..prose.passage import OPENING_HEADING
from ..site import ABSOLUTE, link_target, local_file, relative, resolve


@dataclass(frozen=True)
class Links:
    """
    ## Links

    Where a link in prose leads once the prose has left its page. `twins` are the pages
    whose Markdown lies beside this one, and with `pictures` so do the pictures of the
    site; everything else is named by its full address. Without a `base-url` there is
    none, and a link becomes its text.
    """

    site: Site
    twins: frozenset[str] = frozenset()
    pictures: bool = False

    def target(self, document: Document, link: str, is_picture: bool) -> str | None:
        """The address to write, or `None` if there is no such address."""
        site, url = self.site, document.source.url
        if ABSOLUTE.match(link):
            return link_target(site, document, link)
        if page := resolve(site, document, link):
            path, hash_, anchor = page.partition("#")
            if path in self.twins:
                return relative(twin_url(path) + hash_ + anchor, twin_url(url))
            return self._address(page)
        found = local_file(site, document, link.partition("#")[0])
        if found and is_picture:
            return relative(found[0], url) if self.pictures else self._address(found[0])
        # A file that is no page is linked on the forge.
        address = link_target(site, document, link) or ""
        return address if ABSOLUTE.match(address) else None

    def _address(self, url: str) -> str | None:
        base = self.site.config.base_url
        path, hash_, anchor = url.partition("#")
        path = re.sub(r"(^|/)index\.html$", r"\1", path)
        return base + quote(path) + hash_ + anchor if base else None


class Writer:
    """
    ## One page

    Writes the prose and the code of a document as Markdown.
    """

    def __init__(self, document: Document, links: Links, results: Numbers) -> None:
        self.document = document
        self.links = links
        self.results = results
        self.lines = document.text.split("\n")
        self.equations = numbers(section.prose for section in document.sections)

    def page(self) -> str:
        """The whole twin: prose as it is, code in blocks."""
        document = self.document
        anchors = self.links.site.anchors[document.source.url]
        parts = []
        for section, anchor in zip(document.sections, anchors, strict=True):
            if section.kind in ("class", "function"):
                parts.append(f'<a id="{anchor}"></a>')
            parts.append(self.prose(section))
            code = (self.lines[line - 1] for span in section.code for line in span)
            parts.append(block(code, document.source.language))
        return "\n\n".join(part for part in parts if part) + "\n"

    def prose(self, section: Section) -> str:
        """The prose of a section; that of the module begins with the title."""
        lifted: list[str] = []

        def lift(match: re.Match[str]) -> str:
            lifted.append(self._resolved(match))
            return f"{_OPEN}{len(lifted) - 1}{_CLOSE}"

        def put_back(match: re.Match[str]) -> str:
            return lifted[int(match[1])]

        text = PATTERN.sub(lift, section.prose.replace(_OPEN, "").replace(_CLOSE, ""))
        # There is one title, as on the page.
        text = re.sub(r"^(?=#[ \t])", "#", self._linked(text), flags=re.MULTILINE)
        if section.kind == "module":
            text = self._titled(text)
        return _MARK.sub(put_back, text).strip("\n")

    def _resolved(self, match: re.Match[str]) -> str:
        """A number, a reference to an equation; code and formulas as they are."""
        if match["number"]:
            with suppress(NumberError):
                return self.results.text(match[0])
        elif match["reference"]:
            number = self.equations.get(match[0][match[0].index("{") + 1 : -1])
            if number is not None:
                return f"({number})" if match[0].startswith("\\eqref") else number
        elif match["quoted"]:
            return f"${match['quoted']}$"
        return match[0]

    def _titled(self, text: str) -> str:
        text = text.lstrip("\n")
        if OPENING_HEADING.match(text):
            return re.sub(r"\A\s*#{1,2}(?=[ \t])", "#", text)
        return f"# {_plain(self.document.title)}\n\n{text}"

    def _linked(self, text: str) -> str:
        text = _LINK.sub(self._link, text)
        for pattern in (_DEFINITION, _ATTRIBUTE):
            text = pattern.sub(self._address, text)
        return text

    def _link(self, match: re.Match[str]) -> str:
        sign, text, link, title = match.groups()
        text = text if sign else _LINK.sub(self._link, text)
        target = self.links.target(self.document, link.strip("<>"), bool(sign))
        if target is None:
            return text
        return f"{sign}[{text}]({target}{title or ''})"

    def _address(self, match: re.Match[str]) -> str:
        before, link = match.groups()
        is_picture = before.endswith('src="')
        return before + (self.links.target(self.document, link, is_picture) or link)


# The marks are characters that Unicode will never give a meaning.
_OPEN, _CLOSE = "\U0010fffc", "\U0010fffd"
_MARK = re.compile(rf"{_OPEN}(\d+){_CLOSE}")

# A link, whose text may hold brackets and a picture, with its address and its title.
_LINK = re.compile(
    r"""(!?) (?<!\\) \[ ( (?: [^\[\]\\] | \\. | \[ [^\[\]]* \] )* ) \]
    \( \s* ( <[^<>\n]*> | [^\s()<>]+ (?: \( [^\s()]* \) [^\s()]* )* )
    ( \s+ (?: "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' ) )? \s* \)""",
    re.VERBOSE,
)
_DEFINITION = re.compile(r"^( {0,3}\[[^\]^\n]+\]:[ \t]+)(\S+)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"""(<[a-zA-Z][^<>]*?\b(?:href|src)=")([^"]*)""")


def block(code: Iterable[str], language: str) -> str:
    """Lines of code between fences that are longer than any in them."""
    text = trimmed(code)
    if not text:
        return ""
    ticks = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def trimmed(lines: Iterable[str]) -> str:
    """Lines of code without the empty ones at both ends."""
    return re.sub(r"\A(?:[ \t\f]*\n)+", "", "\n".join(lines)).rstrip()


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


# ## A table of contents for programs
#
# `llms.txt` at the root of a site tells programs that read what there is to read, each
# page in one line, in the order in which people read it.
def llms(site: Site) -> str:
    """The contents of the site in the form of `llms.txt`."""
    config = site.config
    groups: dict[str, list[str]] = {}
    for url, document in site.documents.items():
        folder = url.partition("/")[0] if "/" in url else ""
        address = config.base_url + quote(twin_url(url))
        entry = f"- [{_plain(document.title)}]({address})"
        summary = document.summary and f": {document.summary}"
        groups.setdefault(folder, []).append(entry + summary)
    lines = [f"# {config.site_title}"]
    if summary := site.documents["index.html"].summary:
        lines.append(f"> {summary}")
    for folder, entries in groups.items():
        index = site.documents.get(f"{folder}/index.html")
        heading = index.title if index else folder or "Pages"
        lines += [f"## {heading}", "\n".join(entries)]
    return "\n\n".join(lines) + "\n"
