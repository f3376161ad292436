r"""
---
title: What only IPython understands
summary: >
  Magics, commands of the shell and questions in the cells of a notebook: shown as code,
  and left out of what Python reads.
---

# What only IPython understands

A cell of a notebook may have lines such as `%matplotlib inline`, `!pip install x`,
`files = !ls` or `torch.nn?`, and one that begins with `%%bash` is no Python at all. For
Python, signs that mean nothing stand in their place, as many as there were, so that
everything else stays where it is.
"""

import re
from collections.abc import Iterator, Sequence

from ..syntax import line_starts
from .lexer import lex_python
from .parse import syntax_tree

# Of the magics for a whole cell, these are followed by Python.
_WITH_PYTHON = {"capture", "debug", "memit", "prun", "scalene", "time", "timeit"}
OF_CELL = re.compile(r"%%(\w+|!)")
_COMMAND = re.compile(
    r"(?P<before>\s*)(?P<command>[%!?]\S.*|[\w.*]+\?{1,2}\s*)"
    r"|(?P<target>[^=%!#'\"()]+=\s*)(?P<given>[%!]\S.*)"
)


def as_python(lines: Sequence[str]) -> tuple[list[str], SyntaxError | None]:
    """
    The lines of a cell as Python may read them, each as long as it was, and what is
    wrong with them; then, as in a cell of another language, all of them are empty.
    """
    fault = _fault(lines)
    if fault is None:
        return [*lines], None
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    plain = [*lines]
    if magic := OF_CELL.match(lines[first]):
        plain[first] = " " * len(plain[first])
        if magic[1] not in _WITH_PYTHON:
            return [" " * len(line) for line in lines], None
    for number, start in _commands(plain):
        line = plain[number]
        # A block must not be left without a statement.
        sign = "0" if start else ""
        plain[number] = (line[:start] + sign).ljust(len(line))
    fault = _fault(plain)
    return [" " * len(line) for line in lines] if fault else plain, fault


def _fault(lines: Sequence[str]) -> SyntaxError | None:
    try:
        syntax_tree("\n".join(lines))
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or "nested too deeply")
    return None


def _commands(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines that are no Python, by their numbers, and the column from which on."""
    text = "\n".join(lines)
    known = bytearray(len(text))
    for _, start, end in lex_python(text):
        known[start:end] = b"\1" * (end - start)
    starts = line_starts(lines)
    depth = 0
    goes_on = is_command = False
    for number, (line, start) in enumerate(zip(lines, starts, strict=False)):
        inside = start and known[start - 1] and known[start : start + 1] == b"\1"
        if goes_on:
            # A command of several lines ends with the first that ends without a sign.
            if is_command:
                yield number, 0
        else:
            match = None if depth or inside else _COMMAND.fullmatch(line)
            is_command = match is not None
            if match:
                before = match["before"] if match["target"] is None else match["target"]
                yield number, len(before)
        if not is_command:
            for place, sign in enumerate(line, start):
                if not known[place]:
                    depth += (sign in "([{") - (sign in ")]}")
        goes_on = line.endswith("\\")
