// # The interactive figure
//
// The script of [the figure](__init__.py#try-it) on the page of the Vision Transformer.
// Choose an image, and it shows the five most likely classes and, for each token, where
// the token looks. The [model](vit.js) runs in the page, and nothing is sent anywhere.
// How an image becomes its input is on a [page of its own](images.js).
//
// At first there is a still image with a row of buttons above it. The model, 350 kB of
// weights, is loaded when the first image is chosen.
{
  const figure = document.currentScript.parentElement;
  const BEST = 5;

  // ## Where tokens look
  //
  // [Attention rollout](predict.py#rollout) averages the attention of each layer over
  // its heads, gives half of the weight to the residual connection, and multiplies the
  // layers. `turned` is the transpose of the product, because `linear` multiplies with
  // a transpose.
  function rollout(attention, tokens) {
    const identity = new Float32Array(tokens ** 2);
    for (let token = 0; token < tokens; token++) identity[token * tokens + token] = 1;
    let turned = identity;
    for (const heads of attention) {
      const sum = heads.reduce(add);
      const data = identity.map((one, i) => (one + sum[i] / heads.length) / 2);
      turned = linear(turned, { weight: { shape: [tokens, tokens], data } });
    }
    return turned.map((_, i) => turned[(i % tokens) * tokens + Math.floor(i / tokens)]);
  }

  // The cosines of the angles between position embeddings (the paper's figure 7).
  function similarity(positions, tokens) {
    const shape = [tokens, positions.length / tokens];
    const products = linear(positions, { weight: { shape, data: positions } });
    const length = (token) => Math.sqrt(products[token * tokens + token]);
    return products.map((product, i) => {
      const [one, other] = [Math.floor(i / tokens), i % tokens];
      return product / length(one) / length(other);
    });
  }

  // The row of a token in such a matrix, or the mean of all rows, because the head of
  // the model reads the mean of all tokens. The class token has no place in the image,
  // so its column is left out.
  const ALL = -1;
  function row(matrix, tokens, token) {
    if (token !== ALL) return matrix.subarray(token * tokens + 1, (token + 1) * tokens);
    const average = (column) => mean(columns(matrix, tokens, column, 1));
    return matrix.slice(1, tokens).map((_, i) => average(i + 1));
  }

  // ## The parts of the figure
  //
  // The row of buttons is there from the start. Everything else is built for the first
  // answer, and replaces the static version.
  const bar = document.createElement("div");
  bar.className = "try-bar";
  bar.innerHTML = `
    <div class="try-thumbs" role="group" aria-label="Images to try"></div>
    <label class="try-own"><input type="file" accept="image/*">Your image …</label>
    <p role="status">or drop or paste one here. It stays on your machine.</p>`;
  const [thumbs, own, told] = bar.children;
  figure.classList.add("try");
  figure.prepend(bar);

  const range = (count) => [...Array(count).keys()];
  const each = (count, html) => range(count).map(html).join("");
  const tile = (label, html) => `
    <span class="try-tile" role="img" aria-label="${label}">${html}</span>`;
  const map = (label) => tile(label, `
    <canvas width="128" height="128"></canvas><canvas class="try-mask"></canvas>`);

  function build({ model, heads }) {
    const layers = model.encoder.layers.length;
    const { positional_encodings } = model.pos_emb;
    const tokens = positional_encodings.length / model.cls_token_emb.length;
    const size = Math.sqrt(tokens - 1);
    const pixels = size * model.patch_emb.patch_size;
    const box = `viewBox="0 0 ${size} ${size}"`;
    const cuts = each(size - 1, (i) => `M${i + 1} 0v${size}M0 ${i + 1}h${size}`);
    const cells = each(size ** 2, (i) => `
      <rect x="${i % size}" y="${Math.floor(i / size)}" width="1" height="1"/>`);
    const stage = document.createElement("div");
    stage.className = "try-stage";
    stage.innerHTML = `
      <div class="try-left">
        <div class="try-image" tabindex="0" role="application"
          aria-roledescription="image cut into patches"
          aria-label="The arrow keys go from patch to patch, Escape to all tokens.">
          <canvas width="${SIDE}" height="${SIDE}"></canvas>
          <svg ${box} aria-hidden="true"><path class="try-cuts" d="${cuts}"/>
            <rect class="try-mark" width="1" height="1"/></svg>
        </div>
        <label><input type="checkbox">as the model sees it: ${pixels} × ${pixels}
          pixels</label>
        <ol class="try-answers" aria-label="The most likely classes"></ol>
      </div>
      <div class="try-right">
        <div class="try-who"><p>Where <b></b> looks</p>
          <span class="try-tokens" role="group" aria-label="Without a patch">
            <button type="button" data-token="${ALL}">All tokens</button>
            <button type="button" data-token="0">Class token</button>
          </span>
        </div>
        <div class="try-maps"><i></i>
          ${each(layers, (layer) => `<i>layer ${layer + 1}</i>`)}
          ${each(heads, (head) => `<i>head ${head + 1}</i>${each(layers, (layer) =>
            map(`Attention of layer ${layer + 1}, head ${head + 1}`))}`)}
        </div>
        <div class="try-both">
          <div>${map("Attention rollout")}
            <p><b>Attention rollout</b>: all layers and heads, multiplied</p></div>
          <div>${tile("Similarity of positions", `<svg ${box}>${cells}</svg>`)}
            <p><b>Similar positions</b>: how close the position embeddings are</p></div>
        </div>
        <p class="try-spoken" role="status"></p>
      </div>`;
    const still = figure.querySelectorAll(":scope > :not(.try-bar, script)");
    for (const one of still) one.remove();
    figure.append(stage);

    const find = (selector) => stage.querySelector(selector);
    find(".try-maps").style.setProperty("--layers", layers);
    const masks = [...stage.querySelectorAll(".try-mask")];
    for (const mask of masks) mask.width = mask.height = size;
    const parts = {
      size, pixels, masks,
      pad: find(".try-image"),
      images: [...stage.querySelectorAll("canvas:not(.try-mask)")],
      asSeen: find("[type=checkbox]"),
      answers: find(".try-answers"),
      mark: find(".try-mark"),
      who: find("b"),
      spoken: find(".try-spoken"),
      buttons: [...stage.querySelectorAll("[data-token]")],
      cells: [...stage.querySelectorAll(".try-tile rect")],
    };
    listen(parts, [parts.pad, ...stage.querySelectorAll(".try-tile")]);
    return parts;
  }

  // ## The answer
  let stage, state, pinned;

  function answer(image, known) {
    const { model, classes } = known;
    stage ??= build(known);
    const { size, pixels: side } = stage;
    const start = performance.now();
    const { x, pixels } = prepare(image, side, known);
    const { logits, attention } = model.forward(x, side, side);
    const tokens = size * size + 1;
    const heads = range(known.heads);
    const matrices = heads.flatMap((head) => attention.map((layer) => layer[head]));
    matrices.push(rollout(attention, tokens));
    const positions = similarity(model.pos_emb.positional_encodings, tokens);
    const time = Math.max(1, Math.round(performance.now() - start));
    state = { image, pixels, tokens, matrices, positions };

    tell_classes(stage.answers, logits, classes, BEST);
    const best = stage.answers.querySelector("li").firstChild.data;
    tell(told, `${best}, answered in ${time} ms on your machine`);
    showImage();
    // Start with the patch that has the largest share in rollout.
    const all = row(matrices.at(-1), tokens, ALL);
    pin(1 + all.indexOf(Math.max(...all)));
  }

  function showImage() {
    const { image, pixels } = state;
    const isSeen = stage.asSeen.checked;
    const seen = canvas(stage.pixels);
    seen.putImageData(pixels, 0, 0);
    const source = isSeen ? seen.canvas : image.canvas;
    for (const one of stage.images) {
      const context = one.getContext("2d");
      context.imageSmoothingEnabled = !isSeen;
      context.drawImage(source, 0, 0, one.width, one.height);
    }
  }

  // The brightness of each patch is its weight, relative to the largest weight of any
  // patch but the token's own. Similar positions are tinted, opposite ones in another
  // colour.
  function show(token) {
    const { tokens, matrices, positions } = state;
    stage.masks.forEach((mask, i) => {
      const weights = row(matrices[i], tokens, token);
      const largest = Math.max(...weights.filter((_, place) => place !== token - 1));
      const image = new ImageData(mask.width, mask.height);
      weights.forEach((weight, place) => {
        image.data[4 * place + 3] = 225 * (1 - weight / largest);
      });
      mask.getContext("2d").putImageData(image, 0, 0);
    });
    const near = row(positions, tokens, token);
    stage.cells.forEach((cell, i) => {
      cell.classList.toggle("try-away", near[i] < 0);
      cell.style.opacity = Math.abs(near[i]);
    });
    const [y, x] = [Math.floor((token - 1) / stage.size), (token - 1) % stage.size];
    stage.mark.classList.toggle("try-none", token <= 0);
    stage.mark.style.transform = `translate(${x}px, ${y}px)`;
    const names = { [ALL]: "the mean of all tokens", 0: "the class token" };
    names[token] ??= `the patch in row ${y + 1}, column ${x + 1}`;
    tell(stage.who, names[token]);
    for (const button of stage.buttons)
      button.setAttribute("aria-pressed", +button.dataset.token === token);
  }

  // A chosen patch stays chosen when the pointer leaves.
  function pin(token) {
    pinned = token;
    show(token);
  }

  // ## Pointer and keys
  function listen({ pad, size, asSeen, buttons, spoken }, surfaces) {
    const inside = (place) => Math.min(size - 1, Math.max(0, Math.floor(place)));
    const tokenAt = ({ clientX, clientY, currentTarget }) => {
      const { left, top, width } = currentTarget.getBoundingClientRect();
      const place = (offset) => inside(size * offset / width);
      return 1 + place(clientY - top) * size + place(clientX - left);
    };
    for (const surface of surfaces) {
      surface.addEventListener("pointermove", (event) => show(tokenAt(event)));
      surface.addEventListener("pointerdown", (event) => pin(tokenAt(event)));
      surface.addEventListener("pointerleave", () => show(pinned));
    }
    for (const button of buttons)
      button.addEventListener("click", () => pin(+button.dataset.token));
    asSeen.addEventListener("change", showImage);

    const steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
    };
    pad.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") pin(ALL);
      else if (event.key in steps) {
        const [down, right] = steps[event.key];
        const from = Math.max(pinned - 1, 0);
        const y = inside(from / size + down), x = inside(from % size + right);
        pin(1 + y * size + x);
      } else return;
      event.preventDefault();
      // These keys must not reach the shortcuts of the page.
      event.stopPropagation();
      tell(spoken, `${stage.who.textContent}; in all layers, ${looksAt()}`);
    });
  }

  // For readers who cannot see the maps: where rollout is brightest.
  function looksAt() {
    const weights = row(state.matrices.at(-1), state.tokens, pinned);
    const place = weights.indexOf(Math.max(...weights));
    const [y, x] = [Math.floor(place / stage.size), place % stage.size];
    return `most at row ${y + 1}, column ${x + 1}`;
  }

  // ## Where images come from
  let latest = 0;
  async function take(one, name, pressed) {
    const number = ++latest;
    for (const thumb of thumbs.children)
      thumb.setAttribute("aria-pressed", thumb === pressed);
    if (!stage) tell(told, "Loading the model, 350 kB …");
    try {
      const [image, known] = await Promise.all([one, trained(figure)]);
      // The reader may have chosen another image in the meantime.
      if (number === latest) answer(image, known);
    } catch (error) {
      tell(told, error instanceof DOMException
        ? `${name} is not an image that this browser can read.`
        : "The model cannot be loaded.");
    }
  }

  async function read(file) {
    const image = await createImageBitmap(file);
    const side = Math.min(image.width, image.height);
    return square(image, (image.width - side) / 2, (image.height - side) / 2, side);
  }

  function takeFile(files) {
    const file = [...files].find((one) => one.type.startsWith("image/")) ?? files[0];
    if (file) take(read(file), file.name, null);
  }

  own.firstChild.addEventListener("change", ({ target }) => {
    takeFile(target.files);
    // The same file may be chosen again.
    target.value = "";
  });
  figure.addEventListener("dragover", (event) => event.preventDefault());
  figure.addEventListener("drop", (event) => {
    event.preventDefault();
    takeFile(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => takeFile(event.clipboardData.files));

  choices(figure, take).then((buttons) => thumbs.append(...buttons));
}
