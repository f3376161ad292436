r"""
---
title: The baseline
summary: >
  The findings that a project had when it was first checked, so that only new ones are
  reported and the old ones can be fixed at leisure.
---

# The baseline

An old repository has findings that nobody can fix in a day. `--write-baseline` lists
them in a file to commit, and from then on only new ones are reported. A finding is
identified by its file, its rule and the text of its line, so it may move. Once somebody
edits the line, it is reported again: that is the time to fix it.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable

from ..files import is_inside, write_named
from ..model import Config, usage_error
from .findings import Finding

# By path, rule and text, the number of findings.
_Known = Counter[tuple[str, str, str]]
# So much of a line tells it from others.
_LENGTH = 100


def require_baseline(config: Config) -> None:
    """Raise `SidelitError` if there is no file, though a command line names it."""
    if not os.path.isfile(config.baseline):
        place = os.path.relpath(config.baseline)
        raise usage_error(
            f"baseline: there is no file {place}; `sidelit check --write-baseline "
            f"--baseline {place}` makes it"
        )


def without_known(
    findings: Iterable[Finding], config: Config
) -> tuple[list[Finding], int]:
    """
    The findings that are not in the baseline, and how many that are in it were not
    found. Where a line has more of a kind than it had, all of these are new. Raises
    `SidelitError` if the file is no baseline.
    """
    known, findings = _read(config), list(findings)
    keys = [*_keys(findings, config)]
    found = Counter(keys)
    new = [
        finding
        for finding, key in zip(findings, keys, strict=True)
        if found[key] > known[key]
    ]
    gone = {
        key: count for key, count in (known - found).items() if _is_here(key, config)
    }
    return new, sum(gone.values())


def write_baseline(findings: Iterable[Finding], config: Config) -> int:
    """
    Write the findings down, and keep what is known of files beside the sources. Return
    how many there are in all.
    """
    elsewhere = {
        key: count for key, count in _read(config).items() if not _is_here(key, config)
    }
    table: dict[str, dict[str, dict[str, int]]] = {}
    counts = Counter(_keys(findings, config)) | Counter(elsewhere)
    for (path, rule, text), count in sorted(counts.items()):
        table.setdefault(path, {}).setdefault(rule, {})[text] = count
    text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    write_named(config.baseline, text.encode())
    return counts.total()


def _read(config: Config) -> _Known:
    known: _Known = Counter()
    try:
        with open(config.baseline, encoding="utf-8") as file:
            table = json.load(file)
        for path, rules in table.items():
            for rule, lines in rules.items():
                for text, count in lines.items():
                    known[path, rule, text] = int(count)
    except FileNotFoundError:
        pass
    except (ValueError, TypeError, AttributeError):
        place = os.path.relpath(config.baseline)
        raise usage_error(
            f"baseline: {place} is no baseline; delete it, or name another file if it "
            "holds something else, and run `sidelit check --write-baseline`"
        ) from None
    return known


def _keys(
    findings: Iterable[Finding], config: Config
) -> Iterable[tuple[str, str, str]]:
    """The path, the rule and the text of the line of each finding."""
    lines: dict[str, list[str]] = {}
    for finding in findings:
        problem = finding.problem
        if problem.path not in lines:
            lines[problem.path] = _lines(os.path.join(config.root, problem.path))
        text = "".join(lines[problem.path][problem.line - 1 : problem.line])
        yield problem.path, finding.rule, " ".join(text.split())[:_LENGTH]


def _lines(file: str) -> list[str]:
    try:
        # Universal line ends, as a finding counts them.
        with open(file, encoding="utf-8", errors="replace") as opened:
            return opened.read().split("\n")
    except OSError:
        return []


def _is_here(key: tuple[str, str, str], config: Config) -> bool:
    """Whether a file is among the sources that are checked, or was."""
    file = os.path.join(config.root, key[0])
    return any(is_inside(file, source) for source, _ in config.sources)
