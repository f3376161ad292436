r"""
---
title: The build
summary: >
  The pipeline from settings to the bytes of every file of a site: read each file,
  resolve what they know of each other, render each page that is not as it was.
---

# The build

```text
file ─ read ▸ Reading             knows one file, and nothing else
Readings ─ resolve ▸ Resolved     knows all outlines, and no page
document + View ─ render ▸ files  knows one file, and the answers to its questions
```

[Reading](steps/reading.py) and [rendering](steps/render.py) run in several processes
and keep what they make [by content](cache.py). In between, one process puts together
[what the site answers](steps/answers.py). Everything that shows pages goes through
these three steps: `build` writes what they make, `serve` sends it, `check` and the
tests look at it. So they cannot disagree, and one property holds for all of them:
whatever has changed since the last build, the site is byte for byte what a build from
scratch makes.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

from .cache import Cache, Memory, key_of
from .files import is_own, is_secret, node
from .forms.blocks import shared_forms
from .fresh import file_state
from .jobs import each, usable_cores
from .model import (
    Config,
    Document,
    Problem,
    SidelitError,
    Source,
    at_fault,
    usage_error,
)
from .names.inventory import Elsewhere
from .names.listing import write_inventory
from .packed import pack
from .page.template import Template, asset_files, katex_files, template_inputs
from .page.tree import SCRIPT
from .page.view import View
from .progress import Progress
from .prose.directives import directives
from .prose.figures import content
from .prose.formulas import Request, card_requests, requests
from .prose.numbers import Numbers
from .prose.tex import katex_missing, uses_katex
from .publish.feed import missing_page, published_files
from .publish.history import History, read_history
from .publish.search import BUNDLE, Texts, search_package
from .read.discover import Found, discover
from .record.observations import Record, read_record
from .site import ABSOLUTE, MISSING, make_site, places_of_file
from .static import Static, check_free, static_files
from .steps.answers import Answers, Resolved, resolve_site
from .steps.home import folder_pages
from .steps.made import Build, Documents, Files
from .steps.outline import without_private
from .steps.reading import Reading, document_of, keep, read_files
from .steps.render import CARDS, Look, Rendered, Renderer, page_files

_HIDDEN = "what is hidden is not published; keep it in a folder without a dot"
_MEANT = 'set `math = "mathml"` if this is meant'

# Less than this many bytes are done before a second process would have started.
_SMALL = 1 << 20


def build(
    config: Config,
    cache: Cache | None = None,
    jobs: int | None = 1,
    progress: Progress | None = None,
    drafts: bool = False,
) -> Build:
    """
    Build a site, with or without its `drafts`, keeping results in a cache, and if
    `jobs` is `None`, in as many processes as pay. Raises `SidelitError` for a wrong
    setting or template.
    """
    pipeline = Pipeline(cache or Memory(), jobs, progress, drafts)
    return pipeline.prepare(config).build()


class Pipeline:
    """
    ## The pipeline

    Builds a site, and builds it again: a file that has not changed is not even opened.
    """

    def __init__(
        self,
        cache: Cache,
        jobs: int | None = 1,
        progress: Progress | None = None,
        drafts: bool = False,
    ) -> None:
        self.cache = cache
        self.jobs = jobs
        self.progress = progress or Progress()
        self.drafts = drafts
        self._readings: dict[str, Reading] = {}
        self._history: tuple[object, History] | None = None
        self._look: tuple[object, Look] | None = None
        self._template: tuple[str, Template] | None = None

    # What takes long to make and seldom changes between two builds of one process.
    def history(self, config: Config) -> History:
        """When the files were changed last, asked of git after each commit."""
        paths = [path for path, _ in config.sources]

        def state(history: History) -> object:
            return config.root, paths, list(map(file_state, history.inputs))

        known = self._history
        if known is None or known[0] != state(known[1]):
            history = read_history(config.root, paths)
            known = self._history = state(history), history
        return known[1]

    def look(self, config: Config, has_feed: bool) -> Look:
        """The look of all pages, made anew when a setting or a template changes."""
        inputs = look_inputs(config)
        told = vars(config), has_feed, node() is not None
        state = told, list(map(file_state, inputs))
        if self._look is None or self._look[0] != state:
            assets = asset_files(
                config.root, config.colors, config.logo, config.favicon, config.style
            )
            if uses_katex(config.root, config.math):
                assets |= katex_files(config.root)
            searchable = search_package(config.root) is not None
            read = [Path(path).read_bytes() for path in inputs if os.path.isfile(path)]
            content = pack((told, searchable, sorted(assets.items()), read))
            look = Look(config, key_of(content), assets, searchable, has_feed)
            self._look = state, look
        return self._look[1]

    def template(self, config: Config, look: Look) -> Template:
        """The template of a look, which takes as long to read as a page to render."""
        if self._template is None or self._template[0] != look.digest:
            self._template = look.digest, Template(config, look.assets, look.searchable)
        return self._template[1]

    def processes(self, sources: Iterable[Source]) -> int:
        """How many processes work on some files."""
        if self.jobs is not None:
            return self.jobs
        size = 0
        for source in sources:
            # A file that has gone meanwhile is told when it is read.
            with suppress(OSError):
                size += os.path.getsize(source.file)
        return usable_cores() if size > _SMALL else 1

    def prepare(
        self, config: Config, failed: Mapping[str, Problem] = MappingProxyType({})
    ) -> "Prepared":
        """
        Read and resolve all files, so that any page can be rendered. Those that have
        `failed` to become a page, by URL, count as files that cannot be read.
        """
        # What somebody has given to git since, or taken from it, is not known yet.
        is_own.cache_clear()
        found = discover(config)
        problems = [*found.problems]
        if not found.sources and not problems:
            places = ", ".join(os.path.relpath(path) for path, _ in config.sources)
            raise usage_error(f"there is nothing to build: no source is in {places}")
        readings = read_files(
            found.sources, self.cache, self._readings, self.processes, self.progress
        )
        self._readings = {one.source.path: one for one in readings}
        for place, one in enumerate(readings):
            if problem := failed.get(one.source.url):
                readings[place] = replace(one, outline=None, problem=problem)
        problems += (one.problem for one in readings if one.problem)
        drafts: set[str] = set()
        if not self.drafts:
            drafts = {
                one.source.path for one in readings if one.outline and one.outline.draft
            }
            readings = [one for one in readings if one.source.path not in drafts]
        for one in readings:
            problems += one.outline.problems if one.outline else ()
        numbers = Numbers(config.root, config.results)
        outlines = {
            one.source.url: replace(
                one.outline,
                title=numbers.filled(one.outline.title),
                summary=numbers.filled(one.outline.summary),
            )
            for one in readings
            if one.outline
        }
        if config.private == "hide":
            outlines = {url: without_private(one) for url, one in outlines.items()}
        by_url = {one.source.url: one for one in readings}
        for document in [*folder_pages(outlines, config.site_title)]:
            reading = keep(self.cache, document)
            assert reading.outline
            url = document.source.url
            by_url[url], outlines[url] = reading, reading.outline
        starts = tuple(path for path, _ in config.sources)
        static = static_files(config.style, config.static, config.root)
        site = make_site(
            outlines.values(),
            config.root,
            config.output,
            starts,
            static.files,
            frozenset(drafts),
        )
        elsewhere = Elsewhere(config.external, config.inventories)
        resolved = resolve_site(
            site, by_url, self.cache, elsewhere, numbers, config.repository_url
        )
        problems += resolved.problems
        return Prepared(config, self, found, static, resolved, problems, failed)


class Prepared:
    """
    ## A site before its pages

    Everything is known that pages need, and none of them has been rendered.
    """

    def __init__(
        self,
        config: Config,
        pipeline: Pipeline,
        found: Found,
        static: Static,
        resolved: Resolved,
        problems: list[Problem],
        failed: Mapping[str, Problem],
    ) -> None:
        self.config = config
        self.pipeline = pipeline
        self.cache = pipeline.cache
        self.found = found
        self.static = static
        self.resolved = resolved
        self.problems = problems
        self.failed = failed
        self.pages: dict[str, Rendered] = {}

    # What only rendering needs is looked for when the first page is rendered.
    @cached_property
    def history(self) -> History:
        """When the files were changed last."""
        return self.pipeline.history(self.config)

    @cached_property
    def record(self) -> Record:
        """What runs have shown."""
        try:
            return read_record(self.config.record, self.config.root)
        except SidelitError as error:
            self.problems.append(error.problem)
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
        look = self.pipeline.look(self.config, "feed.xml" in self.published)
        # What is wrong with a plugin is told before there are processes.
        directives()
        template = self.pipeline.template(self.config, look)
        dates = self.history.dates
        return Renderer(self.resolved, self.cache, look, self.record, dates, template)

    def build(self) -> Build:
        """
        Render the pages that are not as they were, and all that is beside them. If one
        of them fails, the site is built without it.
        """
        renderer, outlines = self.renderer, self.resolved.site.outlines
        stale = [url for url in outlines if not self._keep(url)]
        jobs = self.pipeline.processes(outlines[url].source for url in stale)
        try:
            # Many processes would each start a Node for what is new.
            if jobs > 1:
                renderer.formulas.prefetch(self._formulas(stale))
            with closing(each(_render, renderer, stale, jobs)) as rendered:
                pairs = zip(stale, rendered, strict=True)
                failed: dict[str, Problem] = {}
                for done, (url, page) in enumerate(pairs, 1):
                    if isinstance(page, Problem):
                        failed[url] = page
                    else:
                        self.pages[url] = page
                    self.pipeline.progress("rendering", done, len(stale))
        finally:
            renderer.formulas.close()
        if failed:
            failed.update(self.failed)
            return self.pipeline.prepare(self.config, failed).build()
        return self.put_together()

    def _keep(self, url: str) -> bool:
        """Take a page as it was, if it would be the same now."""
        if url not in self.pages and (kept := self.renderer.kept(url)):
            self.pages[url] = kept
        return url in self.pages

    def page(self, url: str) -> Rendered:
        """A page, rendered now if it is not as it was."""
        if not self._keep(url):
            self.pages[url] = self.renderer.render(url)
        return self.pages[url]

    def attempt(self, url: str) -> None:
        """The same, unless the page fails: then it does so again in `build`."""
        if not self._keep(url) and isinstance(
            one := _render(self.renderer, url), Rendered
        ):
            self.pages[url] = one

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

    def view(self, url: str) -> View:
        """What a page may ask."""
        source = self.resolved.site.outlines[url].source
        return View(source, self.answers.respond)

    @cached_property
    def answers(self) -> Answers:
        """What the site answers to its pages."""
        return Answers(self.resolved)

    @property
    def documents(self) -> Documents:
        """What the pages are made of."""
        return Documents(self.resolved, self.cache)

    def file(self, url: str) -> bytes | None:
        """A file of the site, of which no more is rendered than it takes."""
        for page in self._pages_beside(url):
            if url in self.page(page).files:
                return self._files_of(page)[url]
        if url in self.shared:
            return self.shared[url]
        if image := self.copied.get(url):
            with suppress(OSError, ValueError):
                return self._content(url, image)
        return None

    def _content(self, url: str, file: str) -> bytes:
        """The bytes at the address of a file that is copied into the site."""
        if is_secret(file, self.config.root):
            raise PermissionError(errno.EPERM, _HIDDEN)
        return content(url, file)

    @property
    def images(self) -> dict[str, str]:
        """The files of the images on the pages that have been rendered, by URL."""
        return {
            url: file
            for page in [*self.pages.values()]
            for url, file in page.images.items()
        }

    @property
    def copied(self) -> dict[str, str]:
        """All files that are copied into the site, by URL."""
        return self.images | self.static.files

    def _pages_beside(self, url: str) -> Iterator[str]:
        """The pages that a file may lie beside: `a.html` for `a.clean.py`, its card."""
        stem = url.removeprefix(CARDS)
        while stem:
            if f"{stem}.html" in self.resolved.site.outlines:
                yield f"{stem}.html"
            stem = stem.rpartition(".")[0]

    # What the cache has lost, because it was damaged or removed to make room, is made
    # again.
    def _files_of(self, url: str) -> dict[str, bytes]:
        """The files of a page."""
        if (files := page_files(self.cache, self.pages[url].content)) is None:
            self.pages[url] = self.renderer.render(url)
            files = page_files(self.cache, self.pages[url].content)
        assert files is not None
        return files

    def _text_of(self, url: str) -> str:
        """What search is told of a page."""
        if (text := self.cache.get("texts", self.pages[url].text)) is None:
            self.pages[url] = self.renderer.render(url)
            text = self.cache.get("texts", self.pages[url].text)
        assert text is not None
        return text.decode()

    def edited_since(self, before: "Prepared") -> dict[str, str]:
        """The anchor of the first section of each page that has changed."""
        edited = {}
        for url, reading in self.resolved.readings.items():
            old = before.resolved.readings.get(url)
            if old and reading.outline and old.outline and old.key != reading.key:
                try:
                    documents = [document_of(self.cache, one) for one in (old, reading)]
                except SidelitError:
                    # The cache has lost the old text, and the file has a new one.
                    continue
                texts = map(_texts, documents)
                pairs = enumerate(zip_longest(*texts))
                places = [place for place, (one, other) in pairs if one != other]
                # In other bytes or under another name, the text may be the same.
                if places:
                    anchors = reading.outline.anchors
                    edited[url] = anchors[min(places[0], len(anchors) - 1)]
        return edited

    @cached_property
    def shared(self) -> dict[str, bytes]:
        """The files that are no page's own, by URL."""
        site, config = self.resolved.site, self.config
        title, base_url = config.site_title, config.base_url
        files = {
            **shared_forms(site, title, base_url),
            **self.published,
            **self.renderer.look.assets,
        }
        files["objects.inv"] = write_inventory(site, title)
        files[SCRIPT] = self.answers.tree.script()
        if self.published and MISSING not in site.outlines:
            files[MISSING] = self.renderer.template.render(
                missing_page(site, base_url), footer=self.renderer.foot.html
            )
        return files

    def put_together(self) -> Build:
        """The build, when all pages have been rendered."""
        config, site = self.config, self.resolved.site
        problems = [*self.problems]
        pages = {url: self.pages[url] for url in site.outlines}
        shared = dict(self.shared)
        if not any(one.has_formulas for one in pages.values()):
            for url in katex_files(config.root):
                shared.pop(url, None)
        for one in pages.values():
            problems += one.problems
        problems += self.renderer.foot.problems
        unset = sum(one.unset for one in pages.values())
        if unset:
            shown = "1 formula is" if unset == 1 else f"{unset} formulas are"
            missing = [one.engine_missing for one in pages.values() if one.unset][-1]
            problems.append(Problem("", 0, 0, "", f"{shown} shown as LaTeX: {missing}"))
        remarks = [*self.static.remarks]
        if not config.math and any(one.has_mathml for one in pages.values()):
            missing = katex_missing(config.root)
            remarks.append(f"formulas are set as MathML: {missing}, or {_MEANT}")
        files = Files(self._files_of)
        for url, one in pages.items():
            files.add_page(url, one)
        for url, data in shared.items():
            files.add(url, data)
        check_free(self.static, self._taken(files), BUNDLE)
        for url, path in sorted(self.copied.items()):
            if url not in files:
                place = os.path.relpath(path, config.root).replace(os.sep, "/")
                try:
                    files.add(url, self._content(url, path))
                except OSError as error:
                    message = f"cannot be read: {error.strerror}"
                    problems.append(Problem(place, 1, 1, "SRC103", message))
                except ValueError as error:
                    problems.append(Problem(place, 1, 1, "SRC101", str(error)))
        problems.sort(key=lambda problem: (problem.path, problem.line, problem.column))
        ours = {os.path.join(config.output, url) for url in files}
        inputs = self.inputs() | {*self.images.values()} | (self.linked() - ours)
        searchable = self.renderer.look.searchable
        texts = [(url, one.text) for url, one in pages.items() if searchable]
        return Build(
            files,
            len(pages),
            tuple(problems),
            tuple(sorted(inputs)),
            site,
            self.documents,
            {url: one.destinations for url, one in pages.items()},
            self.record,
            Texts(texts, self._text_of),
            self.resolved.numbers,
            self.resolved.elsewhere,
            tuple(remarks),
            self.answers.answer_page,
            self.answers.answer_documented,
        )

    def _taken(self, files: Iterable[str]) -> Iterator[str]:
        """The URLs of a site where no file may be copied as it is."""
        static = self.static.files
        # A style sheet is copied together with ours, and an image may be named twice.
        yield from (url for url in files if static.get(url) not in self.config.style)
        yield from (url for url, path in self.images.items() if static.get(url) != path)

    def inputs(self) -> set[str]:
        """The files and folders that the site depends on, less the images."""
        config, found = self.config, self.found
        inputs = {source.file for source in found.sources} | set(found.places)
        inputs |= {
            *look_inputs(config),
            *self.static.files.values(),
            *self.static.folders,
            config.record,
            *self.history.inputs,
        }
        inputs |= self.resolved.numbers.inputs
        return inputs | {path for _, path in config.inventories}

    def linked(self) -> set[str]:
        """
        Where the files lie, or would lie, that the pages link to. Whether a link can be
        followed depends on them.
        """
        site, foot = self.resolved.site, self.renderer.foot
        linking = [
            (site.outlines[url].source, page.destinations)
            for url, page in self.pages.items()
        ]
        return {
            place
            for source, destinations in [*linking, (foot.source, foot.destinations)]
            for one in destinations
            if (link := one.url.partition("#")[0]) and not ABSOLUTE.match(link)
            for place in places_of_file(site, source, link)
            # No file can have a zero byte in its name.
            if "\0" not in place
        }


def look_inputs(config: Config) -> list[str]:
    """The files that the look of all pages depends on."""
    brought = config.logo, config.favicon, *config.style
    return template_inputs(config.root, config.templates, *brought)


def _texts(document: Document) -> Iterator[str]:
    """The text of each section."""
    lines = document.text.split("\n")
    for section in document.sections:
        yield "\n".join(lines[line - 1] for line in section.lines)


def _render(renderer: Renderer, url: str) -> Rendered | Problem:
    try:
        return renderer.render(url)
    except SidelitError as error:
        if error.problem.rule != "SRC104":
            raise
        return error.problem
