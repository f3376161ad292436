r"""
---
title: Recording the GPU presets
summary: >
  One command that runs every preset for a GPU with three seeds, keeps the results, and
  writes them into the table of the experiment's page.
---

# Recording the GPU presets

```bash
python -m labml_nn.transformers.vit.recording dataset=folder data_path=FOLDER
```

runs `paper`, `record` and `speed` with the seeds 0, 1 and 2, one after the other. As
soon as a run ends, its result is copied next to [the others](results/laptop-0.json),
and a run that has a result is skipped. So the command can be stopped and started again.
At the end, it writes the rows of the [table](experiment.py). Names such as `speed`
select presets.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from .experiment import COMMAND

PRESETS = ("paper", "record", "speed")
SEEDS = (0, 1, 2)
PAGE = Path(__file__).with_name("experiment.py")
RESULTS = Path(__file__).with_name("results")


def row(preset: str, results: list[dict[str, Any]]) -> str:
    """The row of a preset in the table, from its results or open if it has none."""
    if not results:
        return f"| `{preset}` | one GPU | | to be measured | |"

    def mean(*path: str) -> float:
        values: list[Any] = list(results)
        for name in path:
            values = [value[name] for value in values]
        return statistics.mean(values)

    devices = sorted({result["hardware"]["device"] for result in results})
    accuracy, flipped = mean("test", "accuracy"), mean("test", "accuracy_with_flip")
    return (
        f"| `{preset}` | {', '.join(devices)} "
        f"| {mean('seconds_total') / 60:.1f} minutes "
        f"| {100 * accuracy:.1f} % | {100 * flipped:.1f} % |"
    )


def recorded(preset: str) -> list[dict[str, Any]]:
    """The results of a preset, or an empty list if that of a seed is missing."""
    files = [RESULTS / f"{preset}-{seed}.json" for seed in SEEDS]
    if not all(file.exists() for file in files):
        return []
    return [json.loads(file.read_text("utf-8")) for file in files]


def write_rows() -> None:
    """Write the rows of the recorded results into the page."""
    lines = PAGE.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        for preset in PRESETS:
            if line.startswith(f"| `{preset}` |"):
                lines[number] = f"{row(preset, recorded(preset))}\n"
    _replace(PAGE, "".join(lines))


def _replace(file: Path, text: str) -> None:
    temporary = file.with_suffix(".partial")
    temporary.write_text(text, "utf-8")
    os.replace(temporary, file)


def main(arguments: list[str]) -> int:
    """Run whatever has no result yet. Returns the exit status."""
    names = [argument for argument in arguments if "=" not in argument]
    overrides = [argument for argument in arguments if "=" in argument]
    for name in names:
        if name not in PRESETS:
            known = ", ".join(PRESETS)
            print(f"there is no preset {name!r}; there are {known}", file=sys.stderr)
            return 2
    for preset in names or PRESETS:
        for seed in SEEDS:
            file = RESULTS / f"{preset}-{seed}.json"
            if file.exists():
                print(f"{file.name} is recorded", flush=True)
                continue
            folder = Path("runs", "recording", file.stem)
            # An interrupted attempt may have left files here.
            shutil.rmtree(folder, ignore_errors=True)
            try:
                result = COMMAND.run_alone(
                    [f"preset={preset}", f"seed={seed}", *overrides], folder
                )
            except subprocess.CalledProcessError as error:
                return error.returncode
            except KeyboardInterrupt:
                return 130
            _replace(file, result.read_text("utf-8"))
    write_rows()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
