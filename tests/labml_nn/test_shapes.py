"""The shapes that the pages show are those of the code as it is now."""

import json
import os
import sys

from sidelit.__main__ import main
from tests.conftest import ROOT


def record(arguments):
    sys.path.insert(0, "")
    return main(["record", *arguments])


def record_tour(file):
    # Our modules are imported anew, and seen by the recorder; PyTorch is not.
    for name in list(sys.modules):
        if name.partition(".")[0] == "labml_nn":
            del sys.modules[name]
    os.chdir(ROOT)
    return record(["--record", str(file), "tests/labml_nn/tour.py"])


def test_recording_again_changes_no_byte(tmp_path, monkeypatch, forks):
    monkeypatch.chdir(tmp_path)
    record = tmp_path / "shapes.json"
    status = forks.wait(forks.start(record_tour, record))
    assert status == 0, (tmp_path / "errors").read_text()
    known = ROOT / "labml_nn" / "shapes.json"
    assert record.read_bytes() == known.read_bytes(), "run: make record"


COMPILED = """
import torch

def double(x):
    y = x + x
    return y

def plain(x):
    y = x * 3
    return y
"""
MAIN = """
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from net import double, plain

compiled = torch.compile(double, backend="eager")
print(compiled(torch.ones(2, 3)).sum().item(), compiled(torch.ones(4, 5)).sum().item())
exported = torch.export.export(torch.nn.Identity(), (torch.ones(2),))
with FakeTensorMode():
    print(tuple(plain(torch.ones(6, 7)).shape))
print(plain(torch.ones(2, 8)).sum().item())
"""


def test_compiled_functions_are_told_and_run_as_they_do(tmp_path, monkeypatch, forks):
    (tmp_path / "net.py").write_text(COMPILED)
    (tmp_path / "main.py").write_text(MAIN)
    monkeypatch.chdir(tmp_path)
    status = forks.wait(forks.start(record, ["--sources", "net.py", "main.py"]))
    errors = (tmp_path / "errors").read_text()
    assert status == 0, errors
    assert (tmp_path / "shown").read_text() == "12.0 40.0\n(6, 7)\n48.0\n"
    assert (
        "torch.compile has replaced what could not be followed: net.py: double"
        in errors
    )
    functions = json.loads((tmp_path / "shapes.json").read_text())["files"]["net.py"]
    shapes = {call["entry"]["x"] for call in functions["plain"]["calls"]}
    assert shapes == {"float32[2, 8]", "float32[6, 7]"}
