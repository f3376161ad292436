r"""
---
title: What a page asks
summary: >
  A page knows its own file and asks for the rest. Its questions and their answers are
  kept, so that a page whose answers are still the same need not be made again.
---

# What a page asks

Making a page takes long; finding out whether it would come out the same must be quick.
A page is a function of its own file, of the settings and of what it learns about the
rest of the site. All that it learns, it learns here, by asking. So its questions and
their answers are exactly what it depends on: if all answers are the same as before, so
is the page.

Code that needs to know something new of another page adds a question. Code that reaches
around the view and looks there directly leaves pages behind that are out of date.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ..model import Section, Source
from ..prose.figures import wrapped_url
from ..prose.images import Image
from ..prose.numbers import NumberError
from ..site import (
    ABSOLUTE,
    is_elsewhere,
    is_index,
    relative,
    relative_file,
    safe_address,
)

# The name of a question and what it is about.
Question = tuple[str, ...]
# Text, numbers, nothing, or lists and tables of these: what can be kept and compared.
Answer = Any

# The answers to these stay the same as long as no page, name or anchor of the site
# comes, goes or moves, whatever the pages say.
STRUCTURAL = frozenset(("page", "name"))


class View:
    """
    ## The view of a page

    * `source` is the file whose page it is
    * `respond` gives the answer to a question of that page
    * `answers` has all questions so far, with their answers
    """

    def __init__(
        self, source: Source, respond: Callable[[Source, Question], Answer]
    ) -> None:
        self.source = source
        self.respond = respond
        self.answers: dict[Question, Answer] = {}
        # What the prose of this page names and only others explain.
        self._outside: dict[str, str] = {}

    def _ask(self, *question: str) -> Answer:
        if question not in self.answers:
            self.answers[question] = self.respond(self.source, question)
        return self.answers[question]

    # ### Links
    def page(self, link: str) -> str | None:
        """The page that a link in the prose leads to, as a URL from the site's root."""
        answer: str | None = None if ABSOLUTE.match(link) else self._ask("page", link)
        return answer

    def file(self, link: str) -> tuple[str, str] | None:
        """
        The file of the project that a link leads to: its URL, which is empty for a
        draft, and its path.
        """
        if not link or ABSOLUTE.match(link):
            return None
        answer = self._ask("file", link)
        return answer and (answer[0], answer[1])

    def folder(self, link: str) -> str | None:
        """The path of the folder of the project that a link leads to."""
        if not link or ABSOLUTE.match(link):
            return None
        answer: str | None = self._ask("folder", link)
        return answer

    def href(self, link: str) -> str | None:
        """
        The address of a link on the page, or `None` for what no link may do: run a
        script, or lead to a file that the site does not have. A file or a folder of the
        project that is no page is linked on the forge.
        """
        if ABSOLUTE.match(link):
            return safe_address(link)
        if url := self.page(link):
            return relative(url, self.source.url)
        link_path = link.partition("#")[0]
        found = self.file(link_path)
        path = found[1] if found else self.folder(link_path)
        return (self.forge(path) or None) if path else link

    def forge(self, file: str) -> str:
        """The address of a file of the project that is no page, if it has one."""
        answer: str = self._ask("forge", file)
        return answer

    def name(self, section: Section, anchor: str, text: str) -> str:
        """Where a name in the prose of a section leads, or nothing."""
        target, name = self._ask("name", section.qualname, anchor, text)
        if name:
            self._outside[target] = name
        if not target or is_elsewhere(target):
            return str(target)
        return relative(target, self.source.url)

    def documented(self, name: str) -> str:
        """Where others document a dotted name that the author links to, or nothing."""
        answer: str = self._ask("documented", name)
        return answer

    # ### Images and numbers
    def image_file(self, link: str) -> tuple[str, str, str] | None:
        """
        The image of the project that a link leads to: its URL, its path and what the
        link has behind them, such as `#part`, unless that is in the name of the file.
        """
        path = re.split("[?#]", link, maxsplit=1)[0]
        for end in dict.fromkeys((len(link), len(path))):
            if (found := self.file(link[:end])) and found[0]:
                return *found, link[end:]
        return None

    def image(self, link: str) -> Image:
        """What an image shows and which size it has."""
        if (found := self.image_file(link)) is None:
            return Image(link)
        url, file, behind = found
        width, height, inside = self._ask("image", file)
        src = relative_file(url, self.source.url) + behind
        return Image(src, width, height, *(() if inside else (url, file)))

    def loaded(self, link: str) -> Image | None:
        """Where a figure loads a file from."""
        if (found := self.file(link)) is None or not found[0]:
            return None
        url, file = found
        url = wrapped_url(url)
        # With a new content, a file has a new address, so that no browser shows the
        # script of last week on the page of today.
        src = f"{relative_file(url, self.source.url)}?{self._ask('stamp', file)}"
        return Image(src, url=url, file=file)

    def number(self, quoted: str) -> str:
        """The text of `{{ run:… }}`. Raises `NumberError`."""
        text, fault = self._ask("number", quoted)
        if fault:
            raise NumberError(fault)
        return str(text)

    # ### The page tree
    def around(self) -> list[Any]:
        """The folders around the page, and what stands in them beside it."""
        answer: list[Any] = self._ask("around")
        return answer

    def below(self) -> list[Any]:
        """What is in the folder of the page, if it is for the page to tell."""
        answer: list[Any] = self._ask("below") if is_index(self.source.url) else []
        return answer

    # ### Definitions
    def card(self, target: str) -> list[str] | None:
        """What there is to say about the definition that a target leads to."""
        answer: list[str] | None = self._ask("card", target)
        if answer is None and target in self._outside:
            return [self._outside[target], "", urlsplit(target).hostname or ""]
        return answer

    def users(self, anchor: str) -> list[Any]:
        """
        The pages that use the definition at an anchor of this page: for each its URL,
        its title, and the names and anchors of the sections; and behind them how many
        pages and sections there are.
        """
        # Most definitions have none, so all of the page are one question.
        answers: dict[str, list[Any]] = self._ask("users")
        return answers.get(anchor, [])
