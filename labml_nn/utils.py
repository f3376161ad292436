r"""
---
title: Utilities
summary: Copies of a layer that all start from weights of their own.
---

# Utilities
"""

import copy

from torch import nn


def clone_module_list(module: nn.Module, n: int) -> nn.ModuleList:
    """
    ## A stack of copies

    A transformer is one layer, many times over. It is natural to build the layer once
    and copy it, but a plain copy also copies the random initial weights: then all
    layers start out as the same function, and for a while they learn the same things.

    So every copy draws its weights anew. A module that holds others goes after them,
    because its own `reset_parameters` knows better what they should start from.

    * `module` is the layer to copy; it is left alone
    * `n` is how many copies to make
    """
    clones = nn.ModuleList(copy.deepcopy(module) for _ in range(n))
    for part in reversed(list(clones.modules())):
        reset = getattr(part, "reset_parameters", None)
        if callable(reset):
            reset()
    return clones
