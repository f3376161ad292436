r"""
---
title: Showing pages while they are written
summary: >
  A server on this machine keeps the site in memory, builds it again after each change
  and tells the open pages to reload.
---

# Showing pages while they are written
"""

import contextlib
import mimetypes
import os
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import watchfiles

from .build import Build, build
from .fresh import file_state, settled_states
from .model import Config, Problem, SidelitError, usage_error
from .publish.search import BUNDLE, search_files
from .site import is_inside

Report = Callable[[Iterable[Problem], Config], None]


def serve(load: Callable[[], Config], port: int, report: Report) -> None:
    """
    Serve until Ctrl-C. `load` reads the settings, again after each change, and `report`
    tells what is wrong; a mistake in a source never ends the server.
    """
    live = _Live(load(), report)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(live))
    except OSError as error:
        message = (
            f"port {port} cannot be used ({error.strerror}); choose another with --port"
        )
        raise usage_error(message) from None
    except OverflowError:
        raise usage_error(
            f"port {port} does not exist; choose one from 0 to 65535"
        ) from None
    live.reload(load)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        while True:
            # What happens between two looks of the watcher, while a build runs, it does
            # not report; so it only says when to look, and at the latest in a second.
            watch = watchfiles.watch(
                *live.watched(), step=50, rust_timeout=1000, yield_on_timeout=True
            )
            for _ in watch:
                if live.is_stale():
                    live.reload(load)
                    break
    except KeyboardInterrupt:
        server.shutdown()


# ## The site in memory
class _Live:
    """The newest build, and how often there has been one."""

    def __init__(self, config: Config, report: Report) -> None:
        self.config = config
        self.report = report
        self.result = Build({}, 0, (), ())
        self.version = 0
        self.searched: tuple[int, dict[str, bytes]] = (0, {})
        self.searching = threading.Lock()
        self.states: dict[str, str] = {}
        self.changed = threading.Condition()

    def reload(self, load: Callable[[], Config]) -> None:
        started = time.time_ns()
        try:
            self.config = load()
            self.rebuild()
        except SidelitError as error:
            print(f"sidelit: {error}", flush=True)
        except OSError as error:
            print(f"sidelit: {error.filename}: {error.strerror}", flush=True)
        self.states = settled_states(self.inputs(), started)

    def rebuild(self) -> None:
        start = time.perf_counter()
        result = build(self.config)
        self.report(result.problems, self.config)
        pages = "1 page" if result.pages == 1 else f"{result.pages} pages"
        print(f"{pages} in {time.perf_counter() - start:.1f} s", flush=True)
        with self.changed:
            self.result = result
            self.version += 1
            self.changed.notify_all()

    def inputs(self) -> set[str]:
        return {*self.result.inputs, os.path.join(self.config.root, "pyproject.toml")}

    def is_stale(self) -> bool:
        """Whether a file that was read, or would be, is not what it was."""
        return any(self.states.get(path) != file_state(path) for path in self.inputs())

    def wait_for(self, version: int, seconds: float) -> bool:
        """Whether there is a newer build than this one, now or in time."""
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
        if url in self.result.files:
            return self.result.files[url]
        if url.startswith(BUNDLE):
            return self.search().get(url)
        path = Path(self.config.output, url)
        # A URL can hold what no path may: a zero byte, a name of a thousand letters.
        with contextlib.suppress(OSError, ValueError):
            if is_inside(str(path), self.config.output):
                return path.read_bytes()
        return None

    def search(self) -> dict[str, bytes]:
        """
        The files of search. Who only writes never waits for them: they are made when a
        browser wants them for the first time since the newest build.
        """
        with self.searching:
            if self.searched[0] != self.version:
                version, files = self.version, {}
                try:
                    config = self.config
                    texts = self.result.texts
                    files = search_files(texts, config.root, config.output)
                except SidelitError as error:
                    print(f"sidelit: {error}", flush=True)
                self.searched = version, files
            return self.searched[1]


# ## Requests
#
# Each open page keeps a connection on which it hears of new builds.
_CHANGES = "/sidelit-changes"
_RELOAD = (
    f'<script>new EventSource("{_CHANGES}").onmessage=()=>location.reload()</script>'
)


def _handler(live: _Live) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A name that leads here from elsewhere could be a page of somebody who
            # wants to read what is served to this machine only.
            host = self.headers.get("Host", "").partition(":")[0]
            if host not in ("127.0.0.1", "localhost"):
                self.send_error(403)
                return
            path = unquote(urlsplit(self.path).path)
            if path == _CHANGES:
                self._send_changes()
                return
            url = path.lstrip("/")
            if url == "" or url.endswith("/"):
                url += "index.html"
            data = live.file(url)
            kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
            if data is None:
                self._send(404, "text/html", _missing(url, live.result.problems))
            elif kind == "text/html":
                self._send(
                    200, kind, data.replace(b"</body>", _RELOAD.encode() + b"</body>")
                )
            else:
                self._send(200, kind, data)

        def _send(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            self.send_header("Content-Type", kind + charset)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_GET  # noqa: N815

        def _send_changes(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            version = live.version
            try:
                # The empty comment finds out whether anybody is still listening.
                while not live.wait_for(version, seconds=15):
                    self.wfile.write(b":\n\n")
                self.wfile.write(b"data: new\n\n")
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *arguments: object) -> None:
            """Say nothing: the terminal is for what is wrong in the sources."""

    return Handler


def _missing(url: str, problems: Iterable[Problem]) -> bytes:
    """The page for a URL that leads nowhere; it reloads when that changes."""
    from html import escape

    listed = "".join(
        f"<li><code>{escape(str(problem))}</code></li>" for problem in problems
    )
    return (
        f"<!doctype html><html lang=en><title>Not found</title>"
        f"<h1>There is no page {escape(url)}</h1><ul>{listed}</ul>{_RELOAD}</html>"
    ).encode()
