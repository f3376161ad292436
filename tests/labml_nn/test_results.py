"""The numbers on the pages are those of the recorded runs."""

import json
import re
import statistics
import xml.dom.minidom

import jsonschema
import pytest

from labml_nn.experiments.results import write_json
from labml_nn.helpers.plot import (
    MOST_CLASSES,
    NARROW_AXES,
    NARROW_CELLS,
    confusion_matrix,
    hardest_classes,
    learning_curves,
    main,
)
from labml_nn.resnet import experiment as resnet
from labml_nn.transformers.vit.ablation import CHANGES, EPOCHS, table
from labml_nn.transformers.vit.experiment import PRESETS
from tests.conftest import ROOT

FOLDER = ROOT / "labml_nn" / "transformers" / "vit"
RESNET = ROOT / "labml_nn" / "resnet" / "results" / "laptop-0.json"
LAPTOPS = sorted((FOLDER / "results").glob("laptop-*.json"))
LAPTOP = [json.loads(file.read_text()) for file in LAPTOPS]
# What changes `laptop` in its runs in bfloat16.
IN_BFLOAT16 = {
    "bfloat16": {"epochs": 28, "bfloat16": True},
    "enlarged": {
        "epochs": 26,
        "bfloat16": True,
        "image_size": 36,
        "size_schedule": "0:12 0.25:16 0.6:24 0.88:36",
    },
}
BFLOAT16 = {
    name: [
        json.loads(file.read_text())
        for file in sorted((FOLDER / "results").glob(f"{name}-*.json"))
    ]
    for name in IN_BFLOAT16
}
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
        changed = {"epochs": EPOCHS, **CHANGES[name].settings}
        expected = {**PRESETS["laptop"], **changed, "seed": 0}
    elif kind in IN_BFLOAT16:
        expected = {**PRESETS["laptop"], **IN_BFLOAT16[kind], "seed": int(name)}
    else:
        presets = resnet.PRESETS if file == RESNET else PRESETS
        expected = {**presets[kind], "seed": int(name)}
    assert {name: settings[name] for name in expected} == expected
    test = result["test"]
    right = sum(row[index] for index, row in enumerate(test["confusion"]))
    assert right / test["images"] == test["accuracy"]


def test_the_schema_is_strict():
    VALIDATOR.check_schema(VALIDATOR.schema)
    for change in (
        {"accuracy": 1}, {"epochs": []}, {"parameters": 0.5}, {"classes": ["cat", "cat"]},
        {"settings": LAPTOP[0]["settings"] | {"data_path": "somewhere"}},
        {"test": LAPTOP[0]["test"] | {"accuracy": 77.0}},
    ):  # fmt: skip
        assert not VALIDATOR.is_valid(LAPTOP[0] | change), change


def mean(*path, results=LAPTOP):
    values = []
    for result in results:
        for name in path:
            result = result[name]
        values.append(result)
    return statistics.mean(values)


def taken(result, one, other):
    """How many images of a class were taken for another."""
    index = result["classes"].index
    return result["test"]["confusion"][index(one)][index(other)]


