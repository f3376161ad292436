"""Docstrings of Google, NumPy and Sphinx: what becomes of them, and what does not."""

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidelit.check.check import check
from sidelit.config import load
from sidelit.forms.markdown import MarkdownWriter
from sidelit.read.brackets import names_as_code
from sidelit.read.callouts import callouts_as_markdown
from sidelit.read.comments import dedent
from sidelit.read.docstrings import as_markdown
from sidelit.read.tagged import tags_as_markdown
from sidelit.read.xmldoc import xml_as_markdown


def converted(text: str, of_module: bool = False) -> str:
    """The Markdown of a docstring; one without fields has a `-` in front."""
    lines = unindented(text).split("\n")
    made, fields = as_markdown(lines, of_module)
    assert len(made) == len(lines)
    return "\n".join(made) if fields else "-\n" + "\n".join(made)


def unindented(text: str) -> str:
    return textwrap.dedent(text).strip()


# ## Fields
STYLES = {
    "google": (
        """
        Mix two drinks.

        Args:
            first: the one
            second (Drink, optional): the other, with a long
                explanation
            *more, **rest: what else

        Returns:
            Drink: the mix
        Raises:
            bar.Closed: after midnight
        """,
        """\
Mix two drinks.

+ **Args**:
  + `first`: the one
  + `second` (Drink, optional): the other, with a long
    explanation
  + `*more`, `**rest`: what else

+ **Returns**:
  + *Drink*: the mix
+ **Raises**:
  + `bar.Closed`: after midnight""",
    ),
    "google with errors alone": (
        """
        Raises:
            KeyError: if it is no
                drink
            ValueError
            Exception
            bar.TooLateError
            and so on
        """,
        """\
+ **Raises**:
  + `KeyError`: if it is no
    drink
  + `ValueError`
  + `Exception`
  + `bar.TooLateError`:
    and so on""",
    ),
    "google with text": (
        """
        Args:
          - first: the one
          second (Drink)
            The other.

        Yields:
          A sip at a time: slowly.

        Tasting notes:
          Sweet.
        """,
        """\
+ **Args**:
  + `first`: the one
  + `second` (Drink):
    The other.

+ **Yields**:
  A sip at a time: slowly.

+ **Tasting notes**:
  Sweet.""",
    ),
    "numpy": (
        """
        Mix two drinks.

        Parameters
        ----------
        first, second : {Drink, str} of shape (glasses, 2)
            The two.

            In order.
        ice : bool
        heat

        Returns
        -------
        mix : Drink
            The mix.
        list[int]
            What it cost.

        Raises
        ------
        Closed
            After midnight.

        See Also
        --------
        stir : Turns it.
        shake, bar.Bar.serve

        Method
        ------
        Pour.
        """,
        """\
Mix two drinks.

+ **Parameters**:

  + `first`, `second` ({Drink, str} of shape `(glasses, 2)`):
    The two.

    In order.
  + `ice` (bool)
  + `heat`

+ **Returns**:

  + **mix** (Drink):
    The mix.
  + *list[int]*:
    What it cost.

+ **Raises**:

  + `Closed`:
    After midnight.

+ **See Also**:

  + `stir`: Turns it.
  + `shake`, `bar.Bar.serve`

+ **Method**:

  Pour.""",
    ),
    "numpy without a list": (
        """
        Returns
        -------
        The mix of the two, ready to be served.
        """,
        "+ **Returns**:\n\n  The mix of the two, ready to be served.",
    ),
    "sphinx": (
        """
        Mix two drinks.

        :param Drink first: the one
        :param second: the other, with a long
            explanation
        :type second: Drink or None
        :ivar glass: what it is in
        :returns: the mix
        :rtype: Drink
        :raises Closed: after midnight
        :since: 1.2
        """,
        """\
Mix two drinks.

+ `first` (Drink): the one
+ `second` (Drink or None): the other, with a long
  explanation

+ **Attribute** `glass`: what it is in
+ **Returns** (Drink): the mix

+ **Raises** `Closed`: after midnight
+ **Since**: 1.2""",
    ),
    "a type alone": (":rtype: Drink", "+ **Returns**: Drink"),
    "a type within": (":return Drink: a mix", "+ **Return** (Drink): a mix"),
    "sessions": (
        """
        Args:
            x: a drink

        Example:
            >>> mix(1)
            Args:
              2
        Examples::

            $ mix
              x
        """,
        """\
+ **Args**:
  + `x`: a drink

+ **Example**:
  >>> mix(1)
  Args:
    2
+ **Examples**:

      $ mix
        x""",
    ),
    "names": (
        """
        Methods:
            pour(x): fills it
            drink: empties it, with a
                long text

        See Also:
            The bar.
        Raises:
            Closed: after midnight
        """,
        """\
+ **Methods**:
  + `pour(x)`: fills it
  + `drink`: empties it, with a
    long text

+ **See Also**:
  The bar.
+ **Raises**:
  + `Closed`: after midnight""",
    ),
    "only a session": (
        "Example:\n    >>> mix(1)\n    2",
        "+ **Example**:\n  >>> mix(1)\n  2",
    ),
}


@pytest.mark.parametrize("name", STYLES)
def test_fields_become_lists(name):
    text, expected = STYLES[name]
    assert converted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Steps:\n\n    mix()\n\nDone.",
        "Note:\n    this is one paragraph.",
        "Example:\n\n    mix()",
        "Args: none.",
        "Args:\n\n* `x` is a drink",
        "Results\n-------\n\nA heading of Markdown.",
        "`:param x:` is what Sphinx reads, and `Args:` is for Google.",
        "```\nArgs:\n    x: a drink\n\n:param x: one\n```",
        "Words\n\n    :param x: code",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a :: b, and c::d",
        ":unknown: is no field\n:) neither",
        "A ratio of 1:2 and a `std::vector`.",
        "~~~~\ncode\n~~~~",
        "== ==\na word\n\nText and more.\n\n1  2\n== ==",
        "Two lines\nof text\n#######",
        "```\n=====\nA bar\n=====\n```",
    ],
)
def test_markdown_stays(text):
    assert converted(text) == f"-\n{text}"


