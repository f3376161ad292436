r"""
---
title: What has it learned?
summary: >
  Four looks inside a trained Vision Transformer, as in the paper's figures 6 and 7:
  its filters, its positions, how far it looks, and where.
---

# What has it learned?

A Vision Transformer is told little about images. So what has it found out? The paper
looks inside in four ways, in its figures 6 and 7, and this page draws the same figures
for the model that [comes with these pages](predict.py). It has 175,050 parameters, was
trained for 11.9 minutes on two CPU cores, and classifies 81.35 % of the test images of
CIFAR-10 (JPEG) correctly. The paper's largest model has 632 million parameters and has
seen 303 million images.

Does so small a model show the same?

| figure | look for | is it there? |
|---|---|---|
| [filters](#filters) | waves, from slow to fast | yes, because it starts with them |
| [positions](#positions) | a grid of rows and columns | yes, for the same reason |
| [distance](#attention-distance) | farther with depth | no; one head looks nearby |
| [rollout](#rollout) | the object without the background | mostly, and softly |

## Filters

The [patch embeddings](__init__.py#PatchEmbeddings) have a filter for each of the
$D$ numbers of a token. The paper's ViT-L/32 has 1,024 of them, and figure 7 shows their
principal components, strongest first. We have 64 and can show both.

<picture><source media="(max-width: 40rem)" width="355" height="683"
srcset="../../../docs/figures/laptop-filters-narrow.svg">
![Sixty-four small coloured squares of four by four pixels. The first ones show slow
waves in one direction or two, the later ones faster waves and chequers in pink and
green, and the last ones colourful noise. Below are 48 more; nearly all look like
noise, and the last is of one grey.](../../../docs/figures/laptop-filters.svg
"Above, the filters. Below, all their principal components in the order of their
strength; the bar under each is its share of the variance.")
</picture>

**What to look for.** In the paper's figure, the first components look like the patterns
of which an image codec composes a patch: an even shade, then slow waves, then faster
ones. With a few such numbers, a patch is described well (section 4.5).

**Is it there?** In the filters, yes: slow waves first, then faster ones, then colours.
But we put them there. The first 48 filters [start](experiment.py#whiten) as the
principal components of the patches, and training has left them recognisable. The
others, 49 to 64, start as random mixtures, and still look random.

In the components of the filters, no, and for the same reason. At the start, each filter
is divided by the standard deviation of what it measures, so that all outputs count the
same. So the filters for what varies little are long, and there are many of these, of
which none stands out: the first component has 4.5 % of the variance, and looks like a
random mixture. Only a few of the last ones can be recognised. The very last is the
brightness of the patch, in which patches differ most: 96 % of it is a single shade.

## Positions

Each patch has a [position embedding](__init__.py#LearnedPositionalEmbeddings). How
similar are those of two patches? The paper takes the cosine of the angle between the
two vectors, and draws for each patch an image of its similarity to all patches.

<picture><source media="(max-width: 40rem)" width="341" height="754"
srcset="../../../docs/figures/laptop-positions-narrow.svg">
![Two grids of eight by eight tiles, before and after training. Each tile shows a
spot at the place of its patch, with a cross through it along its row and its
column. The two grids look nearly the same.](
../../../docs/figures/laptop-positions.svg "A tile for each patch, at its place in
the image: how similar its position embedding is to those of all patches. The stronger
the blue, the more similar.")
</picture>

**What to look for.** The paper's model starts with random positions, and learns that
they form a grid: each tile has a spot where its patch is, and a cross along its row and
its column. With larger grids, there are sometimes waves (section 4.5).

**Is it there?** Yes, but only because we put it there. Our positions [start](
experiment.py#sinusoidal_positions) as sines and cosines of row and column, which have
the spot and the cross already. Before and after training, the similarities have a
correlation of 0.99. What training has added is small and nearly the same everywhere:
patches in different rows and columns have become more similar, from 0.38 to 0.44 on
average, those of the same row or column less so, from 0.69 to 0.71.

## Attention distance

A convolution of 3×3 looks one pixel far, by construction. How far does a head look? The
counterpart of a receptive field is its *attention distance* $d$: the distance between
the query patch and the key patch, averaged over all keys with the attention weights
$A$, and over all queries (the paper's figure 7 and appendix D.7):

$$d = \frac{1}{N} \sum_{i=1}^{N} \sum_{j=1}^{N} A_{ij}\,
  \lVert p_i - p_j \rVert$$

$p_i$ is the centre of patch $i$ in pixels. The class token has no place in the image,
so here it is left out, and the other weights of a row are scaled to a sum of one.

![Eight dots, two in each of four layers. Most lie near a dashed line at 16.55
pixels, which stands for a head that looks at all patches alike; one, in the second
layer, is at 11.6.](../../../docs/figures/laptop-distance.svg "Mean attention
distance of each head, over 128 test images. The thin line is one standard deviation
over the images to either side.")

**What to look for.** In the paper's model, some heads of the lowest layers look at most
of the image and others only nearby, as convolutions do. With depth, all of them look
farther. In hybrids, fewer heads look nearby: the convolutions in front have already
done that work.

**Is it there?** No. The distance hardly grows with depth: its mean is 15.2 pixels in
the first layer and 15.5 in the last. The second has a head that looks nearby: 11.6
pixels, where uniform attention has 16.55. But none looks at its next neighbours alone,
which are 4 pixels away. Four layers with eight heads in all are few, and a grid
of 8×8 patches leaves little room between near and far.

## Rollout

Which part of the image does the answer depend on? [Attention
rollout](predict.py#rollout) estimates it by multiplying the attention of all layers, as
the paper does for its figure 6.

![Six images and, below each, the same with most patches dark. Bright are the hull of
a ship, the eyes of a frog, the face of a cat, the wheels of a
car.](../../../docs/figures/laptop-rollout.svg "Images with the most likely class of
each. Below them, each patch is as bright as its share of the attention.")

**What to look for.** The object should be bright and its background dark, although
nobody has told the model where the object is.

**Is it there?** Mostly. The brightest patches of the car are its wheels, those of the
frog its eyes and the middle of its face, and of the ship it is hull and load. The
airplane is harder: tail and nose are bright, but so is a corner of the sky. And what is
shown is soft. The brighter wheel has 2.3 times the share of an average patch, and the
darkest patch of the sky above still has half of one. One image shows none of the ten
classes: the model takes the astronaut for a dog, and looks at her all the same.

The cat was photographed by Stéfan van der Walt (CC0) and the astronaut by NASA (public
domain); both come with [scikit-image](https://scikit-image.org). The others were drawn
for this site. They are not test images: nobody knows who may publish those of CIFAR-10.

## One command

```bash
python -m labml_nn.transformers.vit.figures NAME IMAGES [CHECKPOINT]
```

draws `NAME-filters.svg` and the three others, the first two a second time for phones,
as `NAME-filters-narrow.svg`, and writes all numbers in them to `NAME-figures.json`.
`IMAGES` is a folder of images, with or without subfolders, over which the attention
distance is averaged. `CHECKPOINT` is what [predict](predict.py) takes, by default the
model that comes with these pages. For the figures above, `NAME` was
`docs/figures/laptop`, and `IMAGES` the test images of CIFAR-10. The numbers [are there,
too](../../../docs/figures/laptop-figures.json).
"""

