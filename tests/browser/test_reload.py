"""A page that is open while somebody writes it."""

import pytest
from playwright.sync_api import expect

from sidelit.files import write_file
from tests.sidelit.test_serve import serving

TEXT = '"""One."""\n' + "".join(
    f"\n\ndef f{n}():\n    # Number {n}.\n" + "    pass\n" * 40 for n in range(6)
)


@pytest.fixture
def open_page(tab, tmp_path):
    """A served page, its file, and a way to write to it and wait."""
    file = tmp_path / "src" / "a.py"
    file.parent.mkdir()
    file.write_text(TEXT)
    (tmp_path / "pyproject.toml").write_text('[tool.sidelit]\nsources = ["src"]\n')
    with serving(tmp_path) as (url, _):
        page = tab()
        page.goto(url + "a.html")
        yield page, file


def write(page, file, old, new):
    # In one step, so that the server never reads half a file.
    write_file(file, file.read_text().replace(old, new).encode())
    expect(page.get_by_text(new)).to_be_attached()
    page.wait_for_load_state("load")


def test_a_page_keeps_its_place_or_goes_to_the_edit(open_page):
    page, file = open_page
    page.evaluate("document.getElementById('f3').scrollIntoView()")
    place = page.evaluate("scrollY")
    assert place > 900
    # What is edited is in sight, so nothing moves.
    write(page, file, "Number 3.", "The third.")
    expect(page.get_by_text("The third.")).to_be_in_viewport()
    page.wait_for_function("place => Math.abs(scrollY - place) <= 5", arg=place)
    # What is edited is not, so the page goes there.
    write(page, file, "Number 0.", "The first.")
    expect(page.get_by_text("The first.")).to_be_in_viewport()
    page.wait_for_function("place => scrollY < place", arg=place)
