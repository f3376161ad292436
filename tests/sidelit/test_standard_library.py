"""Every module of the standard library: nothing lost, no string taken for prose."""

import ast
import sysconfig
import tokenize
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sidelit.model import SidelitError, Source
from sidelit.read.lexer import lex_python
from sidelit.read.split import split
from tests.conftest import code_of
from tests.sidelit.test_split import assert_every_line_once

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = sorted(
    file
    for file in LIBRARY.rglob("*.py")
    if not {"site-packages", "__pycache__"} & set(file.parts)
)


def check(file: Path) -> str:
    """What is wrong with the sections of a file, or `refused` for one that is none."""
    source = Source(file.name, str(file), "x.html", "x", "python")
    try:
        document = split(source)
    except SidelitError:
        return "refused"
    try:
        assert_every_line_once(document)
        assert_colours_join(document.text)
        assert_prose_is_prose(document)
    except AssertionError as error:
        return f"{file}: {error}"
    return ""


def assert_colours_join(text: str) -> None:
    """The tokens lie in order and inside the text."""
    behind = 0
    for _, start, end in lex_python(text):
        assert behind <= start <= end <= len(text), f"token {start}-{end}"
        behind = end


def assert_prose_is_prose(document) -> None:
    """
    Python agrees: each line of prose belongs to a docstring or is a comment, and the code
    is the file without these lines, character for character.
    """
    text = document.text
    lines = text.split("\n")
    allowed = set(docstring_lines(text)) | comment_lines(text)
    prose: set[int] = set()
    for section in document.sections:
        if section.prose_line:
            last = section.prose_line + section.prose.count("\n")
            prose |= set(range(section.prose_line, last + 1))
    assert prose <= allowed, f"no prose: lines {sorted(prose - allowed)[:9]}"
    rest = [line for number, line in enumerate(lines, 1) if number not in prose]
    code = code_of(document).split("\n")
    assert code == rest or [*code, ""] == rest or not any(rest), "code differs"


def docstring_lines(text: str) -> list[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    found = []
    for node in ast.walk(tree):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            found += range(node.body[0].lineno, node.body[0].end_lineno + 1)
        for string in attribute_docstrings(node):
            found += range(string.lineno, string.end_lineno + 1)
    return found


def attribute_docstrings(node: ast.AST) -> list[ast.stmt]:
    """
    The strings right behind the assignments of a body, as PEP 257 defines them: at the
    top of a module, of a class, or of `__init__`, where they are about attributes.
    """
    method = getattr(node, "name", "") == "__init__" and not isinstance(
        node, ast.ClassDef
    )
    found: list[ast.stmt] = []
    if not method and not isinstance(node, ast.Module | ast.ClassDef):
        return found
    explains = False
    for one in node.body:
        is_string = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        if is_string and isinstance(one.value.value, str) and explains:
            found.append(one)
            continue
        target = getattr(one, "targets", [getattr(one, "target", None)])[0]
        explains = isinstance(one, ast.Assign | ast.AnnAssign) and (
            not method or isinstance(target, ast.Attribute)
        )
    return found


def comment_lines(text: str) -> set[int]:
    """The lines that hold a comment and nothing else, as Python's tokenizer sees them."""
    lines = iter(line + "\n" for line in text.split("\n"))
    return {
        token.start[0]
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }


def test_standard_library():
    assert len(FILES) > 500
    with ProcessPoolExecutor() as pool:
        results = list(pool.map(check, FILES, chunksize=20))
    wrong = [result for result in results if result not in ("", "refused")]
    assert wrong == []
    # The few that are refused are there to test how Python refuses them.
    assert results.count("refused") < 20
