r"""
---
title: Vision Transformer (ViT)
summary: >
  An annotated PyTorch implementation of the Vision Transformer, "An Image Is Worth
  16×16 Words", from patches and the class token to higher resolution at fine-tuning.
---

# Vision Transformer (ViT)

Cut a picture into squares, call each square a word, and give the sentence to a
transformer. That is the Vision Transformer, and that it works at all is the surprise of
[An Image Is Worth 16×16 Words](https://arxiv.org/abs/2010.11929): once the picture is
cut, nothing in the model knows that it had two dimensions.

![A picture is cut into a grid of patches; each patch is flattened and projected to a
token, the class token is put in front, and a position is added to each.](
../../../docs/figures/patches.svg "From pixels to tokens: each patch of $P^2 C$ numbers
becomes a token of $D$ numbers. The class token, drawn hollow, has no patch behind it.")

The model has four parts, in the order in which a picture meets them:

1. [Patch embeddings](#PatchEmbeddings) turn squares of pixels into tokens.
2. [Position embeddings](#LearnedPositionalEmbeddings) tell each token where its square
   was.
3. The [encoder](../models.py#Encoder) lets the tokens work it out among themselves,
   with [attention](../mha.py) and [feed-forward blocks](../feed_forward.py).
4. The [classification head](#ClassificationHead) reads the answer off one token.

## Why would one do without convolutions?

A convolutional network is built on two assumptions: what matters about a pixel is close
to it (*locality*), and a cat is a cat wherever it sits (*translation equivariance*).
Both are true enough to save a lot of data. They are called the network's *inductive
biases*, and a Vision Transformer has next to none of them. Patches are cut once, at the
entrance; after that, every token can look at every other from the first layer on, and
even what lies next to what has to be learned.

So with little data, a convolutional network wins. With a lot of data, the assumptions
begin to hold it back, and the transformer, free to find something better, overtakes it.

> [!PAPER] Section 1
> Without these biases, a transformer that has seen too few pictures generalises worse
> than a convolutional network of its size. Training on enough of them more than makes
> up for it.

The crossover is far out. In the paper it takes pre-training on some 300 million
pictures until the largest models are ahead of the best convolutional networks of their
time. Later work has brought this down with stronger augmentation, which teaches by
example what the architecture does not assume. It is also why a ViT that you train on
CIFAR-10 from scratch will not impress you unless you help it.

## In three lines

```python
from labml_nn.transformers.vit import vit

model = vit("ViT-Ti/4", image_size=32, n_classes=10)
```

The names of the [dimensions](../__init__.py) are the same on all pages. Everything here
is batch-first.

And then? [Train one](experiment.py) on CIFAR-10, see [what each choice is
worth](ablation.py), and ask it [what is in a picture](predict.py).
"""

import difflib
import re
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..feed_forward import FeedForward
from ..mha import MultiHeadAttention
from ..models import Encoder, TransformerLayer


class PatchEmbeddings(nn.Module):
    r"""
    ## Patch embeddings

    A picture of $H \times W$ pixels is cut into $N = HW / P^2$ patches that do not
    overlap. Each is flattened to $P^2 C$ numbers and multiplied with one matrix
    $\mathbf{E} \in \mathbb{R}^{(P^2 C) \times D}$, the same for all patches. The result
    is a token.

    A patch of 16×16 pixels is the paper's choice for pictures of 224×224. CIFAR-10's
    have only 32×32 pixels, so there we take 4×4, and 64 patches are left.
    """

    def __init__(self, d_model: int, patch_size: int, in_channels: int) -> None:
        """
        * `d_model` is the width of a token, $D$
        * `patch_size` is the side of a patch in pixels, $P$
        * `in_channels` is the number of channels of the picture, $C$
        """
        super().__init__()
        self.patch_size = patch_size

        # Is this not a convolution, in a model that prides itself on having none? It is
        # one only in name. The kernel is as large as its stride, so the windows tile
        # the picture and each is multiplied with the matrix $\mathbf{E}$ once: exactly
        # the projection of the flattened patches, done by a fast kernel.
        self.conv = nn.Conv2d(in_channels, d_model, patch_size, stride=patch_size)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        The weights are drawn as for the matrix that they are: their variance is one
        over the number of inputs, $P^2 C$.
        """
        fan_in = self.conv.weight[0].numel()
        nn.init.trunc_normal_(self.conv.weight, std=fan_in**-0.5)
        if self.conv.bias is not None:
            nn.init.zeros_(self.conv.bias)

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """
        How many patches a picture has from top to bottom and from left to right. Raises
        `ValueError` for a picture that cannot be cut without a remainder.
        """
        rest = height % self.patch_size or width % self.patch_size
        if rest or height <= 0 or width <= 0:
            raise ValueError(
                f"an image of {height}x{width} pixels cannot be cut into patches of "
                f"{self.patch_size}x{self.patch_size}"
            )
        return height // self.patch_size, width // self.patch_size

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`; the result has shape
        `[batch, patches, d_model]`. Raises `ValueError` for any other shape of `x`.
        """
        if x.dim() != 4:
            raise ValueError(
                f"x must have shape [batch, channels, height, width], not {[*x.shape]}"
            )
        self.grid(*x.shape[-2:])
        # `x` has shape `[batch, d_model, height / patch_size, width / patch_size]`.
        x = self.conv(x)

        # Row by row, as one reads, the grid becomes a sequence. From here on the model
        # has no idea that there ever were rows.
        return x.flatten(2).transpose(1, 2)


