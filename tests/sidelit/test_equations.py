"""Equations have the numbers that LaTeX would give them, in whatever a page becomes."""

import html
import json
import re

import pytest

from sidelit.macros import NO_MACROS, Macros
from sidelit.markup import formulas
from sidelit.model import SidelitError, Source
from sidelit.prose.equations import Equations
from tests.sidelit.views import one_section

TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")

# Equations, the numbers that LaTeX with amsmath gives them, and those of their labels.
NUMBERED = [
    (r"\begin{align} a \\ b \label{b} \\ c \end{align}", "1 2 3", {"b": "2"}),
    (r"\begin{align*} a \\ b \label{b} \end{align*} $$c$$", "", {"b": ""}),
    (r"\begin{align} a \nonumber \\ b \notag \\ c \end{align}", "1", {}),
    (r"\begin{gather} a \\ b \tag{N} \label{b} \\ c \end{gather}", "1 N 2", {"b": "N"}),
    (r"\begin{align*} a \tag{7} \\ b \end{align*}", "7", {}),
    (r"\begin{alignat}{2} a & b & c & d \\ e & f & g & h \end{alignat}", "1 2", {}),
    (r"\begin{align} a \\[2ex] b \\* c \end{align}", "1 2 3", {}),
    (r"\begin{align} a \\ b \\ \end{align}", "1 2 3", {}),
    # What is within one number.
    (r"\begin{equation} \begin{split} a \\ b \end{split} \end{equation}", "1", {}),
    (
        r"\begin{equation} \begin{aligned} a \\ b \end{aligned} \label{b} \end{equation}",
        "1",
        {"b": "1"},
    ),
    (
        r"\begin{align} a \begin{cases} b \\ c \end{cases} \\ \substack{d \\ e} \end{align}",
        "1 2",
        {},
    ),
    (r"\begin{equation} a_{\text{b \\ c}} \end{equation}", "1", {}),
    # What KaTeX does not know, in what it does.
    (r"\begin{multline} a \\ b \\ c \label{c} \end{multline}", "1", {"c": "1"}),
    (r"\begin{multline*} a \\ b \end{multline*}", "", {}),
    (r"\begin{multline} a \notag \\ b \end{multline}", "", {}),
    (r"\begin{flalign} a \\ b \end{flalign}", "1 2", {}),
    (
        r"\begin{eqnarray} a &=& b \\ c &=& d \label{d} \end{eqnarray}",
        "1 2",
        {"d": "2"},
    ),
    (r"\begin{eqnarray*} a &=& b \\ &+& c \end{eqnarray*}", "", {}),
    (
        r"\begin{equation} a \end{equation} \begin{subequations} \label{all} "
        r"\begin{align} b \\ c \notag \\ d \label{d} \end{align} \end{subequations} "
        r"\begin{equation} e \label{e} \end{equation}",
        "1 2a 2b 3",
        {"all": "2", "d": "2b", "e": "3"},
    ),
    (
        r"\begin{subequations} \begin{gather} a \tag{A} \\ b \end{gather} "
        r"\label{all} \end{subequations}",
        "A 1a",
        {"all": "1"},
    ),
    (
        r"\begin{subequations} \begin{equation} a \end{equation} \begin{align} b \\ c "
        r"\label{c} \end{align} \end{subequations} \begin{equation} d \end{equation}",
        "1a 1b 1c 2",
        {"c": "1c"},
    ),
    (
        r"\begin{align} a \\ \intertext{b \\ c} d \label{d} \\ e \end{align}",
        "1 2 3",
        {"d": "2"},
    ),
    # Comments and other commands.
    ("\\begin{align} a % \\\\ no\n\\\\ b % c\n\\end{align}", "1 2", {}),
    (r"\begin{align} \verb|\\| \\ b\ \end{align}", "1 2", {}),
    # Between dollar signs, what has a label has a number.
    (r"$$a$$ $$b \label{b}$$", "1", {"b": "1"}),
    (r"$$\label{a} b \begin{cases} c \\ d \end{cases}$$", "1", {"a": "1"}),
    (r"$$b \begin{cases} c \\ d \end{cases} \label{a}$$", "1", {"a": "1"}),
    (r"$$\label{a} \begin{cases} c \\ d \end{cases} \tag{T}$$", "T", {"a": "T"}),
    (
        r"$$\begin{cases} c \label{c} \\ d \label{d} \end{cases}$$",
        "1",
        {"c": "1", "d": "1"},
    ),
    (r"$$\begin{align} a \\ b \end{align} \label{b}$$", "1 2", {"b": "2"}),
    # What Markdown shows as code, or not at all.
    (
        "such as\n\n    \\begin{align} a \\\\ b \\end{align}\n\n$$c \\label{c}$$",
        "1",
        {"c": "1"},
    ),
    ("* such as\n\n    \\begin{align} a \\\\ b \\end{align}", "1 2", {}),
    ("```\n\\begin{align} a \\end{align}\n```\n<!-- $$a \\label{a}$$ -->", "", {}),
]


