r"""
---
title: What all pages share
summary: >
  The vocabulary of a site: the names that its code defines, the words that its prose
  uses, and the symbols that its tables explain.
---

# What all pages share

A sentence may speak of a function of another module, and a table on one page may
explain a symbol for all of them. So before the first page is checked, every document
adds to one vocabulary.
"""

import builtins
import collections
import collections.abc
import enum
import io
import keyword
import pathlib
import posixpath
import re
import sys
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..markup import formulas
from ..model import Document
from ..prose.symbols import TEXT_COMMANDS
from ..read.functions import without_prose
from ..read.markdown import blank, without_code
from ..steps.made import Build


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """
    ## The vocabulary of a site

    * `python` are the names that Python itself has
    * `names` are these, those that any module defines, all in the code of another
      language, strings in capitals, such as the keys of settings, those in the first
      column of a table, and those that the settings allow
    * `packages` are names behind which others decide what exists
    * `listed` are the dotted names in the inventories of others
    * `files` are the names of the sources, without their folders
    * `words` are the words of all prose, in lower case
    * `symbols` are the symbols in sections with a table, which explain them
    """

    python: frozenset[str]
    names: frozenset[str]
    packages: frozenset[str]
    listed: frozenset[str]
    files: frozenset[str]
    words: frozenset[str]
    symbols: frozenset[str]


_KEY = re.compile(r"([\"'])([A-Z][A-Z\d]*_[A-Z\d_]+)\1")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_INTRODUCED = re.compile(r"^\s*\|\s*((?:`[^`|]+`[, ]*)+)\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Share:
    """What one document adds to the vocabulary, in order."""

    names: tuple[str, ...]
    packages: tuple[str, ...]
    words: tuple[str, ...]
    symbols: tuple[str, ...]


def vocabulary(built: Build, allowed: Iterable[str]) -> Vocabulary:
    """
    The vocabulary of all documents of a build. The `allowed` names are right without a
    source, and so is what others document.
    """
    elsewhere = built.elsewhere
    python = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist}
    python |= {*sys.stdlib_module_names, *_classes()}
    names = {*python, *allowed}
    packages = {*sys.stdlib_module_names, *allowed}
    # What has a pattern for its address is a name of somebody.
    packages |= elsewhere.pattern_roots
    words: set[str] = set()
    symbols: set[str] = set()
    own: set[str] = set()
    for url, outline in built.site.outlines.items():
        share = built.documents.noted("vocabulary", url, _Share, _share)
        names.update(share.names)
        packages.update(share.packages)
        words.update(share.words)
        symbols.update(share.symbols)
        own.add(outline.source.module.partition(".")[0])
    # What exists in a package of the site, the site itself decides.
    packages -= own
    listed = elsewhere.listed
    files = map(posixpath.basename, built.site.pages)
    shared = python, names, packages, listed, files, words, symbols
    return Vocabulary(*map(frozenset, shared))


def _share(document: Document) -> _Share:
    names: set[str] = set()
    packages: set[str] = set()
    words: set[str] = set()
    symbols: set[str] = set()
    if document.syntax:
        names |= document.syntax.module.spoken()
        names.update(key for _, key in _KEY.findall(document.text))
        packages |= document.syntax.known
        names.update(document.source.module.split("."))
    else:
        # What of this is a definition, only the language knows.
        names |= identifiers(document)
    for section in document.sections:
        # The generated home page repeats prose without its code marks.
        if document.source.path:
            prose = without_code(section.prose).lower()
            words.update(re.findall(r"[a-z]+", prose))
        for match in _INTRODUCED.finditer(section.prose):
            names.update(_IDENTIFIER.findall(match[1]))
        if "|" in section.prose:
            single = document.source.single_dollars
            symbols |= inline_symbols(section.prose, single)
    ordered = (tuple(sorted(one)) for one in (names, packages, words, symbols))
    return _Share(*ordered)


def _classes() -> Iterator[str]:
    """The classes of Python's library that everybody calls by their last names."""
    for module in (collections, collections.abc, enum, io, pathlib, typing):
        yield from (name for name in module.__all__ if name[0].isupper())


def identifiers(document: Document) -> frozenset[str]:
    """The words of the code of one document that could be names."""
    text = document.text
    if document.syntax:
        code = without_prose(text, document.tokens, document.syntax.strings)
    else:
        lines = text.split("\n")
        spans = (span for section in document.sections for span in section.code)
        code = [lines[number - 1] for span in spans for number in span]
    return frozenset(_IDENTIFIER.findall("\n".join(code)))


# ## Symbols
_SYMBOL = re.compile(r"\\(?P<command>[a-zA-Z]+)|(?P<letter>[a-zA-Z])")
_GREEK = re.compile(
    r"(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|pi"
    r"|rho|sigma|tau|phi|chi|psi|omega)|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi"
    r"|Omega|ell"
)


def symbols_of(formula: str) -> Iterator[tuple[str, int]]:
    """The letters of a formula and their offsets, without those of `\\text{loss}`."""
    letters = TEXT_COMMANDS.sub(blank, formula)
    for match in _SYMBOL.finditer(letters):
        if match["letter"]:
            yield match["letter"], match.start()
        elif _GREEK.fullmatch(match["command"]):
            yield match[0], match.start()


def inline_symbols(prose: str, single_dollars: bool) -> set[str]:
    """The symbols of the formulas that stand in sentences, which explain them."""
    return {
        symbol
        for formula in formulas(prose, single_dollars)
        if formula.kind == "inline"
        for symbol, _ in symbols_of(formula.content)
    }
