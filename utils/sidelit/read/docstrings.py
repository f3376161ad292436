r"""
---
title: Docstring styles
summary: >
  Google, NumPy, Sphinx and Epydoc have their own ways to list arguments. Each docstring
  that follows one of them becomes Markdown, line by line.
---

# Docstring styles

Most docstrings were written for other tools: they list arguments under `Args:`, under
an underlined `Parameters`, or as `:param x:`. Here they become Markdown, once and for
all, so that pages, notebooks and checks know a single form:

```markdown
+ **Args**:
  + `x` (Tensor): the input
  + `scale`: what it is multiplied by
+ **Returns**:
  The product.
```

Each line stays on its line, so that whatever is found in the prose has its place in the
file. The sign `+` keeps these *fields* apart from the lists of the author.

## What is a field

Markdown comes first, so the rules are strict:

* **Sphinx**: a line begins with `:param x:` or another field that Sphinx knows.
* **Epydoc**: one begins with `@param x:` or another field that Epydoc knows.
* **NumPy**: the name of a section that numpydoc knows is underlined. In the docstring
  of a module, where an underlined "Notes" is a heading, there must be a section of
  arguments, attributes, results or errors.
* **Google**: there is the name of such a section, or of one with examples that begin
  with `>>>`; behind it stands nothing but a colon, and below it, indented text or, as
  in PEP 257, a list such as `name -- text`.

Once one section is certain, the others in the docstring need only look like it.
"""

import re

from .comments import dedent
from .drawings import indented
from .front_matter import FRONT_MATTER
from .rest import (
    fenced,
    indent_of,
    titles_as_markdown,
    with_anchors,
    with_links,
    without_roles,
)
from .rest_blocks import (
    block_end,
    blocks_as_markdown,
    in_directives,
    without_code_sign,
)
from .sphinx_fields import (
    Field,
    codes,
    shown_field,
    sphinx_fields,
    typed,
    without_epytext,
)

# What a section lists, by its name in lower case.
_SECTIONS = {
    name: kind
    for kind, names in {
        "arguments": (
            "args,arguments,parameters,parameter,params,kwargs,keyword args"
            ",keyword arguments,keyword parameters,other args,other arguments"
            ",other parameters,additional args,additional arguments"
        ),
        "attributes": "attributes,attribute,class attributes,additional attributes",
        "results": "returns,return,yields,yield,receives",
        "errors": "raises,raise,warns",
        "names": "see also,methods",
        "text": (
            "example,examples,important,note,notes,reference,references,tip,todo"
            ",usage,warning,warnings"
        ),
    }.items()
    for name in names.split(",")
}
_FIELDS = {"arguments", "attributes", "results", "errors"}


# A line on which a section or a field begins in Markdown.
FIELD = re.compile(
    r"^(?P<indent>  )?\+ (?:\*\*(?P<label>[^*\n]+)\*\* ?)?"
    r"(?P<names>`[^`\n]+`(?:, `[^`\n]+`)*)?",
    re.MULTILINE,
)


def apart(prose: str) -> str:
    """
    The prose of a docstring with an empty line above what stands right behind its
    fields: no item goes on at the margin, as it would in Markdown. So it has between
    HTML and fields, which would be a part of it.
    """
    made: list[str] = []
    in_fields = in_html = False
    for line in prose.split("\n"):
        in_html = bool(line.strip()) and (in_html or line.startswith("<"))
        if line[:1].strip():
            begins = bool(_FIELD_AT_MARGIN.match(line))
            if (in_fields and not begins and made[-1].strip()) or (begins and in_html):
                made.append("")
                in_html = False
            in_fields = begins
        elif (
            in_fields and line.startswith(" " * 6) and _TITLE_ALONE.fullmatch(made[-1])
        ):
            # Code right below a title would be text.
            made.append("")
        made.append(line)
    return "\n".join(made)


_TITLE_ALONE = re.compile(r"\+ \*\*Example\*\*(?::.*)?")
_FIELD_AT_MARGIN = re.compile(r"\+ (?:\*\*|`)")


def kind_of_section(label: str) -> str:
    """What a section lists, such as `arguments`, or `text` if it is unknown."""
    return _SECTIONS.get(label.lower(), "text")


