r"""
---
title: Markdown twins
summary: >
  Each page once more as Markdown, for notebooks, for editors and for programs that
  read, with links that lead where those of the page lead.
---

# Markdown twins

The prose is Markdown already, but it relies on this tool: links name sources, numbers
are taken from results, equations are numbered. Here all of that is resolved and the
rest left as it was written. Code and formulas must not be touched, so they are lifted
out first and put back last, as for the [pages](../prose/html.py).
"""

import os
import re
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from string import punctuation
from urllib.parse import quote, urljoin

from ..macros import NO_MACROS, Macros
from ..markup import CLOSE, OPEN, pattern, without_marks
from ..model import Document, Output, Section, Site
from ..page.menu import twin_url
from ..page.outputs import alt_text
from ..page.view import View
from ..prose.clean import IN_BLOCKS
from ..prose.equations import Equations, is_in_code_block
from ..prose.formulas import bare_formula
from ..prose.images import srcset
from ..prose.notebook_images import ATTACHMENT, NotebookImage, attached, best_image
from ..prose.numbers import NumberError
from ..prose.tags import HAS_NAME, OPTIONAL, VOID
from ..read.docstrings import apart
from ..read.drawings import with_drawings_apart
from ..read.front_matter import opening_heading
from ..read.markdown import plain_label, shared_definitions, undefined_references
from ..site import ABSOLUTE, HOME, is_data_image, relative, relative_file, safe_address


@dataclass(frozen=True)
class LinkResolver:
    """
    ## Links

    Resolves the links of prose that has left its page, as its `view` answers them. Of
    the `twins`, the Markdown lies beside this one; with `images`, so do the images of
    the site. Everything else gets its full address below `base_url`. Without a
    `base_url` there is no such address: a link becomes its text, and an image is shown
    from where it lies, as seen from the `folder` that the prose is written to, or in
    the site from the page.
    """

    view: View
    base_url: str
    twins: Container[str] = ()
    images: bool = False
    folder: str = ""

    def target(self, link: str, is_image: bool) -> str | None:
        """The address to write, or `None` if there is no such address."""
        view, url = self.view, self.view.source.url
        if ABSOLUTE.match(link):
            return link if is_image and is_data_image(link) else safe_address(link)
        if page := view.page(link):
            path, hash_, anchor = page.partition("#")
            if path in self.twins:
                return relative(twin_url(path) + hash_ + anchor, twin_url(url))
            return self._address(page)
        if is_image:
            return self._image(link)
        # A file that is no page is linked on the forge, unless the site has it.
        found = view.file(link.partition("#")[0])
        place = view.forge(found[1]) if found else ""
        if not self.images and not ABSOLUTE.match(place):
            page = self.base_url and self.base_url + quote(url)
            place = place and page and urljoin(page, place)
        return place or None

    def embedded(self, image: NotebookImage) -> str:
        """The address of an image that a notebook holds."""
        if image.url and self.images:
            return relative_file(image.url, self.view.source.url)
        if image.url and self.base_url:
            return self.base_url + quote(image.url)
        return image.address

    def _image(self, link: str) -> str:
        if (image := self.view.image_file(link)) is None:
            # A check tells that it is missing.
            return quote(link, safe=punctuation)
        url, file, behind = image
        if self.base_url and not self.images:
            return self.base_url + quote(url) + behind
        if self.folder:
            path = os.path.relpath(file, self.folder)
            return quote(path.replace(os.sep, "/")) + behind
        return relative_file(url, self.view.source.url) + behind

    def _address(self, url: str) -> str | None:
        path, hash_, anchor = url.partition("#")
        path = re.sub(r"(^|/)index\.html$", r"\1", path)
        return self.base_url + quote(path) + hash_ + anchor if self.base_url else None


class _Everything:
    """A container that has whatever is looked for."""

    def __contains__(self, item: object) -> bool:
        return True


# All pages have a twin, when the whole site is written.
ALL_PAGES = _Everything()


