// # Shuffle the patches
//
// The script of [the figure](__init__.py#LearnedPositionalEmbeddings) in which patches
// change places. [The model](vit.js) that you can [try](try_it.js) answers twice: once
// as it was trained, and once without its position embeddings.
//
// The figure keeps its [static version](shuffle.py) until somebody moves the slider or
// chooses an image. Only then is the model loaded.
{
  const figure = document.currentScript.parentElement;
  const BEST = 3;

  // ## Who changes places
  //
  // All places in random order. Each of the first `count` of them gets the patch of the
  // one before it, so one more moves few patches.
  function random_order(length, seed) {
    const next = random(seed);
    const order = [...Array(length).keys()];
    for (let last = length - 1; last > 0; last--) {
      const other = Math.floor(next() * (last + 1));
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }

  // For each place, the one that its patch comes from.
  function sources(order, count) {
    const from = [...order.keys()];
    for (let i = 0; i < count; i++) from[order[i]] = order[(i + count - 1) % count];
    return from;
  }

  function shuffled(image, from, size) {
    const made = canvas(SIDE), side = SIDE / size;
    from.forEach((source, place) => {
      const [x, y] = [source % size, Math.floor(source / size)].map((i) => i * side);
      const [left, top] = [place % size, Math.floor(place / size)].map((i) => i * side);
      made.drawImage(image.canvas, x, y, side, side, left, top, side, side);
    });
    return made;
  }

  // ## The answers
  //
  // Without position embeddings, what the patches are is all that the encoder knows.
  const blind = (model) =>
    Object.assign(Object.create(model), { pos_emb: { forward: (x) => x } });

  let stage, image, count = 0, seed = 1;

  async function answer() {
    const known = await trained(figure);
    stage ??= build();
    const { model } = known;
    const pixels = Math.sqrt(model.pos_emb.positional_encodings.length
      / model.cls_token_emb.length - 1) * model.patch_emb.patch_size;
    const size = pixels / model.patch_emb.patch_size;
    const from = sources(random_order(size ** 2, seed), count);
    const shown = shuffled(image, from, size);
    const { x } = prepare(shown, pixels, known);
    stage.image.drawImage(shown.canvas, 0, 0);
    [model, blind(model)].forEach((one, i) => {
      const { logits } = one.forward(x, pixels, pixels);
      tell_classes(stage.lists[i], logits, known.classes, BEST);
    });
  }

  // Several moves between two frames are one.
  let due = false;
  function ask() {
    if (!image) return thumbs.children[IMAGES.indexOf("cat")]?.click();
    if (due) return;
    due = true;
    if (!stage) tell(told, "Loading the model, 350 kB …");
    requestAnimationFrame(async () => {
      due = false;
      try {
        await answer();
        tell(told, TRY);
      } catch {
        tell(told, "The model cannot be loaded.");
      }
    });
  }

  // ## What stands in the figure
  function build() {
    const box = document.createElement("div");
    box.className = "shuffle-stage";
    box.innerHTML = `
      <canvas width="${SIDE}" height="${SIDE}" role="img"
        aria-label="The image with its patches in new places"></canvas>
      <div role="group" aria-label="Answers">
        <p>With position embeddings</p><ol class="try-answers"></ol>
        <p>Without them</p><ol class="try-answers"></ol>
      </div>`;
    const still = figure.querySelectorAll(":scope > :not(.sliders, script)");
    for (const one of still) one.remove();
    figure.append(box);
    const lists = [...box.querySelectorAll("ol")];
    return { lists, image: box.firstElementChild.getContext("2d") };
  }

  // The first answers are for the cat, if nothing else is chosen.
  const TRY = "Try: move the slider, and see which of the two answers moves.";
  const bar = document.createElement("div");
  bar.className = "shuffle-bar";
  bar.innerHTML = `<div class="try-thumbs" role="group" aria-label="Images"></div>
    <button type="button">Another order</button>`;
  const [thumbs, another] = bar.children;
  another.addEventListener("click", () => {
    seed++;
    ask();
  });
  choices(figure, (chosen, _, pressed) => {
    image = chosen;
    for (const one of thumbs.children) one.ariaPressed = one === pressed;
    ask();
  }).then((buttons) => thumbs.append(...buttons));

  sliders(figure, TRY, {
    count: { name: "shuffled", values: steps(0, 64, 4), start: 0 },
  }, (chosen) => {
    count = chosen.count;
    ask();
  });
  const [told] = figure.querySelector(".sliders").children;
  told.after(bar);
  figure.classList.add("try");
}
