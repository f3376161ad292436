"""What a run shows is noted, and the run is what it would have been without."""

import json
import os
import signal
import subprocess
import sys
import zipfile

import jsonschema
import pytest

from sidelit.read.functions import functions
from sidelit.record.observations import MAX_CALLS, Kinds
from tests.conftest import LIMIT, ROOT

ARRAY = """
class Array:
    def __init__(self, *sizes):
        self.shape = sizes
        self.dtype = "library.float32"
"""


@pytest.fixture
def run(project):
    """Write `net.py` and `main.py`, record the second, return result and record."""

    def run(net, main, *arguments, after=("main.py",), broken=False):
        folder = project(
            {
                "array_.py": ARRAY,
                "net.py": f"from array_ import Array\n{net}",
                "main.py": main,
            }
        )

        result = subprocess.run(
            [
                sys.executable,
                "-m",
                "sidelit",
                "record",
                "--sources",
                "net.py",
                *after,
                *arguments,
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
        )
        file = folder / "shapes.json"
        if broken or not file.exists():
            return result, None
        return result, json.loads(file.read_text())["files"].get("net.py", {})

    return run


def calls(record, name):
    return record[name]["calls"]


def given(call, how):
    return [names[how] for names in call["lines"].values() if how in names]


def returned(record, name):
    found = [given(call, "return") for call in calls(record, name)]
    return [value for values in found for one in values for value in one]


def test_entry_lines_and_return(run):
    net = """
class Layer:
    def __init__(self, width):
        self.width = width
        self.weight = Array(width, width)

    def forward(self, x):
        '''Text.'''
        # a comment
        y = Array(*x.shape[:-1],
                  self.width)
        self.last, (z, *rest) = y, (Array(1), 2)
        return y, self.weight
"""
    result, record = run(net, "import net\nnet.Layer(4).forward(net.Array(2, 4))\n")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "sidelit: 2 functions of 1 module noted in shapes.json\n"
    assert calls(record, "Layer.__init__") == [
        {
            "entry": {"width": 4},
            "lines": {
                "0": {"self.width": [4]},
                "1": {"self.weight": ["float32[4, 4]"]},
            },
        }
    ]
    assert calls(record, "Layer.forward") == [
        {
            "entry": {
                "x": "float32[2, 4]",
                "x.shape": [2, 4],
                "self.width": 4,
                "self.weight": "float32[4, 4]",
            },
            "lines": {
                "0": {"y": ["float32[2, 4]"]},
                "1": {
                    "self.last": ["float32[2, 4]"],
                    "z": ["float32[1]"],
                    "rest": [[2]],
                },
                "2": {"return": [["float32[2, 4]", "float32[4, 4]"]]},
            },
        }
    ]


def test_loops_with_exceptions_and_assignment_in_expressions(run):
    net = """
import contextlib

def fails():
    raise ValueError

def f(x, n):
    for i in range(n):
        x = Array(i)
    with contextlib.suppress(ValueError) as none:
        y = fails()
    try:
        y = fails()
    except ValueError:
        y = Array(7)
    if (k := Array(8)).shape: pass
    a = Array(1); b = Array(2)
    return y
"""
    _, record = run(net, "import net\nnet.f(net.Array(9), 3)\n")
    (call,) = calls(record, "f")
    assert call["lines"] == {
        "0": {"i": [0, 1, 2]},
        "1": {"x": ["float32[0]", "float32[1]", "float32[2]"]},
        "6": {"y": ["float32[7]"]},
        "7": {"k": ["float32[8]"]},
        "8": {"a": ["float32[1]"], "b": ["float32[2]"]},
        "9": {"return": ["float32[7]"]},
    }


def test_generators_recursion_coroutines_and_threads(run):
    net = """
def pairs(n):
    for i in range(n):
        a = Array(i, n)
        got = yield a
        b = Array(n, i)

def down(n):
    a = Array(n)
    if n:
        down(n - 1)
    return a

async def later(n):
    import asyncio
    a = Array(n)
    await asyncio.sleep(0)
    b = Array(n, n)
    return b
"""
    main = """
import asyncio, threading, net
g, h = net.pairs(2), net.pairs(3)
next(g), next(h), next(g), list(h), g.close()
net.down(2)
async def both():
    await asyncio.gather(net.later(1), net.later(2))
asyncio.run(both())
threading.Thread(target=net.down, args=(5,)).start()
"""
    _, record = run(net, main)
    assert [call["lines"]["1"]["a"] for call in calls(record, "pairs")] == [
        ["float32[0, 2]", "float32[1, 2]"],
        ["float32[0, 3]", "float32[1, 3]", "float32[2, 3]"],
    ]
    yields = [
        [["float32[0, 2]", "float32[1, 2]"]],
        [["float32[0, 3]", "float32[1, 3]", "float32[2, 3]"]],
    ]
    assert [given(call, "yield") for call in calls(record, "pairs")] == yields
    assert returned(record, "down") == [f"float32[{n}]" for n in range(6)]
    assert returned(record, "later") == [
        "float32[1, 1]",
        "float32[2, 2]",
    ]


def test_what_generators_yield(run):
    net = """
def pairs(n):
    yield Array(n), n
    got = yield Array(n, n)
    yield from [Array(1), Array(2)]
    return Array(3)

def long():
    for i in range(500):
        yield Array(2)
        a = Array(1)
    with open(__file__) as file:
        yield Array(4)

async def later(n):
    import asyncio
    await asyncio.sleep(0)
    yield Array(n)
    await Odd()

class Odd:
    def __await__(self):
        yield
        return Array(9)
"""
    main = """
import asyncio, net
generator = net.pairs(5)
next(generator), next(generator), generator.send(net.Array(6)), list(generator)
list(net.long())
async def all():
    return [one async for one in net.later(7)]
asyncio.run(all())
"""
    _, record = run(net, main)
    (pairs,) = calls(record, "pairs")
    assert pairs["lines"] == {
        "0": {"yield": [["float32[5]", 5]]},
        "1": {"got": ["float32[6]"], "yield": ["float32[5, 5]"]},
        "2": {"yield": ["float32[1]", "float32[2]"]},
        "3": {"return": ["float32[3]"]},
    }
    (long,) = calls(record, "long")
    assert given(long, "yield") == [["float32[2]"], ["float32[4]"]]
    assert long["lines"]["2"] == {"a": ["float32[1]"]}
    (later,) = calls(record, "later")
    assert later["lines"] == {"2": {"yield": ["float32[7]"]}}


def test_what_is_returned_has_the_number_of_its_statement(run):
    net = """
def f(x):
    with open(__file__) as file:
        return x

def g(x):
    try:
        return x
    finally:
        y = Array(1)

def h(x):
    for i in range(200):
        if i == 150: return x
        if i == 160: return i
"""
    _, record = run(
        net, "import net\nfor f in (net.f, net.g, net.h): f(net.Array(2))\n"
    )
    found = [one["lines"] for name in "fgh" for one in calls(record, name)]
    assert found == [
        {"1": {"return": ["float32[2]"]}},
        {"1": {"return": ["float32[2]"]}, "2": {"y": ["float32[1]"]}},
        {"0": {"i": [0, 1, 2, 3]}, "1": {"return": ["float32[2]"]}},
    ]


def test_output_arguments_and_exit_status_are_those_of_the_program(run, tmp_path):
    main = """
import atexit, sys, __main__
print(sys.argv, __name__, __main__.__file__, sys.path[0] == __import__("os").getcwd())
print("to the other stream", file=sys.stderr)
atexit.register(print, "at the end")
sys.exit(int(sys.argv[1]))
"""
    for arguments in ({"after": ("main.py",)}, {"after": ("-m", "main")}):
        result, _ = run("", main, "7", "-x", **arguments)
        assert result.returncode == 7
        name = (
            "main.py"
            if arguments["after"][0] == "main.py"
            else result.stdout.split("'")[1]
        )
        file = tmp_path / "main.py"
        assert (
            result.stdout == f"['{name}', '7', '-x'] __main__ {file} True\nat the end\n"
        )
        assert result.stderr.startswith("to the other stream\nsidelit: ")


def test_the_program_may_raise(run):
    result, record = run(
        "def f(x):\n    return x\n", "import net\nnet.f(net.Array(3))\n1 / 0\n"
    )
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert lines[:2] == [
        "Traceback (most recent call last):",
        f'  File "{lines[1].split(chr(34))[1]}", line 3, in <module>',
    ]
    assert "ZeroDivisionError: division by zero" in lines
    assert calls(record, "f") == [
        {"entry": {"x": "float32[3]"}, "lines": {"0": {"return": ["float32[3]"]}}}
    ]


def test_the_program_may_say_why_it_ends(run):
    result, _ = run("", 'raise SystemExit("no such data")\n')
    assert (result.returncode, result.stderr.splitlines()[0]) == (1, "no such data")


def test_a_second_run_adds_and_a_changed_function_starts_anew(run, tmp_path):
    net = "def f(x):\n    return x\n\ndef g(x):\n    return x\n"
    main = "import net, sys\nfor f in (net.f, net.g): f(net.Array(int(sys.argv[1])))\n"
    run(net, main, "1")
    first = (tmp_path / "shapes.json").read_bytes()
    run(net, main, "1")
    assert (tmp_path / "shapes.json").read_bytes() == first
    _, record = run(net, main, "2")
    assert len(calls(record, "f")) == len(calls(record, "g")) == 2
    # A comment, a docstring and an empty line change nothing; code does.
    changed = net.replace(
        "def f(x):", "# why\n\ndef f(x):\n    'Text.'\n    # how"
    ).replace(
        "return x\n\ndef g(x):\n    return x", "return x\n\ndef g(x):\n    return x, x"
    )
    _, record = run(changed, main, "3")
    assert (len(calls(record, "f")), len(calls(record, "g"))) == (3, 1)


def test_too_many_kinds_are_cut_and_that_is_said(run):
    main = "import net\nfor n in range(40): net.f(net.Array(n))\n"
    result, record = run("def f(x):\n    return x\n", main)
    assert len(calls(record, "f")) == MAX_CALLS
    assert record["f"]["cut"] is True
    assert (
        "1 of them had more than 16 kinds of calls, of which 16 are kept"
        in result.stderr
    )


def test_what_is_kept_does_not_depend_on_the_order():
    found = [{"entry": {"n": n, "x": f"float32[{n % 30}]"}} for n in range(90)]
    kept = []
    for order in (found, found[::-1], found[50:] + found[:50]):
        kinds = Kinds()
        for call in order:
            kinds.add(call)
        kept.append(kinds.calls())
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0]) == MAX_CALLS


