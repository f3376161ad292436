"""Weights in and out: every source, every kind of file, and everything that can be wrong."""

import copy
import math
import os
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer as Torchvision

from labml_nn.helpers import checkpoint
from labml_nn.transformers import FeedForward, MultiHeadAttention, TransformerLayer
from labml_nn.transformers.vit import (
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
    pretrained,
)
from labml_nn.transformers.vit.pretrained import (
    OURS,
    SOURCES,
    WeightsError,
    export_weights,
    load_weights,
    read_weights,
    save_weights,
)


def tiny(seed=0, n_hidden=0, n_classes=7, activation=None, gated=False, **settings):
    """Two layers, three heads, nine patches, and every weight drawn at random."""
    torch.manual_seed(seed)
    layer = TransformerLayer(
        d_model=24,
        self_attn=MultiHeadAttention(3, 24, 0.0),
        feed_forward=FeedForward(24, 40, 0.0, is_gated=gated),
    )
    model = VisionTransformer(
        layer,
        2,
        PatchEmbeddings(24, 4, 3),
        LearnedPositionalEmbeddings(24, 3),
        ClassificationHead(24, n_hidden, n_classes, activation),
        **settings,
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)
    return model.eval()


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(
        torch.equal(one[k], other[k]) for k in one
    )


SHAPES = {
    source: {"n_hidden": 16 if source in ("ours", "torchvision", "labml-nn") else 0}
    for source in SOURCES
}


# ## There and back
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("n_hidden", [0, 24])
def test_there_and_back_no_bit_is_lost(source, n_hidden):
    model, other = tiny(1, n_hidden), tiny(2, n_hidden)
    weights = export_weights(model, source)
    assert load_weights(other, weights) == source
    assert same(other, model)
    again = export_weights(other, source)
    assert list(again) == list(weights)
    assert all(torch.equal(again[name], weights[name]) for name in weights)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".safetensors", ".npz"])
@pytest.mark.parametrize("source", ["timm", "google"])
def test_every_kind_of_file(source, suffix, tmp_path):
    model, other = tiny(1), tiny(2)
    file = tmp_path / f"weights{suffix}"
    save_weights(export_weights(model, source), file)
    assert load_weights(other, file) == source
    assert same(other, model)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_is_exported_is_a_copy():
    model = tiny()
    weights = export_weights(model, "transformers")
    before = {name: tensor.clone() for name, tensor in weights.items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert all(torch.equal(weights[name], before[name]) for name in weights)
    assert all(tensor.is_contiguous() for tensor in weights.values())
    assert not any(tensor.requires_grad for tensor in weights.values())


def test_the_precision_of_the_model_stays():
    weights = export_weights(tiny(1), "torchvision")
    model = tiny(2).double()
    load_weights(model, weights)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float64}
    assert torch.equal(model.cls_token_emb, tiny(1).cls_token_emb.double())


def test_our_own_names_need_no_pattern():
    model, other = tiny(1, gated=True), tiny(2, gated=True)
    assert load_weights(other, model.state_dict()) == "ours"
    assert same(other, model)
    with pytest.raises(
        WeightsError, match=r"no name for: encoder\.layers\.0\.feed_forward"
    ):
        export_weights(model, "timm")


def test_a_pooled_norm_is_in_timm_alone():
    model, other = (tiny(seed, norm_after_pooling=True) for seed in (1, 2))
    weights = export_weights(model, "timm")
    assert "fc_norm.weight" in weights
    assert load_weights(other, weights) == "timm"
    assert same(other, model)
    with pytest.raises(
        WeightsError, match=r"no name for: pooled_norm\.bias, pooled_norm"
    ):
        export_weights(model, "google")


# ## Wrappers and older names
@pytest.mark.parametrize(
    "wrap",
    [
        lambda name: f"module.{name}",
        lambda name: f"_orig_mod.{name}",
        lambda name: f"module._orig_mod.{name}",
        lambda name: f"_orig_mod.module.{name}",
        lambda name: f"model.{name}",
        lambda name: name.replace("blocks.1.", "blocks.1._orig_mod."),
    ],
)
def test_the_names_of_wrappers_are_no_names(wrap):
    model, other = tiny(1), tiny(2)
    weights = export_weights(model, "timm")
    assert load_weights(other, {wrap(name): x for name, x in weights.items()}) == "timm"
    assert same(other, model)


def test_real_wrappers():
    model, other = tiny(1), tiny(2)
    compiled = torch.compile(nn.DataParallel(torch.compile(copy.deepcopy(model))))
    assert next(iter(compiled.state_dict())).startswith("_orig_mod.module._orig_mod.")
    load_weights(other, compiled.state_dict())
    assert same(other, model)


def test_two_weights_with_one_name():
    weights = export_weights(tiny(), "timm")
    weights["module.cls_token"] = weights["cls_token"]
    with pytest.raises(
        WeightsError, match="two of the weights are both named cls_token"
    ):
        load_weights(tiny(), weights)


