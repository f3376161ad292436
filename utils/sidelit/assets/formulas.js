
// ## Copying formulas
//
// A page has each formula twice: as MathML, with its source, and as it is drawn. A
// plain copy has both, a sign to a line. So in text a formula becomes its TeX between
// dollars, and in HTML its MathML alone, which word processors read.
const formulaAround = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(".katex-display, .katex");

function texOf(formula) {
  const dollars = formula.closest(".katex-display") ? "$$" : "$";
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
  if (!copied.querySelector(".katex")) return;
  copied.style.cssText = "position: fixed; inset-inline-start: -200vw;";
  // How text breaks into lines is known only of what is laid out.
  document.body.append(copied);
  const passedOver = [...copied.querySelectorAll("*")].filter((part) => getComputedStyle(part).userSelect === "none");
  for (const part of [...passedOver, ...copied.querySelectorAll(".katex-html")]) part.remove();
  event.clipboardData.setData("text/html", copied.innerHTML);
  for (const formula of copied.querySelectorAll(".katex")) formula.replaceWith(texOf(formula));
  event.clipboardData.setData("text/plain", copied.innerText);
  copied.remove();
  event.preventDefault();
});
