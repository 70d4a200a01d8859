"""What is written after a prompt was sent is the next prompt, whenever the turn begins."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.bestiary import QUICK, SLOW
from tests.e2e.browsing import BattleTab, Complaints, held
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

NEXT = "and 12 of them"
HELD = re.compile(r"\bheld\b")
VOTES = "SELECT count(*) FROM votes"
BATTLES = "SELECT count(*) FROM battles"
WRITES: dict[str, Callable[[BattleTab], None]] = {
    "keys": lambda tab: tab.page.keyboard.type(NEXT),
    "paste": lambda tab: tab.page.keyboard.insert_text(NEXT),
}


def compose(tab: BattleTab, text: str) -> None:
    """Write as an input method does: a key that it takes, letters, and the word instead."""
    devtools = tab.page.context.new_cdp_session(tab.page)
    key = {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229}
    devtools.send("Input.dispatchKeyEvent", key)
    letters = {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6}
    devtools.send("Input.imeSetComposition", letters)
    devtools.send("Input.insertText", {"text": text})
    devtools.detach()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("follows_up", [False, True], ids=["first", "follow-up"])
def test_what_is_written_before_the_turn_begins_is_the_next_prompt(
    arena: ServedArena, open_tab: Tab, write: str, *, follows_up: bool
) -> None:
    tab = open_tab(arena).open()
    if follows_up:
        tab.complete(QUICK)
    with held(tab):
        tab.prompt.fill(QUICK)
        tab.prompt.press("Enter")
        WRITES[write](tab)
        expect(tab.prompt).to_have_value(NEXT)
    bars = tab.page.locator(".prompt-bar .prompt-text")
    expect(bars).to_have_count(2 if follows_up else 1)
    expect(bars.last).to_have_text(QUICK)
    tab.expect_complete()
    expect(tab.prompt).to_have_value(NEXT)
    expect(tab.prompt).to_be_focused()
    tab.element("new-battle").click()


def test_digits_of_the_next_prompt_do_not_vote_when_the_answers_are_complete(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    with held(tab):
        tab.prompt.fill(QUICK)
        tab.prompt.press("Enter")
        tab.page.keyboard.type("What of ")
    tab.expect_complete()
    tab.page.keyboard.type("3 or 4?")
    expect(tab.prompt).to_have_value("What of 3 or 4?")
    tab.expect_complete()
    tab.element("new-battle").click()


@pytest.mark.parametrize("prompt", ["3 or 4?", "12 names", "11 of 20", "4(x)"])
def test_a_prompt_that_begins_with_a_digit_is_no_vote(
    arena: ServedArena, open_tab: Tab, prompt: str
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.keyboard.type(prompt, delay=40)
    expect(tab.prompt).to_have_value(prompt)
    tab.expect_complete()
    tab.prompt.press("Enter")
    expect(tab.element("follow-ups").locator(".prompt-text")).to_have_text(prompt)
    tab.expect_complete()
    tab.page.keyboard.press("3")
    tab.expect_revealed()
    expect(tab.element("vote-both-bad")).to_have_attribute("aria-pressed", "true")


def test_a_prompt_that_begins_with_a_digit_while_models_answer_is_whole(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    tab.expect_generating()
    tab.page.keyboard.type("12 more", delay=40)
    expect(tab.prompt).to_have_value("12 more")
    tab.expect_complete()
    tab.element("new-battle").click()


def test_escape_takes_a_key_back_in_the_moment_before_it_votes(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    votes = arena.value(VOTES)
    tab.page.keyboard.press("1")
    expect(tab.element("vote-a-better")).to_have_class(HELD)
    tab.page.keyboard.press("Escape")
    expect(tab.element("vote-a-better")).not_to_have_class(HELD)
    tab.page.keyboard.press("2")
    tab.expect_revealed()
    assert arena.value(VOTES) == votes + 1
    expect(tab.element("vote-tie")).to_have_attribute("aria-pressed", "true")


def test_an_input_method_begins_the_next_prompt_with_its_first_letter(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    with held(tab):
        tab.prompt.fill(QUICK)
        tab.prompt.press("Enter")
        compose(tab, "你好")
        expect(tab.prompt).to_have_value("你好")
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(QUICK)
    tab.expect_complete()
    expect(tab.prompt).to_have_value("你好")
    tab.element("new-battle").click()


def test_a_prompt_in_its_box_goes_when_its_turn_begins_and_the_keys_vote(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    with held(tab):
        tab.prompt.fill(QUICK)
        tab.prompt.press("Enter")
        expect(tab.prompt).to_have_value(QUICK)
    tab.expect_complete()
    expect(tab.prompt).to_have_value("")
    tab.page.keyboard.press("3")
    tab.expect_revealed()


def test_a_prompt_that_does_not_arrive_stands_before_what_was_written_after_it(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena).open()
    complaints[0].expect("503")
    with held(tab, fails=True):
        tab.prompt.fill(QUICK)
        tab.prompt.press("Enter")
        tab.page.keyboard.type(NEXT)
    expect(tab.prompt).to_have_value(f"{QUICK}\n{NEXT}")


def test_a_prompt_that_is_too_long_comes_back_with_its_refusal(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    long = "word " * 20_000
    battles = arena.value(BATTLES)
    with held(tab):
        tab.prompt.fill(long)
        tab.prompt.press("Enter")
        tab.page.keyboard.type(NEXT)
        expect(tab.prompt).to_have_value(NEXT)
    expect(tab.element("refusal")).not_to_be_empty()
    expect(tab.prompt).to_have_value(f"{long}\n{NEXT}")
    assert arena.value(BATTLES) == battles
    tab.prompt.fill(QUICK)
    tab.prompt.press("Enter")
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(QUICK)
    tab.expect_complete()
    tab.element("new-battle").click()
