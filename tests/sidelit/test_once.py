"""What a command has read or found out once, it does not read or find out again."""

import gc
import json
import subprocess
import sys
import tomllib
import weakref

import pytest

import sidelit.read.discover
from sidelit.__main__ import main
from sidelit.prose.html import PageProse
from sidelit.read.places import Decoder
from tests.conftest import ROOT


@pytest.fixture
def count(monkeypatch):
    """Counts the calls of an attribute, and returns the list of its first arguments."""

    def counted(owner, name):
        calls, original = [], getattr(owner, name)

        def call(*given, **named):
            calls.append(given[0] if given else None)
            return original(*given, **named)

        monkeypatch.setattr(owner, name, call)
        return calls

    return counted


@pytest.fixture
def site(project, monkeypatch):
    """A project with a page of each kind and its settings."""
    cells = [
        {"cell_type": "markdown", "source": "# Title", "metadata": {}},
        {"cell_type": "code", "source": "x = 1  # one", "outputs": [], "metadata": {}},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    folder = project(
        {
            "pyproject.toml": '[tool.sidelit]\nsources = ["src"]\noutput = "out"\n',
            "src/a.py": '"""# A"""\n\nx = 1\n',
            "src/b.md": "# B\n",
            "src/c.ipynb": json.dumps(notebook),
        }
    )
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    "command",
    [["build"], ["build", "-o", "new"], ["export", "md", "src"], ["check"]],
    ids=" ".join,
)
def test_the_settings_are_read_once(site, count, command):
    if command[0] == "export":
        command = [*command, "-o", "taken"]
    (site / "out").mkdir()
    (site / "out" / "mine.txt").write_text("")
    calls = count(tomllib, "load")
    assert main([*command, "--no-cache"]) == 0
    assert len(calls) == 1


@pytest.mark.parametrize("form", ["text", "sarif"])
def test_the_sources_are_found_once(site, count, form, capsys):
    calls = count(sidelit.read.discover, "_Search")
    command = ["check", "--format", form, "--base-url", "https://a.example/"]
    assert main([*command, "--no-cache"]) == 0
    assert len(calls) == 1


def test_a_notebook_is_parsed_once(site, count):
    calls = count(Decoder, "decode")
    assert main(["build", "--no-cache", "--jobs", "1"]) == 0
    assert len(calls) == 1
    assert (site / "out" / "c.clean.py").read_text().rstrip().endswith("x = 1")


def test_a_page_that_has_been_rendered_is_freed(site, monkeypatch):
    """A build collects no garbage, so what holds itself would stay to its end."""
    pages, begin = [], PageProse.__init__

    def made(page, *given):
        begin(page, *given)
        pages.append(weakref.ref(page))

    monkeypatch.setattr(PageProse, "__init__", made)
    try:
        assert main(["build", "--no-cache", "--jobs", "1"]) == 0
        assert len(pages) > 3
        assert [one for one in pages if one() is not None] == []
    finally:
        gc.enable()


def test_a_build_imports_no_families_of_rules(site):
    """It refuses the name of a rule that there is not, and runs none."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "utils")!r})
from sidelit.__main__ import main
print(main(["build", "--no-cache", "-q"]), *sys.modules)
"""
    run = [sys.executable, "-I", "-c", code]
    told = subprocess.run(run, capture_output=True, text=True, check=True, cwd=site)
    status, *modules = told.stdout.split()
    rooms = {one for one in modules if one.startswith("sidelit.check.")}
    assert status == "0"
    assert rooms == {
        f"sidelit.check.{one}" for one in ("findings", "rules", "selection")
    }
