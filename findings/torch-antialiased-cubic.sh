#!/usr/bin/env bash
# Assumed: `F.interpolate(..., mode="bicubic", antialias=True)` filters where an image
# becomes smaller. Where it becomes larger there is nothing to filter out, so the result
# is that of `antialias=False`.
#
# torch 2.15.0 from PyPI: it is not. With antialiasing the cubic has a = -0.5, as in
# Pillow, and without it a = -0.75, as in OpenCV. One pixel of value 1, enlarged twice:
# its largest value is 0.8672 with antialiasing and 0.8789 without, and it falls below
# zero to -0.0703 and -0.1055. So libraries that resample the position embeddings of a
# Vision Transformer to a larger grid, one with `antialias=True` and one without it,
# compute different weights from the same checkpoint. Bilinear enlargement is the same
# with and without.
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
from torch.nn import functional as F

x = torch.zeros(1, 1, 9, 9)
x[..., 4] = 1  # the same in every row, so only the width matters
found = {}
for mode in ("bilinear", "bicubic"):
    for antialias in (False, True):
        y = F.interpolate(x, size=(9, 18), mode=mode, antialias=antialias)[0, 0, 0]
        found[mode, antialias] = y
        print(f"{mode}, antialias={antialias}: from {y.min():.4f} to {y.max():.4f}")
same = torch.allclose(found["bilinear", False], found["bilinear", True])
peaks = [round(found["bicubic", antialias].max().item(), 4) for antialias in (False, True)]
sys.exit(not (same and peaks == [0.8789, 0.8672]))
PY
