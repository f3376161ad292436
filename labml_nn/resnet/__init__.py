r"""
---
title: A small residual network
summary: >
  An annotated convolutional network with residual blocks for pictures of 32×32 pixels,
  to hold the Vision Transformer against.
---

# A small residual network

A [Vision Transformer](../transformers/vit/__init__.py) has to learn that what matters
about a pixel lies next to it, and that a cat is a cat wherever it sits. A convolutional
network cannot help but know both. How much is that worth when there are 50,000 pictures
and ten minutes? One has to try, and this is the network to try it with: a small version
of [Deep Residual Learning](https://arxiv.org/abs/1512.03385) that is trained by the
[same loop](../experiments/cifar10.py) on the same pictures. Its
[experiment](experiment.py) has the answer.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """A convolution of 3×3 pixels. The norm that follows has the bias."""
    return nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)


class ResidualBlock(nn.Module):
    r"""
    ## A residual block

    Two convolutions compute what is to be *added* to the picture, as the blocks of a
    [transformer](../transformers/models.py#TransformerLayer) do with their tokens. The
    difference is where they look: each convolution sees $3 \times 3$ neighbours, so a
    block sees $5 \times 5$ and no further, with the same weights at every place.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        """
        * `in_channels` and `out_channels` are the numbers of channels
        * `stride` is how many pixels become one in each direction
        """
        super().__init__()
        self.conv1 = conv(in_channels, out_channels, stride)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = conv(out_channels, out_channels)
        self.norm2 = nn.BatchNorm2d(out_channels)
        # With a last norm of zeros the block adds nothing at first.
        nn.init.zeros_(self.norm2.weight)

        # Where the shape changes, the sum needs a shortcut of the new shape.
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

    Stage after stage, the picture gets smaller and its description richer. A Vision
    Transformer keeps the number of its tokens and their width from the first layer to
    the last.
    """

    def __init__(
        self, channels: Sequence[int], blocks: int, in_channels: int, n_classes: int
    ) -> None:
        """
        * `channels` is the width of each stage; all but the first halve the sides
        * `blocks` is the number of blocks of a stage
        * `in_channels` is the number of channels of the picture
        * `n_classes` is the number of classes
        """
        super().__init__()
        self.stem = nn.Sequential(
            conv(in_channels, channels[0]), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        layers: list[nn.Module] = []
        width = channels[0]
        for number, wider in enumerate(channels):
            for block in range(blocks):
                stride = 2 if number and block == 0 else 1
                layers.append(ResidualBlock(width, wider, stride))
                width = wider
        self.layers = nn.Sequential(*layers)
        self.classification = nn.Linear(width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`; the result, the logits, has
        shape `[batch, n_classes]`.
        """
        x = self.layers(self.stem(x))

        # The average over all places: whatever was found, it no longer matters where.
        return self.classification(x.mean((2, 3)))
