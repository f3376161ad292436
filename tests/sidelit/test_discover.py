"""Which files become pages, and where."""

import os

import pytest

from sidelit.config import load
from sidelit.read.discover import discover


def pages(folder, files=None, **flags):
    config, _ = load(
        {"sources": [str(folder)], "output": str(folder / "out"), **(flags or {})}
    )
    return {source.path: source.url for source in discover(config).sources}


def test_places(project):
    folder = project(
        dict.fromkeys(
            ["__init__.py", "a.py", "__main__.py", "sub/__init__.py", "sub/b.py", "readme.md",
             "site.js", "sub/style.css", "data.json", "picture.png"],
            "",
        )
    )  # fmt: skip
    assert pages(folder) == {
        "__init__.py": "index.html",
        "__main__.py": "__main__.html",
        "a.py": "a.html",
        "readme.md": "readme.html",
        "site.js": "site.js.html",
        "sub/__init__.py": "sub/index.html",
        "sub/b.py": "sub/b.html",
        "sub/style.css": "sub/style.css.html",
    }


def test_what_is_left_out(project):
    names = [".hidden/a.py", "__pycache__/a.py", "node_modules/a.js", "venv/pyvenv.cfg",
             "venv/a.py", "build/a.py", "dist/a.py", "x.egg-info/a.py", "pyproject.toml",
             "out/a.py", ".a.py", "kept/build/a.py", "kept/a.py"]  # fmt: skip
    folder = project(dict.fromkeys(names, ""))
    assert sorted(pages(folder)) == ["kept/a.py", "kept/build/a.py", "pyproject.toml"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("a.py", {"b.py", "sub/c_pb2.py", "sub/deep/d.py"}),
        ("*_pb2.py", {"a.py", "b.py", "sub/a.py", "sub/deep/d.py"}),
        ("sub", {"a.py", "b.py"}),
        ("sub/*.py", {"a.py", "b.py", "sub/deep/d.py"}),
        ("sub/**/d.py", {"a.py", "b.py", "sub/a.py", "sub/c_pb2.py"}),
        ("**/d*", {"a.py", "b.py", "sub/a.py", "sub/c_pb2.py"}),
        ("?.py", {"sub/c_pb2.py"}),
    ],
)
def test_exclude(project, pattern, left):
    folder = project(
        dict.fromkeys(["a.py", "b.py", "sub/a.py", "sub/c_pb2.py", "sub/deep/d.py"], "")
    )
    assert set(pages(folder, exclude=[pattern])) == left


def test_two_files_never_become_one_page(project):
    folder = project(
        dict.fromkeys(["a.py", "a.md", "A.py", "index.md", "__init__.py"], "")
    )
    urls = pages(folder)
    assert len({url.lower() for url in urls.values()}) == 5
    assert urls["__init__.py"] == "index.html"
    assert urls["index.md"] == "index.md.html"
    assert urls["a.md"] == "a.md.html"


def test_a_source_that_is_named_twice_is_one_page(project):
    folder = project(dict.fromkeys(["a.py", "sub/b.py"], ""))
    sources = [str(folder), str(folder), str(folder / "sub")]
    urls = pages(folder, sources=sources)
    assert sorted(urls) == ["a.py", "sub/b.py"]


def test_clean_code_has_a_name_of_its_own(project):
    urls = pages(project(dict.fromkeys(["a.py", "a.clean.py", "a.clean.md"], "")))
    assert urls == {
        "a.clean.md": "a.clean.html",
        "a.clean.py": "a.clean.py.html",
        "a.py": "a.html",
    }


def test_links_are_not_followed_in_circles(project):
    folder = project({"sub/a.py": ""})
    os.symlink(folder, folder / "sub" / "up")
    os.symlink(folder / "sub" / "a.py", folder / "b.py")
    os.symlink(folder / "nothing.py", folder / "broken.py")
    assert sorted(pages(folder)) == ["b.py", "sub/a.py"]


def test_links_that_are_left_out_are_named(project):
    folder = project({"src/sub/a.py": "", "elsewhere/b.py": "", "src/old/c.py": ""})
    for name, target in {
        "up": "..",
        "shared": "../elsewhere",
        "gone.py": "nothing.py",
        "folder.md": "../elsewhere",
        # Nobody misses these.
        "here.py": "sub/a.py",
        "data.bin": "nothing.bin",
        ".hidden": "../elsewhere",
        "node_modules": "../elsewhere",
        "site": "../out",
    }.items():
        (folder / "src" / name).symlink_to(target)
    (folder / "src" / "old" / "link").symlink_to("..")
    (folder / "out").mkdir()
    config, _ = load(
        {
            "sources": [str(folder / "src")],
            "exclude": ["old"],
            "output": str(folder / "out"),
        }
    )
    found = discover(config)
    assert [one.path.split("/")[-1] for one in found.sources] == ["here.py", "a.py"]
    told = {one.path.split("/")[-1]: one for one in found.problems}
    assert list(told) == ["folder.md", "gone.py", "shared", "up"]
    assert {one.rule for one in told.values()} == {"SRC105"}
    assert told["gone.py"].message == "a symbolic link that leads to no file"
    assert "is not followed; name its folder in `sources`" in told["up"].message
    # When they lead elsewhere, the site is out of date.
    places = {os.path.basename(place) for place in found.places}
    assert {*told, "here.py"} <= places


