"""Attention: the written-out formula and the fast kernel agree, masks and errors."""

import math
import re
from functools import partial

import pytest
import torch

from labml_nn.transformers import MultiHeadAttention
from labml_nn.transformers.mha import (
    PrepareForMultiHeadAttention,
    attention,
    attention_weights,
)


def masks():
    causal = torch.ones(7, 7, dtype=torch.bool).tril()
    each = torch.rand(3, 7, 7) > 0.4
    each |= torch.eye(7, dtype=torch.bool)
    nowhere = causal.clone()
    nowhere[2] = False
    return [None, causal, each, nowhere]


KINDS = ["none", "causal", "for each image", "one sees nothing"]


@pytest.mark.parametrize("mask", masks(), ids=KINDS)
def test_the_kernel_computes_what_the_page_says(mask):
    torch.manual_seed(0)
    layer = MultiHeadAttention(heads=4, d_model=32, dropout_prob=0.5).eval()
    x = torch.randn(3, 7, 32)
    heads = [part(x) for part in (layer.query, layer.key, layer.value)]
    wide = mask.unsqueeze(1) if mask is not None and mask.dim() == 3 else mask
    written_out = layer.output(attention(*heads, wide).transpose(1, 2).flatten(-2))
    torch.testing.assert_close(layer(query=x, key=x, value=x, mask=mask), written_out)


@pytest.mark.parametrize("mask", masks(), ids=KINDS)
def test_in_bfloat16_both_ways_are_the_same(mask):
    torch.manual_seed(0)
    layer = MultiHeadAttention(heads=4, d_model=32, dropout_prob=0.0).bfloat16()
    x = torch.randn(3, 7, 32, dtype=torch.bfloat16)
    trained = layer(query=x, key=x, value=x, mask=mask)
    with torch.no_grad():
        used = layer(query=x, key=x, value=x, mask=mask)
    torch.testing.assert_close(trained, used, atol=0.02, rtol=0.02)
    trained.float().square().sum().backward()
    gradient = layer.query.linear.weight.grad.float()
    assert gradient.isfinite().all()
    layer.zero_grad()
    layer.float()(
        query=x.float(), key=x.float(), value=x.float(), mask=mask
    ).square().sum().backward()
    exact = layer.query.linear.weight.grad
    assert (gradient - exact).norm() < 0.05 * exact.norm()


def test_against_pytorch():
    torch.manual_seed(0)
    ours = MultiHeadAttention(heads=4, d_model=32).eval()
    theirs = torch.nn.MultiheadAttention(32, 4, batch_first=True).eval()
    parts = (ours.query.linear, ours.key.linear, ours.value.linear)
    with torch.no_grad():
        for linear in parts:
            linear.bias.normal_()
        theirs.in_proj_weight.copy_(torch.cat([linear.weight for linear in parts]))
        theirs.in_proj_bias.copy_(torch.cat([linear.bias for linear in parts]))
        theirs.out_proj.load_state_dict(ours.output.state_dict())
    query, other = torch.randn(2, 5, 32), torch.randn(2, 9, 32)
    expected, weights = theirs(query, other, other, average_attn_weights=False)
    torch.testing.assert_close(ours(query=query, key=other, value=other), expected)
    expected_weights = attention_weights(ours.query(query), ours.key(other))
    torch.testing.assert_close(expected_weights, weights)


def test_weights():
    torch.manual_seed(0)
    query, key = torch.randn(2, 3, 5, 8), torch.randn(2, 3, 9, 8)
    weights = attention_weights(query, key)
    assert weights.shape == (2, 3, 5, 9)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5))
    by_hand = torch.exp(query[0, 0, 0] @ key[0, 0].T / math.sqrt(8))
    torch.testing.assert_close(weights[0, 0, 0], by_hand / by_hand.sum())
    mask = torch.ones(5, 9, dtype=torch.bool)
    mask[:, 3] = False
    assert (attention_weights(query, key, mask)[..., 3] == 0).all()


def test_weights_to_look_at_leave_no_trace():
    layer = MultiHeadAttention(heads=2, d_model=8).eval()
    x = torch.randn(2, 5, 8)
    state = set(vars(layer))
    weights = layer.weights(x, torch.ones(2, 5, 5, dtype=torch.bool))
    assert weights.shape == (2, 2, 5, 5)
    assert not weights.requires_grad
    layer(query=x, key=x, value=x)
    assert set(vars(layer)) == state


def test_tokens_are_a_set():
    """Without positions, shuffled tokens give the same answers, shuffled."""
    torch.manual_seed(0)
    layer = MultiHeadAttention(heads=2, d_model=8).eval()
    x, order = torch.randn(2, 6, 8), torch.randperm(6)
    shuffled = x[:, order]
    torch.testing.assert_close(
        layer(query=shuffled, key=shuffled, value=shuffled),
        layer(query=x, key=x, value=x)[:, order],
    )


