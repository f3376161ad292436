"""One bad file never costs the site: whatever goes wrong while one is worked on."""

import contextlib
import errno
import itertools
import json
import os
import random
import re
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

import sidelit.build
import sidelit.check.subject
import sidelit.export.export
import sidelit.read.split
import sidelit.steps.answers
import sidelit.steps.reading
import sidelit.steps.render
from sidelit import files
from sidelit.__main__ import main
from sidelit.build import Pipeline, build
from sidelit.cache import Folder, Memory
from sidelit.check.check import check
from sidelit.config import load
from sidelit.files import MANIFEST, TEMPORARY
from sidelit.model import Document, SidelitError
from sidelit.steps.answers import Answers
from sidelit.steps.render import Renderer
from tests.conftest import LIMIT

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="a matter of fork")

FILES = {
    "src/__init__.py": '"""\n# Home\n\nSee [the bad one](bad.py) and `good.f`.\n"""\n',
    "src/bad.py": '"""\n# Bad\n\n$x$ is here.\n"""\nimport good\n\ngood.f()\n',
    "src/good.py": '"""\n# Good\n\n$y$ is here.\n"""\n\n\ndef f():\n    """Good."""\n',
}
# Each stage of the work on one file, as the module and the name that it is called by
# there, and whether the file has a page without it.
STAGES = [
    (sidelit.steps.reading, "split_data", False),
    (sidelit.steps.reading, "outline_of", False),
    (sidelit.read.split, "front_matter", False),
    (sidelit.steps.answers, "links_of", True),
    (sidelit.steps.render, "make_page", False),
    (sidelit.steps.render, "forms", False),
    (sidelit.steps.render, "card_of", False),
    (sidelit.steps.render, "page_text", False),
]


def is_about(name, argument):
    source = getattr(argument, "document", argument)
    source = getattr(source, "source", source)
    return getattr(source, "path", "") == f"src/{name}"


@pytest.fixture
def fail(monkeypatch):
    """Let a function of a module fail for one file."""

    def run(module, name, error=KeyError, file="bad.py"):
        real = getattr(module, name)

        def failing(*arguments):
            if any(is_about(file, one) for one in arguments):
                raise error("what\nnobody foresaw")
            return real(*arguments)

        monkeypatch.setattr(module, name, failing)

    return run


@pytest.fixture
def config(project, monkeypatch, tmp_path):
    folder = project({"pyproject.toml": "", **FILES})
    monkeypatch.chdir(folder)
    return load(
        {"sources": ["src"], "base-url": "https://x.example/", "select": ["ALL"]}
    )[0]


def told(problems, rule="SRC104"):
    return [str(one) for one in problems if one.rule == rule]


@pytest.mark.parametrize(("module", "name", "has_page"), STAGES)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stage_that_fails_costs_one_page(
    config, fail, monkeypatch, module, name, has_page, jobs
):
    monkeypatch.setattr("sidelit.steps.render.Cards.png", lambda *_: b"")
    fail(module, name)
    if name == "page_text":
        monkeypatch.setattr(
            "sidelit.steps.lasting.search_package", lambda _: "somewhere"
        )
    built = build(config, jobs=jobs)
    (problem,) = told(built.problems)
    assert re.fullmatch(
        r"src/bad\.py:1:1: SRC104 a mistake in sidelit, please report it: KeyError: "
        r"'what.*nobody foresaw' \(test_faults\.py, line \d+\)",
        problem,
    )
    assert ("bad.html" in built.files) == has_page
    assert b"is here." in built.files["good.html"]
    # Nothing leads to the page that is not there.
    for file in ("index.html", "good.html", "sitemap.xml", "llms.txt"):
        assert has_page or b"bad.html" not in built.files[file]


def test_the_rest_is_what_it_would_be_without_the_file(config, fail, project, tmp_path):
    fail(sidelit.steps.render, "make_page")
    built = build(config)
    (tmp_path / "src" / "bad.py").write_text("x = (\n")
    expected = build(config)
    assert dict(built.files) == dict(expected.files)
    assert [one.path for one in built.problems] == ["src/bad.py"]


