// # Tokens and their price
//
// The script of [the figure](mha.py#what-it-costs) in which the dimensions of a Vision
// Transformer can be moved. It keeps the table of the static version and fills in other
// numbers, and draws the curves anew. The [counts](cost.py) are those of the module
// that made the static version, and a test holds both to the parameters of the model.
{
  const figure = document.currentScript.parentElement;
  const CHANNELS = 3, CLASSES = 1000, D_K = 64, BYTES = 4;

  // ## The counts
  //
  // The names and letters are those of [all pages](__init__.py). One image passes
  // through the model.
  function cost({ H, W, P, D, L }) {
    const tokens = H * W / P ** 2 + 1;
    const layer = 12 * D ** 2 + 9 * D + 2 * 2 * D;
    const embeddings = (CHANNELS * P ** 2 + 1) * D + (tokens + 1) * D;
    return {
      tokens,
      parameters: embeddings + L * layer + 2 * D + (D + 1) * CLASSES,
      attention: L * 2 * tokens ** 2 * D,
      projections: L * 4 * tokens * D ** 2,
      mlp: L * 8 * tokens * D ** 2,
      memory: L * (D / D_K) * tokens ** 2 * BYTES,
    };
  }

  // ## Numbers that can be read
  const three = (value) => String(+value.toPrecision(3));

  function scaled(value, units) {
    let unit = 0;
    for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
    return `${three(value)} ${units[unit]}`;
  }

  function shown(value) {
    if (value < 1e6) return value.toLocaleString("en");
    return scaled(value / 1e6, ["million", "billion", "trillion", "quadrillion"]);
  }

  const shown_bytes = (value) => scaled(value, ["B", "kB", "MB", "GB", "TB", "PB"]);

  // ## The table
  //
  // The rows stand in the order of the counts. The last column is the factor by which
  // twice the height and width are more expensive.
  const rows = [...figure.querySelectorAll("tbody tr")];

  function fill(chosen) {
    const now = Object.entries(cost(chosen));
    const then = cost({ ...chosen, H: 2 * chosen.H, W: 2 * chosen.W });
    now.forEach(([key, value], i) => {
      const show = key === "memory" ? shown_bytes : shown;
      const factor = `×\u00a0${three(then[key] / value)}`;
      const texts = [show(value), show(then[key]), factor];
      texts.forEach((text, column) => (rows[i].cells[column + 1].textContent = text));
    });
  }

  // ## The curves
  //
  // On the left is the smallest square image, on the right one of 1024 pixels, all with
  // the chosen patches, width and layers. An image that is not square is marked at the
  // side of a square one with as many pixels. The scale is that of the largest
  // number, so watch the *shape*: one curve is a parabola, the other is steeper by far.
  const LARGEST = 1024;
  const chart = document.createElement("div");
  chart.className = "moving-chart";
  figure.querySelector("picture").closest("p, figure, .figure > *").replaceWith(chart);

  function draw(chosen) {
    const { clientWidth: width, clientHeight: height } = chart;
    const top = 26, bottom = height - 26, right = width - 74;
    const curves = ["attention", "rest"].map((name) => (side) => {
      const { attention, projections, mlp } = cost({ ...chosen, H: side, W: side });
      return name === "rest" ? projections + mlp : attention;
    });
    const most = Math.max(...curves.map((curve) => curve(LARGEST)));
    const power = 10 ** Math.floor(Math.log10(most));
    const step = power * [0.2, 0.5, 1, 2, 5].find((one) => 5 * one * power > most);
    const x = (side) => right * side / LARGEST;
    const y = (value) => bottom - (bottom - top) * value / most;
    const text = (x, y, words, style, anchor = "start") => `
      <text x="${x}" y="${y}" class="${style}" text-anchor="${anchor}">${words}</text>`;

    let parts = "";
    for (let value = 0; value <= most; value += step) {
      parts += `<path class="rule" d="M0 ${y(value)}h${right}"/>`;
      if (value) parts += text(0, y(value) - 5, shown(value), "quiet");
    }
    for (const side of steps(0, LARGEST, LARGEST / 4)) {
      const words = side === LARGEST ? `${side} px` : side;
      parts += text(x(side), bottom + 20, words, "quiet", side ? "middle" : "start");
    }
    const given = Math.sqrt(chosen.H * chosen.W);
    const marks = [
      [given, `${Math.round(given)} px`, "end"],
      [2 * given, "×\u00a02", "start"],
    ].filter(([side]) => side <= LARGEST);
    for (const [side, words, anchor] of marks) {
      const place = x(side);
      parts += `
        <path class="rule" stroke-dasharray="4 4" d="M${place} ${top}V${bottom}"/>`;
      parts += text(place, top - 10, words, "", place < 60 ? "start" : anchor);
    }
    const ends = curves.map((curve) => y(curve(LARGEST)));
    curves.forEach((curve, i) => {
      const style = ["one", "two"][i];
      const points = steps(0, LARGEST, 32).map((side) => [x(side), y(curve(side))]);
      parts += `<polyline class="curve ${style}" points="${points}"/>`;
      for (const [side] of marks)
        parts += `
          <circle class="${style}" cx="${x(side)}" cy="${y(curve(side))}" r="4.5"/>`;
      const shift = ends[i] < ends[1 - i] || ends[i] === ends[1 - i] && i ? -2 : 14;
      parts += text(right + 8, ends[i] + shift, ["attention", "all else"][i], style);
    });
    chart.innerHTML = `<svg width="${width}" height="${height}" role="img"
      aria-label="Multiplications by the side of an image">${parts}</svg>`;
  }

  // ## The sliders
  //
  // All sides are multiples of all patches, so there is nothing that cannot be cut.
  const show = (side) => `${side} px`;
  const sides = { values: steps(32, 1024, 32), start: 224, show };
  let latest;
  sliders(figure, "Try: halve the patches, or double the height and the width.", {
    H: { ...sides, name: "height <i>H</i>" },
    W: { ...sides, name: "width <i>W</i>" },
    P: { ...sides, name: "patch <i>P</i>", values: powers_of_two(2, 32), start: 16 },
    D: { name: "token <i>D</i>", values: steps(64, 1280, 64), start: 768 },
    L: { name: "layers <i>L</i>", values: steps(1, 32, 1), start: 12 },
  }, (chosen) => {
    latest = chosen;
    fill(chosen);
    draw(chosen);
  });
  new ResizeObserver(() => draw(latest)).observe(chart);
}
