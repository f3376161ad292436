r"""
---
title: Checking
summary: >
  Everything that can be wrong with prose, found before a reader does: shapes, names,
  links, formulas, numbers and form.
---

# Checking

Code has tests, prose has readers, and readers seldom write in. So prose that was right
once stays on its page when it is right no longer. `sidelit check` holds it to what can
be known: the [shapes](../record/shapes.py) that runs have shown, the names that the
code has, the anchors that the pages have. It lists everything that it finds and never
stops at the first.

A finding that is no mistake is silenced on its line, with a reason:

```python
x = legacy(x)  # [batch, tokens]  # sidelit: ok SHP102 because it pads to a multiple
```

On a line of its own, a silencer speaks for its row of the page; in prose it is written
`<!-- sidelit: ok RULE because … -->`. One that silences nothing is a finding itself, so
that none outlives its reason.
"""

import builtins
import codecs
import difflib
import html
import io
import json
import keyword
import os
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from urllib.parse import quote, unquote

from ..build import Build, build
from ..files import write_file
from ..model import Config, Document, Problem, Reference, Section, Site
from ..prose.numbers import NUMBER, Numbers
from ..prose.symbols import TEXT_COMMANDS
from ..read.functions import without_prose
from ..read.markdown import CODE_SPAN, blank, place, without_blocks, without_code
from ..record.claims import claims
from ..record.observations import Record
from ..record.shapes import judge
from ..site import link_target, local_file, resolve
from ..syntax import Function
from .rules import PAGES, RULES


@dataclass(frozen=True, slots=True)
class Finding:
    """
    ## A finding

    A problem, and if there is one sure mend, the text to put in the place of the text
    that begins there.
    """

    problem: Problem
    wrong: str = ""
    mend: str = ""

    @property
    def rule(self) -> str:
        return self.problem.rule


def check(
    config: Config, external: Callable[[str], str] | None = None
) -> list[Finding]:
    """
    All findings in the sources of a project, by path and line. `external` says of an
    address what is wrong with it, or nothing; without it, nobody is asked.
    """
    built = build(config)
    assert built.site
    # A problem without a rule says that there is no KaTeX.
    found = [
        Finding(
            problem
            if problem.rule
            else Problem("pyproject.toml", 1, 1, "TEX104", problem.message)
        )
        for problem in built.problems
        # A home page that nobody has written repeats what is wrong with summaries.
        if problem.path or not problem.rule
    ]
    known = _Known(built.site)
    found += _links(built, external)
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        by_path.setdefault(finding.problem.path, []).append(finding)
    # A rule that was not tried has no finding, whatever a silencer is for.
    untried = set() if external else {"LNK104"}
    if any(not problem.rule for problem in built.problems):
        untried.add("TEX101")
    for document in built.site.documents.values():
        if path := document.source.path:
            page = _Page(document, built.record.get(path, {}), known)
            findings = [*page.findings(), *by_path.get(path, ())]
            seen = path in built.record
            shapes = set() if seen else {rule for rule in RULES if rule[:3] == "SHP"}
            by_path[path] = _without_silenced(document, findings, untried | shapes)
    obsolete = _obsolete(built.record, built.site)
    return sorted({*obsolete, *chain(*by_path.values())}, key=_order)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    problem = finding.problem
    return problem.path, problem.line, problem.column, problem.rule, problem.message


def _obsolete(record: Record, site: Site) -> Iterator[Finding]:
    path = os.path.relpath(site.config.record, site.config.root).replace(os.sep, "/")
    for source in sorted(set(record) - set(site.pages)):
        # With a part of the sources checked, those of the others are on record, too.
        if os.path.exists(os.path.join(site.config.root, source)):
            continue
        message = f"holds {source}, which is not there; run `sidelit record` again"
        yield Finding(Problem(path, 1, 1, "REC102", message))


