r"""
---
title: Settings
summary: >
  What a project wants, read from pyproject.toml and the command line, checked before
  anything is built.
---

# Settings

Every setting has one name, in the table `[tool.sidelit]` of `pyproject.toml` and as a
flag, and a flag wins. Whoever mistypes a name or a value is told at once, in one
sentence: a setting that is silently ignored costs an afternoon.

```toml
[tool.sidelit]
sources = ["src/mypackage", "notes"]   # or a table: path = "folder of the site"
exclude = ["*_pb2.py"]
output = "site"
site-title = "My package, annotated"
base-url = "https://me.github.io/mypackage/"
repository-url = "https://github.com/me/mypackage"
colors = { accent = ["#8a3324", "#f0a58f"] }   # light and dark
templates = "templates"
record = "shapes.json"                 # what `sidelit record` has seen
results = ["results/*.json"]           # numbers that prose may quote
names = ["numpy"]                      # right, although no source has them
install = "mypackage"                  # what pip installs before a notebook runs
colab-url = "https://colab.research.google.com/github/me/site/blob/main/{notebook}"
external = { "numpy.*" = "https://numpy.org/…/generated/{name}.html" }
inventories = { "https://docs.python.org/3/" = "python.inv" }   # objects.inv of others
```
"""

import difflib
import os
import posixpath
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from .files import CONTROLS, LANGUAGES
from .model import Config, usage_error

COLORS = ("accent", "background", "code-background", "text")


def load(flags: Mapping[str, Any]) -> tuple[Config, list[str]]:
    """
    The settings of the project that the sources belong to, those of the command line
    first, and the files in which they were looked for. Raises `SidelitError` for a name
    or a value that makes no sense.
    """
    paths = [os.path.abspath(path) for path in flags.get("sources", ())]
    _checked({"sources": list(flags.get("sources", ()))}, os.getcwd(), "--")
    table, file, searched = _find_table(_common_folder(paths) if paths else os.getcwd())
    root = os.path.dirname(file) if file else _folder_around(paths)
    settings = _checked(table, root, f"{os.path.relpath(file)}: " if file else "")
    settings |= _checked(_with_colors(flags), os.getcwd(), "--")
    if not settings.get("sources"):
        raise usage_error(
            "there is nothing to build: name files or folders, or set `sources` under "
            "[tool.sidelit] in pyproject.toml"
        )
    name = os.path.basename(root if file else settings["sources"][0][0])
    config = Config(
        root=root,
        sources=settings["sources"],
        exclude=settings.get("exclude", ()),
        output=settings.get("output", os.path.join(root, "site")),
        site_title=settings.get("site-title", name).translate(CONTROLS),
        base_url=settings.get("base-url", ""),
        repository_url=settings.get("repository-url", ""),
        colors=settings.get("colors", ()),
        templates=settings.get("templates", ""),
        record=settings.get("record", os.path.join(root, "shapes.json")),
        results=settings.get("results", ()),
        names=settings.get("names", ()),
        install=settings.get("install", ""),
        colab_url=settings.get("colab-url", ""),
        external=settings.get("external", ()),
        inventories=settings.get("inventories", ()),
    )
    if os.path.isdir(config.record):
        raise usage_error(f"record: {config.record} is a folder; name a file")
    if os.path.exists(config.output) and not os.path.isdir(config.output):
        raise usage_error(f"output: {config.output} is a file; name a folder")
    if config.output in (path for path, _ in config.sources):
        raise usage_error(
            f"output: {config.output} holds the sources; name a folder for the site"
        )
    return config, searched


def load_around(path: str, flags: Mapping[str, Any]) -> Config:
    """
    The settings of the project that a path belongs to. If the path is among its
    sources, all of them are read, so that links between them can be followed.
    """
    config, _ = load({**flags, "sources": [path]} if path else flags)
    table, _, _ = _find_table(config.root)
    if path and "sources" in table:
        sources = _sources(table["sources"], config.root, "sources")
        full = os.path.abspath(path)
        if any(os.path.commonpath([full, source]) == source for source, _ in sources):
            return replace(config, sources=sources)
    return config


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


