"""Clean code: no comment and no docstring left, and the same syntax tree."""

import ast
import io
import textwrap
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.forms.blocks import as_written, clean_file
from sidelit.forms.clean import clean_lines
from sidelit.model import Document, Source
from sidelit.read.decode import decode
from sidelit.read.lexer import lex_python
from sidelit.read.split import split
from sidelit.read.syntax import read_syntax
from tests.prose_lines import attribute_docstrings, python_tree, statements

SOURCE = Source("a.py", "a.py", "a.html", "a", "python")


def cleaned(text: str) -> str:
    tokens = lex_python(text)
    syntax = read_syntax(text)
    lines = clean_lines(Document(SOURCE, text, "", "", (), tokens, syntax=syntax))
    return "".join(f"{line}\n" for line in lines if line is not None)


def lawful(tree: ast.Module, text: str) -> ast.Module:
    """Make of the syntax tree of a text the one that clean code must have."""
    reads = "__doc__" in text and any(
        isinstance(n, ast.Name) and n.id == "__doc__" and isinstance(n.ctx, ast.Load)
        for n in ast.walk(tree)
    )
    for node in statements(tree):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        for string in attribute_docstrings(node):
            node.body.remove(string)
        if not isinstance(node, kinds) or (isinstance(node, ast.Module) and reads):
            continue
        while node.body and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
        if not node.body and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]
    return tree


def law(text: str) -> str:
    return ast.dump(lawful(python_tree(text), text))


def same(one: object, two: object) -> bool:
    """Whether two trees are one but for their places: faster than to write down both."""
    waiting = [(one, two)]
    while waiting:
        left, right = waiting.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.AST):
            for name in left._fields:
                inner = getattr(left, name, None), getattr(right, name, None)
                if inner[0] is not inner[1]:
                    waiting.append(inner)
        elif isinstance(left, list):
            if len(left) != len(right):
                return False
            waiting += zip(left, right, strict=True)
        elif left != right:
            return False
    return True


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("# Only words.\n", ""),
        ('"""Only words."""\n', ""),
        ("x = 1  # why\n", "x = 1\n"),
        ("x = '# no comment'\n", "x = '# no comment'\n"),
        ("x = 1\n# c\ny = 2", "x = 1\ny = 2\n"),
        ("x = 1\n\n# c\n\ny = 2\n", "x = 1\n\ny = 2\n"),
        ("x = 1\n\n\n# c\n\n\n\n# d\ny = 2\n", "x = 1\n\n\ny = 2\n"),
        ("x = 1\n\n\n\n\ny = 2\n", "x = 1\n\n\n\n\ny = 2\n"),
        ("x = 1\n\n# the end\n\n", "x = 1\n"),
        ("x = [  # a\n    1,  # b\n    # c\n]\n", "x = [\n    1,\n]\n"),
        ("x = 1 \\\n# c\ny = 2\n", "x = 1 \\\n\ny = 2\n"),
        ("if x:  # a\n    # b\n\n    y()\n", "if x:\n    y()\n"),
        ("def f():\n\t# c\n\treturn 1\n", "def f():\n\treturn 1\n"),
        ('def f(): "doc"\n', "def f(): pass\n"),
        ('def f(): "doc"; return 1\n', "def f(): return 1\n"),
        ('def f():\n    "doc"; return 1\n', "def f():\n    return 1\n"),
        ('def f(): "doc";  # c\n', "def f(): pass;\n"),
        ("def f():\n    '''\n    doc\n    '''\n", "def f():\n    pass\n"),
        ('def f():\n    "a"\n    "b"\n    return "c"\n', 'def f():\n    return "c"\n'),
        ('def f():\n    ("a"\n     "b")  # c\n    x()\n', "def f():\n    x()\n"),
        ('x: int\n"doc"\n"b"\n\ny = 1\n', "x: int\n\ny = 1\n"),
        ('x = 1\nx.a()\n"no doc"\n', 'x = 1\nx.a()\n"no doc"\n'),
        ('def f():\n    x = 1\n    "no"\n', 'def f():\n    x = 1\n    "no"\n'),
        ('def f():\n    b"no doc"\n', 'def f():\n    b"no doc"\n'),
        ('def f():\n    f"no doc"\n', 'def f():\n    f"no doc"\n'),
        ('def f(): "d"; x = """a\n\nb"""  \n', 'def f(): x = """a\n\nb"""  \n'),
        ('class Ä:\n    "ü"; x = "ö"\n', 'class Ä:\n    x = "ö"\n'),
        ("@a  # c\n# d\n@b\ndef f():\n    pass\n", "@a\n@b\ndef f():\n    pass\n"),
        ('x = f"{a}# no {b!r:>{c}}"  # c\n', 'x = f"{a}# no {b!r:>{c}}"\n'),
        ("# a\n\x0c\n# b\nx = 1\n", "x = 1\n"),
    ],
)
def test_words_go_and_code_stays(text, expected):
    assert cleaned(text) == expected
    assert ast.dump(python_tree(expected)) == law(text)


