r"""
---
title: Optimizing
summary: >
  Muon for the matrices and AdamW for the rest, a warm-up, a schedule that is a plain
  function, and a running average of the weights.
---

# Optimizing

How the weights move from step to step: two optimizers, each for what it is good at, one
schedule for both, and an average over the last steps.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn


def parameter_groups(model: nn.Module) -> tuple[list[nn.Parameter], ...]:
    """
    ## Who gets what

    The weights fall into three groups: *matrices* inside the layers, filters of
    convolutions among them, *other weights* that decay (the first projection and the
    head), and what must not decay. Norms, biases, positions and the class token are of
    the last kind. Pulling them to zero does not make the model simpler, it only makes
    it forget where things are.

    Names tell them apart: `layers` is what is inside, `positional` and `cls_token` are
    the positions and the class token.
    """
    matrices, decayed, kept = [], [], []
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2 or "positional" in name or "cls_token" in name:
            kept.append(parameter)
        elif ".layers." in f".{name}":
            matrices.append(parameter)
        else:
            decayed.append(parameter)
    return matrices, decayed, kept


class Muon(torch.optim.Optimizer):
    r"""
    ## Muon

    A gradient of a matrix is usually dominated by a few directions, so gradient descent
    learns these and neglects the rest. [Muon](https://arxiv.org/abs/2502.16982) takes
    the momentum, whose singular value decomposition is $\mathbf{M} =
    \mathbf{U \Sigma V}^\top$: $\mathbf{U}$ and $\mathbf{V}$ hold its directions, and
    $\mathbf{\Sigma}$ how much each counts. It steps along $\mathbf{U V}^\top$ instead:
    all directions, the same length.

    * `parameters` are matrices, or filters, which are matrices from all numbers that a
      filter covers to the channels that it makes
    * `lr` is the learning rate
    * `momentum` is the share of the old momentum
    * `weight_decay` pulls the weights to zero, in units of the learning rate
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            # Matrices of the same shape are made orthogonal together.
            shapes: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in shapes.items():
                momenta = self._momenta(parameters, group["momentum"]).flatten(2)
                updates = orthogonalize(momenta).unflatten(2, shape[1:])
                # A tall matrix maps to more numbers than it takes, and each of them
                # should move as far as in a square one.
                length = group["lr"] * max(1, shape[0] / shape[1:].numel()) ** 0.5
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(parameters, updates.unbind(), alpha=-length)

    def _momenta(self, parameters: list[Tensor], momentum: float) -> Tensor:
        """Nesterov's: the gradients, plus `momentum` times the sums with them in."""
        gradients = [one.grad for one in parameters if one.grad is not None]
        sums = [
            self.state[one].setdefault("momentum_buffer", torch.zeros_like(one))
            for one in parameters
        ]
        torch._foreach_mul_(sums, momentum)
        torch._foreach_add_(sums, gradients)
        return torch.stack(torch._foreach_add(gradients, sums, alpha=momentum))


def orthogonalize(matrices: Tensor) -> Tensor:
    r"""
    The nearest matrices whose singular values are all one, roughly. `matrices` has
    shape `[n, rows, columns]`.

    A singular value decomposition would be exact and slow. Five rounds of a polynomial
    of the matrix $\mathbf{X}$,

    $$\mathbf{X} \leftarrow a \mathbf{X} + b\,\mathbf{X X}^\top \mathbf{X} +
    c\,(\mathbf{X X}^\top)^2 \mathbf{X}$$

    only multiply matrices. It acts on each singular value alone, and its coefficients
    $a$, $b$ and $c$ are chosen so that small ones grow fast: whatever is at least
    0.0015 of the matrix's norm ends between 0.68 and 1.21. What is smaller grows up to
    485-fold and may stay small. Random oblong matrices have no such values; of a square
    one's, about one in a hundred ends below 0.5.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    # Twice as fast on a GPU, and the polynomial forgives the rounding.
    x = x.bfloat16() if matrices.is_cuda else x.float()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        square = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, square, x, beta=a)
    return (x.mT if tall else x).to(matrices.dtype)


def schedule(progress: float, warmup: float, decay: str = "cosine") -> float:
    r"""
    ## The schedule

    What the learning rate is multiplied with, when `progress` of the training is done.
    It rises in a straight line for the share `warmup`, because at first the gradients
    say little about the way that lies ahead. Then it falls to zero: along half a
    cosine, as the Vision Transformer's paper does on ImageNet alone, or along a
    straight line, as it does with more pictures (table 3).

    Raises `ValueError` for a `decay` that is neither `cosine` nor `linear`.
    """
    if decay not in ("cosine", "linear"):
        raise ValueError(f"decay must be cosine or linear, not {decay!r}")
    if progress < warmup:
        return progress / warmup
    after = min((progress - warmup) / (1 - warmup), 1.0)
    return 1 - after if decay == "linear" else (1 + math.cos(math.pi * after)) / 2


class RunningAverage:
    r"""
    ## An average over the last steps

    The weights at the end of a run still jump around the best place that they know.
    Their average lies closer to it, and it is this average that is judged:
    $\bar\theta \leftarrow \beta \bar\theta + (1 - \beta)\,\theta$.

    * `model` is the model whose weights are averaged
    * `decay` is $\beta$
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {
            name: weight.detach().clone() for name, weight in model.state_dict().items()
        }

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        # At the start, when there is little to average, the past counts less.
        decay = min(self.decay, (1 + step) / (10 + step))
        state = model.state_dict()
        means = [n for n, weight in self.weights.items() if weight.is_floating_point()]
        torch._foreach_lerp_(
            [self.weights[name] for name in means],
            [state[name] for name in means],
            1 - decay,
        )
        # The mean of two counts is no count, so the last one stays.
        for name in self.weights.keys() - means:
            self.weights[name].copy_(state[name])
