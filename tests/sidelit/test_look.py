"""What a project brings to the look of its site."""

import contextlib
import os
import re
import socket

import pytest

from sidelit import files
from sidelit.__main__ import main
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
            "theme/own.css": block("css"),
            "theme/fonts/own-sans.woff2": b"wOF2",
            "downloads/data/a.csv": "1,2",
            "CNAME": "docs.example",
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


def test_style_sheets_of_the_guide(example):
    page = example.files["sub/a.html"].decode()
    sheets = re.findall(r'<link rel="stylesheet" href="(.*?)\?\w+">', page)
    assert sheets == ["../assets/sidelit.css", "../own.css"]
    assert example.files["own.css"].decode() == block("css")
    # What it names is where it looks for it.
    (font,) = re.findall(r"url\((.*?)\)", block("css"))
    assert font in example.files


def test_addresses_in_style_sheets_that_lead_nowhere_are_told(configured):
    sheet = """/* url(no.png) */
@import "more.css";
a { content: "url(text.png)"; background: url( "../img/a.png" ) }
b { background: url(img/a.png), URL('img/a%2Epng?1#2'), url(#c), url(data:,d) }
i { background: url(https://e.example/f.png), url(/g.png), url(img/lost.png) }
u { background: image-set("img/a.png" 1x, "img/b.png" type("image/png"), url("img/a.png") 3x,
  'img/c.png' 4x); content: attr(a) "no.png" counter(a, "no") }
"""
    settings = 'style = ["theme/own.css"]\nstatic = ["img"]'
    files = {"theme/own.css": sheet, "img/a.png": b"", **PAGES}
    told = [
        (one.path, one.line, one.column, one.rule, one.message.partition(" in")[0])
        for one in build(configured(settings, files)).problems
    ]
    assert told == [
        ("theme/own.css", 2, 1, "LNK101", "there is no more.css"),
        ("theme/own.css", 3, 43, "LNK101", "there is no ../img/a.png"),
        ("theme/own.css", 5, 60, "LNK101", "there is no img/lost.png"),
        ("theme/own.css", 6, 43, "LNK101", "there is no img/b.png"),
        ("theme/own.css", 7, 3, "LNK101", "there is no img/c.png"),
    ]


def test_files_of_the_guide(example):
    assert example.files["CNAME"] == b"docs.example"
    assert example.files["downloads/data/a.csv"] == b"1,2"


def test_the_guide_lists_the_properties_of_the_style_sheet():
    style = (ROOT / "utils/sidelit/assets/sidelit.css").read_text("utf-8")
    root = re.search(r"^:root \{$(.*?)^\}", style, re.DOTALL | re.MULTILINE)[1]
    rows = re.findall(r"^\| (`--.*?) \|", GUIDE, re.MULTILINE)
    assert re.findall(r"--[\w-]+", " ".join(rows))
    assert {*re.findall(r"--[\w-]+", " ".join(rows))} == {
        *re.findall(r"^  (--[\w-]+):", root, re.MULTILINE)
    }


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


# ## Style sheets and files
def test_a_changed_style_sheet_has_a_new_address(configured, tmp_path):
    config = configured('style = ["a b#.css"]', {**PAGES, "a b#.css": "a {}"})
    pipeline = Pipeline(Memory())
    first = pipeline.prepare(config).build()
    assert str(tmp_path / "a b#.css") in first.inputs
    (tmp_path / "a b#.css").write_text("b {}")
    second = pipeline.prepare(config).build()
    assert second.files["a b#.css"] == b"b {}"
    addresses = [
        re.search(r'href="(a%20b%23\.css\?\w+)"', one.files["index.html"].decode())[1]
        for one in (first, second)
    ]
    assert addresses[0] != addresses[1]
    assert dict(second.files) == dict(build(config).files)


