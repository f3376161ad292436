r"""
---
title: One walk over the tree
summary: >
  One loop over the syntax tree of a file notes what each of its scopes binds, every
  name that could lead somewhere, and all else that later steps ask.
---

# One walk over the tree

Trees may be deeper than Python's stack: a sum of a thousand terms stands in a thousand
brackets. So this is a loop with a stack of its own, on which lie nodes that wait for
their turn. Between them lie *steps*, functions with their arguments, which are called
when everything above them is done.

What a name means is read from the text, as a reader would, and nothing is imported.
"""

import ast
import re
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, Literal

from ..syntax import RelativeImport, Strings, Table, Value
from .expressions import (
    annotated_class,
    asks_for_types,
    base,
    chain,
    is_none,
    string,
    texts,
)
from .functions import Statements
from .scopes import Scope, Seen
from .tables import Arm, Bound, Kind, Row

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
FunctionDefinition = ast.FunctionDef | ast.AsyncFunctionDef

# It matters whether code reads these variables of its module.
_READ = frozenset(("__doc__", "__file__"))

# Nothing that has more attributes behind each other leads anywhere.
_ATTRIBUTES = 100

# What does not change what a function returns.
_GETTERS = frozenset(("property", "cached_property"))
_KEEPING = _GETTERS | {"abstractmethod", "cache", "classmethod", "override"}
_KEEPING |= {"staticmethod"}

# Functions under these decorators only add to another one of the same name.
_MINOR = ("overload", "setter", "deleter", "register")


