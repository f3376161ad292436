"""What newer versions of Python brought, and what older ones get wrong."""

import subprocess
import sys

import pytest

from tests.sidelit.test_names import groups


def since(minor):
    return pytest.mark.skipif(
        sys.version_info < (3, minor), reason=f"Python 3.{minor} brought it"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "def read(x):\n    try:\n        x()\n    except A, B:\n        x()\n",
            [("read", ["1:4"]), ("x", ["1:9", "3:8", "5:8"])],
            id="several exceptions without brackets",
            marks=since(14),
        ),
        pytest.param(
            'def page(name, width):\n    return t"{name:>{width}} {name!r}"\n',
            [
                ("name", ["1:9", "2:14", "2:30"]),
                ("page", ["1:4"]),
                ("width", ["1:15", "2:21"]),
            ],
            id="template strings",
            marks=since(14),
        ),
        pytest.param(
            "def joined(parts):\n    return {**part for part in parts}\n",
            [
                ("joined", ["1:4"]),
                ("part", ["2:14", "2:23"]),
                ("parts", ["1:11", "2:31"]),
            ],
            id="dictionaries unpacked in a comprehension",
            marks=since(15),
        ),
        pytest.param(
            "def joined(parts):\n    return [*part for part in parts]\n",
            [
                ("joined", ["1:4"]),
                ("part", ["2:13", "2:22"]),
                ("parts", ["1:11", "2:30"]),
            ],
            id="lists unpacked in a comprehension",
            marks=since(15),
        ),
        pytest.param(
            "lazy import json as j\nlazy from os import path\nj.loads(path)\n",
            [("j", ["1:20", "3:0"]), ("path", ["2:20", "3:8"])],
            id="lazy imports",
            marks=since(15),
        ),
    ],
)
def test_names(text, expected):
    assert groups(text) == expected


# From Python 3.14 on, `ast.parse` obeys these flags.
@pytest.mark.parametrize("flag", ["-O", "-OO"])
def test_docstrings_stay_where_python_drops_its_own(flag):
    program = (
        "import ast\n"
        "from sidelit.read.parse import syntax_tree\n"
        'tree = syntax_tree(\'"""All the prose."""\\nassert True\')\n'
        "print(len(tree.body), ast.get_docstring(tree))\n"
    )
    ran = subprocess.run(
        [sys.executable, flag, "-c", program], capture_output=True, text=True
    )
    assert ran.stdout == "2 All the prose.\n", ran.stderr


def test_what_repeats_possessively_is_one_character():
    """
    In Python 3.11.2, that of Debian 12, `(?:a(?!b)|c)*+` goes on behind the `a` of `ab`.
    Newer ones do not show it, so all expressions are looked through.
    """
    program = """
import importlib, pkgutil, re, sidelit
from re import _compiler, _constants, _parser

CHARACTER = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}

def bodies(node):
    if isinstance(node, (list, tuple, _parser.SubPattern)):
        if len(node) == 2 and node[0] is _constants.POSSESSIVE_REPEAT:
            yield node[1][2]
        for part in node:
            yield from bodies(part)

def look(pattern, flags=0):
    for body in bodies(_parser.parse(pattern, flags)):
        if len(body) != 1 or body[0][0] not in CHARACTER:
            print(pattern)
    return compiled(pattern, flags)

compiled, _compiler.compile = _compiler.compile, look
assert re.compile("(?:ab)*+|a*+").match("abab").end() == 4
for module in pkgutil.walk_packages(sidelit.__path__, "sidelit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == ["(?:ab)*+|a*+"]
