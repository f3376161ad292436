r"""
---
title: The types
summary: >
  The frozen dataclasses that the stages of sidelit hand to each other, and the one
  exception that carries a problem.
---

# The types

A build is a chain of pure functions, and these are the values on the links of the
chain. Each is frozen: no stage can change what an earlier one made, so any stage
can be read, tested and trusted alone. Of ours, this module imports only
[the settings](settings.py) and [the syntax of a file](syntax.py); everything else
imports it.

```text
path ─ discover ▸ Source ─ split ▸ Document ─ site ▸ Site
                                  └────────┬────────┘
                                      page ▸ Page ─ template ▸ bytes
```
"""

import os
import traceback
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from .settings import Config as Config
from .syntax import Module, Syntax

Kind = Literal["module", "class", "function", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """
    ## Problem

    Something wrong in a source file, where an editor can jump to it. Lines and
    columns count from 1. A `line` of 0 means that no file is at fault but the
    command line or the configuration; then the message is the whole sentence.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return f"{self.path}:{self.line}:{self.column}: {self.rule} {self.message}"

    @property
    def is_error(self) -> bool:
        """Whether a build with this problem has failed: what is left out, is told."""
        return self.rule not in ("FRM116", "SRC105", "SRC106", "SRC108")


class SidelitError(Exception):
    """
    ## The one exception

    Carries the problem that stopped the work. Whoever catches it prints the problem
    and never a traceback, because a user can mend what it says.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def usage_error(message: str) -> SidelitError:
    """
    The exception for a wrong flag or setting: one sentence that names the value and
    the mend, and exit status 2.
    """
    return SidelitError(Problem("", 0, 0, "", message))


@dataclass(frozen=True, slots=True)
class Source:
    """
    ## Source

    A file that will become a page.

    * `path` says where it is for people: relative to the project, with `/`.
    * `file` is the path that `open` takes.
    * `url` is the page's place in the site, such as `transformers/vit/index.html`.
    * `module` is the dotted name that Python would import it by, and is empty for
      other languages.
    * `language` is `python`, `markdown` or the Pygments alias of another language.
    * `single_dollars` says whether `$x$` in its prose is a formula.
    """

    path: str
    file: str
    url: str
    module: str
    language: str
    single_dollars: bool = True


@contextmanager
def at_fault(source: Source) -> Iterator[None]:
    """
    What no one foresaw while one file is worked on is a problem of that file, so it
    never costs the others. Raises `SidelitError` in place of any other exception.
    """
    try:
        yield
    except SidelitError:
        raise
    except Exception as error:
        message = f"a mistake in sidelit, please report it: {told(error)}"
        if not source.path:
            raise usage_error(f"the home page: {message}") from error
        raise SidelitError(Problem(source.path, 1, 1, "SRC104", message)) from error


def told(error: BaseException) -> str:
    """An exception that no one foresaw, on one line."""
    # Where it was raised tells whoever reads a report more than the words do.
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")
    # What Python's own machinery for imports raises is about another place.
    if frame.filename.startswith("<frozen "):
        return said
    return f"{said} ({os.path.basename(frame.filename)}, line {frame.lineno})"


@dataclass(frozen=True, slots=True)
class Section:
    """
    ## Section

    A piece of prose and the code that it explains: one row of the page.

    * `qualname` is the class or function that the section belongs to
      (`PatchEmbeddings.forward`), and is empty at module level.
    * `prose` is Markdown without its comment signs and indentation. Its first line
      stands on line `prose_line` of the file and each further line on the next one,
      so a problem in the prose can always be traced to its source.
    * `fields` says that it has [fields](read/docstrings.py), such as those of Sphinx.
    * `code` holds ranges of line numbers. There are two when a docstring parts a
      header from its body.
    """

    kind: Kind
    qualname: str
    prose: str
    prose_line: int
    code: tuple[range, ...]
    fields: bool = False

    @property
    def prose_lines(self) -> range:
        """The lines of the file that the prose takes up."""
        count = self.prose.count("\n") + 1 if self.prose_line else 0
        return range(self.prose_line, self.prose_line + count)

    @property
    def lines(self) -> range:
        """All lines of the section, which follow each other in the file."""
        spans = [span for span in (self.prose_lines, *self.code) if span]
        if not spans:
            return range(0)
        return range(
            min(span.start for span in spans), max(span.stop for span in spans)
        )


class Tokens:
    """
    ## Tokens

    The pieces of a text that have a colour, in order: `kinds[i]` is the class that
    Pygments' style sheets have for `text[starts[i]:ends[i]]`. A large site has millions
    of them, so they are three plain columns and no objects.
    """

    __slots__ = ("ends", "kinds", "starts")

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.starts = array("I")
        self.ends = array("I")

    def add(self, kind: str, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        return zip(self.kinds, self.starts, self.ends, strict=True)


@dataclass(frozen=True, slots=True)
class Output:
    """
    ## Output

    What a cell of a notebook has shown, in all `forms` that it had, by their types, the
    best one first: text, and images in base64. Its `name` is that of a stream,
    `error` with the name of the exception, or empty. It says how large an image is to
    be, in pixels, unless it has 0 for that.
    """

    name: str
    forms: dict[str, str]
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """
    ## Notebook

    What a document has besides if its file is a notebook, whose cells are its text.

    * `written` is the text with the control characters of which its page has pictures
    * `python` is the text with signs that mean nothing instead of what only IPython
      understands, as long as the text; it is as good as empty for other languages
    * `places` say of each line of the text where it begins in the file, as line, column
      and the number of signs before it that the file does not have
    * `outputs` are by the numbers of sections
    * `attachments` are the images that belong to a cell of prose: by the first line
      of its section, by name and by type, in base64
    """

    written: str
    python: str
    places: tuple[tuple[int, int, int], ...]
    outputs: dict[int, tuple[Output, ...]]
    attachments: dict[int, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Document:
    """
    ## Document

    A source file, cut into sections. Its `tokens` have shown where the comments are,
    and are kept for the colours. `data` is the file as it was read: when its other
    forms are made, the one on the disk may be another. `syntax` is what Python says of
    a Python file. `front_matter` names what its front matter says: `title`, `summary`.
    A `draft` is not published yet, and a `language` is that of its prose, unless it is
    that of the project. A `notebook` may have `problems` that leave it readable. A file
    that is too large is `code_alone`: a sentence, and pieces of code without colours.
    """

    source: Source
    text: str
    title: str
    summary: str
    sections: tuple[Section, ...]
    tokens: Tokens
    data: bytes = b""
    syntax: Syntax | None = None
    front_matter: tuple[str, ...] = ()
    draft: bool = False
    language: str = ""
    notebook: Notebook | None = None
    problems: tuple[Problem, ...] = ()
    code_alone: bool = False

    @property
    def python(self) -> str:
        """The text as Python reads it."""
        return self.notebook.python if self.notebook else self.text


@dataclass(frozen=True, slots=True)
class Outline:
    """
    ## The outline

    * `title` and `summary` are as written, with numbers yet to be filled in
    * `anchors` has the identifiers of the sections, in order, and `sections` the kind
      and the qualified name of each
    * `links` are those that decide the order of reading, if it is a folder's page
    * `builds_on` are the dotted names that it imports, less those for type checkers
      only, and `imports` the absolute paths of all words in its imports
    * `root` is the folder from which Python imports it, and `module` what it defines
    * `rows` has the anchor of each scope that has a row of its own
    * `symbols` are the variables of the symbols in its tables
    * `digest` is the hash of all of it that decides where names and links lead
    * `problems` are those of the file that leave it readable
    * `ids` has identifiers for what has none: for a scope the variables that it binds,
      and by the name `""` the scope itself
    * `signatures` and `paragraphs` are what a card shows: by anchor or identifier, the
      header of a definition, and the first paragraph of its prose
    * `hidden` are the anchors of the sections that its page does not have
    * `draft` says that it is not published yet, and `code_alone` that it is too large
      to be more
    """

    source: Source
    title: str
    summary: str
    anchors: tuple[str, ...]
    sections: tuple[tuple[Kind, str], ...]
    links: tuple[str, ...]
    symbols: dict[str, str]
    may_have_formulas: bool
    digest: str
    problems: tuple[Problem, ...] = ()
    builds_on: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    root: str = ""
    module: Module | None = None
    rows: dict[int, str] = field(default_factory=dict)
    ids: dict[int, dict[str, str]] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    paragraphs: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    draft: bool = False
    code_alone: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """
    ## Site

    All that pages need to know of each other.

    * `root` is the folder of the project, `output` that of the site, and `starts` are
      the files and folders that are its sources.
    * `outlines` is in reading order: what follows a page here follows it on the site.
    * `names` leads from a dotted name to the page and anchor of its definition.
    * `pages` leads from the path of a source to its page, and `readmes` from that of a
      folder to the page of its readme.
    * `made` are the files in the output folder that an earlier build made, by URL,
      which say nothing of this one.
    * `static` leads from the path of a file that is copied as it is to its URL.
    * `drafts` are the sources that have no page yet.
    """

    root: str
    output: str
    starts: tuple[str, ...]
    outlines: dict[str, Outline]
    names: dict[str, str]
    pages: dict[str, str]
    readmes: dict[str, str]
    made: frozenset[str]
    static: dict[str, str] = field(default_factory=dict)
    drafts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """
    ## Row

    A section as the page shows it: prose and code, either of which may be empty.
    `alias` is a second identifier, which counts the sections, and `line` says where the
    section begins in its file. `code` holds the ranges of lines that `code_html` shows.
    A row that is folded is part of the definition `private`. What the code has shown
    is in `outputs_html`.
    """

    anchor: str
    alias: str
    line: int
    prose_html: str
    code_html: str
    code: tuple[range, ...]
    private: str = ""
    outputs_html: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    ## Entry

    A line of a table of contents or of a path of crumbs: a piece of HTML, where it
    leads, and how deep it is indented.
    """

    html: str
    href: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """
    ## Page

    All that the template needs: the head of the article, its rows, the ways from
    here to elsewhere, and as JSON the cards of what its names lead to. `tree_html` says
    where the page is in the site, and `below_html` what is in its folder.
    """

    document: Document
    head_html: str
    rows: tuple[Row, ...]
    crumbs: tuple[Entry, ...]
    contents: tuple[Entry, ...]
    previous: Entry | None
    following: Entry | None
    cards: str = ""
    tree_html: str = ""
    below_html: str = ""


def unique(identifier: str, taken: set[str], sign: str = "-", first: int = 2) -> str:
    """
    The identifier, numbered behind the sign from `first` on if it is taken; the result
    is taken from then on.
    """
    candidate = identifier
    if candidate in taken:
        numbers = range(first, first + _FEW)
        numbered = (f"{identifier}{sign}{number}" for number in numbers)
        candidate = next((one for one in numbered if one not in taken), "")
    if not candidate:
        # Of thousands of the same words, each would count through all before it. So the
        # steps double until a number is free, and are halved on the way back.
        low, step = first + _FEW - 1, 1
        while f"{identifier}{sign}{low + step}" in taken:
            low, step = low + step, 2 * step
        while step > 1:
            step -= step // 2
            if f"{identifier}{sign}{low + step}" in taken:
                low += step
        candidate = f"{identifier}{sign}{low + 1}"
    taken.add(candidate)
    return candidate


# So many numbers are tried one by one.
_FEW = 100
