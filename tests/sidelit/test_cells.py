"""Python files that are parted into cells by comments such as `# %%`."""

import ast

import pytest

from sidelit.check.check import check
from sidelit.config import load
from sidelit.forms.clean import clean_lines
from sidelit.read.markers import marker, unknown_type
from tests.conftest import code_of
from tests.sidelit.test_split import assert_every_line_once, prose_of


def rows(document):
    """The prose and the code of each section, without the empty lines around them."""
    lines = document.text.split("\n")
    return [
        (
            section.prose.strip("\n"),
            "\n".join(
                lines[number - 1] for span in section.code for number in span
            ).strip("\n"),
        )
        for section in document.sections
    ]


SCRIPT = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # Ticket sales
#
# Sold *every* day. `x = 1`

# %%
import csv

# %% Load the data
# They are old.
rows = [3, 5]

# %% [md] tags=["a"]
"""
## What they mean

They do.
"""

# %% {"tags": ["b"]}
def mean(values):
    """The mean."""
    # Of numbers.
    return sum(values) / len(values)

# %% [raw]
# <b>as it is</b>
#
# And *this*.

# %%
print(mean(rows))
'''


def test_a_script_of_all_kinds_of_cells(split_text):
    document = split_text(SCRIPT)
    assert document.title == "Ticket sales"
    assert document.summary == "Sold every day."
    assert rows(document) == [
        ("# Ticket sales\n\nSold *every* day. `x = 1`", "import csv"),
        ("## Load the data\nThey are old.", "rows = [3, 5]"),
        ("## What they mean\n\nThey do.", ""),
        ("The mean.", "def mean(values):"),
        ("Of numbers.", "    return sum(values) / len(values)"),
        ("    <b>as it is</b>\n\n    And *this*.", "print(mean(rows))"),
    ]
    assert_every_line_once(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The title of a marker is a heading, without its type and its metadata.
        ("# %% A title\nx = 1\n", [("## A title", "x = 1")]),
        ("#%% A title\nx = 1\n", [("## A title", "x = 1")]),
        ("x = 1\n# %% A [b] title {\"a\": 1}\ny = 2\n", [("", "x = 1"), ("## A [b] title", "y = 2")]),
        ("x = 1\n# %% It [markdown]\n# a\n", [("", "x = 1"), ("## It\na", "")]),
        ("x = 1\n# %% [markdown] It\n# a\n", [("", "x = 1"), ("## It\na", "")]),
        ("x = 1\n# %% So [md] it is a=1\n# a\n", [("", "x = 1"), ("## So it is\na", "")]),
        ("# %% [code] It\nx = 1\n", [("## It", "x = 1")]),
        ("x = 1\n# %% a=1\ny = 2\n", [("", "x = 1"), ("", "y = 2")]),
        # A marker is neither prose nor code.
        ("# %%\nx = 1\n", [("", ""), ("", "x = 1")]),
        ("# %%\nx = 1\n\n# %%\ny = 2\n", [("", ""), ("", "x = 1"), ("", "y = 2")]),
        # What looks like code is prose in a cell of prose, and code elsewhere.
        ("x = 1\n# %% [markdown]\n# y = 2\n# f(y)\n", [("", "x = 1"), ("y = 2\nf(y)", "")]),
        ("x = 1\n# %%\n# y = 2\n# f(y)\nz = 3\n", [("", "x = 1"), ("", "# y = 2\n# f(y)\nz = 3")]),
        # A cell of prose goes on behind an empty line, and ends with code.
        ("# %% [markdown]\n# a\n\n# b\nx = 1\n", [("a\n\nb", "x = 1")]),
        ("x = 1\n# %% [markdown]\n# ========\n# a\n", [("", "x = 1"), ("========\na", "")]),
        # The string below a marker is prose, and no docstring of the variable above.
        ("x = 1\n\n# %% [markdown]\n'''Of $\\\\nu$.'''\n", [("", "x = 1"), ("Of $\\nu$.", "")]),
        ("# %% [markdown]\nr'''\n# A\n\nB\n'''\nx = 1\n", [("# A\n\nB", "x = 1")]),
        ("# %%\n'''No cell of prose.'''\nx = 1\n", [("No cell of prose.", "x = 1")]),
        ("x = 1\n# %%\n'''x'''\n", [("", ""), ("x", "x = 1\n# %%")]),
        # Of a raw cell, the string is shown as it is, as comments are.
        ("x = 1\n# %% [raw]\n'''\na <b>b</b>\n\n  *c*\n'''\n", [("", "x = 1"), ("    a <b>b</b>\n\n      *c*", "")]),
        ("# %% [raw] It\n'''<b>'''\nx = 1\n", [("## It\n    <b>", "x = 1")]),
        # No markers: magics of IPython, strings, the end of a line.
        ("x = 1\n# %%time\ny = 2\n", [("", "x = 1\n# %%time\ny = 2")]),
        ("x = '''\n# %% a\n'''\n", [("", "x = '''\n# %% a\n'''")]),
        ("x = 1  # %% a\n", [("", "x = 1  # %% a")]),
        ("def f():\n    # %% a\n    return 1\n", [("", ""), ("", "def f():\n    # %% a\n    return 1")]),
        # Metadata alone are no prose either.
        ("# ---\n# jupyter:\n#   a: b\n# title: It\n# ---\n\n# %%\nx = 1\n", [("", ""), ("", "x = 1")]),
        # Between the metadata and the first cell there is code that must not get lost.
        (
            "# ---\n# a: b\n# ---\n# noqa\n# %% [markdown]\n# a\n",
            [("", "# noqa"), ("a", "")],
        ),
        # A definition has the prose of the cell above it.
        ("# %% [markdown]\n# a\n# %% [markdown]\n# b\ndef f(): ...\n", [("a", ""), ("b", "def f(): ...")]),
    ],
)  # fmt: skip
def test_markers(split_text, text, expected):
    document = split_text(text)
    assert rows(document) == expected
    assert_every_line_once(document)


