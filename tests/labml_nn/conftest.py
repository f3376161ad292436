"""What the tests of runs share."""

import contextlib
import functools

import pytest
import torch

from labml_nn.helpers import data


@pytest.fixture(scope="session", autouse=True)
def _images_drawn_once():
    """To draw the same images anew takes a third of a short run."""
    drawn = functools.cache(data.synthetic)

    def synthetic(count, seed):
        # A copy, lest a run changes the images of the next.
        images, labels, classes = drawn(count, seed)
        return data.LabeledImages(images.clone(), labels.clone(), classes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "synthetic", synthetic)
        yield


@contextlib.contextmanager
def working_in(folder):
    """Runs leave their files here, and do not use more than their core."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Not every machine has a home where files can be kept.
        patch.setenv("HOME", "/dev/null/nobody")
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@pytest.fixture
def own_folder(tmp_path):
    with working_in(tmp_path):
        yield
