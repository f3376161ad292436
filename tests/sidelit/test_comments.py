"""What of a comment is prose: no drawing, nothing for programs, no code, no licence."""

import textwrap

import pytest

from sidelit.read.drawings import is_drawing, without_drawings
from tests.conftest import code_of
from tests.sidelit.test_split import assert_every_line_once, prose_of


def words_of(document):
    """The lines of the prose that are not empty."""
    return [
        line
        for section in document.sections
        for line in section.prose.split("\n")
        if line.strip()
    ]


# ## Drawn rules and boxes
@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# ========\n# Load\n# ========", ["Load"]),
        ("# -----\n# Load\n#   it\n# -----", ["Load", "  it"]),
        ("#######\n# Load\n#######", ["Load"]),
        ("########\n# Load #\n########", ["Load"]),
        ("# ~~~~~~\n# Load\n# ~~~~~~", ["Load"]),
        ("# Load\n# ++++++", ["Load"]),
        ("# ---\n# Load\n# ---", ["Load"]),
        ("# Load\n# ------------------------------", ["Load"]),
        ("# Load it\n# and go\n# ======", ["Load it", "and go"]),
        ("# -=-=-=-=-\n# Load\n# -=-=-=-=-", ["Load"]),
        ("# * * * * *\n# Load", ["Load"]),
        ("# ═══════\n# Load", ["Load"]),
        ("# ╔══════╗\n# ║ Load ║\n# ╚══════╝", ["Load"]),
        ("# +------+\n# | Load |\n# |   it |\n# +------+", ["Load", "it"]),
        ("# --- Load ---", ["Load"]),
        ("# ~~~ Load ~~~\n# it", ["Load", "it"]),
        ("# ~~~~ Load ~~~~", ["Load"]),
        ("#### Load it ####", ["Load it"]),
        ("# ===== Load", ["Load"]),
        ("# Load ------", ["Load"]),
        ("# -----[ Load ]-----", ["Load"]),
        ("#------\n#-- Load\n#------", ["Load"]),
        ("#-------\n#      Load\n#-------", ["Load"]),
        ("# ........\n# Load\n# ........", ["Load"]),
        ("# ::::::::\n# Load\n# ::::::::", ["Load"]),
        ("#%%%%%%%\n# Load\n#%%%%%%%", ["Load"]),
        ("# -*-*-*-*-\n# Load\n# -*-*-*-*-", ["Load"]),
        ("# .------.\n# | Load |\n# '------'", ["Load"]),
        ("# --- Load it", ["Load it"]),
        ("# Load it ---", ["Load it"]),
        ("# ==== Load ==== #", ["Load"]),
        ("#------\n#--- Load ---#\n#------", ["Load"]),
        ("# . . . . . .\n# Load\n# . . . . . .", ["Load"]),
        ("# ······\n# Load\n# ••••••", ["Load"]),
        ("# ..... Load .....", ["Load"]),
        ("# :::: Load ::::", ["Load"]),
        ("# @@@@@@\n# Load\n# @@@@@@", ["Load"]),
        ("# ::::::::\n# :: Load ::\n# ::::::::", ["Load"]),
        ("# !!!!!!!!\n# ! Load !\n# ! it   !\n# !!!!!!!!", ["Load", "it"]),
        ("# ========\n# Load !\n# ========", ["Load !"]),
        ("# %% ---- Load ----", ["## Load"]),
        ("# [--- Load it ---]", ["Load it"]),
        ("# (--- Load ---)", ["Load"]),
        ("# {=== Load ===}", ["Load"]),
        ("# <---- Load ---->", ["Load"]),
        ("# |---- Load ----|", ["Load"]),
        ("# ┌─ Load ─┐", ["Load"]),
        ("# ╔══ Load ══╗", ["Load"]),
        ("# ├── Load it ──", ["Load it"]),
        ("# ----------Load it", ["Load it"]),
        ("# Load----------", ["Load"]),
        ("# ────────Load", ["Load"]),
        ("# ~~~~~Load", ["Load"]),
    ],
)
def test_drawings_go_and_words_stay(split_text, comment, words):
    document = split_text(f"import os\n\n{comment}\nx = 1\n")
    assert words_of(document) == words
    assert code_of(document) == "import os\n\nx = 1"
    assert_every_line_once(document)


