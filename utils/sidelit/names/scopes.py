r"""
---
title: Which names mean the same
summary: >
  Resolves the names of a Python file as Python does, scope by scope, so that a page can
  show where else a variable is used and not where else a word is.
---

# Which names mean the same

The `x` of one function is not the `x` of the next. To light up the uses of a variable,
a page has to know which of the words are that variable, and Python's rules for that are
short: a name belongs to the function that binds it, or to the nearest function around
that does, or to the module. The names in the body of a class are seen by that body and
not by the methods in it. `self.x` is one thing in all methods of a class.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Use:
    """
    ## A use of a name

    Where it stands, in characters of its line; its text, such as `x` or `self.x`, of
    which the last part stands there; and a number that all uses of the same variable
    have. `binds` says that it gets a value
    there, and `scope` is the line of the class or function that it belongs to, 0 for
    the module and -1 for what has no name.
    """

    line: int
    start: int
    end: int
    text: str
    variable: int
    binds: bool
    scope: int = -1


def uses(text: str, tree: ast.Module) -> list[Use]:
    """All uses of variables of this file, in its order. Names of Python have none."""
    resolver = Resolver(text)
    resolver.visit_scope(tree, Scope("module", None))
    found = resolver.resolved()
    return sorted(found, key=lambda use: (use.line, use.start))


@dataclass(eq=False)
class Scope:
    """What binds names: the module, a class, a function, or a part of one."""

    kind: str
    outer: "Scope | None"
    bound: set[str] = field(default_factory=set)
    elsewhere: dict[str, str] = field(default_factory=dict)
    # For the body of a class, the last line of what binds a name for the first time.
    since: dict[str, int] = field(default_factory=dict)
    line: int = -1
    # For a method, its first parameter: an instance of its class, or the class itself.
    receiver: str = ""

    def holder(self, name: str) -> "Scope | None":
        """The scope that a name in this one belongs to."""
        # What stands between the brackets of a generic method still sees its class.
        nearest: Scope | None = self
        while nearest and nearest.kind == "type":
            nearest = nearest.outer
        scope: Scope | None = self
        while scope:
            hidden = scope.kind == "class" and scope is not nearest
            rule = None if hidden else scope.elsewhere.get(name)
            if rule == "global":
                return scope.module()
            if name in scope.bound and not hidden and not rule:
                return scope
            scope = scope.outer
        return None

    def module(self) -> "Scope":
        return self.outer.module() if self.outer else self

    def class_around(self) -> "Scope | None":
        """The class whose method this is, or whose method holds this."""
        scope: Scope | None = self
        while scope and scope.kind != "class":
            scope = scope.outer
        return scope

    def class_of(self, name: str) -> "Scope | None":
        """The class that `self` or `cls` is about, if a method receives it."""
        holder = self.holder(name)
        received = holder and holder.receiver == name
        return holder.class_around() if holder and received else None


class Resolver(ast.NodeVisitor):
    """Walks the tree once; whose a name is, is known when all has been seen."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.scope = Scope("", None)
        self.seen: list[tuple[Scope, str, int, int, bool]] = []

    def resolved(self) -> Iterator[Use]:
        """The uses whose variable is known, in the order in which they were seen."""
        variables: dict[tuple[int, str], int] = {}
        for (_, name, line, start, binds), holder in zip(
            self.seen, self.holders(), strict=True
        ):
            if holder:
                number = variables.setdefault((id(holder), name), len(variables))
                end = start + len(name)
                start = end - len(name.rpartition(".")[2])
                yield Use(line, start, end, name, number, binds, holder.line)

    def holders(self) -> Iterator[Scope | None]:
        """For each name that was seen, the scope that it belongs to."""
        for scope, name, line, _, binds in self.seen:
            if name.startswith("self."):
                yield scope.class_of("self")
                continue
            holder = scope.holder(name)
            # In `x = x`, a class reads the `x` of the module.
            if holder is scope and not binds and line <= scope.since.get(name, 0):
                module = scope.module()
                holder = module if name in module.bound else None
            yield holder

    # ### Scopes
    def visit_scope(self, node: ast.AST, scope: Scope) -> None:
        """Visit what a module, class, function or lambda binds, and what it reads."""
        outer, self.scope = self.scope, scope
        if not isinstance(node, ast.Lambda):
            scope.line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Module):
            for child in node.body:
                self.visit(child)
        elif isinstance(node, ast.ClassDef):
            for child in node.body:
                bound = set(scope.bound)
                self.visit(child)
                simple = isinstance(child, ast.Assign | ast.AnnAssign)
                last = child.end_lineno if simple else child.lineno
                scope.since.update(dict.fromkeys(scope.bound - bound, last or 0))
        elif isinstance(node, ast.Lambda):
            self._arguments(node.args)
            self.visit(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._arguments(node.args)
            for child in node.body:
                self.visit(child)
        self.scope = outer

    @contextmanager
    def _type_parameters(self, node: ast.AST) -> Iterator[None]:
        """
        `def f[T](x: T)`: a scope around the function, the class or the alias, which
        lets its class be seen.
        """
        outer = self.scope
        if parameters := getattr(node, "type_params", ()):
            self.scope = Scope("type", outer)
            for one in parameters:
                # `*T` and `**T` have their stars in front.
                line, start = one.lineno, one.col_offset
                text = self.lines[line - 1].encode()
                while not text.startswith(one.name.encode(), start):
                    start += 1
                self._see(one.name, line, start, True)
                for part in ast.iter_child_nodes(one):
                    self.visit(part)
        yield
        self.scope = outer

    def _arguments(self, arguments: ast.arguments) -> None:
        for one in (
            *arguments.posonlyargs,
            *arguments.args,
            *filter(None, (arguments.vararg, arguments.kwarg)),
            *arguments.kwonlyargs,
        ):
            self._see(one.arg, one.lineno, one.col_offset, True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        with self._type_parameters(node):
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg) and argument.annotation:
                    self.visit(argument.annotation)
            if node.returns:
                self.visit(node.returns)
            self.visit_scope(node, self._function(node))

    visit_AsyncFunctionDef = visit_FunctionDef

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    ) -> Scope:
        scope = Scope("function", self.scope)
        around = self.scope.outer if self.scope.kind == "type" else self.scope
        decorators = getattr(node, "decorator_list", ())
        static = any(getattr(one, "id", "") == "staticmethod" for one in decorators)
        positional = [*node.args.posonlyargs, *node.args.args]
        if around and around.kind == "class" and positional and not static:
            scope.receiver = positional[0].arg
        return scope

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node)
        with self._type_parameters(node):
            for child in (*node.bases, *node.keywords):
                self.visit(child)
            self.visit_scope(node, Scope("class", self.scope))

    # From Python 3.12 on: `type Pair[T] = tuple[T, T]`.
    def visit_TypeAlias(self, node: Any) -> None:
        self.visit(node.name)
        with self._type_parameters(node):
            self.visit(node.value)

    def _define(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        # Almost always, there is one space between the two.
        for word in ("def ", "class ", "async def "):
            line = self.lines[node.lineno - 1]
            if line.startswith(word + node.name, node.col_offset):
                byte = node.col_offset + len(word)
                self._see(node.name, node.lineno, byte, True)
                return
        end = node.body[0].lineno
        self._find(r"\b(?:def|class)\b", node.name, node.lineno, node.col_offset, end)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        self.visit_scope(node, self._function(node))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        # Only the first iterable is evaluated outside.
        first, *rest = node.generators
        self.visit(first.iter)
        outer, self.scope = self.scope, Scope("comprehension", self.scope)
        self.visit(first.target)
        for condition in first.ifs:
            self.visit(condition)
        for generator in rest:
            self.visit(generator)
        parts = (
            (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        )
        for part in parts:
            self.visit(part)
        self.scope = outer

    visit_ListComp = visit_SetComp = _comprehension
    visit_GeneratorExp = visit_DictComp = _comprehension

    # ### Names
    def visit_Name(self, node: ast.Name) -> None:
        binds = not isinstance(node.ctx, ast.Load)
        self._see(node.id, node.lineno, node.col_offset, binds)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        # It binds in the function, also from inside a comprehension.
        scope = self.scope
        while self.scope.kind == "comprehension" and self.scope.outer:
            self.scope = self.scope.outer
        self.visit(node.target)
        self.scope = scope

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            one_line = node.lineno == node.end_lineno
            together = node.end_col_offset == node.col_offset + len(f"self.{node.attr}")
            if one_line and together and self.scope.class_of("self"):
                binds = not isinstance(node.ctx, ast.Load)
                self.seen.append(
                    (
                        self.scope,
                        f"self.{node.attr}",
                        node.lineno,
                        self._column(node.lineno, node.col_offset),
                        binds,
                    )
                )
        self.visit(node.value)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            line, end = alias.end_lineno or node.lineno, alias.end_col_offset or 0
            start = end - len(name.encode()) if alias.asname else alias.col_offset
            if name != "*":
                self._see(name, line, start, True)

    visit_Import = visit_ImportFrom = _import

    def _elsewhere(self, node: ast.Global | ast.Nonlocal) -> None:
        rule = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.scope.elsewhere.update(dict.fromkeys(node.names, rule))
        end = node.end_lineno or node.lineno
        for name in node.names:
            self._find(
                rf"\b{rule}\b[\w\s,\\]*?\b",
                name,
                node.lineno,
                node.col_offset,
                end,
                False,
            )

    visit_Global = visit_Nonlocal = _elsewhere

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name and node.type:
            line, byte = node.type.end_lineno or 0, node.type.end_col_offset or 0
            self._find(r"\bas\b", node.name, line, byte, node.body[0].lineno)
        self.generic_visit(node)

    def _pattern(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            start = node.end_col_offset - len(node.name.encode())
            self._see(node.name, node.end_lineno, start, True)
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = _pattern

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            inner = node.patterns[-1] if node.patterns else None
            line = inner.end_lineno if inner else node.lineno
            byte = inner.end_col_offset if inner else node.col_offset
            self._find(r"\*\*", node.rest, line, byte, node.end_lineno)
        self.generic_visit(node)

    def _find(
        self,
        before: str,
        name: str,
        line: int,
        byte: int,
        last: int,
        binds: bool = True,
    ) -> None:
        """See a name whose place the tree does not tell: the first behind a word."""
        text = "\n".join(self.lines[line - 1 : last])
        pattern = re.compile(rf"{before}[\s\\]*({re.escape(name)})\b")
        if match := pattern.search(text, self._column(line, byte)):
            head = text[: match.start(1)]
            start = len(head.rpartition("\n")[2].encode())
            self._see(name, line + head.count("\n"), start, binds)
        elif name not in self.scope.elsewhere:
            # It is written in other letters, which mean the same to Python.
            self.scope.bound.add(name)

    def _see(self, name: str, line: int, byte: int, binds: bool) -> None:
        if binds and name not in self.scope.elsewhere:
            self.scope.bound.add(name)
        self.seen.append((self.scope, name, line, self._column(line, byte), binds))

    def _column(self, line: int, byte: int) -> int:
        text = self.lines[line - 1]
        return byte if text.isascii() else len(text.encode()[:byte].decode())
