"""What stands in the box of the battle page, and what becomes of it."""

import pytest
from playwright.sync_api import Request, expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import LENGTHY, PROMPT_LIMIT, QUICK, SLOW
from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.dock_places import nothing_can_be_stored
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]


def test_a_prompt_that_came_to_nothing_is_put_back_unless_something_stands_there(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    leave = tab.element("new-battle")
    tab.complete(QUICK)
    expect(leave).to_have_text(WORDS["battle.skip"])
    with nothing_can_be_stored(arena):
        tab.send(SLOW)
        tab.expect_generating()
        tab.prompt.fill("half a thought")
        expect(tab.element("view")).to_contain_text(WORDS["notice.void"])
        expect(leave).to_have_text(WORDS["battle.new"])
        expect(tab.prompt).to_have_value("half a thought")
        tab.send(SLOW)
        tab.expect_generating()
        expect(leave).to_have_text(WORDS["battle.skip"])
        expect(tab.prompt).to_have_value("")
        expect(tab.element("view")).to_contain_text(WORDS["notice.void"])
        expect(tab.prompt).to_have_value(SLOW)

    tab.element("retry").click()
    tab.expect_generating()
    expect(tab.prompt).to_have_value("")
    tab.expect_complete()
    expect(tab.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_next"])
    tab.element("new-battle").click()


def test_what_stands_in_the_box_stays_when_a_cut_answer_is_continued(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(LENGTHY)
    tab.prompt.fill("half a thought")
    tab.element("continue").click()
    expect(tab.element("view")).not_to_contain_text("length limit")
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    tab.element("new-battle").click()


def test_a_turn_takes_two_events_of_the_server(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.page.wait_for_load_state("networkidle")
    asked: list[Request] = []
    tab.page.on("request", lambda one: asked.append(one) if "/queue/join" in one.url else None)
    tab.complete(QUICK)
    tab.page.wait_for_load_state("networkidle")
    assert len(asked) == 2, "one begins the turn, one follows it"
    tab.element("new-battle").click()


def test_skipping_can_be_undone_until_the_next_prompt(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    answer = tab.element("slot-a").locator(".answer-body").inner_text()
    tab.element("new-battle").click()
    expect(tab.element("view")).to_contain_text("Skipped.")
    expect(tab.element("arena")).to_be_hidden()

    tab.element("undo").click()
    tab.expect_complete()
    expect(tab.element("slot-a").locator(".answer-body")).to_have_text(answer)

    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    tab.complete(QUICK)
    states = arena.rows("SELECT state FROM battles ORDER BY created_at DESC LIMIT 2")
    assert states == [("complete",), ("abandoned",)]
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_stopped_second_turn_can_be_left_out_of_the_vote(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("view")).to_contain_text("vote on the complete turns")

    tab.element("vote-earlier").click()
    tab.expect_complete()
    expect(tab.element("follow-ups").locator(".prompt-bar")).to_have_count(0)
    tab.element("vote-tie").click()
    tab.expect_revealed()


def follow_ups(tab: BattleTab) -> list[str]:
    return tab.element("follow-ups").locator(".prompt-text").all_inner_texts()


def stopped_in_its_second_turn(arena: ServedArena, open_tab: Tab) -> BattleTab:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("vote-earlier")).to_be_visible()
    return tab


def test_a_prompt_takes_the_place_of_a_stopped_later_turn(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    expect(tab.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_instead"])
    battles = arena.value("SELECT count(*) FROM battles")
    tab.complete("And shorter?")

    assert follow_ups(tab) == ["And shorter?"]
    assert arena.value("SELECT count(*) FROM battles") == battles
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_prompt_that_is_refused_leaves_the_stopped_turn_and_stays_in_the_box(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    pasted = "x" * (PROMPT_LIMIT + 1)
    tab.send(pasted)
    expect(tab.element("refusal")).to_contain_text("Please shorten it")
    expect(tab.prompt).to_have_value(pasted)
    expect(tab.element("retry")).to_be_visible()
    assert follow_ups(tab) == [SLOW]
    tab.element("retry").click()
    tab.expect_generating()
    expect(tab.prompt).to_have_value(pasted)
    tab.expect_complete()
    tab.element("new-battle").click()


def test_a_prompt_that_the_conversation_has_no_room_for_stays_in_the_box(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    pasted = "x" * (PROMPT_LIMIT - 1)
    tab.send(pasted)
    expect(tab.element("refusal")).to_contain_text("the conversation would be too long")
    expect(tab.prompt).to_have_value(pasted)
    tab.expect_complete()
    assert follow_ups(tab) == []
    tab.element("vote-tie").click()
    tab.expect_revealed()
    expect(tab.prompt).to_have_value(pasted)


def test_what_stands_in_the_box_stays_when_a_stopped_turn_is_left_out(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    tab.prompt.fill("half a thought")
    tab.element("vote-earlier").click()
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    tab.element("new-battle").click()
