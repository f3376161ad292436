r"""
---
title: Exporting
summary: >
  sidelit export writes clean code, notebooks, Markdown or a PDF of one source or of
  many, to a file, into a folder or to standard output.
---

# Exporting

Writes the files that a site has [beside its pages](../forms/blocks.py) without the
site, for a single source or a folder, when only the notebook is wanted, for example. A
PDF, which a site does not have, is [printed](paper.py).
"""

import os
import posixpath
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..build import Pipeline
from ..check.findings import still_told
from ..check.selection import Selection
from ..config import load_around
from ..files import MANIFEST, is_at, is_below, is_stream, write_file, write_named
from ..forms.blocks import as_written, clean_file, notebook_form
from ..forms.clean import clean_lines
from ..forms.markdown import LinkResolver, MarkdownWriter
from ..macros import Macros
from ..model import (
    Config,
    Document,
    Problem,
    SidelitError,
    Site,
    at_fault,
    usage_error,
)
from ..page.menu import file_stem, twin_url
from ..steps.made import Documents
from ..steps.prepared import Prepared
from .paper import pdf


def export(
    form: str,
    path: str,
    out: str,
    flags: Mapping[str, Any],
    pipeline: Pipeline,
) -> tuple[list[Problem], Config]:
    """
    Write one form of a source or of all sources in a folder; an empty `path` is the
    whole project. A problem in a source is returned with the settings, and the other
    sources are written all the same. Raises `SidelitError` for any other problem, and
    if there is no other source.
    """
    if _is_standard_output(out):
        out = "-"
    if form == "pdf" and out == "-" and sys.stdout.isatty():
        raise usage_error("export pdf: a terminal cannot show it; name a file with -o")
    config = load_around(path, flags)
    selection = Selection(config)
    make = _paper if form == "pdf" else _forms
    files, found, documents, site = make(pipeline.prepare, config, form, path, out)
    problems = still_told(found, documents, site.pages, selection)
    for place, data in files.items():
        if place == "-":
            sys.stdout.buffer.write(data)
        elif place == out:
            write_named(place, data)
        else:
            write_file(Path(place), data)
    return problems, config


def _is_standard_output(place: str) -> bool:
    """Whether it is another name of it, as /dev/stdout is; its file may hold more."""
    try:
        return os.path.samestat(os.stat(place), os.fstat(1))
    except OSError:
        return False


# ## The two kinds of export
#
# Each returns the exported files by the path that they are written to, what is wrong
# with their sources, and the documents and the site that this is about.
Prepare = Callable[[Config], Prepared]
Exported = tuple[dict[str, bytes], list[Problem], Documents, Site]


def _paper(
    prepare: Prepare, config: Config, form: str, path: str, out: str
) -> Exported:
    # Without an address, a build draws no cards and writes no feed.
    built = prepare(config.replace(base_url="")).build()
    chosen, problems = _chosen(built.documents, built.problems, config.root, path)
    name = f"{file_stem(chosen[0].source) if len(chosen) == 1 else 'site'}.pdf"
    # A long document takes minutes to print, so a wrong place is told before.
    places = _places([name], out, built.site, is_one=True)
    data = pdf(built, [one.source.url for one in chosen], config)
    return {places[name]: data}, problems, built.documents, built.site


def _forms(
    prepare: Prepare, config: Config, form: str, path: str, out: str
) -> Exported:
    prepared = prepare(config)
    documents, known = prepared.documents, prepared.problems
    chosen, problems = _chosen(documents, known, config.root, path)
    if form != "md":
        chosen = [one for one in chosen if one.source.language == "python"]
        if not chosen:
            found = f"{path} is not" if path else "no source of the project is"
            raise usage_error(f"export {form}: {found} Python; try md or pdf")
    names = _names(form, path or config.root, config.root, chosen)
    is_one = os.path.isfile(path)
    places = _places(names, out, prepared.resolved.site, is_one)
    twins = frozenset(one.source.url for one in chosen)
    files = {}
    for name, document in zip(names, chosen, strict=True):
        try:
            with at_fault(document.source):
                # Standard output or a pipe most often becomes a file in the folder
                # where one is.
                place = "-" if is_stream(places[name]) else places[name]
                folder = os.path.dirname(os.path.abspath(place))
                files[places[name]] = _content(form, document, prepared, twins, folder)
        except SidelitError as error:
            problems.append(error.problem)
    if not files:
        raise SidelitError(problems[0])
    if not is_one and _is_new_among_sources(out, config):
        files = {os.path.join(out, MANIFEST): _NOTHING, **files}
    return files, problems, documents, prepared.resolved.site


