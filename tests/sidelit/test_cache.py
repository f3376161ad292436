"""What is kept is right, or is not there."""

import contextlib
import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit import cache
from sidelit.__main__ import main
from sidelit.build import Pipeline, build
from sidelit.cache import Folder, opened, trim
from sidelit.config import load
from sidelit.model import Document, Outline
from sidelit.names.links import Links
from sidelit.packed import pack, unpack
from sidelit.steps.render import Rendered, Renderer
from tests.conftest import ROOT

FILES = {
    "src/index.md": "# Home\n\nA `Thing` and [b](b.py).\n",
    "src/a.py": '"""Text."""\n\n\nclass Thing:\n    """A thing."""\n',
    "src/b.py": "from a import Thing\n\n# A `Thing`.\nThing()\n",
}
KINDS = (Document, Outline, Links, Rendered, dict[str, tuple[str, str]])


@pytest.fixture
def config(project, tmp_path):
    folder = project(FILES)
    return load({"sources": [str(folder / "src")], "output": str(tmp_path / "out")})[0]


def outcome(built):
    return dict(built.files), built.problems, dict(built.texts)


def kept(folder, kind="*"):
    return sorted(file for file in folder.glob(f"{kind}/*/*") if file.is_file())


# ## Damage
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data + b"\0",
    ],
    ids=["empty", "cut", "changed", "longer"],
)
@pytest.mark.parametrize("kind", ["*", "documents", "outlines", "links", "views", "pages", "texts"])  # fmt: skip
def test_a_damaged_file_counts_as_missing(config, tmp_path, kind, damage):
    expected = outcome(build(config))
    folder = Folder(tmp_path / "cache")
    build(config, folder)
    files = kept(folder.path, kind)
    assert files
    for file in files:
        file.write_bytes(damage(file.read_bytes()))
    assert outcome(build(config, folder)) == expected
    # It has been mended for the next time.
    assert outcome(build(config, folder)) == expected


@pytest.mark.parametrize("kind", ["documents", "pages", "texts"])
def test_what_is_lost_during_a_build_is_made_again(config, tmp_path, kind):
    expected = outcome(build(config))
    folder = Folder(tmp_path / "cache")
    prepared = Pipeline(folder).prepare(config)
    if kind == "documents":
        shutil.rmtree(folder.path / kind)
    built = prepared.build()
    if kind != "documents":
        shutil.rmtree(folder.path / kind)
    assert outcome(built) == expected


