"""The tabs «Robustness» and «Time» in a browser, over real votes: 59 models, 8,931 comparisons."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


def open_robustness(page: Page, crowd: ServedArena, tab: str = "robustness") -> None:
    open_board(page, crowd, f"?tab={tab}")
    expect(page.locator("#leaderboard-board .lb[data-progress=ready]")).to_be_visible(
        timeout=30_000
    )
    expect(page.locator("#leaderboard-board")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["robustness", "time"])
def test_it_fits_and_axe_finds_nothing(
    crowd: ServedArena, open_tab: Tab, tab: str, scheme: str, width: int
) -> None:
    page = open_tab(crowd, color_scheme=scheme).page
    page.set_viewport_size({"width": width, "height": 844})
    open_robustness(page, crowd, tab)

    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    for number in range(page.locator(".lb-folded > summary").count()):
        page.locator(".lb-folded > summary").nth(number).click()
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"critical", "serious"}]
    assert [(one["id"], one["nodes"][0]["target"]) for one in serious] == []


def test_a_folded_table_opens_by_key(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    open_robustness(page, crowd)
    fold = page.locator("#rows-of-robustness-measures")
    expect(fold.locator("summary").first).to_have_text("Table of 59 rows")
    expect(page.locator("#robustness-measures")).to_be_hidden()

    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#robustness-measures tbody tr")).to_have_count(59)
    expect(page.locator("#robustness-measures")).to_be_visible()
    expect(page.locator("#robustness-measures-1")).to_have_text("Pooled")


def test_votes_without_replies_have_no_style_control_and_all_else(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd).page
    open_robustness(page, crowd)

    board = page.locator("#leaderboard-board")
    expect(board).to_contain_text("Cannot be said: the replies of no decisive vote are known")
    expect(board).to_contain_text("X² = ")
    expect(board).to_contain_text(re.compile(r"Prompts: .* the 13\b"))
