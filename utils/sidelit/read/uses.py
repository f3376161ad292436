r"""
---
title: Names, attributes and imports
summary: >
  The part of the walk that sees names: where they are used, what attributes are taken
  of them, and what imports and patterns bind.
---

# Names, attributes and imports
"""

import ast
from typing import Any

from ..syntax import RelativeImport
from .expressions import chain
from .notes import Notes

# It matters whether code reads these variables of its module.
READ = frozenset(("__doc__", "__file__"))

# Nothing that has more attributes behind each other leads anywhere.
_ATTRIBUTES = 100


def attributes_of(node: ast.Attribute) -> tuple[ast.expr, list[ast.Attribute]]:
    """What attributes are taken of, and the first of these, in order."""
    nodes = [node]
    root = node.value
    while type(root) is ast.Attribute:
        nodes.append(root)
        root = root.value
    return root, nodes[: -_ATTRIBUTES - 1 : -1]


class Uses(Notes):
    def _named(self, node: ast.NamedExpr) -> None:
        # It binds in the function, also from inside a comprehension.
        self._leave()
        self.stack.append(node.target)
        self._step(self._outside)
        self.stack.append(node.value)

    def _outside(self, _: None) -> None:
        while self.scope.kind == "comprehension" and self.scope.outer:
            self.scope = self.scope.outer

    def _attribute(self, node: ast.Attribute) -> None:
        """`a.b.c` at once, from its last attribute to what has the first."""
        root: ast.expr = node.value
        nodes = [node]
        if type(root) is ast.Attribute:
            root, nodes = attributes_of(node)
        if type(node.ctx) is ast.Store:
            self._speak(node.attr)
        name: Any = root
        if type(root) is ast.Name:
            text = root.id
        elif text := chain(root):
            assert isinstance(root, ast.Call)
            name = root.func
        else:
            self.stack.append(root)
            return
        first, scope, seen = nodes[0], self.scope, self.seen
        around = scope.class_of("self") if text == "self" else None
        if (
            around
            and first.lineno == first.end_lineno
            and first.end_col_offset == name.end_col_offset + len(first.attr) + 1
        ):
            column = self.column(first.lineno, first.col_offset) + len("self.")
            binds = type(first.ctx) is not ast.Load
            seen.append((scope, f"self.{first.attr}", first.lineno, column, binds))
        else:
            around = None
        place = len(seen)
        line, column = name.lineno, name.col_offset
        if line in self.wide:
            column = self.column(line, column)
        seen.append((scope, name.id, line, column, False))
        if text in READ:
            self.reads.add(text)
        for one in nodes:
            word = one.attr
            text = f"{text}.{word}"
            line, start = one.end_lineno or 0, one.end_col_offset or 0
            if line in self.wide:
                start = self.column(line, start)
            start -= len(word)
            if one is first and around:
                # It is a use of its own already.
                if type(one.ctx) is ast.Store:
                    attributes = self.tables[around.key].attributes
                    attributes.setdefault(word, (one.lineno, start))
            elif self.lines[line - 1].startswith(word, start):
                self.chains.append((place, scope, text, line, start))

    def _import(self, node: ast.Import) -> None:
        self._see_aliases(node)
        for alias in node.names:
            if not self.typing:
                self.builds_on[alias.name] = None
            name = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else name
            self._bind("import", name, node.lineno, -1, target)
            start = self.column(alias.lineno, alias.col_offset)
            self._path(alias.lineno, start, alias.name, "")

    def _see_aliases(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            line, end = alias.end_lineno or node.lineno, alias.end_col_offset or 0
            start = end - len(name.encode()) if alias.asname else alias.col_offset
            if name != "*":
                self._see(name, line, start, True)
            for part in (alias.asname or alias.name).split("."):
                self._speak(part)
            self.known.add(name)
            if isinstance(node, ast.Import):
                self.known.add(alias.name.partition(".")[0])

    def _import_from(self, node: ast.ImportFrom) -> None:
        self._see_aliases(node)
        package, level = self.package, node.level
        up = package[: len(package) - level + 1] if level else []
        module = ".".join([*up, *([node.module] if node.module else [])])
        if not self.typing:
            names = (f"{module}.{alias.name}" for alias in node.names)
            self.builds_on |= dict.fromkeys(names)
        if node.module and not level:
            self.known.add(module.partition(".")[0])
        if level > len(package):
            if node.names[0].name == "*":
                self.stars.append((node.lineno, ""))
            return
        column = self.column(node.lineno, node.col_offset)
        if level:
            last = node.end_lineno or node.lineno
            found = RelativeImport(node.lineno, last, column, module)
            self.relative_imports.append(found)
        if node.module:
            start = column + len("from")
            line = self.lines[node.lineno - 1]
            gap = len(line) - len(line[start:].lstrip(" .")) - start
            self._path(node.lineno, start + gap, node.module, ".".join(up))
        for alias in node.names:
            if alias.name == "*":
                self.stars.append((node.lineno, module))
                continue
            # `from . import x` at the top of everything is the module `x`.
            target = f"{module}:{alias.name}" if module else alias.name
            self._bind("import", alias.asname or alias.name, node.lineno, -1, target)
            start = self.column(alias.lineno, alias.col_offset)
            self._lead(alias.lineno, start, alias.name, target)

    def _path(self, line: int, start: int, name: str, before: str) -> None:
        for part in name.split("."):
            before = f"{before}.{part}".lstrip(".")
            self.imports.add(before)
            self._lead(line, start, part, before)
            start += len(part) + 1

    def _lead(self, line: int, start: int, word: str, path: str) -> None:
        if self._stands(word, line, start):
            self.paths.append((line, start, path))

    def _elsewhere(self, node: ast.Global | ast.Nonlocal) -> None:
        rule = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.scope.elsewhere.update(dict.fromkeys(node.names, rule))
        before = rf"\b{rule}\b[\w\s,\\]*?\b"
        last = node.end_lineno or node.lineno
        for name in node.names:
            self._find(before, name, node.lineno, node.col_offset, last, False)

    def _pattern(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            start = node.end_col_offset - len(node.name.encode())
            self._see(node.name, node.end_lineno, start, True)
        self._children(node)

    def _mapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            inner = node.patterns[-1] if node.patterns else None
            line = inner.end_lineno if inner else node.lineno
            byte = inner.end_col_offset if inner else node.col_offset
            self._find(r"\*\*", node.rest, line, byte, node.end_lineno)
        self._children(node)
