"""The pages as a reader uses them, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import THEMES, at_widths
from tests.conftest import ROOT

HOME, VIT, ATTENTION = (
    "index.html",
    "transformers/vit/index.html",
    "transformers/mha.html",
)
# For what is so on any page: a fifth of the largest one, with an equation, names that
# lead elsewhere, folds and users; and a larger one, which has an image and symbols too.
SMALL, MIDDLE = "transformers/feed_forward.html", "transformers/models.html"
PAGES = [
    HOME,
    VIT,
    ATTENTION,
    "transformers/vit/readme.html",
    "sidelit/read/lexer.html",
    "sidelit/check/rules/shp101.html",
]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


# Of the lines of code and of the formulas that look the same in the same place, axe is
# shown the first whole, and of the others the text: half of its time went into them.
SHORTEN = """() => {
  const seen = new Set(), others = [];
  const look = one => {
    const { color, backgroundColor, fontSize, fontWeight, opacity } = getComputedStyle(one);
    const names = [...one.attributes].map(({ name }) => name);
    return [one.tagName, one.className, names, color, backgroundColor, fontSize, fontWeight, opacity].join();
  };
  for (const whole of document.querySelectorAll("c-l, .katex")) {
    let place = whole.checkVisibility({ visibilityProperty: true });
    for (let one = whole.parentElement; one; one = one.parentElement) place += look(one);
    const looks = [whole, ...whole.querySelectorAll("*")].map(one => place + look(one));
    if (looks.every(one => seen.has(one))) others.push(whole);
    looks.forEach(one => seen.add(one));
  }
  globalThis.shortened = others.map(whole => {
    const text = whole.cloneNode();
    text.textContent = (whole.querySelector("annotation") ?? whole).textContent;
    whole.replaceWith(text);
    return [text, whole];
  });
}"""
RESTORE = "shortened.forEach(([text, whole]) => text.replaceWith(whole))"


def axe(page, within="html", themes=(None,), dark=None):
    """
    What axe has to say of a page as it is, or in each theme. The dark theme is the same
    page in other colours, and a smaller part of it may have them all.
    """
    if not page.evaluate("'axe' in globalThis"):
        page.add_script_tag(content=AXE.read_text())
    page.evaluate(SHORTEN)
    found = []
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        options = {"resultTypes": ["violations"]}
        if theme == "dark":
            options["runOnly"] = ["color-contrast", "link-in-text-block"]
            within = dark or within
        said = page.evaluate("given => axe.run(...given)", [within, options])
        for one in said["violations"]:
            nodes = [node["html"][:160] for node in one["nodes"][:3]]
            found.append((theme, one["id"], nodes))
    page.evaluate(RESTORE)
    return found


def themes_at(width):
    """
    The themes in which axe looks at a page. A window of 1024 pixels shows nothing in a
    colour that neither a wider nor a narrower one shows it in.
    """
    return ["light"] if width == 1024 else THEMES


def ending(words):
    """A URL that ends like this."""
    return re.compile(f"{re.escape(words)}$")


@pytest.mark.parametrize("url", PAGES)
def test_nothing_scrolls_sideways_and_axe_is_content(visit, url):
    page = visit(url)
    for width in at_widths(page, 1440, 1024, 390):
        wide = page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll("pre, .table, .katex-display")]
              .filter((box) => box.scrollWidth > box.clientWidth + 1)
              .map((box) => box.outerHTML.slice(0, 200))"""
        )
        assert wide == [], width
        assert axe(page, themes=themes_at(width)) == [], width


@pytest.mark.parametrize("within", ["c-l", ".katex-html"])
def test_axe_sees_each_line_and_formula_that_looks_different(visit, within):
    # In a wider window the background is a gradient, in front of which axe is silent.
    page = visit(SMALL, 390)
    whole = "document.documentElement.outerHTML"
    assert axe(page) == []
    before = page.evaluate(whole)
    # It takes no interest in a single letter.
    words = page.locator(f"{within} :not(:has(*))", has_text=re.compile(r"\w{3}"))
    words.last.evaluate("one => one.style.color = 'silver'")
    assert [rule for _, rule, _ in axe(page)] == ["color-contrast"]
    words.last.evaluate("one => one.removeAttribute('style')")
    assert page.evaluate(whole) == before


@pytest.mark.parametrize("width", [1440, 1024])
def test_prose_stands_beside_its_code(visit, width):
    page = visit(SMALL, width)
    row = page.locator(".row:has(.code pre)").first
    prose = row.locator(".prose").bounding_box()
    code = row.locator(".code").bounding_box()
    assert prose["x"] + prose["width"] <= code["x"] + 1
    assert prose["y"] == pytest.approx(code["y"], abs=30)
    assert prose["width"] >= 300