def test_what_programs_read_stays():
    text = (
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Words.\n"
        "import a  # noqa: F401\nb = a  # type: ignore[assignment]  # why\n"
        "c = 1  # Why it is so.  # pragma: no cover\n# fmt: off\n# pylint: disable=x\n"
        "# sidelit: ok SHP102 because it is\n# typed: words\nd = 1  # mypy: x\n"
    )
    assert cleaned(text) == (
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"
        "import a  # noqa: F401\nb = a  # type: ignore[assignment]  # why\n"
        "c = 1  # pragma: no cover\n# fmt: off\n# pylint: disable=x\n"
        "d = 1  # mypy: x\n"
    )


def test_the_metadata_of_a_script_stay():
    data = "# /// script\n# dependencies = [\n#     'a<3',\n# ]\n# ///\n"
    assert cleaned(f"{data}# why\nimport a\n") == f"{data}import a\n"


def test_a_word_on_the_encoding_does_not_come_to_mean_something():
    assert cleaned("# a\n# b\n# coding: latin-1\nx = 1\n") == "x = 1\n"
    assert cleaned('"""d"""\n# coding: latin-1\nx = 1\n') == "x = 1\n"


def test_a_docstring_that_the_program_prints_stays():
    text = '"""Usage."""\n\n# Words.\nprint(__doc__)\n'
    assert cleaned(text) == '"""Usage."""\n\nprint(__doc__)\n'
    assert cleaned('"""Words."""\n__doc__ = 1\n') == "__doc__ = 1\n"


def test_every_line_is_known(split_text):
    document = split_text('"""a\nb"""\nx = 1  # c\n\n# d\ndef f():\n    "e"\n')
    assert clean_lines(document) == [
        None,
        None,
        "x = 1",
        "",
        None,
        "def f():",
        "    pass",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: latin-1\nx = '\xe4'  # \xf6\n",
        b"\xef\xbb\xbf# Words.\r\nx = 1  # c\r\n\r\n# d\r\ny = 2\r\n",
        b"x = '\x1b[0m\x01'  # c\n",
    ],
)
def test_files_keep_their_encoding_and_every_character(tmp_path, data):
    file = tmp_path / "a.py"
    file.write_bytes(data)
    document = split(Source("a.py", str(file), "a.html", "a", "python"))
    written = as_written(document)
    result = clean_file(written, clean_lines(written))
    assert ast.dump(ast.parse(result)) == ast.dump(ast.parse(data))
    assert not comments(decode(result, SOURCE).partition("\n")[2])


STATEMENTS = [
    "x = 1",
    "y = '# no'  # yes",
    'z = """a\n\n# no\n"""',
    "x = (1,  # c\n    # d\n\n    2)",
    'f"{x}"',
    '"a string"',
    '"one"; "two"; x = 3',
    "'''doc\n\n# string'''  # c",
    "x = 1 + \\\n    2",
    "x = 1 \\\n# c",
    "def f():\n    'doc'",
    "class A:  # c\n\n    # d\n    'doc'\n\n    x = 1  # noqa",
    "@d  # c\nasync def g(a,  # c\n    b): 'doc'; return a",
    "def h(): r'''doc\n    '''; return 1",
    "if x:\n    # c\n    pass\n# d\nelse:  # e\n    pass",
    "match x:\n    # c\n    case 1:\n        pass",
    "class B:\n    def g(self):\n        'doc'\n\n    x: int\n    'doc'\n    y = 1; 'doc'",
    "class C:\n    def __init__(self):\n        self.x = y = 1  # c\n        'doc'",
]
GAPS = [
    "\n",
    "\n\n",
    "\n\n\n",
    "\n# c\n",
    "\n\n# c\n\n# d\n\n\n",
    "\n# noqa\n",
    "\n\x0c\n",
]
modules = st.lists(
    st.tuples(st.sampled_from(STATEMENTS), st.booleans(), st.sampled_from(GAPS)),
    max_size=6,
)


@given(modules, st.sampled_from(GAPS), st.sampled_from([" ", "    ", "\t"]))
def test_the_law(parts, opening, indent):
    text = opening
    for statement, nested, gap in parts:
        if nested:
            statement = "def outer():\n" + textwrap.indent(statement, indent)
        text += statement + gap
    result = cleaned(text)
    assert ast.dump(python_tree(result)) == law(text)
    assert set(comments(result)) <= {"# noqa"}
    assert cleaned(result) == result
    assert result == "" or result.endswith("\n")


def test_trees_that_differ_are_not_the_same():
    text = "def f(x):\n    return [x, 1, 'a']\n"
    tree = python_tree(text)
    assert same(tree, python_tree(f"# c\n{text}"))
    for part, other in (("f(", "g("), ("1", "1.0"), ("1", "True"), ("'a'", "'a', 2")):
        assert not same(tree, python_tree(text.replace(part, other, 1)))