def test_the_record_fits_its_schema(run, tmp_path):
    net = "n = 3\ndef f(x, y=(1, None)):\n    z = x, 1\n    return z\n"
    run(net, "import net\nnet.f(net.Array())\nnet.f(net.Array(2, 0, 1))\n")
    schema = json.loads(
        (ROOT / "utils" / "sidelit" / "record" / "record.schema.json").read_text()
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((tmp_path / "shapes.json").read_text()), schema)


def test_a_property_or_symbol_is_not_looked_at(run):
    net = """
class Lazy:
    @property
    def size(self):
        print("looked at")
        return 3

class Size(int):
    pass

def f(lazy, symbolic):
    return lazy.size
"""
    result, record = run(net, "import net\nnet.f(net.Lazy(), net.Array(net.Size(3)))\n")
    assert result.stdout == "looked at\n"
    assert calls(record, "f") == [{"lines": {"0": {"return": [3]}}}]


def test_no_code_of_the_program_is_run(run):
    net = """
class Loud:
    def __getattribute__(self, name):
        print("asked for", name)
        return object.__getattribute__(self, name)

class Meta(type):
    def __getattr__(cls, name):
        print("asked for", name)
        raise KeyError(name)

    @property
    def __mro__(cls):
        print("asked for bases")

class Strange(metaclass=Meta):
    pass

class Descriptor:
    def __get__(self, owner, kind):
        if owner is None:
            raise RuntimeError("asked on the class")
        return 5

class Holder:
    field = Descriptor()

    def get(self):
        return self.field

class Hidden:
    @property
    def __dict__(self):
        print("asked for the dictionary")

    def __getattr__(self, name):
        return 3

    def get(self):
        return self.k

class Slots:
    __slots__ = ("k",)

    def __init__(self):
        self.k = 2

    def __getattribute__(self, name):
        if name == "k":
            print("k")
        return object.__getattribute__(self, name)

    def get(self):
        return self.k

class Items(tuple):
    def __len__(self):
        print("length")
        return 1

    def __iter__(self):
        print("items")

class Lazy:
    dtype = "float32"

    @property
    def shape(self):
        print("shape")
        return (1,)

class Word:
    def __str__(self):
        print("type")
        return "float32"

def f(x):
    y = x
    return y
"""
    main = """
import net
secret, worded = net.Array(1), net.Array(2)
secret.dtype, worded.dtype = "password=hunter2 /home/me", net.Word()
for x in (net.Loud(), net.Strange(), net.Items((1, 2)), net.Lazy(), secret, worded):
    net.f(x)
print(net.Holder().get(), net.Hidden().get(), net.Slots().get())
"""
    result, record = run(net, main)
    assert result.stdout == "k\n5 3 2\n"
    assert (result.returncode, result.stderr.count("\n")) == (0, 1)
    assert calls(record, "f") == [
        {
            "entry": {"x": [1, 2]},
            "lines": {"0": {"y": [[1, 2]]}, "1": {"return": [[1, 2]]}},
        }
    ]
    assert calls(record, "Slots.get") == [
        {"entry": {"self.k": 2}, "lines": {"0": {"return": [2]}}}
    ]


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:Warning")
def test_pytorch_tells_nobody_of_a_look_at_a_shape(project):
    pytest.importorskip("torch")
    from sidelit.record.recorder import start
    from sidelit.record.watch import Watcher

    text = "def f(x):\n    y = x\n    return y\n"
    folder = project({"net.py": text})
    file = str(folder / "net.py")
    recorder = Watcher({file: "net.py"}, {"net.py": functions(text)})
    space: dict = {"__name__": "net"}
    exec(compile(text, file, "exec"), space)
    import torch
    from torch.overrides import TorchFunctionMode

    asked = []

    class Mode(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            asked.append(function)
            return function(*args, **(kwargs or {}))

    stop = start(recorder)
    try:
        with Mode():
            space["f"](torch.nn.Parameter(torch.zeros(3)))
        torch.jit.trace(space["f"], torch.zeros(2), check_trace=False)
    finally:
        stop()
    assert not any("shape" in str(one) for one in asked)
    (call,) = recorder.found["net.py", "f"].calls()
    assert call["entry"] == {"x": "float32[3]"}


@pytest.mark.parametrize("module", ["calls", "values", "observations"])
def test_what_goes_wrong_in_the_recorder_is_told_and_hidden(
    monkeypatch, project, module
):
    from sidelit.record import recorder as front
    from sidelit.record.recorder import start
    from sidelit.record.watch import Watcher

    text = "def f(x):\n    return x\n"
    file = str(project({"net.py": text}) / "net.py")
    recorder = Watcher({file: "net.py"}, {"net.py": functions(text)})
    space: dict = {}
    exec(compile(text, file, "exec"), space)
    source = "def describe(value):\n    raise LookupError\n"
    own = os.path.join(os.path.dirname(front.__file__), f"{module}.py")
    exec(compile(source, own, "exec"), broken := {})
    monkeypatch.setattr("sidelit.record.calls.describe", broken["describe"])
    stop = start(recorder)
    try:
        assert space["f"](3) == 3
    finally:
        stop()
    assert (recorder.found, recorder.gaps.dropped) == ({}, 1)


def test_what_a_signal_handler_raises_is_for_the_program(monkeypatch, project):
    from sidelit.record.recorder import start
    from sidelit.record.values import describe
    from sidelit.record.watch import Watcher

    text = "def f(x):\n    return x\n"
    file = str(project({"net.py": text}) / "net.py")
    watcher = Watcher({file: "net.py"}, {"net.py": functions(text)})
    space: dict = {}
    exec(compile(text, file, "exec"), space)

    def handler(number, frame):
        raise LookupError("of the program")

    def interrupted(value):
        signal.raise_signal(signal.SIGUSR1)
        return describe(value)

    monkeypatch.setattr("sidelit.record.calls.describe", interrupted)
    before = signal.signal(signal.SIGUSR1, handler)
    stop = start(watcher)
    try:
        with pytest.raises(LookupError, match="of the program"):
            space["f"](3)
    finally:
        stop()
        signal.signal(signal.SIGUSR1, before)
    assert watcher.gaps.dropped == 0


def test_many_threads_lose_no_call(run):
    functions = "".join(f"def f{n}():\n    return {n}\n" for n in range(200))
    main = """
import sys, threading, net
sys.setswitchinterval(1e-5)
def go(barrier):
    barrier.wait()
    for n in range(200):
        getattr(net, f"f{n}")()
for _ in range(3):
    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=go, args=(barrier,)) for _ in range(4)]
    for one in threads: one.start()
    for one in threads: one.join()
"""
    result, record = run(functions, main)
    assert len(record) == 200
    assert "200 functions of 1 module" in result.stderr


def test_threads_that_start_at_once_are_all_seen(run):
    main = """
import sys, threading, time, net
sys.addaudithook(lambda event, _: event == "sys.settrace" and time.sleep(0.05))
threads = [
    threading.Thread(target=getattr(net, name)) for name in ("f", "g", "h")
]
for one in threads: one.start()
for one in threads: one.join()
"""
    functions = "".join(f"def {name}():\n    return 1\n" for name in "fgh")
    result, record = run(functions, main)
    assert "Error" not in result.stderr
    assert len(record) == 3


def test_equal_functions_of_two_files_stay_apart(project):
    from sidelit.record.recorder import start
    from sidelit.record.watch import Watcher

    text = "def f(x):\n    return x\n"
    folder = project({"a.py": text, "b.py": text})
    files = {str(folder / name): name for name in ("a.py", "b.py")}
    recorder = Watcher(files, dict.fromkeys(files.values(), functions(text)))
    spaces = []
    for file in files:
        exec(compile(text, file, "exec"), space := {})
        spaces.append(space)
    stop = start(recorder)
    try:
        for number, space in enumerate(spaces):
            space["f"](number)
    finally:
        stop()
    found = {path: kinds.calls() for (path, _), kinds in recorder.found.items()}
    assert [found[name][0]["entry"]["x"] for name in ("a.py", "b.py")] == [0, 1]


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="there, tools do not get in each other's way"
)
def test_a_trace_function_of_the_program_is_told(run):
    net = "def f(x):\n    return x\n"
    main = "import net, sys\nnet.f(net.Array(1))\nsys.settrace(lambda *_: None)\nnet.f(net.Array(2))\n"
    result, record = run(net, main)
    assert len(calls(record, "f")) == 1
    assert "the program has set a trace function of its own" in result.stderr


