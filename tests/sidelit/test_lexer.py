"""The colours of Python and of other languages."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.page.palette import code_colors
from sidelit.read.highlight import coloured_block, coloured_lines
from sidelit.read.lexer import COLOURED, docstring_body, lex_other, lex_python


def pieces(text: str, tokens=None) -> list[tuple[str, str]]:
    tokens = lex_python(text) if tokens is None else tokens
    return [(kind, text[start:end]) for kind, start, end in tokens if start < end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(): pass", [("k", "def"), ("nf", "f"), ("k", "pass")]),
        ("class A(B): pass", [("k", "class"), ("nc", "A"), ("k", "pass")]),
        (
            "async def f(): await g",
            [("k", "async"), ("k", "def"), ("nf", "f"), ("k", "await")],
        ),
        ("x.id + id(y)", [("nb", "id")]),
        ("f(max=1, min = 2)", [("m", "1"), ("nb", "min"), ("m", "2")]),
        ("a == max", [("nb", "max")]),
        ("self.x is None", [("bp", "self"), ("ow", "is"), ("kc", "None")]),
        ("raise ValueError", [("k", "raise"), ("ne", "ValueError")]),
        (
            "0x1f + 1_000.5e-3j + 0b1",
            [("m", "0x1f"), ("m", "1_000.5e-3j"), ("m", "0b1")],
        ),
        ("@a.b\nclass A: ...", [("nd", "@a.b"), ("k", "class"), ("nc", "A")]),
        ("x @b", []),
        ("(x\n @ b)", []),
        ("rb'a' + Rb\"b\"", [("s", "rb'a'"), ("s", 'Rb"b"')]),
        ("'a\\'b' # c", [("s", "'a\\'b'"), ("c", "# c")]),
        ("'''a'b''c'''", [("s", "'''a'b''c'''")]),
        ('x = """a\n# b\n"""', [("s", '"""a\n# b\n"""')]),
        ("definitely = classes", []),
    ],
)
def test_python(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("match x:\n    case 1:\n        pass", ["match", "case", "pass"]),
        ("match (x, y):  # why\n    case _: pass", ["match", "case", "pass"]),
        ("match = 1\ncase = match.group(1)", []),
        ("match(x)\nprint(match)", []),
        ("type X = int", ["type"]),
        ("type(x)", []),
        ("lazy import json\nlazy from os import path", ["lazy", "lazy"]),
        ("lazy = lazy.load(lazy)\nlazy(importer)", []),
    ],
)
def test_soft_keywords(text, keywords):
    assert [word for kind, word in pieces(text) if kind == "k"] == keywords


@pytest.mark.parametrize(
    ("text", "strings", "rest"),
    [
        ('f"a{x}b"', ['f"a', 'b"'], "{x}"),
        ('f"{x!r:>{w}}"', ['f"', '"'], "{x!r:>{w}}"),
        ('f"{{x}}"', ['f"{{x}}"'], ""),
        ('f"{d["k"]}"', ['f"', '"k"', '"'], "{d[]}"),
        ("rf'\\d{n:02d}'", ["rf'\\d", "'"], "{n:02d}"),
        ('f"""{\nx  # }\n}"""', ['f"""', '"""'], "{\nx  # }\n}"),
        ('f"{lambda x: 1}"', ['f"', '"'], "{lambda x: 1}"),
        ('f"{(lambda x: {1: 2})}"', ['f"', '"'], "{(lambda x: {1: 2})}"),
        ('f"\\N{DASH}{x}"', ['f"\\N{DASH}', '"'], "{x}"),
        ('f"{x:%H:%M}" + "b"', ['f"', '"', '"b"'], "{x:%H:%M} + "),
        ("f'{f\"{f'{1}'}\"}'", ["f'", 'f"', "f'", "'", '"', "'"], "{{{1}}}"),
    ],
)
def test_format_strings(text, strings, rest):
    found = [word for kind, word in pieces(text) if kind == "s"]
    assert found == strings
    left = text
    for word in strings:
        left = left.replace(word, "", 1)
    assert left == rest