def _common_folder(paths: list[str]) -> str:
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    return os.path.commonpath(folders)


def _folder_around(paths: list[str]) -> str:
    # Without a project, paths are told as seen from here, or from the sources if they
    # are somewhere else.
    here = os.getcwd()
    inside = not paths or os.path.commonpath([here, *paths]) == here
    return here if inside else _common_folder(paths)


# ## Checking
#
# A setting is checked where its place is known, so that the sentence can name it.
def _checked(table: Mapping[str, Any], base: str, where: str) -> dict[str, Any]:
    """The settings of a table as `Config` wants them, paths seen from `base`."""
    if not isinstance(table, Mapping):
        raise usage_error(f"{where}tool.sidelit must be a table of settings")
    settings = {}
    for name, value in table.items():
        if name not in _CHECKS:
            raise usage_error(
                f"{where}there is no setting `{name}`{_nearest(name, _CHECKS)}"
            )
        label = "PATH" if where == "--" and name == "sources" else f"{where}{name}"
        settings[name] = _CHECKS[name](value, base, label)
    return settings


def _with_colors(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags, with `accent=#8a3324,#f0a58f` taken apart as in the file."""
    if "colors" not in flags:
        return dict(flags)
    pairs = [text.partition("=") for text in flags["colors"]]
    colors = {
        name: value.split(",") if "," in value else value for name, _, value in pairs
    }
    return {**flags, "colors": colors}


def _nearest(name: str, names: Mapping[str, Any] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, names, 1)
    return (
        f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(names)}"
    )


def _text(value: Any, base: str, where: str) -> str:
    if not isinstance(value, str):
        raise usage_error(f"{where} must be text, not {value!r}")
    return value


def _texts(value: Any, base: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise usage_error(f"{where} must be a list of texts, not {value!r}")
    return tuple(value)


def _patterns(value: Any, base: str, where: str) -> tuple[str, ...]:
    for pattern in _texts(value, base, where):
        parts = PurePath(pattern).parts
        if not parts or PurePath(pattern).anchor:
            raise usage_error(
                f"{where}: {pattern!r} must be a path in the project, such as "
                f"results/*.json"
            )
        if any("**" in part and part != "**" for part in parts):
            raise usage_error(
                f"{where}: {pattern!r} has ** beside other letters; write **/*.json"
            )
    return tuple(value)


def _address(value: Any, base: str, where: str) -> str:
    address = _text(value, base, where)
    if not re.match(r"https?://[^/\s]+", address):
        raise usage_error(
            f"{where} must begin with https:// or http://, not be {value!r}"
        )
    try:
        urlsplit(address)
    except ValueError as error:
        raise usage_error(f"{where}: {value!r} is no address: {error}") from None
    return address.rstrip("/") + "/"


def _template(value: Any, base: str, where: str) -> str:
    address = _text(value, base, where)
    if not re.match(r"https?://[^/\s]+", address) or "{notebook}" not in address:
        raise usage_error(
            f"{where} must be an address with {{notebook}} in it, not {value!r}"
        )
    return address


def _path(value: Any, base: str, where: str) -> str:
    if not _text(value, base, where):
        raise usage_error(f"{where} must be a path, not be empty")
    return os.path.normpath(os.path.join(base, value))


def _folder(value: Any, base: str, where: str) -> str:
    path = _path(value, base, where)
    if not os.path.isdir(path):
        raise usage_error(f"{where}: there is no folder {value} in {base}")
    return path


def _sources(value: Any, base: str, where: str) -> tuple[tuple[str, str], ...]:
    """
    Paths and their folders in the site: given by a table, or the root of the site for a
    single source, or a folder with its own name for each of several.
    """
    if isinstance(value, Mapping):
        pairs = [
            (path, _text(folder, base, f"{where}.{path}").strip("/"))
            for path, folder in value.items()
        ]
    else:
        paths = _texts(value, base, where)
        alone = len(paths) == 1
        pairs = [
            (path, "" if alone else os.path.basename(os.path.abspath(path)))
            for path in paths
        ]
    return tuple(_source(path, folder, base, where) for path, folder in pairs)


def _source(path: str, folder: str, base: str, where: str) -> tuple[str, str]:
    if not path:
        raise usage_error(f"{where}: the name of a file or folder is empty")
    if ".." in folder.split("/"):
        raise usage_error(f"{where}: {folder!r} is no place in the site")
    full = os.path.normpath(os.path.join(base, path))
    if os.path.isdir(full):
        # One page has one URL: `.` is the root of the site, and `./api` is `api`.
        return full, posixpath.normpath(f"/{folder}").lstrip("/")
    if not os.path.isfile(full):
        raise usage_error(f"{where}: there is no file or folder {path} in {base}")
    if os.path.splitext(full)[1].lower() not in LANGUAGES:
        raise usage_error(
            f"{where}: {path} is in no language that can be read; there are "
            f"{' '.join(LANGUAGES)}"
        )
    # Files lie at the root of the site: `a.py b.py` are two pages beside each other.
    return full, ""


_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


def _colors(
    value: Any, base: str, where: str
) -> tuple[tuple[str, tuple[str, str]], ...]:
    """A colour is one value for both themes, or a light and a dark one."""
    if not isinstance(value, Mapping):
        raise usage_error(f'{where} must be a table such as {{ accent = "#8a3324" }}')
    colors = []
    for name, color in value.items():
        if name not in COLORS:
            raise usage_error(
                f"{where}: there is no colour `{name}`{_nearest(name, COLORS)}"
            )
        pair = [color, color] if isinstance(color, str) else color
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or not all(
                isinstance(item, str) and _COLOR.fullmatch(item) for item in pair
            )
        ):
            raise usage_error(
                f'{where}.{name} must be a colour like "#8a3324" or a list of a light '
                f"and a dark one, not {color!r}"
            )
        colors.append((name, (pair[0], pair[1])))
    return tuple(colors)


_EXTERNAL = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\.\*)?")
_PLACEHOLDER = re.compile(r"\{(?:name|module)\}")


def _external(value: Any, base: str, where: str) -> tuple[tuple[str, str], ...]:
    """Patterns of addresses, by the names that they are for."""
    if not isinstance(value, Mapping):
        raise usage_error(
            f'{where} must be a table such as {{ "numpy.*" = '
            f'"https://…/{{name}}.html" }}'
        )
    for name, pattern in value.items():
        if not _EXTERNAL.fullmatch(name):
            raise usage_error(
                f"{where}: {name!r} must be a dotted name or end with .*, as in numpy.*"
            )
        text = _text(pattern, base, f"{where}.{name}")
        if text:
            _address(text, base, f"{where}.{name}")
        if re.search(r"[{}\s]", _PLACEHOLDER.sub("", text)):
            raise usage_error(
                f"{where}.{name}: {text!r} may have {{name}} and {{module}} in it, and "
                f"no other braces or spaces"
            )
    return tuple(value.items())


def _inventories(value: Any, base: str, where: str) -> tuple[tuple[str, str], ...]:
    """Files on disk, by the addresses of the sites whose names they list."""
    if not isinstance(value, Mapping):
        raise usage_error(
            f'{where} must be a table such as {{ "https://docs.python.org/3/" = '
            f'"python.inv" }}'
        )
    return tuple(
        (_address(address, base, where), _path(path, base, f"{where}.{address}"))
        for address, path in value.items()
    )


_CHECKS = {
    "sources": _sources,
    "exclude": _texts,
    "output": _path,
    "site-title": _text,
    "base-url": _address,
    "repository-url": _address,
    "colors": _colors,
    "templates": _folder,
    "record": _path,
    "results": _patterns,
    "names": _texts,
    "install": _text,
    "colab-url": _template,
    "external": _external,
    "inventories": _inventories,
}
