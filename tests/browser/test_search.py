"""Finding things as a reader does: the box for searching, the keys and the map."""

import pytest
from playwright.sync_api import expect

from sidelit.build import build
from sidelit.config import load
from sidelit.publish.search import BUNDLE, search_files
from tests.browser.conftest import THEMES, at_widths
from tests.browser.serving import serving
from tests.browser.test_looks import look
from tests.browser.test_pages import ATTENTION, HOME, SMALL, VIT, axe, themes_at

BOX = "dialog.search"


def ask(page, question):
    """Open the box if need be, ask, and wait for the answer."""
    if not page.locator(BOX).is_visible():
        page.keyboard.press("/")
    said = "document.querySelector('dialog.search .said').textContent"
    page.evaluate(f"{said} = ''")
    page.get_by_role("combobox", name="Search").fill(question)
    page.wait_for_function(f"{said} != ''")
    return page.locator(f"{BOX} [role=option]")


# ## The box
def test_nothing_is_loaded_before_the_first_search(visit):
    page = visit(SMALL, first=True)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    assert not [url for url in loaded if BUNDLE in url]
    ask(page, "attention")
    assert [url for url in loaded if BUNDLE in url]


def test_it_opens_and_escape_gives_the_focus_back(visit):
    page = visit(SMALL)
    brand, button = page.locator(".brand"), page.get_by_role("button", name="Search")
    for place, way in (
        (brand, "/"),
        (brand, "Control+k"),
        (brand, "Meta+k"),
        (button, "Enter"),
    ):
        place.focus()
        page.keyboard.press(way)
        expect(page.locator(BOX)).to_be_visible()
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(BOX)).not_to_be_visible()
        expect(place).to_be_focused()


def test_results_stand_under_their_pages_and_lead_to_sections(visit):
    page = visit(HOME)
    options = ask(page, "PatchEmbeddings")
    group = page.locator(f"{BOX} [role=group]").first
    assert "Vision Transformer" in group.locator(".title").inner_text()
    first = group.locator("[role=option]").first
    assert first.get_attribute("aria-selected") == "true"
    assert "PatchEmbeddings" in first.inner_text()
    assert first.locator("mark").count() >= 1
    # Down, round to the end, and back.
    page.keyboard.press("ArrowUp")
    assert options.last.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")
    active = page.get_by_role("combobox").get_attribute("aria-activedescendant")
    assert page.locator(f"[id='{active}']").evaluate("one => one.tagName") == "A"
    target = first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{VIT}#*")
    expect(page).to_have_url(target)
    identifier = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    top = page.locator(f"[id='{identifier}']").bounding_box()["y"]
    assert 0 <= top < 300


def test_a_result_on_the_same_page_closes_the_box(visit):
    page = visit(ATTENTION)
    ask(page, "mask").first.click()
    expect(page.locator(BOX)).not_to_be_visible()


def test_names_are_found_by_their_parts(visit):
    page = visit(HOME)
    for question, expected in (
        ("patch_emb", "patch_emb"),
        ("PatchEmbeddings", "PatchEmbeddings"),
        ("patch embeddings", "Patch embeddings"),
        ("Embeddings", "Patch embeddings"),
        ("patch_embeddings", "patch_embeddings"),
        ("nn.Dropout", "dropout"),
    ):
        ask(page, question)
        first = page.locator(f"{BOX} [role=group]").first
        assert expected in first.inner_text(), question
        quotations = page.locator(f"{BOX} [role=option] span").all_inner_texts()
        assert not [text for text in quotations if "\u00ad" in text or "katex" in text]


def test_enter_opens_what_is_asked_and_not_what_is_still_listed(visit):
    page = visit(HOME)
    expected = ask(page, "softmax").first.get_attribute("href")
    assert ask(page, "PatchEmbeddings").first.get_attribute("href") != expected
    # No time passes between the last letter and the key.
    page.get_by_role("combobox", name="Search").evaluate(
        """input => {
          input.value = "softmax";
          input.dispatchEvent(new Event("input"));
          input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
        }"""
    )
    page.wait_for_url(expected)


