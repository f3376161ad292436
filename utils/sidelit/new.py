r"""
---
title: Beginning
summary: >
  sidelit new writes a first page, or what a repository needs to build its site and to
  publish it on GitHub Pages.
---

# Beginning

What is written here is the author's from then on. So a file that is there already is
never touched: it is named, and nothing at all is written. Only a `pyproject.toml`,
which most repositories have, gets the settings at its end, and keeps every byte of what
it has.
"""

import json
import os
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from glob import glob
from typing import Any

from .files import origin, write_named
from .model import usage_error

PAGE = r'''r"""
---
title: Running mean
summary: A mean that follows new values and slowly forgets old ones, annotated.
---

# Running mean

What is the mean of values that keep coming, if only one number may be kept?
"""


class RunningMean:
    r"""
    ## The mean

    $$m_t = \beta m_{t-1} + (1 - \beta) x_t$$

    * `beta`, $\beta$, says how much of the last mean $m_{t-1}$ stays beside the new
      value $x_t$ at time $t$
    """

    def __init__(self, beta: float) -> None:
        self.beta = beta
        # Nothing has been seen yet.
        self.mean = 0.0

    def update(self, x: float) -> float:
        # With $\beta = 0$ this is the last value, and with $\beta = 1$ nothing changes.
        self.mean = self.beta * self.mean + (1 - self.beta) * x
        return self.mean
'''

_SETTINGS = """\
[tool.sidelit]
sources = SOURCES
exclude = ["pyproject.toml"]
output = "site"
"""

_MAKEFILE = """\
.PHONY: site serve check

site: ## build the site
\tsidelit build

serve: ## show it here, and again after each change
\tsidelit serve

check: ## find what is wrong with the prose
\tsidelit check
"""

_WORKFLOW = """\
# Set Settings > Pages > Source to GitHub Actions once.
name: Pages
on:
  push:
    branches: [main, master]
  workflow_dispatch:
permissions:
  contents: read
  id-token: write
  pages: write
concurrency:
  group: pages
jobs:
  publish:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{ steps.deployment.outputs.page_url }}
    steps:
      # With its history, so that pages know when they were changed last.
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install "REQUIREMENT"
      - id: pages
        uses: actions/configure-pages@v5
      - run: sidelit build --base-url "$BASE_URL" --repository-url "$REPOSITORY_URL"
        env:
          BASE_URL: ${{ steps.pages.outputs.base_url }}/
          REPOSITORY_URL: ${{ github.server_url }}/${{ github.repository }}/
      - uses: actions/upload-pages-artifact@v3
        with:
          path: OUTPUT
      - id: deployment
        uses: actions/deploy-pages@v4
"""


def new_page(file: str) -> None:
    """Write a first page. Raises `SidelitError` if the file is there already."""
    if not file:
        raise usage_error("new: the name of the file is empty; write one such as a.py")
    if not file.endswith(".py"):
        raise usage_error(f"new: {file} must end with .py, since it is a module")
    _check_new([file], "give another name")
    _write({file: PAGE})


def new_site() -> tuple[list[str], list[str]]:
    """
    Write settings, a Makefile and a workflow into this folder. Return the names of the
    files, and the packages in `src` if the settings name these. Settings that are there
    already stay. Raises `SidelitError` if one of the other files is there already.
    """
    packages = _packages()
    before, after = _with_settings("pyproject.toml", packages or ["."])
    # Settings that were there may name another folder, and JSON is YAML.
    table = tomllib.loads(after.decode())["tool"]["sidelit"]
    output = table.get("output") if isinstance(table, dict) else None
    workflow = _WORKFLOW.replace("REQUIREMENT", requirement())
    workflow = workflow.replace("OUTPUT", json.dumps(str(output or "site")))
    files = {"Makefile": _MAKEFILE, ".github/workflows/pages.yml": workflow}
    _check_new(files, "run this in an empty folder and take from there what you need")
    # Settings that are there do not stop the next run, and other files would.
    if before != after:
        write_named("pyproject.toml", after)
    _write(files)
    if before == after:
        return [*files], []
    return ["pyproject.toml", *files], packages


def _packages() -> list[str]:
    """
    The packages in `src`. Where there are some, tests and tools lie beside that folder,
    and the packages are what a reader comes for.
    """
    if os.path.isfile("src/__init__.py"):
        return []
    names = sorted(
        os.path.basename(os.path.dirname(one)) for one in glob("src/*/__init__.py")
    )
    return [f"src/{name}" for name in names if name.isidentifier()]


def _with_settings(file: str, sources: list[str]) -> tuple[bytes, bytes]:
    """The bytes of a configuration, and those that it has with settings at its end."""
    named = json.dumps(sources, ensure_ascii=False)
    settings = _SETTINGS.replace("SOURCES", named).encode()
    try:
        with open(file, "rb") as opened:
            before = opened.read()
    except FileNotFoundError:
        return b"", settings
    tables = _toml(before, f"new: {file} is not TOML")
    tool = tables.get("tool", {})
    if isinstance(tool, dict) and "sidelit" in tool:
        return before, before
    after = before
    if before.strip():
        after += b"\n" if before.endswith(b"\n") else b"\n\n"
    after += settings
    if b"\r\n" in before:
        after = before + after.removeprefix(before).replace(b"\n", b"\r\n")
    # Behind `tool = {…}`, no table of it can follow.
    _toml(after, f"new: {file} takes no further table; add [tool.sidelit] to its tool")
    return before, after


def _toml(data: bytes, message: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise usage_error(f"{message}: {error}") from None


def requirement() -> str:
    """What pip installs elsewhere: the commit that this sidelit came from, if any."""
    noted = origin()
    url, commit = noted.get("url", ""), noted.get("vcs_info", {}).get("commit_id")
    # No other machine has this disk.
    if commit and not url.startswith("file:"):
        folder = noted.get("subdirectory", "")
        return f"sidelit @ git+{url}@{commit}#subdirectory={folder}"
    return "sidelit"


def _check_new(files: Iterable[str], instead: str) -> None:
    for file in files:
        if os.path.lexists(file):
            raise usage_error(
                f"new: {file} is there already, and nothing was written; move it away, "
                f"or {instead}"
            )


def _write(files: dict[str, str]) -> None:
    """Write new files, all or none of them."""
    made = []
    try:
        for file, text in files.items():
            os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
            # Whoever has made the file meanwhile keeps it.
            with open(file, "x", encoding="utf-8", newline="\n") as opened:
                made.append(file)
                opened.write(text)
    except BaseException:
        for file in made:
            with suppress(OSError):
                os.unlink(file)
        raise
