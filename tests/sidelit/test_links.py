"""Where names lead: through scopes, imports, classes and their bases, or nowhere."""

import builtins
import html
import json
import posixpath
import re
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.__main__ import main
from sidelit.check.check import check
from sidelit.config import load
from sidelit.model import SidelitError
from sidelit.names.inventory import Elsewhere, read_inventory
from sidelit.names.listing import write_inventory
from sidelit.read.syntax import read_syntax
from tests.conftest import prepare

# What every case can import.
PACKAGE = {
    "pkg/__init__.py": "from .base import Base\nfrom . import base as again\nfrom .stars import *\n",
    "pkg/base.py": (
        "LIMIT = 1\n\n\nclass Root:\n    size = 2\n\n    def up(self):\n        self.seen = 3\n\n"
        "    def _own(self): ...\n\n    def __hidden(self): ...\n\n\n"
        "class Base(Root):\n    class Inner:\n        def deep(self): ...\n\n    def down(self): ...\n\n\n"
        "def helper(): ...\n"
    ),
    "pkg/stars.py": "from .base import helper as shown\n_private = 1\n\n\ndef starred(): ...\n",
    "pkg/listed.py": "__all__ = ['one']\n\n\ndef one(): ...\n\n\ndef two(): ...\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/leaf.py": "def leaf(): ...\n",
    "pkg/loop_a.py": "from .loop_b import thing\n",
    "pkg/loop_b.py": "from .loop_a import thing\n",
}


@pytest.fixture
def links(project):
    def make(files, **settings):
        folder = project(files)
        flags = {name.replace("_", "-"): value for name, value in settings.items()}
        tops = sorted({name.split("/")[0] for name in files if name.endswith(".py")})
        sources = [str(folder / top) for top in tops]
        config, _ = load({"sources": sources, "output": str(folder / "out"), **flags})
        return prepare(config)

    return make


def leading(found, url):
    """What leads somewhere on a page, as `line:word > target`, in order."""
    lines = found.documents[url].text.split("\n")
    for line, start, target in sorted(found.resolved.links[url].targets):
        word = re.match(r"\w+", lines[line - 1][start:])[0]
        yield f"{line}:{word} > {target}"