# A folder with a manifest holds no sources. Otherwise what has been exported to a
# folder among the sources would be exported as well the next time.
_NOTHING = b'{"files": []}\n'


def _is_new_among_sources(folder: str, config: Config) -> bool:
    is_new = not os.path.isdir(folder) or not os.listdir(folder)
    return is_new and is_at(
        os.path.abspath(folder), (path for path, _ in config.sources)
    )


# ## Which sources
def _chosen(
    documents: Documents, problems: Iterable[Problem], root: str, path: str
) -> tuple[list[Document], list[Problem]]:
    """The documents at a path, and what is wrong with the sources there."""
    base = os.path.abspath(path)

    def is_chosen(file: str) -> bool:
        return not path or is_below(file, base)

    told = []
    for problem in problems:
        if not problem.line:
            raise SidelitError(problem)
        if is_chosen(os.path.join(root, problem.path)):
            told.append(problem)
    # The file of a home page that nobody wrote is empty, which makes it the root.
    chosen = [
        one
        for one in documents.values()
        if is_chosen(os.path.join(root, one.source.file))
    ]
    # The home page lists what there is, which is nothing.
    if told and not any(one.source.path for one in chosen):
        raise SidelitError(told[0])
    if not chosen:
        raise usage_error(f"export: {path} is no source of this project")
    return chosen, told


# ## What is written
def _content(
    form: str,
    document: Document,
    prepared: Prepared,
    twins: Container[str],
    folder: str,
) -> bytes:
    """
    The file of a document in a `folder`; `twins` are the pages that it may link to in
    its form.
    """
    base_url, install = prepared.config.base_url, prepared.config.install
    macros = Macros(dict(prepared.config.macros))
    url = document.source.url
    if form == "md":
        links = LinkResolver(prepared.view(url), base_url, twins, folder=folder)
        anchors = prepared.resolved.site.outlines[url].anchors
        return MarkdownWriter(document, links, macros).page(anchors).encode()
    if form == "clean":
        written = as_written(document)
        return clean_file(written, clean_lines(written))
    links = LinkResolver(prepared.view(url), base_url, folder=folder)
    return notebook_form(as_written(document), links, install, macros)


# ## Where it goes
def _names(form: str, path: str, root: str, chosen: Sequence[Document]) -> list[str]:
    """The name of each document's file; of several, its path in the output folder."""
    if os.path.isfile(path):
        ending = {"clean": "py"}.get(form, form)
        return [f"{file_stem(chosen[0].source)}.{ending}"]
    # Clean code can be imported only from where it stood in the package. The other
    # forms lie as their pages do, so that their links lead from one to the other.
    if form == "clean":
        names = [_python_name(one) for one in chosen]
        folder = os.path.relpath(path, root).replace(os.sep, "/")
        top = posixpath.normpath(f"/{folder}")
    else:
        names = [twin_url(one.source.url, form) for one in chosen]
        top = posixpath.commonpath([posixpath.dirname(f"/{name}") for name in names])
    names = [posixpath.relpath(f"/{name}", top) for name in names]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise usage_error(
            f"export {form}: two sources would be {twice}; name the folder of one"
        )
    return names


def _python_name(document: Document) -> str:
    path = document.source.path
    return f"{os.path.splitext(path)[0]}.py" if document.notebook else path


def _places(names: Iterable[str], out: str, site: Site, is_one: bool) -> dict[str, str]:
    """The path that each file is written to, which is never a source."""
    names = list(names)
    if is_one and out == "-":
        return {names[0]: out}
    if is_one and not os.path.isdir(out):
        folder, last = os.path.split(out)
        if not last or not os.path.isdir(folder or "."):
            raise usage_error(f"-o: there is no folder {folder}; make it first")
        places = {names[0]: out}
    elif out == "-" or (os.path.exists(out) and not os.path.isdir(out)):
        raise usage_error(f"-o: {len(names)} files need a folder; name one")
    else:
        # A folder that is not there yet is made.
        places = {name: os.path.join(out, name) for name in names}
    sources = {os.path.realpath(one.source.file) for one in site.outlines.values()}
    for place in places.values():
        if os.path.realpath(place) in sources:
            raise usage_error(f"-o: {place} is a source; name another place")
        if os.path.isdir(place):
            raise usage_error(f"-o: {place} is a folder; name a file")
    return places
