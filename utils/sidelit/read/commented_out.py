r"""
---
title: Code in comments
summary: >
  Code that somebody has commented out stays code: as running text, nobody could read
  it.
---

# Code in comments

Python itself can say whether a text is valid Python, but many phrases are: `note: this`
is an annotation, and `return early` is a statement. So a text must look like code, and
it must also do something. In other languages, looks must suffice: every line must begin
or end as only code does, or stand in a block that such lines open and close.
"""

import ast
import re

from .parse import syntax_tree

# How a line of Python begins that is no text.
_PYTHON = re.compile(
    r"""\s*(?: [\w.,*\[\]"'()]+ (?:,\s[\w.*]+)* (?: :\s[\w.\[\],| ]+ )?
        \s? (?: [-+*/%@&|^:] | // | \*\* | >> | << )? = (?!=)
      | [\w.]+\( | @\w | (?: from \s [\w.]+ \s )? import \s
      | (?: async \s )? (?: def | class | with | for | if | while ) \b .* [:(,\[]
        (?: \s*\#.* )? $
      | try: | (?: return | raise | assert | yield | await ) \b )""",
    re.VERBOSE,
)
# These are words as well.
_EMPTY = (ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal)


def is_code(lines: list[str], language: str) -> bool:
    """Whether lines of a comment are code in the language of their file."""
    if language == "python":
        return _is_python(lines)
    sure = _SETTING if language == "yaml" else _CODE
    known = [bool(sure.fullmatch(line)) for line in lines]
    if not any(known):
        return False
    looks = [
        is_known or bool(_MORE.fullmatch(line))
        for is_known, line in zip(known, lines, strict=True)
    ]
    inside = _blocks(lines, looks)
    return all(looks[number] or number in inside for number in range(len(lines)))


def _blocks(lines: list[str], looks: list[bool]) -> set[int]:
    """The lines that stand deeper than a line of code, up to one that closes it."""
    inside: set[int] = set()
    depths = [len(line) - len(line.lstrip()) for line in lines]
    for start in range(len(lines)):
        if looks[start] and start not in inside:
            end = start + 1
            while end < len(lines) and depths[end] > depths[start]:
                end += 1
            if end < len(lines) and _CLOSES.fullmatch(lines[end]):
                inside.update(range(start + 1, end))
    return inside


def _is_python(lines: list[str]) -> bool:
    """Whether they are statements of Python that do something."""
    if not _PYTHON.match(lines[0]):
        return False
    text = "\n".join(lines)
    if lines[-1].rstrip().endswith(":"):
        # Its block was left in, or is gone.
        text += " pass" if len(lines) > 1 else ""
    try:
        return any(map(_does_something, syntax_tree(text).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _does_something(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr):
        return isinstance(value, ast.Call)
    if isinstance(statement, ast.Raise | ast.Assert | ast.Return):
        tested = getattr(statement, "exc", None) or getattr(statement, "test", value)
        return tested is not None and not isinstance(tested, ast.Name)
    if isinstance(statement, ast.AnnAssign):
        return value is not None
    return not isinstance(statement, _EMPTY)


# What a line of code is in most other languages, and how one may go on.
_NAME = r"[@$]?[\w.$:>-]*[\w$](?:\[[^\]]*\])*"
_DECLARED = (
    r"(?:(?:export|const|let|var|val|local|static|final|public|private|protected|mut"
    r"|readonly|int|long|float|double|bool|boolean|char|auto|string|String|unsigned)\s+)*"
)
_CODE = re.compile(
    rf"""\s*(?:
        .*[\w)\]"'}}]\s*;\s*(?:(?://|/\*|--|\#).*)?
      | .*[)\w"'>=]\s*\{{ | [)\]}}]+[;,)]* | end | fi | done | esac
      | {_DECLARED}{_NAME}(?:\s*:\s*[\w<>\[\]?|.\ ]+)?\s*(?:[-+*/|&?.]{{1,2}}|:)?
        =(?![=>])\s*\S.*
      | {_NAME}[!?]?\(.*\) | \[[\w."-]+\]
      | \#\s*(?:include|define|ifdef|ifndef|endif|pragma)\b.*
      | (?:import|export|from|use|require|using|package)\s.*["'}};>*]
      | (?:pub\s|async\s|export\s|local\s)*(?:function|func|fn|fun|def)\s+[\w.:]+
        \s*[(<].*
    )\s*""",
    re.VERBOSE,
)
_CLOSES = re.compile(r"\s*(?:[)\]}]+[;,)]*|end|fi|done|esac)\s*")
_MORE = re.compile(
    r"""\s*(?: .*[,(\[{:|&+\\=] | [.)\]}&|?:+].* | -\s\S+ | @\w+(?:\(.*\))?
      | (?:return|throw|case|break|continue)\b.*
      | (?:\}\s*)?(?:if|else|elsif|elif|for|while|until|unless|switch|do|then)\b.*
    )\s*""",
    re.VERBOSE,
)
_SETTING = re.compile(
    r"""\s*(?:-\s+)?(?!note|todo|fixme|see\b)
    [a-z][\w./-]*:(?:\s+(?:\S+|["'\[{|>&*].*))?\s*""",
    re.VERBOSE,
)