def test_options_of_directives_are_no_fields():
    text = ".. image:: a.png\n   :alt: A bar\n\n:param x: a drink"
    assert converted(text) == ".. image:: a.png\n   :alt: A bar\n\n+ `x`: a drink"


def test_what_is_meant_for_sphinx_alone_is_not_shown():
    assert converted(":meta private:\n:param x: a drink") == "\n+ `x`: a drink"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Args:\n    x: such as::\n\n        mix()\n    y: no",
            "+ **Args**:\n  + `x`: such as:\n\n        mix()\n  + `y`: no",
        ),
        (
            "Returns:\n    Drink: such as ::\n\n          mix()\n\n        or not",
            "+ **Returns**:\n  + *Drink*: such as\n\n        mix()\n\n    or not",
        ),
        (":returns: such as::\n\n  mix()", "+ **Returns**: such as:\n\n      mix()"),
    ],
)
def test_code_in_a_field_behind_two_colons(text, expected):
    assert converted(text) == expected


def test_a_docstring_may_begin_with_its_arguments(split_text):
    text = 'def f(x):\n    """Args:\n        x: a drink\n    """\n'
    prose = split_text(text).sections[1].prose
    assert prose == "+ **Args**:\n  + `x`: a drink\n"
    text = 'def f(x):\n    """Args:\n           x: a drink\n       Returns:\n           one\n    """\n'
    prose = split_text(text).sections[1].prose
    assert prose == "+ **Args**:\n  + `x`: a drink\n+ **Returns**:\n  one\n"


def test_a_module_has_headings():
    text = "A bar.\n\nNotes\n-----\n\nIt closes early."
    assert converted(text, of_module=True) == f"-\n{text}"
    fields = "Attributes\n----------\nbar : Bar\n    The bar.\n\nOpening hours\n------"
    made = (
        "+ **Attributes**:\n\n  + `bar` (Bar):\n    The bar.\n\nOpening hours\n------"
    )
    assert converted(fields, of_module=True) == made
    front = "---\ntitle: A bar\nsummary: >\n  Raises:\n---\n\nReturns:\n    x: a bar"
    made = front.replace("Returns:\n    x:", "+ **Returns**:\n  + *x*:")
    assert converted(front, of_module=True) == made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":class:`Bar`, :meth:`~a.b.c` and :py:func:`!f`", "`Bar`, `c` and `f`"),
        ("{class}`Bar`, {meth}`~a.c` and {no}`d`", "`Bar`, `c` and {no}`d`"),
        (":func:`mix <bar.mix>` or :ref:`a\n  bar <b>`", "`mix` or a\n  bar"),
        (":ref:`a bar\n<b>` there", "a bar\n there"),
        (":math:`x^2`, :odd:`y`", "$x^2$, :odd:`y`"),
        ("``:class:`Bar` `` is a role", "``:class:`Bar` `` is a role"),
        ("`a bar <https://b.example>`_ of [1]_", "[a bar](https://b.example) of [1]"),
        (
            "a_, `a bar`_\n\n.. _A: https://a.b\n.. _a bar: https://c.d",
            "[a](https://a.b), [a bar](https://c.d)\n\n\n",
        ),
        (
            "`it <a_>`_, `a\nbar`_\n\n.. _a: https://a.b\n.. _`a bar`: https://c.d",
            "[it](https://a.b), [a\nbar](https://c.d)\n\n\n",
        ),
        (
            "`a bar`_\n\n.. _a bar:\n   https://c.d\n\nText",
            "[a bar](https://c.d)\n\n\n\n\nText",
        ),
        (
            "``a_``, `a_`, class_, _a_, a_b\n\n.. _a: https://a.b",
            "``a_``, `a_`, class_, _a_, a_b\n\n.. _a: https://a.b",
        ),
        (
            "a_::\n\n    a_\n\n.. tip:: Mind a_.\n\n>>> a_\n\n.. _a: https://a.b",
            "[a](https://a.b):\n\n    a_\n\n> [!TIP]<br>Mind [a](https://a.b).\n\n"
            "    >>> a_\n\n",
        ),
        (
            ".. code-block:: sh\n   :linenos:\n\n   a_\n\n.. _a: https://a.b",
            "\n\n```sh\na_\n```\n.. _a: https://a.b",
        ),
        ("`b`_ and b_\n\n.. _b:\n\nText", '`b`_ and b_\n\n<a id="b"></a>\n\nText'),
        (".. [1] A\n   book\n.. [2] B", "* [1] A\n  book\n* [2] B"),
        (
            ".. note::\n   Mind\n\n   this.\n\nText",
            "> [!NOTE]\n> Mind\n>\n> this.\n\nText",
        ),
        (".. tip:: Mind\n   this.", "> [!TIP]<br>Mind\n> this."),
        (".. math::\n   :label: a\n\n   x\n\n   y", "\n\n\n$$x$$\n\n$$y$$"),
        (
            ".. math:: x &= 1 \\\\\n    y &= 2",
            "$$\\begin{aligned}x &= 1 \\\\\ny &= 2\\end{aligned}$$",
        ),
        (
            ".. code-block:: sh\n   :linenos:\n\n   mix\n     x\n\nText",
            "\n\n```sh\nmix\n  x\n```\nText",
        ),
        (".. code-block:: sh\n\n   mix", "\n\n    mix"),
        ("Mix::\n\n  x\n    y\n\nText", "Mix:\n\n    x\n      y\n\nText"),
        ("- Mix ::\n\n    x", "- Mix\n\n      x"),
        (".. versionadded:: 2", "*Added in version 2.*"),
        (
            ".. versionadded:: 2\n.. deprecated:: 3\n   Use `x`.\n.. note::\n   Mind.",
            "*Added in version 2.*\\\n*Deprecated since version 3:*\nUse `x`.\n"
            "> [!NOTE]\n> Mind.",
        ),
        (".. deprecated:: 2 Stir\n   it.", "*Deprecated since version 2:* Stir\nit."),
        (".. image:: a.png\n   :alt: A", ".. image:: a.png\n   :alt: A"),
        ("Text\n\n>>> f()\n1\n\n>>> 2", "Text\n\n    >>> f()\n    1\n\n    >>> 2"),
        ("Text\n>>> f()", "Text\n>>> f()"),
        ("=====\nA bar\n=====\n\nText", "\n# A bar\n\n\nText"),
        ("-------\n A bar\n-------", "\n## A bar\n"),
        ("Bar\n~~~\n\nText", "## Bar\n\n\nText"),
        ("Bar\n~~~\nText\n~~~", "Bar\n~~~\nText\n~~~"),
        ("A bar\n~~~~~\n\nText\n\n^^^^^^", "## A bar\n\n\nText\n\n"),
        # Rules that somebody drew begin no code.
        (
            "~~~~~~~~~~\n\nA :class:`B`\n\n~~~~~~~~~~~~\n\nText",
            "\n\nA `B`\n\n\n\nText",
        ),
        ("A bar\n*****\n- mix::\n\n    x", "## A bar\n\n- mix:\n\n      x"),
        (
            "Text\n\nA bar\n*****\n- x::\n\n    y",
            "Text\n\n### A bar\n\n- x:\n\n      y",
        ),
        ("*******\n* Bar *\n*******", "\nBar\n"),
        ("+---+\n| a |\n+---+", "    +---+\n    | a |\n    +---+"),
        (
            "== ==\na  b\n== ==\n1  2\n\n3  4\n== ==\n\nText",
            "    == ==\n    a  b\n    == ==\n    1  2\n\n    3  4\n    == ==\n\nText",
        ),
    ],
)
def test_what_sphinx_reads_becomes_markdown(text, expected):
    assert converted(text) == f"-\n{expected}"


