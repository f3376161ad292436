"""
Every module of the standard library: nothing lost, no string taken for prose; and of
every sixth one, scopes and docstrings as Python has them, and clean code.
"""

import ast
import functools
import gc
import sysconfig
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from sidelit.forms.blocks import as_written
from sidelit.forms.clean import clean_lines
from sidelit.model import Document, SidelitError, Source
from sidelit.read.parse import syntax_tree
from sidelit.read.split import split
from tests.conftest import code_of
from tests.prose_lines import comment_lines, docstring_lines, python_tree
from tests.sidelit.test_clean import lawful, same
from tests.sidelit.test_split import assert_every_line_once
from tests.sidelit.test_syntax import wrong_docstrings, wrong_scopes


@functools.cache
def library() -> list[Path]:
    """Its files; to find them takes too long for each process that runs tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    others = {"site-packages", "__pycache__"}
    return sorted(file for file in folder.rglob("*.py") if not others & set(file.parts))


def check(number: int) -> str:
    """What is wrong with what a file becomes, or `refused` for one that is none."""
    file = library()[number]
    source = Source(file.name, str(file), "x.html", "x", "python")
    try:
        document, tree = split_and_parsed(source)
    except SidelitError:
        return "refused"
    try:
        assert_every_line_once(document)
        assert_colours_join(document)
        assert_prose_is_prose(document, tree)
        if number % 36 < 6:
            assert_scopes_and_docstrings(document, tree)
        if number % 6 == 0:
            assert_code_stays(document, tree)
    except (AssertionError, SyntaxError) as error:
        return f"{file}: {error}"
    return ""


def split_and_parsed(source: Source) -> tuple[Document, ast.Module]:
    """A document and Python's tree of its text: to parse all of them twice takes long."""
    trees: dict[str, ast.Module] = {}

    def kept(text: str) -> ast.Module:
        return trees.setdefault(text, syntax_tree(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sidelit.read.syntax.syntax_tree", kept)
        document = split(source)
    return document, trees[document.text]


def assert_colours_join(document: Document) -> None:
    """The tokens lie in order and inside the text."""
    behind = 0
    for _, start, end in document.tokens:
        assert behind <= start <= end <= len(document.text), f"token {start}-{end}"
        behind = end


def assert_prose_is_prose(document: Document, tree: ast.Module) -> None:
    """
    Python agrees: each line of prose belongs to a docstring or is a comment, and the code
    is the file without these lines, character for character.
    """
    text = document.text
    lines = text.split("\n")
    docstrings = set(docstring_lines(tree))
    allowed = docstrings | comment_lines(text, tree, docstrings)
    prose: set[int] = set()
    for section in document.sections:
        if section.prose_line:
            last = section.prose_line + section.prose.count("\n")
            prose |= set(range(section.prose_line, last + 1))
    assert prose <= allowed, f"no prose: lines {sorted(prose - allowed)[:9]}"
    rest = [line for number, line in enumerate(lines, 1) if number not in prose]
    code = code_of(document).split("\n")
    assert code == rest or [*code, ""] == rest or not any(rest), "code differs"


def assert_scopes_and_docstrings(document: Document, tree: ast.Module) -> None:
    """Python's symbol tables agree about what each scope binds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrong = [
            *wrong_docstrings(document.text, tree, document.syntax),
            *wrong_scopes(document.text, tree, document.syntax),
        ]
    assert wrong == []


def assert_code_stays(document: Document, tree: ast.Module) -> None:
    """Clean code has the same syntax tree. This one is no use to anybody afterwards."""
    written = as_written(document)
    if written.text != document.text:
        tree = python_tree(written.text)
    clean = "".join(f"{line}\n" for line in clean_lines(written) if line is not None)
    assert same(python_tree(clean), lawful(tree, written.text)), (
        "clean code has another tree"
    )


@pytest.mark.parametrize(
    "text",
    [
        "@d('''\n# no\n''')\n# c\ndef f():\n    pass\n",
        "# c\ndef f(a='''\n# no\n'''): pass\n",
        "for x in (  # a\n    # c\n    '''\n# no\n'''):\n    # c\n    pass\n",
        "match x:\n    # c\n    case '''\n# no\n''':\n        pass\n",
        "try:\n    pass\n# c\nexcept E('''\n# no\n'''):\n    pass\n",
        "x = 'a\\\n# no'\n# c\n",
        "x = 1 \\\n# c\n",
    ],
)
def test_what_it_is_held_to_knows_comments_from_strings(text):
    lines = text.split("\n")
    expected = {n for n, line in enumerate(lines, 1) if line.strip() == "# c"}
    assert comment_lines(text, python_tree(text), set()) == expected


def test_standard_library():
    assert len(library()) > 500
    with ProcessPoolExecutor(initializer=gc.disable) as pool:
        results = list(pool.map(check, range(len(library())), chunksize=20))
    wrong = [result for result in results if result not in ("", "refused")]
    assert wrong == []
    # The few that are refused are there to test how Python refuses them.
    assert results.count("refused") < 20