def test_what_is_nowhere_is_not_found(visit):
    page = visit(HOME)
    expect(ask(page, "xyzzyq plugh")).to_have_count(0)
    said = page.locator(f"{BOX} [role=status]")
    assert said.inner_text() == "Nothing found for “xyzzyq plugh”"
    assert ask(page, "attention").count() > 3


def searchable(folder, texts, language="en"):
    """The output folder of a site of these files, with its index."""
    for name, text in texts.items():
        file = folder / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    out = folder / "out"
    flags = {"sources": [str(folder / "src")], "output": str(out), "language": language}
    config, _ = load(flags)
    result = build(config)
    searched = search_files(result.texts, config.root, config.output, language)
    for url, data in (*result.files.items(), *searched.items()):
        (out / url).parent.mkdir(parents=True, exist_ok=True)
        (out / url).write_bytes(data)
    return out


def test_definitions_come_first_and_tests_last(visit, tmp_path):
    use = "from core import frobnicate\n"
    many = "".join(
        f"\n# Frobnicate {n}, frobnicate.\nfrobnicate({n})\n" for n in range(30)
    )
    texts = {
        "core.py": '"""Words."""\n\n\ndef frobnicate(x):\n    """\n    # Twist\n\n    It.\n    """\n',
        "use.py": f'"""How to frobnicate, frobnicate."""\n\n{use}{many}',
        "tests/test_core.py": f'"""Frobnicate: frobnicate."""\n\n{use}{many}{many}',
    }
    with serving(searchable(tmp_path, texts)) as address:
        page = visit(f"{address}index.html")
        options = ask(page, "frobnicate")
        titles = page.locator(f"{BOX} .title").all_inner_texts()
        assert [title.split("\n")[0] for title in titles] == [
            *("core", "use", "tests.test_core")
        ]
        first = options.first
        assert first.get_attribute("href").endswith("core.html#frobnicate")
        # The name of the definition stands there beside its title.
        assert first.locator("b").inner_text() == "Twist"
        assert first.locator("code").inner_text() == "frobnicate"


def test_code_is_found_and_weighs_less_than_prose(visit, tmp_path):
    texts = {
        "code.py": '"""Words."""\n\nprint("quokka", "quokka")\n',
        "prose.py": '"""Words of a quokka."""\n\nprint("words")\n',
    }
    with serving(searchable(tmp_path, texts)) as address:
        page = visit(f"{address}index.html")
        ask(page, "quokka")
        titles = page.locator(f"{BOX} .title").all_inner_texts()
        assert [title.split("\n")[0] for title in titles] == ["prose", "code"]


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_box_fits_and_axe_is_content(visit, width):
    page = visit(SMALL, width, has_touch=width == 390)
    button = page.get_by_role("button", name="Search")
    if width == 390:
        button.tap()
    else:
        button.click()
    ask(page, "attention")
    assert axe(page, f"{BOX}, .bar", themes_at(width)) == []
    box = page.locator(BOX).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('dialog.search *')].filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX == 'visible' && one.clientWidth).map(one => one.outerHTML.slice(0, 100))"
    )
    assert wide == []
    if width == 390:
        page.get_by_role("button", name="Close").first.tap()
    else:
        page.mouse.click(5, 400)
    expect(page.locator(BOX)).not_to_be_visible()


def test_from_disk_the_box_says_why_it_cannot_search(visit, own_site):
    page = visit((own_site / SMALL).as_uri())
    page.keyboard.press("/")
    said = page.locator(f"{BOX} [role=status]").inner_text()
    assert said.startswith("Search needs a server")
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).not_to_be_visible()


def test_without_a_script_there_is_no_button(visit):
    page = visit(SMALL, java_script_enabled=False)
    expect(page.locator("[data-action=search]")).not_to_be_visible()
    expect(page.locator("[data-action=keys]")).not_to_be_visible()


