"""A server for the site, as compressing as the ones that sites are published on."""

import functools
import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wait = 0.0

    def do_GET(self) -> None:
        time.sleep(self.wait)
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        kind = self.guess_type(str(path))
        data = path.read_bytes()
        self.send_response(200)
        if kind.startswith("text/") or kind.endswith(("svg+xml", "xml")):
            data = _compressed(data)
            self.send_header("Content-Encoding", "gzip")
            kind += "; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@functools.cache
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


@contextmanager
def serving(folder: Path, wait: float = 0.0) -> Iterator[str]:
    """The address at which a folder is served, each answer after some seconds."""
    kind = type("_Handler", (_Handler,), {"wait": wait})
    handler = functools.partial(kind, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
