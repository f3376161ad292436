r"""
---
title: What a walk notes
summary: >
  Where the walk over a syntax tree is, what waits on its stack, and what it has noted
  about names, scopes and branches so far.
---

# What a walk notes

On the stack lie the nodes that wait for their turn. Between them lie *steps*, functions
with an argument, which are called when everything above them is done; a number says
that the walk is in that branch from there on.
"""

import ast
import re
from collections.abc import Callable
from typing import Any, Literal

from ..syntax import Explained, RelativeImport, Strings, Table, Value, line_starts
from .expressions import annotated_class
from .scopes import Scope, Seen
from .tables import Arm, Bound, Kind


class Notes:
    """
    All that one walk notes.

    * `seen` are all names, `chains` the attributes of names with the place of their
      root in `seen`, and `paths` the words of imports
    * `tables` and `scopes` are those that have a name, and `bindings` what each binds
    * `arms` are the branches of the code: the one around it, and where it forks and how
    * `empty` are the places in `seen` of `x = None`, which says nothing of `x`, and
      `deleted` those of `del x`
    * `explaining` are the strings that explain a variable
    """

    def __init__(self, text: str, module: str, package: bool) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = line_starts(self.lines)
        self.wide: set[int] = set()
        if not text.isascii():
            numbered = enumerate(self.lines, 1)
            self.wide = {number for number, line in numbered if not line.isascii()}
        self.types = "TYPE_CHECKING" in text
        self.package = module.split(".") if package else module.split(".")[:-1]

        self.seen: list[Seen] = []
        self.chains: list[tuple[int, Scope, str, int, int]] = []
        self.paths: list[tuple[int, int, str]] = []
        self.tables: list[Table] = []
        self.scopes: list[Scope] = []
        self.bindings: list[dict[str, list[Bound]]] = []
        self.spoken: list[dict[str, None]] = []
        self.arms: list[Arm] = [(-1, -1, -1)]
        self.empty: set[int] = set()
        self.deleted: set[int] = set()

        self.stars: list[tuple[int, str]] = []
        self.imports: set[str] = set()
        self.exports: tuple[str, ...] | None = None
        self.builds_on: dict[str, None] = {}
        self.known: set[str] = set()
        self.relative_imports: list[RelativeImport] = []
        self.strings: list[Strings] = []
        self.explained: list[Explained] = []
        self.explaining: set[ast.stmt] = set()
        self.reads: set[str] = set()

        # Where the walk is: in which scope and branch, and whether it is code that only
        # a type checker runs.
        self.scope = Scope("", None)
        self.table = Table("", -1, "", "", -1)
        self.arm = 0
        self.typing = False
        self.stack: list[Any] = []

    def _children(self, node: ast.AST) -> None:
        for name in FIELDS[type(node)]:
            part = getattr(node, name)
            if type(part) is list:
                self.stack += part[::-1]
            elif part is not None:
                self.stack.append(part)

    def column(self, line: int, byte: int) -> int:
        """A column of `ast`, which counts bytes of UTF-8, in characters."""
        if line not in self.wide:
            return byte
        return len(self.lines[line - 1].encode()[:byte].decode())

    def _offset(self, line: int, byte: int) -> int:
        return self.starts[line - 1] + self.column(line, byte)

    def _stands(self, word: str, line: int, start: int) -> bool:
        """Whether it is there: line breaks and other letters move what trees tell."""
        return self.lines[line - 1].startswith(word, start)

    def _step(self, function: Callable[[Any], None], argument: object = None) -> None:
        self.stack.append((function, argument))

    def _restore(self, before: tuple[Scope, Table, int]) -> None:
        self.scope, self.table, self.arm = before

    def _leave(self) -> None:
        """Put a step on the stack that leads back to where the walk is now."""
        self.stack.append((self._restore, (self.scope, self.table, self.arm)))

    def _see(self, name: str, line: int, byte: int, binds: bool) -> None:
        if binds:
            self.scope.bind(name)
        column = self.column(line, byte)
        self.seen.append((self.scope, name, line, column, binds))

    def _speak(self, name: str) -> None:
        self.spoken[self.table.key][name] = None

    def _find(
        self,
        before: str,
        name: str,
        line: int,
        byte: int,
        last: int,
        binds: bool = True,
    ) -> bool:
        """See a name whose place the tree does not tell: the first behind a word."""
        text = "\n".join(self.lines[line - 1 : last])
        pattern = re.compile(rf"{before}[\s\\]*({re.escape(name)})\b")
        match = pattern.search(text, self.column(line, byte))
        if match:
            head = text[: match.start(1)]
            start = len(head.rpartition("\n")[2].encode())
            self._see(name, line + head.count("\n"), start, binds)
        else:
            # It is written in other letters, which mean the same to Python.
            self.scope.bind(name)
        return match is not None

    def _bind(
        self,
        kind: Kind,
        name: str,
        line: int,
        column: int,
        target: str = "",
        minor: bool = False,
        scope: int = -1,
    ) -> Bound | None:
        # What is `global` is bound in the module; lambdas have no table.
        holder = self.scope.holder(name)
        if holder is None or holder.key < 0:
            return None
        found = Bound(kind, line, column, target, scope, self.arm, minor)
        self.bindings[holder.key].setdefault(name, []).append(found)
        return found

    def _bind_name(self, node: ast.Name) -> Bound | None:
        scope, name, line, column = self.scope, node.id, node.lineno, node.col_offset
        if name not in scope.bound:
            scope.bind(name)
        if line in self.wide:
            column = self.column(line, column)
        self.seen.append((scope, name, line, column, True))
        if type(node.ctx) is ast.Store:
            return self._bind("variable", name, line, column)
        self.deleted.add(len(self.seen) - 1)
        return None

    def _annotated(self, annotation: ast.expr | None, key: int) -> Value | None:
        if annotation is None:
            return None
        text = annotated_class(annotation)
        holder = self.scope.holder(text.partition(".")[0])
        # The `T` of `def f[T](x: T)` may be anything.
        is_parameter = holder and holder.kind == "type"
        return Value("annotation", key, text) if text and not is_parameter else None

    def _value(
        self,
        target: ast.expr,
        form: Literal["annotation", "call", "variable"],
        text: str,
    ) -> None:
        """Keep what a variable is, if the source says so once."""
        holder: Scope | None = self.scope
        if isinstance(target, ast.Name):
            name = target.id
        elif (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id == "self"
        ):
            name, holder = target.attr, self.scope.class_of("self")
        else:
            return
        if holder is None or holder.key < 0:
            return
        # What a class body holds may give something else to instances.
        if holder is self.scope and holder.kind == "class" and form != "annotation":
            return
        values = self.tables[holder.key].values
        if name not in values:
            values[name] = Value(form, self.table.key, text)

    def _branch(self, fork: int, arm: int, nodes: list[Any]) -> None:
        """Put one branch on the stack, with what leads into it."""
        self.stack += nodes[::-1]
        self.stack.append(len(self.arms))
        self.arms.append((self.arm, fork, arm))


# What a node holds, in the order in which a stack must take it.
class _Fields(dict[type, tuple[str, ...]]):
    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = getattr(kind, "_fields", ()) if issubclass(kind, ast.AST) else ()
        found = self[kind] = tuple(one for one in names[::-1] if one not in _PLAIN)
        return found


# These fields hold no nodes, or none that say anything.
_PLAIN = {
    *("ctx", "op", "ops", "kind", "id", "attr", "arg", "type_comment", "type_ignores"),
    *("simple", "is_async", "level", "module", "names", "name", "rest", "kwd_attrs"),
    *("conversion", "str", "asname"),
}
FIELDS = _Fields()
for _kind in (ast.Constant, ast.MatchSingleton, ast.Pass, ast.Break, ast.Continue):
    FIELDS[_kind] = ()
