"""What is pressed on the leaderboard while numbers come stays, so that no click is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browsing import box_of
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

BOARD = "**/leaderboard/board*"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


def waiting_board(page: Page, crowd: ServedArena, until: str) -> Route:
    """A board with its counts alone; its numbers come when the request goes on.

    Nobody asked for this board before, or its numbers would be known at once.
    """
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(BOARD, hold)
    page.goto(f"{crowd.address}/leaderboard?until={until}")
    expect(page.locator("#leaderboard-board .lb[data-progress=pending]")).to_be_visible()
    while not held:  # pytest ends what takes too long
        page.wait_for_timeout(20)
    return held[0]


def press(page: Page, selector: str) -> None:
    """Point at the middle of an element and press the button of the mouse."""
    element = page.locator(selector)
    element.scroll_into_view_if_needed()
    box = box_of(element)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    element.evaluate("element => { window.pressed = element; }")


def let_numbers_come(page: Page, numbers: Route) -> None:
    numbers.continue_()
    expect(page.locator("#leaderboard-board .lb[data-progress=ready]")).to_be_visible()
    expect(page.locator(".lb-wait")).to_have_count(0)


def is_the_same(page: Page, selector: str) -> bool:
    return bool(page.locator(selector).evaluate("element => element === window.pressed"))


def test_the_figure_opens_though_numbers_come_between_press_and_release(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd).page
    numbers = waiting_board(page, crowd, "2097-01-01")

    press(page, "#save-figure-open")
    let_numbers_come(page, numbers)
    assert is_the_same(page, "#save-figure-open")
    page.mouse.up()

    expect(page.locator("#figure-panel")).to_be_visible()


def test_a_tab_is_opened_though_numbers_come_between_press_and_release(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd).page
    numbers = waiting_board(page, crowd, "2098-01-01")

    press(page, "#tab-ratings")
    let_numbers_come(page, numbers)
    page.unroute(BOARD)
    assert is_the_same(page, "#tab-ratings")
    page.mouse.up()

    expect(page.locator("#tab-ratings")).to_have_attribute("aria-current", "page")
    expect(page.locator("#leaderboard-board .lb[data-asked^='?tab=ratings']")).to_be_visible()


def test_a_head_sorts_though_numbers_come_between_press_and_release(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd).page
    numbers = waiting_board(page, crowd, "2099-01-01")

    press(page, "#models-5")
    let_numbers_come(page, numbers)
    page.mouse.up()

    expect(page.locator("#models thead th:nth-child(6)")).to_have_attribute(
        "aria-sort", "descending"
    )
    assert is_the_same(page, "#models-5")
