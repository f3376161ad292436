#!/usr/bin/env bash
# Assumed: the same picture, saved with the same library and the same options, is the same
# file on each machine; threads decide only how soon it is there.
#
# pillow 13.0.0 from PyPI, Python 3.11, AVIF: with one thread the encoder makes another
# file than with several, and other pixels. Unless `max_threads` is given, the number of
# cores decides. So a build on one core differs from one on two, and whoever compares
# checksums or pictures finds a change where nobody made one. WebP has no such difference.
# Seen here: two different files for 1, 2, 3 and 8 threads, the odd one with one thread,
# and 3,071 of 65,536 pixels that differ.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6

venv/bin/python - <<'PY'
import io, sys

import numpy as np
from PIL import Image

rows, columns = np.mgrid[:256, :256]
pixels = np.stack([columns, rows, rows * columns // 256], axis=-1).astype(np.uint8)
files = {}
for threads in 1, 2, 3, 8:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "AVIF", max_threads=threads)
    files[threads] = file.getvalue()
    print(f"{threads} threads: {len(files[threads])} bytes")
one, two = (np.asarray(Image.open(io.BytesIO(files[n]))) for n in (1, 2))
changed = int((one != two).any(axis=-1).sum())
print(f"pixels that differ between one thread and two: {changed} of {256 * 256}")
alike = files[2] == files[3] == files[8]
sys.exit(not (alike and files[1] != files[2] and changed))
PY
