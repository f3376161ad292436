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
from collections.abc import Iterator

from .model import Config, Source

# Python and Markdown are read here, the others through Pygments, by these aliases.
LANGUAGES = {
    ".py": "python",
    ".md": "markdown",
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


def discover(config: Config) -> tuple[list[Source], list[str]]:
    """
    All sources of a project, ordered by path, and the folders that were searched. The
    same folder gives the same list on every machine.
    """
    folders: list[str] = []
    excluded = _matcher(config.exclude)
    found: list[tuple[str, str, str]] = []
    for start, site_folder in config.sources:
        base = os.path.dirname(start) if os.path.isfile(start) else start
        for file in _walk(start, config, excluded, folders):
            inner = os.path.relpath(file, base).replace(os.sep, "/")
            found.append(
                (file, _module(file, base), f"{site_folder}/{inner}".lstrip("/"))
            )

    # Python comes first: where two files would become one page, it keeps the short
    # name.
    found.sort(key=lambda item: (not item[0].endswith(".py"), item[0]))
    taken: set[str] = set()
    sources = []
    for file, module, place in found:
        path = os.path.relpath(file, config.root).replace(os.sep, "/")
        url = _url(place)
        # A disk that does not tell `A` from `a` must not lose one of two pages either.
        if url.lower() in taken:
            url = f"{place}.html"
        if url.lower() not in taken:
            taken.add(url.lower())
            sources.append(Source(path, file, url, module, LANGUAGES[_extension(file)]))
    return sorted(sources, key=lambda source: source.path), folders


def _walk(
    start: str, config: Config, excluded: re.Pattern[str] | None, folders: list[str]
) -> Iterator[str]:
    if os.path.isfile(start):
        yield start
        return
    folders.append(start)
    with os.scandir(start) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    names = {entry.name for entry in listed}
    # What a packaging tool leaves beside a project is a copy of the sources.
    made = {"build", "dist"} if names & {"pyproject.toml", "setup.py"} else set()
    if "pyvenv.cfg" in names:
        return
    for entry in listed:
        name = entry.name
        if (
            name.startswith(".")
            or name in _NEVER
            or name in made
            or name.endswith(".egg-info")
        ):
            continue
        path = os.path.relpath(entry.path, config.root).replace(os.sep, "/")
        if excluded and excluded.fullmatch(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            if os.path.realpath(entry.path) != os.path.realpath(config.output):
                yield from _walk(entry.path, config, excluded, folders)
        elif _extension(name) in LANGUAGES and entry.is_file():
            yield entry.path


_NEVER = {"__pycache__", "node_modules"}


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()


# ## Places in the site
def _url(place: str) -> str:
    """
    `vit/__init__.py` becomes `vit/index.html`, `mha.py` and `readme.md` become
    `mha.html` and `readme.html`; other files keep their extension, `site.js.html`.
    """
    folder, name = os.path.split(place)
    stem, extension = os.path.splitext(name)
    if extension.lower() not in (".py", ".md"):
        stem = name
    return os.path.join(folder, "index" if stem == "__init__" else stem) + ".html"


def _module(file: str, base: str) -> str:
    """
    The dotted name by which Python imports a file. A source folder that is a package is
    part of the name, and so are the packages that it stands in.
    """
    if not file.endswith(".py"):
        return ""
    while os.path.isfile(os.path.join(base, "__init__.py")):
        base = os.path.dirname(base)
    parts = os.path.relpath(file, base)[: -len(".py")].split(os.sep)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and parts[1:] else parts)


# ## Patterns
#
# As in `.gitignore`: `*` stays in one folder, `**` spans folders, a pattern without a
# slash fits a name anywhere, and a folder that fits is left out with all that is in it.
def _matcher(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(_translate(pattern) for pattern in patterns))


def _translate(pattern: str) -> str:
    pattern = pattern.rstrip("/")
    anywhere = "" if "/" in pattern else r"(?:.*/)?"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.lstrip("/"))
    return anywhere + "".join(_WILDCARDS.get(part, re.escape(part)) for part in parts)


_WILDCARDS = {"**/": r"(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
