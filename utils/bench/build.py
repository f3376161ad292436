r"""
---
title: sidelit, pycco and sidelit as it was, side by side
summary: The same files through all of them, in turn, in one run.
---

# sidelit, pycco and sidelit as it was, side by side

Run it with `make bench`. For the first table all of them get the same list of files,
and each builds from nothing into an empty folder, with compiled bytecode. sidelit makes
links, notebooks, a search index and all else that it can make; its caches are empty at
the start of each build. pycco does none of that.

For the second table sidelit builds this repository, as it was before, with its code of
before and of now: from nothing, again after a docstring has changed, and again when
nothing has.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from measure import (
    BEFORE,
    ROOT,
    Edits,
    Run,
    checkouts,
    environment,
    measure,
    median,
    options,
)

SIDELIT = [sys.executable, "-m", "sidelit", "build"]
# A build that has nothing to do takes so little that one is not enough for a round.
UNCHANGED = 5


def main() -> int:
    rounds: int = options("Measure builds.").parse_args().rounds
    print(f"\n{environment()}", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        checkouts("before", "now") as (before, now),
    ):
        place = Path(folder)
        library = Path(sysconfig.get_path("stdlib"))
        files = sorted(map(str, library.glob("*.py")))
        peers(files, before, place, rounds)
        again(before, now, place, rounds)
    return 0


# ## From nothing
def peers(files: list[str], before: Path, place: Path, rounds: int) -> None:
    """Build the standard library with each, in turn, and print a table."""
    output, cache = place / "out", place / "cache"
    one = [*SIDELIT, *files, "-o", str(output)]
    commands = {
        "pycco": ([str(install_pycco(place)), "-d", str(output), *files], ROOT),
        # It knew nothing of several processes.
        "before": (one, before),
        "now": ([*one, "--jobs", "1"], ROOT),
        "now, 2 processes": ([*one, "--jobs", "2"], ROOT),
    }
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    # One round more, not counted, compiles the bytecode and warms the disk's cache.
    for number in range(rounds + 1):
        for name, (command, code) in commands.items():
            shutil.rmtree(output, ignore_errors=True)
            shutil.rmtree(cache, ignore_errors=True)
            run = measure(command, cache, place, code, apart=True)
            if number:
                taken[name].append(run)
    size = sum(Path(file).stat().st_size for file in files) / 1e6
    print(f"\nstandard library, Lib/*.py: {len(files)} files, {size:.1f} MB")
    print(f"from nothing, median of {rounds} rounds")
    print(
        f"{'':18}{'CPU s':>8}{'wall s':>8}{'MB':>6}{'Pagefind MB':>13}"
        f"{'CPU / pycco':>13}{'wall / pycco':>14}{'CPU / before':>14}"
    )
    medians = {name: median(runs) for name, runs in taken.items()}
    for name, (cpu, wall, memory, pagefind) in medians.items():
        print(
            f"{name:18}{cpu:8.2f}{wall:8.2f}{memory:6.0f}{pagefind:13.0f}"
            f"{cpu / medians['pycco'].cpu:13.2f}{wall / medians['pycco'].wall:14.2f}"
            f"{cpu / medians['before'].cpu:14.2f}",
            flush=True,
        )


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


# ## Again
def again(before: Path, now: Path, place: Path, rounds: int) -> None:
    """Build this repository, in turn, change it, build it again, and print a table."""
    works = ("from nothing", "one docstring changed", "nothing changed")
    checkout = {"before": (before, before), "now": (now, ROOT)}
    edits = {name: Edits(tree) for name, (tree, _) in checkout.items()}
    taken: dict[tuple[str, str], list[Run]] = {}
    for number in range(rounds + 1):
        for work in works:
            for name, (tree, code) in checkout.items():
                output, cache = place / name / "out", place / name / "cache"
                if work == "from nothing":
                    shutil.rmtree(place / name, ignore_errors=True)
                elif work == "one docstring changed":
                    edits[name]()
                    # What changed only just before a build is looked at again in the
                    # next one, which would then have something to do.
                    time.sleep(0.2)
                for _ in range(UNCHANGED if work == "nothing changed" else 1):
                    command = [*SIDELIT, "-o", str(output)]
                    run = measure(command, cache, tree, code, apart=True)
                    if number:
                        taken.setdefault((work, name), []).append(run)
    medians = {key: median(runs) for key, runs in taken.items()}
    cold = medians["from nothing", "before"].cpu
    print(f"\nthis repository at {BEFORE}, median of {rounds} rounds")
    print(f"{'':24}{'before':^20}{'now':^20}{'CPU':>8}{'CPU / before':>16}")
    heads = f"{'CPU s':>8}{'wall s':>7}{'MB':>5}"
    print(f"{'':24}{heads}{heads}{'ratio':>8}{'from nothing':>16}")
    for work in works:
        old, new = medians[work, "before"], medians[work, "now"]
        print(
            f"{work:24}{old.cpu:8.3f}{old.wall:7.2f}{old.memory:5.0f}"
            f"{new.cpu:8.3f}{new.wall:7.2f}{new.memory:5.0f}"
            f"{new.cpu / old.cpu:8.3f}{new.cpu / cold:16.4f}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
