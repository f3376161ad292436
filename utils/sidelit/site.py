r"""
---
title: What the pages know of each other
summary: >
  From all documents together come the reading order, the anchor of every section and
  the place of every name; a link in prose is resolved through them.
---

# What the pages know of each other

A page needs the others for three things: to lead to the next page, to link to a
section, and to find where a name is defined. All of this is gathered here, once, before
the first page is made.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from unicodedata import category
from urllib.parse import quote, unquote, urlsplit

from .files import IMAGE_ENDINGS, checkout, in_project, is_inside, made_before
from .model import Document, Outline, Section, Site, Source, unique

HOME = "index.html"


def make_site(
    outlines: Iterable[Outline],
    root: str,
    output: str,
    starts: tuple[str, ...],
    static: Mapping[str, str],
    drafts: frozenset[str],
) -> Site:
    """
    The site of the files with these outlines, in the order of reading, and of `static`
    files by URL, without its `drafts`.
    """
    by_url = {outline.source.url: outline for outline in outlines}
    by_path = {outline.source.path: url for url, outline in by_url.items()}
    names = {}
    for url, outline in by_url.items():
        if module := outline.source.module:
            names[module] = url
            for (kind, qualname), anchor in zip(
                outline.sections, outline.anchors, strict=True
            ):
                if kind in ("class", "function") and anchor not in outline.hidden:
                    names.setdefault(f"{module}.{qualname}", f"{url}#{anchor}")
    made = frozenset(made_before(output))
    copied = {path: url for url, path in static.items()}
    readmes: dict[str, str] = {}
    for path, url in sorted(by_path.items()):
        if is_readme(path):
            readmes.setdefault(posixpath.dirname(path) or ".", url)
    site = Site(
        root, output, starts, by_url, names, by_path, readmes, made, copied, drafts
    )
    ordered = {url: by_url[url] for url in _reading_order(site)}
    return replace(site, outlines=ordered)


# ## Reading order
#
# Nobody should have to write the order of the pages down twice. The page of a folder
# tells its readers what is in there, and the order in which it links to the pages below
# it is the order in which to read them: first what it lists, then what it mentions
# elsewhere, then the rest by name.
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")
# An item goes on as long as its lines are indented.
_LIST_ITEM = re.compile(
    r"^[ \t]*(?:[-*+]|\d+[.)])[ \t].*(?:\n[ \t]+\S.*)*", re.MULTILINE
)


def ordering_links(document: Document) -> tuple[str, ...]:
    """The links of a folder's page, those in lists first."""
    prose = "\n".join(section.prose for section in document.sections)
    listed = "\n".join(_LIST_ITEM.findall(prose))
    return tuple(dict.fromkeys(_LINK.findall(f"{listed}\n{prose}")))


def _reading_order(site: Site) -> list[str]:
    by_name = sorted(site.outlines, key=_by_folder)
    below: dict[str, list[str]] = {"": by_name}
    for url in by_name:
        folder = posixpath.dirname(url)
        while folder:
            below.setdefault(folder, []).append(url)
            folder = posixpath.dirname(folder)
    order: dict[str, None] = {}

    def visit(url: str) -> None:
        if url in order:
            return
        order[url] = None
        if is_index(url):
            for page in listed_pages(site, url):
                visit(page)
            for page in below[posixpath.dirname(url)]:
                visit(page)

    if HOME in site.outlines:
        visit(HOME)
    for url in by_name:
        visit(url)
    return list(order)


def listed_pages(site: Site, url: str) -> Iterator[str]:
    """The pages in the folder of a page that its prose leads to."""
    outline, folder = site.outlines[url], posixpath.dirname(url)
    for link in outline.links:
        place = resolve(site, outline.source, link)
        page = place.partition("#")[0] if place else ""
        if page in site.outlines and page.startswith(folder and f"{folder}/"):
            yield page


def is_index(url: str) -> bool:
    """Whether a page is that of its folder."""
    return url.rpartition("/")[2] == "index.html"


