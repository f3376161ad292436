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
from itertools import accumulate
from typing import Any

from ..model import Document, Entry, Page, Row, Section, Site, unique
from ..names.links import Links
from ..prose.html import Prose
from ..prose.symbols import region, regions
from ..read.highlight import coloured_lines
from ..site import relative
from ..syntax import Syntax, Use
from .annotations import Annotations, annotate
from .previews import Previews


def make_page(
    document: Document,
    site: Site,
    prose: Prose,
    links: Links,
    previews: Previews,
    entries: dict[str, dict[str, Any]] | None = None,
) -> Page:
    """
    The page of a document, with what is on record of its functions. The prose of the
    module does not become a row: it is the head of the article and spans the page,
    instead of facing an empty column.
    """
    url = document.source.url
    anchors = site.anchors[url]
    taken = set(anchors) | {f"section-{number}" for number in range(len(anchors))}
    tied = regions(document.sections, prose.shared_symbols.values())
    coloured = _coloured(document, links, entries or {}, tied)
    head_html, rows, contents = "", [], []
    linking: list[str] = []
    for number, section in enumerate(document.sections):
        anchor, alias = anchors[number], f"section-{number}"
        prose_html, headings = prose.html(document, section, anchor, taken)
        prose_html = _with_variables(prose_html, region(section.qualname), tied)
        contents += _contents(section, anchor, headings)
        spans = _without_blank_ends(section.code, coloured)
        starts = [span.start for span in spans]
        if number == 0:
            head_html, prose_html = prose_html, ""
            anchor, alias = unique("module-code", taken), ""
        elif prose_html:
            starts.append(section.prose_line)
        if starts:
            alias = "" if alias == anchor else alias
            code_html = _code(spans, coloured)
            linking += (prose_html, code_html)
            prose_html += previews.users(f"{url}#{anchor}", url)
            rows.append(Row(anchor, alias, min(starts), prose_html, code_html))
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
        previews.data(url, "".join([head_html, *linking])),
    )


# ## Code
#
# A variable that a symbol stands for has its name in `data-variable`, in prose as well
# as in code, so that the page need not guess whether an equal word means it.
Regions = dict[str, frozenset[str]]


def _with_variables(html: str, here: str, tied: Regions) -> str:
    def tie(match: re.Match[str]) -> str:
        if tied.get(match[1], frozenset()) & {"", here}:
            return f'<code data-variable="{match[1]}">{match[1]}</code>'
        return match[0]

    return re.sub(r"<code>([A-Za-z_]\w*)</code>", tie, html)


def _variables(known: Syntax, found: list[Use], tied: Regions) -> dict[int, str]:
    """The names of the variables that symbols stand for, by their numbers."""
    around = {
        line: table.qualname
        for table in known.module.tables
        if table.qualname and "." not in table.qualname
        for line in range(table.first, table.end + 1)
    }
    return {
        use.variable: name
        for use in found
        if (name := use.text.removeprefix("self.")) in tied
        and tied[name] & {"", around.get(use.line, "")}
    }


def _coloured(
    document: Document,
    links: Links,
    entries: dict[str, dict[str, Any]],
    tied: Regions,
) -> list[str]:
    """The HTML of each line, with what is known of the names in it."""
    text, url = document.text, document.source.url
    syntax = document.syntax
    if syntax is None:
        return coloured_lines(text, document.tokens)
    uses = list(syntax.module.names)
    found = [use for use in uses if use.kind == "variable"]
    shown = (
        annotate(document, syntax.functions, found, entries)
        if entries
        else Annotations()
    )
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    variables = _variables(syntax, found, tied)
    targets, anchors = links.targets[url], links.anchors[url]
    names: dict[int, tuple[int, str]] = {}
    for use in uses:
        here = use.line, use.start
        start = starts[use.line - 1]
        attributes = []
        if target := targets.get(here):
            href = target if "://" in target else relative(target, url)
            attributes.append(f'href="{escape(href)}')
        if use.kind == "variable":
            attributes.append(f'data-b="{use.variable}')
        if use.variable in variables:
            attributes.append(f'data-variable="{variables[use.variable]}')
        if title := shown.titles.get(here):
            attributes.append(f'title="{title}')
        if anchor := anchors.get(here):
            attributes.append(f'id="{anchor}')
        # In `from a import b`, the same word is a variable and what is imported.
        if attributes and (use.kind == "variable" or start + use.start not in names):
            names[start + use.start] = start + use.end, '" '.join(attributes)
    coloured = coloured_lines(text, document.tokens, names)
    for number, note in shown.lines.items():
        coloured[number - 1] += (
            f'<span class="shape" data-shape="{escape(note)}"></span>'
        )
    return coloured


def _without_blank_ends(
    spans: tuple[range, ...], coloured: list[str]
) -> tuple[range, ...]:
    """Ranges of lines, less the empty lines that they begin and end with."""
    while spans and not coloured[spans[0].start - 1].strip():
        spans = (spans[0][1:], *spans[1:]) if spans[0][1:] else spans[1:]
    while spans and not coloured[spans[-1].stop - 2].strip():
        spans = (*spans[:-1], spans[-1][:-1]) if spans[-1][:-1] else spans[:-1]
    return spans


def _code(spans: tuple[range, ...], coloured: list[str]) -> str:
    """
    An element for each line of code. The style sheet counts the lines, so that who
    selects code does not get their numbers too; `--n` says where to begin, and where to
    go on behind a docstring.
    """
    return "".join(
        f'<span class="l" style="--n:{span.start}">'
        + '\n</span><span class="l">'.join(coloured[span.start - 1 : span.stop - 1])
        + "\n</span>"
        for span in spans
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
        # The first heading stands for its section, whose anchor lasts longer.
        ids = [anchor, *(id_ for _, id_, _ in headings[1:])]
        if section.kind == "module":
            ids = [id_ for _, id_, _ in headings]
        return [
            Entry(_LINK.sub("", html), f"#{id_}", max(depth, level - 2))
            for id_, (level, _, html) in zip(ids, headings, strict=True)
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