import base64
import math
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ...experiments.results import write_json, write_text
from ...helpers.checkpoint import CheckpointError, is_checkpoint
from ...helpers.data import DataError, is_image_name, read_image
from ...helpers.plot import svg, text_at
from ...utils import show_usage
from . import VisionTransformer
from .experiment import sinusoidal_positions
from .predict import Classifier, all_attention, rollout
from .try_it import SHEET, images

USAGE = "usage: python -m labml_nn.transformers.vit.figures NAME IMAGES [CHECKPOINT]"


@torch.no_grad()
def measure_filters(model: VisionTransformer) -> dict[str, Any]:
    """
    ## The numbers behind the filters

    Returns the first `filters` and all `components` as pixels, a list of red, green and
    blue bytes for each; `shares`, the share of each component in the variance; and
    `flatness`, how much of each component is a single colour.
    """
    weight = model.patch_emb.conv.weight
    flat = weight.flatten(1)
    _, strengths, components = torch.linalg.svd(
        flat - flat.mean(dim=0), full_matrices=False
    )
    # A component and its negative are the same component. Of the two, take the one
    # whose largest number is positive, so that all machines draw the same.
    largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
    components = (components * largest.sign()).unflatten(1, weight.shape[1:])

    squares = strengths.square()
    flatness = components.mean(dim=(2, 3)).square().sum(dim=1) * weight[0, 0].numel()
    return {
        "filters": colors(weight[:FILTERS]),
        "components": colors(components),
        "shares": rounded(squares / squares.sum(), 4),
        "flatness": rounded(flatness, 2),
    }


# A wider model has more filters than anybody wants to look at.
FILTERS = 64