def is_readme(path: str) -> bool:
    """Whether a source or a page is what a forge shows of its folder."""
    return posixpath.basename(path).lower() in ("readme.md", "readme.html")


def _by_folder(url: str) -> list[tuple[bool, str]]:
    # In each folder its own page first, then the pages in it, then the folders.
    *folders, name = url.split("/")
    return [
        *((True, folder) for folder in folders),
        (False, "" if name == "index.html" else name),
    ]


# ## Anchors
#
# A link to a section must survive a comment that somebody adds above it. So an anchor
# is a name and not a number: that of the class or function, or the first words of the
# prose. The number, which the pages of old used, stays as a second identifier.
def section_anchors(document: Document) -> tuple[str, ...]:
    """
    One identifier for each section, in order, no two of them equal, and none the number
    of another.
    """
    numbers = [f"section-{number}" for number in range(len(document.sections))]
    taken = set(numbers)
    wanted = map(_anchor, document.sections, numbers)
    return tuple(
        anchor if anchor == number else unique(anchor, taken)
        for anchor, number in zip(wanted, numbers, strict=True)
    )


def _anchor(section: Section, number: str) -> str:
    if section.kind in ("class", "function"):
        return section.qualname
    words = slug(section.prose, most=6)
    if section.kind == "module" or not words:
        return number
    if section.prose.lstrip().startswith("#"):
        return words
    return f"{section.qualname}-{words}" if section.qualname else words


def slug(text: str, most: int = 12) -> str:
    """The first words of a text, in lower case and with hyphens between them."""
    text = text.strip()
    if "<" in text or "](" in text:
        text = _NOT_WORDS.sub(" ", text)
    line = text.partition("\n")[0] if text.startswith("#") else text
    return "-".join(_WORD.findall(line.lower())[:most])


def github_anchor(heading: str) -> str:
    """The identifier of a heading on GitHub, which tables of contents expect."""
    signs = heading.strip().lower().replace(" ", "-")
    return "".join(one for one in signs if one == "-" or category(one) in _IN_WORDS)


# Letters, marks such as the vowels of Hindi, digits and what joins words.
_IN_WORDS = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Pc"}


_WORD = re.compile(r"\w+")
# What is longer is neither, and must not be looked for from each of its signs.
_NOT_WORDS = re.compile(r"</?\w[^>]{0,999}>|\]\([^)]{0,999}\)")


# ## Links
#
ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def is_elsewhere(target: str) -> bool:
    """Whether a name leads to an address elsewhere, and to no page of this site."""
    return "://" in target


def resolve(site: Site, source: Source, link: str) -> str | None:
    """
    Where a link in the prose of a document leads, as a URL from the root of the site,
    or `None` when it leads to no page. An author may write

    * the path of a source file, as seen from this one (`../mha.py`), which works on the
      forge as well;
    * the URL of a page, as seen from this one (`../mha.html`);
    * a dotted name (`labml_nn.transformers.mha.MultiHeadAttention`).
    """
    target, hash_, anchor = link.partition("#")
    if ABSOLUTE.match(link):
        return None
    if not target:
        return source.url + hash_ + anchor
    if target in site.names:
        found = site.names[target]
        return found if "#" in found else found + hash_ + anchor
    target = unquote(target)
    for base, pages in (
        (source.path, site.pages),
        (source.url, None),
    ):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
        for name in ("", "__init__.py", "index.html"):
            candidate = posixpath.normpath(posixpath.join(path, name))
            url = candidate if pages is None else pages.get(candidate)
            if url in site.outlines:
                return url + hash_ + anchor
        if pages and (url := site.readmes.get(path)) in site.outlines:
            return url + hash_ + anchor
    return None


# What runs no script, wherever it leads.
SAFE_SCHEMES = ("http", "https", "mailto", "ftp")


def safe_address(link: str) -> str | None:
    """An absolute address, or `None` for one that could run a script."""
    is_safe = link.partition(":")[0].lower() in SAFE_SCHEMES or link[:2] == "//"
    return link if is_safe else None