@pytest.mark.parametrize(
    "prose",
    [
        "Load\n====",
        "Load\n---",
        "a\n\n---\n\nb",
        "* **a** is\n* b",
        "| a | b |\n|---|---|\n| c | d |",
        "```\n======\n-- a --\n```",
        "### Load",
        "the option --verbose and __init__",
        "a --> b, <>---<>",
        "--- a -->",
        "=== compares types",
        "what is meant ---\nand what is said",
        "```\na = b ---- #\n```",
        "from a -- or b -- to c",
        "and so on ....",
        "|  |  |\n|---|---|\n| a | b |",
        "x--------y",
        "a <-- b --> c",
        "---- > x",
        "==== > x ====",
        "so\n---- * x",
        "~~~~ - x ~~~~",
        "[1, ---, 2]",
        "--verbose",
    ],
)
def test_what_markdown_knows_is_no_drawing(split_text, prose):
    comment = "\n".join(f"# {line}".rstrip() for line in prose.split("\n"))
    document = split_text(f"import os\n\n{comment}\nx = 1\n")
    assert prose_of(document) == [prose]


@pytest.mark.parametrize(
    "block",
    [
        "/*******\n * Load *\n *******/",
        "/*******\n  Load\n *******/",
        "/*===========\n= Load      =\n===========*/",
        "/*------*\\\n | Load |\n\\*------*/",
        "/* ---- Load ---- */",
        "/****** Load ******/",
        "//////////////\n// Load     //\n//////////////",
        "/**************/\n/* Load       */\n/**************/",
    ],
)
def test_boxes_of_c(split_text, block):
    document = split_text(f"int a;\n\n{block}\nint b;\n", "a.c", "c")
    assert [word.strip() for word in words_of(document)] == ["Load"]
    assert_every_line_once(document)


def test_nobody_draws_lines_that_no_screen_shows():
    """In these, looking for words would take the square of the time."""
    for line in ("-" * 400 + " x", "x " + "- " * 300 + "x ---", "x" + " " * 400 + "|"):
        assert without_drawings([line, line], [line, line]) == [line, line]
        assert not is_drawing([line, line])


@pytest.mark.parametrize(
    "line",
    [
        "-----[ Load ]-----",
        "--------[[ Load ]]------",
        "----Load----",
        "-- Load --",
        "--=== Load ===--",
        "--[[--\nLoad\n]]",
        "--[==[-- Load\n--]==]",
    ],
)
def test_rules_of_lua(split_text, line):
    assert words_of(split_text(f"a\n\n{line}\nb\n", "a.lua", "lua")) == ["Load"]


def test_a_drawn_table_is_shown_as_it_is(split_text):
    table = "+---+---+\n| a | b |\n+---+---+"
    comment = "\n".join(f"# {line}" for line in table.split("\n"))
    document = split_text(f"import os\n\n{comment}\nx = 1\n")
    (prose,) = (section.prose for section in document.sections if section.prose)
    assert prose == "\n".join(f"    {line}" for line in table.split("\n"))


@pytest.mark.parametrize(
    "drawing",
    [
        "bar\n├── gin\n└── rum",
        "┌───┐   ┌───┐\n│ a │ → │ b │\n└───┘   └───┘",
        "gin ---- rum\n    |\n   ice",
    ],
)
def test_trees_and_diagrams_are_shown_as_they_are(split_text, drawing):
    comment = "\n".join(f"# {line}" for line in drawing.split("\n"))
    document = split_text(f"import os\n\n{comment}\nx = 1\n")
    (prose,) = (section.prose for section in document.sections if section.prose)
    assert prose == "\n".join(f"    {line}" for line in drawing.split("\n"))


def test_code_that_markdown_knows_stands_no_deeper(split_text):
    text = "// F is so:\n//\n//\tx := f(1)\n//\ty := 2\nfunc f() {}\n"
    (section,) = split_text(text, "a.go", "go").sections
    assert section.prose == "F is so:\n\n    x := f(1)\n    y := 2"


def test_options_of_a_command_stand_below_each_other(build_files):
    options = (
        "  -i, --ice N    the cold one\n  -r             more\n                 of it"
    )
    text = f"x=1\nMix two drinks with these:\n{options}\n\nor -i -r"
    code = textwrap.indent(text, "# ", lambda line: line != "x=1\n") + "\nf\n"
    page = build_files({"a.sh": code}).files["a.sh.html"].decode()
    assert f'these:</p>\n<pre class="block"><code>{options}</code></pre>' in page
    assert "<p>or -i -r</p>" in page


