#!/usr/bin/env bash
# Assumed: `default` is the default that a docstring names, for a form or the schema of a
# tool that is made from the docstring.
#
# docstring_parser 0.18.0 from PyPI, Python 3.11, Google style: "Defaults to" is read up to
# the last full stop of the description, not to the end of its sentence. A default with a
# sentence behind it takes that sentence along, and nothing says so. Seen here: the default
# of `rate` is "0.1. Must lie between 0 and 1", and that of `seed`, which has no more to
# say, is "0".
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check docstring_parser==0.18.0

venv/bin/python - <<'PY'
import sys

import docstring_parser

DOCSTRING = """Drop some of the units.

Args:
    rate (float): How many of them. Defaults to 0.1. Must lie between 0 and 1.
    seed (int): Where the draws begin. Defaults to 0.
"""
parsed = docstring_parser.parse(DOCSTRING, docstring_parser.DocstringStyle.GOOGLE)
defaults = {parameter.arg_name: parameter.default for parameter in parsed.params}
print(defaults)
sys.exit(defaults != {"rate": "0.1. Must lie between 0 and 1", "seed": "0"})
PY
