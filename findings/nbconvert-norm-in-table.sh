#!/usr/bin/env bash
# Assumed: if a row of a Markdown table has a cell too many, that row is wrong and the
# table is still one. GitHub's specification says so: "the excess is ignored".
#
# nbconvert 7.17.2 and mistune 3.4.0 from PyPI, Python 3.11, against markdown-it-py 4.3.0:
# mistune counts the bars of each row, those of `$|x|$` in a formula as well. If one row
# has another number of cells than the head, there is no table at all: the page shows
# everything, head and good rows included, as one paragraph with bars and hyphens. Nothing
# is reported, and one absolute value in the last row is enough. Seen here, for a table of
# three rows of which the second has `$|x|$`: no table by nbconvert, and one of three rows
# by markdown-it-py. With `$\lvert x \rvert$` both have the table.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1 \
    mistune==3.4.0 markdown-it-py==4.3.0

venv/bin/python - <<'PY'
import sys

from markdown_it import MarkdownIt
from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

TABLE = """| name | formula |
|------|---------|
| sum  | $x + y$ |
| size | {}      |
| half | $x / 2$ |"""

seen = {}
for formula in "$|x|$", r"$\lvert x \rvert$":
    text = TABLE.format(formula)
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    main = page[page.index("<main") :]
    other = MarkdownIt("commonmark").enable("table").render(text)
    # The head is a row as well.
    seen[formula] = main.count("<tr>"), other.count("<tr>"), "|------|" in main
    print(f"{formula}: rows by nbconvert {seen[formula][0]}, by markdown-it-py {seen[formula][1]}")
sys.exit(list(seen.values()) != [(0, 4, True), (4, 4, False)])
PY
