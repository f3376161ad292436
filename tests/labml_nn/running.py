"""Short runs, in this process and in others."""

import contextlib
import functools
import json
import multiprocessing
import os
import signal
import sys
import traceback
from contextlib import redirect_stderr
from multiprocessing import connection
from pathlib import Path

from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from labml_nn.experiments import distributed
from labml_nn.helpers import checkpoint
from labml_nn.transformers.vit.experiment import COMMAND
from tests.conftest import LIMIT
from tests.program import move_to

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


class Forks:
    """
    Runs the command in processes of their own, forked from one that has imported PyTorch
    and computes no gradient itself: after one, PyTorch would compute no other in a fork.
    """

    def __init__(self):
        context = multiprocessing.get_context("fork")
        self.here, there = context.Pipe()
        self.server = context.Process(target=_serve, args=(there, self.here))
        self.server.start()
        there.close()

    def start(self, function, *arguments):
        """Call a function. What it shows is in files here: `shown` and `errors`."""
        self.here.send((function, arguments, os.getcwd(), dict(os.environ)))
        return self.here.recv()

    def wait(self, process):
        """The exit status of a process."""
        self.here.send(process)
        has_ended = self.here.poll(LIMIT)
        if not has_ended:
            # All that follow would wait for it, too.
            os.kill(process, signal.SIGKILL)
        status = self.here.recv()
        assert has_ended
        return status

    def end(self):
        self.here.close()
        self.server.join()


def _serve(requests, other_end):
    other_end.close()
    with contextlib.suppress(EOFError):
        while True:
            request = requests.recv()
            if isinstance(request, int):
                answer = os.waitstatus_to_exitcode(os.waitpid(request, 0)[1])
            elif (answer := os.fork()) == 0:
                os._exit(_run(*request))
            requests.send(answer)


def _run(function, arguments, folder, environment):
    folder = Path(folder)
    os.environ.clear()
    with open(folder / "shown", "wb") as shown, open(folder / "errors", "wb") as errors:
        move_to(folder, environment, shown, errors)
    try:
        return function(*arguments)
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def one_process(arguments):
    return main(arguments)


def two_processes(arguments):
    """As `torchrun --standalone --nproc_per_node=2` does it, but forked."""
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=2, rdzv_backend="c10d",
        rdzv_endpoint="localhost:0", max_restarts=0, start_method="fork",
    )  # fmt: skip
    statuses = elastic_launch(config, main)(arguments)
    return max(statuses.values())


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
