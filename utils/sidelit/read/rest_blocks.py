r"""
---
title: Directives and blocks of Sphinx
summary: >
  Directives, citations, literal blocks, tables and sessions in docstrings, as the
  Markdown that says the same on the same lines.
---

# Directives and blocks of Sphinx

Sphinx takes whole blocks for what stands above them: what is indented below
`.. note::` is a note, and what is indented behind `::` is code. Markdown has other
signs for these, and knows neither tables that are drawn nor sessions without a margin.
A directive that is not listed here stays as it was written. Each line stays on its
line.
"""

import re
from bisect import bisect_right
from itertools import pairwise

from .comments import dedent
from .drawings import indented, is_drawing, paragraphs, words_around
from .rest import fenced, indent_of

_DIRECTIVE = re.compile(r" *\.\. (?P<name>[\w-]+)::(?:[ ]+(?P<text>.*))?$")
_CITATION = re.compile(
    r" *\.\. (?P<mark>\[(?:[\w.-]+|[#*][\w-]*)\])(?: +(?P<text>.*))?$"
)
_OPTION = re.compile(r" *:[\w-]+:")
_BULLET = re.compile(r"^ *(?:(?:[-*+]|\d+[.)]) +)?")
# The borders of tables: `+---+---+`, and `===  ===` around columns without sides.
_BORDER = re.compile(r" *(?:\+(?:[-=]+\+)+|=+(?: +=+)+) *")


