r"""
---
title: Fine-tuning at higher resolution
summary: >
  Section 3.2 of the Vision Transformer's paper, run and recorded: a new head of zeros,
  larger images, positions resampled once, SGD with momentum.
---

# Fine-tuning at higher resolution

A Vision Transformer is rarely trained for the task that it ends up doing. It is
*pre-trained* on many images of whatever classes somebody has labelled, and then
*fine-tuned* on the few that matter. This page does it as the paper does:

1. [Replace the head and resample the positions](#with_new_head) (section 3.2). The new
   head is one linear layer of zeros. The images are larger, the patches are not, so
   there are more of them.
2. [Train everything](#fine_tune) with SGD with momentum, a cosine schedule and
   gradients clipped at norm 1 (appendix B.1.1).

```bash
python -m labml_nn.transformers.vit.finetune CHECKPOINT FOLDER image_size=48
```

does this with the images in `FOLDER`, which holds the folders `train` and `test` with a
folder per class in each. `CHECKPOINT` is a file that the [experiment](experiment.py)
saved, or the folder of a run. The result is a checkpoint, too, so the new model can
[classify images](predict.py) and be [exported](export.py) like any other.

## Is it worth it?

We pre-train on the first five classes of CIFAR-10 (JPEG), airplane to deer, at 32×32
pixels. The task is to tell apart the other five, dog to truck, at 48×48, with only
1,000 training images of each. The accuracy is measured on all 5,000 of their test
images:

| | accuracy | processor time |
|---|--:|--:|
| pre-trained, and a linear map of its features | 75.8 % | 4.0 minutes |
| the same, fine-tuned for five epochs | 84.6 % | 2.5 minutes more |
| trained from scratch on the 1,000 images of each class | 84.1 % | 5.6 minutes |

The model is that of the `laptop` preset. The numbers are means of three seeds, whose
accuracies have standard deviations of up to 1.1 points. The machine was busy with other
work, so the time is what one core spent on the run. The command was

```bash
python -m labml_nn.transformers.vit.finetune compare FOLDER seed=0
```

and the [results](results/finetune/seed-0.json) are in the repository.

Pre-training has taught the model to describe animals and vehicles that it had no names
for: with its weights as they are, a linear map finds the right class for three of four
images. Fine-tuning adds nine points in 2.5 minutes. Once the time for pre-training is
counted, nothing is gained that three seeds could show: trained from scratch with the
[recipe](experiment.py) of pre-training and its fast optimizer, the model is half a
point behind, in 0.9 minutes less. The paper leads us to expect that. Pre-training pays
where there is far more to learn from, or where somebody else has done it. Here it was
24,000 images; in the paper it is up to 303 million, and fine-tuned from these, ViT-H/14
gets 99.5 % of CIFAR-10 right (table 2).

## What does the paper fine-tune on?

Here are its tasks, how long it trains on each and the learning rates that it tries
(table 4), and the accuracies, in percent, of two of its models and of BiT-L (table 2).
That is a ResNet-152 of four times the width, and was the best before on all of them but
the two rows of ImageNet, where Noisy Student had 88.4 and 90.55 %. ViT-L/16 was
pre-trained on ImageNet-21k, the two others on JFT-300M:

| task | steps | learning rates | ViT-L/16 | ViT-H/14 | BiT-L |
|---|--:|---|--:|--:|--:|
| ImageNet | 20,000 | 0.003, 0.01, 0.03, 0.06 | 85.30 | 88.55 | 87.54 |
| the same, with cleaned-up labels (ReaL) | | | 88.62 | 90.72 | 90.54 |
| CIFAR-10 | 10,000 | 0.001, 0.003, 0.01, 0.03 | 99.15 | 99.50 | 99.37 |
| CIFAR-100 | 10,000 | 0.001, 0.003, 0.01, 0.03 | 93.25 | 94.55 | 93.51 |
| Oxford-IIIT Pets | 500 | 0.001, 0.003, 0.01, 0.03 | 94.67 | 97.56 | 96.62 |
| Oxford Flowers-102 | 500 | 0.001, 0.003, 0.01, 0.03 | 99.61 | 99.68 | 99.63 |
| VTAB, mean of 19 tasks | 2,500 | 0.01 | 72.72 | 77.63 | 76.29 |

The accuracies are means of three runs. The rate was chosen on a part of the training
images: 1 % of ImageNet, 2 % of CIFAR, 10 % of Pets and Flowers. Then the model was
trained again on all of them. (The paper disagrees with itself about 0.06: in table 4 it
is for all models, in appendix B.1.1 for ResNets and hybrids alone.) The images had
384×384 pixels, except [for ImageNet](__init__.py#pre-training-and-fine-tuning).

VTAB gives 1,000 training images per task, in three groups: *natural* images such as
those above, *specialised* ones from medicine and satellites, and *structured* tasks,
such as finding where something is. All tasks have the same settings, which were the
best of two learning rates and two schedules on 200 validation images per task, and
images of 384×384 pixels (appendix B.1.1). ViT-H/14 leads in the first group and the
third; in the second, the best two are about equal (section 4.2, and each task in
table 9).

ObjectNet is a test set alone, of everyday objects in unusual poses, from unusual sides
and in unusual places. Of its images, ViT-H/14 has 61.7 % right without any training on
them, and 82.1 % among its first five answers (appendix D.9).

And what is more data worth? Here is ViT-L/16, with 384×384 pixels for all tasks, in
percent (table 5):

| pre-trained on | ImageNet | CIFAR-10 | CIFAR-100 | Pets | Flowers |
|---|--:|--:|--:|--:|--:|
| ImageNet | 76.53 | 97.86 | 86.35 | 93.64 | 89.66 |
| ImageNet-21k | 85.15 | 99.16 | 93.44 | 94.73 | 99.61 |
| JFT-300M | 87.12 | 99.38 | 94.04 | 97.11 | 99.56 |

Only for Flowers are 14 million images as good as 303. (These are not quite the numbers
of table 2. There the images of ImageNet were larger, weights were averaged for it, and
each number is a mean of three runs.)
"""