def test_no_bias_means_none():
    layer = MultiHeadAttention(heads=2, d_model=8, bias=False)
    assert not [name for name, _ in layer.named_parameters() if "bias" in name]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_dropout_only_in_training(dtype):
    torch.manual_seed(0)
    layer = MultiHeadAttention(heads=2, d_model=8, dropout_prob=0.5).to(dtype)
    x = torch.randn(1, 20, 8, dtype=dtype)
    assert not torch.equal(
        layer(query=x, key=x, value=x), layer(query=x, key=x, value=x)
    )
    layer.eval()
    assert torch.equal(layer(query=x, key=x, value=x), layer(query=x, key=x, value=x))


def test_splitting_into_heads():
    part = PrepareForMultiHeadAttention(d_model=6, heads=3, d_k=2)
    x = torch.randn(4, 5, 6)
    heads = part(x)
    assert heads.shape == (4, 3, 5, 2)
    torch.testing.assert_close(heads[:, 1], part.linear(x)[..., 2:4])


def test_a_mask_on_another_device():
    layer, x = MultiHeadAttention(2, 8), torch.randn(3, 4, 8)
    mask = torch.ones(4, 4, dtype=torch.bool, device="meta")
    message = "mask is on meta and must be on cpu, as the tokens are"
    with pytest.raises(ValueError, match=message):
        layer(query=x, key=x, value=x, mask=mask)


def test_a_width_that_the_heads_do_not_divide():
    with pytest.raises(
        ValueError, match=r"d_model \(10\) must be a multiple of heads \(3\)"
    ):
        MultiHeadAttention(heads=3, d_model=10)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.int64, torch.uint8]
)
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_mask_of_numbers_is_refused(dtype, precision):
    """In each precision and by each function, so that none adds it to the scores."""
    layer = MultiHeadAttention(heads=2, d_model=8, dropout_prob=0.0).to(precision)
    x = torch.randn(3, 5, 8, dtype=precision)
    mask = torch.ones(5, 5, dtype=dtype).tril()
    message = (
        f"mask must be a tensor of booleans, not of {dtype}; True is where a query"
    )
    calls = (
        lambda: layer(query=x, key=x, value=x, mask=mask),
        lambda: layer.weights(x, mask),
        lambda: attention_weights(x, x, mask),
        lambda: attention(x, x, x, mask),
    )
    for call in calls:
        with pytest.raises(TypeError, match=message):
            call()
        with pytest.raises(TypeError, match=message), torch.no_grad():
            call()


@pytest.mark.parametrize(
    "shape", [(), (5,), (3, 5), (5, 4), (2, 4, 5), (3, 5, 4), (3, 2, 4, 5)]
)
def test_a_mask_of_another_shape_is_refused(shape):
    """With the shapes that fit, and not in the words of PyTorch."""
    layer = MultiHeadAttention(heads=2, d_model=8, dropout_prob=0.0)
    x, mask = torch.randn(3, 4, 8), torch.ones(shape, dtype=torch.bool)
    memory = torch.randn(3, 5, 8)
    message = re.escape(
        f"mask has shape {list(shape)} and must have shape [queries, keys] or "
        "[batch, queries, keys], here [4, 5] or [3, 4, 5]"
    )
    with pytest.raises(ValueError, match=message):
        layer(query=x, key=memory, value=memory, mask=mask)
    if len(shape) != 2:
        with pytest.raises(ValueError, match=r"here \[4, 4\] or \[3, 4, 4\]"):
            layer.weights(x, mask)


def test_a_mask_of_padding_is_broadcast():
    """A size of 1 stands for any number of queries or images."""
    layer = MultiHeadAttention(heads=2, d_model=8, dropout_prob=0.0)
    x, padding = torch.randn(3, 4, 8), torch.rand(3, 4) > 0.4
    short = layer(query=x, key=x, value=x, mask=padding[:, None])
    whole = padding[:, None].expand(3, 4, 4)
    torch.testing.assert_close(short, layer(query=x, key=x, value=x, mask=whole))
    for mask in (padding[:1], padding[:1, None], torch.ones(1, 1, dtype=torch.bool)):
        layer(query=x, key=x, value=x, mask=mask)


def test_the_compiler_keeps_it_written_out_in_bfloat16():
    """It knows the formula, and would put back the kernel with the slow gradient."""
    # To import them takes longer than all tests of this file, in each process.
    from functorch.compile import make_boxed_func
    from torch._inductor.compile_fx import compile_fx

    graphs = []

    def keep(graph, inputs, **_):
        graphs.append(graph)
        return make_boxed_func(graph)

    layer = MultiHeadAttention(heads=2, d_model=32, dropout_prob=0.0)
    x = torch.randn(2, 16, 32)
    compiled = torch.compile(layer, backend=partial(compile_fx, inner_compile=keep))
    with torch.autocast("cpu", torch.bfloat16):
        compiled(query=x, key=x, value=x)
    called = [str(node.target) for graph in graphs for node in graph.graph.nodes]
    assert sum("bmm" in name for name in called) >= 2
    assert not any("scaled_dot_product" in name for name in called)
