r"""
---
title: The map
summary: >
  Which page builds on which, read from the imports of the modules and drawn as one
  drawing with a lane for each folder.
---

# The map

The reading order says where to begin and what comes next. It does not say why. The
imports of the modules do: whoever has understood everything that a module imports can
read the module. So the home page has a map. Each page is a card in the lane of its
folder and stands below all that it builds on, and lines lead from there down to it.

The cards are links in nested lists, which a style sheet sets on a grid. Only the lines
are a drawing, stretched behind the cards. So the words keep their size when the window
changes, a small screen shows the lists alone, and a screen reader says of each card
what it builds on.
"""

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from os import sep
from os.path import basename

from ..model import Site
from ..site import HOME, relative
from .titles import breakable

Uses = Mapping[str, tuple[str, ...]]

# What fits beside each other on a screen, and what a drawing can hold without becoming
# a ball of wool.
_COLUMNS = 8
_LANES = 6
_MODULES = 120


def site_map(site: Site) -> str:
    """
    The HTML of the map: the pages of the first source in view, those of each further
    one behind its name. Empty if no page builds on another. A source of too many pages
    has none: [the tree](tree.py) shows them.
    """
    parts = []
    for start, pages, uses in _sources(site):
        drawn = _folded(pages, uses)
        if any(drawn.values()) and len(drawn) <= _MODULES:
            parts.append(
                _part(site, basename(start), pages, {**uses, **drawn}, [*drawn])
            )
    if not parts:
        return ""
    html = parts[0][1] + "".join(
        f"<details>\n<summary>{title}</summary>\n{chart}</details>\n"
        for title, chart in parts[1:]
    )
    return (
        '<section class="map" aria-labelledby="sidelit:map">\n'
        '<h2 id="sidelit:map">What builds on what</h2>\n'
        "<p><span>Lines lead down from a page to those that import it.</span> The "
        f"numbers are the order of reading.</p>\n{html}</section>"
    )


def is_crowded(site: Site) -> bool:
    """Whether a source has too many pages for the map."""
    return any(
        len(_folded(pages, uses)) > _MODULES for _, pages, uses in _sources(site)
    )


def _sources(site: Site) -> Iterator[tuple[str, list[str], Uses]]:
    """The folders that are sources, with the pages of each and what they build on."""
    files = {outline.source.file for outline in site.outlines.values()}
    # A file that is a source by itself has no other beside it.
    for start in (path for path in site.starts if path not in files):
        pages = [
            url
            for url, outline in site.outlines.items()
            if url != HOME and outline.source.file.startswith(start + sep)
        ]
        yield start, pages, imports(site, pages)


