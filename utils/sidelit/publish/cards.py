r"""
---
title: Pictures of pages
summary: >
  Whoever shares a link to a page shows a card with its title and, in small, the code
  that it is about; drawn while the site is built and remembered by content.
---

# Pictures of pages

A link that somebody shares is shown as a card with a picture. Ours has the title of the
page in the fonts of the site, and at its side what makes the page unlike any other: its
own code, seen from so far away that words are strokes. The lines are those of the page,
and so are the colours.

A card is drawn in a hundredth of a second with Pillow, as a picture of some forty
colours, and kept on disk under a hash of what is on it. Without the fonts from npm, or
for a title with letters that they lack, there is no card: a row of empty boxes would be
worse than none.
"""

import contextlib
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cached_property
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import PIL

from ..files import npm_package, write_file
from ..fresh import cache_folder
from ..model import Config, Document
from ..page.palette import code_colors, theme_colors

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIZE = WIDTH, HEIGHT = 1200, 630


@dataclass(frozen=True, slots=True)
class Card:
    """
    ## What is on a card

    Each stroke stands for a word of the source: its line, its first and its last
    column, and its kind.
    """

    site: str
    folder: str
    title: str
    summary: str
    strokes: tuple[tuple[int, int, int, str], ...]


def card_of(document: Document, config: Config) -> Card:
    """The card of a page."""
    folder = posixpath.dirname(document.source.url).replace("/", " / ")
    site = "" if config.site_title == document.title else config.site_title
    strokes = tuple(_strokes(document))
    return Card(site, folder, document.title, document.summary, strokes)


# ## The code from afar
#
# A panel has room for this many lines and columns.
_LINES, _COLUMNS = 30, 70


def _strokes(document: Document) -> Iterator[tuple[int, int, int, str]]:
    """
    The words of the first lines of code; of a page without code, those of its text.
    """
    text, spans = document.text, [s for one in document.sections for s in one.code]
    lines = text.split("\n")
    numbers = [number - 1 for span in spans for number in span if lines[number - 1]]
    numbers = numbers or [number for number, line in enumerate(lines) if line]
    rows = {number: row for row, number in enumerate(numbers[:_LINES])}
    kinds = {start: (kind, end) for kind, start, end in document.tokens}
    start = 0
    for number, line in enumerate(lines):
        if number in rows:
            for first, last, kind in _words(line, start, kinds):
                if first < _COLUMNS:
                    yield rows[number], first, min(last, _COLUMNS), kind
        start += len(line) + 1


def _words(
    line: str, start: int, kinds: dict[int, tuple[str, int]]
) -> Iterator[tuple[int, int, str]]:
    first = 0
    while first < len(line):
        if line[first].isspace():
            first += 1
            continue
        kind, end = kinds.get(start + first, ("", 0))
        last = min(end - start, len(line)) if kind else first + 1
        if not kind:
            while last < len(line) and start + last not in kinds and line[last] != " ":
                last += 1
        yield first, last, kind
        first = last


