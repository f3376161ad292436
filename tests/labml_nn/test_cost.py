"""The counts of the figure on costs, and its still form."""

import re

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from labml_nn.transformers import cost, mha
from labml_nn.transformers.vit import SIZES, vit


@pytest.mark.parametrize(
    ("name", "height", "width"),
    [("Ti/4", 32, 32), ("S/32", 224, 96), ("B/16", 224, 224), ("L/16", 64, 384)],
)
def test_the_counts_are_those_of_the_model(name, height, width):
    size, patch_size = SIZES[name.split("/")[0]], int(name.split("/")[1])
    counted = cost.cost(height, width, patch_size, size.d_model, size.n_layers)
    with torch.device("meta"):
        model = vit(name, image_size=(height, width))
        x = torch.empty(1, 3, height, width)
    assert counted.tokens == model.embed(x).shape[1]
    assert counted.parameters == sum(one.numel() for one in model.parameters())

    # Of the last layer, the model itself computes only what the head reads.
    with FlopCounterMode(display=False) as counter:
        model.classification(model.tokens(x)[:, 0])
    layers = counted.attention + counted.projections + counted.mlp
    pixels, ends = 3 * height * width, 1000
    # A multiplication and an addition are counted each.
    assert counter.get_total_flops() == 2 * (layers + (pixels + ends) * size.d_model)

    weights = model.encoder.layers[0].self_attn.weights(model.embed(x))
    assert counted.memory == size.n_layers * weights.nbytes


def test_numbers_have_three_digits_and_a_unit():
    numbers = {17: "17", 999_999: "999,999", 1e6: "1 million", 999.6e6: "1 billion"}
    assert {one: cost.shown(one) for one in numbers} == numbers
    assert [cost.shown_bytes(one) for one in (16, 22.35e6)] == ["16 B", "22.4 MB"]


def test_the_still_form_is_up_to_date(tmp_path):
    cost.main(tmp_path)
    for file in tmp_path.iterdir():
        kept = (cost.DRAWINGS / file.name).read_text("utf-8")
        assert file.read_text("utf-8") == kept, "python -m labml_nn.transformers.cost"
    quoted = "\n".join(f"> {line}" for line in cost.table().splitlines())
    assert quoted in mha.__doc__, "python -m labml_nn.transformers.cost"


def test_the_counts_lead_to_the_costs_in_the_paper():
    rows = re.findall(r"\| (\d+) \| ([BLH])/(\d+) \| \| \| (\d+) \|", cost.__doc__)
    assert len(rows) == 6
    for exaflops, name, patch_size, epochs in rows:
        size = SIZES[name]
        one = cost.cost(224, 224, int(patch_size), size.d_model, size.n_layers)
        patches = 3 * 224**2 * size.d_model
        an_image = 6 * (one.attention + one.projections + one.mlp + patches)
        counted = an_image * 303e6 * int(epochs) / 1e18
        assert counted == pytest.approx(int(exaflops), rel=0.03)