# ## Imports
def imports(site: Site, pages: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which of these pages each of them imports, in reading order."""
    modules = {
        module: url for url in pages if (module := site.outlines[url].source.module)
    }
    found: dict[str, tuple[str, ...]] = dict.fromkeys(pages, ())
    order = {url: place for place, url in enumerate(pages)}
    for url in modules.values():
        names = _known(site.outlines[url].builds_on, modules)
        others = {modules[name] for name in names} - {url}
        found[url] = tuple(sorted(others, key=order.__getitem__))
    return found


def _folded(pages: Sequence[str], uses: Uses) -> dict[str, tuple[str, ...]]:
    """
    What is drawn of these pages, and what each of it builds on. Where there are more
    folders than lanes, the page of a folder stands for all that is in it.
    """
    if len(set(map(posixpath.dirname, pages))) <= _LANES:
        return dict(uses)
    top = posixpath.commonpath([posixpath.dirname(page) or "." for page in pages])
    shown = {page: page for page in pages}
    for page in pages:
        inner = page.removeprefix(f"{top}/").split("/")[:-1]
        index = posixpath.join(top, *inner[:1], HOME)
        if inner and index in shown:
            shown[page] = index
    found: dict[str, dict[str, None]] = {shown[page]: {} for page in pages}
    for page, others in uses.items():
        found[shown[page]] |= dict.fromkeys(shown[other] for other in others)
    return {page: tuple(one for one in found[page] if one != page) for page in found}


def _known(names: Iterable[str], modules: Mapping[str, str]) -> Iterator[str]:
    """Of each name the longest beginning that is a module of the site."""
    for name in names:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        if name:
            yield name


# ## Layout
#
# Nothing here is left to chance or to a clock: the same site gets the same map.
@dataclass(frozen=True)
class Layout:
    """
    Where everything is: the lane of each folder, as its first and its number of
    columns; the column and row of each page; and the lines, from a page to one that it
    builds on.
    """

    lanes: dict[str, tuple[int, int]]
    places: dict[str, tuple[int, int]]
    lines: tuple[tuple[str, str], ...]
    columns: int
    rows: int


def layout(pages: list[str], uses: Uses) -> Layout:
    """The map of pages, given in reading order with what each builds on."""
    uses = _without_circles(pages, uses)
    layers = _layers(pages, uses)
    folders = _folders(pages)
    crowd = Counter((folders[page], layers[page]) for page in pages)
    widths = _widths(list(dict.fromkeys(folders.values())), crowd)
    lanes, columns = {}, 0
    for folder, width in widths.items():
        lanes[folder] = columns, width
        columns += width

    places: dict[str, tuple[int, int]] = {}
    top = 0
    for layer in range(max(layers.values()) + 1):
        bottom = top
        for folder, (first, width) in lanes.items():
            free: list[int] = []
            row = top - 1
            for page in pages:
                if (folders[page], layers[page]) != (folder, layer):
                    continue
                if not free:
                    free, row = list(range(first, first + width)), row + 1
                # As near as can be to what it builds on, for short lines.
                above = [places[other][0] for other in uses[page]]
                middle = first + (width - 1) / 2
                wish = sum(above) / len(above) if above else middle
                column = min(free, key=lambda one: (abs(one - wish), one))
                free.remove(column)
                places[page] = column, row
            bottom = max(bottom, row + 1)
        top = bottom
    return Layout(lanes, places, _lines(pages, uses), columns, top)


def _without_circles(pages: list[str], uses: Uses) -> Uses:
    """
    Two modules may import each other. Then what comes first in reading order does not
    build on the other.
    """
    kept: dict[str, tuple[str, ...]] = {}
    begun: set[str] = set()

    def visit(page: str) -> None:
        begun.add(page)
        below = []
        for other in uses[page]:
            if other not in begun:
                visit(other)
            if other in kept:
                below.append(other)
        kept[page] = tuple(below)

    for page in pages:
        if page not in begun:
            visit(page)
    return kept


def _layers(pages: list[str], uses: Uses) -> dict[str, int]:
    """
    How far down each page stands: below all that it builds on, and no further from the
    first that builds on it than it must, so that lines are short.
    """
    users: dict[str, list[str]] = {page: [] for page in pages}
    for page in pages:
        for other in uses[page]:
            users[other].append(page)
    earliest: dict[str, int] = {}
    latest: dict[str, int] = {}

    def early(page: str) -> int:
        if page not in earliest:
            earliest[page] = 1 + max((early(other) for other in uses[page]), default=-1)
        return earliest[page]

    def late(page: str) -> int:
        if page not in latest:
            below = min((late(user) for user in users[page]), default=early(page) + 1)
            latest[page] = below - 1
        return latest[page]

    return {page: late(page) for page in pages}


def _folders(pages: list[str]) -> dict[str, str]:
    """The folder of each page; as few levels deep as the lanes have room for."""
    parts = {page: posixpath.dirname(page).split("/") for page in pages}
    deepest = max(map(len, parts.values()))
    for depth in range(deepest, 0, -1):
        folders = {page: "/".join(levels[:depth]) for page, levels in parts.items()}
        if len(set(folders.values())) <= _LANES:
            return folders
    return dict.fromkeys(pages, "")


def _widths(folders: list[str], crowd: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """A column for each lane, and what is left for those that it makes shorter."""
    widths = dict.fromkeys(folders, 1)

    def rows(folder: str) -> int:
        width = widths[folder]
        return sum(
            (count - 1) // width for (one, _), count in crowd.items() if one == folder
        )

    while sum(widths.values()) < _COLUMNS and any(map(rows, folders)):
        widths[max(folders, key=rows)] += 1
    return widths


def _lines(pages: list[str], uses: Uses) -> tuple[tuple[str, str], ...]:
    """A line to each page that another builds on, unless a longer way leads there."""
    beyond: dict[str, set[str]] = {}

    def reach(page: str) -> set[str]:
        if page not in beyond:
            beyond[page] = set(uses[page]).union(*map(reach, uses[page]))
        return beyond[page]

    return tuple(
        (page, other)
        for page in pages
        for other in uses[page]
        if not any(other in reach(third) for third in uses[page])
    )


# ## Drawing
#
# A cell of the grid is 100 units wide and high. A card leaves a channel above and below
# it; a line that goes further than to the next row runs there into the gutter beside
# the column, so that it never hides behind a card.
_MARGIN = 18


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the foot of one card to the head of another in a row below."""
    x, y = start[0] * 100 + 50, start[1] * 100 + 100 - _MARGIN
    to_x, to_y = end[0] * 100 + 50, end[1] * 100 + _MARGIN
    reach = 2 * _MARGIN
    if to_y - y <= reach:
        return f"M{x} {y}{_curve(x, y, to_x, to_y)}"
    gutter = to_x + (50 if x > to_x else -50)
    return (
        f"M{x} {y}{_curve(x, y, gutter, y + reach)}V{to_y - reach}"
        f"{_curve(gutter, to_y - reach, to_x, to_y)}"
    )


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    half = (y + to_y) // 2
    return f"C{x} {half} {to_x} {half} {to_x} {to_y}"


def _part(
    site: Site, name: str, pages: list[str], uses: Uses, drawn: list[str]
) -> tuple[str, str]:
    """The pages of one source, some of them drawn: its name, and its map in HTML."""
    folder = posixpath.commonpath([posixpath.dirname(page) or "." for page in pages])
    index = posixpath.join(folder, HOME)
    title = site.outlines[index].title if index in pages else name
    used = {other for page in drawn for other in uses[page]}
    bound = [page for page in drawn if uses[page] or page in used]
    cards = _Cards(site, uses)
    html = cards.chart(bound)
    rest = [page for page in pages if page not in cards.shown]
    return escape(title), html + cards.lists(rest)


class _Cards:
    """Writes cards, each with its number in the reading order of the site."""

    def __init__(self, site: Site, uses: Uses) -> None:
        self.outlines = site.outlines
        self.uses = uses
        self.numbers = {url: place for place, url in enumerate(site.outlines)}
        self.shown = {HOME}

    def card(self, url: str, style: str = "") -> str:
        names = [escape(self.outlines[other].title) for other in self.uses[url]]
        note = f" <small>builds on {', '.join(names)}</small>" if names else ""
        number = self.numbers[url]
        self.shown.add(url)
        return (
            f'<li{style}><a href="{relative(url, HOME)}" data-page="{number}">'
            f'<span aria-hidden="true">{number}</span> '
            f"{breakable(self.outlines[url].title)}</a>{note}</li>\n"
        )

    def chart(self, pages: list[str]) -> str:
        plan = layout(pages, {page: self.uses[page] for page in pages})
        paths = "".join(
            f'<path data-from="{self.numbers[other]}" data-to="{self.numbers[page]}" '
            f'd="{_path(plan.places[other], plan.places[page])}"/>\n'
            for page, other in plan.lines
        )
        lanes = ""
        for folder, (first, width) in plan.lanes.items():
            inner = {
                page: (column + 1, row + 2)
                for page, (column, row) in plan.places.items()
                if first <= column < first + width
            }
            cards = "".join(
                self.card(page, f' style="--column:{column};--row:{row}"')
                for page, (column, row) in inner.items()
            )
            rows = [row for _, row in inner.values()]
            lanes += (
                f'<li style="--first:{first + 1};--width:{width};'
                f'--top:{min(rows) - 1};--end:{max(rows) + 1}">'
                f"{self.head(folder)}\n<ul>\n{cards}</ul></li>\n"
            )
        return (
            f'<div class="chart" style="--columns:{plan.columns};--rows:{plan.rows}">\n'
            f'<svg viewBox="0 0 {plan.columns * 100} {plan.rows * 100}" '
            f'preserveAspectRatio="none" aria-hidden="true">\n{paths}</svg>\n'
            f"<ul>\n{lanes}</ul>\n</div>\n"
        )

    def head(self, folder: str) -> str:
        """The name of a folder, which leads to its own page if no card does."""
        index = posixpath.join(folder, HOME)
        name = escape(folder or "home").replace("/", "/<wbr>")
        if index in self.outlines and index not in self.shown:
            self.shown.add(index)
            name = f'<a href="{relative(index, HOME)}">{name}</a>'
        return f"<b>{name}</b>"

    def lists(self, pages: list[str]) -> str:
        """Pages without a place in the drawing, folder by folder."""
        folders: dict[str, str] = {}
        for page in pages:
            folder = posixpath.dirname(page)
            folders[folder] = folders.get(folder, "") + self.card(page)
        lists = "".join(
            f"<li>{self.head(folder)}\n<ul>\n{cards}</ul></li>\n"
            for folder, cards in folders.items()
        )
        return f'<ul class="loose">\n{lists}</ul>\n' if lists else ""
