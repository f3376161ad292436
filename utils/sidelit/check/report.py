r"""
---
title: Reporting
summary: >
  Findings as lines of text for people, or in the formats that editors and forges read:
  JSON, the commands of GitHub's workflows, and SARIF.
---

# Reporting

People and editors read `path:line:column: RULE message`. Forges show a finding beside
its line if they get it in a format of their own.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from .. import __version__
from ..files import origin
from ..model import Problem
from ..site import address
from .findings import Finding
from .rules import RULES, rules


def report(
    findings: Iterable[Finding],
    form: str,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """
    Findings as lines of `text`, or for programs as `json`, `github` or `sarif`, which
    may have the addresses of the `pages` of rules.
    """
    found = [(one.problem, rules()[one.rule].level) for one in findings]
    if form == "github":
        return "".join(
            f"::{level} file={_escaped(one.path, ':,')},"
            # Of more than ten a step, GitHub shows only the message, without a place.
            f"line={one.line},col={one.column},title={one.rule}::{_escaped(str(one))}\n"
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
        return json.dumps(_sarif(found, pages), indent=1, ensure_ascii=False) + "\n"
    return "".join(
        str(replace(one, message=f"{'warning: ' * (level == 'warning')}{one.message}"))
        + "\n"
        for one, level in found
    )


def summary(findings: Iterable[Finding], old: int = 0) -> str:
    """
    How many findings there are, of which rules, and how many `old` ones of the baseline
    have gone.
    """
    found = list(findings)
    lines = [f"sidelit: {_count(len(found), 'finding')}" if found else _NOTHING]
    if found:
        files = len({one.problem.path for one in found})
        lines[0] += f" in {_count(files, 'file')}"
    counts = Counter(one.rule for one in found)
    for rule, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        lines.append(f"{count:7}  {rule}  {rules()[rule].summary}")
    if old:
        gone = (
            f"{_count(old, 'finding')} of the baseline {'has' if old == 1 else 'have'}"
        )
        lines.append(
            f"sidelit: {gone} gone; --write-baseline forgets what is not found"
        )
    return "".join(f"{line}\n" for line in lines)


_NOTHING = "sidelit: nothing to mend"


def written(baseline: str, count: int) -> str:
    """What `--write-baseline` did: the file, and how many findings it has now."""
    findings = _count(count, "finding") if count else "no findings"
    return f"sidelit: wrote {os.path.relpath(baseline)} with {findings}\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _escaped(text: str, also: str = "") -> str:
    return re.sub(rf"[%\r\n{also}]", lambda match: f"%{ord(match[0]):02X}", text)


def rule_pages(pages: Mapping[str, str], base_url: str) -> dict[str, str]:
    """
    Where the pages of rules are published, if that is known and they are among the
    `pages` of the site by path, as with sidelit.
    """
    places: dict[tuple[str, ...], str] = {
        ("check", "rules", f"{rule.lower()}.md"): rule for rule in rules()
    }
    return {
        rule: address(base_url, url)
        for path, url in (pages if base_url else {}).items()
        if (rule := places.get(tuple(path.split("/")[-3:])))
    }


def rule_sources() -> dict[str, str]:
    """
    The sources of these pages on the forge, if pip installed sidelit from a commit
    there.
    """
    noted = origin()
    repository = noted.get("url", "").removesuffix("/").removesuffix(".git")
    commit = noted.get("vcs_info", {}).get("commit_id")
    if not commit or not repository.startswith("https://"):
        return {}
    folder = f"{noted.get('subdirectory', '')}/sidelit/check/rules".lstrip("/")
    return {
        rule: f"{repository}/blob/{commit}/{folder}/{rule.lower()}.md" for rule in RULES
    }


def _help(rule: str, text: str, pages: Mapping[str, str]) -> dict[str, object]:
    """What a rule asks for, and where there is more about it."""
    text = f"Expected: {text}."
    if rule not in pages:
        return {"help": {"text": text}}
    more = f"{text} Examples are on {pages[rule]}."
    markdown = f"{text} [Examples]({pages[rule]})"
    return {"help": {"text": more, "markdown": markdown}, "helpUri": pages[rule]}


def _sarif(
    found: list[tuple[Problem, str]], pages: Mapping[str, str]
) -> dict[str, object]:
    here = Path.cwd()
    # Forges expect paths relative to the root of the repository.
    root = next((one for one in (here, *here.parents) if (one / ".git").exists()), here)
    base = "SRCROOT"
    listed = [
        {
            "id": name,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": f"Expected: {rule.summary}."},
            **_help(name, rule.summary, pages),
            "defaultConfiguration": {"level": rule.level},
        }
        for name, rule in rules().items()
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
    driver = {
        "name": "sidelit",
        "semanticVersion": __version__,
        "rules": listed,
    }
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
