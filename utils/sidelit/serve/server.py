r"""
---
title: Answering a browser
summary: >
  The server sends the files of the site to browsers of this machine, and tells open
  pages when there is a newer site.
---

# Answering a browser

Each open page keeps a connection on which it hears of new builds.
"""

import contextlib
import errno
import json
import mimetypes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from ..model import SidelitError, usage_error
from .live import RELOAD, Live, problem_of

# So many ports are tried from the one that was asked for.
_PORTS = 20
_CHANGES = "/sidelit-changes"
_RELOAD_SCRIPT = (Path(__file__).parents[1] / "assets" / "reload.js").read_bytes()


def server_of(port: int, live: Live) -> ThreadingHTTPServer:
    """
    A server at a port of this machine or, if that is taken, at the next free one.
    Raises `SidelitError` if there is none.
    """
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


def _handler(live: Live) -> type[BaseHTTPRequestHandler]:
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
            if path == RELOAD:
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
                self._send(500, f"{problem_of(error)}\n".encode(), "text/plain")
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
