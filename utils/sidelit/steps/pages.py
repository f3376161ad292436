r"""
---
title: The pages of a site
summary: >
  Renders all pages of a site that are not as they were, or the one that somebody asks
  for, and finds what they are made of when the cache has lost it.
---

# The pages of a site

A build renders all pages in several processes, and `serve` one after the other, each
when a browser asks for it. What only rendering needs is looked for when the first page
is rendered.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cached_property

from ..cache import Cache
from ..jobs import each
from ..model import Config, Problem, SidelitError, Source, at_fault
from ..progress import Progress
from ..prose.directives import directives
from ..prose.formulas import Request, card_requests, requests
from ..publish.feed import published_files
from ..publish.history import History
from ..record.observations import Record
from .answers import Resolved
from .lasting import Lasting
from .reading import document_of
from .render import Rendered, Renderer, page_files


class Pages:
    """
    ## The pages

    `rendered` has those that have been rendered so far, by URL. `processes` says how
    many are to render some sources. What is wrong with the record is added to the
    `problems`.
    """

    def __init__(
        self,
        config: Config,
        resolved: Resolved,
        cache: Cache,
        lasting: Lasting,
        processes: Callable[[Iterable[Source]], int],
        progress: Progress,
        problems: list[Problem],
    ) -> None:
        self.config = config
        self.resolved = resolved
        self.cache = cache
        self.lasting = lasting
        self.rendered: dict[str, Rendered] = {}
        self._processes = processes
        self._progress = progress
        self._problems = problems

    @cached_property
    def history(self) -> History:
        """When the files were changed last."""
        return self.lasting.history(self.config)

    @cached_property
    def record(self) -> Record:
        """What runs have shown."""
        try:
            return self.lasting.record(self.config)
        except SidelitError as error:
            self._problems.append(error.problem)
            return {}

    @cached_property
    def published(self) -> dict[str, bytes]:
        """What a site has besides, if it is known where it will be published."""
        base_url, title = self.config.base_url, self.config.site_title
        return published_files(
            self.resolved.site,
            base_url,
            title,
            self.history.dates,
            self.config.language,
        )

    @cached_property
    def renderer(self) -> Renderer:
        """What renders the pages."""
        look = self.lasting.look(self.config, "feed.xml" in self.published)
        # What is wrong with a plugin is told before there are processes.
        directives()
        template = self.lasting.template(look)
        dates = self.history.dates
        return Renderer(self.resolved, self.cache, look, self.record, dates, template)

    # ### Rendering
    def render(self, chosen: Iterable[str]) -> dict[str, Problem]:
        """
        Render those of some pages that are not as they were; returned are those that
        fail.
        """
        renderer, outlines = self.renderer, self.resolved.site.outlines
        stale = [url for url in chosen if not self._keep(url)]
        jobs = self._processes(outlines[url].source for url in stale)
        failed: dict[str, Problem] = {}
        try:
            # Many processes would each start a Node for what is new.
            if jobs > 1:
                renderer.formulas.prefetch(self._formulas(stale))
            with closing(each(_render, renderer, stale, jobs)) as rendered:
                pairs = zip(stale, rendered, strict=True)
                for done, (url, page) in enumerate(pairs, 1):
                    if isinstance(page, Problem):
                        failed[url] = page
                    else:
                        self.rendered[url] = page
                    self._progress("rendering", done, len(stale))
        finally:
            renderer.formulas.close()
        return failed

    def _keep(self, url: str) -> bool:
        """Take a page as it was, if it would be the same now."""
        if url not in self.rendered and (kept := self.renderer.kept(url)):
            self.rendered[url] = kept
        return url in self.rendered

    def page(self, url: str) -> Rendered:
        """A page, rendered now if it is not as it was."""
        if not self._keep(url):
            self.rendered[url] = self.renderer.render(url)
        return self.rendered[url]

    def attempt(self, url: str) -> None:
        """The same, unless the page fails: then it does so again in `build`."""
        if not self._keep(url) and isinstance(
            one := _render(self.renderer, url), Rendered
        ):
            self.rendered[url] = one

    def _formulas(self, urls: Iterable[str]) -> Iterator[Request]:
        """All formulas of some pages."""
        macros = self.renderer.macros
        for url in urls:
            outline = self.resolved.site.outlines[url]
            if outline.may_have_formulas:
                document = document_of(self.cache, self.resolved.readings[url])
                # Whatever is wrong with it, rendering tells.
                with suppress(SidelitError), at_fault(document.source):
                    yield from requests(document, self.resolved.symbols, macros)
                    # Other pages may show its paragraphs on cards.
                    single = outline.source.single_dollars
                    for paragraph in outline.paragraphs.values():
                        yield from card_requests(paragraph, single, macros)

    # ### What has been rendered
    @property
    def images(self) -> dict[str, str]:
        """The files of the images on these pages, by URL."""
        return {
            url: file
            for page in [*self.rendered.values()]
            for url, file in page.images.items()
        }

    # What the cache has lost, because it was damaged or removed to make room, is made
    # again.
    def files_of(self, url: str) -> dict[str, bytes]:
        """The files of a page."""
        if (files := page_files(self.cache, self.rendered[url].content)) is None:
            self.rendered[url] = self.renderer.render(url)
            files = page_files(self.cache, self.rendered[url].content)
        assert files is not None
        return files

    def html_of(self, url: str) -> bytes:
        """A page, rendered now if need be."""
        self.page(url)
        return self.files_of(url)[url]

    def text_of(self, url: str) -> str:
        """What search is told of a page."""
        if (text := self.cache.get("texts", self.rendered[url].text)) is None:
            self.rendered[url] = self.renderer.render(url)
            text = self.cache.get("texts", self.rendered[url].text)
        assert text is not None
        return text.decode()


def _render(renderer: Renderer, url: str) -> Rendered | Problem:
    try:
        return renderer.render(url)
    except SidelitError as error:
        if error.problem.rule != "SRC104":
            raise
        return error.problem
