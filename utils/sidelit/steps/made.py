r"""
---
title: What a build has made
summary: >
  The files of a site, the documents that they are made from and the problems in them,
  which are loaded into memory only when somebody asks for them.
---

# What a build has made
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..cache import Cache, key_of
from ..model import Document, Problem, Site, Source
from ..names.inventory import Elsewhere
from ..packed import Value, kept, pack
from ..prose.numbers import Numbers
from ..prose.passage import Destination
from ..publish.search import Texts
from ..record.observations import Record
from ..syntax import Function
from .answers import Resolved
from .reading import document_of, functions_of
from .render import Rendered


class Files(Mapping[str, bytes]):
    """
    ## The files of a build

    Those of pages stay in the cache until somebody wants them: together they may be
    larger than memory. `digests` has the hash of each file, by URL.
    """

    def __init__(self, files_of: Callable[[str], dict[str, bytes]]) -> None:
        # Gives the files of a page by its URL.
        self._files_of = files_of
        self._shared: dict[str, bytes] = {}
        self._page_of: dict[str, str] = {}
        self._last: tuple[str, dict[str, bytes]] = ("", {})
        self.digests: dict[str, str] = {}

    def add(self, url: str, data: bytes) -> None:
        self._shared[url] = data
        self.digests[url] = key_of(data)

    def add_page(self, page: str, rendered: Rendered) -> None:
        self._page_of |= dict.fromkeys(rendered.files, page)
        self.digests |= rendered.files

    def __getitem__(self, url: str) -> bytes:
        if url in self._shared:
            return self._shared[url]
        page = self._page_of[url]
        if self._last[0] != page:
            self._last = page, self._files_of(page)
        return self._last[1][url]

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)


class Documents(Mapping[str, Document]):
    """
    ## The documents of a build

    By URL, each read from the cache when somebody wants it.
    """

    def __init__(self, resolved: Resolved, cache: Cache) -> None:
        self._resolved = resolved
        self._cache = cache

    def __getitem__(self, url: str) -> Document:
        outline = self._resolved.site.outlines[url]
        document = document_of(self._cache, self._resolved.readings[url])
        # Numbers of results may stand in titles, too.
        return replace(document, title=outline.title, summary=outline.summary)

    def functions(self, url: str) -> tuple[Function, ...]:
        """The functions of a document."""
        return functions_of(self._cache, self._resolved.readings[url])

    def noted(
        self, what: str, url: str, kind: type[Value], note: Callable[[Document], Value]
    ) -> Value:
        """What there is to note of a document, kept with it under the name `what`."""
        key = self._resolved.readings[url].key
        known = kept(self._cache.get(what, key), kind)
        if known is None:
            known = note(self[url])
            self._cache.put(what, key, pack(known))
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._resolved.site.outlines)

    def __len__(self) -> int:
        return len(self._resolved.site.outlines)


@dataclass(frozen=True)
class Build:
    """
    ## A build

    What came of the sources.

    * `files` are the files of the site, by URL, and `pages` how many of them are pages.
    * `problems` say what is wrong, in the order of the files. A source that cannot be
      read has no page; a formula that cannot be set is shown as LaTeX.
    * `inputs` are the files and folders that all of this depends on.
    * `site` is what the pages know of each other, `documents` what they are made of,
      `destinations` what their prose links to, and `record` what runs have shown.
    * `texts` has what search is told of each page, by URL, `numbers` the results that
      prose may quote, and `elsewhere` the addresses of what others have documented.
    * `remarks` are what the author should know, and nothing wrong.
    * `resolve` gives the page that a link in a source leads to, `documented` the
      address of a dotted name that others document, and `forge` that of a file or a
      folder that is no page. `html_of` gives a page by its URL, also one that was not
      asked for.
    """

    files: Files
    pages: int
    problems: tuple[Problem, ...]
    inputs: tuple[str, ...]
    site: Site
    documents: Documents
    destinations: dict[str, tuple[Destination, ...]]
    record: Record
    texts: Texts
    numbers: Numbers
    elsewhere: Elsewhere
    remarks: tuple[str, ...]
    resolve: Callable[[Source, str], str | None]
    documented: Callable[[Source, str], str]
    forge: Callable[[Source, str], str]
    html_of: Callable[[str], bytes]
