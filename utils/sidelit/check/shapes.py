r"""
---
title: Shapes
summary: >
  SHP: shapes in prose agree with the shapes that recorded runs have shown; and the
  record itself fits the code.
---

# Shapes

A comment that states a wrong shape is worse than none. [Claims](../record/claims.py)
about shapes are held to what runs have shown. A function that has changed since it was
recorded proves nothing, so its record is not used but reported.
"""

from collections.abc import Iterator

from ..record.claims import claims
from ..record.shapes import judge
from .findings import Finding
from .subject import Subject

_SUBJECTS = {"": "it", "return": "the result", "yield": "what it yields"}

# The rule for each kind of verdict, and what it says of the subject of the claim.
_RULES = {
    "rank": ("SHP101", "{about} {why}"),
    "size": ("SHP102", "{about} {why}"),
    "unseen": ("SHP103", "{about} was not seen in any recorded run"),
    "unbound": ("SHP104", "it is not clear what has this shape"),
}


def findings(subject: Subject) -> Iterator[Finding]:
    """Wrong, unseen and unclear shapes, and what is on record but has changed."""
    if not subject.is_python:
        return
    by_name = {one.qualname: one for one in subject.functions}
    calls = {}
    for name, entry in sorted((subject.observations or {}).items()):
        function = by_name.get(name)
        if function and function.digest == entry["source"]:
            calls[name] = entry["calls"]
            continue
        what = f"`{name}`" if name else "the module"
        message = f"{what} has changed since it was recorded; record it again"
        yield subject.at(function.first if function else 1, 1, "REC102", message)
    for verdict in judge(claims(subject.document, subject.functions), calls):
        claim = verdict.claim
        if verdict.kind not in _RULES:
            continue
        rule, form = _RULES[verdict.kind]
        # Outside functions, prose may speak of shapes in general.
        if rule == "SHP104" and not claim.function:
            continue
        about = _SUBJECTS.get(claim.name, f"`{claim.name}`")
        message = form.format(about=about, why=verdict.why)
        if not (claim.shapes or claim.like):
            message = "these sizes cannot be read"
        yield subject.at(claim.line, claim.column, rule, f"{claim.text}: {message}")
