r"""
---
title: What is wrong, on the page
summary: >
  While a site is written, a page shows what is wrong with it: the file, the line and
  the source around it, over the last state of the page that was right.
---

# What is wrong, on the page

Whoever writes looks at the page and not at the terminal. So each mistake stands there,
with the lines around it. What is below stays readable, and the box folds.
"""

import os
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from ..model import Problem

# So many lines are shown before and behind the line of a problem, and so much of each.
_AROUND = 3
_WIDTH = 240
_STYLE = (Path(__file__).parents[1] / "assets" / "overlay.css").read_text("utf-8")


def overlay(problems: Sequence[Problem], path: str, root: str) -> bytes:
    """
    The box with the problems of a site, those of the source at `path` first and in
    full. Only they unfold it, and what concerns all pages: a wrong setting. Empty
    without problems.
    """
    own = [one for one in problems if one.path in (path, "")]
    others = [one for one in problems if one.path not in (path, "")]
    if not problems:
        return b""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    where = "" if own else " in other files"
    items = "".join(_item(one, root) for one in [*own, *others])
    return (
        '<div id="sidelit:problems"><template shadowrootmode="open">'
        f"<style>{_STYLE}</style><details{' open' if own else ''}>"
        f"<summary>{count}{where}</summary><ol>{items}</ol></details></template></div>"
    ).encode()


def _item(problem: Problem, root: str) -> str:
    if not problem.line:
        return f"<li><p>{escape(problem.message)}</p></li>"
    place = f"{problem.path}:{problem.line}:{problem.column}: {problem.rule}"
    source = "".join(_source(problem, root))
    return (
        f"<li><p><code>{escape(place)}</code> {escape(problem.message)}</p>"
        f"{source and f'<pre>{source}</pre>'}</li>"
    )


def _source(problem: Problem, root: str) -> Iterable[str]:
    """The lines around a problem; none if the file cannot be read."""
    try:
        with open(os.path.join(root, problem.path), "rb") as file:
            text = file.read().decode(errors="replace")
    except (OSError, ValueError):
        return
    lines = text.splitlines()
    first = max(problem.line - _AROUND, 1)
    for number, line in enumerate(lines[first - 1 : problem.line + _AROUND], first):
        shown = line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"
        html = f"<i>{number}</i>{escape(shown)}"
        if number == problem.line:
            html = f"<mark>{html}</mark>"
            # The place is in the line: behind it, nothing can be pointed at.
            if 1 < problem.column <= len(shown):
                before = re.sub(r"[^\t]", " ", line[: problem.column - 1])
                html += f"\n<i></i>{before}<b>^</b>"
        yield f"{html}\n"


def notice(url: str, problems: Iterable[Problem]) -> bytes:
    """What is shown in place of a page that never was right."""
    title = escape(f"There is no page {url}")
    listed = "".join(f"<li><code>{escape(str(one))}</code></li>" for one in problems)
    return (
        f"<!doctype html><html lang=en><title>{title}</title>"
        f"<style>:root {{ color-scheme: light dark; font: 17px/1.6 system-ui }} "
        f"body {{ max-width: 40rem; margin: 4rem auto; padding: 0 1.2rem }}</style>"
        f"<body><h1>{title}</h1><ul>{listed}</ul></body></html>"
    ).encode()
