"""The program as a newcomer uses it."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from sidelit.__main__ import main
from sidelit.commands import COMMANDS, FORMS, REPORTS
from sidelit.completion import completion
from sidelit.config import load
from sidelit.flags import parse
from sidelit.progress import Progress
from sidelit.read.discover import discover
from sidelit.usage import UsageError
from tests import program
from tests.conftest import LIMIT, ROOT


@pytest.fixture
def sidelit(tmp_path):
    """Run a command in an empty folder with a cache of its own."""

    def run(*arguments, cwd=tmp_path, **environment):
        cache = str(tmp_path / ".cache")
        return program.sidelit(*arguments, cwd=cwd, XDG_CACHE_HOME=cache, **environment)

    return run


@pytest.fixture
def new_python(tmp_path):
    """The same in a new Python, which costs five times as much."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "sidelit", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "utils"),
                "XDG_CACHE_HOME": str(tmp_path / ".cache"),
                **environment,
            },
        )

    return run


def sentence(result, status):
    """The one line on the error stream."""
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.strip().split("\n")
    return line


def test_any_folder_builds_without_configuration(new_python, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text('"""Text."""\nx = 1\n')
    result = new_python("build", "code", "-o", "out")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("out: 2 pages; ")
    assert (tmp_path / "out" / "a.html").is_file()
    assert (tmp_path / "out" / "index.html").is_file()


def test_twice_in_a_row(new_python, tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    os.utime(tmp_path / "a.py", (1, 1))
    first = new_python("build", "a.py", "-o", "out")
    second = new_python("build", "a.py", "-o", "out")
    assert first.returncode == second.returncode == 0
    assert second.stdout == "out: 2 pages; nothing has changed\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("build",),
            "there are no sources: set `sources` under [tool.sidelit]",
        ),
        (("build", ""), "PATH: the name of a file or folder is empty"),
        (("build", "empty"), "there is nothing to build: no source is in empty"),
        (("build", "empty", "-o", "empty"), "holds the sources"),
        (("build", "nosuch"), "PATH: there is no file or folder nosuch in"),
        (
            ("build", "a.xyz"),
            "a.xyz is in no language that can be read; there are .py .md",
        ),
        (("build", "a.py", "-o", "a.xyz"), "a.xyz is a file; name a folder"),
        (("build", "a.py", "--base-url", "x"), "--base-url must begin with https://"),
        (
            ("build", "a.py", "--colors", "accent"),
            "--colors.accent must be a colour like",
        ),
        (("build", "a.py", "--colors", "x=#111"), "there is no colour `x`"),
        (
            ("build", "a.py", "--templates", "nosuch"),
            "--templates: there is no folder nosuch",
        ),
        (("serve", "a.py", "--port", "99999"), "port 99999 does not exist"),
    ],
)
def test_wrong_use_is_one_sentence(sidelit, tmp_path, arguments, words):
    (tmp_path / "a.py").write_text("")
    (tmp_path / "a.xyz").write_text("")
    (tmp_path / "empty").mkdir()
    assert words in sentence(sidelit(*arguments), 2)


def test_the_whole_disk_and_a_home_are_no_project(sidelit, tmp_path):
    (tmp_path / "a.py").write_text("")
    words = "PATH: / is the whole disk; name a project in it, or put a pyproject.toml"
    assert words in sentence(sidelit("build", "/"), 2)
    home = {"HOME": str(tmp_path)}
    words = f"PATH: {tmp_path} is your home folder; name a project in it"
    assert words in sentence(sidelit("check", ".", **home), 2)
    assert sidelit("check", "a.py", **home).returncode == 0
    # Somebody who works there says so.
    (tmp_path / "pyproject.toml").write_text("[tool.sidelit]\n")
    assert sidelit("build", ".", **home).returncode == 0


# ## Progress
class Terminal(io.StringIO):
    is_one = True

    def isatty(self):
        return self.is_one


