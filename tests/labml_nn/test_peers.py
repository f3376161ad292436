"""With the same weights, ours and the peers' models compute the same, backwards too."""

import copy
import os
import re

import numpy as np
import pytest
import timm
import torch
import torchvision
from PIL import Image
from timm.data import create_transform, resolve_model_data_config
from torch import nn
from torch.nn import functional as F

from labml_nn.transformers import FeedForward, MultiHeadAttention, TransformerLayer
from labml_nn.transformers.vit import (
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
    pretrained,
    vit,
)
from labml_nn.transformers.vit.pretrained import (
    PREPROCESSING,
    export_weights,
    load_weights,
    read_weights,
    save_weights,
)
from tests.conftest import ROOT
from tests.labml_nn.test_pretrained import python_blocks

# It looks nothing up on a network.
os.environ["HF_HUB_OFFLINE"] = "1"
import transformers

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}


def ours(n_hidden=0, eps=1e-6, grid_size=3, **settings):
    layer = TransformerLayer(
        d_model=24,
        self_attn=MultiHeadAttention(3, 24, 0.0),
        feed_forward=FeedForward(24, 96, 0.0),
        eps=eps,
    )
    return VisionTransformer(
        layer,
        2,
        PatchEmbeddings(24, 4, 3),
        LearnedPositionalEmbeddings(24, grid_size),
        ClassificationHead(24, n_hidden, 7),
        **settings,
    )


def from_torchvision(**settings):
    return torchvision.models.VisionTransformer(
        12, 4, 2, 3, 24, 96, num_classes=7, **settings
    )


def from_timm(**settings):
    return timm.models.VisionTransformer(
        12, 4, 3, 7, embed_dim=24, depth=2, num_heads=3, **settings
    )


class Logits(nn.Module):
    """A model of transformers returns an object, and we want what is in it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x).logits


def from_transformers(**settings):
    config = transformers.ViTConfig(
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=96,
        image_size=12,
        patch_size=4,
        num_labels=7,
        **settings,
    )
    return Logits(transformers.ViTForImageClassification(config))


PAIRS = {
    "torchvision": (from_torchvision, ours),
    "torchvision, hidden layer": (
        lambda: from_torchvision(representation_size=16),
        lambda: ours(n_hidden=16),
    ),
    "timm, class token": (from_timm, ours),
    "timm, average": (
        lambda: from_timm(global_pool="avg"),
        lambda: ours(norm_after_pooling=True),
    ),
    "transformers": (from_transformers, lambda: ours(eps=1e-12)),
    "transformers, eps": (lambda: from_transformers(layer_norm_eps=1e-6), ours),
}


def draw_weights(model, seed=0):
    """Some peers start with zeros, under which mistakes would not show."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return model


def gradients(model, source):
    """They go the same way as weights."""
    slopes = copy.deepcopy(model)
    for slope, parameter in zip(slopes.parameters(), model.parameters(), strict=True):
        slope.data = parameter.grad
    return export_weights(slopes, source)


def same_logits(theirs, model, dtype, images):
    """What both networks make of images, and where the weights of ours are from."""
    theirs, model = theirs.eval().to(dtype), model.eval().to(dtype)
    source = load_weights(model, theirs.state_dict())
    logits = [network(images.to(dtype)) for network in (theirs, model)]
    torch.testing.assert_close(*logits, atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])
    assert logits[0].std() > 1e-3
    return logits, source


def assert_same(theirs, model, dtype, images):
    logits, source = same_logits(theirs, model, dtype, images)
    tolerance = {"atol": TOLERANCE[dtype], "rtol": TOLERANCE[dtype]}
    labels = torch.arange(len(images)) % 7
    for answer in logits:
        F.cross_entropy(answer, labels).backward()
    slopes = gradients(model, source)
    expected = {
        name.removeprefix("model."): parameter.grad
        for name, parameter in theirs.named_parameters()
    }
    assert slopes.keys() == expected.keys()
    for name, slope in slopes.items():
        torch.testing.assert_close(slope, expected[name], **tolerance, msg=name)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("pair", PAIRS)
