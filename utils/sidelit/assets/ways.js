// ## Ways
//
// The tree and the contents are links, and their drawer opens without a script. Here
// folders learn to unfold in place, with what all pages share, and the drawer to close
// behind a reader who has chosen a section.
{
  const script = new URL(document.currentScript.src);
  const home = new URL("..", script);
  const ways = document.getElementById("sidelit:ways");
  const tree = ways?.querySelector(".pages");
  let loading;

  // The whole tree, which a page from disk can load as a script and in no other way.
  function load() {
    loading ??= new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL("pages.js", script);
      element.addEventListener("load", () => resolve(element.pages));
      element.addEventListener("error", () => reject(new Error(`${element.src} cannot be loaded`)));
      document.head.append(element);
    });
    loading.catch(() => (loading = undefined));
    return loading;
  }

  // What is in the folder of an item, or in the root of the site without one.
  async function entriesOf(item) {
    const way = [];
    for (let one = item; one; one = one.parentElement.closest(".folder")) way.unshift(one.querySelector(":scope > a").href);
    let entries = await load();
    for (const address of way) entries = entries.find(([, page, inner]) => inner && new URL(page, home).href === address)[2];
    return entries;
  }

  function made([label, page, inner]) {
    const item = document.createElement("li");
    const link = document.createElement(page ? "a" : "span");
    link.textContent = label;
    if (page) link.href = new URL(page, home);
    item.append(link);
    if (inner) {
      item.className = "folder";
      makeFold(item);
    }
    return item;
  }

  function makeFold(item) {
    const link = item.querySelector(":scope > a");
    if (!link) return;
    const button = document.createElement("button");
    button.type = "button";
    const list = () => item.querySelector(":scope > ul");
    const show = () => {
      const open = Boolean(list() && !list().hidden);
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", `${open ? "Fold" : "Unfold"} ${link.textContent}`);
    };
    async function unfold() {
      const filled = document.createElement("ul");
      filled.append(...(await entriesOf(item)).map(made));
      item.append(filled);
      show();
    }
    button.addEventListener("click", () => {
      // Without the script that all pages share, the page of the folder lists the rest.
      if (!list()) return unfold().catch(() => location.assign(link.href));
      list().hidden = !list().hidden;
      show();
    });
    show();
    link.before(button);
  }

  // A window on a crowded folder grows to all of it, and what was there stays.
  async function fill(list) {
    const entries = await entriesOf(list.closest(".folder"));
    const known = new Map([...list.children].map((item) => [item.querySelector("a, span").href, item]));
    const first = list.closest(".folder") ? [] : [list.firstElementChild];
    list.replaceChildren(...first, ...entries.map((entry) => known.get(new URL(entry[1], home).href) ?? made(entry)));
  }

  function showHere() {
    const here = tree.querySelector("[aria-current]");
    if (!here) return;
    const [view, entry] = [tree, here].map((one) => one.getBoundingClientRect());
    if (entry.top < view.top || entry.bottom > view.bottom) tree.scrollTop += entry.top - view.top - view.height / 2;
  }

  if (tree) {
    for (const item of tree.querySelectorAll(".folder")) makeFold(item);
    tree.addEventListener("click", (event) => {
      const more = event.target.closest(".more a");
      if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      fill(more.closest("ul")).catch(() => location.assign(more.href));
    });
    requestAnimationFrame(showHere);
    // In the drawer the contents are open; in their place they are as they were.
    const contents = ways.querySelector(".contents details");
    let wasOpen = false;
    ways.addEventListener("beforetoggle", ({ newState }) => {
      if (!contents) return;
      if (newState === "open") wasOpen = contents.open;
      contents.open = newState === "open" || wasOpen;
    });
    ways.addEventListener("toggle", ({ newState }) => newState === "open" && showHere());
    ways.addEventListener("click", ({ target }) => {
      if (target.closest(".contents a") && ways.matches(":popover-open")) ways.hidePopover();
    });
  }
}
