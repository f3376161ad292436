r"""
---
title: The XML of C#
summary: >
  Comments of C# are XML, with an element for each argument; they become the fields and
  the Markdown that the comments of other languages have.
---

# The XML of C#

A comment that documents a method of C# has elements such as `<summary>` and
`<param name="x">`. No browser knows them, so they would vanish, and the names of the
arguments with them. Here they become [fields](docstrings.py), each line on its line:

```markdown
+ `x`: the depth
+ **Returns**: what has grown
```

`<see>` and `<paramref>` are code or links, `<code>` is a block, and what stands in a
`<list>` is one. Only a comment with an element that lists something, or with a
`<summary>` or `<remarks>`, is read so.
"""

import re
from html import unescape

from .comments import dedent
from .drawings import indented

# What a field begins with, by the element that it is made of.
_FIELDS = {
    "param": "`{name}`",
    "typeparam": "`{name}`",
    "returns": "**Returns**",
    "value": "**Value**",
    "example": "**Example**",
    "exception": "**Throws** (`{cref}`)",
    "permission": "**Permission** (`{cref}`)",
    "seealso": "**See**",
}
_ELEMENT = re.compile(
    rf"<(?P<name>summary|remarks|inheritdoc|{'|'.join(_FIELDS)})(?P<rest>(?:\s[^<>]*?)?)"
    r"(?:/>|>(?P<body>(?:(?!</?(?P=name)\b)[\s\S])*)</(?P=name)>)"
)
_ATTRIBUTE = re.compile(r"""\b(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def xml_as_markdown(prose: str) -> tuple[str, bool]:
    """The prose of a comment of C# as Markdown, and whether it has fields."""
    if not _ELEMENT.search(prose):
        return prose, False
    made, end, has_fields = "", 0, False
    for match in _ELEMENT.finditer(prose):
        made += _as_text(prose[end : match.start()])
        end = match.end()
        name, body = match["name"], _as_text(match["body"] or "")
        if name == "inheritdoc":
            made += f"`{match[0]}`"
        elif name in _FIELDS:
            has_fields = True
            made += _field(name, _attributes(match["rest"]), body)
        else:
            made += body
    lines = f"{made}{_as_text(prose[end:])}".split("\n")
    return "\n".join(line.rstrip() for line in lines), has_fields


def _attributes(text: str) -> dict[str, str]:
    found = {one[1]: one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(text)}
    if "cref" in found:
        # The compiler puts a letter in front of a name.
        found["cref"] = re.sub(r"^[A-Z]:", "", unescape(found["cref"]))
    return found


def _field(name: str, said: dict[str, str], body: str) -> str:
    label = _FIELDS[name].format_map({"name": "", "cref": "", **said})
    if name == "seealso":
        body = _reference(said, body)
    first, *rest = body.split("\n")
    text = [first.strip(), *indented(dedent(rest), 2)]
    return f"+ {label}: {text[0]}".rstrip() + "".join(f"\n{line}" for line in text[1:])


# ## Elements in text
_INLINE = re.compile(
    r"""
    ^(?P<margin> [ ]* ) <code (?P<of> [^<>]* ) > [ ]* \n
        (?P<block> (?: (?! [ ]* </?code ) .* \n )* ) [ ]* </code> [ ]* $
  | <(?P<code> c | code ) (?: \s[^<>]* )? >
        (?P<words> (?: (?! </?c ) [\s\S] )* ) </(?P=code)>
  | <(?P<name> see | seealso | paramref | typeparamref ) (?P<rest> \s[^<>]*? )
        (?: /> | > (?P<text> [^<>]* ) </(?P=name)> )
  | <term> (?P<term> [^<>]* ) </term> \s* <description>
  | </para> [ ]* (?P<next> \n [ ]* <para> )
  | <(?P<item> description | term ) >
  | </? (?: para | list | item | listheader | description | term ) (?: \s[^<>]* )? /? >
    """,
    re.VERBOSE | re.MULTILINE,
)


def _as_text(text: str) -> str:
    """A text with Markdown in place of the elements in it, each line on its line."""
    return _INLINE.sub(_as_markdown, text) if "<" in text else text


def _as_markdown(match: re.Match[str]) -> str:
    if match["margin"] is not None:
        language = _attributes(match["of"]).get("lang", "csharp").lower()
        margin, code = match["margin"], _plain(match["block"])
        return f"{margin}```{language}\n{code}{margin}```"
    if match["code"]:
        return f"`{_plain(match['words'])}`" if match["words"].strip() else ""
    if match["name"]:
        return _reference(_attributes(match["rest"]), match["text"] or "")
    if match["term"] is not None:
        return f"* {match['term'].strip()}: " + "\n" * match[0].count("\n")
    if match["next"]:
        return f"\\{match['next'].removesuffix('<para>')}"
    return "* " if match["item"] else ""


def _plain(code: str) -> str:
    return unescape(re.sub(r"<!\[CDATA\[|\]\]>", "", code))


def _reference(said: dict[str, str], text: str) -> str:
    text = text.strip()
    if address := said.get("href"):
        return f"[{text or address}]({address})"
    name = next(
        (said[one] for one in ("cref", "name", "langword") if said.get(one)), ""
    )
    return f"{text} (`{name}`)" if text and text != name else f"`{name}`"
