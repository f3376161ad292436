// # Diagrams
//
// A diagram is its source until it comes near the window or the page has been loaded.
// Then Mermaid is loaded, once for the page, and draws it in the font of the page and
// in the colours of each theme: a reader may switch, and paper is light. What cannot be
// drawn stays its source, with the reason below it.
"use strict";
{
  const own = new URL(document.currentScript.src);
  const blocks = [...document.querySelectorAll("pre.diagram")];
  const SIZE = 15;
  let loading;

  const load = () => (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`mermaid.js${own.search}`, own);
    script.addEventListener("load", () => resolve(globalThis.mermaid));
    script.addEventListener("error", () => {
      loading = undefined;
      reject(new Error(`${script.src} cannot be loaded`));
    });
    document.head.append(script);
  }));

  // ## Colours
  //
  // Mermaid reads no variables of style sheets and mixes colours itself, so it is given
  // those of the page as numbers, of either theme. What is told apart by colour has
  // those of code.
  const probe = document.createElement("span");
  probe.hidden = true;

  function mixed(color, share = 100) {
    probe.style.color = `color-mix(in srgb, ${color} ${share}%, var(--background))`;
    const parts = getComputedStyle(probe).color.match(/(?<= )[\d.e-]+/g).slice(0, 3);
    return `#${parts.map((part) => Math.round(part * 255).toString(16).padStart(2, "0")).join("")}`;
  }

  function colorOfCode(kind) {
    probe.className = kind;
    probe.style.color = "";
    const { color } = getComputedStyle(probe);
    probe.className = "";
    return color;
  }

  function colors(scheme) {
    probe.style.colorScheme = scheme;
    const [background, text, muted, rule, group, note] = ["background", "text", "muted", "rule", "code-background", "lit"].map((name) => mixed(`var(--${name})`));
    const [box, edge] = [mixed("var(--accent)", 9), mixed("var(--accent)", 55)];
    const series = ["var(--accent)", ...["nf", "s", "mi", "k", "nb"].map(colorOfCode)];
    const told = {
      darkMode: scheme === "dark",
      background,
      primaryColor: box,
      primaryTextColor: text,
      primaryBorderColor: edge,
      secondaryColor: group,
      secondaryTextColor: text,
      secondaryBorderColor: rule,
      tertiaryColor: group,
      tertiaryTextColor: text,
      tertiaryBorderColor: rule,
      lineColor: muted,
      textColor: text,
      titleColor: text,
      clusterBkg: group,
      clusterBorder: rule,
      edgeLabelBackground: background,
      rowOdd: background,
      rowEven: group,
      noteBkgColor: note,
      noteTextColor: text,
      noteBorderColor: note,
      actorLineColor: rule,
      signalColor: muted,
      labelBoxBorderColor: rule,
      gridColor: rule,
      sectionBkgColor: group,
      sectionBkgColor2: group,
      altSectionBkgColor: background,
      pieStrokeColor: background,
      pieOuterStrokeColor: background,
      pieOpacity: 1,
      xyChart: { backgroundColor: background, titleColor: text, plotColorPalette: series.map((color) => mixed(color, 60)).join() },
    };
    for (const axis of ["xAxis", "yAxis"]) {
      for (const part of ["Label", "Title", "Tick", "Line"]) told.xyChart[`${axis}${part}Color`] = muted;
    }
    for (let number = 0; number < 12; number++) {
      const color = series[number % series.length];
      const fill = mixed(color, number < series.length ? 30 : 18);
      for (const name of [`pie${number + 1}`, `cScale${number}`, `fillType${number}`]) told[name] = fill;
      for (const name of [`git${number}`, `cScaleInv${number}`]) told[name] = mixed(color, 50);
      for (const name of [`cScaleLabel${number}`, `gitBranchLabel${number}`]) told[name] = text;
    }
    return told;
  }

  // ## Drawing
  //
  // One after the other, since Mermaid has one state for all.
  const family = getComputedStyle(document.documentElement).getPropertyValue("--sans").trim();
  const stage = document.createElement("div");
  stage.className = "stage";
  let queue = Promise.resolve();

  // What a diagram may not choose for itself: its look must not reach beyond it.
  const SECURE = ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "themeCSS", "fontFamily", "altFontFamily", "dompurifyConfig"];

  function settings(scheme) {
    return {
      startOnLoad: false,
      securityLevel: "strict",
      secure: SECURE,
      suppressErrorRendering: true,
      deterministicIds: true,
      logLevel: "fatal",
      gantt: { fontSize: 13, sectionFontSize: 13 },
      fontFamily: family,
      theme: "base",
      themeVariables: { ...colors(scheme), fontFamily: family, fontSize: `${SIZE}px` },
    };
  }

  async function drawn(mermaid, block, scheme, source) {
    stage.style.width = `${widthOf(block)}px`;
    mermaid.initialize(settings(scheme));
    const id = `sidelit-diagram-${blocks.indexOf(block) + 1}-${scheme}`;
    const { svg: text } = await mermaid.render(id, source, stage);
    const box = document.createElement("div");
    box.innerHTML = text;
    const svg = box.firstElementChild;
    const { width, height } = svg.viewBox.baseVal;
    svg.removeAttribute("style");
    svg.setAttribute("class", `${scheme} ${svg.getAttribute("class") ?? ""}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.style.setProperty("--width", `${width}px`);
    // To a screen reader it is an image, and nothing in it can be followed.
    for (const link of svg.querySelectorAll("a")) {
      const group = document.createElementNS(svg.namespaceURI, "g");
      if (link.hasAttribute("transform")) group.setAttribute("transform", link.getAttribute("transform"));
      group.append(...link.childNodes);
      link.replaceWith(group);
    }
    svg.removeAttribute("aria-roledescription");
    svg.setAttribute("role", "img");
    if (!svg.hasAttribute("aria-labelledby")) svg.setAttribute("aria-label", titleOf(source));
    return svg;
  }

  const titleOf = (source) => /^\s*(?:pie\s+(?:showData\s+)?)?title:?\s+"?([^"\n]+)/m.exec(source)?.[1].trim() ?? "Diagram";

  // Within what is folded, a block has no width yet.
  const widthOf = (part) => part.clientWidth || widthOf(part.parentElement);

  async function draw(block) {
    const source = block.querySelector("code").textContent;
    document.body.append(probe, stage);
    try {
      const [mermaid] = await Promise.all([load(), document.fonts.load(`${SIZE}px ${family}`, source)]);
      const schemes = ["light", "dark"];
      const images = [];
      for (const scheme of schemes) images.push(await drawn(mermaid, block, scheme, source));
      place(block, () => show(block, images), "Drawing");
    } catch (error) {
      place(block, () => explain(block, error), "Why not drawn");
    } finally {
      stage.remove();
      probe.remove();
    }
  }

  function show(block, images) {
    const figure = document.createElement("div");
    figure.className = "diagram";
    if (images[0].width.baseVal.value > widthOf(block)) figure.classList.add("wide");
    const drawing = document.createElement("div");
    drawing.className = "drawing";
    drawing.append(...images);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy source";
    button.textContent = "Source";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      block.hidden = !block.hidden;
      button.setAttribute("aria-expanded", String(!block.hidden));
    });
    block.replaceWith(figure);
    figure.append(drawing, button, block.querySelector(".copy") ?? "", block);
    block.hidden = true;
    for (const shape of drawing.querySelectorAll('.node > [style*="fill:"]')) ensureContrast(shape);
    fitting.observe(drawing);
  }

  // An author who fills a box has seen it in one theme. So its text is black or white,
  // whichever is further from the fill, unless that has been chosen as well.
  function ensureContrast(shape) {
    const parts = getComputedStyle(shape).fill.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
    if (!parts) return;
    const [red, green, blue] = parts.slice(1);
    const color = 0.3 * red + 0.59 * green + 0.11 * blue > 140 ? "#000" : "#fff";
    const texts = [...shape.parentElement.querySelectorAll(".label, .label *")];
    for (const text of texts.filter((one) => !one.closest('[style*="color:"]'))) text.style.setProperty("color", color, "important");
  }

  // What is too wide to be made smaller scrolls, and the keyboard has to reach it.
  const fitting = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });

  function explain(block, error) {
    const told = document.createElement("p");
    told.className = "undrawn";
    const [reason] = error.message.split("\n");
    told.textContent = `This diagram cannot be drawn: ${reason.replace(/[:.]$/, "")}.`;
    block.after(told);
  }

  // ## Its place
  //
  // A drawing is seldom as high as its source, and nothing that is being read may move.
  // So what follows the first diagram in the window is not seen until all in the window
  // are drawn. If that takes too long, or the reader goes elsewhere, it is seen, and so
  // are the sources. From then on a drawing takes the place of its source out of sight,
  // or when the reader asks.
  const PATIENCE = 2000;
  const nextFrame = () => new Promise(requestAnimationFrame);
  const late = new Map();
  let unseen = [];
  let awaited = new Set();

  const isInSight = ({ top, bottom }) => bottom > 0 && top < innerHeight;

  function withhold(inSight) {
    const [first] = inSight;
    awaited = new Set(inSight);
    const { bottom } = first.getBoundingClientRect();
    unseen = inSight.map((block) => block.querySelector("code"));
    for (let part = first; part !== document.body; part = part.parentElement) {
      for (let next = part.nextElementSibling; next; next = next.nextElementSibling) {
        if (next.getBoundingClientRect().top >= bottom) unseen.push(next);
      }
    }
    for (const part of unseen) part.classList.add("unseen");
    setTimeout(reveal, PATIENCE);
  }

  function reveal() {
    awaited.clear();
    for (const part of unseen) part.classList.remove("unseen");
    unseen = [];
  }

  // What becomes visible where it has been for a frame has not moved.
  async function placed(block) {
    if (!awaited.delete(block) || awaited.size) return;
    await nextFrame();
    await nextFrame();
    reveal();
  }

  addEventListener("scroll", () => {
    if (![...awaited].some((block) => isInSight(block.getBoundingClientRect()))) reveal();
  });

  function place(block, change, label) {
    pending.delete(block);
    const isRead = !document.hidden && isInSight(block.getBoundingClientRect());
    if (awaited.has(block) || paper || !isRead) {
      change();
      placed(block);
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy source";
    button.textContent = label;
    button.addEventListener("click", () => late.get(block)());
    block.append(button);
    late.set(block, () => {
      late.delete(block);
      leaving.unobserve(block);
      button.remove();
      change();
    });
    leaving.observe(block);
  }

  const leaving = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (!isIntersecting) late.get(target)?.();
  });

  // ## Its time
  const paper = document.body.classList.contains("paper");
  const waiting = new Set(blocks);
  const pending = new Set(blocks);

  function begin(block) {
    if (!waiting.delete(block)) return;
    nearing.unobserve(block);
    queue = queue.then(() => draw(block));
  }

  const nearing = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) begin(target);
  }, { rootMargin: "100%" });
  for (const block of blocks) nearing.observe(block);
  // Before its first frame, a browser goes to where the address leads.
  requestAnimationFrame(() => {
    const inSight = [...pending].filter((block) => isInSight(block.getBoundingClientRect()));
    if (inSight.length && !paper) withhold(inSight);
  });
  // A printer sees all of them, and no browser waits for what begins as it prints. So
  // the others are drawn once there is nothing else to do, unless data is to be saved.
  const beginAll = () => blocks.forEach(begin);
  if (!navigator.connection?.saveData) {
    const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
    addEventListener("load", () => whenIdle(beginAll));
  }
  addEventListener("beforeprint", () => {
    for (const change of [...late.values()]) change();
    beginAll();
  });
  if (paper) beginAll();
}
