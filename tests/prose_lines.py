"""Which lines of a Python file are prose, as Python itself sees it."""

import ast
import re
import tokenize
import warnings


def docstring_lines(text: str) -> list[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        waiting: list[ast.AST] = [ast.parse(text)]
    found: list[int] = []
    # Of statements only: a tree has ten times as many expressions.
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            waiting += getattr(node, name, ())
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


def comment_lines(text: str, docstrings: set[int]) -> set[int]:
    """The lines that hold a comment and nothing else, as Python's tokenizer sees them."""
    rest = {
        number: line
        for number, line in enumerate(text.split("\n"), 1)
        if number not in docstrings
    }
    # The tokenizer is slow, and needed only where a line can begin within a string.
    if not SPANS_LINES.search("\n".join(rest.values())):
        return {
            number for number, line in rest.items() if line.lstrip().startswith("#")
        }
    lines = iter(line + "\n" for line in text.split("\n"))
    return {
        token.start[0]
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }
