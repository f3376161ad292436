"""Which names mean the same, symbols that stand for them, and shapes on the page."""

import ast
import builtins
import keyword
import re
import symtable
import sys
from html import unescape
from itertools import accumulate
from pathlib import Path

import pytest

from sidelit.page.annotations import annotate
from sidelit.prose.symbols import mark, pairs
from sidelit.prose.tex import FormulaError, Formulas
from sidelit.read.functions import functions
from sidelit.read.highlight import coloured_lines
from sidelit.read.lexer import lex_python
from sidelit.read.syntax import read_syntax
from tests.conftest import ROOT


def uses(text):
    """The uses of variables of a text, in its order."""
    names = read_syntax(text).module.names
    return [use for use in names if use.kind == "variable"]


def groups(text):
    """The uses of each variable as line:column, the longest lists first."""
    found = {}
    for use in uses(text):
        found.setdefault((use.text, use.variable), []).append(f"{use.line}:{use.start}")
    return sorted((name, places) for (name, _), places in found.items())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "x = 1\ndef f(x):\n    return x\nx",
            [("f", ["2:4"]), ("x", ["1:0", "4:0"]), ("x", ["2:6", "3:11"])],
        ),
        ("def f():\n    return x\nx = 1", [("f", ["1:4"]), ("x", ["2:11", "3:0"])]),
        (
            "class A:\n    x = 1\n    y = x\n    def f(self): return x",
            [
                ("A", ["1:6"]),
                ("f", ["4:8"]),
                ("self", ["4:10"]),
                ("x", ["2:4", "3:8"]),
                ("y", ["3:4"]),
            ],
        ),
        (
            "def f(n):\n    def g():\n        nonlocal n\n        n = 2\n    return n",
            [("f", ["1:4"]), ("g", ["2:8"]), ("n", ["1:6", "3:17", "4:8", "5:11"])],
        ),
        (
            "n = 1\ndef f():\n    global n\n    n = 2",
            [("f", ["2:4"]), ("n", ["1:0", "3:11", "4:4"])],
        ),
        (
            "x = 1\n[x for x in x if (y := x)]\ny",
            [
                ("x", ["1:0", "2:12"]),
                ("x", ["2:1", "2:7", "2:23"]),
                ("y", ["2:18", "3:0"]),
            ],
        ),
        (
            "{k: v for k, v in d for v in k}",
            [("k", ["1:1", "1:10", "1:29"]), ("v", ["1:4", "1:13", "1:24"])],
        ),
        (
            "f = lambda a, b=1: a + b",
            [("a", ["1:11", "1:19"]), ("b", ["1:14", "1:23"]), ("f", ["1:0"])],
        ),
        (
            "import a.b, c as d\nfrom e import f as g, h\na, d, g, h",
            [
                ("a", ["1:7", "3:0"]),
                ("d", ["1:17", "3:3"]),
                ("g", ["2:19", "3:6"]),
                ("h", ["2:22", "3:9"]),
            ],
        ),
        (
            "class A:\n    def f(self):\n        self.x = 1\n    def g(self):\n        return self.x\nclass B:\n    def f(self): self.x",
            [
                ("A", ["1:6"]),
                ("B", ["6:6"]),
                ("f", ["2:8"]),
                ("f", ["7:8"]),
                ("g", ["4:8"]),
                ("self", ["2:10", "3:8"]),
                ("self", ["4:10", "5:15"]),
                ("self", ["7:10", "7:17"]),
                ("self.x", ["3:13", "5:20"]),
                ("self.x", ["7:22"]),
            ],
        ),
        ("é = 'ü'; x = é", [("x", ["1:9"]), ("é", ["1:0", "1:13"])]),
        (
            "def f(a=x, *b: x, **c) -> x: ...\nx = 1",
            [
                ("a", ["1:6"]),
                ("b", ["1:12"]),
                ("c", ["1:20"]),
                ("f", ["1:4"]),
                ("x", ["1:8", "1:15", "1:26", "2:0"]),
            ],
        ),
        (
            "try: ...\nexcept E as e: e\nmatch s:\n    case [p, *q]: p, q",
            [("e", ["2:12", "2:15"]), ("p", ["4:10", "4:18"]), ("q", ["4:14", "4:21"])],
        ),
        (
            "match s:\n    case {'é': [a] as b, **rest}: a, b, rest\n    case {**o}: o",
            [
                ("a", ["2:16", "2:34"]),
                ("b", ["2:22", "2:37"]),
                ("o", ["3:12", "3:16"]),
                ("rest", ["2:27", "2:40"]),
            ],
        ),
        (
            "x = 1\nclass A:\n    x: x = (\n        x)\n    y = x",
            [
                ("A", ["2:6"]),
                ("x", ["1:0", "3:7", "4:8"]),
                ("x", ["3:4", "5:8"]),
                ("y", ["5:4"]),
            ],
        ),
        (
            "def f():\n    global a, \\\n        ab\n    a = ab = 1",
            [("a", ["2:11", "4:4"]), ("ab", ["3:8", "4:8"]), ("f", ["1:4"])],
        ),
        (
            "def f():\n    global x\n    def g(): return x\nx = 1",
            [("f", ["1:4"]), ("g", ["3:8"]), ("x", ["2:11", "3:20", "4:0"])],
        ),
        (
            "def f(x):\n    def g():\n        global x\n        return lambda: x\nx = 1",
            [
                ("f", ["1:4"]),
                ("g", ["2:8"]),
                ("x", ["1:6"]),
                ("x", ["3:15", "4:23", "5:0"]),
            ],
        ),
        ("print(len)", []),
    ],
)
def test_scopes(text, expected):
    assert groups(text) == expected


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 brought them")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "def f[T: int](x: T) -> T:\n    return T\nT = 1",
            [
                ("T", ["1:6", "1:17", "1:23", "2:11"]),
                ("T", ["3:0"]),
                ("f", ["1:4"]),
                ("x", ["1:14"]),
            ],
        ),
        (
            "class A[*Ts, **P](B[Ts]):\n    C = int\n    def f[T](x: C, y: P): ...",
            [
                ("A", ["1:6"]),
                ("C", ["2:4", "3:16"]),
                ("P", ["1:15", "3:22"]),
                ("T", ["3:10"]),
                ("Ts", ["1:9", "1:20"]),
                ("f", ["3:8"]),
                ("x", ["3:13"]),
                ("y", ["3:19"]),
            ],
        ),
        (
            "type Pair[T] = tuple[T, T]\nPair",
            [("Pair", ["1:5", "2:0"]), ("T", ["1:10", "1:21", "1:24"])],
        ),
    ],
)
def test_type_parameters(text, expected):
    assert groups(text) == expected


