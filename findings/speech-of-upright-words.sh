#!/usr/bin/env bash
# Assumed: `\mathrm{softmax}` and `\operatorname{softmax}` differ only in the space around
# them, and not at all to a listener.
#
# katex 0.19.1 and speech-rule-engine 4.1.5 from npm, Node 20, ClearSpeak rules: in KaTeX's
# MathML, `\operatorname` is one identifier and `\mathrm` one for each letter. The speech
# takes the letters for variables, and an f before another letter for a function. Seen
# here, for `\mathrm{softmax}(x)`: "normal s normal o normal f of normal t normal m normal
# a normal x times x", and with `\operatorname` "softmax of x". temml 0.13.5 has one
# identifier for both.
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
await speech.setupEngine({ locale: "en", domain: "clearspeak", modality: "speech" });
await speech.engineReady();

const spelled = "normal s normal o normal f of normal t normal m normal a normal x times x";
const expected = { mathrm: [spelled, "softmax of x"], operatorname: ["softmax of x", "softmax of x"] };
let same = true;
for (const [command, wanted] of Object.entries(expected)) {
  const formula = `\\${command}{softmax}(x)`;
  const html = [katex.renderToString(formula, { output: "mathml" }), temml.renderToString(formula)];
  const spoken = html.map((text) => speech.toSpeech(text.match(/<math.*<\/math>/s)[0]));
  console.log(`${formula}: katex ${JSON.stringify(spoken[0])}, temml ${JSON.stringify(spoken[1])}`);
  same &&= spoken.every((text, i) => text === wanted[i]);
}
process.exit(same ? 0 : 1);
JS
node speak.js