@pytest.fixture
def terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sidelit.progress.sys", SimpleNamespace(stderr=terminal))
    return terminal


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still; the function sets it."""
    now = [100.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("sidelit.progress.time", clock)
    return lambda seconds: now.__setitem__(0, 100.0 + seconds)


def test_progress_is_one_line_of_a_terminal_and_goes(terminal, clock):
    progress = Progress()
    for second, done in ((0, 1), (1, 2), (2, 4), (2.05, 5), (4, 8)):
        clock(second)
        progress("reading", done, 10)
    lines = ["\rreading: 4 of 10 files, 3 s left", "\rreading: 8 of 10 files, 1 s left"]
    assert terminal.getvalue() == "".join(lines)
    progress("reading", 10, 10)
    blank = f"\r{' ' * (len(lines[0]) - 1)}\r"
    assert terminal.getvalue() == "".join(lines) + blank
    # What comes much later has a beginning of its own.
    clock(400)
    progress("reading", 1, 10)
    assert terminal.getvalue().endswith(blank)


def test_progress_elsewhere_is_a_line_now_and_then(terminal, clock):
    terminal.is_one = False
    progress = Progress()
    for second in range(0, 100, 4):
        clock(second)
        progress("reading", second, 100)
    progress("reading", 100, 100)
    assert terminal.getvalue() == (
        "reading: 32 of 100 files, 68 s left\n"
        "reading: 64 of 100 files, 36 s left\n"
        "reading: 96 of 100 files, 4 s left\n"
    )
    clock(200)
    Progress(False)("reading", 1, 2)
    clock(300)
    Progress(False)("reading", 1, 2)
    assert terminal.getvalue().count("\n") == 3


def test_progress_begins_with_the_search(project, terminal, clock):
    folder = project({f"{one}/a.py": "" for one in "abc"})
    seconds = iter(range(0, 100, 2))
    told = []

    class Told(Progress):
        def __call__(self, what, done, total=0):
            told.append((what, done, total))
            clock(next(seconds))
            super().__call__(what, done, total)

    config, _ = load({"sources": [str(folder)]})
    discover(config, Told())
    assert len(told) == 5
    assert terminal.getvalue().startswith("\rsearching, folders: 3\rsearching, fold")
    assert terminal.getvalue().endswith("   \r")


def test_a_search_is_stopped_by_one_sentence(tmp_path, monkeypatch, capsys):
    def stop(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("sidelit.read.discover.os.scandir", stop)
    assert main(["build", str(tmp_path), "--no-cache"]) == 130
    assert capsys.readouterr() == ("", "\nsidelit: stopped\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", "sidelit: name a command: new, build, serve, check, export, record"),
        ("bild", "there is no command `bild`; did you mean `build`?"),
        ("zzz", "there is no command `zzz`; there are new, build, serve"),
        ("--nosuch", "there is no flag --nosuch"),
        ("build --outptu x", "there is no flag --outptu; did you mean `--output`?"),
        ("build -x", "there is no flag -x"),
        ("build --re x", "--re is too short; write --repository-url or --record or"),
        ("build -o", "--output must be followed by FOLDER"),
        ("build --output --record x", "--output must be followed by FOLDER"),
        ("build --no-cache=1", "--no-cache takes no value"),
        ("build --jobs 0", "--jobs must be a whole number from 1, not '0'"),
        ("build --jobs=-1", "--jobs must be a whole number from 1, not '-1'"),
        ("build --jobs " + "9" * 5000, "--jobs must be a whole number from 1, not '9"),
        ("serve --port x", "--port must be a whole number from 0, not 'x'"),
        (
            "check --format xml",
            "--format must be one of text, json, github, sarif, not 'xml'",
        ),
        ("export", "name a form: clean, ipynb, md, pdf"),
        ("export html", "there is no form `html`; there are clean, ipynb, md, pdf"),
        ("export md a b", "there is one PATH; 'b' is a second one"),
        ("record -m", "-m must be followed by MODULE"),
    ],
)
def test_wrong_words_show_the_usage(arguments, words):
    with pytest.raises(UsageError) as error:
        parse(arguments.split())
    usage, message = str(error.value).split("\n")
    assert usage.startswith("usage: sidelit")
    assert words in message


def test_wrong_words_end_with_status_2(new_python):
    result = new_python("build", "--nosuch")
    assert result.returncode == 2
    assert result.stderr.startswith("usage: sidelit build")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "options"),
    [
        (["build"], {}, {}),
        (["build", "a", "-o", "b", "c"], {"sources": ["a", "c"], "output": "b"}, {}),
        (["build", "-ob", "--site-t=x=y"], {"output": "b", "site-title": "x=y"}, {}),
        (["build", "-o=b", "--output", "c"], {"output": "c"}, {}),
        (
            ["build", "--output=", "-", "- a"],
            {"output": "", "sources": ["-", "- a"]},
            {},
        ),
        (["build", "--site-title", "- a"], {"site-title": "- a"}, {}),
        (["build", "--", "-o", "--"], {"sources": ["-o", "--"]}, {}),
        (["check", "--exclude", "a", "--exclude=b"], {"exclude": ["a", "b"]}, {}),
        (["check", "--fix", "--jobs", "3"], {}, {"fix": True, "jobs": 3}),
        (
            ["check", "--no-c", "--format=json"],
            {},
            {"no-cache": True, "format": "json"},
        ),
        (["export", "md"], {}, {"form": "md", "path": ""}),
        (["export", "-o", "-", "md", "a"], {}, {"form": "md", "path": "a", "out": "-"}),
        (
            ["record", "--record", "r", "p", "--record", "s", "-m", "--", "-h"],
            {"record": "r"},
            {"words": ["p", "--record", "s", "-m", "--", "-h"]},
        ),
        (
            ["record", "--sources=a", "-m", "p", "--sources", "b"],
            {"sources": ["a"]},
            {"m": "p", "words": ["--sources", "b"]},
        ),
        (["record", "--", "-p", "x"], {}, {"words": ["-p", "x"]}),
    ],
)
def test_words_are_read(arguments, settings, options):
    assert parse(arguments) == (arguments[0], settings, options)


def test_help_and_version(new_python):
    assert new_python("--version").stdout.startswith("sidelit 0.")
    result = new_python("build", "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("usage: sidelit build")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_help_names_all_flags_in_80_columns(command, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    _, _, options = parse([command.name, "-h", "--nosuch"])
    lines = options["text"].split("\n")
    assert max(map(len, lines)) <= 80
    for flag in command.flags:
        assert f"{flag.spelling} {flag.metavar}".rstrip() in options["text"]


@pytest.mark.parametrize("columns", [40, 60, 80, 99, 100, 250])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_help_fits_the_terminal(command, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = parse([command.name, "-h"])[2]["text"].split("\n")
    # Only what has no spaces is wider.
    longest = [one for one in lines[1:] if len(one) > min(columns, 100)]
    assert all(" " not in one.strip() or one.lstrip()[0] == "-" for one in longest)
    flags = [one for one in command.flags if one.is_setting and one.name == "colors"]
    if flags:
        (line,) = (one for one in lines if "--colors" in one)
        assert ("accent" in line) == (columns >= 100)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ch"], {"check"}),
        (["--v"], {"--version"}),
        (["check", "--form"], {"--format"}),
        (["check", "--format", "s"], {"sarif"}),
        (["check", "--format", "=", "g"], {"github"}),
        (["check", "src", "--strict", "--format", "="], {*REPORTS}),
        (["build", "--private", "h"], {"hide"}),
        (["build", "-"], {"-o", "-q", "-h"}),
        (["build", "--site-title", "x"], set()),
        (["export", ""], {*FORMS}),
        (["export", "md", "-o"], {"-o"}),
        (["completion", "z"], {"zsh"}),
        (["nosuch", "x"], set()),
        (["build", "s"], set()),
    ],
)
def test_bash_completes(words, offered):
    program = (
        'source /dev/stdin; COMP_WORDS=(sidelit "$@"); COMP_CWORD=$#; _sidelit; '
        'printf "%s\\n" "${COMPREPLY[@]}"; complete -p sidelit'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", program, "bash", *words],
        input=completion("bash"),
        capture_output=True,
        text=True,
        check=True,
    )
    *found, how = done.stdout.splitlines()
    found = {one for one in found if one}
    if offered == {"-o", "-q", "-h"}:
        flags = next(one.flags for one in COMMANDS if one.name == "build")
        offered |= {one.spelling for one in flags}
    assert (found, done.stderr) == (offered, "")
    # Where there is no word, there are files.
    assert how == "complete -o default -F _sidelit sidelit"


@pytest.mark.skipif(not shutil.which("fish"), reason="there is no fish")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ch", ["check"]),
        ("check --form", ["--format"]),
        ("check --format s", ["sarif"]),
        ("export i", ["ipynb"]),
        ("build --privat", ["--private"]),
        ("completion ", ["bash", "fish", "zsh"]),
        ("export ", ["clean", "ipynb", "md", "pdf"]),
        ("export md n", ["net.py"]),
        ("export --out n", ["net.py"]),
    ],
)
def test_fish_completes(line, offered, tmp_path):
    (tmp_path / "net.py").touch()
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source -; complete -C 'sidelit {line}'"],
        input=completion("fish"),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert [one.split("\t")[0] for one in done.stdout.splitlines()] == offered
    assert done.stderr == ""


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh")
def test_zsh_reads_its_script(tmp_path):
    # What zsh would offer, it tells a terminal alone; here it says what it was told.
    program = (
        "compdef() { print -r -- $* }; _arguments() { print -rl -- $* }; "
        "source /dev/stdin; words=(sidelit check --fo); CURRENT=3; _sidelit"
    )
    done = subprocess.run(
        ["zsh", "-f", "-c", program],
        input=completion("zsh"),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stderr == ""
    first, *told = done.stdout.splitlines()
    assert first == "_sidelit sidelit"
    assert (
        "--format=[text, json, github or sarif (default\\: text)]:format:(text json github sarif)"
        in told
    )
    assert told[-1] == "*:file:_files"


def test_completion_is_asked_for_by_shell(sidelit):
    assert "complete -o default" in sidelit("completion", "bash").stdout
    assert "name a shell: bash, zsh, fish" in sidelit("completion").stderr
    assert "did you mean `zsh`?" in sidelit("completion", "zhs").stderr
    assert sidelit("completion", "bash", "fish").returncode == 2


def test_the_help_and_the_readme_of_the_wheel_say_how_to_go_on():
    readme = (ROOT / "utils" / "readme.md").read_text()
    for text in (parse(["--help"])[2]["text"], readme):
        text = " ".join(text.split())
        assert "`sidelit new`" in text
        assert "docs/guide" in text
    assert (ROOT / "docs" / "guide").is_dir()


def test_help_imports_next_to_nothing():
    """The figure for `--help` rests on this."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'utils')!r})\n"
        "before = {*sys.modules}\n"
        "from sidelit.__main__ import main\n"
        "main(['build', '--help'])\n"
        "print(*sorted({*sys.modules} - before))"
    )
    run = [sys.executable, "-I", "-c", code]
    result = subprocess.run(run, capture_output=True, text=True)
    loaded = result.stdout.split("\n")[-2].split()
    rooms = ("__main__", "commands", "flags", "settings", "usage")
    ours = {"sidelit", *(f"sidelit.{one}" for one in rooms)}
    # Python itself has no use for `io` at its start since 3.14.
    assert ours <= {*loaded} <= ours | {"__future__", "io"}


