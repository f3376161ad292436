"""Prose and code are told apart, and no line gets lost, whatever a file looks like."""

import ast
import io
import tokenize
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidelit.model import Document, SidelitError, Source
from sidelit.read.lexer import lex_python
from sidelit.read.sections import python_sections
from sidelit.read.split import split
from sidelit.read.syntax import read_syntax
from tests.conftest import code_of


def prose_of(document: Document) -> list[str]:
    return [section.prose.strip() for section in document.sections if section.prose]


def assert_every_line_once(document: Document) -> None:
    lines = document.text.split("\n")
    count = len(lines) - (not lines[-1])
    seen = [number for s in document.sections for span in s.code for number in span]
    for section in document.sections:
        if section.prose_line:
            last = section.prose_line + section.prose.count("\n")
            seen += range(section.prose_line, last + 1)
    assert sorted(seen) == list(range(1, count + 1))


# Each is a file, the prose that it has, and the code that is left.
HARD = {
    "hash in a string": ('x = "# no prose"\n', [], 'x = "# no prose"'),
    "hash in a multi-line string": (
        'x = """\n# no prose\n"""\n',
        [],
        'x = """\n# no prose\n"""',
    ),
    "hash in an f-string": ('x = f"{a}# no"\n', [], 'x = f"{a}# no"'),
    "string that is no docstring": (
        'def f():\n    x = 1\n    """no prose"""\n',
        [],
        'def f():\n    x = 1\n    """no prose"""',
    ),
    "single quotes": ("def f():\n    '''prose'''\n", ["prose"], "def f():"),
    "one quote": ("def f():\n    'prose'\n    g()\n", ["prose"], "def f():\n    g()"),
    "raw docstring": (
        'def f():\n    r"""$\\nu \\tau$"""\n',
        ["$\\nu \\tau$"],
        "def f():",
    ),
    "backslashes of a plain docstring": (
        'def f():\n    """a \\\\ b \\n c"""\n',
        ["a \\\\ b \\n c"],
        "def f():",
    ),
    "continuation behind the quotes": (
        'def f():\n    """\\\n    prose"""\n',
        ["prose"],
        "def f():",
    ),
    "docstring beside its header": (
        'def f(): """no row of its own"""\n',
        [],
        'def f(): """no row of its own"""',
    ),
    "docstring with a semicolon": (
        'def f():\n    """stays"""; g()\n',
        [],
        'def f():\n    """stays"""; g()',
    ),
    "docstring with a comment": (
        'def f():\n    """stays"""  # noqa\n',
        [],
        'def f():\n    """stays"""  # noqa',
    ),
    "docstring of two strings": (
        'def f():\n    "a" "b"\n',
        [],
        'def f():\n    "a" "b"',
    ),
    "docstring in parentheses": (
        'def f():\n    ("a")\n',
        [],
        'def f():\n    ("a")',
    ),
    "bytes are no docstring": ('def f():\n    b"a"\n', [], 'def f():\n    b"a"'),
    "f-string is no docstring": ('def f():\n    f"a"\n', [], 'def f():\n    f"a"'),
    "docstring of a variable": (
        'X = 1\n"prose"\n\n\nclass A:\n    y: int = (  # why\n        2\n    )\n'
        '    """\n    more\n    """\n    z = 3\n',
        ["prose", "more"],
        "X = 1\n\n\nclass A:\n    y: int = (  # why\n        2\n    )\n    z = 3",
    ),
    "docstring of an attribute": (
        'class A:\n    def __init__(self):\n        self.x = 1\n        "prose"\n',
        ["prose"],
        "class A:\n    def __init__(self):\n        self.x = 1",
    ),
    "string behind other statements": (
        'x = 1; "no"\nx.y()\n"no"\ndef f():\n    z = 1\n    "no"\n',
        [],
        'x = 1; "no"\nx.y()\n"no"\ndef f():\n    z = 1\n    "no"',
    ),
    "semicolons": ("a = 1; b = 2  # trailing\n", [], "a = 1; b = 2  # trailing"),
    "decorators": (
        '@a\n# about b\n@b(1)\ndef f():\n    """prose"""\n    g()\n',
        ["prose"],
        "@a\n# about b\n@b(1)\ndef f():\n    g()",
    ),
    "async": (
        'async def f():\n    """prose"""\n    await g()\n',
        ["prose"],
        "async def f():\n    await g()",
    ),
    "match": (
        "match x:\n    # prose\n    case 1:\n        pass\n",
        ["prose"],
        "match x:\n    case 1:\n        pass",
    ),
    "line continuation": (
        "x = 1 + \\\n    2\n# prose\ny = 3\n",
        ["prose"],
        "x = 1 + \\\n    2\ny = 3",
    ),
    "comment inside brackets": (
        "f(\n    # prose\n    1,\n)\n",
        ["prose"],
        "f(\n    1,\n)",
    ),
    "comment in a signature": (
        'def f(\n    # stays\n    a,\n):\n    """prose"""\n',
        ["prose"],
        "def f(\n    # stays\n    a,\n):",
    ),
    "form feed": ("x = 1\n\f\n# prose\ny = 2\n", ["prose"], "x = 1\n\f\ny = 2"),
    "tabs": (
        'class A:\n\tdef f():\n\t\t"""\n\t\ta\n\t\t\tb\n\t\t"""\n\t\tg()\n',
        ["a\n        b"],
        "class A:\n\tdef f():\n\t\tg()",
    ),
    "Windows": ("# prose\r\nx = 1\r\n", ["prose"], "x = 1"),
    "old Macintosh": ("# prose\rx = 1\r", ["prose"], "x = 1"),
    "shebang and coding": (
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# prose\nx = 1\n",
        ["prose"],
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nx = 1",
    ),
    "directives": (
        "# noqa\n# type: ignore\n# fmt: off\n# pragma: no cover\nx = 1\n",
        [],
        "# noqa\n# type: ignore\n# fmt: off\n# pragma: no cover\nx = 1",
    ),
    "a word that looks like a directive": (
        "# type: the kind of thing\nx = 1\n",
        ["type: the kind of thing"],
        "x = 1",
    ),
    "lone hash ends a note": (
        "# about x\nx = 1\n#\ny = 2\n",
        ["about x"],
        "x = 1\ny = 2",
    ),
    "hash inside a note": (
        "# a\n#\n# b\nx = 1\n",
        ["a\n\nb"],
        "x = 1",
    ),
    "a rule of hashes": ("######\n# a\n######\nx = 1\n", ["a"], "x = 1"),
    "licence above the docstring": (
        '# licence\n"""prose"""\nx = 1\n',
        ["prose"],
        "# licence\nx = 1",
    ),
    "nothing": ("", [], ""),
    "only a newline": ("\n", [], ""),
    "only a docstring": ('"""prose"""', ["prose"], ""),
    "no newline at the end": ("# prose\nx = 1", ["prose"], "x = 1"),
    "a definition on the first line": (
        'def f():\n    """prose"""\n',
        ["prose"],
        "def f():",
    ),
    "other separators in a string": (
        'x = "a\u2028b\x0bc\x1cd\x85e"\n# prose\n',
        ["prose"],
        'x = "a\u2028b\u240bc\u241cd\x85e"',
    ),
    "unicode before a docstring": (
        'class Ä:\n    """prose ü"""\n    x = "ö"  # trailing\n',
        ["prose ü"],
        'class Ä:\n    x = "ö"  # trailing',
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_input(name, split_text):
    text, prose, code = HARD[name]
    document = split_text(text)
    assert prose_of(document) == prose
    assert code_of(document) == code
    assert_every_line_once(document)


def test_encodings(split_text):
    latin = "# -*- coding: latin-1 -*-\n# schön\nx = 'ü'\n".encode("latin-1")
    assert prose_of(split_text(latin)) == ["schön"]
    bom = b"\xef\xbb\xbf# prose\nx = 1\n"
    assert split_text(bom).text == "# prose\nx = 1\n"


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        (b"x = 1\ny = (\n", (2, 5, "SRC101"), ": '(' was never closed; a newer"),
        (b"x = 1\n\ny = '\xff'\n", (3, 6, "SRC102"), "byte 0xff is not valid utf-8"),
        (b"# coding: klingon\n", (1, 1, "SRC102"), "klingon"),
        (b"#!x\n# coding: klingon\n", (2, 1, "SRC102"), "klingon"),
        (b"x = 1\x00\n", (1, 6, "SRC101"), "not valid Python: there is a NUL"),
        (b"x = 1\r\n# a\xc3\xbc\x00b\n", (2, 5, "SRC101"), "there is a NUL"),
        (b'"""\n\x00"""\n', (2, 1, "SRC101"), "there is a NUL"),
        (b"(" * 1000 + b")" * 1000, (1, 201, "SRC101"), "too many nested"),
        (b"-" * 200000 + b"1", (1, 1, "SRC101"), "not valid Python"),
    ],
)
def test_what_is_not_python_is_a_problem_with_a_place(data, where, words, split_text):
    with pytest.raises(SidelitError) as error:
        split_text(data)
    problem = error.value.problem
    assert (problem.line, problem.column, problem.rule) == where
    assert words in problem.message
    assert str(problem).startswith(f"sample.py:{where[0]}:{where[1]}: {where[2]} ")


