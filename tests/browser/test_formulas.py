"""Formulas and their numbers at every width, and on paper."""

import pytest

from sidelit.build import build
from sidelit.config import load
from sidelit.write import write_site

SUM = " + ".join(rf"\sum_{{i=1}}^{{n}} {letter}_i" for letter in "uvwxyz")
LONG = " + ".join(f"a_{{{number}}}" for number in range(1, 40))
MATRIX = " & ".join(f"b_{{{number}}}" for number in range(10, 50))
TEXT = rf'''r"""
# Wide things

$${SUM} = 1 \label{{lead}}$$

$$B = \begin{{pmatrix}} {MATRIX} \end{{pmatrix}}$$

A sum ${LONG} = n$ and one that fits, $x_1 + x_2 = 2$.

<details><summary>Folded</summary>

Text in the fold.

</details>

A letter behind many words is some times ($n$), and some times it is $N$.
"""


def f():
    r"""
    ## Beside code

    $$\mathrm{{Attention}}(Q, K, V) = \mathrm{{softmax}}\left(\frac{{Q K^\top}}{{\sqrt{{d}}}}\right) V \label{{a}}$$

    \begin{{equation}}
    a = b
    \end{{equation}}

    \begin{{align}}
    z' &= \mathrm{{MSA}}(\mathrm{{LN}}(z)) + z, \quad \ell = 1 \ldots L \\
    z &= \mathrm{{MLP}}(\mathrm{{LN}}(z')) + {SUM}
    \end{{align}}

    | {" | ".join(f"heading{number}" for number in range(12))} |
    |{"---|" * 12}
    | {" | ".join(f"`a_long_identifier_{number}`" for number in range(12))} |
    """
'''


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """A page of things that are wider than their column, with formulas of either form."""
    return {
        math: build_wide(tmp_path_factory.mktemp(math), math)
        for math in ("katex", "mathml")
    }


@pytest.fixture
def wide(addresses):
    return addresses["katex"]


@pytest.fixture
def page_of(addresses, tab):
    """The same page, open in a browser, with formulas of either form."""

    def open_page(math):
        page = tab(viewport={"width": 620, "height": 900})
        page.goto(addresses[math])
        return page

    return open_page


def build_wide(folder, math):
    source = folder / "src" / "wide.py"
    source.parent.mkdir()
    source.write_text(TEXT)
    output = folder / "out"
    config, _ = load({"sources": [str(source)], "output": str(output), "math": math})
    built = build(config)
    assert not built.problems
    write_site(output, built.files)
    return (output / "wide.html").as_uri()


BESIDE = """() => [...document.querySelectorAll(".math-display")].map((display) => {
  const [own, formula] = [display, display.querySelector("math")].map((one) => one.getBoundingClientRect());
  return [display.scrollWidth - display.clientWidth, formula.right - own.right];
})"""


def test_paper_has_room_for_all_of_a_formula_of_the_browser(page_of):
    page = page_of("mathml")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found = page.evaluate(BESIDE)
    assert len(found) == 5
    assert max(one for pair in found for one in pair) <= 2


