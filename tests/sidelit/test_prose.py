"""Markdown and math, and where they claim the same characters."""

import json
import pickle
import re
from html import escape, unescape
from urllib.parse import quote

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.check.check import check
from sidelit.config import load
from sidelit.model import Config, Source
from sidelit.page.view import View
from sidelit.prose.html import Prose
from sidelit.prose.markdown import PLUGINS, BlockParser
from sidelit.prose.passage import Gathered, Passage
from sidelit.prose.renderer import MarkdownRenderer, with_whole_percentages
from sidelit.prose.tex import Formulas
from sidelit.site import SAFE_SCHEMES
from tests.conftest import ROOT, views
from tests.sidelit.views import one_section


class Spy(Formulas):
    """Formulas that come out as they went in, to see what was taken for one."""

    def html(self, formula: str, display: bool, symbols=None) -> str:
        kind = "display" if display else "inline"
        return f"<math-{kind}>{escape(formula, quote=False)}</math-{kind}>"


def render(text: str, formulas: Formulas | None = None, kind: str = "note") -> str:
    return render_all(text, formulas, kind)[0]


def render_all(text, formulas=None, kind="note"):
    config = Config(str(ROOT), output=str(ROOT / "docs"))
    source = Source("s.py", str(ROOT / "s.py"), "s.html", "s", "python")
    document = one_section(source, text, kind)
    page = Prose(formulas or Spy(str(ROOT)), {}).page(
        document, *views(config, document).values()
    )
    html, headings = page.html(document.sections[0], "anchor", {"anchor"})
    return html.strip(), headings, page.gathered


# ## Math
def test_inline_and_display():
    assert render("a $x$ b") == "<p>a <math-inline>x</math-inline> b</p>"
    assert render("$$x$$") == "<p><math-display>x</math-display></p>"


@pytest.mark.parametrize(
    "formula",
    [
        "a_1 + b_2 * c_3 * d",
        "\\mathbf{x}_p^1\\mathbf{E}",
        "|x| + \\|y\\|",
        "a < b & c > d",
        "[x](y)",
        "x\ny",
        "\\text{cost in \\$}",
        "f'",
        "\\\\",
        "~x~y~",
        "<b>",
        "http://x",
        "__x__",
    ],
)
def test_markdown_does_not_touch_a_formula(formula):
    inner = escape(formula, quote=False)
    assert (
        render(f"a ${formula}$ b") == f"<p>a <math-inline>{inner}</math-inline> b</p>"
    )
    assert f"<math-display>{inner}</math-display>" in render(
        f"$$\n{formula}\n$$"
    ).replace(">\n", ">").replace("\n<", "<")


@pytest.mark.parametrize("sign", ["+", "-", "*", "=", "#", ">", "1."])
def test_a_continuation_that_looks_like_something_else(sign):
    html = render(f"Before\n$$\na\n{sign} b\n$$\nafter")
    assert "<math-display>" in html
    assert not re.search(r"<(ul|ol|h1|h2|blockquote)", html)


@pytest.mark.parametrize(
    "name",
    ["align*", "equation*", "gather*", "cases", "dcases", "pmatrix", "bmatrix*"],
)
def test_bare_environments(name):
    formula = f"\\begin{{{name}}}\na_1 &= b \\\\\n- c_2 &= d\n\\end{{{name}}}"
    inner = escape(formula, quote=False)
    assert render(formula) == f"<p><math-display>{inner}</math-display></p>"


def test_environments_that_say_what_dollar_signs_say():
    html = render(r"As \begin{math}a_1*b_1*c\end{math}, so $b$.")
    assert html == (
        "<p>As <math-inline>a_1*b_1*c</math-inline>, so <math-inline>b</math-inline>.</p>"
    )
    html = render("> \\begin{displaymath}\n> x\n> - y\n> \\end{displaymath}")
    assert "<math-display>\nx\n- y\n</math-display>" in html
    for text in (
        r"\begin{math}a\end{displaymath}",
        "\\begin{math}\n\na\n\\end{math}",
        r"`\begin{math}a\end{math}`",
    ):
        assert "<math" not in render(text)


def test_math_in_lists_tables_and_quotations():
    html = render("* $a_1$ and\n  $$\n  x\n  - y\n  $$\n* $b$\n")
    assert html.count("<li>") == 2
    assert "<math-display>\n  x\n  - y\n  </math-display>" in html
    html = render("| $|x|$ | b |\n|---|---|\n| $\\|y\\|$ | $a|b$ |\n")
    assert html.count("<td>") == 2
    assert html.count("<math-inline>") == 3
    html = render("> $$\n> x\n> - y\n> $$\n")
    assert "<math-display>\nx\n- y\n</math-display>" in html


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "$foo bar$",
        "($Foo Bar baz$) and $foo\nbar$",
        "from $5 to $10.",
        "US$5 and CA$6",
        "a \\$x$ b",
        "a $ x $ b",
        "$HOME/$USER and $PATH",
        "${HOME}/${USER} and ${{ runner.os }}-${{ hashFiles }}",
        "`$x$` and ``$y$``",
        "costs $5",
        "$",
        "a $x\n\ny$ b",
        "$(pwd)/$(date)",
        "$(a)$(b)",
        "${{ a }} ${{ b }}",
        "$http/$q and ($x,$y); $a-$b, $a:$b",
        "'$a' and '$b', \"$a\" \"$b\"",
        "$1 and $2 of $@; $? is its status, $$ its number, $# the count",
        "awk '{print $1, $2}' and sed 's/$/x/'",
        "$scope.$apply() and $.ajax or $.get",
        "$('#a').x($('b'))",
        "/^\\d+$/ and /^\\w+$/",
        "$/kWh or $/MWh",
        "$key=>$value and $x->{$y}",
        "=SUM($A$1:$A$9)",
        "$<IF:a>/$<BUILD_INTERFACE:b> and $<CONFIG>/$",
        "**$5** and **$6**, $5M-$6M",
        "put $PATH first in x$ now",
        "its number is $$ here, and $$ there",
        "$$self{x} and $$self{y}",
        "($$) and ($$)",
        "<!-- $x$ -->",
        "['$'].x == ('$')",
        "$x",
        "between ($3], {$4} and {$",
        "#$1F #$2A",
        "printf $$ | wc; echo $$ > number; kill $$",
        "$$$ dear, $$$ too dear",
        "$Id$ $Revision$ $LastChangedBy$",
        "$.10-$.20",
        "$to_$from_$by",
    ],
)
def test_no_formula(text):
    assert "<math" not in render(text)


def test_escaped_dollars_are_dollars():
    assert render("\\$x\\$ costs \\$5") == "<p>$x$ costs $5</p>"


def test_plural_and_ordinal_behind_a_formula():
    assert render("the $i$th of $n$s") == (
        "<p>the <math-inline>i</math-inline>th of <math-inline>n</math-inline>s</p>"
    )


@pytest.mark.parametrize(
    "formula",
    [
        "x = \\text{if $y$, then $z$}",
        "\\mbox{a {b} $c$}",
        "-1",
        "[0, 1]",
        "|x|",
        "20\\%",
        "a b c",
        "f(x), g(x)",
        "a\nb",
    ],
)
def test_a_formula_with_what_could_end_it(formula):
    inner = escape(formula, quote=False)
    expected = f"<math-inline>{inner}</math-inline>"
    assert expected in render(f"Take ${formula}$, as $y$ does.")


def test_what_may_be_words_is_read_in_one_way():
    # With two ways for each, this would take years.
    assert "<math" not in render("$" + "\\text{a}" * 60)


def test_text_between_and_behind_formulas():
    html = render("the $k$NN of $2$D, $a$/$b$, *$x$*, ($y$) and $z$'s")
    assert html.count("<math-inline>") == 7