def colors(x: Tensor) -> list[list[int]]:
    """
    The pixels of each image as bytes. `x` has shape `[images, channels, height,
    width]`. Zero becomes grey, and each image uses the whole range of colours.
    """
    peaks = x.abs().amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    pixels = (127.5 + 127.5 * x / peaks).round().int()
    return pixels.permute(0, 2, 3, 1).flatten(1).tolist()


def rounded(x: Tensor, digits: int) -> Any:
    """The numbers of a tensor as lists, rounded so that all machines agree on them."""

    def each(value: Any) -> Any:
        if isinstance(value, list):
            return [each(one) for one in value]
        # Adding zero makes a negative zero an ordinary one.
        return round(value, digits) + 0.0

    return each(x.tolist())


@torch.no_grad()
def similarity(positions: Tensor, columns: int) -> dict[str, Any]:
    r"""
    ## How similar positions are

    * `positions` are the embeddings of the patches, of shape `[patches, d_model]`
    * `columns` is the number of patches from left to right

    Returns all `cosines`, and their means over the pairs in the `same_line`, which is a
    row or a column, and over those in `different_lines`.
    """
    unit = F.normalize(positions, dim=1)
    cosines = unit @ unit.T
    place = torch.arange(len(positions))
    row, column = place // columns, place % columns
    same_row, same_column = row[:, None] == row, column[:, None] == column
    return {
        "cosines": rounded(cosines, 2),
        "same_line": round(cosines[same_row ^ same_column].mean().item(), 3),
        "different_lines": round(cosines[~(same_row | same_column)].mean().item(), 3),
    }


def distances(attention: list[Tensor], grid: tuple[int, int], side: int) -> Tensor:
    r"""
    ## How far the heads look

    * `attention` has for each layer a tensor of shape `[batch, heads, tokens, tokens]`
    * `grid` is the number of rows and of columns of patches
    * `side` is the height and width of a patch in pixels, $P$

    Returns the distances in pixels, of shape `[batch, layers, heads]`.
    """
    apart = patch_distances(grid, side)
    patches = torch.stack(attention, dim=1)[..., 1:, 1:]
    patches = patches / patches.sum(dim=-1, keepdim=True)
    return (patches * apart).sum(dim=-1).mean(dim=-1)


def patch_distances(grid: tuple[int, int], side: int) -> Tensor:
    """The distance from patch to patch in pixels, of shape `[patches, patches]`."""
    rows, columns = (torch.arange(count) * float(side) for count in grid)
    places = torch.cartesian_prod(rows, columns)
    # Written out: torch.cdist may find a patch at a small distance from itself.
    return (places[:, None] - places).square().sum(dim=-1).sqrt()


def looks(classifier: Classifier) -> list[dict[str, Any]]:
    """The most likely class of each image, its probability, and the `attention`."""
    found = []
    for image in images():
        x = classifier.prepare(image)
        probability, label = classifier.probabilities(x)[0].max(dim=0)
        found.append(
            {
                "class": classifier.classes[int(label)],
                "probability": round(probability.item(), 3),
                "attention": rounded(rollout(classifier.model, x)[0], 4),
            }
        )
    return found


# ## All numbers
#
# The paper averages the attention distance over 128 images. Those in a folder are often
# sorted by class, so take them at equal steps.
IMAGES = 128