def is_data_image(address: str) -> bool:
    """Whether an address is itself an image, which cannot run anything."""
    return bool(_DATA_IMAGE.match(address))


_DATA_IMAGE = re.compile(
    f"data:(?:{'|'.join(map(re.escape, IMAGE_ENDINGS))})[;,]", re.IGNORECASE
)


def local_file(site: Site, source: Source, link: str) -> tuple[str, str] | None:
    """
    The file of the project that a link leads to, as a URL in the site and a path. The
    link may be written as seen from the source or, for a file that is kept in the
    output folder, as seen from the page. `None` for anything outside the project, and
    for what an earlier build made.
    """
    if ABSOLUTE.match(link) or not link:
        return None
    in_site = _in_site(source, link)
    for path in places_of_file(site, source, link):
        if not os.path.isfile(path):
            continue
        if is_inside(path, site.output):
            url = os.path.relpath(path, site.output).replace(os.sep, "/")
            if url not in site.made:
                return url, path
        elif in_project(path, site.root):
            if in_site.startswith("../"):
                return site.static.get(path) or _place(path, site.root), path
            return in_site, path
    return None


def _place(path: str, root: str) -> str:
    """Where a file lies that would be above the root of the site."""
    folder = "files"
    if not is_inside(path, root):
        folder, path, root = "checkout", os.path.realpath(path), checkout(root)
    return f"assets/{folder}/{os.path.relpath(path, root).replace(os.sep, '/')}"


def local_folder(site: Site, source: Source, link: str) -> str | None:
    """The folder of the project that a link leads to, as a path."""
    if ABSOLUTE.match(link) or not link:
        return None
    path, _ = places_of_file(site, source, link)
    return path if os.path.isdir(path) and in_project(path, site.root) else None


def places_of_file(site: Site, source: Source, link: str) -> tuple[str, str]:
    """Where the file of a link may lie: as seen from the source, and from the page."""
    beside = os.path.join(os.path.dirname(source.file), unquote(link))
    kept = os.path.join(site.output, _in_site(source, link))
    return os.path.normpath(beside), os.path.normpath(kept)


def _in_site(source: Source, link: str) -> str:
    folder = posixpath.dirname(source.url)
    return posixpath.normpath(posixpath.join(folder, unquote(link)))


def source_url(repository: str, path: str, line: int = 0) -> str:
    """
    The address of a source file on the forge, at a line. `HEAD` stands for the default
    branch on GitHub, GitLab, Gitea and their kin. Empty without a repository.
    """
    repository = repository.rstrip("/")
    if not repository:
        return ""
    return f"{repository}/blob/HEAD/{quote(path)}" + (f"#L{line}" if line else "")


def relative(url: str, start: str) -> str:
    """
    A URL from the root of the site as it must be written on the page `start`. Relative
    links work from the disk and in whatever folder the site is published.
    """
    path, hash_, anchor = url.partition("#")
    if path == start and hash_:
        return hash_ + anchor
    return _relative_path(path, posixpath.dirname(start)) + hash_ + anchor


def relative_file(url: str, start: str) -> str:
    """The same for a file, whose name may have a `#` in it."""
    return _relative_path(url, posixpath.dirname(start))


# A page links to the same few others again and again.
@lru_cache(maxsize=1024)
def _relative_path(path: str, folder: str) -> str:
    return quote(posixpath.relpath(path, folder or "."))


# ## Addresses
#
# The page that a server shows for an address that it does not know.
MISSING = "404.html"


def address(base_url: str, url: str) -> str:
    """
    The whole address of a file of the site, or nothing if nobody knows where the site
    will be. A folder's own page is addressed as the folder is.
    """
    place = re.sub(r"(^|/)index\.html$", r"\1", url)
    return base_url and base_url + quote(place)


def root_path(base_url: str) -> str:
    """The path of the site on its server, such as `/mypackage/`."""
    return urlsplit(base_url).path
