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

import os
import re
from pathlib import Path
from typing import Any

import torch

_NAME = re.compile(r"checkpoint-(\d{8})\.pt")


class CheckpointError(Exception):
    """A checkpoint that is not there or cannot be used, told in one sentence."""


def save(folder: Path, step: int, state: dict[str, Any]) -> Path:
    """
    ## Saving

    The bytes go into a temporary file, the disk is told to keep them, and only then the
    file gets its name. The name carries the step, so nothing is ever overwritten; all
    but the last two are removed at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"checkpoint-{step:08}.pt"
    temporary = file.with_suffix(".partial")
    with open(temporary, "wb") as opened:
        torch.save(state, opened)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(temporary, file)
    for old in found(folder)[:-2]:
        old.unlink(missing_ok=True)
    return file


def found(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted(file for file in folder.glob("*.pt") if _NAME.fullmatch(file.name))


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
        state = torch.load(file, map_location=device, weights_only=True)
        if not isinstance(state, dict) or "model" not in state:
            raise ValueError("no model is in it")
    except Exception as error:
        # What a damaged file makes PyTorch raise has many names.
        reason = str(error).strip().splitlines()[0].rstrip(".") if str(error) else ""
        before = [one for one in found(file.parent) if one.name < file.name]
        mend = f"; the one before it is {before[-1]}" if before else ""
        raise CheckpointError(
            f"{file} is damaged or no checkpoint ({reason[:120]}){mend}"
        ) from None
    return state