def test_every_use_is_the_name_that_stands_there():
    """On modules of the standard library, against Python's own symbol tables."""
    folder = Path(ast.__file__).parent
    for name in (
        "ast",
        "argparse",
        "dataclasses",
        "typing",
        "tarfile",
        "asyncio/base_events",
    ):
        text = (folder / f"{name}.py").read_text("utf-8")
        lines = text.split("\n")
        found = uses(text)
        for use in found:
            assert (
                lines[use.line - 1][use.start : use.end] == use.text.rpartition(".")[2]
            )
        # A name that Python takes for a local of some function has uses.
        known = {use.text for use in found}
        tables = [symtable.symtable(text, name, "exec")]
        while tables:
            table = tables.pop()
            tables += table.get_children()
            if table.get_type() == "function":
                private = re.compile(r"^_[^_]\w*?__")
                missing = {private.sub("__", one) for one in table.get_locals()} - known
                assert {
                    one
                    for one in missing
                    if one.isidentifier()
                    and not keyword.iskeyword(one)
                    and not one.startswith((".", "__"))
                } <= set(dir(builtins))


def test_names_leave_the_text_as_it_is():
    """Whatever is marked, what a reader copies is the file."""
    for file in [*(ROOT / "labml_nn").rglob("*.py"), *(ROOT / "utils").rglob("*.py")]:
        text = file.read_text("utf-8")
        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        names = {
            starts[use.line - 1] + use.start: (
                starts[use.line - 1] + use.end,
                f"b={use.variable}",
            )
            for use in uses(text)
        }
        lines = coloured_lines(text, lex_python(text), names)
        assert unescape(re.sub(r"<[^>]*>", "", "\n".join(lines))) == text, file


# ## Symbols
def test_pairs_that_prose_declares():
    prose = """
* `d_model` is the width of a token, $D$
* `heads`, $k$, and so on
* `alone` has $x + y$ of something
* `a` and `b` are two, $Q$

| `d_k` | $D_h = D / k$ | width |
| `height`, `width` | $H$, $W$ | pixels |

In a sentence, `weight`, $\\mathbf{W}$, and `other` with $Z$.
"""
    assert pairs([prose]) == {
        "D": "d_model",
        "k": "heads",
        "D_h": "d_k",
        "\\mathbf{W}": "weight",
    }


