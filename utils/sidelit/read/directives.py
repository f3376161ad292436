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

A comment speaks to a program if it begins with

* the name of a tool and, behind a colon or a hyphen, a switch such as `ignore`,
  `disable` or `off`: `phpcs:disable`, `prettier-ignore`, `fmt: off`. Behind a hyphen,
  nothing may follow but names of rules, since "auto-disable it" is said to people;
* one of the words of tools that say it in another way, below;
* a fold mark, or what only editors read;
* the ends of code that one more sign turns into a comment: `---[[` and `--]]`;
* the number of a cell, as scripts have it that nbconvert has written: `In[3]:`.

These are the same in all languages: a repository has one set of tools for many.
"""

import re

# Behind a name and a colon, these words speak to a program, whichever it is.
_SWITCH = (
    r"@?[A-Za-z][\w-]*:\s*(?:(?:ignore|disable|enable|skip|suppress|on|off|strict)"
    r"(?:[-_=\[(:,][^\n]*|[ \t]*(?=\n|\Z|\*/|\]\])))"
    # Nobody else leaves out the space.
    r"|@?[A-Za-z][\w.-]*:(?:ignore|disable|enable|skip|suppress|allow)\b"
    r"|(?!auto-|re-)@?[A-Za-z][\w.]*(?:-[a-z]+)*-(?:ignore|disable|enable|suppress)"
    r"(?:-[a-z]+)*(?=[:=(\[]|[ \t]*(?:\n|\Z|\*/|--)|[ \t]+[@\w.]*[-/\d])"
)
# A fold mark has another one somewhere below.
_FOLD = (
    r"\#?endregion\b|\#?region\b(?=[\s\S]*[#/-]\s*endregion\b)|\{\{\{|\}\}\}"
    r"|</?editor-fold\b"
)
# What other documents take a piece of the file by.
_PIECE = (
    r"-+8<-+(?=\s)|\[(?:START|END)\s[\w-]+\][ \t]*(?=\n|\Z|\*/)"
    r"|(?:tag|end)::[\w.-]+\[\]|ANCHOR(?:_END)?:\s*[\w-]+[ \t]*(?=\n|\Z|\*/)"
)
_EDITORS = (
    r"-\*-(?!\*)|(?:vim?|ex|kate):|Local\sVariables:|(?:en)?coding[:=]"
    r"|(?i:c(?:ode)?spell|spell-?checker):"
)
# What other comments for programs say first.
_FIRST_WORDS = (
    # All languages
    r"(?i:SPDX)-[\w-]+: sidelit: sonar[.-]\w NOSONAR nosemgrep gitleaks:"
    r" (?i:noqa)\b \#?nosec\b renovate:\s\w+= codeql\["
    r" pragma:?\s(?:no|allowlist|whitelist) @?noinspection\s lint:"
    # What queues the jobs of a cluster
    r" (?:SBATCH|PBS|BSUB|COBALT|OAR)\s+--?\w"
    # Python
    r" (?:ruff|fmt|isort|flake8|pylint|pyright|mypy|yapf|autopep8|bandit|cython"
    r"|distutils|ty): sourcery\sskip pyre- pytype: PYTHON_ARGCOMPLETE_OK\b"
    # JavaScript, TypeScript and CSS
    r" (?:eslint|oxlint|stylelint|biome|deno|dprint)- prettier(?:-|\s*\*/) eslint\s\S+:"
    r" (?:jshint|jslint|tslint): jshint\s jslint\s istanbul\signore"
    r" (?:[cv]8|node:coverage)\s(?:ignore|enable|disable) @ts- @(?:no)?flow\b"
    r" [@$]FlowFixMe @jsx @jest- @vitest- @vite- webpack[A-Z]\w*:"
    r" [\#@]__(?:PURE|NO_SIDE_EFFECTS)__"
    # C, C++, Go, Java, Kotlin, Swift, C#, PHP and Rust
    r" clang-(?:format|tidy)\s NOLINT nolint\b IWYU\spragma cppcheck- \*INDENT-O"
    r" (?:LCOV|GR?COVR?)_EXCL_ go:[a-z]+\s \+build\s CHECKSTYLE[:.] @formatter:"
    r" ktlint- NOPMD\b swift(?:lint|format): swift-tools-version rustfmt:: phpcs:"
    r" @(?:phpcs|phpstan|psalm|phan)\b @codeCoverageIgnore @codingStandards"
    # Ruby, shell, YAML, Lua, SQL and Markdown
    r" rubocop: frozen_string_literal: warn_indent: shareable_constant_value: :nocov:"
    r" (?:shellcheck|hadolint)\s(?:global\s)?\w+= yamllint\s(?:dis|en)able"
    r" ansible- checkov: tfsec: luacheck: selene: stylua:"
    r" @diagnostic\b sqlfluff: yaml-language-server: markdownlint-"
)
_SHARED = "|".join([_SWITCH, _FOLD, _PIECE, _EDITORS, *_FIRST_WORDS.split(" ")])

DIRECTIVE = re.compile(
    rf"""\A\#! | \#!\s*nix-shell | \#[|] | \#(?:end)?region\b
    | \#\s*(?: {_SHARED} | pragma: | doctest:\s*\+ | %%(?!%) | ///\s
        | In\[[\d\ ]*\]:[ \t]*$
        | type:\s*(?: ignore | \(.*-> | [\w.]+(?:\[.*\])?[ \t]*(?:\n|\Z) ) )
    """,
    re.VERBOSE | re.MULTILINE,
)
# Words that speak to people in Python.
_OTHER_WORDS = r"typed:\s\w|\$schema|syntax=\w|ReSharper\s"
# What RDoc leaves out; a role of Sphinx goes on.
_OTHER_WORDS += r"|:(?:(?:no|start|stop|end)?doc|notnew):(?:[ \t]+all)?[ \t]*$"
# What Doxygen groups members by, if no words stand behind it.
_GROUP = r"(?:\#+|//+[!<]*|--+)\s*[@\\][{}][ \t]*$"
_GROUP += r"|/\*(?>[\s*!]*)[@\\][{}](?>[\s*]*)(?<=\*)/"
_NAMES = r"[\w$]+(?:\s*:\s*\w+)?"
# What RDoc leaves out as well, if it has an end.
_HIDDEN = r"\#--[ \t]*\n(?:[ \t]*\#(?!--[ \t]*$).*\n)*?[ \t]*\#\+\+[ \t]*$"
OTHER_DIRECTIVE = re.compile(
    rf"""\A\#! | (?://|/\*)[#@]\s*source(?:Mapping)?URL= | \#[|]
    | \#\$\s+-\w | \A\#(?:compdef|autoload)\b | (?={_HIDDEN})
    | \#:(?:schema|tombi)\s | --!(?:strict|nonstrict|nocheck|native|optimize)\b
    | //export\s[A-Z]\w*$ | ///\s*<(?:reference|amd-) | \#!\s*(?:nix-shell|format:)
    | (?://[/!]|/\*[*!])<(?=\s|\*/|$)
    | (?: ---\[=*\[ | --[ ]?\]=*\](?:--)? | //\*/? )[ \t]*$
    | /\*\s*(?:globals?|exported)\s+{_NAMES}(?:\s*,\s*{_NAMES})*\s*\*/
    | {_GROUP} | (?:\#+|//+|/\*+!?|--+)\s*(?: {_SHARED} | {_OTHER_WORDS} )""",
    re.VERBOSE | re.MULTILINE,
)
# In Go, a directive has no space behind its slashes and a colon in its first word. The
# markers of Kubernetes begin with a plus.
GO_DIRECTIVE = re.compile(
    rf"""{OTHER_DIRECTIVE.pattern}
    | //(?: [a-z0-9]+:[a-z0-9] | line[ ] | extern[ ] )
    | //[ ]?\+[a-z](?: [\w./-]{{3,}} | [\w./-]*[:=]\S.* )$""",
    re.VERBOSE | re.MULTILINE,
)

# Data over several lines: what RDoc leaves out, the metadata of a script, and variables
# for Emacs.
_DATA = re.compile(
    rf"""{_HIDDEN} | \#[ ]///[ ][\w-]+\n (?: \#(?:[ ].*)?\n )*? \#[ ]///[ \t]*$
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
