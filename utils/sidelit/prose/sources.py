r"""
---
title: Which sources a result comes from
summary: >
  A hash for each source that a run has used, kept with its result, so that a number in
  prose is known to be old when the code has changed since.
---

# Which sources a result comes from

A page takes its numbers from the file of a run, so they are what was measured. Whether
the code would still measure them, the file can say, too, if the run writes down what it
was made of:

```python
from sidelit.prose.sources import digests

sources = digests(".", ["src/model.py", "src/train.py"])
...
result = {"sources": sources, "test": {"accuracy": accuracy}}
```

Paths are those from the root of the project, and the place for this is the beginning of
a run, since somebody may work on while it trains. Comments, docstrings and empty lines
do not count: a result outlives a better explanation. `sidelit check` compares.
"""

import hashlib
import os
import tokenize
from collections.abc import Iterable

from ..read.functions import digest, without_prose
from ..read.lexer import lex_python
from ..read.syntax import read_syntax


def digests(root: str | os.PathLike[str], paths: Iterable[str]) -> dict[str, str]:
    """
    The table `sources` for a result file. Raises `OSError` for a file that is not there
    and `SyntaxError` for one with the name of Python code that is none.
    """
    return {path: source_digest(os.path.join(root, path)) for path in sorted(paths)}


def source_digest(file: str) -> str:
    """The hash of one file: of its code if it is in Python, and else of all of it."""
    if not file.endswith(".py"):
        with open(file, "rb") as source:
            return hashlib.blake2b(source.read(), digest_size=8).hexdigest()
    with tokenize.open(file) as code:
        text = code.read()
    tokens = lex_python(text)
    return digest(without_prose(text, tokens, read_syntax(text, tokens).strings))
