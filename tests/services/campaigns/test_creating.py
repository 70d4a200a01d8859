"""A campaign file is stored once; what may change becomes a version, the rest is refused."""

from dataclasses import replace

import pytest

from arena.domain.campaign import (
    Campaign,
    CampaignModel,
    CheckItem,
    ProtocolKind,
    StopRules,
    TimeLimits,
)
from arena.domain.conversation import ModelKey
from arena.domain.localized import LocalizedText
from arena.services.campaigns.creating import Campaigns, whole
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns import ensure_campaign
from arena.storage.campaigns.campaigns import campaign_named, events_of
from arena.storage.database import Database
from tests.fakes.campaigns import MORNING, NAME, HandClock, checks, planned, prompts
from tests.storage.old_ledgers import rows

FIXED = {
    "prompts": {"prompts": prompts(5)},
    "models": {"models": (CampaignModel(ModelKey("m0"), "A"), CampaignModel(ModelKey("x"), "X"))},
    "protocol.kind": {"protocol": planned(kind=ProtocolKind.ALL_AT_ONCE).protocol},
    "protocol.pairs_per_prompt": {"protocol": planned(pairs_per_prompt=1).protocol},
    "check_items": {"check_items": (replace(checks(1)[0], worse="worse"),)},
    "repeats": {"repeats": 0.1},
}


@pytest.fixture
def campaigns(database: Database) -> Campaigns:
    return Campaigns(database, HandClock())


def stored(database: Database) -> Campaign:
    with database.reading() as connection:
        return whole(connection, NAME)


def test_what_is_stored_is_what_the_file_said(campaigns: Campaigns, database: Database) -> None:
    campaign = planned(
        turns=2,
        check_items=2,
        criteria={"accuracy": LocalizedText({"en": "Accuracy"}), "clarity": None},
        guidelines=LocalizedText({"en": "Read.", "zh": "阅读。"}),
        time_limits=TimeLimits(30, MORNING.date()),
        stop=StopRules(votes_per_pair=9, half_width=2.5),
    )
    version = campaigns.create(campaign)
    assert (version.number, version.new) == (1, True)
    assert stored(database) == campaign


def test_the_same_file_again_changes_nothing(campaigns: Campaigns, database: Database) -> None:
    campaigns.create(planned(check_items=1))
    before = rows(database)
    again = campaigns.create(planned(check_items=1))
    assert (again.number, again.new) == (1, False)
    assert rows(database) == before


def test_what_may_change_is_a_new_version(campaigns: Campaigns, database: Database) -> None:
    campaigns.create(planned())
    changed = planned(overlap=3, guidelines=LocalizedText({"en": "Read twice."}))
    assert campaigns.create(changed).number == 2
    assert stored(database) == changed
    with database.reading() as connection:
        record = campaign_named(connection, NAME)
        assert record is not None
        assert (record.version, record.overlap) == (2, 3)
        assert [event.kind for event in events_of(connection, record.id)] == ["created", "version"]
    assert campaigns.create(planned()).number == 3


@pytest.mark.parametrize("part", FIXED)
def test_what_was_judged_never_changes(campaigns: Campaigns, database: Database, part: str) -> None:
    campaigns.create(planned(check_items=1))
    before = rows(database)
    with pytest.raises(CampaignRefused, match=f"other {part}: these never change"):
        campaigns.create(replace(planned(check_items=1), **FIXED[part]))  # type: ignore[arg-type]
    assert rows(database) == before


def test_all_that_differs_is_named(campaigns: Campaigns) -> None:
    campaigns.create(planned())
    with pytest.raises(CampaignRefused, match="other prompts, repeats"):
        campaigns.create(planned(judged=2, repeats=0.2))


def test_imported_votes_keep_their_name(campaigns: Campaigns, database: Database) -> None:
    with database.writing() as connection:
        ensure_campaign(connection, NAME, MORNING)
    with pytest.raises(CampaignRefused, match="collects imported votes"):
        campaigns.create(planned())


def test_two_campaigns_share_the_models_of_check_items(
    campaigns: Campaigns, database: Database
) -> None:
    campaigns.create(planned(check_items=2))
    campaigns.create(planned(check_items=1, name="autumn"))
    assert [row["key"] for row in rows(database)["models"]] == ["check-better", "check-worse"]
    with database.reading() as connection:
        (check,) = whole(connection, "autumn").check_items
    assert isinstance(check, CheckItem)
    assert (check.better, check.worse) == ("right", "wrong")
