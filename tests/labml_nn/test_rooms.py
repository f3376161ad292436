"""The modules of an experiment: each uses only those before it, and fits into a head."""

import ast

import pytest

from labml_nn.experiments.cifar10 import CIFAR10Configs
from tests.conftest import ROOT

FOLDER = ROOT / "labml_nn" / "experiments"
ORDER = (
    "settings", "distributed", "progress", "resume", "run", "loop", "results", "cifar10", "command",
)  # fmt: skip


def test_the_order_has_every_module():
    names = {file.stem for file in FOLDER.glob("*.py")} - {"__init__"}
    assert names == set(ORDER)
    front_door = (FOLDER / "__init__.py").read_text()
    places = [front_door.index(f"({name}.py)") for name in ORDER]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_those_before_it(name):
    text = (FOLDER / f"{name}.py").read_text()
    assert len(text.splitlines()) < 400
    imported = {
        node.module.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
    }
    assert imported <= set(ORDER[: ORDER.index(name)])


@pytest.mark.parametrize("package", ["helpers", "transformers", "resnet"])
def test_what_is_shared_does_not_know_the_experiments(package):
    for file in (ROOT / "labml_nn" / package).rglob("*.py"):
        if file.stem in ("ablation", "experiment", "figures", "finetune", "predict"):
            continue
        assert "experiments" not in {
            part
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom)
            for part in (node.module or "").split(".")
        }, file


def test_an_experiment_can_be_run_from_code():
    """As upstream's users do."""
    assert callable(CIFAR10Configs().run)