def test_what_rdoc_reads_is_no_prose(split_text):
    text = "# Mix.\n#\n# :call-seq:\n#   mix(a)\n#   mix(b)\nx\n\n# :nodoc: all\ny\n\n#:stopdoc:\nz\n"
    sections = split_text(text, "a.rb", "ruby").sections
    assert [one.prose for one in sections] == ["Mix.\n\n\n    mix(a)\n    mix(b)"]
    text = (
        "x\n\n# Mix.\n#--\n# Or stir?\n#++\n# It is cold.\ny\n\n#--\n# Stir.\n#--\nz\n"
    )
    hidden = split_text(text, "a.rb", "ruby")
    assert prose_of(hidden) == ["Mix.", "It is cold.", "Stir."]
    assert "#--\n# Or stir?\n#++" in code_of(hidden)
    (section,) = split_text("# :doc:`a` and\nx\n", "a.rb", "ruby").sections
    assert section.prose == ":doc:`a` and"


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (
            'def f():\n\t"""\n\t* a\n\t\t* b\tc\n\n\t\td\n\t"""\n',
            "* a\n    * b     c\n\n    d",
        ),
        ("# a\n#\n#\tx = 1\n#\n# * b\n#\t* c\n", "a\n\n    x = 1\n\n* b\n    * c"),
        # Spaces stand for tabs here, as they may in Python.
        ('def f():\n\t"""\n\ta\n        b\n\t\tc\n\t"""\n', "a\nb\n        c"),
    ],
)
def test_a_tab_in_front_is_as_wide_as_in_markdown(split_text, text, prose):
    assert split_text(text).sections[-1].prose.strip("\n") == prose


def test_the_sign_of_helm_is_no_prose(split_text):
    text = "# -- (int) Copies of it\n# -- or none\na: 1\n# --all of it\nb: 2\n"
    document = split_text(text, "s.yaml", "yaml")
    assert prose_of(document) == ["(int) Copies of it\n-- or none", "--all of it"]
    assert_every_line_once(document)


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("// MARK: - Helpers", ["## Helpers"]),
        ("//MARK: Helpers", ["## Helpers"]),
        ("/* MARK: - Helpers - */", ["## Helpers"]),
        ("// MARK: - Helpers\n// They help.", ["## Helpers", "They help."]),
        ("// MARK: -", []),
        ("// We say MARK: - x", ["We say MARK: - x"]),
    ],
)
@pytest.mark.parametrize("name", ["a.swift", "a.h"])
def test_marks_of_xcode_are_headings(split_text, comment, words, name):
    language = "swift" if name == "a.swift" else "c"
    document = split_text(f"int a;\n{comment}\nint b;\n", name, language)
    assert [line.strip() for line in words_of(document)] == words
    code = code_of(document)
    assert "int b;" in code
    assert ("MARK" in code) == (not words)


def test_headings_of_ruby(split_text):
    text = "# = A bar\n#\n# Words.\n#\n# == Hours == never\nx\n"
    document = split_text(text, "a.rb", "ruby")
    assert document.title == "A bar"
    assert prose_of(document) == ["# A bar\n\nWords.\n\n## Hours == never"]


def test_front_matter_in_a_comment_is_no_box(split_text):
    document = split_text(
        "// ---\n// title: A\n// ---\n// b\nx;\n", "a.js", "javascript"
    )
    assert (document.title, document.summary) == ("A", "b")


# ## Code in comments
@pytest.mark.parametrize(
    "code",
    [
        "x = f(1)",
        "print(x)",
        "import os",
        "for i in x:\n    f(i)",
        "if x:\n    f(x)\n\ny += 1",
        "x: int = 1",
        "a, b = c",
        "return x * 2",
        "raise E(1)",
        "with f() as x:",
    ],
)
def test_code_in_a_comment_stays_code(split_text, code):
    comment = "\n".join(f"# {line}".rstrip() for line in code.split("\n"))
    document = split_text(f"import os\n\n{comment}\nx = 1\n")
    is_half = code.startswith("with")
    assert prose_of(document) == ([code] if is_half else [])
    if not is_half:
        assert code_of(document) == f"import os\n\n{comment}\nx = 1"


@pytest.mark.parametrize(
    "prose",
    ["note: this", "return early", "pass", "global state", "x", "a == b", "the sum(x)"],
)
def test_words_that_are_python_stay_prose(split_text, prose):
    assert prose_of(split_text(f"import os\n# {prose}\nx = 1\n")) == [prose]


def test_code_beside_words_becomes_a_block(split_text):
    document = split_text("import os\n# Then:\n#\n# x = f(1)\n# g(x)\ny = 1\n")
    assert prose_of(document) == ["Then:\n\n    x = f(1)\n    g(x)"]


