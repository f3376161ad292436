r"""
---
title: Names in brackets
summary: >
  Rust, Kotlin and Go link to a name that stands in brackets. Here it is code, as it is
  elsewhere.
---

# Names in brackets

In comments of Rust, ``[`Vec`]`` leads to a type, as `[List]` does in those of Kotlin
and `[io.Reader]` in those of Go; `[the list][List]` has words of its own. In Markdown,
these are references that nobody defines, and brackets around code. So such a name
becomes code, and stands behind the words that it has. Two back-ticks say that it may be
the name of something elsewhere.

Brackets may also hold what can be left out, or an index. So in Go and Rust, a name has
a capital letter, or a path in front. What is defined as a link stays one.
"""

import re

from .markdown import definitions, plain_label

# What is code already, and a reference.
_CODE = r"""
    ^[ ]*(?P<fence> `{3,} | ~{3,} ) .* (?: \n.* )*? (?: \n[ ]* (?P=fence) .* | \Z )
  | ^[ ]{4,} .* | ``+ [^\n]*? ``+ | `[^`\n]+`
"""
_NAMES = {
    "rust": r"(?:\w+::)+\w+(?:\(\)|!)? | [A-Z][^\Wa-z]*[a-z]\w*",
    "kotlin": r"(?:\w+\.)*[^\W\d]\w+(?:\(\))?",
    "go": r"\*?(?:[\w/]+\.)+[A-Z]\w* | \*?[A-Z][^\Wa-z]*[a-z]\w*(?:\.[A-Z]\w*)?",
}
_PATTERNS = {
    language: re.compile(
        rf"""(?<![\w\])!\\]) (?: \[ (?P<words> [^\[\]\n]{{2,}} ) \]
            \[ `?(?P<target> {name} | [A-Z] )`? \]
          | \[ (?P<tick> `? ) (?P<name> {name} ) (?P=tick) \] ) (?![\w\[(:])
          | {_CODE}""",
        re.VERBOSE | re.MULTILINE,
    )
    for language, name in _NAMES.items()
}


def names_as_code(prose: str, language: str) -> str:
    """The prose of a comment with code in place of the names in brackets."""
    if "[" not in prose or language not in _PATTERNS:
        return prose
    defined = definitions(prose)

    def made(match: re.Match[str]) -> str:
        written = match["target"] or match["name"]
        label = match[0].rpartition("[")[2].rstrip("]") if written else ""
        if not written or plain_label(label) in defined:
            return match[0]
        code = f"``{written}``"
        return f"{match['words']} ({code})" if match["words"] else code

    return _PATTERNS[language].sub(made, prose)
