"""Lighthouse, as the tests and `make bench` ask it."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.browser.serving import serving
from tests.conftest import LIMIT, ROOT

PROGRAM = ROOT / "node_modules" / ".bin" / "lighthouse"
# The address of `pyproject.toml`.
BASE = b"https://annotated.example/"
CHROME = "--headless --no-sandbox --disable-gpu --disable-background-networking"
PAGES = ("index.html", "transformers/vit/index.html", "transformers/mha.html")


@contextmanager
def published(
    files: Mapping[str, bytes], folder: Path, wait: float = 0.0
) -> Iterator[str]:
    """The address of the site, which is also the one that its pages give as theirs."""
    with serving(folder, wait) as address:
        for url, data in files.items():
            (folder / url).parent.mkdir(parents=True, exist_ok=True)
            (folder / url).write_bytes(data.replace(BASE, address.encode()))
        yield address


def judge(address: str, *categories: str) -> dict[str, Any]:
    """The report on a page."""
    command = [
        str(PROGRAM),
        address.removesuffix("index.html"),
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        "--disable-full-page-screenshot",
        f"--max-wait-for-load={LIMIT * 1000}",
        f"--only-categories={','.join(categories)}",
        f"--chrome-flags={CHROME}",
    ]
    environment = {**os.environ, "CHROME_PATH": chromium.find() or ""}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def scores(report: dict[str, Any]) -> dict[str, int]:
    return {
        name: round((category["score"] or 0) * 100)
        for name, category in report["categories"].items()
    }
