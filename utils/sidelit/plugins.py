r"""
---
title: Plugins
summary: >
  What installed packages add to sidelit: directives of Markdown, languages and rules,
  found by their entry points.
---

# Plugins

A plugin is an [entry point](https://packaging.python.org/specifications/entry-points/)
of an installed distribution, in one of three groups. [The
guide](../../docs/guide/plugins.md) has an example of each.

| group | the name | what is loaded |
|---|---|---|
| `sidelit.directives` | `VIDEO` for `> [!VIDEO]` | a [directive](prose/directives.py) |
| `sidelit.languages` | that of the language | a `Language` |
| `sidelit.rules` | the identifier of the rule | a `Rule` |

Plugins are code, so they come from whoever installs packages, and never from a
repository that is being built: what merely lies in the current folder is not installed,
though Python may look there first. A folder that was installed as it is, with `pip
install -e`, counts there as well as anywhere else.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from .files import LANGUAGES
from .fresh import distributions, is_here
from .model import told, usage_error


@dataclass(frozen=True, slots=True)
class Language:
    """
    ## A language

    * `suffixes` are those of its files, such as `.zig`.
    * `line` has the signs that begin a comment of one line, and `block` pairs those
      around a longer one.
    * `strings` are the quotes around a string on one line, in which a backslash hides
      the next character. They matter only beside `line` or `block`.
    * `lexer` is Pygments' name for it, which decides the colours; without `line` and
      `block`, it also decides what is a comment.
    """

    suffixes: tuple[str, ...]
    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    strings: tuple[str, ...] = ('"',)
    lexer: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """
    ## A rule

    * `summary` is what it asks for, such as "no sentence says 'simply'".
    * `findings` is a function of a [subject](check/subject.py), which makes the
      findings as well: `subject.within(section, offset, "ABC101", message)`.
    * `level` is `error` or `warning`, and a rule that is no `is_default` applies only
      where it is selected.
    """

    summary: str
    findings: Callable[[Any], Iterable[Any]]
    level: str = "error"
    is_default: bool = True


@dataclass(frozen=True, slots=True)
class Plugin:
    """
    ## An entry point

    Its `group` and `name`, the `target` to import, such as `module:attribute`, and the
    `distribution` with its version, as messages have it.
    """

    group: str
    name: str
    target: str
    distribution: str

    def __str__(self) -> str:
        return f"{self.group} `{self.name}` of {self.distribution}"

    def load(self) -> Any:
        """What the target is. Raises `SidelitError` if it cannot be imported."""
        from importlib import import_module

        module, _, attributes = self.target.partition(":")
        try:
            with _without_here():
                value: Any = import_module(module)
            for name in filter(None, attributes.split(".")):
                value = getattr(value, name)
        except (Exception, SystemExit) as error:
            raise usage_error(
                f"the plugin {self} cannot be imported: {told(error)}; mend it or "
                f"uninstall it"
            ) from error
        return value

    def wrong(self, message: str) -> Exception:
        """The exception for a plugin that is not what it should be."""
        return usage_error(f"the plugin {self} {message}; mend it or uninstall it")

    def files(self) -> Iterator[str]:
        """The files of the module or the package that it is imported from."""
        from importlib.util import find_spec

        # What is wrong with it, loading tells.
        spec = None
        with suppress(ImportError, ValueError), _without_here():
            spec = find_spec(re.split(r"[.:]", self.target)[0])
        if spec is None:
            return
        for folder in spec.submodule_search_locations or ():
            for path, _, names in os.walk(folder):
                if os.path.basename(path) != "__pycache__":
                    yield from (os.path.join(path, one) for one in names)
        if not spec.submodule_search_locations and spec.origin:
            yield spec.origin


@contextmanager
def _without_here() -> Iterator[None]:
    path = sys.path
    sys.path = [one for one in path if not is_here(one)]
    try:
        yield
    finally:
        sys.path = path


# ## What is installed
#
# The metadata of all distributions take longer to read than a small site to build. So
# only those with an entry point of ours are parsed.
GROUPS = ("sidelit.directives", "sidelit.languages", "sidelit.rules")


@cache
def installed() -> tuple[Plugin, ...]:
    """
    The plugins that are installed, by group and name. Of a distribution that is there
    twice, the one that Python would find first counts.
    """
    plugins: list[Plugin] = []
    known: set[str] = set()
    for folder in distributions():
        stem = os.path.splitext(os.path.basename(folder))[0]
        name, _, version = stem.partition("-")
        if (normalized := re.sub(r"[-_.]+", "-", name).lower()) in known:
            continue
        known.add(normalized)
        try:
            with open(os.path.join(folder, "entry_points.txt"), "rb") as file:
                data = file.read()
        except OSError:
            continue
        if b"sidelit." in data:
            text = data.decode(errors="replace")
            plugins += _entry_points(text, f"{name} {version}".rstrip())
    return tuple(sorted(plugins, key=lambda one: (one.group, one.name)))


def _entry_points(text: str, distribution: str) -> Iterator[Plugin]:
    import configparser

    parser = configparser.RawConfigParser(delimiters="=", strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        said = " ".join(str(error).split())
        raise usage_error(
            f"the entry points of {distribution} cannot be read: {said}"
        ) from error
    for group in GROUPS:
        if parser.has_section(group):
            for name, target in parser.items(group):
                yield Plugin(group, name, re.sub(r"\[.*|\s", "", target), distribution)


@cache
def _loaded(group: str) -> dict[str, tuple[Plugin, Any]]:
    """The plugins of a group and what they are, by name."""
    found: dict[str, tuple[Plugin, Any]] = {}
    for plugin in installed():
        if plugin.group == group:
            name = plugin.name.upper() if group == GROUPS[0] else plugin.name
            if name in found:
                raise plugin.wrong(f"is also in {found[name][0].distribution}")
            found[name] = plugin, plugin.load()
    return found


def editions() -> list[str]:
    """What changes with the plugins that are installed, and the files that they are."""
    return [f"{one.target} {one}" for one in installed()]


def plugin_files() -> list[str]:
    """The files of all plugins."""
    return sorted({file for one in installed() for file in one.files()})


# ## By group
@cache
def directives(own: frozenset[str]) -> dict[str, tuple[Plugin, Callable[[Any], Any]]]:
    """The directives of plugins, by name; the names of our `own` are taken."""
    for name, (plugin, value) in _loaded(GROUPS[0]).items():
        if not re.fullmatch(r"[A-Z][A-Z0-9_-]*", name) or name in own:
            raise plugin.wrong("needs a name of its own, of letters and digits")
        if not callable(value):
            raise plugin.wrong(f"must be a function, not {value!r}")
    return _loaded(GROUPS[0])


@cache
def languages() -> dict[str, Language]:
    """The languages of plugins, by name."""
    found: dict[str, Language] = {}
    taken = dict(LANGUAGES)
    for name, (plugin, one) in _loaded(GROUPS[1]).items():
        if name in {*LANGUAGES.values(), "text"}:
            raise plugin.wrong("needs a name of its own")
        if not isinstance(one, Language):
            raise plugin.wrong(f"must be a sidelit.plugins.Language, not {one!r}")
        lists = (one.suffixes, one.line, one.strings)
        if not all(map(_are_texts, lists)):
            raise plugin.wrong(
                "needs tuples of texts, such as ('//',), none of them empty"
            )
        if not isinstance(one.block, tuple) or not all(
            _are_texts(pair) and len(pair) == 2 for pair in one.block
        ):
            raise plugin.wrong(
                f"needs a tuple of pairs, such as (('/*', '*/'),), for `block`, not "
                f"{one.block!r}"
            )
        if not isinstance(one.lexer, str):
            raise plugin.wrong(f"needs the name of a lexer, not {one.lexer!r}")
        for suffix in one.suffixes:
            if not re.fullmatch(r"\.[^\s./]+", suffix) or suffix != suffix.lower():
                raise plugin.wrong(f"has {suffix!r} for a suffix; write one like .zig")
            if suffix in taken:
                raise plugin.wrong(f"has the suffix {suffix} of {taken[suffix]}")
            taken[suffix] = name
        if not (one.line or one.block or one.lexer):
            raise plugin.wrong("has no comments; name their signs or a lexer")
        if one.lexer:
            from pygments.lexers import find_lexer_class_by_name

            try:
                find_lexer_class_by_name(one.lexer)
            except ValueError:
                message = f"names {one.lexer!r}, which is no lexer of Pygments"
                raise plugin.wrong(message) from None
        found[name] = one
    return found


def _are_texts(values: Any) -> bool:
    """Whether something is a tuple of texts, none of them empty."""
    return isinstance(values, tuple) and all(
        isinstance(one, str) and one for one in values
    )


@cache
def language_of_suffix() -> dict[str, str]:
    """The languages of all files that become pages, by suffix."""
    added = {
        suffix: name for name, one in languages().items() for suffix in one.suffixes
    }
    return {**LANGUAGES, **added}


@cache
def rules(families: frozenset[str]) -> dict[str, tuple[Plugin, Rule]]:
    """The rules of plugins, by identifier; our own `families` are taken."""
    for name, (plugin, one) in _loaded(GROUPS[2]).items():
        if not re.fullmatch(r"[A-Z]{3}\d{3}", name) or name[:3] in families:
            raise plugin.wrong("needs an identifier of its own, such as ABC101")
        if not isinstance(one, Rule) or one.level not in ("error", "warning"):
            raise plugin.wrong(
                f"must be a sidelit.plugins.Rule of level error or warning, not {one!r}"
            )
        if not isinstance(one.summary, str) or not callable(one.findings):
            raise plugin.wrong("needs a text for `summary`, a function for `findings`")
    return _loaded(GROUPS[2])
