"""The battle page on a phone: one answer at a time, by switch and by swipe, and a box of lines."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.bestiary import LENGTHY, QUICK, SLOW
from tests.e2e.browsing import VOTES, BattleTab, box_of
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SWIPE = """([from, to]) => {
    const target = document.querySelector("#slots");
    const touch = (x) => new Touch({ identifier: 1, target, clientX: x, clientY: 300 });
    const fire = (kind, x, now) => target.dispatchEvent(new TouchEvent(kind, {
        bubbles: true, touches: now ? [touch(x)] : [], changedTouches: [touch(x)] }));
    fire("touchstart", from, true);
    fire("touchend", to, false);
}"""


_STAND_APART = """() => {
    const bar = [...document.querySelectorAll("#follow-ups .prompt-bar")].at(-1);
    const bottom = document.querySelector("#headings").getBoundingClientRect().bottom;
    return bar.getBoundingClientRect().top >= bottom;
}"""


def switch(tab: BattleTab, slot: str) -> Any:
    return tab.page.locator(f"[data-show-slot='{slot}']")


def test_a_dot_says_that_the_other_answer_is_unread_and_the_switch_shows_it(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    dock = tab.element("dock")
    expect(dock.locator(".slot-switch")).to_be_visible()
    expect(switch(tab, "b").locator(".unread")).to_be_visible()
    expect(switch(tab, "a").locator(".unread")).to_be_hidden()

    switch(tab, "b").click()
    expect(tab.element("slot-b")).to_be_visible()
    expect(tab.element("slot-a")).to_be_hidden()
    expect(switch(tab, "b").locator(".unread")).to_be_hidden()
    expect(switch(tab, "b")).to_have_attribute("aria-pressed", "true")
    tab.element("new-battle").click()


def test_a_swipe_shows_the_other_answer_and_each_keeps_its_place(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE | {"viewport": {"width": 390, "height": 560}}).open()
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, 120)")

    tab.page.evaluate(SWIPE, [300, 100])
    expect(tab.element("slot-b")).to_be_visible()
    assert tab.page.evaluate("window.scrollY") == 0
    tab.page.evaluate(SWIPE, [100, 300])
    expect(tab.element("slot-a")).to_be_visible()
    assert tab.page.evaluate("window.scrollY") == 120
    tab.element("new-battle").click()


@pytest.mark.parametrize("first", [QUICK, SLOW], ids=["a short turn", "a long turn"])
def test_the_other_side_shows_the_turn_that_is_read(
    arena: ServedArena, open_tab: Tab, first: str
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(first)
    tab.complete(SLOW)
    bar = tab.element("follow-ups").locator(".prompt-bar")
    below = box_of(tab.element("headings"))
    expect(bar).to_be_in_viewport()
    switch(tab, "b").click()
    expect(tab.element("slot-b")).to_be_visible()
    assert 0 <= box_of(bar)["y"] - (below["y"] + below["height"]) <= 20
    kept = tab.page.evaluate("window.scrollTo(0, window.scrollY + 9), window.scrollY")
    switch(tab, "a").click()
    switch(tab, "b").click()
    assert tab.page.evaluate("window.scrollY") == pytest.approx(kept, abs=1)

    tab.page.evaluate("window.scrollTo(0, 0)")
    switch(tab, "a").click()
    assert tab.page.evaluate("window.scrollY") == 0
    tab.element("new-battle").click()


def test_return_makes_a_new_line_and_the_button_sends(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.prompt.fill("One")
    tab.prompt.press("Enter")
    tab.prompt.press_sequentially("Two")
    expect(tab.prompt).to_have_value("One\nTwo")
    expect(tab.element("arena")).to_be_hidden()
    tab.element("send").click()
    tab.expect_complete()
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text("One\nTwo")
    tab.element("new-battle").click()


def test_after_a_vote_no_keyboard_comes_up_over_the_names(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    tab.element("vote-tie").click()
    tab.expect_revealed()
    tab.page.wait_for_function("document.activeElement.id === 'arena'")


def test_after_a_vote_the_names_cover_nothing_of_the_prompt_that_is_read(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    tab.complete(SLOW)
    bar = tab.element("follow-ups").locator(".prompt-bar").last
    headings = tab.element("headings")
    title = box_of(headings)
    assert box_of(bar)["y"] >= title["y"] + title["height"]
    tab.element("vote-tie").click()
    tab.expect_revealed()
    tab.page.wait_for_function(_STAND_APART)
    assert box_of(headings)["y"] == pytest.approx(title["y"], abs=1)
    expect(switch(tab, "b").locator(".unread")).to_be_hidden()


def test_on_a_phone_on_its_side_the_votes_stay_in_view(arena: ServedArena, open_tab: Tab) -> None:
    size = {"width": 844, "height": 390}
    tab = open_tab(arena, **PHONE | {"viewport": size}).open()
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, 0)")
    for vote in VOTES:
        box = box_of(tab.element(vote))
        assert box["y"] >= 0.75 * size["height"]
        assert box["y"] + box["height"] <= size["height"]
    tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(tab.element("send")).to_be_in_viewport(ratio=1)
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_phone_that_is_turned_keeps_the_focus_on_the_page(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    switch(tab, "b").click()
    tab.page.set_viewport_size({"width": 844, "height": 390})
    expect(switch(tab, "b")).to_be_hidden()
    tab.page.wait_for_function("document.activeElement.id === 'arena'")
    tab.element("new-battle").click()


@pytest.mark.parametrize("side", "ab")
def test_after_a_vote_each_name_stands_with_its_own_side(
    arena: ServedArena, open_tab: Tab, side: str
) -> None:
    other = "ab".replace(side, "")
    tab = open_tab(arena, **PHONE).open()
    tab.complete(SLOW)
    tab.complete(SLOW)
    switch(tab, other).click()
    switch(tab, side).click()
    tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    title = box_of(tab.element("headings"))
    answer = tab.element(f"slot-{side}").locator(".answer").last
    tab.element("vote-b-better").click()
    tab.expect_revealed()

    for slot in "ab":
        expect(tab.element(f"reveal-{slot}").locator(".name")).to_be_in_viewport()
    headings = box_of(tab.element("headings"))
    assert headings["height"] <= title["height"] + 50
    shown, hidden = (tab.element(f"heading-{slot}") for slot in (side, other))
    assert box_of(shown)["width"] > box_of(hidden)["width"] + 40
    paper, *backs = (
        one.evaluate("element => getComputedStyle(element).backgroundColor")
        for one in (answer, shown, hidden)
    )
    assert [back == paper for back in backs] == [True, False]
    expect(tab.element(f"slot-{other}")).to_be_hidden()
    hidden.click()
    expect(tab.element(f"slot-{other}")).to_be_visible()
    expect(tab.element(f"slot-{side}")).to_be_hidden()
    assert box_of(hidden)["width"] > box_of(shown)["width"] + 40


def test_stopped_in_a_later_turn_the_switch_and_the_sentence_keep_their_room(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(QUICK)
    before = [box_of(element) for element in (tab.element("dock"), switch(tab, "b"))]
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("vote-earlier")).to_be_visible()

    for element, box in zip((tab.element("dock"), switch(tab, "b")), before, strict=True):
        assert box_of(element) == pytest.approx(box, abs=1)
    notice = tab.element("view").locator(".notice")
    assert notice.evaluate("element => element.scrollHeight <= element.clientHeight + 1")
    tab.element("new-battle").click()


def test_a_cut_answer_says_on_a_phone_too_what_a_vote_is_worth(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE).open()
    tab.complete(LENGTHY)
    more = tab.element("view").locator(".more")
    expect(more).to_be_visible()
    notice = tab.element("view").locator(".notice")
    assert notice.evaluate("element => element.scrollHeight <= element.clientHeight + 1")
    tab.element("new-battle").click()


def test_the_page_after_a_skipped_battle_begins_at_its_top(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, **PHONE | {"viewport": {"width": 390, "height": 560}}).open()
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, 120)")
    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    expect(tab.element("welcome")).to_be_in_viewport()
    tab.page.wait_for_function("window.scrollY === 0")


def test_category_and_language_open_below_their_heading(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena, **PHONE).open()
    heading = tab.element("options").locator(".label-wrap")
    heading.click()
    expect(tab.element("language")).to_be_visible()
    above = box_of(heading)
    for field in ("category", "language"):
        box = box_of(tab.element(field))
        assert box["y"] >= above["y"] + above["height"]
        assert box["width"] > 120


def test_a_swipe_never_leaves_the_page(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena, **PHONE).open()
    kept = "getComputedStyle(document.documentElement).overscrollBehaviorX"
    assert tab.page.evaluate(kept) == "none"
