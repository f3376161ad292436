// # Paper
//
// Paper has no room for what is wider than its column, and does not scroll. How wide a
// formula or a table must be, in units of its font size, is the same on the screen. So
// the style sheet is told how large they can be set.
addEventListener("beforeprint", () => {
  const measured = (element, around, width) => {
    const size = parseFloat(getComputedStyle(element).fontSize);
    around.style.setProperty("--width", (width / size).toFixed(3));
  };
  for (const display of document.querySelectorAll(".katex-display")) {
    const formula = display.querySelector(":scope > .katex");
    const pieces = ":scope > .katex-html > .katex-base, .equation > .katex-base";
    const widths = [...formula.querySelectorAll(pieces)].map((piece) => piece.offsetWidth);
    // The numbers of rows must stay beside them.
    const rows = formula.querySelector(":scope > .katex-html > .katex-tag:has(.vlist)");
    if (rows) widths[0] += widthOf(rows);
    measured(formula, display, Math.max(...widths, 1));
  }
  for (const display of document.querySelectorAll(".math-display")) {
    // Nothing breaks a formula, so it overflows a box without width by all of its own.
    display.style.cssText = "width: 0; overflow: auto; container-type: normal";
    const needed = Math.max(display.scrollWidth, 1);
    display.style.cssText = "";
    measured(display.firstElementChild, display, needed);
  }
  for (const formula of document.querySelectorAll("p > .math")) {
    measured(formula, formula, Math.max(formula.firstElementChild.getBoundingClientRect().width, 1));
  }
  for (const table of document.querySelectorAll(".table > table")) {
    table.style.cssText = "--break: anywhere; width: min-content";
    measured(table, table.parentElement, table.offsetWidth);
    table.style.cssText = "";
  }
});

// The number of an equation fills its line; it is as wide as what is in it.
function widthOf(tag) {
  const range = document.createRange();
  range.selectNodeContents(tag);
  return range.getBoundingClientRect().width + parseFloat(getComputedStyle(tag).paddingLeft);
}
