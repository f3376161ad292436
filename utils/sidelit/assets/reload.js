// # Reloading a page while it is written
//
// The server tells which pages were edited, and in which section. A page that is loaded
// again keeps its place, unless that section is out of sight: then it goes there.
{
  const key = "sidelit-edited";
  const here = decodeURIComponent(location.pathname).replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");
  new EventSource("/sidelit-changes?since=VERSION").onmessage = ({ data }) => {
    const anchor = JSON.parse(data)[here];
    if (anchor) sessionStorage.setItem(key, anchor);
    location.reload();
  };
  addEventListener("load", () => {
    const edited = document.getElementById(sessionStorage.getItem(key) ?? "");
    sessionStorage.removeItem(key);
    const { top = 0, bottom = 1 } = edited?.getBoundingClientRect() ?? {};
    if (bottom < 0 || top > innerHeight) edited.scrollIntoView();
  });
}
