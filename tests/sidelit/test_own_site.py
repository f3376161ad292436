"""The pages of this repository: valid HTML, and every link leads somewhere."""

import json
import posixpath
import re
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT


class Page(HTMLParser):
    """The identifiers of a page and what it links to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.headings, self.images = [], [], [], []
        self.description = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src"):
            if name in values:
                self.links.append(values[name])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if values.get("name") == "description":
            self.description = values["content"]
        if tag == "img":
            self.images.append(values)


@pytest.fixture(scope="module")
def pages(own_site):
    return {
        file.relative_to(own_site).as_posix(): Page(file.read_text("utf-8"))
        for file in sorted(own_site.rglob("*.html"))
    }


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
    dead = []
    for url, page in pages.items():
        for link in page.links:
            if re.match(r"https?:|mailto:", link):
                continue
            path, _, anchor = link.partition("#")
            path = unquote(path.partition("?")[0])
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(url), path))
                if path
                else url
            ).lstrip("/")
            if not (own_site / target).is_file() or (
                anchor and unquote(anchor) not in pages[target].ids
            ):
                dead.append((url, link))
    assert dead == []


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


def test_html_is_valid(own_site, tmp_path):
    rules = {
        "extends": ["html-validate:standard"],
        # Matters of style. Inline styles are KaTeX's, and the numbers of lines.
        "rules": {
            "long-title": "off",
            "no-inline-style": "off",
            "no-trailing-whitespace": "off",
            "require-sri": "off",
            "doctype-style": "off",
            "tel-non-breaking": "off",
            "void-style": "off",
        },
    }
    (tmp_path / "rules.json").write_text(json.dumps({"root": True, **rules}))
    result = subprocess.run(
        ["node_modules/.bin/html-validate", "--config",
         str(tmp_path / "rules.json"), f"{own_site}/**/*.html"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[:5000] + result.stderr[:1000]
