r"""
---
title: What is in this image?
summary: >
  A trained Vision Transformer names what is in an image and shows, in a second image,
  which patches it looked at.
---

# What is in this image?

```bash
python -m labml_nn.transformers.vit.predict IMAGE|FOLDER...
```

prints the most likely classes of each image, and draws the image once more, bright
where the model looked. A folder stands for all images below it. You need not train
first: a model comes with this page, the [weights](laptop.safetensors) of a `laptop`
run. It is small, and knows only the ten classes of CIFAR-10. To use a model of your
own, put its `CHECKPOINT` in front of the images: a file that the
[experiment](experiment.py) saved or that was [exported](export.py) as safetensors, or
the folder of a run, which stands for its last checkpoint.

Where do the drawings go? Not next to the images, where a later training run would read
them as data. They go into the folder `attention` of the run, or of `runs` for the model
that comes with this page. `cat.jpg` becomes `cat.jpg.png`.
"""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from ...experiments.progress import quiet
from ...experiments.settings import UsageError
from ...helpers import checkpoint, safetensors
from ...helpers.checkpoint import CheckpointError
from ...helpers.data import (
    DataError,
    NotAnImageError,
    center_crop,
    is_image_name,
    read_image,
)
from ...utils import show_usage
from ..mha import MultiHeadAttention
from . import VisionTransformer
from .experiment import COMMAND

USAGE = (
    "usage: python -m labml_nn.transformers.vit.predict [CHECKPOINT] IMAGE|FOLDER..."
)

# The weights of one `laptop` run, as the export writes them.
WEIGHTS = Path(__file__).with_name("laptop.safetensors")


class Classifier:
    """
    ## A trained model, ready for use

    A checkpoint has all that it takes: the model, its classes, and the statistics with
    which images are standardised. So has an [exported](export.py) file.

    * `place` is a checkpoint, the folder of a run or a file that ends in
      `.safetensors`; without it, the model is the one that comes with this page

    Raises `CheckpointError`.
    """

    def __init__(self, place: str | Path = WEIGHTS) -> None:
        exported = Path(place).suffix == ".safetensors"
        state = load_exported(place) if exported else checkpoint.load(place)
        settings = COMMAND.saved_settings(state, place)
        # The settings that the model depends on; how it was trained does not matter.
        self.settings: dict[str, Any] = {
            name: value
            for name, value in settings.items()
            if name == "image_size" or name.startswith("model.")
        }
        self.classes: list[str] = state["classes"]
        try:
            self.image_size: int = self.settings["image_size"]
            c = COMMAND.configure({"preset": "tiny", **self.settings})
            with quiet():
                model = c.model
            assert isinstance(model, VisionTransformer)
            model.load_state_dict(state["ema"] or state["model"])
            if model.classification.output.out_features != len(self.classes):
                raise ValueError("a class without a name, or a name without a class")
        except (KeyError, RuntimeError, UsageError, ValueError):
            raise CheckpointError(
                f"{place} holds a different model than its settings describe"
            ) from None
        self.model = model.eval()
        self.mean, self.std = state["statistics"]
        # The folder for drawings, and the result of the run if it ended with this
        # checkpoint.
        shipped = Path(place) == WEIGHTS
        self.folder = Path("runs") if shipped else checkpoint.run_folder(place)
        self.result: dict[str, Any] | None = (
            state["result"] if exported else final_result(self.folder, state["step"])
        )

    def prepare(self, image: Image.Image) -> Tensor:
        """The input of the model: the largest square in the centre, standardised."""
        square = pil_to_tensor(center_crop(image, self.image_size)).unsqueeze(0)
        return (square.float() - self.mean) / self.std

    @torch.inference_mode()
    def probabilities(self, x: Tensor) -> Tensor:
        """
        `x` has shape `[batch, channels, height, width]`, and the result has shape
        `[batch, n_classes]`.
        """
        return self.model(x).softmax(dim=1)


