"""A file that is too large for a page in rows is shown as code alone."""

import re
from html import unescape

import pytest

from sidelit.check.check import check
from sidelit.config import load
from sidelit.model import Source
from sidelit.read.split import split_data

LINE = 'KEY = "a <value> of some length, of which there are very many"\n'
TEXT = f'"""Words."""\n{LINE * (2**20 // len(LINE) + 1)}'


@pytest.fixture(scope="module")
def lines():
    return TEXT.rstrip("\n").split("\n")


def test_all_of_it_is_on_its_page(build_files, lines):
    files = {"big.py": TEXT, "a.py": "from big import KEY\n\nprint(KEY)\n"}
    built = build_files(files)
    (problem,) = built.problems
    assert str(problem).endswith(
        "big.py:1:1: SRC106 has 1.0 MB and is shown as code alone; split it, or "
        "name it in `exclude`"
    )
    assert not problem.is_error
    page = built.files["big.html"].decode()
    assert "This file has 1.0 MB." in page
    code = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    assert len(code) == -(-len(lines) // 500)
    shown = unescape(re.sub(r"<[^>]*>", "", "".join(code)))
    assert shown == "\n".join(lines) + "\n"
    assert len(page) < 2 * len(TEXT)
    # It has no forms that would take as long to make.
    assert not {"big.ipynb", "big.clean.py", "big.blocks.js"} & set(built.files)


def test_markdown_and_smaller_files_are_pages_as_ever(build_files):
    built = build_files(
        {"a.md": "# A\n\n" + "Words of it.\n\n" * 90_000, "b.py": TEXT[:90_000]}
    )
    assert [one.rule for one in built.problems] == ["SRC101"]
    assert "as code alone" not in built.files["a.html"].decode()


def test_every_line_lands_in_one_section(lines):
    source = Source("big.js", "big.js", "big.js.html", "", "javascript")
    for data in (TEXT, TEXT.rstrip("\n"), "x" * 2**21):
        document = split_data(source, data.encode())
        covered = [line for section in document.sections for line in section.lines]
        assert covered == [*range(1, len(data.rstrip("\n").split("\n")) + 1)]


def test_a_warning_of_check_says_so(project):
    folder = project({"src/big.py": TEXT})
    config, _ = load({"sources": [str(folder / "src")]})
    assert [one.rule for one in check(config)] == ["SRC106"]
