r"""
---
title: Reading a command line
summary: >
  A command line becomes the name of a command, the settings that it is given and its
  other options.
---

# Reading a command line

The rules are those of `argparse`: `--flag value` or `--flag=value`, `-o value` or
`-ovalue`; a prefix of a flag is enough if it is unique; after `--`, nothing is a flag.
"""

from __future__ import annotations

from . import __version__
from .commands import ALL, COMMANDS, FIRST_PAGE, FORMS, SHELLS
from .settings import nearest
from .usage import help_text, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .commands import Command, Flag


def parse(arguments: list[str]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """
    The command, the settings that it is given and its other options, without those that
    are not given. The command is `help` if a text is asked for. Raises `UsageError`.
    """
    names = [one.name for one in COMMANDS]
    if not arguments:
        raise wrong(ALL, f"name a command: {', '.join(names)}")
    name = arguments[0]
    if _is_flag(name):
        flag, _ = _find(ALL, name)
        text = help_text(ALL) if flag.name == "help" else f"sidelit {__version__}"
        return "help", {}, {"text": text}
    if name not in names:
        mend = nearest(name, names) or f"; there are {', '.join(names)}"
        raise wrong(ALL, f"there is no command `{name}`{mend}")
    command = COMMANDS[names.index(name)]
    settings, options = _read(command, arguments[1:])
    if "help" in options:
        return "help", {}, {"text": help_text(command)}
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
            more = f"leave out {words[-1]!r}"
            raise wrong(command, f"write one FILE, or a site; {more}")
        options["file"] = words[0] if words else FIRST_PAGE
    elif command.name == "completion":
        if len(words) > 1:
            raise wrong(command, f"there is one SHELL; {words[1]!r} is a second one")
        options["shell"] = _one_of(command, "shell", SHELLS, words)
    elif command.name == "export":
        form, paths = _one_of(command, "form", FORMS, words), words[1:]
        if len(paths) > 1:
            raise wrong(command, f"there is one PATH; {paths[1]!r} is a second one")
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
        raise wrong(command, f"name a {kind}: {known}")
    if words[0] not in choices:
        mend = nearest(words[0], choices) or f"; there are {known}"
        raise wrong(command, f"there is no {kind} `{words[0]}`{mend}")
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
        raise wrong(command, f"{name} is too short; write {names}")
    if not found:
        mend = nearest(name, [one.spelling for one in command.flags])
        raise wrong(command, f"there is no flag {name}{mend}")
    if text is not None and not found[0].metavar:
        raise wrong(command, f"{name} takes no value")
    return found[0], text


def _value(
    command: Command, flag: Flag, text: str | None, rest: Iterator[str]
) -> str | int:
    """What a flag is set to, by the text in its word or by the next word."""
    if text is None:
        text = next(rest, None)
        if text is None or _is_flag(text):
            raise wrong(command, f"{flag.spelling} must be followed by {flag.metavar}")
    if flag.choices and not flag.is_setting and text not in flag.choices:
        choices = ", ".join(flag.choices)
        raise wrong(command, f"{flag.spelling} must be one of {choices}, not {text!r}")
    if flag.least is None:
        return text
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < flag.least:
        rule = f"must be a whole number from {flag.least}, not {text!r}"
        raise wrong(command, f"{flag.spelling} {rule}")
    return number
