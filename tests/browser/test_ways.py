"""The tree of pages and the contents: at the side, behind a button, and without a script."""

import pytest
from playwright.sync_api import expect

from sidelit.build import build
from sidelit.config import load
from sidelit.write import write_site

FUNCTIONS = '"""Forty functions."""\n' + "".join(
    f'\n\ndef function_{n}():\n    """Number {n}."""\n' for n in range(40)
)
PRIVATE = '"""Words."""\n\n\ndef _helper():\n    """Help."""\n'


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A site of a stranger: a crowded folder, one without a page, many functions."""
    folder = tmp_path_factory.mktemp("strange")
    files = {
        "__init__.py": "",
        "forty.py": FUNCTIONS,
        "p.py": PRIVATE,
        "loose/deep/a.py": "",
    }
    files |= {f"many/m{n:03}.py": "" for n in range(90)}
    for name, text in files.items():
        file = folder / "pkg" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    output = folder / "site"
    flags = {"sources": [str(folder / "pkg")], "output": str(output), "private": "fold"}
    config, _ = load(flags)
    write_site(config.output, build(config).files)
    return output


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scripted", [True, False])
def test_forty_functions_leave_the_code_on_the_first_screen(
    visit, strange, width, scripted
):
    page = visit((strange / "forty.html").as_uri(), width, java_script_enabled=scripted)
    top = page.locator(".rows").bounding_box()["y"]
    assert top < page.viewport_size["height"]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_drawer_opens_without_a_script(visit, strange, width):
    page = visit((strange / "forty.html").as_uri(), width, java_script_enabled=False)
    page.get_by_role("button", name="Pages and contents").click()
    tree = page.get_by_role("navigation", name="Pages")
    expect(tree.get_by_role("link", name="loose")).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="On this page")).to_be_in_viewport()
    tree.get_by_role("link", name="loose").click()
    expect(page).to_have_url((strange / "loose/index.html").as_uri())
    page.get_by_role("link", name="deep").last.click()
    expect(page).to_have_url((strange / "loose/deep/index.html").as_uri())


def test_a_folder_unfolds_from_disk(visit, strange):
    page = visit((strange / "forty.html").as_uri())
    tree = page.locator(".pages")
    expect(tree.get_by_role("link", name="a.py", exact=True)).to_have_count(0)
    tree.get_by_role("button", name="Unfold loose").click()
    tree.get_by_role("button", name="Unfold deep").click()
    expect(tree.get_by_role("link", name="a.py", exact=True)).to_be_visible()
    tree.get_by_role("button", name="Fold loose").click()
    expect(tree.get_by_role("link", name="a.py", exact=True)).not_to_be_visible()
    tree.get_by_role("button", name="Unfold loose").click()
    tree.get_by_role("link", name="a.py", exact=True).click()
    expect(page).to_have_url((strange / "loose/deep/a.html").as_uri())


def test_a_crowded_folder_grows_in_place(visit, strange):
    page = visit((strange / "many/m050.html").as_uri())
    tree = page.locator(".pages")
    here = tree.locator("[aria-current]")
    expect(here).to_have_text("m050.py")
    expect(here).to_be_in_viewport()
    expect(tree.get_by_role("link", name="m000")).to_have_count(0)
    tree.locator(".more a").first.click()
    expect(tree.get_by_role("link", name="m000")).to_have_count(1)
    expect(tree.get_by_role("link", name="m089")).to_have_count(1)
    expect(here).to_have_text("m050.py")
    expect(tree.locator(".more")).to_have_count(0)


def test_the_drawer_closes_behind_a_choice(visit, strange):
    page = visit((strange / "forty.html").as_uri(), 390)
    page.get_by_role("button", name="Pages and contents").click()
    entry = page.locator(".contents a", has_text="function_30")
    entry.click()
    expect(page.locator(".ways:popover-open")).to_have_count(0)
    expect(page.locator(".contents details[open]")).to_have_count(0)
    expect(page.locator("#function_30")).to_be_in_viewport()


def test_on_a_wide_screen_both_stay_at_the_side(visit, strange):
    page = visit((strange / "forty.html").as_uri())
    page.set_viewport_size({"width": 1900, "height": 900})
    expect(page.get_by_role("button", name="Pages and contents")).not_to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    for name in ("Pages", "On this page"):
        expect(page.get_by_role("navigation", name=name)).to_be_in_viewport(ratio=1)
    # What is read is lit, within a list that scrolls by itself.
    expect(page.locator(".contents .here")).to_be_in_viewport()


def test_a_link_to_what_is_private_unfolds_it(visit, strange):
    page = visit((strange / "p.html").as_uri())
    expect(page.get_by_text("Help.")).not_to_be_visible()
    visit((strange / "p.html").as_uri() + "#_helper")
    page.evaluate("location.hash = '_helper'")
    expect(page.get_by_text("Help.")).to_be_visible()


def test_a_folder_whose_script_is_missing_leads_to_its_page(tab, strange):
    page = tab()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/pages.js", lambda route: route.abort())
    page.goto((strange / "forty.html").as_uri())
    tree = page.get_by_role("navigation", name="Pages")
    tree.get_by_role("button", name="Unfold loose").click()
    expect(page).to_have_url((strange / "loose/index.html").as_uri())
    assert errors == []
