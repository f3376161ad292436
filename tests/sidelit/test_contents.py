"""The contents of a page: definitions by name and as what they are, and what is private."""

import os
import re
import subprocess
import sys
import zlib

import pytest

from sidelit.config import load
from sidelit.model import SidelitError
from tests.conftest import ROOT
from tests.sites import blocks_of

TEXT = '''"""Words."""

from dataclasses import dataclass
from functools import cached_property
from typing import overload


def plain(x):
    """
    Do it.

    ## Examples

    One, two.
    """


@dataclass(frozen=True)
class Box:
    """
    ## A box of numbers

    Words.
    """

    size: int
    name: str = ""
    kind = "box"

    @property
    def half(self):
        return self.size / 2

    @half.setter
    def half(self, value):
        """Set it."""

    @cached_property
    def twice(self):
        """Twice."""


@overload
def get(x: int) -> int: ...
@overload
def get(x: str) -> str: ...
def get(x):
    """Get it."""


class Twin:
    """
    # Twin

    Its heading says its name again.
    """


def _helper():
    """Help."""


class _Inner:
    """Inside."""

    def method(self):
        """Do it."""

        # A note in it.
        return 1


def last():
    """The last one."""
'''


def contents(page: bytes) -> list[tuple[str, str]]:
    (html,) = re.findall(r'<nav class="contents".*?</nav>', page.decode(), re.DOTALL)
    entries = re.findall(r'<a href="([^"]+)">(.*?)</a></li>', html)
    return [(href, re.sub(r"<[^>]*>", "", text)) for href, text in entries]


def test_definitions_stand_under_their_names(build_files):
    assert contents(build_files({"a.py": TEXT}).files["a.html"]) == [
        ("#plain", "plain"),
        ("#examples", "Examples"),
        ("#Box", "A box of numbers Box dataclass, 2 fields"),
        ("#Box.size", "size field"),
        ("#Box.name", "name field"),
        ("#Box.half", "half property"),
        ("#Box.twice", "twice property"),
        ("#get", "get 2 overloads"),
        ("#Twin", "Twin"),
        ("#last", "last"),
    ]


def test_what_is_a_field_and_what_is_none(build_files):
    text = """
import dataclasses
import typing as t
from dataclasses import KW_ONLY, InitVar


@dataclasses.dataclass(
    frozen=True,
)
class Box:
    \"\"\"Words.\"\"\"

    size: int; depth: int = 2
    total: t.ClassVar[int] = 0
    plain: t.ClassVar = 0
    seed: InitVar[int]
    _: KW_ONLY
    _hidden: str = "# @dataclass"
    # What comes last.
    last: "dict[str, int]" = dataclasses.field(
        default_factory=dict
    )

    @property  # as all know
    def one(self): ...

    @(lambda f: f)
    def two(self):
        \"\"\"Two.\"\"\"


class Plain:
    \"\"\"Words.\"\"\"

    x: int


@dataclasses.dataclass
class _Private:
    \"\"\"Words.\"\"\"

    x: int
"""
    page = build_files({"a.py": text}).files["a.html"]
    assert contents(page) == [
        ("#Box", "Box dataclass, 4 fields"),
        ("#Box.size", "size field"),
        ("#Box.depth", "depth field"),
        ("#Box.last", "last field"),
        ("#Box.one", "one property"),
        ("#Box.two", "two"),
        ("#Plain", "Plain"),
    ]
    assert all(f'id="{href[1:]}"'.encode() in page for href, _ in contents(page))


def test_search_is_told_the_names_of_definitions(build_files):
    built = build_files({"a.py": TEXT})
    text = dict(built.texts)["a.html"]
    titles = dict(re.findall(r'id="([^"]+)" data-pagefind-title="([^"]*)"', text))
    assert titles["plain"] == "plain"
    assert titles["Box"] == "Box · A box of numbers"
    assert titles["Box.half"] == "Box.half"
    # What stands below a heading in a docstring is found under the definition.
    assert not re.search(r"<h\d[^>]* id=", text.partition('id="plain"')[2])


def folds(page: bytes) -> dict[str, list[str]]:
    found = re.findall(
        r'<details class="private"><summary><code>(.*?)</code>(.*?)\n</details>\n',
        page.decode(),
        re.DOTALL,
    )
    rows = {name: re.findall(r'class="row" id="([^"]+)"', html) for name, html in found}
    assert page.count(b'<details class="private"') == len(found)
    return rows


def test_private_definitions_are_folded_if_a_project_wants_it(build_files):
    page = build_files({"a.py": TEXT}).files["a.html"]
    assert folds(page) == {}
    folded = build_files({"a.py": TEXT}, private="fold").files["a.html"]
    assert folds(folded) == {
        "_helper": ["_helper"],
        "_Inner": ["_Inner", "_Inner.method", "_Inner.method-a-note-in-it"],
    }
    # Nothing is lost.
    rows = re.compile(rb'class="row" id="([^"]+)"')
    assert rows.findall(folded) == rows.findall(page)


USER = """# B

See `_helper`, `a._Inner` and [last](a.last).
"""


