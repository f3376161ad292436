r"""
---
title: Tags in comments of other languages
summary: >
  JSDoc, Javadoc, PHPDoc, YARD, LuaLS and Doxygen list arguments and results by tags,
  which become the fields that the docstrings of Python have.
---

# Tags in comments of other languages

A comment that documents a function of JavaScript says `@param {number} x - the depth`,
and those of Java, PHP, C, Ruby and Lua say it almost so. Here it becomes the Markdown
of [fields](docstrings.py), each line on its line:

```markdown
+ `x` (`number`): the depth
+ **Returns** (`Tree`): what has grown
```

A tag goes on until the next one or an empty line; an example, until the next one. Only
a comment with a tag that is known here is read so, since words with an `@` in front may
be anything. In the middle of a sentence, `{@link x}` is code or a link. What else
[Doxygen](doxygen.py) knows is read in its own languages alone, since `\b` and `\f` may
be commands of LaTeX elsewhere.
"""

import re
from html import escape

from ..site import is_elsewhere
from .comments import dedent
from .doxygen import OF_DOXYGEN, without_commands
from .drawings import indented, is_all_drawn
from .rest import fenced

# What a tag lists, by its name.
_TAGS = {
    name: kind
    for kind, names in {
        "arguments": "param arg argument tparam typeparam template",
        "properties": "property prop field",
        "results": "return returns yield yields retval treturn",
        "errors": "throw throws exception raise",
        "example": "example",
        "text": (
            "deprecated see sa since default defaultvalue todo remarks note warning pre"
            " post invariant license author version type overload"
        ),
        "options": "option",
        # These say that what follows is text.
        "plain": "brief details description desc summary fileoverview overview short",
    }.items()
    for name in names.split()
}
# Short names that nobody would read.
_LABELS = {"sa": "see", "treturn": "return"}
# What Doxygen lists besides: `file` is one, and not what JSDoc means by it.
_TAGS_OF_DOXYGEN = {
    name: kind
    for kind, names in {
        "item": "li arg",
        "title": "par section subsection subsubsection defgroup addtogroup",
        # Which file it is and to which group it belongs, its page shows.
        "name": "file ingroup",
        "text": (
            "attention authors bug class copybrief copydetails copydoc copyright date"
            " def dir enum fn headerfile interface name namespace package relates"
            " remark result struct test typedef union var"
        ),
    }.items()
    for name in names.split()
}
_TAG = re.compile(
    r" {0,3}[@\\](?P<name>[a-zA-Z]+)(?P<way>\[[a-z, ]+\])?(?=[\s:{]|$)"
    r"[ \t]*(?P<rest>.*)"
)
# What many write behind `@file` are words at once.
_FILE = re.compile(
    r"(?:(?:\"[^\"]*\"|[^\s@\\]\S*\.\w+(?=[:,]?(?!\S))|\S+\Z)[:,]?)?"
    r"\s*(?:(?:-+|[:–—])\s+)?"
)
_GROUPS = re.compile(r"(?:[^\s@\\]\S*(?:\s+|\Z))*")
_BEGINNING = re.compile(r"(?:^|\s+)[@\\]\{$")
_BRACES = r"\{(?P<type>(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_NAME = r"(?P<name>(?:\.\.\.|[&*$@])*[\w$][\w$.]*(?:\[\][\w$.]*)*(?:\.\.\.)?\??|<\w+>)"
_OPTIONAL = r"\[(?P<optional>[\w$.]+(?:\[\][\w$.]*)*)(?:\s*=\s*"
_OPTIONAL += r"(?P<value>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*))?\]"
_TEXT = r"(?:(?:\s+-+)?(?:\s+|$)(?P<text>.*)|$)"
_ARGUMENTS = [
    re.compile(pattern)
    for pattern in (
        rf"(?:{_BRACES}\s*)?(?:{_OPTIONAL}|{_NAME}){_TEXT}",
        # PHP, and Ruby in its two ways.
        rf"(?P<type>[^\s$]+(?:<[^$]*>)?)\s+(?P<name>&?(?:\.\.\.)?\$\w+){_TEXT}",
        rf"{_NAME}\s+\[(?P<type>[^\]]+)\]{_TEXT}",
        rf"\[(?P<type>[^\]]+)\]\s+{_NAME}{_TEXT}",
    )
]
# What JavaScript has in brackets is an argument, not its type.
_OF_JAVASCRIPT = _ARGUMENTS[:-1]
# In Lua, the type of an argument has no sign. LDoc has none, but text. A space may
# stand in its brackets, in front of a result and around a bar.
_WAY_OF_LUA = r"(?:(?:private|protected|public|package)\s+(?=\w+\??\s))?"
_TYPE_OF_LUA = (
    r"(?P<type>(?:[^\s(<{]|\((?:[^()]|\([^()]*\))*\)|<(?:[^<>]|<[^<>]*>)*>|\{[^{}]*\}"
    r"|(?:(?<=\|)|(?<=\):)|(?=\s+\|))\s+(?=\S))+)"
)
_OF_LUA = re.compile(
    rf"{_WAY_OF_LUA}(?P<name>\.\.\.|[\w$.]+\??|\[[^\]]+\])\s+(?!(?:an?|the)\s)"
    rf"{_TYPE_OF_LUA}(?:\s+(?P<text>.*)|$)"
)
# LDoc has tags of their own for an argument and for a result with a type.
_OF_LDOC = re.compile(
    rf"{_TYPE_OF_LUA}\s+(?P<name>\.\.\.|[\w$.]+)(?:\s+(?P<text>.*)|$)"
)
# In Ruby, an argument may be a hash, of which a key is told with its default.
_OPTION = re.compile(
    r"(?P<hash>\w+)\s+(?:\[(?P<type>[^\]]+)\]\s+)?(?P<key>:\w+[?!]?|\"[^\"]*\"|'[^']*')"
    rf"(?:\s+\((?P<value>[^()]*(?:\([^()]*\)[^()]*)*)\))?{_TEXT}"
)
_TYPED = re.compile(
    rf"(?:{_BRACES}|\[(?P<kind>[^\]]+)\](?!\())?\s*(?:-\s+)?(?P<text>.*)"
)
# Without a sign, the first word is a type in some languages, and so is an exception.
_FIRST = re.compile(r"(?P<type>\S+)(?:\s+(?P<text>.*)|$)")
_FIRST_OF_LUA = re.compile(rf"{_TYPE_OF_LUA}(?:\s+(?P<text>.*)|$)")
_CAPTION = re.compile(r"<caption>(.*)</caption>\s*\Z")
_ERROR = re.compile(r"[\w.$\\:]*(?:Exception|Error)(?!\S)")
_INLINE = re.compile(
    r"(?:\[(?P<before>[^\]\n]+)\])?"
    r"\{@(?:(?P<code>code|literal)(?>\s+)(?P<said>(?:[^{}\n]|\n(?!\s*\n)"
    r"|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})+)\}"
    r"|link(?:code|plain)?(?P<ahead>\s+)"
    r"(?=[^\s{}|])(?P<target>[^\s{}|(]*+(?>(?:\([^(){}\n]*\))?)[^\s{}|]*+)"
    r"(?P<gap>(?>\s*(?:\|\s*)?))(?P<text>(?>(?:[^{}\n]|\n(?!\s*\n))*))\})"
)


