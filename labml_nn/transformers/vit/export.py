r"""
---
title: Exporting the model
summary: >
  A trained Vision Transformer as a file of weights, as ONNX or as an exported program
  of PyTorch, checked against the model that it came from.
---

# Exporting the model

```bash
python -m labml_nn.transformers.vit.export CHECKPOINT --to onnx
```

exports the model in `CHECKPOINT`, a file that the [experiment](experiment.py) saved or
the folder of a run, to a file next to it. There are four formats:

* `safetensors` holds the weights. Its [header](../../helpers/safetensors.py) holds what
  they do not tell: the classes, the mean and standard deviation of the training images,
  the settings of the model and, if the run ended with this checkpoint, its result.
  [predict](predict.py) takes such a file like a checkpoint, but it is smaller, because
  it leaves out what only training needs. Under [other names](pretrained.py), the
  weights fit the models of other libraries.
* `onnx` holds the whole computation, for [ONNX Runtime](https://onnxruntime.ai) and
  others that need neither PyTorch nor Python.
* `onnx-int8` is [the same in 8-bit integers](#to_onnx_int8): smaller and faster, but no
  longer exact.
* `torch` holds the whole computation for PyTorch: `torch.export.load` needs none of our
  code.

The input of the last three is pixels from 0 to 255, of shape `[batch, channels, height,
width]`. Their mean and standard deviation are part of the model, because whoever uses
it later has no training images to compute them from. The batch may have any size. In
ONNX, so may height and width, as long as the patches divide them: the positions are
[resampled](__init__.py#LearnedPositionalEmbeddings.interpolate) inside the graph. In
`torch`, height and width are those of the checkpoint.

The [weights](laptop.safetensors) that come with these pages were exported like this:

```bash
python -m labml_nn.transformers.vit.experiment preset=laptop seed=0 \
    dataset=folder data_path=FOLDER
python -m labml_nn.transformers.vit.export runs/vit/RUN --to safetensors
```

`RUN` is the name of the run. Its result is in the header: 81.35 % after 11.9 minutes.
It differs from the [result of seed 0](results/laptop-0.json) behind the experiment's
table, which was recorded with an earlier version of the code and took 8.0 minutes. For
the [figure](__init__.py#try-it) in the page, the numbers are rounded to half precision.
"""

import contextlib
import itertools
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ...helpers import checkpoint, safetensors
from ...utils import show_usage
from .predict import Classifier
from .pretrained import WeightsError, export_weights

USAGE = (
    "usage: python -m labml_nn.transformers.vit.export CHECKPOINT "
    "--to safetensors|onnx|onnx-int8|torch"
)

# How much the logits of the model and of the exported file may differ. Another program
# adds in another order, and float32 rounds after each addition.
TOLERANCE = 1e-4


class Exported(nn.Module):
    """The trained model, from pixels to logits."""

    mean: Tensor
    std: Tensor

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.model = classifier.model
        self.register_buffer("mean", classifier.mean)
        self.register_buffer("std", classifier.std)

    def forward(self, pixels: Tensor) -> Tensor:
        """
        `pixels` has shape `[batch, channels, height, width]`; the result, the logits,
        has shape `[batch, n_classes]`.
        """
        return self.model((pixels - self.mean) / self.std)


def to_safetensors(classifier: Classifier, file: Path) -> None:
    """Write the weights under our own names, and each entry of the header as JSON."""
    about = {
        "classes": classifier.classes,
        "mean": classifier.mean.flatten().tolist(),
        "std": classifier.std.flatten().tolist(),
        "settings": classifier.settings,
        "result": classifier.result,
    }
    header = {name: json.dumps(value) for name, value in about.items()}
    with checkpoint.Output(file, "wb") as opened:
        safetensors.write(opened, export_weights(classifier.model, "ours"), header)


# The exporter runs the model on an example and records every operation. The example has
# two images, because a batch of one is a special case to the exporter. The size of the
# batch is declared as variable.
_BATCH = ({0: torch.export.Dim("batch")},)


def _example(
    classifier: Classifier, batch: int, size: tuple[int, int] | None = None
) -> Tensor:
    size = size or (classifier.image_size, classifier.image_size)
    generator = torch.Generator().manual_seed(batch)
    return torch.rand(batch, 3, *size, generator=generator) * 255


def to_torch(classifier: Classifier, file: Path) -> None:
    """Write a program of `torch.export`, after checking that it computes the same."""
    model = Exported(classifier).eval()
    example = _example(classifier, 2)
    program = torch.export.export(model, (example,), dynamic_shapes=_BATCH)
    _check(model, program.module(), classifier)
    with checkpoint.Output(file, "wb") as opened:
        torch.export.save(program, opened)


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    # The exporter logs which constants it has not folded, and ONNX Runtime that the
    # model should be prepared first. There is nothing to do about either.
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(disabled)