@pytest.mark.parametrize(
    ("language", "comment", "is_code"),
    [
        ("javascript", "// const a = b(1);\n// a.c();", True),
        ("javascript", "// if (a) {\n//   b()\n// }", True),
        ("javascript", "// what comes first; then the rest", False),
        ("javascript", "/** f(x); */", False),
        ("c", "/* int a = 1; */", True),
        ("c", "// a (or b)", False),
        ("go", "// x := f(y)", True),
        ("javascript", "// if (a) {\n//   a + b\n// }", True),
        (
            "javascript",
            "// for (;;) {\n//   if (a) {\n//     b + c\n//   }\n// }",
            True,
        ),
        ("javascript", "// if (a) {\n// a + b\n// }", False),
        ("javascript", "// The body of (a) {\n//   is run once", False),
        ("bash", "# A=$B", True),
        ("bash", "# for i in 1 2; do\n#   echo $i\n# done", True),
        (
            "lua",
            "-- for k, v in pairs(t) do\n--   n = n .. v\n--   k + v\n-- end",
            True,
        ),
        ("bash", "# if you need it\n#   ask for it", False),
        ("bash", "# if you need it", False),
        ("ruby", "# def f(x)\n#   x.map(1)\n# end", True),
        ("yaml", "# replicas: 3\n# image:\n#   - a", True),
        ("yaml", "# note: this", False),
        ("yaml", "# What to build: all of it", False),
        ("sql", "-- DELETE FROM a WHERE b = 'c';", True),
    ],
)
def test_code_in_comments_of_other_languages(split_text, language, comment, is_code):
    document = split_text(f"a\n{comment}\nb\n", "s", language)
    assert (code_of(document) == f"a\n{comment}\nb") is is_code


# ## For programs
@pytest.mark.parametrize(
    ("language", "comment"),
    [
        ("python", "# /// script\n# dependencies = [\n#     'a<3',\n# ]\n# ///"),
        ("python", "# region All of it\nx = 1\n# endregion"),
        ("python", "#| echo: false"),
        ("python", "# bandit: skip"),
        ("python", "# In[ ]:"),
        ("python", "# In[12]:\n\n\nx = 1"),
        ("python", "# ty: ignore[a]"),
        ("python", "# spdx-license-identifier: MIT"),
        ("python", "# Local Variables:\n# mode: python\n# End:"),
        ("javascript", "// @ts-check"),
        ("javascript", "//# sourceMappingURL=a.js.map"),
        ("css", "/*# sourceMappingURL=a.css.map */"),
        ("css", "/*@ sourceURL=a.css */"),
        ("javascript", "/* globals a, b */"),
        ("javascript", "// #region A\nx;\n// #endregion"),
        ("typescript", '/// <reference types="a" />'),
        ("bash", "# shellcheck disable=SC2034"),
        ("ruby", "# frozen_string_literal: true"),
        ("go", "//export Name"),
        ("yaml", "# yaml-language-server: $schema=a.json"),
        ("toml", "#:schema ./bar.json"),
        ("toml", "#:tombi lint.disabled = true"),
        ("go", "//line bar.y:7"),
        ("go", "//bar:brew -hot"),
        ("go", "// +bar:drink:hot=true"),
        ("go", "// +optional"),
        ("go", "// #nosec G404 -- no secret"),
        ("bash", "#SBATCH --gres=gpu:1"),
        ("bash", "##PBS -N brew"),
        ("bash", "#$ -cwd"),
        ("bash", "#compdef brew"),
        ("python", "#SBATCH -n 1"),
        ("python", "# NOQA"),
        ("lua", "--!nonstrict"),
        ("lua", "--!strict"),
        ("rust", "// ANCHOR: brew\nfn a() {}\n// ANCHOR_END: brew"),
        ("javascript", "/* #__NO_SIDE_EFFECTS__ */"),
        ("yaml", "# renovate: datasource=docker"),
        ("c", "// codeql[cpp/brew]"),
        ("swift", "// swift-tools-version: 6.0"),
        ("python", "# PYTHON_ARGCOMPLETE_OK"),
        ("python", '# <editor-fold desc="All">\nx = 1\n# </editor-fold>'),
        ("python", "# clang-format off"),
        ("python", "# pragma no cover"),
        ("python", "# cSpell:words ab cd"),
        ("python", "# spell-checker: disable"),
        ("python", "# shellcheck disable=SC2034"),
        ("c", "/* NOLINTBEGIN(a-b) */"),
        ("c", "/* *INDENT-OFF* */"),
        ("c", "// GCOVR_EXCL_START"),
        ("go", "//nolint:errcheck // why"),
        ("rust", "// rustfmt::skip"),
        ("php", "// phpcs:disable Generic.Files"),
        ("php", "// @codeCoverageIgnoreStart"),
        ("php", "// @phpstan-ignore-next-line"),
        ("javascript", "/* node:coverage ignore next */"),
        ("javascript", "// dprint-ignore"),
        ("javascript", "// $FlowFixMe[a]"),
        ("yaml", "# hadolint global ignore=DL3008"),
        ("bash", "# gitleaks:allow"),
        ("bash", "# nosec B101"),
        ("lua", "-- luacheck: globals a"),
        ("lua", "---[[\nb = 2\n--]]"),
        ("lua", "---[==[\nb = 2\n-- ]==]--"),
        ("c", "//*\nb = 2;\n//*/"),
        ("lua", "--region Load\nb = 2\n--endregion"),
        ("python", "# sourcery skip: all"),
        ("python", "# --8<-- [start:brew]\nx = 1\n# --8<-- [end:brew]"),
        ("go", "// [START brew_tea]\nx := 1\n// [END brew_tea]"),
        ("css", "/* [START brew] */"),
        ("java", "// tag::brew[]\nint x;\n// end::brew[]"),
        ("sql", "-- --8<-- [start:brew]"),
        ("c", "/// @{\nint a;\n//! @}"),
        ("c", "/** @{ */\nint a;\n/**\n * @}\n */"),
    ],
)
def test_comments_for_programs_stay_code(split_text, language, comment):
    document = split_text(f"{comment}\ny\n", "s.py", language)
    assert not any(section.prose for section in document.sections)
    assert code_of(document) == f"{comment}\ny"