WORDS = st.sampled_from(
    [
        *(
            "Args:",
            "Returns:",
            "Example::",
            "Parameters",
            "Notes",
            "---------",
            "=====",
            "=== ===",
            "~~~~~",
        ),
        *(
            "x : int",
            "x (int): word",
            "  word",
            "    word",
            "      y: word",
            "word",
            "",
        ),
        *(":param x: word", ":type x: word", ":rtype: word", ".. note::", ".. math::"),
        *(">>> word", "```", "word::", ".. [1] word", "* word", "+ word", "  + `a`: b"),
        *(".. code-block:: sh", ":class:`word`", "- word::", "\\*x : word", "---"),
    ]
)


@given(st.lists(WORDS, max_size=9), st.booleans())
def test_nothing_is_lost(lines, of_module):
    lines = dedent(lines)
    made, fields = as_markdown(lines, of_module)
    assert len(made) == len(lines)
    assert fields or not any(line.startswith("+ **") for line in made)
    count = [len(re.findall(r"\bword\b", "\n".join(text))) for text in (lines, made)]
    assert count[0] == count[1] or ":type x:" in "".join(lines)


# ## On the page
PAGE = '''
"""Drinks."""


def mix(first, ice):
    """
    Mix two drinks.

    {}
    """
'''


def prose_of(built, url: str = "a.html") -> str:
    html = built.files[url].decode()
    found = re.search(r"<p>Mix two drinks.</p>\n(.*?)</div>", html, re.DOTALL)
    return found[1].strip()


def page(text: str) -> str:
    return PAGE.format(unindented(text).replace("\n", "\n    "))


GOOGLE = """\
<dl class="fields">
<dt>Args</dt>
<dd><dl>
<dt><code>first</code> <span class="type">Drink</span></dt>
<dd>the one</dd>
<dt><code>ice</code></dt>
<dd><p>How much:</p>
<ul>
<li>a lot</li>
</ul>
</dd>
</dl>
</dd>
<dt>Returns</dt>
<dd>The mix.</dd>
</dl>"""


def test_fields_are_definition_lists(build_files):
    text = """
    Args:
        first (Drink): the one
        ice: How much:

            * a lot

    Returns:
        The mix.
    """
    assert prose_of(build_files({"a.py": page(text)})) == GOOGLE


def test_fields_of_sphinx_are_gathered(build_files):
    text = """
    :param first: the one
    :param ice: no
    :rtype: Drink
    :return: the mix
    :raises ValueError: late
    :raises OSError: early
    """
    html = prose_of(build_files({"a.py": page(text)}))
    assert [one.strip() for one in re.findall(r"<d[td]>([^<\n]+)", html)] == [
        *("Parameters", "the one", "no", "Return", "the mix"),
        *("Raises", "late", "early"),
    ]
    assert '<dt>Return <span class="type">Drink</span></dt>' in html
    assert html.count("<dl") == 3


@pytest.mark.parametrize(
    "fields",
    [
        "Args:\n    x: a drink",
        ":param x: a drink",
        "Args:\n    x: a\n\nTodo:\n    * it",
    ],
)
def test_text_right_behind_fields_is_a_paragraph(build_files, fields):
    built = build_files({"a.py": page(f"{fields}\nThen `f`\nstirs.\n\nIt ends.")})
    html = prose_of(built)
    assert re.search(r"</dl>\s*<p>Then .*\nstirs\.</p>\s*<p>It ends", html)
    assert "\n\nThen `f`\nstirs.\n\nIt" in built.files["a.md"].decode()


def test_fields_right_behind_html_are_no_part_of_it(build_files):
    text = "/**\n * Mix two drinks.\n *\n * <p>B &lt; C\n * @param a the rum\n */\nclass A {}\n"
    html = prose_of(build_files({"A.java": text}), "A.java.html")
    assert re.search(r"<p>B &lt; C\s*</p>\s*<dl.*\n<dt>Parameters</dt>", html)


def test_results_of_numpy(build_files):
    text = "Returns\n-------\nmix : Drink\n    Cold.\na * b\n    Warm.\nNone"
    html = prose_of(build_files({"a.py": page(text)}))
    assert re.findall(r"<dt>(.*)</dt>", html) == [
        "Returns",
        '<code>mix</code> <span class="type">Drink</span>',
        '<span class="type">a * b</span>',
        '<span class="type">None</span>',
    ]
    assert html.count("<dd></dd>") == 1


def test_lists_of_the_author_stay_lists(build_files):
    text = "+ a `b`: one\n+ two\n\nArgs:\n    first: the one\n\nNotes:\n    + `a`: b\n    + c"
    html = prose_of(build_files({"a.py": page(text)}))
    assert html.startswith("<ul>\n<li><p>a <code>b</code>: one</p>")
    assert html.count("<ul>") == 2
    plain = prose_of(build_files({"a.py": page("+ `a`: one\n+ **two**: b")}))
    assert "<dl" not in plain


def test_raw_html_does_not_change_the_look(build_files):
    text = "Args:\n    first (int): the <b>one</b>"
    html = prose_of(build_files({"a.py": page(text)}))
    assert '<dl class="fields">' in html
    assert '<span class="type">int</span>' in html


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_session_right_below_text_is_code(build_files, indent):
    html = prose_of(build_files({"a.py": page(f"So:\n{indent}>>> mix(1)\n{indent}2")}))
    assert html.startswith('<p>So:</p>\n<pre class="block">')


def test_twins_show_sessions_as_code(split_text):
    def twin(text):
        document = split_text(f'def f():\n    """\n{text}\n    """\n')
        return MarkdownWriter(document, None).prose(document.sections[1])

    assert twin("    So:\n    >>> 1\n    >>> 2\n    2\n\n    End.") == (
        "So:\n\n    >>> 1\n    >>> 2\n    2\n\nEnd."
    )
    assert (
        twin("    So:\n        >>> 1\n        >>> 2") == "So:\n\n    >>> 1\n    >>> 2"
    )
    google = "    Example:\n        >>> 1\n        1\n"
    assert twin(google) == "+ **Example**:\n\n      >>> 1\n      1"
    fence = "    ```\n    >>> 1\n    ```"
    assert twin(fence) == "```\n>>> 1\n```"


@pytest.mark.parametrize("margin", ["", "    "])
def test_a_list_of_pep_257_has_an_item_for_each_argument(margin):
    items = ["real -- the real part", "    or none", "imag (int) - the other: 0.0"]
    listed = textwrap.indent("\n".join(items), margin)
    made = "  + `real`: the real part\n    or none\n  + `imag` (int): the other: 0.0"
    text = f"Form it.\n\nKeyword arguments:\n{listed}\n\nMore."
    assert converted(text) == f"Form it.\n\n+ **Keyword arguments**:\n{made}\n\nMore."


def test_a_list_without_a_margin_has_items():
    text = "Args:\nx (int): the one\ny: the other\nReturns:\nThe sum."
    made = "+ **Args**:\n  + `x` (int): the one\n  + `y`: the other\nReturns:\nThe sum."
    assert converted(text) == made
    for text in ("Args:\nthe ones that\nare: here", "Note:\nx: y\nz: u"):
        assert converted(text) == f"-\n{text}"


# ## Drawings and labels
@pytest.mark.parametrize(
    "drawing",
    [
        "+---+\n| a |\n+---+",
        "+---+     +---+\n| a | --> | b |\n+---+     +---+",
        "┌───┐\n│ a │\n└───┘",
        "bar\n├── rum\n└── gin",
        "a --> b\n|\nc",
    ],
)
def test_what_is_drawn_in_a_docstring_is_code(drawing):
    shown = textwrap.indent(drawing, "    ")
    assert converted(f"Text.\n\n{drawing}\n\nMore.") == f"-\nText.\n\n{shown}\n\nMore."


@pytest.mark.parametrize(
    ("above", "drawing", "below"),
    [
        ("So the house looks:", "┌───┐\n│ x │\n└───┘", ""),
        ("Layout:", "src\n├── rum\n└── gin", "and `gin` is for the tests."),
        ("It has two floors,\nas here:", "┌───┐\n├───┤\n└───┘", ""),
    ],
)
def test_a_sentence_right_at_a_drawing_is_no_part_of_it(
    build_files, above, drawing, below
):
    said = "\n".join(filter(None, [above, drawing, below]))
    noted = textwrap.indent(said, "# ")
    built = build_files({"a.py": f'"""# A\n\n{said}\n"""\n', "b.py": f"{noted}\nx = 1"})
    shown = textwrap.dedent(drawing)
    for name in "ab":
        html = built.files[f"{name}.html"].decode()
        assert f"<p>{above}</p>" in html
        assert f"{shown}</code></pre>" in html
        assert not below or "<p>and <code>gin</code> is for the tests.</p>" in html
        assert f"{above}\n\n    " in built.files[f"{name}.md"].decode()


@pytest.mark.parametrize(
    "fields",
    [
        "Args:\n    x: the box\n{8}\n    y: more",
        "Args:\n    x: the box\n{12}",
        "Args:\n    x:\n{8}",
        "Args:\n    x: the box,\n        which is so:\n{8}",
        ":param x: the box\n{4}\n:param y: more",
        "Parameters\n----------\nx : int\n{4}",
        "Returns\n-------\nint\n{4}",
        "Returns:\n    As here:\n{4}",
        "Note:\n{4}\n\nArgs:\n    x: more",
    ],
)
@pytest.mark.parametrize("drawing", ["┌───┐\n│ a │\n└───┘", "+---+\n| a |\n+---+"])
def test_a_drawing_in_a_field_is_code(build_files, fields, drawing):
    said = re.sub(
        r"\{(\d+)\}", lambda m: textwrap.indent(drawing, " " * int(m[1])), fields
    )
    text = textwrap.indent(f"Mix.\n\n{said}", "    ")
    code = f'def f(x):\n    """\n{text}\n    """\n'
    built = build_files({"a.py": code})
    html = built.files["a.html"].decode()
    assert f"{drawing}</code></pre>" in html
    assert html.index('<dl class="fields">') < html.index(drawing)


@pytest.mark.parametrize("drawing", ["┌───┐\n│ a │\n└───┘", "+---+\n| a |\n+---+"])
@pytest.mark.parametrize("margin", [2, 4])
def test_a_drawing_in_a_tag_is_code(build_files, margin, drawing):
    drawn = textwrap.indent(drawing, " " * margin)
    said = f"Mix two drinks.\n@param {{Ice}} ice it:\n{drawn}\n@param {{Rum}} rum more"
    code = "x;\n\n/**\n" + textwrap.indent(said, " * ") + "\n */\nf();\n"
    html = prose_of(build_files({"a.js": code}), "a.js.html")
    assert f'<pre class="block"><code>{drawing}</code></pre>' in html
    assert re.findall("<dt><code>(\\w+)", html) == ["ice", "rum"]


def test_the_labels_of_a_drawing_are_part_of_it():
    drawing = "Input Output Loss\n  |     |     |\n  +-----+-----+"
    shown = textwrap.indent(drawing, "    ")
    assert converted(f"Text.\n\n{drawing}") == f"-\nText.\n\n{shown}"


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| c | d |",
        "a +-- b\nand c",
        "`├──` and\n`└──`",
        "```\n+---+\n| a |\n+---+\n```",
        "a || b\nor c | d",
    ],
)
def test_what_is_not_drawn_in_a_docstring_stays(text):
    assert converted(text) == f"-\n{text}"


def test_labels_are_anchors(build_files, project):
    text = "(one)=\n# A\n\nText, [1](#one), [2](#two).\n\n(two)=\n## B\n\n`(x)=`\n\n```\n(no)=\n```\n"
    code = '"""\nText.\n\n.. _of-bars:\n\nBars\n====\n\nSee [it](#of-bars).\n"""\n'
    files = {"a.md": text, "b.py": code}
    built = build_files(files)
    page = built.files["a.html"].decode()
    assert '<h1 id="a">A</h1>\n<p><a id="one"></a>\nText' in page
    assert '<a id="two"></a></p>\n<h2' in page
    assert "(no)=" in page
    assert '<a id="of-bars"></a></p>\n<h2' in built.files["b.html"].decode()
    folder = project(files)
    config, _ = load({"sources": [str(folder / name) for name in files]})
    assert check(config) == []


@pytest.mark.parametrize("label", ["two of bars", "`two of bars`"])
def test_a_label_of_several_words_is_an_anchor(build_files, label):
    code = f'"""\nText.\n\n.. _{label}:\n\nBars\n====\n"""\n'
    page = build_files({"b.py": code}).files["b.html"].decode()
    assert '<a id="two-of-bars"></a></p>\n<h2' in page


# ## Epydoc
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "@param x: the ice,\n    which is C{cold}\n@type x: L{Ice}\n@rtype: str",
            "+ `x` (`Ice`): the ice,\n  which is `cold`\n\n+ **Returns**: str",
        ),
        ("@return: it\n@see: L{it<a.b>}", "+ **Return**: it\n+ **See**: it (`a.b`)"),
        ("@raise Late: B{if}\n@bar: no", "+ **Raises** `Late`: **if**\n@bar: no"),
        ("@param: it\n@return: x", "+ **Param**: it\n+ **Return**: x"),
        ("@ivar x: U{it<https://a.b>}", "+ **Attribute** `x`: [it](https://a.b)"),
        # Other words behind the sign, and braces where no field is Epydoc's.
        ("@bar says: no\n@param x it", "-\n@bar says: no\n@param x it"),
        (
            "A\n\n    :param x: no\n    :type x: no",
            "-\nA\n\n    :param x: no\n    :type x: no",
        ),
        (":param x: C{it}", "+ `x`: C{it}"),
    ],
)
def test_fields_of_epydoc(text, expected):
    assert converted(text) == expected


# ## Notes
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".. admonition:: So\n\n   It is.", "> [!NOTE] So\n>\n> It is."),
        (".. rubric:: So\n\nIt is.", "**So**\n\nIt is."),
        ("As [#a]_.\n\n.. [#a] It is.", "As [#a].\n\n* [#a] It is."),
    ],
)
def test_notes_of_sphinx(text, expected):
    assert converted(text) == f"-\n{expected}"


# ## Substitutions
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mix |ice|.\n\n.. |ice| replace:: *cold*\n   water",
            "Mix *cold* water.\n\n\n",
        ),
        (
            "Mix |ice|_.\n\n.. |ice| replace:: water\n.. _ice: https://a.b",
            "Mix [water](https://a.b).\n\n\n",
        ),
        (
            "`|ice|` and |rum|.\n\n.. |ice| replace:: no",
            "`|ice|` and |rum|.\n\n.. |ice| replace:: no",
        ),
    ],
)
def test_substitutions_of_sphinx(text, expected):
    assert converted(text) == f"-\n{expected}"


