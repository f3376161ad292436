r"""
---
title: Search
summary: >
  What Pagefind is told about each page, and the index that it makes of all of them for
  readers to search in their browsers.
---

# Search

A static site has no server to ask, so the browser has to search by itself. Pagefind
makes an index for that, in many small files. A browser loads the few that a word needs,
and none before the reader wants to search.

Pagefind reads HTML, but that of our pages would not do: it contains each formula twice,
and a line of code would be one word up to its next space. So each page is written again
for Pagefind, in plain HTML, without what nobody would search for. A heading or a
definition weighs more than a sentence, a sentence more than a line of code, and that
more than what the code has shown. A name is found by its parts as well,
`PatchEmbeddings` by `embeddings`: Pagefind takes it apart itself, as long as it stands
alone.
"""

import base64
import contextlib
import hashlib
import json
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from ..cache import key_of
from ..files import npm_package, write_file
from ..fresh import cache_folder
from ..model import Document, Page, usage_error
from ..packed import pack, unpack
from ..page.contents import TAG, opens_with_heading

BUNDLE = "assets/pagefind/"


# ## What a page says
#
# Each row is a place that a result can lead to. Its title is not part of the text, or
# every excerpt would begin with it.
def page_text(page: Page, anchors: Sequence[str], language: str) -> str:
    """
    A page in a language, with the anchors of its sections, in the HTML that Pagefind
    reads.
    """
    sections = dict(zip(anchors, page.document.sections, strict=True))
    title = page.document.title
    parts = [_prose(page.head_html)]
    # Nobody searches what a program has written by the megabyte.
    rows = () if page.document.code_alone else page.rows
    code = _code_lines(page.document) if rows else []
    for row in rows:
        prose = _prose(row.prose_html)
        section = sections.get(row.anchor)
        name = section.qualname if section else ""
        is_definition = section is not None and section.kind in ("class", "function")
        heading = _HEADING.search(prose)
        if is_definition and heading:
            # With an identifier, it would be a place of its own, under its own title.
            prose = _HEADING_ID.sub(r"\1", prose)
        # A heading further down in a docstring says nothing of what is defined.
        if heading and not (is_definition and not opens_with_heading(prose)):
            title = unescape(TAG.sub("", heading[1]))
            shown = f"{name}{TITLED}{title}" if is_definition else title
        else:
            shown = name or title
        lines = "".join(
            f"{line}\n"
            for span in row.code
            for line in code[span.start - 1 : span.stop - 1]
        )
        parts.append(
            f'<div id="{escape(row.anchor)}" data-pagefind-title="{escape(shown)}">'
            f'{prose}<div data-pagefind-weight="0.4">{lines}</div>'
            f"{_outputs(row.outputs_html)}</div>"
        )
    text = _spaced("\n".join(parts))
    return f'<!doctype html><html lang="{language}"><body>{text}</body></html>'


# Between the name of a definition and the title that its docstring opens with.
TITLED = " · "
_HEADING = re.compile(r"<h[2-4]\b[^>]*>(.*?)(?:<a class=\"permalink\"|</h)", re.DOTALL)
_HEADING_ID = re.compile(r'(<h[1-6]\b[^>]*?) id="[^"]*"')
_BLOCK = re.compile(r'<pre class="block\b[^>]*><code>(.*?)</code></pre>', re.DOTALL)
_INLINE_CODE = re.compile(r'(<code(?: class="whole")?>)([^<]+)')


def _prose(html: str) -> str:
    # Who else uses a definition is found where it is used.
    if '<details class="users">' in html:
        html = _USERS.sub("", html)
    if "<code" in html:
        html = _BLOCK.sub(
            lambda block: f'<p data-pagefind-weight="0.4">{_code(block[1])}</p>', html
        )
        html = _INLINE_CODE.sub(lambda code: code[1] + _code(code[2]), html)
    return _with_plain_formulas(html) if _FORMULA.search(html) else html


def _outputs(html: str) -> str:
    """What the code of a row has shown, which weighs less than the code."""
    text = TAG.sub(" ", _with_plain_formulas(html)) if html else ""
    # A log of an hour would be found by any word.
    text = " ".join(text.split())[:_SHOWN]
    shown = _apart(unescape(text))
    return shown and f'<div data-pagefind-weight="0.2">{shown}</div>'


# So many characters of the outputs of a row are searched.
_SHOWN = 20_000
_USERS = re.compile(r'<details class="users">.*?</details>', re.DOTALL)


# Pagefind takes whatever stands between two spaces for one word. A gap is a space for
# Pagefind; the soft hyphen before it tells the page to leave that space out again.
GAP = "\u00ad "
_DEFINED = re.compile(r"<t-(n[cf])>(\w+)</t-\1>")
# Most code is ASCII, where the first expression finds the same places faster.
_BEFORE_NAME_ASCII = re.compile(r"(?<=[!-/:-@\[-^`{-~\x7f])(?=[\w\x02])")
_BEFORE_NAME = re.compile(r"(?<=[^\w\s\x02\x03])(?=[\w\x02])")


