"""What a site has besides its pages: a map, a feed, a page for the lost, facts, pictures."""

import json
import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from sidelit.config import load
from sidelit.page.palette import theme_colors
from sidelit.publish import cards
from sidelit.publish.history import History
from tests.conftest import ROOT

BASE = "https://x.example/y/"
FILES = {
    "__init__.py": '"""\n# Home & all\n\nSome words.\n"""\n',
    "sub/a.py": '"""\n---\ntitle: A <b>\nsummary: S </script> & t\n---\n"""\nx = 1\n',
    "sub/b.md": "# Words\n\nNothing but words.\n",
}
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def site(build_files, monkeypatch):
    dates = {
        "sub/a.py": datetime(2026, 11, 3, 4, 30, tzinfo=UTC),
        "__init__.py": datetime(2026, 11, 1, tzinfo=UTC),
    }
    monkeypatch.setattr("sidelit.steps.lasting.read_history", lambda *_: History(dates))
    return build_files(FILES, base_url=BASE, site_title="Site & sons").files


def test_the_site_map_has_every_page_and_its_date(site):
    places = ElementTree.fromstring(site["sitemap.xml"])
    found = [
        (place.findtext(f"{MAP}loc"), place.findtext(f"{MAP}lastmod"))
        for place in places
    ]
    assert found == [
        (BASE, "2026-11-01T00:00:00+00:00"),
        (f"{BASE}sub/", None),
        (f"{BASE}sub/a.html", "2026-11-03T04:30:00+00:00"),
        (f"{BASE}sub/b.html", None),
    ]
    assert f"Sitemap: {BASE}sitemap.xml\n" in site["robots.txt"].decode()


def test_the_feed_has_the_newest_pages_first(site):
    feed = ElementTree.fromstring(site["feed.xml"])
    for name in ("title", "id", "updated", "author", "link"):
        assert feed.find(ATOM + name) is not None, name
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "A <b>",
        "Home & all",
    ]
    for entry in entries:
        for name in ("id", "updated", "link", "summary"):
            assert entry.find(ATOM + name) is not None, name
    assert feed.findtext(f"{ATOM}updated") == "2026-11-03T04:30:00+00:00"
    assert b'type="application/atom+xml"' in site["sub/a.html"]


def test_without_dates_there_is_no_feed_and_without_an_address_nothing(build_files):
    files = build_files(FILES, base_url=BASE).files
    assert "feed.xml" not in files
    assert b"application/atom+xml" not in files["index.html"]
    assert b"<lastmod>" not in files["sitemap.xml"]
    assert b"Last changed" not in files["index.html"]
    files = build_files(FILES).files
    assert not {"sitemap.xml", "robots.txt", "feed.xml", "404.html"} & set(files)
    assert not [url for url in files if url.endswith(".png")]
    assert b"ld+json" not in files["index.html"]
    assert b"og:image" not in files["index.html"]


def test_facts_for_search_engines(site):
    def facts(url):
        found = re.findall(r'ld\+json">(.*?)</script>', site[url].decode())
        assert len(found) == 1
        return json.loads(found[0])

    assert facts("sub/a.html") == {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": "A <b>",
        "description": "S </script> & t",
        "url": f"{BASE}sub/a.html",
        "image": f"{BASE}assets/cards/sub/a.png",
        "dateModified": "2026-11-03T04:30:00+00:00",
        "inLanguage": "en",
        "isPartOf": {"@type": "WebSite", "name": "Site & sons", "url": BASE},
    }
    assert facts("index.html")["@type"] == "WebSite"


def test_the_page_for_the_lost_works_at_any_depth(site, build_files):
    page = site["404.html"].decode()
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert all(link.startswith(("/y/", "#")) for link in links), links
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
    assert "404" not in site["sitemap.xml"].decode()
    own = build_files({**FILES, "404.md": "# Mine\n"}, base_url=BASE).files
    assert b"<h1" in own["404.html"]
    assert b"Mine" in own["404.html"]