# ## Tags in other languages
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("javascript", "@param {number} ice - how much", "+ `ice` (`number`): how much"),
        ("javascript", "@param ice how\n  much", "+ `ice`: how\n  much"),
        ("javascript", "@param {a} [ice]", "+ `ice` (`a`, optional)"),
        ("javascript", "@param [ice=[1]] it", "+ `ice` (default `[1]`): it"),
        ("javascript", "@param [ice] the cubes", "+ `ice` (optional): the cubes"),
        ("typescript", "@param [ice=2] how many", "+ `ice` (default `2`): how many"),
        ("c", "@param [in] ice the cubes", "+ `ice` (`in`): the cubes"),
        ("javascript", "@param {{a: b}} o.ice", "+ `o.ice` (`{a:b}`)"),
        ("javascript", "@property {Ice} ice", "+ **Attribute** `ice` (`Ice`)"),
        ("javascript", "@returns {Drink<a>} it", "+ **Returns** (`Drink<a>`): it"),
        ("javascript", "@throws {Late} it", "+ **Throws** (`Late`): it"),
        ("javascript", "@see {@link Rum}\n@private", "+ **See**: `Rum`\n+ **Private**"),
        ("javascript", "{@link https://a.b rum}", "[rum](https://a.b)"),
        ("javascript", "@see {@link https://a.b rum}", "+ **See**: [rum](https://a.b)"),
        ("javascript", "@example <caption>So</caption>\nf(1)", "+ **Example**: So\n      f(1)"),
        ("javascript", "[rum]{@link Rum}, {@code a < b}", "rum (`Rum`), `a < b`"),
        ("javascript", "{@link rum|the rum}, {@link rum the rum}", "the rum (`rum`), the rum (`rum`)"),
        ("javascript", "{@link rum rum}, {@linkcode a.b|it}", "`rum`, it (`a.b`)"),
        ("java", "{@link\nRum} {@link Rum\nit} {@link Rum so\nit}", "\n`Rum` it\n(`Rum`) so\nit (`Rum`)"),
        ("java", "{@code a\n| b}, {@link Rum\n}", "`a\n| b`, `Rum`\n"),
        ("java", "{@code {a}}, {@literal f() { {b} }}", "`{a}`, `f() { {b} }`"),
        ("java", "{@code a {b}", "{@code a {b}"),
        ("java", "<pre>{@code\nf(1) {\n}\n}</pre>", "```java\nf(1) {\n}\n```"),
        ("java", "<ul>\n<li>a\n<pre>{@code\n@Hot\nf(a < b);\n\n}</pre>\n</ul>\n\n@return it", "<ul>\n<li>a\n<pre>\n&#64;Hot\nf(a &lt; b);\n&#32;\n</pre>\n</ul>\n\n+ **Return**: it"),
        ("java", "<p>a:\n<pre>{@code\nb\n}</pre>", "a:\n```java\nb\n```"),
        ("java", "a\n<p>\nb\n\n<p>c {@code d}</p>", "a\n\nb\n\nc `d`"),
        ("java", "<ul>\n<li>{@code a<b>}, {@link A b}\n</ul>", "<ul>\n<li><code>a&lt;b&gt;</code>, b (<code>A</code>)\n</ul>"),
        ("javascript", "@example\nmix(\n  1)\n\n2", "+ **Example**\n      mix(\n        1)\n\n      2"),
        ("javascript", "@example\n```\n1\n```", "+ **Example**\n  ```\n  1\n  ```"),
        ("javascript", "@param a b\n\nText", "+ `a`: b\n\nText"),
        ("javascript", "@Bar and a@b.c\n@mix", "@Bar and a@b.c\n@mix"),
        ("typescript", "@typeParam T - it", "+ `T`: it"),
        ("java", "@param <T> it", "+ `<T>`: it"),
        ("java", "@throws LateException if", "+ **Throws** (`LateException`): if"),
        ("php", "@param int|string $ice it", "+ `$ice` (`int|string`): it"),
        ("php", "@return bool whether", "+ **Return** (`bool`): whether"),
        ("c", "\\brief Mix.\n\\param[in] ice it", "Mix.\n+ `ice` (in): it"),
        ("c", "\\begin{a}\n@param b c", "\\begin{a}\n+ `b`: c"),
        ("ruby", "@param ice [Ice] it", "+ `ice` (`Ice`): it"),
        ("ruby", '@option o [Ice] :a ("b") it', '+ `o[:a]` (`Ice`, default `"b"`): it'),
        ("ruby", "@option o 'a' (f(1))\n  it", "+ `o['a']` (default `f(1)`)\n  it"),
        ("ruby", "@option o [Ice] :a", "+ `o[:a]` (`Ice`)"),
        ("ruby", "@option so it is", "+ **Option**: so it is"),
        ("ruby", "@return [Drink] it", "+ **Return** (`Drink`): it"),
        ("lua", "@param ice number it", "+ `ice` (`number`): it"),
        ("lua", "@tparam number ice it", "+ `ice` (`number`): it"),
        ("lua", "@treturn ?string it", "+ **Return** (`?string`): it"),
        ("lua", "@return boolean", "+ **Return** (`boolean`)"),
        ("lua", "@param ... any it", "+ `...` (`any`): it"),
        ("lua", "@param f fun(a: A, b: B): C it", "+ `f` (`fun(a:A, b:B):C`): it"),
        ("lua", "@param a {b: C} | nil it", "+ `a` (`{b:C} | nil`): it"),
        ("lua", "@param a (b", "+ `a`: (b"),
        ("lua", "@param a b: it", "+ `a` (`b:`): it"),
        ("lua", "@field private a A<b, c> it", "+ **Attribute** `a` (`A<b, c>`): it"),
        ("lua", "@return { a: B } it", "+ **Return** (`{ a:B }`): it"),
        ("java", "{@link A#b(int, int) it} or {@link A#b(int, int)}", "it (`A#b(int, int)`) or `A#b(int, int)`"),
        ("lua", "@param ice the cold one", "+ `ice`: the cold one"),
        ("lua", "@return boolean # so it is", "+ **Return** (`boolean`): so it is"),
        ("lua", "@return int n # item #1", "+ **Return** (`int`): n item #1"),
    ],
)  # fmt: skip
def test_tags_are_fields(language, text, expected):
    assert tags_as_markdown(text, language)[0] == expected


# ## Lists of Swift
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Parameter ice: the cold\n  one\n- Returns: it", "+ `ice`: the cold\n  one\n+ **Returns**: it"),
        (
            "- Parameters:\n  - ice: the cold\n    one\n  - rum: more\n- SeeAlso: ``f``",
            "+ **Parameters**:\n  + `ice`: the cold\n    one\n  + `rum`: more\n+ **SeeAlso**: ``f``",
        ),
        ("* throws: `E`\n\n  more\n\nText", "+ **Throws**: `E`\n\n  more\n\nText"),
        ("- Note: no\n- ice: no", "- Note: no\n- ice: no"),
        ("```\n- Returns: no\n```", "```\n- Returns: no\n```"),
    ],
)  # fmt: skip
def test_lists_of_swift_are_fields(text, expected):
    assert callouts_as_markdown(text)[0] == expected


