r"""
---
title: Random queries and keys
summary: >
  What a softmax makes of random dot products, with and without the divisor of scaled
  dot-product attention, and the static version of the figure that shows it.
---

# Random queries and keys

Before training, queries and keys are as good as random. [The
figure](mha.py#attention_weights) on the page of attention shows what the softmax makes
of them, and [its script](scale.js) computes what this module does. Without JavaScript
there are a drawing and a table in its place:

```bash
python -m labml_nn.transformers.scale
```

makes the drawing and prints the table.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..helpers.plot import DRAWINGS, svg, text_at

QUERIES, KEYS, WIDEST = 64, 16, 512
START, SEED = 64, 1


def random_numbers(seed: int) -> Iterator[float]:
    """
    Numbers between 0 and 1 that are [the same in every browser](sliders.js): a
    multiplication modulo a prime number, by Park and Miller.
    """
    state = seed * 48271 % 2147483647
    while True:
        state = state * 48271 % 2147483647
        yield state / 2147483647


def normal_vectors(numbers: Iterator[float], count: int) -> list[list[float]]:
    """
    Vectors of `WIDEST` numbers from the standard normal distribution, by Box and
    Muller.
    """

    def one() -> float:
        radius = math.sqrt(-2 * math.log(next(numbers)))
        return radius * math.cos(2 * math.pi * next(numbers))

    return [[one() for _ in range(WIDEST)] for _ in range(count)]


class Weights(NamedTuple):
    r"""
    What the softmax makes of the scores of all queries and keys.

    * `first` are the weights of the first query
    * `spread` is the standard deviation of the scores
    * `largest` is the largest weight of a query, and `gradient` is $\sum A(1-A)$, the
      trace of the Jacobian of its softmax, both averaged over the queries
    """

    first: list[float]
    spread: float
    largest: float
    gradient: float


def weights(
    queries: list[list[float]], keys: list[list[float]], d_k: int, divisor: float
) -> Weights:
    """The weights if only the first `d_k` numbers of each vector count."""
    scores = [
        [
            sum(a * b for a, b in zip(query[:d_k], key[:d_k], strict=True)) / divisor
            for key in keys
        ]
        for query in queries
    ]
    found = [softmax(row) for row in scores]
    squares = [score**2 for row in scores for score in row]
    return Weights(
        found[0],
        math.sqrt(sum(squares) / len(squares)),
        sum(max(row) for row in found) / len(found),
        sum(1 - sum(a**2 for a in row) for row in found) / len(found),
    )


def softmax(scores: list[float]) -> list[float]:
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def both(d_k: int) -> tuple[Weights, Weights]:
    """The weights without the divisor, and with it."""
    numbers = random_numbers(SEED)
    queries = normal_vectors(numbers, QUERIES)
    keys = normal_vectors(numbers, KEYS)
    without = weights(queries, keys, d_k, 1)
    return without, weights(queries, keys, d_k, math.sqrt(d_k))


# ## The static version
def texts(one: Weights) -> tuple[str, str, str]:
    return f"{one.spread:.2f}", f"{100 * one.largest:.0f} %", f"{one.gradient:.2f}"


def table(d_k: int = START) -> str:
    """The numbers, in Markdown."""
    words = (
        "standard deviation of the scores",
        "largest weight",
        "gradient that passes, $\\sum A(1-A)$",
    )
    lines = ["| of 64 queries | without | with |", "|---|--:|--:|"]
    lines += [
        f"| {' | '.join(row)} |"
        for row in zip(words, *map(texts, both(d_k)), strict=True)
    ]
    return "\n".join(lines)


def draw(d_k: int = START) -> str:
    """The weights of the first query, without the divisor on the left."""
    room, height, bottom = 168, 120, 152
    bar = room / KEYS
    parts = []
    names = ("without the divisor", f"with √{d_k}")
    for side, (name, one) in enumerate(zip(names, both(d_k), strict=True)):
        left = side * (room + 24)
        style = ("diagonal", "cell")[side]
        parts.append(text_at(left, 16, name))
        parts.append(
            f'<path class="rule" d="M{left} {bottom - height}h{room}M{left} {bottom}'
            f'h{room}"/>'
        )
        for i, weight in enumerate(one.first):
            x, tall = left + i * bar + 1, height * weight
            parts.append(
                f'<rect class="{style}" x="{x:g}" y="{bottom - tall:.1f}" '
                f'width="{bar - 2:g}" height="{tall:.1f}"/>'
            )
        parts.append(text_at(left, bottom + 20, f"{KEYS} keys", "quiet"))
    return svg(360, 176, "The weights of one query for sixteen keys", parts)


def main(folder: Path = DRAWINGS) -> None:
    (folder / "scale.svg").write_text(draw(), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
