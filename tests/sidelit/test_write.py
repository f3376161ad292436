"""Nothing half-written, nothing lost, nothing outside."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidelit import write
from sidelit.__main__ import main
from sidelit.files import MANIFEST, TEMPORARY, write_file
from sidelit.model import SidelitError
from sidelit.write import Changes, check_output, write_site
from tests.conftest import ROOT


def listing(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != MANIFEST
    }


def test_only_what_changed_is_written(tmp_path):
    assert write_site(str(tmp_path), {"a.html": b"1", "b/c.html": b"2"}) == Changes(
        2, 0, 2
    )
    for name in ("a.html", "b/c.html"):
        os.utime(tmp_path / name, (1, 1))
    assert write_site(str(tmp_path), {"a.html": b"1", "b/c.html": b"3"}) == Changes(
        1, 0, 2
    )
    assert (tmp_path / "a.html").stat().st_mtime == 1
    assert (tmp_path / "b/c.html").stat().st_mtime != 1
    os.utime(tmp_path / MANIFEST, (1, 1))
    assert write_site(str(tmp_path), {"a.html": b"1", "b/c.html": b"3"}) == Changes(
        0, 0, 2
    )
    assert (tmp_path / MANIFEST).stat().st_mtime == 1


def test_what_is_no_longer_made_is_removed_and_nothing_else(tmp_path):
    write_site(str(tmp_path), {"a.html": b"1", "b/c/d.html": b"2", "e/f.html": b"3"})
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "e" / "mine.txt").write_text("mine")
    assert write_site(str(tmp_path), {"a.html": b"1"}) == Changes(0, 2, 1)
    assert listing(tmp_path) == {
        "a.html": b"1",
        "mine.txt": b"mine",
        "e/mine.txt": b"mine",
    }
    assert not (tmp_path / "b").exists()


def test_a_file_by_another_name_is_not_removed(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.html").write_bytes(b"1")
    (tmp_path / "b" / "c").write_bytes(b"2")
    manifest = {"files": ["./a.html", "b/./c"]}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    files = {"a.html": b"1", "b/c": b"3"}
    assert write_site(str(tmp_path), files) == Changes(1, 0, 2)
    assert write_site(str(tmp_path), files) == Changes(0, 0, 2)
    assert listing(tmp_path) == {"a.html": b"1", "b/c": b"3"}


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path):
    (tmp_path / "index.html").write_text("<p>mine")
    with pytest.raises(SidelitError, match="was not made by sidelit; move it away"):
        write_site(str(tmp_path), {"a.html": b"1", "index.html": b"2"})
    assert listing(tmp_path) == {"index.html": b"<p>mine"}


def test_pages_of_ours_are_known_without_a_manifest(tmp_path):
    page = write.GENERATOR + b' 0.1">'
    write_site(str(tmp_path), {"a.html": page})
    (tmp_path / MANIFEST).unlink()
    write_site(str(tmp_path), {"a.html": page + b"new"})
    assert listing(tmp_path) == {"a.html": page + b"new"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": 3}', '{"files": [1]}'])
def test_a_broken_manifest_owns_nothing(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    (tmp_path / "mine.txt").write_text("mine")
    write_site(str(tmp_path), {"a.html": b"1"})
    assert listing(tmp_path) == {"a.html": b"1", "mine.txt": b"mine"}


def test_no_link_leads_out_of_the_folder(tmp_path):
    outside, output = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    output.mkdir()
    (output / "sub").symlink_to(outside)
    with pytest.raises(SidelitError, match="leads out of"):
        write_site(str(output), {"sub/a.html": b"1"})
    assert list(outside.iterdir()) == []
    # A file that is a link is replaced, not followed.
    (outside / "target").write_bytes(b"mine")
    (output / "sub").unlink()
    (output / "b.html").symlink_to(outside / "target")
    (output / MANIFEST).write_text(
        json.dumps({"files": ["b.html", "../outside/target"]})
    )
    with pytest.raises(SidelitError, match="leads out of"):
        write_site(str(output), {"b.html": b"1"})
    (output / MANIFEST).write_text(json.dumps({"files": ["b.html"]}))
    write_site(str(output), {"b.html": b"1"})
    assert (outside / "target").read_bytes() == b"mine"
    assert (output / "b.html").read_bytes() == b"1"


@pytest.fixture
def build_into(project, tmp_path, monkeypatch, capsys):
    """Build a project in a user's home into a folder, and say what became of it."""
    home = tmp_path / "home"
    files = {
        "home/notes.txt": "mine",
        "home/work/pyproject.toml": "[tool.sidelit]\nsources = ['src']\n",
        "home/work/src/a.md": "# A\n",
        "home/work/pages/mine.txt": "mine",
        "home/work/none/.git": "",
        "home/work/none/CNAME": "a.example",
    }
    project(files)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home / "work")

    def run(*arguments):
        before = listing(tmp_path)
        status = main(["build", "--no-cache", "-q", *arguments])
        error = capsys.readouterr().err
        after = listing(tmp_path)
        assert before.items() <= after.items()
        return status, error, after.keys() - before.keys()

    return run, home / "work"


