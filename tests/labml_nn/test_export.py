"""A trained model elsewhere: the same logits, from a file without our code."""

import contextlib
import io
import json
import logging
import logging.handlers
import sys

import onnxruntime
import pytest
import torch

from labml_nn.experiments.progress import quiet
from labml_nn.experiments.run import Run
from labml_nn.helpers import checkpoint
from labml_nn.helpers.data import synthetic
from labml_nn.transformers.vit import export
from labml_nn.transformers.vit.experiment import COMMAND
from labml_nn.transformers.vit.predict import Classifier
from labml_nn.transformers.vit.pretrained import load_weights, read_weights
from tests.conftest import ROOT
from tests.labml_nn.conftest import working_in

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def saved(tmp_path):
    return draw(tmp_path)


def draw(folder):
    """A checkpoint whose logits depend on the image."""
    torch.manual_seed(0)
    settings = {"preset": "tiny", "model.d_model": 16, "model.n_layers": 1}
    with quiet():
        run = Run(COMMAND.configure(settings), synthetic(64, seed=0))
    for parameter in run.model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return checkpoint.save(folder / "run" / "checkpoints", 1, run.state())


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory):
    with working_in(folder := tmp_path_factory.mktemp("once")):
        return draw(folder)


@pytest.fixture(scope="module")
def onnx_once(saved_once):
    """The file, what the command has printed, and what was logged meanwhile."""
    shown, handler = io.StringIO(), logging.handlers.BufferingHandler(10**6)
    logging.root.addHandler(handler)
    try:
        with contextlib.redirect_stdout(shown):
            assert export.main([str(saved_once.parents[1]), "--to", "onnx"]) == 0
    finally:
        logging.root.removeHandler(handler)
    return saved_once.with_suffix(".onnx"), shown.getvalue(), handler.buffer


@pytest.fixture
def onnx_session(onnx_once):
    return onnxruntime.InferenceSession(
        onnx_once[0], providers=["CPUExecutionProvider"]
    )


def logits(place, pixels):
    classifier = Classifier(place)
    with torch.no_grad():
        return classifier.model((pixels - classifier.mean) / classifier.std)


def test_weights_alone(saved, capsys):
    assert export.main([str(saved), "--to", "safetensors"]) == 0
    file = saved.with_suffix(".safetensors")
    assert capsys.readouterr().out == f"{file}\n"
    model = Classifier(saved).model
    weights = model.state_dict()
    assert all(torch.equal(x, weights[name]) for name, x in read_weights(file).items())
    for parameter in model.parameters():
        parameter.data.zero_()
    assert load_weights(model, file) == "ours"
    assert torch.equal(model.cls_token_emb, Classifier(saved).model.cls_token_emb)


def test_onnx_with_any_number_of_images(onnx_once, onnx_session, saved_once):
    file, shown, logged = onnx_once
    assert shown.splitlines()[-1] == str(file)
    # Nothing that its reader could act upon.
    assert not [one for one in logged if one.levelname == "WARNING"]
    # The whole model is in one file.
    assert sorted(path.name for path in saved_once.parent.iterdir()) == [
        file.name,
        saved_once.name,
    ]
    for batch in (1, 2, 5):
        pixels = torch.rand(batch, 3, 32, 32) * 255
        (answer,) = onnx_session.run(None, {"pixels": pixels.numpy()})
        torch.testing.assert_close(
            torch.from_numpy(answer), logits(saved_once, pixels), atol=1e-4, rtol=0
        )


@pytest.mark.parametrize("size", [(32, 32), (24, 40), (4, 4), (64, 12)])
def test_onnx_with_images_of_any_size(onnx_session, saved_once, size):
    """The positions are resampled inside the graph, as the model does it."""
    pixels = torch.rand(2, 3, *size) * 255
    (answer,) = onnx_session.run(None, {"pixels": pixels.numpy()})
    torch.testing.assert_close(
        torch.from_numpy(answer), logits(saved_once, pixels), atol=1e-4, rtol=0
    )


def test_onnx_in_whole_numbers(saved, capsys, caplog):
    assert export.main([str(saved), "--to", "onnx-int8"]) == 0
    file = saved.with_suffix(".int8.onnx")
    assert capsys.readouterr().out.splitlines()[-1] == str(file)
    assert not [one for one in caplog.records if one.name == "root"]
    assert sorted(path.name for path in saved.parent.iterdir()) == [
        file.name,
        saved.name,
    ]
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    pixels = torch.rand(3, 3, 24, 32) * 255
    (answer,) = session.run(None, {"pixels": pixels.numpy()})
    expected = logits(saved, pixels)
    difference = (torch.from_numpy(answer) - expected).abs().max()
    assert 0 < difference < 0.2 * expected.std()


def test_the_page_says_what_whole_numbers_cost():
    folder = ROOT / "labml_nn" / "transformers" / "vit"
    result = json.loads((folder / "results" / "int8" / "laptop.json").read_text())
    page = (folder / "export.py").read_text()
    for name, model in result["models"].items():
        row = (
            f"| `{name}` | {model['bytes'] / 1000:,.0f} kB | {model['accuracy']:.2%} | "
            f"{model['images_per_second']:.0f} |"
        )
        assert row.replace("%", " %") in page
    assert f"the {result['test_images']:,} test images" in page
    assert result["threads"] == 1
    assert f"of an {result['cpu']}" in page
    laptop = json.loads((folder / "results" / "laptop-0.json").read_text())
    others = result["models"]["onnx"]["bytes"] - 4 * laptop["parameters"]
    assert f"Of the first file, {others / 1000:.0f} kB are not weights" in page


def test_a_program_that_needs_none_of_our_code(saved, monkeypatch):
    assert export.main([str(saved), "--to", "torch"]) == 0
    pixels = torch.rand(4, 3, 32, 32) * 255
    with monkeypatch.context() as patched:
        for name in list(sys.modules):
            if name.startswith("labml"):
                patched.setitem(sys.modules, name, None)
        program = torch.export.load(saved.with_suffix(".pt2"))
        answer = program.module()(pixels)
    # Nor do its operations come from code that happens to be loaded here.
    called = {one.target for one in program.graph.nodes if one.op == "call_function"}
    assert {target.__module__ for target in called} <= {"torch._ops.aten", "_operator"}
    torch.testing.assert_close(answer, logits(saved, pixels), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "arguments", ["", "a", "a --to", "a --to h5", "a b --to onnx", "--to onnx a b"]
)
def test_a_wrong_command_is_told_the_right_one(arguments, capsys):
    assert export.main(arguments.split()) == 2
    assert capsys.readouterr().err == f"{export.USAGE}\n"


def test_no_checkpoint(tmp_path, capsys):
    assert export.main(["none.pt", "--to", "torch"]) == 1
    assert capsys.readouterr().err == "there is no checkpoint none.pt\n"
    (tmp_path / "empty").mkdir()
    assert export.main(["empty", "--to", "torch"]) == 1
    assert capsys.readouterr().err == "empty holds no checkpoint\n"
    assert list(tmp_path.iterdir()) == [tmp_path / "empty"]


def test_what_computes_something_else_is_not_written(saved, capsys, monkeypatch):
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    for target in ("onnx", "torch"):
        assert export.main([str(saved), "--to", target]) == 1
        assert "computes other logits than the model" in capsys.readouterr().err
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_missing_packages_are_named(saved, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert export.main([str(saved), "--to", "onnx"]) == 1
    assert "pip install onnx onnxruntime onnxscript" in capsys.readouterr().err
