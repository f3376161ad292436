
// ## Views
//
// The switch works without a script; here it learns to remember, to have an address
// that others can be sent (`?view=prose`), and to leave readers where they were.
{
  const switcher = document.querySelector(".views");

  function remember(name) {
    const address = new URL(location);
    if (name === "both") address.searchParams.delete("view");
    else address.searchParams.set("view", name);
    try {
      history.replaceState(history.state, "", address);
    } catch {
      // A page opened from disk may have no other address.
    }
    try {
      localStorage.setItem("sidelit-view", name);
    } catch {
      // Storage is closed to this page; the address is right all the same.
    }
  }

  // The row that begins high on the screen, or goes on there, stays where it is. Which
  // one that is must be known before the view changes, since a shorter page scrolls.
  const edge = document.querySelector(".bar").offsetHeight;
  const rows = [...document.querySelectorAll(".row")];
  let read;
  let top;

  function note() {
    const boxes = rows.map((row) => row.getBoundingClientRect());
    const begins = boxes.findIndex((box) => box.top >= edge && box.top < innerHeight / 2);
    const place = begins < 0 ? boxes.findIndex((box) => box.bottom > edge) : begins;
    read = scrollY > edge ? rows[place] : undefined;
    top = boxes[place]?.top;
  }

  for (const event of ["pointerdown", "keydown"]) switcher?.addEventListener(event, note);
  switcher?.addEventListener("change", ({ target }) => {
    if (read) {
      const there = Math.max(top, edge - read.offsetHeight / 2);
      scrollBy({ top: read.getBoundingClientRect().top - there, behavior: "instant" });
    }
    remember(target.id.replace("sidelit:view-", ""));
  });
}
