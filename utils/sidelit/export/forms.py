r"""
---
title: Taking pages along
summary: >
  sidelit export writes clean code, notebooks, Markdown or a PDF of one source or of
  many, to a file, into a folder or to standard output.
---

# Taking pages along

What a site has [beside its pages](../forms/blocks.py), without the site: for a single
file, for a
folder, for whoever only wants the notebook. [Paper](paper.py) comes on top.
"""

import os
import posixpath
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..build import build, read
from ..config import load_around
from ..files import write_file
from ..forms.blocks import as_written, clean_file, notebook_file
from ..forms.clean import clean_lines
from ..forms.markdown import Links, Writer
from ..model import Document, Problem, SidelitError, Site, usage_error
from ..page.menu import file_stem, twin_url
from ..prose.numbers import Numbers
from .paper import pdf


def export(form: str, path: str, out: str, flags: Mapping[str, Any]) -> None:
    """
    Write one form of a source, of all sources in a folder, or with an empty `path` of
    all that the project has. Raises `SidelitError` before anything is written.
    """
    if form == "pdf" and out == "-" and sys.stdout.isatty():
        raise usage_error("export pdf: a terminal cannot show it; name a file with -o")
    config = load_around(path, flags)
    if form == "pdf":
        # Only a site that will be published needs pictures of its pages, and a feed.
        built = build(config.replace(base_url=""))
        assert built.site
        chosen = _chosen(built.site, built.problems, path)
        name = f"{file_stem(chosen[0]) if len(chosen) == 1 else 'site'}.pdf"
        # A long document takes minutes, so what is wrong with its place is told first.
        places = _places([name], out, built.site, is_one=True)
        files = {name: pdf(built, [document.source.url for document in chosen])}
    else:
        reading = read(config)
        chosen = _chosen(reading.site, reading.problems, path)
        if form != "md":
            chosen = [one for one in chosen if one.source.language == "python"]
            if not chosen:
                raise usage_error(f"export {form}: {path} is not Python; try md or pdf")
        files = _files(form, path, chosen, reading.site, reading.numbers)
        is_one = os.path.isfile(path)
        if is_one:
            ending = {"clean": "py"}.get(form, form)
            name = f"{file_stem(chosen[0])}.{ending}"
            files = {name: next(iter(files.values()))}
        places = _places(files, out, reading.site, is_one)
    for name, data in files.items():
        if places[name] == "-":
            sys.stdout.buffer.write(data)
        else:
            write_file(Path(places[name]), data)


def _chosen(site: Site, problems: Iterable[Problem], path: str) -> list[Document]:
    """The documents at a path, all of which must be right."""
    base = os.path.abspath(path)

    def is_chosen(file: str) -> bool:
        return not path or os.path.commonpath([base, file]) == base

    for problem in problems:
        if not problem.line or is_chosen(os.path.join(site.config.root, problem.path)):
            raise SidelitError(problem)
    # A home page that nobody wrote belongs to the root.
    chosen = [
        one
        for one in site.documents.values()
        if is_chosen(os.path.join(site.config.root, one.source.file))
    ]
    if not chosen:
        raise usage_error(f"export: {path} is no source of this project")
    return chosen


def _files(
    form: str, path: str, chosen: list[Document], site: Site, results: Numbers
) -> dict[str, bytes]:
    """The exported files by their places in a folder."""
    links = Links(site, frozenset(one.source.url for one in chosen))
    # Clean code keeps the places of the sources in the folder that was named, so that
    # it can be imported. The others lie as their pages do, so that links lead from one
    # to the other.
    if form == "clean":
        names = [one.source.path for one in chosen]
        folder = os.path.relpath(path or site.config.root, site.config.root)
        top = posixpath.normpath(f"/{folder.replace(os.sep, '/')}")
    else:
        names = [twin_url(one.source.url, form) for one in chosen]
        top = posixpath.commonpath([posixpath.dirname(f"/{name}") for name in names])
    files = {}
    for name, document in zip(names, chosen, strict=True):
        if form == "md":
            data = Writer(document, links, results).page().encode()
        else:
            document = as_written(document)
            if form == "clean":
                data = clean_file(clean_lines(document))
            else:
                data = notebook_file(document, Links(site), results)
        place = posixpath.relpath(f"/{name}", top)
        if place in files:
            raise usage_error(
                f"export {form}: two sources would be {place}; name the folder of one"
            )
        files[place] = data
    return files


def _places(names: Iterable[str], out: str, site: Site, is_one: bool) -> dict[str, str]:
    """Where each file goes; never onto a source."""
    names = list(names)
    if is_one and out == "-":
        return {names[0]: out}
    if is_one and not os.path.isdir(out):
        folder, last = os.path.split(out)
        if not last or not os.path.isdir(folder or "."):
            raise usage_error(f"-o: there is no folder {folder}; make it first")
        places = {names[0]: out}
    elif os.path.isdir(out):
        places = {name: os.path.join(out, name) for name in names}
    elif out == "-" or os.path.exists(out):
        raise usage_error(f"-o: {len(names)} files need a folder; name one")
    else:
        # That of a first export is made on the way.
        places = {name: os.path.join(out, name) for name in names}
    sources = {os.path.realpath(one.source.file) for one in site.documents.values()}
    for place in places.values():
        if os.path.realpath(place) in sources:
            raise usage_error(f"-o: {place} is a source; name another place")
        if os.path.isdir(place):
            raise usage_error(f"-o: {place} is a folder; name a file")
    return places
