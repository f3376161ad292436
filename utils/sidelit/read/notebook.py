r"""
---
title: Notebooks
summary: >
  A Jupyter notebook becomes the text of a script with cells, its sections, and what its
  cells have shown; it is never run.
---

# Notebooks

The cells of a notebook are read as the [script](cells.py) that jupytext makes of them:
prose as comments, markers between the cells. So a notebook has lines, its names are
those of one module, and whatever is made of Python files can be made of it.

```python
# %% [markdown]
# # Load the data

# %%
%matplotlib inline
rows = load("rows.csv")
```

Each cell of prose begins a section, and the cell of code behind it is its code. The
comments in a cell of code stay there, as they do in Jupyter.

What only [IPython understands](magics.py) is shown, but Python does not get to see it.
The same goes for a cell that is not valid Python, which is a problem of the file. It is
none if the cell is meant to fail.
"""

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..files import CONTROLS
from ..model import (
    Kind,
    Notebook,
    Output,
    Problem,
    Section,
    SidelitError,
    Source,
    Tokens,
)
from .cell_colours import Colours
from .decode import source_error
from .drawings import indented
from .front_matter import FRONT_MATTER
from .magics import as_python
from .places import DEEPEST, Decoder, Text, behind_characters
from .shown import as_shown, attachments, joined, output_of

_NEWEST, _OLDEST = 4, 2
# What Python has said of a cell that its author let it fail.
_MEANT = {"error SyntaxError", "error IndentationError", "error TabError"}


@dataclass(frozen=True, slots=True)
class Script:
    """
    ## A notebook as a script

    * `language` is the one that its kernel runs
    * `title` is that of its metadata, if they have one
    * `notebook` is what it has besides its text
    * `problems` are cells that are not valid Python
    """

    language: str
    title: str
    sections: list[Section]
    tokens: Tokens
    notebook: Notebook
    problems: tuple[Problem, ...]


def read_notebook(text: str, source: Source) -> Script:
    """
    The script of a notebook, given as JSON. Raises `SidelitError` for a text that is no
    notebook of a version from 2 to 4.
    """
    return _Reader(text, source).script()


# A line break as it is written in a string, among other escapes.
_ESCAPE = re.compile(
    r"(?P<break>\\r\\n|\\[nr]|\\u000[aAdD])|\\(?:u[0-9a-fA-F]{4}|[^u])"
)
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class _Cell:
    """
    A cell of any version: `parts` joined are its text, behind a `prefix` that the file
    does not have. It is somewhere behind the offset `at`.
    """

    kind: str
    parts: list[str]
    outputs: tuple[Output, ...] = ()
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    prefix: str = ""
    may_fail: bool = False
    at: int = 0

    @property
    def lines(self) -> list[str]:
        return _BREAK.split(self.prefix + "".join(self.parts))


