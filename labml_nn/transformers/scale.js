// # Why the square root?
//
// The script of [the figure](mha.py#attention_weights) with random queries and keys. A
// slider says how many numbers each has, and the bars are the softmax of their dot
// products. The numbers are those of the [module](scale.py) of the static version.
{
  const figure = document.currentScript.parentElement;
  const QUERIES = 64, KEYS = 16, WIDEST = 512, SEED = 1;

  // ## Queries and keys
  //
  // Pairs of uniform numbers become numbers from the standard normal distribution, by
  // Box and Muller. All vectors have `WIDEST` of them, of which the first `d_k` count.
  const next = random(SEED);
  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(next()));
    return radius * Math.cos(2 * Math.PI * next());
  };
  const vectors = (count) => Array.from({ length: count }, () =>
    Float64Array.from({ length: WIDEST }, normal));
  const queries = vectors(QUERIES), keys = vectors(KEYS);

  // ## The weights
  const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);

  function softmax_of(scores) {
    const most = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - most));
    const total = sum(powers);
    return powers.map((power) => power / total);
  }

  // `gradient` is the trace of the Jacobian of the softmax.
  function weights(d_k, divisor) {
    const scores = queries.map((query) => keys.map((key) => {
      let product = 0;
      for (let i = 0; i < d_k; i++) product += query[i] * key[i];
      return product / divisor;
    }));
    const found = scores.map(softmax_of);
    const average = (one) => sum(found.map(one)) / QUERIES;
    return {
      first: found[0],
      spread: Math.sqrt(sum(scores.flat().map((score) => score ** 2)) / QUERIES / KEYS),
      largest: average((row) => Math.max(...row)),
      gradient: average((row) => 1 - sum(row.map((weight) => weight ** 2))),
    };
  }

  // ## The table and the bars
  const rows = [...figure.querySelectorAll("tbody tr")];
  const chart = document.createElement("div");
  figure.firstElementChild.replaceWith(chart);

  function show({ d_k }) {
    const both = [weights(d_k, 1), weights(d_k, Math.sqrt(d_k))];
    let parts = "";
    both.forEach(({ first, spread, largest, gradient }, side) => {
      const percent = `${(100 * largest).toFixed(0)} %`;
      [spread.toFixed(2), percent, gradient.toFixed(2)]
        .forEach((text, row) => (rows[row].cells[side + 1].textContent = text));

      const room = 168, height = 120, bottom = 152, bar = room / KEYS;
      const left = side * (room + 24);
      const name = ["without the divisor", `with √${d_k}`][side];
      parts += `<text x="${left}" y="16">${name}</text>
        <path class="rule" d="M${left} ${bottom - height}h${room}"/>
        <path class="rule" d="M${left} ${bottom}h${room}"/>
        <text class="quiet" x="${left}" y="${bottom + 20}">${KEYS} keys</text>`;
      first.forEach((weight, i) => {
        const tall = height * weight;
        parts += `<rect class="${["one", "two"][side]}" x="${left + i * bar + 1}"
          y="${bottom - tall}" width="${bar - 2}" height="${tall}"/>`;
      });
    });
    chart.innerHTML = `<svg viewBox="0 0 360 176" role="img"
      aria-label="The weights of one query for sixteen keys">${parts}</svg>`;
  }

  sliders(figure, "Try: make the vectors longer. Which softmax still looks around?", {
    d_k: { name: "<i>d<sub>k</sub></i>", values: powers_of_two(1, WIDEST), start: 64 },
  }, show);
}
