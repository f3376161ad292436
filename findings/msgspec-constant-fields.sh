#!/usr/bin/env bash
# Assumed: what is written of a dataclass are its fields, as `dataclasses.asdict` lists
# them, and `slots=True` saves memory without a change of the format. A field with
# `init=False` cannot be set from outside.
#
# msgspec 0.22.0 from PyPI, Python 3.11: a constant such as
# `kind: str = field(init=False, default="circle")` tells readers of a file what it holds.
# msgspec writes what is in the instance, and there the constant is not, because it stays
# with the class. So it is missing in JSON, in MessagePack and from `to_builtins`, without
# an error; with `slots=True` it is there. A reader may still set it: frozen or not, the
# class accepts another `kind`. Seen here: {"radius":1.0}, with slots
# {"radius":1.0,"kind":"circle"}, and from {"radius":1.0,"kind":"square"} a circle of the
# kind "square".
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check msgspec==0.22.0

venv/bin/python - <<'PY'
import sys
from dataclasses import asdict, dataclass, field

import msgspec


@dataclass(frozen=True)
class Circle:
    radius: float
    kind: str = field(init=False, default="circle")


@dataclass(frozen=True, slots=True)
class WithSlots:
    radius: float
    kind: str = field(init=False, default="circle")


same = True
for made, is_written in (Circle(1.0), False), (WithSlots(1.0), True):
    fields = asdict(made)
    written = msgspec.json.decode(msgspec.json.encode(made))
    packed = msgspec.msgpack.decode(msgspec.msgpack.encode(made))
    read = msgspec.json.decode(b'{"radius":1.0,"kind":"square"}', type=type(made))
    print(f"{type(made).__name__}: asdict {fields}, JSON {written}, read {read}")
    same &= fields == {"radius": 1.0, "kind": "circle"}
    same &= written == packed == msgspec.to_builtins(made)
    same &= written == (fields if is_written else {"radius": 1.0})
    same &= read.kind == "square"
sys.exit(not same)
PY