def as_markdown(lines: list[str], of_module: bool = False) -> tuple[list[str], bool]:
    """
    The lines of a docstring, without their margin, as Markdown; and whether it has
    fields.
    """
    text = "\n".join(lines)
    # Most docstrings are Markdown already, and one look says so.
    if not _MARKS.search(text):
        return lines, False
    lines = without_roles(with_links(text)).split("\n")
    return _Docstring(lines, of_module).markdown()


def begins_section(line: str) -> bool:
    """Whether a line is the title of a section of arguments or results of Google."""
    match = _HEADER.fullmatch(line)
    return match is not None and kind_of_section(match["label"]) in _FIELDS


_MARKS = re.compile(
    r"^[ ]*(?:-{3,}|={3,}|~{3}|[~^*\#+\"]{4,}|[A-Z][\w -]*:)[ ]*$|::$"
    r"|^[ ]*(?:[:@]\w|\.\.[ ]|>>>[ ]|\+[-=]|==|\||\([\w.-]+\)=[ ]*$|[|/\\]+[ ]*$)"
    r"|[┌└├╔╚╠╭╰│║┃┼]"
    r"|[:}]`|`_|\]_",
    re.MULTILINE,
)

# ## Patterns
_UNDERLINE = re.compile(r"(?:-{3,}|={3,}) *")
_HEADER = re.compile(r"(?P<label>[A-Z][\w -]{0,30}?) ?(?P<sign>::?) *")
_NAME = r"`{0,2}(?:\\?\*){0,2}[^\W\d][\w.]*`{0,2}"
_NAMES = rf"{_NAME}(?:(?:\s*,\s*|\s+and\s+)(?:{_NAME}|\.\.\.))*"
# A type may have brackets, and a role in it has become code.
_TYPE = r"(?:[^\W\d][\w.]*(?>(?:\[[^:\n]*\])?)|`[^`\n]+`)"
_ITEMS = {
    "numpy": re.compile(rf"(?P<names>{_NAMES})(?:\s*:(?:\s+(?P<type>.*))?)?"),
    "google": re.compile(
        rf"(?:[-*+]\s+)?(?P<names>{_NAMES})\s*(?:\((?P<type>.*?)\))?"
        r"\s*(?P<colon>:|(?<=\s)--?(?=\s))?(?:(?<=[:-])\s+(?P<text>.*))?"
    ),
}
# What is an item without a margin, too.
_BARE_ITEM = re.compile(rf"{_NAME}(?: \([^()\n]*\))?(?::| --?) \S")
_GOOGLE_RESULT = re.compile(
    rf"(?P<type>{_TYPE}(?:\s*(?:\||\bor\b)\s*{_TYPE})*):(?:\s+(?P<text>.*))?"
)
_SEE_ALSO = re.compile(
    rf"(?P<names>(?:{_NAME}(?:\(.*?\))?)(?:\s*,\s*{_NAME})*)(?<!\.)"
    r"(?:\.|\s*:(?:\s+(?P<text>.*))?)?"
)


