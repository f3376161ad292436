"""Jupyter notebooks become pages: prose, code, and what the code has shown."""

import ast
import base64
import io
import json
import re

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sidelit.build import Pipeline
from sidelit.cache import Memory
from sidelit.check.check import check
from sidelit.check.fixes import mend
from sidelit.config import load
from sidelit.export.export import export
from sidelit.model import SidelitError, Source
from sidelit.page.menu import twin_url
from sidelit.read.discover import discover
from sidelit.read.magics import as_python
from sidelit.read.markers import marker
from sidelit.read.places import DEEPEST
from sidelit.read.split import split_data
from tests.sidelit.test_cells import rows
from tests.sidelit.test_split import assert_every_line_once
from tests.sites import blocks_of


def md(*source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": [*source], **more}


def code(source, *outputs, **more):
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": [*outputs],
        "source": source.splitlines(True),
        **more,
    }


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(**forms):
    data = {name.replace("_", "/"): text for name, text in forms.items()}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def notebook(*cells, language="python", indent=1, **more):
    whole = {
        "cells": [*cells],
        "metadata": {"language_info": {"name": language}},
        "nbformat": 4,
        "nbformat_minor": 4,
        **more,
    }
    return json.dumps(whole, indent=indent, ensure_ascii=False).encode()


def read(data):
    return split_data(Source("a.ipynb", "a.ipynb", "a.html", "", "notebook"), data)


def picture(width=30, height=20, form="PNG"):
    data = io.BytesIO()
    Image.new("RGB", (width, height), (200, 60, 20)).save(data, form)
    return base64.b64encode(data.getvalue()).decode()


DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><script>1</script></svg>'


# ## Cells
def test_prose_stands_beside_the_code_behind_it():
    document = read(
        notebook(
            md("# Sales\n", "\n", "How *many*."),
            md("Read them."),
            code("import csv\n\n# not prose\nrows = 1"),
            code("def f():\n    '''Not prose.'''\n"),
            {"cell_type": "raw", "metadata": {}, "source": "<b>raw</b>"},
        )
    )
    assert document.title == "Sales"
    assert document.summary == "How many."
    assert rows(document) == [
        ("# Sales\n\nHow *many*.", ""),
        ("Read them.", "import csv\n\n# not prose\nrows = 1"),
        ("", "def f():\n    '''Not prose.'''"),
        ("    <b>raw</b>", ""),
    ]
    assert_every_line_once(document)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (notebook(), "a.ipynb"),
        (notebook(code("x")), "a.ipynb"),
        (notebook(code("x"), metadata={"title": "Of *all*"}), "Of *all*"),
        (notebook(md("---\ntitle: Mine\n---\nText.")), "Mine"),
        (notebook({"cell_type": "raw", "source": "---\ntitle: Mine\n---"}), "Mine"),
        (notebook(md("# One"), metadata={"title": "Two"}), "One"),
    ],
)
def test_the_title(data, title):
    assert read(data).title == title


LINES = st.lists(
    st.sampled_from(["x = 1", "", "# %%", "# %% [markdown]", '"""', "%ls", "a\r\nb", "é", "\f", "\x01", "!"])
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), LINES)))
@settings(max_examples=60)
def test_no_line_gets_lost(cells):
    """Each line of each cell is in one section, the cells are in order and whole."""
    made = [{"cell_type": kind, "source": "\n".join(lines)} for kind, lines in cells]
    document = read(notebook(*made))
    assert_every_line_once(document)
    script, found = document.text.split("\n"), []
    for kind, lines in cells:
        # A marker, the lines and an empty one.
        found.append("# %%" if kind == "code" else f"# %% [{kind}]")
        for line in "\n".join(lines).replace("\r\n", "\n").split("\n"):
            sign = "" if kind == "code" else "# " if line else "#"
            found.append(f"{sign}{line}".replace("\x01", "␁"))
        found.append("")
    assert script == [*found, ""]
    assert len(document.notebook.python) == len(document.text)


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ("%matplotlib inline\nx = 1", "                  \nx = 1"),
        ("!pip install x\nx = 1", "              \nx = 1"),
        ("if x:\n    %time f()\n    !ls", "if x:\n    0        \n    0  "),
        ("files = !ls *.py\nfiles", "files = 0       \nfiles"),
        ("a.b = %lsmagic\n", "a.b = 0       \n"),
        ("torch.nn?", "         "),
        ("?x\nx??", "  \n   "),
        ("!echo \\\n  it's\nx = 1", "       \n      \nx = 1"),
        ("!echo (\nx = (1,\n  2 % 3)", "       \nx = (1,\n  2 % 3)"),
        ("x = (5\n% 3)\n%ls", "x = (5\n% 3)\n   "),
        ('x = """\n%ls\n!ls\n"""\n%ls', 'x = """\n%ls\n!ls\n"""\n   '),
        ("%%time\nx = 1", "      \nx = 1"),
        ("\n%%bash\nls | wc\n", "\n      \n       \n"),
        ("x = a != b\ny %= 3", "x = a != b\ny %= 3"),
        ("await f()", "await f()"),
    ],
)
def test_what_only_ipython_understands(lines, seen):
    python, fault = as_python(lines.split("\n"))
    assert fault is None
    assert "\n".join(python) == seen
    assert [*map(len, python)] == [*map(len, lines.split("\n"))]


