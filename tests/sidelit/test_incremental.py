"""
Whatever has changed since the last build, the site is what a build from nothing makes.
"""

import json
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sidelit.build import Build, Pipeline, build
from sidelit.cache import Folder
from sidelit.config import load
from sidelit.files import MANIFEST
from sidelit.fresh import last_messages, remember, settled_states
from sidelit.model import SidelitError, Source
from sidelit.publish.history import History
from sidelit.read.functions import functions
from sidelit.read.split import split
from sidelit.write import LastTime, write_site

# The paths that files may have, and what may stand in them. All pieces speak of the
# same few names, so that whatever one file loses or gains, others mean.
PYTHON = (
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/c.py",
    "pkg/b.py",
    "sub/d.py",
    "__init__.py",
)
MARKDOWN = ("index.md", "notes.md", "pkg/readme.md", "a.md")
OTHER = ("page.js", "pkg/style.css")
NOTEBOOKS = ("notebook.ipynb", "a.ipynb", "pkg/readme.ipynb")
SUFFIXES = {
    ".py": PYTHON,
    ".md": MARKDOWN,
    ".js": OTHER,
    ".css": OTHER,
    ".ipynb": NOTEBOOKS,
}

PROSE = (
    "A `Thing` and a `part`, `Thing.method`, `helper()` and `pkg.c.Thing`.",
    "See [the thing](a.py#Thing), [b](b.py), [c](pkg/c.py#part) and [notes](notes.md).",
    "From below: [a](../a.py#helper), [c](c.html), [missing](nosuch.py).",
    "A mean of {{ run:one.accuracy | .1%}} and {{ run:*.accuracy }}.",
    "![A drawing](drawing.svg) and ![one more](../drawing.svg)",
    "A [result](../results/one.json) and [the drawing](drawing.svg).",
    "[Copied](<../theme of static/data/b.svg>): ![B](<../theme of static/data/b.svg>)",
    "With $x_1$ and\n\n$$y = x^2 \\label{square}$$\n\nas in $\\ref{square}$.",
    "A formula $\\nosuch$ and `os.path.join` and `extern.f`.",
    "| Symbol | Meaning |\n|---|---|\n| $x$ (`value`) | a value |",
    "## A heading\n\nA `KEY`, and a note[^1].\n\n[^1]: At the `foot`.",
    "* [pkg](pkg/__init__.py)\n* [b](b.py)\n* [a](a.py)\n* [page](page.js)",
    "A <b>tag without an end, as of `helper`.",
    "1. [sub](sub/d.py)\n2. [a](a.py)\n3. [notes](notes.md)",
    "",
)
CODE = (
    "import os\nimport extern\n\nos.path.join, extern.f",
    "from b import *",
    "from a import Thing, helper as helps\n\nhelps(Thing)",
    "from .b import part, Thing",
    "from . import c\n\nc.Thing().method(c.part)",
    "import pkg.c\n\nresult = pkg.c.Thing().method(1)",
    "KEY = 1",
    "KEY: int = 2  # `part`",
    'class Thing:\n    """A `part` of {{ run:one.accuracy }}. $x$"""\n\n    size = 1',
    "class Thing(Base):\n    def method(self, value):\n        self.seen = value\n"
    "        return self.size, helper(value)",
    "class Base:\n    def __init__(self, size: int) -> None:\n        self.size = size",
    'def part(value: "Thing") -> int:\n    """Takes `value: [4]` to `KEY`."""\n'
    "    # It has `a.Thing`.\n    value = value + 1\n    return value",
    "def part(first, value=3):\n    def inner(): return KEY\n    return inner()",
    'def helper(value):\n    """See [part](b.py#part)."""\n'
    "    thing = Thing(value)\n    return thing.method(value)",
    "def helper(): return Thing",
    "if KEY:\n    from pkg import part\nelse:\n    def part(): ...",
    "__all__ = ['part', 'Thing']",
    "x = (",
)
TEMPLATES = (
    '{% extends "sidelit/page.html" %}{% block foot %}<p>{{ title|e }}{% endblock %}',
    '{% extends "sidelit/page.html" %}{% block foot %}{% include "x.html" %}'
    "{% endblock %}",
    "{{ nosuch }}",
)
FRONT_MATTER = (
    "---\ntitle: One `Thing`\nsummary: A {{ run:one.accuracy }} of it.\n---",
    "---\ntitle: Run {{ run:one.accuracy }}\n---",
    "---\ntitle: [\n---",
    "---\ntitle: A thing to come\ndraft: true\n---",
    "---\ntitle: Un\nlanguage: fr\n---",
)
SETTINGS = (
    ("site-title", ("Site", "One <Thing>")),
    ("base-url", ("https://x.example/y/", "https://z.example/")),
    ("repository-url", ("https://f.example/me/it",)),
    ("exclude", (["b.py"], ["pkg"], ["*.md", "sub/**"])),
    ("colors", (["accent=#123456"], ["text=#111111,#eeeeee"])),
    ("external", ({"extern.*": "https://e.example/{name}.html"}, {"os.*": ""})),
    ("single-dollars", ({"python": False}, {"javascript": True, "markdown": False})),
    ("macros", ({"\\nosuch": "y_1"}, {"\\nosuch": "\\no{z}", "\\no": "#1^2"})),
    ("footer", ("[A](src/a.py) of {{ run:one.accuracy }}", "![B](src/drawing.svg) b")),
    ("language", ("de", "zh-Hant")),
    ("install", ("thing", "git+https://f.example/it")),
    ("colab-url", ("https://c.example/{notebook}",)),
    ("results", (["results/*.json"], ["results/one.json"])),
    ("sources", (["src", "more"], ["src/a.py", "src/pkg"])),
)