def _code_lines(document: Document) -> list[str]:
    """
    The lines of a file with each name alone, and the names that it defines with more
    weight.
    """
    text = document.text
    pieces, end = [], 0
    for kind, start, stop in document.tokens:
        if kind in ("nf", "nc") and _WORD.fullmatch(text, start, stop):
            pieces.append(f"{text[end:start]}\x02{text[start:stop]}\x03")
            end = stop
    return _apart("".join([*pieces, text[end:]])).split("\n")


_WORD = re.compile(r"\w+")


def _code(html: str) -> str:
    """Code in prose, like that of a file."""
    if "<t-n" in html:
        html = _DEFINED.sub("\x02\\2\x03", html)
    return _apart(unescape(TAG.sub("", html) if "<" in html else html))


def _apart(text: str) -> str:
    before_name = _BEFORE_NAME_ASCII if text.isascii() else _BEFORE_NAME
    text = escape(before_name.sub(GAP, text), quote=False)
    if "\x02" not in text:
        return text
    text = text.replace("\x02", '<b data-pagefind-weight="6">')
    return text.replace("\x03", "\u00ad</b>")


# Chinese and Japanese are written without spaces. Each of their characters becomes a
# word, and the page drops results that do not have them in a row as the query does.
_IDEOGRAPH = "[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_BESIDE_IDEOGRAPH = re.compile(
    rf"<[^>]*>|(?<=[^\s>])(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})(?=[^\s<])"
)


def _spaced(html: str) -> str:
    # Python keeps a text without characters above U+00FF in one byte each, so this test
    # costs next to nothing.
    with contextlib.suppress(UnicodeEncodeError):
        html.encode("latin-1")
        return html
    if not re.search(_IDEOGRAPH, html):
        return html
    return _BESIDE_IDEOGRAPH.sub(lambda match: match[0] or GAP, html)


_FORMULA = re.compile(r'<span class="(?:katex|math)(?:-display)?">')
_SPAN = re.compile(r"<(/?)span\b[^>]*>")
_SOURCE = re.compile(r"<annotation\b[^>]*>(.*?)</annotation>", re.DOTALL)
_COMMANDS = re.compile(
    r"\\htmlData\{[^}]*\}|\\(?:math|text|operator|left|right|d?frac|[,;:! ])[a-z]*\*?"
)


def _with_plain_formulas(html: str) -> str:
    """A formula within a sentence becomes a few letters; one on its own line is cut."""
    parts, end = [], 0
    for start in _FORMULA.finditer(html):
        if start.start() < end:
            continue
        parts.append(html[end : start.start()])
        depth = 0
        for span in _SPAN.finditer(html, start.start()):
            depth += -1 if span[1] else 1
            if not depth:
                end = span.end()
                break
        source = _SOURCE.search(html, start.end(), end)
        if source and "-display" not in start[0]:
            plain = re.sub(r"[{}\\]", "", _COMMANDS.sub(" ", source[1]))
            parts.append(" ".join(plain.split()))
    return "".join([*parts, html[end:]])


# ## The index
#
# Pagefind is a program that comes in one npm package for each kind of machine, or in
# the Python package `pagefind_bin`. The npm package `pagefind` itself only talks to
# that program through a pipe. So do we, and need no Node.
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def search_package(root: str) -> Path | None:
    """
    The folder of Pagefind, that of npm before that of pip, if this machine can run it.
    A site without it has no search, which is no mistake.
    """
    packages = npm_package("pagefind", root), _python_package()
    return next((one for one in packages if one and _program(one)), None)


def _python_package() -> Path | None:
    spec = find_spec("pagefind_bin")
    return Path(spec.origin).parent if spec and spec.origin else None


def _version(package: Path) -> str:
    about = package / "package.json"
    if not about.exists():
        # Only projects without npm need this, and importing it takes longer than
        # rendering a page.
        from importlib import metadata

        return metadata.version("pagefind_bin")
    return str(json.loads(about.read_text(encoding="utf-8"))["version"])


def _knows_titles(package: Path) -> bool:
    """Whether this Pagefind reads `data-pagefind-title`; older ones read headings."""
    major, minor = _version(package).split(".")[:2]
    return (int(major), int(minor)) >= (1, 6)


def _with_headings(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (url, _TITLED_ROW.sub(r"<h6 id=\1>\2</h6><div>", text)) for url, text in texts
    ]


_TITLED_ROW = re.compile(r'<div id=("[^"]*") data-pagefind-title="([^"]*)">')


def _program(package: Path) -> Path | None:
    system = "windows" if sys.platform == "win32" else sys.platform.rstrip("0123456789")
    machine = _MACHINES.get(platform.machine().lower(), "")
    of_npm = package.resolve().parent / "@pagefind" / f"{system}-{machine}" / "bin"
    folder = of_npm if (package / "package.json").exists() else package
    names = (f"{name}{ending}" for name in _PROGRAMS for ending in ("", ".exe"))
    return next((folder / name for name in names if (folder / name).is_file()), None)