def test_a_lone_pair_of_dollar_signs_opens_no_formula():
    html = render("The shell puts its number in place of $$ and\n$$a = b$$")
    assert "<math-display>a = b</math-display>" in html
    assert "place of $$ and" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Make reads $$(HOME), and `$$` is a number.",
            "Make reads $$(HOME), and <code>$$</code> is a number.",
        ),
        ("A $$x `y$$` z.", "A $$x <code>y$$</code> z."),
        ("$$\\text{a}\n\n`b`$$", "<p>$$\\text{a}</p>\n<p><code>b</code>$$</p>"),
        ("$\\text{a\n\nb}$", "<p>$\\text{a</p>\n<p>b}$</p>"),
        ("$$\\text{`a'}$$", "<math-display>\\text{`a'}</math-display>"),
    ],
)
def test_code_and_empty_lines_end_what_dollar_signs_began(text, shown):
    assert shown in render(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "Its number is $$ (a new one each time).",
        "The number $$ changes. Look:",
        "It writes $$",
        "Make reads $$HOME as a variable.",
    ],
)
def test_what_opens_a_formula_closes_none(sentence):
    html = render(f"{sentence}\n$$\\alpha = b$$")
    assert "<math-display>\\alpha = b</math-display>" in html
    assert html.count("$$") == 1


@pytest.mark.parametrize("quoted", ["", "> "])
def test_a_formula_on_lines_of_its_own_may_have_words(quoted):
    text = f"{quoted}$$\n{quoted}Mean Squared Error = x\n{quoted}$$"
    expected = "<math-display>\nMean Squared Error = x\n</math-display>"
    assert expected in render(text)
    assert expected in render_shell(text)
    assert "<math-display>Total loss is = x</math" in render("$$Total loss is = x$$")


@pytest.mark.parametrize(
    "text", ["値は$x$です", "其中$x$是维度", "$x$는", "คือ$x$ครับ", "at $.05$"]
)
def test_a_formula_touches_the_words_of_some_languages(text):
    assert render(text).count("<math-inline>") == 1


def render_shell(text: str) -> str:
    source = Source("s.sh", "/s.sh", "s.html", "", "bash", False)
    document = one_section(source, text, "note")
    config = Config(str(ROOT), output=str(ROOT / "docs"))
    page = Prose(Spy(str(ROOT)), {}).page(document, *views(config, document).values())
    return page.html(document.sections[0], "anchor", {"anchor"})[0].strip()


@pytest.mark.parametrize(
    "text",
    [
        "$x$ and $y_1$",
        "$HOME:$PATH is $a$b",
        "kill $$; echo $$",
        "the number\n$$ is\nnot $$",
        "from $$x to $$y",
    ],
)
def test_where_names_have_dollar_signs_single_ones_are_text(text):
    assert "<math" not in render_shell(text)
    assert render_shell(text).count("$") == text.count("$")


@pytest.mark.parametrize(
    "text", ["$`x`$", "$$x$$", "$$\nx\n$$", "* $$x$$", "> $$x$$", "a\n$$x$$\nb"]
)
def test_where_names_have_dollar_signs_there_are_formulas_too(text):
    assert re.search(r"<math-\w+>\s*x\s*</math-\w+>", render_shell(text))


def test_languages_and_their_dollar_signs(build_files):
    files = {
        "a.js": "// From $a$ to $b$.\nlet a = 1;\n",
        "b.rs": "// From $a$ to $b$.\nlet b = 1;\n",
    }
    built = build_files(files)
    assert "From $a$ to $b$." in built.files["a.js.html"].decode()
    assert built.files["b.rs.html"].decode().count('class="katex"') == 2
    twins = built.files["a.js.md"], built.files["b.rs.md"]
    assert all(b"From $a$ to $b$." in twin for twin in twins)
    built = build_files(files, single_dollars={"javascript": True, "rust": False})
    assert built.files["a.js.html"].decode().count('class="katex"') == 2
    assert "From $a$ to $b$." in built.files["b.rs.html"].decode()


def test_titles_and_summaries_keep_what_is_no_formula(build_files):
    text = "# From $HOME to $x^2$\n\nThe price of ${A}/${B} is $5.\n"
    built = build_files({"a.md": text})
    page = built.files["a.html"].decode()
    assert "<title>From $HOME to x^2" in page
    assert 'content="The price of ${A}/${B} is $5."' in page


def test_code_is_not_math():
    for code in ("```\n$x$ and $y$\n```", "~~~sh\n$x$ $y$\n~~~", "a\n\n    $x$ $y$\n"):
        assert "<math" not in render(code + "\n\n$z_1$").replace(
            "<math-inline>z_1</math-inline>", ""
        )
        assert "$x$" in re.sub(r"<[^>]+>", "", render(code))


def test_formulas_where_html_has_attributes():
    html = render('![a $x$ b](pic.png "c $y$ d") and [e](f "$z$")')
    assert 'alt="a $x$ b"' in html
    assert 'title="$z$"' in html


def test_marks_in_the_text_do_no_harm():
    assert render("\U0010fffc7\U0010fffd and $x$") == (
        "<p>7 and <math-inline>x</math-inline></p>"
    )


def test_the_title_of_a_box_can_end_within_the_line():
    """As it does where the one line of a directive of Sphinx becomes a box."""
    html = render("> [!TIP]<br>Mind *it*.\n\n> [!NOTE] See also<br>that\n> and this")
    assert html == (
        '<div class="admonition tip" role="note"><p class="admonition-title">Tip</p>\n'
        "<p>Mind <em>it</em>.</p>\n</div>\n"
        '<div class="admonition note" role="note">'
        '<p class="admonition-title">See also</p>\n<p>that\nand this</p>\n</div>'
    )


def test_a_directive_of_one_line_is_a_box_in_all_forms(build_files):
    text = '"""A.\n\n.. warning:: Not *yet*.\n\n.. warning::\n   Not *yet*.\n"""\n'
    built = build_files({"a.py": text})
    box = '<p class="admonition-title">Warning</p>\n<p>Not <em>yet</em>.</p>'
    assert built.files["a.html"].decode().count(box) == 2
    twin = "> [!WARNING]\n> Not *yet*.\n"
    assert f"{built.files['a.md'].decode()}\n".count(twin) == 2
    notebook = json.loads(built.files["a.ipynb"])
    words = "".join(notebook["cells"][0]["source"])
    assert f"{words}\n".count("> **Warning**\n>\n> Not *yet*.\n") == 2


@pytest.mark.parametrize("math", ["katex", "mathml"])
def test_a_label_in_the_line_is_told_where_it_belongs(math):
    """No macro would help: there is no number that it could name."""
    text = "And $x \\label{t}$ here"
    _, _, gathered = render_all(text, Formulas(str(ROOT), math))
    (problem,) = gathered.problems
    assert (problem.column, problem.rule) == (8, "TEX101")
    assert problem.message == (
        "\\label numbers a displayed formula, which stands between two $$, and not one "
        "in the line: `$x \\label{t}$`"
    )


def test_a_rejected_formula_is_a_problem_with_its_place():
    text = "Text,\nand $x + \\nosuch y$ here"
    html, _, gathered = render_all(text, Formulas(str(ROOT)))
    assert '<code class="tex">$x + \\nosuch y$</code>' in html
    (problem,) = gathered.problems
    assert (problem.line, problem.column, problem.rule) == (2, 10, "TEX101")
    assert "Undefined control sequence: \\nosuch" in problem.message
    assert problem.message.endswith("; the setting `macros` can define it")


