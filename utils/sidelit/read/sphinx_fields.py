r"""
---
title: Fields of Sphinx and Epydoc
summary: >
  Lines that begin with `:param x:` or `@param x:`, what each of them is about, and the
  Markdown that says the same.
---

# Fields of Sphinx and Epydoc

Sphinx writes an argument and its type into two fields, `:param x:` and `:type x:`, or
into one, `:param int x:`. Epydoc has the same words behind another sign, and marks
words within its texts by letters and braces, such as `C{x}` for code. The [sections of
other styles](docstrings.py) say the same in lists.
"""

import re
from typing import NamedTuple

from .rest import indent_of
from .rest_blocks import block_end

# ## The fields
_SPHINX = re.compile(
    r" *(?P<sign>[:@])(?P<field>[A-Za-z][\w-]*)"
    r"(?: +(?P<about>[^:`\n]+|[^:\n]*`[^`\n]+`))?:(?=\s|$)"
)
# What else Epydoc knows. Words behind such a sign may be anything.
_EPYDOC = {
    *("attention", "author", "bug", "change", "contact", "copyright", "deprecated"),
    *("invariant", "license", "note", "organization", "postcondition", "precondition"),
    *("requires", "see", "seealso", "since", "status", "summary", "todo", "version"),
    "warning",
}
_KINDS = {
    word: kind
    for kind, words in {
        "arguments": "arg argument key keyword kwarg kwparam param parameter",
        "attributes": "cvar ivar var",
        "results": "return returns yield yields",
        "errors": "except exception raise raises",
        "types": "rtype type vartype ytype",
    }.items()
    for word in words.split()
}


class Field(NamedTuple):
    """A field `:word about: text` and its lines; its text may go on in the next."""

    kind: str
    word: str
    about: str
    text: str
    lines: range


def sphinx_fields(lines: list[str], closed: set[int]) -> list[Field]:
    """The fields of a docstring, if one of them is known to Sphinx."""
    found: list[tuple[int, re.Match[str]]] = []
    is_code = False
    for here, line in enumerate(lines):
        match = _SPHINX.match(line) if ":" in line and here not in closed else None
        # Deep below an empty line, it is code in Markdown, and so is what follows.
        is_below = here > 0 and (is_code or not lines[here - 1])
        is_code = not found and indent_of(line) > 3 and is_below
        if match and match["sign"] == "@":
            word = match["field"].lower()
            match = match if word in _EPYDOC or word in _KINDS else None
        if match and not is_code:
            found.append((here, match))
    fields = []
    for number, (here, match) in enumerate(found):
        end = block_end(lines, here + 1, indent_of(lines[here]))
        if number + 1 < len(found):
            end = min(end, found[number + 1][0])
        word = match["field"].lower()
        kind = _KINDS.get(word, "")
        about = (match["about"] or "").strip()
        if kind in ("arguments", "attributes") and not about:
            # Nobody says which.
            kind = ""
        text = lines[here][match.end() :].strip()
        fields.append(Field(kind, match["field"], about, text, range(here, end)))
    return fields if any(one.kind for one in fields) else []


def shown_field(field: Field, fields: list[Field]) -> str:
    """
    The Markdown of the line that a field begins on. A type moves to its name, and what
    is meant for Sphinx alone goes.
    """
    about, text = field.about, field.text
    if field.word == "meta":
        return ""
    if field.kind == "types":
        if any(_belongs(field, other) for other in fields):
            return ""
        return f"+ `{about}` ({text})" if about else f"+ **Returns**: {text}"
    given, _, name = about.rpartition(" ")
    if field.kind not in ("arguments", "attributes"):
        # Behind `:return`, no name can stand.
        given = about if field.kind == "results" else ""
    types = (one.text for one in fields if _belongs(one, field))
    its_type = typed(given or next(types, ""))
    shown = {
        "arguments": f"{codes(name)}{its_type}",
        "attributes": f"**Attribute** {codes(name)}{its_type}",
        "results": f"**{field.word.capitalize()}**{its_type}",
        "errors": f"**Raises** {codes(about)}" if about else "**Raises**",
        "": f"**{field.word.capitalize()}{about and ' '}{about}**",
    }[field.kind]
    return f"+ {shown}: {text}".rstrip()


def _belongs(type_: Field, field: Field) -> bool:
    """Whether a field says the type of another one."""
    if type_.kind != "types":
        return False
    if type_.about:
        named = field.kind in ("arguments", "attributes")
        return named and field.about.rpartition(" ")[2] == type_.about
    return field.kind == "results"


# ## What Epydoc writes in braces
def without_epytext(text: str) -> str:
    """A text with Markdown in place of what Epydoc writes in braces."""
    return _EPYTEXT.sub(_as_marks, text) if "{" in text else text


# What `L` is about may stand in brackets behind the words, as the address behind `U`.
_EPYTEXT = re.compile(
    r"\b(?P<sign>[BCILMU])\{(?P<text>(?>(?:[^\s{}<>`]+|\s+(?=[^\s{}<>`]))*))\s*"
    r"(?:<(?P<target>[^<>{}`]+)>)?\}"
)


def _as_marks(match: re.Match[str]) -> str:
    sign, text, target = match["sign"], match["text"], match["target"]
    if sign == "U":
        return f"[{text}]({target})" if target else text
    if sign == "L" and target and text:
        return f"{text} (`{target}`)"
    mark = {"B": "**", "I": "*"}.get(sign, "`")
    return f"{mark}{text or target}{mark}" if text or target else match[0]


# ## Names and types
def codes(names: str) -> str:
    """Names of arguments, each as code."""
    names = names.replace("\\", "").replace("`", "")
    return ", ".join(f"`{name.strip()}`" for name in _COMMA.split(names))


# The commas in `method(a, b)` are none between names.
_COMMA = re.compile(r",(?![^(]*\))|\s+and\s+")


def typed(text: str | None) -> str:
    """The type behind a name; shapes in it are code, as they are in other prose."""
    if not text:
        return ""
    if "shape" in text:
        text = _SHAPE.sub(r"`\g<0>`", text)
    return f" ({text})"


# In a type that speaks of a shape, the brackets are one.
_SHAPE = re.compile(r"(?<![`\w])(?:\([\w\s.,*+/-]*\)|\[[\w\s.,*+/-]*\])(?!`)")
