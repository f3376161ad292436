#!/usr/bin/env bash
# Assumed: `tracker.add` takes down the value that it is given at that moment, so that
# `tracker.save` writes the mean of what was added since the last save.
#
# labml 0.5.3 and torch 2.15.0 from PyPI, Python 3.11, on a CPU: of a tensor or an array the
# tracker keeps the object, not the value, and reads it when it saves. An optimizer changes
# parameters in place. So a learned temperature or scale that is tracked at each step, and
# saved after several, is recorded as many times as it was added with the value that it has
# last. A number from `item()` is a copy. Seen here, for a scale that is 1.0, 0.5 and 0.0 at
# three steps: -0.5, which it never was when it was added, and 0.5 by `item()`.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip, and gigabytes of
# space for what torch brings along; uv keeps it for the next time.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
venv/bin/uv pip install --quiet --python venv/bin/python labml==0.5.3 torch==2.15.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys

import torch
from labml import tracker
from labml.internal.tracker import tracker_singleton
from labml.internal.tracker.writers import Writer


class Written(Writer):
    """Keeps what a file or a server would get."""

    def write(self, *, global_step, indicators):
        self.means = {name: each.get_mean() for name, each in indicators.items()}


written = Written()
tracker_singleton().add_writer(written)

scale = torch.nn.Parameter(torch.tensor(1.0))
optimizer = torch.optim.SGD([scale], lr=0.5)
for step in range(3):
    tracker.add("scale", scale)
    tracker.add("copied", scale.item())
    optimizer.zero_grad()
    scale.backward()
    optimizer.step()
tracker.save()

seen = written.means["scale"], written.means["copied"]
print(f"the parameter: {seen[0]}, its item(): {seen[1]}")
sys.exit(seen != (-0.5, 0.5))
PY
