"""What a screen reader finds on the evaluation page: the accessibility tree, in both protocols.

The trees are in `snapshots/`, as Playwright writes them.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.campaigns import CampaignOf
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

SNAPSHOTS = Path(__file__).parent / "snapshots"
TERMS = {
    "pairwise": "protocol: {kind: pairwise, strength: true, reasons: false}\nrepeats: 0\n",
    "all-at-once": (
        "protocol: {kind: all_at_once, criteria: [accuracy], reasons: false}\nrepeats: 0\n"
    ),
}


@pytest.mark.parametrize(("name", "models"), [("pairwise", 2), ("all-at-once", 3)])
def test_the_accessibility_tree_of_an_item_before_and_after_its_vote(
    arena: ServedArena, tmp_path: Path, open_tab: Tab, name: str, models: int
) -> None:
    campaign = CampaignOf(arena, tmp_path / name, name)
    campaign.opened(TERMS[name], prompts=1, models=models)
    page = open_tab(arena).page
    page.goto(campaign.link())
    expect(page.locator(".copy").first).to_be_visible()
    expect(page.locator("body")).to_match_aria_snapshot(_snapshot(name))

    _judge(page, models)

    expect(page.locator("#next")).to_be_visible()
    expect(page.locator("body")).to_match_aria_snapshot(_snapshot(f"{name}-saved"))


def _judge(page: Page, models: int) -> None:
    if models == 2:
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        return
    for rank in "122":
        page.keyboard.press(rank)
    for score in page.locator("select").all():
        score.select_option("3")
    page.locator("#vote-submit").click()


def _snapshot(name: str) -> str:
    return (SNAPSHOTS / f"{name}.yml").read_text(encoding="utf-8")