# ## Links
def _links(built: Build, external: Callable[[str], str] | None) -> Iterator[Finding]:
    site = built.site
    assert site
    ids = {
        url: set(re.findall(r' id="([^"]+)"', data.decode()))
        for url, data in built.files.items()
        if url in site.documents
    }
    places: dict[int, dict[str, list[tuple[int, str]]]] = {}
    for reference in (*built.references, *_of_elements(site)):
        document, section = reference.document, reference.section
        if not document.source.path:
            continue
        # The parser does not say where a link stood; those with the same address come
        # in their order, and a definition may serve for several.
        if id(section) not in places:
            places[id(section)] = _destinations(section.prose)
        stand = places[id(section)].get(unquote(reference.url), [])
        offset, written = stand[0] if stand else (0, "")
        if len(stand) > 1:
            del stand[0]
        if not stand:
            offset = max(section.prose.find(reference.url), 0)
        line, column = place(document, section, offset)
        if fault := _fault(site, ids, reference, external):
            rule, message, mend = fault
            problem = Problem(document.source.path, line, column, rule, message)
            mend = quote(mend, safe="/#") if "%" in written else mend
            yield Finding(problem, written if mend else "", mend if written else "")
        if reference.alt == "":
            message = f"the picture {reference.url} has no text for who cannot see it"
            yield Finding(
                Problem(document.source.path, line, column, "FRM105", message)
            )


_ELEMENT = re.compile(r"<(a|img)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(href|src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE
)


def _of_elements(site: Site) -> Iterator[Reference]:
    """The links and pictures that are written in HTML."""
    for document in site.documents.values():
        for section in document.sections:
            if "<" not in section.prose:
                continue
            prose = without_code(section.prose)
            for match in _ELEMENT.finditer(prose):
                has = {
                    name.lower(): html.unescape(one or other)
                    for name, one, other in _ATTRIBUTE.findall(match[2])
                }
                picture = match[1].lower() == "img"
                if url := has.get("src" if picture else "href"):
                    alt = has.get("alt", "") if picture else None
                    yield Reference(document, section, url, alt)


_DESTINATION = re.compile(
    r"\]\(\s*(?:<([^<>\n]+)>|((?:[^\s()<>]|\([^\s()]*\))+))"
    r"|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*(?:<([^<>\n]+)>|([^\s<>]+))"
    r"|\b(?:href|src)\s*=\s*(?:\"([^\"]+)\"|'([^']+)')"
    r"|<(https?://[^\s<>]+)>",
    re.MULTILINE | re.IGNORECASE,
)


def _destinations(prose: str) -> dict[str, list[tuple[int, str]]]:
    """Where the addresses of links stand, and as what, by what they mean."""
    found: dict[str, list[tuple[int, str]]] = {}
    prose = without_code(prose)
    for match in _DESTINATION.finditer(prose):
        written = match[match.lastindex or 0]
        place = match.start(match.lastindex or 0), written
        found.setdefault(unquote(html.unescape(written)), []).append(place)
    return found


def _fault(
    site: Site,
    ids: dict[str, set[str]],
    reference: Reference,
    external: Callable[[str], str] | None,
) -> tuple[str, str, str] | None:
    """The rule that a link breaks, the message, and the mend if there is a sure one."""
    url, document = reference.url, reference.document
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", url):
        if external and url.lower().startswith("http") and (answer := external(url)):
            return "LNK104", f"{url} {answer}", ""
        return None
    if reference.alt is not None:
        if local_file(site, document, url) and _same_case(document, url):
            return None
        return "LNK103", f"there is no picture {url}", ""
    url = unquote(url)
    target, _, anchor = url.partition("#")
    found = resolve(site, document, url)
    if found is None:
        if local_file(site, document, target) and _same_case(document, target):
            return None
        if link_target(site, document, url) is None:
            return "LNK101", f"{url} is no address that a link may have", ""
        right = _other_case(site, document, target)
        if right:
            mend = right + url[len(target) :]
            return "LNK101", f"there is no {target}; did you mean {right}?", mend
        return "LNK101", f"there is no page or file {target}", ""
    page, _, anchor = found.partition("#")
    if not anchor or anchor in {"top", *ids[page]}:
        return None
    close = difflib.get_close_matches(anchor, sorted(ids[page]), 1)
    hint = f"; did you mean #{close[0]}?" if close else ""
    sure = [one for one in ids[page] if one.lower() == anchor.lower()]
    mend = f"{target}#{sure[0]}" if len(sure) == 1 else ""
    return "LNK102", f"{page} has no anchor #{anchor}{hint}", mend


