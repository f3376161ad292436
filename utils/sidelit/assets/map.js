// # The map, lit
//
// Whoever points at a page sees which others it builds on and which build on it.
for (const chart of document.querySelectorAll(".chart")) {
  const paths = [...chart.querySelectorAll("path")];
  const cards = [...chart.querySelectorAll("[data-page]")];

  const lightWay = ({ target }) => {
    const page = target.closest?.("[data-page]")?.dataset.page;
    const near = new Set([page]);
    for (const path of paths) {
      const { from, to } = path.dataset;
      const on = from === page || to === page;
      path.classList.toggle("lit-way", on);
      if (on) near.add(from).add(to);
    }
    for (const card of cards) card.classList.toggle("near", near.has(card.dataset.page));
    chart.classList.toggle("lighted", page !== undefined);
  };
  for (const event of ["pointerover", "focusin"]) chart.addEventListener(event, lightWay);
  for (const event of ["pointerleave", "focusout"]) chart.addEventListener(event, () => lightWay({ target: chart }));
}
