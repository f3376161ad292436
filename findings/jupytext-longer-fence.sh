#!/usr/bin/env bash
# Assumed: a notebook that is paired with a Markdown file by jupytext keeps its cells, so
# that the Markdown file is enough to have in git.
#
# jupytext 1.19.6 from PyPI, Python 3.11, format `md`: a Markdown cell that shows a fence
# does so in a longer one, of four back-ticks. When jupytext reads the file again, it sees
# where that begins, but lets it end only at a line of three: that of the next code cell.
# So the code becomes text of the Markdown cell and does not run any more. Seen here: of
# three cells two are left, and `x = 1` is not code.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jupytext==1.19.6

venv/bin/python - <<'PY'
import sys

import jupytext
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

notebook = new_notebook(
    cells=[new_markdown_cell("````\n```\ninner\n```\n````"), new_code_cell("x = 1"), new_code_cell("print(x)")],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}},
)
text = jupytext.writes(notebook, fmt="md")
again = jupytext.reads(text, fmt="md")
for name, cells in ("written", notebook.cells), ("read again", again.cells):
    print(name, [(cell.cell_type, cell.source) for cell in cells])
kinds = [cell.cell_type for cell in again.cells]
sys.exit(kinds != ["markdown", "code"] or "x = 1" not in again.cells[0].source)
PY
