"""What installed packages add, that the guide's examples work, and what may go wrong."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from itertools import count
from types import SimpleNamespace

import pytest

import sidelit.check.rules
import sidelit.jobs
import sidelit.prose.directives
import sidelit.read.comments
from sidelit import plugins
from sidelit.__main__ import main
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "plugins.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
LAB = "\n".join(body for language, body in BLOCKS if language == "python")
GROUPS = tomllib.loads(next(body for language, body in BLOCKS if language == "toml"))[
    "project"
]["entry-points"]
NUMBERS = count()


def metadata(groups):
    """The file of a distribution that names its entry points."""
    return "\n".join(
        line
        for group, pairs in groups.items()
        for line in (f"[{group}]", *(f"{name} = {one}" for name, one in pairs.items()))
    )


def forget():
    """Look again for what is installed."""
    for function in (
        plugins.installed,
        plugins._loaded,
        plugins.directives,
        plugins.languages,
        plugins.language_of_suffix,
        plugins.rules,
        sidelit.check.rules.rules,
        sidelit.read.comments._signs,
    ):
        function.cache_clear()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a module with entry points, in which `MODULE` stands for its name."""
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def run(text, groups, distribution="lab-1.0"):
        # Python keeps what it has imported.
        module = f"lab{next(NUMBERS)}"
        (folder / f"{module}.py").write_text(text)
        info = folder / f"{distribution}.dist-info"
        info.mkdir()
        text = metadata(groups).replace("MODULE", module)
        (info / "entry_points.txt").write_text(text)
        forget()
        return folder / f"{module}.py", info

    yield run
    forget()


@pytest.fixture
def run(project, monkeypatch, tmp_path, capsys):
    """Run a command on some files."""

    def run(files, *arguments):
        folder = project({f"src/{name}": text for name, text in files.items()})
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.chdir(folder)
        status = main([*arguments, "src"])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run


# ## The guide
def installed_by_the_guide(install):
    text = metadata(GROUPS).replace("sidelit_lab", "MODULE")
    more = "fortran = MODULE:FORTRAN\nlisp = MODULE:LISP\n"
    groups = {}
    for line in text.replace("zig =", f"{more}zig =").splitlines():
        if line.startswith("["):
            pairs = groups.setdefault(line.strip("[]"), {})
        else:
            name, _, target = line.partition(" = ")
            pairs[name] = target
    return install(LAB, groups, "sidelit_lab-1.0")


FILES = {
    "index.md": "# Talks\n\n> [!VIDEO] talk.mp4\n> It says *why*, and $x^2$.\n",
    "talk.mp4": "video",
    "a.zig": '// What **zig** says.\nconst x = "// no comment";\n',
    "b.f90": "! What *Fortran* says.\nprint *, '! no comment'\n",
    "c.lisp": ';; One *line*.\n(f x)\n#| This *block* has\n   two lines. |#\n(g "; no comment")\n',
}


def test_the_directive_of_the_guide(install, run, tmp_path):
    installed_by_the_guide(install)
    assert run(FILES, "build")[0] == 0
    html = (tmp_path / "site/index.html").read_text()
    assert '<video controls src="talk.mp4"></video>\n<p>It says <em>why</em>' in html
    assert "VIDEO]" not in html
    # What it encloses is prose like any other.
    assert re.search(r"and <(span class=.katex|math)", html)
    assert (tmp_path / "site/talk.mp4").read_bytes() == b"video"


def test_the_languages_of_the_guide(install, run, tmp_path):
    installed_by_the_guide(install)
    assert run(FILES, "build")[0] == 0
    zig, fortran, lisp = (
        (tmp_path / f"site/{name}.html").read_text()
        for name in ("a.zig", "b.f90", "c.lisp")
    )
    assert "<p>What <strong>zig</strong> says.</p>" in zig
    assert "<t-k" in zig
    assert '<t-s>"// no comment"</t-s>' in zig
    assert "<p>What <em>Fortran</em> says.</p>" in fortran
    assert "<t-s>'! no comment'</t-s>" in fortran
    assert "<p>One <em>line</em>.</p>" in lisp
    assert "<p>This <em>block</em> has two lines.</p>" in lisp.replace("\n", " ")
    assert "no comment" in lisp.split("two lines.")[1]