# How far each formula in a sentence is beyond its column, how much of it has to be
# scrolled, and how much of its height is cut off.
IN_SENTENCES = """() => [...document.querySelectorAll(":not(.math-display) > .math")].map((one) => [
  one.getBoundingClientRect().right - one.closest(".prose").getBoundingClientRect().right,
  one.scrollWidth - one.clientWidth,
  one.scrollHeight - one.clientHeight,
])"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_formula_of_the_browser_in_a_sentence_stays_in_its_column(page_of, width):
    page = page_of("mathml")
    page.set_viewport_size({"width": width, "height": 844})
    too_long, fits, *_ = page.evaluate(IN_SENTENCES)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_long[1] > 100
    assert fits[1] <= 1
    for beyond, _, cut_off in (too_long, fits):
        assert beyond <= 1
        assert cut_off <= 0
    # Paper does not scroll.
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1009, "height": 672})
    for beyond, scrolled, _ in page.evaluate(IN_SENTENCES):
        assert beyond <= 2
        assert scrolled <= 2


# At how many widths a mark begins a line behind its formula, how many formulas there are,
# and whether the widths make any difference.
TORN = """() => {
  const paragraph = [...document.querySelectorAll(".prose p")].find((one) => one.textContent.startsWith("A letter"));
  const formulas = [...paragraph.children];
  const lines = new Set();
  let torn = 0;
  for (let width = 90; width < 600; width += 3) {
    paragraph.style.width = `${width}px`;
    lines.add(Math.round(paragraph.offsetHeight));
    for (const one of formulas) {
      const mark = document.createRange();
      mark.setStart(one.nextSibling, 0);
      mark.setEnd(one.nextSibling, 1);
      const formula = one.querySelector(".katex-html") ?? one.querySelector("math");
      torn += mark.getBoundingClientRect().top > formula.getBoundingClientRect().bottom - 5;
    }
  }
  return [torn, formulas.length, lines.size > 3];
}"""


@pytest.mark.parametrize("math", ["katex", "mathml"])
def test_no_line_begins_with_the_mark_behind_a_formula(page_of, math):
    assert page_of(math).evaluate(TORN) == [0, 2, True]


COPY = """() => {
  getSelection().selectAllChildren(document.querySelector("main"));
  const clipboardData = new DataTransfer();
  document.querySelector("main").dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true }));
  return clipboardData.getData("text/plain").match(/[$]{2}[^$]+[$]{2}/g);
}"""


def test_both_forms_are_copied_alike(page_of):
    katex, mathml = (page_of(math).evaluate(COPY) for math in ("katex", "mathml"))
    assert katex == mathml
    assert len(katex) > 1


# For each numbered formula how far its numbers are to the right of it, how far below,
# and how far they are from the end of the line.
PLACES = """() => [...document.querySelectorAll(".katex-tag")].map((tag) => {
  const range = document.createRange();
  range.selectNodeContents(tag);
  const number = range.getBoundingClientRect();
  const formula = tag.parentElement.querySelector(".equation");
  const pieces = [...formula.querySelectorAll(":scope > .katex-base")].map((one) => one.getBoundingClientRect());
  const end = tag.closest(".katex-display").getBoundingClientRect().right;
  return [
    number.left - Math.max(...pieces.map((one) => one.right)),
    number.top - Math.max(...pieces.map((one) => one.bottom)),
    Math.abs(end - number.right),
  ];
})"""


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_number_never_lies_on_its_formula(visit, wide, width):
    places = visit(wide, width).evaluate(PLACES)
    assert len(places) == 4
    for beside, below, _ in places:
        assert beside >= 10 or below >= -1
    # A single number is always in sight; those of rows stay with their rows.
    for _, _, from_end in places[:3]:
        assert from_end <= 3
    assert places[3][0] >= 10


def test_on_paper_nothing_is_cut_off(visit, wide):
    page = visit(wide)
    page.evaluate("document.fonts.ready")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    # A4 on its side, less the margins.
    page.set_viewport_size({"width": 1009, "height": 672})
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll(".katex-display, .table")].map(
          (one) => one.scrollWidth - one.clientWidth)"""
    )
    assert len(too_wide) == 6
    assert max(too_wide) <= 2
    for beside, below, from_end in page.evaluate(PLACES):
        assert beside >= 5 or below >= -1
        assert from_end <= 3
    # A formula that has room for it keeps its size.
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".katex-display > .katex")].map(
          (one) => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert sizes[0] == max(sizes)
    assert sizes[1] < sizes[0] / 2
    assert page.locator("text=Text in the fold").bounding_box()["height"] > 5


def test_on_the_screen_folded_text_is_folded(visit, wide):
    assert not visit(wide).evaluate(
        """() => document.querySelector("details > p").checkVisibility({ contentVisibilityAuto: true })"""
    )
