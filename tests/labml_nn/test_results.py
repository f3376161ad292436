"""The numbers on the pages are those of the recorded runs."""

import json
import statistics

import jsonschema
import pytest

from labml_nn.helpers.plot import confusion_matrix, learning_curves, main
from labml_nn.resnet import experiment as resnet
from labml_nn.transformers.vit.ablation import CHANGES, table
from labml_nn.transformers.vit.experiment import PRESETS
from tests.conftest import ROOT

FOLDER = ROOT / "labml_nn" / "transformers" / "vit"
RESNET = ROOT / "labml_nn" / "resnet" / "results" / "laptop-0.json"
LAPTOPS = sorted((FOLDER / "results").glob("laptop-*.json"))
LAPTOP = [json.loads(file.read_text()) for file in LAPTOPS]
ABLATIONS = {
    file.stem.removeprefix("ablation-"): json.loads(file.read_text())
    for file in sorted((FOLDER / "results").glob("ablation-*.json"))
}
FILES = [*(FOLDER / "results").glob("*.json"), RESNET]
SCHEMA = ROOT / "labml_nn" / "experiments" / "result.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_result_is_complete(file):
    result = json.loads(file.read_text())
    VALIDATOR.validate(result)
    settings = result["settings"]
    kind, name = file.stem.rsplit("-", 1)
    if kind == "ablation":
        expected = {**PRESETS["laptop"], **CHANGES[name].settings, "seed": 0}
    else:
        presets = resnet.PRESETS if file == RESNET else PRESETS
        expected = {**presets[kind], "seed": int(name)}
    assert {name: settings[name] for name in expected} == expected
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

    other = json.loads(RESNET.read_text())
    assert (
        f"of {other['parameters']:,} parameters, trained by the same loop on the same two "
        f"cores for {other['seconds_total'] / 60:.1f} minutes, reaches "
        f"{other['test']['accuracy']:.1%}.".replace("%", " %")
        in text
    )
    assert other["test"]["accuracy"] > accuracy
    its_page = (ROOT / "labml_nn" / "resnet" / "experiment.py").read_text()
    words = f"{other['seconds_total'] / 60:.1f} minutes on two cores, {other['test']['accuracy']:.1%} of"
    assert words.replace("%", " %") in its_page

    classes, confusion = LAPTOP[0]["classes"], LAPTOP[0]["test"]["confusion"]

    def taken(one, other):
        return confusion[classes.index(one)][classes.index(other)]

    animals = ["bird", "cat", "deer", "dog", "frog", "horse"]
    wrong = [(one, other) for one in animals for other in classes if one != other]
    among = sum(taken(*pair) for pair in wrong if pair[1] in animals)
    share = f"{among / sum(taken(*pair) for pair in wrong):.0%}".replace("%", " %")
    for words in (
        f"takes {taken('cat', 'dog')} for dogs; of 1,000 dogs, {taken('dog', 'cat')} for cats",
        f"Of the mistakes about animals, {share} stay among the animals",
        f"{taken('ship', 'airplane')} become planes and {taken('ship', 'horse')} horses",
    ):
        assert words in text, words


def test_the_table_of_choices_is_what_was_recorded():
    page = (FOLDER / "ablation.py").read_text()
    assert table({"nothing": LAPTOP[0], **ABLATIONS}) in page


def test_the_drawings_are_those_of_the_runs():
    figures = ROOT / "docs" / "figures"
    assert (figures / "laptop-curves.svg").read_text() == learning_curves(LAPTOP)
    assert (figures / "laptop-confusion.svg").read_text() == confusion_matrix(LAPTOP[0])


def test_drawing_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["x", *map(str, LAPTOPS)]) == 0
    assert (tmp_path / "x-curves.svg").read_text() == learning_curves(LAPTOP)
    assert main(["x"]) == 2
    assert main(["x", "nosuch.json"]) == 1
    assert "no result of a run" in capsys.readouterr().err