def test_the_program_may_leave_its_folder(run):
    main = "import os, tempfile, net\nwith tempfile.TemporaryDirectory() as t:\n    os.chdir(t)\n    net.f(3)\n"
    result, record = run("def f(x):\n    return x\n", main)
    assert result.stderr == "sidelit: 1 function of 1 module noted in shapes.json\n"
    assert record


def test_a_forked_process_is_left_alone(run):
    net = "def f(x):\n    return x\n"
    main = "import net, os\npid = os.fork()\nnet.f(net.Array(1 if pid else 2))\nif pid: os.waitpid(pid, 0)\nelse: os._exit(0)\n"
    result, record = run(net, main)
    assert (result.returncode, len(calls(record, "f"))) == (0, 1)


def test_a_forked_process_that_returns_writes_nothing(run):
    net = "def f(x):\n    return x\n"
    main = """
import net, os, sys
net.f(net.Array(1))
if pid := os.fork():
    sys.exit(os.waitpid(pid, 0)[1])
"""
    result, record = run(net, main)
    assert result.returncode == 0
    assert result.stderr == "sidelit: 1 function of 1 module noted in shapes.json\n"
    assert record["f"]


def test_workers_that_nobody_ends_are_ended(run):
    net = "def f(x):\n    return x\n"
    main = """
import atexit, net, threading, time
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
print(pool.submit(net.f, 3).result())
def late():
    time.sleep(0.1)
    threading.Thread(target=net.f, args=("3",)).start()
    threading.Thread(target=print, args=("late",)).start()
threading.Thread(target=late).start()
atexit.register(print, "at the end")
"""
    result, record = run(net, main)
    assert (result.returncode, result.stdout) == (0, "3\nlate\nat the end\n")
    assert record["f"]