import copy
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...experiments.command import LARGEST, is_out_of_memory, parse_value
from ...experiments.progress import minutes, say
from ...experiments.results import hardware, write_json
from ...experiments.resume import stream_seed
from ...experiments.settings import UsageError
from ...helpers import checkpoint
from ...helpers.augment import random_crop, random_flip
from ...helpers.checkpoint import CheckpointError
from ...helpers.data import Batches, DataError, LabeledImages, load
from ...helpers.evaluate import flipped, log_probabilities, metrics, outputs
from ...helpers.optimize import lr_factor
from ...utils import show_usage
from . import ClassificationHead, LearnedPositionalEmbeddings, VisionTransformer
from .experiment import COMMAND
from .predict import Classifier

USAGE = (
    "usage: python -m labml_nn.transformers.vit.finetune CHECKPOINT FOLDER "
    "[name=value ...]\n"
    "       python -m labml_nn.transformers.vit.finetune compare FOLDER [seed=N]"
)


class FineTuningError(Exception):
    """Raised when fine-tuning cannot start; the message is one sentence."""


class Settings(NamedTuple):
    """
    ## Settings

    * `image_size` is the height and width of the images
    * `epochs` is how often each image is seen
    * `batch_size` is the number of images per step; with the paper's 512, an epoch of
      5,000 images would have only nine steps
    * `lr` is the peak learning rate; the paper tries 0.001 to 0.06 (table 4)
    * `clip_norm` is the largest norm of the gradient; a longer one is scaled down to it
    * `crop` is the largest shift of an image in pixels
    * `resampling` is how the positions are resampled, a key of `RESAMPLINGS`
    * `seed` seeds every random draw
    * `output` is the folder for checkpoints and the result
    """

    image_size: int = 48
    epochs: int = 5
    batch_size: int = 64
    lr: float = 0.03
    clip_norm: float = 1.0
    crop: int = 3
    resampling: str = "bicubic"
    seed: int = 0
    output: str = "runs/finetune"


# ## Four ways to resample the positions
#
# All libraries keep the class token's position and treat the others as an image with
# $D$ channels. They differ in how they sample it. With *aligned corners*, the outermost
# old positions become the outermost new ones; without, the edges of the image stay in
# place. *Antialiasing* is meant for smaller grids, but it changes larger ones as well:
# with it, PyTorch uses Pillow's cubic and not its own.
#
# | whose | interpolation | corners aligned | antialiased |
# |---|---|---|---|
# | the authors (SciPy's zoom of order 1) | linear | yes | no |
# | torchvision | bicubic | yes | no |
# | timm | bicubic | no | yes |
# | transformers, and this site | bicubic | no | no |
RESAMPLINGS: dict[str, dict[str, Any]] = {
    "authors": {"mode": "bilinear", "align_corners": True},
    "torchvision": {"align_corners": True},
    "timm": {"antialias": True},
    "bicubic": {},
}