def test_the_same_numbers_and_the_same_gradients(pair, dtype):
    theirs, model = (build() for build in PAIRS[pair])
    images = torch.randn(4, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    assert_same(draw_weights(theirs), model, dtype, images)


@pytest.mark.parametrize("pooling", ["token", "avg"])
def test_the_features_are_what_timm_has_before_its_head(pooling):
    theirs = draw_weights(from_timm(global_pool=pooling)).eval().double()
    model = ours(norm_after_pooling=pooling == "avg").eval().double()
    load_weights(model, theirs.state_dict())
    x = torch.randn(2, 3, 12, 12, dtype=torch.float64)
    expected = theirs.forward_head(theirs.forward_features(x), pre_logits=True)
    torch.testing.assert_close(model.features(x), expected, atol=1e-10, rtol=0)


def test_the_pooler_of_transformers_is_the_hidden_layer_of_the_head():
    theirs = draw_weights(from_transformers().model)
    base = transformers.ViTModel(theirs.config).eval()
    draw_weights(base)
    model = ours(n_hidden=24, eps=1e-12).eval()
    weights = {f"vit.{name}": x for name, x in base.state_dict().items()}
    weights["classifier.weight"] = torch.eye(7, 24)
    load_weights(model, {**weights, "classifier.bias": torch.zeros(7)})
    x = torch.randn(2, 3, 12, 12)
    torch.testing.assert_close(
        model(x), base(x).pooler_output[:, :7], atol=1e-5, rtol=1e-5
    )


def test_labml_nn_computes_the_same():
    """
    Its package has the name of ours, so what it computes was recorded from version
    0.5.1: weights, images, logits, and the gradients of the sum of their squares.
    """
    file = ROOT / "tests" / "labml_nn" / "samples" / "labml-nn-0.5.1.npz"
    recorded = read_weights(file)
    parts = {
        part: {
            name.removeprefix(f"{part}/"): tensor
            for name, tensor in recorded.items()
            if name.startswith(f"{part}/")
        }
        for part in ("weights", "gradients")
    }
    layer = TransformerLayer(
        d_model=8,
        self_attn=MultiHeadAttention(2, 8, 0.0),
        feed_forward=FeedForward(8, 12, 0.0),
        eps=1e-5,
    )
    model = VisionTransformer(
        layer,
        2,
        PatchEmbeddings(8, 2, 3),
        LearnedPositionalEmbeddings(8, 2),
        ClassificationHead(8, 6, 3, activation=nn.ReLU()),
    ).double()
    assert load_weights(model, parts["weights"]) == "labml-nn"
    logits = model(recorded["images"])
    torch.testing.assert_close(logits, recorded["logits"], atol=1e-10, rtol=0)
    logits.square().sum().backward()
    slopes = gradients(model, "labml-nn")
    assert slopes.keys() == parts["gradients"].keys()
    for name, slope in slopes.items():
        # It has a position more than there are patches.
        expected = parts["gradients"][name][: len(slope)]
        torch.testing.assert_close(slope, expected, atol=1e-10, rtol=1e-10, msg=name)


# ## The way out
@pytest.mark.parametrize(
    ("source", "build", "model"),
    [
        ("torchvision", from_torchvision, ours),
        ("timm", from_timm, ours),
        (
            "transformers-5",
            lambda: from_transformers().model,
            lambda: ours(eps=1e-12),
        ),
    ],
)
def test_the_peers_take_our_weights(source, build, model):
    model, theirs = draw_weights(model()).eval(), build().eval()
    theirs.load_state_dict(export_weights(model, source), strict=True)
    x = torch.randn(2, 3, 12, 12)
    answer = theirs(x)
    logits = answer if isinstance(answer, torch.Tensor) else answer.logits
    torch.testing.assert_close(logits, model(x), atol=1e-5, rtol=1e-5)


def test_files_of_transformers_have_the_names_of_version_4(tmp_path):
    theirs = draw_weights(from_transformers()).model.eval()
    theirs.save_pretrained(tmp_path / "theirs")
    model = ours(eps=1e-12).eval()
    file = tmp_path / "theirs" / "model.safetensors"
    assert load_weights(model, file) == "transformers"
    x = torch.randn(2, 3, 12, 12)
    torch.testing.assert_close(model(x), theirs(x).logits, atol=1e-5, rtol=1e-5)
    # And the way back: their loader reads what we have written.
    save_weights(export_weights(model, "transformers"), file)
    again = transformers.ViTForImageClassification.from_pretrained(file.parent).eval()
    torch.testing.assert_close(again(x).logits, model(x), atol=1e-5, rtol=1e-5)


def test_timm_reads_what_we_write_for_google(tmp_path):
    """Its reader of Google's files is not ours, and knows no heads from our code."""
    model, theirs = draw_weights(ours()).eval(), from_timm().eval()
    save_weights(export_weights(model, "google"), tmp_path / "google.npz")
    theirs.load_pretrained(tmp_path / "google.npz")
    x = torch.randn(2, 3, 12, 12)
    torch.testing.assert_close(theirs(x), model(x), atol=1e-5, rtol=1e-5)


# ## The family
def shapes(weights):
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}


