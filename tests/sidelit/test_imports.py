"""The architecture: modules import only what stands above them in the tour."""

import ast
import posixpath
import re

from tests.conftest import ROOT

PACKAGE = ROOT / "utils" / "sidelit"


def tour(page="__init__.py"):
    """
    All modules in the order in which the front doors list them. The front door of a wing
    comes after its rooms, because it may export what they define.
    """
    is_wing = page != "__init__.py"
    if not is_wing:
        yield page
    text = ast.get_docstring(ast.parse((PACKAGE / page).read_text("utf-8")))
    for item in re.findall(r"^\d+\. (.*(?:\n +.*)*)", text, re.MULTILINE):
        for link in re.findall(r"\]\(([^)]+\.py)\)", item):
            place = posixpath.join(posixpath.dirname(page), link)
            yield from tour(place) if link.endswith("__init__.py") else [place]
    if is_wing:
        yield page


def imports(path):
    """The modules of the package that a module imports, and the names of others."""
    folder = posixpath.dirname(path)
    for node in ast.walk(ast.parse((PACKAGE / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
        elif isinstance(node, ast.ImportFrom):
            parts = [
                folder,
                *[".."] * (node.level - 1),
                *(node.module or "").split("."),
            ]
            base = posixpath.normpath(posixpath.join(*parts))
            for alias in node.names:
                places = (
                    f"{base}/{alias.name}.py",
                    f"{base}.py",
                    f"{base}/__init__.py",
                )
                yield next(
                    posixpath.normpath(one)
                    for one in places
                    if (PACKAGE / one).exists()
                )


def test_every_module_is_on_the_tour_once():
    found = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")}
    assert sorted(tour()) == sorted(found)


def test_imports_go_up_the_tour():
    rank = {path: number for number, path in enumerate(tour())}
    wrong = [
        (path, other)
        for path in rank
        for other in imports(path)
        if rank.get(other, -1) >= rank[path]
    ]
    assert wrong == []


def test_a_name_is_that_of_one_public_class():
    names = [
        node.name
        for path in tour()
        for node in ast.walk(ast.parse((PACKAGE / path).read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted(names) == sorted(set(names))


def test_the_generator_knows_nothing_of_the_content():
    foreign = {"torch", "torchvision", "labml", "labml_nn", "numpy"}
    assert [
        (path, other)
        for path in tour()
        for other in imports(path)
        if other.partition(".")[0] in foreign
    ] == []
