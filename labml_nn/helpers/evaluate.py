r"""
---
title: Evaluation
summary: >
  Log-probabilities for a set of images, and the metrics that follow from them, with and
  without averaging over mirror images.
---

# Evaluation

How well does a classifier do on images that it was not trained on?
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import LabeledImages


def log_probabilities(
    model: nn.Module,
    images: LabeledImages,
    statistics: Sequence[Tensor],
    device: torch.device,
    bfloat16: bool,
) -> Tensor:
    """
    The log-probabilities of the classes, of shape `[images, n_classes]`. `statistics`
    is the mean and standard deviation of the training images.
    """
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        logits = outputs(model, images, statistics, device)
    return logits.float().log_softmax(1)


@torch.no_grad()
def outputs(
    network: Callable[[Tensor], Tensor],
    images: LabeledImages,
    statistics: Sequence[Tensor],
    device: torch.device,
) -> Tensor:
    """
    The outputs of `network` for all images, which are standardised and passed in
    batches. The first dimension of the result is that of the images.
    """
    mean, std = statistics
    # The activations of a batch take far more memory than its images, so larger images
    # come in smaller batches.
    pixels = images.images[0, 0].numel()
    batch_size = min(500, max(1, 2**21 // pixels))
    batches = images.images.to(device).split(batch_size)
    return torch.cat([network((x.float() - mean) / std) for x in batches]).cpu()


def flipped(images: LabeledImages) -> LabeledImages:
    """The mirror images, with their labels."""
    return images._replace(images=images.images.flip(-1))


def metrics(
    log_probs: Tensor, flipped_log_probs: Tensor, images: LabeledImages
) -> dict[str, Any]:
    """
    Accuracy, loss and confusion matrix. `confusion[i][j]` counts the images of class
    `i` that were classified as `j`.

    `accuracy_with_flip` averages the probabilities for each image and its mirror image,
    the simplest form of test-time augmentation.
    """
    n_classes, predicted = len(images.classes), log_probs.argmax(1)
    confusion = torch.zeros(n_classes, n_classes, dtype=torch.int64)
    confusion.index_put_(
        (images.labels, predicted), torch.ones_like(predicted), accumulate=True
    )
    per_class = confusion.diagonal() / confusion.sum(1).clamp(min=1)
    # The logarithm of the sum is largest for the same class as the average.
    predicted_with_flip = torch.logaddexp(log_probs, flipped_log_probs).argmax(1)
    return {
        "images": len(predicted),
        "accuracy": (predicted == images.labels).double().mean().item(),
        "accuracy_with_flip": (
            (predicted_with_flip == images.labels).double().mean().item()
        ),
        "loss": F.cross_entropy(log_probs, images.labels).item(),
        "per_class": {
            name: round(accuracy, 4)
            for name, accuracy in zip(images.classes, per_class.tolist(), strict=True)
        },
        "confusion": confusion.tolist(),
    }