def tags_as_markdown(prose: str, language: str) -> tuple[str, bool]:
    """The prose of a comment with fields in place of tags, and whether it has any."""
    if language in OF_DOXYGEN:
        prose = without_commands(prose, language)
    if language == "java" and "<p" in prose:
        prose = _without_paragraphs(_PRE.sub(_as_block, prose))
    if "{@" in prose:
        prose = _IN_HTML.sub(lambda match: _INLINE.sub(_as_html, match[0]), prose)
        prose = _INLINE.sub(_as_inline, prose)
    if "@" not in prose and "\\" not in prose:
        return prose, False
    lines = prose.split("\n")
    closed = fenced(lines)
    found = {
        number: match
        for number, line in enumerate(lines)
        if number not in closed and (match := _TAG.fullmatch(line))
        # Commands of formulas begin so as well.
        if line.lstrip()[:1] == "@" or _kind(match, language)
    }
    if not any(_kind(match, language) for match in found.values()):
        return prose, False
    out, has_fields = [*lines], False
    starts = [*found, len(lines)]
    for (number, match), following in zip(found.items(), starts[1:], strict=True):
        kind = _kind(match, language) or "text"
        end = following
        if kind != "example":
            below = range(number + 1, following)
            empty = (one for one in below if not (lines[one].strip() or one in closed))
            end = next(empty, following)
        if kind == "plain":
            out[number] = match["rest"]
            continue
        if kind == "name":
            out[number] = _behind_names(match["name"], match["rest"], language)
            continue
        if kind == "title":
            out[number] = _title(match["name"], match["rest"].strip())
            continue
        body = dedent(lines[number + 1 : end])
        if kind == "item":
            out[number] = f"* {match['rest']}"
            out[number + 1 : end] = indented(body, 2)
            continue
        has_fields = True
        is_code = kind == "example" and closed.isdisjoint(range(number, end))
        is_code |= is_all_drawn(body)
        out[number] = _field(kind, match, language)
        out[number + 1 : end] = indented(body, 6 if is_code else 2)
    return "\n".join(out), has_fields


