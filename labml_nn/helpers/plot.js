// # Plots that answer
//
// The script of [plots](plot.py) in a page. Pointing at a learning curve tells its
// numbers, pointing at a cell of a confusion matrix tells what was taken for what, and
// sliders do the same for the keyboard. The drawing stays what it is; the numbers come
// from the files of the results that the figure names, and marks lie over the drawing.
{
  const figure = document.currentScript.parentElement;
  const image = figure.querySelector("img");
  const names = figure.dataset.files.match(/[^/ ]+\.json(?=\.data\.js)/g);

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const count = (number) => number.toLocaleString("en");

  // A phone shows a narrow drawing of the same, until it is turned.
  const either = (wide, narrow) => /-narrow\.svg/.test(image.currentSrc) ? narrow : wide;

  // ## Over the drawing
  //
  // `size` tells the width and height of the drawing, in its own units. `at` turns a
  // place on it into the places of the sliders.
  function cover(size, at) {
    const box = document.createElement("span");
    box.className = "plot";
    const drawing = image.closest("picture") ?? image;
    drawing.replaceWith(box);
    box.append(drawing);
    box.insertAdjacentHTML("beforeend", `<svg aria-hidden="true"></svg>`);
    const marks = box.lastElementChild;
    const fit = () => marks.setAttribute("viewBox", `0 0 ${size().join(" ")}`);
    fit();
    image.addEventListener("load", () => {
      fit();
      figure.querySelector(".sliders input").dispatchEvent(new Event("input"));
    });
    const point = ({ clientX, clientY }) => {
      const { left, top, width: shown } = image.getBoundingClientRect();
      const scale = size()[0] / shown;
      const places = at((clientX - left) * scale, (clientY - top) * scale);
      if (places) places.forEach((place, i) => {
        const input = figure.querySelectorAll(".sliders input")[i];
        input.value = place;
        input.dispatchEvent(new Event("input"));
      });
    };
    box.addEventListener("pointermove", point);
    // A finger cannot point without a tap, so its tap does not enlarge the drawing.
    let isFinger = false;
    box.addEventListener("pointerdown", (event) => {
      isFinger = event.pointerType === "touch";
      point(event);
    });
    box.addEventListener("click", (event) => {
      if (!isFinger) return;
      event.preventDefault();
      event.stopPropagation();
    });
    return marks;
  }

  function answering() {
    const answer = document.createElement("p");
    answer.className = "answer";
    answer.setAttribute("role", "status");
    figure.prepend(answer);
    return answer;
  }

  // ## Learning curves
  //
  // The axes are those of [`learning_curves`](plot.py#learning_curves).
  function curves(results) {
    const axes = () => either(
      { width: 720, height: 380, left: 52, right: 590, bottom: 330 },
      { width: 390, height: 290, left: 52, right: 304, bottom: 240 });
    const TOP = 20;
    const epochs = Math.max(...results.map((result) => result.epochs.length));
    const stepOf = ({ left, right }) => (right - left) / Math.max(epochs - 1, 1);
    const marks = cover(() => [axes().width, axes().height], (x) => {
      const { left, right } = axes(), step = stepOf(axes());
      return x >= left - step && x <= right + step && [Math.round((x - left) / step)];
    });
    const answer = answering();
    sliders(figure, "Try: point at the curves.", {
      epoch: { name: "epoch", values: steps(1, epochs, 1), start: epochs },
    }, ({ epoch }) => {
      const all = (key) => results
        .map(({ epochs }) => epochs[epoch - 1]?.[key])
        .filter((share) => share !== undefined).map(percent).join(", ");
      answer.textContent = `After epoch ${epoch}, training ${all("accuracy")}; `
        + `validation ${all("validation_accuracy") || "not measured"}.`;
      const x = axes().left + stepOf(axes()) * (epoch - 1);
      marks.innerHTML = `<path class="mark" d="M${x} ${TOP}V${axes().bottom}"/>`;
    });
  }

  // ## The confusion matrix
  //
  // The cells are those of [`confusion_matrix`](plot.py#confusion_matrix).
  function matrix({ classes, test: { confusion } }) {
    const cells = () => either(
      { side: 46, left: 110, top: 96, right: 60 },
      { side: 30, left: 86, top: 86, right: 2 });
    const sizeOf = ({ side, left, top, right }) =>
      [left + side * classes.length + right, top + side * classes.length + 10];
    const marks = cover(() => sizeOf(cells()), (x, y) => {
      const { side, left, top } = cells();
      const cell = [Math.floor((y - top) / side), Math.floor((x - left) / side)];
      return cell.every((place) => place in classes) && cell;
    });
    const answer = answering();
    const one = { values: [...classes.keys()], show: (i) => classes[i] };
    sliders(figure, "Try: point at a cell.", {
      row: { ...one, name: "true class", start: 0 },
      column: { ...one, name: "taken for", start: 0 },
    }, ({ row, column }) => {
      const all = confusion[row].reduce((sum, number) => sum + number);
      const found = confusion[row][column];
      const verb = row === column ? "recognised" : `taken for ${classes[column]}`;
      answer.textContent = `Of ${count(all)} images of the class ${classes[row]}, `
        + `${count(found)} were ${verb}: ${percent(found / all)}.`;
      const { side, left, top } = cells(), size = side * classes.length;
      const x = left + column * side - 1, y = top + row * side - 1;
      marks.innerHTML = `
        <rect class="band" x="${left - 1}" y="${y}" width="${size}" height="${side}"/>
        <rect class="band" x="${x}" y="${top - 1}" width="${side}" height="${size}"/>
        <rect class="mark" x="${x}" y="${y}" width="${side}" height="${side}"/>`;
    });
  }

  Promise.all(names.map((name) => figure.read(name))).then((files) => {
    const results = files.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
    if (/confusion/.test(image.src)) matrix(results[0]);
    else curves(results);
  }).catch((error) => console.warn(error.message));
}