def test_what_failed_is_tried_again(config, fail, monkeypatch, tmp_path):
    cache = Folder(tmp_path / "cache")
    expected = build(config)
    with monkeypatch.context():
        fail(sidelit.steps.render, "make_page")
        fail(sidelit.steps.answers, "links_of", file="good.py")
        assert len(told(build(config, cache).problems)) == 2
    monkeypatch.undo()
    again = build(config, cache)
    assert (dict(again.files), again.problems) == (dict(expected.files), ())


def test_every_page_may_fail_but_the_last(config, fail, monkeypatch):
    """A site has a home page, and if that fails, too, one sentence."""
    for file in ("__init__.py", "bad.py", "good.py"):
        fail(sidelit.steps.render, "make_page", ValueError, file)
    built = build(config)
    assert len(told(built.problems)) == 3
    assert b"0 annotated sources" in built.files["index.html"]
    real = Renderer._rendered

    def failing(renderer, url, around):
        if url == "index.html":
            raise ValueError
        return real(renderer, url, around)

    monkeypatch.setattr(Renderer, "_rendered", failing)
    with pytest.raises(SidelitError) as error:
        build(config)
    assert re.fullmatch(
        r"the home page: a mistake in sidelit, please report it: ValueError "
        r"\(test_faults\.py, line \d+\)",
        str(error.value),
    )


def test_an_answer_that_fails_is_a_problem_of_the_page_that_asks(
    config, monkeypatch, tmp_path
):
    real = Answers.answer_page

    def failing(self, source, link):
        if source.path == "src/__init__.py":
            raise RuntimeError
        return real(self, source, link)

    cache = Memory()
    build(config, cache)
    monkeypatch.setattr(Answers, "answer_page", failing)
    # A page that is there already is asked again when there is a new one.
    (tmp_path / "src" / "new.py").write_text("x = 1\n")
    built = build(config, cache)
    assert [one.path for one in built.problems] == ["src/__init__.py"]
    assert {"bad.html", "good.html", "index.html", "new.html"} <= set(built.files)


def test_serving_goes_on(config, fail):
    fail(sidelit.steps.render, "make_page")
    prepared = Pipeline(Memory()).prepare(config)
    with pytest.raises(SidelitError) as error:
        prepared.pages.page("bad.html")
    assert error.value.problem.rule == "SRC104"
    assert prepared.file("good.html")
    prepared.pages.attempt("bad.html")
    assert len(told(prepared.build().problems)) == 1


def test_checking_goes_on(config, fail, monkeypatch):
    def failing(subject):
        if is_about("bad.py", subject):
            raise RecursionError
        return []

    room = sys.modules["sidelit.check.check"]
    monkeypatch.setattr(room, "FAMILIES", (*room.FAMILIES, failing))
    fail(sidelit.check.subject, "identifiers", file="good.py")
    found = [one.problem for one in check(config)]
    assert [one.path for one in found if one.rule == "SRC104"] == [
        "src/bad.py",
        "src/good.py",
    ]
    # Other families have had their say.
    assert ("src/bad.py", "FRM104") in {(one.path, one.rule) for one in found}


def test_exporting_goes_on(config, fail, capsys, tmp_path):
    assert main(["export", "clean", "src", "-o", "whole"]) == 0
    fail(sidelit.export.export, "as_written")
    (tmp_path / "src" / "worse.py").write_text("x = '\0'\n")
    assert main(["export", "clean", "src", "-o", "rest"]) == 1
    first, second = sorted(capsys.readouterr().err.splitlines())
    assert first.startswith("src/bad.py:1:1: SRC104 ")
    assert second.startswith("src/worse.py:1:6: SRC101 ")
    files = {one.name: one.read_text() for one in (tmp_path / "rest").iterdir()}
    assert files.keys() == {"__init__.py", "good.py"}
    assert all(
        (tmp_path / "whole" / name).read_text() == text for name, text in files.items()
    )
    # Of a single file there is no rest.
    for name, rule in (("bad", "SRC104"), ("worse", "SRC101")):
        assert main(["export", "clean", f"src/{name}.py", "-o", f"{name}.py"]) == 1
        assert rule in capsys.readouterr().err
        assert not (tmp_path / f"{name}.py").exists()


