r"""
---
title: How the cost grows
summary: A build from nothing of ever more code of others, from 1,000 lines to millions.
---

# How the cost grows

Run it with `make bench`. The sources of the standard library, its tests among them, and
of PyTorch are shuffled, and samples of them are built from nothing in one process: as
many files as make 1,000 lines, three times as many, and so on up to all that there is.
`--transformers` downloads one more large package from PyPI.

Then come single pages of ever more of the same: thousands of back-ticks, brackets or
quotations, long lines, many names and links. `--pages` measures these alone.

A build that looks at all pages for each page shows here: ten times the lines would take
a hundred times as long. The last column has the exponent of the growth from the row
above, and 1 is linear. Small samples show what every build costs. Memory is that of the
largest process of sidelit, and apart from it that of Pagefind, which indexes the pages
for search.
"""

import math
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from measure import Run, environment, measure, median, options

# The lines of the samples. The last has all that there is.
LINES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
# What ten times as much is on the chart, in letters to the right and in lines upwards.
RIGHT, UP = 14, 4


class Sample(NamedTuple):
    """A row of the table: how many files and lines were built, and what that took."""

    files: int
    lines: int
    run: Run


def main() -> int:
    parser = options("Measure how the cost of a build grows.", rounds=1)
    parser.add_argument(
        "--transformers", action="store_true", help="download transformers as well"
    )
    parser.add_argument(
        "--pages", action="store_true", help="measure single pages alone"
    )
    asked = parser.parse_args()
    print(f"\n{environment()}", flush=True)
    grow_pages(asked.rounds)
    if asked.pages:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        packages = {
            "stdlib": Path(sysconfig.get_path("stdlib")),
            "torch": Path(sysconfig.get_path("purelib"), "torch"),
        }
        if asked.transformers:
            packages["transformers"] = download("transformers", place)
        rows = grow(files_of(packages), place, asked.rounds)
        chart(rows)
    return 0


def download(name: str, place: Path) -> Path:
    """The sources of a package from PyPI, which is not installed."""
    get = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    wheels = place / "wheels"
    subprocess.run([sys.executable, *get, "--dest", wheels, name], check=True)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(place / "unpacked")
    return place / "unpacked" / name


def files_of(packages: dict[str, Path]) -> list[tuple[str, Path]]:
    """The modules of all packages, each with its place in the sample, shuffled."""
    files = [
        (f"{name}/{path.relative_to(package).as_posix()}", path)
        for name, package in packages.items()
        for path in sorted(package.rglob("*.py"))
        if "site-packages" not in path.relative_to(package).parts
    ]
    random.Random(0).shuffle(files)
    return files


# ## Samples
def grow(files: list[tuple[str, Path]], place: Path, rounds: int) -> list[Sample]:
    """Build ever more of the files, and print a row for each sample."""
    sources = place / "sources"
    print(f"\nfrom nothing, one process, median of {rounds} rounds")
    print(
        f"{'lines':>10}{'files':>7}{'CPU s':>9}{'ms / 1,000 lines':>18}{'MB':>7}"
        f"{'Pagefind MB':>13}{'exponent':>10}"
    )
    rows: list[Sample] = []
    lines = reached = 0
    for count, (name, path) in enumerate(files, 1):
        copy = sources / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        lines += path.read_bytes().count(b"\n")
        wanted = next((one for one in LINES if one > reached), math.inf)
        if lines >= wanted or count == len(files):
            rows.append(Sample(count, lines, built(sources, place, rounds)))
            print(row(rows), flush=True)
            reached = lines
    return rows


# ## Single pages
#
# The same again and again, or one in the other. All that a build costs besides is that
# of an empty page, and taken off.
SIZES = (16_000, 64_000, 256_000)
# What is less than these CPU seconds above an empty page may be chance.
NOISE = 0.1


def again(unit: str, behind: str = "") -> Callable[[int], str]:
    """
    As often a unit as fits, with its number where it says `{}`, and as often what
    stands behind all of them.
    """

    def text(size: int) -> str:
        count = size // len(unit + behind)
        return "".join(map(unit.format, range(count))) + behind * count

    return text


