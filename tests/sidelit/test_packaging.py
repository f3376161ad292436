"""The wheels hold what they should, and work in empty environments."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sidelit import __version__
from tests.conftest import ROOT


def run(*command, **options):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    return subprocess.run(
        [str(word) for word in command],
        check=True, capture_output=True, text=True, env=environment, **options,
    )  # fmt: skip


def build_wheel(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # From a copy, so that no build folder is left in the repository.
    ignore = shutil.ignore_patterns(
        ".*", "node_modules", "docs", "build", "*.egg-info", "__pycache__"
    )
    shutil.copytree(ROOT, source, ignore=ignore)
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation",
        "-o", folder, source / name,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    return build_wheel(tmp_path_factory, "utils")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_wheel(tmp_path_factory, ".")


def contents(wheel):
    """The files of a wheel but for its metadata, and the text of the latter."""
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    files = {name for name in names if ".dist-info/" not in name}
    return files, archive.read(about).decode()


def test_the_generator_is_a_distribution_of_its_own(generator):
    files, about = contents(generator)
    assert {name.split("/")[0] for name in files} == {"sidelit"}
    assert files >= {
        "sidelit/assets/sidelit.css",
        "sidelit/assets/katex-engine.cjs",
        "sidelit/templates/page.html",
        "sidelit/py.typed",
    }
    for line in (
        "Name: sidelit",
        f"Version: {__version__}",
        "License-Expression: MIT",
        "Requires-Python: >=3.11",
    ):
        assert f"\n{line}\n" in about
    assert "torch" not in about


def test_the_model_is_a_distribution_of_its_own(model):
    files, about = contents(model)
    assert {name.split("/")[0] for name in files} == {"labml_nn"}
    assert files >= {
        "labml_nn/py.typed",
        "labml_nn/transformers/vit/__init__.py",
        "labml_nn/transformers/vit/readme.md",
        "labml_nn/transformers/vit/laptop.safetensors",
        "labml_nn/transformers/vit/images.jpg",
    }
    # Under the name of another distribution, pip would replace that one by ours.
    for line in ("Name: annotated-vit", "License-Expression: MIT"):
        assert f"\n{line}\n" in about
    assert "\nRequires-Dist: torch>=2.6\n" in about


def test_both_have_the_license():
    assert (ROOT / "utils" / "license").read_text() == (ROOT / "license").read_text()


def environment_with(folder, wheel):
    """The Python of a new environment that has a wheel, and where its packages are."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    run(uv, "pip", "install", "--offline", "--python", python, "--no-deps", wheel)
    return python, next(folder.glob("lib/python*/site-packages"))


def test_the_model_tells_of_the_other_distribution_of_its_name(model, tmp_path):
    python, packages = environment_with(tmp_path / "venv", model)
    command = [python, "-W", "always", "-c", "import labml_nn, labml_nn.distributions"]
    assert run(*command, cwd=tmp_path).stderr == ""
    other = packages / "labml_nn-0.5.1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: labml-nn\n")
    said = run(*command, cwd=tmp_path).stderr
    assert said.count("PyPI's labml-nn is installed as well") == 1
    assert str(packages / "labml_nn") in said
    # In another folder, it overwrites nothing.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(other, elsewhere)
    beside = f"import sys; sys.path.append({str(elsewhere)!r}); {command[-1]}"
    assert run(*command[:-1], beside, cwd=tmp_path).stderr == ""


def install_requirements(folder):
    """What `make docs` installs, taken from here: a test needs no network."""
    pins = (ROOT / "requirements" / "docs.txt").read_text()
    for pin in re.findall(r"^\w.*==[^\\\n]*", pins, re.MULTILINE):
        requirement = Requirement(pin)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        installed = metadata.distribution(requirement.name)
        assert str(requirement.specifier) == f"=={installed.version}"
        for file in installed.files:
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), folder / file)


def test_it_renders_a_page_in_an_empty_environment(generator, tmp_path):
    python, packages = environment_with(tmp_path / "venv", generator)
    install_requirements(packages)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text('"""Some *text*."""\nimport os\n')
    program = tmp_path / "venv" / "bin" / "sidelit"
    for command in ([program], [python, "-m", "sidelit"]):
        result = run(*command, "build", "code", "-o", "out", cwd=tmp_path)
        assert "out: 2 pages" in result.stdout
    page = (tmp_path / "out" / "a.html").read_text("utf-8")
    assert "<p>Some <em>text</em>.</p>" in page
    assert (tmp_path / "out" / "assets" / "sidelit.css").stat().st_size > 1000
    # `utils` must not have become a package that could hide somebody else's.
    for name in ("utils", "tests", "docs"):
        check = f"import importlib.util as u; assert u.find_spec({name!r}) is None"
        run(python, "-c", check, cwd=tmp_path)