def test_private_definitions_are_hidden_if_a_project_wants_it(build_files):
    # Public code uses private code, and the other way round.
    text = (
        f"{TEXT}    return _helper() or _Inner.method\n\n\ndef _user():\n    last()\n"
    )
    files = {"a.py": text, "b.md": USER, "c.py": "from a import _helper, last\n"}
    shown = build_files(files, base_url="https://a.example/")
    hidden = build_files(files, base_url="https://a.example/", private="hide")
    page = hidden.files["a.html"].decode()
    rows = re.compile(r'class="row" id="([^"]+)"')
    gone = {"_helper", "_Inner", "_Inner.method", "_Inner.method-a-note-in-it", "_user"}
    before = rows.findall(shown.files["a.html"].decode())
    assert gone < set(before)
    assert rows.findall(page) == [one for one in before if one not in gone]
    assert not [href for href, _ in contents(page.encode()) if href[1:] in gone]
    told, listed = (
        [dict(one.texts)["a.html"], names_of(one.files["objects.inv"])]
        for one in (shown, hidden)
    )
    for name in ("_helper", "_Inner"):
        assert f'id="{name}"' in told[0]
        assert f'id="{name}"' not in listed[0]
        assert f"a.{name}" in told[1]
        assert f"a.{name}" not in listed[1]
    assert "a.last" in listed[1]
    # Nothing leads to what is not there, from code, from prose or from a list of users.
    ids = set(re.findall(r' id="([^"]+)"', page))
    for url in ("a.html", "b.html", "c.html"):
        html = hidden.files[url].decode()
        start = "#" if url == "a.html" else "a.html#"
        links = re.findall(rf'href="{re.escape(start)}([^"]+)"', html)
        assert set(links) <= ids, url
    assert 'href="a.html#last"' in hidden.files["c.html"].decode()
    # What is taken along is whole.
    for url in ("a.clean.py", "a.ipynb", "a.py"):
        assert hidden.files[url] == shown.files[url]
    whole = [
        blocks_of(one.files["a.blocks.js"].decode(), one.files["a.html"].decode())
        for one in (shown, hidden)
    ]
    assert whole[0] == whole[1]
    assert b"def _helper" in hidden.files["a.md"]
    assert not hidden.problems


def test_the_keys_of_pages_are_the_same_for_any_hash_seed(project, tmp_path):
    text = "\n\n".join(f"def _f{n}():\n    pass\n" for n in range(12))
    table = '[tool.sidelit]\nsources = ["src"]\nprivate = "hide"\n'
    folder = project({"src/a.py": text, "pyproject.toml": table})
    program = (
        "import sys\nfrom sidelit.build import build\nfrom sidelit.cache import Folder\n"
        "from sidelit.config import load\nbuild(load({})[0], Folder(sys.argv[1]))\n"
    )
    found = []
    for seed in ("1", "2"):
        kept = tmp_path / f"results-{seed}"
        subprocess.run(
            [sys.executable, "-c", program, kept],
            check=True, cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "utils")},
        )  # fmt: skip
        views = (kept / "views").rglob("*")
        found.append({one.relative_to(kept) for one in views if one.is_file()})
    assert found[0] == found[1]
    assert found[0]


def test_what_is_hidden_is_held_to_the_truth_but_not_published(build_files):
    text = (
        'def _a():\n    r"""\n    $\\nosuch$ ![x](x.svg)\n\n    ## Same\n    """\n\n\n'
        'def b():\n    """\n    Words.\n\n    ## Same\n    """\n'
    )
    files = {"a.py": text, "x.svg": "<svg/>"}
    shown, hidden = (build_files(files, private=how) for how in ("show", "hide"))
    assert hidden.problems == shown.problems
    assert [one.rule for one in hidden.problems] == ["TEX101"]
    assert "x.svg" in shown.files
    assert "x.svg" not in hidden.files
    # Nor has anything that stays another address.
    for built in (shown, hidden):
        assert 'id="same-1"' in built.files["a.html"].decode()


def names_of(inventory: bytes) -> set[str]:
    lines = zlib.decompress(inventory.split(b"\n", 4)[4]).decode().splitlines()
    return {line.split(" ")[0] for line in lines}


def test_what_stands_in_a_function_is_part_of_it(build_files):
    text = (
        "def f():\n    x = 1\n    def _g():\n        # A note.\n        return x\n"
        "    return _g\n"
    )
    shown, hidden = (
        build_files({"a.py": text}, private=how).files["a.html"]
        for how in ("show", "hide")
    )
    assert hidden == shown


@pytest.mark.parametrize(
    ("exports", "private"),
    [
        ("", ["_a", "C._d"]),
        ('__all__ = ["_a", "b"]\n', ["C"]),
        ('__all__ = ["C"]\n', ["_a", "b", "C._d"]),
        ("__all__ = made()\n", ["_a", "C._d"]),
    ],
)
def test_what_is_private(build_files, exports, private):
    text = (
        f"{exports}def _a(): pass\ndef b(): pass\nclass C:\n"
        "    def __init__(self): pass\n    def _d(self): pass\n"
    )
    page = build_files({"a.py": text}, private="fold").files["a.html"]
    assert [*folds(page)] == private


def test_another_value_is_an_error(project):
    folder = project({"a.py": ""})
    with pytest.raises(
        SidelitError, match="--private must be show, fold or hide, not 'x'"
    ):
        load({"sources": [str(folder)], "private": "x"})
