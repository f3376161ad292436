
// ## Views
//
// The switch works without a script; here it learns to remember, to have an address of
// its own that others can be sent (`?view=prose`), and to leave readers where they were.
{
  const buttons = [...document.querySelectorAll(".views input")];
  let shown = buttons.find((button) => button.checked);

  const nameOf = (button) => button.id.replace("sidelit:view-", "");

  function remember(name) {
    const address = new URL(location);
    if (name === "both") address.searchParams.delete("view");
    else address.searchParams.set("view", name);
    try {
      localStorage.setItem("sidelit-view", name);
      history.replaceState(history.state, "", address);
    } catch {
      // A page opened from disk may have neither storage nor another address.
    }
  }

  // The row that is read stays where it is on the screen. To see where that was, the
  // switch is put back for a moment that nobody sees.
  for (const button of buttons) {
    button.addEventListener("change", () => {
      shown.checked = true;
      const edge = document.querySelector(".bar").offsetHeight;
      const rows = [...document.querySelectorAll(".row")];
      const read = scrollY > edge && rows.find((row) => row.getBoundingClientRect().bottom > edge + 1);
      const before = read && read.getBoundingClientRect().top;
      button.checked = true;
      shown = button;
      if (read) {
        const after = Math.max(before, edge - read.offsetHeight / 2);
        scrollBy({ top: read.getBoundingClientRect().top - after, behavior: "instant" });
      }
      remember(nameOf(button));
    });
  }
}
