"""Taking code along: the menu of a page and the forms of a block."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import at_widths
from tests.browser.test_pages import SMALL, VIT, axe, themes_at
from tests.conftest import ROOT
from tests.sites import blocks_of

SOURCES = {
    VIT: (ROOT / "labml_nn/transformers/vit/__init__.py").read_text("utf-8"),
    SMALL: (ROOT / "labml_nn/transformers/feed_forward.py").read_text("utf-8"),
}


@pytest.fixture(scope="module")
def blocks(own_site):
    page = own_site / SMALL
    script = page.with_suffix(".blocks.js").read_text("utf-8")
    return blocks_of(script, page.read_text("utf-8"))


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()")


# `wait_for_function` takes a promise itself for an answer, and does not wait for what it holds.
COPIED = """async () => {
  while (!(await navigator.clipboard.readText())) await new Promise(requestAnimationFrame);
}"""


def trimmed(text):
    return re.sub(r"\A([ \t]*\n)+", "", text).rstrip() + "\n"


# What is shown for a moment stays until it has been seen, however slow the machine is.
STAYS = """
const set = setTimeout;
globalThis.later = [];
globalThis.setTimeout = (then, wait, ...rest) =>
  wait > 1000 ? later.push(then) : set(then, wait, ...rest);
"""


def opened(visit, url=SMALL, width=1440, **settings):
    page = visit(url, width, script=STAYS, **settings)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def press(button):
    button.click()
    expect(button).to_have_text("Copied")
    button.page.evaluate("later.splice(0).forEach(then => then())")


# Of each block what its button copies, the numbers of its lines, and the link beside it.
COPIES = """async blocks => {
  const copies = [];
  for (const block of blocks) {
    const button = block.querySelector(".copy");
    button.click();
    while (button.textContent !== "Copied") await new Promise(then => setTimeout(then));
    later.splice(0).forEach(then => then());
    let number = 0;
    const lines = [...block.querySelectorAll("c-l")].map(
      line => (number = Number(line.style.getPropertyValue("--n")) || number + 1));
    copies.push([await navigator.clipboard.readText(), lines, block.querySelector(".line").innerText]);
  }
  return copies;
}"""


def test_the_copy_button_gives_exactly_the_source(visit):
    page = opened(visit, VIT)
    source = SOURCES[VIT].split("\n")
    blocks = page.locator(".row .code:has(pre)")
    by_hand = []
    for block in (blocks.first, blocks.last):
        block.hover()
        press(block.locator(".copy"))
        by_hand.append(clipboard(page))
    # The pointer takes a hundred times as long, so the page presses them all.
    copies = blocks.evaluate_all(COPIES)
    assert len(copies) > 20
    assert by_hand == [copies[0][0], copies[-1][0]]
    for text, lines, link in copies:
        assert text == "".join(source[line - 1] + "\n" for line in lines)
        # The link beside it leads to where the section begins, which is its comment.
        assert int(link.removeprefix("line ")) <= lines[0]


def test_a_block_is_copied_with_its_prose_and_without_comments(visit, blocks):
    page = opened(visit)
    code = page.locator(".row > .code:has(pre)")
    texts = []
    for index in (0, 4, code.count() - 1):
        block = code.nth(index)
        block.hover()
        block.get_by_role("button", name="Other forms").click()
        first = block.locator("c-l").first
        line = int(first.evaluate("one => one.style.getPropertyValue('--n')"))
        known = [one for one in blocks if one[0] <= line][-1]
        assert block.locator(".choice button").all_inner_texts() == [
            "With its prose",
            "Without comments",
        ]
        for form in (1, 2):
            press(block.locator(".choice button").nth(form - 1))
            texts.append(clipboard(page))
            assert texts[-1] == trimmed(known[form])
        assert trimmed(known[1]) in SOURCES[SMALL]
        expect(block.get_by_text("With its prose")).to_be_visible()
        expect(block.get_by_text("Without comments")).to_be_visible()
    assert any('"""' in text for text in texts[::2])
    assert not any('"""' in text or "# " in text for text in texts[1::2])


def test_the_menu_copies_the_page_and_leads_to_files(visit, own_site):
    page = opened(visit, VIT)
    menu = page.locator(".along")
    menu.locator("summary").click()
    press(menu.locator("button").nth(1))
    assert clipboard(page) == SOURCES[VIT]
    press(menu.locator("button").nth(0))
    clean = own_site / VIT.replace(".html", ".clean.py")
    assert clipboard(page) == clean.read_text("utf-8")
    for label, name in (
        ("Clean code", "vit.clean.py"),
        ("Annotated code", "vit.py"),
        ("Notebook", "vit.ipynb"),
        ("Markdown", "vit.md"),
    ):
        with page.expect_download() as waiting:
            menu.get_by_role("link", name=label).click()
        assert waiting.value.suggested_filename == name
        link = menu.get_by_role("link", name=label).get_attribute("href")
        file = (own_site / VIT).parent / link
        assert waiting.value.path().read_bytes() == file.read_bytes()


def test_by_keyboard(visit):
    page = opened(visit)
    toggle = page.get_by_role("button", name="Other forms").nth(1)
    toggle.focus()
    page.keyboard.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Without comments"
    page.keyboard.press("Enter")
    page.locator(".choice").get_by_role("button", name="Copied").wait_for()
    assert clipboard(page).startswith("class ")
    page.keyboard.press("Escape")
    expect(page.locator(".choice")).not_to_be_visible()
    assert toggle.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator(".choice")).not_to_be_visible()
    page.locator(".along summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Notebook")).to_be_visible()


