"""The page tree, the pages of folders, and the lists of what is in them."""

import json
import re

import pytest

from sidelit.build import Pipeline
from sidelit.cache import Memory
from sidelit.config import load


def tree(page: bytes) -> str:
    return re.search(r'<nav class="pages".*?</nav>', page.decode(), re.DOTALL)[0]


def below(page: bytes) -> str:
    found = re.search(r'<details class="below".*?</div>', page.decode(), re.DOTALL)
    return found[0] if found else ""


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


# ## Pages of folders
def test_a_folder_without_a_page_gets_one(build_files):
    files = {
        "__init__.py": '"""# Home"""\n',
        "sub/__init__.py": "",
        "sub/a.py": '"""# A\n\nWhat a is."""\n',
        "loose/deep/b.py": '"""B."""\n',
        "told/readme.md": "# Told\n",
        "told/c.md": "# C\n",
    }
    built = build_files(files)
    assert built.problems == ()
    pages = {url for url in built.files if url.endswith(".html")}
    assert pages == {
        *("index.html", "sub/index.html", "sub/a.html"),
        *("loose/index.html", "loose/deep/index.html", "loose/deep/b.html"),
        *("told/readme.html", "told/c.html"),
    }
    empty = below(built.files["sub/index.html"])
    assert '<a href="a.html">A</a><p>What a is.</p>' in empty
    assert links(below(built.files["loose/index.html"])) == ["deep/index.html"]
    # The readme of a folder is the page of the folder.
    assert (
        'href="../told/readme.html">told</a>'
        in built.files["loose/index.html"].decode()
    )
    assert below(built.files["told/readme.html"]) == ""


def test_a_page_that_leads_to_its_folder_lists_nothing(build_files):
    files = {"__init__.py": '"""See [a](a.py)."""\n', "a.py": "", "b.py": ""}
    assert below(build_files(files).files["index.html"]) == ""
    files["__init__.py"] = '"""See [elsewhere](https://x.example)."""\n'
    assert links(below(build_files(files).files["index.html"])) == ["a.html", "b.html"]


def test_a_root_readme_is_the_home_page(build_files):
    files = {"README.md": "# Read me first\n", "sub/readme.md": "# Other\n", "a.py": ""}
    built = build_files(files).files
    assert b"Read me first</h1>" in built["index.html"]
    assert {"README.html", "readme.html"} & set(built) == set()
    assert b"Other</h1>" in built["sub/readme.html"]
    # Python and an `index.md` come before it.
    for name in ("__init__.py", "index.md"):
        built = build_files({**files, name: ""}).files
        assert b"Read me first</h1>" in built["README.html"]


def test_folders_that_differ_in_case_have_one_page(build_files):
    """A disk that does not tell them apart must not lose one of two pages."""
    built = build_files({"__init__.py": "", "Sub/a.py": "", "sub/b.py": ""})
    pages = [url.lower() for url in built.files if url.endswith(".html")]
    assert len(pages) == len(set(pages))
    assert "<span>sub</span>" in tree(built.files["index.html"])


# ## The tree
def test_the_tree_shows_the_way_and_what_lies_beside_it(build_files):
    files = {
        "__init__.py": "",
        "top.py": "",
        "site.js": "// Words.\n",
        "sub/__init__.py": "",
        "sub/a.py": "",
        "sub/deep/b.py": "",
        "other/c.py": "",
    }
    page = tree(build_files(files).files["sub/a.html"])
    assert links(page) == [
        *("../index.html", "../site.js.html", "../top.html", "../other/index.html"),
        *("index.html", "a.html", "deep/index.html"),
    ]
    assert 'aria-current="page">a.py</a>' in page
    assert ">site.js</a>" in page
    assert page.count("<ul>") == 2


def test_the_script_has_the_whole_tree(build_files):
    built = build_files({"__init__.py": "", "sub/a.py": "", "b.py": ""}).files
    script = built["assets/pages.js"].decode()
    told = script.removeprefix("document.currentScript.pages = ").removesuffix(";\n")
    assert json.loads(told) == [
        ["b.py", "b.html"],
        ["sub", "sub/index.html", [["a.py", "sub/a.html"]]],
    ]


def test_of_a_crowded_folder_a_page_shows_a_window(build_files):
    """Otherwise the pages of a flat package would grow with the square of its size."""
    names = [f"m{number:03}.py" for number in range(300)]
    built = build_files({"__init__.py": "", **dict.fromkeys(names, "")}).files
    for name, before, behind in (
        ("m000", 0, 240),
        ("m150", 130, 110),
        ("m299", 240, 0),
    ):
        page = tree(built[f"{name}.html"])
        assert f'aria-current="page">{name}.py</a>' in page
        assert len(links(page)) == 1 + 60 + bool(before) + bool(behind)
        counts = [int(one) for one in re.findall(r">(\d+) more</a>", page)]
        assert counts == [one for one in (before, behind) if one]
    # Without a script, the page of the folder has the rest.
    assert 'class="more"><a href="index.html"' in tree(built["m150.html"])
    assert len(links(below(built["index.html"]))) == 300


@pytest.mark.parametrize("count", [110, 130])
def test_a_large_site_has_a_tree_in_place_of_a_map(build_files, count):
    files = {
        f"pkg{number % 3}/m{number:03}.py": "from ..pkg0 import m000\n"
        for number in range(count)
    }
    files |= {"__init__.py": '"""See [one](pkg0/m003.py)."""\n'}
    page = build_files(files).files["index.html"].decode()
    is_large = count > 120
    assert ('<section class="map"' in page) == (not is_large)
    listed = below(page.encode())
    assert bool(listed) == is_large
    if is_large:
        assert listed.count("<details>") == 3
        found = {link for link in links(listed) if "/m" in link}
        assert len(found) == count


# ## What is made anew
def test_an_edit_makes_only_what_shows_it(project):
    """The tree has names, so another text on a page is nothing to the others."""
    names = [f"m{number}.py" for number in range(9)]
    text = '"""# {}\n\nA summary."""\n'
    files = {name: text.format(name) for name in names}
    # The page of the folder leads to a page, so it shows no summary of others.
    files["__init__.py"] = '"""# Home\n\nSee [one](m1.py)."""\n'
    folder = project(files)
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    cache = Memory()
    Pipeline(cache).prepare(config).build()

    def made_anew(name: str, changed: str) -> list[str]:
        (folder / name).write_text(changed)
        prepared = Pipeline(cache).prepare(config)
        outlines = prepared.resolved.site.outlines
        stale = [url for url in outlines if prepared.pages.renderer.kept(url) is None]
        prepared.build()
        return stale

    assert made_anew("m5.py", '"""# m5.py\n\nAnother one."""\n') == ["m5.html"]
    # Its neighbours say the title.
    assert made_anew("m5.py", '"""# Five\n\nAnother one."""\n') == [
        *("m4.html", "m5.html", "m6.html")
    ]


@pytest.mark.parametrize(
    ("words", "code", "leads"),
    [(900, "x = 1\n", True), (9, "x = 1\n", False), (900, "", False)],
)
def test_a_long_opening_has_a_link_to_the_code(build_files, words, code, leads):
    page = build_files({"a.py": f'"""# A\n\n{"word " * words}\n"""\n{code}'}).files[
        "a.html"
    ]
    assert (b'<a href="#sidelit:rows">Straight to the code</a>' in page) == leads
    assert (b'id="sidelit:rows"' in page) == bool(code)
