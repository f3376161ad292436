r"""
---
title: Writing the site
summary: >
  Only what changed is written, each file atomically; only what an earlier build made is
  removed; and nothing outside the output folder is touched.
---

# Writing the site

A build that is killed half-way must leave a site that can be read, and a build must
never cost anybody a file that it did not make. Both come from one small list, the
*manifest*: the files in the output folder that are ours.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import Folder, key_of
from .files import MANIFEST, TEMPORARY, in_project, is_inside, made_before, write_file
from .fresh import file_state, settled_states
from .model import usage_error
from .packed import kept, pack
from .site import HOME

GENERATOR = b'<meta name="generator" content="sidelit'


@dataclass(frozen=True)
class Changes:
    """How many files were written and removed, and how many there are now."""

    written: int
    removed: int
    total: int


class LastTime:
    """
    ## The last time

    What the last build left in the output folder, so that a file need not be read to
    know that it is still the same. `digests` has the hash of each file of now, by URL.
    """

    def __init__(self, cache: Folder, output: str, digests: Mapping[str, str]) -> None:
        self._cache = cache
        self._output = output
        self._digests = digests
        self._key = key_of(os.path.abspath(output))
        known = kept(cache.get("sites", self._key), dict[str, tuple[str, str]])
        self._known = known or {}

    def has(self, url: str) -> bool:
        """Whether a file lies there as it was left, and is what it would be now."""
        state = file_state(os.path.join(self._output, url))
        return self._known.get(url) == (self._digests[url], state)

    def remember(self) -> None:
        """Note what lies there now; what was just written may be written once more."""
        paths = {url: os.path.join(self._output, url) for url in self._digests}
        states = settled_states(paths.values(), time.time_ns())
        known = {
            url: (self._digests[url], states[path])
            for url, path in paths.items()
            if path in states
        }
        # The site is there; without this, the next build reads its files.
        with contextlib.suppress(OSError):
            self._cache.put("sites", self._key, pack(known))


def check_output(folder: str, root: str, in_file: str) -> None:
    """
    ## Whose folder it is

    A build adds hundreds of files to its `folder`. So that is one of ours, an empty
    one, or one that the file with the settings names, `in_file`. No folder around the
    project at `root` is meant in any case, nor the one that holds all that a user has.
    Raises `SidelitError` for all others.
    """
    try:
        names = set(os.listdir(folder))
    except OSError:
        # It is not there yet, or writing tells what is wrong.
        return
    if names <= _NO_FILES or MANIFEST in names or _is_page_of_ours(folder):
        return
    around = (root, os.getcwd(), os.path.expanduser("~"))
    is_around = any(is_inside(one, folder) for one in around)
    if folder == in_file and not is_around:
        return
    mend = ""
    if in_project(folder, root) and not is_around:
        mend = ", or name this one as `output` in pyproject.toml"
    raise usage_error(
        f"output: {folder} holds files that sidelit did not make; name an empty "
        f"folder with -o{mend}"
    )


# What a folder has that is there to be published.
_NO_FILES = {".git", ".nojekyll", "CNAME"}


def _is_page_of_ours(folder: str) -> bool:
    try:
        return GENERATOR in Path(folder, HOME).read_bytes()
    except OSError:
        return False


def write_site(
    output: str, files: Mapping[str, bytes], last_time: LastTime | None = None
) -> Changes:
    """
    Make the output folder hold these files, by URL, besides whatever is not ours.
    Raises `SidelitError` for a file that somebody else put where one of ours must go,
    and `OSError` where the disk refuses.
    """
    folder = Path(output)
    manifest = folder / MANIFEST
    ours = made_before(output)
    _check_folders(folder, ours | set(files))
    changed = [
        url
        for url in files
        if not (last_time and last_time.has(url))
        and _differs(folder, url, files, url in ours)
    ]
    obsolete = sorted(ours - set(files))

    # From here on a build may be killed, and the next one must know what may be ours:
    # the manifest names the files of both until the new ones are there and the old ones
    # gone.
    if changed or obsolete or ours != set(files):
        _write_manifest(manifest, ours | set(files))
        for url in changed:
            write_file(folder / url, files[url])
        for url in obsolete:
            _remove(folder, url)
        _write_manifest(manifest, set(files))
    _remove_leftovers(folder, files)
    if last_time:
        last_time.remember()
    return Changes(len(changed), len(obsolete), len(files))


def _differs(folder: Path, url: str, files: Mapping[str, bytes], is_ours: bool) -> bool:
    file = folder / url
    try:
        old = file.read_bytes()
    except FileNotFoundError:
        return True
    data = files[url]
    if old != data and not is_ours and GENERATOR not in old:
        raise usage_error(
            f"{file} was not made by sidelit; move it away or name another output"
        )
    return old != data


def _check_folders(folder: Path, urls: Iterable[str]) -> None:
    """No symbolic link may lead a page out of the output folder."""
    for parent in {(folder / url).parent for url in urls}:
        if not is_inside(str(parent), str(folder)):
            raise usage_error(f"{parent} leads out of {folder}; remove that link")


def _write_manifest(manifest: Path, urls: set[str]) -> None:
    text = json.dumps({"generator": "sidelit", "files": sorted(urls)}, indent=1)
    write_file(manifest, text.encode() + b"\n")


def _remove(folder: Path, url: str) -> None:
    """Remove a file that is ours, and the folders that are empty without it."""
    with contextlib.suppress(OSError):
        (folder / url).unlink()
        for parent in Path(url).parents:
            if parent != Path():
                (folder / parent).rmdir()


def _remove_leftovers(folder: Path, files: Iterable[str]) -> None:
    """Remove what killed builds had begun to write, not what others write now."""
    for parent in {(folder / url).parent for url in files}:
        for file in parent.glob(f"{TEMPORARY}[0-9]*-*"):
            process = int(file.name.removeprefix(TEMPORARY).partition("-")[0])
            if not _is_running(process):
                file.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
