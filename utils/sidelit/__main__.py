r"""
---
title: The command line
summary: >
  sidelit build writes a site, serve shows it while you write, record notes what shapes
  the tensors have when the code runs.
---

# The command line

```text
sidelit build [PATH...] [-o FOLDER]    write the site
sidelit serve [PATH...] [--port PORT]  show it here, and again after each change
sidelit check [PATH...]                find what is wrong with the prose
sidelit record PROGRAM [ARGUMENT...]   run a program and note the shapes in it
sidelit record -m MODULE [ARGUMENT...] the same with a module
sidelit export FORM [PATH] [-o OUT]    take code, notebooks or paper along
```

The exit status is 0 if all is well, 1 if something is wrong in the sources and 2 if the
command or a setting makes no sense; `record` ends with the status of the program. What
is wrong is told on the error stream, one line each, as `path:line:column: RULE
message`.
"""

import io
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from .fresh import command_key, last_message, remember

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from .model import Config, Problem


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except OSError as error:
        # A full disk, a folder without permission: the words of the system and the
        # place.
        place = f"{error.filename}: " if error.filename else ""
        print(f"sidelit: {place}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nsidelit: stopped", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    started = time.time_ns()
    # A terminal that cannot show a letter of a name still gets the message. A program
    # that is recorded gets the streams as they are.
    for stream in (sys.stdout, sys.stderr) if arguments[:1] != ["record"] else ():
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Everything else is imported only if there is something to do.
    key = command_key(arguments)
    if arguments[:1] == ["build"] and (message := last_message(key)):
        print(message)
        return 0
    from .model import SidelitError

    try:
        options = vars(_parser().parse_args(arguments))
        command = options.pop("command")
        if command == "serve":
            return _serve(options)
        if command == "record":
            return _record(options)
        if command == "check":
            return _check(options)
        if command == "export":
            return _export(options)
        return _build(options, key, started)
    except SidelitError as error:
        print(f"sidelit: {error}", file=sys.stderr)
        return 1 if error.problem.line else 2


# ## The commands
def _build(options: dict[str, Any], key: str, started: int) -> int:
    import gc

    from .build import build
    from .publish.search import search_files
    from .write import MANIFEST, write_site

    # Syntax trees and tokens are millions of objects without a cycle, and a build is
    # over before memory runs short: looking for garbage only takes time.
    gc.disable()
    config, searched = _load(options)
    result = build(config)
    files = result.files | search_files(config, result.texts)
    changes = write_site(config.output, files)
    _report(result.problems, config)
    output = os.path.relpath(config.output)
    pages = "1 page" if result.pages == 1 else f"{result.pages} pages"
    print(
        f"{output}: {pages}; {changes.written} files written, {changes.removed} removed"
    )
    if result.problems:
        return 1
    written = [os.path.join(config.output, url) for url in (*files, MANIFEST)]
    inputs = (*result.inputs, *searched)
    remember(key, started, inputs, written, f"{output}: {pages}; nothing has changed")
    return 0


def _serve(options: dict[str, Any]) -> int:
    from .serve import serve

    port = options.pop("port", 8000)
    serve(lambda: _load(options)[0], port, _report)
    return 0


def _check(options: dict[str, Any]) -> int:
    from dataclasses import replace

    from .check import check, mend, report
    from .check.rules import RULES

    strict, form = options.pop("strict", False), options.pop("format", "text")
    fix, external = options.pop("fix", False), options.pop("external", False)
    config, _ = _load(options)
    asked = None
    if external:
        from .check.external import Addresses

        asked = Addresses().fault
    found = check(config, asked)
    if fix:
        found = mend(config, found)
    failing = [one for one in found if strict or RULES[one.rule].level == "error"]
    here = [
        replace(one, problem=replace(one.problem, path=_from_here(one.problem, config)))
        for one in found
    ]
    print(report(here, form), end="")
    if form == "text":
        count = len(found)
        findings = (
            f"{count} finding{'s' * (count != 1)}" if count else "nothing to mend"
        )
        print(f"sidelit: {findings}", file=sys.stderr)
        unseen = any(one.rule == "SHP103" for one in found)
        if unseen and not os.path.exists(config.record):
            place = os.path.relpath(config.record)
            hint = f"there is no {place}; `sidelit record PROGRAM` makes it"
            print(f"sidelit: {hint}", file=sys.stderr)
    return 1 if failing else 0


def _record(options: dict[str, Any]) -> int:
    from .model import usage_error
    from .read.discover import discover
    from .record.recorder import record

    module, program = options.pop("module", []), options.pop("program", [])
    if not (module or program):
        raise usage_error(
            "record: there is nothing to run; name a program, or a module behind -m"
        )
    config = _load(options)[0]
    return record(
        discover(config).sources,
        config.record,
        config.root,
        module or program,
        is_module=bool(module),
    )


def _export(options: dict[str, Any]) -> int:
    from .export.forms import export

    form, path = options.pop("form"), options.pop("path")
    flags = {name.replace("_", "-"): value for name, value in options.items()}
    export(form, path, flags.pop("out"), flags)
    return 0


def _load(options: dict[str, Any]) -> "tuple[Config, list[str]]":
    from .config import load

    return load({name.replace("_", "-"): value for name, value in options.items()})


def _report(problems: "Iterable[Problem]", config: "Config") -> None:
    """Tell what is wrong, with paths that can be opened from here."""
    from dataclasses import replace

    for problem in problems:
        path = _from_here(problem, config)
        print(replace(problem, path=path), file=sys.stderr)


def _from_here(problem: "Problem", config: "Config") -> str:
    path = os.path.relpath(os.path.join(config.root, problem.path))
    return path.replace(os.sep, "/")


# ## The flags
#
# Each is a setting of the same name. A flag that is not given is not in the result, so
# that the file decides.
def _parser() -> "argparse.ArgumentParser":
    import argparse

    from . import __version__
    from .config import COLORS

    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add = shared.add_argument
    add("--exclude", action="append", metavar="PATTERN", help="paths that are no pages")
    help_ = "file that holds the shapes (default: shapes.json)"
    add("--record", metavar="FILE", help=help_)

    flags = argparse.ArgumentParser(
        add_help=False, argument_default=argparse.SUPPRESS, parents=[shared]
    )
    add = flags.add_argument
    add(
        "sources",
        nargs="*",
        metavar="PATH",
        help="file or folder (default: from pyproject.toml)",
    )
    add("-o", "--output", metavar="FOLDER", help="where the site goes (default: site)")
    add("--site-title", metavar="TEXT", help="name of the site")
    add("--base-url", metavar="URL", help="address that the site is published at")
    add("--repository-url", metavar="URL", help="address of the sources on the forge")
    colors = f"one of {', '.join(COLORS)}"
    add("--colors", action="append", metavar="NAME=LIGHT[,DARK]", help=colors)
    add(
        "--templates",
        metavar="FOLDER",
        help="templates that come before those of sidelit",
    )
    add("--colab-url", metavar="URL", help="address that opens a {notebook}")
    help_install = "what pip installs before a notebook runs"
    add("--install", metavar="PACKAGE", help=help_install)

    parser = argparse.ArgumentParser(
        prog="sidelit",
        description="Annotated sources as pages: prose on the left, code on the right.",
    )
    parser.add_argument("--version", action="version", version=f"sidelit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "build", parents=[flags], help="write the site", description="Write the site."
    )
    text = "Show the site on this machine, and again after each change."
    serve = commands.add_parser(
        "serve", parents=[flags], help="show it while you write", description=text
    )
    serve.add_argument(
        "--port",
        type=int,
        default=argparse.SUPPRESS,
        help="port on this machine (default: 8000)",
    )
    text = "Find what is wrong with the prose, and never stop at the first finding."
    checker = commands.add_parser(
        "check",
        parents=[flags],
        help="find what is wrong with the prose",
        description=text,
        argument_default=argparse.SUPPRESS,
    )
    add = checker.add_argument
    add("--strict", action="store_true", help="warnings fail, too")
    forms = ("text", "json", "github", "sarif")
    add("--format", choices=forms, help="how findings are told (default: text)")
    add("--fix", action="store_true", help="mend what has one sure mend")
    help_ = "ask the network whether links to elsewhere are answered"
    add("--external", action="store_true", help=help_)
    text = "Write clean code, a notebook, Markdown or a PDF of one source or of many."
    exporter = commands.add_parser(
        "export",
        parents=[shared],
        help="take code, notebooks or paper along",
        description=text,
        argument_default=argparse.SUPPRESS,
    )
    add = exporter.add_argument
    add("form", choices=("clean", "ipynb", "md", "pdf"), help="what to write")
    help_ = "file or folder (default: all sources of the project)"
    add("path", nargs="?", default="", metavar="PATH", help=help_)
    help_ = "file or folder to write to (default: -, standard output)"
    add("-o", "--out", default="-", metavar="OUT", help=help_)
    add("--base-url", metavar="URL", help="address that links lead to")
    add("--install", metavar="PACKAGE", help=help_install)
    text = (
        "Run a program as Python would, and note the shapes of the tensors in the "
        "documented modules."
    )
    recorder = commands.add_parser(
        "record",
        parents=[shared],
        help="run a program and note the shapes in it",
        description=text,
        argument_default=argparse.SUPPRESS,
        usage="sidelit record [-h] [--sources PATH] [--exclude PATTERN] "
        "[--record FILE] (PROGRAM | -m MODULE) [ARGUMENT ...]",
    )
    add = recorder.add_argument
    help_ = "file or folder that is documented (default: from pyproject.toml)"
    add("--sources", action="append", metavar="PATH", help=help_)
    rest = argparse.REMAINDER
    help_ = "run a module, as `python -m` does"
    add("-m", dest="module", nargs=rest, metavar="MODULE", help=help_)
    help_ = "the program and its arguments"
    add("program", nargs=rest, metavar="PROGRAM", help=help_)
    return parser


def run() -> None:
    """Run a command as a program of its own."""
    recording = sys.argv[1:2] == ["record"]
    status = main()
    # What a recorded program has asked to be done at the end is still to be done.
    if recording:
        sys.exit(status)
    # All is written. Python would now take millions of objects apart, one by one, while
    # the system takes back all of their memory at once.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
