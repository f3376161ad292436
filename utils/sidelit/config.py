"""
---
title: Reading the settings
summary: >
  The settings of a project, read from pyproject.toml and the command line and checked
  before anything is built.
---

# Reading the settings

[What can be set](settings.py) is read here: from the nearest `pyproject.toml` with a
table `[tool.sidelit]`, in the folder of the sources or above it, and from the flags,
which win. A wrong name or value is an error and is never ignored, because a setting
that is silently ignored costs somebody an afternoon.
"""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .files import CONTROLS, in_project, is_at, is_below, is_inside
from .model import Config, usage_error
from .settings import SETTINGS, nearest
from .values import checked

# Files and folders, each with its folder of the site.
Sources = tuple[tuple[str, str], ...]


class Loaded(NamedTuple):
    """
    The settings of a project, the files in which they were `searched`, and those that
    stand `in_file`, by field of `Config`.
    """

    config: Config
    searched: list[str]
    in_file: dict[str, Any]


def load(flags: Mapping[str, Any]) -> tuple[Config, list[str]]:
    """
    The settings of the project that the sources belong to, and the files in which they
    were looked for. Raises `SidelitError` for a wrong name or value.
    """
    config, searched, _ = loaded(flags)
    return config, searched


def loaded(flags: Mapping[str, Any]) -> Loaded:
    """The same, with what the file says."""
    paths = [os.path.abspath(path) for path in flags.get("sources", ())]
    # A wrong path on the command line is told first, whatever the file says.
    _checked({"sources": list(flags.get("sources", ()))}, os.getcwd(), "--")
    table, file, searched = _find_table(_common_folder(paths) if paths else os.getcwd())
    root = os.path.dirname(file) if file else _folder_around(paths)
    settings = {
        one.field: os.path.join(root, one.default)
        for one in SETTINGS
        if one.kind == "path"
    }
    in_file = _checked(table, root, f"{os.path.relpath(file)}: " if file else "")
    settings |= in_file
    given = _checked(_as_in_file(flags), os.getcwd(), "--")
    # As with ruff, who selects rules on the command line starts anew, and who ignores
    # some there does so besides.
    if "select" in given:
        settings.pop("ignore", None)
    if "ignore" in given:
        given["ignore"] = (*settings.get("ignore", ()), *given["ignore"])
    _check_places({**settings, **dict.fromkeys(given)}, root)
    settings |= given
    if not settings.get("sources"):
        raise usage_error(
            "there are no sources: set `sources` under [tool.sidelit] in "
            "pyproject.toml, or name files or folders behind the command; `record` "
            "takes them as --sources"
        )
    name = os.path.basename(root if file else settings["sources"][0][0])
    title = settings.get("site_title", name).translate(CONTROLS)
    config = Config(root, **{**settings, "site_title": title})
    in_settings = (getattr(config, one.field) for one in SETTINGS if one.kind == "path")
    _check_is_text(root, *(path for path, _ in config.sources), *in_settings)
    if os.path.isdir(config.record):
        raise usage_error(f"record: {config.record} is a folder; name a file")
    if os.path.exists(config.output) and not os.path.isdir(config.output):
        raise usage_error(f"output: {config.output} is a file; name a folder")
    if config.output in (path for path, _ in config.sources):
        raise usage_error(
            f"output: {config.output} holds the sources; name a folder for the site"
        )
    _check_brought(config)
    if not file:
        _check_is_project(config.sources)
    return Loaded(config, searched, in_file)


def _check_is_text(*paths: str) -> None:
    """Nothing at another path could have an address or be kept in the cache."""
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise usage_error(f"the path {path} is not UTF-8; rename it") from None