def test_files_that_come_and_go(configured, tmp_path):
    config = configured('static = ["data"]', {**PAGES, "data/sub/a.txt": "a"})
    pipeline = Pipeline(Memory())
    first = pipeline.prepare(config).build()
    assert {str(tmp_path / "data"), str(tmp_path / "data/sub")} <= {*first.inputs}
    (tmp_path / "data/sub/a.txt").rename(tmp_path / "data/.well-known")
    prepared = pipeline.prepare(config)
    assert prepared.file("data/.well-known") == b"a"
    assert prepared.file("data/sub/a.txt") is None
    second = prepared.build()
    assert second.files["data/.well-known"] == b"a"
    assert "data/sub/a.txt" not in second.files


@pytest.mark.parametrize("forge", ["", 'repository-url = "https://f.example/it"\n'])
def test_a_link_to_a_file_leads_to_its_copy(configured, forge):
    text = "# A\n\n[the data](../../data/a%20b.csv) and ![a](../../data/p.svg)\n"
    files = {
        "src/sub/a.md": text,
        "data/a b.csv": "1",
        "data/p.svg": SVG.format(3),
    }
    built = build(
        configured(f'{forge}static = ["data"]\nbase-url = "https://x.example/y"', files)
    )
    assert built.problems == ()
    link = "../data/a%20b.csv"
    assert f'<a href="{link}">the data</a>' in built.files["sub/a.html"].decode()
    assert f"[the data]({link})" in built.files["sub/a.md"].decode()


def test_an_image_from_above_the_site_is_shown_from_its_copy(configured):
    text = "# A\n\n![a]({0}data/p.svg)\n\n> [!FIGURE] {0}data/f.js\n> It is still.\n"
    files = {
        "data/p.svg": SVG.format(3),
        "data/f.js": "1",
        "other/q.svg": SVG.format(4),
    }
    pages = {
        "src/a.md": text.format("../") + "![q](../other/q.svg)\n",
        "src/sub/b.md": text.format("../../"),
    }
    built = build(configured('static = ["data"]', {**files, **pages}))
    assert built.problems == ()
    copies = {url for url in built.files if url.endswith(("p.svg", "q.svg", "f.js"))}
    assert copies == {"data/p.svg", "data/f.js", "assets/files/other/q.svg"}
    for url, root in (("a", ""), ("sub/b", "../")):
        page = built.files[f"{url}.html"].decode()
        assert f'src="{root}data/p.svg"' in page
        assert f'"{root}data/f.js?' in page
        assert f"]({root}data/p.svg)" in built.files[f"{url}.md"].decode()


def test_a_form_that_leaves_the_site_has_the_address_of_a_copy(configured):
    files = {"src/sub/a.py": '"""See [it](../../d/a.csv)."""\nx = 1\n', "d/a.csv": ""}
    settings = 'static = ["d"]\n'
    lost = build(configured(settings, files)).files["sub/a.ipynb"].decode()
    assert "See it." in lost
    settings += 'base-url = "https://x.example/y"'
    kept = build(configured(settings, files)).files["sub/a.ipynb"].decode()
    assert "[it](https://x.example/y/d/a.csv)" in kept


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "SUB/A.html",
        "sub",
        "index.html/a",
        "llms.txt",
        "assets/sidelit.css",
        "assets/pagefind/a",
        ".sidelit.json/a.png",
        "sub/p.svg",
    ],
)
def test_no_file_lies_over_one_of_ours(configured, path):
    files = {**PAGES, "src/sub/b.md": "![P](p.svg)", "src/sub/p.svg": SVG.format(1)}
    static = f"theme/{path.split('/')[0]}"
    config = configured(f'static = ["{static}"]', {**files, f"theme/{path}": "x"})
    with pytest.raises(SidelitError, match=f"static: {re.escape(path)} would overwr"):
        build(config)


@pytest.mark.parametrize("target", ["../out", "src", "../nosuch"])
def test_no_link_is_followed_out_of_the_project(configured, tmp_path, target):
    config = configured('static = ["data"]', {**PAGES, "data/a": ""})
    (tmp_path.parent / "out").write_text("secret")
    (tmp_path / "data" / "sub").mkdir()
    (tmp_path / "data" / "sub" / "link").symlink_to(
        tmp_path / target, target_is_directory=target == "src"
    )
    with pytest.raises(SidelitError, match="static: data/sub/link leads elsewhere"):
        build(config)


