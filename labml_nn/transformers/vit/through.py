r"""
---
title: One image through the model, step by step
summary: >
  The table of all shapes between an image and its logits, from a recorded run of the
  Vision Transformer.
---

# One image through the model, step by step

[The figure](__init__.py#one-image-through-the-model) shows what becomes of an image.
Its table is also what readers without JavaScript see; with it, a [script](through.js)
draws the tensor of each step. All shapes are from the recorded run that the pages show
beside their code:

```bash
python -m labml_nn.transformers.vit.through
```

prints the table.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RECORD = ROOT / "labml_nn" / "shapes.json"
# The run is that of ViT-Ti/4.
IMAGE, D = [1, 3, 32, 32], 192


class Step(NamedTuple):
    """
    One row of the table: `words` say what happens, and `place` in which function of
    which page. `given` is an argument of it that is a tensor of an earlier step, and
    the last value of `name` is the tensor of this one.
    """

    words: str
    place: str
    given: str
    name: str


_LAYER = "../models.py#TransformerLayer.forward"
_HEADS = "../mha.py#PrepareForMultiHeadAttention.forward"
STEPS = [
    Step("project each patch", "#PatchEmbeddings.forward", "x", "x"),
    Step("make the grid a list", "#PatchEmbeddings.forward", "x", "return"),
    Step("put the class token in front", "#VisionTransformer.embed", "x", "x"),
    Step("add positions", "#LearnedPositionalEmbeddings.forward", "x", "return"),
    Step("in each layer: normalise", _LAYER, "x", "z"),
    Step("q, k, v by head", _HEADS, "x", "return"),
    Step("compare all with all", "../mha.py#attention_weights", "query", "return"),
    Step(
        "concatenate the answers", "../mha.py#MultiHeadAttention.forward", "query", "x"
    ),
    Step("add them", _LAYER, "x", "x"),
    Step("widen in the MLP", "../feed_forward.py#FeedForward.forward", "x", "hidden"),
    Step("project back and add", _LAYER, "x", "return"),
    Step("normalise once more", "../models.py#Encoder.forward", "x", "return"),
    Step("take the class token", "#VisionTransformer.features", "x", "return"),
    Step("score the classes", "#ClassificationHead.forward", "x", "return"),
]


# The models of other widths that were recorded begin with the same image.
def shapes(file: Path = RECORD) -> list[list[int]]:
    """The shape of the image, and the one after each of `STEPS`."""
    record = json.loads(file.read_text("utf-8"))["files"]
    found = [IMAGE]
    for step in STEPS:
        page, function = step.place.split("#")
        path = (HERE / (page or "__init__.py")).resolve().relative_to(ROOT)
        shown = [
            _last(call, step.name)
            for call in record[path.as_posix()][function]["calls"]
            if _shape(call["entry"][step.given]) in found
        ]
        wide = [shape for shape in shown if D in shape]
        found.append((wide or shown)[0])
    return found


def _shape(value: str) -> list[int]:
    shape: list[int] = json.loads(value.removeprefix("float32"))
    return shape


def _last(call: dict[str, Any], name: str) -> list[int]:
    lines = [line for line in call["lines"].values() if name in line]
    (value,) = lines[-1][name]
    return _shape(value)


def table() -> str:
    """The steps in Markdown, each with a link to what does it."""
    image, *others = shapes()
    lines = ["| step | shape |", "|---|--:|", f"| an image | {image} |"]
    for step, shape in zip(STEPS, others, strict=True):
        lines.append(f"| [{step.words}]({step.place}) | {shape} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
