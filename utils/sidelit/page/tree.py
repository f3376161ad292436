r"""
---
title: The page tree
summary: >
  Where a page is among the others: on each page the folders around it, and on the page
  of a folder what is in that folder.
---

# The page tree

On a site of two thousand pages, a list of all of them on each page would be four
million lines. So a page shows the way down to itself, with what lies beside it, and of
a crowded folder no more than a window. The rest is in one script, which a page loads
when a reader unfolds another folder: unlike other data, a script can be loaded from a
disk as well.

The tree shows the names of files and folders. They stay when the text of a page
changes, so an edit makes no other page anew.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ..model import Outline, Site
from ..site import HOME, is_index, is_readme, listed_pages, relative
from .titles import breakable

SCRIPT = "assets/pages.js"
# What a page shows of a folder, and how much of it stands above the place of the page.
_SHOWN = 60
_ABOVE = 20
# Ahead of code, a longer list of what is in a folder waits until a reader unfolds it,
# and so do the folders of the home page if it has more pages.
_OPEN = 12
_UNFOLDED = 40


class Tree:
    """
    ## The tree of a site

    * `pages` has the page of each folder, by its path
    * `entries` has the pages and folders in each folder, in reading order; the path of
      a folder ends with `/`
    * `counts` says how many pages are in a folder and all below it
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pages = pages_of_folders(site.outlines)
        self.entries: dict[str, dict[str, None]] = {"": {}}
        self.counts: dict[str, int] = {}
        own = {*self.pages.values()}
        for url in site.outlines:
            folder, entry = posixpath.dirname(url), url
            while True:
                inner = self.entries.setdefault(folder, {})
                if entry not in own:
                    inner[entry] = None
                self.counts[folder] = self.counts.get(folder, 0) + (url not in own)
                if not folder:
                    break
                folder, entry = posixpath.dirname(folder), f"{folder}/"

    def label(self, entry: str) -> str:
        """The name of a file or folder."""
        path = entry.removesuffix("/")
        outline = self.site.outlines.get(path)
        return posixpath.basename(outline.source.path if outline else path)

    def address(self, entry: str) -> str:
        """The page of an entry. A folder has none if a disk cannot hold its name."""
        return self.pages.get(entry[:-1], "") if entry.endswith("/") else entry

    # ### What a page shows
    def around(self, url: str) -> list[Any]:
        """
        The folders around a page from the outermost on: for each the page of the
        folder, its entries in view, and how many are left out before and behind these.
        An entry is its name, its page, and for a folder its path.
        """
        levels = []
        steps = [] if self.pages.get(posixpath.dirname(url)) == url else [url]
        folder = posixpath.dirname(url)
        while folder:
            steps.append(f"{folder}/")
            folder = posixpath.dirname(folder)
        for step in [*reversed(steps), ""]:
            entries = [*self.entries[folder]]
            first = 0
            if len(entries) > _SHOWN and step:
                place = entries.index(step) - _ABOVE
                first = min(max(place, 0), len(entries) - _SHOWN)
            shown = [
                [self.label(one), self.address(one), one if one[-1] == "/" else ""]
                for one in entries[first : first + _SHOWN]
            ]
            rest = len(entries) - first - len(shown)
            levels.append([self.pages.get(folder, ""), shown, first, rest])
            if not step.endswith("/"):
                break
            folder = step[:-1]
        return levels

    # ### What the page of a folder lists
    def below(self, url: str, is_crowded: bool) -> list[Any]:
        """
        What is in the folder of a page, unless its prose leads there: titles,
        summaries, pages, and for folders the number of pages in them. The home page has
        all that is in these as well, and if it `is_crowded`, whatever its prose says.
        """
        if not is_index(url) or (self._lists(url) and not is_crowded):
            return []
        return [*self._listed(posixpath.dirname(url), url == HOME)]

    def _lists(self, url: str) -> bool:
        """Whether the prose of a folder's page leads to another page in the folder."""
        return any(page != url for page in listed_pages(self.site, url))

    def _listed(self, folder: str, is_whole: bool) -> Iterator[list[Any]]:
        for entry in self.entries[folder]:
            page, path = self.address(entry), entry.removesuffix("/")
            outline = self.site.outlines.get(page)
            title = outline.title if outline else posixpath.basename(path)
            # A page that was made for a folder says what this list does.
            summary = outline.summary if outline and outline.source.path else ""
            inner: list[Any] = []
            count = self.counts[path] if entry != path else 0
            if count and is_whole:
                inner = [*self._listed(path, is_whole)]
            yield [title, summary, page, count, inner]

    # ### The whole tree
    def script(self) -> bytes:
        """The tree as a script, which gives the element that loads it all entries."""

        def written(folder: str) -> list[Any]:
            return [
                [self.label(entry), self.address(entry)]
                + ([written(entry[:-1])] if entry.endswith("/") else [])
                for entry in self.entries[folder]
            ]

        told = json.dumps(written(""), ensure_ascii=False, separators=(",", ":"))
        return f"document.currentScript.pages = {told};\n".encode()


