"""Every module of the standard library: nothing lost, no string taken for prose."""

import functools
import gc
import sysconfig
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sidelit.model import Document, SidelitError, Source
from sidelit.read.split import split
from tests.conftest import code_of
from tests.prose_lines import comment_lines, docstring_lines
from tests.sidelit.test_split import assert_every_line_once


@functools.cache
def library() -> list[Path]:
    """Its files; to find them takes too long for each process that runs tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    others = {"site-packages", "__pycache__"}
    return sorted(file for file in folder.rglob("*.py") if not others & set(file.parts))


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


def test_standard_library():
    assert len(library()) > 500
    with ProcessPoolExecutor(initializer=gc.disable) as pool:
        results = list(pool.map(check, library(), chunksize=20))
    wrong = [result for result in results if result not in ("", "refused")]
    assert wrong == []
    # The few that are refused are there to test how Python refuses them.
    assert results.count("refused") < 20
