r"""
---
title: Layer and encoder
summary: >
  Attention and feed-forward with pre-norm and residual connections, stacked into an
  encoder with stochastic depth.
---

# Layer and encoder

One layer is [attention](mha.py) followed by a [feed-forward block](feed_forward.py).
What makes it possible to stack dozens of them is the residual connection:

$$\mathbf{z}' = \mathbf{z} + \operatorname{block}(\operatorname{LN}(\mathbf{z}))$$

The token $\mathbf{z}$ runs along a straight line, the *residual stream*, from the first
layer to the last. A block reads a normalised copy of it and adds its result. The
gradient travels back along the same line without passing through any block.

The copy is made by $\operatorname{LN}$, LayerNorm. It normalises each token to mean
zero and variance one. Then each of its $D$ numbers gets a learned scale $\gamma$ and a
learned shift $\beta$, where $\mu$ and $\sigma^2$ are the mean and variance of the
token:

$$\operatorname{LN}(\mathbf{z}) =
  \gamma \odot \frac{\mathbf{z} - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

<picture><source media="(max-width: 48rem)" width="360" height="424"
  srcset="../../docs/figures/encoder-block-narrow.svg">
![The token runs straight through; attention and the feed-forward block each read it
through a LayerNorm and add to it.](../../docs/figures/encoder-block.svg "One layer.
Follow the thick line: nothing on it changes the token but the two additions.")
</picture>

Unlike batch normalisation, it looks at no other image and no other token, so it does
the same in training and afterwards.

The normalisation comes *before* the block, inside the branch ("pre-norm"). In the first
transformer it came after the addition, on the main line, and deep stacks needed a
careful warm-up to train at all.
"""

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ..utils import clone_module_list
from .feed_forward import FeedForward
from .mha import MultiHeadAttention

# LayerNorm's $\epsilon$ prevents a division by zero. The authors' weights were trained
# with this value; with PyTorch's default of $10^{-5}$ they compute something else.
LAYER_NORM_EPS = 1e-6


