"""Find a Chromium for the browser tests; run as a script, get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sidelit.export.paper import BROWSERS

# Without the parts that show a window, it opens a page in two thirds of the time.
SHELL = "chromium-headless-shell"
HOW = f"apt-get install {SHELL}, or .venv/bin/playwright install chromium"


def find() -> str | None:
    """The executable of a Chromium of the system, or of the one that Playwright has."""
    for name in (SHELL, *BROWSERS):
        if executable := shutil.which(name):
            return executable
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = playwright.chromium.executable_path
    return executable if Path(executable).is_file() else None


def get() -> str | None:
    """Find one, and if there is none, install it as this machine allows."""
    if executable := find():
        return executable
    print("Installing a browser for the tests ...", flush=True)
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        # A release of Debian that has no such package has Chromium as a whole.
        install = f"(apt-get install -y {SHELL} || apt-get install -y chromium)"
        ways.insert(0, ["sh", "-c", f"{install} || (apt-get update && {install})"])
    for command in ways:
        result = subprocess.run(command, capture_output=True, check=False)
        if result.returncode == 0 and (executable := find()):
            return executable
    return None


if __name__ == "__main__":
    if get() is None:
        print(f"No browser, so the browser tests will be skipped. To run them: {HOW}")
        # On a build server a skipped test is a failed one.
        sys.exit(1 if os.environ.get("CI") else 0)