@torch.no_grad()
def with_new_head(
    model: VisionTransformer,
    n_classes: int,
    image_size: int,
    resampling: str = "bicubic",
) -> VisionTransformer:
    """
    ## A new head and a larger grid

    Returns a copy of the model for other classes and larger images.

    Raises `ValueError` for an image size that the patches do not divide.
    """
    model = copy.deepcopy(model)
    grid = model.patch_emb.grid(image_size, image_size)

    # Nothing is left of the old head. Its hidden layer belongs to the old task as much
    # as its output, and dropping both was a little more robust (appendix B.1.1). The
    # [new one](__init__.py#ClassificationHead) starts at zero.
    d_model = model.cls_token_emb.shape[-1]
    model.classification = ClassificationHead(d_model, 0, n_classes)

    # As in the authors' code, the positions are resampled once and become the weights
    # of a larger grid, which is trained from there. Without this, the model would
    # [resample the small grid](__init__.py#LearnedPositionalEmbeddings.interpolate)
    # whenever it sees a large image, and the small grid would be trained.
    resampled = model.pos_emb.interpolate(grid, **RESAMPLINGS[resampling])
    model.pos_emb = LearnedPositionalEmbeddings(d_model, grid)
    model.pos_emb.positional_encodings.copy_(resampled)
    return model


def linear_probe(
    model: VisionTransformer,
    statistics: tuple[Tensor, Tensor],
    train: LabeledImages,
    test: LabeledImages,
) -> float:
    r"""
    ## Before fine-tuning

    How well does the model describe images of classes that it has never been taught?
    For a quick answer, the paper fits a linear map of the model's features to the
    classes by least squares, and trains nothing else (section 4.1). $\mathbf{Y}$ has a
    row of features for each image, the targets $\mathbf{T}$ are 1 for the right class
    and −1 for all others, $\mathbf{I}$ is the identity matrix, and the best map
    $\mathbf{W}$ has a closed form:

    $$\mathbf{W} = (\mathbf{Y}^\top \mathbf{Y} + \lambda \mathbf{I})^{-1}
      \mathbf{Y}^\top \mathbf{T}$$

    The paper fits it to a few images of each class, this function to all of `train`.
    Returns the accuracy on `test`.
    """
    y, y_test = (features(model, statistics, images) for images in (train, test))
    targets = 2.0 * F.one_hot(train.labels, len(train.classes)).double() - 1
    # In double precision, so that all machines agree. $\lambda$ is one: next to
    # thousands of images, it only keeps the matrix invertible.
    gram = y.T @ y + torch.eye(y.shape[1]).double()
    weights = torch.linalg.solve(gram, y.T @ targets)
    return ((y_test @ weights).argmax(1) == test.labels).double().mean().item()


def features(
    model: VisionTransformer, statistics: tuple[Tensor, Tensor], images: LabeledImages
) -> Tensor:
    """
    The input of the head, and a one for the bias of the map. The result has shape
    `[images, d_model + 1]`.
    """
    model.eval()
    y = outputs(model.features, images, statistics, torch.device("cpu"))
    return F.pad(y.double(), (0, 1), value=1.0)


