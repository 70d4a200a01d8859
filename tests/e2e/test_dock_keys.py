"""Keys of the battle page: which of them vote, where the focus goes, and that it shows."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.bestiary import QUICK, SLOW
from tests.e2e.browsing import box_of
from tests.e2e.conftest import Tab
from tests.e2e.dock_places import FOCUSED, PRESS, SIZES
from tests.e2e.race import QUICK as RACE
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

TAB_STOPS = """() => [...document.querySelectorAll("*")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled
        && one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.closest("[id]").id)"""
LOOKS = """(one) => {
    const parts = [one, one.closest("label")].filter(Boolean).map((part) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(part);
        return outlineStyle === "none" ? [boxShadow, borderColor] : [outlineWidth, outlineStyle];
    });
    return JSON.stringify(parts);
}"""
TELL_FOCUS = f"""() => {{
    const looks = {LOOKS};
    window.unfocused = new Map([...document.querySelectorAll("a, button, input, textarea, summary")]
        .filter((one) => one !== document.activeElement).map((one) => [one, looks(one)]));
    return window.unfocused.size;
}}"""
"""Remember how everything looks without the focus."""
SHOWS_FOCUS = f"""() => {{
    const one = document.activeElement;
    const before = window.unfocused.get(one);
    window.unfocused.delete(one);
    return before && [one.closest("[id]").id, before !== ({LOOKS})(one)];
}}"""
"""What has the focus, and whether it looks otherwise than before; null for the second time."""
SEND_AND_STOP = """() => {
    const press = (kind, key) => document.querySelector("#prompt textarea").dispatchEvent(
        new KeyboardEvent(kind, { key, code: key, bubbles: true, cancelable: true }));
    press("keydown", "Enter");
    press("keypress", "Enter");
    press("keydown", "Escape");
}"""
"""Enter in the box, and Escape before the server can have answered."""


def test_send_and_skip_follow_the_box_and_nothing_follows_them(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    assert tab.page.evaluate(TAB_STOPS)[-2:] == ["prompt", "send"]
    tab.complete(QUICK)
    assert tab.page.evaluate(TAB_STOPS)[-3:] == ["prompt", "send", "new-battle"]
    tab.prompt.focus()
    for following in ("send", "new-battle"):
        tab.page.keyboard.press("Tab")
        expect(tab.element(following)).to_be_focused()
    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    assert tab.page.evaluate(TAB_STOPS)[-2:] == ["prompt", "send"]


@pytest.mark.parametrize(
    ("size", "scheme"), [(SIZES[0], "light"), (SIZES[0], "dark"), (SIZES[2], "light")]
)
def test_whatever_has_the_focus_by_keyboard_shows_it(
    uneven: ServedArena, open_tab: Tab, size: tuple[int, int], scheme: str
) -> None:
    tab = open_tab(
        uneven, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    ).open()
    tab.complete(RACE)
    tab.element("vote-tie").click()
    expect(tab.element("reasons")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})().startsWith('reasons')")
    assert tab.page.evaluate(TELL_FOCUS) > 0
    tab.page.keyboard.press("Tab")
    found = []
    while shown := tab.page.evaluate(SHOWS_FOCUS):
        found.append(shown)
        tab.page.keyboard.press("Tab")
    assert [name for name, seen in found if not seen] == []
    assert {"send", "new-battle", "vote-submit", "prompt", "recognised"} <= {
        one for one, _ in found
    }
    tab.element("new-battle").click()


def test_the_focus_follows_the_work_and_never_falls_to_the_body(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()

    def focused() -> Any:
        return tab.page.evaluate(FOCUSED)

    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.page.locator("#examples button").first.click()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.prompt.fill(SLOW)
    tab.prompt.press("Enter")
    tab.expect_generating()
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    tab.element("stop").click()
    expect(tab.element("retry")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    tab.element("retry").focus()
    tab.page.keyboard.press("Enter")
    tab.expect_generating()
    assert focused() != "BODY"
    tab.expect_complete()
    tab.page.keyboard.press("4")
    tab.expect_revealed()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.page.keyboard.press("Enter")
    expect(tab.element("welcome")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")


def test_ten_battles_by_keyboard_take_two_keys_each_besides_the_prompt(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    before = arena.value("SELECT count(*) FROM votes")
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    for number in range(10):
        tab.page.keyboard.insert_text(QUICK)
        for line in range(number % 3):
            tab.page.keyboard.press("Shift+Enter")
            tab.page.keyboard.insert_text(f"line {line}")
        tab.page.keyboard.press("Enter")
        tab.expect_complete()
        expect(tab.element("arena")).to_be_focused()
        tab.page.keyboard.press("1234"[number % 4])
        tab.expect_revealed()
        tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    assert arena.value("SELECT count(*) FROM votes") == before + 10


KEYS_THAT_VOTE: dict[str, tuple[dict[str, str], str]] = {
    "a digit": ({"key": "2", "code": "Digit2"}, "tie"),
    "a French digit key": ({"key": "é", "code": "Digit2"}, "tie"),
    "a full-width digit": ({"key": "４", "code": "Unidentified"}, "b_better"),
    "a key of the number pad": ({"key": "3", "code": "Numpad3"}, "both_bad"),
}


@pytest.mark.parametrize("kind", KEYS_THAT_VOTE)
def test_keys_vote_on_every_keyboard(arena: ServedArena, open_tab: Tab, kind: str) -> None:
    init, verdict = KEYS_THAT_VOTE[kind]
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.leave_fields()
    tab.page.evaluate(PRESS, {**init, "bubbles": True})
    tab.expect_revealed()
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [(verdict,)]


def test_keys_of_an_input_method_are_its_own(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    tab.expect_generating()
    composing = {"isComposing": True, "bubbles": True, "cancelable": True}
    tab.page.evaluate(PRESS, {"key": "Escape", "code": "Escape", **composing})
    tab.expect_complete()
    tab.page.evaluate(PRESS, {"key": "1", "code": "Digit1", **composing})
    tab.prompt.fill("你好")
    tab.prompt.focus()
    tab.page.evaluate(PRESS, {"key": "Enter", "code": "Enter", **composing})
    expect(tab.prompt).to_have_value("你好")
    tab.expect_complete()
    tab.element("new-battle").click()


def test_escape_right_after_sending_stops_the_turn_as_soon_as_it_begins(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    for has_ended in ("retry", "vote-earlier"):
        tab.prompt.fill(SLOW)
        tab.page.evaluate(SEND_AND_STOP)
        expect(tab.element(has_ended)).to_be_visible()
        expect(tab.element("refusal").locator("p")).to_have_count(0)
        if has_ended == "retry":
            tab.complete(QUICK)
    tab.element("new-battle").click()


def test_escape_after_a_prompt_that_was_refused_stops_no_later_turn(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.prompt.press("Enter")
    expect(tab.element("refusal")).to_be_visible()
    tab.page.keyboard.press("Escape")
    tab.prompt.fill(SLOW)
    tab.prompt.press("Enter")
    tab.expect_generating()
    tab.expect_complete()
    tab.element("new-battle").click()


def test_arrows_move_between_the_votes_and_vote_nothing(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    for expected in ("vote-a-better", "vote-tie", "vote-both-bad", "vote-b-better"):
        tab.page.keyboard.press("ArrowRight")
        expect(tab.element(expected)).to_be_focused()
    tab.page.keyboard.press("ArrowLeft")
    tab.expect_complete()
    tab.page.keyboard.press("Enter")
    tab.expect_revealed()
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("both_bad",)]


def test_with_reasons_the_chosen_side_comes_first_and_enter_submits(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    tab.complete(RACE)
    tab.page.keyboard.press("4")
    expect(tab.element("reasons")).to_be_visible()
    assert box_of(tab.element("reasons-b"))["x"] < box_of(tab.element("reasons-a"))["x"]
    tab.page.wait_for_function(f"({FOCUSED})() === 'reasons-b'")
    tab.page.keyboard.press("Space")
    tab.page.keyboard.press("Enter")
    tab.expect_revealed()
    newest = uneven.value("SELECT max(id) FROM votes")
    assert uneven.rows("SELECT position FROM vote_reasons WHERE vote_id = ?", newest) == [(1,)]


def test_the_question_mark_lists_the_keys(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.element("keys-button").focus()
    tab.page.keyboard.press("?")
    expect(tab.element("keys-dialog")).to_be_visible()
    box = box_of(tab.element("keys-dialog"))
    below = tab.page.evaluate("innerHeight") - box["y"] - box["height"]
    assert box["y"] == pytest.approx(below, abs=2)
    tab.page.keyboard.press("Escape")
    expect(tab.element("keys-dialog")).to_be_hidden()


def test_whoever_writes_a_follow_up_writes_it_and_no_digit_of_it_votes(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    expect(tab.element("arena")).to_be_focused()
    tab.page.keyboard.type("What about 3 or 4?")
    expect(tab.prompt).to_be_focused()
    expect(tab.prompt).to_have_value("What about 3 or 4?")
    assert tab.page.locator("#view [data-state]").get_attribute("data-state") == "complete"


def test_after_a_skip_that_was_undone_keys_vote(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.keyboard.press("0")
    expect(tab.prompt).to_be_focused()
    tab.page.keyboard.press("Escape")
    tab.expect_complete()

    expect(tab.element("arena")).to_be_focused()
    tab.page.keyboard.press("2")
    tab.expect_revealed()
