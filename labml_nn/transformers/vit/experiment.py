r"""
---
title: Train a Vision Transformer on CIFAR-10
summary: >
  From one command to a trained Vision Transformer: on a laptop in minutes, on a GPU as
  far as it goes, with every choice explained.
---

# Train a Vision Transformer on CIFAR-10

A Vision Transformer wants hundreds of millions of pictures, and CIFAR-10 has 50,000 of
$32 \times 32$ pixels. This page is about what to do then.

```bash
python -m labml_nn.transformers.vit.experiment
```

trains the model of [these pages](__init__.py) on whatever the machine has, and ends
with the accuracy on the test set and a file that says how it came about. Without the
data and without a network, `dataset=synthetic` shows that everything works; with
pictures of your own in one folder for each class, `dataset=folder data_path=FOLDER`.

Every setting can be changed on the command line, those of the model with `model.` in
front: `epochs=5 model.d_model=128`. Ctrl-C saves, and prints the command that goes on
to the same result: `resume=` and the folder of the run. `evaluate=` and that folder
judges the run again. Both take their settings from the checkpoint. On several GPUs,
start it with
`torchrun --standalone --nproc_per_node=8 -m labml_nn.transformers.vit.experiment`.

## What came out

| preset | hardware | time | accuracy | with mirror images |
|---|---|--:|--:|--:|
| `laptop` | two CPU cores | 8.6 minutes | 81.4 % | 81.7 % |
| `paper` | one GPU | | to be measured | |
| `record` | one GPU | | to be measured | |
| `speed` | one GPU | | to be measured | |

The numbers are means of three seeds, on the 10,000 test pictures of CIFAR-10 (JPEG):
all of CIFAR-10, saved as JPEG of quality 75. The last column averages the answers to
each picture and to its mirror image. The `laptop` runs have a standard deviation of 0.1
points, their model has 175,050 parameters, and the time is from the command to the
result, on two cores without bfloat16. The command was

```bash
python -m labml_nn.transformers.vit.experiment preset=laptop seed=0 \
    dataset=folder data_path=FOLDER
```

with `seed=1` and `seed=2` after it, and with the folders `train` and `test` in
`FOLDER`. Its [results](results/laptop-0.json) are in the repository, with all settings.
The other rows have another `preset=`; nobody has run them on a GPU for us yet, so their
time and accuracy are open.

![Accuracy by epoch of three runs, on the pictures that are trained on and on a thousand
that are held out.](../../../docs/figures/laptop-curves.svg "Three runs of `laptop`.
While the pictures are small, the model is judged on large ones that it has not seen
yet, so the held-out lines follow late. Until the last two epochs easy pictures come
less often, so the training lines stay low and then jump.")

![How often each class was taken for each other one.](
../../../docs/figures/laptop-confusion.svg "What the first run takes for what: a row for
each true class, a column for each answer.")

## What a convolutional network does with the time

More. A [small residual network](../../resnet/experiment.py) of 174,274 parameters,
trained by the same loop on the same two cores for 8.2 minutes, reaches 83.8 %. It has
the same optimizers, at rates of its own, and its pictures grow as well, from 16 to 32
pixels. It sees all of them equally often. That neighbours belong together it need not
find out.

This is one run, with one seed, against the mean of three, and the gap is 2.37 points.
Single choices are [worth more than that](ablation.py): in runs half as long, patches of
8×8 pixels cost 9.9 points, AdamW in place of Muon 4.4, and no weight decay 2.8.

## What it gets wrong

What a person would, only more often. Of 1,000 cats, the first run takes 155 for dogs;
of 1,000 dogs, 144 for cats. Of the mistakes about animals, 86 % stay among the animals.
Of 1,000 ships, 33 become planes: sky and water look alike, and the background is a
patch like any other.

And what does a *Vision Transformer* get wrong, that a convolutional network does not?
The means of the three runs against the one of the residual network:

| class | Vision Transformer | residual network | points |
|---|--:|--:|--:|
| deer | 77.3 % | 82.4 % | −5.1 |
| automobile | 88.3 % | 92.9 % | −4.6 |
| airplane | 84.3 % | 88.5 % | −4.2 |
| cat | 65.9 % | 69.3 % | −3.4 |
| frog | 85.6 % | 88.5 % | −2.9 |
| ship | 88.8 % | 90.8 % | −2.0 |
| horse | 84.1 % | 85.8 % | −1.7 |
| dog | 74.9 % | 75.4 % | −0.5 |
| truck | 90.0 % | 90.3 % | −0.3 |
| bird | 74.8 % | 73.8 % | +1.0 |

Dogs, trucks and birds are as hard for both. The gap is elsewhere: of 1,000 deer, 36 are
taken for dogs, where the residual network takes 15; of 1,000 automobiles, 74 for trucks
and not 45; of 1,000 cats, 170 for dogs and not 129.

## Why there is so much around the model

A model that assumes little about pictures believes whatever 50,000 of them do not
contradict: that ships are blue, that horses look to the left, that a cat is what lies
in the middle. Nearly everything in a recipe for a Vision Transformer is there to
contradict it, or to get further in the same time. What some of it is worth here was
[tried](ablation.py), one thing at a time.

**Patches of 4×4 pixels.** Of 16×16, these pictures would have four, and attention
would have next to nothing to compare. Of 4×4 they have 64. A patch says less then, and
the patches say more together; the price is the time.

**The average, not the class token.** A class token has to learn what to ask for. With
the average of all tokens, every patch has a direct line to the loss from the first step
on.

**Small pictures first.** What is coarse can be learned from fewer patches, in a
fraction of the time. The positions are stretched as the pictures grow.

**[Muon](../../helpers/optimize.py).** A gradient is loud in a few directions, and a
plain step follows those. Muon steps equally far in all of them, so what is quiet is
learned in minutes, too.

**[Augmentation](../../helpers/augment.py).** A mirrored ship is still a ship, and so is
one that has moved by two pixels. Ten minutes see each picture some twenty times, where
flips and small shifts are enough. Hundreds of epochs need more: TrivialAugment, mixup
and CutMix, until no picture ever comes twice.

**Warm-up.** The first gradients come from a model that attends to everything at once,
and the optimizers have seen too few of them to know their size. Small steps at first,
230 of the 7,640 of `laptop`, keep this first impression from becoming the last.

**A [schedule](../../helpers/optimize.py) that ends at zero.** Long steps cross the
landscape, short ones find the bottom of the valley. Half a cosine spends long on both;
a straight line, which `laptop` takes, spends as long on what lies between.

**Weight decay, but not on norms and biases.** Small matrices change their answer gently
when a picture changes a little, so pulling them to zero prefers the gentler of two
explanations. A bias or the scale of a norm explains nothing, and a norm without a scale
has switched its block off.

**Label smoothing.** In `laptop`, the label of a cat asks for 95.5 % cat and 0.5 % of
each other class. Asked for 100 %, a picture that is right already would go on pulling,
for more and more certainty.

**A running average of the weights.** The last steps jump around the place where they
should be, and the average of many is nearer to it. A learning rate that falls to zero
calms them as well; `laptop` has that alone.

**Stochastic depth.** [Blocks that are skipped at random](../models.py) cannot rely on
one another, so a deep model is trained as if it were many shallow ones. `laptop`, with
four layers, does without; `record`, with twelve, has it.

**Less of what is easy.** A picture whose loss was below the average when it was last
seen has little left to teach. It comes half as often as a hard one, until the last
epochs show everything again.

## What is labml's, and what is ours

[labml](https://github.com/labmlai/labml) holds the settings and lets them be
overridden, gives every run a folder, writes its settings and metrics there, and shows
on a terminal that the pictures are being read.
[labml-helpers](https://github.com/labmlai/labml/tree/master/helpers) finds the device.
No server is asked for anything.

Ours are the [training loop](../../experiments/cifar10.py) and its
[helpers](../../helpers), the checkpoints, the line that shows the progress, the
[command line](../../experiments/command.py) and the result file. The loop of
labml-helpers calls functions that labml no longer has, and labml's progress bar takes
all steps to be equally long, which they are not when the pictures grow.

Here are the model's settings and the presets.
"""