def test_the_rule_of_the_guide(install, run):
    installed_by_the_guide(install)
    page = {"a.md": "# T\n\nWe\nsimply do it.\n"}
    status, out, err = run(page, "check", "--strict")
    assert status == 1
    said = "warning: what is simple needs no word for it"
    assert out == f"src/a.md:4:1: LAB101 {said}\n"
    assert "1  LAB101  no sentence says that something is simple" in err
    assert run(page, "check")[0] == 0
    assert run(page, "check", "--ignore", "LAB", "--strict")[:2] == (0, "")
    assert run(page, "check", "--select", "TEX", "--strict")[:2] == (0, "")
    silenced = "We simply do it. <!-- sidelit: ok LAB101 because it is -->\n"
    assert run({"a.md": f"# T\n\n{silenced}"}, "check", "--strict")[:2] == (0, "")
    needless = silenced.replace("simply ", "")
    assert "OKS101" in run({"a.md": f"# T\n\n{needless}"}, "check", "--strict")[1]
    status, _, err = run(page, "check", "--select", "LAB102")
    assert (status, err.endswith("did you mean `LAB101`?\n")) == (2, True)


def test_a_file_that_is_copied_needs_no_address(install, run):
    installed_by_the_guide(install)
    files = dict.fromkeys(("a.mp4", "a.js", "a.csv"), "x")
    prose = "# A\n\n> [!VIDEO] {}\n> Words.\n\n> [!FIGURE] {}\n> ![A](a.svg)\n"
    text = prose.format("a.mp4", "a.js a.csv")
    page = {**files, "a.svg": "<svg/>", "a.md": text}
    assert run(page, "check", "--select", "LNK")[:2] == (0, "")
    page["a.md"] = prose.format("b.mp4", "a.js b.csv")
    status, out, _ = run(page, "check", "--select", "LNK")
    assert (status, out.count("LNK101"), out.count("\n")) == (1, 2, 2)


def test_reports_list_the_rules_of_plugins(install, run):
    installed_by_the_guide(install)
    report = json.loads(run({"a.md": "# T\n"}, "check", "--format", "sarif")[1])
    *_, last = report["runs"][0]["tool"]["driver"]["rules"]
    assert last["id"] == "LAB101"
    assert last["defaultConfiguration"] == {"level": "warning"}
    # Nobody knows where it is explained.
    assert "helpUri" not in last


# ## What may be trusted
DIRECTIVES = {"sidelit.directives": {"TEXT": "MODULE:text", "SAFE": "MODULE:safe"}}
BOTH = """
from markupsafe import Markup
def text(quotation):
    return f'<p class="x" onclick="f()">{quotation.argument}<script>f()</script></p>{quotation.html}'
def safe(quotation):
    return Markup('<aside class="x">{}: {}</aside>').format(quotation.argument, quotation.html)
"""


@pytest.mark.parametrize("more", ["", "And <b>raw</b> HTML.\n"])
def test_text_is_cleaned_and_markup_is_not(install, run, tmp_path, more):
    install(BOTH, DIRECTIVES)
    body = "> <b onclick='f()'>A</b> <script>f()</script> $y$\n"
    page = f"# T\n\n> [!TEXT] a <i>b</i>\n{body}\n> [!safe] a & b\n{body}\n{more}"
    assert run({"index.md": page}, "build")[0] == 0
    html = (tmp_path / "site/index.html").read_text().split("<h1", 1)[1]
    article = html[: html.index("<footer")]
    text, safe = article.split("<aside", 1)
    assert "onclick" not in article
    assert "<script>f()" not in article
    assert "<p>a b" in text
    assert safe.startswith(' class="x">a &amp; b: ')
    for part in (text, safe):
        assert "<b>A</b>" in part
        assert re.search(r'<span class="katex"|<math', part)


def test_a_directive_may_stand_in_another(install, run, tmp_path):
    install(BOTH, DIRECTIVES)
    page = "# T\n\n> [!SAFE] out\n> > [!SAFE] in\n> > $x$\n"
    assert run({"index.md": page}, "build")[0] == 0
    html = (tmp_path / "site/index.html").read_text()
    assert re.search(
        r'<aside class="x">out: <aside class="x">in: <p><(span|math)', html
    )


# ## Only what is installed
EVIL = "raise SystemExit('this must not run')\n"


