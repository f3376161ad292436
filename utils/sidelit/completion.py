r"""
---
title: Completing words in a shell
summary: >
  Scripts for bash, zsh and fish that complete commands, flags and their values, made
  from the one table of flags.
---

# Completing words in a shell

The scripts are made from [the flags](commands.py), so they know what the command line
knows. They do not run sidelit: a shell must not wait for Python when somebody presses
Tab. Where no word is known, a shell offers files.
"""

from .commands import COMMANDS, FORMS, SHELLS, Command, Flag

# What stands behind a command itself, besides files.
_WORDS = {"export": FORMS, "completion": SHELLS}


def completion(shell: str) -> str:
    """The script for a shell."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


# ## Bash
#
# It takes `--flag=value` for three words.
_BASH = """\
_sidelit() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "COMMANDS" -- "$cur"))
        return
    fi
    if [ "$cur" = = ]; then
        cur=
    elif [ "$prev" = = ]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case ${COMP_WORDS[1]} in
CASES
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _sidelit sidelit
"""


def _bash() -> str:
    cases = "\n".join(map(_bash_case, COMMANDS))
    names = " ".join([*(one.name for one in COMMANDS), "--version", "--help"])
    return _BASH.replace("COMMANDS", names).replace("CASES", cases)


def _bash_case(command: Command) -> str:
    lines = [f"    {command.name})", "        case $prev in"]
    for flag in command.flags:
        if flag.metavar:
            names = "|".join(flag.spellings)
            if flag.metavar == "FOLDER":
                then = "compopt -o dirnames 2>/dev/null; return"
            elif flag.choices:
                then = f'words="{" ".join(flag.choices)}"'
            else:
                then = "return"
            lines.append(f"        {names}) {then} ;;")
    flags = " ".join(name for one in command.flags for name in one.spellings)
    words = " ".join(_WORDS.get(command.name, ()))
    lines += [
        f'        *) case $cur in -*) words="{flags}" ;; *) words="{words}" ;; esac ;;',
        "        esac ;;",
    ]
    return "\n".join(lines)


# ## Zsh
def _zsh() -> str:
    lines = [
        # Not everybody has started completion before.
        "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }",
        "_sidelit() {",
        "    local -a commands=(",
    ]
    lines += (f"        {_quoted(f'{one.name}:{one.summary}')}" for one in COMMANDS)
    lines += [
        "    )",
        "    if (( CURRENT == 2 )); then",
        "        _describe command commands",
        "        return",
        "    fi",
        "    shift words",
        "    (( CURRENT-- ))",
        "    case $words[1] in",
    ]
    for command in COMMANDS:
        lines.append(f"    {command.name}) _arguments -s \\")
        for flag in command.flags:
            lines += (f"        {one} \\" for one in _zsh_arguments(flag))
        words = " ".join(_WORDS.get(command.name, ()))
        first = f"'1:word:({words})' " if words else ""
        lines.append(f"        {first}'*:file:_files' ;;")
    lines += ["    esac", "}", "compdef _sidelit sidelit"]
    return "\n".join(lines) + "\n"


def _zsh_arguments(flag: Flag) -> list[str]:
    summary = flag.summary
    for sign in "\\[]:":
        summary = summary.replace(sign, f"\\{sign}")
    value = ""
    if flag.metavar:
        kind = "_files -/" if flag.metavar == "FOLDER" else "_files"
        if flag.choices:
            kind = f"({' '.join(flag.choices)})"
        value = f":{flag.name}:{kind}"
    star = "*" if flag.is_repeated else ""
    return [
        _quoted(
            f"{star}{one}{'=' * (bool(value) and one[:2] == '--')}[{summary}]{value}"
        )
        for one in flag.spellings
    ]


# ## Fish
def _fish() -> str:
    lines = ["complete -c sidelit -n __fish_use_subcommand -f"]
    for command in COMMANDS:
        summary = _quoted(command.summary)
        start = "complete -c sidelit -n __fish_use_subcommand"
        lines.append(f"{start} -a {command.name} -d {summary}")
    for command in COMMANDS:
        start = f"complete -c sidelit -n '__fish_seen_subcommand_from {command.name}'"
        if words := _WORDS.get(command.name):
            # Only behind its first word may a command take files.
            offered = " ".join(words)
            first = f"{start[:-1]}; and not __fish_seen_subcommand_from {offered}'"
            lines.append(f"{first} -f -a {_quoted(offered)}")
        for flag in command.flags:
            line = start
            for one in flag.spellings:
                line += f" -{'l' if one[:2] == '--' else 's'} {one.lstrip('-')}"
            if flag.choices:
                line += f" -x -a {_quoted(' '.join(flag.choices))}"
            elif flag.metavar == "FOLDER":
                line += " -x -a '(__fish_complete_directories)'"
            elif flag.metavar:
                line += " -r"
            lines.append(f"{line} -d {_quoted(flag.summary)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as one word of zsh or fish."""
    # Fish reads `\'` within quotes, and zsh does not, so no text has one.
    return "'" + text.replace("'", "’") + "'"
