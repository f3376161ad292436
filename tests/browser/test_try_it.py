"""The model that readers can try on its page."""

import functools
import http.server
import re
import threading

import pytest
from PIL import Image
from playwright.sync_api import expect

from labml_nn.transformers.vit import try_it
from labml_nn.transformers.vit.predict import Classifier
from tests.browser.conftest import at_widths
from tests.browser.test_figures import POLICY
from tests.browser.test_pages import VIT, axe, themes_at

NAMES = ["ship", "frog", "cat", "airplane", "car", "astronaut"]
READY = re.compile("answered in [0-9]+ ms on your machine")
STILL = re.compile(r"A ship, cut into eight by eight\s+patches")
# A page can only be given files that it makes itself.
GIVE = """
(figure, [kind, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  const told = { bubbles: true, cancelable: true };
  if (kind === "drop") figure.dispatchEvent(new DragEvent("drop", { ...told, dataTransfer: data }));
  else document.body.dispatchEvent(new ClipboardEvent("paste", { ...told, clipboardData: data }));
}
"""


@pytest.fixture
def figure(visit, own_site):
    """The figure on the page from disk, with its buttons."""

    def find(name="", **settings):
        page = visit(f"{own_site.as_uri()}/{VIT}", **settings)
        found = page.locator(".figure").first
        found.scroll_into_view_if_needed()
        if name:
            press(found, name)
        return found

    return find


def press(figure, name):
    figure.get_by_role("button", name=name, exact=True).click()
    expect(figure.locator(".try-bar p")).to_have_text(READY)


def shares(figure):
    """The classes and their probabilities."""
    texts = figure.locator(".try-answers li").all_inner_texts()
    found = [re.fullmatch(r"(\w+)\s+([0-9.]+) %", text.strip()) for text in texts]
    return {one[1]: float(one[2]) / 100 for one in found}


def where(figure):
    return figure.locator(".try-who p").inner_text()


def darkness(figure):
    """How dark each patch of each map is."""
    return figure.locator(".try-mask").evaluate_all(
        """masks => masks.map(mask => {
          const { width, height } = mask;
          const copy = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
          copy.drawImage(mask, 0, 0);
          return [...copy.getImageData(0, 0, width, height).data].filter((_, place) => place % 4 === 3);
        })"""
    )


def test_its_answers_are_those_of_pytorch(figure):
    trained, found = Classifier(), figure()
    for number, name in enumerate(NAMES):
        press(found, name)
        expected = try_it.answer(trained, try_it.images()[number]).probabilities
        told = shares(found)
        assert len(told) == 5
        assert next(iter(told)) == trained.classes[expected.argmax()]
        # Browsers decode and smooth images a little differently.
        of_pytorch = dict(zip(trained.classes, expected.tolist(), strict=True))
        assert told == pytest.approx({one: of_pytorch[one] for one in told}, abs=0.03)


def test_its_maps_are_those_of_pytorch(figure):
    answer = try_it.answer(Classifier(), try_it.images()[0])
    found = figure(NAMES[0])
    dark = darkness(found)
    row, column = map(int, re.search(r"row (\d), column (\d)", where(found)).groups())
    token = 1 + 8 * (row - 1) + column - 1
    heads = answer.attention.transpose(0, 1).flatten(0, 1)
    for shown, weights in zip(dark, [*heads, answer.rollout], strict=True):
        given = weights[token, 1:].clone()
        others = given.clone()
        others[token - 1] = 0
        expected = 225 * (1 - given / others.max()).clamp(0, 1)
        assert shown == pytest.approx(expected.tolist(), abs=12)


def test_the_model_comes_when_it_is_asked_for(figure):
    found = figure()
    expect(found.get_by_role("button", name="cat")).to_be_visible()
    expect(found.get_by_alt_text(STILL)).to_be_visible()
    scripts = "[...document.scripts].filter(one => one.src.includes('laptop')).length"
    assert found.page.evaluate(scripts) == 0
    press(found, "ship")
    assert found.page.evaluate(scripts) == 1
    expect(found.get_by_alt_text(STILL)).to_have_count(0)


def test_it_needs_no_network(visit, address):
    page = visit(VIT, first=True)
    found = page.locator(".figure").first
    found.scroll_into_view_if_needed()
    press(found, "cat")
    page.context.set_offline(True)
    press(found, "car")
    assert shares(found)