def document(text):
    return one_section(Source("a.md", "/a.md", "a.html", "", "markdown"), text)


@pytest.mark.parametrize(("text", "numbers", "labels"), NUMBERED)
def test_numbers_are_those_of_latex(text, numbers, labels):
    page = document(text)
    equations = Equations(page, NO_MACROS)
    (section,) = page.sections
    set_ = [equations.equation(section, one).latex for one in formulas(text)]
    assert TAG.findall("".join(set_)) == numbers.split()
    assert equations.numbers == labels
    assert "\\label" not in "".join(set_)


@pytest.mark.parametrize(
    "text", [one[0] for one in NUMBERED if "such as" not in one[0]]
)
def test_what_has_numbers_stays_as_it_is(text):
    page = document(text)
    equations = Equations(page, NO_MACROS)
    (section,) = page.sections
    again = [equations.equation(section, one).latex for one in formulas(text)]
    page = document("\n\n".join(f"$${one}$$" for one in again))
    equations = Equations(page, NO_MACROS)
    (section,) = page.sections
    assert [
        equations.equation(section, one).latex for one in formulas(section.prose)
    ] == again


def test_all_that_has_rows_is_set(build_files):
    text = "\n\n".join(one[0] for one in NUMBERED if "such as" not in one[0])
    built = build_files({"a.md": re.sub(r" ?\\label\{[^}]*\}", "", text)})
    assert [one.message for one in built.problems] == []


def test_the_letters_of_many_rows():
    rows = r" \\ ".join("abcdefghijklmnopqrstuvwxyzyx")
    page = document(
        rf"\begin{{subequations}}\begin{{align}}{rows}\end{{align}}\end{{subequations}}"
    )
    equations = Equations(page, NO_MACROS)
    (found,) = formulas(page.text)
    (section,) = page.sections
    numbers = TAG.findall(equations.equation(section, found).latex)
    assert (numbers[0], numbers[25:]) == ("1a", ["1z", "1aa", "1ab"])


SHOWN = re.compile(r"<annotation[^>]*>(.*?)</annotation>|(?<=</span>)([^<>]+)(?=<span)")


def shown(page):
    """The LaTeX of the formulas of a page and the text between them."""
    prose = re.search(r"<p>(.*?)</p>", page.decode(), re.DOTALL)[1]
    found = ["".join(one) for one in SHOWN.findall(f"</span>{prose}<span")]
    return [re.sub(r"\s+", " ", html.unescape(one)).strip() for one in found if one]


def test_equations_that_share_a_number_stand_below_each_other(build_files):
    text = (
        "\\begin{subequations} \\label{all} % comment\n"
        "\\begin{equation} a \\label{a} \\end{equation}\n"
        "\\begin{align} b \\\\ c \\label{c} \\end{align}\n\\end{subequations}\n"
    )
    for written in (text, "> " + text.strip().replace("\n", "\n> ")):
        built = build_files({"a.md": f"{written}\n\nSee \\eqref{{all}}, \\ref{{c}}.\n"})
        assert built.problems == ()
        first, second, *_ = shown(built.files["a.html"])
        assert first == r"\begin{equation} a \tag{1a} \end{equation}"
        assert second == r"\begin{align} b \tag{1b} \\ c \tag{1c} \end{align}"
        assert "See (1), 1c." in built.files["a.md"].decode()
        assert "subequations" not in built.files["a.md"].decode()


def test_what_else_stands_in_equations_that_share_a_number_is_told(build_files):
    one = r"\begin{equation} a \end{equation}"
    for between in ("and", r"\quad", r"\begin{aligned} b \end{aligned}", "$$"):
        text = rf"\begin{{subequations}} {one} {between} {one} \end{{subequations}}"
        (problem,) = build_files({"a.md": text}).problems
        assert problem.rule == "TEX101"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            r"\begin{align} a &= b \\[1ex] \intertext{with $x > 0$, so} c &= d \end{align}",
            [
                r"\begin{align} a &= b \tag{1} \end{align}",
                *("with", "x > 0", ", so"),
                r"\begin{align} c &= d \tag{2} \end{align}",
            ],
        ),
        (
            r"\begin{alignat*}{2} a \\ \shortintertext{\textbf{or} $x$} b \end{alignat*}",
            [
                r"\begin{alignat*}{2} a \end{alignat*}",
                r"\text{\textbf{or} $x$}",
                r"\begin{alignat*}{2} b \end{alignat*}",
            ],
        ),
        (
            r"\begin{flalign} \intertext{a < b} c \\ d \notag \end{flalign}",
            ["a < b", r"\begin{align} c \tag{1} \\ d \notag \end{align}"],
        ),
        (
            r"$$\begin{gather*} a \\ \intertext{b} \end{gather*}$$",
            [r"\begin{gather*} a \end{gather*}", "b"],
        ),
    ],
)
def test_text_between_rows_is_text(build_files, text, parts):
    built = build_files({"a.md": text})
    assert built.problems == ()
    assert shown(built.files["a.html"]) == parts