def _same_case(document: Document, link: str) -> bool:
    """Whether the name is written as on disk, also where the disk does not care."""
    path = os.path.join(os.path.dirname(document.source.file), unquote(link))
    folder = os.path.dirname(os.path.normpath(path))
    return not os.path.isdir(folder) or os.path.basename(path) in os.listdir(folder)


def _other_case(site: Site, document: Document, target: str) -> str:
    folder = os.path.dirname(document.source.path)
    for path in filter(None, site.pages):
        written = os.path.relpath(path, folder or ".").replace(os.sep, "/")
        if written.lower() == target.lower() and written != target:
            return written
    return ""


# ## Names
#
# What all pages share: whatever any source defines, and the words that tables and lists
# of the prose introduce.
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_CODE_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\(\))?")
_INTRODUCED = re.compile(r"^\s*\|\s*((?:`[^`|]+`[, ]*)+)\|", re.MULTILINE)
_FILE = re.compile(
    r".*\.(?:py|md|json|toml|txt|html|css|js|cjs|svg|png|jpg|gz|npz|pt|in|yml|yaml|cfg)"
)


class _Known:
    def __init__(self, site: Site) -> None:
        self.common = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist}
        self.common |= sys.stdlib_module_names
        self.names: set[str] = {*self.common, *site.config.names}
        self.imported = {*sys.stdlib_module_names, *site.config.names}
        self.words: set[str] = set()
        for document in site.documents.values():
            if document.syntax:
                self.names |= document.syntax.spoken()
                self.imported |= document.syntax.known
                self.names.update(document.source.module.split("."))
            for section in document.sections:
                # A home page that nobody has written repeats prose without its marks.
                if document.source.path:
                    prose = without_code(section.prose).lower()
                    self.words.update(re.findall(r"[a-z]+", prose))
                for match in _INTRODUCED.finditer(section.prose):
                    self.names.update(_IDENTIFIER.findall(match[1]))
        explained = (
            _inline_symbols(section.prose)
            for document in site.documents.values()
            for section in document.sections
            if "|" in section.prose
        )
        self.symbols = set().union(*explained)
        self.numbers = Numbers(site.config)