import math
import sys
from typing import Any

import torch
from labml.configs import BaseConfigs, option
from torch import Tensor, nn
from torch.nn import functional as F

from ...experiments.cifar10 import (
    POSITIVE,
    SHARE_BUT_ALL,
    CIFAR10Configs,
    TrainingError,
    settings,
)
from ...experiments.command import Command
from ..feed_forward import FeedForward
from ..mha import MultiHeadAttention
from ..models import TransformerLayer
from . import (
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
)


class ModelConfigs(BaseConfigs):
    """
    ## The model's settings

    * `patch_size` is the side of a patch: 4 makes 64 patches of a picture, 16 would
      make four
    * `d_model`, `n_layers`, `heads`, `d_ff` are the [dimensions](../__init__.py)
    * `dropout` and `drop_path` are the probabilities of dropping numbers and blocks
    * `mean_pooling` shows the average of the tokens to the head
    * `kind_start` starts from weights that make the beginning easier
    """

    image_size: int = 32
    n_classes: int = 10
    patch_size: int = 4
    d_model: int = 192
    n_layers: int = 12
    heads: int = 3
    d_ff: int = 768
    dropout: float = 0.0
    drop_path: float = 0.0
    mean_pooling: bool = True
    kind_start: bool = True

    vit: nn.Module

    def __init__(self) -> None:
        super().__init__(_primary="vit")