def test_magics_are_shown_and_coloured(build_files):
    cells = notebook(
        code("%matplotlib inline\nfiles = !ls"),
        code("%%bash\nfor i in 1; do echo; done"),
    )
    page = build_files({"a.ipynb": cells}).files["a.html"].decode()
    assert "<t-k>%matplotlib</t-k> inline" in page
    assert "= <t-k>!</t-k>ls" in page
    assert "<t-k>%%bash</t-k>" in page
    assert "<t-k>for</t-k>" in page


def test_a_notebook_in_another_language(build_files):
    cells = [md("# Hello"), code('x <- "a" # one', stream("[1] 2"))]
    built = build_files({"a.ipynb": notebook(*cells, language="R")})
    assert not built.problems
    page = built.files["a.html"].decode()
    assert "<t-s" in page
    assert "[1] 2" in page
    assert "```r\nx <-" in built.files["a.md"].decode()
    assert built.files["a.ipynb"] == notebook(*cells, language="R")
    assert "a.clean.py" not in built.files
    assert 'href="a.ipynb"' in page


# ## Older versions
@pytest.mark.parametrize("language", ["text", "markdown", "notebook"])
def test_a_language_of_our_own_is_one_like_any_other(build_files, language):
    data = notebook(md("# A"), code("# sought"), language=language)
    built = build_files({"a.ipynb": data})
    assert not built.problems
    assert "sought" in dict(built.texts)["a.html"]
    assert b'class="rows"' in built.files["a.html"]
    # Nor may a name in its prose lead where one in a Markdown file does.
    assert read(data).source.language != "markdown"


def test_version_3_is_read_as_jupyter_upgrades_it():
    old = nbformat.v3.new_notebook()
    old.worksheets = [
        nbformat.v3.new_worksheet(
            cells=[
                nbformat.v3.new_heading_cell(source="Sales", level=2),
                nbformat.v3.new_text_cell("markdown", source="Some text."),
                nbformat.v3.new_code_cell(
                    input="x = 1",
                    outputs=[
                        nbformat.v3.new_output("stream", "told", stream="stderr"),
                        nbformat.v3.new_output("pyout", "1", output_html="<i>1</i>"),
                        nbformat.v3.new_output("display_data", output_png=picture()),
                        nbformat.v3.new_output(
                            "pyerr", ename="E", evalue="v", traceback=["t", "E: v"]
                        ),
                    ],
                ),
            ]
        )
    ]
    text = nbformat.v3.writes_json(old)
    upgraded = nbformat.reads(text, as_version=4)
    found, wanted = read(text.encode()), read(nbformat.writes(upgraded).encode())
    assert found.text == wanted.text
    assert found.notebook.outputs == wanted.notebook.outputs
    assert [one.name for one in found.notebook.outputs[1]] == [
        "stderr",
        "",
        "",
        "error E",
    ]


