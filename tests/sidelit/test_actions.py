"""The actions and workflows for forges have the keys that there are, and work."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sidelit.flags import parse
from tests.conftest import ROOT

GITHUB = ROOT / ".github"
ACTIONS = {one.parent.name: one for one in GITHUB.glob("actions/*/action.yml")}
GUIDE = (ROOT / "docs" / "guide" / "publish.md").read_text(encoding="utf-8")

# What GitHub documents of the metadata of composite actions and of workflows.
ACTION = {"name", "author", "description", "inputs", "outputs", "runs", "branding"}
INPUT = {"description", "required", "default", "deprecationMessage"}
STEP = {"name", "id", "if", "uses", "with", "run", "shell", "env"}
STEP |= {"working-directory", "continue-on-error"}
WORKFLOW = {
    "name",
    "run-name",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
}
JOB = {"name", "permissions", "needs", "if", "runs-on", "environment", "concurrency"}
JOB |= {
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "container",
}
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(text: str) -> dict:
    # To YAML 1.1, `on` is a boolean.
    return {
        "on" if key is True else key: one for key, one in yaml.safe_load(text).items()
    }


def check_steps(steps: list[dict], is_action: bool) -> None:
    ids = set()
    for step in steps:
        assert {*step} <= STEP
        assert ("uses" in step) != ("run" in step)
        assert "shell" in step or "run" not in step or not is_action
        if "uses" in step and not step["uses"].startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w./-]+@(?:v\d+|main)", step["uses"])
        for one in EXPRESSION.findall(str(step)):
            if match := re.match(r"steps\.(\w+)\.outputs\.", one):
                assert match[1] in ids
        ids.add(step.get("id"))


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_action_has_valid_keys(name):
    action = read(ACTIONS[name].read_text("utf-8"))
    assert {"name", "description", "runs"} <= {*action} <= ACTION
    assert {*action["runs"]} == {"using", "steps"}
    assert action["runs"]["using"] == "composite"
    for one in action["inputs"].values():
        assert {"description"} <= {*one} <= INPUT
        assert isinstance(one["default"], str)
    for one in action.get("outputs", {}).values():
        assert {*one} == {"description", "value"}
    check_steps(action["runs"]["steps"], is_action=True)
    used = {one for one in EXPRESSION.findall(str(action)) if one.startswith("inputs.")}
    assert used == {f"inputs.{one}" for one in action["inputs"]}
    ids = {one["id"] for one in action["runs"]["steps"] if "id" in one}
    for one in EXPRESSION.findall(str(action)):
        assert not one.startswith("steps.") or one.split(".")[1] in ids


def workflows() -> dict[str, str]:
    found = {one.name: one.read_text("utf-8") for one in GITHUB.glob("workflows/*.yml")}
    (guide,) = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return {**found, "guide": guide}


@pytest.mark.parametrize("name", sorted(workflows()))
def test_a_workflow_has_valid_keys(name):
    workflow = read(workflows()[name])
    assert {"on", "jobs"} <= {*workflow} <= WORKFLOW
    for job in workflow["jobs"].values():
        assert {"runs-on", "steps"} <= {*job} <= JOB
        check_steps(job["steps"], is_action=False)
        for step in job["steps"]:
            match = re.match(
                r"OWNER/REPOSITORY/\.github/actions/(\w+)@", step.get("uses", "")
            )
            if match:
                inputs = read(ACTIONS[match[1]].read_text("utf-8"))["inputs"]
                assert {*step["with"]} <= {*inputs}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_the_example_of_an_action_is_one(name):
    head = ACTIONS[name].read_text("utf-8").partition("\nname:")[0]
    example = "\n".join(
        line[4:] for line in head.splitlines() if re.match(r"#   [ -]", line)
    )
    steps = yaml.safe_load(example)
    check_steps(steps, is_action=False)
    (ours,) = (one for one in steps if one["uses"].startswith("OWNER/REPOSITORY/"))
    inputs = read(ACTIONS[name].read_text("utf-8"))["inputs"]
    assert {*ours["with"]} <= {*inputs}
    command = {"check": "check", "publish": "build"}[name]
    parse([command, *shlex.split(ours["with"]["arguments"])])


def test_the_guide_has_both_actions():
    guide = "".join(
        one.read_text("utf-8") for one in (ROOT / "docs/guide").glob("*.md")
    )
    for name in ACTIONS:
        assert f".github/actions/{name}/action.yml" in guide


def test_the_action_builds_what_it_uploads(project, tmp_path):
    """The step of the action, run as GitHub runs it, with this sidelit on the path."""
    folder = project({"repository/src/a.md": "# A\n", "bin/.keep": "", "output": ""})
    steps = read(ACTIONS["publish"].read_text("utf-8"))["runs"]["steps"]
    build = next(one for one in steps if one.get("id") == "build")
    (command,) = (
        line for line in build["run"].splitlines() if line.startswith("sidelit ")
    )
    parse(shlex.split(command)[1:])
    program = tmp_path / "bin" / "sidelit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sidelit "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", build["run"]],
        cwd=folder / "repository",
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "utils"),
            "RUNNER_TEMP": str(folder / "temp"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "ARGUMENTS": "src --site-title Annotated",
            "BASE_URL": "https://a.example/b/",
            "REPOSITORY_URL": "https://forge.example/a/b/",
        },
    )
    assert done.returncode == 0, done.stderr
    (told,) = (folder / "output").read_text().splitlines()
    site = Path(told.removeprefix("folder="))
    page = (site / "a.html").read_text()
    assert 'href="https://a.example/b/a.html"' in page
    upload = steps[-1]
    assert upload["uses"].startswith("actions/upload-pages-artifact@")
    assert upload["with"]["path"] == "${{ steps.build.outputs.folder }}"