@pytest.mark.parametrize("name", ["B/16", "B/32", "L/16", "L/32", "H/14"])
def test_torchvision_has_the_same_tensors(name):
    with torch.device("meta"):
        build = getattr(torchvision.models, f"vit_{name.lower().replace('/', '_')}")
        assert shapes(export_weights(vit(name), "torchvision")) == shapes(
            build().state_dict()
        )


@pytest.mark.parametrize(
    ("name", "size"), [("Ti/16", "tiny"), ("S/16", "small"), ("B/32", "base")]
)
def test_timm_has_the_same_tensors(name, size):
    with torch.device("meta"):
        theirs = timm.create_model(f"vit_{size}_patch{name.partition('/')[2]}_224")
        assert shapes(export_weights(vit(name), "timm")) == shapes(theirs.state_dict())


# ## From an image to the logits
def photo(width=310, height=275):
    """Smooth enough to tell interpolations apart, and neither square nor even."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 7) * np.cos(y / 11), np.sin((x + y) / 5), np.cos(x * y / 900)]
    return Image.fromarray((127.5 + 120 * np.stack(waves, -1)).astype(np.uint8))


def as_torchvision(image, weights=torchvision.models.ViT_B_16_Weights.IMAGENET1K_V1):
    return weights.transforms()(image)[None]


def as_timm(image, name="vit_base_patch16_224.augreg_in21k_ft_in1k"):
    with torch.device("meta"):
        config = resolve_model_data_config(timm.create_model(name))
    return create_transform(**config, is_training=False)(image)[None]


def as_transformers(image):
    prepared = transformers.ViTImageProcessorPil()(image, return_tensors="pt")
    return prepared["pixel_values"]


def as_google(image, size=224):
    """TensorFlow's bilinear interpolation between the centres of pixels, by axis."""
    x = np.asarray(image).astype(np.float64)
    for axis in (0, 1):
        length = x.shape[axis]
        places = (np.arange(size) + 0.5) * length / size - 0.5
        places = places.clip(0, length - 1)
        low = np.floor(places).astype(int)
        high = (low + 1).clip(max=length - 1)
        share = np.expand_dims(places - low, (1 - axis, 2))
        x = x.take(low, axis) * (1 - share) + x.take(high, axis) * share
    return torch.from_numpy((x - 127.5) / 127.5).permute(2, 0, 1)[None].float()


@pytest.mark.parametrize("size", [(310, 275), (240, 300), (100, 80)])
@pytest.mark.parametrize(
    ("source", "reference"),
    [
        ("torchvision", as_torchvision),
        ("timm", as_timm),
        ("transformers", as_transformers),
        ("google", as_google),
    ],
)
def test_images_are_prepared_as_by_the_reference(source, reference, size):
    image = photo(*size)
    x = PREPROCESSING[source](image)
    assert x.shape == (1, 3, 224, 224)
    torch.testing.assert_close(x, reference(image), atol=2e-5, rtol=0)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
