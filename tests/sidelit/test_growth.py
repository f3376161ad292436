"""What takes the square of the time for twice the text is found, and mended or limited."""

import re

import pytest

from sidelit import model
from sidelit.check.check import check
from sidelit.check.references import links_of
from sidelit.config import load
from sidelit.markup import formulas
from sidelit.model import Section, Source
from sidelit.prose import markdown
from sidelit.prose.passage import Gathered
from sidelit.read import lexer
from sidelit.read import markdown as read_markdown
from sidelit.read.brackets import names_as_code
from sidelit.read.front_matter import first_sentence
from sidelit.read.markdown import place, plain_text
from sidelit.read.split import split_data
from sidelit.read.tagged import tags_as_markdown
from sidelit.read.xmldoc import xml_as_markdown
from sidelit.site import slug


# ## Limits
@pytest.mark.parametrize(
    ("name", "limit", "harmless", "beyond", "words"),
    [
        ("LONGEST", 40, "*a* b", "c *d* " * 7, "a paragraph has 41 characters, of at most 40"),
        ("DEEPEST", 2, "*a **b** c*", "*a *b *c *d* e* f* g*", "emphasis in emphasis has more than 2 levels"),
    ],
)  # fmt: skip
def test_a_paragraph_beyond_a_limit_is_shown_as_it_is_written(
    project, monkeypatch, name, limit, harmless, beyond, words
):
    monkeypatch.setattr(markdown, name, limit)
    page = f"# A\n\n{harmless}\n\n- one\n- {beyond}\n\nAn *end*.\n"
    folder = project({"src/a.md": page})
    config, _ = load({"sources": [str(folder / "src")]})
    (problem,) = [one.problem for one in check(config)]
    assert str(problem) == f"a.md:6:3: SRC108 {words}; it is shown as text"
    assert not problem.is_error


def test_flat_emphasis_is_not_deep(monkeypatch):
    monkeypatch.setattr(markdown, "DEEPEST", 3)
    for text in ("*a* _b_ " * 50, "*a " * 50, "a* " * 50, "a_b_c " * 50, "2*x*y " * 50):
        assert markdown.beyond_limits(text) == ""
    assert "levels" in markdown.beyond_limits("*a " * 50 + "b* " * 50)


# ## One way to read it
#
# Each of these texts is of a kind that expressions could be slow for. Here they are
# short; what is tested is that they are still read as before.
def sources(text):
    return [one.source for one in formulas(text)]


def test_environments_end_where_their_own_name_does():
    inner = r"\begin{pmatrix} a \end{pmatrix}"
    whole = rf"\begin{{pmatrix}} {inner} & b \end{{pmatrix}}"
    assert sources(f"So {whole} is.") == [whole]
    mixed = rf"\begin{{align}} x &= {inner} \\ y \end{{align}}"
    assert sources(mixed) == [mixed]
    # One that never ends is text, and takes nothing with it.
    assert sources(r"\begin{align} or \begin{align} x \end{align}") == [
        r"\begin{align} x \end{align}"
    ]
    assert sources(r"\begin{align} a $x$ and \begin{align} b") == ["$x$"]


def test_comments_hide_formulas():
    assert sources("<!-- $x$ - -> < $y$ --> $z$ <!-- $u$") == ["$z$", "$u$"]
    assert first_sentence("<!-- no -->\nYes. No.", True) == "Yes."


def test_titles_without_their_marks():
    text = "[a `b`](c(d) <e)>), ![f](g), [h.i][j], [12][k] and [l] *m*"
    assert plain_text(text, True) == "a `b`, f, h.i, [12][k] and [l] m"
    assert slug("Ab [cd](x(y)) <b>ef</b>") == "ab-cd-ef"
    text = 'H<sub>2</sub>O<a id="x"></a><br>`<i>d</i>` and <B class="y">e</b>'
    assert plain_text(text, True) == "H2O <i>d</i> and e"
    # Tags without a partner, and names that are no tags, are shown as they are.
    assert plain_text("<b> in <name>x</name>", True) == "<b> in <name>x</name>"


