"""The battle page in a browser: what an annotator does, by mouse and by keys."""

import pytest
from playwright.sync_api import expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import LENGTHY, QUICK, SLOW
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser
WORDS = load_texts().by_language["en"]


def keys_by_slot(arena: ServedArena, prompt: str) -> list[str]:
    """Who answered the newest battle that began with a prompt, left to right."""
    newest = arena.rows(
        "SELECT id FROM battles JOIN turns ON battle_id = id AND number = 1"
        " WHERE prompt = ? ORDER BY battles.created_at DESC LIMIT 1",
        prompt,
    )[0][0]
    slots = arena.rows("SELECT model_key FROM slots WHERE battle_id = ? ORDER BY position", newest)
    return [key for (key,) in slots]


def state_of(arena: ServedArena, prompt: str) -> str:
    """State of the newest battle that began with a prompt."""
    newest = arena.rows(
        "SELECT state FROM battles JOIN turns ON battle_id = id AND number = 1"
        " WHERE prompt = ? ORDER BY battles.created_at DESC LIMIT 1",
        prompt,
    )
    return str(newest[0][0])


def verdicts(arena: ServedArena) -> int:
    """Number of votes."""
    count: int = arena.value("SELECT count(*) FROM votes")
    return count


def test_a_battle_by_mouse_from_prompt_to_reveal_to_the_next(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    before = verdicts(arena)
    expect(tab.element("welcome")).to_contain_text("Which answer is better?")
    expect(tab.element("arena")).to_be_hidden()

    tab.complete(QUICK)
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(QUICK)
    expect(tab.element("title-a")).to_have_text("AModel A")
    expect(tab.element("title-b")).to_have_text("BModel B")
    expect(tab.prompt).to_have_value("")

    tab.element("recognised").locator("input").check()
    tab.element("vote-a-better").click()
    tab.expect_revealed()

    left, right = keys_by_slot(arena, QUICK)
    expect(tab.element("reveal-a")).to_contain_text(left)
    expect(tab.element("reveal-b")).to_contain_text(right)
    expect(tab.element("reveal-a").locator(".winner .badge")).to_have_text("Your choice")
    expect(tab.page.locator(".card.winner")).to_have_count(1)
    expect(tab.element("view")).to_contain_text("Saved: A is better. That was vote")
    expect(tab.page.locator(".card", has_text="Half eagle")).to_contain_text("Licence: MIT")
    hub = tab.page.get_by_role("link", name="hub")
    expect(hub).to_have_attribute("href", "https://example.org/gryphon")
    expect(hub).to_have_attribute("rel", "noopener noreferrer")
    tab.expect_no_votes()
    assert tab.page.title() == "Arena"
    assert verdicts(arena) == before + 1
    assert arena.rows(
        "SELECT verdict, kind FROM votes JOIN flags ON vote_id = votes.id ORDER BY votes.id DESC"
    )[0] == ("a_better", "recognised")

    tab.element("new-battle").click()
    expect(tab.element("welcome")).to_be_visible()
    expect(tab.element("arena")).to_be_hidden()
    expect(tab.element("options")).to_be_visible()
    expect(tab.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_first"])
    tab.complete(QUICK)
    expect(tab.element("recognised").locator("input")).not_to_be_checked()
    tab.element("new-battle").click()


def test_keys_vote_and_enter_starts_the_next_battle(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    for key, verdict in {"1": "a_better", "2": "tie", "3": "both_bad", "4": "b_better"}.items():
        tab.complete(QUICK)
        tab.leave_fields()
        tab.page.keyboard.press(key)
        tab.expect_revealed()

        assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [(verdict,)]
        winners = 1 if verdict.endswith("better") else 0
        expect(tab.page.locator(".card.winner")).to_have_count(winners)
        before = verdicts(arena)
        expect(tab.prompt).to_be_focused()
        tab.page.keyboard.press("Enter")
        expect(tab.element("welcome")).to_be_visible()
        assert verdicts(arena) == before


def test_keys_are_text_while_the_prompt_has_the_focus(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    before = verdicts(arena)
    tab.complete(QUICK)

    tab.prompt.press_sequentially("1234")

    expect(tab.prompt).to_have_value("1234")
    tab.expect_complete()
    assert verdicts(arena) == before


def test_a_number_key_does_nothing_while_the_models_answer(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    before = verdicts(arena)
    tab.send(SLOW)
    tab.expect_generating()
    tab.leave_fields()

    tab.page.keyboard.press("1")
    tab.expect_generating()
    tab.page.keyboard.press("Escape")

    expect(tab.element("retry")).to_be_visible()
    assert state_of(arena, SLOW) == "stopped"
    assert verdicts(arena) == before


def test_a_stopped_battle_gets_no_vote_until_it_has_been_run_again(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    expect(tab.element("slot-a").locator(".answer-body")).to_be_visible()
    tab.element("stop").click()

    expect(tab.element("view")).to_contain_text("cannot be voted on")
    tab.expect_no_votes()
    assert state_of(arena, SLOW) == "stopped"

    tab.element("retry").click()
    tab.expect_generating()
    tab.expect_complete()
    expect(tab.element("retry")).to_be_hidden()
    tab.element("vote-b-better").click()
    tab.expect_revealed()
    assert state_of(arena, SLOW) == "voted"


def test_a_cut_answer_can_be_continued_and_then_voted_on(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(LENGTHY)
    expect(tab.element("view")).to_contain_text("reached its length limit")
    cut = tab.element("slot-a").inner_text()

    tab.element("continue").click()
    expect(tab.element("view")).not_to_contain_text("length limit")
    tab.expect_complete()

    expect(tab.element("view")).not_to_contain_text("length limit")
    expect(tab.element("continue")).to_be_hidden()
    whole = tab.element("slot-a").inner_text()
    assert len(whole) > len(cut)
    expect(tab.element("slot-a").locator(".answer-body")).to_have_count(1)
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_reload_shows_a_complete_battle_again_ready_to_be_voted_on(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    answer = tab.element("slot-a").locator(".answer-body")
    shown = answer.inner_text()

    tab.reload()
    tab.expect_complete()

    expect(tab.element("welcome")).to_be_hidden()
    expect(answer).to_have_text(shown)
    tab.element("vote-a-better").click()
    tab.expect_revealed()


def test_after_a_reload_keys_vote(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.reload()
    tab.expect_complete()
    tab.page.wait_for_function("document.activeElement.id === 'arena'")
    tab.page.keyboard.press("2")
    tab.expect_revealed()


def test_the_tick_that_a_model_was_recognised_lasts_until_the_vote(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    with tab.page.expect_response("**/queue/join**"):
        tab.element("recognised").locator("input").check()
    tab.page.wait_for_load_state("networkidle")
    tick = "recognised"
    other = tab.another().open()
    for one in (tab, other):
        one.reload()
        one.expect_complete()
        expect(one.element(tick).locator("input")).to_be_checked()
    other.page.close()
    tab.complete("And a second turn?")
    expect(tab.element(tick).locator("input")).to_be_checked()
    tab.element("new-battle").click()
    tab.element("undo").click()
    tab.expect_complete()
    expect(tab.element(tick).locator("input")).to_be_checked()
    tab.element("vote-tie").click()
    tab.expect_revealed()
    newest = arena.value("SELECT max(id) FROM votes")
    assert arena.rows("SELECT kind FROM flags WHERE vote_id = ?", newest) == [("recognised",)]
    tab.complete(QUICK)
    expect(tab.element(tick).locator("input")).not_to_be_checked()
    tab.element("new-battle").click()