@pytest.mark.parametrize("path", ["", ".", "{folder}", "{folder}/../here"])
@pytest.mark.parametrize("command", ["build", "check"])
def test_what_lies_in_the_current_folder_is_not_installed(project, path, command):
    files = {
        "evil-1.0.dist-info/entry_points.txt": "[sidelit.directives]\nX = evil:x\n"
        "[sidelit.rules]\nABC101 = evil:x\n[sidelit.languages]\ny = evil:x\n",
        "evil.egg-info/entry_points.txt": "[sidelit.rules]\nABC102 = evil:x\n",
        "evil.py": EVIL,
        "src/a.md": "# T\n\n> [!X] y\n",
    }
    folder = project({f"here/{name}": text for name, text in files.items()}) / "here"
    places = [path.format(folder=folder), str(ROOT / "utils")]
    done = subprocess.run(
        [sys.executable, "-m", "sidelit", command, "--no-cache", "src"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "must not run" in done.stderr) == (0, False), done.stderr


def test_a_module_here_does_not_stand_in_for_that_of_a_plugin(project):
    folder = project(
        {
            "lib/lab-1.0.dist-info/entry_points.txt": "[sidelit.directives]\nX = lab:x\n",
            "lib/lab.py": "def x(quotation):\n    return 'installed'\n",
            "here/lab.py": EVIL,
            "here/src/a.md": "# T\n\n> [!X] y\n",
        }
    )
    done = subprocess.run(
        [sys.executable, "-m", "sidelit", "build", "--no-cache", "src"],
        cwd=folder / "here",
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'utils'}:{folder / 'lib'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "installed" in (folder / "here/site/a.html").read_text()


@pytest.mark.parametrize("is_installed", [True, False])
def test_an_editable_install_counts_in_its_own_folder(project, tmp_path, is_installed):
    folder = project(
        {
            "here/lab.py": "def x(quotation):\n    return 'mine'\n",
            "here/src/a.md": "# T\n\n> [!X] y\n",
        }
    )
    here = folder / "here"
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    packages = next(tmp_path.glob("venv/lib/python*/site-packages"))
    # What `pip install -e` leaves: where the project is, and what it provides.
    around = [ROOT / "utils", *filter(os.path.isdir, sys.path), here]
    lines = around if is_installed else around[:-1]
    (packages / "lab.pth").write_text("".join(f"{one}\n" for one in lines))
    info = packages / "lab-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[sidelit.directives]\nX = lab:x\n")
    done = subprocess.run(
        [python, "-m", "sidelit", "build", "--no-cache", "src"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": "" if is_installed else str(here)},
        capture_output=True,
        text=True,
        check=False,
    )
    if is_installed:
        assert done.returncode == 0, done.stderr
        assert "mine" in (here / "site/a.html").read_text()
    else:
        assert done.returncode == 2
        assert "No module named 'lab'" in done.stderr


def test_the_first_of_two_distributions_counts(install, run, tmp_path, monkeypatch):
    directive = {"sidelit.directives": {"X": "MODULE:x"}}
    install("def x(quotation):\n    return 'new'\n", directive, "my_lab-2.0")
    old = tmp_path / "old"
    (old / "My.Lab-1.0.dist-info").mkdir(parents=True)
    file = old / "My.Lab-1.0.dist-info" / "entry_points.txt"
    file.write_text("[sidelit.directives]\nX = none:x\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(old)])
    forget()
    assert run({"index.md": "# T\n\n> [!X]\n"}, "build")[0] == 0
    assert "new" in (tmp_path / "site/index.html").read_text()


# ## What may go wrong
def test_a_directive_that_fails_has_a_place(install, run, tmp_path):
    text = "def x(quotation):\n    return '<p>' + {'a': 'fine'}[quotation.argument]\n"
    _, _ = install(text, {"sidelit.directives": {"X": "MODULE:x"}})
    page = "# T\n\n```\n> [!X] b\n```\n\n> [!X] a\n\nText.\n\n> [!X] b\n> Body.\n"
    status, _, err = run({"index.md": page}, "build")
    assert status == 1
    place = r"src/index\.md:11:3: SRC107 the plugin sidelit\.directives `X` of lab 1\.0"
    assert re.fullmatch(rf"{place} failed: KeyError: 'b' \(lab\d+\.py, line 2\)\n", err)
    html = (tmp_path / "site/index.html").read_text()
    assert "<p>fine</p>" in html
    assert "<blockquote>\n<p>[!X] b\nBody.</p>" in html
    status, out, _ = run({"index.md": page}, "check")
    assert (status, out) == (1, err)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def find(subject):\n    yield subject.nothing\n", "has no attribute 'nothing'"),
        ("def find(subject):\n    return [1]\n", "it gave 1, which is not a finding of ABC101"),
        ("def find(subject):\n    yield subject.at(1, 1, 'ABC102', '')\n", "not a finding of ABC101"),
        ("def find(subject):\n    raise SystemExit(0)\n", "failed: SystemExit: 0"),
    ],
)  # fmt: skip
def test_a_rule_that_fails_has_a_file(install, run, text, said):
    rule = f"{text}from sidelit.plugins import Rule\nrule = Rule('it is so', find)\n"
    install(rule, {"sidelit.rules": {"ABC101": "MODULE:rule"}})
    status, out, _ = run({"a.md": "# T\n", "b.md": "# T\n"}, "check")
    assert status == 1
    first, second = out.splitlines()
    assert first.startswith("src/a.md:1:1: SRC107 the plugin sidelit.rules `ABC101` of")
    assert second.startswith("src/b.md:1:1: SRC107")
    assert said in first
    assert run({"a.md": "# T\n"}, "check", "--ignore", "ABC101")[:2] == (0, "")


LANGUAGE = "from sidelit.plugins import Language, Rule\nx = "
RULE = "from sidelit.plugins import Rule\nx = "


@pytest.mark.parametrize(
    ("group", "name", "text", "said"),
    [
        ("directives", "X", "import none_such", "No module named 'none_such'"),
        ("directives", "X", "y = 1", "has no attribute 'x'"),
        ("directives", "X", "raise SystemExit(0)", "SystemExit: 0"),
        ("directives", "X", "def", "SyntaxError"),
        ("directives", "X", "x = 1", "must be a function, not 1"),
        ("directives", "NOTE", "x = str", "needs a name of its own"),
        ("directives", "figure", "x = str", "needs a name of its own"),
        ("directives", "TAB", "x = str", "needs a name of its own"),
        ("languages", "y", "x = 1", "must be a sidelit.plugins.Language, not 1"),
        ("languages", "rust", f"{LANGUAGE}Language(('.y',), ('#',))", "a name of its own"),
        ("languages", "y", f"{LANGUAGE}Language(('.py',), ('#',))", "the suffix .py of python"),
        ("languages", "y", f"{LANGUAGE}Language(('y',), ('#',))", "'y' for a suffix"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',))", "has no comments"),
        ("languages", "y", f"{LANGUAGE}Language(('.y'), ('#',))", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), '//')", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), ('',))", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), block=(('(*', ''),))", "needs a tuple of pairs"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), block=('(*', '*)'))", "needs a tuple of pairs"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), block=(('(*', '*)', ''),))", "needs a tuple of pairs"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), block=None)", "needs a tuple of pairs"),
        ("languages", "y", f"{LANGUAGE}Language(['.y'], ('#',))", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), None)", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), (1,))", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), ('#',), strings=['\"'])", "needs tuples of texts"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), lexer=1)", "needs the name of a lexer, not 1"),
        ("languages", "y", f"{LANGUAGE}Language(('.y',), lexer='none')", "no lexer of Pygments"),
        ("rules", "ABC101", "x = 1", "must be a sidelit.plugins.Rule"),
        ("rules", "ABC101", f"{RULE}Rule('', str, level='fatal')", "of level error or warning"),
        ("rules", "ABC101", f"{RULE}Rule('', 'find')", "a function for `findings`"),
        ("rules", "ABC101", f"{RULE}Rule(str, str)", "needs a text for `summary`"),
        ("rules", "NAM101", f"{RULE}Rule('', str)", "needs an identifier of its own"),
        ("rules", "abc", f"{RULE}Rule('', str)", "needs an identifier of its own"),
    ],
)  # fmt: skip
def test_a_plugin_that_is_none_is_one_sentence(install, run, group, name, text, said):
    install(f"{text}\n", {f"sidelit.{group}": {name: "MODULE:x"}})
    status, out, err = run({"a.md": "# T\n"}, "check")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"sidelit: the plugin sidelit.{group} `{name}` of lab 1.0 ")
    assert said in err
    assert err.endswith("; mend it or uninstall it\n")