class MarkdownWriter:
    """
    ## One page

    Writes the prose and the code of a document as Markdown.
    """

    def __init__(
        self, document: Document, links: LinkResolver, macros: Macros = NO_MACROS
    ) -> None:
        self.document = document
        self.links = links
        self.lines = document.text.split("\n")
        self.equations = Equations(document, macros)
        self._macros = macros
        self._section = document.sections[0]

    def page(self, anchors: Iterable[str]) -> str:
        """The whole twin: prose as it is, code in blocks."""
        document = self.document
        parts = []
        outputs = document.notebook.outputs if document.notebook else {}
        pairs = zip(document.sections, anchors, strict=True)
        for number, (section, anchor) in enumerate(pairs):
            if section.kind in ("class", "function"):
                parts.append(f'<a id="{anchor}"></a>')
            parts.append(self.prose(section))
            code: list[str] = []
            for span in section.code:
                code += self.lines[span.start - 1 : span.stop - 1]
            parts.append(code_block(code, document.source.language))
            parts += map(self._output, outputs.get(number, ()))
        return "\n\n".join(part for part in parts if part) + "\n"

    def _output(self, output: Output) -> str:
        """What code has shown, in the form that Markdown can show best."""
        forms = output.forms
        if image := best_image(forms, self.document.source.url):
            return f"![{_escaped(alt_text(output))}]({self.links.embedded(image)})"
        if latex := forms.get("text/latex"):
            return bare_formula(latex)
        if markdown := forms.get("text/markdown"):
            return markdown
        if text := forms.get("text/plain"):
            return code_block(text.split("\n"), "text")
        return code_block(forms.get("text/html", "").split("\n"), "html")

    def prose(self, section: Section) -> str:
        """The prose of a section; that of the module begins with the title."""
        text = with_drawings_apart(without_marks(section.prose))
        if section.fields:
            text = apart(text)
        self._section = section
        is_module = section.kind == "module"
        # Most sections are a sentence without a link.
        has_macros = bool(self._macros.macros) and "\\" in text
        if not is_module and not has_macros and not _MARKUP.search(text):
            return text.strip("\n")
        lifted: list[str] = []

        def lift(match: re.Match[str]) -> str:
            lifted.append(self._resolved(section, match))
            return f"{OPEN}{len(lifted) - 1}{CLOSE}"

        def put_back(match: re.Match[str]) -> str:
            return lifted[int(match[1])]

        single_dollars = self.document.source.single_dollars
        if "][" in text:
            text = self._named(text, single_dollars)
        found = pattern(single_dollars)
        text = _with_signs(self._linked(found.sub(lift, text)))
        text = _BOX.sub(r"\1\2\n\1", text)
        if ">>> " in text:
            text = _with_sessions(text)
        # There is one title, as on the page.
        text = _TITLE.sub("#", text)
        if is_module:
            text = self._titled(text)
        return _MARK.sub(put_back, text).strip("\n")

    def _resolved(self, section: Section, match: re.Match[str]) -> str:
        """A number, a reference to an equation, a formula; code as it is."""
        if match["number"]:
            with suppress(NumberError):
                return self.links.view.number(match[0])
            return match[0]
        text = self.equations.resolved(section, match)
        # Others know formulas in back-ticks less well.
        return f"${text[2:-2]}$" if match["quoted"] else text

    def _titled(self, text: str) -> str:
        text = text.lstrip("\n")
        if heading := opening_heading(self.document.sections[0].prose):
            return _TITLE_SIGNS.sub("#", text, count=1) if heading["signs"] else text
        return f"# {_escaped(self.document.title)}\n\n{text}"

    @cached_property
    def _shared(self) -> dict[str, str]:
        return shared_definitions(self.document)

    def _named(self, text: str, single_dollars: bool) -> str:
        """A text in which references to names are links, as they are on the page."""
        parts, end, view = [], 0, self.links.view
        for one in undefined_references(text, self._shared, single_dollars):
            target = one.name and (
                one.name if view.page(one.name) else view.documented(one.name)
            )
            if target:
                parts += [text[end : one.offset], f"[{one.text}]({target})"]
                end = one.offset + len(one.written)
        return "".join([*parts, text[end:]])

    def _linked(self, text: str) -> str:
        if "](" in text:
            text = _LINK.sub(self._link, text)
        if "]:" in text:
            text = _DEFINITION.sub(self._definition, text)
        if _ELEMENT.search(text):
            text = _ATTRIBUTE.sub(self._address, text)
            text = _SRCSET.sub(self._srcset, text)
        return text

    def _link(self, match: re.Match[str]) -> str:
        sign, text, link, title = match.groups()
        text = text if sign else _LINK.sub(self._link, text)
        target = self._target(link.strip("<>"), bool(sign))
        if target is None:
            return text
        return f"{sign}[{text}]({_bracketed(link, target)}{title or ''})"

    def _address(self, match: re.Match[str]) -> str:
        before, link = match.groups()
        is_image = before.rstrip(" =\"'")[-3:].lower() == "src"
        return before + (self._target(link, is_image) or link)

    def _target(self, link: str, is_image: bool) -> str | None:
        found = None
        if is_image and link.startswith(ATTACHMENT):
            found = attached(self.document, self._section, link)
        return (
            self.links.embedded(found) if found else self.links.target(link, is_image)
        )

    @cached_property
    def _image_labels(self) -> set[str]:
        """The labels of definitions that say where an image is."""
        return {
            plain_label(match[2] or match[1])
            for section in self.document.sections
            for match in _IMAGE.finditer(section.prose)
        }

    def _definition(self, match: re.Match[str]) -> str:
        before, label, link = match.groups()
        is_image = plain_label(label) in self._image_labels
        target = self.links.target(link.strip("<>"), is_image)
        return before + (_bracketed(link, target) if target else link)

    def _srcset(self, match: re.Match[str]) -> str:
        before, listed = match.groups()
        return before + srcset(listed, lambda one: self.links.target(one, True) or one)


