#!/usr/bin/env bash
# Assumed: a module of labml-helpers, which "overloads `__call__` instead of `forward`", can
# be extended as any class: the subclass calls `super().__call__(x)` and adds to the result.
#
# labml-helpers 0.4.89 and torch 2.15.0 from PyPI, Python 3.11: when a class is defined, its
# `__call__` is renamed to `forward` and taken away. So `super().__call__` is not that of the
# class above but that of `torch.nn.Module`, which calls `self.forward`: the method that has
# just been left. Type checkers accept the call. Seen here: RecursionError for
# `super().__call__(x)`, and 4.0 for `super().forward(x)`, a name that neither class spells.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip, and gigabytes of
# space for what torch brings along; uv keeps it for the next time.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
venv/bin/uv pip install --quiet --python venv/bin/python \
  labml==0.5.3 labml-helpers==0.4.89 torch==2.15.0

venv/bin/python - <<'PY'
import sys

import torch
from labml_helpers.module import Module


class Shift(Module):
    def __call__(self, x):
        return x + 1


class ShiftAndDouble(Shift):
    def __call__(self, x):
        return 2 * super().__call__(x)


class ByForward(Shift):
    def __call__(self, x):
        return 2 * super().forward(x)


seen = []
for kind in ShiftAndDouble, ByForward:
    try:
        seen.append(kind()(torch.tensor(1.0)).item())
    except RecursionError:
        seen.append("RecursionError")
    print(f"{kind.__name__}: {seen[-1]}")
sys.exit(seen != ["RecursionError", 4.0])
PY
