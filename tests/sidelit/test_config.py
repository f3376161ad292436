"""A setting is right or it is named in one sentence."""

import tomllib

import pytest

from sidelit.config import load, load_around
from sidelit.flags import parse
from sidelit.model import Config, SidelitError
from sidelit.settings import SETTINGS


def write(folder, text):
    (folder / "src").mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.sidelit]\n{text}")
    return folder


def test_file(tmp_path, monkeypatch):
    (tmp_path / "theme").mkdir()
    write(
        tmp_path,
        'sources = { src = "", "src/../src" = "again" }\nexclude = ["a*"]\noutput = "o"\n'
        'site-title = "T"\nbase-url = "https://a.b/c"\nrepository-url = "https://f.g/h/"\n'
        'colors = { accent = "#123", text = ["#123456", "#abcdef"] }\ntemplates = "theme"\n',
    )
    monkeypatch.chdir(tmp_path / "src")
    config, searched = load({})
    src = str(tmp_path / "src")
    assert config.root == str(tmp_path)
    assert config.sources == ((src, ""), (src, "again"))
    assert config.exclude == ("a*",)
    assert config.output == str(tmp_path / "o")
    assert config.base_url == "https://a.b/c/"
    assert config.colors == (
        ("accent", ("#123", "#123")),
        ("text", ("#123456", "#abcdef")),
    )
    assert config.templates == str(tmp_path / "theme")
    assert str(tmp_path / "pyproject.toml") in searched


def test_the_sources_around_an_export_are_checked_as_well(tmp_path, monkeypatch):
    (tmp_path / "secret").mkdir()
    (tmp_path / "p").mkdir()
    monkeypatch.chdir(write(tmp_path / "p", 'sources = ["src", "../secret"]\n'))
    for read in (load, lambda flags: load_around("src", flags)):
        with pytest.raises(SidelitError, match="secret lies outside the project"):
            read({})
    # In one checkout, both belong to the project.
    (tmp_path / ".git").mkdir()
    assert len(load_around("src", {}).sources) == 2


def test_flags_win(tmp_path, monkeypatch):
    write(tmp_path, 'sources = ["src"]\noutput = "o"\nsite-title = "T"\n')
    monkeypatch.chdir(tmp_path)
    config, _ = load({"output": "p", "site-title": "U", "colors": ["accent=#111,#222"]})
    assert (config.output, config.site_title) == (str(tmp_path / "p"), "U")
    assert config.colors == (("accent", ("#111", "#222")),)


def test_the_project_is_that_of_the_sources(tmp_path, monkeypatch):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    write(ours, 'site-title = "Ours"\n')
    (theirs / "a.py").write_text("")
    monkeypatch.chdir(ours)
    config, _ = load({"sources": [str(theirs)]})
    assert config.site_title == "theirs"
    assert load({"sources": ["src"]})[0].site_title == "Ours"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ouput = "x"', "there is no setting `ouput`; did you mean `output`?"),
        ("zzz = 1", "there is no setting `zzz`; there are sources, exclude, output"),
        ("output = 3", "output must be text, not 3"),
        ('output = ""', "output must be a path"),
        (r'output = "a\u0000"', r"output: 'a\x00' is no path"),
        (r'record = "\u0000"', r"record: '\x00' is no path"),
        (r'results = ["\u0000"]', r"results: '\x00' must be a path in the project"),
        ('base-url = "https://a b"', "base-url: 'https://a b' is no address; write"),
        (
            r'base-url = "https://a\u0000b"',
            r"base-url: 'https://a\x00b' is no address",
        ),
        ('sources = "src"', "sources must be a list of texts, not 'src'"),
        ("sources = [1]", "sources must be a list of texts, not [1]"),
        ('sources = ["nosuch"]', "there is no file or folder nosuch in"),
        ("sources = { src = 1 }", "sources.src must be text, not 1"),
        ("sources = []", "there are no sources"),
        ('exclude = "a"', "exclude must be a list of texts"),
        ('base-url = "example.org"', "base-url must begin with https:// or http://"),
        ('base-url = "https://[x/"', "base-url: 'https://[x/' is no address: Invalid"),
        (
            'external = { "numpy.*" = "https://[x/{name}" }',
            "external.numpy.*: 'https://[x/{name}' is no address: Invalid",
        ),
        ('colors = "red"', "colors must be a table"),
        ('colors = { accent = "red" }', "colors.accent must be a colour like"),
        ('colors = { accent = ["#111"] }', "colors.accent must be a colour like"),
        (
            'colors = { acent = "#111" }',
            "there is no colour `acent`; did you mean `accent`?",
        ),
        ('templates = "nosuch"', "there is no folder nosuch"),
        ('output = "pyproject.toml"', "is a file; name a folder"),
        ('colab-url = "https://x.y/"', "must be an address with {notebook} in it"),
        ('results = ["/abs/*.json"]', "results: '/abs/*.json' must be a path in the"),
        ('results = [""]', "results: '' must be a path in the project"),
        ('results = ["."]', "results: '.' must be a path in the project"),
        ('results = ["**x/*.json"]', "results: '**x/*.json' has ** beside other"),
    ],
)
def test_wrong_settings(tmp_path, monkeypatch, text, words):
    sources = "" if text.startswith("sources") else 'sources = ["src"]\n'
    write(tmp_path, sources + text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SidelitError) as error:
        load({})
    message = str(error.value)
    assert words in message
    assert "\n" not in message
    assert error.value.problem.line == 0


