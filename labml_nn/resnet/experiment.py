r"""
---
title: Train a small residual network on CIFAR-10
summary: >
  What a convolutional network reaches in the ten minutes that the Vision Transformer
  gets: same loop, same images, same machine.
---

# Train a small residual network on CIFAR-10

```bash
python -m labml_nn.resnet.experiment
```

trains the [network](__init__.py) for about as long as the `laptop` preset of the
[Vision Transformer](../transformers/vit/experiment.py) takes, with the same
[loop](../experiments/__init__.py) and the same optimizers. It has its own learning
rates and number of epochs. Images grow here as well, from 16 to 32 pixels, but easy
ones are not skipped.

The result: 8.2 minutes on two cores, 83.8 % of the 10,000 test images of CIFAR-10
(JPEG) right, in one run with one seed ([result](results/laptop-0.json)). The command
was the one above with `dataset=folder data_path=FOLDER`. The transformer's page
[compares the two](../transformers/vit/experiment.py).
"""

import sys
from typing import Any

import torch
from labml.configs import option
from torch import nn

from ..experiments.cifar10 import CIFAR10Configs
from ..experiments.command import Command
from ..experiments.settings import POSITIVE, SeparateConfigs
from . import ResNet


class ModelConfigs(SeparateConfigs):
    """
    ## The model's settings

    * `width` is the number of channels of the first stage; each further stage doubles
      it
    * `n_stages` is the number of stages, and `blocks` the number of blocks in each
    """

    n_classes: int = 10
    width: int = 24
    n_stages: int = 3
    blocks: int = 1

    resnet: nn.Module

    def __init__(self) -> None:
        super().__init__(_primary="resnet")


@option(ModelConfigs.resnet)
def _resnet(c: ModelConfigs) -> ResNet:
    channels = [c.width * 2**stage for stage in range(c.n_stages)]
    model = ResNet(channels, c.blocks, 3, c.n_classes)
    # Convolutions are faster if the channels of a pixel are adjacent in memory.
    return model.to(memory_format=torch.channels_last)


class Configs(CIFAR10Configs):
    """The settings of a run and, under `model`, of the model."""

    name: str = "resnet"
    model: nn.Module


@option(Configs.model)
def _model(c: Configs) -> ModelConfigs:
    model = ModelConfigs()
    if c.classes:
        model._set_values({"n_classes": len(c.classes)})
    return model


PRESETS: dict[str, dict[str, Any]] = {
    # **`laptop`**: less than ten minutes on two cores.
    "laptop": {
        "epochs": 11,
        "muon_lr": 0.02,
        "adam_lr": 5e-3,
        "weight_decay": 0.1,
        "warmup": 0.03,
        "lr_schedule": "linear",
        "crop": 2,
        "label_smoothing": 0.05,
        "size_schedule": "0:16 0.5:24 0.8:32",
    },
}

COMMAND = Command(
    module="labml_nn.resnet.experiment",
    configs=Configs,
    model_configs=ModelConfigs,
    ranges=dict.fromkeys(("n_classes", "width", "n_stages", "blocks"), POSITIVE),
    presets=PRESETS,
    default=lambda: "laptop",
)

if __name__ == "__main__":
    sys.exit(COMMAND.main(sys.argv[1:]))
