"""Battles with reasons, slow enough to reload in the middle of an answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.scripts import catalogue, prompt_for, scripted_model
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

_REPLIES = ("A short answer.", "slowly " * 90)
QUICK = prompt_for(_REPLIES, _REPLIES[0])
SLOW = prompt_for(_REPLIES, _REPLIES[1])


@pytest.fixture(scope="module")
def unhurried(serve: Callable[..., ServedArena]) -> ServedArena:
    pace = {"tokens_per_second": 15.0}
    models = catalogue(
        tortoise=scripted_model("Tortoise", *_REPLIES, script=pace),
        snail=scripted_model("Snail", *_REPLIES, script=pace),
    )
    return serve("unhurried", models, ARENA_ASK_REASONS="true")


def test_a_reload_while_the_models_answer_attaches_again_and_they_finish(
    unhurried: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(unhurried).open()
    tab.send(SLOW)
    expect(tab.element("slot-a").locator(".bot-row")).to_be_visible()

    tab.reload()
    tab.expect_generating()
    expect(tab.element("title-a")).to_be_visible()
    tab.expect_complete()

    for slot in "ab":
        answer = tab.element(f"slot-{slot}").locator(".bot-row")
        expect(answer).to_have_text(_REPLIES[1].strip())
    assert unhurried.value("SELECT max(attempt) FROM slot_replies") == 1


def test_with_reasons_a_button_selects_and_submit_commits_the_vote_and_the_reasons(
    unhurried: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(unhurried).open()
    tab.complete(QUICK)
    expect(tab.element("vote-submit")).to_be_hidden()

    tab.element("vote-a-better").click()
    expect(tab.element("vote-submit")).to_be_visible()
    tab.leave_fields()
    tab.page.keyboard.press("2")
    tab.element("reasons-a").get_by_label("superficial").check()
    tab.element("reasons-b").get_by_label("correct", exact=True).check()
    tab.element("reasons-b").get_by_label("creative").check()
    tab.element("comment").locator("textarea").fill("B 更好 <b>really</b>")
    expect(tab.element("title-a")).to_have_text("AModel A")
    assert unhurried.value("SELECT count(*) FROM votes") == 0

    tab.element("vote-submit").click()
    tab.expect_revealed()

    expect(tab.element("reveal-b").locator(".badge")).to_be_visible()
    assert unhurried.rows("SELECT verdict, comment FROM votes") == [
        ("b_better", "B 更好 <b>really</b>")
    ]
    assert set(unhurried.rows("SELECT position, reason FROM vote_reasons")) == {
        (0, "superficial"),
        (1, "correct"),
        (1, "creative"),
    }


def test_a_comment_that_is_too_long_is_refused_and_kept(
    unhurried: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(unhurried).open()
    tab.complete(QUICK)
    before = unhurried.value("SELECT count(*) FROM votes")
    tab.element("vote-tie").click()
    comment = tab.element("comment").locator("textarea")
    comment.fill("x" * 4001)

    tab.element("vote-submit").click()

    expect(tab.element("refusal")).to_contain_text("4,001 characters; the limit is 4,000")
    expect(comment).to_have_value("x" * 4001)
    assert unhurried.value("SELECT count(*) FROM votes") == before
    comment.fill("shorter")
    tab.element("vote-submit").click()
    tab.expect_revealed()
