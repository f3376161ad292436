"""Which lines of a Python file are prose, as Python itself sees it."""

import ast
import re
import tokenize
import warnings
from collections.abc import Iterator


def python_tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """The module, its statements and their clauses: a tenth of what a tree holds."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            waiting += getattr(node, name, ())
        yield node


def docstring_lines(tree: ast.Module) -> list[int]:
    found: list[int] = []
    for node in statements(tree):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            found += lines_of(node.body[0])
        for string in attribute_docstrings(node):
            found += lines_of(string)
    return found


def lines_of(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def attribute_docstrings(node: ast.AST) -> list[ast.stmt]:
    """
    The strings right behind the assignments of a body, as PEP 257 defines them: at the
    top of a module, of a class, or of `__init__`, where they are about attributes.
    """
    method = getattr(node, "name", "") == "__init__" and not isinstance(
        node, ast.ClassDef
    )
    found: list[ast.stmt] = []
    if not method and not isinstance(node, ast.Module | ast.ClassDef):
        return found
    explains = False
    for one in getattr(node, "body", []):
        is_string = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        if is_string and isinstance(one.value.value, str) and explains:
            found.append(one)
            continue
        target = getattr(one, "targets", [getattr(one, "target", None)])[0]
        explains = isinstance(one, ast.Assign | ast.AnnAssign) and (
            not method or isinstance(target, ast.Attribute)
        )
    return found


# Without these, nothing but a bracket goes on behind the end of a line.
SPANS_LINES = re.compile(r"\"{3}|'{3}|\\$", re.MULTILINE)


def comment_lines(text: str, tree: ast.Module, docstrings: set[int]) -> set[int]:
    """
    The lines outside of docstrings that hold a comment and nothing else, as Python's
    tokenizer sees them.
    """
    lines = text.split("\n")
    found = {
        number
        for number, line in enumerate(lines, 1)
        if line.lstrip().startswith("#") and number not in docstrings
    }
    # The tokenizer is slow, and needed only where such a line can begin within a string.
    for node in statements(tree):
        span = own_lines(node)
        inside = span[1:]
        if not found.isdisjoint(inside) and SPANS_LINES.search(
            "\n".join(lines[number - 1] for number in span)
        ):
            return tokenized_comment_lines(text) - docstrings
    return found


def own_lines(node: ast.AST) -> range:
    """The lines of a statement or a clause, before the first statement in it."""
    if not isinstance(node, ast.stmt | ast.ExceptHandler):
        return range(0)
    first, last = node.lineno, node.end_lineno or node.lineno
    if decorators := getattr(node, "decorator_list", []):
        first = decorators[0].lineno
    if body := getattr(node, "body", []):
        last = body[0].lineno - 1
    return range(first, last + 1)


def tokenized_comment_lines(text: str) -> set[int]:
    lines = iter(line + "\n" for line in text.split("\n"))
    return {
        token.start[0]
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }
