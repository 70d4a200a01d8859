"""What is done while the server is asked for another page is meant for that page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.bestiary import QUICK
from tests.e2e.browsing import BattleTab, Complaints, held
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

NEXT = "And what comes next?"
BATTLES = "SELECT count(*) FROM battles"
TURNS = "SELECT count(*) FROM turns"
Send = Callable[[BattleTab], None]
SENDS: dict[str, Send] = {
    "button": lambda tab: tab.element("send").click(),
    "Enter": lambda tab: tab.prompt.press("Enter"),
}


@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize("voted", [False, True], ids=["skipped", "voted"])
def test_a_prompt_that_is_sent_before_the_new_page_is_there_begins_a_battle(
    arena: ServedArena, open_tab: Tab, send: str, *, voted: bool
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    if voted:
        tab.element("vote-tie").click()
        tab.expect_revealed()
    battles = arena.value(BATTLES)
    with held(tab):
        tab.element("new-battle").click()
        tab.prompt.fill(NEXT)
        SENDS[send](tab)
        tab.prompt.focus()
        tab.page.keyboard.type("Another")
        tab.expect_no_votes()
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(NEXT)
    tab.expect_complete()
    expect(tab.prompt).to_have_value("Another")
    tab.prompt.fill("")
    assert arena.value(BATTLES) == battles + 1
    tab.element("new-battle").click()


def test_a_prompt_that_is_sent_before_a_skipped_battle_is_back_follows_up_in_it(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    battles = arena.value(BATTLES)
    with held(tab):
        tab.element("undo").click()
        tab.prompt.fill(NEXT)
        tab.prompt.press("Enter")
    expect(tab.element("follow-ups").locator(".prompt-text")).to_have_text(NEXT)
    tab.expect_complete()
    assert arena.value(BATTLES) == battles
    tab.element("new-battle").click()


def test_a_prompt_that_is_sent_before_the_page_is_loaded_begins_a_battle(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena)
    with held(tab):
        tab.page.goto(f"{arena.address}/")
        tab.prompt.fill(NEXT)
        tab.prompt.press("Enter")
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(NEXT)
    tab.expect_complete()
    tab.element("new-battle").click()


def test_a_prompt_for_an_empty_page_is_not_sent_into_a_battle_that_was_open(
    arena: ServedArena, open_tab: Tab
) -> None:
    first = open_tab(arena).open()
    first.complete(QUICK)
    tab = first.another()
    turns = arena.value(TURNS)
    with held(tab):
        tab.page.goto(f"{arena.address}/")
        tab.prompt.fill(NEXT)
        tab.prompt.press("Enter")
    tab.expect_complete()
    expect(tab.prompt).to_have_value(NEXT)
    assert arena.value(TURNS) == turns
    tab.element("new-battle").click()


def test_a_prompt_stays_in_its_box_and_the_battle_open_if_the_new_page_does_not_come(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena).open()
    complaints[0].expect("503")
    tab.complete(QUICK)
    turns = arena.value(TURNS)
    tab.page.route("**/queue/join**", lambda route: route.fulfill(status=503, body="no"))
    tab.element("new-battle").click()
    tab.prompt.fill(NEXT)
    tab.prompt.press("Enter")
    expect(tab.prompt).to_have_value(NEXT)
    tab.expect_complete()
    tab.page.unroute("**/queue/join**")
    assert arena.value(TURNS) == turns
    tab.send(NEXT)
    expect(tab.element("follow-ups").locator(".prompt-text")).to_have_text(NEXT)
    tab.expect_complete()
    tab.element("new-battle").click()