# ## Markdown
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "*a* **b** ~~c~~ `d<`",
            "<em>a</em> <strong>b</strong> <del>c</del> <code>d&lt;</code>",
        ),
        ("[a](https://b.c)", '<a href="https://b.c">a</a>'),
        ("see https://b.c.", '<a href="https://b.c">https://b.c</a>.'),
        ("a  \nb", "a<br>\nb"),
        ("- [ ] a\n- [x] b", 'aria-label="open">☐</span> a</li>'),
        ("- [ ] a\n- [x] b", 'aria-label="done">☑</span> b</li>'),
        ("a\n: b", "<dt>a</dt>\n<dd>b</dd>"),
        ("* * *", "<hr>"),
        (
            "|a|b|\n|--:|:-:|\n|1|2|",
            '<td class="right">1</td>\n<td class="center">2</td>',
        ),
        ("```python\nx = 1\n```", "x = <t-m>1</t-m>"),
        (
            "```python run.py\nx\n```",
            '<pre class="block" data-file="run.py"><code>x</code>',
        ),
        ('```python title="a.py"\nx\n```', '<pre class="block"><code>x</code>'),
        ("```js\nlet a\n```", "<t-kd>let</t-kd>"),
        (">>> x = 1\n>>> x\n1", "<t-go>1</t-go>"),
        ("call __init__ and __x__", "<p>call __init__ and __x__</p>"),
        ("javascript: [a](javascript:alert(1))", "<p>javascript: a</p>"),
    ],
)
def test_markdown(text, expected):
    assert expected in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "* item[^m]\n\n  [^m]: The *note*.\n* other",
        "1. item\n   * inner[^m]\n\n     [^m]: The *note*.\n2. other",
        "> quoted[^m]\n>\n> [^m]: The *note*.\n\nother",
        "> * both[^m]\n>\n>   [^m]: The\n>      *note*.\n\nother",
        "> [!NOTE]\n> told[^m]\n>\n> [^m]: The *note*.\n\nother",
        "* before[^m]\n\n* and there\n\n  [^m]: The *note*.\n\nother",
    ],
)
def test_a_footnote_is_defined_in_a_list_or_a_quotation(text):
    html = render(text)
    assert '<a href="#anchor-fn1">1</a></sup>' in html
    assert re.search(r'<li id="anchor-fn1"><p>The\s<em>note</em>\. <a href', html)
    assert "[^m]" not in html
    assert "other" in html or "there" in html


def test_a_footnote_holds_all_that_is_indented_below_it():
    note = "a[^n]\n\n[^n]: One.\n\n    Two.\n\n        if x:\n            y\n\n"
    html = render(f"{note}    - three\n      - four\n\nAfter.\n")
    text, _, note = html.partition('<div class="footnotes"')
    assert "After." in text
    assert "y" not in text
    assert re.search(r"<p>Two.</p>\s*<pre[^>]*><code[^>]*>if x:\n    y", note)
    assert note.count("<ul>") == 2
    assert "four" in note
    code = render("a[^n]\n\n[^n]: One.\n\n        x\n")
    assert re.search(r"<p>One.</p>\s*<pre[^>]*><code[^>]*>x\s*</code>", code)


def test_footnotes():
    html = render("a[^x] b[^x] c[^y]\n\n[^x]: one\n[^y]: two")
    assert html.count('id="anchor-fnref1"') == 1
    assert html.count('href="#anchor-fn1"') == 2
    assert '<li id="anchor-fn2"><p>two <a href="#anchor-fnref2"' in html


@pytest.mark.parametrize("kind", ["note", "tip", "important", "warning", "caution"])
def test_admonitions(kind):
    html = render(f"> [!{kind.upper()}]\n> Text *here*.\n")
    assert f'<div class="admonition {kind}" role="note">' in html
    assert f'<p class="admonition-title">{kind.capitalize()}</p>' in html
    assert "<p>Text <em>here</em>.</p>" in html


def test_the_voice_of_the_paper():
    html = render("> [!PAPER] Section 3.1\n> Text.\n>\n> More.\n")
    assert '<p class="admonition-title">The paper, Section 3.1</p>' in html
    assert "<p>Text.</p>\n<p>More.</p>" in html
    assert "<blockquote>" in render("> [!OTHER]\n> text")


def test_headings():
    html, headings, _ = render_all(
        "# A\n\n## B $x$\n\n## B $x$\n\n### *C*\n", kind="module"
    )
    assert html.startswith('<h1 id="a">A</h1>')
    assert [(level, id_) for level, id_, _ in headings] == [
        (2, "b-x"),
        (2, "b-x-1"),
        (3, "c"),
    ]
    assert headings[2][2] == "<em>C</em>"
    assert render("# A").startswith('<h2 id="a">A')


def test_short_code_stays_whole():
    """On a phone, the dot would stand alone in a line."""
    whole = '<p><code class="whole">pip install .</code></p>'
    assert render("`pip install .`") == whole
    assert whole in render("`pip install .`\n\n<b>raw</b>")
    for code in ("pip", "pip install a_package_name"):
        assert render(f"`{code}`") == f"<p><code>{code}</code></p>"


def test_images():
    html = render('![alt](docs/figures/patches.svg "A *caption* with $N$")')
    assert html == (
        '<figure><a class="enlarge" href="figures/patches.svg">'
        '<img src="figures/patches.svg" alt="alt" width="980" height="444" loading="lazy">'
        "</a><figcaption>A <em>caption</em> with <math-inline>N</math-inline></figcaption>"
        "</figure>"
    )
    assert "<figure>" not in render("text ![alt](docs/figures/patches.svg)")


def test_a_caption_is_shown_wherever_its_image_stands():
    one, two = '![a](a.png "One *x*")', '![b](b.png "Two")'
    for between in ("\n", " ", "  \n"):
        html = render(one + between + two)
        assert html.count("<figure>") == 2
        assert "<figcaption>One <em>x</em></figcaption>" in html
        assert "<figcaption>Two</figcaption>" in html
    assert render(f"![a](a.png)\n{two}").count("<figcaption>") == 1
    # In a sentence there is no place for it, and a row of badges is a row.
    for text in (f"See {one}.", f"[{one}](https://x.example/)", f"{one} <b>b</b>"):
        assert ' title="One *x*"' in render(text)
        assert "<figure>" not in render(text)
    assert "<figure>" not in render("![a](a.png) ![b](b.png)")


def test_an_image_with_another_form_for_small_screens_is_a_figure():
    written = """\
<picture><source media="(max-width: 40rem)"
  srcset="docs/figures/cost-narrow.svg">
  ![alt](docs/figures/patches.svg "Many")</picture>"""
    assert render(written) == (
        '<figure><a class="enlarge" href="figures/patches.svg"><picture>'
        '<source media="(max-width: 40rem)" srcset="figures/cost-narrow.svg">\n'
        '<img src="figures/patches.svg" alt="alt" width="980" height="444" loading="lazy">'
        "</picture></a><figcaption>Many</figcaption></figure>"
    )
    assert render(f"{written}\n{written}").count("<figcaption>") == 2
    # What is no pair of tags around the image alone is no form of it.
    for other in (
        written.replace("</picture>", ""),
        written.replace("![", "see ![", 1),
        f"See {written}",
    ):
        assert "<figure>" not in render(other)


@pytest.mark.parametrize("end", ["", "\n\n<b>x</b>"])
def test_an_image_in_a_figure_leads_to_itself(end):
    html = render(f"![alt](docs/figures/patches.svg){end}")
    assert '<a class="enlarge" href="figures/patches.svg">' in html
    html = render(f"![alt](https://x.example/a.png?b&c){end}")
    assert '<a class="enlarge" href="https://x.example/a.png?b&amp;c">' in html
    assert "<a" not in render(f"![alt]({ICON}){end}")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "vbscript:x"]
)
def test_no_image_leads_to_a_script(url):
    for text in (f"![alt]({url})", f'![alt][x]\n\n[x]: {url} "Title"'):
        for end in ("", "\n\n<b>x</b>"):
            html = render(text + end)
            assert html.startswith("<p>alt</p>")
            assert url not in html


@pytest.mark.parametrize(
    "quoted",
    [
        "> |a|b|\n> |-|-|",
        "> a\n>\n> | a | b |\n> |---|---|\n>| 1 | 2 |",
        "> > |a|b|\n> > |-|-|\n> > |1|2|",
        "> > |a|b|\n>> |-|-|\n> > 1",
        "> [!NOTE]\n> |a|b|\n> |-|-|\n> |1|2|",
        "> # One",
        "> > ## One",
        "> One\n> ===",
        "> One\n> ---",
        "> ---",
        "> a\n> ```\n> b\n> ```",
    ],
)
@pytest.mark.parametrize("behind", ["", "\n- c\n", "\nd\n\n> e\n", "\n---\n"])
def test_only_a_paragraph_goes_on_without_the_sign_of_its_quotation(quoted, behind):
    """As in CommonMark."""
    assert render(f"{quoted}\nlazy | line{behind}") == (
        f"{render(quoted)}\n{render(f'lazy | line{behind}')}"
    )


