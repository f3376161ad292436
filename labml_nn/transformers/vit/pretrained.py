r"""
---
title: Weights from anywhere
summary: >
  Load weights from torchvision, timm, transformers, Google's own files or labml-nn into
  the annotated Vision Transformer, and save them for any of these.
---

# Weights from anywhere

Few can train on 300 million images, and nobody has to: others have, and have published
their weights. They fit the [annotated model](__init__.py), which computes the same
function, [if built accordingly](#what-names-do-not-tell). Only names and layouts
differ.

```python
from labml_nn.transformers.vit import vit
from labml_nn.transformers.vit.pretrained import load_weights

model = vit("ViT-B/16", n_classes=10)
load_weights(model, "vit_b_16.pth", replace_head=True)
```

An [experiment](experiment.py) with `init=vit_b_16.pth`
[does the same](initial_weights.py).

You need not say where the file comes from: the [names of its tensors](#recognise) tell.
The way back is as short, here into a file that timm can load:

```python
from labml_nn.transformers.vit.pretrained import export_weights, save_weights

save_weights(export_weights(model, "timm"), "vit.safetensors")
```

Nothing is downloaded, and nothing in a file is [run](#read_weights). Weights that do
not fit exactly are refused, with the name of every tensor that does not fit.

## Classify an image with them

First get a model that is known to be right, from a library that you have installed:

> [!TAB] torchvision
> ```python
> from torchvision.models import ViT_B_16_Weights, vit_b_16
>
> weights = ViT_B_16_Weights.IMAGENET1K_V1
> theirs = vit_b_16(weights=weights)  # downloads them
> loaded, classes = theirs.state_dict(), weights.meta["categories"]
> ```

> [!TAB] timm
> ```python
> import timm
> from timm.data import ImageNetInfo
>
> name = "vit_base_patch16_224.augreg_in21k_ft_in1k"
> theirs = timm.create_model(name, pretrained=True)  # downloads the weights
> loaded, classes = theirs.state_dict(), ImageNetInfo().label_descriptions()
> ```

> [!TAB] Google's file
> ```python
> import timm
> from timm.data import ImageNetInfo
>
> loaded = "B_16.npz"  # fine-tuned on ImageNet at 224×224 pixels, a file whose name
> # begins with B_16 and ends in res_224.npz, from gs://vit_models/augreg
> theirs = timm.create_model("vit_base_patch16_224")
> theirs.load_pretrained(loaded)
> classes = ImageNetInfo().label_descriptions()
> ```

Then give ours the same weights, and both the same image:

```python
import torch
from labml_nn.helpers.data import read_image
from labml_nn.transformers.vit import vit
from labml_nn.transformers.vit.pretrained import PREPROCESSING, load_weights

model = vit("ViT-B/16").eval()
source = load_weights(model, loaded)
x = PREPROCESSING[source](read_image("cat.jpg"))
with torch.inference_mode():
    logits, expected = model(x)[0], theirs.eval()(x)[0]

probabilities, best = logits.softmax(dim=0).topk(5)
for probability, index in zip(probabilities.tolist(), best.tolist(), strict=True):
    print(f"{probability:6.1%} {classes[index]}")
print(f"largest difference of the logits: {(logits - expected).abs().max():.1e}")
```

This prints the five most likely of ImageNet's thousand classes, and how far our logits
are from theirs: they differ by no more than the rounding of float32. (For Google's
file, theirs is timm's model, with the exact GELU as in ours; [Google's
code](#what-names-do-not-tell) approximates it.) How an image has to be resized, cropped
and standardised [depends on the weights](#Preprocessing).

## Their names

`*` stands for the number of a layer, and an ellipsis for the name of the layer in the
fourth row. Most of these names stand for two tensors, a weight and a bias. Google calls
the weight `kernel` and, in a norm, `scale`.

| here | torchvision | timm |
|---|---|---|
| `cls_token_emb` | `class_token` | `cls_token` |
| `pos_emb.positional_encodings` | `encoder.pos_embedding` | `pos_embed` |
| `patch_emb.conv` | `conv_proj` | `patch_embed.proj` |
| `encoder.layers.*` | `encoder.layers.encoder_layer_*` | `blocks.*` |
| … `norm_self_attn` | … `ln_1` | … `norm1` |
| … `self_attn.query.linear` | … `self_attention.in_proj_` | … `attn.qkv` |
| … `self_attn.key.linear` | … `self_attention.in_proj_` | … `attn.qkv` |
| … `self_attn.value.linear` | … `self_attention.in_proj_` | … `attn.qkv` |
| … `self_attn.output` | … `self_attention.out_proj` | … `attn.proj` |
| … `norm_ff` | … `ln_2` | … `norm2` |
| … `feed_forward.layer1` | … `mlp.0` | … `mlp.fc1` |
| … `feed_forward.layer2` | … `mlp.3` | … `mlp.fc2` |
| `encoder.norm` | `encoder.ln` | `norm` |
| `pooled_norm` | | `fc_norm` |
| `classification.hidden` | `heads.pre_logits` | `pre_logits.fc` |
| `classification.output` | `heads.head` | `head` |

| here | transformers |
|---|---|
| `cls_token_emb` | `vit.embeddings.cls_token` |
| `pos_emb.positional_encodings` | `vit.embeddings.position_embeddings` |
| `patch_emb.conv` | `vit.embeddings.patch_embeddings.projection` |
| `encoder.layers.*` | `vit.encoder.layer.*` |
| … `norm_self_attn` | … `layernorm_before` |
| … `self_attn.query.linear` | … `attention.attention.query` |
| … `self_attn.key.linear` | … `attention.attention.key` |
| … `self_attn.value.linear` | … `attention.attention.value` |
| … `self_attn.output` | … `attention.output.dense` |
| … `norm_ff` | … `layernorm_after` |
| … `feed_forward.layer1` | … `intermediate.dense` |
| … `feed_forward.layer2` | … `output.dense` |
| `encoder.norm` | `vit.layernorm` |
| `pooled_norm` | |
| `classification.hidden` | `vit.pooler.dense` |
| `classification.output` | `classifier` |

| here | Google |
|---|---|
| `cls_token_emb` | `cls` |
| `pos_emb.positional_encodings` | `Transformer/posembed_input/pos_embedding` |
| `patch_emb.conv` | `embedding` |
| `encoder.layers.*` | `Transformer/encoderblock_*` |
| … `norm_self_attn` | … `LayerNorm_0` |
| … `self_attn.query.linear` | … `MultiHeadDotProductAttention_1/query` |
| … `self_attn.key.linear` | … `MultiHeadDotProductAttention_1/key` |
| … `self_attn.value.linear` | … `MultiHeadDotProductAttention_1/value` |
| … `self_attn.output` | … `MultiHeadDotProductAttention_1/out` |
| … `norm_ff` | … `LayerNorm_2` |
| … `feed_forward.layer1` | … `MlpBlock_3/Dense_0` |
| … `feed_forward.layer2` | … `MlpBlock_3/Dense_1` |
| `encoder.norm` | `Transformer/encoder_norm` |
| `pooled_norm` | |
| `classification.hidden` | `pre_logits` |
| `classification.output` | `head` |

## What names do not tell

Two models with the same names can still compute different functions. The file does not
say which, so the model has to be built accordingly:

* **$\epsilon$ of the norms** is $10^{-6}$ in Google's code, torchvision and timm, and
  here. It is $10^{-12}$ in transformers, unless its settings say otherwise, and
  $10^{-5}$ in labml-nn: `vit(…, eps=1e-12)`.
* **The MLP** has the exact GELU in torchvision, timm and transformers, and here. In
  Google's code JAX approximates it with tanh, `FeedForward(…,
  activation=nn.GELU("tanh"))`; labml-nn has ReLU unless told otherwise.
* **The head's hidden layer** ends in tanh everywhere but in labml-nn, where it is ReLU:
  `ClassificationHead(…, activation=nn.ReLU())`.
* **In place of the class token**, masked autoencoders and some models of timm take the
  mean of the patches and normalise that: `vit(…, norm_after_pooling=True)`.
* **How images are prepared** is [not part of the model](#Preprocessing). Google's
  weights expect numbers between −1 and 1, those of torchvision the mean and standard
  deviation of ImageNet.
"""

