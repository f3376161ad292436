r"""
---
title: Multi-head attention
summary: >
  How tokens exchange information, from the scaled dot product to many heads at once,
  with the formula written out beside the fast kernel.
---

# Multi-head attention

Attention is a soft lookup. Each token asks a question, its *query*. It also offers a
*key*, which says what it has, and a *value*, which is what it has. The better a key
matches the query, the more of its value goes into the answer.

Think of a patch in the middle of a dog's back. By itself it is brown texture. Its query
may amount to "is there a head near me?". The patches with ears and a nose have keys
that match, and their values tell our patch that it belongs to a dog. None of this is
programmed. Queries, keys and values are linear maps of the tokens, and training finds
the maps that ask useful questions.

The idea is from [Attention Is All You Need](https://arxiv.org/abs/1706.03762), and the
[Vision Transformer](vit/__init__.py) took it over. This page follows appendix A of [An
Image Is Worth 16×16 Words](https://arxiv.org/abs/2010.11929), with three symbols that
are easily confused: a bold $\mathbf{k}$ is a key, a plain $k$ is the number of heads,
and $D_h$, `d_k` in the code, is how many numbers each head has for a key.

## What it costs

Every token is compared with every other, and a comparison is a dot product. With $N$
tokens (the appendix's $N$; in the table below, $N$ is the number of patches, and the
class token makes one more), the scores of all heads together take $N^2 D$
multiplications, and the averages of the values another $N^2 D$. What a layer does to
each token alone, four maps of $D \times D$ here and the two of the MLP, takes
$12 N D^2$. So as long as $N$ is well below $6D$, attention is not the bottleneck: in
ViT-B/16 with 197 tokens of 768 numbers, scores and averages together are 4 % of a
layer's multiplications.

But $N$ grows with the area of an image. Twice the height and width make four times the
tokens and sixteen times the comparisons: their number grows with the *fourth power* of
the side. That is why a patch is 16 pixels wide, and not one. With such patches, the
paper's timings show little of this growth, except in the largest models at the highest
resolutions. A ViT is about as fast as a comparable ResNet, and of large models, more
images fit in memory (appendix D.5).

> [!FIGURE] sliders.css sliders.js cost.js
>
> <picture>
>   <source media="(max-width: 40rem)" width="360" height="280"
>     srcset="../../docs/figures/cost-narrow.svg">
>   <img src="../../docs/figures/cost.svg" width="640" height="320" loading="lazy"
>     alt="Two curves over the side of an image, from 0 to 1,024 pixels. The
>     multiplications of attention hardly rise at first, then ever more steeply; those
>     of all else are a parabola. They end at nearly the same height.">
> </picture>
>
> | count | this image | twice the side | factor |
> |---|--:|--:|--:|
> | tokens, $N + 1$ | 197 | 785 | × 3.98 |
> | parameters | 86.6 million | 87 million | × 1.01 |
> | multiplications of attention $2{(N+1)}^2DL$ | 715 million | 11.4 billion | × 15.9 |
> | of its four maps $4{(N+1)}D^2L$ | 5.58 billion | 22.2 billion | × 3.98 |
> | of the MLP $8{(N+1)}D^2L$ | 11.2 billion | 44.4 billion | × 3.98 |
> | memory of $A$: ${(N+1)}^2kL$ numbers | 22.4 MB | 355 MB | × 15.9 |

The table [counts](cost.py) one image and all tokens in all layers, here those of
ViT-B/16 and 224×224 pixels with 1,000 classes. Heads are 64 numbers wide, and each
number of $A$ takes four bytes. The class token is why sixteen times are not quite
sixteen.

Could each token attend only to its row, and then only to its column? The paper tried
this *axial attention*, too. It was more accurate but cost more, because its blocks have
a second MLP. An axial ResNet was reasonably accurate for what it computes, but in its
plain implementation extremely slow on TPUs (appendix D.6).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def attention_weights(query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""
    ## The weights, written out

    How much each query takes from each key (the paper's equation 6):

    $$A = \operatorname{softmax}\!\left(
      \frac{\mathbf{q}\mathbf{k}^\top}{\sqrt{D_h}}\right)$$

    Why is there a square root? Below, queries and keys are random, as they are before
    training. The more numbers they have, the more widely their dot products spread, and
    the softmax of such scores takes one key and forgets the others. The divisor keeps
    it from that, whatever $D_h$ is.

    > [!FIGURE] sliders.css sliders.js scale.js
    > ![Two rows of sixteen bars. Without the divisor, one bar has nearly all the
    > weight; with it, all have some.](../../docs/figures/scale.svg "The weights of one
    > query, whose vectors have 64 numbers.")
    >
    > | of 64 queries | without | with |
    > |---|--:|--:|
    > | standard deviation of the scores | 8.13 | 1.02 |
    > | largest weight | 85 % | 24 % |
    > | gradient that passes, $\sum A(1-A)$ | 0.22 | 0.87 |

    * `query` has shape `[..., queries, d_k]`
    * `key` has shape `[..., keys, d_k]`
    * `mask` is `True` where a query may attend to a key, and is broadcast over the
      weights

    The result has shape `[..., queries, keys]`, and each of its rows sums to one. A
    query that may attend to no key gets nothing: its row is zero.

    Raises `TypeError` for a mask of numbers.
    """
    check_mask(mask)
    # One dot product per pair. Two vectors of $D_h$ independent numbers with mean zero
    # and variance one have a dot product with variance $D_h$; dividing by $\sqrt{D_h}$
    # brings it back to one. Otherwise the softmax would pick one key and pass hardly
    # any gradient to the others.
    #
    # It is the queries that are divided. If it were the scores, `torch.compile` would
    # recognise attention and put back the fused kernel that the
    # [module](#MultiHeadAttention.forward) avoids in bfloat16.
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)

    if mask is None:
        return scores.softmax(dim=-1)

    # A masked pair gets the lowest possible score, so its weight is zero next to any
    # other. In a row where everything is masked, the multiplication makes it zero.
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) * mask