def test_the_page_says_what_was_recorded():
    text = " ".join((FOLDER / "experiment.py").read_text().split())
    assert [result["settings"]["seed"] for result in LAPTOP] == [0, 1, 2]

    accuracy, flipped = mean("test", "accuracy"), mean("test", "accuracy_with_flip")
    minutes = mean("seconds_total") / 60
    row = f"| `laptop` | two CPU cores | {minutes:.1f} minutes | {accuracy:.1%} | {flipped:.1%} |"
    assert row.replace("%", " %") in text
    spread = statistics.stdev(result["test"]["accuracy"] for result in LAPTOP)
    assert f"standard deviation of {100 * spread:.1f} points" in text
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

    settings = LAPTOP[0]["settings"]
    steps = LAPTOP[0]["epochs"][-1]["step"]
    warm = sum(step / steps < settings["warmup"] for step in range(steps))
    assert f"{warm} of the {steps:,} of `laptop`, keep" in text
    assert settings["lr_schedule"] == "linear"
    others = settings["label_smoothing"] / len(LAPTOP[0]["classes"])
    words = f"asks for {1 - 9 * others:.1%} cat and {others:.1%} of each other"
    assert words.replace("%", " %") in text
    assert settings["ema_decay"] == settings["model.drop_path"] == 0

    classes = LAPTOP[0]["classes"]
    animals = ["bird", "cat", "deer", "dog", "frog", "horse"]
    wrong = [(one, other) for one in animals for other in classes if one != other]
    among = sum(taken(LAPTOP[0], *pair) for pair in wrong if pair[1] in animals)
    share = f"{among / sum(taken(LAPTOP[0], *pair) for pair in wrong):.0%}".replace(
        "%", " %"
    )

    def of_first(one, other):
        return taken(LAPTOP[0], one, other)

    for words in (
        f"takes {of_first('cat', 'dog')} for dogs; of 1,000 dogs, {of_first('dog', 'cat')} for cats",
        f"Of the mistakes about animals, {share} stay among the animals",
        f"{of_first('ship', 'airplane')} become planes, perhaps because sky",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("bfloat16", "`laptop`, longer, in bfloat16"),
        ("enlarged", "the same, at 36×36 pixels"),
    ],
)
def test_the_page_says_what_was_recorded_in_bfloat16(name, title):
    text = " ".join((FOLDER / "experiment.py").read_text().split())
    results = BFLOAT16[name]
    assert [result["settings"]["seed"] for result in results] == [0, 1, 2]
    assert results[0]["hardware"]["threads"] == 2
    minutes = results[0]["seconds_total"] / 60
    accuracies = (
        f"{mean('test', one, results=results):.1%}".replace("%", " %")
        for one in ("accuracy", "accuracy_with_flip")
    )
    cells = "two CPU cores", f"{minutes:.1f} minutes", *accuracies
    assert f"| {title} | {' | '.join(cells)} |" in text
    words = " ".join(
        f'{setting}="{value}"' if " " in str(value) else f"{setting}={value}"
        for setting, value in IN_BFLOAT16[name].items()
    )
    # A long command goes on behind a backslash.
    assert words in text.replace("\\ ", "")


def test_what_bfloat16_pays_for():
    text = " ".join((FOLDER / "experiment.py").read_text().split())
    plain, longer, enlarged = (
        results[0]["settings"]["epochs"] for results in (LAPTOP, *BFLOAT16.values())
    )
    assert longer - plain == 8
    assert "pays for eight more epochs" in text
    assert longer - enlarged == 2
    assert "more than the two epochs that it takes the place of" in text
    at_32, at_36 = (
        [result["test"]["accuracy"] for result in results]
        for results in BFLOAT16.values()
    )
    assert statistics.mean(at_36) > statistics.mean(at_32)
    words = f"they reach {100 * min(at_36):.1f} to {100 * max(at_36):.1f} %"
    assert f"They differ more than the others: without flips, {words}." in text
    laptop = [result["test"]["accuracy"] for result in LAPTOP]
    assert statistics.stdev(at_36) > max(map(statistics.stdev, (laptop, at_32)))


def test_what_a_convolutional_network_does_better():
    text = " ".join((FOLDER / "experiment.py").read_text().split())
    other = json.loads(RESNET.read_text())
    gap = 100 * (other["test"]["accuracy"] - mean("test", "accuracy"))
    assert (
        f"with one seed, against the mean of three, and the gap is {gap:.2f} points"
        in text
    )

    def lost(name):
        accuracy = ABLATIONS[name]["test"]["accuracy"]
        return 100 * (ABLATIONS["baseline"]["test"]["accuracy"] - accuracy)

    assert lost("decay") > gap
    assert (
        f"8×8 pixels cost {lost('patches'):.1f} points, AdamW for all weights "
        f"{lost('muon'):.1f}, and no weight decay {lost('decay'):.1f}." in text
    )
    sides = [one.split(":")[1] for one in other["settings"]["size_schedule"].split()]
    grow = f"from {sides[0]} to {sides[-1]} pixels"
    assert f"its images grow as well, {grow}" in text
    its_page = (ROOT / "labml_nn" / "resnet" / "experiment.py").read_text()
    assert f"Images grow here as well, {grow}" in " ".join(its_page.split())
    assert other["settings"]["skip_easy"] == 0

    rows = {}
    for name, its in other["test"]["per_class"].items():
        ours = mean("test", "per_class", name)
        points = f"{100 * (ours - its):+.1f}".replace("-", "−")
        row = f"| {name} | {ours:.1%} | {its:.1%} | {points} |".replace("%", " %")
        rows[row] = ours - its
    page = (FOLDER / "experiment.py").read_text()
    assert "\n".join(sorted(rows, key=rows.get)) in page

    def both(one, other_class):
        ours = statistics.mean(taken(result, one, other_class) for result in LAPTOP)
        return round(ours), taken(other, one, other_class)

    for words, numbers in (
        ("takes {} of 1,000 deer for dogs, the residual network {};", ("deer", "dog")),
        ("{} of 1,000 automobiles for trucks, not {};", ("automobile", "truck")),
        ("and {} of 1,000 cats for dogs, not {}.", ("cat", "dog")),
    ):  # fmt: skip
        assert words.format(*both(*numbers)) in text


