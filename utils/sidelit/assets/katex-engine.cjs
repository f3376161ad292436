// # The formula engine
//
// Reads one request a line, `{"formula": …, "display": …}`, and answers each with one
// line: `{"html": …}`, or `{"error": …, "position": …}` for a formula that KaTeX
// rejects. It ends when its input does.
const katex = require(process.argv[2]);
const { createInterface } = require("node:readline");

// `\message` and `\show` print, and a printed line would be taken for an answer.
for (const name of ["log", "warn", "error"]) console[name] = () => {};

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
  // For what it does not trust, KaTeX prints the name of the command and goes on.
  let refused = "";
  const trust = (context) => isMark(context) || ((refused ||= context.command), false);
  try {
    // What LaTeX has and KaTeX lacks. `\gdef` may write into it, so it is made anew.
    const macros = { "\\mbox": "\\text{#1}" };
    const options = { displayMode: display, output: "htmlAndMathml", strict: "ignore", trust, macros };
    const html = katex.renderToString(formula, options);
    if (refused) {
      return { error: `${refused} is not allowed in a formula`, position: formula.indexOf(refused) };
    }
    return { html: forEars(withNumbers(html, formula)) };
  } catch (error) {
    if (error instanceof katex.ParseError) {
      return { error: error.rawMessage, position: error.position ?? 0 };
    }
    // The stack ends before braces in braces do.
    return { error: `KaTeX cannot read this: ${error.message}`, position: 0 };
  }
}

// In MathML, KaTeX leaves the number of a row to a counter of its style sheet, whatever
// its `\tag` says.
const CELL = /<mtd class ?="mml-eqn-num"><\/mtd>/g;

// The style sheet of a page sets the number beside its formula, which is one element.
const HTML = '<span class="katex-html" aria-hidden="true">';
const TAG = '<span class="katex-tag">';

function withNumbers(html, formula) {
  if (html.includes(TAG)) {
    html = html.replace(HTML, `${HTML}<span class="equation">`).replace(TAG, `</span>${TAG}`);
  }
  const tags = [...formula.matchAll(/\\tag(\*?)\s*\{((?:[^{}\\]|\\[^]|\{(?:[^{}\\]|\\[^])*\})*)\}/g)];
  return html.replace(CELL, (cell) => {
    const [, star, text] = tags.shift() ?? [];
    if (text === undefined) return cell;
    const number = katex.renderToString(`\\text{${star ? text : `(${text})`}}`, { output: "mathml" });
    return `<mtd>${number.match(/<semantics>([^]*?)<annotation/)[1]}</mtd>`;
  });
}

// MathML that browsers draw can be MathML that screen readers misread: they skip an
// operator with elements in it, spell a word that is one element a letter, and have no
// word for the stroke that `\not` puts on a relation.
const ROW = /<semantics>[^]*?<annotation/;
const STROKE = /(?:&[lg]t;|[^<>;])\u0338/gu;
const NESTED =
  /<(m[io])( [^>]*)?>((?=<)(?:<m[io](?: [^>]*)?>[^<]*<\/m[io]>|<(?!\/?m[io][ >])[^>]*>|[^<])+)<\/\1>/;
const UPRIGHT =
  /^(?:<\/?mrow>|<mi mathvariant="normal">[^<]*<\/mi>|<mo(?: [^>]*)?>[^<]*<\/mo>|<mtext>[^<]*<\/mtext>)+$/;
const LEAVES = /(?<=<mrow>)(?:<(m[inos]|mtext)(?: [^>]*)?>[^<]*<\/\1>)+(?=<\/mrow>)/g;
const WORD = /(?:<mi mathvariant="normal">\p{Script=Latin}<\/mi>){2,}/gu;

const text = (markup) => markup.replace(/<[^>]*>/g, "");

function forEars(html) {
  return html.replace(ROW, (row) => {
    row = row.replace(STROKE, (pair) => pair.replace("&lt;", "<").replace("&gt;", ">").normalize("NFC"));
    // From the inside out.
    for (let nested; (nested = NESTED.exec(row)); ) {
      const [all, name, attributes = "", inner] = nested;
      const flat = UPRIGHT.test(inner) ? `<${name}${attributes}>${text(inner)}</${name}>` : `<mrow>${inner}</mrow>`;
      row = row.slice(0, nested.index) + flat + row.slice(nested.index + all.length);
    }
    return row.replace(LEAVES, (leaves) =>
      leaves.replace(WORD, (word) => `<mi mathvariant="normal">${text(word)}</mi>`),
    );
  });
}
