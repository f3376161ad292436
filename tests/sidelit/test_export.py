"""What readers take along: notebooks, Markdown, the files beside a page, paper."""

import ast
import json
import os
import re
import shutil
import stat
import sys
from pathlib import Path

import hypothesis
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.__main__ import main
from sidelit.build import build
from sidelit.config import load
from sidelit.export.paper import reproducible
from sidelit.forms.markdown import LinkResolver, MarkdownWriter
from sidelit.forms.notebook import Cell, notebook, notebook_file
from sidelit.model import Config, SidelitError
from sidelit.read.parse import syntax_tree
from tests.browser import chromium
from tests.conftest import LIMIT, ROOT, prepare, views
from tests.sidelit.test_standard_library import library
from tests.sites import blocks_of

VIT = "labml_nn/transformers/vit/__init__.py"
FILES = {
    "__init__.py": '"""\n# The package\n\nSee [b](sub/b.py#B.f).\n"""\nfrom . import sub\n',
    "sub/__init__.py": "",
    "sub/b.py": (
        '"""\n---\ntitle: A <b>\nsummary: S.\n---\n\nWords on [home](../__init__.py), '
        "[this](#B), [that](pkg.sub.b.B),\n[far](https://x.example/), [file](../data.txt), "
        '`[no](link)` and $[a](b)$.\n\n![Alt](../pic.svg "Title")\n\n# Also big\n\n'
        "> [!PAPER] Section 1\n> Words.\n\n$$x \\label{eq}$$\n\nBy \\eqref{eq}.\n"
        '"""\n'
        "from __future__ import annotations\n\nfrom .. import sub\nfrom . import b as c\n"
        "from .b import (\n    B as D,  # it\n)\nHERE = __file__\n\n\n"
        "# # Numbers\n#\n# They are kept.\nx = 1\n\n\n"
        'class B(object):\n    """\n    ## B\n    """\n\n    y = 2\n\n'
        '    def f(self):\n        """Inner."""\n        # Why.\n        from ..sub import b\n'
        "        return '``` '\n\n\n"
        'class Empty(Exception):\n    """Nothing in it."""\n\n\n'
        "if x:\n    # Inside.\n    z = 3\n\n\n"
        'if __name__ == "__main__":\n    # Run.\n    raise SystemExit(1)\nlast = 4\n'
    ),
    "note.md": "Words and [b](sub/b.py).\n",
    "code.js": "// Words.\nlet x = 1;\n",
    "data.txt": "",
    "pic.svg": '<svg viewBox="0 0 1 1"></svg>',
}
BASE = "https://x.example/y/"


@pytest.fixture
def package(project):
    return project({f"pkg/{name}": text for name, text in FILES.items()}) / "pkg"


def settings(package, **more):
    flags = {name.replace("_", "-"): value for name, value in more.items()}
    output = str(package.parent / "out")
    return load({"sources": [str(package)], "output": output, **flags})[0]


def cells_of(package, url="sub/b.html", **more):
    return notebook_of(prepare(settings(package, **more)), url).cells


def notebook_of(prepared, url):
    config = prepared.config
    links = LinkResolver(prepared.view(url), config.base_url)
    cells = notebook(prepared.documents[url], links, config.install)
    made = nbformat.reads(notebook_file(cells).decode(), as_version=4)
    nbformat.validate(made)
    return made


# ## Notebooks
def test_top_level_statements_are_the_cells_of_a_notebook(package):
    cells = cells_of(package)
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert code == [
        'import importlib.util\n\n__file__ = importlib.util.find_spec("pkg.sub.b").origin',
        "from __future__ import annotations\n\nfrom pkg import sub\n"
        "from pkg.sub import b as c\nfrom pkg.sub.b import (\n    B as D,  # it\n)\n"
        "HERE = __file__",
        "x = 1",
        'class B(object):\n\n    y = 2\n\n    def f(self):\n        """Inner."""\n'
        "        # Why.\n        from pkg.sub import b\n        return '``` '",
        "class Empty(Exception):\n    pass",
        "if x:\n    # Inside.\n    z = 3",
        "last = 4",
    ]
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert prose[1:] == [
        "## Numbers\n\nThey are kept.",
        "## B",
        "Nothing in it.",
        'Run as a program, the module does this:\n\n```python\nif __name__ == "__main__":\n'
        "    # Run.\n    raise SystemExit(1)\n```",
    ]
    assert "> **The paper, Section 1**\n>\n> Words." in prose[0]