def test_sections_know_what_they_belong_to(split_text):
    document = split_text(
        '"""module"""\nimport os\n\n\nclass A:\n    """class"""\n\n    x = 1\n\n'
        '    def f(self):\n        """method"""\n        # note\n        g()\n\n'
        "    y = 2\n\n\nz = 3\n"
    )
    assert [(s.kind, s.qualname, s.prose) for s in document.sections] == [
        ("module", "", "module"),
        ("class", "A", "class"),
        ("function", "A.f", "method"),
        ("note", "A.f", "note"),
        ("note", "A", ""),
        ("note", "", ""),
    ]


def test_code_behind_a_function_does_not_stand_beside_its_prose(split_text):
    document = split_text('def f():\n    """about f"""\n\n\nx = 1\n')
    assert [list(span) for span in document.sections[-1].code] == [[5]]
    assert document.sections[-1].prose == ""


def test_functions_without_docstring_begin_rows_but_not_inside_functions(split_text):
    document = split_text("def f():\n    def g():\n        pass\n    return g\n")
    assert [section.qualname for section in document.sections] == ["", "f"]


def test_a_comment_right_above_a_function_speaks_for_it(split_text):
    document = split_text("x = 1\n# about f\ndef f():\n    pass\n\n\ny = 2\n")
    kinds = [(s.kind, s.qualname, s.prose) for s in document.sections]
    assert kinds == [
        ("module", "", ""),
        ("function", "f", "about f"),
        ("note", "", ""),
    ]


