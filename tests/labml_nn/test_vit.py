"""The Vision Transformer: its parts, its family, other resolutions, compilers."""

import pytest
import torch
import torchvision
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from labml_nn.transformers import FeedForward, MultiHeadAttention, TransformerLayer
from labml_nn.transformers.vit import (
    SIZES,
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
    vit,
)


def small(**settings):
    torch.manual_seed(0)
    layer = TransformerLayer(
        d_model=48,
        self_attn=MultiHeadAttention(3, 48, 0.0),
        feed_forward=FeedForward(48, 96, 0.0),
    )
    model = VisionTransformer(
        layer,
        2,
        PatchEmbeddings(48, 4, 3),
        LearnedPositionalEmbeddings(48),
        ClassificationHead(48, 0, 10),
        **settings,
    )
    # The output layer starts at zero; for most tests the answer should depend on the input.
    torch.nn.init.normal_(model.classification.output.weight)
    return model


# ## Patches
@pytest.mark.parametrize(("height", "width"), [(32, 32), (8, 24)])
def test_the_convolution_is_a_projection_of_flattened_patches(height, width):
    torch.manual_seed(0)
    patches = PatchEmbeddings(d_model=20, patch_size=4, in_channels=3)
    x = torch.randn(2, 3, height, width)
    matrix = patches.conv.weight.flatten(1).T
    tokens = []
    for row in range(0, height, 4):
        for column in range(0, width, 4):
            patch = x[:, :, row : row + 4, column : column + 4].flatten(1)
            tokens.append(patch @ matrix + patches.conv.bias)
    torch.testing.assert_close(patches(x), torch.stack(tokens, dim=1))


def test_a_size_that_the_patches_do_not_divide():
    with pytest.raises(
        ValueError, match="30x32 pixels cannot be cut into patches of 4x4"
    ):
        small()(torch.zeros(1, 3, 30, 32))
    with pytest.raises(
        ValueError, match="224x224 pixels cannot be cut into patches of 15x15"
    ):
        vit("B/15")


# ## Positions
def test_without_positions_a_collage_is_the_same_image():
    model = small().eval()
    x = torch.randn(1, 3, 32, 32)
    collage = torch.cat([x[:, :, 16:], x[:, :, :16]], dim=2)
    assert not torch.allclose(model(x), model(collage), atol=1e-4)
    torch.nn.init.zeros_(model.pos_emb.positional_encodings)
    torch.testing.assert_close(model(x), model(collage), atol=1e-5, rtol=1e-5)


def test_positions_are_interpolated_like_an_image():
    torch.manual_seed(0)
    positions = LearnedPositionalEmbeddings(5, grid_size=(4, 6))
    learned = positions.positional_encodings
    assert positions.interpolate((4, 6)) is learned
    resized = positions.interpolate((8, 9))
    assert resized.shape == (1, 1 + 8 * 9, 5)
    assert torch.equal(resized[:, 0], learned[:, 0])
    image = learned[:, 1:].reshape(1, 4, 6, 5).permute(0, 3, 1, 2)
    expected = F.interpolate(image, size=(8, 9), mode="bicubic")
    torch.testing.assert_close(
        resized[:, 1:].reshape(1, 8, 9, 5).permute(0, 3, 1, 2), expected
    )


def test_a_smooth_field_of_positions_stays_itself():
    """Positions that grow evenly from left to right still do so in a finer grid."""
    positions = LearnedPositionalEmbeddings(1, grid_size=8)
    ramp = torch.arange(8.0).repeat(8, 1).flatten()
    with torch.no_grad():
        positions.positional_encodings[0, 1:, 0] = ramp
    resized = positions.interpolate((8, 16))[0, 1:, 0].reshape(8, 16)
    expected = (torch.arange(16.0) + 0.5) / 2 - 0.5
    # Bicubic weights do not keep a straight line straight to the last digit.
    torch.testing.assert_close(
        resized[:, 4:-4], expected[4:-4].repeat(8, 1), atol=0.05, rtol=0
    )


@pytest.mark.parametrize("size", [(32, 32), (48, 48), (16, 64), (4, 4)])
def test_images_of_other_sizes_just_work(size):
    model = small().eval()
    assert model(torch.randn(2, 3, *size)).shape == (2, 10)


