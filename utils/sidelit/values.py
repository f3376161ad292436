"""
---
title: The values of settings
summary: >
  A check for each kind of setting: what a value must be, and what it becomes.
---

# The values of settings

A value is checked where it is read, so that the message can say where it stands. The
kind of a [setting](settings.py) says which check it is given to.
"""

import os
import posixpath
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from .files import CONTROLS, IMAGES, LANGUAGE_TAG
from .macros import Macros
from .model import usage_error
from .plugins import language_of_suffix
from .settings import COLORS, MATH, PRIVATE, Setting, alternatives, nearest


def checked(setting: Setting, value: Any, base: str, where: str) -> Any:
    """
    The value of a field of `Config`. Paths are relative to the folder `base`, and
    `where` are the words for the place of the value. Raises `SidelitError`.
    """
    _check_type(setting, value, where)
    return _CHECKS[setting.kind](value, base, where)


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


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise usage_error(f"{where} must be text, not {value!r}")
    return value


# ## By kind
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
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        raise usage_error(f"{where}: {value!r} is no address; write a space as %20")
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
        raise _missing(path, "folder", value, base, where)
    return path


def _file(value: str, base: str, where: str) -> str:
    path = _path(value, base, where)
    if not os.path.isfile(path):
        raise _missing(path, "file", value, base, where)
    return path


def _missing(path: str, what: str, written: str, base: str, where: str) -> Exception:
    """The error for a path that is not there, or is not `what` it should be."""
    with suppress(OSError, ValueError):
        if kind := _SPECIAL.get(stat.S_IFMT(os.stat(path).st_mode)):
            return usage_error(f"{where}: {written} is {kind}; name a {what}")
    return usage_error(f"{where}: there is no {what} {written} in {base}")


# Reading one of these may never end.
_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


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
        if not (os.path.isfile(path) or os.path.isdir(path)):
            raise _missing(path, "file or folder", written, base, where)
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
        raise _missing(full, "file or folder", path, base, where)
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
