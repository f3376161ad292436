r"""
---
title: Packages of strangers
summary: >
  Upstream's modules, the standard library and ten packages from PyPI and npm: what
  becomes of them, what is lost, and what it takes, beside pycco, docco and pdoc.
---

# Packages of strangers

A generator that is only ever run on its own repository is as good as that repository.
Here it reads what others have written for other tools, without any configuration:
docstrings in the styles of Google, NumPy and Sphinx, and nine more languages. The
measure is that it does not crash, that no line gets lost, and that no page is one that
the HTML validator refuses.

```bash
python utils/bench/strangers.py --fetch FOLDER  # downloads, then measures
python utils/bench/strangers.py FOLDER          # measures what is there
```

`make bench` does not run it: it downloads a hundred megabytes of other people's code,
of which pdoc runs the modules, and the validator takes a quarter of an hour. All
versions are pinned in `requirements/strangers.txt` and in the lock file of
`requirements/strangers`. The standard library is that of the Python that runs this,
with its tests.

## What the columns say

Everything is read off the site as it was written.

* *crashes*: files that ended the build or were left out with `SRC104`, a mistake in
  sidelit. *Refused* are those that are not valid in their own language or encoding,
  which the build tells.
* *lines lost*: lines of code that no page shows exactly as they are, at their number.
  In Python, what is code is for Python's own parser and tokenizer to say.
* *words lost*: words of prose that do not appear on the page of their file, less what
  is mark-up.
* *invalid*: pages that the validator refuses, by the rules of the tests.
* *dead*: links within the site that lead nowhere, and how many of them are *ours*,
  since their author has not written them.
* *CPU s*, *MB*: of the processor, and of the largest process. Search is Pagefind's and
  its memory does not count.

pycco gets the files whose language it knows, docco all, and pdoc, which imports what it
documents, the Python packages. *pages* is how many they wrote: pages of one name in one
folder overwrite each other.
"""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from html.parser import HTMLParser
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from measure import ROOT, Run, environment, median, observe, options

sys.path[:0] = [str(ROOT / "utils"), str(ROOT)]

from sidelit.config import load  # noqa: E402
from sidelit.files import CONTROLS, node  # noqa: E402
from sidelit.model import SidelitError, Source  # noqa: E402
from sidelit.read.decode import decode  # noqa: E402
from sidelit.read.discover import discover  # noqa: E402
from tests.prose_lines import comment_lines, docstring_lines, python_tree  # noqa: E402
from tests.sites import dead_links, pages_of, refused_pages  # noqa: E402

# What each is there for, its name, and the module that pdoc imports or the folder.
PYTHON = {
    "labml-nn": "labml_nn",  # upstream
    "networkx": "networkx",  # docstrings in NumPy's style
    "torchmetrics": "torchmetrics",  # in Google's
    "pyro-ppl": "pyro",  # in that of Sphinx, with many formulas
}
NPM = {
    "underscore": "",  # JavaScript, in four module systems
    "undici": "",  # documentation in Markdown, and JavaScript
    "rxjs": "src",  # TypeScript
    "expo-modules-autolinking": "",  # Ruby, Kotlin and TypeScript
    "bull": "",  # Lua and JavaScript
    "bats": "",  # shell
    "argon2": "",  # C
}
PYCCO_READS = (".py", ".js", ".rb", ".lua", ".c", ".h", ".cpp", ".sh", ".sql")


class Package(NamedTuple):
    """A folder with sources, and the module that it is."""

    name: str
    folder: Path
    module: str = ""


def main() -> int:
    parser = options("Make pages of the packages of strangers.", 1)
    parser.add_argument("folder", type=Path, help="where the packages are")
    parser.add_argument("--fetch", action="store_true", help="download them first")
    arguments = parser.parse_args()
    place: Path = arguments.folder.resolve()
    if arguments.fetch:
        fetch(place)
    packages = packages_in(place)
    missing = [one.name for one in packages if not one.folder.is_dir()]
    if missing:
        parser.error(f"{place} has no {missing[0]}; --fetch downloads it")
    print(f"\n{environment()}")
    print(", ".join(peer_versions(place)), flush=True)
    print(f"\nCPU seconds are the median of {arguments.rounds}")
    print(HEADS, flush=True)
    faults: list[str] = []
    for one in packages:
        faults += measured(one, place, arguments.rounds)
    print("\n" + "\n".join(faults))
    return 0