def test_positions_in_double_precision_stay_in_it():
    torch.manual_seed(0)
    positions = LearnedPositionalEmbeddings(4, 3).double()

    def resampled(encodings):
        return torch.func.functional_call(
            positions,
            {"positional_encodings": encodings},
            (torch.zeros(1, 21, 4), (4, 5)),
        )

    encodings = positions.positional_encodings.detach().requires_grad_()
    assert torch.autograd.gradcheck(resampled, encodings)
    rows = encodings[:, 1:].detach().transpose(1, 2).unflatten(-1, (3, 3))
    exact = F.interpolate(rows, size=(4, 5), mode="bicubic")
    torch.testing.assert_close(
        positions.interpolate((4, 5))[:, 1:].detach(),
        exact.flatten(2).transpose(1, 2), atol=1e-14, rtol=0,
    )  # fmt: skip


def test_positions_get_gradients_through_interpolation():
    model = small()
    model(torch.randn(1, 3, 48, 48)).sum().backward()
    assert model.pos_emb.positional_encodings.grad.abs().sum() > 0


# ## Head
def test_the_head_for_pre_training_has_a_hidden_layer_with_tanh():
    torch.manual_seed(0)
    head = ClassificationHead(8, 16, 5)
    torch.nn.init.normal_(head.output.weight)
    x = torch.randn(3, 8)
    expected = head.output(torch.tanh(x @ head.hidden.weight.T + head.hidden.bias))
    torch.testing.assert_close(head(x), expected)


def test_the_head_for_fine_tuning_is_one_linear_layer_that_starts_at_zero():
    head = ClassificationHead(8, 0, 5)
    assert [name for name, _ in head.named_parameters()] == [
        "output.weight",
        "output.bias",
    ]
    assert (head(torch.randn(3, 8)) == 0).all()


# ## The family
PARAMETERS = {
    "ViT-Ti/16": 5_717_416,
    "ViT-S/16": 22_050_664,
    "ViT-B/16": 86_567_656,
    "ViT-B/32": 88_224_232,
    "ViT-L/16": 304_326_632,
    "ViT-L/32": 306_535_400,
    "ViT-H/14": 632_045_800,
}


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", PARAMETERS)
def test_exact_parameter_counts(name):
    with torch.device("meta"):
        assert count(vit(name)) == PARAMETERS[name]


@pytest.mark.parametrize("name", ["b_16", "b_32", "l_16", "l_32", "h_14"])
def test_torchvision_counts_the_same(name):
    with torch.device("meta"):
        theirs = count(getattr(torchvision.models, f"vit_{name}")())
    assert PARAMETERS["ViT-" + name.upper().replace("_", "/")] == theirs


def test_sizes_of_the_paper():
    table = {
        "B": (12, 768, 3072, 12),
        "L": (24, 1024, 4096, 16),
        "H": (32, 1280, 5120, 16),
    }
    assert {name: tuple(SIZES[name]) for name in table} == table


def test_torchvision_computes_the_same():
    """With the same weights, the answers agree to rounding."""
    torch.manual_seed(0)
    theirs = torchvision.models.VisionTransformer(
        image_size=32,
        patch_size=8,
        num_layers=2,
        num_heads=3,
        hidden_dim=192,
        mlp_dim=768,
        num_classes=10,
    ).eval()
    torch.nn.init.normal_(theirs.heads.head.weight)
    ours = vit("Ti/8", image_size=32, n_classes=10).eval()
    ours.encoder.layers = ours.encoder.layers[:2]
    state = theirs.state_dict()
    with torch.no_grad():
        ours.patch_emb.conv.weight.copy_(state["conv_proj.weight"])
        ours.patch_emb.conv.bias.copy_(state["conv_proj.bias"])
        ours.cls_token_emb.copy_(state["class_token"])
        ours.pos_emb.positional_encodings.copy_(state["encoder.pos_embedding"])
        for number, layer in enumerate(ours.encoder.layers):
            prefix = f"encoder.layers.encoder_layer_{number}."
            part = {
                k.removeprefix(prefix): v
                for k, v in state.items()
                if k.startswith(prefix)
            }
            attn = layer.self_attn
            for name in ("weight", "bias"):
                parts = part[f"self_attention.in_proj_{name}"].chunk(3)
                for linear, values in zip(
                    (attn.query.linear, attn.key.linear, attn.value.linear),
                    parts,
                    strict=True,
                ):
                    getattr(linear, name).copy_(values)
                getattr(attn.output, name).copy_(
                    part[f"self_attention.out_proj.{name}"]
                )
                getattr(layer.norm_self_attn, name).copy_(part[f"ln_1.{name}"])
                getattr(layer.norm_ff, name).copy_(part[f"ln_2.{name}"])
                getattr(layer.feed_forward.layer1, name).copy_(part[f"mlp.0.{name}"])
                getattr(layer.feed_forward.layer2, name).copy_(part[f"mlp.3.{name}"])
        for name in ("weight", "bias"):
            getattr(ours.encoder.norm, name).copy_(state[f"encoder.ln.{name}"])
            getattr(ours.classification.output, name).copy_(state[f"heads.head.{name}"])
    x = torch.randn(4, 3, 32, 32)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("ViT-X/16", "ViT-"),
        ("B-16", "ViT-B/16"),
        ("vit_l_32", "ViT-L/32"),
        ("ViT-B/0", "ViT-B/"),
        ("", "ViT-"),
    ],
)
def test_unknown_names(name, nearest):
    with pytest.raises(
        ValueError, match=f"there is no model '{name}'; did you mean '{nearest}"
    ):
        vit(name)


