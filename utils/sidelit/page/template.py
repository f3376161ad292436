r"""
---
title: From a page to bytes
summary: >
  A Jinja template lays the page out, ours or one of the project that extends it.
---

# From a page to bytes
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from html import escape
from pathlib import Path
from types import CodeType
from urllib.parse import quote

import jinja2
from jinja2.bccache import Bucket
from jinja2.sandbox import SandboxedEnvironment

from .. import __version__
from ..files import IMAGES, is_inside
from ..model import Config, Page, usage_error
from ..prose.diagrams import DIAGRAM, SCRIPT
from ..prose.images import size
from ..site import HOME, MISSING, address, relative, root_path, source_url
from .assets import ICON, PRELOADED, ending_of, icon_url, image_url
from .facts import facts
from .foot import foot_html
from .menu import blocks_link, menu
from .palette import theme_colors

_PACKAGE = Path(__file__).parents[1]


class Template:
    """
    ## The template

    Turns pages into bytes. A project may put a `page.html` of its own before ours and
    extend it: `{% extends "sidelit/page.html" %}`. What such a template takes from
    other hosts, its block `policy` has to allow. `assets` are the files beside the
    pages. The `stamp` is part of their addresses, so that no reader gets a new page
    with the style sheet that his browser has kept from last week.
    """

    def __init__(
        self,
        config: Config,
        assets: Mapping[str, bytes],
        stamp: str = "",
        searchable: bool = False,
    ) -> None:
        self.config = config
        self.draws = SCRIPT in assets
        ours = jinja2.FileSystemLoader(_PACKAGE / "templates")
        loaders: list[jinja2.BaseLoader] = [
            ours,
            jinja2.PrefixLoader({"sidelit": ours}),
        ]
        if config.templates:
            loaders.insert(0, _Templates(config.templates))
        # What a template of a project says is no reason to run it: in a sandbox it can
        # lay out pages, and reaches nothing of Python.
        environment = SandboxedEnvironment if config.templates else jinja2.Environment
        self.environment = environment(
            loader=jinja2.ChoiceLoader(loaders),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            bytecode_cache=_COMPILED[environment],
        )
        self.environment.filters["script_hash"] = script_hash
        icon = icon_url(config.favicon)
        # Whoever has an icon of their own shows no other one.
        logo = config.logo or config.favicon
        logo_url = image_url("logo", logo) if config.logo else icon
        self.environment.globals |= {
            "config": config,
            "version": __version__,
            "searchable": searchable,
            "stamp": stamp,
            "mark": ICON.read_text(encoding="utf-8"),
            "is_english": is_english,
            "styles": [quote(os.path.basename(file)) for file in config.style],
            "icon": icon,
            "icon_type": IMAGES[ending_of(icon)],
            "logo": logo and logo_url,
            "logo_size": size(logo) if logo else (0, 0),
            "paper": theme_colors(config.colors)["background"],
            "preloads": [url for url in PRELOADED if url in assets],
        }

    @cached_property
    def _page(self) -> jinja2.Template:
        return self.environment.get_template("page.html")

    def render(
        self,
        page: Page,
        map_html: str = "",
        changed: datetime | None = None,
        card: str = "",
        has_feed: bool = False,
        footer: str = "",
    ) -> bytes:
        """
        The bytes of a page, the same for the same page on every machine, with a map if
        it has one. `changed` is when its source was changed last, `card` the URL of its
        image, `footer` the [line at its foot](foot.py). Raises `SidelitError` for a
        mistake in a template of the project.
        """
        document, config = page.document, self.config
        source = document.source
        title = document.title
        if source.url != HOME and config.site_title != title:
            title = f"{title} · {config.site_title}"
        language = document.language or config.language
        missing = source.url == MISSING and not source.path
        card = card and address(config.base_url, card)
        root = relative(HOME, source.url).removesuffix(HOME)
        if missing:
            root = root_path(config.base_url)
        try:
            html = self._page.render(
                page=page,
                rows=_rows(page),
                document=document,
                lang=language,
                # What sidelit itself says is English.
                ours="" if is_english(language) else ' lang="en"',
                title=title,
                canonical="" if missing else address(config.base_url, source.url),
                root=root,
                footer=foot_html(footer, escape(root)),
                missing=missing,
                changed=changed,
                card=card,
                facts=facts(
                    document,
                    language,
                    config.site_title,
                    config.base_url,
                    changed,
                    card,
                ),
                has_feed=has_feed,
                source_path=source.path,
                source_url=source.path
                and source_url(config.repository_url, source.path),
                map_html=map_html,
                has_formulas=has_formulas(page),
                has_diagrams=self.draws and has_diagrams(page),
                has_tabs=_has('<div class="tabs">', page),
                forms=() if missing else menu(source, config.colab_url),
                blocks=blocks_link(page),
                has_shapes=any('class="shape"' in row.code_html for row in page.rows),
                has_code=any(row.code for row in page.rows),
            )
        except Exception as error:
            # Our own template is right; in another one, anything can go wrong.
            if not config.templates:
                raise
            line = getattr(error, "lineno", None)
            where = f"{config.templates}{f', line {line}' if line else ''}"
            raise usage_error(
                f"templates: {where}: {type(error).__name__}: {error}"
            ) from None
        return html.encode()


def is_english(language: str) -> bool:
    """Whether a tag is that of English."""
    return language.lower().partition("-")[0] == "en"


class _Compiled(jinja2.BytecodeCache):
    """
    Templates that this process has compiled, each as it was last: to compile ours takes
    as long as to build two small pages.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._known[bucket.key] = bucket.checksum, bucket.code


