r"""
---
title: What makes a run resumable
summary: >
  Random numbers without a hidden state, and a run that continues only with the settings
  and the images that it began with.
---

# What makes a run resumable

A resumed run leads to the same result as one that was never interrupted, on a CPU to
the bit. (On a GPU, kernels add numbers in an order of their own.) So it draws the same
random numbers, and rejects whatever would change the result. Only the number of epochs
may change, for those who want to train longer, and what belongs to the machine: paths
and the device.

Before this: [the progress bar](progress.py). Next: [one training step](run.py).
"""

import hashlib
import math
import shlex
from typing import Any

from ..helpers.checkpoint import CheckpointError
from ..helpers.data import changed_counts
from .settings import (
    MACHINE_SETTINGS,
    TrainingConfigs,
    TrainingError,
    setting_values,
    with_current_names,
)


# ## Randomness
#
# Each use of random numbers has a stream of its own. What is drawn depends on the seed
# of the run, the name of the stream and the number of the step. So there is no hidden
# state: a run resumed at step 1000 draws exactly what it would have drawn without the
# interruption.
#
# Why not simply add the seed and the step? Two generators with the same seed draw the
# same numbers. If one decided which images are flipped and the other which images skip
# a block, the flipped images would be the ones that skip it. A hash has no such
# coincidences.
def stream_seed(seed: int, stream: str, number: int = 0) -> int:
    """The seed for draw `number` of a stream, in a run with the seed `seed`."""
    digest = hashlib.sha256(f"{seed} {stream} {number}".encode()).digest()
    return int.from_bytes(digest[:7])


# ## What must be the same
def check_resumable(
    c: TrainingConfigs, state: dict[str, Any], source: dict[str, Any], n_batches: int
) -> None:
    """
    * `c` are the settings of the new run
    * `state` is the checkpoint to resume from
    * `source` is the [fingerprint](../helpers/data.py#LabeledImages.fingerprint) of the
      new run's images
    * `n_batches` is the number of steps in an epoch

    Raises `TrainingError` if settings or images differ, and `CheckpointError` if the
    checkpoint has no fingerprint.
    """
    own_settings = setting_values(c)
    for name, value in with_current_names(state["settings"]).items():
        # The number of epochs may grow. It may also shrink, but not below the epochs
        # already begun.
        may_differ = name in MACHINE_SETTINGS or name == "epochs"
        may_differ |= name.startswith("device.")
        if not may_differ and own_settings.get(name) != value:
            raise TrainingError(
                f"the run to resume has {name}={value}, not {own_settings.get(name)}"
            )

    # With other images, the validation set would be another one as well, and could
    # hold images that the model has been trained on. Checkpoints of earlier versions
    # and of [fine-tuning](../transformers/vit/finetune.py) know no images.
    anew = begin_anew(c.resume)
    if "images" not in state:
        raise CheckpointError(
            f"{c.resume} does not say which images it was trained on, so it cannot be "
            f"resumed; {anew}"
        )
    before, now = state["images"], source
    if before != now:
        raise TrainingError(
            f"the training images have changed since {c.resume} was saved: "
            f"{changed_counts(before['counts'], now['counts'])}; bring them back, "
            f"or {anew}"
        )

    begun = math.ceil(state["step"] / n_batches)
    if c.epochs < begun:
        raise TrainingError(
            f"epochs={c.epochs} is fewer than the {begun} that {c.resume} has begun; "
            f"give epochs={begun} or more"
        )


def begin_anew(place: str) -> str:
    """The end of an error message: what to do if a run cannot be resumed."""
    return f"begin anew with these weights: {shlex.quote(f'init={place}')}"
