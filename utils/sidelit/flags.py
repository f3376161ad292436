r"""
---
title: Flags
summary: >
  The commands and their flags in one table, by which a command line is read and the
  help is written.
---

# Flags

Python's `argparse` could do this, but importing it and building its parsers takes
longer than starting Python. `sidelit --help` should answer at once, so this module
imports only [the settings](settings.py), which are most of the flags.

The rules are those of `argparse`: `--flag value` or `--flag=value`, `-o value` or
`-ovalue`; a prefix of a flag is enough if it is unique; after `--`, nothing is a flag.
"""

from __future__ import annotations

import os

from . import __version__
from .settings import SETTINGS, alternatives, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any


class UsageError(Exception):
    """The command line makes no sense; the text says how it would."""


# ## The table
#
class Flag:
    """
    With a `metavar`, a flag takes a value: text, one of its `choices`, or a whole
    number that is not below `least`. Without, it is a switch. What a setting may be,
    [reading the settings](config.py) checks.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        metavar: str = "",
        *,
        short: str = "",
        choices: Sequence[str] = (),
        least: int | None = None,
        is_repeated: bool = False,
        is_setting: bool = False,
    ) -> None:
        self.name = name
        self.summary = summary
        self.metavar = metavar
        self.short = short
        self.choices = choices
        self.least = least
        self.is_repeated = is_repeated
        self.is_setting = is_setting

    @property
    def spellings(self) -> list[str]:
        """What it may be called, the short form first: `-o` and `--output`."""
        short = [f"-{self.short}"] if self.short else []
        return short if self.name == self.short else [*short, f"--{self.name}"]

    @property
    def spelling(self) -> str:
        return self.spellings[-1]


class Command:
    """
    A command. The help explains the `words` of its usage.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        details: str,
        usage: str,
        words: dict[str, str],
        *flags: Flag,
    ) -> None:
        self.name = name
        self.summary = summary
        self.details = details
        self.usage = usage
        self.words = words
        self.flags = [*_settings_of(name), *flags, _HELP]


_HELP = Flag("help", "show this help", short="h")


def _settings_of(command: str) -> Iterable[Flag]:
    for one in SETTINGS:
        if not one.metavar or command not in one.verbs:
            continue
        is_repeated = one.is_list or one.is_table
        note = f" (default: {one.default})" if one.default else ""
        yield Flag(
            one.name,
            one.summary + (" (repeatable)" if is_repeated else note),
            one.metavar,
            short=one.short,
            choices=one.choices,
            is_repeated=is_repeated,
            is_setting=True,
        )


FORMS = ("clean", "ipynb", "md", "pdf")
REPORTS = ("text", "json", "github", "sarif")
SHELLS = ("bash", "zsh", "fish")

_PATHS = {"PATH": "file or folder (default: from pyproject.toml)"}
# These are about the machine and not about the project, so they are no settings.
_ENGINE = (
    Flag("jobs", "processes to use (default: one a core)", "N", least=1),
    Flag("no-cache", "neither read nor keep results of earlier runs"),
)

_DRAFTS = Flag("drafts", "include drafts")
_QUIET = Flag("quiet", "tell what is wrong and nothing else", short="q")
FIRST_PAGE = "first_page.py"