CASES = {
    "imports": (
        "import pkg.base\nfrom pkg.base import helper\npkg.base.Root.up\nhelper()",
        "1:pkg > index.html, 1:base > base.html, 2:pkg > index.html, 2:base > base.html, "
        "2:helper > base.html#helper, 3:pkg > index.html, 3:base > base.html, "
        "3:Root > base.html#Root, 3:up > base.html#Root.up, 4:helper > base.html#helper",
    ),
    "an alias lights its uses where it is given": (
        "import pkg.base as b\nb.LIMIT",
        "1:pkg > index.html, 1:base > base.html, 2:b > base.html, 2:LIMIT > base.html#LIMIT",
    ),
    "relative imports": (
        "from . import base\nfrom .sub import leaf as l\nbase.helper\nl.leaf",
        "1:base > base.html, 2:sub > sub/index.html, 2:leaf > sub/leaf.html, 3:base > base.html, "
        "3:helper > base.html#helper, 4:l > sub/leaf.html, 4:leaf > sub/leaf.html#leaf",
    ),
    "re-exports": (
        "from pkg import Base, again\nBase.down\nagain.Root",
        "1:pkg > index.html, 1:Base > base.html#Base, 1:again > base.html, 2:Base > base.html#Base, "
        "2:down > base.html#Base.down, 3:again > base.html, 3:Root > base.html#Root",
    ),
    "stars": (
        "from pkg import starred, shown\nfrom pkg.stars import *\nstarred()\nshown\n_private\nlen",
        "1:pkg > index.html, 1:starred > stars.html#starred, 1:shown > base.html#helper, 2:pkg > index.html, "
        "2:stars > stars.html, 3:starred > stars.html#starred, 4:shown > base.html#helper",
    ),
    "only what __all__ lists": (
        "from pkg.listed import *\none\ntwo",
        "1:pkg > index.html, 1:listed > listed.html, 2:one > listed.html#one",
    ),
    "a star does not reach into functions that bind the name": (
        "from .stars import *\ndef f(starred):\n    shown = starred\n    return shown",
        "1:stars > stars.html",
    ),
    "an import in a circle": (
        "from .loop_a import thing\nthing",
        "1:loop_a > loop_a.html",
    ),
    "parameters and variables are no links": (
        "def f(helper):\n    base = helper\n    return base",
        "",
    ),
    "a parameter hides an import": (
        "from .base import helper\ndef f(helper):\n    return helper\nhelper",
        "1:base > base.html, 1:helper > base.html#helper, 4:helper > base.html#helper",
    ),
    "a comprehension hides it, too": (
        "from .base import helper\n[helper for helper in 'a']",
        "1:base > base.html, 1:helper > base.html#helper",
    ),
    "an import in a function": (
        "def f():\n    from .base import helper\n    return helper\nhelper",
        "2:base > base.html, 2:helper > base.html#helper, 3:helper > base.html#helper",
    ),
    "variables of the module": (
        "COLORS = 1\nn = COLORS\nn",
        "2:COLORS > m.html#COLORS, 3:n > m.html#.n",
    ),
    "a class body is not seen by its methods": (
        "x = 1\nclass A:\n    x = 2\n    y = x\n    def f(self): return x",
        "4:x > m.html#A.x, 5:x > m.html#.x",
    ),
    "self": (
        "class A:\n    def f(self):\n        self.x = 1\n        return self.g(self.x)\n    def g(self): ...",
        "4:g > m.html#A.g",
    ),
    "the first argument has to be called self": (
        "class A:\n    @staticmethod\n    def f(it):\n        return it.g\n    def g(self): ...",
        "",
    ),
    "self, in a function of a method": (
        "class A:\n    def f(self):\n        def inner(): return self.f.x\n        return inner",
        "3:f > m.html#A.f, 4:inner > m.html#A.f.inner",
    ),
    "cls": (
        "class A:\n    @classmethod\n    def f(cls): return cls.g\n    def g(self): ...",
        "3:g > m.html#A.g",
    ),
    "inherited": (
        "from .base import Base\nclass A(Base):\n    def f(self):\n        self.up(self.seen, self.size, self._own, self.__hidden)\n        return A.down, self.other",
        "1:base > base.html, 1:Base > base.html#Base, 2:Base > base.html#Base, 4:up > base.html#Root.up, "
        "4:seen > base.html#Root.seen, 4:size > base.html#Root.size, 4:_own > base.html#Root._own, 5:A > m.html#A, 5:down > base.html#Base.down",
    ),
    "overridden": (
        "from .base import Base\nclass A(Base):\n    def up(self):\n        super().up()\n        self.up()",
        "1:base > base.html, 1:Base > base.html#Base, 2:Base > base.html#Base, 4:up > base.html#Root.up, 5:up > m.html#A.up",
    ),
    "the order of bases": (
        "class A:\n    def f(self): ...\nclass B(A): ...\nclass C(A):\n    def f(self): ...\nclass D(B, C):\n    def g(self): self.f()",
        "3:A > m.html#A, 4:A > m.html#A, 6:B > m.html#B, 6:C > m.html#C, 7:f > m.html#C.f",
    ),
    "behind a base that nobody knows": (
        "import other\nclass A:\n    def f(self): ...\nclass B(other.X, A):\n    def g(self): return self.f, self.g\nclass C(make(), A):\n    def g(self): return self.f\nclass D(dict, A):\n    def g(self): return self.f, self.get",
        "4:A > m.html#A, 5:g > m.html#B.g, 6:A > m.html#A, 8:A > m.html#A, 9:f > m.html#A.f",
    ),
    "a class that is its own base": (
        "class A(B): ...\nclass B(A):\n    def f(self): return self.g",
        "1:B > m.html#B, 2:A > m.html#A",
    ),
    "generic bases": (
        "from typing import Generic, T\nclass A(Generic[T]): \n    def f(self): ...\nclass B(A[int]):\n    def g(self): self.f()",
        "1:typing > PY/typing.html, 1:Generic > PY/typing.html#typing.Generic, 1:T > PY/typing.html#typing.T, "
        "2:Generic > PY/typing.html#typing.Generic, 2:T > PY/typing.html#typing.T, 4:A > m.html#A, 5:f > m.html#A.f",
    ),
    "nested classes": (
        "from .base import Base\nBase.Inner.deep\nBase.Inner().deep",
        "1:base > base.html, 1:Base > base.html#Base, 2:Base > base.html#Base, 2:Inner > base.html#Base.Inner, "
        "2:deep > base.html#Base.Inner.deep, 3:Base > base.html#Base, 3:Inner > base.html#Base.Inner",
    ),
    "an annotated argument": (
        "from .base import Base\ndef f(x: Base, y: 'Base', z: Base | None, *w: Base):\n    x.up, y.up, z.down, w.up\n"
        "def g(x: Base):\n    x = 1\n    return x.up",
        "1:base > base.html, 1:Base > base.html#Base, 2:Base > base.html#Base, 2:Base > base.html#Base, 2:Base > base.html#Base, "
        "3:up > base.html#Root.up, 3:down > base.html#Base.down, 4:Base > base.html#Base",
    ),
    "what a class declares and what its attributes are given": (
        "from .base import Base\nclass A:\n    a: Base\n    b = Base()\n    def __init__(self, c: Base):\n        self.c = c\n        self.d = Base()\n"
        "        self.e = Base()\n        self.e = 1\n    def f(self):\n        self.a.up, self.b.up, self.c.up, self.d.up, self.e.up",
        "1:base > base.html, 1:Base > base.html#Base, 3:Base > base.html#Base, 4:Base > base.html#Base, 5:Base > base.html#Base, 7:Base > base.html#Base, "
        "8:Base > base.html#Base, 11:up > base.html#Root.up, 11:up > base.html#Root.up, 11:up > base.html#Root.up",
    ),
    "what is made and returned": (
        "from .base import Base\ndef make() -> Base: ...\nasync def later() -> Base: ...\nx = make()\ny = later()\n"
        "class A:\n    @property\n    def p(self) -> Base: ...\n    def q(self) -> Base: ...\na = A()\nx.up, y.up, a.p.up, a.q.up",
        "1:base > base.html, 1:Base > base.html#Base, 2:Base > base.html#Base, 3:Base > base.html#Base, 4:make > m.html#make, 5:later > m.html#later, "
        "8:Base > base.html#Base, 9:Base > base.html#Base, 10:A > m.html#A, 11:x > m.html#.x, 11:up > base.html#Root.up, 11:y > m.html#.y, "
        "11:a > m.html#.a, 11:p > m.html#A.p, 11:up > base.html#Root.up, 11:a > m.html#.a, 11:q > m.html#A.q",
    ),
    "what a function or a variable has is not known": (
        "def f(): ...\nx = f()\nf.x\nx.y",
        "2:f > m.html#f, 3:f > m.html#f, 4:x > m.html#.x",
    ),
    "a decorator": (
        "from .base import helper\nimport functools\n@helper\ndef f(): ...\n@functools.wraps(f)\ndef g(): ...",
        "1:base > base.html, 1:helper > base.html#helper, 2:functools > PY/functools.html, 3:helper > base.html#helper, "
        "5:functools > PY/functools.html, 5:wraps > PY/functools.html#functools.wraps, 5:f > m.html#f",
    ),
    "a property and its setter": (
        "class A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, value): ...\n    def f(self): return self.x.y",
        "4:x > m.html#A.x, 6:x > m.html#A.x",
    ),
    "overloads": (
        "from typing import overload\n@overload\ndef f(x: int): ...\n@overload\ndef f(x: str): ...\ndef f(x): ...\nf(1)",
        "1:typing > PY/typing.html, 1:overload > PY/typing.html#typing.overload, 2:overload > PY/typing.html#typing.overload, "
        "4:overload > PY/typing.html#typing.overload, 7:f > m.html#f-3",
    ),
    "an import or nothing": (
        "try:\n    from .base import helper\nexcept ImportError:\n    helper = None\nhelper",
        "2:base > base.html, 2:helper > base.html#helper, 5:helper > base.html#helper",
    ),
    "an import or another": (
        "try:\n    import base as b\nexcept ImportError:\n    from . import base as b\nb.helper\n"
        "if x:\n    from .base import helper\nelse:\n    def helper(): ...\nhelper",
        "4:base > base.html, 7:base > base.html, 7:helper > base.html#helper, 10:helper > base.html#helper",
    ),
    "two that both may be meant": (
        "from .base import helper\ndef helper(): ...\nhelper\nfrom .base import Root\nRoot = 1\nRoot",
        "1:base > base.html, 1:helper > base.html#helper, 4:base > base.html, 4:Root > base.html#Root",
    ),
    "a name for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .base import Root\ndef f(x: Root, y: 'Root'): ...",
        "1:typing > PY/typing.html, 1:TYPE_CHECKING > PY/typing.html#typing.TYPE_CHECKING, "
        "2:TYPE_CHECKING > PY/typing.html#typing.TYPE_CHECKING, 3:base > base.html, 3:Root > base.html#Root, 4:Root > base.html#Root",
    ),
    "a class that is decorated by hand": (
        "class A: ...\nA = freeze(A)\nA",
        "2:A > m.html#A, 3:A > m.html#A",
    ),
    "global": (
        "from .base import helper\ndef f():\n    global helper\n    return helper",
        "1:base > base.html, 1:helper > base.html#helper, 3:helper > base.html#helper, 4:helper > base.html#helper",
    ),
    "builtins never lead anywhere": ("print(len, __name__, ValueError.args)", ""),
    "what is not there": (
        "from .base import nothing\nfrom . import base\nbase.nothing\nnothing",
        "1:base > base.html, 2:base > base.html, 3:base > base.html",
    ),
    "too many dots": ("from ....x import y\ny", ""),
    "in an f-string and behind a wide letter": (
        "from .base import helper\nx = 'ü', f'{helper}', helper",
        "1:base > base.html, 1:helper > base.html#helper, 2:helper > base.html#helper, 2:helper > base.html#helper",
    ),
    "a name that is also a loop variable, an argument, an exception or a match": (
        "import json as j\ndef f(paths):\n    from os import path\n    for path in paths: path.join()\n"
        "def g(key=None):\n    if key is None:\n        def key(x): ...\n    key(3)\n"
        "import errno as e\ntry: ...\nexcept OSError as e: e.errno\nmatch x:\n    case [*j]: j.dumps\n"
        "class E: ...\ntry: ...\nexcept KeyError as E: E\nclass F: ...\nfor F in x: F\ndel f",
        "1:json > PY/json.html, 3:os > PY/os.html, 3:path > PY/os.path.html, 9:errno > PY/errno.html",
    ),
    "an import or nothing, in a function": (
        "def f():\n    try:\n        from .base import helper\n    except ImportError:\n        helper = None\n    return helper",
        "3:base > base.html, 3:helper > base.html#helper, 6:helper > base.html#helper",
    ),
    "what is deleted was there before": (
        "from .base import helper\nhelper()\ndel helper",
        "1:base > base.html, 1:helper > base.html#helper, 2:helper > base.html#helper",
    ),
    "self and cls are what a method receives": (
        "class A:\n    name = 1\n    def f(self, cls): cls.name\n    @staticmethod\n    def g(cls): cls.name; x = cls.name\n"
        "    @staticmethod\n    def h(self): self.name = 2; self.name\n    p = property(lambda self: self.f)",
        "8:f > m.html#A.f",
    ),
    "self of the class around": (
        "class A:\n    def go(self): ...\n    def make(self):\n        class B:\n            def go(self): ...\n"
        "            def run(inner): self.go()\n        class C:\n            def run(self):\n                def later(): self.x = A(); self.x.go()\n        return B",
        "6:go > m.html#A.go, 9:A > m.html#A, 9:go > m.html#A.go, 10:B > m.html#A.make.B",
    ),
    "what a class body begins with": (
        "class A:\n    def go(self): ...\nclass B: ...\nclass H:\n    x = None\n    y = B()\n    z = None\n    def __init__(self, a):\n"
        "        if a: self.x = A()\n        else: self.x = B()\n        self.y = A()\n        self.z = A()\n"
        "        self.x.go(); self.y.go(); self.z.go()",
        "6:B > m.html#B, 9:A > m.html#A, 10:B > m.html#B, 11:A > m.html#A, 12:A > m.html#A, 13:go > m.html#A.go",
    ),
    "a star below": (
        "def helper(): ...\ndef starred(): ...\nfrom .base import *\nhelper()\nstarred()\nfrom .base import helper as Root\nRoot",
        "3:base > base.html, 5:starred > m.html#starred, 6:base > base.html, 6:helper > base.html#helper, 7:Root > base.html#helper",
    ),
    "a star that nobody has read": (
        "from .base import *\ndef first(): ...\nfrom numpy import *\ndef last(): ...\nhelper, first, last\nclass A(Root):\n    def f(self): self.up",
        "1:base > base.html, 5:last > m.html#last",
    ),
    "a star beyond the top": (
        "from .base import *\nfrom ...x import *\nhelper",
        "1:base > base.html",
    ),
    "global and nonlocal": (
        "def f(): ...\nclass A: ...\ndef setup():\n    global f, A\n    def f(): ...\n    A = None\n    def g(): ...\n"
        "    def inner():\n        nonlocal g\n        def g(): ...\n    g()\nf()\nA()\nj = None\n"
        "def late():\n    global j\n    import json as j\nj.dumps",
        "16:j > PY/json.html, 17:json > PY/json.html, 18:j > PY/json.html, 18:dumps > PY/json.html#json.dumps",
    ),
    "the standard library": (
        "import os.path, json as j, _thread, importlib.util\nj.dumps\nos.path.join\nos._exit\nj.JSONEncoder.default\nimportlib.util.find_spec",
        "1:os > PY/os.html, 1:path > PY/os.path.html, 1:json > PY/json.html, 1:importlib > PY/importlib.html, 2:j > PY/json.html, "
        "2:dumps > PY/json.html#json.dumps, 3:os > PY/os.html, 3:path > PY/os.path.html, 3:join > PY/os.path.html#os.path.join, "
        "4:os > PY/os.html, 5:j > PY/json.html, 5:JSONEncoder > PY/json.html#json.JSONEncoder, 6:importlib > PY/importlib.html",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_where_names_lead(links, name):
    text, expected = CASES[name]
    found = links({**PACKAGE, "pkg/m.py": text})
    shown = ", ".join(leading(found, "m.html"))
    assert shown.replace("https://docs.python.org/3/library", "PY") == expected


def test_links_by_name_lead_as_far_as_names_in_code(build_files):
    """To what is imported, inherited or known by another name, on whatever page it is."""
    places = {
        "pkg.Dog": "sub/dogs.html#Dog",
        "pkg.Hound": "sub/dogs.html#Dog",
        "pkg.Puppy.bark": "sub/dogs.html#Animal.bark",
        "pkg.sub.Puppy.name": "sub/dogs.html#Animal.name",
        "pkg.sub.dogs.Animal.bark": "sub/dogs.html#Animal.bark",
        "pkg.sub": "sub/index.html",
        "sub/dogs.py#Puppy.bark": "sub/dogs.html#Animal.bark",
        "sub/__init__.py#Dog": "sub/dogs.html#Dog",
        "sub/__init__.py#Dog.bark": "sub/dogs.html#Animal.bark",
        "__init__.py#here": "#here",
        "sub/dogs.py#Dog": "sub/dogs.html#Dog",
        # Neither of these is known to lead anywhere.
        "pkg.nosuch": "pkg.nosuch",
        "pkg.Dog.nosuch": "pkg.Dog.nosuch",
        "pkg.json": "pkg.json",
        "sub/dogs.py#Dog.nosuch": "sub/dogs.html#Dog.nosuch",
    }
    shown = "\n".join(f"* [text]({link})" for link in places)
    files = build_files(
        {
            "pkg/__init__.py": f'"""\n# Package\n\n## Here\n\n{shown}\n"""\n'
            "import json\nfrom .sub import Dog, Puppy\nfrom .sub.dogs import Dog as Hound\n",
            "pkg/sub/__init__.py": "from .dogs import Dog, Puppy\n",
            "pkg/sub/dogs.py": "class Animal:\n    name = 1\n    def bark(self): ...\n"
            "class Dog(Animal): ...\nclass Puppy(Dog): ...\n",
        }
    ).files
    found = re.findall(r'href="([^"]*)">text', files["pkg/index.html"].decode())
    assert dict(zip(places, found, strict=True)) == places


def test_references_to_names_are_links(build_files, tmp_path):
    """As mkdocstrings has them, in every form of a page."""
    text = (
        "# A\n\n[one][pkg.base.Base.down], [pkg.Base][], [`pkg.Base`][], "
        "[`f`][pkg.base.helper()], [*in* herited][pkg.Base.up] and [mine][pkg.stars].\n\n"
        "[no][pkg.base.nothing], `[x][pkg.Base]`, "
        "and [Base][].\n\n[pkg.stars]: https://x.example/\n"
    )
    module = f'r"""\n{text}"""\n\n\ndef f():\n    """See [it][pkg.Base]."""\n'
    made = build_files({**PACKAGE, "a.md": text, "m.py": module}).files
    for url in ("a.html", "m.html"):
        page = made[url].decode()
        for words, place in (
            ("one", "#Base.down"),
            ("pkg.Base", "#Base"),
            ("<code>pkg.Base</code>", "#Base"),
            ("<code>f</code>", "#helper"),
            ("<em>in</em> herited", "#Root.up"),
        ):
            assert f'<a href="pkg/base.html{place}">{words}</a>' in page
        assert '<a href="https://x.example/">mine</a>' in page
        for left in ("[no][pkg.base.nothing]", "<code>[x][pkg.Base]</code>"):
            assert left in page
        assert "[one](pkg/base.md#Base.down), [pkg.Base](pkg/base.md#Base), " in (
            made[url.replace("html", "md")].decode()
        )
    assert '<a href="pkg/base.html#Base">it</a>' in made["m.html"].decode()
    # A notebook that leaves the site has no address for them.
    assert "one, pkg.Base, `pkg.Base`, `f`, " in made["m.ipynb"].decode()
    config = load({"sources": [str(tmp_path / "src")], "select": ["LNK"]})[0]
    assert [(one.problem.path[-4:], one.problem.message) for one in check(config)] == [
        (path, f"{written} has no definition, such as [label]: address")
        for path in ("a.md", "m.py")
        for written in ("[no][pkg.base.nothing]", "[Base][]")
    ]


@pytest.mark.parametrize("name", ["README.md", "ReadMe.MD"])
def test_a_readme_is_one_in_any_case(build_files, name):
    files = {"a.md": "# A\n\n[see](b)\n", f"b/{name}": "# B\n\n[up](..)\n"}
    built = build_files({**files, name: "# Home\n"}).files
    page = f"b/{name[:-3]}.html"
    assert f'<a href="{page}">see</a>' in built["a.html"].decode()
    # It is the page of its folder, and that of the site.
    assert '<a href="../index.html">up</a>' in built[page].decode()


def test_links_to_folders(build_files):
    """They lead to the page of its readme, and without one to the forge."""
    text = "# A\n\n[a](one), [b](./one/#part), [c](two), [d](../elsewhere), [e](no).\n"
    files = {
        "index.md": text,
        "one/readme.md": "# One\n\n## Part\n",
        "two/data.bin": "",
    }
    page = build_files(files).files["index.html"].decode()
    assert (
        '<a href="one/readme.html">a</a>, <a href="one/readme.html#part">b</a>, c, '
        '<a href="../elsewhere">d</a>, <a href="no">e</a>.'
    ) in page
    forge = "https://github.com/x/y"
    page = build_files(files, repository_url=forge).files["index.html"].decode()
    assert f'<a href="{forge}/blob/HEAD/two">c</a>' in page


def test_references_to_names_of_others_are_links(build_files):
    """In every form of a page, by the settings, or if code uses the name."""
    text = "[one][numpy.zeros], [two][json.dumps], [no][json.nothing], [off][numpy.x]."
    made = build_files(
        {"a.md": f"# A\n\n{text}\n", "b.py": "import json\njson.dumps(1)\n"},
        external={"numpy.*": "https://x.example/{name}", "numpy.x": ""},
    ).files
    library = "https://docs.python.org/3/library/json.html#json.dumps"
    page = made["a.html"].decode()
    assert '<a href="https://x.example/numpy.zeros">one</a>' in page
    assert f'<a href="{library}">two</a>, [no][json.nothing], [off][numpy.x].' in page
    assert (
        f"[one](https://x.example/numpy.zeros), [two]({library}), [no][json.nothing]"
        in made["a.md"].decode()
    )


def test_names_lead_into_a_package_in_a_folder_of_any_name(build_files):
    files = {
        "my-app/app/__init__.py": "from .a import Ice\n",
        "my-app/app/a.py": "class Ice:\n    pass\n",
        "my-app/app/b.py": '"""[one](app.Ice)"""\nfrom app.a import Ice\n',
    }
    built = build_files(files)
    page = built.files["my-app/app/b.html"].decode()
    assert not built.problems
    assert page.count('href="a.html#Ice"') == 2


@pytest.mark.parametrize(
    ("heading", "shown", "name"),
    [
        ("## Other {#mine}", 'Other<a id="mine"></a>', "mine"),
        ("## *Other* {: #a.b } ##", '<em>Other</em><a id="a.b"></a>', "a.b"),
        ("Other { #mine}\n---", 'Other<a id="mine"></a>', "mine"),
        ("## Its own {#its-own}", "Its own", "its-own"),
        ("## Other \\{#mine}", "Other {#mine}", "other-mine"),
        (
            "## `Other {#mine}`",
            '<code class="whole">Other {#mine}</code>',
            "other-mine",
        ),
    ],
)
def test_a_name_behind_a_heading_is_an_anchor(build_files, heading, shown, name):
    """In every language, and in every form of the page."""
    prose = f"# A {{#top}}\n\n[a](#top), [b](#{name})\n\n{heading}\n\nText {{#no}}\n"
    comment = "".join(f"// {line}\n" for line in prose.splitlines())
    files = {"a.md": prose, "b.py": f'r"""\n{prose}"""\n', "c.js": f"{comment}x()\n"}
    built = build_files(files)
    assert not built.problems
    for page in ("a.html", "b.html", "c.js.html"):
        html = built.files[page].decode()
        assert re.search(r'<h1[^>]*>A<a id="top"></a></h1>', html)
        assert re.search(rf"<h2[^>]*>{re.escape(shown)}<a class", html)
        assert f'id="{name}"' in html
        assert "<title>A · " in html
        assert "Text {#no}" in html
    if "<a" in shown:
        assert f'Other<a id="{name}"></a>' in re.sub(
            r"\*", "", built.files["a.md"].decode()
        )


def test_a_list_above_a_rule_and_a_block_of_code_are_no_headings(build_files):
    text = "# A\n\n- one {#x}\n---\n\n```\n## two {#y}\n```\n"
    page = build_files({"a.md": text}).files["a.html"].decode()
    assert "one {#x}" in page
    assert "## two {#y}" in page


def test_patterns_explain_names_in_prose(build_files):
    """Python's own names need code that uses them, since `code.value` is none."""
    prose = "`numpy.einsum`, `numpy.core.x`, `numpy.x`, `numpy._x`, `code.value`"
    made = build_files(
        {"a.md": f"# A\n\n{prose}\n", "b.py": f'"""{prose}"""\nimport numpy as np\n'},
        external={"numpy.*": "https://x.example/{name}", "numpy.x": ""},
    ).files
    for page in ("a.html", "b.html"):
        found = re.findall(r'href="([^"]*)"[^>]*><code>', made[page].decode())
        assert found == ["https://x.example/numpy.einsum"]


def test_a_package_has_the_modules_that_it_imports(links):
    found = links(
        {
            **PACKAGE,
            "pkg/__init__.py": "from .listed import *\n__all__ = listed.__all__\nlen\n",
        }
    )
    assert list(leading(found, "index.html")) == [
        "1:listed > listed.html",
        "2:listed > listed.html",
        "2:__all__ > listed.html#.__all__",
    ]


def test_a_name_that_nobody_knows_is_no_submodule(links):
    found = links(
        {
            "pkg/__init__.py": "from .loader import loader\nloader = cache(loader)\n",
            "pkg/loader.py": "def loader(): ...\n",
            "pkg/user.py": "from pkg import loader\nloader()\n",
        }
    )
    assert list(leading(found, "user.html")) == ["1:pkg > index.html"]


def test_all_may_have_an_annotation(links):
    files = {
        "a.py": "__all__: list[str] = ['one']\ndef one(): ...\ndef two(): ...\n",
        "b.py": "from a import *\none\ntwo\n",
    }
    assert list(leading(links(files), "b.html")) == [
        "1:a > a.html",
        "2:one > a.html#one",
    ]


def test_two_modules_of_one_name(links):
    main = "import utils\nutils.load()\n"
    files = {"utils.py": "def load(): ...\n", "main.py": main}
    found = links(
        {f"{folder}/{name}": text for folder in "ab" for name, text in files.items()}
        | {"c/other.py": main, "c/own.py": "def own(): ...\n"}
    )
    pages = {path[-10:]: url for path, url in found.resolved.site.pages.items() if path}
    assert len(pages) == 6
    for folder in "ab":
        utils = pages[f"{folder}/utils.py"]
        assert list(leading(found, pages[f"{folder}/main.py"])) == [
            f"1:utils > {utils}",
            f"2:utils > {utils}",
            f"2:load > {utils}#load",
        ]
    assert not found.resolved.links[pages["c/other.py"]].targets
    inventory = write_inventory(found.resolved.site, found.config.site_title)
    names = [entry[0] for entry in inventory_of(inventory) if entry[1][:3] == "py:"]
    assert names == ["other", "own", "own.own"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 brought them")
def test_a_type_parameter_is_no_class(links):
    text = (
        "class T:\n    def go(self): ...\ndef f[T](x: T): x.go()\nclass G[T]:\n    y: T\n"
        "    def h(self): self.y.go()\ndef make[T]() -> T: ...\nz = make()\nz.go()\ndef g(x: T): x.go()\n"
    )
    found = leading(links({"m.py": text}), "m.html")
    assert [one for one in found if ":go" in one] == ["10:go > m.html#T.go"]


@pytest.mark.parametrize(
    "deep",
    [
        f"x = {'1 + ' * 1200}1\n",
        f"if {'1 + ' * 600}1:\n    pass\n",
        "if x == 0: ...\n" + "elif x: ...\n" * 1200,
    ],
)
def test_a_file_deeper_than_the_stack_has_all_links(build_files, project, capsys, deep):
    files = {
        "deep.py": f"{deep}\n\ndef f(): ...\n\n\nf()\n",
        "user.py": "import deep\nfrom base import helper\nfrom deep import *\n\ndeep.f(helper)\n",
        "base.py": "def helper(): ...\n",
    }
    # A thread has a stack of its own: how deep this one is depends on who runs the test.
    with ThreadPoolExecutor(1) as pool:
        built = pool.submit(build_files, files).result()
        pool.submit(main, ["check", str(project({}))]).result()
    assert "Traceback" not in capsys.readouterr().err
    assert not built.problems
    assert "def" in built.files["deep.html"].decode()
    assert 'href="#f"' in built.files["deep.html"].decode()
    page = built.files["user.html"].decode()
    assert 'href="deep.html"' in page
    assert page.count('href="deep.html#f"') == 1
    assert page.count('href="base.html#helper"') == 2


def test_odd_escapes_are_no_news(build_files):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        build_files({"a.py": "import b\nx = '\\d'\n", "b.py": ""})
    assert not [one for one in found if "escape" in str(one.message)]


def test_private_names_of_a_class_are_its_own(links):
    found = links(
        {"m.py": "class A:\n    def f(self): self.__g()\n    def __g(self): ..."}
    )
    assert list(leading(found, "m.html")) == ["2:__g > m.html#A.__g"]


def test_targets_are_there(build_files):
    """Every link of a site leads to an identifier that its page has."""
    built = build_files({name.replace("pkg/", ""): text for name, text in PACKAGE.items()} | {
        f"case_{number}.py": '"""`Base.Inner`, `helper()`, `base.LIMIT`"""\n' + text
        for number, (text, _) in enumerate(CASES.values())
    })  # fmt: skip
    pages = {
        url: data.decode() for url, data in built.files.items() if url.endswith(".html")
    }
    ids = {url: re.findall(r' id="([^"]+)"', page) for url, page in pages.items()}
    count = 0
    for url, page in pages.items():
        assert len(set(ids[url])) == len(ids[url])
        for href in re.findall(r'<a [^>]*?href="([^"]+)"', page):
            if "://" not in href:
                path, _, anchor = html.unescape(href).partition("#")
                target = (
                    posixpath.normpath(
                        posixpath.join(posixpath.dirname(url), unquote(path))
                    )
                    if path
                    else url
                )
                assert not anchor or anchor in ids[target], (url, href)
                count += 1
    assert count > 300


def test_variables_do_not_take_the_place_of_headings(build_files):
    text = '"""\n# Title\n\n## Names\n"""\n\nnames = 1\nNAMES = names\n'
    page = build_files({"a.py": text}).files["a.html"].decode()
    assert '<h2 id="names">' in page
    assert 'id=".names">names<' in page
    assert 'id="NAMES">NAMES<' in page
    assert 'href="#.names" data-b=0>names</a>' in page


# ## Prose
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("helper", None),
        ("helper()", "base.html#helper"),
        ("Base.down", "base.html#Base.down"),
        ("again", None),
        ("grid", "m.html#A.grid"),
        ("self.grid", "m.html#A.grid"),
        ("down", "base.html#Base.down"),
        ("LIMIT", "base.html#LIMIT"),
        ("pkg.sub.leaf", "sub/leaf.html"),
        ("sub.leaf.leaf", "sub/leaf.html#leaf"),
        ("leaf.leaf", None),
        ("Other", "n.html#Other"),
        ("Other.method()", "n.html#Other.method"),
        ("other_function", None),
        ("other_function()", "n.html#other_function"),
        ("width", None),
        ("height", None),
        ("self.width", "m.html#A.width"),
        ("local", None),
        ("f", None),
        ("A", "m.html#A"),
        ("os.sep", "https://docs.python.org/3/library/os.html#os.sep"),
        ("json.dumps", None),
        ("os.nothing", None),
        ("html.py", None),
        ("len", None),
        ("for", None),
        ("two words", None),
        ("m.py", None),
        ("n.nothing", None),
        ("Base.nothing", None),
    ],
)  # fmt: skip
def test_names_in_prose(links, name, target):
    text = (
        "import os\nfrom .base import Base, helper, LIMIT\nos.sep\n\n\nclass A(Base):\n"
        "    def __init__(self, height):\n        self.width = height\n\n    def grid(self): ...\n\n"
        f"    def f(self, width):\n        '''Text with `{name}`.'''\n        local = 1\n"
    )
    other = "class Other:\n    def method(self): ...\n\n\ndef other_function(): ...\n\n\ndef width(): ...\n"
    found = links({**PACKAGE, "pkg/m.py": text, "pkg/n.py": other})
    source = found.documents["m.html"].source
    place, _ = found.answers.answer_name(source, "A.f", "A.f", name)
    assert (place or None) == target


