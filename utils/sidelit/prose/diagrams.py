r"""
---
title: Diagrams
summary: >
  A fenced block of Mermaid stays a block of code, which a script replaces by the
  drawing in the reader's browser.
---

# Diagrams

````markdown
```mermaid
flowchart LR
  read --> resolve --> render
```
````

A fence with this name is a diagram on the common forges, and here. Its page holds the
source as code: that is what is read without a script, what is searched, and what the
forms of a page have. [Mermaid](https://mermaid.js.org) measures its text in a browser,
in the font that the reader will see. So it draws there and not while the site is built:
what draws without a browser has other fonts, and its labels leave their boxes.

Mermaid comes from the project's `node_modules`, whole or as its own small edition, in
one file. The site has it only if a page has a diagram. A page loads it when a diagram
comes near the window, or once there is nothing else to do, so that paper has the
drawing.
"""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from ..files import npm_package, package_missing
from ..markup import pattern

_ASSETS = Path(__file__).parents[1] / "assets"

# The class of a block that can be drawn.
DIAGRAM = "block diagram"

# What has Mermaid in one file. The small edition, without dependencies, comes second.
MERMAID = {
    "mermaid": "dist/mermaid.min.js",
    "@mermaid-js/tiny": "dist/mermaid.tiny.js",
}

# The script of a page with diagrams. It finds Mermaid beside itself.
SCRIPT = "assets/diagrams.js"
FILES = (SCRIPT, "assets/diagrams.css", "assets/mermaid.js")


def is_diagram(language: str) -> bool:
    """Whether a block of code in this language is a diagram, also as MyST says it."""
    return language.lower() in ("mermaid", "{mermaid}")


def diagram_block(source: str) -> str:
    """The HTML of a diagram that has not been drawn."""
    html = escape(source.rstrip("\n"), quote=False)
    return f'<pre class="{DIAGRAM}"><code>{html}</code></pre>\n'


def faults(prose: str) -> Iterator[tuple[int, str]]:
    """Where a diagram begins of which nothing says what it shows."""
    # Single dollar signs do not matter to what is code.
    fences = pattern(True).finditer(prose) if "mermaid" in prose.lower() else ()
    for match in fences:
        if not match["fence"]:
            continue
        info, _, source = match[0].partition("\n")
        language = info.partition(match["fence"])[2].lstrip("`~").strip()
        if is_diagram(language.partition(" ")[0]) and not _NAMED.search(source):
            message = "nothing says what the diagram shows; give it an accTitle"
            yield match.start("fence"), message


_NAMED = re.compile(
    r"^[ \t>]*(?:pie\s+(?:showData\s+)?)?(?:accTitle[ \t]*:|title(?::|[ \t]))[ \t]*\S",
    re.MULTILINE,
)


def mermaid_files(root: str) -> dict[str, bytes]:
    """What pages with diagrams load, by URL; nothing if the project has no Mermaid."""
    if (mermaid := _mermaid(root)) is None:
        return {}
    parts = (_ASSETS / "diagrams.js", _ASSETS / "diagrams.css", mermaid)
    return {url: part.read_bytes() for url, part in zip(FILES, parts, strict=True)}


def mermaid_missing(root: str) -> str:
    """Why a project has no Mermaid, and what to do about it; empty if it has."""
    return "" if _mermaid(root) else package_missing("mermaid", "Mermaid", root)


def _mermaid(root: str) -> Path | None:
    packages = ((npm_package(name, root), file) for name, file in MERMAID.items())
    files = (package / file for package, file in packages if package)
    return next((one for one in files if one.is_file()), None)
