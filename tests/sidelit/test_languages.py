"""Comments of other languages become prose, strings stay code, and no line gets lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidelit.files import LANGUAGES
from sidelit.model import Source
from sidelit.read.lexer import lex_other
from sidelit.read.split import split_data
from tests.conftest import code_of
from tests.sidelit.test_split import assert_every_line_once, prose_of

SAMPLES = {
    "javascript": (
        '// # Head\n//\n// why\nlet a = "// no";\n\n/**\n * block *text*\n */\nfunction f() {}\n',
        ["# Head\n\nwhy", "block *text*"],
        'let a = "// no";\n\nfunction f() {}',
    ),
    "typescript": ("/* a */\nlet x: number = 1; // stays\n", ["a"], "let x: number = 1; // stays"),
    "tsx": ("// a\nlet x = <b>{1}</b>;\n", ["a"], "let x = <b>{1}</b>;"),
    "c": (
        '/* a\n   b */\n#include <x.h>\nint x; /* stays */\n// c\nint y;\n',
        ["a\nb", "c"],
        "#include <x.h>\nint x; /* stays */\nint y;",
    ),
    "cpp": ("//! a\nint x;\n/// b\nint y;\n", ["a", "b"], "int x;\nint y;"),
    "rust": ("//! a\n\n/// b\nfn f() {} // stays\n", ["a", "b"], "\nfn f() {} // stays"),
    "go": ("// a\npackage x\n\n//go:build linux\nvar y = `// no`\n", ["a"],
           "package x\n\n//go:build linux\nvar y = `// no`"),
    "java": ("/** a */\nclass A { String s = \"/* no */\"; }\n", ["a"],
             'class A { String s = "/* no */"; }'),
    "bash": ("#!/bin/sh\n# a\necho '# no' # stays\n", ["a"], "#!/bin/sh\necho '# no' # stays"),
    "yaml": ("# a\nb: '# no'\nc: |\n  # text\n", ["a"], "b: '# no'\nc: |\n  # text"),
    "ruby": ("# a\nx = '# no'\n=begin\nb\n=end\ny = 1\n", ["a", "b"], "x = '# no'\ny = 1"),
    "toml": ("# a\nb = '# no'\n", ["a"], "b = '# no'"),
    "css": ("/* a */\nb { color: red }\n", ["a"], "b { color: red }"),
    "sql": ("-- a\nselect '-- no';\n", ["a"], "select '-- no';"),
    "lua": ("-- a\nx = '-- no'\n--[[ b ]]\ny = 1\n", ["a", "b"], "x = '-- no'\ny = 1"),
    "julia": ("# a\nx = 1\n", ["a"], "x = 1"),
    "kotlin": ("// a\nval x = 1\n", ["a"], "val x = 1"),
    "swift": ("// a\nlet x = 1\n", ["a"], "let x = 1"),
    "csharp": ("// a\nint x;\n", ["a"], "int x;"),
}  # fmt: skip


@pytest.mark.parametrize(
    "language", sorted(set(LANGUAGES.values()) - {"python", "markdown", "notebook"})
)
def test_language(language, split_text):
    text, prose, code = SAMPLES[language]
    document = split_text(text, "sample", language)
    assert prose_of(document) == prose
    assert code_of(document) == code
    assert_every_line_once(document)


def test_a_lone_sign_ends_a_note(split_text):
    document = split_text("// a\nx;\n//\ny;\n", "s.js", "javascript")
    assert [section.prose for section in document.sections] == ["a", ""]


def test_markdown_is_one_section(split_text):
    document = split_text("# Title\n\nText.\n", "a.md", "markdown")
    assert [s.prose for s in document.sections] == ["# Title\n\nText.\n"]
    assert (document.title, document.summary) == ("Title", "Text.")


# ## What only looks like a comment
#
# Pieces of code without a line of prose, though they have the signs of a comment, quotes
# that close nothing, or strings that hold code. Behind each stands a word that must not
# become prose, and each ends where the next piece can begin.
CURLY = ['s = "// no /* no";\n', "c = '\"';\n", 's = "\\"// no";\n']
SCRIPT = [
    "r = /['\"`]/;\n",
    "f(/[/]'/, x => /`/g);\n",
    "if (a) /'/.test(b);\n",
    "x = a / 2; y = b[0] / c; z = (d) / e; // ' no\n",
    "t = `\n// no\n${ g(`'${h}`, /`/) } /* no\n`;\n",
    "if (a) { b() }\n/'/.exec(s);\n",
    "i++ / 2; // ` no\n",
    "x = 1. / 2; // ` no\n",
    "x = function () {} / 2; /* ` no */\n",
]
ELEMENTS = [
    "e = <p title='//'>it's // no {f(\"'\")}</p>;\n",
    "e = (\n  <>\n    // no\n    <A.B c={d => <i/>} />\n  </>\n);\n",
    "b = a < c && d > (e);\n",
    "e = <A<B<C>> d=<i>'</i>>`</A>;\n",
]
CODE = {
    "javascript": [*CURLY, *SCRIPT, *ELEMENTS],
    "typescript": [*CURLY, *SCRIPT, "x = a! / b; // ' no\n", "y = <T>z; // ` no\n"],
    "tsx": [
        *CURLY,
        *SCRIPT,
        *ELEMENTS,
        "f = <T extends U>(x: T) => `//`;\n",
        "g = <T,>(x: T) => x; h = <T>(x: T) => x; // ' no\n",
    ],
    "c": [
        *CURLY,
        "#error don't\n",
        "n = 1'000;\n",
        's = "a\\\n// no";\n',
        "#if 0\nit's\n#endif\n",
    ],
    "cpp": [*CURLY, 's = R"x(\n// no )"\n)x";\n', "n = 0x1'f; c = '\\'';\n"],
    "css": [
        'a { b: "/* no" }\n',
        "a { b: url(//no/*.png) }\n",
        "a { b: URL(//no/*.png) }\n",
        "a::after { content: '\\'/*' }\n",
    ],
    "go": [*CURLY, "s = `\n// no\n`\n", "r = '\\''\n"],
    "java": [*CURLY, 's = """\n  // no "\n  """;\n'],
    "kotlin": [
        *CURLY,
        's = """\n// no ${f("}")}"""\n',
        's = "a ${if (b) "// no" else "\\""}"\n',
        "fun `it's`() {}\n",
        's = $$"""a ${\n// no\n$${f("}")} """\n',
    ],
    "swift": [
        *CURLY,
        's = """\n// no \\(f(")"))\n"""\n',
        's = #"" // no \\"#\n',
        's = "\\(a["b"]!) // no"\n',
        'r = /"/\n',
        'f(1, /); g = [*, /] // no """\n',
    ],
    "csharp": [
        *CURLY,
        's = @"\n// no "" \\";\n',
        's = $"{a["b"]} // no {{";\n',
        "#region it's\n",
        's = """"\n// no """\n"""";\n',
    ],
    "rust": [
        *CURLY,
        's = r#"\n// no "\n"#;\n',
        "fn f<'a>(x: &'a T) {}\n",
        's = "\n// no";\n',
        "c = b'\\'';\n",
    ],
    "lua": [
        "s = [[\n-- no\n]]\n",
        "s = [=[\n-- no ]]\n]=]\n",
        "s = '--' .. \"--[[\"\n",
        "a[b[1]] = 2 -- no\n",
        "s = 'a\\z\n  -- no'\n",
    ],
    "julia": [
        's = """\n# no $(f("#"))\n"""\n',
        "t = A' # no '\n",
        "c = '\"'\n",
        'r = r"#=\\"" # no\n',
        # These are no docstrings.
        '"""\nno\n"""\n\nf(x) = x\n',
        '"no"\nf(x) == x\n',
        'y = 1 +\n"""\nno\n"""\nf(x) = x\n',
        'y = 1 + # no\n"""\nno\n"""\nf(x) = x\n',
        'g("""\nno\n""")\nf(x) = x\n',
        'y = [\n"no"\nf(x) = x\n]\n',
        '"""\nno $(1)\n"""\nfunction f end\n',
        'raw"""\nno\n"""\nfunction f end\n',
    ],
    "sql": [
        "select '-- no''';\n",
        "select '\n-- no\n';\n",
        'select "--", $$ -- no $$;\n',
        "select x like '\\';\n",
        "select e'\\'\n-- no\n';\n",
        "select 'C:\\', '\n-- no\n';\n",
        "select $a$\n-- no $$\n$a$\n",
    ],
    "toml": ['a = """\n# no \\"""\n"""\n', "b = '''\n# no\n'''\n", "c = '\\' # no\n"],
    "yaml": [
        "a: |\n  # no\n\n  # no\n",
        "b: it's # no\n",
        "- c: >-\n    # no\n",
        'd: "\n  # no"\n',
        "e: [f#, 'g # no', {h: i}]\n",
        "j: |2\n   # no\n",
    ],
    "ruby": [
        "f(<<~A, <<-'B C')\n  # no\n  A\n# no\n  B C\n",
        "x = a / 2 # no /\n",
        "y = b.split /[#']/\n",
        "s = %w(# no (#) ')\n",
        's = "#{c["\\"#{d}"]} # no"\n',
        "q = ?'\n",
        "t = e % 3 # no %\n",
        "l << g # no\n",
        "p $', $\"\n",
        "m = { 'n': :\"#\", o: %r{#/}x }\n",
        "alias % mod # no (\n",
        "def `(c); end # no\n",
    ],
    "bash": [
        "cat <<'A B' <<-C\n# no\nA B\n\t# no\n\tC\n",
        "cat <<\\E.1 | tee '#'\n# no\nE.1\n",
        "n=$((1 << 2)) # no '\n",
        's="\n# no $(f "\n# no")"\n',
        't=${#u} v=${w#"\'"} # no\n',
        "x=$(case $y in\na) echo ')' ;;\nesac)\n",
        "echo it\\'s a\\ #no $# # '\n",
        "((i <<= 1))\n",
        "z=`echo '#'`\n",
        'if [ "${a:-it\'s}" ]; then :; fi\n',
        "cat <<< '# no'\n",
        "echo $(f)#'\n# no\n'\n",
        'echo `f`#"\n# no\n"\n',
    ],
}
SLASHES = ("// {0}\n", "/* {0}\n   {0} */\n")
HASHES = ("# {0}\n",)
COMMENTS = {
    **dict.fromkeys(CODE, SLASHES),
    **dict.fromkeys(("bash", "yaml", "toml"), HASHES),
    "css": SLASHES[1:],
    "sql": ("-- {0}\n", "/* {0}\n{0} */\n"),
    "lua": ("-- {0}\n", "--[[ {0}\n]]\n", "--[==[ {0}\n]] {0}\n--]==]\n"),
    "julia": ("# {0}\n", "#= {0}\n#= =# {0}\n=#\n"),
    "ruby": ("# {0}\n", "=begin\n{0}\n=end\n"),
    "rust": (*SLASHES, "/* {0} /* */\n{0} */\n"),
}