def test_a_relative_import_of_several_lines_is_made_absolute(project):
    text = (
        "from . \\\n import e\nfrom .\\\n c import (\n    f,\n)\n"
        "from .. \\\n \\\n d import g; from . import h\n"
    )
    files = {"pkg/__init__.py": "", "pkg/q/__init__.py": "", "pkg/q/r.py": text}
    cells = cells_of(project(files) / "pkg", "q/r.html")
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert [ast.unparse(node) for node in ast.parse(code).body] == [
        "from pkg.q import e",
        "from pkg.q.c import f",
        "from pkg.d import g",
        "from pkg.q import h",
    ]


def test_cells_keep_their_identifiers(package):
    before = [cell.id for cell in cells_of(package)]
    assert len(set(before)) == len(before)
    file = package / "sub" / "b.py"
    file.write_text(file.read_text().replace("x = 1\n", "x = 1\n# New.\nw = 0\n"))
    after = [cell.id for cell in cells_of(package)]
    assert [one for one in after if one in before] == before


def test_addresses_in_elements_lead_on_whatever_their_quotes(build_files):
    text = "# A\n\n<img src='b c.png'> <IMG SRC=d.png> <a href=n.md#n>n</a> <img srcset='d.png 2x'>\n"
    files = {"b c.png": "", "d.png": "", "n.md": "# N\n"}
    module = f'r"""\n{text}"""\n'
    built = build_files({"a.md": text, "m.py": module, **files}, base_url=BASE)
    assert (
        "<img src='b%20c.png'> <IMG SRC=d.png> <a href=n.md#n>n</a> <img srcset='d.png 2x'>"
        in built.files["a.md"].decode()
    )
    assert (
        f"<img src='{BASE}b%20c.png'> <IMG SRC={BASE}d.png> <a href={BASE}n.html#n>n</a> "
        f"<img srcset='{BASE}d.png 2x'>" in built.files["m.ipynb"].decode()
    )


def test_what_is_text_on_the_page_is_text_in_a_twin(build_files):
    text = """# A

From <?xml version="1.0"?> on, <!DOCTYPE html>, a <T>, </T> and `<T>`, <b>b</b>.

<Note>

* <https://a.b> and <a@b.c>

      <T>

```
<?xml?>
```

<!-- none --> <!-- without end
"""
    twin = build_files({"a.md": text}).files["a.md"].decode()
    assert twin == (
        text.replace("<?xml v", "&lt;?xml v")
        .replace("<!D", "&lt;!D")
        .replace("a <T>, </T>", "a &lt;T>, &lt;/T>")
        .replace("<Note", "&lt;Note")
        .replace("<!-- without", "&lt;!-- without")
    )


def test_tags_without_a_partner_are_text_in_a_twin(build_files):
    text = """# A

<details><summary>Open</summary>

<a name="here"> and <a id="there">there</a>, a <b>b</b>, </i>, <br>, <p>, `<i>`.

<div align="center"><b>c</div>
"""
    twin = build_files({"a.md": text}).files["a.md"].decode()
    assert twin == (
        text.replace("<details>", "&lt;details>")
        .replace("</i>", "&lt;/i>")
        .replace("<b>c", "&lt;b>c")
    )


