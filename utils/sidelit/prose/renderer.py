r"""
---
title: The renderer
summary: >
  What Markdown becomes on a page: headings with permalinks, figures, admonitions, names
  that lead to their definitions.
---

# The renderer

The HTML of mistune's own renderer is plain and right. Here is only what our pages need
to be different. An element or a class that is added here must also be on the list of
what [cleaning](clean.py) lets through.
"""

import re
from collections.abc import Set
from html import escape, unescape
from itertools import pairwise
from typing import Any

import mistune
from markupsafe import Markup
from mistune.core import BlockState

from ..markup import CLOSE, OPEN
from ..model import unique
from ..read.docstrings import apart
from ..read.drawings import with_drawings_apart
from ..read.highlight import coloured_block
from ..site import ABSOLUTE, github_anchor, is_data_image, safe_address, slug
from .clean import ADMONITIONS, IN_BLOCKS, IN_WORDS, clean
from .diagrams import diagram_block, is_diagram
from .directives import Quotation, directives, made, next_span
from .fields import set_fields
from .markdown import BEYOND, markdown
from .notebook_images import ATTACHMENT
from .passage import Passage
from .plain import Block, as_text, pieces, plain_blocks
from .tabs import grouped, tab
from .tags import (
    INSTRUCTION,
    WRITTEN,
    instructions,
    open_comments,
    written_tags,
)


