"""Tabs: groups of quotations of which a reader sees one at a time."""

import re

import pytest

from sidelit.build import build
from sidelit.check.check import check
from sidelit.config import load
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text("utf-8")
EXAMPLE = re.search(r"^## Tabs.*?````markdown\n(.*?)^````", GUIDE, re.S | re.M)[1]


@pytest.fixture
def page(build_files):
    """The head of a page of some Markdown, less what is the same on all pages."""

    def run(text):
        built = build_files({"a.md": f"# A\n\n{text}"})
        # A tag of HTML without a partner becomes text, and is told.
        assert {one.rule for one in built.problems} <= {"FRM116"}
        html = built.files["a.html"].decode()
        return re.search(r"</h1>\n(.*?)</div>\n<div class=\"aside\"", html, re.S)[1]

    return run


def shape(html):
    """The tags of the tabs in some HTML, and their titles."""
    found = re.findall(
        r'<div class="tabs">|<details class="tab"[^>]*>|<summary>.*?</summary>'
        r"|</details>|</details></div>",
        html,
    )
    return [re.sub(r'</?summary>|section-0:|(?<=open)=""', "", one) for one in found]


def tabs(number, *titles):
    first = f'<details class="tab" name="tabs-{number}"'
    parts = ['<div class="tabs">']
    for place, title in enumerate(titles):
        parts += [f"{first}{'' if place else ' open'}>", title, "</details>"]
    return parts


def test_the_example_of_the_guide(page, build_files):
    html = page(EXAMPLE)
    assert shape(html) == tabs(1, "pip", "conda")
    assert re.search(r"</summary>\n<p>Everything is on PyPI:</p>\n<pre", html)
    files = build_files({"a.md": f"# A\n\n{EXAMPLE}", "b.md": "# B\n"}).files
    assert EXAMPLE.strip() in files["a.md"].decode()
    # Only a page with tabs loads what they look like.
    assert b'href="assets/tabs.css?' in files["a.html"]
    assert b"tabs.css" not in files["b.html"]
    assert b".tab" in files["assets/tabs.css"]


def test_other_prose_parts_groups(page):
    text = "> [!TAB] a\n> A.\n\nText.\n\n> [!tab] *b*\n> B.\n\n> Quote.\n\n> [!TAB] c\n> C."
    expected = [*tabs(1, "a"), *tabs(2, "<em>b</em>"), *tabs(3, "c")]
    assert shape(page(text)) == expected


def test_groups_in_items_and_in_each_other(page):
    text = "* Item\n\n  > [!TAB] a\n  > A.\n\n  > [!TAB] b\n  > B.\n\n"
    assert shape(page(text)) == tabs(1, "a", "b")
    text = (
        "> [!TAB] a\n> > [!TAB] c\n> > C.\n>\n> > [!TAB] d\n> > D.\n\n> [!TAB] b\n> B."
    )
    first, second = tabs(1, "a", "b"), tabs(2, "c", "d")
    assert shape(page(text)) == [*first[:3], *second, *first[3:]]


def test_raw_html_is_cleaned_around_them(page):
    text = (
        "> [!TAB] <b onclick=x>a</b><script>alert(1)</script>\n> A <i>i</i>.\n\n"
        "> [!TAB] b\n> </details></div>\n> B.\n\n"
        '<details class="tab" name="section-0:tabs-9" onclick=x><summary>s</summary>t'
        "</details>\n"
    )
    html = page(text)
    title = "<b>a</b>&lt;script&gt;alert(1)&lt;/script&gt;"
    assert shape(html)[:7] == tabs(1, title, "b")
    assert "onclick" not in html
    assert "tabs-9" not in html
    assert html.count("</details>") == html.count("<details")


@pytest.mark.parametrize(
    "raw",
    [
        '<details class="tab">\n<summary>s</summary>\n</details>',
        '<div class="tabs">\n\na\n\n</div>',
        '<details class="tab">',
        '</details></div>\n<div class="tabs">',
    ],
)
def test_raw_tags_that_look_like_theirs_are_none(page, raw):
    text = f"{raw}\n\n> [!TAB] a\n> A.\n\n{raw}\n\n> [!TAB] b\n> B.\n"
    names = re.findall(r'<details class="tab" name="section-0:(.*?)"', page(text))
    assert names == ["tabs-1", "tabs-2"]


def test_names_of_two_sections_differ(build_files):
    text = "> [!TAB] a\n> A.\n"
    code = "".join(
        f"# # One {n}\n#\n# {text}x{n} = {n}\n".replace("\n>", "\n# >") for n in "12"
    )
    html = build_files({"a.py": code}).files["a.html"].decode()
    names = re.findall(r'<details class="tab" name="(.*?)"', html)
    assert len(names) == len({*names}) == 2


def test_a_tab_has_a_title_and_content(project, monkeypatch):
    text = (
        "# A\n\n> [!TAB]\n> A.\n\n> [!TAB] b\n\n> [!TAB] c\n>\n\n> [!TAB] d\n>\n> D.\n"
    )
    table = '[tool.sidelit]\nsources = ["src"]\n'
    monkeypatch.chdir(project({"src/a.md": text, "pyproject.toml": table}))
    config = load({})[0]
    assert [str(one.problem) for one in check(config)] == [
        "src/a.md:3:1: FRM113 a tab has no title; write > [!TAB] and a word",
        "src/a.md:6:1: FRM113 a tab is empty; go on below it with >",
        "src/a.md:8:1: FRM113 a tab is empty; go on below it with >",
    ]
    assert build(config).problems == ()