def test_a_rule_that_is_none_stops_a_build_that_has_no_problem(install, run, tmp_path):
    install("x = 1\n", {"sidelit.rules": {"ABC101": "MODULE:x"}})
    status, _, err = run({"a.md": "# T\n"}, "build")
    assert (status, err.count("\n")) == (2, 1)
    assert "`ABC101` of lab 1.0 must be a sidelit.plugins.Rule" in err
    assert not (tmp_path / "site").exists()


def test_the_guide_names_what_is_taken():
    taken = re.search(r"^\* \*\*A name is taken.*?(?=^\* )", GUIDE, re.M | re.S)[0]
    assert {*re.findall(r"`([A-Z]+)`", taken)} == {
        *sidelit.prose.directives._TAKEN,
        *(name[:3] for name in sidelit.check.rules.RULES),
    }


def test_a_plugin_that_is_none_stops_all_processes(install, run):
    install("x = 1\n", {"sidelit.directives": {"X": "MODULE:x"}})
    pages = {f"{name}.md": "# T\n\n> [!X]\n" for name in "abcdefgh"}
    status, _, err = run(pages, "build", "--no-cache", "--jobs", "2")
    assert (status, err.count("\n")) == (2, 1)
    assert "`X` of lab 1.0 must be a function" in err


def test_two_plugins_of_one_name(install, run):
    install("x = str\n", {"sidelit.directives": {"X": "MODULE:x"}})
    install("x = str\n", {"sidelit.directives": {"x": "MODULE:x"}}, "other-2.0")
    status, _, err = run({"a.md": "# T\n"}, "build")
    said = "the plugin sidelit.directives `x` of other 2.0 is also in lab 1.0"
    assert (status, err) == (2, f"sidelit: {said}; mend it or uninstall it\n")


