"""
Measures an exported model side by side with the same in whole numbers: accuracy on test
images, and images per second on one core.

    python utils/bench/int8.py CHECKPOINT FOLDER

`FOLDER` holds `train` and `test`. Writes the result file that the page quotes.
"""

import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

from labml_nn.experiments.results import cpu_name, write_json
from labml_nn.helpers.data import LabeledImages, load_folder
from labml_nn.transformers.vit import export
from labml_nn.transformers.vit.predict import Classifier

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "labml_nn" / "transformers" / "vit" / "results" / "int8" / "laptop.json"
BATCH, ROUNDS, TIMED = 250, 3, 2000


def right(session: onnxruntime.InferenceSession, images: LabeledImages) -> int:
    """How many images are classified correctly."""
    count = 0
    order = torch.arange(len(images.labels))
    for start in range(0, len(order), BATCH):
        part = images.subset(order[start : start + BATCH])
        (logits,) = session.run(None, {"pixels": part.images.float().numpy()})
        count += int((torch.from_numpy(logits).argmax(1) == part.labels).sum())
    return count


def main(place: str, data: str) -> None:
    classifier = Classifier(place)
    images = load_folder(data, classifier.image_size).test
    few = images.subset(torch.arange(TIMED))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    sessions: dict[str, onnxruntime.InferenceSession] = {}
    models: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("onnx", "onnx-int8"):
            suffix, write = export.WRITERS[name]
            file = Path(folder, f"model{suffix}")
            write(classifier, file)
            sessions[name] = onnxruntime.InferenceSession(
                file, options, providers=["CPUExecutionProvider"]
            )
            models[name] = {"bytes": file.stat().st_size}
    # The two take turns, and the best of their times counts: other programs can only
    # make them slower.
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(ROUNDS):
        for name, session in sessions.items():
            start = time.perf_counter()
            right(session, few)
            seconds[name].append(time.perf_counter() - start)
    for name, session in sessions.items():
        models[name]["accuracy"] = right(session, images) / len(images.labels)
        models[name]["images_per_second"] = round(TIMED / min(seconds[name]), 1)
    RESULT.parent.mkdir(exist_ok=True)
    result = {
        "command": "python utils/bench/int8.py CHECKPOINT FOLDER",
        "preset": "laptop",
        "test_images": len(images.labels),
        "batch_size": BATCH,
        "threads": 1,
        "cpu": cpu_name(),
        "onnxruntime": onnxruntime.__version__,
        "models": models,
    }
    write_json(RESULT, result)
    print(RESULT.read_text())


if __name__ == "__main__":
    main(*sys.argv[1:])
