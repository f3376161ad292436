"""
---
title: Help
summary: >
  What a command and its flags do, in lines that fit the terminal, and what to tell
  somebody whose command line makes no sense.
---

# Help
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .commands import Command, Flag


class UsageError(Exception):
    """The command line makes no sense; the text says how it would."""


def wrong(command: Command, message: str) -> UsageError:
    """The exception for a command line, with the usage of its command."""
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


def help_text(command: Command) -> str:
    """What a command, its words and its flags do."""
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
