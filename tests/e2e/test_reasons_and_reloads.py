"""Votes with reasons, and a reload in the middle of a slow answer."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.race import QUICK, SLOW, SLOW_ANSWER
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

SETTLED_COLOUR = """async (one) => {
  await Promise.all(one.getAnimations().map((animation) => animation.finished));
  return getComputedStyle(one).backgroundColor;
}"""


def test_a_reload_while_the_models_answer_attaches_again_and_they_finish(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    tab.send(SLOW)
    expect(tab.element("slot-a").locator(".answer-body")).to_be_visible()

    tab.reload()
    tab.expect_generating()
    expect(tab.element("title-a")).to_be_visible()
    tab.expect_complete()

    for slot in "ab":
        answer = tab.element(f"slot-{slot}").locator(".answer-body")
        expect(answer).to_have_text(SLOW_ANSWER)
    assert uneven.value("SELECT max(attempt) FROM slot_replies") == 1
    tab.element("new-battle").click()
    expect(tab.element("welcome")).to_be_visible()


def test_with_reasons_a_button_selects_and_submit_commits_the_vote_and_the_reasons(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    newest = uneven.value("SELECT coalesce(max(id), 0) FROM votes")
    tab.complete(QUICK)
    expect(tab.element("vote-submit")).to_be_hidden()

    tab.element("vote-a-better").click()
    expect(tab.element("vote-submit")).to_be_visible()
    tab.element("vote-a-better").hover()
    buttons = (tab.element(name) for name in ("vote-a-better", "vote-submit"))
    chosen, accent = (button.evaluate(SETTLED_COLOUR) for button in buttons)
    assert chosen == accent, "white on the colour of hovering cannot be read"
    tab.leave_fields()
    tab.page.keyboard.press("4")
    tab.element("reasons-a").get_by_label("superficial").check()
    tab.element("reasons-b").get_by_label("correct", exact=True).check()
    tab.element("reasons-b").get_by_label("creative").check()
    tab.element("comment").locator("textarea").fill("B 更好 <b>really</b>")
    expect(tab.element("title-a")).to_have_text("AModel A")
    assert uneven.value("SELECT coalesce(max(id), 0) FROM votes") == newest

    tab.element("vote-submit").click()
    tab.expect_revealed()

    expect(tab.element("reveal-b").locator(".badge")).to_be_visible()
    assert uneven.rows("SELECT verdict, comment FROM votes WHERE id > ?", newest) == [
        ("b_better", "B 更好 <b>really</b>")
    ]
    reasons = "SELECT position, reason FROM vote_reasons WHERE vote_id > ?"
    assert set(uneven.rows(reasons, newest)) == {
        (0, "superficial"),
        (1, "correct"),
        (1, "creative"),
    }


def test_a_comment_that_is_too_long_is_refused_and_kept(uneven: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(uneven).open()
    tab.complete(QUICK)
    before = uneven.value("SELECT count(*) FROM votes")
    tab.element("vote-tie").click()
    comment = tab.element("comment").locator("textarea")
    comment.fill("x" * 4001)

    tab.element("vote-submit").click()

    expect(tab.element("refusal")).to_contain_text("4,001 characters; the limit is 4,000")
    expect(comment).to_have_value("x" * 4001)
    assert uneven.value("SELECT count(*) FROM votes") == before
    comment.fill("shorter")
    tab.element("vote-submit").click()
    tab.expect_revealed()


def test_with_reasons_no_vote_lands_on_answers_of_another_tab(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    tab.complete(QUICK)
    before = uneven.value("SELECT count(*) FROM votes")
    tab.element("vote-tie").click()
    tab.element("comment").locator("textarea").fill("of the first turn")
    other = tab.another().open()
    other.expect_complete()
    other.complete(QUICK)

    tab.element("vote-submit").click()
    expect(tab.element("refusal")).to_contain_text("no longer shows your battle")
    expect(tab.element("comment").locator("textarea")).to_have_value("of the first turn")
    assert uneven.value("SELECT count(*) FROM votes") == before

    tab.reload()
    tab.expect_complete()
    tab.element("vote-a-better").click()
    tab.element("vote-submit").click()
    tab.expect_revealed()


def test_with_reasons_nothing_is_chosen_on_answers_of_another_tab(uneven: ServedArena) -> None:
    with HttpAnnotator(uneven.address) as annotator, annotator.another_tab() as tab:
        annotator.load()
        annotator.fire("send", prompt=QUICK)
        assert annotator.fire("vote-tie").text("view").startswith("Your vote: Tie.")
        tab.load()
        tab.fire("send", prompt=QUICK)
        assert "no longer shows your battle" in annotator.fire("vote-tie").refusal
        assert tab.fire("vote-tie").text("view").startswith("Your vote: Tie.")
