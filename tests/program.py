"""The program, without the third of a second that a new Python needs to be as far."""

import gc
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import IO, NoReturn

from sidelit.__main__ import run


def sidelit(
    *arguments: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """
    What a command does in a folder, in a process of its own that is forked from this one.
    Not for `record`: what it runs would find modules that tests have imported.
    """
    words = [str(one) for one in arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        process = os.fork()
        if not process:
            _run(words, cwd, environment, out, error)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(words, status, *texts)


class Started:
    """
    A command that runs in such a process, with what `subprocess.Popen` would say of it.
    All that it writes goes to `stdout`.
    """

    def __init__(self, *arguments: str | Path, cwd: Path) -> None:
        self.returncode: int | None = None
        mine, its = os.pipe()
        self.stdout = os.fdopen(mine, encoding="utf-8")
        with open(its, "wb") as out:
            self.pid = os.fork()
            if not self.pid:
                self.stdout.close()
                _run([str(one) for one in arguments], cwd, {}, out, out)

    def poll(self) -> int | None:
        """Its status, or `None` while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def move_to(
    cwd: Path, environment: dict[str, str], out: IO[bytes], error: IO[bytes]
) -> None:
    """Go on in another folder, with more in the environment, and write to these files."""
    os.chdir(cwd)
    os.environ.update(environment)
    os.dup2(out.fileno(), 1)
    os.dup2(error.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8")


def _run(
    words: list[str],
    cwd: Path,
    environment: dict[str, str],
    out: IO[bytes],
    error: IO[bytes],
) -> NoReturn:
    try:
        # To look for garbage among what is there would copy the memory of all of it.
        gc.freeze()
        move_to(cwd, environment, out, error)
        sys.argv = ["sidelit", *words]
        run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    # Whatever this process has begun, the one that it comes from will end.
    os._exit(1)
