"""Formulas that the browser sets have what those of KaTeX have."""

import re
from html import unescape

import pytest

from sidelit.prose.mathml import FormulaError, mathml
from sidelit.prose.symbols import mark
from sidelit.prose.tex import Formulas
from tests.conftest import ROOT


def inner(html):
    """What is drawn of a formula."""
    return re.search(r"<semantics>(.*)<annotation", html, re.DOTALL)[1]


def test_inline_and_displayed():
    inline, display = mathml("x < 2", False), mathml("x < 2", True)
    assert inline == (
        '<span class="math"><math><semantics><mrow><mi>x</mi><mo>&lt;</mo><mn>2</mn>'
        '</mrow><annotation encoding="application/x-tex">x &lt; 2</annotation>'
        "</semantics></math></span>"
    )
    assert display.startswith(
        '<span class="math-display"><span class="math"><math display'
    )


def test_it_needs_no_other_process(monkeypatch):
    monkeypatch.setattr("sidelit.prose.tex.node", lambda: None)
    formulas = Formulas("/", "mathml")
    formulas.prefetch([("x", False, {})])
    assert formulas.html("x", False) == mathml("x", False)
    with pytest.raises(FormulaError, match="Unknown command"):
        formulas.html(r"\nosuch", False)


@pytest.mark.parametrize(
    ("formula", "texts"),
    [
        (r"a = b \tag{1}", ["(1)"]),
        (r"a = b \tag*{A} % a comment", ["A"]),
        (r"a = b \tag{é, $x$}", ["(é, ", "x", ")"]),
        (r"\begin{align} a &= b \tag{2} \\ &= c \notag \\ &= d \tag{3} \end{align}", ["(2)", "(3)"]),
        (r"\begin{alignat}{2} a &= b \tag{4} \end{alignat}", ["(4)"]),
        (r"\begin{gather} a \tag{5} \\ b \tag{6} \end{gather}", ["(5)", "(6)"]),
        (r"\begin{equation} \begin{split} a &= b \\ &= c \end{split} \tag{7} \end{equation}", ["(7)"]),
        (r"a \\ b \tag{8}", ["(8)"]),
        (r"\text{(0)} = b \tag{9}", ["(9)"]),
    ],
    ids=range(9),
)  # fmt: skip
def test_numbers(formula, texts):
    html = mathml(formula, True)
    cells = re.findall(r'<mtd class="number".*?</mtd>', html)
    found = [
        unescape(text) for cell in cells for text in re.findall(r">([^<>]+)<", cell)
    ]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in found] == texts
    # What is copied has the number as well.
    assert unescape(re.search(r'x-tex">(.*)</annot', html, re.DOTALL)[1]) == formula


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        (r"\mbox{if}", r"\text{if}"),
        (r"x_\text{a $b$ c}", r"x_{\text{a }b\text{ c}}"),
        (r"\begin{alignedat}{2} a & b \end{alignedat}", r"\begin{aligned} a & b \end{aligned}"),
        (r"a \\ b", r"\begin{gathered} a \\ b \end{gathered}"),
        (r"\begin{matrix} a \\[ -.5 ex ] b \end{matrix}", r"\begin{matrix} a \\ b \end{matrix}"),
        (r"\begin{cases} a & b \\[1em] \end{cases}", r"\begin{cases} a & b \end{cases}"),
        (r"a \\[2pt] b \tag{1}", r"a \\ b \tag{1}"),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_is_written_otherwise(formula, same):
    assert inner(mathml(formula, True)) == inner(mathml(same, True))


def test_brackets_in_a_row_and_numbered_rows_stay():
    html = mathml(r"\begin{matrix} a \\[0, 1] \\ [2em] \end{matrix}", True)
    assert html.count("</mtr>") == 3
    assert html.count(">[</mo>") == 2
    assert mathml(r"\begin{gather} a \\ \end{gather}", True).count("</mtr>") == 2


