r"""
---
title: sidelit and pycco, side by side
summary: The same files through both generators, in turn, in one run.
---

# sidelit and pycco, side by side

Run it with `make bench`. Both get the same list of files, each builds from nothing into
an empty folder, in one process and with compiled bytecode. They take turns, so that a
slow minute of the machine hits both, and the table shows the median of the rounds.
sidelit's cache of formulas is empty at the start of each build; pycco does not set
formulas at all. A last column shows sidelit when nothing has changed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ROUNDS = 5


class Run(NamedTuple):
    """What one process took: seconds of all cores, seconds of the clock, megabytes."""

    cpu: float
    wall: float
    memory: float


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pycco = install_pycco(place)
        library = Path(sysconfig.get_path("stdlib"))
        compare(
            "standard library, Lib/*.py", sorted(library.glob("*.py")), pycco, place
        )
        own = [*ROOT.glob("labml_nn/**/*.py"), *ROOT.glob("utils/**/*.py")]
        compare("this repository", sorted(own), pycco, place)
    return 0


def install_pycco(place: Path) -> Path:
    """The peer in an environment of its own, pinned like everything else."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True
    )
    python = place / "venv" / "bin" / "python"
    install = f"-m uv pip install --quiet --compile-bytecode --python {python}".split()
    needs = ["--require-hashes", "-r", "requirements/bench.txt"]
    subprocess.run([sys.executable, *install, *needs], check=True, cwd=ROOT)
    return python.parent / "pycco"


def compare(name: str, files: list[Path], pycco: Path, place: Path) -> None:
    """Build the files with both, in turn, and print a table."""
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"\n{name}: {len(files)} files, {size:.1f} MB, median of {ROUNDS} rounds")
    runs: dict[str, list[Run]] = {"pycco": [], "sidelit": [], "unchanged": []}
    output, cache = place / "out", place / "cache"
    build = [sys.executable, "-m", "sidelit", "build", *files, "-o", output]
    # One round more, not counted, compiles the bytecode and warms the disk's cache.
    for number in range(ROUNDS + 1):
        for tool in runs:
            if tool != "unchanged":
                shutil.rmtree(output, ignore_errors=True)
                shutil.rmtree(cache, ignore_errors=True)
            command = [pycco, "-d", output, *files] if tool == "pycco" else build
            run = measure([str(word) for word in command], cache)
            if number:
                runs[tool].append(run)
    print(f"{'':12}{'CPU s':>8}{'wall s':>8}{'MB':>7}{'files/s':>9}")
    medians = {tool: median(taken) for tool, taken in runs.items()}
    for tool, (cpu, wall, memory) in medians.items():
        print(f"{tool:12}{cpu:8.3f}{wall:8.3f}{memory:7.0f}{len(files) / wall:9.0f}")
    ratio = [a / b for a, b in zip(medians["pycco"], medians["sidelit"], strict=True)]
    print(f"{'ratio':12}{ratio[0]:8.2f}{ratio[1]:8.2f}{ratio[2]:7.2f}{ratio[1]:9.2f}")


def median(runs: list[Run]) -> Run:
    return Run(*(statistics.median(values) for values in zip(*runs, strict=True)))


def measure(command: list[str], cache: Path, cwd: Path | None = None) -> Run:
    """Run a command, with its children, and say what it took."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "utils"), str(ROOT)])
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command[:4])} ... failed:\n{errors.decode()}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
