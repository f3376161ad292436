#!/usr/bin/env bash
# Assumed: TORCHINDUCTOR_CACHE_DIR moves everything that `torch.compile` keeps between
# processes. PyTorch's tutorial on its caches says that all artifacts are written there.
# Who keeps that folder, on a build server or in an image, pays for compilation once.
#
# torch 2.15.0 from PyPI, on a CPU: the C++ headers of Inductor are compiled in advance,
# and that file, of more than 100 MB, always lies below the folder for temporary files, in
# `torchinductor_USER/precompiled_headers`. The folder of the variable has the programs,
# and no header. With the same cache and another TMPDIR, a function that is new to the
# cache has the headers compiled again, and a second file of this size stays behind. Seen
# for each of two temporary folders: "headers below TMPDIR: 1; in the cache: 0".
#
# Exits with 1 if that is no longer so. Needs Python 3.11 or newer and g++.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.15.0 numpy==2.4.6

cat >compiled.py <<'PY'
import sys

import torch

factor = float(sys.argv[1])
function = torch.compile(lambda x: (x * factor).sin())
print(function(torch.ones(64)).shape)
PY

headers() {
    find "$1" -name '*.gch' -size +50M | wc -l
}

export TORCHINDUCTOR_CACHE_DIR="$folder/cache"
for number in 1 2; do
    mkdir "temporary-$number"
    TMPDIR="$folder/temporary-$number" venv/bin/python compiled.py "$number"
    echo "headers below TMPDIR: $(headers "temporary-$number"); in the cache: $(headers cache)"
done
programs=$(find cache -name '*.so' | wc -l)
echo "programs in the cache: $programs"
test "$(headers temporary-1) $(headers temporary-2) $(headers cache)" = "1 1 0"
test "$programs" -ge 2
