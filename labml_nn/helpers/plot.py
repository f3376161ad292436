r"""
---
title: Plots
summary: >
  Learning curves and a confusion matrix as small SVG files that follow the reader's
  light or dark theme.
---

# Plots

Two plots of a [result](../experiments/results.py). They are SVG, which is text: sharp
at any size, searchable, and a changed number is a changed line in the repository.

```bash
python -m labml_nn.helpers.plot NAME RESULT...
```

draws `NAME-curves.svg` of all results and `NAME-confusion.svg` of the first, and both a
second time for phones, as `NAME-curves-narrow.svg` and `NAME-confusion-narrow.svg`. In
a page, a [script](plot.js) shows the numbers under the pointer.
"""

import json
import math
import sys
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from ..utils import show_usage

_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24211c; }
.quiet { fill: #6a645a; }
.rule { stroke: #e5dfd2; }
.validation { stroke: #96391f; fill: none; stroke-width: 2; }
.training { stroke: #1f5a99; fill: none; stroke-width: 2; }
.validation-text { fill: #96391f; }
.training-text { fill: #1f5a99; }
.cell { fill: #1f5a99; }
.diagonal { fill: #96391f; }
@media (prefers-color-scheme: dark) {
text { fill: #dedbd4; }
.quiet { fill: #a09b92; }
.rule { stroke: #30323a; }
.validation { stroke: #f2a488; }
.training { stroke: #8fbcf3; }
.validation-text { fill: #f2a488; }
.training-text { fill: #8fbcf3; }
.cell { fill: #8fbcf3; }
.diagonal { fill: #f2a488; }
}
</style>"""


# Where the drawings of these pages are.
DRAWINGS = Path(__file__).parents[2] / "docs" / "figures"


def svg(width: int, height: int, label: str, parts: list[str]) -> str:
    """A drawing made of `parts`. `label` describes it to readers who cannot see it."""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(label)}">'
    )
    return "\n".join([opening, _STYLE, *parts, "</svg>", ""])


def text_at(
    x: float, y: float, text: str, style: str = "", anchor: str = "start"
) -> str:
    """A line of text at a point, which is its start unless `anchor` differs."""
    return (
        f'<text x="{x:g}" y="{y:g}" class="{style}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


class Axes(NamedTuple):
    """The size of a drawing of curves, and where in it their axes end."""

    width: int
    height: int
    left: int
    right: int
    bottom: int


WIDE_AXES = Axes(720, 380, left=52, right=590, bottom=330)
# On a phone, one unit is a little less than a pixel.
NARROW_AXES = Axes(390, 290, left=52, right=304, bottom=240)


def learning_curves(results: list[dict[str, Any]], axes: Axes = WIDE_AXES) -> str:
    """
    Accuracy by epoch on the training and the validation set, a pair of lines for each
    run.
    """
    width, height, left, right, bottom = axes
    epochs = max(len(result["epochs"]) for result in results)

    def point(epoch: float, accuracy: float) -> tuple[float, float]:
        x = left + (right - left) * (epoch - 1) / max(epochs - 1, 1)
        return round(x, 1), round(bottom - (bottom - 20) * accuracy, 1)

    parts = []
    for percent in range(0, 101, 20):
        _, y = point(1, percent / 100)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" class="rule"/>')
        parts.append(text_at(left - 8, y + 4, f"{percent} %", "quiet", "end"))
    step = max(1, math.ceil(epochs / 8))
    parts += [
        text_at(point(epoch, 0)[0], bottom + 22, str(epoch), "quiet", "middle")
        for epoch in range(1, epochs + 1, step)
    ]
    parts.append(text_at(right + 24, bottom + 22, "epoch", "quiet"))

    labels = []
    for style, name in (
        ("training", "accuracy"),
        ("validation", "validation_accuracy"),
    ):
        ends = []
        for result in results:
            points = [
                point(epoch["epoch"], epoch[name])
                for epoch in result["epochs"]
                if name in epoch
            ]
            if points:
                ends.append(points[-1][1])
                path = " ".join(f"{x:g},{y:g}" for x, y in points)
                parts.append(f'<polyline points="{path}" class="{style}"/>')
        if ends:
            labels.append((sum(ends) / len(ends), style))
    # The lines may end close together, so the upper label moves up and the lower one
    # down.
    for (y, style), shift in zip(sorted(labels), (-4, 14), strict=False):
        label = text_at(right + 8, round(y + shift, 1), style, f"{style}-text")
        parts.append(label)
    return svg(width, height, "Accuracy by epoch", parts)


# Nobody reads a million cells, and browsers are slow to draw them.
MOST_CLASSES = 30


def hardest_classes(
    classes: list[str], confusion: list[list[int]], most: int = MOST_CLASSES
) -> tuple[list[str], list[list[int]]]:
    """
    The `most` classes with the most mistakes and their confusion matrix, whose last row
    and column stand for all other classes together.
    """
    columns = [sum(column) for column in zip(*confusion, strict=True)]
    mistakes = [
        sum(row) + column - 2 * row[index]
        for index, (row, column) in enumerate(zip(confusion, columns, strict=True))
    ]
    hardest_first = sorted(range(len(classes)), key=lambda index: -mistakes[index])
    kept = sorted(hardest_first[:most])
    names = [classes[index] for index in kept]
    names.append(f"{len(classes) - len(kept):,} others")
    place = dict.fromkeys(range(len(classes)), len(kept))
    place |= {index: position for position, index in enumerate(kept)}
    merged = [[0] * len(names) for _ in names]
    for index, row in enumerate(confusion):
        for other, count in enumerate(row):
            merged[place[index]][place[other]] += count
    return names, merged


class Cells(NamedTuple):
    """
    The side of a cell of a confusion matrix, the room for the names to the left, at the
    top and to the right, the angle of the names at the top, and the number of classes.
    """

    side: int
    left: int
    top: int
    right: int
    angle: int
    most: int


WIDE_CELLS = Cells(46, left=110, top=96, right=60, angle=-50, most=MOST_CLASSES)
NARROW_CELLS = Cells(30, left=86, top=86, right=2, angle=-90, most=10)


def confusion_matrix(result: dict[str, Any], cells: Cells = WIDE_CELLS) -> str:
    """
    How often each class was taken for each other class; darker is more often. If there
    are many classes, only those with the most mistakes are drawn.
    """
    classes, confusion = result["classes"], result["test"]["confusion"]
    label = "Confusion matrix"
    side, left, top, right, angle, most = cells
    if len(classes) > most:
        label += f" of the {most} classes with the most mistakes"
        classes, confusion = hardest_classes(classes, confusion, most)
    parts = []
    for row, (name, counts) in enumerate(zip(classes, confusion, strict=True)):
        y = top + row * side
        parts.append(text_at(left - 10, y + side / 2 + 4, name, anchor="end"))
        x = left + row * side + side / 2 + 4
        turn = f"translate({x} {top - 10}) rotate({angle})"
        parts.append(f'<text transform="{turn}">{escape(name)}</text>')
        for column, count in enumerate(counts):
            fraction = count / max(sum(counts), 1)
            style = "diagonal" if row == column else "cell"
            # Mistakes are rare, so their cells have stronger colours.
            opacity = 0.75 * fraction if row == column else min(1.0, 4 * fraction)
            x = left + column * side
            parts.append(
                f'<rect x="{x}" y="{y}" width="{side - 2}" height="{side - 2}" '
                f'class="{style}" opacity="{opacity:.3f}"/>'
            )
            parts.append(
                text_at(x + side / 2 - 1, y + side / 2 + 4, str(count), "", "middle")
            )
    size = len(classes) * side
    return svg(left + size + right, top + size + 10, label, parts)


def main(arguments: list[str]) -> int:
    """Plot the results in some files. Returns the exit status."""
    if len(arguments) < 2:
        return show_usage(
            "usage: python -m labml_nn.helpers.plot NAME RESULT...", arguments
        )
    name, *files = arguments
    try:
        results = [json.loads(Path(file).read_text("utf-8")) for file in files]
        drawings = {
            "curves": learning_curves(results),
            "curves-narrow": learning_curves(results, NARROW_AXES),
            "confusion": confusion_matrix(results[0]),
            "confusion-narrow": confusion_matrix(results[0], NARROW_CELLS),
        }
    except (OSError, ValueError, KeyError) as error:
        print(f"not the result of a run: {error}", file=sys.stderr)
        return 1
    for kind, drawing in drawings.items():
        Path(f"{name}-{kind}.svg").write_text(drawing, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