# ## The packages
def fetch(place: Path) -> None:
    """Download the packages and the peers, all of them pinned, and run none of them."""
    python, npm = place / "python", place / "npm"
    install = ["-m", "uv", "pip", "install", "--quiet", "--target", str(python)]
    needs = ["--no-deps", "--require-hashes", "-r", "requirements/strangers.txt"]
    command = [sys.executable, *install, *needs, "-r", "requirements/bench.txt"]
    subprocess.run(command, cwd=ROOT, check=True)
    npm.mkdir(exist_ok=True)
    pins = ROOT / "requirements" / "strangers"
    for file in (pins / "package.json", pins / "package-lock.json", ROOT / ".npmrc"):
        shutil.copy(file, npm)
    quiet = ["--ignore-scripts", "--omit=optional", "--loglevel=error"]
    subprocess.run(["npm", "ci", *quiet], cwd=npm, check=True)


def packages_in(place: Path) -> list[Package]:
    python, modules = place / "python", place / "npm" / "node_modules"
    versions = versions_in(python)
    library = f"Python {'.'.join(map(str, sys.version_info[:3]))}"
    return [
        *(
            Package(f"{name} {versions.get(name, '')}".strip(), python / module, module)
            for name, module in PYTHON.items()
        ),
        Package(library, Path(sysconfig.get_path("stdlib"))),
        *(
            Package(f"{name} {npm_version(modules / name)}", modules / name / inner)
            for name, inner in NPM.items()
        ),
    ]


def versions_in(folder: Path) -> dict[str, str]:
    found = distributions(path=[str(folder)])
    return {one.metadata["Name"].lower(): one.version for one in found}


