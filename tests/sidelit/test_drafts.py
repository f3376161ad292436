"""What is not published yet is shown to its author and to nobody else."""

import re

import pytest

from sidelit.__main__ import main
from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.check.check import check
from sidelit.config import load
from sidelit.model import SidelitError
from sidelit.read.split import split
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text("utf-8")
MATTER = re.search(r"^## Drafts\n+````markdown\n(.*?)^````", GUIDE, re.S | re.M)[1]
FILES = {
    "src/__init__.py": '"""\n# Home\n\n[D](d.md), [next](sub/e.py)\n"""\n',
    "src/d.md": f"{MATTER}# Secret\n\nSome words.\n",
    "src/sub/a.py": '"""`src.sub.e.Thing`, [d](../d.md)."""\nfrom src.sub.e import Thing\n\nThing()\n',
    "src/sub/e.py": f'"""\n{MATTER}"""\n\n\nclass Thing:\n    """Some thing."""\n',
    "pyproject.toml": '[tool.sidelit]\nsources = { src = "" }\n'
    'base-url = "https://x.example/"\nrepository-url = "https://f.example/it"\n',
}


@pytest.fixture
def config(project, monkeypatch):
    monkeypatch.chdir(project(FILES))
    return load({})[0]


def test_a_build_leaves_drafts_out(config):
    built = build(config)
    assert built.problems == ()
    pages = {url for url in built.files if url.endswith(".html")}
    assert pages == {"index.html", "sub/index.html", "sub/a.html", "404.html"}
    for url, data in built.files.items():
        # The source of a page is what its author has written.
        if not url.endswith((".py", ".ipynb", ".blocks.js", ".inv")):
            for word in (b"Secret", b"What comes next", b"d.html", b"e.html"):
                assert word not in data, (url, word)
    page = built.files["sub/a.html"].decode()
    assert "<code>src.sub.e.Thing</code>, d." in page
    assert "blob/HEAD/src/d.md" not in page
    assert not [text for _, text in built.texts if "What comes next" in text]


def test_a_draft_is_no_image(config, tmp_path):
    (tmp_path / "src/f.md").write_text('# F\n\n![D](d.md) <img src="d.md" alt="D">\n')
    built = build(config)
    assert "d.md" not in built.files
    assert not any(b"Some words." in data for data in built.files.values())


def test_with_drafts_they_are_marked(config):
    files = build(config, drafts=True).files
    for url in ("d.html", "sub/e.html"):
        page = files[url].decode()
        assert '<p class="draft"><span>Draft</span>' in page
        assert '<meta name="robots" content="noindex">' in page
    page = files["sub/a.html"].decode()
    assert 'class="draft"' not in page
    assert '<a href="../d.html">d</a>' in page
    assert 'href="e.html#Thing"' in page


def test_a_draft_that_is_published_and_taken_back(config, tmp_path):
    pipeline = Pipeline(Memory())
    first = dict(pipeline.prepare(config).build().files)
    file = tmp_path / "src/d.md"
    file.write_text(FILES["src/d.md"].replace("true", "false"))
    files = pipeline.prepare(config).build().files
    assert b'class="draft"' not in files["d.html"]
    assert b"What comes next" in files["llms.txt"]
    assert dict(files) == dict(build(config).files)
    file.write_text(FILES["src/d.md"])
    assert dict(pipeline.prepare(config).build().files) == first


def test_a_link_to_a_draft_is_found(config):
    told = [str(one.problem) for one in check(config)]
    assert told == [
        "src/__init__.py:4:5: LNK101 src/d.md is a draft, which has no page yet",
        "src/__init__.py:4:19: LNK101 src/sub/e.py is a draft, which has no page yet",
        "src/sub/a.py:1:27: LNK101 src/d.md is a draft, which has no page yet",
    ]
    assert check(config, drafts=True) == []


def test_the_command_line(config, tmp_path, capsys):
    def run(*words):
        return main(list(words)), "".join(capsys.readouterr()).strip()

    assert run("build")[0] == 0
    assert not (tmp_path / "site/d.html").exists()
    status, told = run("build", "--drafts")
    assert status == 0
    assert (tmp_path / "site/d.html").exists()
    assert "nothing has changed" not in told
    # Nor is that taken for a build without them.
    assert "removed" in run("build")[1]
    assert not (tmp_path / "site/d.html").exists()
    assert run("check", "--drafts") == (0, "sidelit: nothing to mend")
    # One that is named is meant.
    assert "# Secret" in run("export", "md", "src/d.md")[1]
    assert "Secret" not in run("export", "md", "src", "-o", "out")[1]
    assert not (tmp_path / "out/d.md").exists()


@pytest.mark.parametrize("value", ["yes please", "1", "[true]", '"true"'])
def test_it_is_one_or_it_is_not(tmp_path, value):
    from sidelit.model import Source

    file = tmp_path / "a.md"
    file.write_text(f"---\ndraft: {value}\n---\n# A\n")
    with pytest.raises(SidelitError, match=r"^a.md:2:1: FRM101 `draft` must be true"):
        split(Source("a.md", str(file), "a.html", "", "markdown"))