# ## One page
class _Page:
    """The checks that need one document, its observations and what all pages share."""

    def __init__(
        self, document: Document, record: dict[str, dict[str, object]], known: _Known
    ) -> None:
        self.document = document
        self.record = record
        self.known = known
        self.is_python = document.source.language == "python"
        self.syntax = document.syntax
        self.functions = document.syntax.functions if document.syntax else ()

    @cached_property
    def identifiers(self) -> set[str]:
        code = (
            without_prose(self.document.text, self.document.tokens, self.syntax.strings)
            if self.syntax
            else [
                line
                for section in self.document.sections
                for span in section.code
                for line in self.document.text.split("\n")[
                    span.start - 1 : span.stop - 1
                ]
            ]
        )
        return set(_IDENTIFIER.findall("\n".join(code)))

    def findings(self) -> Iterator[Finding]:
        yield from self._form()
        yield from self._symbols()
        yield from self._numbers()
        for section in self.document.sections:
            yield from self._names(section)
        if self.is_python:
            yield from self._arguments()
            yield from self._shapes()

    def _at(self, line: int, column: int, rule: str, message: str) -> Finding:
        return Finding(Problem(self.document.source.path, line, column, rule, message))

    def _in(self, section: Section, offset: int, rule: str, message: str) -> Finding:
        return self._at(*place(self.document, section, offset), rule, message)

    # ### Shapes
    def _shapes(self) -> Iterator[Finding]:
        fits = {}
        by_name = {one.qualname: one for one in self.functions}
        for name, entry in sorted(self.record.items()):
            function = by_name.get(name)
            if function is None or function.digest != entry["source"]:
                line = function.first if function else 1
                what = f"`{name}`" if name else "the module"
                message = f"{what} has changed since it was recorded; record it again"
                yield self._at(line, 1, "REC102", message)
            else:
                fits[name] = entry["calls"]
        said = claims(self.document, self.functions)
        for verdict in judge(said, fits):  # type: ignore[arg-type]
            claim = verdict.claim
            about = {
                "": "it",
                "return": "the result",
                "yield": "what it yields",
            }.get(claim.name, f"`{claim.name}`")
            rule, message = {
                "rank": ("SHP101", f"{about} {verdict.why}"),
                "size": ("SHP102", f"{about} {verdict.why}"),
                "unseen": ("SHP103", f"{about} was in no recorded run"),
                "unbound": ("SHP104", "it is not clear what has this shape"),
                "ok": ("", ""),
            }[verdict.kind]
            if not (claim.shapes or claim.like):
                message = "these sizes cannot be read"
            # Outside of functions, prose may speak of shapes in general.
            if rule and (claim.function or rule != "SHP104"):
                yield self._at(
                    claim.line, claim.column, rule, f"{claim.text}: {message}"
                )

    # ### Names
    def _names(self, section: Section) -> Iterator[Finding]:
        prose = without_blocks(section.prose)
        for match in CODE_SPAN.finditer(prose):
            name = _CODE_NAME.fullmatch(match[1])
            if self.is_python and (meant := self._meant(match[1])):
                message = f"there is no `{match[1]}`; did you mean `{meant}`?"
                yield self._in(section, match.start(1), "NAM104", message)
            if (
                name is None
                or not _looks_like_code(match[1])
                or _FILE.fullmatch(match[1])
            ):
                continue
            parts = name[1].split(".")
            if self._exists(parts):
                continue
            own = self.identifiers if self.is_python else self.known.names
            near = {one for one in own - self.known.common if not one.startswith("_")}
            hint = _hint(parts[-1], near)
            message = f"there is no `{name[1]}` in this module or on the site{hint}"
            yield self._in(section, match.start(1), "NAM101", message)

    def _meant(self, word: str) -> str:
        """The name that a plain word is a slip away from, if it is no word or name."""
        if not re.fullmatch(r"[a-z]{5,}", word) or word in self._all_names:
            return ""
        if word in self.known.words:
            return ""
        return next((one for one in sorted(self._bound) if _is_slip(word, one)), "")

    def _exists(self, parts: list[str]) -> bool:
        if re.fullmatch(r"__\w+__", parts[-1]):
            return True
        # What is behind the name of a package or class of others is theirs to know.
        if len(parts) > 1 and parts[0] in self.known.imported:
            return True
        return all(part in self._all_names for part in parts)

    @cached_property
    def _bound(self) -> set[str]:
        targets = (
            name.rpartition(".")[2]
            for function in self.functions
            for one in function.statements
            for name in one.targets
        )
        return (self.syntax.spoken() if self.syntax else set()).union(targets)

    @cached_property
    def _all_names(self) -> set[str]:
        return self.known.names | self.identifiers

    # ### Arguments
    def _arguments(self) -> Iterator[Finding]:
        sections = {
            section.qualname: section
            for section in self.document.sections
            if section.kind in ("class", "function") and section.prose
        }
        for function in self.functions:
            outer, _, name = function.qualname.rpartition(".")
            if "#" in function.qualname:
                continue
            if name == "__init__" and outer in sections:
                known = self._of_class(outer)
                yield from self._bullets(sections[outer], function, known)
            section = sections.get(function.qualname)
            if section is None:
                continue
            yield from self._bullets(section, function, set(function.parameters))
            own = [one for one in function.parameters if one not in ("self", "cls")]
            listed = {name for group in _lists(section.prose) for name, _ in group}
            if not listed.intersection(own):
                continue
            mentioned = listed | set(re.findall(r"`\*{0,2}([\w.]+)`", section.prose))
            for missing in own:
                if missing not in mentioned:
                    message = f"`{missing}` is the argument that nobody explains"
                    yield self._in(section, 0, "NAM103", message)

    def _bullets(
        self, section: Section, function: Function, known: set[str]
    ) -> Iterator[Finding]:
        own = [one for one in function.parameters if one not in ("self", "cls")]
        for group in _lists(section.prose):
            right = sum(name.partition(".")[0] in known for name, _ in group)
            for name, offset in group:
                root = name.partition(".")[0]
                hint = _hint(root, own)
                # A list of other things may stand in the same docstring. A name that is
                # nowhere in the code and much like an argument was one.
                stale = hint and root not in self._all_names
                if root not in known and (2 * right >= len(group) or stale):
                    message = f"`{function.name}` has no argument `{name}`{hint}"
                    yield self._in(section, offset, "NAM102", message)

    def _of_class(self, qualname: str) -> set[str]:
        """What a class has: methods, what they are given, attributes and classes."""
        names = {"self"}
        for function in self.functions:
            if function.qualname.startswith(f"{qualname}."):
                names |= {function.name, *function.parameters}
                targets = (name for one in function.statements for name in one.targets)
                for dotted in (*targets, *function.chains):
                    names.update(dotted.split(".")[1:])
        if self.syntax:
            names |= self.syntax.spoken(qualname.split(".")[-1])
        return names

    # ### Formulas
    def _symbols(self) -> Iterator[Finding]:
        explained = set(self.known.symbols)
        for section in self.document.sections:
            explained |= _inline_symbols(section.prose)
        seen: set[str] = set()
        for section in self.document.sections:
            prose = without_blocks(section.prose)
            for formula in _DISPLAY.finditer(prose):
                for symbol, offset in _symbols(_UNEXPLAINED.sub(blank, formula[1])):
                    if symbol not in explained and symbol not in seen:
                        seen.add(symbol)
                        message = f"${symbol}$ is used here and explained nowhere"
                        start = formula.start(1) + offset
                        yield self._in(section, start, "TEX103", message)

    # ### Numbers
    def _numbers(self) -> Iterator[Finding]:
        told: set[str] = set()
        for section in self.document.sections:
            if "{{" not in section.prose:
                continue
            for match in re.finditer(NUMBER, without_code(section.prose)):
                changed: dict[str, list[str]] = {}
                for result, source in self.known.numbers.outdated(match[0]):
                    changed.setdefault(result, []).append(source)
                for result in changed.keys() - told:
                    told.add(result)
                    message = (
                        f"{result} was recorded before {' and '.join(changed[result])} "
                        "changed; record it again"
                    )
                    yield self._in(section, match.start(), "NUM102", message)

    # ### Form
    def _form(self) -> Iterator[Finding]:
        document = self.document
        first = document.sections[0]
        opening = self._front_matter()
        # Comments of other languages have no place for front matter.
        wanted = document.source.language in ("python", "markdown")
        for key in ("title", "summary"):
            if wanted and not re.search(rf"^{key}:", opening, re.MULTILINE):
                message = f"front matter has no {key}; begin with --- {key}: … ---"
                yield self._at(max(first.prose_line, 1), 1, "FRM104", message)
        length = len(document.summary)
        if "summary:" in opening and not 50 <= length <= 200:
            message = f"the summary has {length} characters; 50 to 200 are shown whole"
            yield self._at(max(first.prose_line, 1), 1, "FRM108", message)
        level = 1
        for number, section in enumerate(document.sections):
            prose = without_blocks(section.prose)
            for match in _HEADING.finditer(prose):
                depth = len(match["signs"] or "") or 1 + (match["line"][0] == "-")
                if depth == 1 and (number or prose[: match.start()].strip()):
                    message = "a second heading of the first level; use ##"
                    yield self._in(section, match.start(), "FRM103", message)
                elif depth > level + 1:
                    message = f"a heading of level {depth} below one of level {level}"
                    yield self._in(section, match.start(), "FRM102", message)
                level = depth
            yield from self._lengths(section)

    def _front_matter(self) -> str:
        lines = self.document.text.split("\n")
        # A licence or a line for the shell may stand above a docstring.
        statements = self.syntax.statements if self.syntax else ()
        first = statements[0].first - 1 if statements else 0
        match = _FRONT_MATTER.match("\n".join(lines[first:]))
        return match[0] if match else ""

    def _lengths(self, section: Section) -> Iterator[Finding]:
        lines = self.document.text.split("\n")
        count = section.prose.count("\n") + 1 if section.prose else 0
        # What stands in a block of code is code.
        prose = without_blocks(section.prose).split("\n")
        for number in range(section.prose_line, section.prose_line + count):
            text = lines[number - 1]
            if not prose[number - section.prose_line].strip():
                continue
            # An address or the row of a table cannot be broken.
            if len(text) > 88 and not re.search(r"\S{60}|^\s*\|", text):
                message = f"the line has {len(text)} characters"
                yield self._at(number, 89, "FRM107", message)
        if section.kind == "note" and count > 16:
            message = f"a comment of {count} lines; say less, or make it a docstring"
            yield self._at(section.prose_line, 1, "FRM109", message)
        code = [number for span in section.code for number in span if lines[number - 1]]
        if self.is_python and not section.prose.strip() and len(code) > 40:
            message = f"{len(code)} lines of code without a word"
            yield self._at(code[0], 1, "FRM106", message)


