"""Who has something to judge: the header leads them to the evaluation page."""

from random import Random

import pytest

from arena.domain.campaign import CampaignAnnotator, Crowd
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def test_everybody_for_whom_a_campaign_is_open_until_nothing_is_left(desk: CampaignDesk) -> None:
    desk.open(planned(judged=2, annotators=(CampaignAnnotator("ada"), CampaignAnnotator("bob"))))
    ada = desk.person("ada")
    assert desk.membership.has_to_judge(ada)
    while desk.judge_next(ada, prefers({}, Random(1))):
        pass
    assert not desk.membership.has_to_judge(ada)


def test_nobody_before_it_is_open_or_while_it_is_paused(desk: CampaignDesk) -> None:
    desk.open(planned())
    ada = desk.person("ada")
    desk.openings.pause(NAME)
    assert not desk.membership.has_to_judge(ada)
    desk.openings.open(NAME)
    assert desk.membership.has_to_judge(ada)


def test_who_does_not_take_part_yet_has_too_where_the_campaign_is_for_them(
    desk: CampaignDesk,
) -> None:
    desk.open(planned())
    ada = desk.person("ada")
    with desk.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM campaign_members")
    assert desk.membership.has_to_judge(ada)
    assert not desk.membership.has_to_judge(None)


def test_strangers_have_nothing_in_a_campaign_for_others(desk: CampaignDesk) -> None:
    desk.open(planned())
    ada = desk.person("ada")
    with desk.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM campaign_members")
    desk.campaigns.create(
        planned(crowd=Crowd(people=3, parameters={"annotator": "PID"}, completion_code="C1"))
    )
    assert not desk.membership.has_to_judge(ada)


def test_a_database_that_fails_shows_no_link(
    desk: CampaignDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.open(planned())
    ada = desk.person("ada")
    with desk.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE campaign_members RENAME TO elsewhere")
    assert not desk.membership.has_to_judge(ada)
    assert "nobody can say" in caplog.text
