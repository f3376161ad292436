// # Reloading a page while it is written
//
// The server tells which pages were edited, and in which section. A page that is loaded
// again keeps its place, unless that section is out of sight: then it goes there.
{
  const key = "sidelit-edited";
  const here = decodeURIComponent(location.pathname).replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");
  const { version } = document.currentScript.dataset;
  new EventSource(`/sidelit-changes?since=${version}`).onmessage = ({ data }) => {
    // Another change may come before the page has been loaded again.
    const before = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    const { anchor = "", place = scrollY } = { ...before, anchor: JSON.parse(data)[here] ?? before.anchor };
    // A browser restores the place by itself, but too late to see what is in sight.
    history.scrollRestoration = "manual";
    sessionStorage.setItem(key, JSON.stringify({ anchor, place }));
    location.reload();
  };
  addEventListener("load", () => {
    const kept = sessionStorage.getItem(key);
    if (!kept) return;
    sessionStorage.removeItem(key);
    const { anchor, place } = JSON.parse(kept);
    scrollTo({ top: place, behavior: "instant" });
    const edited = document.getElementById(anchor);
    const { top = 0, bottom = 1 } = edited?.getBoundingClientRect() ?? {};
    if (bottom < 0 || top > innerHeight) edited.scrollIntoView({ behavior: "instant" });
    // Behind this event, the browser would still go back to the old place.
    setTimeout(() => (history.scrollRestoration = "auto"));
  });
}