def test_prose_keeps_its_lines(split_text):
    text = 'def f():\n    """\n    one\n\n      two\n    """\n'
    section = split_text(text).sections[1]
    lines = section.prose.split("\n")
    assert section.prose_line + lines.index("one") == 3
    assert section.prose_line + lines.index("  two") == 5


def test_front_matter(split_text):
    document = split_text(
        '"""\n---\ntitle: A: b\nsummary: >\n  two\n  lines\n---\n\n# Heading\n"""\n'.replace(
            "A: b", '"A: b"'
        )
    )
    assert (document.title, document.summary) == ("A: b", "two lines")
    section = document.sections[0]
    assert section.prose_line + section.prose.split("\n").index("# Heading") == 9


def test_without_front_matter_the_page_says_its_title_itself(split_text):
    document = split_text('"""\n# The `title`\n\nFirst *sentence*. Second.\n"""\n')
    assert (document.title, document.summary) == ("The title", "First sentence.")
    document = split_text("x = 1\n")
    assert (document.title, document.summary) == ("sample", "")


@pytest.mark.parametrize(
    ("matter", "line", "words"),
    [
        ("title: a: b", 3, "not YAML"),
        ("title: 3", 3, "`title` must be text; put 3 into quotes"),
        ("- a", 3, "such as `title: Vision Transformer`"),
    ],
)
def test_wrong_front_matter_is_a_problem(matter, line, words, split_text):
    with pytest.raises(SidelitError) as error:
        split_text(f'"""\n---\n{matter}\n---\n"""\n')
    assert error.value.problem.rule == "FRM101"
    assert error.value.problem.line == line
    assert words in error.value.problem.message


# ## Generated modules
#
# Made of pieces of which the generator knows whether they are prose.
TEXT = (
    st.text(
        st.characters(
            codec="utf-8", exclude_characters="\"'\\\r\n\f", exclude_categories=["C"]
        ),
        min_size=1,
        max_size=30,
    )
    .map(str.strip)
    # A © makes a licence of the comment that it is in.
    .filter(lambda text: text and text[0] not in "#!:" and "©" not in text)
)


@st.composite
def modules(draw, depth=0):
    """A module as text, with the words of its comments and docstrings."""
    indent = "    " * depth
    lines: list[str] = []
    words: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(
            st.sampled_from(["code", "comment", "string", "blank", "def", "class"])
        )
        text = draw(TEXT)
        if kind == "code":
            lines.append(f"{indent}x = 1  # {text}")
        elif kind == "comment":
            word = f"word{draw(st.integers(0, 10**9))}"
            # Two names side by side are never code.
            lines += [f"{indent}# The {word} {text}", f"{indent}y = 2"]
            words.append(word)
        elif kind == "string":
            lines += [f'{indent}z = """', f"# {text}", f'{text}"""']
        elif kind == "blank":
            lines.append("")
        elif depth < 3:
            word = f"word{draw(st.integers(0, 10**9))}"
            header = "class A:" if kind == "class" else "def f(self, a=1):"
            inner, inner_words = draw(modules(depth + 1))
            lines += [
                f"{indent}{header}",
                f'{indent}    """{word}',
                f"{text} ",
                f'{indent}    """',
            ]
            lines += [*inner, f"{indent}    pass"]
            words += [word, *inner_words]
    return lines, words


