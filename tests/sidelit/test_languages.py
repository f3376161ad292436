"""Comments of other languages become prose, by what Pygments says is a comment."""

import pytest

from sidelit.read.discover import LANGUAGES
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
    "language", sorted(set(LANGUAGES.values()) - {"python", "markdown"})
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
