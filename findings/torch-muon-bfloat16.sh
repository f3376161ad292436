#!/usr/bin/env bash
# Assumed: an optimizer computes in the precision of its weights, as `torch.optim.SGD` and
# `AdamW` do, so a run in float64 is a reference for one in float32. And Muon's step does
# not depend on the scale of the gradient, because it divides by the norm.
#
# torch 2.15.0 from PyPI: `torch.optim.Muon` makes its steps in bfloat16, on the CPU too,
# whatever the weights are. Those of float64 weights are 1.4 % away from the same five
# iterations in float64 (float32 would be 0.0001 % away), they are the very numbers of
# float32 weights, and three times the gradient gives a step that differs by 1.7 %. So two
# runs that differ by the scale of the loss, or two implementations that agree to 1e-6
# in every gradient, need not agree after one step.
#
# Exits with 1 if that is no longer so. Needs Python 3.11 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.15.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys

import torch


def step(gradient):
    """What one step of Muon takes from the weights."""
    weight = torch.nn.Parameter(torch.zeros_like(gradient))
    weight.grad = gradient.clone()
    options = {"lr": 1.0, "weight_decay": 0.0, "momentum": 0.0, "nesterov": False}
    torch.optim.Muon([weight], **options).step()
    return -weight.detach()


def iterations(gradient):
    """The five Newton-Schulz iterations in the precision of the gradient."""
    x = gradient / gradient.norm()
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


def distance(one, other):
    return ((one.double() - other).norm() / other.norm()).item()


draw = torch.Generator().manual_seed(0)
gradient = torch.randn(64, 256, generator=draw, dtype=torch.float64)
reference, taken = iterations(gradient), step(gradient)
in_float32 = distance(iterations(gradient.float()), reference)
from_reference = distance(taken, reference)
from_scaled = distance(step(3 * gradient), taken)
print(f"five iterations in float32:  {in_float32:.7f} from float64")
print(f"Muon with float64 weights:   {from_reference:.7f} from float64")
print(f"Muon, gradient times three:  {from_scaled:.7f} from gradient times one")
same = torch.equal(taken, step(gradient.float()).double())
rounded = torch.equal(taken, taken.bfloat16().double())
print(f"equal to that of float32 weights: {same}; all values are bfloat16's: {rounded}")
coarse = all(0.01 < one < 0.03 for one in (from_reference, from_scaled))
sys.exit(not (same and rounded and coarse and in_float32 < 1e-5))
PY