def test_brackets_are_read_in_one_way():
    """As many as here would have taken longer than there is time."""
    text = "[a](" + "<b>" * 200
    assert plain_text(text, True) == text
    text = "[" + "1" * 20_000
    assert plain_text(text, True) == text
    assert plain_text("<b>" * 20_000 + "</b>" * 20_000, True) == ""


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ('<!-- <a href="a"> <!-- --> <a href="b"> <!-- <a href="c">', ["b", "c"]),
        ("<!--" * 100_000 + '<a href="a">', ["a"]),
        ("--><!--" * 100_000 + '<a href="a">', ["a"]),
    ],
)
def test_comments_that_never_end_hide_no_links(text, links):
    """As many as here would have taken longer than there is time."""
    source = Source("a.md", "/a.md", "a.html", "", "markdown")
    document = split_data(source, text.encode())
    assert [one.url for one in links_of(document, ())] == links


# ## Many problems
def test_the_place_of_many_problems_in_one_line():
    """The line is taken apart once and not for each of them."""
    words = [rf"\\ref{{n{number}}}" for number in range(50)]
    text = f'"""\nSee {" ".join(words)}.\n"""\n'
    document = split_data(Source("s.py", "/s", "s.html", "s", "python"), text.encode())
    (section,) = [one for one in document.sections if one.prose]
    assert isinstance(section, Section)
    line = text.split("\n")[1]
    before = read_markdown._as_written.cache_info().misses
    for number, match in enumerate(re.finditer(r"\\ref", section.prose)):
        found = place(document, section, match.start())
        assert found == (2, line.index(words[number]) + 1)
    assert read_markdown._as_written.cache_info().misses == before + 1


def test_the_same_problem_is_told_once():
    gathered = Gathered()
    for _ in range(2):
        for message in ("one", "two"):
            gathered.report(("a.py", message))
    assert gathered.problems == [("a.py", "one"), ("a.py", "two")]


# ## Many of a kind
def test_the_first_free_number_is_found(monkeypatch):
    monkeypatch.setattr(model, "_FEW", 3)
    taken = {"a-5", "b"}
    found = [model.unique("a", taken) for _ in range(40)]
    assert found == ["a", *(f"a-{n}" for n in range(2, 42) if n != 5)]
    seen = []

    class Counted(set):
        def __contains__(self, one):
            seen.append(one)
            return super().__contains__(one)

    counted = Counted({"a", *(f"a-{n}" for n in range(2, 5000))})
    assert model.unique("a", counted) == "a-5000"
    assert len(seen) < 50


def test_bases_may_be_more_than_the_stack_is_deep(build_files):
    count = 1500
    chain = "".join(f"class A{n}(A{n - 1}):\n    pass\n" for n in range(1, count))
    built = build_files(
        {
            "a.py": f"from z import A{count - 1}\n\nA{count - 1}.f\n",
            "z.py": f"class A0:\n    def f(self):\n        pass\n{chain}",
        }
    )
    assert built.problems == ()
    assert b'href="z.html#A0.f"' in built.files["a.html"]


@pytest.mark.parametrize("language", ["c", "java", "lua"])
def test_what_is_empty_for_pygments_is_one_line(language, monkeypatch):
    """Some of its lexers look at each line for what stands behind all empty ones."""
    sign = "--" if language == "lua" else "//"
    comment = [f"{sign} word {number}\n" for number in range(50)]
    text = "".join(["x = 1;\n", *comment, "\n" * 50, "if (x) y = f(2);\n", "\n" * 9])
    told = []

    def read(lexer_, covered, whole=lexer._pygments):
        told.append(covered)
        return whole(lexer_, covered)

    monkeypatch.setattr(lexer, "_pygments", read)
    tokens = [*lexer.lex_other(text, language)]
    assert re.sub(r"[ \t]*\n", "\n", told[0]) == "x = 1;\n\nif (x) y = f(2);\n\n"
    # What is behind the gap is where it was.
    shown = [text[start:end] for _, start, end in tokens]
    assert [one for one in shown if sign in one] == [one[:-1] for one in comment]
    assert {"1", "2", "if"} <= {*shown}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("{@code  a }, {@link  b |  c } and {@link d }", "java", "`a `, c (`b`) and `d`"),
        ("@startuml\n@startuml\na\n@enduml", "c", "@startuml\n```plantuml\na\n```"),
        ("@code  a @endcode, @link b  c @endlink", "c", "`a`, c (`b`)"),
    ],
)  # fmt: skip
def test_tags_are_read_in_one_way(text, language, expected):
    assert tags_as_markdown(text, language) == (expected, False)


def test_names_are_read_in_one_way():
    assert (
        names_as_code("[AbC], [ABc.D] and [ABC]", "go")
        == "``AbC``, ``ABc.D`` and [ABC]"
    )
    assert xml_as_markdown('<param  name = "x" >a</param>')[0] == "+ `x`: a"
