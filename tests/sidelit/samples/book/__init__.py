r"""
---
title: A small book
summary: Everything that a page can have, once.
---

# A small *book* with $x$

The opening prose spans the page. It links to [a chapter](chapter.py), to a
[function](chapter.py#Chapter.turn) and to [the notes](notes.md).

> [!PAPER] Section 1
> What the paper says.

> [!TIP]
> What we say.

![A dot](dot.svg "One dot, $d$.")

| a | b |
|---|--:|
| $|x|$ | 1 |

## A heading

Term
: Definition

- [x] done[^1]

[^1]: A footnote.
"""

import os
