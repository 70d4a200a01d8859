"""One battle in several windows of its annotator: of one browser, and of two machines."""

import pytest
from playwright.sync_api import expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import QUICK
from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]
VOTED = WORDS["notice.voted_elsewhere"].format(verdict=WORDS["vote.a_better"])


def on_two_machines(arena: ServedArena, open_tab: Tab) -> tuple[BattleTab, BattleTab]:
    """Open a complete battle twice, in browsers that know nothing of each other."""
    first = open_tab(arena).open()
    first.complete(QUICK)
    second = open_tab(arena)
    second.page.context.add_cookies(first.page.context.cookies())  # type: ignore[arg-type]
    second.open().expect_complete()
    return first, second


def come_back(tab: BattleTab) -> None:
    tab.page.evaluate("window.dispatchEvent(new Event('focus'))")


def expect_voted_elsewhere(tab: BattleTab) -> None:
    tab.expect_revealed()
    expect(tab.element("view").locator(".notice")).to_be_visible()
    expect(tab.element("view")).to_contain_text(VOTED)
    tab.expect_no_votes()
    expect(tab.element("refusal")).to_be_hidden()


def test_another_window_of_the_browser_says_at_once_that_the_battle_was_voted_on(
    arena: ServedArena, open_tab: Tab
) -> None:
    first = open_tab(arena).open()
    first.complete(QUICK)
    second = first.another().open()
    second.expect_complete()
    second.prompt.fill("half a thought")
    first.element("vote-a-better").click()
    first.expect_revealed()

    expect_voted_elsewhere(second)
    expect(second.prompt).to_have_value("half a thought")
    expect(second.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_after_vote"])
    votes = arena.value("SELECT count(*) FROM votes")
    second.prompt.press("Enter")
    second.expect_complete()
    expect(second.element("first-prompt").locator(".prompt-text")).to_have_text("half a thought")
    assert arena.value("SELECT count(*) FROM votes") == votes
    second.element("new-battle").click()


def test_whoever_comes_back_to_a_window_reads_that_the_battle_was_voted_on_elsewhere(
    arena: ServedArena, open_tab: Tab
) -> None:
    first, second = on_two_machines(arena, open_tab)
    first.complete("And a second turn?")
    first.element("vote-a-better").click()
    first.expect_revealed()
    second.expect_complete()

    come_back(second)
    expect_voted_elsewhere(second)
    expect(second.element("follow-ups").locator(".prompt-text")).to_have_count(1)


@pytest.mark.parametrize("deed", ["vote", "send"])
def test_what_is_done_to_a_battle_that_was_voted_on_elsewhere_shows_the_vote_that_counts(
    arena: ServedArena, open_tab: Tab, deed: str
) -> None:
    first, second = on_two_machines(arena, open_tab)
    first.element("vote-a-better").click()
    first.expect_revealed()
    votes = arena.value("SELECT count(*) FROM votes")

    if deed == "vote":
        second.element("vote-b-better").click()
    else:
        second.send("And a follow-up?")
    expect_voted_elsewhere(second)
    assert arena.value("SELECT count(*) FROM votes") == votes
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("a_better",)]
    if deed == "send":
        expect(second.prompt).to_have_value("And a follow-up?")
        second.element("send").click()
        expect(second.prompt).to_have_value("")
        second.expect_complete()
        second.element("new-battle").click()


def test_a_battle_that_was_left_elsewhere_says_so_and_keeps_what_is_written(
    arena: ServedArena, open_tab: Tab
) -> None:
    first, second = on_two_machines(arena, open_tab)
    second.prompt.fill("half a thought")
    first.element("new-battle").click()
    first.complete(QUICK)

    come_back(second)
    expect(second.element("view")).to_contain_text(WORDS["notice.left"])
    expect(second.element("welcome")).to_be_visible()
    expect(second.element("arena")).to_be_hidden()
    expect(second.prompt).to_have_value("half a thought")
    first.element("new-battle").click()


def test_a_follow_up_in_a_battle_that_was_left_elsewhere_is_not_sent_and_says_why(
    arena: ServedArena, open_tab: Tab
) -> None:
    first, second = on_two_machines(arena, open_tab)
    first.element("new-battle").click()
    first.complete(QUICK)
    battles = arena.value("SELECT count(*) FROM battles")
    second.send("And a follow-up?")
    expect(second.element("welcome")).to_be_visible()
    expect(second.element("dock").locator(".notice:visible")).to_have_count(1)
    expect(second.element("view")).to_contain_text(WORDS["notice.left"])
    expect(second.prompt).to_have_value("And a follow-up?")
    assert arena.value("SELECT count(*) FROM battles") == battles
    first.element("new-battle").click()


def test_a_battle_that_is_open_stays_as_it_stands_for_whoever_comes_back(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.prompt.fill("half a thought")
    with tab.page.expect_response("**/queue/join**"):
        come_back(tab)
    tab.page.wait_for_load_state("networkidle")
    tab.expect_complete()
    expect(tab.element("title-a")).to_be_visible()
    expect(tab.prompt).to_have_value("half a thought")
    tab.element("new-battle").click()
