r"""
---
title: Counting what a Vision Transformer costs
summary: >
  Tokens, parameters, multiplications and memory of a Vision Transformer from its
  dimensions alone, and the static version of the figure in which they can be moved.
---

# Counting what a Vision Transformer costs

[The figure](mha.py#what-it-costs) on the page of attention has a slider for each
dimension, and [its script](cost.js) counts as this module does. Without JavaScript
there are a drawing and a table in its place:

```bash
python -m labml_nn.transformers.cost
```

makes the drawing, in two sizes, and prints the table.

## What did the paper's models cost?

The paper compares models of three kinds, all pre-trained on JFT-300M, by what that
costs and by what they reach on ImageNet after fine-tuning (section 4.4, figure 5 and
table 6). R50x2 is a ResNet-50 of twice the width, and in R50+ViT-B/32 a ResNet-50 makes
a token of each 32×32 pixels:

| exaFLOPs | ViT | hybrid | ResNet | epochs | ImageNet, % |
|--:|---|---|---|--:|--:|
| 50 | | | R50x1 | 7 | 77.54 |
| 55 | B/32 | | | 7 | 80.73 |
| 96 | | | R101x1 | 7 | 80.67 |
| 106 | | R50+ViT-B/32 | | 7 | 84.90 |
| 141 | | | R152x1 | 7 | 81.88 |
| 196 | L/32 | | | 7 | 84.37 |
| 199 | | | R50x2 | 7 | 82.12 |
| 224 | B/16 | | | 7 | 84.15 |
| 246 | | R50+ViT-L/32 | | 7 | 85.68 |
| 274 | | R50+ViT-B/16 | | 7 | 85.58 |
| 563 | | | R152x2 | 7 | 84.97 |
| 783 | L/16 | | | 7 | 86.30 |
| 859 | | R50+ViT-L/16 | | 7 | 86.60 |
| 1126 | | | R152x2 | 14 | 85.56 |
| 1567 | L/16 | | | 14 | 87.12 |
| 1668 | | R50+ViT-L/16 | | 14 | 87.12 |
| 3306 | | | R200x3 | 14 | 87.22 |
| 4262 | H/14 | | | 14 | 88.08 |

Of a ViT and a ResNet of nearly the same cost, the ViT is ahead: by 3.19 points at 50 to
55 exaFLOPs, and by 2.25 at 196 to 199. And the accuracy of the ViTs has not stopped
growing in this range (section 4.4). They all learn from JFT-300M, so that the amount of
data limits none of them. (For ViT-H/14, table 5 has 88.04 %.)

An exaFLOP is $10^{18}$ operations. For every ViT, the counts below lead to the paper's
number, with an error of less than 3 %. An image takes two operations for each
multiplication, since an addition goes with it. The backward pass takes twice as many
again, so training takes six. An epoch is 303 million images of 224×224 pixels.
"""

import math
from pathlib import Path
from typing import NamedTuple

from ..helpers.plot import DRAWINGS, svg, text_at

CHANNELS, CLASSES = 3, 1000
# The width of a head in all sizes of the paper up to ViT-L.
D_K = 64
BYTES = 4


class Cost(NamedTuple):
    """
    What one image costs. The `parameters` are those of a model whose positions fit the
    image; `memory` is that of the attention weights $A$ of all layers, in bytes.
    """

    tokens: int
    parameters: int
    attention: int
    projections: int
    mlp: int
    memory: int


