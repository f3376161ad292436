r"""
---
title: Up to date
summary: >
  If nothing has changed since the last build, the next one ends before it has imported
  anything.
---

# Up to date

Most builds have nothing to do: somebody types `make docs` twice, or a hook runs it
before each commit. Such a build should not even take the time to import a Markdown
parser. So this module, which imports next to nothing, comes first. It asks one
question: *has any file changed since the same command ran last?*

A successful build leaves a record of what it read and wrote, with times and sizes:
every source, every folder that it searched (whose time changes when a file is added or
removed), the places where it found nothing, the files of sidelit itself, and every
page. If all of these are unchanged, the site is up to date. What the build warned of
holds as well, and is told again.
"""

import os
import site
import sys
import zlib
from collections.abc import Iterable, Iterator

# A file that is written twice within one tick of the clock looks the same after the
# second time. What changed this shortly before a build is not trusted.
_TICK = 50_000_000


def command_key(arguments: list[str]) -> str:
    """
    What makes two runs the same command: the place, the Python with all that is
    installed, whose npm packages are trusted, and the arguments.
    """
    told = os.getcwd(), sys.version, os.environ.get("NODE_PATH", "")
    parts = [*told, *distributions(), *arguments]
    return "\0".join(parts).replace("\n", " ")


def distributions() -> list[str]:
    """
    The folders that say what is installed, in the order of Python's path. In the
    current folder, which `python -m` puts in front, things only lie about unless it is
    installed itself.
    """
    found: list[str] = []
    for folder in dict.fromkeys(sys.path):
        try:
            names = [] if is_here(folder) else os.listdir(folder)
        except OSError:
            # What Python looks for need not be there, or be a folder.
            continue
        found += sorted(
            os.path.join(folder, name)
            for name in names
            if name.endswith((".dist-info", ".egg-info"))
        )
    return found


def is_here(folder: str) -> bool:
    """
    Whether a folder on Python's path is only there because it is the current one, by
    whatever name. It is installed if a `.pth` file says so, as `pip install -e` may
    write one: then it counts wherever the command is run.
    """
    here = os.path.realpath(os.curdir)
    return os.path.realpath(folder) == here and here not in _editable()


def _editable() -> Iterator[str]:
    """The folders that `.pth` files add to Python's path, where they really are."""
    for packages in (*site.getsitepackages(), site.getusersitepackages()):
        try:
            names = [one for one in os.listdir(packages) if one.endswith(".pth")]
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(packages, name), encoding="utf-8") as file:
                    for line in file:
                        yield os.path.realpath(os.path.join(packages, line.rstrip()))
            except (OSError, ValueError):
                # What cannot be read, Python has not read either.
                continue


def last_messages(key: str) -> list[str] | None:
    """
    What the last run of this command had to say, if nothing has changed since then: the
    line of the output, and those of the error stream.
    """
    try:
        with open(_record(key), encoding="utf-8", errors="surrogatepass") as file:
            known, messages, *files = file.read().split("\n")
    except (OSError, ValueError):
        return None
    if known != key:
        return None
    for line in files:
        state, _, path = line.partition(" ")
        if file_state(path) != state:
            return None
    return messages.split("\0")


def remember(
    key: str,
    started: int,
    inputs: Iterable[str],
    outputs: Iterable[str],
    messages: Iterable[str],
) -> None:
    """
    Keep the state of the files of a run that went well. `started` is `time.time_ns()`
    from before anything was read: what changed after it may have been read before.
    """
    from pathlib import Path

    from .files import write_file

    own = [str(path) for path in Path(__file__).parent.rglob("*[!c]") if path.is_file()]
    read = {*inputs, *own}
    states = settled_states(read, started)
    if len(states) < len(read):
        return
    states |= {path: file_state(path) for path in outputs}
    lines = [
        key,
        "\0".join(messages),
        *(f"{state} {path}" for path, state in sorted(states.items())),
    ]
    if any("\n" in line for line in lines):
        return
    try:
        write_file(Path(_record(key)), "\n".join(lines).encode(errors="surrogatepass"))
    except OSError:
        # Without a record, the next build does its work again.
        return


def settled_states(paths: Iterable[str], started: int) -> dict[str, str]:
    """
    The states of those files that had not changed for a while when the clock showed
    `started`. The others may have changed since they were read.
    """
    states = {path: file_state(path) for path in paths}
    return {
        path: state for path, state in states.items() if _is_settled(state, started)
    }


def file_state(path: str) -> str:
    """What changes when a file does, or when a file comes to a folder or goes."""
    try:
        status = os.stat(path)
    except OSError:
        return "missing"
    # The size of a folder says nothing.
    is_folder = status.st_mode & 0o170000 == 0o040000
    size = 0 if is_folder else status.st_size
    # `cp -p` gives a file the time of another one, and `chmod` lets a folder be read
    # without any other change, but both change the last of these.
    return f"{status.st_mtime_ns}/{size}/{status.st_ctime_ns}"


def _is_settled(state: str, started: int) -> bool:
    if state == "missing":
        return True
    parts = state.split("/")
    return int(parts[0]) < started - _TICK and int(parts[-1]) < started


def _record(key: str) -> str:
    return os.path.join(
        cache_folder(), "runs", f"{zlib.crc32(key.encode(errors='replace')):08x}"
    )


def cache_folder() -> str:
    """
    The folder for what can always be made again: `XDG_CACHE_HOME` where that is set,
    else the one that the system has for such things.
    """
    home = os.path.expanduser("~")
    if folder := os.environ.get("XDG_CACHE_HOME"):
        return os.path.join(folder, "sidelit")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "sidelit")
    if sys.platform == "win32" and (folder := os.environ.get("LOCALAPPDATA")):
        return os.path.join(folder, "sidelit", "cache")
    return os.path.join(home, ".cache", "sidelit")
