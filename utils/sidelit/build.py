r"""
---
title: The build
summary: >
  The whole pipeline, from a configuration to the bytes of every file of the site,
  without writing any of them.
---

# The build

Everything that shows pages goes through this one function: `build` writes what it
returns, `serve` sends it, the tests look at it. So they can never disagree.
"""

import os
from dataclasses import dataclass, field, replace

from .forms.blocks import forms, shared_forms
from .model import (
    Config,
    Document,
    Problem,
    Reference,
    Section,
    SidelitError,
    Site,
    Source,
    Tokens,
    usage_error,
)
from .names.inventory import write_inventory
from .names.links import Links
from .page.map import site_map
from .page.page import make_page
from .page.previews import Previews
from .page.template import (
    Template,
    asset_files,
    has_formulas,
    katex_files,
    template_inputs,
)
from .prose.html import Prose
from .prose.numbers import Numbers
from .prose.tex import Formulas
from .publish.cards import Cards, card_of
from .publish.feed import missing_page, published_files
from .publish.history import read_history
from .publish.search import page_text, search_package
from .read.discover import Found, discover
from .read.split import split
from .record.observations import Record, read_record
from .site import MISSING, make_site


@dataclass(frozen=True)
class Build:
    """
    What a build made of its sources.

    * `files` are the files of the site, by URL, and `pages` how many of them are pages.
    * `problems` say what is wrong, in the order of the files. A source that cannot be
      read has no page; a formula that cannot be set is shown as LaTeX.
    * `inputs` are the files and folders that all of this depends on.
    * `site` is what the pages know of each other, `references` what they refer to, and
      `record` what runs have shown of the code.
    * `texts` are the pages as `search_files` wants them. The index takes a while and is
      made when somebody asks for it: at once to write it, while serving at the first
      search.
    """

    files: dict[str, bytes]
    pages: int
    problems: tuple[Problem, ...]
    inputs: tuple[str, ...]
    site: Site | None = None
    references: tuple[Reference, ...] = ()
    record: Record = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reading:
    """
    What a build knows of the sources before the first page is made, and what it found
    wrong with them.
    """

    found: Found
    site: Site
    numbers: Numbers
    problems: list[Problem]


def read(config: Config) -> Reading:
    """Read all sources. Raises `SidelitError` where there are none."""
    found = discover(config)
    documents, problems = [], found.problems
    if not found.sources and not problems:
        places = ", ".join(os.path.relpath(path) for path, _ in config.sources)
        raise usage_error(f"there is nothing to build: no source is in {places}")
    numbers = Numbers(config)
    for source in found.sources:
        try:
            document = split(source)
            title, summary = map(numbers.filled, (document.title, document.summary))
            documents.append(replace(document, title=title, summary=summary))
        except SidelitError as error:
            problems.append(error.problem)
        except OSError as error:
            problems.append(_unreadable(source.path, error))
    if not any(document.source.url == "index.html" for document in documents):
        documents.append(_home(documents, config))
    return Reading(found, make_site(documents, config), numbers, problems)


def build(config: Config) -> Build:
    """Build a site in memory. Raises `SidelitError` for a wrong setting or template."""
    reading = read(config)
    found, site, numbers = reading.found, reading.site, reading.numbers
    problems = reading.problems
    record: Record = {}
    try:
        record = read_record(config.record, config.root)
    except SidelitError as error:
        problems.append(error.problem)
    assets, katex = asset_files(config), katex_files(config)
    searchable = search_package(config.root) is not None
    template = Template(site, assets | katex, searchable)
    formulas = Formulas(config.root)
    links = Links(site)
    prose = Prose(site, formulas, numbers, links)
    previews = Previews(links, prose)
    history = read_history(config.root, [path for path, _ in config.sources])
    published = published_files(site, history.dates)
    cards = Cards(config)
    files, texts, beside = {}, [], shared_forms(site)
    try:
        # Page by page, so that only one at a time is in memory in all its parts.
        for url, document in site.documents.items():
            entries = record.get(document.source.path)
            page = make_page(document, site, prose, links, previews, entries)
            map_html = site_map(site) if url == "index.html" else ""
            picture = config.base_url and cards.png(card_of(document, config))
            card = f"assets/cards/{url.removesuffix('.html')}.png" if picture else ""
            changed = history.dates.get(document.source.path)
            has_feed = "feed.xml" in published
            files[url] = template.render(page, map_html, changed, card, has_feed)
            if picture:
                assets[card] = picture
            if searchable:
                texts.append((url, page_text(page, site)))
            beside |= forms(document, site, numbers)
            if has_formulas(page):
                assets |= katex
    finally:
        formulas.close()
    problems += prose.problems
    if prose.unset:
        shown = "1 formula is" if prose.unset == 1 else f"{prose.unset} formulas are"
        message = f"{shown} shown as LaTeX: {prose.engine_missing}"
        problems.append(Problem("", 0, 0, "", message))

    pages = len(files)
    if published:
        files.setdefault(MISSING, template.render(missing_page(site)))
    files |= assets | beside | published
    files["objects.inv"] = write_inventory(site)
    for url, path in sorted(prose.pictures.items()):
        try:
            with open(path, "rb") as file:
                files.setdefault(url, file.read())
        except OSError as error:
            place = os.path.relpath(path, config.root).replace(os.sep, "/")
            problems.append(_unreadable(place, error))
    inputs = {source.file for source in found.sources} | set(found.folders)
    inputs |= {*prose.pictures.values(), *template_inputs(config), config.record}
    inputs |= {*history.inputs, *map(str, numbers.files.values())}
    inputs |= {path for _, path in config.inventories}
    problems.sort(key=lambda problem: (problem.path, problem.line, problem.column))
    return Build(
        files,
        pages,
        tuple(problems),
        tuple(sorted(inputs)),
        site,
        tuple(prose.references),
        record,
        tuple(texts),
    )


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, 1, 1, "SRC103", f"cannot be read: {error.strerror}")


def _home(documents: list[Document], config: Config) -> Document:
    """
    A home page for a site without one: what there is, in the words of the pages. It is
    written in Markdown, like everything else.
    """
    lines = [f"# {_plain(config.site_title)}", ""]
    for document in sorted(documents, key=lambda document: document.source.url):
        summary = f" – {_plain(document.summary)}" if document.summary else ""
        lines.append(f"* [{_plain(document.title)}](<{document.source.url}>){summary}")
    text = "\n".join(lines) + "\n"
    source = Source("", "", "index.html", "", "markdown")
    summary = f"{len(documents)} annotated sources"
    return Document(
        source,
        text,
        config.site_title,
        summary,
        (Section("module", "", text, 1, ()),),
        Tokens(),
    )


def _plain(text: str) -> str:
    return "".join(
        "\\" + character if character in "\\`*_[]<>$~|&#" else character
        for character in text
    )
