"""Short runs, in this process and in others."""

import json
import os
import subprocess
import sys

from labml_nn.helpers import checkpoint
from labml_nn.transformers.vit.experiment import COMMAND
from tests.conftest import ROOT

main, configure, parse = COMMAND.main, COMMAND.configure, COMMAND.parse
TINY = [
    "preset=tiny",
    "validation_size=4000",
    "epochs=2",
    "model.d_model=32",
    "model.heads=2",
]
# The shortest that is a run: seven steps.
SHORT = [
    "preset=tiny", "validation_size=4500", "epochs=1", "model.d_model=16", "model.heads=2",
    "model.n_layers=1",
]  # fmt: skip
LAUNCHER = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")


def command(*arguments, launcher=()):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "labml_nn.transformers.vit.experiment", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def results(folder):
    files = sorted(folder.glob("runs/vit/*/result.json"), key=os.path.getmtime)
    return [json.loads(file.read_text()) for file in files]


def run_folder(folder):
    return max(folder.glob("runs/vit/*"), key=os.path.getmtime)


def weights(folder):
    return checkpoint.load(folder)["model"]
