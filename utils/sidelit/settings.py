r"""
---
title: Settings
summary: >
  What a project can set, each setting declared once: its name, type, default, flag,
  help and example.
---

# Settings

Every setting has one name, in the table `[tool.sidelit]` of `pyproject.toml` and as a
flag, and a flag wins. A setting is a field of `Config`, and the field says everything
about it. The flags, the help, the example in the readme and
[the checks](config.py) follow from it. To add a setting, add a field here, then use it
where it is needed.

`sidelit --help` reads this module too, so it imports nothing that takes time to load:
`dataclasses` and `typing` alone would double the start.
"""

from __future__ import annotations

# Type checkers take this name for true, as they do that of `typing`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal

    Kind = Literal[
        "address",
        "colors",
        "external",
        "files",
        "folder",
        "inventories",
        "language",
        "languages",
        "line",
        "macros",
        "math",
        "notebook address",
        "path",
        "patterns",
        "per-file-ignores",
        "image",
        "private",
        "rules",
        "sources",
        "styles",
        "text",
        "texts",
    ]

# The kinds of values that are tables.
_TABLES = {
    *("colors", "external", "inventories", "languages", "macros", "per-file-ignores")
}
# Those that are lists.
_LISTS = {*("files", "patterns", "rules", "sources", "styles", "texts")}
MATH = ("katex", "mathml")
PRIVATE = ("show", "fold", "hide")
COLORS = ("accent", "background", "code-background", "text")


def alternatives(choices: Sequence[str]) -> str:
    """Some choices as messages and the help have them: `a, b or c`."""
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


