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
import posixpath
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .files import CONTROLS, IMAGES, LANGUAGE_TAG, in_project, is_below, is_inside
from .macros import Macros
from .model import Config, usage_error
from .plugins import language_of_suffix
from .settings import (
    COLORS,
    MATH,
    PRIVATE,
    SETTINGS,
    Setting,
    alternatives,
    nearest,
)


def load(flags: Mapping[str, Any]) -> tuple[Config, list[str]]:
    """
    The settings of the project that the sources belong to, and the files in which they
    were looked for. Raises `SidelitError` for a wrong name or value.
    """
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
    settings |= _checked(table, root, f"{os.path.relpath(file)}: " if file else "")
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
            "there are no sources: name files or folders, or set `sources` under "
            "[tool.sidelit] in pyproject.toml"
        )
    name = os.path.basename(root if file else settings["sources"][0][0])
    title = settings.get("site_title", name).translate(CONTROLS)
    config = Config(root, **{**settings, "site_title": title})
    if os.path.isdir(config.record):
        raise usage_error(f"record: {config.record} is a folder; name a file")
    if os.path.exists(config.output) and not os.path.isdir(config.output):
        raise usage_error(f"output: {config.output} is a file; name a folder")
    if config.output in (path for path, _ in config.sources):
        raise usage_error(
            f"output: {config.output} holds the sources; name a folder for the site"
        )
    _check_brought(config)
    return config, searched


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


def output_in_file(root: str) -> str:
    """The folder that the file with the settings names for the site, or nothing."""
    table, file, _ = _find_table(root)
    named = table.get("output")
    if not isinstance(named, str) or not named:
        return ""
    return _path(named, os.path.dirname(file), "")


def load_around(path: str, flags: Mapping[str, Any]) -> Config:
    """
    The settings of the project that a path belongs to. If the path is among its
    sources, all of them are read, so that links between them can be followed.
    """
    config, _ = load({**flags, "sources": [path]} if path else flags)
    table, _, _ = _find_table(config.root)
    if path and "sources" in table:
        sources = _checked({"sources": table["sources"]}, config.root, "")["sources"]
        full = os.path.abspath(path)
        if any(is_below(full, source) for source, _ in sources):
            _check_places({"sources": sources}, config.root)
            return config.replace(sources=sources)
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
#
# A value is checked where it is read, so that the message can say where it stands.
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
        _check_type(known[name], value, label)
        settings[known[name].field] = _CHECKS[known[name].kind](value, base, label)
    return settings


def _check_type(setting: Setting, value: Any, where: str) -> None:
    if setting.is_table:
        if not isinstance(value, Mapping):
            raise usage_error(f"{where} must be a table such as {setting.example}")
    elif setting.is_list:
        is_table = setting.kind == "sources" and isinstance(value, Mapping)
        if not is_table and not (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        ):
            raise usage_error(f"{where} must be a list of texts, not {value!r}")
    else:
        _text(value, where)


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


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise usage_error(f"{where} must be text, not {value!r}")
    return value


# ### By kind
#
# Each of these gets a value of the right type, the folder that paths are relative to
# and the words for where the value stands.
def _as_it_is(value: str, base: str, where: str) -> str:
    return value


def _line(value: str, base: str, where: str) -> str:
    if "\n" in (text := value.translate(CONTROLS).strip()):
        raise usage_error(f"{where} must be one line, and {value!r} has a line break")
    return text


def _texts(value: list[str], base: str, where: str) -> tuple[str, ...]:
    return tuple(value)


def _patterns(value: list[str], base: str, where: str) -> tuple[str, ...]:
    for pattern in value:
        if (
            "\0" in pattern
            or posixpath.normpath(pattern) == "."
            or os.path.isabs(pattern)
            or ".." in pattern.split("/")
        ):
            raise usage_error(
                f"{where}: {pattern!r} must be a path in the project, such as "
                f"results/*.json"
            )
        if any("**" in part and part != "**" for part in pattern.split("/")):
            raise usage_error(
                f"{where}: {pattern!r} has ** beside other letters; write **/*.json"
            )
    return tuple(value)


