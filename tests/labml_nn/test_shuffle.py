"""Shuffled patches, and the still form of their figure."""

import re

import pytest

from labml_nn.transformers.vit import shuffle, try_it
from labml_nn.transformers.vit.predict import Classifier


def test_each_patch_has_one_new_place():
    order = shuffle.random_order(64, 1)
    assert sorted(order) == list(range(64)) != order
    assert order != shuffle.random_order(64, 2)
    for count in (0, 1, 2, 64):
        found = shuffle.sources(order, count)
        assert sorted(found) == list(range(64))
        moved = sum(place != source for place, source in enumerate(found))
        assert moved == (count if count > 1 else 0)


def test_without_positions_the_order_does_not_matter():
    one = Classifier()
    image = try_it.images()[shuffle.CAT].resize((256, 256))
    found = shuffle.sources(shuffle.random_order(64, 1), 64)
    before = shuffle.probabilities(one, image)
    after = shuffle.probabilities(one, shuffle.shuffled(image, found))
    assert before[0].tolist() != pytest.approx(after[0].tolist(), abs=0.1)
    assert before[1].tolist() == pytest.approx(after[1].tolist(), abs=1e-5)
    assert before[0].argmax() != before[1].argmax()


def test_the_still_form_is_up_to_date():
    """Except for its images, which every version of the library packs in its own way."""
    kept = (shuffle.DRAWINGS / "shuffle.svg").read_text("utf-8")
    drawn, kept = (re.sub(r'base64,[^"]*', "", one) for one in (shuffle.draw(), kept))
    assert drawn == kept, "python -m labml_nn.transformers.vit.shuffle"