def in_directives(lines: list[str]) -> set[int]:
    """The numbers of the lines that stand below directives."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if _DIRECTIVE.match(line):
            end = block_end(lines, number + 1, indent_of(line))
            found.update(range(number + 1, end))
    return found


def blocks_as_markdown(lines: list[str], below_text: bool = False) -> list[str]:
    """
    A text with Markdown in place of directives, of blocks behind `::` and of sessions.
    `below_text` says that there is text right above, which indented code cannot follow.
    """
    inside = fenced(lines)
    ends = [
        number
        for number, (line, below) in enumerate(pairwise([*lines, ""]))
        if not below.strip() and _BORDER.fullmatch(line)
    ]
    drawn: dict[int, int] = {}
    for group in paragraphs(lines):
        part = lines[group.start : group.stop]
        if inside.isdisjoint(group) and is_drawing(part):
            ahead, behind = words_around(part)
            drawn[group.start + ahead] = group.stop - behind
    out = [*lines]
    here = 0
    while here < len(lines):
        line, end = lines[here], here + 1
        if here in inside or not line.strip():
            pass
        elif here in drawn:
            end = drawn[here]
            # An empty line comes between it and the text above.
            if indent_of(line) < 4:
                out[here:end] = indented(lines[here:end], 4)
        elif line.lstrip().startswith(">>> "):
            while end < len(lines) and lines[end].strip():
                end += 1
            above = lines[here - 1] if here else ""
            if above.strip():
                # Deeper, it would be text.
                session = dedent(lines[here:end])
                out[here:end] = indented(session, _text_margin(above))
            elif not (below_text and not here) and indent_of(line) < 4:
                out[here:end] = indented(lines[here:end], 4)
        elif match := _DIRECTIVE.match(line):
            end = block_end(lines, end, indent_of(line))
            _directive(match, lines, out, range(here, end))
        elif match := _CITATION.match(line):
            end = block_end(lines, end, indent_of(line))
            text = [f"* {match['mark']} {match['text'] or ''}".rstrip()]
            text += indented(dedent(lines[here + 1 : end]), 2)
            out[here:end] = indented(text, indent_of(line))
        elif line.endswith("::"):
            end = _literal(lines, out, here)
        elif _BORDER.fullmatch(line):
            end = _table_end(lines, here, ends)
            is_alone = lines[here - 1].strip() == "" if here else not below_text
            if is_alone and end > here + 1 and indent_of(line) < 4:
                out[here:end] = indented(lines[here:end], 4)
        here = end
    return out


def block_end(lines: list[str], start: int, indent: int) -> int:
    """The end of what is indented deeper, without the empty lines behind it."""
    end = start
    for number in range(start, len(lines)):
        if lines[number].strip():
            if indent_of(lines[number]) <= indent:
                break
            end = number + 1
    return end


def _table_end(lines: list[str], here: int, ends: list[int]) -> int:
    """The end of the table that begins with a border, given the last borders of all."""
    number = bisect_right(ends, here)
    last = ends[number] if number < len(ends) else here
    if indent_of(lines[last]) != indent_of(lines[here]):
        return here + 1
    # Between columns without sides, nothing is written.
    gaps = [match.start() for match in re.finditer("(?<==) ", lines[here])]
    for line in lines[here:last]:
        is_row = line.strip() or gaps
        if not is_row or any(line[gap : gap + 1].strip() for gap in gaps):
            return here + 1
    return last + 1


def _literal(lines: list[str], out: list[str], here: int) -> int:
    """A block of code that is indented below `::` and an empty line."""
    indent = indent_of(lines[here])
    end = block_end(lines, here + 1, indent)
    if end < here + 3 or lines[here + 1].strip():
        return here + 1
    out[here] = without_code_sign(lines[here])
    code = dedent(lines[here + 1 : end])
    out[here + 1 : end] = indented(code, 4 + _text_margin(lines[here]))
    return end


def without_code_sign(line: str) -> str:
    """A line without the two colons at its end; of `text::`, one stays."""
    return re.sub(r" ?::$", "", line) + (":" if line[-3:-2].strip() else "")


def _text_margin(line: str) -> int:
    """Where the text of a line begins, behind the sign of an item."""
    return len(line) - len(_BULLET.sub("", line, count=1))


# ## Directives
_CODE = ("code", "code-block", "sourcecode", "ipython")
# What draws from a text, and the language of that.
_DIAGRAMS = {"mermaid": "mermaid", "graphviz": "dot", "uml": "plantuml"}
_NOTES = {
    "note": "[!NOTE]",
    **dict.fromkeys(("hint", "tip"), "[!TIP]"),
    **dict.fromkeys(("attention", "important"), "[!IMPORTANT]"),
    "warning": "[!WARNING]",
    **dict.fromkeys(("caution", "danger", "error"), "[!CAUTION]"),
    "seealso": "[!NOTE] See also",
}
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}


def _directive(
    match: re.Match[str], lines: list[str], out: list[str], span: range
) -> None:
    """A directive and the block below it, if it is one of those that are known."""
    name, text = match["name"].lower(), (match["text"] or "").strip()
    indent = indent_of(lines[span.start])
    body = dedent(lines[span.start + 1 : span.stop])
    options = 0
    while options < len(body) and _OPTION.match(body[options]):
        options += 1
    if name == "math":
        block = [text, *_without(body, options)]
        made = _formulas(block)
    elif (name in _CODE or name in _DIAGRAMS) and any(body[options:]):
        language = _DIAGRAMS.get(name, text)
        _code(language, _without(body, options), out, span, indent)
        return
    elif name in _NOTES:
        made = [f"> {_NOTES[name]}", *_quoted(body)]
        if text:
            # A title would stand there. So it ends, without a line more than was read.
            made[0] += f"<br>{text}"
    elif name == "admonition" and text:
        made = [f"> [!NOTE] {text}", *_quoted(_without(body, options))]
    elif name == "rubric" and text:
        made = [f"**{text}**", *body]
    elif name in _VERSIONS:
        version, _, said = text.partition(" ")
        said = f":* {said}".rstrip() if said or body else ".*"
        made = [f"*{_VERSIONS[name]} {version}{said}", *blocks_as_markdown(body, True)]
        below = _DIRECTIVE.match(lines[span.stop]) if span.stop < len(lines) else None
        if below and below["name"].lower() in _VERSIONS:
            # The next one begins a line of its own.
            made[-1] += "\\"
    else:
        return
    out[span.start : span.stop] = indented(made, indent)


def _without(body: list[str], options: int) -> list[str]:
    """A block without its options, which are dimensions and switches of Sphinx."""
    return dedent([*[""] * options, *body[options:]])


def _quoted(lines: list[str]) -> list[str]:
    return [f"> {line}".rstrip() for line in blocks_as_markdown(lines)]


def _formulas(lines: list[str]) -> list[str]:
    """Each paragraph as a formula, with its parts aligned if it says where."""
    made = [line.strip() for line in lines]
    for group in paragraphs(lines):
        first, last = group.start, group.stop - 1
        latex = "\n".join(lines[first : group.stop])
        is_aligned = re.search(r"(?<!\\)&|\\\\", latex) and "\\begin" not in latex
        before, behind = (
            ("\\begin{aligned}", "\\end{aligned}") if is_aligned else ("", "")
        )
        made[first] = f"$${before}{made[first]}"
        made[last] += f"{behind}$$"
    return made


def _code(
    language: str, body: list[str], out: list[str], span: range, indent: int
) -> None:
    """
    A block of code, between fences if there is an empty line for the second of them.
    """
    first = next((number for number, line in enumerate(body) if line), len(body))
    code = [""] * (1 + first) + body[first:]
    if span.stop < len(out) and not out[span.stop].strip():
        is_session = body[first].startswith(">>> ")
        code[first] = f"```{'pycon' if is_session else language}"
        out[span.stop] = " " * indent + "```"
    else:
        code = indented(code, 4)
    out[span.start : span.stop] = indented(code, indent)
