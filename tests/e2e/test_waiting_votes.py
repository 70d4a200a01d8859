"""A vote that waits for the ledger says so, and two clicks are one vote."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Request, expect

from tests.e2e.browsing import VOTES, box_of
from tests.e2e.conftest import Tab
from tests.e2e.quick import quick, votes
from tests.e2e.serving import ServedArena, serving


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    """What is done to this one is made good again."""
    with serving(tmp_path_factory.mktemp("mended"), quick()) as served:
        yield served


@contextmanager
def locked(arena: ServedArena) -> Iterator[None]:
    """Another program holds the write lock: a vote waits without a word from the server."""
    with closing(sqlite3.connect(arena.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


LOCKED_CONTROLS = (*VOTES, "new-battle", "send")
VOTE_TWICE = {
    "two clicks": """() => {
        document.querySelector("#vote-tie").click();
        setTimeout(() => document.querySelector("#vote-b-better").click());
    }""",
    "two keys": """() => {
        document.querySelector("#arena").focus();
        const press = (key) => document.querySelector("#arena").dispatchEvent(
            new KeyboardEvent("keydown", { key, code: `Digit${key}`, bubbles: true }));
        press("2");
        setTimeout(() => press("4"), 350);
    }""",
}


@pytest.mark.browser
@pytest.mark.parametrize("kind", VOTE_TWICE)
def test_a_vote_that_waits_says_saving_at_once_and_nothing_else_can_be_done(
    arena: ServedArena, open_tab: Tab, kind: str
) -> None:
    tab = open_tab(arena).open()
    tab.complete("Why?")
    tab.page.wait_for_function("document.activeElement.id === 'arena'")
    before = votes(arena.database)
    places = [box_of(tab.element(name)) for name in ("dock", *LOCKED_CONTROLS)]
    tab.prompt.fill("The next one")
    joined: list[Request] = []
    tab.page.on("request", lambda one: joined.append(one) if "/queue/join" in one.url else None)
    with locked(arena):
        tab.page.evaluate(VOTE_TWICE[kind])
        expect(tab.element("view")).to_contain_text("Saving…")
        expect(tab.element("view").locator(".notice:visible")).to_have_count(1)
        for name in LOCKED_CONTROLS:
            expect(tab.element(name)).to_be_disabled()
        tab.prompt.press("Enter")
        assert [box_of(tab.element(name)) for name in ("dock", *LOCKED_CONTROLS)] == places
        expect(tab.element("reveal-a").locator("article")).to_have_count(0)
    tab.expect_revealed()
    expect(tab.element("view")).not_to_contain_text("Saving…")
    expect(tab.element("send")).to_be_enabled()
    expect(tab.element("new-battle")).to_be_enabled()
    expect(tab.prompt).to_have_value("The next one")
    tab.expect_no_votes()
    assert len(joined) == 1
    assert votes(arena.database) == before + 1


@pytest.mark.browser
def test_the_same_refusal_of_a_vote_twice_ends_the_waiting_each_time(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete("Why?")
    other = tab.another().open()
    other.expect_complete()
    other.complete("And a second turn?")
    for vote in ("vote-tie", "vote-b-better"):
        tab.element(vote).click()
        expect(tab.element("view").locator(".announcement")).to_have_count(0)
        expect(tab.element("refusal")).to_be_visible()
        expect(tab.element("refusal")).to_contain_text("no longer shows your battle")
        tab.expect_complete()
        expect(tab.element("send")).to_be_enabled()
