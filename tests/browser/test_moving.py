"""The figures with sliders: what they say, their keys, and how they look."""

import functools
import http.server
import json
import re
import threading
from itertools import product

import pytest
from PIL import Image
from playwright.sync_api import expect

from labml_nn.transformers import cost, scale
from labml_nn.transformers.vit import shuffle, through, try_it
from labml_nn.transformers.vit.predict import Classifier
from tests.browser.conftest import at_widths
from tests.browser.test_pages import ATTENTION, VIT, axe, themes_at

# Where each figure is, and the script that it runs.
FIGURES = {
    "cost.js": ATTENTION,
    "scale.js": ATTENTION,
    "shuffle.js": VIT,
    "through.js": VIT,
}


def find(page, name):
    """The figure of a script, which is loaded when the figure is in sight."""
    still = page.locator(f".figure[data-files*='{name}']")
    still.scroll_into_view_if_needed()
    expect(still).to_contain_class("moving")
    return still


@pytest.fixture
def figure(visit, own_site):
    """A figure on its page from disk."""
    return lambda name, **settings: find(
        visit(f"{own_site.as_uri()}/{FIGURES[name]}", **settings), name
    )


def move(slider, place):
    """Move a slider to one of its places, which are counted from 0."""
    slider.evaluate(
        """(input, place) => {
          input.value = place;
          input.dispatchEvent(new Event("input"));
        }""",
        place,
    )


@pytest.mark.parametrize("url", sorted(set(FIGURES.values())))
def test_axe_is_content_and_nothing_scrolls_sideways(visit, url):
    page = visit(url)
    names = [name for name in FIGURES if FIGURES[name] == url]
    all_of_them = ", ".join(f".figure[data-files*='{name}']" for name in names)
    for width in at_widths(page, 1440, 1024, 390):
        for name in names:
            find(page, name)
        assert axe(page, all_of_them, themes_at(width)) == [], width
        wide = page.locator(all_of_them).evaluate_all(
            """figures => [document.documentElement, ...figures, ...figures.flatMap(one => [...one.querySelectorAll("*")])]
              .filter(box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline" && !box.closest(".katex, svg"))
              .map(box => box.outerHTML.slice(0, 100))"""
        )
        assert wide == [], width


class _Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        policy = "default-src 'self'; img-src 'self' data:"
        self.send_header("Content-Security-Policy-Report-Only", policy)
        super().end_headers()

    def log_message(self, *args):
        pass


def test_nothing_is_against_a_strict_policy(tab, own_site):
    """What a page does on its own, before its figures come, is judged elsewhere."""
    handler = functools.partial(_Handler, directory=str(own_site))
    page = tab(
        script="addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) =>"
        " (globalThis.against ??= []).push([violatedDirective, sourceFile]))",
        bypass_csp=False,
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for url in sorted(set(FIGURES.values())):
            page.goto(f"http://127.0.0.1:{server.server_port}/{url}")
            before = page.evaluate("globalThis.against")
            assert before, (
                "the page itself has scripts in it, so this test can see them"
            )
            for name in (one for one in FIGURES if FIGURES[one] == url):
                find(page, name)
                move(page.locator(".moving input").last, 3)
            assert page.evaluate("globalThis.against") == before
        server.shutdown()


# ## Tokens and their price
def test_costs_are_counted_as_in_python(figure):
    found = figure("cost.js")
    sides, widths = range(32, 1025, 32), range(64, 1281, 64)
    for height, patch_size, layers in product((32, 1024), (2, 16, 32), (1, 32)):
        width, d_model = 96, 768
        chosen = {
            "height": (height, sides.index(height)),
            "width": (width, sides.index(width)),
            "patch": (patch_size, [2, 4, 8, 16, 32].index(patch_size)),
            "token": (d_model, widths.index(d_model)),
            "layers": (layers, layers - 1),
        }
        for label, (_, place) in chosen.items():
            move(found.get_by_label(label), place)
        one = cost.cost(*(value for value, _ in chosen.values()))
        two = cost.cost(2 * height, 2 * width, patch_size, d_model, layers)
        assert found.locator("tbody tr").all_inner_texts() == [
            "\t".join([words, *numbers])
            for words, numbers in zip(
                found.locator("tbody td:first-child").all_inner_texts(),
                cost.numbers(one, two),
                strict=True,
            )
        ]


def test_a_slider_has_keys_and_says_what_it_is_at(figure):
    found = figure("cost.js")
    still = found.locator("tbody").inner_text()
    slider = found.get_by_role("slider", name="patch P")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "8 px")
    expect(found.locator("tbody tr").first).to_contain_text("785")
    slider.press("ArrowRight")
    assert found.locator("tbody").inner_text() == still