def _bracketed(link: str, target: str) -> str:
    # An address that was written in brackets may need them.
    return f"<{target}>" if link[:1] == "<" and re.search(r"[\s()]", target) else target


_MARK = re.compile(rf"{OPEN}(\d+){CLOSE}")

# What begins in a quote goes on behind the signs of the next lines.
_GAP = r"(?:[^\S\n]|\n(?:[ \t]*>)*)"
_INSIDE = r"(?:[^<>\n]|\n(?:[ \t]*>)*)"
# A link, whose text may hold brackets and an image, with its address and its title.
_LINK = re.compile(
    rf"""(!?) (?<!\\) \[ ( (?: [^\[\]\\] | \\. | \[ [^\[\]]* \] )* ) \]
    \( {_GAP}* ( <[^<>\n]*> | [^\s()<>]+ (?: \( [^\s()]* \) [^\s()]* )* )
    ( {_GAP}+ (?: "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' ) )? {_GAP}* \)""",
    re.VERBOSE,
)
_DEFINITION = re.compile(
    r"^((?:[ \t]*>)* {0,3}\[([^\]^\n]+)\]:[ \t]+)(<[^<>\n]*>|\S+)", re.MULTILINE
)
_IMAGE = re.compile(r"!\[([^\[\]]*)\](?!\()(?:\[([^\[\]]*)\])?")
# An address between quotes or, where it has no spaces, without them.
_ELEMENT = re.compile(rf"<[a-zA-Z]{_INSIDE}*?=")
_ATTRIBUTE = re.compile(
    rf"""(<[a-z]{_INSIDE}*?\b(?:href|src)\s*=\s*(?:"(?=[^"]*")|'(?=[^']*')|(?=[^\s"'])))"""
    r"""((?<=")[^"]*|(?<=')[^']*|[^\s"'<>]+)""",
    re.IGNORECASE,
)
_SRCSET = re.compile(
    rf"""(<[a-z]{_INSIDE}*?\bsrcset\s*=\s*(?:"(?=[^"]*")|'(?=[^']*')))"""
    r"""((?<=")[^"]*|(?<=')[^']*)""",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?=#[ \t])", re.MULTILINE)
_TITLE_SIGNS = re.compile(r"^#{1,2}(?=[ \t])", re.MULTILINE)
# Prose with none of these is the same in a twin: a link of the three kinds, a title, a
# number, a reference, a formula in back-ticks or with numbers, a session of the
# interpreter, what looks like HTML.
_MARKUP = re.compile(
    r"\][(:\[]|<[a-zA-Z/?!]|#[ \t]|\{\{|ref\{|\$`|\\label|\\begin\{|>>> "
)


# On GitHub, the sign of a box stands alone in its line.
_BOX = re.compile(r"^((?:[ \t]*>[ \t]?)+)(\[!\w+\][^\n<]*)<br>", re.MULTILINE)
# What looks like a tag or an instruction.
_SIGN = re.compile(
    r"(?<!\\)<(?:(?=(?P<slash>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\s[^<>]*)?)/?>)"
    r"|(?=\?|![A-Za-z\[]|!--))"
)


def _with_signs(text: str) -> str:
    """
    A text in which every reader of Markdown shows what is no HTML on the page, once
    code and comments have left it.
    """
    if "<" not in text:
        return text
    signs = [one for one in _SIGN.finditer(text) if not _is_code(text, one.start())]
    shown = {
        one.start() for one in signs if (one["name"] or "").lower() not in IN_BLOCKS
    }
    shown |= _alone(signs)
    return _SIGN.sub(lambda one: "&lt;" if one.start() in shown else "<", text)


def _is_code(text: str, place: int) -> bool:
    # In an item of a list, code stands deeper.
    is_deep = text.startswith(" " * 6, text.rfind("\n", 0, place) + 1)
    return is_deep or is_in_code_block(text, place)


def _alone(signs: Iterable[re.Match[str]]) -> set[int]:
    """
    Where tags begin that have no partner. They are text on the page, and elsewhere an
    open element would take in what follows.
    """
    alone: set[int] = set()
    open_at: dict[str, list[int]] = {}
    for tag in signs:
        name = (tag["name"] or "").lower()
        if name not in _PAIRED:
            continue
        places = open_at.setdefault(name, [])
        if not tag["slash"]:
            is_anchor = HAS_NAME.search(tag["rest"])
            places.append(_NOWHERE if is_anchor else tag.start())
        elif places:
            places.pop()
        else:
            alone.add(tag.start())
    return alone.union(*open_at.values())


_NOWHERE = -1
_PAIRED = IN_BLOCKS - VOID - OPTIONAL


_SESSION = re.compile(r" *>>> ")
_ITEM = re.compile(r" *(?:[-*+] +)?")


def _with_sessions(text: str) -> str:
    """
    A text in which the sessions of the interpreter are blocks of code for every reader
    of Markdown: with an empty line above, and indented.
    """
    lines: list[str] = []
    inside, shift = False, ""
    for line in text.split("\n"):
        if not line.strip():
            inside = False
        elif not inside and _SESSION.match(line):
            above = lines[-1] if lines and lines[-1].strip() else ""
            item = _ITEM.match(above)
            margin = item.end() if item else 0
            inside = True
            shift = "    " if len(line) - len(line.lstrip()) < margin + 4 else ""
            lines += [""] * bool(above)
        lines.append(shift + line if inside else line)
    return "\n".join(lines)


def code_block(code: Iterable[str], language: str) -> str:
    """Lines of code between fences that are longer than any in them."""
    text = trimmed(code)
    if not text:
        return ""
    fence = "```"
    if fence in text:
        fence = "`" * (1 + max(map(len, re.findall("`+", text))))
    return f"{fence}{language}\n{text}\n{fence}"


def trimmed(lines: Iterable[str]) -> str:
    """Lines of code without the empty ones at both ends."""
    text = "\n".join(lines).rstrip()
    return _EMPTY_LINES.sub("", text) if text[:1].isspace() else text


_EMPTY_LINES = re.compile(r"\A(?:[ \t\f]*\n)+")


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


# ## A table of contents for programs
#
# `llms.txt` at the root of a site tells programs that read what there is to read, each
# page in one line, in the order in which people read it.
def llms(site: Site, title: str, base_url: str) -> str:
    """The contents of the site in the form of `llms.txt`."""
    groups: dict[str, list[str]] = {}
    for url, document in site.outlines.items():
        folder = url.partition("/")[0] if "/" in url else ""
        address = base_url + quote(twin_url(url))
        entry = f"- [{_escaped(document.title)}]({address})"
        summary = document.summary and f": {document.summary}"
        groups.setdefault(folder, []).append(entry + summary)
    lines = [f"# {title}"]
    if summary := site.outlines[HOME].summary:
        lines.append(f"> {summary}")
    for folder, entries in groups.items():
        index = site.outlines.get(f"{folder}/index.html")
        heading = index.title if index else folder or "Pages"
        lines += [f"## {heading}", "\n".join(entries)]
    return "\n\n".join(lines) + "\n"