class MarkdownRenderer(mistune.HTMLRenderer):
    """
    ## One renderer for many passages

    mistune wants a renderer when its parser is made, which takes longer than most
    sections. So there is one of both, and `passage` is the one that is being rendered.
    """

    passage: Passage

    def __init__(self) -> None:
        super().__init__(escape=False)
        self.directives = directives()
        self.parser = markdown(self)
        self.parser.before_render_hooks.append(self._set_fields)

    def html(self, passage: Passage) -> str:
        """The HTML of a passage, with marks where its formulas will be."""
        self.passage = passage
        defined, text = passage.definitions, passage.lifted.text
        text = with_drawings_apart(text)
        if passage.section.fields:
            text = apart(text)
        if places := sorted({*open_comments(text), *instructions(text)}):
            # Where Markdown finds code after all, the mark is read as it was written.
            sign = passage.lifted.keep("&lt;", "<")
            spans = pairwise((-1, *places, len(text)))
            text = sign.join(text[before + 1 : place] for before, place in spans)
        for place in open_comments(passage.section.prose):
            message = "<!-- has no --> behind it, so it is shown as text; mend it, or "
            passage.report(place, "FRM116", f"{message}write it between back-ticks")
        blocks = None if defined else plain_blocks(text)
        if blocks is None:
            state = BlockState()
            if defined:
                elsewhere = BlockState()
                elsewhere.process(f"{defined}\n")
                self.parser.block.parse(elsewhere)
                state.env.update(elsewhere.env)
            html, _ = self.parser.parse(text, state)
            assert isinstance(html, str)
            for paragraph, reason in state.env.get(BEYOND, ()):
                start = paragraph.partition(OPEN)[0][:_ENOUGH]
                place = max(passage.section.prose.find(start), 0)
                passage.report(place, "SRC108", f"{reason}; it is shown as text")
            html = grouped(html, passage.anchor, passage.tabs, passage.taken)
        else:
            html = "".join(self._plain(block) for block in blocks)
        return with_whole_percentages(html)

    def _set_fields(self, _: mistune.Markdown, state: BlockState) -> None:
        if self.passage.section.fields:
            state.tokens = set_fields(state.tokens)

    def fields(self, text: str) -> str:
        """The fields of a docstring, in which a section is a term."""
        return f'<dl class="fields">\n{text}</dl>\n'

    def field_title(self, text: str) -> str:
        return text

    def field_type(self, text: str) -> str:
        return f'<span class="type">{text}</span>'

    def _plain(self, block: Block) -> str:
        html = "".join(
            self.codespan(piece) if number % 2 else as_text(piece)
            for number, piece in enumerate(pieces(block.text))
        )
        return self.heading(html, block.level) if block.level else f"<p>{html}</p>\n"

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """
        There is one `h1`, the title; every other heading has a permalink. Links may be
        to the identifiers that GitHub gives as well.
        """
        passage = self.passage
        text = _NAME_LINK.sub(r"\1", text)
        plain = passage.as_written(unescape(re.sub(r"<[^>]+>", "", text)))
        github = github_anchor(plain)
        if passage.title_ahead:
            passage.title_ahead = False
            attribute = f' id="{self._new_id(github)}"' if github else ""
            return f"<h1{attribute}>{text}</h1>\n"
        level = max(level, 2)
        words = slug(plain)
        if words == passage.anchor:
            id_, attribute = words, ""
        else:
            id_ = self._new_id(words or "heading")
            attribute = f' id="{id_}"'
        passage.headings.append((level, id_, with_whole_percentages(text)))
        link = other = ""
        if github not in ("", words):
            other = f'<span id="{self._new_id(github)}"></span>'
        if passage.section.kind == "module":
            link = _PERMALINK.format(id_)
        return f"<h{level}{attribute}>{other}{text}{link}</h{level}>\n"

    def _new_id(self, words: str) -> str:
        """An identifier that the page does not have yet, numbered as GitHub does."""
        identifier = unique(words, self.passage.taken, first=1)
        self.passage.ids.add(identifier)
        return identifier

    def link(self, text: str, url: str, title: str | None = None) -> str:
        passage = self.passage
        url = passage.as_written(url)
        passage.refer(url)
        if (href := passage.href(url)) is None:
            return text
        text = _NAME_LINK.sub(r"\1", text)
        return f'<a href="{escape(href)}"{self._title(title)}>{text}</a>'

    def _title(self, title: str | None) -> str:
        return f' title="{escape(self.passage.as_written(title))}"' if title else ""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        passage = self.passage
        url = passage.as_written(url)
        image = passage.image(url)
        size = f' width="{image.width}" height="{image.height}"' if image.width else ""
        plain = passage.as_written(unescape(re.sub(r"<[^>]+>", "", text)))
        passage.refer(url, plain)
        attached = url.startswith(ATTACHMENT) and image.src
        is_safe = attached or is_data_image(url) or safe_address(url)
        if ABSOLUTE.match(url) and not is_safe:
            return escape(plain)
        start = f'<img src="{escape(image.src)}" alt="{escape(plain)}"{size}'
        html = f'{start}{self._title(title)} loading="lazy">'
        passage.captions[html] = f'{start} loading="lazy">', title or ""
        return html

    def paragraph(self, text: str) -> str:
        """
        An image alone in its paragraph is a figure, and its title the caption. So are
        several that have nothing but each other there, if one has a title. An author
        may give an image other forms, by a `<picture>` around it.
        """
        captions, images = self.passage.captions, list(_IMAGE.finditer(text))
        found = [captions[one["image"]] for one in images if one["image"] in captions]
        others = _IMAGE.sub("", text).replace("<br>", "")
        is_figure = len(found) == 1 or any(caption for _, caption in found)
        if others.strip() or len(found) < len(images) or not is_figure:
            return f"<p>{text}</p>\n"
        return "".join(
            self._captioned(image, caption, one["forms"] or "", one["end"] or "")
            for one, (image, caption) in zip(images, found, strict=True)
        )

    def _captioned(self, image: str, caption: str, forms: str, end: str) -> str:
        src, figure = image.split('"', 2)[1], f"{forms}{image}{end}"
        # No browser follows a link to an image that is its own address.
        if not is_data_image(src):
            self.passage.enlarged.add(unescape(src))
            figure = f'<a class="enlarge" href="{src}">{figure}</a>'
        if caption:
            tokens = self.parser.inline(caption, {"ref_links": {}})
            inline = self.render_tokens(tokens, BlockState())
            figure += f"<figcaption>{inline}</figcaption>"
        return f"<figure>{figure}</figure>\n"

    def block_quote(self, text: str) -> str:
        """
        A quotation that begins with `[!NOTE]` is an admonition, as on GitHub, and what
        follows on the same line is its title. `[!PAPER]` is ours: it marks what the
        paper says in its own voice. So are `[!TAB]`, one of several [tabs](tabs.py),
        and [directives](directives.py).
        """
        sign = _SIGN.match(text)
        kind = sign[1].lower() if sign else ""
        if kind.upper() in self.directives:
            html = self._directive(kind.upper(), text)
            if html is not None:
                return html
        match = _ADMONITION.match(text) if kind in (*ADMONITIONS, "tab") else None
        if match is None:
            return f"<blockquote>\n{text}</blockquote>\n"
        title = match[2].strip()
        if kind == "tab":
            return tab(title or "Tab", _behind(match, text))
        if kind == "paper":
            title = f"The paper{', ' if title else ''}{title}"
        body = _behind(match, text)
        title = f'<p class="admonition-title">{title or kind.capitalize()}</p>'
        return f'<div class="admonition {kind}" role="note">{title}\n{body}</div>\n'

    def _directive(self, name: str, text: str) -> str | None:
        """What a directive makes of a quotation, or nothing if it fails."""
        passage = self.passage
        match = _ARGUMENT.match(text)
        assert match
        # Between words are spaces and line breaks, and in a word there may be Markdown.
        written = passage.as_written(unescape(re.sub(r"<[^>]+>", "", match[1])))
        body, span = _behind(match, text), next_span(name, passage)
        # An image right below the sign is in the same paragraph.
        if match := _ONE_PARAGRAPH.match(body):
            body = self.paragraph(match[1]) + match[2]
        if passage.has_raw_html:
            body = clean(body, passage, span)
        quotation = Quotation(passage, " ".join(written.split()), Markup(body))
        html = made(self.directives[name], quotation, span)
        if html is None or isinstance(html, Markup):
            passage.quoted.append(span)
            return html and passage.lifted.keep(html)
        passage.has_raw_html = True
        return written_tags(html)

    def block_code(self, code: str, info: str | None = None) -> str:
        # Behind the language may stand the name of the file that it is.
        language, file, *_ = [*(info or "").split(), "", ""]
        if is_diagram(language):
            return diagram_block(self.passage.as_written(code))
        if not language and code.startswith(">>> "):
            language = "pycon"
        html = coloured_block(self.passage.as_written(code).rstrip("\n"), language)
        is_file = re.fullmatch(r"[\w./-]+\.\w+", file)
        named = f' data-file="{file}"' if is_file else ""
        return f'<pre class="block"{named}><code>{html}</code></pre>\n'

    def codespan(self, text: str) -> str:
        """
        Code, which is not broken at its spaces if it is short. A name leads to its
        definition, but not out of headings and links.
        """
        passage = self.passage
        text = passage.as_written(text)
        kind = ' class="whole"' if " " in text and len(text) <= _WHOLE else ""
        html = f"<code{kind}>{escape(text, quote=False)}</code>"
        href = passage.lookup.name(passage.section, passage.anchor, text)
        return f'<a class="name" href="{escape(href)}">{html}</a>' if href else html

    def linebreak(self) -> str:
        return "<br>\n"

    def thematic_break(self) -> str:
        return "<hr>\n"

    def table(self, text: str) -> str:
        return f'<div class="table"><table>\n{text}</table></div>\n'

    def table_head(self, text: str) -> str:
        return f"<thead>\n{self.table_row(text)}</thead>\n"

    def table_body(self, text: str) -> str:
        return f"<tbody>\n{text}</tbody>\n" if text else ""

    def table_row(self, text: str) -> str:
        return f"<tr>\n{text}</tr>\n"

    def table_cell(
        self, text: str, align: str | None = None, head: bool = False
    ) -> str:
        # A heading that says nothing is none to a screen reader.
        tag = 'th scope="col"' if head and text else "td"
        attribute = f' class="{align}"' if align in ("center", "right") else ""
        return f"<{tag}{attribute}>{text}</{tag[:2]}>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        label, sign = ("done", "☑") if checked else ("open", "☐")
        box = f'<span class="task" role="img" aria-label="{label}">{sign}</span> '
        body = f"<p>{box}{text[3:]}" if text.startswith("<p>") else box + text
        return f'<li class="task-item">{body}</li>\n'

    # Footnotes are numbered within each section, whose anchor keeps them apart on the
    # page. A note that is cited twice leads back to the first place.
    def _footnote_ids(self, index: int) -> tuple[str, str]:
        anchor = self.passage.anchor
        return f"{anchor}-fn{index}", f"{anchor}-fnref{index}"

    def footnote_ref(self, key: str, index: int) -> str:
        note, ref = self._footnote_ids(index)
        attribute = "" if ref in self.passage.ids else f' id="{ref}"'
        self.passage.ids.add(ref)
        return (
            f'<sup class="footnote-ref"{attribute}><a href="#{note}">{index}</a></sup>'
        )

    def footnotes(self, text: str) -> str:
        return f'<div class="footnotes" role="doc-endnotes"><ol>\n{text}</ol></div>\n'

    def footnote_item(self, text: str, key: str, index: int) -> str:
        note, ref = self._footnote_ids(index)
        self.passage.ids.add(note)
        back = (
            f' <a href="#{ref}" role="doc-backlink" aria-label="Back to the text">↩</a>'
        )
        body = text.rstrip()
        body = f"{body[:-4]}{back}</p>" if body.endswith("</p>") else body + back
        return f'<li id="{note}">{body}</li>\n'

    # Raw HTML passes if it is an element that prose may have. Anything else was meant
    # as text, such as `<class 'int'>` in a docstring, and stays that.
    def inline_html(self, html: str) -> str:
        return self._html(html, IN_WORDS)

    def _html(self, html: str, elements: Set[str]) -> str:
        def known(match: re.Match[str]) -> str:
            """A tag within HTML, or its text if prose may not have such an element."""
            if not match["name"] or match["name"].lower() in elements:
                return match[0]
            return escape(self.passage.as_written(match[0]), quote=False)

        first = _TAG.match(html)
        is_unknown = first and first[1].lower() not in elements
        if is_unknown or INSTRUCTION.match(html):
            return escape(self.passage.as_written(html), quote=False)
        self.passage.has_raw_html = True
        html = _IN_HTML.sub(known, html)
        return written_tags(_IDENTIFIER.sub(self._identifier, html))

    def _identifier(self, match: re.Match[str]) -> str:
        """An identifier that an author gives, unless it is taken or could be ours."""
        before, name, quoted = match.groups()
        value = unescape(quoted.strip("\"'"))
        is_anchor = name.lower() == "id" or before[:2].lower() == "<a"
        if not is_anchor or not _ANCHOR.fullmatch(value) or value in self.passage.taken:
            return before
        self.passage.taken.add(value)
        self.passage.ids.add(value)
        return f'{before} id="{value}"'

    def block_html(self, html: str) -> str:
        cleaned_later = self._html(html.strip(), IN_BLOCKS)
        is_text = cleaned_later.startswith("&lt;")
        return f"<p>{cleaned_later}</p>\n" if is_text else f"{cleaned_later}\n"