# The parts are those of the [annotated model](__init__.py), put together as its short
# page shows. labml calls this when somebody asks for the model, and not before, so that
# every setting can still be changed until then.
@option(ModelConfigs.vit)
def _vit(c: ModelConfigs) -> VisionTransformer:
    layer = TransformerLayer(
        d_model=c.d_model,
        self_attn=MultiHeadAttention(c.heads, c.d_model, dropout_prob=0.0),
        feed_forward=FeedForward(c.d_model, c.d_ff, c.dropout),
        dropout_prob=c.dropout,
    )
    patch_emb = PatchEmbeddings(c.d_model, c.patch_size, 3)
    model = VisionTransformer(
        layer,
        c.n_layers,
        patch_emb,
        LearnedPositionalEmbeddings(
            c.d_model, patch_emb.grid(c.image_size, c.image_size)
        ),
        ClassificationHead(c.d_model, 0, c.n_classes),
        c.dropout,
        c.drop_path,
        c.mean_pooling,
    )
    if c.kind_start:
        start_kindly(model)
    return model


class Configs(CIFAR10Configs):
    """The settings of a run and, under `model`, of the model."""

    name: str = "vit"
    model: nn.Module

    def prepare(self, images: Tensor) -> None:
        """Whiten the patches, as far as `images` show what patches look like."""
        kind = settings(self)["model.kind_start"]
        if kind and isinstance(self.model, VisionTransformer):
            whiten(self.model.patch_emb, images)


@option(Configs.model)
def _model(c: Configs) -> ModelConfigs:
    model = ModelConfigs()
    model._set_values({"image_size": c.image_size})
    if c.classes:
        model._set_values({"n_classes": len(c.classes)})
    return model


# ## A kind start
#
# **Unlike the paper**, which starts from random numbers: with few pictures there is no
# time to find out what all of them have in common. Some of it can be given to the model
# before it sees the first label.
@torch.no_grad()
def start_kindly(model: VisionTransformer) -> None:
    # **Positions that say where they are.** Sines and cosines of the row and the column
    # make neighbours similar from the first step on. They are learned from there.
    positions = model.pos_emb.positional_encodings
    rows, columns = model.pos_emb.grid_size
    positions[0, 1:] = 1.5 * sines(rows, columns, positions.shape[2])
    positions[0, 0] = 0

    # **Layers that do nothing.** What comes out of each block is multiplied with zero
    # at first, so a picture goes through all layers unchanged, and each layer begins to
    # work when it has found something to add. All other matrices start orthogonal: they
    # turn what they get and hardly stretch it.
    for name, parameter in model.encoder.layers.named_parameters():
        if name.endswith(("self_attn.output.weight", "feed_forward.layer2.weight")):
            nn.init.zeros_(parameter)
        elif parameter.ndim == 2:
            nn.init.orthogonal_(parameter)