# ## What is wrong
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "1:1: SRC101 not a notebook: Expecting value"),
        (b'{\n "cells": [\n', "3:1: SRC101 not a notebook"),
        (b"[" * 100_000, "1:1: SRC101 not a notebook"),
        (b"[]", "1:1: SRC101 not a notebook: it has no `nbformat`"),
        (b"{}", "1:1: SRC101 not a notebook: it has no `nbformat`"),
        (notebook(nbformat=True), "1:1: SRC101 not a notebook: its `nbformat` is no number"),
        (notebook(nbformat=4.5), "1:1: SRC101 a notebook in version 4.5 of the format"),
        (notebook(nbformat=5), "1:1: SRC101 a notebook in version 5 of the format"),
        (notebook(nbformat=1), "1:1: SRC101 a notebook in version 1 of the format"),
        (notebook(cells={}), "1:1: SRC101 not a notebook: its `cells` are no list"),
        (notebook(1), "1:1: SRC101 not a notebook: cell 1 is no object"),
        (
            notebook(nbformat=3, worksheets=[{"cells": 1}]),
            "1:1: SRC101 not a notebook: its `cells` are no list",
        ),
        (
            notebook(md(), {"cell_type": "code", "outputs": []}),
            "9:18: SRC101 not a notebook: the `source` of cell 2 is no text",
        ),
        (notebook(md(1)), "4:18: SRC101 not a notebook: the `source` of cell 1"),
        (notebook(code("x", 1)), "4:18: SRC101 not a notebook: an output of cell 1"),
        (
            notebook(code("x", outputs={})),
            "4:18: SRC101 not a notebook: the `outputs` of cell 1 are no list",
        ),
        (b'{"nbformat": 4, "cells": ["\xff"]}', "1:28: SRC102 byte 0xff is not valid"),
    ],
)  # fmt: skip
def test_a_malformed_notebook_is_a_problem_of_its_own(build_files, data, told):
    built = build_files({"a.ipynb": data, "b.py": "x = 1\n"})
    (problem,) = built.problems
    assert str(problem).partition("a.ipynb:")[2].startswith(told)
    assert "b.html" in built.files
    assert "a.html" not in built.files


def test_a_version_may_be_written_with_a_point():
    assert rows(read(notebook(code("x = 1"), nbformat=4.0))) == [("", "x = 1")]


def test_the_same_depth_is_too_much_wherever_it_is_read():
    """A notebook with this many lists in each other, from the top and from further down."""

    def nested(levels):
        inner = json.loads("[" * levels + "]" * levels)
        return notebook(code("x = 1"), metadata={"a": inner})

    def read_from(depth, data):
        return read_from(depth - 1, data) if depth else read(data)

    for depth in (0, 100):
        # The notebook and its metadata are two more.
        assert rows(read_from(depth, nested(DEEPEST - 2))) == [("", "x = 1")]
        with pytest.raises(SidelitError, match="nested more than 200 levels deep"):
            read_from(depth, nested(DEEPEST - 1))


@pytest.mark.parametrize(
    "output",
    [
        {},
        {"output_type": "stream"},
        {"output_type": "display_data", "data": {"image/png": "no base64!"}},
        {"output_type": "display_data", "data": {"image/png": 1, "text/html": {}}},
        {"output_type": "display_data", "data": []},
        {"output_type": "error", "traceback": 1},
        {"output_type": "nosuch", "metadata": 1},
        {"output_type": "display_data", "data": {"text/plain": "\ud800"}},
        {"output_type": "stream", "name": "\ud800", "text": "\ud800"},
        {"output_type": "error", "ename": "\ud800", "evalue": "\ud800"},
    ],
)
def test_an_odd_output_costs_nothing_else(build_files, output):
    cells = code("x = 1", output, stream("after"), attachments=3)
    data = json.dumps({"nbformat": 4, "cells": [cells], "metadata": 3}).encode()
    built = build_files({"a.ipynb": data})
    assert not built.problems
    assert "after</pre>" in built.files["a.html"].decode()


def test_a_cell_that_is_no_python_keeps_its_page(build_files):
    cells = [
        md("# It"),
        code("x = 1"),
        code('z = 1\ny = "\\n", "é"; print 1, 1'),
        code("x"),
    ]
    built = build_files({"a.ipynb": notebook(*cells)})
    (problem,) = built.problems
    lines = notebook(*cells).decode().split("\n")
    assert (problem.rule, problem.is_error) == ("SRC101", True)
    assert lines[problem.line - 1][problem.column - 1 :].startswith("print 1")
    page = built.files["a.html"].decode()
    assert "print" in page
    # The other cells have their links.
    assert 'href="#.x"' in page


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"tags": ["raises-exception"]}},
        {"outputs": [{"output_type": "error", "ename": "SyntaxError", "evalue": "!"}]},
    ],
)
def test_a_cell_that_is_meant_to_fail_is_no_problem(build_files, more):
    assert not build_files({"a.ipynb": notebook(code("x = (", **more))}).problems


