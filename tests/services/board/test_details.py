"""What a board says beyond its counts: the document of the contract, and clear states."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.services.board.details import Turnout, detailed_board
from arena.services.board.leaderboard import board_of
from arena.services.board.quality import BoardQuality, quality_of
from arena.services.board.reading import read_board
from arena.services.board.rows import board_document
from arena.services.importing.containers import vote_file
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.imports import Imports
from arena.services.importing.vote_formats import votes_of_file
from arena.statistics.concentration import Concentration
from arena.storage.database import Database
from tests.builders import NOON, seed_vote, seed_votes
from tests.fakes.clock import VirtualClock
from tests.services.board.documents import ALL, document, judged

LLMFAO = Path(__file__).parents[2] / "data" / "llmfao" / "crowd-comparisons.csv"


def test_the_document_has_the_names_of_the_contract(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, ties=2, both_bad=1)

    found = document(database)

    assert list(found) == [
        *("votes", "models", "pairs", "ratings", "agreement", "side_bias", "excluded"),
        *("one_address", "informed_comparisons", "model_rates", "rating_differences"),
    ]
    assert (found["votes"], found["models"]) == (7, ["alpha", "beta"])
    pair = found["pairs"][0]
    names = ("model", "opponent", "wins", "losses", "ties", "both_bad", "rate", "state")
    assert [pair[name] for name in names] == ["alpha", "beta", 3, 1, 2, 1, 0.75, "too few"]
    assert (pair["low"], pair["high"], pair["interval"]) == (None, None, None)
    assert {"alpha", "low", "high"} <= set(found["agreement"])
    assert {"share", "low", "high", "decisive"} <= set(found["side_bias"])


def test_a_board_says_who_voted_on_how_much_and_until_when(database: Database) -> None:
    seed_vote(database, Verdict.TIE, annotator="ada", prompts=("One?",))
    seed_vote(database, annotator="bob", prompts=("Two?",), at=NOON + timedelta(days=2))
    seed_vote(database, annotator="eve", at=NOON + timedelta(days=4), recognised=True)
    seed_vote(database, annotator="bob", prompts=("One?",), at=NOON - timedelta(days=1))

    for found in (detailed_board(database, ALL), _quality(database)):
        assert found.turnout == Turnout(annotators=2, prompts=2)
        assert found.last_vote == NOON + timedelta(days=2)
    flagged = detailed_board(database, replace(ALL, include_flagged=True))
    assert flagged.turnout == Turnout(3, 3, Concentration(largest=0.5, first_five=1.0))
    assert flagged.last_vote == NOON + timedelta(days=4)


def test_nobody_has_voted_on_an_empty_board(database: Database) -> None:
    found = detailed_board(database, ALL)
    assert found.turnout == Turnout(annotators=0, prompts=0)
    assert found.last_vote is None


def _quality(database: Database) -> BoardQuality:
    with database.reading() as connection:
        return quality_of(connection, ALL)


def test_an_empty_board_has_nulls_and_no_error(database: Database) -> None:
    found = document(database)

    assert (found["votes"], found["models"], found["pairs"], found["ratings"]) == (0, [], [], [])
    assert found["side_bias"]["share"] is found["agreement"]["alpha"] is None


def test_ties_alone_give_no_rate_and_no_interval(database: Database) -> None:
    seed_votes(database, ties=4)

    pair = document(database)["pairs"][0]

    assert (pair["rate"], pair["low"], pair["interval"]) == (None, None, None)
    assert (pair["ties"], pair["state"]) == (4, "too few")


def test_an_unbeaten_model_and_one_apart_have_a_standing_and_no_sure_rating(
    database: Database,
) -> None:
    seed_votes(database, wins=40)
    seed_votes(database, models=("gamma", "delta"), wins=20, losses=20)

    ratings = {rating["model"]: rating for rating in document(database)["ratings"]}

    assert {ratings[key]["standing"] for key in ("alpha", "beta")} == {"disconnected"}
    for key in ("alpha", "beta"):
        assert ratings[key]["from_prior"]
        assert ratings[key]["low"] is ratings[key]["rank"] is None


def test_with_a_baseline_only_its_pairs_are_in_the_document_weakest_first(
    database: Database,
) -> None:
    seed_votes(database, wins=3, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=3)
    seed_votes(database, models=("beta", "gamma"), wins=1)

    pairs = document(database, "alpha")["pairs"]

    assert [(pair["model"], pair["opponent"]) for pair in pairs] == [
        ("alpha", "gamma"),
        ("alpha", "beta"),
    ]


def test_comparisons_come_in_the_order_of_casting_with_configurations_joined(
    database: Database,
) -> None:
    seed_vote(database, Verdict.A_BETTER, models=("beta", "alpha"), at=NOON)
    seed_vote(database, Verdict.TIE, fingerprint="2")

    with database.reading() as connection:
        found = read_board(connection, ALL).comparisons

    assert found.models == ("alpha", "beta")
    assert list(zip(found.a, found.b, found.outcome, strict=True)) == [
        (1, 0, Verdict.A_BETTER.number),
        (0, 1, Verdict.TIE.number),
    ]


@pytest.mark.parametrize("include_flagged", [False, True])
def test_a_board_counted_from_the_comparisons_is_the_one_that_the_database_counts(
    database: Database, include_flagged: bool
) -> None:
    seed_votes(database, wins=3, losses=2, ties=1, both_bad=2, category="math")
    seed_vote(database, recognised=True)
    seed_vote(database, Verdict.TIE, fingerprint="2", models=("beta", "alpha"))
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(1, 2, 2))
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(1, 1, 2), recognised=True)

    for chosen in (ALL, BoardFilter(category="math"), BoardFilter(category="none such")):
        within = replace(chosen, include_flagged=include_flagged)
        with database.reading() as connection:
            assert read_board(connection, within).board == board_of(connection, within)
            assert quality_of(connection, within).board == board_of(connection, within)


@pytest.fixture(scope="module")
def recounted() -> Counter[tuple[str, str]]:
    """Decisive votes of LLMFAO by winner and loser, counted by hand."""
    with LLMFAO.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Counter(
        (row["left"], row["right"]) if row["winner"] == "left" else (row["right"], row["left"])
        for row in rows
        if row["winner"] != "tie"
    )


@pytest.fixture
def llmfao(database: Database) -> Database:
    """A database into which the votes were imported."""
    imports = Imports(database, VirtualClock())
    file = vote_file(LLMFAO)
    read = partial(votes_of_file, file, VoteFormat.LLMFAO, Reading())
    imports.votes(read, VoteFormat.LLMFAO)
    return database


def test_llmfao_imported_gives_its_known_figures(
    llmfao: Database, recounted: Counter[tuple[str, str]]
) -> None:
    detailed = detailed_board(llmfao, ALL)
    board = detailed.board
    found = board_document(detailed)

    assert (found["votes"], len(found["models"])) == (8931, 59)
    assert found["agreement"]["alpha"] == pytest.approx(0.2906, abs=5e-5)
    assert (found["agreement"]["items"], found["agreement"]["shared_items"]) == (2139, 2124)
    side = found["side_bias"]
    assert [round(side[name], 3) for name in ("share", "low", "high")] == [0.533, 0.484, 0.582]
    for pair in found["pairs"]:
        model, opponent = board.names[pair["model"]], board.names[pair["opponent"]]
        assert pair["wins"] == recounted[model, opponent]
        assert pair["losses"] == recounted[opponent, model]


def test_the_document_has_the_pooled_rate_and_the_mean_over_opponents(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=1)

    alpha = document(database)["model_rates"][0]

    assert (alpha["model"], alpha["name"]) == ("alpha", "Name of alpha")
    assert alpha["pooled_rate"] == pytest.approx(4 / 6)
    assert alpha["mean_over_opponents"] == pytest.approx((0.75 + 0.5) / 2)
    assert (alpha["decisive"], alpha["opponents"], alpha["state"]) == (6, 2, "too few")


def test_votes_in_one_order_never_tell_models_apart(database: Database) -> None:
    judged(database, annotators=10, prompts=12)

    found = document(database)

    for pair in found["pairs"]:
        assert not pair["low"] <= 0.5 <= pair["high"]
        assert (pair["sides"], pair["state"]) == ("one order", "preliminary")
        assert (pair["told_apart"], pair["p_holm"], pair["plan"]) == (False, None, "one order")
    assert [pair["shown_first"] for pair in found["pairs"]] == [120, 0]
    assert {one["state"] for one in found["model_rates"]} == {"preliminary"}
    assert not any(one["told_apart"] for one in found["rating_differences"])
    assert {(one["rank"], one["rank_worst"]) for one in found["ratings"]} == {(1, 2)}
    assert found["side_bias"]["uneven_pairs"] == 1


def test_votes_in_both_orders_do(database: Database) -> None:
    judged(database, annotators=10, prompts=12, exchanged=True)

    pair = document(database)["pairs"][0]

    assert (pair["sides"], pair["plan"]) == ("both orders", "told apart")
    assert pair["p_value"] == pair["p_holm"] < 1e-3
