"""Figures of a script: what they become, and what of the project comes along."""

import base64
import json
import re
import struct
from html import unescape

import pytest

from sidelit.build import Pipeline
from sidelit.cache import Memory
from sidelit.check.check import check
from sidelit.config import load
from sidelit.prose.figures import content
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "write.md").read_text(encoding="utf-8")
STILL = "<svg xmlns='http://www.w3.org/2000/svg' viewBox=\"0 0 40 20\"/>"
PAGE = """# Dice

> [!FIGURE] lib.js dice.css dice.js data/faces.txt
> ![The six faces of a die](still.svg "Six *faces*.")
>
> They are equally likely.

Behind it.
"""
FILES = {
    "index.md": PAGE,
    "lib.js": "const faces = 6;\n",
    "dice.css": ".die { color: red }\n",
    "dice.js": "// # Dice\nconst root = 1;\n",
    "data/faces.txt": b"\x00\xff six",
    "still.svg": STILL,
}


def figures(built, url="index.html"):
    """The files of each figure of a page, and its still form."""
    return [
        (unescape(files).split(), still)
        for files, still in re.findall(
            r'<div class="figure" data-files="([^"]*)">\n(.*?)</div>\n?',
            built.files[url].decode(),
            re.DOTALL,
        )
    ]


def test_the_files_of_a_figure_are_in_the_site(build_files):
    built = build_files(FILES)
    assert not built.problems
    [(files, still)] = figures(built)
    names = [re.sub(r"\?[0-9a-f]{8}$", "", one) for one in files]
    assert names == ["lib.js", "dice.css", "dice.js", "data/faces.txt.data.js"]
    assert not set(names) & set(files)
    assert built.files["lib.js"] == FILES["lib.js"].encode()
    assert built.files["dice.css"] == FILES["dice.css"].encode()
    data = re.fullmatch(
        rb'document\.currentScript\.data = "(.*)";\n',
        built.files["data/faces.txt.data.js"],
    )
    assert base64.b64decode(data[1]) == FILES["data/faces.txt"]
    # The still form is Markdown like any other.
    assert '<img src="still.svg" alt="The six faces of a die"' in still
    assert "<figcaption>Six <em>faces</em>.</figcaption>" in still
    assert "<p>They are equally likely.</p>" in still
    assert "[!FIGURE]" not in built.files["index.html"].decode()


def test_only_pages_with_a_figure_load_anything(build_files):
    built = build_files({**FILES, "other.md": "# Other\n"})
    other = built.files["other.html"].decode()
    assert "data-files" not in other
    assert not re.search(r"(dice|lib)\.js[?\"]", other)


def test_a_figure_may_stand_in_a_docstring_of_another_folder(build_files):
    page = '"""\n# A\n\n> [!FIGURE] ../dice.js\n> A die.\n"""\n'
    built = build_files({"dice.js": "", "deep/a.py": page})
    [(files, still)] = figures(built, "deep/a.html")
    assert files[0].startswith("../dice.js?")
    assert still == "<p>A die.</p>\n"


SEVERAL_LINES = (
    "> [!FIGURE] lib.js \\\n>   dice.css dice.js\\\n> data/faces.txt\n{}> Still.\n"
)


@pytest.mark.parametrize("between", ["", ">\n"])
def test_files_may_stand_on_several_lines(build_files, project, between):
    page = SEVERAL_LINES.format(between)
    built = build_files({**FILES, "index.md": f"# Dice\n\n{page}"})
    [(files, still)] = figures(built)
    assert [one.split("?")[0] for one in files] == [
        "lib.js",
        "dice.css",
        "dice.js",
        "data/faces.txt.data.js",
    ]
    assert still == "<p>Still.</p>\n"
    nameless = page.replace("dice.js", "").replace("lib.js", "")
    assert ("FRM112", 3) in [one[:2] for one in found(project, f"# T\n\n{nameless}")]


def test_notebooks_have_no_files_of_figures(build_files):
    page = f'r"""\n# A\n\n{SEVERAL_LINES.format("")}"""\nx = 1\n'
    built = build_files({**FILES, "a.py": page})
    text = built.files["a.ipynb"].decode()
    assert "> Still." in text
    assert "dice" not in text


def test_the_address_changes_with_the_content(build_files):
    [(before, _)] = figures(build_files(FILES))
    [(after, _)] = figures(build_files({**FILES, "dice.js": "const root = 2;\n"}))
    assert before[2] != after[2]
    assert before[:2] == after[:2]


def test_a_change_of_a_file_reaches_the_site(project):
    folder = project({f"src/{name}": text for name, text in FILES.items()})
    config, _ = load({"sources": [str(folder / "src")], "output": str(folder / "out")})
    pipeline = Pipeline(Memory())
    first = pipeline.prepare(config).build()
    assert str(folder / "src" / "dice.js") in first.inputs
    (folder / "src" / "dice.js").write_text("const root = 2;\n")
    (folder / "src" / "data" / "faces.txt").write_text("seven")
    prepared = pipeline.prepare(config)
    second, whole = prepared.build(), Pipeline(Memory()).prepare(config).build()
    assert dict(second.files) == dict(whole.files)
    assert second.files["dice.js"] == b"const root = 2;\n"
    for url in ("dice.js", "data/faces.txt.data.js"):
        assert prepared.file(url) == second.files[url]