class LearnedPositionalEmbeddings(nn.Module):
    r"""
    ## Position embeddings

    Attention treats its tokens as a set. Shuffle the patches and every answer comes out
    the same, only shuffled: to the encoder, a face and a collage of its parts are one
    picture. Something has to tell each token where it comes from, and here that is a
    vector of its own for each position, added to the token.

    The vectors $\mathbf{E}_{pos} \in \mathbb{R}^{(N+1) \times D}$ are learned like any
    weight. Nobody tells the model that the positions form a grid. It finds out: after
    training, patches that are close have similar positions, and so have those of one
    row or column (the paper's section 4.5 and figure 7).
    """

    def __init__(self, d_model: int, grid_size: int | tuple[int, int] = 8) -> None:
        """
        * `d_model` is the width of a token
        * `grid_size` is the number of patches along one side, or from top to bottom and
          from left to right; 8 fits CIFAR-10 in patches of 4×4
        """
        super().__init__()
        self.grid_size = (
            (grid_size, grid_size) if isinstance(grid_size, int) else grid_size
        )
        rows, columns = self.grid_size
        # The class token, which stands first, gets a position too.
        self.positional_encodings = nn.Parameter(
            torch.empty(1, 1 + rows * columns, d_model)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Small against the tokens, so that at first only the content counts."""
        nn.init.normal_(self.positional_encodings, std=0.02)

    def forward(self, x: Tensor, grid: tuple[int, int] | None = None) -> Tensor:
        """
        `x` has shape `[batch, tokens, d_model]` with the class token in front, and so
        has the result. `grid` says how the patches lay in the picture, if not as in
        training.
        """
        return x + self.interpolate(self.grid_size if grid is None else grid)

    def interpolate(self, grid: tuple[int, int]) -> Tensor:
        r"""
        ### Higher resolution

        Pre-training is cheaper on small pictures, fine-tuning is better on large ones.
        The patches keep their size then, so there are more of them, and most of their
        positions were never learned. But the learned ones form a grid, and a grid can
        be resampled like a picture (the paper's section 3.2).

        ![A grid of four by four learned positions is stretched over the same picture
        and read off at six by six places.](../../../docs/figures/interpolation.svg
        "Same picture, same patch size, more pixels: the four-by-four grid of learned
        positions is read off at six by six places. The class token's position stays
        apart.")

        `grid` is the number of patches from top to bottom and from left to right. The
        result has shape `[1, tokens, d_model]`.
        """
        if grid == self.grid_size:
            return self.positional_encodings

        # The class token lies nowhere in the picture, so it stays as it is.
        cls, positions = self.positional_encodings.split(
            [1, self.grid_size[0] * self.grid_size[1]], dim=1
        )

        # `positions` has shape `[1, d_model, rows, columns]`: a picture with $D$
        # channels.
        positions = positions.transpose(1, 2).unflatten(-1, self.grid_size)

        # **Unlike the authors' code**, bicubic and not linear, because halfway between
        # two grid points a linear average is mostly shorter than they are, and the
        # encoder has never seen positions that short. In float32, because the sixteen
        # weights of the average should sum to one.
        resized = F.interpolate(
            positions.float(), size=grid, mode="bicubic", align_corners=False
        )
        resized = resized.to(positions.dtype).flatten(2).transpose(1, 2)
        return torch.cat([cls, resized], dim=1)


class ClassificationHead(nn.Module):
    r"""
    ## Classification head

    What kind of head the model wears depends on what it is about to do.

    > [!PAPER] Section 3.1
    > For pre-training, the head is an MLP with one hidden layer. For fine-tuning, it is
    > one linear layer and nothing else.

    The hidden layer ends in tanh. It belongs to the pre-training task and is thrown
    away with it; for the new classes, one linear layer that starts at zero has proved
    enough.
    """

    def __init__(self, d_model: int, n_hidden: int, n_classes: int) -> None:
        """
        * `d_model` is the width of a token
        * `n_hidden` is the width of the hidden layer for pre-training; 0 leaves it out
        * `n_classes` is the number of classes, $K$
        """
        super().__init__()
        self.hidden = nn.Linear(d_model, n_hidden) if n_hidden else None
        self.output = nn.Linear(n_hidden or d_model, n_classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        With an output layer of zeros, all classes are equally likely at the start, and
        the first gradients do not have to undo a random opinion.
        """
        if self.hidden is not None:
            nn.init.xavier_uniform_(self.hidden.weight)
            nn.init.zeros_(self.hidden.bias)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, d_model]`; the result, the logits, has shape
        `[batch, n_classes]`.
        """
        if self.hidden is not None:
            x = self.hidden(x).tanh()
        return self.output(x)


class VisionTransformer(nn.Module):
    r"""
    ## The whole model

    The parts, put together. A picture goes in, and out comes a score for each class.
    """

    def __init__(
        self,
        transformer_layer: TransformerLayer,
        n_layers: int,
        patch_emb: PatchEmbeddings,
        pos_emb: LearnedPositionalEmbeddings,
        classification: ClassificationHead,
        dropout_prob: float = 0.0,
        drop_path: float | None = None,
        mean_pooling: bool = False,
    ) -> None:
        """
        * `transformer_layer` is the pattern for the layers
        * `n_layers` is the number of layers, $L$
        * `patch_emb` makes tokens of patches
        * `pos_emb` adds the positions
        * `classification` is the head
        * `dropout_prob` is the probability of dropping a number of a token behind the
          position embeddings
        * `drop_path` is the probability of skipping a block of the last layer
        * `mean_pooling` shows the head the average of all tokens, not the class token
        """
        super().__init__()
        self.mean_pooling = mean_pooling
        self.patch_emb = patch_emb
        self.pos_emb = pos_emb
        self.encoder = Encoder(transformer_layer, n_layers, drop_path)
        self.classification = classification
        self.dropout = nn.Dropout(dropout_prob)

        # The class token, `[CLS]`, is a learned vector that stands in front of the
        # patches. It shows nothing of the picture, so it is free to collect: in each
        # layer it asks the patches for what the classification will need. The idea is
        # from BERT, a language model.
        self.cls_token_emb = nn.Parameter(torch.empty(1, 1, transformer_layer.size))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """It starts with nothing to say."""
        nn.init.zeros_(self.cls_token_emb)

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`; the result, the logits, has
        shape `[batch, n_classes]`. Pictures may be of any size that the patches divide.
        """
        return self.classification(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        r"""
        ### What the head gets to see

        The description of the picture, of shape `[batch, d_model]`.
        """
        # The paper's equation 1, from left to right. First $\mathbf{x}_p^i\mathbf{E}$:
        # patch $i$, flattened to $P^2 C$ numbers, becomes a token. (With a bias, which
        # the authors' code has and their equation leaves out.)
        grid = self.patch_emb.grid(*x.shape[-2:])
        x = self.patch_emb(x)

        # Then $\mathbf{x}_\text{class}$ goes in front of them, and with
        # $\mathbf{E}_{pos}$ each token learns its place. That is $\mathbf{z}_0$, what
        # the first layer gets.
        #
        # $$\mathbf{z}_0 = [\mathbf{x}_\text{class};\, \mathbf{x}_p^1\mathbf{E};\,
        #   \dots;\, \mathbf{x}_p^N\mathbf{E}] + \mathbf{E}_{pos}$$
        cls = self.cls_token_emb.expand(x.shape[0], -1, -1)
        x = torch.cat([cls, x], dim=1)
        x = self.dropout(self.pos_emb(x, grid))

        # Equations 2 and 3 are in the [layers](../models.py#TransformerLayer), $L$
        # times.
        x = self.encoder(x)

        # **Unlike the paper**, which tried the average of the patches in its appendix
        # D.3, all tokens can be averaged, the class token among them. [Later
        # work](https://arxiv.org/abs/2205.01580) prefers an average, and so does [our
        # shortest run](ablation.py).
        if self.mean_pooling:
            return x.mean(dim=1)

        # Equation 4 takes token 0 behind the last layer, $\mathbf{z}_L^0$, and drops
        # all others: $\mathbf{y}$ describes the picture. The norm in it is the last
        # thing that the encoder does.
        #
        # $$\mathbf{y} = \operatorname{LN}(\mathbf{z}_L^0)$$
        return x[:, 0]


# ## The family
#
# Three sizes are from the paper's table 1. The two small ones, ViT-Ti and ViT-S, came a
# little later with [DeiT](https://arxiv.org/abs/2012.12877) and [How to train your
# ViT](https://arxiv.org/abs/2106.10270), for those without 300 million pictures.
#
# | name | layers $L$ | width $D$ | `d_ff` | heads $k$ | parameters, as published |
# |---|--:|--:|--:|--:|--:|
# | ViT-Ti | 12 | 192 | 768 | 3 | 5.7 million |
# | ViT-S | 12 | 384 | 1536 | 6 | 22 million |
# | ViT-B | 12 | 768 | 3072 | 12 | 86 million |
# | ViT-L | 24 | 1024 | 4096 | 16 | 307 million |
# | ViT-H | 32 | 1280 | 5120 | 16 | 632 million |
class Size(NamedTuple):
    """What a letter of the family stands for."""

    n_layers: int
    d_model: int
    d_ff: int
    heads: int


SIZES = {
    "Ti": Size(12, 192, 768, 3),
    "S": Size(12, 384, 1536, 6),
    "B": Size(12, 768, 3072, 12),
    "L": Size(24, 1024, 4096, 16),
    "H": Size(32, 1280, 5120, 16),
}


def vit(
    name: str,
    *,
    image_size: int = 224,
    n_classes: int = 1000,
    n_hidden: int = 0,
    in_channels: int = 3,
    dropout_prob: float = 0.0,
    drop_path: float = 0.0,
) -> VisionTransformer:
    """
    ### A model by its name

    `vit("ViT-B/16")` is the base size with patches of 16×16. The number after the slash
    matters more than it looks: half the patch size is four times the tokens.

    * `name` is a size of the family and a patch size
    * `image_size` is the side of the pictures that the positions are learned for
    * `n_classes` is the number of classes
    * `n_hidden` is the width of the head's hidden layer, for pre-training
    * `in_channels` is the number of channels of a picture
    * `dropout_prob` is the probability of dropout after each dense layer but queries,
      keys and values, and after the positions
    * `drop_path` is the probability of skipping a block of the last layer

    Raises `ValueError` for a name or an image size that makes no model.
    """
    match = re.fullmatch(r"(?:ViT-)?(\w+)/(\d+)", name)
    if match is None or match[1] not in SIZES or int(match[2]) == 0:
        known = {
            f"vit{size}{p}".lower(): f"ViT-{size}/{p}"
            for size in SIZES
            for p in (16, 32)
        }
        typed = re.sub(r"[\W_]", "", name).lower()
        nearest = known[difflib.get_close_matches(typed, known, 1, cutoff=0)[0]]
        raise ValueError(f"there is no model {name!r}; did you mean {nearest!r}?")
    size, patch_size = SIZES[match[1]], int(match[2])

    layer = TransformerLayer(
        d_model=size.d_model,
        self_attn=MultiHeadAttention(size.heads, size.d_model, dropout_prob=0.0),
        feed_forward=FeedForward(size.d_model, size.d_ff, dropout_prob),
        dropout_prob=dropout_prob,
    )
    patch_emb = PatchEmbeddings(size.d_model, patch_size, in_channels)
    return VisionTransformer(
        layer,
        size.n_layers,
        patch_emb,
        LearnedPositionalEmbeddings(
            size.d_model, patch_emb.grid(image_size, image_size)
        ),
        ClassificationHead(size.d_model, n_hidden, n_classes),
        dropout_prob,
        drop_path,
    )
