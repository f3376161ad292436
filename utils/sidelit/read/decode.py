r"""
---
title: From bytes to text
summary: >
  The encoding that a Python file declares, UTF-8 for all others, line ends as Python
  has them, and a place in the file for whatever is wrong with its bytes.
---

# From bytes to text
"""

import re
import tokenize
from io import BytesIO

from ..model import Problem, SidelitError, Source


def decode(data: bytes, source: Source) -> str:
    r"""
    The text of a file. A Python file says in its first two lines how it is encoded;
    other files are UTF-8. The byte order mark goes and every line ends with `\n`, as it
    does for Python.
    """
    encoding = "utf-8-sig"
    try:
        if source.language == "python":
            encoding = tokenize.detect_encoding(BytesIO(data).readline)[0]
    except SyntaxError as error:
        # Either a declaration names no encoding, or there is none and the bytes of the
        # first lines are not UTF-8, which the next step finds with their place.
        if line := _declaration(data):
            raise source_error(source, line, 1, "SRC102", f"{error.msg}") from None
    except (LookupError, UnicodeError):
        # From Python 3.15 on, what is no encoding fails here and not only below.
        declared = _DECLARED.search(data)
        encoding = declared[1].decode() if declared else encoding
    try:
        text = data.decode(encoding)
        # Some encodings can spell half a character, which no page can hold.
        text.encode()
    except UnicodeDecodeError as error:
        # Not in its own encoding, which may allow no replacements.
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, column = _end_of(before)
        byte, name = f"0x{data[error.start]:02x}", encoding.removesuffix("-sig")
        message = f"byte {byte} is not valid {name}; save the file as UTF-8"
        raise source_error(source, line, column, "SRC102", message) from None
    except (LookupError, UnicodeError):
        # Python knows codecs such as `rot13` that are no encodings.
        message = f"{encoding} does not encode this file; save it as UTF-8"
        raise source_error(source, _declaration(data), 1, "SRC102", message) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Versions of Python notice it at different times, some only when the code is run.
    if source.language == "python" and "\0" in text:
        line, column = _end_of(text[: text.index("\0")])
        message = "not valid Python: there is a NUL character here"
        raise source_error(source, line, column, "SRC101", message)
    return text


def _end_of(text: str) -> tuple[int, int]:
    """Line and column of what follows a text."""
    return 1 + text.count("\n"), len(text) - text.rfind("\n")


_DECLARED = re.compile(rb"coding[:=][ \t]*([-\w.]+)")


def _declaration(data: bytes) -> int:
    """The line that says how a file is encoded, or 0."""
    heads = enumerate(data.split(b"\n", 2)[:2], 1)
    return next((line for line, words in heads if b"coding" in words), 0)


def source_error(
    source: Source, line: int, column: int, rule: str, message: str
) -> SidelitError:
    """The exception for what is wrong at a place in a source."""
    return SidelitError(Problem(source.path, line, column, rule, message))