def test_two_runs_at_once_and_other_files_are_kept(run, project, tmp_path):
    net = "def f(x):\n    return x\n"
    run(net, "import net\nnet.f(net.Array(1))\n")
    # While the program runs, another one writes what it has seen.
    main = """
import json, net, pathlib
net.f(net.Array(2))
file = pathlib.Path("shapes.json")
found = json.loads(file.read_text())
(call,) = found["files"]["net.py"]["f"]["calls"]
found["files"]["net.py"]["f"]["calls"].append({"entry": {"x": "float32[3]"}})
found["files"] |= dict.fromkeys(("broken.py", "gone.py"), found["files"]["net.py"])
file.write_text(json.dumps(found))
"""
    project({"broken.py": "def\n"})
    _, record = run(net, main)
    assert [one["entry"]["x"] for one in calls(record, "f")] == [
        "float32[1]",
        "float32[2]",
        "float32[3]",
    ]
    files = json.loads((tmp_path / "shapes.json").read_text())["files"]
    assert sorted(files) == ["broken.py", "net.py"]


def test_a_record_that_is_a_link_stays_one(run, tmp_path):
    (tmp_path / "shapes.json").symlink_to("elsewhere.json")
    run("def f(x):\n    return x\n", "import net\nnet.f(1)\n")
    assert (tmp_path / "shapes.json").is_symlink()
    assert (
        "f" in json.loads((tmp_path / "elsewhere.json").read_text())["files"]["net.py"]
    )


