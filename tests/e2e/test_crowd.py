"""People from a crowd platform in a browser: from the platform's address to the completion code."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.campaigns import CampaignOf
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

TERMS = """
    protocol: {kind: pairwise, reasons: false, comment: false}
    repeats: 0
    overlap: 1
    """
CROWD = "crowd: {people: 2, parameters: {annotator: WORKER}, %s}"
CODE, RETURN = "completion_code: C1A2B3C4", "return_address: 'https://crowd.example/done?cc=7'"


def crowd(arena: ServedArena, folder: Path, name: str, end: str) -> CampaignOf:
    """A campaign of two items for a crowd of two."""
    campaign = CampaignOf(arena, folder / name, name)
    campaign.opened(TERMS, prompts=2, people=CROWD % end)
    return campaign


def sent(page: Page, campaign: CampaignOf, worker: str) -> None:
    page.goto(f"{campaign.arena.address}/evaluate?campaign={campaign.name}&WORKER={worker}")


def judge(page: Page) -> None:
    """Judge the item in view, and go on."""
    expect(page.locator(".copy").first).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_worker_judges_a_share_and_copies_the_code(
    arena: ServedArena, tmp_path: Path, open_tab: Tab
) -> None:
    campaign = crowd(arena, tmp_path, "with-a-code", CODE)
    page = open_tab(arena).page
    page.goto(f"{arena.address}/login")
    sent(page, campaign, "worker-77")
    expect(page.locator(".progress")).to_contain_text("0 of 1")
    assert page.url == f"{arena.address}/evaluate?campaign=with-a-code"
    assert "worker-77" not in page.content()
    page.go_back()
    assert page.url == f"{arena.address}/login", "the address with the id is in the history"
    page.go_forward()

    judge(page)

    code = page.locator("#completion-code")
    expect(code).to_have_text("C1A2B3C4")
    copy = page.get_by_role("button", name="Copy the completion code")
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []

    sent(page, campaign, "worker-78")
    expect(page.locator("form#ballot")).to_be_visible()
    sent(page, campaign, "worker-77")
    expect(code).to_have_text("C1A2B3C4")
    sent(page, campaign, "worker-79")
    expect(page.locator("#nothing")).to_contain_text("Enough people")
    assert "worker-79" not in page.url


def test_a_worker_is_led_back_to_the_platform(
    arena: ServedArena, tmp_path: Path, open_tab: Tab
) -> None:
    campaign = crowd(arena, tmp_path, "with-a-way-back", RETURN)
    page = open_tab(arena).page
    sent(page, campaign, "worker-1")

    judge(page)

    back = page.get_by_role("link", name="Finish and return")
    expect(back).to_have_attribute("href", "https://crowd.example/done?cc=7")
    expect(back).to_have_attribute("rel", "noreferrer")


def test_the_header_of_other_pages_leads_to_what_is_left_to_judge(
    arena: ServedArena, tmp_path: Path, open_tab: Tab
) -> None:
    campaign = crowd(arena, tmp_path, "with-a-link", CODE)
    tab = open_tab(arena)
    sent(tab.page, campaign, "worker-1")
    expect(tab.page.locator("form#ballot")).to_be_visible()
    link = tab.page.locator("#header nav").get_by_role("link", name="Evaluate")

    tab.open()
    expect(link).to_be_visible()
    link.click()
    judge(tab.page)
    expect(tab.page.locator("#completion-code")).to_be_visible()

    tab.open()
    expect(link).to_have_count(0)
