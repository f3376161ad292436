"""Each rule has a page, and the examples on it are wrong and right as it says."""

import os
import re
import subprocess
import sys

import pytest

import sidelit.check.rules
from sidelit.check.check import check
from sidelit.check.rules import RULES
from sidelit.config import load
from tests.conftest import ROOT

PAGES = {
    file.stem.upper(): file
    for file in (ROOT / "utils/sidelit/check/rules").glob("*.md")
}

# These cannot be shown by a text.
BY_WORDS_ALONE = {
    "LNK104",
    "SRC103",
    "SRC104",
    "SRC105",
    "SRC106",
    "SRC107",
    "SRC108",
    "TEX104",
}


def blocks(page, heading):
    """The files of an example, by name."""
    text = page.read_text("utf-8")
    part = re.search(
        rf"^## {heading}\n(.*?)(?=^## (?:Right)$|\Z)", text, re.DOTALL | re.MULTILINE
    )
    files = {}
    for _, language, name, body in re.findall(
        r"^(`{3,})(\w+) ?(\S*)\n(.*?)^\1$", part[1], re.DOTALL | re.MULTILINE
    ):
        suffix = {"python": ".py", "markdown": ".md"}.get(language)
        files[name or f"example{suffix}"] = body
    return files


def findings(project, files):
    placed = {
        name if "/" in name or name.endswith(".json") else f"src/{name}": body
        for name, body in files.items()
    }
    folder = project({"pyproject.toml": "", **placed})
    config, _ = load(
        {
            "sources": [str(folder / "src")],
            "record": str(folder / "shapes.json"),
            "results": ["results/*.json"],
            "select": ["ALL"],
        }
    )
    if "run.py" in files:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "sidelit",
                "record",
                "--sources",
                "src",
                "--record",
                "shapes.json",
                "src/run.py",
            ],
            cwd=folder,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
        )
    return {one.rule for one in check(config)}


def test_every_rule_has_a_page_and_is_listed():
    assert set(PAGES) == set(RULES)
    listed = " ".join(sidelit.check.rules.__doc__.split())
    for name, rule in RULES.items():
        notes = ["warning"] * (rule.level == "warning")
        notes += ["opt-in"] * (not rule.is_default)
        line = f"* [{name}](rules/{name.lower()}.md): {rule.summary}"
        assert line + (f" ({', '.join(notes)})" if notes else "") + " " in f"{listed} "


@pytest.mark.parametrize("rule", sorted(set(RULES) - BY_WORDS_ALONE))
def test_examples(rule, project, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for number, (heading, found) in enumerate((("Wrong", True), ("Right", False))):
        files = blocks(PAGES[rule], heading)
        if number:
            for file in tmp_path.rglob("*.*"):
                if file.is_file():
                    file.unlink()
        assert (rule in findings(project, files)) == found, heading
