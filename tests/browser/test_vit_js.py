"""The model in a browser computes what the model in PyTorch computes."""

import torch

from tests.labml_nn.in_javascript import (
    HEIGHT,
    RUN,
    SCRIPT,
    WIDTH,
    agree,
    random_model,
    task,
)


def test_logits_and_attention_are_those_of_pytorch(tab):
    model = random_model(True, 0)
    x = torch.randn(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))
    page = tab()
    page.add_script_tag(path=SCRIPT)
    agree(page.evaluate(RUN, task(model, x)), model, x)
