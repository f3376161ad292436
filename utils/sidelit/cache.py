r"""
---
title: Results by content
summary: >
  Whatever a build has read and made is kept in the user's cache folder, under a hash of
  everything that it depends on, so that the next build can reuse it.
---

# Results by content

A result is kept under a key, a hash of everything that it is made from. So nothing ever
needs to be invalidated: the same key always gives the same bytes. Results that have not
been used for a while are removed when the folder grows too large.

The cache is in the user's folder and never inside a project, so that a stranger's
checkout cannot bring results along. It holds plain data and nothing that could run. A
damaged file counts as missing.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from .files import write_file
from .fresh import cache_folder, file_state
from .plugins import editions, plugin_files

# The results of all builds together; beyond it, those that were used longest ago go.
SIZE_LIMIT = 1 << 30
_DAY = 24 * 60 * 60
_CHECKSUM_SIZE = 4
# What else decides what is made, by the folder or file that it is imported from.
_LIBRARIES = (
    "jinja2", "markupsafe", "math_core", "mistune", "msgspec", "nh3", "PIL", "pygments",
    "yaml",
)  # fmt: skip


def key_of(*parts: bytes | str) -> str:
    """The key of a result that is made of these parts."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        # With its length before it, no part can pass for the end of another.
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


class Memory:
    """
    ## In memory

    Results of one build, kept by kind and key for as long as it lasts.
    """

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], bytes] = {}

    def get(self, kind: str, key: str) -> bytes | None:
        return self._results.get((kind, key))

    def put(self, kind: str, key: str, data: bytes) -> None:
        self._results[kind, key] = data


class Folder:
    """
    ## In a folder

    Builds may share it at the same time: a file appears whole or not at all, and its
    name says what is in it. `written` counts the bytes that were kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0

    def get(self, kind: str, key: str) -> bytes | None:
        """A result that was kept, or nothing."""
        file = self._file(kind, key)
        try:
            with open(file, "rb") as opened:
                status = os.fstat(opened.fileno())
                known = opened.read()
        except OSError:
            return None
        data = known[_CHECKSUM_SIZE:]
        if known[:_CHECKSUM_SIZE] != _checksum(data):
            return None
        # Its time says when it was used last; once a day is often enough.
        if time.time() - status.st_mtime > _DAY:
            with contextlib.suppress(OSError):
                os.utime(file)
        return data

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Keep a result. Raises `OSError` where the disk refuses."""
        write_file(self._file(kind, key), _checksum(data) + data)
        self.written += len(data)

    def _file(self, kind: str, key: str) -> str:
        return f"{self.path}/{kind}/{key[:2]}/{key[2:]}"


Cache = Memory | Folder


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_CHECKSUM_SIZE, "little")


# ## Which folder
@contextlib.contextmanager
def opened(use_cache: bool) -> Iterator[Folder]:
    """
    The user's cache, which is trimmed to its size afterwards. Where that cannot be
    written or is not wanted, it is a folder that nobody will see again.
    """
    results = Path(cache_folder()) / "results"
    folder = results / _version()
    try:
        if use_cache:
            write_file(folder / "used", b"")
    except OSError:
        use_cache = False
    if not use_cache:
        with tempfile.TemporaryDirectory(prefix="sidelit-") as temporary:
            yield Folder(Path(temporary))
        return
    cache = Folder(folder)
    yield cache
    if cache.written:
        with contextlib.suppress(OSError):
            trim(results, cache.written)


def _version() -> str:
    """
    Changes with sidelit, with Python and with the libraries and plugins that results
    depend on. The state of the files says more than a version number, which stays while
    one of them is being edited.
    """
    # A folder changes when Python compiles what is in it, so only files count.
    files = (one for one in Path(__file__).parent.rglob("*[!c]") if one.is_file())
    own = [*sorted(map(str, files)), *plugin_files()]
    libraries = (
        _edition(os.path.join(folder, name, "__init__.py"))
        for name in _LIBRARIES
        for folder in sys.path
    )
    return key_of(sys.version, *editions(), *map(_edition, own), *libraries)[:16]


def _edition(file: str) -> str:
    # An installer may link one file into many environments, each time with a new third
    # part of its state.
    return "/".join(file_state(file).split("/")[:2])


# ## Within its size
def trim(results: Path, written: int, limit: int = SIZE_LIMIT) -> None:
    """
    Remove the results that were used longest ago until the others fit the limit.
    Looking at all of them takes a while, so builds add up what they have `written` and
    look when that is a sixteenth of the limit; the folder grows no further beyond it.
    """
    stamp = results / "written"
    with contextlib.suppress(OSError, ValueError):
        written += int(stamp.read_bytes())
    if written > limit // 16:
        found = sorted(_files(results))
        total = sum(size for _, size, _ in found)
        for _, size, path in found:
            if total <= limit:
                break
            os.unlink(path)
            total -= size
        written = 0
    write_file(stamp, str(written).encode())


def _files(results: Path) -> Iterator[tuple[float, int, str]]:
    """The time, the size and the path of each result, of all versions."""
    folders = [str(results)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield status.st_mtime, status.st_size, entry.path
