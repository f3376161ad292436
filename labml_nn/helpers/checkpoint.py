r"""
---
title: Checkpoints
summary: >
  Files that are written completely or not at all, with a checksum and a predecessor,
  and loaded without running any code.
---

# Checkpoints

A run can end at any moment: Ctrl-C, a full disk, a power cut. Whatever happens, the
last good state must survive, and no run may resume from half a file.
"""

import hashlib
import io
import os
import pickle
import re
from pathlib import Path
from typing import Any

import torch

_NAME = re.compile(r"checkpoint-(\d{8})\.pt")

# Without these entries, neither can a run be resumed nor its model be used.
_REQUIRED = (
    "model",
    "ema",
    "optimizers",
    "step",
    "history",
    "best",
    "statistics",
    "classes",
    "settings",
)

# Names in the previous version, accepted for one more.
_RENAMED = {
    "average": "ema",
    "seconds": "epoch_seconds",
    "spent": "total_seconds",
    "sums": "epoch_sums",
}


class CheckpointError(Exception):
    """
    Raised for a checkpoint that is missing or cannot be used; the message is one
    sentence.
    """


def save(
    folder: Path, step: int, state: dict[str, Any], best_step: int | None = None
) -> Path:
    """
    ## Saving

    The state is written to a temporary file and flushed to the disk before the file
    gets its final name. That contains the step, so a run overwrites nothing; each run
    needs a folder of its own. At the end, all checkpoints but the last two and that of
    `best_step` are removed.

    The last 32 bytes are a checksum of those before them. Now and then a disk or a copy
    flips a bit, and a weight with one bit changed looks like any other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = of_step(folder, step)
    temporary = file.with_suffix(".partial")
    try:
        with Output(temporary, "w+b") as opened:
            torch.save(state, opened)
            opened.seek(0)
            opened.write(hashlib.file_digest(opened, "sha256").digest())
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(temporary, file)
    except OSError:
        # Half a checkpoint would only take up space on a full disk.
        temporary.unlink(missing_ok=True)
        raise
    best = None if best_step is None else of_step(folder, best_step)
    for old in found(folder)[:-2]:
        if old != best:
            old.unlink(missing_ok=True)
    return file


def of_step(folder: Path, step: int) -> Path:
    """The file that `save` writes for a step."""
    return folder / f"checkpoint-{step:08}.pt"


class Output(io.FileIO):
    """
    A file for PyTorch or NumPy to write to, in a `with` statement. If the disk is full,
    they raise errors of their own, without the reason. Leaving this one raises the
    `OSError` that a write met.
    """

    _error: OSError | None = None

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        written = 0
        try:
            # A single call may write only part of the data.
            while written < len(view):
                written += super().write(view[written:])
        except OSError as error:
            self._error = error
            raise
        return written

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        super().__exit__(kind, error, traceback)
        if self._error is not None and isinstance(error, RuntimeError):
            raise self._error from None


def found(folder: Path) -> list[Path]:
    """
    The checkpoints in `folder` or, if it is the folder of a run, in its `checkpoints`,
    oldest first.
    """
    for place in (folder, folder / "checkpoints"):
        files = [file for file in place.glob("*.pt") if _NAME.fullmatch(file.name)]
        if files:
            return sorted(files)
    return []


def run_folder(place: str | Path) -> Path:
    """The folder of the run that `place`, a checkpoint or a folder, belongs to."""
    folder = Path(place)
    if not folder.is_dir():
        folder = folder.parent
    return folder.parent if folder.name == "checkpoints" else folder


def is_checkpoint(place: str | Path) -> bool:
    """
    Whether a file has the name or the checksum of a checkpoint. A folder counts as one.
    """
    file = Path(place)
    if file.is_dir() or _NAME.fullmatch(file.name):
        return True
    try:
        return _checksum_matches(file.read_bytes())
    except OSError:
        return False


def _checksum_matches(content: bytes) -> bool:
    # Slicing a view copies nothing.
    view = memoryview(content)
    return hashlib.sha256(view[:-32]).digest() == view[-32:]


def last_good(folder: Path) -> str:
    """The end of an error message: the checkpoint in `folder` to resume from."""
    files = found(folder / "checkpoints")
    return f"; the last good checkpoint is {files[-1]}" if files else ""


def load(place: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """
    ## Loading

    * `place` is a checkpoint, or the folder of a run, which stands for its last one
    * `device` is where the tensors go

    `weights_only` accepts tensors and plain values and nothing else, so loading a
    stranger's checkpoint does not run a stranger's code. Raises `CheckpointError`.
    """
    file = Path(place)
    if file.is_dir():
        files = found(file)
        if not files:
            raise CheckpointError(f"{file} holds no checkpoint")
        file = files[-1]
    if not file.exists():
        # As the user wrote it: a path has lost a slash of an address.
        raise CheckpointError(f"there is no checkpoint {place}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}") from None
    if not _checksum_matches(content):
        saved = found(file.parent) if _NAME.fullmatch(file.name) else []
        earlier = [other for other in saved if other.name < file.name]
        advice = f"; the one before it is {earlier[-1]}" if earlier else ""
        raise CheckpointError(
            f"{file} is damaged or not a checkpoint: its checksum does not match"
            f"{advice}"
        )
    try:
        stored = io.BytesIO(memoryview(content)[:-32])
        state = torch.load(stored, map_location=device, weights_only=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{file} holds more than tensors and plain values, and is not loaded"
        ) from None
    state = _with_current_names(state)
    missing = [name for name in _REQUIRED if name not in state]
    if missing:
        raise CheckpointError(
            f"{file} is not the checkpoint of a run: it has no {missing[0]}"
        )
    return state


def _with_current_names(state: dict[str, Any]) -> dict[str, Any]:
    state = {_RENAMED.get(name, name): value for name, value in state.items()}
    if state.get("history"):
        state["history"] = [
            {
                "validation_accuracy" if name == "held_out_accuracy" else name: value
                for name, value in epoch.items()
            }
            for epoch in state["history"]
        ]
    return state
