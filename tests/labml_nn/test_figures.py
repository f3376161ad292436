"""The model that comes along, and the figures of what it has learned."""

import json
import math
import re
import statistics
import xml.dom.minidom
from pathlib import Path

import jsonschema
import pytest
import torch
from PIL import Image

from labml_nn.helpers import safetensors
from labml_nn.transformers.vit import figures, vit
from labml_nn.transformers.vit.experiment import PRESETS, sinusoidal_positions
from labml_nn.transformers.vit.predict import WEIGHTS, Classifier, all_attention
from tests.conftest import ROOT

SCHEMA = json.loads(
    (ROOT / "labml_nn" / "experiments" / "result.schema.json").read_text()
)
DRAWN = ROOT / "docs" / "figures"
RECORD = json.loads((DRAWN / "laptop-figures.json").read_text())
PAGE = " ".join((WEIGHTS.parent / "figures.py").read_text().replace("# ", "").split())


@pytest.fixture(scope="module")
def classifier():
    return Classifier()


# ## The weights
def test_the_weights_are_those_of_the_preset(classifier):
    weights, header = safetensors.read(WEIGHTS)
    about = {name: json.loads(text) for name, text in header.items()}
    assert list(about) == ["classes", "mean", "std", "settings", "result"]
    result, settings = about["result"], about["settings"]
    jsonschema.Draft202012Validator(SCHEMA).validate(result)
    expected = {**PRESETS["laptop"], "preset": "laptop", "seed": 0}
    assert {name: result["settings"][name] for name in expected} == expected
    assert result["settings"] | settings == result["settings"]
    assert result["classes"] == about["classes"]

    numbers = sum(tensor.numel() for tensor in weights.values())
    assert numbers == result["parameters"] == 175_050
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}
    model = classifier.model.state_dict()
    assert {name: x.shape for name, x in weights.items()} == {
        name: x.shape for name, x in model.items()
    }
    assert all(torch.equal(x, model[name]) for name, x in weights.items())
    # Nothing of the machine that it was trained on.
    assert b"/" not in json.dumps(about).encode()


def pattern(number):
    """An image of whole numbers, the same on any machine."""
    axis = torch.arange(32)
    y, x = axis[:, None], axis[None, :]
    planes = [
        (x * (5 + number) + y * (3 + channel) + 40 * number * channel) % 256
        for channel in range(3)
    ]
    blocks = ((x // (4 + number)) + (y // 8)) % 2 * 60
    return (torch.stack(planes) + blocks).clamp(max=255)


ANSWERS = [
    [
        2.3068,
        -2.2001,
        -0.3122,
        2.7289,
        -3.0745,
        1.5147,
        -0.5387,
        -2.3972,
        -0.1804,
        -0.7535,
    ],
    [
        -0.2652,
        -0.6935,
        1.8729,
        1.9708,
        -1.1651,
        -0.8232,
        0.3382,
        -1.4815,
        -0.3121,
        -1.1180,
    ],
    [
        0.8886,
        -0.3373,
        2.0244,
        1.8980,
        -0.8609,
        -1.1723,
        1.0993,
        -2.2986,
        -2.2116,
        -1.1228,
    ],
    [
        1.5839,
        -2.0028,
        2.4004,
        2.3786,
        -0.2982,
        -0.5548,
        -0.1082,
        -2.1101,
        -1.7903,
        -2.9933,
    ],
]


@pytest.mark.parametrize("number", range(4))
def test_the_same_predictions_for_the_same_pixels(classifier, number):
    x = (pattern(number)[None].float() - classifier.mean) / classifier.std
    expected = torch.tensor(ANSWERS[number])
    with torch.inference_mode():
        logits = classifier.model(x)[0]
    torch.testing.assert_close(logits, expected, atol=2e-3, rtol=0)


# ## What is measured
def test_the_distance_of_attention_that_is_known():
    grid, side = (2, 3), 5
    here = torch.eye(7).expand(2, 4, 7, 7)
    alike = torch.full((2, 4, 7, 7), 1 / 7)
    # From each patch to the first one. The class token has no place.
    first = torch.zeros(2, 4, 7, 7)
    first[..., 1], first[..., 0] = 0.25, 0.75
    found = figures.distances([here, alike, first], grid, side)
    assert found.shape == (2, 3, 4)
    places = [(5 * row, 5 * column) for row in range(2) for column in range(3)]
    to_all = statistics.mean(
        math.dist(one, other) for one in places for other in places
    )
    to_first = statistics.mean(math.dist(one, places[0]) for one in places)
    for layer, expected in enumerate((0, to_all, to_first)):
        torch.testing.assert_close(found[:, layer], torch.full((2, 4), float(expected)))
    assert figures.patch_distances(grid, side).mean().item() == pytest.approx(to_all)


def test_attention_of_all_layers_sums_to_one(classifier):
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    attention = all_attention(classifier.model, x)
    assert [weights.shape for weights in attention] == [(2, 2, 65, 65)] * 4
    for weights in attention:
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 65))
    assert not any(m._forward_pre_hooks for m in classifier.model.modules())


