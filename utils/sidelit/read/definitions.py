r"""
---
title: Classes, functions and what else has a scope
summary: >
  The part of the walk that enters and leaves scopes, in the order in which Python
  evaluates what stands around and in them.
---

# Classes, functions and what else has a scope

Decorators, defaults and bases are evaluated outside a scope, and its body inside. What
is put on the stack first is visited last, so the methods here read from the bottom up.
"""

import ast
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

from ..syntax import Explained, Strings, Table
from .expressions import base, chain, string
from .markers import CELL, is_prose_marker
from .notes import Notes
from .scopes import Scope

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
FunctionDefinition = ast.FunctionDef | ast.AsyncFunctionDef

# What does not change what a function returns.
_GETTERS = frozenset(("property", "cached_property"))
_KEEPING = _GETTERS | {"abstractmethod", "cache", "classmethod", "override"}
_KEEPING |= {"staticmethod"}

# Functions under these decorators only add to another one of the same name.
_MINOR = ("overload", "setter", "deleter", "register")


class Definitions(Notes):
    def _open(self, node: ast.Module | Definition, scope: Scope) -> None:
        """Enter a scope that has a name, and so a table of its own."""
        outer, scope.key = self.table, len(self.tables)
        table = Table(
            scope.kind,
            scope.key,
            getattr(node, "name", ""),
            "",
            -1,
            bound=scope.bound,
            receiver=scope.receiver,
        )
        if not isinstance(node, ast.Module):
            table.qualname = f"{outer.qualname}.{node.name}".lstrip(".")
            table.outer, table.first = outer.key, node.lineno
            table.begin = min(
                [node.lineno, *(line.lineno for line in node.decorator_list)]
            )
            table.last = max(node.lineno, node.body[0].lineno - 1)
            table.end = node.end_lineno or node.lineno
            table.decorators = tuple(map(_last_word, node.decorator_list))
        if isinstance(node, ast.ClassDef):
            table.bases = tuple(map(base, node.bases))
            table.fields = tuple(_fields(node.body))
        elif isinstance(node, FunctionDefinition):
            self._signature(node, table)
        self.tables.append(table)
        self.scopes.append(scope)
        self.bindings.append({})
        self.spoken.append(
            {} if isinstance(node, FunctionDefinition) else _variables(node.body)
        )
        self.scope, self.table, self.arm = scope, table, 0
        self._strings(node, scope.key)
        self._explain(node)
        if isinstance(node, FunctionDefinition):
            self._arguments(node.args)
        if isinstance(node, ast.ClassDef):
            for child in reversed(node.body):
                simple = isinstance(child, ast.Assign | ast.AnnAssign)
                last = child.end_lineno if simple else child.lineno
                self.stack += (child, (self._line_of_class, last))
        else:
            self.stack += node.body[::-1]

    def _line_of_class(self, line: int) -> None:
        self.scope.line = line

    def _signature(self, node: FunctionDefinition, table: Table) -> None:
        arguments = node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if value := self._annotated(one.annotation, table.outer):
                table.values[one.arg] = value
        decorators = {chain(one).rpartition(".")[2] for one in node.decorator_list}
        if isinstance(node, ast.FunctionDef) and decorators <= _KEEPING:
            table.returns = self._annotated(node.returns, table.outer)
            table.getter = bool(decorators & _GETTERS)

    def _strings(self, node: ast.Module | Definition, key: int) -> None:
        """Note the strings that a body begins with."""
        if found := [*takewhile(_is_string, node.body)]:
            alone = len(found) == len(node.body)
            self.strings.append(self._span(key, found, alone))
        if isinstance(node, ast.Module):
            cells = [one for one in node.body[1:] if self._is_cell(one)]
            self.strings += (self._span(CELL, [one]) for one in cells)
            self.explaining.update(cells)

    def _is_cell(self, node: ast.stmt) -> bool:
        """Whether a statement is a string that is the prose of a cell."""
        above = self.lines[max(node.lineno - 2, 0)]
        return _is_string(node) and not node.col_offset and is_prose_marker(above)

    def _span(self, key: int, found: list[ast.stmt], alone: bool = False) -> Strings:
        start = self._offset(found[0].lineno, found[0].col_offset)
        end, stop = (
            self._offset(one.end_lineno or 0, one.end_col_offset or 0)
            for one in (found[0], found[-1])
        )
        return Strings(key, start, end, stop, alone)

    def _explain(self, node: ast.Module | Definition) -> None:
        """Note the variables of a body with a string below or a comment `#:` above."""
        in_method = isinstance(node, FunctionDefinition)
        if in_method and getattr(node, "name", "") != "__init__":
            return
        body = node.body
        for number, one in enumerate(body, 1):
            targets = one.targets if isinstance(one, ast.Assign) else []
            if isinstance(one, ast.AnnAssign):
                targets = [one.target]
            kind = ast.Attribute if in_method else ast.expr
            if not targets or not isinstance(targets[0], kind):
                continue
            first, last = one.lineno, one.end_lineno or 0
            stop = number
            while (
                stop < len(body)
                and _is_string(body[stop])
                and not self._is_cell(body[stop])
            ):
                stop += 1
            if below := body[number:stop]:
                found = self._span(-1, below)
                self.strings.append(found)
                self.explained.append(Explained(first, last, found.start))
                self.explaining.update(below)
            elif first > 1 and self.lines[first - 2].lstrip().startswith("#:"):
                self.explained.append(Explained(first, last))

    def _arguments(self, arguments: ast.arguments) -> None:
        for one in (
            *arguments.posonlyargs,
            *arguments.args,
            *filter(None, (arguments.vararg, arguments.kwarg)),
            *arguments.kwonlyargs,
        ):
            self._see(one.arg, one.lineno, one.col_offset, True)
            self._speak(one.arg)

    def _function(self, node: FunctionDefinition) -> None:
        self._define(node, self._header)

    def _header(self, node: FunctionDefinition) -> None:
        """What stands behind the name: defaults, types and what is returned."""
        arguments, stack = node.args, self.stack
        self._leave()
        self._step(self._body, node)
        if node.returns:
            stack.append(node.returns)
        stack += [one.annotation for one in _all(arguments) if one.annotation][::-1]
        self._step(self._type_parameters, node)
        stack += filter(None, arguments.kw_defaults[::-1])
        stack += arguments.defaults[::-1]

    def _body(self, node: FunctionDefinition) -> None:
        self._open(node, self._scope_of(node))

    def _scope_of(self, node: FunctionDefinition | ast.Lambda) -> Scope:
        scope = Scope("function", self.scope)
        around = self.scope.outer if self.scope.kind == "type" else self.scope
        decorators = getattr(node, "decorator_list", ())
        static = any(getattr(one, "id", "") == "staticmethod" for one in decorators)
        positional = [*node.args.posonlyargs, *node.args.args]
        if around and around.kind == "class" and positional and not static:
            scope.receiver = positional[0].arg
        return scope

    def _class(self, node: ast.ClassDef) -> None:
        self._define(node, self._bases)

    def _bases(self, node: ast.ClassDef) -> None:
        self._leave()
        self._step(self._class_body, node)
        self.stack += node.keywords[::-1]
        self.stack += node.bases[::-1]
        self._step(self._type_parameters, node)

    def _class_body(self, node: ast.ClassDef) -> None:
        self._open(node, Scope("class", self.scope))

    def _define(self, node: Definition, following: Callable[[Any], None]) -> None:
        """Decorators, then the name of a class or function, and then the rest."""
        self._speak(node.name)
        if node.decorator_list:
            self._step(following, node)
            self._step(self._name_of, node)
            self.stack += node.decorator_list[::-1]
        else:
            self._name_of(node)
            following(node)

    def _name_of(self, node: Definition) -> None:
        line, start = node.lineno, node.col_offset
        # Almost always, there is one space between the two.
        for word in ("def ", "class ", "async def "):
            if self.lines[line - 1].startswith(word + node.name, start):
                self._see(node.name, line, start + len(word), True)
                break
        else:
            before, last = r"\b(?:def|class)\b", node.body[0].lineno
            if not self._find(before, node.name, line, start, last):
                return
        # The name may stand below its `def`; then nobody links to it.
        _, _, seen_line, column, _ = self.seen[-1]
        if seen_line == line:
            is_class = isinstance(node, ast.ClassDef)
            minor = any(
                chain(one).rpartition(".")[2] in _MINOR for one in node.decorator_list
            )
            self._bind(
                "class" if is_class else "function",
                node.name,
                line,
                column,
                minor=minor,
                scope=len(self.tables),
            )

    def _lambda(self, node: ast.Lambda) -> None:
        self._leave()
        self.stack.append(node.body)
        self._step(self._lambda_scope, node)
        self.stack += filter(None, node.args.kw_defaults[::-1])
        self.stack += node.args.defaults[::-1]

    def _lambda_scope(self, node: ast.Lambda) -> None:
        self.scope = self._scope_of(node)
        self._arguments(node.args)

    # ## Parts of a scope
    # From Python 3.12 on: `type Pair[T] = tuple[T, T]`.
    def _alias(self, node: Any) -> None:
        self._leave()
        self.stack.append(node.value)
        self._step(self._type_parameters, node)
        self.stack.append(node.name)

    def _type_parameters(self, node: ast.AST) -> None:
        """
        `def f[T](x: T)`: a scope around the function, the class or the alias, which
        lets its class be seen.
        """
        if parameters := getattr(node, "type_params", ()):
            self.scope = Scope("type", self.scope)
            for one in reversed(parameters):
                self.stack += [*ast.iter_child_nodes(one)][::-1]
                self._step(self._type_parameter, one)

    def _type_parameter(self, node: Any) -> None:
        line, start = node.lineno, node.col_offset
        # `*T` and `**T` have their stars in front.
        text = self.lines[line - 1].encode()
        while not text.startswith(node.name.encode(), start):
            start += 1
        self._see(node.name, line, start, True)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        # Only the first iterable is evaluated outside.
        first, *rest = node.generators
        self._leave()
        if isinstance(node, ast.DictComp):
            # Python 3.15 has `{**part for part in parts}`, without a value.
            self.stack += filter(None, (node.value, node.key))
        else:
            self.stack.append(node.elt)
        self.stack += rest[::-1]
        self.stack += first.ifs[::-1]
        self.stack.append(first.target)
        self._step(self._inside)
        self.stack.append(first.iter)

    def _inside(self, _: None) -> None:
        self.scope = Scope("comprehension", self.scope)


