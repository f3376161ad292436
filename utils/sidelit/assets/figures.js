
// ## Figures that run
//
// A figure is still until it comes near the window. Then its files are loaded, in the
// order in which the author has named them, and its script runs inside it. If one of
// them does not come, the figure stays as it is.
{
  const loads = new Map();

  // Scripts and style sheets can be loaded by a page from disk, too.
  function insert(address, place) {
    return new Promise((resolve, reject) => {
      const isStyle = /\.css\?\w*$/.test(address);
      const told = isStyle ? { rel: "stylesheet", href: address } : { src: address };
      const element = Object.assign(document.createElement(isStyle ? "link" : "script"), told);
      element.addEventListener("load", () => resolve(element));
      element.addEventListener("error", () => reject(new Error(`${address} cannot be loaded`)));
      place.append(element);
    });
  }

  // What was loaded once is there; what failed may be tried again.
  function once(address) {
    if (!loads.has(address)) {
      const loading = insert(address, document.head);
      loading.catch(() => loads.delete(address));
      loads.set(address, loading);
    }
    return loads.get(address);
  }

  async function start(figure) {
    const files = figure.dataset.files.split(" ");
    const isData = (address) => /\.data\.js\?\w*$/.test(address);
    const needed = files.filter((address) => !isData(address));
    const own = needed.findLast((address) => !/\.css\?\w*$/.test(address));
    figure.read = async (name) => {
      const ending = `/${encodeURIComponent(name)}.data.js`;
      const address = files.find((one) => `/${one.split("?")[0]}`.endsWith(ending));
      const { data } = await once(address);
      return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    };
    for (const address of needed) if (address !== own) await once(address);
    await insert(own, figure);
  }

  const nearing = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      nearing.unobserve(target);
      start(target).catch((error) => console.warn(error.message));
    }
  }, { rootMargin: "10%" });
  for (const figure of document.querySelectorAll('.figure[data-files*=".js"]')) nearing.observe(figure);
}
