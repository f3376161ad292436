r"""
---
title: Checking
summary: >
  Everything that can be wrong with prose, found before a reader does: every family of
  rules sees every document, and silencers have the last word.
---

# Checking

Code has tests, prose has readers, and readers seldom write in. So prose that was right
once stays on its page after it has become wrong. `sidelit check` holds it to what can
be known: the [shapes](../record/shapes.py) that runs have shown, the names that the
code has, the anchors that the pages have. It reports everything that it finds and never
stops at the first finding.

A family of rules is a function from a [subject](subject.py) to its findings. A new
family is a module like [numbers](numbers.py) and a line in the list below; a new rule
is code in its family, an entry among the [rules](rules.py) and a page of examples.
The rules of [plugins](../plugins.py) come after these.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from ..build import Pipeline
from ..cache import Cache, Memory
from ..config import Sources
from ..files import is_at
from ..model import Config, Problem, SidelitError, at_fault, told
from ..record.observations import Record
from ..steps.made import Build
from . import form, formulas, links, names, numbers, shapes
from .findings import Finding, order, rule_of, without_silenced
from .rules import RULES, added_rules, rules
from .selection import Selection
from .subject import Subject, subjects

FAMILIES = (
    form.findings,
    formulas.findings,
    links.findings,
    names.findings,
    numbers.findings,
    shapes.findings,
)


def check(
    config: Config,
    external: Callable[[str], str] | None = None,
    cache: Cache | None = None,
    jobs: int | None = 1,
    drafts: bool = False,
    around: Sources = (),
) -> list[Finding]:
    """
    All findings in the sources of a project, by path and line, and with `drafts` in
    those, too. The sources `around` them are known, and what is wrong there is not
    told. `external` says of an address what is wrong with it, or nothing; without it,
    the network is not asked. The `cache` and the number of `jobs` are those of the
    [build](../build.py). Raises `SidelitError` if the settings select a rule that there
    is not.
    """
    return checked(config, external, cache, jobs, drafts, around)[0]


def checked(
    config: Config,
    external: Callable[[str], str] | None = None,
    cache: Cache | None = None,
    jobs: int | None = 1,
    drafts: bool = False,
    around: Sources = (),
) -> tuple[list[Finding], Build]:
    """The same, with the build in which they were found."""
    selection = Selection(config)
    pipeline = Pipeline(cache or Memory(), jobs, drafts=drafts)
    paths = [path for path, _ in config.sources] if around else []
    known = config.replace(sources=(*around, *config.sources))
    built = pipeline.prepare(known).build(paths)
    by_path: dict[str, list[Finding]] = {}
    for problem in _problems(built, paths, config.root):
        by_path.setdefault(problem.path, []).append(Finding(problem))
    without_katex = any(not problem.rule for problem in built.problems)
    for subject in subjects(built, config.names, external):
        if isinstance(subject, Problem):
            by_path.setdefault(subject.path, []).append(Finding(subject))
            continue
        source = subject.document.source
        path = source.path
        findings = by_path.get(path, [])
        for family in (*FAMILIES, partial(_of_plugins, selection)):
            try:
                with at_fault(source):
                    findings += [*family(subject)]
            except SidelitError as error:
                findings.append(Finding(error.problem))
        untried = _untried(subject, without_katex)
        untried |= {rule for rule in rules() if not selection.has(rule, path)}
        by_path[path] = without_silenced(subject.document, findings, untried)
    record = os.path.relpath(config.record, config.root).replace(os.sep, "/")
    found = {one for findings in by_path.values() for one in findings}
    if not around or is_at(config.record, paths):
        found |= {*_obsolete(built.record, record, built.site.pages, config.root)}
    selected = [one for one in found if selection.has(one.rule, one.problem.path)]
    return sorted(selected, key=order), built


def _of_plugins(selection: Selection, subject: Subject) -> Iterator[Finding]:
    """What the rules of plugins find, of those that apply."""
    for name, (plugin, rule) in added_rules().items():
        if not selection.has(name, subject.document.source.path):
            continue
        try:
            found = [*rule.findings(subject)]
            for one in found:
                if not isinstance(one, Finding) or one.rule != name:
                    raise TypeError(
                        f"it gave {one!r}, which is not a finding of {name}"
                    )
        except (Exception, SystemExit) as error:
            message = f"the plugin {plugin} failed: {told(error)}"
            yield subject.at(1, 1, "SRC107", message)
        else:
            yield from found


def _problems(built: Build, paths: Sequence[str], root: str) -> Iterator[Problem]:
    """
    What the steps before this one have found, such as formulas that do not parse, in
    the sources at some paths, or without these in all.
    """
    for problem in built.problems:
        if not problem.rule:
            place = "pyproject.toml"
            yield Problem(place, 1, 1, rule_of(problem), problem.message)
        # The generated home page repeats what is wrong with summaries.
        elif problem.path and (
            not paths or is_at(os.path.join(root, problem.path), paths)
        ):
            yield problem


# A rule that was not tried has no finding, so its silencers may still be needed.
def _untried(subject: Subject, without_katex: bool) -> set[str]:
    untried = set() if subject.external else {"LNK104"}
    if without_katex:
        untried.add("TEX101")
    if subject.observations is None:
        untried |= {rule for rule in RULES if rule.startswith("SHP")}
    return untried


def _obsolete(
    record: Record, place: str, checked: Iterable[str], root: str
) -> Iterator[Finding]:
    """What is on record in the file `place` for sources that no longer exist."""
    for source in sorted(set(record) - set(checked)):
        # If only some of the sources are checked, the others may be on record, too.
        if not os.path.exists(os.path.join(root, source)):
            message = f"holds {source}, which is gone; run `sidelit record` again"
            yield Finding(Problem(place, 1, 1, "REC102", message))
