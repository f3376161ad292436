"""The language of the prose: of a whole site, and of one page."""

import json
import re
from urllib.parse import unquote

import pytest

from sidelit.build import build
from sidelit.check.check import check
from sidelit.config import load
from sidelit.model import SidelitError, Source
from sidelit.publish.history import History
from sidelit.publish.search import BUNDLE, search_files
from sidelit.read.split import split
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text("utf-8")
EXAMPLE = re.search(r"^## Other.*?````markdown\n(.*?)^````", GUIDE, re.S | re.M)[1]


def lang(page: bytes) -> str:
    return re.search(r'<html lang="(.*?)">', page.decode())[1]


def test_the_example_of_the_guide(build_files):
    files = {"index.md": "# Start\n", "a.md": EXAMPLE + "\n注意力。\n"}
    built = build_files(files, language="de")
    assert built.problems == ()
    assert lang(built.files["index.html"]) == "de"
    assert lang(built.files["a.html"]) == "zh"
    for url in ("index.html", "a.html"):
        assert b'href="assets/languages.css?' in built.files[url]
    assert ":lang(zh)" in built.files["assets/languages.css"].decode()
    assert "<h1>注意力机制</h1>" in built.files["a.html"].decode()
    texts = dict(built.texts)
    assert lang(texts["index.html"].encode()) == "de"
    assert lang(texts["a.html"].encode()) == "zh"


def test_what_sidelit_says_is_english(build_files):
    files = {"index.md": "# A\n\n## B\n", "b.py": '"""# B"""\nx = 1\n'}
    page = build_files(files, language="ja").files["b.html"].decode()
    for start in (
        '<a class="skip" lang="en"',
        '<div class="tools" lang="en"',
        '<details class="along" lang="en"',
        '<small lang="en">Previous',
        '<button class="tool" lang="en" type="button" data-action="keys"',
    ):
        assert start in page
    for language in ("en", "en-GB"):
        page = build_files(files, language=language).files["b.html"].decode()
        assert ' lang="en"' not in page.replace('<html lang="en">', "")
        assert "languages.css" not in page


def test_programs_are_told(build_files, monkeypatch):
    from datetime import UTC, datetime

    dates = {"a.md": datetime(2026, 11, 3, tzinfo=UTC)}
    monkeypatch.setattr("sidelit.steps.lasting.read_history", lambda *_: History(dates))
    files = build_files(
        {"a.md": "# A\n", "b.md": "---\nlanguage: fr\n---\n# B\n"},
        language="pt-BR",
        base_url="https://x.example/",
    ).files
    assert b'xml:lang="pt-BR"' in files["feed.xml"]
    assert lang(files["404.html"]) == "en"

    def told(url):
        page = files[url].decode()
        return json.loads(re.search(r'ld\+json">(.*?)</script>', page)[1])["inLanguage"]

    assert (told("a.html"), told("b.html")) == ("pt-BR", "fr")


@pytest.mark.parametrize(
    ("language", "program"), [("de-AT", "de"), ("ja", "unknown"), ("en", "en")]
)
def test_search_compares_words_as_the_language_does(
    build_files, tmp_path, language, program
):
    built = build_files({"a.md": "# Häuser\n"}, language=language)
    files = search_files(built.texts, str(ROOT), str(tmp_path / "out"), language)
    told = json.loads(files[f"{BUNDLE}pagefind-entry.json"])
    assert [*told["languages"]] == [language.partition("-")[0]]
    programs = [url for url in files if "wasm" in url]
    assert programs == [f"{BUNDLE}wasm.{program}.pagefind"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("注意力机制", "注意力机制"),
        ("注意機構とは何か？", "注意機構とは何か"),
        ("주의 메커니즘", "주의-메커니즘"),
        ("Größe und Maß", "größe-und-maß"),
    ],
)
def test_a_heading_has_an_identifier_in_its_letters(
    project, monkeypatch, heading, anchor
):
    text = f"# A\n\n[x](#{anchor}) [y](b.md#{anchor})\n\n## {heading}\n\nText.\n"
    table = '[tool.sidelit]\nsources = ["src"]\nlanguage = "ja"\n'
    folder = project({"src/a.md": text, "src/b.md": text, "pyproject.toml": table})
    monkeypatch.chdir(folder)
    config = load({})[0]
    page = build(config).files["a.html"].decode()
    assert f'<h2 id="{anchor}">{heading}<a ' in page
    assert f'<a href="#{anchor}">x</a>' in unquote(page)
    assert check(config) == []


@pytest.mark.parametrize("value", ["no", "1", '"<script>"', '"de\\" onload=x"', "[de]"])
def test_a_wrong_tag_is_named(build_files, tmp_path, value):
    file = tmp_path / "a.md"
    file.write_text(f"---\nlanguage: {value}\n---\n# A\n")
    with pytest.raises(SidelitError, match=r"^a.md:2:1: FRM101 `language` must be"):
        split(Source("a.md", str(file), "a.html", "", "markdown"))
    if value[0] == '"':
        with pytest.raises(SidelitError, match="language must be the tag of a"):
            build_files({"a.md": ""}, language=json.loads(value))
