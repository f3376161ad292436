// # Keys
//
// One letter, one way through the page. A shortcut is told here once, and both the keys
// and the box that lists them know it.
const shortcuts = new Map();

{
  let on = true;
  try {
    on = localStorage.getItem("sidelit-keys") !== "off";
  } catch {
    // Storage is closed to this page.
  }

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    const shortcut = shortcuts.get(event.key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });

  // ## From section to section
  //
  // Where the reader is, the keys know from their last step; after any other move, the
  // window has to tell. What a view leaves nothing of is no stop.
  const stops = [...document.querySelectorAll("h1, .lead > :is(h2, h3), .row, .map > h2")];
  let at = null;
  for (const event of ["wheel", "touchmove", "pointerdown"]) {
    addEventListener(event, () => (at = null), { passive: true });
  }
  addEventListener("keydown", ({ key }) => {
    if (key !== "j" && key !== "k") at = null;
  });

  function step(way) {
    const edge = parseFloat(getComputedStyle(root).scrollPaddingTop) + 2;
    const shown = stops.filter((stop) => stop.offsetHeight);
    at ??= shown.findLastIndex((stop) => stop.getBoundingClientRect().top <= edge);
    at = Math.min(Math.max(at + way, 0), shown.length - 1);
    shown[at].tabIndex = -1;
    shown[at].focus({ preventScroll: true });
    shown[at].scrollIntoView();
  }

  shortcuts.set("j", { does: "Next section", run: () => step(1) });
  shortcuts.set("k", { does: "Previous section", run: () => step(-1) });

  // ## The list of keys
  //
  // Keys of one letter get in the way of who speaks to the machine or strikes keys by
  // accident. So they can be switched off.
  const help = document.createElement("dialog");
  help.className = "box help";
  help.setAttribute("aria-labelledby", "sidelit:help");
  help.innerHTML = `<h2 id="sidelit:help">Keyboard shortcuts</h2><dl></dl>
    <label><input type="checkbox"> Use single-letter keys</label>
    <button class="tool" type="button">Close</button>`;
  document.body.append(help);
  const [list, box, close] = ["dl", "input", "button"].map((name) => help.querySelector(name));
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    try {
      localStorage.setItem("sidelit-keys", on ? "on" : "off");
    } catch {
      // It lasts as long as the page.
    }
  });
  close.addEventListener("click", () => help.close());
  help.addEventListener("click", ({ target }) => target === help && help.close());

  function showHelp() {
    const lines = [...shortcuts].map(([key, { does, also = [] }]) => [[key, ...also], does]);
    if (document.querySelector(".code [b]")) lines.push([["←", "↑", "→", "↓"], "From name to name in code"], [["Enter"], "Highlight all uses of a name"]);
    lines.push([["Esc"], "Close a box, clear highlights"]);
    list.innerHTML = lines
      .map(([keys, does]) => `<div><dt>${keys.map((key) => `<kbd>${key}</kbd>`).join(" ")}</dt><dd>${does}</dd></div>`)
      .join("");
    help.showModal();
  }

  shortcuts.set("?", { does: "This list", run: showHelp });
  const opener = document.querySelector('[data-action="keys"]');
  opener.hidden = false;
  opener.addEventListener("click", showHelp);
}
