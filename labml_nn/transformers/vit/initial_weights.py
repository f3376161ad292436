r"""
---
title: Starting from existing weights
summary: >
  A run that starts from weights from anywhere: which settings must match, and what
  happens to the head and the positions.
---

# Starting from existing weights

```bash
python -m labml_nn.transformers.vit.experiment preset=paper init=deit_tiny.pth \
    model.patch_size=16 image_size=224 dataset=folder data_path=FOLDER
```

`init=` takes the folder of a run, a checkpoint, or any file with [weights from
anywhere](pretrained.py). A run includes its settings, so the model is built the same
way again. Other files do not, so the preset and the command must describe the model. If
the shapes of the tensors contradict the settings, the run stops and names the settings
that fit.

Two parts may differ:

* **The head** is kept if it is one linear layer and has as many classes as the data
  set. If not, a new one starts at zero (the paper's section 3.2).
* **The positions** of another grid are
  [interpolated](__init__.py#LearnedPositionalEmbeddings.interpolate).

The run prints what it did with both. Three things cannot be read off the shapes:

* What the head reads. In most published models it is the class token:
  `model.mean_pooling=false`.
* The number of heads, which shows only in Google's files. The run prints a warning if
  `model.heads` is unusual for the width.
* How images were standardised. A run always takes the mean and standard deviation of
  its own training images. If the weights were trained with others, training adapts
  them.
"""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ...helpers import checkpoint
from . import SIZES, VisionTransformer
from .pretrained import (
    OURS,
    SOURCES,
    WeightsError,
    expand,
    load_weights,
    named,
    read_weights,
)

# The parameter that shows each setting of the model, and in which of its dimensions.
_SHOWN_BY = {
    "d_model": ("cls_token_emb", -1),
    "d_ff": ("encoder.layers.0.feed_forward.layer1.bias", 0),
    "patch_size": ("patch_emb.conv.weight", -1),
    "n_classes": ("classification.output.bias", 0),
    "n_hidden": ("classification.hidden.bias", 0),
    "tokens": ("pos_emb.positional_encodings", 1),
}


def dimensions(
    weights: Mapping[str, Tensor], place: str = "the weights"
) -> dict[str, Any]:
    """
    ## What the shapes tell

    The settings of the model that `weights` are from, as far as names and shapes tell.
    `tokens` is the number of its positions. `place` says in messages where the weights
    came from.

    Raises `WeightsError` if no source knows the names.
    """
    name, found = named(weights, place)
    shapes = {
        ours: found[theirs].shape
        for our_pattern, their_pattern in zip(OURS, SOURCES[name].names, strict=True)
        if their_pattern
        for ours, theirs in zip(
            expand(our_pattern, 1), expand(their_pattern, 1), strict=True
        )
        if theirs in found
    }
    places = dict(_SHOWN_BY)
    if name == "google":
        # [JAX](pretrained.py#to_jax) puts the height of a patch first, and the heads
        # into a dimension of their own.
        places["patch_size"] = ("patch_emb.conv.weight", 0)
        places["heads"] = ("encoder.layers.0.self_attn.query.linear.weight", 1)
    told: dict[str, Any] = {
        setting: shapes[ours][axis]
        for setting, (ours, axis) in places.items()
        if ours in shapes and len(shapes[ours]) > max(axis, 0)
    }
    # Every layer has exactly one such norm.
    pattern = SOURCES[name].names[OURS.index("encoder.layers.*.norm_ff.{weight,bias}")]
    norm = re.compile(re.escape(expand(pattern, 1)[0]).replace("0", r"\d+", 1))
    told["n_layers"] = sum(norm.fullmatch(key) is not None for key in found)
    told["norm_after_pooling"] = "pooled_norm.weight" in shapes
    return told


def start_from(
    place: str, model: VisionTransformer, settings: dict[str, Any]
) -> list[str]:
    """
    ## Load the weights

    * `place` is the folder of a run, a checkpoint or a file of weights
    * `model` is the model to load them into
    * `settings` are those that the model was built from, such as `model.d_model`

    Returns sentences that tell the user what was done. Raises `WeightsError` if the
    settings contradict the shapes, and `CheckpointError`.
    """
    weights = read_weights(place)
    told = dimensions(weights, place)
    by_a_run = checkpoint.is_checkpoint(place)
    sentences = _check(place, told, settings)

    # Now only the head and the positions can differ.
    n_classes = model.classification.output.out_features
    new_head = told.get("n_classes") != n_classes or "n_hidden" in told
    source = load_weights(
        model, weights, replace_head=new_head, resample_positions=True, place=place
    )

    notes = []
    if "n_classes" not in told:
        notes.append("there is no head, so a new one starts at zero")
    elif new_head:
        hidden = " with a hidden layer" if "n_hidden" in told else ""
        notes.append(
            f"the head{hidden} for {told['n_classes']:,} classes is replaced by a "
            f"linear one for {n_classes:,} that starts at zero"
        )
    rows, columns = model.pos_emb.grid_size
    if source != "labml-nn" and told["tokens"] != 1 + rows * columns:
        side = round((told["tokens"] - 1) ** 0.5)
        notes.append(f"the {side}x{side} positions are resampled to {rows}x{columns}")
    if by_a_run:
        # The number of heads came with the settings of the run.
        source, sentences = "a run", []
    elif "n_classes" in told and not new_head:
        notes.append(f"the head for {n_classes:,} classes stays")
    if notes:
        sentences.append(f"begin with {place} ({source}): {'; '.join(notes)}")
    return sentences


def _check(place: str, told: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    # In all sizes of the family, the width determines the number of heads.
    usual = {size.d_model: size.heads for size in SIZES.values()}
    heads = told.get("heads", usual.get(told.get("d_model", 0)))
    wrong = {
        name: value
        for name, value in told.items()
        if name != "n_classes" and settings.get(f"model.{name}", value) != value
    }
    if wrong:
        differences = " and ".join(
            f"model.{name}={_written(value)}, not {_written(settings[f'model.{name}'])}"
            for name, value in wrong.items()
        )
        if heads is not None:
            wrong["heads"] = heads
        fitting = " ".join(
            f"model.{name}={_written(value)}" for name, value in wrong.items()
        )
        raise WeightsError(f"{place} has {differences}; give {fitting}")
    if heads is None or heads == settings["model.heads"]:
        return []
    return [
        f"{place} does not tell its number of heads; of this width, models usually "
        f"have model.heads={heads}, not {settings['model.heads']}"
    ]


def _written(value: Any) -> str:
    """A value as a command spells it."""
    return str(value).lower()