def _kind(tag: re.Match[str], language: str) -> str:
    name = tag["name"].lower()
    # A command of LaTeX has a brace behind it, and an argument in GTK-Doc a colon.
    if language in OF_DOXYGEN and tag["rest"][:1] not in ("{", ":"):
        return _TAGS_OF_DOXYGEN.get(name) or _TAGS.get(name, "")
    return _TAGS.get(name, "")


def _title(name: str, said: str) -> str:
    if name == "par":
        return f"**{said}**" if said else ""
    # In front of the title stands the name of its anchor or group, and behind it the
    # mark that the group begins.
    *_, words = _BEGINNING.sub("", said).split(None, 1) or [""]
    return f"{'#' * (name.count('sub') + 2)} {words}" if words else ""


def _behind_names(tag: str, rest: str, language: str) -> str:
    """The words in the line of a tag that names a file or groups."""
    names = _GROUPS if tag.lower() == "ingroup" else _FILE
    words = names.sub("", rest, count=1)
    plain = _TAG.fullmatch(words)
    return plain["rest"] if plain and _kind(plain, language) == "plain" else words


def _field(kind: str, match: re.Match[str], language: str) -> str:
    """The line that a tag begins on, as that of a field."""
    label, rest = _LABELS.get(match["name"], match["name"]), match["rest"].strip()
    if kind in ("arguments", "properties"):
        patterns = [_OF_LUA, *_ARGUMENTS] if language == "lua" else _ARGUMENTS
        if language == "lua" and match["name"] == "tparam":
            patterns = [_OF_LDOC]
        if language in ("javascript", "typescript", "tsx"):
            patterns = _OF_JAVASCRIPT
        # A type in front of a name with a `$`, or one in brackets, says more.
        tried = [one for one in (one.fullmatch(rest) for one in patterns) if one]
        best = next((one for one in tried if one.groupdict().get("type")), None)
        if best := best or next(iter(tried), None):
            sign = "**Attribute** " if kind == "properties" else ""
            return f"+ {sign}{_argument(best, (match['way'] or '').strip('[]'))}"
    if kind == "options" and (option := _OPTION.fullmatch(rest)):
        return f"+ {_argument(option, '')}"
    typed, text = "", rest
    if kind in ("results", "errors", "text") and (said := _TYPED.fullmatch(rest)):
        typed, text = said["type"] or said["kind"] or "", said["text"]
        is_first = kind == "results" and language in ("lua", "php")
        if is_first and language == "lua":
            typed, text = "", rest
        if is_first or (kind == "errors" and _ERROR.match(text)):
            words = _FIRST_OF_LUA if language == "lua" else _FIRST
            first = None if typed else words.fullmatch(text)
            typed, text = (
                (first["type"], first["text"] or "") if first else (typed, text)
            )
            if language == "lua":
                # A comment behind a type has the sign of one in a shell.
                text = re.sub(r"(?:^| )# ?", " ", text, count=1).strip()
    if kind == "example" and (caption := _CAPTION.match(text)):
        text = caption[1]
    elif kind == "example" and text and "`" not in text:
        text = f"`{text}`"
    label = label[0].upper() + label[1:]
    return f"+ **{label}**{_type(typed)}{': ' if text else ''}{text}"


