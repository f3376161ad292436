r"""
---
title: One walk over the tree
summary: >
  One loop over the syntax tree of a file notes what each of its scopes binds, every
  name that could lead somewhere, and all else that later steps ask.
---

# One walk over the tree

Trees may be deeper than Python's stack: a sum of a thousand terms stands in a thousand
brackets. So this is a loop with a stack of its own. What a name means is read from the
text, as a reader would, and nothing is imported.
"""

import ast
from collections.abc import Callable
from typing import Any, Literal

from .definitions import Definitions
from .expressions import asks_for_types, chain, is_none, texts
from .notes import FIELDS
from .scopes import Scope
from .uses import READ, Uses

Handler = Callable[[Any], None]
# The commonest nodes, found with one look.
_Call, _Constant, _Load, _Name = ast.Call, ast.Constant, ast.Load, ast.Name


class Walk(Definitions, Uses):
    """The whole walk."""

    def run(self, tree: ast.Module) -> None:
        """Visit all of a tree, in the order of the text but for a few statements."""
        stack, seen, wide, handlers = self.stack, self.seen, self.wide, self._handlers()
        self._open(tree, Scope("module", None, 0))
        while stack:
            node = stack.pop()
            kind = type(node)
            # What is called stands before its arguments, and need not wait for them.
            if kind is _Call:
                if node.keywords:
                    stack += node.keywords[::-1]
                if node.args:
                    stack += node.args[::-1]
                node = node.func
                kind = type(node)
            # Half of all nodes are names or constants.
            if kind is _Name:
                if type(node.ctx) is _Load:
                    name, line, column = node.id, node.lineno, node.col_offset
                    if line in wide:
                        column = self.column(line, column)
                    seen.append((self.scope, name, line, column, False))
                    if name in READ:
                        self.reads.add(name)
                else:
                    self._bind_name(node)
            elif kind is _Constant:
                pass
            elif kind is tuple:
                step, argument = node
                step(argument)
            elif kind is int:
                self.arm = node
            elif handler := handlers.get(kind):
                handler(node)
            else:
                for name in FIELDS[kind]:
                    part = getattr(node, name)
                    if type(part) is list:
                        stack += part[::-1]
                    elif part is not None:
                        stack.append(part)
        # Those of a class were noted before those of its methods.
        self.strings.sort(key=lambda one: one.start)

    def _handlers(self) -> dict[type, Handler]:
        found: dict[type, Handler] = {
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Lambda: self._lambda,
            **dict.fromkeys((ast.ListComp, ast.SetComp), self._comprehension),
            **dict.fromkeys((ast.GeneratorExp, ast.DictComp), self._comprehension),
            ast.Attribute: self._attribute,
            ast.NamedExpr: self._named,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Global: self._elsewhere,
            ast.Nonlocal: self._elsewhere,
            ast.If: self._if,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.ExceptHandler: self._handler,
            ast.MatchAs: self._pattern,
            ast.MatchStar: self._pattern,
            ast.MatchMapping: self._mapping,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
        }
        if hasattr(ast, "TypeAlias"):
            found[ast.TypeAlias] = self._alias
        return found

    def _if(self, node: ast.If) -> None:
        fork = len(self.arms)
        self.stack.append(self.arm)
        if self.types and asks_for_types(node.test) and not self.typing:
            self._step(self._set_typing, False)
            self.typing = True
        self._branch(fork, 1, node.orelse)
        self._branch(fork, 0, node.body)
        self.stack.append(node.test)

    def _set_typing(self, typing: bool) -> None:
        self.typing = typing

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        fork = len(self.arms)
        self.stack += node.finalbody[::-1]
        self.stack.append(self.arm)
        self._branch(fork, 0, node.orelse)
        for arm in range(len(node.handlers), 0, -1):
            self._branch(fork, arm, [node.handlers[arm - 1]])
        self._branch(fork, 0, node.body)

    def _handler(self, node: ast.ExceptHandler) -> None:
        if node.name and node.type:
            line, byte = node.type.end_lineno or 0, node.type.end_col_offset or 0
            self._find(r"\bas\b", node.name, line, byte, node.body[0].lineno)
        self._children(node)

    def _assign(self, node: ast.Assign) -> None:
        targets, value = node.targets, node.value
        if len(targets) == 1:
            form: Literal["call", "variable"] = "variable"
            given = value
            if isinstance(value, ast.Call):
                form, given = "call", value.func
            if isinstance(given, _CHAINS) and (text := chain(given)):
                self._value(targets[0], form, text)
        self.stack.append(value)
        if len(targets) == 1:
            self._target((targets[0], value))
            return
        for target in targets[::-1]:
            self._step(self._target, (target, value))

    def _target(self, pair: tuple[ast.expr, ast.expr]) -> None:
        target, value = pair
        nothing = is_none(value)
        if nothing:
            self.empty.add(len(self.seen))
        if not isinstance(target, ast.Name):
            self.stack.append(target)
            return
        found = self._bind_name(target)
        if found and target.id not in self.scope.elsewhere:
            found.minor, found.assigned = nothing, self.table.kind != "function"
            self._export(target, value)

    def _export(self, target: ast.expr, value: ast.expr | None) -> None:
        is_all = isinstance(target, ast.Name) and target.id == "__all__"
        if is_all and value and self.scope.kind == "module":
            self.exports = texts(value)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        if node.value and is_none(node.value):
            self.empty.add(len(self.seen))
        self._children(node)
        self._export(node.target, node.value)
        if value := self._annotated(node.annotation, self.table.key):
            self._value(node.target, "annotation", value.text)

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.exports = None
        self._children(node)


# What can be a name with attributes, or `super()` with some.
_CHAINS = (ast.Name, ast.Attribute, ast.Call)
