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

from ..files import CONTROLS
from ..markup import replace_formulas
from ..model import Section, Source
from .decode import source_error
from .markdown import plain_text

# Two lines of three dashes around YAML, at the very start. The lines are emptied, not
# removed, so that every line of the prose keeps its place in the file.
_FRONT_MATTER = re.compile(r"\s*^---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


def front_matter(section: Section, source: Source) -> tuple[Section, dict[str, str]]:
    """
    The opening section without its front matter, and what that says. Raises
    `SidelitError` for front matter that is no YAML.
    """
    match = _FRONT_MATTER.match(section.prose)
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
    prose = "\n" * match[0].count("\n") + section.prose[match.end() :]
    return replace(section, prose=prose), {
        key: " ".join(values[key].translate(CONTROLS).split())
        for key in ("title", "summary")
        if key in values
    }


# Without front matter, a page takes its title from its first heading or its name, and
# its summary from its first sentence.
_HEADING = re.compile(
    r"\s*(?:#{1,2}[ \t]+(.+?)[ \t#]*$|(\S.*)\n=+[ \t]*$)", re.MULTILINE
)
_PARAGRAPH = re.compile(r"^(?![#>\s|`~<-]|={3,}).+(?:\n(?!\s*$).+)*", re.MULTILINE)


def first_heading(prose: str) -> str:
    """The heading that prose begins with, or nothing."""
    match = _HEADING.match(prose)
    return plain_text(match[1] or match[2]) if match else ""


def first_sentence(prose: str) -> str:
    """The first sentence of prose, if one can read it without its formulas."""
    match = _PARAGRAPH.search(prose)
    # A sentence that needs a formula says nothing without it.
    text = match[0] if match else ""
    text = replace_formulas(text, lambda _: "\0", "display", "inline")
    sentence = re.split(r"(?<=[.!?])\s", plain_text(text), maxsplit=1)[0]
    if "\0" in sentence:
        return ""
    return sentence if len(sentence) <= 200 else sentence[:199].rstrip() + "…"
