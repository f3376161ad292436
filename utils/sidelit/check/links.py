r"""
---
title: Links
summary: >
  LNK: links lead to pages, files and anchors that exist, images are there, and if
  asked, the network confirms that external links are still answered.
---

# Links

A page that moves breaks links that its author never sees. If only the case of an
address is wrong, the right one is known, and `--fix` can put it in.
"""

import difflib
import os
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from ..files import IMAGES, in_project
from ..names.mentions import FILE
from ..prose.equations import is_in_code_block
from ..prose.notebook_images import ATTACHMENT, attached
from ..read.markdown import (
    place,
    shared_definitions,
    undefined_references,
    without_code,
    without_formulas,
)
from ..site import (
    ABSOLUTE,
    is_data_image,
    local_file,
    local_folder,
    places_of_file,
    safe_address,
)
from .findings import Finding
from .references import Link
from .subject import Subject

# A broken rule, the message, and the right address if only one is likely.
Fault = tuple[str, str, str]


def findings(subject: Subject) -> Iterator[Finding]:
    """The links and images that lead nowhere, and references without a definition."""
    yield from _undefined(subject)
    yield from _spaced(subject)
    for link in subject.links:
        if fault := _fault(subject, link):
            rule, message, mend = fault
            mend = quote(mend, safe="/#") if "%" in link.written else mend
            wrong, mend = (link.written, mend) if link.written and mend else ("", "")
            yield subject.at(link.line, link.column, rule, message, wrong, mend)


