"""What `sidelit new` writes works as it stands, and overwrites nothing."""

import json
import re
from importlib import metadata

import pytest
import yaml

from sidelit.__main__ import main
from sidelit.check import check
from sidelit.config import load
from sidelit.new import new_site


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_first_page_passes_all_rules(folder, capsys):
    assert main(["new"]) == 0
    assert capsys.readouterr().out.startswith(
        "wrote first_page.py; next: sidelit serve"
    )
    config, _ = load({"sources": ["first_page.py"], "select": ["ALL"]})
    found = check(config)
    # No run has been recorded in a new project.
    assert [one.rule for one in found if not one.rule.startswith("SHP")] == []
    assert main(["new", "src/other.py"]) == 0
    assert (folder / "src" / "other.py").is_file()


def test_a_site_can_be_built(folder, capsys):
    assert main(["new", "--site"]) == 0
    assert main(["new"]) == 0
    assert main(["build", "--quiet"]) == 0
    assert (folder / "site" / "first_page.html").is_file()
    workflow = yaml.safe_load((folder / ".github/workflows/pages.yml").read_text())
    steps = workflow["jobs"]["publish"]["steps"]
    assert [one["with"]["path"] for one in steps if "path" in one.get("with", {})] == [
        load({})[0].output.rpartition("/")[2]
    ]
    targets = re.findall(r"^(\w+): ##", (folder / "Makefile").read_text(), re.MULTILINE)
    assert targets == ["site", "serve", "check"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["new"], "first_page.py"),
        (["new", "--site"], "Makefile"),
        (["new", "--site"], ".github/workflows/pages.yml"),
    ],
)
def test_what_is_there_is_named_and_nothing_is_written(folder, capsys, arguments, name):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    assert main(arguments) == 2
    assert f"new: {name} is there already" in capsys.readouterr().err
    assert [one for one in folder.rglob("*") if one.is_file()] == [file]
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "a.py", "b.py"], "write one FILE, or a site"),
        (["new", "--site", "a.py"], "write one FILE, or a site"),
        (["new", "a.txt"], "a.txt must end with .py"),
    ],
)
def test_wrong_use(folder, capsys, arguments, words):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert not [*folder.iterdir()]


def test_a_workflow_installs_the_commit_that_this_one_is_of(folder, monkeypatch):
    class Installed:
        def read_text(self, name):
            assert name == "direct_url.json"
            return json.dumps(
                {
                    "url": "https://forge.example/a/b",
                    "subdirectory": "utils",
                    "vcs_info": {"vcs": "git", "commit_id": "0123abc"},
                }
            )

    monkeypatch.setattr(metadata, "distribution", lambda _: Installed())
    new_site()
    assert (
        'pip install "sidelit @ git+https://forge.example/a/b@0123abc#subdirectory=utils"'
        in (folder / ".github/workflows/pages.yml").read_text()
    )


def test_quiet(folder, capsys):
    (folder / "a.py").write_text('"""Some text."""\n')
    for _ in range(2):
        assert main(["build", "a.py", "--quiet"]) == 0
        assert capsys.readouterr() == ("", "")
    (folder / "a.py").write_text('r"""$\\nosuch$"""\n')
    assert main(["build", "a.py", "-q"]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("a.py:1:6: TEX101")
