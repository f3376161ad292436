"""Old names, of settings and in code, which are understood for one more version."""

import pytest
import torch

from labml_nn.experiments.progress import quiet
from labml_nn.experiments.run import Run
from labml_nn.experiments.settings import RENAMED
from labml_nn.helpers import checkpoint, data, optimize
from labml_nn.helpers.data import synthetic
from labml_nn.transformers.vit import experiment, predict
from labml_nn.transformers.vit.experiment import COMMAND
from tests.labml_nn.running import SHORT, main, results, run_folder, weights

pytestmark = pytest.mark.usefixtures("own_folder")

OLD_VALUES = {
    "average": 0.5,
    "decay": "linear",
    "held_out": 4200,
    "model.kind_start": False,
    "sizes": "0:16",
}


def test_every_old_name_has_a_current_one():
    types = COMMAND.types()
    assert not RENAMED.keys() & types.keys()
    assert set(RENAMED.values()) <= types.keys()
    assert OLD_VALUES.keys() == RENAMED.keys()


@pytest.mark.parametrize("old", OLD_VALUES)
def test_old_names_on_the_command_line(old, capsys):
    value = OLD_VALUES[old]
    assert COMMAND.parse([f"{old}={value}"]) == {RENAMED[old]: value}
    assert capsys.readouterr().err == f"{old} is now {RENAMED[old]}\n"


def test_old_names_from_code(capsys):
    c = COMMAND.configure({"preset": "tiny", **OLD_VALUES})
    assert (c.ema_decay, c.lr_schedule, c.validation_size, c.size_schedule) == (
        0.5, "linear", 4200, "0:16",
    )  # fmt: skip
    hint = capsys.readouterr().err
    assert all(f"{old} is now {new}" in hint for old, new in RENAMED.items())
    assert hint.count("\n") == 1


def test_an_old_name_is_checked_as_the_current_one(capsys):
    assert main(["held_out=-1"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "held_out is now validation_size",
        "validation_size=-1 must be at least 0",
    ]


def as_the_previous_version_saved(state):
    """The same state under the names that it had."""
    before = {new: old for old, new in RENAMED.items()}
    state["settings"] = {
        before.get(name, name): value for name, value in state["settings"].items()
    }
    for epoch in state["history"]:
        if "validation_accuracy" in epoch:
            epoch["held_out_accuracy"] = epoch.pop("validation_accuracy")
    names = {
        "ema": "average",
        "epoch_seconds": "seconds",
        "epoch_sums": "sums",
        "total_seconds": "spent",
    }
    return {names.get(name, name): value for name, value in state.items()}


def test_a_run_of_the_previous_version_goes_on(tmp_path, capsys):
    """After the first of two epochs, to the same weights and the same history."""
    assert main([*SHORT, "epochs=2", "ema_decay=0.5"]) == 0
    folder = run_folder(tmp_path)
    whole, (result,) = weights(folder), results(tmp_path)
    first, _ = checkpoint.found(folder)
    state = as_the_previous_version_saved(checkpoint.load(first))
    old = checkpoint.save(tmp_path / "old", state["step"], state)
    capsys.readouterr()

    assert main([f"resume={old}"]) == 0
    assert "held_out is now validation_size" in capsys.readouterr().err
    resumed = weights(run_folder(tmp_path))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    _, again = results(tmp_path)
    assert again["test"] == result["test"]
    for one, two in zip(result["epochs"], again["epochs"], strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}
    assert main([f"evaluate={old}"]) == 0


def test_a_model_of_the_previous_version_predicts(tmp_path, capsys):
    settings = {"preset": "tiny", "model.structured_init": False, "ema_decay": 0.5}
    with quiet():
        state = Run(COMMAND.configure(settings), synthetic(64, seed=0)).state()
    file = checkpoint.save(tmp_path, 1, as_the_previous_version_saved(state))
    classifier = predict.Classifier(file)
    for name, weight in classifier.model.state_dict().items():
        assert torch.equal(weight, state["ema"][name])
    assert "model.kind_start is now model.structured_init" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (data, "Pictures", "LabeledImages"),
        (data, "read_picture", "read_image"),
        (data, "middle_square", "center_crop"),
        (optimize, "schedule", "lr_factor"),
        (optimize, "RunningAverage", "ExponentialMovingAverage"),
        (predict, "attention_picture", "attention_image"),
        (experiment, "start_kindly", "initialise"),
        (experiment, "sines", "sinusoidal_positions"),
    ],
)
def test_old_names_in_code(module, old, new):
    assert getattr(module, old) is getattr(module, new)
