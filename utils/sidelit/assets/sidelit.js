// # What a script adds to a page
//
// Every page can be read without this file. It adds a switch for the theme, buttons
// that copy code, images that open in place, a selection that keeps to its column and
// a mark in the contents where the reader is.

"use strict"; // Functions of one feature's block stay in it.

// ## Theme
//
// Three states in a circle. The choice lives in this browser, and a page opened from
// disk may have no place to keep it; then it lasts as long as the page.
const root = document.documentElement;
const themes = {
  auto: ["Auto", '<circle cx="8" cy="8" r="6.2"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"/>'],
  light: ["Light", '<circle cx="8" cy="8" r="3"/><path d="M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3"/>'],
  dark: ["Dark", '<path d="M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2z"/>'],
};
const sides = ["light", "dark"];
const tones = document.querySelectorAll('meta[name="theme-color"]');
const switcher = document.querySelector('[data-action="theme"]');

function showTheme(name) {
  const [label, shape] = themes[name];
  root.dataset.theme = name;
  // The frame of the browser has the colour of the page, also against the system.
  tones.forEach((tone, index) => {
    tone.media = name === "auto" ? `(prefers-color-scheme: ${sides[index]})` : name === sides[index] ? "all" : "not all";
  });
  switcher.innerHTML = `<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linecap="round" aria-hidden="true">${shape}</svg><span>${label}</span>`;
  switcher.setAttribute("aria-label", `Theme: ${label}. Change it`);
}

switcher.hidden = false;
showTheme(root.dataset.theme in themes ? root.dataset.theme : "auto");
switcher.addEventListener("click", () => {
  const names = Object.keys(themes);
  const next = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
  showTheme(next);
  try {
    localStorage.setItem("sidelit-theme", next);
  } catch {
    // Storage is closed to this page; the theme is set all the same.
  }
});

// ## Copying
//
// The text of a block is its source, character for character: line numbers are not in
// it.
for (const pre of document.querySelectorAll("pre:has(> code)")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    button.textContent = (await copy(pre.firstElementChild.textContent, button)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  });
  // In prose the block is its own frame; beside prose, its column is.
  const beside = pre.parentElement.classList.contains("code");
  pre.insertAdjacentElement(beside ? "afterend" : "beforeend", button);
}

// Where the clipboard is closed to the page, the text is selected beside the button and
// copied like any other. If that is not allowed either, it stays selected for the
// reader to copy. Both give the focus back to the button.
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.setAttribute("aria-label", "Text to copy");
    area.style.cssText = "position: fixed; opacity: 0";
    area.addEventListener("copy", () => setTimeout(() => button.focus()));
    area.addEventListener("blur", () => area.remove());
    button.after(area);
    area.select();
    return document.execCommand("copy");
  }
}

// ## Selecting
document.addEventListener("pointerdown", ({ target }) => {
  const column = target.closest?.(".row > .prose, .row > .code");
  if (column) root.dataset.select = column.classList.contains("code") ? "code" : "prose";
  else delete root.dataset.select;
});

// ## Shapes
//
// The box works without a script; here it learns to remember. While it is ticked, the
// names in prose that stand for a symbol can be reached with the keyboard, too.
const shapes = document.getElementById("sidelit:shapes");
const shaped = [...document.querySelectorAll(".code [title]:is([b], [data-b])")];
const symbols = [...document.querySelectorAll("[data-symbol]")];

function showShapes() {
  const known = new Set(symbols.map((one) => one.dataset.symbol));
  for (const word of document.querySelectorAll(".prose [data-variable]")) {
    if (!known.has(word.dataset.variable) || word.closest("a")) continue;
    if (shapes.checked) word.tabIndex = 0;
    else word.removeAttribute("tabindex");
  }
}

if (shapes) {
  try {
    shapes.checked = localStorage.getItem("sidelit-shapes") === "on";
  } catch {
    // Storage is closed to this page.
  }
  showShapes();
  shapes.addEventListener("change", () => {
    showShapes();
    try {
      localStorage.setItem("sidelit-shapes", shapes.checked ? "on" : "off");
    } catch {
      // The box is ticked all the same.
    }
  });
}

