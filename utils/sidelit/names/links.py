r"""
---
title: Where names lead
summary: >
  Resolves a name across files as Python would, through imports, re-exports, classes and
  their bases, to the page and anchor of its definition, or to nothing.
---

# Where names lead

A reader who meets `Encoder` wants to see the encoder. The [syntax](../syntax.py) of
each file says what a name is bound to there; here they are followed from file to file
until a class, a function or a variable is found. The rules are Python's own: an import
stands for what it imports, a package has what its `__init__.py` binds and the modules
in its folder, an attribute of a class is looked for along its bases in the order that
Python calls MRO.

What cannot be known without running the program has no link: the attribute of a local
variable, a name that two branches define in different ways, a method behind a base that
nobody has read. No link is better than a wrong one.
"""

import builtins
import keyword
import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..model import Document, Section, Site, Source, unique
from ..syntax import Module, Names, Table, Use, Value
from .inventory import Elsewhere


@dataclass(frozen=True, slots=True)
class Thing:
    """
    ## A thing

    What a name can stand for. A `place` is the page and the key of a table: the scope
    itself for a class or function, the one that binds `name` for a variable. `self` is
    an instance of the class that it stands in, and `super` what `super()` is there.
    Something outside has a dotted `name` and no page.
    """

    kind: Literal["module", "class", "function", "variable", "self", "super", "outside"]
    url: str = ""
    key: int = 0
    name: str = ""
    is_module: bool = False


# Nothing is known of it but that it is there.
_UNKNOWN = Thing("outside")
# Bases that add no attribute which anybody looks for.
_EMPTY_BASES = ("abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple")