def _address(value: str, base: str, where: str) -> str:
    _check_scheme(value, f"begin with https:// or http://, not be {value!r}", where)
    try:
        urlsplit(value)
    except ValueError as error:
        raise usage_error(f"{where}: {value!r} is no address: {error}") from None
    if re.search(r"[\s\x00-\x1f\x7f<>\"]", value):
        raise usage_error(
            f"{where}: {value!r} is no address; write spaces and signs like %20"
        )
    return value.rstrip("/") + "/"


def _notebook_address(value: str, base: str, where: str) -> str:
    rule = f"be an address with {{notebook}} in it, not {value!r}"
    _check_scheme(value, rule, where)
    if "{notebook}" not in value:
        raise usage_error(f"{where} must {rule}")
    return value


def _check_scheme(value: str, rule: str, where: str) -> None:
    if not re.match(r"https?://[^/\s]", value):
        raise usage_error(f"{where} must {rule}")


def _path(value: str, base: str, where: str) -> str:
    if not value:
        raise usage_error(f"{where} must be a path, not be empty")
    if "\0" in value:
        raise usage_error(f"{where}: {value!r} is no path; leave out the NUL")
    return os.path.normpath(os.path.join(base, value))


def _folder(value: str, base: str, where: str) -> str:
    path = _path(value, base, where)
    if not os.path.isdir(path):
        raise usage_error(f"{where}: there is no folder {value} in {base}")
    return path


def _file(value: str, base: str, where: str) -> str:
    path = _path(value, base, where)
    if not os.path.isfile(path):
        raise usage_error(f"{where}: there is no file {value} in {base}")
    return path


def _image(value: str, base: str, where: str) -> str:
    path = _file(value, base, where)
    if os.path.splitext(path)[1].lower() not in IMAGES:
        raise usage_error(
            f"{where}: {value} is not an image that browsers show; they end in "
            f"{' '.join(IMAGES)}"
        )
    return path


def _styles(value: list[str], base: str, where: str) -> tuple[str, ...]:
    for file in value:
        if not file.lower().endswith(".css"):
            raise usage_error(f"{where}: {file} is no style sheet; it must end in .css")
    return tuple(_file(file, base, where) for file in value)


def _files(value: list[str], base: str, where: str) -> tuple[str, ...]:
    paths = [_path(path, base, where) for path in value]
    for path, written in zip(paths, value, strict=True):
        if not os.path.exists(path):
            raise usage_error(
                f"{where}: there is no file or folder {written} in {base}"
            )
    return tuple(paths)


def _sources(
    value: list[str] | Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, str], ...]:
    """
    Paths and their folders in the site: given by a table, or the root of the site for a
    single source, or a folder with its own name for each of several.
    """
    if isinstance(value, Mapping):
        pairs = [
            (path, _text(folder, f"{where}.{path}").strip("/"))
            for path, folder in value.items()
        ]
    else:
        alone = len(value) == 1
        pairs = [
            (path, "" if alone else os.path.basename(os.path.abspath(path)))
            for path in value
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
    if os.path.splitext(full)[1].lower() not in language_of_suffix():
        raise usage_error(
            f"{where}: {path} is in no language that can be read; there are "
            f"{' '.join(language_of_suffix())}"
        )
    # Files lie at the root of the site: `a.py b.py` are two pages beside each other.
    return full, ""


_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


def _colors(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, tuple[str, str]], ...]:
    """A colour is one value for both themes, or a list of a light and a dark one."""
    colors = []
    for name, color in value.items():
        if name not in COLORS:
            mend = nearest(name, COLORS) or f"; there are {', '.join(COLORS)}"
            raise usage_error(f"{where}: there is no colour `{name}`{mend}")
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


_DOTTED_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\.\*)?")
_PLACEHOLDER = re.compile(r"\{(?:name|module)\}")