def test_code_of_88_columns_fits_beside_prose(visit):
    """The longest lines of the repository stand on one line at 1440 pixels."""
    page = visit("sidelit/read/lexer.html")
    heights = page.locator("c-l").evaluate_all(
        "lines => [...new Set(lines.filter(l => l.textContent.trim()).map(l => Math.round(l.getBoundingClientRect().height)))]"
    )
    assert len(heights) == 1


def test_columns_stack_on_a_small_screen(visit):
    page = visit(SMALL, 390)
    row = page.locator(".row:has(.code pre)").first
    prose = row.locator(".prose").bounding_box()
    code = row.locator(".code").bounding_box()
    assert prose["y"] + prose["height"] <= code["y"] + 1
    assert not page.locator(".contents details").evaluate("box => box.open")


def test_the_shorter_column_stays_in_view(visit):
    """Scroll to the end of a row whose code is longer than the window: its prose is there."""
    page = visit(SMALL)
    row = page.locator(".row").nth(1)
    box = row.evaluate(
        """row => {
          const [prose, code] = row.children;
          code.style.minHeight = "2000px";
          scrollTo(0, row.getBoundingClientRect().bottom + scrollY - innerHeight / 2);
          return { top: prose.getBoundingClientRect().top, bar: document.querySelector(".bar").offsetHeight };
        }"""
    )
    assert box["top"] == pytest.approx(box["bar"], abs=2)


@pytest.mark.parametrize("system", THEMES)
def test_the_theme_switch_survives_a_reload(visit, system):
    page = visit(SMALL, color_scheme=system)
    background = "getComputedStyle(document.body).backgroundColor"
    automatic = page.evaluate(background)
    switch = page.get_by_role("button", name="Theme: Auto")
    switch.click()
    light = page.evaluate(background)
    page.get_by_role("button", name="Theme: Light").click()
    dark = page.evaluate(background)
    assert light != dark
    assert automatic == {"light": light, "dark": dark}[system]
    page.reload()
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Theme: Dark").click()
    page.reload()
    assert page.evaluate(background) == automatic


def test_selecting_code_takes_neither_prose_nor_line_numbers(visit):
    page = visit(SMALL)
    row = page.locator(".row:has(.code pre)").nth(2)
    row.scroll_into_view_if_needed()
    box = row.locator(".code pre").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 4)
    page.mouse.down()
    following = page.locator(".row:has(.code pre)").nth(4).locator(".code pre")
    end = following.bounding_box()
    page.mouse.move(end["x"] + end["width"] - 8, end["y"] + end["height"] - 4, steps=5)
    page.mouse.up()
    selected = page.evaluate("getSelection().toString()")
    source = (ROOT / "labml_nn/transformers/feed_forward.py").read_text()
    for line in selected.split("\n")[1:]:
        assert line.strip() in source
    prose = (
        page.locator(".row:has(.code pre)")
        .nth(3)
        .locator(".prose p")
        .first.inner_text()
    )
    assert prose
    assert prose not in selected


def focused(page):
    """The first class or the tag of what has the focus, and shows that."""
    name, outline, opacity, has_width = page.evaluate(
        """() => { const focused = document.activeElement;
             // What is seen of a file that is asked for is its label.
             const on = focused.type === "file" ? focused.parentElement : focused;
             const box = on.getBoundingClientRect(), style = getComputedStyle(on);
             return [on.className.split(" ")[0] || on.tagName, style.outlineStyle, style.opacity, box.width > 0]; }"""
    )
    if name != "BODY":
        assert outline != "none", name
        assert float(opacity) > 0.5, name
        assert has_width, name
    return name


def test_everything_is_reached_by_keyboard(visit):
    page = visit(MIDDLE)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the text"
    assert skip.bounding_box()["x"] >= 0
    reached = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        if (name := focused(page)) == "BODY":
            break
        reached.add(name)
    assert {"brand", "tool", "enlarge", "copy", "permalink", "line"} <= reached


def test_figures_by_keyboard(visit):
    page = visit(VIT)
    within = "one => one.contains(document.activeElement)"
    for figure in page.locator(".figure").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator("button, input").first).to_be_visible()
        figure.evaluate("one => { one.tabIndex = -1; one.focus(); }")
        reached = []
        page.keyboard.press("Tab")
        while figure.evaluate(within):
            reached.append(focused(page))
            page.keyboard.press("Tab")
        assert reached