def test_addresses_lead_on_across_the_lines_of_a_quote(build_files):
    text = """# A

> <picture>
>   <source media="print"
>     srcset="../f/d.png 2x">
>   <img alt="D"
>     src="../f/d.png">
> </picture>
> ![D](
> ../f/d.png "D
> again") [n](
>   n.md )
"""
    files = build_files({"a.md": text, "../f/d.png": "", "n.md": "# N\n"}).files
    twin, page = files["a.md"].decode(), files["a.html"].decode()
    (drawn,) = set(re.findall(r'<img [^>]*src="([^"]+)', page))
    assert f'>     srcset="{drawn} 2x">\n>   <img alt="D"\n>     src="{drawn}">' in twin
    assert f'> ![D]({drawn} "D\n> again") [n](n.md)' in twin


def test_a_cell_has_the_definitions_of_the_module(build_files, tmp_path):
    text = (
        '"""\n# M\n\n[p]: https://x.org/p "T"\n[drawn]: <a b.png>\n[n]: n.md\n[^w]: Why.\n"""\n'
        'def f():\n    """\n    ![a][Drawn], [b][p] and so[^w].\n    """\n'
        'def g():\n    """[n] and [p].\n\n    > [p]: n.md\n    """\n'
    )
    files = {"m.py": text, "n.md": "# N\n", "a b.png": ""}
    built = build_files(files, base_url="https://x.org/b/")
    cells = json.loads(built.files["m.ipynb"])["cells"]
    of_f, of_g = ("".join(cell["source"]) for cell in cells[1::2])
    assert of_f.split("\n\n")[1:] == [
        "[drawn]: https://x.org/b/a%20b.png",
        '[p]: https://x.org/p "T"',
        "[^w]: Why.",
    ]
    assert "[n]: https://x.org/b/n.html" in of_g
    assert "> [p]: https://x.org/b/n.html" in of_g
    assert "[drawn]: a%20b.png\n[n]: n.md\n" in built.files["m.md"].decode()


def test_a_notebook_says_what_to_install(package):
    install = [c.source for c in cells_of(package, install="pkg[nn]")][1]
    assert install == "%pip install --quiet pkg[nn]"


def test_a_notebook_of_a_package_knows_its_name(package):
    assert [c.source for c in cells_of(package, "index.html")][
        -1
    ] == "from pkg import sub"


