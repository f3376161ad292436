r"""
---
title: From a document to a page
summary: >
  Each section becomes a row of prose and code, the opening prose becomes the head of
  the article, and the page gets its crumbs, its contents and its neighbours.
---

# From a document to a page
"""

import posixpath
import re
from html import escape

from .highlight import coloured_lines
from .model import Document, Entry, Page, Row, Section, Site
from .prose import Prose
from .site import relative, unique


def make_page(document: Document, site: Site, prose: Prose) -> Page:
    """
    The page of a document. The prose of the module does not become a row: it is the
    head of the article and spans the page, instead of facing an empty column.
    """
    url = document.source.url
    anchors = site.anchors[url]
    taken = set(anchors) | {f"section-{number}" for number in range(len(anchors))}
    coloured = coloured_lines(document.text, document.tokens)
    rows, contents = [], []
    head_html = ""
    for number, section in enumerate(document.sections):
        anchor, alias = anchors[number], f"section-{number}"
        prose_html, headings = prose.html(document, section, anchor, taken)
        contents += _contents(section, anchor, headings)
        code_html = _code(section, coloured)
        if not number:
            head_html, prose_html = prose_html, ""
            anchor, alias = unique("module-code", taken), ""
        elif alias == anchor:
            alias = ""
        if prose_html or code_html:
            rows.append(
                Row(anchor, alias, section, _first_line(section), prose_html, code_html)
            )
    if not head_html.startswith("<h1>"):
        head_html = f"<h1>{escape(document.title, quote=False)}</h1>\n{head_html}"
    order = list(site.documents)
    here = order.index(url)
    return Page(
        document,
        head_html,
        tuple(rows),
        _crumbs(document, site),
        tuple(contents),
        _neighbour(site, url, order[here - 1] if here else None),
        _neighbour(site, url, order[here + 1] if here + 1 < len(order) else None),
    )


def _first_line(section: Section) -> int:
    starts = [span.start for span in section.code]
    return min([section.prose_line or starts[0], *starts])


def _code(section: Section, coloured: list[str]) -> str:
    """
    The code of a section, an element for each line, without the empty lines at both
    ends. Their numbers are counted by the style sheet, so that who selects code does
    not get them too: `--n` says where to begin, and where to go on behind a docstring.
    """
    spans = [[span.start, span.stop] for span in section.code]
    while spans and not coloured[spans[0][0] - 1].strip():
        spans[0][0] += 1
        if spans[0][0] == spans[0][1]:
            del spans[0]
    while spans and not coloured[spans[-1][1] - 2].strip():
        spans[-1][1] -= 1
        if spans[-1][0] == spans[-1][1]:
            del spans[-1]
    return "".join(
        f'<span class="l" style="--n:{start}">'
        + '\n</span><span class="l">'.join(coloured[start - 1 : stop - 1])
        + "\n</span>"
        for start, stop in spans
    )


# ## Contents
#
# A section stands in the contents under its headings, or if it has none under the name
# of its class or function; private ones and those that nobody explains are left out.
def _contents(
    section: Section, anchor: str, headings: list[tuple[int, str, str]]
) -> list[Entry]:
    depth = section.qualname.count(".")
    if headings:
        return [
            Entry(_LINK.sub("", html), f"#{id_}", max(depth, level - 2))
            for level, id_, html in headings
            if level <= 3
        ]
    name = section.qualname.rpartition(".")[2]
    if section.kind == "note" or not name or name.startswith("_"):
        return []
    if depth and not section.prose:
        return []
    return [Entry(f"<code>{name}</code>", f"#{anchor}", depth)]


_LINK = re.compile(r"</?a\b[^>]*>")


# ## Ways to elsewhere
def _crumbs(document: Document, site: Site) -> tuple[Entry, ...]:
    """The folders above a page, each with its own page if it has one."""
    url = document.source.url
    folder, name = posixpath.split(url)
    folders = folder.split("/") if folder else []
    last = (
        []
        if name == "index.html"
        else [document.source.path.rpartition("/")[2].partition(".")[0]]
    )
    crumbs = []
    for depth, label in enumerate(["home", *folders, *last]):
        index = "/".join([*folders[:depth], "index.html"])
        known = index in site.documents or not depth
        here = depth == len(folders) + len(last)
        crumbs.append(
            Entry(escape(label), "" if here or not known else relative(index, url))
        )
    return tuple(crumbs)


def _neighbour(site: Site, url: str, other: str | None) -> Entry | None:
    if other is None:
        return None
    return Entry(escape(site.documents[other].title), relative(other, url))
