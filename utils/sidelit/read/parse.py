r"""
---
title: Parsing
summary: >
  Python's own parser turns a text into a syntax tree, of any depth and from any place
  in a program.
---

# Parsing
"""

import ast
import sys
import threading
import warnings


def syntax_tree(text: str) -> ast.Module:
    """
    What Python reads in a text. It warns of odd escapes in strings, which are none of
    our business.

    How deep a tree may be depends on how deep the caller is: Python counts both as one.
    So a tree that is too deep here gets a thread of its own, with room for a sum of
    tens of thousands of terms.
    """
    try:
        return _parse(text)
    except RecursionError:
        return _parse_deep(text)


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # `ast.parse` drops docstrings where Python runs with `-OO`, from 3.14 on.
        tree = compile(
            text, "<text>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True, optimize=0
        )
    assert isinstance(tree, ast.Module)
    return tree


# Python takes about half a kilobyte for each level of a tree.
_LEVELS = 100_000
_STACK = 256 << 20
_lock = threading.Lock()


def _parse_deep(text: str) -> ast.Module:
    result: list[ast.Module | BaseException] = []

    def parse() -> None:
        try:
            result.append(_parse(text))
        except BaseException as error:
            result.append(error)

    # Both limits belong to all threads.
    with _lock:
        limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
        try:
            sys.setrecursionlimit(max(limit, _LEVELS))
            thread = threading.Thread(target=parse)
            thread.start()
            thread.join()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]
