"""The table of models in a browser: heads in view, rows that unfold, chips that say what is set."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import box_of
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


@pytest.fixture
def page(crowd: ServedArena, open_tab: Tab) -> Page:
    """A page of somebody who may read the board."""
    tab: Page = open_tab(crowd).page
    return tab


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_heads_of_columns_are_in_view_at_row_50(
    crowd: ServedArena, open_tab: Tab, width: int
) -> None:
    page = open_tab(crowd, viewport={"width": width, "height": 900}).page
    for address in ("", "?columns=mean&columns=prompts"):
        open_board(page, crowd, address)
        row, head = page.locator("#models tbody tr").nth(49), page.locator("#models-5")
        row.scroll_into_view_if_needed()
        row.locator(".c-pooled").hover()
        page.mouse.wheel(0, 300)

        expect(head).to_be_in_viewport(ratio=1)
        if not address:
            box, table = (box_of(page.locator(one)) for one in ("#models-box", "#models"))
            assert table["width"] <= box["width"], "columns on the right are cut off"
        top = box_of(page.locator("#header"))
        assert box_of(head)["y"] >= top["y"] + top["height"] - 1, "the page's own header covers it"


def test_a_row_unfolds_under_the_hand_and_back_folds_it_up(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd)
    first, later = (
        page.locator("#models").get_by_role("link", name=name, exact=True)
        for name in ("GPT 4", "command-nightly")
    )
    first.click()
    expect(page.locator(".lb-unfolded .lb-bars li")).to_have_count(19)
    later.scroll_into_view_if_needed()
    before = box_of(later)["y"]

    later.click()

    expect(later).to_have_attribute("aria-expanded", "true")
    expect(first).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".lb-unfolded")).to_have_count(1)
    expect(page.locator(".lb-wait")).to_have_count(0)
    assert abs(box_of(later)["y"] - before) <= 2
    assert box_of(page.locator(".lb-unfolded"))["y"] == pytest.approx(
        box_of(later.locator("xpath=ancestor::tr"))["y"]
        + box_of(later.locator("xpath=ancestor::tr"))["height"],
        abs=2,
    )
    page.locator("#models-5").click()
    expect(page.locator(".lb-unfolded")).to_have_count(1)
    above = page.locator("xpath=//tr[@class='lb-unfolded']/preceding-sibling::tr[1]")
    expect(above).to_contain_text("command-nightly")
    page.go_back()
    expect(first).to_have_attribute("aria-expanded", "true")
    page.go_back()
    expect(page.locator(".lb-unfolded")).to_have_count(0)


def test_a_model_that_is_chosen_from_afar_comes_into_view(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd)
    page.locator("#filter-model").select_option("dolly-v2-7b")
    expect(page.locator(".lb-unfolded")).to_be_in_viewport()


def test_explanations_come_by_key_and_by_touch(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd, has_touch=True).page
    open_board(page, crowd)
    said = page.locator("#explained")

    page.locator("#models-1").focus()
    page.keyboard.press("Tab")
    expect(said).to_contain_text("Wins divided by wins and losses")
    page.keyboard.press("Escape")
    expect(said).to_be_hidden()
    page.locator("#models .lb-state").first.tap()
    expect(said).to_contain_text("something to look at, not to publish")
    page.locator("h1").tap()
    expect(said).to_be_hidden()


def test_the_address_and_the_sentence_are_copied(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd, permissions=["clipboard-read", "clipboard-write"]).page
    open_board(page, crowd, "?tab=matrix&flagged=1")

    page.locator("#copy-link").click()
    expect(page.locator("#copy-link")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{crowd.address}/leaderboard?tab=matrix&flagged=1"
    page.locator("#tab-rates").click()
    page.locator("#copy-quote").click()
    expect(page.locator("#copy-quote")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(
        "These votes do not tell which model is best: 59 of 59 may be first. By rate "
    )


def test_filters_say_what_is_chosen_and_are_taken_back_only_when_one_is_set(
    page: Page, crowd: ServedArena
) -> None:
    open_board(page, crowd, "?tab=matrix")
    days, reset = page.locator("#filter-days"), page.locator("#filter-reset")
    expect(reset).to_be_hidden()
    expect(days).to_have_text("Days: All")
    expect(page.locator("#filter-columns")).to_be_hidden()
    expect(page.locator("#filter-among")).to_have_text("Models: 59 of 59")

    days.click()
    page.locator("#filter-since").fill("2023-01-01")
    expect(days).to_have_text("Days: 2023-01-01 – …")
    expect(page.locator(".lb-scope")).to_contain_text("votes of 2023-01-01 – …")
    reset.click()

    expect(days).to_have_text("Days: All")
    expect(reset).to_be_hidden()
    expect(page.locator(".lb-scope")).to_contain_text("All votes")
    expect(page).to_have_url(re.compile("tab=matrix$"))
    page.locator("#tab-rates").click()
    page.set_viewport_size({"width": 1024, "height": 768})
    page.locator("#filter-columns").click()
    expect(page.locator(".lb-boxes[open] fieldset")).to_be_in_viewport(ratio=1)
    page.get_by_role("checkbox", name="Mean over opponents", exact=True).check()
    expect(page.locator("#models .c-mean")).to_have_count(60)
    expect(reset).to_be_hidden()
