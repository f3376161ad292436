#!/usr/bin/env bash
# Assumed: the word behind the back-ticks of a fence says how to colour the code and is no
# part of it. For a language that the highlighter does not know, there is no colour.
#
# nbconvert 7.17.2 from PyPI, Python 3.11, `jupyter nbconvert --to html`: if Pygments has
# no lexer of that name, the name becomes the first line of the code. That goes for
# `plaintext`, `txt`, `csv`, `jsonc` and `gitignore`, which editors and GitHub know. Whoever
# copies the block copies that line, too, and in a file to be saved it is an error. Nothing
# is reported. Seen here, for the line `a,b`: "csv" and "a,b" under `csv`, "plaintext" and
# "a,b" under `plaintext`, and "a,b" alone under `text`.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1 \
    mistune==3.4.0 pygments==2.21.0

venv/bin/python - <<'PY'
import html, re, sys

from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

languages = ["csv", "plaintext", "text"]
cells = [new_markdown_cell(f"```{language}\na,b\n```") for language in languages]
page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=cells))
blocks = [html.unescape(re.sub("<[^>]*>", "", one)) for one in re.findall("<pre>.*?</pre>", page, re.S)]
seen = dict(zip(languages, [block.split() for block in blocks], strict=True))
print(seen)
sys.exit(seen != {"csv": ["csv", "a,b"], "plaintext": ["plaintext", "a,b"], "text": ["a,b"]})
PY