def test_prose_links_neither_in_links_nor_in_headings_nor_to_itself(build_files):
    text = (
        '"""\n# The `helper()` here\n\n[the `helper()`](b.py) and `helper()`, **`helper()`** <b>x</b>.\n"""\n\n\n'
        'def helper():\n    """`helper()` is here."""\n'
    )
    page = build_files({"a.py": text, "b.py": ""}).files["a.html"].decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert 'id="the-helper-here">The <code>helper()</code> here</h1>' in main
    assert '<a href="b.html">the <code>helper()</code></a>' in main
    link = '<a class="name" href="#helper"><code>helper()</code></a>'
    assert f" and {link}, <strong>{link}</strong> <b>x</b>" in main
    assert "<p><code>helper()</code> is here.</p>" in main


def test_prose_means_what_its_page_could_mean(build_files):
    """A module that imports something else has no business with a namesake."""
    prose = '"""`Linear`, `close()`, `data.Dataset`, `pkg.data.Dataset`"""\n'
    files = {
        "pkg/__init__.py": "",
        "pkg/data.py": "class Dataset: ...\n\n\nclass Linear: ...\n\n\ndef close(): ...\n",
        "pkg/beside.py": prose,
        "other/far.py": f"{prose}import torch\n",
        "other/user.py": f"{prose}from pkg import data\n",
        "x.md": prose,
    }
    built = build_files(files)

    def found(url):
        page = built.files[url].decode()
        main = page[page.index("<main") : page.index("</main>")]
        return re.findall(r'class="name" href="[^"]*data.html#\w+"><code>(.*?)<', main)

    everything = ["Linear", "close()", "data.Dataset", "pkg.data.Dataset"]
    assert found("pkg/beside.html") == found("other/user.html") == everything
    assert found("other/far.html") == ["pkg.data.Dataset"]
    assert found("x.html") == ["Linear", "data.Dataset", "pkg.data.Dataset"]


