"""A program that votes faster than people: the board says so, and can be read without it."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import expect

from arena.statistics.suspicious_addresses import DEFAULT_LIMITS
from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def flooded(serve: Callable[..., ServedArena]) -> ServedArena:
    """One guest votes as fast as the arena answers, until one clock hour has votes enough."""
    script = {"tokens_per_second": 20_000.0}
    models = {key: scripted_model(key, f"I say {key}.", script=script) for key in ("one", "two")}
    arena = serve("flooded", catalog(**models))
    with HttpAnnotator(arena.address) as program:
        for number in count():
            program.fire("send", prompt=f"Number {number}?")
            assert program.fire("vote-a-better").revealed
            if arena.value("SELECT max(votes) FROM address_hours") == DEFAULT_LIMITS.least_votes:
                break
            program.fire("new-battle")
    return arena


def test_the_board_says_it_and_shows_itself_without_them(
    flooded: ServedArena, open_tab: Tab
) -> None:
    votes = flooded.value("SELECT count(*) FROM votes")
    tab = open_tab(flooded).open()
    tab.page.goto(f"{flooded.address}/leaderboard")
    warning = tab.page.locator(".lb-warning")
    expect(warning).to_contain_text(f"at an implausible rate: {votes} (annotators: 1)")
    expect(tab.page.locator("#filter-without")).not_to_be_checked()

    warning.get_by_role("link").click()

    expect(tab.page).to_have_url(f"{flooded.address}/leaderboard?without=one_address")
    expect(warning).to_contain_text("Left out because they came from one network address")
    expect(tab.page.locator("#filter-without")).to_be_checked()
    expect(tab.page.locator(".lb-empty")).to_contain_text("No votes match these filters.")
    assert flooded.value("SELECT count(*) FROM addresses") == 1