_HEADING = re.compile(
    r"^[ ]{0,3}(?:(?P<signs>\#{1,6})[ \t]+\S"
    r"|(?![ ]|[-*+>|\#]|\d+[.)]|<)\S.*\n[ ]{0,3}(?P<line>=+|-+)[ \t]*$)",
    re.MULTILINE,
)
_FRONT_MATTER = re.compile(
    r"(?:\w*(?:\"{3}|'{3})\\?)?\s*---[ \t]*\n[\s\S]*?^[ \t]*---", re.MULTILINE
)
_BULLET = re.compile(
    r"^[ \t]*[*+-][ \t]+((?:`\*{0,2}[\w.]+`(?:,[ \t]*|[ \t]+and[ \t]+)?)+)",
    re.MULTILINE,
)
_PARAM = re.compile(r"^[ \t]*:param[ \t]+(?:[^:\n]*[ \t])?\*{0,2}(\w+):", re.MULTILINE)
_OTHER_TEXT = re.compile(r"\n[ \t]*\n(?![ \t]|[*+-][ \t])")


def _lists(prose: str) -> Iterator[list[tuple[str, int]]]:
    """The names that begin the bullets of each list, with their places."""
    params = [(match[1], match.start(1)) for match in _PARAM.finditer(prose)]
    if params:
        yield params
    start = 0
    for end in (*(match.end() for match in _OTHER_TEXT.finditer(prose)), len(prose)):
        named = [
            (name[1], match.start(1) + name.start(1))
            for match in _BULLET.finditer(prose, start, end)
            for name in re.finditer(r"`\*{0,2}([\w.]+)`", match[1])
        ]
        if named:
            yield named
        start = end


