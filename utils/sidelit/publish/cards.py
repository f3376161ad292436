r"""
---
title: Cards for shared links
summary: >
  A link that somebody shares shows a card with the title of the page and, in small, its
  code; drawn while the site is built and kept by content.
---

# Cards for shared links

Chats and feeds show a shared link as a card with an image. Ours has the title of the
page in the fonts of the site, and beside it what makes the page unlike any other: its
own code, seen from so far away that words are strokes. The lines are those of the page,
and so are the colours.

Pillow draws a card in a hundredth of a second, as an image of some forty colours. It is
kept on disk under a hash of what is on it. Without the fonts from npm, or for a title
with letters that they lack, there is no card: a row of empty boxes would be worse than
none.
"""

import contextlib
import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import PIL

from ..files import npm_package, write_file
from ..fresh import cache_folder
from ..model import Document
from ..page.palette import code_colors
from . import typesetting
from .typesetting import Face, shortened, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

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


def card_of(document: Document, site_title: str) -> Card:
    """The card of a page."""
    folder = posixpath.dirname(document.source.url).replace("/", " / ")
    site = "" if site_title == document.title else site_title
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
    lines = document.text.split("\n")
    spans = (span for section in document.sections for span in section.code)
    code = (number - 1 for span in spans for number in span if lines[number - 1])
    text = (number for number, line in enumerate(lines) if line)
    numbers = [*islice(code, _LINES)] or [*islice(text, _LINES)]
    rows = {number: row for row, number in enumerate(numbers)}
    lines = lines[: max(numbers, default=-1) + 1]
    stop = sum(len(line) + 1 for line in lines)
    tokens = takewhile(lambda token: token[1] < stop, document.tokens)
    kinds = {start: (kind, end) for kind, start, end in tokens}
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
_EDGE, _PANEL = 72, 792
_ROOM = _PANEL - _EDGE - 48
_MUTED, _SHADES = 176, 16
_FONTS = ("source-serif-4", "source-sans-3")


class Cards:
    """
    ## The cards of a site

    Draws those that are not kept yet, in the fonts of the project at `root` and in the
    light colours of the theme. Another process gets a copy that opens the fonts for
    itself.
    """

    def __init__(self, root: str, theme: Mapping[str, tuple[str, str]]) -> None:
        packages = [npm_package(f"@fontsource/{name}", root) for name in _FONTS]
        self._packages = [package for package in packages if package]
        self._colors = {name: light for name, (light, _) in theme.items()}
        self._arguments = root, theme

    def __reduce__(
        self,
    ) -> tuple[type["Cards"], tuple[str, Mapping[str, tuple[str, str]]]]:
        return Cards, self._arguments

    def png(self, card: Card) -> bytes | None:
        """The image of a card, or `None` if our fonts cannot set it."""
        if len(self._packages) < len(_FONTS):
            return None
        shown = card.site, card.folder, card.title, card.summary, card.strokes
        content = json.dumps([shown, self._colors]).encode()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        file = self._folder / digest[:2] / f"{digest}.png"
        with contextlib.suppress(OSError):
            return file.read_bytes() or None
        data = self._draw(card) or b""
        # A cache that cannot be written makes the next build slower and nothing worse.
        with contextlib.suppress(OSError):
            write_file(file, data)
        return data or None

    @cached_property
    def _folder(self) -> Path:
        # Whatever would change the image changes the folder.
        parts = [PIL.__version__.encode(), json.dumps(code_colors()).encode()]
        parts += [(package / "package.json").read_bytes() for package in self._packages]
        parts += [Path(file).read_bytes() for file in (__file__, typesetting.__file__)]
        digest = hashlib.blake2b(b"\0".join(parts), digest_size=4).hexdigest()
        return Path(cache_folder()) / f"cards-{digest}"

    @cached_property
    def _faces(self) -> list[Face]:
        return [
            Face(package / "files" / name)
            for name, package in zip(_FONTS, self._packages, strict=True)
        ]

    @cached_property
    def _mark(self) -> "Image":
        return _mark(72)

    def _draw(self, card: Card) -> bytes | None:
        # Loading Pillow takes longer than reading all kept cards of a site.
        from PIL import Image, ImageChops, ImageDraw

        try:
            serif, sans = self._faces
        except OSError:
            # A FreeType that cannot read the compressed fonts of the web.
            return None
        texts = (card.title, card.site, card.folder)
        if not all(serif.can_set(text) and sans.can_set(text) for text in texts):
            return None

        # Ink and accent are drawn as grey on black and become shades between the paper
        # and their own colour.
        ink, accent = (Image.new("L", SIZE) for _ in range(2))
        accent.paste(self._mark, (_EDGE, 64))
        sans.draw(ink, card.site, (_EDGE + 92, 111), 34, 600, _ROOM - 92, _MUTED)
        # From the foot upwards: the folder, the summary and the title.
        base = HEIGHT - 76
        if card.folder:
            sans.draw(accent, card.folder, (_EDGE, base), 32, 600, _ROOM)
            base -= 68
        lines, size = wrapped(serif, card.title, _ROOM)
        if len(lines) <= 2 and card.summary and sans.can_set(card.summary):
            for line in reversed(shortened(sans, card.summary, _ROOM)):
                sans.draw(ink, line, (_EDGE, base), 32, 400, _ROOM, _MUTED)
                base -= 42
            base -= 24
        for line in reversed(lines):
            serif.draw(ink, line, (_EDGE - 3, base), size, 600, _ROOM)
            base -= round(size * 1.1)

        kinds = sorted({kind for *_, kind in card.strokes})
        colors = [
            *_shades(self._colors["background"], self._colors["text"]),
            *_shades(self._colors["background"], self._colors["accent"]),
            self._colors["code-background"],
            self._colors["accent"],
            *(code_colors().get(kind, self._colors["muted"]) for kind in kinds),
        ]
        image = ink.point([v * (_SHADES - 1) // 255 for v in range(256)])
        other = accent.point(
            [v and v * (_SHADES - 1) // 255 + _SHADES for v in range(256)]
        )
        # The shades of the accent are numbered behind those of the ink.
        image = ImageChops.lighter(image, other)
        pen = ImageDraw.Draw(image)
        panel, rule = 2 * _SHADES, 2 * _SHADES + 1
        pen.rectangle((_PANEL, 0, WIDTH, HEIGHT), fill=panel)
        pen.rectangle((_PANEL, 0, _PANEL + 5, HEIGHT), fill=rule)
        for row, first, last, kind in card.strokes:
            left, top = _PANEL + 50 + first * 6, 36 + row * 19
            color = rule + 1 + kinds.index(kind)
            image.paste(color, (left, top), _stroke((last - first) * 6 - 2))
        image.putpalette(b"".join(bytes.fromhex(color[1:]) for color in colors))
        file = BytesIO()
        # The highest level takes six times as long for a fifth less.
        image.save(file, "PNG", compress_level=6)
        return file.getvalue()


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


@cache
def _stroke(length: int) -> "Image":
    """The shape of a stroke: there are few lengths, and hundreds of strokes."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (length + 1, 9))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, length, 8), 3, fill=1)
    return image


def _mark(size: int) -> "Image":
    """The mark of the site, as in its icon: lines of prose beside a panel of code."""
    from PIL import Image, ImageDraw

    # Drawn large and made small, so that its edges are smooth.
    unit = 20
    image = Image.new("L", (32 * unit, 32 * unit))
    pen = ImageDraw.Draw(image)

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
    return image.resize((size, size), Image.Resampling.LANCZOS)
