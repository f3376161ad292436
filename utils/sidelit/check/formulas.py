r"""
---
title: Formulas
summary: >
  TEX: every symbol of a displayed formula is explained on its page or in a table of
  the site, its commands have as many backslashes as meant, and none of it is text.
---

# Formulas

Whether KaTeX can set a formula shows when the page is made. What KaTeX cannot know is
whether the reader understands it: a symbol that no sentence mentions explains nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from ..markup import COMMENT, formulas
from ..model import Document, Section
from ..prose.equations import is_in_code_block
from ..read.markdown import blank, place, without_code, without_formulas
from ..syntax import line_starts
from .findings import Finding
from .subject import Subject
from .vocabulary import inline_symbols, symbols_of

# Everybody knows $\pi$, $e$, $i$ and $dx$; an index belongs to its symbol.
_UNEXPLAINED = re.compile(
    r"\\pi(?![a-zA-Z])|(?<![\\a-zA-Z])(?:[ei](?![a-zA-Z])|d(?=[ ]?\\?[a-zA-Z]))"
    r"|_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+(?:\{[^{}]*\})?|[a-zA-Z])"
)


def findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the formulas of a page."""
    yield from _unexplained(subject)
    yield from _eaten(subject)
    yield from _doubled(subject)
    yield from _unknown(subject)
    yield from _unread(subject)


def _unexplained(subject: Subject) -> Iterator[Finding]:
    """The first use of each symbol that is explained nowhere."""
    sections = subject.document.sections
    single_dollars = subject.document.source.single_dollars
    explained = set(subject.vocabulary.symbols)
    for section in sections:
        explained |= inline_symbols(section.prose, single_dollars)
    seen: set[str] = set()
    for section in sections:
        for formula in formulas(section.prose, single_dollars):
            if formula.kind != "display":
                continue
            for symbol, offset in symbols_of(_UNEXPLAINED.sub(blank, formula.content)):
                if symbol not in explained and symbol not in seen:
                    seen.add(symbol)
                    message = f"${symbol}$ is used here and explained nowhere"
                    start = formula.offset + offset
                    yield subject.within(section, start, "TEX103", message)


# ## Backslashes
#
# In a string that is not raw, Python takes `\n` of `\nu` for a line break, and leaves
# one backslash of two. The page shows what the author meant, `help` does not.
_COMMAND = re.compile(r"\\\\(?=[\s\[*&])|\\[abfnrtv][a-zA-Z]*|\\[\s\S]")


def _eaten(subject: Subject) -> Iterator[Finding]:
    """The commands of formulas that Python does not leave as they are written."""
    document = subject.document
    lines = document.text.split("\n")
    not_raw = _lines_of_strings(document)
    for section in document.sections:
        if section.prose_line not in not_raw or "\\" not in section.prose:
            continue
        for command, offset in _commands(section.prose, document.source.single_dollars):
            line, column = place(document, section, offset)
            wanted = command.replace("\\", r"\\")
            found = _written_once(command, lines[line - 1])
            if not found or lines[line - 1].startswith(wanted, column - 1):
                continue
            column = column if column - 1 in found else found[0] + 1
            message = (
                f"Python reads `{command}` as something else; write `{wanted}`, "
                f"or r in front of the string"
            )
            yield subject.at(line, column, "TEX105", message, command, wanted)


def _commands(prose: str, single_dollars: bool) -> Iterator[tuple[str, int]]:
    """The commands in formulas that Python may read otherwise, with their offsets."""
    for formula in formulas(prose, single_dollars):
        for match in _COMMAND.finditer(formula.content):
            if match[0] == r"\\" or match[0][1] in "abfnrtv":
                yield match[0], formula.offset + match.start()


def _written_once(command: str, line: str) -> list[int]:
    """
    Where a command stands in a line of the file. What Python has already read stands
    there with two backslashes.
    """
    pattern = rf"(?<!\\)(?:\\\\)*({re.escape(command)})(?![A-Za-z])"
    if command == r"\\":
        pattern = r"(?<!\\)(\\\\)(?!\\)"
    return [match.start(1) for match in re.finditer(pattern, line)]


def _lines_of_strings(document: Document) -> set[int]:
    """The lines of docstrings that are not raw."""
    strings = document.syntax.strings if document.syntax else ()
    starts = line_starts(document.text.split("\n"))
    found: set[int] = set()
    for one in strings:
        if document.text[one.start] not in "rR":
            first, last = (bisect_right(starts, end) for end in (one.start, one.end))
            found.update(range(first, last + 1))
    return found


# In other prose, nobody begins a row with the letters of a command. Three backslashes
# are the end of a row and a command.
_COMMANDS = (
    "[dtc]?frac sqrt [dt]?binom sum prod i?int lim log ln exp sin cos tan max min det"
    " arg(?:max|min) begin end left right big[lr]? operatorname text boldsymbol bm"
    " math(?:bb|bf|cal|frak|it|rm|sf|scr|tt) text(?:bf|it|rm|sf|tt) (?:wide)?hat"
    " (?:wide)?tilde bar vec d?dot over(?:line|brace) under(?:line|brace) [clvd]?dots"
    " cdot times odot otimes oplus circ partial nabla infty forall exists in notin"
    " subset(?:eq)? cup cap [lg]eq? neq? ll gg approx equiv sim propto pm mp mid to"
    " mapsto (?:left|right|Left|Right)arrow q?quad alpha beta [gG]amma [dD]elta"
    " (?:var)?epsilon zeta eta (?:var)?theta Theta iota kappa [lL]ambda mu nu [xX]i"
    " [pP]i rho [sS]igma tau upsilon (?:var)?phi Phi chi [pP]si [oO]mega ell"
)
_DOUBLED = re.compile(
    rf"(?<!\\)\\\\(?P<name>{_COMMANDS.replace(' ', '|')})(?![a-zA-Z])"
)


