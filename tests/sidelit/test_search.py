"""What Pagefind is told, the index that it makes, and the map of the home page."""

import base64
import gzip
import json
import re
import subprocess
import sys
from importlib import metadata
from itertools import pairwise

import pytest

from sidelit.config import load
from sidelit.files import node, npm_package
from sidelit.model import SidelitError
from sidelit.page.map import HOME, imports, layout
from sidelit.publish import search
from sidelit.publish.search import BUNDLE, GAP, search_files
from tests.sidelit.test_notebooks import code, md, notebook, stream
from tests.sidelit.test_serve import get, serving

MODULE = '''r"""
# Patches

A picture of width $w$ and

$$n = w^2$$

```python
cut(picture)
```
"""

import os


class PatchEmbeddings:
    """
    ## Get patch embeddings

    Reads `self.patch_emb`.
    """

    def forward(self, x):
        # A note on `x`.
        return self.patch_emb(x) < 3
'''


@pytest.fixture
def text(build_files):
    """What Pagefind is told of a page."""

    def of(source: str, name: str = "a.py") -> str:
        texts = dict(build_files({name: source}).texts)
        return texts[f"{name.partition('.')[0]}.html"]

    return of


# ## What is told
def test_every_row_is_a_place_with_a_title(text):
    places = re.findall(
        r'<div id="([^"]+)" data-pagefind-title="([^"]+)">', text(MODULE)
    )
    assert places == [
        ("module-code", "Patches"),
        ("PatchEmbeddings", "PatchEmbeddings · Get patch embeddings"),
        ("PatchEmbeddings.forward", "PatchEmbeddings.forward"),
        ("PatchEmbeddings.forward-a-note-on-x", "PatchEmbeddings.forward"),
    ]


def test_names_stand_alone_and_definitions_weigh_more(text):
    told = text(MODULE)
    assert f"return self.{GAP}patch_emb({GAP}x) &lt; 3" in told
    assert f"<code>self.{GAP}patch_emb</code>" in told
    for name in ("PatchEmbeddings", "forward"):
        assert f'<b data-pagefind-weight="6">{name}\u00ad</b>' in told
    assert f'<p data-pagefind-weight="0.4">cut({GAP}picture)</p>' in told


def test_outputs_are_told_and_weigh_least(text):
    table = {"text/html": "<table><tr><td>Quokka</td><td>7</td></tr></table>"}
    shown = {"output_type": "display_data", "data": table, "metadata": {}}
    long = stream(f"{'word ' * 5_000}unseen\n")
    cells = (
        md("# Counts"),
        code("count()", stream("loss=0.5 <b>\n"), shown),
        code("x", long),
    )
    told = text(notebook(*cells), "a.ipynb")
    weight = '<div data-pagefind-weight="0.2">'
    assert (
        f"count()</div>{weight}loss={GAP}0.{GAP}5 &lt;{GAP}b&gt; Quokka 7</div></div>"
        in (told.replace("\n", "").replace(f"({GAP})", "()"))
    )
    assert "word word" in told
    assert "unseen" not in told


def test_what_a_session_has_shown_is_told(text):
    told = text('def f():\n    """Count.\n\n    >>> f()\n    quokka\n    """\n')
    assert re.search(r'<p data-pagefind-weight="0.4">[^<]*quokka', told)


def test_a_formula_is_told_once_and_in_plain_letters(text):
    told = text(MODULE)
    assert "A picture of width w and" in told
    assert "katex" not in told
    assert "w^2" not in told


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        (r"d_{model}", "d_model"),
        (r"\mathbf{z}_0", "z_0"),
        (r"\alpha f(x)", "alpha f(x)"),
        (r"\sqrt{D_h}", "sqrtD_h"),
    ],
)
def test_plain_formulas(text, formula, plain):
    assert f"<p>Here {plain}, there.</p>" in text(
        f'r"""\nHere ${formula}$, there.\n"""\n'
    )


