// # Search
//
// A box over the page. What it needs is loaded when it opens for the first time; until
// then, search costs a reader nothing.
{
  const opener = document.querySelector('[data-action="search"]');
  const script = new URL(document.currentScript.src);
  const lens = '<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" aria-hidden="true"><circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 3.7 3.7"/></svg>';

  const box = document.createElement("dialog");
  box.className = "box search";
  box.setAttribute("aria-label", "Search");
  box.innerHTML = `<div class="query">${lens}
    <input type="text" role="combobox" aria-label="Search" aria-autocomplete="list" aria-expanded="false" aria-controls="sidelit:found"
      placeholder="Search prose, names and code" enterkeyhint="go" autocomplete="off" autocapitalize="off" spellcheck="false">
    <button type="button" aria-label="Close"><svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" aria-hidden="true"><path d="m3.5 3.5 9 9m0-9-9 9"/></svg></button></div>
    <p class="said" role="status"></p>
    <div class="found" id="sidelit:found" role="listbox" aria-label="Results" hidden></div>
    <p class="hint" aria-hidden="true"><kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Enter</kbd> open <kbd>Esc</kbd> close</p>`;
  const input = box.querySelector("input");
  const said = box.querySelector(".said");
  const found = box.querySelector(".found");

  // ## Opening
  let engine;

  function load() {
    engine ??= import(new URL(`pagefind/pagefind.js${script.search}`, script)).then(async (pagefind) => {
      await pagefind.options({ excerptLength: 22, excerptEllipsis: "…" });
      await pagefind.init();
      return pagefind;
    });
    engine.catch(() => (engine = undefined));
    return engine;
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    box.showModal();
    input.select();
    if (location.protocol === "file:") {
      input.disabled = true;
      said.textContent = "Search needs a server: browsers do not let a page that is opened from disk read its index.";
    } else {
      load().catch(tell);
    }
  }

  const tell = () => show([], "The index of this site could not be loaded.");

  // ## Asking
  //
  // In the index each name stands alone, and so does each sign of Chinese and Japanese.
  // Where nothing begins like a word of the question, Pagefind makes do with ever less
  // of its beginning, until only `x` is left of `xyzzy`. So the pages that it gives are
  // read for most of each word, and for all of what is written without spaces. A name
  // that is nowhere may be there in other letters: its parts are looked for next.
  const ideograph = /[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/gu;
  const spaced = (query) => query.replace(/[!#-&(-,./:-@[-^`{-~]/g, " ").replace(ideograph, " $& ");
  const parts = (query) => query.replace(/([a-z\d])([A-Z])/g, "$1 $2").replaceAll("_", " ");

  function holds({ content }, query) {
    const text = clean(content).toLowerCase();
    const words = query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
    return words.every((word) => {
      const most = word.search(ideograph) < 0 ? Math.max(3, Math.ceil(word.length * 0.6)) : word.length;
      return text.includes(word.slice(0, most));
    });
  }

  async function pagesFor(query) {
    const { results } = await (await load()).search(spaced(query));
    const pages = await Promise.all(results.slice(0, 20).map((result) => result.data()));
    const held = pages.filter((page) => holds(page, query));
    // What says it in the very letters of the question comes first.
    const says = (text) => clean(text).replace(/<\/?mark>/g, "").toLowerCase().includes(query.toLowerCase());
    for (const page of held) {
      const words = page.content.split(" ");
      const near = ({ locations }) => locations.some((at) => says(words.slice(Math.max(at - 3, 0), at + 8).join(" ")));
      const defines = ({ title }) => isDefinition(title, query);
      page.sub_results.sort((one, two) => defines(two) - defines(one) || near(two) - near(one) || score(two) - score(one));
    }
    // Whoever looks for a name wants its definition, and its tests after all else.
    const defined = (page) => page.sub_results.some(({ title }) => isDefinition(title, query));
    const isTest = ({ raw_url }) => /(^|\/)(tests?\/|test_|conftest\.|[^/]*(_test|\.test|\.spec)\.)/.test(raw_url);
    held.sort((one, two) => isTest(one) - isTest(two) || defined(two) - defined(one) || says(two.content) - says(one.content));
    return { pages: held.slice(0, 8), count: results.length };
  }

  // The name of a definition, and the title that its docstring opens with.
  function parted(title) {
    const [name, ...words] = clean(title).split(" · ");
    return words.length && /^[\w.#]+$/.test(name) ? { name, words: words.join(" · ") } : { name: "", words: clean(title) };
  }

  function isDefinition(title, query) {
    const { name, words } = parted(title);
    const last = (name || words).toLowerCase();
    return last === query.toLowerCase() || last.endsWith(`.${query.toLowerCase()}`);
  }

  let asked = 0;
  let answered;

  async function ask() {
    const turn = ++asked;
    const query = input.value.trim();
    answered = undefined;
    if (!query) return show([], "");
    try {
      let { pages, count } = await pagesFor(query);
      if (!pages.length && parts(query) !== query) ({ pages, count } = await pagesFor(parts(query)));
      if (turn !== asked) return;
      answered = query;
      const some = pages.length === 1 ? "1 page" : `${pages.length} pages`;
      const more = pages.length === 8 && count > 8 ? `The best 8 of ${count} pages` : some;
      show(pages, pages.length ? more : `Nothing found for “${query}”`);
    } catch {
      if (turn === asked) tell();
    }
  }

  // ## Showing
  //
  // Results stand under the page that they are on, at most four of each, the best
  // first.
  const home = new URL("..", script);
  const clean = (text) => text.replaceAll("\u00ad</mark> ", "</mark>").replaceAll("\u00ad ", "").replaceAll("\u00ad", "").replaceAll("</mark><mark>", "");
  const score = ({ weighted_locations }) => weighted_locations.reduce((sum, { balanced_score }) => sum + balanced_score, 0);
  let options = [];
  let chosen = -1;

  function make(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  function show(pages, message) {
    said.textContent = message;
    found.hidden = !pages.length;
    found.replaceChildren(...pages.map(group));
    found.scrollTop = 0;
    options = [...found.querySelectorAll('[role="option"]')];
    options.forEach((option, index) => (option.id = `sidelit:option-${index}`));
    input.setAttribute("aria-expanded", String(options.length > 0));
    choose(options.length ? 0 : -1);
  }

  function group(page, index) {
    const made = make("div", "page", "");
    const title = make("p", "title", clean(page.meta.title));
    title.id = `sidelit:page-${index}`;
    title.append(make("span", "place", page.raw_url.replace(/(^|\/)index\.html$/, "$1").replace(/\.html$/, "")));
    made.setAttribute("role", "group");
    made.setAttribute("aria-labelledby", title.id);
    const places = page.sub_results.slice(0, 4);
    made.append(title, ...(places.length ? places : [page]).map((place) => option(page, place)));
    return made;
  }

  // The quotation from the beginning of a section begins with its title, too.
  function withoutTitle(quotation, title) {
    const words = quotation.split(" ");
    const count = title.split(" ").length;
    const start = words.slice(0, count).join(" ").replace(/<\/?mark>/g, "");
    return start === `${title}.` ? words.slice(count).join(" ") : quotation;
  }

  function option(page, { title, anchor, excerpt }) {
    const made = document.createElement("a");
    made.setAttribute("role", "option");
    made.tabIndex = -1;
    made.href = new URL(page.raw_url, home).href + (anchor ? `#${encodeURIComponent(anchor.id)}` : "");
    const { name, words } = anchor ? parted(title) : { name: "", words: "Top of the page" };
    made.append(make(/^[\w.]+$/.test(words) && /[._]|[a-z][A-Z]/.test(words) ? "code" : "b", "", words));
    if (name) made.append(make("code", "", name));
    const quotation = make("span", "", "");
    // Pagefind has made all but its marks harmless.
    quotation.innerHTML = withoutTitle(clean(excerpt), words);
    made.append(quotation);
    return made;
  }

  function choose(index) {
    options[chosen]?.removeAttribute("aria-selected");
    chosen = index;
    const option = options[chosen];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  // ## Keys and pointer
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 60);
  });

  // Whoever types fast and strikes Enter means what is written, not what is listed yet.
  async function go() {
    const isAnswered = () => input.value.trim() === answered;
    if (!isAnswered()) {
      clearTimeout(waiting);
      await ask();
    }
    if (box.open && isAnswered()) options[chosen]?.click();
  }

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way && options.length) {
      event.preventDefault();
      choose((chosen + way + options.length) % options.length);
    }
    if (event.key === "Enter") go();
  });
  found.addEventListener("pointermove", ({ target }) => {
    const index = options.indexOf(target.closest('[role="option"]'));
    if (index >= 0 && index !== chosen) choose(index);
  });
  found.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
    if (target.closest("a") && !ctrlKey && !metaKey && !shiftKey) box.close();
  });
  box.querySelector("button").addEventListener("click", () => box.close());
  box.addEventListener("click", ({ target }) => target === box && box.close());

  if (opener) {
    opener.innerHTML = `${lens}<span>Search</span><kbd>/</kbd>`;
    opener.setAttribute("aria-label", "Search");
    opener.setAttribute("aria-haspopup", "dialog");
    opener.hidden = false;
    opener.addEventListener("click", open);
    document.body.append(box);
    shortcuts.set("/", { does: "Search", also: ["Ctrl K"], run: open });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "k" || event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return;
      event.preventDefault();
      open();
    });
  }
}
