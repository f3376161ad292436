r"""
---
title: Finding the sources
summary: >
  Walks the folders that a project names, leaves out what is no source, and gives
  every file its place in the site.
---

# Finding the sources
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count

from ..files import DOLLAR_LANGUAGES, in_project
from ..model import Config, Problem, Source
from ..plugins import language_of_suffix
from ..progress import Progress
from ..site import is_readme


@dataclass(frozen=True)
class Found:
    """
    All sources of a project, ordered by path; the places that were searched, which are
    the folders and whatever would be a source or a package if it were there; and what
    could not be read. The same folder gives the same lists on every machine.
    """

    sources: list[Source]
    places: list[str]
    problems: list[Problem]


def discover(config: Config, progress: Progress | None = None) -> Found:
    """All sources of a project. The `progress` is told of each folder."""
    search = _Search(config, progress or Progress())
    places: dict[str, str] = {}
    tops: dict[str, str] = {}
    for start, site_folder in config.sources:
        base = os.path.dirname(start) if os.path.isfile(start) else start
        top = search.outside_packages(base)
        for file in [start] if os.path.isfile(start) else search.walk(start):
            inner = os.path.relpath(file, base).replace(os.sep, "/")
            # A folder may be named twice, or in one that is named as well.
            if file not in tops:
                places[file] = f"{site_folder}/{inner}".lstrip("/")
                tops[file] = top
    tops |= _projects(tops, search.outside_packages)
    found = [(file, _module(file, tops[file]), place) for file, place in places.items()]

    search.progress(_SEARCHING, len(search.places), len(search.places))
    # Python comes first and notebooks last: where two files would become one page, the
    # first one keeps the short name.
    found.sort(key=lambda item: (_RANKS.get(_extension(item[0]), 1), item[0]))
    taken: set[str] = set()
    has_home = any(next(_urls(place)) == "index.html" for _, _, place in found)
    sources = []
    single_dollars = dict(config.single_dollars)
    for file, module, place in found:
        path = os.path.relpath(file, config.root).replace(os.sep, "/")
        try:
            f"{path}{place}{module}".encode()
        except UnicodeEncodeError:
            search.cannot_read(file, "its path is not UTF-8")
            continue
        # A disk that does not tell `A` from `a` must not lose one of two pages either.
        # The readme of the whole site is what its readers begin with.
        is_home = not has_home and "/" not in place and is_readme(place)
        urls = chain(["index.html"] if is_home else [], _urls(place))
        url = next(url for url in urls if url.lower() not in taken)
        taken.add(url.lower())
        language = language_of_suffix()[_extension(file)]
        single = single_dollars.get(language, language not in DOLLAR_LANGUAGES)
        sources.append(Source(path, file, url, module, language, single))
    sources.sort(key=lambda source: source.path)
    return Found(sources, search.places, search.problems)


class _Search:
    """A walk through folders that notes what it saw, and what it was not shown."""

    def __init__(self, config: Config, progress: Progress) -> None:
        self.config = config
        self.progress = progress
        self.excluded = matcher(config.exclude) if config.exclude else None
        self.places: list[str] = []
        self.problems: list[Problem] = []

    def walk(self, folder: str) -> Iterator[str]:
        self.places.append(folder)
        self.progress(_SEARCHING, len(self.places))
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.cannot_read(folder, error.strerror or str(error))
            return
        names = {entry.name for entry in listed}
        # A virtual environment, or a site that was built here some other time.
        if names & {"pyvenv.cfg", ".sidelit.json"}:
            return
        # What a packaging tool leaves beside a project is a copy of the sources.
        made = {"build", "dist"} if names & {"pyproject.toml", "setup.py"} else set()
        for entry in listed:
            name = entry.name
            if (
                name.startswith(".")
                or name in _NEVER
                or name in made
                or name.endswith(".egg-info")
                or (self.excluded and self.excluded.fullmatch(self._path(entry.path)))
            ):
                continue
            if entry.is_dir(follow_symlinks=False):
                if not self._is_output(entry.path):
                    yield from self.walk(entry.path)
            elif entry.is_symlink() and os.path.isdir(entry.path):
                # It may lead back to where we are, or to the whole disk.
                if not self._is_output(entry.path):
                    reason = "is not followed; name its folder in `sources`"
                    self._left_out(entry.path, f"{reason} or the link in `exclude`")
            elif _extension(name) in language_of_suffix() and self._is_file(entry):
                yield entry.path

    def _is_output(self, folder: str) -> bool:
        return os.path.realpath(folder) == os.path.realpath(self.config.output)

    def _path(self, path: str) -> str:
        return os.path.relpath(path, self.config.root).replace(os.sep, "/")

    def outside_packages(self, folder: str) -> str:
        """The nearest folder that is no package: this one or one above it."""
        while True:
            self.places.append(os.path.join(folder, "__init__.py"))
            if not os.path.isfile(self.places[-1]):
                return folder
            folder = os.path.dirname(folder)

    def _is_file(self, entry: "os.DirEntry[str]") -> bool:
        try:
            is_file = entry.is_file()
            if entry.is_symlink():
                # It may lead to nothing yet.
                self.places.append(entry.path)
                if not is_file:
                    self._left_out(entry.path, "leads to no file")
                elif not in_project(entry.path, self.config.root):
                    # A checkout must not publish what else is on this disk.
                    reason = "leads out of the project; name its file in `sources`"
                    self._left_out(entry.path, f"{reason} or the link in `exclude`")
                    return False
            return is_file
        except OSError as error:
            self.cannot_read(entry.path, error.strerror or str(error))
        return False

    def _left_out(self, path: str, reason: str) -> None:
        self.places.append(path)
        self._tell(path, "SRC105", f"a symbolic link that {reason}")

    def cannot_read(self, path: str, reason: str) -> None:
        self._tell(path, "SRC103", f"cannot be read: {reason}")

    def _tell(self, path: str, rule: str, message: str) -> None:
        path = self._path(path).encode(errors="backslashreplace").decode()
        self.problems.append(Problem(path, 1, 1, rule, message))


_SEARCHING = "searching, folders"
_RANKS = {".py": 0, ".ipynb": 2}
_NEVER = {"__pycache__", "node_modules"}


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()


# ## Places in the site
def _urls(place: str) -> Iterator[str]:
    """
    `vit/__init__.py` becomes `vit/index.html`; `mha.py`, `readme.md` and `plots.ipynb`
    become `mha.html`, `readme.html` and `plots.html`; other files keep their extension,
    `site.js.html`. If that is taken, all keep it, and a number tells the rest apart.
    """
    place = re.sub("[#?%]", "-", place)
    folder, name = os.path.split(place)
    stem, extension = os.path.splitext(name)
    if extension.lower() not in (".py", ".md", ".ipynb"):
        stem = name
    # Beside the page of `a.py` lies its clean code, `a.clean.py`.
    if not name.lower().endswith(".clean.py"):
        yield os.path.join(folder, "index" if stem == "__init__" else stem) + ".html"
    yield f"{place}.html"
    yield from (f"{place}-{number}.html" for number in count(2))


def _projects(
    tops: Mapping[str, str], outside_packages: Callable[[str], str]
) -> dict[str, str]:
    """
    The folders that packages are imported from, by the files of these, if the names of
    the folders can be no part of a dotted name, as in `tools/my-app/my_app`. Where two
    folders have a package of the same name, the longer names tell these apart.
    """
    outside = cache(outside_packages)
    found: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    for file, top in tops.items():
        folder = os.path.dirname(file)
        root = outside(folder) if file.endswith(".py") else top
        if root in (top, folder) or os.path.basename(root).isidentifier():
            root = top
        else:
            found[file] = root
        owners.setdefault(_package(file, root), set()).add(root)
    return {
        file: root
        for file, root in found.items()
        if len(owners[_package(file, root)]) == 1
    }


def _package(file: str, root: str) -> str:
    return _module(file, root).partition(".")[0]


def _module(file: str, top: str) -> str:
    """
    The dotted name by which Python imports a file. A source folder that is a package is
    part of the name, and so are the packages that it stands in. A folder `src` that is
    no package is what Python's path leads to, so names begin behind it.
    """
    if not file.endswith(".py"):
        return ""
    parts = os.path.relpath(file, top)[: -len(".py")].split(os.sep)
    if "src" in parts[:-1]:
        behind = len(parts) - 1 - parts[-2::-1].index("src")
        if not os.path.isfile(os.path.join(top, *parts[:behind], "__init__.py")):
            parts = parts[behind:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and parts[1:] else parts)


# ## Patterns
#
# As in `.gitignore`: `*` stays in one folder, `**` spans folders, a pattern without a
# slash fits a name anywhere, and a folder that fits is left out with all that is in it.
def matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    """What fits one of the patterns in full."""
    return re.compile("|".join(_translate(pattern) for pattern in patterns))


def _translate(pattern: str) -> str:
    pattern = pattern.rstrip("/")
    anywhere = "" if "/" in pattern else r"(?:.*/)?"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.lstrip("/"))
    return anywhere + "".join(_WILDCARDS.get(part, re.escape(part)) for part in parts)


_WILDCARDS = {"**/": r"(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
