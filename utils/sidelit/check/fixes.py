r"""
---
title: Fixes
summary: >
  Findings with exactly one sensible fix are fixed in place; everything else in the file
  stays as it is, down to the line endings.
---

# Fixes

A link in the wrong case and a silencer that silences nothing can be fixed without
asking. Everything else needs an author.
"""

import codecs
import io
import re
import tokenize
from collections.abc import Callable, Iterable
from pathlib import Path

from ..files import write_file
from ..model import Config
from .check import check
from .findings import Finding, order


def mend(
    config: Config,
    findings: Iterable[Finding],
    again: Callable[[Config, Callable[[str], str]], list[Finding]] = check,
) -> list[Finding]:
    """
    Write the fixes into the files, check `again`, and return the findings that are
    left.
    """
    findings = list(findings)
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.mend:
            by_path.setdefault(finding.problem.path, []).append(finding)
    if not by_path:
        return findings
    for path, those in by_path.items():
        _write(Path(config.root, path), those)
    # The second check repeats the answers of the network instead of asking again.
    told = [one.problem.message for one in findings if one.rule == "LNK104"]
    faults = {url: fault for url, _, fault in (one.partition(" ") for one in told)}
    left = again(config, lambda url: faults.get(url, ""))
    return [
        one
        for one in left
        if not (one.rule == "OKS101" and one.problem.message.startswith("LNK104"))
    ]


def _write(file: Path, findings: Iterable[Finding]) -> None:
    # A symbolic link stays one; the file that it leads to is written.
    file = file.resolve()
    data = file.read_bytes()
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    encoding = "utf-8"
    if file.suffix == ".py":
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    encoding = encoding.removesuffix("-sig")
    text = data.removeprefix(mark).decode(encoding)
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    # From the end, so that the columns before it stay valid.
    for finding in sorted(findings, key=order, reverse=True):
        number, column = finding.problem.line - 1, finding.problem.column - 1
        before, behind = lines[number][:column], lines[number][column:]
        if not behind.startswith(finding.wrong):
            continue
        rest = behind.removeprefix(finding.wrong)
        if mended := finding.mend.strip():
            lines[number] = before + mended + rest
        else:
            lines[number] = before.rstrip(" \t") + rest if before.strip() else ""
    write_file(file, mark + "".join(lines).encode(encoding))