def cost(height: int, width: int, patch_size: int, d_model: int, layers: int) -> Cost:
    r"""
    ## The counts

    `height`, `width` and `patch_size` are in pixels; the patches must fit. A layer has
    $12D^2$ weights in its six matrices, $9D$ biases, and two norms of $2D$ numbers.
    """
    patches = height * width // patch_size**2
    tokens = patches + 1
    patch_emb = CHANNELS * patch_size**2 * d_model + d_model
    positions_and_class = (tokens + 1) * d_model
    a_layer = 12 * d_model**2 + 9 * d_model + 2 * 2 * d_model
    norm_and_head = 2 * d_model + (d_model + 1) * CLASSES
    return Cost(
        tokens,
        patch_emb + positions_and_class + layers * a_layer + norm_and_head,
        # The scores, and the averages of the values.
        layers * 2 * tokens**2 * d_model,
        # Queries, keys, values and the output.
        layers * 4 * tokens * d_model**2,
        layers * 8 * tokens * d_model**2,
        layers * (d_model // D_K) * tokens**2 * BYTES,
    )


# ## Numbers that can be read
#
# Three digits and a unit. 999.6 of one unit is shown as 1 of the next.
def shown(value: float) -> str:
    """A count, such as 86.6 million."""
    if value < 1e6:
        return f"{value:,.0f}"
    return _scaled(value / 1e6, ("million", "billion", "trillion", "quadrillion"))


def shown_bytes(value: float) -> str:
    return _scaled(value, ("B", "kB", "MB", "GB", "TB", "PB"))


def _scaled(value: float, units: tuple[str, ...]) -> str:
    for unit in units:
        if value < 999.5 or unit == units[-1]:
            break
        value /= 1000
    return f"{value:.3g} {unit}"


# ## The static version
#
# ViT-B/16 at the size of its pre-training, and an image of twice the side.
START = {"height": 224, "width": 224, "patch_size": 16, "d_model": 768, "layers": 12}
ROWS = {
    "tokens": "tokens, $N + 1$",
    "parameters": "parameters",
    "attention": "multiplications of attention $2{(N+1)}^2DL$",
    "projections": "of its four maps $4{(N+1)}D^2L$",
    "mlp": "of the MLP $8{(N+1)}D^2L$",
    "memory": "memory of $A$: ${(N+1)}^2kL$ numbers",
}


def numbers(one: Cost, two: Cost) -> list[tuple[str, str, str]]:
    """Two costs and the factor between them, a line for each of `ROWS`."""
    found = []
    for key in ROWS:
        show = shown_bytes if key == "memory" else shown
        now, then = getattr(one, key), getattr(two, key)
        found.append((show(now), show(then), f"×\u00a0{then / now:.3g}"))
    return found


def table() -> str:
    """The numbers, in Markdown."""
    now = cost(**START)
    twice = START["height"] * 2
    then = cost(**{**START, "height": twice, "width": twice})
    lines = ["| count | this image | twice the side | factor |", "|---|--:|--:|--:|"]
    for words, texts in zip(ROWS.values(), numbers(now, then), strict=True):
        lines.append(f"| {' | '.join([words, *texts])} |")
    return "\n".join(lines)


LARGEST = 1024


def curves(side: int) -> tuple[int, int]:
    """
    The multiplications of attention and of all else in `START`, for a square image of
    another side.
    """
    one = cost(**{**START, "height": side, "width": side})
    return one.attention, one.projections + one.mlp


def draw(width: int, height: int) -> str:
    """The multiplications for images with sides of up to 1024 pixels."""
    top, bottom, right = 26, height - 26, width - 74
    most = max(curves(LARGEST))
    power = 10 ** math.floor(math.log10(most))
    step = power * next(one for one in (0.2, 0.5, 1, 2, 5) if 5 * one * power > most)

    def x(side: float) -> float:
        return round(right * side / LARGEST, 1)

    def y(value: float) -> float:
        return round(bottom - (bottom - top) * value / most, 1)

    def line(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
        return f'<path class="rule" d="M{x1} {y1}L{x2} {y2}"{more}/>'

    parts = [line(0, bottom, right, bottom)]
    for tick in range(1, math.floor(most / step) + 1):
        level = y(tick * step)
        parts.append(line(0, level, right, level))
        parts.append(text_at(0, level - 5, shown(tick * step), "quiet"))
    for side in range(0, LARGEST + 1, LARGEST // 4):
        anchor = "middle" if side else "start"
        words = f"{side} px" if side == LARGEST else str(side)
        parts.append(text_at(x(side), bottom + 20, words, "quiet", anchor))
    one, two = START["height"], 2 * START["height"]
    for side, words, anchor in ((one, f"{one} px", "end"), (two, "×\u00a02", "start")):
        parts.append(line(x(side), top, x(side), bottom, ' stroke-dasharray="4 4"'))
        parts.append(text_at(x(side), top - 10, words, anchor=anchor))

    # At the right the curves end close together, so their labels move apart.
    names = (("validation", "diagonal", "attention"), ("training", "cell", "all else"))
    for i, (style, dot, words) in enumerate(names):
        sides = range(0, LARGEST + 1, 32)
        points = " ".join(f"{x(side):g},{y(curves(side)[i]):g}" for side in sides)
        parts.append(f'<polyline points="{points}" class="{style}"/>')
        parts += [
            f'<circle cx="{x(side)}" cy="{y(curves(side)[i])}" r="4.5" class="{dot}"/>'
            for side in (one, two)
        ]
        end = curves(LARGEST)
        place = y(end[i]) + (-2 if end[i] == most else 14)
        parts.append(text_at(right + 8, place, words, f"{style}-text"))
    return svg(width, height, "Multiplications by the side of an image", parts)


def main(folder: Path = DRAWINGS) -> None:
    for name, size in (("cost.svg", (640, 320)), ("cost-narrow.svg", (360, 280))):
        (folder / name).write_text(draw(*size), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
