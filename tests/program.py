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
        os.chdir(cwd)
        os.environ.update(environment)
        os.dup2(out.fileno(), 1)
        os.dup2(error.fileno(), 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        sys.argv = ["sidelit", *words]
        run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    # Whatever this process has begun, the one that it comes from will end.
    os._exit(1)