@pytest.mark.parametrize(
    "words",
    [
        "[START here] and go on.",
        "tag::a is a path.",
        "sourcery is an art.",
        "SBATCH asks for a node.",
        "PBS - what queues the jobs - is old.",
        "OAR -- it is one of them.",
        "ANCHOR: the ship lies there.",
        "renovate: it is old.",
    ],
)
def test_words_like_those_for_programs_are_prose(split_text, words):
    assert prose_of(split_text(f"x\n# {words}\ny\n", "s.py")) == [words]


@pytest.mark.parametrize(
    ("language", "comment", "prose"),
    [
        ("go", "// +optional words", "+optional words"),
        ("go", "// bar:brew", "bar:brew"),
        ("go", "// All is\n// +inf", "All is\n+inf"),
        ("go", "// +bar: a third", "+bar: a third"),
        ("c", "// !strict && hot", "!strict && hot"),
        ("lua", "-- !native is slow.", "!native is slow."),
        ("ruby", "# :schema names it.", ":schema names it."),
        ("ruby", "#autoload the rest.", "autoload the rest."),
        ("bash", "#$ - what it costs.", "$ - what it costs."),
    ],
)
def test_words_that_programs_read_elsewhere_are_prose(
    split_text, language, comment, prose
):
    document = split_text(f"x\n\n{comment}\ny\n", "s", language)
    assert prose_of(document) == [prose]


@pytest.mark.parametrize("begin", ["///<", "//!<", "/**<", "/*!<"])
def test_what_follows_a_member_stays_beside_it(split_text, begin):
    end = " */" if "*" in begin else ""
    code = f"int a; {begin} The width{end}\n       {begin} in pixels{end}\nint b;"
    document = split_text(f"// Sizes\n{code}\n", "s.h", "c")
    assert prose_of(document) == ["Sizes"]
    assert code_of(document) == code


def test_a_tag_in_a_comment_follows_no_member(split_text):
    document = split_text("///<b>Wide</b> ones\nint a;\n", "s.h", "c")
    assert prose_of(document) == ["<b>Wide</b> ones"]


@pytest.mark.parametrize(
    "prose",
    [
        "region of interest",
        "warning: ignore what follows",
        "typed words",
        "auto-disable",
        "git-ignore what tests write",
        "global state of the module",
        "shellcheck finds that",
        "an-ignore is not needed here",
        "In[3]: the third",
    ],
)
def test_words_for_people_stay_prose(split_text, prose):
    assert prose_of(split_text(f"import os\n# {prose}\nx = 1\n")) == [prose]


def test_a_line_for_the_shell_is_the_first_one(split_text):
    assert prose_of(split_text("import os\n#!important\nx = 1\n")) == ["!important"]