def test_a_fault_behind_text_between_rows_has_its_place(build_files):
    text = "\\begin{align}\n  a \\\\\n  \\intertext{so}\n  b + \\nosuch\n\\end{align}"
    (problem,) = build_files({"a.md": text}).problems
    assert (problem.line, problem.column) == (4, 7)
    text = text.replace("so", "$so").replace("b +", "$x$")
    assert build_files({"a.md": text}).problems


def test_text_between_rows_can_be_nowhere_else(build_files):
    for text in (
        r"\intertext{a} b",
        r"\begin{equation} \intertext{a} \end{equation} c",
        r"\begin{align} {\intertext{a}} \end{align}",
        r"\begin{align} \begin{cases} a \\ \intertext{a} \end{cases} \end{align}",
        r"x \begin{align} a \\ \intertext{a} b \end{align}",
        r"\begin{align} a \\ \intertext{b \end{align}",
    ):
        (problem,) = build_files({"a.md": f"$$\n{text}\n$$"}).problems
        assert problem.rule == "TEX101"


def test_a_reference_to_a_tag_that_is_a_formula(build_files):
    text = "$$a \\tag{$\\dagger$} \\label{a}$$\n\nSee \\eqref{a}, \\ref{a}."
    built = build_files({"a.md": text, "b.md": "# B\n"})
    page = built.files["a.html"].decode()
    links = re.findall(r'href="#equation-a">(.*?)</a>', page)
    assert ["<mo>†</mo>" in one or "†" in one for one in links] == [True, True]
    assert "$" not in re.sub(r"<annotation.*?</annotation>", "", "".join(links))
    twin = built.files["a.md"].decode()
    assert r"See $\text{($\dagger$)}$, $\text{$\dagger$}$." in twin


ROWS = r'''r"""
# Rows

\begin{align}
u &= 1 \\
v &= 2 \label{v}
\end{align}
"""


def f():
    r"""
    Follows \eqref{v} and \eqref{w}:

    > \begin{equation}
    > w = 3 \label{w}
    > \end{equation}
    """


def g():
    r"""
    As in \ref{w}, so that
    $$k = 4 \label{k}$$
    """
    return f
'''


def test_page_twin_and_notebook_have_the_same_numbers(build_files):
    built = build_files({"a.py": ROWS, "b.py": "from a import g\n\ng()\n"})
    assert not built.problems
    page = built.files["a.html"].decode()
    # The MathML beside each formula has its numbers, too, and nothing is counted by a
    # style sheet.
    math = "".join(re.findall(r"<math.*?</semantics>", page, re.DOTALL))
    assert re.findall(r"<mtext>\((.)\)</mtext>", math) == ["1", "2", "3", "4"]
    assert "eqn-num" not in page
    assert re.findall(r'href="#equation-(.)">(.*?)</a>', page) == [
        ("v", "(2)"),
        ("w", "(3)"),
        ("w", "3"),
    ]
    twin = built.files["a.md"].decode()
    cells = json.loads(built.files["a.ipynb"])["cells"]
    notebook = "\n".join("".join(cell["source"]) for cell in cells)
    for text in (twin, notebook):
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert TAG.findall(prose) == ["1", "2", "3", "4"]
        assert "Follows (2) and (3)" in prose
        assert "> w = 3 \\tag{3}" in prose
    # The card of `g` on another page has the number of this one.
    assert "(4)\\u003c/mtext>" in built.files["b.html"].decode()


def test_a_label_without_a_number_and_a_label_twice(build_files):
    text = (
        "# A\n\n\\begin{align*} a \\label{a} \\end{align*}\n\nSee \\ref{a}.\n\n"
        "$$b \\label{b}$$\n\n$$c \\label{b}$$\n"
    )
    built = build_files({"a.md": text})
    assert [(one.line, one.rule, one.message) for one in built.problems] == [
        (5, "TEX102", "the equation of \\label{a} has no number"),
        (9, "TEX102", "\\label{b} is on this page twice; the first counts"),
    ]
    page = built.files["a.html"].decode()
    assert page.count('id="equation-b"') == 1
    assert "(2)</mtext>" in page


