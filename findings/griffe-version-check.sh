#!/usr/bin/env bash
# Assumed: documentation that is read from the source, without an import, shows the
# function that an import would give.
#
# griffelib 2.4.1 from PyPI, Python 3.11: both branches of an `if` are read, and the last
# definition of a name stays. With the usual `if sys.version_info >= ...: ... else: ...`
# that is the one for the old Python, on whichever Python griffe runs; after
# `try: ... except ImportError: ...` it is the makeshift. Seen here: `pairs(old)` and
# `load(makeshift)`, where the import gives `pairs(new)` and `load(real)`.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check griffelib==2.4.1

cat >sample.py <<'PY'
import sys

if sys.version_info >= (3, 9):

    def pairs(new):
        """As in Python 3.9 and later."""

else:

    def pairs(old):
        """As before Python 3.9."""


try:
    import json

    def load(real):
        """With the module that is there."""

except ImportError:

    def load(makeshift):
        """Without it."""
PY
venv/bin/python - <<'PY'
import inspect, sys

import griffe
import sample

module = griffe.load("sample", search_paths=["."])
seen = {}
for name in "pairs", "load":
    read = [parameter.name for parameter in module[name].parameters]
    imported = list(inspect.signature(getattr(sample, name)).parameters)
    print(f"{name}: griffe reads {read}, the import gives {imported}")
    seen[name] = read, imported
sys.exit(seen != {"pairs": (["old"], ["new"]), "load": (["makeshift"], ["real"])})
PY
