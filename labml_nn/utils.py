r"""
---
title: Utilities
summary: >
  Copies of a layer, each with initial weights of its own, and how a command is used.
---

# Utilities
"""

import copy
import sys

from torch import nn


def clone_module_list(module: nn.Module, n: int) -> nn.ModuleList:
    """
    ## A stack of copies

    A transformer is one layer, repeated many times. It is natural to build the layer
    once and copy it, but a plain copy also copies the random initial weights: all
    layers start as the same function, and for a while they learn the same things.

    So every copy draws new weights. A module is reset after the modules that it
    contains, so that its own `reset_parameters` has the last word.

    * `module` is the layer to copy, and is not changed
    * `n` is the number of copies
    """
    clones = nn.ModuleList(copy.deepcopy(module) for _ in range(n))
    for part in reversed(list(clones.modules())):
        reset = getattr(part, "reset_parameters", None)
        if callable(reset):
            reset()
    return clones


def show_usage(usage: str, arguments: list[str]) -> int:
    """
    ## How to use a command

    Print its usage. Returns the exit status: 0 if the arguments ask for just that, and
    2 if they are wrong.
    """
    is_asked = arguments in (["-h"], ["--help"])
    print(usage, file=sys.stdout if is_asked else sys.stderr)
    return 0 if is_asked else 2