def test_streams_are_those_of_the_program(run):
    main = """
import sys, net
print(sys.stdout.errors)
net.f(1)
"""
    net = "def f(x):\n    return x\n"
    noted = "sidelit: 1 function of 1 module noted in shapes.json\n"
    for end in ("sys.stderr.close()", "sys.stderr = None", "sys.stderr = sys.stdout"):
        result, _ = run(net, main + end)
        assert (result.returncode, result.stderr) == (0, noted)
        # Which of the two depends on the locale.
        assert result.stdout in ("strict\n", "surrogateescape\n")


@pytest.mark.parametrize(
    "main",
    [
        "import sys\ndef hook(*_): raise ValueError('in hook')\n"
        "sys.excepthook = hook\n1 / 0\n",
        "import sys\ndef hook(*_): sys.exit(7)\nsys.excepthook = hook\n1 / 0\n",
        "import sys\nclass B:\n    def __str__(self): raise ValueError\nsys.exit(B())\n",
        "import sys\nsys.exit(2**70)\n",
        "import sys\nsys.exit(-1)\n",
        "import sys\nsys.exit(True)\n",
    ],
)
def test_ends_are_those_of_python(run, tmp_path, main):
    recorded, _ = run("def f(): pass\n", main)
    plain = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert recorded.returncode == plain.returncode
    # Python's versions differ in what else they tell.
    said = [line for line in plain.stderr.splitlines() if line.startswith("Error in")]
    assert all(line in recorded.stderr for line in said)
    assert "sidelit: nothing was noted" in recorded.stderr
    assert "sidelit/record/" not in recorded.stderr