def test_components_of_filters_that_are_known():
    """Two orthogonal patterns of different strength, whatever their sign."""
    model = vit("ViT-Ti/2", image_size=4, n_classes=2, in_channels=3)
    grey, edge = torch.ones(3, 2, 2), torch.ones(3, 2, 2)
    edge[:, :, 1] = -1
    strengths = torch.linspace(-1, 1, 192)
    with torch.no_grad():
        model.patch_emb.conv.weight[:] = (
            0.5 * strengths.abs().view(-1, 1, 1, 1) * -grey
            + strengths.view(-1, 1, 1, 1) * -edge
        )
    found = figures.measure_filters(model)
    assert found["flatness"][:2] == [0, 1]
    assert found["shares"][0] > found["shares"][1] > 0.01 > found["shares"][2]
    assert found["components"][1] == [255] * 12
    bright, dark = [255] * 3, [0] * 3
    assert found["components"][0] in ([*bright, *dark] * 2, [*dark, *bright] * 2)
    assert len(found["filters"]) == figures.FILTERS


def test_similarity_of_positions_that_are_known():
    """On a grid of two rows and three columns, each is its row and its column."""
    rows, columns = torch.eye(2), torch.eye(3)
    positions = torch.cat([rows.repeat_interleave(3, 0), columns.repeat(2, 1)], dim=1)
    found = figures.similarity(positions, 3)
    assert found["cosines"][0] == [1, 0.5, 0.5, 0.5, 0, 0]
    assert (found["same_line"], found["different_lines"]) == (0.5, 0)


# ## What is recorded
def near(recorded, measured, tolerance):
    recorded, measured = (
        torch.tensor(x, dtype=torch.float64) for x in (recorded, measured)
    )
    torch.testing.assert_close(recorded, measured, atol=tolerance, rtol=0)


def test_the_record_is_of_the_model(classifier):
    """All but what needs the test images."""
    found = figures.measure_filters(classifier.model)
    near(RECORD["filters"]["filters"], found["filters"], 1)
    near(RECORD["filters"]["components"], found["components"], 1)
    near(RECORD["filters"]["shares"], found["shares"], 1.1e-4)
    near(RECORD["filters"]["flatness"], found["flatness"], 0.011)
    learned = classifier.model.pos_emb.positional_encodings[0, 1:].detach()
    for name, positions in (
        ("learned", learned),
        ("start", sinusoidal_positions(8, 8, 64)),
    ):
        found = figures.similarity(positions, 8)
        for key, tolerance in (
            ("cosines", 0.011),
            ("same_line", 0.0011),
            ("different_lines", 0.0011),
        ):
            near(RECORD["positions"][name][key], found[key], tolerance)
    for recorded, found in zip(
        RECORD["rollout"], figures.looks(classifier), strict=True
    ):
        assert recorded["class"] == found["class"]
        near(recorded["probability"], found["probability"], 0.01)
        near(recorded["attention"], found["attention"], 5e-4)
    assert RECORD["model"]["parameters"] == classifier.result["parameters"]
    assert RECORD["model"]["accuracy"] == classifier.result["test"]["accuracy"]


def test_the_drawings_are_of_the_record():
    record = json.loads((DRAWN / "laptop-figures.json").read_text())
    for name, drawing in figures.drawings(record).items():
        assert (DRAWN / f"laptop-{name}.svg").read_text("utf-8") == drawing, name
        root = xml.dom.minidom.parseString(drawing).documentElement
        assert root.getAttribute("aria-label")
        # Whatever is outside an image follows the theme.
        assert "prefers-color-scheme: dark" in drawing


def test_the_page_says_what_was_recorded(classifier):
    result, distance = classifier.result, RECORD["distance"]
    layers = distance["mean"]
    heads = [mean for means in layers for mean in means]
    start, learned = RECORD["positions"]["start"], RECORD["positions"]["learned"]
    pairs = [
        (start["cosines"][one][other], learned["cosines"][one][other])
        for one in range(64) for other in range(one)
    ]  # fmt: skip
    correlation = statistics.correlation(*zip(*pairs, strict=True))
    attention = [
        [64 * weight for row in one["attention"] for weight in row]
        for one in RECORD["rollout"]
    ]
    car = [one["class"] for one in RECORD["rollout"]].index("automobile")
    for words in (
        f"has {result['parameters']:,} parameters, was trained for "
        f"{result['seconds_total'] / 60:.1f} minutes on two CPU cores, and classifies "
        f"{result['test']['accuracy']:.2%} of",
        f"component has {RECORD['filters']['shares'][0]:.1%} of the variance",
        f"patches differ most: {RECORD['filters']['flatness'][47]:.0%} of it is a single shade",
        f"have a correlation of {correlation:.2f}.",
        f"from {start['different_lines']:.2f} to {learned['different_lines']:.2f} on average",
        f"less so, from {start['same_line']:.2f} to {learned['same_line']:.2f}.",
        f"a head that looks nearby: {min(heads):.1f} pixels, where uniform attention has "
        f"{distance['all_alike']}.",
        f"its mean is {statistics.mean(layers[0]):.1f} pixels in the first layer and "
        f"{statistics.mean(layers[3]):.1f} in the last.",
        f"over {distance['images']} test images",
        f"wheel has {max(attention[car]):.1f} times the share",
    ):  # fmt: skip
        assert words.replace("%", " %") in PAGE, words
    assert min(heads) == layers[1][1]
    assert RECORD["filters"]["shares"] == sorted(
        RECORD["filters"]["shares"], reverse=True
    )
    # The wheels of the car, and the sky above it.
    brightest = sorted(range(64), key=lambda patch: -attention[car][patch])[:2]
    assert sorted(brightest) == [5 * 8 + 2, 5 * 8 + 5]
    assert 0.45 < min(attention[car][:16]) < 0.55