@pytest.mark.parametrize(
    "definition",
    [
        "function f(x) end",
        "f(x::T)::Int where {T} = x",
        "Base.f!(x) = x",
        "struct S end",
        "Base.@kwdef mutable struct S end",
        "@inline function f(x) end",
        "abstract type A end",
        "macro m() end",
        "module M end",
        "const C = 1",
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_a_docstring_of_julia_is_prose(definition, indent):
    lines = ['"""', "    f(x)", "", "Of $x$, see [`g`](@ref M.g).", '"""', definition]
    text = "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
    text = f"y = 1\n\n{text.replace('$', chr(92) + '$')}"
    document = document_of(text, "julia")
    assert document.sections[-1].prose == "\n    f(x)\n\nOf $x$, see `g`.\n"
    lines = text.split("\n")
    assert [lines[n - 1] for s in document.sections[-1].code for n in s] == [
        f"{indent}{definition}"
    ]


def test_a_docstring_of_julia_may_be_one_line():
    document = document_of('x = 1\n"Text."\nf(x) = x\n', "julia")
    assert [one.prose for one in document.sections if one.prose] == ["Text."]


@pytest.mark.parametrize("comment", ["# Ends.", "#= Ends,\nhere: =#", "# A.\n# B +  "])
def test_a_comment_above_a_docstring_of_julia_is_prose_of_its_own(comment):
    document = document_of(f'x = 1\n{comment}\n"""\nText.\n"""\nf(x) = x\n', "julia")
    above, docstring = [one for one in document.sections if one.prose]
    assert above.prose.split("\n")[0] in ("Ends.", "Ends,", "A.")
    assert docstring.prose == "\nText.\n"


def document_of(text, language):
    return split_data(Source("s", "s", "s.html", "", language), text.encode())


def test_every_language_is_tried():
    assert set(CODE) | {"python", "markdown", "notebook"} == set(LANGUAGES.values())


@pytest.mark.parametrize(
    ("language", "code"),
    [(language, code) for language, pieces in CODE.items() for code in pieces],
)
def test_code_is_no_prose_and_hides_no_comment(language, code):
    comment = COMMENTS[language][0].format("words")
    document = document_of(f"{code}{comment}x\n", language)
    assert [prose.split() for prose in prose_of(document)] in (
        [["words"]],
        [["words", "words"]],
    )
    assert code_of(document) == f"{code}x"
    assert_every_line_once(document)


@pytest.mark.parametrize("language", CODE)
def test_code_and_comments_in_any_order(language):
    comments = COMMENTS[language]

    @settings(max_examples=60)
    @given(st.lists(st.sampled_from([*CODE[language], *comments]), max_size=8))
    def check(parts):
        text, code, words = "", "", []
        for number, part in enumerate(parts):
            if part in comments:
                words.append(f"word{number}")
                text += part.format(words[-1])
            else:
                text += part
                code += part
        document = document_of(text, language)
        prose = " ".join(section.prose for section in document.sections)
        assert list(dict.fromkeys(re.findall(r"word\d+|no\b", prose))) == words
        assert code_of(document) == code.removesuffix("\n")
        assert_every_line_once(document)

    check()


@pytest.mark.parametrize("language", CODE)
def test_any_text_in_any_language(language):
    signs = "".join(sorted({*"".join([*CODE[language], *COMMENTS[language]])}))

    @settings(max_examples=60)
    @given(st.text(alphabet=f"{signs}ä", max_size=60))
    def check(text):
        document = document_of(text, language)
        behind = 0
        for _, start, end in document.tokens:
            assert behind <= start <= end <= len(text)
            behind = end
        assert_every_line_once(document)

    check()


def test_code_behind_a_regular_expression_keeps_its_colours():
    text = "a = [/['\"`]/];\nreturn 1;\n"
    tokens = [(kind, text[start:end]) for kind, start, end in lex_other(text, "js")]
    assert ("s", "/['\"`]/") in tokens
    assert ("k", "return") in tokens


def test_code_that_a_preprocessor_leaves_out_is_no_prose():
    document = document_of("#if 0\nint a;\n#endif\n// why\nint b;\n", "c")
    assert prose_of(document) == ["why"]


def test_a_comment_ends_a_command_that_goes_on_behind_a_backslash():
    document = document_of("run a\\\n#b \\\n# why\n  c\n", "bash")
    assert prose_of(document) == ["why"]


def test_comments_in_the_body_of_a_function_are_prose():
    text = "create function f() as $$\nbegin\n  -- why\n  a := '--';\nend $$;\n"
    assert prose_of(document_of(text, "sql")) == ["why"]
