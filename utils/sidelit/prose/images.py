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
from typing import NamedTuple

from ..model import Document, Site
from ..site import is_inside, local_file, relative


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


def find_image(site: Site, document: Document, link: str) -> Image:
    """The image that a link in the prose of a document shows."""
    if (found := local_file(site, document, link)) is None:
        return Image(link)
    url, file = found
    src = relative(url, document.source.url)
    if is_inside(file, site.config.output):
        return Image(src, *size(file))
    return Image(src, *size(file), url, file)


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
            start = image.read(1024)
    except OSError:
        # The build reports it when it copies the file.
        return 0, 0
    if start.startswith(b"\x89PNG") and len(start) >= 24:
        width, height = struct.unpack(">II", start[16:24])
        return width, height
    if match := _SVG_SIZE.search(start):
        return int(match[1]), int(match[2])
    return 0, 0
