"""A build with nothing to do does nothing, and one with something to do does it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sidelit import cache, fresh
from sidelit.__main__ import main
from tests.conftest import ROOT


@pytest.fixture
def built(tmp_path, monkeypatch, capsys):
    """A site that was built a while ago, and a way to build it again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src" / "sub").mkdir(parents=True)
    (tmp_path / "src" / "sub" / "a.py").write_text(
        '"""![p](p.svg)\n\nIt is {{ run:*.y }}."""\nx = 1\n'
    )
    (tmp_path / "src" / "sub" / "p.svg").write_text("<svg/>")
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "page.html").write_text('{% extends "sidelit/page.html" %}')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.sidelit]\nsources = ["src"]\noutput = "out"\ntemplates = "theme"\n'
        'results = ["runs/*.json"]\n'
    )
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text('{"y": 1}')
    for file in tmp_path.rglob("*"):
        os.utime(file, (1, 1))

    def build():
        status = main(["build"])
        return status, capsys.readouterr().out

    assert build()[0] == 0
    return tmp_path, build


def test_nothing_has_changed(built):
    _, build = built
    assert build() == (0, "out: 3 pages; nothing has changed\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "src" / "sub" / "a.py").write_text("x = 2\n"),
        lambda folder: (folder / "src" / "sub" / "b.py").write_text("x = 2\n"),
        lambda folder: (folder / "src" / "c.py").write_text("x = 2\n"),
        lambda folder: (folder / "src" / "sub" / "p.svg").write_text("<svg></svg>"),
        lambda folder: (folder / "src" / "sub" / "a.py").rename(
            folder / "src" / "d.py"
        ),
        lambda folder: (folder / "runs" / "b.json").write_text('{"y": 3}'),
        lambda folder: (folder / "out" / "index.html").unlink(),
        lambda folder: (folder / "out" / "sub" / "a.html").write_text("edited"),
        lambda folder: (folder / "theme" / "page.html").write_text("{{ title }}"),
        lambda folder: (folder / "pyproject.toml").write_text(
            '[tool.sidelit]\nsources = ["src"]\noutput = "out"\nsite-title = "x"\n'
            'results = ["runs/*.json"]\n'
        ),
    ],
)
def test_every_change_is_seen(built, change):
    folder, build = built
    change(folder)
    status, output = build()
    assert status == 0
    assert "nothing has changed" not in output
    assert " 0 files written, 0 removed" not in output


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Writes sources that were there a while ago, and builds the package in `a.b`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)

    def build(**files):
        for name, text in files.items():
            (tmp_path / "a" / "b" / f"{name}.py").write_text(text)
        if files:
            for path in tmp_path.rglob("*"):
                os.utime(path, (1, 1), follow_symlinks=False)
        repository = ["--repository-url", "https://example.com/r"]
        assert main(["build", "a/b", "-o", "out", *repository]) == 0
        return "nothing has changed" not in capsys.readouterr().out

    return tmp_path, build


def test_a_package_around_the_sources_is_seen(told):
    folder, build = told
    assert build(__init__="x = 1\n")
    assert not build()
    (folder / "a" / "__init__.py").write_text("")
    assert build()
    assert "a.b" in (folder / "out" / "index.html").read_text()


def test_a_file_that_a_link_waits_for_is_seen(told):
    folder, build = told
    (folder / "a" / "b" / "link.py").symlink_to("../../later.py")
    assert build(__init__="x = 1\n")
    assert not build()
    (folder / "later.py").write_text("y = 1\n")
    assert build()
    assert (folder / "out" / "link.html").is_file()


def test_a_linked_file_that_comes_or_goes_is_seen(told):
    folder, build = told
    assert build(__init__='"""See [it](../data.txt#a) and [that](x%00)."""\n')
    assert not build()
    page, file = folder / "out" / "index.html", folder / "a" / "data.txt"
    for _ in range(2):
        assert 'href="../data.txt#a"' in page.read_text()
        file.write_text("")
        os.utime(file, (1, 1))
        assert build()
        assert "/blob/HEAD/a/data.txt" in page.read_text()
        assert not build()
        file.unlink()
        assert build()


def test_what_an_earlier_build_made_answers_nothing(told):
    folder, build = told
    assert build(__init__='"""See [it](a.py)."""\n', a="x = 1\n")
    (folder / "a" / "b" / "a.py").unlink()
    assert build()
    assert 'href="a.py"' in (folder / "out" / "index.html").read_text()


def test_a_change_that_leaves_time_and_size_is_seen(told):
    folder, build = told
    assert build(__init__="x = 1\n")
    assert not build()
    file = folder / "a" / "b" / "__init__.py"
    file.write_text("x = 2\n")
    os.utime(file, (1, 1))
    assert build()
    assert "2" in (folder / "out" / "index.py").read_text()


def test_a_change_in_the_same_tick_is_seen(built):
    folder, build = built
    for number in range(20):
        (folder / "src" / "sub" / "a.py").write_text(f"x = 1{number:03}\n")
        build()
        assert f"1{number:03}" in (folder / "out" / "sub" / "a.html").read_text()


def test_sidelit_itself_is_an_input(built):
    folder, _ = built
    record = next((folder / ".cache" / "sidelit" / "runs").iterdir())
    assert str(ROOT / "utils" / "sidelit" / "prose" / "html.py") in record.read_text()
    assert (
        str(ROOT / "utils" / "sidelit" / "assets" / "sidelit.css") in record.read_text()
    )


