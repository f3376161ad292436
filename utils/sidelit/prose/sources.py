r"""
---
title: Which sources a result comes from
summary: >
  A hash for each source that a run used, kept with its result. If the code has changed
  since, a number that prose quotes is known to be outdated.
---

# Which sources a result comes from

A page takes its numbers from the result file of a run, so they are what was measured.
The file can also tell whether the code is still the same, if the run records its
sources:

```python
from sidelit.prose.sources import digests

sources = digests(".", ["src/model.py", "src/train.py"])
...
result = {"sources": sources, "test": {"accuracy": accuracy}}
```

Paths are relative to the root of the project. Take the hashes when a run begins, since
somebody may go on working while it trains. Comments, docstrings and empty lines do not
count: a better explanation does not make a result invalid. `sidelit check` compares the
hashes with the sources.
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
    The table `sources` for a result file. Raises `OSError` for a file that cannot be
    read, and `SyntaxError` for a `.py` file that is not valid Python.
    """
    return {path: source_digest(os.path.join(root, path)) for path in sorted(paths)}


def source_digest(file: str) -> str:
    """The hash of one file: of its code if it is Python, otherwise of all its bytes."""
    if not file.endswith(".py"):
        with open(file, "rb") as source:
            return hashlib.blake2b(source.read(), digest_size=8).hexdigest()
    with tokenize.open(file) as code:
        text = code.read()
    return digest(without_prose(text, lex_python(text), read_syntax(text).strings))