def test_a_reader_that_has_gone_is_no_error(tmp_path):
    """As with `sidelit export md a.py | head -1`."""
    (tmp_path / "a.md").write_text("Words.\n" * 10**5)
    for arguments in (["--help"], ["export", "md", "a.md"]):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run(
            [sys.executable, "-m", "sidelit", *arguments],
            cwd=tmp_path,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
        )
        os.close(writer)
        assert (result.returncode, result.stderr) == (1, "")


def test_problems_have_paths_that_can_be_opened_from_here(sidelit, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.sidelit]\nsources = ["src"]\n')
    (tmp_path / "src" / "bad.py").write_text("x = (\n")
    (tmp_path / "src" / "good.py").write_text("")
    result = sidelit("build", "../src", cwd=tmp_path / "here")
    version = "{}.{}".format(*sys.version_info)
    assert sentence(result, 1) == (
        f"../src/bad.py:1:5: SRC101 not valid Python {version}: '(' was never closed; "
        "a newer Python might read it"
    )
    assert (tmp_path / "site" / "good.html").is_file()


@pytest.mark.parametrize(
    "text", ["if a:\n\tb\n        c\n", "a\n  b\n", "print 1\n", "a = 01\n"]
)
def test_no_newer_python_is_hoped_for_in_vain(sidelit, tmp_path, text):
    (tmp_path / "a.py").write_text(text)
    said = sentence(sidelit("build", "a.py"), 1)
    assert " SRC101 not valid Python " in said
    assert "newer" not in said


