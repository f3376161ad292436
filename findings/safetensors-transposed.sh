#!/usr/bin/env bash
# Assumed: an array that was saved is the array that is loaded, or there is an error, as
# there is one for tensors of PyTorch that are not contiguous.
#
# safetensors 0.8.0 and numpy 2.4.6 from PyPI, Python 3.11: `safetensors.numpy` writes the
# memory of an array as it lies there, and the shape beside it. Of a transposed array it
# writes the rows of the original: same shape, same numbers, in other places. That is every
# weight matrix that goes from one framework's order of axes to another's with `.T`. In
# 0.7.0 the same lines were right. Seen here: saved [[0, 3], [1, 4], [2, 5]], loaded
# [[0, 1], [2, 3], [4, 5]].
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 0.7.0 0.8.0; do
    python3 -m venv "$version"
    "$version/bin/pip" install --quiet --disable-pip-version-check "safetensors==$version" numpy==2.4.6
done

cat >round.py <<'PY'
import numpy as np
from safetensors.numpy import load, save

weight = np.arange(6, dtype=np.float32).reshape(2, 3).T
print(weight.tolist(), load(save({"weight": weight}))["weight"].tolist())
PY
right='[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]'
before=$(0.7.0/bin/python round.py) now=$(0.8.0/bin/python round.py)
printf 'saved and loaded by 0.7.0: %s\nsaved and loaded by 0.8.0: %s\n' "$before" "$now"
test "$before" = "$right $right"
test "$now" = "$right [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]"
