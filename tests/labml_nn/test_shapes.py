"""The shapes that the pages show are those of the code as it is now."""

import os
import subprocess
import sys

from tests.conftest import ROOT


def test_recording_again_changes_no_byte(tmp_path):
    record = tmp_path / "shapes.json"
    command = [sys.executable, "-m", "sidelit", "record", "--record", str(record)]
    result = subprocess.run(
        [*command, "tests/labml_nn/tour.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'utils'}{os.pathsep}{ROOT}"},
    )
    assert result.returncode == 0, result.stderr
    known = ROOT / "labml_nn" / "shapes.json"
    assert record.read_bytes() == known.read_bytes(), "run: make record"
