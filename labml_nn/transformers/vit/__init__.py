r"""
---
title: Vision Transformer (ViT)
summary: >
  An annotated PyTorch implementation of the Vision Transformer, "An Image Is Worth
  16×16 Words", from patches and the class token to higher resolution at fine-tuning.
---

# Vision Transformer (ViT)

Cut an image into squares, call each square a word, and give the sentence to a
transformer. That is the Vision Transformer. That it works at all is the surprise of [An
Image Is Worth 16×16 Words](https://arxiv.org/abs/2010.11929): once the image is cut,
the transformer sees a list of vectors, and has to learn where each one belongs.

<picture><source media="(max-width: 48rem)" width="360" height="524"
  srcset="../../../docs/figures/patches-narrow.svg">
![An image is cut into a grid of patches; each patch is flattened and projected to a
token, the class token is put in front, and a position is added to each.](
../../../docs/figures/patches.svg "From pixels to tokens: each patch of $P^2 C$ numbers
becomes a token of $D$ numbers. The class token, drawn hollow, has no patch behind it.")
</picture>

An image has $H \times W$ pixels of $C$ numbers each, a patch has $P \times P$ pixels,
and the model sees $N + 1$ tokens of $D$ numbers: the $N$ patches and the class token. A
[table](../__init__.py) has all names that these pages use.

The model has four parts, in the order in which an image passes through them:

1. [Patch embeddings](#PatchEmbeddings) turn squares of pixels into tokens.
2. [Position embeddings](#LearnedPositionalEmbeddings) tell each token where its square
   was.
3. The [encoder](../models.py#Encoder) lets the tokens work it out among themselves,
   with [attention](../mha.py) and [feed-forward blocks](../feed_forward.py).
4. The [classification head](#ClassificationHead) reads the answer from one token.

## Try it

Below is a small one, [trained in twelve minutes on two CPU cores](export.py). Choose an
image and move the pointer over it: what does each patch look at? The [same model in
JavaScript](vit.js) answers, in this page. Your image stays on your machine. The
weights, 350 kB of them, are loaded when you choose the first image.

> [!FIGURE] vit.js images.js try_it.css try_it.js images.jpg laptop.safetensors
>
> <picture>
>   <source media="(max-width: 40rem)" width="360" height="1064"
>     srcset="../../../docs/figures/try-it-narrow.svg">
>   <img src="../../../docs/figures/try-it.svg" width="1000" height="530" loading="lazy"
>     alt="A ship, cut into eight by eight patches, and its five most likely classes.
>     Beside it the same image eight times, for four layers of two heads, bright where
>     one of the patches looks; then attention rollout and similar positions.">
> </picture>

It knows ten classes and nothing else, so it assigns the astronaut to one of them. Some
patches look at patches like themselves, some at their neighbours, some past the object
at the background. Nearby positions are similar, and so are those of one row or column.
In this model they [started](experiment.py#sinusoidal_positions) that way; the paper's
model had to [learn](#LearnedPositionalEmbeddings) it.

The cat was photographed by Stéfan van der Walt (CC0), the astronaut by NASA (public
domain); both come with [scikit-image](https://scikit-image.org). The others were drawn
for this site, and so was [the static version](try_it.py) of the figure.

## Why do without convolutions?

The paper changes the transformer as little as it can. In language, transformers that
are pre-trained on much text get better with size, and whoever keeps their architecture
gets that, and their fast implementations, almost for nothing (sections 1 and 3).

A convolutional network makes two assumptions. What matters about a pixel is close to it
(*locality*), and an object that has moved is the same object in another place, so its
features move with it (*translation equivariance*). Both are true enough to save a lot
of data. They are the network's *inductive biases*, and a Vision Transformer has "much
less" of them (section 3.1). These are left:

* the image is cut into squares, so pixels of one patch are near each other from the
  start;
* all patches go through one projection, and all tokens through the same MLPs, one at a
  time, so a patch is read in the same way wherever it lies;
* at another resolution, the position embeddings are resampled as a grid.

Attention itself has no such bias. Every token can attend to every other from the first
layer on, and even which patches are neighbours has to be learned.

## How much data does that take?

The paper measures it by pre-training the same models on three data sets and comparing
them on ImageNet (section 4.3 and figure 3):

* with the 1.3 million images of **ImageNet**, ViT-L is worse than ViT-B, although
  weight decay, dropout and label smoothing were tuned for this data set, and the best
  convolutional networks are ahead of both;
* with the 14 million of **ImageNet-21k**, of 21,000 classes, ViT-L is similar to ViT-B
  or a little better, and about level with the convolutional networks;
* with the 303 million of **JFT-300M**, of 18,000 classes, larger is better, and
  ViT-H/14 beats the best networks of its time.

Images that are also in a test set were removed from all three (section 4.1).

| accuracy on ImageNet | ViT-B/16 | ViT-L/16 | ViT-H/14 |
|---|--:|--:|--:|
| pre-trained on ImageNet | 77.91 % | 76.53 % | |
| pre-trained on ImageNet-21k | 83.97 % | 85.15 % | 85.13 % |
| pre-trained on JFT-300M | 84.15 % | 87.12 % | 88.04 % |

All were fine-tuned on ImageNet at 384×384 pixels (table 5). Most [smaller
tasks](finetune.py#what-does-the-paper-fine-tune-on) show the same order: fine-tuned on
CIFAR-100, ViT-L/16 reaches 86.35, 93.44 and 94.04 %.

A second series pre-trains on 9, 30 and 90 million random images of JFT-300M and on all,
with early stopping and the same settings for all, so that the models are compared and
not their regularisation, and then fits a linear classifier to five images per class of
ImageNet (figure 4). Compare models that cost about the same: with 9 million images,
ViT-B/32 is far behind a ResNet-50; with 90 million, it is ahead, and so is ViT-L/16 of
a ResNet-152 of twice the width. With few images, the ViTs overfit more; with many, the
ResNets level off sooner. These are the measurements. The paper explains them by the
biases: they help with few images, and with many it is as good or better to learn
everything from the images.

> [!PAPER] Section 1
> A transformer lacks some of these biases, so if it has seen too few images, it
> generalises worse than a convolutional network of its size. Training on enough of them
> more than makes up for it.

Others had combined attention with convolutions or put it in their place. Between all
pixels it is too expensive, so they restricted it to neighbourhoods, to sparse patterns
or to single axes. Such models do well, but need complex engineering to run fast, so
ResNets were still the best at large scale (sections 1 and 2).

Closest among earlier work is a model of [Cordonnier et al.
(2020)](https://arxiv.org/abs/1911.03584), which cuts images into patches of 2×2 pixels.
That suits small images alone. iGPT ([Chen et al.,
2020](https://proceedings.mlr.press/v119/chen20s.html)) takes single pixels of small
images as words, learns to predict them without labels, and reaches 72 % on ImageNet.
New are larger images, and that enough of them make a plain transformer as good as the
best convolutional networks (section 2).

Later work needs less data, thanks to stronger augmentation, which teaches by example
what the architecture does not assume. CIFAR-10 has only 50,000 images, so a ViT that is
trained on them from scratch will not impress you unless you help it.

## Can it learn without labels?

Yes, but less well. A ViT-B/16 that has learned to predict the colours of masked patches
reaches 79.9 % on ImageNet after fine-tuning: 2 points more than from scratch, but 4
less than after pre-training with labels (section 4.6). The details are in appendix
B.1.2:

* **Masking** is that of BERT. Half of the patch embeddings are chosen. Of these, 80 %
  become a learned `[MASK]`, 10 % the embedding of another patch, and 10 % stay. BERT
  chooses 15 % of its words; here that was slightly worse.
* **The target** is the mean colour of each chosen patch, in three bits per channel: one
  of 512 colours. Predicting a patch of 4×4 such colours worked as well, and predicting
  all pixels slightly worse.
* **Training** took a million steps with batches of 4,096, some 14 epochs of JFT-300M,
  with Adam. The learning rate rose to 0.0002 in 10,000 steps and fell with a cosine.
  After 100,000 steps there was little left to gain, and ImageNet alone helped as much.

The gap to labels is one of three challenges that the paper ends with. The others are
detection and segmentation, and larger models (section 5).

## What does pre-training cost?

Less than for convolutional networks of the same accuracy on ImageNet (the paper's table
2). A TPUv3-core-day is a day on one core of the TPUs that the authors used:

| model | pre-trained on | ImageNet | TPUv3-core-days |
|---|---|--:|--:|
| ViT-H/14 | JFT-300M | 88.55 % | 2,500 |
| ViT-L/16 | JFT-300M | 87.76 % | 680 |
| ViT-L/16 | ImageNet-21k | 85.30 % | 230 |
| BiT-L, a ResNet-152 of four times the width | JFT-300M | 87.54 % | 9,900 |
| Noisy Student, an EfficientNet-L2 | JFT-300M, unlabelled | 88.4 % | 12,300 |

Noisy Student also learns from ImageNet and its labels. The 230 core-days are about a
month on the eight cores of one TPUv3 in the cloud. These models differ in more than
their architecture, as the paper says itself. ViT-L/16 from JFT-300M is at least level
with BiT-L on all tasks of table 2, for a fourteenth of the compute. Where only the
architecture differs, a ViT needs two to four times less compute than a ResNet for the
same accuracy, averaged over five data sets (section 4.4, figure 5 and [table
6](../cost.py#what-did-the-papers-models-cost)).

The same comparison has *hybrids*. Their patches are not cut from the image but from the
feature map of a ResNet-50, and each is a single pixel of that map. The projection
$\mathbf{E}$ is applied to these pixels, and the class token and the positions are added
as before (section 3.1). In R50+ViT-B/32, the map is the output of stage 4 and has a
pixel for each 32×32 of the image. In R50+ViT-B/16, the layers of stage 4 are added to
stage 3. Then the map has a pixel for each 16×16, and there are four times as many
tokens (section 4.1). Hybrids are ahead of a ViT when compute is short: R50+ViT-B/32
reaches 84.90 % on ImageNet, and ViT-L/32, for nearly twice the compute, 84.37 %. With
more of it, the difference vanishes: R50+ViT-L/16 and ViT-L/16, pre-trained for 14
epochs, both reach 87.12 %.

## Pre-training and fine-tuning

Hardly anybody has 300 million labelled images for the task at hand. So there are two
stages. *Pre-training* uses the large data set, with whatever classes it happens to
have. *Fine-tuning* goes on from there with the few images that one cares about: the
head is replaced by a new one for the new classes, the images may be larger, and all
other weights start from what they have learned. [Ours](finetune.py) does so on a small
scale. The paper's settings (section 4.1, tables 3 and 4) are:

| of the ViTs | pre-training | fine-tuning |
|---|---|---|
| optimizer | Adam, $\beta_1 = 0.9$, $\beta_2 = 0.999$ | SGD, momentum 0.9 |
| batch | 4,096 images of 224×224 pixels | 512 images of 384×384 pixels or more |
| epochs, steps | JFT-300M 7 or 14, ImageNet-21k 30 or 90, ImageNet 300 | 500–20,000 |
| peak learning rate | 0.0003 to 0.003, after 10,000 steps of warm-up | 0.001 to 0.06 |
| decay to zero | linear, or a cosine with ImageNet alone | a cosine |
| weight decay | 0.1 with JFT-300M, 0.03 with ImageNet-21k, 0.3 with ImageNet | none |
| dropout | 0.1, but none with JFT-300M | |
| gradient | clipped at norm 1 with ImageNet alone | clipped at norm 1 |

The authors call a weight decay of 0.1 high, and found it useful for transfer.

<details>
<summary>Epochs and peak learning rate of each model (table 3)</summary>

| model | pre-trained on | epochs | learning rate |
|---|---|--:|--:|
| ViT-B/16, ViT-B/32 | JFT-300M | 7 | 0.0008 |
| ViT-L/32 | JFT-300M | 7 | 0.0006 |
| ViT-L/16 | JFT-300M | 7 or 14 | 0.0004 |
| ViT-H/14 | JFT-300M | 14 | 0.0003 |
| ViT-B/16, ViT-B/32 | ImageNet-21k | 90 | 0.001 |
| ViT-L/16, ViT-L/32 | ImageNet-21k | 30 or 90 | 0.001 |
| all | ImageNet | 300 | 0.003 |

Hybrids have the settings of their ViT, but R50+ViT-L/32 a rate of 0.0002. That of the
ResNets is 0.001 with 50 layers, 0.0008 with 101 and 0.0006 with 152.

</details>

For the best results on ImageNet, ViT-L/16 was fine-tuned on images of 512×512 pixels
and ViT-H/14 on 518×518, and an average of the weights was evaluated, with a factor of
0.9999 (section 4.1). (518 is 37 times 14, and 512 is no multiple of 14.) That is one
reason why the paper has 88.55 % for ViT-H/14 in table 2 and 88.04 % in table 5. Steps
and learning rates of [each task](finetune.py#what-does-the-paper-fine-tune-on) are on
the page of fine-tuning, and more on [the paper's
ResNets](../../resnet/__init__.py#the-papers-resnets) on theirs.

## In four lines

```python
import torch
from labml_nn.transformers.vit import vit

model = vit("ViT-Ti/4", image_size=32, n_classes=10)
logits = model(torch.rand(8, 3, 32, 32))
```

Eight images of 32×32 pixels go in, and `logits`, of shape `[8, 10]`, has a score for
each image and class. A softmax over the classes makes probabilities of them. The batch
always comes first.

## One image through the model

And in between? Here is what becomes of one image in that model, as it was
[recorded](through.py). The batch is the first number of each shape.

> [!FIGURE] ../sliders.css ../sliders.js through.js
>
> | step | shape |
> |---|--:|
> | an image | [1, 3, 32, 32] |
> | [project each patch][1] | [1, 192, 8, 8] |
> | [make the grid a list][2] | [1, 64, 192] |
> | [put the class token in front][3] | [1, 65, 192] |
> | [add positions][4] | [1, 65, 192] |
> | [in each layer: normalise][5] | [1, 65, 192] |
> | [q, k, v by head][6] | [1, 3, 65, 64] |
> | [compare all with all][7] | [1, 3, 65, 65] |
> | [concatenate the answers][8] | [1, 65, 192] |
> | [project them and add][9] | [1, 65, 192] |
> | [normalise again, widen in the MLP][10] | [1, 65, 768] |
> | [project back and add][11] | [1, 65, 192] |
> | [normalise after the last layer][12] | [1, 65, 192] |
> | [take the class token][13] | [1, 192] |
> | [score the classes][14] | [1, 10] |
>
> [1]: #PatchEmbeddings.forward-x-has-shape-batch-d_model-height
> [2]: #PatchEmbeddings.forward-row-by-row-the-grid-becomes
> [3]: #VisionTransformer.embed-then-mathbf-x-_-text-class
> [4]: #LearnedPositionalEmbeddings.forward
> [5]: ../models.py#TransformerLayer.forward-equation-2-the-input-of-attention
> [6]: ../mha.py#PrepareForMultiHeadAttention.forward-move-the-heads-in-front-of
> [7]: ../mha.py#attention_weights-one-dot-product-per-pair-two
> [8]: ../mha.py#MultiHeadAttention.forward-move-the-heads-back-behind-the
> [9]: ../models.py#TransformerLayer.forward-equation-2-the-input-of-attention
> [10]: ../feed_forward.py#FeedForward.forward-hidden-has-shape-batch-tokens-d_ff
> [11]: ../models.py#TransformerLayer.forward-equation-3
> [12]: ../models.py#Encoder.forward
> [13]: #VisionTransformer.features-equation-4-takes-token-0-after
> [14]: #ClassificationHead.forward

The steps from the first norm to the second addition happen in each of the twelve
layers. Only there do tokens exchange anything, and only where 65 stands beside 65. Of
the last layer, the model computes [the class token alone](#VisionTransformer.features);
the table shows all tokens.

What next?

1. [Train one](experiment.py) on CIFAR-10.
2. See [what each choice is worth](ablation.py).
3. Ask it [what is in an image](predict.py).
4. Look at [what it has learned](figures.py).
5. [Fine-tune](finetune.py) it, or start from [weights that others have
   trained](pretrained.py).
"""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..feed_forward import FeedForward
from ..mha import MultiHeadAttention
from ..models import LAYER_NORM_EPS, Encoder, TransformerLayer


