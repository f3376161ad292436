r"""
---
title: Front matter, titles and summaries
summary: >
  What a page is called and what it says in a sentence: as its front matter has it, or
  else its first heading and its first sentence.
---

# Front matter, titles and summaries
"""

import re
from dataclasses import replace
from html import unescape
from typing import Any

from ..files import CONTROLS, LANGUAGE_TAG
from ..markup import COMMENT, pattern, replace_formulas
from ..model import Section, Source
from .decode import source_error
from .markdown import HEADING, plain_text

# Two lines of three dashes around YAML, at the very start. The lines are emptied, not
# removed, so that every line of the prose keeps its place in the file.
FRONT_MATTER = re.compile(r"\s*^---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


def front_matter(section: Section, source: Source) -> tuple[Section, dict[str, Any]]:
    """
    The opening section without its front matter, and what that says: `title`,
    `summary` and `language` are text, and `draft` is true or false. Raises
    `SidelitError` for front matter that is no YAML.
    """
    match = FRONT_MATTER.match(section.prose)
    if match is None:
        return section, {}
    import yaml

    line = section.prose_line + section.prose[: match.start(1)].count("\n")
    try:
        values = yaml.safe_load(match[1]) or {}
    # YAML reads 2020-13-45 as a date, and Python has no such day. With a tag such as
    # `!!bool`, it raises whatever it stumbles over.
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        column = 1 + (mark.column if mark else 0)
        message = (
            f"front matter is not YAML: {getattr(error, 'problem', None) or error}"
        )
        raise source_error(
            source, line + (mark.line if mark else 0), column, "FRM101", message
        ) from None
    if not isinstance(values, dict):
        message = "front matter must be lines such as `title: Vision Transformer`"
        raise source_error(source, line, 1, "FRM101", message)
    for key in ("title", "summary"):
        if key in values and not isinstance(values[key], str):
            message = f"`{key}` must be text; put {values[key]!r} into quotes"
            raise source_error(source, line, 1, "FRM101", message)
    if not isinstance(values.get("draft", False), bool):
        message = f"`draft` must be true or false, not {values['draft']!r}"
        raise source_error(source, line, 1, "FRM101", message)
    language = values.get("language", "en")
    # In YAML, Norwegian is false.
    if not (isinstance(language, str) and LANGUAGE_TAG.fullmatch(language)):
        message = "`language` must be the tag of a language in quotes, such as "
        message += f'"de" or "pt-BR", not {language!r}'
        raise source_error(source, line, 1, "FRM101", message)
    prose = "\n" * match[0].count("\n") + section.prose[match.end() :]
    said = {
        key: " ".join(values[key].translate(CONTROLS).split())
        for key in ("title", "summary")
        if key in values
    }
    said |= {key: values[key] for key in ("draft", "language") if key in values}
    return replace(section, prose=prose), said


# Without front matter, a page takes its title from its first heading or its name, and
# its summary from its first sentence. A comment, a logo or badges may stand ahead of a
# heading, because they say nothing.
_IMAGE = r"!\[[^\]]*\] (?: \([^)]*\) | \[[^\]]*\] )"
_AHEAD = rf"""(?>(?: \s++ | {COMMENT} | </?(?!h[12]\b)[a-zA-Z][^<>]*> | &\w+;
    | [|·•] | {_IMAGE} | \[{_IMAGE}\] (?: \([^)]*\) | \[[^\]]*\] )
    | ^\[[^\]\n]+\]:.*$ )*)"""
_HEADING = re.compile(
    rf"""{_AHEAD} (?: {HEADING}
        | <h1\b[^>]*> (?P<html>[\s\S]*?) </h1> )""",
    re.VERBOSE | re.MULTILINE,
)
_COMMENT = re.compile(COMMENT)
# The lines of an item or of a quotation need not begin as its first one does. Behind a
# field, which has a `+`, they do.
_PARAGRAPH = re.compile(
    r"^(?:(?:>|(?:[-*]|\d{1,9}[.)])(?=[ \t])(?![-* \t]*$)).*(?:\n(?!\s*$|#).+)*"
    r"|(?P<words>(?![#>\s|<-]|`{3}|~{3}|[+*]\s|={3,}|\[?!\[|\[[^\]]+\]:)"
    r".+(?:\n(?!\s*$).+)*))",
    re.MULTILINE,
)
# A sentence may go on with "copyright", and a list in it with "(c)".
_RIGHTS = re.compile(
    r"\n\s*(?:©|SPDX-[\w-]+:|(?i:copyright|\(c\))\s*(?i:©|\(c\)|copyright\b|\d{4}\b)"
    r"|Copyright(?::|\s+(?:by\s|[A-Z])))[\s\S]*"
)
_PICTURE = re.compile(rf"(?P<code>(`+)[^`]+\2)|{_IMAGE}", re.VERBOSE)
_ELEMENT = re.compile(r"""<img\b[^>]*\balt=(["'])(.*?)\1[^>]*>""")


def opening_heading(prose: str) -> re.Match[str] | None:
    """
    The heading that prose begins with, which is the title of its page: `signs` are in
    front of it, and `html` is what an element `h1` holds.
    """
    match = _HEADING.match(prose)
    if not match or not _words(match, single_dollars=True):
        return None
    if signs := match["signs"]:
        # Behind a comment or a tag in their line, signs are text.
        above = prose[: match.start("signs")].rpartition("\n")[2]
        return match if len(signs) <= 2 and not above.strip() else None
    return match


def _words(heading: re.Match[str], single_dollars: bool) -> str:
    html = heading["html"]
    text = (heading["words"] or heading["above"]) if html is None else html
    # An image is the title only where there are no words.
    bare = _PICTURE.sub(lambda one: one["code"] or "", text)
    for said in (bare, _ELEMENT.sub(r"\2", text)):
        if html is not None:
            said = unescape(re.sub(r"<[^>]*>", " ", said))
        if words := plain_text(said, single_dollars):
            return words
    return ""


def first_heading(prose: str, single_dollars: bool) -> str:
    """The heading that prose begins with, or nothing."""
    match = opening_heading(prose)
    return _words(match, single_dollars) if match else ""


def first_sentence(prose: str, single_dollars: bool) -> str:
    """The first sentence of prose, if one can read it without its formulas."""
    heading = opening_heading(prose)
    prose = prose[heading.end() if heading else 0 :]
    # A block of code has lines that look like sentences.
    prose = pattern(single_dollars).sub(
        lambda one: "" if one["fence"] else one[0], prose
    )
    paragraphs = _PARAGRAPH.finditer(_COMMENT.sub("", prose))
    words = next((one["words"] for one in paragraphs if one["words"]), "")
    # Whose it is says nothing of what it is.
    text = _RIGHTS.sub("", words)
    # A sentence that needs a formula says nothing without it.
    text = replace_formulas(
        text, lambda _: "\0", "display", "inline", single_dollars=single_dollars
    )
    plain = plain_text(text, single_dollars)
    sentence = re.split(r"(?<=[.!?])\s", plain, maxsplit=1)[0]
    if "\0" in sentence:
        return ""
    return sentence if len(sentence) <= 200 else sentence[:199].rstrip() + "…"
