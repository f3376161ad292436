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
[what the site answers](steps/answers.py). What comes out is a [site before its
pages](steps/prepared.py), which renders as much as somebody wants.

Everything that shows pages goes through these three steps: `build` writes what they
make, `serve` sends it, `check` and the tests look at it. So they cannot disagree, and
one property holds for all of them: whatever has changed since the last build, the site
is byte for byte what a build from scratch makes.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from .cache import Cache, Memory
from .files import is_own
from .jobs import usable_cores
from .model import (
    Config,
    Problem,
    Source,
    usage_error,
)
from .names.inventory import Elsewhere
from .names.links import Links
from .progress import Progress
from .prose.numbers import Numbers
from .read.discover import discover
from .site import make_site
from .static import static_files
from .steps.answers import resolve_site
from .steps.home import folder_pages
from .steps.lasting import Lasting
from .steps.made import Build
from .steps.outline import without_private
from .steps.pages import Pages
from .steps.prepared import Prepared
from .steps.reading import Reading, keep, read_files

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
        self._links: dict[str, tuple[str, Links]] = {}
        self._lasting = Lasting()

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
    ) -> Prepared:
        """
        Read and resolve all files, so that any page can be rendered. Those that have
        `failed` to become a page, by URL, count as files that cannot be read.
        """
        # What somebody has given to git since, or taken from it, is not known yet.
        is_own.cache_clear()
        found = discover(config, self.progress)
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
            site,
            by_url,
            self.cache,
            elsewhere,
            numbers,
            config.repository_url,
            self._links,
        )
        problems += resolved.problems
        pages = Pages(
            config,
            resolved,
            self.cache,
            self._lasting,
            self.processes,
            self.progress,
            problems,
        )
        again = partial(self.prepare, config)
        return Prepared(config, found, static, pages, problems, failed, again)
