r"""
---
title: From Markdown to HTML
summary: >
  mistune reads the Markdown, after every formula has been lifted out of it and before
  the formulas, set by KaTeX, are put back.
---

# From Markdown to HTML

Markdown and LaTeX claim the same characters. Underscores and asterisks are emphasis or
indices, `|` parts the cells of a table or stands for a norm, a line that begins with
`-` is a list or the next line of an equation. A plugin that looks for `$` *while*
Markdown is being read has to win these conflicts one by one. So the formulas are taken
out before: each leaves a mark that no rule of Markdown reacts to, and where the marks
stand in the HTML, the formulas go in again.

The same way, raw HTML is let through by mistune and cleaned by nh3 in the context of
the whole section, so that an unclosed tag cannot swallow the rest of the page.
"""

import re
import struct
from collections.abc import Callable, MutableMapping
from functools import cached_property
from html import escape, unescape
from typing import Any, NamedTuple
from urllib.parse import quote

import mistune
from mistune.core import BlockState, InlineState
from mistune.plugins.def_list import def_list
from mistune.plugins.footnotes import footnotes
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table, table_in_list, table_in_quote
from mistune.plugins.task_lists import task_lists
from mistune.plugins.url import url as bare_links

from ..model import Document, Problem, Reference, Section, Site, unique
from ..names.links import Links
from ..read.highlight import coloured_block
from ..read.markdown import place
from ..site import is_inside, link_target, local_file, relative, slug
from .equations import REFERENCE, anchor, numbered, numbers
from .numbers import NUMBER, NumberError, Numbers
from .symbols import pairs
from .tex import EngineError, FormulaError, Formulas

# ## Finding formulas
#
# The expression also knows what a dollar sign does *not* mean: code, and an escaped
# sign. A formula opens with a sign that no letter or space touches on the wrong side,
# so "$5 and $6" are two prices; behind it may stand "th" or "s" but no word or number.
# Around backticks, dollar signs are a formula as well, as on GitHub.
FORMULA = re.compile(
    rf"(?P<number> {NUMBER} ) | (?P<reference> {REFERENCE} ) |"
    r"""
    (?P<code>
        ^[ \t>]* (?: (?: [-*+] | \d+[.)] ) [ \t]+ )* (?P<fence> `{3,} | ~{3,} ) .*
            (?: \n.* )*? (?: \n [ \t>]* (?P=fence) [`~]* [ \t]* $ | \Z )
      | (?P<ticks> `+ ) (?!`) (?: (?! \n[ \t]*\n ) [\s\S] )*? (?<!`) (?P=ticks) (?!`)
      | `+ )
  | (?P<environment> \\begin\{ (?P<name> (?: equation | align (?:at)? | gather ) \*?
        | aligned | gathered | split | cases | array | CD | [pbBvV]?matrix ) \}
        [\s\S]+? \\end\{ (?P=name) \} )
  | \\ [\s\S]
  | \$\$ (?P<display> (?: (?! \n[ \t>]*\n ) (?: \\[\s\S] | [^\\$] | \$(?!\$) ) )+ ) \$\$
  | (?<! [\w$] ) \$` (?P<quoted> [^`\n]+ ) `\$
  | (?<! [\w$] ) \$ (?! [\s$'"&,;.)] )
        (?P<inline> (?: \\[\s\S] | [^\\$\n`] | \n (?! [ \t>]*\n ) )+? ) (?<! [\s"] )
    \$ (?! \d | \w{3} )
    """,
    re.VERBOSE | re.MULTILINE,
)
_KINDS = {
    "number": "number",
    "reference": "reference",
    "environment": "display",
    "display": "display",
}
_GROUPS = (*_KINDS, "quoted", "inline")
_QUOTE_SIGN = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)

# The marks are characters that Unicode will never give a meaning.
_OPEN, _CLOSE = "\U0010fffc", "\U0010fffd"
_MARK = re.compile(rf"{_OPEN}(\d+){_CLOSE}|{quote(_OPEN)}(\d+){quote(_CLOSE)}")
_MARK_OR_TAG = re.compile(
    rf"""{_OPEN}(\d+){_CLOSE} | <[a-zA-Z] (?: [^"<>]++ | "[^"]*+" )*+ >""", re.VERBOSE
)