class PatchEmbeddings(nn.Module):
    r"""
    ## Patch embeddings

    An image of $H \times W$ pixels is cut into $N = HW / P^2$ patches that do not
    overlap. Each is flattened to $P^2 C$ numbers and multiplied with one matrix
    $\mathbf{E} \in \mathbb{R}^{(P^2 C) \times D}$, the same for all patches. The result
    is a token.

    In ViT-B/16, $\mathbf{E}$ has $768 \times 768$ weights, because a patch has
    $16^2 \cdot 3 = 768$ numbers, just as many as a token. The paper also has patches of
    14×14 and 32×32, for images of 224×224 pixels. Those of CIFAR-10 have only 32×32
    pixels, so for them we use 4×4, which makes 64 patches.
    """

    def __init__(self, d_model: int, patch_size: int, in_channels: int) -> None:
        """
        * `d_model` is the width of a token, $D$
        * `patch_size` is the side of a patch in pixels, $P$
        * `in_channels` is the number of channels of the image, $C$
        """
        super().__init__()
        self.patch_size = patch_size

        # Is this not a convolution, in a model that prides itself on having none? Only
        # in name. The kernel is as large as its stride, so the windows tile the image
        # and each is multiplied with the matrix $\mathbf{E}$ once: exactly the
        # projection of the flattened patches, done by a fast kernel.
        self.conv = nn.Conv2d(in_channels, d_model, patch_size, stride=patch_size)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        The weights are initialised like those of a matrix: their variance is one over
        the number of inputs, $P^2 C$, as in the authors' code. PyTorch's default would
        be a third of that.
        """
        fan_in = self.conv.weight[0].numel()
        nn.init.trunc_normal_(self.conv.weight, std=fan_in**-0.5)
        if self.conv.bias is not None:
            nn.init.zeros_(self.conv.bias)

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """
        The number of patches from top to bottom and from left to right. Raises
        `ValueError` for an image that cannot be cut without a remainder.
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
        `[batch, patches, d_model]`. Raises `ValueError` if `x` does not have four
        dimensions or cannot be cut into patches.
        """
        if x.dim() != 4:
            raise ValueError(
                f"x must have shape [batch, channels, height, width], not {[*x.shape]}"
            )
        self.grid(*x.shape[-2:])
        # `x` has shape `[batch, d_model, height / patch_size, width / patch_size]`.
        x = self.conv(x)

        # Row by row, the grid becomes a sequence. From here on, only the position
        # embeddings can tell that there ever were rows.
        return x.flatten(2).transpose(1, 2)


class LearnedPositionalEmbeddings(nn.Module):
    r"""
    ## Position embeddings

    Attention treats its tokens as a set. Shuffle the patches, and the outputs are the
    same, only shuffled: to the encoder, a face and a collage of its parts are the same
    image. Something has to tell each token where it comes from. Here it is a vector for
    each position, which is added to the token.

    > [!FIGURE] vit.js images.js try_it.css ../sliders.css ../sliders.js \
    > shuffle.js images.jpg laptop.safetensors
    >
    > ![A cat and its shuffled patches. With position embeddings, the model's answer
    > changes; without them, it stays the same.](../../../docs/figures/shuffle.svg "The
    > answers of the small model above. It was trained with position embeddings, so
    > without them it is often wrong, but no shuffling changes its answer.")

    The vectors $\mathbf{E}_{pos} \in \mathbb{R}^{(N+1) \times D}$ are learned like any
    weight. In the paper they start at random, so nothing tells the model that the
    positions form a grid. It finds out: after training, patches that are close have
    similar position embeddings, and so have those of the same row or column (section
    4.5 and figure 7). The `grid_size` below only says how many positions there are, and
    how to [resample](#LearnedPositionalEmbeddings.interpolate) them. But our
    [experiment](experiment.py) does tell its model: there, the positions start as waves
    along rows and columns.

    So would it not help to say where each patch is, by its row and column? The paper
    tried with ViT-B/16 (appendix D.4, table 8), and measured how well a linear
    classifier does on ImageNet with five images per class:

    | position embeddings | accuracy |
    |---|--:|
    | none | 61.4 % |
    | a vector for each position, as here | 64.2 % |
    | one for each row and one for each column, concatenated | 64.0 % |
    | relative: one for each offset, inside attention | 64.0 % |

    The model needs position embeddings, but it hardly matters which, nor whether they
    are added once or again in each layer. The paper's guess is that a grid of 14×14 is
    so small that any of them can learn it.
    """

    def __init__(self, d_model: int, grid_size: int | tuple[int, int] = 8) -> None:
        """
        * `d_model` is the width of a token
        * `grid_size` is the side of a square grid of patches, or its rows and columns;
          8 is right for CIFAR-10 and patches of 4×4
        """
        super().__init__()
        self.grid_size = (
            (grid_size, grid_size) if isinstance(grid_size, int) else grid_size
        )
        rows, columns = self.grid_size
        # The class token, which comes first, gets a position too.
        self.positional_encodings = nn.Parameter(
            torch.empty(1, 1 + rows * columns, d_model)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        Much smaller than the tokens, so that at first their content dominates, and the
        value of the authors' code.
        """
        nn.init.normal_(self.positional_encodings, std=0.02)

    def forward(self, x: Tensor, grid: tuple[int, int] | None = None) -> Tensor:
        """
        `x` has shape `[batch, tokens, d_model]`, with the class token first, and so has
        the result. `grid` is the number of rows and columns of patches, if it is not
        `grid_size`.
        """
        return x + self.interpolate(self.grid_size if grid is None else grid)

    def interpolate(
        self,
        grid: tuple[int, int],
        mode: str = "bicubic",
        align_corners: bool = False,
        antialias: bool = False,
    ) -> Tensor:
        r"""
        ### Higher resolution

        Pre-training is cheaper on small images, and fine-tuning is better on large
        ones. The patches keep their size, so there are more of them, and most of their
        positions were never learned. But the learned ones form a grid, and a grid can
        be resampled like an image (the paper's section 3.2). All other weights stay as
        they are: not one of them depends on the number of tokens.

        <picture><source media="(max-width: 80rem)" width="314" height="602"
          srcset="../../../docs/figures/interpolation-narrow.svg">
        ![A grid of four by four learned positions is stretched over the same image and
        sampled at six by six places.](../../../docs/figures/interpolation.svg "Same
        image, same patch size, more pixels: the four-by-four grid of learned positions
        is sampled at six by six places. The class token's position is kept.")
        </picture>

        **Unlike the authors**, who resample once and then fine-tune the larger grid,
        this method resamples in each forward pass. The small grid stays what is
        trained, so one model can see images of many sizes in turn.

        * `grid` is the number of patches from top to bottom and from left to right
        * `mode`, `align_corners` and `antialias` are those of PyTorch's `interpolate`;
          [finetune](finetune.py) lists what each library uses

        The result has shape `[1, tokens, d_model]`.
        """
        if grid == self.grid_size:
            return self.positional_encodings

        # The class token has no place in the image, so its position stays as it is.
        cls, positions = self.positional_encodings.split(
            [1, self.grid_size[0] * self.grid_size[1]], dim=1
        )

        # `positions` has shape `[1, d_model, rows, columns]`: an image with $D$
        # channels.
        positions = positions.transpose(1, 2).unflatten(-1, self.grid_size)

        # **Unlike the authors' code**, which is linear and keeps the corners in place,
        # this is bicubic, and keeps the edges of the image in place. Halfway between
        # two vectors, their linear average is usually shorter than both. A bicubic one
        # is shorter too, but less so ([DeiT](https://arxiv.org/abs/2012.12877)). It is
        # computed in float32 or better: its sixteen weights have to sum to one.
        precise = positions.to(torch.promote_types(positions.dtype, torch.float32))
        resized = F.interpolate(
            precise,
            size=grid,
            mode=mode,
            align_corners=align_corners,
            antialias=antialias,
        )
        resized = resized.to(positions.dtype).flatten(2).transpose(1, 2)
        return torch.cat([cls, resized], dim=1)


class ClassificationHead(nn.Module):
    r"""
    ## Classification head

    Which head the model gets depends on the task.

    > [!PAPER] Section 3.1
    > For pre-training, the head is an MLP with one hidden layer. For fine-tuning, it is
    > one linear layer and nothing else.

    The hidden layer ends in tanh (appendix D.3). That it is as wide as a token is not
    in the paper, only in the authors' code. It belongs to the pre-training task and is
    discarded with it. For the new classes, one linear layer that starts at zero is
    enough (section 3.2).
    """

    def __init__(
        self,
        d_model: int,
        n_hidden: int,
        n_classes: int,
        activation: nn.Module | None = None,
    ) -> None:
        """
        * `d_model` is the width of a token
        * `n_hidden` is the width of the hidden layer for pre-training; 0 leaves it out
        * `n_classes` is the number of classes, $K$
        * `activation` follows the hidden layer, by default `nn.Tanh()`
        """
        super().__init__()
        self.activation = nn.Tanh() if activation is None else activation
        self.hidden = nn.Linear(d_model, n_hidden) if n_hidden else None
        self.output = nn.Linear(n_hidden or d_model, n_classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        The output layer starts at zero, so that at first all classes are equally likely
        and no gradient is spent on undoing random predictions. The hidden layer starts
        with [Xavier initialisation](../mha.py#MultiHeadAttention.reset_parameters).
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
            x = self.activation(self.hidden(x))
        return self.output(x)


class VisionTransformer(nn.Module):
    r"""
    ## The whole model

    The parts, put together. An image goes in, and a score for each class comes out.
    What happens to the tokens $\mathbf{z}$ between the embeddings and the logits, in
    the [encoder](../models.py) and the head, takes six lines if one writes down nothing
    else:

    ```python
    for layer in encoder:
        z = z + layer.attention(layer.norm_1(z))  # equation 2
        h = gelu(layer.norm_2(z) @ layer.W_1 + layer.b_1)
        z = z + h @ layer.W_2 + layer.b_2  # equation 3
    y = norm(z)[:, 0]  # equation 4
    logits = y @ head.W + head.b
    ```

    In each layer, attention lets the tokens exchange information, then an MLP with one
    hidden layer of $4D$ numbers and a GELU processes each token alone. Both read a
    normalised copy of the tokens (*pre-norm*) and add their result to the tokens
    themselves (a *residual connection*).
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
        norm_after_pooling: bool = False,
    ) -> None:
        """
        * `transformer_layer` is the template of the layers
        * `n_layers` is the number of layers, $L$
        * `patch_emb` turns patches into tokens
        * `pos_emb` adds the position embeddings
        * `classification` is the head
        * `dropout_prob` is the probability of dropping a number of a token after the
          position embeddings
        * `drop_path` is the probability of skipping a block of the last layer, **unlike
          the paper**, which has no [stochastic depth](../models.py#StochasticDepth)
        * `mean_pooling` gives the head the mean of all tokens, not the class token
        * `norm_after_pooling` gives it the mean of the patches alone, and applies the
          final norm to the mean, not to the tokens
        """
        super().__init__()
        self.mean_pooling = mean_pooling or norm_after_pooling
        self.patch_emb = patch_emb
        self.pos_emb = pos_emb
        self.encoder = Encoder(transformer_layer, n_layers, drop_path)
        self.classification = classification
        self.dropout = nn.Dropout(dropout_prob)

        # The norm of the tokens becomes the norm of their mean.
        self.pooled_norm: nn.Module | None = None
        if norm_after_pooling:
            self.pooled_norm, self.encoder.norm = self.encoder.norm, nn.Identity()

        # The class token, `[CLS]`, is a learned vector in front of the patches. It
        # shows no part of the image, so it is free to collect: in each layer it asks
        # the patches for what the classification will need. The idea is from BERT, a
        # language model.
        self.cls_token_emb = nn.Parameter(torch.empty(1, 1, transformer_layer.size))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """The class token starts at zero, as in the authors' code."""
        nn.init.zeros_(self.cls_token_emb)

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`; the result, the logits, has
        shape `[batch, n_classes]`. Images may have any size that the patches divide.
        """
        return self.classification(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        r"""
        ### The input of the head

        The description of the image, of shape `[batch, d_model]`.
        """
        # The paper's appendix D.3 compares the class token with the mean of the
        # patches. At the class token's learning rate, 0.0008, the mean does far worse.
        # With 0.0003, it is as good. [Later work](https://arxiv.org/abs/2205.01580) has
        # no class token, and [our short runs](ablation.py) do better with a mean.
        #
        # **Unlike the paper**, ours is the mean of all tokens, the class token
        # included. [Masked autoencoders](https://arxiv.org/abs/2111.06377) and timm
        # take the mean of the patches alone and apply the norm to it.
        if self.pooled_norm is not None:
            return self.pooled_norm(self.tokens(x)[:, 1:].mean(dim=1))
        if self.mean_pooling:
            return self.tokens(x).mean(dim=1)

        # Equation 4 takes token 0 after the last layer, $\mathbf{z}_L^0$, and drops all
        # others: $\mathbf{y}$ describes the image. The encoder has already applied the
        # norm.
        #
        # $$\mathbf{y} = \operatorname{LN}(\mathbf{z}_L^0)$$
        #
        # **Unlike the paper**, the last layer computes no others: the same result, with
        # less work. Token 0 needs the keys $\mathbf{k}$ and values $\mathbf{v}$ of all
        # tokens, but no query $\mathbf{q}$, row of $A$ or MLP except its own:
        #
        # $$\operatorname{SA}(\mathbf{z})^0 = \operatorname{softmax}\!\left(
        #   \frac{\mathbf{q}^0\mathbf{k}^\top}{\sqrt{D_h}}\right)\mathbf{v}$$
        #
        # Of the [multiplications](../mha.py#what-it-costs) of a layer for each token
        # alone, $12 (N + 1) D^2$, only $2 (N + 1) D^2 + 10 D^2$ are left.
        return self.encoder(self.embed(x), queries=1)[:, 0]

    def tokens(self, x: Tensor) -> Tensor:
        """
        ### The tokens after the last layer

        Segmentation, detection and retrieval want a description of each patch and not
        one of the image. The result has shape `[batch, tokens, d_model]`: the class
        token, then the patches row by row, normalised unless the model has
        `norm_after_pooling`. In timm, this is called forward_features.
        """
        # Equations 2 and 3 are in the [layers](../models.py#TransformerLayer), $L$
        # times.
        return self.encoder(self.embed(x))

    def intermediate_tokens(self, x: Tensor, layers: Sequence[int]) -> list[Tensor]:
        """
        ### The tokens between the layers

        Models for segmentation and depth often read several layers. The result has the
        output of each of `layers`, in their order, of shape `[batch, tokens, d_model]`.
        0 is the first layer and −1 the last. None is normalised: apply `encoder.norm`,
        or `pooled_norm` in a model with `norm_after_pooling`, if you need that.

        Raises `IndexError` for a layer that the model does not have.
        """
        count = len(self.encoder.layers)
        for number in layers:
            if not -count <= number < count:
                raise IndexError(f"there is no layer {number} among {count}")
        x, outputs = self.embed(x), []
        for layer in self.encoder.layers:
            x = layer(x=x)
            outputs.append(x)
        return [outputs[number] for number in layers]

    def embed(self, x: Tensor) -> Tensor:
        r"""
        ### The input of the encoder

        The class token and the patches, each with its position, of shape
        `[batch, tokens, d_model]`.
        """
        # The paper's equation 1, from left to right. First $\mathbf{x}_p^i\mathbf{E}$:
        # patch $i$, flattened to $P^2 C$ numbers, becomes a token. (There is a bias in
        # the authors' code, too, which their equation leaves out.)
        grid = self.patch_emb.grid(*x.shape[-2:])
        x = self.patch_emb(x)

        # Then $\mathbf{x}_\text{class}$ goes in front of them, and
        # $\mathbf{E}_{pos}$ tells each token its place. The sum is $\mathbf{z}_0$, the
        # input of the first layer.
        #
        # $$\mathbf{z}_0 = [\mathbf{x}_\text{class};\, \mathbf{x}_p^1\mathbf{E};\,
        #   \dots;\, \mathbf{x}_p^N\mathbf{E}] + \mathbf{E}_{pos}$$
        cls = self.cls_token_emb.expand(x.shape[0], -1, -1)
        x = torch.cat([cls, x], dim=1)
        return self.dropout(self.pos_emb(x, grid))


# ## The family
#
# Three sizes are from the paper's table 1, and ViT-B and ViT-L have the dimensions of
# BERT. The two small ones, ViT-Ti and ViT-S, came a little later with
# [DeiT](https://arxiv.org/abs/2012.12877) and [How to train your
# ViT](https://arxiv.org/abs/2106.10270), for those without 300 million images.
#
# | name | layers $L$ | width $D$ | `d_ff` | heads $k$ | parameters, as published |
# |---|--:|--:|--:|--:|--:|
# | ViT-Ti | 12 | 192 | 768 | 3 | 5.7 million |
# | ViT-S | 12 | 384 | 1536 | 6 | 22 million |
# | ViT-B | 12 | 768 | 3072 | 12 | 86 million |
# | ViT-L | 24 | 1024 | 4096 | 16 | 307 million |
# | ViT-H | 32 | 1280 | 5120 | 16 | 632 million |
class Size(NamedTuple):
    r"""
    The dimensions behind a name such as ViT-B. The parameters follow from them:
    attention has four matrices of $D \times D$ and the MLP two of $D \times 4D$, so a
    layer has about $4D^2 + 8D^2 = 12D^2$; biases and norms hardly count. The twelve
    layers of ViT-B have $12 \cdot 12 \cdot 768^2 \approx 85$ million of its 86.

    The rest are patches, positions and the head, so the same size has several counts:
    with 1,000 classes and 224×224 pixels, ViT-L/16 has 304 million parameters, and
    ViT-L/32 the published 307.

    Which dimension should one scale? The paper starts from 8 layers with a width of
    1,024, an MLP of 2,048 and patches of 32×32, and varies one at a time (appendix
    D.2). More layers help most, clearly up to 64, but less and less from 16 on. A
    larger width helps least. Smaller patches help reliably, at the price of more
    tokens, but without more parameters. So the compute may tell more about a model than
    its parameters do. To scale all of them together works well, too.
    """

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
    image_size: int | tuple[int, int] = 224,
    n_classes: int = 1000,
    n_hidden: int = 0,
    in_channels: int = 3,
    dropout_prob: float = 0.0,
    drop_path: float = 0.0,
    mean_pooling: bool = False,
    norm_after_pooling: bool = False,
    eps: float = LAYER_NORM_EPS,
) -> VisionTransformer:
    r"""
    ### A model by its name

    `vit("ViT-B/16")` is the base size with patches of 16×16. The number after the slash
    matters more than it seems: half the patch size means four times the tokens, and
    sixteen times the [comparisons](../mha.py#what-it-costs) of attention.

    * `name` is a size of the family and a patch size
    * `image_size` is the side of the images for which positions are learned, or their
      height and width
    * `n_classes` is the number of classes
    * `n_hidden` is the width of the head's hidden layer, for pre-training
    * `in_channels` is the number of channels of an image
    * `dropout_prob` is the probability of dropout after the position embeddings and
      after each dense layer except those for queries, keys and values
    * `drop_path` is the probability of skipping a block of the last layer
    * `mean_pooling` and `norm_after_pooling` are those of the
      [model](#VisionTransformer)
    * `eps` is the $\epsilon$ of the norms

    Raises `ValueError` for an unknown name or an impossible image size.
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
        eps=eps,
    )
    patch_emb = PatchEmbeddings(size.d_model, patch_size, in_channels)
    height, width = (
        (image_size, image_size) if isinstance(image_size, int) else image_size
    )
    return VisionTransformer(
        layer,
        size.n_layers,
        patch_emb,
        LearnedPositionalEmbeddings(size.d_model, patch_emb.grid(height, width)),
        ClassificationHead(size.d_model, n_hidden, n_classes),
        dropout_prob,
        drop_path,
        mean_pooling,
        norm_after_pooling,
    )