@pytest.mark.parametrize("source", ["timm", "google"])
def test_images_of_any_mode_are_prepared(source, mode):
    image = photo().convert(mode)
    prepare = PREPROCESSING[source]
    assert torch.equal(prepare(image), prepare(image.convert("RGB")))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            PREPROCESSING["torchvision"]._replace(resize=242),
            lambda image: as_torchvision(
                image, torchvision.models.ViT_L_16_Weights.IMAGENET1K_V1
            ),
        ),
        (
            PREPROCESSING["timm"]._replace(size=384, resize=384),
            lambda image: as_timm(image, "vit_base_patch16_384.augreg_in21k_ft_in1k"),
        ),
        (
            PREPROCESSING["timm"]._replace(
                mean=PREPROCESSING["torchvision"].mean,
                std=PREPROCESSING["torchvision"].std,
            ),
            lambda image: as_timm(image, "deit_tiny_patch16_224.fb_in1k"),
        ),
    ],
)
def test_other_weights_ask_for_what_the_page_says(ours, theirs):
    image = photo()
    torch.testing.assert_close(ours(image), theirs(image), atol=2e-5, rtol=0)


@pytest.mark.parametrize("tab", ["torchvision", "timm", "Google's file"])
def test_the_example_on_the_page(tab, tmp_path, monkeypatch, capsys):
    """With small models and random weights, so that nothing is downloaded."""
    monkeypatch.chdir(tmp_path)
    photo().save("cat.jpg")
    small = torchvision.models.VisionTransformer
    monkeypatch.setattr(
        torchvision.models, "vit_b_16", lambda weights: small(224, 16, 12, 3, 192, 768)
    )
    drawn = draw_weights(vit("ViT-Ti/16"))
    save_weights(export_weights(drawn, "google"), "B_16.npz")

    titles = re.findall(r"^> \[!TAB\] (.*)$", pretrained.__doc__, re.MULTILINE)
    text = python_blocks("> ")[titles.index(tab)] + python_blocks()[-1]
    for big, little in {
        "ViT-B/": "ViT-Ti/",
        "vit_base": "vit_tiny",
        "pretrained=True": "pretrained=False",
        "loaded, classes =": "draw_weights(theirs); loaded, classes =",
    }.items():
        text = text.replace(big, little)
    names = {"draw_weights": draw_weights}
    exec(text, names)

    *best, last = capsys.readouterr().out.splitlines()
    assert len(best) == 5
    order = names["expected"].argsort(descending=True)
    assert [one.split("% ")[1] for one in best] == [
        names["classes"][index] for index in order[:5]
    ]
    assert names["expected"].std() > 0.1
    assert float(last.rpartition(": ")[2]) < 1e-3 * names["expected"].abs().max()


# ## One in full size
def base_torchvision():
    return torchvision.models.vit_b_16(num_classes=7)


def base_timm():
    return timm.create_model("vit_base_patch16_224", num_classes=7)


def base_transformers():
    return Logits(
        transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=7))
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "eps"),
    [(base_torchvision, 1e-6), (base_timm, 1e-6), (base_transformers, 1e-12)],
)
def test_a_whole_vit_b_16(build, eps):
    theirs = build()
    # It gets all its weights from theirs, so it need not draw any.
    with torch.device("meta"):
        model = vit("ViT-B/16", n_classes=7, eps=eps)
    model.to_empty(device="cpu")
    head = {"torchvision": "heads.head", "timm": "head"}.get(
        type(theirs).__module__.partition(".")[0], "model.classifier"
    )
    nn.init.normal_(theirs.get_parameter(f"{head}.weight"), std=0.02)
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    # Only so exactly is the epsilon seen, and gradients would take twice as long again.
    with torch.no_grad():
        same_logits(theirs, model, torch.float64, images)
    assert_same(theirs, model, torch.float32, images)
