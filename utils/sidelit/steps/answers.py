r"""
---
title: What the site answers
summary: >
  All that files know of each other, put together once for a build, and the answers to
  what pages ask of it.
---

# What the site answers

The second step of a build puts the outlines of all files together: which pages there
are and in which order, where the names in the code of each lead, and who uses what. It
knows no page. When a page is [rendered](render.py), it [asks](../page/view.py), and
here are the answers.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import compress
from urllib.parse import urlsplit

from ..cache import Cache, key_of
from ..files import is_inside
from ..model import Problem, SidelitError, Site, Source, at_fault
from ..names.inventory import Elsewhere
from ..names.links import Links, Targets, links_of
from ..names.mentions import Mentions
from ..names.resolve import Resolver, Thing
from ..packed import kept, pack
from ..page.map import is_crowded
from ..page.previews import USING_PAGES, USING_SECTIONS
from ..page.tree import Tree
from ..page.view import Answer, Question
from ..prose.images import size
from ..prose.numbers import NumberError, Numbers
from ..prose.symbols import shared_symbols
from ..site import (
    HOME,
    is_elsewhere,
    local_file,
    local_folder,
    relative_file,
    resolve,
    source_url,
)
from .outline import places_of_ids
from .reading import Reading, document_of


@dataclass(frozen=True, slots=True)
class Resolved:
    """
    ## A resolved site

    * `digest` is the hash of all pages, names and anchors, and of who needs which
    * `readings` are those of the pages, by URL
    * `links` are those of the code of each Python file
    * `wanted` are the targets that have an identifier because some code links to them
    * `outside` has the absolute addresses that code links to, by the names that they
      explain
    * `users` has for each class and function the pages that use it, with the numbers of
      their sections
    * `symbols` are the variables of the symbols that the site shares
    * `elsewhere` are the addresses of what others have documented, `numbers` the
      results that prose may quote, and `repository_url` is where the project is kept
    * `problems` are those of files whose code has no links for them
    """

    site: Site
    digest: str
    readings: dict[str, Reading]
    links: dict[str, Links]
    wanted: frozenset[str]
    outside: dict[str, str]
    users: dict[str, dict[str, tuple[int, ...]]]
    symbols: dict[str, str]
    elsewhere: Elsewhere
    numbers: Numbers
    repository_url: str
    problems: tuple[Problem, ...]

    def ids(self, url: str) -> tuple[tuple[int, int, str], ...]:
        """
        The line, the column and the identifier of the definitions on a page that have
        no row. What stands in functions has none if nobody links there.
        """
        outline = self.site.outlines[url]
        if outline.module is None:
            return ()
        tables = outline.module.tables
        return tuple(
            (*place, identifier)
            for scope, name, identifier, place in places_of_ids(outline, tables)
            if name in tables[scope].bindings
            or tables[scope].kind == "class"
            or f"{url}#{identifier}" in self.wanted
        )


def resolve_site(
    site: Site,
    readings: dict[str, Reading],
    cache: Cache,
    elsewhere: Elsewhere,
    numbers: Numbers,
    repository_url: str,
    memory: dict[str, tuple[str, Links]],
) -> Resolved:
    """
    Put together what all files say. The links of each file stay in `memory`, by URL and
    with their key, for the next time. Raises `SidelitError` for a wrong inventory.
    """
    digests = (one.digest for one in site.outlines.values())
    facts = key_of(pack(elsewhere.content()), *digests)
    resolver, targets = Resolver(site.outlines), Targets(site.outlines, elsewhere)
    links: dict[str, Links] = {}
    users: dict[str, dict[str, tuple[int, ...]]] = {}
    wanted: set[str] = set()
    outside: dict[str, str] = {}
    problems: list[Problem] = []
    for url in resolver.modules:
        key = key_of(readings[url].key, facts)
        same, found = memory.get(url, ("", None))
        if same != key:
            found = kept(cache.get("links", key), Links)
        if found is None:
            document = document_of(cache, readings[url])
            try:
                with at_fault(document.source):
                    found = links_of(document, resolver, targets)
            except SidelitError as error:
                # A wrong setting is told once, not for each page.
                if not error.problem.rule:
                    raise
                problems.append(error.problem)
                continue
            cache.put("links", key, pack(found))
        memory[url] = key, found
        links[url] = found
        wanted |= found.wanted
        for name, target in found.outside.items():
            outside.setdefault(name, target)
        outline = site.outlines[url]
        for target, places in found.uses.items():
            if outline.hidden:
                shown = (outline.anchors[one] not in outline.hidden for one in places)
                places = tuple(compress(places, shown))
            if places:
                users.setdefault(target, {})[url] = places
    symbols = shared_symbols(one.symbols for one in site.outlines.values())
    digest = key_of(facts, pack((sorted(wanted), list(outside.items()))))
    return Resolved(
        site,
        digest,
        readings,
        links,
        frozenset(wanted),
        outside,
        users,
        symbols,
        elsewhere,
        numbers,
        repository_url,
        tuple(problems),
    )


class Answers:
    """
    ## Answers

    What a page asks is the name of a method below and what that is told. An answer is
    text, a number, nothing, or a list or table of these.
    """

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.site = resolved.site
        self.resolver = Resolver(self.site.outlines)
        self.targets = Targets(self.site.outlines, resolved.elsewhere)
        self.mentions = Mentions(self.resolver)
        self._ids: dict[str, frozenset[str]] = {}
        # Of several names that one address explains, a card has the first.
        self._explained: dict[str, str] = {}
        for name, target in resolved.outside.items():
            self._explained.setdefault(target, name)

    def respond(self, source: Source, question: Question) -> Answer:
        """The answer to a question of the page of a file."""
        name, *about = question
        answer: Answer = getattr(self, f"answer_{name}")(source, *about)
        return answer

    # ### Links
    def answer_page(self, source: Source, link: str) -> str | None:
        """The page that a link leads to, as a URL from the root of the site."""
        found = resolve(self.site, source, link)
        if found is None:
            thing = self.mentions.dotted(source.url, link)
            thing = thing or self.mentions.of_module(source.url, link)
            return self._target(thing) or None
        page, _, anchor = found.partition("#")
        outline = self.site.outlines[page]
        # What a class inherits or a module imports is on another page, perhaps. No
        # anchor of a heading has a dot or a capital letter.
        is_name = outline.module and (anchor != anchor.lower() or "." in anchor)
        if is_name and not (anchor in outline.anchors or self._has_place(page, anchor)):
            module = Thing("module", page, name=outline.source.module)
            return self._target(self.resolver.along(module, anchor)) or found
        return found

    def _target(self, thing: Thing | None) -> str:
        """Where a thing is on the site, if it has an identifier there."""
        if thing is None or thing.kind == "outside":
            return ""
        target = self.targets.of(thing)
        is_lasting = thing.kind == "module" or self.targets.is_lasting(thing)
        return target if is_lasting or target in self.resolved.wanted else ""

    def answer_file(self, source: Source, link: str) -> list[str] | None:
        """
        The URL and the path of the file that a link leads to. A draft has no place in
        the site, and so no URL.
        """
        if (found := local_file(self.site, source, link)) is None:
            return None
        url, path = found
        return ["" if self._is_draft(path) else url, path]

    def _is_draft(self, file: str) -> bool:
        path = os.path.relpath(file, self.site.root).replace(os.sep, "/")
        return path in self.site.drafts

    def answer_folder(self, source: Source, link: str) -> str | None:
        """The path of the folder that a link leads to."""
        return local_folder(self.site, source, link)

    def answer_forge(self, source: Source, file: str) -> str:
        """
        The address of a file that is no page: on the site if it is copied there as it
        is, on the forge, or else on the site if it is kept in the output folder. Empty
        if it has none, or is a draft.
        """
        site = self.site
        if file in site.static:
            return relative_file(site.static[file], source.url)
        if self._is_draft(file):
            return ""
        path = os.path.relpath(file, site.root).replace(os.sep, "/")
        address = source_url(self.resolved.repository_url, path)
        if not address and is_inside(file, site.output):
            url = os.path.relpath(file, site.output).replace(os.sep, "/")
            return relative_file(url, source.url)
        return address

    def answer_image(self, source: Source, file: str) -> list[int]:
        """Width and height of an image, and 1 if it lies in the output folder."""
        return [*size(file), int(is_inside(file, self.site.output))]

    def answer_stamp(self, source: Source, file: str) -> str:
        """A few characters that tell the content of a file from what it was before."""
        # The build reports a file that cannot be read when it copies it.
        with suppress(OSError), open(file, "rb") as opened:
            return key_of(opened.read())[:8]
        return ""

    def answer_number(self, source: Source, quoted: str) -> list[str]:
        """The text of a quoted number, and what is wrong with it."""
        try:
            return [self.resolved.numbers.text(quoted), ""]
        except NumberError as error:
            return ["", str(error)]

    # ### Names
    def answer_name(
        self, source: Source, qualname: str, anchor: str, text: str
    ) -> list[str]:
        """
        Where a name in the prose of a section leads, and how it is called if it is
        explained elsewhere.
        """
        nowhere = ["", ""]
        if source.language not in ("python", "markdown"):
            return nowhere
        thing = self.mentions.thing(source.url, qualname, text)
        if thing is None:
            return nowhere
        if thing.kind == "outside":
            target = self.targets.of(thing) if self._is_documented(thing.name) else ""
            return [target, thing.name] if target else nowhere
        # Prose gives nothing an identifier that has none.
        target, url = self._target(thing), source.url
        return nowhere if target in ("", url, f"{url}#{anchor}") else [target, ""]

    def answer_documented(self, source: Source, name: str) -> str:
        """Where others document a dotted name that an author links to."""
        known = self._is_documented(name)
        return self.targets.elsewhere.address(name) if known else ""

    def _is_documented(self, name: str) -> bool:
        """
        Whether a dotted name of others surely exists: the settings say where it is, or,
        for Python's library, code uses it.
        """
        return self.targets.elsewhere.is_set(name) or name in self.resolved.outside

    # ### The page tree
    @cached_property
    def tree(self) -> Tree:
        return Tree(self.site)

    def answer_around(self, source: Source) -> list[Answer]:
        """The folders around a page, and what stands in them beside it."""
        return self.tree.around(source.url)

    def answer_below(self, source: Source) -> list[Answer]:
        """What the page of a folder lists of it."""
        url = source.url
        return self.tree.below(url, url == HOME and is_crowded(self.site))

    # ### Definitions
    def answer_card(self, source: Source, target: str) -> list[str] | None:
        """
        What a card says of a target: the signature, the prose as HTML and the place, or
        behind these, with no HTML yet, the text of the paragraph and its file.
        """
        if is_elsewhere(target):
            name = self._explained.get(target)
            return [name, "", urlsplit(target).hostname or ""] if name else None
        url, _, anchor = target.partition("#")
        outline = self.site.outlines.get(url)
        if outline is None or outline.module is None:
            return None
        module = outline.source.module
        if not anchor:
            return [f"module {module}", escape(outline.summary, quote=False), ""]
        if anchor not in outline.signatures or (
            anchor not in outline.anchors and not self._has_place(url, anchor)
        ):
            return None
        card = [outline.signatures[anchor], "", module]
        if paragraph := outline.paragraphs.get(anchor):
            card += [paragraph, outline.source.path]
        return card

    def _has_place(self, url: str, anchor: str) -> bool:
        if url not in self._ids:
            ids = (identifier for _, _, identifier in self.resolved.ids(url))
            self._ids[url] = frozenset(ids)
        return anchor in self._ids[url]

    def answer_users(self, source: Source) -> dict[str, list[Answer]]:
        """
        Who uses the definitions of a page, by their anchors: pages with their titles,
        names and anchors of sections and the number of further sections; the number of
        all pages, and of all places.
        """
        return {
            anchor: self._users(users)
            for anchor in self.site.outlines[source.url].anchors
            if (users := self.resolved.users.get(f"{source.url}#{anchor}"))
        }

    def _users(self, users: dict[str, tuple[int, ...]]) -> list[Answer]:
        pages: list[Answer] = []
        for url in list(users)[:USING_PAGES]:
            outline = self.site.outlines[url]
            places: dict[str, str] = {}
            for number in users[url]:
                places.setdefault(outline.sections[number][1], outline.anchors[number])
            places.pop("", None)
            shown = [[*place] for place in list(places.items())[:USING_SECTIONS]]
            pages.append([url, outline.title, shown, len(places) - len(shown)])
        return [pages, len(users), sum(map(len, users.values()))]
