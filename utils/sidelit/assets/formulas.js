
// ## Copying formulas
//
// A page has each formula as MathML, with its source, and from KaTeX a second time, as
// it is drawn. A plain copy has all of that, a sign to a line. So in text a formula
// becomes its TeX between dollars, and in HTML its MathML alone, which word processors
// read.
const FORMULA = ".katex, .math";
const DISPLAY = ".katex-display, .math-display";
const formulaAround = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(`${DISPLAY}, ${FORMULA}`);

function texOf(formula) {
  const dollars = formula.closest(DISPLAY) ? "$$" : "$";
  const tex = document.createElement("span");
  tex.style.whiteSpace = "pre";
  tex.textContent = dollars + formula.querySelector("annotation").textContent + dollars;
  return tex;
}

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
  const range = selection.getRangeAt(0).cloneRange();
  // Half a formula cannot be written.
  const [first, last] = [range.startContainer, range.endContainer].map(formulaAround);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copied = Object.assign(document.createElement("div"), { className: "prose" });
  copied.append(range.cloneContents());
  if (!copied.querySelector(FORMULA)) return;
  copied.style.cssText = "position: fixed; inset-inline-start: -200vw;";
  // How text breaks into lines is known only of what is laid out.
  document.body.append(copied);
  const passedOver = [...copied.querySelectorAll("*")].filter((part) => getComputedStyle(part).userSelect === "none");
  for (const part of [...passedOver, ...copied.querySelectorAll(".katex-html")]) part.remove();
  event.clipboardData.setData("text/html", copied.innerHTML);
  for (const formula of copied.querySelectorAll(FORMULA)) formula.replaceWith(texOf(formula));
  event.clipboardData.setData("text/plain", copied.innerText);
  copied.remove();
  event.preventDefault();
});