# So many characters tell where a paragraph stands.
_ENOUGH = 60
# A phone of 320 pixels shows so many characters of code in a line of its largest prose.
_WHOLE = 22
_TAG = re.compile(r"</?([A-Za-z][\w-]*)")
# An image, and the tags of an author that give it other forms.
_IMAGE = re.compile(
    rf"""(?P<forms>{WRITTEN}<picture>(?:\s*{WRITTEN}<source\b(?:[^"<>]|"[^"]*")*>)+\s*)?
    (?P<image><img\ [^>]*>)(?(forms)\s*(?P<end>{WRITTEN}</picture>))""",
    re.VERBOSE,
)
_IDENTIFIER = re.compile(
    r"""(<[a-z][\w-]*\b(?:[^"'<>]|"[^"]*"|'[^']*')*?)\s(id|name)\s*=\s*"""
    r"""("[^"]*"|'[^']*'|[^\s"'<>]+)""",
    re.IGNORECASE,
)
# Style sheets, such as that of a table of pandas, and programs are no text.
_IN_HTML = re.compile(
    r"""<!--.*?-->
    | <(?P<foreign>script|style)\b (?:(?!<(?P=foreign)\b).)*? </(?P=foreign)\s*>
    | </?(?P<name>[a-z][\w-]*)\b (?:[^"'<>]|"[^"]*"|'[^']*')* >""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# Those of the page itself have a colon.
_ANCHOR = re.compile(r"[^\s:]+")
_NAME_LINK = re.compile(r'<a class="name"[^>]*>(<code[^>]*>[^<]*</code>)</a>')
_PERMALINK = '<a class="permalink" href="#{}" aria-label="Link to this heading">#</a>'
_ADMONITION = re.compile(
    rf"<p>\[!({'|'.join(ADMONITIONS)}|tab)\]([^\n]*?)({WRITTEN}<br>|\n|</p>\s*)",
    re.IGNORECASE,
)
_SIGN = re.compile(r"<p>\[!([\w-]+)\]")
# The argument of a directive: lines that end with a backslash, and the last one.
_ARGUMENT = re.compile(r"<p>\[![\w-]+\]((?:[^\n]*<br>\n)*[^\n]*?)(\n|</p>\s*)")


def _behind(match: re.Match[str], text: str) -> str:
    """What follows the sign of a quotation, in the same paragraph or in the next."""
    rest = text[match.end() :]
    return rest if match[match.re.groups].startswith("</p>") else f"<p>{rest}"


_ONE_PARAGRAPH = re.compile(r"<p>([\s\S]*?)</p>\n([\s\S]*)")


def with_whole_percentages(html: str) -> str:
    """The same HTML, in which no line ends between a number and its `%`."""
    if "%" not in html:
        return html
    return _BEFORE_PERCENT.sub(
        lambda one: one["code"] or f"{one['number']}\u00a0", html
    )


# Code is as it was written. A number from a result is still a mark, and an author may
# have marked a number up.
_BEFORE_PERCENT = re.compile(
    rf"""(?P<code> <(?P<tag>pre|code)\b (?>(?: [^<]+ | <(?!/(?P=tag)>) )*) )
    | (?P<number> [\d{CLOSE}] (?: </[a-z]+> )* ) [ \n] (?=%)""",
    re.VERBOSE,
)