def test_names_in_markdown_lead_to_the_site(build_files):
    files = {"pkg/a.py": "class Deep:\n    def f(self): ...\n", "pkg/__init__.py": "", "x.md": "`Deep.f`, `pkg.a`, `f`, `a`\n"}  # fmt: skip
    page = build_files(files).files["x.html"].decode()
    assert '<a class="name" href="pkg/a.html#Deep.f"><code>Deep.f</code></a>' in page
    assert "<code>f</code>, <code>a</code>" in page


# ## Cards and users
def cards_of(page):
    match = re.search(r'id="sidelit:cards">(.*?)</script>', page)
    return json.loads(match[1]) if match else {}


def test_cards_tell_signature_prose_and_place(build_files):
    files = {
        "a.py": (
            'class A(B):  # why\n    """\n    ## Heading\n\n    First `x` with $y$, [a link](b.py) and <b>.\n\n    Second.\n    """\n\n'
            "    def __init__(\n        self,\n        n: int,  # how many\n    ) -> None:\n        pass\n\n\nLIMIT = (1,\n 2)\n"
        ),
        "b.py": 'from a import A, LIMIT\n"""</script>"""\n',
    }  # fmt: skip
    page = build_files(files).files["b.html"].decode()
    cards = cards_of(page)
    signature, prose, place = cards["a.html#A"]
    assert signature == "class A(B)\ndef __init__(self, n: int) -> None"
    assert prose.startswith("<p>First <code>x</code> with <math")
    assert "a link and" in prose
    assert "<a" not in prose
    assert "annotation" not in prose
    assert "Second" not in prose
    assert place == "a"
    assert cards["a.html#LIMIT"][0] == "LIMIT = (1,"
    assert cards["a.html"] == ["module a", "", ""]
    assert page.count("</script>") == page.count("<script")


