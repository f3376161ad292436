"""Diagrams: drawn in both themes, where nothing moves, and whole without a script."""

import functools
import re

import pytest
from playwright.sync_api import expect

from sidelit.build import build
from sidelit.config import load
from tests.browser.conftest import at_widths, in_themes
from tests.browser.serving import serving
from tests.browser.test_lighthouse import SHIFTS
from tests.browser.test_pages import axe

SOURCE = """flowchart LR
  accTitle: The steps of a build
  accDescr: Files are read and pages are made.
  read --> resolve --> render
  click read "https://elsewhere.example/"
  style resolve fill:#fc9
"""
WIDE = "flowchart LR\n  " + " --> ".join(
    f"n{one}[Step number {one} of many]" for one in range(12)
)
# None of this may happen.
HOSTILE = """%%{init: {"securityLevel": "loose", "themeCSS": "body { display: none }"}}%%
flowchart LR
  a["<img src='data:image/png;base64,AA==' onerror='document.title = 1'><b>bold</b>"] --> b
  click a call alert()
  style b position:fixed,inset:0
"""
# Far below what is in sight.
GAP = "\n".join(["Text.\n"] * 400)


def fence(source):
    return f"```mermaid\n{source.rstrip()}\n```\n"


FILES = {
    "index.md": f"# Diagrams\n\n{fence(SOURCE)}\nBehind it.\n\n{fence(WIDE)}",
    "far.md": f"# Far\n\n{GAP}\n{fence(SOURCE)}\nBehind it.\n",
    "between.md": f"# Between\n\n{GAP}\n{fence(SOURCE)}\n{GAP}",
    "linked.md": f"# Linked\n\n{fence(SOURCE)}\n{GAP}\n## Below\n\nBehind it.\n\n"
    f"{fence(SOURCE)}\nThe end.\n\n{GAP}",
    "folded.md": "# Folded\n\n<details><summary>More</summary>\n\n"
    f"{fence(SOURCE)}\n</details>\n\nBehind it.\n",
    "wrong.md": f"# Wrong\n\n{fence('flowchart LR' + chr(10) + '  a -->')}\n{fence(SOURCE)}",
    "high.md": f"# High\n\n{fence(WIDE.replace('LR', 'TD'))}",
    "hostile.md": f"# Hostile\n\n{fence(HOSTILE)}",
    "module.py": 'r"""\n# A module\n\nIt is short.\n"""\n\n# In a comment:\n#\n# '
    + fence(SOURCE).rstrip().replace("\n", "\n# ")
    + "\nx = 1\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("diagrams")
    for name, content in FILES.items():
        file = root / "src" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
    output = root / "a site"
    config, _ = load({"sources": [str(root / "src")], "output": str(output)})
    built = build(config)
    assert not built.remarks, "run `npm ci`"
    for url, data in built.files.items():
        (output / url).parent.mkdir(parents=True, exist_ok=True)
        (output / url).write_bytes(data)
    return output


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as address:
        yield address


# How long a page waits for a drawing must not depend on the machine.
TIMER = (
    "const later = setTimeout; globalThis.setTimeout = (call, wait, ...more) => {};\n"
)
PATIENT = TIMER.format("wait === 2000 ? 0 : later(call, wait, ...more)")
HURRIED = TIMER.format("later(call, wait === 2000 ? 0 : wait, ...more)")
SAVING = "Object.defineProperty(navigator, 'connection', { get: () => ({ saveData: true }) });"


@pytest.fixture
def visit(visit):
    return functools.partial(visit, script=PATIENT + SHIFTS)


@pytest.fixture
def held(tab, address):
    """Open a page whose Mermaid does not come before it is released."""

    def open_page(url, width, script):
        page, waiting, released = tab(width, script=script), [], []

        def hold(route):
            route.continue_() if released else waiting.append(route)

        def release():
            released.append(True)
            for route in waiting:
                route.continue_()

        page.route("**/assets/mermaid.js*", hold)
        page.goto(address + url, wait_until="domcontentloaded")
        page.evaluate("document.fonts.ready")
        two_frames(page)
        # That of fonts is held to its limit elsewhere.
        page.evaluate("globalThis.shift = 0")
        return page, release

    return open_page


def two_frames(page):
    page.evaluate(
        """() => new Promise(done =>
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
    )


def drawn(page, count):
    """Wait until so many diagrams are drawn."""
    expect(page.locator(".drawing")).to_have_count(count)
    return page


def image(page, number=0):
    """The one of its two drawings that is seen."""
    return page.locator(".drawing").nth(number).locator("svg:visible")


@pytest.mark.parametrize("policy", [True, False])
def test_a_diagram_is_drawn(visit, policy):
    """Also under the policy of the page, and nothing is loaded from elsewhere."""
    page = drawn(visit("index.html", bypass_csp=policy), 2)
    shown = image(page)
    expect(shown).to_have_count(1)
    expect(shown).to_have_role("img")
    expect(shown).to_have_accessible_name("The steps of a build")
    expect(shown).to_have_accessible_description("Files are read and pages are made.")
    expect(shown.get_by_text("resolve")).to_be_visible()
    expect(image(page, 1)).to_have_accessible_name("Diagram")
    assert page.locator(".drawing a").count() == 0
    # The stage has gone, and identifiers are the same for everybody.
    assert page.locator(".stage").count() == 0
    ids = page.locator(".drawing > svg").evaluate_all("all => all.map(one => one.id)")
    names = [f"sidelit-diagram-{n}-{t}" for n in (1, 2) for t in ("light", "dark")]
    assert ids == names


def test_a_page_from_disk_draws_it_too(visit, folder):
    drawn(visit(f"{folder.as_uri()}/index.html"), 2)


def test_it_follows_the_theme_and_paper_is_light(visit):
    page = drawn(visit("index.html", color_scheme="dark"), 2)
    button = page.locator('[data-action="theme"]')
    expect(image(page)).to_have_class(re.compile("^dark "))
    dark = color_of_text(page, "read")
    # An author's fill has a text that can be read on it.
    assert color_of_text(page, "resolve") == "rgb(0, 0, 0)"
    button.click()
    expect(image(page)).to_have_class(re.compile("^light "))
    assert color_of_text(page, "read") != dark
    button.click()
    expect(image(page)).to_have_class(re.compile("^dark "))
    page.emulate_media(media="print")
    expect(image(page)).to_have_class(re.compile("^light "))
    expect(page.locator(".diagram > button:visible")).to_have_count(0)


def color_of_text(page, word):
    label = image(page).locator(".nodeLabel", has_text=word)
    return label.evaluate("one => getComputedStyle(one).color")


def test_without_a_script_the_source_is_read(visit):
    page = visit("index.html", java_script_enabled=False)
    expect(page.locator("pre.diagram > code").first).to_have_text(SOURCE.rstrip())
    expect(page.locator("pre.diagram > code").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    ("url", "count"), [("index.html", 2), ("module.html", 1), ("wrong.html", 1)]
)
def test_nothing_moves_when_a_diagram_in_sight_is_drawn(held, url, count, width):
    page, release = held(url, width, PATIENT + SHIFTS)
    # It has been painted, without what follows.
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".foot")).not_to_be_visible()
    release()
    drawn(page, count)
    expect(page.locator(".unseen")).to_have_count(0)
    expect(page.locator(".foot")).to_be_visible()
    two_frames(page)
    # Beside the text, the end of a list may follow its height by a line.
    assert page.evaluate("globalThis.shift") < 0.001


def test_who_opens_a_section_reads_it_at_once(held):
    page, release = held("linked.html#below", 1440, PATIENT + SHIFTS)
    heading = page.get_by_role("heading", name="Below")
    expect(heading).to_be_visible()
    expect(heading).to_be_in_viewport()
    expect(page.get_by_text("The end.")).not_to_be_visible()
    release()
    # The one below the heading needs no click either.
    drawn(page, 2)
    expect(page.locator(".unseen")).to_have_count(0)
    expect(page.get_by_text("The end.")).to_be_visible()


def test_who_goes_elsewhere_waits_for_no_drawing(held):
    page, _ = held("linked.html", 1440, PATIENT)
    expect(page.get_by_text("Behind it.")).not_to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.get_by_text("Behind it.")).to_be_visible()


@pytest.mark.parametrize("how", ["click", "scroll", "print"])
def test_what_is_drawn_late_waits_for_the_reader(held, how):
    page, release = held("module.html", 1440, HURRIED + SHIFTS)
    expect(page.locator(".unseen")).to_have_count(0)
    expect(page.locator("pre.diagram > code")).to_be_visible()
    two_frames(page)
    release()
    button = page.get_by_role("button", name="Drawing")
    expect(button).to_be_visible()
    two_frames(page)
    assert page.evaluate("globalThis.shift") == 0
    expect(page.locator("pre.diagram > code")).to_be_visible()
    if how == "click":
        button.click()
    elif how == "print":
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    else:
        page.add_style_tag(content=".foot { margin-top: 300vh; }")
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    drawn(page, 1)
    expect(button).to_have_count(0)


def test_paper_has_the_drawing_though_nobody_came_near(visit):
    page = drawn(visit("far.html"), 1)
    assert page.evaluate("scrollY") == 0
    page.emulate_media(media="print")
    expect(image(page)).to_be_visible()
    expect(page.locator("pre.diagram")).not_to_be_visible()


def test_what_is_folded_is_drawn_as_wide_as_it_will_be(visit):
    page = drawn(visit("folded.html"), 1)
    expect(page.get_by_text("Behind it.")).to_be_visible()
    page.get_by_text("More").click()
    drawing = page.locator(".diagram:has(> .drawing)")
    expect(drawing).not_to_have_class(re.compile("wide"))
    expect(image(page).get_by_text("resolve")).to_be_visible()


def test_nothing_is_loaded_far_from_the_window_if_data_is_saved(visit):
    page = visit("far.html", script=PATIENT + SAVING)
    page.wait_for_load_state()
    two_frames(page)
    loaded = "[...document.querySelectorAll('script')].map(one => one.src).join()"
    assert "mermaid.js" not in page.evaluate(loaded)
    # It is drawn before it is seen.
    page.evaluate(
        """() => {
          const top = document.querySelector("pre.diagram").getBoundingClientRect().top;
          scrollTo(0, scrollY + top - 1.5 * innerHeight);
        }"""
    )
    drawn(page, 1)
    box = page.locator(".drawing").bounding_box()
    assert box["y"] > page.viewport_size["height"]


def test_a_printer_comes_near(visit):
    page = visit("far.html", script=PATIENT + SAVING)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    drawn(page, 1)
    assert page.evaluate("scrollY") == 0


def test_on_paper_a_diagram_is_no_higher_than_a_page(visit):
    page = drawn(visit("high.html"), 1)
    page.emulate_media(media="print")
    height = image(page).bounding_box()["height"]
    assert height < page.viewport_size["height"]


def test_what_is_drawn_above_moves_nothing_that_is_read(visit):
    page = visit("between.html", script=PATIENT + SAVING)
    page.evaluate(
        """() => {
          const next = document.querySelector("pre.diagram").nextElementSibling;
          next.id = "next";
          scrollTo(0, scrollY + next.getBoundingClientRect().top + 5);
        }"""
    )
    top = "document.querySelector('#next').getBoundingClientRect().top"
    page.evaluate("() => new Promise(requestAnimationFrame)")
    before = page.evaluate(top)
    drawn(page, 1)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert abs(page.evaluate(top) - before) < 2


def test_a_mistake_shows_the_source_and_says_why(visit):
    page = drawn(visit("wrong.html"), 1)
    expect(page.locator("pre.diagram:visible > code")).to_have_text(
        "flowchart LR\n  a -->"
    )
    told = page.locator(".undrawn")
    expect(told).to_have_text(
        re.compile(r"^This diagram cannot be drawn: Parse error on line \d\.$")
    )
    assert page.get_by_text("Syntax error").count() == 0


def test_without_its_file_the_source_stays(browser, folder, address):
    page = browser.new_page(bypass_csp=True)
    page.route("**/assets/mermaid.js*", lambda route: route.abort())
    page.goto(f"{address}index.html")
    expect(page.locator(".undrawn").first).to_contain_text("cannot be loaded")
    expect(page.locator("pre.diagram > code").first).to_be_visible()
    page.close()


def test_a_diagram_runs_nothing_and_stays_in_its_place(visit):
    page = drawn(visit("hostile.html", bypass_csp=False), 1)
    expect(page).to_have_title(re.compile("Hostile"))
    assert page.locator(".drawing [onerror], .drawing script, .drawing a").count() == 0
    drawing, title = (page.locator(one).bounding_box() for one in (".drawing", "h1"))
    assert title["height"] > 0
    middle = "([x, y]) => document.elementFromPoint(x, y).closest('.drawing') !== null"
    assert not page.evaluate(middle, [title["x"] + 5, title["y"] + 5])
    assert page.evaluate(middle, [drawing["x"] + 5, drawing["y"] + 5])


def test_the_source_can_be_copied_and_seen(visit, browser, address):
    page = drawn(
        visit("index.html", permissions=["clipboard-read", "clipboard-write"]), 2
    )
    figure = page.locator(".diagram:has(> .drawing)").first
    figure.hover()
    figure.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == SOURCE.rstrip()
    button = figure.get_by_role("button", name="Source")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(figure.locator("pre > code")).to_be_visible()


def test_diagrams_can_be_read(visit):
    for url in ("index.html", "module.html", "wrong.html"):
        page = visit(url)
        for width in at_widths(page, 1440, 390):
            drawn(page, {"index.html": 2}.get(url, 1))
            for theme in in_themes(page):
                assert axe(page, themes=[theme]) == [], (url, width, theme)
            wide = "document.documentElement.scrollWidth > innerWidth"
            assert not page.evaluate(wide), (url, width)


def test_what_is_too_wide_can_be_scrolled_by_keyboard(visit):
    page = drawn(visit("index.html", 390), 2)
    expect(page.locator(".drawing[tabindex]")).to_have_count(1)
    wide = page.locator(".drawing").nth(1)
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    # Its text is not made smaller than can be read.
    size = image(page, 1).evaluate(
        "one => 15 * one.getBoundingClientRect().width / one.viewBox.baseVal.width"
    )
    assert size > 10