def measure(classifier: Classifier, folder: str) -> dict[str, Any]:
    """
    All numbers that the figures show. `folder` holds the images for the attention
    distance.

    Raises `DataError`.
    """
    model = classifier.model
    files = sorted(
        str(file) for file in Path(folder).rglob("*") if is_image_name(file.name)
    )
    if not files:
        raise DataError(f"there is no image in {folder}")
    count = min(IMAGES, len(files))
    chosen = [files[index * len(files) // count] for index in range(count)]
    x = torch.cat([classifier.prepare(read_image(file)) for file in chosen])
    grid, side = model.pos_emb.grid_size, model.patch_emb.patch_size
    seen = distances(all_attention(model, x), grid, side)

    learned = model.pos_emb.positional_encodings[0, 1:]
    positions = {"learned": similarity(learned, grid[1])}
    if classifier.settings["model.structured_init"]:
        start = sinusoidal_positions(*grid, learned.shape[1])
        positions["start"] = similarity(start, grid[1])
    return {
        "model": {
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "accuracy": classifier.result and classifier.result["test"]["accuracy"],
        },
        "filters": measure_filters(model),
        "positions": positions,
        "distance": {
            "images": count,
            "mean": rounded(seen.mean(dim=0), 2),
            "std": rounded(seen.std(dim=0, correction=0), 2),
            "all_alike": round(patch_distances(grid, side).mean().item(), 2),
        },
        "rollout": looks(classifier),
    }


# ## Drawings
#
# They depend on the recorded numbers alone, so the same numbers always make the same
# drawing. Text and lines follow the theme of the page.
def draw_filters(found: dict[str, Any], columns: int = 16, tile: int = 32) -> str:
    gap = 5
    parts, top = ['<g shape-rendering="crispEdges">'], 0
    for name, below in (("filters", gap), ("components", gap + 7)):
        for index, pixels in enumerate(found[name][:FILTERS]):
            left = index % columns * (tile + gap)
            if index and not left:
                top += tile + below
            side = math.isqrt(len(pixels) // 3)
            size = f"{tile / side:g}"
            for pixel in range(side**2):
                color = bytes(pixels[3 * pixel : 3 * pixel + 3]).hex()
                x, y = (tile * place / side for place in (pixel % side, pixel // side))
                parts.append(
                    f'<rect x="{left + x:g}" y="{top + y:g}" width="{size}" '
                    f'height="{size}" fill="#{color}"/>'
                )
            if name == "components":
                width = round(tile * found["shares"][index] / found["shares"][0], 1)
                parts.append(
                    f'<rect x="{left}" y="{top + tile + 3}" width="{width:g}" '
                    'height="3" class="cell"/>'
                )
        top += tile + 22
    parts.append("</g>")
    label = "The filters of the patch embeddings and their principal components"
    return svg(columns * (tile + gap) - gap, top - 16, label, parts)


# A drawing of 8,192 cells needs to be frugal. There are twenty shades, and all cells
# of a shade are one path, with a stroke for each run of equal neighbours.
SHADES = 20


def draw_positions(found: dict[str, Any], columns: int, is_narrow: bool = False) -> str:
    """
    A panel for each of the positions that were `found`, side by side, or one below the
    other in larger cells. `columns` is the number of patches from left to right.
    """
    cell, gap, text = 5 if is_narrow else 4, 3, 24
    names = [name for name in ("start", "learned") if name in found]
    rows = len(found["learned"]["cosines"]) // columns
    step = (columns * cell + gap, rows * cell + gap)
    panel = (columns * step[0] - gap, text + rows * step[1] - gap)
    parts = []
    for number, name in enumerate(names):
        across, down = (0, number) if is_narrow else (number, 0)
        left, top = across * (panel[0] + 24), down * (panel[1] + 24)
        words = "at the start" if name == "start" else "after training"
        parts.append(text_at(left, top + 14, words))
        parts.append('<g shape-rendering="crispEdges">')
        paths: dict[int, list[str]] = {}
        for patch, cosines in enumerate(found[name]["cosines"]):
            x = left + patch % columns * step[0]
            y = top + text + patch // columns * step[1]
            for row in range(rows):
                shades = [
                    round(SHADES * max(0.0, cosine))
                    for cosine in cosines[row * columns : (row + 1) * columns]
                ]
                height = y + row * cell + cell / 2
                for shade, begin, length in runs(shades):
                    paths.setdefault(shade, []).append(
                        f"M{x + begin * cell} {height:g}h{length * cell}"
                    )
        parts += [
            f'<path class="training" style="stroke-width:{cell}" '
            f'opacity="{shade / SHADES:g}" d="{"".join(paths[shade])}"/>'
            for shade in sorted(paths)
            if shade
        ]
        parts.append("</g>")
    width = left + panel[0]
    height = top + panel[1]
    return svg(width, height, "Similarity of position embeddings", parts)


def runs(values: list[int]) -> list[tuple[int, int, int]]:
    """Each run of equal neighbours: the value, where it begins, and its length."""
    found: list[tuple[int, int, int]] = []
    for place, value in enumerate(values):
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1], found[-1][2] + 1)
        else:
            found.append((value, place, 1))
    return found


def draw_distance(found: dict[str, Any]) -> str:
    width, left, right, bottom = 400, 46, 4, 230
    layers = len(found["mean"])
    largest = max(found["all_alike"], *(max(heads) for heads in found["mean"]))
    step = 10 ** math.floor(math.log10(largest))
    step = step if largest < 3 * step else 2 * step
    top = step * math.ceil(1.15 * largest / step)

    def height(pixels: float) -> float:
        return round(bottom - (bottom - 14) * pixels / top, 1)

    parts = []
    for tick in range(round(top / step) + 1):
        y = height(tick * step)
        parts.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y}" y2="{y}" class="rule"/>'
        )
        parts.append(text_at(left - 8, y + 4, f"{tick * step:g} px", "quiet", "end"))
    y = height(found["all_alike"])
    parts.append(
        f'<line x1="{left}" x2="{width - right}" y1="{y}" y2="{y}" '
        'class="validation" stroke-dasharray="5 5"/>'
    )
    words = "all patches alike"
    parts.append(text_at(width - right, y - 8, words, "validation-text", "end"))
    room = (width - left - right) / layers
    for layer, (means, spreads) in enumerate(
        zip(found["mean"], found["std"], strict=True)
    ):
        middle = left + room * (layer + 0.5)
        words = f"layer {layer + 1}"
        parts.append(text_at(middle, bottom + 22, words, "quiet", "middle"))
        between = min(22.0, room / (len(means) + 1))
        for head, (mean, spread) in enumerate(zip(means, spreads, strict=True)):
            x = round(middle + between * (head - (len(means) - 1) / 2), 1)
            parts.append(
                f'<line x1="{x}" x2="{x}" y1="{height(mean - spread)}" '
                f'y2="{height(mean + spread)}" class="training"/>'
            )
            parts.append(f'<circle cx="{x}" cy="{height(mean)}" r="5" class="cell"/>')
    return svg(width, bottom + 32, "Mean attention distance by layer and head", parts)


def draw_rollout(found: list[dict[str, Any]]) -> str:
    columns, side, gap, text = 3, 128, 8, 26
    encoded = base64.b64encode(SHEET.read_bytes()).decode()
    parts = [
        f'<defs><image id="images" width="{side * len(found)}" height="{side}" '
        f'href="data:image/jpeg;base64,{encoded}"/></defs>'
    ]
    block = 2 * side + gap + text + 2 * gap
    for index, one in enumerate(found):
        left, top = index % columns * (side + gap), index // columns * block
        words = f"{one['class']} {one['probability']:.0%}".replace("%", " %")
        parts.append(text_at(left, top + 16, words))
        top += text
        parts += [
            f'<svg x="{left}" y="{y}" width="{side}" height="{side}" '
            f'viewBox="{side * index} 0 {side} {side}">'
            '<use href="#images"/></svg>'
            for y in (top, top + side + gap)
        ]
        # As in [predict](predict.py#attention_image), the darkest patch is not black.
        attention = one["attention"]
        rows, peak = len(attention), max(map(max, attention))
        height, width = side / rows, side / len(attention[0])
        parts.append('<g shape-rendering="crispEdges">')
        for row, weights in enumerate(attention):
            for column, weight in enumerate(weights):
                parts.append(
                    f'<rect x="{left + column * width:g}" '
                    f'y="{top + side + gap + row * height:g}" width="{width:g}" '
                    f'height="{height:g}" opacity="{0.85 * (1 - weight / peak):.2f}"/>'
                )
        parts.append("</g>")
    total = math.ceil(len(found) / columns) * block - 2 * gap
    return svg(columns * (side + gap) - gap, total, "Attention rollout", parts)


def drawings(record: dict[str, Any]) -> dict[str, str]:
    """
    The drawings of what `measure` returned, by name. The two that are too wide for a
    phone have a narrow form.
    """
    columns = len(record["rollout"][0]["attention"][0])
    filters, positions = record["filters"], record["positions"]
    return {
        "filters": draw_filters(filters),
        "filters-narrow": draw_filters(filters, columns=8, tile=40),
        "positions": draw_positions(positions, columns),
        "positions-narrow": draw_positions(positions, columns, is_narrow=True),
        "distance": draw_distance(record["distance"]),
        "rollout": draw_rollout(record["rollout"]),
    }


def main(arguments: list[str]) -> int:
    """Measure and draw. Returns the exit status."""
    # A checkpoint, which other commands take first, is no name for new files.
    if (
        len(arguments) not in (2, 3)
        or arguments[0].startswith("-")
        or is_checkpoint(arguments[0])
    ):
        return show_usage(USAGE, arguments)
    name, folder, *places = arguments
    try:
        record = measure(Classifier(*places), folder)
    except (CheckpointError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    # The record comes first, so that no drawing exists without its numbers.
    try:
        write_json(Path(f"{name}-figures.json"), record)
        for kind, drawing in drawings(record).items():
            file = Path(f"{name}-{kind}.svg")
            write_text(file, drawing)
            print(file)
    except OSError as error:
        print(f"{error.filename} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
