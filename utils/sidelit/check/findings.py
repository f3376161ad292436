r"""
---
title: Findings and silencers
summary: >
  What is wrong, where, and how to fix it when there is only one way; and the comments
  with which an author overrules a rule on one line or in one row.
---

# Findings and silencers

Every rule answers in the same form: a finding. If a finding is not a mistake, a
silencer on its line says so, with a reason:

```python
x = legacy(x)  # [batch, tokens]  # sidelit: ok SHP102 because it pads to a multiple
```

On a line of its own, a silencer covers its row of the page; in prose it is written
`<!-- sidelit: ok RULE because … -->`. A silencer that silences nothing is a finding
itself, so none outlives its reason.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..model import Document, Problem
from ..read.markdown import CODE_SPAN, blank, place, without_code
from ..read.places import in_file
from .rules import rules
from .selection import Selection


@dataclass(frozen=True, slots=True)
class Finding:
    """
    ## A finding

    A problem and, if there is exactly one sensible fix, the text `mend` that replaces
    `wrong`, which begins at the place of the problem.
    """

    problem: Problem
    wrong: str = ""
    mend: str = ""

    @property
    def rule(self) -> str:
        """The identifier of the rule that is broken."""
        return self.problem.rule


def order(finding: Finding) -> tuple[str, int, int, str, str, str, str]:
    """The key that sorts findings by path and line, the same way on every run."""
    problem = finding.problem
    return (
        problem.path,
        problem.line,
        problem.column,
        problem.rule,
        problem.message,
        finding.wrong,
        finding.mend,
    )


# ## Silencers
_SILENCER = re.compile(
    r"(?:#|//|/\*|<!--)\s*sidelit:\s*ok\b(?:\s+(?P<rule>[A-Z]{3}\d{3})\s+because\s+"
    r"(?P<reason>\S.*?))?[^\n]*?\s*(?:-->|\*/|$)",
    re.MULTILINE,
)


def without_silenced(
    document: Document, findings: Iterable[Finding], untried: set[str]
) -> list[Finding]:
    """
    The findings that no silencer covers, and those about the silencers. Whether a
    silencer of an `untried` rule is still needed, nobody can tell.
    """
    path = document.source.path
    lines = document.text.split("\n")
    left = list(findings)
    for match, line, column in _silencers(document):
        rule = match["rule"]
        if rule not in rules() or not match["reason"]:
            message = "write `sidelit: ok RULE because …` with a rule and a reason"
            line, column = in_file(document, line, column)
            left.append(Finding(Problem(path, line, column, "OKS102", message)))
            continue
        alone = not lines[line - 1][: column - 1].strip()
        row = _row(document, line) if alone else range(line, line + 1)
        covered = {in_file(document, one, 1)[0] for one in row}
        line, column = in_file(document, line, column)
        kept = [
            one for one in left if one.rule != rule or one.problem.line not in covered
        ]
        if len(kept) == len(left) and rule not in untried:
            message = f"{rule} has no finding here; remove the silencer"
            problem = Problem(path, line, column, "OKS101", message)
            kept.append(Finding(problem, match[0], " "))
        left = kept
    return left


def _silencers(document: Document) -> Iterator[tuple[re.Match[str], int, int]]:
    """The silencers of a document with their lines and columns."""
    for kind, start, end in document.tokens:
        if kind.startswith("c"):
            # A line may have several, and other comments before them.
            comment = CODE_SPAN.sub(blank, document.text[start:end])
            for match in _SILENCER.finditer(comment):
                # One in prose is found there.
                if match[0].startswith("<!--"):
                    continue
                position = start + match.start()
                line = document.text.count("\n", 0, position) + 1
                yield match, line, position - document.text.rfind("\n", 0, position)
    for section in document.sections:
        prose = without_code(section.prose)
        for match in _SILENCER.finditer(prose):
            if match[0].startswith("<!--"):
                yield match, *place(document, section, match.start())


def _row(document: Document, line: int) -> range:
    """The lines of the row of the page that a line is in."""
    rows = (section.lines for section in document.sections)
    return next((row for row in rows if line in row), range(line, line + 1))


# ## In a build
def still_told(
    problems: Iterable[Problem],
    documents: Mapping[str, Document],
    pages: Mapping[str, str],
    selection: Selection,
) -> list[Problem]:
    """
    The problems of a build that neither the `selection` of rules ignores nor a silencer
    covers, so that it tells no more than a check. `documents` are by URL, and `pages`
    leads to that from a path.
    """
    left: list[Problem] = []
    by_path: dict[str, list[Problem]] = {}
    for one in problems:
        if not selection.ignores(rule_of(one), one.path):
            left.append(one)
            by_path.setdefault(one.path, []).append(one)
    silenced = set[Problem]()
    for path, found in by_path.items():
        if path and (document := documents.get(pages.get(path, ""))):
            kept = without_silenced(document, map(Finding, found), {*rules()})
            silenced |= {*found} - {one.problem for one in kept}
    return [one for one in left if one not in silenced]


def rule_of(problem: Problem) -> str:
    """The rule of a problem; one without says that there is no KaTeX."""
    return problem.rule or "TEX104"
