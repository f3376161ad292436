r"""
---
title: What a module defines
summary: >
  One walk over the tree of a Python file notes what each of its scopes binds, what its
  imports stand for, and every name in it that could lead somewhere.
---

# What a module defines

A name leads to its definition, and between the two may lie other files. What one file
has to say about it is gathered here: which classes, functions and variables it defines,
what its imports stand for, and which names it uses. [Links](links.py) puts the files
together. Nothing is imported: what a name means is read from the text, as a reader
would, and where the text leaves it open, the name has no meaning here.
"""

import ast
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from ..read.functions import without_attributes
from ..read.walk import syntax_tree
from .scopes import Resolver, Scope, Use


@dataclass(frozen=True, slots=True)
class Binding:
    """
    ## A binding

    A place where a scope gives a name its meaning, in lines and characters. An import
    has the `target` that it stands for, `package.module` or `package.module:name`.
    `arms` are the branches that it stands in, and `minor` says that others are more to
    the point: `x = None` above an import, an overload, a setter. `assigned` is a plain
    `x = …` of a module or class.
    """

    kind: Literal["class", "function", "variable", "import"]
    line: int
    column: int
    target: str = ""
    arms: tuple[tuple[int, int], ...] = ()
    minor: bool = False
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """
    ## What a value is

    The class that the source gives to a variable, as a text to be resolved in a scope:
    that of an annotation (`x: A`), of what is called (`x = A()`), or of another
    variable (`self.x = x`).
    """

    form: Literal["annotation", "call", "variable"]
    scope: int
    text: str


@dataclass(slots=True)
class Table:
    """
    ## A table of bindings

    What a module, a class or a function binds. Its key is the line where it begins, 0
    for a module, since two of them may have the same name.

    * `outer` is the key of the one around it
    * `first` and `last` are the lines of its header, and `end` is its last line
    * `bases` are those of a class as they are written, with `?` for what is no name
    * `bindings` are all bindings of a name, unless it is only a variable of a function
      or means different things that nobody can tell apart
    * `attributes` is where `self.x` gets its first value
    * `bound` are all names that it binds
    * `values` says of variables what they are, `self.x` among those of its class
    * `returns` is what a function returns, and `getter` that one need not call it
    * `receiver` is the parameter of a method that is its instance or its class
    """

    kind: str
    qualname: str
    outer: int
    first: int = 0
    last: int = 0
    end: int = 0
    bases: tuple[str, ...] = ()
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, tuple[int, int]] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    values: dict[str, Value] = field(default_factory=dict)
    returns: Value | None = None
    getter: bool = False
    receiver: str = ""

    def find(self, name: str) -> Binding | None:
        """The one binding of a name that can be meant, if there is one."""
        found = self.bindings.get(name, [])
        found = [one for one in found if not one.minor] or found[:1]
        sure = [one for one in found if one.kind != "variable"]
        if not sure:
            return found[0] if found else None
        first, *others = sure
        rivals = [one for one in others if (one.target or 0) != first.target]
        # Behind its class, `A = decorated(A)` is still about that class.
        rivals += [
            one
            for one in found
            if one.kind == "variable" and (first.kind == "import" or not one.assigned)
        ]
        return first if all(_exclude(first, one) for one in rivals) else None


def _exclude(one: Binding, other: Binding) -> bool:
    """Whether they stand in branches of which only one is taken."""
    arms = dict(one.arms)
    return any(arms.get(fork, arm) != arm for fork, arm in other.arms)


