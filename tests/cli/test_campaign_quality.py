"""`arena campaign status --quality` and `exclude`, as they are typed."""

import json
from random import Random

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import Attention
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers


def run(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["campaign", *arguments, "--database-url", database.url])


@pytest.fixture
def judged(database: Database) -> Database:
    """A campaign in which ada has judged ten items, each in a second."""
    desk = CampaignDesk(database)
    desk.open(planned(judged=10, overlap=1))
    ada, judge = desk.person("ada"), prefers({"m0": 1e9}, Random(1))
    while (item := desk.next(ada)) is not None:
        ballot = judge(item, models_shown(item))
        shown = item.battle.shown
        desk.judging.judge(ada, item.assignment_id, shown, ballot, Attention(1.0))
        desk.clock.pass_by(seconds=5)
    return database


def test_quality_names_whom_to_look_at_and_why(judged: Database) -> None:
    lines = run(judged, "status", NAME, "--quality").stdout.splitlines()

    assert lines[0] == "spring: 10 ballots"
    assert lines[1] == "agreement: not computable (one annotator)"
    assert lines[-1] == "look at ada: many ballots faster than anybody can read"


def test_agreement_on_rankings_is_told_in_pairs_of_replies(database: Database) -> None:
    """Ten rankings of three are thirty pairs: "30 items" would be three times the campaign's."""
    desk = CampaignDesk(database)
    desk.open(planned(models=3, judged=10, overlap=2, kind=ProtocolKind.ALL_AT_ONCE))
    judge = prefers({"m0": 3.0, "m1": 2.0, "m2": 1.0}, Random(1), ranked=True)
    for who in desk.people(2):
        while desk.judge_next(who, judge):
            pass

    line = run(database, "status", NAME, "--quality").stdout.splitlines()[1]

    assert line.endswith("over 30 pairs of replies that several annotators judged")


def test_json_has_the_same_beside_the_replies(judged: Database) -> None:
    document = json.loads(run(judged, "status", NAME, "--json").stdout)
    (ada,) = document["quality"]["annotators"]

    assert document["replies"] == []
    assert (ada["annotator"], ada["ballots"], ada["look_at"]) == ("ada", 10, ["too_fast"])
    assert ada["too_fast"]["share"] == 1


def test_an_exclusion_has_a_reason_and_an_end(judged: Database) -> None:
    without = run(judged, "exclude", NAME, "ada")
    done = run(judged, "exclude", NAME, "ada", "--reason", "does not read")
    told = run(judged, "status", NAME, "--quality").stdout.splitlines()[-1]
    again = run(judged, "exclude", NAME, "ada", "--reason", "does not read")
    undone = run(judged, "exclude", NAME, "ada", "--undo")

    assert (without.exit_code, "--reason" in without.stderr) == (2, True)
    assert done.stdout == "ada: 10 ballots left out of boards.\n"
    assert told.startswith("ada: excluded on ")
    assert told.endswith(": does not read")
    assert (again.exit_code, "excluded already" in again.stderr) == (2, True)
    assert undone.stdout == "ada: 10 ballots taken back in.\n"
