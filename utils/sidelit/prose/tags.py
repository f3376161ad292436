r"""
---
title: Tags that are meant as text
summary: >
  A comment that mentions `<p>` has no paragraph in it. Of the tags that authors write,
  only pairs are HTML, and only where HTML allows them. The rest is text.
---

# Tags that are meant as text

`The matrix is B = A - <A>` and `a new block for <p> tags`: in comments and docstrings,
what looks like a tag is often a word. As HTML it would vanish and, because it is never
closed, swallow what follows. So an author's tag is HTML if

* it has a partner, and both stand in the same paragraph, item or cell, or outside of
  them all;
* what it encloses may stand in it: no paragraph in `<b>`;
* it stands where it may: no `<li>` outside of a list.

Anything else is shown as it was written, and told. HTML itself lets authors omit the
end tags of items, cells and paragraphs, and so do we if the element around them is
closed, or if `<p>` begins or ends a line. A tag without a partner is an anchor if it
has an identifier, such as `<a name="usage">`.

Many a readme still has `<center>` and `align="center"`, which HTML has given up, and
some have parts of a page, such as `<section>`. Others stand in for these.
"""

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from ..read.markdown import without_code

# Each tag of an author has this in front, until it is known what it is.
WRITTEN = "\U0010fffa"

_TAG = re.compile(
    rf"""<!--.*?(?:-->|\Z)
    | (?P<written>{WRITTEN}?) <(?P<slash>/?) (?P<name>[a-zA-Z][\w-]*)
      (?P<rest>(?:[^"'<>]|"[^"]*"|'[^']*')*) >""",
    re.VERBOSE | re.DOTALL,
)
# What stands in for the elements of before, and, where a block of HTML has them, for
# the parts of a page.
FORMER = {
    "center": "div",
    "strike": "s",
    "tt": "code",
    **dict.fromkeys(("acronym", "big", "font", "nobr"), "span"),
}
_PARTS = "address article aside body footer header hgroup html main nav section"
STAND_INS = {
    **FORMER,
    **dict.fromkeys(_PARTS.split(), "div"),
    **dict.fromkeys(("bdi", "bdo", "label", "time"), "span"),
}
_IN_TABLES = "caption col colgroup tbody td tfoot th thead tr"
_IN_WORDS = (
    "abbr b cite code dfn em i kbd mark q rp rt ruby s samp small span strong sub sup u"
    " var"
)
_HEADS = "h1 h2 h3 h4 h5 h6"
_FLOW = (
    "blockquote details div dl dt dd figure figcaption hr li ol p pre summary table ul"
)
VOID = {"br", "hr", "img", "col", "source", "wbr"}
OPTIONAL = {"li", "dt", "dd", "p", "rt", "rp", *_IN_TABLES.split()}
_PHRASING = {*_IN_WORDS.split()}
# A block ends the paragraph that it stands in. Of these, it would become a part.
_NO_BLOCKS = {*_PHRASING, *_HEADS.split(), "a", "del"}
_BLOCKS = {*_HEADS.split(), *_FLOW.split(), *_IN_TABLES.split()}
_PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
    "source": {"picture"},
    "summary": {"details"},
    "rt": {"ruby"},
    "rp": {"ruby"},
    "figcaption": {"figure"},
    **{name: {"table"} for name in _IN_TABLES.split()},
}


class LoneTag(NamedTuple):
    """
    A tag that is shown as text: its `<name` or `</name`, and how many of these its
    author has written before.
    """

    begin: str
    number: int


class _Open(NamedTuple):
    """An element that is open: its name, the number of its tag, and whose it is."""

    name: str
    number: int
    written: bool


def open_comments(markdown: str) -> list[int]:
    """
    Where comments of HTML begin in Markdown that never end, and would hide the rest.
    """
    if "<!--" not in markdown:
        return []
    bare = without_code(markdown)
    return _not_indented(_COMMENT, bare, bare.rfind("-->") + 1)


def instructions(markdown: str) -> list[int]:
    """
    Where instructions and declarations begin in Markdown, such as `<?xml …?>` and
    `<!DOCTYPE html>`. They would show nothing, so whoever writes them means their text.
    """
    if "<?" not in markdown and "<!" not in markdown:
        return []
    return _not_indented(INSTRUCTION, without_code(markdown))


INSTRUCTION = re.compile(r"(?<!\\)<(?:\?|![A-Za-z\[])")
_COMMENT = re.compile("<!--")


def _not_indented(sign: re.Pattern[str], text: str, begin: int = 0) -> list[int]:
    """Where a sign stands behind a place, but not in a line that may be code."""
    found = (match.start() for match in sign.finditer(text, begin))
    return [place for place in found if not _is_indented(text, place)]


def _is_indented(text: str, place: int) -> bool:
    """Whether the line of a place may be a block of code."""
    start = text.rfind("\n", 0, place) + 1
    return text.startswith(("    ", "\t"), start)


def written_tags(html: str) -> str:
    """HTML of an author, with a mark in front of each of its tags."""
    return re.sub(r"(?=</?[a-zA-Z])", WRITTEN, html)