class Names:
    """
    ## The names of a file

    Its uses of variables, and with a negative `variable` all further names that may
    lead somewhere: attributes (`nn.Linear`), and what stands in an import, absolute and
    behind a `=`. They are kept in plain columns, because a large site has millions.
    """

    __slots__ = ("_binds", "_columns", "_texts")

    def __init__(self, uses: list[Use]) -> None:
        uses.sort(key=lambda use: (use.line, use.start))
        self._columns = [
            array("i", [use.line for use in uses]),
            array("i", [use.start for use in uses]),
            array("i", [use.end for use in uses]),
            array("i", [use.variable for use in uses]),
            array("i", [use.scope for use in uses]),
        ]
        self._binds = bytes(use.binds for use in uses)
        self._texts = [sys.intern(use.text) for use in uses]

    def __iter__(self) -> Iterator[Use]:
        lines, starts, ends, variables, scopes = self._columns
        rows = zip(lines, starts, ends, self._texts, variables, self._binds, scopes)  # noqa: B905
        for line, start, end, text, variable, binds, scope in rows:
            yield Use(line, start, end, text, variable, bool(binds), scope)


@dataclass(frozen=True, slots=True)
class Module:
    """
    ## A module

    * `names` are the names in it
    * `tables` are its scopes, by the line where they begin
    * `stars` are the modules of which it imports everything, with their lines
    * `imports` are all modules that its imports name
    * `exports` is what `__all__` holds, if it is a plain list
    """

    names: Names
    tables: dict[int, Table]
    stars: tuple[tuple[int, str], ...]
    imports: frozenset[str]
    exports: tuple[str, ...] | None


def read(text: str, module: str = "", package: bool = False) -> Module:
    """
    The definitions of a file, given the dotted name of its module and whether that is
    the module of a folder. Raises `SyntaxError` for text that is not valid Python.
    """
    reader = _Reader(text, module, package)
    try:
        reader.visit_scope(syntax_tree(text), Scope("module", None))
    except RecursionError:
        # Of a sum of a thousand terms nothing is read, and anything may be in it.
        tables = {0: Table("module", "", -1)}
        return Module(Names([]), tables, ((0, ""),), frozenset(), None)
    names = Names(list(reader.names()))
    reader.forget_what_changes()
    reader.forget_what_is_unclear()
    stars, imports = tuple(reader.stars), frozenset(reader.imports)
    return Module(names, reader.tables, stars, imports, reader.exports)


