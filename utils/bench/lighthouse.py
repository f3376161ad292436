r"""
---
title: How fast the pages are, as Lighthouse sees it
summary: The score for performance of the main pages, and what it is made of.
---

# How fast the pages are, as Lighthouse sees it

Run it with `make bench`. The tests hold what no machine changes: bytes, requests, what
keeps the first paint waiting, what moves when fonts come late. The score depends on the
machine as well, since something else that it does makes a page look slow, and nothing
makes it look fast. So it is only measured, in rounds in which the pages take turns, and
the table shows the median.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "utils"), str(ROOT)]

from sidelit.build import build  # noqa: E402
from sidelit.config import load  # noqa: E402
from tests.browser import lighthouse  # noqa: E402

ROUNDS = 3
# The measures that the score is made of, and their heads in the table.
MEASURES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "speed-index": "speed index",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}


def main() -> int:
    os.chdir(ROOT)
    config, _ = load({})
    with tempfile.TemporaryDirectory() as folder:
        # The audit takes whatever comes before the first paint for what the paint waits
        # for. Without a way to the server those would be fonts, by luck.
        files = build(config).files
        with lighthouse.published(files, Path(folder), wait=0.04) as address:
            compare(address)
    return 0


def compare(address: str) -> None:
    """Judge the pages in turn and print a table."""
    reports: dict[str, list[dict[str, Any]]] = {url: [] for url in lighthouse.PAGES}
    for _ in range(ROUNDS):
        for url, taken in reports.items():
            taken.append(lighthouse.judge(address + url, "performance"))
    print(f"\nLighthouse on a phone, median of {ROUNDS} rounds; times in seconds")
    heads = "".join(f"{head:>15}" for head in MEASURES.values())
    print(f"{'':30}{'score':>7}{heads}")
    for url, taken in reports.items():
        score = statistics.median(
            lighthouse.scores(report)["performance"] for report in taken
        )
        values = "".join(f"{value(taken, name):15.2f}" for name in MEASURES)
        print(f"{url:30}{score:7.0f}{values}")


def value(reports: list[dict[str, Any]], name: str) -> float:
    """The median of a measure, its milliseconds as seconds."""
    audits = [report["audits"][name] for report in reports]
    median = statistics.median(float(audit["numericValue"]) for audit in audits)
    return median / 1000 if audits[0]["numericUnit"] == "millisecond" else median


if __name__ == "__main__":
    sys.exit(main())