# ## The head of a file
@pytest.mark.parametrize(
    ("language", "head"),
    [
        ("python", "#!/usr/bin/env python\n# /// script\n# ///\n"),
        ("python", "# Copyright 2020 Somebody\n\n"),
        ("python", "# ======\n# coding: utf-8\n# ======\n\n"),
        ("bash", "#!/bin/sh\n######\n# vim: ft=sh\n######\n\n"),
        ("python", "# MIT License\n# Permission is granted\n\n"),
        ("javascript", "// @ts-check\n'use strict';\n\n"),
        (
            "c",
            "/* Copyright (c) 2020 Somebody\n * All rights reserved. */\n#pragma once\n",
        ),
        ("ruby", "# encoding: utf-8\n# frozen_string_literal: true\n\n"),
        ("rust", "// SPDX-License-Identifier: MIT\n\n"),
        ("yaml", "---\n"),
        ("yaml", "# yamllint disable\n%YAML 1.2\n---\n\n"),
    ],
)
def test_the_title_stands_behind_what_is_no_prose(split_text, language, head):
    sign = "#" if language in ("python", "ruby", "bash", "yaml") else "//"
    document = split_text(
        f"{head}{sign} # The title\n{sign}\n{sign} Words.\nx\n", "s", language
    )
    assert (document.title, document.summary) == ("The title", "Words.")
    assert code_of(document) == f"{head}x"
    assert_every_line_once(document)


@pytest.mark.parametrize(
    ("language", "head"),
    [
        ("python", '"""Words."""\n\n'),
        ("python", "# Words.\n\n"),
        ("javascript", "// Words.\n\n"),
    ],
)
def test_a_licence_behind_the_head_is_no_prose(split_text, language, head):
    sign = "#" if language == "python" else "//"
    licence = f"{sign} Copyright 2020 Somebody\n{sign} All rights reserved.\n"
    document = split_text(f"{head}{licence}x\n", "s", language)
    assert prose_of(document) == ["Words."]
    assert_every_line_once(document)


def test_a_comment_below_a_charset_is_the_head(split_text):
    document = split_text('@charset "utf-8";\n/* # A bar */\na {}\n', "a.css", "css")
    assert document.title == "A bar"


def test_a_file_may_be_one_comment(split_text):
    assert split_text("# # A bar\n").title == "A bar"


def test_a_title_in_the_comment_of_a_licence(split_text):
    text = "/*\n * Copyright 2020 Somebody\n *\n * # The title\n */\nx;\n"
    document = split_text(text, "a.c", "c")
    assert document.title == "The title"
    assert prose_of(document) == ["# The title"]
    assert_every_line_once(document)


APACHE = (
    "Copyright 2020 Somebody\n\nLicensed under the Apache License, Version 2.0.\n"
    "You may obtain a copy of it.\n\n1. You must not\n   do so and so\n\n"
)


@pytest.mark.parametrize(
    ("behind", "prose"),
    [
        ("Runs what is there.\n\nTwice.", ["Runs what is there.\n\nTwice."]),
        ("- in many places\n\nRuns what is there.", ["Runs what is there."]),
        ("Author: A. Body, who wrote this\nFile: is the name of it", []),
        ("Runs it for you.\n\nWithout any warranty of mine.", []),
        ("A. Body, B. Body", []),
    ],
)
@pytest.mark.parametrize(
    ("language", "sign"), [("bash", "#"), ("c", "//"), ("python", "#")]
)
def test_what_stands_behind_a_licence_is_prose(
    split_text, language, sign, behind, prose
):
    lines = (APACHE + behind).split("\n")
    text = "".join(f"{sign} {line}".rstrip() + "\n" for line in lines)
    document = split_text(f"{text}x\n", "s", language)
    assert prose_of(document) == prose
    assert_every_line_once(document)


@pytest.mark.parametrize("number", ["1984.", "(or 1.5, or\n# 12)"])
def test_a_number_at_the_end_of_a_sentence_is_no_item(build_files, number):
    text = f"#\n# 1. One\n# 2. Two is what was written in\n# {number}\nx = 1\n"
    page = build_files({"a.py": text}).files["a.html"].decode()
    assert f"{number.replace('# ', '')}</li>" in page


def test_words_in_a_group_of_doxygen_stay_prose(split_text):
    document = split_text("/** @{\n * Stir it.\n */\nint a;\n", "s.c", "c")
    assert prose_of(document) == ["Stir it."]