def test_a_style_sheet_lies_over_nothing_of_ours(configured):
    config = configured('style = ["b.css"]', {"b.css": "", "src/b.css/a.md": "# A\n"})
    with pytest.raises(
        SidelitError, match=r"style: b\.css would overwrite a file that"
    ):
        build(config)


def test_what_is_hidden_in_a_folder_is_left_out(configured, tmp_path, monkeypatch):
    files = {**PAGES, "data/a.csv": "1", "data/.nojekyll": "", "data/.b.png": b"\x89"}
    config = configured('static = ["data"]', {**files, "data/.DS_Store": b"\0"})
    built = build(config)
    assert built.problems == ()
    assert built.remarks == ("static: data/.DS_Store is hidden, so it is left out",)
    assert {url for url in built.files if url.startswith("data/")} == {
        *("data/.b.png", "data/.nojekyll", "data/a.csv")
    }
    # An editor locks a file with a link that leads nowhere.
    (tmp_path / "data" / ".#a.csv").symlink_to("somebody@somewhere.1")
    monkeypatch.chdir(tmp_path)
    assert build(config).remarks == (
        "static: 2 files are hidden, so they are left out: data/.#a.csv, …",
    )
    assert main(["build"]) == 0


@pytest.mark.parametrize("name", [".htaccess", "link"])
def test_a_hidden_file_that_is_named_is_refused(configured, tmp_path, name):
    files = {**PAGES, ".htaccess": "Require all denied"}
    config = configured(f'static = ["{name}"]', {**files, name: ""})
    (tmp_path / "link").unlink(missing_ok=True)
    (tmp_path / "link").symlink_to(".htaccess")
    with pytest.raises(SidelitError, match=f"static: {name} is hidden or leads to a h"):
        build(config)


# ## The line at the foot
def foot(page: bytes) -> str:
    return re.search(r'<p class="imprint">(.*)</p>\n', page.decode())[1]


def test_the_footer_of_the_guide(example):
    line = (
        '© 2026 the authors, <a href="https://creativecommons.org/licenses/by/4.0/">'
        "CC BY 4.0</a>"
    )
    for url in ("index.html", "sub/a.html", "sub/index.html"):
        assert foot(example.files[url]) == line


def test_links_of_the_footer_lead_from_each_page_to_the_same_place(configured):
    settings = (
        'footer = "[A](src/sub/a.py#f), [h](#home), [C](data/c.csv), ![P](src/p.svg)"\n'
        'static = ["data"]\nbase-url = "https://x.example/y/"'
    )
    code = '"""A page."""\ndef f():\n    """F."""\n'
    files = {**PAGES, "src/sub/a.py": code, "src/p.svg": SVG.format(3)}
    built = build(configured(settings, {**files, "data/c.csv": ""}))
    assert built.problems == ()
    for url, root in (
        ("index.html", ""),
        ("sub/a.html", "../"),
        ("404.html", "/y/"),
    ):
        assert foot(built.files[url]) == (
            f'<a href="{root}sub/a.html#f">A</a>, <a href="{root}index.html#home">h</a>,'
            f' <a href="{root}data/c.csv">C</a>, '
            f'<img src="{root}src/p.svg" alt="P" width="3" height="10" loading="lazy">'
        )
    assert "src/p.svg" in built.files


def test_what_the_footer_links_to_may_come_and_go(configured, tmp_path):
    config = configured('footer = "See [it](src/b.md)."', PAGES)
    pipeline = Pipeline(Memory())
    (problem,) = pipeline.prepare(config).build().problems
    assert str(problem) == (
        "pyproject.toml:3:20: LNK101 footer: there is no page or file src/b.md"
    )
    (tmp_path / "src/b.md").write_text("# B\n")
    built = pipeline.prepare(config).build()
    assert built.problems == ()
    assert foot(built.files["sub/a.html"]) == 'See <a href="../b.html">it</a>.'
    assert dict(built.files) == dict(build(config).files)