def test_cards_of_variables_tell_their_docstrings(build_files):
    files = {
        "a.py": 'LIMIT = 1\n"How *many*."\n\n#: How `few`.\nLEAST: int = 0\n\n'
        'class A:\n    def __init__(self):\n        self.x = 1\n        "The x."\n',
        "b.py": "from a import LEAST, LIMIT, A\n\na = A()\na.x\n",
    }
    cards = cards_of(build_files(files).files["b.html"].decode())
    assert cards["a.html#LIMIT"][:2] == ["LIMIT = 1", "<p>How <em>many</em>.</p>"]
    assert cards["a.html#LEAST"][1] == "<p>How <code>few</code>.</p>"
    assert cards["a.html#A.x"][:2] == ["self.x = 1", "<p>The x.</p>"]


def test_cards_of_variables_tell_what_stands_behind_them(build_files):
    """The line itself stays code, so that joining the code loses nothing."""
    module = (
        "ONE = 1  #: the *first*\nTWO = '#: no'  # nor this\n#: above\nTHREE = 3  #: behind\n"
        "class A:\n    four: int = 4  #: of `A`\n    def __init__(self):\n"
        "        self.five = 5  #: \n"
    )
    names = "`m.ONE`, `m.TWO`, `m.THREE`, `m.A.four`, `m.A.five`"
    built = build_files({"m.py": module, "n.md": names})
    cards = cards_of(built.files["n.html"].decode())
    assert [card[1] for card in cards.values()] == [
        "<p>the <em>first</em></p>",
        "",
        "<p>above</p>",
        "<p>of <code>A</code></p>",
        "",
    ]
    assert "#: the *first*" in re.sub("<[^>]+>", "", built.files["m.html"].decode())


