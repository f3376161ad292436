"""Short runs, in this process and in others."""

import functools
import json
import multiprocessing
import os
import subprocess
import sys
from contextlib import redirect_stderr
from multiprocessing import connection

from labml_nn.experiments import distributed
from labml_nn.helpers import checkpoint
from labml_nn.transformers.vit.experiment import COMMAND
from tests.conftest import LIMIT, ROOT

main, configure, parse = COMMAND.main, COMMAND.configure, COMMAND.parse
TINY = [
    "preset=tiny",
    "validation_size=4000",
    "epochs=2",
    "model.d_model=32",
    "model.heads=2",
]
# The shortest that is a run: seven steps with images of 17 tokens.
SHORT = [
    "preset=tiny", "validation_size=4500", "epochs=1", "model.d_model=16", "model.heads=2",
    "model.n_layers=1", "model.patch_size=8",
]  # fmt: skip
LAUNCHER = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")


def command(*arguments, launcher=()):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "labml_nn.transformers.vit.experiment", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def together(arguments, folder):
    """
    The command in two processes that end as with `torchrun`: the first to fail ends the
    other. They are forked from this one, which has imported PyTorch already, so they
    must not come as far as to compute a gradient. Returns status and errors.
    """
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=_one_of_two, args=(rank, arguments, folder))
        for rank in range(2)
    ]
    for process in processes:
        process.start()
    ended = connection.wait([process.sentinel for process in processes], LIMIT)
    first = next(one for one in processes if one.sentinel in ended)
    first.join()
    for process in processes:
        process.terminate()
        process.join()
    return first.exitcode, (folder / "errors").read_text()


def _one_of_two(rank, arguments, folder):
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    # They find each other through a file, and not through a port.
    distributed.dist.init_process_group = functools.partial(
        distributed.dist.init_process_group,
        init_method=(folder / "others").as_uri(), rank=rank, world_size=2,
    )  # fmt: skip
    with open(folder / "errors", "a", 1) as errors, redirect_stderr(errors):
        os.dup2(errors.fileno(), 2)
        sys.exit(main(arguments))


def results(folder):
    files = sorted(folder.glob("runs/vit/*/result.json"), key=os.path.getmtime)
    return [json.loads(file.read_text()) for file in files]


def run_folder(folder):
    return max(folder.glob("runs/vit/*"), key=os.path.getmtime)


def weights(folder):
    return checkpoint.load(folder)["model"]