# ## Why the square root?
def test_the_weights_are_those_of_python(figure):
    found = figure("scale.js")
    for exponent in (0, 5, 9):
        d_k = 2**exponent
        move(found.get_by_role("slider"), exponent)
        rows = found.locator("tbody tr").all_inner_texts()
        told = list(zip(*(row.split("\t")[1:] for row in rows), strict=True))
        assert told == list(map(scale.texts, scale.both(d_k)))
        bars = found.locator("rect").evaluate_all(
            "bars => bars.map(bar => bar.height.baseVal.value / 120)"
        )
        drawn = [weight for one in scale.both(d_k) for weight in one.first]
        assert bars == pytest.approx(drawn, abs=1e-5)
        expect(found).to_contain_text(f"√{d_k}")


# ## Shuffle the patches
def told(figure):
    """The answers with position embeddings, and without."""
    lists = figure.locator("ol").all()
    assert len(lists) == 2
    return [
        [re.fullmatch(r"(\w+)\s*([\d.]+) %", one.strip()).groups() for one in texts]
        for texts in (one.locator("li").all_inner_texts() for one in lists)
    ]


def shares(answers):
    return {name: float(percent) / 100 for name, percent in answers}


def test_the_answers_to_shuffled_patches_are_those_of_pytorch(figure):
    found, one = figure("shuffle.js"), Classifier()
    scripts = "[...document.scripts].filter(one => one.src.includes('laptop')).length"
    expect(found.get_by_role("button", name="cat")).to_be_visible()
    assert found.page.evaluate(scripts) == 0
    expect(found.locator("img")).to_be_visible()
    slider = found.get_by_role("slider", name="shuffled")
    image = try_it.images()[shuffle.CAT].resize((256, 256), Image.Resampling.BICUBIC)
    order = shuffle.random_order(64, shuffle.SEED)
    seen = []
    for count in (64, 0):
        slider.press("End" if count else "Home")
        expect(found.locator("img")).to_have_count(0)
        before = seen[-1][0][0] if seen else ("", "")
        expect(found.locator("ol").first).not_to_contain_text(
            f"{before[0]}{before[1]}" if seen else "nothing"
        )
        seen.append(told(found))
        shown = shuffle.shuffled(image, shuffle.sources(order, count))
        for answers, expected in zip(
            seen[-1], shuffle.probabilities(one, shown), strict=True
        ):
            of_pytorch = dict(zip(one.classes, expected.tolist(), strict=True))
            told_shares = shares(answers)
            # Browsers decode and smooth images a little differently.
            assert told_shares == pytest.approx(
                {name: of_pytorch[name] for name in told_shares}, abs=0.03
            )
    (shuffled_with, shuffled_without), (with_positions, without) = seen
    assert shuffled_without == without
    assert shuffled_with[0][0] != with_positions[0][0] == "cat"


def test_other_images_and_other_orders(figure):
    found = figure("shuffle.js")
    found.get_by_role("button", name="frog").click()
    expect(found.locator("li").first).to_contain_text("frog")
    expect(found.get_by_role("button", name="frog")).to_have_attribute(
        "aria-pressed", "true"
    )
    found.get_by_role("slider").press("End")
    expect(found.locator("li").first).not_to_contain_text("frog")
    (before, without) = told(found)
    found.get_by_role("button", name="Another order").click()
    expect(found.locator("ol").first).not_to_have_text(
        re.compile(re.escape(before[0][1]))
    )
    assert told(found)[1] == without


# ## One image through the model
def test_each_step_shows_its_tensor(figure):
    found = figure("through.js", width=390)
    shapes = through.shapes()
    slider = found.get_by_role("slider", name="step")
    drawing = found.get_by_role("img")
    rows = found.locator("tbody tr")
    assert rows.count() == len(shapes) == len(through.STEPS) + 1
    slider.press("Home")
    for step, shape in enumerate(shapes):
        name = f"A tensor of shape {', '.join(map(str, shape))}"
        expect(drawing).to_have_attribute("aria-label", name)
        expect(rows.nth(step)).to_contain_class("through-here")
        wide = "one => one.getBoundingClientRect().right - innerWidth"
        assert drawing.evaluate(wide) < 0
        slider.press("ArrowRight")
    rows.nth(7).hover()
    expect(slider).to_have_value("7")
    rows.nth(10).get_by_role("link").focus()
    expect(slider).to_have_value("10")
    expect(drawing).to_have_attribute("aria-label", "A tensor of shape 1, 65, 768")