@pytest.mark.parametrize("indent", [1, None])
def test_findings_have_their_place_in_the_file(build_files, indent):
    data = notebook(
        md('# A "b" \\ é 🎫\n', "\n", 'One "two" 🎫 \\é $\\nosuch$ and $\\other$.'),
        code("x = 1"),
        md('In one string:\n"and" $\\third$\n'),
        indent=indent,
    )
    built = build_files({"a.ipynb": data}, math="mathml")
    lines = data.decode().split("\n")
    found = [lines[one.line - 1][one.column - 1 :][:8] for one in built.problems]
    assert [one.rule for one in built.problems] == ["TEX101"] * 3
    assert found == ["\\\\nosuch", "\\\\other$", "\\\\third$"]


# ## What cells have shown
def outputs_of(build_files, *outputs):
    built = build_files({"a.ipynb": notebook(code("x", *outputs))})
    assert not built.problems
    page = built.files["a.html"].decode()
    found = _OUTPUTS.search(page)
    moves = ' role="group" aria-label="Output" tabindex="0"'
    return found[1].strip().replace(moves, "") if found else "", built


_OUTPUTS = re.compile(
    r'<div class="outputs">\n(.*)</div>\n</div>\n</div>\n</div>\n</main>', re.DOTALL
)


@pytest.mark.parametrize(
    ("output", "html"),
    [
        (stream("a < b\n"), '<pre class="output">a &lt; b</pre>'),
        (stream("!", "stderr"), '<pre class="output stderr">!</pre>'),
        (stream("\x1b[1;31mred\x1b[0m \x1b]8;;x\x07link"), '<pre class="output">red link</pre>'),
        (stream("10%\r50%\r100%\nend\r\n"), '<pre class="output">100%\nend</pre>'),
        (shown(text_plain=["a\n", "  b"]), '<pre class="output">a\n  b</pre>'),
        (
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m: v"]},
            '<pre class="output error">E: v</pre>',
        ),
        ({"output_type": "error", "ename": "E", "evalue": "v"}, '<pre class="output error">E: v</pre>'),
        (
            shown(text_html="<table class='dataframe'><tr onclick='x()'><td id='a'>1 $x$ $y$", text_plain="1"),
            '<div class="output"><table><tbody><tr><td>1 $x$ $y$</td></tr></tbody></table></div>',
        ),
        (shown(text_html="<script>draw()</script><div id='c'></div>", text_plain="<Chart>"), '<pre class="output">&lt;Chart&gt;</pre>'),
        (shown(text_html="<style>p {}</style><iframe src='x'></iframe>"), ""),
        (shown(text_markdown="**a** `b`", text_plain="c"), '<div class="output"><p><strong>a</strong> <code>b</code></p>\n</div>'),
        (shown(application_json="{}"), ""),
        (stream("\n"), ""),
    ],
)  # fmt: skip
def test_what_a_cell_has_shown(build_files, output, html):
    assert outputs_of(build_files, output)[0] == html


def test_tabs_of_two_outputs_are_two_groups(build_files):
    tabs = shown(text_markdown="> [!TAB] a\n> A.\n\n> [!TAB] b\n> B.\n")
    found, _ = outputs_of(build_files, tabs, tabs)
    names = re.findall(r'<details class="tab" name="(.*?)"', found)
    assert len(names) == 4
    assert names[0] == names[1] != names[2] == names[3]


def test_streams_are_joined_and_other_outputs_part_them(build_files):
    found, _ = outputs_of(
        build_files, stream("a"), stream("b\n"), shown(text_plain="1"), stream("c")
    )
    assert found.count("<pre") == 3
    assert ">ab</pre>" in found


def test_formulas_of_outputs_are_set(build_files):
    latex = "$\\displaystyle \\frac{x}{2}$"
    found, built = outputs_of(build_files, shown(text_latex=latex, text_plain="x/2"))
    assert "katex-display" in found
    assert "assets/katex/katex.css" in built.files["a.html"].decode()
    built = build_files(
        {"a.ipynb": notebook(code("x", shown(text_latex="$\\nosuch$")))}
    )
    (problem,) = built.problems
    assert problem.rule == "TEX101"


