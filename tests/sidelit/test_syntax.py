"""What the one walk over a syntax tree notes, against Python's own answers."""

import ast
import symtable
import sys
import threading

import pytest

from sidelit.read.functions import functions
from sidelit.read.syntax import read_syntax

DEFINITIONS = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def syntax_of(text, module="pkg.m"):
    return read_syntax(text, module)


def preorder(tree):
    """The module, its classes and functions in the order of the file."""
    found = [node for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
    return [tree, *sorted(found, key=lambda node: (node.lineno, node.col_offset))]


def named_tables(text):
    """Python's symbol tables of the module, its classes and functions, by their line."""
    found, waiting = {}, [symtable.symtable(text, "x", "exec")]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        kind = table.get_type()
        if kind in ("module", "class", "function"):
            line = 0 if kind == "module" else table.get_lineno()
            found.setdefault((line, table.get_name()), table)
    return found


# ## What Python itself says, of each file that another test reads
def wrong_docstrings(text, tree, syntax):
    nodes = preorder(tree)
    assert [getattr(one, "name", "") for one in nodes] == [
        one.name for one in syntax.module.tables
    ]
    literals = {
        one.scope: ast.literal_eval(f"({text[one.start : one.end]}\n)")
        for one in syntax.strings
    }
    for key, node in enumerate(nodes):
        if literals.get(key) != ast.get_docstring(node, clean=False):
            yield f"docstring of scope {key}"


def of_comprehensions(tree):
    """
    The names that comprehensions bind. From Python 3.12 on, symbol tables have them
    among those of the scope around.
    """
    if sys.version_info < (3, 12):
        return set()
    return {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }


def wrong_scopes(text, tree, syntax):
    try:
        known = named_tables(text)
    except SyntaxError:
        # A file that is parsed, and that the compiler refuses.
        return
    inner = of_comprehensions(tree)
    for table in syntax.module.tables:
        # Decorators come first for Python.
        python = known.get((table.begin, table.name)) or known.get(
            (table.first, table.name)
        )
        if not table.key:
            python = known[0, "top"]
        if python is None:
            yield f"no table of {table.qualname}"
            continue
        for symbol in python.get_symbols():
            name = symbol.get_name()
            if name in inner and name not in table.bound:
                continue
            # What Python makes up itself, and names that it makes private to a class.
            if "__" in name or name.startswith((".", "_[")):
                continue
            binds = (
                symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter()
            )
            elsewhere = symbol.is_declared_global() or symbol.is_nonlocal()
            expected = binds and not (elsewhere and table.key)
            if expected != (name in table.bound):
                yield f"{table.qualname}: {name} is bound: {expected}"


# ## Any depth
DEEP = {
    "sum": "x = " + "a + " * 3000 + "a\n",
    "attributes": "x = a" + ".b" * 2000 + "\n",
    "elif": "if a == 0: y = 0\n"
    + "".join(f"elif a == {n}: y = {n}\n" for n in range(300)),
    "annotation": "def g(p: " + "A | " * 1500 + "A): ...\n",
    "calls": "x = a" + ".b()" * 1000 + "\n",
}


def plain(text):
    """All that is read of a text, as texts and numbers."""
    syntax = syntax_of(text)
    module = syntax.module
    rest = (module.tables, module.stars, module.imports, module.exports)
    return [*module.names], rest, functions(text), syntax.strings, syntax.statements


def in_thread(call, depth, stack):
    """The result of a call below many others, in a thread with a small stack."""
    result = []

    def deeper(left):
        if left:
            deeper(left - 1)
        else:
            result.append(call())

    size = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=deeper, args=(depth,))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    return result[0]


