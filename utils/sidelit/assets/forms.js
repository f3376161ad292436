
// # Taking code along
//
// Copy gives a block as the page shows it. Two further buttons give it with its prose,
// as it stands in the file, and without a word of comment. The texts lie in a script of
// their own that is loaded when somebody reaches for them: a page on disk may load
// scripts and nothing else.
{
  const along = document.querySelector(".along[data-blocks]");
  const [ANNOTATED, CLEAN] = [1, 2];
  let loading;

  function shownLines() {
    const lines = new Map();
    let number = 0;
    for (const line of document.querySelectorAll("c-l")) {
      number = Number(line.style.getPropertyValue("--n")) || number + 1;
      lines.set(number, line.textContent);
    }
    return lines;
  }

  // Of the source, a number stands for as many lines that the page shows. The clean
  // code comes as its differences from the source.
  function withClean([first, pieces, changes], shown) {
    const lines = [];
    for (const piece of pieces) {
      if (typeof piece === "string") for (const line of piece.match(/[^\n]*\n/g)) lines.push(line);
      else for (let count = piece; count; count--) lines.push(shown.get(first + lines.length));
    }
    const source = lines.join("");
    for (const [at, change] of changes) {
      if (typeof change === "string") lines[at] = `${change}\n`;
      else lines.fill("", at, at + change);
    }
    return [first, source, lines.join("")];
  }

  const load = () => (loading ??= new Promise((resolve, reject) => {
    globalThis.sidelitBlocks = (blocks) => {
      const shown = shownLines();
      resolve(blocks.map((block) => withClean(block, shown)));
    };
    const script = document.createElement("script");
    script.src = along.dataset.blocks;
    script.onerror = () => {
      loading = undefined;
      reject();
    };
    document.head.append(script);
  }));

  function copier(label, choose) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", async () => {
      const block = opener; // The list may be elsewhere by the time the texts are there.
      try {
        const text = choose(await load(), block);
        button.textContent = (await copy(text, button)) ? "Copied" : "Press Ctrl+C";
      } catch {
        // Somebody has kept the page without what lay beside it.
        button.textContent = "Not found";
      }
      setTimeout(() => (button.textContent = label), 1600);
    });
    return button;
  }

  function addToMenu(label, form) {
    const item = document.createElement("li");
    item.append(copier(label, (blocks) => blocks.map((block) => block[form]).join("")));
    return item;
  }

  // One list serves all blocks: it goes to where it is asked for.
  const choice = document.createElement("div");
  choice.className = "choice";
  choice.hidden = true;
  let opener = null;

  function blockOf(blocks, block, form) {
    const line = block.parentElement.querySelector("c-l").style.getPropertyValue("--n");
    const text = blocks.findLast(([first]) => first <= Number(line))[form];
    return `${text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd()}\n`;
  }

  function close() {
    choice.hidden = true;
    opener?.setAttribute("aria-expanded", "false");
    opener = null;
  }

  function toggle({ currentTarget }) {
    const again = opener === currentTarget;
    close();
    if (again) return;
    opener = currentTarget;
    opener.setAttribute("aria-expanded", "true");
    opener.after(choice);
    choice.hidden = false;
    // It is there before the click that needs it, which the clipboard insists on.
    load().catch(() => {});
  }

  if (along) {
    along.querySelector("ul").prepend(addToMenu("Copy clean code", CLEAN), addToMenu("Copy annotated code", ANNOTATED));
    along.addEventListener("toggle", () => load().catch(() => {}));
    choice.append(
      copier("With its prose", (blocks, block) => blockOf(blocks, block, ANNOTATED)),
      copier("Without comments", (blocks, block) => blockOf(blocks, block, CLEAN)),
    );
    for (const pre of document.querySelectorAll(".row > .code > pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "forms";
      button.setAttribute("aria-label", "Other forms");
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", toggle);
      pre.nextElementSibling.after(button);
    }
    document.addEventListener("click", ({ target }) => {
      if (opener && target !== opener && !choice.contains(target)) close();
    });
    choice.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && relatedTarget !== opener && !choice.contains(relatedTarget)) close();
    });
    document.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !opener) return;
      opener.focus();
      close();
    });
  }
}