@pytest.mark.parametrize(
    "quoted", ["> a", "> > a", "> - a", "> # One\n> a", "> a\nb\n> c"]
)
def test_a_quoted_paragraph_goes_on_without_its_sign(quoted):
    html = render(f"{quoted}\nlazy | line")
    assert html.endswith("</blockquote>")
    assert "lazy | line" in html


def test_many_quotations_take_no_longer_each(monkeypatch):
    seen = []

    class Counted(str):
        def find(self, *place):
            seen.append(place)
            return super().find(*place)

    def lines_read(count):
        seen.clear()
        renderer = MarkdownRenderer()
        state = renderer.parser.block.state_cls()
        state.process(Counted("> # One\nlazy\n" * count))
        renderer.parser.block.parse(state)
        return len(seen)

    assert lines_read(200) < 25 * lines_read(10)


# ## Purity
#
# What a page becomes depends on nothing that another page has left behind, and on the
# rest of the site only through the answers to its questions.
PAGES = {
    "a.md": """# A $x$

[b](b.md), `B.f`, ![patches](docs/figures/patches.svg) and ![none](none.png) $\\no$

$$x \\label{x}$$

<b title="$y$">raw [^1]</b> \\ref{x} \\ref{y} {{ run:none.a }}

[^1]: note
""",
    "b.md": """# B

`A`, [a](a.md#x), ![ours](docs/figures/patches.svg) and $$a \\label{y}$$ \\ref{y} $\\no$
""",
}


ICON = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("text", "src"),
    [
        ("![a](q%231.png)", "q%231.png"),
        ("![a](<q#1.png>)", "q%231.png"),
        ("![a](w%3F.png)", "w%3F.png"),
        ("![a](100%25.png)", "100%25.png"),
        ("![a](100%.png)", "100%25.png"),
        ("![a](a.svg#part)", "a.svg#part"),
        ("![a](a.svg?raw=true)", "a.svg?raw=true"),
        ("![a](no.svg#part)", "no.svg#part"),
        ('<img src="q%231.png" alt="a">', "q%231.png"),
        (f"![a]({ICON}) <b>x</b>", ICON),
        (f'<img src="{ICON}" alt="a">', ICON),
    ],
)
def test_signs_in_the_names_of_images(build_files, text, src):
    names = ("q#1.png", "w?.png", "100%.png", "a.svg")
    images = dict.fromkeys(names, "<svg></svg>")
    made = build_files({"a.md": text, **images})
    page = made.files["a.html"].decode()
    assert re.findall(r'<img[^>]* src="([^"]*)"', page.replace("<img src", "<img  src"))
    assert f'src="{src}"' in page
    copied = [name for name in names if name in made.files]
    assert copied == [name for name in names if quote(name) == re.split("[?#]", src)[0]]
    # The twin shows the same.
    assert src in made.files["a.md"].decode()


def test_all_pictures_of_an_element_are_copied(build_files):
    text = (
        '<picture><source srcset="d.svg 2x,\n  e%20f.svg" media="(min-width: 9px)">\n'
        '<img src="a.svg" srcset="g.svg 100w, g.svg 200w, no.svg 3x" sizes="50vw" alt="A">'
        "</picture>\n"
    )
    images = dict.fromkeys(("a.svg", "d.svg", "e f.svg", "g.svg"), "<svg></svg>")
    made = build_files(
        {"sub/a.md": text, **{f"sub/{one}": svg for one, svg in images.items()}}
    )
    page = made.files["sub/a.html"].decode()
    assert 'srcset="d.svg 2x, e%20f.svg" media="(min-width: 9px)"' in page
    assert 'srcset="g.svg 100w, g.svg 200w, no.svg 3x" sizes="50vw"' in page
    assert {f"sub/{one}" for one in images} <= set(made.files)


@pytest.mark.parametrize("margin", ["", "   ", "> "])
def test_a_picture_may_stand_below_words(margin):
    lines = ["Two:", "<picture>", '  <source srcset="b.png 2x">', "  <img src=a.png>"]
    text = f"\n{margin}".join([*lines, "</picture>"])
    first = {"   ": "1. "}.get(margin, margin)
    html = render(f"{first}{text}\n")
    assert re.search(r'<picture>\s*<source srcset="b.png 2x">\s*<img[^>]*>\s*</', html)
    assert "&lt;" not in html


def test_only_pictures_are_data_beside_html():
    for src in ("data:text/html,<b>x</b>", "data:application/pdf;base64,AA", "data:,x"):
        assert "data:" not in render(f'<img src="{escape(src)}" alt="a"> <b>x</b>')
    assert "data:" not in render(f'<a href="{ICON}">a</a>')


@pytest.mark.parametrize(
    ("alt", "shown"),
    [
        ('a "b" & c', "a &quot;b&quot; &amp; c"),
        ("it's `x < y`", "it&#x27;s x &lt; y"),
        ("A *b* &amp; &lt;c&gt;", "A b &amp; &lt;c&gt;"),
        ("$x < y$", "$x &lt; y$"),
    ],
)
def test_the_text_of_an_image_is_escaped_once(alt, shown):
    html = render(f"![{alt}](a.png)")
    assert f' alt="{shown}"' in html
    html = render(f"![{alt}](a.png) <b>x</b>")
    assert unescape(re.search(r' alt="([^"]*)"', html)[1]) == unescape(shown)


def test_a_page_depends_on_its_document_and_on_answers(tmp_path):
    config = Config(str(ROOT), output=str(tmp_path))
    documents = {}
    for path, text in PAGES.items():
        source = Source(path, str(ROOT / path), f"{path[0]}.html", "", "markdown")
        documents[source.url] = one_section(source, text)
    formulas = Formulas(str(ROOT))
    lookups = views(config, *documents.values())

    def render(order, lookups):
        prose = Prose(formulas, {"x": "x"})
        pages = {url: prose.page(documents[url], lookups[url]) for url in order}
        html = {
            url: page.html(documents[url].sections[0], "top", {"top"})
            for url, page in pages.items()
        }
        return {url: (html[url], page.gathered) for url, page in pages.items()}

    both = render(["a.html", "b.html"], lookups)
    # These know the answers to what was asked, and nothing else.
    known = {
        url: View(view.source, lambda _, question, view=view: view.answers[question])
        for url, view in lookups.items()
    }
    assert render(["b.html", "a.html"], known) == both
    assert render(["b.html"], known) == {"b.html": both["b.html"]}
    assert pickle.loads(pickle.dumps(both)) == both
    formulas.close()

    (html, _), gathered = both["a.html"]
    assert '<a href="b.html">b</a>' in html
    assert [one.rule for one in gathered.problems] == ["TEX101", "TEX102", "NUM101"]
    assert gathered.images == {
        "docs/figures/patches.svg": str(ROOT / "docs/figures/patches.svg")
    }
    assert gathered.destinations == [
        (1, "b.md", None, False),
        (1, "docs/figures/patches.svg", "patches", False),
        (1, "none.png", "none", False),
    ]
    _, gathered = both["b.html"]
    assert [one.rule for one in gathered.problems] == ["TEX101"]


def test_an_image_may_have_dollar_signs_in_its_name():
    assert 'src="a$x$.png"' in render("![a](a$x$.png)")


