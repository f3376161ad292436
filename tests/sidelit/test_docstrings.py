"""Docstrings that are not raw are shown as Python reads them."""

import ast
import re

import pytest

from sidelit.check.check import check
from sidelit.check.fixes import mend
from sidelit.config import load
from sidelit.read.markdown import unescaped
from sidelit.read.parse import syntax_tree

RAW = r'''r"""
# Norms of *a* and `a\b`

The norm $\lVert x \rVert$ with $\nu$, "quoted", \*not\* emphasis, and

$$\begin{aligned}
\theta &= \frac{1}{2} \\
\beta &= \rho
\end{aligned}$$

```python
print("a\n\\b")
```
"""


def f():
    r"""Of $\alpha$ in a line: \\server."""
'''
ESCAPED = re.sub(
    r'(?<=""").*?(?=""")',
    lambda text: text[0].replace("\\", "\\\\"),
    RAW,
    flags=re.DOTALL,
)
ESCAPED = ESCAPED.replace('r"""', '"""').replace('"quoted"', '\\"quoted\\"')


def test_raw_and_escaped_docstrings_give_the_same_page(build_files):
    assert ast.get_docstring(ast.parse(RAW)) == ast.get_docstring(ast.parse(ESCAPED))
    raw, escaped = build_files({"a.py": RAW}), build_files({"a.py": ESCAPED})
    assert not raw.problems
    assert not escaped.problems

    def prose(built, url):
        # What is a hash of the code differs.
        text = built.files[url].decode()
        return re.sub(r'r?""".*?"""|\?[0-9a-f]{8}', "", text, flags=re.DOTALL)

    for url in ("a.html", "a.md", "index.html"):
        assert prose(raw, url) == prose(escaped, url), url
    assert "lVert x" in raw.files["a.html"].decode()


@pytest.mark.parametrize(
    ("literal", "shown"),
    [
        (r"$\\alpha \\\\ b$", r"$\alpha \\ b$"),
        (r"C:\\Users\\me and \\*args", r"C:\Users\me and \*args"),
        (r"it\'s \"so\"", 'it\'s "so"'),
        ("one \\\nline", "one \nline"),
        (r"\u03b1 \x41 \N{GREEK SMALL LETTER BETA} \101", "α A β A"),
        # Python leaves what it does not know.
        (r"\sum \{ \* \,", r"\sum \{ \* \,"),
        # What became a character that nobody means stays as it was written.
        (r"$\nu \tau \frac{a}{b}$ \0 \x07", r"$\nu \tau \frac{a}{b}$ \0 \x07"),
        # Who writes single backslashes means two of them as the end of a row.
        ("\\begin{cases} a \\\\ b \\\\\nc \\\\[1ex] \\end{cases}",) * 2,
        (
            "\\\\begin{cases} a \\\\\\\\ b \\\\end{cases}",
            "\\begin{cases} a \\\\ b \\end{cases}",
        ),
        (r"\\begin{a} a\\ b \\end{a}", r"\begin{a} a\ b \end{a}"),
    ],
)
def test_what_is_left_of_backslashes(literal, shown):
    assert unescaped(literal) == shown


def findings(project, text):
    folder = project({"pyproject.toml": "", "src/a.py": text})
    config, _ = load({"sources": [str(folder / "src")]})
    return (
        config,
        [one for one in check(config) if one.rule != "FRM104"],
        folder / "src" / "a.py",
    )


EATEN = '''"""
# A

Here $\\nu$ and $\\\\nu$ and \\nobody and `\\t`.

$$\\begin{aligned}
a &= b_i \\\\
c &= \\theta
\\end{aligned}$$
"""

# A comment has $\\nu$, and a raw string, too.
r = r"""$\\nu$"""


def f():
    r"""$\\nu$"""
'''


DOUBLED = """\
r'''
Here $\\\\frac{1}{2} + \\\\nobody$ and `\\\\pi`.

$$\\begin{matrix} \\alpha \\\\ x \\\\\\beta \\\\ \\\\gamma \\end{matrix}$$
'''
# A comment has $\\\\nu$.


def f():
    '''Here $\\\\nu + \\\\\\\\tau$.'''
"""


def test_a_command_with_two_backslashes_is_found_and_mended(project):
    config, found, file = findings(project, DOUBLED)
    found = [one for one in found if one.rule == "TEX106"]
    assert [(one.problem.line, one.problem.column, one.wrong) for one in found] == [
        (2, 7, "\\\\frac"),
        (4, 41, "\\\\gamma"),
        (6, 18, "\\\\nu"),
        (10, 21, ""),
    ]
    left = mend(config, found)
    assert [one.problem.line for one in left if one.rule == "TEX106"] == [10]
    text = file.read_text()
    assert "Here $\\frac{1}{2} + \\\\nobody$ and `\\\\pi`.\n" in text
    assert "\\alpha \\\\ x \\\\\\beta \\\\ \\gamma" in text


def test_a_command_that_python_has_eaten_is_found_and_mended(project):
    config, found, file = findings(project, EATEN)
    found = [one for one in found if one.rule == "TEX105"]
    assert [(one.problem.line, one.problem.column, one.wrong) for one in found] == [
        (4, 7, "\\nu"),
        (6, 3, "\\begin"),
        (7, 10, "\\\\"),
        (8, 6, "\\theta"),
    ]
    left = mend(config, found)
    assert "TEX105" not in {one.rule for one in left}
    text = file.read_text()
    assert "Here $\\\\nu$ and $\\\\nu$ and \\nobody and `\\t`." in text
    assert "a &= b_i \\\\\\\\\n" in text
    assert text.endswith(EATEN[EATEN.index("# A comment") :])
    docstring = ast.get_docstring(syntax_tree(text))
    assert "\\begin{aligned}\na &= b_i \\\\\nc &= \\theta\n" in docstring


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (r"Some \\text and \\*more* with $\\nosuch$", 32),
        (r"\u03b1 \"is\" $\\nosuch$", 16),
        (r":param x: is $\\nosuch$", 15),
        (r":param x: :class:`A` is $\\nosuch$.", 26),
    ],
)
def test_places_behind_escapes_are_those_of_the_file(project, line, column):
    _, found, _ = findings(project, f'"""\n# A\n\n{line}\n"""\n')
    (problem,) = [one.problem for one in found if one.rule == "TEX101"]
    assert (problem.line, problem.column) == (4, column)