class _Reader:
    """One notebook while it is being read."""

    def __init__(self, text: str, source: Source) -> None:
        self.file, self.source = text, source
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: list[str] = []
        self.python: list[str] = []
        self.places: list[tuple[int, int, int]] = []
        self.problems: list[Problem] = []
        self.outputs: dict[int, tuple[Output, ...]] = {}
        self.attachments: dict[int, dict[str, dict[str, str]]] = {}
        self.sections: list[Section] = []

    # ### The file
    def script(self) -> Script:
        notebook = self._decoded()
        metadata = notebook.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        language = _language(metadata)
        coloured = Colours(language)
        for cell in self._cells(notebook):
            if cell.kind == "code":
                self._code(cell, coloured)
            else:
                self._prose(cell)
        if not self.sections:
            self.sections.append(Section("module", "", "", 0, ()))
        text = "".join(f"{line}\n" for line in self.lines)
        python = "".join(f"{line}\n" for line in self.python)
        title = metadata.get("title")
        return Script(
            language,
            " ".join(joined(title).translate(CONTROLS).split()),
            self.sections,
            coloured.tokens(text, python),
            Notebook(text, python, tuple(self.places), self.outputs, self.attachments),
            tuple(self.problems),
        )

    def _decoded(self) -> dict[str, Any]:
        line = column = 1
        try:
            notebook = Decoder().decode(self.file)
        except json.JSONDecodeError as error:
            line, column = error.lineno, error.colno
            message = f"not a notebook: {error.msg}; it must be JSON"
        except RecursionError:
            message = f"not a notebook: nested more than {DEEPEST} levels deep"
        except ValueError as error:
            message = f"not a notebook: {error}"
        else:
            version = notebook.get("nbformat") if isinstance(notebook, dict) else None
            if type(version) in (int, float):
                return self._of_known_version(notebook)
            lack = "it has no `nbformat`"
            if version is not None:
                lack = "its `nbformat` is no number"
            message = f"not a notebook: {lack}"
        raise source_error(self.source, line, column, "SRC101", message)

    def _of_known_version(self, notebook: dict[str, Any]) -> dict[str, Any]:
        version = notebook["nbformat"]
        if version not in range(_OLDEST, _NEWEST + 1):
            message = f"a notebook in version {version} of the format; save it in "
            message += f"version {_NEWEST}"
            raise source_error(self.source, 1, 1, "SRC101", message)
        return notebook

    def _fault(self, message: str, near: object = None) -> SidelitError:
        """What is wrong with a cell, at a string that is in it."""
        place = self._place(near.start) if isinstance(near, Text) else (1, 1)
        return source_error(self.source, *place, "SRC101", f"not a notebook: {message}")

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    # ### Cells
    def _cells(self, notebook: dict[str, Any]) -> Iterator[_Cell]:
        found: object = notebook.get("cells")
        if notebook["nbformat"] < _NEWEST:
            found = _in_worksheets(notebook.get("worksheets", []))
        if not isinstance(found, list):
            raise self._fault("its `cells` are no list")
        for number, cell in enumerate(found, 1):
            if not isinstance(cell, dict):
                raise self._fault(f"cell {number} is no object")
            kind = cell.get("cell_type")
            name = "source"
            if kind == "code" and notebook["nbformat"] < _NEWEST:
                name = "input"
            parts = cell.get(name)
            parts = [parts] if isinstance(parts, str) else parts
            if not isinstance(parts, list) or not all(
                isinstance(part, str) for part in parts
            ):
                raise self._fault(f"the `{name}` of cell {number} is no text", kind)
            metadata = cell.get("metadata")
            tags = metadata.get("tags") if isinstance(metadata, dict) else None
            read = _Cell(
                str(kind),
                parts,
                tuple(self._outputs(cell.get("outputs"), number, kind)),
                attachments(cell.get("attachments")),
                may_fail=isinstance(tags, list) and "raises-exception" in tags,
                at=kind.start if isinstance(kind, Text) else 0,
            )
            if kind == "heading":
                # Version 3 still had them, with a level each.
                level = cell.get("level")
                depth = level if isinstance(level, int) else 1
                read.prefix = "#" * min(max(depth, 1), 6) + " "
                read.kind = "markdown"
            elif kind not in ("code", "markdown"):
                read.kind = "markdown" if kind == "html" else "raw"
            yield read

    def _outputs(self, found: object, number: int, kind: object) -> Iterator[Output]:
        if found is None:
            return
        if not isinstance(found, list):
            raise self._fault(f"the `outputs` of cell {number} are no list", kind)
        # What is written piece by piece belongs together.
        name, text = "", ""
        for one in found:
            if not isinstance(one, dict):
                raise self._fault(f"an output of cell {number} is no object", kind)
            written = ""
            if one.get("output_type") == "stream":
                written = joined(one.get("text"))
                stream = str(one.get("name", one.get("stream", "stdout")))
            if text and (not written or stream != name):
                yield Output(name, {"text/plain": as_shown(text)})
                text = ""
            if written:
                name, text = stream, text + written
            elif output := output_of(one):
                yield output
        if text:
            yield Output(name, {"text/plain": as_shown(text)})

    # ### Lines
    def _prose(self, cell: _Cell) -> None:
        said, first = cell.lines, not self.sections
        is_raw = cell.kind == "raw"
        # A raw cell on top may be the front matter, as it is for Quarto.
        if is_raw and not (first and FRONT_MATTER.fullmatch("\n".join(said).rstrip())):
            prose = indented(said)
        else:
            prose = said
        line = len(self.lines) + 1
        self._add(f"# %% [{cell.kind}]", cell)
        for text, place in zip(said, self._line_places(cell, 2), strict=True):
            self._line(f"# {text}" if text else "#", place)
        self._add("", cell)
        kind: Kind = "module" if first else "note"
        told = "\n".join(["", *prose, ""]).translate(CONTROLS)
        self.sections.append(Section(kind, "", told, line, ()))
        if cell.attachments:
            self.attachments[line] = cell.attachments

    def _code(self, cell: _Cell, coloured: Colours) -> None:
        last = self.sections[-1] if self.sections else None
        marker = len(self.lines) + 1
        self._add("# %%", cell)
        written, places = cell.lines, self._line_places(cell, 0)
        python = written
        if coloured.language == "python":
            python, error = as_python(written)
            failed = any(one.name in _MEANT for one in cell.outputs)
            if error and not (cell.may_fail or failed):
                self._report(error, places)
        coloured.cell(sum(len(line) + 1 for line in self.lines), written, python)
        for text, seen, place in zip(written, python, places, strict=True):
            self._line(text, place, seen)
        self._add("", cell)
        code = (range(marker + 1, len(self.lines) + 1),)
        if last and last.prose_line and not last.code and last.prose:
            # The marker is the end of the prose above it.
            prose = f"{last.prose}\n"
            self.sections[-1] = Section(last.kind, "", prose, last.prose_line, code)
        else:
            kind: Kind = "note" if last else "module"
            self.sections.append(Section(kind, "", "", marker, code))
        if cell.outputs:
            self.outputs[len(self.sections) - 1] = cell.outputs

    def _report(
        self, error: SyntaxError, places: Sequence[tuple[int, int, int]]
    ) -> None:
        version = "{}.{}".format(*sys.version_info)
        line, column, _ = places[min(error.lineno or 1, len(places)) - 1]
        written = self.file[self.starts[line - 1] :].partition("\n")[0]
        column = behind_characters(written, column - 1, (error.offset or 1) - 1) + 1
        message = f"not valid Python {version}: {error.msg}; its names have no links"
        self.problems.append(Problem(self.source.path, line, column, "SRC101", message))

    def _add(self, line: str, cell: _Cell) -> None:
        """A line that the file does not have."""
        self._line(line, (*self._place(_start(cell)), len(line)))

    def _line(
        self, text: str, place: tuple[int, int, int], python: str | None = None
    ) -> None:
        self.lines.append(text)
        self.python.append(text.translate(CONTROLS) if python is None else python)
        self.places.append(place)

    def _line_places(self, cell: _Cell, signs: int) -> list[tuple[int, int, int]]:
        """
        Where each line of a cell begins in the file, and how many signs stand before it
        that the file does not have.
        """
        found = []
        begins = True
        for part in cell.parts:
            assert isinstance(part, Text)
            if begins:
                found.append(part.start)
            begins = False
            for match in _ESCAPE.finditer(self.file, part.start, part.end):
                if match["break"]:
                    if begins:
                        found.append(match.start())
                    begins = match.end() == part.end
                    if not begins:
                        found.append(match.end())
        # Whatever breaks lines in an odd way, each line has a place.
        found = [*found, *[_start(cell)] * len(cell.lines)][: len(cell.lines)]
        return [
            (*self._place(place), signs + (0 if number else len(cell.prefix)))
            for number, place in enumerate(found)
        ]


def _in_worksheets(sheets: object) -> list[Any] | None:
    """The cells of the worksheets, which were to be several, but never were."""
    found: list[Any] = []
    for sheet in sheets if isinstance(sheets, list) else [sheets]:
        cells = sheet.get("cells", []) if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            return None
        found += cells
    return found


def _start(cell: _Cell) -> int:
    return next((one.start for one in cell.parts if isinstance(one, Text)), cell.at)


def _language(metadata: dict[str, Any]) -> str:
    """The language that the kernel of a notebook runs, as Pygments calls it."""
    info, spec = metadata.get("language_info"), metadata.get("kernelspec")
    name = info.get("name") if isinstance(info, dict) else None
    name = name or (spec.get("language") if isinstance(spec, dict) else None)
    name = name.lower() if isinstance(name, str) else "python"
    if name in ("ipython", "python2", "python3"):
        return "python"
    # Cells of Markdown are prose, so what a kernel reads as such is something else.
    is_known = name != "markdown" and re.fullmatch(r"[\w+#-]+", name)
    return name if is_known else "unknown"
