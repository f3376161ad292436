"""What a project brings to the look of its site."""

import re

import pytest

from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.config import load
from sidelit.model import SidelitError
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "look.md").read_text("utf-8")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 10"></svg>'


def block(language: str) -> str:
    """The first example of the guide in a language."""
    return re.search(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)[1]


@pytest.fixture
def configured(project, monkeypatch):
    """Load the settings of a project of these files."""

    def run(settings, files):
        table = f'[tool.sidelit]\nsources = {{ "src" = "" }}\n{settings}\n'
        folder = project({"pyproject.toml": table, **files})
        monkeypatch.chdir(folder)
        return load({})[0]

    return run


PAGES = {"src/index.md": "# Home\n", "src/sub/a.py": '"""A page."""\nx = 1\n'}


# ## The example of the guide
@pytest.fixture
def example(project, monkeypatch):
    """The project that the guide shows."""
    folder = project(
        {
            "pyproject.toml": block("toml"),
            "theme/logo.svg": block("svg"),
            "theme/icon.svg": block("svg"),
            **PAGES,
        }
    )
    monkeypatch.chdir(folder)
    return build(load({})[0])


def test_logo_and_icon_of_the_guide(example):
    assert example.problems == ()
    page = example.files["sub/a.html"].decode()
    icon = re.search(r'<link rel="icon" type="(.*?)" href="(.*?)\?', page)
    assert icon.groups() == ("image/svg+xml", "../assets/favicon.svg")
    logo = re.search(r'<a class="brand"[^>]*><img src="(.*?)\?\w+"(.*?)><span>', page)
    assert logo.groups() == (
        "../assets/logo.svg",
        ' width="24" height="24" alt=""',
    )
    for name in ("logo", "favicon"):
        assert example.files[f"assets/{name}.svg"].decode() == block("svg")


# ## Logo and icon
def test_without_any_the_site_has_ours(configured):
    files = build(configured("", PAGES)).files
    page = files["index.html"].decode()
    assert '<a class="brand" href="index.html"><svg' in page
    assert '<link rel="icon" type="image/svg+xml" href="assets/favicon.svg?' in page
    assert not [url for url in files if "logo" in url]


def test_an_icon_stands_in_for_a_logo(configured):
    files = {**PAGES, "icon.PNG": b"\x89PNG"}
    built = build(configured('favicon = "icon.PNG"', files))
    page = built.files["sub/a.html"].decode()
    assert 'type="image/png" href="../assets/favicon.png?' in page
    assert re.search(r'<img src="../assets/favicon.png\?\w+" alt="">', page)
    assert built.files["assets/favicon.png"] == b"\x89PNG"
    assert "assets/favicon.svg" not in built.files


def test_a_changed_logo_is_seen(configured, tmp_path):
    settings = 'logo = "logo.svg"\nfavicon = "icon.svg"'
    files = {**PAGES, "logo.svg": SVG.format(20), "icon.svg": SVG.format(10)}
    config = configured(settings, files)
    pipeline = Pipeline(Memory())
    first = pipeline.prepare(config).build()
    for name in ("logo", "icon"):
        assert str(tmp_path / f"{name}.svg") in first.inputs
    (tmp_path / "logo.svg").write_text(SVG.format(30))
    second = pipeline.prepare(config).build()
    assert dict(second.files) == dict(build(config).files)
    assert b'width="30"' in second.files["sub/a.html"]


# ## What is refused
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('logo = "no.svg"', r"logo: there is no file no\.svg in "),
        ('favicon = "src"', "favicon: there is no file src in "),
        ('logo = "a.txt"', r"logo: a\.txt is no picture .*; there are \.svg"),
        ('logo = ["a.svg"]', "logo must be text"),
        ('logo = ""', "logo must be a path"),
        ('favicon = "../out.svg"', r"favicon: .*out\.svg lies outside the project"),
        ('logo = "link.svg"', r"logo: .*link\.svg lies outside the project"),
    ],
)
def test_what_is_not_there_or_of_another_kind(configured, tmp_path, settings, words):
    outside = tmp_path.parent / "out.svg"
    outside.write_text(SVG.format(10))
    (tmp_path / "link.svg").symlink_to(outside)
    with pytest.raises(SidelitError, match=words) as error:
        configured(settings, {**PAGES, "a.txt": ""})
    assert "\n" not in str(error.value)
    assert error.value.problem.line == 0