def test_the_footer_leads_to_a_folder_of_the_forge(configured):
    settings = 'footer = "[the code](src) [no](src/no)"'
    forge = 'repository-url = "https://forge.example/us/it"'
    built = build(configured(f"{settings}\n{forge}", PAGES))
    assert foot(built.files["sub/a.html"]).startswith(
        '<a href="https://forge.example/us/it/blob/HEAD/src">the code</a>'
    )
    (problem,) = built.problems
    assert "src/no" in str(problem)


def test_a_footer_of_the_command_line_is_not_in_the_settings(build_files):
    (problem,) = build_files({"a.md": "# A"}, footer="[a](no.md)").problems
    assert str(problem) == "--footer:1:5: LNK101 footer: there is no page or file no.md"


@pytest.mark.parametrize(
    "settings",
    [
        r'footer = "a\u00e9\" [a](HERE)"',
        "'footer'='[a](HERE)'",
        'footer = """\n  so\\\n \n  a [a](HERE) """',
        "footer = QQQ\n [a](HERE)QQQ".replace("Q", "'"),
        # What only looks like the setting.
        '# footer = "[a](no.md)"\nfooter = "[a](HERE)"',
        'site-title = """\nfooter = \'[a](no.md)\'"""\nfooter = "[a](HERE)"',
        'footer = "[a](HERE)"\n[tool.other]\nfooter = "[a](no.md)"',
    ],
)
def test_a_problem_of_the_footer_stands_in_its_text(configured, settings):
    (problem,) = build(configured(settings.replace("HERE", "no.md"), PAGES)).problems
    before = settings.partition("HERE")[0].split("\n")
    place = f"{len(before) + 2}:{len(before[-1]) + 1}"
    assert str(problem) == (
        f"pyproject.toml:{place}: LNK101 footer: there is no page or file no.md"
    )


def test_a_formula_in_the_footer_is_told_where_it_stands(configured):
    (problem,) = build(configured(r"footer = 'a $x \nosuch$ b'", PAGES)).problems
    assert (problem.line, problem.column) == (3, 16)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <script>alert(1)</script>", "a &lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<b onclick=x>a</b> & b", "<b>a</b> &amp; b"),
        ("[a](javascript:alert(1))", "a"),
        ("a <a href='javascript:x'>b</a>", "a <a>b</a>"),
        ("a </p></footer><style>", "a &lt;/p&gt;&lt;/footer&gt;&lt;style&gt;"),
        ("{{ config }} \U0010fffb", "{{ config }} ../"),
    ],
)
def test_a_footer_is_cleaned(configured, text, html):
    built = build(configured(f'footer = """{text}"""', PAGES))
    assert foot(built.files["sub/a.html"]) == html


@pytest.mark.parametrize(
    "text", ["# A", "* a", "> a", "<div>a</div>", "![A](a.svg)", "<p>a<p>b"]
)
def test_a_footer_is_a_line(configured, text):
    config = configured(f"footer = '{text}'", {**PAGES, "a.svg": SVG.format(1)})
    with pytest.raises(SidelitError, match=r"footer: .* is more than a line of text"):
        build(config)