def _hint(name: str, near: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(near), 1)
    return f"; did you mean `{close[0]}`?" if close else ""


_ENDINGS = re.compile(r"(?:[eious]|e?[drs]|ing)?")


def _is_slip(word: str, name: str) -> bool:
    """Letters left out, doubled or swapped, but no other form of the same word."""
    short, long = sorted((word, name), key=len)
    if long.startswith(short) and _ENDINGS.fullmatch(long, len(short)):
        return False
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    return alike >= (0.75 if sorted(word) == sorted(name) else 0.85)


_DISPLAY = re.compile(r"\$\$([\s\S]+?)\$\$")
_INLINE = re.compile(r"(?<![\\$\w])\$([^$\n]+(?:\n[^$\n]+)?)\$(?!\$)")
_SYMBOL = re.compile(r"\\(?P<command>[a-zA-Z]+)|(?P<letter>[a-zA-Z])")
_GREEK = re.compile(
    r"(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|pi"
    r"|rho|sigma|tau|phi|chi|psi|omega)|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi"
    r"|Omega|ell"
)


# What everybody knows, $\\pi$, $e$, $i$ and $dx$, and the indices of other symbols.
_UNEXPLAINED = re.compile(
    r"\\pi(?![a-zA-Z])|(?<![\\a-zA-Z])(?:[ei](?![a-zA-Z])|d(?=[ ]?\\?[a-zA-Z]))"
    r"|_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+(?:\{[^{}]*\})?|[a-zA-Z])"
)


