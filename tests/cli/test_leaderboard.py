"""`arena leaderboard`: its document and its table."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Final

from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot
from tests.builders import NOON, seed_vote, seed_votes
from tests.cli.leaderboards import app, run

SCHEMA: Final = Path(__file__).parents[2] / "docs" / "leaderboard.schema.json"


def test_json_prints_one_document_with_the_counts(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, ties=2)

    code, out, err = run(database, "--json")

    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["votes"] == 6
    assert [pair["rate"] for pair in document["pairs"]] == [0.75, 0.25]


def test_the_document_is_as_its_schema_says(database: Database) -> None:
    judged(database, annotators=9, models=("alpha", "beta"))
    seed_votes(database, models=("beta", "gamma"), wins=1)
    seed_vote(database, models=("alpha", "delta"), recognised=True)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    for options in ((), ("--baseline", "alpha"), ("--category", "nothing of it")):
        _, out, _ = run(database, "--json", *options)
        Draft202012Validator(schema).validate(json.loads(out))


def test_the_table_names_models_rates_and_what_was_left_out(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    seed_vote(database, recognised=True)

    code, out, _ = run(database)

    assert code == 0
    assert "Name of alpha" in out
    assert "75.0 %" in out
    assert "too few" in out
    assert "4 votes, 4 comparisons; 1 comparison left out (recognised 1)" in out


def test_a_model_called_like_markup_is_printed_as_it_is(database: Database) -> None:
    seed_vote(database, models=("[red]x[/red]", "beta"))

    _, out, _ = run(database)

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

    _, out, _ = run(database)

    _, ratings = out.split("Bradley-Terry ratings")
    rows = [line for line in ratings.splitlines() if line.startswith("Name of")]
    assert len(rows) == 2
    for row in rows:
        assert re.search(r"\d+ to \d+\*  +\d-\d\*  ", row)
    assert "with * for the annotators who voted only" in out


def test_ratings_of_enough_annotators_are_not(database: Database) -> None:
    judged(database, annotators=8, models=("alpha", "beta"))

    _, out, _ = run(database)

    assert "Name of alpha" in out
    assert not re.search(r"\d\*", out)


def test_in_a_pipe_no_name_is_cut(database: Database) -> None:
    names = [f"{'a-very-long-family-of-models-' * 4}{size}" for size in ("7b-instruct", "7b-chat")]
    seed_vote(database, models=(names[0], names[1]))

    _, out, _ = run(database)

    lines = out.splitlines()
    for name in names:
        assert any(line.startswith(f"Name of {name}  ") for line in lines)


def test_two_models_of_one_name_are_told_apart_by_their_keys(database: Database) -> None:
    seed_vote(database)
    with database.writing() as connection:
        for key in ("alpha", "beta"):
            named = ModelSnapshot(ModelKey(key), f"{key}-newer", "Twin")
            ensure_snapshot(connection, named, NOON)

    _, out, _ = run(database)

    assert "Twin (alpha)" in out
    assert "Twin (beta)" in out


def test_a_name_obeys_no_terminal(database: Database) -> None:
    seed_vote(database, models=("red\x1b[31m", "beta"))

    _, out, _ = run(database)

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

    _, out, _ = run(database, "--pairs")

    said = "sides: 1 pair of the whole board with enough votes, but in one order, or mostly"
    assert f"{said}: these rates are no verdicts" in out
    assert re.search(r"Name of alpha  Name of beta .* one  .* -  +-  preliminary", out)


def test_a_baseline_comes_with_the_differences_of_its_rating(database: Database) -> None:
    judged(database, annotators=10, models=("alpha", "beta"))

    _, out, _ = run(database, "--baseline", "beta")

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


def test_a_file_that_is_no_database_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one " * 40)

    result = CliRunner().invoke(app, ["--database-url", f"sqlite:///{path}"])

    assert result.exit_code == 1
    assert "the database cannot be used" in result.stderr
