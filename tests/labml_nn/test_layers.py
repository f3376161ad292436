"""Feed-forward block, layer, encoder and the copies that it is made of."""

import pytest
import torch
from torch import nn
from torch._dynamo.testing import CompileCounter

from labml_nn.transformers import (
    Encoder,
    FeedForward,
    MultiHeadAttention,
    TransformerLayer,
)
from labml_nn.transformers.models import StochasticDepth
from labml_nn.utils import clone_module_list


def layer(**settings):
    return TransformerLayer(
        d_model=16,
        self_attn=MultiHeadAttention(4, 16, 0.0),
        feed_forward=FeedForward(16, 32, 0.0),
        **settings,
    )


# ## Feed-forward
def test_the_equation():
    torch.manual_seed(0)
    block = FeedForward(8, 32).eval()
    x = torch.randn(2, 5, 8)
    hidden = x @ block.layer1.weight.T + block.layer1.bias
    gelu = hidden * torch.distributions.Normal(0, 1).cdf(hidden)
    torch.testing.assert_close(
        block(x), gelu @ block.layer2.weight.T + block.layer2.bias
    )


def test_the_gate():
    torch.manual_seed(0)
    block = FeedForward(8, 32, activation=nn.Sigmoid(), is_gated=True).eval()
    x = torch.randn(2, 5, 8)
    expected = block.layer2(block.layer1(x).sigmoid() * block.gate(x))
    torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("which", ["bias1", "bias2", "bias_gate"])
def test_each_bias_can_be_left_out(which):
    flags = {"bias1": True, "bias2": True, "bias_gate": True, which: False}
    block = FeedForward(8, 32, is_gated=True, **flags)
    biases = (block.layer1.bias, block.layer2.bias, block.gate.bias)
    assert [bias is not None for bias in biases] == list(flags.values())


# ## Layer and encoder
def test_the_residual_stream_is_only_added_to():
    torch.manual_seed(0)
    block = layer().eval()
    x = torch.randn(2, 5, 16)
    z = block.norm_self_attn(x)
    middle = x + block.self_attn(query=z, key=z, value=z)
    expected = middle + block.feed_forward(block.norm_ff(middle))
    torch.testing.assert_close(block(x=x), expected)


def test_against_pytorch():
    torch.manual_seed(0)
    ours = layer().eval()
    theirs = nn.TransformerEncoderLayer(
        16,
        4,
        32,
        0.0,
        activation="gelu",
        layer_norm_eps=1e-6,
        batch_first=True,
        norm_first=True,
    ).eval()
    attn = ours.self_attn
    parts = (attn.query.linear, attn.key.linear, attn.value.linear)
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(
            torch.cat([part.weight for part in parts])
        )
        theirs.self_attn.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.self_attn.out_proj.load_state_dict(attn.output.state_dict())
        theirs.linear1.load_state_dict(ours.feed_forward.layer1.state_dict())
        theirs.linear2.load_state_dict(ours.feed_forward.layer2.state_dict())
    x = torch.randn(2, 5, 16)
    torch.testing.assert_close(ours(x=x), theirs(x))


def test_a_decoder_looks_at_another_sequence():
    torch.manual_seed(0)
    block = layer(src_attn=MultiHeadAttention(4, 16, 0.0)).eval()
    x, src = torch.randn(2, 5, 16), torch.randn(2, 9, 16)
    assert not torch.allclose(
        block(x=x, src=src), block(x=x, src=torch.zeros_like(src))
    )
    mask = torch.zeros(5, 9, dtype=torch.bool)
    mask[:, 0] = True
    changed = src.clone()
    changed[:, 1:] += 1
    torch.testing.assert_close(
        block(x=x, src=src, src_mask=mask), block(x=x, src=changed, src_mask=mask)
    )


def test_only_the_first_tokens():
    torch.manual_seed(0)
    block = layer(src_attn=MultiHeadAttention(4, 16, 0.0)).double().eval()
    x, src = torch.randn(2, 5, 16).double(), torch.randn(2, 9, 16).double()
    causal = torch.ones(5, 5, dtype=torch.bool).tril()
    given = {"src": src, "src_mask": torch.rand(2, 5, 9) > 0.5}
    for mask in (None, causal, causal.expand(2, -1, -1)):
        few = block(x=x, mask=mask, **given, queries=2)
        torch.testing.assert_close(few, block(x=x, mask=mask, **given)[:, :2])
        encoder = Encoder(layer(), 3).double().eval()
        torch.testing.assert_close(encoder(x, mask, 2), encoder(x, mask)[:, :2])


def test_encoder_masks_reach_every_layer():
    torch.manual_seed(0)
    encoder = Encoder(layer(), 3).eval()
    x = torch.randn(1, 5, 16)
    causal = torch.ones(5, 5, dtype=torch.bool).tril()
    changed = x.clone()
    changed[:, 4] += 1
    torch.testing.assert_close(
        encoder(x, causal)[:, :4], encoder(changed, causal)[:, :4]
    )


def test_the_encoder_ends_with_a_norm():
    encoder = Encoder(layer(), 2).eval()
    out = encoder(torch.randn(2, 5, 16) * 100)
    torch.testing.assert_close(out.mean(-1), torch.zeros(2, 5), atol=1e-5, rtol=0)