class _Reader(Resolver):
    """The walk of the resolver, which also keeps what each scope binds to what."""

    def __init__(self, text: str, module: str, package: bool) -> None:
        super().__init__(text)
        parts = module.split(".")
        self.package = parts if package else parts[:-1]
        self.tables: dict[int, Table] = {}
        self.table = Table("", "", -1)
        self.arms: tuple[tuple[int, int], ...] = ()
        self.stars: list[tuple[int, str]] = []
        self.imports: set[str] = set()
        self.exports: tuple[str, ...] | None = None
        # Places in `seen` of `x = None`, which says nothing of `x`, and of `del x`.
        self.empty: set[int] = set()
        self.deleted: set[int] = set()
        # Attributes with the place of their root in `seen`, and names in imports.
        self.chains: list[tuple[int, Scope, str, int, int]] = []
        self.paths: list[Use] = []
        self.held: list[Scope | None] = []

    # ### Scopes
    def visit_scope(self, node: ast.AST, scope: Scope) -> None:
        """Visit a scope with a table of its own, if it has a name."""
        if isinstance(node, ast.Lambda):
            super().visit_scope(node, scope)
            return
        outer, arms, self.arms = self.table, self.arms, ()
        table = self.table = Table(
            scope.kind, "", -1, bound=scope.bound, receiver=scope.receiver
        )
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            table.qualname = f"{outer.qualname}.{node.name}".lstrip(".")
            table.outer, table.first = outer.first, node.lineno
            table.last = max(node.lineno, node.body[0].lineno - 1)
            table.end = node.end_lineno or node.lineno
        if isinstance(node, ast.ClassDef):
            table.bases = tuple(_base(one) for one in node.bases)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._signature(node, table)
        self.tables[getattr(node, "lineno", 0)] = table
        super().visit_scope(node, scope)
        self.table, self.arms = outer, arms

    def _signature(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, table: Table
    ) -> None:
        arguments = node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if value := self._annotated(one.annotation, table.outer):
                table.values[one.arg] = value
        decorators = {_chain(one).rpartition(".")[2] for one in node.decorator_list}
        if isinstance(node, ast.FunctionDef) and decorators <= _KEEPING:
            table.returns = self._annotated(node.returns, table.outer)
            table.getter = bool(decorators & _GETTERS and table.returns)

    def _annotated(self, annotation: ast.expr | None, key: int) -> Value | None:
        text = _class_of(annotation)
        holder = self.scope.holder(text.partition(".")[0])
        # The `T` of `def f[T](x: T)` may be anything.
        is_parameter = holder and holder.kind == "type"
        return Value("annotation", key, text) if text and not is_parameter else None

    def _bind(
        self,
        kind: Literal["class", "function", "variable", "import"],
        name: str,
        line: int,
        column: int,
        target: str = "",
        minor: bool = False,
        assigned: bool = False,
    ) -> None:
        # What is `global` is bound in the module; lambdas have no table.
        holder = self.scope.holder(name)
        if holder and holder.line >= 0:
            found = Binding(kind, line, column, target, self.arms, minor, assigned)
            self.tables[holder.line].bindings.setdefault(name, []).append(found)

    def _define(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        super()._define(node)
        _, name, line, column, _ = self.seen[-1] if self.seen else (None, "", 0, 0, 0)
        if name != node.name:
            return
        kind: Literal["class", "function"] = (
            "class" if isinstance(node, ast.ClassDef) else "function"
        )
        minor = any(_is_minor(one) for one in node.decorator_list)
        # The name may stand below its `def`, and the `def` is the key of its table.
        if line == node.lineno:
            self._bind(kind, name, line, column, minor=minor)

    @contextmanager
    def _branch(self, node: ast.AST, arm: int) -> Iterator[None]:
        outer, self.arms = self.arms, (*self.arms, (id(node), arm))
        yield
        self.arms = outer

    def _all(self, nodes: list[ast.stmt]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        for arm, body in enumerate((node.body, node.orelse)):
            with self._branch(node, arm):
                self._all(body)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        with self._branch(node, 0):
            self._all(node.body)
        for arm, handler in enumerate(node.handlers, 1):
            with self._branch(node, arm):
                self.visit(handler)
        with self._branch(node, 0):
            self._all(node.orelse)
        self._all(node.finalbody)

    visit_TryStar = visit_Try

    # ### Imports
    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        super()._import(node)
        if isinstance(node, ast.ImportFrom):
            self._import_from(node)
            return
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else name
            self._bind("import", name, node.lineno, -1, target)
            start = self._column(alias.lineno, alias.col_offset)
            self._path(alias.lineno, start, alias.name, "")

    visit_Import = visit_ImportFrom = _import

    def _import_from(self, node: ast.ImportFrom) -> None:
        if node.level > len(self.package):
            if node.names[0].name == "*":
                self.stars.append((node.lineno, ""))
            return
        up = self.package[: len(self.package) - node.level + 1] if node.level else []
        module = ".".join([*up, *([node.module] if node.module else [])])
        line = self.lines[node.lineno - 1]
        start = self._column(node.lineno, node.col_offset) + len("from")
        if node.module:
            gap = len(line) - len(line[start:].lstrip(" .")) - start
            before = ".".join(up)
            self._path(node.lineno, start + gap, node.module, before)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append((node.lineno, module))
                continue
            # `from . import x` at the top of everything is the module `x`.
            target = f"{module}:{alias.name}" if module else alias.name
            self._bind("import", alias.asname or alias.name, node.lineno, -1, target)
            start = self._column(alias.lineno, alias.col_offset)
            self._lead(alias.lineno, start, alias.name, f"={target}")

    def _path(self, line: int, start: int, dotted: str, before: str) -> None:
        for part in dotted.split("."):
            before = f"{before}.{part}".lstrip(".")
            self.imports.add(before)
            self._lead(line, start, part, f"={before}")
            start += len(part) + 1

    def _lead(self, line: int, start: int, word: str, text: str) -> None:
        if self._stands(word, line, start):
            self.paths.append(Use(line, start, start + len(word), text, -1, False))

    def _stands(self, word: str, line: int, start: int) -> bool:
        """Whether it is there: line breaks and other letters move what trees tell."""
        return self.lines[line - 1].startswith(word, start)

    # ### Variables and attributes
    def visit_Name(self, node: ast.Name) -> None:
        super().visit_Name(node)
        if isinstance(node.ctx, ast.Store):
            _, name, line, column, _ = self.seen[-1]
            self._bind("variable", name, line, column)
        elif isinstance(node.ctx, ast.Del):
            self.deleted.add(len(self.seen) - 1)

    def visit_Assign(self, node: ast.Assign) -> None:
        is_none = _is_none(node.value)
        for target in node.targets:
            if is_none:
                self.empty.add(len(self.seen))
            self.visit(target)
            if not isinstance(target, ast.Name) or target.id in self.scope.elsewhere:
                continue
            bindings = self.table.bindings[target.id]
            assigned = self.table.kind != "function"
            bindings[-1] = replace(bindings[-1], minor=is_none, assigned=assigned)
            self._export(target, node.value)
        self.visit(node.value)
        if len(node.targets) == 1:
            call = isinstance(node.value, ast.Call)
            text = _chain(
                node.value.func if isinstance(node.value, ast.Call) else node.value
            )
            if text:
                form: Literal["call", "variable"] = "call" if call else "variable"
                self._value(node.targets[0], Value(form, self.table.first, text))

    def _export(self, target: ast.expr, value: ast.expr | None) -> None:
        is_all = isinstance(target, ast.Name) and target.id == "__all__"
        if is_all and value and self.scope.kind == "module":
            self.exports = _texts(value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value and _is_none(node.value):
            self.empty.add(len(self.seen))
        self.generic_visit(node)
        self._export(node.target, node.value)
        if value := self._annotated(node.annotation, self.table.first):
            self._value(node.target, value)

    def _value(self, target: ast.expr, value: Value) -> None:
        """Keep what a variable is, if the source says so once."""
        name, holder = _chain(target), self.scope
        if name.startswith("self.") and (around := self.scope.class_of("self")):
            name, holder = name.removeprefix("self."), around
        # What a class body holds may give something else to instances.
        annotated = value.form == "annotation"
        if holder is self.scope and holder.kind == "class" and not annotated:
            return
        if holder.line >= 0 and name and "." not in name:
            self.tables[holder.line].values.setdefault(name, value)

    def _bound(self, leaving_out: set[int]) -> Counter[tuple[int, str]]:
        """How often each scope binds each name, places in `seen` left out."""
        return Counter(
            (holder.line, name)
            for place, (_, name, _, _, binds) in enumerate(self.seen)
            if binds and (holder := self.held[place]) and place not in leaving_out
        )

    def forget_what_changes(self) -> None:
        """A variable that gets its value twice may be two things."""
        counts = self._bound(leaving_out=self.empty)
        for key, table in self.tables.items():
            for name, value in list(table.values.items()):
                # What the body of a class declares, it promises.
                in_body = table.kind == "class" and value.scope == key
                count = counts[key, name] + counts[key, f"self.{name}"]
                if count > 1 and not in_body:
                    del table.values[name]

    def forget_what_is_unclear(self) -> None:
        """
        A class, function or import whose name is bound in yet another way, such as by
        `except … as`, may be meant or not. Variables of functions are left out, too.
        """
        counts = self._bound(leaving_out=self.deleted)
        for key, table in self.tables.items():
            for name, found in list(table.bindings.items()):
                if all(one.kind == "variable" for one in found):
                    unclear = table.kind == "function"
                else:
                    unclear = counts[key, name] > len(found)
                if unclear:
                    del table.bindings[name]

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.exports = None
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        before = len(self.seen)
        super().visit_Attribute(node)
        if len(self.seen) == before:
            return
        line = node.end_lineno or node.lineno
        start = self._column(line, node.end_col_offset or 0) - len(node.attr)
        text = _chain(node)
        if text == f"self.{node.attr}" and self.seen[before][1] == text:
            # It is a use of its own already.
            holder = self.scope.class_of("self")
            if holder and isinstance(node.ctx, ast.Store):
                place = self.seen[before][2], start
                self.tables[holder.line].attributes.setdefault(node.attr, place)
        elif text and self._stands(node.attr, line, start):
            self.chains.append((len(self.seen) - 1, self.scope, text, line, start))

    def holders(self) -> Iterator[Scope | None]:
        """The scopes of all names that were seen, found once."""
        return iter(self.held)

    def names(self) -> Iterator[Use]:
        """All names that could lead somewhere, when all has been seen."""
        holders = self.held = list(super().holders())
        yield from self.resolved()
        yield from self.paths
        for place, scope, text, line, start in self.chains:
            root, _, attribute = text.partition(".")
            holder = holders[place]
            if root == "super()":
                # Of `super` there is only one, unless somebody took the name.
                holder = None if holder else scope.class_around()
            elif root in ("self", "cls"):
                holder = scope.class_of(root) or holder
            elif not holder and self.stars:
                holder = self.seen[0][0].module()
            if holder and holder.line >= 0:
                end = start + len(attribute.rpartition(".")[2])
                yield Use(line, start, end, text, -1, False, holder.line)
        if self.stars:
            for (_, name, line, start, binds), holder in zip(
                self.seen, holders, strict=True
            ):
                if not (holder or binds) and "." not in name:
                    yield Use(line, start, start + len(name), name, -1, False, 0)


def _chain(node: ast.expr) -> str:
    """`a.b.c` or `super().b` as it is written, and nothing for any other tree."""
    root, attributes = without_attributes(node)
    if isinstance(root, ast.Name):
        return f"{root.id}{attributes}"
    if isinstance(root, ast.Call) and not (root.args or root.keywords):
        is_super = isinstance(root.func, ast.Name) and root.func.id == "super"
        return f"super(){attributes}" if is_super else ""
    return ""


# What does not change what a function returns.
_GETTERS = frozenset(("property", "cached_property"))
_KEEPING = _GETTERS | {"abstractmethod", "cache", "classmethod", "override"}
_KEEPING |= {"staticmethod"}


def _class_of(annotation: ast.expr | None) -> str:
    """The class in an annotation: `A` of `A`, `A[int]`, `A | None`, `Optional[A]`."""
    if isinstance(annotation, ast.BinOp):
        sides = (annotation.left, annotation.right)
        texts = [_class_of(one) for one in sides if not _is_none(one)]
        return texts[0] if len(texts) == 1 else ""
    if isinstance(annotation, ast.Subscript):
        is_optional = _chain(annotation.value).rpartition(".")[2] == "Optional"
        return _class_of(annotation.slice if is_optional else annotation.value)
    return _chain(annotation) if annotation else ""


def _base(node: ast.expr) -> str:
    # The base of `class A(B[int])` is `B`.
    while isinstance(node, ast.Subscript):
        node = node.value
    return _chain(node) or "?"


def _is_minor(decorator: ast.expr) -> bool:
    """Whether a function under it only adds to another one of the same name."""
    text = _chain(decorator)
    return text.rpartition(".")[2] in ("overload", "setter", "deleter", "register")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _texts(node: ast.expr) -> tuple[str, ...] | None:
    """The texts of a plain list or tuple of texts."""
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    texts = tuple(one for one in found if isinstance(one, str))
    return texts if len(texts) == len(node.elts) else None
