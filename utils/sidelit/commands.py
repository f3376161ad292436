r"""
---
title: Commands and flags
summary: >
  The commands and their flags in one table, by which a command line is read, completed
  and explained.
---

# Commands and flags

Python's `argparse` could do this, but importing it and building its parsers takes
longer than starting Python. `sidelit --help` should answer at once, so this module
imports only [the settings](settings.py), which are most of the flags.
"""

from __future__ import annotations

from .settings import SETTINGS, alternatives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Flag:
    """
    ## A flag

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
    ## A command

    The help explains the `words` of its usage.
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

ALL = Command(
    "",
    "",
    "Annotated sources as pages: prose on the left, code on the right.\n"
    "`sidelit new` writes a first page, and `sidelit COMMAND --help` explains a\n"
    "command. The guide is docs/guide in the repository that sidelit comes from.",
    "COMMAND ...",
    {one.name: one.summary for one in COMMANDS},
    Flag("version", "show the version"),
)