# ## A setting
#
class Setting:
    """
    * `kind` says how a value is [checked](config.py).
    * `summary` is the line of the help, and of the readme unless `note` stands there.
    * `example` is a value as TOML.
    * `metavar` stands for the value in the help; without one there is no flag.
    * `verbs` are the commands that have the flag.
    * `choices` are the values that there are, if these are few.
    """

    # The name as a field of `Config`, and as everybody else writes it.
    field = ""
    name = ""

    def __init__(
        self,
        kind: Kind,
        default: Any,
        summary: str,
        *,
        example: str,
        metavar: str = "",
        short: str = "",
        note: str = "",
        verbs: str = "build serve check export",
        choices: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.default = default
        self.summary = summary
        self.example = example
        self.metavar = metavar
        self.short = short
        self.note = note or summary
        self.verbs = verbs.split()
        self.choices = choices

    def __set_name__(self, owner: type, name: str) -> None:
        self.field = name
        self.name = name.replace("_", "-")

    @property
    def is_table(self) -> bool:
        return self.kind in _TABLES

    @property
    def is_list(self) -> bool:
        return self.kind in _LISTS


# The class knows its fields as settings, and an instance has their values. So mypy is
# told nothing of the former.
setting: Any = Setting


# ## All settings
#
class Config:
    """
    The settings of a project, checked. `root` is the folder of the project: paths in
    the sources are relative to it.

    The default of a path is relative to `root` as well.
    """

    root: str

    # ### What is shown
    #
    # Each path in `sources` is paired with the folder of the site that its pages go to.
    sources: tuple[tuple[str, str], ...] = setting(
        "sources",
        (),
        "files and folders to show",
        example='["src/mypackage", "notes"]',
        note='or a table: path = "folder in the site"',
        metavar="PATH",
        verbs="record",
    )
    exclude: tuple[str, ...] = setting(
        "texts",
        (),
        "paths that get no page",
        example='["*_pb2.py"]',
        metavar="PATTERN",
        verbs="build serve check export record",
    )

    # ### The site
    output: str = setting(
        "path",
        "site",
        "folder that the site is written to",
        example='"site"',
        metavar="FOLDER",
        short="o",
        verbs="build serve check",
    )
    site_title: str = setting(
        "text",
        "",
        "name of the site",
        example='"My package, annotated"',
        metavar="TEXT",
    )
    base_url: str = setting(
        "address",
        "",
        "where the site will be published",
        example='"https://me.github.io/mypackage/"',
        metavar="URL",
    )
    repository_url: str = setting(
        "address",
        "",
        "repository of the sources",
        example='"https://github.com/me/mypackage"',
        metavar="URL",
    )
    language: str = setting(
        "language",
        "en",
        "language of the prose",
        example='"de"',
        metavar="TAG",
    )
    # A colour has a value for the light theme and one for the dark.
    colors: tuple[tuple[str, tuple[str, str]], ...] = setting(
        "colors",
        (),
        alternatives(COLORS),
        example='{ accent = ["#8a3324", "#f0a58f"] }',
        note="light, dark",
        metavar="NAME=LIGHT[,DARK]",
    )
    logo: str = setting(
        "image",
        "",
        "image beside the name of the site",
        example='"logo.svg"',
        metavar="FILE",
    )
    favicon: str = setting(
        "image",
        "",
        "icon in the browser tab",
        example='"icon.svg"',
        metavar="FILE",
    )
    style: tuple[str, ...] = setting(
        "styles",
        (),
        "style sheets of your own",
        example='["own.css"]',
        metavar="FILE",
    )
    static: tuple[str, ...] = setting(
        "files",
        (),
        "files and folders copied to the root of the site",
        example='["CNAME", "downloads"]',
        metavar="PATH",
        verbs="build serve check",
    )
    footer: str = setting(
        "line",
        "",
        "line of Markdown below each page",
        example='"[MIT](license) · made with care"',
        metavar="TEXT",
    )
    templates: str = setting(
        "folder",
        "",
        "templates that come before those of sidelit",
        example='"templates"',
        metavar="FOLDER",
    )

    private: str = setting(
        "private",
        PRIVATE[0],
        f"{alternatives(PRIVATE)} private definitions",
        example='"fold"',
        metavar="HOW",
        choices=PRIVATE,
    )

    # ### Formulas
    math: str = setting(
        "math",
        "",
        f"{alternatives(MATH)} (default: {MATH[0]} where it is installed)",
        example='"katex"',
        note='what sets formulas; "mathml" needs no Node',
        metavar="FORM",
        choices=MATH,
    )
    # Whole tables, which belong in the file and have no flags.
    macros: tuple[tuple[str, str], ...] = setting(
        "macros",
        (),
        "commands of your own in formulas",
        example=r'{ "\\R" = "\\mathbb{R}", "\\norm" = "\\lVert #1 \\rVert" }',
    )
    single_dollars: tuple[tuple[str, bool], ...] = setting(
        "languages",
        (),
        "languages in whose prose $x$ is a formula, or is not",
        example="{ javascript = true, python = false }",
    )

    # ### What prose is held to
    record: str = setting(
        "path",
        "shapes.json",
        "what `sidelit record` has seen",
        example='"shapes.json"',
        metavar="FILE",
        verbs="build serve check export record",
    )
    results: tuple[str, ...] = setting(
        "patterns",
        (),
        "files with numbers that prose may quote",
        example='["results/*.json"]',
        metavar="PATTERN",
    )
    names: tuple[str, ...] = setting(
        "texts",
        (),
        "known names that no source defines",
        example='["numpy"]',
        metavar="NAME",
    )

    # ### Which rules apply
    select: tuple[str, ...] = setting(
        "rules",
        (),
        "rules to check, such as NAM101, NAM or ALL",
        example='["ALL"]',
        metavar="RULE",
        verbs="check",
    )
    ignore: tuple[str, ...] = setting(
        "rules",
        (),
        "rules not to check; the longer name wins",
        example='["FRM107"]',
        metavar="RULE",
        verbs="check",
    )
    # A table, which belongs in the file.
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = setting(
        "per-file-ignores",
        (),
        "rules not to check in some files",
        example='{ "tests/*" = ["FRM"] }',
    )
    baseline: str = setting(
        "path",
        "sidelit-baseline.json",
        "known findings",
        example='"sidelit-baseline.json"',
        metavar="FILE",
        verbs="check",
    )

    # ### Notebooks
    install: str = setting(
        "text",
        "",
        "what pip installs before a notebook runs",
        example='"mypackage"',
        metavar="PACKAGE",
    )
    colab_url: str = setting(
        "notebook address",
        "",
        "address that opens {notebook} in the browser",
        example='"https://colab.research.google.com/github/me/site/blob/main/{notebook}"',
        metavar="URL",
    )

    # ### Names of other projects
    #
    # Whole tables of addresses: they belong in the file, and have no flags.
    external: tuple[tuple[str, str], ...] = setting(
        "external",
        (),
        "pages that explain names of other projects",
        example='{ "numpy.*" = '
        '"https://numpy.org/doc/stable/reference/generated/{name}.html" }',
    )
    inventories: tuple[tuple[str, str], ...] = setting(
        "inventories",
        (),
        "`objects.inv` of other sites",
        example='{ "https://docs.python.org/3/" = "python.inv" }',
    )

    # ### Values
    def __init__(self, root: str, **values: Any) -> None:
        defaults = {one.field: one.default for one in SETTINGS}
        if unknown := values.keys() - defaults:
            raise TypeError(f"there is no setting {', '.join(sorted(unknown))}")
        vars(self).update(defaults, root=root, **values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: settings do not change; use `replace`")

    def replace(self, **changes: Any) -> Config:
        """The same settings but for these."""
        return Config(**{**vars(self), **changes})


SETTINGS = [one for one in vars(Config).values() if isinstance(one, Setting)]


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that was meant, as the end of a message; empty if none is near."""
    import difflib

    close = difflib.get_close_matches(name, names, 1)
    return f"; did you mean `{close[0]}`?" if close else ""
