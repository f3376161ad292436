r"""
---
title: A sentence about a shape
summary: >
  Finds the shapes that prose mentions and the words that say whose shape each is:
  names, a pronoun, or the result of the function.
---

# A sentence about a shape

"`x` has shape `[batch, tokens, d_model]`" is a sentence for people, and this module
reads it as far as a program can. It looks for a list of sizes in back-ticks and then
for its subject, as a reader would:

* the names in front of it, "`key` and `value` have shape …";
* with a pronoun, the names of the sentence before;
* "the result", or nothing at all.

What these words mean in the code is [another question](claims.py).
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..markup import replace_formulas
from ..read.markdown import blank, without_blocks
from .dimensions import Dimensions, parse


@dataclass(frozen=True, slots=True)
class Mention:
    """
    ## A mention of a shape

    * `text` stands at `offset` in the prose of a section
    * `shapes` are the alternatives that it gives, "`[a, b]` or `[b]`"; `like` is the
      name whose shape it refers to instead
    * `names` are those that have the shape; without any it is what the code around it
      gives, or with `result` what that returns or yields
    * `unclear` says that nobody can tell what the sentence is about
    * `before` says that it is the shape before the code has run, "from `[a, b]`"
    * `subject` is a common noun that the sentence is about, such as "masks"
    """

    text: str
    offset: int
    shapes: tuple[Dimensions, ...]
    names: tuple[str, ...] = ()
    like: str = ""
    result: bool = False
    unclear: bool = False
    before: bool = False
    subject: str = ""


# ## Patterns
#
# Formulas and blocks of code are not prose, and a sentence ends with a paragraph or an
# item of a list as well.
_BOUNDARY = re.compile(
    r"\n[ \t]*\n|\n[ \t]*(?:[*+-]|\d+[.)])[ \t]+|(?<=[.;!?])\s+|\A\s*[*+-]\s"
)
_NAME = r"`(?!(?:None|True|False)`)([A-Za-z_][\w.]*)`"
_NAMES = re.compile(
    rf"{_NAME}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+|\s*/\s*){_NAME})*"
)
# Brackets or parentheses in back-ticks, with `x.shape[0]` and `len(x)` inside.
_SHAPE = re.compile(
    r"`([\[(](?:[^`\[\]()]|\([^`()]*\)|(?<=shape)\[[^`\[\]]*\])*[\])])`"
)
# What may stand between two alternatives: ", or without `mask`, of shape".
_OR = re.compile(
    r"\s*,?\s*(?:(?:if|when|unless|for|with|without)\b[^.;]*?,?\s+)?(?:or\s+)?"
    r"(?:or|else|otherwise)\s+(?:of\s+)?(?:shape\s+)?\Z"
)
# A list in back-ticks may be an index or a citation. These words say it is a shape.
_WORDS = re.compile(
    r"\b(?:shapes?|permute[ds]?|rearranged?|reshaped?|transposed?|expand(?:ed)?"
    r"|flatten(?:ed)?|reorder)\b",
    re.IGNORECASE,
)

# These may be about something else. Behind them only a list with a name in it counts.
_WEAK_WORDS = re.compile(
    r"\b(?:size|changed?|views?|transform|map|split|yields?)\b", re.IGNORECASE
)
# `(2, 3)` may be the arguments of a call. It is a shape only right behind that word.
_SAYS_SHAPE = re.compile(
    r"\bshapes?\b(?:\s+(?:is|are|was|of|will|be|should|must|either|the|`[\w.]+`))*"
    r"\s*[:=]?\s*\Z",
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"(?:\b(?:not|never|instead\s+of|rather\s+than)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:shape\s+)?|\bin\s+|\b[Uu]nlike\b[^`]*\bwhere\b[^`]*)\Z"
)

# The sentence says that this is a shape, whether it can be read or not.
_UNREAD = re.compile(
    r"\bshapes?\s+(?:(?:is|are|of)\s+)?(`[\[(][^`\n]*[\])]`)", re.IGNORECASE
)

# ### Whose shape it is
_BEFORE = re.compile(r"\bfrom\s+(?:the\s+)?(?:shape\s+)?\Z", re.IGNORECASE)
_RESULT = re.compile(
    r"(?<!is )(?<!is the )(?<!is an )\b(?:results?|outputs?)\b|\b(?:return|yield)s?\b",
    re.IGNORECASE,
)
# "`do` is the gradient of the output", and not the output.
_OF_RESULT = re.compile(
    r"(?<!shape )(?<!size )\bof\s+(?:the|its|an?)\s+(?:[\w-]+\s+)?"
    r"(?:results?|outputs?)\b",
    re.IGNORECASE,
)
# A sentence that begins with these has its subject in the code or the sentence before.
_INPUT = re.compile(r"inputs?\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"(?:they|it|these|both|each|all)(?:'s|\s+(?:have|has|will|are|is|of))\b",
    re.IGNORECASE,
)
# A name behind one of these is not the subject: "the mask for `x` has shape".
_PREPOSITION = re.compile(
    r"(?<!shape )(?<!shapes )\b(?:on|of|from|in|for|with|by|to|at|than|as|like|over"
    r"|into|through|between|type)\s+(?:the\s+|each\s+)?\Z",
    re.IGNORECASE,
)
# "`attention` takes `[a, b]`" is about an argument of another function.
_OF_OTHERS = re.compile(r"\b(?:accepts?|expects?|takes?|needs?|requires?)\b")
# "The masks have shape": the last word in front is the subject.
_HAS = re.compile(
    r"(?:the\s+|this\s+|new\s+)*(?P<subject>[^`]*?)\s*\b(?:will\s+)?(?:has|have)\b[^`]*"
    r"\bshapes?\b",
    re.IGNORECASE,
)
# "`x` has shape `[a]`, and so has the result" is said of both.
_SO = re.compile(
    r"`,?\s+and\s+so\s+(?:has|have|is|does|will)\b[^.`]*\b(?:result|output)"
)
_LIKE = re.compile(
    r"(?:(?P<result>\b[Tt]he\s+(?:result|output))|`(?P<name>[\w.]+)`)\s+(?:has|have)"
    r"\s+the\s+(?:same\s+)?shape\s+(?:of|as)\s+`(?P<like>[\w.]+)`"
)


# ## Reading
def mentions(prose: str) -> Iterator[Mention]:
    """All shapes that the prose of a section mentions in back-ticks."""
    if "`" not in prose:
        return
    # The text keeps its length, since places are counted in it.
    prose = replace_formulas(without_blocks(prose), blank, "display")
    starts = [0, *(match.end() for match in _BOUNDARY.finditer(prose))]
    for match in _LIKE.finditer(prose):
        name, like = match["name"], match["like"]
        yield Mention(
            f"`{like}`",
            match.start("like") - 1,
            (),
            (name,) if name else (),
            like=like,
            result=not name,
        )
    found = [
        (match, dimensions)
        for match in _SHAPE.finditer(prose)
        if (dimensions := parse(match[1])) is not None
    ]
    read = {match.start() for match, _ in found}
    for match in _UNREAD.finditer(prose):
        if match.start(1) not in read and not match[1][2:-2].isupper():
            yield Mention(match[1], match.start(1), (), unclear=True)
    for alternatives in _alternatives(prose, found):
        match = alternatives[0][0]
        shapes = tuple(dimensions for _, dimensions in alternatives)
        index = bisect_right(starts, match.start()) - 1
        sentence = prose[starts[index] : match.start()]
        previous = prose[starts[index - 1] : starts[index]] if index else ""
        if mention := _mention(match, shapes, sentence, previous):
            yield mention
            if _SO.match(prose, alternatives[-1][0].end() - 1):
                yield Mention(match[0], match.start(), shapes, result=True)


_Found = tuple[re.Match[str], Dimensions]


def _alternatives(prose: str, found: list[_Found]) -> Iterator[list[_Found]]:
    """The shapes of a text, those together that are joined by "or"."""
    group: list[_Found] = []
    for match, dimensions in found:
        if group and not _OR.fullmatch(prose, group[-1][0].end(), match.start()):
            yield group
            group = []
        group.append((match, dimensions))
    if group:
        yield group


_PLAIN = re.compile(r"^[ \t]*([A-Za-z_][\w.]*):[ \t]+(\[[^\[\]`\n]+\])[ \t]*$", re.M)


def plain_mentions(prose: str) -> Iterator[Mention]:
    """Comments such as `x: [batch, tokens]`, which need no back-ticks."""
    prose = replace_formulas(without_blocks(prose), blank, "display")
    for match in _PLAIN.finditer(prose):
        if dimensions := parse(match[2]):
            yield Mention(match[2], match.start(2), (dimensions,), (match[1],))


def _mention(
    match: re.Match[str], shapes: tuple[Dimensions, ...], sentence: str, previous: str
) -> Mention | None:
    """
    What a sentence says of a shape, given its part in front of that and the sentence
    before. `None` if it is no statement about a shape.
    """
    groups = list(_NAMES.finditer(sentence))
    if not _says_shape(match[1], shapes[0], sentence, groups):
        return None
    before = bool(_BEFORE.search(sentence))
    names: tuple[str, ...] = ()
    names_end = 0
    for group in reversed(groups):
        if not _PREPOSITION.search(sentence[: group.start()]):
            names = tuple(re.findall(_NAME, group[0]))
            names_end = group.end()
            # "…, where `x` has shape": the line below uses it before it binds it.
            before |= sentence[: group.start()].rstrip().endswith("where")
            break
    stripped = sentence.strip()
    about_result = _OF_RESULT.sub(blank, sentence) if names else sentence
    result = bool(_RESULT.search(about_result, names_end))
    has = _HAS.match(stripped)
    unclear, subject = False, ""
    if _OF_OTHERS.search(sentence):
        names, unclear = (), True
    elif result:
        names = ()
    elif not names and _INPUT.match(stripped):
        subject = "input"
    elif not names and _PRONOUN.match(stripped):
        # Whom "they" are, only the sentence before can say.
        names = tuple(re.findall(_NAME, previous))
        unclear = not names
    elif not names and has and has["subject"]:
        subject = has["subject"].split()[-1]
    return Mention(
        match[0],
        match.start(),
        shapes,
        names,
        result=result,
        unclear=unclear,
        before=before,
        subject=subject,
    )


def _says_shape(
    text: str, dimensions: Dimensions, sentence: str, names: list[re.Match[str]]
) -> bool:
    """Whether a sentence says that the list behind it is a shape."""
    if _NO_CLAIM.search(sentence):
        return False
    if text.startswith("("):
        return bool(_SAYS_SHAPE.search(sentence))
    # A name right in front of the list says it without a word.
    if _WORDS.search(sentence) or (
        names and not sentence[names[-1].end() :].strip(" \n:–-,")
    ):
        return True
    named = any(isinstance(dimension, ast.Name) for dimension in dimensions)
    return named and bool(_WEAK_WORDS.search(sentence))