class StochasticDepth(nn.Module):
    r"""
    ## Stochastic depth

    In training, skip a block with probability $p$ ([Huang et al.,
    2016](https://arxiv.org/abs/1603.09382)). There a whole batch skips it; here, as in
    later work, the draw is made for each image separately. The network learns not to
    rely on any single layer, and a deep one trains as if it were shallower. **Unlike
    the paper**, which has only dropout: later recipes for smaller data sets, such as
    [DeiT](https://arxiv.org/abs/2012.12877), introduced it.
    """

    def __init__(self, drop_prob: float = 0.0) -> None:
        """
        * `drop_prob` is the probability, $p$, that an image skips the block

        Raises `ValueError` unless it is at least 0 and below 1.
        """
        super().__init__()
        self.drop_prob = drop_prob

    @property
    def drop_prob(self) -> float:
        return 0.0 if self._drop_prob is None else self._drop_prob.item()

    @drop_prob.setter
    def drop_prob(self, drop_prob: float) -> None:
        check_skipping("drop_prob", drop_prob)
        # A tensor and not a number, because the compiler builds a separate program for
        # each number, but a single one for all layers that hold a tensor. It is no
        # buffer and stays on the CPU: whatever moves or empties the weights of a model
        # must leave its settings alone.
        self._drop_prob = (
            torch.tensor(drop_prob, dtype=torch.float64, device="cpu")
            if drop_prob
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """`x` is the output of a block, of shape `[batch, tokens, d_model]`."""
        if not self.training or self._drop_prob is None:
            return x
        # One draw per image. The outputs that are kept are scaled up, so that their
        # expected value is the same as at test time, when nothing is skipped.
        keep = torch.rand(x.shape[0], 1, 1, device=x.device) >= self._drop_prob
        return x * (keep.to(x.dtype) / (1 - self._drop_prob))

    def extra_repr(self) -> str:
        return f"drop_prob={self.drop_prob}"


def check_skipping(name: str, probability: float) -> None:
    # At 1 no image would be left, and what is left is divided by $1 - p$.
    if not 0 <= probability < 1:
        raise ValueError(f"{name} ({probability}) must be at least 0 and below 1")


class TransformerLayer(nn.Module):
    r"""
    ## A layer

    The paper's equations 2 and 3, for layer $\ell$ of $L$:

    $$\begin{aligned}
    \mathbf{z}'_\ell &= \operatorname{MSA}(\operatorname{LN}(\mathbf{z}_{\ell-1}))
      + \mathbf{z}_{\ell-1} \\
    \mathbf{z}_\ell &= \operatorname{MLP}(\operatorname{LN}(\mathbf{z}'_\ell))
      + \mathbf{z}'_\ell
    \end{aligned}$$

    MSA is [multi-head self-attention](mha.py), in which tokens exchange information.
    MLP is the [feed-forward block](feed_forward.py), which processes each alone.
    Neither would be enough: the first only mixes tokens, and the second never looks at
    another.
    """

    def __init__(
        self,
        *,
        d_model: int,
        self_attn: MultiHeadAttention,
        src_attn: MultiHeadAttention | None = None,
        feed_forward: FeedForward,
        dropout_prob: float = 0.0,
        drop_path: float = 0.0,
        eps: float = LAYER_NORM_EPS,
    ) -> None:
        r"""
        * `d_model` is the width of a token
        * `self_attn` lets the tokens attend to each other
        * `src_attn` lets them attend to the tokens of another sequence, as in a
          decoder; the Vision Transformer has none
        * `feed_forward` processes each token alone
        * `dropout_prob` is the probability of dropping a number in a block's output
        * `drop_path` is the probability of skipping a whole block
        * `eps` is the $\epsilon$ of the norms

        Raises `ValueError` unless `drop_path` is at least 0 and below 1.
        """
        super().__init__()
        check_skipping("drop_path", drop_path)
        self.size = d_model
        self.self_attn = self_attn
        self.src_attn = src_attn
        self.feed_forward = feed_forward
        self.dropout = nn.Dropout(dropout_prob)
        self.drop_path = StochasticDepth(drop_path)

        # One norm per block: they read the same stream at different places.
        self.norm_self_attn = nn.LayerNorm(d_model, eps=eps)
        self.norm_ff = nn.LayerNorm(d_model, eps=eps)
        if src_attn is not None:
            self.norm_src_attn = nn.LayerNorm(d_model, eps=eps)

    def forward(
        self,
        *,
        x: Tensor,
        mask: Tensor | None = None,
        src: Tensor | None = None,
        src_mask: Tensor | None = None,
        queries: int | None = None,
    ) -> Tensor:
        """
        `x` has shape `[batch, tokens, d_model]`, and the result has shape
        `[batch, queries, d_model]`: only the first `queries` tokens, by default all,
        are computed. `src` is the other sequence for `src_attn`, if there is one.
        """
        # Equation 2. The input of attention is normalised; the stream to which its
        # output is added is not.
        z = self.norm_self_attn(x)
        query = z
        # Tokens that nobody reads afterwards still have keys and values. The rows of a
        # mask belong to the queries.
        if queries is not None:
            x, query = x[:, :queries], z[:, :queries]
            mask = None if mask is None else mask[..., :queries, :]
            src_mask = None if src_mask is None else src_mask[..., :queries, :]
        x = x + self._drop(self.self_attn(query=query, key=z, value=z, mask=mask))

        # Here a decoder attends to the output of the encoder.
        if self.src_attn is not None and src is not None:
            z = self.norm_src_attn(x)
            x = x + self._drop(
                self.src_attn(query=z, key=src, value=src, mask=src_mask)
            )

        # Equation 3.
        return x + self._drop(self.feed_forward(self.norm_ff(x)))

    def _drop(self, x: Tensor) -> Tensor:
        return self.drop_path(self.dropout(x))


class Encoder(nn.Module):
    r"""
    ## An encoder

    A stack of $L$ layers and a final norm, which pre-norm needs: the outputs of $2L$
    blocks have been added to the stream, and it was never normalised on the way.
    """

    def __init__(
        self, layer: TransformerLayer, n_layers: int, drop_path: float | None = None
    ) -> None:
        """
        * `layer` is the template: every layer is a copy of it with its own weights
        * `n_layers` is the number of layers, $L$
        * `drop_path` is the probability of skipping a block of the last layer; without
          it all layers keep that of `layer`

        Raises `ValueError` unless `drop_path` is at least 0 and below 1.
        """
        super().__init__()
        if drop_path is not None:
            check_skipping("drop_path", drop_path)
        self.layers = clone_module_list(layer, n_layers)
        self.norm: nn.Module = nn.LayerNorm(layer.size, eps=layer.norm_ff.eps)
        # Gradient checkpointing, [below](#Encoder.forward).
        self.recompute = False

        # The first layers find edges and colours, and all others build on them. So the
        # probability grows linearly from zero at the first layer to `drop_path` at the
        # last.
        if drop_path is not None:
            last = n_layers - 1
            for depth, copy in enumerate(self.layers):
                fraction = depth / last if last else 1.0
                copy.drop_path = StochasticDepth(drop_path * fraction)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, queries: int | None = None
    ) -> Tensor:
        """
        `x` has shape `[batch, tokens, d_model]`, and the result has shape
        `[batch, queries, d_model]`: the last layer computes only the first `queries`
        tokens, by default all.
        """
        last = len(self.layers) - 1
        for depth, layer in enumerate(self.layers):
            wanted = queries if depth == last else None
            # The backward pass needs what every layer computed on the way. With
            # `recompute`, only the inputs of the layers are kept, and each layer runs a
            # second time when its gradient is due. That is about a third more
            # computation, but only one tensor per layer has to be kept.
            if self.recompute and self.training:
                x = checkpoint(
                    layer, x=x, mask=mask, queries=wanted, use_reentrant=False
                )
            else:
                x = layer(x=x, mask=mask, queries=wanted)
        return self.norm(x)