def test_html_cannot_run_a_script(build_files):
    page = """<div class="figure" data-files="https://evil.example/a.js">x</div>

> [!FIGURE] dice.js
> <b>A die</b>
"""
    built = build_files({"index.md": page, "dice.js": ""})
    html = built.files["index.html"].decode()
    assert "evil" not in html
    assert html.count("data-files") == 1
    assert "<b>A die</b>" in html


def found(project, page, **files):
    folder = project({"src/index.md": page, "src/a.js": "", "pyproject.toml": ""})
    config, _ = load({"sources": [str(folder / "src")]})
    return [(one.rule, one.problem.line, one.problem.message) for one in check(config)]


@pytest.mark.parametrize(
    ("page", "line", "message"),
    [
        ("> [!FIGURE] a.js\n", 3, "a figure has no still form"),
        ("> [!FIGURE] a.js\n>\n\nNot it.\n", 3, "a figure has no still form"),
        ("Text.\n\n> [!FIGURE]\n> Still.\n", 5, "a figure names no script"),
        ("> [!FIGURE] a.css\n> Still.\n", 3, "a figure names no script"),
        (
            "> [!FIGURE] https://x.example/a.js a.js\n> Still.\n",
            3,
            "a figure loads https://x.example/a.js from elsewhere",
        ),
    ],
)
def test_what_is_wrong_with_a_figure_is_told(project, page, line, message):
    told = [one for one in found(project, f"# T\n\n{page}") if one[0] == "FRM112"]
    assert [(one, text.partition(";")[0]) for _, one, text in told] == [(line, message)]


def test_a_missing_file_is_told(project):
    page = "# T\n\n> [!FIGURE] a.js none.js\n> Still.\n"
    assert found(project, page) == [("LNK101", 3, "there is no page or file none.js")]


def test_a_figure_in_a_block_of_code_is_none(project, build_files):
    page = "# T\n\n```markdown\n> [!FIGURE] a.js\n```\n"
    assert found(project, page) == []
    assert figures(build_files({"index.md": page})) == []


def test_notebooks_have_the_still_form(build_files):
    page = '"""\n# A\n\n> [!FIGURE] dice.js\n> A die.\n"""\nx = 1\n'
    built = build_files({"a.py": page, "dice.js": ""})
    assert "FIGURE" not in built.files["a.ipynb"].decode()
    assert "> A die." in built.files["a.ipynb"].decode()


def test_the_example_of_the_guide(build_files):
    page = re.search(
        r"^(`{3,})markdown\n(> \[!FIGURE\].*?)^\1$", GUIDE, re.MULTILINE | re.DOTALL
    )[2]
    script = re.search(r"^(`{3,})javascript\n(.*?)^\1$", GUIDE, re.M | re.DOTALL)[2]
    names = re.match(r"> \[!FIGURE\](.*)", page)[1].split()
    assert len(names) == 2
    (own,) = (one for one in names if one.endswith(".js"))
    (data,) = set(names) - {own}
    assert f'read("{data}")' in script
    picture = re.search(r"\]\((\S+)", page)[1]
    built = build_files(
        {"index.md": f"# T\n\n{page}", own: script, data: "1 2", picture: STILL}
    )
    assert not built.problems
    [(files, still)] = figures(built)
    assert len(files) == 2
    assert picture in still


# ## Weights
def tensors(data):
    """The tensors of a file of safetensors: their types, shapes and numbers."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    read = {}
    for name, one in header.items():
        if name != "__metadata__":
            first, end = (8 + length + offset for offset in one["data_offsets"])
            read[name] = one["dtype"], one["shape"], data[first:end]
    return length, header.get("__metadata__"), read


def wrapped(tmp_path, data):
    file = tmp_path / "w.safetensors"
    file.write_bytes(data)
    text = content("w.safetensors.data.js", str(file)).decode()
    return base64.b64decode(text.split('"')[1])


def safetensors(header, data):
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + data


def test_weights_travel_in_half_precision(tmp_path):
    header = {
        "__metadata__": {"heads": "2"},
        "b": {"dtype": "I32", "shape": [1], "data_offsets": [12, 16]},
        "a": {"dtype": "F32", "shape": [3, 1], "data_offsets": [0, 12]},
    }
    data = struct.pack("<3fi", 0.1, -3.0, 1e-7, 77)
    length, metadata, read = tensors(wrapped(tmp_path, safetensors(header, data)))
    assert length % 8 == 0
    assert metadata == {"heads": "2"}
    assert read["a"] == ("F16", [3, 1], struct.pack("<3e", 0.1, -3.0, 1e-7))
    assert read["b"] == ("I32", [1], struct.pack("<i", 77))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no file of safetensors"),
        (b"\xff" * 30, "is no file of safetensors"),
        (safetensors([], b""), "is no file of safetensors"),
        (safetensors({"a": 1}, b""), "is no file of safetensors"),
        (
            safetensors(
                {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
                struct.pack("<f", 1e6),
            ),
            "has a weight that is too large for float16",
        ),
    ],
)
def test_what_is_wrong_with_weights_is_told(build_files, data, message):
    page = "# T\n\n> [!FIGURE] a.js w.safetensors\n> Still.\n"
    built = build_files({"index.md": page, "a.js": "", "w.safetensors": data})
    (problem,) = built.problems
    assert problem.path.endswith("w.safetensors")
    assert (problem.rule, problem.message) == ("SRC101", message)
    assert "w.safetensors.data.js" not in built.files