def test_chinese_and_japanese(visit, tmp_path):
    texts = {
        "zh.md": "# 注意力机制\n\n多头注意力让模型同时关注不同位置的信息。\n\n## 图像块\n\nViT模型把图像切成小块。\n",
        "ja.md": "# 変換器\n\n注意機構は単語の関係を学習します。ビジョントランスフォーマー。\n",
        "en.md": "# Other\n\nText with 意 and 注 and 力 apart.\n",
    }
    out = searchable(tmp_path, texts)
    with serving(out) as address:
        page = visit(f"{address}index.html")
        for question, title, quotation in (
            ("注意力", "注意力机制", "多头注意力让"),
            ("图像", "注意力机制", "ViT模型把图像切成小块"),
            ("ViT模型", "注意力机制", "ViT模型"),
            ("ビジョン", "変換器", "ビジョントランス"),
        ):
            ask(page, question)
            titles = page.locator(f"{BOX} .title").all_inner_texts()
            assert titles[0].startswith(title), question
            assert "Other" not in " ".join(titles)
            found = page.locator(f"{BOX} [role=option] span").all_inner_texts()
            assert quotation in " ".join(found)


# ## Keys
def test_from_section_to_section(visit):
    page = visit(VIT)
    here = "document.activeElement.id || document.activeElement.tagName"
    page.keyboard.press("j")
    first = page.evaluate(here)
    seen = [first]
    for _ in range(30):
        page.keyboard.press("j")
        seen.append(page.evaluate(here))
    assert len(set(seen)) == 31
    top = page.locator(":focus").bounding_box()["y"]
    assert 0 < top < 140
    page.keyboard.press("k")
    assert page.evaluate(here) == seen[-2]
    # After a move of another kind the window says where the reader is.
    page.mouse.move(700, 400)
    page.mouse.wheel(0, -100_000)
    page.wait_for_function("scrollY == 0")
    page.keyboard.press("j")
    assert page.evaluate(here) == first


@pytest.mark.parametrize("width", [1440, 390])
def test_the_last_section_is_reached(visit, width):
    page = visit(ATTENTION, width)
    rows = page.locator(".row")
    for _ in range(rows.count() + 5):
        page.keyboard.press("j")
    assert rows.last.evaluate("one => one === document.activeElement")


def test_keys_do_nothing_where_text_is_typed_or_with_another_key(visit):
    page = visit(SMALL)
    for key in ("Control+j", "Alt+j", "Alt+/"):
        page.keyboard.press(key)
    assert page.evaluate("scrollY") == 0
    expect(page.locator("dialog[open]")).to_have_count(0)
    ask(page, "j/k?")
    assert page.get_by_role("combobox").input_value() == "j/k?"
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_keys_work_after_a_click_on_a_view(visit):
    page = visit(SMALL)
    look(page, "prose")
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.type") != "radio"
    look(page, "code")
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_visible()


@pytest.mark.parametrize("view", ["prose", "code"])
def test_every_step_leads_to_something_that_is_shown(visit, view):
    page = visit(f"{VIT}?view={view}")
    page.evaluate(
        "addEventListener('focusin', ({ target }) => (globalThis.last = target))"
    )
    steps, last = 0, "globalThis.last?.matches('.row:last-child')"
    while not page.evaluate(last):
        page.evaluate("globalThis.last = null")
        page.keyboard.press("j")
        assert page.evaluate("last?.offsetHeight") > 0
        steps += 1
    assert steps > 20