def pages_of_folders(urls: Mapping[str, Outline]) -> dict[str, str]:
    """The page of each folder that has one: its index, or else its readme."""
    found = {posixpath.dirname(url): url for url in urls if is_index(url)}
    for url in urls:
        if is_readme(url):
            found.setdefault(posixpath.dirname(url), url)
    return found


# ## As HTML
def tree_html(levels: list[Any], url: str) -> str:
    """The way down to a page, with what lies beside it."""
    html = ""
    # From the innermost folder outwards: each stands in the one around it.
    for index, shown, before, behind in reversed(levels):
        items = [_more(index, before, url)] if before else []
        for label, page, folder in shown:
            link = _link(label, page, url)
            if folder:
                inner = f"\n{html}" if url.startswith(folder) else ""
                items.append(f'<li class="folder">{link}{inner}</li>\n')
            else:
                items.append(f"<li>{link}</li>\n")
        items += [_more(index, behind, url)] if behind else []
        html = f"<ul>\n{''.join(items)}</ul>\n"
    home = _link("home", levels[0][0], url)
    return f"<ul>\n<li>{home}</li>\n{html.removeprefix('<ul>').lstrip()}"


def _link(label: str, page: str, url: str) -> str:
    text = breakable(label)
    if not page:
        return f"<span>{text}</span>"
    here = ' aria-current="page"' if page == url else ""
    return f'<a href="{escape(relative(page, url))}"{here}>{text}</a>'


def _more(index: str, count: int, url: str) -> str:
    label = f"{count:,} more"
    address = f' href="{escape(relative(index, url))}"' if index else ""
    return f'<li class="more"><a{address}>{label}</a></li>\n'


def below_html(entries: list[Any], url: str, has_code: bool) -> str:
    """What is in the folder of a page."""
    if not entries:
        return ""
    count = sum(number or 1 for _, _, _, number, _ in entries)
    is_open = " open" if not has_code or len(entries) <= _OPEN else ""
    title = "All pages" if url == HOME else "In this folder"
    return (
        f'<details class="below"{is_open}>\n'
        f"<summary>{title} <small>{_pages(count)}</small></summary>\n"
        f"{_list(entries, url, count <= _UNFOLDED)}</details>\n"
    )


def _list(entries: list[Any], url: str, unfolded: bool) -> str:
    opened = " open" if unfolded else ""
    items = []
    for title, summary, page, count, inner in entries:
        name = breakable(title)
        link = f'<a href="{escape(relative(page, url))}">{name}</a>' if page else name
        said = f"<p>{escape(summary, quote=False)}</p>" if summary else ""
        number = f" <small>{_pages(count)}</small>" if count else ""
        if inner:
            items.append(
                f"<li><details{opened}><summary>{name}{number}</summary>\n"
                f"<p>{link}</p>{said}\n{_list(inner, url, unfolded)}</details></li>\n"
            )
        else:
            items.append(f"<li>{link}{number}{said}</li>\n")
    return f"<ul>\n{''.join(items)}</ul>\n"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count:,} pages"
