r"""
---
title: Asking the network
summary: >
  Whether external links still work: each address is asked once a day, one at a time,
  and again if the failure may have been temporary.
---

# Asking the network

Only `sidelit check --external` runs this. A dead link is a finding. A server that
refuses to answer programs is not, because that says nothing about what a reader would
see.
"""

import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from .. import __version__
from ..files import write_file
from ..fresh import cache_folder

DAY = 24 * 60 * 60
TRIES = 3

# These say that the page is gone. Any other answer, such as a request for a password or
# for fewer questions, says nothing about the page.
_GONE = {404, 410, 451}


class Addresses:
    """
    ## What is known about addresses

    Answers are kept for a day in the cache folder. `pause` is the time in seconds
    between two requests to the same host.
    """

    def __init__(
        self,
        pause: float = 1.0,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.pause = pause
        self._wait = wait
        self._now = now
        self._file = Path(cache_folder(), "addresses.json")
        self._asked: dict[str, float] = {}
        self._known: dict[str, tuple[float, str]] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._file.read_text(encoding="utf-8"))
            if _is_memory(known):
                self._known = known

    def fault(self, url: str) -> str:
        """What is wrong with an address, in words that continue it, or nothing."""
        try:
            address = _in_ascii(urldefrag(url).url)
        except ValueError as error:
            return f"is no address: {error}"
        when, fault = self._known.get(address, (0.0, ""))
        if self._now() - when > DAY:
            fault = self._ask(address)
            self._known[address] = self._now(), fault
            with contextlib.suppress(OSError):
                write_file(self._file, json.dumps(self._known).encode())
        return fault

    def _ask(self, address: str) -> str:
        host = urlsplit(address).netloc
        fault = ""
        for attempt in range(TRIES):
            # After each failure, a server gets twice as long to recover.
            rest = self._asked.get(host, 0.0) + self.pause * 2**attempt - self._now()
            if rest > 0:
                self._wait(rest)
            self._asked[host] = self._now()
            fault, certain = self._answer(address)
            if certain:
                break
        return fault

    def _answer(self, address: str) -> tuple[str, bool]:
        agent = f"sidelit/{__version__} (checks the links of a site)"
        request = urllib.request.Request(address, headers={"User-Agent": agent})
        try:
            with urllib.request.urlopen(request, timeout=20):
                return "", True
        except urllib.error.HTTPError as error:
            fault = (
                f"answers {error.code} {error.reason}" if error.code in _GONE else ""
            )
            return fault, error.code < 500 and error.code != 429
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            said = getattr(reason, "strerror", None) or str(reason) or repr(reason)
            return f"cannot be reached: {said}", False


def _in_ascii(address: str) -> str:
    """An address in the form that servers expect, where people may write `ü`."""
    parts = urlsplit(address)
    host = parts.netloc
    if not host.isascii():
        host = host.encode("idna").decode()
    return quote(parts._replace(netloc=host).geturl(), safe="%/:?&=~+!$,;'@()*[]#")


def _is_memory(known: object) -> bool:
    return isinstance(known, dict) and all(
        isinstance(one, list)
        and len(one) == 2
        and isinstance(one[0], int | float)
        and isinstance(one[1], str)
        for one in known.values()
    )
