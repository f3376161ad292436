"""Every module of the standard library: nothing lost, no string taken for prose."""

import ast
import gc
import re
import sysconfig
import tokenize
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sidelit.model import Document, SidelitError, Source
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
        assert_colours_join(document)
        assert_prose_is_prose(document)
    except AssertionError as error:
        return f"{file}: {error}"
    return ""


def assert_colours_join(document: Document) -> None:
    """The tokens lie in order and inside the text."""
    behind = 0
    for _, start, end in document.tokens:
        assert behind <= start <= end <= len(document.text), f"token {start}-{end}"
        behind = end


def assert_prose_is_prose(document: Document) -> None:
    """
    Python agrees: each line of prose belongs to a docstring or is a comment, and the code
    is the file without these lines, character for character.
    """
    text = document.text
    lines = text.split("\n")
    docstrings = set(docstring_lines(text))
    allowed = docstrings | comment_lines(text, docstrings)
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
        waiting: list[ast.AST] = [ast.parse(text)]
    found = []
    # Of statements only: a tree has ten times as many expressions.
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            waiting += getattr(node, name, ())
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


# Without these, nothing but a bracket goes on behind the end of a line.
SPANS_LINES = re.compile(r"\"{3}|'{3}|\\$", re.MULTILINE)


def comment_lines(text: str, docstrings: set[int]) -> set[int]:
    """The lines that hold a comment and nothing else, as Python's tokenizer sees them."""
    rest = {
        number: line
        for number, line in enumerate(text.split("\n"), 1)
        if number not in docstrings
    }
    # The tokenizer is slow, and needed only where a line can begin within a string.
    if not SPANS_LINES.search("\n".join(rest.values())):
        return {
            number for number, line in rest.items() if line.lstrip().startswith("#")
        }
    lines = iter(line + "\n" for line in text.split("\n"))
    return {
        token.start[0]
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }


def test_standard_library():
    assert len(FILES) > 500
    with ProcessPoolExecutor(initializer=gc.disable) as pool:
        results = list(pool.map(check, FILES, chunksize=20))
    wrong = [result for result in results if result not in ("", "refused")]
    assert wrong == []
    # The few that are refused are there to test how Python refuses them.
    assert results.count("refused") < 20
