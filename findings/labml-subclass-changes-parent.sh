#!/usr/bin/env bash
# Assumed: a class of settings that inherits from another overrides values for itself. The
# class that it inherits from, and others that inherit from that, stay as they are written.
#
# labml 0.5.3 from PyPI, Python 3.11, `BaseConfigs`: the first instance of the subclass
# writes its values into the class above, from where each later instance of that one and of
# its other subclasses takes them. The order in which instances are made decides, and the
# import of a module does not count, so a run alone has the right settings. A script that
# compares a baseline with variants gives the baseline the settings of the last variant, and
# saves them as the baseline's. Seen here: the rate of `Baseline` is 0.1, and 0.5 once there
# was a `Fast()`; then the rate of `Longer`, which sets only its epochs, is 0.5, too. A
# dataclass has 0.1 each time.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check labml==0.5.3

venv/bin/python - <<'PY'
import dataclasses
import sys

from labml.configs import BaseConfigs


class Baseline(BaseConfigs):
    rate: float = 0.1
    epochs: int = 10


class Fast(Baseline):
    rate: float = 0.5


class Longer(Baseline):
    epochs: int = 20


@dataclasses.dataclass
class BaselineData:
    rate: float = 0.1
    epochs: int = 10


@dataclasses.dataclass
class FastData(BaselineData):
    rate: float = 0.5


@dataclasses.dataclass
class LongerData(BaselineData):
    epochs: int = 20


seen = []
for baseline, fast, longer in (Baseline, Fast, Longer), (BaselineData, FastData, LongerData):
    rates = [baseline().rate, fast().rate, baseline().rate, longer().rate]
    seen.append(rates)
    print(f"{baseline.__name__}, {fast.__name__}, {baseline.__name__}, {longer.__name__}: {rates}")
sys.exit(seen != [[0.1, 0.5, 0.5, 0.5], [0.1, 0.5, 0.1, 0.1]])
PY
