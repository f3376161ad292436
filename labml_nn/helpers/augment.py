r"""
---
title: Augmentation, a whole batch at a time
summary: >
  Flip, crop, TrivialAugment, mixup and CutMix on the device, for whole batches at once.
---

# Augmentation, a whole batch at a time

A Vision Transformer does not know that a cat looking left is still a cat when it looks
right. Augmentation teaches it by showing both, and no data is cheaper. In ten epochs
[it does not help yet](../transformers/vit/ablation.py). In hundreds, it is meant to
keep a model from memorising 50,000 images.

Usually worker processes augment one image at a time. Here a whole batch is augmented at
once, on the device of the model. Flip, crop and TrivialAugment still draw random
numbers for each image; mixup and CutMix draw one mixing weight, or one rectangle, for
the whole batch. Throughout, images are floats from 0 to 255 of shape `[batch, channels,
height, width]`, and all random numbers come from the generator that is passed in.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


def _rand(like: Tensor, *shape: int, generator: Generator) -> Tensor:
    return torch.rand(shape, device=like.device, generator=generator)


# ## Flip and crop
def random_flip(x: Tensor, generator: Generator) -> Tensor:
    """Mirror each image with probability one half."""
    flip = _rand(x, len(x), generator=generator) < 0.5
    return torch.where(flip[:, None, None, None], x.flip(-1), x)


def random_crop(x: Tensor, padding: int, generator: Generator) -> Tensor:
    """
    Shift each image by up to `padding` pixels in both directions. The gap at the edge
    is filled with a reflection of the image, because a model could learn to use black
    bars.
    """
    batch, _, height, width = x.shape
    top, left = torch.randint(
        2 * padding + 1, (2, batch), device=x.device, generator=generator
    )
    # `crops` has shape `[batch, channels, tops, lefts, height, width]`. It is a view of
    # every possible crop, and only the crops that were drawn are copied.
    padded = F.pad(x, (padding,) * 4, mode="reflect")
    crops = padded.unfold(2, height, 1).unfold(3, width, 1)
    return crops[torch.arange(batch, device=x.device), :, top, left]


# ## TrivialAugment
#
# Draw one of fourteen operations and a strength for each image ([Müller and Hutter,
# 2021](https://arxiv.org/abs/2103.10158)). There is nothing to tune, which is why it is
# here and not one of its more famous relatives. The operations and their ranges are the
# paper's "wide" set, and a test compares each of them with torchvision's.
def trivial_augment(x: Tensor, generator: Generator) -> Tensor:
    batch = len(x)
    choice = torch.randint(
        len(OPERATIONS), (batch,), device=x.device, generator=generator
    )

    # The strength is one of 31 steps. Most operations also have a direction.
    strength = (
        torch.randint(31, (batch,), device=x.device, generator=generator).float() / 30
    )
    sign = torch.where(_rand(x, batch, generator=generator) < 0.5, -1.0, 1.0)
    # Sort the images by operation. Then the CPU needs only the number of images for
    # each operation, and waits for the device just once.
    order = choice.argsort(stable=True)
    counts = F.one_hot(choice, len(OPERATIONS)).sum(0).tolist()
    result = x.clone()
    for name, indices in zip(OPERATIONS, order.split(counts), strict=True):
        if len(indices):
            result[indices] = apply(name, x[indices], strength[indices], sign[indices])
    return result


def apply(name: str, x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """
    Apply one operation, with a strength from 0 to 1 and a sign for each image:
    `strength` and `sign` have shape `[batch]`.
    """
    return OPERATIONS[name](x, strength, sign)


def identity(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return x


# ### Geometry
#
# An affine map says where in the image each pixel of the result comes from: a 2×2
# matrix and a shift per image, relative to the centre.
def _affine(x: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    height, width = x.shape[-2:]
    scale = x.new_full((2,), 2 / height)
    scale[0] = 2 / width
    # `grid_sample` measures in half images, and we measure in pixels.
    matrix = matrix * scale[:, None] / scale
    theta = torch.cat([matrix, (shift * scale)[..., None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="nearest", align_corners=False)


def _matrix(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.stack([torch.stack([a, b], 1), torch.stack([c, d], 1)], 1)


def shear_x(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    ones, zeros = torch.ones_like(strength), torch.zeros_like(strength)
    slope = 0.99 * strength * sign
    # The top edge stays where it is.
    shift = torch.stack([slope * x.shape[-2] / 2, zeros], 1)
    return _affine(x, _matrix(ones, slope, zeros, ones), shift)


def shear_y(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    ones, zeros = torch.ones_like(strength), torch.zeros_like(strength)
    slope = 0.99 * strength * sign
    shift = torch.stack([zeros, slope * x.shape[-1] / 2], 1)
    return _affine(x, _matrix(ones, zeros, slope, ones), shift)


def translate_x(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _translate(x, strength, sign, 0)


def translate_y(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _translate(x, strength, sign, 1)


def _translate(x: Tensor, strength: Tensor, sign: Tensor, axis: int) -> Tensor:
    ones, zeros = torch.ones_like(strength), torch.zeros_like(strength)
    shift = torch.zeros(len(x), 2, device=x.device)
    shift[:, axis] = -(32 * strength * sign).trunc()
    return _affine(x, _matrix(ones, zeros, zeros, ones), shift)


def rotate(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    angle = math.radians(135) * strength * sign
    cos, sin = angle.cos(), angle.sin()
    shift = torch.zeros(len(x), 2, device=x.device)
    return _affine(x, _matrix(cos, -sin, sin, cos), shift)


# ### Colour
#
# Four operations blend the image with a version that lacks a property: a black image
# has no brightness, a uniformly grey one no contrast, a greyscale one no colour, a
# blurred one no sharpness. A factor below 1 weakens the property, and one above 1
# strengthens it.
def _blend(x: Tensor, other: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    factor = (1 + 0.99 * strength * sign)[:, None, None, None]
    return _as_bytes(other + factor * (x - other))


def _as_bytes(x: Tensor) -> Tensor:
    """Clamp and round down, as a conversion to bytes does."""
    return x.clamp(0, 255).floor()


def _grey(x: Tensor) -> Tensor:
    red, green, blue = x.unbind(1)
    return (0.2989 * red + 0.587 * green + 0.114 * blue).floor()[:, None]


def brightness(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _blend(x, torch.zeros_like(x), strength, sign)


def contrast(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _blend(x, _grey(x).mean((1, 2, 3), keepdim=True), strength, sign)


def color(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _blend(x, _grey(x), strength, sign)


def sharpness(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    kernel = x.new_tensor([[1.0, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
    channels = x.shape[1]
    inner = F.conv2d(x, kernel.expand(channels, 1, 3, 3), groups=channels)
    # The outermost pixels lack neighbours, and stay as they are.
    blurred = x.clone()
    blurred[..., 1:-1, 1:-1] = inner.round()
    return _blend(x, blurred, strength, sign)


# The other four change the values directly.
def posterize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Keep 8 to 2 bits of each byte."""
    step = 2.0 ** (6 * strength).round()
    step = step[:, None, None, None]
    return (x / step).floor() * step


