"""What `sidelit new` writes works as it stands, and overwrites nothing."""

import json
import re
import shlex
import tomllib
from importlib import metadata

import pytest
import yaml

from sidelit.__main__ import main
from sidelit.check.check import check
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


@pytest.mark.parametrize("name", ["a page.py", "-x.py", "$HOME.py", "a.py"])
def test_the_command_that_comes_next_works_in_a_shell(folder, capsys, name):
    assert main(["new", "--", name]) == 0
    words = shlex.split(capsys.readouterr().out.partition("next: ")[2])
    assert words[:2] == ["sidelit", "serve"]
    assert main(["check", *words[2:]]) == 0


def test_a_site_can_be_built(folder, capsys):
    assert main(["new", "--site"]) == 0
    assert "if yours came from elsewhere, write its address" in capsys.readouterr().err
    assert main(["new"]) == 0
    assert main(["build", "--quiet"]) == 0
    # What a site needs is no page of it.
    pages = {one.name for one in (folder / "site").rglob("*.html")}
    assert pages == {"index.html", "first_page.html"}
    workflow = yaml.safe_load((folder / ".github/workflows/pages.yml").read_text())
    steps = workflow["jobs"]["publish"]["steps"]
    assert [one["with"]["path"] for one in steps if "path" in one.get("with", {})] == [
        load({})[0].output.rpartition("/")[2]
    ]
    targets = re.findall(r"^(\w+): ##", (folder / "Makefile").read_text(), re.MULTILINE)
    assert targets == ["site", "serve", "check"]


def test_the_packages_in_src_are_the_sources(folder, project, capsys):
    page = '"""Some text."""\n'
    files = ["src/b/__init__.py", "src/a/__init__.py", "src/a/c.py", "tests/test_a.py"]
    project(dict.fromkeys([*files, "src/data/table.py", "setup.py"], page))
    assert main(["new", "--site"]) == 0
    assert capsys.readouterr().out == (
        "wrote pyproject.toml, Makefile, .github/workflows/pages.yml; "
        "it shows src/a, src/b; next: sidelit serve\n"
    )
    assert main(["build", "--quiet"]) == 0
    pages = {str(one.relative_to(folder)) for one in folder.rglob("*.html")}
    assert pages == {
        f"site/{one}.html" for one in ("index", "a/index", "a/c", "b/index")
    }


@pytest.mark.parametrize("name", ["src/a.py", "src/__init__.py"])
def test_a_folder_src_without_packages_is_one_of_many(folder, project, capsys, name):
    project({name: "", "src/b/" + name.rpartition("/")[2]: ""})
    new_site()
    assert load({})[0].sources == ((str(folder), ""),)


@pytest.mark.parametrize(
    ("arguments", "name", "instead"),
    [
        (["new"], "first_page.py", "give another name"),
        (["new", "--site"], "Makefile", "run this in an empty folder"),
        (
            ["new", "--site"],
            ".github/workflows/pages.yml",
            "run this in an empty folder",
        ),
    ],
)
def test_what_is_there_is_named_and_nothing_is_written(
    folder, capsys, arguments, name, instead
):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert f"new: {name} is there already" in error
    assert f"move it away, or {instead}" in error
    assert [one for one in folder.rglob("*") if one.is_file()] == [file]
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("before", "between"),
    [
        (b"", b""),
        (b"\n", b""),
        (b"[project]\nname = 'x'  # mine\n", b"\n"),
        (b"# No line ends here", b"\n\n"),
        ("[tool.other]\na = '\u00fc'\n\n".encode(), b"\n"),
        (b"[tool]\nother = 1\n", b"\n"),
    ],
)
def test_a_pyproject_gets_settings_at_its_end(folder, capsys, before, between):
    file = folder / "pyproject.toml"
    file.write_bytes(before)
    file.chmod(0o640)
    assert main(["new", "--site"]) == 0
    assert "wrote pyproject.toml, Makefile" in capsys.readouterr().out
    data = file.read_bytes()
    assert data.startswith(before + between + b"[tool.sidelit]\n")
    assert tomllib.loads(data.decode())["tool"]["sidelit"]["output"] == "site"
    assert file.stat().st_mode & 0o777 == 0o640
    assert load({})[0].output == str(folder / "site")


