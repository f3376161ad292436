// # The formula engine
//
// Reads one request a line, `{"formula": …, "display": …}`, and answers each with one
// line: `{"html": …}`, or `{"error": …, "position": …}` for a formula that KaTeX
// rejects. It ends when its input does.
const katex = require(process.argv[2]);
const { createInterface } = require("node:readline");

createInterface({ input: process.stdin }).on("line", (line) => {
  const { formula, display } = JSON.parse(line);
  process.stdout.write(JSON.stringify(answer(formula, display)) + "\n");
});

// The one command with consequences that a formula may have is the mark of a symbol.
const isMark = ({ command, attributes }) =>
  command === "\\htmlData" && Object.keys(attributes).every((name) => name === "data-symbol");

// `htmlAndMathml` serves eyes and ears. KaTeX's warnings about style (a letter that is
// not ASCII, say) are not errors and stay silent.
function answer(formula, display) {
  try {
    const options = { displayMode: display, output: "htmlAndMathml", strict: "ignore", trust: isMark };
    return { html: katex.renderToString(formula, options) };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    return { error: error.rawMessage, position: error.position ?? 0 };
  }
}