def _external(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, str], ...]:
    """Patterns of addresses, by the names that they are for."""
    for name, pattern in value.items():
        if not _DOTTED_NAME.fullmatch(name):
            raise usage_error(
                f"{where}: {name!r} must be a dotted name or end with .*, as in numpy.*"
            )
        if text := _text(pattern, f"{where}.{name}"):
            _address(text, base, f"{where}.{name}")
        if re.search(r"[{}\s]", _PLACEHOLDER.sub("", text)):
            raise usage_error(
                f"{where}.{name}: {text!r} may have {{name}} and {{module}} in it, and "
                f"no other braces or spaces"
            )
    return tuple(value.items())


def _inventories(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, str], ...]:
    """Files on disk, by the addresses of the sites whose names they list."""
    pairs = []
    for address, file in value.items():
        path = _path(_text(file, f"{where}.{address}"), base, f"{where}.{address}")
        pairs.append((_address(address, base, where), path))
    return tuple(pairs)


def _rules(value: list[str], base: str, where: str) -> tuple[str, ...]:
    names = [name.strip() for item in value for name in item.split(",")]
    for name in names:
        if not re.fullmatch(r"ALL|[A-Z]{3}\d{0,3}", name):
            raise usage_error(
                f"{where}: {name!r} is no rule; name one such as NAM101, the beginning "
                f"of some such as NAM, or ALL"
            )
    return tuple(names)


def _per_file_ignores(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rules that do not apply, by patterns of the files, as in `exclude`."""
    pairs = []
    for pattern, names in value.items():
        label = f"{where}.{pattern}"
        if not pattern.removeprefix("!"):
            raise usage_error(f"{where}: the pattern of some files is empty")
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise usage_error(f"{label} must be a list of rules, not {names!r}")
        pairs.append((pattern, _rules(names, base, label)))
    return tuple(pairs)


def _language(value: str, base: str, where: str) -> str:
    if not LANGUAGE_TAG.fullmatch(value):
        raise usage_error(
            f"{where} must be the tag of a language such as de or pt-BR, not {value!r}"
        )
    return value


def _languages(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, bool], ...]:
    """Yes or no by language."""
    known = sorted(set(language_of_suffix().values()))
    for name, choice in value.items():
        if name not in known:
            mend = nearest(name, known) or f"; there are {', '.join(known)}"
            raise usage_error(f"{where}: there is no language `{name}`{mend}")
        if not isinstance(choice, bool):
            raise usage_error(f"{where}.{name} must be true or false, not {choice!r}")
    return tuple(value.items())


_MACRO = re.compile(r"\\(?:[A-Za-z]+|[^A-Za-z])")


def _macros(
    value: Mapping[str, Any], base: str, where: str
) -> tuple[tuple[str, str], ...]:
    """What stands for each command."""
    macros = {}
    for name, text in value.items():
        if not _MACRO.fullmatch(name):
            raise usage_error(
                f"{where}: {name!r} must be a backslash and letters, or a backslash "
                f"and one other character"
            )
        macros[name] = _text(text, f"{where}.{name}")
    if circular := Macros(macros).circular():
        raise usage_error(f"{where}: `{circular}` stands for itself in the end")
    return tuple(macros.items())


def _one_of(*choices: str) -> Callable[[str, str, str], str]:
    def check(value: str, base: str, where: str) -> str:
        if value not in choices:
            raise usage_error(f"{where} must be {alternatives(choices)}, not {value!r}")
        return value

    return check


_CHECKS: dict[str, Callable[[Any, str, str], Any]] = {
    "address": _address,
    "colors": _colors,
    "external": _external,
    "files": _files,
    "folder": _folder,
    "inventories": _inventories,
    "language": _language,
    "languages": _languages,
    "line": _line,
    "macros": _macros,
    "math": _one_of(*MATH),
    "notebook address": _notebook_address,
    "path": _path,
    "patterns": _patterns,
    "per-file-ignores": _per_file_ignores,
    "image": _image,
    "private": _one_of(*PRIVATE),
    "rules": _rules,
    "sources": _sources,
    "styles": _styles,
    "text": _as_it_is,
    "texts": _texts,
}
