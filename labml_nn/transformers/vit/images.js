// # Images for the model
//
// What the figures that run [the model](vit.js) share: its weights, the images that
// come with these pages, and the way from an image to the input of the model.
"use strict";

// The squares in `images.jpg`, from left to right.
const IMAGES = ["ship", "frog", "cat", "airplane", "car", "astronaut"];

// ## The model
//
// What the shapes of the weights do not tell is in the [metadata](export.py) of their
// file: the number of heads, whether the head reads the mean of the tokens, the names
// of the classes, and the mean and standard deviation of the training images. The
// figures of a page share one model, which the first of them loads.
let loading;
function trained(figure) {
  loading ??= figure.read("laptop.safetensors").then((bytes) => {
    const { weights, metadata } = read_weights(bytes);
    const [settings, classes, mean, std] = ["settings", "classes", "mean", "std"]
      .map((name) => JSON.parse(metadata[name]));
    const { "model.heads": heads, "model.mean_pooling": mean_pooling } = settings;
    const model = new VisionTransformer(weights, { heads, mean_pooling });
    return { model, heads, classes, mean, std };
  });
  loading.catch(() => (loading = undefined));
  return loading;
}

// ## From an image to the input of the model
//
// Take the largest square in the centre. A browser that shrinks a large image in one
// step skips most of its pixels, so halve it until it is nearly small enough.
const SIDE = 256;

function canvas(side) {
  const made = document.createElement("canvas");
  made.width = made.height = side;
  return made.getContext("2d", { willReadFrequently: true });
}

function square(image, left, top, side) {
  while (side > 2 * SIDE) {
    const half = canvas(Math.ceil(side / 2));
    const { width } = half.canvas;
    half.drawImage(image, left, top, side, side, 0, 0, width, width);
    [image, left, top, side] = [half.canvas, 0, 0, width];
  }
  const made = canvas(SIDE);
  made.drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
  return made;
}

// Each pixel of the input is the mean of the pixels that it covers. `pixels` is what
// the model sees, and `x`, of shape `[channels, height, width]`, is the same,
// standardised.
function prepare(image, size, { mean, std }) {
  const { data } = image.getImageData(0, 0, SIDE, SIDE);
  const scale = SIDE / size;
  const x = new Float32Array(3 * size * size);
  for (let place = 0; place < SIDE * SIDE; place++) {
    const row = Math.floor(place / SIDE / scale);
    const column = Math.floor(place % SIDE / scale);
    for (let channel = 0; channel < 3; channel++) {
      const value = data[4 * place + channel];
      x[(channel * size + row) * size + column] += value / scale ** 2;
    }
  }
  const pixels = new ImageData(size, size);
  for (let i = 0; i < x.length; i++) {
    const channel = Math.floor(i / size ** 2), place = i % size ** 2;
    pixels.data[4 * place + channel] = Math.round(x[i]);
    pixels.data[4 * place + 3] = 255;
    x[i] = (x[i] - mean[channel]) / std[channel];
  }
  return { x, pixels };
}

// ## The answer
//
// New text for an element that holds nothing else. Its node stays: a new one would let
// the browser match all rules of the style sheets again, on the whole page.
function tell(element, text) {
  if (!element.firstChild) element.append("");
  element.firstChild.data = text;
}

// The `count` most likely classes, each with its probability, as the rows of a list.
function tell_classes(list, logits, classes, count) {
  const probabilities = softmax(logits, logits.length);
  const order = [...probabilities.keys()];
  order.sort((one, other) => probabilities[other] - probabilities[one]);
  while (list.children.length < count) {
    const item = document.createElement("li");
    item.append("", document.createElement("span"), "");
    list.append(item);
  }
  [...list.children].forEach((item, place) => {
    const i = order[place], percent = 100 * probabilities[i];
    item.firstChild.data = classes[i];
    item.lastChild.data = `${percent.toFixed(percent < 9.95 ? 1 : 0)} %`;
    item.style.setProperty("--share", probabilities[i]);
  });
}

// ## Images to choose from
//
// A button for each of the images. `take` gets the image, its name and its button.
async function choices(figure, take) {
  const bytes = await figure.read("images.jpg");
  const sheet = await createImageBitmap(new Blob([bytes]));
  const side = sheet.height;
  return IMAGES.map((name, i) => {
    const button = document.createElement("button");
    const thumb = canvas(side);
    thumb.drawImage(sheet, -side * i, 0);
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-label", name);
    button.setAttribute("aria-pressed", "false");
    button.append(thumb.canvas);
    button.addEventListener("click", () => {
      take(square(sheet, side * i, 0, side), name, button);
    });
    return button;
  });
}