def test_it_runs_under_a_strict_policy(visit, own_site):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=str(own_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = visit(f"http://127.0.0.1:{server.server_port}/{VIT}")
        found = page.locator(".figure").first
        found.scroll_into_view_if_needed()
        press(found, "frog")
        assert shares(found)
        server.shutdown()


@pytest.mark.parametrize("kind", ["drop", "paste", "choose"])
def test_a_image_of_the_reader_is_answered(figure, tmp_path, kind):
    found = figure("cat")
    file = tmp_path / "mine.png"
    try_it.images()[NAMES.index("frog")].save(file)
    data = file.read_bytes()
    before, told = shares(found), found.locator(".try-bar p").inner_text()
    if kind == "choose":
        found.get_by_label("Your image").set_input_files(file)
    else:
        found.evaluate(GIVE, [kind, file.name, "image/png", [*data]])
    expect(found.locator("[aria-pressed=true]")).to_have_count(0)
    # Until the answer is there, that to the cat stands there.
    expect(found.locator(".try-bar p")).not_to_have_text(told)
    expect(found.locator(".try-bar p")).to_have_text(READY)
    mine = shares(found)
    assert mine != before
    press(found, "frog")
    assert shares(found) == pytest.approx(mine, abs=0.03)


def test_a_large_image_is_cut_to_its_middle(figure, tmp_path):
    found = figure()
    file = tmp_path / "wide.png"
    wide = Image.new("RGB", (2100, 1500))
    wide.paste(try_it.images()[NAMES.index("cat")].resize((1500, 1500)), (300, 0))
    wide.save(file)
    found.get_by_label("Your image").set_input_files(file)
    expect(found.locator(".try-bar p")).to_have_text(READY)
    mine = shares(found)
    press(found, "cat")
    assert shares(found) == pytest.approx(mine, abs=0.05)


def test_what_is_no_image_is_told(figure):
    found = figure("cat")
    found.evaluate(GIVE, ["drop", "notes.txt", "text/plain", [65, 66]])
    expect(found.locator(".try-bar p")).to_have_text(
        "notes.txt is not an image that this browser can read."
    )
    press(found, "cat")


def test_pointer_and_pins(figure):
    found = figure("cat")
    pad = found.locator(".try-image")
    box = pad.bounding_box()
    first = where(found)
    step = box["width"] / 8
    pad.hover(position={"x": 2.5 * step, "y": 4.5 * step})
    assert where(found) == "Where the patch in row 5, column 3 looks"
    before = darkness(found)
    pad.hover(position={"x": 7.5 * step, "y": 0.5 * step})
    assert darkness(found) != before
    # Each of the maps shows the same image.
    small = found.locator(".try-tile").first
    side = small.bounding_box()["width"]
    small.hover(position={"x": side - 2, "y": side - 2})
    assert where(found) == "Where the patch in row 8, column 8 looks"
    found.locator(".try-answers").hover()
    assert where(found) == first
    pad.click(position={"x": 2.5 * step, "y": 4.5 * step})
    found.locator(".try-answers").hover()
    assert where(found) == "Where the patch in row 5, column 3 looks"
    found.get_by_role("button", name="Class token").click()
    assert where(found) == "Where the class token looks"
    found.get_by_role("button", name="All tokens").click()
    assert where(found) == "Where the mean of all tokens looks"
    expect(found.locator(".try-mark")).to_be_hidden()


def test_keys(figure):
    found = figure("cat")
    keyboard = found.page.keyboard
    found.locator(".try-image").focus()
    keyboard.press("Escape")
    assert where(found) == "Where the mean of all tokens looks"
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"):
        keyboard.press(key)
    assert where(found) == "Where the patch in row 1, column 3 looks"
    expect(found.locator(".try-spoken")).to_have_text(
        re.compile("the patch in row 1, column 3; in all layers, most at row")
    )
    keyboard.press("ArrowLeft")
    assert where(found) == "Where the patch in row 1, column 2 looks"


def test_touch(figure):
    found = figure("ship", width=390, has_touch=True, is_mobile=True)
    pad = found.locator(".try-image")
    side = pad.bounding_box()["width"]
    pad.tap(position={"x": side * 0.95, "y": side * 0.05})
    assert where(found) == "Where the patch in row 1, column 8 looks"


def test_axe_is_content_and_nothing_scrolls_sideways(visit):
    page = visit(VIT)
    found = page.locator(".figure").first
    for width in at_widths(page, 1440, 1024, 390):
        found.scroll_into_view_if_needed()
        press(found, "cat")
        assert axe(page, ".try", themes_at(width)) == [], width
        wide = page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll(".try, .try *")]
              .filter(box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline")
              .map(box => box.outerHTML.slice(0, 100))"""
        )
        assert [one for one in wide if "try-spoken" not in one] == [], width
    assert axe(page) == []


def test_without_a_script_there_is_a_drawing_of_the_same(figure):
    for width, name in ((1440, "try-it.svg"), (390, "try-it-narrow.svg")):
        found = figure(width=width, java_script_enabled=False)
        still = found.get_by_alt_text(STILL)
        expect(still).to_be_visible()
        assert still.evaluate("one => one.currentSrc").endswith(f"figures/{name}")


@pytest.mark.parametrize("name", ["try-it.svg", "try-it-narrow.svg"])
def test_the_drawing_is_of_these_weights(figure, name):
    """What it says is what the figure says, whatever machine has drawn it."""
    drawn = (try_it.DRAWINGS / name).read_text()
    found = figure(NAMES[0])
    assert where(found) in drawn
    words = re.findall(r">([\w.]+(?: %)?)</text>", drawn)
    classes = dict(zip(words[::2], words[1::2], strict=False))
    for label, share in list(shares(found).items())[:3]:
        assert float(classes[label].rstrip(" %")) / 100 == pytest.approx(
            share, abs=0.03
        )


def test_an_answer_changes_text_in_place(figure):
    """A node more or less would make the browser match all styles of the page again."""
    found = figure("ship")
    found.evaluate(
        """figure => {
          globalThis.changed = [];
          const told = records => globalThis.changed.push(...records.map(one => one.target.outerHTML));
          new MutationObserver(told).observe(figure, { childList: true, subtree: true });
        }"""
    )
    before = found.locator(".try-answers").inner_text()
    press(found, "frog")
    expect(found.locator(".try-answers")).not_to_have_text(before)
    before = where(found)
    found.locator(".try-image").hover(position={"x": 3, "y": 3})
    expect(found.locator(".try-who p")).not_to_have_text(before)
    assert found.page.evaluate("globalThis.changed") == []