def test_a_docstring_with_half_an_escape_is_told_its_mend(sidelit, tmp_path):
    (tmp_path / "a.py").write_text('"""The $\\xi$ of it."""\n')
    assert sentence(sidelit("build", "a.py"), 1).endswith(
        r"; write its \ twice, or r in front of the string"
    )


def test_a_file_of_somebody_else_is_named(sidelit, tmp_path):
    (tmp_path / "a.py").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.html").write_text("mine")
    (tmp_path / "pyproject.toml").write_text("[tool.sidelit]\noutput = 'out'\n")
    assert "out/a.html was not made by sidelit" in sentence(sidelit("build", "a.py"), 2)
    assert (tmp_path / "out" / "a.html").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_that_is_left_out_is_named_each_time_and_fails_nothing(
    sidelit, tmp_path
):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    (tmp_path / "src" / "up").symlink_to("..")
    for command in (
        ["build", "src"],
        ["build", "src"],
        ["export", "clean", "src", "-o", "out"],
    ):
        assert "src/up:1:1: SRC105 a symbolic link that is" in sentence(
            sidelit(*command), 0
        )
    assert sidelit("check", "src").returncode == 0
    assert sidelit("check", "--strict", "src").returncode == 1


@pytest.mark.parametrize(
    ("settings", "comment", "status"),
    [
        ("ignore = ['TEX', 'SRC101']", "", 0),
        # The longer name wins, and what is not selected is told all the same.
        ("select = ['TEX101', 'SRC101']\nignore = ['TEX', 'SRC']", "", 1),
        ("per-file-ignores = { 'src' = ['ALL'] }", "", 0),
        ("per-file-ignores = { '!src/b.py' = ['ALL'] }", "", 1),
        ("ignore = ['SRC']", "<!-- sidelit: ok TEX101 because it is new -->", 0),
        ("", "<!-- sidelit: ok TEX101 because it is new -->", 1),
    ],
)
def test_what_a_check_ignores_fails_no_other_command(
    sidelit, tmp_path, settings, comment, status
):
    (tmp_path / "src").mkdir()
    text = f"[tool.sidelit]\nsources = ['src']\n{settings}\n"
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "src" / "a.py").write_text(f'r"""A $\\nosuch$. {comment}"""\n')
    (tmp_path / "src" / "b.py").write_text("def (\n")
    for command in ("build", "export md -o out"):
        done = sidelit(*command.split())
        assert (done.returncode, bool(done.stderr)) == (status, bool(status))


