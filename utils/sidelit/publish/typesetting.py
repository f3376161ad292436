r"""
---
title: Setting text in an image
summary: >
  Letters from the fonts of the web, a title in lines of about equal length, a summary
  cut to three.
---

# Setting text in an image
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont


class Face:
    """
    ## A family of fonts

    The letters of each weight lie in two files, whose paths begin with `stem`. Raises
    `OSError` if FreeType cannot read them.
    """

    def __init__(self, stem: Path) -> None:
        self.stem = stem
        self._fonts: dict[tuple[int, int], list[FreeTypeFont]] = {}
        self._known: dict[str, int | None] = {}
        self.fonts(40, 400)

    def fonts(self, size: int, weight: int) -> "list[FreeTypeFont]":
        from PIL import ImageFont

        key = size, weight
        if key not in self._fonts:
            layout = ImageFont.Layout.BASIC
            self._fonts[key] = [
                ImageFont.truetype(
                    f"{self.stem}-{part}-{weight}-normal.woff2",
                    size,
                    layout_engine=layout,
                )
                for part in ("latin", "latin-ext")
            ]
        return self._fonts[key]

    def can_set(self, text: str) -> bool:
        """Whether there is a letter for each character of a text."""
        return all(self._file_of(letter) is not None for letter in text)

    def _file_of(self, letter: str) -> int | None:
        """Which file has a letter, if any."""
        if letter not in self._known:
            self._known[letter] = None
            for number, font in enumerate(self.fonts(40, 400)):
                # A font draws the same box for all letters that it lacks.
                lacking = bytes(font.getmask("\uffff"))
                if letter == " " or bytes(font.getmask(letter)) != lacking:
                    self._known[letter] = number
                    break
        return self._known[letter]

    def _runs(
        self, text: str, size: int, weight: int
    ) -> "Iterator[tuple[str, FreeTypeFont]]":
        fonts = self.fonts(size, weight)
        for number, letters in groupby(text, self._file_of):
            yield "".join(letters), fonts[number or 0]

    def width(self, text: str, size: int, weight: int) -> float:
        return sum(font.getlength(run) for run, font in self._runs(text, size, weight))

    def draw(
        self,
        image: "Image",
        text: str,
        place: tuple[int, int],
        size: int,
        weight: int,
        room: int,
        grey: int = 255,
    ) -> None:
        """
        Draw a line of text whose baseline begins at a place, and smaller if it needs
        more room than there is.
        """
        from PIL import ImageDraw

        left: float = place[0]
        pen = ImageDraw.Draw(image)
        size = min(size, int(size * room / max(self.width(text, size, weight), 1)))
        for run, font in self._runs(text, size, weight):
            pen.text((left, place[1]), run, grey, font, anchor="ls")
            left += font.getlength(run)


# ## Lines
def wrapped(face: Face, title: str, room: int) -> tuple[list[str], int]:
    """The lines of a title, of about equal length, in the largest size that fits."""
    text = title if len(title) <= 120 else f"{title[:119]}…"
    for size, most in ((88, 2), (78, 2), (68, 2), (60, 4), (52, 5), (46, 6)):
        width = _measure(face, size, 600)
        lines = _broken(text, room, width)
        if max(map(width, lines)) <= room and len(lines) <= most:
            break
    for narrower in range(room, room // 2, -8):
        balanced = _broken(text, narrower, width)
        if len(balanced) > len(lines):
            break
        lines = balanced
    return lines, size


def shortened(face: Face, summary: str, room: int) -> list[str]:
    """The first three lines of a summary."""
    lines = _broken(summary, room, _measure(face, 32, 400))
    if len(lines) <= 3:
        return lines
    return [*lines[:2], lines[2].rpartition(" ")[0].rstrip(",;.:") + " …"]


def _measure(face: Face, size: int, weight: int) -> Callable[[str], float]:
    """The width of a text. Lines are tried many times, and each is measured once."""
    return cache(lambda text: face.width(text, size, weight))


# A name such as `package.module` may be broken behind its signs.
_PIECE = re.compile(r"\S+?(?:[._/-]+|(?=\s)|$)\s*")


def _broken(text: str, room: int, width: Callable[[str], float]) -> list[str]:
    lines = [""]
    for piece in _PIECE.findall(text):
        longer = lines[-1] + piece
        if lines[-1] and width(longer.rstrip()) > room:
            lines.append(piece)
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]
