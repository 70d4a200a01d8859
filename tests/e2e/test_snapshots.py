"""Snapshots in a browser, over real votes: freezing a board, its page, two of them compared."""

import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in
from tests.e2e.serving import ServedArena
from tests.e2e.test_accessibility import findings
from tests.e2e.test_admin_pages import signed_in

pytestmark = pytest.mark.browser

TIME = "/leaderboard?tab=time"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


@pytest.fixture
def admin(crowd: ServedArena, open_tab: Tab) -> BattleTab:
    """A tab of the admin."""
    tab = open_tab(crowd)
    signed_in(crowd, tab)
    return tab


def frozen(page: Page, crowd: ServedArena, address: str) -> None:
    """Freeze the board of an address, and wait for the page of its snapshot."""
    page.goto(f"{crowd.address}{address}")
    page.locator("#freeze").click()
    page.wait_for_url("**/leaderboard/snapshots/*")
    expect(page.locator("#citation")).to_be_visible()


def ready(page: Page) -> None:
    expect(page.locator("#leaderboard-board .lb[data-progress=ready]")).to_be_visible(
        timeout=30_000
    )


def test_a_board_is_frozen_cited_and_checked(crowd: ServedArena, admin: BattleTab) -> None:
    page = admin.page

    frozen(page, crowd, TIME)

    expect(page.locator("h1")).to_have_text(re.compile(r"Snapshot \d+"))
    expect(page.locator("#robustness-snapshot tbody tr")).to_have_count(59)
    with page.expect_download() as saved:
        page.locator("#snapshot-file").click()
    fingerprint = sha256(saved.value.path().read_bytes()).hexdigest()
    expect(page.locator("#citation")).to_contain_text(
        f"8,931 votes, 59 models; SHA-256 {fingerprint}"
    )

    page.locator("#copy-citation").click()
    expect(page.locator("#copy-citation")).to_have_text("Copied")
    page.locator("#robustness-snapshot-2").click()
    expect(page.locator("#robustness-snapshot thead th").nth(2)).to_have_attribute(
        "aria-sort", "descending"
    )
    page.get_by_role("link", name="All snapshots").click()
    expect(page.locator("#snapshots")).to_contain_text(fingerprint[:12])
    ready(page)


def test_two_snapshots_are_compared_without_leaving_the_page(
    crowd: ServedArena, admin: BattleTab
) -> None:
    page = admin.page
    frozen(page, crowd, TIME)
    frozen(page, crowd, f"{TIME}&flagged=1&until=2100-01-01")
    page.goto(f"{crowd.address}{TIME}")
    ready(page)
    page.evaluate("window.stays = true")

    page.locator("#compare").click()

    expect(page.locator("#robustness-compared tbody tr")).to_have_count(59)
    expect(page.locator("#leaderboard-board")).to_contain_text("The two count different votes")
    expect(page).to_have_url(re.compile(r"earlier=\d+&later=\d+"))
    assert page.evaluate("window.stays")
    page.go_back()
    expect(page.locator("#robustness-compared")).to_have_count(0)
    ready(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_fit_and_axe_finds_nothing(crowd: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(crowd, color_scheme=scheme)
    page = signed_in(crowd, tab)
    frozen(page, crowd, TIME)
    frozen(page, crowd, f"{TIME}&flagged=1")
    root = "document.documentElement"

    assert findings(tab) == []
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    page.goto(f"{crowd.address}{TIME}")
    page.locator("#compare").click()
    expect(page.locator("#robustness-compared tbody tr")).to_have_count(59)
    ready(page)
    assert findings(tab) == []
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