def final_result(folder: Path, step: int) -> dict[str, Any] | None:
    """The result in the folder of a run, if the run ended with this step."""
    try:
        result: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
        return result if result["epochs"][-1]["step"] == step else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def load_exported(file: str | Path) -> dict[str, Any]:
    """
    What the [export](export.py) wrote into `file`, under the names that a checkpoint
    uses.

    Raises `CheckpointError`.
    """
    try:
        weights, header = safetensors.read(file)
        about = {name: json.loads(text) for name, text in header.items()}
        channels = (1, 3, 1, 1)
        return {
            "model": weights,
            "ema": None,
            "classes": list(about["classes"]),
            "settings": dict(about["settings"]),
            "statistics": [
                torch.tensor(about[name]).view(channels) for name in ("mean", "std")
            ],
            "result": about["result"],
        }
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}") from None
    except Exception:
        # Arbitrary bytes can raise any exception.
        raise CheckpointError(
            f"{file} is damaged, or was not exported from a checkpoint"
        ) from None


@torch.inference_mode()
def all_attention(model: VisionTransformer, x: Tensor) -> list[Tensor]:
    """
    ## The attention of all layers

    The attention weights of each layer, first to last. `x` has shape `[batch, channels,
    height, width]`, and the weights of a layer have shape
    `[batch, heads, tokens, tokens]`. Each row says where a token looks.
    """
    attention: list[Tensor] = []

    def record(layer: Any, _: Any, arguments: dict[str, Tensor]) -> None:
        # All tokens have keys, but in the last layer, the class token may be the only
        # one with a query.
        attention.append(layer.weights(arguments["key"]))

    hooks = [
        module.register_forward_pre_hook(record, with_kwargs=True)
        for module in model.encoder.modules()
        if isinstance(module, MultiHeadAttention)
    ]
    # Whatever happens, leave the model as it was.
    try:
        model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return attention


@torch.inference_mode()
def rollout(model: VisionTransformer, x: Tensor) -> Tensor:
    r"""
    ## Where it looked

    The attention weights of a layer say how it mixed the tokens of the layer below. To
    find out which *patches* mattered, multiply the weights of all layers ([Abnar and
    Zuidema, 2020](https://arxiv.org/abs/2005.00928)), as the paper does for its figure
    6 (appendix D.8). $A_\ell$ is the attention of layer $\ell$, averaged over its
    heads. The residual connection, through which a token keeps what it has, is the
    identity matrix $\mathbf{I}$, and counts as much as attention. The feed-forward
    blocks do not mix tokens and are left out:

    $$\tilde{A} = \prod_{\ell=L}^{1} \tfrac12 \left(A_\ell + \mathbf{I}\right)$$

    `x` has shape `[batch, channels, height, width]`, the result has shape
    `[batch, rows, columns]` and sums to one for each image.
    """
    mixed = mix_layers(all_attention(model, x))

    # The head reads the class token, the mean of all tokens, or that of the patches.
    if model.pooled_norm is not None:
        pooled = mixed[:, 1:].mean(dim=1)
    elif model.mean_pooling:
        pooled = mixed.mean(dim=1)
    else:
        pooled = mixed[:, 0]

    # The class token has no place in the image, so its share is left out.
    patches = pooled[:, 1:]
    patches = patches / patches.sum(dim=1, keepdim=True)
    return patches.unflatten(1, model.patch_emb.grid(*x.shape[-2:]))


def mix_layers(attention: list[Tensor]) -> Tensor:
    r"""
    The product $\tilde{A}$, of shape `[batch, tokens, tokens]`. `attention` has the
    weights of each layer, first to last, of shape `[batch, heads, tokens, tokens]`.
    """
    identity = torch.eye(attention[0].shape[-1]).to(attention[0])
    mixed = identity
    for weights in attention:
        mixed = (weights.mean(dim=1) + identity) / 2 @ mixed
    return mixed


def attention_image(image: Image.Image, attention: Tensor) -> Image.Image:
    """The image, darkened where `attention`, of shape `[rows, columns]`, is low."""
    square = pil_to_tensor(center_crop(image, 384)) / 255
    brightness = (attention / attention.max())[None, None]
    brightness = F.interpolate(brightness, size=(384, 384), mode="bicubic")[0]
    return to_pil_image(square * (0.15 + 0.85 * brightness.clamp(0, 1)))


