"""What the tests share: a cache of their own and a way to build a site from text."""

import fcntl
import gc
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.config import load
from sidelit.model import Config, Document, Source
from sidelit.names.inventory import Elsewhere
from sidelit.page.view import View
from sidelit.prose.numbers import Numbers
from sidelit.publish.search import search_files
from sidelit.read.split import split
from sidelit.site import make_site
from sidelit.steps.answers import Answers, resolve_site
from sidelit.steps.made import Build
from sidelit.steps.prepared import Prepared
from sidelit.steps.reading import keep

ROOT = Path(__file__).parents[1]
# How many seconds a test waits for what is meant to happen. Only a test that fails
# takes this long, so it can be more than the slowest machine needs.
LIMIT = 300

# Each process has one core. What several threads have computed before a fork, a fork
# would wait for in vain.
os.environ["OMP_NUM_THREADS"] = "1"

# A shell that runs the tests in the background has them ignore Ctrl-C, and whatever they
# start would ignore it, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples everywhere, and as much time for them as a machine takes.
settings.register_profile(
    "sidelit",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sidelit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="accept the pages as they are now"
    )
    parser.addoption(
        "--shuffle", metavar="SEED", help="run the tests in an order drawn with a seed"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """No test may need another one to have run before it."""
    if seed := config.getoption("--shuffle"):
        random.Random(seed).shuffle(items)


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: nobody looks for garbage in it."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    # At its end, Python looks for all of it once more.
    gc.unfreeze()


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the cache of whoever runs them."""
    patch = pytest.MonkeyPatch()
    cache = tmp_path_factory.mktemp("cache")
    patch.setenv("XDG_CACHE_HOME", str(cache))
    patch.setenv("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
    patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.fixture(scope="session")
def own_site(tmp_path_factory: pytest.TempPathFactory, _cache: None) -> Path:
    """The site of this repository, in a folder that is not the root of a server."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "server" / "under" / "a path"
    # Of the processes that run the tests, the first one builds it for all.
    with open(shared / "server.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _build_own_site(folder)
    return folder


def _build_own_site(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        config, _ = load({"output": str(folder)})
        built = build(config)
    assert not built.problems
    searched = search_files(built.texts, config.root, config.output, config.language)
    for url, data in (*built.files.items(), *searched.items()):
        (folder / url).parent.mkdir(parents=True, exist_ok=True)
        (folder / url).write_bytes(data)


@pytest.fixture
def project(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write files into a folder that finds KaTeX where this repository does."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            data = content.encode() if isinstance(content, str) else content
            file.write_bytes(data)
        return tmp_path

    return write


@pytest.fixture
def build_files(
    project: Callable[[Mapping[str, str | bytes]], Path],
) -> Callable[..., Build]:
    """Build a site from files given as text."""

    def run(files: Mapping[str, str | bytes], **settings: object) -> Build:
        folder = project({f"src/{name}": content for name, content in files.items()})
        flags = {name.replace("_", "-"): value for name, value in settings.items()}
        config, _ = load(
            {"sources": [str(folder / "src")], "output": str(folder / "out"), **flags}
        )
        return build(config)

    return run


def prepare(config: Config) -> Prepared:
    """A site of which no page has been rendered yet."""
    return Pipeline(Memory()).prepare(config)


def views(config: Config, *documents: Document) -> dict[str, View]:
    """What the pages of some documents may ask, which need not be files."""
    cache = Memory()
    readings = {one.source.url: keep(cache, one) for one in documents}
    outlines = (one.outline for one in readings.values() if one.outline)
    starts = tuple(path for path, _ in config.sources)
    site = make_site(outlines, config.root, config.output, starts, {}, frozenset())
    elsewhere = Elsewhere(config.external, config.inventories)
    numbers = Numbers(config.root, config.results)
    resolved = resolve_site(
        site, readings, cache, elsewhere, numbers, config.repository_url, {}
    )
    respond = Answers(resolved).respond
    return {url: View(reading.source, respond) for url, reading in readings.items()}


@pytest.fixture
def split_text(tmp_path: Path) -> Callable[..., Document]:
    """Split a text as if it were a file."""

    def run(
        text: str | bytes, name: str = "sample.py", language: str = "python"
    ) -> Document:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        module = "sample" if language == "python" else ""
        return split(Source(name, str(file), "sample.html", module, language))

    return run


def wait_for(condition: Callable[[], object]) -> None:
    """Return as soon as something is so."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "what is meant to happen does not"
        time.sleep(0.02)


def code_of(document: Document) -> str:
    """All code of a document, as it stands in the file."""
    lines = document.text.split("\n")
    spans = [span for section in document.sections for span in section.code]
    return "\n".join(lines[number - 1] for span in spans for number in span)
