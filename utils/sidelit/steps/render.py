r"""
---
title: Rendering a page
summary: >
  The last step of a build: a document and the view of its page become all files of the
  page, unless everything that they depend on is unchanged.
---

# Rendering a page

A page is more than its HTML: beside it lie its forms and its card, it has images that
must be copied, text for the search index, and perhaps problems. All of that is made
here, one page at a time and in any process, and kept under a hash of everything that it
is made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from ..cache import Cache, key_of
from ..forms.blocks import forms
from ..macros import Macros
from ..model import (
    Config,
    Problem,
    Section,
    SidelitError,
    Source,
    at_fault,
)
from ..packed import kept, pack
from ..page.foot import Foot, make_foot
from ..page.map import site_map
from ..page.page import Surroundings, make_page
from ..page.palette import theme_colors
from ..page.previews import Previews, first_element
from ..page.template import Template, has_diagrams, has_formulas, has_mathml
from ..page.view import STRUCTURAL, Answer, Question, View
from ..prose.formulas import card_document
from ..prose.html import Prose
from ..prose.images import Image
from ..prose.notebook_images import notebook_images
from ..prose.passage import Destination
from ..prose.tex import Formulas, MathML
from ..publish.cards import Cards, card_of
from ..publish.search import page_text
from ..site import HOME
from .answers import Answers, Resolved
from .reading import document_of, functions_of

# The folder of the images that shared links show.
CARDS = "assets/cards/"


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    ## A rendered page

    * `site` is the hash of all pages, names and anchors that there were, and `answers`
      are those to the questions of the page; only the cache keeps them
    * `files` has the hash of each of its files, by URL, and `content` is the key by
      which the files themselves are kept
    * `text` is what search is told, kept by its hash
    * `problems` are what was wrong, `images` the files to be copied, by URL, and
      `destinations` what the prose links to
    * `has_formulas` says that the page needs KaTeX's style sheet, and `has_mathml` that
      it has formulas that need none
    * `has_diagrams` says that it has diagrams, drawn or as their source
    * `unset` counts the formulas that are shown as LaTeX, and `engine_missing` says why
    """

    site: str
    answers: tuple[tuple[Question, Answer], ...]
    files: dict[str, str]
    content: str
    text: str
    problems: tuple[Problem, ...] = ()
    images: dict[str, str] = field(default_factory=dict)
    destinations: tuple[Destination, ...] = ()
    has_formulas: bool = False
    has_mathml: bool = False
    has_diagrams: bool = False
    unset: int = 0
    engine_missing: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """
    ## The look of all pages

    * `config` has the settings, and `digest` is the hash of these, of templates and of
      assets
    * `assets` are the files that all pages share, by URL, and `stamp` is part of their
      addresses
    * `searchable` says that the site has search, and `has_feed` that it has a feed
    """

    config: Config
    digest: str
    assets: Mapping[str, bytes]
    stamp: str
    searchable: bool
    has_feed: bool

    def template(self) -> Template:
        return Template(self.config, self.assets, self.stamp, self.searchable)


