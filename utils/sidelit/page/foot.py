r"""
---
title: A line at the foot
summary: >
  The line of Markdown that a project puts below each of its pages, rendered once, with
  links as seen from the folder of the project.
---

# A line at the foot

A licence, a name, a link to an imprint: `footer` is prose like any other, and is
cleaned like it. It is rendered once for all pages. So its links into the site begin
with a mark, and on a page the way to the root of the site takes the place of the mark.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..config import places_in_file
from ..model import Document, Problem, Section, Source, Tokens, usage_error
from ..prose.html import Prose
from ..prose.images import Image
from ..prose.passage import Destination
from ..site import ABSOLUTE, HOME, safe_address
from .view import Answer, Question, View

_ROOT = "\U0010fffb"
_FILE = "pyproject.toml"
_FLAG = "--footer"


@dataclass(frozen=True, slots=True)
class Foot:
    """
    The `html` of the line, what is wrong with it, the images to be copied, and what it
    links to, as seen from its `source`.
    """

    source: Source
    html: str = ""
    problems: tuple[Problem, ...] = ()
    images: dict[str, str] = field(default_factory=dict)
    destinations: tuple[Destination, ...] = ()


def make_foot(
    text: str, root: str, respond: Callable[[Source, Question], Answer], prose: Prose
) -> Foot:
    """
    The line `text` of a project in the folder `root`. Raises `SidelitError` for what is
    more than a line.
    """
    file = os.path.join(root, _FILE)
    places = places_in_file(file, "footer", text)
    # What the file does not have, the flag has set.
    place = _FILE if places else _FLAG
    source = Source(place, file, HOME, "", "markdown")
    if not text:
        return Foot(source)
    lookup = _FromRoot(View(source, respond))
    section = Section("note", "", text, 1, ())
    document = Document(source, text, "", "", (section,), Tokens())
    page = prose.page(document, lookup)
    html, _ = page.html(section, "footer", set())
    line = re.fullmatch(r"<p>(.*)</p>\n", html)
    if line is None or "<p" in line[1]:
        raise usage_error(
            f"footer: {text!r} is more than a line of text; a heading, a list or a "
            f"image alone belongs on a page"
        )
    found = page.gathered
    problems = [*found.problems]
    for link in lookup.lost:
        column = max(text.find(link), 0) + 1
        message = f"there is no page or file {link}"
        problems.append(Problem(place, 1, column, "LNK101", message))
    for number, one in enumerate(problems):
        at = places[min(one.column, len(places)) - 1] if places else (1, one.column)
        message = f"footer: {one.message}"
        problems[number] = Problem(place, *at, one.rule, message)
    return Foot(
        source, line[1], tuple(problems), found.images, tuple(found.destinations)
    )


def foot_html(html: str, root: str) -> str:
    """The line on a page from which `root` leads to the root of the site."""
    return html.replace(_ROOT, root)


class _FromRoot:
    """What the line asks; `lost` are the links that lead nowhere."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.number = view.number
        self.documented = view.documented
        self.lost: list[str] = []

    def href(self, link: str) -> str | None:
        if ABSOLUTE.match(link):
            return safe_address(link)
        path = link.partition("#")[0]
        if not (self.view.page(link) or self.view.file(path) or self.view.folder(path)):
            self.lost.append(link)
            return None
        href = self.view.href(link)
        if href is None or ABSOLUTE.match(href):
            return href
        # On another page, an anchor of the home page is not enough.
        return f"{_ROOT}{HOME if href[:1] == '#' else ''}{href}"

    def name(self, section: Section, anchor: str, text: str) -> str:
        return ""

    def image(self, link: str) -> Image:
        image = self.view.image(link)
        return image if ABSOLUTE.match(link) else image._replace(src=_ROOT + image.src)

    def loaded(self, link: str) -> None:
        return None