# ## Plots that answer
EXPERIMENT = "transformers/vit/experiment.html"
RESULTS = [
    json.loads((through.HERE / "results" / f"laptop-{seed}.json").read_text("utf-8"))
    for seed in range(3)
]


def place(figure, x, y, width):
    """A place of the drawing, whose own width is given, on the page."""
    scale = figure.locator("img").bounding_box()["width"] / width
    return {"x": x * scale, "y": y * scale}


def drawn(figure, name, width):
    """The drawing of a figure in a window, and its own width."""
    form = f"laptop-{name}{'-narrow' if width < 768 else ''}.svg"
    assert figure.locator("img").evaluate("one => one.currentSrc").endswith(form)
    drawing = (through.ROOT / "docs/figures" / form).read_text("utf-8")
    return drawing, float(re.search(r'viewBox="0 0 (\d+)', drawing)[1])


def test_plots_answer_to_pointer_and_keys(visit):
    page = visit(EXPERIMENT)
    for width in at_widths(page, 1440, 390):
        curves, matrix = page.locator(".figure").all()
        curves.scroll_into_view_if_needed()
        slider = curves.get_by_role("slider", name="epoch")
        epochs = len(RESULTS[0]["epochs"])
        slider.press("End")
        expect(slider).to_have_attribute("aria-valuetext", str(epochs))
        # Where the drawing says that the seventh epoch is.
        drawing, full = drawn(curves, "curves", width)
        x = float(re.search(r'<text x="([\d.]+)"[^>]*>7<', drawing)[1])
        curves.locator("img").hover(position=place(curves, x, 150, full))
        shares = (f"{100 * one['epochs'][6]['accuracy']:.1f} %" for one in RESULTS)
        expect(curves.locator(".answer")).to_contain_text(
            f"After epoch 7, training {', '.join(shares)}; validation"
        )
        assert_marked(curves, x, full)
        assert axe(page, ".moving") == [], width

        matrix.scroll_into_view_if_needed()
        expect(matrix.get_by_role("slider", name="true class")).to_be_visible()
        drawing, full = drawn(matrix, "confusion", width)
        classes, counts = RESULTS[0]["classes"], RESULTS[0]["test"]["confusion"]
        cells = re.findall(
            r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>(\d+)</text>', drawing
        )
        for number in (35, 99):
            x, y, shown = cells[number]
            row, column = divmod(number, len(classes))
            assert counts[row][column] == int(shown)
            matrix.locator("img").hover(
                position=place(matrix, float(x), float(y), full)
            )
            answer = matrix.locator(".answer")
            expect(answer).to_contain_text(f"images of the class {classes[row]}")
            expect(answer).to_contain_text(f", {shown} were")
            assert_marked(matrix, float(x), full)
        slider = matrix.get_by_role("slider", name="taken for")
        slider.press("Home")
        expect(answer).to_contain_text(f", {counts[9][0]} were taken for {classes[0]}")


def assert_marked(figure, x, width):
    """What is marked over the drawing has its middle at a place of the drawing."""
    mark, image = (figure.locator(one).bounding_box() for one in (".mark", "img"))
    middle = mark["x"] + mark["width"] / 2 - image["x"]
    assert middle == pytest.approx(x * image["width"] / width, abs=1.5)


def test_the_marks_follow_a_phone_that_is_turned(visit):
    page = visit(EXPERIMENT, width=390)
    curves = page.locator(".figure").first
    curves.scroll_into_view_if_needed()
    curves.get_by_role("slider", name="epoch").press("Home")
    for width in (390, 844):
        page.set_viewport_size({"width": width, "height": 1234 - width})
        expect(curves.locator("svg")).to_have_attribute(
            "viewBox", "0 0 390 290" if width == 390 else "0 0 720 380"
        )
        drawing, full = drawn(curves, "curves", width)
        x = float(re.search(r'<text x="([\d.]+)"[^>]*>1<', drawing)[1])
        assert_marked(curves, x, full)


def test_a_finger_on_a_plot_is_answered_and_nothing_is_enlarged(visit):
    page = visit(EXPERIMENT, width=390, has_touch=True)
    _, matrix = page.locator(".figure").all()
    matrix.scroll_into_view_if_needed()
    expect(matrix.get_by_role("slider", name="true class")).to_be_visible()
    matrix.locator("img").tap(position=place(matrix, 86 + 1.5 * 30, 86 + 15, 388))
    classes, counts = RESULTS[0]["classes"], RESULTS[0]["test"]["confusion"]
    expect(matrix.locator(".answer")).to_contain_text(
        f"{counts[0][1]} were taken for {classes[1]}"
    )
    expect(page.get_by_role("dialog")).to_be_hidden()