@pytest.mark.parametrize("source", ["x = 1\n", "def (\n"])
@pytest.mark.parametrize("command", ["build", "serve --port 0", "export md a.py"])
def test_a_rule_that_there_is_not_is_told_before_anything_is_made(
    sidelit, tmp_path, source, command
):
    (tmp_path / "a.py").write_text(source)
    text = "[tool.sidelit]\nsources = ['a.py']\nignore = ['SRC9']\n"
    (tmp_path / "pyproject.toml").write_text(text)
    told = sentence(sidelit(*command.split()), 2)
    assert told.startswith("sidelit: ignore: there is no rule `SRC9`; did you mean")
    assert not (tmp_path / "site").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
@pytest.mark.parametrize(
    "command", ["build a.py", "check ../{}", "build b.py -o ../{}/c"]
)
def test_a_path_that_is_no_text(sidelit, tmp_path, command):
    name = os.fsdecode(b"a\xff")
    for place in (tmp_path / name, tmp_path / "b"):
        place.mkdir()
        (place / f"{place.name[0]}.py").write_text("x = 1\n")
    place = tmp_path / (name if command == "build a.py" else "b")
    told = sentence(sidelit(*command.format(name).split(), cwd=place), 2)
    assert told.startswith(f"sidelit: the path {tmp_path}/a\\udcff")
    assert told.endswith(" is not UTF-8; rename it")
    assert os.listdir(place) == [f"{place.name[0]}.py"]


def test_an_output_that_cannot_be_made(sidelit, tmp_path):
    (tmp_path / "a.py").write_text("")
    (tmp_path / "file").write_text("")
    assert "Not a directory" in sentence(sidelit("build", "a.py", "-o", "file/out"), 2)


@pytest.mark.parametrize("command", [("build", "a.py", "-o", "out"), ("check", "a.py")])
def test_ctrl_c(tmp_path, command):
    (tmp_path / "a.py").write_text("x = 1\n")
    # The build stands still here until somebody writes.
    os.mkfifo(tmp_path / "shapes.json")
    process = subprocess.Popen(
        [sys.executable, "-m", "sidelit", *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
    )
    with open(tmp_path / "shapes.json", "wb"):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (130, "\nsidelit: stopped\n")
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_a_recorded_program_as_python_does(tmp_path):
    (tmp_path / "a.py").write_text(
        "import os, signal\n\nos.kill(os.getpid(), signal.SIGINT)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "sidelit", "record", "--sources", "a.py",
         "--record", "shapes.json", "a.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
    )  # fmt: skip
    assert done.returncode == 130
    # The traceback is that of the program.
    assert "KeyboardInterrupt" in done.stderr
    assert "sidelit/" not in done.stderr
    assert json.loads((tmp_path / "shapes.json").read_text())


def test_a_terminal_that_knows_no_umlauts(new_python, tmp_path):
    (tmp_path / "söte").mkdir()
    (tmp_path / "söte" / "bäd.py").write_text("x = (\n")
    result = new_python("build", "söte", "-o", "öut", PYTHONIOENCODING="ascii")
    assert "b\\xe4d.py:1:5: SRC101" in sentence(result, 1)
    assert result.stdout.startswith("\\xf6ut: 1 page; ")


def test_a_picture_that_is_none_is_shown_as_it_is(sidelit, tmp_path):
    (tmp_path / "a.md").write_text("![A broken picture](bad.png)\n")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG")
    assert sidelit("build", "a.md").returncode == 0
    assert (tmp_path / "site" / "bad.png").read_bytes() == b"\x89PNG"
