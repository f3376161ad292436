#!/usr/bin/env bash
# Assumed: a converter from LaTeX to MathML either knows a command or raises an error, so
# formulas that went through show what LaTeX shows.
#
# math-core 0.9.0 and latex2mathml 3.81.1 from PyPI, Python 3.11, against katex 0.19.1 from
# npm: `\\[1ex]` ends a row and adds a distance below it. Neither converter reads the
# distance; both set it as part of the next cell, and neither complains. Seen here, as the
# text of a column of `a` and `b`: "(ab)" by KaTeX and "(a[1ex]b)" by the two others.
#
# Exits with 1 if that is no longer so. Needs Node, npm and Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' >package.json
npm install --silent --no-audit --no-fund --save-exact katex@0.19.1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check math-core==0.9.0 latex2mathml==3.81.1

cat >katex.js <<'JS'
import katex from "katex";

process.stdout.write(katex.renderToString(process.argv[2], { output: "mathml" }));
JS
venv/bin/python - <<'PY'
import html, re, subprocess, sys

import latex2mathml.converter
import math_core

FORMULA = r"\begin{pmatrix} a \\[1ex] b \end{pmatrix}"
mathml = {
    "katex": subprocess.check_output(["node", "katex.js", FORMULA], text=True),
    "math-core": math_core.LatexToMathML().convert_with_local_state(FORMULA, displaystyle=True),
    "latex2mathml": latex2mathml.converter.convert(FORMULA),
}
seen = {}
for name, text in mathml.items():
    without_source = re.sub("<annotation.*?</annotation>", "", text)
    seen[name] = html.unescape(re.sub("<.*?>", "", without_source))
    print(f"{name}: {seen[name]}")
sys.exit(seen != {"katex": "(ab)", "math-core": "(a[1ex]b)", "latex2mathml": "(a[1ex]b)"})
PY