def test_sphinx_gallery_stays_as_it_is(split_text):
    document = split_text(
        '"""\nPlot\n====\n\nA plot.\n"""\nimport os\n\n# %%\n# Some text.\n\nx = 1\n\n'
        + "#" * 79
        + "\n# More text.\ny = 2\n"
    )
    assert prose_of(document) == ["Plot\n====\n\nA plot.", "Some text.", "More text."]
    assert code_of(document) == "import os\n\n\nx = 1\n\ny = 2"
    assert_every_line_once(document)


def test_clean_code_has_no_cells_of_prose(split_text):
    cleaned = "\n".join(
        line for line in clean_lines(split_text(SCRIPT)) if line is not None
    )
    assert cleaned == (
        "# %%\nimport csv\n\n# %% Load the data\nrows = [3, 5]\n\n"
        '# %% {"tags": ["b"]}\ndef mean(values):\n'
        "    return sum(values) / len(values)\n\n# %%\nprint(mean(rows))"
    )
    ast.parse(cleaned)


def test_a_script_becomes_a_page(build_files):
    built = build_files({"sales.py": SCRIPT})
    assert not built.problems
    page = built.files["sales.html"].decode()
    assert "%%" not in page
    assert "jupytext" not in page
    for words in ("Load the data", "What they mean"):
        assert f">{words}</a>" in page
    assert 'id="load-the-data"' in page
    assert "&lt;b&gt;as it is" in page


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("# %% [markdwon]", "markdwon"),
        ("#%%  [html] a=1", "html"),
        ("# %% [Markdown] A title", "Markdown"),
        ("# %% [markdown]", ""),
        ("# %% [code] A title", ""),
        # The beginning of a title.
        ("# %% [New] A title", ""),
        ("# %% A [b] title", ""),
        ("# %% [1]", ""),
        ("# [markdwon]", ""),
    ],
)
def test_an_unknown_type_of_cell(line, word):
    assert unknown_type(line) == word


def test_an_unknown_type_of_cell_is_told(project):
    text = (
        "'''\n# %% [html]\n'''\n\n# %% [markdwon]\n# It is *so*.\nx = 1  # %% [html]\n"
    )
    folder = project({"src/a.py": text})
    config, _ = load({"sources": [str(folder / "src")], "select": ["FRM115"]})
    (found,) = check(config)
    assert str(found.problem).endswith(
        "a.py:5:6: FRM115 no type of cell: [markdwon]; write [markdown], [raw] or [code]"
    )


@pytest.mark.parametrize("sign", ["a", " ", "a ", "[", "{"])
def test_a_long_marker_is_read_in_time(sign):
    """A comparison of all signs with all others would not end."""
    found = marker(f"# %% {sign * 10**6}")
    assert found is not None
    assert found.kind == "code"
