r"""
---
title: What can be said of a value
summary: >
  Describes tensors, arrays and small whole numbers without running any code of the
  program that they belong to.
---

# What can be said of a value

`"float32[4, 65, 192]"` for a tensor or an array, a small integer as it is, and a list
for a tuple or list of such values. About anything else there is nothing to say.

**No code of the program may run for that.** An object is free to do anything when it is
asked for an attribute, its length or its class: print, fetch data, count the questions.
So nothing here uses `getattr`, `len`, `isinstance` or a loop on a value of the program.
Attributes are read from the dictionaries behind them, or through descriptors that are
written in C.
"""

import contextlib
import gc
import re
import sys
import types
from collections import namedtuple
from typing import Any

from .own import is_own_error

# How many items of a tuple or list are described at most, and how large a number.
MAX_ITEMS = 8
MAX_INT = 1 << 20
# How many whole numbers among the attributes of an object are noted.
MAX_NUMBERS = 32
# How many classes of arrays and how many dtypes are remembered.
MAX_REMEMBERED = 64


def describe(value: Any, depth: int = 2) -> Any:
    """The description of a value, or `None`. Lists are followed to a depth."""
    kind = type(value)
    if kind is int:
        return value if abs(value) <= MAX_INT else None
    if id(kind) in _PLAIN:
        return None
    if kind is list or issubclass(kind, tuple):
        if not depth:
            return None
        items = _items(value)
        if not 0 < len(items) <= MAX_ITEMS:
            return None
        described = [describe(item, depth - 1) for item in items]
        return described if any(item is not None for item in described) else None
    return _describe_array(value)


# The classes of most values that are no arrays, by identity: hashing a class or
# comparing it could run code of its metaclass.
_PLAIN = {id(kind) for kind in (bool, bytes, dict, float, str, types.NoneType)}


def _items(value: Any) -> list[Any]:
    """What a tuple or list really holds, even if its class overrides iteration."""
    return list((list if type(value) is list else tuple).__iter__(value))


# ## Arrays
#
# Whatever has a `shape` that is a tuple of whole numbers and a `dtype` is an array: no
# library has to be known by name.
def _describe_array(value: Any) -> str | None:
    own: Any = {}
    if remembered := _ARRAYS.get(id(type(value))):
        _, shape, dtype = remembered
    else:
        shape, dtype = _on_class(type(value), "shape"), _on_class(type(value), "dtype")
        if type(shape) not in _COMPUTED or type(dtype) not in _COMPUTED:
            own = _own_attributes(value)
            for on_class, name in ((shape, "shape"), (dtype, "dtype")):
                if on_class is None and name not in own:
                    return None
        elif len(_ARRAYS) < MAX_REMEMBERED:
            _ARRAYS[id(type(value))] = type(value), shape, dtype
    try:
        unnoticed = _unnoticed()
        if unnoticed is None:
            return None
        with unnoticed:
            sizes = _read(value, shape, own, "shape")
            numbers = _read(value, dtype, own, "dtype")
    except Exception as error:
        if not is_own_error(error):
            raise
        return None
    if type(sizes) is not list and not issubclass(type(sizes), tuple):
        return None
    # While a compiler traces a program, sizes may be symbols; comparing one with a
    # number would fix it to that number. So only true whole numbers are looked at.
    sizes = _items(sizes)
    for size in sizes:
        if type(size) is not int:
            return None
    name = _dtype_name(numbers)
    return f"{name}{sizes}" if name else None


def _dtype_name(dtype: Any) -> str:
    """`float32` for `torch.float32`; empty for what is no dtype."""
    if (remembered := _DTYPES.get(id(dtype))) is not None:
        return remembered[1]
    # Only text that is made in C may be asked for.
    methods = (_on_class(type(dtype), name) for name in ("__str__", "__repr__"))
    if not all(type(method) is types.WrapperDescriptorType for method in methods):
        return ""
    name = str(dtype).rpartition(".")[2]
    # A string may be anything, even a password: only a word goes into the record.
    if not _DTYPE.fullmatch(name):
        return ""
    if len(_DTYPES) < MAX_REMEMBERED:
        _DTYPES[id(dtype)] = dtype, name
    return name


