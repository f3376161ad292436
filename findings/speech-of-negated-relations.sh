#!/usr/bin/env bash
# Assumed: KaTeX writes MathML beside its picture of a formula, so a listener hears what a
# reader sees, and `\not\in` is the same as `\notin` to both.
#
# katex 0.19.1 and speech-rule-engine 4.1.5 from npm, Node 20, ClearSpeak rules: KaTeX
# writes `\not` as a combining stroke behind the relation, ∈ and U+0338, where Unicode has
# one character for both. The speech has no word for the stroke. Seen here: `a \not\in b`
# is spoken "a is a member of b", the opposite, and `a \notin b` "a is not a member of b".
#
# Exits with 1 if that is no longer so. Needs Node and npm.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' >package.json
npm install --silent --no-audit --no-fund --save-exact katex@0.19.1 speech-rule-engine@4.1.5

cat >speak.js <<'JS'
import { createRequire } from "node:module";
import katex from "katex";

const speech = createRequire(import.meta.url)("speech-rule-engine");
await speech.setupEngine({ locale: "en", domain: "clearspeak", modality: "speech" });
await speech.engineReady();

const say = (formula) => {
  const [mathml] = katex.renderToString(formula, { output: "mathml" }).match(/<math.*<\/math>/s);
  const spoken = speech.toSpeech(mathml);
  console.log(`${formula}: ${spoken}`);
  return spoken;
};
const negated = say(String.raw`a \not\in b`);
const whole = say(String.raw`a \notin b`);
process.exit(negated === "a is a member of b" && whole === "a is not a member of b" ? 0 : 1);
JS
node speak.js