def npm_version(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return str(json.loads((folder / "package.json").read_bytes())["version"])
    return ""


def peer_versions(place: Path) -> list[str]:
    versions = versions_in(place / "python")
    docco = npm_version(place / "npm" / "node_modules" / "docco")
    return [
        f"pycco {versions['pycco']}",
        f"docco {docco}",
        f"pdoc {versions['pdoc']}",
    ]


# ## One package
TOOLS = ("sidelit", "pycco", "docco", "pdoc")
HEADS = (
    f"{'':32}{'':7}{'':8}{'':8}{'':8}{'lines':>6}{'words':>6}{'':8}{'dead':>6}{'':5}"
    + "".join(f"{name:>18}" for name in TOOLS)
    + f"\n{'':32}{'files':>7}{'lines':>8}{'crashes':>8}{'refused':>8}{'lost':>6}"
    + f"{'lost':>6}{'invalid':>8}{'links':>6}{'ours':>5}"
    + f"{'pages':>7}{'CPU s':>6}{'MB':>5}" * 4
)


def measured(package: Package, place: Path, rounds: int) -> list[str]:
    """Print the row of a package, and return what is wrong in words."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        sources = sources_of(package.folder, here / "sidelit")
        files = [source.path for source in sources]
        docco = place / "npm" / "node_modules" / "docco" / "bin" / "docco"
        known = [one for one in files if one.endswith(PYCCO_READS)]
        out = {name: str(here / name) for name in TOOLS}
        # Without -P, a module in the folder could pass for one of the library.
        python = [sys.executable, "-P", "-m"]
        build = [*python, "sidelit", "build", ".", *EXCLUDE, "--no-cache", "-o"]
        commands = {
            "sidelit": [*build, out["sidelit"]],
            "pycco": [*python, "pycco.main", "-p", "-d", out["pycco"], *known],
            "docco": [node() or "node", str(docco), "-o", out["docco"], *files],
            "pdoc": [*python, "pdoc", "-o", out["pdoc"], package.module],
        }
        if not package.module:
            del commands["pdoc"]
        taken: dict[str, list[Run]] = {name: [] for name in commands}
        ended: dict[str, tuple[int, str]] = {}
        for _ in range(rounds):
            for name, command in commands.items():
                shutil.rmtree(here / name, ignore_errors=True)
                code = ROOT if name == "sidelit" else place / "python"
                run, status, said = observe(command, here, package.folder, code, True)
                taken[name].append(run)
                ended[name] = (status, said)
        status, said = ended["sidelit"]
        crashes = said.count(" SRC104 ") + (status not in (0, 1))
        refused = {
            line.partition(":")[0]
            for line in said.splitlines()
            if re.search(r":\d+: SRC10[123] ", line)
        }
        found = Site(here / "sidelit", sources, refused)
        numbers = (
            f"{len(sources):7}{found.lines:8}{crashes:8}{len(refused):8}"
            f"{len(found.lost):6}{len(found.words):6}{len(found.invalid):8}"
            f"{len(found.dead):6}{len(found.ours):5}"
        )
        cells = "".join(
            cell(name, taken.get(name, []), ended.get(name, (0, ""))[0], here / name)
            for name in TOOLS
        )
        print(f"{package.name:32}{numbers}{cells}", flush=True)
        told = [f"{name}: {last(how[1])}" for name, how in ended.items() if how[0]]
        kinds = {
            "": told,
            "crash: ": [one for one in said.splitlines() if " SRC104 " in one],
            "line lost: ": found.lost,
            "word lost: ": found.words,
            "invalid: ": found.invalid,
            "dead: ": found.ours,
        }
        return [
            f"{package.name}: {kind}{one}"
            for kind, ones in kinds.items()
            for one in ones[:20]
        ]


# What was installed beside the standard library is no part of it.
EXCLUDE = ["--exclude", "site-packages"]


def sources_of(folder: Path, output: Path) -> list[Source]:
    """The files that sidelit makes pages of."""
    with contextlib.chdir(folder):
        settings = {"sources": ["."], "output": str(output), "exclude": EXCLUDE[1:]}
        config, _ = load(settings)
        return discover(config).sources


def cell(name: str, runs: list[Run], status: int, output: Path) -> str:
    """The pages that one wrote and what that took."""
    if not runs:
        return f"{'–':>7}{'–':>6}{'–':>5}"
    pages = sum(1 for _ in output.rglob("*.html"))
    run = median(runs)
    # sidelit says 1 if the sources have faults, and has written the site all the same.
    crashed = status not in (0, 1) if name == "sidelit" else status
    shown = "crash" if crashed else str(pages)
    return f"{shown:>7}{run.cpu:6.1f}{run.memory:5.0f}"


def last(text: str) -> str:
    """The last line of what a program has said."""
    return (text.strip().splitlines() or ["nothing"])[-1]


# ## What became of it
class Site:
    """
    A site held to its sources: how many `lines` these have, the lines `lost` and the
    `words`, the pages that are `invalid`, and the `dead` links, some of them `ours`.
    """

    def __init__(self, site: Path, sources: list[Source], refused: set[str]) -> None:
        self.lines = 0
        self.lost: list[str] = []
        self.words: list[str] = []
        texts = {}
        for source in sources:
            if source.path in refused:
                continue
            with contextlib.suppress(SidelitError):
                data = Path(source.file).read_bytes()
                text = decode(data, source).translate(CONTROLS)
                texts[source.url] = text
                self._read(source, text, site / source.url)
        pages = pages_of(site)
        self.dead = dead_links(site, pages)
        self.ours = [
            f"{url}: {link}"
            for url, link in self.dead
            if not written(link, texts.get(url, ""))
        ]
        self.invalid = [
            f"{url}: {said[0]}" for url, said in sorted(refused_pages(site).items())
        ]

    def _read(self, source: Source, text: str, file: Path) -> None:
        lines = text.split("\n")
        self.lines += len(lines)
        shown = Shown(file.read_text("utf-8") if file.is_file() else "")
        prose = set(range(1, len(lines) + 1))
        if source.language == "python":
            tree = python_tree(text)
            prose = set(docstring_lines(tree))
            prose |= comment_lines(text, tree, prose)
        for number, line in enumerate(lines, 1):
            place = f"{source.path}:{number}: {line.strip()[:80]}"
            if number in shown.code:
                if shown.code[number] != line + "\n":
                    self.lost.append(place)
            elif line.strip() and number not in prose:
                self.lost.append(place)
        rest = [
            "" if number in shown.code else line for number, line in enumerate(lines, 1)
        ]
        for number, line in enumerate(without_markup("\n".join(rest)).split("\n"), 1):
            self.words += [
                f"{source.path}:{number}: {word} in {lines[number - 1].strip()[:80]}"
                for word in WORD.findall(line.lower())
                if word not in shown.words
            ]


def written(link: str, text: str) -> bool:
    """Whether an author has written a link: its anchor, or the name of its file."""
    path, _, anchor = link.partition("#")
    name = path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return (anchor or name) in text


class Shown(HTMLParser):
    """The lines of code on a page, by their number, and all other words on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.code: dict[int, str] = {}
        self._line = self._depth = 0
        self._rest: list[str] = []
        self.feed(page)
        self.close()
        # A name is one word also where its parts have elements of their own.
        joined = "".join(self._rest).replace(INLINE, "")
        parted = "".join(self._rest).replace(INLINE, " ")
        self.words = {*WORD.findall(joined.lower()), *WORD.findall(parted.lower())}

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        values = dict(attributes)
        if self._depth:
            self._depth += tag == "span"
        elif tag == "span" and values.get("class") == "l":
            begin = re.fullmatch(r"--n:(\d+)", values.get("style") or "")
            self._line = int(begin[1]) if begin else self._line + 1
            # A line that is there twice is as wrong as one that is not.
            self.code[self._line] = self.code.get(self._line, "")
            self._depth = 1
        else:
            self._rest += [f" {value} " for value in values.values() if value]
            self._rest.append(INLINE if tag in INLINE_ELEMENTS else " ")

    def handle_endtag(self, tag: str) -> None:
        if self._depth:
            self._depth -= tag == "span"
        else:
            self._rest.append(INLINE if tag in INLINE_ELEMENTS else " ")

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.code[self._line] += data
        else:
            self._rest.append(data)


INLINE = "\0"
INLINE_ELEMENTS = ("a", "span", "em", "strong", "code")
WORD = re.compile(r"[^\W_]+")


def without_markup(text: str) -> str:
    """Prose without what only says how to show it, each line on its line."""
    return MARKUP.sub(lambda match: " " + "\n" * match[0].count("\n"), text)


MARKUP = re.compile(
    r"""
    <!--.*?--> | </?[a-zA-Z][^>]*> | &\#?\w+;         # HTML
    | ^[\s*\#/>-]*(?:```|~~~)[^\n]*                   # fences
    | \]\(\S*\) | \]\[[^\]]*\] | ^\s*\[[^\]]+\]:[^\n]*  # links
    | :[a-z:]+:(?=`) | (?<=`)~[\w.]+\. | <[^>\n]*>(?=`) | ^\W*:\w+
    | ^[\s*\#/]*\.\.\ *(?:code(?:-block)?::[^\n]* | [\w:-]+::)  # fields, directives
    | ^\s*[rRuUbB]+(?=["']) | \w*\\[uUxN]\w+          # Python's strings
    | ^[\s*\#/-]*[@\\](?!(?:begin|end)\{)[a-zA-Z]+\b # tags
    | \{@\w+\s(?:[^\s{}|]+(?=[\s|]))?
    | \\(?:begin|end)\{\w+                           # formulas
    | \A(?:[rRuU]?\"{3}\s*)?---\n.*?\n---$            # front matter
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

if __name__ == "__main__":
    sys.exit(main())
