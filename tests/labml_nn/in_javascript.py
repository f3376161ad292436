"""A model with all that `vit.js` reads, and what PyTorch and JavaScript make of it."""

import base64
import json
import subprocess
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from labml_nn.transformers import FeedForward, MultiHeadAttention, TransformerLayer
from labml_nn.transformers.vit import (
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
)
from labml_nn.transformers.vit.predict import all_attention
from sidelit.files import node
from tests.conftest import ROOT

SCRIPT = ROOT / "labml_nn" / "transformers" / "vit" / "vit.js"
HEADS, HEIGHT, WIDTH = 2, 8, 12

# Runs in the scope of `vit.js`, and takes what `task` gives.
RUN = """
({ file, settings, pixels, height, width }) => {
  const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  const model = new VisionTransformer(read_weights(bytes).weights, settings);
  const { logits, attention } = model.forward(Float32Array.from(pixels), height, width);
  return { logits: [...logits], attention: attention.map((heads) => heads.map((weights) => [...weights])) };
}
"""


def random_model(mean_pooling: bool, n_hidden: int) -> VisionTransformer:
    """A small model, none of whose weights is as it would be before training."""
    layer = TransformerLayer(
        d_model=24,
        self_attn=MultiHeadAttention(HEADS, 24, dropout_prob=0.0),
        feed_forward=FeedForward(24, 40, 0.0),
    )
    model = VisionTransformer(
        layer,
        3,
        PatchEmbeddings(24, 4, 3),
        LearnedPositionalEmbeddings(24, (HEIGHT // 4, WIDTH // 4)),
        ClassificationHead(24, n_hidden, 5),
        mean_pooling=mean_pooling,
    ).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.5, generator=generator)
    return model


def task(model: VisionTransformer, x: Tensor, half: bool = False) -> dict[str, Any]:
    """What `RUN` takes: the weights as a file of safetensors, and an image."""
    weights = model.state_dict()
    if half:
        weights = {name: value.half() for name, value in weights.items()}
    return {
        "file": base64.b64encode(save(weights)).decode(),
        "settings": {"heads": HEADS, "mean_pooling": model.mean_pooling},
        "pixels": x.flatten().tolist(),
        "height": x.shape[-2],
        "width": x.shape[-1],
    }


@torch.no_grad()
def expected(model: VisionTransformer, x: Tensor) -> tuple[Tensor, Tensor]:
    """Logits, and attention of shape `[layers, heads, tokens * tokens]`."""
    return model(x)[0], torch.cat(all_attention(model, x)).flatten(2)


def agree(found: dict[str, Any], model: VisionTransformer, x: Tensor) -> None:
    logits, attention = expected(model, x)
    for one, other in (
        (found["logits"], logits),
        (found["attention"], attention),
    ):
        torch.testing.assert_close(torch.tensor(one), other, rtol=0, atol=1e-4)


def program(tasks: list[dict[str, Any]]) -> str:
    """A program for Node that writes what `RUN` makes of some tasks."""
    script = SCRIPT.read_text(encoding="utf-8")
    return f"{script}\nconsole.log(JSON.stringify({json.dumps(tasks)}.map({RUN})));"


def run(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    """What Node makes of some tasks."""
    executable = node()
    assert executable
    result = subprocess.run(
        [executable, "-"], input=program([*tasks]), capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found
