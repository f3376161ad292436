r"""
---
title: What an expression says by itself
summary: >
  Small questions about single expressions of a syntax tree: which dotted name it is,
  which class an annotation names, and whether it is a plain text.
---

# What an expression says by itself
"""

import ast


def dotted(node: ast.AST) -> str:
    """The text of a name with attributes, and nothing for any other tree."""
    root, attributes = without_attributes(node)
    return f"{root.id}{attributes}" if isinstance(root, ast.Name) else ""


def without_attributes(node: ast.AST) -> tuple[ast.AST, str]:
    """What attributes are taken of, and these: `a[0]` and `.b.c` of `a[0].b.c`."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(f".{node.attr}")
        node = node.value
    return node, "".join(reversed(names))


def chain(node: ast.expr) -> str:
    """`a.b.c` or `super().b` as it is written, and nothing for any other tree."""
    root, attributes = without_attributes(node)
    if isinstance(root, ast.Name):
        return f"{root.id}{attributes}"
    if isinstance(root, ast.Call) and not (root.args or root.keywords):
        is_super = isinstance(root.func, ast.Name) and root.func.id == "super"
        return f"super(){attributes}" if is_super else ""
    return ""


def annotated_class(annotation: ast.expr | None) -> str:
    """The class in an annotation: `A` of `A`, `A[int]`, `A | None`, `Optional[A]`."""
    while isinstance(annotation, ast.BinOp | ast.Subscript):
        if isinstance(annotation, ast.BinOp):
            sides = (annotation.left, annotation.right)
            some = [one for one in sides if not is_none(one)]
            annotation = some[0] if len(some) == 1 else None
        else:
            is_optional = chain(annotation.value).rpartition(".")[2] == "Optional"
            annotation = annotation.slice if is_optional else annotation.value
    return chain(annotation) if annotation else ""


def base(node: ast.expr) -> str:
    """A base as it is written; that of `class A(B[int])` is `B`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return chain(node) or "?"


def is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def string(node: ast.stmt) -> str | None:
    """The text of a statement that is nothing but a string."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        value = node.value.value
        return value if isinstance(value, str) else None
    return None


def texts(node: ast.expr) -> tuple[str, ...] | None:
    """The texts of a plain list or tuple of texts."""
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    texts = tuple(one for one in found if isinstance(one, str))
    return texts if len(texts) == len(node.elts) else None


def asks_for_types(test: ast.expr) -> bool:
    """Whether a condition is about `TYPE_CHECKING`."""
    return any(
        "TYPE_CHECKING" in (getattr(part, "id", ""), getattr(part, "attr", ""))
        for part in ast.walk(test)
    )


def is_program(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`."""
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
        return False
    sides = {
        (type(side), getattr(side, "id", None) or getattr(side, "value", None))
        for side in (node.test.left, *node.test.comparators)
    }
    return sides == {(ast.Name, "__name__"), (ast.Constant, "__main__")}