def test_entry_points_that_cannot_be_read(install, run):
    _, info = install("", {})
    (info / "entry_points.txt").write_text("X = y:z\n[sidelit.rules]\n")
    status, _, err = run({"a.md": "# T\n"}, "build")
    said = "sidelit: the entry points of lab 1.0 cannot be read: "
    assert (status, err.startswith(said), err.count("\n")) == (2, True, 1)


# ## Up to date
def test_a_change_of_a_plugin_reaches_the_site(install, run, project, tmp_path):
    directive = {"sidelit.directives": {"X": "MODULE:x"}}
    file, info = install("def x(quotation):\n    return 'old'\n", directive)
    project({"src/index.md": "# T\n\n> [!X]\n"})

    def build():
        # What was written just now may be written once more.
        for one in (file, tmp_path / "src", tmp_path / "src/index.md"):
            if one.stat().st_mtime > 1:
                os.utime(one, (1, 1))
        forget()
        sys.modules.pop(file.stem, None)
        status, out, err = run({}, "build")
        assert status == 0, err
        return "nothing has changed" in out, (tmp_path / "site/index.html").read_text()

    is_same, html = build()
    assert (is_same, "old" in html) == (False, True)
    assert build() == (True, html)
    # Another version, though nobody has touched a file of it.
    info = info.rename(info.with_name("lab-1.1.dist-info"))
    assert build() == (False, html)
    assert build() == (True, html)
    file.write_text("def x(quotation):\n    return 'newer'\n")
    is_same, html = build()
    assert (is_same, "newer" in html) == (False, True)
    # Without it, the quotation is one again.
    (info / "entry_points.txt").unlink()
    info.rmdir()
    is_same, html = build()
    assert (is_same, "[!X]" in html) == (False, True)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_every_process_has_the_plugins(install, run, tmp_path, monkeypatch, platform):
    installed_by_the_guide(install)
    pages = {f"{name}.md": FILES["index.md"] for name in "abcdefgh"}
    assert run({**FILES, **pages}, "build", "--no-cache", "--jobs", "1")[0] == 0
    (tmp_path / "site").rename(tmp_path / "one")
    # Where processes are not forked, each loads the plugins for itself.
    monkeypatch.setattr(sidelit.jobs, "sys", SimpleNamespace(platform=platform))
    assert run({}, "build", "--no-cache", "--jobs", "2")[0] == 0
    one, two = (
        {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
        for folder in (tmp_path / "one", tmp_path / "site")
    )
    assert one == two


def test_help_looks_for_no_plugin():
    program = (
        "import sys; from sidelit.__main__ import main; main(['--help']); "
        "print([one for one in ('sidelit.plugins', 'importlib.metadata', 'configparser') "
        "if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("\n[]\n")
