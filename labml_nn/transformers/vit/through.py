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
    One row of the table: `words` say what happens, and `place` in which row of which
    function of which page. `given` is an argument of the function that is a tensor of
    an earlier step, and the last value of `name` is the tensor of this one.
    """

    words: str
    place: str
    given: str
    name: str


# The address of a row is that of its function and the first words of its comment.
_CUT = "#PatchEmbeddings.forward-"
_EMBED = "#VisionTransformer.embed-"
_LAYER = "../models.py#TransformerLayer.forward-"
_ATTENTION = _LAYER + "equation-2-the-input-of-attention"
_SPLIT = "../mha.py#PrepareForMultiHeadAttention.forward-move-the-heads-in-front-of"
_COMPARE = "../mha.py#attention_weights-one-dot-product-per-pair-two"
_JOIN = "../mha.py#MultiHeadAttention.forward-move-the-heads-back-behind-the"
_WIDEN = "../feed_forward.py#FeedForward.forward-hidden-has-shape-batch-tokens-d_ff"
_CLASS = "#VisionTransformer.features-equation-4-takes-token-0-after"
STEPS = [
    Step("project each patch", _CUT + "x-has-shape-batch-d_model-height", "x", "x"),
    Step("make the grid a list", _CUT + "row-by-row-the-grid-becomes", "x", "return"),
    Step(
        "put the class token in front", _EMBED + "then-mathbf-x-_-text-class", "x", "x"
    ),
    Step("add positions", "#LearnedPositionalEmbeddings.forward", "x", "return"),
    Step("in each layer: normalise", _ATTENTION, "x", "z"),
    Step("q, k, v by head", _SPLIT, "x", "return"),
    Step("compare all with all", _COMPARE, "query", "return"),
    Step("concatenate the answers", _JOIN, "query", "x"),
    Step("project them and add", _ATTENTION, "x", "x"),
    Step("normalise again, widen in the MLP", _WIDEN, "x", "hidden"),
    Step("project back and add", _LAYER + "equation-3", "x", "return"),
    Step(
        "normalise after the last layer", "../models.py#Encoder.forward", "x", "return"
    ),
    Step("take the class token", _CLASS, "x", "return"),
    Step("score the classes", "#ClassificationHead.forward", "x", "return"),
]


# The models of other widths that were recorded begin with the same image. Where only
# some tokens are `queries`, the rest are missing: these calls do not count.
def shapes(file: Path = RECORD) -> list[list[int]]:
    """The shape of the image, and the one after each of `STEPS`."""
    record = json.loads(file.read_text("utf-8"))["files"]
    found = [IMAGE]
    for step in STEPS:
        page, row = step.place.split("#")
        function = row.partition("-")[0]
        path = (HERE / (page or "__init__.py")).resolve().relative_to(ROOT)
        shown = [
            _last(call, step.name)
            for call in record[path.as_posix()][function]["calls"]
            if _shape(call["entry"][step.given]) in found
            and "queries" not in call["entry"]
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
    """The steps in Markdown, each with a link to what does it, and their addresses."""
    image, *others = shapes()
    lines = ["| step | shape |", "|---|--:|", f"| an image | {image} |"]
    for number, (step, shape) in enumerate(zip(STEPS, others, strict=True), 1):
        lines.append(f"| [{step.words}][{number}] | {shape} |")
    lines.append("")
    for number, step in enumerate(STEPS, 1):
        lines.append(f"[{number}]: {step.place}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
