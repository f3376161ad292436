"""The figures with sliders: what they say, their keys, and how they look."""

import functools
import http.server
import threading
from itertools import product

import pytest
from playwright.sync_api import expect

from labml_nn.transformers import cost
from tests.browser.conftest import at_widths, in_themes
from tests.browser.test_pages import ATTENTION, axe

# Where each figure is, and the script that it runs.
FIGURES = {"cost.js": ATTENTION}
figures = pytest.mark.parametrize(("name", "url"), FIGURES.items())


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


@figures
def test_axe_is_content_and_nothing_scrolls_sideways(visit, name, url):
    page = visit(url)
    for width in at_widths(page, 1440, 1024, 390):
        found = find(page, name)
        for theme in in_themes(page):
            assert axe(page, theme, f".figure[data-files*='{name}']") == [], width
        wide = found.evaluate(
            """figure => [document.documentElement, figure, ...figure.querySelectorAll("*")]
              .filter(box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline" && !box.closest(".katex"))
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


def test_nothing_is_against_a_strict_policy(browser, own_site):
    """What a page does on its own, before its figures come, is judged elsewhere."""
    handler = functools.partial(_Handler, directory=str(own_site))
    page = browser.new_page()
    page.add_init_script(
        "addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) =>"
        " (globalThis.against ??= []).push([violatedDirective, sourceFile]))"
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
    page.close()


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