# ## Raw HTML
@pytest.mark.parametrize("scheme", SAFE_SCHEMES)
def test_raw_links_may_lead_where_links_in_markdown_do(scheme):
    address = f"{scheme}:x@y.example"
    for written in (f"[a]({address})", f'<a href="{address}">a</a>'):
        assert f'<a href="{address}">a</a>' in render(written)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <script>alert(1)</script> b",
        "<div onclick='alert(1)'>a</div>",
        "<a href='javascript:alert(1)'>a</a>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='//evil'></iframe>",
        "<style>* { display: none }</style>",
        "<svg onload=alert(1)>",
        "<form action='//evil'><input name=password></form>",
        "<p style='position: fixed'>a</p>",
        "<base href='//evil'>",
        "<meta http-equiv=refresh>",
        "<b id='anchor' class='bar'>a</b>",
    ],
)
def test_raw_html_cannot_own_the_page(text):
    html = render(text)
    for tag in re.findall(r"<[^>]*>", html):
        assert not re.search(
            r"<(script|iframe|style|svg|form|input|base|meta)|on\w+=|javascript:|style=|id=|\"bar\"",
            tag,
        ), tag


def test_code_beside_raw_html_keeps_its_colours():
    html = render("A <b>raw</b> word.\n\n```python\nx = 1\n```\n\nA <t-k>word</t-k>.")
    assert "<code>x = <t-m>1</t-m></code>" in html
    assert "A &lt;t-k&gt;word&lt;/t-k&gt;." in html


@pytest.mark.parametrize(
    "text", ["<div>a", "</div></div>a", "<b>a", "<!-- a", "<details>a\n\nb"]
)
def test_an_unclosed_tag_stays_in_its_section(text):
    html = render(text)
    for name in ("div", "b", "details", "p"):
        assert len(re.findall(f"<{name}\\b", html)) == html.count(f"</{name}>")
    assert "<!--" not in html


def test_allowed_html_stays():
    text = "<details><summary>a</summary>\n\nb *c* $x$\n\n</details>\n\nH<sub>2</sub>O <kbd>K</kbd>"
    html = render(text)
    for piece in (
        "<details><summary>a</summary>",
        "<em>c</em> <math-inline>x</math-inline>",
        "H<sub>2</sub>O <kbd>K</kbd>",
    ):
        assert piece in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "<center>\n<font color='red'>a</font> <tt>b</tt> <big>c</big>\n</center>",
            '<div class="center">\n<span>a</span> <code>b</code> <span>c</span>\n</div>',
        ),
        ('<h3 align="center">a</h3>', '<h3 class="center">a</h3>'),
        ("<p align=right>a</p>", '<p class="right">a</p>'),
        ("<section><nav>a</nav></section>", "<div><div>a</div></div>"),
        ("a <strike>b</strike><wbr>c", "<p>a <s>b</s><wbr>c</p>"),
        ("<ruby>a<rt>b</rt></ruby>", "<p><ruby>a<rt>b</rt></ruby></p>"),
        # Words about parts of a page are words.
        (
            "from <section> to </section>",
            "<p>from &lt;section&gt; to &lt;/section&gt;</p>",
        ),
        ("a <center> b", "<p>a &lt;center&gt; b</p>"),
    ],
)
def test_others_stand_in_for_elements_of_before(text, html):
    assert render(text) == html


def test_what_is_no_element_is_text():
    assert render("returns <class 'int'>") == "<p>returns &lt;class 'int'&gt;</p>"
    assert render("<file> is read") == "<p>&lt;file&gt; is read</p>"
    # In a block of HTML as well, where nothing may vanish.
    block = '<div>\nA Dict<str, int>, <key name="x">y</key> and <b>z</b>.\n'
    assert render(f"{block}<style>p > q {{ }}</style><!-- <i> --></div>") == (
        '<div>\nA Dict&lt;str, int&gt;, &lt;key name="x"&gt;y&lt;/key&gt; and '
        "<b>z</b>.\n</div>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "B = A - <A>, where <A> is its mean",
        "begins at <p> or <pre>, not behind </ul>",
        "weights_<i>[<s>] *and* <u>",
        "an <li> may stand in a list",
        "<b>one\n\ntwo</b>",
        "<em>one\n\n* two</em>",
        "*a <b>b* c</b>",
        "# A\n\n## <div>b</div>",
        "| <b> | c |\n|---|---|\n| d</b> | e |",
    ],
)
def test_a_tag_without_a_partner_is_text(text):
    """Nothing that stands in angle brackets gets lost, and nothing is open behind it."""
    html = render(text)
    tags = re.findall(r"</?(?:a|b|i|s|u|p|li|ul|pre|em|div)>", text, re.IGNORECASE)
    shown = unescape(re.sub(r"<[^>]*>", "", html))
    assert re.findall(r"</?\w+>", shown) == tags
    assert_nested(html)


@pytest.mark.parametrize(
    "text",
    [
        "<details><summary>a</summary>\n\nb",
        "a <details><summary>b</summary>",
        "<ul>\n<li><ul><li>a</li></ul></li>",
        "<figure><figcaption>a</figcaption>",
        "a <div>\n\n</p></div>",
    ],
)
def test_what_stands_in_an_element_that_is_text_is_valid(text):
    html = render(text)
    assert_nested(html)
    for child, parents in {
        "summary": ["details"],
        "li": ["ul", "ol"],
        "figcaption": ["figure"],
    }.items():
        if f"<{child}>" in html:
            assert any(f"<{one}>" in html for one in parents)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<!-- a\n\n*b*", "<p>&lt;!-- a</p>\n<p><em>b</em></p>"),
        ("* <!-- a\n\nb", "<ul>\n<li>&lt;!-- a</li>\n</ul>\n<p>b</p>"),
        ("<!-- a -->b\n\n<!-- c <!-- d", "<p>&lt;!-- c &lt;!-- d</p>"),
        ("<!-- a <!-- b -->\n\nc", "<p>c</p>"),
        ("a\n\n    <!-- b\n\nc", "<code>&lt;!-- b</code></pre>\n<p>c</p>"),
    ],
)
def test_a_comment_without_an_end_hides_nothing(text, html):
    assert render(text).endswith(html)


def test_a_comment_without_an_end_is_told(build_files):
    text = "# A\n\n`<!--`\n\nb <!-- c -->\n\n  <!-- d\n\ne\n"
    built = build_files({"a.md": text})
    assert [(one.line, one.column) for one in built.problems] == [(7, 3)]
    assert "<p>e</p>" in built.files["a.html"].decode()


def test_no_tag_in_a_comment_takes_the_place_of_one_that_is_told(build_files):
    built = build_files({"a.md": "# A\n\n<!--\n<b>\n--> and \\<b>, then <b>x\n"})
    assert [(one.line, one.column) for one in built.problems] == [(5, 20)]


def test_what_is_no_tag_of_html_is_text_within_a_block_of_it():
    html = render('<div>\n<Ice cold="x"> and <q>rum</q></T>\n</div>')
    assert html == '<div>\n&lt;Ice cold="x"&gt; and <q>rum</q>&lt;/T&gt;\n</div>'
    # Gone without a word, a drawing would be missed by nobody but its author.
    html = render("<div><svg><path d='M0 0'></path></svg>a</div>")
    assert html.startswith("<div>&lt;svg&gt;&lt;path")


