r"""
---
title: Names that live elsewhere
summary: >
  Addresses of the documentation of others, from their Sphinx inventories or from
  patterns.
---

# Names that live elsewhere

`nn.Linear` is not ours, but its documentation has an address. Sphinx writes a list of
all names that a site documents, its *inventory* `objects.inv`. A project that keeps a
copy on its disk gets links from it, and never a wrong one:

```toml
[tool.sidelit.inventories]
"https://docs.pytorch.org/docs/stable/" = "inventories/torch.inv"
```

Without an inventory, a pattern says how to make an address from a name. A key is one
name, or ends with `.*` for the public names directly in a module. The most exact key
wins, and an empty pattern means no link:

```toml
[tool.sidelit.external]
"numpy.*" = "https://numpy.org/doc/stable/reference/generated/{name}.html"
"numpy.float32" = "https://numpy.org/doc/stable/reference/arrays.scalars.html#{name}"
```

Python's own library needs neither.
"""

import os
import sys
import zlib
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import urljoin

from ..model import usage_error

# ## Python's library
#
# Each module has a page, and the names directly in it have anchors there. A module
# inside a package has a page of its own only if it is one of these.
_PYTHON = "https://docs.python.org/3/library/"
_OWN_PAGE = frozenset(
    (
        "collections.abc", "concurrent.futures", "email.message", "email.parser",
        "email.policy", "html.entities", "html.parser", "http.client", "http.cookiejar",
        "http.cookies", "http.server", "importlib.metadata", "importlib.resources",
        "logging.config", "logging.handlers", "multiprocessing.shared_memory",
        "os.path", "unittest.mock", "urllib.error", "urllib.parse", "urllib.request",
        "urllib.robotparser", "xml.dom.minidom", "xml.dom.pulldom",
        "xml.etree.ElementTree",
    )
)  # fmt: skip
# These have no page, or one for themselves and many for their names.
_NO_PAGE = frozenset(
    (
        "antigravity", "distutils", "genericpath", "idlelib", "lib2to3", "nt", "ntpath",
        "nturl2path", "opcode", "posixpath", "pydoc_data", "sre_compile",
        "sre_constants", "sre_parse", "this",
    )
)  # fmt: skip
_NO_ANCHORS = frozenset(("asyncio", "tkinter", "xml"))


class Elsewhere:
    """
    ## Addresses

    `external` are patterns of addresses by names, and `inventories` are files by the
    addresses of their sites. Raises `SidelitError` for one that cannot be read, when it
    is first needed.
    """

    def __init__(
        self,
        external: Iterable[tuple[str, str]],
        inventories: Iterable[tuple[str, str]],
    ) -> None:
        self.patterns = dict(external)
        self.inventories = inventories
        self._known: dict[tuple[str, bool], str] = {}

    def content(self) -> tuple[dict[str, str], list[bytes]]:
        """All that the addresses follow from."""
        return self.patterns, [inventory_data(path) for _, path in self.inventories]

    @cached_property
    def listed(self) -> dict[str, str]:
        """The names of all inventories with their addresses."""
        found: dict[str, str] = {}
        for address, path in self.inventories:
            for name, place in read_inventory(path).items():
                found.setdefault(name, urljoin(address, place))
        return found

    @cached_property
    def _roots(self) -> set[str]:
        return {name.partition(".")[0] for name in self.listed}

    @cached_property
    def pattern_roots(self) -> set[str]:
        """The projects that have a pattern, by the first part of their names."""
        return {name.partition(".")[0] for name in self.patterns}

    def is_set(self, name: str) -> bool:
        """Whether the settings say where names of its project are documented."""
        root = name.partition(".")[0]
        return root in self._roots or root in self.pattern_roots

    def address(self, name: str, is_module: bool = False) -> str:
        """Where a dotted name is documented, or nothing if that is not certain."""
        key = name, is_module
        if key not in self._known:
            self._known[key] = self._address(name, is_module)
        return self._known[key]

    def _address(self, name: str, is_module: bool) -> str:
        root = name.partition(".")[0]
        if name in self.listed or root in self._roots:
            return self.listed.get(name, "")
        module, _, last = name.rpartition(".")
        pattern = self.patterns.get(name)
        if pattern is None and not last.startswith("_"):
            pattern = self.patterns.get(f"{module}.*")
        if pattern is not None:
            return pattern.format(name=name, module=module)
        if self.is_set(name):
            return ""
        return _in_library(name, is_module) if root in sys.stdlib_module_names else ""


def _in_library(name: str, is_module: bool) -> str:
    root = name.partition(".")[0]
    if root in _NO_PAGE or (root.startswith("_") and root != "__future__"):
        return ""
    if name == root or name in _OWN_PAGE:
        return f"{_PYTHON}{name.lower()}.html"
    module, _, last = name.rpartition(".")
    if (
        is_module
        or last.startswith("_")
        or (module != root and module not in _OWN_PAGE)
    ):
        return ""
    anchor = "" if root in _NO_ANCHORS else f"#{name}"
    return f"{_PYTHON}{module.lower()}.html{anchor}"


# ## Inventories
#
# Four lines of text, then compressed lines of a name, its kind, a priority, a place in
# which `$` stands for the name, and a title or `-` for the name.
HEAD = b"# Sphinx inventory version 2"


def inventory_data(path: str) -> bytes:
    """The bytes of an inventory. Raises `SidelitError` if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        here = os.path.relpath(path)
        raise usage_error(
            f"inventories: {here} cannot be read: {error.strerror}"
        ) from None


def read_inventory(path: str) -> dict[str, str]:
    """The Python names of an inventory with their places, seen from its site."""
    here, data = os.path.relpath(path), inventory_data(path)
    head, *parts = data.split(b"\n", 4)
    if head.strip() != HEAD or len(parts) < 4:
        raise usage_error(
            f"inventories: {here} is no Sphinx inventory of version 2; take the file "
            f"objects.inv of a site that Sphinx has made"
        )
    try:
        text = zlib.decompress(parts[3]).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise usage_error(f"inventories: {here} is damaged: {error}") from None
    found = {}
    for line in text.splitlines():
        # A name may have spaces in it, but none that is Python's.
        name, kind, _, place, *_ = [*line.split(" ", 4), "", "", ""]
        if kind.startswith("py:") and place:
            found[name] = place[:-1] + name if place.endswith("$") else place
    return found