def save_attention(drawing: Image.Image, folder: Path, image: str) -> Path:
    """
    Save the drawing for the file `image` in `folder`, and return its path. An image
    below the current folder keeps its own path there, so `train/cat/0.png` and
    `train/dog/0.png` do not collide. If a different file has that name, the drawing
    gets a number: nothing is ever overwritten.
    """
    path = Path(os.path.abspath(image))
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    place = folder / path.relative_to(path.anchor)
    place.parent.mkdir(parents=True, exist_ok=True)
    encoded = io.BytesIO()
    drawing.save(encoded, "png")
    content = encoded.getvalue()
    file, number = Path(f"{place}.png"), 1
    while file.exists():
        if file.is_file() and file.read_bytes() == content:
            return file
        number += 1
        file = Path(f"{place}-{number}.png")
    try:
        with open(file, "xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise
    except OSError:
        # Half an image is useless.
        file.unlink(missing_ok=True)
        raise
    return file


def images_in(place: str, drawings: Path) -> list[str]:
    """
    The files below a folder, sorted by name, without hidden ones and without those of
    the folder `drawings`, unless `place` is that or lies in it. Anything but a folder
    stands for itself.
    """
    if not os.path.isdir(place):
        return [place]
    files, drawn = [], drawings.resolve()
    for root, folders, names in os.walk(place):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and Path(root, name).resolve() != drawn
        )
        files += [
            os.path.join(root, name)
            for name in sorted(names)
            if not name.startswith(".")
        ]
    return files


def _names_images(first: str, *others: str) -> bool:
    if is_image_name(first):
        return True
    if not os.path.isdir(first) or checkpoint.found(Path(first)):
        return False
    # A run that has saved nothing yet is no folder of images.
    names = (name for _, _, files in os.walk(first) for name in files)
    return not others or any(map(is_image_name, names))


# The name in the previous version, kept for one more.
attention_picture = attention_image


def main(arguments: list[str]) -> int:
    """Classify images. Returns the exit status."""
    # Without a checkpoint, the first argument is an image, the only one a folder, or
    # one of several folders that has images in it, but a run without an image is a
    # mistake.
    if arguments and _names_images(*arguments):
        arguments = [os.fspath(WEIGHTS), *arguments]
    # A variable of the shell that is not set names no file.
    if len(arguments) < 2 or arguments[0].startswith("-") or "" in arguments:
        return show_usage(USAGE, arguments)
    try:
        classifier = Classifier(arguments[0])
    except checkpoint.CheckpointError as error:
        print(error, file=sys.stderr)
        return 1
    drawings = classifier.folder / "attention"
    status = 0
    places = {place: images_in(place, drawings) for place in arguments[1:]}
    # Each file once, even if two arguments lead to it.
    names = dict.fromkeys(name for files in places.values() for name in files)
    others = set()
    for name in names:
        try:
            image = read_image(name)
        except NotAnImageError as error:
            # A folder may hold other files, but `cat.jpg` promises an image.
            if name in places or is_image_name(name):
                print(error, file=sys.stderr)
                status = 1
            else:
                others.add(name)
            continue
        except DataError as error:
            print(error, file=sys.stderr)
            status = 1
            continue
        x = classifier.prepare(image)
        best = classifier.probabilities(x)[0].topk(min(3, len(classifier.classes)))
        predictions = ", ".join(
            f"{classifier.classes[index]} {probability:.1%}"
            for probability, index in zip(
                best.values.tolist(), best.indices.tolist(), strict=True
            )
        )
        drawing = attention_image(image, rollout(classifier.model, x)[0])
        try:
            file = save_attention(drawing, drawings, name)
        except OSError as error:
            print(
                f"{error.filename or classifier.folder} cannot be written: "
                f"{error.strerror}",
                file=sys.stderr,
            )
            status = 1
            print(f"{name}: {predictions}")
        else:
            print(f"{name}: {predictions} ({file})")
    for place, files in places.items():
        if others.issuperset(files):
            print(f"there is no image in {place}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