def _check_is_project(sources: Sources) -> None:
    """A search of a whole disk or home would take very long, and publish too much."""
    home = os.path.realpath(os.path.expanduser("~"))
    for path, _ in sources:
        real = os.path.realpath(path)
        is_disk = os.path.dirname(real) == real
        if is_disk or real == home:
            what = "the whole disk" if is_disk else "your home folder"
            raise usage_error(
                f"PATH: {path} is {what}; name a project in it, or put a "
                f"pyproject.toml with [tool.sidelit] there"
            )


def _check_brought(config: Config) -> None:
    """
    What becomes part of the site is part of the project, and neither the whole of it
    nor the site itself.
    """
    root, output = config.root, config.output
    for one in SETTINGS:
        value = getattr(config, one.field)
        paths = [value] if one.kind == "image" else value
        for path in paths if one.kind in _BROUGHT else ():
            if path and not in_project(path, root):
                raise usage_error(
                    f"{one.name}: {path} lies outside the project {root}; copy it there"
                )
    for path in config.static:
        if is_inside(root, path) or is_inside(output, path) or is_inside(path, output):
            raise usage_error(
                f"static: {path} holds the project or is part of the site; name what "
                f"is to be copied"
            )
    names = Counter(os.path.basename(path).lower() for path in config.static)
    names.update(os.path.basename(path).lower() for path in config.style)
    if twice := [name for name, count in names.items() if count > 1]:
        raise usage_error(
            f"style, static: two files would be {twice[0]} at the root of the site; "
            f"rename one"
        )


_BROUGHT = ("files", "image", "styles")


def load_around(path: str, flags: Mapping[str, Any]) -> Config:
    """
    The settings of the project that a path belongs to. If the path is among its
    sources, all of them are read, so that links between them can be followed.
    """
    config, _, in_file = loaded({**flags, "sources": [path]} if path else flags)
    sources = _sources_in_file(config.root, in_file) if path else ()
    if is_at(os.path.abspath(path), (source for source, _ in sources)):
        return config.replace(sources=sources)
    return config


def sources_around(config: Config, in_file: Mapping[str, Any]) -> Sources:
    """
    What sources are part of: those of their project or, where its settings name none,
    the packages that they stand in.
    """
    if sources := _sources_in_file(config.root, in_file):
        return sources
    folders = (_package_around(path) for path, _ in config.sources)
    return tuple((folder, "") for folder in dict.fromkeys(folders) if folder)


def _sources_in_file(root: str, in_file: Mapping[str, Any]) -> Sources:
    sources: Sources = in_file.get("sources", ())
    _check_places({"sources": sources}, root)
    return sources


def _package_around(path: str) -> str:
    """The outermost package that a file or a folder is in; empty if it is in none."""
    found, folder = "", path if os.path.isdir(path) else os.path.dirname(path)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        found, folder = folder, os.path.dirname(folder)
    return found


def _find_table(folder: str) -> tuple[dict[str, Any], str, list[str]]:
    """The nearest `pyproject.toml` with a table for us, in the folder or above it."""
    searched = []
    while True:
        file = os.path.join(folder, "pyproject.toml")
        searched.append(file)
        if os.path.isfile(file):
            try:
                with open(file, "rb") as opened:
                    tool = tomllib.load(opened).get("tool")
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise usage_error(
                    f"{os.path.relpath(file)} is not TOML: {error}"
                ) from None
            if isinstance(tool, dict) and "sidelit" in tool:
                return tool["sidelit"], file, searched
        if folder == (folder := os.path.dirname(folder)):
            return {}, "", searched


