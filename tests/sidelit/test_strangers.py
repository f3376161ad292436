"""What a stranger's repository may do to whoever makes a site of it: nothing."""

import json
import mimetypes
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from sidelit import files
from sidelit.__main__ import main
from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.check.check import check
from sidelit.config import load
from sidelit.files import checkout, in_project
from sidelit.model import SidelitError
from sidelit.page.assets import NPM
from sidelit.prose.tex import katex_missing
from tests.conftest import ROOT

MARK = "open(__import__('os').environ['RAN'], 'w').close()\n"


def site_of(folder: Path, **settings):
    config, _ = load({"sources": [str(folder)], **settings})
    return build(config)


# ## It runs nothing
def test_no_file_of_the_repository_is_run(project, tmp_path):
    """Neither by being imported nor by whatever looks for files of such a name."""
    names = [
        *("setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py"),
        *("yaml.py", "mistune.py", "jinja2/__init__.py", "json.py", "pkg/__init__.py"),
        *(
            "pygments/__init__.py",
            "msgspec.py",
            "nh3.py",
            "ast.py",
            "sidelit_plugin.py",
        ),
    ]
    folder = project(
        {
            **{f"repository/{name}": f'"""Words."""\n{MARK}' for name in names},
            "repository/evil.pth": f"import os; {MARK}",
            "repository/pkg/page.md": "# Page\n\n```python\nprint(1)\n```\n\n$x$\n",
            "repository/pyproject.toml": (
                '[build-system]\nrequires = []\nbuild-backend = "setup"\n'
                'backend-path = ["."]\n[tool.sidelit]\nsources = ["."]\nmath = "mathml"\n'
            ),
        }
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "utils"),
        "RAN": str(tmp_path / "ran"),
    }
    for command in (["build"], ["check"], ["export", "ipynb", "-o", "notebooks"]):
        (folder / "repository" / "notebooks").mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "sidelit", *command],
            cwd=folder / "repository",
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 1), done.stderr
    assert (folder / "repository" / "site" / "setup.html").is_file()
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def package(tmp_path):
    """A package of npm in the `node_modules` of a project."""
    folder = tmp_path / "project" / "node_modules" / "some-package"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    files.is_own.cache_clear()
    yield folder
    files.is_own.cache_clear()


def git(folder, *arguments):
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_packages_of_npm_are_those_of_the_user(package, monkeypatch):
    root = package.parents[1]

    def found():
        files.is_own.cache_clear()
        return files.npm_package("some-package", str(root))

    # Nobody knows where they have come from.
    assert found() is None
    assert files.strange_package("some-package", str(root)) == package
    git(root, "init", "-q")
    assert found() == package
    git(root, "add", "-f", "node_modules/some-package/package.json")
    assert found() is None
    monkeypatch.setenv("NODE_PATH", f"{root / 'nothing'}{os.pathsep}{package.parent}")
    assert found() == package
    assert files.npm_package("no-such-package", str(root)) is None


@pytest.mark.parametrize("named", [None, "", os.pathsep])
def test_the_current_folder_is_no_folder_of_packages(tmp_path, monkeypatch, named):
    """A stranger's folder `katex` would be run as a program."""
    (tmp_path / "some-package").mkdir()
    (tmp_path / "some-package" / "package.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NODE_PATH", raising=False)
    if named is not None:
        monkeypatch.setenv("NODE_PATH", named)
    assert files.npm_package("some-package", str(tmp_path)) is None


def test_a_package_in_another_case_comes_along_too(package):
    root = package.parents[1]
    git(root, "init", "-q")
    (root / "Node_Modules").mkdir()
    (root / "Node_Modules" / "a.js").write_text("")
    git(root, "add", "-f", "Node_Modules/a.js")
    assert files.npm_package("some-package", str(root)) is None


def test_each_build_asks_git_anew(package):
    root = package.parents[1]
    (root / "a.md").write_text("# A")
    git(root, "init", "-q")
    config, _ = load({"sources": [str(root / "a.md")]})
    pipeline = Pipeline(Memory())
    pipeline.prepare(config)
    assert files.npm_package("some-package", str(root)) == package
    git(root, "add", "-f", "node_modules/some-package/package.json")
    pipeline.prepare(config)
    assert files.npm_package("some-package", str(root)) is None


