"""Names that lead somewhere, as a reader follows them."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import THEMES, at_widths
from tests.browser.test_pages import SMALL, VIT, axe, ending

MODELS = "transformers/models.html"
# In code, a class of another page; the link has a card.
NAME = ".code pre a:text-is('MultiHeadAttention')"


def test_pointing_at_a_name_shows_what_it_is(visit):
    page = visit(MODELS)
    card = page.locator(".card")
    page.locator(NAME).last.hover()
    signature = card.locator(".signature")
    assert signature.first.inner_text() == "class MultiHeadAttention(nn.Module)"
    assert signature.last.inner_text().startswith("def __init__(self, ")
    assert len(card.locator(".first").inner_text()) > 40
    assert card.locator(".place").inner_text() == "labml_nn.transformers.mha"
    expect(card.locator("a")).to_have_count(0)
    # It stays while the pointer goes there, and Escape closes it.
    box = card.bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).not_to_be_visible()


def test_a_name_in_prose_has_a_card_too(visit):
    page = visit("sidelit/prose/tex.html")
    page.locator(".prose a.name").first.hover()
    page.locator(".card .signature").first.wait_for()


def test_a_link_is_followed_and_the_way_back_leads_back(visit):
    page = visit(MODELS)
    name = page.locator(NAME).last
    name.click()
    page.wait_for_url(re.compile(r"/mha\.html#MultiHeadAttention$"))
    row = page.locator("#MultiHeadAttention")
    assert 0 < row.bounding_box()["y"] < 200
    page.go_back()
    expect(page).to_have_url(ending(MODELS))
    expect(page.locator(".lit")).to_have_count(0)


def test_a_definition_that_is_no_row_is_lit(visit):
    page = visit("sidelit/values.html")
    page.locator(".code pre a[href='#_CHECKS']").first.click()
    target = page.locator("#_CHECKS")
    assert target.inner_text() == "_CHECKS"
    expect(target).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_arrow_keys_reach_links_and_enter_follows_them(visit):
    page = visit(MODELS)
    block = page.locator(f".code pre:has({NAME.removeprefix('.code pre ')})").last
    block.locator("[tabindex='0']").focus()
    for _ in range(50):
        if page.evaluate("document.activeElement.textContent") == "MultiHeadAttention":
            break
        page.keyboard.press("ArrowRight")
    name = page.locator(":focus")
    assert name.evaluate("one => one.matches(':focus-visible')")
    expect(page.locator(".card")).to_be_visible()
    assert name.get_attribute("aria-describedby") == "sidelit:card"
    expect(block.locator("[tabindex='0']")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/mha\.html#MultiHeadAttention$"))


def test_a_block_of_code_is_one_stop(visit):
    page = visit(MODELS)
    stops = page.locator(".code pre").evaluate_all(
        "pres => pres.map((pre) => [...pre.querySelectorAll('a, [tabindex]')].filter((one) => one.tabIndex === 0).length)"
    )
    assert max(stops) == 1


def test_a_finger_sees_the_card_first_and_goes_on_from_there(visit):
    page = visit(MODELS, 390, has_touch=True, is_mobile=True)
    name = page.locator(NAME).last
    name.tap()
    card = page.locator(".card")
    expect(card).to_be_visible()
    expect(page).to_have_url(ending(MODELS))
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("h1").tap()
    expect(card).not_to_be_visible()
    name.tap()
    expect(page).to_have_url(ending(MODELS))
    card.get_by_role("link", name="Go there").tap()
    page.wait_for_url(re.compile(r"/mha\.html#MultiHeadAttention$"))
    page.go_back()
    name.tap()
    name.tap()
    page.wait_for_url(re.compile(r"/mha\.html#MultiHeadAttention$"))


def test_links_work_without_a_script(visit):
    page = visit(MODELS, java_script_enabled=False)
    page.locator(NAME).last.click()
    expect(page).to_have_url(ending("/mha.html#MultiHeadAttention"))


def test_cards_and_users_are_content_with_axe(visit):
    page = visit(SMALL)
    for width in at_widths(page, 1440, 390):
        for users in page.locator(".users summary").all():
            users.click()
        page.locator(".code pre a[data-b]").first.hover()
        page.locator(".card").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            width
        )
        assert axe(page, themes=THEMES) == [], width
        expect(page.locator(".card")).to_be_visible()


def test_users_lead_to_where_a_definition_is_used(visit):
    page = visit("transformers/mha.html")
    users = page.locator("#MultiHeadAttention .users")
    expect(users.locator("ul")).not_to_be_visible()
    users.locator("summary").click()
    users.get_by_role("link", name="TransformerLayer").first.click()
    page.wait_for_url(re.compile(r"/models\.html#TransformerLayer"))


def test_shapes_and_definitions_share_a_card(visit):
    page = visit(VIT)
    names = page.locator(".code pre a[data-shapes]")
    if names.count():
        names.first.hover()
        page.locator(".card .signature ~ b").wait_for()


def test_pages_stay_light(own_site):
    """What a page weighs with its cards, compressed as servers send it."""
    import gzip

    heavy = {
        file.relative_to(own_site).as_posix(): size
        for file in own_site.rglob("*.html")
        if (size := len(gzip.compress(file.read_bytes(), 6))) > 60_000
    }
    assert heavy == {}
