"""What the tests of runs share."""

import pytest
import torch


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Runs leave their files here, and do not use more than their core."""
    monkeypatch.chdir(tmp_path)
    # Not every machine has a home where files can be kept.
    monkeypatch.setenv("HOME", "/dev/null/nobody")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
