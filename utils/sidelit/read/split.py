r"""
---
title: Splitting a file into prose and code
summary: >
  The syntax tree knows the docstrings, one token stream knows the comments, and every
  line of a file lands in exactly one section.
---

# Splitting a file

An annotated module is prose and code in one text. This module takes them apart, and
it must never be wrong about which is which: a `#` inside a string is no comment, a
string in the middle of a function is no docstring, and no line may get lost. Where
other tools look at how a line begins, we let Python say what it read: its
[syntax](syntax.py) knows the docstrings, and the [tokens](lexer.py) know the comments.

A new section begins

* at a class or function, with its decorators; its docstring becomes the prose;
* at a variable with a string below it, which is its docstring;
* at a comment that has its lines to itself; the code below it is what it explains,
  and a lone `#` ends the explanation;
* at a [cell](cells.py), if the file is made of cells;
* where a class or function has ended, so that the code behind it does not stand
  beside somebody else's prose; and so for a variable with a docstring or a `#:` above.

Code and prose are whole lines. So a `#:` at the end of a line stays with its code, and
the card of the variable says what it says.

The prose of a docstring is taken from the *source*, not from the value: in the value,
the `\nu` and `\tau` of a formula have become a line break and a tab. Where the string
is not raw, `\\alpha` is read as Python reads it.
"""

import os
import re
import sys
from dataclasses import replace

from ..files import CONTROLS
from ..model import Document, Section, Source, Tokens
from ..syntax import Syntax
from .decode import decode, source_error
from .front_matter import FRONT_MATTER, first_heading, first_sentence, front_matter
from .lexer import lex_other, lex_python
from .markdown import with_heading_anchors
from .notebook import read_notebook
from .rest import fenced, with_anchors
from .sections import comment_sections, python_sections
from .syntax import read_syntax


def split(source: Source) -> Document:
    """
    ## One file

    Read a file and cut it into sections. Raises `SidelitError` for a file that is not
    valid in its encoding or in its language, or whose front matter is not YAML.
    """
    with open(source.file, "rb") as file:
        return split_data(source, file.read())


# ## Files that are too large
#
# A page is several times as large as its file, and from a few megabytes on no browser
# shows it in time. Such a file is a table that a program has written. Its page has the
# code alone, without colours and names, in pieces that a browser lays out one by one.
_LARGEST = 1 << 20
_PIECE = 500


def _code_alone(source: Source, text: str, data: bytes) -> Document:
    count = text.count("\n") + (not text.endswith("\n"))
    size = f"{len(data) / 1e6:.1f} MB"
    prose = f"This file has {size}. That is too much to set beside prose, so here is "
    prose += "its code alone, without colours and links."
    starts = range(1, count + 1, _PIECE)
    pieces = (range(one, min(one + _PIECE, count + 1)) for one in starts)
    sections = [Section("module", "", prose, 0, ())]
    sections += (Section("note", "", "", 0, (piece,)) for piece in pieces)
    # Plain text is nothing that could be read, run or taken apart.
    source, title = replace(source, language="text"), _name(source)
    summary = f"A file of {size}, shown as code alone."
    whole = Document(source, text, title, summary, (*sections,), Tokens(), data)
    return replace(whole, code_alone=True)


def split_data(source: Source, data: bytes) -> Document:
    """The same for the bytes of a file that has been read."""
    text = decode(data, source).translate(CONTROLS)
    # Most of a notebook are its images.
    if len(data) > _LARGEST and source.language not in ("markdown", "notebook"):
        return _code_alone(source, text, data)
    tokens, syntax, script, named = Tokens(), None, None, _name(source)
    if source.language == "notebook":
        script = read_notebook(text, source)
        source = replace(source, language=script.language)
        text, tokens = script.notebook.written.translate(CONTROLS), script.tokens
        sections, named = script.sections, script.title or named
        if source.language == "python":
            syntax = _syntax(script.notebook.python, source)
    elif source.language == "markdown":
        sections = [Section("module", "", _with_anchors(text), 1, ())]
    elif source.language == "python":
        tokens = lex_python(text)
        syntax = _syntax(text, source)
        sections = python_sections(text, syntax, tokens)
    else:
        tokens = lex_other(text, source.language)
        sections = comment_sections(text, tokens, source.language)
    sections[0], said = front_matter(sections[0], source)
    sections = [replace(one, prose=with_heading_anchors(one.prose)) for one in sections]
    prose = sections[0].prose
    single = source.single_dollars
    title = said.get("title") or first_heading(prose, single) or named
    summary = said.get("summary") or first_sentence(prose, single)
    document = Document(
        source,
        text,
        title,
        summary,
        tuple(sections),
        tokens,
        data,
        syntax,
        (*said,),
        said.get("draft", False),
        said.get("language", ""),
    )
    if script is None:
        return document
    return replace(document, notebook=script.notebook, problems=script.problems)


def _with_anchors(text: str) -> str:
    """Markdown with anchors in place of the labels of MyST."""
    if ")=" not in text:
        return text
    lines = text.split("\n")
    front = FRONT_MATTER.match(text)
    head = range(front[0].count("\n") if front else 0)
    return "\n".join(with_anchors(lines, {*head} | fenced(lines)))


def _syntax(text: str, source: Source) -> Syntax:
    package = os.path.basename(source.path) == "__init__.py"
    try:
        return read_syntax(text, source.module, package)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        version = "{}.{}".format(*sys.version_info)
        message = f"not valid Python {version}: {error.msg}"
        if "unicodeescape" in error.msg:
            message += r"; write its \ twice, or r in front of the string"
        elif not (isinstance(error, IndentationError) or _OLD.match(error.msg)):
            message += "; a newer Python might read it"
    except (ValueError, RecursionError, MemoryError) as error:
        line, column = 1, 1
        message = f"not valid Python: {str(error) or 'nested too deeply'}"
    raise source_error(source, line, max(column, 1), "SRC101", message)


# What Python 2 could read, and what none can.
_OLD = re.compile("Missing parentheses in call|leading zeros|source code .*null bytes")


def _name(source: Source) -> str:
    return source.module or source.path.rsplit("/", 1)[-1]
