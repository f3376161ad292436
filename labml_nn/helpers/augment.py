r"""
---
title: Augmentation, whole batches at a time
summary: >
  Flip, crop, TrivialAugment, mixup and CutMix on the device, for whole batches at once.
---

# Augmentation, whole batches at a time

A Vision Transformer does not know that a cat that looks to the left is a cat when it
looks to the right. Augmentation tells it, by showing both. It is the cheapest data
there is. In ten epochs it has [little to do](../transformers/vit/ablation.py); in
hundreds, it keeps a model from learning 50,000 pictures by heart.

Usually each picture is augmented alone, by worker processes. Here a whole batch is
changed at once, where the model is. Flip, crop and TrivialAugment still draw anew for
each picture; mixup and CutMix draw one share, and one rectangle, for the batch.
Pictures are floats from 0 to 255 of shape `[batch, channels, height, width]` all the
time, and every random number comes from the generator that is passed in.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


def _rand(like: Tensor, *shape: int, generator: Generator) -> Tensor:
    return torch.rand(shape, device=like.device, generator=generator)


# ## Where things are
def random_flip(x: Tensor, generator: Generator) -> Tensor:
    """Half of the pictures are mirrored."""
    flip = _rand(x, len(x), generator=generator) < 0.5
    return torch.where(flip[:, None, None, None], x.flip(-1), x)


def random_crop(x: Tensor, padding: int, generator: Generator) -> Tensor:
    """
    Each picture is moved by up to `padding` pixels in both directions. What comes in at
    the edge is the picture, mirrored: black bars would be something to learn.
    """
    batch, _, height, width = x.shape
    top, left = torch.randint(
        2 * padding + 1, (2, batch), device=x.device, generator=generator
    )
    # All crops that there are, as views of the same memory. `crops` has shape
    # `[batch, channels, tops, lefts, height, width]`, and only those that were drawn
    # are copied.
    padded = F.pad(x, (padding,) * 4, mode="reflect")
    crops = padded.unfold(2, height, 1).unfold(3, width, 1)
    return crops[torch.arange(batch, device=x.device), :, top, left]


# ## TrivialAugment
#
# One operation for each picture, drawn from fourteen, at a strength that is drawn as
# well ([Müller and Hutter, 2021](https://arxiv.org/abs/2103.10158)). There is nothing
# to tune, which is why it is here and not one of its more famous relatives. The
# operations and their ranges are those of the paper's "wide" set, and a test holds each
# to torchvision's.
def trivial_augment(x: Tensor, generator: Generator) -> Tensor:
    batch = len(x)
    choice = torch.randint(
        len(OPERATIONS), (batch,), device=x.device, generator=generator
    )

    # Of 31 steps of strength one is drawn, and for most operations a sign.
    strength = (
        torch.randint(31, (batch,), device=x.device, generator=generator).float() / 30
    )
    sign = torch.where(_rand(x, batch, generator=generator) < 0.5, -1.0, 1.0)
    # Pictures with the same operation come next to each other. How many each has is all
    # that the CPU needs to know, so it waits for the device only once.
    order = choice.argsort(stable=True)
    counts = F.one_hot(choice, len(OPERATIONS)).sum(0).tolist()
    result = x.clone()
    for name, which in zip(OPERATIONS, order.split(counts), strict=True):
        if len(which):
            result[which] = apply(name, x[which], strength[which], sign[which])
    return result


def apply(name: str, x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """
    One operation, with a strength from 0 to 1 and a sign for each picture: `strength`
    and `sign` have shape `[batch]`.
    """
    return OPERATIONS[name](x, strength, sign)


def identity(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return x


# ### Geometry
#
# An affine map says where each pixel of the result comes from. Two by two numbers and a
# shift for each picture, measured from the centre.
def _affine(x: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    height, width = x.shape[-2:]
    scale = x.new_full((2,), 2 / height)
    scale[0] = 2 / width
    # `grid_sample` measures in halves of the picture, we measure in pixels.
    matrix = matrix * scale[:, None] / scale
    theta = torch.cat([matrix, (shift * scale)[..., None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="nearest", align_corners=False)


def _matrix(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.stack([torch.stack([a, b], 1), torch.stack([c, d], 1)], 1)


def shear_x(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    one, zero = torch.ones_like(strength), torch.zeros_like(strength)
    slope = 0.99 * strength * sign
    # The top edge stays where it is.
    shift = torch.stack([slope * x.shape[-2] / 2, zero], 1)
    return _affine(x, _matrix(one, slope, zero, one), shift)


def shear_y(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    one, zero = torch.ones_like(strength), torch.zeros_like(strength)
    slope = 0.99 * strength * sign
    shift = torch.stack([zero, slope * x.shape[-1] / 2], 1)
    return _affine(x, _matrix(one, zero, slope, one), shift)


def translate_x(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _translate(x, strength, sign, 0)


def translate_y(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    return _translate(x, strength, sign, 1)


def _translate(x: Tensor, strength: Tensor, sign: Tensor, axis: int) -> Tensor:
    one, zero = torch.ones_like(strength), torch.zeros_like(strength)
    shift = torch.zeros(len(x), 2, device=x.device)
    shift[:, axis] = -(32 * strength * sign).trunc()
    return _affine(x, _matrix(one, zero, zero, one), shift)


def rotate(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    angle = math.radians(135) * strength * sign
    cos, sin = angle.cos(), angle.sin()
    shift = torch.zeros(len(x), 2, device=x.device)
    return _affine(x, _matrix(cos, -sin, sin, cos), shift)


# ### Colour
#
# Four of them mix the picture with something that has lost one property: black has no
# brightness, a grey plane no contrast, a grey picture no colour, a blurred one no
# sharpness. A factor below one takes the property away, one above one exaggerates it.
def _blend(x: Tensor, other: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    factor = (1 + 0.99 * strength * sign)[:, None, None, None]
    return _bytes(other + factor * (x - other))


def _bytes(x: Tensor) -> Tensor:
    """What a byte would have kept."""
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
    # The outermost pixels have no neighbours on one side and stay as they are.
    blurred = x.clone()
    blurred[..., 1:-1, 1:-1] = inner.round()
    return _blend(x, blurred, strength, sign)


# The other four are about the values themselves.
def posterize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Keeps 8 to 2 bits of each byte."""
    step = 2.0 ** (6 * strength).round()
    step = step[:, None, None, None]
    return (x / step).floor() * step


