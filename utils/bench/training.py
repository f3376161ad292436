r"""
---
title: Training speed, side by side
summary: Four implementations of one Vision Transformer, in turn, in one run.
---

# Training speed, side by side

Run it with `make bench`. Ours, [labml-nn](https://pypi.org/project/labml-nn)'s,
[timm](https://pypi.org/project/timm)'s and
[vit-pytorch](https://pypi.org/project/vit-pytorch)'s Vision Transformer train on the
same random images, with the same sizes and optimizer, in float32 and in bfloat16
autocast, as they are and compiled. Each has a process of its own, because labml-nn's
package has our package's name. They take turns, so that a slow minute of the machine
hits all, and each table shows the median of the rounds. A ratio is the median of those
within a round, so a machine that others load for a while spoils few of them.

The last table is about the model of the `laptop` preset alone.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).parents[2]
ROUNDS, STEPS, BATCH = 11, 1, 64

# The `paper` preset's model: 65 tokens of an image of 32×32 pixels.
D_MODEL, D_FF, HEADS, LAYERS, PATCH, SIDE, CLASSES = 192, 768, 3, 12, 4, 32, 10


def ours() -> nn.Module:
    from labml_nn.transformers.vit.experiment import ModelConfigs

    c = ModelConfigs()
    c._set_values({"structured_init": False, "mean_pooling": False})
    return c.vit


def laptop() -> nn.Module:
    from labml_nn.transformers.vit.experiment import COMMAND

    return COMMAND.configure({"preset": "laptop"}).model


def labml_nn() -> nn.Module:
    from labml import tracker

    from labml_nn.transformers.feed_forward import FeedForward
    from labml_nn.transformers.mha import MultiHeadAttention
    from labml_nn.transformers.models import TransformerLayer
    from labml_nn.transformers.vit import (
        ClassificationHead,
        LearnedPositionalEmbeddings,
        PatchEmbeddings,
        VisionTransformer,
    )

    # Its attention calls a function that today's labml no longer has.
    tracker.debug = lambda *_: None
    layer = TransformerLayer(
        d_model=D_MODEL,
        self_attn=MultiHeadAttention(HEADS, D_MODEL, dropout_prob=0.0),
        feed_forward=FeedForward(D_MODEL, D_FF, 0.0, activation=nn.GELU()),
        dropout_prob=0.0,
    )
    return VisionTransformer(
        layer,
        LAYERS,
        PatchEmbeddings(D_MODEL, PATCH, 3),
        LearnedPositionalEmbeddings(D_MODEL),
        ClassificationHead(D_MODEL, D_MODEL, CLASSES),
    )


def timm() -> nn.Module:
    from timm.models.vision_transformer import (
        VisionTransformer,
    )

    return VisionTransformer(
        img_size=SIDE,
        patch_size=PATCH,
        num_classes=CLASSES,
        embed_dim=D_MODEL,
        depth=LAYERS,
        num_heads=HEADS,
        mlp_ratio=D_FF / D_MODEL,
    )


def vit_pytorch() -> nn.Module:
    from vit_pytorch import ViT  # type: ignore[import-not-found]

    return ViT(  # type: ignore[no-any-return]
        image_size=SIDE,
        patch_size=PATCH,
        num_classes=CLASSES,
        dim=D_MODEL,
        depth=LAYERS,
        heads=HEADS,
        dim_head=D_MODEL // HEADS,
        mlp_dim=D_FF,
    )


MODELS: dict[str, Callable[[], nn.Module]] = {
    model.__name__.replace("_", "-"): model
    for model in (labml_nn, timm, vit_pytorch, ours, laptop)
}


# ## One of them
def train(name: str, *how: str) -> None:
    """
    Answer each line on standard input with the seconds that some steps took. `how` may
    be `bfloat16` and `compiled`.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    # What a package has to say while it is imported is not an answer.
    with contextlib.redirect_stdout(sys.stderr):
        model = MODELS[name]().to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, fused=True)
    x = torch.randn(BATCH, 3, SIDE, SIDE, device=device)
    labels = torch.randint(CLASSES, (BATCH,), device=device)
    print(sum(one.numel() for one in model.parameters()), flush=True)
    if "compiled" in how:
        model.compile()
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(STEPS):
            with torch.autocast(device.type, torch.bfloat16, "bfloat16" in how):
                loss = F.cross_entropy(model(x).float(), labels)
            model.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        print(time.perf_counter() - start, flush=True)


# ## All of them
def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        install = ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target"]
        needs = ["--require-hashes", "-r", "requirements/peers.txt"]
        subprocess.run([sys.executable, *install, place, *needs], check=True, cwd=ROOT)
        for precision in ("", "bfloat16"):
            runs = [
                f"{name} {precision} {way}"
                for way in ("", "compiled")
                for name in ("labml-nn", "timm", "vit-pytorch", "ours")
            ]
            compare({run: start(place, *run.split()) for run in runs})
        ways = ["", "bfloat16", "compiled", "bfloat16 compiled"]
        compare({f"laptop {how}": start(place, "laptop", *how.split()) for how in ways})
    return 0


def start(place: str, name: str, *how: str) -> subprocess.Popen[str]:
    """A process with the model, ready to train. What it prints first is its size."""
    path = str(ROOT) if name in ("ours", "laptop") else place
    return subprocess.Popen(
        [sys.executable, __file__, name, *how],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Not the repository: Python would find our package there.
        cwd=place,
    )


def compare(processes: dict[str, subprocess.Popen[str]]) -> None:
    parameters = {name: int(answer(one)) for name, one in processes.items()}
    seconds: dict[str, list[float]] = {name: [] for name in processes}
    # The first round warms up and is not counted.
    for number in range(ROUNDS + 1):
        for name, process in processes.items():
            assert process.stdin
            print(file=process.stdin, flush=True)
            taken = float(answer(process))
            if number:
                seconds[name].append(taken)
    for process in processes.values():
        process.communicate()
    speeds = {
        name: STEPS * BATCH / statistics.median(taken)
        for name, taken in seconds.items()
    }
    print(f"\nViT, {SIDE}x{SIDE} pixels, batch of {BATCH}, median of {ROUNDS} rounds")
    print(f"{'':29}{'parameters':>11}{'images/s':>10}{'ratio':>8}")
    first = next(iter(seconds.values()))
    for name, speed in speeds.items():
        words = " ".join(name.split())
        pairs = zip(first, seconds[name], strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{words:29}{parameters[name]:11,}{speed:10,.0f}{ratio:7.2f}x")


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        sys.exit(f"a process ended before it was done: {process.args!r}")
    return line


if __name__ == "__main__":
    if sys.argv[1:]:
        train(*sys.argv[1:])
    else:
        sys.exit(main())
