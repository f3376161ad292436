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
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import accumulate
from typing import Any

from ..model import Document, Entry, Page, Row, Source, unique
from ..prose.html import PageProse
from ..prose.symbols import region, regions
from ..read.highlight import coloured_lines
from ..read.places import in_file
from ..site import is_elsewhere, relative
from ..syntax import Function, Module
from .annotations import Annotations, annotate
from .contents import TAG, Contents, private_around
from .outputs import outputs_html
from .previews import Previews
from .titles import breakable, breakable_heading
from .tree import below_html, tree_html
from .view import View


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    ## The surroundings of a page

    What a page is told of the rest of the site before it asks.

    * `title` and `summary` are those of the document with numbers filled in
    * `anchors` has the identifiers of its sections, in order, and `hidden` those of the
      sections that it does not show
    * `targets` has the line and the column of each name that leads somewhere, and where
      that is
    * `ids` has the line and the column of each definition without a row that has an
      identifier
    * `symbols` are the variables of the symbols that the whole site shares
    * `previous` and `following` are the URL and the title of a neighbour, or `None`
    * `indexes` are those of the folders above it that have a page
    * `entries` is what is on record of its functions
    * `changed` is when its file was changed last, `drawing` the map, if it has one, and
      `footer` the line that all pages share
    """

    title: str
    summary: str
    anchors: tuple[str, ...]
    hidden: tuple[str, ...]
    targets: tuple[tuple[int, int, str], ...]
    ids: tuple[tuple[int, int, str], ...]
    symbols: dict[str, str]
    previous: tuple[str, str] | None
    following: tuple[str, str] | None
    indexes: tuple[str, ...]
    entries: dict[str, dict[str, Any]]
    changed: datetime | None
    drawing: str
    footer: str


def make_page(
    document: Document,
    functions: Sequence[Function],
    around: Surroundings,
    prose: PageProse,
    previews: Previews,
    view: View,
    folds_private: bool,
) -> Page:
    """
    The page of a document, given its functions if any of them is on record. The prose
    of the module does not become a row: it is the head of the article and spans the
    page, instead of facing an empty column. With `folds_private`, the rows of private
    definitions stand behind their names.
    """
    url, anchors = document.source.url, around.anchors
    taken = set(anchors) | {f"section-{number}" for number in range(len(anchors))}
    tied = regions(document.sections, around.symbols.values())
    coloured = _coloured(document, functions, around, tied)
    head_html, rows = "", []
    contents = Contents(document, folds_private, around.ids)
    linking: list[str] = []
    hidden = set(around.hidden)
    outputs = document.notebook.outputs if document.notebook else {}
    for number, section in enumerate(document.sections):
        anchor, alias = anchors[number], f"section-{number}"
        if anchor in hidden:
            # What is wrong with its prose is told, but nothing of it is published.
            images = dict(prose.gathered.images)
            prose.html(section, anchor, taken)
            prose.gathered.images = images
            continue
        prose_html, headings = prose.html(section, anchor, taken)
        prose_html = _with_variables(prose_html, region(section.qualname), tied)
        contents.add(section, anchor, headings, prose_html)
        spans = _without_blank_ends(section.code, coloured)
        starts = [span.start for span in spans]
        shown = ""
        if number in outputs:
            shown = outputs_html(outputs[number], section, anchor, taken, prose)
            starts.append(section.code[0].start)
        if number == 0:
            head_html, prose_html = prose_html, ""
            anchor, alias = unique("module-code", taken), ""
        elif prose_html:
            starts.append(section.prose_line)
        if starts:
            alias = "" if alias == anchor else alias
            code_html = _code(spans, coloured)
            linking += (prose_html, code_html, shown)
            prose_html += previews.users(anchor)
            line, _ = in_file(document, min(starts), 1)
            private = ""
            if folds_private:
                private = private_around(section.qualname, contents.exports)
            rows.append(
                Row(anchor, alias, line, prose_html, code_html, spans, private, shown)
            )
    if "<h1" not in head_html:
        head_html = f"<h1>{breakable(document.title)}</h1>\n{head_html}"
    else:
        head_html = breakable_heading(head_html)
    if rows and len(TAG.sub("", head_html)) > _LONG_OPENING:
        head_html = head_html.replace("</h1>\n", f"</h1>\n{_ONWARD}", 1)
    return Page(
        document,
        head_html,
        tuple(rows),
        _crumbs(document.source, around.indexes),
        tuple(contents.entries),
        _neighbour(url, around.previous),
        _neighbour(url, around.following),
        previews.data("".join([head_html, *linking])),
        tree_html(view.around(), url),
        below_html(view.below(), url, bool(rows)),
    )


# Where it takes more than a screen or two until the code begins, a link leads there.
_LONG_OPENING = 2500
_ONWARD = '<div class="onward"><a href="#sidelit:rows">Straight to the code</a></div>\n'


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

    return _CODE_NAME.sub(tie, html) if tied else html


_CODE_NAME = re.compile(r"<code>([A-Za-z_]\w*)</code>")


def _variables(known: Module, tied: Regions) -> dict[int, str]:
    """The names of the variables that symbols stand for, by their numbers."""
    if not tied:
        return {}
    around = {
        line: table.qualname
        for table in known.tables
        if table.qualname and "." not in table.qualname
        for line in range(table.first, table.end + 1)
    }
    return {
        use.variable: name
        for use in known.names
        if use.variable >= 0
        and (name := use.text.removeprefix("self.")) in tied
        and tied[name] & {"", around.get(use.line, "")}
    }


def _coloured(
    document: Document,
    functions: Sequence[Function],
    around: Surroundings,
    tied: Regions,
) -> list[str]:
    """The HTML of each line, with what is known of the names in it."""
    text = document.text
    if document.source.language != "python":
        return coloured_lines(text, document.tokens)
    syntax = document.syntax
    assert syntax
    shown = (
        annotate(
            document,
            functions,
            [use for use in syntax.module.names if use.variable >= 0],
            around.entries,
        )
        if around.entries
        else Annotations()
    )
    elements = _elements(document, syntax.module, around, shown, tied)
    coloured = coloured_lines(text, document.tokens, elements)
    for number, note in shown.lines.items():
        coloured[number - 1] += (
            f'<span class="shape" data-shape="{escape(note)}"></span>'
        )
    return coloured


def _elements(
    document: Document,
    known: Module,
    around: Surroundings,
    shown: Annotations,
    tied: Regions,
) -> dict[int, tuple[int, str]]:
    """Where each name with something to tell starts and ends, and its attributes."""
    url = document.source.url
    lengths = (len(line) + 1 for line in document.text.split("\n"))
    # Lines count from 1.
    starts = [0, *accumulate(lengths, initial=0)]
    addresses = {
        # The line as a whole is escaped later, but for its quotation marks.
        target: (target if is_elsewhere(target) else relative(target, url)).replace(
            '"', "%22"
        )
        for target in {target for _, _, target in around.targets}
    }
    hrefs = {
        starts[line] + start: f'href="{addresses[target]}"'
        for line, start, target in around.targets
    }
    titles = {
        starts[line] + start: f'title="{title}"'
        for (line, start), title in shown.titles.items()
    }
    ids = {starts[line] + start: f'id="{id_}"' for line, start, id_ in around.ids}
    tie = _variables(known, tied)
    # Nearly all names are variables and nothing else, and a large file has so many of
    # them that those go a way of their own.
    special = {*hrefs, *titles, *ids}
    elements: dict[int, tuple[int, str]] = {}
    names = known.names
    shared = [(one.variable, one.width) for one in names.meanings]
    for line, start, meant in zip(names.lines, names.starts, names.meant, strict=True):
        variable, width = shared[meant >> 1]
        place = starts[line] + start
        attributes = f"b={variable}" if variable >= 0 else ""
        if place in special or variable in tie:
            if attributes and place in hrefs:
                attributes = f"data-{attributes}"
            attributes = " ".join(
                filter(
                    None,
                    (
                        hrefs.get(place),
                        attributes,
                        f'data-variable="{tie[variable]}"' if variable in tie else "",
                        titles.get(place),
                        ids.get(place),
                    ),
                )
            )
        # In `from a import b`, the same word is a variable and what is imported.
        if variable >= 0 or (attributes and place not in elements):
            elements[place] = place + width, attributes
    return elements


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
        f"<c-l style=--n:{span.start}>"
        + "\n</c-l><c-l>".join(coloured[span.start - 1 : span.stop - 1])
        + "\n</c-l>"
        for span in spans
    )


# ## Ways to elsewhere
def _crumbs(source: Source, indexes: tuple[str, ...]) -> tuple[Entry, ...]:
    """The folders above a page, each with its own page if it has one."""
    folder, name = posixpath.split(source.url)
    folders = folder.split("/") if folder else []
    stem = source.path.rpartition("/")[2].partition(".")[0]
    last = [] if name == "index.html" else [stem]
    crumbs = []
    for depth, label in enumerate(["home", *folders, *last]):
        index = "/".join([*folders[:depth], "index.html"])
        known = index in indexes or not depth
        here = depth == len(folders) + len(last)
        href = "" if here or not known else relative(index, source.url)
        crumbs.append(Entry(escape(label), href))
    return tuple(crumbs)


def _neighbour(url: str, other: tuple[str, str] | None) -> Entry | None:
    if other is None:
        return None
    return Entry(breakable(other[1]), relative(other[0], url))
