r"""
---
title: What a name stands for
summary: >
  Resolves a name across files as Python would, through imports, re-exports, classes and
  their bases, to what it stands for, or to nothing.
---

# What a name stands for

A reader who meets `Encoder` wants to see the encoder. The [syntax](../syntax.py) of
each file says what a name is bound to there; here names are followed from file to file
until a class, a function or a variable is found. The rules are Python's own: an import
stands for what it imports, a package has what its `__init__.py` binds and the modules
in its folder, an attribute of a class is looked for along its bases in the order that
Python calls MRO.

What cannot be known without running the program stands for nothing: the attribute of a
local variable, a name that two branches define in different ways, a method behind a
base that nobody has read. No link is better than a wrong one.
"""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..model import Outline
from ..syntax import Module, Table, Value


@dataclass(frozen=True, slots=True)
class Thing:
    """
    ## A thing

    What a name can stand for. On the page with a `url`, `scope` is that of a class or
    function itself, and for a variable the one that binds its `name`. `self` is an
    instance of the class that it stands in, and `super` what `super()` is there.
    Something outside has a dotted `name` and no page.
    """

    kind: Literal["module", "class", "function", "variable", "self", "super", "outside"]
    url: str = ""
    scope: int = 0
    name: str = ""
    is_module: bool = False


# Nothing is known of it but that it is there.
UNKNOWN = Thing("outside")
# Bases that add no attribute which anybody looks for.
_EMPTY_BASES = ("abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple")