def test_the_table_of_choices_is_what_was_recorded():
    page = (FOLDER / "ablation.py").read_text()
    assert table(ABLATIONS) in page


DRAWINGS = {
    "curves": lambda: learning_curves(LAPTOP),
    "curves-narrow": lambda: learning_curves(LAPTOP, NARROW_AXES),
    "confusion": lambda: confusion_matrix(LAPTOP[0]),
    "confusion-narrow": lambda: confusion_matrix(LAPTOP[0], NARROW_CELLS),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_drawings_are_those_of_the_runs(name):
    file = ROOT / "docs" / "figures" / f"laptop-{name}.svg"
    assert file.read_text() == DRAWINGS[name]()


def test_drawing_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["x", *map(str, LAPTOPS)]) == 0
    for name, draw in DRAWINGS.items():
        assert (tmp_path / f"x-{name}.svg").read_text() == draw()
    assert main(["x"]) == 2
    assert main(["x", "nosuch.json"]) == 1
    assert "not the result of a run" in capsys.readouterr().err


def many_classes(number):
    """Some images are taken for the next class, most of them of the last ten."""
    confusion = [[0] * number for _ in range(number)]
    for index, row in enumerate(confusion):
        row[index] = 50
        row[(index + 1) % number] += 1 + 10 * (index >= number - 10)
    classes = [f"class {index}" for index in range(number)]
    return {"classes": classes, "test": {"confusion": confusion}}


def test_of_many_classes_the_hardest_are_drawn():
    result = many_classes(400)
    classes, confusion = hardest_classes(result["classes"], result["test"]["confusion"])
    assert len(classes) == len(confusion) == MOST_CLASSES + 1
    assert classes[-11:-1] == [f"class {index}" for index in range(390, 400)]
    assert classes[-1] == "370 others"
    assert sum(map(sum, confusion)) == sum(map(sum, result["test"]["confusion"]))
    for index, name in enumerate(classes[:-1]):
        assert confusion[index][index] == 50
        assert sum(confusion[index]) == 51 + 10 * (name in classes[-11:-1])
    # The first class is among the hardest, because the last one is taken for it.
    assert classes[0] == "class 0"
    assert confusion[-2][0] == 11


@pytest.mark.parametrize("number", [30, 31, 1000])
def test_a_drawing_stays_small(number):
    drawing = confusion_matrix(many_classes(number))
    assert drawing.count("<rect") == min(number, MOST_CLASSES + 1) ** 2
    assert len(drawing) < 250_000
    xml.dom.minidom.parseString(drawing)


def test_a_phone_shows_no_more_classes_than_its_width_has_room_for():
    drawing = confusion_matrix(many_classes(400), NARROW_CELLS)
    assert drawing.count("<rect") == (NARROW_CELLS.most + 1) ** 2
    assert "of the 10 classes with the most mistakes" in drawing
    assert float(re.search(r'viewBox="0 0 (\d+)', drawing)[1]) <= 420


def test_a_row_of_numbers_is_one_line(tmp_path):
    result = many_classes(4) | {"classes": ["[ 1, 2 ]", "a", "b", "c"], "empty": []}
    write_json(tmp_path / "a.json", result)
    text = (tmp_path / "a.json").read_text()
    assert json.loads(text) == result
    assert "   [11, 0, 0, 50]\n" in text
