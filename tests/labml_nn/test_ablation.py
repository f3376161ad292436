"""The runs with one choice taken back."""

import subprocess
import sys

import pytest
import torch

from labml_nn.experiments import command
from labml_nn.experiments.settings import setting_values
from labml_nn.transformers.vit import ablation
from labml_nn.transformers.vit.experiment import COMMAND
from tests.conftest import ROOT


@pytest.mark.parametrize("name", ablation.CHANGES)
def test_a_change_is_one_that_can_be_made(name):
    changed = ablation.CHANGES[name].settings
    words = [f"{key}={value}" for key, value in changed.items()]
    assert COMMAND.parse(words) == changed
    c = COMMAND.configure({"preset": "laptop", **changed})
    sides = [int(one.split(":")[1]) for one in c.size_schedule.split()] or [32]
    for side in sides:
        assert c.model(torch.zeros(1, 3, side, side)).shape == (1, 10)


def test_a_change_changes_something():
    def of(overrides):
        c = COMMAND.configure({"preset": "laptop", **overrides})
        assert c.model
        return setting_values(c)

    whole = of({})
    for change in ablation.CHANGES.values():
        changed = of(change.settings)
        different = {name for name, value in changed.items() if value != whole[name]}
        assert different == set(change.settings)


def test_the_table():
    def result(accuracy):
        return {"test": {"accuracy": accuracy}}

    results = {"baseline": result(0.75), "crop": result(0.7412), "flip": result(0.7)}
    assert ablation.table(results).splitlines()[2:] == [
        "| no horizontal flips | 70.0 % | −5.0 |",
        "| no random crops | 74.1 % | −0.9 |",
        "| none (the baseline) | 75.0 % |  |",
    ]


def run_here(arguments, check):
    assert arguments[:3] == [sys.executable, "-m", COMMAND.module]
    assert check
    if status := COMMAND.main(arguments[3:]):
        raise subprocess.CalledProcessError(status, arguments)


@pytest.mark.parametrize("setting", ["resume=runs/a", "evaluate=runs/a"])
def test_an_old_run_is_no_part_of_it(setting, monkeypatch, capsys):
    monkeypatch.setattr(command.subprocess, "run", run_here)
    assert ablation.main(["baseline", "seed=1", setting]) == 2
    assert capsys.readouterr() == (
        "", f"{setting} is no setting of an ablation: all of its runs are new\n",
    )  # fmt: skip


@pytest.mark.usefixtures("own_folder")
def test_runs_from_the_command_line(monkeypatch, capfd):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert ablation.main(["cropping"]) == 2
    assert (
        "there is no change 'cropping'; there are baseline, muon"
        in capfd.readouterr().err
    )
    tiny = [
        "dataset=synthetic",
        "epochs=1",
        "size_schedule=0:12",
        "validation_size=4500",
        "model.n_layers=1",
        "model.d_model=16",
        "model.heads=2",
    ]
    assert ablation.main(["crop", *tiny]) == 0
    shown = capfd.readouterr().out
    assert "change: no random crops" in shown
    assert "| no random crops |" not in shown

    # From here on the same commands without a process for each: most of what it takes
    # is the import of PyTorch.
    monkeypatch.setattr(command.subprocess, "run", run_here)
    assert ablation.main(["baseline", "crop", *tiny]) == 0
    shown = capfd.readouterr().out
    assert shown.count("| no random crops |") == 1
    assert ablation.main(["crop", "epoch=1"]) == 2
    assert "did you mean epochs" in capfd.readouterr().err
