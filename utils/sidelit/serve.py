r"""
---
title: Showing pages while they are written
summary: >
  A server on this machine renders the page that a browser wants, again after each
  change, and tells the open pages to reload.
---

# Showing pages while they are written

The author of a page wants to see it now, and the other pages at some point. So after
each change, the files that changed are read, the site is resolved again, and the open
pages are told to reload. A page is rendered when a browser asks for it. The rest
follows when nobody is waiting: the other pages, for the problems in them, and the
search index when somebody searches.

What is wrong [lies over the page](overlay.py), and below it stays the last state of the
page that was right.
"""

import contextlib
import errno
import json
import mimetypes
import os
import threading
import time
from collections.abc import Callable, Iterable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import watchfiles

from .build import Pipeline, Prepared
from .cache import opened
from .check.findings import still_told
from .check.selection import Selection
from .files import is_inside
from .fresh import file_state, settled_states
from .model import Config, Problem, SidelitError, usage_error
from .overlay import overlay
from .publish.search import BUNDLE, search_files

Report = Callable[[Iterable[Problem], Config], None]

# A pause of this many milliseconds ends a burst of changes, such as those of a
# `git checkout`, which is one change to the site.
_PAUSE = 30
# Pages that nobody waits for wait this many seconds for those that somebody does.
_LATER = 0.3
# So many ports are tried from the one that was asked for.
_PORTS = 20


def serve(
    load: Callable[[], Config],
    port: int,
    report: Report,
    jobs: int | None,
    use_cache: bool,
) -> None:
    """
    Serve until Ctrl-C. `load` reads the settings, again after each change, and `report`
    tells what is wrong; a mistake in a source never ends the server.
    """
    with opened(use_cache) as cache:
        live = _Live(load, Pipeline(cache, jobs, drafts=True), report)
        server = _server(port, live)
        live.reload()
        # Other processes are forked before there are threads, and never again.
        live.pipeline.jobs = 1
        server.daemon_threads = True
        for work in (server.serve_forever, live.follow):
            threading.Thread(target=work, daemon=True).start()
        try:
            print(
                f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True
            )
            while True:
                # What happens between two looks of the watcher, while the site is read,
                # it does not report; so it only says when to look, and at the latest in
                # a second.
                watch = watchfiles.watch(
                    *live.watched(),
                    step=_PAUSE,
                    rust_timeout=1000,
                    yield_on_timeout=True,
                )
                for _ in watch:
                    if live.is_stale():
                        live.reload()
                        break
        except KeyboardInterrupt:
            server.shutdown()


def _server(port: int, live: "_Live") -> ThreadingHTTPServer:
    """A server at a port of this machine or, if that is taken, at the next free one."""
    for one in range(port, port + (_PORTS if port else 1)):
        try:
            server = ThreadingHTTPServer(("127.0.0.1", one), _handler(live))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise usage_error(
                    f"port {one} cannot be used ({error.strerror}); choose another "
                    f"with --port"
                ) from None
        except OverflowError:
            raise usage_error(
                f"port {one} does not exist; choose one from 0 to 65535"
            ) from None
        else:
            if one != port:
                print(f"port {port} is taken; this is the next free one:", flush=True)
            return server
    raise usage_error(
        f"the ports from {port} to {port + _PORTS - 1} are taken; choose another with "
        f"--port"
    )