def test_by_touch(visit):
    page = opened(visit, width=390, has_touch=True)
    toggle = page.get_by_role("button", name="Other forms").nth(1)
    toggle.tap()
    choice = page.locator(".choice")
    choice.get_by_role("button", name="With its prose").tap()
    choice.get_by_role("button", name="Copied").wait_for()
    assert '"""' in clipboard(page)
    page.locator("h1").tap()
    expect(choice).not_to_be_visible()
    box = toggle.bounding_box()
    assert min(box["width"], box["height"]) >= 24


def test_on_a_phone_the_list_is_whole(visit):
    page = opened(visit, width=390, has_touch=True)
    block = page.locator(".row > .code:has(pre)").last
    block.get_by_role("button", name="Other forms").tap()
    last = page.locator(".choice button").last
    last.wait_for()
    # Nothing lies over it, and nothing cuts it off.
    assert last.evaluate(
        """one => {
          one.scrollIntoView({ block: "center", behavior: "instant" });
          const { x, y, width, height } = one.getBoundingClientRect();
          return document.elementFromPoint(x + width / 2, y + height - 2) === one;
        }"""
    )


def three(page):
    """A button for other forms of a block, its own and one of the menu, all shown."""
    page.locator(".along summary").click()
    block = page.locator(".row > .code:has(pre)").nth(2)
    block.get_by_role("button", name="Other forms").press("Enter")
    return [
        block.locator(".choice button").last,
        block.locator(".copy"),
        page.locator(".along button").first,
    ]


@pytest.mark.parametrize("allowed", [True, False])
def test_where_the_clipboard_is_closed(visit, allowed):
    """The text is copied in an older way or by the reader, and the focus stays."""
    page = opened(visit)
    texts = []
    for button in three(page):
        press(button)
        texts.append(clipboard(page))
    page.reload()
    page.evaluate("delete Clipboard.prototype.writeText")
    if not allowed:
        page.evaluate("() => { document.execCommand = () => false; }")
    for button, text in zip(three(page), texts, strict=True):
        button.click()
        expect(button).to_have_text("Copied" if allowed else "Press Ctrl+C")
        if not allowed:
            page.keyboard.press("Control+c")
        expect(button).to_be_focused()
        assert clipboard(page) == text
        expect(page.locator("textarea")).to_have_count(0)


def test_a_failed_load_is_tried_again(visit):
    page = opened(visit)
    page.evaluate(
        """() => {
          const append = document.head.append;
          document.head.append = function (script) {
            document.head.append = append;
            setTimeout(() => (globalThis.failed = script.onerror() ?? true));
          };
        }"""
    )
    menu = page.locator(".along")
    menu.locator("summary").click()
    page.wait_for_function("globalThis.failed")
    press(menu.locator("button").nth(1))
    assert clipboard(page) == SOURCES[SMALL]


def test_a_list_that_is_closed_before_its_texts_are_there(visit, blocks):
    page = opened(visit)
    page.evaluate("navigator.clipboard.writeText('')")
    waiting = []
    page.route("**/*.blocks.js*", lambda route: waiting.append(route))
    block = page.locator(".row > .code:has(pre)").first
    with page.expect_request("**/*.blocks.js*"):
        block.get_by_role("button", name="Other forms").press("Enter")
    block.get_by_role("button", name="Without comments").click()
    page.keyboard.press("Escape")
    waiting[0].continue_()
    page.evaluate(COPIED)
    line = int(
        block.locator("c-l").first.evaluate("one => one.style.getPropertyValue('--n')")
    )
    known = [one for one in blocks if one[0] <= line][-1]
    assert clipboard(page) == trimmed(known[2])


def test_from_disk(visit, own_site):
    page = opened(visit, (own_site / SMALL).as_uri())
    menu = page.locator(".along")
    menu.locator("summary").click()
    press(menu.locator("button").nth(1))


def test_without_a_script_the_links_are_there(visit):
    page = visit(SMALL, java_script_enabled=False)
    page.locator(".along summary").click()
    assert page.locator(".along a").all_inner_texts() == [
        "Clean code\n.clean.py",
        "Annotated code\n.py",
        "Notebook\n.ipynb",
        "Markdown\n.md",
    ]
    expect(page.locator(".along button, .forms")).to_have_count(0)


def test_all_open_axe_is_content(visit):
    page = visit(SMALL)
    for width in at_widths(page, 1440, 1024, 390):
        page.locator(".along summary").click()
        page.locator(".forms").nth(2).press("Enter")
        expect(page.locator(".choice")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            width
        )
        found = axe(page, ".along, .forms, .choice", themes_at(width))
        assert found == [], width
    assert axe(page) == []


def test_a_page_weighs_no_more_for_it(visit):
    """The texts for the clipboard are only loaded by who reaches for them."""
    page = visit(SMALL, first=True)
    loaded = "performance.getEntriesByType('resource').map(one => one.name)"
    assert not [name for name in page.evaluate(loaded) if "blocks" in name]
    page.locator(".along summary").click()
    page.wait_for_function(f"{loaded}.some(name => name.includes('blocks'))")


def test_on_paper_no_line_of_code_is_broken_or_cut(visit):
    page = visit("sidelit/read/lexer.html")
    page.emulate_media(media="print")
    # A4 on its side, less the margins.
    page.set_viewport_size({"width": 1009, "height": 672})
    for url in (None, VIT):
        if url:
            page.goto(page.url.replace("sidelit/read/lexer.html", VIT))
        lines = page.locator("c-l").evaluate_all(
            "all => [...new Set(all.map(one => Math.round(one.getBoundingClientRect().height)))]"
        )
        assert len(lines) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1009
    expect(page.locator(".along, .forms, .copy").first).not_to_be_visible()