def test_signs_of_chinese_and_japanese_are_words(text):
    told = text("# 注意力\n\nViT模型。[図](https://x.example/図)\n", "a.md")
    assert f"注{GAP}意{GAP}力" in told
    assert f"ViT{GAP}模{GAP}型{GAP}。" in told
    # Nothing changes within a tag.
    assert GAP not in "".join(re.findall(r"<[^>]*>", told))


# ## The index
def built(folder, **settings):
    from sidelit.build import build

    config, _ = load(
        {"sources": [str(folder / "src")], "output": str(folder / "out"), **settings}
    )
    result = build(config)
    return config, result


@pytest.fixture
def site(project, tmp_path):
    project(
        {"src/a.py": MODULE, "src/b.md": "# B\n\nText.\n", "src/c.py": "import a\n"}
    )
    return built(tmp_path)


def test_the_files_of_the_index(site):
    config, result = site
    files = search_files(result.texts, config.root, config.output, "en")
    assert f"{BUNDLE}pagefind.js" in files
    assert all(url.startswith(BUNDLE) for url in files)
    # No box for searching but ours.
    assert not [url for url in files if "ui" in url or url.endswith(".css")]
    entry = json.loads(files[f"{BUNDLE}pagefind-entry.json"])
    assert entry["languages"]["en"]["page_count"] == 4
    assert b'data-action="search"' in result.files["a.html"]
    assert not set(files) & set(result.files)


def test_an_index_is_made_once(site, tmp_path, monkeypatch):
    config, result = site
    asked = []
    real = subprocess.Popen
    monkeypatch.setattr(
        search.subprocess, "Popen", lambda *a, **k: asked.append(a) or real(*a, **k)
    )
    place = config.root, config.output, config.language
    first = search_files(result.texts, *place)
    assert search_files(result.texts, *place) == first
    assert len(asked) == 1
    (tmp_path / "src" / "b.md").write_text("# B\n\nOther text.\n")
    assert search_files(built(tmp_path)[1].texts, *place) != first
    assert len(asked) == 2


def test_the_server_has_search_as_well(project, tmp_path):
    project({"src/a.py": "x = 1\n"})
    with serving(tmp_path, "src") as (address, _):
        status, _, entry = get(f"{address}{BUNDLE}pagefind-entry.json")
        assert (status, json.loads(entry)["languages"]["en"]["page_count"]) == (200, 2)
        assert get(f"{address}{BUNDLE}no-such-file")[0] == 404


@pytest.mark.parametrize("missing", ["package", "program"])
def test_without_pagefind_there_is_no_search_and_no_complaint(
    project, tmp_path, monkeypatch, missing
):
    package = project({"lone/pagefind/package.json": "{}"}) / "lone" / "pagefind"
    found = package if missing == "program" else None
    monkeypatch.setattr(search, "npm_package", lambda *_: found)
    monkeypatch.setattr(search, "_python_package", lambda: None)
    project({"src/a.py": "x = 1\n"})
    config, result = built(tmp_path)
    assert result.problems == ()
    assert not result.texts
    assert b'data-action="search"' not in result.files["a.html"]
    assert search_files(result.texts, config.root, config.output, "en") == {}


def test_without_npm_search_comes_from_pip(project, tmp_path, monkeypatch):
    monkeypatch.setattr(search, "npm_package", lambda *_: None)
    project({"src/a.py": "x = 1\n"})
    config, result = built(tmp_path)
    assert b'data-action="search"' in result.files["a.html"]
    files = search_files(result.texts, config.root, config.output, "en")
    entry = json.loads(files[f"{BUNDLE}pagefind-entry.json"])
    assert entry["version"] == metadata.version("pagefind_bin")
    assert {f"{BUNDLE}pagefind.js", f"{BUNDLE}wasm.en.pagefind"} <= set(files)


def _json_of(fragment):
    # A signature stands before it.
    text = gzip.decompress(fragment)
    return text[text.index(b"{") :]


