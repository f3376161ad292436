"""The trained model that the page brings along, and the still form of its figure."""

import base64
import re

import pytest
import torch
from safetensors.torch import load

from labml_nn.transformers.vit import try_it
from labml_nn.transformers.vit.predict import WEIGHTS, Classifier
from sidelit.prose.figures import content
from tests.labml_nn.in_javascript import run


def test_the_page_gets_the_same_model_in_half_precision():
    script = content("laptop.safetensors.data.js", str(WEIGHTS)).decode()
    data = script.split('"')[1]
    # The page says how long its readers have to wait.
    weights = base64.b64decode(data)
    assert len(weights) / 1000 == pytest.approx(350, abs=20)
    for name in ("__init__.py", "try_it.js", "shuffle.js"):
        assert "350 kB" in (WEIGHTS.parent / name).read_text("utf-8")
    assert {one.dtype for one in load(weights).values()} == {torch.float16}

    trained = Classifier()
    image = try_it.images()[0]
    x = try_it.prepare(trained, image)
    (found,) = run(
        {
            "file": data,
            "settings": {"heads": 2, "mean_pooling": True},
            "pixels": x.flatten().tolist(),
            "height": 32,
            "width": 32,
        }
    )
    expected = try_it.answer(trained, image)
    probabilities = torch.tensor(found["logits"]).softmax(dim=0)
    torch.testing.assert_close(
        probabilities, expected.probabilities, rtol=0, atol=0.005
    )
    attention = torch.tensor(found["attention"]).flatten(1)
    torch.testing.assert_close(
        attention, expected.attention.flatten(1), rtol=0, atol=0.005
    )


def test_the_drawings_are_the_same_each_time(tmp_path):
    first = [file.read_bytes() for file in try_it.draw(tmp_path)]
    assert first == [file.read_bytes() for file in try_it.draw(tmp_path)]
    assert all(len(one) < 60000 for one in first)


def test_all_drawings_write_percent_as_prose_does():
    """Nothing changes when the living figure takes the place of the still one."""
    drawings = [*try_it.DRAWINGS.glob("*.svg")]
    shown = [re.findall(r"[\d.]+(\s?)%<", one.read_text("utf-8")) for one in drawings]
    assert {sign for signs in shown for sign in signs} == {" "}