@pytest.mark.parametrize("text", ["[tool.sidelit", "a = \xff"])
def test_wrong_toml(tmp_path, monkeypatch, text):
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SidelitError, match=r"pyproject\.toml is not TOML"):
        load({})


def test_a_table_that_is_none(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("tool.sidelit = 1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SidelitError, match="must be a table"):
        load({})


def test_the_site_does_not_go_among_the_sources(tmp_path):
    with pytest.raises(SidelitError, match="holds the sources"):
        load({"sources": [str(tmp_path)], "output": str(tmp_path)})


@pytest.mark.parametrize(
    ("sources", "words"), [('[""]', "is empty"), ('{ "." = "../.." }', "is no place")]
)
def test_a_source_has_a_place_in_the_site(tmp_path, monkeypatch, sources, words):
    write(tmp_path, f"sources = {sources}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SidelitError, match=words):
        load({})


@pytest.mark.parametrize(
    ("folder", "place"),
    [(".", ""), ("./", ""), ("./api", "api"), ("a//b/./c", "a/b/c"), (".b", ".b")],
)
def test_a_folder_of_the_site_has_one_name(tmp_path, monkeypatch, folder, place):
    write(tmp_path, f'sources = {{ src = "{folder}" }}\n')
    monkeypatch.chdir(tmp_path)
    assert load({})[0].sources == ((str(tmp_path / "src"), place),)


def test_tables_that_are_none_of_ours(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("tool = 3\n")
    monkeypatch.chdir(tmp_path)
    words = "there are no sources.* `record` takes them as --sources"
    with pytest.raises(SidelitError, match=words):
        load({})


# ## Declared once
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_a_flag_says_the_same_as_the_file(tmp_path, monkeypatch, setting):
    for folder in ("src/mypackage", "notes", "templates", "downloads"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("logo.svg", "icon.svg", "own.css", "CNAME"):
        (tmp_path / file).write_text("")
    monkeypatch.chdir(tmp_path)
    flags = {} if setting.name == "sources" else {"sources": ["notes"]}
    write(tmp_path, f"{setting.name} = {setting.example}\n")
    from_file = getattr(load(flags)[0], setting.field)
    assert from_file not in ("", ())
    if not setting.metavar:
        assert setting.is_table
        return
    value = tomllib.loads(f"x = {setting.example}")["x"]
    if isinstance(value, dict):
        value = [f"{name}={','.join(pair)}" for name, pair in value.items()]
    items = value if isinstance(value, list) else [value]
    words = [word for item in items for word in (f"--{setting.name}", item)]
    # Of these, `record` and `export` need a word, a program or a form.
    command = setting.verbs[-1]
    _, given, _ = parse([command, *words, *["clean"] * (command != "check")])
    write(tmp_path, "")
    assert getattr(load(flags | given)[0], setting.field) == from_file


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_a_setting_that_is_not_set_has_its_default(tmp_path, monkeypatch, setting):
    write(tmp_path, 'sources = ["src"]\n')
    monkeypatch.chdir(tmp_path)
    value = getattr(load({})[0], setting.field)
    special = {
        "sources": ((str(tmp_path / "src"), ""),),
        "site-title": tmp_path.name,
        "output": str(tmp_path / "site"),
        "record": str(tmp_path / "shapes.json"),
        "baseline": str(tmp_path / "sidelit-baseline.json"),
    }
    assert value == special.get(setting.name, setting.default)


def test_settings_do_not_change():
    config = Config("/x", output="/o")
    with pytest.raises(AttributeError, match="use `replace`"):
        config.output = "/p"
    other = config.replace(base_url="https://a.b/")
    assert (config.base_url, other.base_url) == ("", "https://a.b/")
    assert (other.root, other.output) == ("/x", "/o")
    with pytest.raises(TypeError, match="there is no setting ouput"):
        Config("/x", ouput="/o")