class _Docstring:
    """A docstring on its way: `lines` are as they were, and `out` is Markdown."""

    def __init__(self, lines: list[str], of_module: bool) -> None:
        # Front matter and blocks of code stay as they are.
        self.closed = fenced(lines)
        if of_module and (match := FRONT_MATTER.match("\n".join(lines))):
            self.closed |= {*range(match[0].count("\n") + 1)}
        self.closed |= _sessions(lines)
        lines = _with_margins(with_anchors(lines, self.closed), self.closed)
        self.lines = lines = titles_as_markdown(lines, self.closed)
        self.out = [*lines]
        self.of_module = of_module
        numbers = range(len(lines))
        kinds = {_SECTIONS.get(self._underlined(one).lower(), "") for one in numbers}
        self.is_numpy = bool(kinds & _FIELDS if of_module else kinds - {""})
        self.is_google = any(self._is_header(one, certain=True) for one in numbers)
        # What begins with a colon there is an option.
        fields = sphinx_fields(lines, self.closed | in_directives(lines))
        self.fields = {one.lines.start: one for one in fields}
        if any(lines[one].lstrip().startswith("@") for one in self.fields):
            self._without_epytext()

    def _without_epytext(self) -> None:
        """Put Markdown in place of what Epydoc writes in braces, outside of code."""
        for number, line in enumerate(self.lines):
            if number not in self.closed:
                self.lines[number] = self.out[number] = without_epytext(line)
        self.fields = {
            one: field._replace(text=without_epytext(field.text))
            for one, field in self.fields.items()
        }

    def markdown(self) -> tuple[list[str], bool]:
        """The Markdown, and whether it has fields."""
        found = False
        here = text = 0
        while here < len(self.lines):
            end = self._section(here)
            if end > here:
                found = True
                self._text(range(text, here), 0)
                text = end
            here = max(end, here + 1)
        self._text(range(text, len(self.lines)), 0)
        return self.out, found

    def _section(self, here: int) -> int:
        """The end of what begins on a line, if that is a section or a field."""
        label = self._underlined(here) if self.is_numpy else ""
        # Other headings of a module are those of its page.
        if label and not (self.of_module and label.lower() not in _SECTIONS):
            return self._numpy(here, label)
        if self.is_google and self._is_header(here):
            return self._google(here)
        return self._field(self.fields[here]) if here in self.fields else here

    def _text(self, span: range, indent: int, below_text: bool = False) -> None:
        """Text, with another margin if it stands in a field."""
        lines = self.lines[span.start : span.stop]
        if indent:
            lines = dedent(lines)
        lines = blocks_as_markdown(lines, below_text)
        for number, line in zip(span, lines, strict=True):
            self.out[number] = " " * indent + line if indent and line else line

    def _below(self, text: str, span: range, indent: int) -> str:
        """What stands below the text of a field; behind two colons, that is code."""
        lines = self.lines[span.start : span.stop]
        if not text.endswith("::") or not any(lines) or lines[0].strip():
            self._text(span, indent, below_text=True)
            return text
        margin = next(indent_of(line) for line in lines if line.strip())
        behind = (
            number
            for number, line in zip(span, lines, strict=True)
            if line.strip() and indent_of(line) < margin
        )
        end = next(behind, span.stop)
        code = dedent(self.lines[span.start : end])
        self.out[span.start : end] = indented(code, indent + 4)
        self._text(range(end, span.stop), indent)
        return without_code_sign(text)

    # ### Sections
    def _underlined(self, here: int) -> str:
        """The name of a section of NumPy that begins on a line, or nothing."""
        line = self.lines[here]
        if (
            here in self.closed
            or not line[:1].strip()
            or here + 1 == len(self.lines)
            or not _UNDERLINE.fullmatch(self.lines[here + 1])
        ):
            return ""
        return line.strip().rstrip(":")

    def _is_header(self, here: int, certain: bool = False) -> bool:
        """Whether a section of Google begins on a line."""
        match = _HEADER.fullmatch(self.lines[here])
        if not match or here in self.closed:
            return False
        behind = range(here + 1, len(self.lines))
        body = next((one for one in behind if self.lines[one].strip()), here)
        if not indent_of(self.lines[body]):
            return False
        kind = _SECTIONS.get(match["label"].lower(), "")
        if certain:
            is_session = self.lines[body].lstrip().startswith(">>> ")
            return kind in _FIELDS or (kind == "text" and is_session)
        # Other words may be a title, too, if their text stands right below.
        below_text = here > 0 and bool(self.lines[here - 1].strip())
        alone = not below_text and body == here + 1 and match["sign"] == ":"
        return bool(kind) or alone

    def _numpy(self, here: int, label: str) -> int:
        end = here + 2
        while end < len(self.lines) and not self._underlined(end):
            end += 1
        body = range(here + 2, end)
        self.out[here], self.out[here + 1] = f"+ **{label}**:", ""
        kind = kind_of_section(label)
        if kind == "text":
            self._text(body, 2)
        else:
            self._items(body, kind, _SEE_ALSO if kind == "names" else _ITEMS["numpy"])
        return end

    def _google(self, here: int) -> int:
        match = _HEADER.fullmatch(self.lines[here])
        assert match
        end = block_end(self.lines, here + 1, 0)
        body = range(here + 1, end)
        self.out[here] = f"+ **{match['label']}**:"
        kind = kind_of_section(match["label"])
        is_code = match["sign"] == "::" and not self.lines[here + 1].strip()
        if kind == "text" and is_code:
            # Behind two colons stands code, and in a list it is indented by six.
            code = dedent(self.lines[here + 1 : end])
            self.out[here + 1 : end] = indented(code, 6)
        elif kind == "text":
            self._text(body, 2, below_text=True)
        else:
            patterns = {"names": _SEE_ALSO, "results": _GOOGLE_RESULT}
            self._items(body, kind, patterns.get(kind, _ITEMS["google"]))
        return end

    def _items(self, span: range, kind: str, pattern: re.Pattern[str]) -> None:
        """The items of a section, each with the text that is indented below it."""
        lines = self.lines
        filled = [one for one in span if lines[one].strip()]
        margin = min((indent_of(lines[one]) for one in filled), default=0)
        items: dict[int, tuple[str, str]] = {}
        for number in filled:
            # A sentence in place of the first item says that there is no list.
            if kind == "results" and not items and number != filled[0]:
                break
            if indent_of(lines[number]) == margin and number not in self.closed:
                described = block_end(lines, number + 1, margin) > number + 1
                line = lines[number].strip()
                if item := _item(line, kind, pattern, described):
                    items[number] = item
        ends = [*items, span.stop]
        self._text(range(span.start, ends[0]), 2, below_text=True)
        for (number, (head, text)), end in zip(items.items(), ends[1:], strict=True):
            below = range(number + 1, end)
            sign = ":" if text or any(lines[one].strip() for one in below) else ""
            text = self._below(text, below, 4)
            self.out[number] = f"  + {head}{sign} {text}".rstrip()

    # ### Fields of Sphinx and Epydoc
    def _field(self, field: Field) -> int:
        span = field.lines
        if shown := shown_field(field, list(self.fields.values())):
            below = range(span.start + 1, span.stop)
            self.out[span.start] = self._below(shown, below, 2)
        else:
            self.out[span.start : span.stop] = [""] * len(span)
        return span.stop


