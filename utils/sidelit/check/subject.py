r"""
---
title: The subject of a check
summary: >
  One document with everything that a rule may ask about it: its names, its links, what
  runs have shown of it, and what all pages share.
---

# The subject of a check

A rule sees one document at a time. It neither reads files nor parses: everything that
it needs is here, each under its own name.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..model import (
    Document,
    Problem,
    Section,
    SidelitError,
    Site,
    Source,
    at_fault,
)
from ..prose.numbers import Numbers
from ..read.markdown import place
from ..read.places import in_file
from ..steps.made import Build
from ..syntax import Function
from .findings import Finding
from .references import Link, links_of
from .vocabulary import Vocabulary, identifiers, vocabulary


@dataclass(frozen=True, slots=True)
class Subject:
    """
    ## The subject

    * `functions` are those of its code, the module itself first
    * `identifiers` are the words of its code that could be names
    * `links` are its links and images
    * `observations` leads from the name of a function to what recorded runs have shown
      of it; it is `None` if the document is not on record
    * `vocabulary` has the names, words and symbols of the whole site
    * `site` knows all pages, `resolve` where a link from a source leads, `documented`
      where others document a name, `forge` where a file is that is no page, and
      `anchors` those of a page, by its URL
    * `numbers` has the results that prose may quote
    * `external` says of an address elsewhere what is wrong with it, or nothing; it is
      `None` if the network is not to be asked
    """

    document: Document
    functions: tuple[Function, ...]
    identifiers: frozenset[str]
    links: tuple[Link, ...]
    observations: dict[str, dict[str, Any]] | None
    vocabulary: Vocabulary
    site: Site
    resolve: Callable[[Source, str], str | None]
    documented: Callable[[Source, str], str]
    forge: Callable[[Source, str], str]
    anchors: Callable[[str], frozenset[str]]
    numbers: Numbers
    external: Callable[[str], str] | None

    @property
    def is_python(self) -> bool:
        """Whether the document is a Python module."""
        return self.document.syntax is not None

    def at(
        self,
        line: int,
        column: int,
        rule: str,
        message: str,
        wrong: str = "",
        mend: str = "",
    ) -> Finding:
        """A finding at a place in the text."""
        line, column = in_file(self.document, line, column)
        problem = Problem(self.document.source.path, line, column, rule, message)
        if self.document.notebook and json.dumps(mend) != f'"{mend}"':
            # In the file, the words stand between quotes.
            wrong = mend = ""
        return Finding(problem, wrong, mend)

    def within(self, section: Section, offset: int, rule: str, message: str) -> Finding:
        """A finding at an offset in the prose of a section."""
        return self.at(*place(self.document, section, offset), rule, message)


def subjects(
    built: Build,
    names: Iterable[str],
    external: Callable[[str], str] | None = None,
) -> Iterator[Subject | Problem]:
    """
    A subject for each page that was asked for and that somebody has written, in reading
    order, or the problem that keeps it from being one. `names` are right without a
    source.
    """
    documents = built.documents
    shared = vocabulary(built, names)

    @cache
    def anchors(url: str) -> frozenset[str]:
        return frozenset(_IDENTIFIER.findall(built.html_of(url).decode()))

    for url in built.destinations:
        document = documents[url]
        if not document.source.path:
            continue
        try:
            with at_fault(document.source):
                subject = Subject(
                    document,
                    built.documents.functions(url),
                    identifiers(document),
                    tuple(links_of(document, built.destinations[url])),
                    built.record.get(document.source.path),
                    shared,
                    built.site,
                    built.resolve,
                    built.documented,
                    built.forge,
                    anchors,
                    built.numbers,
                    external,
                )
        except SidelitError as error:
            yield error.problem
        else:
            yield subject


# Text may look like an attribute, but not like a tag.
_IDENTIFIER = re.compile(r'''<\w+(?:[^<>"]|"[^"]*")*? id="([^"]+)"''')
