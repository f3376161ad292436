"""What the tests of runs share."""

import contextlib
import functools

import pytest
import yaml

from labml_nn.helpers import data
from tests.labml_nn.running import Forks


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


@pytest.fixture(scope="session", autouse=True)
def _settings_written_in_c():
    """labml writes all settings of a run as YAML, a quarter of a short run in Python."""
    dumper = getattr(yaml, "CDumper", yaml.Dumper)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "dump", functools.partial(yaml.dump, Dumper=dumper))
        yield


@pytest.fixture(scope="session", autouse=True)
def forks(_images_drawn_once):
    """Started before any test can have computed a gradient."""
    forks = Forks()
    yield forks
    forks.end()


@contextlib.contextmanager
def working_in(folder):
    """Runs leave their files here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Not every machine has a home where files can be kept.
        patch.setenv("HOME", "/dev/null/nobody")
        yield


@pytest.fixture
def own_folder(tmp_path):
    with working_in(tmp_path):
        yield


@pytest.fixture
def few_images(monkeypatch):
    """A tenth of the synthetic set, for what does not depend on how many there are."""
    drawn = data.synthetic
    monkeypatch.setattr(data, "synthetic", lambda count, seed: drawn(count // 10, seed))