@settings(max_examples=300)
@given(modules())
def test_generated_modules(module):
    lines, words = module
    text = "\n".join(lines) + "\n"
    tokens = lex_python(text)
    sections = python_sections(text, read_syntax(text), tokens)
    source = Source("s.py", "s.py", "s.html", "s", "python")
    document = Document(source, text, "", "", tuple(sections), lex_python(text))
    assert_every_line_once(document)
    prose = "\n".join(section.prose for section in sections)
    assert [word for word in words if word not in prose] == []
    # What is left is the same program: only comments and docstrings are gone.
    assert strip(ast.parse(text)) == strip(ast.parse(code_of(document) or "\n"))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.line.lstrip().startswith("z ="):
            assert token.string in code_of(document)


def strip(tree: ast.Module) -> str:
    """A syntax tree without docstrings, as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                del node.body[0]
    return ast.dump(tree)


@settings(max_examples=300)
@given(st.text(alphabet="ab# \n\t\"'\\()[]{}:=@frFR0.;,\f", max_size=60))
def test_any_text_is_split_or_refused(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    file = folder / "s.py"
    file.write_text(text, encoding="utf-8")
    with suppress(SidelitError):
        assert_every_line_once(
            split(Source("s.py", str(file), "s.html", "s", "python"))
        )


def test_a_date_that_is_none_is_a_problem_of_the_front_matter(split_text):
    with pytest.raises(
        SidelitError, match=r"sample.md:2:1: FRM101 front matter is not"
    ):
        split_text("---\ntitle: 2020-13-45\n---\n# x\n", "sample.md", "markdown")


def test_the_column_of_a_wrong_byte_counts_characters(split_text):
    with pytest.raises(
        SidelitError, match=r":1:7: SRC102 byte 0xff is not valid utf-8;"
    ):
        split_text("# ééé ".encode() + b"\xff\n")


def test_a_syntax_error_without_words_has_some(split_text):
    with pytest.raises(SidelitError, match=r"SRC101 not valid Python: \w"):
        split_text("x = " + "-" * 100_000 + "1\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\n# coding: rot13\nx = 1\n", "2:1: SRC102 rot13 does not encode this file;"),
        (b"# coding: undefined\n", "1:1: SRC102 undefined does not encode this file;"),
        (
            b"# coding: unicode_escape\nx = '\\ud800'\n",
            "1:1: SRC102 unicode_escape does not encode this file; save it as UTF-8",
        ),
        (b"# coding: latin-x\n", "1:1: SRC102 unknown encoding: latin-x"),
        (
            b"# coding: idna\nx = '\xc3\xa4'\n",
            "2:6: SRC102 byte 0xc3 is not valid idna;",
        ),
    ],
)
def test_an_encoding_that_is_none(split_text, data, words):
    with pytest.raises(SidelitError, match=words):
        split_text(data)


@pytest.mark.parametrize("value", ['!!bool "x"', '!!float ""', "[" * 3000])
def test_front_matter_that_yaml_stumbles_over(split_text, value):
    with pytest.raises(SidelitError, match="FRM101 front matter is not YAML"):
        split_text(f"---\ntitle: {value}\n---\n", "a.md", "markdown")


def test_type_comments_are_code(split_text):
    document = split_text("def f(a):\n    # type: (int) -> None\n    return a\n")
    assert not any(section.prose for section in document.sections)


def test_a_formula_is_no_part_of_a_summary(split_text):
    assert (
        split_text('"""\n# A\n\nThe cost $\\partial u$ grows. More.\n"""\n').summary
        == ""
    )
    later = split_text('"""\n# A\n\nIt costs more. How much is $x$.\n"""\n')
    assert later.summary == "It costs more."


def test_the_prose_of_a_variable_ends_with_it(split_text):
    document = split_text(
        'A: int = 1\n"the first"\nB = 2\n#: the third\nC = [\n    3,\n]\nD = 4\n'
        "# all others\nE = 5\nF = 6\n"
    )
    lines = document.text.split("\n")
    rows = [
        (one.prose, [lines[number - 1] for span in one.code for number in span])
        for one in document.sections
    ]
    assert [row for row in rows if row != ("", [])] == [
        ("the first", ["A: int = 1"]),
        ("", ["B = 2"]),
        ("the third", ["C = [", "    3,", "]"]),
        ("", ["D = 4"]),
        ("all others", ["E = 5", "F = 6"]),
    ]


def test_a_comment_behind_a_backslash_ends_its_line(split_text):
    """Without the comment, the line would go on with what follows."""
    document = split_text(
        "x = 1 \\\n# why\ny = 2\n# a note \\\n# of two lines\nz = 3\n"
    )
    assert prose_of(document) == ["a note \\\nof two lines"]
    assert code_of(document) == "x = 1 \\\n# why\ny = 2\nz = 3"
