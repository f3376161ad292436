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
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from .files import MANIFEST, TEMPORARY, in_project, is_secret
from .model import Problem, usage_error
from .site import ABSOLUTE


@dataclass(frozen=True)
class Static:
    """
    What is copied: `files` has the path of each by its URL, `styles` are the style
    sheets among them, and `searched` are the folders and what was left out there, of
    which `remarks` tell.
    """

    files: dict[str, str]
    styles: frozenset[str]
    searched: tuple[str, ...]
    remarks: tuple[str, ...]

    def setting(self, file: str) -> str:
        """The setting that names a file."""
        return "style" if file in self.styles else "static"


def static_files(styles: Sequence[str], paths: Sequence[str], root: str) -> Static:
    """
    The style sheets of a project, and what lies at the `paths` of its other files. What
    is hidden in a folder is left out: systems put their own files there. Raises
    `SidelitError` for what is hidden and named itself, for a symbolic link out of the
    project or to a folder, and for a name that is no text.
    """
    files: dict[str, str] = {}
    folders: list[str] = []
    hidden: list[str] = []
    for path in (*styles, *paths):
        if not os.path.isdir(path):
            if path not in styles and is_secret(path, root):
                reason = "is hidden or leads to a hidden file; give it another name"
                raise _refused(path, root, reason)
            files[os.path.basename(path)] = path
            continue
        above = os.path.dirname(path)
        for folder, inner, names in os.walk(path):
            # In the same order on every machine.
            inner.sort()
            folders.append(folder)
            for name in (*inner, *sorted(names)):
                file = os.path.join(folder, name)
                is_folder, inside = name in inner, in_project(file, root)
                is_hidden = not is_folder and is_secret(file, root)
                if is_hidden and (inside or name[0] == "."):
                    hidden.append(file)
                elif os.path.islink(file) and (is_folder or not inside):
                    raise _refused(file, root, "leads elsewhere; copy its target")
                elif not is_folder and not os.path.isfile(file):
                    raise _refused(file, root, "is neither a file nor a folder")
                elif not is_folder:
                    files[os.path.relpath(file, above).replace(os.sep, "/")] = file
    for url, file in files.items():
        try:
            url.encode()
        except UnicodeEncodeError:
            raise _refused(file, root, "has a name that is not UTF-8") from None
    places = [_place(file, root) for file in hidden]
    remarks = [f"static: {_left_out(places)}"] if places else []
    searched = (*folders, *hidden)
    return Static(files, frozenset(styles), searched, tuple(remarks))


def _left_out(hidden: Sequence[str]) -> str:
    if len(hidden) == 1:
        return f"{hidden[0]} is hidden, so it is left out"
    return f"{len(hidden)} files are hidden, so they are left out: {hidden[0]}, …"


def _place(file: str, root: str) -> str:
    return os.path.relpath(file, root).encode(errors="backslashreplace").decode()


def _refused(file: str, root: str, reason: str) -> Exception:
    return usage_error(f"static: {_place(file, root)} {reason}, or leave it out")


def lost_addresses(
    static: Static, site: Mapping[str, bytes], root: str
) -> Iterator[Problem]:
    """
    What style sheets load that is not among the files of the site, which have them by
    URL. There they have left their folder, so an address may be right in the project
    and wrong in the site.
    """
    for url, file in static.files.items():
        if file not in static.styles:
            continue
        text = site[url].decode("utf-8", errors="replace")
        # Whether the brackets that are open are those of an `image-set`.
        are_sets: list[bool] = []
        for match in _LOADED.finditer(text):
            if opened := match["function"]:
                are_sets.append(opened.lower().endswith("image-set("))
            elif match["close"] and are_sets:
                are_sets.pop()
            address = match["double"] or match["single"] or match["bare"] or ""
            if are_sets and are_sets[-1] and match["text"]:
                address = match["text"][1:-1]
            path = re.split("[?#]", address, maxsplit=1)[0]
            found = posixpath.normpath(unquote(path))
            if not path or path[0] == "/" or ABSOLUTE.match(path) or found in site:
                continue
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            message = f"there is no {address} in the site, where this is {url}; "
            message += "name its folder in `static`, and write `url(folder/file)`"
            yield Problem(_place(file, root), line, column, "LNK101", message)


# An address in a style sheet. What is in comments and in other texts is none, unless
# the text stands right in an `image-set`.
_LOADED = re.compile(
    r"""/\*.*?(?:\*/|\Z)
      | (?:url\(\s*|@import\s+(?=["']))
        (?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s"')]+))\s*\)?
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<function>[\w-]*\()|(?P<close>\))""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


def check_free(static: Static, ours: Iterable[str], reserved: str) -> None:
    """
    Raise `SidelitError` for a file that would lie over one of `ours`, by URL, or where
    one of these needs a folder, or in the `reserved` folder. A disk that does not tell
    `A` from `a` has one file of both.
    """
    taken = {url.lower() for url in ours}
    folders = {folder for url in taken for folder in _folders(url)}
    for url, file in static.files.items():
        place = url.lower()
        if (
            place in taken
            or place in folders
            or not taken.isdisjoint(_folders(place))
            or place.startswith((reserved, TEMPORARY, MANIFEST))
        ):
            raise usage_error(
                f"{static.setting(file)}: {url} would overwrite a file that sidelit "
                f"writes; rename it"
            )


def _folders(url: str) -> Iterator[str]:
    while url := url.rpartition("/")[0]:
        yield url