// A card in place of the browser's slow tooltip: the type and shape of a name where it
// stands, and under it what else it has been. It stays while the pointer is on its way
// there and on it, so that its text can be read under a magnifier and copied.
const card = document.createElement("div");
card.className = "card";
card.id = "sidelit:card";
card.role = "tooltip";
card.hidden = true;
document.querySelector("main").append(card);
let described = null;
let closing, opening;
for (const name of shaped) {
  name.dataset.shapes = name.title;
  name.removeAttribute("title");
}

function showCard(name) {
  hideCard();
  card.replaceChildren(...definitionOf(name));
  if (name.dataset.shapes) {
    const [first, ...others] = name.dataset.shapes.split("; ");
    card.append(Object.assign(document.createElement("b"), { textContent: `${name.textContent}  ${first}` }));
    for (const other of others) card.append(Object.assign(document.createElement("span"), { textContent: other }));
  }
  card.hidden = false;
  name.setAttribute("aria-describedby", card.id);
  described = name;
  placeCard();
}

function placeCard() {
  const box = described.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 8);
  card.style.left = `${Math.max(left, 8) + scrollX}px`;
  const above = box.top - card.offsetHeight - 6;
  const below = box.bottom + 6;
  const fits = below + card.offsetHeight <= innerHeight || above < 0;
  card.style.top = `${(fits ? below : above) + scrollY}px`;
}

// What is laid out late, far above, moves the name away from its card.
new ResizeObserver(() => described && placeCard()).observe(document.body);

function hideCard() {
  clearTimeout(closing);
  clearTimeout(opening);
  card.hidden = true;
  described?.removeAttribute("aria-describedby");
  described = null;
}

// ## Names and symbols
//
// Whoever points at a variable sees the symbol of the formulas that stands for it, and
// the other way round. A click lights all uses of a variable, as Python sees them;
// Escape puts the light out.
let kept = null;

function partners(element) {
  const { symbol, variable } = element.closest?.("[data-symbol], [data-variable]")?.dataset ?? {};
  const name = symbol ?? variable;
  const marked = symbols.filter((one) => one.dataset.symbol === name);
  return marked.length ? [...marked, ...document.querySelectorAll(`[data-variable="${name}"]`)] : [];
}

function light(elements) {
  for (const one of document.querySelectorAll(".lit")) one.classList.remove("lit");
  for (const one of elements) one.classList.add("lit");
}

// A name that is a link as well is an element that HTML knows, with an attribute that
// HTML leaves to us.
const NAMES = "[b], a";
const variableOf = (name) => name.getAttribute("b") ?? name.dataset.b;
const usesOf = (name) => [...document.querySelectorAll(`.code :is([b="${variableOf(name)}"], [data-b="${variableOf(name)}"])`)];

function look({ target, type }) {
  clearTimeout(opening);
  if (card.contains(target)) {
    clearTimeout(closing);
    return;
  }
  const name = told(target);
  // Who only passes over a link on the way to another does not want its card.
  if (name && type === "pointerover" && !name.dataset.shapes) opening = setTimeout(showCard, 150, name);
  else if (name) showCard(name);
  if (!kept) light(partners(target));
}

// A finger that has tapped is gone at once, and what it wanted to see stays. So does
// the card of a name that the keyboard is on, whatever the pointer does.
function lookAway({ type, pointerType, relatedTarget }) {
  if (pointerType === "touch" || (type === "focusout" && card.contains(relatedTarget))) return;
  clearTimeout(closing);
  clearTimeout(opening);
  if (type === "focusout") hideCard();
  else if (!described?.matches(":focus-visible")) closing = setTimeout(hideCard, 250);
  if (!kept) light([]);
}