def test_a_package_that_cannot_begin_is_the_failure_of_the_program(run, project):
    project({"pk/__init__.py": "raise RuntimeError('no')\n", "pk/__main__.py": ""})
    result, _ = run("", "", after=("-m", "pk"))
    assert result.returncode == 1
    assert "RuntimeError: no\nsidelit: nothing was noted" in result.stderr
    assert "sidelit/record/" not in result.stderr


def test_a_source_that_python_cannot_read_is_passed_over(run, project):
    project({"deep.py": "x = " + "-" * 20000 + "1\n"})
    after = ("--sources", "deep.py", "main.py")
    net = "def f(x):\n    return x\n"
    result, record = run(net, "import net\nnet.f(1)\n", after=after)
    assert (result.returncode, list(record)) == (0, ["f"])


def test_the_whole_numbers_of_self_are_noted(run):
    net = """
class Layer:
    def __init__(self):
        self.flag, self.width, self.huge = True, 4, 1 << 40
        for n in range(40):
            setattr(self, f"n{n:02}", n)

    def forward(self, x):
        return x
"""
    _, record = run(net, "import net\nnet.Layer().forward(net.Array(2))\n")
    (call,) = calls(record, "Layer.forward")
    numbers = {f"self.n{n:02}": n for n in range(32)}
    assert call["entry"] == {"x": "float32[2]", **numbers}


def test_a_long_loop_costs_little_and_what_follows_is_seen(monkeypatch, project):
    from sidelit.record.recorder import start
    from sidelit.record.values import describe
    from sidelit.record.watch import Watcher

    text = """
def f(x):
    for i in range(5000):
        y = x
        if i == 4999:
            z = x
    w = x
    return w
"""
    file = str(project({"net.py": text}) / "net.py")
    recorder = Watcher({file: "net.py"}, {"net.py": functions(text)})
    exec(compile(text, file, "exec"), space := {})
    asked = []
    monkeypatch.setattr(
        "sidelit.record.calls.describe",
        lambda value: asked.append(value) or describe(value),
    )
    stop = start(recorder)
    try:
        space["f"](3)
    finally:
        stop()
    (call,) = recorder.found["net.py", "f"].calls()
    assert call["lines"] == {
        "0": {"i": [0, 1, 2, 3]},
        "1": {"y": [3]},
        "3": {"z": [3]},
        "4": {"w": [3]},
        "5": {"return": [3]},
    }
    assert len(asked) < 200


def test_a_line_that_was_left_alone_is_looked_at_again(run):
    # Each comes when all others have shown nothing new for a long time.
    net = """
def f(n):
    for i in range(n):
        x = Array(1)
        if i == n // 2:
            y = Array(2)
            y = Array(3)
        if i == n - 2:
            a = [j for j in range(n)]; a = Array(5)
        x = 7
        if i == n - 1:
            again(x)
            z = Array(6)
        w = None
    return Array(4)

def again(x):
    y = x
    return y

def down(n, depth):
    for i in range(n):
        y = Array(depth)
        if i == n - 1 and depth:
            z = down(n, depth - 1)
            w = z
    return y

def steps(n):
    for i in range(n):
        x = Array(n)
    yield x
    for i in range(n):
        x = Array(n)
    y = x
    yield y
"""
    main = """
import net
net.f(1000)
net.f(1000)
net.down(300, 2)
for _ in zip(net.steps(300), net.steps(400)):
    pass
"""
    _, record = run(net, main)
    (call,) = calls(record, "f")
    assert call["lines"] == {
        "0": {"i": [0, 1, 2, 3]},
        "1": {"x": ["float32[1]"]},
        "3": {"y": ["float32[2]"]},
        "4": {"y": ["float32[3]"]},
        "6": {"a": ["float32[5]"]},
        "7": {"x": [7]},
        "10": {"z": ["float32[6]"]},
        "12": {"return": ["float32[4]"]},
    }
    ends = [
        (one["entry"]["depth"], one["lines"].get("4")) for one in calls(record, "down")
    ]
    assert sorted(ends) == [
        (0, None),
        (1, {"w": ["float32[0]"]}),
        (2, {"w": ["float32[1]"]}),
    ]
    assert [given(one, "y") for one in calls(record, "steps")] == [
        [["float32[300]"]],
        [["float32[400]"]],
    ]


