#!/usr/bin/env bash
# Assumed: with one seed, a generator gives one sequence of numbers. Whoever draws more of
# them gets the same ones first, so a model with one class more starts from the same
# weights, and the first rows of an embedding do not depend on how many there are.
#
# torch 2.15.0 from PyPI, CPU: that holds for `rand`, `randint`, `bernoulli_` and
# `exponential_`, and not for `randn` or `normal_`. Below 16 values, these draw one after
# the other. From 16 on, they fill blocks of 16, and if the count is no multiple of 16,
# the last 16 values are drawn anew: of 20 values, only the first 4 are also the first of
# 32, and 15 and 16 values share none. So with the same seed, a head of 8 inputs has other
# weights for classes 1 and 2 when a third class comes, and normal noise for an image does
# not begin with that for a smaller one.
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


def shared(draw, few, many):
    """How many of the first values are the same when more of them are drawn."""
    torch.manual_seed(0)
    some = draw(few)
    torch.manual_seed(0)
    more = draw(many)[:few]
    return int((some == more).int().cumprod(0).sum())


draws = {
    "rand": torch.rand,
    "bernoulli_": lambda count: torch.empty(count).bernoulli_(0.5),
    "exponential_": lambda count: torch.empty(count).exponential_(),
    "randn": torch.randn,
    "normal_": lambda count: torch.empty(count).normal_(std=0.02),
}
pairs = [(15, 16), (16, 32), (20, 32)]
found = {name: [shared(draw, *pair) for pair in pairs] for name, draw in draws.items()}
for name, counts in found.items():
    told = ", ".join(
        f"{count} of {few} when {many} are drawn"
        for count, (few, many) in zip(counts, pairs, strict=True)
    )
    print(f"{name:13} the same: {told}")

heads = []
for classes in (2, 3):
    torch.manual_seed(0)
    heads.append(torch.nn.init.normal_(torch.empty(classes, 8)))
same_head = torch.equal(heads[0], heads[1][:2])
print(f"two classes start as before when a third one comes: {same_head}")

others = {"rand", "bernoulli_", "exponential_"}
regular = all(found[name] == [15, 16, 20] for name in others)
normal = all(found[name] == [0, 16, 4] for name in ("randn", "normal_"))
sys.exit(not (regular and normal and not same_head))
PY