COMMANDS = [
    Command(
        "new",
        "write a first page, or what a site needs",
        "Write a first page, or what a repository needs to build and publish a site.\n"
        "What is there already is never overwritten; a pyproject.toml gets a table.",
        "[FILE]",
        {"FILE": f"the page to write (default: {FIRST_PAGE})"},
        Flag("site", "write pyproject.toml, Makefile and a workflow instead"),
    ),
    Command(
        "build",
        "write the site",
        "Write the site.",
        "[PATH...]",
        _PATHS,
        _QUIET,
        _DRAFTS,
        *_ENGINE,
    ),
    Command(
        "serve",
        "show it while you write",
        "Show the site on this machine, and again after each change.",
        "[PATH...]",
        _PATHS,
        Flag("port", "port on this machine (default: 8000)", "PORT", least=0),
        *_ENGINE,
    ),
    Command(
        "check",
        "find what is wrong with the prose",
        "Find what is wrong with the prose, and never stop at the first finding.",
        "[PATH...]",
        _PATHS,
        _QUIET,
        _DRAFTS,
        Flag("strict", "warnings fail, too"),
        Flag(
            "format",
            f"{alternatives(REPORTS)} (default: text)",
            "FORMAT",
            choices=REPORTS,
        ),
        Flag("fix", "mend what has one sure mend"),
        Flag("write-baseline", "note all findings, and tell only new ones later"),
        Flag("external", "ask the network whether links elsewhere work"),
        *_ENGINE,
    ),
    Command(
        "export",
        "take code, notebooks or paper along",
        "Write clean code, a notebook, Markdown or a PDF of one source or of many.",
        "FORM [PATH]",
        {
            "FORM": alternatives(FORMS),
            "PATH": "file or folder (default: the whole project)",
        },
        Flag("out", "file or folder (default: standard output)", "OUT", short="o"),
        *_ENGINE,
    ),
    Command(
        "record",
        "run a program and note the shapes in it",
        "Run a program as Python would, and note the shapes of the tensors in the\n"
        "documented modules.",
        "(PROGRAM | -m MODULE) [ARGUMENT...]",
        {"PROGRAM": "the program to run, with its arguments"},
        Flag("m", "run a module, as `python -m` does", "MODULE", short="m"),
    ),
    Command(
        "completion",
        "print a shell completion script",
        "Print a script that completes commands and flags. What a shell runs when it\n"
        'starts, such as ~/.bashrc, gets a line: eval "$(sidelit completion bash)",\n'
        "the same with zsh, or for fish: sidelit completion fish | source",
        "SHELL",
        {"SHELL": alternatives(SHELLS)},
    ),
]

_ALL = Command(
    "",
    "",
    "Annotated sources as pages: prose on the left, code on the right.",
    "COMMAND ...",
    {one.name: one.summary for one in COMMANDS},
    Flag("version", "show the version"),
)


