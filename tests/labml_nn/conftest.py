"""What the tests of runs share."""

import contextlib

import pytest
import torch


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
