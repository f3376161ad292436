"""Diagrams: what their fences become, where Mermaid comes from, and what is told."""

import json
import os
import re
import subprocess
from html import unescape
from textwrap import indent

import pytest

from sidelit import files
from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.check.check import check
from sidelit.config import load
from sidelit.prose import diagrams
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text(encoding="utf-8")
SOURCE = 'flowchart LR\n  accTitle: A build\n  a["x < y & $z$"] --> b'
FENCE = f"```mermaid\n{SOURCE}\n```\n"
MODULE = f'''r"""
# A module

{FENCE}"""


def f():
    """
    {FENCE.replace(chr(10), chr(10) + "    ")}
    """
    # A comment:
    #
    # {FENCE.rstrip().replace(chr(10), chr(10) + "    # ")}
    return 1
'''
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": FENCE}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
LOADED = {"assets/diagrams.css", "assets/diagrams.js", "assets/mermaid.js"}


@pytest.fixture
def packages(monkeypatch, tmp_path):
    """Install packages of npm, where no other ones are found."""
    folder = tmp_path / "npm"
    monkeypatch.setattr(files, "_HERE", tmp_path / "elsewhere" / "files.py")
    monkeypatch.setenv("NODE_PATH", str(folder))

    def install(**installed):
        for name, script in installed.items():
            name = {"tiny": "@mermaid-js/tiny"}.get(name, name)
            file = folder / name / diagrams.MERMAID[name]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(script)
            (folder / name / "package.json").write_text("{}")

    return install


def shown(built, url):
    """The sources of the diagrams on a page."""
    page = built.files[url].decode()
    found = re.findall(
        r'<pre class="block diagram"><code>(.*?)</code></pre>', page, re.S
    )
    return [unescape(one) for one in found]


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.md", f"# A\n\n{FENCE}", 1),
        ("a.md", f"# A\n\n<p>Raw HTML\n\n{FENCE}", 1),
        ("a.md", f"# A\n\n> [!NOTE]\n> {FENCE.rstrip().replace(chr(10), chr(10) + '> ')}", 1),
        ("a.md", FENCE.replace("```mermaid", "~~~~ Mermaid").replace("```", "~~~~"), 1),
        ("a.md", FENCE.replace("mermaid", "{mermaid}"), 1),
        ("a.py", f'"""\nDo it.\n\n.. mermaid::\n\n{indent(SOURCE, "   ")}\n\n"""\n', 1),
        ("a.md", f"# A\n\n````markdown\n{FENCE}````\n", 0),
        ("a.py", MODULE, 3),
        ("a.ipynb", NOTEBOOK, 1),
        ("a.rs", f"// # A\n//\n// {FENCE.rstrip().replace(chr(10), chr(10) + '// ')}\n", 1),
    ],
)  # fmt: skip
def test_a_fence_becomes_a_diagram(build_files, packages, name, text, count):
    packages(mermaid="//")
    built = build_files({name: text})
    assert not built.problems
    url = next(url for url in built.files if url.endswith(".html") and "a" in url)
    assert shown(built, url) == [SOURCE] * count
    page = built.files[url].decode()
    for file in ("diagrams.css", "diagrams.js"):
        assert page.count(f'"assets/{file}?') == bool(count)
    # Mermaid itself waits until somebody comes near.
    assert "assets/mermaid.js" not in page
    assert (set(built.files) >= LOADED) == bool(count)


def test_only_pages_with_a_diagram_load_anything(build_files, packages):
    packages(mermaid="//")
    built = build_files({"index.md": f"# A\n\n{FENCE}", "b.md": "# B\n"})
    assert b"diagrams" in built.files["index.html"]
    assert b"diagrams" not in built.files["b.html"]
    assert not built.remarks
    without = build_files({"index.md": "# A\n"})
    assert not LOADED & set(without.files)


