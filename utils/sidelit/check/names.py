r"""
---
title: Names
summary: >
  NAM: names in back-ticks exist, bullets and fields about arguments name arguments, and
  where some arguments are explained, all are.
---

# Names

Renaming a function updates the code that calls it, but not the prose that speaks of it.
So every word in back-ticks that looks like code is looked up: in its module, and among
the names that the [site](vocabulary.py) has.
"""

import builtins
import difflib
import re
from collections.abc import Collection, Iterable, Iterator

from ..model import Section
from ..names.mentions import FILE
from ..read.docstrings import FIELD, kind_of_section
from ..read.markdown import CODE_SPAN, blank, lines_of, place, without_blocks
from ..syntax import Function
from .findings import Finding
from .subject import Subject


def findings(subject: Subject) -> Iterator[Finding]:
    """Names that do not exist, and arguments that are listed wrongly or not at all."""
    bound = sorted(_bound(subject))
    # Asked once for all names, few of which have an owner.
    has_owners = "`~" in subject.document.text
    # What has changed since is what such a file is about; a module of that name has
    # code like any other.
    if not _HISTORY.search(subject.document.source.path):
        for section in subject.document.sections:
            yield from _names(subject, section, bound, has_owners)
    yield from _arguments(subject)


def _is_known(subject: Subject, name: str) -> bool:
    return name in subject.vocabulary.names or name in subject.identifiers


def _hint(name: str, near: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(near), 1)
    return f"; did you mean `{close[0]}`?" if close else ""


# ## Names in back-ticks
_FIELD_AND_TYPE = re.compile(rf"{FIELD.pattern}(?: ?\(`[^`\n]+`)?", re.MULTILINE)
_HISTORY = re.compile(
    r"(?:^|/)(?:change(?:s|log)?|history|news|releases?(?:[-_ ]?notes)?)\.md$",
    re.IGNORECASE,
)
_CODE_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\(\))?")


def _names(
    subject: Subject, section: Section, bound: list[str], has_owners: bool
) -> Iterator[Finding]:
    prose = without_blocks(section.prose)
    shown = _shown(section.prose, prose)
    if section.fields:
        # A field may be about what exists elsewhere, such as an error, or be of a type.
        prose = _FIELD_AND_TYPE.sub(blank, prose)
    for match in CODE_SPAN.finditer(prose):
        text, start = match[1], match.start(1)
        if meant := _meant(subject, text, bound):
            message = f"there is no `{text}`; did you mean `{meant}`?"
            yield subject.within(section, start, "NAM104", message)
        name = _CODE_NAME.fullmatch(text)
        if not name or not _looks_like_code(text) or _is_file(subject, text):
            continue
        parts = name[1].split(".")
        if all(part in shown or _is_known(subject, part) for part in parts):
            continue
        if _exists(subject, parts) or (
            parts[1:] and subject.documented(subject.document.source, name[1])
        ):
            continue
        owner = _owner(subject, section, start) if has_owners else ""
        if owner in subject.vocabulary.packages:
            continue
        shared, python = subject.vocabulary.names, subject.vocabulary.python
        own = subject.identifiers if subject.is_python else shared
        near = {one for one in own - python if not one.startswith("_")}
        hint = _hint(parts[-1], near)
        message = f"there is no `{name[1]}` in this module or on the site{hint}"
        yield subject.within(section, start, "NAM101", message)


def _is_file(subject: Subject, text: str) -> bool:
    # Letters such as `.c` and `.h` could as well be attributes.
    return bool(FILE.fullmatch(text)) or text in subject.vocabulary.files


# `v_A` and `vA` are rather symbols with an index.
_SYMBOL = re.compile(r"[A-Za-z]_?[A-Za-z\d]")


def _looks_like_code(text: str) -> bool:
    return not _SYMBOL.fullmatch(text) and bool(
        "_" in text.strip("_")
        or "." in text
        or text.endswith("()")
        or re.search(r"[a-z\d][A-Z]", text)
    )


def _owner(subject: Subject, section: Section, offset: int) -> str:
    """Whose name is shown by its last part alone, as Sphinx does behind a tilde."""
    line, column = place(subject.document, section, offset)
    before = lines_of(subject.document.text)[line - 1][: column - 1]
    match = re.search(r"`~(\w+)\.(?:\w+\.)*$", before)
    return match[1] if match else ""


def _shown(prose: str, without: str) -> set[str]:
    """The names in the blocks of code of some prose, which it may speak of."""
    pairs = zip(prose.split("\n"), without.split("\n"), strict=True)
    code = [line for line, left in pairs if line != left or _INDENTED.match(line)]
    return set(re.findall(r"[^\W\d]\w*", "\n".join(code))) if code else set()


_INDENTED = re.compile(r" {4,}(?![-*+ ])")


def _exists(subject: Subject, parts: list[str]) -> bool:
    if re.fullmatch(r"__\w+__", parts[-1]):
        return True
    # What is inside a package or class of somebody else, its owner decides.
    if len(parts) > 1 and parts[0] in subject.vocabulary.packages:
        return True
    if ".".join(parts) in subject.vocabulary.listed:
        return True
    if len(parts) == 2 and hasattr(getattr(builtins, parts[0], None), parts[1]):
        return True
    return all(_is_known(subject, part) for part in parts)