def test_pictures_become_files_beside_the_page(build_files):
    red, wide = picture(), picture(300, 20, "JPEG")
    found, built = outputs_of(
        build_files,
        shown(image_png=red, text_plain="<Figure size 30x20>"),
        shown(image_jpeg=f"{wide[:40]}\n{wide[40:]}\n"),
        shown(image_png=red),
    )
    names = sorted(url for url in built.files if url.endswith((".png", ".jpg")))
    assert len(names) == 2
    jpg, png = sorted(names, key=lambda name: name[-3:])
    assert built.files[png] == base64.b64decode(red)
    assert built.files[jpg] == base64.b64decode(wide)
    image = f'<img src="{png}" alt="Figure size 30x20" width="30" height="20" loading="lazy">'
    assert image in found
    assert found.count(png) == 2
    assert f"![Figure size 30x20]({png})" in built.files["a.md"].decode()


@pytest.mark.parametrize("ending", ["png", "gif", "webp", "avif"])
def test_pictures_of_all_kinds_that_prose_may_show(build_files, ending):
    output = shown(**{f"image_{ending}": base64.b64encode(b"x").decode()})
    found, built = outputs_of(build_files, output)
    (name,) = (url for url in built.files if url.endswith(f".{ending}"))
    assert f'<img src="{name}"' in found
    assert built.files[name] == b"x"


def test_the_size_of_a_picture_is_that_of_its_metadata(build_files):
    output = shown(image_png=picture(60, 40))
    output["metadata"] = {"image/png": {"width": 30, "height": 20}}
    assert 'width="30" height="20"' in outputs_of(build_files, output)[0]


@pytest.mark.parametrize(
    ("width", "height"), [(1 << 64, 1), (30, 10**6), (0, 20), (-30, 20), (True, True)]
)
def test_a_size_that_no_picture_has_counts_for_nothing(build_files, width, height):
    output = shown(image_png=picture(60, 40))
    output["metadata"] = {"image/png": {"width": width, "height": height}}
    found, built = outputs_of(build_files, output)
    assert not built.problems
    assert 'width="60" height="40"' in found


def test_a_drawing_cannot_be_opened_alone(build_files):
    found, built = outputs_of(build_files, shown(**{"image_svg+xml": DRAWING}))
    written = base64.b64encode(DRAWING.encode()).decode()
    assert f'src="data:image/svg+xml;base64,{written}"' in found
    assert 'width="40" height="30"' in found
    assert not any(url.startswith("a.") and url.endswith("svg") for url in built.files)


ATTACHED = md(
    "# It\n", "\n", "![A chart](attachment:my%20chart.png)\n", "\n", '<img src="attachment:b.png" alt="b">',
    attachments={"my chart.png": {"image/png": picture()}, "b.png": {"image/png": picture(5, 5)}},
)  # fmt: skip


def test_attachments(build_files, tmp_path):
    built = build_files({"a.ipynb": notebook(ATTACHED, md("![no](attachment:b.png)"))})
    page = built.files["a.html"].decode()
    names = [url for url in built.files if url.endswith(".png") and url[:2] == "a."]
    assert len(names) == 2
    for name in names:
        assert f'src="{name}"' in page
    assert '<figure><a class="enlarge"' in page
    assert "attachment:" not in page
    twin = built.files["a.md"].decode()
    assert all(f"({name})" in twin or f'"{name}"' in twin for name in names)
    found = check(load({"sources": [str(tmp_path / "src")], "select": ["LNK"]})[0])
    (finding,) = found
    assert finding.rule == "LNK103"
    assert "attachment:b.png" in finding.problem.message


# ## Names
def test_names_lead_from_cell_to_cell_and_elsewhere(build_files):
    built = build_files(
        {
            "a.ipynb": notebook(
                md("# It\n\nThe `Thing` and `helper()`."),
                code("from b import Thing\n%ls"),
                code("def helper(): return Thing()"),
                code("helper()"),
            ),
            "b.py": '"""# B\n\nSee [it](a.ipynb)."""\n\nclass Thing:\n    """A thing."""\n',
        }
    )
    page = built.files["a.html"].decode()
    assert page.count('href="b.html#Thing"') >= 3
    assert page.count('href="#.helper"') == 2
    assert 'id=".helper"' in page
    assert 'href="a.html"' in built.files["b.html"].decode()