import errno
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import (
    center_crop,
    normalize,
    resize,
    to_tensor,
)

from ...helpers import checkpoint, safetensors
from ...helpers.checkpoint import CheckpointError
from ..mha import MultiHeadAttention
from . import LearnedPositionalEmbeddings, VisionTransformer


class WeightsError(CheckpointError):
    """Raised for weights that cannot be used; the message is one sentence."""


# ## Our names
#
# The parameters in the order in which an image meets them. `*` stands for the number of
# a layer, and braces stand for two tensors.
OURS = (
    "cls_token_emb",
    "pos_emb.positional_encodings",
    "patch_emb.conv.{weight,bias}",
    "encoder.layers.*.norm_self_attn.{weight,bias}",
    "encoder.layers.*.self_attn.query.linear.{weight,bias}",
    "encoder.layers.*.self_attn.key.linear.{weight,bias}",
    "encoder.layers.*.self_attn.value.linear.{weight,bias}",
    "encoder.layers.*.self_attn.output.{weight,bias}",
    "encoder.layers.*.norm_ff.{weight,bias}",
    "encoder.layers.*.feed_forward.layer1.{weight,bias}",
    "encoder.layers.*.feed_forward.layer2.{weight,bias}",
    "encoder.norm.{weight,bias}",
    "pooled_norm.{weight,bias}",
    "classification.hidden.{weight,bias}",
    "classification.output.{weight,bias}",
)