def test_the_list_of_keys(visit):
    page = visit(SMALL)
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_be_visible()
    words = listed.inner_text()
    for line in ("Search", "Next section", "Previous section", "This list"):
        assert line in words
    assert axe(page, within="dialog[open], .bar") == []
    listed.get_by_label("Use single-letter keys").uncheck()
    page.keyboard.press("Escape")
    expect(listed).not_to_be_visible()
    page.reload()
    page.keyboard.press("/")
    expect(page.locator("dialog[open]")).to_have_count(0)
    # Keys with Ctrl stay, and so does the button.
    page.keyboard.press("Control+k")
    expect(page.locator(BOX)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    listed.get_by_label("Use single-letter keys").check()
    listed.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_visible()


def test_the_contents_follow_at_the_side(visit):
    """Where the contents stand beside the page, the entry that is lit is in view."""
    page = visit("helpers/augment.html")
    page.set_viewport_size({"width": 1900, "height": 600})
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function(
        """() => {
          const box = document.querySelector('.aside').getBoundingClientRect();
          // The script of the page may not have lit one yet.
          const here = document.querySelector('.contents .here')?.getBoundingClientRect();
          return here && here.top >= box.top && here.bottom <= box.bottom;
        }"""
    )


# ## The map
@pytest.mark.parametrize("width", [1440, 1024])
def test_the_map_lays_its_pages_on_a_grid(visit, width):
    page = visit(HOME, width)
    chart = page.locator(".chart").first
    attention = chart.get_by_role("link", name="Multi-head attention").bounding_box()
    vit = chart.get_by_role("link", name="Vision Transformer (ViT)").bounding_box()
    assert vit["y"] > attention["y"] + attention["height"]
    cut = chart.locator("[data-page]").evaluate_all(
        "all => all.filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    )
    assert cut == []
    # Lines end where cards begin.
    ends = chart.evaluate(
        """chart => [...chart.querySelectorAll('path')].map(path => {
          const end = path.getPointAtLength(path.getTotalLength()).matrixTransform(path.getScreenCTM());
          const card = chart.querySelector(`[data-page="${path.dataset.to}"]`).getBoundingClientRect();
          return [end.x - card.left - card.width / 2, end.y - card.top];
        })"""
    )
    assert all(abs(x) < 2 and abs(y) < 3 for x, y in ends)


def test_pointing_at_a_page_lights_its_lines(visit):
    page = visit(HOME)
    chart = page.locator(".chart").first
    link = chart.get_by_role("link", name="Vision Transformer (ViT)")
    link.hover()
    expect(chart.locator(".lit-way").nth(1)).to_be_attached()
    page.mouse.move(5, 5)
    expect(chart.locator(".lit-way")).to_have_count(0)
    link.focus()
    expect(chart.locator(".lit-way").nth(1)).to_be_attached()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{VIT}")


def test_on_a_small_screen_the_map_is_a_list(visit):
    page = visit(HOME, 390)
    chart = page.locator(".chart").first
    expect(chart.locator("svg")).not_to_be_visible()
    expect(chart.get_by_text("builds on Multi-head attention").first).to_be_visible()


def test_the_map_unfolds_and_axe_is_content(visit):
    page = visit(HOME)
    for width in at_widths(page, 1440, 390):
        page.locator(".map summary").click()
        link = page.get_by_role("link", name="Splitting a file into prose and code")
        expect(link).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # All else has been seen in dark colours elsewhere.
        assert axe(page, themes=THEMES, dark=".map") == [], width


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("ja", "東京で注意機構を学ぶ。", "注意機構"),
        ("zh-Hant", "我們在臺北學習注意力機制。", "注意力"),
        ("ko", "서울에서 주의 메커니즘을 배운다.", "메커니즘"),
        ("de", "Die alten Häuser stehen am Fluss.", "Häusern"),
    ],
)
def test_other_languages_are_searched(visit, tmp_path, language, text, query):
    texts = {
        "index.md": "# A\n",
        "b.md": f"# B\n\n{text}\n",
        "c.md": f"---\nlanguage: fr\n---\n# C\n\n{text}\n",
    }
    with serving(searchable(tmp_path, texts, language=language)) as address:
        page = visit(f"{address}c.html")
        expect(ask(page, query)).to_have_count(2)
