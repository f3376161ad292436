"""Tabs by mouse and by keyboard, without JavaScript, and on paper."""

import re

import pytest

from sidelit.build import build
from sidelit.config import load
from tests.browser.conftest import THEMES, at_widths
from tests.browser.serving import serving
from tests.browser.test_pages import axe
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text("utf-8")
EXAMPLE = re.search(r"^## Tabs.*?````markdown\n(.*?)^````", GUIDE, re.S | re.M)[1]


@pytest.fixture
def address(project, tmp_path):
    folder = project({"src/index.md": f"# Install\n\n{EXAMPLE}"})
    out = tmp_path / "out"
    files = build(load({"sources": [str(folder / "src")], "output": str(out)})[0]).files
    for url, data in files.items():
        (out / url).parent.mkdir(parents=True, exist_ok=True)
        (out / url).write_bytes(data)
    with serving(out) as address:
        yield address


def seen(page):
    """Whether what the first and the second tab hold can be seen."""
    texts = ("Everything is on PyPI", "Ask for the channel")
    return [page.get_by_text(text).is_visible() for text in texts]


def test_tabs_need_no_script(visit):
    page = visit("index.html", java_script_enabled=False)
    assert seen(page) == [True, False]
    first, second = page.locator(".tab > summary").all()
    # The titles stand in a row.
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    second.click()
    assert seen(page) == [False, True]
    first.focus()
    page.keyboard.press("Enter")
    assert seen(page) == [True, False]
    page.emulate_media(media="print")
    assert seen(page) == [True, True]


def test_tabs_can_be_read(visit):
    page = visit("index.html")
    for width in at_widths(page, 1440, 390):
        assert axe(page, themes=THEMES) == [], width
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