def fine_tune(
    model: VisionTransformer,
    statistics: tuple[Tensor, Tensor],
    train: LabeledImages,
    c: Settings,
    save: Callable[[list[dict[str, float]]], None],
) -> list[dict[str, float]]:
    """
    ## Fine-tuning

    Train all weights of `model`. Returns the loss and accuracy of each epoch, and calls
    `save` with those so far after each.

    Raises `FineTuningError` if the loss is far above that of guessing.
    """
    mean, std = statistics
    # As in the paper, no weight decay (table 4): it would pull weights away from what
    # pre-training has found.
    optimizer = torch.optim.SGD(model.parameters(), c.lr, momentum=0.9)
    batches = Batches(len(train.labels), c.batch_size, stream_seed(c.seed, "order"))
    history: list[dict[str, float]] = []
    for epoch in range(c.epochs):
        started, sums = time.perf_counter(), torch.zeros(2)
        model.train()
        for number, indices in enumerate(batches.epoch(epoch)):
            step = epoch * len(batches) + number
            progress = (step + 0.5) / (c.epochs * len(batches))
            optimizer.param_groups[0]["lr"] = c.lr * lr_factor(progress, 0)

            generator = torch.Generator()
            generator.manual_seed(stream_seed(c.seed, "augmentation", step))
            x = random_flip(train.images[indices].float(), generator)
            x = random_crop(x, c.crop, generator) if c.crop else x
            torch.manual_seed(stream_seed(c.seed, "model", step))
            logits = model((x - mean) / std)
            loss = F.cross_entropy(logits, train.labels[indices])

            # In the first step, only the head has a gradient: that of all other weights
            # is a product with the zeros of the head. Clipping keeps the steps after it
            # from spoiling weights that took a long time to find.
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), c.clip_norm)
            optimizer.step()
            correct = (logits.argmax(1) == train.labels[indices]).float().mean()
            sums += torch.stack([loss.detach(), correct])
        mean_loss, accuracy = (sums / len(batches)).tolist()
        # Guessing has a loss of the logarithm of the number of classes. Three times
        # that is far worse than knowing nothing.
        if not mean_loss < 3 * math.log(len(train.classes)):
            raise FineTuningError(
                f"the loss is {mean_loss:.3g} in epoch {epoch + 1}, so training has "
                f"diverged; try a lower lr than {c.lr:g}"
            )
        seconds = time.perf_counter() - started
        history.append(
            {"epoch": epoch + 1, "step": epoch + 1, "loss": mean_loss,
             "accuracy": accuracy, "seconds": seconds}
        )  # fmt: skip
        say(
            f"epoch {epoch + 1}/{c.epochs}  loss {mean_loss:.3f}  accuracy "
            f"{accuracy:.1%}  {minutes(seconds)}"
        )
        save(history)
    return history


def run(place: str, folder: str, c: Settings) -> dict[str, Any]:
    """
    ## A run

    Fine-tune the model in the checkpoint `place` on the images in `folder`, and save it
    and its result in `c.output`.

    Raises `FineTuningError`, `CheckpointError`, `DataError` and `ValueError`.
    """
    started = time.process_time()
    output = Path(c.output)
    # Saving keeps the last checkpoints of a folder, so two runs would delete each
    # other's.
    if checkpoint.found(output / "checkpoints"):
        raise FineTuningError(
            f"{output} holds another run; name a new folder such as output={output}-2"
        )
    classifier = Classifier(place)
    # Before reading the images, check that they can be cut into patches.
    classifier.model.patch_emb.grid(c.image_size, c.image_size)
    train, test, _ = load("folder", folder, c.image_size)
    # Reject a batch of too many images before measuring the features of all.
    Batches(len(train.labels), c.batch_size, c.seed)
    # Find out now, and not after an epoch, whether anything can be written there.
    try:
        (output / "checkpoints").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FineTuningError(
            f"cannot create a run in output={output}: {error.strerror}"
        ) from None
    statistics = (classifier.mean, classifier.std)
    model = with_new_head(
        classifier.model, len(train.classes), c.image_size, c.resampling
    )
    before = linear_probe(model, statistics, train, test)
    say(f"a linear map of the features, before fine-tuning: {before:.2%}")

    settings = classifier.settings | {
        "dataset": "folder",
        "data_path": folder,
        "image_size": c.image_size,
        "model.image_size": c.image_size,
        "model.n_classes": len(train.classes),
    }

    def save(history: list[dict[str, float]]) -> None:
        state = {
            "model": model.state_dict(), "ema": None, "optimizers": [],
            "step": len(history), "history": history,
            "best": {"epoch": 0, "accuracy": 0.0}, "statistics": list(statistics),
            "classes": list(train.classes), "settings": settings,
        }  # fmt: skip
        checkpoint.save(output / "checkpoints", len(history), state)

    history = fine_tune(model, statistics, train, c, save)
    model.eval()
    plain, mirrored = (
        log_probabilities(model, images, statistics, torch.device("cpu"), False)
        for images in (test, flipped(test))
    )
    measured = metrics(plain, mirrored, test)
    result = {
        "settings": {k: v for k, v in c._asdict().items() if k != "output"},
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "train_images": len(train.labels),
        "classes": list(train.classes),
        "probe_accuracy": before,
        "epochs": history,
        "test": measured,
        "processor_seconds": round(time.process_time() - started, 1),
        "hardware": hardware(torch.device("cpu")),
    }
    write_json(output / "result.json", result)
    say(
        f"accuracy on {len(test.labels):,} test images: "
        f"{measured['accuracy']:.2%}\n{output / 'result.json'}"
    )
    return result


