"""
---
title: Cleaning raw HTML
summary: >
  HTML that authors write in Markdown passes through nh3 together with the rest of its
  section, so nothing in it can run, stay open or pass for part of the page.
---

# Cleaning raw HTML

mistune lets raw HTML through, and nh3 cleans it in the context of the whole section.
So an unclosed tag cannot swallow the rest of the page. What our own
[renderer](renderer.py) makes passes through as well, so every element and class of
its own must be on the lists below.
"""

import re
from itertools import chain, repeat

from ..read.lexer import COLOURED
from ..read.markdown import blank, without_code
from ..site import SAFE_SCHEMES, is_data_image
from .diagrams import DIAGRAM
from .images import srcset
from .passage import Passage
from .tags import FORMER, STAND_INS, LoneTag, without_lone_tags

# What Markdown becomes, and what an author may write besides.
_GENERATED = (
    "p h1 h2 h3 h4 h5 h6 a em strong code pre span br hr ul ol li dl dt dd blockquote"
    " div sup del img figure figcaption table thead tbody tr th td"
)
_WRITTEN = (
    "abbr b caption cite col colgroup details dfn i ins kbd mark picture q rp rt ruby s"
    " samp small source sub summary tfoot u var wbr"
)
ELEMENTS = {*_GENERATED.split(), *_WRITTEN.split()}
# What an author may write among words, and in a block of HTML.
IN_WORDS = ELEMENTS | FORMER.keys()
IN_BLOCKS = ELEMENTS | STAND_INS.keys()
# Code in prose is coloured before.
_KEPT = {*ELEMENTS, *(f"t-{kind}" for kind in COLOURED)}
_ATTRIBUTES = {
    "*": {"class", "id", "title", "role", "aria-label", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading"},
    "source": {"srcset", "sizes", "media", "type", "width", "height"},
    "ol": {"start"},
    "details": {"open", "name"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
_GENERATED_CLASSES = (
    "name permalink enlarge block table center right task task-item footnote-ref"
    " footnotes admonition-title fields type tabs tab whole"
)
ADMONITIONS = ("note", "tip", "important", "warning", "caution", "paper")
_CLASSES = {
    *_GENERATED_CLASSES.split(),
    DIAGRAM,
    *(f"admonition {kind}" for kind in ADMONITIONS),
}


def clean(
    html: str, passage: Passage, within: range | None = None, is_told: bool = True
) -> str:
    """
    The HTML of a section, or of what a directive encloses `within` it, with every
    element closed and nothing in it that could run or pass for part of the page: no
    script, no handler, no identifier and no class that the renderer did not give
    itself. Tags that become text are reported, unless they have been told before.
    """
    # Few pages have raw HTML, so few builds need nh3.
    import nh3

    html, lone = without_lone_tags(html, passage.as_written)
    if lone and is_told and not passage.shown_at:
        _tell(lone, passage, within)

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if value in passage.ids else None
        if name == "class":
            return value if value in _CLASSES else None
        if name == "name":
            return value if value in passage.tabs else None
        if name == "href":
            # An image is in the site; any other file that is no page is on the forge.
            if value in passage.enlarged:
                return value
            return passage.href(passage.as_written(value))
        if name == "src":
            return image(value)
        if name == "srcset":
            return srcset(passage.as_written(value), image)
        return value

    def image(value: str) -> str:
        src = passage.image(passage.as_written(value)).src
        return src if is_data_image(src) or src[:5].lower() != "data:" else ""

    cleaned = nh3.clean(
        html,
        tags=_KEPT,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        link_rel=None,
        url_schemes={*SAFE_SCHEMES, "data", "attachment"},
    )
    # Besides the title, there is no heading of its rank.
    ranks = chain(["h1"] if passage.has_title and within is None else [], repeat("h2"))

    def ranked(match: re.Match[str]) -> str:
        rank = next(ranks)
        return f"<{rank}{match[1]}>{match[2]}</{rank}>"

    return _TITLE.sub(ranked, cleaned)


def _tell(lone: list[LoneTag], passage: Passage, within: range | None) -> None:
    """Report the tags that are shown as text, each at its place in the prose."""
    prose = _NO_TAG.sub(blank, without_code(passage.section.prose))
    for begin, number in lone:
        places = [
            match.start()
            for match in re.finditer(rf"{begin}(?![\w-])", prose, re.IGNORECASE)
            if within is None or match.start() in within
            if not any(match.start() in one for one in passage.quoted)
        ]
        place = places[min(number, len(places) - 1)] if places else 0
        message = f"{begin}> has no partner or no place here, so it is shown as text; "
        message += "mend it, or write it between back-ticks"
        passage.report(place, "FRM116", message)


# What only looks like a tag before Markdown is read.
_NO_TAG = re.compile(r"<!--.*?-->|\\[\\<]", re.DOTALL)
_TITLE = re.compile(r"<h1\b([^>]*)>([\s\S]*?)</h1>")