def _undefined(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    shared = shared_definitions(document)
    single_dollars = document.source.single_dollars
    for section in document.sections:
        for one in undefined_references(section.prose, shared, single_dollars):
            if one.name and (
                subject.resolve(document.source, one.name)
                or subject.documented(document.source, one.name)
            ):
                continue
            message = f"{one.written} has no definition, such as [label]: address"
            if one.label.startswith("^"):
                message = f"there is no note {one.written}; write {one.written}: "
                message += "and its text"
            yield subject.within(section, one.offset, "LNK105", message)


# Brackets with words in them are text, unless the words are an address.
_SPACED = re.compile(
    r"(?P<image>!?)\[[^\[\]\n]*\]\((?P<url>(?:[^()\s<>\"'`]+[ ]+)+[^()\s<>\"'`]+)\)"
)


def _spaced(subject: Subject) -> Iterator[Finding]:
    """The addresses with spaces in them, which Markdown takes for text."""
    source = subject.document.source
    for section in subject.document.sections:
        if "](" not in section.prose:
            continue
        text = without_formulas(without_code(section.prose), source.single_dollars)
        for match in _SPACED.finditer(text):
            url, start = match["url"], match.start("url")
            if not (
                url.startswith(("https://", "http://"))
                or subject.resolve(source, url)
                or _is_file(subject, url.partition("#")[0])
            ) or is_in_code_block(section.prose, start):
                continue
            line, column = place(subject.document, section, start)
            rule = "LNK103" if match["image"] else "LNK101"
            message = f"with spaces in it, {url} is text and no address; "
            message += f"write <{url}>"
            yield subject.at(line, column, rule, message, url, f"<{url}>")


def _fault(subject: Subject, link: Link) -> Fault | None:
    if link.url.startswith(ATTACHMENT) and link.alt is not None:
        if _is_attached(subject, link):
            return None
        return "LNK103", f"the cell has no {link.url}", ""
    if ABSOLUTE.match(link.url):
        if link.alt is not None and is_data_image(link.url):
            return None
        # Rust writes the paths of its names so, which become text.
        if safe_address(link.url) is None and "::" not in link.url:
            of = "a link" if link.alt is None else "an image"
            rule = "LNK101" if link.alt is None else "LNK103"
            return rule, f"{link.url} is not an address that {of} may have", ""
        return _external(subject, link.url)
    if link.alt is not None:
        # The name of a file may have these signs, and an address parts there.
        if any(_is_file(subject, one) for one in (link.url, *_PATH.findall(link.url))):
            return None
        missing = f"there is no image {link.url}"
        return "LNK103", _outside(subject, link.url) or missing, ""
    if link.is_copied and _is_file(subject, link.url):
        return None
    return _internal(subject, unquote(link.url))


def _is_attached(subject: Subject, link: Link) -> bool:
    """Whether the cell of a notebook has the image that its prose shows."""
    document = subject.document
    here = (one for one in document.sections if link.line in one.prose_lines)
    return any(attached(document, one, link.url) for one in here)


_PATH = re.compile(r"^[^?#]+")


def _external(subject: Subject, url: str) -> Fault | None:
    if not subject.external or not url.lower().startswith("http"):
        return None
    fault = subject.external(url)
    return ("LNK104", f"{url} {fault}", "") if fault else None


def _internal(subject: Subject, url: str) -> Fault | None:
    target, _, anchor = url.partition("#")
    found = subject.resolve(subject.document.source, url)
    if found is None:
        if draft := _draft(subject, target):
            return "LNK101", f"{draft} is a draft, which has no page yet", ""
        if _is_file(subject, target):
            _, path = local_file(subject.site, subject.document.source, target) or (
                "",
                "",
            )
            return _without_address(subject, target, path)
        if path := local_folder(subject.site, subject.document.source, target) or "":
            return _without_address(subject, target, path)
        if ABSOLUTE.match(url) and safe_address(url) is None:
            return "LNK101", f"{url} is not an address that a link may have", ""
        if right := _other_case(subject, target):
            mend = right + url[len(target) :]
            return "LNK101", f"there is no {target}; did you mean {right}?", mend
        return "LNK101", _missing(subject, target), ""
    page, _, anchor = found.partition("#")
    if not anchor or anchor == "top":
        return None
    anchors = subject.anchors(page)
    if anchor in anchors:
        return None
    close = difflib.get_close_matches(anchor, sorted(anchors), 1)
    hint = f"; did you mean #{close[0]}?" if close else ""
    same = [one for one in anchors if one.lower() == anchor.lower()]
    mend = f"{target}#{same[0]}" if len(same) == 1 else ""
    return "LNK102", f"{page} has no anchor #{anchor}{hint}", mend


def _without_address(subject: Subject, target: str, path: str) -> Fault | None:
    """The fault of a link to a file or a folder that has no address."""
    is_image = target.lower().endswith((*IMAGES,))
    if is_image or subject.forge(subject.document.source, path):
        return None
    message = f"{target} has no page, so the link is shown as text; `repository-url` "
    return "LNK106", message + "would give it an address", ""


def _missing(subject: Subject, target: str) -> str:
    """What is missing, and what of the same owner or of that file name there is."""
    site, source = subject.site, subject.document.source
    owner, _, last = target.rpartition(".")
    is_name = target.partition(".")[0] in site.names and not FILE.fullmatch(target)
    while is_name and (place := subject.resolve(source, owner)) is None:
        owner, _, last = owner.rpartition(".")
    if is_name:
        # The owner may have another name where it is defined.
        defined = [f"{name}." for name, where in site.names.items() if where == place]
        members = {
            name[len(one) :].partition(".")[0]
            for one in defined
            for name in site.names
            if name.startswith(one)
        }
        close = difflib.get_close_matches(last, sorted(members), 1)
        hint = f"; did you mean {owner}.{close[0]}?" if close else ""
        return f"{owner} has no {last}{hint}"
    folder = os.path.dirname(source.path)
    if outside := _outside(subject, target):
        return outside
    file = posixpath.basename(target)
    same = [path for path in site.pages if posixpath.basename(path) == file]
    hint = ""
    if file and len(same) == 1:
        place = os.path.relpath(same[0], folder or ".").replace(os.sep, "/")
        hint = f"; did you mean {place}?"
    return f"there is no page or file {target}{hint}"


def _outside(subject: Subject, target: str) -> str:
    """What to say of a file that is there, but in no folder that the site may show."""
    source = subject.document.source
    beside, _ = places_of_file(subject.site, source, re.split("[?#]", target)[0])
    if "\0" in beside or not os.path.isfile(beside):
        return ""
    if in_project(beside, subject.site.root):
        return ""
    return f"{target} lies outside the project {subject.site.root}; copy it there"


def _draft(subject: Subject, target: str) -> str:
    """The draft that a link leads to, or nothing."""
    folder = posixpath.dirname(subject.document.source.path)
    path = posixpath.normpath(posixpath.join(folder, target))
    return path if path in subject.site.drafts else ""


def _is_file(subject: Subject, target: str) -> bool:
    """Whether a link leads to a file, in the case that the file's name has on disk."""
    document = subject.document
    if not local_file(subject.site, document.source, target):
        return False
    # Some file systems ignore case, and the servers that publish the site do not.
    path = os.path.join(os.path.dirname(document.source.file), unquote(target))
    folder = os.path.dirname(os.path.normpath(path))
    return not os.path.isdir(folder) or os.path.basename(path) in os.listdir(folder)


def _other_case(subject: Subject, target: str) -> str:
    """The page whose address differs from a link in upper and lower case only."""
    folder = os.path.dirname(subject.document.source.path)
    for path in filter(None, subject.site.pages):
        written = os.path.relpath(path, folder or ".").replace(os.sep, "/")
        if written.lower() == target.lower() and written != target:
            return written
    return ""