# ## The command
def command(folder, *arguments):
    return figures.main([str(folder / "drawn"), *map(str, arguments)])


def test_one_command_draws_it_all(tmp_path, capsys, monkeypatch):
    for number in range(3):
        file = tmp_path / "images" / str(number) / "a.png"
        file.parent.mkdir(parents=True)
        Image.fromarray(pattern(number).permute(1, 2, 0).byte().numpy()).save(file)
    (tmp_path / "images" / "notes.txt").touch()
    monkeypatch.setattr(figures, "IMAGES", 2)
    assert command(tmp_path, tmp_path / "images") == 0
    names = [
        "filters",
        "filters-narrow",
        "positions",
        "positions-narrow",
        "distance",
        "rollout",
    ]
    files = [tmp_path / f"drawn-{name}.svg" for name in names]
    assert capsys.readouterr().out.split() == list(map(str, files))
    record = json.loads((tmp_path / "drawn-figures.json").read_text())
    assert record["distance"]["images"] == 2
    drawn = {name: file.read_text() for name, file in zip(names, files, strict=True)}
    assert figures.drawings(record) == drawn
    again = [file.read_bytes() for file in files]
    assert command(tmp_path, tmp_path / "images", WEIGHTS) == 0
    assert [file.read_bytes() for file in files] == again
    assert len(list(tmp_path.iterdir())) == 8


def test_what_cannot_be_drawn_is_told_in_a_sentence(tmp_path, capsys):
    def told(status, *arguments):
        assert command(tmp_path, *arguments) == status
        return capsys.readouterr().err.strip()

    assert figures.main(["a"]) == figures.main(["--help", "x"]) == 2
    # The folder of a run where the name of the drawings belongs.
    assert figures.main([str(tmp_path), "images"]) == 2
    assert capsys.readouterr().err == f"{figures.USAGE}\n" * 3
    assert told(1, tmp_path) == f"there is no image in {tmp_path}"
    assert told(1, tmp_path, "no.pt") == "there is no checkpoint no.pt"
    (tmp_path / "a.png").write_text("no image")
    assert told(1, tmp_path).startswith(f"{tmp_path}/a.png cannot be read as an image")
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    assert figures.main([f"{tmp_path}/no/a", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{tmp_path}/no/a-figures")
    assert "cannot be written" in told
    assert [file.name for file in Path(tmp_path).iterdir()] == ["a.png"]


def test_a_start_that_was_random_is_not_drawn():
    learned = RECORD["positions"]["learned"]
    start = RECORD["positions"]["start"]
    for is_narrow in (False, True):
        alone = figures.draw_positions({"learned": learned}, 8, is_narrow)
        both = figures.draw_positions(
            {"start": start, "learned": learned}, 8, is_narrow
        )
        (width, height), (width_of_both, height_of_both) = map(size, (alone, both))
        # On a phone, the panels are one below the other.
        assert (width == width_of_both) == is_narrow == (2 * height < height_of_both)
        assert (height == height_of_both) != is_narrow == (2 * width >= width_of_both)
        assert "at the start" in both
        assert "at the start" not in alone


def size(drawing):
    return [
        int(number) for number in re.findall(r'viewBox="0 0 (\d+) (\d+)"', drawing)[0]
    ]


def test_what_a_phone_shows_is_the_same_in_a_narrow_form():
    """Tiles are larger, and each has the colours that it has in the wide drawing."""
    drawn = figures.drawings(RECORD)
    for name in ("filters", "positions"):
        wide, narrow = drawn[name], drawn[f"{name}-narrow"]
        assert size(narrow)[0] <= 360 < size(wide)[0]
    colors = [
        re.findall('fill="(#[0-9a-f]{6})"/>', drawn[name])
        for name in ("filters", "filters-narrow")
    ]
    assert colors[0] == colors[1]
    assert len(colors[0]) == (64 + 48) * 16
