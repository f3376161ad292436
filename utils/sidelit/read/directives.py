r"""
---
title: Comments for programs
summary: >
  Comments that speak to interpreters, linters, formatters and editors stay code, and so
  do the data that some programs keep in comments.
---

# Comments for programs

Readers gain nothing from such comments, and the programs that read them need them
beside their line.
"""

import re

# Behind a name and a colon, these words speak to a program, whichever it is.
_SWITCH = (
    r"@?[A-Za-z][\w-]*:\s*(?:(?:ignore|disable|enable|skip|suppress|on|off|strict)"
    r"(?:[-_=\[(:,][^\n]*|[ \t]*(?=\n|\Z|\*/|\]\])))"
)
# A fold mark has another one somewhere below.
_FOLD = r"\#?endregion\b|\#?region\b(?=[\s\S]*[#/]\s*endregion\b)|\{\{\{|\}\}\}"
_EDITORS = (
    r"-\*-(?!\*)|(?:vim?|ex|kate):|Local\sVariables:|(?:en)?coding[:=]|c(?:ode)?spell:"
)
_SHARED = rf"{_SWITCH}|{_FOLD}|{_EDITORS}|(?i:SPDX)-[\w-]+:|sidelit:|NOSONAR|nosemgrep"

DIRECTIVE = re.compile(
    rf"""\A\#! | \#!\s*nix-shell | \#[|] | \#(?:end)?region\b
    | \#\s*(?: {_SHARED} | noqa\b | nosec\b | pragma: | fmt: | isort: | ruff: | flake8:
        | pylint: | pyright: | mypy: | yapf: | ty: | pyre- | pytype: | autopep8: | lint:
        | bandit: | doctest:\s*\+ | cython: | distutils: | %%(?!%) | ///\s
        | noinspection\s
        | type:\s*(?: ignore | \(.*-> | [\w.]+(?:\[.*\])?[ \t]*(?:\n|\Z) ) )
    """,
    re.VERBOSE,
)

# What comments in other languages say first when they speak to a program.
_FIRST_WORDS = (
    # JavaScript, TypeScript and CSS
    r"eslint prettier jshint jslint tslint: globals?\s exported\s istanbul\s"
    r" [cv]8\signore @ts- @(?:no)?flow\b @jsx @jest- @vitest- webpack[A-Z]\w*:"
    r" [\#@]__PURE__ biome- oxlint deno- stylelint-"
    # C, C++, Go, Java, Kotlin, Swift and C#
    r" clang-(?:format|tidy)\s NOLINT nolint\b IWYU\spragma cppcheck- [GL]COV_EXCL_"
    r" \+build\s CHECKSTYLE[:.] @formatter: ktlint- noinspection\s"
    r" swift(?:lint|format): swift-tools-version ReSharper\s"
    # Ruby, shell, YAML, Lua and SQL
    r" rubocop: frozen_string_literal: typed:\s\w warn_indent:"
    r" shareable_constant_value: :nocov: shellcheck\s yamllint\s yaml-language-server:"
    r" \$schema ansible- checkov: tfsec: hadolint\s syntax=\w luacheck: selene:"
    r" stylua: @diagnostic\b !strict sqlfluff: noqa\b"
)
OTHER_DIRECTIVE = re.compile(
    rf"""\A\#! | //[#@]\s*source(?:Mapping)?URL= | //(?:go|line|extern): | \#[|]
    | //export\s[A-Z]\w*$ | ///\s*<(?:reference|amd-) | \#!\s*(?:nix-shell|format:)
    | (?:\#+|//+|/\*+!?|--+)\s*(?: {_SHARED} | {_FIRST_WORDS.replace(" ", "|")} )""",
    re.VERBOSE | re.MULTILINE,
)

# Data over several lines: the metadata of a script, and variables for Emacs.
_DATA = re.compile(
    r"""\#[ ]///[ ][\w-]+\n (?: \#(?:[ ].*)?\n )*? \#[ ]///[ \t]*$
    | (?P<sign>[^\w\s]+)[ ]*Local[ ]Variables:.*\n (?: [ \t]*(?P=sign).*\n )*?
        [ \t]*(?P=sign)[ ]*End:.*""",
    re.VERBOSE | re.MULTILINE,
)


def directive_end(text: str, start: int, end: int, directive: re.Pattern[str]) -> int:
    """
    Where a comment for programs that begins at `start` ends: at the `end` of this
    comment, or of a later one. For any other comment, `start`.
    """
    if not directive.match(text, start):
        return start
    data = _DATA.match(text, start)
    return data.end() if data else end


# A comment that says no more than who may use the file is none of a page's.
_LICENCE = re.compile(
    r"""[^\n]* (?: \bcopyright\b | SPDX- | \(c\)\s | © | @licen[sc]e
        | all\srights\sreserved | licen[sc]ed\s(?:under|to) | this\sfile\sis\spart
        | (?-i:Licen[sc]e)\s*$ )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def is_licence(prose: str) -> bool:
    """Whether the first line of a text speaks of rights."""
    return bool(_LICENCE.match(prose.lstrip()))


# The paragraphs of a licence, in the words of those that are in use, and who wrote the
# file, and when.
_RIGHTS = re.compile(
    r"""copyright | licen[sc] | SPDX- | \brights?\b | © | \(c\)\s | permi(?:t|ssion)
        | warrant | liab(?:le|ility) | redistribut | \bas[ -]is\b | endorse | \bL?GPL\b
        | \bGNU\b | patents?\b | public\sdomain | disclaim | proprietary | confidential
        | trademark
        | \A\s*@?(?:authors?|modif|history|date|file\b|created|written\sby)""",
    re.VERBOSE | re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"(?:^[^\S\n]*\S.*(?:\n|\Z))+", re.MULTILINE)
_CLAUSE = re.compile(r"\s*(?:[-*+]|\(?(?:\d+|[a-z])[.)])\s")
_FACT = re.compile(r"\s*[\w@(][\w @()-]{1,24}:")
_WORD = re.compile(r"(?<![\w.@-])[a-z]{2,}(?![\w@-]|\.\w)")


def end_of_licence(prose: str) -> int:
    """Where a text that begins with a licence speaks to readers of something else."""
    paragraphs = list(_PARAGRAPH.finditer(prose))
    rights = [n for n, one in enumerate(paragraphs) if _RIGHTS.search(one[0])]
    for one in paragraphs[rights[-1] + 1 if rights else 0 :]:
        lines = one[0].splitlines()
        is_list = _CLAUSE.match(one[0]) or all(map(_FACT.match, lines))
        if not is_list and len(_WORD.findall(one[0])) > 2:
            return one.start()
    return len(prose)