def test_a_picture_opens_and_closes(visit):
    page = visit(MIDDLE)
    link = page.locator(".enlarge").first
    small = link.locator("img").bounding_box()["width"]
    link.focus()
    page.keyboard.press("Enter")
    large = page.locator("dialog[open] img")
    assert large.bounding_box()["width"] > small
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    link.click()
    large.click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_picture_has_the_form_of_the_screen_when_it_is_enlarged(visit):
    for width, name in ((1440, "patches.svg"), (390, "patches-narrow.svg")):
        page = visit(VIT, width=width)
        page.locator(".enlarge").first.click()
        large = page.locator("dialog[open] img")
        # It has the room of the window, whatever encloses it.
        expect(large).to_have_css("object-fit", "contain")
        assert large.bounding_box()["width"] == width
        assert large.evaluate("one => one.currentSrc").endswith(f"/{name}")


def test_contents_follow_the_reader(visit):
    page = visit(VIT)
    entry = page.locator(".contents a", has_text="Classification head")
    entry.click()
    page.wait_for_function(
        "document.querySelector('.contents .here')?.textContent.startsWith('Classification head')"
    )
    expect(page).to_have_url(ending("#ClassificationHead"))
    top = page.locator("#ClassificationHead").bounding_box()["y"]
    assert 0 < top < 200


def test_the_keyboard_reaches_a_table_that_scrolls(visit):
    page = visit("transformers/vit/ablation.html")
    table = page.locator(".table").first
    expect(table).not_to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 200, "height": 800})
    expect(table).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(table).not_to_have_attribute("tabindex", "0")


def test_the_keyboard_reaches_an_equation_while_it_scrolls(visit):
    page = visit(ATTENTION, 390)

    def settled(some):
        """Whether those that scroll can be reached, after all have been in sight."""
        found = page.evaluate("""async () => {
          const all = [...document.querySelectorAll(".katex-display")];
          for (const one of all) {
            one.scrollIntoView();
            for (const _ of "12") await new Promise(requestAnimationFrame);
          }
          return all.map((one) => [one.tabIndex === 0, one.scrollWidth > one.clientWidth]);
        }""")
        assert all(reached == scrolls for reached, scrolls in found), found
        assert any(scrolls for _, scrolls in found) == some

    settled(False)
    page.locator(".views label[title='Prose first']").click()
    settled(True)
    page.set_viewport_size({"width": 1440, "height": 900})
    settled(False)


def test_the_head_has_a_measure(visit):
    """The opening prose stands in the middle of what the contents leave to it."""
    page = visit(VIT)
    page.set_viewport_size({"width": 1440, "height": 900})
    lead, text = page.locator(".lead"), page.locator(".lead > p").first
    room, measure = lead.bounding_box(), text.bounding_box()
    before = measure["x"] - room["x"]
    assert before == pytest.approx((room["width"] - measure["width"]) / 2, abs=1)
    contents = page.locator(".contents").bounding_box()
    assert contents["x"] + contents["width"] < room["x"]
    # They stay in view as long as there is opening prose beside them.
    page.locator(".lead > h2").first.scroll_into_view_if_needed()
    expect(page.locator(".ways")).to_be_in_viewport(ratio=0.9)
    per_line = page.evaluate(
        """() => {
          const range = document.createRange(), counts = [];
          for (const p of document.querySelectorAll(".lead > p:not(h1 + p)")) {
            range.selectNodeContents(p);
            const lines = new Set([...range.getClientRects()].map(r => Math.round(r.bottom / 12)));
            if (lines.size > 3) counts.push(p.textContent.length / lines.size);
          }
          return counts.reduce((a, b) => a + b) / counts.length;
        }"""
    )
    assert 55 < per_line < 80


def test_pages_work_from_disk_without_a_server(visit, own_site):
    page = visit((own_site / MIDDLE).as_uri())
    assert (
        page.evaluate(
            "document.fonts.ready.then(fonts => [...fonts].filter(f => f.status == 'loaded').length)"
        )
        > 0
    )
    assert page.evaluate(
        "[...document.images].every(i => i.loading == 'lazy' || i.naturalWidth > 0)"
    )
    page.locator(".crumbs a", has_text="transformers").click()
    expect(page).to_have_url(ending("/transformers/index.html"))
    page.get_by_role("button", name="Theme: Auto").click()
    expect(page.get_by_role("button", name="Theme: Light")).to_be_visible()


def test_pages_read_without_a_script(visit):
    page = visit(SMALL, java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".katex-html").first).to_be_visible()
    expect(page.locator("[data-action=theme]")).not_to_be_visible()
    expect(page.locator(".contents a").first).to_be_visible()