def test_a_call_that_is_as_many_before_is_not_followed(monkeypatch, project):
    from sidelit.record.recorder import start
    from sidelit.record.values import describe
    from sidelit.record.watch import Watcher

    text = """
def f(n, flag):
    for i in range(3):
        x = n
    if flag > 5:
        y = flag
    return next(results)
"""
    file = str(project({"net.py": text}) / "net.py")
    recorder = Watcher({file: "net.py"}, {"net.py": functions(text)})
    results = iter([*range(3), *[9] * 597, 8])
    exec(compile(text, file, "exec"), space := {"results": results})
    asked = []
    monkeypatch.setattr(
        "sidelit.record.calls.describe",
        lambda value: asked.append(value) or describe(value),
    )
    stop = start(recorder)
    try:
        for _ in range(200):
            space["f"](1, 1)
        # What no call has shown yet is waited for.
        space["f"](1, 7)
        before = len(asked)
        space["f"](2, 1)
        each = len(asked) - before
        for _ in range(399):
            space["f"](1, 1)
    finally:
        stop()
    found = recorder.found["net.py", "f"].calls()
    seen = [one["entry"] | one["lines"].get("3", {}) for one in found]
    assert {"flag": 7, "n": 1, "y": [7]} in seen
    # Only what they begin with is looked at.
    assert each == 9
    assert len(asked) - before == each + 399 * 2


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there is no limit")
def test_what_follows_a_very_long_loop_may_be_missed_and_that_is_told(run):
    net = """
def f(n):
    for i in range(n):
        x = 1
    a = 2
    b = again(3)
    c = 4
    return 5

def again(x):
    return x

def g(n):
    for i in range(n):
        x = 1
    return x

def steps(n):
    for i in range(n):
        x = again(1)
    y = x

def fails(n):
    for i in range(n):
        x = y = 1
    try:
        x = int("none")
    except ValueError:
        y = 2
    return y
"""
    main = "import net\nnet.f(50_000), net.g(50_000), net.steps(20_000), net.fails(50_000)\n"
    result, record = run(net, main)
    (call,) = calls(record, "f")
    assert call["lines"] == {
        "0": {"i": [0, 1, 2, 3]},
        "1": {"x": [1]},
        "3": {"b": [3]},
        "4": {"c": [4]},
        "5": {"return": [5]},
    }
    names = "net.py: f, net.py: fails"
    assert f"called no function was not seen: {names}; " in result.stderr
    assert given(calls(record, "steps")[0], "y") == [[1]]
    (fails,) = calls(record, "fails")
    assert fails["lines"] == {
        "0": {"i": [0, 1, 2, 3]},
        "1": {"x": [1], "y": [1]},
        "4": {"y": [2]},
        "5": {"return": [2]},
    }


def test_the_program_may_call_as_deep_as_without(run, tmp_path):
    net = """
def down(n):
    return 0 if n == 0 else 1 + down(n - 1)
"""
    main = """
import net
for n in range(970, 2000):
    try:
        net.down(n)
    except RecursionError:
        break
print(n)
net.Array(1)
"""
    result, _ = run(net, main)
    plain = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert int(result.stdout) >= int(plain.stdout)
    assert "trace function of its own" not in result.stderr
    told = "has called as deep as Python allows" in result.stderr
    assert told == (sys.version_info < (3, 12))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no monitoring")
def test_a_place_for_tools_that_programs_may_choose_is_left_to_them(run):
    main = """
import sys, net
sys.monitoring.use_tool_id(3, "mine")
net.f(3)
"""
    result, record = run("def f(x):\n    return x\n", main)
    assert (result.returncode, list(record)) == (0, ["f"])


@pytest.mark.parametrize("program", ["main.py", "folder", "main.zip"])
def test_what_a_program_knows_of_itself(run, project, program):
    main = """
import sys
print(__file__, sys.argv, sys.path[0], __spec__ and __spec__.name, __package__,
      globals().get("__cached__"), type(__loader__).__name__, __doc__, sorted(globals()))
"""
    folder = project({"folder/__main__.py": main})
    with zipfile.ZipFile(folder / "main.zip", "w") as file:
        file.writestr("__main__.py", main)
    recorded, _ = run("def f(): pass\n", main, "x", after=(program,))
    plain = subprocess.run(
        [sys.executable, program, "x"], cwd=folder, capture_output=True, text=True
    )
    assert (recorded.returncode, recorded.stdout) == (0, plain.stdout)


