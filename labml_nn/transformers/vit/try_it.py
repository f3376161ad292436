r"""
---
title: The static version of the interactive figure
summary: >
  Draws what the figure on the page of the Vision Transformer shows to readers without
  JavaScript: an image, its classes, and where a token looks.
---

# The static version of the interactive figure

[The figure](__init__.py#try-it) runs [the model in JavaScript](vit.js). Until a reader
chooses an image, and for readers without JavaScript, a drawing stands in its place:

```bash
python -m labml_nn.transformers.vit.try_it
```

makes it, in two sizes, with PyTorch and the same trained weights.
"""

import base64
import io
from html import escape
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import pil_to_tensor

from ...helpers.plot import DRAWINGS
from .predict import Classifier, all_attention, mix_layers

HERE = Path(__file__).parent
SHEET = HERE / "images.jpg"
BEST = 5


def images() -> list[Image.Image]:
    """The square images that come with the page, side by side in one file."""
    with Image.open(SHEET) as sheet:
        side = sheet.height
        return [
            sheet.crop((left, 0, left + side, side))
            for left in range(0, sheet.width, side)
        ]


def prepare(one: Classifier, image: Image.Image) -> Tensor:
    """The input of the model: a square image, resized and standardised."""
    size = (one.image_size, one.image_size)
    pixels = pil_to_tensor(image.resize(size, Image.Resampling.BOX)).unsqueeze(0)
    return (pixels - one.mean) / one.std


class Answer(NamedTuple):
    """
    What the figure shows for an image.

    * `probabilities` has shape `[n_classes]`
    * `attention` has shape `[layers, heads, tokens, tokens]`
    * `rollout` and `similarity` have shape `[tokens, tokens]`
    """

    probabilities: Tensor
    attention: Tensor
    rollout: Tensor
    similarity: Tensor


@torch.inference_mode()
def answer(one: Classifier, image: Image.Image) -> Answer:
    """Run the model on a square image, and keep everything that the figure shows."""
    x = prepare(one, image)
    attention = all_attention(one.model, x)
    positions = F.normalize(one.model.pos_emb.positional_encodings[0], dim=-1)
    return Answer(
        probabilities=one.probabilities(x)[0],
        attention=torch.cat(attention),
        rollout=mix_layers(attention)[0],
        similarity=positions @ positions.T,
    )


# ## The drawing
#
# Text, and images of a few pixels each, which the browser enlarges. The colours are
# those of the [style sheet](try_it.css), and follow the reader's theme.
STYLE = """<style>
:root { --ink: #24211c; --muted: #6a645a; --paper: #fdfcf8; --soft: #f6f3ec; }
:root { --accent: #96391f; --blue: #1f5a99; }
@media (prefers-color-scheme: dark) {
:root { --ink: #dedbd4; --muted: #a09b92; --paper: #16171b; --soft: #1c1e24; }
:root { --accent: #f2a488; --blue: #8fbcf3; }
}
text { font: 15px "Source Sans 3", system-ui, "Segoe UI", Roboto, sans-serif; }
text { fill: var(--ink); }
.quiet { fill: var(--muted); font-size: 14px; }
.best { font-weight: 600; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.near { fill: var(--accent); }
.away { fill: var(--blue); }
.soft { fill: var(--soft); }
.cuts { stroke: var(--paper); stroke-width: 2; }
.mark { stroke: var(--accent); stroke-width: 6; fill: none; }
.mask { image-rendering: pixelated; }
</style>"""


def encoded(image: Image.Image, kind: str, **options: int) -> str:
    """An image as a data URL."""
    data = io.BytesIO()
    image.save(data, kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(data.getvalue()).decode()}"


def drawing(width: int, height: int, label: str, parts: list[str]) -> str:
    """A drawing in this style. `label` describes it for those who cannot see it."""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{label}">'
    )
    return "\n".join([opening, STYLE, *parts, "</svg>", ""])


def line_of_text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(text)}</text>'


