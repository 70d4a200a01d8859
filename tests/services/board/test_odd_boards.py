"""Boards that say little or nothing: whatever was voted, a clear state and never an exception."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.board.categories import board_categories
from arena.services.board.details import DetailedBoard, detailed_board
from arena.services.board.quality import BoardQuality, quality_of
from arena.services.board.rows import board_document
from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.formats import ExportFormat
from arena.services.exports.options import ExportOptions
from arena.services.pseudonyms import Pseudonyms
from arena.statistics.connectivity import Standing
from arena.statistics.pair_plans import Outlook, pair_plans
from arena.statistics.win_rate import State
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.playground import DatabaseMaker

ALL = BoardFilter()

ballots = st.lists(
    st.tuples(
        st.permutations(["a", "b", "c", "d"]).map(lambda keys: tuple(keys[:2])),
        st.sampled_from(list(Verdict)),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from([None, "math"]),
        st.booleans(),
    ),
    max_size=12,
)


def computed(database: Database) -> tuple[DetailedBoard, BoardQuality]:
    """Everything that is shown of the board of all votes, files included."""
    assert_files(database)
    return shown(database, ALL)


def shown(database: Database, chosen: BoardFilter) -> tuple[DetailedBoard, BoardQuality]:
    """Everything that the page shows of a board."""
    detailed = detailed_board(database, chosen)
    assert_finite(board_document(detailed))
    pair_plans(detailed.rates.pairs)
    with database.reading() as connection:
        quality = quality_of(connection, chosen)
        board_categories(connection, chosen)
    return detailed, quality


def assert_files(database: Database) -> None:
    """Every file of numbers can be written."""
    exports = Exports(database, pseudonyms=Pseudonyms(b"key"))
    for table in (ExportTable.PAIRS, ExportTable.LEADERBOARD):
        for kind in ExportFormat:
            assert (
                b"".join(exports.file(table, ExportOptions(format=kind)))
                or kind is ExportFormat.JSONL
            )


def assert_finite(value: Any) -> None:
    """Neither NaN nor infinity anywhere: a number that is not known is None."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            assert_finite(one)
    elif isinstance(value, float):
        assert math.isfinite(value)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ballots)
def test_nothing_that_a_few_people_vote_raises(
    new_database: DatabaseMaker, votes: list[tuple[tuple[str, str], Verdict, int, int, str, bool]]
) -> None:
    database = new_database()
    for models, verdict, annotator, prompt, category, recognised in votes:
        seed_vote(
            database,
            verdict,
            models=models,
            annotator=f"annotator-{annotator}",
            prompts=(f"Prompt {prompt}",),
            category=category,
            recognised=recognised,
        )

    assert_files(database)
    for chosen in (ALL, BoardFilter(include_flagged=True), BoardFilter(category="math")):
        details, quality = shown(database, chosen)
        assert all(rate.state is State.TOO_FEW for rate in details.rates.pairs.values())
        assert quality.comparisons <= len(votes)
    database.close()


def crowd(database: Database, verdict: Callable[[int], Verdict], *, people: int = 10) -> None:
    """Ten prompts that everybody judges, alpha always in the first slot."""
    for person in range(people):
        for prompt in range(10):
            seed_vote(
                database,
                verdict(person * 10 + prompt),
                annotator=f"annotator-{person}",
                prompts=(f"Prompt {prompt}",),
            )


def test_an_unbeaten_model_has_no_rating_that_looks_sure(database: Database) -> None:
    crowd(database, lambda _: Verdict.A_BETTER)

    details, quality = computed(database)

    standings = {one.model: one.standing for one in details.ratings.ratings}
    assert standings == {"alpha": Standing.UNBEATEN, "beta": Standing.WINLESS}
    assert all(one.interval is None and one.from_prior for one in details.ratings.ratings)
    assert details.adjusted_side.share is None
    assert quality.side.share == 1.0


def test_parts_that_never_met_are_not_ranked_against_each_other(database: Database) -> None:
    for number in range(40):
        for models in (("a", "b"), ("c", "d")):
            verdict = Verdict.A_BETTER if number % 3 else Verdict.B_BETTER
            seed_vote(database, verdict, models=models, prompts=(f"Prompt {number}",))

    details, _ = computed(database)

    assert {one.standing for one in details.ratings.ratings} >= {Standing.DISCONNECTED}


def test_one_annotator_gives_no_agreement_and_speaks_for_nobody_else(database: Database) -> None:
    crowd(database, lambda n: Verdict.A_BETTER if n % 3 else Verdict.B_BETTER, people=1)

    details, quality = computed(database)

    assert quality.agreement.alpha is None
    assert details.pair_agreement == {}
    assert all(rate.state is State.TOO_FEW for rate in details.rates.pairs.values())


@pytest.mark.parametrize("verdict", [Verdict.TIE, Verdict.BOTH_BAD])
def test_without_a_decisive_vote_there_is_no_rate_and_no_plan(
    database: Database, verdict: Verdict
) -> None:
    crowd(database, lambda _: verdict)

    details, quality = computed(database)

    assert {rate.rate for rate in details.rates.pairs.values()} == {None}
    assert {plan.outlook for plan in pair_plans(details.rates.pairs).values()} == {Outlook.TOO_FEW}
    assert all(one.fragile is None for one in quality.pairs.values())


def test_a_model_seen_on_one_side_only_has_a_rate_but_no_adjusted_side(
    database: Database,
) -> None:
    crowd(database, lambda n: Verdict.A_BETTER if n % 3 else Verdict.B_BETTER)

    details, _ = computed(database)

    assert details.rates.pooled[ModelKey("alpha")].rate == pytest.approx(0.66)
    assert details.adjusted_side.reason is not None


def test_an_empty_board_is_empty(database: Database) -> None:
    details, quality = computed(database)

    assert details.rates.pairs == {}
    assert (quality.comparisons, quality.annotators, quality.pairs) == (0, (), {})
