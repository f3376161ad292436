r"""
---
title: Numbers
summary: >
  NUM: numbers that prose quotes come from runs of the code as it is now, not as it was
  before somebody changed it.
---

# Numbers

A quoted number cannot be miscopied, because it [comes from its
result](../prose/numbers.py) when the page is made. But it can be out of date: the
result says which sources it was measured with, and they may have changed since.
"""

import re
from collections.abc import Iterator

from ..prose.numbers import NUMBER
from ..read.markdown import without_code
from .findings import Finding
from .subject import Subject


def findings(subject: Subject) -> Iterator[Finding]:
    """The first quotation of each result that is older than its sources."""
    reported: set[str] = set()
    for section in subject.document.sections:
        if "{{" not in section.prose:
            continue
        for match in re.finditer(NUMBER, without_code(section.prose)):
            changed: dict[str, list[str]] = {}
            for result, source in subject.numbers.outdated(match[0]):
                changed.setdefault(result, []).append(source)
            for result, sources in changed.items():
                if result not in reported:
                    reported.add(result)
                    message = (
                        f"{result} was recorded before {' and '.join(sources)} "
                        "changed; record it again"
                    )
                    yield subject.within(section, match.start(), "NUM102", message)
