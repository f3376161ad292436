r"""
---
title: The command line
summary: >
  sidelit build writes a site, serve shows it while you write, and record notes the
  shapes of tensors while the code runs.
---

# The command line

```text
sidelit new [FILE | --site]            write a first page, or what a site needs
sidelit build [PATH...] [-o FOLDER]    write the site
sidelit serve [PATH...] [--port PORT]  show it here, and again after each change
sidelit check [PATH...]                find what is wrong with the prose
sidelit record PROGRAM [ARGUMENT...]   run a program and note the shapes in it
sidelit record -m MODULE [ARGUMENT...] the same with a module
sidelit export FORM [PATH] [-o OUT]    take code, notebooks or paper along
sidelit completion SHELL               print a shell completion script
```

The exit status is 0 if all is well, 1 if something is wrong in the sources and 2 if the
command or a setting is wrong; `record` ends with the status of the program.
Problems go to the error stream, one a line, as `path:line:column: RULE message`.
"""

from __future__ import annotations

import io
import os
import sys
import time

# With `python -m`, Python looks for all modules in the current folder first, which may
# be a stranger's with a `yaml.py` of its own.
if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from .flags import parse
from .usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .model import Config, Problem


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:
        # Whoever reads the output, such as `head`, has seen enough.
        return 1
    except OSError as error:
        # A full disk or a folder without permission: what the system says, and where.
        place = f"{error.filename}: " if error.filename else ""
        print(f"sidelit: {place}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nsidelit: stopped", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    # A terminal that lacks a letter of a name still shows the rest of the message. A
    # recorded program gets the streams as they are.
    for stream in (sys.stdout, sys.stderr) if arguments[:1] != ["record"] else ():
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        command, settings, options = parse(arguments)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    run = {
        "help": _help,
        "new": _new,
        "build": _build,
        "serve": _serve,
        "check": _check,
        "export": _export,
        "record": _record,
        "completion": _completion,
    }[command]
    try:
        return run(settings, options)
    except Exception as error:
        # Importing this costs more than a build with nothing to do.
        from .model import SidelitError

        if not isinstance(error, SidelitError):
            raise
        print(f"sidelit: {error}", file=sys.stderr)
        return 1 if error.problem.line else 2


# ## The commands
#
# Each imports what it needs when it runs: most builds have nothing to do, and help
# should come at once.
def _help(settings: dict[str, Any], options: dict[str, Any]) -> int:
    print(options["text"])
    return 0


def _completion(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from .completion import completion

    print(completion(options["shell"]), end="")
    return 0


def _new(settings: dict[str, Any], options: dict[str, Any]) -> int:
    import shlex

    from .new import new_page, new_site, requirement

    if "site" in options:
        files, packages = new_site()
        shown = f"; it shows {', '.join(packages)}" if packages else ""
        print(f"wrote {', '.join(files)}{shown}; next: sidelit serve")
        if requirement() == "sidelit":
            print(
                "sidelit: .github/workflows/pages.yml installs sidelit from PyPI; if "
                "yours came from elsewhere, write its address there",
                file=sys.stderr,
            )
    else:
        file = options["file"]
        new_page(file)
        # What follows should work when it is copied into a shell.
        argument = shlex.quote(f"./{file}" if file.startswith("-") else file)
        print(f"wrote {file}; next: sidelit serve {argument}")
    return 0


def _build(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from .fresh import command_key, last_messages, remember

    started = time.time_ns()
    use_cache, drafts = "no-cache" not in options, "drafts" in options
    quiet = "quiet" in options
    key = command_key(["build", repr(settings), repr(drafts), repr(quiet)])
    if use_cache and (messages := last_messages(key)):
        for line in messages[1:]:
            print(line, file=sys.stderr)
        if not quiet:
            print(messages[0])
        return 0

    import gc

    from .build import build
    from .cache import opened
    from .check.findings import still_told
    from .check.selection import Selection
    from .config import loaded
    from .files import MANIFEST
    from .page.assets import may_turn_up
    from .plugins import plugin_files
    from .progress import Progress
    from .publish.search import search_files
    from .write import LastTime, check_output, write_site

    # Syntax trees and tokens are millions of objects without a cycle, and a build ends
    # before memory runs short, so collecting garbage would only take time.
    gc.disable()
    config, searched, in_file = loaded(settings)
    check_output(config.output, config.root, in_file.get("output", ""))
    # A rule that there is not, or a plugin that is none, stops the build before it
    # writes anything.
    selection = Selection(config)
    with opened(use_cache) as cache, Progress(not quiet) as progress:
        result = build(config, cache, options.get("jobs"), progress, drafts)
        files = result.files
        searched_files = search_files(
            result.texts, config.root, config.output, config.language
        )
        for url, data in searched_files.items():
            files.add(url, data)
        last_time = LastTime(cache, config.output, files.digests)
        changes = write_site(config.output, files, last_time)
    problems = still_told(
        result.problems, result.documents, result.site.pages, selection
    )
    told = _told(problems, config)
    told += () if quiet else (f"sidelit: {remark}" for remark in result.remarks)
    for line in told:
        print(line, file=sys.stderr)
    output = os.path.relpath(config.output)
    pages = "1 page" if result.pages == 1 else f"{result.pages} pages"
    if not quiet:
        done = f"{changes.written} files written, {changes.removed} removed"
        print(f"{output}: {pages}; {done}")
    if any(one.is_error for one in problems):
        return 1
    # Warnings are told again, as long as files alone decide on them.
    if use_cache and not (result.remarks and may_turn_up(config.root)):
        written = [os.path.join(config.output, url) for url in (*files, MANIFEST)]
        inputs = (*result.inputs, *searched, *plugin_files())
        messages = [f"{output}: {pages}; nothing has changed", *told]
        remember(key, started, inputs, written, messages)
    return 0


def _serve(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from .config import load
    from .serve.serve import serve

    use_cache, jobs = "no-cache" not in options, options.get("jobs")
    port = options.get("port", 8000)
    serve(lambda: load(settings)[0], port, _report, jobs, use_cache)
    return 0


def _check(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from dataclasses import replace
    from functools import partial

    from .cache import opened
    from .check.baseline import require_baseline, without_known, write_baseline
    from .check.check import check, checked
    from .check.fixes import mend
    from .check.report import report, rule_pages, rule_sources, summary, written
    from .check.rules import rules
    from .config import loaded, sources_around

    strict, form = "strict" in options, options.get("format", "text")
    config, _, in_file = loaded(settings)
    if "baseline" in settings and "write-baseline" not in options:
        require_baseline(config)
    # If files are named, only they are checked, but with what the whole site knows.
    around = sources_around(config, in_file) if "sources" in settings else ()
    # Only `--external` asks the network.
    asked = None
    if "external" in options:
        from .check.external import Addresses

        asked = Addresses().fault
    with opened("no-cache" not in options) as cache:
        jobs, drafts = options.get("jobs"), "drafts" in options
        found, built = checked(config, asked, cache, jobs, drafts, around)
        if "fix" in options:
            again = partial(check, cache=cache, jobs=jobs, drafts=drafts, around=around)
            found = mend(config, found, again)
    # What is left is told, unless it was there before.
    told = ""
    if "write-baseline" in options:
        told = written(config.baseline, write_baseline(found, config))
    found, old = without_known(found, config)
    failing = [one for one in found if strict or rules()[one.rule].level == "error"]
    here = [
        replace(
            one, problem=replace(one.problem, path=_from_here(one.problem, config.root))
        )
        for one in found
    ]
    pages = {}
    if form == "sarif":
        pages = rule_pages(built.site.pages, config.base_url) or rule_sources()
    print(report(here, form, pages), end="")
    if form == "text" and "quiet" not in options:
        print(told or summary(found, old), end="", file=sys.stderr)
        unseen = any(one.rule == "SHP103" for one in found)
        if unseen and not os.path.exists(config.record):
            place = os.path.relpath(config.record)
            hint = f"there is no {place}; `sidelit record PROGRAM` makes it"
            print(f"sidelit: {hint}", file=sys.stderr)
    return 1 if failing else 0


def _export(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from .build import Pipeline
    from .cache import opened
    from .export.export import export
    from .progress import Progress

    with opened("no-cache" not in options) as cache, Progress() as progress:
        # Whoever names a file means it, draft or not.
        drafts = os.path.isfile(options["path"])
        pipeline = Pipeline(cache, options.get("jobs"), progress, drafts)
        out = options.get("out", "-")
        told = export(options["form"], options["path"], out, settings, pipeline)
    _report(*told)
    return 1 if any(one.is_error for one in told[0]) else 0


def _record(settings: dict[str, Any], options: dict[str, Any]) -> int:
    from .config import load
    from .model import usage_error
    from .read.discover import discover
    from .record.recorder import record

    module = [options["m"]] if "m" in options else []
    command = [*module, *options["words"]]
    if not command:
        raise usage_error(
            "record: there is nothing to run; name a program, or a module behind -m"
        )
    config, _ = load(settings)
    return record(
        discover(config).sources,
        config.record,
        config.root,
        command,
        is_module=bool(module),
    )


def _report(problems: Iterable[Problem], config: Config) -> None:
    for line in _told(problems, config):
        print(line, file=sys.stderr)


def _told(problems: Iterable[Problem], config: Config) -> list[str]:
    """What is wrong, with paths that can be opened from here."""
    from dataclasses import replace

    return [str(replace(one, path=_from_here(one, config.root))) for one in problems]


def _from_here(problem: Problem, root: str) -> str:
    path = os.path.relpath(os.path.join(root, problem.path))
    return path.replace(os.sep, "/")


def run() -> None:
    """Run a command as a program of its own."""
    recording = sys.argv[1:2] == ["record"]
    status = main()
    # A recorded program may have registered functions to run at exit.
    if recording:
        sys.exit(status)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = 1
    # Python would now free millions of objects one by one; the system takes back all of
    # their memory at once.
    os._exit(status)


if __name__ == "__main__":
    run()