def check_mask(mask: Tensor | None) -> None:
    # Other libraries add a mask of numbers to the scores: 0 keeps a pair, and $-\infty$
    # removes it. Read as booleans, that would be the opposite.
    if mask is not None and mask.dtype != torch.bool:
        raise TypeError(
            f"mask must be a tensor of booleans, not of {mask.dtype}; True is where a "
            "query may attend to a key"
        )


def mask_of_heads(mask: Tensor | None, query: Tensor, key: Tensor) -> Tensor | None:
    check_mask(mask)
    if mask is None:
        return None
    # PyTorch reads whatever is in memory for a mask that is on `meta`.
    if mask.device != query.device:
        raise ValueError(
            f"mask is on {mask.device} and must be on {query.device}, as the tokens are"
        )
    sizes = [query.shape[0], query.shape[1], key.shape[1]]
    fits = mask.dim() in (2, 3) and all(
        size in (1, whole)
        for size, whole in zip(mask.shape, sizes[-mask.dim() :], strict=True)
    )
    if not fits:
        raise ValueError(
            f"mask has shape {list(mask.shape)} and must have shape [queries, keys] or "
            f"[batch, queries, keys], here {sizes[1:]} or {sizes}; one of shape "
            "[batch, keys] becomes mask[:, None]"
        )
    # The same mask applies to all heads.
    return mask.unsqueeze(1) if mask.dim() == 3 else mask


def attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Tensor:
    r"""
    ## Attention, written out

    The answer for the tokens $\mathbf{z}$ is the average of the values under these
    weights (equation 7):

    $$\operatorname{SA}(\mathbf{z}) = A\mathbf{v}$$

    This function is here to be read. The module below nearly always calls PyTorch's
    `scaled_dot_product_attention`, which computes the same and, where it can, never
    stores the matrix $A$. A test checks that both agree.
    """
    return attention_weights(query, key, mask) @ value