class Trap:
    """Whoever reads this with `pickle` calls a function."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize(
    "data",
    [pickle.dumps(Trap()), pack(7), pack([]), pack({"x": [1]}), pack([[]] * 9)],
    ids=["pickle", "number", "list", "table", "lists"],
)
def test_what_others_have_put_there_counts_as_missing(
    config, tmp_path, monkeypatch, data
):
    monkeypatch.chdir(tmp_path)
    expected = outcome(build(config))
    folder = Folder(tmp_path / "cache")
    build(config, folder)
    # All that can be wrong about it but its checksum.
    for file in kept(folder.path):
        kind, key = file.parts[-3], file.parts[-2] + file.parts[-1]
        if kind != "texts":
            folder.put(kind, key, data)
    assert outcome(build(config, folder)) == expected
    assert not Path("trapped").exists()


@given(data=st.binary(max_size=40), kind=st.sampled_from(KINDS))
def test_bytes_that_hold_no_value_are_refused(data, kind):
    try:
        unpack(data, kind)
    except ValueError:
        return
    # The others mean what they say.
    assert unpack(pack(unpack(data, kind)), kind) == unpack(data, kind)


def test_changed_values_are_refused_or_values(config, tmp_path):
    folder = Folder(tmp_path / "cache")
    build(config, folder)
    for kind, name in ((Document, "documents"), (Outline, "outlines")):
        data = kept(folder.path, name)[0].read_bytes()[cache._CHECKSUM_SIZE :]
        assert unpack(data, kind)
        for place in range(len(data)):
            for bit in (0x01, 0x80):
                changed = bytearray(data)
                changed[place] ^= bit
                with contextlib.suppress(ValueError):
                    unpack(bytes(changed), kind)


def test_no_part_passes_for_the_end_of_another():
    keys = {
        cache.key_of(*parts) for parts in (("ab",), ("a", "b"), ("", "ab"), (b"a",))
    }
    assert len(keys) == 4
    assert cache.key_of("\ud800") != cache.key_of("?")


# ## One folder for all
def test_two_builds_at_once_share_it(project, tmp_path, monkeypatch):
    folder = project({f"one/m{n}.py": f"# Number {n}\nx = {n}\n" for n in range(30)})
    shutil.copytree(folder / "one", folder / "two")
    (folder / "two" / "m3.py").write_text("# Another\ny = 3\n")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "utils"),
        "XDG_CACHE_HOME": str(tmp_path / "shared"),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "sidelit", "build", name, "-o", f"out-{name}",
             "--site-title", "Site", "--jobs", "2"],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    for process in processes:
        out, error = process.communicate()
        assert (process.returncode, error) == (0, b""), out
    monkeypatch.chdir(folder)
    for name in ("one", "two"):
        output = folder / f"out-{name}"
        flags = {"sources": [str(folder / name)], "output": str(output)}
        expected = build(load({**flags, "site-title": "Site"})[0]).files
        assert expected
        for url, data in expected.items():
            assert (output / url).read_bytes() == data


def test_another_version_shares_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with opened(True) as one:
        one.put("texts", "abc", b"1")
    with opened(True) as same:
        assert same.get("texts", "abc") == b"1"
    states = iter(range(10**6))
    monkeypatch.setattr(cache, "file_state", lambda _: str(next(states)))
    with opened(True) as other:
        assert other.path != one.path
        assert other.path.parent == one.path.parent
        assert other.get("texts", "abc") is None
    assert one.get("texts", "abc") == b"1"


def test_a_library_of_another_version_makes_another_folder(monkeypatch, tmp_path):
    before = cache._version()
    (tmp_path / "mistune").mkdir()
    (tmp_path / "mistune" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert cache._version() != before


# ## Its size
def test_those_that_were_used_longest_ago_go_first(tmp_path):
    folder = Folder(tmp_path / "version")
    now = time.time()
    for days in range(10):
        folder.put("pages", f"{days}" * 4, b"x" * 984)
        file = folder._file("pages", f"{days}" * 4)
        os.utime(file, (now - days * 86400 - 90000,) * 2)
    # Who reads something uses it.
    assert folder.get("pages", "9999")
    trim(tmp_path, written=4001, limit=64000)
    assert len(kept(tmp_path / "version")) == 10
    trim(tmp_path, written=4096, limit=4096)
    left = {file.parts[-2] + file.parts[-1] for file in kept(tmp_path / "version")}
    assert left == {"9999", "0000", "1111", "2222"}
    size = sum(file.stat().st_size for file in kept(tmp_path / "version"))
    assert size <= 4096


def test_what_was_written_adds_up(tmp_path):
    folder = Folder(tmp_path / "version")
    folder.put("pages", "abcd", b"x" * 3000)
    for _ in range(2):
        trim(tmp_path, written=40, limit=1600)
        assert kept(tmp_path / "version")
    trim(tmp_path, written=40, limit=1600)
    assert not kept(tmp_path / "version")


def test_a_build_keeps_it_within_its_size(config, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(trim, "__defaults__", (20000,))
    expected = outcome(build(config))
    for _ in range(2):
        with opened(True) as folder:
            assert outcome(build(config, folder)) == expected
    results = tmp_path / "cache" / "sidelit" / "results"
    sizes = [file.stat().st_size for file in results.rglob("*") if file.is_file()]
    assert sum(sizes) <= 20000 + 10


# ## No folder
def test_a_folder_that_cannot_be_written_is_done_without(
    config, tmp_path, monkeypatch, capfd
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    arguments = [str(tmp_path / "src"), "-o", str(tmp_path / "out")]
    assert main(["build", *arguments]) == 0
    assert capfd.readouterr().err == ""
    assert (tmp_path / "out" / "a.html").is_file()


def test_no_cache_leaves_nothing_behind(config, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    arguments = [str(tmp_path / "src"), "-o", str(tmp_path / "out")]
    assert main(["build", "--no-cache", *arguments]) == 0
    assert os.listdir(tmp_path / "tmp") == []
    assert not (tmp_path / "cache" / "sidelit" / "results").exists()
    assert not (tmp_path / "cache" / "sidelit" / "runs").exists()


# ## Once
def test_only_what_a_change_touches_is_rendered(config, tmp_path, monkeypatch):
    rendered = []
    real = Renderer.render
    monkeypatch.setattr(
        Renderer, "render", lambda self, url: rendered.append(url) or real(self, url)
    )
    folder = Folder(tmp_path / "cache")

    def pages():
        rendered.clear()
        build(config, folder)
        return rendered

    source = tmp_path / "src" / "b.py"
    assert pages() == ["index.html", "b.html", "a.html"]
    assert pages() == []
    source.write_text(source.read_text().replace("# A", "# The"))
    assert pages() == ["b.html"]
    # What another page shows of it, that page follows.
    (tmp_path / "src" / "a.py").write_text('class Thing:\n    """Another."""\n')
    assert pages() == ["index.html", "b.html", "a.html"]
    os.utime(source, (1, 1))
    assert pages() == []


def test_a_file_that_is_written_twice_at_once_is_read_twice(config, tmp_path):
    pipeline = Pipeline(Folder(tmp_path / "cache"))
    file = tmp_path / "src" / "a.py"
    now = time.time_ns()
    for text in ('"""One."""\n', '"""Two."""\n'):
        file.write_text(text)
        # The clock of the disk has not moved on.
        os.utime(file, ns=(now, now))
        page = pipeline.prepare(config).file("a.html")
        assert text[3:6].encode() in page