def test_dropout_and_stochastic_depth_reach_their_places():
    model = vit("Ti/4", image_size=32, n_classes=10, dropout_prob=0.1, drop_path=0.2)
    first, last = model.encoder.layers[0], model.encoder.layers[-1]
    assert model.dropout.p == last.dropout.p == last.feed_forward.dropout.p == 0.1
    # Not behind the projections of queries, keys and values.
    assert last.self_attn.dropout_prob == 0
    assert (first.drop_path.drop_prob, last.drop_path.drop_prob) == (0, 0.2)


def test_layers_differ_from_each_other():
    model = small()
    one, two = (layer.feed_forward.layer1.weight for layer in model.encoder.layers)
    assert not torch.equal(one, two)


# ## Training, compiling, half precision
def test_it_learns_one_batch_by_heart():
    model = small()
    torch.nn.init.zeros_(model.classification.output.weight)
    x, y = torch.randn(16, 3, 32, 32), torch.arange(16) % 10
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(60):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (model(x).argmax(1) == y).all()
    assert loss < 0.1


def test_every_parameter_gets_a_gradient():
    model = small()
    model(torch.randn(2, 3, 32, 32)).square().sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("size", [32, 48])
@pytest.mark.parametrize("training", [False, True])
def test_no_graph_breaks(size, training):
    model = small(dropout_prob=0.1, drop_path=0.1).train(training)
    x = torch.randn(2, 3, size, size)
    # Of the whole graph, it compiles all or raises an error. That of the gradients takes
    # longest, and one has all that the others have.
    backend = "aot_eager" if training and size == 48 else "eager"
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    out = compiled(x)
    if not training:
        torch.testing.assert_close(out, model(x))
    out.sum().backward()


@pytest.mark.parametrize("size", [32, 48])
def test_bfloat16(size):
    model = small().eval()
    x = torch.randn(4, 3, size, size)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(x)
    assert out.dtype == torch.bfloat16
    assert F.cosine_similarity(out.float(), model(x)).min() > 0.99
    half = small().eval().bfloat16()
    assert half(x.bfloat16()).dtype == torch.bfloat16


def test_state_survives_saving(tmp_path):
    model = small().eval()
    torch.save(model.state_dict(), tmp_path / "m.pt")
    other = small().eval()
    torch.nn.init.normal_(other.cls_token_emb)
    other.load_state_dict(torch.load(tmp_path / "m.pt", weights_only=True))
    x = torch.randn(1, 3, 32, 32)
    assert torch.equal(model(x), other(x))


