"""Random queries and keys, and the still form of their figure."""

import math
import statistics
from itertools import chain, islice

import pytest
import torch

from labml_nn.transformers import mha, scale


def test_the_vectors_are_normal():
    numbers = list(islice(scale.random_numbers(scale.SEED), 20_000))
    assert len(set(numbers)) == len(numbers)
    assert 0 < min(numbers) < max(numbers) < 1
    assert statistics.mean(numbers) == pytest.approx(0.5, abs=0.01)
    found = list(chain.from_iterable(scale.normal_vectors(iter(numbers), 10)))
    assert statistics.mean(found) == pytest.approx(0, abs=0.03)
    assert statistics.stdev(found) == pytest.approx(1, abs=0.03)


def test_the_weights_are_those_of_attention():
    numbers = scale.random_numbers(scale.SEED)
    queries = scale.normal_vectors(numbers, scale.QUERIES)
    keys = scale.normal_vectors(numbers, scale.KEYS)
    d_k = 16
    q, k = (torch.tensor(one, dtype=torch.float64)[:, :d_k] for one in (queries, keys))
    without, found = scale.both(d_k)
    expected = mha.attention_weights(q, k)
    torch.testing.assert_close(torch.tensor(found.first).double(), expected[0])
    assert found.largest == pytest.approx(expected.amax(dim=1).mean().item())
    jacobians = torch.vmap(torch.func.jacrev(lambda row: row.softmax(dim=0)))(
        q @ k.T / math.sqrt(d_k)
    )
    traces = jacobians.diagonal(dim1=1, dim2=2).sum(dim=1)
    assert found.gradient == pytest.approx(traces.mean().item())
    assert without.spread == pytest.approx(found.spread * math.sqrt(d_k))


def test_the_divisor_keeps_the_softmax_from_one_key():
    for d_k in (64, 256, 512):
        without, found = scale.both(d_k)
        assert without.spread == pytest.approx(math.sqrt(d_k), rel=0.05)
        assert found.spread == pytest.approx(1, abs=0.05)
        assert without.largest > 0.8 > 0.3 > found.largest
        assert without.gradient < 0.25 < 0.8 < found.gradient


def test_the_still_form_is_up_to_date(tmp_path):
    scale.main(tmp_path)
    kept = (scale.DRAWINGS / "scale.svg").read_text("utf-8")
    message = "python -m labml_nn.transformers.scale"
    assert (tmp_path / "scale.svg").read_text("utf-8") == kept, message
    quoted = "\n".join(f"    > {line}" for line in scale.table().splitlines())
    assert quoted in mha.attention_weights.__doc__, message
