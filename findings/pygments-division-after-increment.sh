#!/usr/bin/env bash
# Assumed: a highlighter may choose an odd colour, but what it calls a comment is one, and
# it finds those that there are.
#
# pygments 2.21.0 from PyPI, Python 3.11, lexer `javascript`: after an operator a slash
# begins a regular expression, and `++` and `--` count as operators even behind a name. So
# a division is read as one, up to the next slash: that of the comment at the end of the
# line. Who takes comments from these tokens loses it, and no token is an error. Seen here:
# of two comments only the second, and `/ 2; /` as a regular expression.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pygments==2.21.0

venv/bin/python - <<'PY'
import sys

from pygments.lexers import JavascriptLexer
from pygments.token import Comment, Error, String

SOURCE = """const half = count++ / 2; // rounded later
const third = count / 3; // not rounded
"""
found = {Comment: [], Error: [], String.Regex: []}
for kind, text in JavascriptLexer().get_tokens(SOURCE):
    for wanted, texts in found.items():
        if kind in wanted:
            texts.append(text)
for kind, texts in found.items():
    print(f"{kind}: {texts}")
sys.exit(list(found.values()) != [["// not rounded"], [], ["/ 2; /"]])
PY
