"""How pages look: the three views, the measure of lines, and colours that can be read."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import THEMES, WIDTHS, at_widths, in_themes
from tests.browser.test_pages import ATTENTION, HOME, MIDDLE, SMALL, VIT, axe, ending
from tests.conftest import ROOT

VIEWS = {"both": "Side by side", "prose": "Prose first", "code": "Code only"}


def look(page, view):
    """Choose a view as one does with a mouse or a finger."""
    page.locator(f".views label[title='{VIEWS[view]}']").click()


def chosen(page):
    return page.locator(".views :checked").get_attribute("aria-label")


def visible(page):
    """Whether prose and code of a row that has both can be seen, and the whole code."""
    row = page.locator(".row:has(c-l + c-l):has(.prose p)").first
    return (
        row.locator(".prose p").first.is_visible(),
        row.locator("c-l").first.is_visible(),
        row.locator("c-l").nth(1).is_visible(),
    )


# ## The bar on a phone
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("url", ["transformers/vit/experiment.html", VIT])
def test_the_bar_of_a_phone_has_all_its_buttons_and_no_piece_of_a_name(
    visit, url, theme
):
    page = visit(url, width=390, color_scheme=theme)
    expect(page.locator(".tools > .tool:visible")).to_have_count(3)
    for width in (320, 360, 390, 600, 800):
        page.set_viewport_size({"width": width, "height": 844})
        buttons = page.locator(
            ".bar > :is(button, .brand), .views label, .tools > .tool"
        )
        boxes = [button.bounding_box() for button in buttons.all()]
        assert len(boxes) == 8
        for box in boxes:
            assert min(box["width"], box["height"]) >= 24, width
        # None lies on the next one, or beyond the edge.
        ends = [box["x"] + box["width"] for box in boxes]
        starts = [box["x"] for box in boxes[1:]] + [width]
        assert all(end <= start for end, start in zip(ends, starts, strict=True)), width
        seen = page.locator(".crumbs li").evaluate_all(
            """names => names
              .filter(name => name.offsetWidth && name.getBoundingClientRect().top < name.parentElement.getBoundingClientRect().bottom)
              .map(name => [name.textContent, name.scrollWidth > name.clientWidth])"""
        )
        assert not any(is_cut for _, is_cut in seen), (width, seen)
        # As many as there is room for, that of the page first.
        assert bool(seen) == (width > 390 or (url == VIT and width > 320)), width
        assert (len(seen) > 1) == (width >= 600), width


def test_short_code_stays_whole_and_fits(visit):
    """Also the longest of it, in the largest prose, where it is the whole line."""
    page = visit(HOME, width=390)
    page.set_viewport_size({"width": 320, "height": 844})
    whole = page.locator(".lead > p > .whole").first
    longest = "x" * 20 + " x"
    page.locator(".lead > h1").evaluate(
        """(title, text) => {
          const opening = document.createElement("p");
          opening.innerHTML = `<code class="whole">${text}</code>`;
          title.after(opening);
        }""",
        longest,
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    box = page.locator(".lead > h1 + p > .whole").bounding_box()
    assert box["x"] + box["width"] <= 320
    for one in (whole, page.locator(".lead > h1 + p > .whole")):
        assert one.evaluate("one => one.getClientRects().length") == 1


def test_a_table_of_four_columns_fits_the_smallest_phone(visit):
    page = visit("transformers/vit/experiment.html", width=390)
    page.set_viewport_size({"width": 320, "height": 844})
    # What is far from the window has not been laid out.
    page.add_style_tag(content=".lead > * { content-visibility: visible !important }")
    table = page.locator(".table", has_text="automobile")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


# ## Figures on a phone
#
# The heights of all words, in pixels of the page. A drawing in an image cannot be looked
# into, so it is put into the page for a moment, as wide as it is there.
HEIGHTS = """
async () => {
  const found = [];
  const measure = (name, svg) => {
    for (const text of svg.querySelectorAll("text, tspan")) {
      const { a, b } = text.ownerSVGElement.getScreenCTM();
      const height = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
      found.push([name, text.textContent, height]);
    }
  };
  for (const svg of document.querySelectorAll("main .figure svg")) measure("running", svg);
  for (const image of document.querySelectorAll("main img")) {
    if (!/\\.svg(\\?|$)/.test(image.currentSrc)) continue;
    const box = document.createElement("div");
    box.style.width = `${image.getBoundingClientRect().width}px`;
    box.innerHTML = await (await fetch(image.currentSrc)).text();
    box.firstElementChild.removeAttribute("width");
    box.firstElementChild.removeAttribute("height");
    document.body.append(box);
    measure(image.currentSrc, box);
    box.remove();
  }
  return found;
}
"""
WITH_FIGURES = [
    VIT,
    ATTENTION,
    "transformers/models.html",
    "transformers/vit/experiment.html",
    "transformers/vit/figures.html",
]


def test_these_are_the_pages_with_figures(own_site):
    holding = {
        str(file.relative_to(own_site))
        for file in own_site.rglob("*.html")
        if re.search(r'<img [^>]*\.svg"', file.read_text("utf-8"))
    }
    assert holding == set(WITH_FIGURES)


@pytest.mark.parametrize("url", WITH_FIGURES)
def test_every_word_of_a_figure_can_be_read_on_a_phone(visit, url):
    page = visit(url, width=390)
    for figure in page.locator(".figure").all():
        figure.scroll_into_view_if_needed()
    moving = page.locator(".figure[data-files*='sliders.js']")
    expect(page.locator(".moving")).to_have_count(moving.count())
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
    found = page.evaluate(HEIGHTS)
    assert found
    assert [one for one in found if one[2] < 11] == []


# ## Views
@pytest.mark.parametrize("script", [True, False])
def test_three_views(visit, script):
    page = visit(SMALL, java_script_enabled=script)
    for width in at_widths(page, 1440, 1024, 390):
        assert visible(page) == (True, True, True), width
        look(page, "prose")
        assert visible(page) == (True, True, False), width
        look(page, "code")
        assert visible(page) == (False, True, True), width
        look(page, "both")
        assert visible(page) == (True, True, True), width


def test_prose_is_one_column_and_its_code_unfolds(visit):
    page = visit(SMALL)
    look(page, "prose")
    row = page.locator(".row:has(c-l + c-l):has(.prose p)").first
    prose, code = row.locator(".prose p").first, row.locator(".code")
    top, bottom = prose.bounding_box(), code.bounding_box()
    assert bottom["x"] <= top["x"] < bottom["x"] + 40
    assert bottom["y"] >= top["y"] + top["height"]
    fold = row.locator(".fold input")
    count = row.locator("c-l").count()
    assert row.locator(".fold").inner_text() == f"all {count} lines"
    # With the mouse, anywhere on the first line.
    code.click(position={"x": 40, "y": 15})
    expect(fold).to_be_checked()
    expect(row.locator("c-l").last).to_be_visible()
    expect(row.get_by_role("button", name="Copy")).to_be_visible()
    # With the keyboard.
    fold.focus()
    page.keyboard.press("Space")
    expect(row.locator("c-l").last).not_to_be_visible()
    # With a finger.
    touch = visit(f"{SMALL}?view=prose", 390, has_touch=True)
    row = touch.locator(".row:has(.fold)").nth(1)
    row.locator(".fold").tap()
    expect(row.locator("c-l").last).to_be_visible()


def test_arrows_stay_on_the_line_that_is_not_folded(visit):
    page = visit(f"{SMALL}?view=prose")
    block = page.locator(".code:has(.fold) pre:has(c-l:first-child > [b])").first
    block.locator("[tabindex='0']").focus()
    for key in ["ArrowDown"] + ["ArrowRight"] * block.locator("[b], a").count():
        page.keyboard.press(key)
    stop = block.locator("[tabindex='0']")
    expect(stop).to_be_visible()
    assert stop.evaluate("one => one === document.activeElement")


def test_tables_and_captions_begin_where_the_text_does(visit):
    page = visit("transformers/vit/experiment.html?view=prose")
    left = page.locator(".lead > p").first.bounding_box()["x"]
    for kind in (".lead > .table", ".lead figcaption"):
        assert page.locator(kind).count()
        for one in page.locator(kind).all():
            assert one.bounding_box()["x"] == pytest.approx(left, abs=1)


def test_code_alone_is_the_file_without_its_prose(visit):
    page = visit(ATTENTION)
    look(page, "code")
    expect(page.locator(".prose p").first).not_to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    lines = page.locator("c-l").evaluate_all(
        "lines => lines.filter(l => l.textContent.trim()).map(l => [l.getBoundingClientRect().x, l.textContent])"
    )
    assert len({x for x, _ in lines}) == 1
    source = (ROOT / "labml_nn/transformers/mha.py").read_text()
    assert all(text.strip() in source for _, text in lines)
    # No link that cannot be seen is reached with the keyboard.
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement.checkVisibility({ visibilityProperty: true })"
        )


def test_views_by_keyboard(visit):
    page = visit(SMALL)
    page.locator(".views :checked").focus()
    seen = [chosen(page)]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        seen.append(chosen(page))
        assert (
            page.locator(":focus").evaluate("on => getComputedStyle(on).outlineStyle")
            == "solid"
        )
    assert seen == [*VIEWS.values(), "Side by side"]


def test_a_view_is_remembered_and_has_an_address(visit):
    page = visit(SMALL)
    look(page, "prose")
    expect(page).to_have_url(ending("?view=prose"))
    page.goto(page.url.replace(f"{SMALL}?view=prose", ATTENTION))
    assert chosen(page) == "Prose first"
    # An address that names a view wins, for this page, and its anchor is no worse off.
    page.goto(page.url + "?view=both#MultiHeadAttention.forward")
    assert chosen(page) == "Side by side"
    assert (
        0 < page.locator("[id='MultiHeadAttention.forward']").bounding_box()["y"] < 200
    )
    page.goto(page.url.partition("?")[0])
    assert chosen(page) == "Prose first"
    look(page, "both")
    expect(page).to_have_url(ending(ATTENTION))
    page.goto(page.url + "?view=nonsense")
    assert chosen(page) == "Side by side"


def test_a_view_has_an_address_without_storage(visit):
    page = visit(f"{SMALL}?view=code")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error(); }; }")
    look(page, "prose")
    expect(page).to_have_url(ending("?view=prose"))
    page.reload()
    assert chosen(page) == "Prose first"


def test_views_work_from_disk(visit, own_site):
    page = visit((own_site / SMALL).as_uri() + "?view=code")
    assert chosen(page) == "Code only"
    look(page, "prose")
    assert visible(page) == (True, True, False)


def test_a_change_of_view_keeps_the_place(visit):
    page = visit(VIT)
    row = page.locator("[id='PatchEmbeddings.forward']")
    row.evaluate("row => scrollTo(0, row.getBoundingClientRect().top + scrollY - 100)")
    for view in ("code", "prose", "both"):
        # `click` of a locator would scroll first.
        box = page.locator(f".views label[title='{VIEWS[view]}']").bounding_box()
        page.mouse.click(box["x"] + 9, box["y"] + 9)
        assert 0 < row.bounding_box()["y"] < 200, view


def test_no_view_scrolls_sideways(visit):
    page = visit(VIT)
    for width in at_widths(page, 1440, 1024, 390):
        for view in ("prose", "code"):
            look(page, view)
            fits = "document.documentElement.scrollWidth <= innerWidth"
            assert page.evaluate(fits), (width, view)


# What changed the style of elements, and why.
TRACED = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline.invalidationTracking",
]


def test_a_changed_word_leaves_the_style_of_the_rest_alone(visit, browser):
    page = visit(VIT)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    for view in VIEWS:
        look(page, view)
        word = page.locator(".prose p").nth(8)
        word.evaluate("one => one.replaceChildren('one') ?? one.offsetHeight")
        browser.start_tracing(page=page, categories=TRACED)
        for _ in range(5):
            word.evaluate("one => one.replaceChildren('two') ?? one.offsetHeight")
        trace = json.loads(browser.stop_tracing())["traceEvents"]
        counts = [
            event["args"]["elementCount"]
            for event in trace
            if event["name"] == "UpdateLayoutTree" and "elementCount" in event["args"]
        ]
        assert counts
        reasons = {
            event["args"]["data"].get("reason")
            for event in trace
            if event["name"] == "StyleRecalcInvalidationTracking"
        }
        # On a slow machine, what the page does by itself may come in between.
        assert min(counts) < 200, (view, counts, reasons)


def test_axe_is_content_with_every_view(visit):
    page = visit(MIDDLE)
    for width in at_widths(page, 1440, 390):
        for view in ("prose", "code"):
            look(page, view)
            if view == "prose":
                page.locator(".fold input").first.evaluate("box => box.click()")
            # No view has other colours but in what it alone shows.
            found = axe(page, themes=THEMES, dark=".bar, .fold")
            assert found == [], (width, view)


# ## Measure
@pytest.mark.parametrize("url", [HOME, VIT, "sidelit/read/lexer.html"])
def test_lines_of_prose_have_60_to_75_characters(visit, url):
    page = visit(f"{url}?view=both")
    for width, view in ((1440, "both"), (1440, "prose"), (1024, "prose")):
        if view != "both":
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            page.goto(f"{page.url.partition('?')[0]}?view={view}")
        page.evaluate("document.fonts.ready")
        lines = full_lines(page)
        assert len(lines) >= 4, (width, view)
        average = sum(lines) / len(lines)
        assert 58 <= average <= 75, (width, view)


def full_lines(page):
    """The letters of each full line; a paragraph has all but the last."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".lead > p, .row > .prose > p")].flatMap((paragraph) => {
          const range = document.createRange(), lines = [];
          const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
          if (paragraph.querySelector(".katex, code")) return [];
          let top = null;
          while (walker.nextNode()) {
            const node = walker.currentNode;
            for (let at = 0; at < node.length; at++) {
              range.setStart(node, at);
              range.setEnd(node, at + 1);
              const box = range.getBoundingClientRect();
              if (!box.width) continue;
              if (top === null || box.top > top + 8) { lines.push(0); top = box.top; }
              lines[lines.length - 1]++;
            }
          }
          return lines.slice(0, -1);
        })"""
    )


def test_88_columns_of_code_fit_in_each_view(visit):
    page = visit("sidelit/read/lexer.html")
    for view in VIEWS:
        look(page, view)
        if view == "prose":
            page.locator(".fold input").evaluate_all(
                "all => all.forEach(one => one.checked = true)"
            )
        box = page.locator("c-l").first.evaluate(
            """line => { const code = line.closest("pre"), style = getComputedStyle(code);
              const canvas = document.createElement("canvas").getContext("2d");
              canvas.font = `${style.fontSize} ${style.fontFamily}`;
              const inner = code.clientWidth - parseFloat(getComputedStyle(line).paddingLeft) + 2 * canvas.measureText("0").width;
              return { columns: inner / canvas.measureText("0").width, size: parseFloat(style.fontSize) }; }"""
        )
        assert box["columns"] >= 88 or view == "prose", (view, box)
        assert box["size"] >= 12, (view, box)


# ## Colours
CONTRAST = """
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => { pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = color; pixel.fillRect(0, 0, 1, 1); return [...pixel.getImageData(0, 0, 1, 1).data]; };
  const light = (color) => rgb(color).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (one, two) => { const [a, b] = [light(one), light(two)].sort(); return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  const probe = document.body.appendChild(document.createElement("i"));
  const colorOf = (value) => { probe.style.color = value; return getComputedStyle(probe).color; };
"""


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_can_be_read_on_every_ground(visit, theme):
    page = visit(SMALL, color_scheme=theme)
    faint = page.evaluate(
        f"""() => {{ {CONTRAST}
          const grounds = ["--background", "--code-background", "--raised", "--tint", "--lit"].map((name) => [name, colorOf(`var(${{name}})`)]);
          const inks = ["--text", "--muted", "--accent"].map((name) => [name, colorOf(`var(${{name}})`)]);
          const code = document.querySelector(".code code");
          const kinds = ["k", "mi", "nf", "nb", "bp", "s", "si", "c", "nd", "n", "o"].map((kind) => {{
            const word = code.appendChild(document.createElement(`t-${{kind}}`));
            return [kind, getComputedStyle(word).color]; }});
          const faint = [];
          for (const [ink, one] of [...inks, ...kinds]) for (const [ground, two] of grounds) {{
            const isProse = ink.startsWith("--");
            if (ground === "--tint" && !isProse) continue;
            if (ground === "--lit" && ["--muted", "c"].includes(ink)) continue;
            const value = contrast(one, two);
            if (value < 4.5) faint.push([ink, ground, value.toFixed(2)]);
          }}
          return faint; }}"""
    )
    assert faint == []


def test_line_numbers_can_be_read(visit):
    page = visit(SMALL)
    for theme in in_themes(page):
        value = page.evaluate(
            f"""() => {{ {CONTRAST}
              const style = getComputedStyle(document.querySelector("c-l"), "::before");
              const ground = rgb(colorOf("var(--code-background)")), ink = rgb(style.color);
              const mixed = ink.map((v, i) => Math.round(v * style.opacity + ground[i] * (1 - style.opacity)));
              return contrast(`rgb(${{mixed.slice(0, 3)}})`, `rgb(${{ground.slice(0, 3)}})`); }}"""
        )
        assert value >= 4.5, theme


def test_permalinks_can_be_read(visit):
    page = visit(SMALL)
    row = page.locator(".row:has(> .prose > .permalink)").first
    row.hover()
    for theme in in_themes(page):
        value = row.locator(".permalink").first.evaluate(
            f"""link => {{ {CONTRAST}
              const style = getComputedStyle(link);
              const ground = rgb(colorOf("var(--background)")), ink = rgb(style.color);
              const mixed = ink.map((v, i) => Math.round(v * style.opacity + ground[i] * (1 - style.opacity)));
              return contrast(`rgb(${{mixed.slice(0, 3)}})`, `rgb(${{ground.slice(0, 3)}})`); }}"""
        )
        assert value >= 4.5, theme


def test_nothing_moves_for_who_wants_no_motion(visit):
    page = visit(VIT)
    moving = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("*")].filter((one) => {
          const style = getComputedStyle(one);
          return style.scrollBehavior === "smooth" || style.transitionDuration !== "0s" || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_the_frame_of_the_browser_has_the_colour_of_the_page(visit):
    page = visit(SMALL, color_scheme="dark")
    tones = "[...document.querySelectorAll('meta[name=theme-color]')].filter(one => matchMedia(one.media).matches).map(one => one.content)"
    dark = page.evaluate(tones)
    page.get_by_role("button", name="Theme: Auto").click()
    light = page.evaluate(tones)
    assert len(dark) == len(light) == 1
    assert dark != light


# ## Fonts
def test_only_fonts_that_a_page_uses_are_loaded(visit):
    page = visit(HOME, first=True)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name.split('/').at(-1)).filter(name => name.includes('woff2'))"
    )
    assert not [name for name in loaded if "latin-ext" in name or "KaTeX" in name]
    assert len(set(loaded)) == len(loaded)
    faces = page.evaluate(
        "[...document.fonts].filter(face => /Source|JetBrains/.test(face.family)).map(face => [face.family, face.display, face.unicodeRange])"
    )
    assert {display for _, display, _ in faces} == {"swap"}
    assert all(ranges != "U+0-10FFFF" for _, _, ranges in faces)
