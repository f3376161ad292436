r"""
---
title: What recording costs
summary: The tests of the layers with and without sidelit record, in turn, in one run.
---

# What recording costs

Run it with `make bench`. The same programs run as they are and under `sidelit record`:
the tests of the layers, the tour that `make record` takes, and loops of Python alone,
which are the worst case. They take turns, so that a slow minute of the machine affects
both, and the table shows the median of the rounds. Processor time counts: with one
thread, a test waits for nothing.
"""

import os
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Run, measure, median

ROUNDS = 5
LAYERS = ("attention", "layers", "vit", "resnet")

# Two lines of a loop, over and over, in one call or in many short ones.
LOOPS = """
def f(n):
    total = 0
    for i in range(n):
        total += i
    return total

for n in {sizes}:
    f(n)
"""


def main() -> int:
    # With more threads, processor time depends on how they share the cores.
    os.environ["OMP_NUM_THREADS"] = "1"
    tests = [str(ROOT / f"tests/labml_nn/test_{name}.py") for name in LAYERS]
    print(f"\nsidelit record: processor time, median of {ROUNDS} rounds")
    print(f"{'':18}{'plain s':>9}{'recorded s':>12}{'ratio':>8}")
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    compare("tests of layers", [*pytest, *tests])
    compare("tour", [str(ROOT / "tests/labml_nn/tour.py")])
    with tempfile.TemporaryDirectory() as folder:
        for name, sizes in (
            ("one long loop", "[10**7]"),
            ("short loops", "[50]*10**5"),
        ):
            file = Path(folder, "loops.py")
            file.write_text(LOOPS.format(sizes=sizes))
            compare(name, [str(file)], "--sources", str(file))
    return 0


def compare(name: str, program: list[str], *flags: str) -> None:
    """Run a program both ways, in turn, and print a row of the table."""
    plain: list[Run] = []
    recorded: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        place, python = Path(folder), [sys.executable]
        record = [*python, "-m", "sidelit", "record", *flags]
        # The first round compiles bytecode and is not counted.
        for number in range(ROUNDS + 1):
            file = place / f"{number}.json"
            for runs, command in (
                (plain, [*python, *program]),
                (recorded, [*record, f"--record={file}", *program]),
            ):
                run = measure(command, place)
                if number:
                    runs.append(run)
    before, after = median(plain).cpu, median(recorded).cpu
    print(f"{name:18}{before:9.2f}{after:12.2f}{after / before:7.2f}x", flush=True)


if __name__ == "__main__":
    sys.exit(main())
