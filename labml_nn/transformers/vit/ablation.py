r"""
---
title: What each choice is worth
summary: >
  The Vision Transformer's experiment with one choice taken back, or one put in, at a
  time: a table from recorded runs, and the command that makes it.
---

# What each choice is worth

The [experiment](experiment.py) makes a dozen choices, and says of each why it should
help. Whether it does is a question for the machine. Each row of this table is the
`laptop` preset at half its length, with one thing changed and everything else as it
was: the same seed, the same pictures, the same number of steps unless it says
otherwise. Most changes take one choice away, and three put one in that `laptop` leaves
to longer runs. Patches of 8×8 do not divide pictures of 12 pixels, so that run begins
with 16.

| what is different | accuracy | points |
|---|--:|--:|
| patches of 8×8 pixels, a quarter of the tokens | 67.6 % | −9.9 |
| AdamW for all weights, no Muon | 73.1 % | −4.4 |
| with TrivialAugment | 73.8 % | −3.8 |
| no weight decay | 74.8 % | −2.8 |
| large pictures from the beginning, 5 epochs | 75.5 % | −2.1 |
| cosine, no straight line | 75.7 % | −1.9 |
| usual initialisation, no kind start | 76.2 % | −1.3 |
| class token, no mean of the tokens | 76.4 % | −1.2 |
| with a running average of the weights | 76.5 % | −1.1 |
| all pictures equally often | 76.8 % | −0.7 |
| with stochastic depth | 77.0 % | −0.5 |
| no warm-up | 77.0 % | −0.5 |
| no label smoothing | 77.2 % | −0.3 |
| nothing | 77.5 % |  |
| no mirror images | 77.7 % | +0.1 |
| no random crops | 78.1 % | +0.6 |

The accuracy is that on the 10,000 test pictures of CIFAR-10 (JPEG). Each row is one
run, and [seeds of the whole](experiment.py) differ by tenths of a point, so a
difference of less than half a point is no difference. Ten epochs are too few to learn
pictures by heart, so mirror images, crops and stochastic depth, which are there to
prevent it, have nothing to do yet, and TrivialAugment makes the pictures harder for
nothing in return. The results are in the repository beside the others, with all
settings.

```bash
python -m labml_nn.transformers.vit.ablation dataset=folder data_path=FOLDER
```

makes all runs, one after the other, and draws the table; names such as `muon crop`
choose some of them.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from .experiment import COMMAND

# So many runs at full length would take all afternoon.
EPOCHS = COMMAND.presets["laptop"]["epochs"] // 2


class Change(NamedTuple):
    """One thing changed: how the table calls it, and the settings that do it."""

    label: str
    settings: dict[str, Any]


CHANGES = {
    "nothing": Change("nothing", {}),
    "muon": Change("AdamW for all weights, no Muon", {"muon_lr": 0.0}),
    "start": Change("usual initialisation, no kind start", {"model.kind_start": False}),
    # Large pictures take longer, so there are fewer epochs: as many as take the same
    # time.
    "sizes": Change(
        "large pictures from the beginning, 5 epochs", {"sizes": "", "epochs": 5}
    ),
    "patches": Change(
        "patches of 8×8 pixels, a quarter of the tokens",
        {"model.patch_size": 8, "sizes": "0:16 0.6:24 0.88:32"},
    ),
    "pooling": Change(
        "class token, no mean of the tokens", {"model.mean_pooling": False}
    ),
    "flip": Change("no mirror images", {"flip": False}),
    "crop": Change("no random crops", {"crop": 0}),
    "smoothing": Change("no label smoothing", {"label_smoothing": 0.0}),
    "easy": Change("all pictures equally often", {"skip_easy": 0.0}),
    "warmup": Change("no warm-up", {"warmup": 0.0}),
    "decay": Change("no weight decay", {"weight_decay": 0.0}),
    "cosine": Change("cosine, no straight line", {"decay": "cosine"}),
    # What helps in hundreds of epochs need not help in ten minutes.
    "average": Change("with a running average of the weights", {"average": 0.999}),
    "depth": Change("with stochastic depth", {"model.drop_path": 0.1}),
    "trivial": Change("with TrivialAugment", {"trivial_augment": True}),
}


def table(results: dict[str, dict[str, Any]]) -> str:
    """The results of changes in Markdown, the largest loss first."""
    accuracies = {name: one["test"]["accuracy"] for name, one in results.items()}
    rows = ["| what is different | accuracy | points |", "|---|--:|--:|"]
    for name, accuracy in sorted(accuracies.items(), key=lambda item: item[1]):
        points = 100 * (accuracy - accuracies["nothing"])
        shown = "" if name == "nothing" else f"{points:+.1f}".replace("-", "−")
        rows.append(f"| {CHANGES[name].label} | {accuracy:.1%} | {shown} |")
    return "\n".join(rows).replace("%", " %")


def main(arguments: list[str]) -> int:
    """Make the runs that are named. Returns the exit status."""
    names = [one for one in arguments if "=" not in one] or list(CHANGES)
    for name in names:
        if name not in CHANGES:
            known = ", ".join(CHANGES)
            print(f"there is no change {name!r}; there are {known}", file=sys.stderr)
            return 2
    overrides = [one for one in arguments if "=" in one]
    results = {}
    for name in names:
        label, settings = CHANGES[name]
        print(f"different: {label}", flush=True)
        changed = [
            f"{key}={value}" for key, value in {"epochs": EPOCHS, **settings}.items()
        ]
        folder = Path("runs", "ablation", name)
        # Each in a process of its own, so that none finds what another has left.
        command = [sys.executable, "-m", COMMAND.module, "preset=laptop", *changed]
        try:
            subprocess.run([*command, *overrides, f"output={folder}"], check=True)
        except subprocess.CalledProcessError as error:
            return error.returncode
        except KeyboardInterrupt:
            return 130
        file = max(
            folder.glob("vit/*/result.json"), key=lambda one: one.stat().st_mtime
        )
        results[name] = json.loads(file.read_text("utf-8"))
    if "nothing" in results:
        print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
