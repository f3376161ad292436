"""A browser, and this repository's site as a visitor meets it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

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
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                # Without a window, letters would have whole pixels as their widths.
                "--font-render-hinting=none",
            ],
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


class Tabs:
    """Tabs that are used again: to make one costs twice what it takes to open a page.

    Whoever takes one finds it as if nobody had, but for what a browser keeps of the site
    of this repository: to load and compile all that again is half of opening a page.
    """

    def __init__(self, browser: Browser) -> None:
        # Where that site is served, once it is.
        self.site: str | None = None
        self._browser = browser
        self._kinds: dict[Page, tuple[object, ...]] = {}
        self._free: list[Page] = []

    def take(
        self,
        viewport: ViewportSize,
        color_scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "reduce",
        script: str = "",
        cached: bool = False,
        **settings: object,
    ) -> Page:
        """An empty page; what cannot be set again later decides which one."""
        kind = (cached, script, *sorted(settings.items()))
        page = next((one for one in self._free if self._kinds[one] == kind), None)
        if page is None:
            # To wait for something, Playwright evaluates text, which pages forbid.
            context = self._browser.new_context(**{"bypass_csp": True, **settings})
            context.set_default_timeout(LIMIT * 1000)
            if script:
                context.add_init_script(script)
            page = context.new_page()
            self._kinds[page] = kind
        else:
            self._free.remove(page)
        page.set_viewport_size(viewport)
        page.emulate_media(
            media="null", color_scheme=color_scheme, reduced_motion=reduced_motion
        )
        return page

    def give_back(self, page: Page) -> None:
        """Leave nothing behind, or if that does not work, nothing at all."""
        try:
            self._clear(page)
            self._free.append(page)
        except Error:
            page.context.close()

    def _clear(self, page: Page) -> None:
        context = page.context
        for another in context.pages:
            if another is not page:
                another.close()
        page.unroute_all(behavior="ignoreErrors")
        context.set_offline(False)
        context.clear_permissions()
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.goto("about:blank")
        page.mouse.move(-1, -1)
        devtools = context.new_cdp_session(page)
        cached, *_ = self._kinds[page]
        if not cached:
            # Another server may have the same address.
            devtools.send("Network.clearBrowserCache")
        devtools.send("Page.resetNavigationHistory")
        devtools.detach()


@pytest.fixture(scope="session")
def _tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture(scope="session")
def address(own_site: Path, _tabs: Tabs) -> Iterator[str]:
    """Where the site is served."""
    with serving(own_site.parents[1]) as root:
        _tabs.site = f"{root}under/a%20path/"
        yield _tabs.site


@pytest.fixture
def tab(_tabs: Tabs) -> Iterator[Callable[..., Page]]:
    """An empty page with some settings, for this test alone."""
    taken = []

    def take(width: int = 1440, **settings: object) -> Page:
        size = {"width": width, "height": WIDTHS[width]}
        taken.append(_tabs.take(**{"viewport": size, **settings}))
        return taken[-1]

    yield take
    for page in taken:
        _tabs.give_back(page)


@pytest.fixture
def visit(
    tab: Callable[..., Page], address: str, _tabs: Tabs
) -> Iterator[Callable[..., Page]]:
    """Open a page; at the end nothing may have gone wrong on it or left the site."""
    complaints, watched = [], []

    def open_page(
        url: str, width: int = 1440, first: bool = False, **settings: object
    ) -> Page:
        """`first` is who has nothing of the site in the browser's cache."""
        url = url if "://" in url else address + url
        at_home = _tabs.site is not None and url.startswith(_tabs.site)
        page = tab(width, cached=at_home and not first, **settings)
        watches = {
            "console": lambda message: complaints.append(message.text),
            "pageerror": lambda error: complaints.append(str(error)),
            "response": lambda answer: (
                answer.status < 400 or complaints.append(answer.url)
            ),
            "request": lambda request: _stay(request.url, url),
        }
        for event, watch in watches.items():
            page.on(event, watch)
            watched.append((page, event, watch))
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
    for page, event, watch in watched:
        page.remove_listener(event, watch)
    assert complaints == []