def _with_margins(lines: list[str], closed: set[int]) -> list[str]:
    """The lines with a margin for the items of a section that has them at its own."""
    out = [*lines]
    for here, line in enumerate(lines):
        if here in closed or not begins_section(line):
            continue
        end = here + 1
        while (
            end < len(lines)
            and lines[end].strip()
            and not _HEADER.fullmatch(lines[end])
        ):
            end += 1
        part = lines[here + 1 : end]
        are_items = all(one[0] == " " or _BARE_ITEM.match(one) for one in part)
        if are_items and part and part[0][0] != " ":
            out[here + 1 : end] = indented(part)
    return out


def _sessions(lines: list[str]) -> set[int]:
    """The numbers of the lines that are sessions of the interpreter."""
    found = set()
    indent = -1
    for number, line in enumerate(lines):
        if not line.strip() or indent_of(line) < indent:
            indent = -1
        if line.lstrip().startswith(">>> ") and indent < 0:
            indent = indent_of(line)
        if indent >= 0:
            found.add(number)
    return found


# ## Items
def _item(
    line: str, kind: str, pattern: re.Pattern[str], described: bool
) -> tuple[str, str] | None:
    """
    The name and type of an item as Markdown, and what it says on the same line; nothing
    if the line is only text. `described` says that there is more below.
    """
    if kind == "results" and pattern is not _GOOGLE_RESULT:
        # `x : int`, or only a type; and a line with nothing below may be a sentence.
        name, colon, type_ = _escaped(line).partition(" :")
        if not (colon or described or len(line.split()) < 4):
            return None
        return (f"**{name}**{typed(type_.strip())}" if colon else f"*{name}*"), ""
    match = pattern.fullmatch(line)
    if match is None:
        return None
    found = match.groupdict()
    text = found.get("text") or ""
    is_alone = "colon" in found and not found["colon"]
    is_error = kind == "errors" and _ERROR.fullmatch(line)
    if is_alone and not (is_error or (found["type"] and described)):
        return None
    if pattern is _GOOGLE_RESULT:
        return f"*{_escaped(found['type'])}*", text
    return f"{codes(found['names'])}{typed(found.get('type'))}", text


# Nothing else stands alone among errors and what they say.
_ERROR = re.compile(r"`?[\w.]*(?:Error|Exception|Warning|Exit|Interrupt)`?")


def _escaped(text: str) -> str:
    return re.sub(r"[*\\]", r"\\\g<0>", text)