for (const event of ["pointerover", "focusin"]) document.addEventListener(event, look);
for (const event of ["pointerout", "focusout"]) document.addEventListener(event, lookAway);
// Who comes back to the page finds it without the card that led away.
addEventListener("pagehide", hideCard);
document.addEventListener("click", ({ target }) => {
  if (card.contains(target)) return;
  if (!told(target)) hideCard();
  const name = target.closest?.(".code [b]");
  kept = name && kept !== variableOf(name) && !getSelection().toString() ? variableOf(name) : null;
  light(kept ? usesOf(name) : partners(target));
});
document.addEventListener("keydown", (event) => {
  const name = event.target.closest?.(`.code pre :is(${NAMES})`);
  if (name && event.key === "Enter" && !name.href) name.click();
  if (name && event.key in ways && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    step(name, ways[event.key]);
  }
  if (event.key !== "Escape") return;
  kept = null;
  light([]);
  hideCard();
});

// A page has hundreds of names, and nobody wants to press Tab for each. So a block of
// code is one stop, and the arrow keys go from name to name and from line to line, as
// far as these are unfolded.
const ways = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -2, ArrowDown: 2 };
for (const pre of document.querySelectorAll(".code pre")) {
  for (const link of pre.querySelectorAll("a")) link.tabIndex = -1;
  const first = pre.querySelector(NAMES);
  if (first) first.tabIndex = 0;
}

function step(name, way) {
  const names = [...name.closest("pre").querySelectorAll(NAMES)].filter((one) => one.getClientRects().length);
  let place = names.indexOf(name);
  do place += Math.sign(way);
  while (Math.abs(way) === 2 && names[place]?.parentElement === name.parentElement);
  if (!names[place]) return;
  if (name.href) name.tabIndex = -1;
  else name.removeAttribute("tabindex");
  names[place].tabIndex = 0;
  names[place].focus();
}

// ## Images
const dialog = document.createElement("dialog");
dialog.addEventListener("click", () => dialog.close());
document.body.append(dialog);
for (const link of document.querySelectorAll(".enlarge")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The form of the image for a small screen is that for the whole of it, too.
    const small = link.querySelector("img");
    dialog.replaceChildren((small.closest("picture") ?? small).cloneNode(true));
    const image = dialog.querySelector("img");
    image.loading = "eager";
    dialog.setAttribute("aria-label", image.alt);
    dialog.showModal();
  });
}

// ## What is too wide
//
// A table, an equation or an output that does not fit scrolls, and the keyboard has to
// reach it. On a phone, nobody knows whether one fits that is far from the screen and
// has not been laid out, so until then it can be reached. When its font has come, it
// may be wider in the same box.
const WIDE = ".table, .katex-display, .math-display, :not(.math-display) > .math, .output";
const scrolls = (box) => box.scrollWidth > box.clientWidth || (box.matches(".output") && box.scrollHeight > box.clientHeight);
const contentOf = (box) => box.querySelector("table, .katex-base, .math math") ?? box.firstElementChild ?? box;
const wide = document.querySelectorAll(WIDE);
const laidOut = new ResizeObserver((entries) => {
  for (const box of new Set(entries.map(({ target }) => target.closest(WIDE)))) {
    if (!contentOf(box).checkVisibility({ contentVisibilityAuto: true })) continue;
    if (scrolls(box)) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});

function reachWide() {
  for (const box of wide) {
    box.tabIndex = 0;
    laidOut.unobserve(box);
    laidOut.observe(box);
  }
}
reachWide();
addEventListener("resize", reachWide);
for (const box of wide) laidOut.observe(contentOf(box));

// ## Contents
//
// The entry of the last section that has begun above the middle of the window is lit,
// and is kept in view where the contents scroll. On small screens they start folded.
const contents = document.querySelector(".contents details");
if (contents) {
  if (matchMedia("(max-width: 47.99rem)").matches) contents.open = false;
  const links = [...contents.querySelectorAll("a")];
  const places = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let waiting = false;
  const mark = () => {
    waiting = false;
    const here = places.findLastIndex((place) => place?.getBoundingClientRect().top < innerHeight * 0.4);
    links.forEach((link, index) => link.classList.toggle("here", index === here));
    const column = contents.parentElement;
    const [view, entry] = [column, links[here]].map((one) => one?.getBoundingClientRect());
    if (entry && (entry.top < view.top || entry.bottom > view.bottom)) column.scrollTop += entry.top - view.top - view.height / 2;
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }, { passive: true });
  requestAnimationFrame(mark);
}
