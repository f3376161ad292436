"""Runs that begin with weights that no run of ours has written."""

import numpy as np
import pytest
import torch

from labml_nn.helpers import checkpoint
from labml_nn.resnet.experiment import COMMAND as RESNET
from labml_nn.transformers.vit import vit
from labml_nn.transformers.vit.initial_weights import dimensions
from labml_nn.transformers.vit.pretrained import (
    SOURCES,
    export_weights,
    read_weights,
    save_weights,
)
from tests.labml_nn.running import SHORT, configure, main, parse, results, run_folder

pytestmark = pytest.mark.usefixtures("own_folder", "few_images")

# With a rate of nothing, a run ends with what it began with.
STILL = [*SHORT, "muon_lr=0", "adam_lr=0", "validation_size=50"]
# The patches of grids that differ.
SMALL = "model.patch_size=4"


def drawn(*settings):
    """The model of a run, with every weight drawn at random."""
    torch.manual_seed(0)
    model = configure(parse([*SHORT, *settings])).model
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return model


def begins(tmp_path, *arguments):
    assert main([*STILL, *arguments]) == 0
    return checkpoint.load(run_folder(tmp_path))["model"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("suffix", [".pth", ".npz", ".safetensors"])
def test_weights_of_any_source(source, suffix, tmp_path, capsys):
    model = drawn()
    save_weights(export_weights(model, source), f"w{suffix}")
    saved = begins(tmp_path, f"init=w{suffix}")
    for name, weight in model.state_dict().items():
        assert torch.equal(saved[name], weight)
    assert (
        f"begin with w{suffix} ({source}): the head for 10 classes stays\n"
        in capsys.readouterr().out
    )
    assert results(tmp_path)[-1]["settings"]["init"] == f"w{suffix}"


def test_it_is_resumed_without_the_file(tmp_path):
    save_weights(export_weights(drawn(), "timm"), "w.pth")
    begins(tmp_path, "init=w.pth")
    (tmp_path / "w.pth").unlink()
    assert main([f"resume={run_folder(tmp_path)}"]) == 0


@pytest.mark.parametrize(
    ("n_classes", "words"),
    [
        (
            4,
            "the head for 4 classes is replaced by a linear one for 10 that starts at zero",
        ),
        (0, "there is no head, so a new one starts at zero"),
    ],
)
def test_another_head(n_classes, words, tmp_path, capsys):
    model = drawn()
    weights = export_weights(model, "timm")
    for name in ("head.weight", "head.bias"):
        if n_classes:
            weights[name] = weights[name][:n_classes].clone()
        else:
            del weights[name]
    save_weights(weights, "w.safetensors")
    saved = begins(tmp_path, "init=w.safetensors")
    assert torch.equal(saved["cls_token_emb"], model.cls_token_emb)
    assert not saved["classification.output.weight"].any()
    assert f"begin with w.safetensors (timm): {words}\n" in capsys.readouterr().out


def test_a_hidden_layer_belongs_to_the_old_classes(tmp_path, capsys):
    model = drawn()
    weights = export_weights(model, "google")
    weights |= {
        "pre_logits/kernel": torch.zeros(16, 8),
        "pre_logits/bias": torch.zeros(8),
    }
    save_weights(weights, "w.npz")
    begins(tmp_path, "init=w.npz")
    words = "the head with a hidden layer for 10 classes is replaced by a linear one"
    assert words in capsys.readouterr().out


def test_another_grid(tmp_path, capsys):
    model = drawn("image_size=16", SMALL)
    save_weights(export_weights(model, "torchvision"), "w.pth")
    saved = begins(tmp_path, "init=w.pth", SMALL)["pos_emb.positional_encodings"]
    assert torch.equal(saved, model.pos_emb.interpolate((8, 8)))
    assert (
        "begin with w.pth (torchvision): the 4x4 positions are resampled to 8x8; the "
        "head for 10 classes stays\n" in capsys.readouterr().out
    )

    weights = export_weights(model, "timm")
    weights["pos_embed"] = weights["pos_embed"][:, :-1].clone()
    save_weights(weights, "w.pth")
    assert main([*STILL, "init=w.pth", SMALL]) == 1
    assert capsys.readouterr().err == (
        "w.pth holds positions of shape [1, 16, 16], which are not those of a class "
        "token and a square grid, so they cannot be resampled\n"
    )


def test_sizes_that_contradict_are_refused_by_name(capsys):
    save_weights(export_weights(drawn(), "transformers"), "w.pth")
    wrong = ["model.d_model=32", "model.n_layers=2", "model.patch_size=4"]
    assert main([*STILL, "init=w.pth", *wrong]) == 1
    assert capsys.readouterr().err == (
        "w.pth has model.d_model=16, not 32 and model.patch_size=8, not 4 and "
        "model.n_layers=1, not 2; give model.d_model=16 model.patch_size=8 "
        "model.n_layers=1\n"
    )
    # Google's tensors tell the heads, and the width of the family does.
    save_weights(export_weights(drawn(), "google"), "w.npz")
    assert main([*STILL, "init=w.npz", "model.heads=4"]) == 1
    assert "w.npz has model.heads=2, not 4; give model.heads=2\n" in (
        capsys.readouterr().err
    )
    tiny = vit("ViT-Ti/4", image_size=32, n_classes=10)
    save_weights(export_weights(tiny, "timm"), "tiny.pth")
    assert main([*STILL, "init=tiny.pth"]) == 1
    assert "model.n_layers=12 model.heads=3\n" in capsys.readouterr().err


def test_heads_that_no_file_tells(capsys):
    wide = ["model.d_model=192", "model.heads=6", "model.patch_size=16"]
    save_weights(export_weights(drawn(*wide), "timm"), "w.pth")
    assert main([*STILL, "init=w.pth", *wide]) == 0
    assert (
        "w.pth does not tell its number of heads; of this width, models usually have "
        "model.heads=3, not 6\n" in capsys.readouterr().out
    )


def test_the_mean_that_is_normalised(tmp_path, capsys):
    model = drawn("model.norm_after_pooling=true")
    save_weights(export_weights(model, "timm"), "w.pth")
    assert main([*STILL, "init=w.pth"]) == 1
    assert "give model.norm_after_pooling=true\n" in capsys.readouterr().err
    saved = begins(tmp_path, "init=w.pth", "model.norm_after_pooling=true")
    assert torch.equal(saved["pooled_norm.weight"], model.pooled_norm.weight)


def test_nothing_else_comes_with_foreign_weights():
    """Least of all what a small data set may lower: the preset decides that."""
    save_weights(export_weights(drawn(), "timm"), "w.pth")
    c = configure(parse(["preset=laptop", "init=w.pth", "batch_size=99"]))
    assert c._may_shrink == {"validation_size": 1000}
    assert (c.epochs, c.dataset) == (20, "cifar10")


def test_what_is_no_file_of_weights(tmp_path, capsys):
    (tmp_path / "w.txt").write_text("weights")
    (tmp_path / "w.pth").write_bytes(b"PK")
    torch.save({"a": torch.zeros(1)}, "other.pth")
    np.savez("objects.npz", a=np.array([None]))
    for file, words in (
        ("w.txt", "w.txt must be the folder of a run or end in one of .pth"),
        ("w.pth", "w.pth is damaged, or holds more than tensors"),
        ("other.pth", "other.pth holds a …, which none of ours, torchvision"),
        ("objects.npz", "objects.npz is damaged, or holds more than tensors"),
        ("lost.pth", "there is no checkpoint lost.pth"),
    ):
        assert main([*STILL, f"init={file}"]) == 1
        shown = capsys.readouterr().err
        assert shown.startswith(words)
        assert shown.count("\n") == 1
    assert not list(tmp_path.glob("runs/*"))
    arguments = ["dataset=synthetic", "size_schedule=", "init=other.pth"]
    assert RESNET.main(arguments) == 1
    assert "other.pth is damaged or not a checkpoint" in capsys.readouterr().err


def test_a_checkpoint_under_another_name(tmp_path):
    """It is known by its checksum, and brings its settings along."""
    begins(tmp_path)
    (file,) = checkpoint.found(run_folder(tmp_path))
    renamed = file.rename(tmp_path / "mine.pth")
    assert configure(parse(["init=mine.pth"])).epochs == 1
    assert "cls_token_emb" in read_weights(renamed)


def test_a_run_with_other_classes_gets_a_new_head(tmp_path, capsys):
    begins(tmp_path)
    first = run_folder(tmp_path)
    state = checkpoint.load(first)
    for name in ("classification.output.weight", "classification.output.bias"):
        state["model"][name] = state["model"][name][:3].clone()
    checkpoint.save(tmp_path / "few", 7, state)
    begins(tmp_path, "init=few")
    assert (
        "begin with few (a run): the head for 3 classes is replaced by a linear one for 10"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("source", SOURCES)
def test_what_the_shapes_tell(source):
    model = drawn("model.n_layers=11", "image_size=12", "model.d_ff=20", SMALL)
    told = dimensions(export_weights(model, source))
    heads = {"heads": 2} if source == "google" else {}
    assert told == {
        "d_model": 16, "d_ff": 20, "patch_size": 4, "n_classes": 10, "tokens": 10,
        "n_layers": 11, "norm_after_pooling": False, **heads,
    } | ({"tokens": 1} if source == "labml-nn" else {})  # fmt: skip
