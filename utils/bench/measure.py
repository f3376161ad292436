r"""
---
title: How things are measured
summary: >
  One process at a time, with all its children, in rounds in which those that are
  compared take turns.
---

# How things are measured

Machines differ, and the same machine is slower while it does something else. So nothing
here is compared with a number that was taken at another time or place. What is compared
runs in turn in the same run, the table shows the median of the rounds, and above the
tables stands where they come from. Processor time hardly depends on what else the
machine does; time by the clock does.

sidelit is also compared with itself as it was at one commit, which is checked out
beside for as long as that takes.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# The last commit before the engine that keeps its results.
BEFORE = "50ec7c6"


def options(about: str, rounds: int = 5) -> argparse.ArgumentParser:
    """The arguments of a measurement."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--rounds", type=int, default=rounds, help=f"rounds to measure ({rounds})"
    )
    return parser


# ## One process
class Run(NamedTuple):
    """
    What one process and its children took: seconds of all cores, seconds of the clock,
    and the megabytes of the largest of them. `pagefind` has those of the indexer of
    search, if that was asked for; then `memory` is that of the largest other process.
    """

    cpu: float
    wall: float
    memory: float
    pagefind: float = 0.0


def measure(
    command: list[str],
    cache: Path,
    cwd: Path | None = None,
    code: Path = ROOT,
    accepted: tuple[int, ...] = (0,),
    apart: bool = False,
) -> Run:
    """
    Run a command with the packages of a checkout, and say what it took, with Pagefind's
    memory `apart`. A status that is not accepted ends the measurement.
    """
    run, status, errors = observe(command, cache, cwd, code, apart)
    if status not in accepted:
        sys.exit(f"{' '.join(command[:4])} ... failed:\n{errors}")
    return run


def observe(
    command: list[str],
    cache: Path,
    cwd: Path | None = None,
    code: Path = ROOT,
    apart: bool = False,
) -> tuple[Run, int, str]:
    """The same for any status, which comes second, before what the errors say."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=variables(cache, code),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    with _Peaks(process.pid) if apart else contextlib.nullcontext() as peaks:
        errors = process.stderr.read().decode(errors="replace")
        # This counts the children that a process has waited for, too.
        _, ended, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    run = Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
    if peaks:
        run = run._replace(memory=peaks.others, pagefind=peaks.pagefind)
    return run, os.waitstatus_to_exitcode(ended), errors


class _Peaks:
    """
    The largest memory of the processes below one, looked up while they run, because the
    system only keeps the largest of all.
    """

    _INTERVAL = 0.02

    def __init__(self, process: int) -> None:
        self.pagefind = self.others = 0.0
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Peaks":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._INTERVAL):
            found = [self._process]
            for process in found:
                folder = Path("/proc", str(process))
                # It may have ended meanwhile.
                with contextlib.suppress(OSError, KeyError):
                    children = folder / "task" / str(process) / "children"
                    found += map(int, children.read_text().split())
                    lines = (folder / "status").read_text().splitlines()
                    status = dict(line.split(":\t", 1) for line in lines)
                    peak = int(status["VmHWM"].split()[0]) / 1024
                    if status["Name"].startswith("pagefind"):
                        self.pagefind = max(self.pagefind, peak)
                    else:
                        self.others = max(self.others, peak)


def variables(cache: Path, code: Path = ROOT) -> dict[str, str]:
    """The environment variables of a process that is measured."""
    variables = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables["PYTHONPATH"] = os.pathsep.join([str(code / "utils"), str(code)])
    return variables


def median(runs: list[Run]) -> Run:
    return Run(*(statistics.median(values) for values in zip(*runs, strict=True)))


# ## sidelit as it was
@contextlib.contextmanager
def checkouts(*names: str) -> Iterator[list[Path]]:
    """Folders with the repository as it was before, removed afterwards."""
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory(prefix="sidelit-bench-") as folder:
        paths = [Path(folder, name) for name in names]
        try:
            for path in paths:
                add = [*git, "add", "--quiet", "--detach", str(path), BEFORE]
                if subprocess.run(add, check=False).returncode:
                    sys.exit(f"{BEFORE} cannot be checked out; fetch all commits")
                (path / "node_modules").symlink_to(ROOT / "node_modules")
            yield paths
        finally:
            for path in paths:
                if path.exists():
                    remove = [*git, "remove", "--force", str(path)]
                    subprocess.run(remove, check=False)


class Edits:
    """
    One docstring of a checkout, with a sentence that is another each time. It comes
    first under its heading, so it also stands on the cards of other pages.
    """

    FILE = "labml_nn/transformers/vit/__init__.py"
    PAGE = "transformers/vit/index.html"
    _HEADING = "    ## Patch embeddings\n"

    def __init__(self, checkout: Path) -> None:
        self._file = checkout / self.FILE
        self._text = self._file.read_text("utf-8")
        self._count = 0

    def __call__(self) -> str:
        """Write the file with a new sentence, and return the sentence."""
        self._count += 1
        sentence = f"This is edit {self._count} of it."
        begin = f"{self._HEADING}\n    {sentence}\n"
        text = self._text.replace(self._HEADING, begin, 1)
        assert text != self._text
        self._file.write_text(text, "utf-8")
        return sentence


# ## Where it was measured
def environment() -> str:
    """The machine and the versions, in a few lines."""
    load = os.getloadavg()[0]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    packages = (
        f"{name} {importlib.metadata.version(name)}"
        for name in ("mistune", "Pygments", "Jinja2", "msgspec")
    )
    npm = (
        f"{name} {json.loads(file.read_bytes())['version']}"
        for name in ("katex", "pagefind")
        if (file := ROOT / "node_modules" / name / "package.json").is_file()
    )
    node = _said(["node", "--version"]).lstrip("v")
    commit = _said(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, load {load:.1f}, "
        f"{platform.platform()}\n"
        f"{', '.join([python, *packages, *npm, f'node {node}'])}\n"
        f"now is {commit}, before is {BEFORE}"
    )


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _said(command: list[str]) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