# The first knows how to part words in Chinese and Japanese.
_PROGRAMS = ("pagefind_extended", "pagefind")


class Texts(Sequence[tuple[str, str]]):
    """
    ### All texts

    The URL and the text of each page, given the hash of each text, and a function that
    reads the text of a page. That is only needed if the hash of all, `digest`, is
    another than that of the last index.
    """

    def __init__(
        self, keys: Iterable[tuple[str, str]], text_of: Callable[[str], str]
    ) -> None:
        self._keys = list(keys)
        self._text_of = text_of
        self.digest = key_of(*(part for pair in self._keys for part in pair))

    def __getitem__(self, place: int) -> tuple[str, str]:  # type: ignore[override]
        url, _ = self._keys[place]
        return url, self._text_of(url)

    def __len__(self) -> int:
        return len(self._keys)


def search_files(
    texts: Texts, root: str, output: str, language: str
) -> dict[str, bytes]:
    """
    The files that search needs, by URL, for the texts of all pages of a project, whose
    words are compared as those of a `language`. Raises `SidelitError` if Pagefind
    fails.

    Pagefind can only make an index as a whole. So the last one of each site, known by
    its `output` folder, is kept until the text of a page changes.
    """
    package = search_package(root)
    if not texts or package is None:
        return {}
    # Pagefind knows languages, and not where they are spoken. With one for all pages,
    # they share an index.
    stems = language.lower().partition("-")[0]
    options = {**_OPTIONS, "force_language": stems}
    key = key_of(json.dumps([_version(package), options, texts.digest]))
    site = hashlib.blake2b(output.encode(), digest_size=8).hexdigest()
    file = Path(cache_folder()) / "search" / site
    known, _, kept = _read(file).partition(b"\n")
    if known == key.encode():
        contents = unpack(kept, dict[str, bytes])
    else:
        try:
            written = texts if _knows_titles(package) else _with_headings(texts)
            contents = _index(written, _program(package), options)
        except (_PagefindError, OSError) as error:
            mend = f"run `npm install pagefind` in {root}"
            if package == _python_package():
                mend = "run `pip install --force-reinstall pagefind-bin`"
            raise usage_error(f"search: Pagefind stopped ({error}); {mend}") from None
        with contextlib.suppress(OSError):
            write_file(file, b"%s\n%s" % (key.encode(), pack(contents)))
    return {BUNDLE + path: data for path, data in sorted(contents.items())}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


_OPTIONS = {
    "keep_index_url": True,
    "exclude_selectors": [
        ".permalink",
        ".onward",
        ".footnote-ref",
        '[role="doc-backlink"]',
    ],
}
# Pagefind also comes with search boxes of its own, which our page does not use.
_NEEDED = re.compile(
    r"pagefind(-worker)?\.js|pagefind-entry\.json|wasm\.[a-z]+\.pagefind|.*\.pf_\w+"
)


class _PagefindError(Exception):
    """Pagefind could not do what it was asked to do. The message says why."""


def _index(
    texts: Iterable[tuple[str, str]], program: Path | None, options: Mapping[str, Any]
) -> dict[str, bytes]:
    """The files of the index by path."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [str(program), "--service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        pipes = process.stdin, process.stdout
        try:
            made = _ask(*pipes, {"type": "NewIndex", "config": options})
            index = {"index_id": made["index_id"]}
            # One page after the other, so that the same site gives the same index.
            for url, html in texts:
                page = {"url": url, "file_contents": html}
                _ask(*pipes, {"type": "AddFile", **index, **page})
            files = _ask(*pipes, {"type": "GetFiles", **index})["files"]
        except (EOFError, BrokenPipeError):
            # What could not be written must not be tried again at the end.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise _PagefindError(said[-1] if said else "no reason is given") from None
    needed = {
        file["path"]: base64.b64decode(file["content"])
        for file in files
        if _NEEDED.fullmatch(file["path"])
    }
    # For a language whose words it knows to compare, there is a second program.
    if f"wasm.{options['force_language']}.pagefind" in needed:
        needed.pop("wasm.unknown.pagefind", None)
    return needed


def _ask(
    requests: IO[bytes], answers: IO[bytes], payload: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer to a request. Both are JSON in base64, and a comma ends each."""
    request = json.dumps({"message_id": 1, "payload": payload}).encode()
    requests.write(base64.b64encode(request) + b",")
    requests.flush()
    told, part = bytearray(), b""
    while b"," not in part:
        part = answers.read1(1 << 20)  # type: ignore[attr-defined]
        if not part:
            raise EOFError
        told += part
    # What is no letter of base64, such as the comma, is passed over.
    message = base64.b64decode(told)
    # The index of a large site should not be in memory three times.
    told.clear()
    answer: dict[str, Any] = json.loads(message)["payload"]
    if answer["type"] == "Error":
        raise _PagefindError(answer["message"])
    return answer
