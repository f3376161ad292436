#!/usr/bin/env bash
# Assumed: below `[^1]: text`, all lines with a margin of four spaces belong to the note, a
# nested list and a block of code among them.
#
# mistune 3.4.0 from PyPI, Python 3.11, its plugin `footnotes`: a line belongs to a note only
# if one to four spaces and then its text stand there. The first that stands deeper ends the
# note. It and what follows, also lines with a margin of four spaces, become a block of code
# in the page, where the note was defined. Seen here: the inner item of a list and the
# paragraph behind a block of code are in that block; a paragraph behind a paragraph is in
# the note.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mistune==3.4.0

venv/bin/python - <<'PY'
import sys

import mistune

NOTES = {
    "inner item": "[^1]: Birds:\n\n    - owls\n        - inner\n",
    "behind code": "[^1]: Run:\n\n        make\n\n    inner\n",
    "behind a paragraph": "[^1]: One.\n\n    inner\n",
}
render = mistune.create_markdown(plugins=["footnotes"])
seen = {}
for name, note in NOTES.items():
    page, _, notes = render(f"See[^1].\n\n{note}\nEnd.\n").partition("<section")
    places = {"the note": notes, "a block of code": page.partition("<pre>")[2]}
    seen[name] = [place for place, html in places.items() if "inner" in html]
print(seen)
expected = {name: ["a block of code"] for name in NOTES}
sys.exit(seen != expected | {"behind a paragraph": ["the note"]})
PY