def test_marks_are_attributes():
    formula = r"\mathbf{D}^2 + \color[HTML]{000001}D"
    marked = mark(formula, {r"\mathbf{D}": "width", "D": "d_model"})
    html = mathml(marked, False)
    assert '<mrow data-symbol="width"><mi>𝐃</mi></mrow>' in html
    assert '<mrow data-symbol="d_model"><mi>D</mi></mrow>' in html
    # The author's own colour is nobody's mark.
    assert html.count("color:#000001") == 1
    formulas = Formulas("/", "mathml")
    html = formulas.html("D^2", False, {"D": "d_model"})
    assert '<annotation encoding="application/x-tex">D^2</annotation>' in html
    assert 'data-symbol="d_model"' in html


@pytest.mark.parametrize(
    ("formula", "display", "position", "words"),
    [
        (r"a \nosuch b", False, 2, 'Unknown command "\\nosuch"'),
        (r"é 😀 \nosuch b", False, 4, 'Unknown command "\\nosuch"'),
        (r"\text{a $x$} \mbox{b} \nosuch", False, 22, "Unknown command"),
        (r"\text{a $x \nosuch$}", False, 11, "Unknown command"),
        (r"a \\ \nosuch \tag{1}", True, 5, "Unknown command"),
        (r"a \tag{1 $\nosuch$}", True, 7, "Unknown command"),
        (r"\frac{1}{2", False, 10, "reached end of input"),
        (r"a \label{b}", True, 2, r"\label is not allowed in a formula"),
        (r"a \eqref{b}", True, 2, r"\eqref is not allowed in a formula"),
        (r"a \tag{1}", False, 2, r"\tag needs a displayed formula"),
        (r"\begin{align} a \end{align}", False, 0, "needs a displayed formula"),
        (r"\href{https://example.com}{y}", False, 0, "Unknown command"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_cannot_be_set(formula, display, position, words):
    with pytest.raises(FormulaError) as error:
        mathml(formula, display)
    assert words in str(error.value)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("{", "}"),
        (r"\sqrt", ""),
        (r"\sqrt [", "]{y}"),
        (r"\left(", r"\right)"),
        (r"\begin{matrix}", r"\end{matrix}"),
        ("x^{", "}"),
        (r"\frac x{", "}"),
        (r"\sqrt\sqrt{\sqrt", "}"),
    ],
    ids=range(8),
)
def test_formulas_have_a_depth(opening, closing):
    mathml(f"{opening * 20} x {closing * 20}", True)
    with pytest.raises(FormulaError, match="at most 100 levels"):
        mathml(f"{opening * 101} x {closing * 101}", True)


def test_what_is_beside_each_other_has_no_depth():
    formula = r"\sqrt[3]{x} [0, 1) \left[0, 1\right) \alpha \}" * 200
    assert mathml(formula, True).count("<mroot>") == 200


def test_a_macro_that_leads_to_itself():
    with pytest.raises(FormulaError, match="Too many expansions"):
        mathml(r"\def\a{x\a}\a", False)
    # What one formula defines, the next one does not know.
    assert "<mi>y</mi>" in mathml(r"\def\b{y}\b", False)
    with pytest.raises(FormulaError, match="Unknown command"):
        mathml(r"\b", False)


def test_both_forms_have_the_same_sources(build_files):
    """Numbers, labels and references, which are what a reader copies and follows."""
    sample = (ROOT / "tests/sidelit/samples/book/chapter.py").read_text("utf-8")
    text = sample + (
        "\n\n# $$a = b \\label{one}$$ and \\eqref{one}, $\\eqref{one}$.\n#\n"
        "# \\begin{align} a &= b \\label{two} \\\\ &= c \\tag{T} \\label{three}\n"
        "# \\end{align}\n#\n# From \\ref{two} and \\ref{three}.\nx = 1\n"
    )
    pages = {
        math: build_files({"a.py": text}, math=math).files["a.html"].decode()
        for math in ("katex", "mathml")
    }
    for pattern in (
        r"<annotation[^>]*>(.*?)</annotation>",
        r'<a href="#equation-[^"]*">[^<]*</a>',
        r'<span id="equation-[^"]*"></span>',
    ):
        found = [re.findall(pattern, page, re.DOTALL) for page in pages.values()]
        assert found[0] == found[1] != []
