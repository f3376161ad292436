"""Whole sites: golden pages, determinism, and what is wrong with sources."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import jinja2
import pytest
from jinja2.sandbox import SandboxedEnvironment

from sidelit.build import build
from sidelit.config import load
from sidelit.files import MANIFEST
from sidelit.publish.history import History
from sidelit.publish.search import BUNDLE
from tests.conftest import ROOT

SAMPLES = Path(__file__).parent / "samples"
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "python -m pytest tests/sidelit/test_build.py --update-golden"


def build_book(tmp_path, **settings):
    flags = {"sources": [str(SAMPLES / "book")], "output": str(tmp_path / "out")}
    settings = {
        "site-title": "Book",
        "repository-url": "https://f.example/b",
        **settings,
    }
    config, _ = load({**flags, **settings})
    return build(config)


def main_of(page: bytes) -> str:
    return re.search(r"<main.*</main>", page.decode(), re.DOTALL)[0]


@pytest.mark.parametrize("name", ["index", "chapter", "notes", "page.js"])
def test_golden(name, tmp_path, request):
    result = build_book(tmp_path)
    assert [str(problem) for problem in result.problems] == []
    page = main_of(result.files[f"{name}.html"])
    golden = GOLDEN / f"{name}.html"
    if request.config.getoption("--update-golden"):
        golden.write_text(page + "\n", encoding="utf-8")
    expected = (
        golden.read_text(encoding="utf-8").rstrip("\n") if golden.is_file() else ""
    )
    assert page == expected, f"if the new page is right: {UPDATE}"


def test_head_of_a_page(build_files):
    text = '"""\n---\ntitle: A "b" & <c>\nsummary: S & "t"\n---\n"""\n'
    files = build_files(
        {"__init__.py": text, "sub/a.py": text},
        base_url="https://x.example/y",
        repository_url="https://f.example/me/it",
        site_title="Site <1>",
    ).files
    page = files["sub/a.html"].decode()
    for line in (
        "<title>A &#34;b&#34; &amp; &lt;c&gt; · Site &lt;1&gt;</title>",
        '<meta name="description" content="S &amp; &#34;t&#34;">',
        '<link rel="canonical" href="https://x.example/y/sub/a.html">',
        '<meta property="og:url" content="https://x.example/y/sub/a.html">',
        '<meta property="og:title" content="A &#34;b&#34; &amp; &lt;c&gt;">',
        '<meta property="og:description" content="S &amp; &#34;t&#34;">',
        '<meta name="twitter:card" content="summary_large_image">',
        '<link rel="icon" type="image/svg+xml" href="../assets/favicon.svg?',
        '<li><a href="../index.html">home</a></li>',
        '<li><a href="index.html">sub</a></li>',
        '<li><span aria-current="page">a</span></li>',
        '<a rel="prev" href="index.html">',
        'href="https://f.example/me/it/blob/HEAD/sub/a.py"',
        '>A "b" &amp; &lt;c&gt;</h1>',
    ):
        assert line in page
    assert 'rel="canonical" href="https://x.example/y/"' in files["index.html"].decode()


def test_what_no_page_can_hold_is_shown_by_a_sign(build_files, monkeypatch):
    monkeypatch.setattr(
        "sidelit.steps.lasting.read_history",
        lambda *_: History({"a.md": datetime(2026, 11, 3, tzinfo=UTC)}),
    )
    title = '---\ntitle: "a \\uD800 \\0 \\uFFFF {{ run:r.x }} b"\n---\n'
    files = {
        "a.md": f"{title}\uffff {{{{ run:r.x }}}}\n",
        "r.json": '{"x": "\\ud800\\u0001"}',
    }
    result = build_files(
        files, results=["*.json"], base_url="https://x.example/", site_title="S\x01"
    )
    assert result.problems == ()
    page = result.files["a.html"].decode()
    assert "<title>a � ␀ � �␁ b · S␁</title>" in page
    assert "<p>� �␁</p>" in page
    ElementTree.fromstring(result.files["feed.xml"])


def test_addresses_stay_in_their_attributes(build_files):
    files = build_files(
        {"__init__.py": "", "a.py": "x = 1\n"},
        base_url='https://x.example/"><b>&',
        repository_url='https://f.example/"><b>&',
    ).files
    for url in ("a.html", "404.html"):
        page = files[url].decode()
        assert "<b>" not in page
        assert '/">' not in page


def test_rows_link_to_their_line_on_the_forge(build_files):
    files = build_files(
        {"a.py": "import os\n\n\ndef f():\n    pass\n"},
        repository_url="https://f.example/r",
    ).files
    assert 'blob/HEAD/a.py#L4">line 4</a>' in files["a.html"].decode()


def test_lines_keep_their_numbers(build_files):
    page = (
        build_files({"a.py": 'def f():\n    """D."""\n\n    x = 1\n    y = 2\n'})
        .files["a.html"]
        .decode()
    )
    spans = re.findall(r"<c-l(?: style=--n:(\d+))?>", page)
    assert spans == ["1", "3", "", ""]


def test_a_site_without_a_home_gets_one(build_files):
    files = build_files(
        {"b.py": '"""A *sentence*. More."""\n', "sub/a_b.py": ""}, site_title="My_site"
    ).files
    home = files["index.html"].decode()
    assert '<h1 id="my_site">My_site</h1>' in home
    assert '<a href="b.html">b</a><p>A sentence.</p>' in home
    assert '<a href="sub/a_b.html">sub.a_<wbr>b</a>' in home


def test_a_mean_in_a_first_sentence_is_quoted_at_home(build_files):
    files = {"a.py": '"""A mean of {{ run:*.x }}."""\n'}
    files |= {"r/a.json": '{"x": 1}', "r/b.json": '{"x": 2}'}
    result = build_files(files, results=["src/r/*.json", "r/*.json"])
    assert result.problems == ()
    assert "<p>A mean of 1.5.</p>" in result.files["index.html"].decode()


def test_pages_need_nothing_from_elsewhere(build_files):
    result = build_files({"a.py": '"""$x$ and `y`."""\nx = 1\n'})
    for url, data in result.files.items():
        if url.endswith((".html", ".css", ".js")):
            text = data.decode()
            assert not re.search(
                r"(?:src|href)=\"(?:https?:)?//|url\(\s*['\"]?(?:https?:)?//", text
            )
            assert "@import" not in text


def test_katex_only_where_there_are_formulas(build_files):
    without = build_files({"a.py": "x = 1\n"}).files
    assert not [url for url in without if "katex" in url]
    files = build_files({"a.py": "x = 1\n", "b.py": '"""$x$"""\n'}).files
    assert b"katex.css" in files["b.html"]
    assert b"katex.css" not in files["a.html"]
    style = files["assets/katex/katex.css"].decode()
    fonts = set(re.findall(r"url\(([^)]+)\)", style))
    assert fonts
    assert all(f"assets/katex/{font}" in files for font in fonts)
    assert all(font.endswith(".woff2") for font in fonts)


def test_colors_and_templates(build_files, tmp_path):
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "page.html").write_text(
        '{% extends "sidelit/page.html" %}{% block foot %}<p>Mine: {{ title|e }}</p>{% endblock %}'
    )
    files = build_files(
        {"a.py": ""}, colors=["accent=#123456,#abcdef"], templates=str(theme)
    ).files
    assert (
        "--accent: light-dark(#123456, #abcdef);"
        in files["assets/sidelit.css"].decode()
    )
    assert "<p>Mine: a · src</p>" in files["a.html"].decode()


def test_assets_that_change_change_their_addresses(build_files, tmp_path):
    stamps = []
    for color in ("red", "blue", "red"):
        files = {"a.py": "", "own.css": f"b {{ color: {color} }}"}
        made = build_files(files, style=[str(tmp_path / "src" / "own.css")]).files
        found = re.findall(r'css\?([0-9a-f]{8})"', made["a.html"].decode())
        assert len(found) > 1
        assert len(set(found)) == 1
        stamps += set(found)
    assert stamps[0] == stamps[2] != stamps[1]


def test_our_template_is_compiled_once(build_files, monkeypatch):
    build_files({"a.py": ""})
    monkeypatch.setattr(jinja2.Environment, "compile", None)
    assert build_files({"b.py": ""}).files["b.html"]


def test_a_template_that_has_changed_is_compiled_again(build_files, tmp_path):
    file = tmp_path / "page.html"
    for text in ("one", "two"):
        file.write_text(text)
        files = build_files({"a.py": ""}, templates=str(tmp_path)).files
        assert files["a.html"].decode() == text


def test_a_sandbox_is_asked_about_what_was_compiled_without_one(
    build_files, tmp_path, monkeypatch
):
    build_files({"a.py": ""})
    (tmp_path / "page.html").write_text('{% extends "sidelit/page.html" %}')
    asked, call = [], SandboxedEnvironment.call
    monkeypatch.setattr(
        SandboxedEnvironment,
        "call",
        lambda *given, **named: asked.append(given) or call(*given, **named),
    )
    build_files({"a.py": ""}, templates=str(tmp_path))
    assert asked


def test_what_is_hidden_or_shown_is_no_argument_of_has():
    """It would have a browser style the whole page again for each card."""
    for file in (ROOT / "utils/sidelit/assets").glob("*.css"):
        style = file.read_text("utf-8")
        assert not re.findall(r":has\([^{;]*\[hidden\]", style), file.name


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ nosuch }}", "'nosuch' is undefined"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ('{% extends "nosuch.html" %}', "nosuch.html"),
    ],
)
def test_a_wrong_template_is_one_sentence(build_files, tmp_path, template, words):
    from sidelit.model import SidelitError

    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "page.html").write_text(template)
    with pytest.raises(SidelitError, match=words):
        build_files({"a.py": ""}, templates=str(theme))


def test_a_wrong_file_does_not_stop_the_others(build_files):
    result = build_files(
        {
            "bad.py": "x = (\n",
            "latin.py": b"x = '\xff'\n",
            "math.py": 'def f():\n    """\n    Text $\\nosuch$.\n    """\n',
            "matter.md": "---\ntitle: [\n---\n",
            "good.py": "x = 1\n",
        }
    )
    assert [str(problem).split(" ")[:2] for problem in result.problems] == [
        ["bad.py:1:5:", "SRC101"],
        ["latin.py:1:6:", "SRC102"],
        ["math.py:3:11:", "TEX101"],
        ["matter.md:3:1:", "FRM101"],
    ]
    pages = {url for url in result.files if url.endswith(".html")}
    assert pages == {"index.html", "good.html", "math.html"}
    assert result.pages == 3


def test_a_file_that_cannot_be_read(build_files, monkeypatch):
    def refuse(file, mode):
        if file.endswith("a.py"):
            raise PermissionError(13, "Permission denied")
        return open(file, mode)

    monkeypatch.setattr("sidelit.steps.reading.open", refuse, raising=False)
    result = build_files({"a.py": "", "b.py": ""})
    assert [str(problem) for problem in result.problems] == [
        "a.py:1:1: SRC103 cannot be read: Permission denied"
    ]


def test_without_katex_formulas_are_shown_as_latex(build_files, monkeypatch):
    monkeypatch.setattr("sidelit.prose.tex.npm_package", lambda *_: None)
    result = build_files({"a.py": '"""$x$, $y < 2$."""\n'}, math="katex")
    (problem,) = result.problems
    assert str(problem).startswith(
        "2 formulas are shown as LaTeX: KaTeX was not found; run"
    )
    assert '<code class="tex">$y &lt; 2$</code>' in result.files["a.html"].decode()


@pytest.mark.parametrize("name", ["npm_package", "node"])
def test_without_katex_or_node_formulas_are_mathml(build_files, monkeypatch, name):
    monkeypatch.setattr(f"sidelit.prose.tex.{name}", lambda *_: None)
    result = build_files({"a.py": 'r"""$x$, $y < 2$, $\\nosuch$."""\n'})
    (problem,) = result.problems
    assert str(problem) == (
        'a.py:1:20: TEX101 Unknown command "\\nosuch" in `$\\nosuch$`'
    )
    assert result.remarks[0].startswith("formulas are set as MathML: ")
    assert result.remarks[0].endswith(', or set `math = "mathml"` if this is meant')
    page = result.files["a.html"].decode()
    assert "<math><semantics><mi>x</mi>" in page
    assert not [url for url in result.files if "katex" in url]
    assert "katex.css" not in page
    # Who asks for it knows it, and so does who has no formula.
    assert not build_files({"a.py": '"""$x$"""\n'}, math="mathml").remarks
    assert not build_files({"a.py": '"""x"""\n'}).remarks


def test_same_bytes_under_any_hash_seed(own_site, tmp_path):
    """The site that all tests share has a seed of its own: that of whoever built it."""
    expected = contents(own_site)
    assert len([url for url in expected if url.startswith(BUNDLE)]) > 50
    seed = "0" if os.environ.get("PYTHONHASHSEED") != "0" else "1"
    subprocess.run(
        [sys.executable, "-m", "sidelit", "build", "-o", tmp_path / "site"],
        check=True, cwd=ROOT, capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "utils"),
             "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    made = contents(tmp_path / "site")
    assert made.pop(MANIFEST)
    assert made == expected


def contents(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_place_of_the_output_does_not_matter(tmp_path):
    one = build_book(tmp_path / "one").files
    two = build_book(tmp_path / "two").files
    assert one == two