def text_of(path: str, parts: list[str]) -> str:
    """The text of a file of these parts: prose and code take turns."""
    if path.endswith(".md"):
        return "\n\n".join(parts) + "\n"
    if path.endswith(".py"):
        return "\n\n\n".join(
            f'"""\n{part}\n"""'.replace("\\", "\\\\")
            if number == 0
            else "\n".join(f"# {line}".rstrip() for line in part.split("\n"))
            if part in PROSE
            else part
            for number, part in enumerate(parts)
        )
    if path.endswith(".ipynb"):
        cells = [code_cell(one) if one in CODE else prose_cell(one) for one in parts]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1)
    comments = (f"/* {part} */" for part in parts)
    return "".join(f"{one}\nlet x{n} = {n};\n" for n, one in enumerate(comments))


# A picture of one pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def code_cell(code: str) -> dict[str, object]:
    """A cell whose outputs depend on its code, and may speak of others."""
    name = code.split()[0]
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"{name}\n"},
        {"output_type": "display_data", "data": {"image/png": PIXEL}},
        {"output_type": "display_data", "data": {"text/markdown": f"`{name}` $x_1$"}},
        {"output_type": "display_data", "data": {"text/html": "<a href='a.py'>a</a>"}},
    ]
    shown = outputs[: len(code) % 5]
    return {"cell_type": "code", "source": f"%ls\n{code}", "outputs": shown}


def prose_cell(text: str) -> dict[str, object]:
    text = f"{text}\n\n![attached](attachment:it.png)"
    attachments = {"it.png": {"image/png": PIXEL}}
    return {"cell_type": "markdown", "source": text, "attachments": attachments}


