#!/usr/bin/env bash
# Assumed: a deep copy equals what it was made from, and so does what another process gets.
#
# msgspec 0.22.0 from PyPI, Python 3.11: `copy.copy` copies the fields of a Struct, while
# `copy.deepcopy` and pickle call the class with them, and so `__post_init__` once more. A
# `__post_init__` that computes with its own field does so twice. A dataclass runs it once
# in all three cases. Seen here, where the learning rate is scaled with the batch size: 0.4
# and in the shallow copy 0.4, in the deep one and after pickle 1.6; the dataclass has 0.4
# everywhere.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check msgspec==0.22.0

venv/bin/python - <<'PY'
import copy, dataclasses, pickle, sys

import msgspec


class Settings(msgspec.Struct):
    rate: float
    batch: int

    def __post_init__(self):
        self.rate *= self.batch / 256


@dataclasses.dataclass
class Same:
    rate: float
    batch: int

    __post_init__ = Settings.__post_init__


seen = []
for kind in Settings, Same:
    first = kind(rate=0.1, batch=1024)
    copies = first, copy.copy(first), copy.deepcopy(first), pickle.loads(pickle.dumps(first))
    seen.append([round(each.rate, 6) for each in copies])
    print(f"{kind.__name__}: first, copy, deepcopy, pickle: {seen[-1]}")
sys.exit(seen != [[0.4, 0.4, 1.6, 1.6], [0.4, 0.4, 0.4, 0.4]])
PY