def test_a_tag_that_is_text_is_told_with_its_place(build_files):
    text = """# A

Here is `<details>`.

<details><summary>One</summary>

A <kbd>K</kbd>, and </details> is no end.

## <b>B
"""
    code = '"""<div>One"""\n\n\ndef f():\n    """Two\n    </div>"""\n'
    built = build_files({"a.md": text, "b.py": code})
    told = [
        (one.path, one.line, one.column, one.message.partition(" has")[0])
        for one in built.problems
        if one.rule == "FRM116"
    ]
    assert sorted(told) == [
        ("a.md", 5, 1, "<details>"),
        ("a.md", 5, 10, "<summary>"),
        ("a.md", 5, 22, "</summary>"),
        ("a.md", 7, 21, "</details>"),
        ("a.md", 9, 4, "<b>"),
        ("b.py", 1, 4, "<div>"),
        ("b.py", 6, 5, "</div>"),
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("The <?xml version=1?> *head*", "&lt;?xml version=1?&gt; <em>head</em>"),
        ("A <!DOCTYPE html>, a <!-- no -->page", "A &lt;!DOCTYPE html&gt;, a page"),
        ("<![CDATA[ *x* ]]>", "<p>&lt;![CDATA[ <em>x</em> ]]&gt;</p>"),
        ("- one\n\n    <?pi two?>", "&lt;?pi two?&gt;"),
        ("<?php\n\n## Below", "<p>&lt;?php</p>\n<h2"),
        ("<details><summary>A</summary>\n<?b?>\n</details>", "\n&lt;?b?&gt;\n"),
        ("`<?php`, \\<?", "<code>&lt;?php</code>, &lt;?</p>"),
        ("a\n\n    <?php", "<code>&lt;?php</code></pre>"),
        ("- `<?php\n  x`", ">&lt;?php x</code>"),
        (">     <?php", "<code>&lt;?php</code></pre>"),
        ("`<!--\nx`", ">&lt;!-- x</code>"),
    ],
)
def test_instructions_and_declarations_are_text(text, html):
    assert html in render(text)


def test_a_tag_in_a_directive_is_told_with_its_place(build_files):
    text = """# A

A <kbd>K</kbd>.

> [!FIGURE] a.js
> One <u>u</u>, <kbd>.

> [!FIGURE] a.js
> A <kbd>K</kbd>
> and </kbd>.

Last <kbd>.
"""
    built = build_files({"a.md": text, "a.js": "1;"})
    told = [(one.line, one.column) for one in built.problems if one.rule == "FRM116"]
    assert sorted(told) == [(6, 17), (10, 7), (12, 6)]


def assert_nested(html):
    open_tags = []
    for slash, name in re.findall(r"<(/?)([a-z]\w*)[^>]*>", html):
        if name not in ("br", "hr", "img"):
            assert not slash or open_tags.pop() == name
            open_tags += [] if slash else [name]
    assert open_tags == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<ul>\n<li>a\n<li>b\n</ul>", "<ul>\n<li>a\n</li><li>b\n</li></ul>"),
        ("One.\n<p>\nTwo.", "<p>One.</p>\n<p>\nTwo.\n</p>"),
        ("One.<br>Two.<br/>Three.</br>", "One.<br>Two.<br>Three.<br>"),
        ('<a name="usage">Usage', '<a id="usage"></a>Usage'),
        ("<table><tr><td>a<td>b</table>", "<td>a</td><td>b</td>"),
        ("<div><b>a</b>\n\n*b*\n\n</div>", "<div><b>a</b>\n<p><em>b</em></p>\n</div>"),
    ],
)
def test_html_may_leave_out_what_html_itself_does(text, html):
    assert html in render(text)


def test_a_table_of_html_scrolls_as_one_of_markdown_does():
    html = render('<TABLE align="center">\n<tr><td>ice\n\n*rum*\n</td></tr>\n</TABLE>')
    assert html.startswith('<div class="table"><table class="center">')
    assert html.rstrip().endswith("</table></div>")
    assert_nested(html)
    assert "<div" not in render("<table> of drinks")


def test_headings_are_clean_in_the_contents(build_files):
    text = '# A\n\n## <b onclick="f()">b</b> <a id="c"></a>c <i>\n\nx\n\n## D\n\ny\n'
    files = build_files({"readme.md": text}).files
    page = files["index.html"].decode()
    (contents,) = re.findall(r'<nav class="contents".*?</nav>', page, re.DOTALL)
    assert "<b>b</b> c &lt;i&gt;</a></li>" in contents
    assert "onclick" not in page
    assert page.count('id="c"') == 1


@pytest.mark.parametrize(
    "text",
    ["6*N*M bytes", "x*y, then y*z", "p(x)**2 + a[i]**(n) + 3*(b*c)", "2**n of **_"],
)
def test_a_product_is_not_emphasis(text):
    assert render(text) == f"<p>{text}</p>"


def test_emphasis_beside_a_product_is_emphasis():
    assert render("a *b*, **c*d** (*e*)") == (
        "<p>a <em>b</em>, <strong>c*d</strong> (<em>e</em>)</p>"
    )


@pytest.mark.parametrize("text", ["Make[int](5) is made", "call [[Get]](key)"])
def test_a_call_is_not_a_link(text):
    assert render(text) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("about 81.35 % of it", "about 81.35~% of it"),
        ("*about* 5 % and `6 % 4`", "<em>about</em> 5~% and <code>6 % 4</code>"),
        ("all of the 100\n% of it", "all of the 100~% of it"),
        ("of $n$ %", "of <math-inline>n</math-inline>~%"),
        ("no number %", "no number %"),
        ("*all* of the 100\n% of it", "<em>all</em> of the 100~% of it"),
        ("**93.1** % of it", "<strong>93.1</strong>~% of it"),
        (r"the 5 \% of it", "the 5~% of it"),
        ("`6 % 4` is 2, or 2 %", "<code>6 % 4</code> is 2, or 2~%"),
    ],
)
def test_no_line_ends_between_a_number_and_its_percent_sign(text, html):
    shown = render(text).replace('<code class="whole">', "<code>")
    assert shown == f"<p>{html}</p>".replace("~", "\u00a0")


def test_code_in_prose_keeps_its_spaces_before_percent_signs():
    assert "print(6 % 4)" in render("```\nprint(6 % 4)\n```")


@pytest.mark.parametrize(
    ("heading", "github"),
    [("Only 5 % left", "only-5--left"), ("Only 5&nbsp;% left", "only-5-left")],
)
def test_the_anchors_of_a_heading_with_a_percentage_stay(heading, github):
    html, headings, _ = render_all(f"# T\n\n## {heading}")
    assert headings[-1] == (2, "only-5-left", "Only 5\u00a0% left")
    assert f'id="{github}"' in html


# ## Shortcuts
#
# What the shortcut for plain text makes is what mistune makes.
PLAIN = mistune.Markdown(MarkdownRenderer(), BlockParser(), plugins=PLUGINS)
EASY = st.sampled_from("a b2 c_d `e` `_f`, x. y; 3 % ( - = # ## \n \n\n".split(" "))
HARD = st.sampled_from(
    "a b2 c_d _e f_ __g__ * ** *h i* **j - + 1. 2) = == -- # > < <= & | : :: ~ ~~ ! [k] [k](l) "
    "[^m] [n]: ` \\ $ \" ' ( ) x. y, z; https://o.p @q ... >>> \n \n\n \n\n "
    "`c` `_d` `*` `\\` `` ` `e `<f> $x$ _ ## ###g #".split(" ")
)
# Words that touch each other mean something else than words with spaces between them.
GAPS = st.sampled_from(["", " ", " ", "\n", "\n\n"])


@given(
    st.lists(st.tuples(EASY | EASY | EASY | HARD, GAPS).map("".join), max_size=14).map(
        "".join
    )
)
def test_plain_text_is_what_mistune_makes_of_it(text):
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    config = Config("/", output="/o")
    source = Source("s.py", "/s.py", "s.html", "s", "python")
    document = one_section(source, text, "note")
    (lookup,) = views(config, document).values()
    (section,) = document.sections
    passage = Passage(document, section, "a", {"a"}, lookup, Gathered())
    PLAIN.renderer.passage = passage
    PLAIN.renderer.parser = PLAIN
    expected = PLAIN(passage.lifted.text)
    if passage.has_raw_html:
        return
    spy = Spy("/")
    expected = passage.lifted.put_back(
        expected, lambda one: spy.html(one.content, one.kind == "display")
    )
    html, headings = Prose(spy, {}).page(document, lookup).html(section, "a", {"a"})
    assert html == (with_whole_percentages(expected) if text.strip() else "")
    assert [one[:2] for one in headings] == [one[:2] for one in passage.headings]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('<img src="a.png" alt="$x$ norm">', 'alt="$x$ norm"'),
        ('a <b title="$x<y$">b</b>', 'title="$x&lt;y$"'),
        ("https://x.y/$b$/c", 'href="https://x.y/$b$/c"'),
        ("[a](https://x.y/?q=$b$)", 'href="https://x.y/?q=$b$"'),
    ],
)
def test_no_formula_stands_in_an_attribute(text, html):
    assert html in render(text)
    assert "\U0010fffc" not in render(text)


