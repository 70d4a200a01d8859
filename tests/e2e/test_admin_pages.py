"""The admin's plain pages in a browser: a campaign from its files, and people with links."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import BattleTab, Complaints
from tests.e2e.campaigns import CampaignOf
from tests.e2e.conftest import Tab
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena
from tests.e2e.test_accessibility import findings
from tests.fakes.campaign_files import write_prompts

pytestmark = pytest.mark.browser

PAIRWISE = """
    protocol: {kind: pairwise, reasons: false, comment: false}
    repeats: 0
    overlap: 1
    """
TERMS = """\
name: NAME
prompts: prompts.jsonl
imported_models: {zircon: Zircon, yttrium: Yttrium}
protocol: {kind: pairwise}
"""


def signed_in(arena: ServedArena, tab: BattleTab) -> Page:
    page = tab.page
    page.goto(f"{arena.address}/login")
    page.fill("#password", ADMIN_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages(
    arena: ServedArena, open_tab: Tab, tmp_path: Path, scheme: str
) -> None:
    campaign = CampaignOf(arena, tmp_path, f"Seen in {scheme}")
    campaign.opened(PAIRWISE, prompts=2)
    campaign.link()
    tab = open_tab(arena, color_scheme=scheme)
    page = signed_in(arena, tab)

    page.click(".admin-menu a[href='/admin/campaigns']")
    expect(page.locator("h1")).to_have_text("Campaigns")
    assert findings(tab) == []
    page.get_by_role("link", name=campaign.name).click()
    expect(page.locator("#history")).to_be_visible()
    assert findings(tab) == []
    page.get_by_role("link", name="Close …").click()
    assert findings(tab) == []
    page.click(".admin-menu a[href='/admin/people']")
    page.locator("summary").click()
    assert findings(tab) == []


def test_the_overview_shows_the_votes_of_fourteen_days(arena: ServedArena, open_tab: Tab) -> None:
    page = signed_in(arena, open_tab(arena))
    expect(page.get_by_role("img", name="Votes by day (UTC)")).to_be_visible()
    expect(page.locator(".recent rect")).to_have_count(14)
    expect(page.locator(".recent dt").first).to_have_text("Votes today (UTC)")


def test_a_campaign_is_checked_created_and_its_board_looked_at_early(
    arena: ServedArena, open_tab: Tab, tmp_path: Path, complaints: list[Complaints]
) -> None:
    name = "Sent by a browser"
    write_prompts(tmp_path, {"id": "p1", "prompt": "Why?", "language": "en"})
    file = tmp_path / "campaign.yaml"
    page = signed_in(arena, open_tab(arena))
    complaints[0].expect("status of 4(00|09) .*/admin/campaigns/(check|open)")
    page.goto(f"{arena.address}/admin/campaigns")

    file.write_text(TERMS.replace("pairwise", "pairwize"), encoding="utf-8")
    check(page, file)
    expect(page.get_by_role("alert")).to_contain_text("protocol.kind")
    file.write_text(TERMS.replace("NAME", name), encoding="utf-8")
    check(page, file)
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("status")).to_contain_text("The campaign is stored.")

    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Open without these 2 replies?")).to_be_visible()

    opened = CampaignOf(arena, tmp_path / "opened", "Looked at early")
    opened.opened(PAIRWISE, prompts=1)
    page.goto(f"{arena.address}/admin/campaigns/{opened.name}")
    expect(page.get_by_role("link", name="Leaderboard of this campaign")).to_have_count(0)
    page.get_by_role("button", name="Look early").click()
    expect(page.get_by_role("link", name="Leaderboard of this campaign")).to_be_visible()
    expect(page.locator(".scroll[aria-labelledby=history]")).to_contain_text("looked at the board")


def check(page: Page, file: Path) -> None:
    page.set_input_files("#campaign", file)
    page.set_input_files("#files", file.with_name("prompts.jsonl"))
    page.get_by_role("button", name="Check", exact=True).click()


def test_a_link_is_copied_and_lets_its_annotator_in(
    arena: ServedArena, open_tab: Tab, browser: Browser
) -> None:
    tab = open_tab(arena, permissions=["clipboard-read", "clipboard-write"])
    page = signed_in(arena, tab)
    page.goto(f"{arena.address}/admin/people")
    if not page.locator("#people").is_visible():
        page.locator("summary").click()
    page.fill("#people", "Nora from the page,linguists")
    page.get_by_role("button", name="Make links").click()
    page.get_by_role("button", name="Copy the link of Nora").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert findings(tab) == []

    elsewhere = browser.new_context()
    visitor = elsewhere.new_page()
    visitor.goto(link)
    expect(visitor.locator("#evaluate")).to_be_visible()
    elsewhere.close()

    page.goto(f"{arena.address}/admin/people")
    row = page.get_by_role("row").filter(has_text="Nora from the page")
    expect(row).not_to_contain_text("never")
    row.get_by_role("link", name="Disable Nora from the page").click()
    page.get_by_role("button", name="Disable Nora from the page").click()
    expect(row).to_contain_text("disabled")