def test_the_notebook_of_the_model_runs(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    config, _ = load({"sources": [str(ROOT / "labml_nn")]})
    prepared = prepare(config)
    url = next(url for url in prepared.documents if url.endswith("vit/index.html"))
    made = notebook_of(prepared, url)
    assert made.cells[1].source.startswith("%pip install")
    del made.cells[1]
    last = (
        'model = vit("ViT-Ti/4", image_size=32, n_classes=10)\n'
        "model(torch.zeros(2, 3, 32, 32)).shape"
    )
    made.cells.append(nbformat.v4.new_code_cell(last))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Its sockets are files in this folder, not ports that others may take meanwhile.
    monkeypatch.chdir(tmp_path)
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc")
    NotebookClient(made, km=kernel, timeout=LIMIT, startup_timeout=LIMIT).execute()
    (result,) = made.cells[-1].outputs
    assert result["data"]["text/plain"] == "torch.Size([2, 10])"


def test_no_statement_is_lost(split_text):
    """Of modules of the standard library, all cells together are the module."""
    for file in library()[::60]:
        try:
            document = split_text(file.read_bytes())
        except SidelitError:
            continue
        config = Config("/x", output="/x/out")
        view = views(config, document)[document.source.url]
        cells = notebook(document, LinkResolver(view, ""))
        code = [cell.source for cell in cells if cell.kind == "code"]
        kinds = [type(one) for cell in code for one in syntax_tree(cell).body]
        known = [type(one) for one in syntax_tree(document.text).body]
        program = r"^if __name__ == ['\"]__main__['\"]:"
        programs = len(re.findall(program, document.text, re.MULTILINE))
        # The docstring becomes prose, the program is shown, `__file__` is looked up.
        assert kinds.count(ast.If) == known.count(ast.If) - programs, file
        for kind in (ast.ClassDef, ast.FunctionDef, ast.ImportFrom, ast.For, ast.With):
            assert kinds.count(kind) == known.count(kind), file


def test_all_notebooks_of_the_site_are_notebooks(own_site):
    files = sorted(own_site.rglob("*.ipynb"))
    assert len(files) > 50
    for file in files:
        text = file.read_text("utf-8")
        made = nbformat.reads(text, as_version=4)
        nbformat.validate(made)
        assert nbformat.v4.writes(made) + "\n" == text
        for cell in made.cells:
            if cell.cell_type == "code" and not cell.source.startswith("%"):
                compile(cell.source, str(file), "exec", flags=ast.PyCF_ONLY_AST)
                assert not re.search(r"^\s*from \.", cell.source, re.MULTILINE)


# What Python takes for the end of a line, and what JSON escapes.
SIGNS = '\n\r\t\x0b\x0c\x1e\x85\u2028"\\/'
texts = st.text(st.characters(codec="utf-8") | st.sampled_from(SIGNS), min_size=1)


@hypothesis.settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["markdown", "code"]), texts)))
def test_a_notebook_is_written_as_jupyter_writes_it(parts):
    cells = [Cell(kind, f"id-{n}", text) for n, (kind, text) in enumerate(parts)]
    make = {
        "markdown": nbformat.v4.new_markdown_cell,
        "code": nbformat.v4.new_code_cell,
    }
    made = nbformat.v4.new_notebook(
        cells=[make[cell.kind](cell.source, id=cell.id) for cell in cells],
        metadata={
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
    )
    assert notebook_file(cells).decode() == nbformat.v4.writes(made) + "\n"


# ## Markdown
def twin(package, url="sub/b.html", **more):
    config = settings(package, **more)
    prepared = prepare(config)
    twins = frozenset(prepared.documents)
    links = LinkResolver(prepared.view(url), config.base_url, twins, images=True)
    writer = MarkdownWriter(prepared.documents[url], links)
    return writer.page(prepared.resolved.site.outlines[url].anchors)


def test_a_twin_is_the_prose_with_its_code_in_blocks(package):
    text = twin(package)
    assert text.startswith(
        "# A \\<b\\>\n\nWords on [home](../index.md), [this](#B), [that](#B),\n"
    )
    assert "[far](https://x.example/), file, `[no](link)` and $[a](b)$." in text
    assert '![Alt](../pic.svg "Title")' in text
    assert "> [!PAPER] Section 1\n> Words." in text
    assert "By (1)." in text
    assert (
        '<a id="B"></a>\n\n## B\n\n```python\nclass B(object):\n\n    y = 2\n```'
        in text
    )
    assert "````python\n        # Why" not in text
    assert (
        "````python\n        from ..sub import b\n        return '``` '\n````" in text
    )
    # One title, as on the page.
    outside = re.sub(r"^(`{3,}).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"^# .*", outside, re.MULTILINE) == ["# A \\<b\\>"]


def test_links_without_a_place_become_their_text(package):
    prose = cells_of(package)[0].source
    assert "Words on home, this, that,\n[far](https://x.example/), file," in prose
    # An image has a place on disk.
    assert '\n![Alt](../pic.svg "Title")\n' in prose
    prose = cells_of(package, base_url=BASE, repository_url="https://f.example/r")[
        0
    ].source
    assert f"[home]({BASE}), [this]({BASE}sub/b.html#B)" in prose
    assert "[file](https://f.example/r/blob/HEAD/" in prose
    assert f'![Alt]({BASE}pic.svg "Title")' in prose


def test_twins_lead_to_each_other_and_every_anchor_is_there(own_site):
    dead = []
    twins = sorted(own_site.rglob("*.md"))
    texts = {file: file.read_text("utf-8") for file in twins}
    for file, text in texts.items():
        text = re.sub(
            r"^(`{3,}).*?^\1|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE
        )
        for link in re.findall(r"\]\(([^)\s]+)", text):
            path, _, anchor = link.partition("#")
            there = (file.parent / path).resolve() if path else file
            if "://" not in link and not there.is_file():
                dead.append((file.name, link))
            is_name = re.match("[A-Z]", anchor) and "://" not in link
            if is_name and f'<a id="{anchor}"></a>' not in texts[there]:
                dead.append((file.name, link))
    assert len(twins) > 30
    assert dead == []


def test_llms_txt_lists_the_twins_in_reading_order(package):
    files = build(settings(package, site_title="Mine", base_url=BASE)).files
    lines = files["llms.txt"].decode().split("\n\n")
    assert lines[:3] == ["# Mine", "> See b.", "## Pages"]
    assert lines[3].split("\n")[0] == f"- [The package]({BASE}index.md): See b."
    assert f"- [A \\<b\\>]({BASE}sub/b.md): S." in files["llms.txt"].decode()
    for url in re.findall(rf"\({BASE}([^)]+)\)", files["llms.txt"].decode()):
        assert url in files


# ## Beside the pages
def test_the_files_beside_a_page(package):
    files = build(settings(package)).files
    source = FILES["sub/b.py"]
    assert files["sub/b.py"].decode() == source
    text = files["sub/b.blocks.js"].decode()
    blocks = blocks_of(text, files["sub/b.html"].decode())
    assert "".join(block[1] for block in blocks) == source
    clean = files["sub/b.clean.py"].decode()
    assert "".join(block[2] for block in blocks) == clean
    # What the page shows is there once.
    assert text.count("HERE = __file__") == 0
    assert clean.count("HERE = __file__") == 1
    nbformat.validate(nbformat.reads(files["sub/b.ipynb"].decode(), as_version=4))
    beside = {url for url in files if url.startswith(("note", "code"))}
    assert beside == {"note.html", "note.md", "code.js.html", "code.js.md"}


@pytest.mark.parametrize("private", ["show", "hide"])
def test_the_blocks_have_what_the_page_does_not_show(build_files, private):
    source = (
        "# One.\nx = 1\n\n# Two.\ny = '\x1b'\n\n\ndef _f():\n"
        '    """D."""\n\n    z = "<&>"\n    return z\n\n\n# End.\n'
    )
    files = build_files({"a.py": source}, private=private).files
    script, page = files["a.blocks.js"].decode(), files["a.html"].decode()
    blocks = blocks_of(script, page)
    assert "".join(block[1] for block in blocks) == source
    assert "".join(block[2] for block in blocks) == files["a.clean.py"].decode()
    assert "x = 1" not in script
    # The page shows a picture of the character, and nothing of what is hidden.
    assert "y = '\\u001b'" in script
    assert ("return z" in script) == (private == "hide")


def test_the_menu_of_a_page(package):
    template = "https://lab.example/r/{notebook}"
    files = build(settings(package, colab_url=template)).files
    page = files["sub/index.html"].decode()
    for link in (
        '<a href="index.clean.py" download="sub.clean.py">',
        '<a href="index.py" download="sub.py">',
        '<a href="index.ipynb" download="sub.ipynb">',
        '<a href="index.md" download="sub.md">',
        '<a href="https://lab.example/r/sub/index.ipynb" class="away">Open in Colab</a>',
    ):
        assert link in page
    assert "clean.py" not in files["note.html"].decode()
    assert "Colab" not in build(settings(package)).files["sub/index.html"].decode()


def test_what_was_read_is_what_is_taken_along(project):
    """Whoever saves while a build runs gets forms that fit the page, or none."""
    text = '"""Words."""\nx = 1\n'
    package = project({"pkg/a.py": text}) / "pkg"
    prepared = prepare(settings(package))
    (package / "a.py").write_text("y = (\n")
    made = prepared.build().files
    assert made["a.py"].decode() == text
    assert made["a.clean.py"] == b"x = 1\n"


def test_clean_code_and_a_module_of_that_name_both_lie_there(project):
    package = project({"pkg/a.py": "x = 1  # c\n", "pkg/a.clean.py": "y = 2\n"}) / "pkg"
    files = build(settings(package)).files
    assert files["a.clean.py"] == b"x = 1\n"
    assert files["a.clean.py.py"] == b"y = 2\n"
    assert b'href="a.clean.py.py"' in files["a.clean.py.html"]


def test_control_characters_are_kept(project):
    data = b"x = '\x1b[0m'\n"
    package = project({"pkg/a.py": data}) / "pkg"
    made = build(settings(package)).files
    assert made["a.py"] == made["a.clean.py"] == data


# ## The command
@pytest.fixture
def run(package, monkeypatch, capfdbinary):
    monkeypatch.chdir(package.parent)

    def run(*arguments):
        status = main(["export", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return run


def test_to_standard_output(run):
    status, out, err = run("clean", "pkg/sub/b.py")
    assert (status, err) == (0, "")
    assert out.startswith("from __future__ import annotations\n\nfrom .. import sub\n")
    assert run("md", "pkg/note.md") == (0, "# note.md\n\nWords and b.\n", "")


@pytest.mark.parametrize("form", ["md", "ipynb"])
def test_images_are_shown_from_where_they_lie(run, project, form):
    words = '![a](pic.svg "One")\n![b](<pic.svg>)\n\n![c](no%20such.png "Three")\n'
    project({"pkg/shown.py": f'"""\n{words}"""\n', "pkg/pic.svg": "<svg></svg>"})
    os.mkdir("out")
    for place, path in (("-", "pkg/"), ("x", "pkg/"), ("out/x", "../pkg/")):
        status, out, err = run(form, "pkg/shown.py", "-o", place)
        assert (status, err) == (0, "")
        text = (out if place == "-" else Path(place).read_text()).replace('\\"', '"')
        assert f'![a]({path}pic.svg "One")' in text
        assert f"![b]({path}pic.svg)" in text
        assert '![c](no%20such.png "Three")' in text
    text = run(form, "pkg/shown.py", "--base-url", BASE)[1].replace('\\"', '"')
    assert f"![b]({BASE}pic.svg)" in text


def test_to_a_file_and_into_a_folder(run, package):
    os.mkdir("out")
    assert run("clean", "pkg/sub/b.py", "-o", "x.py")[0] == 0
    assert run("clean", "pkg", "-o", "out")[0] == 0
    assert Path("x.py").read_text() == Path("out/sub/b.py").read_text()
    assert Path("out/__init__.py").read_text() == "from . import sub\n"
    # A folder that is not there is made.
    assert run("clean", ".", "-o", "new/all") == (0, "", "")
    assert Path("new/all/pkg/sub/b.py").read_text() == Path("x.py").read_text()
    assert run("ipynb", "pkg/sub/b.py", "-o", "out")[0] == 0
    assert json.loads(Path("out/b.ipynb").read_text())["nbformat"] == 4
    assert run("md", "pkg", "-o", "out")[0] == 0
    assert "[b](sub/b.md#B.f)" in Path("out/index.md").read_text()
    assert '![Alt](../../pkg/pic.svg "Title")' in Path("out/sub/b.md").read_text()
    assert (
        Path("out/code.js.md").read_text()
        == "# code.js\n\nWords.\n\n```javascript\nlet x = 1;\n```\n"
    )


def test_links_follow_the_project_that_a_file_belongs_to(run):
    table = f'[tool.sidelit]\nsources = ["pkg"]\nbase-url = "{BASE}"\n'
    Path("pyproject.toml").write_text(table)
    assert f"[b]({BASE}sub/b.html)" in run("md", "pkg/note.md")[1]
    out = run("clean", "pkg/sub/b.py", "-o", "pkg/__init__.py")
    assert (out[0], out[2].count("is a source; name another place")) == (2, 1)
    assert run("md", "-o", "-")[2].startswith("sidelit: -o: 5 files need a folder")


@pytest.mark.parametrize("form", ["clean", "ipynb", "md"])
def test_an_earlier_export_is_no_source(run, project, form):
    def files():
        return {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}

    for _ in range(2):
        assert run(form, ".", "-o", "new")[0] == 0
        first = files()
    assert run(form, ".", "-o", "new") == (0, "", "")
    assert files() == first
    assert not Path("new", "new").exists()
    # A folder that holds something else stays what it was.
    project({"lib/m.py": "x = 1\n"})
    assert run(form, "pkg", "-o", "lib")[0] == 0
    assert {"m.py", "sub"} <= set(os.listdir("lib"))
    assert ".sidelit.json" not in os.listdir("lib")


def test_no_file_is_written_over_another(run, project, monkeypatch):
    table = '[tool.sidelit]\nsources = { "lib" = "in", "../lib" = "out" }\n'
    root = project({"p/pyproject.toml": table, "p/lib/m.py": "", "lib/m.py": ""})
    (root / "out").mkdir()
    # A project may name what is beside it in its checkout.
    (root / ".git").mkdir()
    monkeypatch.chdir(root / "p")
    status, _, err = run("clean", "-o", "../out")
    words = (
        "sidelit: export clean: two sources would be lib/m.py; name the folder of one\n"
    )
    assert (status, err, os.listdir("../out")) == (2, words, [])
    assert run("clean", "lib", "-o", "../out")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("clean", "nosuch.py"), "there is no file or folder nosuch.py in"),
        (("clean", "pkg/data.txt"), "is in no language that can be read"),
        (("clean", "pkg/note.md"), "export clean: pkg/note.md is not Python; try md or pdf"),
        (("ipynb", "pkg/code.js"), "export ipynb: pkg/code.js is not Python"),
        (("clean", "pkg"), "-o: 3 files need a folder; name one"),
        (("md", "pkg", "-o", "pkg/note.md"), "files need a folder; name one"),
        (("md", "pkg/note.md", "-o", "nosuch/x.md"), "there is no folder nosuch; make it first"),
        (("clean", "pkg/sub/b.py", "-o", "pkg/sub"), "is a source; name another place"),
        (("clean", "pkg", "-o", "pkg"), "is a source"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_sentence(run, package, arguments, words):
    before = {file: file.read_bytes() for file in package.rglob("*") if file.is_file()}
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert before == {f: f.read_bytes() for f in package.rglob("*") if f.is_file()}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_or_a_link_that_is_named_stays_one(run, package):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run("md", "pkg/note.md", "-o", "pipe") == (0, "", "")
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    assert b"Words and " in os.read(reader, 10_000)
    os.close(reader)

    Path("real.md").write_text("old")
    os.symlink("real.md", "link.md")
    assert run("md", "pkg/note.md", "-o", "link.md") == (0, "", "")
    assert os.readlink("link.md") == "real.md"
    assert "Words and " in Path("real.md").read_text()


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="there are no such names")
def test_other_names_of_standard_output_and_of_pipes(run, project):
    project({"pkg/shown.py": '"""\n![a](pic.svg)\n"""\n', "pkg/pic.svg": "<svg></svg>"})
    # What stands there already stays.
    os.write(1, b"before\n")
    out = "before\n# pkg.shown\n\n![a](pkg/pic.svg)\n"
    assert run("md", "pkg/shown.py", "-o", "/dev/stdout") == (0, out, "")

    mine, its = os.pipe()
    assert run("md", "pkg/shown.py", "-o", f"/dev/fd/{its}") == (0, "", "")
    assert b"![a](pkg/pic.svg)" in os.read(mine, 10_000)
    os.close(mine)
    os.close(its)


def test_a_wrong_source_is_told_with_its_place(run, package):
    (package / "bad.py").write_text("x = (\n")
    status, _, err = run("clean", "pkg/bad.py")
    assert (status, err.split(" ")[1:3]) == (1, ["pkg/bad.py:1:5:", "SRC101"])
    # What is wrong elsewhere does not matter here.
    assert run("clean", "pkg/sub/b.py")[0] == 0


# ## Paper
def test_paper_needs_no_pictures_of_its_pages(run, monkeypatch):
    built = []
    monkeypatch.setattr(
        "sidelit.export.export.pdf", lambda build, *_: built.append(build) or b"%PDF"
    )
    assert run("pdf", "pkg", "--base-url", BASE, "-o", "x.pdf") == (0, "", "")
    assert not [url for url in built[0].files if url.endswith((".png", ".xml"))]


def test_without_a_browser_there_is_no_paper(run, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    status, _, err = run("pdf", "pkg/note.md", "-o", "x.pdf")
    assert (status, err.count("\n")) == (2, 1)
    assert "export pdf: a browser prints it; install chromium" in err


def test_a_terminal_shows_no_paper(run, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    status, _, err = run("pdf", "pkg/note.md")
    assert (status, err.count("name a file with -o")) == (2, 1)


@pytest.fixture
def browser(monkeypatch):
    pytest.importorskip("playwright")
    executable = chromium.find()
    if executable is None:
        pytest.skip(f"no browser here: {chromium.HOW}")
    monkeypatch.setattr("sidelit.export.paper.BROWSERS", (executable,))


@pytest.mark.usefixtures("browser")
def test_a_site_on_paper(run):
    assert run("pdf", "pkg", "-o", "one.pdf") == (0, "", "")
    data = Path("one.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert b"/Outlines" in data
    assert b"(D:20000101000000" in data
    # Five pages, each on sheets of its own, behind the contents.
    assert len(re.findall(rb"/Type /Page\b", data)) >= 6
    assert run("pdf", "pkg", "-o", "two.pdf")[0] == 0
    assert Path("two.pdf").read_bytes() == data


@pytest.mark.usefixtures("browser")
def test_a_diagram_is_drawn_on_paper(run, project):
    fence = "```mermaid\n{}flowchart LR\n  accTitle: {}\n  a --> b\n```\n"
    shown = [
        fence.format("", "One"),
        fence.format("", "Two"),
        fence.format("%% ", "No"),
    ]
    project({"pkg/note.md": "\n".join(["# Note", *shown])})
    assert run("pdf", "pkg/note.md", "-o", "one.pdf") == (0, "", "")
    data = Path("one.pdf").read_bytes()
    # What cannot be drawn, which is the third, is no image.
    assert re.findall(rb"/Alt \((.*?)\)", data) == [b"One", b"Two"]
    assert run("pdf", "pkg/note.md", "-o", "two.pdf")[0] == 0
    assert Path("two.pdf").read_bytes() == data


def test_two_prints_are_the_same():
    one = b"(D:20260102030405Z) /ID (node00000999) (node00001001) (node00000999)"
    two = b"(D:20270102030405Z) /ID (node00001000) (node00001002) (node00001000)"
    settled = b"(D:20000101000000Z) /ID (node00000000) (node00000001) (node00000000)"
    assert reproducible(one) == reproducible(two) == settled


@pytest.mark.usefixtures("browser")
def test_a_browser_that_fails_is_one_sentence(run, monkeypatch, tmp_path):
    false = shutil.which("false") or sys.executable
    monkeypatch.setattr("sidelit.export.paper.BROWSERS", (false,))
    status, _, err = run("pdf", "pkg/note.md", "-o", "x.pdf")
    assert (status, err.count("\n")) == (2, 1)
    assert "did not print" in err


def test_addresses_in_brackets_keep_them(build_files):
    text = """# A

[a](<https://x.org/a b>) [b](<https://x.org/(b> "T") [c](<https://x.org/c>) [r]

[r]: <https://x.org/r s> "T"
"""
    twin = build_files({"a.md": text}).files["a.md"].decode()
    assert (
        '[a](<https://x.org/a b>) [b](<https://x.org/(b> "T") [c](https://x.org/c) [r]'
        in twin
    )
    assert '[r]: <https://x.org/r s> "T"' in twin