def test_a_symbol_stands_for_the_variable_of_the_class_that_says_so(build_files):
    source = '''"""# Two classes

`width`, $W$, is known to all.
"""
WIDTH = 8


class One:
    """
    * `rows` is a number of rows, $N$
    """

    def __init__(self, rows, width):
        self.rows = rows

    def area(self):
        return self.rows * WIDTH


class Other:
    """It has `rows` of `width` as well, $N W$."""

    def __init__(self, rows, width):
        self.rows = rows
'''
    (page,) = (
        data.decode()
        for url, data in build_files({"m.py": source}).files.items()
        if url == "m.html"
    )
    first, second = page.split('id="Other"')
    tied = re.compile(r'<([\w-]+)[^>]*data-variable="(\w+)')
    assert sorted(tied.findall(first)) == [
        ("code", "rows"),
        ("code", "width"),
        *[("t-n", "rows")] * 4,
        ("t-n", "width"),
    ]
    assert sorted(tied.findall(second)) == [("code", "width"), ("t-n", "width")]


@pytest.mark.parametrize(
    ("formula", "marked"),
    [
        ("D", "<D>"),
        ("P^2 D", "P^2 <D>"),
        ("D_h = D / k", "<D_h> = <D> / k"),
        ("D_x", "D_x"),
        (r"\operatorname{D}(D)", r"\operatorname{D}(<D>)"),
        (r"\mathbb{R}^{N \times D}", r"\mathbb{R}^{N \times <D>}"),
        (r"\Delta D\alpha", r"\Delta <D>\alpha"),
        ("x_D", "x_<D>"),
    ],
)
def test_symbols_are_marked(formula, marked):
    symbols = {"D": "d_model", "D_h": "d_k"}
    expected = marked
    for symbol in ("D_h", "D"):
        expected = expected.replace(
            f"<{symbol}>", rf"{{\htmlData{{symbol={symbols[symbol]}}}{{{symbol}}}}}"
        )
    assert mark(formula, symbols) == expected
    formulas = Formulas(str(ROOT))
    html = formulas.html(formula, False, symbols)
    formulas.close()
    assert html.count("data-symbol=") == marked.count("<")
    # Who copies the formula gets it as it was written.
    assert "htmlData" not in html


def test_nothing_but_marks_is_trusted():
    formulas = Formulas(str(ROOT))
    for formula in (
        r"\href{javascript:alert(1)}{x}",
        r"\htmlData{x=1}{y}",
        r"\htmlId{a}{y}",
        r"\includegraphics{x}",
    ):
        with pytest.raises(FormulaError, match="is not allowed in a formula"):
            formulas.html(formula, False)
    formulas.close()


# ## Shapes
SOURCE = '''
class Layer:
    def forward(self, x, mask=None):
        """
        `x` has shape `[batch, tokens, d_model]`. The result has shape `[one]`.
        """
        # `y` has shape `[batch, tokens, 64]`.
        y = self.linear(x)
        for z in y:
            y = z + y
        return y, (x, x)
'''


def annotated(split_text, *calls):
    document = split_text(SOURCE)
    (*_, function) = found = functions(document.text)
    entries = {function.qualname: {"source": function.digest, "calls": list(calls)}}
    return annotate(document, found, uses(document.text), entries)


def test_lines_and_names_show_shapes(split_text):
    small = {"entry": {"x": "float32[2, 5, 8]"}}
    large = {
        "entry": {"x": "float32[4, 65, 192]", "self.heads": 3},
        "lines": {
            "0": {"y": ["float32[4, 65, 64]"]},
            "1": {"z": ["float32[65, 64]"]},
            "2": {"y": ["int64[1]", "int64[2]"]},
            "3": {"return": [["int64[2]", ["int8[3]", None]]]},
        },
    }
    found = annotated(split_text, small, large)
    assert found.lines == {
        3: "x [batch=4, tokens=65, d_model=192]",
        8: "y [batch=4, tokens=65, 64]",
        9: "z [65, 64]",
        10: "y [1] or [2]",
        11: "→ [one=2], [one=3]",
    }
    assert (
        found.titles[3, 22]
        == "float32 [batch=4, tokens=65, d_model=192]; also float32 [batch=2, tokens=5, d_model=8]"
    )
    assert found.titles[8, 24] == found.titles[3, 22]
    assert found.titles[8, 8] == "float32 [batch=4, tokens=65, 64]"
    assert found.titles[11, 15] == "int64 [1]; also int64 [2]"


def test_a_changed_function_shows_nothing(split_text):
    document = split_text(SOURCE)
    entries = {
        "Layer.forward": {"source": "0" * 16, "calls": [{"entry": {"x": "float32[1]"}}]}
    }
    found = annotate(document, functions(document.text), uses(document.text), entries)
    assert (found.lines, found.titles) == ({}, {})