def test_arguments_of_swift_are_definition_lists(build_files):
    text = "let x = 1\n\n/// Mix two drinks.\n///\n/// - Parameters:\n///   - ice: the cold\nfunc f() {}\n"
    html = prose_of(build_files({"a.swift": text}), "a.swift.html")
    assert "<dt><code>ice</code></dt>\n<dd>the cold</dd>" in html


# ## Names in brackets
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("rust", "[`Vec`], [Option] and [Vec::new()]", "``Vec``, ``Option`` and ``Vec::new()``"),
        ("rust", "[the ice][a::Ice] and [it](a::Ice)", "the ice (``a::Ice``) and [it](a::Ice)"),
        ("rust", "[Ice] and [`Ice`]\n\n[Ice]: https://a.b", "[Ice] and ``Ice``\n\n[Ice]: https://a.b"),
        ("rust", "a[Ice], [x], [x] done, `[Ice]`", "a[Ice], [x], [x] done, `[Ice]`"),
        ("kotlin", "[it][T], [i][J]", "it (``T``), [i][J]"),
        ("kotlin", "[ice], [a.Ice] and [it][Ice]", "``ice``, ``a.Ice`` and it (``Ice``)"),
        ("go", "[io.Reader], [*Ice] and [Ice.Mix]", "``io.Reader``, ``*Ice`` and ``Ice.Mix``"),
        ("go", "mix [OPTIONS] [ice] and [Ice]int", "mix [OPTIONS] [ice] and [Ice]int"),
        ("go", "So:\n\n    x := y[Ice]", "So:\n\n    x := y[Ice]"),
        ("java", "[Ice]", "[Ice]"),
    ],
)  # fmt: skip
def test_names_in_brackets_are_code(language, text, expected):
    assert names_as_code(text, language) == expected


def test_names_in_brackets_may_be_elsewhere(project):
    folder = project(
        {"a.kt": "/** As [kotlin.io.File], [it][kotlin.Ice] is. */\nval x = 1\n"}
    )
    config, _ = load({"sources": [str(folder / "a.kt")]})
    assert check(config) == []


# ## The XML of C#
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<summary>\nMix <see cref="T:A.Ice"/>.\n</summary>', "\nMix `A.Ice`.\n"),
        ('<param name="ice">the cold</param>', "+ `ice`: the cold"),
        ("<typeparam name='T'>\nthe\n  kind\n</typeparam>", "+ `T`:\n  the\n    kind\n"),
        ('<returns>The <c>a &lt; b</c>.</returns>', "+ **Returns**: The `a < b`."),
        ('<exception cref="Late">if</exception>', "+ **Throws** (`Late`): if"),
        ('<summary>a</summary>\n<seealso cref="B"/>', "a\n+ **See**: `B`"),
        ('<summary><see href="https://a.b">it</see>, <see langword="null" /></summary>', "[it](https://a.b), `null`"),
        ('<remarks>\n<para>a</para>\n<para>b</para>\n</remarks>', "\na\\\nb\n"),
        ("<example>\n<code>\nf(1);\n</code>\n</example>", "+ **Example**:\n  ```csharp\n  f(1);\n  ```\n"),
        ('<remarks><list type="bullet">\n<item><term>a</term><description>b</description></item>\n</list></remarks>', "\n* a: b\n"),
        ('<inheritdoc cref="A"/>', '`<inheritdoc cref="A"/>`'),
        # These are no elements of such a comment.
        ("A <b>bold</b> <c>ice</c>", "A <b>bold</b> <c>ice</c>"),
        ("<summary> without an end", "<summary> without an end"),
    ],
)  # fmt: skip
def test_elements_of_csharp(text, expected):
    assert xml_as_markdown(text)[0] == expected


def test_arguments_of_csharp_are_definition_lists(build_files):
    text = """x;

/// <summary>Mix two drinks.</summary>
///
/// <param name="ice">the cold one</param>
void Mix(int ice) {}
"""
    html = prose_of(build_files({"a.cs": text}), "a.cs.html")
    assert "<dt><code>ice</code></dt>\n<dd>the cold one</dd>" in html


@pytest.mark.parametrize(
    "head", ["Args:\n    ice: Cold.\n\nSee Also:\n    ", "See Also\n--------\n"]
)
def test_a_full_stop_behind_the_names_of_see_also_is_none_of_theirs(head):
    assert converted(f"Mix.\n\n{head}stir, bar.shake.").endswith(
        "+ `stir`, `bar.shake`"
    )


@pytest.mark.parametrize("note", ["// Stirred, later.", "// Stir(ice);"])
def test_a_note_above_the_xml_of_csharp(split_text, note):
    text = f'x;\n\n{note}\n/// <summary>Mix <paramref name="ice"/>.</summary>\nMix();\n'
    prose = "\n".join(one.prose for one in split_text(text, "a.cs", "csharp").sections)
    assert "Mix `ice`." in prose
    assert ("Stirred, later." in prose) == ("," in note)


