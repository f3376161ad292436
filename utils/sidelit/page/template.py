r"""
---
title: From a page to bytes
summary: >
  A Jinja template lays the page out; style sheets, scripts and fonts are gathered
  from this package and from npm.
---

# From a page to bytes
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from .. import __version__
from ..files import IMAGES, is_inside, npm_package
from ..model import Config, Document, Page, usage_error
from ..prose.images import size
from ..site import HOME, MISSING, address, relative, root_path, source_url
from .foot import foot_html
from .menu import blocks_link, menu
from .palette import theme_colors

_PACKAGE = Path(__file__).parents[1]
_ASSETS = _PACKAGE / "assets"
_ICON = _ASSETS / "favicon.svg"


class Template:
    """
    ## The template

    Turns pages into bytes. A project may put a `page.html` of its own before ours and
    extend it: `{% extends "sidelit/page.html" %}`. What such a template takes from
    other hosts, its block `policy` has to allow. `assets` are the files beside the
    pages.
    """

    def __init__(
        self, config: Config, assets: Mapping[str, bytes], searchable: bool = False
    ) -> None:
        self.config = config
        # The stamp is part of each address, so that no reader gets a new page with the
        # style sheet that his browser has kept from last week.
        stamp = hashlib.blake2b(digest_size=4)
        for url, data in sorted(assets.items()):
            stamp.update(url.encode() + data)
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
        )
        self.environment.filters["script_hash"] = script_hash
        icon = _icon_url(config.favicon)
        # Whoever has an icon of their own shows no other one.
        logo = config.logo or config.favicon
        logo_url = _image_url("logo", logo) if config.logo else icon
        self.environment.globals |= {
            "config": config,
            "version": __version__,
            "searchable": searchable,
            "stamp": stamp.hexdigest(),
            "mark": _ICON.read_text(encoding="utf-8"),
            "is_english": is_english,
            "styles": [quote(os.path.basename(file)) for file in config.style],
            "icon": icon,
            "icon_type": IMAGES[_ending(icon)],
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
                has_tabs=_has('<div class="tabs">', page),
                forms=() if missing else menu(source, config.colab_url),
                blocks=blocks_link(document),
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


# ## Facts for search engines
def facts(
    document: Document,
    language: str,
    site_title: str,
    base_url: str,
    changed: datetime | None,
    card: str,
) -> str:
    """What the page is, as JSON-LD that may stand in a `script` element."""
    url = document.source.url
    site = {"@type": "WebSite", "name": site_title, "url": base_url}
    page = {
        "@type": "TechArticle",
        "headline": document.title,
        "url": address(base_url, url),
        "inLanguage": language,
        "isPartOf": site,
    }
    told = {"@context": "https://schema.org"} | (site if url == HOME else page)
    if document.summary:
        told["description"] = document.summary
    if card:
        told["image"] = card
    if changed:
        told["dateModified"] = changed.isoformat()
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


def template_inputs(root: str, templates: str, *brought: str) -> list[str]:
    """
    The files outside this package that the look of the pages depends on, those that the
    project has `brought` among them.
    """
    inputs = [Path(root) / "node_modules", *map(Path, filter(None, brought))]
    packages = (npm_package(name, root) for name in NPM)
    inputs += [package / "package.json" for package in packages if package]
    if templates:
        inputs += [Path(templates), *Path(templates).rglob("*")]
    return [str(path) for path in inputs]


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


def _has(sign: str, page: Page) -> bool:
    return sign in page.head_html or any(
        sign in row.prose_html or sign in row.outputs_html for row in page.rows
    )


# The name of a colour of the theme, and its light and its dark value.
Color = tuple[str, tuple[str, str]]


# ## What pages load
#
# Style sheet and script are ours, and so is the icon of a project without one. Fonts
# come from npm if the project has them; a page without them is set in the fonts of the
# reader's system.
FONTS = (
    "@fontsource/source-serif-4",
    "@fontsource/source-sans-3",
    "@fontsource/jetbrains-mono",
)
NPM = ("katex", "pagefind", *FONTS)
# Those that every page shows first are fetched at once and not when the style sheet is
# there.
PRELOADED = (
    "assets/fonts/source-serif-4-latin-400-normal.woff2",
    "assets/fonts/source-serif-4-latin-600-normal.woff2",
    "assets/fonts/source-sans-3-latin-400-normal.woff2",
)
# Each feature has its own file; the page loads one of each kind.
STYLES = (
    "sidelit.css",
    "outputs.css",
    "links.css",
    "views.css",
    "ways.css",
    "keys.css",
    "search.css",
    "map.css",
    "forms.css",
    "paper.css",
)
# What few pages need, the others do not load.
SOMETIMES = ("languages.css", "tabs.css")
SCRIPTS = (
    "sidelit.js",
    "links.js",
    "views.js",
    "ways.js",
    "keys.js",
    "search.js",
    "map.js",
    "forms.js",
    "figures.js",
    "formulas.js",
    "paper.js",
)


def asset_files(
    root: str,
    colors: Iterable[Color],
    logo: str,
    favicon: str,
    styles: Iterable[str],
) -> dict[str, bytes]:
    """The files beside the pages, by URL."""
    files = {_icon_url(favicon): Path(favicon or _ICON).read_bytes()}
    if logo:
        files[_image_url("logo", logo)] = Path(logo).read_bytes()
    files |= {os.path.basename(file): Path(file).read_bytes() for file in styles}
    # In a block, no name of ours can be that of a script of the project.
    script = f'"use strict";\n{{\n{_joined(SCRIPTS)}}}\n'
    files["assets/sidelit.js"] = script.encode()
    faces = []
    for name in FONTS:
        if package := npm_package(name, root):
            for face, file in _faces(package):
                faces.append(face)
                files[f"assets/fonts/{file.name}"] = file.read_bytes()
    style = "".join(faces) + _without_comments(_joined(STYLES)) + _colors(colors)
    files["assets/sidelit.css"] = style.encode()
    for name in SOMETIMES:
        files[f"assets/{name}"] = _without_comments(_joined((name,))).encode()
    return files


def _icon_url(favicon: str) -> str:
    return _image_url("favicon", favicon or str(_ICON))


def _image_url(name: str, file: str) -> str:
    """Where an image of the project lies in the site, whatever it is called."""
    return f"assets/{name}{_ending(file)}"


def _ending(file: str) -> str:
    return os.path.splitext(file)[1].lower()


def _joined(names: tuple[str, ...]) -> str:
    return "".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


# Of each family the text, what stands out and the italic, in the two ranges that hold
# the alphabets of western Europe: the browser only loads those of which a page has a
# letter. One file with every weight would be as large as two or three of these.
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def _faces(package: Path) -> list[tuple[str, Path]]:
    found = []
    for sheet in ("400.css", "600.css", "400-italic.css"):
        for face in _FACE.findall((package / sheet).read_text(encoding="utf-8")):
            match = re.search(
                r"src: url\(\./(files/[\w-]+-latin(?:-ext)?-\d+-\w+\.woff2)\)[^;]*",
                face,
            )
            if match:
                file = package / match[1]
                source = f'src: url(fonts/{file.name}) format("woff2")'
                face = face.replace(match[0], source)
                found.append((" ".join(face.split()) + "\n", file))
    return found


def katex_files(root: str) -> dict[str, bytes]:
    """KaTeX's style sheet and its fonts in the one format that every browser reads."""
    package = npm_package("katex", root)
    if package is None:
        return {}
    style = (package / "dist" / "katex.min.css").read_text(encoding="utf-8")
    style = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)', "", style)
    # Formulas are not kept from the reader until their fonts are there.
    style = style.replace("@font-face{", "@font-face{font-display:swap;")
    files = {"assets/katex/katex.css": style.encode()}
    for name in sorted(set(re.findall(r"url\((fonts/[^)]+)\)", style))):
        files[f"assets/katex/{name}"] = (package / "dist" / name).read_bytes()
    return files


def _without_comments(style: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def _colors(colors: Iterable[Color]) -> str:
    rules = (
        f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in colors
    )
    text = " ".join(rules)
    return f":root {{ {text} }}\n" if text else ""
