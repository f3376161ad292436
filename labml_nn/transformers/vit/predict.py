r"""
---
title: What is in this picture?
summary: >
  A trained Vision Transformer names what is in a picture and shows, in a second
  picture, which patches it looked at.
---

# What is in this picture?

```bash
python -m labml_nn.transformers.vit.predict CHECKPOINT IMAGE...
```

prints the likeliest classes of each image, and writes beside `cat.jpg` a
`cat.attention.png` that is bright where the model looked. `CHECKPOINT` is a file that
the [experiment](experiment.py) saved, or the folder of a run, whose last one is meant.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from ...experiments.cifar10 import quiet
from ...helpers import checkpoint
from ...helpers.data import DataError, middle_square, read_picture
from ..mha import MultiHeadAttention
from . import VisionTransformer
from .experiment import COMMAND

USAGE = "usage: python -m labml_nn.transformers.vit.predict CHECKPOINT IMAGE..."


class Classifier:
    """
    ## A model that is ready for use

    All that a checkpoint says: the model, its classes and how pictures were
    standardised.

    * `place` is a checkpoint or the folder of a run

    Raises `CheckpointError`.
    """

    def __init__(self, place: str | Path) -> None:
        state = checkpoint.load(place)
        settings = state["settings"]
        names = [name for name in settings if name.startswith("model.")]
        other = checkpoint.CheckpointError(
            f"{place} is no Vision Transformer of this experiment"
        )
        if not set(names) <= set(COMMAND.types()):
            raise other
        c = COMMAND.configure(
            {"preset": "tiny", "image_size": settings["image_size"]}
            | {name: settings[name] for name in names}
        )
        with quiet():
            model = c.model
        assert isinstance(model, VisionTransformer)
        try:
            model.load_state_dict(state["average"] or state["model"])
        except RuntimeError:
            raise other from None
        self.model = model.eval()
        self.size: int = settings["image_size"]
        self.classes: list[str] = state["classes"]
        self.mean, self.std = state["statistics"]

    def prepare(self, picture: Image.Image) -> Tensor:
        """The largest square in the middle, as the model wants it."""
        square = pil_to_tensor(middle_square(picture, self.size))[None]
        return (square.float() - self.mean) / self.std

    @torch.inference_mode()
    def probabilities(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`, and the result has shape
        `[batch, n_classes]`.
        """
        return self.model(x).softmax(dim=1)


@torch.inference_mode()
def rollout(model: VisionTransformer, x: Tensor) -> Tensor:
    r"""
    ## Where it looked

    The weights of one layer say which tokens of the layer below were mixed. To know
    which *patches* count, the layers are multiplied ([Abnar and Zuidema,
    2020](https://arxiv.org/abs/2005.00928)), as for the paper's figure 6. $A_\ell$ is
    the attention of layer $\ell$, averaged over its heads. The residual connection
    $\mathbf{I}$, through which a token looks at itself, is taken to count as much, and
    the feed-forward blocks, which mix no tokens, are left out:

    $$\tilde{A} = \prod_{\ell=L}^{1} \tfrac12 \left(A_\ell + \mathbf{I}\right)$$

    `x` has shape `[batch, channels, height, width]`, the result has shape
    `[batch, rows, columns]` and sums to one for each picture.
    """
    seen: list[Tensor] = []

    def look(attention: Any, _: Any, arguments: dict[str, Tensor]) -> None:
        seen.append(attention.weights(arguments["query"]).mean(dim=1))

    hooks = [
        part.register_forward_pre_hook(look, with_kwargs=True)
        for part in model.encoder.modules()
        if isinstance(part, MultiHeadAttention)
    ]
    model(x)
    for hook in hooks:
        hook.remove()

    # Behind the last layer, `mixed` has shape `[batch, tokens, tokens]`.
    mixed = torch.eye(seen[0].shape[-1])
    for weights in seen:
        mixed = (weights + torch.eye(weights.shape[-1])) / 2 @ mixed

    # The head saw the class token, or the average of all. Only patches have a place.
    read = mixed.mean(dim=1) if model.mean_pooling else mixed[:, 0]
    patches = read[:, 1:]
    patches = patches / patches.sum(dim=1, keepdim=True)
    return patches.unflatten(1, model.patch_emb.grid(*x.shape[-2:]))


def attention_picture(picture: Image.Image, looked: Tensor) -> Image.Image:
    """The picture, dark where the model did not look; `looked` is `[rows, columns]`."""
    square = middle_square(picture, 384)
    light = looked / looked.max()
    light = F.interpolate(light[None, None], size=(384, 384), mode="bicubic")[0]
    return to_pil_image(pil_to_tensor(square) / 255 * (0.15 + 0.85 * light.clamp(0, 1)))


def main(arguments: list[str]) -> int:
    """Classify pictures. Returns the exit status."""
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        classifier = Classifier(arguments[0])
    except checkpoint.CheckpointError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    for name in arguments[1:]:
        try:
            picture = read_picture(name)
        except DataError as error:
            print(error, file=sys.stderr)
            failed = 1
            continue
        x = classifier.prepare(picture)
        best = classifier.probabilities(x)[0].topk(min(3, len(classifier.classes)))
        answers = ", ".join(
            f"{classifier.classes[index]} {share:.1%}"
            for share, index in zip(
                best.values.tolist(), best.indices.tolist(), strict=True
            )
        )
        beside = Path(name).with_suffix(".attention.png")
        where = f" ({beside})"
        try:
            attention_picture(picture, rollout(classifier.model, x)[0]).save(beside)
        except OSError as error:
            print(f"{beside} cannot be written: {error.strerror}", file=sys.stderr)
            where, failed = "", 1
        print(f"{name}: {answers}{where}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