def test_the_pagefind_of_pip_leads_to_definitions(project, tmp_path, monkeypatch):
    monkeypatch.setattr(search, "npm_package", lambda *_: None)
    project({"src/a.py": "def cut():\n    pass\n"})
    config, result = built(tmp_path)
    files = search_files(result.texts, config.root, config.output, "en")
    places = [
        (anchor["id"], anchor.get("title") or anchor["text"])
        for path, data in files.items()
        if path.endswith(".pf_fragment")
        for anchor in json.loads(_json_of(data))["anchors"]
    ]
    assert ("cut", "cut") in places


def test_what_is_wrong_with_the_pagefind_of_pip(project, tmp_path, monkeypatch):
    broken = project({"broken/pagefind": "#!/bin/sh\nexit 3\n"}) / "broken"
    (broken / "pagefind").chmod(0o755)
    monkeypatch.setattr(search, "npm_package", lambda *_: None)
    monkeypatch.setattr(search, "_python_package", lambda: broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project({"src/a.py": "x = 1\n"})
    config, result = built(tmp_path)
    with pytest.raises(SidelitError, match="--force-reinstall pagefind-bin"):
        search_files(result.texts, config.root, config.output, "en")


REFUSAL = base64.b64encode(
    b'{"message_id": 1, "payload": {"type": "Error", "message": "no such page"}}'
).decode()


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("#!/bin/sh\necho 'no such luck' >&2\nexit 3\n", "no such luck"),
        ("#!/bin/sh\nexit 3\n", "no reason is given"),
        (f"#!/bin/sh\necho '{REFUSAL},'\ncat >/dev/null\n", "no such page"),
        ("#!/no/such/shell\n", "No such file or directory"),
    ],
)
def test_when_pagefind_fails(site, monkeypatch, tmp_path, program, reason):
    config, result = site
    broken = tmp_path / "pagefind"
    broken.write_text(program)
    broken.chmod(0o755)
    monkeypatch.setattr(search, "_program", lambda _: broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(SidelitError, match=rf"Pagefind stopped \(.*{reason}.*\); run"):
        search_files(result.texts, config.root, config.output, "en")


def test_a_pagefind_with_one_program_per_language(site, monkeypatch, tmp_path):
    """Which is not there twice."""
    config, result = site
    paths = "wasm.en.pagefind", "pagefind.js"
    payload = {
        "type": "Any",
        "index_id": 0,
        "files": [{"path": path, "content": ""} for path in paths],
    }
    answer = base64.b64encode(json.dumps({"payload": payload}).encode()).decode()
    program = tmp_path / "pagefind"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "while sign := sys.stdin.read(1):\n"
        f"    if sign == ',': print('{answer}', end=',', flush=True)\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(search, "_program", lambda _: program)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = search_files(result.texts, config.root, config.output, "en")
    assert files == {f"{BUNDLE}{path}": b"" for path in paths}


def test_the_index_is_the_one_that_the_npm_package_makes(site):
    """We talk to the program of Pagefind ourselves, and it must understand the same."""
    config, result = site
    engine = npm_package("pagefind", config.root) / "lib" / "index.js"
    script = f"""
        import {{ createIndex }} from {json.dumps(engine.as_uri())};
        const {{ index }} = await createIndex({{
            forceLanguage: "en", keepIndexUrl: true,
            excludeSelectors: [".permalink", ".footnote-ref", '[role="doc-backlink"]'],
        }});
        for (const [url, content] of {json.dumps([*result.texts])})
            await index.addHTMLFile({{ url, content }});
        const {{ files }} = await index.getFiles();
        process.stdout.write(JSON.stringify(files.map(
            ({{ path, content }}) => [path, Buffer.from(content).toString("base64")])));
        await import({json.dumps(engine.as_uri())}).then(({{ close }}) => close());
    """
    answer = subprocess.run(
        [node(), "--input-type=module"],
        input=script, capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = {path: base64.b64decode(data) for path, data in json.loads(answer.stdout)}
    files = search_files(result.texts, config.root, config.output, "en")
    ours = {url.removeprefix(BUNDLE): data for url, data in files.items()}
    assert {path: theirs[path] for path in ours} == ours
    assert {path for path in theirs if ".pf_" in path} <= set(ours)


# ## The map
PACKAGE = {
    "__init__.py": "from .top import f\n",
    "top.py": "from . import middle\nfrom .inner.leaf import g\n",
    "middle.py": "import os\n\n\ndef f():\n    from .inner import leaf\n",
    "inner/__init__.py": "",
    "inner/leaf.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from ..top import f\n",
    "alone.py": "",
}


def uses_of(site):
    return imports(site, [url for url in site.outlines if url != HOME])


def test_imports_are_read_and_never_run(build_files):
    site = build_files({f"p/{name}": text for name, text in PACKAGE.items()}).site
    assert uses_of(site) == {
        "p/index.html": ("p/top.html",),
        "p/top.html": ("p/middle.html", "p/inner/leaf.html"),
        "p/middle.html": ("p/inner/leaf.html",),
        "p/inner/index.html": (),
        "p/inner/leaf.html": (),
        "p/alone.html": (),
    }


def test_pages_stand_below_what_they_build_on():
    uses = {"a": ("b", "c"), "b": ("c",), "x/c": (), "c": ("x/c",), "d": ("x/c",)}
    plan = layout(list(uses), uses)
    for page, others in uses.items():
        for other in others:
            assert plan.places[page][1] > plan.places[other][1]
    assert len(set(plan.places.values())) == len(uses)
    assert set(plan.lanes) == {"", "x"}
    # There is a way from a to c by b.
    assert ("a", "c") not in plan.lines
    assert ("a", "b") in plan.lines


def test_modules_that_import_each_other():
    uses = {"a": ("b",), "b": ("c",), "c": ("a", "b"), "d": ("d",)}
    plan = layout(list(uses), uses)
    assert set(plan.places) == set(uses)
    assert plan.lines == (("a", "b"), ("b", "c"))


def test_folders_share_lanes_when_there_are_many():
    uses = {f"{top}/{deep}/m": () for top in "ab" for deep in "123456"}
    plan = layout(list(uses), uses)
    assert list(plan.lanes) == ["a", "b"]
    assert plan.columns <= 8


def test_the_map_is_on_the_home_page_alone(build_files):
    files = {f"p/{name}": text for name, text in PACKAGE.items()}
    first, second = build_files(files).files, build_files(files).files
    home = first["index.html"].decode()
    assert home == second["index.html"].decode()
    assert 'class="map"' in home
    assert home.count("<path data-from") == 3
    assert '<a href="p/inner/leaf.html" data-page=' in home
    assert "<small>builds on p.inner.leaf</small>" in home
    assert 'class="map"' not in first["p/top.html"].decode()


def test_no_map_where_nothing_builds_on_anything(build_files):
    files = build_files({"a.py": "import os\n", "b.md": "# B\n"}).files
    assert 'class="map"' not in files["index.html"].decode()


def test_a_project_too_large_for_a_picture_has_none(build_files):
    files = {f"m{number}.py": "" for number in range(130)} | {"n.py": "import m1\n"}
    assert 'class="map"' not in build_files(files).files["index.html"].decode()


def test_of_many_folders_each_is_one_card_of_the_map(build_files):
    names = [f"f{number}" for number in range(8)]
    files = {f"{name}/__init__.py": "" for name in names}
    files |= {f"{name}/inner.py": "" for name in names[:1]}
    files |= {
        f"{name}/inner.py": f"from ..{before} import inner"
        for before, name in pairwise(names)
    }
    page = build_files({"__init__.py": "", **files}).files["index.html"].decode()
    chart = page[page.index('<div class="chart"') : page.index('<ul class="loose">')]
    shown = re.findall(r'href="([^"]+)"', chart)
    assert shown == [f"{name}/index.html" for name in names]
    assert chart.count("<path ") == 7
    assert page.partition('<section class="map"')[2].count('href="f3/inner.html"') == 1
