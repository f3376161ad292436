r"""
---
title: Checkpoints
summary: >
  Checkpoints that are whole or not there at all, the one before the last kept as well,
  and loaded without running any code.
---

# Checkpoints

A run may end at any moment: Ctrl-C, a full disk, a power cut. Whatever happens, the
last good state must still be there, and nobody may train on from half a file.
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

# What there must be in a checkpoint, so that a run can go on or its model can be used.
_NEEDED = (
    "model",
    "average",
    "optimizers",
    "step",
    "history",
    "best",
    "statistics",
    "classes",
    "settings",
)


class CheckpointError(Exception):
    """A checkpoint that is not there or cannot be used, told in one sentence."""


def save(folder: Path, step: int, state: dict[str, Any]) -> Path:
    """
    ## Saving

    The bytes go into a temporary file, the disk is told to keep them, and only then the
    file gets its name. The name carries the step, so nothing is ever overwritten; all
    but the last two are removed at the end.

    The last 32 bytes are a checksum of all before them. Disks and copies forget bits
    now and then, and a weight with one bit changed looks like any other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"checkpoint-{step:08}.pt"
    temporary = file.with_suffix(".partial")
    with open(temporary, "w+b") as opened:
        torch.save(state, opened)
        opened.seek(0)
        opened.write(hashlib.file_digest(opened, "sha256").digest())
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(temporary, file)
    for old in found(folder)[:-2]:
        old.unlink(missing_ok=True)
    return file


def found(folder: Path) -> list[Path]:
    """
    The checkpoints of a run, oldest first. `folder` is where they are, or the folder of
    the run, which keeps them in `checkpoints`.
    """
    for place in (folder, folder / "checkpoints"):
        files = [file for file in place.glob("*.pt") if _NAME.fullmatch(file.name)]
        if files:
            return sorted(files)
    return []


def load(place: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """
    ## Loading

    * `place` is a checkpoint, or the folder of a run, whose last one is meant
    * `device` is where the tensors go

    With `weights_only`, a file can hold tensors and plain values but cannot run code,
    so that a checkpoint from somebody else is as harmless as a picture. Raises
    `CheckpointError`.
    """
    file = Path(place)
    if file.is_dir():
        files = found(file)
        if not files:
            raise CheckpointError(f"{file} holds no checkpoint")
        file = files[-1]
    if not file.exists():
        raise CheckpointError(f"there is no checkpoint {file}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}") from None
    content, checksum = content[:-32], content[-32:]
    if hashlib.sha256(content).digest() != checksum:
        before = [one for one in found(file.parent) if one.name < file.name]
        mend = f"; the one before it is {before[-1]}" if before else ""
        raise CheckpointError(
            f"{file} is damaged or no checkpoint: its checksum does not fit{mend}"
        )
    try:
        state = torch.load(io.BytesIO(content), map_location=device, weights_only=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{file} holds more than tensors and plain values, and is not loaded"
        ) from None
    missing = [name for name in _NEEDED if name not in state]
    if missing:
        raise CheckpointError(f"{file} is of no run: there is no {missing[0]} in it")
    return state
