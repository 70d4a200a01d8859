"""The prompt's box in a browser: what it sends, keeps and refuses."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.bestiary import CHINESE_REPLIES, IN_CHINESE, PROMPT_LIMIT, QUICK
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


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


def test_a_prompt_over_the_limit_is_told_of_while_one_writes(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    status = tab.element("view")
    tab.prompt.fill("é" * PROMPT_LIMIT)
    expect(status).not_to_contain_text("characters")
    tab.prompt.press("End")
    tab.page.keyboard.insert_text("𝒙")
    expect(status).to_contain_text(f"{PROMPT_LIMIT + 1:,} characters")
    expect(status).to_contain_text(f"up to {PROMPT_LIMIT:,}.")
    tab.prompt.press("Backspace")
    expect(status).not_to_contain_text("characters")


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


def test_an_example_fills_the_box_and_sends_nothing(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    example = tab.page.locator("#examples button").first
    text = example.inner_text()

    example.click()

    expect(tab.prompt).to_have_value(text)
    expect(tab.element("arena")).to_be_hidden()