def test_a_formula_never_swallows_code():
    assert (
        render("Set $HOME and `$x` now.") == "<p>Set $HOME and <code>$x</code> now.</p>"
    )


def table_of(text):
    """The texts of the cells of the only table, row by row, and what is behind it."""
    inner, rest = re.fullmatch(
        r'.*?<div class="table"><table>\n(.*?)</table></div>(.*)',
        render(text),
        re.DOTALL,
    ).groups()
    rows = re.findall(r"<tr>(.*?)</tr>", inner, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return cells, rest.strip()


@pytest.mark.parametrize(
    ("rows", "cells", "rest"),
    [
        # As the examples 200 to 205 of GitHub's specification.
        ("| 1 | 2 |\n| 3 |\n| 4 | 5 | 6 |", [["1", "2"], ["3", ""], ["4", "5"]], ""),
        ("1 | 2\n| 3\n4 |", [["1", "2"], ["3", ""], ["4", ""]], ""),
        ("| 1 | 2 |\nbar\n\nbar", [["1", "2"], ["bar", ""]], "<p>bar</p>"),
        ("| 1 | 2 |\n> bar", [["1", "2"]], "<blockquote>\n<p>bar</p>\n</blockquote>"),
        ("| 1 | 2 |\n# x", [["1", "2"]], '<h2 id="x">x</h2>'),
        ("| 1 |\n$$y$$", [["1", ""]], "<p><math-display>y</math-display></p>"),
        (r"| a \| b | `c \| d` |", [["a | b", '<code class="whole">c | d</code>']], ""),
        # No cell is lost where code alone has one sign too many.
        ("| `a|b` | c |", [["<code>a|b</code>", "c"]], ""),
        ("| ``a`|b`` | `c|` |", [["<code>a`|b</code>", "<code>c|</code>"]], ""),
        ("| `a|b` |", [["`a", "b`"]], ""),
        ("| `a|b` | c | d |", [["`a", "b`"]], ""),
        (
            "| $|x|$ | $a$ | `$b$` |",
            [["<math-inline>|x|</math-inline>", "<math-inline>a</math-inline>"]],
            "",
        ),
        ("||x|", [["", "x"]], ""),
        ("<b>x</b>", [["<b>x</b>", ""]], ""),
        ("1\n<div>x</div>", [["1", ""]], "<div>x</div>"),
        ("", [], ""),
    ],
)
def test_rows_are_filled_and_cut(rows, cells, rest):
    found, behind = table_of(f"| a | b |\n|:-:|--|\n{rows}")
    assert found == [["a", "b"], *cells]
    assert behind == rest


@pytest.mark.parametrize("margin", ["", "> ", "* ", "1. "])
def test_tables_stand_in_text_lists_and_quotations(margin):
    lines = ["a | b", "--|--", "`x`", "1 | 2 | 3"]
    rest = margin if margin == "> " else " " * len(margin)
    found, _ = table_of(margin + f"\n{rest}".join(lines))
    assert found == [["a", "b"], ["<code>x</code>", ""], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("* x\n\n  | a |\n  |---|\n  | 1 |\nlazy", "</li>\n</ul>\n<p>lazy</p>"),
        ("1) | a |\n   |---|\n   | 1 |\n lazy", "</li>\n</ol>\n<p>lazy</p>"),
        ("> - | a |\n>   |---|\n>   | 1 |\n> lazy", "<p>lazy</p>\n</blockquote>"),
        # The list around the innermost goes on.
        (
            "* x\n  * | a |\n    |---|\n    | 1 |\n  lazy",
            "</li>\n</ul>\n<p>lazy</p>\n</li>\n</ul>",
        ),
        ("* | a |\n  |---|\n  | 1 |\n* x\nlazy", "<li>x\nlazy</li>\n</ul>"),
        ("* | a |\n  |---|\n  | 1 |\n```\nx\n```", "<pre"),
    ],
)
def test_a_line_without_a_margin_is_no_row_of_a_table_in_a_list(text, rest):
    found, behind = table_of(text)
    assert found == [["a"], ["1"]]
    assert rest in behind


@pytest.mark.parametrize(
    "text", ["a | b\n--", "| a | b |\n|---|", "a\n|-|-|", "| a | b |\n| - | x |", "a|b"]
)
def test_what_is_no_table(text):
    assert "<table" not in render(text)


def test_a_table_ends_a_paragraph():
    assert render("Text.\n| a |\n|---|\n").startswith("<p>Text.</p>\n<div")
    assert "tbody" not in render("| a |\n|---|\n")


def test_a_pipe_in_the_code_of_a_cell():
    html = render("| a |\n|---|\n| `x\\|y` and $a \\| b$ |")
    assert "<code>x|y</code>" in html
    assert "<math-inline>a \\| b</math-inline>" in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<a id="The_step"></a>\n## A step', '<a id="The_step"></a>'),
        ("text <a name='the.step'></a>", '<a id="the.step"></a>'),
        ("<div class=x id=the-step>\n\na\n\n</div>", '<div id="the-step">'),
        ("<h3 id='step'>A</h3> <p id='step'>b</p>", '<h3 id="step">A</h3> <p>b</p>'),
        ("<a id='anchor'>b</a>", "<a>b</a>"),
        ("<a id='sidelit:main'>b</a> <img name='c'>", "<a>b</a>"),
        ("<a id='a-step'></a>\n\n## A step", '<h2 id="a-step-1">A step'),
    ],
)
def test_an_anchor_that_the_author_gives(text, expected):
    assert expected in render(text)


def test_links_lead_to_anchors_that_the_author_gives(build_files, project):
    text = "# A\n\n[b](b.py#the_step)\n"
    code = '"""\n# B\n\n[here](#the_step)\n"""\n\n# <a id="the_step"></a>\n# ## A step\nx = 1\n'
    folder = project({"pyproject.toml": "", "src/a.md": text, "src/b.py": code})
    config, _ = load({"sources": [str(folder / "src")]})
    assert {one.rule for one in check(config)} <= {"FRM104"}


def test_an_ampersand_in_a_heading_has_no_place_in_its_anchor():
    assert 'id="head-code"' in render("## Head & code")


def test_dollar_signs_around_backticks_are_a_formula():
    html = render("as on GitHub, $`a_b*c*d`$ is one")
    assert "<math-inline>a_b*c*d</math-inline>" in html


def test_equations_have_numbers_and_references_lead_there(build_files):
    text = r"""# A

$$a = b \label{first}$$

$$\begin{align} a &= b \label{x y} \\ b &= c \label{z} \tag{7} \end{align}$$

See \ref{first}, $\eqref{x y}$, \eqref{z}; `\ref{code}` is code.
"""
    page = build_files({"a.md": text}).files["a.html"].decode()
    for identifier in ("equation-first", "equation-x-y", "equation-z"):
        assert page.count(f'id="{identifier}"') == 1
    assert (
        'See <a href="#equation-first">1</a>, <a href="#equation-x-y">(2)</a>, <a href="#equation-z">(7)</a>; <code>\\ref{code}</code>'
        in page
    )
    broken = build_files({"a.md": "See \\ref{nowhere}.\n"})
    assert [(one.rule, one.line, one.column) for one in broken.problems] == [
        ("TEX102", 1, 5)
    ]