def _argument(match: re.Match[str], way: str) -> str:
    said = match.groupdict()
    name = said.get("optional") or said.get("name") or ""
    if key := said.get("key"):
        name = f"{said['hash']}[{key}]"
    more = [way] if way else []
    if said.get("optional") and not said.get("value"):
        more.append("optional")
    if value := said.get("value"):
        more.append(f"default `{value.strip('` ')}`")
    text = said["text"] or ""
    return f"`{name}`{_type(said.get('type') or '', more)}{': ' if text else ''}{text}"


def _type(written: str, more: list[str] | None = None) -> str:
    """The type of a field, in which no colon stands in front of a space."""
    code = re.sub(r":\s+", ":", written.strip())
    parts = [f"`{code}`" if code and "`" not in code else code, *(more or [])]
    said = ", ".join(filter(None, parts))
    return f" ({said})" if said else ""


def _as_inline(match: re.Match[str]) -> str:
    """Code, or a link as its text and its target, with the line breaks between them."""
    if match["code"]:
        return f"`{match['said']}`"
    target, text = match["target"], (match["before"] or match["text"]).strip()
    ahead, gap = ("\n" * match[one].count("\n") for one in ("ahead", "gap"))
    end = "\n" * (match["text"].count("\n") - text.count("\n"))
    if is_elsewhere(target):
        return f"{ahead}[{text or target}]({target}){gap}{end}"
    # Where a link might lead, only a name between back-ticks is looked up.
    if text in ("", target):
        return f"{ahead}`{target}`{gap}{end}"
    return f"{ahead}{text}{gap or ' '}(`{target}`){end}"


# ## HTML
#
# In a block of HTML, Markdown reads nothing.
_BLOCKS = "ul|ol|li|dl|dt|dd|table|thead|tbody|tr|t[dh]|div|p|pre|blockquote|h[1-6]"
_IN_HTML = re.compile(
    rf"^[ ]{{0,3}}</?(?:{_BLOCKS})\b[^\n]*(?:\n[ ]*\S[^\n]*)*", re.MULTILINE
)
_CODE_OR_LINK = re.compile(r"`([^`]+)`|\[([^\]]+)\]\(([^()\s]+)\)")


def _as_html(match: re.Match[str]) -> str:
    def made(found: re.Match[str]) -> str:
        if found[1]:
            return f"<code>{escape(found[1], quote=False)}</code>"
        return f'<a href="{found[3]}">{found[2]}</a>'

    return _CODE_OR_LINK.sub(made, _as_inline(match))


# Java has blocks of code in HTML, and `<p>` between paragraphs, which Markdown does not
# need.
_PRE = re.compile(
    r"^(?P<margin>[ ]*)<pre>[ ]*\{@code[ ]*\n"
    r"(?P<body>(?:(?![ ]*(?:\}[ ]*</pre>|<pre>)).*\n)*)[ ]*\}[ ]*</pre>[ ]*$",
    re.MULTILINE,
)
_PARAGRAPH = re.compile(r"[ ]*<p>[ ]*(.*)")
# What is still open where no empty line has followed.
_OPEN = re.compile(rf"^[ ]{{0,3}}</?(?!p(?:re)?\b)(?:{_BLOCKS})\b", re.MULTILINE)


def _as_block(match: re.Match[str]) -> str:
    margin, body = match["margin"], match["body"]
    if _OPEN.search(match.string[: match.start()].rpartition("\n\n")[2]):
        # An empty line would end the block of HTML, and an annotation may be a tag.
        code = escape(body[:-1], quote=False).replace("@", "&#64;")
        code = re.sub(r"^$", "&#32;", code, flags=re.MULTILINE)
        return f"{margin}<pre>\n{code}\n{margin}</pre>"
    return f"{margin}```java\n{body}{margin}```"


def _without_paragraphs(prose: str) -> str:
    lines = prose.split("\n")
    is_begun = False
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else ""
        match = _PARAGRAPH.fullmatch(line)
        if match and not (match[1] and above.strip()):
            lines[number], is_begun = match[1], True
        elif not line.strip():
            is_begun = False
        if is_begun and lines[number].endswith("</p>"):
            lines[number], is_begun = lines[number].removesuffix("</p>"), False
    return "\n".join(lines)