class _Math(NamedTuple):
    """The variables of symbols and the numbers of labels."""

    symbols: dict[str, str]
    equations: dict[str, str]


class Prose:
    """
    ## One renderer for a build

    Renders sections one after the other. What happens on the way and is not HTML
    gathers in its attributes:

    * `problems`: the formulas that KaTeX rejected, the numbers that no result has;
    * `pictures`: the files that pages show, as URL and path, to be copied into the
      site;
    * `references`: what the prose links to and shows;
    * `unset`: how many formulas are shown as LaTeX because there is no engine, and
      `engine_missing` says why.
    """

    def __init__(
        self,
        site: Site,
        formulas: Formulas,
        numbers: Numbers,
        links: Links | None = None,
    ) -> None:
        self.site = site
        self.formulas = formulas
        self.numbers = numbers
        self.links = links
        self.problems: list[Problem] = []
        self.pictures: dict[str, str] = {}
        self.references: list[Reference] = []
        self.unset = 0
        self.engine_missing = ""
        self._math: tuple[Document | None, _Math] = (None, _Math({}, {}))
        self._renderer = _Renderer(self)
        self._markdown = mistune.Markdown(
            self._renderer, inline=_Inline(), plugins=_PLUGINS
        )

    def html(
        self, document: Document, section: Section, anchor: str, taken: set[str]
    ) -> tuple[str, list[tuple[int, str, str]]]:
        """
        The prose of a section as HTML, and its headings as level, identifier and HTML.
        `taken` holds the identifiers that are in use on the page and takes up new ones.
        """
        if not section.prose.strip():
            return "", []
        quotes = "{{" in section.prose or "ref{" in section.prose
        if not quotes and _INERT_PARAGRAPHS.fullmatch(section.prose):
            return _paragraphs(section.prose), []
        page = self._renderer.page = _Page(document, section, anchor, taken)
        text = section.prose.replace(_OPEN, "").replace(_CLOSE, "")
        if quotes or "$" in text or "\\begin{" in text:
            text = FORMULA.sub(lambda match: self._lift(page, match), text)
        html = self._markdown(text)
        assert isinstance(html, str)
        if page.has_raw_html:
            html = _clean(html, page, self)
        headings = page.headings
        if page.formulas:
            html = self._put_back(page, html)
            headings = [
                (level, id_, self._put_back(page, text))
                for level, id_, text in headings
            ]
        return html, headings

    def _of(self, document: Document) -> "_Math":
        """What the formulas of a page have in common."""
        if self._math[0] is not document:
            prose = [section.prose for section in document.sections]
            # A page's own symbols come before those of the site.
            found = _Math(self.shared_symbols | pairs(prose), numbers(prose))
            self._math = document, found
        return self._math[1]

    def _reference(self, page: "_Page", source: str, offset: int) -> str:
        label = source[source.index("{") + 1 : -1]
        number = self._of(page.document).equations.get(label)
        if number is None:
            message = f"there is no \\label{{{label}}} on this page"
            self._report(_locate(page, offset, "TEX102", message))
            return f'<code class="tex">{escape(source, quote=False)}</code>'
        text = f"({number})" if source.startswith("\\eqref") else number
        return f'<a href="#{anchor(label)}">{escape(text)}</a>'

    @cached_property
    def shared_symbols(self) -> dict[str, str]:
        """The symbols in tables, which are the vocabulary of the site."""
        return pairs(
            "\n".join(line for line in section.prose.split("\n") if line[:1] == "|")
            for document in self.site.documents.values()
            for section in document.sections
            if "|" in section.prose
        )

    def inline(self, text: str) -> str:
        """A line of Markdown, such as a caption, as HTML without a paragraph."""
        tokens = self._markdown.inline(text, {"ref_links": {}})
        return self._renderer.render_tokens(tokens, BlockState())

    def picture(self, document: Document, link: str) -> tuple[str, str]:
        """
        The `src` of a picture on the page of a document, and attributes with its size
        if that is known, so that the text does not jump when the picture arrives. A
        file that is not part of the output yet will be copied there.
        """
        if (found := local_file(self.site, document, link)) is None:
            return link, ""
        url, path = found
        if not is_inside(path, self.site.config.output):
            self.pictures[url] = path
        return relative(url, document.source.url), _size(path)

    def _lift(self, page: "_Page", match: re.Match[str]) -> str:
        for group in _GROUPS:
            if (formula := match[group]) is not None:
                break
        else:
            return match[0]
        # In a quotation, the lines of a formula carry the sign of the quotation.
        line_start = match.string.rfind("\n", 0, match.start()) + 1
        if "\n" in formula and _QUOTE_SIGN.match(match.string, line_start):
            formula = _QUOTE_SIGN.sub("", formula)
        kind = _KINDS.get(group, "inline")
        # A formula that is nothing but a reference is that reference.
        if re.fullmatch(REFERENCE, formula.strip()):
            formula, kind = formula.strip(), "reference"
        page.formulas.append((match[0], formula, kind, match.start(group)))
        return f"{_OPEN}{len(page.formulas) - 1}{_CLOSE}"

    def _put_back(self, page: "_Page", html: str) -> str:
        def put_back(match: re.Match[str]) -> str:
            # No formula can be set in an attribute; it stands there as it was written.
            if match[1] is None:
                return page.source_of(match[0], escape)
            return self._formula(page, int(match[1]))

        return _MARK_OR_TAG.sub(put_back, html)

    def _report(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _formula(self, page: "_Page", index: int) -> str:
        source, formula, kind, offset = page.formulas[index]
        try:
            if kind == "number":
                return escape(self.numbers.text(formula), quote=False)
            if kind == "reference":
                return self._reference(page, formula, offset)
            formula, labels = numbered(formula, self._of(page.document).equations)
            symbols = self._of(page.document).symbols
            html = self.formulas.html(formula, kind == "display", symbols)
            for label in labels:
                page.ids.add(anchor(label))
                html = f'<span id="{anchor(label)}"></span>{html}'
            return html
        except NumberError as error:
            self._report(_locate(page, offset, "NUM101", str(error)))
        except EngineError as missing:
            self.unset += 1
            self.engine_missing = str(missing)
        except FormulaError as error:
            problem = _locate(
                page, offset + error.position, "TEX101", f"{error} in `{source}`"
            )
            self._report(problem)
        return f'<code class="tex">{escape(source, quote=False)}</code>'


# ## Text without mark-up
#
# Most comments are a sentence or two in which a parser has nothing to find. This says
# what text is certain to mean itself, and the tests hold the shortcuts that it allows
# to what mistune would have made of them.
_INERT = r"""(?: [^\\`*_\[\]<>&~$\n\t:!]++ | (?<!\w)__[a-zA-Z]\w*__(?!\w) | _(?=\w)
    | :(?!//) | <(?=[\s=]) | [>~!](?!~) | \](?![(\[]) | \[(?!\^)
    | (?<=\s)\*{1,2}(?=[\w\s]) )++ (?<! \ )"""
_INERT_LINES = re.compile(rf"{_INERT} (?: \n {_INERT} )*+", re.VERBOSE)
_INERT_PARAGRAPHS = re.compile(
    rf"""\n*+ (?: [ ]{{0,3}}+ (?! [-+=:|>#~\s\[] | \*(?!\w) | \d{{1,9}}[.)] (?: \s|$ ) )
        {_INERT} (?: \n++ | \Z ) )*+""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"^ +", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n\n+")


def _paragraphs(text: str) -> str:
    text = _LINE_START.sub("", escape(text.strip("\n ")).replace("&#x27;", "'"))
    return "<p>" + _PARAGRAPH_END.sub("</p>\n<p>", text) + "</p>\n"


class _Inline(mistune.InlineParser):
    """mistune's parser for what stands in a paragraph, spared what has no mark-up."""

    def __call__(self, s: str, env: MutableMapping[str, Any]) -> list[dict[str, Any]]:
        # A definition elsewhere can turn any bracket into a link.
        if not env["ref_links"] and _INERT_LINES.fullmatch(s):
            return [{"type": "text", "raw": _LINE_START.sub("", s)}]
        return super().__call__(s, env)


# A name such as `__init__` would be bold in Markdown. Here it is a name.
def _dunder(markdown: mistune.Markdown) -> None:
    def parse(inline: Any, match: re.Match[str], state: InlineState) -> int:
        inline.process_text(match[0], state, parse_emphasis=False)
        return match.end()

    pattern = r"(?<!\w)__[a-zA-Z]\w*__(?!\w)"
    markdown.inline.register(
        "dunder", pattern, parse, before="emphasis", start_chars="_"
    )


def _locate(page: "_Page", offset: int, rule: str, message: str) -> Problem:
    """The problem at a place in the prose, traced back to the file."""
    line, column = place(page.document, page.section, offset)
    message = " ".join(message.split())
    return Problem(page.document.source.path, line, column, rule, message)


class _Page:
    """What the renderer has to know of the section that it is working on."""

    def __init__(
        self, document: Document, section: Section, anchor: str, taken: set[str]
    ) -> None:
        self.document = document
        self.section = section
        self.anchor = anchor
        self.taken = taken
        self.formulas: list[tuple[str, str, str, int]] = []
        self.headings: list[tuple[int, str, str]] = []
        self.ids: set[str] = set()
        self.captions: dict[str, str] = {}
        self.has_raw_html = False
        # The heading that a module or a Markdown file opens with is the title of the
        # page.
        self.title_ahead = section.kind == "module" and OPENING_HEADING.match(
            section.prose
        )

    def source_of(self, text: str, encode: Callable[[str], str] = str) -> str:
        """A text with the formulas in it as they were written: code is not math."""
        if not self.formulas:
            return text
        return _MARK.sub(
            lambda match: encode(self.formulas[int(match[1] or match[2])][0]), text
        )


OPENING_HEADING = re.compile(r"\s*(?:#{1,2}[ \t]|\S.*\n(?:=+|-+)[ \t]*$)", re.MULTILINE)


# ## The renderer
#
# What mistune's own HTML renderer makes is plain and right; here is only what a page of
# ours wants otherwise.
class _Renderer(mistune.HTMLRenderer):
    page: _Page

    def __init__(self, prose: Prose) -> None:
        super().__init__(escape=False)
        self.prose = prose

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """There is one `h1`, the title; every other heading can be linked to."""
        page = self.page
        text = _NAME_LINK.sub(r"\1", text)
        if page.title_ahead:
            page.title_ahead = None
            return f"<h1>{text}</h1>\n"
        level = max(level, 2)
        words = slug(page.source_of(unescape(re.sub(r"<[^>]+>", "", text))))
        if words == page.anchor:
            id_, attribute = words, ""
        else:
            id_ = unique(words or "heading", page.taken)
            page.ids.add(id_)
            attribute = f' id="{id_}"'
        page.headings.append((level, id_, text))
        link = ""
        if page.section.kind == "module":
            link = _PERMALINK.format(id_)
        return f"<h{level}{attribute}>{text}{link}</h{level}>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        url = self.page.source_of(url)
        self._refer(url)
        href = link_target(self.prose.site, self.page.document, url)
        if href is None:
            return text
        text = _NAME_LINK.sub(r"\1", text)
        return f'<a href="{escape(href)}"{self._title(title)}>{text}</a>'

    def _refer(self, url: str, alt: str | None = None) -> None:
        page = self.page
        found = Reference(page.document, page.section, url, alt)
        self.prose.references.append(found)

    def _title(self, title: str | None) -> str:
        return f' title="{escape(self.page.source_of(title))}"' if title else ""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        src, size = self.prose.picture(self.page.document, url)
        alt = escape(self.page.source_of(re.sub(r"<[^>]+>", "", text)))
        self._refer(url, alt)
        image = f'<img src="{escape(src)}" alt="{alt}"{size} loading="lazy">'
        self.page.captions[image] = title or ""
        return image

    def paragraph(self, text: str) -> str:
        """A picture alone in its paragraph is a figure, its title the caption."""
        if (caption := self.page.captions.get(text)) is None:
            return f"<p>{text}</p>\n"
        src = text.split('"', 2)[1]
        figure = f'<a class="enlarge" href="{src}">{text}</a>'
        if caption:
            inline = self.prose.inline(caption)
            figure += f"<figcaption>{inline}</figcaption>"
        return f"<figure>{figure}</figure>\n"

    def block_quote(self, text: str) -> str:
        """
        A quotation that begins with `[!NOTE]` is an admonition, as on GitHub, and what
        follows on the same line is its title. `[!PAPER]` is ours: it marks what the
        paper says in its own voice.
        """
        match = _ADMONITION.match(text)
        if match is None:
            return f"<blockquote>\n{text}</blockquote>\n"
        kind = match[1].lower()
        title = match[2].strip()
        if kind == "paper":
            title = f"The paper{', ' if title else ''}{title}"
        body = f"<p>{text[match.end() :]}" if match[3] == "\n" else text[match.end() :]
        title = f'<p class="admonition-title">{title or kind.capitalize()}</p>'
        return f'<div class="admonition {kind}" role="note">{title}\n{body}</div>\n'

    def block_code(self, code: str, info: str | None = None) -> str:
        # Behind the language may stand the name of the file that it is.
        language, file, *_ = [*(info or "").split(), "", ""]
        if not language and code.startswith(">>> "):
            language = "pycon"
        html = coloured_block(self.page.source_of(code).rstrip("\n"), language)
        is_file = re.fullmatch(r"[\w./-]+\.\w+", file)
        named = f' data-file="{file}"' if is_file else ""
        return f'<pre class="block"{named}><code>{html}</code></pre>\n'

    def codespan(self, text: str) -> str:
        """Code; a name leads to its definition, but not out of headings and links."""
        page, links = self.page, self.prose.links
        text = page.source_of(text)
        html = f"<code>{escape(text, quote=False)}</code>"
        target = links and links.in_prose(
            page.document, page.section, page.anchor, text
        )
        if not target:
            return html
        href = target if "://" in target else relative(target, page.document.source.url)
        return f'<a class="name" href="{escape(href)}">{html}</a>'

    def linebreak(self) -> str:
        return "<br>\n"

    def thematic_break(self) -> str:
        return "<hr>\n"

    def table(self, text: str) -> str:
        return f'<div class="table"><table>\n{text}</table></div>\n'

    def table_cell(
        self, text: str, align: str | None = None, head: bool = False
    ) -> str:
        tag = 'th scope="col"' if head else "td"
        attribute = f' class="{align}"' if align in ("center", "right") else ""
        # In the code of a cell, a backslash only keeps `|` from ending the cell.
        text = text.replace("\\|", "|")
        return f"<{tag}{attribute}>{text}</{tag[:2]}>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        label, sign = ("done", "☑") if checked else ("open", "☐")
        box = f'<span class="task" role="img" aria-label="{label}">{sign}</span> '
        body = f"<p>{box}{text[3:]}" if text.startswith("<p>") else box + text
        return f'<li class="task-item">{body}</li>\n'

    # Footnotes are numbered in each section; its anchor keeps them apart on the page. A
    # note that is cited twice leads back to the first place.
    def footnote_ref(self, key: str, index: int) -> str:
        note, ref = f"{self.page.anchor}-fn{index}", f"{self.page.anchor}-fnref{index}"
        attribute = "" if ref in self.page.ids else f' id="{ref}"'
        self.page.ids.add(ref)
        return (
            f'<sup class="footnote-ref"{attribute}><a href="#{note}">{index}</a></sup>'
        )

    def footnotes(self, text: str) -> str:
        return f'<div class="footnotes" role="doc-endnotes"><ol>\n{text}</ol></div>\n'

    def footnote_item(self, text: str, key: str, index: int) -> str:
        note, ref = f"{self.page.anchor}-fn{index}", f"{self.page.anchor}-fnref{index}"
        self.page.ids.add(note)
        back = (
            f' <a href="#{ref}" role="doc-backlink" aria-label="Back to the text">↩</a>'
        )
        body = text.rstrip()
        body = f"{body[:-4]}{back}</p>" if body.endswith("</p>") else body + back
        return f'<li id="{note}">{body}</li>\n'

    # Raw HTML passes if it is an element that prose may have. Anything else was meant
    # as text, such as `<class 'int'>` in a docstring, and stays that.
    def inline_html(self, html: str) -> str:
        match = _TAG.match(html)
        if match and match[1].lower() not in _ELEMENTS:
            return escape(self.page.source_of(html), quote=False)
        self.page.has_raw_html = True
        return html

    def block_html(self, html: str) -> str:
        cleaned_later = self.inline_html(html := html.strip())
        return f"{html}\n" if cleaned_later == html else f"<p>{cleaned_later}</p>\n"


_NAME_LINK = re.compile(r'<a class="name"[^>]*>(<code>[^<]*</code>)</a>')
_PERMALINK = '<a class="permalink" href="#{}" aria-label="Link to this heading">#</a>'
_ADMONITION = re.compile(
    r"<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION|PAPER)\]([^\n]*?)(\n|</p>\s*)",
    re.IGNORECASE,
)


def _doctest(markdown: mistune.Markdown) -> None:
    """
    A mistune plugin: lines that begin with `>>> ` are an example of the interpreter, as
    Python's docstrings have them, and not a quotation in a quotation in a quotation.
    """

    def parse(block: Any, match: re.Match[str], state: BlockState) -> int:
        code = "\n".join(
            line.removeprefix(match["doctest_indent"]) for line in match[0].splitlines()
        )
        state.append_token(
            {"type": "block_code", "raw": code, "attrs": {"info": "pycon"}}
        )
        return match.end()

    pattern = r"^(?P<doctest_indent> {0,3})>>> [^\n]*(?:\n(?![ \t]*$)[^\n]*)*(?:\n|$)"
    markdown.block.register("doctest", pattern, parse, before="block_quote")
    for rules in (markdown.block.list_rules, markdown.block.block_quote_rules):
        markdown.block.insert_rule(rules, "doctest", before="block_quote")


_PLUGINS: list[Any] = [
    *(
        table,
        table_in_list,
        table_in_quote,
        footnotes,
        task_lists,
        strikethrough,
        def_list,
    ),
    *(bare_links, _doctest, _dunder),
]

# ## The size of a picture
#
# Vector drawings and PNG say it in their first bytes; for the others the browser finds
# out in time.
_SVG_SIZE = re.compile(rb'viewBox="0 0 (\d+)(?:\.\d+)? (\d+)')


def _size(path: str) -> str:
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
    except OSError:
        # The build says so when it copies the file.
        return ""
    if start.startswith(b"\x89PNG") and len(start) >= 24:
        width, height = struct.unpack(">II", start[16:24])
    elif match := _SVG_SIZE.search(start):
        width, height = map(int, match.groups())
    else:
        return ""
    return f' width="{width}" height="{height}"'


# ## Cleaning raw HTML
_TAG = re.compile(r"</?([A-Za-z][\w-]*)")
_GENERATED = (
    *(
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "em",
        "strong",
        "code",
        "pre",
        "span",
        "br",
    ),
    *(
        "hr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "div",
        "sup",
        "del",
        "img",
    ),
    *("figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"),
)
_ELEMENTS = {
    *_GENERATED,
    *(
        "abbr",
        "b",
        "caption",
        "cite",
        "col",
        "colgroup",
        "details",
        "dfn",
        "i",
        "ins",
        "kbd",
    ),
    *(
        "mark",
        "picture",
        "q",
        "s",
        "samp",
        "small",
        "source",
        "sub",
        "summary",
        "tfoot",
        "u",
        "var",
    ),
}
_ATTRIBUTES = {
    "*": {"class", "id", "title", "role", "aria-label", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "loading"},
    "source": {"srcset", "media", "type"},
    "ol": {"start"},
    "details": {"open"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}


def _clean(html: str, page: _Page, prose: Prose) -> str:
    """
    The HTML of a whole section with every element closed and nothing in it that could
    run or pass for part of the page: no script, no handler, no identifier and no class
    that this renderer did not give itself.
    """

    import nh3

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if value in page.ids else None
        if name == "class":
            return (
                value
                if value in _CLASSES or (len(value) <= 2 and tag == "span")
                else None
            )
        if name == "href":
            return link_target(prose.site, page.document, page.source_of(value))
        if name == "src":
            return prose.picture(page.document, page.source_of(value))[0]
        return value

    return nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )


_CLASSES = {
    *(
        "name",
        "permalink",
        "enlarge",
        "block",
        "table",
        "center",
        "right",
        "task",
        "task-item",
    ),
    *("footnote-ref", "footnotes", "admonition-title"),
    *(
        f"admonition {kind}"
        for kind in ("note", "tip", "important", "warning", "caution", "paper")
    ),
}
