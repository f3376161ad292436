#!/usr/bin/env bash
# Assumed: a minifier of HTML leaves the document as it was, only shorter.
#
# minify_html 0.18.1 from PyPI, html-minifier-terser 7.2.0, katex 0.19.1 and parse5 8.1.1
# from npm, no options: KaTeX ends the spaces in its MathML with a slash, as in
# <mspace width="0.4444em"/>, and in MathML that slash counts. Both take it away, so the
# rest of the formula becomes a child of the space. minify_html leaves out </math> and the
# tags behind it as well: what readers see of the formula is then inside the element that
# hides the MathML from them. Seen here, for `a \pmod b`: "(modb)" in the space after
# both, and "a(modb)", the visible formula, hidden after minify_html.
#
# Exits with 1 if that is no longer so. Needs Node, npm and Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' >package.json
npm install --silent --no-audit --no-fund --save-exact \
    katex@0.19.1 html-minifier-terser@7.2.0 parse5@8.1.1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check minify_html==0.18.1

cat >minify.js <<'JS'
import { execFileSync } from "node:child_process";
import { minify } from "html-minifier-terser";
import katex from "katex";
import { parseFragment } from "parse5";

const html = `<p>So ${katex.renderToString(String.raw`a \pmod b`)} holds.</p>`;
const python = "import sys, minify_html; print(minify_html.minify(sys.stdin.read()))";
const pages = {
  original: html,
  "html-minifier-terser": await minify(html),
  minify_html: execFileSync("venv/bin/python", ["-c", python], { input: html, encoding: "utf8" }),
};

const text = (node) => (node.childNodes ?? []).map(text).join("") + (node.value ?? "");
const find = (node, wanted) =>
  [...(wanted(node) ? [node] : []), ...(node.childNodes ?? []).flatMap((child) => find(child, wanted))];
const ofClass = (name) => (node) =>
  node.attrs?.some((attribute) => attribute.name === "class" && attribute.value === name);

const seen = Object.entries(pages).map(([name, page]) => {
  const tree = parseFragment(page);
  const inSpace = find(tree, (node) => node.tagName === "mspace").map(text).join("");
  const [forListeners] = find(tree, ofClass("katex-mathml"));
  const hidden = find(forListeners, ofClass("katex-html")).map(text).join("");
  console.log(`${name}: in the spaces ${JSON.stringify(inSpace)}, hidden ${JSON.stringify(hidden)}`);
  return [inSpace.startsWith("(modb)"), hidden];
});
const expected = [[false, ""], [true, ""], [true, "a(modb)"]];
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
node minify.js
