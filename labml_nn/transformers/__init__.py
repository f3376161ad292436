r"""
---
title: Transformers
summary: >
  The parts of a transformer, how they fit together, and the one vocabulary of
  dimensions that all these pages share.
---

# Transformers

A transformer takes a set of vectors, called *tokens*, and returns the same number of
vectors of the same width. In between it alternates between two operations.
**Attention** lets each token gather what it needs from all others. A **feed-forward
block** then works on each token alone. That is all; depth does the rest.

The transformer does not know what a token stands for. In the first one
([Vaswani et al., 2017](https://arxiv.org/abs/1706.03762)) it was a piece of a word. In
the [Vision Transformer](vit/__init__.py) it is a small square of an image, and hardly
anything else has to change.

## The parts

* [Multi-head attention](mha.py) is where tokens meet.
* [The feed-forward block](feed_forward.py) is where each token is on its own.
* [Layer and encoder](models.py) combine the two and repeat them.
* [The Vision Transformer](vit/__init__.py) wraps an encoder so that images go in and
  classes come out.

## The dimensions

Most mistakes in such code are mistakes about shapes. So each dimension has one name, in
prose and code alike, and the letter that the Vision Transformer's paper
([Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929)) gives it.

| name | symbol | what it counts | in ViT-B/16 |
|---|---|---|--:|
| `batch` | | images that are processed at the same time | |
| `channels` | $C$ | numbers for one pixel: red, green, blue | 3 |
| `height`, `width` | $H$, $W$ | pixels from top to bottom, from left to right | 224 |
| `patch_size` | $P$ | pixels along one side of a patch | 16 |
| `patches` | $N = HW / P^2$ | patches in an image | 196 |
| `tokens` | $N + 1$ | the patches and the class token | 197 |
| `d_model` | $D$ | numbers that describe one token | 768 |
| `heads` | $k$ | attention heads that work in parallel | 12 |
| `d_k` | $D_h = D / k$ | numbers per head | 64 |
| `d_ff` | | hidden width of the feed-forward block | 3072 |
| `n_layers` | $L$ | stacked layers | 12 |
| `n_classes` | $K$ | classes | 1000 |

The batch always comes first: a sequence of tokens has shape `[batch, tokens, d_model]`.
PyTorch's own attention puts the tokens first, unless it is told `batch_first=True`.
"""

from .feed_forward import FeedForward
from .mha import MultiHeadAttention
from .models import Encoder, TransformerLayer

__all__ = ["Encoder", "FeedForward", "MultiHeadAttention", "TransformerLayer"]
