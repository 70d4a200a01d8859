"""The leaderboard on a phone: filters behind a button, and nothing wider than the screen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Complaints, box_of
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


def test_on_a_phone_filters_but_the_model_are_behind_a_button_that_counts_them(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd, viewport={"width": 390, "height": 844}).page
    open_board(page, crowd, "?flagged=1&since=2023-01-01")
    more, flagged = page.locator("#filter-more"), page.locator("#filter-flagged")

    expect(page.locator("#filter-model")).to_be_visible()
    expect(flagged).to_be_hidden()
    expect(more).to_have_accessible_name("More filters: 2")
    assert page.locator(".lb-tabs").evaluate("one => one.getBoundingClientRect().top") < 300

    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    flagged.uncheck()
    expect(more).to_have_accessible_name("More filters: 1")
    page.locator("#filter-reset").click()
    expect(more).to_have_accessible_name("More filters")
    more.press("Enter")
    expect(flagged).to_be_hidden()


def test_the_button_counts_filters_and_not_whatever_is_in_the_address(
    crowd: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    page = open_tab(crowd, viewport={"width": 390, "height": 844}).page
    complaints[0].expect("status of 400")
    open_board(page, crowd, "?utm_source=mail&flagged=0&since=soon")
    page.locator("#tab-matrix").click()
    expect(page).to_have_url(re.compile("tab=matrix"))

    page.go_back()

    expect(page.locator("#leaderboard-board .lb[data-asked*='utm']")).to_be_visible()
    expect(page.locator("#filter-more")).to_have_accessible_name("More filters")


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_a_narrow_phone_every_tab_and_link_can_be_seen(
    crowd: ServedArena, open_tab: Tab, width: int
) -> None:
    page = open_tab(crowd, viewport={"width": width, "height": 844}).page
    shown = ".top a, .lb-tabs a, .lb-filters button:visible, .lb-menu:visible"
    for tab in ("rates", "quality"):
        open_board(page, crowd, f"?tab={tab}&flagged=1&since=2023-01-01")
        page.locator("#filter-more").click()
        for seen in page.locator(shown).all():
            box = box_of(seen)
            assert box["x"] + box["width"] <= width, seen.text_content()


def test_on_a_phone_nothing_is_wider_than_the_screen(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd, viewport={"width": 390, "height": 844}).page
    for tab in ("rates", "rates&model=gpt-4", "head&model=gpt-4", "matrix", "ratings", "quality"):
        open_board(page, crowd, f"?tab={tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_on_a_phone_a_row_is_a_name_a_bar_and_a_line_of_88_pixels(
    crowd: ServedArena, open_tab: Tab, language: str
) -> None:
    page = open_tab(crowd, viewport={"width": 390, "height": 844}, locale=language).page
    open_board(page, crowd)
    heights = page.locator("#models tbody tr").evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect().height)"
    )

    assert len(heights) == 59
    assert max(heights) <= 108, "a name on two lines"
    assert sum(heights) / len(heights) <= 90
    expect(page.locator("#models tbody tr").first).to_contain_text("84.6 %")
    expect(page.locator("#models tbody tr").first.locator(".lb-state")).to_be_visible()