def without_lone_tags(
    html: str, as_written: Callable[[str], str]
) -> tuple[str, list[LoneTag]]:
    """
    The HTML of a section in which the author's tags are HTML or text, and which are
    text. `as_written` gives a tag as it stands in the source.
    """
    tags = [*_TAG.finditer(html)]
    judged = _judged(tags)
    numbers = iter(range(len(tags)))
    written: Counter[str] = Counter()
    lone: list[LoneTag] = []

    def decided(match: re.Match[str]) -> str:
        number = next(numbers)
        if not match["written"]:
            return match[0]
        tag = match[0].removeprefix(WRITTEN)
        begin = f"<{match['slash']}{match['name'].lower()}"
        if number in judged.is_text:
            lone.append(LoneTag(begin, written[begin]))
        written[begin] += 1
        if number in judged.is_text:
            return escape(as_written(tag), quote=False)
        tag = _of_today(match)
        if number in judged.is_anchor:
            return f"{tag}</{_name(match)}>"
        if _name(match) == "table":
            # On a narrow screen it scrolls, as a table of Markdown does.
            return f"{tag}</div>" if match["slash"] else f'<div class="table">{tag}'
        return tag

    html = _TAG.sub(decided, html)
    return html.replace(WRITTEN, ""), lone


def _name(tag: re.Match[str]) -> str:
    name = (tag["name"] or "").lower()
    return STAND_INS.get(name, name)


def _of_today(tag: re.Match[str]) -> str:
    """A tag with the name and the class that stand in for those of before."""
    name, rest = _name(tag), tag["rest"]
    aligned = _ALIGNED.search(rest)
    side = "center" if tag["name"].lower() == "center" else aligned and aligned[1]
    if side and not tag["slash"] and name in _BLOCKS:
        rest = f' class="{side.lower()}"{rest}'
    return f"<{tag['slash']}{name}{rest}>"


_ALIGNED = re.compile(r"""\salign\s*=\s*["']?(center|right)\b""", re.IGNORECASE)


def _judged(tags: list[re.Match[str]]) -> "_Judge":
    """
    What each tag is. If an element turns out to be text, what may stand in it alone is
    text as well, and so on; whoever goes on for too long has written no HTML.
    """
    judged = _Judge(tags, frozenset())
    for _ in range(_ROUNDS):
        found = frozenset(judged.is_text)
        judged = _Judge(tags, found)
        if judged.is_text == found:
            return judged
    return _Judge(tags, frozenset(range(len(tags))))


_ROUNDS = 8


class _Judge:
    """
    The numbers of the tags that are text, some of them known before, and of those that
    are mere anchors. What is open is kept in such a way that no tag takes longer for
    it, however many are.
    """

    def __init__(self, tags: list[re.Match[str]], known: frozenset[int]) -> None:
        self.is_text: set[int] = {*known}
        self.is_anchor: set[int] = set()
        self._tags = tags
        self._open: list[_Open] = []
        # How many elements of a name are open, and the names of our own.
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._ours: list[str] = []
        self._phrasing: dict[int, str] = {}
        for number, tag in enumerate(tags):
            name, written = _name(tag), bool(tag["written"])
            if not name or (tag["slash"] and name in VOID):
                continue
            if written and number in known:
                continue
            if tag["slash"]:
                self._end(number, name, written)
            elif written and not self._may_stand(name):
                self.is_text.add(number)
            else:
                self._begin(_Open(name, number, written))
        self._leave(0, implied=False)

    def _may_stand(self, name: str) -> bool:
        """Whether an element of the author may stand in what is open."""
        parents = _PARENTS.get(name)
        if parents and not any(
            self._counts[parent, written]
            for parent in parents
            for written in (True, False)
        ):
            return False
        return not (name in _BLOCKS and self._ours and self._ours[-1] in _NO_BLOCKS)

    def _begin(self, one: _Open) -> None:
        if one.name in _BLOCKS:
            # What an author opened around words cannot go on around a block.
            for number, name in self._phrasing.items():
                self.is_text.add(number)
                self._counts[name, True] -= 1
            self._phrasing.clear()
        if one.name not in VOID:
            self._open.append(one)
            self._counts[one.name, one.written] += 1
            if not one.written:
                self._ours.append(one.name)
            elif one.name in _PHRASING:
                self._phrasing[one.number] = one.name

    def _end(self, number: int, name: str, written: bool) -> None:
        depth = self._partner(name, written)
        if depth is not None:
            self._leave(depth + 1, implied=written)
            self._close()
        elif written:
            self.is_text.add(number)

    def _partner(self, name: str, written: bool) -> int | None:
        """The depth of what an end tag closes. An author's closes nothing of ours."""
        if not self._counts[name, written]:
            return None
        for depth in reversed(range(len(self._open))):
            one = self._open[depth]
            if one[::2] == (name, written) and one.number not in self.is_text:
                return depth
            if written and not one.written:
                return None
        return None

    def _leave(self, depth: int, implied: bool) -> None:
        """Close what is open from a depth on, though it has no end tag."""
        while len(self._open) > depth:
            one = self._close()
            if not one.written or one.number in self.is_text:
                continue
            if implied and one.name in OPTIONAL:
                continue
            tag = self._tags[one.number]
            if one.name == "p" and _at_an_end(tag):
                continue
            if HAS_NAME.search(tag["rest"]):
                self.is_anchor.add(one.number)
            else:
                self.is_text.add(one.number)

    def _close(self) -> _Open:
        one = self._open.pop()
        if one.number not in self.is_text:
            self._counts[one.name, one.written] -= 1
        self._phrasing.pop(one.number, None)
        if not one.written:
            self._ours.pop()
        return one


def _at_an_end(tag: re.Match[str]) -> bool:
    """Whether a tag is the first or the last on its line, but for other tags."""
    # The end of a line that is longer is too far away to be looked for each time.
    start, end = max(tag.start() - _FAR, 0), tag.end()
    before = tag.string[start : tag.start()]
    behind = tag.string[end : end + _FAR]
    return any(
        not re.sub(r"<[^>]*>", "", part).strip() and len(part) < _FAR
        for part in (before.rpartition("\n")[2], behind.partition("\n")[0])
    )


_FAR = 200
# A tag with such an attribute may be a mere anchor.
HAS_NAME = re.compile(r"\s(?:id|name)\s*=")