def one(text: str) -> Callable[[int], str]:
    """A text with one long part, where it says `{}`."""
    return lambda size: text.format("word " * (size // 5))


# Each is a page, by the ending of its file.
PAGES: dict[str, tuple[str, Callable[[int], str]]] = {
    "words": ("md", again("word ")),
    "back-ticks": ("md", again("` ")),
    "back-ticks without spaces": ("md", again("`a")),
    "dollar signs": ("md", again("$a ")),
    "formulas": ("md", again("$x_{{{}}}$ ")),
    "environments without end": ("md", again("\\begin{{align}} ")),
    "brackets": ("md", again("[")),
    "brackets in brackets": ("md", again("[", "]")),
    "links": ("md", again("[a](b{}.md) ")),
    "notes": ("md", again("[^{0}]\n\n[^{0}]: note\n\n")),
    "asterisks": ("md", again("*a ")),
    "emphasis in emphasis": ("md", again("*a ", "b* ")),
    "underscores": ("md", again("_a ")),
    "quotations in quotations": ("md", again("> ")),
    "quoted lines": ("md", again("> a\n")),
    "lists in lists": ("md", again("- ")),
    "items": ("md", again("- a\n")),
    "headings": ("md", again("## Heading\n\n")),
    "comments without end": ("md", again("<!-- ")),
    "elements": ("md", again("<b>", "</b>")),
    "long line": ("py", one("# {}\nx = 1\n")),
    "brackets in Python": ("py", lambda n: f"x = {'[' * 90}{']' * 90}\n" * (n // 185)),
    "comments in Python": ("py", again("# The same\n#\nx = {}\n")),
    "names": ("py", again("name_{} = 1\n")),
    "functions": ("py", again("def f{}():\n    return f1()\n\n\n")),
    "classes": ("py", again("class A{}(A1):\n    pass\n\n\n")),
}


def grow_pages(rounds: int) -> None:
    """Print what pages of one kind cost, and how that grows."""
    heads = "".join(f"{size:10,}" for size in SIZES)
    print(f"\none page, CPU s by its bytes\n{'':26}{heads}{'exponent':>10}")
    for name, (ending, text) in PAGES.items():
        # Beside each row, since a machine is slower at times.
        empty = page_cost(ending, "", rounds)
        cells = [page_cost(ending, text(size), rounds) - empty for size in SIZES]
        row = "".join(f"{cpu:10.2f}" for cpu in cells)
        told = [pair for pair in zip(SIZES, cells, strict=True) if pair[1] > NOISE]
        if len(told) > 1:
            (size, cpu), (largest, most) = told[0], told[-1]
            exponent = math.log(most / cpu) / math.log(largest / size)
            row += f"{exponent:10.2f} " + "#" * round(20 * max(exponent, 0))
        print(f"{name:26}{row}", flush=True)


def page_cost(ending: str, text: str, rounds: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "sources", f"page.{ending}")
        page.parent.mkdir()
        page.write_text(text)
        return built(page.parent, Path(folder), rounds).cpu


def built(sources: Path, place: Path, rounds: int) -> Run:
    output, cache = place / "out", place / "cache"
    build = [sys.executable, "-m", "sidelit", "build", ".", "--jobs", "1"]
    runs: list[Run] = []
    for _ in range(rounds):
        shutil.rmtree(output, ignore_errors=True)
        shutil.rmtree(cache, ignore_errors=True)
        # Some tests of the standard library cannot be parsed, on purpose: status 1.
        command = [*build, "-o", str(output)]
        runs.append(measure(command, cache, sources, accepted=(0, 1), apart=True))
    return median(runs)


def row(rows: list[Sample]) -> str:
    files, lines, (cpu, _, memory, pagefind) = rows[-1]
    exponent = ""
    # Between two that are almost the same, it would be noise.
    if len(rows) > 1 and lines > 1.5 * rows[-2].lines:
        last = rows[-2]
        growth = math.log(cpu / last.run.cpu) / math.log(lines / last.lines)
        exponent = f"{growth:.2f}"
    return (
        f"{lines:10,}{files:7,}{cpu:9.2f}{1e6 * cpu / lines:18.1f}{memory:7.0f}"
        f"{pagefind:13.0f}{exponent:>10}"
    )


# ## The chart
#
# Both scales are logarithmic. The dots are where linear growth would be: what the
# smallest sample costs, and the same for each line on top of it.
def chart(rows: list[Sample]) -> None:
    first, last = rows[0], rows[-1]
    slope = (last.run.cpu - first.run.cpu) / max(last.lines - first.lines, 1)
    left, right = RIGHT * int(math.log10(first.lines)), column(last.lines)
    marks: dict[tuple[int, int], str] = {}
    for x in range(column(first.lines), right + 1):
        lines = 10 ** (x / RIGHT)
        marks[x, height(first.run.cpu + slope * (lines - first.lines))] = "."
    for one in rows:
        marks[column(one.lines), height(one.run.cpu)] = "o"
    heights = [y for _, y in marks]
    print("\nCPU s against lines, o measured, . if growth is linear")
    for y in range(max(heights), min(heights) - 1, -1):
        line = "".join(marks.get((x, y), " ") for x in range(left, right + 1))
        print(f"{10 ** (y / UP):8.1f} | {line.rstrip()}")
    ticks = range(left, right + 1, RIGHT)
    print(f"{'':9}+-" + "".join(f"{10 ** (x / RIGHT):<{RIGHT},.0f}" for x in ticks))


def column(lines: int) -> int:
    return round(RIGHT * math.log10(lines))


def height(cpu: float) -> int:
    return round(UP * math.log10(cpu))


if __name__ == "__main__":
    sys.exit(main())
