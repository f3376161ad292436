r"""
---
title: Outputs on the page
summary: >
  The outputs of a cell of a notebook, below its code: text, tables, images and
  tracebacks, with nothing in them that could run.
---

# Outputs on the page

An output comes in several forms, such as a table in HTML and as text. The page shows
the best one that has something to show: the HTML of a chart may be a script and nothing
else, and that is not let through. Markdown, formulas and HTML take the way that prose
takes.
"""

from collections.abc import Iterable
from html import escape

from ..model import Output, Section
from ..prose.formulas import bare_formula
from ..prose.html import PageProse
from ..prose.notebook_images import best_image, image_of, is_image_form
from .contents import TAG


def outputs_html(
    outputs: Iterable[Output],
    section: Section,
    anchor: str,
    taken: set[str],
    prose: PageProse,
) -> str:
    """The outputs of the code of a section as HTML, or nothing if there are none."""
    shown = "".join(_output(one, section, anchor, taken, prose) for one in outputs)
    return shown and f'<div class="outputs">\n{shown}</div>\n'


def _output(
    output: Output, section: Section, anchor: str, taken: set[str], prose: PageProse
) -> str:
    for form, text in output.forms.items():
        if is_image_form(form):
            html = _image(output, prose.document.source.url)
        elif form == "text/html":
            html = prose.cleaned(section, anchor, taken, text)
            # What is left of a script is nothing.
            html = html if TAG.sub("", html).strip() or "<img" in html else ""
        elif form == "text/plain":
            return _text(output.name, text)
        else:
            text = bare_formula(text) if form == "text/latex" else text
            html = prose.shown(section, anchor, taken, text)
        if html:
            moves = "" if is_image_form(form) else _MOVES
            return f'<div class="output"{moves}>{html}</div>\n'
    return ""


def _image(output: Output, url: str) -> str:
    if (image := best_image(output.forms, url)) is None:
        return ""
    found = image_of(image, url)
    width, height = output.width or found.width, output.height or found.height
    alt = alt_text(output)
    size = f' width="{width}" height="{height}"' if width and height else ""
    return f'<img src="{found.src}" alt="{escape(alt)}"{size} loading="lazy">'


def alt_text(output: Output) -> str:
    """What an output says to those who cannot see its image."""
    said = " ".join(output.forms.get("text/plain", "").strip("<>").split())
    return said if 0 < len(said) <= 200 else "Output of the code"


def _text(name: str, text: str) -> str:
    if not text.strip():
        return ""
    kind = name.partition(" ")[0]
    named = f" {kind}" if kind in ("stderr", "error") else ""
    lines = text.split("\n")
    moves = _MOVES if len(lines) > _LINES or max(map(len, lines)) > _WIDTH else ""
    return f'<pre class="output{named}"{moves}>{escape(text, quote=False)}</pre>\n'


# What may be too large for its frame on a phone can be moved with keys, too.
_LINES, _WIDTH = 15, 30
_MOVES = ' role="group" aria-label="Output" tabindex="0"'