# A plain word in back-ticks need not be a name. But a word that no sentence uses, one
# typing error away from a name of the module, was meant to be that name.
def _meant(subject: Subject, word: str, bound: list[str]) -> str:
    if not re.fullmatch(r"[a-z]{5,}", word) or _is_known(subject, word):
        return ""
    if word in subject.vocabulary.words:
        return ""
    return next((one for one in bound if _is_slip(word, one)), "")


def _bound(subject: Subject) -> set[str]:
    """The names that a module binds, local variables included."""
    syntax = subject.document.syntax
    if not syntax:
        return set()
    targets = (
        name.rpartition(".")[2]
        for function in subject.functions
        for one in function.statements
        for name in one.targets
    )
    return syntax.module.spoken().union(targets)


_ENDINGS = re.compile(r"(?:[eious]|e?[drs]|ing)?")


def _is_slip(word: str, name: str) -> bool:
    """Whether letters are missing, doubled or swapped; an inflected form is no slip."""
    short, long = sorted((word, name), key=len)
    if long.startswith(short) and _ENDINGS.fullmatch(long, len(short)):
        return False
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    return alike >= (0.75 if sorted(word) == sorted(name) else 0.85)


# ## Arguments
def _arguments(subject: Subject) -> Iterator[Finding]:
    syntax = subject.document.syntax
    if not syntax:
        return
    members = syntax.module.members()
    sections = {
        section.qualname: section
        for section in subject.document.sections
        if section.kind in ("class", "function") and section.prose
    }
    for function in subject.functions:
        outer, _, name = function.qualname.rpartition(".")
        if "#" in function.qualname:
            continue
        if name == "__init__" and outer in sections:
            inside = members.get(outer.rpartition(".")[2], set())
            known = inside | _of_class(outer, subject.functions)
            yield from _bullets(subject, sections[outer], function, known)
        section = sections.get(function.qualname)
        if section is None:
            continue
        yield from _bullets(subject, section, function, function.parameters)
        own = _explicit(function)
        listed = {name for group in _lists(section) for name, _ in group}
        if not listed.intersection(own):
            continue
        mentioned = listed | set(_NAME.findall(section.prose))
        for missing in own:
            if missing not in mentioned:
                message = f"the argument `{missing}` is not explained"
                yield subject.within(section, 0, "NAM103", message)


def _bullets(
    subject: Subject, section: Section, function: Function, known: Collection[str]
) -> Iterator[Finding]:
    """The bullets and fields of a docstring that name no argument."""
    own = _explicit(function)
    for group in _lists(section):
        right = sum(name.partition(".")[0] in known for name, _ in group)
        for name, offset in group:
            root = name.partition(".")[0]
            hint = _hint(root, own)
            # A list may be about other things, and a field about a keyword that `**`
            # takes. But a name that is nowhere in the code and resembles an argument is
            # a former argument.
            certain = 2 * right >= len(group)
            if section.fields:
                certain = not function.keywords
            stale = hint and not _is_known(subject, root)
            if root not in known and (certain or stale):
                message = f"`{function.name}` has no argument `{name}`{hint}"
                yield subject.within(section, offset, "NAM102", message)


def _explicit(function: Function) -> list[str]:
    """The arguments that a caller writes."""
    return [one for one in function.parameters if one not in ("self", "cls")]


def _of_class(qualname: str, functions: Iterable[Function]) -> set[str]:
    """The methods of a class, their arguments, and the attributes that they use."""
    names = {"self"}
    for function in functions:
        if function.qualname.startswith(f"{qualname}."):
            names |= {function.name, *function.parameters}
            targets = (name for one in function.statements for name in one.targets)
            for dotted in (*targets, *function.chains):
                names.update(dotted.split(".")[1:])
    return names


_BULLET = re.compile(
    r"^[ \t]*[*+-][ \t]+((?:`\*{0,2}[\w.]+`(?:,[ \t]*|[ \t]+and[ \t]+)?)+)",
    re.MULTILINE,
)
_NAME = re.compile(r"`\*{0,2}([\w.]+)`")
_OTHER_TEXT = re.compile(r"\n[ \t]*\n(?![ \t]|[*+-][ \t])")


def _lists(section: Section) -> Iterator[list[tuple[str, int]]]:
    """The names that the bullets of each list begin with, and their offsets."""
    prose = section.prose
    if section.fields:
        yield [*_fields(prose)]
        return
    start = 0
    for end in (*(match.end() for match in _OTHER_TEXT.finditer(prose)), len(prose)):
        named = [
            (name[1], match.start(1) + name.start(1))
            for match in _BULLET.finditer(prose, start, end)
            for name in _NAME.finditer(match[1])
        ]
        if named:
            yield named
        start = end


def _fields(prose: str) -> Iterator[tuple[str, int]]:
    """The names of the fields that are about arguments, and their offsets."""
    kind = "arguments"
    for match in FIELD.finditer(without_blocks(prose)):
        if match["label"]:
            kind = kind_of_section(match["label"])
        elif not match["indent"]:
            kind = "arguments"
        if kind == "arguments" and match["names"]:
            for name in _NAME.finditer(match["names"]):
                yield name[1], match.start("names") + name.start(1)
