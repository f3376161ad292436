"""What `pyproject.toml` cannot say: packages that lie under two roots."""

import re
from pathlib import Path

from setuptools import find_packages, setup

init = Path(__file__).parent / "utils" / "sidelit" / "__init__.py"
version = re.search(r'^__version__ = "(.+)"$', init.read_text("utf-8"), re.MULTILINE)
assert version

setup(
    version=version[1],
    packages=find_packages(include=["labml_nn", "labml_nn.*"])
    + find_packages("utils", include=["sidelit", "sidelit.*"]),
    package_dir={"sidelit": "utils/sidelit"},
    package_data={
        "sidelit": ["assets/*", "templates/*", "**/*.json", "py.typed"],
        "labml_nn": ["**/*.md", "**/*.safetensors", "**/*.jpg", "py.typed"],
    },
)
