r"""
---
title: Commands of Doxygen
summary: >
  Formulas, blocks of code, diagrams, references and single words with a look of their
  own, as the Markdown that says the same on the same lines.
---

# Commands of Doxygen

A command of Doxygen begins with `\` or `@` and may stand anywhere: `\f$x\f$` is a
formula, `\c x` one word of code, and `\code` begins a block. What is code or a formula
of Markdown already, holds none. The tags that list arguments and results [are read with
those of other tools](tagged.py).
"""

import re

# The languages that are documented with it.
OF_DOXYGEN = frozenset({"c", "cpp", "java"})
_COMMAND = re.compile(
    r"""
    ^[ ]*(?P<fence> `{3,} | ~{3,} ) .* (?: \n.* )*? (?: \n[ ]* (?P=fence) .* | \Z )
  | ``+ [^\n]*? ``+ | `[^`\n]+` | \$\$ [^$]+ \$\$
  | (?<![\w\\])\$ (?!\s) [^$\n]+ (?<!\s)\$
  | ^(?P<margin> [ ]* ) [\\@](?P<block> code | verbatim )
        (?: \{ \.?(?P<kind> [^}\n]* ) \} )? [ ]* \n
        (?P<body> (?: (?! [ ]* [\\@](?:end)?(?:code|verbatim)\b ) .* \n )* )
        [ ]* [\\@]end(?P=block) [ ]* $
  | ^(?P<edge> [ ]* ) [\\@](?: (?P<dot> dot | msc ) | (?P<uml> startuml ) ) \b .* \n
        (?P<drawn>
            (?: (?! [ ]* [\\@](?: start | end )? (?: dot | msc | uml ) \b ) .* \n )* )
        [ ]* [\\@]end (?: (?(uml) uml | (?P=dot) ) ) [ ]* $
  | ^(?P<auto> [ ]* ) -\# (?= [ ] )
  | ^(?P<group> [ ]{0,3} [\\@][{}] [ ]* $ )
  | (?<![\w\\@{]) [\\@](?P<inline> code | verbatim ) (?: \{ [^}\n]* \} )? [ ]+
        (?P<code> (?![ ]) [^\n`\\@]+ (?<![ ]) ) [ ]* [\\@]end(?P=inline) \b
  | [\\@]f (?: (?P<in_text> \$ | \( ) | \[ | \{ (?P<environment> \w+\*? ) \} \{? )
        (?P<formula> (?: [^\\@\n] | [\\@](?!f[][(){}$]) | \n(?![ ]*\n) )+ )
        [\\@]f (?: (?(in_text) [$)] | (?(environment) \} | \] ) ) )
  | (?<![\w\\@{`]) [\\@](?: ref | subpage ) [ ]+
        (?P<ref> [\w:~\#.-]*\w (?: \( [^()\n]* \) )? )
        (?: [ ]+ "(?P<title> [^"`\n]+ )" )?
  | (?<![\w\\@{`]) [\\@]link [ ]+ (?P<link> [^\s`]+ ) [ ]+
        (?P<said> (?![ ]) [^\n`\\@]+ (?<![ ]) ) [ ]* [\\@]endlink \b
  | (?<![\w\\@{`+*?.:)\]}"']) [\\@](?P<look> [cp]
        | (?: (?P<escape> [aeb] ) | em )
          (?! [ ]+ (?: \( | (?:and|are|as|at|by|for|in|is|nor|of|on|or|to|with)\b ) ) )
        [ ]+ (?P<word> "[^"`\n]+" | [\w~*&<([:][^\s`$]* )
    """,
    re.VERBOSE | re.MULTILINE,
)


def without_commands(prose: str, language: str) -> str:
    """
    The prose of a comment with Markdown in place of the commands of Doxygen that are
    no fields, each line in its place.
    """
    of_escapes = _ESCAPE.search(prose)

    def made(match: re.Match[str]) -> str:
        if match["block"]:
            kind = match["kind"] or ("" if match["block"] == "verbatim" else language)
            fence = "```"
            while fence in match["body"]:
                fence += "`"
            kind = kind.removeprefix("unparsed")
            body = match["body"]
            return f"{match['margin']}{fence}{kind}\n{body}{match['margin']}{fence}"
        if kind := match["dot"] or match["uml"]:
            drawing = "plantuml" if match["uml"] else kind
            return f"{match['edge']}```{drawing}\n{match['drawn']}{match['edge']}```"
        if match["auto"] is not None:
            return f"{match['auto']}1."
        if match["group"]:
            return ""
        if match["inline"]:
            return f"`{match['code']}`"
        if match["formula"]:
            return _as_formula(match)
        if name := match["ref"] or match["link"]:
            text = match["title"] or match["said"]
            return f"{text} (`{name}`)" if text and text != name else f"`{name}`"
        if match["escape"] and of_escapes:
            return match[0]
        return _as_looks(match["look"], match["word"]) if match["look"] else match[0]

    return _COMMAND.sub(made, prose)


# Some escapes of strings are no commands, and stand where others do.
_ESCAPE = re.compile(r"(?<![\w\\`'\"])\\(?:[0rtv](?!\w)|x[0-9a-fA-F]{2})")


def _as_formula(match: re.Match[str]) -> str:
    formula = match["formula"]
    if name := match["environment"]:
        return f"\\begin{{{name}}}{formula}\\end{{{name}}}"
    return f"${formula.strip(' ')}$" if match["in_text"] else f"$${formula}$$"


def _as_looks(look: str, written: str) -> str:
    """One word as code or with emphasis, and the marks behind it."""
    word = written.rstrip(".,;:!?")
    if word.endswith(")") and word.count(")") > word.count("("):
        word = word[:-1].rstrip(".,;:!?")
    sign = {"c": "`", "p": "`", "b": "**"}.get(look, "*")
    if not _PLAIN.fullmatch(word):
        sign = "`"
    return (
        f"{sign}{word}{sign}{written[len(word) :]}" if word else f"\\{look} {written}"
    )


# In other words, Markdown might read signs.
_PLAIN = re.compile(r"[^\W_](?:[\w:.-]*[^\W_])?")
