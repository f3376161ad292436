r"""
---
title: Directives
summary: >
  Quotations that begin with a name in brackets become what a function makes of them:
  our own figures, and the directives of plugins.
---

# Directives

```markdown
> [!NAME] an argument
> What it encloses, in Markdown.
```

A directive is a function from such a quotation to HTML. `FIGURE` is [ours](figures.py),
and [plugins](../plugins.py) have others.

If it returns text, that is taken for HTML of an author, and [cleaned](clean.py) as
such: nothing in it can run. A `Markup` of
[MarkupSafe](https://markupsafe.palletsprojects.com/) says that its author has taken
care of that, and is taken as it is. What the quotation encloses has been cleaned in
both cases, and `Markup.format` escapes all other text.
"""

import re
from collections import deque
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from ..model import told
from ..plugins import Plugin
from ..plugins import directives as of_plugins
from ..read.markdown import without_code
from .clean import ADMONITIONS
from .passage import Passage


class Quotation:
    """
    ## What a directive is given

    The `argument` behind its name, as text, and the `html` of what is below.
    """

    def __init__(self, passage: Passage, argument: str, html: Markup) -> None:
        self.passage = passage
        self.argument = argument
        self.html = html

    def file(self, name: str) -> str:
        """
        The address of a file of the project, named as seen from the source. The build
        copies it into the site.
        """
        self.passage.refer(name, is_copied=True)
        return self.passage.image(name).src


# With its plugin, unless it is ours.
Directive = tuple[Plugin | None, Callable[[Quotation], Any]]


def figure(quotation: Quotation) -> Markup:
    """A figure that runs, with its files for the script that starts figures."""
    files = quotation.passage.figure(quotation.argument.split())
    html = Markup('<div class="figure" data-files="{}">\n{}</div>\n')
    return html.format(files, quotation.html)


_OWN: dict[str, Directive] = {"FIGURE": (None, figure)}
_TAKEN = frozenset((*_OWN, "TAB", *(kind.upper() for kind in ADMONITIONS)))


def directives() -> dict[str, Directive]:
    """All directives, by name. Raises `SidelitError` for a plugin that is none."""
    return {**of_plugins(_TAKEN), **_OWN}


def names() -> set[str]:
    """What a quotation may be called: the directives, and the kinds of notes."""
    return {*_TAKEN, *directives()}


def made(directive: Directive, quotation: Quotation, span: range) -> str | None:
    """
    What a directive makes of a quotation that stands at `span`; nothing, and a problem,
    if it fails.
    """
    plugin, function = directive
    passage = quotation.passage
    try:
        html = function(quotation)
        if not isinstance(html, str):
            raise TypeError(f"it returned {type(html).__name__} and not str")
    except (Exception, SystemExit) as error:
        if plugin is None:
            raise
        message = f"the plugin {plugin} failed: {told(error)}"
        passage.report(span.start, "SRC107", message)
        return None
    return html


def next_span(name: str, passage: Passage) -> range:
    """
    Where the next quotation of a directive stands in the prose of a passage, from its
    sign on, which the parser does not say.
    """
    if name not in passage.directives:
        prose = without_code(passage.section.prose)
        sign = rf"\[!{re.escape(name)}\].*(?:\n[ \t]*>.*)*"
        found = re.finditer(sign, prose, re.IGNORECASE)
        passage.directives[name] = deque(range(*match.span()) for match in found)
    spans = passage.directives[name]
    return spans.popleft() if len(spans) > 1 else next(iter(spans), range(0))
