r"""
---
title: Optimization
summary: >
  Muon for the matrices and AdamW for the rest, a learning rate schedule that is a plain
  function, and an exponential moving average of the weights.
---

# Optimization

How the weights change from step to step: two optimizers, each for the weights that suit
it, one schedule for both learning rates, and an average over the last steps.
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def parameter_groups(model: nn.Module) -> tuple[list[nn.Parameter], ...]:
    """
    ## Parameter groups

    Returns three groups. The first are the *matrices* inside the layers, or the filters
    of convolutions. The second are the first projection and the head. The third have no
    weight decay: norms, biases, position embeddings and the class token. Pulling these
    to zero does not make the model simpler.

    The names of the parameters tell them apart: those inside the layers contain
    `layers`, the position embeddings `positional`, and the class token `cls_token`.
    """
    matrices, decay, no_decay = [], [], []
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2 or "positional" in name or "cls_token" in name:
            no_decay.append(parameter)
        elif ".layers." in f".{name}":
            matrices.append(parameter)
        else:
            decay.append(parameter)
    return matrices, decay, no_decay


def build_optimizers(
    model: nn.Module, muon_lr: float, adam_lr: float, weight_decay: float
) -> list[torch.optim.Optimizer]:
    r"""
    Muon for the matrices and AdamW for the rest. AdamW divides each step by the typical
    size of the gradient, and applies weight decay separately ([Loshchilov and Hutter,
    2019](https://arxiv.org/abs/1711.05101)). With a `muon_lr` of 0 there is no Muon,
    and AdamW gets the matrices as well.

    **Unlike the paper**, whose Adam has $\beta_2 = 0.999$: with 0.95 it forgets sooner
    how large the first gradients were, which suits short runs.
    """
    matrices, decay, no_decay = parameter_groups(model)
    optimizers: list[torch.optim.Optimizer] = []
    if muon_lr > 0:
        optimizers.append(Muon(matrices, muon_lr, weight_decay=weight_decay))
    else:
        decay += matrices
    groups = [
        {"params": decay, "weight_decay": weight_decay},
        {"params": no_decay, "weight_decay": 0.0},
    ]
    return [*optimizers, torch.optim.AdamW(groups, adam_lr, (0.9, 0.95), fused=True)]


class Muon(torch.optim.Optimizer):
    r"""
    ## Muon

    The gradient of a matrix is usually dominated by a few directions, so gradient
    descent learns these and neglects the rest. [Muon](https://arxiv.org/abs/2502.16982)
    looks at the singular value decomposition of the momentum, $\mathbf{M} =
    \mathbf{U \Sigma V}^\top$: $\mathbf{U}$ and $\mathbf{V}$ hold its directions, and
    $\mathbf{\Sigma}$ their strengths. Then it steps along $\mathbf{U V}^\top$ instead,
    equally far in all directions.

    * `parameters` are matrices or convolution filters; the filters of a layer count as
      one matrix, which maps all numbers under a filter to the output channels
    * `lr` is the learning rate
    * `momentum` is the fraction of the momentum that is kept from step to step
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
    def step(  # type: ignore[override]
        self, closure: Callable[[], Tensor] | None = None
    ) -> Tensor | None:
        """Make a step. A `closure` computes gradients first and returns the loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            # Matrices of the same shape are orthogonalised in one batch.
            shapes: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in shapes.items():
                momenta = self._momenta(parameters, group["momentum"]).flatten(2)
                updates = orthogonalize(momenta).unflatten(2, shape[1:])
                # A tall matrix has more outputs than inputs. Each output should change
                # as much as that of a square matrix.
                length = group["lr"] * max(1, shape[0] / shape[1:].numel()) ** 0.5
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(parameters, updates.unbind(), alpha=-length)
        return loss

    def _momenta(self, parameters: list[Tensor], momentum: float) -> Tensor:
        """
        Nesterov momentum: the gradients, plus `momentum` times the buffers into which
        they have already been added.
        """
        gradients = [p.grad for p in parameters if p.grad is not None]
        buffers = [
            self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
            for p in parameters
        ]
        torch._foreach_mul_(buffers, momentum)
        torch._foreach_add_(buffers, gradients)
        return torch.stack(torch._foreach_add(gradients, buffers, alpha=momentum))


def orthogonalize(matrices: Tensor) -> Tensor:
    r"""
    Approximate the nearest matrices whose singular values are all one. `matrices` has
    shape `[n, rows, columns]`.

    A singular value decomposition would be exact but slow. Five iterations of a
    polynomial of the matrix $\mathbf{X}$,

    $$\mathbf{X} \leftarrow a \mathbf{X} + b\,\mathbf{X X}^\top \mathbf{X} +
    c\,(\mathbf{X X}^\top)^2 \mathbf{X}$$

    need only matrix products. The polynomial acts on each singular value separately,
    and its coefficients $a$, $b$ and $c$ make small ones grow fast. A singular value of
    at least 0.0015 times the norm of the matrix ends up between 0.68 and 1.21. A
    smaller one grows at most 485-fold and may stay small. Random oblong matrices have
    none that small; in a random square matrix, about one in a hundred ends up below
    0.5.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    # GPUs multiply matrices faster in bfloat16, and the polynomial tolerates the
    # rounding.
    x = x.bfloat16() if matrices.is_cuda else x.float()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        square = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, square, x, beta=a)
    return (x.mT if tall else x).to(matrices.dtype)


def lr_factor(progress: float, warmup: float, lr_schedule: str = "cosine") -> float:
    r"""
    ## The learning rate schedule

    The factor for the learning rate when the fraction `progress` of training is done.
    It rises linearly during the fraction `warmup`, because the first gradients say
    little about the way ahead. Then it falls to zero. The Vision Transformer's paper
    uses half a cosine for ImageNet alone and for fine-tuning, and a straight line for
    the larger data sets (tables 3 and 4).

    Raises `ValueError` for an `lr_schedule` that is neither `cosine` nor `linear`.
    """
    if lr_schedule not in ("cosine", "linear"):
        raise ValueError(f"lr_schedule must be cosine or linear, not {lr_schedule!r}")
    if progress < warmup:
        return progress / warmup
    # After a warm-up that lasts to the end there is no time to fall.
    if warmup == 1:
        return 1.0
    after = min((progress - warmup) / (1 - warmup), 1.0)
    if lr_schedule == "linear":
        return 1 - after
    return (1 + math.cos(math.pi * after)) / 2


class ExponentialMovingAverage:
    r"""
    ## The EMA of the weights

    At the end of a run, the weights still jump around an optimum. Their exponential
    moving average is closer to it, so the average is evaluated: $\bar\theta \leftarrow
    \beta \bar\theta + (1 - \beta)\,\theta$. The paper does the same with $\beta =
    0.9999$ where it fine-tunes on ImageNet for its table 2 (section 4.1).

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
        # The decay is smaller in the first steps, when there is little to average yet.
        decay = min(self.decay, (1 + step) / (10 + step))
        state = model.state_dict()
        averaged = [
            name for name, weight in self.weights.items() if weight.is_floating_point()
        ]
        torch._foreach_lerp_(
            [self.weights[name] for name in averaged],
            [state[name] for name in averaged],
            1 - decay,
        )
        # Counters, such as those of batch norms, are copied.
        for name in self.weights.keys() - averaged:
            self.weights[name].copy_(state[name])


# The names in the previous version, kept for one more.
schedule, RunningAverage = lr_factor, ExponentialMovingAverage
