"""The title of a page is the heading that its prose begins with, and stands there once."""

import re

import pytest


@pytest.mark.parametrize(
    ("text", "title", "summary"),
    [
        ("<!-- a\n\nb -->\n\n# One\n\nWords.\n", "One", "Words."),
        ("<!-- a -->\n# One\n\nWords.\n", "One", "Words."),
        ('<img src="a.svg" alt="b">\n\n# One\n\nWords.\n', "One", "Words."),
        ('<div align="center">\n\n# One\n\nWords.\n\n</div>\n', "One", "Words."),
        ("[![a](b.svg)](c) ![d](e.svg)\n\n## One\n\nWords.\n", "One", "Words."),
        ("![a][b] [![c][b]][b]\n\n[b]: d.svg\n\nOne\n===\n\nWords.\n", "One", "Words."),
        ("# One\n\n[![a](b.svg)](c)\n\n<!-- Not this. -->\n\nWords.\n", "One", "Words."),
        ("One\n---\n\nWords.\n", "One", "Words."),
        ('<h1 align="center">\n  One &amp; <b>two</b>\n</h1>\n\nWords.\n', "One & two", "Words."),
        ('<p><h1><img src="a.svg" alt="One"></h1></p>\n\nWords.\n', "One", "Words."),
        ("# One\n\n[A](b_(c)) [d](<e f(>) [g][h], [i][].\n\n[h]: x\n[i]: y\n", "One", "A d g, i."),
        ("# One\n\nOf[^1] a[0][1], [0][1] and x[^2].\n\n[^1]: N\n", "One", "Of a[0][1], [0][1] and x."),
        ('# O<sub>2</sub><a id="a"></a>\n\nThe <kbd>x</kbd> of it.\n', "O2", "The x of it."),
        ('# One <img src="a.svg" alt="b"> `c`\n\nIt <img src="d.svg"> is.\n', "One c", "It is."),
        ("# [![a](b.svg)](c) One ![d][e] `![f](g)`\n\nWords.\n\n[e]: h.svg\n", "One f", "Words."),
        ("# ![One](a.svg)\n\nWords.\n", "One", "Words."),
        ('<h1><img src="a.svg" alt="b"><br>One</h1>\n\nWords.\n', "One", "Words."),
        ("Words.\n\n# One\n", "a.md", "Words."),
        ("<p>text</p>\n\n# One\n", "a.md", ""),
        ("<!-- a --> # Two\n\n# One\n\nWords.\n", "a.md", "Words."),
        ('<img src="a.svg" alt="b"> One\n===\n\nWords.\n', "One", "Words."),
        ("# One\n\n```python\nx = 1\n\ny = 2\n```\n\nWords.\n", "One", "Words."),
        ("# One\n\n+ Two: 2\nWords.\n", "One", "Words."),
        ("# One\n\nWords of copyright law\nCopyright 2020 A\n", "One", "Words of copyright law"),
        ("# One\n\nWords\nSPDX-License-Identifier: MIT\n", "One", "Words"),
        ("# One\n\nWords of\ncopyright and\nSPDX-like law.\n", "One", "Words of copyright and SPDX-like law."),
        ("# One\n\nWords of\n(b) two and\n(c) three.\n", "One", "Words of (b) two and (c) three."),
        ("# One\n\n* Two\nand more\n* three\n\nWords.\n", "One", "Words."),
        ("# One\n\n- Two\nand more\n## Three\nWords.\n", "One", "Words."),
        ("# One\n\n> Two\nand more\n\nWords.\n", "One", "Words."),
        ("# One\n\n`Two` words\nand more.\n", "One", "Two words and more."),
        ("# One\n\n``` python\nTwo words.\n", "One", ""),
        ("# One\n\n1. Two\n2. three\n\nWords.\n", "One", "Words."),
        ("# One\n\n* * *\nWords.\n", "One", "Words."),
        ("# One\n\n*Words* of 2. it.\n", "One", "Words of 2."),
        ("# One\n\n- ~~~ mermaid\n  flowchart LR\n    a --> b\n  ~~~\n", "One", ""),
    ],
)  # fmt: skip
def test_title(build_files, text, title, summary):
    built = build_files({"a.md": text})
    page = built.files["a.html"].decode()
    head = re.findall(r"<h1\b[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert len(head) == 1
    assert re.search(r"<title>(.*?) · ", page)[1] == title.replace("&", "&amp;")
    found = re.search(r'name="description" content="([^"]*)"', page)
    assert (found[1] if found else "") == summary


def test_a_summary_is_listed_as_it_is(build_files):
    words = "At https://x.example/a_b_(c) and www.x.example/_d."
    home = build_files({"a.md": f"# One\n\n{words}\n"}).files["index.html"].decode()
    assert words in home


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("pkg/long_name.py", "pkg.<wbr>long_<wbr>name"),
        ("pkg/__main__.py", "pkg.<wbr>__main__"),
        ("MyPlugin-test.kt", "My<wbr>Plugin-<wbr>test.kt"),
        ("a_b.js", "a_<wbr>b.js"),
    ],
)
def test_a_long_name_breaks_between_its_words(build_files, name, shown):
    """Anywhere else it would break as well, which nobody can read."""
    files = build_files({"pkg/__init__.py": "", name: "x"}).files
    pages = [files[url].decode() for url in files if url.endswith(".html")]
    assert any(f"<h1>{shown}</h1>" in page for page in pages)
    title = shown.replace("<wbr>", "")
    assert any(f"<title>{title} · " in page for page in pages)


def test_a_page_has_one_heading_of_the_first_rank(build_files):
    text = "<h1>One</h1>\n\n# Two\n\n<h1>Three</h1>\n"
    page = build_files({"a.md": text}).files["a.html"].decode()
    ranks = re.findall(r"<(h\d)[^>]*>(\w+)", page.partition("<article")[2] or page)
    assert [one for one in ranks if one[1] in ("One", "Two", "Three")] == [
        ("h1", "One"),
        ("h2", "Two"),
        ("h2", "Three"),
    ]


def test_the_twin_has_the_title_once(build_files):
    files = {
        "a.md": "![a](b.svg)\n\n## One\n\n# Two\n",
        "c.md": "<h1>One</h1>\n\n## Two\n",
        "d.md": "One\n===\n\n## Two\n",
    }
    built = build_files(files)
    assert b"\n# One\n\n## Two\n" in built.files["a.md"]
    for name in ("c.md", "d.md"):
        assert built.files[name].decode() == files[name]