def test_a_long_paragraph_ends_with_a_sentence(build_files):
    words = "This sentence has six words altogether. " * 20
    text = f'def f():\n    """\n    * a list\n\n    {words}\n    """\n\n\nf()\n'
    card = cards_of(build_files({"a.py": text}).files["a.html"].decode())["#f"]
    assert 200 < len(card[1]) < 300
    assert card[1].endswith("altogether.</p>")


@pytest.mark.parametrize(
    ("prose", "html"),
    [
        (
            "**A bold one. Another**, " + "and more " * 40 + "until here. And then.",
            "<p><strong>A bold one.</strong></p>",
        ),
        (
            "So `x. y` and $a. b$ goes " + "on and " * 40 + "on until here. And then.",
            '<p>So <code class="whole">x. y</code> and <math>…</math> goes '
            + "on and " * 40
            + "on until here.</p>",
        ),
        (
            "[ref]: b.py\n\nSee [the *paper*][ref].[^1]\n\n[^1]: A note\n    of two lines.",
            "<p>See the <em>paper</em>.</p>",
        ),
        ("Text ![alt](p.png) more:\n\n* x", "<p>Text  more</p>"),
        ("A first.\n\n[1]: see the second section, which says it.", "<p>A first.</p>"),
        ("Text <img src='p.png' alt='a > b'> more.", "<p>Text  more.</p>"),
        (
            "A space, $a\\,b$, ends</b> not. A <b>bold " + "word " * 60 + "here</b>.",
            "<p>A space, <math>…</math>, ends&lt;/b&gt; not.</p>",
        ),
    ],
)
def test_a_card_has_no_half_of_anything(build_files, prose, html):
    lines = prose.replace("\n", "\n    ")
    text = f'def f():\n    """\n    {lines}\n    """\n'
    files = {"a/x.py": text, "b/y.py": "from a.x import f\nf()\n", "a/p.png": ""}
    page = build_files(files).files["b/y.html"].decode()
    card = cards_of(page)["../a/x.html#f"][1]
    assert re.sub("<math.*</math>", "<math>…</math>", card) == html


def test_a_card_tells_no_problem_twice(build_files):
    built = build_files(
        {
            "a.py": 'def f():\n    """$\\nope$"""\n\n\nf()\n',
            "b.py": "from a import f\nf()\n",
        }
    )
    assert len(built.problems) == 1


def test_a_definition_lists_its_users_in_reading_order(build_files):
    files = {
        "__init__.py": '"""1. [z](z.py)\n2. [b](b.py)"""\nfrom .a import f\n',
        "a.py": 'def f():\n    """Text."""\n    return f()\n\n\nclass A:\n    def g(self):\n        return f(), f()\n',
        "b.py": '"""# The *b* page"""\nfrom .a import f\n\n\ndef h():\n    # A comment\n    f()\n    # Another\n    f()\n',
        "z.py": "from .a import f\nf()\n",
        **{f"more{number}.py": "from .a import f\nf()\n" for number in range(9)},
    }  # fmt: skip
    page = build_files(files).files["a.html"].decode()
    (users,) = re.findall(r'<details class="users">.*?</details>', page, re.DOTALL)
    assert "<summary>Used in 13 places</summary>" in users
    lines = re.findall("<li>(.*?)</li>", users)
    assert lines[0] == '<a href="z.html">src.z</a>'
    assert (
        lines[1]
        == '<a href="b.html">The b page</a>: <a href="b.html#h-a-comment"><code>h</code></a>'
    )
    assert lines[2] == 'src.a: <a href="#A.g"><code>A.g</code></a>'
    assert lines[-1] == "6 more pages"


# ## Elsewhere
def write_objects(path, lines):
    head = b"# Sphinx inventory version 2\n# Project: X\n# Version: 1\n# The remainder of this file is compressed using zlib.\n"
    path.write_bytes(head + zlib.compress("\n".join(lines).encode()))