# What is compiled for a sandbox asks it before each call, and nothing else does.
_COMPILED: dict[type[jinja2.Environment], _Compiled] = {
    jinja2.Environment: _Compiled(),
    SandboxedEnvironment: _Compiled(),
}


class _Templates(jinja2.FileSystemLoader):
    """The templates of a project, of which no link leads out of their folder."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        found = super().get_source(environment, template)
        if not is_inside(found[1], self.searchpath[0]):
            raise jinja2.TemplateNotFound(template)
        return found


def _rows(page: Page) -> Iterator[tuple[str, str, int, str, str, str, int, str, str]]:
    """
    The rows as the template shows them, with how many lines of code each has, and the
    HTML that folds private ones, from the first row of a definition to its last. A page
    may have thousands, and Jinja is slow to look up an attribute.
    """
    # A row stands for what follows, too; behind the last one nothing does.
    behind = [*(row.private for row in page.rows[1:]), ""]
    before = ""
    for row, after in zip(page.rows, behind, strict=True):
        lines = sum(map(len, row.code))
        start = end = ""
        if row.private and row.private != before:
            start = (
                '<details class="private"><summary>'
                f"<code>{row.private}</code> <small>private</small></summary>\n"
            )
        if row.private and row.private != after:
            end = "</details>\n"
        before = row.private
        parts = row.anchor, row.alias, row.line, row.prose_html, row.code_html
        yield *parts, row.outputs_html, lines, start, end


def script_hash(script: str) -> str:
    """How a Content-Security-Policy names a script that stands in the page."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def has_formulas(page: Page) -> bool:
    """Whether a page needs the style sheet and the fonts of KaTeX."""
    return _has('class="katex"', page)


def has_mathml(page: Page) -> bool:
    """Whether a page has formulas that the browser sets."""
    return _has('class="math"', page)


def has_diagrams(page: Page) -> bool:
    """Whether a page has diagrams."""
    return _has(f'<pre class="{DIAGRAM}"', page)


def _has(sign: str, page: Page) -> bool:
    return sign in page.head_html or any(
        sign in row.prose_html or sign in row.outputs_html for row in page.rows
    )
