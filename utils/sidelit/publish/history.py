r"""
---
title: When a page changed last
summary: >
  The date of a page is that of the last commit that touched its source. Without git, or
  in a shallow clone, pages have no dates.
---

# When a page changed last

The modification time of a file only says when it was checked out, and a build on
another day must give the same bytes. So a page takes its date from the last commit that
touched its source. A shallow clone has only the latest commits, whose dates would be
wrong for most pages, so there no page has a date.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..files import git


@dataclass(frozen=True)
class History:
    """
    The last change of each file, by its path, and the files of git that change with
    each commit.
    """

    dates: dict[str, datetime] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()


def read_history(root: str, sources: Iterable[str]) -> History:
    """The history of the files under some paths of a project."""
    folder = Path(root)
    places = tuple(str(one / ".git") for one in (folder, *folder.parents))
    if not any(map(os.path.exists, places)):
        return History(inputs=places)
    said = git(
        root, "rev-parse", "--is-shallow-repository",
        "--absolute-git-dir", "--git-common-dir",
    )  # fmt: skip
    about = (said or "").splitlines()
    if len(about) < 3:
        return History(inputs=places)
    shallow, own, shared = about
    inputs = _heads(Path(own), folder / shared)
    if shallow == "true":
        return History(inputs=inputs)
    # Names only, relative to the project, and nothing that starts a program or asks a
    # server: no signatures, no renames, no fetching of what a partial clone lacks.
    log = git(
        root, "log", "--relative", "--name-only", "--no-renames", "--no-show-signature",
        "-z", "--format=%x01%cI", "--", *sources,
    )  # fmt: skip
    dates: dict[str, datetime] = {}
    for commit in (log or "").split("\x01")[1:]:
        time, _, names = commit.partition("\n")
        changed = datetime.fromisoformat(time.strip("\0")).astimezone(UTC)
        # A merge may list no names.
        for name in filter(None, names.strip("\n\0").split("\0")):
            dates.setdefault(name, changed)
    return History(dates, inputs)


def _heads(own: Path, shared: Path) -> tuple[str, ...]:
    """The files of which at least one changes with each commit and each checkout."""
    head = own / "HEAD"
    branch = head.read_text(encoding="utf-8").removeprefix("ref:").strip()
    files = (head, shared / branch, shared / "packed-refs", shared / "shallow")
    return tuple(os.path.abspath(file) for file in files)