class Links:
    """
    ## The links of a site

    * `modules` has what is known of each Python file, by the URL of its page
    * `targets` leads on each page from the line and column of a name to where the name
      leads, as a URL from the root of the site or an absolute one
    * `anchors` has, by the same places, the identifiers of definitions that have no row
      of their own
    * `users` are for each class and function the pages and sections that use it
    * `things` leads back from a target to what is there
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.elsewhere = Elsewhere(site.config)
        self.modules: dict[str, Module] = {}
        self.targets: dict[str, dict[tuple[int, int], str]] = {}
        self.anchors: dict[str, dict[tuple[int, int], str]] = {}
        self.users: dict[str, dict[str, dict[int, None]]] = {}
        self.things: dict[str, Thing] = {}
        self._pages: dict[str, list[str]] = {}
        self._roots: dict[str, str] = {}
        self._imports: set[str] = set()
        self._found: dict[tuple[str, int, str], Thing | None] = {}
        self._orders: dict[tuple[str, int], tuple[Thing | None, ...]] = {}
        self._open: set[object] = set()
        self._made = False
        self._rows: dict[str, dict[str, list[tuple[range, str]]]] = {}
        self._taken: dict[str, set[str]] = {}
        self._locals: dict[tuple[str, int], set[str]] = {}
        self._targets: dict[Thing, str] = {}
        self._imported_pages: dict[str, set[str]] = {}
        for url, document in site.documents.items():
            source = document.source
            if document.syntax:
                self.modules[url] = document.syntax.module
                self._pages.setdefault(source.module, []).append(url)
                self._roots[url] = _root(source)
                self._imports.update(self.modules[url].imports)
                self._rows[url] = _rows(document, site.anchors[url])
                self.anchors[url] = {}
                self._taken[url] = set(site.anchors[url])
        for url, module in self.modules.items():
            for table in module.tables:
                self._define(url, table)
        for url, module in self.modules.items():
            self.targets[url] = dict(self._links(url, module.names))
        # From here on pages are made, and what has no identifier gets none.
        self._made = True

    def _define(self, url: str, table: Table) -> None:
        """Variables of a module or class have anchors, whether or not they are used."""
        if table.kind in ("module", "class"):
            for name, binding in table.bindings.items():
                if binding.kind == "variable":
                    self.target(Thing("variable", url, table.key, name))

    def _links(self, url: str, names: Names) -> Iterator[tuple[tuple[int, int], str]]:
        sections = _section_of_lines(self.site.documents[url])
        for use in names:
            if use.kind != "import" and (use.binds or use.scope < 0):
                continue
            thing = self.used(url, use)
            # A click on an attribute shows where it is bound, if that is in its class.
            if thing is None or (
                use.kind == "variable"
                and thing.kind == "variable"
                and use.text.startswith("self.")
                and (thing.url, thing.key) == (url, use.scope)
            ):
                continue
            if target := self.target(thing):
                yield (use.line, use.start), target
                if thing.kind in ("class", "function") and use.kind != "import":
                    self._note(target, thing, url, sections[use.line])

    def _note(self, target: str, thing: Thing, url: str, number: int) -> None:
        """Keep that a section uses something else than itself."""
        name = self.modules[thing.url].tables[thing.key].qualname
        here = self.site.documents[url].sections[number].qualname
        if thing.url != url or not f"{here}.".startswith(f"{name}."):
            self.users.setdefault(target, {}).setdefault(url, {})[number] = None

    # ### Finding
    def used(self, url: str, use: Use) -> Thing | None:
        """What a name stands for where it is used."""
        if use.kind == "import":
            return self._imported(url, use.text)
        return self.find(url, use.scope, use.text)

    def find(self, url: str, scope: int, text: str) -> Thing | None:
        """What a dotted text stands for in a scope that binds its first part."""
        key = url, scope, text
        if key not in self._found:
            self._found[key] = self._find(url, scope, text)
        return self._found[key]

    def _find(self, url: str, scope: int, text: str) -> Thing | None:
        head, _, name = text.rpartition(".")
        if head:
            thing = self.find(url, scope, head)
            return self._member(thing, name) if thing else None
        table = self.modules[url].tables[scope]
        if text == "super()":
            return Thing("super", url, scope)
        if (
            table.kind == "class"
            and text in ("self", "cls")
            and text not in table.bindings
        ):
            return Thing("self", url, scope)
        return self._bound(url, scope, text)

    def _bound(self, url: str, scope: int, name: str) -> Thing | None:
        table = self.modules[url].tables[scope]
        binding = table.bindings.get(name)
        if binding is None:
            if name in table.values and table.kind == "function":
                return self._valued(url, table, name)
            if scope or name in table.bound or hasattr(builtins, name):
                return None
            # `from .a import *` in a package binds `a` there, too.
            package = self.site.documents[url].source.module
            return self._starred(url, name) or self._below(url, package, name)
        thing: Thing | None = Thing("variable", url, scope, name)
        if binding.kind == "import":
            thing = self._imported(url, binding.target)
        elif binding.kind != "variable":
            thing = Thing(binding.kind, url, binding.scope)
        # A star further down may have another of that name.
        later = None if scope else self._starred(url, name, binding.stars)
        return thing if later in (None, thing) else None

    def _starred(self, url: str, name: str, above: int = 0) -> Thing | None:
        """What the last star that has a name gives; some stars stand above it."""
        if name.startswith("_"):
            return None
        for target in reversed(self.modules[url].stars[above:]):
            source = self._page(url, target)
            if not source:
                return _UNKNOWN
            if (url, "*", source, name) in self._open:
                continue
            exports = self.modules[source].exports
            if exports is not None and name not in exports:
                continue
            self._open.add((url, "*", source, name))
            thing = self._attribute(source, target, name)
            self._open.discard((url, "*", source, name))
            if thing:
                return thing
        return None

    def _imported(self, url: str, target: str) -> Thing | None:
        module, _, name = target.partition(":")
        thing = self._module(url, module)
        return self._member(thing, name) if name else thing

    def _module(self, url: str, name: str) -> Thing:
        if page := self._page(url, name):
            return Thing("module", page, name=name)
        if name in self._pages:
            return _UNKNOWN
        return Thing("outside", name=name, is_module=True)

    def _page(self, url: str, module: str) -> str:
        """
        The URL of the page that a module has for another page, or nothing. Of modules
        with the same name, it is the one in the same source.
        """
        found = self._pages.get(module, [])
        if len(found) > 1:
            root = self._roots.get(url)
            found = [one for one in found if self._roots[one] == root]
        return found[0] if len(found) == 1 else ""

    def page_of(self, module: str) -> str:
        """The URL of the one page of a module, or nothing."""
        return self._page("", module)

    # ### Members
    def _member(self, thing: Thing, name: str) -> Thing | None:
        if thing.kind == "module":
            return self._attribute(thing.url, thing.name, name)
        if thing.kind == "outside":
            dotted = f"{thing.name}.{name}"
            if dotted in self._pages or dotted in self._imports:
                return self._module(thing.url, dotted)
            return Thing("outside", name=dotted)
        if thing.kind in ("class", "self", "super"):
            return self._of_class(thing, name)
        table = self.modules[thing.url].tables[thing.key]
        if thing.kind == "variable":
            value = self._valued(thing.url, table, thing.name)
        else:
            value = self._result(thing) if table.getter else None
        return self._of_class(value, name) if value else None

    # ### Values
    def _valued(self, url: str, table: Table, name: str) -> Thing | None:
        """The instance that a variable holds, if the source says of which class."""
        key = url, table.key, name, "value"
        value = table.values.get(name)
        if value is None or key in self._open:
            return None
        self._open.add(key)
        thing = self._instance(url, value)
        self._open.discard(key)
        return thing

    def _result(self, thing: Thing) -> Thing | None:
        """The instance that a function returns."""
        returns = self.modules[thing.url].tables[thing.key].returns
        return self._instance(thing.url, returns) if returns else None

    def _instance(self, url: str, value: Value) -> Thing | None:
        table = self.modules[url].tables[value.scope]
        root = value.text.partition(".")[0]
        if root == "super()":
            holder = table.outer if table.kind == "function" else None
        else:
            holder = self._holder(url, value.scope, root)
        if holder is None or holder < 0:
            return None
        binder = self.modules[url].tables[holder]
        if root in ("self", "cls") and root == binder.receiver:
            holder = binder.outer
        thing = self.find(url, holder, value.text)
        if thing is None:
            return None
        if value.form == "variable":
            if thing.kind == "variable":
                held = self.modules[thing.url].tables[thing.key]
                return self._valued(thing.url, held, thing.name)
            return thing if thing.kind == "self" else None
        if thing.kind == "class":
            return Thing("self", thing.url, thing.key)
        called = thing.kind == "function" and value.form == "call"
        return self._result(thing) if called else None

    def _attribute(self, url: str, module: str, name: str) -> Thing | None:
        # A package that imports its own module binds the name to itself.
        key = url, name
        if key not in self._open:
            self._open.add(key)
            thing = self._bound(url, 0, name)
            self._open.discard(key)
            if thing or name in self.modules[url].tables[0].bound:
                return thing
        return self._below(url, module, name)

    def _below(self, url: str, module: str, name: str) -> Thing | None:
        dotted = f"{module}.{name}"
        return self._module(url, dotted) if dotted in self._pages else None

    def _of_class(self, thing: Thing, name: str) -> Thing | None:
        order = self._order(thing.url, thing.key)
        if name.startswith("__") and not name.endswith("__"):
            # Only the class itself sees its private names.
            order = order[:1]
        for base in order[thing.kind == "super" :]:
            if base is None:
                return None
            if base.kind == "outside":
                if base.name in _EMPTY_BASES:
                    continue
                if base.name.startswith("builtins."):
                    builtin = getattr(builtins, base.name.partition(".")[2])
                    if hasattr(builtin, name):
                        return None
                    continue
                return Thing("outside", name=f"{base.name}.{name}")
            table = self.modules[base.url].tables[base.key]
            if name in table.bound:
                return self._bound(base.url, base.key, name)
            if name in table.attributes:
                return Thing("variable", base.url, base.key, name)
        return None

    def _order(self, url: str, key: int) -> tuple[Thing | None, ...]:
        """
        A class and its bases in the order in which Python looks for an attribute;
        `None` stands where that is not known any more.
        """
        if (url, key) not in self._orders:
            # Whoever is its own base has none.
            self._orders[url, key] = (Thing("class", url, key), None)
            self._orders[url, key] = self._merged(url, key)
        return self._orders[url, key]

    def _merged(self, url: str, key: int) -> tuple[Thing | None, ...]:
        table = self.modules[url].tables[key]
        bases = [self._base(url, table, text) for text in table.bases]
        lists: list[list[Thing | None]] = []
        for base in bases:
            if base and base.kind == "class":
                lists.append(list(self._order(base.url, base.key)))
            else:
                lists.append([base if base and base.kind == "outside" else None])
        lists.append([each[0] for each in lists])
        order: list[Thing | None] = [Thing("class", url, key)]
        while lists := [each for each in lists if each]:
            heads = (each[0] for each in lists)
            good = (one for one in heads if not any(one in each[1:] for each in lists))
            following = next(good, None)
            order.append(following)
            if following is None:
                break
            lists = [[one for one in each if one != following] for each in lists]
        return tuple(order)

    def _base(self, url: str, table: Table, text: str) -> Thing | None:
        root, _, rest = text.partition(".")
        holder = self._holder(url, table.outer, root)
        if holder is not None:
            return self.find(url, holder, text)
        if thing := self._starred(url, root):
            return self._along(thing, rest)
        if hasattr(builtins, root) and not self.modules[url].stars:
            return Thing("outside", name=f"builtins.{text}")
        return None

    def _holder(self, url: str, key: int, name: str) -> int | None:
        """The scope that a name belongs to that is read in another."""
        tables = self.modules[url].tables
        start = key
        while key >= 0:
            table = tables[key]
            hidden = table.kind == "class" and key != start
            if name in table.bound and not hidden:
                return key
            key = table.outer
        return None

    # ### Targets
    def target(self, thing: Thing) -> str:
        """Where a thing is documented, or nothing if it is nowhere."""
        if thing not in self._targets:
            target = self._targets[thing] = self._target(thing)
            self.things.setdefault(target, thing)
        return self._targets[thing]

    def _target(self, thing: Thing) -> str:
        if thing.kind == "outside":
            return self.elsewhere.address(thing.name, thing.is_module)
        if thing.kind == "module":
            return thing.url
        if thing.kind in ("self", "super"):
            return ""
        table = self.modules[thing.url].tables[thing.key]
        if thing.kind == "variable":
            qualname = f"{table.qualname}.{thing.name}".lstrip(".")
            binding = table.bindings.get(thing.name)
            line, column = (
                (binding.line, binding.column)
                if binding
                else table.attributes[thing.name]
            )
        else:
            for lines, anchor in self._rows[thing.url].get(table.qualname, ()):
                if table.first in lines:
                    return f"{thing.url}#{anchor}"
            qualname, line, column = table.qualname, table.first, table.column
        anchors = self.anchors[thing.url]
        if column < 0 or (self._made and (line, column) not in anchors):
            return ""
        if (line, column) not in anchors:
            # No heading's identifier has a dot, and none has a capital letter.
            name = qualname if qualname != qualname.lower() else f".{qualname}"
            name = qualname if "." in qualname else name
            anchors[line, column] = unique(name, self._taken[thing.url])
        return f"{thing.url}#{anchors[line, column]}"

    # ### Names in prose
    def in_prose(
        self, document: Document, section: Section, anchor: str, text: str
    ) -> str:
        """
        Where a name in the prose of a section leads, or nothing. Parameters, variables
        of functions and what would lead to the section itself have no link.
        """
        match = _NAME.fullmatch(text)
        if match is None or document.source.language not in ("python", "markdown"):
            return ""
        name, called = match[1], bool(match[2])
        thing = self._meant(document, section, name, called)
        if thing is None or (thing.kind == "variable" and name.islower()):
            return ""
        # A plain word may mean anything: an option, a format. A method is one.
        word = name.isalpha() and name.islower() and not called
        if word and not self._is_method(thing):
            return ""
        # Without an inventory, what others have is certain only if code uses it.
        listed = thing.name in self.elsewhere.listed
        if thing.kind == "outside" and not listed and thing not in self._targets:
            return ""
        target = self.target(thing)
        url = document.source.url
        return "" if target in (url, f"{url}#{anchor}") else target

    def _is_method(self, thing: Thing) -> bool:
        if thing.kind != "function":
            return False
        tables = self.modules[thing.url].tables
        return tables[tables[thing.key].outer].kind == "class"

    def _meant(
        self, document: Document, section: Section, name: str, called: bool
    ) -> Thing | None:
        url = document.source.url
        root, _, rest = name.partition(".")
        if keyword.iskeyword(root):
            return None
        if url in self.modules:
            tables = self.modules[url].tables
            key = self._scopes[url].get(section.qualname, 0)
            while key >= 0:
                table = tables[key]
                if table.kind == "class":
                    if root in ("self", "cls") and rest:
                        return self.find(url, key, name)
                    if root in self._inside(url, key):
                        return None
                    thing = self._of_class(Thing("self", url, key), root)
                    if thing and thing.kind != "outside":
                        return self._along(thing, rest)
                elif root in table.bound and root not in ("self", "cls"):
                    return self.find(url, key, name)
                key = table.outer
            # A star that nobody has read may give a short name; one with dots is rather
            # that of a module.
            thing = self._starred(url, root)
            if thing and not (thing == _UNKNOWN and rest):
                return self._along(thing, rest)
            if any(root in table.bound for table in tables):
                return None
        return self._anywhere(url, name, called)

    def _along(self, thing: Thing | None, rest: str) -> Thing | None:
        for name in filter(None, rest.split(".")):
            thing = thing and self._member(thing, name)
        return thing

    def _anywhere(self, url: str, name: str, called: bool) -> Thing | None:
        """What a name means that its own file does not know."""
        root, *rest = parts = name.split(".")
        for count in range(len(parts), 0, -1):
            page = self._page(url, ".".join(parts[:count])) if rest else ""
            # A module in a package has a long name, by which nobody means another.
            if page and (count > 1 or self._is_near(url, page)):
                thing = Thing("module", page, name=".".join(parts[:count]))
                return self._along(thing, ".".join(parts[count:]))
        found = self._by_last.get(root, [])
        is_call = called and url in self.modules
        plain = not (rest or is_call or _CLASS_NAME.fullmatch(root))
        if len(found) == 1 and not plain and not hasattr(builtins, root):
            near = self._is_near(url, found[0].url)
            return self._along(found[0], ".".join(rest)) if near else None
        is_file = _FILE.fullmatch(name)
        return Thing("outside", name=name) if rest and not (found or is_file) else None

    def _is_near(self, url: str, page: str) -> bool:
        """
        Whether prose may mean what is on another page by its short name: a module does
        if it imports that page or stands in the same folder, and plain text always.
        """
        if url not in self.modules:
            return True
        if url not in self._imported_pages:
            names = (one for one in self.modules[url].names if one.kind == "import")
            things = (self._imported(url, one.text) for one in names)
            self._imported_pages[url] = {thing.url for thing in things if thing}
        # A package stands beside its own modules and in the folder around it.
        places = page, page.removesuffix("/index.html")
        beside = posixpath.dirname(url) in map(posixpath.dirname, places)
        return beside or page in self._imported_pages[url]

    def _inside(self, url: str, key: int) -> set[str]:
        """The parameters and variables of the methods of a class."""
        if (url, key) not in self._locals:
            tables = self.modules[url].tables
            those = (one.bound for one in tables if one.outer == key)
            self._locals[url, key] = set().union(*those)
        return self._locals[url, key]

    @cached_property
    def _scopes(self) -> dict[str, dict[str, int]]:
        """The keys of the classes and functions of each page, by their names."""
        return {
            url: {table.qualname: table.key for table in reversed(module.tables)}
            for url, module in self.modules.items()
        }

    @cached_property
    def _by_last(self) -> dict[str, list[Thing]]:
        """Modules, classes and functions by the last part of their names."""
        found: dict[str, list[Thing]] = {}
        for url in self.modules:
            name = self.site.documents[url].source.module
            thing = Thing("module", url, name=name)
            found.setdefault(name.rpartition(".")[2], []).append(thing)
            for table in self.modules[url].tables:
                if not table.outer:
                    kind = "class" if table.kind == "class" else "function"
                    found.setdefault(table.qualname, []).append(
                        Thing(kind, url, table.key)  # type: ignore[arg-type]
                    )
        return found


_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\(\))?")
_CLASS_NAME = re.compile(r"[A-Z]\w*[a-z]\w*")
_FILE = re.compile(r".*\.(?:py|md|json|toml|txt|html|css|js|cfg|ya?ml|gz|inv)")


def _root(source: Source) -> str:
    """The folder from which Python imports a file by the name of its module."""
    path = source.file.removesuffix(".py").removesuffix(f"{os.sep}__init__")
    return path.removesuffix(source.module.replace(".", os.sep))


def _rows(
    document: Document, anchors: Iterable[str]
) -> dict[str, list[tuple[range, str]]]:
    """The lines and anchors of the rows of each class and function."""
    found: dict[str, list[tuple[range, str]]] = {}
    for section, anchor in zip(document.sections, anchors, strict=True):
        if section.kind in ("class", "function"):
            rows = found.setdefault(section.qualname, [])
            rows += [(lines, anchor) for lines in section.code]
    return found


def _section_of_lines(document: Document) -> list[int]:
    """For each line, counted from 1, the number of the section that has it as code."""
    numbers = [0] * (document.text.count("\n") + 2)
    for number, section in enumerate(document.sections):
        for span in section.code:
            for line in span:
                numbers[line] = number
    return numbers