# ## Links
@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("see https://x.org/a_(b), c", "https://x.org/a_(b)", ", c"),
        ("(https://x.org/a)", "https://x.org/a", ")"),
        ("(see https://x.org/a_(b).)", "https://x.org/a_(b)", ".)"),
        ("https://x.org/((a)) b", "https://x.org/((a))", " b"),
        ("https://x.org/?q=(a)&amp;r=1!?", "https://x.org/?q=(a)&amp;r=1", "!?"),
        ("**https://x.org**", "https://x.org", "</strong>"),
        ("https://x.org/a~b_c*", "https://x.org/a~b_c", "*"),
        ("<https://x.org/a_(b)>", "https://x.org/a_(b)", ""),
        ("[a https://x.org/b](c)", "c", ""),
        ("`https://x.org`", None, ""),
        ("https://...", None, ""),
        (
            "https://x.org/?a[]=1&b[0]=2 c",
            "https://x.org/?a%5B%5D=1&amp;b%5B0%5D=2",
            " c",
        ),
        ("https://x.org/a]b", "https://x.org/a", "]b"),
        ("http://[::1]:80/a", None, ""),
        ("HTTPS://x.org/A", "HTTPS://x.org/A", ""),
        ("https://x.org/a&copy;", "https://x.org/a", "©"),
        ("ahttps://x.org", None, ""),
        ("see www.x.org/a_(b).", "http://www.x.org/a_(b)", "."),
        ("(www.x.org)", "http://www.x.org", ")"),
        ("{@link https://x.org/a}.", "https://x.org/a", "}."),
        ("{https://x.org/{a}}", "https://x.org/%7Ba%7D", "}"),
        ("a.www.x.org, @www.x.org, /www.x.org, www. x", None, ""),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text, address, rest):
    html = render(text)
    if address is None:
        assert "href" not in html
    else:
        (found,) = re.findall(r'href="([^"]*)"', html)
        assert found == address
        assert html.endswith(f"</a>{rest}</p>")


@pytest.mark.parametrize(
    ("heading", "ours", "github"),
    [
        ("What's new?", "what-s-new", "whats-new"),
        ("Node.js", "node-js", "nodejs"),
        ("A  & B", "a-b", "a---b"),
        ("Über `f(x)`", "über-f-x", "über-fx"),
        ("A *b* [c](d)", "a-b-c", "a-b-c"),
        ("snake_case", "snake_case", "snake_case"),
        ("x-y – z", "x-y-z", "x-y--z"),
        ("$x$ and y", "x-and-y", "x-and-y"),
        ("!!", "heading", ""),
        ("Fläche in m²", "fläche-in-m²", "fläche-in-m"),
        ("हिन्दी में", "ह-न-द-म", "हिन्दी-में"),
    ],
)
def test_a_heading_has_the_anchor_of_github_as_well(heading, ours, github):
    html = render(f"## {heading}")
    assert html.startswith(f'<h2 id="{ours}">')
    others = re.findall(r'<span id="([^"]*)"></span>', html)
    assert others == ([github] if github not in ("", ours) else [])
    # The title is one, too.
    title = render(f"# {heading}", kind="module")
    assert re.findall(r'<h1(?: id="([^"]*)")?>', title) == [github]


def test_headings_of_one_name_are_numbered_as_by_github():
    html = render("## Use\n\n## Use\n\n## Use!\n\n## What's this\n\n## What's this\n")
    assert re.findall(r' id="([^"]*)"', html) == [
        *("use", "use-1", "use-2"),
        *("what-s-this", "whats-this", "what-s-this-1", "whats-this-1"),
    ]


def test_a_note_in_a_note_is_not_lost():
    html = render("a[^a]\n\n[^a]: one[^b]\n[^b]: two[^a] and[^c]\n[^c]: three")
    ids = re.findall(r'<li id="anchor-fn(\d)"', html)
    assert ids == ["1", "2", "3"]
    assert set(re.findall(r'href="#anchor-fn(\d)"', html)) == {*ids}
    assert html.count('class="footnotes"') == 1


@pytest.mark.parametrize(
    ("behind", "note", "rest"),
    [
        ("\ngoes on\n  and on\n\nrest", "note\ngoes on\nand on", "<p>rest</p>"),
        ("\n* item", "note", "<ul>\n<li>item</li>\n</ul>"),
        ("\n$$x$$", "note", "<p><math-display>x</math-display></p>"),
        ("\n$x$ goes on", "note\n<math-inline>x</math-inline> goes on", ""),
        ("\n[^o]: other\n\nrest", "note", "<p>rest</p>"),
    ],
)
def test_a_note_goes_on_without_indentation(behind, note, rest):
    text, _, notes = render(f"a[^n]\n\n[^n]: note{behind}").partition("<div")
    assert f"<p>{note} <a href" in notes
    assert text.partition("</p>")[2].strip() == rest


def test_a_note_without_text_has_none():
    assert "<p>b</p>" in render("a[^n]\n\n[^n]:\n\nb")


def test_a_definition_brings_what_it_needs(build_files):
    text = (
        '"""\nM.\n\n[^n]: As [p] says, so[^o].\n[^o]: Even\nso.\n[p]: https://x.org/p\n"""\n'
        'def f():\n    """Text.[^n]"""\n'
    )
    page = build_files({"a.py": text}).files["a.html"].decode()
    row = page[page.index('id="f"') :]
    assert row.count('href="https://x.org/p"') == 1
    assert "<p>Even\nso. <a" in row
    assert "[^" not in row


def test_a_note_of_one_docstring_serves_the_others(build_files, project):
    first = '"""One.[^n] Two.[^m]"""\n\n\n'
    second = 'def f():\n    """Three.[^n]\n\n    [^n]: Said once.\n    [^m]: Said.\n    """\n'
    third = "\n\n# Four.\n#\n# [^m]: Said again.\nx = 1\n"
    page = build_files({"a.py": first + second + third}).files["a.html"].decode()
    assert page.count("Said once.") == 2
    assert "Two.[^m]" in page
    config, _ = load(
        {"sources": [str(project({"a.py": first + second + third}) / "a.py")]}
    )
    (found,) = (one for one in check(config) if one.rule == "LNK105")
    assert "[^m]" in found.problem.message


def test_an_address_of_one_docstring_serves_the_others(build_files):
    text = '''"""See [it], [one][it], [a x][y], [i][j] and [k]; [opt] and [two][2]; a[0][1]."""


def f():
    """
    See [it].

    [it]: https://x.org/it
    [y]: sub/y.md "Y"
    [k]: https://x.org/k
    [opt]: what may be left out
    [1]: https://x.org/first
    [2]: <https://x.org/two>
    """


def g():
    """
    As [two] says.

    [2]: https://x.org/other
    """
'''
    html = build_files({"a.py": text}).files["a.html"].decode()
    lead, _, rest = html[html.index("<p>See") :].partition("</p>")
    it = '<a href="https://x.org/it">'
    assert lead.startswith(f"<p>See {it}it</a>, {it}one</a>, <a href=")
    assert ">a x</a>, [i][j] and [k]; [opt] and [two][2]; a[0][1]." in lead
    assert f"<p>See {it}it</a>" in rest


def test_a_definition_of_the_module_serves_the_whole_file(build_files):
    text = '''r"""
Module, [own][p].

[p]: https://x.org/p "Title"
[Two  words]: https://x.org/two
[mine]: https://x.org/other
[^n]: A note on $x^2$.
    It goes on.
"""


def f():
    """
    See [p], [text][P], [two words][], [mine] and a note.[^n]

    [mine]: https://x.org/mine
    """
    # No need of [brackets], `[p]` or ```.
    # ```
    # [p]
    x = 1


def g():
    """No reference."""


def h():
    """As [p] says."""


# [f](#f) and `h`.
h()
'''
    files = build_files({"a.py": text}).files
    page = files["a.html"].decode()
    assert re.findall(
        r'href="https://x.org/([a-z]*)"(?: title="Title")?>([^<]*)', page
    ) == [
        ("p", "own"),
        ("p", "p"),
        ("p", "text"),
        ("two", "two words"),
        ("mine", "mine"),
        ("p", "p"),
    ]
    assert page.count('class="footnotes"') == 1
    note = page[page.index('id="f-fn1"') :]
    assert "x^2</annotation>" in note[: note.index("</li>")]
    assert "<code>[p]</code>" in page
    # A card needs it as well, and no brackets.
    assert "As p says." in page