def to_onnx(classifier: Classifier, file: Path) -> None:
    """Write an ONNX model, after checking it with ONNX Runtime."""
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError:
        raise WeightsError(
            "ONNX needs three packages: pip install onnx onnxruntime onnxscript"
        ) from None
    model = Exported(classifier).eval()
    patch_size = classifier.model.patch_emb.patch_size
    rows, columns = classifier.model.pos_emb.grid_size
    # With an image of the learned size, nothing would be resampled, and the positions
    # would become constants.
    larger = ((rows + 1) * patch_size, (columns + 2) * patch_size)
    dimensions = {
        **_BATCH[0],
        2: patch_size * torch.export.Dim("rows"),
        3: patch_size * torch.export.Dim("columns"),
    }
    with _without_advice():
        program = torch.onnx.export(
            model,
            (_example(classifier, 2, larger),),
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_shapes=(dimensions,),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    program.save(file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

    def run(pixels: Tensor) -> Tensor:
        (logits,) = session.run(["logits"], {"pixels": pixels.numpy()})
        return torch.from_numpy(logits)

    smaller = (patch_size, 2 * patch_size)
    _check(model, run, classifier, (None, larger, smaller))


def to_onnx_int8(classifier: Classifier, file: Path) -> None:
    r"""
    ## In 8-bit integers

    Each weight $w$ of a matrix becomes one byte, $q = \operatorname{round}(w / s)$,
    with a scale $s$ for each output of the matrix. The activations that it is
    multiplied with are rounded to bytes as well, with a scale that is computed when
    they arrive. This is *dynamic quantisation*; it needs no images to find the scales.
    Everything but the matrices stays in float32.

    | `laptop` | file | accuracy | images per second |
    |---|--:|--:|--:|
    | `onnx` | 1,082 kB | 81.35 % | 559 |
    | `onnx-int8` | 552 kB | 81.26 % | 713 |

    Measured on the 10,000 test images of CIFAR-10 (JPEG), with ONNX Runtime on one core
    of an AMD EPYC that was busy with other programs, too
    ([result](results/int8/laptop.json)). Of the first file, 382 kB are not weights,
    which is much only because the model is so small.
    """
    full = file.with_suffix(".full.onnx")
    try:
        to_onnx(classifier, full)
        from onnxruntime.quantization import QuantType, quantize_dynamic

        with _without_advice():
            quantize_dynamic(full, file, per_channel=True, weight_type=QuantType.QInt8)
    finally:
        full.unlink(missing_ok=True)


@torch.no_grad()
def _check(
    model: nn.Module,
    other: Callable[[Tensor], Tensor],
    classifier: Classifier,
    sizes: Sequence[tuple[int, int] | None] = (None,),
) -> None:
    for size, batch in itertools.product(sizes, (1, 3)):
        pixels = _example(classifier, batch, size)
        difference = (model(pixels) - other(pixels)).abs().max().item()
        if not difference <= TOLERANCE:
            raise WeightsError(
                f"what was exported computes other logits than the model; they differ "
                f"by {difference:.2g}"
            )


WRITERS: dict[str, tuple[str, Callable[[Classifier, Path], None]]] = {
    "safetensors": (".safetensors", to_safetensors),
    "onnx": (".onnx", to_onnx),
    "onnx-int8": (".int8.onnx", to_onnx_int8),
    "torch": (".pt2", to_torch),
}


def export(place: str | Path, target: str) -> Path:
    """
    Write the model of a checkpoint in the format `target`, a key of `WRITERS`, and
    return the new file. It has the name of the checkpoint, and appears only once it is
    complete. The computation of `onnx` and `torch` is compared with the model first.

    Raises `CheckpointError`.
    """
    suffix, write = WRITERS[target]
    source = Path(place)
    if source.is_dir():
        source = next(reversed(checkpoint.found(source)), source)
    classifier = Classifier(source)
    file = source.with_suffix(suffix)
    temporary = source.with_suffix(f".partial{suffix}")
    try:
        write(classifier, temporary)
        os.replace(temporary, file)
    except OSError as error:
        raise WeightsError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return file


def main(arguments: list[str]) -> int:
    """Export a model. Returns the exit status."""
    match arguments:
        case [place, "--to", target] if target in WRITERS:
            try:
                print(export(place, target))
            except checkpoint.CheckpointError as error:
                print(error, file=sys.stderr)
                return 1
            return 0
    return show_usage(USAGE, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