def test_a_pyproject_keeps_its_line_ends_and_its_place(folder):
    (folder / "real.toml").write_bytes(b"[project]\r\nname = 'x'\r\n")
    (folder / "pyproject.toml").symlink_to("real.toml")
    new_site()
    data = (folder / "real.toml").read_bytes()
    assert data.startswith(b"[project]\r\nname = 'x'\r\n\r\n[tool.sidelit]\r\n")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert (folder / "pyproject.toml").is_symlink()


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        ('[tool.sidelit]\noutput = "a: b"\n', "a: b"),
        ("[tool.sidelit]\n", "site"),
        ("[tool]\nsidelit = 1\n", "site"),
    ],
)
def test_a_workflow_publishes_the_folder_of_the_settings(folder, settings, published):
    (folder / "pyproject.toml").write_text(settings)
    new_site()
    workflow = yaml.safe_load((folder / ".github/workflows/pages.yml").read_text())
    steps = workflow["jobs"]["publish"]["steps"]
    paths = [one["with"]["path"] for one in steps if "path" in one.get("with", {})]
    assert paths == [published]


def test_settings_that_are_there_stay(folder, capsys):
    file = folder / "pyproject.toml"
    file.write_text("[tool.sidelit]\nsources = ['a']")
    assert main(["new", "--site"]) == 0
    assert capsys.readouterr().out.startswith("wrote Makefile, .github")
    assert file.read_text() == "[tool.sidelit]\nsources = ['a']"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[project", "pyproject.toml is not TOML: "),
        ("tool = { other = 1 }\n", "pyproject.toml takes no further table"),
    ],
)
def test_a_pyproject_that_cannot_get_settings(folder, capsys, text, words):
    (folder / "pyproject.toml").write_text(text)
    assert main(["new", "--site"]) == 2
    error = capsys.readouterr().err
    assert (words in error, error.count("\n")) == (True, 1)
    assert [one.name for one in folder.iterdir()] == ["pyproject.toml"]
    assert (folder / "pyproject.toml").read_text() == text


@pytest.mark.parametrize("name", ["pyproject.toml", "Makefile", ".github"])
def test_what_fails_half_way_can_be_done_again(folder, capsys, monkeypatch, name):
    def refuse(file, *arguments, **more):
        if name in str(file) and arguments[:1] in (("x",), ("wb",)):
            raise OSError(28, "No space left on device", str(file))
        return real(file, *arguments, **more)

    real = open
    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", refuse)
        assert main(["new", "--site"]) == 2
        assert "No space left on device" in capsys.readouterr().err
    # The settings stand at most, which may stay.
    assert {one.name for one in folder.rglob("*") if one.is_file()} <= {
        "pyproject.toml"
    }
    assert main(["new", "--site"]) == 0
    assert (folder / "Makefile").is_file()


def test_no_file_is_left_half_written(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("sidelit.new._WORKFLOW", "\ud800")
        with pytest.raises(UnicodeEncodeError):
            new_site()
    assert [one.name for one in folder.rglob("*") if one.is_file()] == [
        "pyproject.toml"
    ]


def test_nothing_is_added_where_another_file_is_there(folder):
    (folder / "pyproject.toml").write_text("[project]\n")
    (folder / "Makefile").write_text("mine")
    assert main(["new", "--site"]) == 2
    assert (folder / "pyproject.toml").read_text() == "[project]\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "a.py", "b.py"], "write one FILE, or a site; leave out 'b.py'"),
        (["new", "--site", "a.py"], "write one FILE, or a site; leave out 'a.py'"),
        (["new", ""], "the name of the file is empty; write one such as a.py"),
        (["new", "a.txt"], "a.txt must end with .py"),
    ],
)
def test_wrong_use(folder, capsys, arguments, words):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert not [*folder.iterdir()]


@pytest.mark.parametrize(
    ("url", "installed"),
    [
        (
            "https://forge.example/a/b",
            "sidelit @ git+https://forge.example/a/b@0123abc#subdirectory=utils",
        ),
        ("file:///home/a/b", "sidelit"),
    ],
)
def test_a_workflow_installs_the_commit_that_this_one_is_of(
    folder, monkeypatch, capsys, url, installed
):
    class Installed:
        def read_text(self, name):
            assert name == "direct_url.json"
            return json.dumps(
                {
                    "url": url,
                    "subdirectory": "utils",
                    "vcs_info": {"vcs": "git", "commit_id": "0123abc"},
                }
            )

    monkeypatch.setattr(metadata, "distribution", lambda _: Installed())
    assert main(["new", "--site"]) == 0
    workflow = (folder / ".github/workflows/pages.yml").read_text()
    assert f'pip install "{installed}"' in workflow
    # Who has to write the address there is told so.
    assert bool(capsys.readouterr().err) == (installed == "sidelit")


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
