"""The wheel, installed into an empty environment, renders a page."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run(*command, **options):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    return subprocess.run(
        [str(word) for word in command],
        check=True, capture_output=True, text=True, env=environment, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # From a copy, so that no build folder is left in the repository.
    ignore = shutil.ignore_patterns(
        ".*", "node_modules", "docs", "build", "*.egg-info", "__pycache__"
    )
    shutil.copytree(ROOT, source, ignore=ignore)
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source
    )
    return next(folder.glob("*.whl"))


def test_it_holds_two_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"labml_nn", "sidelit"}
    for needed in (
        "sidelit/assets/sidelit.css",
        "sidelit/assets/katex-engine.cjs",
        "sidelit/templates/page.html",
        "sidelit/py.typed",
        "labml_nn/transformers/vit/__init__.py",
        "labml_nn/transformers/vit/readme.md",
        "labml_nn/transformers/vit/laptop.safetensors",
        "labml_nn/transformers/vit/pictures.jpg",
    ):
        assert needed in names


def test_its_metadata(wheel):
    archive = zipfile.ZipFile(wheel)
    name = next(name for name in archive.namelist() if name.endswith("METADATA"))
    text = archive.read(name).decode()
    for line in ("Name: sidelit", "License-Expression: MIT", "Requires-Python: >=3.11"):
        assert line in text
    required = [line for line in text.split("\n") if line.startswith("Requires-Dist")]
    assert not [line for line in required if "torch" in line and "extra" not in line]


def install_requirements(folder):
    """What `make docs` installs, taken from here: a test needs no network."""
    pins = (ROOT / "requirements" / "docs.txt").read_text()
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", pins, re.MULTILINE):
        installed = metadata.distribution(name)
        assert installed.version == version
        for file in installed.files:
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), folder / file)


def test_it_renders_a_page_in_an_empty_environment(wheel, tmp_path):
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    install_requirements(next((tmp_path / "venv").glob("lib/python*/site-packages")))
    uv = Path(sys.executable).parent / "uv"
    run(uv, "pip", "install", "--offline", "--python", python, "--no-deps", wheel)
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