def _is_string(node: ast.stmt) -> bool:
    return string(node) is not None


def _last_word(decorator: ast.expr) -> str:
    """`dataclass` of `@dataclasses.dataclass(frozen=True)`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return chain(called).rpartition(".")[2]


# Annotations of what is no field: a variable of the class itself, an argument of
# `__init__` alone, and the sign that the fields below it are named when they are given.
_NO_FIELDS = frozenset(("ClassVar", "InitVar", "KW_ONLY"))


def _fields(body: list[ast.stmt]) -> Iterator[str]:
    """The variables of a class that would be fields if it is a dataclass."""
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            kind = node.annotation
            if isinstance(kind, ast.Subscript):
                kind = kind.value
            if chain(kind).rpartition(".")[2] not in _NO_FIELDS:
                yield node.target.id


def _all(arguments: ast.arguments) -> list[ast.arg]:
    """All arguments, in the order in which they are written."""
    found = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        found.append(arguments.vararg)
    found += arguments.kwonlyargs
    if arguments.kwarg:
        found.append(arguments.kwarg)
    return found


def _variables(body: list[ast.stmt]) -> dict[str, None]:
    """The variables that the statements of a module or class themselves bind."""
    found: dict[str, None] = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        found |= dict.fromkeys(one.id for one in targets if isinstance(one, ast.Name))
    return found
