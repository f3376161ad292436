"""What the readme and the guide say works as it stands there."""

import re
import tomllib

from sidelit.config import load
from sidelit.flags import parse
from sidelit.settings import SETTINGS
from tests.conftest import ROOT

UPDATE = "python -m pytest tests/sidelit/test_readme.py --update-golden"
README = ROOT / "readme.md"
TEXT = README.read_text(encoding="utf-8")
GUIDE = ROOT / "docs" / "guide"
SETTINGS_PAGE = GUIDE / "settings.md"


def test_the_example_becomes_a_page(build_files):
    text = (GUIDE / "write.md").read_text("utf-8")
    example = re.search(r"^````python\n(.*?)^````", text, re.DOTALL | re.MULTILINE)[1]
    built = build_files({"scaled.py": example})
    assert not built.problems
    page = built.files["scaled.html"].decode()
    assert "<title>Scaled residual" in page
    for anchor in ("ScaledResidual", "ScaledResidual.forward"):
        assert f'class="row" id="{anchor}"' in page
    assert "the block starts as the identity" in page
    assert page.count('class="katex"') == 5


def test_the_script_with_cells_becomes_a_page(build_files):
    text = (GUIDE / "notebooks.md").read_text("utf-8")
    example = re.search(r"^````python\n(.*?)^````", text, re.DOTALL | re.MULTILINE)[1]
    built = build_files({"interest.py": example})
    assert not built.problems
    page = built.files["interest.html"].decode()
    assert '<h1 id="compound-interest">Compound interest</h1>' in page
    assert 'class="row" id="ten-years"' in page
    assert page.count('class="katex"') == 4
    assert "<em>makes</em>" in page
    assert "%%" not in page


def settings_block():
    """The table of all settings, as the readme shows it."""
    lines = ["[tool.sidelit]"]
    for one in SETTINGS:
        line = f"{one.name} = {one.example}"
        noted = f"{line}  # {one.note}"
        lines += [noted] if len(noted) <= 88 else [f"# {one.note}", line]
    return "\n".join(lines) + "\n"


BLOCK = re.compile(r"(?<=^```toml\n).*?(?=^```)", re.DOTALL | re.MULTILINE)


def test_all_settings_are_in_the_guide(request):
    expected = settings_block()
    text = SETTINGS_PAGE.read_text("utf-8")
    if request.config.getoption("--update-golden"):
        text = BLOCK.sub(lambda _: expected, text, count=1)
        SETTINGS_PAGE.write_text(text, encoding="utf-8")
        return
    assert BLOCK.search(text)[0] == expected, f"the settings changed; run: {UPDATE}"


def test_the_settings_are_settings(project):
    block = settings_block()
    folder = project(
        {
            "pyproject.toml": block,
            "src/mypackage/a.py": "",
            "notes/a.md": "",
            "templates/page.html": "",
            "logo.svg": "",
            "icon.svg": "",
            "own.css": "",
            "CNAME": "",
            "downloads/a.csv": "",
        }
    )
    config, _ = load({"sources": [str(folder / "src" / "mypackage")]})
    table = tomllib.loads(block)["tool"]["sidelit"]
    assert config.site_title == table["site-title"]
    assert config.colors == (("accent", tuple(table["colors"]["accent"])),)


def test_continuous_integration_runs_the_commands():
    blocks = re.findall(r"^```bash\n(make .*?)\n```", TEXT, re.MULTILINE)
    assert blocks == ["make docs", "make test"]
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert set(blocks) <= set(script)


def test_flags_are_promised_only_where_they_are():
    """The guide names the settings that have no flag, and no other."""
    text = " ".join(SETTINGS_PAGE.read_text("utf-8").split())
    named = re.search(r"The tables (.*?) have no flag\.", text)[1]
    without = {one.name for one in SETTINGS if not one.metavar}
    assert {*re.findall(r"`([\w-]+)`", named)} == without


def test_each_command_of_the_readme_is_one():
    block = re.search(
        r"^```bash\n(pip install .*?)^```", TEXT, re.MULTILINE | re.DOTALL
    )
    words = re.findall(r"^sidelit (.*?)(?: +#.*)?$", block[1], re.MULTILINE)
    assert {parse(one.split())[0] for one in words} == {"new", "serve", "build"}


def test_links_lead_to_files():
    links = re.findall(
        r"\]\(([^)\s#]+)", re.sub(r"````.*?````|`[^`\n]*`", "", TEXT, flags=re.DOTALL)
    )
    assert len(links) > 8
    for link in links:
        assert "://" in link or (ROOT / link).exists(), link
