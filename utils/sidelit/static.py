r"""
---
title: Files that are copied as they are
summary: >
  What a project brings to its site besides sources and images: where in the site it
  goes, and why it never takes the place of anything else there.
---

# Files that are copied as they are

A `CNAME` for the server, a folder of data to download, a style sheet and its fonts: the
settings `static` and `style` name them, and each goes to the root of the site under its
own name. What lies beside each other in the project does so in the site. So a style
sheet finds its fonts by the same address.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .files import MANIFEST, TEMPORARY, in_project
from .model import usage_error


@dataclass(frozen=True)
class Static:
    """
    What is copied: `files` has the path of each by its URL, and `folders` are those
    that were searched for them.
    """

    files: dict[str, str]
    folders: tuple[str, ...]


def static_files(paths: Iterable[str], root: str) -> Static:
    """
    What lies at some paths. Raises `SidelitError` for a symbolic link out of the
    project or to a folder, and for a name that is no text.
    """
    files: dict[str, str] = {}
    folders: list[str] = []
    for path in paths:
        if not os.path.isdir(path):
            files[os.path.basename(path)] = path
            continue
        above = os.path.dirname(path)
        for folder, inner, names in os.walk(path):
            # In the same order on every machine.
            inner.sort()
            folders.append(folder)
            for name in (*inner, *sorted(names)):
                file = os.path.join(folder, name)
                is_link, is_folder = os.path.islink(file), name in inner
                if is_link and (is_folder or not in_project(file, root)):
                    raise _refused(file, root, "leads elsewhere; copy its target")
                if not is_folder and not os.path.isfile(file):
                    raise _refused(file, root, "is neither a file nor a folder")
                if not is_folder:
                    files[os.path.relpath(file, above).replace(os.sep, "/")] = file
    for url, file in files.items():
        try:
            url.encode()
        except UnicodeEncodeError:
            raise _refused(file, root, "has a name that is not UTF-8") from None
    return Static(files, tuple(folders))


def _refused(file: str, root: str, reason: str) -> Exception:
    place = os.path.relpath(file, root).encode(errors="backslashreplace").decode()
    return usage_error(f"static: {place} {reason}, or leave it out")


def check_free(static: Static, ours: Iterable[str], reserved: str) -> None:
    """
    Raise `SidelitError` for a file that would lie over one of `ours`, by URL, or where
    one of these needs a folder, or in the `reserved` folder. A disk that does not tell
    `A` from `a` has one file of both.
    """
    taken = {url.lower() for url in ours}
    folders = {folder for url in taken for folder in _folders(url)}
    for url in static.files:
        place = url.lower()
        if (
            place in taken
            or place in folders
            or not taken.isdisjoint(_folders(place))
            or place.startswith((reserved, TEMPORARY, MANIFEST))
        ):
            raise usage_error(
                f"static: {url} is a place in the site where sidelit writes itself; "
                f"rename the file"
            )


def _folders(url: str) -> Iterator[str]:
    while url := url.rpartition("/")[0]:
        yield url