def test_the_readme_runs():
    """The code of the short page, as it stands there."""
    import re
    from pathlib import Path

    import labml_nn.transformers.vit as module

    text = (Path(module.__file__).parent / "readme.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        names: dict[str, object] = {}
        exec(block, names)
        assert isinstance(names["model"], VisionTransformer)
    docstring = re.findall(r"```python\n(.*?)```", module.__doc__, re.DOTALL)
    exec(docstring[0], {})


def test_mean_pooling_averages_all_tokens():
    torch.manual_seed(0)
    model = small().eval()
    seen = []
    model.encoder.register_forward_hook(lambda *hook: seen.append(hook[2]))
    x = torch.randn(2, 3, 32, 32)
    assert torch.equal(model.features(x), seen[0][:, 0])
    model.mean_pooling = True
    assert torch.equal(model.features(x), seen[1].mean(dim=1))


@pytest.mark.parametrize("size", [0, -4])
def test_an_image_of_no_size(size):
    with pytest.raises(ValueError, match=f"{size}x{size}"):
        vit("ViT-Ti/4", image_size=size)


def test_all_that_has_weights_can_start_again():
    with torch.device("meta"):
        model = vit("ViT-Ti/16")
    model.to_empty(device="cpu")
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    assert all(one.isfinite().all() for one in model.parameters())
    assert (model.cls_token_emb == 0).all()


def test_one_image_is_no_batch():
    with pytest.raises(ValueError, match=r"must have shape \[batch, channels, height"):
        vit("ViT-Ti/16")(torch.zeros(3, 224, 224))


# ## Inside
def test_tokens_of_the_last_layer_and_of_any_other():
    model = vit("ViT-Ti/4", image_size=8, n_classes=3).eval()
    x = torch.randn(2, 3, 8, 12)
    tokens = model.tokens(x)
    assert tokens.shape == (2, 1 + 2 * 3, 192)
    first, last, again = model.intermediate_tokens(x, [0, 11, -1])
    assert first.shape == tokens.shape
    assert torch.equal(model.encoder.norm(last), tokens)
    assert torch.equal(last, again)
    layer = model.encoder.layers[0]
    assert torch.equal(first, layer(x=model.embed(x)))
    for number in (12, -13):
        with pytest.raises(IndexError, match=f"no layer {number} among 12"):
            model.intermediate_tokens(x, [number])


@pytest.mark.parametrize("recompute", [False, True])
def test_the_last_layer_computes_only_what_the_head_reads(recompute):
    """The same logits and gradients as from all tokens, from fewer multiplications."""
    torch.manual_seed(0)
    model = vit("ViT-Ti/4", image_size=8, n_classes=3, drop_path=0.5).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    model.encoder.recompute = recompute
    x = torch.randn(4, 3, 8, 8, dtype=torch.float64)

    def whole(x):
        return model.classification(model.tokens(x)[:, 0])

    def results(network):
        model.zero_grad()
        # Stochastic depth draws once per image, however many tokens are computed.
        torch.manual_seed(1)
        logits = network(x)
        logits.square().sum().backward()
        return [logits, *(parameter.grad for parameter in model.parameters())]

    for one, other in zip(results(model), results(whole), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)

    def flops(network):
        with FlopCounterMode(display=False) as counter:
            network(x)
        return counter.get_total_flops()

    # 10 of the layer's 12 D² multiplications, and those of attention, for four images
    # of four patches.
    model.eval()
    saved = 2 * 4 * (4 * 10 * 192**2 + 4 * 5 * 2 * 192)
    assert flops(whole) - flops(model) == saved


def test_images_that_are_no_squares():
    model = vit("ViT-Ti/4", image_size=(8, 16), n_classes=3)
    assert model.pos_emb.grid_size == (2, 4)
    x = torch.randn(1, 3, 8, 16)
    assert model(x).shape == (1, 3)
    with pytest.raises(ValueError, match="an image of 8x15 pixels cannot be cut"):
        vit("ViT-Ti/4", image_size=(8, 15))


def test_layers_that_are_computed_twice():
    """The same gradients, with dropout, from fewer tensors that are kept."""
    model = vit("ViT-Ti/4", image_size=8, n_classes=3, dropout_prob=0.2, drop_path=0.5)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    x = torch.randn(2, 3, 8, 8)

    def gradients(recompute):
        model.encoder.recompute = recompute
        model.zero_grad()
        kept = []
        torch.manual_seed(0)
        with torch.autograd.graph.saved_tensors_hooks(
            lambda tensor: kept.append(tensor.numel()) or tensor, lambda tensor: tensor
        ):
            loss = model(x).square().sum()
        count = sum(kept)
        loss.backward()
        return count, [parameter.grad.clone() for parameter in model.parameters()]

    whole, expected = gradients(False)
    fewer, computed = gradients(True)
    assert fewer < whole / 3
    for one, other in zip(expected, computed, strict=True):
        torch.testing.assert_close(one, other)
