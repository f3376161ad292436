r"""
---
title: Names in prose
summary: >
  What a name between back-ticks means to a reader of the prose around it, which is not
  always what it would mean to Python.
---

# Names in prose

Prose speaks of names more freely than code: of a method by its last name, of a module
by the name of its file, of a class that the file does not import. So a name is first
looked up as code would, from the class or function that the prose is about, and then
in all files, where only one thing may be meant.
"""

import builtins
import keyword
import posixpath
import re
from functools import cached_property
from typing import Literal

from .resolve import UNKNOWN, Resolver, Thing


class Mentions:
    """
    ## Mentions

    `resolver` knows what names stand for.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._locals: dict[tuple[str, int], set[str]] = {}
        self._imported_pages: dict[str, set[str]] = {}

    def thing(self, url: str, qualname: str, text: str) -> Thing | None:
        """
        What a text in the prose of a page's class or function means, or nothing.
        Parameters and variables of functions mean nothing.
        """
        match = _NAME.fullmatch(text)
        if match is None:
            return None
        name, called = match[1], bool(match[2])
        thing = self._meant(url, qualname, name, called)
        if thing is None or (
            thing.kind == "variable" and not self._is_clear(thing, name)
        ):
            return None
        # A plain word may mean anything: an option, a format. A method is one.
        word = name.isalpha() and name.islower() and not called
        return None if word and not self._is_method(thing) else thing

    def dotted(self, url: str, name: str) -> Thing | None:
        """What a whole dotted name stands for, from the name of a module on."""
        parts = name.split(".")
        for count in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:count])
            if page := self.resolver.page_of(url, module):
                thing = Thing("module", page, name=module)
                return self.resolver.along(thing, ".".join(parts[count:]))
        return None

    def _is_clear(self, thing: Thing, name: str) -> bool:
        """Whether a name means a variable: one in capitals, or `owner.attribute`."""
        tables = self.resolver.modules[thing.url].tables
        of_class = tables[thing.scope].kind == "class"
        return not name.islower() or ("." in name and of_class)

    def of_module(self, url: str, name: str) -> Thing | None:
        """What a dotted name stands for in the module of a page."""
        if not _NAME.fullmatch(name) or FILE.fullmatch(name):
            return None
        root = name.partition(".")[0]
        module = self.resolver.modules.get(url)
        is_bound = module is not None and root in module.tables[0].bound
        return self.resolver.find(url, 0, name) if is_bound else None

    def _is_method(self, thing: Thing) -> bool:
        if thing.kind != "function":
            return False
        tables = self.resolver.modules[thing.url].tables
        return tables[tables[thing.scope].outer].kind == "class"

    def _meant(self, url: str, qualname: str, name: str, called: bool) -> Thing | None:
        find, along = self.resolver.find, self.resolver.along
        root, _, rest = name.partition(".")
        if keyword.iskeyword(root):
            return None
        if url in self.resolver.modules:
            tables = self.resolver.modules[url].tables
            key = next((one.key for one in tables if one.qualname == qualname), 0)
            while key >= 0:
                table = tables[key]
                if table.kind == "class":
                    if root in ("self", "cls") and rest:
                        return find(url, key, name)
                    if root in self._inside(url, key):
                        return None
                    thing = self.resolver.of_class(Thing("self", url, key), root)
                    if thing and thing.kind != "outside":
                        return along(thing, rest)
                elif root in table.bound and root not in ("self", "cls"):
                    return find(url, key, name)
                key = table.outer
            # A star that nobody has read may give a short name; one with dots is rather
            # that of a module.
            thing = self.resolver.starred(url, root)
            if thing and not (thing == UNKNOWN and rest):
                return along(thing, rest)
            if any(root in table.bound for table in tables):
                return None
        return self._anywhere(url, name, called)

    def _anywhere(self, url: str, name: str, called: bool) -> Thing | None:
        """What a name means that its own file does not know."""
        page_of, along = self.resolver.page_of, self.resolver.along
        root, *rest = parts = name.split(".")
        for count in range(len(parts), 0, -1):
            page = page_of(url, ".".join(parts[:count])) if rest else ""
            # A module in a package has a long name, by which nobody means another.
            if page and (count > 1 or self._is_near(url, page)):
                thing = Thing("module", page, name=".".join(parts[:count]))
                return along(thing, ".".join(parts[count:]))
        found = self._by_last.get(root, [])
        is_call = called and url in self.resolver.modules
        plain = not (rest or is_call or _CLASS_NAME.fullmatch(root))
        if len(found) == 1 and not plain and not hasattr(builtins, root):
            near = self._is_near(url, found[0].url)
            return along(found[0], ".".join(rest)) if near else None
        is_file = FILE.fullmatch(name)
        return Thing("outside", name=name) if rest and not (found or is_file) else None

    def _is_near(self, url: str, page: str) -> bool:
        """
        Whether prose may mean what is on another page by its short name: a module does
        if it imports that page or stands in the same folder, and plain text always.
        """
        if url not in self.resolver.modules:
            return True
        if url not in self._imported_pages:
            paths = self.resolver.outlines[url].imports
            things = (self.resolver.imported(url, path) for path in paths)
            self._imported_pages[url] = {thing.url for thing in things if thing}
        # A package stands beside its own modules and in the folder around it.
        places = page, page.removesuffix("/index.html")
        beside = posixpath.dirname(url) in map(posixpath.dirname, places)
        return beside or page in self._imported_pages[url]

    def _inside(self, url: str, key: int) -> set[str]:
        """The parameters and variables of the methods of a class."""
        if (url, key) not in self._locals:
            tables = self.resolver.modules[url].tables
            those = (one.bound for one in tables if one.outer == key)
            self._locals[url, key] = set().union(*those)
        return self._locals[url, key]

    @cached_property
    def _by_last(self) -> dict[str, list[Thing]]:
        """Modules, classes and functions by the last part of their names."""
        found: dict[str, list[Thing]] = {}
        for url, module in self.resolver.modules.items():
            name = self.resolver.names[url]
            thing = Thing("module", url, name=name)
            found.setdefault(name.rpartition(".")[2], []).append(thing)
            for table in module.tables:
                if table.key and not table.outer:
                    kind: Literal["class", "function"] = (
                        "class" if table.kind == "class" else "function"
                    )
                    found.setdefault(table.qualname, []).append(
                        Thing(kind, url, table.key)
                    )
        return found


_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\(\))?")
_CLASS_NAME = re.compile(r"[A-Z]\w*[a-z]\w*")
# The names of files look like those of attributes.
FILE = re.compile(
    r".*\.(?:py|md|json|toml|txt|html|css|js|cjs|svg|png|jpg|gz|npz|pt|in|ya?ml|cfg|bat"
    r"|csv|dll|exe|gif|ini|inv|ipynb|jpeg|pem|pyi|pyx|rst|tgz|tsv|webp|whl|xml)"
)
