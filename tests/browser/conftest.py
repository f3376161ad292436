"""A browser, and this repository's site as a visitor meets it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.serving import serving
from tests.conftest import LIMIT

# A browser waits for what is meant to happen as long as everything else here.
expect.set_options(timeout=LIMIT * 1000)

WIDTHS = {1440: 900, 1024: 800, 390: 844}
THEMES = ["light", "dark"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium.find()
    if executable is None:
        message = f"no browser here: {chromium.HOW}"
        # On a build server a skipped test would be a hole that nobody sees.
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            timeout=LIMIT * 1000,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def at_widths(page: Page, *widths: int) -> Iterator[int]:
    """Open a page again in windows of these widths: a quarter of what a new one costs."""
    for width in widths:
        size = {"width": width, "height": WIDTHS[width]}
        if page.viewport_size != size:
            page.set_viewport_size(size)
            page.reload()
        yield width


def in_themes(page: Page) -> Iterator[str]:
    """Show a page as it is, in the colours of each theme."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        yield theme


@pytest.fixture(scope="session")
def address(own_site: Path) -> Iterator[str]:
    """Where the site is served."""
    with serving(own_site.parents[1]) as root:
        yield f"{root}under/a%20path/"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a page; at the end nothing may have gone wrong on it or left the site."""
    contexts, complaints = [], []

    def open_page(
        url: str, width: int = 1440, script: str = "", **settings: object
    ) -> Page:
        size = {"width": width, "height": WIDTHS[width]}
        # To wait for something, Playwright evaluates text, which pages forbid.
        settings = {
            "viewport": size,
            "reduced_motion": "reduce",
            "bypass_csp": True,
            **settings,
        }
        context = browser.new_context(**settings)
        context.set_default_timeout(LIMIT * 1000)
        if script:
            context.add_init_script(script)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: answer.status < 400 or complaints.append(answer.url),
        )
        url = url if "://" in url else address + url
        page.on("request", lambda request: _stay(request.url, url))
        page.goto(url)
        return page

    def _stay(url: str, opened: str) -> None:
        there = urlsplit(url)
        if (
            there.scheme in ("http", "https")
            and there.netloc != urlsplit(opened).netloc
        ):
            complaints.append(f"left the site: {url}")

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
