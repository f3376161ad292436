#!/usr/bin/env bash
# Assumed: whatever KaTeX shows is in its MathML, too, so a screen reader that speaks the
# MathML leaves out no word of the formula.
#
# katex 0.19.1 and speech-rule-engine 4.1.5 from npm, Node 20, MathSpeak rules: an operator
# that KaTeX makes of several pieces becomes an <mo> with elements in it. MathML allows
# <mo> only text, and the speech takes such an <mo> for an empty one. Seen here: "a b" for
# `a \bmod b`, "x y" for `x \coloneqq y`, and nothing at all for `\overset{\text{def}}{=}`.
# The same formulas by temml 0.13.5: "a mod b", "x colon equals y", "equals Overscript def
# Endscripts".
#
# Exits with 1 if that is no longer so. Needs Node and npm.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' >package.json
npm install --silent --no-audit --no-fund --save-exact \
    katex@0.19.1 temml@0.13.5 speech-rule-engine@4.1.5

cat >speak.js <<'JS'
import { createRequire } from "node:module";
import katex from "katex";
import temml from "temml";

const speech = createRequire(import.meta.url)("speech-rule-engine");
await speech.setupEngine({ locale: "en", domain: "mathspeak", modality: "speech" });
await speech.engineReady();

const formulas = {
  [String.raw`a \bmod b`]: ["a b", "a mod b"],
  [String.raw`x \coloneqq y`]: ["x y", "x colon equals y"],
  [String.raw`\overset{\text{def}}{=}`]: ["", "equals Overscript def Endscripts"],
};
let same = true;
for (const [formula, expected] of Object.entries(formulas)) {
  const html = [katex.renderToString(formula, { output: "mathml" }), temml.renderToString(formula)];
  const spoken = html.map((text) => speech.toSpeech(text.match(/<math.*<\/math>/s)[0]));
  console.log(`${formula}: katex ${JSON.stringify(spoken[0])}, temml ${JSON.stringify(spoken[1])}`);
  same &&= spoken.every((text, i) => text === expected[i]);
}
process.exit(same ? 0 : 1);
JS
node speak.js
