r"""
---
title: What lasts from build to build
summary: >
  The dates of the history, the record of runs, the look of all pages and their template
  take long to make and seldom change, so a server makes them anew only when they do.
---

# What lasts from build to build
"""

import os
from pathlib import Path

from ..cache import key_of
from ..files import node
from ..fresh import file_state
from ..model import Config
from ..packed import pack
from ..page.assets import asset_files, katex_files, template_inputs
from ..page.template import Template
from ..prose.diagrams import mermaid_files
from ..prose.tex import uses_katex
from ..publish.history import History, read_history
from ..publish.search import search_package
from ..record.observations import Record, read_record
from .render import Look


class Lasting:
    """
    ## What lasts

    Each thing is kept with the state of all that it is made from.
    """

    def __init__(self) -> None:
        self._history: tuple[object, History] | None = None
        self._record: tuple[object, Record] | None = None
        self._look: tuple[object, Look] | None = None
        self._template: tuple[str, Template] | None = None

    def history(self, config: Config) -> History:
        """When the files were changed last, asked of git after each commit."""
        paths = [path for path, _ in config.sources]

        def state(history: History) -> object:
            return config.root, paths, list(map(file_state, history.inputs))

        known = self._history
        if known is None or known[0] != state(known[1]):
            history = read_history(config.root, paths)
            known = self._history = state(history), history
        return known[1]

    def record(self, config: Config) -> Record:
        """What runs have shown. Raises `SidelitError` if the file is no record."""
        state = config.record, config.root, file_state(config.record)
        if self._record is None or self._record[0] != state:
            self._record = state, read_record(config.record, config.root)
        return self._record[1]

    def look(self, config: Config, has_feed: bool) -> Look:
        """The look of all pages, made anew when a setting or a template changes."""
        inputs = look_inputs(config)
        told = vars(config), has_feed, node() is not None
        state = told, list(map(file_state, inputs))
        if self._look is None or self._look[0] != state:
            assets = asset_files(
                config.root, config.colors, config.logo, config.favicon, config.style
            )
            if uses_katex(config.root, config.math):
                assets |= katex_files(config.root)
            assets |= mermaid_files(config.root)
            searchable = search_package(config.root) is not None
            read = [Path(path).read_bytes() for path in inputs if os.path.isfile(path)]
            # Megabytes, so both the look and the addresses of assets share one hash.
            digest = key_of(*(part for one in sorted(assets.items()) for part in one))
            content = pack((told, searchable, digest, read))
            stamp = digest[:8]
            look = Look(config, key_of(content), assets, stamp, searchable, has_feed)
            self._look = state, look
        return self._look[1]

    def template(self, look: Look) -> Template:
        """The template of a look, which takes as long to read as a page to render."""
        if self._template is None or self._template[0] != look.digest:
            self._template = look.digest, look.template()
        return self._template[1]


def look_inputs(config: Config) -> list[str]:
    """The files that the look of all pages depends on."""
    brought = config.logo, config.favicon, *config.style
    return template_inputs(config.root, config.templates, *brought)