@pytest.mark.parametrize("entry", ["model", "state_dict", "model_ema"])
def test_an_entry_of_a_training_script(entry, tmp_path):
    weights = OrderedDict(export_weights(tiny(1), "timm"))
    torch.save({"epoch": 3, entry: weights, "args": {"lr": 0.1}}, tmp_path / "a.pth")
    other = tiny(2)
    load_weights(other, tmp_path / "a.pth")
    assert same(other, tiny(1))


def test_older_torchvision():
    weights = {
        name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."): x
        for name, x in export_weights(tiny(1), "torchvision").items()
    }
    other = tiny(2)
    assert load_weights(other, weights) == "torchvision"
    assert same(other, tiny(1))


@pytest.mark.parametrize("source", ["transformers", "transformers-5"])
def test_transformers_without_a_head(source):
    weights = {
        name.removeprefix("vit."): tensor
        for name, tensor in export_weights(tiny(1, n_hidden=24), source).items()
        if "classifier" not in name
    }
    other = tiny(2, n_classes=4)
    assert load_weights(other, weights, replace_head=True) == source
    assert torch.equal(other.encoder.norm.bias, tiny(1, n_hidden=24).encoder.norm.bias)


def test_unused_positions_of_labml_nn():
    weights = export_weights(tiny(1), "labml-nn")
    name = "pos_emb.positional_encodings"
    assert weights[name].shape == (10, 1, 24)
    weights[name] = torch.cat([weights[name], torch.ones(4990, 1, 24)])
    other = tiny(2)
    load_weights(other, weights)
    assert same(other, tiny(1))


# ## The head
@pytest.mark.parametrize("source", SOURCES)
def test_a_head_for_other_classes_starts_at_zero(source):
    """Also one with a hidden layer, which belongs to the pre-training."""
    hidden = SHAPES[source]["n_hidden"]
    weights = export_weights(tiny(1, hidden, n_classes=21), source)
    model = tiny(2, n_classes=5)
    with pytest.raises(WeightsError, match="does not fit the model"):
        load_weights(model, weights)
    load_weights(model, weights, replace_head=True)
    assert (model.classification.output.weight == 0).all()
    x = torch.randn(2, 3, 12, 12)
    assert torch.equal(model.features(x), tiny(1, hidden, n_classes=21).features(x))
    assert torch.equal(model(x), torch.zeros(2, 5))


# ## What does not fit
def test_everything_that_does_not_fit_is_named_in_one_sentence():
    weights = export_weights(tiny(1), "timm")
    del weights["blocks.0.norm1.bias"], weights["cls_token"]
    weights["blocks.0.ls1.gamma"] = torch.ones(24)
    weights["reg_token"] = torch.ones(1, 4, 24)
    weights["pos_embed"] = torch.ones(1, 197, 24)
    weights["head.weight"] = torch.ones(9, 24)
    model, before = tiny(2), tiny(2)
    with pytest.raises(WeightsError) as caught:
        load_weights(model, weights)
    assert str(caught.value) == (
        "the state dict (timm) does not fit the model: "
        "missing: cls_token, blocks.0.norm1.bias; "
        "unexpected: blocks.0.ls1.gamma, reg_token; "
        "of another shape: pos_embed [1, 197, 24] instead of [1, 10, 24], "
        "head.weight [9, 24] instead of [7, 24]"
    )
    assert same(model, before)


def test_a_deeper_model_is_unexpected():
    model = tiny()
    model.encoder.layers = model.encoder.layers[:1]
    with pytest.raises(WeightsError, match=r"unexpected: Transformer/encoderblock_1/"):
        load_weights(model, export_weights(tiny(), "google"))


def test_transposed_is_not_the_same_shape():
    """As many numbers are not enough: a JAX matrix is no PyTorch matrix."""
    weights = export_weights(tiny(), "google")
    name = "Transformer/encoderblock_0/MultiHeadDotProductAttention_1/out/kernel"
    weights[name] = weights[name].flatten(0, 1)
    with pytest.raises(
        WeightsError, match=r"out/kernel \[24, 24\] instead of \[3, 8, 24\]"
    ):
        load_weights(tiny(), weights)


def test_a_source_that_nobody_knows():
    with pytest.raises(
        WeightsError, match=r"holds conv1\.weight …, which none of ours, torch"
    ):
        load_weights(tiny(), {"conv1.weight": torch.ones(2)})
    with pytest.raises(
        WeightsError, match="there is no source 'keras'; there are ours, "
    ):
        export_weights(tiny(), "keras")


def test_labels_of_a_run(tmp_path):
    with pytest.raises(checkpoint.CheckpointError, match="holds no checkpoint"):
        load_weights(tiny(), tmp_path)


class Payload:
    def __reduce__(self):
        return print, ("run",)


