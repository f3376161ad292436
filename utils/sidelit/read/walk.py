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

from ..syntax import Value
from .definitions import Definitions
from .expressions import asks_for_types, chain, is_none, texts
from .notes import FIELDS
from .scopes import Scope
from .uses import READ, Uses


class Walk(Definitions, Uses):
    """The whole walk."""

    def run(self, tree: ast.Module) -> None:
        """Visit all of a tree, in the order of the text but for a few statements."""
        stack, seen, wide, handlers = self.stack, self.seen, self.wide, self._handlers()
        self._open(tree, Scope("module", None, 0))
        while stack:
            node = stack.pop()
            kind = type(node)
            # Most nodes are of these kinds.
            if kind is ast.Name:
                name, line, column = node.id, node.lineno, node.col_offset
                if type(node.ctx) is ast.Load:
                    if line in wide:
                        column = self.column(line, column)
                    seen.append((self.scope, name, line, column, False))
                    if name in READ:
                        self.reads.add(name)
                else:
                    self._bind_name(node)
            elif kind is ast.Constant:
                pass
            elif kind is ast.Call:
                stack += node.keywords[::-1]
                stack += node.args[::-1]
                stack.append(node.func)
            elif kind is tuple:
                node[0](*node[1:])
            elif handler := handlers.get(kind):
                handler(node)
            else:
                for name in FIELDS[kind]:
                    part = getattr(node, name)
                    if type(part) is list:
                        stack += part[::-1]
                    else:
                        stack.append(part)

    def _handlers(self) -> dict[type, Callable[[Any], None]]:
        statements = self.statements
        found: dict[type, Callable[[Any], None]] = {
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
            ast.match_case: self._case,
            ast.MatchAs: self._pattern,
            ast.MatchStar: self._pattern,
            ast.MatchMapping: self._mapping,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
            **dict.fromkeys((ast.For, ast.AsyncFor), self._block),
            **dict.fromkeys((ast.With, ast.AsyncWith), self._block),
            **dict.fromkeys((ast.Yield, ast.YieldFrom), self._yield),
        }
        if hasattr(ast, "TypeAlias"):
            found[ast.TypeAlias] = self._alias
        # What is left of the statements has nothing to say of names.
        plain: tuple[type, ...] = (ast.Expr, ast.Return, ast.Raise, ast.Assert)
        plain += (ast.Delete, ast.While, ast.Match, ast.Pass, ast.Break, ast.Continue)
        found |= dict.fromkeys(plain, self._statement)
        for kind in (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal):
            found[kind] = _after(statements.begin, found[kind])
        return found

    def _statement(self, node: ast.stmt) -> None:
        self.statements.begin(node)
        self._children(node)

    def _if(self, node: ast.If) -> None:
        self.statements.begin(node)
        fork = len(self.arms)
        self._step(self._set_arm, self.arm)
        if self.types and asks_for_types(node.test) and not self.typing:
            self._step(self._set_typing, False)
            self.typing = True
        self._branch(fork, 1, node.orelse)
        self._branch(fork, 0, node.body)
        self.stack.append(node.test)

    def _set_typing(self, typing: bool) -> None:
        self.typing = typing

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self.statements.begin(node)
        fork = len(self.arms)
        self.stack += node.finalbody[::-1]
        self._step(self._set_arm, self.arm)
        self._branch(fork, 0, node.orelse)
        for arm in range(len(node.handlers), 0, -1):
            self._branch(fork, arm, [node.handlers[arm - 1]])
        self._branch(fork, 0, node.body)

    def _handler(self, node: ast.ExceptHandler) -> None:
        self.statements.pause()
        if node.name and node.type:
            line, byte = node.type.end_lineno or 0, node.type.end_col_offset or 0
            self._find(r"\bas\b", node.name, line, byte, node.body[0].lineno)
        self._children(node)

    def _case(self, node: ast.match_case) -> None:
        self.statements.pause()
        self._children(node)

    def _block(self, node: ast.For | ast.AsyncFor | ast.With | ast.AsyncWith) -> None:
        self.statements.begin(node)
        self._step(*self.statements.ending())
        self._children(node)

    def _assign(self, node: ast.Assign) -> None:
        self.statements.begin(node)
        value = node.value
        called = isinstance(value, ast.Call)
        if len(node.targets) == 1 and (
            text := chain(value.func if isinstance(value, ast.Call) else value)
        ):
            form: Literal["call", "variable"] = "call" if called else "variable"
            self._value(node.targets[0], Value(form, self.table.key, text))
        self.stack.append(value)
        for target in reversed(node.targets):
            self._step(self._target, target, value)

    def _target(self, target: ast.expr, value: ast.expr) -> None:
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
        self.statements.begin(node)
        if node.value and is_none(node.value):
            self.empty.add(len(self.seen))
        self._children(node)
        self._export(node.target, node.value)
        if value := self._annotated(node.annotation, self.table.key):
            self._value(node.target, value)

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        self.statements.begin(node)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.exports = None
        self._children(node)


def _after(
    first: Callable[[Any], None], second: Callable[[Any], None]
) -> Callable[[Any], None]:
    def both(node: Any) -> None:
        first(node)
        second(node)

    return both
