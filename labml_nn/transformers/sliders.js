// # Sliders for figures
//
// The figures on these pages that can be moved share this script and a
// [style sheet](sliders.css). A slider is the browser's own, so it works with the
// pointer, by touch and with the keyboard.
"use strict";

// Puts a line that says what to try, and a slider for each of `rows`, in front of what
// stands in a figure. A row has a `name`, the `values` to choose from, the `start`, and
// may have its own way to `show` a value. `change` gets the chosen values by key, at
// once and after each move.
function sliders(figure, words, rows, change) {
  const chosen = {};
  const box = document.createElement("div");
  box.className = "sliders";
  const told = document.createElement("p");
  told.textContent = words;
  box.append(told);
  for (const [key, { name, values, start, show = String }] of Object.entries(rows)) {
    const label = document.createElement("label");
    label.innerHTML = `<span>${name}</span><input type="range"><output></output>`;
    const [, input, output] = label.children;
    input.max = values.length - 1;
    input.value = values.indexOf(start);
    const move = () => {
      chosen[key] = values[input.value];
      // The browser would read out the place of the value among the others.
      input.ariaValueText = output.textContent = show(chosen[key]);
    };
    input.addEventListener("input", () => {
      move();
      change(chosen);
    });
    move();
    box.append(label);
  }
  figure.prepend(box);
  figure.classList.add("moving");
  change(chosen);
}

// Whole numbers up to and including `last`, `step` apart.
function steps(first, last, step) {
  return Array.from({ length: (last - first) / step + 1 }, (_, i) => first + i * step);
}

const powers_of_two = (first, last) =>
  steps(Math.log2(first), Math.log2(last), 1).map((exponent) => 2 ** exponent);

// Random numbers between 0 and 1, the same in every browser: a multiplication modulo
// a prime number, by Park and Miller. The first number of a small seed is small.
function random(seed) {
  let state = seed;
  const next = () => (state = state * 48271 % 2147483647) / 2147483647;
  next();
  return next;
}