# ## Cards
def test_every_page_has_a_picture_in_its_head(site):
    page = site["sub/a.html"].decode()
    url = f"{BASE}assets/cards/sub/a.png"
    assert f'<meta property="og:image" content="{url}">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    for name in ("index", "sub/a", "sub/b"):
        data = site[f"assets/cards/{name}.png"]
        picture = Image.open(BytesIO(data))
        assert picture.size == (1200, 630)
        assert len(data) < 40_000


def card(title, folder="", site="Site", strokes=((0, 4, 9, "k"),)):
    return cards.Card(site, folder, title, "A summary of it. " * 20, strokes)


@pytest.fixture
def own_config(monkeypatch):
    monkeypatch.chdir(ROOT)
    return load({})[0]


@pytest.fixture
def draw(own_config):
    return own_cards(own_config).png


def own_cards(config):
    return cards.Cards(config.root, theme_colors(config.colors))


def ink(data, box):
    """How much of a part of a card is not paper."""
    part = Image.open(BytesIO(data)).convert("L").crop(box)
    return sum(part.histogram()[:200])


@pytest.mark.parametrize(
    "title",
    [
        "A",
        "Multi-head attention",
        "An_identifier_that_is_long.and_has.a_module.in_front.of_it.and_behind_it",
        "Long words of Erdős and Łukasiewicz, " * 9,
    ],
)
def test_titles_fit(draw, title):
    data = draw(card(title, "folder / folder " * 9, "A long name of a site " * 5))
    assert ink(data, (72, 150, 740, 560)) > 500
    # Nothing runs to the edges.
    assert ink(data, (0, 0, 60, 630)) == 0
    assert ink(data, (764, 0, 790, 630)) == 0
    assert ink(data, (0, 138, 790, 160)) == 0


def test_the_picture_has_the_colours_of_the_site(build_files):
    colors = ["accent=#0a0", "background=#eef"]
    files = build_files({"a.py": ""}, base_url=BASE, colors=colors).files
    picture = Image.open(BytesIO(files["assets/cards/a.png"])).convert("RGB")
    assert picture.getpixel((5, 5)) == (0xEE, 0xEE, 0xFF)
    assert picture.getpixel((76, 90)) == (0, 0xAA, 0)
    tone = '<meta name="theme-color" media="(prefers-color-scheme: light)"'
    assert f'{tone} content="#eeeeff">' in files["a.html"].decode()


def test_a_title_without_letters_has_no_picture(draw, build_files):
    assert draw(card("注意力")) is None
    files = build_files({"a.md": "# 注意力\n\nText.\n"}, base_url=BASE).files
    assert "assets/cards/a.png" not in files
    assert b"og:image" not in files["a.html"]
    assert b'name="twitter:card" content="summary"' in files["a.html"]


def test_a_picture_is_drawn_once(own_config, monkeypatch):
    one = own_cards(own_config).png(card("Drawn once"))
    monkeypatch.setattr(cards.Cards, "_draw", None)
    assert own_cards(own_config).png(card("Drawn once")) == one


def test_another_process_draws_the_same(own_config, monkeypatch, tmp_path):
    here = own_cards(own_config)
    one = here.png(card("Drawn here"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(here.png, card("Drawn here")).result() == one


def test_without_the_fonts_there_is_no_picture(own_config, monkeypatch):
    monkeypatch.setattr(cards, "npm_package", lambda *_: None)
    assert own_cards(own_config).png(card("A")) is None


def test_the_code_of_a_page_is_on_its_card(split_text, own_config):
    text = '"""Words."""\n\nimport os\n\n\n# A note.\nx = 1\n'
    strokes = cards.card_of(split_text(text), own_config.site_title).strokes
    assert [stroke[:3] for stroke in strokes] == [
        (0, 0, 6),
        (0, 7, 9),
        (1, 0, 1),
        (1, 2, 3),
        (1, 4, 5),
    ]
