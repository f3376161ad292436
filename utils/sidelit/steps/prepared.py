r"""
---
title: A site before its pages
summary: >
  Everything is known that pages need. Ask for one file of the site, and only what it
  takes is rendered; ask for all files, and you have the build.
---

# A site before its pages
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from ..files import is_at, is_secret
from ..forms.blocks import shared_forms
from ..model import Config, Problem
from ..names.listing import write_inventory
from ..page.assets import KATEX
from ..page.tree import SCRIPT
from ..page.view import View
from ..prose.diagrams import FILES, mermaid_missing
from ..prose.figures import content
from ..prose.tex import katex_missing
from ..publish.feed import missing_page
from ..publish.search import BUNDLE, Texts
from ..read.discover import Found
from ..site import ABSOLUTE, MISSING, places_of_file
from ..static import Static, check_free, lost_addresses
from .answers import Answers
from .lasting import look_inputs
from .made import Build, Documents, Files
from .pages import Pages
from .render import CARDS

_HIDDEN = "what is hidden is not published; keep it in a folder without a dot"
_MEANT = 'set `math = "mathml"` if this is meant'


class Prepared:
    """
    ## A prepared site

    The `pages` are rendered on demand. Those that have `failed` before, by URL, have
    become problems, and `again` prepares the same site without those that do so now.
    """

    def __init__(
        self,
        config: Config,
        found: Found,
        static: Static,
        pages: Pages,
        problems: list[Problem],
        failed: Mapping[str, Problem],
        again: Callable[[Mapping[str, Problem]], "Prepared"],
    ) -> None:
        self.config = config
        self.found = found
        self.static = static
        self.pages = pages
        self.resolved = pages.resolved
        self.problems = problems
        self.failed = failed
        self._again = again

    def build(self, paths: Sequence[str] = ()) -> Build:
        """
        Render the pages that are not as they were, and all that is beside them. With
        `paths`, these are only the pages of sources there. If a page fails, the site is
        built without it.
        """
        chosen = [
            url
            for url, outline in self.resolved.site.outlines.items()
            if not paths or is_at(outline.source.file, paths)
        ]
        if failed := self.pages.render(chosen):
            return self._again({**failed, **self.failed}).build(paths)
        return self._put_together(chosen)

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
        return Documents(self.resolved, self.pages.cache)

    def file(self, url: str) -> bytes | None:
        """A file of the site, of which no more is rendered than it takes."""
        for page in self._pages_beside(url):
            if url in self.pages.page(page).files:
                return self.pages.files_of(page)[url]
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
    def copied(self) -> dict[str, str]:
        """All files that are copied into the site, by URL."""
        return self.pages.images | self.static.files

    def _pages_beside(self, url: str) -> Iterator[str]:
        """The pages that a file may lie beside: `a.html` for `a.clean.py`, its card."""
        stem = url.removeprefix(CARDS)
        while stem:
            if f"{stem}.html" in self.resolved.site.outlines:
                yield f"{stem}.html"
            stem = stem.rpartition(".")[0]

    @cached_property
    def shared(self) -> dict[str, bytes]:
        """The files that are no page's own, by URL."""
        site, config = self.resolved.site, self.config
        title, base_url = config.site_title, config.base_url
        files = {
            **shared_forms(site, title, base_url),
            **self.pages.published,
            **self.pages.renderer.look.assets,
        }
        files["objects.inv"] = write_inventory(site, title)
        files[SCRIPT] = self.answers.tree.script()
        if self.pages.published and MISSING not in site.outlines:
            files[MISSING] = self.pages.renderer.template.render(
                missing_page(site, base_url), footer=self.pages.renderer.foot.html
            )
        return files

    def _put_together(self, chosen: Iterable[str]) -> Build:
        """The build, when all chosen pages have been rendered."""
        config, site = self.config, self.resolved.site
        problems = [*self.problems]
        pages = {url: self.pages.rendered[url] for url in chosen}
        shared = dict(self.shared)
        if not any(one.has_formulas for one in pages.values()):
            shared = {u: data for u, data in shared.items() if not u.startswith(KATEX)}
        has_diagrams = any(one.has_diagrams for one in pages.values())
        if not has_diagrams:
            for url in FILES:
                shared.pop(url, None)
        for one in pages.values():
            problems += one.problems
        problems += self.pages.renderer.foot.problems
        unset = sum(one.unset for one in pages.values())
        if unset:
            shown = "1 formula is" if unset == 1 else f"{unset} formulas are"
            missing = [one.engine_missing for one in pages.values() if one.unset][-1]
            problems.append(Problem("", 0, 0, "", f"{shown} shown as LaTeX: {missing}"))
        remarks = [*self.static.remarks]
        if not config.math and any(one.has_mathml for one in pages.values()):
            missing = katex_missing(config.root)
            remarks.append(f"formulas are set as MathML: {missing}, or {_MEANT}")
        if has_diagrams and (missing := mermaid_missing(config.root)):
            remarks.append(f"diagrams are shown as their source: {missing}")
        files = Files(self.pages.files_of)
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
        problems += lost_addresses(self.static, files, config.root)
        problems.sort(key=lambda problem: (problem.path, problem.line, problem.column))
        ours = {os.path.join(config.output, url) for url in files}
        inputs = self.inputs() | {*self.pages.images.values()} | (self.linked() - ours)
        searchable = self.pages.renderer.look.searchable
        texts = [(url, one.text) for url, one in pages.items() if searchable]
        return Build(
            files,
            len(pages),
            tuple(problems),
            tuple(sorted(inputs)),
            site,
            self.documents,
            {url: one.destinations for url, one in pages.items()},
            self.pages.record,
            Texts(texts, self.pages.text_of),
            self.resolved.numbers,
            self.resolved.elsewhere,
            tuple(remarks),
            self.answers.answer_page,
            self.answers.answer_documented,
            self.answers.answer_forge,
            self.pages.html_of,
        )

    def _taken(self, files: Iterable[str]) -> Iterator[str]:
        """The URLs of a site where no file may be copied as it is."""
        static, images = self.static.files, self.pages.images
        # A style sheet is copied together with ours, and an image may be named twice.
        yield from (url for url in files if static.get(url) not in self.config.style)
        yield from (url for url, path in images.items() if static.get(url) != path)

    def inputs(self) -> set[str]:
        """The files and folders that the site depends on, less the images."""
        config, found = self.config, self.found
        inputs = {source.file for source in found.sources} | set(found.places)
        inputs |= {
            *look_inputs(config),
            *self.static.files.values(),
            *self.static.searched,
            config.record,
            *self.pages.history.inputs,
        }
        inputs |= self.resolved.numbers.inputs
        return inputs | {path for _, path in config.inventories}

    def linked(self) -> set[str]:
        """
        Where the files lie, or would lie, that the pages link to. Whether a link can be
        followed depends on them.
        """
        site, foot = self.resolved.site, self.pages.renderer.foot
        linking = [
            (site.outlines[url].source, page.destinations)
            for url, page in self.pages.rendered.items()
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