def test_the_command_ends_with_status_1(config, fail, capsys, tmp_path):
    fail(sidelit.steps.render, "make_page", TypeError)
    assert main(["build", "src", "--no-cache"]) == 1
    assert "src/bad.py:1:1: SRC104" in capsys.readouterr().err
    assert {one.name for one in (tmp_path / "site").glob("*.html")} == {
        "good.html",
        "index.html",
    }


def test_a_mistake_names_the_innermost_place(config, monkeypatch):
    def failing(text):
        return Document.nosuch

    monkeypatch.setattr("sidelit.read.split.lex_python", failing)
    places = [
        re.search(r"\((.*), line", one)[1] for one in told(build(config).problems)
    ]
    assert places == ["test_faults.py"] * 3


# ## Disks and folders
@pytest.fixture
def site(project, monkeypatch):
    """A project with a few pages, in the current folder, and how it is built."""
    folder = project({"pyproject.toml": "", **FILES})
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    # Search is a process of its own, whose files come into the site like all others.
    for user in ("steps.lasting", "publish.search"):
        monkeypatch.setattr(f"sidelit.{user}.search_package", lambda _: None)
    return folder


def listing(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def written(folder):
    """What a site holds besides the list of its files; every file of it is whole."""
    files = listing(folder)
    assert not [name for name in files if TEMPORARY in name]
    assert json.loads(files[MANIFEST])["files"] == sorted({*files} - {MANIFEST})
    return files


BUILD = ["build", "src", "--math", "mathml"]


@pytest.mark.parametrize("number", [0, 1, 9, 20, 30, 40])
def test_a_full_disk_is_one_sentence_and_the_next_build_is_whole(
    site, monkeypatch, capsys, number
):
    assert main([*BUILD, "-o", "expected", "--no-cache"]) == 0
    capsys.readouterr()
    real, count = files._write, itertools.count()

    def full(file, data):
        if next(count) >= number:
            with open(file, "wb") as opened:
                opened.write(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file)
        real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write", full)
        status = main(BUILD)
    said = capsys.readouterr().err
    # Where only what makes the next build faster could not be kept, nothing is said.
    assert (status, said.count("\n")) in ((2, 1), (0, 0))
    assert (status == 2) == said.endswith("No space left on device\n")
    assert not [file for file in site.rglob(f"{TEMPORARY}*") if file != Path(MANIFEST)]
    assert main(BUILD) == 0
    assert written(site / "site") == written(site / "expected")


def test_a_folder_that_may_not_be_written_is_one_sentence(site, monkeypatch, capsys):
    real = files._write

    def refuse(file, data):
        if file.startswith(str(site / "site")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), file)
        real(file, data)

    monkeypatch.setattr(files, "_write", refuse)
    assert main(BUILD) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"sidelit: .*/site/\S+: Permission denied", line)


def test_a_file_that_is_gone_when_it_is_read_is_a_problem_of_its_own(
    site, monkeypatch, capsys
):
    real = sidelit.build.discover

    def discovered(config, progress):
        found = real(config, progress)
        (site / "src" / "bad.py").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(sidelit.build, "discover", discovered)
    assert main(BUILD) == 1
    words = "src/bad.py:1:1: SRC103 cannot be read: No such file or directory\n"
    assert capsys.readouterr().err == words
    assert {"good.html", "index.html"} <= {*written(site / "site")}
    assert not (site / "site" / "bad.html").exists()


@pytest.mark.parametrize("how", ["file", "read-only", "damaged", "gone"])
def test_whatever_the_cache_folder_is_the_site_is_the_same(
    site, monkeypatch, capsys, how
):
    assert main(BUILD) == 0
    expected = written(site / "site")
    cache = site / "cache"
    if how == "damaged":
        for file in cache.rglob("*"):
            if file.is_file():
                file.write_bytes(file.read_bytes()[:-1] + b"\0")
    elif how == "read-only":
        real = files._write

        def refuse(file, data):
            if file.startswith(str(cache)):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), file)
            real(file, data)

        monkeypatch.setattr(files, "_write", refuse)
    else:
        shutil.rmtree(cache)
        if how == "file":
            cache.write_text("no folder")
    (site / "src" / "good.py").write_text(FILES["src/good.py"] + "\n\nx = 1\n")
    assert main(BUILD) == 0
    assert main([*BUILD, "-o", "expected", "--no-cache"]) == 0
    assert written(site / "site") == written(site / "expected") != expected
    assert capsys.readouterr().err == ""


