"""What `pyproject.toml` cannot say: the model, and nothing else that lies here."""

from setuptools import find_packages, setup

setup(
    packages=find_packages(include=["labml_nn", "labml_nn.*"]),
    package_data={"labml_nn": ["**/*.md", "**/*.safetensors", "**/*.jpg", "py.typed"]},
)