# ## Where a text stands
#
# TOML is read without places. So a text is looked for by the name of its setting, and
# it is the right one if the table has nothing once nothing stands there.
def places_in_file(file: str, name: str, text: str) -> list[tuple[int, int]]:
    """
    Line and column of each character of the `text` that a settings file has for the
    setting `name`; empty if it has another one.
    """
    try:
        with open(file, encoding="utf-8") as opened:
            written = opened.read()
    except FileNotFoundError:
        return []
    setting = re.compile(rf"\b{name}[\"']?[ \t]*=[ \t]*{_STRING}")
    for match in setting.finditer(written):
        start, end = match.span("string")
        try:
            without = tomllib.loads(f'{written[:start]}""{written[end:]}')
        except tomllib.TOMLDecodeError:
            continue
        if without.get("tool", {}).get("sidelit", {}).get(name) != "":
            continue
        value = tomllib.loads(f"x = {match['string']}")["x"].translate(CONTROLS)
        if value.strip() != text:
            return []
        offsets = _characters(match)[value.index(text) :][: len(text)]
        return [
            (written.count("\n", 0, one) + 1, one - written.rfind("\n", 0, one))
            for one in offsets
        ]
    return []


# Behind three quotes more of them may stand, which are part of the text.
_STRING = (
    r"(?P<string>(?P<basic>\"{3}|\")(?:[^\\]|\\[\s\S])*?(?P=basic)(?!\")"
    r"|(?P<literal>'{3}|')[\s\S]*?(?P=literal)(?!'))"
)
# A character, or a line break that a backslash takes away.
_CHARACTER = re.compile(r"(?P<none>\\[ \t]*\n\s*)|\\u.{4}|\\U.{8}|\\x..|\\.|[\s\S]")


def _characters(match: re.Match[str]) -> list[int]:
    """The offset of each character of a string."""
    quote = match["basic"] or match["literal"]
    start, end = match.start("string") + len(quote), match.end("string") - len(quote)
    start += len(quote) == 3 and match.string[start] == "\n"
    if match["literal"]:
        return [*range(start, end)]
    characters = _CHARACTER.finditer(match.string, start, end)
    return [one.start() for one in characters if one["none"] is None]


def _common_folder(paths: list[str]) -> str:
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    return os.path.commonpath(folders)


def _folder_around(paths: list[str]) -> str:
    # Without a project, paths are told as seen from here, or from the sources if they
    # are somewhere else.
    here = os.getcwd()
    inside = all(is_below(path, here) for path in paths)
    return here if inside else _common_folder(paths)


def _check_places(settings: Mapping[str, Any], root: str) -> None:
    """
    What a project sets lies in the project: a stranger's settings read and write
    nothing else. Who builds it may name any place on the command line.
    """
    for one in SETTINGS:
        value = settings.get(one.field) or ()
        paths: Iterable[str] = [value] if isinstance(value, str) else value
        if one.kind == "sources":
            paths = [path for path, _ in value]
        elif one.kind == "inventories":
            paths = [file for _, file in value]
        elif one.kind not in ("path", "folder"):
            continue
        for path in paths:
            if not in_project(path, root):
                mend = "keep it there"
                if one.metavar:
                    mend += " or name it on the command line"
                raise usage_error(
                    f"{one.name}: {path} lies outside the project {root}; {mend}"
                )


# ## Checking
def _checked(table: Mapping[str, Any], base: str, where: str) -> dict[str, Any]:
    """The settings of a table by field of `Config`, with paths relative to `base`."""
    if not isinstance(table, Mapping):
        raise usage_error(f"{where}tool.sidelit must be a table of settings")
    known = {one.name: one for one in SETTINGS}
    settings = {}
    for name, value in table.items():
        if name not in known:
            mend = nearest(name, known) or f"; there are {', '.join(known)}"
            raise usage_error(f"{where}there is no setting `{name}`{mend}")
        label = "PATH" if where == "--" and name == "sources" else f"{where}{name}"
        settings[known[name].field] = checked(known[name], value, base, label)
    return settings


def _as_in_file(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags, with `accent=#8a3324,#f0a58f` taken apart as in the file."""
    colors = flags.get("colors", {})
    if not isinstance(colors, list):
        return dict(flags)
    pairs = (text.partition("=") for text in colors)
    table = {
        name: value.split(",") if "," in value else value for name, _, value in pairs
    }
    return {**flags, "colors": table}
