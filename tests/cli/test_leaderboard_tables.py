"""Which tables `arena leaderboard` prints, how much of them, and what it says of the rest."""

from dataclasses import replace

import click
import pytest

from arena.cli.board_columns import model_columns
from arena.cli.tables import table_lines
from arena.domain.battle import BattleState
from arena.domain.board import BoardFilter
from arena.services.board.details import detailed_board
from arena.storage.database import Database
from tests.builders import seed_battle, seed_vote, seed_votes
from tests.cli.leaderboards import run


@pytest.fixture
def three_models(database: Database) -> Database:
    """`alpha` beats `beta`, which beats `gamma`."""
    seed_votes(database, models=("alpha", "beta"), wins=4, losses=1)
    seed_votes(database, models=("beta", "gamma"), wins=4, losses=1)
    return database


def test_the_models_come_first_best_first_and_pairs_when_asked(three_models: Database) -> None:
    _, short, _ = run(three_models)
    _, long, _ = run(three_models, "--pairs")

    title, _, _, *rows = short.splitlines()
    assert title == "Win:loss rate without ties, all opponents"
    assert [row.split()[2] for row in rows[:3]] == ["alpha", "beta", "gamma"]
    assert "each pair" not in short
    assert "--pairs prints the rates of 2 pairs too" in short
    assert long.splitlines()[0] == title
    assert "Win:loss rate without ties, each pair" in long
    assert "--pairs prints" not in long


def test_only_the_columns_that_are_printed_are_explained(three_models: Database) -> None:
    of_pairs = ("apart: ", "agree: ", "others: ")
    _, short, _ = run(three_models)
    _, long, _ = run(three_models, "--pairs")

    explained = [line for line in short.splitlines() if line.startswith(("95 %: ", *of_pairs))]
    assert [line[:4] for line in explained] == ["95 %"]
    assert all(f"\n{head}" in long for head in of_pairs)


def test_top_keeps_the_best_models_in_every_table(three_models: Database) -> None:
    _, out, _ = run(three_models, "--pairs", "--top", "2")

    assert "Name of gamma" not in out
    assert out.count("Name of alpha  Name of beta") == 1
    assert "1 model below the first 2 not shown" in out


def test_top_of_a_baseline_keeps_its_pairs_with_the_best(three_models: Database) -> None:
    _, out, _ = run(three_models, "--baseline", "beta", "--top", "1")

    assert "Name of beta  Name of alpha" in out
    assert "Name of gamma" not in out


def test_top_of_nothing_is_refused(three_models: Database) -> None:
    code, _, err = run(three_models, "--top", "0")

    assert code == 2
    assert "--top" in err


def test_a_model_that_is_left_out_is_named_with_the_reason(three_models: Database) -> None:
    seed_vote(three_models, models=("alpha", "delta"), recognised=True)
    seed_battle(three_models, models=("alpha", "epsilon"), state=BattleState.VOID, failing=1)

    _, out, _ = run(three_models)

    assert "no rate for Name of delta: all of its comparisons are left out (recognised 1)" in out
    assert "no rate for epsilon: no votes, 1 battle became void" in out
    assert "no rate for Name of alpha" not in out


def test_states_have_colours_that_leave_the_columns_aligned(three_models: Database) -> None:
    detailed = detailed_board(three_models, BoardFilter())
    columns = model_columns(detailed, [one.model for one in detailed.board.best_first])
    bare = [replace(column, colours={}) for column in columns]

    coloured = list(table_lines("Rates", columns, width=None))

    assert "\x1b[90m" in coloured[-1]
    assert [click.unstyle(line) for line in coloured] == list(
        table_lines("Rates", bare, width=None)
    )


def test_a_pipe_gets_neither_colours_nor_progress(three_models: Database) -> None:
    _, out, err = run(three_models)

    assert "\x1b" not in out
    assert err == ""


def test_pairs_drawn_by_votes_are_said(database: Database) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    _, out, _ = run(database)

    assert "1 comparison of pairs that were drawn where votes tell most" in out
    assert "re-weighted" in out
