"""`arena leaderboard`."""

import json
import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from arena.cli.leaderboard import leaderboard
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.storage.campaigns import ensure_campaign
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot
from tests.builders import NOON, seed_farm, seed_group, seed_vote, seed_votes

app = typer.Typer()
app.command()(leaderboard)


def _run(database: Database, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments, "--database-url", database.url])
    return result.exit_code, result.stdout, result.stderr


def test_json_prints_one_document_with_the_counts(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, ties=2)

    code, out, err = _run(database, "--json")

    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["votes"] == 6
    assert [pair["rate"] for pair in document["pairs"]] == [0.75, 0.25]


def test_a_baseline_and_a_category_choose_pairs_and_votes(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_votes(database, models=("beta", "gamma"), wins=1)

    _, out, _ = _run(database, "--json", "--baseline", "beta", "--category", "math")

    document = json.loads(out)
    assert document["votes"] == 2
    assert [(p["model"], p["opponent"], p["losses"]) for p in document["pairs"]] == [
        ("beta", "alpha", 2)
    ]


def test_a_period_includes_its_last_day(database: Database) -> None:
    for day in (1, 2, 3):
        seed_vote(database, at=datetime(2026, 3, day, 23, 59, tzinfo=UTC))

    _, out, _ = _run(database, "--json", "--since", "2026-03-02", "--until", "2026-03-02")

    assert json.loads(out)["votes"] == 1


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31"])
def test_a_day_that_does_not_exist_is_named(database: Database, day: str) -> None:
    code, _, err = _run(database, "--json", "--until", day)

    assert code == 2
    assert day in err


def test_a_group_and_models_choose_votes(database: Database) -> None:
    seed_group(database, "experts", "ada", "bob")
    seed_vote(database, annotator="eve")
    seed_vote(database, models=("beta", "gamma"))

    _, of_group, _ = _run(database, "--json", "--group", "experts")
    _, between, _ = _run(database, "--json", "--among", "alpha", "--among", "beta")

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

    code, out, err = _run(database, *arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_filters_that_no_vote_meets_are_told_from_an_arena_without_votes(
    database: Database,
) -> None:
    seed_vote(database)

    code, out, _ = _run(database, "--since", "2030-01-01")

    assert code == 0
    assert "No votes match these filters." in out


def test_votes_without_a_category_can_be_chosen(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, category="math")

    _, out, _ = _run(database, "--json", "--category", "")

    assert json.loads(out)["votes"] == 1


@pytest.mark.parametrize("option", ["--baseline", "--among", "--group", "--campaign"])
def test_what_nobody_knows_ends_the_command_and_what_is_known_is_named(
    database: Database, option: str
) -> None:
    seed_group(database, "experts", "ada")

    code, out, err = _run(database, option, "nothing such")

    assert (code, out) == (2, "")
    assert "nothing such" in err
    assert re.search("known: (alpha, beta|experts|none yet)", err)


def test_the_table_names_models_rates_and_what_was_left_out(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    seed_vote(database, recognised=True)

    code, out, _ = _run(database)

    assert code == 0
    assert "Name of alpha" in out
    assert "75.0 %" in out
    assert "too few" in out
    assert "4 votes; 1 comparison left out (recognised 1)" in out


def test_a_model_called_like_markup_is_printed_as_it_is(database: Database) -> None:
    seed_vote(database, models=("[red]x[/red]", "beta"))

    _, out, _ = _run(database)

    assert "Name of [red]x[/red]" in out


def judged(database: Database, *, annotators: int, models: tuple[str, str]) -> None:
    """Twelve prompts, on which the first model stands left and right in turn."""
    for annotator, prompt in product(range(annotators), range(12)):
        first_wins = (annotator + prompt) % 3 != 0
        left = (annotator + prompt // 2) % 2 == 0
        seed_vote(
            database,
            Verdict.A_BETTER if first_wins == left else Verdict.B_BETTER,
            models=models if left else models[::-1],
            annotator=f"annotator-{annotator}",
            prompts=(f"Prompt {prompt}",),
        )


def test_ratings_ranks_and_verdicts_of_few_annotators_are_marked(database: Database) -> None:
    judged(database, annotators=7, models=("alpha", "beta"))

    _, out, _ = _run(database)

    _, ratings = out.split("Bradley-Terry ratings")
    rows = [line for line in ratings.splitlines() if line.startswith("Name of")]
    assert len(rows) == 2
    for row in rows:
        assert re.search(r"\d+ to \d+\*  +\d-\d\*  ", row)
    assert "with * for the annotators who voted only" in out


def test_ratings_of_enough_annotators_are_not(database: Database) -> None:
    judged(database, annotators=8, models=("alpha", "beta"))

    _, out, _ = _run(database)

    assert "Name of alpha" in out
    assert not re.search(r"\d\*", out)


def test_in_a_pipe_no_name_is_cut(database: Database) -> None:
    names = [f"{'a-very-long-family-of-models-' * 4}{size}" for size in ("7b-instruct", "7b-chat")]
    seed_vote(database, models=(names[0], names[1]))

    _, out, _ = _run(database)

    lines = out.splitlines()
    for name in names:
        assert any(line.startswith(f"Name of {name}  ") for line in lines)


def test_two_models_of_one_name_are_told_apart_by_their_keys(database: Database) -> None:
    seed_vote(database)
    with database.writing() as connection:
        for key in ("alpha", "beta"):
            named = ModelSnapshot(ModelKey(key), f"{key}-newer", "Twin")
            ensure_snapshot(connection, named, NOON)

    _, out, _ = _run(database)

    assert "Twin (alpha)" in out
    assert "Twin (beta)" in out


def test_a_name_obeys_no_terminal(database: Database) -> None:
    seed_vote(database, models=("red\x1b[31m", "beta"))

    _, out, _ = _run(database)

    assert "\x1b" not in out
    assert r"Name of red\x1b[31m" in out


def test_votes_in_one_order_are_said_to_be(database: Database) -> None:
    for number in range(120):
        seed_vote(
            database,
            Verdict.A_BETTER if number % 5 else Verdict.B_BETTER,
            annotator=f"annotator-{number % 10}",
            prompts=(f"Prompt {number % 12}",),
        )

    _, out, _ = _run(database)

    said = "sides: 1 pair of the whole board with enough votes, but in one order, or mostly"
    assert f"{said}: these rates are no verdicts" in out
    assert re.search(r"Name of alpha  Name of beta .* one  .* -  +-  preliminary", out)


def test_a_baseline_comes_with_the_differences_of_its_rating(database: Database) -> None:
    judged(database, annotators=10, models=("alpha", "beta"))

    _, out, _ = _run(database, "--baseline", "beta")

    _, differences = out.split("Differences of ratings")
    assert re.search(r"Name of alpha  Name of beta  +\d+  +\d+ to \d+  +yes", differences)


def test_an_empty_database_is_made_ready_and_has_no_votes(tmp_path: Path) -> None:
    path = tmp_path / "arena.sqlite3"
    path.touch()

    result = CliRunner().invoke(app, ["--database-url", f"sqlite:///{path}"])

    assert result.exit_code == 0
    assert "No votes yet." in result.stdout


def test_the_address_may_come_from_the_environment(database: Database) -> None:
    seed_vote(database)

    result = CliRunner().invoke(app, ["--json"], env={"ARENA_DATABASE_URL": database.url})

    assert json.loads(result.stdout)["votes"] == 1


def test_an_unknown_baseline_is_bad_input_and_the_known_ones_are_named(database: Database) -> None:
    seed_vote(database)

    code, out, err = _run(database, "--baseline", "gpt-5")

    assert (code, out) == (2, "")
    assert "no model has the key gpt-5; known: alpha, beta" in err


def test_an_unknown_campaign_is_bad_input_and_the_known_ones_are_named(database: Database) -> None:
    with database.writing() as connection:
        ensure_campaign(connection, "spring", NOON)

    code, out, err = _run(database, "--campaign", "autumn")

    assert (code, out) == (2, "")
    assert "no campaign is called autumn; known: spring" in err


def test_a_campaign_a_language_and_flagged_votes_choose_what_is_counted(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, campaign="spring")
    seed_vote(database, campaign="spring", recognised=True)
    seed_vote(database, campaign="spring", language="zh")

    def votes(*arguments: str) -> int:
        _, out, _ = _run(database, "--json", "--campaign", "spring", *arguments)
        return int(json.loads(out)["votes"])

    assert (votes(), votes("--with-flagged"), votes("--language", "zh")) == (2, 3, 1)


def test_a_file_that_is_no_database_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one " * 40)

    result = CliRunner().invoke(app, ["--database-url", f"sqlite:///{path}"])

    assert result.exit_code == 1
    assert "the database cannot be used" in result.stderr


def test_votes_from_one_address_are_said_and_can_be_left_out(database: Database) -> None:
    seed_votes(database, wins=2, losses=1)
    seed_farm(database)

    _, counted, _ = _run(database)
    _, without, _ = _run(database, "--without-one-address")
    _, document, _ = _run(database, "--without-one-address", "--json")

    said = "140 votes of 70 annotators came from one address at an implausible rate and are "
    assert said + "counted: no rate is called established" in counted.replace("\n", " ")
    assert said + "left out" in without.replace("\n", " ")
    assert "3 votes; 0 comparisons left out" in without
    assert json.loads(document)["excluded"]["one_address"] == 140