# ## Forms
CELLS = (
    md("# Sales\n", "\n", "A `type: ignore` of $x$."),
    code("%matplotlib inline\n# Why\nx = 1  # one", stream("told")),
    code("def f():\n    '''Doc.'''\n    !ls"),
    code("%%bash\nls"),
    code("x", shown(image_png=picture())),
)


def test_the_forms_of_a_notebook(build_files):
    data = notebook(*CELLS)
    built = build_files({"a.ipynb": data}, install="thing")
    assert built.files["a.ipynb"] == data
    clean = built.files["a.clean.py"].decode()
    assert clean == (
        "# %%\n# %matplotlib inline\nx = 1\n\n# %%\ndef f():\n    0  # !ls\n\n"
        "# %%\n# %%bash\n# ls\n\n# %%\nx\n"
    )
    ast.parse(clean)
    script = built.files["a.py"].decode()
    ast.parse(script)
    assert script.startswith("# %% [markdown]\n# # Sales\n#\n# A `type: ignore`")
    assert "# %%\n# %%bash\n# ls\n" in script
    page = built.files["a.html"].decode()
    blocks = blocks_of(built.files["a.blocks.js"].decode(), page)
    assert any("%matplotlib inline" in source for _, source, _ in blocks)
    # The script is the same page without what was shown.
    again = build_files({"a.ipynb": data, "b.py": script}, install="thing")
    assert not again.problems
    assert again.files["b.html"].decode().count("told</pre>") == 0
    twin = built.files["a.md"].decode()
    assert "```text\ntold\n```" in twin


@pytest.mark.parametrize("name", ["latin-1", "utf-16", "nosuch", "rot13"])
@pytest.mark.parametrize("kind", [code, md])
def test_a_notebook_declares_no_encoding(build_files, name, kind):
    """Its cells are text, so its forms are UTF-8, whatever its first cell says."""
    data = notebook(kind(f"# -*- coding: {name} -*-\n"), code("x = '→'"))
    built = build_files({"a.ipynb": data})
    assert not built.problems
    for form in ("a.py", "a.clean.py"):
        tree = ast.parse(built.files[form])
        assert ast.unparse(tree) == "x = '→'"
    assert f"# -*- coding: {name} -*-" in built.files["a.py"].decode()


def test_a_notebook_in_utf_8_may_say_so(build_files):
    built = build_files({"a.ipynb": notebook(code("# coding: utf-8\nx = 1"))})
    assert built.files["a.clean.py"] == b"# %%\n# coding: utf-8\nx = 1\n"


def test_no_line_of_a_cell_begins_another(build_files):
    quotes = '"""'
    cells = [
        md("Text\n", "\n", "%% a remark\n", "    \\n"),
        code("# %% inner\nx = 1\ny = '''\n# %% z\n'''"),
        {"cell_type": "raw", "metadata": {}, "source": f"%%\n<b> {quotes} \\n"},
        code("%% no magic"),
        md(f"%% {quotes}\n", "\\n '''"),
        code("z = 1"),
    ]
    built = build_files({"a.ipynb": notebook(*cells)})
    script = built.files["a.py"].decode()
    markers = ["[markdown]", "", "[raw]", "", "[markdown]", ""]
    assert script.count("\n# %% z\n") == 1
    assert [
        line for line in script.split("\n") if marker(line) and line != "# %% z"
    ] == [f"# %% {one}".rstrip() for one in markers]
    again = split_data(Source("a.py", "a.py", "a.html", "", "python"), script.encode())
    prose = [said for said, _ in rows(again)]
    assert prose == [
        "Text\n\n%% a remark\n    \\n",
        "%% inner",
        f"    %%\n    <b> {quotes} \\n",
        "%% no magic",
        f"%% {quotes}\n\\n '''",
    ]
    clean = built.files["a.clean.py"].decode()
    assert "remark" not in clean
    assert clean.count("# %%\n") == 3
    assert ast.dump(ast.parse(clean)) == ast.dump(
        ast.parse("x = 1\ny = '''\n# %% z\n'''\nz = 1")
    )


def test_python_reads_a_form_whatever_is_in_the_prose(build_files):
    built = build_files({"a.ipynb": notebook(md("a\0b \x01 c"), code("x = 1"))})
    script = built.files["a.py"].decode()
    assert "# a␀b \x01 c\n" in script
    assert ast.unparse(ast.parse(script)) == "x = 1"


