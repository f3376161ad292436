r"""
---
title: What pages load
summary: >
  The style sheet, the scripts, the fonts and the images that all pages share, gathered
  from this package, from npm and from the project.
---

# What pages load

Style sheet and script are ours, and so is the icon of a project without one. Fonts come
from npm if the project has them; a page without them is set in the fonts of the
reader's system.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ..files import node, node_modules, not_found, npm_package, strange_package
from ..model import usage_error
from ..prose.diagrams import MERMAID

_ASSETS = Path(__file__).parents[1] / "assets"
ICON = _ASSETS / "favicon.svg"

# The name of a colour of the theme, and its light and its dark value.
Color = tuple[str, tuple[str, str]]


FONTS = (
    "@fontsource/source-serif-4",
    "@fontsource/source-sans-3",
    "@fontsource/jetbrains-mono",
)
NPM = ("katex", *MERMAID, "pagefind", *FONTS)
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
    files = {icon_url(favicon): Path(favicon or ICON).read_bytes()}
    if logo:
        files[image_url("logo", logo)] = Path(logo).read_bytes()
    files |= {os.path.basename(file): Path(file).read_bytes() for file in styles}
    # In a block, no name of ours can be that of a script of the project.
    script = f'"use strict";\n{{\n{_joined(SCRIPTS)}}}\n'
    files["assets/sidelit.js"] = script.encode()
    faces = []
    for name in FONTS:
        if package := npm_package(name, root):
            for face, file in _faces(package, name, root):
                faces.append(face)
                files[f"assets/fonts/{file.name}"] = part_of_package(file, name, root)
    style = "".join(faces) + _without_comments(_joined(STYLES)) + _colors(colors)
    files["assets/sidelit.css"] = style.encode()
    for name in SOMETIMES:
        files[f"assets/{name}"] = _without_comments(_joined((name,))).encode()
    return files


def template_inputs(root: str, templates: str, *brought: str) -> list[str]:
    """
    The files outside this package that the look of the pages depends on, those that the
    project has `brought` among them.
    """
    inputs = [str(Path(one)) for one in brought if one]
    for modules in node_modules(root):
        inputs += [f"{modules}/{name}/package.json" for name in NPM]
    if templates:
        inputs += map(str, (Path(templates), *Path(templates).rglob("*")))
    return inputs


def may_turn_up(root: str) -> bool:
    """
    Whether Node, or a package that is passed over, may be there the next time although
    no file has changed: the search path and git decide on these.
    """
    lacks_node = node() is None and npm_package("katex", root) is not None
    return lacks_node or any(strange_package(name, root) for name in NPM)


def icon_url(favicon: str) -> str:
    """Where the icon of a project lies in the site, or ours."""
    return image_url("favicon", favicon or str(ICON))


def image_url(name: str, file: str) -> str:
    """Where an image of the project lies in the site, whatever it is called."""
    return f"assets/{name}{ending_of(file)}"


def ending_of(file: str) -> str:
    """The ending of a file's name, in small letters."""
    return os.path.splitext(file)[1].lower()


def _joined(names: tuple[str, ...]) -> str:
    return "".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


# Of each family the text, what stands out and the italic, in the two ranges that hold
# the alphabets of western Europe: the browser only loads those of which a page has a
# letter. One file with every weight would be as large as two or three of these.
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def _faces(package: Path, name: str, root: str) -> list[tuple[str, Path]]:
    found = []
    for sheet in ("400.css", "600.css", "400-italic.css"):
        style = part_of_package(package / sheet, name, root).decode()
        for face in _FACE.findall(style):
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


# Where all that formulas load lies.
KATEX = "assets/katex/"


def katex_files(root: str) -> dict[str, bytes]:
    """KaTeX's style sheet and its fonts in the one format that every browser reads."""
    package = npm_package("katex", root)
    if package is None or not (package / "dist" / "katex.min.css").is_file():
        return {}
    style = (package / "dist" / "katex.min.css").read_text(encoding="utf-8")
    style = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)', "", style)
    # Formulas are not kept from the reader until their fonts are there.
    style = style.replace("@font-face{", "@font-face{font-display:swap;")
    files = {f"{KATEX}katex.css": style.encode()}
    for name in sorted(set(re.findall(r"url\((fonts/[^)]+)\)", style))):
        data = part_of_package(package / "dist" / name, "katex", root)
        files[f"{KATEX}{name}"] = data
    return files


def part_of_package(file: Path, name: str, root: str) -> bytes:
    """A file of an npm package. Raises `SidelitError` if only half of it is there."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise usage_error(not_found(str(file), name, root)) from None


def _without_comments(style: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def _colors(colors: Iterable[Color]) -> str:
    rules = (
        f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in colors
    )
    text = " ".join(rules)
    return f":root {{ {text} }}\n" if text else ""