@pytest.mark.parametrize(
    "folder", ["~", ".", "..", "pages", "src/..", "{link}", "{dot}"]
)
def test_a_folder_of_somebody_else_is_refused(build_into, folder):
    run, work = build_into
    (work / "link").symlink_to(work.parent)
    folder = folder.format(link="link", dot=f"{work}/.")
    folder = str(work.parent) if folder == "~" else folder
    said = "holds files that sidelit did not make; name an empty folder with -o"
    status, error, new = run("-o", folder)
    assert (status, error.count("\n"), said in error) == (2, 1, True), error
    # Only what can be done is proposed.
    may_be_named = "or name this one as `output` in pyproject.toml" in error
    assert may_be_named == (folder == "pages")
    assert not new
    # Nor is it meant when the settings name it, unless it is one of the project.
    settings = f"[tool.sidelit]\nsources = ['src']\noutput = '{folder}'\n"
    (work / "pyproject.toml").write_text(settings)
    status, error, new = run()
    if folder == "pages":
        assert (status, error, "home/work/pages/a.html" in new) == (0, "", True)
        assert run("-o", folder)[:2] == (0, "")
    else:
        refused = said in error or "lies outside the project" in error
        assert (status, refused, new) == (2, True, set())


@pytest.mark.usefixtures("build_into")
def test_the_root_of_all_folders_is_refused():
    for in_file in ("", "/"):
        with pytest.raises(SidelitError, match="output: / holds files"):
            check_output("/", os.getcwd(), in_file)


@pytest.mark.parametrize("folder", ["new", "new/deep", "none", "site"])
def test_a_new_an_empty_and_our_own_folder_are_not(build_into, folder):
    run, work = build_into
    assert run("-o", folder)[:2] == (0, "")
    assert run("-o", folder)[:2] == (0, "")
    # Where only the pages were copied, they say whose they are.
    (work / folder / MANIFEST).unlink()
    assert run("-o", folder)[:2] == (0, "")


def test_our_own_site_may_lie_where_the_command_runs(build_into, monkeypatch):
    run, work = build_into
    (work / "here").mkdir()
    monkeypatch.chdir(work / "here")
    for _ in range(2):
        assert run("-o", ".", "../src")[:2] == (0, "")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "a"
    write_file(file, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_file(file, b"new")
    assert listing(tmp_path) == {"a": b"old"}


def test_a_file_that_cannot_be_written_is_named_as_its_author_did(tmp_path):
    # No folder takes a file whose temporary name is too long, whoever runs the test.
    file = tmp_path / ("a" * 250)
    with pytest.raises(OSError, match="File name too long") as error:
        write_file(file, b"new")
    assert error.value.filename == str(file)


def test_leftovers_of_killed_builds_are_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f"{TEMPORARY}{dead.pid}-a.html").write_bytes(b"half")
    (tmp_path / f"{TEMPORARY}{os.getpid()}-b.html").write_bytes(b"being written")
    write_site(str(tmp_path), {"a.html": b"1"})
    assert sorted(listing(tmp_path)) == [f"{TEMPORARY}{os.getpid()}-b.html", "a.html"]


WRITER = """
import sys
from sidelit.write import write_site
for number in range(10**6):
    data = bytes([48 + number % 10]) * 200_000
    write_site(sys.argv[1], {f"p{n}.html": data for n in range(number % 7, number % 7 + 9)})
    if number == 0:
        print("one site is written", flush=True)
"""


def test_killed_at_any_moment_every_page_is_whole(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "utils")}
    for attempt in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            env=environment,
            stdout=subprocess.PIPE,
        )
        assert process.stdout.readline()
        # Each time at another moment; which one it is does not matter.
        time.sleep(attempt * 0.013)
        process.kill()
        process.communicate()
        pages = [file for file in tmp_path.iterdir() if file.name.startswith("p")]
        for page in pages:
            data = page.read_bytes()
            assert len(data) == 200_000
            assert len(set(data)) == 1
        # The manifest is whole too, and every page is in it.
        owned = set(json.loads((tmp_path / MANIFEST).read_bytes())["files"])
        assert {page.name for page in pages} <= owned
    write_site(str(tmp_path), {"last.html": b"1"})
    assert listing(tmp_path) == {"last.html": b"1"}
