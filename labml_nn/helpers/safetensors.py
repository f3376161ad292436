r"""
---
title: The safetensors format
summary: >
  Tensors in a file that cannot run code, read and written in a few lines: a JSON header
  and raw bytes.
---

# The safetensors format

Most models are published in [safetensors](https://huggingface.co/docs/safetensors)
today. A file has three parts:

1. the length of the header, in 8 bytes, the lowest first;
2. the header, a JSON object with the type, the shape and the position of each tensor;
3. the numbers of all tensors, one tensor after the other, with no gap between them.

Nothing in it can run. And it is so simple that we need no package for it: here are a
reader and a writer.
"""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

# The names of PyTorch's types in this format.
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "C64": torch.complex64,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U64": torch.uint64,
    "U32": torch.uint32,
    "U16": torch.uint16,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def read(file: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """
    ## Reading

    Returns the tensors by name, and the metadata of the header, which are strings by
    name.

    Raises `OSError` if the file cannot be read. The file may come from a stranger: any
    error in its content raises some exception, and reading it takes no more memory than
    the file is long.
    """
    with open(file, "rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        size = os.fstat(opened.fileno()).st_size - 8 - length
        if size < 0:
            raise ValueError("the header is longer than the file")
        header = json.loads(opened.read(length))
        metadata = header.pop("__metadata__", {})

        # The tensors fill the rest of the file. No gap hides anything, and no byte
        # belongs to two tensors.
        tensors, position = {}, 0
        for name, entry in sorted(
            header.items(), key=lambda item: item[1]["data_offsets"]
        ):
            begin, end = entry["data_offsets"]
            dtype, shape = DTYPES[entry["dtype"]], entry["shape"]
            count = end - begin
            if begin != position or count != math.prod(shape) * dtype.itemsize:
                raise ValueError(f"{name} is not where it should be")
            if end > size:
                raise ValueError(f"{name} is not complete")
            numbers = bytearray(opened.read(count))
            flat = (
                torch.frombuffer(numbers, dtype=dtype)
                if count
                else torch.empty(0, dtype=dtype)
            )
            tensors[name] = flat.reshape(shape)
            position = end
        if position != size:
            raise ValueError("there are bytes behind the last tensor")
    return tensors, metadata


def write(
    opened: BinaryIO, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> None:
    """
    ## Writing

    The same tensors and metadata always make the same bytes. Raises `TypeError` for a
    tensor whose type the format does not have.
    """
    # The largest types come first, and spaces fill the header up to a multiple of 8.
    # So every number is aligned, even in a program that maps the file into memory.
    by_size = sorted(tensors, key=lambda name: -tensors[name].dtype.itemsize)
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    position = 0
    for name in by_size:
        tensor = tensors[name]
        if tensor.dtype not in _NAMES:
            raise TypeError(f"{name} is of {tensor.dtype}")
        end = position + tensor.numel() * tensor.dtype.itemsize
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": [*tensor.shape],
            "data_offsets": [position, end],
        }
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    opened.write(len(text).to_bytes(8, "little"))
    opened.write(text)
    for name in by_size:
        flat = tensors[name].detach().cpu().contiguous().flatten()
        opened.write(flat.view(torch.uint8).numpy().data)