def test_other_commands_are_other_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keys = {fresh.command_key(["build"]), fresh.command_key(["build", "-o", "x"])}
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    keys.add(fresh.command_key(["build"]))
    assert len(keys) == 3


def test_problems_are_told_every_time(built, capsys):
    folder, _ = built
    (folder / "src" / "bad.py").write_text("(")
    os.utime(folder / "src" / "bad.py", (1, 1))
    for _ in range(2):
        assert main(["build"]) == 1
        assert "src/bad.py:1:1: SRC101" in capsys.readouterr().err


# ## What is warned of
#
# What is written or linked to, the warning, and what makes it another one.
WARNED = [
    ({"src/b.md": "An <b>end is missing\n"}, "FRM116", {"src/b.md": "An end\n"}),
    ({"src/b.py": "x = 1\n" * 200_000}, "SRC106", {"src/b.py": "x = 1\n"}),
    ({"src/l.py": Path("../b.py")}, "leads to no file", {"b.py": "x = 1\n"}),
    ({"src/l": Path("../data")}, "is not followed", {"src/l": Path("../c")}),
    ({"src/l.py": Path("../../c.py")}, "leads out of the", {"../.git/HEAD": ""}),
    ({"data/.a": ""}, "data/.a is hidden", {"data/.b": ""}),
    (
        {"data/a": Path("../b"), "b": Path(".c"), ".c": ""},
        "data/a is hidden",
        {"b": "x"},
    ),
    (
        {"src/b.md": "It is $x$.\n"},
        "KaTeX was not",
        {"../npm/katex/package.json": "{}"},
    ),
]


def put(folder, files):
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.unlink(missing_ok=True)
        if isinstance(content, Path):
            file.symlink_to(content)
        else:
            file.write_text(content)


@pytest.mark.parametrize(
    ("files", "warning", "later"), WARNED, ids=[one for _, one, _ in WARNED]
)
def test_a_warning_is_told_again_as_long_as_it_holds(
    tmp_path, monkeypatch, capsys, files, warning, later
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    # No package of npm is found but there.
    monkeypatch.setattr("sidelit.files._HERE", tmp_path / "elsewhere" / "files.py")
    monkeypatch.setenv("NODE_PATH", str(tmp_path / "npm"))
    folder = tmp_path / "project"
    settings = '[tool.sidelit]\nsources = ["src"]\noutput = "out"\nstatic = ["data"]\n'
    own = {"src/a.py": "x = 1\n", "data/d": "", "pyproject.toml": settings}
    put(folder, {**own, "../c.py": "", **files})
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    monkeypatch.chdir(folder)

    def build(*flags):
        status = main(["build", *flags])
        out, told = capsys.readouterr()
        return status, "nothing has changed" in out, told

    first = build()
    assert first[:2] == (0, False)
    assert warning in first[2]
    assert build() == (0, True, first[2])
    # Who wants less is told less.
    quiet = build("--quiet")
    assert build("--quiet") == quiet
    assert quiet[2] in (first[2], "")
    put(folder, later)
    again = build()
    assert not again[1]
    assert again[2] != first[2]


def test_what_git_or_the_search_path_may_mend_is_looked_for_again(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.setattr("sidelit.files._HERE", Path("/nowhere/files.py"))
    monkeypatch.chdir(tmp_path)
    # Nobody knows whether it has come with the sources.
    put(tmp_path, {"a.md": "It is $x$.\n", "node_modules/katex/package.json": "{}"})
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    for _ in range(2):
        assert main(["build", "a.md"]) == 0
        out, told = capsys.readouterr()
        assert "may have come with the sources" in told
        assert "nothing has changed" not in out


@pytest.mark.parametrize("text", ["", "x", "\n\n\n", "\x00"])
def test_a_broken_record_is_none(built, text):
    folder, build = built
    record = next((folder / ".cache" / "sidelit" / "runs").iterdir())
    record.write_text(text)
    assert build()[1] == "out: 3 pages; 0 files written, 0 removed\n"


def test_it_imports_next_to_nothing(built):
    """The figure for an unchanged build rests on this."""
    folder, _ = built
    code = "import sys; from sidelit.__main__ import main; main(['build']); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "utils")}
    run = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT / 'utils')!r}); {code}",
    ]
    for _ in range(2):
        result = subprocess.run(
            run, cwd=folder, env=environment, capture_output=True, text=True
        )
    message, modules = result.stdout.strip().split("\n")
    assert message == "out: 3 pages; nothing has changed"
    heavy = {
        "mistune",
        "jinja2",
        "pygments",
        "yaml",
        "nh3",
        "argparse",
        "ast",
        "tomllib",
        "json",
    }
    assert not heavy & set(modules.split())


def test_a_young_file_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    file = tmp_path / "a"
    file.write_text("x")
    started = file.stat().st_mtime_ns + 10**7
    fresh.remember("key", started, [str(file)], [], ["message", "\udcff"])
    assert fresh.last_messages("key") is None
    fresh.remember("key", started + 10**9, [str(file)], [], ["message", "\udcff"])
    assert fresh.last_messages("key") == ["message", "\udcff"]


def test_results_are_kept_when_python_compiles_a_module(tmp_path, monkeypatch):
    (tmp_path / "cache.py").write_text("")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    version = cache._version()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "cache.cpython-311.pyc").write_bytes(b"")
    assert cache._version() == version
    (tmp_path / "new.py").write_text("")
    assert cache._version() != version
