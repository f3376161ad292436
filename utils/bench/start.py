r"""
---
title: How soon help comes
summary: The help of sidelit beside Python that does nothing, in turn, in one run.
---

# How soon help comes

Run it with `make bench`. `--version`, `--help` and the help of each command are run in
turn with `python -c pass`, so that a slow minute of the machine hits all of them, and
the table shows the medians of the rounds. `python -m sidelit` and the script that pip
installs both count, since each loads modules of its own. The second line is what `-m`
alone takes: a package that is empty.
"""

import sys
import tempfile
from pathlib import Path

from measure import Run, measure, median

ROUNDS = 21
COMMANDS = ("build", "serve", "check", "export", "record")

# As pip writes it.
SCRIPT = """\
import re
import sys
from sidelit.__main__ import run
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(run())
"""


def main() -> int:
    module = ["-m", "sidelit"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "script").write_text(SCRIPT)
        for name in ("__init__", "__main__"):
            file = place / "empty" / f"{name}.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text("")
        script = [str(place / "script")]
        compare(
            {
                "python -c pass": ["-c", "pass"],
                "python -m empty": ["-m", "empty"],
                "sidelit --version": [*module, "--version"],
                "sidelit --help": [*module, "--help"],
                **{f"sidelit {one} -h": [*module, one, "-h"] for one in COMMANDS},
                "script --help": [*script, "--help"],
                "script build -h": [*script, "build", "-h"],
            },
            place,
        )
    return 0


def compare(commands: dict[str, list[str]], place: Path) -> None:
    """Run the commands in turn, and print a table."""
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    # One round more, not counted, compiles the bytecode.
    for number in range(ROUNDS + 1):
        for name, arguments in commands.items():
            run = measure([sys.executable, *arguments], place, cwd=place)
            if number:
                taken[name].append(run)
    print(f"\nhelp: processor time, median of {ROUNDS} rounds")
    print(f"{'':20}{'CPU ms':>8}{'wall ms':>9}{'ratio':>8}")
    medians = {name: median(runs) for name, runs in taken.items()}
    base = medians["python -c pass"].cpu
    for name, (cpu, wall, *_) in medians.items():
        print(f"{name:20}{1e3 * cpu:8.1f}{1e3 * wall:9.1f}{cpu / base:8.2f}")


if __name__ == "__main__":
    sys.exit(main())
