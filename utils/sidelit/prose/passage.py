"""
---
title: A passage of prose
summary: >
  What the renderer knows of the section that it is working on, and what rendering finds
  out besides HTML.
---

# A passage of prose
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from ..files import IMAGES
from ..model import Document, Problem, Section
from ..read.front_matter import opening_heading
from ..read.markdown import place, taken_along, undefined_references
from ..read.places import in_file
from .formulas import Lifted
from .images import Image
from .lookup import Lookup
from .notebook_images import ATTACHMENT, attached, image_of


class Destination(NamedTuple):
    """
    ## Destination

    The address of a link; of an image, if it has an `alt` text; of a figure's file, if
    it `is_copied` into the site. The prose of its section begins on `line`.
    """

    line: int
    url: str
    alt: str | None
    is_copied: bool = False


@dataclass
class Gathered:
    """
    ## What rendering a page has found out

    * `problems` are formulas that KaTeX rejected and numbers that no result has.
    * `images` are the files to be copied into the site, by URL.
    * `destinations` are what the prose links to and shows.
    * `unset` is the number of formulas that are shown as LaTeX because there is no
      engine, and `engine_missing` says why.

    It is plain data that belongs to one page, so it can be kept with the page or sent
    to another process.
    """

    problems: list[Problem] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)
    destinations: list[Destination] = field(default_factory=list)
    unset: int = 0
    engine_missing: str = ""
    _known: set[Problem] = field(default_factory=set, repr=False)

    def report(self, problem: Problem) -> None:
        """Add a problem, unless it is known: a formula in a heading is set twice."""
        if problem not in self._known:
            self._known.add(problem)
            self.problems.append(problem)


class Passage:
    """
    ## Passage

    The prose of a section while it is being rendered. `taken` holds the identifiers
    that are in use on the page; those that the passage adds are in `ids` as well. The
    `definitions` are those of links and notes that it takes from elsewhere in the file,
    `enlarged` has the addresses of images that lead to themselves, and `tabs` the names
    of groups of tabs. What code has shown has no place of its own, but the line
    `shown_at`.
    """

    def __init__(
        self,
        document: Document,
        section: Section,
        anchor: str,
        taken: set[str],
        lookup: Lookup,
        gathered: Gathered,
        shared: Mapping[str, str] = MappingProxyType({}),
        shown_at: int = 0,
    ) -> None:
        self.document = document
        self.section = section
        self.anchor = anchor
        self.taken = taken
        self.lookup = lookup
        self.gathered = gathered
        self.shown_at = shown_at
        self.lifted = Lifted(section.prose, document.source.single_dollars)
        defined = [taken_along(section.prose, shared), *self._names(shared)]
        self.definitions = self.lifted.lift("\n\n".join(filter(None, defined)))
        self.headings: list[tuple[int, str, str]] = []
        self.ids: set[str] = set()
        # For each image as it stands in a sentence, how it stands in a figure, and its
        # title.
        self.captions: dict[str, tuple[str, str]] = {}
        self.enlarged: set[str] = set()
        # Where the next quotations of each directive stand, and all those that the HTML
        # around them lacks.
        self.directives: dict[str, deque[range]] = {}
        self.quoted: list[range] = []
        self.tabs: set[str] = set()
        self.has_raw_html = False
        # What a module or a Markdown file begins with may be its title.
        title = opening_heading(section.prose) if section.kind == "module" else None
        self.has_title = bool(title)
        self.title_ahead = bool(title and title["html"] is None)

    def _names(self, shared: Mapping[str, str]) -> Iterator[str]:
        """
        A definition for each reference whose label is a name of the site, or one that
        others document.
        """
        single_dollars = self.document.source.single_dollars
        prose = self.section.prose
        for one in undefined_references(prose, shared, single_dollars):
            if not one.name:
                continue
            if self.lookup.href(one.name) not in (None, one.name):
                yield f"[{one.label}]: <{one.name}>"
            elif address := self.lookup.documented(one.name):
                yield f"[{one.label}]: <{address}>"

    def as_written(self, text: str) -> str:
        """A text with its formulas as LaTeX."""
        return self.lifted.as_written(text)

    def image(self, url: str) -> Image:
        """An image, which is noted if the build has to copy its file."""
        if url.startswith(ATTACHMENT):
            found = attached(self.document, self.section, url)
            return image_of(found, self.document.source.url) if found else Image("")
        image = self.lookup.image(url)
        if image.file:
            self.gathered.images[image.url] = image.file
        return image

    def href(self, url: str) -> str | None:
        """The address of a link; one to an image brings the image into the site."""
        href = self.lookup.href(url)
        if href is None and url.lower().partition("#")[0].endswith((*IMAGES,)):
            image = self.image(url)
            href = image.src if image.url else None
        return href

    def figure(self, names: list[str]) -> str:
        """The addresses of the files that a figure loads, parted by spaces."""
        found = []
        for name in names:
            self.refer(name, is_copied=True)
            if one := self.lookup.loaded(name):
                self.gathered.images[one.url] = one.file
                found.append(one.src)
        return " ".join(found)

    def refer(
        self, url: str, alt: str | None = None, *, is_copied: bool = False
    ) -> None:
        """Note that the passage links to an address, or shows what is there."""
        if not self.shown_at:
            found = Destination(self.section.prose_line, url, alt, is_copied)
            self.gathered.destinations.append(found)

    def report(self, offset: int, rule: str, message: str) -> None:
        """Report a problem at a place in the prose, traced back to the file."""
        # The prose has one line for each of its lines in the file. Whatever changes the
        # prose before this must keep it so.
        line, column = self.shown_at, 1
        if not self.shown_at:
            line, column = place(self.document, self.section, offset)
        line, column = in_file(self.document, line, column)
        message = " ".join(message.split())
        path = self.document.source.path
        self.gathered.report(Problem(path, line, column, rule, message))