def test_files_that_are_none(tmp_path, capsys):
    def fails(name, words):
        with pytest.raises(WeightsError, match=words) as caught:
            read_weights(tmp_path / name)
        assert "\n" not in str(caught.value)

    fails("missing.pth", "missing.pth cannot be read: No such file")
    fails("missing.npz", "missing.npz cannot be read: No such file")
    fails("weights.h5", "must be the folder of a run or end in one of .pth, .pt, .bin")
    for suffix in (".pth", ".npz", ".safetensors"):
        for number, content in enumerate(
            [b"", b"text", b"\x80\x02K\x01.", b"PK\x03\x04"]
        ):
            (tmp_path / f"{number}{suffix}").write_bytes(content)
            fails(
                f"{number}{suffix}", "is damaged, or holds more than tensors|no tensors"
            )
    torch.save({"cls_token": torch.zeros(5000)}, tmp_path / "whole.pth")
    content = (tmp_path / "whole.pth").read_bytes()
    for kept in (100, 5000, len(content) - 10):
        (tmp_path / "cut.pth").write_bytes(content[:kept])
        fails("cut.pth", "cut.pth is damaged, or holds more than tensors")
    torch.save({"cls_token": Payload()}, tmp_path / "code.pth")
    fails("code.pth", "holds more than tensors")
    np.savez(tmp_path / "code.npz", cls=np.array([Payload()]))
    fails("code.npz", "holds more than tensors")
    np.save(tmp_path / "single", np.ones(3))
    (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    fails("single.npz", "is damaged, or holds more than tensors|no tensors")
    assert capsys.readouterr().out == ""
    torch.save([1, 2], tmp_path / "list.pth")
    fails("list.pth", "holds no tensors with names")
    torch.save({"epoch": 1, "lr": 0.5}, tmp_path / "plain.pth")
    fails("plain.pth", "holds entries that are not tensors: epoch, lr")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
@pytest.mark.parametrize("ending", ["pth", "npz", "safetensors"])
def test_a_full_disk(tmp_path, ending):
    (tmp_path / f"model.{ending}.partial").symlink_to("/dev/full")
    with pytest.raises(WeightsError) as info:
        save_weights(export_weights(tiny(), "timm"), tmp_path / f"model.{ending}")
    assert str(info.value).endswith("cannot be written: No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written(tmp_path):
    weights = export_weights(tiny(), "timm")
    with pytest.raises(WeightsError, match="cannot be written: No such file"):
        save_weights(weights, tmp_path / "no" / "weights.pth")
    with pytest.raises(WeightsError, match=r"weights\.onnx must end in one of \.pth"):
        save_weights(weights, tmp_path / "weights.onnx")
    half = {name: tensor.bfloat16() for name, tensor in weights.items()}
    with pytest.raises(WeightsError, match=r"cannot hold these weights: .*BFloat16"):
        save_weights(half, tmp_path / "weights.npz")
    assert list(tmp_path.iterdir()) == []


# ## The page
@pytest.mark.parametrize("source", ["torchvision", "timm", "transformers", "google"])
def test_the_table_on_the_page_is_the_one_in_the_code(source):
    rows = [
        [cell.replace("`", "").strip() for cell in line.strip("|").split("|")]
        for line in pretrained.__doc__.splitlines()
        if line.startswith("| ")
    ]
    heads = [number for number, row in enumerate(rows) if row[0] == "here"]
    (head,) = [row for row in heads if source in map(str.lower, rows[row])]
    column = list(map(str.lower, rows[head])).index(source)
    shown = [(row[0], row[column]) for row in rows[head + 1 : head + 1 + len(OURS) + 1]]
    (prefixes,) = [row for row in shown if row[0] == "encoder.layers.*"]
    shown = [
        tuple(
            cell.replace("… ", prefix + "./"["/" in prefix])
            for cell, prefix in zip(row, prefixes, strict=True)
        )
        for row in shown
        if row != prefixes
    ]
    names = [
        tuple(re.sub(r"[./]?\{.*\}", "", name) for name in pair)
        for pair in zip(OURS, SOURCES[source].names, strict=True)
    ]
    assert shown == names


def python_blocks(margin=""):
    blocks = re.findall(
        rf"^{margin}```python\n(.*?)^{margin}```", pretrained.__doc__, re.DOTALL | re.M
    )
    return [re.sub(rf"^{margin.strip()} ?", "", one, flags=re.M) for one in blocks]


def test_the_page_runs(tmp_path, monkeypatch):
    """The code of the page, with a smaller model."""
    monkeypatch.chdir(tmp_path)
    *blocks, _ = python_blocks()
    text = "".join(blocks).replace("ViT-B/16", "ViT-Ti/16").replace("vit_b_16", "vit")
    with torch.random.fork_rng():
        theirs = Torchvision(224, 16, 12, 3, 192, 768)
    torch.save(theirs.state_dict(), "vit.pth")
    names = {}
    exec(text, names)
    assert math.prod(read_weights("vit.safetensors")["pos_embed"].shape) == 197 * 192
