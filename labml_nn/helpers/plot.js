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

  // ## Over the drawing
  //
  // `width` and `height` are those of the drawing, in its own units. `at` turns a place
  // on it into the places of the sliders.
  function cover(width, height, at) {
    const box = document.createElement("span");
    box.className = "plot";
    image.replaceWith(box);
    box.append(image);
    box.insertAdjacentHTML("beforeend", `
      <svg viewBox="0 0 ${width} ${height}" aria-hidden="true"></svg>`);
    const point = ({ clientX, clientY }) => {
      const { left, top, width: shown } = image.getBoundingClientRect();
      const scale = width / shown;
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
    return box.lastElementChild;
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
    const LEFT = 52, RIGHT = 590, TOP = 20, BOTTOM = 330;
    const epochs = Math.max(...results.map((result) => result.epochs.length));
    const step = (RIGHT - LEFT) / Math.max(epochs - 1, 1);
    const marks = cover(720, 380, (x) =>
      x >= LEFT - step && x <= RIGHT + step && [Math.round((x - LEFT) / step)]);
    const answer = answering();
    sliders(figure, "Try: point at the curves.", {
      epoch: { name: "epoch", values: steps(1, epochs, 1), start: epochs },
    }, ({ epoch }) => {
      const all = (key) => results
        .map(({ epochs }) => epochs[epoch - 1]?.[key])
        .filter((share) => share !== undefined).map(percent).join(", ");
      answer.textContent = `After epoch ${epoch}, training ${all("accuracy")}; `
        + `validation ${all("validation_accuracy") || "not measured"}.`;
      const x = LEFT + step * (epoch - 1);
      marks.innerHTML = `<path class="mark" d="M${x} ${TOP}V${BOTTOM}"/>`;
    });
  }

  // ## The confusion matrix
  //
  // The cells are those of [`confusion_matrix`](plot.py#confusion_matrix).
  function matrix({ classes, test: { confusion } }) {
    const SIDE = 46, LEFT = 110, TOP = 96;
    const size = SIDE * classes.length;
    const marks = cover(LEFT + size + 60, TOP + size + 10, (x, y) => {
      const cell = [Math.floor((y - TOP) / SIDE), Math.floor((x - LEFT) / SIDE)];
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
      const x = LEFT + column * SIDE - 1, y = TOP + row * SIDE - 1;
      marks.innerHTML = `
        <rect class="band" x="${LEFT - 1}" y="${y}" width="${size}" height="${SIDE}"/>
        <rect class="band" x="${x}" y="${TOP - 1}" width="${SIDE}" height="${size}"/>
        <rect class="mark" x="${x}" y="${y}" width="${SIDE}" height="${SIDE}"/>`;
    });
  }

  Promise.all(names.map((name) => figure.read(name))).then((files) => {
    const results = files.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
    if (/confusion/.test(image.src)) matrix(results[0]);
    else curves(results);
  }).catch((error) => console.warn(error.message));
}