def test_an_inventory_wins_and_lets_no_wrong_link_pass(links, tmp_path):
    write_objects(
        tmp_path / "torch.inv",
        [
            "torch.nn.Linear py:class 1 generated/torch.nn.Linear.html#$ -",
            "torch.nn.Module.eval py:method 1 m.html#$ -",
            "torch py:module 0 torch.html#module-torch torch",
            "a label std:label 1 x.html A title with spaces",
            "torch.odd",
        ],
    )
    found = links(
        {"m.py": "import torch\nfrom torch import nn\nfrom torch.nn import Linear\nnn.Conv\nclass A(nn.Module):\n    def f(self): self.eval()"},
        inventories={"https://t.example/stable": str(tmp_path / "torch.inv")},
        external={"torch.nn.*": "https://wrong.example/{name}"},
    )  # fmt: skip
    assert list(leading(found, "m.html")) == [
        "1:torch > https://t.example/stable/torch.html#module-torch",
        "2:torch > https://t.example/stable/torch.html#module-torch",
        "3:torch > https://t.example/stable/torch.html#module-torch",
        "3:Linear > https://t.example/stable/generated/torch.nn.Linear.html#torch.nn.Linear",
        "6:eval > https://t.example/stable/m.html#torch.nn.Module.eval",
    ]


def test_an_address_in_code_is_escaped_once(build_files):
    made = build_files(
        {"m.py": "import numpy\nnumpy.zeros"},
        external={"numpy.*": 'https://n.example/?is="{name}"&in={module}'},
    ).files
    link = b'href="https://n.example/?is=%22numpy.zeros%22&amp;in=numpy"'
    assert link in made["m.html"]


def test_patterns(links):
    found = links(
        {"m.py": "import numpy as np\nfrom torch import nn\nnp.zeros\nnp._core\nnp.ndarray.sum\nnp.float32\nnn.Linear\nnn.utils\njson = 1"},
        external={
            "numpy": "https://n.example/",
            "numpy.*": "https://n.example/{module}/{name}.html",
            "numpy.float32": "",
            "torch.nn.Linear": "https://t.example/linear",
        },
    )  # fmt: skip
    assert list(leading(found, "m.html")) == [
        "1:numpy > https://n.example/",
        "3:np > https://n.example/",
        "3:zeros > https://n.example/numpy/numpy.zeros.html",
        "4:np > https://n.example/",
        "5:np > https://n.example/",
        "5:ndarray > https://n.example/numpy/numpy.ndarray.html",
        "6:np > https://n.example/",
        "7:Linear > https://t.example/linear",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is no Sphinx inventory of version 2; take the file objects.inv"),
        (
            b"# Sphinx inventory version 1\n\n\n\n",
            "is no Sphinx inventory of version 2",
        ),
        (b"# Sphinx inventory version 2\n\n\n\nabc", "is damaged"),
        (
            b"# Sphinx inventory version 2\n\n\n\n" + zlib.compress(b"\xff"),
            "is damaged",
        ),
    ],
)
def test_a_wrong_inventory_is_told_in_a_sentence(tmp_path, data, words):
    file = tmp_path / "objects.inv"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(SidelitError) as error:
        read_inventory(str(file))
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert not error.value.problem.line


def test_a_wrong_inventory_is_told_once_for_all_pages(build_files, tmp_path):
    (tmp_path / "wrong.inv").write_text("no inventory\n")
    with pytest.raises(SidelitError, match=r"^inventories: .*wrong.inv is no Sphinx"):
        build_files(
            {"a.py": "import numpy\n", "b.py": "import numpy\n"},
            inventories={"https://n.example": str(tmp_path / "wrong.inv")},
        )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"external": ["a"]}, "external must be a table such as"),
        (
            {"external": {"a*": "https://x"}},
            "'a*' must be a dotted name or end with .*",
        ),
        ({"external": {"a": 1}}, "external.a must be text, not 1"),
        ({"external": {"a": "x"}}, "external.a must begin with https://"),
        ({"external": {"a": "https://x/{nam}"}}, "may have {name} and {module} in it"),
        (
            {"external": {"a": "https://x/{name}{"}},
            "may have {name} and {module} in it",
        ),
        ({"inventories": "a"}, "inventories must be a table such as"),
        ({"inventories": {"a": "b"}}, "inventories must begin with https://"),
        ({"inventories": {"https://a": 1}}, "must be text, not 1"),
    ],
)
def test_wrong_settings(tmp_path, settings, words):
    (tmp_path / "a.py").write_text("")
    with pytest.raises(SidelitError) as error:
        load({"sources": [str(tmp_path / "a.py")], **settings})
    assert words in str(error.value)


def inventory_of(data):
    """An independent reader of Sphinx's format: version 2, `$` stands for the name."""
    lines = data.split(b"\n")
    assert lines[0] == b"# Sphinx inventory version 2"
    assert lines[1].startswith(b"# Project: ")
    assert lines[2].startswith(b"# Version: ")
    assert b"zlib" in lines[3]
    body = zlib.decompress(b"\n".join(lines[4:])).decode()
    entry = re.compile(r"(?x)(.+?)\s+(\S+)\s+(-?\d+)\s+?(\S*)\s+(.*)")
    return [entry.fullmatch(line).groups() for line in body.splitlines()]


BOX = """\
SIZES = [1, 2]
class Box:
    lid: bool = True
    def __init__(self):
        self.full = False
    @property
    def size(self):
        return SIZES
def made():
    inner = Box()
    return inner
"""


def test_our_own_inventory(links, tmp_path, build_files):
    found = links(
        {
            **PACKAGE,
            "pkg/twice.py": "if 1:\n    def f(): ...\nelse:\n    def f(): ...\n",
            "pkg/box.py": BOX,
        }
    )
    entries = inventory_of(
        write_inventory(found.resolved.site, found.config.site_title)
    )
    assert ("pkg", "py:module", "0", "index.html", "-") in entries
    assert ("pkg.base.Root", "py:class", "1", "base.html#Root", "-") in entries
    assert (
        "pkg.base.Base.Inner.deep",
        "py:method",
        "1",
        "base.html#Base.Inner.deep",
        "-",
    ) in entries
    assert (
        "pkg.sub.leaf.leaf",
        "py:function",
        "1",
        "sub/leaf.html#leaf",
        "-",
    ) in entries
    box = {
        name: (kind, place) for name, kind, _, place, _ in entries if ".box." in name
    }
    pages = [entry for entry in entries if entry[1] == "std:doc"]
    assert len(pages) == len(found.resolved.site.outlines)
    assert ("sub/leaf", "std:doc", "-1", "sub/leaf.html", "pkg.sub.leaf") in pages
    assert box == {
        "pkg.box.SIZES": ("py:data", "box.html#SIZES"),
        "pkg.box.Box": ("py:class", "box.html#Box"),
        "pkg.box.Box.lid": ("py:attribute", "box.html#Box.lid"),
        "pkg.box.Box.full": ("py:attribute", "box.html#Box.full"),
        "pkg.box.Box.__init__": ("py:method", "box.html#Box.__init__"),
        "pkg.box.Box.size": ("py:property", "box.html#Box.size"),
        "pkg.box.made": ("py:function", "box.html#made"),
    }
    names = [entry[0] for entry in entries]
    assert len(set(names)) == len(names)
    # What it says is there, and it can be read again.
    built = build_files(
        {name.replace("pkg/", ""): text for name, text in PACKAGE.items()}
    )
    (tmp_path / "own.inv").write_bytes(built.files["objects.inv"])
    for place in read_inventory(str(tmp_path / "own.inv")).values():
        url, _, anchor = place.partition("#")
        assert not anchor or f' id="{anchor}"'.encode() in built.files[url]


