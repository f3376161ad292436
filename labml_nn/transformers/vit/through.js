// # One image through the model, step by step
//
// The script of [the figure](__init__.py#one-image-through-the-model) that follows an
// image to its logits. What it draws it reads from the [table](through.py) of the still
// form, whose shapes are those of a recorded run.
{
  const figure = document.currentScript.parentElement;
  const rows = [...figure.querySelectorAll("tbody tr")];
  const shapes = rows.map((row) => JSON.parse(row.cells[1].textContent));
  const CLASS_TOKEN = rows.findIndex((row) => /class token/.test(row.textContent));

  const chart = document.createElement("div");
  chart.className = "moving-chart through";
  figure.prepend(chart);

  // ## A drawing of a tensor
  //
  // The last two dimensions are a sheet, and the one before says how many there are; of
  // many, only the first are drawn. Sides grow with the square root, so that 10 and 768
  // fit on the same page. The class token is the first row.
  const MOST = 8, GAP = 7;
  const side = (count) => Math.max(8, 11 * Math.sqrt(count));

  function draw(step) {
    const [, ...dimensions] = shapes[step];
    const columns = dimensions.pop(), count = dimensions.pop() ?? 1;
    const sheets = dimensions.pop() ?? 1;
    const width = side(columns), height = side(count), drawn = Math.min(sheets, MOST);
    const left = 46, top = 28, depth = (drawn - 1) * GAP;

    let parts = "";
    for (let i = drawn - 1; i >= 0; i--)
      parts += `<rect class="sheet" x="${left + i * GAP}" y="${top + depth - i * GAP}"
        width="${width}" height="${height}"/>`;
    if (step >= CLASS_TOKEN && step < rows.length - 1)
      parts += `<rect class="one" x="${left}" y="${top + depth}" width="${width}"
        height="${Math.max(4, height / count)}"/>`;
    const text = (x, y, words, anchor) =>
      `<text class="quiet" x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
    const bottom = top + depth + height;
    parts += text(left + width / 2, bottom + 20, columns, "middle");
    if (shapes[step].length > 2)
      parts += text(left - 8, bottom - height / 2 + 5, count, "end");
    if (sheets > 1)
      parts += text(left + depth + width, top - 10, `× ${sheets}`, "end");
    const [right, end] = [left + depth + width + 10, bottom + 28];
    chart.innerHTML = `<svg width="${right}" height="${end}"
      viewBox="0 0 ${right} ${end}" role="img"
      aria-label="A tensor of shape ${shapes[step].join(", ")}">${parts}</svg>`;
    rows.forEach((row, i) => row.classList.toggle("through-here", i === step));
    // Where there is room, the drawing is beside its row.
    const [here, start] = [rows[step], chart].map((one) => one.getBoundingClientRect());
    chart.style.setProperty("--at", `${here.top - start.top}px`);
  }

  // ## Steps
  //
  // Pointing at a row, or moving to its link with the keyboard, selects its step. A
  // row that only scrolls below a resting pointer is not pointed at.
  sliders(figure, "Try: follow the image, step by step, or point at a row.", {
    step: { name: "step", values: steps(1, rows.length, 1), start: 1 },
  }, ({ step }) => draw(step - 1));
  const slider = figure.querySelector("input");
  rows.forEach((row, step) => {
    for (const kind of ["pointermove", "focusin"])
      row.addEventListener(kind, () => {
        if (slider.value === `${step}`) return;
        slider.value = step;
        slider.dispatchEvent(new Event("input"));
      });
  });
}
