"""The pages of this repository: valid HTML, and every link leads somewhere."""

import re
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT
from tests.sites import dead_links, pages_of, refused_pages


@pytest.fixture(scope="module")
def pages(own_site):
    return pages_of(own_site)


def test_there_is_a_page_for_everything(pages):
    expected = {"index.html", "utils.html", "sidelit/index.html"}
    for name in ("index", "mha", "feed_forward", "models", "vit/index", "vit/readme"):
        expected.add(f"transformers/{name}.html")
    for file in (ROOT / "utils" / "sidelit").glob("*.py"):
        expected.add(
            f"sidelit/{'index' if file.stem == '__init__' else file.stem}.html"
        )
    assert expected <= set(pages)


def test_every_link_and_anchor_leads_somewhere(pages, own_site):
    assert dead_links(own_site, pages) == []


def test_every_whole_address_leads_somewhere(pages, own_site):
    """In heads, in the site map and in the feed."""
    base = "https://annotated.example/"
    texts = [file.read_text() for file in own_site.glob("*.xml")]
    texts += [
        re.sub("<body.*", "", (own_site / url).read_text(), flags=re.S) for url in pages
    ]
    found = {link for text in texts for link in re.findall(rf'{base}[^"<\s]*', text)}
    assert len(found) > 2 * len(pages) - 3
    for link in found:
        path = unquote(link.removeprefix(base))
        file = own_site / path
        assert (file / "index.html" if file.is_dir() else file).is_file(), link


def test_identifiers_are_unique_and_headings_in_order(pages):
    for url, page in pages.items():
        assert len(set(page.ids)) == len(page.ids), url
        assert page.headings.count(1) == 1, url
        assert page.headings[0] == 1, url
        for one, two in zip(page.headings, page.headings[1:], strict=False):
            assert two <= one + 1, (url, page.headings)


def test_pictures_say_what_they_show(pages):
    for url, page in pages.items():
        for image in page.images:
            assert len(image["alt"]) > 20, url
            assert image["width"], url


def test_front_matter_is_there_and_of_use_to_search_engines(pages):
    for url, page in pages.items():
        if not re.search(r"\.(js|cjs|css)\.html$", url):
            assert 40 <= len(page.description) <= 200, url


def test_html_is_valid(own_site):
    assert refused_pages(own_site) == {}
