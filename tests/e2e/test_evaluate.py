"""A campaign from its file to votes: commands of a researcher, and annotators in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.campaigns import MODELS, CampaignOf, joined
from tests.e2e.conftest import Tab

pytestmark = pytest.mark.browser

PAIRWISE = """
    protocol: {kind: pairwise, reasons: false, comment: false}
    repeats: 0
    overlap: 1
    guidelines: Judge **content** first.
    """
ALL_AT_ONCE = """
    protocol: {kind: all_at_once, criteria: [accuracy]}
    repeats: 0
    overlap: 1
    """


def votes(campaign: CampaignOf) -> list[tuple[object, ...]]:
    return campaign.arena.rows(
        """SELECT votes.verdict, votes.reading_s, annotators.name FROM votes
        JOIN battles ON battles.id = votes.battle_id
        JOIN campaigns ON campaigns.id = battles.campaign_id
        JOIN annotators ON annotators.id = votes.annotator_id
        WHERE campaigns.name = ? ORDER BY votes.id""",
        campaign.name,
    )


def test_an_annotator_judges_all_pairs_with_two_keys_each(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=3)
    page = joined(open_tab, campaign)

    for number, (key, said) in enumerate([("1", "A is better"), ("2", "Tie"), ("4", "B is")]):
        expect(page.locator(".progress")).to_contain_text(f"{number} of 3")
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text(f"Saved: {said}")
        page.keyboard.press("Enter")

    expect(page.locator("#nothing")).to_contain_text("everything that was yours")
    assert [verdict for verdict, _, _ in votes(campaign)] == ["a_better", "tie", "b_better"]
    assert {name for _, _, name in votes(campaign)} == {campaign.annotator}


def test_no_page_names_a_model_before_or_after_the_vote_of_a_campaign_that_reveals_none(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=1)
    page = joined(open_tab, campaign)
    seen = [page.content()]
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()
    seen.append(page.content())

    assert not [text for text in seen for key in MODELS if key in text.lower()]
    assert not [text for text in seen if "secret" in text.lower()]


def test_models_are_named_after_the_vote_where_the_file_says_so(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE + "reveal: after_vote\n", prompts=1)
    page = joined(open_tab, campaign)
    expect(page.locator("#slot-a")).not_to_contain_text("Secret")

    page.keyboard.press("1")
    page.keyboard.press("Enter")

    for slot in "ab":
        expect(page.locator(f"#slot-{slot} .slot-head")).to_contain_text("Secret")
    expect(page.locator("#undo")).to_have_count(0)


def test_undo_replaces_the_vote_until_the_next_item_is_opened(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(PAIRWISE, prompts=2)
    page = joined(open_tab, campaign)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.locator("#undo").click()
    expect(page.locator("input[value=a_better]")).to_be_checked()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Saved: Both are bad")

    assert [verdict for verdict, _, _ in votes(campaign)] == ["a_better"]
    assert campaign.arena.rows(
        "SELECT verdict FROM comparisons JOIN campaigns ON campaigns.id = campaign_id "
        "WHERE campaigns.name = ?",
        campaign.name,
    ) == [("both_bad",)]


def test_four_replies_are_ranked_by_keys_with_ties_and_scored(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(ALL_AT_ONCE, prompts=1, models=4, turns=2)
    page = joined(open_tab, campaign)
    expect(page.locator("#evaluate.list .slot")).to_have_count(4)

    for rank in "2112":
        page.keyboard.press(rank)
    expect(page.locator("#vote-submit")).to_be_focused()
    for score in page.locator("select").all():
        score.select_option("4")
    page.locator("#vote-submit").click()

    expect(page.locator("#status")).to_contain_text("Saved: B = C › A = D")
    ranks = campaign.arena.rows(
        """SELECT position, rank FROM vote_rankings JOIN votes ON votes.id = vote_id
        JOIN battles ON battles.id = battle_id JOIN campaigns ON campaigns.id = campaign_id
        WHERE campaigns.name = ? ORDER BY position""",
        campaign.name,
    )
    assert ranks == [(0, 3), (1, 1), (2, 1), (3, 3)]


def test_replies_are_ordered_by_dragging(campaign: CampaignOf, open_tab: Tab) -> None:
    campaign.opened(ALL_AT_ONCE.replace(", criteria: [accuracy]", ""), prompts=1, models=3)
    page = joined(open_tab, campaign)

    page.locator("#order li[data-slot=c]").drag_to(
        page.locator("#order li[data-slot=a]"), target_position={"x": 2, "y": 10}
    )

    order = page.locator("#order li").evaluate_all("chips => chips.map(chip => chip.dataset.slot)")
    assert order == ["c", "a", "b"]
    page.locator("#vote-submit").click()
    expect(page.locator("#status")).to_contain_text("Saved: C › A › B")


def test_an_item_is_resumed_on_another_machine(campaign: CampaignOf, open_tab: Tab) -> None:
    campaign.opened(PAIRWISE, prompts=5)
    first = joined(open_tab, campaign)
    here = first.locator(".prompt-text").inner_text()

    elsewhere = joined(open_tab, campaign)

    expect(elsewhere.locator(".prompt-text")).to_have_text(here)


def test_what_is_missing_on_a_phone_is_shown_before_it_is_asked_for(
    campaign: CampaignOf, open_tab: Tab
) -> None:
    campaign.opened(ALL_AT_ONCE.replace(", criteria: [accuracy]", ""), prompts=1, models=2)
    page = joined(open_tab, campaign, viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator("#slot-a .ranks span").first.click()
    expect(page.locator("#slot-b")).to_be_hidden()

    page.locator("#vote-submit").click()

    expect(page.locator("#slot-b .ranks")).to_be_visible()
    expect(page.locator("#slot-a .ranks")).to_be_hidden()
    page.locator("#slot-b .ranks span").last.click()
    page.locator("#vote-submit").click()
    expect(page.locator("#status")).to_contain_text("Saved: A › B")


@pytest.mark.parametrize("terms", [PAIRWISE, ALL_AT_ONCE], ids=["pairwise", "all-at-once"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_or_moderate(
    campaign: CampaignOf, open_tab: Tab, terms: str, scheme: str
) -> None:
    campaign.opened(terms, prompts=1, models=3 if terms is ALL_AT_ONCE else 2)
    page = joined(open_tab, campaign, color_scheme=scheme)

    found = Axe().run(page).response["violations"]

    assert [
        one["id"] for one in found if one["impact"] in {"serious", "critical", "moderate"}
    ] == []


def test_the_page_works_without_its_script(campaign: CampaignOf, browser: Browser) -> None:
    campaign.opened(PAIRWISE, prompts=1)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(campaign.link())
    assert "Judge content first." in page.locator("#questions").inner_text()
    page.locator("#questions button[type=submit]").click()

    page.locator("#vote-tie").click()
    page.locator("#vote-submit").click()

    expect(page.locator("#status")).to_contain_text("Saved: Tie.")
    assert [verdict for verdict, _, _ in votes(campaign)] == ["tie"]
    context.close()
