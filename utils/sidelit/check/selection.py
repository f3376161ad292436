r"""
---
title: Which rules apply
summary: >
  The rules that a project selects and ignores, for all of its files or for some, in the
  notation of ruff.
---

# Which rules apply

With `select`, `ignore` and `per-file-ignores` a project says which rules it wants. They
work as in [ruff](https://docs.astral.sh/ruff/linter/#rule-selection): a rule is named
by its identifier or a prefix of it, `FRM` for a family and `ALL` for everything, and
the longer name wins. Without `select`, only the rules apply that find mistakes. Those
about the form of writing are opt-in.

Whether a source can be read is always checked, because what cannot be read cannot be
checked.
"""

import re
from collections.abc import Sequence

from ..model import Config, usage_error
from ..read.discover import matcher
from ..settings import nearest
from .rules import rules


class Selection:
    """
    ## A selection

    Raises `SidelitError` for the name of a rule that there is not.
    """

    def __init__(self, config: Config) -> None:
        for setting, names in (
            ("select", config.select),
            ("ignore", config.ignore),
            *(("per-file-ignores", names) for _, names in config.per_file_ignores),
        ):
            _check(setting, names)
        self._rules = {name for name in rules() if _applies(name, config)}
        self._per_file = [
            (matcher([pattern.removeprefix("!")]), pattern[0] == "!", names)
            for pattern, names in config.per_file_ignores
        ]
        self._ignored = {name for name in rules() if _is_ignored(name, config)}

    def has(self, rule: str, path: str) -> bool:
        """Whether a rule applies to a file, given its path in the project."""
        return rule in self._rules and not self._is_ignored_in(path, rule)

    def ignores(self, rule: str, path: str) -> bool:
        """
        Whether the settings ignore a rule in a file. One that was only not selected is
        not ignored: a build tells it all the same.
        """
        return rule in self._ignored or self._is_ignored_in(path, rule)

    def _is_ignored_in(self, path: str, rule: str) -> bool:
        return any(
            _longest(names, rule) >= 0 and _fits(pattern, path) != negated
            for pattern, negated, names in self._per_file
        )


def _check(setting: str, names: Sequence[str]) -> None:
    for name in names:
        if name != "ALL" and not any(rule.startswith(name) for rule in rules()):
            families = sorted({rule[:3] for rule in rules()})
            known = [*rules(), *families, "ALL"]
            mend = nearest(name, known) or f"; there are ALL, {', '.join(families)}"
            raise usage_error(f"{setting}: there is no rule `{name}`{mend}")


def _applies(rule: str, config: Config) -> bool:
    chosen = _longest(config.select, rule)
    if not config.select:
        chosen = 0 if rules()[rule].is_default else -1
    elif rule.startswith("SRC"):
        chosen = max(chosen, 0)
    return chosen > _longest(config.ignore, rule)


def _is_ignored(rule: str, config: Config) -> bool:
    return _longest(config.ignore, rule) >= max(_longest(config.select, rule), 0)


def _fits(pattern: re.Pattern[str], path: str) -> bool:
    """Whether a pattern fits a path or a folder that it is in."""
    parts = path.split("/")
    places = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return any(map(pattern.fullmatch, places))


def _longest(names: Sequence[str], rule: str) -> int:
    """The length of the longest name that means a rule, `ALL` being 0, or -1."""
    lengths = [len(name) for name in names if rule.startswith(name)]
    return max(lengths, default=0 if "ALL" in names else -1)
