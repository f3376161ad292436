r"""
---
title: Text that was written for Sphinx
summary: >
  Titles, labels, roles and links in docstrings, as the Markdown that says the same on
  the same lines.
---

# Text that was written for Sphinx

A docstring that says `` :class:`Tensor` `` or `.. note::` is meant for Sphinx, and in
Markdown these words mean nothing. So what is certain to be meant for Sphinx becomes
Markdown: here titles and words, then [whole blocks](rest_blocks.py). A role that is not
listed here stays as it was written. Each line stays on its line.
"""

import re


def indent_of(line: str) -> int:
    """How many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


_FENCE = re.compile(r" *(`{3,}|~{3,})")


def fenced(lines: list[str]) -> set[int]:
    """The numbers of the lines that are blocks of code between fences."""
    found, fence = set(), ""
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if not fence and (is_underline(lines, number) or _is_drawn(lines, number)):
            continue
        if fence or match:
            found.add(number)
        if not fence and match:
            fence = match[1]
        elif match and match[1].startswith(fence) and line.strip(" `~") == "":
            fence = ""
    return found


def _is_drawn(lines: list[str], number: int) -> bool:
    """Whether a line is a rule of tildes and begins no code."""
    around = [*lines[max(number - 1, 0) : number], *lines[number + 1 : number + 2]]
    rule = lines[number].strip()
    return len(rule) > 9 and not rule.strip("~") and not any(map(str.strip, around))


# ## Titles
#
# In Sphinx, any sign may underline a title, and stand above it as well.
_RULE = re.compile(r"([-=~^*#+\"])\1{3,} *")
_UNDERLINES = '~^*#+"'


def is_underline(lines: list[str], number: int) -> bool:
    """Whether a line underlines a title with a sign that Markdown does not know."""
    rule, title = lines[number].rstrip(), lines[number - 1].rstrip() if number else ""
    # Three could also begin a block of code, and then something ends it.
    is_short = rule == "~~~" and not any(
        line.lstrip().startswith(rule) for line in lines[number + 1 :]
    )
    return bool(
        title[:1].strip()
        and (is_short or _RULE.fullmatch(rule))
        and rule[0] in _UNDERLINES
        and len(title) <= len(rule) <= len(title) + 3
        and not _RULE.fullmatch(title)
        and (number < 2 or not lines[number - 2].strip())
    )


def titles_as_markdown(lines: list[str], closed: set[int]) -> list[str]:
    """
    The lines of a docstring with headings of Markdown in place of titles that only
    Sphinx knows, and without rules. The lines in `closed` stay as they are.
    """
    out, padded = [*lines], [*lines, "", ""]
    here = 0
    while here < len(lines):
        line = lines[here].rstrip()
        if here not in closed and (line == "~~~" or _RULE.fullmatch(line)):
            before = lines[here - 1].strip() if here else ""
            title, below = (padded[number].rstrip() for number in (here + 1, here + 2))
            if not before and below == line and title and len(title) <= len(line):
                out[here] = out[here + 2] = ""
                level = "# " if line[0] in "=#*" else "## "
                if title[0] == title[-1] == line[0]:
                    # It has sides as well, so it is a box.
                    level, title = "", title.strip(line[0])
                out[here + 1] = f"{level}{title.strip()}"
                here += 2
            elif is_underline(lines, here):
                level = "###" if any(lines[: here - 1]) else "##"
                out[here - 1 : here + 1] = f"{level} {before}", ""
            elif not before and not title:
                out[here] = ""
        here += 1
    return out


# ## Labels
#
# MyST and Sphinx name what follows a label.
_LABEL = re.compile(
    r"[ ]{0,3}(?:\((?P<myst>[\w.-]+)\)="
    r"|\.\. _(?P<tick>`?)(?P<name>[\w.-]+(?:[ ][\w.-]+)*)(?P=tick):)[ ]*"
)


def with_anchors(lines: list[str], closed: set[int]) -> list[str]:
    """
    The lines of a text with anchors in place of labels. Nothing may stand above a title
    that opens the text, so its label goes into the empty line below it.
    """
    out = [*lines]
    is_opening = True
    for number, line in enumerate(lines):
        if number in closed or not line.strip():
            continue
        if not (match := _LABEL.fullmatch(line)):
            is_opening = False
            continue
        name = match["myst"] or match["name"].replace(" ", "-")
        anchor = f'<a id="{name}"></a>'
        place = number
        if is_opening:
            out[number] = ""
            filled = (one for one in range(number + 1, len(out)) if out[one].strip())
            title = next(filled, len(out))
            place = next(
                (one for one in range(title, len(out)) if not out[one].strip()), -1
            )
        if place >= 0:
            out[place] = anchor
    return out


# ## Words
#
# What stands between two back-ticks on either side, or between fences, is code already.
_INLINE = re.compile(
    r"""
    ^[ ]*(?P<fence> `{3,} | ~{3,9} (?! ~ ) ) .* (?: \n.* )*?
        (?: \n[ ]* (?P=fence) | \Z )
  | ``+ [^\n]*? ``+
  | (?<![\w`]) (?: (?P<sphinx> : ) | [{] ) (?:py:)? (?P<role> \w+ )
        (?(sphinx) : | [}] ) ` (?P<text> (?: [^`\n] | \n(?![ ]*\n) )+ ) `
  | (?<![\w`]) ` (?P<link> [^`<>\n]+ ) [ ] < (?P<url> https?://[^<>\s]+ ) > `__?
  | (?<![\w`]) (?P<note> \[ (?: [\w.-]+ | [\#*][\w-]* ) \] ) _ (?!\w)
    """,
    re.VERBOSE | re.MULTILINE,
)
_CODE_ROLES = re.compile(
    "any|attr|class|code|const|data|dfn|envvar|exc|file|func|kbd|keyword|meth|mod|obj"
    "|option|program|samp|type"
)
_TEXT_ROLES = re.compile("abbr|doc|download|numref|ref|term")
_TITLE = re.compile(r"(.+?)\s*<[^<>]+>", re.DOTALL)


def without_roles(text: str) -> str:
    """
    A text with code, formulas and links in place of references and of roles, which MyST
    writes in braces.
    """
    if ":`" in text or "}`" in text or "`_" in text or "]_" in text:
        return _INLINE.sub(_as_inline, text)
    return text


def _as_inline(match: re.Match[str]) -> str:
    if match["note"]:
        return match["note"]
    if match["link"]:
        return f"[{match['link']}]({match['url']})"
    role, text = match["role"] or "", match["text"]
    if role == "math":
        return f"${text}$"
    is_code = _CODE_ROLES.fullmatch(role)
    if not is_code and not _TEXT_ROLES.fullmatch(role):
        return match[0]
    if title := _TITLE.fullmatch(text):
        shown = title[1]
    elif text.startswith("~"):
        shown = text.rpartition(".")[2].lstrip("~")
    else:
        shown = text.removeprefix("!")
    shown = f"`{shown}`" if is_code else shown
    # What is left out may hold a line break, and each line stays on its line.
    return shown + "\n" * (text.count("\n") - shown.count("\n"))


# ### Links
#
# The address of a link may stand elsewhere, as `.. _name: https://…`. Only where it is
# known does a word with a line at its end become a link, since in Python it is a name,
# and never in code.
_REFERENCE = re.compile(
    r"""
    ^[ ]*(?P<fence> `{3,} | ~{3,9} (?! ~ ) ) .* (?: \n.* )*?
        (?: \n[ ]* (?P=fence) | \Z )
  | ^[ ]* >>>[ ] .* (?: \n[ ]*\S.* )*
  | ^[ ]* \.\.[ ] (?! code | sourcecode | ipython ) [\w-]+ ::
  | :: (?: (?: (?<=code::) | (?<=-block::) | (?<=ipython::) ) .* )? [ ]* \n
        (?: [ ]+:.*\n )* (?: [ ]*\n )+ (?P<margin> [ ]+ ) \S.*
        (?: \n(?: [ ]*(?=\n) | (?P=margin).* ) )*
  | ``+ [^\n]*? ``+
  | ^[ ]* \.\.[ ]_ (?P<tick> `? ) (?P<defined> [^`\n:]+ ) (?P=tick) :
        (?: [ ]* \n )? [ ]+ (?P<url> https?://\S+ ) [ ]*$
  | ^(?P<deep> [ ]* ) \.\.[ ]\| (?P<short> [^|\n]+ ) \| [ ]+ replace::
        [ ]* (?P<long> \S.* (?: \n (?P=deep) [ ]+ \S.* )* )
  | (?<![\w`\\|]) \| (?! [ ] ) (?P<use> [^|`\n]+ ) (?<! [ ] ) \|
        (?: (?P<is_link> __? ) (?!\w) | (?![\w|]) )
  | (?<![\w`:]) ` (?P<text> (?: [^`<>\n] | \n(?![ ]*\n) )+ )
        (?: < (?P<of> [^<>`\n]+ )_> )? `_ (?!\w)
  | `[^`\n]+`
  | https?://\S+
  | (?<![\w`.+-]) (?P<word> [^\W_] (?: [\w.+-]* [^\W_] )? )_ (?![\w`])
    """,
    re.VERBOSE | re.MULTILINE,
)


def with_links(text: str) -> str:
    """
    A text with links in place of the references to addresses that it defines, and with
    the words of its substitutions in place of their names.
    """
    if ".. _" not in text and ".. |" not in text:
        return text
    found = [*_REFERENCE.finditer(text)]
    addresses = {_folded(one["defined"]): one["url"] for one in found if one["url"]}
    named = {_folded(_name_of(one)) for one in found}
    words = {
        one["short"]: " ".join(one["long"].split()) for one in found if one["short"]
    }
    used = {one["use"] for one in found}

    def made(match: re.Match[str]) -> str:
        if match["short"]:
            # So would words that nothing stands for.
            return "\n" * match[0].count("\n") if match["short"] in used else match[0]
        if (name := match["use"]) and name not in words:
            return match[0]
        if name:
            url = addresses.get(_folded(name)) if match["is_link"] else None
            return f"[{words[name]}]({url})" if url else words[name]
        if match["url"]:
            # One that nothing leads to would be lost.
            is_used = _folded(match["defined"]) in named
            return "\n" * match[0].count("\n") if is_used else match[0]
        text = match["word"] or match["text"] or ""
        url = addresses.get(_folded(_name_of(match)))
        return f"[{text.rstrip(' ')}]({url})" if url else match[0]

    return _REFERENCE.sub(made, text) if addresses or words else text


def _name_of(reference: re.Match[str]) -> str:
    name = reference["of"] or reference["text"] or reference["word"]
    return name or (reference["use"] if reference["is_link"] else "") or ""


def _folded(name: str) -> str:
    """A name as Sphinx compares it."""
    return " ".join(name.lower().split())
