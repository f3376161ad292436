#!/usr/bin/env bash
# Assumed: `jupyter nbconvert --to markdown` puts each code cell into a code block.
#
# nbconvert 7.17.2 and markdown-it-py 4.3.0 from PyPI, Python 3.11: the block is always
# fenced with three back-ticks, whatever is in the cell. If a line of the code is a fence,
# for instance in a string with a Markdown example, the block ends there. What is left of
# the code is prose on the page, and what follows the cell is in a code block. Seen here:
# `total = 1 + 1` and the heading of the next cell have changed places.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbconvert==7.17.2 markdown-it-py==4.3.0

venv/bin/python - <<'PY'
import sys

from markdown_it import MarkdownIt
from nbconvert import MarkdownExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

code = 'EXAMPLE = """\n```\n"""\ntotal = 1 + 1'
cells = [new_code_cell(code), new_markdown_cell("# The next part")]
markdown, _ = MarkdownExporter().from_notebook_node(new_notebook(cells=cells))
blocks = {"fence": "", "prose": ""}
for token in MarkdownIt().parse(markdown):
    blocks["fence" if token.type == "fence" else "prose"] += token.content
for name, text in blocks.items():
    print(f"{name}: {text!r}")
in_code = "# The next part" in blocks["fence"]
in_prose = "total = 1 + 1" in blocks["prose"]
sys.exit(not (in_code and in_prose))
PY