@pytest.mark.parametrize("name", DEEP)
def test_a_file_of_any_depth_is_read_alike_from_any_caller(name):
    text = f"import a\n{DEEP[name]}\n\ndef f(a):\n    return a.z\n\n\nf(a)\n"
    here = plain(text)
    depth = sys.getrecursionlimit() - 200
    assert in_thread(lambda: plain(text), depth, 2 << 20) == here
    names, (tables, *_), (*_, function), _, _ = here
    assert tables[0].bindings["f"].kind == "function"
    assert [one.text for one in names][-2:] == ["f", "a"]
    assert function.chains == ("a.z",)


def test_what_is_deep_hides_nothing():
    names = [*syntax_of(f"import a\n{DEEP['sum']}").module.names]
    assert sum(one.text == "a" and one.kind == "variable" for one in names) == 3002
    *_, last = [*syntax_of(DEEP["elif"]).module.names]
    assert (last.line, last.text, last.binds) == (301, "y", True)


# ## The interface
SOURCE = '''
"""About."""
from base import Base
from other import *
__all__ = ["A", "f"]

class A(Base):
    """A class."""
    size: int = 1

    def __init__(self, part: Base):
        self.part = part

    def get(self) -> Base:
        local = self.part
        return local

def f(x) -> A:
    y = x
    return A(y)
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A class."""', '"""A class\n\n    of two paragraphs.\n    """'),
        ("\n\ndef f", "\n\n# A comment.\n\ndef f"),
        ("    y = x\n    return A(y)", "    z, y = x, 1\n    return A(z)"),
        ("size: int = 1", "size: int = 2"),
    ],
)
def test_the_interface_does_not_know_lines(old, new):
    assert old in SOURCE
    before, after = syntax_of(SOURCE), syntax_of(SOURCE.replace(old, new))
    assert before.module.interface() == after.module.interface()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def get", "def got"),
        ("class A(Base)", "class A"),
        ("part: Base", "part"),
        ("-> A", "-> Base"),
        ("from base", "from .base"),
        ("from other import *\n", ""),
        ('["A", "f"]', '["A"]'),
        ("self.part = part", "self.piece = part"),
        ("size: int", "width: int"),
        ("def f(x)", "class f: ...\n\ndef g(x)"),
    ],
)
def test_the_interface_knows_names_and_values(old, new):
    assert old in SOURCE
    before, after = syntax_of(SOURCE), syntax_of(SOURCE.replace(old, new))
    assert before.module.interface() != after.module.interface()


def test_a_star_above_and_below_a_name_differ():
    above = syntax_of("from a import *\nx = 1\n").module
    below = syntax_of("x = 1\nfrom a import *\n").module
    assert above.interface() != below.interface()
    assert (above.tables[0].bindings["x"].stars, above.stars) == (1, ("a",))
    assert (below.tables[0].bindings["x"].stars, below.stars) == (0, ("a",))


def test_scopes_are_numbered_as_they_appear():
    tables = syntax_of(SOURCE).module.tables
    assert [(one.key, one.qualname, one.outer) for one in tables] == [
        (0, "", -1),
        (1, "A", 0),
        (2, "A.__init__", 1),
        (3, "A.get", 1),
        (4, "f", 0),
    ]
    assert tables[0].bindings["A"].scope == 1


def test_what_prose_may_speak_of():
    module = syntax_of(SOURCE).module
    assert module.members()["A"] == {"size", "__init__", "self", "part", "get"}
    assert module.spoken() == {
        *("Base", "*", "__all__", "A", "f", "x"),
        *module.members()["A"],
    }


def test_what_a_module_builds_on():
    text = """
import a.b, c as d
from ..e import f
if TYPE_CHECKING:
    import g
elif x:
    import h
try:
    from .i import j
except ImportError:
    import k
"""
    syntax = syntax_of(text, "pkg.sub.m")
    assert syntax.builds_on == ("a.b", "c", "pkg.e.f", "pkg.sub.i.j", "k")
    assert [one.name for one in syntax.relative_imports] == ["pkg.e", "pkg.sub.i"]
    assert [one.column for one in syntax.relative_imports] == [0, 4]
