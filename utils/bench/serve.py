r"""
---
title: From the save to the new page
summary: How long an author waits under sidelit serve, before and now, in turn.
---

# From the save to the new page

Run it with `make bench`. Two servers show this repository as it was before, one with
the code of before and one with the code of now, each in a checkout of its own. What is
measured is what an author waits for: a file is saved, the server tells the open page,
the page is fetched, and it shows the edit. The next edit comes when the server has
caught up with everything else.

The servers take turns. The old one needs seconds, so it gets one edit in each round,
and the new one gets ten.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from measure import BEFORE, ROOT, Edits, checkouts, environment, options, variables

# Edits in each round.
EDITS = {"before": 1, "now": 10}
# Whatever takes longer than this many seconds is broken.
LIMIT = 120
# What a server says when it has made all pages.
_DONE = " pages in "


def main() -> int:
    rounds: int = options("Measure serve.").parse_args().rounds
    print(f"\n{environment()}", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        checkouts("before", "now") as (before, now),
        serving(before, before, Path(folder, "before")) as old,
        serving(now, ROOT, Path(folder, "now")) as new,
    ):
        compare({"before": old, "now": new}, rounds)
    return 0


class Server:
    """A server, and the file that is edited under it."""

    def __init__(self, tree: Path, process: subprocess.Popen[str]) -> None:
        self.edit = Edits(tree)
        self._process = process
        # Before, the first build came before the address; now, it comes after it.
        first = self._line("http://", _DONE)
        second = self._line(_DONE if "http://" in first else "http://")
        self._url = next(one for one in (first, second) if "http://" in one).split()[0]
        # Somebody has the page open.
        urllib.request.urlopen(self._url + Edits.PAGE, timeout=LIMIT).close()

    def _line(self, *told: str) -> str:
        """The next line of what the server says that has one of these texts in it."""
        assert self._process.stdout
        lines: list[str] = []
        for line in self._process.stdout:
            if any(text in line for text in told):
                return line
            lines.append(line)
        sys.exit(f"the server ended: {''.join(lines)}")

    def seconds(self) -> float:
        """Edit the page, and return the seconds until the edit is served."""
        with urllib.request.urlopen(
            self._url + "sidelit-changes", timeout=LIMIT
        ) as changes:
            # The server now knows who listens.
            time.sleep(0.1)
            start = time.perf_counter()
            sentence = self.edit()
            wait_for_news(changes)
            page = self._url + Edits.PAGE
            while sentence.encode() not in urllib.request.urlopen(page).read():
                if time.perf_counter() > start + LIMIT:
                    sys.exit(f"the page does not show the edit: {sentence}")
            return time.perf_counter() - start

    def settle(self) -> None:
        """Wait until the server has made all other pages, which it tells."""
        self._line(_DONE)
        # A file that changes again within a tick of the clock would look the same.
        time.sleep(0.1)


def wait_for_news(changes: IO[bytes]) -> None:
    for line in changes:
        if line.startswith(b"data:"):
            return
    sys.exit("the server has closed the connection")


@contextlib.contextmanager
def serving(tree: Path, code: Path, cache: Path) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sidelit", "serve", "--port", "0"],
        cwd=tree,
        env={**variables(cache, code), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        server = Server(tree, process)
        yield server
    finally:
        # SIGINT is ignored in what a shell runs in the background.
        process.terminate()
        process.wait(LIMIT)


def compare(servers: dict[str, Server], rounds: int) -> None:
    """Edit the page under each server, in turn, and print a table."""
    taken: dict[str, list[float]] = {name: [] for name in servers}
    # One round more, not counted, warms up.
    for number in range(rounds + 1):
        for name, server in servers.items():
            for _ in range(EDITS[name]):
                seconds = server.seconds()
                server.settle()
                if number:
                    taken[name].append(seconds)
    print(f"\nserve: from the save to the page served, this repository at {BEFORE}")
    print(f"{'':10}{'edits':>6}{'median ms':>11}{'slowest ms':>12}{'ratio':>9}")
    slow = statistics.median(taken["before"])
    for name, seconds_taken in taken.items():
        middle = statistics.median(seconds_taken)
        print(
            f"{name:10}{len(seconds_taken):6}{1e3 * middle:11.0f}"
            f"{1e3 * max(seconds_taken):12.0f}{middle / slow:9.4f}"
        )


if __name__ == "__main__":
    sys.exit(main())
