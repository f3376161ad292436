r"""
---
title: The site in memory
summary: >
  The newest state of the site while it is written: what has changed, which pages are
  rendered, and which state of a page was the last one that was right.
---

# The site in memory

After each change, the files that changed are read and the site is resolved again. A
page is rendered when a browser asks for it. The rest follows when nobody is waiting:
the other pages, for the problems in them, and the search index when somebody searches.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ..build import Pipeline
from ..cache import key_of
from ..check.findings import still_told
from ..check.selection import Selection
from ..files import is_inside
from ..fresh import file_state, settled_states
from ..model import Config, Problem, SidelitError
from ..publish.search import BUNDLE, search_files
from ..steps.edited import edited_since
from ..steps.prepared import Prepared
from .overlay import notice, overlay

Report = Callable[[Iterable[Problem], Config], None]

# Pages that nobody waits for wait this many seconds for those that somebody does.
LATER = 0.3
# What makes a page reload when there is a newer site than its own.
RELOAD = "/sidelit-reload.js"


class Live:
    """
    ## The live site

    The newest state of the site, and how often there has been one.

    * `prepared` is the site without its pages, as the files are now
    * `fault` says why that is older than the files: a setting is wrong, for example
    * `good` has the last state of each page that a browser has had, by URL
    * `edited` has the section of each page that the last change was in
    * `problems` are those of the last time that all pages were rendered
    """

    def __init__(
        self, load: Callable[[], Config], pipeline: Pipeline, report: Report
    ) -> None:
        self.load = load
        self.pipeline = pipeline
        self.report = report
        self.config = load()
        self.selection = Selection(self.config)
        self.prepared: Prepared | None = None
        self.fault: Problem | None = None
        self.good: dict[str, bytes] = {}
        self.version = 0
        self.edited: dict[str, str] = {}
        self.problems: tuple[Problem, ...] = ()
        self.remarks: tuple[str, ...] = ()
        self.started = 0
        self.states: dict[str, str] = {}
        self.images: dict[str, str] = {}
        self.contents: dict[str, str] = {}
        self.changed = threading.Condition()
        # A renderer works on one page at a time.
        self.rendering = threading.RLock()
        self.wanted = time.monotonic()
        self.searched: tuple[Prepared | None, dict[str, bytes]] = (None, {})
        self.searching = threading.Lock()

    def reload(self) -> None:
        """Read all files that have changed, and tell the open pages."""
        started = time.time_ns()
        # What has just changed may change again unseen, so its content decides whether
        # it did. Seen before it is read, it is never newer than what the pages show.
        inputs = self.inputs() | self._shown()
        recent = inputs - settled_states(inputs, started).keys()
        self.contents = {path: _content(path) for path in recent}
        try:
            self.config = self.load()
            self.selection = Selection(self.config)
            prepared = self.pipeline.prepare(self.config)
        except (SidelitError, OSError) as error:
            fault = problem_of(error)
            # The same fault again is no news.
            if fault != self.fault:
                print(f"sidelit: {fault}", flush=True)
                with self.changed:
                    self.fault, self.edited = fault, {}
                    self.version += 1
                    self.changed.notify_all()
        else:
            edited = {}
            if self.prepared:
                old, new = self.prepared.resolved, prepared.resolved
                edited = edited_since(old, new, self.pipeline.cache)
            with self.changed:
                self.prepared, self.edited, self.fault = prepared, edited, None
                self.version += 1
                self.wanted = time.monotonic()
                self.changed.notify_all()
        self.started = started
        self.states = settled_states(self.inputs(), started)
        self.images = {}

    def follow(self) -> None:
        """Render all pages after each change, when no browser waits for one."""
        version, last = 0, None
        while True:
            self.wait_for(version, None)
            version, prepared = self.version, self.prepared
            if prepared is None or prepared is last:
                continue
            last = prepared
            start = time.perf_counter()
            with contextlib.suppress(OutdatedError):
                try:
                    self._render_all(prepared)
                except (SidelitError, OSError) as error:
                    print(f"sidelit: {problem_of(error)}", flush=True)
                else:
                    self.report(self.problems, self.config)
                    count = len(prepared.resolved.site.outlines)
                    pages = "1 page" if count == 1 else f"{count} pages"
                    print(f"{pages} in {time.perf_counter() - start:.1f} s", flush=True)

    def _render_all(self, prepared: Prepared) -> None:
        for url in prepared.resolved.site.outlines:
            while (pause := self.wanted + LATER - time.monotonic()) > 0:
                time.sleep(pause)
            if prepared is not self.prepared:
                raise OutdatedError
            with self.rendering:
                prepared.pages.attempt(url)
        with self.rendering:
            built = prepared.build()
        self.problems = tuple(self._told(prepared, built.problems))
        for remark in built.remarks if built.remarks != self.remarks else ():
            print(f"sidelit: {remark}", flush=True)
        self.remarks = built.remarks

    def _told(self, prepared: Prepared, problems: Iterable[Problem]) -> list[Problem]:
        """What the settings and the silencers leave of some problems."""
        pages = prepared.resolved.site.pages
        return still_told(problems, prepared.documents, pages, self.selection)

    def inputs(self) -> set[str]:
        own = os.path.join(self.config.root, "pyproject.toml")
        return {own, *(self.prepared.inputs() if self.prepared else ())}

    def is_stale(self) -> bool:
        """
        Whether a file that was read, or would be, is not what it was, or there is a
        fault, which another file may mend: a style sheet that the settings name.
        """
        # Which images there are, the pages say one after the other, perhaps after one
        # of them has changed.
        new = self._shown() - self.images.keys()
        settled = settled_states(new, self.started)
        self.images |= {path: settled.get(path, "") for path in new}
        known = {**dict.fromkeys(self.inputs()), **self.images, **self.states}
        now = time.time_ns()
        changed = [path for path in known if known[path] != file_state(path)]
        for path in changed:
            settled = settled_states([path], now)
            if known[path] or self.contents.get(path) != _content(path):
                return True
            self.states |= settled
        return self.fault is not None

    def _shown(self) -> set[str]:
        return {*self.prepared.pages.images.values()} if self.prepared else set()

    def wait_for(self, version: int, seconds: float | None) -> bool:
        """Whether there is a newer site than this one, now or in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.version > version, seconds)

    def watched(self) -> set[Path]:
        config = self.config
        paths = {Path(path) for path, _ in config.sources} | {
            Path(config.root, "pyproject.toml")
        }
        if config.templates:
            paths.add(Path(config.templates))
        return {path for path in paths if path.exists()}

    def file(self, url: str) -> bytes | None:
        """A file of the site, or one that somebody keeps in the output folder."""
        self.wanted = time.monotonic()
        if prepared := self.prepared:
            if url.startswith(BUNDLE):
                return self.search(prepared).get(url)
            with self.rendering:
                data = prepared.file(url)
            # What an earlier build made is out of date, or its source is gone.
            if data is not None or url in prepared.resolved.site.made:
                return data
        # What is hidden there is no part of a site.
        if any(part.startswith(".") for part in url.split("/")):
            return None
        path = Path(self.config.output, url)
        # A URL can hold what no path may: a zero byte, a name of a thousand letters.
        with contextlib.suppress(OSError, ValueError):
            if is_inside(str(path), self.config.output):
                return path.read_bytes()
        return None

    def page(self, url: str) -> tuple[int, bytes]:
        """
        The status and the bytes of a page, or of what stands in its place: its last
        state that was right, or a notice. Over it lies what is wrong.
        """
        status, data, problems = 200, None, []
        try:
            data = self.file(url)
        except (SidelitError, OSError) as error:
            status, problems = 500, [problem_of(error)]
        prepared, path, is_broken = self.prepared, "", False
        if prepared:
            if reading := prepared.resolved.readings.get(url):
                path = reading.source.path
                is_broken = reading.outline is None
            rendered = prepared.pages.rendered
            known = rendered[url].problems if url in rendered else ()
            problems += self._told(prepared, (*known, *prepared.problems))
        problems += [self.fault] if self.fault else []
        if data is not None:
            self.good[url] = data
        elif status == 200:
            # There is no page of a source that is broken or gone.
            status = 404
            if not is_broken:
                self.good.pop(url, None)
            data = self.good.get(url)
        else:
            data = self.good.get(url)
        data = data or notice(url, problems)
        box = overlay([*dict.fromkeys(problems)], path, self.config.root)
        script = f'<script src="{RELOAD}" data-version="{self.version}"></script>'
        return status, data.replace(b"</body>", box + script.encode() + b"</body>")

    def search(self, prepared: Prepared) -> dict[str, bytes]:
        """
        The files of search. Authors who never search never wait for them: they are made
        when a browser wants them for the first time since the last change.
        """
        with self.searching:
            if self.searched[0] is not prepared:
                files: dict[str, bytes] = {}
                config = prepared.config
                with self.rendering:
                    texts = prepared.build().texts
                try:
                    files = search_files(
                        texts, config.root, config.output, config.language
                    )
                except SidelitError as error:
                    print(f"sidelit: {error}", flush=True)
                self.searched = prepared, files
            return self.searched[1]


def _content(path: str) -> str:
    """A hash of what a file holds, or of the names in a folder, and of its state."""
    # A file that is back to an earlier content may have been read in between.
    state = file_state(path)
    try:
        if os.path.isdir(path):
            return key_of(state, *sorted(os.listdir(path)))
        return key_of(state, Path(path).read_bytes())
    except OSError:
        return key_of(state)


def problem_of(error: SidelitError | OSError) -> Problem:
    """What an exception says is wrong."""
    if isinstance(error, OSError):
        return Problem("", 0, 0, "", f"{error.filename}: {error.strerror}")
    return error.problem


class OutdatedError(Exception):
    """The files have changed again, and what was being rendered is of no use."""