def in_child(run):
    """Run something in a process of its own, which is not this one's child for long."""
    process = os.fork()
    if not process:
        with contextlib.suppress(BaseException):
            run()
        os._exit(0)
    return process


@pytest.mark.slow
@on_linux
def test_killed_at_any_moment_the_next_build_makes_the_same(site, monkeypatch):
    """At 50 of the moments at which a file is written or takes its name."""
    for name in ("good.py", "bad.py"):
        (site / "src" / name).unlink()
    monkeypatch.setattr("sidelit.__main__.print", lambda *_, **__: None, raising=False)
    steps = []

    def counted(name, real):
        def called(*arguments):
            steps.append(name)
            return real(*arguments)

        return called

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write", counted("write", files._write))
        patch.setattr(os, "replace", counted("replace", os.replace))
        assert main(BUILD) == 0
    expected = written(site / "site")
    moments = random.Random(0).sample(range(len(steps)), min(50, len(steps)))
    for moment in moments:
        for folder in ("site", "cache"):
            shutil.rmtree(site / folder)
        os.waitpid(in_child(partial(killed_at, moment)), 0)
        found = listing(site / "site") if (site / "site").exists() else {}
        for name, data in found.items():
            if TEMPORARY not in name and name != MANIFEST:
                assert data == expected[name]
        assert main(BUILD) == 0
        assert written(site / "site") == expected


def killed_at(moment):
    """Build, and end at a step as `kill -9` would, with half of its file on the disk."""
    count, write, replace = itertools.count(), files._write, os.replace

    def write_or_end(file, data):
        if next(count) == moment:
            write(file, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        write(file, data)

    def replace_or_end(old, new):
        if next(count) == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(old, new)

    files._write, os.replace = write_or_end, replace_or_end
    main(BUILD)


@on_linux
def test_two_builds_into_one_folder_leave_one_site(site, monkeypatch):
    """One builds the whole while the other is between two of its files."""
    monkeypatch.setattr("sidelit.__main__.print", lambda *_, **__: None, raising=False)
    assert main([*BUILD, "-o", "expected", "--no-cache"]) == 0
    real, count = files._write, itertools.count()

    def interrupted(file, data):
        if next(count) in (2, 9, 20, 33):
            _, status = os.waitpid(in_child(lambda: main(BUILD)), 0)
            assert status == 0
        real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write", interrupted)
        assert main(BUILD) == 0
    assert written(site / "site") == written(site / "expected")


# ## Node
@pytest.mark.parametrize(
    ("script", "patience", "words"),
    [
        ("exec sleep 1000", 0.1, "gave no answer for 0.1 s"),
        ("exit 3", LIMIT, "stopped"),
        ("read line; echo no answer", LIMIT, "stopped"),
        # Whoever starts the real one keeps the pipe open when it is ended.
        ("sleep 1000 & wait", 0.1, "gave no answer for 0.1 s"),
    ],
)
def test_a_node_that_hangs_or_dies_is_one_sentence(
    site, monkeypatch, capsys, tmp_path, script, patience, words
):
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\n{script}\n")
    node.chmod(0o755)
    monkeypatch.setattr("sidelit.prose.tex.node", lambda: str(node))
    monkeypatch.setattr("sidelit.prose.tex.PATIENCE", patience)
    assert main(["build", "src", "--math", "katex"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        rf"2 formulas are shown as LaTeX: Node {words} while it set `\w`; "
        rf"`{node}` must run KaTeX",
        line,
    )
    assert b'<code class="tex">$x$</code>' in written(site / "site")["bad.html"]
