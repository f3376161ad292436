r"""
---
title: "Ablation: what each choice is worth"
summary: >
  The Vision Transformer's experiment with one choice undone, or one added, at a time: a
  table from recorded runs, and the command that makes it.
---

# Ablation: what each choice is worth

In runs of ten epochs, half the length of the [experiment](experiment.py), this page
undoes its choices one at a time. The experiment's page says why each should help; here
is whether it does.

Each row of the table is the `laptop` preset at half its length, with one change and
everything else the same: the same seed, the same images, the same number of steps
unless the row says otherwise. Most changes undo one choice, and three add one that
`laptop` leaves to longer runs. Patches of 8×8 do not divide images of 12 pixels, so
that run begins with 16. The points are computed before the accuracies are rounded.

| change | accuracy | points |
|---|--:|--:|
| patches of 8×8 pixels, a quarter of the tokens | 67.6 % | −9.9 |
| AdamW for all weights, no Muon | 73.1 % | −4.4 |
| with TrivialAugment | 73.8 % | −3.8 |
| no weight decay | 74.8 % | −2.8 |
| full-size images from the start, 5 epochs | 75.5 % | −2.1 |
| cosine schedule, not linear | 75.7 % | −1.9 |
| random initialisation, not structured | 76.2 % | −1.3 |
| class token, not the mean of the tokens | 76.4 % | −1.2 |
| with an EMA of the weights | 76.5 % | −1.1 |
| no skipping of easy images | 76.8 % | −0.7 |
| with stochastic depth | 77.0 % | −0.5 |
| no warm-up | 77.0 % | −0.5 |
| no label smoothing | 77.2 % | −0.3 |
| none (the baseline) | 77.5 % |  |
| no horizontal flips | 77.7 % | +0.1 |
| no random crops | 78.1 % | +0.6 |

The accuracy is measured on the 10,000 test images of CIFAR-10 (JPEG). Each row is one
run, and [seeds of the full preset](experiment.py) differ by tenths of a point, so a
difference of less than half a point means nothing. AdamW has a learning rate for the
matrices here that nobody has tuned: that of the other weights, 0.004.

Why do flips, crops and stochastic depth not help, and TrivialAugment even hurt? They
are there to keep a model from memorising images (*overfitting*), and ten epochs are
probably too few for that anyway. The results are in the repository beside the others,
with all settings.

```bash
python -m labml_nn.transformers.vit.ablation dataset=folder data_path=FOLDER
```

makes all runs, one after the other, and prints the table. Names such as `muon crop`
select some of the runs.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ...utils import show_usage
from .experiment import COMMAND

USAGE = (
    "usage: python -m labml_nn.transformers.vit.ablation [CHANGE...] [NAME=VALUE...]"
)

# Sixteen runs at full length would take all afternoon.
EPOCHS = COMMAND.presets["laptop"]["epochs"] // 2


class Change(NamedTuple):
    """A change: its label in the table, and the settings that make it."""

    label: str
    settings: dict[str, Any]


CHANGES = {
    "baseline": Change("none (the baseline)", {}),
    "muon": Change("AdamW for all weights, no Muon", {"muon_lr": 0.0}),
    "init": Change(
        "random initialisation, not structured", {"model.structured_init": False}
    ),
    # Full-size images take longer, so there are only as many epochs as fit into the
    # same time.
    "resizing": Change(
        "full-size images from the start, 5 epochs", {"size_schedule": "", "epochs": 5}
    ),
    "patches": Change(
        "patches of 8×8 pixels, a quarter of the tokens",
        {"model.patch_size": 8, "size_schedule": "0:16 0.6:24 0.88:32"},
    ),
    "pooling": Change(
        "class token, not the mean of the tokens", {"model.mean_pooling": False}
    ),
    "flip": Change("no horizontal flips", {"flip": False}),
    "crop": Change("no random crops", {"crop": 0}),
    "smoothing": Change("no label smoothing", {"label_smoothing": 0.0}),
    "skip_easy": Change("no skipping of easy images", {"skip_easy": 0.0}),
    "warmup": Change("no warm-up", {"warmup": 0.0}),
    "decay": Change("no weight decay", {"weight_decay": 0.0}),
    "cosine": Change("cosine schedule, not linear", {"lr_schedule": "cosine"}),
    # What helps in hundreds of epochs may not help in ten minutes.
    "ema": Change("with an EMA of the weights", {"ema_decay": 0.999}),
    "depth": Change("with stochastic depth", {"model.drop_path": 0.1}),
    "trivial_augment": Change("with TrivialAugment", {"trivial_augment": True}),
}


def table(results: dict[str, dict[str, Any]]) -> str:
    """A Markdown table of the results, from the largest loss to the largest gain."""
    accuracies = {name: r["test"]["accuracy"] for name, r in results.items()}
    rows = ["| change | accuracy | points |", "|---|--:|--:|"]
    for name, accuracy in sorted(accuracies.items(), key=lambda item: item[1]):
        points = ""
        if name != "baseline":
            difference = 100 * (accuracy - accuracies["baseline"])
            points = f"{difference:+.1f}".replace("-", "−")
        rows.append(f"| {CHANGES[name].label} | {accuracy:.1%} | {points} |")
    return "\n".join(rows).replace("%", " %")


def main(arguments: list[str]) -> int:
    """Make the named runs, or all of them. Returns the exit status."""
    if arguments and arguments[0].startswith("-"):
        return show_usage(USAGE, arguments)
    names = [argument for argument in arguments if "=" not in argument]
    names = names or list(CHANGES)
    for name in names:
        if name not in CHANGES:
            known = ", ".join(CHANGES)
            print(f"there is no change {name!r}; there are {known}", file=sys.stderr)
            return 2
    overrides = [argument for argument in arguments if "=" in argument]
    # An old run keeps its folder, so its result would be missing in the table.
    for argument in overrides:
        if argument.startswith(("resume=", "evaluate=")):
            print(
                f"{argument} is no setting of an ablation: all of its runs are new",
                file=sys.stderr,
            )
            return 2
    results = {}
    for name in names:
        label, settings = CHANGES[name]
        print(f"change: {label}", flush=True)
        changed = [
            f"{key}={value}" for key, value in {"epochs": EPOCHS, **settings}.items()
        ]
        try:
            result = COMMAND.run_alone(
                ["preset=laptop", *changed, *overrides], Path("runs", "ablation", name)
            )
        except subprocess.CalledProcessError as error:
            return error.returncode
        except KeyboardInterrupt:
            return 130
        results[name] = json.loads(result.read_text("utf-8"))
    if "baseline" in results:
        print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
