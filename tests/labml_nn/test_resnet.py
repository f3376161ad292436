"""The residual network, and its experiment in small."""

import json

import pytest
import torch
from torch.nn import functional as F

from labml_nn.resnet import ResidualBlock, ResNet
from labml_nn.resnet.experiment import COMMAND


@pytest.mark.parametrize(("stride", "wider"), [(1, 8), (1, 16), (2, 16)])
def test_a_block_adds_nothing_at_first(stride, wider):
    block = ResidualBlock(8, wider, stride)
    x = torch.randn(4, 8, 12, 12)
    torch.testing.assert_close(block(x), F.relu(block.shortcut(x)))
    assert block(x).shape == (4, wider, 12 // stride, 12 // stride)


@pytest.mark.parametrize("side", [16, 32])
def test_images_of_any_size(side):
    model = ResNet([8, 16, 32], 2, 3, 10)
    assert model(torch.randn(2, 3, side, side)).shape == (2, 10)
    sides = []
    for layer in model.layers:
        layer.register_forward_hook(lambda *hook: sides.append(hook[2].shape[-1]))
    model(torch.randn(2, 3, side, side))
    assert sides == [side, side, side // 2, side // 2, side // 4, side // 4]


def test_it_does_not_matter_where():
    """Shifted by what the strides make of one pixel, with room at the edges."""
    model = ResNet([8, 16], 1, 3, 10).eval()
    for name, weight in model.named_parameters():
        if "norm2" in name:
            torch.nn.init.ones_(weight)
    x = torch.zeros(1, 3, 32, 32)
    x[..., 10:16, 10:16] = torch.randn(1, 3, 6, 6)
    torch.testing.assert_close(model(x), model(x.roll((4, 2), (2, 3))))


def test_every_weight_learns():
    model = ResNet([8, 16], 1, 3, 10)
    for weight in model.parameters():
        if weight.ndim == 1:
            torch.nn.init.ones_(weight)
    F.cross_entropy(model(torch.randn(8, 3, 16, 16)), torch.arange(8)).backward()
    assert all(weight.grad.abs().sum() > 0 for weight in model.parameters())


@pytest.mark.usefixtures("own_folder")
def test_its_experiment(tmp_path, capsys):
    tiny = [
        "dataset=synthetic",
        "epochs=1",
        "model.width=8",
        "size_schedule=",
        "image_size=16",
        "validation_size=1000",
        "batch_size=64",
    ]
    assert COMMAND.main([*tiny, "ema_decay=0.1"]) == 0
    (file,) = tmp_path.glob("runs/resnet/*/result.json")
    assert json.loads(file.read_text())["test"]["accuracy"] > 0.3
    capsys.readouterr()
    assert COMMAND.main(["model.d_model=8"]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert COMMAND.main(["--help"]) == 0
    assert "labml_nn.resnet.experiment" in capsys.readouterr().out
