r"""
---
title: The static version of the shuffled patches
summary: >
  Draws what the trained Vision Transformer makes of an image and of its shuffled
  patches, with and without position embeddings.
---

# The static version of the shuffled patches

[The figure](__init__.py#LearnedPositionalEmbeddings) in which patches change places has
a [script](shuffle.js). Without JavaScript there is a drawing of its first and its last
answer:

```bash
python -m labml_nn.transformers.vit.shuffle
```

makes it, with PyTorch and the same trained weights.
"""

from pathlib import Path

from PIL import Image
from torch import Tensor

from ...helpers.plot import DRAWINGS
from ..scale import random_numbers
from .predict import Classifier
from .try_it import drawing, encoded, images, line_of_text, prepare

CAT, SEED, BEST = 2, 1, 3


def random_order(length: int, seed: int) -> list[int]:
    """All numbers below `length`, in the order of the script."""
    numbers = random_numbers(seed)
    order = list(range(length))
    for last in range(length - 1, 0, -1):
        other = int(next(numbers) * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


def sources(order: list[int], count: int) -> list[int]:
    """
    For each place the one that its patch comes from, if the first `count` patches of
    `order` have each moved to the place of the next.
    """
    found = list(range(len(order)))
    for i in range(count):
        found[order[i]] = order[i - 1 if i else count - 1]
    return found


def shuffled(image: Image.Image, found: list[int]) -> Image.Image:
    """A square image with its patches in other places."""
    size = round(len(found) ** 0.5)
    side = image.width // size
    made = Image.new("RGB", (side * size, side * size))
    for place, source in enumerate(found):
        y, x = (side * i for i in divmod(source, size))
        patch = image.crop((x, y, x + side, y + side))
        made.paste(patch, (side * (place % size), side * (place // size)))
    return made


def probabilities(one: Classifier, image: Image.Image) -> tuple[Tensor, Tensor]:
    """
    What the model answers with its position embeddings, and without them: a probability
    for each class.
    """
    x = prepare(one, image)
    hook = one.model.pos_emb.register_forward_hook(lambda _, inputs, output: inputs[0])
    try:
        (without,) = one.probabilities(x)
    finally:
        hook.remove()
    (with_positions,) = one.probabilities(x)
    return with_positions, without


# ## The drawing
#
# Two images below each other, and beside each what the model says.
def draw() -> str:
    one, size = Classifier(), 8
    # Patches of 32×32 pixels can change places without a remainder.
    image = images()[CAT].resize((256, 256), Image.Resampling.BICUBIC)
    order = random_order(size**2, SEED)
    parts = []
    for row, (title, count) in enumerate((("In order", 0), ("All shuffled", 64))):
        top = 216 * row
        shown = shuffled(image, sources(order, count))
        data = encoded(shown, "jpeg", quality=80)
        parts.append(line_of_text(0, top + 14, title, "best"))
        parts.append(
            f'<image x="0" y="{top + 26}" width="164" height="164" href="{data}"/>'
        )
        for i, (words, found) in enumerate(
            zip(("With positions", "Without"), probabilities(one, shown), strict=True)
        ):
            above = top + 26 + 86 * i
            parts.append(line_of_text(184, above + 11, words, "quiet"))
            best = found.topk(BEST)
            for line, (share, index) in enumerate(
                zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ):
                y = above + 30 + 20 * line
                style = "best" if line == 0 else ""
                parts.append(line_of_text(184, y, one.classes[index], style))
                parts.append(_bar(286, y - 8, 32, "soft"))
                parts.append(_bar(286, y - 8, 32 * share, "near"))
                parts.append(
                    line_of_text(360, y, f"{100 * share:.0f} %", f"end {style}")
                )
    label = "An image and its shuffled patches, and what the model answers with and "
    return drawing(360, 412, f"{label}without position embeddings", parts)


def _bar(x: float, y: float, width: float, style: str) -> str:
    return (
        f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:.1f}" height="8" '
        'rx="4"/>'
    )


def main(folder: Path = DRAWINGS) -> None:
    (folder / "shuffle.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
