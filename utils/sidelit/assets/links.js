
// ## Cards of definitions
//
// What a name leads to is on the page as data: a signature, the first lines of its
// prose, and where it is. The card of shapes shows it, too.
const definitions = JSON.parse(document.getElementById("sidelit:cards")?.textContent ?? "{}");
const definitionAt = (link) => Object.hasOwn(definitions, link.getAttribute("href") ?? "") && definitions[link.getAttribute("href")];

function told(target) {
  const name = target.closest?.("[data-shapes], .prose a, .code pre a");
  return name && (name.dataset.shapes || definitionAt(name)) ? name : null;
}

function definitionOf(name) {
  const found = definitionAt(name);
  if (!found) return [];
  const [signature, prose, place] = found;
  const lines = signature.split("\n").map((line) => ["code", "signature", "textContent", line]);
  return [...lines, ["div", "first", "innerHTML", prose], ["small", "place", "textContent", place]]
    .filter(([, , , content]) => content)
    .map(([tag, className, kind, content]) => Object.assign(document.createElement(tag), { className, [kind]: content }));
}

// A finger cannot point without a click. So its first tap shows the card, with a way to
// the definition in it, and a second tap follows the link.
{
  let finger = false;
  let shown = null;
  addEventListener("pointerdown", ({ pointerType }) => (finger = pointerType === "touch"), true);
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".prose a, .code pre a");
    if (!link) return;
    // A click of the keyboard has no number.
    if (!finger || !event.detail || shown === link || !definitionAt(link)) {
      hideCard();
      return;
    }
    event.preventDefault();
    showCard(link);
    shown = link;
    const way = Object.assign(document.createElement("a"), { className: "way", href: link.href, textContent: "Go there" });
    way.addEventListener("click", hideCard);
    card.append(way);
  }, true);
  document.addEventListener("click", () => {
    if (card.hidden) shown = null;
  });
}