def _symbols(formula: str) -> Iterator[tuple[str, int]]:
    """The letters of a formula, those of `\\operatorname{softmax}` left out."""
    letters = TEXT_COMMANDS.sub(blank, formula)
    for match in _SYMBOL.finditer(letters):
        if match["letter"]:
            yield match["letter"], match.start()
        elif _GREEK.fullmatch(match["command"]):
            yield match[0], match.start()


def _inline_symbols(prose: str) -> set[str]:
    return {
        symbol for match in _INLINE.finditer(prose) for symbol, _ in _symbols(match[1])
    }


def _looks_like_code(text: str) -> bool:
    return bool(
        "_" in text.strip("_")
        or "." in text
        or text.endswith("()")
        or re.search(r"[a-z\d][A-Z]", text)
    )


# ## Silencers
_SILENCER = re.compile(
    r"(?:#|//|/\*|<!--)\s*sidelit:\s*ok\b(?:\s+(?P<rule>[A-Z]{3}\d{3})\s+because\s+"
    r"(?P<reason>\S.*?))?[^\n]*?\s*(?:-->|\*/|$)",
    re.MULTILINE,
)


def _silencers(document: Document) -> Iterator[tuple[re.Match[str], int, int]]:
    """The silencers of a document with their lines and columns."""
    for kind, start, end in document.tokens:
        if kind.startswith("c"):
            # More than one may stand behind a line, and other comments before them.
            comment = CODE_SPAN.sub(blank, document.text[start:end])
            for match in _SILENCER.finditer(comment):
                position = start + match.start()
                line = document.text.count("\n", 0, position) + 1
                yield match, line, position - document.text.rfind("\n", 0, position)
    for section in document.sections:
        prose = without_code(section.prose)
        for match in _SILENCER.finditer(prose):
            if match[0].startswith("<!--"):
                yield match, *place(document, section, match.start())


def _without_silenced(
    document: Document, findings: list[Finding], untried: set[str]
) -> list[Finding]:
    """
    The findings that no silencer is for, and those about silencers: of rules that were
    not tried, no one can tell whether they are needed.
    """
    path = document.source.path
    lines = document.text.split("\n")
    left = findings
    for match, line, column in _silencers(document):
        rule = match["rule"]
        if rule not in RULES or not match["reason"]:
            message = "write `sidelit: ok RULE because …` with a rule and a reason"
            left.append(Finding(Problem(path, line, column, "OKS102", message)))
            continue
        alone = not lines[line - 1][: column - 1].strip()
        covered = _row(document, line) if alone else range(line, line + 1)
        kept = [
            one for one in left if one.rule != rule or one.problem.line not in covered
        ]
        if len(kept) == len(left) and rule not in untried:
            message = f"{rule} has no finding here; remove the silencer"
            problem = Problem(path, line, column, "OKS101", message)
            kept.append(Finding(problem, match[0], " "))
        left = kept
    return left


def _row(document: Document, line: int) -> range:
    for section in document.sections:
        lines = [number for span in section.code for number in span]
        if section.prose_line:
            count = section.prose.count("\n") + 1
            lines += range(section.prose_line, section.prose_line + count)
        if lines and min(lines) <= line <= max(lines):
            return range(min(lines), max(lines) + 1)
    return range(line, line + 1)