def test_the_anchor_of_an_equation_is_nobody_elses(build_files):
    text = (
        "# A\n\n## Equation a\n\n$$a \\label{a}$$ $$b \\label{b c}$$ $$\\label{b-c}$$\n"
    )
    built = build_files({"a.md": text + "\n\\ref{b c} \\ref{b-c}\n"})
    ids = re.findall(r' id="(equation[^"]*)"', built.files["a.html"].decode())
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 4
    links = re.findall(r'href="#(equation-b[^"]*)"', built.files["a.html"].decode())
    assert len(set(links)) == 2


def test_an_error_in_a_numbered_formula_is_told_where_it_is(build_files):
    text = (
        "# A\n\n\\begin{align}\na \\label{long label} \\\\\nb \\nosuch\n\\end{align}\n"
    )
    (problem,) = build_files({"a.md": text}).problems
    assert (problem.line, problem.column, problem.rule) == (5, 3, "TEX101")


# ## Macros
MACROS = {
    "\\R": "\\mathbb{R}",
    "\\Rn": "\\R^n",
    "\\norm": "\\lVert #1 \\rVert",
    "\\pair": "(#1, #2)",
    "\\*": "\\star",
    "\\be": "\\beta",
}


@pytest.mark.parametrize(
    ("formula", "expanded"),
    [
        ("x \\in \\R", "x \\in \\mathbb{R}"),
        ("\\Rn, \\R_+", "\\mathbb{R}^n, \\mathbb{R}_+"),
        ("\\Rx \\\\R", "\\Rx \\\\R"),
        ("\\norm{x_{1}}^2", "\\lVert x_{1} \\rVert^2"),
        ("\\norm x y", "\\lVert x \\rVert y"),
        ("\\norm\\be{}", "\\lVert \\beta \\rVert{}"),
        ("\\pair{\\norm{a}}{\\{}", "(\\lVert a \\rVert, \\{)"),
        ("a \\*b", "a \\star b"),
        ("\\be x", "\\beta x"),
        ("\\norm", "\\lVert  \\rVert"),
    ],
)
def test_macros_are_written_out(formula, expanded):
    assert Macros(MACROS).expanded(formula) == expanded


PROSE = '''r"""
# Macros

A norm $\\norm{x}$, and

$$x \\in \\Rn \\label{x}$$
"""


def f():
    r"""A norm $`\\norm{y}`$, which is not `\\norm{y}`."""
'''.replace("\\\\", "\\")


def test_macros_hold_in_all_that_a_page_becomes(build_files):
    built = build_files(
        {"a.py": PROSE, "b.py": "from a import f\n\nf()\n"}, macros=MACROS
    )
    assert not built.problems
    page = built.files["a.html"].decode()
    assert "x \\in \\mathbb{R}^n\\tag{1}</annotation>" in page
    assert "<code>\\norm{y}</code>" in page
    cells = json.loads(built.files["a.ipynb"])["cells"]
    notebook = "\n".join("".join(cell["source"]) for cell in cells)
    for text in (built.files["a.md"].decode(), notebook):
        assert "A norm $\\lVert x \\rVert$, and" in text
        assert "$$x \\in \\mathbb{R}^n\\tag{1}$$" in text
        assert "A norm $\\lVert y \\rVert$, which is not `\\norm{y}`." in text
    assert b"u003cmi>y" in built.files["b.html"]


def test_macros_that_multiply_are_left_to_katex():
    doubling = {
        f"\\{letter}": f"\\{after}" * 2
        for letter, after in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
    }
    assert "\\" in Macros(doubling).expanded("\\a")
    deep = "\\norm{" * 400 + "x" + "}" * 400
    assert Macros(MACROS).expanded(deep).count("\\rVert") == 400


def test_an_error_behind_a_macro_is_told_where_it_is(build_files):
    text = "# A\n\n$$\\norm{a} +\n\\norm{b} + \\nosuch$$\n"
    (problem,) = build_files({"a.md": text}, macros=MACROS).problems
    assert (problem.line, problem.column) == (4, 12)


@pytest.mark.parametrize(
    ("macros", "message"),
    [
        ({"R": "x"}, "'R' must be a backslash and letters"),
        ({"\\R2": "x"}, "must be a backslash and letters"),
        ({"\\R": 1}, "macros.\\R must be text, not 1"),
        ({"\\R": "\\S", "\\S": "a\\R"}, "stands for itself in the end"),
        (["a"], "macros must be a table such as"),
    ],
)
def test_wrong_macros(build_files, macros, message):
    with pytest.raises(SidelitError) as error:
        build_files({"a.md": "# A\n"}, macros=macros)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        ({"javascrpt": True}, "no language `javascrpt`; did you mean `javascript`?"),
        ({"python": "no"}, "single-dollars.python must be true or false, not 'no'"),
    ],
)
def test_wrong_languages(build_files, languages, message):
    with pytest.raises(SidelitError) as error:
        build_files({"a.md": "# A\n"}, single_dollars=languages)
    assert message in str(error.value)
