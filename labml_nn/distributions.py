r"""
---
title: Two distributions of one name
summary: >
  PyPI has another package that is imported as labml_nn; whoever has installed both is
  told once, since their files have overwritten each other.
---

# Two distributions of one name

What is imported as `labml_nn` comes in two distributions: ours, `annotated-vit`, and
`labml-nn` on PyPI, a collection of many other models. pip compares the names of
distributions and not those of their files. So it installs the second into the folder of
the first, overwrites what has the same path, and deletes it again with either of them.
Nothing can keep pip from doing so, but an import can tell.
"""

import warnings
from importlib import metadata
from pathlib import Path

OTHER = "labml-nn"


def warn_of_other(folder: Path) -> None:
    """
    Warn if `labml-nn` is installed into the folder that has the `folder` of this
    package. In another place, such as beside a clone of this repository, it does no
    harm.
    """
    found = metadata.distributions(name=OTHER, path=[str(folder.parent)])
    if any(found):
        warnings.warn(
            f"PyPI's {OTHER} is installed as well, and its files and those of "
            f"annotated-vit overwrite each other in {folder}; uninstall both, then "
            f"install the one that you want",
            stacklevel=2,
        )
