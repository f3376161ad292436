"""The numbers on the pages are those of the recorded runs."""

import json
import statistics

import jsonschema
import pytest

from labml_nn.helpers.plot import confusion_matrix, learning_curves, main
from labml_nn.transformers.vit.experiment import PRESETS
from tests.conftest import ROOT

FOLDER = ROOT / "labml_nn" / "transformers" / "vit"
FILES = sorted((FOLDER / "results").glob("*.json"))
LAPTOP = [
    json.loads(file.read_text()) for file in FILES if file.stem.startswith("laptop")
]
SCHEMA = ROOT / "labml_nn" / "experiments" / "result.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_result_is_complete(file):
    result = json.loads(file.read_text())
    VALIDATOR.validate(result)
    preset, seed = file.stem.rsplit("-", 1)
    assert result["settings"]["seed"] == int(seed)
    for name, value in PRESETS[preset].items():
        assert result["settings"][name] == value, name
    test = result["test"]
    right = sum(row[index] for index, row in enumerate(test["confusion"]))
    assert right / test["pictures"] == test["accuracy"]


def test_the_schema_is_strict():
    VALIDATOR.check_schema(VALIDATOR.schema)
    for change in (
        {"accuracy": 1}, {"epochs": []}, {"parameters": 0.5}, {"classes": ["cat", "cat"]},
        {"settings": LAPTOP[0]["settings"] | {"data_path": "somewhere"}},
        {"test": LAPTOP[0]["test"] | {"accuracy": 77.0}},
    ):  # fmt: skip
        assert not VALIDATOR.is_valid(LAPTOP[0] | change), change


def test_the_page_says_what_was_recorded():
    text = " ".join((FOLDER / "experiment.py").read_text().split())
    assert [result["settings"]["seed"] for result in LAPTOP] == [0, 1, 2]

    def mean(*path):
        values = []
        for result in LAPTOP:
            for name in path:
                result = result[name]
            values.append(result)
        return statistics.mean(values)

    accuracy, flipped = mean("test", "accuracy"), mean("test", "accuracy_with_flip")
    minutes = mean("seconds_total") / 60
    row = f"| `laptop` | two CPU cores | {minutes:.1f} minutes | {accuracy:.1%} | {flipped:.1%} |"
    assert row.replace("%", " %") in text
    spread = statistics.stdev(result["test"]["accuracy"] for result in LAPTOP)
    assert f"standard deviation of {spread:.1%}".replace("%", " %") in text
    assert f"{LAPTOP[0]['parameters']:,} parameters" in text


def test_the_drawings_are_those_of_the_runs():
    figures = ROOT / "docs" / "figures"
    assert (figures / "laptop-curves.svg").read_text() == learning_curves(LAPTOP)
    assert (figures / "laptop-confusion.svg").read_text() == confusion_matrix(LAPTOP[0])


def test_drawing_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["x", *map(str, FILES)]) == 0
    assert (tmp_path / "x-curves.svg").read_text() == learning_curves(LAPTOP)
    assert main(["x"]) == 2
    assert main(["x", "nosuch.json"]) == 1
    assert "no result of a run" in capsys.readouterr().err
