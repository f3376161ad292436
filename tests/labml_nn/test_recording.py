"""The presets for a GPU, whole and in small, and what is recorded of them."""

import functools
import json
import shutil
import subprocess
import sys

import pytest
import torch

from labml_nn.experiments import command as experiments_command
from labml_nn.experiments.settings import size_stages
from labml_nn.helpers import checkpoint
from labml_nn.transformers.vit import recording
from labml_nn.transformers.vit.experiment import COMMAND, PRESETS
from tests.labml_nn.test_results import VALIDATOR

pytestmark = pytest.mark.usefixtures("own_folder", "few_images")

RESULTS = recording.RESULTS
# Everything else is as on a GPU: compiled, in bfloat16, with all that a preset augments.
SMALL = [
    "dataset=synthetic", "epochs=1", "batch_size=32", "validation_size=372",
    "model.n_layers=1", "model.d_model=16", "model.heads=2", "model.d_ff=16",
]  # fmt: skip


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Another page and another folder for results, and no process for each run."""
    page = tmp_path / "experiment.py"
    shutil.copy(recording.PAGE, page)
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(recording, "PAGE", page)
    monkeypatch.setattr(recording, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(experiments_command.subprocess, "run", run_here)
    monkeypatch.setattr(experiments_command, "switch_off_unhelpful", lambda _: {})
    # Everything but the C++ compiler, which would take minutes.
    compiled = functools.partialmethod(torch.nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(torch.nn.Module, "compile", compiled)


def run_here(command, check):
    assert check
    assert command[:3] == [sys.executable, "-m", COMMAND.module]
    if status := COMMAND.main(command[3:]):
        raise subprocess.CalledProcessError(status, command)


@pytest.mark.slow
@pytest.mark.parametrize("preset", recording.PRESETS)
def test_a_preset_for_a_gpu_works_in_small(preset, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recording, "SEEDS", (0,))
    assert recording.main([preset, *SMALL]) == 0
    sizes = {size for _, size in size_stages(PRESETS[preset].get("size_schedule", ""))}
    listed = ", ".join(map(str, sorted(sizes or {32})))
    assert f"compiling for images of {listed} pixels" in capsys.readouterr().out

    result = json.loads((tmp_path / "results" / f"{preset}-0.json").read_text())
    VALIDATOR.validate(result)
    settings, changed = result["settings"], [one.split("=")[0] for one in SMALL]
    for name, value in PRESETS[preset].items():
        assert settings[name] == value or name in changed
    (folder,) = tmp_path.glob("runs/recording/*/vit/*")
    assert checkpoint.load(folder)["step"] == 4
    assert recording.row(preset, [result]) in recording.PAGE.read_text()


def result(accuracy, device="NVIDIA H100", seconds=600):
    return {
        "test": {"accuracy": accuracy, "accuracy_with_flip": accuracy + 0.01},
        "seconds_total": seconds,
        "hardware": {"device": device},
    }


def test_what_is_recorded_is_not_run_again(tmp_path, monkeypatch, capsys):
    def record(command, check):
        preset, seed = command[3].split("=")[1], int(command[4].split("=")[1])
        assert command[5] == "epochs=1"
        folder = tmp_path / command[6].removeprefix("output=") / "vit" / "one"
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(result(0.8 + seed / 100)))
        runs.append((preset, seed))
        if stops and len(runs) == 5:
            raise KeyboardInterrupt

    before, runs, stops = recording.PAGE.read_text(), [], True
    monkeypatch.setattr(experiments_command.subprocess, "run", record)
    assert recording.main(["epochs=1"]) == 130
    assert recording.PAGE.read_text() == before
    stops = False
    assert recording.main(["epochs=1"]) == 0
    everything = [(preset, seed) for preset in recording.PRESETS for seed in range(3)]
    assert runs == everything[:5] + everything[4:]
    assert "paper-0.json is recorded" in capsys.readouterr().out
    written, rows = recording.PAGE.read_text().splitlines(), []
    for number, line in enumerate(before.splitlines()):
        if line.startswith(tuple(f"| `{preset}` |" for preset in recording.PRESETS)):
            preset = line.split("`")[1]
            row = f"| `{preset}` | NVIDIA H100 | 10.0 minutes | 81.0 % | 82.0 % |"
            assert written[number] == row
            rows.append(preset)
        else:
            assert written[number] == line
    assert sorted(rows) == sorted(recording.PRESETS)
    # Nothing is left half-written.
    assert not list(tmp_path.glob("**/*.partial"))


def test_a_run_that_fails_ends_it(monkeypatch, capsys):
    assert recording.main(["record", "epoch=1"]) == 2
    assert "did you mean epochs" in capsys.readouterr().err
    assert recording.main(["laptop"]) == 2
    assert capsys.readouterr().err == (
        "there is no preset 'laptop'; there are paper, record, speed\n"
    )


def test_the_page_has_the_rows_of_the_recorded_results(monkeypatch):
    monkeypatch.setattr(recording, "RESULTS", RESULTS)
    before = recording.PAGE.read_text()
    recording.write_rows()
    assert recording.PAGE.read_text() == before
