"""Whatever the text is: its page is well-formed and runs nothing, its code is code."""

import ast
import re
from html.parser import HTMLParser

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from sidelit.files import CONTROLS
from sidelit.forms.blocks import forms
from sidelit.macros import NO_MACROS
from sidelit.model import Config, Problem, SidelitError, Source
from sidelit.prose.html import Prose
from sidelit.prose.tex import Formulas
from sidelit.read.split import split_data
from sidelit.steps.outline import outline_of
from tests.conftest import ROOT, views
from tests.sidelit.test_split import assert_every_line_once
from tests.sidelit.views import one_section

CONFIG = Config(str(ROOT), output=str(ROOT / "docs"))
VOID = {"br", "hr", "img", "col", "source", "wbr", "mspace"}
RUNS = set(
    "script style iframe object embed base form input button link meta svg template "
    "frame noscript textarea select title body html head plaintext xmp".split()
)
MARKS = st.sampled_from(
    r"""
    a b <b> </b> <p> </p> <div> </div> <script> </script> <style> <svg> <a </a> <li> <ul>
    <table> <td> <!-- --> <![CDATA[ ]]> <? href= src= onclick= style= id=x class= " ' > <
    javascript:0 java&Tab;script:0 &#106;avascript:0 data:text/html,x //x.y mailto:a@b
    http://x.y [a](b) [a](javascript:0) ![a](b.png) ![a](javascript:0) [a]: [a] [^1] [^1]:
    <javascript:0> * ** _ ` `` ``` ~~~ # > - 1. | |---| $ $$ $x$ \begin{align} \end{align}
    \label{a} \ref{a} \href{javascript:0}{x} {{ }} { } \ & &amp; &lt; [!NOTE] [!FIGURE] >>>
    <details> <summary> <h1> </h1> <pre> <code> <template> <math> <annotation-xml> <base>
    """.split()
)
GAPS = st.sampled_from(["", "", " ", "\n", "\n\n", "    ", "\n> "])
TEXTS = st.lists(
    st.tuples(MARKS | st.text(max_size=3), GAPS).map("".join), max_size=16
).map("".join)


class Judged(HTMLParser):
    """What is wrong with some HTML, read strictly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += self.open
        if len(self.ids) != len(set(self.ids)):
            self.wrong.append("an identifier twice")

    def handle_starttag(self, tag, attributes):
        if tag in RUNS:
            self.wrong.append(tag)
        for name, value in attributes:
            is_style = name == "style" and "math" not in self.open
            if name.startswith("on") or is_style or name in ("srcdoc", "formaction"):
                self.wrong.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(value)
            # Browsers leave out control characters and spaces.
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
            if name in ("href", "src", "srcset") and scheme:
                known = ("http:", "https:", "mailto:", "ftp:")
                picture = name != "href" and address.startswith("data:image/")
                if scheme[0] not in known and not picture:
                    self.wrong.append(f"{name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_comment(self, data):
        self.wrong.append("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


@settings(max_examples=80)
@given(TEXTS, st.sampled_from(["module", "note"]))
def test_the_html_of_any_prose_is_well_formed_and_runs_nothing(text, kind):
    text = text.translate(CONTROLS)
    source = Source("s.py", str(ROOT / "s.py"), "s.html", "s", "python")
    document = one_section(source, text, kind)
    (view,) = views(CONFIG, document).values()
    page = Prose(Formulas(str(ROOT), "mathml"), {}).page(document, view)
    html, headings = page.html(document.sections[0], "anchor", {"anchor"})
    for part in (html, *(heading[2] for heading in headings)):
        assert Judged(part).wrong == []
    for problem in page.gathered.problems:
        assert problem.line >= 1
        assert "\n" not in str(problem)


PYTHON = st.sampled_from(
    [
        *(
            '"""',
            "'''",
            '"',
            "'",
            "\\",
            "# a",
            "#",
            "#:",
            "# %%",
            "# ## H",
            "f'{",
            "}'",
        ),
        *(
            "x = 1",
            "def f():",
            "class A:",
            "if x:",
            "pass",
            "return",
            "@d",
            "(",
            ")",
            ";",
        ),
        *(
            '"""doc"""',
            "Args:",
            "a: b",
            "from . import a",
            "if __name__ == '__main__':",
        ),
        *(
            "lambda:",
            "x: int",
            "async ",
            "case _:",
            "match x:",
            "[",
            "]",
            "\f",
            "é",
            ",",
        ),
    ]
)
LINES = st.lists(
    st.tuples(PYTHON, st.sampled_from(["", " ", "\n", "\n", "\n    ", "\n\n"])).map(
        "".join
    ),
    max_size=14,
).map("".join)


def said(tree):
    """A syntax tree without strings that stand alone, and without what fills a body."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list):
                inner[:] = [one for one in inner if not is_idle(one)]
    return ast.dump(tree)


def is_idle(node):
    value = getattr(node, "value", None)
    is_text = isinstance(getattr(value, "value", None), str)
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and is_text)


def split_or_refused(source, data):
    try:
        return split_data(source, data)
    except SidelitError as error:
        return error.problem


@settings(max_examples=80)
@given(LINES)
def test_the_forms_of_any_module_are_the_module(text):
    data = text.encode()
    source = Source("s.py", "/s.py", "s.html", "s", "python")
    document = split_or_refused(source, data)
    if isinstance(document, Problem):
        assert document.rule in ("SRC101", "FRM101")
        return
    assert_every_line_once(document)
    (view,) = views(CONFIG, document).values()
    anchors = outline_of(document).anchors
    made = forms(document, view, anchors, "", "", NO_MACROS, ())
    clean = made["s.clean.py"]
    assert said(ast.parse(clean)) == said(ast.parse(data))
    book = nbformat.reads(made["s.ipynb"].decode(), as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            compile(cell.source, "cell", "exec", flags=ast.PyCF_ONLY_AST)
