"""Keys of the controls beside the votes: what they press, and when they are text."""

import pytest
from playwright.sync_api import expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import LENGTHY, QUICK
from tests.e2e.conftest import Tab
from tests.e2e.dock_places import FOCUSED, PRESS
from tests.e2e.race import QUICK as RACE
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]
KEYS_OF_CONTROLS = {"5": "continue", "9": "recognised", "0": "new-battle", "Esc": "stop"}


def test_every_control_has_a_key_and_tells_it(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press = tab.page.keyboard.press
    tab.complete(LENGTHY)
    expect(tab.element("arena")).to_be_focused()
    for key, control in KEYS_OF_CONTROLS.items():
        assert tab.element(control).get_attribute("aria-keyshortcuts") == key
        assert str(tab.element(control).get_attribute("title")).endswith(f" · {key}")
    press("9")
    expect(tab.element("recognised").locator("input")).to_be_checked()
    press("9")
    expect(tab.element("recognised").locator("input")).not_to_be_checked()
    for key, slot in (("7", "a"), ("8", "b")):
        press(key)
        done = WORDS["copy.answer_done"].format(letter=slot.upper())
        expect(tab.element("view")).to_contain_text(done)
        shown = tab.element(f"slot-{slot}").locator(".answer-body").inner_text()
        assert tab.page.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
    press("5")
    expect(tab.element("continue")).to_be_hidden()
    tab.expect_complete()
    expect(tab.element("arena")).to_be_focused()
    press("0")
    expect(tab.element("undo")).to_be_visible()
    expect(tab.prompt).to_be_focused()
    tab.prompt.fill("half a thought")
    press("Escape")
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    tab.prompt.fill("")
    tab.leave_fields()
    press("0")
    expect(tab.element("undo")).to_be_visible()


def test_keys_of_controls_are_text_in_the_box_and_scroll_on_a_number_pad(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.evaluate(PRESS, {"key": "End", "code": "Numpad1", "bubbles": True})
    tab.page.evaluate(PRESS, {"key": "Insert", "code": "Numpad0", "bubbles": True})
    tab.prompt.press_sequentially("567890")
    expect(tab.prompt).to_have_value("567890")
    tab.expect_complete()
    expect(tab.element("recognised").locator("input")).not_to_be_checked()
    tab.element("new-battle").click()


def test_a_key_goes_to_the_reasons_and_on_to_the_comment(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    tab.complete(RACE)
    tab.page.keyboard.press("4")
    tab.page.wait_for_function(f"({FOCUSED})() === 'reasons-b'")
    tab.element("arena").focus()
    for focused in ("reasons-b", "comment"):
        tab.page.keyboard.press("6")
        tab.page.wait_for_function(f"({FOCUSED})() === '{focused}'")
    tab.page.keyboard.press("6")
    expect(tab.element("comment").locator("textarea")).to_have_value("6")
    tab.prompt.fill("Why?")
    tab.prompt.press("Escape")
    tab.page.wait_for_function("document.activeElement.id === 'arena'")
    tab.element("new-battle").click()
