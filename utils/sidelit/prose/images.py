"""
---
title: Images
summary: >
  Where an image of the prose lies, whether it has to be copied into the site, and the
  size that it will have on the page.
---

# Images
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple


class Image(NamedTuple):
    """
    ## Image

    `src` is the address to write on the page, and `width` and `height` are 0 unless
    they are known. An image that is not in the output folder yet has a `file`, which is
    to be copied to `url`.
    """

    src: str
    width: int = 0
    height: int = 0
    url: str = ""
    file: str = ""


# ## Several of them
#
# `srcset="a.png 1x, b.png 2x"` lists addresses, each with what it is for.
_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])((?:\s+[^\s,]+)?)\s*(?:,|$)")


def in_srcset(listed: str) -> list[tuple[str, str]]:
    """The addresses in a `srcset`, with what stands behind each."""
    return [(url, behind.strip()) for url, behind in _CANDIDATE.findall(listed)]


def srcset(listed: str, address: Callable[[str], str]) -> str:
    """A `srcset` in which other addresses stand for those that it lists."""
    found = in_srcset(listed)
    return ", ".join(f"{address(url)} {behind}".rstrip() for url, behind in found)


# ## The size
#
# With its size in the HTML, an image leaves its place free, so that the text does not
# jump when it arrives. Vector drawings and PNG tell it in their first bytes; for the
# others, the browser finds out in time.
_SVG_SIZE = re.compile(rb'viewBox="0 0 (\d+)(?:\.\d+)? (\d+)')


def size(file: str) -> tuple[int, int]:
    """Width and height in pixels, or zeros if the file does not tell."""
    try:
        with open(file, "rb") as image:
            return size_of(image.read(1024))
    except OSError:
        # The build reports it when it copies the file.
        return 0, 0


def size_of(data: bytes) -> tuple[int, int]:
    """The same for the bytes of an image, of which the first are enough."""
    start = data[:1024]
    if start.startswith(b"\x89PNG") and len(start) >= 24:
        width, height = struct.unpack(">II", start[16:24])
        return width, height
    if match := _SVG_SIZE.search(start):
        return int(match[1]), int(match[2])
    return 0, 0
