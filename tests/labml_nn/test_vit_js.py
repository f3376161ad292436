"""The model in JavaScript computes what the model in PyTorch computes."""

import subprocess

import pytest
import torch

from sidelit.files import node
from tests.labml_nn.in_javascript import (
    HEIGHT,
    WIDTH,
    agree,
    expected,
    program,
    random_model,
    run,
    task,
)

IMAGE = torch.randn(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))


def test_the_heads_of_this_model_differ():
    """Otherwise much that is wrong would agree."""
    logits, attention = expected(random_model(True, 0), IMAGE)
    tokens = attention.shape[-1] ** 0.5
    assert attention.amax(dim=-1).min() > 2 / tokens
    assert logits.std() > 0.1


@pytest.mark.parametrize("mean_pooling", [True, False])
@pytest.mark.parametrize("n_hidden", [0, 16])
def test_logits_and_attention_are_those_of_pytorch(mean_pooling, n_hidden):
    model = random_model(mean_pooling, n_hidden)
    (found,) = run(task(model, IMAGE))
    agree(found, model, IMAGE)


def test_weights_may_have_half_the_precision():
    model = random_model(True, 0)
    rounded = random_model(True, 0)
    with torch.no_grad():
        # Small enough to be subnormal, too.
        for one in (model, rounded):
            one.pos_emb.positional_encodings[..., ::2] *= 1e-5
        for parameter in rounded.parameters():
            parameter.copy_(parameter.half().float())
    (found,) = run(task(model, IMAGE, half=True))
    agree(found, rounded, IMAGE)


def test_images_of_another_size_are_refused():
    model = random_model(True, 0)
    wrong = task(model, torch.zeros(1, 3, HEIGHT, HEIGHT))
    result = subprocess.run(
        [node(), "-"], input=program([wrong]), capture_output=True, text=True
    )
    assert "RangeError: an image of another size" in result.stderr
