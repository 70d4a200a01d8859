"""Campaigns as JSON: fingerprints outlive versions of the arena."""

from dataclasses import replace

from arena.domain.campaign import Campaign, CampaignReveal, StopRules, TimeLimits
from arena.services.campaigns.documents import document_of, fingerprint_of, terms_of
from tests.fakes.campaigns import planned

OF_TODAY = "3dacf53e7c1775eef4c2cf1ecd5fe396ba20ad3bd90191be01a38c328f66c30e"
"""Of `planned()`. Whoever changes it makes archives of before unreadable."""


def test_the_fingerprint_of_a_campaign_stays_what_it_was() -> None:
    assert fingerprint_of(planned()) == OF_TODAY


def test_a_document_of_a_version_without_a_key_has_the_same_fingerprint() -> None:
    """As if today's version had brought these keys."""
    campaign = replace(planned(), prompts=(), check_items=())
    document = document_of(campaign)
    older = {**document, "stop": {}, "time_limits": {}}
    assert fingerprint_of(terms_of(older)) == fingerprint_of(terms_of(document))


def test_whatever_is_said_in_a_campaign_changes_its_fingerprint() -> None:
    campaign = planned()
    others: list[Campaign] = [
        replace(campaign, name="other"),
        replace(campaign, overlap=campaign.overlap + 1),
        replace(campaign, prompts=campaign.prompts[1:]),
        replace(campaign, reveal=CampaignReveal.AT_END),
        replace(campaign, stop=StopRules(half_width=0.1)),
        replace(campaign, time_limits=TimeLimits(minutes_per_item=5)),
    ]
    found = {fingerprint_of(one) for one in (campaign, *others)}
    assert len(found) == 1 + len(others)