def _doubled(subject: Subject) -> Iterator[Finding]:
    """The commands of formulas that have two backslashes."""
    document = subject.document
    single_dollars = document.source.single_dollars
    lines = document.text.split("\n")
    for section in document.sections:
        if r"\\" not in section.prose:
            continue
        for formula in formulas(section.prose, single_dollars):
            for match in _DOUBLED.finditer(formula.content):
                start = formula.offset + match.start()
                line, column = place(document, section, start)
                is_there = lines[line - 1].startswith(match[0], column - 1)
                name = match["name"]
                message = rf"`\\{name}` is the end of a row and the letters {name}; "
                message += rf"write `\{name}`"
                wrong, mend = (match[0], rf"\{name}") if is_there else ("", "")
                yield subject.at(line, column, "TEX106", message, wrong, mend)


# ## Environments
#
# What begins and ends on lines of its own, or has signs of LaTeX between both, is meant
# as LaTeX; a sentence may speak of the two commands.
_BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
_END = re.compile(r"\\end\{([A-Za-z]+\*?)\}")
_LATEX = re.compile(r"[\\^_&=$]")
_BEFORE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?")
_BEHIND = re.compile(r"[ \t.,]*$", re.MULTILINE)


def _unknown(subject: Subject) -> Iterator[Finding]:
    """The environments of LaTeX that are no formulas, and shown as text."""
    for section in subject.document.sections:
        prose = section.prose
        if "\\begin{" not in prose:
            continue
        for name, body in _environments(_running_text(subject, section)):
            start, end = body.start - len(rf"\begin{{{name}}}"), body.stop
            line = prose.rfind("\n", 0, start) + 1
            is_alone = _BEFORE.fullmatch(prose, line, start) and _BEHIND.match(
                prose, end + len(rf"\end{{{name}}}")
            )
            is_latex = is_alone or _LATEX.search(prose, body.start, end)
            if is_latex and not is_in_code_block(prose, start):
                message = (
                    rf"`\begin{{{name}}}` begins no formula that a page can have, "
                )
                message += "so all of it is shown as text; write formulas between "
                message += "dollar signs, and the rest as Markdown"
                yield subject.within(section, start, "TEX107", message)


def _environments(text: str) -> Iterator[tuple[str, range]]:
    """The environments that stand in no other, by name, and what is in them."""
    last = {match[1]: match.start() for match in _END.finditer(text)}
    here = 0
    for match in _BEGIN.finditer(text):
        name, start = match[1], match.end()
        if match.start() >= here and last.get(name, -1) >= start:
            here = text.index(rf"\end{{{name}}}", start)
            yield name, range(start, here)


def _running_text(subject: Subject, section: Section) -> str:
    """The prose of a section, blank where it is code, a comment or a formula."""
    text = _COMMENT.sub(blank, without_code(section.prose))
    return without_formulas(text, subject.document.source.single_dollars)


_COMMENT = re.compile(COMMENT)

# ## Signs
#
# Markdown takes `\\(` for a bracket, and an empty line ends what `$$` has begun.
_LONE = re.compile(
    r"^(?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*(?P<sign>\$\$)[ \t]*$", re.MULTILINE
)
_INSIDE = r"(?>(?:[^\\\n]|\\[^()\[\]]|\n(?![ \t>]*\n))*)"
_ESCAPED = re.compile(rf"(?<![\\\w])(?P<sign>\\[(\[])(?P<body>{_INSIDE})\\[)\]]")
# A command, a power, an index or a lone letter; what else stands in brackets is text.
_MATH = re.compile(r"\\[A-Za-z]{2}|\^|_\{|(?<!\w)[A-Za-z]_\w\b|\A\s*[A-Za-z]\s*\Z")

# GitHub sets the formulas of a block of code that names no language but `math`.
_BLOCK = re.compile(
    r"^[ \t>]*(?P<sign>`{3,}|~{3,})[ \t]*(?P<language>\{?math\}?[ \t]*$)?[^\n]*\n"
    r"(?:(?![ \t>]*(?P=sign))[^\n]*\n)*(?:[^\n]*\n)?",
    re.MULTILINE,
)


def _unread(subject: Subject) -> Iterator[Finding]:
    """The signs around what is meant as a formula and shown as text."""
    for section in subject.document.sections:
        prose = section.prose
        for match in _BLOCK.finditer(f"{prose}\n") if "math" in prose else ():
            if match["language"]:
                message = "formulas in a block of code are shown as code; write $$ "
                message += "in place of each fence"
                yield subject.within(section, match.start("sign"), "TEX108", message)
        if "$$" not in prose and r"\(" not in prose and r"\[" not in prose:
            continue
        text = _running_text(subject, section)
        lone = [one for one in _LONE.finditer(text) if not _in_block(prose, one)]
        # The second one closes what the first has begun.
        for match in lone[::2]:
            message = "`$$` begins no formula here, so it is shown as text; write "
            message += "another below, and no empty line between"
            yield subject.within(section, match.start("sign"), "TEX108", message)
        for match in _ESCAPED.finditer(text):
            if _MATH.search(match["body"]) and not _in_block(prose, match):
                sign = match["sign"]
                dollars = "$" if sign[1] == "(" else "$$"
                message = f"`{sign}` is shown as `{sign[1]}`; write {dollars} around a "
                message += "formula, and back-ticks around code"
                yield subject.within(section, match.start("sign"), "TEX108", message)


def _in_block(prose: str, match: re.Match[str]) -> bool:
    return is_in_code_block(prose, match.start("sign"))
