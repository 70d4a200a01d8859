"""The battle page in a browser: what an annotator does, by mouse, by keys and on a phone."""

import re

import pytest
from playwright.sync_api import Route, expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import (
    CHINESE_REPLIES,
    HOSTILE,
    IN_CHINESE,
    LENGTHY,
    OUTSIDE,
    PROMPT_LIMIT,
    QUICK,
    SLOW,
)
from tests.e2e.browsing import VOTES, Complaints
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


def test_enter_in_the_box_sends_and_a_second_turn_continues_the_conversation(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.prompt.fill(QUICK)
    tab.prompt.press("Enter")
    tab.expect_complete()

    tab.complete("And the second question?")
    for slot in "ab":
        expect(tab.element(f"slot-{slot}").locator(".answer-body")).to_have_count(2)
    follow_up = tab.element("follow-ups").locator(".prompt-text")
    expect(follow_up).to_have_text("And the second question?")
    tab.element("vote-tie").click()

    tab.expect_revealed()
    assert (
        arena.value(
            "SELECT max(number) FROM turns JOIN votes USING (battle_id)"
            " WHERE votes.id = (SELECT max(id) FROM votes)"
        )
        == 2
    )


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
    tab.expect_generating()
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


def test_a_chinese_prompt_on_a_chinese_page_keeps_every_character(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, locale="zh-CN").open()
    expect(tab.element("send")).not_to_have_text("Send")

    tab.complete(IN_CHINESE)

    expect(tab.element("first-prompt")).to_contain_text(IN_CHINESE)
    answers = {tab.element(f"slot-{slot}").locator(".answer-body").inner_text() for slot in "ab"}
    assert {answer.strip() for answer in answers} == CHINESE_REPLIES
    tab.element("vote-tie").click()
    tab.expect_revealed()
    sentence = tab.element("view").locator("strong").inner_text()
    assert not re.search("[A-Za-z]", sentence)
    assert arena.rows("SELECT language FROM battles ORDER BY created_at DESC LIMIT 1") == [("zh",)]


def test_a_prompt_over_the_limit_is_refused_with_both_figures_and_kept(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    battles = arena.value("SELECT count(*) FROM battles")
    pasted = ("words " * 3000).strip()

    tab.send(pasted)

    expect(tab.element("refusal")).to_contain_text(f"{len(pasted):,} characters")
    expect(tab.element("refusal")).to_contain_text(f"{PROMPT_LIMIT:,}")
    expect(tab.prompt).to_have_value(pasted)
    expect(tab.element("welcome")).to_be_visible()
    assert arena.value("SELECT count(*) FROM battles") == battles
    tab.complete(QUICK)
    expect(tab.element("refusal")).to_be_hidden()


def test_an_empty_prompt_is_refused(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    for blank in ("", "   \n "):
        tab.send(blank)
        expect(tab.element("refusal")).to_contain_text("Write a prompt first.")
        expect(tab.element("arena")).to_be_hidden()


def test_a_follow_up_that_is_too_long_leaves_the_battle_open_to_a_vote(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    pasted = "x" * (PROMPT_LIMIT + 1)

    tab.send(pasted)

    expect(tab.element("refusal")).to_contain_text("Please shorten it")
    expect(tab.prompt).to_have_value(pasted)
    tab.element("vote-a-better").click()
    tab.expect_revealed()


def test_the_second_of_two_tabs_reads_that_the_vote_was_counted_once(
    arena: ServedArena, open_tab: Tab
) -> None:
    first = open_tab(arena).open()
    first.complete(QUICK)
    second = first.another().open()
    second.expect_complete()
    before = verdicts(arena)

    first.element("vote-a-better").click()
    first.expect_revealed()
    second.element("vote-b-better").click()

    expect(second.element("refusal")).to_contain_text("already has a vote")
    assert verdicts(arena) == before + 1
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("a_better",)]


def test_an_example_fills_the_box_and_sends_nothing(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    example = tab.page.locator("#examples button").first
    text = example.inner_text()

    example.click()

    expect(tab.prompt).to_have_value(text)
    expect(tab.element("arena")).to_be_hidden()


def test_on_a_phone_a_switch_shows_one_answer_at_a_time(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena, viewport={"width": 390, "height": 844}).open()
    tab.complete(QUICK)
    expect(tab.element("slot-a")).to_be_visible()
    expect(tab.element("slot-b")).to_be_hidden()

    tab.page.get_by_role("button", name="B", exact=True).click()

    expect(tab.element("slot-b")).to_be_visible()
    expect(tab.element("slot-a")).to_be_hidden()
    for vote in VOTES:
        box = tab.element(vote).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_what_a_model_writes_runs_no_script_and_calls_nobody(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena).open()
    complaints[0].expect("Content Security Policy")
    arrived: list[str] = []
    tab.page.on("response", lambda response: arrived.append(response.url))
    tab.page.on("requestfailed", lambda request: arrived.append(f"{request.url} {request.failure}"))

    tab.complete(HOSTILE)

    for slot in "ab":
        expect(tab.element(f"slot-{slot}").locator(".answer-body")).to_contain_text("the end")
    tab.element("vote-tie").click()
    tab.expect_revealed()
    assert tab.page.title() == "Arena"
    assert tab.page.locator("#arena a[href^='javascript'], #arena [onclick]").count() == 0
    assert tab.page.locator("#arena iframe, #arena script, #arena [onerror]").count() == 0
    gone_out = [url for url in arrived if url.startswith(OUTSIDE)]
    assert [url for url in gone_out if not url.endswith("csp")] == []


def test_the_vote_buttons_stay_in_reach_below_long_answers(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, viewport={"width": 1024, "height": 560}).open()
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, 0)")

    box = tab.element("dock").bounding_box()

    assert box is not None
    assert box["y"] + box["height"] <= 561
    assert tab.page.evaluate("document.documentElement.scrollHeight") > 561
    tab.element("vote-tie").click()
    tab.expect_revealed()
    expect(tab.element("reveal-a")).to_be_in_viewport()
    expect(tab.element("reveal-b")).to_be_in_viewport()


def test_the_answers_are_drawn_in_whatever_order_the_scripts_arrive(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena)
    held: list[Route] = []
    tab.page.route("**/arena-static/columns.js", lambda route: held.append(route))
    tab.open()
    tab.complete(QUICK)
    held[0].continue_()
    expect(tab.element("slot-a").locator(".answer-body")).not_to_be_empty()
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(QUICK)
    tab.element("new-battle").click()


def test_after_a_reload_keys_vote(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.reload()
    tab.expect_complete()
    tab.page.wait_for_function("document.activeElement.id === 'arena'")
    tab.page.keyboard.press("2")
    tab.expect_revealed()