def expand(pattern: str, n_layers: int) -> list[str]:
    """All names that a pattern stands for."""
    numbers = range(n_layers if "*" in pattern else 1)
    names = [pattern.replace("*", str(number)) for number in numbers]
    pair = re.compile(r"\{(\w+),(\w+)\}")
    if pair.search(pattern):
        names = [pair.sub(rf"\{choice}", name) for name in names for choice in (1, 2)]
    return names


# ## Their layouts
#
# To **pack** is to make one of their tensors from ours, and to **unpack** is to undo
# it. In torchvision and timm, queries, keys and values are one matrix, as the paper's
# $U_{qkv}$ is: three of ours, stacked.
def stack(name: str, ours: Sequence[Tensor], heads: int) -> Tensor:
    return torch.cat(list(ours))


def split(theirs: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    return list(theirs.split([tensor.shape[0] for tensor in like]))


# JAX stores the transposes of our matrices, and those of attention have the heads as a
# dimension of their own. Its images have the channels last, and the kernel that cuts
# them has its dimensions in the same order: height, width, channels, width of a token.
def to_jax(name: str, ours: Sequence[Tensor], heads: int) -> Tensor:
    (x,) = ours
    if x.dim() == 4:
        return x.permute(2, 3, 1, 0)
    if x.dim() == 2:
        x = x.T
    if re.search(r"self_attn\.(query|key|value)\.", name):
        return x.unflatten(-1, (heads, -1))
    if name.endswith("self_attn.output.weight"):
        return x.unflatten(0, (heads, -1))
    return x


def from_jax(theirs: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    shape = like[0].shape
    if len(shape) == 4:
        return [theirs.permute(3, 2, 0, 1)]
    if len(shape) == 2:
        return [theirs.reshape(shape[::-1]).T]
    return [theirs.reshape(shape)]


# labml-nn puts the tokens first and the batch second. In the weights, that shows in the
# positions alone: the token is their first dimension.
def tokens_first(name: str, ours: Sequence[Tensor], heads: int) -> Tensor:
    (x,) = ours
    return x.transpose(0, 1) if x.dim() == 3 else x


def batch_first(theirs: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    return [theirs.transpose(0, 1) if theirs.dim() == 3 else theirs]


class Source(NamedTuple):
    """
    ## A source of weights

    * `names` are its names for the entries of `OURS`, in the same order; an empty one
      stands for what the source does not have
    * `pack` and `unpack` translate between the layouts
    * `earlier` maps parts of names in older files to what they are called now
    """

    names: tuple[str, ...]
    pack: Callable[[str, Sequence[Tensor], int], Tensor] = stack
    unpack: Callable[[Tensor, Sequence[Tensor]], list[Tensor]] = split
    earlier: Mapping[str, str] = {}


# ## torchvision
#
# 0 and 3 are indices of an `nn.Sequential`; GELU is at 1 and dropout at 2.
TORCHVISION = Source(
    (
        "class_token",
        "encoder.pos_embedding",
        "conv_proj.{weight,bias}",
        "encoder.layers.encoder_layer_*.ln_1.{weight,bias}",
        "encoder.layers.encoder_layer_*.self_attention.in_proj_{weight,bias}",
        "encoder.layers.encoder_layer_*.self_attention.in_proj_{weight,bias}",
        "encoder.layers.encoder_layer_*.self_attention.in_proj_{weight,bias}",
        "encoder.layers.encoder_layer_*.self_attention.out_proj.{weight,bias}",
        "encoder.layers.encoder_layer_*.ln_2.{weight,bias}",
        "encoder.layers.encoder_layer_*.mlp.0.{weight,bias}",
        "encoder.layers.encoder_layer_*.mlp.3.{weight,bias}",
        "encoder.ln.{weight,bias}",
        "",
        "heads.pre_logits.{weight,bias}",
        "heads.head.{weight,bias}",
    ),
    earlier={".mlp.linear_1.": ".mlp.0.", ".mlp.linear_2.": ".mlp.3."},
)

# ## timm
#
# The files of DeiT, DINO and masked autoencoders have the same names. Only older
# versions of timm have a hidden layer in the head.
TIMM = Source(
    (
        "cls_token",
        "pos_embed",
        "patch_embed.proj.{weight,bias}",
        "blocks.*.norm1.{weight,bias}",
        "blocks.*.attn.qkv.{weight,bias}",
        "blocks.*.attn.qkv.{weight,bias}",
        "blocks.*.attn.qkv.{weight,bias}",
        "blocks.*.attn.proj.{weight,bias}",
        "blocks.*.norm2.{weight,bias}",
        "blocks.*.mlp.fc1.{weight,bias}",
        "blocks.*.mlp.fc2.{weight,bias}",
        "norm.{weight,bias}",
        "fc_norm.{weight,bias}",
        "pre_logits.fc.{weight,bias}",
        "head.{weight,bias}",
    ),
)

# ## transformers
#
# The names in a model without a head lack `vit.`.
TRANSFORMERS = Source(
    (
        "vit.embeddings.cls_token",
        "vit.embeddings.position_embeddings",
        "vit.embeddings.patch_embeddings.projection.{weight,bias}",
        "vit.encoder.layer.*.layernorm_before.{weight,bias}",
        "vit.encoder.layer.*.attention.attention.query.{weight,bias}",
        "vit.encoder.layer.*.attention.attention.key.{weight,bias}",
        "vit.encoder.layer.*.attention.attention.value.{weight,bias}",
        "vit.encoder.layer.*.attention.output.dense.{weight,bias}",
        "vit.encoder.layer.*.layernorm_after.{weight,bias}",
        "vit.encoder.layer.*.intermediate.dense.{weight,bias}",
        "vit.encoder.layer.*.output.dense.{weight,bias}",
        "vit.layernorm.{weight,bias}",
        "",
        "vit.pooler.dense.{weight,bias}",
        "classifier.{weight,bias}",
    ),
)

# Version 5 renamed the layers in memory, which is what `state_dict` sees. Its files
# still have the names above.
TRANSFORMERS_5 = Source(
    (
        *TRANSFORMERS.names[:3],
        "vit.layers.*.layernorm_before.{weight,bias}",
        "vit.layers.*.attention.q_proj.{weight,bias}",
        "vit.layers.*.attention.k_proj.{weight,bias}",
        "vit.layers.*.attention.v_proj.{weight,bias}",
        "vit.layers.*.attention.o_proj.{weight,bias}",
        "vit.layers.*.layernorm_after.{weight,bias}",
        "vit.layers.*.mlp.fc1.{weight,bias}",
        "vit.layers.*.mlp.fc2.{weight,bias}",
        *TRANSFORMERS.names[11:],
    ),
)

# ## Google
#
# The files of the [authors' code](https://github.com/google-research/vision_transformer),
# in JAX. The shapes differ as [above](#to_jax).
GOOGLE = Source(
    (
        "cls",
        "Transformer/posembed_input/pos_embedding",
        "embedding/{kernel,bias}",
        "Transformer/encoderblock_*/LayerNorm_0/{scale,bias}",
        "Transformer/encoderblock_*/MultiHeadDotProductAttention_1/query/{kernel,bias}",
        "Transformer/encoderblock_*/MultiHeadDotProductAttention_1/key/{kernel,bias}",
        "Transformer/encoderblock_*/MultiHeadDotProductAttention_1/value/{kernel,bias}",
        "Transformer/encoderblock_*/MultiHeadDotProductAttention_1/out/{kernel,bias}",
        "Transformer/encoderblock_*/LayerNorm_2/{scale,bias}",
        "Transformer/encoderblock_*/MlpBlock_3/Dense_0/{kernel,bias}",
        "Transformer/encoderblock_*/MlpBlock_3/Dense_1/{kernel,bias}",
        "Transformer/encoder_norm/{scale,bias}",
        "",
        "pre_logits/{kernel,bias}",
        "head/{kernel,bias}",
    ),
    pack=to_jax,
    unpack=from_jax,
)

# ## labml-nn
#
# Ours are modelled on the modules of this package, so most names are the same.
LABML_NN = Source(
    (
        *OURS[:3],
        *(name.replace("encoder.layers", "transformer_layers") for name in OURS[3:11]),
        "ln.{weight,bias}",
        "",
        "classification.linear1.{weight,bias}",
        "classification.linear2.{weight,bias}",
    ),
    pack=tokens_first,
    unpack=batch_first,
)

SOURCES = {
    "ours": Source(OURS),
    "torchvision": TORCHVISION,
    "timm": TIMM,
    "transformers": TRANSFORMERS,
    "transformers-5": TRANSFORMERS_5,
    "google": GOOGLE,
    "labml-nn": LABML_NN,
}


def correspondence(model: VisionTransformer, source: Source) -> dict[str, list[str]]:
    """
    Maps each name of `source` to our names for what its tensor holds.

    Raises `WeightsError` if the model has parameters that the source has no name for.
    """
    own, n_layers = model.state_dict(), len(model.encoder.layers)
    # Our own names need no translation.
    if source.names == OURS:
        return {name: [name] for name in own}
    table: dict[str, list[str]] = {}
    for our_pattern, their_pattern in zip(OURS, source.names, strict=True):
        if not their_pattern:
            continue
        our_names = expand(our_pattern, n_layers)
        their_names = expand(their_pattern, n_layers)
        for ours, theirs in zip(our_names, their_names, strict=True):
            if ours in own:
                table.setdefault(theirs, []).append(ours)
    nameless = own.keys() - {name for ours in table.values() for name in ours}
    if nameless:
        raise WeightsError(
            f"the model has parameters that this source has no name for: "
            f"{', '.join(sorted(nameless))}"
        )
    return table


# ## Out
#
# The tensors are copies, so training the model further does not change them.
@torch.no_grad()
def export_weights(model: VisionTransformer, source: str) -> dict[str, Tensor]:
    """
    The weights of a model under the names and in the layout of `source`, a key of
    `SOURCES`.

    Raises `WeightsError` for an unknown source, and for one that has no such model.
    """
    if source not in SOURCES:
        raise WeightsError(
            f"there is no source {source!r}; there are {', '.join(SOURCES)}"
        )
    return _packed(model, SOURCES[source], model.state_dict())


def _packed(
    model: VisionTransformer, source: Source, own: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    heads = next(x.heads for x in model.modules() if isinstance(x, MultiHeadAttention))
    return {
        theirs: source.pack(ours[0], [own[name] for name in ours], heads)
        .clone(memory_format=torch.contiguous_format)
        .detach()
        for theirs, ours in correspondence(model, source).items()
    }


# ## In
def load_weights(
    model: VisionTransformer,
    weights: str | Path | Mapping[str, Tensor],
    *,
    replace_head: bool = False,
    resample_positions: bool = False,
    place: str = "the state dict",
) -> str:
    """
    Copy `weights` into `model`, which keeps its precision and device.

    * `weights` is a file, the folder of a run, or the `state_dict()` of another
      library's model
    * `replace_head` ignores the head of the weights; the model's own starts at zero,
      with the classes that it was built for, as in the paper before fine-tuning
      (section 3.2)
    * `resample_positions` [interpolates](
      __init__.py#LearnedPositionalEmbeddings.interpolate) the positions of a square
      grid of another size
    * `place` is where the weights came from, for messages; a file says so itself

    Returns the source that was recognised, a key of `SOURCES`. Raises `WeightsError`
    if weights do not fit. It names every tensor that is missing, unexpected or of the
    wrong shape, and the model is unchanged.
    """
    if isinstance(weights, str | Path):
        place, weights = str(weights), read_weights(weights)
    name, found = named(weights, place)
    source = SOURCES[name]

    # The names and shapes expected are those that an export would write. On the device
    # `meta`, tensors have a shape but no content.
    own = model.state_dict()
    shapes = {key: tensor.to("meta") for key, tensor in own.items()}
    expected, table = _packed(model, source, shapes), correspondence(model, source)
    position = source.names[OURS.index("pos_emb.positional_encodings")]
    if position in found:
        positions, shape = found[position], expected[position].shape
        if name == "labml-nn":
            # labml-nn stores 5,000 positions, however few are used.
            found[position] = positions[: shape[0]]
        elif resample_positions and positions.shape != shape:
            found[position] = resample(positions, model.pos_emb.grid_size, place)
    if replace_head:
        head = {
            theirs
            for ours, pattern in zip(OURS, source.names, strict=True)
            if ours.startswith("classification.")
            for theirs in expand(pattern, 1)
        }
        found = {key: found[key] for key in found if key not in head}
        expected = {key: expected[key] for key in expected if key not in head}

    problems = differences(found, expected)
    if problems:
        raise WeightsError(f"{place} ({name}) does not fit the model: {problems}")
    with torch.no_grad():
        for theirs, tensor in found.items():
            targets = [own[key] for key in table[theirs]]
            for target, part in zip(
                targets, source.unpack(tensor, targets), strict=True
            ):
                target.copy_(part)
    if replace_head:
        model.classification.reset_parameters()
    return name


def named(
    weights: Mapping[str, Tensor], place: str = "the state dict"
) -> tuple[str, dict[str, Tensor]]:
    """The source of `weights`, and the tensors by the source's current names."""
    found = unwrap(weights)
    name = recognise(found, place)
    for earlier, now in SOURCES[name].earlier.items():
        found = {key.replace(earlier, now): tensor for key, tensor in found.items()}
    return name, found


def resample(positions: Tensor, grid: tuple[int, int], place: str) -> Tensor:
    """
    Resample positions to another `grid`. `positions` and the result have shape `[1,
    tokens, d_model]`, with the class token first.

    Raises `WeightsError` for those of no square grid.
    """
    patches = positions.shape[1] - 1 if positions.dim() == 3 else 0
    side = math.isqrt(max(patches, 0))
    if not patches or side**2 != patches or not positions.is_floating_point():
        raise WeightsError(
            f"{place} holds positions of shape {[*positions.shape]}, which are not "
            "those of a class token and a square grid, so they cannot be resampled"
        )
    learned = LearnedPositionalEmbeddings(positions.shape[2], side)
    learned.positional_encodings.data = positions
    return learned.interpolate(grid).detach()


def differences(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    """Why the tensors of a file do not fit; empty if they do."""
    groups = {
        "missing": [key for key in expected if key not in found],
        "unexpected": [key for key in found if key not in expected],
        "of another shape": [
            f"{key} {[*found[key].shape]} instead of {[*expected[key].shape]}"
            for key in expected
            if key in found and found[key].shape != expected[key].shape
        ],
    }
    return "; ".join(
        f"{what}: {', '.join(keys)}" for what, keys in groups.items() if keys
    )


def recognise(found: Mapping[str, Tensor], place: str = "the state dict") -> str:
    """
    ### Whose names are these?

    The source that knows most of the names in `found`, compared outside the layers and
    in the first layer. Not all have to match: if a file lacks a tensor, the error
    should name the tensor, and not call the source unknown.

    Raises `WeightsError` if no source knows any of them.
    """
    known = {
        name: sum(
            key in found for pattern in source.names for key in expand(pattern, 1)
        )
        for name, source in SOURCES.items()
    }
    best = max(known, key=lambda name: known[name])
    if not known[best]:
        names = ", ".join(list(found)[:3]) or "nothing"
        raise WeightsError(
            f"{place} holds {names} …, which none of {', '.join(SOURCES)} has"
        )
    return best


# Wrappers put a prefix in front of the names: data parallel training does, training
# frameworks do, and `torch.compile` does it even in the middle.
_WRAPPERS = re.compile(r"^(?:module\.|model\.|opt/target/)+|(?<![^.])_orig_mod\.")


def unwrap(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """
    The same tensors without the prefixes of wrappers. Raises `WeightsError` if two
    names become the same.
    """
    unwrapped: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        short = _WRAPPERS.sub("", _WRAPPERS.sub("", name))
        if short in unwrapped:
            raise WeightsError(f"two of the weights are both named {short}")
        unwrapped[short] = tensor
    # A model of transformers without a head lacks the prefix.
    if "embeddings.cls_token" in unwrapped:
        unwrapped = {f"vit.{name}": tensor for name, tensor in unwrapped.items()}
    return unwrapped


class Preprocessing(NamedTuple):
    """
    ## From an image to the input of a model

    A model is as good as published only if its images are prepared as they were for
    the published result.

    * `size` is the side of the input in pixels
    * `resize` is the new length of the shorter side of the image; then a square of
      `size` is cut from the centre. `None` squeezes the whole image into that square.
    * `interpolation` says how pixels are resampled
    * `mean` and `std` standardise red, green and blue, which go from 0 to 1
    * `antialias` says whether shrinking averages all pixels, not only the nearest ones
    """

    size: int
    resize: int | None
    interpolation: InterpolationMode
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    antialias: bool = True

    def __call__(self, image: Image.Image) -> Tensor:
        """
        The input of the model for an image, as a batch of one. An image in another mode
        than RGB, such as grey or with a palette, is converted first.
        """
        image = image.convert("RGB")
        sides = [self.size, self.size] if self.resize is None else [self.resize]
        # Pillow always antialiases. It also rounds to bytes, as the libraries that use
        # it do; TensorFlow, which Google's code uses, does neither.
        x = image if self.antialias else to_tensor(image)
        x = center_crop(
            resize(x, sides, self.interpolation, antialias=self.antialias), [self.size]
        )
        x = to_tensor(x) if self.antialias else x
        return normalize(x, self.mean, self.std).unsqueeze(0)


# **What the weights ask for.** These are the settings of ViT-B/16 for 224×224 pixels,
# each with the place where it is written:
#
# | weights | resized to | interpolation | mean and std | see |
# |---|---|---|---|---|
# | torchvision | 256 | bilinear | of ImageNet | `weights.transforms()` |
# | timm | 248 | bicubic | 0.5 | `config.json` |
# | transformers | 224×224 | bilinear | 0.5 | `preprocessor_config.json` |
# | Google | 224×224 | bilinear | 0.5 | `vit_jax/input_pipeline.py` |
#
# Others differ, and `_replace` makes theirs of these: `resize=242` is that of
# torchvision's ViT-L/16, `size=384, resize=384` that of timm's models for this size,
# and DeiT in timm has ImageNet's mean and standard deviation.
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
PREPROCESSING = {
    "torchvision": Preprocessing(224, 256, InterpolationMode.BILINEAR, *_IMAGENET),
    "timm": Preprocessing(224, 248, InterpolationMode.BICUBIC, *_HALF),
    "transformers": Preprocessing(224, None, InterpolationMode.BILINEAR, *_HALF),
    "google": Preprocessing(224, None, InterpolationMode.BILINEAR, *_HALF, False),
}
PREPROCESSING["transformers-5"] = PREPROCESSING["transformers"]


# ## Files
#
# A PyTorch file is a pickle, and loading a pickle can run any code. `weights_only`
# prevents that, as `allow_pickle=False` does for arrays of NumPy, and
# [safetensors](../../helpers/safetensors.py) was designed to contain nothing but
# numbers. So loading a stranger's file does not run a stranger's code.
def read_weights(file: str | Path) -> dict[str, Tensor]:
    """
    The tensors in a file by name. The suffix says what the file is: `.pth`, `.pt` or
    `.bin` of PyTorch, `.safetensors`, or `.npz` of NumPy. A checkpoint of our own, or
    the folder of a run, yields the weights of its model, or their EMA if there is one.

    Raises `WeightsError`.
    """
    path = Path(file)
    if checkpoint.is_checkpoint(path):
        state = checkpoint.load(path)
        return dict(state["ema"] or state["model"])
    if path.suffix not in _READERS:
        raise WeightsError(
            f"{file} must be the folder of a run or end in one of {', '.join(_READERS)}"
        )
    try:
        content = _READERS[path.suffix](path)
    except WeightsError:
        raise
    except Exception as error:
        # In a file that was cut short, PyTorch seeks before the beginning.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise WeightsError(
                f"{file} cannot be read: {error.strerror or error}"
            ) from None
        # Arbitrary bytes can make a reader raise any exception.
        raise WeightsError(
            f"{file} is damaged, or holds more than tensors and plain values"
        ) from None
    # Training scripts save the model as one of several entries.
    for entry in ("model_ema", "state_dict_ema", "model", "state_dict"):
        if isinstance(content, dict) and isinstance(content.get(entry), dict):
            content = content[entry]
    if not isinstance(content, dict) or not content:
        raise WeightsError(f"{file} holds no tensors with names")
    others = [str(name) for name, x in content.items() if not isinstance(x, Tensor)]
    if others:
        raise WeightsError(
            f"{file} holds entries that are not tensors: {', '.join(others)}"
        )
    return content


def _read_torch(path: Path) -> object:
    return torch.load(path, map_location="cpu", weights_only=True)


def _read_safetensors(path: Path) -> object:
    return safetensors.read(path)[0]


def _read_npz(path: Path) -> object:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


_READERS: dict[str, Callable[[Path], object]] = {
    ".pth": _read_torch,
    ".pt": _read_torch,
    ".bin": _read_torch,
    ".safetensors": _read_safetensors,
    ".npz": _read_npz,
}


def save_weights(weights: Mapping[str, Tensor], file: str | Path) -> None:
    """
    Write a file, all of it or nothing. Its name ends in `.pth`, `.pt`, `.bin`,
    `.safetensors` or `.npz`.

    Raises `WeightsError`.
    """
    path = Path(file)
    if path.suffix not in _READERS:
        raise WeightsError(f"{file} must end in one of {', '.join(_READERS)}")
    tensors = {name: tensor.detach().cpu() for name, tensor in weights.items()}
    temporary = path.with_name(f"{path.name}.partial")
    try:
        with checkpoint.Output(temporary, "wb") as opened:
            if path.suffix == ".npz":
                arrays: dict[str, Any] = {
                    name: x.numpy() for name, x in tensors.items()
                }
                np.savez(opened, **arrays)
            elif path.suffix == ".safetensors":
                safetensors.write(opened, tensors, {"format": "pt"})
            else:
                torch.save(tensors, opened)
        os.replace(temporary, path)
    except OSError as error:
        raise WeightsError(f"{file} cannot be written: {error.strerror}") from None
    except TypeError as error:
        raise WeightsError(f"{file} cannot hold these weights: {error}") from None
    finally:
        temporary.unlink(missing_ok=True)