class Walk:
    """
    All that one walk notes.

    * `seen` are all names, `chains` the attributes of names with the place of their
      root in `seen`, and `paths` the words of imports
    * `tables` are the scopes that have a name, and `bindings` what each binds
    * `arms` are the branches of the code: the one around it, and where it forks and how
    * `empty` are the places in `seen` of `x = None`, which says nothing of `x`, and
      `deleted` those of `del x`
    """

    def __init__(self, text: str, module: str, package: bool) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.wide: set[int] = set()
        if not text.isascii():
            numbered = enumerate(self.lines, 1)
            self.wide = {number for number, line in numbered if not line.isascii()}
        self.types = "TYPE_CHECKING" in text
        self.package = module.split(".") if package else module.split(".")[:-1]

        self.seen: list[Seen] = []
        self.chains: list[tuple[int, Scope, str, int, int]] = []
        self.paths: list[Row] = []
        self.tables: list[Table] = []
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
        self.reads: set[str] = set()
        self.statements = Statements()

        # Where the walk is: in which scope and branch, and whether it is code that only
        # a type checker runs.
        self.scope = Scope("", None)
        self.table = Table("", -1, "", "", -1)
        self.arm = 0
        self.typing = False
        self.stack: list[Any] = []
        self.handlers = self._handlers()

    def run(self, tree: ast.Module) -> None:
        """Visit all of a tree, in the order of the text but for a few statements."""
        stack, seen, wide, handlers = self.stack, self.seen, self.wide, self.handlers
        self._open(tree, Scope("module", None, 0))
        while stack:
            node = stack.pop()
            kind = type(node)
            # A third of all nodes are these.
            if kind is ast.Name:
                name, line, column = node.id, node.lineno, node.col_offset
                if type(node.ctx) is ast.Load:
                    if line in wide:
                        column = self.column(line, column)
                    seen.append((self.scope, name, line, column, False))
                    if name in _READ:
                        self.reads.add(name)
                else:
                    self._bind_name(node)
            elif kind is ast.Constant:
                pass
            elif kind is tuple:
                node[0](*node[1:])
            elif handler := handlers.get(kind):
                handler(node)
            else:
                for name in _FIELDS[kind]:
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
        for kind in (
            ast.Expr,
            ast.Return,
            ast.Raise,
            ast.Assert,
            ast.Delete,
            ast.While,
        ):
            found[kind] = self._statement
        for kind in (ast.Match, ast.Pass, ast.Break, ast.Continue):
            found[kind] = self._statement
        for kind in (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal):
            found[kind] = _after(statements.begin, found[kind])
        return found

    def _children(self, node: ast.AST) -> None:
        for name in _FIELDS[type(node)]:
            part = getattr(node, name)
            if type(part) is list:
                self.stack += part[::-1]
            else:
                self.stack.append(part)

    def _statement(self, node: ast.stmt) -> None:
        self.statements.begin(node)
        self._children(node)

    # ## Places
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

    # ## Scopes
    def _step(self, function: Callable[..., None], *arguments: object) -> None:
        self.stack.append((function, *arguments))

    def _restore(self, scope: Scope, table: Table, arm: int) -> None:
        self.scope, self.table, self.arm = scope, table, arm

    def _leave(self) -> None:
        """Put a step on the stack that leads back to where the walk is now."""
        self.stack.append((self._restore, self.scope, self.table, self.arm))

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
        if isinstance(node, ast.ClassDef):
            table.bases = tuple(map(base, node.bases))
        elif isinstance(node, FunctionDefinition):
            self._signature(node, table)
        self.tables.append(table)
        self.bindings.append({})
        self.spoken.append(
            {} if isinstance(node, FunctionDefinition) else _variables(node.body)
        )
        self.scope, self.table, self.arm = scope, table, 0
        documented = self._strings(node, scope.key)
        self._step(self.statements.leave, self.statements.owner)
        self.statements.enter(node, table, documented)
        if isinstance(node, FunctionDefinition):
            self._arguments(node.args)
        if isinstance(node, ast.ClassDef):
            for child in reversed(node.body):
                simple = isinstance(child, ast.Assign | ast.AnnAssign)
                last = child.end_lineno if simple else child.lineno
                self.stack += (child, (self._line_of_class, scope, last))
        else:
            self.stack += node.body[::-1]

    def _line_of_class(self, scope: Scope, line: int) -> None:
        scope.line = line

    def _signature(self, node: FunctionDefinition, table: Table) -> None:
        arguments = node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if value := self._annotated(one.annotation, table.outer):
                table.values[one.arg] = value
        decorators = {chain(one).rpartition(".")[2] for one in node.decorator_list}
        if isinstance(node, ast.FunctionDef) and decorators <= _KEEPING:
            table.returns = self._annotated(node.returns, table.outer)
            table.getter = bool(decorators & _GETTERS and table.returns)

    def _strings(self, node: ast.Module | Definition, key: int) -> bool:
        """Note the strings that a body begins with; whether there are any."""
        found = []
        for statement in node.body:
            if string(statement) is None:
                break
            found.append(statement)
        if not found:
            return False
        start = self._offset(found[0].lineno, found[0].col_offset)
        end, stop = (
            self._offset(one.end_lineno or 0, one.end_col_offset or 0)
            for one in (found[0], found[-1])
        )
        alone = len(found) == len(node.body)
        self.strings.append(Strings(key, start, end, stop, alone))
        return True

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
        self.statements.open(node)
        self._step(self.statements.close)
        self._define(node, self._header)

    def _header(self, node: FunctionDefinition) -> None:
        """What stands behind the name: defaults, types and what is returned."""
        arguments = node.args
        self._leave()
        self._step(self._body, node)
        annotated = (
            *arguments.posonlyargs,
            *arguments.args,
            arguments.vararg,
            *arguments.kwonlyargs,
            arguments.kwarg,
        )
        self.stack.append(node.returns)
        self.stack += [one.annotation for one in annotated if one][::-1]
        self._step(self._type_parameters, node)
        self.stack += arguments.kw_defaults[::-1]
        self.stack += arguments.defaults[::-1]

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
        self.statements.pause()
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
        self._step(following, node)
        self._step(self._name_of, node)
        self.stack += node.decorator_list[::-1]

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
        self.stack += node.args.kw_defaults[::-1]
        self.stack += node.args.defaults[::-1]

    def _lambda_scope(self, node: ast.Lambda) -> None:
        self.scope = self._scope_of(node)
        self._arguments(node.args)

    # From Python 3.12 on: `type Pair[T] = tuple[T, T]`.
    def _alias(self, node: Any) -> None:
        self.statements.begin(node)
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
            self.stack += (node.value, node.key)
        else:
            self.stack.append(node.elt)
        self.stack += rest[::-1]
        self.stack += first.ifs[::-1]
        self.stack.append(first.target)
        self._step(self._inside)
        self.stack.append(first.iter)

    def _inside(self) -> None:
        self.scope = Scope("comprehension", self.scope)

    # ## Names
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
        self._see(node.id, node.lineno, node.col_offset, True)
        if isinstance(node.ctx, ast.Store):
            *_, line, column, _ = self.seen[-1]
            return self._bind("variable", node.id, line, column)
        self.deleted.add(len(self.seen) - 1)
        return None

    def _named(self, node: ast.NamedExpr) -> None:
        self.statements.walrus()
        # It binds in the function, also from inside a comprehension.
        self._leave()
        self.stack.append(node.target)
        self._step(self._outside)
        self.stack.append(node.value)

    def _outside(self) -> None:
        while self.scope.kind == "comprehension" and self.scope.outer:
            self.scope = self.scope.outer

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.statements.yields()
        self.stack.append(node.value)

    def _attribute(self, node: ast.Attribute) -> None:
        """`a.b.c` at once, from its last attribute to what has the first."""
        nodes = [node]
        root = node.value
        while type(root) is ast.Attribute:
            nodes.append(root)
            root = root.value
        if type(node.ctx) is ast.Store:
            self._speak(node.attr)
        if isinstance(root, ast.Name):
            text, name = root.id, root
        elif isinstance(root, ast.Call) and chain(root):
            text, name = chain(root), root.func
        else:
            self.stack.append(root)
            return
        first, scope = nodes[-1], self.scope
        around = scope.class_of("self") if text == "self" else None
        if (
            around
            and first.lineno == first.end_lineno
            and first.end_col_offset == first.col_offset + len(f"self.{first.attr}")
        ):
            column = self.column(first.lineno, first.col_offset)
            binds = type(first.ctx) is not ast.Load
            self.seen.append((scope, f"self.{first.attr}", first.lineno, column, binds))
        else:
            around = None
        place = len(self.seen)
        self._see(text.removesuffix("()"), name.lineno, name.col_offset, False)
        if text in _READ:
            self.reads.add(text)
        for one in nodes[: -_ATTRIBUTES - 1 : -1]:
            text = f"{text}.{one.attr}"
            line = one.end_lineno or one.lineno
            start = self.column(line, one.end_col_offset or 0) - len(one.attr)
            if one is first and around:
                # It is a use of its own already.
                if type(one.ctx) is ast.Store:
                    attributes = self.tables[around.key].attributes
                    attributes.setdefault(one.attr, (one.lineno, start))
            elif self._stands(one.attr, line, start):
                self.chains.append((place, scope, text, line, start))
            self.statements.chain(name.id if name is root else "", text)

    # ## Imports
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
            end = start + len(word)
            self.paths.append((line, start, end, "import", path, -1, False, -1))

    # ## Statements
    def _elsewhere(self, node: ast.Global | ast.Nonlocal) -> None:
        rule = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.scope.elsewhere.update(dict.fromkeys(node.names, rule))
        before = rf"\b{rule}\b[\w\s,\\]*?\b"
        last = node.end_lineno or node.lineno
        for name in node.names:
            self._find(before, name, node.lineno, node.col_offset, last, False)

    def _set_arm(self, arm: int) -> None:
        self.arm = arm

    def _branch(self, fork: int, arm: int, nodes: Iterable[ast.AST]) -> None:
        """Put one branch on the stack, with what leads into it."""
        self.stack += reversed([*nodes])
        self._step(self._set_arm, len(self.arms))
        self.arms.append((self.arm, fork, arm))

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

    def _annotated(self, annotation: ast.expr | None, key: int) -> Value | None:
        text = annotated_class(annotation)
        holder = self.scope.holder(text.partition(".")[0])
        # The `T` of `def f[T](x: T)` may be anything.
        is_parameter = holder and holder.kind == "type"
        return Value("annotation", key, text) if text and not is_parameter else None

    def _value(self, target: ast.expr, value: Value) -> None:
        """Keep what a variable is, if the source says so once."""
        name, holder = chain(target), self.scope
        if name.startswith("self.") and (around := self.scope.class_of("self")):
            name, holder = name.removeprefix("self."), around
        # What a class body holds may give something else to instances.
        annotated = value.form == "annotation"
        if holder is self.scope and holder.kind == "class" and not annotated:
            return
        if holder.key >= 0 and name and "." not in name:
            self.tables[holder.key].values.setdefault(name, value)

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        self.statements.begin(node)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            self.exports = None
        self._children(node)