class Drawing:
    """
    What one token of an image looks at.

    * `image` is a square image, and `shown` what the model computes for it
    * `classes` are the names of the classes
    * `token` is the number of the patch, counted from 1
    """

    def __init__(
        self, image: Image.Image, shown: Answer, classes: list[str], token: int
    ) -> None:
        self.image, self.shown, self.classes, self.token = image, shown, classes, token
        self.size = round((shown.rollout.shape[0] - 1) ** 0.5)
        self.parts: list[str] = []

    def svg(self, is_wide: bool) -> str:
        """The drawing for a wide page or for a phone."""
        self.parts = []
        if is_wide:
            width, height = 1000, 530
            self._draw_image(0, 0, 360)
            self._answers(0, 396, 360)
            self._title(410, 20)
            self._maps(410, 46, 590)
            self._both(410, 372, 130, 300, True)
        else:
            width, height = 360, 1064
            self._draw_image(0, 0, 360)
            self._answers(0, 396, 360)
            self._title(0, 574)
            self._maps(0, 594, 360)
            self._both(0, 790, 170, 190, False)
        label = "An image, its most likely classes, and where one of its patches looks"
        data = encoded(self.image, "jpeg", quality=80)
        symbol = f'<image id="image" width="1" height="1" href="{data}"/>'
        defined = f"<defs>{symbol}</defs>"
        return drawing(width, height, label, [defined, *self.parts])

    def _text(self, x: float, y: float, text: str, style: str = "") -> None:
        self.parts.append(line_of_text(x, y, text, style))

    def _use(self, x: float, y: float, side: float) -> None:
        place = f"translate({x:g} {y:g}) scale({side:g})"
        self.parts.append(f'<use href="#image" transform="{place}"/>')

    def _draw_image(self, x: float, y: float, side: float) -> None:
        self._use(x, y, side)
        step = side / self.size
        cuts = "".join(
            f"M{x + i * step:g} {y}v{side:g}M{x} {y + i * step:g}h{side:g}"
            for i in range(1, self.size)
        )
        self.parts.append(f'<path class="cuts" d="{cuts}"/>')
        row, column = divmod(self.token - 1, self.size)
        self.parts.append(
            f'<rect class="mark" x="{x + column * step:g}" y="{y + row * step:g}" '
            f'width="{step:g}" height="{step:g}"/>'
        )

    def _answers(self, x: float, y: float, width: float) -> None:
        best = self.shown.probabilities.topk(BEST)
        for i, (share, index) in enumerate(
            zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ):
            line, style = y + 30 * i, "best" if i == 0 else ""
            self._text(x, line, self.classes[index], style)
            length = width - 170
            for part, kind in ((1.0, "soft"), (share, "near")):
                self.parts.append(
                    f'<rect class="{kind}" x="{x + 105:g}" y="{line - 10:g}" '
                    f'width="{part * length:.1f}" height="10" rx="5"/>'
                )
            digits = 1 if share < 0.0995 else 0
            percent = f"{100 * share:.{digits}f} %"
            self._text(x + width, line, percent, f"end {style}")

    def _title(self, x: float, y: float) -> None:
        row, column = divmod(self.token - 1, self.size)
        text = f"Where the patch in row {row + 1}, column {column + 1} looks"
        self._text(x, y, text, "best")

    def _maps(self, x: float, y: float, width: float) -> None:
        layers, heads = self.shown.attention.shape[:2]
        left, gap = 52, 7
        side = (width - left - (layers - 1) * gap) / layers
        for layer in range(layers):
            place = x + left + layer * (side + gap)
            self._text(place + side / 2, y + 12, f"layer {layer + 1}", "quiet middle")
            for head in range(heads):
                below = y + 22 + head * (side + gap)
                if layer == 0:
                    self._text(x, below + side / 2 + 5, f"head {head + 1}", "quiet")
                self._map(place, below, side, self.shown.attention[layer, head])

    def _map(self, x: float, y: float, side: float, weights: Tensor) -> None:
        """The image, with each patch as bright as the attention to it."""
        given = weights[self.token, 1:]
        others = given.clone()
        others[self.token - 1] = 0
        dark = 225 * (1 - given / others.max()).clamp(0, 1)
        mask = Image.new("LA", (self.size, self.size))
        mask.putdata([(0, round(value)) for value in dark.tolist()])
        self._use(x, y, side)
        self.parts.append(
            f'<image class="mask" x="{x:g}" y="{y:g}" width="{side:g}" '
            f'height="{side:g}" href="{encoded(mask, "png")}"/>'
        )

    def _both(
        self, x: float, y: float, side: float, step: float, is_beside: bool
    ) -> None:
        """Rollout and similar positions, with their names beside or below them."""
        self._map(x, y, side, self.shown.rollout)
        cell = side / self.size
        near = self.shown.similarity[self.token, 1:].tolist()
        self.parts.append(
            f'<rect class="soft" x="{x + step:g}" y="{y:g}" width="{side:g}" '
            f'height="{side:g}"/>'
        )
        for i, value in enumerate(near):
            row, column = divmod(i, self.size)
            kind = "away" if value < 0 else "near"
            self.parts.append(
                f'<rect class="{kind}" x="{x + step + column * cell:g}" '
                f'y="{y + row * cell:g}" width="{cell:g}" height="{cell:g}" '
                f'opacity="{abs(value):.2f}"/>'
            )
        for i, (name, *lines) in enumerate(
            (
                ("Attention rollout", "all layers and", "heads, multiplied"),
                ("Similar positions", "how close the", "embeddings are"),
            )
        ):
            left = x + i * step + (side + 12 if is_beside else 0)
            top = y + (side / 2 - 20 if is_beside else side + 24)
            self._text(left, top, name, "best")
            for number, line in enumerate(lines, 1):
                self._text(left, top + 21 * number, line, "quiet")


def draw(place: Path = DRAWINGS) -> list[Path]:
    """Write the drawing for the first image in both sizes, and return the files."""
    one, image = Classifier(), images()[0]
    shown = answer(one, image)
    # The patch with the largest share in rollout, where the figure starts as well.
    token = 1 + int(shown.rollout.mean(dim=0)[1:].argmax())
    drawing = Drawing(image, shown, one.classes, token)
    files = []
    for name, is_wide in (("try-it.svg", True), ("try-it-narrow.svg", False)):
        file = place / name
        file.write_text(drawing.svg(is_wide), encoding="utf-8")
        files.append(file)
    return files


if __name__ == "__main__":
    print(*draw(), sep="\n")