def test_the_recorder_does_not_note_itself(tmp_path):
    (tmp_path / "main.py").write_text("")
    sources = (f"--sources=utils/sidelit/{path}" for path in ("record", "prose/tex.py"))
    command = ["record", *sources, f"--record={tmp_path / 'shapes.json'}"]
    result = subprocess.run(
        [sys.executable, "-m", "sidelit", *command, str(tmp_path / "main.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
    )
    assert result.returncode == 0
    assert result.stderr.startswith("sidelit: nothing was noted: ")


def test_an_installed_copy_of_the_sources_is_told(run, project):
    net = "def f(n):\n    return n\n"
    folder = project({"site/net.py": net})
    main = "import sys\nsys.path[:] = [None, 'site', *sys.path]\nimport net\nnet.f(3)\n"
    main = main.replace("'site'", repr(str(folder / "site")))
    result, record = run(net, main)
    assert (result.returncode, record) == (0, {})
    copy = folder / "site" / "net.py"
    assert result.stderr == (
        f"sidelit: nothing was noted: the program has run {copy} in place of net.py; "
        "install what it imports with `pip install -e .`\n"
    )


def test_an_interrupted_program_leaves_its_record(run):
    main = "import net, signal\nnet.f(3)\nsignal.raise_signal(signal.SIGINT)\nprint('on')\n"
    result, record = run("def f(n):\n    return n\n", main)
    assert (result.returncode, result.stdout) == (130, "")
    assert "KeyboardInterrupt" in result.stderr
    assert "sidelit/record/" not in result.stderr
    assert calls(record, "f")[0]["entry"] == {"n": 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "record: there is nothing to run; name a program, or a module behind -m"),
        (
            ("missing.py",),
            "record: missing.py cannot be read: No such file or directory",
        ),
        (("broken.py",), "record: broken.py is not valid Python: "),
        (
            ("-m", "no_such_module"),
            "record: there is no module 'no_such_module' to run",
        ),
        (("-m", "os.nothing"), "record: there is no module 'os.nothing' to run: "),
        (("-m", "xml"), "record: the package 'xml' has no __main__.py to run"),
        (
            ("--record", "net.py/shapes.json", "main.py"),
            "record: net.py/shapes.json cannot be written; name another file",
        ),
    ],
)
def test_nothing_to_run(run, project, arguments, message):
    project({"broken.py": "def\n"})
    result, record = run("x = 1\n", "", after=arguments)
    assert (result.returncode, record) == (2, None)
    assert result.stderr.startswith(f"sidelit: {message}")
    assert len(result.stderr.splitlines()) == 1


def test_a_broken_record_is_named_before_the_program_runs(run, project):
    project({"shapes.json": '{"version": 1,\n "files": '})
    result, _ = run("", "print('ran')\n", broken=True)
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr
        == "sidelit: shapes.json:2:11: REC101 is no record of this version; delete it, "
        "or name another file if it holds something else, and run `sidelit record` "
        "again\n"
    )


@pytest.mark.parametrize("status", [0, 7])
def test_a_record_that_cannot_be_written_is_told(run, status):
    main = """
import net, sys
net.f(3)
open("new", "w").close()
sys.exit(int(sys.argv[1]))
"""
    net = "def f(x):\n    return x\n"
    after = ("--record", "new/shapes.json", "main.py")
    result, _ = run(net, main, str(status), after=after)
    assert result.returncode == (status or 2)
    told = "sidelit: new/shapes.json cannot be written, and nothing is noted: "
    assert result.stderr.startswith(told)


def test_statements_and_what_they_bind():
    text = '''
@decorated
async def f(a, /, *b, c=1, **d):
    """Text."""
    x: int = 1
    y: int
    x.w += (
        2)
    async with a.b as (p, q):
        pass
    for [i, *j], a.n in c:
        match i:
            case [1, t]:
                u = 1
    else:
        v = 2
    while (w := a.c.d):
        def inner(z):
            zz = 1
    try:
        r = 1
    except* E as e:
        s = 1
    finally:
        o = 1

class C:
    k = 1
    @property
    def p(self): return self.a.b
    @p.setter
    def p(self, v): pass
m = f(lambda: (h := 1))
'''
    module, f, inner, p, p2 = functions(text)
    assert [one.qualname for one in (module, f, inner, p, p2)] == [
        "",
        "f",
        "f.inner",
        "C.p",
        "C.p#2",
    ]
    assert [one.name for one in (module, p2)] == ["<module>", "p"]
    assert (f.parameters, f.chains) == (
        ("a", "b", "c", "d"),
        ("a.b", "a.c", "a.c.d", "a.n"),
    )
    assert p.chains == ("self.a", "self.a.b")
    assert [
        (one.first, one.last, one.targets, one.body)
        for one in f.statements
        if one.targets
    ] == [
        (5, 5, ("x",), -1),
        (7, 8, ("x.w",), -1),
        (9, 9, ("p", "q"), 4),
        (11, 11, ("i", "j", "a.n"), 6),
        (14, 14, ("u",), -1),
        (16, 16, ("v",), -1),
        (17, 17, ("w",), -1),
        (21, 21, ("r",), -1),
        (23, 23, ("s",), -1),
        (25, 25, ("o",), -1),
    ]
    assert [one.targets for one in module.statements] == [("m",)]


def test_the_docstring_of_a_variable_is_no_statement():
    text = (
        "class A:\n    def __init__(self):\n        self.x = 1\n{}        self.y = 2\n"
    )
    plain, told = (
        functions(text.format(one))[1] for one in ("", '        """Words."""\n')
    )
    assert plain.digest == told.digest
    assert len(plain.statements) == len(told.statements) == 2