def test_no_two_tokens_overlap():
    document = read(notebook(code("x = !ls\nif x:\n    a.b?\ny = 0")))
    tokens = [(kind, document.text[a:b]) for kind, a, b in document.tokens]
    assert tokens == [("c", "# %%"), ("k", "!"), ("k", "if"), ("k", "?"), ("m", "0")]


def test_search_and_contents(build_files):
    built = build_files({"a.ipynb": notebook(md("# A"), md("## Two words"), code("x"))})
    page = built.files["a.html"].decode()
    assert '<div class="row" id="two-words">' in page
    assert "Two words" in dict(built.texts)["a.html"]


# ## Places
def test_addresses(project):
    names = ["a.py", "a.ipynb", "a.md", "b.ipynb", "b.md", "c.ipynb", "index.ipynb",
             "sub/D.IPYNB", ".ipynb_checkpoints/a-checkpoint.ipynb"]  # fmt: skip
    folder = project(dict.fromkeys(names, ""))
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    assert {one.path: one.url for one in discover(config).sources} == {
        "a.py": "a.html",
        "a.ipynb": "a.ipynb.html",
        "a.md": "a.md.html",
        "b.ipynb": "b.ipynb.html",
        "b.md": "b.html",
        "c.ipynb": "c.html",
        "index.ipynb": "index.html",
        "sub/D.IPYNB": "sub/D.html",
    }


def test_no_form_lies_where_another_does(build_files):
    names = ("a.py", "a.clean.py", "a.ipynb.py", "a.md")
    made = {name: f"# {name}\n".encode() for name in names}
    for name in ("a.ipynb", "a.clean.ipynb"):
        made[name] = notebook(code(f"x = {name!r}"))
    built = build_files(made)
    for url, outline in built.site.outlines.items():
        path = outline.source.path.rpartition("/")[2]
        if path.endswith(".ipynb"):
            assert built.files[twin_url(url, "ipynb")] == made[path]
            assert made[path] in built.files.values()
        if path in made:
            assert path in built.files[twin_url(url)].decode()


# ## Checks
def test_findings_can_be_silenced_and_mended(project):
    data = notebook(
        md(
            "# It\n",
            "\n",
            "A [link](B.py) <!-- sidelit: ok LNK101 because it is so -->\n",
        ),
        md('Another "one": [link](B.py).'),
        code("x = 1"),
    )
    folder = project({"src/a.ipynb": data, "src/b.py": "x = 1\n"})
    config, _ = load({"sources": [str(folder / "src")], "select": ["LNK", "OKS"]})
    found = check(config)
    lines = data.decode().split("\n")
    assert len(found) == 1, found
    problem = found[0].problem
    assert lines[problem.line - 1][problem.column - 1 :].startswith("B.py).")
    assert not mend(config, found)
    mended = (folder / "src/a.ipynb").read_bytes()
    assert mended == data.replace(b"[link](B.py).", b"[link](b.py).")


def test_export(project):
    folder = project({"src/a.ipynb": notebook(*CELLS)})
    for form, name in (("clean", "a.py"), ("ipynb", "a.ipynb"), ("md", "a.md")):
        out = folder / form
        out.mkdir()
        problems, _ = export(
            form, str(folder / "src/a.ipynb"), str(out), {}, Pipeline(Memory())
        )
        assert not problems
        made = (out / name).read_text()
        assert "x = 1" in made
    assert "](data:image/png;base64," in made


def test_what_is_not_python_is_named(project, monkeypatch):
    folder = project({"src/a.ipynb": notebook(code("x"), language="r")})
    monkeypatch.chdir(folder)
    with pytest.raises(SidelitError, match="ipynb: no source of the project is Python"):
        export("ipynb", "", "-", {"sources": ["src"]}, Pipeline(Memory()))
    with pytest.raises(SidelitError, match=r"ipynb: src/a\.ipynb is not Python"):
        export("ipynb", "src/a.ipynb", "-", {}, Pipeline(Memory()))


def test_a_control_character_costs_no_other_page(build_files):
    raw = (
        '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["a\0b\x01"]}],'
        ' "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    built = build_files({"nul.ipynb": raw, "good.py": '"""Good."""\n'})
    assert "good.html" in built.files
    assert "a␀b␁" in built.files["nul.html"].decode()
    assert "a␀b␁" in built.files["nul.py"].decode()