class Renderer:
    """
    ## Renders the pages of a site

    * `record` has what runs have shown, by the path of a file
    * `dates` are those of the last changes
    * `template` is one that has been used for this look before
    """

    def __init__(
        self,
        resolved: Resolved,
        cache: Cache,
        look: Look,
        record: Mapping[str, dict[str, dict[str, Any]]],
        dates: Mapping[str, datetime],
        template: Template | None = None,
    ) -> None:
        self.resolved = resolved
        self.site = resolved.site
        self.config = look.config
        self.cache = cache
        self.look = look
        self.record = record
        self.dates = dates
        self.order = {url: place for place, url in enumerate(self.site.outlines)}
        self.formulas = Formulas(self.config.root, self.config.math)
        self.template = template or look.template()
        self._paragraphs: dict[tuple[str, str], str] = {}
        self._keys: dict[str, str] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process reads the template for itself.
        told = self.resolved, self.cache, self.look, self.record, self.dates
        return Renderer, told

    # What only rendering needs is made when the first page is rendered.
    @cached_property
    def answers(self) -> Answers:
        return Answers(self.resolved)

    @cached_property
    def macros(self) -> Macros:
        return Macros(dict(self.config.macros))

    @cached_property
    def prose(self) -> Prose:
        return Prose(self.formulas, self.resolved.symbols, self.macros)

    @cached_property
    def card_prose(self) -> Prose:
        return Prose(MathML(self.formulas), {}, self.macros)

    @cached_property
    def foot(self) -> Foot:
        """The line at the foot of all pages."""
        respond = self.answers.respond
        return make_foot(self.config.footer, self.config.root, respond, self.card_prose)

    @cached_property
    def cards(self) -> Cards:
        return Cards(self.config.root, theme_colors(self.config.colors))

    # ### One page
    def kept(self, url: str) -> Rendered | None:
        """A page as it was rendered last, unless it depends on what has changed."""
        source = self.site.outlines[url].source
        try:
            with at_fault(source):
                key = self._key(url, self._surroundings(url))
                rendered = kept(self.cache.get("views", key), Rendered)
                if rendered is None or not self._is_valid(source, rendered):
                    return None
        except SidelitError:
            # Rendering meets the same, and tells.
            return None
        if rendered.site != self.resolved.digest:
            # Next time, fewer questions need be asked.
            rendered = replace(rendered, site=self.resolved.digest)
            self.cache.put("views", key, pack(rendered))
        return replace(rendered, answers=())

    def render(self, url: str) -> Rendered:
        """
        Render a page and keep it. Raises `SidelitError` if that goes wrong.
        """
        with at_fault(self.site.outlines[url].source):
            around = self._surroundings(url)
            rendered, results = self._rendered(url, around)
        for kind, key, data in results:
            self.cache.put(kind, key, data)
        # Without KaTeX the next build tries again.
        if not rendered.unset:
            self.cache.put("views", self._key(url, around), pack(rendered))
        # What a page has asked is much, and only its next rendering wants to know it.
        return replace(rendered, answers=())

    def _key(self, url: str, around: Surroundings) -> str:
        if url not in self._keys:
            reading = self.resolved.readings[url]
            self._keys[url] = key_of(reading.key, self.look.digest, pack(around))
        return self._keys[url]

    def _is_valid(self, source: Source, rendered: Rendered) -> bool:
        """Whether all questions of a page have the answers that they had."""
        same_site = rendered.site == self.resolved.digest
        return all(
            self.answers.respond(source, question) == answer
            for question, answer in rendered.answers
            if not (same_site and question[0] in STRUCTURAL)
        )

    def _surroundings(self, url: str) -> Surroundings:
        outline = self.site.outlines[url]
        links = self.resolved.links.get(url)
        place = self.order[url]
        folders = url.split("/")[:-1]
        indexes = (
            "/".join([*folders[:n], "index.html"]) for n in range(len(folders) + 1)
        )
        return Surroundings(
            outline.title,
            outline.summary,
            outline.anchors,
            # A key must not depend on the order that a set happens to have.
            tuple(sorted(outline.hidden)),
            links.targets if links else (),
            self.resolved.ids(url),
            self.resolved.symbols,
            self._neighbour(place - 1),
            self._neighbour(place + 1),
            tuple(one for one in indexes if one in self.site.outlines),
            self.record.get(outline.source.path, {}),
            self.dates.get(outline.source.path),
            site_map(self.site) if url == HOME else "",
            self.foot.html,
        )

    @cached_property
    def _urls(self) -> list[str]:
        return list(self.order)

    def _neighbour(self, place: int) -> tuple[str, str] | None:
        if not 0 <= place < len(self._urls):
            return None
        url = self._urls[place]
        return url, self.site.outlines[url].title

    def _rendered(
        self, url: str, around: Surroundings
    ) -> tuple[Rendered, list[tuple[str, str, bytes]]]:
        """A page, and what is to be kept of it by kind and key."""
        config = self.config
        outline = self.site.outlines[url]
        reading = self.resolved.readings[url]
        document = document_of(self.cache, reading)
        # Numbers of results may stand in titles, too.
        document = replace(document, title=around.title, summary=around.summary)
        view = View(document.source, self.answers.respond)
        prose = self.prose.page(document, view)
        previews = Previews(view, partial(self._paragraph, view))
        functions = functions_of(self.cache, reading) if around.entries else ()
        folds_private = config.private == "fold"
        page = make_page(
            document, functions, around, prose, previews, view, folds_private
        )
        card = (
            self.cards.png(card_of(document, config.site_title))
            if config.base_url
            else None
        )
        place = f"{CARDS}{url.removesuffix('.html')}.png" if card else ""
        html = self.template.render(
            page,
            around.drawing,
            around.changed,
            place,
            self.look.has_feed,
            around.footer,
        )
        files = {
            url: html,
            **forms(
                document,
                view,
                outline.anchors,
                config.base_url,
                config.install,
                self.macros,
                [span for row in page.rows for span in row.code],
            ),
            **notebook_images(document),
        }
        if card:
            files[place] = card
        language, text = document.language or config.language, b""
        if self.look.searchable:
            text = page_text(page, outline.anchors, language).encode()
        text_key = key_of(text)
        digests = {name: key_of(data) for name, data in files.items()}
        content = key_of(pack(digests))
        found = prose.gathered
        rendered = Rendered(
            self.resolved.digest,
            tuple(view.answers.items()),
            digests,
            content,
            text_key,
            tuple(found.problems),
            found.images | self.foot.images,
            tuple(found.destinations),
            has_formulas(page),
            has_mathml(page),
            has_diagrams(page),
            found.unset,
            found.engine_missing,
        )
        return rendered, [("texts", text_key, text), ("pages", content, pack(files))]

    # ### Cards
    def _paragraph(self, view: View, text: str, path: str) -> str:
        """What a card shows of a paragraph, which is from the page of another file."""
        if (text, path) in self._paragraphs:
            return self._paragraphs[text, path]
        single_dollars = dict(self.config.single_dollars).get("python", True)
        document = card_document(text, path, single_dollars)
        whole, _ = self.card_prose.page(document, _CardLookup(view)).html(
            document.sections[0], "card", set()
        )
        html = first_element(whole)
        # A quoted number is a question of each page that shows it.
        if "{{" not in text:
            self._paragraphs[text, path] = html
        return html


class _CardLookup:
    """On a card nothing can be clicked, so it need not be known where links lead."""

    def __init__(self, view: View) -> None:
        self.number = view.number

    def href(self, link: str) -> str:
        return "#"

    def name(self, section: Section, anchor: str, text: str) -> str:
        return ""

    def documented(self, name: str) -> str:
        return ""

    def image(self, link: str) -> Image:
        return Image("")

    def loaded(self, link: str) -> None:
        return None


def page_files(cache: Cache, content: str) -> dict[str, bytes] | None:
    """The files of a rendered page, or nothing if they have been lost."""
    return kept(cache.get("pages", content), dict[str, bytes])
