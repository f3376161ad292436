"""The three main pages as they look, against small pictures that somebody has approved."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

from tests.browser.conftest import at_widths, in_themes
from tests.browser.test_pages import ATTENTION, HOME, VIT

APPROVED = Path(__file__).parent / "screenshots"
UPDATE = "python -m pytest tests/browser/test_screenshots.py --update-golden"
# Fonts are drawn a little differently on every machine. A quarter of the size evens out
# most of it; what is left stays below these, on average and in the worst of the tiles.
AVERAGE, TILE = 3, 16


def small(screenshot: bytes) -> Image.Image:
    picture = Image.open(BytesIO(screenshot)).convert("RGB")
    return picture.reduce(4)


def settle(page: Page) -> None:
    """Wait for the fonts, and for the images in sight, which are loaded lazily."""
    page.evaluate(
        """document.fonts.ready.then(() => Promise.all([...document.images]
          .filter(one => one.getBoundingClientRect().top < innerHeight)
          .map(one => one.decode())))"""
    )


def difference(one: Image.Image, two: Image.Image) -> tuple[float, float]:
    """How far two pictures are apart, from 0 to 255: on average and in the worst tile."""
    apart = ImageChops.difference(one, two).convert("L")
    tiles = apart.resize((8, 8), Image.Resampling.BOX)
    return ImageStat.Stat(apart).mean[0], float(tiles.getextrema()[1])


@pytest.mark.parametrize(
    ("name", "url"), {"home": HOME, "vit": VIT, "attention": ATTENTION}.items()
)
def test_screenshots(visit, request, tmp_path, name, url):
    page = visit(url)
    for width in at_widths(page, 1440, 1024, 390):
        settle(page)
        for theme in in_themes(page):
            file = APPROVED / f"{name}-{width}-{theme}.png"
            compare(small(page.screenshot()), file, request, tmp_path)


def compare(now, file, request, tmp_path):
    if request.config.getoption("--update-golden"):
        file.parent.mkdir(exist_ok=True)
        now.quantize(48, dither=Image.Dither.NONE).save(file, optimize=True)
    assert file.is_file(), f"if the page is right: {UPDATE}"
    then = Image.open(file).convert("RGB")
    assert now.size == then.size, f"if the new size is right: {UPDATE}"
    average, tile = difference(now, then)
    if average > AVERAGE or tile > TILE:
        now.save(tmp_path / file.name)
    assert average <= AVERAGE, (
        f"{tmp_path / file.name} is not {file}; if it is right: {UPDATE}"
    )
    assert tile <= TILE, (
        f"a part of {tmp_path / file.name} is not as in {file}; if it is right: {UPDATE}"
    )


def test_a_change_is_seen(visit):
    """The tolerance is not so wide that it lets everything through."""
    page = visit(VIT)
    settle(page)
    before = small(page.screenshot())
    assert difference(before, small(page.screenshot()))[0] < 0.2
    for change in (
        "document.querySelector('h1').style.marginBottom = '5rem'",
        "document.querySelector('figure').style.visibility = 'hidden'",
        "document.documentElement.dataset.theme = 'dark'",
    ):
        page.reload()
        settle(page)
        page.evaluate(change)
        average, tile = difference(before, small(page.screenshot()))
        assert average > AVERAGE or tile > TILE, change