def solarize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Inverts what is brighter than a threshold."""
    threshold = (255 * (1 - strength))[:, None, None, None]
    return torch.where(x >= threshold, 255 - x, x)


def auto_contrast(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Stretches each channel over the whole range."""
    low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    stretched = _bytes((x - low) * (255 / (high - low).clamp(min=1)))
    return torch.where(high > low, stretched, x)


def equalize(x: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Makes every brightness about equally frequent in each channel."""
    batch, channels = x.shape[:2]
    values = x.long().flatten(2).flatten(0, 1)
    histogram = torch.zeros(batch * channels, 256, device=x.device)
    histogram.scatter_add_(1, values, torch.ones_like(values, dtype=torch.float))

    # The brightest value is not counted, so that it stays the brightest.
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


# ## Mixing pictures
#
# A picture that is 70 % cat and 30 % dog has the label 70 % cat and 30 % dog. Labels
# are probabilities of shape `[batch, n_classes]` here. The partner of each picture is
# the one at the other end of the batch; the batch is shuffled anyway.
def mixup(
    x: Tensor, labels: Tensor, alpha: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """
    Two pictures are laid over each other
    ([Zhang et al., 2018](https://arxiv.org/abs/1710.09412)).
    """
    share = _beta(x, alpha, generator)
    return share * x + (1 - share) * x.flip(0), share * labels + (
        1 - share
    ) * labels.flip(0)


def cutmix(
    x: Tensor, labels: Tensor, alpha: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """
    A rectangle of one picture is pasted into the other
    ([Yun et al., 2019](https://arxiv.org/abs/1905.04899)). The labels are mixed as the
    areas are.
    """
    height, width = x.shape[-2:]
    side = (1 - _beta(x, alpha, generator)).sqrt()
    middle = _rand(x, 2, generator=generator)
    edges = []
    for centre, length in zip(middle, (height, width), strict=True):
        low = (centre * length - side * length / 2).round().clamp(0, length)
        high = (centre * length + side * length / 2).round().clamp(0, length)
        edges.append((low, high))
    (top, bottom), (left, right) = edges
    rows = torch.arange(height, device=x.device)[:, None]
    columns = torch.arange(width, device=x.device)
    inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    share = 1 - inside.float().mean()
    return torch.where(inside, x.flip(0), x), share * labels + (
        1 - share
    ) * labels.flip(0)


def _beta(x: Tensor, alpha: float, generator: Generator) -> Tensor:
    r"""
    One draw from the distribution Beta($\alpha$, $\alpha$), with `alpha`, $\alpha > 0$.

    PyTorch's own takes no generator. But a number $t$ of Student's distribution with
    $2\alpha$ degrees of freedom comes from two uniform ones
    ([Bailey, 1994](https://doi.org/10.2307/2153537)), and
    $\frac12 + \frac12 t / \sqrt{2\alpha + t^2}$ is what we want.
    """
    radius, turn = _rand(x, 2, generator=generator)
    cos = (2 * math.pi * turn).cos()
    # `spread` may be infinite, if `alpha` is small. Then the draw is 0 or 1.
    spread = (-radius.log() / alpha).expm1()
    # Rounding may go beyond 0 and 1.
    return ((1 + cos / (1 / spread + cos**2).sqrt()) / 2).clamp(0, 1)