def test_whether_a_hidden_file_is_shown_is_no_matter_of_the_machine(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: ("image/any", None))
    names = (".a.WEBP", ".b/c.avif", ".b/d.opus", ".e", ".b/f.csv", ".b/g.img")
    shown = [one for one in names if not files.is_secret(tmp_path / one, tmp_path)]
    assert shown == [".a.WEBP", ".b/c.avif", ".b/d.opus"]


def test_a_setting_of_git_starts_no_program(package):
    root = package.parents[1]
    git(root, "init", "-q")
    git(root, "config", "core.fsmonitor", "touch ran; false")
    assert files.npm_package("some-package", str(root)) == package
    assert not (root / "ran").exists()


def test_katex_that_came_along_is_named_and_not_run(project, monkeypatch):
    packages = {f"src/node_modules/{name}/package.json": "{}" for name in NPM}
    script = "require('fs').writeFileSync(process.env.RAN, '')\n"
    folder = project({**packages, "src/node_modules/katex/index.js": script})
    project({"src/a.md": "# A\n\n$x$\n"})
    monkeypatch.setenv("RAN", str(folder / "ran"))
    # As if there were no other.
    monkeypatch.setattr(files, "_HERE", Path("/nowhere/files.py"))
    result = site_of(folder / "src")
    assert b"<math><semantics><mi>x</mi>" in result.files["a.html"]
    katex = folder / "src" / "node_modules" / "katex"
    words = (
        f"{katex} may have come with the sources, so it is not run; name its "
        f"node_modules in NODE_PATH if it is yours"
    )
    assert katex_missing(str(folder / "src")) == words
    assert words in result.remarks[0]
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ config.__class__ }}",
        "{{ page.__init__.__globals__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ '{0.__class__}'.format('') }}",
        "{% for n in range(10 ** 9) %}x{% endfor %}",
    ],
)
def test_a_template_reaches_nothing_but_the_page(project, template):
    source = f'{{% extends "sidelit/page.html" %}}{{% block foot %}}<i>{template}</i>'
    folder = project({"p/t/page.html": source + "{% endblock %}", "p/a.py": "x = 1\n"})
    project(
        {"p/pyproject.toml": '[tool.sidelit]\ntemplates = "t"\nsources = ["a.py"]\n'}
    )
    config, _ = load({"sources": [str(folder / "p" / "a.py")]})
    said = page = ""
    try:
        page = build(config).files["a.html"].decode()
    except SidelitError as error:
        said = str(error)
    # What may not be had is undefined, and shown as nothing, or refused.
    assert "<i></i>" in page or said.startswith(f"templates: {config.templates}")


def test_a_template_includes_no_file_from_elsewhere(project):
    folder = project(
        {
            "secret.html": "a secret",
            "p/t/page.html": '{% include "link.html" %}',
            "p/pyproject.toml": '[tool.sidelit]\ntemplates = "t"\nsources = ["a.py"]\n',
            "p/a.py": "x = 1\n",
        }
    )
    (folder / "p" / "t" / "link.html").symlink_to(folder / "secret.html")
    config, _ = load({"sources": [str(folder / "p" / "a.py")]})
    with pytest.raises(SidelitError, match="TemplateNotFound"):
        build(config)


