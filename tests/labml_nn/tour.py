"""
Uses everything that the pages explain, at the sizes of CIFAR-10, so that `sidelit
record` sees the shapes that readers will see: `make record`.
"""

import contextlib
import io
import itertools
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch
from PIL import Image

from labml_nn.helpers import augment
from labml_nn.helpers.data import synthetic
from labml_nn.resnet.experiment import COMMAND as RESNET
from labml_nn.transformers.mha import attention
from labml_nn.transformers.vit import vit
from labml_nn.transformers.vit.experiment import COMMAND as VIT
from labml_nn.transformers.vit.export import Exported, export
from labml_nn.transformers.vit.figures import main as figures
from labml_nn.transformers.vit.finetune import features, with_new_head
from labml_nn.transformers.vit.predict import Classifier
from labml_nn.transformers.vit.predict import main as predict
from labml_nn.transformers.vit.pretrained import export_weights, load_weights


def models() -> None:
    x = torch.randn(4, 3, 32, 32)
    model = vit("ViT-Ti/4", image_size=32, n_classes=10)
    model(x).sum().backward()
    with torch.no_grad():
        # Images of another size: positions between those that were learned.
        model(torch.randn(4, 3, 24, 24))
        model.intermediate_tokens(x, [0, -1])
        tokens = torch.randn(4, 65, 192)
        causal = torch.ones(65, 65, dtype=torch.bool).tril()
        layer = model.encoder.layers[0].self_attn
        for mask in (causal, causal.expand(4, -1, -1)):
            layer(query=tokens, key=tokens, value=tokens, mask=mask)
            layer.weights(tokens, mask)
        # One image, as the page follows it.
        model.tokens(x[:1])
        model(x[:1])
        layer.weights(tokens[:1])
        query, key = torch.randn(4, 3, 17, 64), torch.randn(4, 3, 65, 64)
        attention(query, key, key, torch.ones(17, 65, dtype=torch.bool))
    for source in ("timm", "google", "labml-nn"):
        load_weights(model, export_weights(model, source))
    larger = vit("ViT-Ti/4", image_size=48, n_classes=10)
    load_weights(larger, export_weights(model, "timm"), resample_positions=True)


def augmentations() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(256, (128, 3, 32, 32)).float()
    augment.trivial_augment(x, generator)
    for name in augment.OPERATIONS:
        augment.apply(name, x, torch.full((128,), 0.5), torch.ones(128))


def experiments() -> None:
    few = ["preset=tiny", "epochs=1", "validation_size=4936", "output=runs"]
    strong = ["trivial_augment=true", "mixup=0.2", "cutmix=1.0", "ema_decay=0.99"]
    succeed(VIT.main([*few, *strong, "skip_easy=0.5", "size_schedule=0:24 0.5:32"]))
    little = [
        "epochs=1",
        "validation_size=4936",
        "size_schedule=",
        "batch_size=32",
        "output=runs",
        "dataset=synthetic",
    ]
    succeed(RESNET.main(little))
    (checkpoints,) = Path("runs", "vit").glob("*/checkpoints")
    succeed(VIT.main([f"evaluate={checkpoints}"]))
    Image.new("RGB", (40, 30)).save("image.png")
    succeed(predict([str(checkpoints), "image.png"]))
    classifier = Classifier(checkpoints)
    Exported(classifier)(torch.rand(4, 3, 32, 32) * 255)
    exported = export(checkpoints, "safetensors")
    succeed(predict([str(exported), "image.png"]))
    larger = with_new_head(classifier.model, 5, 48)
    few_images = synthetic(20, seed=0)
    features(larger, (classifier.mean, classifier.std), few_images)
    succeed(figures(["laptop", "."]))


def succeed(status: int) -> None:
    if status:
        sys.exit(status)


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    # Seconds are whole numbers, too, and must not differ from run to run.
    time.perf_counter = itertools.count(0.0, 0.001).__next__
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            models()
            augmentations()
            experiments()
