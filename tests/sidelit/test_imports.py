"""The architecture: modules import downwards only, and nothing of the content."""

import ast

from tests.conftest import ROOT

PACKAGE = ROOT / "utils" / "sidelit"

# Each module may import those on the lines below its own, and none beside it.
LAYERS = [
    ["__main__"],
    ["serve", "write", "record", "check", "export"],
    ["paper"],
    ["build"],
    ["template", "page"],
    ["previews", "forms"],
    ["notebook"],
    ["markdown"],
    ["prose", "annotations"],
    ["links"],
    ["shapes"],
    ["claims", "map"],
    [
        "tex",
        "cards",
        "highlight",
        "equations",
        "site",
        "config",
        "observations",
        "external",
        "inventory",
        "numbers",
        "search",
    ],
    ["sources", "clean", "definitions"],
    ["functions"],
    ["split", "discover", "names", "symbols"],
    ["lexer", "fresh"],
    ["palette", "published"],
    ["files", "history", "model", "rules"],
    ["__init__"],
]


def imports(name):
    tree = ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                yield node.module
            else:
                names = {alias.name for alias in node.names}
                yield from names & {module for layer in LAYERS for module in layer}
                if "__version__" in names:
                    yield "__init__"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_every_module_has_a_place():
    found = {file.stem for file in PACKAGE.glob("*.py")}
    assert found == {module for layer in LAYERS for module in layer}


def test_imports_run_downwards():
    rank = {module: number for number, layer in enumerate(LAYERS) for module in layer}
    wrong = [
        (module, other)
        for module in rank
        for other in imports(module)
        if other in rank and rank[other] <= rank[module]
    ]
    assert wrong == []


def test_the_generator_knows_nothing_of_the_content():
    foreign = {"torch", "torchvision", "labml", "labml_nn", "numpy"}
    for file in PACKAGE.rglob("*.py"):
        assert not foreign & {name.split(".")[0] for name in imports(file.stem)}