def test_what_readers_take_along_keeps_the_source(build_files):
    built = build_files(
        {"a.py": MODULE, "b.ipynb": NOTEBOOK}, base_url="https://a.example/"
    )
    for url in ("a.md", "b.md"):
        assert FENCE.rstrip() in built.files[url].decode()
    cells = json.loads(built.files["a.ipynb"])["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells)
    # Within a function, a comment is code of a notebook.
    assert text.count(FENCE.rstrip()) == 2
    assert text.count("# ```mermaid\n    # flowchart LR\n") == 1
    assert "mermaid" not in built.files["a.clean.py"].decode()


def test_search_finds_the_labels(build_files):
    built = build_files(
        {"a.md": f"# A\n\n{FENCE.replace('A build', 'Particular words')}"}
    )
    text = dict(built.texts)["a.html"]
    words = re.search(r'<p data-pagefind-weight="0.4">(.*?)</p>', text, re.S)[1]
    assert "Particular words" in words


# ## Mermaid
def test_the_small_edition_is_second(build_files, packages):
    page = {"a.md": FENCE}
    packages(tiny="tiny")
    assert build_files(page).files["assets/mermaid.js"] == b"tiny"
    packages(mermaid="whole")
    assert build_files(page).files["assets/mermaid.js"] == b"whole"


def test_without_mermaid_the_source_stays_and_one_sentence_is_told(
    build_files, packages, tmp_path
):
    built = build_files({"a.md": FENCE * 2, "b.md": FENCE})
    assert shown(built, "a.html") == [SOURCE] * 2
    assert b"diagrams.js" not in built.files["a.html"]
    assert not LOADED & set(built.files)
    assert built.remarks == (
        "diagrams are shown as their source: Mermaid was not found; run "
        f"`npm install mermaid` in {tmp_path / 'src'}",
    )
    assert not built.problems
    # Who has no diagram is not told.
    assert not build_files({"a.md": "# A\n", "b.md": ""}).remarks


def test_half_a_package_is_none(build_files, packages, tmp_path):
    packages(mermaid="whole")
    (tmp_path / "npm" / "mermaid" / diagrams.MERMAID["mermaid"]).unlink()
    assert build_files({"a.md": FENCE}).remarks
    packages(tiny="tiny")
    assert build_files({"a.md": FENCE}).files["assets/mermaid.js"] == b"tiny"


def test_mermaid_that_came_along_is_named_and_not_published(
    project, packages, monkeypatch
):
    script = "node_modules/mermaid/dist/mermaid.min.js"
    folder = project({"src/a.md": FENCE, f"src/{script}": "//"})
    package = folder / "src" / "node_modules" / "mermaid"
    (package / "package.json").write_text("{}")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-f", "."], cwd=folder, check=True)
    monkeypatch.chdir(folder / "src")
    config, _ = load({"sources": ["a.md"]})
    built = build(config)
    assert "assets/mermaid.js" not in built.files
    [told] = built.remarks
    assert f"{package} may have come with the sources" in told
    monkeypatch.setenv("NODE_PATH", str(package.parent))
    assert "assets/mermaid.js" in build(config).files


def test_another_mermaid_makes_the_pages_again(project, packages):
    folder = project({"src/index.md": FENCE, "src/b.md": "# B\n"})
    config, _ = load({"sources": [str(folder / "src")], "output": str(folder / "out")})
    pipeline = Pipeline(Memory())
    seen = []
    for install in ({}, {"mermaid": "1"}, {"mermaid": "two"}):
        packages(**install)
        made = pipeline.prepare(config).build()
        assert dict(made.files) == dict(build(config).files)
        seen.append(made.files.get("assets/mermaid.js"))
    assert seen == [None, b"1", b"two"]
    package = os.path.join(os.environ["NODE_PATH"], "mermaid", "package.json")
    assert package in made.inputs


def test_any_number_of_processes_makes_the_same(project, packages):
    packages(mermaid="//")
    pages = {f"src/a{n}.md": f"# A {n}\n\n{FENCE * (n % 3)}" for n in range(6)}
    folder = project({**pages, "src/b.py": MODULE})
    config, _ = load({"sources": [str(folder / "src")], "output": str(folder / "out")})
    one, two = (build(config, jobs=jobs) for jobs in (1, 2))
    assert dict(one.files) == dict(two.files)
    assert one.remarks == two.remarks == ()
    assert {*LOADED} <= {*two.files}


def test_any_number_of_processes_misses_mermaid(project, packages):
    folder = project({"src/a.md": FENCE, "src/b.md": FENCE, "src/c.md": "# C\n"})
    config, _ = load({"sources": [str(folder / "src")], "output": str(folder / "out")})
    one, two = (build(config, jobs=jobs) for jobs in (1, 2))
    assert dict(one.files) == dict(two.files)
    assert one.remarks == two.remarks != ()


# ## What is told
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("flowchart LR\n  a --> b", True),
        ("flowchart LR\n  accTitle:\n  a --> b", True),
        ("flowchart LR\n  title[A box] --> b", True),
        ("flowchart LR\n  accTitle: It\n  a --> b", False),
        ("---\ntitle: It\n---\nflowchart LR\n  a --> b", False),
        ("pie showData title It\n  'a': 1", False),
        ("gantt\n  title It\n  a: 2024-01-01, 1d", False),
    ],
)
@pytest.mark.parametrize("sign", ["", "> "])
def test_a_diagram_says_what_it_shows(project, source, found, sign):
    fence = "\n".join(
        f"{sign}{line}" for line in ["```mermaid", *source.split("\n"), "```"]
    )
    folder = project({"src/a.md": f"# A\n\n{fence}\n\n````md\n```mermaid\n```\n````\n"})
    config, _ = load({"sources": [str(folder / "src")], "select": ["FRM117"]})
    told = [one.problem for one in check(config) if one.rule == "FRM117"]
    assert [(one.line, one.column, one.message) for one in told] == found * [
        (3, len(sign) + 1, "nothing says what the diagram shows; give it an accTitle")
    ]


def test_the_example_of_the_guide(build_files, packages):
    packages(mermaid="//")
    example = re.search(r"^## Diagrams.*?````markdown\n(.*?)^````", GUIDE, re.S | re.M)[
        1
    ]
    built = build_files({"a.md": example})
    assert not built.problems
    [source] = shown(built, "a.html")
    assert "accTitle: " in source