def _variables(body: list[ast.stmt]) -> dict[str, None]:
    """The variables that the statements of a module or class themselves bind."""
    found: dict[str, None] = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        found |= dict.fromkeys(one.id for one in targets if isinstance(one, ast.Name))
    return found


def _after(
    first: Callable[[Any], None], second: Callable[[Any], None]
) -> Callable[[Any], None]:
    def both(node: Any) -> None:
        first(node)
        second(node)

    return both


# What a node holds, in the order in which a stack must take it.
class _Fields(dict[type, tuple[str, ...]]):
    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = getattr(kind, "_fields", ()) if issubclass(kind, ast.AST) else ()
        found = self[kind] = tuple(one for one in names[::-1] if one not in _PLAIN)
        return found


# These fields hold no nodes, or none that say anything.
_PLAIN = frozenset(
    [
        "ctx",
        "op",
        "ops",
        "kind",
        "n",
        "s",
        "id",
        "attr",
        "arg",
        "type_comment",
        "type_ignores",
        "simple",
        "is_async",
        "level",
        "module",
        "names",
        "name",
        "rest",
        "kwd_attrs",
        "conversion",
        "str",
        "asname",
        "lineno",
    ]
)
_FIELDS = _Fields()
for _kind in (ast.Constant, ast.MatchSingleton, ast.Pass, ast.Break, ast.Continue):
    _FIELDS[_kind] = ()