# ## Copies
def test_copies_have_weights_of_their_own():
    pattern = layer()
    clones = clone_module_list(pattern, 3)
    assert len(clones) == 3
    for one, two in zip(clones, [*clones[1:], pattern], strict=True):
        for (name, a), (_, b) in zip(
            one.named_parameters(), two.named_parameters(), strict=True
        ):
            assert a is not b
            if a.dim() > 1:
                assert not torch.equal(a, b), name


def test_copies_start_as_their_module_says():
    torch.manual_seed(0)
    (clone,) = clone_module_list(layer(), 1)
    weight = clone.feed_forward.layer1.weight
    bound = (6 / (16 + 32)) ** 0.5
    assert weight.abs().max() <= bound
    assert weight.detach().std() == pytest.approx(bound / 3**0.5, rel=0.1)
    assert (clone.self_attn.output.bias == 0).all()
    assert clone.feed_forward.layer1.bias.abs().max() < 1e-5


# ## Stochastic depth
def test_stochastic_depth_keeps_the_mean_and_drops_whole_images():
    torch.manual_seed(0)
    drop = StochasticDepth(0.3)
    x = torch.ones(20_000, 2, 3)
    out = drop(x)
    rows = out.flatten(1)
    assert ((rows == 0).all(1) | (rows == 1 / 0.7).all(1)).all()
    assert (rows[:, 0] == 0).float().mean() == pytest.approx(0.3, abs=0.02)
    assert out.mean() == pytest.approx(1, abs=0.02)
    assert drop.eval()(x) is x


def test_the_probability_grows_with_depth():
    encoder = Encoder(layer(), 5, drop_path=0.2)
    rates = [part.drop_path.drop_prob for part in encoder.layers]
    assert rates == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    assert Encoder(layer(), 1, drop_path=0.2).layers[0].drop_path.drop_prob == 0.2
    kept = Encoder(layer(drop_path=0.4), 3)
    assert [part.drop_path.drop_prob for part in kept.layers] == [0.4] * 3


@pytest.mark.parametrize("probability", [-0.1, 1.0, 1.5])
def test_a_block_that_is_always_skipped_is_refused(probability):
    with pytest.raises(ValueError, match=f"drop_prob .{probability}. must be"):
        StochasticDepth(probability)
    drop = StochasticDepth(0.5)
    with pytest.raises(ValueError, match=f"drop_prob .{probability}. must be"):
        drop.drop_prob = probability


def test_the_name_and_the_number_of_the_caller_are_in_the_error():
    """And not what the encoder makes of them for one of its layers."""
    message = r"^drop_path \(-1\) must be at least 0 and below 1$"
    with pytest.raises(ValueError, match=message):
        Encoder(layer(), 12, drop_path=-1)
    with pytest.raises(ValueError, match=message):
        layer(drop_path=-1)


def skipped(drop):
    """How many of a thousand images skip the block; those that stay are scaled up."""
    out = drop(torch.ones(1000, 1, 1)).flatten()
    kept = out[out != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - drop.drop_prob)))
    return 1000 - len(kept)


def test_what_is_shown_is_what_is_used():
    torch.manual_seed(0)
    drop = StochasticDepth(0.25)
    for probability in (0.25, 0.75, 0.0, 0.5):
        drop.drop_prob = probability
        assert drop.drop_prob == probability
        assert str(drop) == f"StochasticDepth(drop_prob={probability})"
        assert skipped(drop) == pytest.approx(1000 * probability, abs=50)


def emptied(model, weights):
    model.to_empty(device="cpu").load_state_dict(weights)


def emptied_and_reset(model, weights):
    model.to_empty(device="cpu")
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    model.load_state_dict(weights)


def assigned(model, weights):
    model.load_state_dict(weights, assign=True)


@pytest.mark.parametrize("fill", [emptied, emptied_and_reset, assigned])
def test_a_model_made_on_meta_trains_like_any_other(fill):
    def encoder():
        return Encoder(layer(dropout_prob=0.1), 3, drop_path=0.5)

    real, x = encoder(), torch.randn(8, 5, 16)
    with torch.device("meta"):
        model = encoder()
    fill(model, real.state_dict())
    for mode in (True, False):
        outputs = []
        for one in (real, model):
            torch.manual_seed(1)
            outputs.append(one.train(mode)(x))
        assert torch.equal(*outputs)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_types_leave_the_probability_alone(dtype):
    torch.manual_seed(0)
    drop = StochasticDepth(0.3).to(dtype)
    out = drop(torch.ones(1000, 2, 3, dtype=dtype))
    assert out.dtype == dtype
    assert (out == 0).float().mean() == pytest.approx(0.3, abs=0.05)
    assert drop.drop_prob == 0.3


def test_all_layers_that_skip_share_one_program():
    torch.manual_seed(0)
    layers = [StochasticDepth(probability) for probability in (0.1, 0.3, 0.6, 0.8)]
    counter = CompileCounter()
    for drop in layers:
        drop.compile(backend=counter, dynamic=False)
        assert skipped(drop) == pytest.approx(1000 * drop.drop_prob, abs=50)
    assert counter.frame_count == 1
