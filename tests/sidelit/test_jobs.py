"""Several processes make what one makes, and all of them end."""

import inspect
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidelit.__main__ import main
from sidelit.build import build
from sidelit.cache import Folder
from sidelit.config import load
from sidelit.jobs import each
from sidelit.model import SidelitError
from tests.conftest import LIMIT, ROOT, wait_for

PAGES = {
    f"m{n}.py": f'"""\n# Number {n}\n\nA `Thing{n}` and $x_{n}$, as in [m0](m0.py).\n"""'
    f"\nfrom m{(n + 1) % 9} import Thing{(n + 1) % 9}\n\n\n"
    f"class Thing{n}(Thing{(n + 1) % 9}):\n    # A `Thing0`.\n    x = {n}\n"
    for n in range(9)
}


on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="looks into /proc, and forks"
)


@pytest.fixture
def config(project, tmp_path):
    folder = project({f"src/{name}": text for name, text in PAGES.items()})
    (folder / "src" / "wrong.py").write_text("x = (\n")
    return load({"sources": [str(folder / "src")], "output": str(tmp_path / "out")})[0]


def outcome(built):
    return dict(built.files), built.problems, dict(built.texts)


def test_any_number_of_processes_makes_the_same(config, tmp_path):
    expected = outcome(build(config))
    for jobs in (2, 3):
        cache = Folder(tmp_path / f"cache-{jobs}")
        assert outcome(build(config, cache, jobs)) == expected
        # What several have kept, one takes, and the other way round.
        assert outcome(build(config, cache)) == expected


def test_the_depth_of_the_stack_does_not_matter(build_files):
    deep = "x = " + "(" * 150 + "1" + ")" * 150 + "\n"
    long = "y = " + " + ".join(["x"] * 700) + "\n"
    chain = "z = x" + ".a(1)" * 300 + "\n"
    nested = "".join(f"{'    ' * n}def f{n}():\n" for n in range(60)) + "    " * 60
    files = {"a.py": deep + long + chain, "b.py": nested + "return f3\n"}

    def from_below(depth):
        return from_below(depth - 1) if depth else outcome(build_files(files))

    flat = from_below(0)
    assert flat[1] == ()
    # What is left of the stack is enough for a build of any file.
    room = sys.getrecursionlimit() - len(inspect.stack())
    assert from_below(room - 300) == flat


def test_results_come_in_order():
    items = list(range(50))
    assert list(each(_slower_at_first, 7, items, 3)) == [one * 7 for one in items]


def _slower_at_first(shared, item):
    time.sleep((50 - item) / 5000)
    return shared * item


def test_a_mistake_arrives_as_it_was_made():
    with pytest.raises(SidelitError) as raised:
        list(each(_wrong, "x.py", [1, 2], 2))
    assert str(raised.value) == "x.py:1:2: SRC101 message"
    assert raised.value.problem.line == 1


def _wrong(shared, item):
    from sidelit.model import Problem

    raise SidelitError(Problem(shared, 1, 2, "SRC101", "message"))


@on_linux
def test_a_process_that_dies_is_one_sentence(config, tmp_path, monkeypatch, capfd):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "CNAME").write_text("a.example")
    parent = os.getpid()

    def die(*_):
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("sidelit.steps.render.Renderer.render", die)
    arguments = [str(tmp_path / "src"), "-o", str(tmp_path / "out"), "--jobs", "2"]
    assert main(["build", *arguments]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err == (
        "sidelit: a process of this build was ended from outside, perhaps for want of "
        "memory; try again with --jobs 1\n"
    )
    assert os.listdir(tmp_path / "out") == ["CNAME"]


# A program that waits in the middle of its pages, in each of its processes.
PROGRAM = """
import os, sys, time
import sidelit.steps.render
from pathlib import Path
real = sidelit.steps.render.Renderer.render
def render(self, url):
    Path(sys.argv[1], str(os.getpid())).touch()
    while Path(sys.argv[1]).exists():
        time.sleep(0.01)
    return real(self, url)
sidelit.steps.render.Renderer.render = render
from sidelit.__main__ import main
status = main(sys.argv[2:])
sys.stdout.flush()
os._exit(status)
"""


@pytest.fixture
def stopped(config, tmp_path):
    """A build with two processes that wait in the middle, and how to end it."""
    (tmp_path / "waiting").mkdir()
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tmp_path / "waiting", "build", "--no-cache",
         tmp_path / "src", "-o", tmp_path / "out", "--jobs", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils"),
             "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(lambda: len(os.listdir(tmp_path / "waiting")) == 2)
        yield process, [int(name) for name in os.listdir(tmp_path / "waiting")]
    finally:
        process.kill()
        process.communicate()


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    # Whoever should take note of its end may not be there.
    return state != "Z"


@on_linux
def test_ctrl_c_ends_all_processes(stopped, tmp_path):
    process, others = stopped
    os.killpg(process.pid, signal.SIGINT)
    # Impatient people press it again.
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    (tmp_path / "waiting").rename(tmp_path / "over")
    out, error = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, error) == (130, "", "\nsidelit: stopped\n")
    assert not any(map(is_running, others))
    assert not (tmp_path / "out").exists()
    assert os.listdir(tmp_path / "tmp") == []


@on_linux
def test_no_process_outlives_a_killed_build(stopped, tmp_path):
    process, others = stopped
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(is_running, others)))
    assert not (tmp_path / "out").exists()
