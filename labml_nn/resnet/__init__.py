r"""
---
title: A small residual network
summary: >
  An annotated convolutional network with residual blocks for images of 32×32 pixels, to
  compare the Vision Transformer with.
---

# A small residual network

A [Vision Transformer](../transformers/vit/__init__.py) has to learn that what matters
about a pixel is close to it (*locality*), and that a pattern means the same wherever it
is. A convolutional network has both built in: each output depends on a few neighbours,
and the same weights are used at every position, so the features of an object move with
it (*translation equivariance*). How much is that worth with 50,000 images and ten
minutes? This small version of [Deep Residual
Learning](https://arxiv.org/abs/1512.03385) is for finding out. It is trained by the
[same loop](../experiments/__init__.py) on the same images, and its
[experiment](experiment.py) has the answer.

## The paper's ResNets

The paper on Vision Transformers compares its models with much larger residual networks,
those of [Big Transfer](https://arxiv.org/abs/1912.11370), with two changes that make
them transfer better: group normalisation takes the place of batch normalisation, and
the weights of every convolution are standardised (section 4.1).

They are pre-trained with Adam as well, although SGD is usual for ResNets, because here
Adam is slightly better. Pre-trained on JFT-300M, for SGD with Big Transfer's settings,
and averaged over ImageNet, CIFAR-10, CIFAR-100, Pets and Flowers, a ResNet-50 reaches
89.33 % after Adam and 88.79 % after SGD, and a ResNet-152 of twice the width 94.01 %
and 93.72 %. On ImageNet by itself, SGD is ahead for the ResNet-50: 78.24 to 77.54 %
(appendix D.1 and table 7). They are fine-tuned in two ways, that of the Vision
Transformers and that of Big Transfer, and the better result counts (appendix B.1.1).
Their cost is [in one table with that of the Vision
Transformers](../transformers/cost.py#what-did-the-papers-models-cost).
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """A 3×3 convolution, without a bias, because a batch norm follows."""
    return nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)


class ResidualBlock(nn.Module):
    r"""
    ## A residual block

    Two convolutions compute what is *added* to the feature map, as the blocks of a
    [transformer](../transformers/models.py#TransformerLayer) add to their tokens. The
    difference is where they look. A convolution sees $3 \times 3$ pixels, so the two
    see $5 \times 5$, or $7 \times 7$ if the first has a stride of two. They see no
    further, and have the same weights at every position.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        """
        * `in_channels` and `out_channels` are the numbers of channels
        * `stride` is the factor by which the height and the width shrink
        """
        super().__init__()
        self.conv1 = conv(in_channels, out_channels, stride)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = conv(out_channels, out_channels)
        self.norm2 = nn.BatchNorm2d(out_channels)
        # Scaled by zero, the block adds nothing at first.
        nn.init.zeros_(self.norm2.weight)

        # If the block changes the shape, the shortcut has to change it, too.
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride) if stride > 1 else nn.Identity(),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, in_channels, height, width]`; the result has shape
        `[batch, out_channels, height / stride, width / stride]`.
        """
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.shortcut(x) + self.norm2(self.conv2(y)))


class ResNet(nn.Module):
    r"""
    ## The network

    From stage to stage, the feature map gets smaller and has more channels. A Vision
    Transformer, in contrast, has the same number of tokens and the same width in all
    layers.
    """

    def __init__(
        self, channels: Sequence[int], blocks: int, in_channels: int, n_classes: int
    ) -> None:
        """
        * `channels` is the number of channels of each stage; every stage but the first
          halves the height and the width
        * `blocks` is the number of blocks per stage
        * `in_channels` is the number of channels of the image
        * `n_classes` is the number of classes
        """
        super().__init__()
        self.stem = nn.Sequential(
            conv(in_channels, channels[0]), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        layers: list[nn.Module] = []
        width = channels[0]
        for stage, stage_width in enumerate(channels):
            for block in range(blocks):
                stride = 2 if stage > 0 and block == 0 else 1
                layers.append(ResidualBlock(width, stage_width, stride))
                width = stage_width
        self.layers = nn.Sequential(*layers)
        self.classification = nn.Linear(width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`; the result, the logits, has
        shape `[batch, n_classes]`.
        """
        x = self.layers(self.stem(x))

        # Average over all positions: from here on, it no longer matters where something
        # was found (*translation invariance*).
        return self.classification(x.mean((2, 3)))
