r"""
---
title: Reading files
summary: >
  The first step of a build: all that each file says, read once and kept by content, in
  as many processes as there are cores.
---

# Reading files

A reading knows one file and nothing else, so files can be read in any order and by any
number of processes, and a file that has not changed need not be read again. It comes in
two parts: the *document* is all that is needed to render the page, and the
[outline](outline.py) is what other pages may ask. Only the outlines of a site are in
memory together.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..cache import Cache, key_of
from ..fresh import file_state, settled_states
from ..jobs import each
from ..model import Document, Outline, Problem, SidelitError, Source, at_fault
from ..packed import kept, pack
from ..progress import Progress
from ..read.functions import functions
from ..read.split import split_data
from ..syntax import Function
from .outline import outline_of


@dataclass(frozen=True, slots=True)
class Reading:
    """
    ## A reading

    The outline of a file, or the problem that kept it from being read; both for one
    that is too large to be read in full. `key` is the
    hash of the file and of its place in the site, by which the rest of it is kept, and
    `state` says whether the file has changed since; it is empty if that is not certain.
    """

    source: Source
    key: str
    state: str
    outline: Outline | None = None
    problem: Problem | None = None


def read_files(
    sources: Sequence[Source],
    cache: Cache,
    known: dict[str, Reading],
    jobs: Callable[[Iterable[Source]], int],
    progress: Progress,
) -> list[Reading]:
    """
    The readings of files, in order. One that is `known` by its path is taken as it is,
    as long as the file on the disk has not changed. `jobs` says how many processes are
    to read some files.
    """
    ahead = {
        source.path: reading
        for source in sources
        if (reading := known.get(source.path))
        and reading.source == source
        and reading.state == file_state(source.file)
    }
    rest = [source for source in sources if source.path not in ahead]
    with contextlib.closing(each(read, cache, rest, jobs(rest))) as readings:
        for done, reading in enumerate(readings, 1):
            ahead[reading.source.path] = reading
            progress("reading", done, len(rest))
    return [ahead[source.path] for source in sources]


def read(cache: Cache, source: Source) -> Reading:
    """The reading of a file, from the cache if it has been read before."""
    # What is written to the file from here on has another time, unless it follows too
    # soon on what is read here.
    state = settled_states([source.file], time.time_ns()).get(source.file, "")
    try:
        with open(source.file, "rb") as file:
            data = file.read()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        problem = Problem(source.path, 1, 1, "SRC103", message)
        return Reading(source, "", state, problem=problem)
    key = key_of(pack(source), data)
    try:
        known = kept(cache.get("outlines", key), Outline)
        outline = known or _read(cache, source, key, data)
    except SidelitError as error:
        return Reading(source, key, state, problem=error.problem)
    if not outline.code_alone:
        return Reading(source, key, state, outline)
    message = f"has {len(data) / 1e6:.1f} MB and is shown as code alone"
    mend = "split it, or name it in `exclude`"
    told = Problem(source.path, 1, 1, "SRC106", f"{message}; {mend}")
    return Reading(source, key, state, outline, told)


def _read(cache: Cache, source: Source, key: str, data: bytes) -> Outline:
    with at_fault(source):
        document = split_data(source, data)
        outline = outline_of(document)
        packed_document, packed_outline = pack(document), pack(outline)
    cache.put("documents", key, packed_document)
    # The document is there when its outline is.
    cache.put("outlines", key, packed_outline)
    return outline


def keep(cache: Cache, document: Document) -> Reading:
    """The reading of a document that no file has."""
    key = key_of(pack(document))
    outline = outline_of(document)
    cache.put("documents", key, pack(document))
    return Reading(document.source, key, "", outline)


def document_of(cache: Cache, reading: Reading) -> Document:
    """The document of a reading. Raises `SidelitError` if it was lost meanwhile."""
    source, key = reading.source, reading.key
    if (known := kept(cache.get("documents", key), Document)) is None:
        # Damaged, or removed to make room: the file says it again, unless it changed.
        data = b""
        with contextlib.suppress(OSError), open(source.file, "rb") as file:
            data = file.read()
        if key_of(pack(source), data) != key:
            message = "changed while the site was being built; build again"
            raise SidelitError(Problem(source.path, 1, 1, "SRC103", message))
        document = split_data(source, data)
        cache.put("documents", key, pack(document))
        return document
    return known


def functions_of(cache: Cache, reading: Reading) -> tuple[Function, ...]:
    """
    The functions of a file, which are read when somebody asks for the first time: only
    checks do, and the pages of files that are on record.
    """
    known = kept(cache.get("functions", reading.key), tuple[Function, ...])
    if known is None:
        document = document_of(cache, reading)
        known = functions(document.python) if document.syntax else ()
        cache.put("functions", reading.key, pack(known))
    return known
