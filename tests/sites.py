"""What a built site is held to: valid HTML, and links that lead somewhere."""

import json
import posixpath
import re
import subprocess
import tempfile
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sidelit.files import node

ROOT = Path(__file__).parents[1]
RULES = {
    "root": True,
    "extends": ["html-validate:standard"],
    # Matters of style. Inline styles are KaTeX's, and the numbers of lines.
    "rules": {
        "long-title": "off",
        "no-inline-style": "off",
        "no-trailing-whitespace": "off",
        "require-sri": "off",
        "doctype-style": "off",
        "tel-non-breaking": "off",
        "void-style": "off",
    },
}


class Page(HTMLParser):
    """The identifiers of a page and what it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.description = ""
        self.feed(text)

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        values = dict(attributes)
        if identifier := values.get("id"):
            self.ids.append(identifier)
        for name in ("href", "src"):
            if name in values:
                self.links.append(values[name] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if values.get("name") == "description":
            self.description = values["content"] or ""
        if tag == "img":
            self.images.append(values)


def pages_of(site: Path) -> dict[str, Page]:
    """The pages of a site by their URL."""
    return {
        file.relative_to(site).as_posix(): Page(file.read_text("utf-8"))
        for file in sorted(site.rglob("*.html"))
    }


def blocks_of(script: str, page: str) -> list[tuple[int, str, str]]:
    """The first line, the source and the clean code of each block of a page."""
    shown, number = {}, 0
    for start, line in re.findall(r"<c-l(?: style=--n:(\d+))?>(.*?\n)</c-l>", page):
        number = int(start or number + 1)
        shown[number] = unescape(re.sub(r"<[^>]*>", "", line))
    found = re.fullmatch(r"sidelitBlocks\((.*)\);\n", script, re.DOTALL)
    assert found
    blocks = []
    for first, pieces, changes in json.loads(found[1]):
        lines: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                lines += re.findall(r"[^\n]*\n", piece)
            else:
                number = first + len(lines)
                lines += map(shown.__getitem__, range(number, number + piece))
        source = "".join(lines)
        for at, change in changes:
            if isinstance(change, str):
                lines[at] = f"{change}\n"
            else:
                lines[at : at + change] = [""] * change
        blocks.append((first, source, "".join(lines)))
    return blocks


def dead_links(site: Path, pages: dict[str, Page]) -> list[tuple[str, str]]:
    """The page and the address of each link within the site that leads nowhere."""
    dead = []
    identifiers = {url: {*page.ids} for url, page in pages.items()}
    for url, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE):
                continue
            path, _, anchor = link.partition("#")
            path = unquote(path.partition("?")[0])
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(url), path))
                if path
                else url
            ).lstrip("/")
            if not (site / target).is_file() or (
                anchor and unquote(anchor) not in identifiers.get(target, ())
            ):
                dead.append((url, link))
    return dead


def refused_pages(site: Path) -> dict[str, list[str]]:
    """The pages that the HTML validator refuses, and why."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "rules.json")
        rules.write_text(json.dumps(RULES))
        # A page makes millions of small objects: with room for them, Node spends a fifth
        # less time.
        flags = (f"--{bound}-semi-space-size=256" for bound in ("min", "max"))
        files = sorted(site.rglob("*.html"))
        command = [
            node() or "node",
            "--single-threaded-gc",
            *flags,
            "tests/validate.mjs",
            rules,
            *files,
        ]
        # Its output goes into a file, since Node may end before a pipe has all of it.
        said = Path(folder, "said.json")
        with said.open("wb") as file:
            subprocess.run(command, cwd=ROOT, stdout=file, check=True)
        results: list[dict[str, Any]] = json.loads(said.read_bytes())
    return {
        Path(result["filePath"]).relative_to(site).as_posix(): [
            f"{one['line']}:{one['column']} {one['ruleId']} {one['message']}"
            for one in result["messages"]
        ]
        for result in results
        if result["messages"]
    }