def test_a_note_inside_the_xml_of_csharp_does_not_cut_it_in_two(split_text):
    text = 'x;\n/// <summary>Mix\n// Cold.\n/// <paramref name="ice"/>.</summary>\nMix();\n'
    document = split_text(text, "a.cs", "csharp")
    assert [one.prose for one in document.sections if one.prose] == [
        "Mix\nCold.\n`ice`."
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\code\nf();\n\\endcode", "```cpp\nf();\n```"),
        ("@code{.py}\nf()\n\ng()\n@endcode", "```py\nf()\n\ng()\n```"),
        ("\\verbatim\n\\c f\n\\endverbatim", "```\n\\c f\n```"),
        ("\\code\n```\n\\endcode", "````cpp\n```\n````"),
        ("\\code\nf();", "\\code\nf();"),
        ("So \\code f(); \\endcode goes.", "So `f();` goes."),
        (
            "@param x it\n@code\nf();\n\ng();\n@endcode",
            "+ `x`: it\n  ```cpp\n  f();\n\n  g();\n  ```",
        ),
        ("\\f$ \\alpha x\\f$, \\f(y\\f)", "$\\alpha x$, $y$"),
        ("\\f[\nx\n\\f]", "$$\nx\n$$"),
        ("\\f[ x \\f[y\\f]", "\\f[ x $$y$$"),
        ("@f{align}{\nx\n@f}", "\\begin{align}\nx\n\\end{align}"),
        ("\\c f(x), (@p y_) and \\p *z.", "`f(x)`, (`y_`) and `*z`."),
        ("\\a x, \\e y, @em z_ and \\b w!", "*x*, *y*, `z_` and **w**!"),
        ("\\sa f\n@brief Mix.", "+ **See**: f\nMix."),
        ("$\\c x$, `\\c x`, a@b c", "$\\c x$, `\\c x`, a@b c"),
        ("```\n\\c x\n```\n\\c", "```\n\\c x\n```\n\\c"),
        ("\\a (bell), \\b and \\e (escape)", "\\a (bell), \\b and \\e (escape)"),
        ('Use \\a to ring, "\\b goes"', 'Use \\a to ring, "\\b goes"'),
        ("\\a bell, \\b back, \\t tab", "\\a bell, \\b back, \\t tab"),
        ('\\c "two words", \\p name.', '`"two words"`, `name`.'),
        ('See \\ref f, @ref a::b() "it".', "See `f`, it (`a::b()`)."),
        ("\\link f the one \\endlink goes", "the one (`f`) goes"),
        ("\\file a.c\n\\bug one", "\n+ **Bug**: one"),
        ("@defgroup mix Of mixing\nIt stirs.\n@{", "## Of mixing\nIt stirs.\n"),
        ("@addtogroup mix\n@ingroup all", "## mix\n"),
        (
            "@addtogroup mix @{\n@defgroup ice\tOf cold ice \\{",
            "## mix\n## Of cold ice",
        ),
        ("@defgroup\nIt stirs.", "\nIt stirs."),
        ("@file a.c - It stirs\nwell.", "It stirs\nwell."),
        ("@file It stirs e.g. ice.", "It stirs e.g. ice."),
        ('@file "a b.c" @brief It stirs.', "It stirs."),
        ("@file a\n@ingroup b c \\short It stirs.", "\nIt stirs."),
        ("@file a.c\n\n    @{\n    ice;\n    @}", "\n\n    @{\n    ice;\n    @}"),
        ("\\dot\na -> b\n\\enddot", "```dot\na -> b\n```"),
        ("@startuml\na -> b\n@enduml", "```plantuml\na -> b\n```"),
        ("-# one\n-# two", "1. one\n1. two"),
        ("\\li one\n  more\n\\arg two", "* one\n  more\n* two"),
        ("\\par So\nIt is.\n\\section a A part", "**So**\nIt is.\n## A part"),
        ("\\section{A}\n@param x it", "\\section{A}\n+ `x`: it"),
        ("@name: the name\n@file: a file", "@name: the name\n@file: a file"),
        ("@section:\n  basic\n@arg: it", "+ **Section**: :\n  basic\n+ **Arg**: : it"),
        ("\\d+\\b and D:\\p x, [a]\\b or", "\\d+\\b and D:\\p x, [a]\\b or"),
    ],
)
def test_commands_of_doxygen(text, expected):
    assert tags_as_markdown(text, "cpp")[0] == expected


def test_commands_of_doxygen_are_its_own():
    text = "\\c x, \\f$y\\f$\n\\code\nz\n\\endcode"
    assert tags_as_markdown(text, "rust") == (text, False)


def test_code_of_doxygen_is_a_block(build_files):
    text = """/**
 * Mix two drinks.
 *
 * Take \\f$x\\f$.
 *
 * @param ice it
 * \\code
 * mix(1);
 *
 * mix(2);
 * \\endcode
 * @sa stir
 */
int mix(int ice);
"""
    html = prose_of(build_files({"a.h": text}), "a.h.html")
    assert re.search(r"<dd><p>it</p>\s*<pre[^>]*><code>.*mix", html)
    assert re.search(r"<dt>See</dt>\s*<dd>stir", html)
    assert "<math" in html
    assert "code\n" not in html


def test_tags_are_definition_lists(build_files):
    text = """x;

/**
 * Mix two drinks.
 *
 * @param {Ice} ice - it
 * @example
 * mix(1);
 */
function mix(ice) {}

// @param says nothing
y;
"""
    built = build_files({"a.js": text})
    assert prose_of(built, "a.js.html").startswith(
        '<dl class="fields">\n<dt>Parameters</dt>\n<dd><dl>\n<dt><code>ice</code> '
        '<span class="type"><code>Ice</code></span></dt>\n<dd>it</dd>'
    )
    assert re.search(
        r"<dt>Example</dt>\s*<dd><pre[^>]*><code>mix", prose_of(built, "a.js.html")
    )
    assert "@param says nothing" in built.files["a.js.html"].decode()


def test_the_text_of_a_tag_may_begin_below_it(build_files):
    text = """x;

/**
 * Mix two drinks.
 *
 * @param {Ice} ice
 *   the cold one
 * @remarks
 * So it is.
 */
"""
    html = prose_of(build_files({"a.js": text}), "a.js.html")
    assert html == (
        '<dl class="fields">\n<dt>Parameters</dt>\n<dd><dl>\n<dt><code>ice</code> '
        '<span class="type"><code>Ice</code></span></dt>\n<dd>the cold one</dd>\n</dl>\n'
        "</dd>\n<dt>Remarks</dt>\n<dd>So it is.</dd>\n</dl>"
    )


def test_a_licence_with_tags_is_no_prose(split_text):
    text = "/**\n * @license\n * A bar <https://a.b/>\n * @author B\n */\nx;\n"
    assert not any(one.prose for one in split_text(text, "a.js", "javascript").sections)