def solarize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Invert all values above a threshold."""
    threshold = (255 * (1 - strength))[:, None, None, None]
    return torch.where(x >= threshold, 255 - x, x)


def auto_contrast(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Stretch each channel over the whole range."""
    low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    stretched = _as_bytes((x - low) * (255 / (high - low).clamp(min=1)))
    return torch.where(high > low, stretched, x)


def equalize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Make all values about equally frequent in each channel."""
    batch, channels = x.shape[:2]
    values = x.long().flatten(2).flatten(0, 1)
    histogram = torch.zeros(batch * channels, 256, device=x.device)
    histogram.scatter_add_(1, values, torch.ones_like(values, dtype=torch.float))

    # The brightest value is not counted, as in Pillow, and so stays the brightest.
    brightest = values.amax(1, keepdim=True)
    last = histogram.gather(1, brightest)
    step = ((values.shape[1] - last) / 255).floor()
    before = histogram.cumsum(1) - histogram
    table = ((before + (step / 2).floor()) / step.clamp(min=1)).floor().clamp(0, 255)
    equal = table.gather(1, values).view_as(x)
    return torch.where(step.view(batch, channels, 1, 1) > 0, equal, x)


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        identity,
        shear_x,
        shear_y,
        translate_x,
        translate_y,
        rotate,
        brightness,
        color,
        contrast,
        sharpness,
        posterize,
        solarize,
        auto_contrast,
        equalize,
    )
}


# ## Mixing images
#
# An image that is 70 % cat and 30 % dog has the label 70 % cat and 30 % dog. So labels
# are probabilities here, of shape `[batch, n_classes]`. The first image is mixed with
# the last, the second with the last but one, and so on. Batches are shuffled anyway.
def _mix_labels(labels: Tensor, weight: Tensor) -> Tensor:
    return weight * labels + (1 - weight) * labels.flip(0)


def mixup(
    x: Tensor, labels: Tensor, alpha: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """
    Blend two images ([Zhang et al., 2018](https://arxiv.org/abs/1710.09412)).
    """
    weight = _beta(x, alpha, generator)
    return weight * x + (1 - weight) * x.flip(0), _mix_labels(labels, weight)


def cutmix(
    x: Tensor, labels: Tensor, alpha: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """
    Paste a rectangle of one image into another
    ([Yun et al., 2019](https://arxiv.org/abs/1905.04899)). The labels are mixed in
    proportion to the areas.
    """
    height, width = x.shape[-2:]
    side = (1 - _beta(x, alpha, generator)).sqrt()
    centres = _rand(x, 2, generator=generator)
    edges = []
    for centre, length in zip(centres, (height, width), strict=True):
        low = (centre * length - side * length / 2).round().clamp(0, length)
        high = (centre * length + side * length / 2).round().clamp(0, length)
        edges.append((low, high))
    (top, bottom), (left, right) = edges
    rows = torch.arange(height, device=x.device)[:, None]
    columns = torch.arange(width, device=x.device)
    inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    # The rectangle may extend beyond the image, so count the pixels inside.
    weight = 1 - inside.float().mean()
    return torch.where(inside, x.flip(0), x), _mix_labels(labels, weight)


def _beta(x: Tensor, alpha: float, generator: Generator) -> Tensor:
    r"""
    Draw from the distribution Beta($\alpha$, $\alpha$), with `alpha`, $\alpha > 0$.

    PyTorch's own function takes no generator. But two uniform numbers give a number $t$
    from Student's distribution with $2\alpha$ degrees of freedom
    ([Bailey, 1994](https://doi.org/10.2307/2153537)), and
    $\frac12 + \frac12 t / \sqrt{2\alpha + t^2}$ has the distribution that we want.
    """
    radius, turn = _rand(x, 2, generator=generator)
    cos = (2 * math.pi * turn).cos()
    # `spread` can be infinite for a small `alpha`. Then the draw is 0 or 1.
    spread = (-radius.log() / alpha).expm1()
    # Rounding can leave the range from 0 to 1.
    return ((1 + cos / (1 / spread + cos**2).sqrt()) / 2).clamp(0, 1)