# ## Reading a command line
def parse(arguments: list[str]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """
    The command, the settings that it is given and its other options, without those that
    are not given. The command is `help` if a text is asked for. Raises `UsageError`.
    """
    names = [one.name for one in COMMANDS]
    if not arguments:
        raise _wrong(_ALL, f"name a command: {', '.join(names)}")
    name = arguments[0]
    if _is_flag(name):
        flag, _ = _find(_ALL, name)
        text = _help(_ALL) if flag.name == "help" else f"sidelit {__version__}"
        return "help", {}, {"text": text}
    if name not in names:
        mend = nearest(name, names) or f"; there are {', '.join(names)}"
        raise _wrong(_ALL, f"there is no command `{name}`{mend}")
    command = COMMANDS[names.index(name)]
    settings, options = _read(command, arguments[1:])
    if "help" in options:
        return "help", {}, {"text": _help(command)}
    return name, settings, options


def _read(
    command: Command, arguments: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    settings: dict[str, Any] = {}
    options: dict[str, Any] = {}
    words: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            words += rest
        elif not _is_flag(word):
            words.append(word)
            # All the rest belongs to the program that is run.
            words += rest if command.name == "record" else ()
        else:
            flag, text = _find(command, word)
            if flag.name == "help":
                return {}, {"help": True}
            value = _value(command, flag, text, rest) if flag.metavar else True
            found = settings if flag.is_setting else options
            if flag.is_repeated:
                found.setdefault(flag.name, []).append(value)
            else:
                found[flag.name] = value
            words += rest if flag.name == "m" else ()
    if command.name == "record":
        options["words"] = words
    elif command.name == "new":
        if len(words) + ("site" in options) > 1:
            raise _wrong(command, "write one FILE, or a site")
        options["file"] = words[0] if words else FIRST_PAGE
    elif command.name == "completion":
        if len(words) > 1:
            raise _wrong(command, f"there is one SHELL; {words[1]!r} is a second one")
        options["shell"] = _one_of(command, "shell", SHELLS, words)
    elif command.name == "export":
        form, paths = _one_of(command, "form", FORMS, words), words[1:]
        if len(paths) > 1:
            raise _wrong(command, f"there is one PATH; {paths[1]!r} is a second one")
        options |= {"form": form, "path": "".join(paths)}
    elif words:
        settings["sources"] = words
    return settings, options


def _one_of(
    command: Command, kind: str, choices: Sequence[str], words: Sequence[str]
) -> str:
    """The first word, which is one of a few."""
    known = ", ".join(choices)
    if not words:
        raise _wrong(command, f"name a {kind}: {known}")
    if words[0] not in choices:
        mend = nearest(words[0], choices) or f"; there are {known}"
        raise _wrong(command, f"there is no {kind} `{words[0]}`{mend}")
    return words[0]


def _is_flag(word: str) -> bool:
    # A dash alone is standard output, and a title may begin with one.
    return len(word) > 1 and word[0] == "-" and " " not in word.partition("=")[0]


def _find(command: Command, word: str) -> tuple[Flag, str | None]:
    """The flag that a word names, and the value if it is in the same word."""
    if word[:2] != "--":
        name, text = word[:2], word[2:].removeprefix("=") if word[2:] else None
        found = [one for one in command.flags if f"-{one.short}" == name]
    else:
        name, sign, after = word.partition("=")
        text = after if sign else None
        found = [one for one in command.flags if one.spelling.startswith(name)]
        found = [one for one in found if one.spelling == name] or found
    if len(found) > 1:
        names = " or ".join(one.spelling for one in found)
        raise _wrong(command, f"{name} is too short; write {names}")
    if not found:
        mend = nearest(name, [one.spelling for one in command.flags])
        raise _wrong(command, f"there is no flag {name}{mend}")
    if text is not None and not found[0].metavar:
        raise _wrong(command, f"{name} takes no value")
    return found[0], text


def _value(
    command: Command, flag: Flag, text: str | None, rest: Iterator[str]
) -> str | int:
    """What a flag is set to, by the text in its word or by the next word."""
    if text is None:
        text = next(rest, None)
        if text is None or _is_flag(text):
            raise _wrong(command, f"{flag.spelling} must be followed by {flag.metavar}")
    if flag.choices and not flag.is_setting and text not in flag.choices:
        choices = ", ".join(flag.choices)
        raise _wrong(command, f"{flag.spelling} must be one of {choices}, not {text!r}")
    if flag.least is None:
        return text
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < flag.least:
        rule = f"must be a whole number from {flag.least}, not {text!r}"
        raise _wrong(command, f"{flag.spelling} {rule}")
    return number


# ## Help
def _wrong(command: Command, message: str) -> UsageError:
    name = f"sidelit {command.name}".rstrip()
    return UsageError(f"{_usage(command)}\n{name}: {message}")


def _usage(command: Command) -> str:
    name = f"sidelit {command.name}".rstrip()
    return f"usage: {name} [OPTION...] {command.usage}"


# In a wide terminal, longer flags have their summary beside them. Lines that are longer
# yet would be hard to read.
_NARROW, _WIDE = (80, 20), (100, 28)


def _width() -> int:
    """The width of the terminal, or 80 where nobody knows."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(1).columns or _NARROW[0]
    except OSError:
        return _NARROW[0]


def _help(command: Command) -> str:
    width = _width()
    most, left = _WIDE if width >= _WIDE[0] else _NARROW
    width = min(width, most)
    lines = [_usage(command), "", *_wrapped(command.details, width), ""]
    for word, summary in command.words.items():
        lines += _columns(word, summary, left, width)
    settings = [one for one in command.flags if one.is_setting]
    options = [one for one in command.flags if not one.is_setting]
    for title, flags in ((_SETTINGS_TITLE, settings), ("options:", options)):
        if flags:
            lines += ["", *_wrapped(title, width)]
        for flag in flags:
            lines += _columns(_flag_names(flag), flag.summary, left, width)
    return "\n".join(lines)


_SETTINGS_TITLE = (
    "settings, which can also stand under [tool.sidelit] in pyproject.toml:"
)


def _flag_names(flag: Flag) -> str:
    return f"{', '.join(flag.spellings)} {flag.metavar}".rstrip()


def _columns(left: str, right: str, column: int, width: int) -> list[str]:
    indent = " " * (column + 4)
    first, *rest = _wrapped(right, width - len(indent))
    # What is too long for its column has a line to itself.
    if len(left) > column:
        head = [f"  {left}", indent + first]
    else:
        head = [f"  {left:{column}}  {first}"]
    return [*head, *(indent + line for line in rest)]


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines of a width, of which no word is parted."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
