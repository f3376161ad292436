r"""
---
title: Serving
summary: >
  Watches the files and, after each change, reads them again and tells the open pages,
  until Ctrl-C.
---

# Serving

The author of a page wants to see it now, and the other pages at some point. So after
each change the open pages are told to reload at once, and everything else waits.
"""

import threading
from collections.abc import Callable

import watchfiles

from ..build import Pipeline
from ..cache import opened
from ..model import Config
from .live import Live, Report
from .server import server_of

# A pause of this many milliseconds ends a burst of changes, such as those of a
# `git checkout`, which is one change to the site.
_PAUSE = 30


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
        live = Live(load, Pipeline(cache, jobs, drafts=True), report)
        server = server_of(port, live)
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
                # a second. That will do for a folder that it may not read, too.
                watch = watchfiles.watch(
                    *live.watched(),
                    step=_PAUSE,
                    rust_timeout=1000,
                    yield_on_timeout=True,
                    ignore_permission_denied=True,
                )
                for _ in watch:
                    if live.is_stale():
                        live.reload()
                        break
        except KeyboardInterrupt:
            server.shutdown()
