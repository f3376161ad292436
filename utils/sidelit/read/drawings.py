r"""
---
title: Drawn rules and boxes
summary: >
  Rules and boxes of signs are drawn for those who read the source. On a page, the words
  stay and the drawing goes.
---

# Drawn rules and boxes

Many sources separate their sections with lines of hashes, dashes or stars above and
below a title. As Markdown, such a line would be a rule across the page, or would turn
everything above it into a heading. So a line of signs becomes an empty line, and signs
on both sides of words are removed.

What Markdown knows itself stays: a rule of three signs, the line under the head of a
table, and the underline of a heading, which is no longer than its heading and has no
line above. Tables drawn with `+---+---+`, trees and diagrams are shown as they are
written.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from textwrap import dedent

from ..markup import HEADING_SIGNS

_SIGNS = r"-=~+*#/%<>_─━═▀▄█·•"
_CORNERS = r"┌┐└┘├┤╔╗╚╝╠╣╭╮╰╯.,'`\\"
# Most comments have none of these, so they are not looked at twice.
_DOTS = r"(?P<dot>[.:;^'\"@!\\])(?:(?P=dot){5,}|(?:[ ](?P=dot)){4,})"
_DRAWN = re.compile(
    rf"[{_SIGNS}.:;^]{{2}}|[|│┃║┌└├╔╚╠╭╰]|[{_SIGNS}] [{_SIGNS}]|{_DOTS}"
)
_RULE = re.compile(
    rf"[ \t]*(?:[{_CORNERS}]?(?:[{_SIGNS}][ ]?){{4,}}[{_CORNERS}]?|{_DOTS})[ \t]*"
)
_SHORT_RULE = re.compile(r"[ \t]*([-=+*])\1\1[ \t]*")
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-+)[ \t]*")
_GRID = re.compile(r"[ \t]*\+(?:[-=]+\+){2,}[ \t]*|.*[┬┼┴├┤╦╬╩]")
# Trees and diagrams, which have lines between words.
_DIAGRAM = re.compile(r".*[┌┐└┘├╔╗╚╝╠╭╮╰╯│║┃].*|[ \t]*\||[ \t]+[|/\\](?:[ \t]*[|/\\])*")
_FENCE = re.compile(r"[ \t]*(?:```|~~~(?!~|.*~~~[ \t]*\Z))")
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n\w+:")
_HEADING = re.compile(rf"[ \t]*{HEADING_SIGNS}[ \t]")

# Words between signs, or beside many of them: one sign or two by turns, as in `-=-=-=`.
_BESIDE = re.compile(
    rf"""[ \t]*
    (?: (?P<a>[{_SIGNS}]{{1,2}}?)(?P=a)+ [ \t]+ (?P<between> \S.*? )
        [ \t]+ (?P<b>[{_SIGNS}]{{1,2}}?)(?P=b)+
      | [-=~+\#/]{{3,}} [\[(]? [ \t]* (?P<tight> \w.*? ) [ \t]* [\])]? [-=~+\#/]{{3,}}
      | [\[({{<|] (?P<f>[-=~+*\#/─━═])(?P=f)+ [ \t]+ (?P<framed> \w.*? )
        [ \t]+ (?P=f){{2,}} [\])}}>|]
      | [┌└├╔╚╠╭╰] [─━═]+ [ \t]+ (?P<boxed> \w.*? ) [ \t]+ [─━═]+ [┐┘┤╗╝╣╮╯]?
      | [-=~+\#/]* \[+ [ \t]* (?P<bracketed> \w.*? ) [ \t]* \]+ [ \t]* [-=~+\#/]{{3,}}
      | (?P<e>[.:;^])(?P=e){{3,}} [ \t]+ (?P<dotted> \S.*? ) [ \t]+ (?P=e){{4,}}
      | (?P<c>[-=~+*/%<>─━═]{{1,2}}?)(?P=c){{3,}} [ \t]+ (?P<behind> \S.*? )
      | (?P<ahead> \S.*? ) [ \t]+ (?P<d>[-=~+*\#/%<>─━═]{{1,2}}?)(?P=d){{3,}}
    ) [ \t]*""",
    re.VERBOSE,
)
# Nobody draws longer lines, and with many signs, looking for words takes long.
_LONGEST = 300
# Beside the only words of a paragraph, three signs are enough; `===` is an operator.
_ALONE = re.compile(
    r"""[ \t]*(?:
        (?: (?P<a>[-~*])(?P=a){2} | ===(?=[ \t][A-Z]) ) [ \t]+ (?P<behind> \w.*? )
      | (?P<ahead> \w.*? ) [ \t]+ (?P<b>[-~*])(?P=b){2}
      | (?P<c>[-=~\#─━═])(?P=c){4,} (?P<close> \w.*? )
      | (?P<upto> \w.*? ) (?P<d>[-=~\#─━═])(?P=d){4,}
    ) (?<! [-=]> ) [ \t]*""",
    re.VERBOSE,
)
# A line that ends with the sign of the comment, as it begins; or many such signs and
# words between them.
_SIGN_AT_END = re.compile(r"(.*[^#/\s])[ \t]*(?:#+|//+)[ \t]*")
_THREE = re.compile(r"([-=~+*_─━═])\1\1\Z")
_MIRRORED = re.compile(
    r"(--|//)(?![-/])[ \t]*(?P<words>\S.*?)(?<![-/])[ \t]*\1"
    r"|([-/])\3{3,}[ \t]*\[*[ \t]*(?P<between>\w.*?)[ \t]*\]*[ \t]*\3{3,}"
)
_LEFT = re.compile(rf"[ \t]*(?:[|│┃║]|[{_SIGNS}]{{2,}}(?=[ \t]))")
_LEFT_SIGN = re.compile(r"[ \t]*([*#+=/%.:;^@!-])\1*[ \t]")
_RIGHT = re.compile(r"[ \t]+([|│┃║*#+=/%.:;^@!-])\1*[ \t]*\Z")


def without_drawings(lines: list[str], written: list[str]) -> list[str]:
    """
    The lines of a comment without what is drawn in them, each still in its place, given
    them `written` with the signs of the comment.
    """
    text = "\n".join(written)
    if not (_DRAWN.search(text) or _OPTION.search("\n".join(lines))):
        return lines
    code = _code(lines)
    rules = _rules(lines, written) - code - _boxes_in_tags(lines)
    plain = [*map(_without_sign, lines, written)]
    for number in code:
        plain[number] = lines[number]
    plain = ["" if number in rules else line for number, line in enumerate(plain)]
    if rules:
        # A rule may stand further left than the words.
        plain = dedent("\n".join(plain)).split("\n")
    for group in _between_tags(plain):
        part = plain[group.start : group.stop]
        if not code.isdisjoint(group):
            continue
        is_drawn = any(map(_GRID.fullmatch, part))
        if not is_drawn:
            is_boxed = group.start - 1 in rules and group.stop in rules
            part = _without_box(part, is_boxed)
            is_drawn = len(part) > 1 and any(map(_DIAGRAM.fullmatch, part))
            is_drawn = is_drawn or _has_options(part)
        if is_drawn:
            ahead, behind = words_around(part)
            drawn = slice(ahead, len(part) - behind)
            part[drawn] = indented(part[drawn])
        else:
            part = [without_sides(line, len(part) == 1) for line in part]
        plain[group.start : group.stop] = part
    return plain


def _between_tags(lines: list[str]) -> Iterator[range]:
    """
    The lines that stand together, as ranges. What is drawn below the line of a tag such
    as `@param` is no part of it.
    """
    for group in paragraphs(lines):
        first = group.start
        for number in group:
            if _TAG.match(lines[number]):
                if first < number:
                    yield range(first, number)
                yield range(number, number + 1)
                first = number + 1
        if first < group.stop:
            yield range(first, group.stop)


def _boxes_in_tags(lines: list[str]) -> set[int]:
    """The lines of boxes below tags, of which not only the words stay."""
    found: set[int] = set()
    below_tag = -1
    for group in _between_tags(lines):
        part = lines[group.start : group.stop]
        is_box = is_drawing(part) and any(map(_EDGE.search, part))
        if is_box and group.start == below_tag:
            found.update(group)
        below_tag = group.stop if _TAG.match(part[0]) else -1
    return found


_TAG = re.compile(r" {0,3}[@\\][A-Za-z]{2,}(?![\w-])")


def _code(lines: list[str]) -> set[int]:
    """The lines of blocks of code, which nobody has drawn."""
    code: set[int] = set()
    is_code = False
    for number, line in enumerate(lines):
        is_fence = _FENCE.match(line)
        is_code ^= bool(is_fence)
        if is_code or is_fence:
            code.add(number)
    return code


def _rules(lines: list[str], written: list[str]) -> set[int]:
    """The lines that are nothing but signs."""
    rules: set[int] = set()
    for number, line in enumerate(lines):
        # Of a line of hashes, nothing is left without the sign of the comment.
        drawn = line if line.strip() else written[number]
        is_rule = _RULE.fullmatch(drawn) and not _GRID.fullmatch(drawn)
        if is_rule and not _is_underline(lines, number, rules):
            rules.add(number)
    if not _FRONT_MATTER.match("\n".join(lines)):
        for group in paragraphs(lines):
            ends = group.start, group.stop - 1
            if len(group) > 2 and all(_SHORT_RULE.fullmatch(lines[n]) for n in ends):
                rules.update(ends)
    return rules


def _is_underline(lines: list[str], number: int, rules: set[int]) -> bool:
    heading = lines[number - 1].strip() if number else ""
    return bool(
        heading
        and _UNDERLINE.fullmatch(lines[number])
        and len(lines[number].strip()) <= len(heading) + 2
        and number - 1 not in rules
        and (number < 2 or not (lines[number - 2].strip() or number - 2 in rules))
    )


def paragraphs(lines: list[str]) -> Iterator[range]:
    """The lines that stand together, as ranges."""
    first = 0
    for number, line in enumerate([*lines, ""]):
        if not line.strip():
            if first < number:
                yield range(first, number)
            first = number + 1


def indented(lines: list[str], indent: int = 4) -> list[str]:
    """The lines with a margin; by four spaces, they are Markdown's block of code."""
    return [" " * indent + line if line.strip() else "" for line in lines]


def is_drawing(lines: list[str]) -> bool:
    """Whether lines that stand together are a table, a tree or a diagram."""
    if max(map(len, lines)) > _LONGEST or any(map(_HEAD_RULE.fullmatch, lines)):
        return False
    bare = [_SPAN.sub("", line) for line in lines]
    edges = [*map(_EDGE.search, bare), *map(_DIAGRAM.fullmatch, bare)]
    return len(lines) > 1 and (any(edges) or _has_options(bare))


def _has_options(lines: list[str]) -> bool:
    """Whether lines list the options of a command, each in a line of its own."""
    return len([*filter(None, map(_OPTION.match, lines))]) > 1


# Behind an option stand its value, another one, or its text in a column of its own.
_OPTION = re.compile(
    r"^[ \t]*--?[A-Za-z?](?:[\w-]*)(?=[ \t]*$|[ ]{2,}\S|,[ ]*-|[= ][<\[A-Z])",
    re.MULTILINE,
)
# What tells a table of Markdown; the edge of a box; and code, in which any sign is one.
_HEAD_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*\|[-:| \t]*")
_EDGE = re.compile(r"(?<!\S)\+(?:-{2,}|={2,})(?:\+(?!\w)|.*[-=]\+(?!\S))")
_SPAN = re.compile(r"`[^`\n]*`")


def words_around(lines: list[str]) -> tuple[int, int]:
    """How many lines of sentences stand right above a drawing, and how many below."""
    ahead, behind = (
        sum(1 for _ in takewhile(_is_sentence, part)) for part in (lines, lines[::-1])
    )
    return (ahead, behind) if ahead + behind < len(lines) else (0, 0)


def is_all_drawn(lines: list[str]) -> bool:
    """Whether lines are a table, a tree or a diagram and nothing else."""
    return bool(lines) and is_drawing(lines) and words_around(lines) == (0, 0)


def _is_sentence(line: str) -> bool:
    words = line.split()
    return bool(
        _SENTENCE.fullmatch(line)
        and (len(words) > 2 or line.rstrip().endswith(":"))
        and (line.rstrip()[-1] in ".:,;" or _FUNCTION_WORD.search(line))
    )


def with_drawings_apart(prose: str) -> str:
    """
    Prose with an empty line above each drawing right below a sentence or the name of a
    field, with which it would go on.
    """

    def parted(match: re.Match[str]) -> str:
        text, drawn = match["text"], match["drawn"]
        # With a margin, it may also be part of a drawing.
        is_text = match["sign"] or not match["margin"] or _is_sentence(text.strip())
        if is_text and is_drawing(drawn.split("\n")):
            return f"{text}\n{drawn}"
        return match[0]

    # Most prose has no line that stands so deep.
    return _BELOW_TEXT.sub(parted, prose) if "\n    " in prose else prose


_DEEPER = r"(?P=margin) (?(sign) [ ]{6} | [ ]{4} ) .* \S"
_BELOW_TEXT = re.compile(
    rf"""
    ^(?P<text>
        (?P<margin> [ ]{{0,4}} ) (?P<sign> \+[ ] (?=[`*]) \** )? (?:[^\W\d]|`) .* \n )
    (?P<drawn> {_DEEPER} (?: \n {_DEEPER} )* )
    """,
    re.MULTILINE | re.VERBOSE,
)


# A sentence stands at the margin. The labels of a drawing have no such words.
_SENTENCE = re.compile(
    r"(?!.*(?:--|==|[|┌┐└┘├╔╗╚╝╠╭╮╰╯│║┃]))(?:[A-Z`]|[a-z]+ )\S*(?: \S+)*[ ]*"
)
_FUNCTION_WORD = re.compile(
    r"(?: |^)(?:an?|and|are|as|at|be|by|can|for|has|in|is|its?|of|on|or|so|than|that"
    r"|the|then|this|to|we|where|which|with|you)(?: |$)"
)


def _without_box(lines: list[str], is_boxed: bool) -> list[str]:
    """The lines without the sides of a box around them."""
    if max(map(len, lines)) > _LONGEST:
        return lines
    right = [_RIGHT.search(line) for line in lines]
    signs = {match[1] for match in right if match}
    aligned = len(lines) > 1 and len({len(line.rstrip()) for line in lines}) == 1
    # A sentence may end with a mark, and then none stands at its other end.
    has_left = all(map(_LEFT_SIGN.match, lines))
    are_sides = has_left or signs.isdisjoint(".:;^@!")
    if all(right) and len(signs) == 1 and are_sides and (is_boxed or aligned):
        lines = [_RIGHT.sub("", line) for line in lines]
        if has_left:
            lines = [_LEFT_SIGN.sub("", line, count=1) for line in lines]
    if is_boxed and all(map(_LEFT.match, lines)):
        lines = [_LEFT.sub("", line, count=1) for line in lines]
    if is_boxed and lines[0][:1].isspace():
        # The first line of a title may be centred.
        lines = [line.strip() for line in lines]
    return lines


def _without_sign(line: str, written: str) -> str:
    """A line without the sign of the comment at its end, as it has one in front."""
    if max(len(line), len(written)) > _LONGEST:
        return line
    match = _SIGN_AT_END.fullmatch(line)
    if match and _THREE.search(match[1], max(match.end(1) - 3, 0)):
        return match[1]
    match = _MIRRORED.fullmatch(written.strip())
    return (match["words"] or match["between"]) if match and line.strip() else line


def without_sides(line: str, is_alone: bool = True) -> str:
    """A line of words, alone in its paragraph or not, without the signs beside them."""
    if len(line) > _LONGEST or not _DRAWN.search(line) or _HEADING.match(line):
        return line
    match = _BESIDE.fullmatch(line)
    if match is None and is_alone:
        match = _ALONE.fullmatch(line)
    words = match.groupdict() if match else {}
    said = next(filter(None, map(words.get, _WORDS)), line)
    return line if _BEGINS_BLOCK.match(said) else said


# An arrow such as `---- > x` would leave what Markdown reads as a quotation or a list.
_BEGINS_BLOCK = re.compile(r"[ \t]*(?:>|[-+*](?:[ \t]|\Z))")

_WORDS = (
    *("between", "tight", "framed", "boxed", "bracketed", "dotted", "behind", "ahead"),
    *("close", "upto"),
)