def _read(value: Any, on_class: Any, own: Any, name: str) -> Any:
    """An attribute that is computed in C or stored in the object."""
    if type(on_class) in _COMPUTED:
        return on_class.__get__(value)
    return None if type(on_class) is property else own.get(name)


# What is remembered goes by identity. The objects are kept alive with it, since another
# object could take the place in memory of one that is gone.
_ARRAYS: dict[int, tuple[type, Any, Any]] = {}
_DTYPES: dict[int, tuple[Any, str]] = {}
_DTYPE = re.compile(r"\w{1,32}")
# Descriptors of `__slots__` and of the fields of named tuples.
_SLOTS = (types.MemberDescriptorType, type(vars(namedtuple("_", "x"))["x"]))
_COMPUTED = (types.GetSetDescriptorType, *_SLOTS)


def _unnoticed() -> contextlib.AbstractContextManager[None] | None:
    """
    A context in which PyTorch tells no mode or subclass that a shape is read. There is
    none while `torch.jit` traces: it would write the reading down as an operation.
    """
    torch: Any = sys.modules.get("torch._C")
    if torch is None or not hasattr(torch, "DisableTorchFunction"):
        return contextlib.nullcontext()
    traced = torch._get_tracing_state() is not None
    return None if traced else torch.DisableTorchFunction()


# ## Attributes
#
# `vars` and `getattr` ask the object, and these slots of `type` do not.
_bases = type.__dict__["__mro__"].__get__
_attributes = type.__dict__["__dict__"].__get__


def _on_class(kind: type, name: str) -> Any:
    """What a class or one of its bases has under a name."""
    for base in _bases(kind):
        found = _attributes(base)
        if name in found:
            return found[name]
    return None


def _own_attributes(owner: Any) -> Any:
    """The dictionary of an object, empty if it has none of the usual kind."""
    descriptor = _on_class(type(owner), "__dict__")
    if type(descriptor) not in (types.GetSetDescriptorType, types.MemberDescriptorType):
        return {}
    own = descriptor.__get__(owner)
    return own if type(own) in (dict, types.MappingProxyType) else {}


def numbers_of(owner: Any) -> list[tuple[str, int]]:
    """The small whole numbers among the attributes of an object, the first by name."""
    own = _own_attributes(owner)
    return sorted(
        (name, value)
        for name, value in (list(own.items()) if type(own) is dict else ())
        if type(name) is str and type(value) is int and abs(value) <= MAX_INT
    )[:MAX_NUMBERS]


def look_up(owner: Any, chain: str) -> Any:
    """
    The value of `b.c` in `owner`, or `None` if it is not simply stored. Properties and
    `__getattr__` are left alone, since their code would run.
    """
    for name in chain.split("."):
        on_class = _on_class(type(owner), name)
        if type(on_class) in _SLOTS:
            try:
                owner = on_class.__get__(owner)
            except AttributeError:
                return None
            continue
        own = {} if type(on_class) is property else _own_attributes(owner)
        if name in own:
            owner = own[name]
            continue
        # PyTorch's modules keep parameters, buffers and submodules in these tables.
        for table in ("_parameters", "_buffers", "_modules"):
            if type(own.get(table)) is dict and name in own[table]:
                owner = own[table][name]
                break
        else:
            if type(on_class) is not int:
                return None
            owner = on_class
    return owner


def yielded_value(value: Any) -> Any:
    """What a generator has yielded, without Python's wrapper for asynchronous ones."""
    name = type.__dict__["__name__"].__get__(type(value))
    if name == "async_generator_wrapped_value":
        # The wrapper has no attributes; only the garbage collector sees what it holds.
        return next(iter(gc.get_referents(value)), None)
    return value