class PrepareForMultiHeadAttention(nn.Module):
    r"""
    ## One projection, split into heads

    Queries, keys and values are linear maps of the tokens (the paper's equation 5):

    $$[\mathbf{q}, \mathbf{k}, \mathbf{v}] = \mathbf{z}\, U_{qkv}$$

    A token has more than one question to ask. So there are $k$ `heads`. Each has its
    own queries, keys and values, only $D_h$ (`d_k`) numbers wide. This module computes
    one of the three for all heads at once, and a reshape separates the heads.
    """

    def __init__(self, d_model: int, heads: int, d_k: int, bias: bool = True) -> None:
        """
        * `d_model` is the width of a token
        * `heads` is the number of heads
        * `d_k` is the width of each head
        * `bias` says whether the map has a bias
        """
        super().__init__()
        self.linear = nn.Linear(d_model, heads * d_k, bias=bias)
        self.heads = heads
        self.d_k = d_k

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, tokens, d_model]`; the result has shape
        `[batch, heads, tokens, d_k]`.
        """
        x = self.linear(x)
        # Move the heads in front of the tokens. From here on each head is a batch of
        # its own, and no head sees what another one computes.
        return x.unflatten(-1, (self.heads, self.d_k)).transpose(1, 2)


class MultiHeadAttention(nn.Module):
    r"""
    ## Multi-head attention

    All heads attend independently. Their answers are concatenated and go through one
    more linear map, $U_{msa}$, the only place in this block where heads exchange
    information (equation 8):

    $$\operatorname{MSA}(\mathbf{z}) =
      [\operatorname{SA}_1(\mathbf{z}); \operatorname{SA}_2(\mathbf{z}); \dots;
       \operatorname{SA}_k(\mathbf{z})]\, U_{msa}$$

    Why several narrow heads and not a wide one? A softmax tends to pick one thing. With
    twelve heads a token can pick twelve, at the same cost.
    """

    def __init__(
        self, heads: int, d_model: int, dropout_prob: float = 0.1, bias: bool = True
    ) -> None:
        """
        * `heads` is the number of heads, $k$
        * `d_model` is the width of a token, $D$
        * `dropout_prob` is the probability of dropping an attention weight in training;
          **unlike the paper**, whose model drops none of these
        * `bias` says whether the four linear maps have a bias
        """
        super().__init__()
        if heads < 1 or d_model % heads:
            raise ValueError(
                f"d_model ({d_model}) must be a multiple of heads ({heads})"
            )
        # With a width of $D_h = D / k$, the cost does not depend on the number of
        # heads.
        self.d_k = d_model // heads
        self.heads = heads
        self.dropout_prob = dropout_prob

        # The paper's $U_{qkv}$ in three parts, so that the queries can come from other
        # tokens than the keys and values.
        self.query = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias)
        self.key = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias)
        self.value = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias)
        self.output = nn.Linear(d_model, d_model, bias=bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        Xavier initialisation keeps the variance of activations and of gradients from
        layer to layer: the variance of a weight is two over the sum of inputs and
        outputs ([Glorot and Bengio,
        2010](https://proceedings.mlr.press/v9/glorot10a.html)). Biases start at zero.
        Both are as in the authors' code.
        """
        for linear in (
            self.query.linear,
            self.key.linear,
            self.value.linear,
            self.output,
        ):
            nn.init.xavier_uniform_(linear.weight)
            if linear.bias is not None:
                nn.init.zeros_(linear.bias)

    def forward(
        self, *, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """
        `query` has shape `[batch, queries, d_model]`, `key` and `value` have shape
        `[batch, keys, d_model]`. In *self*-attention all three are the same tensor.

        `mask` has shape `[queries, keys]` or `[batch, queries, keys]` and is `True`
        where a query may attend to a key. A size of 1 stands for any. The result has
        the shape of `query`.

        Raises `TypeError` for a mask of numbers, and `ValueError` for one of another
        shape or on another device.
        """
        mask = mask_of_heads(mask, query, key)
        query, key, value = self.query(query), self.key(key), self.value(value)
        dropout_prob = self.dropout_prob if self.training else 0.0

        # PyTorch picks the best kernel for the device. The fused ones read the keys
        # block by block and update the sum of the softmax as they go. So memory grows
        # with the number of tokens, not with its square. The work is still the same
        # $2 N^2 D$ multiplications; it is faster because less is written and read.
        if not (query.is_cpu and query.dtype == torch.bfloat16 and query.requires_grad):
            x = F.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, dropout_p=dropout_prob
            )

        # On a CPU in bfloat16, the backward pass of that kernel is slower than that of
        # two matrix products.
        else:
            weights = attention_weights(query, key, mask)
            x = F.dropout(weights, dropout_prob) @ value

        # Move the heads back behind the tokens and concatenate them: `x` has shape
        # `[batch, queries, d_model]`.
        x = x.transpose(1, 2).flatten(-2)
        return self.output(x)

    @torch.no_grad()
    def weights(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """
        ### What the heads look at

        The weights of self-attention on `x`, of shape `[batch, heads, tokens, tokens]`,
        for plots. They are computed separately, because `forward` does not keep them.

        Raises `TypeError` or `ValueError` for a mask that `forward` would not take.
        """
        mask = mask_of_heads(mask, x, x)
        return attention_weights(self.query(x), self.key(x), mask)