@pytest.mark.parametrize("url", [HOME, VIT])
def test_paper(visit, url):
    """On paper there is nothing to click, and no code falls off the edge."""
    page = visit(url)
    page.emulate_media(media="print")
    expect(page.locator(".bar")).not_to_be_visible()
    page.set_viewport_size({"width": 720, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


def test_formulas_are_read_aloud(visit):
    page = visit(ATTENTION)
    assert page.locator(".katex-mathml math").count() > 5
    expect(page.locator(".katex-html:not([aria-hidden=true])")).to_have_count(0)


@pytest.mark.parametrize("half", [False, True])
def test_formulas_are_copied_as_tex_and_mathml(visit, half):
    page = visit(SMALL)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first, last = page.evaluate(
        """half => {
          const parents = [...document.querySelectorAll(".prose p:has(> .katex)")];
          const paragraph = parents.find(one => one.nextElementSibling?.querySelector(".katex-display"));
          const [first, last] = [".katex .mord", ".katex-display .mord:last-of-type"].map(
            (drawn, after) => (after ? paragraph.nextElementSibling : paragraph).querySelector(drawn));
          const range = document.createRange();
          range.setStart(half ? first : paragraph, 0);
          half ? range.setEnd(last, 0) : range.setEndAfter(paragraph.nextElementSibling);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
          const source = one => one.querySelector("annotation").textContent;
          return [first, last].map(one => source(one.closest(".katex")));
        }""",
        half,
    )
    page.keyboard.press("Control+c")
    kinds = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const read = async (kind) => (await item.getType(kind)).text();
          return [await read("text/plain"), await read("text/html")];
        }"""
    )
    text, html = kinds
    assert f"${first}$" in text
    assert text.rstrip().endswith(f"\n$${last}$$")
    assert text.startswith(f"${first}$") == half
    assert html.count("<math") == text.replace("$$", "$").count("$") / 2
    assert "katex-html" not in html
    assert not page.locator("body > .prose").count()


# ## Shapes, names and symbols
def tick_shapes(page):
    """Click where one does: on the label, once it stands still."""
    page.locator("label.shapes").click()


def test_shapes_stand_behind_the_lines_while_the_box_is_ticked(visit):
    page = visit(VIT)
    note = page.locator(".shape").first
    expect(note).not_to_be_visible()
    tick_shapes(page)
    expect(
        page.locator('.shape[data-shape="x [batch=4, tokens=65, d_model=192]"]').first
    ).to_be_visible()
    # They are no text: who selects or copies code does not get them.
    assert "[4, 65, 192]" not in page.locator("pre").all_inner_texts()[3]
    page.reload()
    expect(page.get_by_label("Shapes")).to_be_checked()


def test_shapes_need_no_script(visit):
    page = visit(VIT, java_script_enabled=False)
    title = "float32 [batch=4, channels=3, height=32, width=32]"
    assert page.locator(f".code [title^='{title}']").count() > 0
    page.locator("label.shapes").click()
    expect(page.locator(".shape").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_shapes_fit_and_axe_is_content(visit, width):
    page = visit(ATTENTION, width)
    tick_shapes(page)
    # What a function returns may be several tensors, whose sizes have long names.
    page.locator(".shape").first.evaluate(
        "one => one.dataset.shape = 'x [batch=4, tokens=65, d_model=192]  '.repeat(4)"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = page.locator("pre").evaluate_all(
        "pres => pres.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert wide == 0
    assert axe(page) == []


def test_a_name_tells_its_shape_by_pointer_keyboard_and_touch(visit):
    page = visit(VIT)
    card = page.locator(".card")
    name = page.locator("[data-shapes]:text-is('cls')").first
    name.hover()
    assert card.inner_text().startswith("cls float32 [")
    page.mouse.move(5, 500)
    card.wait_for(state="hidden")
    block = page.locator("pre:has([data-shapes]:text-is('cls'))").first
    block.locator("[tabindex='0']").focus()
    while page.evaluate("document.activeElement.textContent") != "cls":
        page.keyboard.press("ArrowRight")
    name = page.locator(":focus")
    expect(card).to_be_visible()
    assert name.get_attribute("aria-describedby") == card.get_attribute("id")
    page.keyboard.press("Escape")
    expect(card).not_to_be_visible()
    assert name.get_attribute("aria-describedby") is None
    touch = visit(VIT, 390, has_touch=True)
    touch.locator("[data-shapes]:text-is('cls')").first.tap()
    expect(touch.locator(".card")).to_be_visible()


def test_the_card_waits_for_the_pointer_and_for_the_keyboard(visit):
    page = visit(VIT)
    card = page.locator(".card")
    page.locator("[data-shapes]:text-is('cls')").first.hover()
    box = card.bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.mouse.click(box["x"] + 9, box["y"] + 9)
    expect(card).to_be_visible()
    page.mouse.move(5, 500)
    card.wait_for(state="hidden")
    expect(page.locator("[aria-describedby]")).to_have_count(0)
    block = page.locator("pre:has([data-shapes])").first
    block.locator("[tabindex='0']").focus()
    while not card.is_visible():
        page.keyboard.press("ArrowRight")
    page.mouse.move(20, 400)
    page.mouse.move(700, 400)
    page.wait_for_timeout(400)
    expect(card).to_be_visible()


def test_every_name_is_reached_by_keyboard(visit):
    page = visit(VIT)
    block = page.locator(".code pre:has([b])").nth(3)
    names = block.locator("[b], a")
    names.first.focus()
    texts = [page.locator(":focus").inner_text()]
    for _ in range(names.count()):
        page.keyboard.press("ArrowRight")
        texts.append(page.locator(":focus").inner_text())
    # At the last name there is no further one, and a block stays one stop.
    assert texts == [*names.all_inner_texts(), texts[-1]]
    expect(block.locator("[tabindex='0']")).to_have_count(1)
    line = "document.activeElement.parentElement.textContent"
    before = page.evaluate(line)
    page.keyboard.press("ArrowUp")
    assert page.evaluate(line) != before
    page.keyboard.press("Enter")
    expect(page.locator(".code .lit").first).to_be_visible()


def test_symbols_are_reached_by_keyboard_while_the_box_is_ticked(visit):
    page = visit(VIT)
    word = page.locator(".prose code:text-is('d_model')").first
    assert word.get_attribute("tabindex") is None
    tick_shapes(page)
    word.focus()
    expect(page.locator("[data-symbol=d_model].lit").first).to_be_visible()
    tick_shapes(page)
    assert word.get_attribute("tabindex") is None


def test_a_click_lights_the_uses_in_the_same_scope_until_escape(visit):
    page = visit(VIT)
    page.locator(".code :is([b], [data-b]):text-is('x')").first.click()
    lit = page.locator(".code .lit")
    texts = lit.all_inner_texts()
    assert len(texts) >= 2
    assert set(texts) == {texts[0]}
    same = page.locator(f".code :is([b], [data-b]):text-is('{texts[0]}')")
    assert len(texts) < same.count()
    page.keyboard.press("Escape")
    expect(lit).to_have_count(0)


def test_symbols_and_variables_light_each_other(visit):
    page = visit(VIT)
    page.locator("[data-symbol=d_model]").first.hover()
    assert page.locator(".code .lit").first.inner_text() == "d_model"
    page.mouse.move(5, 500)
    expect(page.locator(".lit")).to_have_count(0)
    page.locator(".code :is([b], [data-b]):text-is('d_model')").first.hover()
    count = page.locator("[data-symbol=d_model]").count()
    expect(page.locator("[data-symbol=d_model].lit")).to_have_count(count)


@pytest.mark.parametrize("width", [1440, 390])
def test_an_address_leads_to_its_place_where_motion_is_welcome(visit, width):
    # A smooth scroll takes aim once; what it passes is only then laid out, and grows.
    anchor = "what-does-pre-training-cost"
    page = visit(f"{VIT}#{anchor}", width, reduced_motion="no-preference")
    reached = f"""() => {{
      const {{ top }} = document.getElementById("{anchor}").getBoundingClientRect();
      const still = globalThis.last === scrollY && top > 0 && top < 200;
      globalThis.last = scrollY;
      return still;
    }}"""
    page.wait_for_function(reached, polling=400)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_does_nothing_that_its_policy_forbids(visit, url):
    page = visit(url, bypass_csp=False)
    for figure in page.locator(".figure").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator("button, input").first).to_be_visible()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search").fill("attention")
    expect(page.locator("dialog.search [role=option]").first).to_be_visible()


def test_a_page_runs_no_script_but_those_of_its_site(tab, address):
    page = tab(bypass_csp=False)
    page.goto(address + SMALL)
    ran = page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.foreign = true";
          const refused = new Promise((told) => addEventListener("securitypolicyviolation", told));
          document.body.append(script);
          return refused.then(({ effectiveDirective }) => [effectiveDirective, window.foreign ?? null]);
        }"""
    )
    assert ran == ["script-src-elem", None]
