"""Order, anchors and links."""

import pytest

from sidelit.config import load
from sidelit.site import local_file, relative, resolve
from tests.conftest import prepare

FILES = {
    "pkg/__init__.py": (
        '"""\n# Home\n\nNot [c](c.py) first.\n\n1. [b](b.py), and then\n   [sub](sub/__init__.py)\n2. [a](a.html)\n"""\n'
    ),
    "pkg/a.py": '"""# A"""\n\n\nclass A:\n    """Text."""\n\n    def f(self):\n        pass\n',
    "pkg/b.py": "x = 1\n",
    "pkg/c.py": "# Why it is so.\nx = 1\n# Why it is so.\ny = 2\n#\nz = 3\n",
    "pkg/sub/__init__.py": '"""See [z](z.py) before y, and [a](../a.py)."""\n',
    "pkg/sub/y.py": "",
    "pkg/sub/z.py": "",
    "pkg/sub/readme.md": "# Read me\n",
    "pkg/pic.svg": '<svg viewBox="0 0 1 1"></svg>',
    "pkg/data.bin": "",
    "outside.txt": "",
}


@pytest.fixture
def prepared(project):
    folder = project(FILES)
    flags = {"sources": [str(folder / "pkg")], "output": str(folder / "out")}
    config, _ = load({**flags, "repository-url": "https://forge.example/me/it"})
    return prepare(config)


@pytest.fixture
def site(prepared):
    return prepared.resolved.site


def test_pages_follow_each_other_as_the_folders_name_them(site):
    assert list(site.outlines) == [
        "index.html",
        "b.html",
        "sub/index.html",
        "sub/z.html",
        "sub/readme.html",
        "sub/y.html",
        "a.html",
        "c.html",
    ]


def test_anchors_are_names(site):
    assert site.outlines["a.html"].anchors == ("section-0", "A", "A.f")
    assert site.outlines["c.html"].anchors == ("section-0", "why-it-is-so", "section-2")


def test_no_anchor_is_the_number_of_another_section(split_text):
    from sidelit.site import section_anchors

    text = "x = 1\n# # Section 2\ny = 2\n# # Section 2\nz = 3\n"
    anchors = section_anchors(split_text(text))
    assert anchors == ("section-0", "section-2-2", "section-2")


def test_names_lead_to_definitions(site):
    assert site.names["pkg"] == "index.html"
    assert site.names["pkg.sub.z"] == "sub/z.html"
    assert site.names["pkg.a.A.f"] == "a.html#A.f"


@pytest.mark.parametrize(
    ("page", "link", "target"),
    [
        ("sub/index.html", "z.py", "sub/z.html"),
        ("sub/index.html", "z.html#x", "sub/z.html#x"),
        ("sub/index.html", "../a.py#A.f", "a.html#A.f"),
        ("sub/index.html", "..", "index.html"),
        ("sub/index.html", "../", "index.html"),
        ("sub/index.html", "readme.md", "sub/readme.html"),
        ("a.html", "sub", "sub/index.html"),
        ("a.html", "#A", "a.html#A"),
        ("a.html", "pkg.sub.z", "sub/z.html"),
        ("a.html", "pkg.a.A", "a.html#A"),
        ("a.html", "nothing.py", None),
        ("a.html", "../../etc/passwd", None),
        ("a.html", "https://x.y/a.py", None),
    ],
)
def test_links_to_pages(site, page, link, target):
    assert resolve(site, site.outlines[page].source, link) == target


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("../a.py#A", "../a.html#A"),
        ("#x", "#x"),
        ("https://x.y", "https://x.y"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("../data.bin", "https://forge.example/me/it/blob/HEAD/data.bin"),
        ("nothing.py", "nothing.py"),
    ],
)
def test_what_a_link_says_on_the_page(prepared, link, href):
    assert prepared.view("sub/index.html").href(link) == href


def test_a_link_to_a_file_that_the_site_does_not_have_is_text(project, monkeypatch):
    folder = project({**FILES, "out/kept.pdf": ""})
    monkeypatch.chdir(folder)
    config, _ = load({"sources": ["pkg"], "output": "out"})
    view = prepare(config).view("sub/index.html")
    assert view.href("../data.bin") is None
    assert view.href("../../out/kept.pdf") == "../kept.pdf"
    assert view.href("../kept.pdf") == "../kept.pdf"


def test_pictures_keep_their_place(site, tmp_path):
    source = site.outlines["sub/index.html"].source
    assert local_file(site, source, "../pic.svg") == (
        "pic.svg",
        str(tmp_path / "pkg/pic.svg"),
    )
    assert local_file(site, source, "../../outside.txt") is None
    assert local_file(site, source, "/etc/passwd") is None


@pytest.mark.parametrize(
    ("url", "start", "expected"),
    [
        ("a.html", "index.html", "a.html"),
        ("index.html", "a/b/c.html", "../../index.html"),
        ("a/b.html#x", "a/c.html", "b.html#x"),
        ("a/b.html#x", "a/b.html", "#x"),
        ("a b/ü.html", "c.html", "a%20b/%C3%BC.html"),
        ("c:d.html", "e.html", "c%3Ad.html"),
    ],
)
def test_relative(url, start, expected):
    assert relative(url, start) == expected


def test_a_comment_above_does_not_move_the_anchors_below(split_text):
    from sidelit.site import section_anchors

    text = 'def f():\n    """Text."""\n    # One thing.\n    x = 1\n'
    before = section_anchors(split_text(text))
    after = section_anchors(split_text("# New.\nimport os\n# Newer.\ny = 2\n" + text))
    assert set(before) - {"section-0"} <= set(after)