def drawing(width: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 10"></svg>'


paths = st.sampled_from(PYTHON + MARKDOWN + OTHER + NOTEBOOKS)
prose = st.sampled_from(PROSE)
parts = st.sampled_from(PROSE + CODE)


class Site(RuleBasedStateMachine):
    """A project that is edited, and built after each edit in all ways there are."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.settings: dict[str, object] = {}
        self.files: dict[str, list[str]] = {}
        self.dates: dict[str, datetime] = {}
        self.clock = count(10**9)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(
            "sidelit.steps.lasting.read_history", lambda *_: self.history()
        )
        # What was written just now counts as settled, too.
        self.patch.setattr(
            "sidelit.write.settled_states",
            lambda paths, started: settled_states(paths, started + 10**9),
        )
        self.cache = Folder(self.root / "cache")
        self.patch.setenv("XDG_CACHE_HOME", str(self.root / "runs"))
        self.remembered = {}
        self.pipeline = Pipeline(Folder(self.root / "other cache"))

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.root)

    def history(self) -> History:
        return History(dict(self.dates), (str(self.root / "HEAD"),))

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        # No two states of a file have the same time, however fast this machine is.
        os.utime(file, (now := next(self.clock), now))

    def write_source(self, path: str, parts: list[str]) -> None:
        self.files[path] = parts
        self.write(f"src/{path}", text_of(path, parts))

    def chosen(self, path: str) -> str:
        """One of the files that there are."""
        known = sorted(self.files)
        return path if path in self.files else known[len(path) % len(known)]

    @initialize()
    def begin(self) -> None:
        self.write_source("index.md", [PROSE[10], PROSE[3], PROSE[4]])
        self.write_source("a.py", [PROSE[0], CODE[3], CODE[8], PROSE[1], CODE[13]])
        self.write_source("b.py", [PROSE[6], CODE[11], CODE[10]])
        self.write_source("pkg/__init__.py", [PROSE[1], CODE[4]])
        self.write_source("pkg/c.py", [PROSE[2], CODE[9], PROSE[3], CODE[11]])
        self.write_source("notes.md", [PROSE[12]])
        self.write_source("page.js", [PROSE[0]])
        self.write_source("notebook.ipynb", [PROSE[0], CODE[2], PROSE[3], CODE[10]])
        self.write("src/drawing.svg", drawing(20))
        self.write("more/m.py", '"""A `Thing` of `src`."""\nfrom a import Thing\n')
        self.write("results/one.json", '{"accuracy": 0.5}')
        self.settings["results"] = ["results/*.json"]

    # The sources.
    @rule(path=paths, place=st.integers(0, 4), part=parts)
    def edit(self, path: str, place: int, part: str) -> None:
        path = self.chosen(path)
        old = self.files[path]
        place = min(place, len(old))
        if place == 0 and part in CODE:
            part = PROSE[0]
        self.write_source(path, [*old[:place], part, *old[place + 1 :]])

    @rule(path=paths, matter=st.sampled_from(FRONT_MATTER), text=prose)
    def retitle(self, path: str, matter: str, text: str) -> None:
        path = self.chosen(path)
        self.write_source(path, [f"{matter}\n{text}", *self.files[path][1:]])

    @rule(path=paths, first=prose, rest=st.lists(parts, max_size=3))
    def add(self, path: str, first: str, rest: list[str]) -> None:
        self.write_source(path, [first, *rest])

    @rule(path=paths)
    def remove(self, path: str) -> None:
        path = self.chosen(path)
        if len(self.files) > 1:
            del self.files[path]
            (self.root / "src" / path).unlink()

    @rule(path=paths, number=st.integers(0, 6))
    def move(self, path: str, number: int) -> None:
        path = self.chosen(path)
        others = SUFFIXES[Path(path).suffix]
        other = others[number % len(others)]
        self.write_source(other, self.files[path])
        if other != path:
            del self.files[path]
            (self.root / "src" / path).unlink()

    @rule(path=paths)
    def end_lines_otherwise(self, path: str) -> None:
        """The same text in other bytes."""
        path = self.chosen(path)
        text = text_of(path, self.files[path])
        self.write(f"src/{path}", text.replace("\n", "\r\n"))

    # What is beside them.
    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        name, values = data.draw(st.sampled_from(SETTINGS))
        value = data.draw(st.sampled_from([None, *values]))
        self.settings.pop(name, None)
        if value is not None:
            self.settings[name] = value

    @rule(
        name=st.sampled_from(["one", "two"]), value=st.sampled_from([None, 0.5, 0.75])
    )
    def run(self, name: str, value: float | None) -> None:
        file = f"results/{name}.json"
        (self.root / file).unlink(missing_ok=True)
        if value is not None:
            self.write(file, json.dumps({"accuracy": value}))

    @rule(path=st.sampled_from(PYTHON), size=st.sampled_from([4, 5, 6]))
    def record(self, path: str, size: int) -> None:
        """All functions of a file were given tensors of a size."""
        shape = f"float32[{size}]"
        call = {"entry": {"value": shape}, "lines": {"0": {"value": [shape]}}}
        file = self.root / "src" / path
        found = {}
        try:
            document = split(Source(path, str(file), "x.html", "x", "python"))
        except (SidelitError, OSError):
            pass
        else:
            found = {
                function.qualname: {"source": function.digest, "calls": [call]}
                for function in functions(document.text)
            }
        config = self.config()
        place = os.path.relpath(config.record, self.root)
        self.write(place, json.dumps({"version": 1, "files": {f"src/{path}": found}}))

    @rule(text=st.sampled_from(["", "[", "{}"]))
    def break_record(self, text: str) -> None:
        Path(self.config().record).unlink(missing_ok=True)
        if text:
            self.write(os.path.relpath(self.config().record, self.root), text)

    @rule(
        page=st.sampled_from([None, *TEMPLATES]),
        other=st.sampled_from([None, "a", "b"]),
    )
    def lay_out(self, page: str | None, other: str | None) -> None:
        shutil.rmtree(self.root / "theme", ignore_errors=True)
        self.settings.pop("templates", None)
        for name, text in (("page.html", page), ("x.html", other)):
            if text is not None:
                self.write(f"theme/{name}", text)
                self.settings["templates"] = str(self.root / "theme")

    @rule(
        name=st.sampled_from(["logo", "favicon"]),
        width=st.sampled_from([None, 20, 30]),
    )
    def brand(self, name: str, width: int | None) -> None:
        self.settings.pop(name, None)
        if width:
            self.write(f"{name}.svg", drawing(width))
            self.settings[name] = str(self.root / f"{name}.svg")

    @rule(
        name=st.sampled_from(["style", "static"]),
        path=st.sampled_from(["own.css", "data", "notes.html"]),
        text=st.sampled_from([None, ":root { --edge: 1rem }", "b { color: red }"]),
    )
    def bring(self, name: str, path: str, text: str | None) -> None:
        self.settings.pop(name, None)
        if text and (name == "static" or path == "own.css"):
            place = f"theme of {name}/{path}"
            self.write(f"{place}/b.svg" if path == "data" else place, text)
            self.settings[name] = [str(self.root / place)]

    @rule(width=st.sampled_from([None, 20, 30]))
    def draw(self, width: int | None) -> None:
        (self.root / "src" / "drawing.svg").unlink(missing_ok=True)
        if width:
            self.write("src/drawing.svg", drawing(width))

    @rule(
        to=st.sampled_from([None, "a.py", "b.py", "../more", "../more/m.py", __file__])
    )
    def link(self, to: str | None) -> None:
        (self.root / "src" / "link.py").unlink(missing_ok=True)
        if to:
            (self.root / "src" / "link.py").symlink_to(to)

    @rule(path=paths, day=st.integers(0, 3))
    def commit(self, path: str, day: int) -> None:
        self.write("HEAD", path)
        self.dates.pop(f"src/{path}", None)
        if day:
            when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
            self.dates[f"src/{path}"] = when

    # What comes of it.
    def config(self):
        sources = self.settings.get("sources", ["src"])
        there = [self.root / path for path in sources if (self.root / path).exists()]
        flags = {
            **self.settings,
            "sources": [str(path) for path in there or [self.root / "src"]],
            "output": str(self.root / "site"),
        }
        (self.root / "pyproject.toml").write_text("[tool.sidelit]\n")
        return load(flags)[0]

    @invariant()
    def all_builds_agree(self) -> None:
        if not self.files:
            return
        config = self.config()
        expected = outcome(lambda: build(config))
        assert outcome(lambda: build(config, self.cache)) == expected
        assert outcome(lambda: self.pipeline.prepare(config).build()) == expected
        if isinstance(expected, str):
            self.remember(expected)
            return
        assert self.served(config, expected[0]) == expected[0]
        built = build(config, self.cache)
        assert self.written(config, built) == expected[0]
        self.remember(expected, built.inputs)

    def remember(self, expected, inputs=()) -> None:
        """What was remembered either holds or is known not to."""
        key = repr((self.settings, self.dates))
        if last_messages(key):
            assert self.remembered[key] == expected
        elif not isinstance(expected, str):
            self.remembered[key] = expected
            # What is written after this has another time.
            remember(key, time.time_ns() + 10**9, inputs, [], expected[1])

    def served(self, config, files: dict[str, bytes]) -> dict[str, bytes | None]:
        """What a browser gets, page after page."""
        prepared = self.pipeline.prepare(config)
        # An image is asked for by the page that shows it.
        order = sorted(files, key=lambda url: (not url.endswith(".html"), url))
        return {url: prepared.file(url) for url in order}

    def written(self, config, built: Build) -> dict[str, bytes]:
        last_time = LastTime(self.cache, config.output, built.files.digests)
        write_site(config.output, built.files, last_time)
        folder = Path(config.output)
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file() and file.name != MANIFEST
        }


def outcome(make) -> tuple[dict[str, bytes], list[str], dict[str, str]] | str:
    """What a build makes and says, or why there is none."""
    try:
        built: Build = make()
    except SidelitError as error:
        return str(error)
    problems = [str(problem) for problem in built.problems]
    return dict(built.files), problems, dict(built.texts)


TestIncremental = Site.TestCase
TestIncremental.settings = settings(max_examples=8, stateful_step_count=10)