# ## The site in memory
class _Live:
    """
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
        self.changed = threading.Condition()
        # A renderer works on one page at a time.
        self.rendering = threading.RLock()
        self.wanted = time.monotonic()
        self.searched: tuple[Prepared | None, dict[str, bytes]] = (None, {})
        self.searching = threading.Lock()

    def reload(self) -> None:
        """Read all files that have changed, and tell the open pages."""
        started = time.time_ns()
        try:
            self.config = self.load()
            self.selection = Selection(self.config)
            prepared = self.pipeline.prepare(self.config)
        except (SidelitError, OSError) as error:
            fault = _problem(error)
            print(f"sidelit: {fault}", flush=True)
            with self.changed:
                # The same fault again is no news to an open page.
                if fault != self.fault:
                    self.fault, self.edited = fault, {}
                    self.version += 1
                    self.changed.notify_all()
        else:
            edited = prepared.edited_since(self.prepared) if self.prepared else {}
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
            with contextlib.suppress(_OutdatedError):
                try:
                    self._render_all(prepared)
                except (SidelitError, OSError) as error:
                    print(f"sidelit: {_problem(error)}", flush=True)
                else:
                    self.report(self.problems, self.config)
                    count = len(prepared.resolved.site.outlines)
                    pages = "1 page" if count == 1 else f"{count} pages"
                    print(f"{pages} in {time.perf_counter() - start:.1f} s", flush=True)

    def _render_all(self, prepared: Prepared) -> None:
        for url in prepared.resolved.site.outlines:
            while (pause := self.wanted + _LATER - time.monotonic()) > 0:
                time.sleep(pause)
            if prepared is not self.prepared:
                raise _OutdatedError
            with self.rendering:
                prepared.attempt(url)
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
        """Whether a file that was read, or would be, is not what it was."""
        # Which images there are, the pages say one after the other, perhaps after one
        # of them has changed.
        shown = {*self.prepared.images.values()} if self.prepared else set()
        new = shown - self.images.keys()
        settled = settled_states(new, self.started)
        self.images |= {path: settled.get(path, "") for path in new}
        known = {**dict.fromkeys(self.inputs()), **self.images, **self.states}
        return any(known[path] != file_state(path) for path in known)

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
            status, problems = 500, [_problem(error)]
        prepared, path, is_broken = self.prepared, "", False
        if prepared:
            if reading := prepared.resolved.readings.get(url):
                path = reading.source.path
                is_broken = reading.outline is None
            known = prepared.pages[url].problems if url in prepared.pages else ()
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
        data = data or _notice(url, problems)
        box = overlay([*dict.fromkeys(problems)], path, self.config.root)
        script = f'<script src="{_RELOAD}" data-version="{self.version}"></script>'
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


def _problem(error: SidelitError | OSError) -> Problem:
    if isinstance(error, OSError):
        return Problem("", 0, 0, "", f"{error.filename}: {error.strerror}")
    return error.problem


class _OutdatedError(Exception):
    """The files have changed again, and what was being rendered is of no use."""


# ## Requests
#
# Each open page keeps a connection on which it hears of new builds.
_CHANGES = "/sidelit-changes"
# What makes a page reload when there is a newer site than its own.
_RELOAD = "/sidelit-reload.js"
_RELOAD_SCRIPT = (Path(__file__).parent / "assets" / "reload.js").read_bytes()


def _handler(live: _Live) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            # A browser that goes to another page does not wait for this one.
            with contextlib.suppress(ConnectionError):
                super().handle()

        def do_GET(self) -> None:
            # A name that leads here from elsewhere could be a page of somebody who
            # wants to read what is served to this machine only.
            host = self.headers.get("Host", "").partition(":")[0].lower()
            if host not in ("127.0.0.1", "localhost"):
                self.send_error(403)
                return
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            if path == _CHANGES:
                self._send_changes(parse_qs(parts.query).get("since", [""])[0])
                return
            if path == _RELOAD:
                self._send(200, _RELOAD_SCRIPT, "text/javascript")
                return
            url = path.lstrip("/")
            if url == "" or url.endswith("/"):
                url += "index.html"
            kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
            if kind == "text/html":
                self._send(*live.page(url), kind)
                return
            try:
                data = live.file(url)
            except (SidelitError, OSError) as error:
                self._send(500, f"{_problem(error)}\n".encode(), "text/plain")
                return
            if data is None:
                # Whoever follows a link to what is not there sees a page.
                self._send(*live.page(url), "text/html")
            else:
                self._send(200, data, kind)

        def _send(self, status: int, data: bytes, kind: str) -> None:
            self.send_response(status)
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            self.send_header("Content-Type", kind + charset)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_GET  # noqa: N815

        def _send_changes(self, since: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            # What has changed while the page was on its way is new to it, too.
            version = int(since) if since.isdecimal() else live.version
            try:
                # The empty comment finds out whether anybody is still listening.
                while not live.wait_for(version, seconds=15):
                    self.wfile.write(b":\n\n")
                edited = json.dumps(live.edited)
                self.wfile.write(f"data: {edited}\n\n".encode())
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *arguments: object) -> None:
            """Say nothing: the terminal is for what is wrong in the sources."""

    return Handler


def _notice(url: str, problems: Iterable[Problem]) -> bytes:
    """What is shown in place of a page that never was right."""
    title = escape(f"There is no page {url}")
    listed = "".join(f"<li><code>{escape(str(one))}</code></li>" for one in problems)
    return (
        f"<!doctype html><html lang=en><title>{title}</title>"
        f"<style>:root {{ color-scheme: light dark; font: 17px/1.6 system-ui }} "
        f"body {{ max-width: 40rem; margin: 4rem auto; padding: 0 1.2rem }}</style>"
        f"<body><h1>{title}</h1><ul>{listed}</ul></body></html>"
    ).encode()
