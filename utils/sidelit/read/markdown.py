r"""
---
title: Prose as it is written
summary: >
  Where the prose of a section stands in its file, which of it is code, what its links
  are defined as, and a line of Markdown without its marks.
---

# Prose as it is written
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from ..macros import Edit, edited, place_before
from ..markup import (
    CLOSE,
    HEADING_SIGNS,
    NUMBER,
    OPEN,
    formula,
    pattern,
    replace_formulas,
)
from ..model import Document, Section
from ..site import slug
from ..syntax import line_starts


def place(document: Document, section: Section, offset: int) -> tuple[int, int]:
    """
    Line and column in the file of a place in the prose of a section. The prose has lost
    its indentation and comment signs, so it stands somewhere in the line of the file.
    """
    prose = section.prose
    offset = min(offset, len(prose))
    starts = _starts_of(prose)
    line = bisect_right(starts, offset) - 1
    number = section.prose_line + line
    text, written = lines_of(prose)[line], lines_of(document.text)[number - 1]
    edits, indent = _as_written(text, written)
    found = indent + offset - starts[line]
    if indent < 0:
        found = _same_place(text, offset - starts[line], edited(written, edits))
    return number, place_before(found, edits) + 1


# A page may have thousands of problems, and many of them in one line.
@lru_cache(maxsize=8)
def lines_of(text: str) -> list[str]:
    """The lines of a text, which is that of the same document many times in a row."""
    return text.split("\n")


@lru_cache(maxsize=4)
def _starts_of(text: str) -> list[int]:
    return line_starts(lines_of(text))


@lru_cache(maxsize=4)
def _as_written(text: str, written: str) -> tuple[list[Edit], int]:
    """
    How a line of a file became one of prose, and where that begins in it, or -1 if
    it has become other Markdown.
    """
    # As it is, or as a string that is not raw, for which the file has more backslashes.
    readings = [[], *(list(_escapes(written, latex)) for latex in (False, True))]
    for edits in readings:
        if (indent := edited(written, edits).find(text)) >= 0:
            return edits, indent
    # It is most often the head that changes.
    return max(readings, key=lambda one: _same_end(text, edited(written, one))), -1


def _same_end(text: str, written: str) -> int:
    """How many characters two texts have in common at their ends."""
    pairs = enumerate(zip(reversed(text), reversed(written), strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(text), len(written)))


def _same_place(text: str, offset: int, written: str) -> int:
    """Where a place in a text is in what was written in its stead."""
    if word := _WORD.match(text, offset):
        # It may have moved, as names do to before their types.
        pattern = re.compile(rf"\b{word[0]}\b")
        before = len(pattern.findall(text, 0, offset))
        if found := [match.start() for match in pattern.finditer(written)]:
            return found[min(before, len(found) - 1)]
    same = _same_end(text, written)
    if offset >= len(text) - same:
        return offset - len(text) + len(written)
    # A comparison takes the square of what it compares.
    cut = max(len(text) - same - _LONG, 0), max(len(written) - same - _LONG, 0)
    parts = text[cut[0] : len(text) - same], written[cut[1] : len(written) - same]
    for block in SequenceMatcher(None, *parts, autojunk=False).get_matching_blocks():
        if offset <= cut[0] + block.a + block.size:
            return cut[1] + block.b + max(offset - cut[0] - block.a, 0)
    return len(written) - same


_WORD = re.compile(r"\w+")
_LONG = 500


# ## Strings that are not raw
#
# Python takes most backslashes for itself there, so an author writes two of them. What
# is left of these is shown. A single one before a letter may have made a line break of
# the `\n` of `\nu`: nobody means that, and it stays as it was written.
_ESCAPE = re.compile(
    r"""(?P<pair> \\\\ ) | \\ (?: (?P<sign> ['"] ) | (?P<newline> \n )
        | (?P<code> x[0-9a-fA-F]{2} | u[0-9a-fA-F]{4} | U[0-9a-fA-F]{8}
            | N\{[A-Za-z0-9 -]+\} | [0-7]{1,3} ) | [\s\S] )""",
    re.VERBOSE,
)
# Who writes single backslashes before commands means two of them as the end of a row.
_COMMAND = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z]")
_ROW_END = re.compile(r"(?<!\\)\\\\(?=[\s\[*&]|\Z)")


def unescaped(prose: str) -> str:
    """The prose of a string that is not raw, as Python reads it."""
    if "\\" not in prose:
        return prose
    return edited(prose, list(_escapes(prose, bool(_COMMAND.search(prose)))))


def _escapes(text: str, is_latex: bool) -> Iterator[Edit]:
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        if match["pair"]:
            if not (is_latex and _ROW_END.match(text, start)):
                yield Edit(start, end, "\\")
        elif character := match["sign"] or match["newline"]:
            yield Edit(start, end, character)
        elif match["code"]:
            # No string has a name or a number that Unicode does not know.
            with suppress(SyntaxError):
                character = ast.literal_eval(f'"{match[0]}"')
                if character.isprintable():
                    yield Edit(start, end, character)


# What stands in a block of code, or between back-ticks, is not prose.
CODE_SPAN = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")
_CODE_IN_PAIRS = re.compile(
    r"(?<![`\\])(?P<ticks>``+)(?!`)(?:(?!\n[ \t]*\n)[\s\S])+?(?<!`)(?P=ticks)(?!`)"
)
_CODE_BLOCK = re.compile(r"^[ \t]*(`{3,}|~{3,})[\s\S]*?^[ \t]*\1", re.MULTILINE)


# A heading has signs before its words or a line below them. To be read verbosely.
HEADING = rf"""(?: (?P<signs>{HEADING_SIGNS}) [ \t]+ (?P<words>\S.*?) [ \t#]*$
    | (?! [-+*>|<] | {HEADING_SIGNS}[ \t] | \d+[.)] | `{{3}} | ~{{3}} )
      (?P<above>\S.*) \n [ ]{{0,3}} (?P<line>=+|-+) [ \t]*$ )"""


def blank(match: re.Match[str]) -> str:
    """As many spaces, so that everything else stays in its place."""
    return re.sub(r"[^\n]", " ", match[0])


def without_blocks(prose: str) -> str:
    """Prose with its blocks of code blank."""
    return _CODE_BLOCK.sub(blank, prose)


def with_heading_anchors(prose: str) -> str:
    """Prose with anchors in place of the names behind headings, such as `{#name}`."""

    def anchor(match: re.Match[str]) -> str:
        if match["fence"]:
            return match[0]
        heading, name = match["heading"], match["name"]
        # The heading has its own name without help.
        is_own = slug(heading.lstrip("# ")) == name
        return heading if is_own else f'{heading}<a id="{name}"></a>'

    return _NAMED_HEADING.sub(anchor, prose) if "{" in prose else prose


# As Pandoc, Docusaurus, kramdown and Python-Markdown read it.
_NAMED_HEADING = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[\s\S]*?^[ \t]*(?P=fence)"
    rf"|^(?P<heading>[ ]{{0,3}}(?:(?P<signs>{HEADING_SIGNS})[ \t]+|(?![-+*>|<]))[^\s{{]"
    r"(?:.*?\S)?)[ \t]+\{:?[ ]*\#(?P<name>[\w.-]+)[ ]*\}[ \t]*"
    r"(?(signs)\#*[ \t]*$|(?=\n[ ]{0,3}(?:=+|-+)[ \t]*$))",
    re.MULTILINE,
)


def without_formulas(prose: str, single_dollars: bool) -> str:
    """Prose with its formulas blank."""

    def replaced(match: re.Match[str]) -> str:
        return blank(match) if formula(match) else match[0]

    return pattern(single_dollars).sub(replaced, prose)


def without_code(prose: str) -> str:
    """Prose with all of its code blank."""
    text = without_blocks(prose)
    if "``" in text:
        text = _CODE_IN_PAIRS.sub(blank, text)
    return CODE_SPAN.sub(blank, text)


# ## Definitions of links and notes
#
# `[label]: address` and `[^label]: text`, each with the indented lines that follow it.
# The paragraph that a note begins with needs no indentation: it goes on until a line is
# empty or begins something else.
LAZY = (
    r"(?![ \t]*(?:$|[-+*>#|`~<\[=]|\d+[.)]|\$\$"
    rf"|{OPEN}\d+{CLOSE}[ \t]*$))[^\n]+"
)
_DEFINITION = re.compile(
    rf"^ {{0,3}}\[(?!\^)([^\]\n]+)\]:.*(?:\n(?:[ \t]*\n)*[ \t]+\S.*)*"
    rf"|^ {{0,3}}\[(\^[^\]\n]+)\]:.*(?:\n{LAZY})*(?:\n(?:[ \t]*\n)*[ \t]+\S.*)*",
    re.MULTILINE,
)
_IN_BRACKETS = re.compile(r"\[([^\[\]]+)\]")


def plain_label(written: str) -> str:
    """What Markdown compares of a label, whatever its letters and spaces."""
    return " ".join(written.split()).casefold()


def definitions(prose: str) -> dict[str, str]:
    """The texts of the definitions in some prose, by their labels."""
    found: dict[str, str] = {}
    if "]:" in prose:
        for match in _DEFINITION.finditer(without_blocks(prose)):
            found.setdefault(plain_label(match[1] or match[2]), match[0])
    return found


def shared_definitions(document: Document) -> dict[str, str]:
    """
    Those that serve the whole file: the definitions in the prose of the module, and the
    notes and addresses that only one other section defines.
    """
    parts = [one.prose for one in document.sections if one.kind == "module"]
    found = definitions("\n\n".join(parts))
    others: dict[str, list[str]] = {}
    for one in document.sections:
        if one.kind != "module" and "]:" in one.prose:
            for label, text in definitions(one.prose).items():
                # A sign in brackets is an index, unless it stands behind words in some.
                is_index = len(label) == 1 and label not in _behind_words(document.text)
                is_address = not is_index and _ADDRESS.fullmatch(text)
                if label.startswith("^") or is_address:
                    others.setdefault(label, []).append(text)
    only = {label: texts[0] for label, texts in others.items() if len(texts) == 1}
    return only | found


@lru_cache(maxsize=1)
def _behind_words(text: str) -> set[str]:
    """The signs in brackets that stand behind words in some."""
    return {match[1].lower() for match in _BEHIND_WORDS.finditer(text)}


# Behind a name or a bracket, those words would be an index themselves.
_BEHIND_WORDS = re.compile(r"(?<![\w)\]])\[[^\[\]]{2,}\]\[(\w)\]")
# What is defined as something else may be a list of words.
_ADDRESS = re.compile(
    r"[^\n]*?\]:\s*<?(?:[a-z]+://|\.{0,2}/|\#|[\w./-]+\.\w)[^\s<>]*>?"
    r"(?:\s+[\"'(].*)?\s*"
)


def taken_along(prose: str, shared: Mapping[str, str]) -> str:
    """
    The definitions that some prose needs and does not have, and what these need.
    """
    if not shared or "[" not in prose:
        return ""
    own, taken = definitions(prose), dict[str, str]()
    waiting = [prose]
    while waiting:
        for match in _IN_BRACKETS.finditer(waiting.pop()):
            label = plain_label(match[1])
            if label in shared and label not in own and label not in taken:
                taken[label] = shared[label]
                waiting.append(shared[label])
    return "\n\n".join(taken.values())


# Code and mathematics have brackets, too. Behind a word, a number or another bracket,
# they are no reference, nor where signs in them or behind them are those of a pattern
# or of what may be left out. A note may stand behind a word, if more than one letter or
# the end of a sentence tells it from a set of characters.
_REFERENCE = re.compile(
    r"(?<![\w\])\\^])(?:\[(?![,:|@=-]|\d+,)((?:\\.|[^\[\]\\\n])+)\]"
    r"\[(?![,:|@=-])((?:\\.|:(?!\s)|[^\[\]\\\n:])*)\](?![\[(*+?{]))"
    r"|(?<!\\)\[(\^(?:\d+|[^\W\d]\w+(?:-\w+)*"
    r"|(?:(?<=\w\w\[\^)|(?<=[.,;:!?)]\[\^))[^\W\d]))\]"
    r"(?=[\s.,;!?)]|\[\^|\Z|:(?!\S))"
)


class Reference(NamedTuple):
    """A reference as it is written, its text, its label, and where it begins."""

    written: str
    text: str
    label: str
    offset: int

    @property
    def name(self) -> str:
        """The dotted name that the label may be, as for mkdocstrings."""
        match = _DOTTED.fullmatch(self.label.strip("`"))
        return match[1] if match else ""


# In lists and quotations as well.
_DEFINED = re.compile(
    r"^(?:[ \t>]|[-+*][ \t]|\d+[.)][ \t])*\[([^\]\n]+)\]:", re.MULTILINE
)
_DOTTED = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)+)(?:\(\))?")


def undefined_references(
    prose: str, shared: Mapping[str, str], single_dollars: bool
) -> Iterator[Reference]:
    """
    References to links and notes that neither the prose nor those definitions that it
    shares define.
    """
    if "][" not in prose and "[^" not in prose:
        return
    defined = _DEFINED.findall(without_blocks(prose))
    known = {plain_label(written) for written in defined} | shared.keys()
    text = without_formulas(without_code(prose), single_dollars)
    for match in _REFERENCE.finditer(text):
        written = prose[match.start() : match.end()]
        if note := match[3]:
            found = Reference(written, "", note, match.start())
        else:
            words, label = (prose[slice(*match.span(group))] for group in (1, 2))
            found = Reference(written, words, label or words, match.start())
        # `[i][j]` are indices.
        is_reference = note or re.search(r"[^\W\d]\w", found.text + " " + found.label)
        if is_reference and plain_label(found.label) not in known:
            yield found


def plain_text(markdown: str, single_dollars: bool) -> str:
    """A line of Markdown without its marks, for titles and descriptions."""

    def bare(match: re.Match[str]) -> str:
        found = formula(match)
        return found.content if found else match[0]

    def untagged(match: re.Match[str]) -> str:
        name = (match["name"] or "").lower()
        if name == "img" and "=" in match[0]:
            return ""
        return " " if name == "br" else "" if name in closed else match[0]

    closed = {name.lower() for name in re.findall(r"</(\w+)>", markdown)}
    text = replace_formulas(
        _TAG.sub(untagged, markdown),
        bare,
        "display",
        "inline",
        single_dollars=single_dollars,
    )
    return " ".join(_MARKUP.sub(r"\1\2\3\4", text).split())


# A tag in running text, outside code. One without a partner is shown as it is.
_TAG = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
    r"|</?(?P<name>a|abbr|b|br|cite|code|del|dfn|em|i|img|ins|kbd|mark|q|s|samp|small"
    r"|span|strong|sub|sup|u|var)(?:\s[^<>]*)?/?>",
    re.DOTALL | re.IGNORECASE,
)


# The star in a quoted number stays. A link leaves its text, and a note nothing.
_MARKUP = re.compile(
    rf"({NUMBER})|"
    r"!?\[([^\[\]]*)\]\((?>(?:<[^<>]*>|\([^()]*\)|[^()])*)\)"
    r"|(?<![\w\])\\])!?\[((?!\^)(?>(?:(?![\[\]])[\W\d])*)[^\W\d][^\[\]]*)\]\[[^\[\]]*\](?![\[(])"
    r"|(?<=\S)\[\^[^\[\]\s]+\](?=[\s.,;:!?)]|\Z)|\\([`*$])|[`*]"
)
