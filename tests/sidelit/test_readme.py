"""What the readme says works as it stands there."""

import re
import tomllib

from sidelit.config import load
from sidelit.settings import SETTINGS
from tests.conftest import ROOT

UPDATE = "python -m pytest tests/sidelit/test_readme.py --update-golden"
README = ROOT / "readme.md"
TEXT = README.read_text(encoding="utf-8")


def test_the_example_becomes_a_page(build_files):
    example = re.search(r"^````python\n(.*?)^````", TEXT, re.DOTALL | re.MULTILINE)[1]
    built = build_files({"scaled.py": example})
    assert not built.problems
    page = built.files["scaled.html"].decode()
    assert "<title>Scaled residual" in page
    for anchor in ("ScaledResidual", "ScaledResidual.forward"):
        assert f'class="row" id="{anchor}"' in page
    assert "the block starts as the identity" in page
    assert page.count('class="katex"') == 5


def settings_block():
    """The table of all settings, as the readme shows it."""
    lines = ["[tool.sidelit]"]
    for one in SETTINGS:
        line = f"{one.name} = {one.example}"
        noted = f"{line}  # {one.note}"
        lines += [noted] if len(noted) <= 88 else [f"# {one.note}", line]
    return "\n".join(lines) + "\n"


BLOCK = re.compile(r"(?<=^```toml\n).*?(?=^```)", re.DOTALL | re.MULTILINE)


def test_all_settings_are_in_the_readme(request):
    expected = settings_block()
    if request.config.getoption("--update-golden"):
        text = BLOCK.sub(lambda _: expected, TEXT, count=1)
        README.write_text(text, encoding="utf-8")
        return
    assert BLOCK.search(TEXT)[0] == expected, f"the settings changed; run: {UPDATE}"


def test_the_settings_are_settings(project):
    block = settings_block()
    folder = project(
        {
            "pyproject.toml": block,
            "src/mypackage/a.py": "",
            "notes/a.md": "",
            "templates/page.html": "",
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


def test_links_lead_to_files():
    links = re.findall(
        r"\]\(([^)\s#]+)", re.sub(r"````.*?````|`[^`\n]*`", "", TEXT, flags=re.DOTALL)
    )
    assert len(links) > 8
    for link in links:
        assert "://" in link or (ROOT / link).exists(), link