class Resolver:
    """
    ## The resolver of a site

    * `modules` has what each Python file defines, by the URL of its page
    * `names` has the dotted name of each module, by the URL of its page
    * `roots` has the folder from which Python imports it
    """

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.outlines = outlines
        self.modules: dict[str, Module] = {}
        self.names: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self._pages: dict[str, list[str]] = {}
        self._imports: set[str] = set()
        self._found: dict[tuple[str, int, str], Thing | None] = {}
        self._orders: dict[tuple[str, int], tuple[Thing | None, ...]] = {}
        # What is being resolved right now, so that a circle ends.
        self._open: set[object] = set()
        for url, outline in outlines.items():
            if outline.module is not None:
                name = self.names[url] = outline.source.module
                self.modules[url] = outline.module
                self.roots[url] = outline.root
                self._pages.setdefault(name, []).append(url)
                self._imports.update(outline.module.imports)

    # ### Finding
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
            return self.member(thing, name) if thing else None
        table = self.modules[url].tables[scope]
        if text == "super()":
            return Thing("super", url, scope)
        if (
            table.kind == "class"
            and text in ("self", "cls")
            and not table.bindings.get(text)
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
            package = self.names[url]
            return self.starred(url, name) or self._below(url, package, name)
        thing: Thing | None = Thing("variable", url, scope, name)
        if binding.kind == "import":
            thing = self.imported(url, binding.target)
        elif binding.kind != "variable":
            thing = Thing(binding.kind, url, binding.scope)
        # A star further down may have another of that name.
        later = None if scope else self.starred(url, name, binding.stars)
        return thing if later in (None, thing) else None

    def starred(self, url: str, name: str, above: int = 0) -> Thing | None:
        """
        What the last star of a file gives that has a name, or may have it. Those that
        stand `above` the place in question do not count.
        """
        if name.startswith("_"):
            return None
        for target in reversed(self.modules[url].stars[above:]):
            source = self.page_of(url, target)
            if not source:
                return UNKNOWN
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

    def imported(self, url: str, target: str) -> Thing | None:
        """What `package.module` or `package.module:name` stands for in a file."""
        module, _, name = target.partition(":")
        thing = self.module(url, module)
        return self.member(thing, name) if name else thing

    def module(self, url: str, name: str) -> Thing:
        if page := self.page_of(url, name):
            return Thing("module", page, name=name)
        if name in self._pages:
            return UNKNOWN
        return Thing("outside", name=name, is_module=True)

    def page_of(self, url: str, module: str) -> str:
        """
        The URL of the page that a module has for another page, or nothing. Of modules
        with the same name, it is the one in the same source.
        """
        found = self._pages.get(module, [])
        if len(found) > 1:
            root = self.roots.get(url)
            found = [one for one in found if self.roots[one] == root]
        return found[0] if len(found) == 1 else ""

    # ### Members
    def member(self, thing: Thing, name: str) -> Thing | None:
        if thing.kind == "module":
            return self._attribute(thing.url, thing.name, name)
        if thing.kind == "outside":
            dotted = f"{thing.name}.{name}"
            if dotted in self._pages or dotted in self._imports:
                return self.module(thing.url, dotted)
            return Thing("outside", name=dotted)
        if thing.kind in ("class", "self", "super"):
            return self.of_class(thing, name)
        table = self.modules[thing.url].tables[thing.scope]
        if thing.kind == "variable":
            value = self._valued(thing.url, table, thing.name)
        else:
            value = self._result(thing) if table.getter else None
        return self.of_class(value, name) if value else None

    # ### Values
    def _valued(self, url: str, table: Table, name: str) -> Thing | None:
        """The instance that a variable holds, if the source says of which class."""
        key = url, table.first, name, "value"
        value = table.values.get(name)
        if value is None or key in self._open:
            return None
        self._open.add(key)
        thing = self._instance(url, value)
        self._open.discard(key)
        return thing

    def _result(self, thing: Thing) -> Thing | None:
        """The instance that a function returns."""
        returns = self.modules[thing.url].tables[thing.scope].returns
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
                held = self.modules[thing.url].tables[thing.scope]
                return self._valued(thing.url, held, thing.name)
            return thing if thing.kind == "self" else None
        if thing.kind == "class":
            return Thing("self", thing.url, thing.scope)
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
        return self.module(url, dotted) if dotted in self._pages else None

    def of_class(self, thing: Thing, name: str) -> Thing | None:
        order = self._order(thing.url, thing.scope)
        if name.startswith("__") and not name.endswith("__"):
            # Only the class itself sees its private names.
            order = order[:1]
        if thing.kind == "super":
            order = order[1:]
        for base in order:
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
            table = self.modules[base.url].tables[base.scope]
            if name in table.bound:
                return self._bound(base.url, base.scope, name)
            if name in table.attributes:
                return Thing("variable", base.url, base.scope, name)
        return None

    def _order(self, url: str, key: int) -> tuple[Thing | None, ...]:
        """
        A class and its bases in the order in which Python looks for an attribute;
        `None` stands where that is not known any more.
        """
        # The bases come first: of these, there may be more than the stack is deep.
        waiting = [] if (url, key) in self._orders else [(url, key)]
        opened: set[tuple[str, int]] = set()
        while waiting:
            one = waiting[-1]
            if one not in self._orders:
                # A class that is its own base has no base that is known.
                self._orders[one] = (Thing("class", *one), None)
                opened.add(one)
                bases = [base for base in self._bases(*one) if base]
                classes = [(b.url, b.scope) for b in bases if b.kind == "class"]
                waiting += [base for base in classes[::-1] if base not in self._orders]
            else:
                waiting.pop()
                if one in opened:
                    opened.discard(one)
                    self._orders[one] = self._merged(*one)
        return self._orders[url, key]

    def _bases(self, url: str, key: int) -> list[Thing | None]:
        table = self.modules[url].tables[key]
        return [self._base(url, table, text) for text in table.bases]

    def _merged(self, url: str, key: int) -> tuple[Thing | None, ...]:
        lists: list[list[Thing | None]] = []
        for base in self._bases(url, key):
            if base and base.kind == "class":
                lists.append(list(self._order(base.url, base.scope)))
            else:
                lists.append([base if base and base.kind == "outside" else None])
        order: list[Thing | None] = [Thing("class", url, key)]
        if len(lists) == 1:
            return (*order, *lists[0])
        lists.append([each[0] for each in lists])
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
        if thing := self.starred(url, root):
            return self.along(thing, rest)
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

    def along(self, thing: Thing | None, rest: str) -> Thing | None:
        """What stands behind the dots of a text, from what its beginning stands for."""
        for name in filter(None, rest.split(".")):
            thing = thing and self.member(thing, name)
        return thing