# ## What is refused
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('logo = "no.svg"', r"logo: there is no file no\.svg in "),
        ('favicon = "src"', "favicon: there is no file src in "),
        ('logo = "a.txt"', r"logo: a\.txt is not an image .*; they end in \.svg"),
        ('logo = ["a.svg"]', "logo must be text"),
        ('logo = ""', "logo must be a path"),
        ('favicon = "../out.svg"', r"favicon: .*out\.svg lies outside the project"),
        ('logo = "link.svg"', r"logo: .*link\.svg lies outside the project"),
        ('style = ["no.css"]', r"style: there is no file no\.css in "),
        ('style = ["a.txt"]', r"style: a\.txt is no style sheet; .* in \.css"),
        ('style = "own.css"', "style must be a list of texts"),
        ('footer = "a\\nb"', r"footer must be one line, and 'a\\nb' has a line"),
        ('static = ["no"]', "static: there is no file or folder no in "),
        ('static = [""]', "static must be a path"),
        ('static = ["../out.svg"]', r"static: .*out\.svg lies outside the project"),
        ('static = ["link.svg"]', r"static: .*link\.svg lies outside the project"),
        ('static = ["."]', "static: .* holds the project or is part of the site"),
        ('output = "src/o"\nstatic = ["src"]', "static: .*src holds the project or"),
        ('output = "made"\nstatic = ["made/a"]', "static: .*a holds the project or"),
        ('static = ["a.txt", "src/A.txt"]', r"two files would be a\.txt at the root"),
    ],
)
def test_what_is_not_there_or_of_another_kind(configured, tmp_path, settings, words):
    outside = tmp_path.parent / "out.svg"
    outside.write_text(SVG.format(10))
    (tmp_path / "link.svg").symlink_to(outside)
    with pytest.raises(SidelitError, match=words) as error:
        configured(settings, {**PAGES, "a.txt": "", "src/A.txt": "", "made/a": ""})
    assert "\n" not in str(error.value)
    assert error.value.problem.line == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('sources = ["it"]', "sources: it is a named pipe; name a file or folder"),
        ('static = ["it"]', "static: it is a named pipe; name a file or folder"),
        ('style = ["it.css"]', r"style: it\.css is a socket; name a file"),
        ('templates = "null"', "templates: null is a device; name a folder"),
        ('static = ["a\\u0000"]', "static: .* is no path; leave out the NUL"),
        ('sources = ["a\\u0000"]', "sources: there is no file or folder a"),
    ],
)
def test_what_is_neither_a_file_nor_a_folder_is_named(project, settings, words):
    folder = project({"pyproject.toml": f"[tool.sidelit]\n{settings}\n"})
    os.mkfifo(folder / "it")
    (folder / "null").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as opened, contextlib.chdir(folder):
        opened.bind("it.css")
        with pytest.raises(SidelitError, match=words):
            load({})


def test_what_is_no_file_is_refused(configured, tmp_path):
    config = configured('static = ["data"]', {**PAGES, "data/a.txt": "a"})
    os.mkfifo(tmp_path / "data/pipe")
    with pytest.raises(SidelitError, match="data/pipe is neither a file nor a folder"):
        build(config)


FONT = "@fontsource/source-serif-4"
SHEET = "@font-face { src: url(./files/a-latin-400-normal.woff2) format('woff2'); }"


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        (FONT, "400-italic.css"),
        (FONT, "files/a-latin-400-normal.woff2"),
        ("katex", "dist/fonts/a.woff2"),
    ],
)
def test_half_a_package_is_named_with_its_mend(
    build_files, monkeypatch, tmp_path, name, lacking
):
    monkeypatch.setattr(files, "_HERE", tmp_path / "elsewhere" / "files.py")
    monkeypatch.setenv("NODE_PATH", str(tmp_path / "npm"))
    parts = {
        FONT: {
            **dict.fromkeys(("400.css", "600.css", "400-italic.css"), SHEET),
            "files/a-latin-400-normal.woff2": "",
        },
        "katex": {
            "dist/katex.min.css": "@font-face{src:url(fonts/a.woff2)}",
            "dist/katex.js": "",
            "dist/fonts/a.woff2": "",
        },
    }
    package = tmp_path / "npm" / name
    for part, text in {**parts[name], "package.json": "{}"}.items():
        if part != lacking:
            (package / part).parent.mkdir(parents=True, exist_ok=True)
            (package / part).write_text(text)
    with pytest.raises(SidelitError) as told:
        build_files({"a.md": "# A\n"}, math="katex")
    mend = f"run `npm install {name}` in {tmp_path / 'src'}"
    assert str(told.value) == f"{package / lacking} was not found; {mend}"
    assert not told.value.problem.line
    (package / lacking).parent.mkdir(parents=True, exist_ok=True)
    (package / lacking).write_text("")
    build_files({"a.md": "# A\n"}, math="katex")
