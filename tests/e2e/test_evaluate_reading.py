"""What the evaluation page sees of the reading, and which answer is which while one scrolls."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import box_of
from tests.e2e.campaigns import CampaignOf, joined
from tests.e2e.conftest import Tab

pytestmark = pytest.mark.browser

PAIRWISE = "protocol: {kind: pairwise, reasons: false, comment: false}\nrepeats: 0\n"
RANKED = "protocol: {kind: all_at_once, reasons: false, comment: false}\nrepeats: 0\n"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
LONG, SHORT = 60, 1
"""Paragraphs of a reply: many screens, and a line."""


def depths(campaign: CampaignOf) -> list[float]:
    """How far each reply of the only ballot was scrolled, as it is stored."""
    ((stored,),) = campaign.arena.rows(
        """SELECT scroll_depths FROM assignments JOIN items ON items.id = item_id
        JOIN campaigns ON campaigns.id = campaign_id WHERE campaigns.name = ?""",
        campaign.name,
    )
    return [float(depth) for depth in str(stored).split()]


def scroll(page: Page, y: int) -> None:
    page.evaluate("y => new Promise(done => { window.scrollTo(0, y); setTimeout(done, 60); })", y)


def end(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_on_a_phone_an_answer_that_was_never_shown_was_not_seen(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=1, paragraphs=(LONG, LONG))
    page = joined(open_tab, campaign, **PHONE)
    scroll(page, 300)

    page.locator("#vote-a-better").tap()
    page.locator("#vote-submit").tap()
    expect(page.locator("#next")).to_be_visible()

    first, second = depths(campaign)
    assert 0.1 < first < 0.9
    assert second == 0


def test_on_a_phone_each_answer_has_a_depth_of_its_own(campaign: CampaignOf, open_tab: Tab) -> None:
    campaign.opened(PAIRWISE, prompts=1, paragraphs=(LONG, LONG))
    page = joined(open_tab, campaign, **PHONE)
    page.locator("[data-show=b]").tap()
    scroll(page, end(page))
    page.locator("[data-show=a]").tap()

    page.locator("#vote-b-better").tap()
    page.locator("#vote-submit").tap()
    expect(page.locator("#next")).to_be_visible()

    first, second = depths(campaign)
    assert 0 < first < 0.4
    assert second == 1


@pytest.mark.parametrize(
    ("terms", "part"),
    [(PAIRWISE, "#vote-b-better"), (RANKED, ".ranks span")],
    ids=["verdict", "rank"],
)
def test_a_tap_does_not_scroll(campaign: CampaignOf, open_tab: Tab, terms: str, part: str) -> None:
    campaign.opened(terms, prompts=1, paragraphs=(LONG, LONG))
    page = joined(open_tab, campaign, **PHONE)
    scroll(page, 300)
    box = box_of(page.locator(part).first)

    page.touchscreen.tap(box["x"] + 10, box["y"] + 10)

    expect(page.locator("#ballot input:checked")).to_have_count(1)
    assert page.evaluate("window.scrollY") == 300


def test_in_columns_a_short_answer_is_seen_at_once_and_a_long_one_is_not(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=1, paragraphs=(SHORT, LONG))
    page = joined(open_tab, campaign)
    long = page.locator(".slot", has_text="paragraph 59").get_attribute("data-slot")

    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()

    seen = dict(zip("ab", depths(campaign), strict=True))
    assert 0 < seen.pop(str(long)) < 0.8
    assert list(seen.values()) == [1]


def test_in_a_list_an_answer_that_was_jumped_over_was_not_seen(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(RANKED, prompts=1, models=4, paragraphs=(LONG,) * 4)
    page = joined(open_tab, campaign)
    scroll(page, end(page))

    for rank in "1234":
        page.locator(f"input[name=rank-{'abcd'[int(rank) - 1]}][value='{rank}']").evaluate(
            "input => input.click()"
        )
    page.locator("#vote-submit").click()
    expect(page.locator("#next")).to_be_visible()

    first, second, third, fourth = depths(campaign)
    assert 0 < first < 0.8
    assert (second, third, fourth) == (0, 0, 1)


@pytest.mark.parametrize(
    ("terms", "models"),
    [(PAIRWISE, 2), (RANKED, 3), (RANKED, 4)],
    ids=["two", "three", "four"],
)
@pytest.mark.parametrize(
    "size", [(390, 844), (844, 390), (1024, 768)], ids=["phone", "turned", "tablet"]
)
def test_the_title_of_the_answer_stays_in_view(
    campaign: CampaignOf, open_tab: Tab, terms: str, models: int, size: tuple[int, int]
) -> None:
    campaign.opened(terms, prompts=1, models=models, paragraphs=(LONG,) * models)
    width, height = size
    options = PHONE | {"viewport": {"width": width, "height": height}}
    page = joined(open_tab, campaign, **options)

    scroll(page, 700)

    title = page.locator("#slot-a .slot-title")
    box = box_of(title)
    assert 0 <= box["y"] < height / 3
    expect(title).to_contain_text("Answer A")


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)], ids=["phone", "tablet"])
def test_a_touch_screen_is_told_of_no_keys(
    campaign: CampaignOf, open_tab: Tab, size: tuple[int, int]
) -> None:
    campaign.opened(PAIRWISE, prompts=1)
    width, height = size
    options = PHONE | {"viewport": {"width": width, "height": height}}
    page = joined(open_tab, campaign, **options)

    expect(page.locator("#status")).to_contain_text("Which answer is better?")
    expect(page.locator(".press")).to_be_hidden()
    expect(page.locator("#keys-open")).to_be_hidden()
    key = "label => getComputedStyle(label, '::before').display"
    assert page.locator("#vote-tie").evaluate(key) == "none"


def test_the_guidelines_open_by_key_without_leaving_the_item(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE + "guidelines: Judge **content** first.\n", prompts=1)
    page = joined(open_tab, campaign)
    page.keyboard.press("2")

    page.keyboard.press("j")
    expect(page.locator("dialog#guidelines")).to_be_visible()
    expect(page.locator("dialog#guidelines")).to_contain_text("Judge content first.")
    page.keyboard.press("Escape")

    expect(page.locator("dialog#guidelines")).to_be_hidden()
    expect(page.locator("input[value=tie]")).to_be_checked()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_contain_text("How to judge")


@pytest.mark.parametrize("models", [3, 4])
@pytest.mark.parametrize(
    "options", [PHONE, {"viewport": {"width": 1440, "height": 900}}], ids=["phone", "desktop"]
)
def test_a_saved_ballot_moves_nothing(
    campaign: CampaignOf, open_tab: Tab, models: int, options: dict[str, object]
) -> None:
    campaign.opened(RANKED, prompts=1, models=models, notes="The correct result is 42.")
    page = joined(open_tab, campaign, **options)
    read = [page.locator(part) for part in (".notes p", "#slot-a .answer-body", "#slot-a .letter")]
    before = [box_of(one) for one in read]

    for letter in "abcd"[:models]:
        page.locator(f"input[name=rank-{letter}][value='1']").evaluate("input => input.click()")
    page.locator("#vote-submit").click()
    expect(page.locator("#next")).to_be_visible()

    after = [box_of(one) for one in read]
    assert [(box["x"], box["y"]) for box in after] == [(box["x"], box["y"]) for box in before]


def test_on_a_phone_an_answer_begins_under_its_title(campaign: CampaignOf, open_tab: Tab) -> None:
    campaign.opened(PAIRWISE, prompts=1, turns=2)
    page = joined(open_tab, campaign, **PHONE)

    parts = ("#slot-a .letter", "#slot-a .answer-body >> nth=0", ".follow-up .prompt-body")
    assert len({box_of(page.locator(part))["x"] for part in parts}) == 1


def test_on_a_phone_the_answer_in_view_stays_when_a_ballot_is_saved(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=2)
    page = joined(open_tab, campaign, **PHONE)
    page.locator("[data-show=b]").tap()
    page.locator("#vote-tie").tap()
    page.locator("#vote-submit").tap()
    expect(page.locator("#next")).to_be_visible()

    expect(page.locator("#slot-b")).to_be_visible()
    expect(page.locator("#slot-a")).to_be_hidden()
    page.locator("#next").tap()
    expect(page.locator("#vote-submit")).to_be_visible()
    expect(page.locator("#slot-a")).to_be_visible()
