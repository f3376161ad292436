"""The pages of this repository: valid HTML, and every link leads somewhere."""

import json
import posixpath
import re
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from sidelit.build import build
from sidelit.config import load
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.chdir(ROOT)
    config, _ = load({"output": str(folder)})
    result = build(config)
    monkeypatch.undo()
    assert [str(problem) for problem in result.problems] == []
    for url, data in result.files.items():
        (folder / url).parent.mkdir(parents=True, exist_ok=True)
        (folder / url).write_bytes(data)
    return folder, result.files


class Page(HTMLParser):
    """The identifiers of a page and what it links to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.headings, self.images = [], [], [], []
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
        if tag == "img":
            self.images.append(values)


@pytest.fixture(scope="module")
def pages(site):
    return {
        url: Page(data.decode())
        for url, data in site[1].items()
        if url.endswith(".html")
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


def test_every_link_and_anchor_leads_somewhere(pages, site):
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
            )
            if target not in site[1] or (
                anchor and unquote(anchor) not in pages[target].ids
            ):
                dead.append((url, link))
    assert dead == []


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


def test_front_matter_is_there_and_of_use_to_search_engines(site):
    for url, data in site[1].items():
        if url.endswith(".html") and not re.search(r"\.(js|cjs|css)\.html$", url):
            match = re.search(
                r'<meta name="description" content="([^"]*)">', data.decode()
            )
            assert match, url
            assert 40 <= len(match[1]) <= 200, url


def test_html_is_valid(site):
    folder, _ = site
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
    (folder / ".htmlvalidate.json").write_text(json.dumps({"root": True, **rules}))
    result = subprocess.run(
        ["node_modules/.bin/html-validate", "--config",
         str(folder / ".htmlvalidate.json"), f"{folder}/**/*.html"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[:5000] + result.stderr[:1000]
