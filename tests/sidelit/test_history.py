"""Dates come from git, are the same each time, and are left out where git knows too little."""

import os
import subprocess
from datetime import UTC, datetime

import pytest

from sidelit.__main__ import main
from sidelit.publish.history import read_history


@pytest.fixture
def repository(tmp_path):
    """A checkout with two commits, a day apart, and a way to make more."""
    folder = tmp_path / "it"
    (folder / "src").mkdir(parents=True)

    def git(*arguments, **environment):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *arguments],
            cwd=folder, check=True, capture_output=True, env={**os.environ, **environment},
        )  # fmt: skip

    def commit(day, **files):
        for name, text in files.items():
            (folder / "src" / f"{name}.py").write_text(text)
        when = f"2026-11-{day:02}T23:30:00-05:00"
        git("add", ".")
        git("commit", "-m", "x", GIT_COMMITTER_DATE=when, GIT_AUTHOR_DATE=when)

    git("init", "-b", "main")
    commit(1, a="x = 1\n", b="x = 1\n", ü="x = 1\n")
    commit(2, a="x = 2\n")
    return folder, commit, git


def dates(folder):
    return read_history(str(folder), [str(folder / "src")]).dates


def test_a_file_has_the_date_of_the_last_commit_that_touched_it(repository):
    folder, _, _ = repository
    assert dates(folder) == {
        "src/a.py": datetime(2026, 11, 3, 4, 30, tzinfo=UTC),
        "src/b.py": datetime(2026, 11, 2, 4, 30, tzinfo=UTC),
        "src/ü.py": datetime(2026, 11, 2, 4, 30, tzinfo=UTC),
    }


def test_a_merge_is_of_no_file(repository):
    folder, commit, git = repository
    git("checkout", "-b", "side")
    commit(3, b="x = 3\n")
    git("checkout", "main")
    commit(4, a="x = 4\n")
    git("merge", "side", "-m", "x")
    assert set(dates(folder)) == {"src/a.py", "src/b.py", "src/ü.py"}


def test_a_project_below_its_repository(repository):
    folder, _, _ = repository
    inner = read_history(str(folder / "src"), [str(folder / "src")])
    assert set(inner.dates) == {"a.py", "b.py", "ü.py"}
    assert str(folder / ".git" / "HEAD") in inner.inputs


def test_a_hook_sees_the_same(repository, monkeypatch):
    folder, _, _ = repository
    before = dates(folder)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "nosuch")
    assert read_history(str(folder / "src"), [str(folder / "src")]).dates
    assert dates(folder) == before


def test_a_shallow_clone_knows_too_little(repository, tmp_path):
    folder, _, git = repository
    git("clone", "--depth", "1", folder.as_uri(), str(tmp_path / "clone"))
    assert dates(tmp_path / "clone") == {}


def test_without_git_there_are_no_dates(repository, tmp_path, monkeypatch):
    folder, _, git = repository
    (tmp_path / "plain" / "src").mkdir(parents=True)
    assert dates(tmp_path / "plain") == {}
    (tmp_path / "empty" / "src").mkdir(parents=True)
    git("init", str(tmp_path / "empty"))
    assert dates(tmp_path / "empty") == {}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dates(folder) == {}


def test_a_repository_starts_no_program(repository, tmp_path):
    """The settings of a stranger's checkout may name programs for git to run."""
    folder, commit, git = repository
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    # Also a signer, so that there is a signature that could be looked at.
    trap.write_text(
        f"#!/bin/sh\ntouch {sprung}\ncat >/dev/null\n"
        "printf '\\n[GNUPG:] SIG_CREATED x\\n' >&2\n"
        "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'\n"
    )
    trap.chmod(0o755)
    git("config", "gpg.program", str(trap))
    git("config", "commit.gpgSign", "true")
    git("config", "log.showSignature", "true")
    commit(5, a="x = 5\n")
    assert sprung.exists()
    for name in ("core.fsmonitor", "core.pager", "diff.external"):
        git("config", name, str(trap))
    sprung.unlink()
    assert dates(folder)["src/a.py"].day == 6
    assert not sprung.exists()


def test_a_commit_is_seen_by_the_next_build(repository, monkeypatch, capsys):
    folder, commit, _ = repository
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
    command = ["build", "src", "-o", str(folder.parent / "out")]

    def build():
        for file in (*folder.rglob("*"), folder.parent):
            os.utime(file, (1, 1))
        assert main(command) == 0
        page = (folder.parent / "out" / "a.html").read_text()
        return page.partition("Last changed ")[2].partition("</p>")[0]

    assert build() == '<time datetime="2026-11-03">3 November 2026</time>'
    capsys.readouterr()
    assert main(command) == 0
    assert "nothing has changed" in capsys.readouterr().out
    commit(8, b="x = 3\n")
    assert main(command) == 0
    assert "nothing has changed" not in capsys.readouterr().out
