r"""
---
title: Values as bytes
summary: >
  The types that pass between the wings as bytes and back, for the cache: plain data,
  checked against the types when it is read, and nothing that could run.
---

# Values as bytes

The cache holds bytes. MessagePack is a compact form for plain data, and msgspec reads
it straight into our frozen types, or fails if it is anything else. Python's own
`pickle` would do with less code, but it runs what the bytes tell it to run.
"""

import contextlib
import sys
from array import array
from functools import cache
from typing import Any, TypeVar

import msgspec

from .model import Config, Tokens
from .syntax import Meaning, Names

Value = TypeVar("Value")


def pack(value: Any) -> bytes:
    """The bytes of a value, the same for equal values unless there are sets in them."""
    return _encoder.encode(value)


def unpack(data: bytes, kind: type[Value]) -> Value:
    """The value of some bytes. Raises `ValueError` if they do not hold such a value."""
    decoder: msgspec.msgpack.Decoder[Value] = _decoder(kind)  # type: ignore[arg-type]
    try:
        return decoder.decode(data)
    except (ArithmeticError, LookupError) as error:
        # Plain values of the right types, but none that `_plain` makes.
        raise ValueError(f"no {kind}: {error!r}") from None


def kept(data: bytes | None, kind: type[Value]) -> Value | None:
    """The value of what a cache has, or nothing if it has none or something else."""
    with contextlib.suppress(ValueError):
        return None if data is None else unpack(data, kind)
    return None


def _plain(value: Any) -> Any:
    """What is no plain data, in a plain form."""
    if isinstance(value, range):
        return value.start, value.stop
    if isinstance(value, array):
        return value.tobytes()
    if isinstance(value, Config):
        return vars(value)
    if isinstance(value, Tokens):
        kinds = {kind: number for number, kind in enumerate(dict.fromkeys(value.kinds))}
        return (
            list(kinds),
            bytes(map(kinds.__getitem__, value.kinds)),
            value.starts.tobytes(),
            value.ends.tobytes(),
        )
    if isinstance(value, Names):
        return value.meanings, value.lines, value.starts, value.meant
    raise TypeError(f"{type(value)} has no bytes")


def _whole(kind: type, value: Any) -> Any:
    """A value of our own types from its plain form."""
    if kind is range:
        return range(*value)
    if kind is Tokens:
        names, kinds, starts, ends = value
        tokens = Tokens()
        names = [sys.intern(name) for name in names]
        tokens.kinds = [*map(names.__getitem__, kinds)]
        tokens.starts.frombytes(starts)
        tokens.ends.frombytes(ends)
        return tokens
    if kind is Names:
        names = Names(Meaning(*one) for one in value[0])
        for column, data in zip(
            (names.lines, names.starts, names.meant), value[1:], strict=True
        ):
            column.frombytes(data)
        return names
    raise TypeError(f"{kind} is read from no bytes")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)


@cache
def _decoder(kind: Any) -> "msgspec.msgpack.Decoder[Any]":
    return msgspec.msgpack.Decoder(kind, dec_hook=_whole)