# ## Mending
def mend(config: Config, findings: Iterable[Finding]) -> list[Finding]:
    """
    Write the sure mends into the files. Returns the findings that are left, which
    another look at the sources tells.
    """
    findings = list(findings)
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.mend:
            by_path.setdefault(finding.problem.path, []).append(finding)
    if not by_path:
        return findings
    for path, those in by_path.items():
        # Behind a symbolic link, it is the file itself that is written.
        file = Path(config.root, path).resolve()
        data = file.read_bytes()
        # Everything else stays as it is, to the ends of the lines.
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        encoding = "utf-8"
        if file.suffix == ".py":
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.removeprefix(mark).decode(encoding.removesuffix("-sig"))
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        # From the end, so that the columns before stay what they are.
        for finding in sorted(those, key=_order, reverse=True):
            number, column = finding.problem.line - 1, finding.problem.column - 1
            before, behind = lines[number][:column], lines[number][column:]
            if not behind.startswith(finding.wrong):
                continue
            rest = behind.removeprefix(finding.wrong)
            if mended := finding.mend.strip():
                lines[number] = before + mended + rest
            else:
                lines[number] = before.rstrip(" \t") + rest if before.strip() else ""
        write_file(file, mark + "".join(lines).encode(encoding.removesuffix("-sig")))
    # What the network has said is not asked again.
    told = [one.problem.message for one in findings if one.rule == "LNK104"]
    said = {url: fault for url, _, fault in (one.partition(" ") for one in told)}
    left = check(config, lambda url: said.get(url, ""))
    return [
        one
        for one in left
        if not (one.rule == "OKS101" and one.problem.message.startswith("LNK104"))
    ]


# ## Telling
def report(findings: Iterable[Finding], form: str) -> str:
    """The findings as lines of text, or for programs as `json`, `github` or `sarif`."""
    found = [(one.problem, RULES[one.rule].level) for one in findings]
    if form == "github":
        return "".join(
            f"::{level} file={_escaped(one.path, ':,')},"
            f"line={one.line},col={one.column},title={one.rule}::{_escaped(one.message)}\n"
            for one, level in found
        )
    if form == "json":
        entries = [
            {
                "path": one.path,
                "line": one.line,
                "column": one.column,
                "rule": one.rule,
                "level": level,
                "message": one.message,
            }
            for one, level in found
        ]
        return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
    if form == "sarif":
        return json.dumps(_sarif(found), indent=1, ensure_ascii=False) + "\n"
    return "".join(
        str(replace(one, message=f"{'warning: ' * (level == 'warning')}{one.message}"))
        + "\n"
        for one, level in found
    )


def _escaped(text: str, also: str = "") -> str:
    return re.sub(rf"[%\r\n{also}]", lambda match: f"%{ord(match[0]):02X}", text)


def _sarif(found: list[tuple[Problem, str]]) -> dict[str, object]:
    here = Path.cwd()
    # Forges want paths as seen from the root of the repository.
    root = next((one for one in (here, *here.parents) if (one / ".git").exists()), here)
    base = "SRCROOT"
    rules = [
        {
            "id": name,
            "shortDescription": {"text": rule.text},
            "helpUri": f"{PAGES}rules/{name.lower()}.html",
            "defaultConfiguration": {"level": rule.level},
        }
        for name, rule in RULES.items()
    ]
    results = [
        {
            "ruleId": one.rule,
            "level": level,
            "message": {"text": one.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": quote(
                                os.path.relpath(one.path, root).replace(os.sep, "/")
                            ),
                            "uriBaseId": base,
                        },
                        "region": {"startLine": one.line, "startColumn": one.column},
                    }
                }
            ],
        }
        for one, level in found
    ]
    driver = {"name": "sidelit", "informationUri": PAGES, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "originalUriBaseIds": {base: {"uri": f"{root.as_uri()}/"}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