# ## It reads and writes what is in its folder
@pytest.mark.parametrize(
    "setting",
    [
        'sources = ["../mine"]',
        'sources = { "link" = "x" }',
        'output = "../mine"',
        'output = "link/site"',
        'templates = "../mine"',
        'record = "/etc/shapes.json"',
        'baseline = "../known.json"',
        'results = ["../*.json"]',
        'inventories = { "https://x.example/" = "../x.inv" }',
    ],
)
def test_settings_name_nothing_outside(project, monkeypatch, capsys, setting):
    folder = project({"mine/a.py": "", "p/src/b.py": "x = 1\n"})
    sources = "" if "sources" in setting else 'sources = ["src"]\n'
    project({"p/pyproject.toml": f"[tool.sidelit]\n{sources}{setting}\n"})
    (folder / "p" / "link").symlink_to(folder / "mine")
    monkeypatch.chdir(folder / "p")
    assert main(["build"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "lies outside the project" in said or "must be a path in the project" in said
    assert os.listdir(folder / "mine") == ["a.py"]


def test_a_default_that_is_a_link_leads_nowhere_else(project, monkeypatch, capsys):
    folder = project({"p/src/b.py": "x = 1\n"})
    project({"p/pyproject.toml": '[tool.sidelit]\nsources = ["src"]\n'})
    (folder / "mine").mkdir()
    (folder / "p" / "site").symlink_to(folder / "mine")
    monkeypatch.chdir(folder / "p")
    assert main(["build"]) == 2
    assert capsys.readouterr().err == (
        f"sidelit: output: {folder}/p/site lies outside the project {folder}/p; "
        f"keep it there or name it on the command line\n"
    )
    # Who says so gets it.
    assert main(["build", "-o", "site"]) == 0
    assert (folder / "mine" / "b.html").is_file()


def test_links_do_not_lead_out(project):
    secret = "a secret that no page may show"
    folder = project({"mine/secret.md": secret, "mine/pic.svg": f"<svg>{secret}</svg>"})
    project(
        {
            "mine/secret.json": f'{{"key": "{secret}"}}',
            "p/.git/config": secret,
            "p/.env": secret,
            "p/.github/logo.svg": '<svg viewBox="0 0 1 1"></svg>',
            "p/pyproject.toml": '[tool.sidelit]\nsources = ["src"]\nresults = ["*.json"]\n',
            "p/src/a.md": (
                "# A\n\n![one](link.svg) ![two](../../mine/pic.svg) "
                "![three](%2e%2e/%2e%2e/mine/pic.svg) ![four](../.env) "
                '![five](../.git/config) <img src="link.svg" srcset="link.svg 2x">\n\n'
                "![ours](../.github/logo.svg) [s](../../mine/secret.md)\n\n"
                "> [!FIGURE] ../.git/config ../../mine/pic.svg link.js\n> Still.\n\n"
                "{{ run:result.key }}\n"
            ),
        }
    )
    source = folder / "p" / "src"
    (source / "b.md").symlink_to(folder / "mine" / "secret.md")
    (source / "link.svg").symlink_to(folder / "mine" / "pic.svg")
    (source / "link.js").symlink_to(folder / "mine" / "secret.md")
    (folder / "p" / "result.json").symlink_to(folder / "mine" / "secret.json")
    config, _ = load({"sources": [str(source)]})
    result = build(config)
    assert not [url for url, data in result.files.items() if secret.encode() in data]
    told = {str(one).partition(": ")[2] for one in result.problems}
    assert (
        "SRC105 a symbolic link that leads out of the project; name its file in "
        "`sources` or the link in `exclude`"
    ) in told
    assert (
        "SRC103 cannot be read: what is hidden is not published; keep it in a folder "
        "without a dot"
    ) in told
    assert any("there is no result result" in one for one in told)
    assert "assets/files/.github/logo.svg" in result.files


def test_a_project_is_its_checkout(project, monkeypatch):
    """What the settings may name, pages may show, and links may lead to."""
    svg = '<svg viewBox="0 0 1 1"></svg>'
    folder = project(
        {
            "c/.git/config": "",
            "c/.env": "a secret",
            "c/docs/a.md": (
                "# A\n\n![one](one.svg) ![two](../img/two.svg) ![no](../../no.svg) "
                "![no](../.env)\n"
            ),
            "c/docs/one.svg": svg,
            "c/img/two.svg": svg,
            "c/data/b.py": "x = 1\n",
            "c/data/c.txt": "some data",
            "c/p/pyproject.toml": (
                '[tool.sidelit]\nsources = ["../docs"]\nlogo = "../img/two.svg"\n'
                'static = ["static"]\n'
            ),
            "no.svg": svg,
        }
    )
    around = folder / "c"
    (around / "p" / "static").mkdir()
    (around / "p" / "static" / "c.txt").symlink_to(around / "data" / "c.txt")
    (around / "docs" / "b.py").symlink_to(around / "data" / "b.py")
    monkeypatch.chdir(around / "p")
    result = build(load({})[0])
    copied = {"one.svg", "assets/checkout/img/two.svg", "static/c.txt", "b.html"}
    assert copied <= {*result.files}
    assert 'src="assets/checkout/img/two.svg"' in result.files["a.html"].decode()
    # What is outside or hidden stays there.
    assert "secret" not in str(dict(result.files))
    assert not [url for url in result.files if url.endswith(("no.svg", ".env"))]
    assert [one.rule for one in result.problems] == ["SRC103"]
    found = [str(one) for one in check(load({})[0]) if one.rule == "LNK103"]
    assert len(found) == 1
    assert "../../no.svg lies outside the project" in found[0]
    # A whole home in git is no project.
    monkeypatch.setenv("HOME", str(around))
    with pytest.raises(SidelitError, match="docs lies outside the project"):
        load({})


def test_a_checkout_is_where_git_looks_for_it(project):
    folder = project({"c/.git/config": "", "c/p/a.md": "", "d/.git/config": ""})
    (folder / "d" / "link").symlink_to(folder / "c" / "p")
    assert checkout(str(folder / "d" / "link")) == str(folder / "c")
    assert in_project(str(folder / "d" / "link" / "a.md"), str(folder / "d" / "link"))
    assert checkout(str(folder)) == str(folder)


# What would be an element if it were not escaped, also behind the end of an attribute or
# of a script.
ELEMENT = "\"'></script><x-y onclick=z>&"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names of files")
def test_no_name_and_no_setting_of_a_stranger_is_html(project):
    said = json.dumps(ELEMENT)
    name = ELEMENT.replace("/", "")
    head = f"---\ntitle: {said}\nsummary: {said}\n---\n\n"
    code = (
        f"class A:\n    x = {said}\n\n    def f(self, y={said}):\n        return A.x\n"
    )
    settings = {
        "sources": ["src"],
        "site-title": ELEMENT,
        "footer": ELEMENT,
        "base-url": "https://a.example/",
        "repository-url": f"https://a.example/{quote(ELEMENT)}",
        "install": ELEMENT,
        "colab-url": f"https://a.example/{{notebook}}?{quote(ELEMENT)}",
        "math": "mathml",
    }
    table = "".join(f"{key} = {json.dumps(one)}\n" for key, one in settings.items())
    macro = json.dumps(f"\\text{{{ELEMENT}}}")
    folder = project(
        {
            "pyproject.toml": f"[tool.sidelit]\n{table}macros = {{ '\\x' = {macro} }}\n",
            "src/index.md": f"{head}# {ELEMENT}\n\n[a]({quote(name)}/m.py) and `A.f`\n",
            f"src/{name}/__init__.py": f'"""{head}# Of `{name}`\n"""\n',
            f"src/{name}/m.py": f"r'''\n{head}# M\n\n$\\x$\n'''\n{code}",
            f"src/{name}/{name}.md": f"# Another\n\n![{ELEMENT}](no.png {said})\n",
        }
    )
    built = site_of(folder)
    pages = [url for url in built.files if url.endswith((".html", ".xml"))]
    assert len([url for url in pages if name in url]) == 3
    for url in pages:
        text = built.files[url].decode()
        assert "&lt;x-y" in text or url == "sitemap.xml"
        assert "<x-y" not in text.lower(), url
        # Neither does it end a script early.
        assert text.count("</script") == text.count("<script"), url


def test_no_cache_comes_along(project, monkeypatch, tmp_path):
    """Whatever a checkout holds, the results are those of the user's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = project({"p/a.py": '"""Words."""\n', "p/.cache/sidelit/runs/x": "x"})
    before = {file for file in (folder / "p").rglob("*") if file.is_file()}
    monkeypatch.chdir(folder / "p")
    assert main(["build", "a.py", "-o", str(tmp_path / "out")]) == 0
    assert {file for file in (folder / "p").rglob("*") if file.is_file()} == before