# ## The comparison
#
# Pre-train on the first five classes of CIFAR-10 at 32×32, fine-tune on 1,000 images of
# each of the other five at 48×48. Is pre-training worth its time, or is the time better
# spent on these images alone?
PRETRAINING = ("airplane", "automobile", "bird", "cat", "deer")
FINE_TUNING = ("dog", "frog", "horse", "ship", "truck")
PER_CLASS = 1000


def compare(folder: str, seed: int, output: Path) -> dict[str, Any]:
    """
    Pre-train and fine-tune; then train from scratch.

    Raises `FineTuningError` if `output` exists.
    """
    if output.exists():
        raise FineTuningError(f"{output} exists; remove it or name another output")
    before, after = output / "images-32", output / "images-48"
    needed = links(Path(folder), before, PRETRAINING, None)
    needed |= links(Path(folder), after, FINE_TUNING, PER_CLASS)
    for link, file in needed.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(file, link)
    common = ["preset=laptop", "dataset=folder", f"seed={seed}"]
    pretrained, place = run_experiment(
        [*common, f"epochs={PRETRAINING_EPOCHS}", f"data_path={before}"],
        output / "pretraining",
    )
    tuned = run(
        str(place), str(after), Settings(seed=seed, output=str(output / "fine-tuning"))
    )
    scratch, _ = run_experiment(
        [*common, f"epochs={SCRATCH_EPOCHS}", f"data_path={after}", "image_size=48",
         "validation_size=0"],
        output / "scratch",
    )  # fmt: skip
    result = {"pretraining": pretrained, "fine_tuning": tuned, "scratch": scratch}
    write_json(output / "result.json", result)
    return result


# Chosen so that training from scratch takes a little less time than both stages.
PRETRAINING_EPOCHS, SCRATCH_EPOCHS = 12, 36


def run_experiment(arguments: list[str], output: Path) -> tuple[dict[str, Any], Path]:
    """The result of a run, with its processor time, and the folder of the run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    file = COMMAND.run_alone(arguments, output)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return result | {"processor_seconds": round(seconds, 1)}, file.parent


def links(
    source: Path, target: Path, classes: tuple[str, ...], count: int | None
) -> dict[Path, Path]:
    """
    The links that make a data set of some classes, with `count` training images of
    each, and the files that they point to.
    """
    return {
        target / split / name / file.name: file.resolve()
        for split, most in (("train", count), ("test", None))
        for name in classes
        for file in sorted((source / split / name).iterdir())[:most]
    }


# ## The command line
def parse(arguments: list[str]) -> Settings:
    """The settings in `name=value ...`. Raises `UsageError`."""
    values: dict[str, Any] = {}
    for argument in arguments:
        name, _, text = argument.partition("=")
        if name not in Settings._fields:
            raise UsageError(
                f"there is no setting {argument!r}; there are "
                f"{', '.join(Settings._fields)}"
            )
        kind = type(Settings._field_defaults[name])
        values[name] = parse_value(name, text, kind)
        if kind is float and not math.isfinite(values[name]):
            raise UsageError(f"{name} must be a number, not {text!r}")
        if name in ("image_size", "epochs", "batch_size", "clip_norm"):
            if values[name] <= 0:
                raise UsageError(f"{argument} must be above 0")
        elif kind is not str and values[name] < 0:
            raise UsageError(f"{argument} must be at least 0")
        if kind is int and values[name] > LARGEST:
            raise UsageError(f"{argument} must be at most {LARGEST}")
    c = Settings(**values)
    if c.crop >= c.image_size:
        raise UsageError(f"crop={c.crop} must be below image_size={c.image_size}")
    if c.resampling not in RESAMPLINGS:
        raise UsageError(
            f"there is no resampling {c.resampling!r}; there are "
            f"{', '.join(RESAMPLINGS)}"
        )
    return c


def main(arguments: list[str]) -> int:
    """Fine-tune, or compare with training from scratch. Returns the exit status."""
    match arguments:
        case [place, folder, *rest] if not place.startswith("-"):
            pass
        case _:
            return show_usage(USAGE, arguments)
    try:
        c = parse(rest)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        if place == "compare":
            compare(folder, c.seed, Path(c.output))
        else:
            run(place, folder, c)
    # The patches do not divide `image_size`.
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except (FineTuningError, CheckpointError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or c.output}: {error.strerror}", file=sys.stderr)
        return 1
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        print(
            "there is not enough memory for this image_size or batch_size",
            file=sys.stderr,
        )
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        kept = f"; whole epochs are in {c.output}"
        kept = kept if checkpoint.found(Path(c.output)) else ""
        print(f"\nstopped{kept}", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