@given(st.text(alphabet="abf'\"{}:!\\#\n ()=1.@rN", max_size=40))
def test_any_text_has_tokens_in_order(text):
    behind = 0
    for _, start, end in lex_python(text):
        assert behind <= start <= end <= len(text)
        behind = end


# What defines needs a name behind it; every other keyword may stand alone.
WORDS = [word for word in keyword.kwlist if word not in ("def", "class")]


def test_agrees_with_pygments_on_keywords_strings_and_comments():
    pygments = pytest.importorskip("pygments.lexers").PythonLexer()
    text = "".join(f"{word} 'a{i}' # b{i}\n" for i, word in enumerate(WORDS))
    theirs = {
        (start, value)
        for start, kind, value in pygments.get_tokens_unprocessed(text)
        if str(kind).startswith(
            ("Token.Keyword", "Token.Operator.Word", "Token.Comment")
        )
    }
    ours = {
        (start, text[start:end])
        for kind, start, end in lex_python(text)
        if kind in ("k", "kc", "kn", "ow", "c")
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("literal", "body"),
    [
        ('"""a"""', "a"),
        ("r'''\\nu'''", "\\nu"),
        ("'a'", "a"),
        ('""', ""),
        ('"a" "b"', None),
        ('b"a"', None),
        ('f"a"', None),
    ],
)
def test_docstring_body(literal, body):
    span = docstring_body(literal)
    assert (literal[slice(*span)] if span else None) == body


# ## HTML
def test_every_line_stands_on_its_own():
    text = 'x = """a < b\n&\n"""\ny'
    lines = coloured_lines(text, lex_python(text))
    assert lines == [
        'x = <t-s>"""a &lt; b</t-s>',
        "<t-s>&amp;</t-s>",
        '<t-s>"""</t-s>',
        "y",
    ]


def test_a_file_is_read_as_a_whole():
    """A docstring in the middle must not change the colours behind it."""
    text = 'def f():\n    """it\'s"""\n    return 1\n'
    assert coloured_lines(text, lex_python(text))[2] == (
        "    <t-k>return</t-k> <t-m>1</t-m>"
    )


def test_sessions_with_the_interpreter():
    html = coloured_block(">>> 1 + 1\n2\n>>> for x in y:\n...     pass\n", "pycon")
    assert html.split("\n")[:2] == [
        "<t-gp>&gt;&gt;&gt; </t-gp><t-m>1</t-m> + <t-m>1</t-m>",
        "<t-go>2</t-go>",
    ]
    assert "<t-gp>... </t-gp>    <t-k>pass</t-k>" in html


def test_unknown_languages_stay_plain():
    assert coloured_block("a < b", "no-such-language") == "a &lt; b"
    assert coloured_block("let a", "mjs") == coloured_block("let a", "javascript")
    assert coloured_block("let a", "mjs") != "let a"
    assert coloured_block("a < b", "") == "a &lt; b"


def test_what_has_no_colour_has_no_markup():
    assert code_colors().keys() == COLOURED
    assert coloured_block("let a = b.c", "javascript") == "<t-kd>let</t-kd> a = b.c"
    text = "a: 1\nb: [x, true]\nc: 2020-01-01\n"
    assert "l" not in lex_other(text, "yaml").kinds
    assert coloured_block(text, "yaml").startswith("<t-nt>a</t-nt>: 1\n")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("javascript", "const a = 1; // b", ("c1", "// b")),
        ("rust", "/// doc\nfn f() {}", ("c1", "/// doc")),
        ("yaml", "a: 1 # b", ("c1", "# b")),
        ("bash", "#!/bin/sh\necho a # b", ("c1", "# b")),
        ("c", "/* a */ int x;", ("cm", "/* a */")),
    ],
)
def test_other_languages(language, text, expected):
    assert expected in pieces(text, lex_other(text, language))


@pytest.mark.parametrize("language", ["bash", "i6t", "rst"])
def test_an_empty_text_has_no_tokens(language):
    assert [*lex_other("", language)] == []
