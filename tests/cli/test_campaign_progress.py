"""`arena campaign status`: how far an open campaign is, as it is typed."""

import json
from random import Random

import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.domain.campaign import CampaignAnnotator
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers

PEOPLE = (CampaignAnnotator("ada"), CampaignAnnotator("bob"), CampaignAnnotator("cleo"))


def status(database: Database, *arguments: str) -> str:
    words = ["campaign", "status", NAME, *arguments, "--database-url", database.url]
    return CliRunner().invoke(app, words, catch_exceptions=False).stdout


@pytest.fixture
def begun(database: Database) -> Database:
    """A campaign of six items for two each: ada has judged four, bob has come, cleo has not."""
    desk = CampaignDesk(database)
    desk.open(planned(judged=6, overlap=2, annotators=PEOPLE))
    ada, _ = desk.person("ada"), desk.person("bob")
    for _ in range(4):
        desk.judge_next(ada, prefers({}, Random(1)))
    return database


def test_status_says_how_many_ballots_there_are_who_gave_them_and_who_has_not_come(
    begun: Database,
) -> None:
    lines = status(begun).splitlines()
    assert "Ballots: 4 of 12" in lines
    assert any(line.split()[:3] == ["ada", "-", "4"] for line in lines)
    assert any(line.split()[:3] == ["bob", "-", "0"] for line in lines)
    assert "Named in the file, and not here yet: cleo" in lines
    assert any(line.startswith("m0 - m1 ") and "4 of 12" in line for line in lines)
    assert any(line.startswith("coding ") for line in lines)


def test_json_has_the_same(begun: Database) -> None:
    progress = json.loads(status(begun, "--json"))["progress"]
    assert (progress["ballots"], progress["wanted"], progress["absent"]) == (4, 12, ["cleo"])
    assert [one["ballots"] for one in progress["annotators"]] == [4, 0]
    assert progress["by_models"][0]["models"] == ["m0", "m1"]
    assert sum(one["wanted"] for one in progress["by_category"]) == 12


def test_a_campaign_that_is_not_open_yet_has_its_replies_alone(database: Database) -> None:
    CampaignDesk(database).campaigns.create(planned(judged=1))
    assert "Ballots" not in status(database)


def test_a_campaign_with_all_its_ballots_says_so(database: Database) -> None:
    desk = CampaignDesk(database)
    desk.open(planned(judged=1, overlap=1))
    desk.judge_next(desk.person("ada"), prefers({}, Random(1)))
    assert "Ballots: 1 of 1, complete" in status(database).splitlines()