def sines(rows: int, columns: int, d_model: int) -> Tensor:
    """Positions of shape `[rows * columns, d_model]`, one after the other by rows."""
    if d_model % 4:
        raise TrainingError(
            f"model.d_model={d_model} must be a multiple of 4 for model.kind_start"
        )
    frequencies = 1.5 * 20.0 ** (-torch.arange(d_model // 4) / (d_model // 4))
    # A picture is eight units wide, whatever the number of its patches.
    y, x = torch.meshgrid(
        (torch.arange(rows) + 0.5) * 8 / rows,
        (torch.arange(columns) + 0.5) * 8 / columns,
        indexing="ij",
    )
    angles = [axis.reshape(-1, 1) * frequencies for axis in (x, y)]
    return torch.cat([f(one) for one in angles for f in (torch.sin, torch.cos)], dim=1)


@torch.no_grad()
def whiten(patch_emb: PatchEmbeddings, images: Tensor) -> None:
    r"""
    **Patches without redundancy.** Neighbouring pixels are nearly the same, so most of
    what a patch says, it says many times. The principal components of the patches say
    each thing once. Divided by their standard deviations, all are equally loud.

    `images` are standardised and have shape `[pictures, channels, height, width]`. The
    components are the rows of the projection; if it has more rows, further ones are
    random mixtures of them.
    """
    weight = patch_emb.conv.weight
    patches = F.unfold(images, weight.shape[-1], stride=weight.shape[-1])
    patches = patches.transpose(1, 2).flatten(0, 1)
    variances, components = torch.linalg.eigh(patches.T @ patches / len(patches))
    # The faintest components are mostly noise; they are not made as loud.
    whitening = (components / (variances + 0.01).sqrt()).T.flip(0)
    extra = math.ceil(len(weight) / len(whitening)) - 1
    parts = [whitening]
    for _ in range(extra):
        mixture = torch.linalg.qr(torch.randn_like(whitening))[0]
        parts.append(mixture @ whitening)
    weight.copy_(0.5 * torch.cat(parts)[: len(weight)].view_as(weight))
    if patch_emb.conv.bias is not None:
        nn.init.zeros_(patch_emb.conv.bias)


# ## Presets
#
# Each is a run that somebody may want, and sets what differs from the settings above.
PRESETS: dict[str, dict[str, Any]] = {
    # **`laptop`**: no GPU, ten minutes on two cores. A small model learns fastest when
    # there is so little time. Pictures are small at first, where a step takes a quarter
    # of the time; as they grow, the positions are [interpolated](__init__.py).
    "laptop": {
        "epochs": 20,
        "skip_easy": 0.5,
        "muon_lr": 0.01,
        "adam_lr": 4e-3,
        "weight_decay": 0.1,
        "warmup": 0.03,
        "decay": "linear",
        "crop": 2,
        "label_smoothing": 0.05,
        "sizes": "0:12 0.25:16 0.6:24 0.88:32",
        "model.d_model": 64,
        "model.n_layers": 4,
        "model.heads": 2,
        "model.d_ff": 192,
    },
    # **`paper`**: a plain ViT-Ti, smaller than any model of the paper, with its recipe
    # for ImageNet alone: a class token, dropout, a warm-up, a cosine. **Unlike the
    # paper**, flips and crops are added, because CIFAR-10 is so small, and the weight
    # decay is 0.1 and not 0.3.
    "paper": {
        "epochs": 200,
        "batch_size": 512,
        "adam_lr": 1e-3,
        "weight_decay": 0.1,
        "label_smoothing": 0.0,
        "bfloat16": True,
        "compile": True,
        "model.dropout": 0.1,
        "model.mean_pooling": False,
        "model.kind_start": False,
    },
    # **`record`**: one GPU, for the best accuracy. Smaller patches, strong augmentation
    # and mixed labels, stochastic depth, and the running average of the weights.
    "record": {
        "epochs": 400,
        "batch_size": 512,
        "held_out": 0,
        "muon_lr": 0.01,
        "adam_lr": 1e-3,
        "weight_decay": 0.05,
        "average": 0.9998,
        "trivial_augment": True,
        "mixup": 0.2,
        "cutmix": 1.0,
        "bfloat16": True,
        "compile": True,
        "model.patch_size": 2,
        "model.d_model": 384,
        "model.heads": 6,
        "model.d_ff": 1536,
        "model.drop_path": 0.2,
    },
    # **`speed`**: one GPU, made for a short time and not for the last percent.
    "speed": {
        "epochs": 40,
        "batch_size": 1024,
        "muon_lr": 0.02,
        "adam_lr": 4e-3,
        "weight_decay": 0.0,
        "average": 0.999,
        "sizes": "0:16 0.4:24 0.7:32",
        "bfloat16": True,
        "compile": True,
        "model.d_model": 256,
        "model.n_layers": 8,
        "model.heads": 4,
        "model.d_ff": 1024,
        "model.drop_path": 0.1,
    },
    # **`tiny`**: seconds, without data. It shows that everything works and nothing
    # else.
    "tiny": {
        "dataset": "synthetic",
        "held_out": 500,
        "epochs": 2,
        "batch_size": 64,
        "muon_lr": 0.05,
        "adam_lr": 4e-3,
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
        "crop": 2,
        "model.d_model": 48,
        "model.n_layers": 2,
        "model.heads": 2,
        "model.d_ff": 96,
    },
}


# ## The command line
#
# [Every experiment](../../experiments/command.py) has the same one. Without a preset, a
# GPU gets the paper's recipe and a CPU the one that ends before the coffee is cold.
COMMAND = Command(
    module="labml_nn.transformers.vit.experiment",
    configs=Configs,
    model_configs=ModelConfigs,
    ranges={
        **dict.fromkeys(("image_size", "n_classes", "patch_size"), POSITIVE),
        **dict.fromkeys(("d_model", "n_layers", "heads", "d_ff"), POSITIVE),
        **dict.fromkeys(("dropout", "drop_path"), SHARE_BUT_ALL),
    },
    presets=PRESETS,
    default=lambda: "paper" if torch.cuda.is_available() else "laptop",
)

if __name__ == "__main__":
    sys.exit(COMMAND.main(sys.argv[1:]))
