"""Options of `arena leaderboard` choose what is counted, or are refused."""

import json
import re
from datetime import UTC, datetime

import pytest

from arena.storage.campaigns import ensure_campaign
from arena.storage.database import Database
from tests.builders import NOON, seed_farm, seed_group, seed_vote, seed_votes
from tests.cli.leaderboards import run


def test_a_baseline_and_a_category_choose_pairs_and_votes(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_votes(database, models=("beta", "gamma"), wins=1)

    _, out, _ = run(database, "--json", "--baseline", "beta", "--category", "math")

    document = json.loads(out)
    assert document["votes"] == 2
    assert [(p["model"], p["opponent"], p["losses"]) for p in document["pairs"]] == [
        ("beta", "alpha", 2)
    ]


def test_a_period_includes_its_last_day(database: Database) -> None:
    for day in (1, 2, 3):
        seed_vote(database, at=datetime(2026, 3, day, 23, 59, tzinfo=UTC))

    _, out, _ = run(database, "--json", "--since", "2026-03-02", "--until", "2026-03-02")

    assert json.loads(out)["votes"] == 1


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31"])
def test_a_day_that_does_not_exist_is_named(database: Database, day: str) -> None:
    code, _, err = run(database, "--json", "--until", day)

    assert code == 2
    assert day in err


def test_a_group_and_models_choose_votes(database: Database) -> None:
    seed_group(database, "experts", "ada", "bob")
    seed_vote(database, annotator="eve")
    seed_vote(database, models=("beta", "gamma"))

    _, of_group, _ = run(database, "--json", "--group", "experts")
    _, between, _ = run(database, "--json", "--among", "alpha", "--among", "beta")

    assert json.loads(of_group)["votes"] == 3
    assert json.loads(between)["models"] == ["alpha", "beta"]
    assert json.loads(between)["votes"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "2026-03-02", "--until", "2026-03-01"), "2026-03-02 is after 2026-03-01"),
        (("--among", "alpha"), "two models"),
        (("--among", "alpha", "--among", "alpha"), "two models"),
    ],
)
def test_filters_that_no_vote_can_meet_are_refused(
    database: Database, arguments: tuple[str, ...], said: str
) -> None:
    seed_vote(database)

    code, out, err = run(database, *arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_filters_that_no_vote_meets_are_told_from_an_arena_without_votes(
    database: Database,
) -> None:
    seed_vote(database)

    code, out, _ = run(database, "--since", "2030-01-01")

    assert code == 0
    assert "No votes match these filters." in out


def test_votes_without_a_category_can_be_chosen(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, category="math")

    _, out, _ = run(database, "--json", "--category", "")

    assert json.loads(out)["votes"] == 1


@pytest.mark.parametrize("option", ["--baseline", "--among", "--group", "--campaign"])
def test_what_nobody_knows_ends_the_command_and_what_is_known_is_named(
    database: Database, option: str
) -> None:
    seed_group(database, "experts", "ada")

    code, out, err = run(database, option, "nothing such")

    assert (code, out) == (2, "")
    assert "nothing such" in err
    assert re.search("known: (alpha, beta|experts|none yet)", err)


def test_an_unknown_baseline_is_bad_input_and_the_known_ones_are_named(database: Database) -> None:
    seed_vote(database)

    code, out, err = run(database, "--baseline", "gpt-5")

    assert (code, out) == (2, "")
    assert "no model has the key gpt-5; known: alpha, beta" in err


def test_an_unknown_campaign_is_bad_input_and_the_known_ones_are_named(database: Database) -> None:
    with database.writing() as connection:
        ensure_campaign(connection, "spring", NOON)

    code, out, err = run(database, "--campaign", "autumn")

    assert (code, out) == (2, "")
    assert "no campaign is called autumn; known: spring" in err


def test_a_campaign_a_language_and_flagged_votes_choose_what_is_counted(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, campaign="spring")
    seed_vote(database, campaign="spring", recognised=True)
    seed_vote(database, campaign="spring", language="zh")

    def votes(*arguments: str) -> int:
        _, out, _ = run(database, "--json", "--campaign", "spring", *arguments)
        return int(json.loads(out)["votes"])

    assert (votes(), votes("--with-flagged"), votes("--language", "zh")) == (2, 3, 1)


def test_votes_from_one_address_are_said_and_can_be_left_out(database: Database) -> None:
    seed_votes(database, wins=2, losses=1)
    seed_farm(database)

    _, counted, _ = run(database)
    _, without, _ = run(database, "--without-one-address")
    _, document, _ = run(database, "--without-one-address", "--json")

    said = "140 votes of 70 annotators came from one address at an implausible rate and are "
    assert said + "counted: no rate is called established" in counted.replace("\n", " ")
    assert said + "left out" in without.replace("\n", " ")
    assert "3 votes, 3 comparisons; 0 comparisons left out" in without
    assert json.loads(document)["excluded"]["one_address"] == 140


def test_addresses_above_a_number_of_votes_can_be_left_out(database: Database) -> None:
    seed_votes(database, wins=2, losses=1)
    seed_farm(database, accounts=2, votes=4)

    def votes(*arguments: str) -> int:
        _, out, _ = run(database, "--json", *arguments)
        return int(json.loads(out)["votes"])

    assert votes() == votes("--votes-per-address", "4") == 7
    assert votes("--votes-per-address", "3") == 3
    code, _, error = run(database, "--votes-per-address", "0")
    assert code == 2
    assert "votes-per-address" in error