# ## Drawing
class Cards:
    """
    ## The cards of a build

    Draws those that are not remembered.
    """

    def __init__(self, config: Config) -> None:
        colors = {name: light for name, (light, _) in theme_colors(config).items()}
        packages = [npm_package(f"@fontsource/{f}", config.root) for f in _FONTS]
        self._packages = [package for package in packages if package]
        self._colors = colors
        self._known = len(self._packages) == len(_FONTS)

    def png(self, card: Card) -> bytes | None:
        """The picture of a card, or nothing if it cannot be set in our fonts."""
        if not self._known:
            return None
        told = json.dumps([astuple(card), self._colors]).encode()
        digest = hashlib.blake2b(told, digest_size=16).hexdigest()
        file = self._memory / digest[:2] / f"{digest}.png"
        with contextlib.suppress(OSError):
            return file.read_bytes() or None
        data = self._draw(card) or b""
        # A cache that cannot be written makes the next build slower and nothing worse.
        with contextlib.suppress(OSError):
            write_file(file, data)
        return data or None

    @cached_property
    def _memory(self) -> Path:
        # Whatever would change the picture changes the folder.
        parts = [PIL.__version__.encode(), json.dumps(code_colors()).encode()]
        parts += [(package / "package.json").read_bytes() for package in self._packages]
        parts.append(Path(__file__).read_bytes())
        digest = hashlib.blake2b(b"\0".join(parts), digest_size=4).hexdigest()
        return Path(cache_folder()) / f"cards-{digest}"

    @cached_property
    def _faces(self) -> dict[str, "_Face"]:
        return {
            name: _Face(package, name)
            for name, package in zip(_FONTS, self._packages, strict=True)
        }

    def _draw(self, card: Card) -> bytes | None:
        # Loading Pillow takes longer than remembering all cards of a site.
        from PIL import Image, ImageDraw

        try:
            serif, sans = self._faces.values()
        except OSError:
            # A FreeType that cannot read the compressed fonts of the web.
            return None
        texts = (card.title, card.site, card.folder)
        if not all(serif.can_set(text) and sans.can_set(text) for text in texts):
            return None

        # Ink and accent are drawn as grey on black and become shades between the paper
        # and their own colour.
        ink, accent = (Image.new("L", SIZE) for _ in range(2))
        accent.paste(_mark(72), (_EDGE, 64))
        sans.draw(ink, card.site, (_EDGE + 92, 111), 34, 600, _MUTED, _ROOM - 92)
        # From the foot upwards: the folder, the summary and the title.
        base = HEIGHT - 76
        if card.folder:
            sans.draw(accent, card.folder, (_EDGE, base), 32, 600)
            base -= 68
        lines, size = _wrapped(serif, card.title)
        if len(lines) <= 2 and card.summary and sans.can_set(card.summary):
            for line in reversed(_shortened(sans, card.summary)):
                sans.draw(ink, line, (_EDGE, base), 32, 400, _MUTED)
                base -= 42
            base -= 24
        for line in reversed(lines):
            serif.draw(ink, line, (_EDGE - 3, base), size, 600)
            base -= round(size * 1.1)

        kinds = sorted({kind for *_, kind in card.strokes})
        colors = [
            *_shades(self._colors["background"], self._colors["text"]),
            *_shades(self._colors["background"], self._colors["accent"]),
            self._colors["code-background"],
            self._colors["accent"],
            *(code_colors().get(kind, self._colors["muted"]) for kind in kinds),
        ]
        picture = ink.point([v * (_SHADES - 1) // 255 for v in range(256)])
        other = accent.point(
            [v and v * (_SHADES - 1) // 255 + _SHADES for v in range(256)]
        )
        picture.paste(other, mask=accent.point([bool(v) * 255 for v in range(256)]))
        pen = ImageDraw.Draw(picture)
        panel, rule = 2 * _SHADES, 2 * _SHADES + 1
        pen.rectangle((_PANEL, 0, WIDTH, HEIGHT), fill=panel)
        pen.rectangle((_PANEL, 0, _PANEL + 5, HEIGHT), fill=rule)
        for row, first, last, kind in card.strokes:
            left, top = _PANEL + 50 + first * 6, 36 + row * 19
            box = (left, top, left + (last - first) * 6 - 2, top + 8)
            pen.rounded_rectangle(box, 3, fill=rule + 1 + kinds.index(kind))
        picture.putpalette(b"".join(bytes.fromhex(color[1:]) for color in colors))
        file = BytesIO()
        # The highest level takes six times as long for a fifth less.
        picture.save(file, "PNG", compress_level=6)
        return file.getvalue()


_EDGE, _PANEL = 72, 792
_ROOM = _PANEL - _EDGE - 48
_MUTED, _SHADES = 176, 16
_FONTS = ("source-serif-4", "source-sans-3")


def _shades(paper: str, ink: str) -> list[str]:
    """The colours from one to the other."""
    pairs = list(zip(bytes.fromhex(paper[1:]), bytes.fromhex(ink[1:]), strict=True))
    return [
        "#"
        + bytes(
            round(one + (two - one) * shade / (_SHADES - 1)) for one, two in pairs
        ).hex()
        for shade in range(_SHADES)
    ]


def _mark(size: int) -> "Image":
    """The mark of the site, as in its icon: lines of prose beside a panel of code."""
    from PIL import Image, ImageDraw

    # Drawn large and made small, so that its edges are smooth.
    unit = 20
    picture = Image.new("L", (32 * unit, 32 * unit))
    pen = ImageDraw.Draw(picture)

    def box(
        left: float, top: float, right: float, bottom: float, radius: float, fill: int
    ) -> None:
        edges = [edge * unit for edge in (left, top, right, bottom)]
        pen.rounded_rectangle(edges, radius * unit, fill=fill)

    box(0, 0, 32, 32, 7, 255)
    for top, right in ((9, 14), (14, 14), (19, 14), (24, 11)):
        box(4.8, top - 1.2, right + 1.2, top + 1.2, 1.2, 0)
    box(17.5, 6, 27, 26, 2.2, 0)
    for top, left, end in ((11, 20, 23.4), (16, 21.2, 24.6), (21, 20, 24)):
        box(left - 1, top - 1, end + 1, top + 1, 1, 255)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


# ## Setting text
class _Face:
    """A family of fonts: each weight's letters lie in two files."""

    def __init__(self, package: Path, name: str) -> None:
        self.stem = package / "files" / name
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
        return all(self._file_of(letter) is not None for letter in text)

    def _file_of(self, letter: str) -> int | None:
        """Which file has a letter; one without it draws the same box for all such."""
        if letter not in self._known:
            self._known[letter] = None
            for number, font in enumerate(self.fonts(40, 400)):
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
        picture: "Image",
        text: str,
        place: tuple[int, int],
        size: int,
        weight: int,
        grey: int = 255,
        room: int = _ROOM,
    ) -> None:
        """
        Draw a line of text, the left end of whose baseline is at a place, and smaller
        where there is too little room for it.
        """
        from PIL import ImageDraw

        left: float = place[0]
        pen = ImageDraw.Draw(picture)
        size = min(size, int(size * room / max(self.width(text, size, weight), 1)))
        for run, font in self._runs(text, size, weight):
            pen.text((left, place[1]), run, grey, font, anchor="ls")
            left += font.getlength(run)


def _wrapped(face: _Face, title: str) -> tuple[list[str], int]:
    """The lines of a title, of about equal length, in the largest size that fits."""
    text = title if len(title) <= 120 else f"{title[:119]}…"
    for size, most in ((88, 2), (78, 2), (68, 2), (60, 4), (52, 5), (46, 6)):
        lines = _broken(face, text, size, 600, _ROOM)
        widest = max(face.width(line, size, 600) for line in lines)
        if widest <= _ROOM and len(lines) <= most:
            break
    for narrower in range(_ROOM, _ROOM // 2, -8):
        balanced = _broken(face, text, size, 600, narrower)
        if len(balanced) > len(lines):
            break
        lines = balanced
    return lines, size


def _shortened(face: _Face, summary: str) -> list[str]:
    """The first three lines of a summary."""
    lines = _broken(face, summary, 32, 400, _ROOM)
    if len(lines) <= 3:
        return lines
    return [*lines[:2], lines[2].rpartition(" ")[0].rstrip(",;.:") + " …"]


# A name such as `package.module` may be broken behind its signs.
_PIECE = re.compile(r"\S+?(?:[._/-]+|(?=\s)|$)\s*")


def _broken(face: _Face, text: str, size: int, weight: int, room: float) -> list[str]:
    lines = [""]
    for piece in _PIECE.findall(text):
        longer = lines[-1] + piece
        if lines[-1] and face.width(longer.rstrip(), size, weight) > room:
            lines.append(piece)
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]