def test_several_sources_lie_beside_each_other(project):
    folder = project({"one/a.py": "", "two/a.py": "", "c.py": "", "d/e.js": ""})
    sources = [str(folder / name) for name in ("one", "two", "c.py", "d/e.js")]
    config, _ = load({"sources": sources, "output": str(folder / "out")})
    assert [source.url for source in discover(config).sources] == [
        "c.html",
        "e.js.html",
        "one/a.html",
        "two/a.html",
    ]


def test_module_names(project):
    folder = project(
        dict.fromkeys(["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/a.py"], "")
    )
    config, _ = load(
        {"sources": [str(folder / "pkg" / "sub")], "output": str(folder / "out")}
    )
    modules = {source.path: source.module for source in discover(config).sources}
    assert sorted(modules.values()) == ["pkg.sub", "pkg.sub.a"]


def test_no_source_is_lost(project):
    names = ["a/src/m.py", "b/src/m.py", "c/src/m.py"]
    folder = project(dict.fromkeys(names, ""))
    config, _ = load({"sources": [str(folder / name) for name in names]})
    assert [source.url for source in discover(config).sources] == [
        "m.html",
        "m.py.html",
        "m.py-2.html",
    ]


def test_a_site_that_was_built_here_is_no_source(project):
    folder = project({"a.py": "", "site/.sidelit.json": "{}", "site/assets/x.js": ""})
    assert pages(folder) == {"a.py": "a.html"}


def test_characters_that_mean_something_in_a_url(project):
    assert pages(project({"c#?%.py": ""})) == {"c#?%.py": "c---.html"}


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_what_cannot_be_read_is_told_and_the_rest_goes_on(project):
    folder = project({"a.py": "", "sub/b.py": ""})
    (folder / "loop.py").symlink_to("loop.py")
    (folder / os.fsdecode(b"b\xff.py")).write_text("")
    (folder / os.fsdecode(b"d\xff")).mkdir()
    (folder / os.fsdecode(b"d\xff") / "m.py").write_text("")
    (folder / "sub").chmod(0)
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    found = discover(config)
    (folder / "sub").chmod(0o755)
    assert "a.py" in [source.path for source in found.sources]
    told = {problem.path: str(problem) for problem in found.problems}
    for path in ("b\\udcff.py", "d\\udcff/m.py"):
        assert told[path].endswith("SRC103 cannot be read: its path is not UTF-8")
    assert "loop.py:1:1: SRC103 cannot be read: Too many" in told["loop.py"]
    if os.geteuid():
        assert "SRC103 cannot be read: Permission" in told["sub"]


def test_a_folder_src_that_is_no_package_is_no_part_of_a_name(project):
    files = ["src/pkg/__init__.py", "src/pkg/a.py", "src/b.py", "lib/x/src/y.py",
             "own/src/__init__.py", "own/src/z.py"]  # fmt: skip
    folder = project(dict.fromkeys(files, ""))
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    modules = {source.path: source.module for source in discover(config).sources}
    assert modules == {
        "src/pkg/__init__.py": "pkg",
        "src/pkg/a.py": "pkg.a",
        "src/b.py": "b",
        "lib/x/src/y.py": "y",
        "own/src/__init__.py": "own.src",
        "own/src/z.py": "own.src.z",
    }


def test_a_folder_whose_name_is_no_name_is_no_part_of_one(project):
    files = ["my-app/app/__init__.py", "my-app/app/sub/__init__.py", "my-app/app/a.py",
             "my-app/b.py", "v1.0/c/__init__.py", "v2.0/c/__init__.py", "lib/d/__init__.py",
             "e-f/g/__init__.py", "src/g/__init__.py"]  # fmt: skip
    folder = project(dict.fromkeys(files, ""))
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    modules = {source.path: source.module for source in discover(config).sources}
    assert modules == {
        "my-app/app/__init__.py": "app",
        "my-app/app/sub/__init__.py": "app.sub",
        "my-app/app/a.py": "app.a",
        "my-app/b.py": "my-app.b",
        # Two of one name keep their longer ones.
        "v1.0/c/__init__.py": "v1.0.c",
        "v2.0/c/__init__.py": "v2.0.c",
        "lib/d/__init__.py": "lib.d",
        "e-f/g/__init__.py": "e-f.g",
        "src/g/__init__.py": "g",
    }