@pytest.mark.parametrize(
    ("root", "passed_on"),
    [
        ("from .box import Box as Crate\nfrom .box import SIZES", ["Crate", "SIZES"]),
        ("from .box import *", ["made"]),
        ("from .box import made\n__all__ = ['made', 'gone', 'box']", ["made"]),
        ("from . import box\nfrom os import path\nfrom .box import made as _m", []),
        ("def Box(): ...\nfrom .box import Box", []),
    ],
)
def test_what_a_package_passes_on_is_in_the_inventory(build_files, root, passed_on):
    files = {
        "pkg/__init__.py": root,
        "pkg/box.py": f"__all__ = ['made']\n{BOX}",
        "pkg/user.py": "from .box import Box",
        "pkg/two words.md": "# Two  *words*\n",
    }
    built = build_files(files)
    entries = inventory_of(built.files["objects.inv"])
    assert len({(name, kind) for name, kind, *_ in entries}) == len(entries)
    own = {"box", "user", "__all__", "Box"}
    found = {
        name: place
        for name, kind, _, place, _ in entries
        if kind[:3] == "py:" and name[:4] == "pkg." and ".box." not in name
    }
    assert sorted({name.split(".")[1] for name in found} - own) == passed_on
    if "Crate" in passed_on:
        assert found["pkg.Crate.full"] == "pkg/box.html#Box.full"
        assert found["pkg.Crate.__init__"] == "pkg/box.html#Box.__init__"
    # All that is listed is there.
    for _, _, _, place, _ in entries:
        url, _, anchor = unquote(place).partition("#")
        assert not anchor or f' id="{anchor}"'.encode() in built.files[url]
    assert ("pkg/two words", "std:doc", "-1", "pkg/two%20words.html") in [
        entry[:4] for entry in entries
    ]


def test_a_module_and_a_function_of_one_name_are_both_in_the_inventory(build_files):
    files = {"pkg/__init__.py": "def box(): ...\n", "pkg/box.py": "def f(): ...\n"}
    entries = inventory_of(build_files(files).files["objects.inv"])
    kinds = {entry[1] for entry in entries if entry[0] == "pkg.box"}
    assert kinds == {"py:function", "py:module"}


def test_the_library_has_no_page_for_what_is_private(links):
    config = links({"a.py": ""}).config
    elsewhere = Elsewhere(config.external, config.inventories)
    assert elsewhere.address("_thread") == ""
    assert elsewhere.address("posixpath.join") == ""
    assert elsewhere.address("numpy.zeros") == ""
    assert elsewhere.address("asyncio.run").endswith("library/asyncio.html")
    assert elsewhere.address("collections.abc.Iterator").endswith(
        "library/collections.abc.html#collections.abc.Iterator"
    )


# ## Any program
SNIPPETS = st.lists(
    st.sampled_from(
        [
            "import a.b", "from .m import x", "from .m import *", "from . import m as x", "x = 1", "x = x.y",
            "class x(x): pass", "class C(x.y, C):\n    y = x\n    def x(self): return self.y.x, super().x",
            "def x(x=x): return x", "def f():\n    global x\n    x = f.x", "x.y.z", "[x for x in x]", "lambda x: x.y",
            "try:\n    import x\nexcept E:\n    x = None", "if x: x = 1\nelse:\n    def x(): ...", "f'{x.y}'", "del x",
            "match x:\n    case C(y=x): x", "with x as x: x", "@x.y\n@x\nclass D(C): x: x = x", "__all__ = ['x']", "__all__ += x",
        ]
    ),
    max_size=9,
)  # fmt: skip


@given(SNIPPETS, SNIPPETS)
def test_any_program_has_links_only_at_its_names(tmp_path_factory, one, two):
    folder = tmp_path_factory.mktemp("any")
    for name, lines in (
        ("m.py", one),
        ("n.py", two),
        ("__init__.py", ["from .n import *"]),
    ):
        (folder / name).write_text("\n".join(lines) + "\n")
    config, _ = load({"sources": [str(folder)], "output": str(folder / "out")})
    found = prepare(config)
    outlines = found.resolved.site.outlines
    for url, links in found.resolved.links.items():
        lines = found.documents[url].text.split("\n")
        for line, start, target in links.targets:
            word = re.match(r"\w+", lines[line - 1][start:])[0]
            assert word not in dir(builtins)
            place, _, anchor = target.partition("#")
            if anchor and "://" not in target:
                ids = {one for *_, one in found.resolved.ids(place)}
                assert anchor in ids | {*outlines[place].anchors}


def test_every_name_is_the_one_that_stands_there():
    text = "import a.b as c\nfrom  . d  import (e as f,\n    g)\nclass A:\n  def f(self): return super().x, c.y \\\n    .z, self.p.q\n"
    lines = text.split("\n")
    for use in read_syntax(text, "pkg.m").module.names:
        word = re.split(r"[.:=]", use.text)[-1]
        assert lines[use.line - 1][use.start : use.end] == word


def test_a_star_from_elsewhere_hides_no_module_in_prose(build_files):
    text = (
        '"""\nSee `pkg.b.Thing` and `Thing`.\n"""\nimport math\nfrom os.path import *\n'
    )
    files = {"pkg/__init__.py": "", "pkg/a.py": text, "pkg/b.py": "class Thing: ...\n"}
    page = build_files(files).files["pkg/a.html"].decode()
    assert 'href="b.html#Thing"' in page


ATTRIBUTES = """
class Glass:
    \"\"\"Holds `self.ice` and `Glass.size`, but `ice` and `self.none` are words.\"\"\"

    size = 1

    def __init__(self, rum):
        self.ice = rum


class Tumbler(Glass):
    \"\"\"See `Tumbler.ice`, [the ice][Glass.ice], [size](Tumbler.size) and [no][Glass.no].\"\"\"

    def mix(self):
        \"\"\"Takes `self.size`.\"\"\"
"""


def test_attributes_of_instances_and_bases_have_links(build_files, project):
    page = build_files({"a.py": ATTRIBUTES}).files["a.html"].decode()
    assert 'id="Glass.ice"' in page
    links = re.findall(r'<a (?:class="name" )?href="(#Glass\.\w+)">(.*?)</a>', page)
    links = [(to, re.sub("<[^>]*>", "", text)) for to, text in links]
    assert [one for one in links if "." in one[1] or " " in one[1] or one[1] == "size"][
        :6
    ] == [
        ("#Glass.ice", "self.ice"),
        ("#Glass.size", "Glass.size"),
        ("#Glass.ice", "Tumbler.ice"),
        ("#Glass.ice", "the ice"),
        ("#Glass.size", "size"),
        ("#Glass.size", "self.size"),
    ]
    config, _ = load({"sources": [str(project({"a.py": ATTRIBUTES}) / "a.py")]})
    found = [one.problem.message for one in check(config) if one.rule[:3] == "LNK"]
    assert found == ["[no][Glass.no] has no definition, such as [label]: address"]


def test_a_link_to_an_image_brings_it_along(build_files, project):
    text = '[one](a.svg) <a href="b.svg">two</a> [three](c.csv) [four](d)\n'
    files = {"a.md": text, "c.csv": "1\n", "d/e.csv": "1\n"}
    svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    files |= {"a.svg": svg, "b.svg": svg}
    built = build_files(files)
    page = built.files["a.html"].decode()
    assert '<a href="a.svg">one</a> <a href="b.svg">two</a> three four' in page
    assert {"a.svg", "b.svg"} <= {*built.files}
    folder = project(files)
    told = {"sources": [str(folder / "a.md")]}
    assert [one.rule for one in check(load(told)[0])] == ["LNK106", "LNK106"]
    told["repository-url"] = "https://f.example/r"
    assert check(load(told)[0]) == []
