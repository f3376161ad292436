"""
---
title: An inventory of our own
summary: >
  What a site explains, in the form that Sphinx, MyST and mkdocstrings read, so that the
  documentation of other projects can link here by name.
---

# An inventory of our own

A project that knows the address of a site finds the file objects.inv there. It lists
modules, classes, functions, methods, properties, attributes and data of Python, also
under the names by which a package passes them on, and every page as a document.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from ..model import Outline, Site
from .inventory import HEAD
from .resolve import Resolver, Thing

# What Sphinx calls a name, and its anchor.
_Entries = dict[str, tuple[str, str]]


def write_inventory(site: Site, title: str) -> bytes:
    """
    The inventory of a site with this title. Modules that share a name are left out.
    """
    resolver = Resolver(site.outlines)
    listed = {url: _entries(outline) for url, outline in site.outlines.items()}
    modules = [outline.source.module for outline in site.outlines.values()]
    counts = Counter(filter(None, modules))
    pages = [
        (url, outline.source.module)
        for url, outline in site.outlines.items()
        if counts[outline.source.module] == 1
    ]
    lines: list[tuple[str, str]] = []
    for url, module in pages:
        lines.append((module, f"py:module 0 {quote(url)} -"))
        for name, (kind, anchor) in listed[url].items():
            lines.append((f"{module}.{name}", f"py:{kind} 1 {quote(url)}#{anchor} -"))
    known = {name for name, _ in lines}
    for url, module in pages:
        for name, thing in _passed_on(resolver, url):
            there = resolver.modules[thing.url].tables[thing.scope].qualname
            start = f"{there}.{thing.name}".strip(".")
            for qualname, (kind, anchor) in listed[thing.url].items():
                dotted = f"{module}.{name}{qualname.removeprefix(start)}"
                if f"{qualname}.".startswith(f"{start}.") and dotted not in known:
                    lines.append((dotted, f"py:{kind} 1 {quote(thing.url)}#{anchor} -"))
    head = [HEAD.decode(), f"# Project: {' '.join(title.split())}", "# Version: "]
    head += ["# The remainder of this file is compressed using zlib.", ""]
    body = "".join(f"{name} {rest}\n" for name, rest in lines)
    for url, outline in site.outlines.items():
        name = url.removesuffix(".html")
        words = " ".join(outline.title.split())
        body += f"{name} std:doc -1 {quote(url)} {words or '-'}\n"
    return "\n".join(head).encode() + zlib.compress(body.encode(), 9)


def _entries(outline: Outline) -> _Entries:
    """The names that a page explains, with what Sphinx calls them and their anchors."""
    tables = outline.module.tables if outline.module else ()
    properties = {table.qualname for table in tables if table.getter}
    classes = {name for kind, name in outline.sections if kind == "class"}
    entries: _Entries = {}
    for (kind, name), anchor in zip(outline.sections, outline.anchors, strict=True):
        if anchor in outline.hidden:
            continue
        if kind == "function" and name.rpartition(".")[0] in classes:
            sort = "property" if name in properties else "method"
            entries.setdefault(name, (sort, anchor))
        elif kind in ("class", "function"):
            entries.setdefault(name, (kind, anchor))
    for scope, anchors in outline.ids.items():
        table = tables[scope]
        if table.kind == "module" or table.qualname in classes:
            sort = "data" if table.kind == "module" else "attribute"
            for name, anchor in anchors.items():
                if name:
                    qualname = f"{table.qualname}.{name}".lstrip(".")
                    entries.setdefault(qualname, (sort, anchor))
    return entries


def _passed_on(resolver: Resolver, url: str) -> Iterator[tuple[str, Thing]]:
    """What `__all__` names, or a package imports, and another page explains."""
    # Of a file that is shown as code alone, nobody knows the names.
    if (module := resolver.modules.get(url)) is None:
        return
    names = {*(module.exports or ())}
    path = resolver.outlines[url].source.path
    if module.exports is None and path.endswith("__init__.py"):
        names = {name for name in module.tables[0].bindings if name[0] != "_"}
        for target in module.stars:
            if page := resolver.page_of(url, target):
                names |= {*(resolver.modules[page].exports or ())}
    here = Thing("module", url, name=resolver.names[url])
    for name in sorted(names):
        thing = resolver.member(here, name)
        kinds = ("class", "function", "variable")
        if thing and thing.kind in kinds and thing.url != url:
            yield name, thing
