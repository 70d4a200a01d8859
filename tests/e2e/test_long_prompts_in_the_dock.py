"""A prompt of many lines in a browser: it hides nothing to be read, and the way back is told."""

import pytest
from playwright.sync_api import Locator, expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import PROMPT_LIMIT, QUICK
from tests.e2e.browsing import box_of
from tests.e2e.conftest import Tab
from tests.e2e.dock_places import SIZES
from tests.e2e.serving import ServedArena
from tests.e2e.test_phone import PHONE

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]
LINES = "line\n" * 14
IS_ON_TOP = """(one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


def expect_on_top(element: Locator) -> None:
    expect(element).to_be_visible()
    assert element.evaluate(IS_ON_TOP)


@pytest.mark.parametrize("size", SIZES)
def test_a_refusal_is_not_covered_by_the_prompt_that_it_refuses(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = open_tab(arena, viewport={"width": size[0], "height": size[1]}).open()
    tab.prompt.fill("words " * PROMPT_LIMIT)
    tab.prompt.press("Enter")

    refusal = tab.element("refusal").locator("p")
    expect(refusal).to_contain_text("Please shorten it")
    expect_on_top(refusal)
    expect(tab.prompt).to_be_focused()
    above, box = box_of(refusal), box_of(tab.prompt)
    assert above["y"] + above["height"] <= box["y"] + 1
    assert box["height"] > 80
    assert box_of(tab.element("dock"))["height"] <= 0.25 * size[1]


@pytest.mark.parametrize("size", SIZES)
def test_after_a_skip_undo_is_not_covered_by_the_next_prompt(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = open_tab(arena, viewport={"width": size[0], "height": size[1]}).open()
    tab.complete(QUICK)
    tab.element("new-battle").click()
    tab.prompt.fill(LINES)

    expect(tab.prompt).to_be_focused()
    expect_on_top(tab.element("undo"))


def test_escape_leaves_a_box_that_covers_the_votes_and_the_dock_says_so(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.prompt.fill("one line")
    expect(tab.element("view")).to_contain_text(WORDS["notice.complete_more"])
    for _ in range(4):
        tab.prompt.press("Shift+Enter")
    draft = tab.prompt.input_value()
    view = tab.element("view")
    expect(view.get_by_text(WORDS["notice.complete_more"])).to_be_hidden()
    expect(view.get_by_text(WORDS["notice.covered"])).to_be_visible()

    tab.page.keyboard.press("Escape")

    expect(tab.element("arena")).to_be_focused()
    expect(tab.element("vote-buttons")).to_have_css("opacity", "1")
    expect(view.get_by_text(WORDS["notice.covered"])).to_be_hidden()
    expect(tab.prompt).to_have_value(draft)
    tab.page.keyboard.press("2")
    tab.expect_revealed()
    expect(tab.prompt).to_have_value(draft)
    expect(tab.prompt).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.prompt).to_be_focused()


def test_on_a_phone_the_dock_says_that_a_tap_brings_covered_votes_back(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    tab.prompt.tap()
    tab.prompt.fill(LINES)
    told = tab.element("view").get_by_text(WORDS["notice.covered_touch"])
    expect(told).to_be_visible()

    tab.element("slot-a").tap()

    expect(told).to_be_hidden()
    tab.element("vote-tie").tap()
    tab.expect_revealed()


@pytest.mark.parametrize("size", SIZES)
def test_a_folded_box_shows_whole_lines(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = open_tab(arena, viewport={"width": size[0], "height": size[1]}).open()
    tab.complete(QUICK)
    tab.prompt.fill(LINES)
    tab.leave_fields()

    line = float(tab.prompt.evaluate("box => parseFloat(getComputedStyle(box).lineHeight)"))
    box = box_of(tab.prompt)
    whole = round((box["height"] - 20) / line) * line
    for y, on_top in ((whole + 5, "TEXTAREA"), (whole + 15, "LABEL")):
        at = [box["x"] + 40, box["y"] + y]
        assert tab.page.evaluate("at => document.elementFromPoint(...at).tagName", at) == on_top


def test_a_refused_next_prompt_leaves_the_names_and_the_answers_of_the_vote_before(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.keyboard.press("1")
    tab.expect_revealed()
    names = [tab.element(f"reveal-{side}").inner_text() for side in "ab"]

    tab.prompt.fill("words " * PROMPT_LIMIT)
    tab.prompt.press("Enter")

    expect(tab.element("refusal").locator("p")).to_contain_text("Please shorten it")
    tab.expect_revealed()
    assert [tab.element(f"reveal-{side}").inner_text() for side in "ab"] == names
    expect(tab.element("slot-a").locator(".answer-body")).to_be_visible()
